/* fetch_headers.c - the header lines of an answer, read and bounded.
 *
 * A line at a time, as libcurl's header callback gives them: status line,
 * fields, empty line; interim answers (1xx) before, trailers behind. What a
 * page needs is a table; other fields are only counted.
 *
 * Invariants
 *  F1  All lines of one transfer together are at most HEADERS_MAX bytes.
 *  F2  A value holds no control byte and is at most its row's max long; a
 *      longer one counts as absent, since half a Location is another URL.
 *  F3  Two lengths that differ end the transfer: libcurl would take the last,
 *      a proxy before us may have taken the first. */
#include "crawler/fetch_headers.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEADERS_MAX (256 << 10)
#define STATUS_LINE_MAX 8192
#define INTERIM_MAX 50
#define TEXT_KEPT (16 << 10)

static const struct field {
	const char *name;
	size_t at; /* in struct fetch_answer */
	size_t max;
	const char *joins; /* between several; NULL: the last one counts */
	/* A path in the encoding of its server: as UTF-8 it would be broken,
	 * and lost. A host is read through its escapes. */
	int escapes;
} fields[FETCH_FIELDS] = {
    {"location", offsetof(struct fetch_answer, location), 8191, NULL, 1},
    {"content-type", offsetof(struct fetch_answer, content_type), 1023, NULL, 0},
    {"content-encoding", offsetof(struct fetch_answer, content_encoding), 1023,
	", ", 0},
    {"content-disposition",
	offsetof(struct fetch_answer, content_disposition), 1023, NULL, 0},
    {"etag", offsetof(struct fetch_answer, etag), 1023, NULL, 0},
    {"last-modified", offsetof(struct fetch_answer, last_modified), 127, NULL, 0},
    {"retry-after", offsetof(struct fetch_answer, retry_after), 127, NULL, 0},
    {"x-robots-tag", offsetof(struct fetch_answer, x_robots_tag), 8191, "; ", 0},
    {"date", offsetof(struct fetch_answer, date), 127, NULL, 0},
};

/* Room for n more bytes and a NUL; -1: no memory. */
static int
text_reserve(struct fetch_headers *h, size_t n)
{
	size_t cap = h->cap == 0 ? 1024 : h->cap;
	char *p;

	while (cap < h->len + n + 1)
		cap *= 2;
	if (cap == h->cap)
		return 0;
	p = realloc(h->text, cap);
	if (p == NULL)
		return -1;
	h->text = p;
	h->cap = cap;
	return 0;
}

/* Appends the value of a line, cleaned; escapes: bytes above ASCII too. */
static int
text_append(struct fetch_headers *h, const char *s, size_t n, int escapes)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char c;

	if (text_reserve(h, escapes ? 3 * n : n) < 0)
		return -1;
	for (; n > 0; n--) {
		c = (unsigned char)*s++;
		if (c >= 0x80 && escapes) {
			h->text[h->len++] = '%';
			h->text[h->len++] = hex[c >> 4];
			h->text[h->len++] = hex[c & 15];
		} else if (c == '\t')
			h->text[h->len++] = ' ';
		else if (c >= 0x20 && c != 0x7f)
			h->text[h->len++] = (char)c;
	}
	h->text[h->len] = '\0';
	return 0;
}

static void
value_trim(const char **s, size_t *n)
{
	while (*n > 0 && strchr(" \t\r\n", **s) != NULL && **s != '\0') {
		(*s)++;
		(*n)--;
	}
	while (*n > 0 && strchr(" \t\r\n", (*s)[*n - 1]) != NULL &&
	       (*s)[*n - 1] != '\0')
		(*n)--;
}

/* The value of field i is [h->at[i] - 1, h->len): is it within its bound? */
static void
value_close(struct fetch_headers *h, int i)
{
	if (h->len - (h->at[i] - 1) > fields[i].max) {
		h->at[i] = 0;
		h->last = -1;
	} else
		h->last = i;
	h->len++; /* the NUL */
}

