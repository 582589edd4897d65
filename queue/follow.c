/* follow.c - waiting for sealed files by inotify, without polling.
 *
 * Invariant: a watch is set before the folder is listed, so a file that is
 * renamed in between is either listed or announced. */
#include "queue/follow.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "queue/format.h"

#define NEWS (IN_MOVED_TO | IN_CREATE | IN_ONLYDIR)

int
wq_follow_open(const char *queue)
{
	char path[WQ_PATH_MAX];
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), saved;

	if (fd < 0)
		return -1;
	snprintf(path, sizeof path, "%s/ready", queue);
	if (inotify_add_watch(fd, path, NEWS) >= 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* The writer's times never go back, so only the last day gets files; the one
 * before it is watched from when it was the last. */
int
wq_follow_watch(int fd, const char *queue)
{
	char path[WQ_PATH_MAX], last[16] = "";
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof path, "%s/ready", queue);
	if ((d = opendir(path)) == NULL)
		return -1;
	while ((e = readdir(d)) != NULL)
		if (strlen(e->d_name) == 10 && strcmp(e->d_name, last) > 0)
			memcpy(last, e->d_name, 11);
	closedir(d);
	if (last[0] == '\0')
		return 0;
	snprintf(path, sizeof path, "%s/ready/%s", queue, last);
	if (inotify_add_watch(fd, path, NEWS) < 0 && errno != ENOENT)
		return -1;
	return 0;
}

int
wq_follow_wait(int fd, int out)
{
	struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = out}};
	char buf[4096];

	while (poll(p, 2, -1) < 0)
		if (errno != EINTR)
			return -1;
	if (p[1].revents & (POLLERR | POLLHUP))
		return 0;
	while (read(fd, buf, sizeof buf) > 0)
		continue;
	return 1;
}
