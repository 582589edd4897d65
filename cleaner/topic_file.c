/* topic_file.c - the texts of a file: a page, records, or plain text.
 *
 * What an example is and what is scored are the same: title and text. */
#include <string.h>
#include <strings.h>

#include "cleaner/state.h"
#include "cleaner/topic.h"

enum { LOOK = 1024 };

/* Markup begins early, and with a name that pages have. */
static int
is_page(const char *s, size_t n)
{
	static const char *const tags[] = {"<!doctype", "<html", "<head",
	    "<body", "<meta", "<div", "<p>", "<table", "<title", "<?xml"};

	n = n < LOOK ? n : LOOK;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0;
		     s[i] == '<' && k < sizeof(tags) / sizeof(tags[0]); k++)
			if (n - i >= strlen(tags[k]) &&
			    strncasecmp(s + i, tags[k], strlen(tags[k])) == 0)
				return 1;
	return 0;
}

struct reader {
	struct winnow *w;
	wn_topic_text_fn *each;
	void *arg;
};

static int
give(const struct reader *r, const char *title, size_t title_len,
    const char *text, size_t len)
{
	struct wn_buf b;

	wn_buf_init(&b, r->w->arena);
	wn_buf_put(&b, title, title_len);
	wn_buf_putc(&b, '\n');
	wn_buf_put(&b, text, len);
	return b.err ? WINNOW_ENOMEM : r->each(r->arg, b.b, b.len);
}

static int
give_page(const struct reader *r, const void *bytes, size_t n)
{
	struct winnow_page page = {
	    .body = bytes, .body_len = n, .now = WINNOW_NO_TIME};
	const struct winnow_doc *d;
	const char *title;
	int rc = winnow_clean(r->w, &page, &d);

	if (rc != 0)
		return rc;
	if (d->text_len == 0)
		return WINNOW_EINVAL;
	title = d->title != NULL ? d->title : "";
	return give(r, title, strlen(title), d->text, d->text_len);
}

/* One line; WINNOW_EINVAL: no record with a text. */
static int
give_record(const struct reader *r, char *line, size_t n)
{
	struct winnow_json j;
	struct winnow_json_value v;
	const char *title = "", *text = NULL;
	size_t title_len = 0, len = 0;
	int rc;

	if (winnow_json_begin(&j, line, n) != 0)
		return WINNOW_EINVAL;
	while ((rc = winnow_json_next(&j, &v)) == 1) {
		if (v.type != WINNOW_JSON_STRING || v.key == NULL)
			continue;
		if (strcmp(v.key, "title") == 0) {
			title = v.s;
			title_len = v.len;
		} else if (strcmp(v.key, "text") == 0) {
			text = v.s;
			len = v.len;
		}
	}
	if (rc != 0 || text == NULL)
		return WINNOW_EINVAL;
	return give(r, title, title_len, text, len);
}

/* Lines; the number of those that gave a text, 0: they are records of another
 * kind, WINNOW_EINVAL: the first is no record. */
static int
give_records(const struct reader *r, char *s, size_t n)
{
	char *end = s + n, *first = s, *eol;
	int got = 0, is_json, rc;

	for (; s < end; s = eol + 1) {
		eol = memchr(s, '\n', (size_t)(end - s));
		if (eol == NULL)
			eol = end;
		is_json = eol > s && eol[-1] == '}';
		rc = give_record(r, s, (size_t)(eol - s));
		if (rc == WINNOW_ENOMEM)
			return rc;
		if (rc != 0 && s == first && !is_json)
			return WINNOW_EINVAL;
		got += rc == 0;
	}
	return got;
}

int
wn_topic_texts(struct winnow *w, const void *bytes, size_t len,
    wn_topic_text_fn *each, void *arg)
{
	struct reader r = {w, each, arg};
	const char *encoding, *text;
	size_t n = 0;
	int rc;

	if (wn_is_binary(bytes, len))
		return WINNOW_EINVAL;
	if (is_page(bytes, len))
		return (rc = give_page(&r, bytes, len)) == 0 ? 1 : rc;
	rc = winnow_decode(w, bytes, len, NULL, &encoding, &text, &n);
	if (rc != 0)
		return rc;
	wn_arena_reset(w->arena);
	if (n > 0 && text[0] == '{') {
		char *copy = wn_strndup(w->arena, text, n);

		if (copy == NULL)
			return WINNOW_ENOMEM;
		if ((rc = give_records(&r, copy, n)) != WINNOW_EINVAL)
			return rc != 0 ? rc : WINNOW_EINVAL;
	}
	return (rc = each(arg, text, n)) == 0 ? 1 : rc;
}

static int
add(void *t, const char *text, size_t len)
{
	return winnow_topic_add(t, text, len);
}

int
winnow_topic_is_example(const char *name)
{
	static const char *const ends[] = {".html", ".htm", ".txt", ".jsonl"};
	size_t n = strlen(name);

	for (size_t i = 0; name[0] != '.' && i < 4; i++)
		if (n > strlen(ends[i]) &&
		    strcasecmp(name + n - strlen(ends[i]), ends[i]) == 0)
			return 1;
	return 0;
}

int
winnow_topic_file(
    struct winnow_topic *t, struct winnow *w, const void *bytes, size_t len)
{
	return wn_topic_texts(w, bytes, len, add, t);
}
