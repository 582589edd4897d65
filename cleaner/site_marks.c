/* site_marks.c - the blocks of a page as marks that can be found again.
 *
 * A text is folded as a reader would: letters and Han characters alone count,
 * capitals are small letters, and all digits are one, so that a counter is the
 * same line on every page. A place is the path down to the block's element by
 * tags, classes and ids, digits alike, without positions. Of ids those of
 * boxes count alone: editors give paragraphs ids of their own.
 *
 * The template of a page is told by the places of its boxes outside the
 * article: eight minima of their hashes, of which pages with most boxes in
 * common share most (one-permutation MinHash; Li, Owen, Zhang 2012).
 *
 * Invariants
 *  SM1  Marks are in document order, at most WN_SITE_MARKS.
 *  SM2  The cost is linear in the text that is kept and in its ancestors. */
#include "cleaner/extract.h"
#include "cleaner/site.h"
#include "cleaner/state.h"

#include <string.h>

#include "cleaner/utf8.h"
#include "cleaner/words.h"

enum {
	SHORT_WORDS = 160, /* folded bytes that rules are looked for in */
	BOX_DEPTH = 12,
	REMOVED_CHARS = 6 /* of a removed line that is worth a mark */
};

/* ---- rules ----------------------------------------------------------------
 */

enum where { BEG, END, ALL, HAS };

static const struct words {
	const char *words;
	uint8_t kind, counts;
} words[] = {
#define W(words, kind) {words, WINNOW_KIND_##kind, 0},
#define C(words, kind) {words, WINNOW_KIND_##kind, 1},
#define F(where, words, max)
#include "cleaner/rules/site.def"
#undef W
#undef C
#undef F
};

#define NWORDS (sizeof(words) / sizeof(words[0]))

static const struct formula {
	const char *words;
	uint8_t where;
	uint16_t max;
} formulas[] = {
#define W(words, kind)
#define C(words, kind)
#define F(where, words, max) {words, where, max},
#include "cleaner/rules/site.def"
#undef W
#undef C
#undef F
};

/* ---- text ------------------------------------------------------------------
 */

struct folded {
	uint32_t hash, exact; /* exact: of the digits; 0: none */
	uint32_t chars;       /* code points that count */
	uint32_t letters;    /* of these, more than digits and words of dates */
	uint32_t digits;     /* runs of them */
	int begins_numbered; /* "一、", "（二）", "3." */
	char text[SHORT_WORDS + 8]; /* its beginning */
	size_t n;
	char end[64 + 8]; /* and its end, when it is longer */
	size_t end_n;
};

static int
is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') ||
		       ((c | 32) >= 'a' && (c | 32) <= 'z');
	return !(c < 0xC0 || (c >= 0x2000 && c < 0x2E80) ||
		 (c >= 0x3000 && c < 0x3040) || c >= 0xFE30);
}

/* 〇一二三四五六七八九十百: a number where one is expected. */
static int
is_han_digit(uint32_t c)
{
	static const uint16_t digits[] = {0x3007, 0x4e00, 0x4e8c, 0x4e09,
	    0x56db, 0x4e94, 0x516d, 0x4e03, 0x516b, 0x4e5d, 0x5341, 0x767e};

	for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++)
		if (digits[i] == c)
			return 1;
	return 0;
}

/* 年月日时分秒: letters of a date. */
static int
is_of_dates(uint32_t c)
{
	return c == 0x5e74 || c == 0x6708 || c == 0x65e5 || c == 0x65f6 ||
	       c == 0x5206 || c == 0x79d2;
}

/* Is a Han digit behind this a number of an issue, a page, a weekday? */
static int
calls_number(uint32_t c)
{
	return c == 0x7b2c /* 第 */ || c == 0x671f /* 期 */ || c == '0';
}

static uint32_t
mix(uint32_t h, uint32_t c)
{
	h = (h ^ c) * 0x9E3779B1u;
	return h ^ h >> 15;
}

