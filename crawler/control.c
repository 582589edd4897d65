/* control.c - see control.h. */
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
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "cleaner/winnow.h"
#include "crawler/files.h"
#include "crawler/log.h"

#define CONTROL_MAGIC 0x63747231
#define CLIENTS_MAX 64
#define CLIENT_SECONDS 10

struct control {
	unsigned magic;
	struct event_base *base;
	struct evconnlistener *listener;
	struct event *again; /* listens again after accept() failed */
	void (*handle)(void *, const char *, const char *, size_t, FILE *,
	    struct control_steps *);
	void *arg;
	struct client *clients;
	int n;
	char path[108];
};

struct client {
	struct control *control;
	struct bufferevent *bev;
	struct client *next, **prev;
	struct event *deadline;
	size_t seen; /* bytes of the request in which no end was found */
	int answered;
	struct control_steps steps; /* of an answer that is being written */
	struct event *turn;	    /* the next of them */
	FILE *out;
	char *answer;
	size_t answer_len;
};

/* s as valid UTF-8 into out, which has room for three bytes each. */
static size_t
mend(char *out, const char *s)
{
	static const char lost[] = "\xef\xbf\xbd"; /* U+FFFD */
	size_t n = strlen(s), len = 0, k;

	for (; n > 0; s += k, n -= k) {
		k = log_printable((const unsigned char *)s, n);
		if (k == 0 && (unsigned char)*s >= 0x80) {
			memcpy(out + len, lost, 3);
			len += 3;
			k = 1;
			continue;
		}
		k = k > 0 ? k : 1; /* a control: quoting escapes it */
		memcpy(out + len, s, k);
		len += k;
	}
	return len;
}

void
json_put_string(FILE *f, const char *s)
{
	char *mended, *q;
	size_t n;

	if (s == NULL) {
		fputs("null", f);
		return;
	}
	n = 3 * strlen(s);
	mended = malloc(n + 1);
	q = malloc(6 * n + 3);
	if (mended != NULL && q != NULL)
		fwrite(q, 1, winnow_json_quote(q, mended, mend(mended, s)), f);
	else
		fputs("\"\"", f);
	free(mended);
	free(q);
}

/* ---- the daemon's side ------------------------------------------------------------ */

static void
client_free(struct client *c)
{
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	c->control->n--;
	if (c->steps.end != NULL)
		c->steps.end(c->steps.state);
	if (c->turn != NULL)
		event_free(c->turn);
	if (c->out != NULL)
		fclose(c->out);
	free(c->answer);
	event_free(c->deadline);
	bufferevent_free(c->bev);
	free(c);
}

/* What the socket takes goes at once: after `stop` the loop may not turn again.
 * The client may be gone afterwards. */
static void
client_send(struct client *c)
{
	static const struct timeval limit = { CLIENT_SECONDS, 0 };
	size_t len;
	ssize_t n;

	fclose(c->out);
	c->out = NULL;
	len = c->answer_len;
	n = send(bufferevent_getfd(c->bev), c->answer, len,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n == (ssize_t)len || (n < 0 && errno != EAGAIN)) {
		client_free(c);
		return;
	}
	event_add(c->deadline, &limit);
	bufferevent_write(c->bev, c->answer + (n > 0 ? n : 0),
	    len - (n > 0 ? (size_t)n : 0));
}

/* The next step at the loop's next turn but one millisecond: what else there is
 * to do comes in between. */
static void
client_turn(struct client *c)
{
	static const struct timeval soon = { 0, 1000 };

	event_del(c->deadline); /* it is we who are slow */
	if (event_add(c->turn, &soon) != 0)
		client_free(c);
}

static void
client_turn_cb(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	if (c->steps.step(c->steps.state, c->out))
		client_turn(c);
	else
		client_send(c);
}

