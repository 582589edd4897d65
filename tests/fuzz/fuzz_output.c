/* fuzz_output.c - any bytes as a page: what is given out holds its promises.
 *
 * The record is one line of JSON; links are absolute addresses of their own
 * length; the article's HTML read again has the title's, the subtitle's and the
 * text's letters in order and nothing else; neither it nor the explain page has
 * an element that the page could have smuggled in. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleaner/html.h"
#include "cleaner/tree.h"
#include "cleaner/utf8.h"
#include "cleaner/winnow.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_json(char *s, size_t n)
{
	struct winnow_json j;
	struct winnow_json_value v;
	int r;

	assert(n > 2 && s[n - 1] == '\n' && memchr(s, '\n', n) == s + n - 1);
	assert(wn_utf8_prefix(s, n) == n);
	for (size_t i = 0; i + 1 < n; i++)
		assert((unsigned char)s[i] >= 0x20 && s[i] != 0x7F);
	r = winnow_json_begin(&j, s, n);
	while (r == 0 && (r = winnow_json_next(&j, &v)) == 1) {
		assert(v.key != NULL);
		r = 0;
	}
	assert(r == 0);
}

static void
check_links(const struct winnow_doc *d)
{
	struct winnow_url u;

	for (size_t i = 0; i < d->nlinks; i++) {
		const struct winnow_link *l = &d->links[i];

		assert(l->url_len == strlen(l->url));
		assert(
		    winnow_url_parse(&u, l->url, l->url_len, NULL, NULL) == 0);
		assert(strcmp(u.href, l->url) == 0);
		assert(strncmp(u.href, "http", 4) == 0);
		assert(l->anchor == NULL ||
		       (strlen(l->anchor) <= 200 &&
			   wn_utf8_prefix(l->anchor, strlen(l->anchor)) ==
			       strlen(l->anchor)));
	}
}

/* The next byte of *s that is no white space; 0 at the end. */
static char
next(const char **s, const char *end)
{
	while (*s < end && (unsigned char)**s <= ' ')
		++*s;
	return *s < end ? *(*s)++ : '\0';
}

/* Passes over the letters of a part in the text that was read again. */
static const char *
pass(const char *s, const char *end, const char *part, size_t n)
{
	const char *part_end = part + n;
	char c;

	while ((c = next(&part, part_end)) != '\0')
		assert(next(&s, end) == c);
	return s;
}

static void
check_html(struct wn_arena *a, const struct winnow_doc *d)
{
	const char *s, *end;
	struct wn_tree *t;

	wn_arena_reset(a);
	if (wn_parse(a, d->html, strlen(d->html), &t) != 0 || t->truncated)
		return;
	s = t->text;
	end = s + t->text_len;
	if (d->title != NULL)
		s = pass(s, end, d->title, strlen(d->title));
	if (d->subtitle != NULL)
		s = pass(s, end, d->subtitle, strlen(d->subtitle));
	s = pass(s, end, d->text, d->text_len);
	assert(next(&s, end) == '\0');
}

static size_t
count(const char *s, const char *what)
{
	size_t n = 0;

	for (; (s = strcasestr(s, what)) != NULL; s++)
		n++;
	return n;
}

/* Elements that run, load or leave. A script of our own says that it is; so
 * many pictures are our own. */
static void
check_elements(const char *s, size_t pictures)
{
	static const char *const names[] = {"iframe", "img", "object", "embed",
	    "base", "form", "math", "video", "audio", "frame", "link", "x-",
	    "plaintext", "noscript", "textarea"};

	assert(count(s, "<svg") <= pictures);
	for (; (s = strchr(s, '<')) != NULL; s++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			assert(strncasecmp(s + 1, names[i], strlen(names[i])) !=
			       0);
}

/* As many scripts as in the explain page of no page at all. */
static void
check_explain(struct winnow *w)
{
	static size_t scripts = SIZE_MAX;
	const char *s;
	size_t n;

	if ((s = winnow_explain(w, &n)) == NULL)
		return;
	assert(strlen(s) == n && wn_utf8_prefix(s, n) == n);
	if (scripts == SIZE_MAX)
		scripts = count(s, "<script");
	assert(count(s, "<script") == scripts);
	check_elements(s, 1);
}

static int
clean(struct winnow *w, const void *body, size_t n, const struct winnow_doc **d)
{
	struct winnow_page p = {.body = body,
	    .body_len = n,
	    .url = "http://example.com/a",
	    .now = 1770000000};

	return winnow_clean(w, &p, d);
}

/* The line with what its writer puts in: dup_of, seq and similarity. */
static char *
finished(const struct winnow_line *l)
{
	char *s = NULL;

	assert(l->event_at < l->event_end && l->event_end < l->dup_at);
	assert(l->dup_at < l->seq_at && l->seq_at < l->alike_at);
	assert(l->alike_at < l->len);
	if (asprintf(&s, "%.*snull%.*s7%.*snull%s", (int)l->dup_at, l->json,
		(int)(l->seq_at - l->dup_at), l->json + l->dup_at,
		(int)(l->alike_at - l->seq_at), l->json + l->seq_at,
		l->json + l->alike_at) < 0)
		return NULL;
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct winnow *w;
	static struct wn_arena *a;
	struct winnow_options o = {
	    .max_body = 1 << 20, .html = 1, .explain = 1};
	const struct winnow_doc *d;
	struct winnow_line l;
	char *json;

	if (w == NULL) {
		a = wn_arena_new(256 << 20);
		if (winnow_new(&w, &o) != 0 || clean(w, "", 0, &d) != 0)
			abort();
		check_explain(w);
	}
	if (clean(w, bytes, n, &d) != 0)
		return 0;
	check_links(d);
	check_html(a, d);
	check_elements(d->html, 0);
	assert(count(d->html, "<script") == 0);
	check_explain(w);
	if (winnow_record(w, d, NULL, &l) == 0 &&
	    (json = finished(&l)) != NULL) {
		check_json(json, strlen(json));
		free(json);
	}
	return 0;
}
