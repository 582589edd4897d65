/* site_store.c - a site's memory as bytes, to be kept between two lives.
 *
 * "WS", version, 0; counts of serial, groups, entries, places, keys, past,
 * samples (4 bytes each); then these: a group is its number, shape, pages,
 * last; the others are the fields of site_parts.h in their order. What stood on
 * one page and not lately is left out: most of the memory, and of no use. Ages
 * are kept as they are, so a memory that was stored and loaded decides the
 * same.
 *
 * Invariants
 *  SS1  Bytes that are none are refused as a whole.
 *  SS2  What is loaded is within the bounds of the memory it goes into: more
 *       rows than it has room for give way as when they were learned. */
#include "cleaner/site_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
	VERSION = 2,
	HEAD = 32,
	GROUP = 20,
	ENTRY = 34,
	PLACE = 20,
	PAST = 8 + 4 * SITE_SIG,
	LATELY = 64 /* pages */
};

/* A walk over bytes that are there (writing), or are checked (reading). */
struct cursor {
	unsigned char *p;
	const unsigned char *q, *end;
	int bad;
};

static void
put32(struct cursor *c, uint32_t v)
{
	wn_put32(c->p, v);
	c->p += 4;
}

static void
put16(struct cursor *c, uint32_t v)
{
	wn_put16(c->p, v);
	c->p += 2;
}

static void
put8(struct cursor *c, uint32_t v)
{
	*c->p++ = (unsigned char)v;
}

static const unsigned char *
take(struct cursor *c, size_t n)
{
	static const unsigned char zeros[WN_SITE_SAMPLE];
	const unsigned char *q = c->q;

	if (c->bad || (size_t)(c->end - c->q) < n) {
		c->bad = 1;
		return zeros;
	}
	c->q += n;
	return q;
}

static uint32_t
get32(struct cursor *c)
{
	return wn_get32(take(c, 4));
}

static uint16_t
get16(struct cursor *c)
{
	return (uint16_t)wn_get16(take(c, 2));
}

static uint8_t
get8(struct cursor *c)
{
	return *take(c, 1);
}

/* ---- writing ------------------------------------------------------------- */

static int
is_kept(const struct winnow_site *s, uint32_t pages, uint32_t last)
{
	return pages > 1 || (pages == 1 && s->serial - last < LATELY);
}

static void
put_entry(struct cursor *c, const struct site_entry *e)
{
	put32(c, e->text);
	put32(c, e->place);
	put32(c, e->last);
	put16(c, e->pages);
	put16(c, e->same);
	put16(c, e->kept);
	put16(c, e->varied);
	put16(c, e->edge);
	put16(c, e->crowd);
	put16(c, e->form);
	put16(c, e->exact);
	put16(c, e->first);
	put8(c, e->group);
	put8(c, e->kind);
	put8(c, e->signs);
	put8(c, e->chars);
}

static void
put_place(struct cursor *c, const struct site_place *p)
{
	put32(c, p->place);
	put32(c, p->last);
	put16(c, p->pages);
	put16(c, p->blocks);
	put16(c, p->again);
	put16(c, p->links);
	put32(c, p->group);
}

static void
put_past(struct cursor *c, const struct site_past *p)
{
	put32(c, p->title);
	put32(c, p->n);
	for (int i = 0; i < SITE_SIG; i++)
		put32(c, p->sig[i]);
}

static void
put_sample(struct cursor *c, const struct site_sample *m)
{
	size_t n = strnlen(m->s, WN_SITE_SAMPLE - 1);

	put32(c, m->text);
	put32(c, m->day);
	put8(c, (uint32_t)n);
	memcpy(c->p, m->s, n);
	c->p += n;
}

/* How many of each there are to write. */
struct counts {
	uint32_t groups, entries, places, keys, past, samples;
};

