/* test_notify.c - words to a service manager that is here, away or asleep. */
#include "crawler/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "tests/test.h"

struct manager {
	char path[64];
	int fd;
	struct event_base *base;
	struct notify *n;
};

static void
manager_open(struct manager *m)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	snprintf(m->path, sizeof m->path, "/tmp/winnow-notify-%d", getpid());
	unlink(m->path);
	strcpy(sa.sun_path, m->path);
	m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	CHECK(bind(m->fd, (struct sockaddr *)&sa, sizeof sa) == 0);
	setenv("NOTIFY_SOCKET", m->path, 1);
	m->base = event_base_new();
	CHECK(notify_new(&m->n, m->base) == 0);
}

static void
manager_close(struct manager *m)
{
	notify_free(m->n);
	event_base_free(m->base);
	close(m->fd);
	unlink(m->path);
	unsetenv("NOTIFY_SOCKET");
}

/* Until the socket takes no more. */
static int
fill(const struct manager *m)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0), n = 0;

	strcpy(sa.sun_path, m->path);
	while (sendto(fd, "X", 1, 0, (struct sockaddr *)&sa, sizeof sa) == 1)
		n++;
	CHECK(errno == EAGAIN);
	close(fd);
	return n;
}

static const char *
hear(const struct manager *m)
{
	static char text[2048];
	ssize_t n = recv(m->fd, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* Empties the socket of what fill() put there, then lets the loop offer again.
 */
static void
drain(const struct manager *m, int n)
{
	const struct timeval soon = {0, 300000};

	while (n-- > 0)
		CHECK_STR(hear(m), "X");
	event_base_loopexit(m->base, &soon);
	event_base_dispatch(m->base);
}

static void
test_sent(void)
{
	struct manager m;

	manager_open(&m);
	notify_state(m.n, "READY=1\nSTATUS=%d hosts", 3);
	notify_sign(m.n, "WATCHDOG=1");
	CHECK_STR(hear(&m), "READY=1\nSTATUS=3 hosts");
	CHECK_STR(hear(&m), "WATCHDOG=1");
	CHECK_STR(hear(&m), "");
	manager_close(&m);
}

static void
test_kept(void)
{
	struct manager m;
	int n;

	manager_open(&m);
	n = fill(&m);
	notify_state(m.n, "READY=1");
	notify_sign(m.n, "WATCHDOG=1");
	notify_state(m.n, "RELOADING=1");
	drain(&m, n);
	CHECK_STR(hear(&m), "READY=1");
	CHECK_STR(hear(&m), "RELOADING=1");
	CHECK_STR(hear(&m), "");
	manager_close(&m);
}

static void
test_many(void)
{
	struct manager m;
	char want[32];
	int n, i;

	manager_open(&m);
	n = fill(&m);
	for (i = 0; i < NOTIFY_KEPT + 2; i++)
		notify_state(m.n, "N=%d", i);
	drain(&m, n);
	for (i = 2; i < NOTIFY_KEPT + 2; i++) {
		snprintf(want, sizeof want, "N=%d", i);
		if (strcmp(hear(&m), want) != 0) {
			/* A socket of few places: the rest comes later. */
			drain(&m, 0);
			CHECK_STR(hear(&m), want);
		}
	}
	CHECK_STR(hear(&m), "");
	manager_close(&m);
}

static void
test_gone(void)
{
	struct event_base *base = event_base_new();
	struct notify *n;

	unsetenv("NOTIFY_SOCKET");
	CHECK(notify_new(&n, base) == 0);
	notify_state(n, "READY=1");
	notify_free(n);
	setenv("NOTIFY_SOCKET", "/nowhere/notify", 1);
	CHECK(notify_new(&n, base) == 0);
	notify_state(n, "READY=1");
	notify_sign(n, "WATCHDOG=1");
	notify_free(n);
	notify_free(NULL);
	event_base_free(base);
	unsetenv("NOTIFY_SOCKET");
}

static void
test_watchdog(void)
{
	char pid[32];

	snprintf(pid, sizeof pid, "%d", getpid());
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	CHECK_INT(notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "60000000", 1);
	CHECK_INT(notify_watchdog_ms(), 60000);
	setenv("WATCHDOG_PID", pid, 1);
	CHECK_INT(notify_watchdog_ms(), 60000);
	setenv("WATCHDOG_PID", "1", 1);
	CHECK_INT(notify_watchdog_ms(), 0);
}

int
main(void)
{
	TEST("notify: a word is a datagram of its lines")
	test_sent();
	TEST("notify: what a full socket does not take waits, in its order; a "
	     "sign of life does not")
	test_kept();
	TEST("notify: of more than are kept the oldest are lost")
	test_many();
	TEST("notify: without a manager, or with one that is gone, nothing "
	     "happens")
	test_gone();
	TEST("notify: a watchdog is for the process that it names")
	test_watchdog();
	return test_end();
}
