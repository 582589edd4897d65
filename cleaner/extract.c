/* extract.c - which blocks are the article.
 *
 * Every block gets a value: what it has of running text, less what a line of
 * its kind costs. Links, short lines without a mark and lines that
 * boilerplate.c knows have negative values, elements that roles.c knows as
 * furniture none. The article is the element whose blocks add up to the most;
 * since a subtree is a run of blocks, each element's sum is one subtraction of
 * running sums, and choosing is one pass. Then the blocks inside are gone
 * through once more: what stands above the first and below the last paragraph
 * is judged more strictly than what stands between two.
 *
 * Invariants
 *  X1  A block is kept or has a kind and a rule; the counts in pub.removed are
 *      those of the blocks that are not kept.
 *  X2  Kept blocks are inside d->content.
 *  X3  The cost is linear in nodes plus blocks plus bytes of text. */
#include "cleaner/extract.h"

#include <string.h>

#define THIN 60.0    /* units: less is no article, look again */
#define PARAGRAPH 55 /* units of a line that is surely text */

struct zone {
	int16_t kind; /* of the furniture an element is in, -1: none */
	uint8_t strength, talk;
	const char *rule;
};

struct extractor {
	struct wn_doc *d;
	const struct wn_tree *t;
	struct wn_block *b;
	uint32_t n;
	uint32_t *from;       /* node: first block at or behind it */
	struct zone *zone;    /* node */
	uint8_t *good;        /* node: enum wn_strength PLUS, BEST */
	struct wn_line *line; /* block */
	double *units;        /* block: running sum of plain text */
	double *links;        /* likewise, of text in links */
	double *value;        /* likewise, of what choosing adds up */
	uint32_t *marks;      /* likewise, sentence marks */
	int forum, with_talk, with_hidden, with_roles;
	uint32_t beg, end; /* blocks of the content */
	uint32_t title;    /* block that repeats the title, or n */
	char name[600];    /* folded title */
	size_t name_len;
};

static double
weight(uint32_t chars, uint32_t cjk)
{
	return chars + 1.5 * cjk;
}

/* Text of a block that is not in links; a Han character says as much as two
 * and a half letters. */
static double
plain(const struct wn_block *b)
{
	return b->chars == 0 ? 0
			     : weight(b->chars, b->cjk) *
				   (b->chars - b->link_chars) / b->chars;
}

static double
linked(const struct wn_block *b)
{
	return b->chars == 0
		   ? 0
		   : weight(b->chars, b->cjk) * b->link_chars / b->chars;
}

/* ---- preparation --------------------------------------------------------- */

static int
prepare_arrays(struct extractor *x)
{
	struct wn_arena *a = x->d->arena;
	size_t nodes = x->t->n + 1, blocks = x->n + 1;

	x->from = wn_alloc(a, nodes * sizeof(*x->from));
	x->zone = wn_alloc(a, nodes * sizeof(*x->zone));
	x->good = wn_zalloc(a, nodes);
	x->line = wn_alloc(a, blocks * sizeof(*x->line));
	x->units = wn_zalloc(a, blocks * sizeof(*x->units));
	x->links = wn_zalloc(a, blocks * sizeof(*x->links));
	x->value = wn_zalloc(a, blocks * sizeof(*x->value));
	x->marks = wn_zalloc(a, blocks * sizeof(*x->marks));
	if (x->from == NULL || x->zone == NULL || x->good == NULL ||
	    x->line == NULL || x->units == NULL || x->links == NULL ||
	    x->value == NULL || x->marks == NULL)
		return WINNOW_ETOOBIG;
	return 0;
}

static void
sum_blocks(struct extractor *x)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < x->n; i++) {
		x->units[i + 1] = x->units[i] + plain(&x->b[i]);
		x->links[i + 1] = x->links[i] + linked(&x->b[i]);
		x->marks[i + 1] = x->marks[i] + x->b[i].marks;
	}
	for (uint32_t i = 0; i <= x->t->n; i++) {
		while (k < x->n && x->b[k].first < i)
			k++;
		x->from[i] = k;
	}
}

static uint32_t
past(const struct extractor *x, uint32_t node)
{
	return x->from[x->t->nodes[node].end];
}

/* A SOFT element is furniture when its text looks like it: links, or short
 * lines without marks. */
static int
looks_like_furniture(const struct extractor *x, uint32_t i)
{
	uint32_t a = x->from[i], e = past(x, i);
	double u = x->units[e] - x->units[a], l = x->links[e] - x->links[a];
	double m = x->marks[e] - x->marks[a];

	if (e == a)
		return 0;
	return l > 0.5 * (u + l) || u < 40.0 * (e - a) || m * 120 < u ||
	       u < 150;
}

