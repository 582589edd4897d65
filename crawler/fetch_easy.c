/* fetch_easy.c - a slot's easy handle: its options, its sockets, its requests.
 *
 * Options are set once for a slot; from page to page only the URL, the
 * addresses, the validators and what the site's settings ask for change.
 *
 * Invariants (E1-E5 in fetch.h)
 *  E6  libcurl never resolves a name (resolver_cb), and every socket passes
 *      socket_open_cb: to an address the guard lets pass, or, with a proxy, to
 *      the proxy's address and no other.
 *  E8  Through a proxy libcurl is told an address to ask for, the one that was
 *      checked; the name goes no further than TLS and the Host line.
 *  E9  A request goes out once, and once more only when a kept connection
 *      turned out to be dead; answer.requests counts both. */
#include "crawler/fetch_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include "crawler/cookies.h"
#include "crawler/fetch_keep.h"
#include "crawler/files.h"

/* ---- below libcurl ------------------------------------------------------ */

/* Connected, the request goes out next; again when libcurl repeats it. It would
 * do so five times for a stream that the server refuses. */
static int
request_cb(void *arg, char *peer, char *local, int peer_port, int local_port)
{
	struct fetch *f = arg;

	(void)local;
	(void)peer_port;
	(void)local_port;
	if (f->sent && (f->fresh || f->answer.requests > 1)) {
		fetch_fail(f, FETCH_TRUNCATED, "the request was refused");
		return CURL_PREREQFUNC_ABORT;
	}
	if (f->sent && f->once) {
		fetch_fail(f, FETCH_STALE, "the kept connection was closed");
		return CURL_PREREQFUNC_ABORT;
	}
	if (f->proxy[0] == '\0')
		snprintf(
		    f->answer.address, sizeof(f->answer.address), "%s", peer);
	f->fresh = f->opened;
	f->answer.requests++;
	f->sent = 1;
	f->sent_ms = f->window_ms = fetch_clock_ms();
	f->window_bytes = 0;
	return CURL_PREREQFUNC_OK;
}

static int
is_proxy(const struct fetch *f, const struct sockaddr *sa)
{
	const struct sockaddr_in *in = (const void *)sa;
	const struct sockaddr_in6 *in6 = (const void *)sa;

	if (f->proxy_addr.family == 4)
		return sa->sa_family == AF_INET &&
		       ntohs(in->sin_port) == f->proxy_port &&
		       memcmp(&in->sin_addr, f->proxy_addr.ip, 4) == 0;
	return sa->sa_family == AF_INET6 &&
	       ntohs(in6->sin6_port) == f->proxy_port &&
	       memcmp(&in6->sin6_addr, f->proxy_addr.ip, 16) == 0;
}

