/* syncs.c - a library to be loaded before libc's: what a program asks the disk
 * to make durable, and how long it stands still for that.
 *
 *	LD_PRELOAD=syncs.so SYNCS_LOG=FILE winnow crawl ...
 *
 * FILE gets a line for each fdatasync, fsync, msync, and write through a
 * descriptor with O_DSYNC (LMDB's meta page): name, path, microseconds.
 * SYNCS=off: nothing is made durable, as if the disk took no time for it. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define NEXT(type, name) ((type)(uintptr_t)dlsym(RTLD_NEXT, name))

static int
off(void)
{
	const char *s = getenv("SYNCS");

	return s != NULL && strcmp(s, "off") == 0;
}

static long
microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* One write a line, so that lines of several processes stay whole. */
static void
note(const char *name, int fd, long began)
{
	static int log_fd = -1;
	const char *log = getenv("SYNCS_LOG");
	char link[64], path[4096] = "-", line[4200];
	long us = microseconds() - began;
	ssize_t n;

	if (log == NULL)
		return;
	if (log_fd < 0)
		log_fd =
		    open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if (fd >= 0 && (n = readlink(link, path, sizeof path - 1)) > 0)
		path[n] = '\0';
	n = snprintf(line, sizeof line, "%s %s %ld\n", name, path, us);
	if (write(log_fd, line, (size_t)n) != n)
		abort();
}

int
fdatasync(int fd)
{
	long began = microseconds();
	int rc = off() ? 0 : NEXT(int (*)(int), "fdatasync")(fd);

	note("fdatasync", fd, began);
	return rc;
}

int
fsync(int fd)
{
	long began = microseconds();
	int rc = off() ? 0 : NEXT(int (*)(int), "fsync")(fd);

	note("fsync", fd, began);
	return rc;
}

int
msync(void *at, size_t len, int flags)
{
	long began = microseconds();
	int rc =
	    off() ? 0
		  : NEXT(int (*)(void *, size_t, int), "msync")(at, len, flags);

	note("msync", -1, began);
	return rc;
}

ssize_t
pwrite64(int fd, const void *buf, size_t len, off64_t at)
{
	static ssize_t (*next)(int, const void *, size_t, off64_t);
	long began = microseconds();
	ssize_t n;

	if (next == NULL)
		next = NEXT(
		    ssize_t(*)(int, const void *, size_t, off64_t), "pwrite64");
	n = next(fd, buf, len, at);
	if ((fcntl(fd, F_GETFL) & O_DSYNC) != 0)
		note("dsync", fd, began);
	return n;
}

ssize_t
pwrite(int fd, const void *buf, size_t len, off_t at)
{
	return pwrite64(fd, buf, len, at);
}

static int
open_next(const char *name, const char *path, int flags, mode_t mode)
{
	if (off())
		flags &= ~(O_DSYNC | O_SYNC);
	return NEXT(int (*)(const char *, int, ...), name)(path, flags, mode);
}

int
open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_next("open", path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return open_next("open64", path, flags, mode);
}
