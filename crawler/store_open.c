/* store_open.c - an open store: its lock, the engine's environment with the
 * largest map that is to be had, its tables. */
#include "crawler/store_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crawler/frontier.h"
#include "queue/wq.h"

#define MAP_FIRST ((size_t)1 << 40)
#define LOCK_TABLE 16384 /* 126 readers are 8192 bytes */

/* No name of format 1 with another meaning: that is not opened as this. */
const struct store_table_kind store_tables[STORE_TABLES] = {
    [STORE_META] = {"meta", 0, 0},
    [STORE_SEEN] = {"seen", 13, 0},
    [STORE_YOUNG] = {"young", 13, 0},
    [STORE_URL] = {"urls", 0, 1},
    [STORE_DUE] = {"first", 6, 0},
    [STORE_LATER] = {"later", 12, 0},
    [STORE_AGAIN] = {"again", 0, 0},
    [STORE_HOST] = {"host", 0, 0},
    [STORE_FAMILY] = {"family", 0, 0},
    [STORE_ROTA] = {"rota", 0, 0},
    [STORE_ROBOTS] = {"robots", 0, 0},
    [STORE_SEED] = {"seed", 0, 0},
    [STORE_SEED_KEY] = {"seed-key", 0, 0},
    [STORE_TEXT] = {"text", 0, 0},
    [STORE_BEST] = {"best", 0, 0},
    [STORE_REPEAT] = {"repeat", 0, 0},
    [STORE_NEAR] = {"near", 0, 1},
    [STORE_SITE] = {"site", 0, 0},
};
int
store_error(int rc)
{
	switch (rc) {
	case 0:
		return FRONTIER_OK;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return FRONTIER_ENOSPC;
	case ENOMEM:
		return FRONTIER_ENOMEM;
	case MDB_VERSION_MISMATCH:
	case MDB_INVALID:
		return FRONTIER_EVERSION;
	default:
		return FRONTIER_EIO;
	}
}

/* ---- opening ------------------------------------------------------------ */

/* The environment with the largest map that the address space allows. */
static int
env_open(struct store *s, unsigned flags)
{
	size_t size = s->map_size;
	int rc;

	for (;;) {
		if ((rc = mdb_env_create(&s->env)) != 0)
			return rc;
		mdb_env_set_maxdbs(s->env, STORE_TABLES);
		mdb_env_set_mapsize(s->env, size);
		rc = mdb_env_open(s->env, s->dir, flags, 0640);
		if (rc == 0) {
			s->map_size = size;
			return 0;
		}
		mdb_env_close(s->env);
		s->env = NULL;
		if (rc != ENOMEM || s->map_fixed || size <= MAP_LEAST)
			return rc;
		size /= 4;
	}
}

static int
tables_open(struct store *s, unsigned flags)
{
	MDB_txn *txn;
	int i, rc;

	rc = mdb_txn_begin(s->env, NULL, s->read_only ? MDB_RDONLY : 0, &txn);
	if (rc != 0)
		return rc;
	for (i = 0; i < STORE_TABLES && rc == 0; i++) {
		rc = mdb_dbi_open(txn, store_tables[i].name,
		    flags |
			(store_tables[i].item > 0 ? MDB_DUPSORT | MDB_DUPFIXED
						  : 0),
		    &s->dbi[i]);
		/* A state from before this table, which its writer has not
		 * opened since: to who only reads, it is empty. */
		if (rc == MDB_NOTFOUND && s->read_only && i != STORE_META) {
			s->dbi[i] = NO_TABLE;
			rc = 0;
		}
	}
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

/* The engine maps its table of readers and writes to the map: without a block
 * behind it that is a SIGBUS, not an error. So the blocks are had before. */
static int
lock_table_room(const struct store *s)
{
	char path[PATH_MAX];
	int fd, rc;

	if (snprintf(path, sizeof path, "%s/lock.mdb", s->dir) >=
	    (int)sizeof path)
		return ENAMETOOLONG;
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640)) < 0)
		return errno;
	rc = fallocate(fd, 0, 0, LOCK_TABLE) != 0 ? errno : 0;
	close(fd);
	return rc == EOPNOTSUPP ? 0 : rc;
}

