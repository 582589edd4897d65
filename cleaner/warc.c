/* warc.c - the pages of a WARC file (ISO 28500, 0.17 to 1.1), whoever wrote it:
 * wget, Heritrix, warcio, browsers' tools, winnowd.
 *
 * Of the records those are read that are answers over HTTP; all others are
 * passed over by their length. What HTTP did to the body for the way is undone
 * (chunks), what it is coded in stays for the cleaner.
 *
 * Invariants
 *  Y1  Every byte is hostile: named fields have at most HEADER_MAX bytes, a
 *      record that is kept the caller's bound, all else is passed over in
 *      pieces.
 *  Y2  Damage costs the records it is in: behind it the next line that begins
 *      with "WARC/" goes on, or the next gzip member.
 *  Y3  Each call that reports damage has moved on: there is an end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "cleaner/date.h"
#include "cleaner/warc.h"
#include "cleaner/winnow.h"

enum {
	HEADER_MAX = 64 << 10, /* of a record's named fields */
	HTTP_MAX = 512 << 10,  /* of an answer's headers */
	VALUE_MAX = 8 << 10,
	RECORD_END = 4,
	BLANKS_MAX = 64 /* line ends between two records */
};

enum value {
	URL,
	ID,
	ADDRESS,
	TRUNCATED,
	HINTS,
	TYPE,
	CODING,
	MODIFIED,
	ETAG,
	ROBOTS,
	VALUES
};

struct winnow_warc {
	struct wn_stream *in;
	size_t max_body;
	char where[256];
	uint64_t pending; /* of the record before: still to be passed over */
	char values[VALUES][VALUE_MAX];
	char head[HEADER_MAX];
};

long
winnow_read_bytes(void *arg, void *buf, size_t n)
{
	struct winnow_bytes *left = arg;

	if (n > left->len)
		n = left->len;
	memcpy(buf, left->p, n);
	left->p += n;
	left->len -= n;
	return (long)n;
}

void
winnow_warc_to_page(const struct winnow_warc_page *g, struct winnow_page *page)
{
	page->body = g->body;
	page->body_len = g->body_len;
	page->url = g->url;
	page->content_encoding = g->content_encoding;
	page->content_type = g->content_type;
	page->last_modified = g->last_modified;
	page->x_robots_tag = g->x_robots_tag;
	page->charset = g->charset;
	page->timezone = g->timezone;
	page->feed_date = g->feed_date;
	page->now = g->date;
}

int
winnow_warc_new(struct winnow_warc **out, winnow_warc_read *read, void *arg,
    size_t max_body)
{
	struct winnow_warc *w = calloc(1, sizeof *w);

	*out = NULL;
	if (w == NULL || (w->in = wn_stream_new(read, arg)) == NULL) {
		free(w);
		return WINNOW_ENOMEM;
	}
	w->max_body = max_body > 0 ? max_body : 64 << 20;
	*out = w;
	return 0;
}

void
winnow_warc_free(struct winnow_warc *w)
{
	if (w == NULL)
		return;
	wn_stream_free(w->in);
	free(w);
}

const char *
winnow_warc_where(const struct winnow_warc *w)
{
	return w->where;
}

static int
damage(struct winnow_warc *w, const char *what)
{
	snprintf(w->where, sizeof w->where, "about byte %llu: %s",
	    (unsigned long long)wn_stream_at(w->in), what);
	return WINNOW_EINVAL;
}

/* ---- header lines -------------------------------------------------------- */

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The value of a named line in [p, end), the first one, into out; lines that
 * are folded count as one. NULL: there is none, or one beyond the bound. */
