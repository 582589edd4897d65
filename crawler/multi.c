/* multi.c - libcurl's multi interface on a libevent loop.
 *
 * libcurl says which sockets it wants watched and when it wants to be called;
 * libevent does both. A watch is an event of its own in a pool: connections
 * are kept, so watches come and go with every page.
 *
 * Invariants
 *  M1  libcurl is called only from event callbacks, and turn() after it.
 *  M2  A watch is in libevent exactly while libcurl wants its socket. */
#include "crawler/multi.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <event2/event_struct.h>

struct watch {
	struct event ev;
	struct watch *next; /* when it is spare */
	struct multi *owner;
	int what; /* CURL_POLL_* */
};

struct multi {
	struct event_base *base;
	CURLM *curl;
	struct event timer;
	struct watch *spare;
	void (*turn)(void *arg);
	void *arg;
};

static void
watch_cb(evutil_socket_t fd, short what, void *arg)
{
	struct multi *m = ((struct watch *)arg)->owner;
	int running;

	curl_multi_socket_action(m->curl, fd,
	    (what & EV_READ ? CURL_CSELECT_IN : 0) |
		(what & EV_WRITE ? CURL_CSELECT_OUT : 0),
	    &running);
	m->turn(m->arg);
}

static struct watch *
watch_new(struct multi *m, curl_socket_t fd)
{
	struct watch *w = m->spare;

	if (w != NULL)
		m->spare = w->next;
	else if ((w = malloc(sizeof(*w))) == NULL)
		return NULL;
	memset(w, 0, sizeof(*w));
	w->owner = m;
	curl_multi_assign(m->curl, fd, w);
	return w;
}

static int
socket_cb(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
{
	struct multi *m = arg;
	struct watch *w = assigned;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL) {
			event_del(&w->ev);
			w->next = m->spare;
			m->spare = w;
		}
		return 0;
	}
	if (w == NULL && (w = watch_new(m, fd)) == NULL)
		return -1;
	if (w->what == what)
		return 0;
	if (w->what != 0)
		event_del(&w->ev);
	w->what = what;
	event_assign(&w->ev, m->base, fd,
	    (short)((what & CURL_POLL_IN ? EV_READ : 0) |
		    (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST),
	    watch_cb, w);
	return event_add(&w->ev, NULL);
}

/* Never calls libcurl itself, even for 0 ms: we are below it (M1). */
static int
timer_cb(CURLM *curl, long ms, void *arg)
{
	struct multi *m = arg;
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	(void)curl;
	return ms < 0 ? evtimer_del(&m->timer) : evtimer_add(&m->timer, &tv);
}

static void
timeout_cb(evutil_socket_t fd, short what, void *arg)
{
	struct multi *m = arg;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(m->curl, CURL_SOCKET_TIMEOUT, 0, &running);
	m->turn(m->arg);
}

struct multi *
multi_new(struct event_base *base, int keep, void (*turn)(void *arg), void *arg)
{
	struct multi *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->base = base;
	m->turn = turn;
	m->arg = arg;
	m->curl = curl_multi_init();
	if (m->curl == NULL) {
		free(m);
		return NULL;
	}
	evtimer_assign(&m->timer, base, timeout_cb, m);
	curl_multi_setopt(m->curl, CURLMOPT_SOCKETFUNCTION, socket_cb);
	curl_multi_setopt(m->curl, CURLMOPT_SOCKETDATA, m);
	curl_multi_setopt(m->curl, CURLMOPT_TIMERFUNCTION, timer_cb);
	curl_multi_setopt(m->curl, CURLMOPT_TIMERDATA, m);
	curl_multi_setopt(
	    m->curl, CURLMOPT_MAXCONNECTS, keep < 16 ? 16L : (long)keep);
	return m;
}

void
multi_free(struct multi *m)
{
	struct watch *w;

	if (m == NULL)
		return;
	/* It calls socket_cb() while it closes: the watches go last. */
	curl_multi_cleanup(m->curl);
	event_del(&m->timer);
	while ((w = m->spare) != NULL) {
		m->spare = w->next;
		free(w);
	}
	free(m);
}

CURLM *
multi_curl(struct multi *m)
{
	return m->curl;
}