/* Which elements are furniture, and which may be the article. Each inherits
 * from its parent, which stands before it. */
static int
find_zones(struct extractor *x)
{
	struct wn_roles *roles = wn_roles_new(x->d->arena);
	double all = x->units[x->n];

	if (roles == NULL)
		return WINNOW_ETOOBIG;
	x->zone[0] = (struct zone){.kind = -1};
	for (uint32_t i = 1; i < x->t->n; i++) {
		const struct wn_node *n = &x->t->nodes[i];
		struct zone *z = &x->zone[i];
		struct wn_role r;
		double share;

		*z = x->zone[n->parent];
		if (n->tag == WN_TAG_TEXT || x->from[i] == past(x, i))
			continue;
		r = wn_role(roles, x->t, i);
		if (r.strength == WN_PLUS || r.strength == WN_BEST)
			x->good[i] = r.strength;
		if (r.strength == WN_NEUTRAL || r.strength >= WN_PLUS ||
		    z->kind >= 0)
			continue;
		share =
		    (x->units[past(x, i)] - x->units[x->from[i]]) / (all + 1);
		if (r.strength == WN_HARD && share > 0.5)
			continue;
		if (r.strength == WN_SOFT &&
		    (share > 0.4 || !looks_like_furniture(x, i)))
			continue;
		z->kind = r.kind;
		z->strength = r.strength;
		z->rule = r.rule;
		z->talk = r.strength == WN_TALK;
	}
	return 0;
}

static int
read_lines(struct extractor *x)
{
	struct wn_lines *l = wn_lines_new(x->d->arena);
	const char *title = x->d->pub.title;
	struct wn_str s;

	if (l == NULL)
		return WINNOW_ETOOBIG;
	for (uint32_t i = 0; i < x->n; i++)
		wn_line(l, &x->b[i], &x->line[i]);
	if (title == NULL)
		title = x->d->h1 ? x->d->h1 : x->d->title_tag;
	if (title != NULL) {
		s = (struct wn_str){title, strlen(title)};
		x->name_len = wn_fold(l, s, x->name, sizeof(x->name));
	}
	x->title = x->n;
	for (uint32_t i = 0; i < x->n && x->name_len > 0; i++) {
		char buf[600];
		size_t n;

		if (x->b[i].text.n > 900 || x->b[i].kind >= 0)
			continue;
		n = wn_fold(l, x->b[i].text, buf, sizeof(buf));
		if (n == x->name_len && memcmp(buf, x->name, n) == 0 &&
		    x->b[i].link_chars * 2 < x->b[i].chars) {
			x->title = i;
			if (x->b[i].heading)
				break;
		}
	}
	return 0;
}

/* ---- choosing ------------------------------------------------------------ */

static int
is_out(const struct extractor *x, uint32_t i)
{
	const struct zone *z = &x->zone[x->b[i].first];

	if (x->b[i].kind == WINNOW_KIND_HIDDEN && !x->with_hidden)
		return 1;
	if (z->kind < 0 || !x->with_roles)
		return 0;
	return !(z->talk && x->with_talk);
}

static double
block_value(const struct extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];
	double u = plain(b), l = linked(b);

	if (is_out(x, i))
		return 0;
	if (x->line[i].any.act != WN_ACT_NONE)
		return -10;
	if (l > 1.5 * u)
		return l > 160 ? -100 : -20 - 0.5 * l;
	if (b->pre)
		return u;
	if (b->row)
		return 0.6 * u - 10;
	if (b->heading)
		return u > 18 ? 0.4 * u : 0;
	if (b->marks == 0)
		u *= u < 60 ? 0.3 : 0.7;
	return u - 18 - 0.5 * l;
}

static void
sum_values(struct extractor *x)
{
	for (uint32_t i = 0; i < x->n; i++)
		x->value[i + 1] = x->value[i] + block_value(x, i);
}

static double
likely(const struct extractor *x, uint32_t i)
{
	uint16_t tag = x->t->nodes[i].tag;

	if (x->good[i] == WN_BEST)
		return 1.3;
	if (x->good[i] == WN_PLUS)
		return 1.12;
	return tag == WN_TAG_BODY || tag == WN_TAG_HTML ? 0.9 : 1.0;
}

static void
choose(struct extractor *x)
{
	double best = -1e30;
	uint32_t node = 0;

	sum_values(x);
	for (uint32_t i = 0; i < x->t->n; i++) {
		uint16_t tag = x->t->nodes[i].tag;
		double v;

		if (tag == WN_TAG_TEXT || (wn_tag_flags[tag] & WN_INLINE) ||
		    x->from[i] == past(x, i))
			continue;
		v = x->value[past(x, i)] - x->value[x->from[i]];
		v *= v > 0 ? likely(x, i) : 1;
		if (v >= best) {
			best = v;
			node = i;
		}
	}
	x->d->content = node;
	x->beg = x->from[node];
	x->end = past(x, node);
}

