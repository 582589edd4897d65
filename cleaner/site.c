/* site.c - the memory of a site: on how many pages each block stood.
 *
 * Entries are (text, template) with counts; what stands on one page only goes
 * when its place is needed, the least counted and longest unseen first, so what
 * many pages have stays, however many came (heavy hitters; compare the
 * SpaceSaving of Metwally et al. 2005, whose overestimates would be false
 * accusations here: a row begins at one). Places are counted likewise.
 *
 * A page counts once by its key. The copy of a page (mirror, print version,
 * another part of it) does not count: it has its title, or nothing that is not
 * there as well; what most pages have is no sign of a copy.
 *
 * Invariants
 *  M1  The memory is one allocation of at most max_bytes.
 *  M2  An entry's counts are at most its template's pages since it came.
 *  M3  What was learned can be forgotten: at SITE_HALF pages of a template all
 *      its counts are halved; templates give way to new ones. */
#include "cleaner/site_parts.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_BYTES = 64 << 10, LEAST_BYTES = 8 << 10 };

/* Of 1024 parts of the room. */
enum { ENTRIES = 560, PLACES = 120, KEYS = 32, PAST = 60, SAMPLES = 168 };

static uint32_t
room(size_t bytes, unsigned parts, size_t one, unsigned ways)
{
	uint32_t n = (uint32_t)(bytes / 1024 * parts / one);

	n -= n % ways;
	return n > 0 ? n : ways;
}

int
winnow_site_new(struct winnow_site **sp, size_t max_bytes)
{
	struct winnow_site head = {0}, *s;
	size_t left, n;
	char *p;

	if (max_bytes == 0)
		max_bytes = DEFAULT_BYTES;
	if (max_bytes < LEAST_BYTES + sizeof(head))
		max_bytes = LEAST_BYTES + sizeof(head);
	if (max_bytes > (size_t)16 << 20)
		max_bytes = (size_t)16 << 20;
	left = max_bytes - sizeof(head);
	head.nentries = room(left, ENTRIES, sizeof(*s->entry), SITE_WAYS);
	head.nplaces = room(left, PLACES, sizeof(*s->place), SITE_WAYS);
	head.nkeys = room(left, KEYS, sizeof(*s->key), 1);
	head.npast = room(left, PAST, sizeof(*s->past), 1);
	head.nsamples = room(left, SAMPLES, sizeof(*s->sample), 1);
	n = sizeof(head) + head.nentries * sizeof(*s->entry) +
	    head.nplaces * sizeof(*s->place) + head.nkeys * sizeof(*s->key) +
	    head.npast * sizeof(*s->past) + head.nsamples * sizeof(*s->sample);
	*sp = NULL;
	if ((s = calloc(1, n)) == NULL)
		return WINNOW_ENOMEM;
	*s = head;
	s->bytes = n;
	p = (char *)(s + 1);
	s->entry = (void *)p;
	p += s->nentries * sizeof(*s->entry);
	s->past = (void *)p;
	p += s->npast * sizeof(*s->past);
	s->place = (void *)p;
	p += s->nplaces * sizeof(*s->place);
	s->sample = (void *)p;
	p += s->nsamples * sizeof(*s->sample);
	s->key = (void *)p;
	*sp = s;
	return 0;
}

void
winnow_site_free(struct winnow_site *s)
{
	free(s);
}

size_t
winnow_site_bytes(const struct winnow_site *s)
{
	return s->bytes;
}

unsigned
winnow_site_pages(const struct winnow_site *s)
{
	return s->serial;
}

/* ---- rows ---------------------------------------------------------------- */

static uint32_t
set_of(uint32_t name, uint32_t n)
{
	return (name * 2654435761u >> 7) % (n / SITE_WAYS) * SITE_WAYS;
}

struct site_entry *
site_find(struct winnow_site *s, uint32_t text, uint8_t group)
{
	struct site_entry *e = s->entry + set_of(text, s->nentries);

	for (int i = 0; i < SITE_WAYS; i++)
		if (e[i].pages > 0 && e[i].text == text && e[i].group == group)
			return &e[i];
	return NULL;
}

