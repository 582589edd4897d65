/* web_client.c - who is connected to the web server (H1, H2).
 *
 * evhttp bounds neither how many clients there are nor how long one may take in
 * all: its timeout begins anew with every byte. So each connection has a second
 * hand here: evhttp asks for a buffer for it, and we keep a reference to that.
 *
 *	accepted -> (10 s) -> asked -> answered -> (30 s) -> gone
 *
 * A connection that has asked is evhttp's to free, and tells us. One that never
 * asks we can only shut down and call ended: evhttp frees it then, which shows in
 * the callbacks of its buffer; the number of the descriptor is ours until we
 * have seen that, so it cannot have become somebody else's.
 *
 * Nor does evhttp bound the line before a chunk, which it looks through anew
 * with all that comes of it: who has sent READ_MOST that it did not take goes.
 * (A watermark of the buffer would not do: while it is met, libevent calls evhttp
 * in every turn.) */
#include "crawler/web_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#include "crawler/files.h"

#define ASK_SECONDS 10
#define ANSWER_SECONDS 30
#define READ_MOST (4 * WEB_HEAD_MAX)
#define WINDOW_CLIENTS 16 /* taken in a window; others wait for the next */

static const struct timeval window = {0, 50000};

static void
input_cb(struct evbuffer *in, const struct evbuffer_cb_info *info, void *arg)
{
	struct web_client *c = arg;

	(void)info;
	if (c->greedy || evbuffer_get_length(in) <= READ_MOST)
		return;
	c->greedy = 1;
	event_active(c->web->settle, EV_TIMEOUT, 0);
}

static void
client_forget(struct web_client *c)
{
	struct web *w = c->web;
	struct web_request *r = c->request;

	TAILQ_REMOVE(&w->clients, c, next);
	w->n--;
	evbuffer_remove_cb(bufferevent_get_input(c->bev), input_cb, c);
	bufferevent_decref(c->bev);
	free(c);
	if (r == NULL)
		return;
	if (r->gone != NULL)
		r->gone(r->arg);
	free(r);
}

/* evhttp has let go of it. */
static int
client_is_dead(const struct web_client *c)
{
	bufferevent_data_cb read_cb;
	bufferevent_event_cb event_cb;

	bufferevent_getcb(c->bev, &read_cb, NULL, &event_cb, NULL);
	return read_cb == NULL && event_cb == NULL;
}

static void
client_closed_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	client_forget(arg);
}

static void
client_end(struct web_client *c)
{
	if (c->evcon != NULL)
		evhttp_connection_free(c->evcon); /* calls client_closed_cb() */
	else {
		shutdown(bufferevent_getfd(c->bev), SHUT_RDWR);
		bufferevent_trigger_event(c->bev,
		    BEV_EVENT_READING | BEV_EVENT_EOF,
		    BEV_TRIG_DEFER_CALLBACKS);
	}
}

static void
clients_bury(struct web *w)
{
	struct web_client *c, *next;

	for (c = TAILQ_FIRST(&w->clients); c != NULL; c = next) {
		next = TAILQ_NEXT(c, next);
		if (!c->fresh && client_is_dead(c))
			client_forget(c);
	}
}

/* Whoever waits longest, without a request if there is one. */
static struct web_client *
clients_idlest(struct web *w)
{
	struct web_client *c, *first = NULL;

	TAILQ_FOREACH(c, &w->clients, next)
	{
		if (c->left == 0)
			continue; /* on its way out */
		if (c->evcon == NULL)
			return c;
		if (first == NULL)
			first = c;
	}
	return first;
}

static void
client_expire(struct web_client *c)
{
	c->web->evictions++;
	c->left = 0;
	client_end(c);
}

static void
sweep_cb(evutil_socket_t fd, short what, void *arg)
{
	struct web *w = arg;
	struct web_client *c, *next;

	(void)fd;
	(void)what;
	assert(w->magic == WEB_MAGIC);
	clients_bury(w);
	for (c = TAILQ_FIRST(&w->clients); c != NULL; c = next) {
		next = TAILQ_NEXT(c, next);
		if (c->left == 0 || --c->left > 0)
			continue;
		if (c->request != NULL)
			web_late(c->request);
		else
			client_expire(c);
	}
	if (w->n == 0)
		event_del(w->sweep);
}

