/* multi.c - libcurl's multi interface on a libevent loop.
 *
 * libcurl says which sockets it wants watched and when it wants to be called;
 * libevent does both. A watch is an event of its own in a pool: connections
 * are kept, so watches come and go with every page.
 *
 * A connection that is kept goes on being watched: what arrives on it now
 * answers no request of ours, and libcurl 7.88 would take it for the answer of
 * the next one (it looks for a hang-up only, not for bytes). So the first sign
 * of life ends it; a server's own end is noticed the same way.
 *
 * Invariants
 *  M1  libcurl is called only from event callbacks, and turn() after it.
 *  M2  A watch is in libevent exactly while libcurl wants its socket, or it is
 *      in kept[], of an HTTP/1 connection that rests and is still open.
 *  M3  A socket is closed by close_cb() alone, which ends its watch first. */
#include "crawler/multi.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

struct watch {
	struct event ev;
	struct watch *next; /* when it is spare */
	struct multi *owner;
	int what; /* CURL_POLL_* */
	int kept; /* the connection rests */
};

struct multi {
	struct event_base *base;
	CURLM *curl;
	struct event timer;
	struct watch *spare;
	struct watch **kept; /* of connections that rest, by descriptor */
	int kept_n;
	void (*turn)(void *arg);
	void *arg;
	void (*socket)(CURL *, curl_socket_t); /* may be NULL */
};

static void
watch_end(struct watch *w)
{
	if (w->what != 0)
		event_del(&w->ev);
	w->next = w->owner->spare;
	w->owner->spare = w;
}

static void watch_cb(evutil_socket_t, short, void *);

static int
watch_set(struct watch *w, curl_socket_t fd, int what)
{
	if (w->what == what)
		return 0;
	if (w->what != 0)
		event_del(&w->ev);
	w->what = what;
	event_assign(&w->ev, w->owner->base, fd,
	    (short)((what & CURL_POLL_IN ? EV_READ : 0) |
		    (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST),
	    watch_cb, w);
	return event_add(&w->ev, NULL);
}

static struct watch *
kept_take(struct multi *m, curl_socket_t fd)
{
	struct watch *w = fd < m->kept_n ? m->kept[fd] : NULL;

	if (w == NULL)
		return NULL;
	m->kept[fd] = NULL;
	w->kept = 0;
	return w;
}

/* Bytes or an end on a connection that rests. libcurl takes it for dead when
 * it reads an end from it: nothing may lie before that. (A socket that is
 * disconnected it takes for alive; and when it cannot say goodbye over TLS, its
 * words about that are taken for those of the next transfer.) */
static void
connection_end(evutil_socket_t fd)
{
	char scrap[16384];
	ssize_t n = 1;
	int i;

	for (i = 0; i < 16 && n > 0; i++)
		n = recv(fd, scrap, sizeof(scrap), MSG_DONTWAIT);
	if (n != 0)
		shutdown(fd, SHUT_RDWR);
}

static void
watch_cb(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;
	struct multi *m = w->owner;
	int running;

	if (w->kept) {
		connection_end(fd);
		watch_end(kept_take(m, fd));
		return;
	}
	curl_multi_socket_action(m->curl, fd,
	    (what & EV_READ ? CURL_CSELECT_IN : 0) |
		(what & EV_WRITE ? CURL_CSELECT_OUT : 0),
	    &running);
	m->turn(m->arg);
}

/* libcurl has no use for it now. HTTP/2 may speak when it is not asked. */
static void
watch_rest(struct watch *w, CURL *easy, curl_socket_t fd)
{
	struct multi *m = w->owner;
	struct watch **more;
	long version = 0;

	curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
	if (fd >= m->kept_n &&
	    (more = realloc(m->kept, ((size_t)fd + 64) * sizeof(*more))) !=
		NULL) {
		memset(more + m->kept_n, 0,
		    (size_t)(fd + 64 - m->kept_n) * sizeof(*more));
		m->kept = more;
		m->kept_n = fd + 64;
	}
	if (version > CURL_HTTP_VERSION_1_1 || version == 0 ||
	    fd >= m->kept_n || watch_set(w, fd, CURL_POLL_IN) != 0) {
		watch_end(w);
		return;
	}
	w->kept = 1;
	m->kept[fd] = w;
}

static int
close_cb(void *arg, curl_socket_t fd)
{
	struct watch *w = kept_take(arg, fd);

	if (w != NULL)
		watch_end(w);
	return close(fd);
}

static struct watch *
watch_new(struct multi *m, curl_socket_t fd)
{
	struct watch *w = kept_take(m, fd);

	if (w != NULL) {
		curl_multi_assign(m->curl, fd, w);
		return w;
	}
	w = m->spare;
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

	if (what == CURL_POLL_REMOVE) {
		if (w != NULL)
			watch_rest(w, easy, fd);
		return 0;
	}
	if (w == NULL) {
		if ((w = watch_new(m, fd)) == NULL)
			return -1;
		if (m->socket != NULL)
			m->socket(easy, fd);
	}
	return watch_set(w, fd, what);
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
multi_on_socket(struct multi *m, void (*on_socket)(CURL *, curl_socket_t))
{
	m->socket = on_socket;
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
	free(m->kept);
	free(m);
}

int
multi_easy(struct multi *m, CURL *easy)
{
	return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_cb) ==
			   CURLE_OK &&
		       curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, m) ==
			   CURLE_OK
		   ? 0
		   : -1;
}

void
multi_end_resting(struct multi *m)
{
	int fd;

	for (fd = 0; fd < m->kept_n; fd++)
		if (m->kept[fd] != NULL) {
			connection_end(fd);
			watch_end(kept_take(m, fd));
		}
}

CURLM *
multi_curl(struct multi *m)
{
	return m->curl;
}
