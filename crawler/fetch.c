/* fetch.c - one URL asked for over HTTP, on the event loop.
 *
 *	             dns_cached() knows it
 *	FREE ---------------------------------> RUNNING --> ENDED --> done()
 *	  \--> RESOLVING ---- address ----------^    \        ^         |
 *	           \-- no address, cancel, limits ----\------/     back to FREE
 *
 * A fetch is a slot of a pool with its easy handle, options set once; only
 * URL, addresses and validators change from page to page. Time limits of a
 * transfer are kept by one sweep over the running slots, not by timers of
 * their own: a page then costs no timer.
 *
 * Invariants (E1-E4 in fetch.h)
 *  E5  done() is called by fetcher_drain() alone, which runs only at the top
 *      of an event callback, never below libcurl or fetch_start().
 *  E6  libcurl never resolves a name (resolver_cb), and every socket passes
 *      the guard (socket_open_cb): the address checked is the address used.
 *  E7  A slot that is free holds no body and at most 256 KiB of buffers. */
#include "crawler/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>

#include <curl/curl.h>
#include <event2/event.h>
#include <event2/event_struct.h>

#include "crawler/dns.h"
#include "crawler/fetch_headers.h"
#include "crawler/multi.h"

#define FETCH_MAGIC 0x66657463u
#define URL_MAX (16 << 10)
#define BODY_FIRST (16 << 10)
#define BODY_KEPT (256 << 10) /* also the most a Content-Length can reserve */
#define RESOLVE_MAX 1280      /* a name, a port, DNS_ADDRS addresses */

enum state { FREE, RESOLVING, RUNNING, ENDED };

struct fetch {
	unsigned magic;
	enum state state;
	struct fetcher *owner;
	TAILQ_ENTRY(fetch) link; /* in free, busy or ended */
	CURL *easy;

	int (*accept)(void *arg, const struct fetch *);
	void (*done)(void *arg, struct fetch *);
	void *arg;
	int64_t max_body;
	char *url; /* held while the name is asked for */
	struct dns_request *asked;
	char host[256];
	int port, literal;

	struct curl_slist resolve, extra[3];
	char resolve_text[RESOLVE_MAX];
	char *extra_text[3];

	struct fetch_answer answer;
	struct fetch_headers headers;
	int sent, guarded, drop_body, conditional;
	int64_t started_ms, sent_ms;
	int64_t window_ms;   /* low speed: since when, */
	size_t window_bytes; /* and how much came since */
	char *body;
	size_t body_cap;
};

TAILQ_HEAD(fetches, fetch);

struct fetcher {
	struct event_base *base;
	struct dns *dns;
	const struct guard *guard;
	struct fetch_options opt;
	char *strings[4]; /* ours of opt */
	struct multi *multi;
	struct curl_slist *headers; /* the same for every request */
	struct event kick, sweep;
	int64_t sweep_ms;
	struct fetches free, busy, ended;
	int running, ended_n;
};

const char *
fetch_strerror(int result)
{
	static const char *const words[] = {"ok", "all slots are taken",
	    "no memory", "not an http or https URL", "no such host name",
	    "the name server failed", "the address is not a public one",
	    "cannot connect", "timeout", "tls", "not valid http",
	    "ended before its length", "too big", "unwanted type"};
	size_t i = (size_t)-result;

	return result <= 0 && i < sizeof(words) / sizeof(*words) ? words[i]
								 : "unknown";
}

int
fetch_is_temporary(int result)
{
	switch (result) {
	case FETCH_FULL:
	case FETCH_NOMEM:
	case FETCH_DNS_TRY:
	case FETCH_CONNECT:
	case FETCH_TIMEOUT:
	case FETCH_TRUNCATED:
		return 1;
	default:
		return 0;
	}
}

static int64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
timer_set(struct event *ev, int64_t ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	evtimer_add(ev, &tv);
}

/* ---- the URL ------------------------------------------------------------ */

