/* fetch_answer.c - what comes back: headers, body, and what a failure means.
 *
 * Callbacks below libcurl end a transfer by fetch_fail() with the reason and
 * returning what makes libcurl stop.
 *
 * Invariants
 *  E3  (fetch.h) The body is never longer than max_body.
 *  E7  A slot that is free holds at most BODY_FIRST of body: of many slots that
 *      once failed half way the buffers would add up. */
#include "crawler/fetch_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "crawler/cookies.h"

#define BODY_FIRST (16 << 10)
#define BODY_HINT (256 << 10) /* the most a Content-Length can reserve */

/* In the order of the enum: words, whether another try may help, and the name
 * in the fetch log. */
static const struct {
	const char *words;
	int temporary;
	const char *name;
} kinds[] = {
    {"ok", 0, "ok"},
    {"all slots are taken", 1, "full"},
    {"no memory", 1, "no-memory"},
    {"not an http or https URL", 0, "bad-url"},
    {"no such host name", 0, "no-name"},
    {"the name server failed", 1, "dns"},
    {"the address is not a public one", 0, "guarded"},
    {"cannot connect", 1, "connect"},
    {"timeout", 1, "timeout"},
    {"tls", 0, "tls"},
    {"not valid http", 0, "protocol"},
    {"ended before its length", 1, "truncated"},
    {"too big", 0, "too-big"},
    {"unwanted type", 0, "type"},
    {"the kept connection was closed", 1, "stale"},
    {"too many files are open", 1, "no-file"},
};
#define NKINDS (sizeof(kinds) / sizeof(*kinds))
_Static_assert(NKINDS == FETCH_RESULTS, "a result without words");

const char *
fetch_strerror(int result)
{
	size_t i = (size_t)-result;

	return result <= 0 && i < NKINDS ? kinds[i].words : "unknown";
}

const char *
fetch_result_name(int result)
{
	size_t i = (size_t)-result;

	return result <= 0 && i < NKINDS ? kinds[i].name : "unknown";
}

int
fetch_is_temporary(int result)
{
	size_t i = (size_t)-result;

	return result <= 0 && i < NKINDS && kinds[i].temporary;
}

/* ---- the end ------------------------------------------------------------ */

static const struct {
	CURLcode code;
	enum fetch_result result;
} results[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, FETCH_PROTOCOL}, /* HTTP/0.9 */
    {CURLE_URL_MALFORMAT, FETCH_BADURL},
    {CURLE_COULDNT_RESOLVE_HOST, FETCH_DNS_TRY},
    {CURLE_COULDNT_CONNECT, FETCH_CONNECT},
    {CURLE_PARTIAL_FILE, FETCH_TRUNCATED},
    {CURLE_GOT_NOTHING, FETCH_TRUNCATED},
    {CURLE_SEND_ERROR, FETCH_TRUNCATED},
    {CURLE_RECV_ERROR, FETCH_TRUNCATED},
    {CURLE_OPERATION_TIMEDOUT, FETCH_TIMEOUT},
    {CURLE_OUT_OF_MEMORY, FETCH_NOMEM},
    {CURLE_SSL_CONNECT_ERROR, FETCH_TLS},
    {CURLE_SSL_CERTPROBLEM, FETCH_TLS},
    {CURLE_SSL_CIPHER, FETCH_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, FETCH_TLS},
    {CURLE_SSL_ENGINE_NOTFOUND, FETCH_TLS},
    {CURLE_SSL_CACERT_BADFILE, FETCH_TLS},
    {CURLE_SSL_SHUTDOWN_FAILED, FETCH_TLS},
    {CURLE_SSL_ISSUER_ERROR, FETCH_TLS},
    {CURLE_SSL_INVALIDCERTSTATUS, FETCH_TLS},
};

