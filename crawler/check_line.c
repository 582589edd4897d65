/* check_line.c - reads and writes the lines of `winnow check`. */
#include "crawler/check_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In place; the length, or -1. */
static int
unbase64(char *s, size_t n, size_t *out)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned acc = 0;
	size_t i, k = 0;
	int bits = 0;
	const char *c;

	for (i = 0; i < n && s[i] != '='; i++) {
		if (s[i] == '\0' || (c = strchr(set, s[i])) == NULL)
			return -1;
		acc = acc << 6 | (unsigned)(c - set);
		if ((bits += 6) >= 8) {
			bits -= 8;
			s[k++] = (char)(acc >> bits & 0xff);
		}
	}
	s[k] = '\0';
	*out = k;
	return 0;
}

int
check_line_read(struct check_line *l, char *text, size_t len)
{
	struct winnow_json j;
	struct winnow_json_value v;
	int r;

	l->n = 0;
	if (winnow_json_begin(&j, text, len) != 0 || j.close != '}')
		return -1;
	while ((r = winnow_json_next(&j, &v)) == 1) {
		if (l->n == CHECK_FIELDS)
			continue;
		if (v.type == WINNOW_JSON_STRING && v.key_len > 4 &&
		    strcmp(v.key + v.key_len - 4, "_b64") == 0) {
			v.key[v.key_len -= 4] = '\0';
			if (unbase64(v.s, v.len, &v.len) != 0)
				return -1;
		}
		l->field[l->n++] = v;
	}
	return r == 0 ? 0 : -1;
}

const struct winnow_json_value *
check_line_get(const struct check_line *l, const char *key)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->field[i].key, key) == 0)
			return l->field[i].type == WINNOW_JSON_NULL
				   ? NULL
				   : &l->field[i];
	return NULL;
}

const char *
check_line_str(const struct check_line *l, const char *key, size_t *len)
{
	const struct winnow_json_value *v = check_line_get(l, key);

	if (v == NULL || v->type != WINNOW_JSON_STRING)
		return NULL;
	if (len != NULL)
		*len = v->len;
	return v->s;
}

/* Room for n more bytes; NULL: none. */
static char *
reserve(struct check_out *o, size_t n)
{
	size_t cap = o->cap ? o->cap : 4096;
	char *b;

	while (cap - o->len < n)
		cap *= 2;
	if (!o->err && cap != o->cap) {
		b = realloc(o->b, cap);
		if (b == NULL) {
			o->err = 1;
		} else {
			o->b = b;
			o->cap = cap;
		}
	}
	return o->err ? NULL : o->b + o->len;
}

static void
put(struct check_out *o, const char *s, size_t n)
{
	char *p = reserve(o, n);

	if (p == NULL || n == 0)
		return;
	memcpy(p, s, n);
	o->len += n;
}

static void
quote(struct check_out *o, const char *s, size_t n)
{
	char *p = reserve(o, 6 * n + 3);

	if (p != NULL)
		o->len += winnow_json_quote(p, s, n);
}

void
check_out_begin(struct check_out *o)
{
	o->len = 0;
	o->comma = 0;
	put(o, "{", 1);
}

void
check_out_key(struct check_out *o, const char *key)
{
	if (o->comma)
		put(o, ",", 1);
	o->comma = 1;
	if (key == NULL)
		return;
	quote(o, key, strlen(key));
	put(o, ":", 1);
}

void
check_out_open(struct check_out *o, const char *key, char bracket)
{
	check_out_key(o, key);
	put(o, &bracket, 1);
	o->comma = 0;
}

void
check_out_close(struct check_out *o, char bracket)
{
	put(o, &bracket, 1);
	o->comma = 1;
}

void
check_out_str(struct check_out *o, const char *key, const char *s, size_t n)
{
	check_out_key(o, key);
	if (s == NULL)
		put(o, "null", 4);
	else
		quote(o, s, n);
}

void
check_out_z(struct check_out *o, const char *key, const char *s)
{
	check_out_str(o, key, s, s != NULL ? strlen(s) : 0);
}

void
check_out_bool(struct check_out *o, const char *key, int yes)
{
	check_out_key(o, key);
	put(o, yes ? "true" : "false", yes ? 4 : 5);
}

void
check_out_number(struct check_out *o, const char *key, double d)
{
	char s[40];
	int n = snprintf(s, sizeof s, "%.10g", d);

	check_out_key(o, key);
	put(o, s, (size_t)n);
}

void
check_out_raw(struct check_out *o, const char *s, size_t n)
{
	put(o, s, n);
}

void
check_out_end(struct check_out *o)
{
	put(o, "}\n", 2);
	if (!o->err)
		fwrite(o->b, 1, o->len, stdout);
}

void
check_out_free(struct check_out *o)
{
	free(o->b);
	*o = (struct check_out){.b = NULL};
}