struct site_place *
site_find_place(struct winnow_site *s, uint32_t place, uint8_t group)
{
	struct site_place *p = s->place + set_of(place, s->nplaces);

	for (int i = 0; i < SITE_WAYS; i++)
		if (p[i].pages > 0 && p[i].place == place &&
		    p[i].group == group)
			return &p[i];
	return NULL;
}

/* What a row is worth: counts, but those of long ago do not. */
static uint32_t
worth(const struct winnow_site *s, uint32_t pages, uint32_t last)
{
	uint32_t age = s->serial - last;

	if (pages == 0)
		return 0;
	return 1 + (pages > 1 ? pages * 64 : 0) / (1 + age / 64) +
	       (age < 63 ? 63 - age : 0);
}

struct site_entry *
site_add(struct winnow_site *s, uint32_t text, uint8_t group)
{
	struct site_entry *set = s->entry + set_of(text, s->nentries);
	struct site_entry *e = set;

	for (int i = 1; i < SITE_WAYS; i++)
		if (worth(s, set[i].pages, set[i].last) <
		    worth(s, e->pages, e->last))
			e = &set[i];
	*e = (struct site_entry){.text = text, .group = group};
	return e;
}

struct site_place *
site_add_place(struct winnow_site *s, uint32_t place, uint8_t group)
{
	struct site_place *set = s->place + set_of(place, s->nplaces);
	struct site_place *p = set;

	for (int i = 1; i < SITE_WAYS; i++)
		if (worth(s, set[i].pages, set[i].last) <
		    worth(s, p->pages, p->last))
			p = &set[i];
	*p = (struct site_place){.place = place, .group = group};
	return p;
}

/* ---- templates ----------------------------------------------------------- */

/* Nothing is left of a template that gives way. */
static void
clear_group(struct winnow_site *s, uint8_t g)
{
	for (uint32_t i = 0; i < s->nentries; i++)
		if (s->entry[i].group == g)
			s->entry[i].pages = 0;
	for (uint32_t i = 0; i < s->nplaces; i++)
		if (s->place[i].group == g)
			s->place[i].pages = 0;
}

#define STALE 1024 /* pages of others since: the template is out of use */

static uint8_t
find_group(struct winnow_site *s, uint64_t shape)
{
	uint32_t least = UINT32_MAX;
	uint8_t g, to = 0;

	for (g = 0; g < WN_SITE_GROUPS; g++) {
		const struct site_group *t = &s->group[g];
		uint32_t pages = t->pages;

		if (t->shape != 0 && wn_shape_like(t->shape, shape))
			return g;
		if (t->shape == 0 || s->serial - t->last > STALE)
			pages = 0;
		if (pages < least) {
			least = pages;
			to = g;
		}
	}
	clear_group(s, to);
	s->group[to] = (struct site_group){.shape = shape};
	return to;
}

static void
halve(struct winnow_site *s, uint8_t g)
{
	s->group[g].pages /= 2;
	for (uint32_t i = 0; i < s->nentries; i++) {
		struct site_entry *e = &s->entry[i];

		if (e->group != g)
			continue;
		e->pages /= 2;
		e->same /= 2;
		e->kept /= 2;
		e->varied /= 2;
		e->edge /= 2;
		e->crowd /= 2;
		e->form /= 2;
		e->first /= 2;
	}
	for (uint32_t i = 0; i < s->nplaces; i++) {
		struct site_place *p = &s->place[i];

		if (p->group != g)
			continue;
		p->pages /= 2;
		p->blocks /= 2;
		p->again /= 2;
		p->links /= 2;
	}
}

/* ---- copies -------------------------------------------------------------- */

int
site_is_often(struct winnow_site *s, uint32_t text, uint8_t g)
{
	const struct site_entry *e = site_find(s, text, g);

	return e != NULL && e->pages >= SITE_OFTEN &&
	       e->pages * 3u >= s->group[g].pages;
}

static void
sig_add(struct site_past *p, uint32_t h)
{
	uint32_t i = p->n;

	h = (h ^ h >> 15) * 0x2c1b3c6du;
	for (uint32_t k = 0; k < p->n; k++)
		if (p->sig[k] == h)
			return;
	if (i == SITE_SIG && p->sig[i - 1] <= h)
		return;
	if (i == SITE_SIG)
		i--;
	else
		p->n++;
	for (; i > 0 && p->sig[i - 1] > h; i--)
		p->sig[i] = p->sig[i - 1];
	p->sig[i] = h;
}