static enum fetch_result
result_of(const struct fetch *f, CURLcode code)
{
	size_t i;

	if (code == CURLE_OK)
		return f->headers.complete ? FETCH_OK : FETCH_TRUNCATED;
	if (f->guarded && !f->sent)
		return FETCH_GUARDED;
	if (f->no_socket && !f->sent)
		return FETCH_SHORT;
	/* libcurl's word for a header line of more than 100 KiB */
	if (code == CURLE_OUT_OF_MEMORY && f->sent && !f->headers.complete)
		return FETCH_TOO_BIG;
	if (code == CURLE_RECV_ERROR &&
	    strstr(f->said, "chunked-encoding") != NULL)
		return FETCH_PROTOCOL;
	/* "Proxy CONNECT aborted", "CONNECT tunnel failed, response 403" */
	if (f->proxy[0] != '\0' && !f->sent &&
	    (code == CURLE_PROXY || code == CURLE_RECV_ERROR ||
		code == CURLE_SEND_ERROR))
		return FETCH_CONNECT;
	for (i = 0; i < sizeof(results) / sizeof(*results); i++)
		if (results[i].code == code)
			return results[i].result;
	return FETCH_PROTOCOL;
}

/* libcurl's words can quote the server. */
static void
error_clean(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

static void
measure(struct fetch *f)
{
	curl_off_t connect = 0, tls = 0, first = 0, body = 0;
	long headers = 0;

	curl_easy_getinfo(f->easy, CURLINFO_CONNECT_TIME_T, &connect);
	curl_easy_getinfo(f->easy, CURLINFO_APPCONNECT_TIME_T, &tls);
	curl_easy_getinfo(f->easy, CURLINFO_STARTTRANSFER_TIME_T, &first);
	curl_easy_getinfo(f->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
	curl_easy_getinfo(f->easy, CURLINFO_HEADER_SIZE, &headers);
	f->answer.connect_ms = (tls > connect ? tls : connect) / 1000;
	f->answer.first_ms = first / 1000;
	f->answer.wire_bytes = body + headers;
}

void
fetch_answer_end(struct fetch *f, CURLcode code)
{
	struct fetch_answer *a = &f->answer;

	if (code == CURLE_OK && f->tls_watched && !f->tls_notice)
		fetch_fail(f, FETCH_TRUNCATED, "TLS ended without notice");
	if (a->result == FETCH_OK) {
		a->result = result_of(f, code);
		/* libcurl writes only once: with a second request its words
		 * are those of the first, on the dead connection. */
		if (a->result != FETCH_OK)
			snprintf(a->error, sizeof(a->error), "%s",
			    code == CURLE_OK ? "closed within the headers"
			    : a->result == FETCH_TOO_BIG
				? "more than 100 KiB in a header line"
			    : a->requests > 1 || f->said[0] == '\0'
				? curl_easy_strerror(code)
				: f->said);
	}
	error_clean(a->error);
	measure(f);
	fetch_ended(f);
}

/* ---- headers ------------------------------------------------------------ */

/* 0: goes on, -1: ends. */
static int
headers_complete(struct fetch *f)
{
	struct fetch_answer *a = &f->answer;

	fetch_headers_publish(&f->headers, a);
	f->drop_body = a->status == 204 || a->status == 205 || a->status == 304;
	if (a->status == 304 && !f->conditional) {
		fetch_fail(
		    f, FETCH_PROTOCOL, "304 to a request without validator");
		return -1;
	}
	if (!f->drop_body && f->data == NULL &&
	    a->content_length > f->max_body) {
		fetch_fail(f, FETCH_TOO_BIG, "Content-Length beyond max_body");
		return -1;
	}
	if (f->accept != NULL && !f->accept(f->arg, f)) {
		fetch_fail(f, FETCH_BAD_TYPE, "unwanted headers");
		return -1;
	}
	fetch_tls_watch(f);
	return 0;
}

static void
cookie_take(struct fetch *f, const char *line, size_t n)
{
	static const char name[] = "set-cookie:";
	const struct fetch_target *t = &f->target;
	struct cookies_place at = {t->host, f->path, t->tls};

	while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == '\n'))
		n--;
	if (f->path == NULL || f->headers.complete || n < sizeof(name) - 1 ||
	    strncasecmp(line, name, sizeof(name) - 1) != 0)
		return;
	f->answer.cookies += cookies_set(f->owner->cookies, &at,
	    line + sizeof(name) - 1, n - sizeof(name) + 1, time(NULL));
}

