/* crash.h - every call that changes the disk, cut in turn.
 *
 * The calls are defined here, so all that is linked into the program makes
 * these, shared libraries (LMDB) as well. A child in which crash_begin() was
 * called counts its calls on what lies below disk->root; the one with the
 * number cut_at is cut in one of the ways of enum crash_mode, and crash_disk.h
 * learns what it did.
 *
 * crash_learn() runs it untouched and notes its calls; crash_run() is one run
 * that is cut. Cutting each call means: cut_at 1, 2, 3... where the mode can
 * befall that call, until the run says CRASH_UNTOUCHED. */
#ifndef CRASH_H
#define CRASH_H

#include <stdarg.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "tests/crash_disk.h"
#include "tests/test.h"

enum crash_mode {
	CRASH_NONE,
	CRASH_EIO,    /* fails once; a sync that fails forgets its pages */
	CRASH_ENOSPC, /* fails once */
	CRASH_EINTR,  /* interrupted once */
	CRASH_LIES,   /* done, and yet reported as failed */
	CRASH_SHORT,  /* a write does half, and the next one finds no room */
	CRASH_FULL,   /* no room from there on */
	CRASH_DEAD,   /* from there on every call fails */
	CRASH_BEFORE, /* the process is killed before the call, */
	CRASH_AFTER,  /* behind it, */
	CRASH_HALF,   /* in the middle of a write */
	CRASH_POWER,  /* power is lost: what was not synced is gone, */
	CRASH_TORN,   /* or some of it is */
	CRASH_MODES
};

enum {
	CALL_OPEN,
	CALL_WRITE,
	CALL_SYNC,
	CALL_CUT,
	CALL_RENAME,
	CALL_UNLINK,
	CALL_MKDIR,
	CALL_KINDS
};
static const char *const crash_calls[CALL_KINDS] = {
    "open", "write", "sync", "truncate", "rename", "unlink", "mkdir"};
#define CALL(kind) (1 << CALL_##kind)
#define CALL_ANY ((1 << CALL_KINDS) - 1)

/* Which calls it can befall. */
static const struct {
	const char *name;
	int calls;
} crash_modes[CRASH_MODES] = {
    [CRASH_NONE] = {"nothing", 0},
    [CRASH_EIO] = {"an I/O error, once", CALL_ANY},
    [CRASH_ENOSPC] = {"no space, once", CALL(OPEN) | CALL(WRITE) | CALL(SYNC) |
					    CALL(CUT) | CALL(RENAME) |
					    CALL(MKDIR)},
    [CRASH_EINTR] = {"a signal, once",
	CALL(OPEN) | CALL(WRITE) | CALL(SYNC) | CALL(CUT)},
    [CRASH_LIES] = {"an error though it was done", CALL_ANY},
    [CRASH_SHORT] = {"a write done by half, then no space", CALL(WRITE)},
    [CRASH_FULL] = {"no space from there on", CALL_ANY},
    [CRASH_DEAD] = {"a disk that is dead from there on", CALL_ANY},
    [CRASH_BEFORE] = {"kill -9 before it", CALL_ANY},
    [CRASH_AFTER] = {"kill -9 behind it", CALL_ANY},
    [CRASH_HALF] = {"kill -9 halfway through a write", CALL(WRITE)},
    [CRASH_POWER] = {"a loss of power and of all that was not synced",
	CALL_ANY},
    [CRASH_TORN] = {"a loss of power that leaves parts of it", CALL_ANY},
};

#ifdef WINNOW_SANITIZE
#define CRASH_STEP 3 /* a process with its shadow takes ten times as long */
#else
#define CRASH_STEP 1
#endif
#define CRASH_CALLS 4096
#define CRASH_KILLED 99    /* what crash_run() gives then */
#define CRASH_UNTOUCHED 98 /* it ended well before the call */

static struct {
	int on, calls, cut_at, half;
	int power_at; /* power is lost there, too; 0: no */
	enum crash_mode mode;
	int trace;                 /* CRASH_TRACE is set: says each call */
	char path[256][DISK_PATH]; /* of descriptors of ours; "": not ours */
	uint8_t *kind; /* shared: of each call of an untouched run, from 1 */
} crash;