/* ---- pruning ------------------------------------------------------------- */

static void
drop(struct extractor *x, uint32_t i, int kind, const char *rule)
{
	x->b[i].kept = 0;
	x->b[i].kind = (int16_t)kind;
	x->b[i].rule = rule;
}

static int
is_paragraph(const struct extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];

	return b->kept && plain(b) >= PARAGRAPH && linked(b) < plain(b) &&
	       (b->marks > 0 || b->row) && x->line[i].head.act == WN_ACT_NONE;
}

/* First judgement, without regard to what stands around. */
static void
judge(struct extractor *x, uint32_t i)
{
	struct wn_block *b = &x->b[i];
	const struct zone *z = &x->zone[b->first];
	const struct wn_verdict *v = &x->line[i].any;

	b->kept = 1;
	if (b->kind == WINNOW_KIND_HIDDEN && !x->with_hidden) {
		b->kept = 0;
		return;
	}
	b->kind = -1;
	b->rule = "article";
	if (v->act != WN_ACT_NONE)
		drop(x, i, v->kind, v->rule);
	else if (is_out(x, i))
		drop(x, i, z->kind, z->rule);
	else if (linked(b) > 4 * plain(b) && !b->heading)
		drop(x, i, WINNOW_KIND_RELATED, "all of it is links");
}

/* A list or table whose text is mostly links goes as a whole. */
static void
drop_link_lists(struct extractor *x)
{
	const struct wn_tree *t = x->t;
	uint32_t stop = t->nodes[x->d->content].end;

	for (uint32_t i = x->d->content + 1; i < stop; i++) {
		uint16_t tag = t->nodes[i].tag;
		uint32_t a, e, links = 0;

		if (tag != WN_TAG_UL && tag != WN_TAG_OL && tag != WN_TAG_DL &&
		    tag != WN_TAG_TABLE)
			continue;
		a = x->from[i];
		e = past(x, i);
		if (e == a || x->links[e] - x->links[a] <
				  1.2 * (x->units[e] - x->units[a]))
			continue;
		for (uint32_t k = a; k < e; k++)
			links += x->b[k].links > 0 || x->b[k].link_chars > 0;
		if (links < 2)
			continue;
		for (uint32_t k = a; k < e; k++)
			if (x->b[k].kept)
				drop(x, k, WINNOW_KIND_RELATED,
				    "a list of links");
		i = t->nodes[i].end - 1;
	}
}

/* STOP and REST rows: how far down they reach. */
static void
drop_after_stops(struct extractor *x)
{
	double total = 0, before = 0;

	for (uint32_t i = x->beg; i < x->end; i++)
		if (x->b[i].kept)
			total += plain(&x->b[i]);
	for (uint32_t i = x->beg; i < x->end; i++) {
		const struct wn_verdict *v = &x->line[i].any;
		uint32_t upto = i + 1, parent;
		int kind = v->kind;

		if (x->b[i].kept) {
			before += plain(&x->b[i]);
			continue;
		}
		if (v->act != WN_ACT_STOP && v->act != WN_ACT_REST)
			continue;
		if (kind == WINNOW_KIND_RELATED_HEADING)
			kind = WINNOW_KIND_RELATED;
		parent = x->t->nodes[x->b[i].node].parent;
		if (v->act == WN_ACT_STOP && total - before < 0.4 * total)
			upto = x->end;
		else if (past(x, parent) <= x->end && parent >= x->d->content &&
			 (v->act == WN_ACT_REST ||
			     x->units[past(x, parent)] - x->units[i] <
				 0.3 * total))
			upto = past(x, parent);
		for (uint32_t k = i + 1; k < upto && k < x->end; k++)
			if (x->b[k].kept)
				drop(x, k, kind, v->rule);
	}
}

/* Does the title stand in this block (or its beginning in the title)? */
static int
repeats_title(const struct extractor *x, uint32_t i)
{
	return i == x->title;
}

static void
trim_head(struct extractor *x, uint32_t first)
{
	uint32_t title =
	    x->title < first && x->title >= x->beg ? x->title : x->n;

	for (uint32_t i = x->beg; i < first; i++) {
		struct wn_block *b = &x->b[i];
		const struct wn_verdict *v = &x->line[i].head;

		if (!b->kept)
			continue;
		if (repeats_title(x, i))
			drop(x, i, WINNOW_KIND_TITLE_REPEAT, "the title");
		else if (title < x->n && i < title)
			drop(x, i, WINNOW_KIND_NAV, "above the title");
		else if (v->act != WN_ACT_NONE)
			drop(x, i, v->kind, v->rule);
		else if (x->line[i].date)
			drop(x, i, WINNOW_KIND_META, "a date above the text");
		else if (linked(b) > plain(b))
			drop(x, i, WINNOW_KIND_NAV, "links above the text");
	}
}

