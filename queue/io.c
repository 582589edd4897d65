/* io.c - the system's side of struct wq_io, and what errors are called.
 *
 * Invariant
 *  I1  What a signal interrupted (EINTR) is asked again here: nobody above
 *      ever sees it. Files on FUSE and NFS are interrupted where local ones
 *      are not. */
#include "queue/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "queue/format.h"

/* I1 */
#define AGAIN(rc, call)                                                        \
	do                                                                     \
		(rc) = (call);                                                 \
	while ((rc) < 0 && errno == EINTR)

static int
system_open(const char *path, int flags, mode_t mode)
{
	int fd;

	AGAIN(fd, open(path, flags | O_CLOEXEC, mode));
	return fd;
}

static ssize_t
system_pwrite(int fd, const void *buf, size_t len, off_t at)
{
	ssize_t n;

	AGAIN(n, pwrite(fd, buf, len, at));
	return n;
}

static int
system_fdatasync(int fd)
{
	int rc;

	AGAIN(rc, fdatasync(fd));
	return rc;
}

static int
system_truncate(int fd, off_t len)
{
	int rc;

	AGAIN(rc, ftruncate(fd, len));
	return rc;
}

static int
system_dirsync(const char *path)
{
	int fd, rc, saved;

	if ((fd = system_open(path, O_RDONLY | O_DIRECTORY, 0)) < 0)
		return -1;
	AGAIN(rc, fsync(fd));
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}

static int
system_space(const char *path, uint64_t *free_bytes)
{
	struct statvfs v;

	if (statvfs(path, &v) < 0)
		return -1;
	*free_bytes = (uint64_t)v.f_bavail * v.f_frsize;
	return 0;
}

/* A file without a name where there are such; none that a kill leaves. */
static int
probe_open(const char *dir)
{
	char path[WQ_PATH_MAX];
	int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	if (snprintf(path, sizeof path, "%s/probe", dir) >= (int)sizeof path)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	unlink(path);
	return fd;
}

static int
system_probe(const char *dir, uint64_t bytes)
{
	uint64_t free_bytes;
	int fd, rc, saved;

	if ((fd = probe_open(dir)) < 0)
		return -1;
	rc = fallocate(fd, 0, 0, (off_t)bytes);
	saved = errno;
	close(fd);
	if (rc < 0 && saved == EOPNOTSUPP &&
	    system_space(dir, &free_bytes) == 0) {
		rc = free_bytes < bytes ? -1 : 0;
		saved = ENOSPC;
	}
	errno = saved;
	return rc;
}

static int64_t
system_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const struct wq_io wq_io_system = {
    .open = system_open,
    .pwrite = system_pwrite,
    .fdatasync = system_fdatasync,
    .truncate = system_truncate,
    .rename = rename,
    .unlink = unlink,
    .mkdir = mkdir,
    .dirsync = system_dirsync,
    .space = system_space,
    .clock = system_clock,
    .probe = system_probe,
};

int
wq_error_of(int errnum)
{
	switch (errnum) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return WQ_ENOSPC;
	case ENOMEM:
		return WQ_ENOMEM;
	default:
		return WQ_EIO;
	}
}

const char *
wq_strerror(int err)
{
	switch (err) {
	case WQ_OK:
		return "ok";
	case WQ_EIO:
		return "cannot read or write the queue";
	case WQ_ENOSPC:
		return "no space for the queue";
	case WQ_ELOCKED:
		return "another process writes to the queue";
	case WQ_ECORRUPT:
		return "the queue is damaged";
	case WQ_EVERSION:
		return "the queue was written by a newer version";
	case WQ_EINVAL:
		return "invalid argument";
	case WQ_ENOMEM:
		return "out of memory";
	case WQ_ENODIR:
		return "no queue there";
	case WQ_EGONE:
		return "no such sealed file";
	case WQ_EBACK:
		return "the cursor is past that already";
	case WQ_EBUSY:
		return "a cursor is being changed";
	case WQ_EOPEN:
		return "a sealed file cannot be opened";
	}
	return "unknown error";
}

int
wq_write_all(
    const struct wq_io *io, int fd, const void *buf, size_t len, off_t at)
{
	const char *p = buf;
	ssize_t n;

	while (len > 0) {
		n = io->pwrite(fd, p, len, at);
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			return wq_error_of(errno);
		p += n;
		at += n;
		len -= (size_t)n;
	}
	return WQ_OK;
}

int
wq_replace(const struct wq_io *io, const char *path, const char *tmp,
    const char *dir, const void *buf, size_t len, mode_t mode)
{
	int fd, err;

	/* In cursors/ a link may be another user's trap. */
	fd = io->open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode);
	if (fd < 0)
		return wq_error_of(errno);
	err = wq_write_all(io, fd, buf, len, 0);
	if (err == 0 && io->fdatasync(fd) < 0)
		err = wq_error_of(errno);
	close(fd);
	if (err == 0 && io->rename(tmp, path) < 0)
		err = wq_error_of(errno);
	if (err == 0 && io->dirsync(dir) < 0)
		err = wq_error_of(errno);
	return err;
}
