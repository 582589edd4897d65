/* follow.c - waiting for sealed files by inotify, without polling.
 *
 * What an event says is not looked at: any event means that the caller should
 * list the folders again, and that we should look whether the directory is
 * still the one we watch. So an overflow of inotify's queue, which is an event
 * too, costs nothing.
 *
 * Invariants
 *  I1  A watch is set before its folder is listed: a file that is renamed in
 *      between is either listed or announced.
 *  I2  The two newest days are watched. The writer's times never go back, so
 *      only the newest gets files; a copy of the queue that is still being
 *      made may have the next day's folder already.
 *  I3  A directory that was moved or removed, from whatever folder above it
 *      on, ends the waiting with words. Folders above that may not be read are
 *      not watched: then it is seen with the next event.
 *  I4  Below the directory anything may go: the writer makes it again. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/format.h"

#define NEWS (IN_MOVED_TO | IN_CREATE)
#define LOSS (IN_MOVE_SELF | IN_DELETE_SELF)
#define DAY_LEN 10

struct wq_follow {
	char dir[WQ_DIR_MAX], ready[WQ_DIR_MAX + 8];
	int fd;
	dev_t dev;
	ino_t ino; /* of the directory */
};

static int
no_watch(int errnum, const char *path, char *errbuf, size_t errlen)
{
	const char *why = strerror(errnum);

	if (errnum == EMFILE)
		why = "no inotify instance is left, see "
		      "fs.inotify.max_user_instances";
	if (errnum == ENOSPC)
		why = "no inotify watch is left, see "
		      "fs.inotify.max_user_watches";
	snprintf(errbuf, errlen, "cannot watch '%s': %s", path, why);
	return WQ_EIO;
}

static int
lost(const struct wq_follow *f, char *errbuf, size_t errlen)
{
	snprintf(errbuf, errlen,
	    "queue '%s' was moved or removed; follow it where it is now",
	    f->dir);
	return WQ_ENODIR;
}

/* The folders above, as far as we may. */
static void
watch_above(struct wq_follow *f)
{
	char *path = realpath(f->dir, NULL), *slash;

	if (path == NULL)
		return;
	while ((slash = strrchr(path, '/')) != NULL && slash > path) {
		*slash = '\0';
		(void)inotify_add_watch(
		    f->fd, path, LOSS | IN_ONLYDIR | IN_MASK_ADD);
	}
	free(path);
}

/* The two newest days, the newest first; "" where there is none. */
static int
newest_days(const struct wq_follow *f, char days[2][DAY_LEN + 1])
{
	struct dirent *e;
	DIR *d;

	days[0][0] = days[1][0] = '\0';
	if ((d = opendir(f->ready)) == NULL)
		return errno == ENOENT ? 0 : -1;
	while ((e = readdir(d)) != NULL) {
		if (strlen(e->d_name) != DAY_LEN ||
		    strspn(e->d_name, "0123456789-") != DAY_LEN)
			continue;
		if (strcmp(e->d_name, days[0]) > 0) {
			memcpy(days[1], days[0], sizeof days[1]);
			memcpy(days[0], e->d_name, DAY_LEN + 1);
		} else if (strcmp(e->d_name, days[1]) > 0) {
			memcpy(days[1], e->d_name, DAY_LEN + 1);
		}
	}
	closedir(d);
	return 0;
}

/* One that is gone, or something else, is none of ours. */
static int
watch(struct wq_follow *f, const char *path, char *errbuf, size_t errlen)
{
	if (inotify_add_watch(f->fd, path, NEWS | LOSS | IN_ONLYDIR) < 0 &&
	    errno != ENOENT && errno != ENOTDIR)
		return no_watch(errno, path, errbuf, errlen);
	return WQ_OK;
}

/* The directory, ready/, its newest days, each before what is in it is asked
 * for; setting a watch again changes nothing. */
static int
watch_all(struct wq_follow *f, char *errbuf, size_t errlen)
{
	char path[WQ_PATH_MAX], days[2][DAY_LEN + 1];
	int err;

	if ((err = watch(f, f->dir, errbuf, errlen)) != 0 ||
	    (err = watch(f, f->ready, errbuf, errlen)) != 0)
		return err;
	if (newest_days(f, days) < 0)
		return no_watch(errno, f->ready, errbuf, errlen);
	for (int i = 0; i < 2 && days[i][0] != '\0'; i++) {
		snprintf(path, sizeof path, "%s/%s", f->ready, days[i]);
		if ((err = watch(f, path, errbuf, errlen)) != 0)
			return err;
	}
	return WQ_OK;
}

int
wq_follow_open(
    struct wq_follow **out, const char *dir, char *errbuf, size_t errlen)
{
	struct wq_follow *f;
	struct stat st;
	int err;

	*out = NULL;
	if ((f = calloc(1, sizeof *f)) == NULL)
		return WQ_ENOMEM;
	f->fd = -1;
	if ((err = wq_find(f->dir, dir, errbuf, errlen)) != 0)
		goto out;
	snprintf(f->ready, sizeof f->ready, "%s/ready", f->dir);
	if ((f->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) < 0) {
		err = no_watch(errno, f->dir, errbuf, errlen);
		goto out;
	}
	watch_above(f);
	if ((err = watch_all(f, errbuf, errlen)) != 0)
		goto out;
	if (stat(f->dir, &st) < 0) {
		err = lost(f, errbuf, errlen);
		goto out;
	}
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	*out = f;
	f = NULL;
out:
	wq_follow_close(f);
	return err;
}

void
wq_follow_close(struct wq_follow *f)
{
	if (f == NULL)
		return;
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

int
wq_follow_fd(const struct wq_follow *f)
{
	return f->fd;
}

int
wq_follow_wait(
    struct wq_follow *f, int out, int timeout_ms, char *errbuf, size_t errlen)
{
	struct pollfd p[2] = {{.fd = f->fd, .events = POLLIN}, {.fd = out}};
	struct stat st;
	char buf[4096];
	int n;

	if ((n = poll(p, 2, timeout_ms)) < 0 && errno == EINTR)
		return 1; /* the caller may have a reason to look */
	if (n < 0)
		return no_watch(errno, f->ready, errbuf, errlen);
	if (n == 0 || (p[1].revents & (POLLERR | POLLHUP)))
		return 0;
	while (read(f->fd, buf, sizeof buf) > 0)
		continue;
	if (stat(f->dir, &st) < 0 || st.st_dev != f->dev || st.st_ino != f->ino)
		return lost(f, errbuf, errlen);
	n = watch_all(f, errbuf, errlen);
	return n < 0 ? n : 1;
}
