/* cursor.c - how far each named consumer has come.
 *
 * cursors/NAME is two lines of a fixed width, so that it can be written over
 * in place on a disk that has no block left:
 *
 *	250                 \n
 *	given 300                 \n
 *
 * NAME has acknowledged all records up to 250, and those up to 300 were given
 * to it last. The first line alone is a cursor too: a hand may write it.
 *
 * Invariants
 *  C1  A cursor is replaced by rename after fsync; on a full disk it is
 *      overwritten by one write of the same few bytes. It is the old place or
 *      the new one, never a torn one, and never an empty file.
 *  C2  Reading, deciding and writing are one step: whoever changes a cursor
 *      holds an flock on the folder. So two processes of one name cannot take
 *      a cursor back, and the name of the new file can be the same for all.
 *  C3  A cursor that cannot be read is an error for who asks; it is never
 *      taken for one that stands at the begin or at the end.
 *  C4  Only wq_cursor_set() takes a cursor back.
 *  C5  What is reported as done is on the disk. Where it was done before it is
 *      done again: whoever did it may have been killed before it was durable.
 */
#include "queue/cursor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- its bytes ----------------------------------------------------------- */

/* Digits, spaces, a line feed; s moves behind it. */
static int
parse_line(const char **s, uint64_t *v)
{
	const char *p = *s;

	*v = 0;
	if (*p < '0' || *p > '9')
		return -1;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (*v > (UINT64_MAX - (uint64_t)(*p - '0')) / 10)
			return -1;
		*v = *v * 10 + (uint64_t)(*p - '0');
	}
	p += strspn(p, " ");
	if (*p != '\n')
		return -1;
	*s = p + 1;
	return 0;
}

/* What follows the first line and is not ours is a newer version's. */
int
wq_cursor_parse(const char *s, struct wq_cursor *c)
{
	if (parse_line(&s, &c->acked) != 0)
		return WQ_ECORRUPT;
	c->given = c->acked;
	if (*s == '\0')
		return 1;
	if (strncmp(s, "given ", 6) != 0)
		return WQ_EVERSION;
	s += 6;
	if (parse_line(&s, &c->given) != 0)
		return WQ_ECORRUPT;
	if (c->given < c->acked) /* the first line was set by hand */
		c->given = c->acked;
	return *s == '\0' ? 1 : WQ_EVERSION;
}

void
wq_cursor_print(char buf[WQ_CURSOR_BYTES + 1], const struct wq_cursor *c)
{
	snprintf(buf, WQ_CURSOR_BYTES + 1,
	    "%-20" PRIu64 "\ngiven %-20" PRIu64 "\n", c->acked, c->given);
}

/* 1, 0 when there is none, or an error. Who wrote it may have made a pipe or
 * a large file of it. */
static int
read_cursor(const char *path, struct wq_cursor *c)
{
	char buf[WQ_CURSOR_BYTES + 2];
	struct stat st;
	ssize_t n;
	int fd, err = WQ_ECORRUPT;

	memset(c, 0, sizeof *c);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT ? 0 : wq_error_of(errno);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		n = pread(fd, buf, sizeof buf - 1, 0);
		if (n >= 0) {
			buf[n] = '\0';
			err = wq_cursor_parse(buf, c);
		} else {
			err = wq_error_of(errno);
		}
	}
	close(fd);
	if (err < 0)
		memset(c, 0, sizeof *c);
	return err;
}

/* In place: needs no block, no inode, and no name. */
static int
overwrite(const char *path, const char *buf)
{
	struct stat st;
	int fd, err = WQ_ENOSPC;

	fd = wq_io_system.open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size == WQ_CURSOR_BYTES &&
	    wq_write_all(&wq_io_system, fd, buf, WQ_CURSOR_BYTES, 0) == 0 &&
	    wq_io_system.fdatasync(fd) == 0)
		err = WQ_OK;
	if (fd >= 0)
		close(fd);
	return err;
}

/* ---- one cursor ---------------------------------------------------------- */

