/* web.h - what the daemon shows over HTTP: figures, health, a page for people.
 *
 * libevent's evhttp, at the places of http.listen. It only shows: GET and HEAD,
 * no cookie, no form, nothing that changes anything. A path is a row of
 * web_routes.def with its handler. Who may reach a place may read all of it.
 *
 * Invariants
 *  H1  A connection carries one request and is closed: nothing is pipelined.
 *  H2  At most WEB_CLIENTS are connected; for one more, that which has waited
 *      longest without a request goes. A request comes within 10 s, its answer
 *      is made within 30 s, or 503 says that it is not, and is taken within
 *      30 s, whatever trickles.
 *  H3  A request is 8 KiB of line and headers at most, and has no body.
 *  H4  By address, only the Host of this machine is answered: addresses,
 *      localhost, http.hosts. So no page of a stranger reads us by a name of
 *      its own that it points here (DNS rebinding).
 *  H5  Every answer of ours forbids to be framed, sniffed, kept by others, and
 *      to load anything that it does not name.
 *  H6  Of a request that is to be answered later either web_reply() is called
 *      or gone(), once.
 *  H7  At most 320 connections are taken in a second, 16 at once: those beyond
 *      wait, the loop does not. */
#ifndef WEB_H
#define WEB_H

#include <stddef.h>
#include <stdint.h>

#define WEB_CLIENTS 64

struct config;
struct engine;
struct evbuffer;
struct event_base;
struct web;
struct web_request;

/* Opens the places of http.listen; none is fine. engine is borrowed until
 * web_free(), config until web_set_config(). 0, or -1 with words. */
int web_new(struct web **, struct event_base *, struct engine *,
    const struct config *, char *err, size_t errlen);
/* Opens places that are new, closes those that are gone. 0, or -1 with words:
 * all is as it was. */
int web_set_config(
    struct web *, const struct config *, char *err, size_t errlen);
/* Before the engine goes. Requests without an answer are gone. */
void web_free(struct web *);

/* ---- for handlers ------------------------------------------------------- */

/* Calls web_reply(), or web_later() and web_reply() after it returned. */
typedef void web_handler(struct web *, struct web_request *);

#define WEB_JSON "application/json"
#define WEB_TEXT "text/plain; charset=utf-8"
#define WEB_HTML "text/html; charset=utf-8"

struct web_answer {
	int status;       /* 200 ... */
	const char *type; /* Content-Type; NULL: WEB_TEXT */
	struct evbuffer
	    *body;       /* given away; NULL: a line that says the status */
	const char *csp; /* Content-Security-Policy; NULL: nothing is loaded */
	int keep_s;      /* a browser may keep it so long; 0: not at all */
};

struct engine *web_engine(const struct web *);
const struct config *web_config(const struct web *);
int64_t web_now(const struct web *); /* the loop's time, Unix ms */
/* The path of the route, without the query. */
const char *web_path(const struct web_request *);
/* A parameter of the query, decoded, of UTF-8. Its length, or -1: it is not
 * there, does not fit, or is no such text. */
int web_query(
    const struct web_request *, const char *name, char *out, size_t cap);

/* Answers; the request is gone afterwards. */
void web_reply(struct web_request *, const struct web_answer *);
/* The same with a line of text. */
void web_reply_text(struct web_request *, int status, const char *text);
/* The answer comes later. gone(arg): it is no longer wanted, and the request
 * is gone. */
void web_later(struct web_request *, void (*gone)(void *arg), void *arg);

#endif