static void
client_answer(struct client *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	size_t len = evbuffer_get_length(in);
	char *request = malloc(len + 1), *eol;

	c->answered = 1;
	c->out = open_memstream(&c->answer, &c->answer_len);
	c->turn = evtimer_new(c->control->base, client_turn_cb, c);
	if (request == NULL || c->out == NULL || c->turn == NULL) {
		free(request);
		client_free(c);
		return;
	}
	evbuffer_remove(in, request, len);
	request[len] = '\0';
	eol = memchr(request, '\n', len);
	if (eol != NULL)
		*eol = '\0';
	c->control->handle(c->control->arg, request,
	    eol != NULL ? eol + 1 : request + len,
	    eol != NULL ? len - (size_t)(eol + 1 - request) : 0, c->out,
	    &c->steps);
	bufferevent_disable(c->bev, EV_READ);
	free(request);
	if (c->steps.step != NULL)
		client_turn(c);
	else
		client_send(c);
}

static void
client_read_cb(struct bufferevent *bev, void *arg)
{
	struct client *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t len = evbuffer_get_length(in);
	struct evbuffer_ptr from, end;

	if (len > CONTROL_REQUEST_MAX) {
		client_free(c);
		return;
	}
	if (c->answered ||
	    evbuffer_ptr_set(in, &from, c->seen, EVBUFFER_PTR_SET) != 0)
		return;
	end = evbuffer_search(in, "\n\n", 2, &from);
	c->seen = len > 0 ? len - 1 : 0;
	if (end.pos >= 0)
		client_answer(c);
}

static void
client_write_cb(struct bufferevent *bev, void *arg)
{
	struct client *c = arg;

	(void)bev;
	if (c->answered)
		client_free(c);
}

static void
client_event_cb(struct bufferevent *bev, short what, void *arg)
{
	struct client *c = arg;

	(void)bev;
	if ((what & BEV_EVENT_EOF) && !c->answered)
		client_answer(c);
	else if (!c->answered || (what & (BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)))
		client_free(c);
}

/* C1: a byte now and then does not keep the place. */
static void
client_deadline_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	client_free(arg);
}

/* The file's mode lets in the group; this holds where modes do not. */
static int
peer_ok(evutil_socket_t fd)
{
	struct ucred u;
	socklen_t n = sizeof u;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &n) != 0)
		return 0;
	return u.uid == 0 || u.uid == geteuid() || u.gid == getegid();
}

static void
accept_cb(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa,
    int salen, void *arg)
{
	static const struct timeval limit = { CLIENT_SECONDS, 0 };
	struct control *k = arg;
	struct client *c = NULL;

	(void)l;
	(void)sa;
	(void)salen;
	assert(k->magic == CONTROL_MAGIC);
	if (files_take(fd, FILES_OWN) < 0)
		return;
	if (k->n >= CLIENTS_MAX || !peer_ok(fd) ||
	    (c = calloc(1, sizeof *c)) == NULL ||
	    (c->bev = bufferevent_socket_new(k->base, fd,
		 BEV_OPT_CLOSE_ON_FREE)) == NULL) {
		free(c);
		evutil_closesocket(fd);
		return;
	}
	if ((c->deadline = evtimer_new(k->base, client_deadline_cb, c)) ==
		NULL ||
	    event_add(c->deadline, &limit) != 0) {
		if (c->deadline != NULL)
			event_free(c->deadline);
		bufferevent_free(c->bev);
		free(c);
		return;
	}
	c->control = k;
	if ((c->next = k->clients) != NULL)
		c->next->prev = &c->next;
	c->prev = &k->clients;
	k->clients = c;
	k->n++;
	bufferevent_setcb(c->bev, client_read_cb, client_write_cb,
	    client_event_cb, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, CONTROL_REQUEST_MAX + 1);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

static void
listen_again_cb(evutil_socket_t fd, short what, void *arg)
{
	struct control *k = arg;

	(void)fd;
	(void)what;
	evconnlistener_enable(k->listener);
}

/* C2: with no descriptor left accept() would fail again at once, for ever. */
static void
accept_error_cb(struct evconnlistener *l, void *arg)
{
	static const struct timeval second = { 1, 0 };
	struct control *k = arg;

	log_warn("cannot take a control client: %s", strerror(errno));
	evconnlistener_disable(l);
	event_add(k->again, &second);
}

static int
socket_path(struct sockaddr_un *sa, const char *path, char *err, size_t errlen)
{
	memset(sa, 0, sizeof *sa);
	sa->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof sa->sun_path) {
		snprintf(err, errlen,
		    "control socket '%s': a path of over %zu bytes", path,
		    sizeof sa->sun_path - 1);
		return -1;
	}
	strcpy(sa->sun_path, path);
	return 0;
}

