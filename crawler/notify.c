/* notify.c - see notify.h. */
#include "crawler/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#define TEXT_MAX 1024
#define AGAIN_MS 100 /* a full socket says nothing when it has room */

struct notify {
	int fd; /* -1: no manager */
	struct sockaddr_un to;
	socklen_t to_len;
	struct event *again;
	char *kept[NOTIFY_KEPT]; /* malloced; oldest first */
	int n;
};

static int
notify_address(struct notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len;

	if (path == NULL || (len = strlen(path)) < 2 ||
	    len >= sizeof n->to.sun_path)
		return -1;
	n->to.sun_family = AF_UNIX;
	memcpy(n->to.sun_path, path, len);
	if (path[0] == '@') /* the abstract name space */
		n->to.sun_path[0] = '\0';
	n->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return 0;
}

/* 1: sent, or nobody will ever take it; 0: not now. */
static int
notify_send(struct notify *n, const char *text)
{
	ssize_t r;

	do
		r = sendto(n->fd, text, strlen(text),
		    MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&n->to,
		    n->to_len);
	while (r < 0 && errno == EINTR);
	return r >= 0 ||
	       (errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM);
}

static void
notify_forget(struct notify *n)
{
	free(n->kept[0]);
	n->n--;
	memmove(n->kept, n->kept + 1, (size_t)n->n * sizeof *n->kept);
}

/* What waits, in its order, as far as the socket takes it. */
static void
notify_offer(struct notify *n)
{
	static const struct timeval later = {0, AGAIN_MS * 1000};

	while (n->n > 0 && notify_send(n, n->kept[0]))
		notify_forget(n);
	if (n->n > 0)
		event_add(n->again, &later);
}

static void
again_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	notify_offer(arg);
}

int
notify_new(struct notify **out, struct event_base *base)
{
	struct notify *n = calloc(1, sizeof *n);

	*out = n;
	if (n == NULL)
		return -1;
	n->fd = -1;
	if ((n->again = evtimer_new(base, again_cb, n)) == NULL) {
		free(n);
		*out = NULL;
		return -1;
	}
	if (notify_address(n) == 0)
		n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return 0;
}

void
notify_free(struct notify *n)
{
	if (n == NULL)
		return;
	notify_offer(n);
	while (n->n > 0)
		notify_forget(n);
	event_free(n->again);
	if (n->fd >= 0)
		close(n->fd);
	free(n);
}

void
notify_state(struct notify *n, const char *fmt, ...)
{
	char text[TEXT_MAX], *copy;
	va_list ap;

	if (n->fd < 0)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n->n == NOTIFY_KEPT)
		notify_forget(n);
	if ((copy = strdup(text)) != NULL)
		n->kept[n->n++] = copy;
	notify_offer(n);
}

void
notify_sign(struct notify *n, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	if (n->fd < 0 || n->n > 0) /* the order holds: it comes after them */
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	(void)notify_send(n, text);
}

int64_t
notify_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC"),
		   *pid = getenv("WATCHDOG_PID");

	if (usec == NULL || (pid != NULL && atoll(pid) != getpid()))
		return 0;
	return atoll(usec) / 1000;
}