/* Takes host and port out of a canonical URL. Stricter than libcurl on
 * purpose: where two parsers could differ the URL is refused. */
static int
url_split(const char *url, char host[256], int *port)
{
	const char *p = url, *end, *digits;
	size_t n = strnlen(url, URL_MAX + 1), i;
	char *stop;
	long v;

	if (strncasecmp(p, "http://", 7) == 0) {
		*port = 80;
		p += 7;
	} else if (strncasecmp(p, "https://", 8) == 0) {
		*port = 443;
		p += 8;
	} else
		return -1;
	for (i = 0; i < n; i++)
		if ((unsigned char)url[i] <= 0x20 || url[i] == 0x7f)
			return -1;
	end = p + strcspn(p, "/?#");
	digits = *p == '[' ? memchr(p, ']', (size_t)(end - p)) : p;
	if (n > URL_MAX || digits == NULL)
		return -1;
	if (*p == '[')
		digits++;
	else
		digits += strspn(p,
		    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "0123456789.-_");
	n = (size_t)(digits - p);
	if (n == 0 || n > 255 || (digits != end && *digits != ':'))
		return -1;
	memcpy(host, p, n);
	host[n] = '\0';
	if (end - digits <= 1) /* "host", "host:" */
		return 0;
	v = strtol(digits + 1, &stop, 10);
	if (digits[1] < '0' || digits[1] > '9' || stop != end || v < 1 ||
	    v > 65535)
		return -1;
	*port = (int)v;
	return 0;
}

/* ---- the pool ----------------------------------------------------------- */

static void
fetch_reset(struct fetch *f)
{
	int i;

	for (i = 0; i < 3; i++) {
		free(f->extra_text[i]);
		f->extra_text[i] = NULL;
	}
	free(f->url);
	f->url = NULL;
	if (f->body_cap > BODY_KEPT) {
		free(f->body);
		f->body = NULL;
		f->body_cap = 0;
	}
	fetch_headers_clear(&f->headers);
	memset(&f->answer, 0, sizeof(f->answer));
	f->sent = f->guarded = f->drop_body = f->conditional = 0;
	f->state = FREE;
}

static void
fetch_release(struct fetch *f)
{
	fetch_reset(f);
	TAILQ_INSERT_HEAD(&f->owner->free, f, link);
}

static void
fetch_free(struct fetch *f)
{
	if (f->easy != NULL)
		curl_easy_cleanup(f->easy);
	fetch_reset(f);
	free(f->body);
	fetch_headers_free(&f->headers);
	free(f);
}

/* ---- the end of a transfer ---------------------------------------------- */

/* Callbacks below libcurl end a transfer so: they keep the reason here and
 * return what makes libcurl stop. The first reason stays. */
static void
fetch_fail(struct fetch *f, enum fetch_result result, const char *words)
{
	if (f->answer.result != FETCH_OK)
		return;
	f->answer.result = result;
	snprintf(f->answer.error, sizeof(f->answer.error), "%s", words);
}

/* Off the busy list, done() to be called by the next drain. */
static void
fetch_ended(struct fetch *f)
{
	struct fetcher *x = f->owner;

	if (f->state == RUNNING)
		curl_multi_remove_handle(multi_curl(x->multi), f->easy);
	dns_cancel(f->asked);
	f->asked = NULL;
	f->state = ENDED;
	TAILQ_REMOVE(&x->busy, f, link);
	TAILQ_INSERT_TAIL(&x->ended, f, link);
	x->ended_n++;
}

