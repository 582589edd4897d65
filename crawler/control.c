/* control.c - see control.h; the client's side is control_client.c.
 *
 *	READING -> WORKING -> WRITING -> gone
 *
 * A client is read, then its answer is made (at once, or in steps), then it is
 * written. It is taken together with what it has sent: who sends its request
 * and waits is answered before anybody else can be in its way. */
#include "crawler/control.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "crawler/files.h"
#include "crawler/log.h"

#define CONTROL_MAGIC 0x63747231
#define CLIENT_SECONDS 10
#define BACKLOG 128
#define TICK_US 100000
#define TICK_CLIENTS 50       /* taken in a tick */
#define TICK_BYTES (2 << 20)  /* read in a tick */
#define TURN_CLIENTS 16       /* taken in a turn of the loop */
#define READ_BYTES (64 << 10) /* of a client at a time */
#define GROUPS_MAX 1024

struct control {
	unsigned magic;
	struct event_base *base;
	int fd;
	struct event *readable, *tick;
	control_handle *handle;
	void *arg;
	struct client *clients;
	int n;
	int takes;     /* clients that may be taken in this tick */
	int64_t reads; /* bytes that may be read in it */
	size_t held;   /* bytes of requests that are not whole yet */
	char path[108];
};

enum client_state { READING, WORKING, WRITING };

struct client {
	struct control *control;
	struct client *next, **prev;
	enum client_state state;
	enum control_peer peer;
	int fd;
	uid_t uid;
	int64_t active_ms; /* when it last moved */
	struct event *readable, *writable, *deadline, *turn;
	struct evbuffer *in, *out;
	size_t seen; /* bytes of the request in which no end was found */
	struct control_steps steps; /* of an answer that is being written */
	FILE *answer;
	char *text;
	size_t text_len;
};

