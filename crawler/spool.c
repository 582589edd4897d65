/* spool.c - see spool.h. */
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

struct spool {
	unsigned magic;
	char dir[PATH_MAX];
	int fd;
	struct event *readable;
	int (*take)(void *, const char *);
	void *arg;
};

static int
ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static void
spool_take(struct spool *s, const char *name)
{
	char path[PATH_MAX], done[PATH_MAX];
	struct stat st;

	if (name[0] == '.' || ends_in(name, ".part") || ends_in(name, ".done"))
		return;
	if ((size_t)snprintf(path, sizeof path, "%s/%s", s->dir, name) >=
		sizeof path ||
	    (size_t)snprintf(done, sizeof done, "%s.done", path) >=
		sizeof done ||
	    lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	if (s->take(s->arg, path) == 0 && rename(path, done) != 0)
		log_warn("cannot rename a seed list file=%s error=%s", path,
		    strerror(errno));
}

void
spool_scan(struct spool *s)
{
	DIR *d = opendir(s->dir);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		spool_take(s, e->d_name);
	closedir(d);
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

		if (e->mask & IN_Q_OVERFLOW)
			spool_scan(s);
		else if (e->len > 0)
			spool_take(s, e->name);
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
	snprintf(s->dir, sizeof s->dir, "%s", dir);
	s->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (s->fd < 0 ||
	    inotify_add_watch(s->fd, dir, IN_CLOSE_WRITE | IN_MOVED_TO) < 0 ||
	    (s->readable = event_new(base, s->fd, EV_READ | EV_PERSIST,
		 spool_cb, s)) == NULL ||
	    event_add(s->readable, NULL) != 0) {
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
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}