static void
fetcher_drain(struct fetcher *x)
{
	struct fetch *f;
	int n;

	for (n = x->ended_n; n > 0; n--) {
		f = TAILQ_FIRST(&x->ended);
		if (f == NULL)
			break;
		TAILQ_REMOVE(&x->ended, f, link);
		x->ended_n--;
		x->running--;
		f->magic = 0; /* fetch_cancel() from inside: too late */
		f->answer.elapsed_ms = clock_ms() - f->started_ms;
		f->done(f->arg, f);
		f->magic = FETCH_MAGIC;
		fetch_release(f);
	}
	if (x->ended_n > 0)
		event_active(&x->kick, EV_TIMEOUT, 0);
}

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
	/* libcurl's word for a header line of more than 100 KiB */
	if (code == CURLE_OUT_OF_MEMORY && f->sent && !f->headers.complete)
		return FETCH_TOO_BIG;
	if (code == CURLE_RECV_ERROR &&
	    strstr(f->answer.error, "chunked-encoding") != NULL)
		return FETCH_PROTOCOL;
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
fetch_finished(struct fetch *f, CURLcode code)
{
	struct fetch_answer *a = &f->answer;

	if (a->result == FETCH_OK) {
		a->result = result_of(f, code);
		/* libcurl writes only once: with a second request its words
		 * are those of the first, on the dead connection. */
		if (a->result == FETCH_OK || a->requests > 1)
			a->error[0] = '\0';
		if (a->result != FETCH_OK && a->error[0] == '\0')
			snprintf(a->error, sizeof(a->error), "%s",
			    code == CURLE_OK ? "closed within the headers"
					     : curl_easy_strerror(code));
	}
	error_clean(a->error);
	fetch_ended(f);
}

static void
fetcher_collect(struct fetcher *x)
{
	struct fetch *f;
	CURLMsg *m;
	int left;

	while (
	    (m = curl_multi_info_read(multi_curl(x->multi), &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &f);
		fetch_finished(f, m->data.result);
	}
	fetcher_drain(x);
}

/* ---- below libcurl: headers and body ------------------------------------ */

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
	if (!f->drop_body && a->content_length > f->max_body) {
		fetch_fail(f, FETCH_TOO_BIG, "Content-Length beyond max_body");
		return -1;
	}
	if (f->accept != NULL && !f->accept(f->arg, f)) {
		fetch_fail(f, FETCH_BAD_TYPE, "unwanted headers");
		return -1;
	}
	return 0;
}

static size_t
header_cb(char *line, size_t size, size_t count, void *arg)
{
	struct fetch *f = arg;
	const char *why;
	int rc;

	f->window_bytes += size * count;
	rc = fetch_headers_line(&f->headers, line, size * count, &why);
	if (rc < 0) {
		fetch_fail(f, (enum fetch_result)rc, why);
		return 0;
	}
	if (rc == 1 && headers_complete(f) < 0)
		return 0;
	return size * count;
}

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
		cap = hint > BODY_KEPT ? BODY_KEPT
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

static size_t
body_cb(char *data, size_t size, size_t count, void *arg)
{
	struct fetch *f = arg;
	size_t n = size * count;

	f->window_bytes += n;
	if (f->drop_body)
		return n;
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

/* ---- below libcurl: connections ----------------------------------------- */

/* Connected, the request goes out next; again when libcurl repeats it because
 * a kept connection was dead. */
static int
request_cb(void *arg, char *peer, char *local, int peer_port, int local_port)
{
	struct fetch *f = arg;

	(void)local;
	(void)peer_port;
	(void)local_port;
	snprintf(f->answer.address, sizeof(f->answer.address), "%s", peer);
	f->answer.requests++;
	f->sent = 1;
	f->sent_ms = f->window_ms = clock_ms();
	f->window_bytes = 0;
	return CURL_PREREQFUNC_OK;
}

static curl_socket_t
socket_open_cb(void *arg, curlsocktype purpose, struct curl_sockaddr *sa)
{
	struct fetch *f = arg;

	(void)purpose;
	if (guard_refuses_sockaddr(f->owner->guard, &sa->addr) != NULL) {
		f->guarded = 1;
		return CURL_SOCKET_BAD;
	}
	return socket(sa->family, sa->socktype | SOCK_CLOEXEC, sa->protocol);
}

/* libcurl is about to start a resolver of its own: only to read an address. */
static int
resolver_cb(void *state, void *reserved, void *arg)
{
	const struct fetch *f = arg;

	(void)state;
	(void)reserved;
	return f->literal ? 0 : 1;
}

static void
multi_turn_cb(void *arg)
{
	fetcher_collect(arg);
}

static void
kick_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	fetcher_drain(arg);
}