/* A cursor that is being changed: the folder is locked. */
struct held {
	char queue[WQ_DIR_MAX], folder[WQ_DIR_MAX + 16], path[WQ_PATH_MAX];
	int lock_fd;
};

int
wq_cursors_lock(const char *queue, int how)
{
	char folder[WQ_PATH_MAX];
	int fd, rc;

	snprintf(folder, sizeof folder, "%s/cursors", queue);
	fd = wq_io_system.open(folder, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return errno == ENOENT ? WQ_ENODIR : wq_error_of(errno);
	while ((rc = flock(fd, how)) < 0 && errno == EINTR)
		continue;
	if (rc == 0)
		return fd;
	rc = errno == EWOULDBLOCK ? WQ_EBUSY : wq_error_of(errno);
	close(fd);
	return rc;
}

static int
find(struct held *h, const char *dir, const char *name)
{
	char err[64];
	int rc;

	h->lock_fd = -1;
	if (!wq_node_ok(name) || name[0] == '.')
		return WQ_EINVAL;
	if ((rc = wq_find(h->queue, dir, err, sizeof err)) != 0)
		return rc;
	snprintf(h->folder, sizeof h->folder, "%s/cursors", h->queue);
	snprintf(h->path, sizeof h->path, "%s/%.32s", h->folder, name);
	return WQ_OK;
}

/* 1 or 0 as read_cursor(), and the folder is locked; or an error. */
static int
hold(struct held *h, const char *dir, const char *name, struct wq_cursor *c)
{
	int err;

	memset(c, 0, sizeof *c);
	if ((err = find(h, dir, name)) != 0)
		return err;
	h->lock_fd = wq_cursors_lock(h->queue, LOCK_EX);
	if (h->lock_fd == WQ_ENODIR) {
		if (wq_io_system.mkdir(h->folder, 0775) < 0 && errno != EEXIST)
			return wq_error_of(errno);
		h->lock_fd = wq_cursors_lock(h->queue, LOCK_EX);
	}
	if (h->lock_fd < 0)
		return h->lock_fd;
	return read_cursor(h->path, c);
}

static void
let_go(struct held *h)
{
	if (h->lock_fd >= 0)
		close(h->lock_fd);
}

/* Who may look into the folder may read it, whatever our umask is: to one who
 * cannot, as a daemon that removes old files, it would hold all of them (P1). */
static void
let_read(const char *path)
{
	struct stat st;
	int fd = wq_io_system.open(
	    path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);

	/* By the descriptor: a name may lead to a trap a moment later. */
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_nlink == 1 && st.st_uid == geteuid() &&
	    (st.st_mode & 0444) != 0444)
		(void)fchmod(fd, (st.st_mode & 0777) | 0444);
	if (fd >= 0)
		close(fd);
}

static int
store(const struct held *h, const struct wq_cursor *c)
{
	char tmp[WQ_PATH_MAX], buf[WQ_CURSOR_BYTES + 1];
	int err, saved;

	wq_cursor_print(buf, c);
	snprintf(tmp, sizeof tmp, "%s/.new", h->folder);
	unlink(tmp); /* of one who was killed, perhaps of another user */
	err = wq_replace(
	    &wq_io_system, h->path, tmp, h->folder, buf, WQ_CURSOR_BYTES, 0664);
	if (err == 0) {
		let_read(h->path);
		return WQ_OK;
	}
	saved = errno;
	unlink(tmp);
	if (err == WQ_ENOSPC && (err = overwrite(h->path, buf)) == 0 &&
	    wq_io_system.dirsync(h->folder) < 0) /* it may be renamed */
		err = wq_error_of(errno);
	errno = saved; /* what failed first says what to do */
	return err;
}

/* Under the lock, for one that is overwritten could be seen half. */
int
wq_cursor_get(const char *dir, const char *name, struct wq_cursor *c)
{
	struct held h;
	int rc;

	memset(c, 0, sizeof *c);
	if ((rc = find(&h, dir, name)) != 0)
		return rc;
	if ((h.lock_fd = wq_cursors_lock(h.queue, LOCK_SH)) >= 0)
		rc = read_cursor(h.path, c);
	else
		rc = h.lock_fd == WQ_ENODIR ? 0 : h.lock_fd;
	let_go(&h);
	return rc;
}