/* Of the least hashes of both, how many both have: of *of. */
static unsigned
sig_common(const struct site_past *a, const struct site_past *b, unsigned *of)
{
	unsigned i = 0, k = 0, both = 0, n = 0;

	while (n < SITE_SIG && (i < a->n || k < b->n)) {
		if (i < a->n && k < b->n && a->sig[i] == b->sig[k]) {
			both++;
			i++;
			k++;
		} else if (k == b->n || (i < a->n && a->sig[i] < b->sig[k])) {
			i++;
		} else {
			k++;
		}
		n++;
	}
	*of = n;
	return both;
}

/* Is a title the name of the site rather than of a page? */
static int
is_common_title(const struct winnow_site *s, uint32_t title)
{
	uint32_t n = 0, same = 0;

	for (uint32_t i = 0; i < s->npast; i++) {
		n += s->past[i].n > 0;
		same += s->past[i].n > 0 && s->past[i].title == title;
	}
	return n >= 8 && same * 2 > n;
}

static int
is_copy(const struct winnow_site *s, const struct site_past *p)
{
	int named = p->title != 0 && !is_common_title(s, p->title);

	for (uint32_t i = 0; i < s->npast; i++) {
		const struct site_past *q = &s->past[i];
		unsigned of, both;

		if (q->n == 0)
			continue;
		if (named && q->title == p->title)
			return 1;
		both = sig_common(p, q, &of);
		if (both == of || (!named && both * 5 >= of * 4))
			return 1;
	}
	return 0;
}

/* ---- learning ------------------------------------------------------------ */

static uint32_t
short_key(uint64_t key)
{
	uint32_t k = (uint32_t)((key ^ key >> 29) * 0x9E3779B97F4A7C15u >> 32);

	return k + (k == 0); /* 0 is an empty place */
}

int
winnow_site_knows(const struct winnow_site *s, uint64_t key)
{
	uint32_t k = short_key(key);

	for (uint32_t i = 0; i < s->nkeys; i++)
		if (s->key[i] == k)
			return 1;
	return 0;
}

static int
is_known_key(struct winnow_site *s, uint64_t key)
{
	if (winnow_site_knows(s, key))
		return 1;
	s->key[s->key_at++ % s->nkeys] = short_key(key);
	return 0;
}

static void
count(uint16_t *n, int yes)
{
	*n = (uint16_t)(*n + (yes && *n < UINT16_MAX));
}

/* Lines in a row that repeat, few of which say site; a paragraph is two. */
#define CROWD 8

/* Which marks stand in such a row: an article that is printed again. */
static void
find_crowds(struct winnow_site *s, const struct wn_lesson *l, uint8_t g,
    uint8_t in[WN_SITE_MARKS])
{
	uint32_t run = 0, words = 0, first = 0;

	memset(in, 0, l->n);
	for (uint32_t i = 0; i <= l->n; i++) {
		const struct wn_site_mark *m = &l->mark[i];
		uint32_t weight;

		if (i < l->n && !(m->signs & WN_SIGN_KEPT))
			continue;
		if (i < l->n && site_is_often(s, m->text, g)) {
			weight = m->signs & WN_SIGN_ENDS ? 2 : 1;
			first = run == 0 ? i : first;
			words += m->signs & WN_SIGN_WORDS ? weight : 0;
			run += weight;
			continue;
		}
		if (run >= CROWD && 2 * words < run)
			memset(in + first, 1, i - first);
		run = words = 0;
	}
}

/* What is told of a mark by the page it is on. */
struct stand {
	int edge, crowd; /* among the first or last; in a row of repeats */
	int form;        /* one of a form that the page fills in */
};