static int64_t
now_ms(const struct control *k)
{
	struct timeval tv;

	event_base_gettimeofday_cached(k->base, &tv);
	return (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

/* C2: what was spent is there again in the next tick. */
static void
spend(struct control *k, int takes, int64_t reads)
{
	static const struct timeval tick = {0, TICK_US};

	k->takes -= takes;
	k->reads -= reads;
	if (!evtimer_pending(k->tick, NULL))
		event_add(k->tick, &tick);
}

/* ---- the end of a client ------------------------------------------------ */

static void
event_drop(struct event *e)
{
	if (e != NULL)
		event_free(e);
}

static void
client_free(struct client *c)
{
	struct control *k = c->control;

	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	k->n--;
	if (c->in != NULL) {
		k->held -= evbuffer_get_length(c->in);
		evbuffer_free(c->in);
	}
	if (c->out != NULL)
		evbuffer_free(c->out);
	if (c->steps.end != NULL)
		c->steps.end(c->steps.state);
	event_drop(c->turn);
	event_drop(c->readable);
	event_drop(c->writable);
	event_drop(c->deadline);
	if (c->answer != NULL)
		fclose(c->answer);
	free(c->text);
	close(c->fd);
	free(c);
}

static int
clients_of(const struct control *k, uid_t uid)
{
	const struct client *c;
	int n = 0;

	for (c = k->clients; c != NULL; c = c->next)
		n += c->uid == uid;
	return n;
}

/* C3: of two clients, the one to lose first. */
static int
is_worse(
    const struct control *k, const struct client *a, const struct client *b)
{
	int na, nb;

	if (a->uid != b->uid &&
	    (na = clients_of(k, a->uid)) != (nb = clients_of(k, b->uid)))
		return na > nb;
	/* One that is worked for is idle through no fault of its own. */
	if ((a->state == WORKING) != (b->state == WORKING))
		return b->state == WORKING;
	return a->active_ms < b->active_ms;
}

static void
evict_one(struct control *k)
{
	struct client *c, *worst = k->clients;

	for (c = k->clients; c != NULL; c = c->next)
		if (is_worse(k, c, worst))
			worst = c;
	client_free(worst);
}

/* C1: the largest request of those that are still coming. */
static void
evict_largest(struct control *k)
{
	struct client *c, *worst = NULL;

	for (c = k->clients; c != NULL; c = c->next)
		if (worst == NULL ||
		    evbuffer_get_length(c->in) > evbuffer_get_length(worst->in))
			worst = c;
	if (worst != NULL)
		client_free(worst);
}

/* ---- its answer --------------------------------------------------------- */

static void
client_later(struct client *c)
{
	static const struct timeval limit = {CLIENT_SECONDS, 0};

	event_add(c->deadline, &limit);
}

/* What was written of the answer goes out. 0, -1: no memory. */
static int
client_push(struct client *c)
{
	if (fflush(c->answer) != 0 ||
	    evbuffer_add(c->out, c->text, c->text_len) != 0)
		return -1;
	return fseeko(c->answer, 0, SEEK_SET);
}

/* Writes what the socket takes, at once: after `stop` the loop may not turn
 * again. 1: all of it; 0: there is more; -1: the client is gone. */
static int
client_write(struct client *c)
{
	while (evbuffer_get_length(c->out) > 0) {
		int n = evbuffer_write(c->out, c->fd);

		if (n > 0)
			c->active_ms = now_ms(c->control);
		else if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		else
			return -1;
	}
	return evbuffer_get_length(c->out) == 0;
}

static void client_go_on(struct client *);

/* The next step so many milliseconds later: what else there is to do comes in
 * between. */
static void
client_turn(struct client *c, int ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_del(c->deadline); /* it is we who are slow */
	if (event_add(c->turn, &tv) != 0)
		client_free(c);
}

static void
client_turn_cb(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;
	int ms = c->steps.step(c->steps.state, c->answer);

	(void)fd;
	(void)what;
	if (ms == 0)
		c->state = WRITING;
	if (ms > 0 && ftello(c->answer) < CONTROL_PIECE)
		client_turn(c, ms);
	else if (client_push(c) != 0)
		client_free(c);
	else
		client_go_on(c);
}

/* A piece of the answer lies in out: the next one, or the end, when it has gone
 * (C1). */
static void
client_go_on(struct client *c)
{
	int rc = client_write(c);

	if (rc < 0 || (rc > 0 && c->state == WRITING))
		client_free(c);
	else if (rc > 0)
		client_turn(c, 1);
	else {
		client_later(c);
		event_add(c->writable, NULL);
	}
}

static void
client_writable_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	client_go_on(arg);
}

static void
client_answer(struct client *c)
{
	struct control *k = c->control;
	size_t len = evbuffer_get_length(c->in);
	char *request = malloc(len + 1), *eol;
	struct control_request r;

	event_del(c->readable);
	if (request == NULL) {
		client_free(c);
		return;
	}
	k->held -= len;
	evbuffer_remove(c->in, request, len);
	request[len] = '\0';
	if ((eol = memchr(request, '\n', len)) != NULL)
		*eol = '\0';
	c->state = WRITING;
	r = (struct control_request){.peer = c->peer,
	    .command = request,
	    .rest = eol != NULL ? eol + 1 : request + len,
	    .len = eol != NULL ? len - (size_t)(eol + 1 - request) : 0};
	k->handle(k->arg, &r, c->answer, &c->steps);
	free(request);
	if (c->steps.step != NULL) {
		c->state = WORKING;
		client_turn(c, 1);
	} else if (client_push(c) != 0)
		client_free(c);
	else
		client_go_on(c);
}

/* ---- its request -------------------------------------------------------- */

/* What has come is looked at, from where no end was found. 1: it is whole. */
static int
client_whole(struct client *c)
{
	size_t len = evbuffer_get_length(c->in);
	struct evbuffer_ptr from, end;

	if (evbuffer_ptr_set(c->in, &from, c->seen, EVBUFFER_PTR_SET) != 0)
		return 0;
	end = evbuffer_search(c->in, "\n\n", 2, &from);
	c->seen = len > 0 ? len - 1 : 0;
	return end.pos >= 0;
}

/* The client may be gone afterwards, and others with it. */
static void
client_read(struct client *c)
{
	struct control *k = c->control;
	int n = evbuffer_read(c->in, c->fd, READ_BYTES);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == 0) {
		client_answer(c);
		return;
	}
	if (n < 0) {
		client_free(c);
		return;
	}
	c->active_ms = now_ms(k);
	k->held += (size_t)n;
	spend(k, 0, n);
	if (evbuffer_get_length(c->in) > CONTROL_REQUEST_MAX)
		client_free(c);
	else if (client_whole(c))
		client_answer(c);
	else if (k->held > CONTROL_HELD_MAX)
		evict_largest(k);
}

static void
client_readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	if (c->control->reads > 0)
		client_read(c);
	else
		event_del(c->readable); /* until the next tick */
}

/* C1: a byte now and then does not keep the place. */
static void
client_deadline_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	client_free(arg);
}

/* ---- taking clients ----------------------------------------------------- */

/* The file's mode lets in the group; this holds where modes do not. */
static enum control_peer
peer_of(int fd, uid_t *uid)
{
	gid_t groups[GROUPS_MAX];
	struct ucred u;
	socklen_t n = sizeof u;
	size_t i;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &n) != 0)
		return CONTROL_STRANGER;
	*uid = u.uid;
	if (u.uid == 0 || u.uid == geteuid())
		return CONTROL_MASTER;
	if (u.gid == getegid())
		return CONTROL_GUEST;
	n = sizeof groups;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &n) != 0)
		return CONTROL_STRANGER;
	for (i = 0; i < n / sizeof *groups; i++)
		if (groups[i] == getegid())
			return CONTROL_GUEST;
	return CONTROL_STRANGER;
}

