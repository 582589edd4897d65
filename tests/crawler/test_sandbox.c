/* What a page could do that had taken a worker over. zygote.c is taken in whole:
 * its lock is applied to a child of this test, which then tries. */
#include "crawler/zygote.c"

#include <netinet/in.h>
#include <sys/mman.h>

#include "tests/test.h"

#ifdef WINNOW_SANITIZE
#define LOCKED 0
#elif defined(HAVE_LIBSECCOMP)
#define LOCKED 1
#else
#define LOCKED 0
#endif

/* Each tries one thing and says whether it came to pass. */
static int
try_open(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static int
try_create(void)
{
	return open("/tmp/winnow-sandbox", O_WRONLY | O_CREAT, 0600) >= 0;
}

static int
try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static int
try_connect(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };

	return connect(3, (struct sockaddr *)&sa, sizeof sa) == 0;
}

static int
try_fork(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0;
}

static int
try_exec(void)
{
	char *argv[] = { (char *)(uintptr_t)"sh", NULL };

	return execv("/bin/sh", argv) == 0;
}

static int
try_kill(void)
{
	return kill(getppid(), 0) == 0;
}

static int
try_tgkill(void)
{
	/* init: any process but the own */
	return syscall(SYS_tgkill, 1, 1, 0) == 0;
}

static int
try_ptrace(void)
{
	return syscall(SYS_ptrace, 16, 1, 0, 0) == 0;
}

static int
try_sendmsg(void)
{
	struct msghdr m = { 0 };

	return sendmsg(3, &m, 0) >= 0;
}

static int
try_dup(void)
{
	return dup(3) >= 0;
}

static int
try_map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static int
try_make_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static int
try_io_uring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL) >= 0;
}

#ifdef __x86_64__
/* The same calls by other doors of the kernel. */
static int
try_x32(void)
{
	return syscall(0x40000000 | SYS_getpid) >= 0;
}

static int
try_i386(void)
{
	long r = 20; /* getpid */

	__asm__ volatile("int $0x80" : "+a"(r) : : "memory");
	return r >= 0;
}
#endif

/* Any call that is not in the list, by its number. */
static long call_number;

static int
try_number(void)
{
	syscall(call_number, 0, 0, 0, 0, 0, 0);
	return 1;
}

/* And what must go on. */
static int
can_memory(void)
{
	char *p = malloc(40 << 20), *q;

	if (p == NULL || (q = realloc(p, 80 << 20)) == NULL)
		return 0;
	memset(q, 1, 80 << 20);
	free(q);
	return 1;
}

static int
can_pipe(void)
{
	return write(3, "x", 1) == 1;
}

static int
can_not_bloat(void)
{
	volatile char *p = malloc((size_t)1 << 30);

	return p == NULL;
}

/* 1: it came to pass; 0: it did not; -signal: killed for it. */
static int
in_worker(int (*what)(void))
{
	int pair[2], st = 0;
	pid_t pid;

	fflush(stdout);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
	    (pid = fork()) < 0)
		return -1000;
	if (pid == 0) {
		int fd = pair[1];

		alarm(10); /* for a call that is let through and waits */
		if (worker_lock(&fd, 512 << 20) != 0)
			_exit(3);
		_exit(what());
	}
	waitpid(pid, &st, 0);
	close(pair[0]);
	close(pair[1]);
	return WIFSIGNALED(st) ? -WTERMSIG(st) : WEXITSTATUS(st);
}

static const struct {
	const char *name;
	int (*what)(void);
} barred[] = {
	{ "sandbox: a worker cannot read a file", try_open },
	{ "sandbox: a worker cannot make a file", try_create },
	{ "sandbox: a worker cannot make a socket", try_socket },
	{ "sandbox: a worker cannot connect its pipe", try_connect },
	{ "sandbox: a worker cannot fork", try_fork },
	{ "sandbox: a worker cannot run a program", try_exec },
	{ "sandbox: a worker cannot signal its parent", try_kill },
	{ "sandbox: a worker cannot signal another's thread", try_tgkill },
	{ "sandbox: a worker cannot trace", try_ptrace },
	{ "sandbox: a worker cannot send descriptors", try_sendmsg },
	{ "sandbox: a worker cannot double its pipe", try_dup },
	{ "sandbox: a worker cannot map code", try_map_code },
	{ "sandbox: a worker cannot make code of data", try_make_code },
	{ "sandbox: a worker cannot set up a ring of calls", try_io_uring },
#ifdef __x86_64__
	{ "sandbox: a worker cannot call in by the x32 door", try_x32 },
#endif
};

#if LOCKED
static int
is_allowed(int number)
{
	size_t i;

	for (i = 0; i < sizeof allowed_calls / sizeof *allowed_calls; i++)
		if (allowed_calls[i] == number)
			return 1;
	/* By their arguments, or with an error. */
	return number == SCMP_SYS(mmap) || number == SCMP_SYS(mprotect) ||
	    number == SCMP_SYS(newfstatat);
}

/* No list of what is forbidden can be whole, so all the kernel has are tried. */
static void
every_call(void)
{
	int tried = 0, number, r;
	char *name;

	TEST("sandbox: every system call but the few of the list ends a worker")
	for (number = 0; number < 600; number++) {
		name = seccomp_syscall_resolve_num_arch(
		    SCMP_ARCH_NATIVE, number);
		if (name != NULL && !is_allowed(number)) {
			call_number = number;
			tried++;
			if ((r = in_worker(try_number)) != -SIGSYS)
				TEST_FAIL("%s: %d", name, r);
		}
		free(name);
	}
	CHECK(tried > 250);
}
#endif

int
main(void)
{
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < sizeof barred / sizeof *barred; i++) {
		if (!LOCKED) {
			test_skip(barred[i].name, "no filter in this build");
			continue;
		}
		TEST(barred[i].name)
		CHECK_INT(in_worker(barred[i].what), -SIGSYS);
	}

#if LOCKED
	every_call();
#ifdef __x86_64__
	/* A kernel without it says so by another signal. */
	TEST("sandbox: a worker cannot call in by the i386 door")
	CHECK(in_worker(try_i386) < 0);
#endif
#else
	test_skip("sandbox: every system call but the few of the list ends a "
		  "worker", "no filter in this build");
#endif
	TEST("sandbox: a worker has memory and its pipe")
	CHECK_INT(in_worker(can_memory), 1);
	CHECK_INT(in_worker(can_pipe), 1);
#ifndef WINNOW_SANITIZE
	TEST("sandbox: a worker cannot take more than its memory")
	CHECK_INT(in_worker(can_not_bloat), 1);

	TEST("sandbox: abort() ends a worker as abort()")
	CHECK_INT(in_worker((int (*)(void))(void (*)(void))abort), -SIGABRT);
#else
	(void)can_not_bloat;
#endif
	return test_end();
}