/* After the clients of one turn: they have their descriptors now, and what was
 * read of others was offered to evhttp. */
static void
settle_cb(evutil_socket_t fd, short what, void *arg)
{
	struct web *w = arg;
	struct web_client *c, *next;
	int is_one_too_many;

	(void)fd;
	(void)what;
	assert(w->magic == WEB_MAGIC);
	for (c = TAILQ_FIRST(&w->clients); c != NULL; c = next) {
		next = TAILQ_NEXT(c, next);
		is_one_too_many =
		    c->fresh &&
		    !files_fit(bufferevent_getfd(c->bev), FILES_OWN);
		c->fresh = 0;
		if (c->left > 0 && (c->greedy || is_one_too_many))
			client_expire(c);
	}
	clients_bury(w);
}

/* H7. Those that had to go are freed when evhttp has seen it, in a turn or two:
 * only then are more taken. */
static void
window_cb(evutil_socket_t fd, short what, void *arg)
{
	struct web *w = arg;

	(void)fd;
	(void)what;
	assert(w->magic == WEB_MAGIC);
	w->taken = 0;
	clients_bury(w);
	if (w->n < WEB_CLIENTS + WINDOW_CLIENTS)
		web_places_listen(w, 1);
	else
		event_add(w->window, &window);
}

struct bufferevent *
web_client_new(struct event_base *base, void *arg)
{
	static const struct timeval second = {1, 0};
	struct web_place *place = arg;
	struct web *w = place->web;
	struct web_client *c = calloc(1, sizeof *c), *old;

	if (c == NULL || (c->bev = bufferevent_socket_new(
			      base, -1, BEV_OPT_CLOSE_ON_FREE)) == NULL) {
		free(c);
		return NULL; /* evhttp has no memory for its own either */
	}
	bufferevent_incref(c->bev);
	evbuffer_add_cb(bufferevent_get_input(c->bev), input_cb, c);
	c->web = w;
	c->left = ASK_SECONDS;
	c->fresh = 1;
	if (w->n >= WEB_CLIENTS && (old = clients_idlest(w)) != NULL)
		client_expire(old);
	TAILQ_INSERT_TAIL(&w->clients, c, next);
	if (w->n++ == 0)
		event_add(w->sweep, &second);
	if (w->taken++ == 0)
		event_add(w->window, &window);
	if (w->taken >= WINDOW_CLIENTS)
		web_places_listen(w, 0);
	event_active(w->settle, EV_TIMEOUT, 0);
	return c->bev;
}

struct web_client *
web_client_asked(struct web *w, struct evhttp_connection *evcon)
{
	struct bufferevent *bev = evhttp_connection_get_bufferevent(evcon);
	struct web_client *c;

	TAILQ_FOREACH(c, &w->clients, next)
	if (c->bev == bev)
		break;
	if (c == NULL)
		return NULL;
	c->evcon = evcon;
	c->left = ANSWER_SECONDS;
	evhttp_connection_set_closecb(evcon, client_closed_cb, c);
	return c;
}

void
web_client_answered(struct web_client *c)
{
	c->left = ANSWER_SECONDS;
}

int
web_clients_init(struct web *w)
{
	TAILQ_INIT(&w->clients);
	w->settle = event_new(w->base, -1, 0, settle_cb, w);
	w->window = evtimer_new(w->base, window_cb, w);
	w->sweep = event_new(w->base, -1, EV_PERSIST, sweep_cb, w);
	return w->settle == NULL || w->window == NULL || w->sweep == NULL ? -1
									  : 0;
}

/* The places are closed, and with them all that evhttp had. */
void
web_clients_clear(struct web *w)
{
	struct web_client *c;

	while ((c = TAILQ_FIRST(&w->clients)) != NULL)
		client_forget(c);
	if (w->settle != NULL)
		event_free(w->settle);
	if (w->window != NULL)
		event_free(w->window);
	if (w->sweep != NULL)
		event_free(w->sweep);
}
