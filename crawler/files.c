/* files.c - see files.h. */
#include "crawler/files.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#define KEPT_MOST 64
#define PER_TRANSFER 2 /* its socket, and one that rests (fetch_keep.h) */
#define OURS 64        /* workers, control, names, files of the disk */

/* Asked each time: it can be changed from outside (prlimit). */
static int64_t
limit_now(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur > INT32_MAX)
		return INT32_MAX;
	return (int64_t)r.rlim_cur;
}

static int64_t
kept(int64_t limit)
{
	return limit / 4 < KEPT_MOST ? limit / 4 : KEPT_MOST;
}

int
files_fit(int fd, enum files_use use)
{
	int64_t limit = limit_now(), keep = kept(limit);

	return fd < limit - (use == FILES_SITE ? keep : keep / 2);
}

int
files_take(int fd, enum files_use use)
{
	if (fd < 0)
		return -1;
	if (files_fit(fd, use))
		return fd;
	close(fd);
	errno = EMFILE;
	return -1;
}

int64_t
files_transfers(int64_t want)
{
	struct rlimit r;
	rlim_t need = (rlim_t)(want * PER_TRANSFER + OURS + KEPT_MOST);
	int64_t limit, fit;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < need) {
		r.rlim_cur = need < r.rlim_max ? need : r.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
	limit = limit_now();
	fit = (limit - kept(limit) - OURS / 2) / PER_TRANSFER;
	return fit >= want ? want : fit > 1 ? fit : 1;
}