static curl_socket_t
socket_open_cb(void *arg, curlsocktype purpose, struct curl_sockaddr *sa)
{
	struct fetch *f = arg;
	int fd;

	(void)purpose;
	if (f->proxy[0] != '\0'
		? !is_proxy(f, &sa->addr)
		: guard_refuses_sockaddr(f->owner->guard, &sa->addr) != NULL) {
		f->guarded = 1;
		return CURL_SOCKET_BAD;
	}
	fd = files_take(
	    socket(sa->family, sa->socktype | SOCK_CLOEXEC, sa->protocol),
	    FILES_SITE);
	if (fd < 0) {
		f->no_socket = errno == EMFILE || errno == ENFILE;
		if (f->no_socket)
			multi_end_resting(f->owner->multi);
		return CURL_SOCKET_BAD;
	}
	f->opened = 1;
	return fd;
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

/* ---- once for a slot ---------------------------------------------------- */

/* "": none, and none from the environment. */
static int
set_proxy(struct fetch *f, const char *proxy)
{
	CURL *e = f->easy;
	int bad = 0, socks = strncmp(proxy, "socks5:", 7) == 0;

	if (*proxy != '\0' &&
	    (fetch_proxy_split(proxy, &f->proxy_addr, &f->proxy_port) < 0))
		return -1;
	snprintf(f->proxy, sizeof(f->proxy), "%s", proxy);
#define SET(option, value) bad |= curl_easy_setopt(e, option, value) != CURLE_OK
	SET(CURLOPT_PROXY, proxy);
	SET(CURLOPT_NOPROXY, *proxy != '\0' ? "" : "*");
	SET(CURLOPT_HTTPPROXYTUNNEL, *proxy != '\0' && !socks ? 1L : 0L);
	SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
	return bad ? -1 : 0;
}

static int
set_callbacks(struct fetch *f)
{
	CURL *e = f->easy;
	int bad = 0;

	SET(CURLOPT_PRIVATE, f);
	SET(CURLOPT_ERRORBUFFER, f->said);
	SET(CURLOPT_HEADERFUNCTION, fetch_header_cb);
	SET(CURLOPT_HEADERDATA, f);
	SET(CURLOPT_WRITEFUNCTION, fetch_body_cb);
	SET(CURLOPT_WRITEDATA, f);
	SET(CURLOPT_PREREQFUNCTION, request_cb);
	SET(CURLOPT_PREREQDATA, f);
	SET(CURLOPT_OPENSOCKETFUNCTION, socket_open_cb);
	SET(CURLOPT_OPENSOCKETDATA, f);
	SET(CURLOPT_RESOLVER_START_FUNCTION, resolver_cb);
	SET(CURLOPT_RESOLVER_START_DATA, f);
	return bad ? -1 : 0;
}

int
fetch_easy_new(struct fetch *f)
{
	const struct fetch_options *o = &f->owner->opt;
	CURL *e = f->easy = curl_easy_init();
	int bad = 0;

	f->names = curl_share_init();
	if (e == NULL || f->names == NULL ||
	    curl_share_setopt(f->names, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) !=
		CURLSHE_OK ||
	    set_callbacks(f) < 0 || fetch_tls_set(f, 0, 0) < 0 ||
	    set_proxy(f, "") < 0 || multi_easy(f->owner->multi, e) < 0)
		return -1;
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_PATH_AS_IS, 1L); /* the frontier's key, to the byte */
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
	SET(CURLOPT_HTTPHEADER, f->owner->headers);
	SET(CURLOPT_USERAGENT, o->user_agent);
	f->words = f->owner->words;
	/* With a CApath (Debian's default) libcurl reads the whole bundle for
	 * each connection, 80 ms of CPU; without, once a day. */
	SET(CURLOPT_CAPATH, NULL);
	if (o->ca_file != NULL)
		SET(CURLOPT_CAINFO, o->ca_file);
	SET(CURLOPT_BUFFERSIZE, 32768L);
	/* Nothing is uploaded, but a request may take such a buffer, of 64 KiB
	 * if nobody says less, for the rest of the slot's life. */
	SET(CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
	/* After each page libcurl walks over its cache of addresses, a third of
	 * a page's CPU when all slots share one. They are used at once. */
	SET(CURLOPT_SHARE, f->names);
	SET(CURLOPT_DNS_CACHE_TIMEOUT, 5L);
#undef SET
	return bad ? -1 : 0;
}

/* ---- for each request --------------------------------------------------- */

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

static const char *
cookie_line(struct fetch *f, char out[COOKIES_HEADER + 1])
{
	const struct fetch_target *t = &f->target;
	struct cookies_place at = {t->host, NULL, t->tls};

	if (!f->cookies)
		return NULL;
	f->path = strndup(t->path, strcspn(t->path, "?#"));
	if (f->path == NULL)
		return NULL;
	at.path = f->path;
	return cookies_get(f->owner->cookies, &at, time(NULL), out) > 0 ? out
									: NULL;
}

static void
set_headers(struct fetch *f, const struct fetch_request *r)
{
	char cookie[COOKIES_HEADER + 1];
	int n = extra_add(f, 0, "If-None-Match", r->etag);

	n = extra_add(f, n, "If-Modified-Since", r->last_modified);
	f->conditional = n > 0;
	n = extra_add(f, n, "Referer", r->referer);
	n = extra_add(f, n, "Cookie", cookie_line(f, cookie));
	curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER,
	    n > 0 ? &f->extra[n - 1] : f->owner->headers);
}