/* ---- time limits -------------------------------------------------------- */

/* The words of the limit that f has passed, or NULL. */
static const char *
limit_passed(struct fetch *f, int64_t now)
{
	const struct fetch_options *o = &f->owner->opt;

	if (now - f->started_ms >= o->timeout_ms)
		return "whole transfer over its time";
	if (!f->sent)
		return NULL; /* connecting: libcurl's limit */
	if (!f->headers.begun)
		return now - f->sent_ms >= o->first_byte_ms
			   ? "no answer within the first-byte time"
			   : NULL;
	if (o->low_speed_ms <= 0 || now - f->window_ms < o->low_speed_ms)
		return NULL;
	if ((int64_t)f->window_bytes * 1000 <
	    o->low_speed_bytes * (now - f->window_ms))
		return "slower than low_speed";
	f->window_ms = now;
	f->window_bytes = 0;
	return NULL;
}

static void
sweep_cb(evutil_socket_t fd, short what, void *arg)
{
	struct fetcher *x = arg;
	struct fetch *f, *next;
	const char *words;
	int64_t now = clock_ms();

	(void)fd;
	(void)what;
	for (f = TAILQ_FIRST(&x->busy); f != NULL; f = next) {
		next = TAILQ_NEXT(f, link);
		words = limit_passed(f, now);
		if (words != NULL) {
			fetch_fail(f, FETCH_TIMEOUT, words);
			fetch_ended(f);
		}
	}
	if (!TAILQ_EMPTY(&x->busy))
		timer_set(&x->sweep, x->sweep_ms);
	fetcher_drain(x);
}

/* An eighth of the shortest limit: close enough, and rare. */
static int64_t
sweep_every(const struct fetch_options *o)
{
	int64_t ms = o->timeout_ms;

	if (o->first_byte_ms < ms)
		ms = o->first_byte_ms;
	if (o->low_speed_ms > 0 && o->low_speed_ms < ms)
		ms = o->low_speed_ms;
	ms /= 8;
	return ms < 10 ? 10 : ms > 1000 ? 1000 : ms;
}

/* ---- start and cancel --------------------------------------------------- */

static int
easy_setup(struct fetch *f)
{
	const struct fetch_options *o = &f->owner->opt;
	CURL *e = f->easy = curl_easy_init();
	int bad = 0;

	if (e == NULL)
		return -1;
#define SET(option, value) bad |= curl_easy_setopt(e, option, value) != CURLE_OK
	SET(CURLOPT_PRIVATE, f);
	SET(CURLOPT_ERRORBUFFER, f->answer.error);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_PATH_AS_IS, 1L); /* the frontier's key, to the byte */
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
	SET(CURLOPT_HTTPHEADER, f->owner->headers);
	SET(CURLOPT_USERAGENT, o->user_agent);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_ms);
	SET(CURLOPT_SSL_VERIFYPEER, o->tls_verify ? 1L : 0L);
	SET(CURLOPT_SSL_VERIFYHOST, o->tls_verify ? 2L : 0L);
	/* With a CApath (Debian's default) libcurl reads the whole bundle for
	 * each connection, 80 ms of CPU; without, once a day. */
	SET(CURLOPT_CAPATH, NULL);
	if (o->ca_file != NULL)
		SET(CURLOPT_CAINFO, o->ca_file);
	SET(CURLOPT_BUFFERSIZE, 32768L);
	/* Used at once: what stays longer is only walked over. */
	SET(CURLOPT_DNS_CACHE_TIMEOUT, 5L);
	SET(CURLOPT_HEADERFUNCTION, header_cb);
	SET(CURLOPT_HEADERDATA, f);
	SET(CURLOPT_WRITEFUNCTION, body_cb);
	SET(CURLOPT_WRITEDATA, f);
	SET(CURLOPT_PREREQFUNCTION, request_cb);
	SET(CURLOPT_PREREQDATA, f);
	SET(CURLOPT_OPENSOCKETFUNCTION, socket_open_cb);
	SET(CURLOPT_OPENSOCKETDATA, f);
	SET(CURLOPT_RESOLVER_START_FUNCTION, resolver_cb);
	SET(CURLOPT_RESOLVER_START_DATA, f);