/* ---- the cut ------------------------------------------------------------- */

static int
crash_is_kill(enum crash_mode m)
{
	return m >= CRASH_BEFORE;
}

/* Counts the call. 0, or the errno it has to fail with at once. grows: it
 * wants room on the disk. */
static int
crash_cut(int kind, int grows, const char *what)
{
	int n = ++crash.calls, m = crash.mode;

	if (crash.trace)
		fprintf(stderr, "%4d %s %s\n", n, crash_calls[kind],
		    what + strlen(disk->root));
	if (m == CRASH_NONE && n < CRASH_CALLS)
		crash.kind[n] = (uint8_t)(kind + 1);
	if (n == crash.power_at)
		_exit(CRASH_KILLED);
	if (m == CRASH_DEAD && n >= crash.cut_at)
		return EIO;
	if (m == CRASH_FULL && n >= crash.cut_at && grows)
		return ENOSPC;
	if (m == CRASH_SHORT && crash.half && kind == CALL_WRITE) {
		crash.half = 0;
		return ENOSPC;
	}
	if (n != crash.cut_at || !(crash_modes[m].calls & 1 << kind))
		return 0;
	if (m == CRASH_BEFORE || m == CRASH_POWER || m == CRASH_TORN)
		_exit(CRASH_KILLED);
	crash.half = m == CRASH_SHORT || m == CRASH_HALF;
	return m == CRASH_EIO      ? EIO
	       : m == CRASH_ENOSPC ? ENOSPC
	       : m == CRASH_EINTR  ? EINTR
				   : 0;
}

/* The call is done and gave rc. */
static int
crash_done(int rc)
{
	if (crash.calls != crash.cut_at)
		return rc;
	if (crash.mode == CRASH_AFTER || crash.mode == CRASH_HALF)
		_exit(CRASH_KILLED);
	if (crash.mode == CRASH_LIES && rc >= 0) {
		errno = EIO;
		return -1;
	}
	return rc;
}

/* Sealed files are never changed, and of a queue only tmp/ is ever cut: at no
 * call, in no story. */
static void
crash_forbid(const char *path, int cuts)
{
	if (strstr(path, "/ready/") != NULL || strstr(path, "/raw/") != NULL ||
	    (cuts && strstr(path, "/queue/") != NULL &&
		strstr(path, "/tmp/") == NULL &&
		strstr(path, "/cursors/.") == NULL)) /* not a cursor yet */
		disk_die("this is never changed", path);
}

static int
crash_ours(const char *path)
{
	size_t n;

	if (!crash.on)
		return 0;
	n = strlen(disk->root);
	return strncmp(path, disk->root, n) == 0 &&
	       (path[n] == '/' || path[n] == '\0');
}

static int
crash_ours_fd(int fd)
{
	return crash.on && fd >= 0 && fd < 256 && crash.path[fd][0] != '\0';
}

/* ---- the calls: descriptors ---------------------------------------------- */

int
open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;
	int fd, e, created, nameless = (flags & O_TMPFILE) == O_TMPFILE;

	if ((flags & O_CREAT) || nameless) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	if (!crash_ours(path) ||
	    ((flags & O_ACCMODE) == O_RDONLY && !(flags & O_DIRECTORY)))
		return raw_open(path, flags, mode);
	created = nameless || ((flags & O_CREAT) && disk_ino(path) == 0);
	if ((e = crash_cut(CALL_OPEN, created, path)) != 0) {
		errno = e;
		return -1;
	}
	if ((fd = raw_open(path, flags, mode)) < 0)
		return fd;
	if (fd >= 256)
		disk_die("too many descriptors", path);
	if (!nameless)
		disk_opened(fd, path, created);
	if (flags & O_TRUNC) {
		crash_forbid(path, 1);
		disk_truncated(fd, 0);
	}
	if (crash_done(0) < 0) {
		close(fd);
		errno = EIO;
		return -1;
	}
	strcpy(crash.path[fd], path);
	return fd;
}

