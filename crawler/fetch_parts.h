/* fetch_parts.h - what the files of the fetcher share, and nobody else
 * includes.
 *
 *	fetch.c		the slots: start, end, cancel
 *	fetch_easy.c	a slot's easy handle: options, sockets, requests
 *	fetch_answer.c	what comes back: headers, body, what a failure means
 *	fetch_time.c	the limits in time
 *	fetch_tls.c	versions, certificates, close_notify
 *	fetch_url.c	where a URL leads
 *	fetch_keep.c	whether a connection is worth keeping
 *	fetch_headers.c	header lines, read and bounded
 *	cookies.c	the jars of sites that need them */
#ifndef FETCH_PARTS_H
#define FETCH_PARTS_H

#include <sys/queue.h>
#include <sys/socket.h>

#include <curl/curl.h>
#include <event2/event_struct.h>

#include "crawler/dns.h"
#include "crawler/fetch.h"
#include "crawler/fetch_headers.h"
#include "crawler/multi.h"

#define FETCH_MAGIC 0x66657463u
#define FETCH_EXTRA 4       /* header lines of one request's own */
#define FETCH_PROXY_MAX 320 /* a proxy's URL */

struct cookies;
struct fetch_keep;

enum fetch_state { FETCH_FREE, FETCH_RESOLVING, FETCH_RUNNING, FETCH_ENDED };

/* Where a URL leads. */
struct fetch_target {
	char host[256];   /* with brackets, if it is IPv6 */
	const char *path; /* within the URL; "", "?..." for none */
	int port, tls;
};

struct fetch {
	unsigned magic;
	enum fetch_state state;
	struct fetcher *owner;
	TAILQ_ENTRY(fetch) link; /* in free, busy or ended */
	CURL *easy;
	CURLSH *names; /* libcurl's cache of addresses, this slot's alone */

	int (*accept)(void *arg, const struct fetch *);
	int (*data)(void *arg, const void *, size_t);
	void (*done)(void *arg, struct fetch *);
	void *arg;
	int64_t max_body;
	struct dns_request *asked;
	struct fetch_target target;
	int literal; /* libcurl may read addresses, E6 */

	/* the site's, as the easy handle has them now */
	int tls_old, tls_any, cookies;
	char proxy[FETCH_PROXY_MAX]; /* "": none */
	struct dns_addr proxy_addr;
	int proxy_port;

	struct curl_slist resolve, extra[FETCH_EXTRA];
	char resolve_text[1280]; /* a name, a port, DNS_ADDRS addresses */
	char *extra_text[FETCH_EXTRA];
	unsigned words; /* the fetcher's, when the user agent was set */
	char *path; /* the URL's, while a jar is open to it */

	struct fetch_answer answer;
	struct fetch_headers headers;
	int tls_watched, tls_notice; /* for close_notify; it has come */
	int sent, guarded, drop_body, conditional, once;
	int opened, fresh; /* a socket for it; before its first request */
	int no_socket;	   /* there was none to be had */
	int64_t started_ms, run_ms, sent_ms;
	curl_socket_t fd;    /* -1: not known */
	uint64_t fd_bytes;   /* had come over it when it became ours */
	int64_t window_ms;   /* low speed: since when, */
	size_t window_bytes; /* and how much came since */
	char *body;
	size_t body_cap;
	char said[CURL_ERROR_SIZE]; /* libcurl's words; ours are the answer's */
};

TAILQ_HEAD(fetches, fetch);

struct fetcher {
	struct event_base *base;
	struct dns *dns;
	const struct guard *guard;
	struct fetch_options opt;
	char *strings[4]; /* ours of opt */
	unsigned words;   /* counts up when another user_agent is set */
	struct multi *multi;
	struct cookies *cookies;
	struct fetch_keep *keep;
	struct curl_slist *headers; /* the same for every request */
	struct past *past; /* headers before fetcher_set_words() */
	struct event kick, sweep;
	int64_t sweep_ms;
	struct fetches free, busy, ended;
	int running, ended_n;
};

/* fetch.c. The first reason of a failure stays. */
void fetch_fail(struct fetch *, enum fetch_result, const char *words);
/* Off the busy list, done() to be called by the next drain. */
void fetch_ended(struct fetch *);
void fetcher_drain(struct fetcher *);
int64_t fetch_clock_ms(void);

/* fetch_url.c: 0, or -1: not one we ask for. */
int fetch_url_split(const char *url, struct fetch_target *);
/* "scheme://[user:password@]address:port"; 0, or -1. */
int fetch_proxy_split(const char *proxy, struct dns_addr *, int *port);

/* fetch_easy.c: once for a slot, and for each request. 0, or -1. */
int fetch_easy_new(struct fetch *);
int fetch_easy_request(struct fetch *, const struct fetch_request *);
void fetch_easy_address(struct fetch *, const struct dns_addr *, int n);
void fetch_easy_clear(struct fetch *);

/* fetch_tls.c: what the site's settings say; and once the headers are read, to
 * see how an answer without a length ends. */
int fetch_tls_set(struct fetch *, int old, int any);
void fetch_tls_watch(struct fetch *);

/* fetch_answer.c: write callbacks of libcurl, and its verdict. */
size_t fetch_header_cb(char *line, size_t size, size_t count, void *fetch);
size_t fetch_body_cb(char *data, size_t size, size_t count, void *fetch);
void fetch_answer_end(struct fetch *, CURLcode);
void fetch_answer_clear(struct fetch *);

/* fetch_time.c */
void fetch_time_socket(CURL *, curl_socket_t);
void fetch_time_init(struct fetcher *);
void fetch_time_arm(struct fetcher *);

#endif
