/* form_jsonl.c - a record as JSON: whole, or the fields asked for under the
 * names they were asked by, their values as they stand. */
#include "queue/forms.h"

static int
jsonl_record(struct wq_print *p, const char *line, size_t len)
{
	const struct wq_json_value *v;
	const struct wq_field *f;
	struct wq_buf *b = &p->buf;
	char *o;

	if (p->all)
		return wq_print_bytes(p, line, len);
	b->len = 0;
	for (size_t i = 0; i < p->nshown; i++) {
		f = &p->fields.v[p->shown[i]];
		v = wq_print_value(p, i);
		if ((o = wq_buf_room(b, 1 + 6 * f->len + 2 + 1)) == NULL)
			return WQ_ENOMEM;
		*o = i == 0 ? '{' : ',';
		b->len += 1 + wq_json_quote(o + 1, f->name, f->len);
		if (wq_buf_put(b, ":", 1) != 0 ||
		    (v != NULL ? wq_buf_put(b, v->raw, v->len)
			       : wq_buf_put(b, "null", 4)) != 0)
			return WQ_ENOMEM;
	}
	if (wq_buf_put(b, "}\n", 2) != 0)
		return WQ_ENOMEM;
	return wq_print_bytes(p, b->p, b->len);
}

const struct wq_form wq_form_jsonl = {.name = "jsonl", .record = jsonl_record};