static struct counts
count_all(const struct winnow_site *s)
{
	struct counts n = {0};

	for (int i = 0; i < WN_SITE_GROUPS; i++)
		n.groups += s->group[i].shape != 0;
	for (uint32_t i = 0; i < s->nentries; i++)
		n.entries +=
		    (uint32_t)is_kept(s, s->entry[i].pages, s->entry[i].last);
	for (uint32_t i = 0; i < s->nplaces; i++)
		n.places +=
		    (uint32_t)is_kept(s, s->place[i].pages, s->place[i].last);
	n.keys = s->key_at < s->nkeys ? s->key_at : s->nkeys;
	n.past = s->past_at < s->npast ? s->past_at : s->npast;
	for (uint32_t i = 0; i < s->nsamples; i++)
		n.samples += s->sample[i].text != 0;
	return n;
}

static void
put_all(const struct winnow_site *s, const struct counts *n, struct cursor *c)
{
	for (uint32_t i = 0; i < WN_SITE_GROUPS; i++) {
		if (s->group[i].shape == 0)
			continue;
		put32(c, i);
		put32(c, (uint32_t)s->group[i].shape);
		put32(c, (uint32_t)(s->group[i].shape >> 32));
		put32(c, s->group[i].pages);
		put32(c, s->group[i].last);
	}
	for (uint32_t i = 0; i < s->nentries; i++)
		if (is_kept(s, s->entry[i].pages, s->entry[i].last))
			put_entry(c, &s->entry[i]);
	for (uint32_t i = 0; i < s->nplaces; i++)
		if (is_kept(s, s->place[i].pages, s->place[i].last))
			put_place(c, &s->place[i]);
	/* oldest first, so that loading goes on where this left off */
	for (uint32_t i = 0; i < n->keys; i++)
		put32(c, s->key[(s->key_at - n->keys + i) % s->nkeys]);
	for (uint32_t i = 0; i < n->past; i++)
		put_past(c, &s->past[(s->past_at - n->past + i) % s->npast]);
	for (uint32_t i = 0; i < s->nsamples; i++)
		if (s->sample[i].text != 0)
			put_sample(c, &s->sample[i]);
}

int
winnow_site_store(const struct winnow_site *s, void **bytes, size_t *len)
{
	struct counts n = count_all(s);
	size_t most = HEAD + GROUP * (size_t)n.groups +
		      ENTRY * (size_t)n.entries + PLACE * (size_t)n.places +
		      4 * (size_t)n.keys + PAST * (size_t)n.past +
		      (9 + WN_SITE_SAMPLE) * (size_t)n.samples;
	unsigned char *b = malloc(most);
	struct cursor c = {.p = b};

	*bytes = b;
	*len = 0;
	if (b == NULL)
		return WINNOW_ENOMEM;
	memcpy(b, "WS", 2);
	b[2] = VERSION;
	b[3] = 0;
	c.p += 4;
	put32(&c, s->serial);
	put32(&c, n.groups);
	put32(&c, n.entries);
	put32(&c, n.places);
	put32(&c, n.keys);
	put32(&c, n.past);
	put32(&c, n.samples);
	put_all(s, &n, &c);
	*len = (size_t)(c.p - b);
	return 0;
}

/* ---- reading ------------------------------------------------------------- */

static uint16_t
at_most(uint16_t n, uint16_t most)
{
	return n < most ? n : most;
}

static void
load_group(struct winnow_site *s, struct cursor *c)
{
	uint32_t i = get32(c);
	struct site_group g = {0};

	g.shape = get32(c);
	g.shape |= (uint64_t)get32(c) << 32;
	g.pages = get32(c);
	g.last = get32(c);
	if (i >= WN_SITE_GROUPS || g.pages >= SITE_HALF || g.last > s->serial) {
		c->bad = 1;
		return;
	}
	s->group[i] = g;
}

