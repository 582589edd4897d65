/* explain_trace.c - a mended line span by span.
 *
 * The normaliser tells each repair with its place in the line as its pass
 * found it. Played again in that order, a pass at a time, the line is a row of
 * spans: untouched ones, which are slices of the block's text, and mended ones
 * that know what stood there on the page.
 *
 * Invariants
 *  TR1  The `was` of all spans, one after the other, is the block's text.
 *  TR2  A repair that does not fit the line (the list was cut) is left out;
 *       nothing is read past the line.
 *  TR3  A line costs its length times its passes, a dozen at most. */
#include "cleaner/explain.h"

#include <stdlib.h>
#include <string.h>

static int
by_place(const void *pa, const void *pb)
{
	const struct winnow_repair *a =
	    *(const struct winnow_repair *const *)pa;
	const struct winnow_repair *b =
	    *(const struct winnow_repair *const *)pb;

	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	if (a->pass != b->pass)
		return a->pass < b->pass ? -1 : 1;
	/* The list is one array, in the order of piece and offset. */
	return a < b ? -1 : a > b;
}

int
wn_trace_init(struct wn_trace *t, const struct wn_doc *d)
{
	size_t k = 0;

	*t = (struct wn_trace){.arena = d->arena, .n = d->pub.nrepair_list};
	t->rows = wn_alloc(d->arena, t->n * sizeof(t->rows[0]));
	t->first = wn_alloc(d->arena, (d->nblocks + 2) * sizeof(t->first[0]));
	if (t->rows == NULL || t->first == NULL)
		return WINNOW_ENOMEM;
	for (size_t i = 0; i < t->n; i++)
		t->rows[i] = &d->pub.repair_list[i];
	if (t->n > 0)
		qsort(t->rows, t->n, sizeof(t->rows[0]), by_place);
	for (size_t i = 0; i < d->nblocks + 2; i++) {
		while (k < t->n && t->rows[k]->block < i)
			k++;
		t->first[i] = (uint32_t)k;
	}
	return 0;
}

/* ---- one pass ------------------------------------------------------------ */

struct cursor {
	struct wn_arena *arena;
	const struct wn_span *in;
	size_t n, k, o; /* span k, byte o of its `now` */
	uint32_t piece; /* lines ended so far */
	size_t at;      /* bytes since the last end */
	struct wn_span *out;
	size_t nout;
	int err;
};

static void
append(struct cursor *c, const char *p, size_t n)
{
	struct wn_str *s = &c->out[c->nout - 1].now;
	char *q;

	if (n == 0)
		return;
	q = wn_grow(c->arena, (char *)(uintptr_t)s->p, s->n, s->n + n);
	if (q == NULL) {
		c->err = WINNOW_ENOMEM;
		return;
	}
	memcpy(q + s->n, p, n);
	*s = (struct wn_str){q, s->n + n};
}

/* A mended span that begins where the cursor is, with nothing in it yet. */
static void
open_span(struct cursor *c, uint32_t kinds, uint32_t row)
{
	const char *p = "";

	if (c->k < c->n)
		p = c->in[c->k].was.p + (c->in[c->k].kinds ? 0 : c->o);
	else if (c->n > 0)
		p = c->in[c->n - 1].was.p + c->in[c->n - 1].was.n;
	c->out[c->nout++] = (struct wn_span){
	    .was = {p, 0}, .now = {"", 0}, .kinds = kinds, .row = row};
}

static void
merge(struct wn_span *m, const struct wn_span *s)
{
	m->was.n += s->was.n;
	m->kinds |= s->kinds;
	m->row =
	    m->row == 0 || (s->row != 0 && s->row < m->row) ? s->row : m->row;
}

static void
passed(struct cursor *c, const char *p, size_t n, int count)
{
	if (count && memchr(p, '\n', n) != NULL) {
		for (size_t i = 0; i < n; i++) {
			c->at++;
			if (p[i] != '\n')
				continue;
			c->piece++;
			c->at = 0;
		}
	} else {
		c->at += n;
	}
	c->o += n;
	if (c->o == c->in[c->k].now.n) {
		c->k++;
		c->o = 0;
	}
}

