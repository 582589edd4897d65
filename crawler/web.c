/* web.c - see web.h. Places are web_place.c's, clients web_client.c's; here are
 * requests and answers. */
#include "crawler/web.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

#include "config/config.h"
#include "crawler/log.h"
#include "crawler/web_parts.h"

#define ROUTE(path, handler) web_handler handler;
#include "crawler/web_routes.def"
#undef ROUTE

static const struct {
	const char *path;
	web_handler *handler;
} routes[] = {
#define ROUTE(path, handler) {path, handler},
#include "crawler/web_routes.def"
#undef ROUTE
};

/* H5 */
#define CSP_NONE                                                               \
	"default-src 'none'; base-uri 'none'; form-action 'none'; "            \
	"frame-ancestors 'none'"
static const char *const always[][2] = {
    {"Connection", "close"}, /* H1 */
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

static const struct {
	int status;
	const char *reason;
} reasons[] = {{200, "OK"}, {400, "Bad Request"}, {403, "Forbidden"},
    {404, "Not Found"}, {405, "Method Not Allowed"},
    {421, "Misdirected Request"}, {500, "Internal Server Error"},
    {503, "Service Unavailable"}};

static const char *
reason_of(int status)
{
	size_t i;

	for (i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Answer";
}

/* ---- an answer ---------------------------------------------------------- */

static void
put_headers(struct evkeyvalq *h, const struct web_answer *a, size_t len)
{
	char text[64];
	size_t i;

	for (i = 0; i < sizeof always / sizeof *always; i++)
		evhttp_add_header(h, always[i][0], always[i][1]);
	evhttp_add_header(
	    h, "Content-Type", a->type != NULL ? a->type : WEB_TEXT);
	evhttp_add_header(
	    h, "Content-Security-Policy", a->csp != NULL ? a->csp : CSP_NONE);
	snprintf(text, sizeof text, "%zu", len);
	evhttp_add_header(h, "Content-Length", text);
	if (a->keep_s > 0)
		snprintf(text, sizeof text, "private, max-age=%d", a->keep_s);
	evhttp_add_header(
	    h, "Cache-Control", a->keep_s > 0 ? text : "no-store");
	if (a->status == 405)
		evhttp_add_header(h, "Allow", "GET, HEAD");
}

void
web_reply(struct web_request *r, const struct web_answer *a)
{
	struct evhttp_request *http = r->http;
	struct evbuffer *body = a->body != NULL ? a->body : evbuffer_new();

	if (a->body == NULL && body != NULL)
		evbuffer_add_printf(body, "%s\n", reason_of(a->status));
	put_headers(evhttp_request_get_output_headers(http), a,
	    body != NULL ? evbuffer_get_length(body) : 0);
	if (body != NULL && evhttp_request_get_command(http) == EVHTTP_REQ_HEAD)
		evbuffer_drain(body, evbuffer_get_length(body));
	r->client->request = NULL;
	web_client_answered(r->client);
	free(r);
	evhttp_send_reply(http, a->status, reason_of(a->status), body);
	if (body != NULL)
		evbuffer_free(body);
}

void
web_reply_text(struct web_request *r, int status, const char *text)
{
	struct web_answer a = {.status = status, .body = evbuffer_new()};

	if (a.body != NULL)
		evbuffer_add_printf(a.body, "%s\n", text);
	web_reply(r, &a);
}

void
web_later(struct web_request *r, void (*gone)(void *), void *arg)
{
	r->gone = gone;
	r->arg = arg;
}

void
web_late(struct web_request *r)
{
	if (r->gone != NULL)
		r->gone(r->arg);
	web_reply_text(r, 503, "the answer took too long; try again");
}

/* ---- a request ---------------------------------------------------------- */

/* H4: 0, or the status that refuses it. HTTP/1.0 without a Host is a simple
 * program, no browser. */
static int
host_refused(
    const struct web *w, const struct web_place *p, const struct web_request *r)
{
	const char *const *names = config_values(w->config)->http_hosts;
	const struct evkeyvalq *in = evhttp_request_get_input_headers(r->http);
	const struct evkeyval *h;
	int n = 0;

	if (p->path != NULL)
		return 0;
	if (r->target.host[0] != '\0' && !web_host_ok(r->target.host, names))
		return 421;
	TAILQ_FOREACH(h, in, next)
	{
		if (evutil_ascii_strcasecmp(h->key, "Host") != 0)
			continue;
		n++;
		if (!web_host_ok(h->value, names))
			return 421;
	}
	return n == 1 || (n == 0 && r->http->minor == 0) ? 0 : 400;
}

static void
dispatch(struct web *w, const struct web_place *p, struct web_request *r)
{
	enum evhttp_cmd_type method = evhttp_request_get_command(r->http);
	int refused;
	size_t i;

	if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
		web_reply_text(r, 405, "this only shows: use GET or HEAD");
		return;
	}
	if (web_target_parse(&r->target, evhttp_request_get_uri(r->http)) !=
	    0) {
		web_reply(r, &(struct web_answer){.status = 400});
		return;
	}
	if ((refused = host_refused(w, p, r)) != 0) {
		web_reply_text(r, refused,
		    "the name that was asked for is not that of this machine; "
		    "http.hosts lists those that are");
		return;
	}
	for (i = 0; i < sizeof routes / sizeof *routes; i++)
		if (strcmp(routes[i].path, r->target.path) == 0) {
			routes[i].handler(w, r);
			return;
		}
	web_reply(r, &(struct web_answer){.status = 404});
}

void
web_handle(struct evhttp_request *http, void *arg)
{
	struct web_place *p = arg;
	struct web *w = p->web;
	struct web_request *r = calloc(1, sizeof *r);
	struct web_client *c;

	assert(w->magic == WEB_MAGIC);
	w->requests++;
	c = web_client_asked(w, evhttp_request_get_connection(http));
	if (r == NULL || c == NULL || c->request != NULL) {
		free(r);
		evhttp_connection_free(evhttp_request_get_connection(http));
		return;
	}
	r->web = w;
	r->client = c;
	r->http = http;
	c->request = r;
	dispatch(w, p, r);
}

struct engine *
web_engine(const struct web *w)
{
	return w->engine;
}

const struct config *
web_config(const struct web *w)
{
	return w->config;
}

int64_t
web_now(const struct web *w)
{
	struct timeval tv;

	event_base_gettimeofday_cached(w->base, &tv);
	return (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

const char *
web_path(const struct web_request *r)
{
	return r->target.path;
}

int
web_query(const struct web_request *r, const char *name, char *out, size_t cap)
{
	return web_query_get(r->target.query, name, out, cap);
}

/* ---- the whole ---------------------------------------------------------- */

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	web_places_listen(arg, 1);
}

/* Where a place of that name is served; or where there is room for one. */
static struct web_place **
place_slot(struct web *w, const char *at)
{
	size_t i, room = WEB_PLACES;

	for (i = 0; i < WEB_PLACES; i++) {
		if (w->places[i] == NULL)
			room = i;
		else if (strcmp(w->places[i]->at, at) == 0)
			return &w->places[i];
	}
	return room < WEB_PLACES ? &w->places[room] : NULL;
}

static int
places_open(struct web *w, const char *const *at, char *err, size_t errlen)
{
	struct web_place **slot;

	for (; *at != NULL; at++) {
		if ((slot = place_slot(w, *at)) == NULL) {
			snprintf(err, errlen,
			    "http.listen: more than %d places", WEB_PLACES);
			return -1;
		}
		if (*slot == NULL &&
		    (*slot = web_place_open(w, *at, err, errlen)) == NULL)
			return -1;
	}
	return 0;
}

static void
places_close(struct web *w, const char *const *keep)
{
	const char *const *at;
	size_t i;

	for (i = 0; i < WEB_PLACES; i++) {
		if (w->places[i] == NULL)
			continue;
		for (at = keep; *at != NULL; at++)
			if (strcmp(w->places[i]->at, *at) == 0)
				break;
		if (*at != NULL)
			continue;
		web_place_close(w->places[i]);
		w->places[i] = NULL;
	}
}

/* What is gone is closed first: 0.0.0.0:9712 cannot be opened beside
 * 127.0.0.1:9712. */
int
web_set_config(struct web *w, const struct config *c, char *err, size_t errlen)
{
	const char *const *now = config_values(c)->http_listen;
	const char *const *was = config_values(w->config)->http_listen;
	char why[512];

	places_close(w, now);
	if (places_open(w, now, err, errlen) != 0) {
		places_close(w, was);
		if (places_open(w, was, why, sizeof why) != 0)
			log_error("http listens no more error=%s", why);
		return -1;
	}
	w->config = c;
	return 0;
}

int
web_new(struct web **out, struct event_base *base, struct engine *engine,
    const struct config *c, char *err, size_t errlen)
{
	struct web *w = calloc(1, sizeof *w);

	*out = NULL;
	snprintf(err, errlen, "no memory");
	if (w == NULL)
		return -1;
	w->magic = WEB_MAGIC;
	w->base = base;
	w->engine = engine;
	w->config = c;
	if (web_clients_init(w) != 0 ||
	    (w->retry = evtimer_new(base, retry_cb, w)) == NULL ||
	    places_open(w, config_values(c)->http_listen, err, errlen) != 0) {
		web_free(w);
		return -1;
	}
	*out = w;
	return 0;
}

void
web_free(struct web *w)
{
	static const char *const none[] = {NULL};

	if (w == NULL)
		return;
	places_close(w, none);
	web_clients_clear(w);
	if (w->retry != NULL)
		event_free(w->retry);
	free(w);
}
