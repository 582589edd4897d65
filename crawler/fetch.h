/* fetch.h - one URL asked for over HTTP, on the event loop.
 *
 * libcurl's multi_socket interface on libevent. curl follows no redirect,
 * decodes no content coding, reads no proxy, netrc or cookie from the
 * environment, and speaks HTTP/1 and, over TLS, HTTP/2 only. Addresses come from dns.h
 * (CURLOPT_RESOLVE, entries that expire) and are checked again by the guard
 * when the socket is opened.
 *
 * Invariants
 *  E1  done() comes exactly once for each fetch_start() that returned 0, never
 *      from inside it, and not after fetch_cancel().
 *  E2  At most `parallel` transfers run; fetch_start() returns FETCH_FULL
 *      beyond.
 *  E3  A body is never longer than max_body: at the bound the transfer ends as
 *      FETCH_TOO_BIG. Headers are bounded at 300 KiB.
 *  E4  No address that the guard refuses is connected to. */
#ifndef FETCH_H
#define FETCH_H

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct dns;
struct guard;
struct fetcher;
struct fetch;

enum fetch_result {
	FETCH_OK = 0,	   /* an answer, of any status */
	FETCH_FULL = -1,   /* fetch_start() only: all slots taken */
	FETCH_NOMEM = -2,
	FETCH_BADURL = -3, /* not http or https, or curl cannot parse it */
	FETCH_DNS = -4,	   /* no such name */
	FETCH_DNS_TRY = -5, /* the name server failed or did not answer */
	FETCH_GUARDED = -6,
	FETCH_CONNECT = -7, /* refused, unreachable */
	FETCH_TIMEOUT = -8, /* connect, first byte, low speed or whole transfer */
	FETCH_TLS = -9,
	FETCH_PROTOCOL = -10, /* not HTTP, or HTTP that contradicts itself */
	FETCH_TRUNCATED = -11, /* ended before its length */
	FETCH_TOO_BIG = -12,
	FETCH_BAD_TYPE = -13,  /* accept() said no to its headers */
	FETCH_STALE = -14,     /* `once`: a kept connection was dead; ask again */
	FETCH_SHORT = -15      /* no descriptor is free for it: ours to mend */
};
#define FETCH_RESULTS 16 /* how many there are, from 0 down */
const char *fetch_strerror(int result);
const char *fetch_result_name(int result); /* a word, for logs */
int fetch_is_temporary(int result); /* worth a retry */

struct fetch_options {
	int parallel;		   /* transfers at once */
	int64_t timeout_ms;	   /* whole transfer */
	int64_t connect_ms;	   /* name to connected, TLS included */
	int64_t first_byte_ms;
	int64_t low_speed_bytes, low_speed_ms;
	int64_t max_body;	   /* wire bytes */
	const char *user_agent, *from;
	const char *accept_language; /* NULL: none sent */
	const char *ca_file;	   /* NULL: the system's */
};

/* What a site may need to be asked with; zero is what all others get. */
struct fetch_site {
	int tls_old;	   /* TLS 1.0, SHA-1, old renegotiation are taken too */
	int tls_any;	   /* certificates are not checked */
	int cookies;	   /* kept and sent back, in memory (cookies.h) */
	/* NULL or "": none; "http://address:port" or "socks5://address:port",
	 * with user:password@ before the address if need be. Its address is
	 * the administrator's word and passes no guard; the target's passes it
	 * all the same. Copied. */
	const char *proxy;
};

struct fetch_request {
	const char *url;
	const char *etag, *last_modified; /* validators, NULL: none */
	const char *referer;
	struct fetch_site site;
	int64_t max_body;		  /* 0: the options' */
	/* libcurl repeats at once what a dead kept connection has swallowed; 1:
	 * it may not, for the host is owed a pause. Ends as FETCH_STALE. */
	int once;
	int keep_head; /* the answer's `head` is wanted */
	/* Looks at the headers before the body; 0 ends the transfer as
	 * FETCH_BAD_TYPE. NULL: everything is taken. */
	int (*accept)(void *arg, const struct fetch *);
	/* Takes the body as it comes instead of its being kept, up to max_body
	 * bytes of it, whatever Content-Length says; what is longer ends as
	 * FETCH_TOO_BIG then. -1: no room for it (FETCH_NOMEM). NULL: kept. */
	int (*data)(void *arg, const void *, size_t);
	void (*done)(void *arg, struct fetch *);
	void *arg;
};

/* The answer, readable in accept() (headers) and done() (all). Strings are
 * bounded at 8 KiB each, free of control bytes, owned by the fetch; NULL: no
 * such header. After done() returns the fetch is gone, but for a body that
 * was taken. */
struct fetch_answer {
	enum fetch_result result;
	char error[256];	/* words for the log; "" on FETCH_OK */
	int status;
	const char *location, *content_type, *content_encoding,
	    *content_disposition, *etag,
	    *last_modified, *retry_after,
	    *x_robots_tag, /* its lines joined by "; " */
	    *date;
	int64_t content_length; /* header's; -1: none */
	/* Status line and headers as they came, empty line included, not cleaned
	 * of anything; NULL: keep_head was not set. */
	const char *head;
	size_t head_len;
	const void *body;
	size_t body_len; /* with data(): what it took */
	int64_t elapsed_ms;
	/* Of it, as libcurl has measured: until connected (TLS included; 0: a
	 * kept connection) and until the first byte. 0 where it did not come
	 * so far. */
	int64_t connect_ms, first_ms;
	int64_t wire_bytes; /* headers and body as they came */
	char address[48];	/* the target's, as text */
	/* Sent for this answer: 0 when none got that far, 2 when a kept
	 * connection was dead. */
	int requests;
	int cookies; /* taken from this answer */
};
const struct fetch_answer *fetch_answer(const struct fetch *);
/* Takes the body: malloced, caller frees. */
void *fetch_take_body(struct fetch *, size_t *len);

int fetcher_new(struct fetcher **, struct event_base *, struct dns *,
    const struct guard *, const struct fetch_options *, char *err,
    size_t errlen);
void fetcher_free(struct fetcher *); /* cancels what runs */
/* Other times and speeds, for what runs too; the rest stays as it is. */
void fetcher_set_limits(struct fetcher *, const struct fetch_options *);
/* Another user_agent, from and accept_language, from the next request on. -1: no
 * memory, and the old ones stay. */
int fetcher_set_words(struct fetcher *, const struct fetch_options *);
int fetch_start(struct fetcher *, const struct fetch_request *, int64_t now_ms,
    struct fetch **out);
void fetch_cancel(struct fetch *);
int fetcher_running(const struct fetcher *);

#endif