static const char *
find_value(const char *p, const char *end, const char *name, char *out)
{
	size_t n = strlen(name), len = 0;

	for (; p < end; p++) {
		if ((size_t)(end - p) > n && p[n] == ':' &&
		    strncasecmp(p, name, n) == 0)
			break;
		if ((p = memchr(p, '\n', (size_t)(end - p))) == NULL)
			return NULL;
	}
	if (p >= end)
		return NULL;
	for (p += n + 1; p < end; p++) {
		if (*p == '\n' &&
		    (p + 1 == end || (p[1] != ' ' && p[1] != '\t')))
			break;
		if (len + 1 >= VALUE_MAX)
			return NULL;
		if (is_blank(*p) && (len == 0 || out[len - 1] == ' '))
			continue;
		out[len++] = is_blank(*p) || *p == '\0' ? ' ' : *p;
	}
	while (len > 0 && out[len - 1] == ' ')
		len--;
	out[len] = '\0';
	return out;
}

/* The length of header lines up to and with the empty one; 0: not all there. */
static size_t
head_length(const char *p, size_t n)
{
	const char *q = p, *end = p + n;

	while ((q = memchr(q, '\n', (size_t)(end - q))) != NULL) {
		q++;
		if (q < end && *q == '\n')
			return (size_t)(q + 1 - p);
		if (end - q >= 2 && q[0] == '\r' && q[1] == '\n')
			return (size_t)(q + 2 - p);
	}
	return 0;
}

static int
number(const char *s, uint64_t *n)
{
	char *end;

	if (s == NULL || *s < '0' || *s > '9' || strlen(s) > 18)
		return -1;
	*n = strtoull(s, &end, 10);
	return *end == '\0' ? 0 : -1;
}

/* "<urn:uuid:...>", and addresses as 1.0 wrote them. */
static const char *
unbracket(char *s)
{
	size_t n;

	if (s == NULL || *s != '<')
		return s;
	n = strlen(++s);
	if (n > 0 && s[n - 1] == '>')
		s[n - 1] = '\0';
	return s;
}

/* ---- HTTP ---------------------------------------------------------------- */

static int
hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* Behind the line that says how long a chunk is; NULL: it is none. */
static char *
chunk_begin(char *p, char *end, size_t *size)
{
	char *line = p;

	for (*size = 0; p < end && hex(*p) >= 0; p++)
		if ((*size = *size * 16 + (size_t)hex(*p)) > UINT32_MAX)
			return NULL;
	if (p == line || p == end || *p == '\0' ||
	    strchr(" ;\t\r\n", *p) == NULL ||
	    (p = memchr(p, '\n', (size_t)(end - p))) == NULL)
		return NULL;
	return p + 1;
}

/* Takes the chunks together, in place; what is no chunk ends them. A body that
 * does not begin with one is what it is: many programs undo the chunks and keep
 * the header. The new length. */
static size_t
unchunk(char *body, size_t len)
{
	char *p = body, *end = body + len, *to = body;
	size_t size;

	while ((p = chunk_begin(p, end, &size)) != NULL && size > 0) {
		if (size > (size_t)(end - p))
			size = (size_t)(end - p);
		memmove(to, p, size);
		to += size;
		p += size;
		while (p < end && (*p == '\r' || *p == '\n'))
			p++;
	}
	return to == body && p == NULL ? len : (size_t)(to - body);
}

/* "HTTP/1.1 200 OK" */
static int
http_status(const char *p, size_t n)
{
	const char *end = p + n, *q;

	if (n < 12 || memcmp(p, "HTTP/", 5) != 0 ||
	    (q = memchr(p, ' ', n)) == NULL || end - q < 4)
		return -1;
	for (int i = 1; i <= 3; i++)
		if (q[i] < '0' || q[i] > '9')
			return -1;
	return (q[1] - '0') * 100 + (q[2] - '0') * 10 + q[3] - '0';
}

static int
read_http(
    struct winnow_warc *w, char *block, size_t len, struct winnow_warc_page *g)
{
	size_t n = head_length(block, len < HTTP_MAX ? len : HTTP_MAX);
	const char *end = block + n;
	char coding[VALUE_MAX];

