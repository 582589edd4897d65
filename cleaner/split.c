/* split.c - blocks in which two things stand become two.
 *
 * Of what was kept a row of lines.def may cut off the end, and the title may
 * stand before the first sentence. Of what was removed the cells of a masthead
 * are several kinds, and so are the copyright and the number beside it.
 *
 * Invariants
 *  S1  The pieces of a block are slices of its text, in its order; what lies
 *      between them is white space.
 *  S2  A block that is one thing is not touched, code least of all. */
#include "cleaner/extract.h"

#include <string.h>

enum { PARTS_MAX = 12, PARTED_MAX = 400 /* bytes of what may be several */ };

struct part {
	const char *p;
	size_t n;
	struct wn_verdict v;
};

/* A piece of block b as a block that is not kept. */
static struct wn_block
piece(const struct wn_block *b, const char *p, size_t n, int kind,
    const char *rule)
{
	struct wn_block c = *b;

	c.text = (struct wn_str){p, n};
	c.chars = (uint32_t)(b->text.n ? b->chars * n / b->text.n : 0);
	c.cjk = (uint32_t)(b->text.n ? b->cjk * n / b->text.n : 0);
	c.marks = c.link_chars = 0;
	c.kept = c.alone = 0;
	c.kind = (int16_t)kind;
	c.rule = rule;
	return c;
}

static void
trim_text(struct wn_str *s)
{
	while (s->n > 0 && (unsigned char)s->p[0] <= ' ') {
		s->p++;
		s->n--;
	}
	while (s->n > 0 && (unsigned char)s->p[s->n - 1] <= ' ')
		s->n--;
}

/* Is there something to cut off block i: its head (the title), its tail? */
static int
cuts(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_line *l = &x->line[i];

	if (!x->b[i].kept && !x->b[i].alone)
		return 0;
	return (l->title == WN_TITLE_BEGINS) + (l->cut > l->title_end);
}

static struct wn_block *
split_kept(const struct wn_extractor *x, uint32_t i, struct wn_block *o)
{
	const struct wn_line *l = &x->line[i];
	const struct wn_block *b = &x->b[i];
	size_t from = 0, upto = b->text.n;
	struct wn_block *body;

	if (l->title == WN_TITLE_BEGINS) {
		from = l->title_end;
		*o++ = piece(
		    b, b->text.p, from, WINNOW_KIND_TITLE_REPEAT, "the title");
	}
	if (l->cut > from)
		upto = l->cut;
	body = o++;
	*body = *b;
	body->text = (struct wn_str){b->text.p + from, upto - from};
	trim_text(&body->text);
	if (upto < b->text.n)
		*o++ = piece(b, b->text.p + upto, b->text.n - upto,
		    l->cut_by.kind, l->cut_by.rule);
	return o;
}

/* ---- several kinds in a line -------------------------------------------- */

/* May a removed block be several things? Cells are, and what stands round a
 * registration number. */
static int
may_be_parts(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];

	return !b->kept && !b->alone && b->text.n <= PARTED_MAX && b->link_chars == 0 &&
	       (b->row || b->kind == WINNOW_KIND_COPYRIGHT);
}

static struct wn_verdict
verdict_of(const struct wn_extractor *x, const char *p, size_t n, int row)
{
	struct wn_block b = {.text = {p, n}, .kind = -1};
	struct wn_line l;

	wn_line(x->lines, &b, &l);
	if (row && l.date == 1)
		return (struct wn_verdict){
		    WINNOW_KIND_DATELINE, WN_ACT_HEAD, "a date"};
	return l.any.act != WN_ACT_NONE ? l.any : l.head;
}

/* The parts of a block: each cell, or each word that begins another kind. */
static unsigned
find_parts(const struct wn_extractor *x, uint32_t i, struct part *v)
{
	const struct wn_block *b = &x->b[i];
	const char *p = b->text.p, *end = p + b->text.n, *e;
	unsigned n = 0;

	for (; p < end; p = e + 1) {
		struct wn_verdict w;

		e = memchr(p, b->row ? '\t' : ' ', (size_t)(end - p));
		e = e != NULL ? e : end;
		if (e == p)
			continue;
		w = verdict_of(x, p, (size_t)(e - p), b->row);
		if (n == 0 || (n < PARTS_MAX &&
				  (b->row || (w.act != WN_ACT_NONE &&
						 w.kind != v[n - 1].v.kind))))
			v[n++] = (struct part){.p = p, .v = w};
		v[n - 1].n = (size_t)(e - v[n - 1].p);
	}
	return n;
}

/* Gives each part a kind: its own, or that of the first that has one. 0: all
 * are what the block is. */
static unsigned
parts_of(const struct wn_extractor *x, uint32_t i, struct part *v)
{
	const struct wn_block *b = &x->b[i];
	struct wn_verdict first = {0};
	unsigned n = find_parts(x, i, v), odd = 0;

	for (unsigned k = n; k-- > 0;)
		if (v[k].v.act != WN_ACT_NONE) {
			first = v[k].v;
			odd += v[k].v.kind != b->kind;
		}
	for (unsigned k = 0; k < n; k++)
		if (v[k].v.act == WN_ACT_NONE)
			v[k].v = first;
	return odd > 0 && n > 1 ? n : 0;
}

int
wn_split_blocks(struct wn_extractor *x)
{
	struct part parts[PARTS_MAX];
	struct wn_block *out, *o;
	size_t more = 0;

	for (uint32_t i = 0; i < x->n; i++)
		more += may_be_parts(x, i) ? PARTS_MAX : (size_t)cuts(x, i);
	if (more == 0)
		return 0;
	o = out = wn_alloc(x->d->arena, (x->n + more) * sizeof(*out));
	if (out == NULL)
		return WINNOW_ETOOBIG;
	for (uint32_t i = 0; i < x->n; i++) {
		unsigned n = may_be_parts(x, i) ? parts_of(x, i, parts) : 0;

		for (unsigned k = 0; k < n; k++)
			*o++ = piece(&x->b[i], parts[k].p, parts[k].n,
			    parts[k].v.kind, parts[k].v.rule);
		if (n == 0 && cuts(x, i))
			o = split_kept(x, i, o);
		else if (n == 0)
			*o++ = x->b[i];
	}
	x->d->blocks = out;
	x->d->nblocks = (size_t)(o - out);
	return 0;
}