static int
value_set(struct fetch_headers *h, int i, const char *s, size_t n)
{
	size_t start = h->len, old = 0;

	if (n > fields[i].max) {
		h->at[i] = 0;
		return 0;
	}
	if (fields[i].joins != NULL && h->at[i] != 0)
		old = strlen(h->text + h->at[i] - 1);
	if (text_reserve(h, old + 2 + n) < 0)
		return -1;
	if (old > 0) {
		memcpy(h->text + start, h->text + h->at[i] - 1, old);
		h->len += old;
		text_append(h, fields[i].joins, 2, 0);
	}
	if (text_append(h, s, n, fields[i].escapes) < 0)
		return -1;
	h->at[i] = (uint32_t)start + 1;
	value_close(h, i);
	return 0;
}

/* A line that begins with a space goes on with the one before (RFC 9112
 * section 5.2 lets us read it as one space). */
static int
value_fold(struct fetch_headers *h, const char *s, size_t n)
{
	if (h->last < 0)
		return 0;
	h->len--;
	if (text_append(h, " ", 1, 0) < 0 ||
	    text_append(h, s, n, fields[h->last].escapes) < 0)
		return -1;
	value_close(h, h->last);
	return 0;
}

/* "5", "5, 5"; -1: no length, or not one. */
static int64_t
length_parse(const char *s, size_t n)
{
	int64_t first = -1, v;

	for (;;) {
		value_trim(&s, &n);
		if (n == 0 || *s < '0' || *s > '9')
			return -1;
		for (v = 0; n > 0 && *s >= '0' && *s <= '9'; s++, n--) {
			if (v > (INT64_MAX - (*s - '0')) / 10)
				return -1;
			v = v * 10 + (*s - '0');
		}
		value_trim(&s, &n);
		if (first >= 0 && v != first)
			return -1;
		first = v;
		if (n == 0)
			return first;
		if (*s != ',')
			return -1;
		s++;
		n--;
	}
}

static int
length_set(struct fetch_headers *h, const char *s, size_t n, const char **why)
{
	int64_t v = length_parse(s, n);

	if (v < 0) {
		*why = "Content-Length is not a number";
		return FETCH_PROTOCOL;
	}
	if (h->content_length >= 0 && h->content_length != v) {
		*why = "two Content-Length that differ";
		return FETCH_PROTOCOL;
	}
	h->content_length = v;
	return 0;
}

static int
is_name(const char *line, size_t n, const char *name)
{
	return strlen(name) == n && strncasecmp(line, name, n) == 0;
}

static int
field_line(
    struct fetch_headers *h, const char *line, size_t n, const char **why)
{
	const char *colon = memchr(line, ':', n), *value;
	size_t name, len;
	int i, rc = 0;

	if (*line == ' ' || *line == '\t') {
		value_trim(&line, &n);
		rc = value_fold(h, line, n);
		goto out;
	}
	h->last = -1;
	if (colon == NULL)
		return 0;
	name = (size_t)(colon - line);
	value = colon + 1;
	len = n - name - 1;
	value_trim(&value, &len);
	if (is_name(line, name, "content-length"))
		return length_set(h, value, len, why);
	if (is_name(line, name, "transfer-encoding"))
		h->chunked = 1;
	for (i = 0; i < FETCH_FIELDS; i++) {
		if (is_name(line, name, fields[i].name)) {
			rc = value_set(h, i, value, len);
			break;
		}
	}
out:
	if (rc < 0) {
		*why = "no memory for headers";
		return FETCH_NOMEM;
	}
	return 0;
}

/* "HTTP/1.1 200 OK" */
static int
status_line(
    struct fetch_headers *h, const char *line, size_t n, const char **why)
{
	static const char *const versions[] = {
	    "HTTP/1.1 ", "HTTP/1.0 ", "HTTP/2 ", "HTTP/3 "};
	const char *p;
	size_t i, v = 0;

