/* forms.h - what print.c and the forms of a record share. */
#ifndef WQ_FORMS_H
#define WQ_FORMS_H

#include "queue/buf.h"
#include "queue/fields.h"
#include "queue/print.h"
#include "queue/where.h"

struct wq_print {
	FILE *out;
	const struct wq_form *form;
	struct wq_fields fields; /* all that is looked at in a record */
	size_t asked;            /* of these, the first that the caller named */
	struct wq_where where;
	int *shown; /* places in fields of what is printed, in order */
	size_t nshown;
	int all; /* the caller named no fields */
	int64_t since_ms, until_ms;
	int download; /* place of date_download, -1: not needed */
	char *schema; /* SCHEMA.json, NULL: none */
	size_t schema_len;
	int checked; /* the names asked for were looked up */
	int raw;     /* the queue keeps raw pages */
	int begun;
	char info[64]; /* identifier of the warcinfo record */
	struct wq_buf buf, scratch;
	char why[320];
};

/* Functions give 0 or an error; a form writes with wq_print_bytes(). */
struct wq_form {
	const char *name;
	int all; /* without --fields it shows every field there is */
	int (*needs)(struct wq_print *); /* asks for fields; NULL: none */
	int (*begin)(struct wq_print *); /* before the first record; or NULL */
	int (*record)(struct wq_print *, const char *line, size_t len);
};
extern const struct wq_form wq_form_jsonl, wq_form_text, wq_form_csv,
    wq_form_warc;

int wq_print_bytes(struct wq_print *, const void *, size_t);
/* Shows one more field; for needs and begin. */
int wq_print_show(struct wq_print *, const char *name, size_t len);
/* A shown field of the record at hand, NULL when it has none. */
const struct wq_json_value *wq_print_value(const struct wq_print *, size_t i);

/* A value as plain text behind what is in b: a string's bytes, members of a
 * list with "; " between, an object as JSON, nothing for null (or NULL). */
int wq_text_value(struct wq_buf *b, const struct wq_json_value *);
/* The record at hand as text, without its end: title, subtitle, empty line,
 * text; or the fields asked for. wq_text_needs() is to be a form's needs. */
int wq_text_record(struct wq_print *, struct wq_buf *b);
int wq_text_needs(struct wq_print *);

#endif
