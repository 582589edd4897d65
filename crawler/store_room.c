/* store_room.c - a store that cannot write: why, in words, and when it may be
 * trusted again.
 *
 * Invariants
 *  S4  No commit counts while data.mdb is not in the store's directory: the
 *      engine would go on writing to a file that nobody finds again.
 *  S5  A store that was refused space stays starved until a file of as much as
 *      the next commits need can be made, so that fetching does not start with
 *      each page that becomes free. */
#include "crawler/store_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "crawler/frontier.h"
#include "crawler/words.h"
#include "queue/wq.h"

#define PROBE_MIN ((uint64_t)1 << 20)
#define PROBE_MOST ((uint64_t)16 << 20)
#define PROBE_LEAST ((uint64_t)128 << 10)

/* A file of that many bytes, gone at once: 0, or what refuses it. */
static int
probe(const char *dir, uint64_t bytes)
{
	char path[PATH_MAX];
	int rc, fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		if (snprintf(path, sizeof path, "%s/probe", dir) >=
		    (int)sizeof path)
			return ENAMETOOLONG;
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		unlink(path);
	}
	if (fd < 0)
		return errno;
	rc = fallocate(fd, 0, 0, (off_t)bytes) != 0 ? errno : 0;
	close(fd);
	return rc == EOPNOTSUPP ? 0 : rc;
}

/* LMDB calls a write that was cut short EIO, which is also how a disk gets
 * full. So ask the file system for about as much room. */
static int
error_meant(const struct store *s, int rc)
{
	int why;

	if (rc != EIO)
		return rc;
	why = probe(s->dir, PROBE_MIN + s->used * 4);
	return store_error(why) == FRONTIER_ENOSPC ? why : rc;
}

int
store_failed(struct store *s, int rc)
{
	const char *todo = "look at the disk, or begin with an empty directory";

	rc = error_meant(s, rc);
	if (rc == MDB_MAP_FULL)
		todo = "give it more address space (ulimit -v)";
	else if (rc > 0)
		todo = wq_advice(rc, s->dir);
	snprintf(s->trouble, sizeof s->trouble,
	    "cannot write the state '%s': %s; %s", s->dir, mdb_strerror(rc),
	    todo);
	s->starved |= store_error(rc) == FRONTIER_ENOSPC;
	return store_error(rc);
}

const char *
store_trouble(const struct store *s)
{
	return s->trouble;
}

int
store_lost_home(struct store *s)
{
	char path[PATH_MAX];
	struct stat named, open_one;
	int fd;

	snprintf(path, sizeof path, "%s/data.mdb", s->dir);
	if (mdb_env_get_fd(s->env, &fd) != 0 || fstat(fd, &open_one) != 0)
		return 0;
	if (stat(path, &named) == 0 && named.st_dev == open_one.st_dev &&
	    named.st_ino == open_one.st_ino)
		return 0;
	snprintf(s->trouble, sizeof s->trouble,
	    "the state is no longer '%s': it was removed or moved away; put "
	    "it back, or stop and begin with an empty directory",
	    path);
	return FRONTIER_EIO;
}

/* ---- room again? -------------------------------------------------------- */

static uint64_t
probe_bytes(const struct store *s)
{
	struct statvfs v;
	uint64_t n = PROBE_MOST;

	if (statvfs(s->dir, &v) == 0 && v.f_blocks * v.f_frsize / 20 < n)
		n = v.f_blocks * v.f_frsize / 20;
	return n > PROBE_LEAST ? n : PROBE_LEAST;
}

/* The one file may be as large as the process's limit says. */
static int
limit_refuses(const struct store *s, uint64_t more)
{
	struct rlimit r;
	struct stat st;
	int fd;

	return getrlimit(RLIMIT_FSIZE, &r) == 0 &&
	       r.rlim_cur != RLIM_INFINITY && s->env != NULL &&
	       mdb_env_get_fd(s->env, &fd) == 0 && fstat(fd, &st) == 0 &&
	       (uint64_t)st.st_size + more > r.rlim_cur;
}

int
store_room(struct store *s, int64_t now_ms, char *why, size_t whylen)
{
	char size[WORDS_SPAN];
	uint64_t need;
	int rc;

	if (!s->starved)
		return 0;
	need = probe_bytes(s);
	if (now_ms < s->probed_ms || now_ms - s->probed_ms >= 1000) {
		s->probed_ms = now_ms;
		rc = limit_refuses(s, need) ? EFBIG : probe(s->dir, need);
		s->starved = 0;
		if (rc == 0)
			return 0;
		store_failed(s, rc);
		s->starved = 1;
	}
	snprintf(why, whylen, "%s; fetching goes on with %s more", s->trouble,
	    words_size(size, need));
	return FRONTIER_ENOSPC;
}
