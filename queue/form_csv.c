/* form_csv.c - records as a table, RFC 4180.
 *
 * Invariants
 *  V1  Every line has as many cells as the first, which holds the names.
 *  V2  Only null is an empty cell without quotes; the empty string has them.
 *      Other cells have quotes where RFC 4180 asks for them. */
#include "queue/forms.h"

#include <string.h>

static int
put_cell(struct wq_buf *b, const char *s, size_t n, int quote)
{
	const char *end = s + n;
	char *o = wq_buf_room(b, 2 * n + 2);

	if (o == NULL)
		return WQ_ENOMEM;
	for (size_t i = 0; i < n && !quote; i++)
		quote = memchr("\",\r\n", s[i], 4) != NULL;
	if (!quote)
		return wq_buf_put(b, s, n);
	*o++ = '"';
	for (; s < end; s++) {
		if (*s == '"')
			*o++ = '"';
		*o++ = *s;
	}
	*o++ = '"';
	b->len = (size_t)(o - b->p);
	return WQ_OK;
}

static int
csv_begin(struct wq_print *p)
{
	struct wq_buf *b = &p->buf;
	const struct wq_field *f;
	int err = 0;

	b->len = 0;
	for (size_t i = 0; err == 0 && i < p->nshown; i++) {
		f = &p->fields.v[p->shown[i]];
		if (i > 0)
			err = wq_buf_put(b, ",", 1);
		if (err == 0)
			err = put_cell(b, f->name, f->len, 0);
	}
	if (err != 0 || (err = wq_buf_put(b, "\r\n", 2)) != 0)
		return err;
	return wq_print_bytes(p, b->p, b->len);
}

static int
csv_record(struct wq_print *p, const char *line, size_t len)
{
	struct wq_buf *b = &p->buf, *s = &p->scratch;
	const struct wq_json_value *v;
	int err = 0;

	(void)line, (void)len;
	b->len = 0;
	for (size_t i = 0; err == 0 && i < p->nshown; i++) {
		v = wq_print_value(p, i);
		s->len = 0;
		if (i > 0)
			err = wq_buf_put(b, ",", 1);
		if (err == 0 && (err = wq_text_value(s, v)) == 0)
			err = put_cell(b, s->p, s->len,
			    s->len == 0 && v != NULL &&
				v->type == WQ_JSON_STRING);
	}
	if (err != 0 || (err = wq_buf_put(b, "\r\n", 2)) != 0)
		return err;
	return wq_print_bytes(p, b->p, b->len);
}

const struct wq_form wq_form_csv = {
    .name = "csv", .all = 1, .begin = csv_begin, .record = csv_record};