	g->status = http_status(block, n);
	if (n == 0 || g->status < 0)
		return damage(w, "a response that is none of HTTP");
	g->head = block;
	g->head_len = n;
	g->content_type =
	    find_value(block, end, "content-type", w->values[TYPE]);
	g->content_encoding =
	    find_value(block, end, "content-encoding", w->values[CODING]);
	g->last_modified =
	    find_value(block, end, "last-modified", w->values[MODIFIED]);
	g->etag = find_value(block, end, "etag", w->values[ETAG]);
	g->x_robots_tag =
	    find_value(block, end, "x-robots-tag", w->values[ROBOTS]);
	g->body = block + n;
	g->body_len = len - n;
	if (find_value(block, end, "transfer-encoding", coding) != NULL &&
	    strcasestr(coding, "chunked") != NULL)
		g->body_len = unchunk(block + n, len - n);
	return 1;
}

/* ---- records ------------------------------------------------------------- */

/* "charset=gbk;timezone=+08:00;feed-date=1", as the crawler writes it. */
static void
read_hints(char *s, struct winnow_warc_page *g)
{
	char *word, *save = NULL, *value;
	uint64_t n;

	for (word = strtok_r(s, ";", &save); word != NULL;
	     word = strtok_r(NULL, ";", &save)) {
		if ((value = strchr(word, '=')) == NULL)
			continue;
		*value++ = '\0';
		if (strcmp(word, "charset") == 0)
			g->charset = value;
		else if (strcmp(word, "timezone") == 0)
			g->timezone = value;
		else if (strcmp(word, "feed-date") == 0 &&
			 number(value, &n) == 0)
			g->feed_date = (int64_t)n;
	}
}

static int64_t
read_date(const char *s)
{
	struct wn_date d;

	return s != NULL && wn_date_find(s, strlen(s), WINNOW_NO_TIME, &d) == 1
		   ? wn_date_unix(&d, 0)
		   : WINNOW_NO_TIME;
}

/* To the next line that may begin a record, or to the end. What a stream
 * cannot be read behind is mended first (Y2). */
static void
resync(struct winnow_warc *w)
{
	const char *p, *q;
	size_t n;

	for (;;) {
		if ((p = wn_stream_look(w->in, 4096, &n)) == NULL)
			return;
		if ((q = memmem(p, n, "WARC/", 5)) != NULL &&
		    (q == p || q[-1] == '\n')) {
			wn_stream_skip(w->in, (uint64_t)(q - p));
			return;
		}
		if (q != NULL)
			wn_stream_skip(w->in, (uint64_t)(q + 5 - p));
		else if (n >= 4096)
			wn_stream_skip(w->in, n - 5);
		else if (wn_stream_damaged(w->in))
			wn_stream_mend(w->in);
		else {
			wn_stream_skip(w->in, n); /* the end: Y3 */
			return;
		}
	}
}

/* The named fields of the next record into w->head, behind the line ends of
 * the one before. Their length; 0: the end; negative: damage. */
static long
read_head(struct winnow_warc *w)
{
	const char *p;
	size_t n, len, want = 4096;

	for (int i = 0; i < BLANKS_MAX; i++) {
		if ((p = wn_stream_look(w->in, 1, &n)) == NULL)
			return WINNOW_ENOMEM;
		if (n == 0 || (*p != '\r' && *p != '\n'))
			break;
		wn_stream_skip(w->in, 1);
	}
	for (;;) {
		if ((p = wn_stream_look(w->in, want, &n)) == NULL)
			return WINNOW_ENOMEM;
		if (n == 0 && !wn_stream_damaged(w->in))
			return 0;
		if (n < 5 || memcmp(p, "WARC/", 5) != 0)
			return damage(w, "no record begins there");
		if ((len = head_length(p, n < HEADER_MAX ? n : HEADER_MAX)) > 0)
			break;
		if (n < want || want >= HEADER_MAX) {
			wn_stream_skip(w->in, 5); /* Y3 */
			return damage(w, "a record's header has no end");
		}
		want *= 4;
	}
	memcpy(w->head, p, len);
	wn_stream_skip(w->in, len);
	return (long)len;
}

