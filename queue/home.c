/* home.c - is the queue's directory still where the writer has it?
 *
 * A process that holds a file open may write to it for hours after somebody has
 * removed the directory, and all of it would be gone at its end. The lock
 * stands for the directory: when its name leads to another file, or to none,
 * the writer is somewhere else.
 *
 * Invariants
 *  H1  No position is given out while the open files have no name in tmp/.
 *  H2  Where the directory stands (again), the writer makes anew what belongs
 *      into it and copies there what it holds open: nothing that was committed
 *      and not sealed is lost. A directory that is not there is never made: it
 *      may be a file system that is not mounted.
 *  H3  For the same reason it is not followed to another file system. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/warc.h"
#include "queue/writer.h"

int
wq_is_named(const char *path, int fd)
{
	struct stat named, held;

	return fd >= 0 && stat(path, &named) == 0 && fstat(fd, &held) == 0 &&
	       named.st_dev == held.st_dev && named.st_ino == held.st_ino;
}

static int
is_there(const struct wq_writer *w, const char *name, int fd)
{
	char path[WQ_PATH_MAX];
	struct stat st;

	snprintf(path, sizeof path, "%s/%s", w->dir, name);
	return fd >= 0 ? wq_is_named(path, fd) : stat(path, &st) == 0;
}

/* H2, H3: the directory itself, by its owner's hand. */
static int
dir_stands(struct wq_writer *w)
{
	struct stat st;

	if (stat(w->dir, &st) < 0)
		return wq_failed(w, "find", w->dir);
	if (st.st_dev == w->dev)
		return WQ_OK;
	snprintf(w->trouble, sizeof w->trouble,
	    "'%s' is on another file system than before: mount it again as it "
	    "was, or stop and start anew",
	    w->dir);
	return WQ_EIO;
}

static int
copy(struct wq_writer *w, int from, int to, uint64_t len, const char *path)
{
	char buf[65536];
	uint64_t at = 0;
	ssize_t n;

	for (; at < len; at += (uint64_t)n) {
		size_t want =
		    len - at < sizeof buf ? (size_t)(len - at) : sizeof buf;

		n = pread(from, buf, want, (off_t)at);
		if (n < 0 && errno == EINTR) {
			n = 0;
			continue;
		}
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return wq_failed(w, "bring back", path);
		if (wq_write_all(w->io, to, buf, (size_t)n, (off_t)at) != 0)
			return wq_failed(w, "write", path);
	}
	return w->io->fdatasync(to) < 0 ? wq_failed(w, "sync", path) : WQ_OK;
}

/* A file that is open gets a name again, and its first len bytes. */
static int
bring_back(struct wq_writer *w, const char *name, int *fd, uint64_t len)
{
	char path[WQ_PATH_MAX], tmp[WQ_PATH_MAX];
	int fresh, err;

	snprintf(tmp, sizeof tmp, "%s/tmp", w->dir);
	snprintf(path, sizeof path, "%s/tmp/%s", w->dir, name);
	fresh = w->io->open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (fresh < 0)
		return wq_failed(w, "make", path);
	err = copy(w, *fd, fresh, len, path);
	if (err == 0 && w->io->dirsync(tmp) < 0)
		err = wq_failed(w, "sync", tmp);
	if (err != 0) {
		close(fresh);
		w->io->unlink(path);
		return err;
	}
	close(*fd);
	*fd = fresh;
	return WQ_OK;
}

static int
files_back(struct wq_writer *w)
{
	char path[WQ_PATH_MAX], raw[WQ_NAME_MAX];
	int err;

	if (w->fd >= 0 && w->state != WQ_RENAMED) {
		wq_tmp_path(w, path);
		if (!wq_is_named(path, w->fd) &&
		    (err = bring_back(w, w->name, &w->fd, w->put.pos.offset)) !=
			0)
			return err;
	}
	wq_raw_name(raw, w->name);
	snprintf(path, sizeof path, "%s/tmp/%s", w->dir, raw);
	if (w->raw_fd >= 0 && !wq_is_named(path, w->raw_fd))
		return bring_back(w, raw, &w->raw_fd, w->put.pos.raw);
	return WQ_OK;
}

int
wq_home(struct wq_writer *w)
{
	struct wq_index old;
	int err;

	if (!is_there(w, "tmp/lock", w->lock_fd) || !is_there(w, "ready", -1)) {
		if ((err = dir_stands(w)) != 0 ||
		    (err = wq_furnish(w, w->trouble, sizeof w->trouble)) != 0)
			return err;
		wq_reindex(w, &old);
	}
	return files_back(w);
}
