/* zygote.c - see zygote.h.
 *
 * Invariants
 *  Z1  The zygote holds the listening end of one socket pair and nothing else
 *      of the parent's.
 *  Z2  A worker's descriptors after worker_lock(): 0-2 on /dev/null (2 stays
 *      in sanitizer builds, which report there), 3 its pipe.
 *  Z3  One byte on the control socket asks for one worker; the answer carries
 *      two descriptors, or none when the fork failed. */
#include "crawler/zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef HAVE_LIBSECCOMP
#include <seccomp.h>
#endif

#include "crawler/job.h"

/* ---- the worker ------------------------------------------------------------ */

static int
read_all(int fd, void *p, size_t n)
{
	char *b = p;

	while (n > 0) {
		ssize_t r = read(fd, b, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return -1;
		b += r;
		n -= (size_t)r;
	}
	return 0;
}

static int
write_all(int fd, const void *p, size_t n)
{
	const char *b = p;

	while (n > 0) {
		ssize_t r = write(fd, b, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return -1;
		b += r;
		n -= (size_t)r;
	}
	return 0;
}

/* A request's bytes, kept from page to page while they are small. */
struct inbox {
	char *b;
	size_t cap;
};

#define INBOX_KEEP (4u << 20)

static char *
inbox_room(struct inbox *in, size_t n)
{
	if (n > in->cap || in->cap > INBOX_KEEP) {
		free(in->b);
		in->cap = n > 65536 ? n : 65536;
		if ((in->b = malloc(in->cap)) == NULL)
			in->cap = 0;
	}
	return in->b;
}

/* The answer's header stands at the front of out, so that one write() sends
 * both. */
static int
worker_answer(int fd, struct wire_out *out, uint32_t ok, uint32_t part)
{
	struct worker_answer a = { .ok = ok, .part = part };

	if (out->b == NULL)
		return -1;
	if (!a.ok)
		out->len = sizeof a;
	a.len = out->len - sizeof a;
	memcpy(out->b, &a, sizeof a);
	return write_all(fd, out->b, out->len);
}

static void
answer_begin(struct wire_out *out)
{
	static const struct worker_answer none;

	out->len = 0;
	out->err = 0;
	wire_put(out, &none, sizeof none);
}

/* A part of a list goes out, room is made for the next. */
static int
worker_part(void *arg, struct wire_out *out)
{
	if (out->err || worker_answer(*(int *)arg, out, 1, 1) != 0)
		return -1;
	answer_begin(out);
	return 0;
}

/* What stands before the head: the topic from here on. It was made by a worker;
 * one that cannot be read is none. */
static int
worker_topic(
    struct winnow *w, int fd, struct inbox *in, const struct worker_request *q)
{
	char *b;

	if (!q->topic)
		return 0;
	if (q->topic_len > WINNOW_TOPIC_BYTES ||
	    (b = inbox_room(in, q->topic_len + 1u)) == NULL ||
	    read_all(fd, b, q->topic_len) != 0)
		return -1;
	(void)winnow_set_topic(w, b, q->topic_len);
	return 0;
}

static int
worker_turn(struct winnow *w, int fd, struct inbox *in, struct wire_out *out)
{
	struct worker_request q;
	struct job_parts parts = { worker_part, &fd };
	uint32_t ok;
	size_t n;
	char *b;

	if (read_all(fd, &q, sizeof q) != 0 ||
	    worker_topic(w, fd, in, &q) != 0)
		return -1;
	n = q.head_len + (size_t)q.body_len;
	if ((b = inbox_room(in, n + 1)) == NULL || read_all(fd, b, n) != 0)
		return -1;
	winnow_set_url_seed(w, q.url_seed);
	answer_begin(out);
	ok = job_run(w, q.kind, b, q.head_len, b + q.head_len, q.body_len,
		 &parts, out) == 0 && !out->err;
	return worker_answer(fd, out, ok, 0);
}

static void
limit(int what, rlim_t n)
{
	struct rlimit r = { n, n };

	(void)setrlimit(what, &r);
}

#ifdef WINNOW_SANITIZE
/* The sanitizers need more calls than can be listed. */
#elif defined(HAVE_LIBSECCOMP)
/* What cleaning a page needs, and how a process ends. */
static const int allowed_calls[] = { SCMP_SYS(read), SCMP_SYS(write),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
	SCMP_SYS(madvise), SCMP_SYS(futex),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* glibc's qsort() asks once how much memory there is. */
	SCMP_SYS(sysinfo) };

static int
worker_filter(void)
{
	const struct scmp_arg_cmp self = { .arg = 0,
		.op = SCMP_CMP_EQ,
		.datum_a = (scmp_datum_t)getpid() };
	/* Memory, but none that could be run: what is loaded is loaded. */
	const struct scmp_arg_cmp data = { .arg = 2,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = PROT_EXEC,
		.datum_b = 0 };
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_KILL_PROCESS);
	size_t i;
	int rc = c == NULL ? -1 : 0;

	for (i = 0; rc == 0 && i < sizeof allowed_calls / sizeof *allowed_calls;
	     i++)
		rc = seccomp_rule_add(c, SCMP_ACT_ALLOW, allowed_calls[i], 0);
	if (rc == 0)
		rc = seccomp_rule_add_array(
		    c, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &data);
	if (rc == 0)
		rc = seccomp_rule_add_array(
		    c, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, &data);
	/* abort() signals its own process; nobody else is to be signalled. */
	if (rc == 0)
		rc = seccomp_rule_add_array(c, SCMP_ACT_ALLOW,
		    SCMP_SYS(tgkill), 1, &self);
	/* glibc's stdio asks what a descriptor is; that tells nothing new. */
	if (rc == 0)
		rc = seccomp_rule_add(c, SCMP_ACT_ERRNO(EBADF),
		    SCMP_SYS(newfstatat), 0);
	if (rc == 0)
		rc = seccomp_load(c);
	seccomp_release(c);
	return rc;
}
#else
static int
worker_filter(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
#endif

/* Gives away everything a page could misuse. */
static int
worker_lock(int *fd, int64_t memory)
{
	/* Out of the way first: either may lie where another has to be. */
	int own = fcntl(*fd, F_DUPFD, 4), null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) != 0 || dup2(null, 1) != 1)
		return -1;
#ifndef WINNOW_SANITIZE
	dup2(null, 2);
#endif
	if (dup2(own, 3) != 3)
		return -1;
	*fd = 3;
	if (syscall(SYS_close_range, 4u, ~0u, 0u) != 0) {
		int i;

		for (i = 4; i < 1024; i++)
			close(i);
	}
	limit(RLIMIT_CORE, 0);
#ifndef WINNOW_SANITIZE
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_NOFILE, 0);
	if (memory > 0)
		limit(RLIMIT_AS, (rlim_t)memory);
	return worker_filter();