int
close(int fd)
{
	if (crash_ours_fd(fd))
		crash.path[fd][0] = '\0';
	return (int)syscall(SYS_close, fd);
}

ssize_t
pwrite(int fd, const void *buf, size_t len, off_t at)
{
	struct stat st;
	ssize_t n;
	int e;

	if (!crash_ours_fd(fd))
		return raw_pwrite(fd, buf, len, at);
	crash_forbid(crash.path[fd], 0);
	if ((e = crash_cut(CALL_WRITE,
		 fstat(fd, &st) < 0 || at + (off_t)len > st.st_size,
		 crash.path[fd])) != 0) {
		errno = e;
		return -1;
	}
	if (crash.half && crash.calls == crash.cut_at)
		len /= 2;
	if ((n = raw_pwrite(fd, buf, len, at)) > 0)
		disk_written(fd, at, (size_t)n);
	return crash_done(0) < 0 ? -1 : n;
}

ssize_t
write(int fd, const void *buf, size_t len)
{
	off_t at;
	ssize_t n;

	if (!crash_ours_fd(fd))
		return syscall(SYS_write, fd, buf, len);
	at = lseek(fd, 0, SEEK_CUR);
	if ((n = pwrite(fd, buf, len, at)) > 0)
		lseek(fd, at + n, SEEK_SET);
	return n;
}

ssize_t
writev(int fd, const struct iovec *v, int nv)
{
	uint8_t *all;
	size_t len = 0;
	ssize_t n;

	if (!crash_ours_fd(fd))
		return syscall(SYS_writev, fd, v, nv);
	for (int i = 0; i < nv; i++)
		len += v[i].iov_len;
	if ((all = malloc(len)) == NULL)
		disk_die("no memory", crash.path[fd]);
	len = 0;
	for (int i = 0; i < nv; len += v[i++].iov_len)
		memcpy(all + len, v[i].iov_base, v[i].iov_len);
	n = write(fd, all, len);
	free(all);
	return n;
}

