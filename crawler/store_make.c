/* store_make.c - a new store: its directory, and the engine's first file.
 *
 *	DIR/new/data.mdb -> DIR/data.mdb
 *
 * Invariants
 *  S6  DIR/data.mdb is whole, with its tables in it: a file that the engine had
 *      begun when it was killed, or the disk got full, it would never open
 *      again. Hence it is made beside, and renamed.
 *  S7  What store_open() has opened is durable by name, from the root on. */
#include "crawler/store_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The longest name that is made here, below dir. */
static int
is_long(const char *dir)
{
	return strlen(dir) + sizeof "/new/data.mdb" > PATH_MAX;
}

static void
name(char path[PATH_MAX], const char *dir, const char *below)
{
	if (snprintf(path, PATH_MAX, "%s/%s", dir, below) >= PATH_MAX)
		path[0] = '\0';
}

/* The names of new files are durable too. */
static int
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return errno;
	do
		rc = fsync(fd) != 0 ? errno : 0;
	while (rc == EINTR);
	close(fd);
	return rc;
}

/* mkdir -p, each folder durable in its parent: a state that a loss of power
 * took away whole would have its pages fetched, and queued, again. A folder
 * that is there may be of a process that was killed behind its mkdir, unless
 * the engine's file is there, too. */
int
store_make_dirs(const char *dir)
{
	char path[PATH_MAX], parent[PATH_MAX];
	size_t i, n = strlen(dir);
	int is_new, made, rc;

	if (is_long(dir))
		return ENAMETOOLONG;
	name(path, dir, "data.mdb");
	is_new = access(path, F_OK) != 0;
	memcpy(path, dir, n + 1);
	strcpy(parent, dir[0] == '/' ? "/" : ".");
	for (i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		path[i] = '\0';
		made = mkdir(path, 0750) == 0;
		if (!made && errno != EEXIST)
			return errno;
		rc = made || is_new ? sync_dir(parent) : 0;
		if (rc != 0 && (made || rc == EIO))
			return rc;
		memcpy(parent, path, i + 1);
		if (i < n)
			path[i] = '/';
	}
	return 0;
}

/* The engine's file in DIR/new. */
static int
make_file(const char *dir)
{
	char path[PATH_MAX], where[PATH_MAX];
	struct store fresh = {.dir = where, .map_size = MAP_LEAST};
	int rc;

	name(where, dir, "new");
	if (mkdir(where, 0750) != 0 && errno != EEXIST)
		return errno;
	name(path, dir, "new/data.mdb");
	if (unlink(path) != 0 && errno != ENOENT)
		return errno;
	rc = store_engine_open(&fresh);
	if (fresh.env != NULL)
		mdb_env_close(fresh.env);
	return rc;
}

int
store_make(const struct store *s)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	int rc;

	name(path, s->dir, "data.mdb");
	if (access(path, F_OK) != 0) {
		if ((rc = make_file(s->dir)) != 0)
			return rc;
		name(fresh, s->dir, "new/data.mdb");
		if (rename(fresh, path) != 0)
			return errno;
		name(fresh, s->dir, "new/lock.mdb");
		unlink(fresh);
		name(fresh, s->dir, "new");
		rmdir(fresh);
	}
	return sync_dir(s->dir);
}
