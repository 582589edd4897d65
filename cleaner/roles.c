/* roles.c - what an element's tag, class, id and role say of its content.
 *
 * classes.def is the table; its words are hashed once for all pages. An
 * attribute's value is cut into words, each looked up; most pages repeat a few
 * values a thousand times, so the verdict on a value is remembered by its hash.
 *
 * Invariants
 *  R1  A word that says furniture outweighs one that says article in the same
 *      name ("article-share"), unless the latter says exactly "body".
 *  R2  The work per value is bounded: VALUE_MAX bytes, WORD_MAX a word. */
#include "cleaner/extract.h"

#include <string.h>

#define VALUE_MAX 200
#define WORD_MAX 24
#define SLOTS 2048 /* hash table, power of two, > 2 x rows */
#define MEMORY 512 /* remembered values */

enum how { WORD, PART };

struct row {
	const char *word;
	int16_t kind;
	uint8_t how, strength;
};

/* A row's kind for words of the article, which no block is removed by. */
#define WINNOW_KIND_ARTICLE (-1)
#define NEUTRAL WN_NEUTRAL
#define SOFT WN_SOFT
#define TALK WN_TALK
#define HARD WN_HARD
#define PLUS WN_PLUS
#define BEST WN_BEST

static const struct row rows[] = {
#define C(word, role, how, strength, why)                                      \
	{word, WINNOW_KIND_##role, how, strength},
#include "cleaner/rules/classes.def"
#undef C
};
#define NROWS (sizeof(rows) / sizeof(rows[0]))

struct memory {
	uint64_t hash;
	struct wn_role role;
};

struct wn_role_rows {
	uint16_t slot[SLOTS]; /* row + 1 */
};

struct wn_roles {
	const struct wn_role_rows *rows;
	struct memory memory[MEMORY];
};

static uint32_t
hash_word(const char *s, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h ^ h >> 15;
}

const struct wn_role_rows *
wn_role_rows_new(struct wn_arena *arena)
{
	struct wn_role_rows *r = wn_zalloc(arena, sizeof(*r));

	if (r == NULL)
		return NULL;
	for (size_t i = 0; i < NROWS; i++) {
		uint32_t h = hash_word(rows[i].word, strlen(rows[i].word));

		while (r->slot[h % SLOTS] != 0)
			h++;
		r->slot[h % SLOTS] = (uint16_t)(i + 1);
	}
	return r;
}

struct wn_roles *
wn_roles_new(struct wn_arena *arena, const struct wn_role_rows *index)
{
	struct wn_roles *r = wn_zalloc(arena, sizeof(*r));

	if (r != NULL)
		r->rows = index;
	return r;
}

static const struct row *
find(const struct wn_role_rows *r, const char *s, size_t n)
{
	uint32_t h = hash_word(s, n);

	for (; r->slot[h % SLOTS] != 0; h++) {
		const struct row *w = &rows[r->slot[h % SLOTS] - 1];

		if (strncmp(w->word, s, n) == 0 && w->word[n] == '\0')
			return w;
	}
	return NULL;
}

/* Joins what a further word says to what is known: R1. */
static void
join(struct wn_role *role, const struct row *w)
{
	static const uint8_t weight[] = {[WN_NEUTRAL] = 0,
	    [WN_PLUS] = 1,
	    [WN_SOFT] = 2,
	    [WN_BEST] = 3,
	    [WN_TALK] = 4,
	    [WN_HARD] = 5};

	if (w == NULL || weight[w->strength] <= weight[role->strength])
		return;
	role->strength = w->strength;
	role->kind = w->kind;
	role->rule = w->word;
}

/* An unknown word by its longest known beginning and end. */
static void
join_parts(
    const struct wn_role_rows *r, struct wn_role *role, const char *s, size_t n)
{
	const struct row *w;
	size_t k;

	for (k = n - 1; k >= 4; k--)
		if ((w = find(r, s, k)) != NULL && w->how == PART) {
			join(role, w);
			break;
		}
	for (k = 1; n - k >= 3; k++)
		if ((w = find(r, s + k, n - k)) != NULL && w->how == PART) {
			join(role, w);
			break;
		}
}

static int
is_letter(unsigned char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* "no-sidebar", "has-comments" speak of the page, not of the element. */
static int
is_remark(const char *s, size_t n)
{
	static const char *const words[] = {
	    "no", "has", "with", "without", "hide", "is", "js", "without"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i][0] == *s && strlen(words[i]) == n &&
		    memcmp(words[i], s, n) == 0)
			return 1;
	return 0;
}

/* One name: letters of the same case run are a word; the name as a whole,
 * without its separators, is one too ("post-content" is "postcontent"). */
static void
read_name(
    const struct wn_role_rows *r, struct wn_role *role, const char *s, size_t n)
{
	char whole[WORD_MAX * 2], word[WORD_MAX];
	size_t nw = 0, k = 0, words = 0;

	for (size_t i = 0; i <= n; i++) {
		unsigned char c = i < n ? (unsigned char)s[i] : ' ';
		int upper = c >= 'A' && c <= 'Z';
		int edge =
		    !is_letter(c) ||
		    (upper && k > 0 && s[i - 1] >= 'a' && s[i - 1] <= 'z');

		if (edge && k > 0) {
			words++;
			if (is_remark(word, k))
				return;
			const struct row *w = find(r, word, k);
			if (w != NULL)
				join(role, w);
			else if (k >= 5)
				join_parts(r, role, word, k);
			k = 0;
		}
		if (!is_letter(c))
			continue;
		if (k < sizeof(word))
			word[k++] = (char)(c | 32);
		if (nw < sizeof(whole))
			whole[nw++] = (char)(c | 32);
	}
	if (words > 1)
		join(role, find(r, whole, nw));
}

static struct wn_role
read_value(struct wn_roles *r, const char *s, size_t n)
{
	struct wn_role role = {-1, WN_NEUTRAL, NULL};
	uint64_t h = 14695981039346656037ull;
	struct memory *m;

	if (n > VALUE_MAX)
		n = VALUE_MAX;
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 1099511628211ull;
	m = &r->memory[(h ^ h >> 32) % MEMORY];
	if (m->hash == h)
		return m->role;
	/* Blog software writes a post's tags into its class. */
	if (memmem(s, n, "hentry", 6) != NULL ||
	    memmem(s, n, "type-post", 9) != NULL) {
		m->hash = h;
		m->role = (struct wn_role){-1, WN_PLUS, "hentry"};
		return m->role;
	}
	for (size_t i = 0; i < n;) {
		size_t k = i;

		while (k < n && (unsigned char)s[k] > ' ')
			k++;
		if (k > i)
			read_name(r->rows, &role, s + i, k - i);
		i = k + 1;
	}
	m->hash = h;
	m->role = role;
	return role;
}

/* Elements and ARIA roles that say what they are. */
static const struct {
	const char *role;
	struct wn_role is;
} aria[] = {
    {"navigation", {WINNOW_KIND_NAV, WN_HARD, "role=navigation"}},
    {"menu", {WINNOW_KIND_NAV, WN_HARD, "role=menu"}},
    {"banner", {WINNOW_KIND_NAV, WN_SOFT, "role=banner"}},
    {"contentinfo", {WINNOW_KIND_FOOTER, WN_HARD, "role=contentinfo"}},
    {"complementary", {WINNOW_KIND_NAV, WN_HARD, "role=complementary"}},
    {"search", {WINNOW_KIND_TOOLBAR, WN_HARD, "role=search"}},
    {"dialog", {WINNOW_KIND_LOGIN, WN_HARD, "role=dialog"}},
    {"article", {-1, WN_PLUS, "role=article"}},
    {"main", {-1, WN_PLUS, "role=main"}},
};

static struct wn_role
tag_role(uint16_t tag)
{
	switch (tag) {
	case WN_TAG_NAV:
	case WN_TAG_MENU:
		return (struct wn_role){WINNOW_KIND_NAV, WN_HARD, "nav"};
	case WN_TAG_FOOTER:
		return (struct wn_role){WINNOW_KIND_FOOTER, WN_HARD, "footer"};
	case WN_TAG_FORM:
		return (struct wn_role){WINNOW_KIND_LOGIN, WN_SOFT, "form"};
	case WN_TAG_ASIDE:
		return (struct wn_role){WINNOW_KIND_RELATED, WN_SOFT, "aside"};
	case WN_TAG_FIGCAPTION:
		return (struct wn_role){
		    WINNOW_KIND_CAPTION, WN_HARD, "figcaption"};
	case WN_TAG_DIALOG:
		return (struct wn_role){WINNOW_KIND_LOGIN, WN_HARD, "dialog"};
	case WN_TAG_ARTICLE:
		return (struct wn_role){-1, WN_PLUS, "article"};
	default:
		return (struct wn_role){-1, WN_NEUTRAL, NULL};
	}
}

struct wn_role
wn_role(struct wn_roles *r, const struct wn_tree *t, uint32_t i)
{
	const struct wn_node *n = &t->nodes[i];
	struct wn_role role = tag_role(n->tag), one;

	if (n->tag == WN_TAG_BODY || n->tag == WN_TAG_HTML)
		return (struct wn_role){-1, WN_NEUTRAL, NULL};
	for (uint32_t k = n->attr; k < n->attr + n->nattr; k++) {
		const struct wn_attr *a = &t->attrs[k];

		if (a->name == WN_ATTR_CLASS || a->name == WN_ATTR_ID) {
			one = read_value(r, a->value, a->len);
		} else if (a->name == WN_ATTR_ROLE) {
			one.strength = WN_NEUTRAL;
			for (size_t x = 0; x < sizeof(aria) / sizeof(aria[0]);
			     x++)
				if (strcmp(a->value, aria[x].role) == 0)
					one = aria[x].is;
		} else if (a->name == WN_ATTR_ITEMPROP &&
			   strcmp(a->value, "articleBody") == 0) {
			return (struct wn_role){-1, WN_BEST, "articleBody"};
		} else {
			continue;
		}
		if (one.strength != WN_NEUTRAL) {
			struct row w = {one.rule, one.kind, WORD, one.strength};
			join(&role, &w);
		}
	}
	return role;
}
