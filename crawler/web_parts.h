/* web_parts.h - what web*.c share; handlers outside include web.h alone. */
#ifndef WEB_PARTS_H
#define WEB_PARTS_H

#include <sys/queue.h>

#include "crawler/web.h"
#include "crawler/web_target.h"

#define WEB_MAGIC 0x77656231
#define WEB_PLACES 16
#define WEB_HEAD_MAX 8192

struct bufferevent;
struct evhttp;
struct evhttp_connection;
struct evhttp_request;
struct event;
struct evconnlistener;

struct web_request {
	struct web *web;
	struct web_client *client;
	struct evhttp_request *http;
	struct web_target target;
	void (*gone)(void *);
	void *arg;
};

struct web_client {
	TAILQ_ENTRY(web_client) next;
	struct web *web;
	struct bufferevent *bev;         /* a reference of ours */
	struct evhttp_connection *evcon; /* NULL: no request yet */
	struct web_request *request;     /* NULL: none, or answered */
	int left;                        /* seconds */
	int fresh;                       /* accepted in this turn */
	int greedy; /* sent more than evhttp takes */
};
TAILQ_HEAD(web_clients, web_client);

/* A place of http.listen. */
struct web_place {
	struct web *web;
	struct evhttp *http;
	struct evconnlistener *listener;
	char at[160];     /* as in the configuration */
	const char *path; /* of a unix socket, in at; NULL: an address */
};

struct web {
	unsigned magic;
	struct event_base *base;
	struct engine *engine;
	const struct config *config;
	struct web_place *places[WEB_PLACES];
	struct web_clients clients; /* the oldest first */
	int n, taken;               /* connected; taken in this window */
	uint64_t requests, evictions;
	struct event *settle; /* after the clients of one turn */
	struct event *window; /* the end of it */
	struct event *sweep;  /* each second while there are any */
	struct event *retry;  /* listens again after accept() failed */
};

/* web.c: one request that came by that place. */
void web_handle(struct evhttp_request *, void *place);
/* Its answer has not come in time: whoever waits is told so. */
void web_late(struct web_request *);

/* web_place.c. NULL with words. */
struct web_place *web_place_open(
    struct web *, const char *at, char *err, size_t errlen);
void web_place_close(struct web_place *);
void web_places_listen(struct web *, int on);

/* web_client.c: who is connected (H1, H2). */
int web_clients_init(struct web *);
void web_clients_clear(struct web *);
/* evhttp's question for a buffer, when it has accepted. */
struct bufferevent *web_client_new(struct event_base *, void *place);
/* The client has asked; NULL: it is none of ours. */
struct web_client *web_client_asked(struct web *, struct evhttp_connection *);
/* Its answer is on the way. */
void web_client_answered(struct web_client *);

#endif