#else
	(void)memory;
	return 0;
#endif
}

/* Ends with the parent, also with one that died before we could ask for that. */
static void
end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

/* When memory ends it is a worker that the kernel takes: that costs a page. */
static void
prefer_to_die(void)
{
	static const char most[] = "1000";
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (fd < 0)
		return;
	(void)!write(fd, most, sizeof most - 1);
	close(fd);
}

static void __attribute__((noreturn))
worker_main(struct winnow *w, int fd, int64_t memory, pid_t parent)
{
	struct inbox in = { 0 };
	struct wire_out out = { 0 };

	end_with(parent);
	prctl(PR_SET_NAME, "winnow-worker");
	signal(SIGCHLD, SIG_DFL);
	prefer_to_die();
	if (worker_lock(&fd, memory) != 0)
		_exit(70);
	while (worker_turn(w, fd, &in, &out) == 0)
		continue;
	_exit(0);
}

/* ---- the zygote -------------------------------------------------------------- */

static int
pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int
send_fds(int sock, const int *fds, int n)
{
	char byte = n > 0 ? 'w' : 'x', room[CMSG_SPACE(2 * sizeof(int))] = { 0 };
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (n > 0) {
		m.msg_control = room;
		m.msg_controllen = CMSG_SPACE((size_t)n * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, (size_t)n * sizeof(int));
	}
	return sendmsg(sock, &m, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

static int
zygote_fork(struct winnow *w, int sock, int64_t memory)
{
	int pair[2], out[2], rc;
	pid_t pid, self = getpid();

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return send_fds(sock, NULL, 0);
	if ((pid = fork()) == 0) {
		close(pair[0]);
		worker_main(w, pair[1], memory, self);
	}
	close(pair[1]);
	out[0] = pair[0];
	out[1] = pid > 0 ? pidfd_of(pid) : -1;
	rc = send_fds(sock, out, out[1] >= 0 ? 2 : 0);
	close(pair[0]);
	if (out[1] >= 0)
		close(out[1]);
	return rc;
}

static void __attribute__((noreturn))
zygote_main(const struct zygote_options *o, int sock, pid_t parent)
{
	struct winnow *w;
	char byte;
	ssize_t n;

	end_with(parent);
	prctl(PR_SET_NAME, "winnow-zygote");
	signal(SIGCHLD, SIG_IGN); /* children are reaped by the kernel */
	/* ^C, and a SIGTERM to the whole group, are the parent's to handle: it
	 * lets workers finish. They end when it does. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	byte = winnow_new(&w, &o->clean) == 0 ? 'r' : 'x';
	if (write(sock, &byte, 1) != 1 || byte != 'r')
		_exit(70);
	for (;;) {
		n = read(sock, &byte, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != 1 || zygote_fork(w, sock, o->memory) != 0)
			_exit(0);
	}
}

/* ---- the parent's side -------------------------------------------------------- */

int
zygote_start(struct zygote *z, const struct zygote_options *o, char *err,
    size_t errlen)
{
	int pair[2] = { -1, -1 };
	pid_t self = getpid();
	char byte = 'x';

	z->fd = -1;
	z->pid = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 ||
	    (z->pid = fork()) < 0) {
		snprintf(err, errlen, "cannot start the zygote: %s",
		    strerror(errno));
		goto fail;
	}
	if (z->pid == 0) {
		close(pair[0]);
		zygote_main(o, pair[1], self);
	}
	close(pair[1]);
	pair[1] = -1;
	if (read_all(pair[0], &byte, 1) != 0 || byte != 'r') {
		snprintf(err, errlen,
		    "cannot start the zygote: the cleaner did not open");
		waitpid(z->pid, NULL, 0);
		goto fail;
	}
	z->fd = pair[0];
	return 0;
fail:
	if (pair[0] >= 0)
		close(pair[0]);
	if (pair[1] >= 0)
		close(pair[1]);
	return -1;
}

void
zygote_stop(struct zygote *z)
{
	if (z->fd < 0)
		return;
	close(z->fd);
	z->fd = -1;
	waitpid(z->pid, NULL, 0);
}

int
zygote_spawn(struct zygote *z, int *fd, int *pidfd)
{
	char byte = 'f', room[CMSG_SPACE(2 * sizeof(int))];
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof room };
	struct cmsghdr *c;
	int fds[2];
	ssize_t n;

	if (z->fd < 0 || send(z->fd, &byte, 1, MSG_NOSIGNAL) != 1)
		return -1;
	do
		n = recvmsg(z->fd, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != 1 || (c = CMSG_FIRSTHDR(&m)) == NULL ||
	    c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof fds))
		return -1;
	memcpy(fds, CMSG_DATA(c), sizeof fds);
	*fd = fds[0];
	*pidfd = fds[1];
	return 0;
}