static int
is_answer(const char *head, const char *end)
{
	char s[VALUE_MAX];

	if (find_value(head, end, "warc-type", s) == NULL ||
	    strcasecmp(s, "response") != 0)
		return 0;
	return find_value(head, end, "content-type", s) == NULL ||
	       strncasecmp(s, "application/http", 16) == 0;
}

static void
read_fields(struct winnow_warc *w, const char *end, struct winnow_warc_page *g)
{
	char s[VALUE_MAX];

	memset(g, 0, sizeof *g);
	g->url = unbracket((char *)(uintptr_t)find_value(
	    w->head, end, "warc-target-uri", w->values[URL]));
	g->id = unbracket((char *)(uintptr_t)find_value(
	    w->head, end, "warc-record-id", w->values[ID]));
	g->address =
	    find_value(w->head, end, "warc-ip-address", w->values[ADDRESS]);
	g->truncated =
	    find_value(w->head, end, "warc-truncated", w->values[TRUNCATED]);
	g->date = read_date(find_value(w->head, end, "warc-date", s));
	if (find_value(w->head, end, "winnow-hints", w->values[HINTS]) != NULL)
		read_hints(w->values[HINTS], g);
}

/* The block of an answer; w->pending is its length. */
static int
read_block(struct winnow_warc *w, struct winnow_warc_page *g)
{
	const char *p;
	size_t n;

	if (w->pending > w->max_body + HTTP_MAX) {
		damage(w, "a page beyond the bound is passed over");
		return WINNOW_ETOOBIG;
	}
	/* A byte beyond the record's end: behind its member's checksum. */
	p = wn_stream_look(w->in, (size_t)w->pending + RECORD_END + 1, &n);
	if (p == NULL)
		return WINNOW_ENOMEM;
	if (n < w->pending || !wn_stream_sound(w->in, (size_t)w->pending)) {
		wn_stream_skip(w->in, n);
		w->pending = 0;
		return damage(w, "a record is cut or damaged");
	}
	/* The window is ours until the next look. */
	return read_http(w, (char *)(uintptr_t)p, (size_t)w->pending, g);
}

/* 1: an answer; 0: some other record; negative: damage. */
static int
read_record(struct winnow_warc *w, struct winnow_warc_page *g, int *end)
{
	char s[VALUE_MAX];
	const char *stop;
	long n = read_head(w);

	*end = n == 0;
	if (n <= 0)
		return (int)n;
	stop = w->head + n;
	if (number(find_value(w->head, stop, "content-length", s),
		&w->pending) != 0) {
		w->pending = 0;
		return damage(w, "a record without a length");
	}
	if (!is_answer(w->head, stop))
		return 0;
	read_fields(w, stop, g);
	return read_block(w, g);
}

int
winnow_warc_next(struct winnow_warc *w, struct winnow_warc_page *g)
{
	int rc, end = 0;

	do {
		wn_stream_skip(w->in, w->pending);
		w->pending = 0;
		rc = read_record(w, g, &end);
		if (rc == WINNOW_EINVAL && w->pending == 0)
			resync(w);
	} while (rc == 0 && !end);
	if (rc == 0 && wn_stream_failed(w->in))
		return damage(w, "it cannot be read on");
	return rc;
}

int
winnow_is_warc(const void *bytes, size_t len)
{
	char plain[8] = "";
	z_stream z = {0};
	const unsigned char *p = bytes;

	if (len >= 6 && memcmp(p, "WARC/", 5) == 0)
		return 1;
	if (len < 18 || p[0] != 0x1f || p[1] != 0x8b ||
	    inflateInit2(&z, 15 + 16) != Z_OK)
		return 0;
	z.next_in = (void *)(uintptr_t)bytes;
	z.avail_in = (uInt)(len < 65536 ? len : 65536);
	z.next_out = (void *)plain;
	z.avail_out = 5;
	(void)inflate(&z, Z_SYNC_FLUSH);
	inflateEnd(&z);
	return memcmp(plain, "WARC/", 5) == 0;
}