static int
learn_entry(struct winnow_site *s, const struct wn_site_mark *m, uint8_t g,
    const struct stand *at)
{
	struct site_entry *e = site_find(s, m->text, g);
	int known = e != NULL && e->last != s->serial;

	if (e == NULL) {
		e = site_add(s, m->text, g);
		e->place = m->place;
		e->exact = m->exact;
		e->kind = WINNOW_KIND_OTHER;
		e->first = (uint16_t)s->group[g].pages;
	} else if (!known) { /* twice on the page */
		return 0;
	}
	e->last = s->serial;
	e->chars = (uint8_t)(m->chars > 255 ? 255 : m->chars);
	e->signs |= m->signs;
	if (e->kind == WINNOW_KIND_OTHER)
		e->kind = m->kind;
	count(&e->pages, 1);
	if (e->same == 0)
		e->place = m->place;
	if (e->place == m->place)
		count(&e->same, 1);
	else
		e->same--; /* the majority's stays (Boyer, Moore 1981) */
	count(&e->varied, e->exact != m->exact);
	e->exact = m->exact;
	if (m->signs & WN_SIGN_KEPT) {
		count(&e->kept, 1);
		count(&e->edge, at->edge);
		count(&e->crowd, at->crowd);
		count(&e->form, at->form);
	}
	return known;
}

static void
learn_place(
    struct winnow_site *s, const struct wn_site_mark *m, uint8_t g, int known)
{
	struct site_place *p = site_find_place(s, m->place, g);

	if (p == NULL) {
		p = site_add_place(s, m->place, g);
		p->last = s->serial - 1;
	}
	count(&p->pages, p->last != s->serial);
	p->last = s->serial;
	if (p->blocks == UINT16_MAX) { /* their shares are what is asked for */
		p->blocks /= 2;
		p->again /= 2;
		p->links /= 2;
	}
	count(&p->blocks, 1);
	count(&p->again, known);
	count(&p->links, m->link >= WN_SITE_LINKED);
}

static void
learn_samples(struct winnow_site *s, const struct wn_lesson *l, int64_t now)
{
	for (uint32_t i = 0; i < l->nsamples; i++) {
		uint32_t text = l->mark[l->sample[i].mark].text, k;
		struct site_sample *to = s->sample;

		for (k = 0; k < s->nsamples; k++) {
			if (s->sample[k].text == text)
				break;
			if (s->sample[k].day < to->day)
				to = &s->sample[k];
		}
		if (k < s->nsamples)
			to = &s->sample[k];
		to->text = text;
		to->day = now > 0 ? (uint32_t)(now / 86400) : 0;
		memcpy(to->s, l->sample[i].text, WN_SITE_SAMPLE);
	}
}

static void
learn_marks(struct winnow_site *s, const struct wn_lesson *l, uint8_t g)
{
	uint8_t crowd[WN_SITE_MARKS];
	uint32_t n = 0, k = 0;
	struct site_form form;

	find_crowds(s, l, g, crowd);
	site_form(s, l, g, &form);
	for (uint32_t i = 0; i < l->n; i++)
		n += l->mark[i].signs & WN_SIGN_KEPT;
	for (uint32_t i = 0; i < l->n; i++) {
		const struct wn_site_mark *m = &l->mark[i];
		struct stand at = {k < 2 || k + 3 >= n, crowd[i],
		    site_is_of_form(&form, l, i)};
		int known;

		if (m->text == 0)
			continue;
		known = learn_entry(s, m, g, &at);
		if (!(m->signs & WN_SIGN_KEPT))
			continue;
		learn_place(s, m, g, known);
		k++;
	}
}

int
winnow_site_learn(struct winnow_site *s, const void *lesson, size_t len,
    uint64_t key, int64_t now)
{
	struct site_past p = {0};
	struct wn_lesson l;
	uint8_t g;

	if (wn_lesson_read(&l, lesson, len) != 0)
		return WINNOW_EINVAL;
	learn_samples(s, &l, now);
	if (is_known_key(s, key))
		return 0;
	g = find_group(s, l.shape);
	p.title = l.title;
	for (uint32_t i = 0; i < l.n; i++)
		if ((l.mark[i].signs & WN_SIGN_KEPT) &&
		    !site_is_often(s, l.mark[i].text, g))
			sig_add(&p, l.mark[i].text);
	if (p.n == 0 || is_copy(s, &p))
		return 0;
	s->past[s->past_at++ % s->npast] = p;
	s->serial++;
	s->group[g].last = s->serial;
	learn_marks(s, &l, g);
	if (++s->group[g].pages >= SITE_HALF)
		halve(s, g);
	s->fresh = 0;
	return 1;
}