#undef SET
	return bad ? -1 : 0;
}

static struct fetch *
fetch_new(struct fetcher *x)
{
	struct fetch *f = TAILQ_FIRST(&x->free);

	if (f != NULL) {
		TAILQ_REMOVE(&x->free, f, link);
		return f;
	}
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return NULL;
	f->magic = FETCH_MAGIC;
	f->owner = x;
	if (easy_setup(f) < 0) {
		fetch_free(f);
		return NULL;
	}
	return f;
}

/* A line more in this request's head; values that could end the line are left
 * out. */
static int
extra_add(struct fetch *f, int n, const char *name, const char *value)
{
	const unsigned char *p = (const unsigned char *)value;

	if (value == NULL || strnlen(value, 8192) == 8192)
		return n;
	for (; *p != '\0'; p++)
		if (*p < 0x20 || *p == 0x7f)
			return n;
	if (asprintf(&f->extra_text[n], "%s: %s", name, value) < 0) {
		f->extra_text[n] = NULL;
		return n;
	}
	f->extra[n].data = f->extra_text[n];
	f->extra[n].next = n > 0 ? &f->extra[n - 1] : f->owner->headers;
	return n + 1;
}

static void
headers_set(struct fetch *f, const struct fetch_request *r)
{
	int n = extra_add(f, 0, "If-None-Match", r->etag);

	n = extra_add(f, n, "If-Modified-Since", r->last_modified);
	f->conditional = n > 0;
	n = extra_add(f, n, "Referer", r->referer);
	curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER,
	    n > 0 ? &f->extra[n - 1] : f->owner->headers);
}

static void
resolve_set(struct fetch *f, const struct dns_addr *addrs, int n)
{
	size_t at = (size_t)snprintf(f->resolve_text, sizeof(f->resolve_text),
	    "+%s:%d:", f->host, f->port);
	int i;

	for (i = 0; i < n && sizeof(f->resolve_text) - at > 64; i++) {
		if (i > 0)
			f->resolve_text[at++] = ',';
		if (addrs[i].family == 6)
			f->resolve_text[at++] = '[';
		dns_addr_text(&addrs[i], f->resolve_text + at,
		    sizeof(f->resolve_text) - at);
		at += strlen(f->resolve_text + at);
		if (addrs[i].family == 6)
			f->resolve_text[at++] = ']';
	}
	f->resolve_text[at] = '\0';
	f->resolve.data = f->resolve_text;
	curl_easy_setopt(f->easy, CURLOPT_RESOLVE, &f->resolve);
}

/* An address in the URL: libcurl only has to read it. */
static int
is_literal(const char *host, const struct dns_addr *addrs, int n)
{
	char text[48];

	return n == 1 && (*host == '[' || (addrs[0].family == 4 &&
					      dns_addr_text(&addrs[0], text,
						  sizeof(text)) == 0 &&
					      strcmp(text, host) == 0));
}

static int
fetch_run(struct fetch *f, const struct dns_addr *addrs, int n)
{
	f->literal = is_literal(f->host, addrs, n);
	if (f->literal)
		curl_easy_setopt(f->easy, CURLOPT_RESOLVE, NULL);
	else
		resolve_set(f, addrs, n);
	if (curl_multi_add_handle(multi_curl(f->owner->multi), f->easy) !=
	    CURLM_OK)
		return -1;
	f->state = RUNNING;
	return 0;
}

