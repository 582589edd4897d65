/* site_marks.c - the blocks of a page as marks that can be found again.
 *
 * What it says is folded first (site_text.c). Where it stands is the path down
 * to its element by tags, classes and ids, digits alike, without positions. Of
 * ids those of boxes count alone: editors give paragraphs ids of their own.
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
#include "cleaner/site_text.h"
#include "cleaner/state.h"

#include <string.h>

#define REMOVED_CHARS 6 /* of a removed line that is worth a mark */

/* ---- places -------------------------------------------------------------- */

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

/* ---- the template -------------------------------------------------------- */

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
		h = places[i] * 0x5bd1e995u;
		h ^= h >> 15;
		if (least[h >> 29] > (h & 0x1fffffffu))
			least[h >> 29] = h & 0x1fffffffu;
	}
	for (int i = 0; i < 8; i++)
		out |= (uint64_t)(least[i] >> 8 & 255) << 8 * i;
	return out | 1;
}

/* ---- marks --------------------------------------------------------------- */

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
	struct wn_site_says said;
	struct wn_str s = b->text;
	struct wn_folded f;

	if (b->kept && x->line[i].cut > 0)
		s.n = x->line[i].cut;
	wn_site_fold(x->d->w->fold, &f, s.p, s.n);
	said = wn_site_look(x->d->w->site_rules, &f, s.p, s.n);
	*m = (struct wn_site_mark){.text = f.hash,
	    .place = place(x->t, places, b->node),
	    .exact = (uint16_t)(f.exact ^ f.exact >> 16),
	    .chars = (uint16_t)(f.chars > 0xffff ? 0xffff : f.chars),
	    .link = (uint8_t)(b->chars ? 255ull * b->link_chars / b->chars : 0),
	    .kind = WINNOW_KIND_OTHER};
	if (v != NULL)
		m->kind = (uint8_t)v->kind;
	else if (said.words)
		m->kind = (uint8_t)said.kind;
	else if (!b->kept && b->kind >= 0)
		m->kind = (uint8_t)b->kind;
	m->signs = (uint8_t)((b->kept ? WN_SIGN_KEPT : 0) |
			     (v != NULL || said.words ? WN_SIGN_WORDS : 0) |
			     (said.counts ? WN_SIGN_COUNTS : 0) |
			     (b->row || b->pre ? WN_SIGN_ROW : 0) |
			     (said.formal ? WN_SIGN_FORMAL : 0) |
			     (f.digits == 1 ? WN_SIGN_NUMBER : 0) |
			     (said.ends ? WN_SIGN_ENDS : 0));
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
	struct wn_folded f;

	if (places == NULL)
		return WINNOW_ETOOBIG;
	l->n = l->nsamples = 0;
	l->title = 0;
	if (title != NULL) {
		wn_site_fold(x->d->w->fold, &f, title, strlen(title));
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
