/* names.c - which fields there are, and which one is meant.
 *
 * SCHEMA.json in the queue knows them all with their types; where it is missing
 * (a copy of ready/ alone) a record does, for every record has every field. */
#include <string.h>

#include "queue/fields.h"

#define NEAR_MAX 64

/* The member of an object by its name; 0 when it has none. */
static int
member(const char *text, size_t len, const char *name, size_t name_len,
    struct wq_json_value *v)
{
	struct wq_json j;

	if (wq_json_begin(&j, text, len) != 0 || j.close != '}')
		return 0;
	while (wq_json_next(&j, v) > 0)
		if (v->key_len == name_len &&
		    memcmp(v->key, name, name_len) == 0)
			return 1;
	return 0;
}

/* The object whose keys are the names at the top, or below the field v. */
static int
keys_of(const struct wq_names *n, const struct wq_json_value *v,
    const char **text, size_t *len)
{
	struct wq_json_value p;

	*text = v != NULL ? v->raw : n->text;
	*len = v != NULL ? v->len : n->len;
	if (n->schema) {
		if (!member(*text, *len, "properties", 10, &p))
			return 0;
		*text = p.raw;
		*len = p.len;
	}
	return 1;
}

int
wq_names_known(const struct wq_names *n)
{
	const char *text;
	size_t len;
	struct wq_json j;
	struct wq_json_value v;

	return n->text != NULL && keys_of(n, NULL, &text, &len) &&
	       wq_json_begin(&j, text, len) == 0 && j.close == '}' &&
	       wq_json_next(&j, &v) > 0;
}

/* Edits from a to b, a swap of neighbours counting as one. */
static size_t
distance(const char *a, size_t an, const char *b, size_t bn)
{
	size_t row[3][NEAR_MAX + 1], *p = row[0], *q = row[1], *o = row[2], *t;

	for (size_t k = 0; k <= bn; k++)
		p[k] = k;
	for (size_t i = 1; i <= an; i++) {
		q[0] = i;
		for (size_t k = 1; k <= bn; k++) {
			size_t d = p[k - 1] + (a[i - 1] != b[k - 1]);

			if (p[k] + 1 < d)
				d = p[k] + 1;
			if (q[k - 1] + 1 < d)
				d = q[k - 1] + 1;
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
			    a[i - 2] == b[k - 1] && o[k - 2] + 1 < d)
				d = o[k - 2] + 1;
			q[k] = d;
		}
		t = o, o = p, p = q, q = t;
	}
	return p[bn];
}

/* The nearest key within a third of the letters, at least one. */
static void
nearest(const char *text, size_t len, const char *prefix, size_t prefix_len,
    const char *name, size_t name_len, char near[NEAR_MAX])
{
	struct wq_json j;
	struct wq_json_value v;
	size_t best = name_len / 3 + (name_len < 3) + 1, d;

	if (name_len >= NEAR_MAX || wq_json_begin(&j, text, len) != 0)
		return;
	while (wq_json_next(&j, &v) > 0) {
		if (v.key == NULL || prefix_len + v.key_len >= NEAR_MAX)
			continue;
		d = distance(name, name_len, v.key, v.key_len);
		if (d >= best)
			continue;
		best = d;
		memcpy(near, prefix, prefix_len);
		memcpy(near + prefix_len, v.key, v.key_len);
		near[prefix_len + v.key_len] = '\0';
	}
}

/* A schema that does not name an object's keys (an older one) takes any. */
static int
is_object(const struct wq_json_value *property)
{
	struct wq_json_value v;

	return member(property->raw, property->len, "type", 4, &v) &&
	       v.len == 8 && memcmp(v.raw, "\"object\"", 8) == 0;
}

int
wq_names_find(const struct wq_names *n, const char *name, size_t len,
    struct wq_json_value *schema, char near[NEAR_MAX])
{
	const char *text, *dot = memchr(name, '.', len);
	size_t size, top = dot != NULL ? (size_t)(dot - name) : len;
	struct wq_json_value v;

	near[0] = '\0';
	*schema = (struct wq_json_value){.type = WQ_JSON_NULL};
	if (!keys_of(n, NULL, &text, &size))
		return 1;
	if (!member(text, size, name, top, &v)) {
		nearest(text, size, "", 0, name, top, near);
		return 0;
	}
	if (dot != NULL) {
		if (!keys_of(n, &v, &text, &size))
			return is_object(&v);
		if (!member(text, size, dot + 1, len - top - 1, &v)) {
			nearest(text, size, name, top + 1, dot + 1,
			    len - top - 1, near);
			return 0;
		}
	}
	if (n->schema)
		*schema = v;
	return 1;
}

int
wq_names_each(const struct wq_names *n,
    int (*each)(void *arg, const char *name, size_t len), void *arg)
{
	const char *text;
	size_t len;
	struct wq_json j;
	struct wq_json_value v;
	int rc = 0;

	if (!keys_of(n, NULL, &text, &len) || wq_json_begin(&j, text, len) != 0)
		return 0;
	while (rc == 0 && wq_json_next(&j, &v) > 0)
		if (v.key != NULL)
			rc = each(arg, v.key, v.key_len);
	return rc;
}
