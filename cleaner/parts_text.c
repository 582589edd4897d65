/* parts_text.c - a page of an article put aside: its lines, and what else of it
 * the whole article gets.
 *
 * Lines are compared by what is left of them without marks and spaces, as a
 * hash.
 *
 * Invariant PT1: what is put aside lies in the arena of the parts. */
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "cleaner/meta.h"
#include "cleaner/parts_text.h"

enum { SKELETON = 2048 }; /* bytes of a line that tell it from others */

/* ---- lines --------------------------------------------------------------- */

uint64_t
wn_line_hash(struct wn_str s)
{
	char b[SKELETON + 8];
	size_t n = wn_skeleton(s, b, sizeof b);

	return n == 0 ? 0 : XXH3_64bits(b, n) | 1;
}

int
wn_seen_init(struct seen *s, struct wn_arena *a, size_t lines)
{
	size_t size = 64;

	while (size < 2 * lines)
		size *= 2;
	s->mask = size - 1;
	s->v = wn_zalloc(a, size * sizeof(*s->v));
	return s->v != NULL ? 0 : WINNOW_ETOOBIG;
}

int
wn_seen_has(const struct seen *s, uint64_t hash)
{
	for (size_t i = hash;; i++)
		if (s->v[i & s->mask] == 0)
			return 0;
		else if (s->v[i & s->mask] == hash)
			return 1;
}

void
wn_seen_add(struct seen *s, uint64_t hash)
{
	size_t i = hash;

	if (hash == 0)
		return;
	while (s->v[i & s->mask] != 0 && s->v[i & s->mask] != hash)
		i++;
	s->v[i & s->mask] = hash;
}

/* ---- a page put aside ---------------------------------------------------- */

static int
copy_lines(struct part_text *t, struct wn_arena *a, const struct wn_doc *d)
{
	const char *p = wn_strndup(a, d->pub.text, d->pub.text_len);
	const char *end, *nl;
	size_t cap = 1;

	if (p == NULL)
		return WINNOW_ETOOBIG;
	end = p + d->pub.text_len;
	for (size_t i = 0; i < d->pub.text_len; i++)
		cap += p[i] == '\n';
	if ((t->l = wn_zalloc(a, cap * sizeof(*t->l))) == NULL)
		return WINNOW_ETOOBIG;
	for (; p < end; p = nl + 1) {
		struct text_line *l = &t->l[t->n];

		if ((nl = memchr(p, '\n', (size_t)(end - p))) == NULL)
			nl = end;
		l->s = (struct wn_str){p, (size_t)(nl - p)};
		l->hash = wn_line_hash(l->s);
		if (d->shapes != NULL && t->n < d->nshapes)
			l->shape = d->shapes[t->n];
		t->n++;
	}
	t->bytes = d->pub.text_len;
	return 0;
}

/* NULL strings only when memory has ended. */
static struct winnow_list
copy_list(struct wn_arena *a, const struct winnow_list *l)
{
	struct winnow_list out = {NULL, 0};
	const char **v = l->n > 0 ? wn_alloc(a, l->n * sizeof(*v)) : NULL;

	for (size_t i = 0; v != NULL && i < l->n; i++)
		if ((v[i] = wn_strndup(a, l->v[i], strlen(l->v[i]))) != NULL)
			out.n = i + 1;
		else
			break;
	out.v = v;
	return out;
}

static int
part_keep(struct part_text *t, struct wn_arena *a, const struct wn_doc *d)
{
	const struct winnow_doc *p = &d->pub;
	size_t bytes = p->nparts * sizeof(*t->parts);

	t->url = d->url;
	t->key = winnow_url_key(&d->url, d->w->opt.url_seed);
	t->part = p->part;
	t->part_count = p->part_count;
	t->nparts = p->nparts;
	t->chars = p->chars;
	t->damaged = d->damaged;
	t->lost = d->lost;
	t->alone_hash = p->alone_hash;
	t->link_density = p->link_density;
	memcpy(t->removed, p->removed, sizeof(t->removed));
	memcpy(t->repairs, p->repairs, sizeof(t->repairs));
	t->authors = copy_list(a, &p->authors);
	t->editors = copy_list(a, &p->editors);
	t->captions = copy_list(a, &p->captions);
	t->attachments = copy_list(a, &p->attachments);
	t->title =
	    p->title != NULL ? wn_strndup(a, p->title, strlen(p->title)) : NULL;
	if ((t->parts = wn_alloc(a, bytes)) == NULL)
		return WINNOW_ETOOBIG;
	if (bytes > 0)
		memcpy(t->parts, p->parts, bytes);
	return copy_lines(t, a, d);
}

int
wn_part_clean(struct joiner *j, size_t i)
{
	const struct winnow_doc *d;
	int r = winnow_clean(j->w, j->p[i].page, &d);

	if (r != 0 || (r = part_keep(&j->p[i], j->w->parts, &j->w->doc)) != 0)
		return r;
	if (i > 0 && j->p[i].page->url == NULL) /* as the caller says */
		j->p[i].part = (unsigned)i + 1;
	return 0;
}