int
fetch_easy_request(struct fetch *f, const struct fetch_request *r)
{
	const struct fetch_site *s = &r->site;
	const char *proxy = s->proxy != NULL ? s->proxy : "";
	int keep;

	f->cookies = s->cookies;
	if (((s->tls_old != f->tls_old || s->tls_any != f->tls_any) &&
		fetch_tls_set(f, s->tls_old, s->tls_any) < 0) ||
	    (strcmp(proxy, f->proxy) != 0 && set_proxy(f, proxy) < 0))
		return -1;
	set_headers(f, r);
	if (f->words != f->owner->words) {
		if (curl_easy_setopt(f->easy, CURLOPT_USERAGENT,
			f->owner->opt.user_agent) != CURLE_OK)
			return -1;
		f->words = f->owner->words;
	}
	keep = fetch_keep_ask(f->owner->keep, f->target.host, f->target.port);
	curl_easy_setopt(f->easy, CURLOPT_FORBID_REUSE, keep ? 0L : 1L);
	curl_easy_setopt(
	    f->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)f->owner->opt.connect_ms);
	return curl_easy_setopt(f->easy, CURLOPT_URL, r->url) == CURLE_OK ? 0
									  : -1;
}

static size_t
address_put(struct fetch *f, size_t at, const struct dns_addr *a)
{
	if (a->family == 6)
		f->resolve_text[at++] = '[';
	dns_addr_text(
	    a, f->resolve_text + at, sizeof(f->resolve_text) - at - 2);
	at += strlen(f->resolve_text + at);
	if (a->family == 6)
		f->resolve_text[at++] = ']';
	f->resolve_text[at] = '\0';
	return at;
}

/* Through a proxy: libcurl asks it for this address, and needs no name. */
static void
set_connect_to(struct fetch *f, const struct dns_addr *a)
{
	size_t at;

	strcpy(f->resolve_text, "::");
	at = address_put(f, 2, a);
	snprintf(f->resolve_text + at, sizeof(f->resolve_text) - at, ":%d",
	    f->target.port);
	dns_addr_text(a, f->answer.address, sizeof(f->answer.address));
	f->resolve.data = f->resolve_text;
	f->literal = 1;
	curl_easy_setopt(f->easy, CURLOPT_RESOLVE, NULL);
	curl_easy_setopt(f->easy, CURLOPT_CONNECT_TO, &f->resolve);
}

static void
set_resolve(struct fetch *f, const struct dns_addr *addrs, int n)
{
	size_t at = (size_t)snprintf(f->resolve_text, sizeof(f->resolve_text),
	    "+%s:%d:", f->target.host, f->target.port);
	int i;

	for (i = 0; i < n && sizeof(f->resolve_text) - at > 64; i++) {
		if (i > 0)
			f->resolve_text[at++] = ',';
		at = address_put(f, at, &addrs[i]);
	}
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

void
fetch_easy_address(struct fetch *f, const struct dns_addr *addrs, int n)
{
	if (f->proxy[0] != '\0') {
		set_connect_to(f, &addrs[0]);
		return;
	}
	curl_easy_setopt(f->easy, CURLOPT_CONNECT_TO, NULL);
	f->literal = is_literal(f->target.host, addrs, n);
	if (f->literal)
		curl_easy_setopt(f->easy, CURLOPT_RESOLVE, NULL);
	else
		set_resolve(f, addrs, n);
}

void
fetch_easy_clear(struct fetch *f)
{
	int i;

	for (i = 0; i < FETCH_EXTRA; i++) {
		free(f->extra_text[i]);
		f->extra_text[i] = NULL;
	}
	free(f->path);
	f->path = NULL;
}