static int
crash_sync(int fd)
{
	struct stat st;
	int e = crash_cut(CALL_SYNC, 0, crash.path[fd]);

	if (e != 0) {
		if (e != EINTR)
			disk_forgot(fd);
		errno = e;
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		disk_folder_synced(crash.path[fd]);
	else
		disk_synced(fd);
	return crash_done(0);
}

/* The real disk is of no interest, and slow. */
int
fdatasync(int fd)
{
	return crash_ours_fd(fd) ? crash_sync(fd) : 0;
}

int
fsync(int fd)
{
	return crash_ours_fd(fd) ? crash_sync(fd) : 0;
}

int
ftruncate(int fd, off_t len)
{
	int e, rc;

	if (!crash_ours_fd(fd))
		return (int)syscall(SYS_ftruncate, fd, len);
	crash_forbid(crash.path[fd], 1);
	if ((e = crash_cut(CALL_CUT, 0, crash.path[fd])) != 0) {
		errno = e;
		return -1;
	}
	if ((rc = (int)syscall(SYS_ftruncate, fd, len)) == 0)
		disk_truncated(fd, len);
	return crash_done(rc);
}

int
fallocate(int fd, int mode, off_t at, off_t len)
{
	int e;

	if (!crash_ours_fd(fd))
		return (int)syscall(SYS_fallocate, fd, mode, at, len);
	/* Nobody writes there: the store only asks whether it could. */
	if ((e = crash_cut(CALL_CUT, 1, crash.path[fd])) != 0)
		errno = e;
	return e != 0 ? -1 : crash_done(0);
}

/* ---- the calls: names ---------------------------------------------------- */

int
rename(const char *from, const char *to)
{
	char grave[DISK_PATH];
	int e, rc;

	if (!crash_ours(to))
		return raw_rename(from, to);
	if ((e = crash_cut(CALL_RENAME, 0, to)) != 0) {
		errno = e;
		return -1;
	}
	disk_bury(to, grave);
	if ((rc = raw_rename(from, to)) == 0) {
		disk_renamed(from, to, grave);
		for (int fd = 0; fd < 256; fd++)
			if (strcmp(crash.path[fd], from) == 0)
				strcpy(crash.path[fd], to);
	}
	return crash_done(rc);
}

int
unlink(const char *path)
{
	char grave[DISK_PATH];
	int e, rc;

	if (!crash_ours(path))
		return raw_unlink(path);
	if ((e = crash_cut(CALL_UNLINK, 0, path)) != 0) {
		errno = e;
		return -1;
	}
	disk_bury(path, grave);
	if ((rc = raw_unlink(path)) == 0)
		disk_unlinked(path, grave);
	return crash_done(rc);
}

int
mkdir(const char *path, mode_t mode)
{
	int e, rc;

	if (!crash_ours(path))
		return mkdirat(AT_FDCWD, path, mode);
	if ((e = crash_cut(CALL_MKDIR, 1, path)) != 0) {
		errno = e;
		return -1;
	}
	if ((rc = mkdirat(AT_FDCWD, path, mode)) == 0)
		disk_name_new('m', path);
	return crash_done(rc);
}

/* ---- a run --------------------------------------------------------------- */

/* Runs engine() in a process of its own, cut at that call, and takes the power
 * away where the mode says so, or at the call power_at (0: not). What engine()
 * gave (0 to 90), CRASH_KILLED, CRASH_UNTOUCHED (it gave 0), or -1: it died of
 * something else. */
static int
crash_run(int (*engine)(void), enum crash_mode m, int cut_at, int power_at)
{
	pid_t pid;
	int status, rc;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		crash.mode = m;
		crash.cut_at = cut_at;
		crash.power_at = power_at;
		crash.on = 1;
		crash.trace = getenv("CRASH_TRACE") != NULL;
		rc = engine();
		fflush(stdout);
		_exit(rc == 0 && crash.calls < cut_at ? CRASH_UNTOUCHED : rc);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	rc = WEXITSTATUS(status);
	if (rc == CRASH_KILLED && (m >= CRASH_POWER || power_at > 0))
		disk_power(m != CRASH_POWER);
	return rc;
}

/* The run that is not cut: how many calls it makes, or -1. */
static int
crash_learn(int (*engine)(void))
{
	int n = 1;

	if (crash.kind == NULL)
		crash.kind = mmap(NULL, CRASH_CALLS, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (crash.kind == MAP_FAILED)
		disk_die("no memory", disk->base);
	memset(crash.kind, 0, CRASH_CALLS);
	if (crash_run(engine, CRASH_NONE, 0, 0) != 0)
		return -1;
	while (n < CRASH_CALLS && crash.kind[n] != 0)
		n++;
	return n - 1;
}

static int
crash_befalls(enum crash_mode m, int n)
{
	return crash.kind[n] == 0 ||
	       crash_modes[m].calls & 1 << (crash.kind[n] - 1);
}

/* What one mode is made to do: a story for each call, cut there, perhaps
 * without power from call power_at on, perhaps cut again at call `again` of the
 * next start. */
struct crash_plan {
	int (*engine)(void);
	void (*fresh)(void);
	void (*story)(enum crash_mode, int n, int power_at, int again);
	int every, within; /* a kill in so many is followed by a second one, at
			    * one of so many first calls */
};

/* Losses of power soon after each failure: CRASH_POWERS, else one. */
static inline int
crash_powers(void)
{
	const char *s = getenv("CRASH_POWERS");

	return s != NULL ? atoi(s) : 1;
}

/* All stories of a mode, and the run that is cut behind its last call. */
static inline void
crash_each(const struct crash_plan *p, enum crash_mode m, int calls)
{
	int powers = crash_powers();

	for (int n = 1; n <= calls && !test_bad; n += CRASH_STEP)
		if (crash_befalls(m, n)) {
			p->story(m, n, 0, 0);
			for (int k = 0; !crash_is_kill(m) && k < powers; k++)
				p->story(m, n, n + 1 + (n * 7 + k) % 23, 0);
			if (crash_is_kill(m) &&
			    n % p->every == (int)m % p->every)
				p->story(m, n, 0, 1 + n % p->within);
		}
	p->fresh();
	CHECK_INT(crash_run(p->engine, m, calls + 1, 0), CRASH_UNTOUCHED);
}

#endif