static void
fetch_unresolved(struct fetch *f, int result)
{
	fetch_fail(f,
	    result == DNS_GUARDED   ? FETCH_GUARDED
	    : result == DNS_NONAME  ? FETCH_DNS
	    : result == DNS_BADNAME ? FETCH_BADURL
				    : FETCH_DNS_TRY,
	    dns_strerror(result));
	fetch_ended(f);
	event_active(&f->owner->kick, EV_TIMEOUT, 0);
}

static void
resolved_cb(
    void *arg, enum dns_result result, const struct dns_addr *addrs, int n)
{
	struct fetch *f = arg;

	f->asked = NULL;
	if (result != DNS_OK)
		fetch_unresolved(f, result);
	else if (fetch_run(f, addrs, n) < 0) {
		fetch_fail(f, FETCH_NOMEM, "libcurl takes no more");
		fetch_ended(f);
		event_active(&f->owner->kick, EV_TIMEOUT, 0);
	}
}

static int
fetch_prepare(struct fetch *f, const struct fetch_request *r)
{
	const struct fetch_options *o = &f->owner->opt;

	f->accept = r->accept;
	f->done = r->done;
	f->arg = r->arg;
	f->max_body = r->max_body > 0 ? r->max_body : o->max_body;
	f->answer.content_length = -1;
	f->started_ms = clock_ms();
	headers_set(f, r);
	return curl_easy_setopt(f->easy, CURLOPT_URL, r->url) == CURLE_OK ? 0
									  : -1;
}

int
fetch_start(struct fetcher *x, const struct fetch_request *r, int64_t now_ms,
    struct fetch **out)
{
	struct dns_addr addrs[DNS_ADDRS];
	struct fetch *f;
	char host[256];
	int n, port;

	*out = NULL;
	if (x->running >= x->opt.parallel)
		return FETCH_FULL;
	if (url_split(r->url, host, &port) < 0)
		return FETCH_BADURL;
	f = fetch_new(x);
	if (f == NULL)
		return FETCH_NOMEM;
	strcpy(f->host, host);
	f->port = port;
	n = dns_cached(x->dns, host, now_ms, addrs);
	if (fetch_prepare(f, r) < 0 || (n > 0 && fetch_run(f, addrs, n) < 0) ||
	    (n == 0 && (f->asked = dns_resolve(
			    x->dns, host, now_ms, resolved_cb, f)) == NULL)) {
		fetch_release(f);
		return FETCH_NOMEM;
	}
	if (n <= 0)
		f->state = RESOLVING;
	TAILQ_INSERT_TAIL(&x->busy, f, link);
	if (x->running++ == 0 || !evtimer_pending(&x->sweep, NULL))
		timer_set(&x->sweep, x->sweep_ms);
	if (n < 0)
		fetch_unresolved(f, n);
	*out = f;
	return 0;
}

void
fetch_cancel(struct fetch *f)
{
	struct fetcher *x;

	if (f == NULL || f->magic != FETCH_MAGIC || f->state == FREE)
		return;
	x = f->owner;
	if (f->state != ENDED)
		fetch_ended(f);
	TAILQ_REMOVE(&x->ended, f, link);
	x->ended_n--;
	x->running--;
	fetch_release(f);
}

/* ---- what the caller reads ---------------------------------------------- */

const struct fetch_answer *
fetch_answer(const struct fetch *f)
{
	return &f->answer;
}