/* 0, -1: no memory; what was made is the client's. */
static int
client_open(struct client *c)
{
	struct event_base *base = c->control->base;

	c->in = evbuffer_new();
	c->out = evbuffer_new();
	c->answer = open_memstream(&c->text, &c->text_len);
	c->readable =
	    event_new(base, c->fd, EV_READ | EV_PERSIST, client_readable_cb, c);
	c->writable = event_new(base, c->fd, EV_WRITE, client_writable_cb, c);
	c->deadline = evtimer_new(base, client_deadline_cb, c);
	c->turn = evtimer_new(base, client_turn_cb, c);
	return c->in != NULL && c->out != NULL && c->answer != NULL &&
		       c->readable != NULL && c->writable != NULL &&
		       c->deadline != NULL && c->turn != NULL &&
		       event_add(c->readable, NULL) == 0
		   ? 0
		   : -1;
}

static void
client_new(struct control *k, int fd)
{
	struct client *c;
	enum control_peer peer;
	uid_t uid = 0;

	if (files_take(fd, FILES_OWN) < 0)
		return;
	if ((peer = peer_of(fd, &uid)) == CONTROL_STRANGER ||
	    (c = calloc(1, sizeof *c)) == NULL) {
		close(fd);
		return;
	}
	if (k->n >= CONTROL_CLIENTS)
		evict_one(k);
	*c = (struct client){.control = k,
	    .next = k->clients,
	    .prev = &k->clients,
	    .peer = peer,
	    .fd = fd,
	    .uid = uid,
	    .active_ms = now_ms(k)};
	if (c->next != NULL)
		c->next->prev = &c->next;
	k->clients = c;
	k->n++;
	if (client_open(c) != 0) {
		client_free(c);
		return;
	}
	client_later(c);
	client_read(c);
}

static void
take_cb(evutil_socket_t fd, short what, void *arg)
{
	struct control *k = arg;
	int n, client;

	(void)what;
	assert(k->magic == CONTROL_MAGIC);
	for (n = 0; n < TURN_CLIENTS && k->takes > 0; n++) {
		spend(k, 1, 0);
		client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (client >= 0) {
			client_new(k, client);
			continue;
		}
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return;
		/* With no descriptor left it would fail again at once. */
		log_warn(
		    "cannot take a control client error=%s", strerror(errno));
		k->takes = 0;
	}
	if (k->takes <= 0)
		event_del(k->readable); /* until the next tick */
}

/* C2 */
static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct control *k = arg;
	struct client *c;

	(void)fd;
	(void)what;
	if (k->takes <= 0)
		event_add(k->readable, NULL);
	if (k->reads <= 0)
		for (c = k->clients; c != NULL; c = c->next)
			if (c->state == READING)
				event_add(c->readable, NULL);
	k->takes = TICK_CLIENTS;
	k->reads = TICK_BYTES;
}

/* ---- the socket --------------------------------------------------------- */

static int
control_bind(struct control *k)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct stat st;
	mode_t mask;
	int rc;

	strcpy(sa.sun_path, k->path);
	k->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (k->fd < 0)
		return -1;
	/* The state's lock is ours by now: a socket that lies here is dead. */
	if (lstat(k->path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(k->path);
	mask = umask(0117);
	rc = bind(k->fd, (struct sockaddr *)&sa, sizeof sa);
	umask(mask);
	return rc == 0 ? listen(k->fd, BACKLOG) : -1;
}

static int
control_listen(struct control *k)
{
	if (control_bind(k) != 0)
		return -1;
	k->takes = TICK_CLIENTS;
	k->reads = TICK_BYTES;
	k->readable =
	    event_new(k->base, k->fd, EV_READ | EV_PERSIST, take_cb, k);
	k->tick = evtimer_new(k->base, tick_cb, k);
	return k->readable != NULL && k->tick != NULL &&
		       event_add(k->readable, NULL) == 0
		   ? 0
		   : -1;
}

int
control_new(struct control **out, struct event_base *base, const char *path,
    control_handle *handle, void *arg, char *err, size_t errlen)
{
	struct control *k = calloc(1, sizeof *k);

	*out = NULL;
	if (k == NULL) {
		snprintf(err, errlen, "no memory");
		return -1;
	}
	*k = (struct control){.magic = CONTROL_MAGIC,
	    .base = base,
	    .fd = -1,
	    .handle = handle,
	    .arg = arg};
	if (strlen(path) >= sizeof k->path) {
		snprintf(err, errlen,
		    "control socket '%s': a path of over %zu bytes", path,
		    sizeof k->path - 1);
		free(k);
		return -1;
	}
	strcpy(k->path, path);
	if (control_listen(k) != 0) {
		snprintf(err, errlen,
		    "cannot open the control socket '%s': %s; set "
		    "control.socket",
		    path, strerror(errno));
		k->path[0] = '\0'; /* another's file, perhaps */
		control_free(k);
		return -1;
	}
	*out = k;
	return 0;
}

void
control_free(struct control *k)
{
	if (k == NULL)
		return;
	while (k->clients != NULL)
		client_free(k->clients);
	event_drop(k->readable);
	event_drop(k->tick);
	if (k->fd >= 0)
		close(k->fd);
	if (k->path[0] != '\0')
		unlink(k->path);
	free(k);
}
