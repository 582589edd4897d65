/* spool.c - see spool.h.
 *
 * Invariant: a list that could not be taken (no room for the state, no right to
 * read it) is tried again until it can be, ever less often. */
#include "crawler/spool.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>

#include "crawler/log.h"

#define SPOOL_MAGIC 0x73706c31
#define PAUSE_LEAST_S 1
#define PAUSE_MOST_S 300

struct spool {
	unsigned magic;
	char dir[PATH_MAX];
	int fd, watch; /* watch: -1: the folder is not there */
	struct event *readable, *again;
	long pause_s; /* before what could not be taken is tried again */
	int (*take)(void *, const char *);
	void *arg;
};

static int
ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

/* 0: taken, or nothing to take; -1: again later. */
static int
spool_take(struct spool *s, const char *name)
{
	char path[PATH_MAX], done[PATH_MAX];
	struct stat st;

	if (name[0] == '.' || ends_in(name, ".part") || ends_in(name, ".done"))
		return 0;
	if ((size_t)snprintf(path, sizeof path, "%s/%s", s->dir, name) >=
		sizeof path ||
	    (size_t)snprintf(done, sizeof done, "%s.done", path) >=
		sizeof done ||
	    lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	if (s->take(s->arg, path) != 0)
		return -1;
	if (rename(path, done) == 0)
		return 0;
	log_warn("cannot rename a seed list file=%s error=%s", path,
	    strerror(errno));
	return -1;
}

/* Tries again, each time after twice as long. */
static void
spool_later(struct spool *s)
{
	struct timeval tv = { s->pause_s, 0 };

	event_add(s->again, &tv);
	s->pause_s = s->pause_s * 2 < PAUSE_MOST_S ? s->pause_s * 2
						   : PAUSE_MOST_S;
}

void
spool_scan(struct spool *s)
{
	DIR *d = opendir(s->dir);
	struct dirent *e;
	int bad = 0;

	if (d == NULL) {
		spool_later(s);
		return;
	}
	while ((e = readdir(d)) != NULL)
		bad |= spool_take(s, e->d_name) != 0;
	closedir(d);
	if (bad)
		spool_later(s);
	else
		s->pause_s = PAUSE_LEAST_S;
}

static int
spool_watch(struct spool *s)
{
	s->watch = inotify_add_watch(s->fd, s->dir,
	    IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF |
		IN_ONLYDIR);
	return s->watch < 0 ? -1 : 0;
}

/* The folder's place is empty, or another one's: it is looked for by name. */
static void
spool_lost(struct spool *s)
{
	if (s->watch < 0)
		return;
	log_warn("the seeds folder was removed or moved away, put it back "
		 "dir=%s",
	    s->dir);
	inotify_rm_watch(s->fd, s->watch);
	s->watch = -1;
	spool_later(s);
}

static void
spool_again_cb(evutil_socket_t fd, short what, void *arg)
{
	struct spool *s = arg;

	(void)fd;
	(void)what;
	assert(s->magic == SPOOL_MAGIC);
	if (s->watch < 0) {
		if (spool_watch(s) != 0) {
			spool_later(s);
			return;
		}
		log_notice("the seeds folder is there again dir=%s", s->dir);
	}
	spool_scan(s);
}

static void
spool_event(struct spool *s, const struct inotify_event *e)
{
	if (e->mask & IN_Q_OVERFLOW)
		spool_scan(s);
	else if (e->wd != s->watch)
		return; /* of the folder that was there before */
	else if (e->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED))
		spool_lost(s);
	else if (e->len > 0 && spool_take(s, e->name) != 0)
		spool_later(s);
}

static void
spool_cb(evutil_socket_t fd, short what, void *arg)
{
	struct spool *s = arg;
	char room[8192] __attribute__((aligned(__alignof__(
	    struct inotify_event))));
	ssize_t n = read(fd, room, sizeof room);
	char *p;

	(void)what;
	assert(s->magic == SPOOL_MAGIC);
	for (p = room; n > 0 && p < room + n;) {
		const struct inotify_event *e = (const void *)p;

		spool_event(s, e);
		p += sizeof *e + e->len;
	}
}

int
spool_new(struct spool **out, struct event_base *base, const char *dir,
    int (*take)(void *, const char *), void *arg, char *err, size_t errlen)
{
	struct spool *s = calloc(1, sizeof *s);

	*out = NULL;
	if (s == NULL) {
		snprintf(err, errlen, "no memory");
		return -1;
	}
	s->magic = SPOOL_MAGIC;
	s->take = take;
	s->arg = arg;
	s->pause_s = PAUSE_LEAST_S;
	snprintf(s->dir, sizeof s->dir, "%s", dir);
	s->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (s->fd < 0 || spool_watch(s) != 0 ||
	    (s->readable = event_new(base, s->fd, EV_READ | EV_PERSIST,
		 spool_cb, s)) == NULL ||
	    event_add(s->readable, NULL) != 0 ||
	    (s->again = evtimer_new(base, spool_again_cb, s)) == NULL) {
		snprintf(err, errlen,
		    "cannot watch the seeds folder '%s': %s; make it, or set "
		    "seeds.spool",
		    dir, strerror(errno));
		spool_free(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
spool_free(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->readable != NULL)
		event_free(s->readable);
	if (s->again != NULL)
		event_free(s->again);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}
