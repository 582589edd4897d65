/* form_text.c - a record as text to read: title, subtitle, empty line, text, or
 * the fields asked for, a line each.
 *
 * Invariant
 *  X1  "\f\n" ends a record and stands nowhere else: a form feed inside a
 *      value becomes a blank. */
#include "queue/forms.h"

#include <string.h>

static int
list_value(struct wq_buf *b, const struct wq_json_value *list)
{
	struct wq_json j;
	struct wq_json_value v;
	int err = 0, n = 0;

	if (wq_json_begin(&j, list->raw, list->len) != 0)
		return WQ_OK;
	while (err == 0 && wq_json_next(&j, &v) > 0) {
		if (n++ > 0)
			err = wq_buf_puts(b, "; ");
		if (err != 0)
			break;
		err = v.type == WQ_JSON_ARRAY ? wq_buf_put(b, v.raw, v.len)
					      : wq_text_value(b, &v);
	}
	return err;
}

int
wq_text_value(struct wq_buf *b, const struct wq_json_value *v)
{
	char *o;

	if (v == NULL || v->type == WQ_JSON_NULL)
		return WQ_OK;
	if (v->type == WQ_JSON_ARRAY)
		return list_value(b, v);
	if (v->type != WQ_JSON_STRING)
		return wq_buf_put(b, v->raw, v->len);
	if ((o = wq_buf_room(b, v->len)) == NULL)
		return WQ_ENOMEM;
	b->len += wq_json_text(v, o);
	return WQ_OK;
}

/* Places among what is shown when the caller named nothing. */
enum { TITLE, SUBTITLE, TEXT, PAGE_TYPE, PLACES };

int
wq_text_needs(struct wq_print *p)
{
	static const char *const names[PLACES] = {[TITLE] = "title",
	    [SUBTITLE] = "subtitle",
	    [TEXT] = "text",
	    [PAGE_TYPE] = "page_type"};
	int err = 0;

	for (size_t i = 0; p->all && err == 0 && i < PLACES; i++)
		err = wq_print_show(p, names[i], strlen(names[i]));
	return err;
}

static int
put_line(struct wq_buf *b, const struct wq_json_value *v)
{
	int err = wq_text_value(b, v);

	return err != 0 ? err : wq_buf_put(b, "\n", 1);
}

static int
is_null(const struct wq_json_value *v)
{
	return v == NULL || v->type == WQ_JSON_NULL;
}

/* A thread's text begins with its subject already. */
static int
begins_with(const struct wq_json_value *text, const struct wq_json_value *title)
{
	size_t n = title->len - 1; /* up to its closing quote */

	return text != NULL && title->type == WQ_JSON_STRING && n > 1 &&
	       text->len > n && memcmp(text->raw, title->raw, n) == 0 &&
	       (text->raw[n] == '"' ||
		   (text->raw[n] == '\\' && text->raw[n + 1] == 'n'));
}

static int
is_forum(const struct wq_json_value *v)
{
	return v != NULL && v->len == 7 && memcmp(v->raw, "\"forum\"", 7) == 0;
}

static int
put_article(struct wq_print *p, struct wq_buf *b)
{
	const struct wq_json_value *title = wq_print_value(p, TITLE),
				   *subtitle = wq_print_value(p, SUBTITLE),
				   *text = wq_print_value(p, TEXT);
	int err = 0;

	if (!is_null(title) && !(is_forum(wq_print_value(p, PAGE_TYPE)) &&
				   begins_with(text, title)))
		err = put_line(b, title);
	if (err == 0 && !is_null(subtitle))
		err = put_line(b, subtitle);
	if (err != 0 || (err = wq_buf_put(b, "\n", 1)) != 0)
		return err;
	return put_line(b, text);
}

int
wq_text_record(struct wq_print *p, struct wq_buf *b)
{
	int err = 0;

	if (p->all)
		return put_article(p, b);
	for (size_t i = 0; err == 0 && i < p->nshown; i++)
		err = put_line(b, wq_print_value(p, i));
	return err;
}

static int
text_record(struct wq_print *p, const char *line, size_t len)
{
	struct wq_buf *b = &p->buf;
	char *s;
	int err;

	(void)line, (void)len;
	b->len = 0;
	if ((err = wq_text_record(p, b)) != 0)
		return err;
	s = b->p;
	while ((s = memchr(s, '\f', (size_t)(b->p + b->len - s))) != NULL)
		*s = ' ';
	if (wq_buf_put(b, "\f\n", 2) != 0)
		return WQ_ENOMEM;
	return wq_print_bytes(p, b->p, b->len);
}

const struct wq_form wq_form_text = {
    .name = "text", .needs = wq_text_needs, .record = text_record};