/* Takes over n bytes as they are. count: does a line feed end a piece? */
static void
copy(struct cursor *c, size_t n, int count)
{
	while (n > 0 && c->k < c->n && c->err == 0) {
		const struct wn_span *s = &c->in[c->k];
		size_t take = s->now.n - c->o < n ? s->now.n - c->o : n;

		if (s->kinds == 0) {
			c->out[c->nout++] =
			    (struct wn_span){.was = {s->was.p + c->o, take},
				.now = {s->now.p + c->o, take}};
		} else if (c->o == 0 && take == s->now.n) {
			c->out[c->nout++] = *s;
		} else {
			if (c->o == 0) {
				open_span(c, s->kinds, s->row);
				c->out[c->nout - 1].was.n = s->was.n;
			}
			append(c, s->now.p + c->o, take);
		}
		passed(c, s->now.p + c->o, take, count);
		n -= take;
	}
}

/* To the beginning of a piece. */
static int
seek_piece(struct cursor *c, uint32_t piece)
{
	while (c->piece < piece && c->k < c->n && c->err == 0) {
		const struct wn_span *s = &c->in[c->k];
		size_t n = s->now.n - c->o;
		const char *nl = memchr(s->now.p + c->o, '\n', n);

		if (n == 0) {
			c->out[c->nout++] = *s;
			c->k++;
			continue;
		}
		copy(c, nl ? (size_t)(nl - s->now.p) - c->o + 1 : n, 1);
	}
	return c->piece == piece && c->err == 0;
}

static void
play(struct cursor *c, const struct winnow_repair *r, uint32_t row)
{
	size_t left = strlen(r->before);
	struct wn_span *m;

	if (r->piece > c->piece && !seek_piece(c, r->piece))
		return;
	if (r->piece != c->piece || r->offset < c->at)
		return;
	copy(c, r->offset - c->at, 0);
	if (c->o > 0 && c->k < c->n && c->in[c->k].kinds != 0) {
		m = &c->out[c->nout - 1];
		merge(m, &(struct wn_span){.row = row});
	} else {
		open_span(c, 0, row);
		m = &c->out[c->nout - 1];
	}
	m->kinds |= 1u << r->kind;
	append(c, r->after, strlen(r->after));
	while (left > 0 && c->k < c->n && c->err == 0) {
		const struct wn_span *s = &c->in[c->k];
		size_t take = s->now.n - c->o < left ? s->now.n - c->o : left;

		if (s->kinds == 0)
			m->was.n += take;
		else if (c->o == 0)
			merge(m, s);
		if (take == 0)
			c->k++;
		else
			passed(c, s->now.p + c->o, take, 0);
		left -= take;
	}
}

static size_t
replay(struct wn_trace *t, struct wn_span **spans, size_t n, size_t row,
    size_t end)
{
	struct cursor c = {.arena = t->arena, .in = *spans, .n = n};

	/* a repair opens one span and may cut one in two; a piece's beginning
	 * cuts one more */
	c.out =
	    wn_alloc(t->arena, (n + 4 * (end - row) + 2) * sizeof(c.out[0]));
	if (c.out == NULL)
		return 0;
	for (size_t i = row; i < end; i++)
		play(&c, t->rows[i], (uint32_t)i + 1);
	while (c.k < c.n && c.err == 0) {
		if (c.in[c.k].now.n > 0) {
			copy(&c, c.in[c.k].now.n - c.o, 0);
			continue;
		}
		c.out[c.nout++] = c.in[c.k++];
	}
	*spans = c.out;
	return c.err == 0 ? c.nout : 0;
}

size_t
wn_trace_block(struct wn_trace *t, uint32_t block, struct wn_str text,
    struct wn_span **spans)
{
	size_t row = t->first[block], end = t->first[block + 1], n = 1;

	while (
	    end > row && t->rows[end - 1]->kind == WINNOW_REPAIR_COLUMN_BREAK)
		end--;
	if (row == end)
		return 0;
	if ((*spans = wn_alloc(t->arena, sizeof(**spans))) == NULL)
		return 0;
	**spans = (struct wn_span){.was = text, .now = text};
	while (row < end && n > 0) {
		size_t k = row;

		while (k < end && t->rows[k]->pass == t->rows[row]->pass)
			k++;
		n = replay(t, spans, n, row, k);
		row = k;
	}
	return n;
}