static void
load_entry(struct winnow_site *s, struct cursor *c)
{
	struct site_entry e = {.text = get32(c), .place = 0}, *to;

	e.place = get32(c);
	e.last = get32(c);
	e.pages = get16(c);
	e.same = at_most(get16(c), e.pages);
	e.kept = at_most(get16(c), e.pages);
	e.varied = at_most(get16(c), e.pages);
	e.edge = at_most(get16(c), e.pages);
	e.crowd = at_most(get16(c), e.pages);
	e.form = at_most(get16(c), e.pages);
	e.exact = get16(c);
	e.first = get16(c);
	e.group = get8(c);
	e.kind = get8(c);
	e.signs = get8(c);
	e.chars = get8(c);
	if (c->bad || e.pages == 0 || e.text == 0 ||
	    e.group >= WN_SITE_GROUPS || e.kind >= WINNOW_KIND_N ||
	    e.last > s->serial || e.pages > s->group[e.group].pages ||
	    e.first > s->group[e.group].pages) {
		c->bad = 1;
		return;
	}
	if ((to = site_find(s, e.text, e.group)) == NULL)
		to = site_add(s, e.text, e.group);
	*to = e;
}

static void
load_place(struct winnow_site *s, struct cursor *c)
{
	struct site_place p = {.place = get32(c), .last = 0}, *to;
	uint32_t group;

	p.last = get32(c);
	p.pages = get16(c);
	p.blocks = get16(c);
	p.again = at_most(get16(c), p.blocks);
	p.links = at_most(get16(c), p.blocks);
	group = get32(c);
	if (c->bad || p.pages == 0 || group >= WN_SITE_GROUPS ||
	    p.pages > s->group[group].pages || p.last > s->serial) {
		c->bad = 1;
		return;
	}
	p.group = (uint8_t)group;
	if ((to = site_find_place(s, p.place, p.group)) == NULL)
		to = site_add_place(s, p.place, p.group);
	*to = p;
}

static void
load_past(struct winnow_site *s, struct cursor *c)
{
	struct site_past p = {.title = get32(c), .n = 0};

	p.n = get32(c);
	for (int i = 0; i < SITE_SIG; i++)
		p.sig[i] = get32(c);
	for (uint32_t i = 1; i < p.n && i < SITE_SIG; i++)
		c->bad |= p.sig[i - 1] > p.sig[i];
	if (c->bad || p.n > SITE_SIG) {
		c->bad = 1;
		return;
	}
	s->past[s->past_at++ % s->npast] = p;
}

static void
load_sample(struct winnow_site *s, struct cursor *c, uint32_t i)
{
	struct site_sample m = {.text = get32(c), .day = 0};
	uint32_t n;

	m.day = get32(c);
	n = get8(c);
	if (n >= WN_SITE_SAMPLE) {
		c->bad = 1;
		return;
	}
	memcpy(m.s, take(c, n), n);
	if (i < s->nsamples)
		s->sample[i] = m;
}

static void
load_all(struct winnow_site *s, struct cursor *c)
{
	struct counts n;

	s->serial = get32(c);
	n.groups = get32(c);
	n.entries = get32(c);
	n.places = get32(c);
	n.keys = get32(c);
	n.past = get32(c);
	n.samples = get32(c);
	for (uint32_t i = 0; i < n.groups && !c->bad; i++)
		load_group(s, c);
	for (uint32_t i = 0; i < n.entries && !c->bad; i++)
		load_entry(s, c);
	for (uint32_t i = 0; i < n.places && !c->bad; i++)
		load_place(s, c);
	for (uint32_t i = 0; i < n.keys && !c->bad; i++)
		s->key[s->key_at++ % s->nkeys] = get32(c);
	for (uint32_t i = 0; i < n.past && !c->bad; i++)
		load_past(s, c);
	for (uint32_t i = 0; i < n.samples && !c->bad; i++)
		load_sample(s, c, i);
	c->bad |= c->q != c->end;
}

int
winnow_site_load(
    struct winnow_site **sp, const void *bytes, size_t len, size_t max_bytes)
{
	struct cursor c = {.q = bytes};
	struct winnow_site *s;
	int r;

	*sp = NULL;
	if (bytes == NULL || len < HEAD || memcmp(c.q, "WS", 2) != 0 ||
	    c.q[2] != VERSION)
		return WINNOW_EINVAL;
	if ((r = winnow_site_new(&s, max_bytes)) != 0)
		return r;
	c.end = c.q + len;
	c.q += 4;
	load_all(s, &c);
	if (c.bad) {
		winnow_site_free(s);
		return WINNOW_EINVAL;
	}
	*sp = s;
	return 0;
}