int
wq_cursor_begin(const char *dir, const char *name, struct wq_cursor *c)
{
	struct held h;
	int had = hold(&h, dir, name, c), err = WQ_OK;

	if (had == 0 || (had > 0 && c->given == 0)) /* C5 */
		err = store(&h, c);
	let_go(&h);
	return err != 0 ? err : had;
}

int
wq_cursor_give(const char *dir, const char *name, uint64_t seq)
{
	struct wq_cursor c;
	struct held h;
	int rc = hold(&h, dir, name, &c);

	if (rc >= 0) {
		c.given = seq > c.acked ? seq : c.acked;
		rc = store(&h, &c);
	}
	let_go(&h);
	return rc < 0 ? rc : WQ_OK;
}

int
wq_cursor_ack(const char *dir, const char *name, uint64_t seq)
{
	struct wq_cursor c;
	struct held h;
	int rc = hold(&h, dir, name, &c);

	if (rc >= 0 && seq < c.acked) {
		rc = WQ_EBACK;
	} else if (rc >= 0) { /* also where it is: C5 */
		c.acked = seq;
		c.given = seq > c.given ? seq : c.given;
		rc = store(&h, &c);
	}
	let_go(&h);
	return rc < 0 ? rc : WQ_OK;
}

/* Also over one that cannot be read: that is how it is mended. */
int
wq_cursor_set(const char *dir, const char *name, uint64_t acked)
{
	struct wq_cursor c;
	struct held h;
	int rc = hold(&h, dir, name, &c);

	if (h.lock_fd >= 0 &&
	    (rc >= 0 || rc == WQ_ECORRUPT || rc == WQ_EVERSION)) {
		c.acked = c.given = acked;
		rc = store(&h, &c);
	}
	let_go(&h);
	return rc < 0 ? rc : WQ_OK;
}

int
wq_cursor_remove(const char *dir, const char *name)
{
	struct wq_cursor c;
	struct held h;
	int rc = hold(&h, dir, name, &c);

	if (rc != 0 && h.lock_fd >= 0) {
		rc = 1;
		if (wq_io_system.unlink(h.path) < 0 ||
		    wq_io_system.dirsync(h.folder) < 0)
			rc = errno == ENOENT ? 0 : wq_error_of(errno);
	}
	let_go(&h);
	return rc;
}

/* ---- all of them --------------------------------------------------------- */

int
wq_cursors_each(const char *queue,
    void (*each)(
	void *arg, const char *name, int err, const struct wq_cursor *),
    void *arg, uint64_t *lowest)
{
	char path[WQ_PATH_MAX];
	struct wq_cursor c;
	struct dirent *e;
	DIR *d;
	int rc, err = WQ_OK;

	*lowest = UINT64_MAX;
	snprintf(path, sizeof path, "%s/cursors", queue);
	if ((d = opendir(path)) == NULL)
		return errno == ENOENT ? WQ_OK : wq_error_of(errno);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || !wq_node_ok(e->d_name))
			continue;
		snprintf(
		    path, sizeof path, "%s/cursors/%.32s", queue, e->d_name);
		if ((rc = read_cursor(path, &c)) == 0)
			continue; /* removed meanwhile */
		if (each != NULL)
			each(arg, e->d_name, rc < 0 ? rc : WQ_OK, &c);
		if (rc < 0 && err == 0)
			err = rc;
		if (c.acked < *lowest)
			*lowest = c.acked;
	}
	closedir(d);
	return err;
}

int
wq_cursor_each(const char *dir,
    void (*each)(
	void *arg, const char *name, int err, const struct wq_cursor *),
    void *arg, uint64_t *lowest)
{
	char queue[WQ_DIR_MAX], err[64];
	uint64_t low;
	int rc;

	if (lowest == NULL)
		lowest = &low;
	*lowest = UINT64_MAX;
	if ((rc = wq_find(queue, dir, err, sizeof err)) != 0)
		return rc;
	return wq_cursors_each(queue, each, arg, lowest);
}
