/* serve.c - HTTP for the sites, and the log of what was asked.
 *
 * A site listens on its own address and answers to its own name only: another
 * Host is 421. Connections are kept alive; gzip when it is asked for; If-None-
 * Match gives 304. /__log on any site tells what was asked of all of them since
 * the start, an answer a line; /__stop ends the program. */
#include "tests/sites/sites.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <time.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#define LOG_MAX (64 << 20) /* bytes; a load test must not eat the machine */

struct door {
	struct server *server;
	struct site *site;
	struct evhttp *http;
};

struct server {
	struct event_base *base;
	struct door *doors;
	size_t ndoors;
	struct evbuffer *log;
};

struct request {
	struct server *server;
	struct site *site;
	char *uri, *agent, *host;
	int64_t began, ended;
	int status;
};

int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
put_json(struct evbuffer *b, const char *name, const char *s)
{
	evbuffer_add_printf(b, ",\"%s\":\"", name);
	for (; s != NULL && *s != '\0'; s++)
		if (*s == '"' || *s == '\\')
			evbuffer_add_printf(b, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			evbuffer_add_printf(b, "\\u%04x", *s);
		else
			evbuffer_add(b, s, 1);
	evbuffer_add(b, "\"", 1);
}

/* The answer has left: a line for the log. */
static void
request_end(struct evhttp_request *req, void *arg)
{
	struct request *r = arg;
	struct evbuffer *log = r->server->log;

	(void)req;
	if (evbuffer_get_length(log) < LOG_MAX) {
		evbuffer_add_printf(log, "{\"began\":%lld,\"ended\":%lld",
		    (long long)r->began, (long long)r->ended);
		put_json(log, "host", r->host);
		put_json(log, "address", attr_get(&r->site->attrs, "address"));
		put_json(log, "path", r->uri);
		evbuffer_add_printf(log, ",\"status\":%d", r->status);
		put_json(log, "agent", r->agent);
		evbuffer_add(log, "}\n", 2);
	}
	free(r->uri);
	free(r->agent);
	free(r->host);
	free(r);
}

/* The name in the Host header is the site's, whatever the port. */
static int
host_is(const char *host, const char *name)
{
	size_t n = strlen(name);

	return host != NULL && strncasecmp(host, name, n) == 0 &&
	       (host[n] == '\0' || host[n] == ':');
}

static void
add_header(struct evhttp_request *req, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(req), name, value);
}

static const char *
get_header(struct evhttp_request *req, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(req), name);
}

/* A tag of the bytes; 1 when the asker has them already. */
static int
is_known(struct evhttp_request *req, const char *body, size_t len)
{
	const char *have = get_header(req, "If-None-Match");
	uint64_t h = 14695981039346656037u;
	char tag[32];

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)body[i]) * 1099511628211u;
	snprintf(tag, sizeof(tag), "\"%016llx\"", (unsigned long long)h);
	add_header(req, "ETag", tag);
	return have != NULL && strcmp(have, tag) == 0;
}

static void
send_body(struct evhttp_request *req, int status, char *body, size_t len)
{
	const char *accept = get_header(req, "Accept-Encoding");
	struct evbuffer *out = must(evbuffer_new());
	void *packed;
	size_t n;

	if (accept != NULL && strstr(accept, "gzip") != NULL && len > 200) {
		packed = encode_gzip(body, len, &n, 6);
		add_header(req, "Content-Encoding", "gzip");
		add_header(req, "Vary", "Accept-Encoding");
		evbuffer_add(out, packed, n);
		free(packed);
	} else
		evbuffer_add(out, body, len);
	evhttp_send_reply(req, status, NULL, out);
	evbuffer_free(out);
}

/* The page at the path, or the answer that says there is none. */
static int
answer(struct door *d, struct evhttp_request *req)
{
	const char *uri = evhttp_request_get_uri(req);
	char *body, *type;
	size_t len;
	int status;

	if (!host_is(
		get_header(req, "Host"), attr_get(&d->site->attrs, "host"))) {
		evhttp_send_reply(req, 421, "Misdirected Request", NULL);
		return 421;
	}
	status = page_make(d->site, uri, &body, &len, &type);
	if (status >= 300 && status < 400) {
		add_header(req, "Location", type);
		evhttp_send_reply(req, status, NULL, NULL);
	} else {
		add_header(req, "Content-Type", type);
		if (strncmp(type, "text/html", 9) == 0)
			encode_page(
			    d->site, site_article(d->site, uri), &body, &len);
		if (status == 200 && is_known(req, body, len)) {
			status = 304;
			evhttp_send_reply(req, 304, NULL, NULL);
		} else
			send_body(req, status, body, len);
	}
	free(body);
	free(type);
	return status;
}