static void
keep_text(struct folded *f, uint32_t c)
{
	if (f->n + 4 <= SHORT_WORDS)
		f->n += wn_utf8_put(f->text + f->n, c);
}

static void
fold_char(struct folded *f, uint32_t c, uint32_t *last)
{
	int digit = (c >= '0' && c <= '9') ||
		    (c >= 0x3007 && is_han_digit(c) && calls_number(*last));

	if (digit) {
		f->exact = mix(f->exact | 1, c);
		if (*last == '0')
			return;
		f->digits++;
		c = '0';
	} else {
		f->letters += !is_of_dates(c);
	}
	*last = c;
	f->chars++;
	f->hash = mix(f->hash, c);
	keep_text(f, c);
}

/* The last letters of a longer text, for the rules of ends. */
static void
fold_end(struct folded *f, const char *s, size_t n)
{
	size_t from = n > 64 ? n - 64 : 0;
	unsigned len;
	uint32_t c;

	while (from < n && ((unsigned char)s[from] & 0xC0) == 0x80)
		from++;
	for (f->end_n = 0; from < n; from += len) {
		c = wn_utf8_get(s + from, &len);
		if (is_letter(c))
			f->end_n += wn_utf8_put(
			    f->end + f->end_n, c < 0x80 ? c | 32 : c);
	}
}

static void
fold(struct folded *f, const char *s, size_t n)
{
	const char *end = s + n;
	uint32_t c, last = 0;
	unsigned len;

	*f = (struct folded){.hash = 0x811C9DC5u};
	f->begins_numbered = 0;
	for (const char *p = s; p < end; p += len) {
		c = wn_utf8_get(p, &len);
		if (c >= 0xFF10 && c <= 0xFF5A)
			c -= 0xFEE0;
		if (!is_letter(c))
			continue;
		if (c >= 'A' && c <= 'Z')
			c |= 32;
		fold_char(f, c, &last);
	}
	if (f->hash == 0)
		f->hash = 1;
	if (f->exact != 0)
		f->exact |= 1;
	fold_end(f, s, n);
}

/* ---- what a text is ---------------------------------------------------------
 */

/* 一、 （二） 3. 1） ①: a part of a text, when it is short. */
static int
is_numbered(const char *s, size_t n)
{
	unsigned len;
	size_t i = 0, digits = 0;
	uint32_t c = 0;

	if (n >= 3 && (memcmp(s, "（", 3) == 0 || memcmp(s, "【", 3) == 0))
		i = 3;
	else if (n >= 1 && s[0] == '(')
		i = 1;
	for (; i < n && digits < 5; i += len, digits++) {
		c = wn_utf8_get(s + i, &len);
		if (c >= 0x2460 && c <= 0x24FF)
			return 1;
		if (!(c >= '0' && c <= '9') && !is_han_digit(c))
			break;
	}
	return digits > 0 && i < n &&
	       (c == 0x3001 || c == 0xFF09 || c == 0x3011 || c == ')' ||
		   c == '.' || c == 0xFF0E);
}

static int
says(const struct folded *f, const struct formula *r)
{
	size_t n = strlen(r->words);

	if (f->chars > r->max)
		return 0;
	switch (r->where) {
	case BEG:
		return f->n >= n && memcmp(f->text, r->words, n) == 0;
	case END:
		return f->end_n >= n &&
		       memcmp(f->end + f->end_n - n, r->words, n) == 0;
	case ALL:
		return f->n == n && memcmp(f->text, r->words, n) == 0;
	default:
		return memmem(f->text, f->n, r->words, n) != NULL;
	}
}

#define NUMBERED_MAX 40 /* code points of a heading with a number */
#define COUNTS_MAX 24   /* of a counter that is a sentence */
#define ASKS_MAX 30     /* of a line that ends in a colon */

static int
ends_in(const struct wn_str *s, const char *mark)
{
	size_t n = strlen(mark);

	return s->n >= n && memcmp(s->p + s->n - n, mark, n) == 0;
}