static void
trim_tail(struct extractor *x, uint32_t last)
{
	for (uint32_t i = last + 1; i < x->end; i++) {
		struct wn_block *b = &x->b[i];
		const struct wn_verdict *v = &x->line[i].tail;

		if (!b->kept)
			continue;
		if (v->act != WN_ACT_NONE)
			drop(x, i, v->kind, v->rule);
		else if (linked(b) > plain(b))
			drop(x, i, WINNOW_KIND_RELATED, "links below the text");
	}
}

static void
trim(struct extractor *x)
{
	uint32_t first = x->end, last = x->end;

	for (uint32_t i = x->beg; i < x->end; i++)
		if (is_paragraph(x, i)) {
			if (first == x->end)
				first = i;
			if (x->line[i].tail.act == WN_ACT_NONE)
				last = i;
		}
	if (first == x->end)
		first = last = x->beg;
	trim_head(x, first);
	if (last < x->end)
		trim_tail(x, last);
}

static double
prune(struct extractor *x)
{
	double kept = 0;

	for (uint32_t i = 0; i < x->n; i++)
		x->b[i].kept = 0;
	for (uint32_t i = x->beg; i < x->end; i++)
		judge(x, i);
	drop_link_lists(x);
	drop_after_stops(x);
	trim(x);
	for (uint32_t i = x->beg; i < x->end; i++)
		if (x->b[i].kept)
			kept += plain(&x->b[i]);
	return kept;
}

/* ---- the blocks outside -------------------------------------------------- */

static void
label_outside(struct extractor *x)
{
	for (uint32_t i = 0; i < x->n; i++) {
		struct wn_block *b = &x->b[i];
		const struct zone *z = &x->zone[b->first];
		const struct wn_verdict *v = &x->line[i].any;
		int heavy = linked(b) > plain(b);

		if (i >= x->beg && i < x->end)
			continue;
		if (b->kind == WINNOW_KIND_HIDDEN && b->rule != NULL)
			continue;
		if (v->act == WN_ACT_NONE && i < x->beg &&
		    x->line[i].head.act != WN_ACT_NONE)
			v = &x->line[i].head;
		if (v->act == WN_ACT_NONE && i >= x->end &&
		    x->line[i].tail.act != WN_ACT_NONE)
			v = &x->line[i].tail;
		if (v->act != WN_ACT_NONE)
			drop(x, i, v->kind, v->rule);
		else if (z->kind >= 0)
			drop(x, i, z->kind, z->rule);
		else if (repeats_title(x, i))
			drop(x, i, WINNOW_KIND_TITLE_REPEAT, "the title");
		else if (x->line[i].date)
			drop(x, i, WINNOW_KIND_DATELINE, "a date");
		else if (i < x->beg)
			drop(x, i, WINNOW_KIND_NAV, "above the article");
		else
			drop(x, i,
			    heavy ? WINNOW_KIND_RELATED : WINNOW_KIND_FOOTER,
			    "below the article");
	}
}

/* ---- the stage ----------------------------------------------------------- */

/* Looks again, less strictly each time, until there is an article. */
static double
find_article(struct extractor *x)
{
	double kept, first;

	x->with_roles = 1;
	choose(x);
	first = kept = prune(x);
	if (kept >= THIN)
		return kept;
	x->with_talk = 1;
	choose(x);
	kept = prune(x);
	if (kept >= THIN)
		return kept;
	x->with_hidden = 1;
	choose(x);
	kept = prune(x);
	if (kept >= 4 * THIN)
		return kept;
	x->with_talk = x->with_hidden = 0;
	choose(x);
	return prune(x) + 0 * first;
}

int
wn_stage_extract(struct wn_doc *d)
{
	struct extractor x = {
	    .d = d, .t = d->tree, .b = d->blocks, .n = (uint32_t)d->nblocks};
	int err;

	d->content = 0;
	d->pub.page_type = WINNOW_OTHER;
	d->pub.nothing = "no-article";
	if (x.n == 0)
		return 0;
	if ((err = prepare_arrays(&x)) != 0)
		return err;
	sum_blocks(&x);
	if ((err = find_zones(&x)) != 0 || (err = read_lines(&x)) != 0)
		return err;
	if (find_article(&x) > 0) {
		d->pub.page_type = WINNOW_ARTICLE;
		d->pub.nothing = NULL;
	}
	label_outside(&x);
	for (uint32_t i = 0; i < x.n; i++)
		if (!x.b[i].kept)
			d->pub.removed[x.b[i].kind]++;
	return 0;
}