int
control_new(struct control **out, struct event_base *base, const char *path,
    void (*handle)(void *, const char *, const char *, size_t, FILE *,
	struct control_steps *),
    void *arg, char *err, size_t errlen)
{
	struct control *k = calloc(1, sizeof *k);
	struct sockaddr_un sa;
	struct stat st;
	mode_t mask;

	*out = NULL;
	if (k == NULL || socket_path(&sa, path, err, errlen) != 0) {
		free(k);
		return -1;
	}
	k->magic = CONTROL_MAGIC;
	k->base = base;
	k->handle = handle;
	k->arg = arg;
	strcpy(k->path, path);
	/* The state's lock is ours by now: a socket that lies here is dead. */
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
	mask = umask(0117);
	k->listener = evconnlistener_new_bind(base, accept_cb, k,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 64,
	    (struct sockaddr *)&sa, sizeof sa);
	umask(mask);
	k->again = evtimer_new(base, listen_again_cb, k);
	if (k->listener != NULL && k->again != NULL)
		evconnlistener_set_error_cb(k->listener, accept_error_cb);
	else {
		snprintf(err, errlen,
		    "cannot open the control socket '%s': %s; set "
		    "control.socket",
		    path, strerror(errno));
		if (k->listener != NULL)
			evconnlistener_free(k->listener);
		if (k->again != NULL)
			event_free(k->again);
		free(k);
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
	evconnlistener_free(k->listener);
	event_free(k->again);
	unlink(k->path);
	free(k);
}

/* ---- the client's side ------------------------------------------------------------- */

static int
send_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t r = send(fd, p, n, MSG_NOSIGNAL);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return -1;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}

static char *
read_answer(int fd)
{
	size_t len = 0, cap = 65536;
	char *b = malloc(cap), *grown;
	ssize_t r;

	while (b != NULL) {
		if (len + 1 >= cap) {
			if ((grown = realloc(b, cap *= 2)) == NULL)
				break;
			b = grown;
		}
		r = read(fd, b + len, cap - len - 1);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0) {
			b[len] = '\0';
			if (r == 0 && len > 0)
				return b;
			break;
		}
		len += (size_t)r;
	}
	free(b);
	return NULL;
}

int
control_ask(const char *path, const char *command, const void *rest,
    size_t len, char **answer, char *err, size_t errlen)
{
	static const struct timeval limit = { 30, 0 };
	struct sockaddr_un sa;
	int fd = -1, rc = -1;

	*answer = NULL;
	if (socket_path(&sa, path, err, errlen) != 0)
		return -1;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0 ||
	    connect(fd, (struct sockaddr *)&sa, sizeof sa) != 0) {
		snprintf(err, errlen,
		    "cannot reach winnowd at '%s': %s; is it running?", path,
		    strerror(errno));
		goto out;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	if (send_all(fd, command, strlen(command)) != 0 ||
	    send_all(fd, "\n", 1) != 0 ||
	    (len > 0 && send_all(fd, rest, len) != 0) ||
	    shutdown(fd, SHUT_WR) != 0 || (*answer = read_answer(fd)) == NULL) {
		snprintf(err, errlen, "winnowd at '%s' did not answer", path);
		goto out;
	}
	rc = 0;
out:
	if (fd >= 0)
		close(fd);
	return rc;
}