static int
is_formal(const struct folded *f, const struct wn_str *s)
{
	if (f->letters < 2) /* a date, a number, one character */
		return 1;
	if (f->chars <= NUMBERED_MAX && !ends_in(s, "。") &&
	    is_numbered(s->p, s->n))
		return 1;
	if (f->chars <= ASKS_MAX && (ends_in(s, "：") || ends_in(s, ":")))
		return 1;
	for (size_t i = 0; i < sizeof(formulas) / sizeof(formulas[0]); i++)
		if (says(f, &formulas[i]))
			return 1;
	return 0;
}

static const struct words *
find_words(const struct winnow *w, const struct folded *f)
{
	size_t i = wn_words_find(w->site_words, f->text, f->n);

	return i < NWORDS ? &words[i] : NULL;
}

const struct wn_words *
wn_site_words_new(struct wn_arena *arena)
{
	const char *list[NWORDS];

	for (size_t i = 0; i < NWORDS; i++)
		list[i] = words[i].words;
	return wn_words_new(arena, list, NWORDS);
}

/* ---- places
 * ------------------------------------------------------------------ */

static uint32_t
hash_name(uint32_t h, const char *s)
{
	unsigned char last = 0;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= '0' && c <= '9')
			c = '0';
		if (c == '0' && last == '0')
			continue;
		h = (h ^ c) * 0x01000193u;
		last = c;
	}
	return h;
}

/* Boxes that a template makes; ids of what stands in a text are an editor's. */
static int
is_box(uint16_t tag)
{
	switch (tag) {
	case WN_TAG_DIV:
	case WN_TAG_SECTION:
	case WN_TAG_ARTICLE:
	case WN_TAG_MAIN:
	case WN_TAG_HEADER:
	case WN_TAG_FOOTER:
	case WN_TAG_NAV:
	case WN_TAG_ASIDE:
	case WN_TAG_UL:
	case WN_TAG_TABLE:
	case WN_TAG_BODY:
		return 1;
	default:
		return 0;
	}
}

static uint32_t
place_of_node(const struct wn_tree *t, uint32_t i, uint32_t parent)
{
	const struct wn_node *n = &t->nodes[i];
	uint32_t h = (parent ^ n->tag) * 0x9E3779B1u;

	for (uint16_t k = 0; k < n->nattr; k++) {
		const struct wn_attr *a = &t->attrs[n->attr + k];

		if (a->name == WN_ATTR_CLASS ||
		    (a->name == WN_ATTR_ID && is_box(n->tag)))
			h = hash_name(h ^ a->name, a->value);
	}
	h ^= h >> 16;
	return h != 0 ? h : 1;
}

/* place[]: of each node that was asked for; 0: not yet. */
static uint32_t
place(const struct wn_tree *t, uint32_t *places, uint32_t node)
{
	uint32_t path[256], n = 0, h = 1;

	while (node > 0 && places[node] == 0 && n < 256) {
		path[n++] = node;
		node = t->nodes[node].parent;
	}
	if (node > 0)
		h = places[node];
	while (n-- > 0)
		h = places[path[n]] = place_of_node(t, path[n], h);
	return h;
}

/* ---- the template
 * ------------------------------------------------------------- */

int
wn_shape_like(uint64_t a, uint64_t b)
{
	unsigned same = 0;

	for (int i = 0; i < 64; i += 8)
		same += (a >> i & 255) == (b >> i & 255);
	return same >= 4;
}

/* The places of boxes outside the article. */
static uint64_t
shape(const struct wn_extractor *x, const uint32_t *places)
{
	const struct wn_tree *t = x->t;
	uint32_t content = x->d->content;
	uint32_t least[8], end = content > 0 ? t->nodes[content].end : 0;
	uint64_t out = 0;

	memset(least, 0xff, sizeof(least));
	for (uint32_t i = 1; i < t->n; i++) {
		uint32_t h;

		if (i > content && i < end) {
			i = end - 1;
			continue;
		}
		if (places[i] == 0 || !is_box(t->nodes[i].tag))
			continue;
		h = mix(places[i], 0x5bd1e995u);
		if (least[h >> 29] > (h & 0x1fffffffu))
			least[h >> 29] = h & 0x1fffffffu;
	}
	for (int i = 0; i < 8; i++)
		out |= (uint64_t)(least[i] >> 8 & 255) << 8 * i;
	return out | 1;
}