	*why = "bad status line";
	for (i = 0; i < 4 && v == 0; i++)
		if (n > strlen(versions[i]) &&
		    memcmp(line, versions[i], strlen(versions[i])) == 0)
			v = strlen(versions[i]);
	p = line + v;
	if (v == 0 || n > STATUS_LINE_MAX || n < v + 3)
		return FETCH_PROTOCOL;
	for (i = 0; i < 3; i++)
		if (p[i] < '0' || p[i] > '9')
			return FETCH_PROTOCOL;
	if (n > v + 3 && strchr(" \r\n", p[3]) == NULL)
		return FETCH_PROTOCOL;
	h->status = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
	if (h->status < 100 || h->status > 599 || h->status == 101)
		return FETCH_PROTOCOL;
	memset(h->at, 0, sizeof(h->at));
	h->last = -1;
	h->len = 0;
	h->chunked = 0;
	h->content_length = -1;
	h->in_block = 1;
	return 0;
}

/* As they came: F1 bounds them. */
static int
line_keep(struct fetch_headers *h, const char *line, size_t n)
{
	size_t cap = h->lines_cap == 0 ? 1024 : h->lines_cap;
	char *p;

	if (!h->in_block)
		h->lines_len = 0; /* a status line */
	while (cap < h->lines_len + n)
		cap *= 2;
	if (cap > h->lines_cap) {
		if ((p = realloc(h->lines, cap)) == NULL)
			return -1;
		h->lines = p;
		h->lines_cap = cap;
	}
	memcpy(h->lines + h->lines_len, line, n);
	h->lines_len += n;
	return 0;
}

int
fetch_headers_line(
    struct fetch_headers *h, const char *line, size_t n, const char **why)
{
	h->begun = 1;
	h->bytes += n;
	if (h->bytes > HEADERS_MAX) {
		*why = "more than 256 KiB of headers";
		return FETCH_TOO_BIG;
	}
	if (h->complete || n == 0)
		return 0; /* a trailer */
	if (h->keep && line_keep(h, line, n) < 0) {
		*why = "no memory for headers";
		return FETCH_NOMEM;
	}
	if (!h->in_block)
		return status_line(h, line, n, why);
	if (*line != '\r' && *line != '\n')
		return field_line(h, line, n, why);
	h->in_block = 0;
	if (h->status >= 200)
		return h->complete = 1;
	if (++h->interim > INTERIM_MAX) {
		*why = "too many interim answers";
		return FETCH_PROTOCOL;
	}
	return 0;
}

void
fetch_headers_publish(const struct fetch_headers *h, struct fetch_answer *a)
{
	const char *value;
	int i;

	a->status = h->status;
	a->content_length = h->chunked ? -1 : h->content_length;
	a->head = h->keep ? h->lines : NULL;
	a->head_len = h->keep ? h->lines_len : 0;
	for (i = 0; i < FETCH_FIELDS; i++) {
		value = h->at[i] != 0 ? h->text + h->at[i] - 1 : NULL;
		memcpy((char *)a + fields[i].at, &value, sizeof(value));
	}
}

void
fetch_headers_clear(struct fetch_headers *h)
{
	struct fetch_headers kept = *h;

	if (kept.cap > TEXT_KEPT) {
		free(kept.text);
		kept.text = NULL;
		kept.cap = 0;
	}
	if (kept.lines_cap > TEXT_KEPT) {
		free(kept.lines);
		kept.lines = NULL;
		kept.lines_cap = 0;
	}
	memset(h, 0, sizeof(*h));
	h->text = kept.text;
	h->cap = kept.cap;
	h->lines = kept.lines;
	h->lines_cap = kept.lines_cap;
	h->content_length = -1;
}

void
fetch_headers_free(struct fetch_headers *h)
{
	free(h->text);
	free(h->lines);
	memset(h, 0, sizeof(*h));
}