void *
fetch_arg(const struct fetch *f)
{
	return f->arg;
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

int
fetcher_running(const struct fetcher *x)
{
	return x->running;
}

/* ---- open and close ----------------------------------------------------- */

#ifdef HAVE_LIBBROTLIDEC
#define ACCEPT_BR ", br"
#else
#define ACCEPT_BR ""
#endif
#ifdef HAVE_LIBZSTD
#define ACCEPT_ZSTD ", zstd"
#else
#define ACCEPT_ZSTD ""
#endif

static int
header_add(struct fetcher *x, const char *name, const char *value)
{
	struct curl_slist *list;
	char line[1024];

	if (value == NULL || *value == '\0')
		return 0;
	snprintf(line, sizeof(line), "%s: %s", name, value);
	list = curl_slist_append(x->headers, line);
	if (list == NULL)
		return -1;
	x->headers = list;
	return 0;
}

static int
option_copy(struct fetcher *x, int i, const char **option)
{
	if (*option == NULL)
		return 0;
	*option = x->strings[i] = strdup(*option);
	return *option != NULL ? 0 : -1;
}

static int
fetcher_setup(struct fetcher *x)
{
	struct fetch_options *o = &x->opt;

	if (option_copy(x, 0, &o->user_agent) < 0 ||
	    option_copy(x, 1, &o->from) < 0 ||
	    option_copy(x, 2, &o->accept_language) < 0 ||
	    option_copy(x, 3, &o->ca_file) < 0)
		return -1;
	if (header_add(x, "Accept",
		"text/html,application/xhtml+xml,application/xml;q=0.9,"
		"*/*;q=0.8") < 0 ||
	    header_add(x, "Accept-Encoding",
		"gzip, deflate" ACCEPT_BR ACCEPT_ZSTD) < 0 ||
	    header_add(x, "Accept-Language", o->accept_language) < 0 ||
	    header_add(x, "From", o->from) < 0)
		return -1;
	x->multi = multi_new(x->base, o->parallel, multi_turn_cb, x);
	return x->multi != NULL ? 0 : -1;
}

int
fetcher_new(struct fetcher **out, struct event_base *base, struct dns *dns,
    const struct guard *guard, const struct fetch_options *opt, char *err,
    size_t errlen)
{
	struct fetcher *x = calloc(1, sizeof(*x));

	*out = NULL;
	if (x == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		snprintf(err, errlen, "cannot start libcurl");
		free(x);
		return -1;
	}
	x->base = base;
	x->dns = dns;
	x->guard = guard;
	x->opt = *opt;
	fetcher_set_limits(x, opt);
	TAILQ_INIT(&x->free);
	TAILQ_INIT(&x->busy);
	TAILQ_INIT(&x->ended);
	evtimer_assign(&x->kick, base, kick_cb, x);
	evtimer_assign(&x->sweep, base, sweep_cb, x);
	if (fetcher_setup(x) < 0) {
		snprintf(err, errlen, "cannot start libcurl: no memory");
		fetcher_free(x);
		return -1;
	}
	*out = x;
	return 0;
}

void
fetcher_set_limits(struct fetcher *x, const struct fetch_options *o)
{
	x->opt.timeout_ms = o->timeout_ms;
	x->opt.connect_ms = o->connect_ms;
	x->opt.first_byte_ms = o->first_byte_ms;
	x->opt.low_speed_bytes = o->low_speed_bytes;
	x->opt.low_speed_ms = o->low_speed_ms;
	x->sweep_ms = sweep_every(o);
}

void
fetcher_free(struct fetcher *x)
{
	struct fetch *f;
	int i;

	if (x == NULL)
		return;
	while ((f = TAILQ_FIRST(&x->busy)) != NULL ||
	       (f = TAILQ_FIRST(&x->ended)) != NULL)
		fetch_cancel(f);
	while ((f = TAILQ_FIRST(&x->free)) != NULL) {
		TAILQ_REMOVE(&x->free, f, link);
		fetch_free(f);
	}
	multi_free(x->multi);
	event_del(&x->kick);
	event_del(&x->sweep);
	curl_slist_free_all(x->headers);
	for (i = 0; i < 4; i++)
		free(x->strings[i]);
	free(x);
}