/* ---- marks
 * --------------------------------------------------------------------- */

/* What lines.def says where the line's place did not let it count. */
static const struct wn_verdict *
verdict(const struct wn_line *l)
{
	if (l->any.act != WN_ACT_NONE)
		return &l->any;
	if (l->tail.act != WN_ACT_NONE)
		return &l->tail;
	return l->head.act != WN_ACT_NONE ? &l->head : NULL;
}

static void
make_mark(const struct wn_extractor *x, uint32_t i, uint32_t *places,
    struct wn_site_mark *m)
{
	const struct wn_block *b = &x->b[i];
	const struct wn_verdict *v = verdict(&x->line[i]);
	const struct words *w;
	struct wn_str s = b->text;
	struct folded f;

	if (b->kept && x->line[i].cut > 0)
		s.n = x->line[i].cut;
	fold(&f, s.p, s.n);
	w = find_words(x->d->w, &f);
	if (w != NULL && w->counts && f.chars > COUNTS_MAX && ends_in(&s, "。"))
		w = NULL; /* a sentence of what was counted */
	*m = (struct wn_site_mark){.text = f.hash,
	    .place = place(x->t, places, b->node),
	    .exact = (uint16_t)(f.exact ^ f.exact >> 16),
	    .chars = (uint16_t)(f.chars > 0xffff ? 0xffff : f.chars),
	    .link = (uint8_t)(b->chars ? 255ull * b->link_chars / b->chars : 0),
	    .kind = WINNOW_KIND_OTHER};
	if (v != NULL)
		m->kind = (uint8_t)v->kind;
	else if (w != NULL)
		m->kind = w->kind;
	else if (!b->kept && b->kind >= 0)
		m->kind = (uint8_t)b->kind;
	m->signs = (uint8_t)((b->kept ? WN_SIGN_KEPT : 0) |
			     (v != NULL || w != NULL ? WN_SIGN_WORDS : 0) |
			     (w != NULL && w->counts ? WN_SIGN_COUNTS : 0) |
			     (b->row || b->pre ? WN_SIGN_ROW : 0) |
			     (ends_in(&s, "。") ? WN_SIGN_ENDS : 0));
	if (is_formal(&f, &s))
		m->signs |= WN_SIGN_FORMAL;
}

/* Is a block worth a mark? What is kept is; of what is not, lines that may be
 * kept on another page. */
static int
is_worth(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];

	return b->kept ||
	       (i >= x->beg && i < x->end && b->chars >= REMOVED_CHARS &&
		   b->kind != WINNOW_KIND_HIDDEN &&
		   2 * b->link_chars < b->chars);
}

int
wn_site_marks(const struct wn_extractor *x, struct wn_lesson *l, uint32_t *at)
{
	uint32_t *places = wn_zalloc(x->d->arena, x->t->n * sizeof(*places));
	uint32_t all = 0, seen = 0;
	const char *title = x->d->pub.title;
	struct folded f;

	if (places == NULL)
		return WINNOW_ETOOBIG;
	l->n = l->nsamples = 0;
	l->title = 0;
	if (title != NULL) {
		fold(&f, title, strlen(title));
		l->title = f.hash ^ f.exact;
	}
	for (uint32_t i = 0; i < x->n; i++)
		all += (uint32_t)is_worth(x, i);
	for (uint32_t i = 0; i < x->n; i++) {
		if (!x->b[i].kept)
			place(x->t, places, x->b[i].node);
		if (!is_worth(x, i))
			continue;
		/* of a long page the first and the last */
		if (seen++ >= WN_SITE_MARKS / 2 &&
		    all - seen >= WN_SITE_MARKS / 2)
			continue;
		at[l->n] = i;
		make_mark(x, i, places, &l->mark[l->n++]);
	}
	l->shape = shape(x, places);
	return 0;
}
