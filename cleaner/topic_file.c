/* topic_file.c - examples out of a file: a page, records, or plain text. */
#include "cleaner/topic.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleaner/state.h"

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

static int
add_both(struct winnow_topic *t, struct wn_arena *a, const char *title,
    size_t title_len, const char *text, size_t len)
{
	struct wn_buf b;

	wn_buf_init(&b, a);
	wn_buf_put(&b, title, title_len);
	wn_buf_putc(&b, '\n');
	wn_buf_put(&b, text, len);
	return b.err ? WINNOW_ENOMEM : winnow_topic_add(t, b.b, b.len);
}

static int
add_page(struct winnow_topic *t, struct winnow *w, const void *bytes, size_t n)
{
	struct winnow_page page = {
	    .body = bytes, .body_len = n, .now = WINNOW_NO_TIME};
	const struct winnow_doc *d;
	int r = winnow_clean(w, &page, &d);

	if (r != 0)
		return r;
	if (d->text_len == 0)
		return WINNOW_EINVAL;
	return add_both(t, w->arena, d->title != NULL ? d->title : "",
	    d->title != NULL ? strlen(d->title) : 0, d->text, d->text_len);
}

/* One line; WINNOW_EINVAL: no record with a text. */
static int
add_record(struct winnow_topic *t, struct wn_arena *a, char *line, size_t n)
{
	struct winnow_json j;
	struct winnow_json_value v;
	const char *title = "", *text = NULL;
	size_t title_len = 0, len = 0;
	int r;

	if (winnow_json_begin(&j, line, n) != 0)
		return WINNOW_EINVAL;
	while ((r = winnow_json_next(&j, &v)) == 1) {
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
	if (r != 0 || text == NULL)
		return WINNOW_EINVAL;
	return add_both(t, a, title, title_len, text, len);
}

static int
add_records(struct winnow_topic *t, struct wn_arena *a, char *s, size_t n)
{
	char *end = s + n, *eol;
	int got = 0, r;

	for (; s < end; s = eol + 1) {
		eol = memchr(s, '\n', (size_t)(end - s));
		if (eol == NULL)
			eol = end;
		r = add_record(t, a, s, (size_t)(eol - s));
		if (r == WINNOW_ENOMEM)
			return r;
		got += r == 0;
	}
	return got > 0 ? got : WINNOW_EINVAL;
}

int
winnow_topic_file(
    struct winnow_topic *t, struct winnow *w, const void *bytes, size_t len)
{
	const char *s = bytes, *encoding, *text;
	size_t n = 0;
	int r;

	if (wn_is_binary(bytes, len))
		return WINNOW_EINVAL;
	if (is_page(s, len))
		return (r = add_page(t, w, bytes, len)) == 0 ? 1 : r;
	r = winnow_decode(w, bytes, len, NULL, &encoding, &text, &n);
	if (r != 0)
		return r;
	wn_arena_reset(w->arena);
	if (n > 0 && text[0] == '{') {
		char *copy = wn_strndup(w->arena, text, n);

		if (copy == NULL)
			return WINNOW_ENOMEM;
		r = add_records(t, w->arena, copy, n);
		if (r != WINNOW_EINVAL)
			return r;
	}
	return (r = winnow_topic_add(t, text, n)) == 0 ? 1 : r;
}
