/* site_lesson.c - lessons and views as bytes.
 *
 * A lesson: "WL", version, samples; shape (8), title (4), marks (4); 16 bytes a
 * mark; a sample is the number of its mark (2), its length (1), its bytes.
 * A view: "WV", version, shapes; rows (4); the shapes; 12 bytes a row.
 *
 * Invariant
 *  SL1  What is read is within the bounds of site.h: counts, numbers of marks,
 *       kinds, groups; rows of a view are in order. */
#include "cleaner/arena.h"
#include "cleaner/site.h"

#include <string.h>

enum { VERSION = 1, HEAD = 20, MARK = 16, VIEW_HEAD = 8, ROW = 12 };

static void
put64(unsigned char *p, uint64_t v)
{
	wn_put32(p, (uint32_t)v);
	wn_put32(p + 4, (uint32_t)(v >> 32));
}

static uint64_t
get64(const unsigned char *p)
{
	return wn_get32(p) | (uint64_t)wn_get32(p + 4) << 32;
}

/* ---- lessons ------------------------------------------------------------ */

static void
put_mark(unsigned char *p, const struct wn_site_mark *m)
{
	wn_put32(p, m->text);
	wn_put32(p + 4, m->place);
	wn_put16(p + 8, m->exact);
	wn_put16(p + 10, m->chars);
	p[12] = m->link;
	p[13] = m->kind;
	p[14] = m->signs;
	p[15] = 0;
}

static size_t
sample_length(const struct wn_site_sample *s)
{
	return strnlen(s->text, WN_SITE_SAMPLE - 1);
}

const void *
wn_lesson_pack(struct wn_arena *arena, const struct wn_lesson *l, size_t *len)
{
	unsigned char *b, *p;
	size_t n = HEAD + MARK * (size_t)l->n;

	for (uint32_t i = 0; i < l->nsamples; i++)
		n += 3 + sample_length(&l->sample[i]);
	if ((b = p = wn_alloc(arena, n)) == NULL)
		return NULL;
	memcpy(p, "WL", 2);
	p[2] = VERSION;
	p[3] = (unsigned char)l->nsamples;
	put64(p + 4, l->shape);
	wn_put32(p + 12, l->title);
	wn_put32(p + 16, l->n);
	p += HEAD;
	for (uint32_t i = 0; i < l->n; i++, p += MARK)
		put_mark(p, &l->mark[i]);
	for (uint32_t i = 0; i < l->nsamples; i++) {
		size_t k = sample_length(&l->sample[i]);

		wn_put16(p, l->sample[i].mark);
		p[2] = (unsigned char)k;
		memcpy(p + 3, l->sample[i].text, k);
		p += 3 + k;
	}
	*len = n;
	return b;
}

static int
read_samples(struct wn_lesson *l, const unsigned char *p, size_t n)
{
	for (uint32_t i = 0; i < l->nsamples; i++) {
		struct wn_site_sample *s = &l->sample[i];
		size_t k;

		if (n < 3 || n - 3 < p[2] || p[2] >= WN_SITE_SAMPLE ||
		    wn_get16(p) >= l->n)
			return WINNOW_EINVAL;
		k = p[2];
		s->mark = (uint16_t)wn_get16(p);
		memcpy(s->text, p + 3, k);
		s->text[k] = '\0';
		p += 3 + k;
		n -= 3 + k;
	}
	return n == 0 ? 0 : WINNOW_EINVAL;
}

int
wn_lesson_read(struct wn_lesson *l, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	if (p == NULL || len < HEAD || memcmp(p, "WL", 2) != 0 ||
	    p[2] != VERSION || p[3] > WN_SITE_SAMPLES)
		return WINNOW_EINVAL;
	l->nsamples = p[3];
	l->shape = get64(p + 4);
	l->title = wn_get32(p + 12);
	l->n = wn_get32(p + 16);
	if (l->n > WN_SITE_MARKS || len - HEAD < MARK * (size_t)l->n)
		return WINNOW_EINVAL;
	p += HEAD;
	for (uint32_t i = 0; i < l->n; i++, p += MARK) {
		l->mark[i] = (struct wn_site_mark){.text = wn_get32(p),
		    .place = wn_get32(p + 4),
		    .exact = (uint16_t)wn_get16(p + 8),
		    .chars = (uint16_t)wn_get16(p + 10),
		    .link = p[12],
		    .kind = p[13],
		    .signs = p[14]};
		if (p[13] >= WINNOW_KIND_N)
			return WINNOW_EINVAL;
	}
	return read_samples(l, p, len - HEAD - MARK * (size_t)l->n);
}

/* ---- views --------------------------------------------------------------- */

size_t
wn_view_pack(const struct wn_site_view *v, unsigned char *out)
{
	unsigned char *p = out;

	memcpy(p, "WV", 2);
	p[2] = VERSION;
	p[3] = (unsigned char)v->ngroups;
	wn_put32(p + 4, v->n);
	p += VIEW_HEAD;
	for (uint32_t i = 0; i < v->ngroups; i++, p += 8)
		put64(p, v->shape[i]);
	for (uint32_t i = 0; i < v->n; i++, p += ROW) {
		wn_put32(p, v->v[i].text);
		wn_put32(p + 4, v->v[i].place);
		p[8] = v->v[i].group;
		p[9] = v->v[i].kind;
		p[10] = v->v[i].why;
		p[11] = 0;
	}
	return (size_t)(p - out);
}

static int
is_before(const struct wn_site_taken *a, const struct wn_site_taken *b)
{
	return a->text != b->text ? a->text < b->text : a->place <= b->place;
}

int
wn_view_read(struct wn_site_view *v, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	v->ngroups = v->n = 0;
	if (p == NULL || len < VIEW_HEAD || memcmp(p, "WV", 2) != 0 ||
	    p[2] != VERSION || p[3] > WN_SITE_GROUPS ||
	    wn_get32(p + 4) > WN_SITE_TAKEN ||
	    len != VIEW_HEAD + 8 * (size_t)p[3] + ROW * wn_get32(p + 4))
		return WINNOW_EINVAL;
	v->ngroups = p[3];
	v->n = wn_get32(p + 4);
	p += VIEW_HEAD;
	for (uint32_t i = 0; i < v->ngroups; i++, p += 8)
		v->shape[i] = get64(p);
	for (uint32_t i = 0; i < v->n; i++, p += ROW) {
		v->v[i] = (struct wn_site_taken){.text = wn_get32(p),
		    .place = wn_get32(p + 4),
		    .group = p[8],
		    .kind = p[9],
		    .why = p[10]};
		if (p[9] >= WINNOW_KIND_N || p[10] >= WN_WHY_N ||
		    (i > 0 && !is_before(&v->v[i - 1], &v->v[i]))) {
			v->n = 0;
			return WINNOW_EINVAL;
		}
	}
	return 0;
}