size_t
fetch_header_cb(char *line, size_t size, size_t count, void *arg)
{
	struct fetch *f = arg;
	const char *why;
	int rc;

	f->window_bytes += size * count;
	if (f->cookies)
		cookie_take(f, line, size * count);
	rc = fetch_headers_line(&f->headers, line, size * count, &why);
	if (rc < 0) {
		fetch_fail(f, (enum fetch_result)rc, why);
		return 0;
	}
	if (rc == 1 && headers_complete(f) < 0)
		return 0;
	return size * count;
}

/* ---- the body ----------------------------------------------------------- */

/* Room for n more; a buffer doubles, up to the bound. */
static int
body_reserve(struct fetch *f, size_t n)
{
	size_t len = f->answer.body_len, cap = f->body_cap;
	int64_t hint = f->answer.content_length;
	char *p;

	if (len + n <= cap)
		return 0;
	if (cap == 0)
		cap = hint > BODY_HINT ? BODY_HINT
		      : hint > 0       ? (size_t)hint
				       : BODY_FIRST;
	while (cap < len + n)
		cap *= 2;
	if (cap > (size_t)f->max_body)
		cap = (size_t)f->max_body;
	p = realloc(f->body, cap);
	if (p == NULL)
		return -1;
	f->body = p;
	f->body_cap = cap;
	return 0;
}

/* The body goes on as it comes: what the bound allows of it. */
static size_t
body_pass(struct fetch *f, const char *data, size_t n)
{
	size_t room = (size_t)f->max_body - f->answer.body_len;

	if (f->data(f->arg, data, n < room ? n : room) != 0) {
		fetch_fail(f, FETCH_NOMEM, "no room for the body");
		return 0;
	}
	f->answer.body_len += n < room ? n : room;
	if (n <= room)
		return n;
	fetch_fail(f, FETCH_TOO_BIG, "body beyond its bound");
	return 0;
}

size_t
fetch_body_cb(char *data, size_t size, size_t count, void *arg)
{
	struct fetch *f = arg;
	size_t n = size * count;

	f->window_bytes += n;
	if (f->drop_body)
		return n;
	if (f->data != NULL)
		return body_pass(f, data, n);
	if ((int64_t)(f->answer.body_len + n) > f->max_body) {
		fetch_fail(f, FETCH_TOO_BIG, "body beyond max_body");
		return 0;
	}
	if (body_reserve(f, n) < 0) {
		fetch_fail(f, FETCH_NOMEM, "no memory for the body");
		return 0;
	}
	memcpy(f->body + f->answer.body_len, data, n);
	f->answer.body_len += n;
	f->answer.body = f->body;
	return n;
}

void *
fetch_take_body(struct fetch *f, size_t *len)
{
	char *body = f->body, *less;

	*len = f->answer.body_len;
	if (f->answer.body == NULL)
		return NULL;
	/* It may wait for a worker: not with twice its size. */
	if (f->body_cap - *len > (16 << 10) &&
	    (less = realloc(body, *len)) != NULL)
		body = less;
	f->body = NULL;
	f->body_cap = 0;
	f->answer.body = NULL;
	f->answer.body_len = 0;
	return body;
}

void
fetch_answer_clear(struct fetch *f)
{
	if (f->body_cap > BODY_FIRST) {
		free(f->body);
		f->body = NULL;
		f->body_cap = 0;
	}
	fetch_headers_clear(&f->headers);
	memset(&f->answer, 0, sizeof(f->answer));
	f->sent = f->guarded = f->drop_body = f->conditional = 0;
	f->no_socket = 0;
	f->said[0] = '\0';
	f->opened = f->fresh = f->tls_watched = f->tls_notice = 0;
}
