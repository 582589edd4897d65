/* cmd_follow.c - winnow queue follow: records to stdout as they are sealed.
 *
 * Who stops it, a service manager or a hand, has cut no record: SIGTERM and
 * SIGINT are looked at between records, and while it sleeps. They are blocked
 * but in these two places, so none comes between the look and the sleep. The
 * second one ends it at once, also where stdout takes no more. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "queue/cmd_queue.h"

static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void
catch_signals(sigset_t *both)
{
	struct sigaction sa = {
	    .sa_handler = on_signal, .sa_flags = SA_RESTART | SA_RESETHAND};

	sigemptyset(both);
	sigaddset(both, SIGTERM);
	sigaddset(both, SIGINT);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
}

/* 1: look again; 0: stopped, or nobody reads on; -1: the queue is lost, with
 * words. */
static int
sleep_until_news(struct wq_follow *f, const sigset_t *both)
{
	struct pollfd p[2] = {
	    {.fd = wq_follow_fd(f), .events = POLLIN}, {.fd = STDOUT_FILENO}};
	char err[WQ_DIR_MAX + 256];
	sigset_t old;
	int rc = 0;

	sigprocmask(SIG_BLOCK, both, &old);
	if (!stop)
		rc = ppoll(p, 2, NULL, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (stop || (p[1].revents & (POLLERR | POLLHUP)))
		return 0;
	if (rc < 0 && errno == EINTR)
		return 1;
	if ((rc = wq_follow_wait(f, -1, 0, err, sizeof err)) >= 0)
		return 1;
	cmd_queue_say("%s", err);
	return -1;
}

/* Until it is stopped, nobody reads on, the count is reached, or the queue is
 * lost. */
static int
follow(struct pour *p, struct wq_follow *f)
{
	sigset_t both;
	int status, rc;

	catch_signals(&both);
	p->stop = &stop;
	for (;;) {
		status = cmd_queue_pour(p);
		if (status != OK || fflush(stdout) != 0 || ferror(stdout) ||
		    (p->max > 0 && p->printed >= p->max))
			return status;
		if ((rc = sleep_until_news(f, &both)) <= 0)
			return rc < 0 ? ERROR : OK;
	}
}

int
cmd_queue_follow(struct args *a)
{
	char err[WQ_DIR_MAX + 256];
	struct wq_follow *f = NULL;
	struct pour p = {0};
	uint64_t last;
	int rc, status;

	if (wq_follow_open(&f, a->dir, err, sizeof err) != 0) {
		cmd_queue_say("%s", err);
		return ERROR;
	}
	if (a->fresh) {
		if ((rc = cmd_queue_last(a->dir, &last)) != 0) {
			wq_follow_close(f);
			return cmd_queue_complain(rc, a->dir);
		}
		a->range.from_seq = last + 1;
	}
	if ((status = cmd_queue_pour_open(&p, a)) == OK) {
		p.max = a->count;
		status = follow(&p, f);
		cmd_queue_pour_end(&p);
	}
	wq_follow_close(f);
	return cmd_queue_pour_close(&p, status);
}
