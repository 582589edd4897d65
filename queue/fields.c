/* fields.c - the fields of a record that somebody asked for.
 *
 * Invariants
 *  L1  A record is walked once, however many fields are wanted of it.
 *  L2  Names are compared as they stand between their quotes: the names of
 *      records need no escape, and one that has some is nobody's. */
#include "queue/fields.h"

#include <stdlib.h>
#include <string.h>

int
wq_fields_add(struct wq_fields *f, const char *name, size_t len)
{
	struct wq_field *v;
	const char *dot;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].len == len && memcmp(f->v[i].name, name, len) == 0)
			return (int)i;
	if (f->n == WQ_FIELDS_MAX)
		return WQ_EINVAL;
	if (f->n == f->cap) {
		size_t cap = f->cap + f->cap / 2 + 8;

		if ((v = realloc(f->v, cap * sizeof *v)) == NULL)
			return WQ_ENOMEM;
		f->v = v;
		f->cap = cap;
	}
	v = &f->v[f->n];
	/* A name of a hostile record may hold a NUL: no strndup(). */
	*v = (struct wq_field){.name = calloc(1, len + 1), .len = len};
	if (v->name == NULL)
		return WQ_ENOMEM;
	memcpy(v->name, name, len);
	dot = memchr(name, '.', len);
	v->top = dot != NULL ? (size_t)(dot - name) : len;
	return (int)f->n++;
}

void
wq_fields_clear(struct wq_fields *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].name);
	free(f->v);
	*f = (struct wq_fields){0};
}

static void
read_nested(struct wq_field *f, const struct wq_json_value *object)
{
	struct wq_json j;
	struct wq_json_value v;
	size_t len = f->len - f->top - 1;

	if (object->type != WQ_JSON_OBJECT ||
	    wq_json_begin(&j, object->raw, object->len) != 0)
		return;
	while (!f->have && wq_json_next(&j, &v) > 0)
		if (v.key_len == len &&
		    memcmp(v.key, f->name + f->top + 1, len) == 0) {
			f->have = 1;
			f->value = v;
		}
}

static void
offer(struct wq_fields *fs, const struct wq_json_value *v)
{
	struct wq_field *f;

	for (f = fs->v; f < fs->v + fs->n; f++) {
		if (f->top != v->key_len ||
		    memcmp(f->name, v->key, f->top) != 0)
			continue;
		if (f->top < f->len) {
			read_nested(f, v);
		} else {
			f->have = 1;
			f->value = *v;
		}
	}
}

/* Only white space may stand behind a record. */
static int
ends(const struct wq_json *j)
{
	const char *p = j->p;

	while (p < j->end && (*p == '\n' || *p == '\r' || *p == ' '))
		p++;
	return p == j->end;
}

int
wq_fields_read(struct wq_fields *f, const char *line, size_t len)
{
	struct wq_json j;
	struct wq_json_value v;
	int rc;

	for (size_t i = 0; i < f->n; i++)
		f->v[i].have = 0;
	if (wq_json_begin(&j, line, len) != 0 || j.close != '}')
		return WQ_ECORRUPT;
	while ((rc = wq_json_next(&j, &v)) > 0)
		offer(f, &v);
	return rc == 0 && ends(&j) ? WQ_OK : WQ_ECORRUPT;
}