int
store_engine_open(struct store *s)
{
	int rc;

	if ((rc = lock_table_room(s)) != 0)
		return rc;
	/* NOTLS: the transaction belongs to the store, not to a thread. */
	rc = env_open(s, MDB_NOTLS | MDB_NORDAHEAD);
	/* A commit whose last write failed is undone in the engine's file, but
	 * not durably; if that write came through after all, the next commit
	 * would overwrite pages that a loss of power brings back into use. */
	if (rc == 0)
		rc = mdb_env_sync(s->env, 1);
	if (rc == 0)
		rc = tables_open(s, MDB_CREATE);
	if (rc != 0 && s->env != NULL) {
		mdb_env_close(s->env);
		s->env = NULL;
	}
	return rc;
}

static int
lock_take(struct store *s, char *err, size_t errlen)
{
	char path[PATH_MAX], pid[24] = "";
	ssize_t n;
	int len, rc;

	snprintf(path, sizeof path, "%s/lock", s->dir);
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (s->lock_fd < 0) {
		rc = errno;
		snprintf(err, errlen, "cannot open '%s': %s; %s", path,
		    strerror(rc), wq_advice(rc, s->dir));
		return store_error(rc);
	}
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		n = pread(s->lock_fd, pid, sizeof pid - 1, 0);
		pid[n > 0 ? n : 0] = '\0';
		pid[strspn(pid, "0123456789")] = '\0';
		snprintf(err, errlen,
		    "cannot open state '%s': locked by pid %s; stop it or "
		    "choose another directory",
		    s->dir, pid[0] != '\0' ? pid : "of another process");
		return FRONTIER_ELOCKED;
	}
	len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	/* Only for people to read: a full disk is met later, and louder. */
	if (ftruncate(s->lock_fd, 0) != 0 ||
	    pwrite(s->lock_fd, pid, (size_t)len, 0) != len)
		errno = 0;
	return 0;
}

static struct store *
store_alloc(const char *dir)
{
	struct store *s = calloc(1, sizeof *s);

	if (s == NULL || (s->dir = strdup(dir)) == NULL) {
		free(s);
		return NULL;
	}
	s->lock_fd = -1;
	return s;
}

int
store_open(struct store **out, const char *dir, int64_t map_size, char *err,
    size_t errlen)
{
	struct store *s;
	int rc;

	*out = NULL;
	if ((rc = store_make_dirs(dir)) != 0) {
		snprintf(err, errlen, "cannot make state '%s': %s; %s", dir,
		    strerror(rc), wq_advice(rc, NULL));
		return store_error(rc);
	}
	if ((s = store_alloc(dir)) == NULL)
		return FRONTIER_ENOMEM;
	s->map_fixed = map_size > 0;
	s->map_size = map_size > 0 ? (size_t)map_size : MAP_FIRST;
	if ((rc = lock_take(s, err, errlen)) != 0)
		goto fail;
	if ((rc = store_make(s)) != 0 || (rc = store_engine_open(s)) != 0) {
		rc = store_failed(s, rc);
		snprintf(err, errlen, "%s", s->trouble);
		goto fail;
	}
	*out = s;
	return 0;
fail:
	store_close(s);
	return rc;
}

int
store_open_read(struct store **out, const char *dir, char *err, size_t errlen)
{
	struct store *s;
	struct stat st = {0};
	char path[PATH_MAX];
	int rc;

	*out = NULL;
	snprintf(path, sizeof path, "%s/data.mdb", dir);
	rc = stat(path, &st);
	if (rc != 0 && errno == ENOENT) {
		snprintf(err, errlen, "no state in '%s'", dir);
		return 1;
	}
	if ((s = store_alloc(dir)) == NULL)
		return FRONTIER_ENOMEM;
	s->read_only = 1;
	/* Room for what a writer adds meanwhile, not the writer's 1 TiB. */
	s->map_size = (size_t)st.st_size * 2 + MAP_LEAST;
	rc = env_open(s, MDB_RDONLY | MDB_NOTLS);
	if (rc == 0)
		rc = tables_open(s, 0);
	if (rc == 0)
		rc = mdb_txn_begin(s->env, NULL, MDB_RDONLY, &s->txn);
	if (rc != 0) {
		snprintf(err, errlen, "cannot read state '%s': %s", dir,
		    mdb_strerror(rc));
		store_close(s);
		return rc == MDB_NOTFOUND ? 1 : store_error(rc);
	}
	*out = s;
	return 0;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (s->txn != NULL)
		mdb_txn_abort(s->txn);
	if (s->env != NULL)
		mdb_env_close(s->env);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->journal);
	free(s->dir);
	free(s);
}