static void
send_log(struct server *s, struct evhttp_request *req)
{
	struct evbuffer *out = must(evbuffer_new());
	size_t n = evbuffer_get_length(s->log);

	evbuffer_add(out, evbuffer_pullup(s->log, -1), n);
	add_header(req, "Content-Type", "application/jsonl");
	evhttp_send_reply(req, 200, NULL, out);
	evbuffer_free(out);
}

static char *
copy(const char *s)
{
	return must(strdup(s ? s : ""));
}

static void
request_cb(struct evhttp_request *req, void *arg)
{
	struct door *d = arg;
	const char *uri = evhttp_request_get_uri(req);
	struct request *r;

	if (strcmp(uri, "/__log") == 0) {
		send_log(d->server, req);
		return;
	}
	if (strcmp(uri, "/__stop") == 0) {
		evhttp_send_reply(req, 200, NULL, NULL);
		event_base_loopexit(
		    d->server->base, &(struct timeval){.tv_usec = 50000});
		return;
	}
	r = must(calloc(1, sizeof(*r)));
	r->server = d->server;
	r->site = d->site;
	r->began = now_ms();
	r->uri = copy(uri);
	r->agent = copy(get_header(req, "User-Agent"));
	r->host = copy(get_header(req, "Host"));
	evhttp_request_set_on_complete_cb(req, request_end, r);
	r->status = answer(d, req);
	/* It leaves from here on. When it has left this program may learn late,
	 * and a pause that was kept would look too short. */
	r->ended = now_ms();
}

struct server *
server_new(struct event_base *base, struct site **sites, size_t n)
{
	struct server *s = must(calloc(1, sizeof(*s)));

	s->base = base;
	s->log = must(evbuffer_new());
	s->doors = must(calloc(n, sizeof(*s->doors)));
	s->ndoors = n;
	for (size_t i = 0; i < n; i++) {
		s->doors[i].server = s;
		s->doors[i].site = sites[i];
		s->doors[i].http = must(evhttp_new(base));
		evhttp_set_timeout(s->doors[i].http, 30);
		evhttp_set_max_headers_size(s->doors[i].http, 16384);
		evhttp_set_max_body_size(s->doors[i].http, 65536);
		evhttp_set_allowed_methods(
		    s->doors[i].http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
		evhttp_set_gencb(s->doors[i].http, request_cb, &s->doors[i]);
	}
	return s;
}

void
server_free(struct server *s)
{
	for (size_t i = 0; i < s->ndoors; i++)
		evhttp_free(s->doors[i].http);
	evbuffer_free(s->log);
	free(s->doors);
	free(s);
}

static int
bound_port(struct evhttp_bound_socket *b)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);

	if (getsockname(evhttp_bound_socket_get_fd(b), (struct sockaddr *)&in,
		&len) != 0)
		return -1;
	return ntohs(in.sin_port);
}

/* One port for all, or none is left bound. */
static int
bind_all(struct server *s, int port)
{
	struct evhttp_bound_socket **b = must(calloc(s->ndoors, sizeof(*b)));
	size_t i;

	for (i = 0; i < s->ndoors; i++) {
		struct site *site = s->doors[i].site;

		b[i] = evhttp_bind_socket_with_handle(
		    s->doors[i].http, attr_get(&site->attrs, "address"), port);
		if (b[i] == NULL)
			break;
		port = bound_port(b[i]);
		site->port = port;
	}
	if (i < s->ndoors) {
		while (i-- > 0)
			evhttp_del_accept_socket(s->doors[i].http, b[i]);
		port = -1;
	}
	free(b);
	return port;
}

int
server_bind(struct server *s, int port)
{
	int got = bind_all(s, port);

	/* A port that is free on one address may be taken on the next. */
	for (int i = 0; port == 0 && got < 0 && i < 20; i++)
		got = bind_all(s, 0);
	return got;
}
