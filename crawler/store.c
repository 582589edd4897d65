/* store.c - the state store on LMDB.
 *
 * A write transaction stays open between two commits, so reads see what was
 * put, in order and through every index, without an overlay. LMDB throws a
 * transaction away when its commit fails (a full disk is met only there, since
 * it writes with pwrite); therefore each change also goes to a journal in
 * memory, which is played into a new transaction after a failure.
 *
 * LMDB's habits: the file never shrinks; a reader pins old pages (the writer
 * opens none, store_open_read() lives for one question); the map's address
 * space is the upper bound of the file, hence 1 TiB of it, which costs nothing
 * until it is used; after a failed write of a meta page the environment is
 * dead and has to be opened anew.
 *
 * Three kinds of tables. Plain ones hold rows. Lists hold, under the 8 bytes of
 * a host, items of one size in order: LMDB packs them without a header each,
 * 13 bytes for a URL that is known instead of 35. The log's keys only grow, so
 * what is added goes behind the last row and fills its pages.
 *
 * Invariants
 *  S1  The journal holds exactly the changes since the last commit that
 *      succeeded.
 *  S2  If behind is 0, txn (once begun) holds the last commit and the whole
 *      journal; else txn is NULL and reads answer with that error.
 *  S3  A commit either makes the whole journal durable or nothing. */
#include "crawler/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "crawler/frontier.h"

#define MAP_FIRST ((size_t)1 << 40)
#define MAP_LEAST ((size_t)1 << 26)
#define READER_CHECK 256 /* commits */
#define PROBE_MIN ((off_t)1 << 20)
#define JOURNAL_KEEP ((size_t)4 << 20) /* bytes kept between commits */

/* No name of format 1 with another meaning: that is not opened as this. */
static const struct table {
	const char *name;
	uint8_t item; /* bytes of a list's items, behind the host; 0: no list */
	uint8_t log;  /* keys grow */
} tables[STORE_TABLES] = {
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
};
#define HOST_BYTES 8
#define ITEM_MAX 16

enum { CHANGE_PUT, CHANGE_DEL, CHANGE_DROP };
struct change {
	uint8_t what, table;
	uint16_t klen;
	uint32_t vlen;
};

struct store {
	MDB_env *env;
	MDB_dbi dbi[STORE_TABLES];
	MDB_txn *txn;
	uint64_t log_end; /* a key of the log that is in it, the last we know */
	uint8_t row[HOST_BYTES + ITEM_MAX]; /* of a list, key and value */
	char *dir;
	size_t map_size;
	int map_fixed; /* the caller's bound: no smaller one will do */
	int lock_fd, read_only;
	int behind; /* enum frontier_error of S2 */
	int lost;   /* a change found no memory: only a restart helps */
	uint8_t *journal;
	size_t used, room, changes;
	unsigned commits;
};

static int
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

/* ---- opening --------------------------------------------------------------
 */

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
	for (i = 0; i < STORE_TABLES && rc == 0; i++)
		rc = mdb_dbi_open(txn, tables[i].name,
		    flags | (tables[i].item > 0 ? MDB_DUPSORT | MDB_DUPFIXED : 0),
		    &s->dbi[i]);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

static int
engine_open(struct store *s)
{
	int rc;

	/* NOTLS: the transaction belongs to the store, not to a thread. */
	rc = env_open(s, MDB_NOTLS | MDB_NORDAHEAD);
	return rc != 0 ? rc : tables_open(s, MDB_CREATE);
}

/* mkdir -p */
static int
make_dirs(const char *dir)
{
	char path[PATH_MAX];
	char *p;

	if (snprintf(path, sizeof path, "%s", dir) >= (int)sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (p = path + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0750) != 0 && errno != EEXIST)
			return -1;
		*p = '/';
	}
	return mkdir(path, 0750) != 0 && errno != EEXIST ? -1 : 0;
}

static int
lock_take(struct store *s, char *err, size_t errlen)
{
	char path[PATH_MAX], pid[24] = "";
	ssize_t n;
	int len;

	snprintf(path, sizeof path, "%s/lock", s->dir);
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (s->lock_fd < 0) {
		snprintf(
		    err, errlen, "cannot open '%s': %s", path, strerror(errno));
		return store_error(errno);
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

/* The names of new files are durable too. */
static int
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return errno;
	rc = fsync(fd) != 0 ? errno : 0;
	close(fd);
	return rc;
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
	if (make_dirs(dir) != 0) {
		rc = errno;
		snprintf(err, errlen, "cannot make state '%s': %s", dir,
		    strerror(rc));
		return store_error(rc);
	}
	if ((s = store_alloc(dir)) == NULL)
		return FRONTIER_ENOMEM;
	s->map_fixed = map_size > 0;
	s->map_size = map_size > 0 ? (size_t)map_size : MAP_FIRST;
	if ((rc = lock_take(s, err, errlen)) != 0)
		goto fail;
	if ((rc = engine_open(s)) != 0 || (rc = sync_dir(dir)) != 0) {
		snprintf(err, errlen, "cannot open state '%s': %s", dir,
		    mdb_strerror(rc));
		rc = store_error(rc);
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
	/* Empty: a writer is just making it. */
	if (rc == 0 ? st.st_size == 0 : errno == ENOENT) {
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

/* ---- the journal ----------------------------------------------------------
 */

static int
journal_room(struct store *s, size_t more)
{
	size_t room = s->room > 0 ? s->room : 65536;
	uint8_t *p;

	while (room - s->used < more)
		room *= 2;
	if (room == s->room)
		return 0;
	if ((p = realloc(s->journal, room)) == NULL)
		return -1;
	s->journal = p;
	s->room = room;
	return 0;
}

static void
journal_add(struct store *s, int what, enum store_table table, MDB_val *key,
    MDB_val *val)
{
	struct change c = {.what = (uint8_t)what,
	    .table = (uint8_t)table,
	    .klen = (uint16_t)key->mv_size,
	    .vlen = (uint32_t)val->mv_size};

	if (journal_room(s, sizeof c + key->mv_size + val->mv_size) != 0) {
		/* A commit without this change would be a lie. */
		s->lost = FRONTIER_ENOMEM;
		return;
	}
	memcpy(s->journal + s->used, &c, sizeof c);
	s->used += sizeof c;
	memcpy(s->journal + s->used, key->mv_data, key->mv_size);
	s->used += key->mv_size;
	if (val->mv_size > 0)
		memcpy(s->journal + s->used, val->mv_data, val->mv_size);
	s->used += val->mv_size;
	s->changes++;
}

static void
journal_empty(struct store *s)
{
	s->used = s->changes = 0;
	if (s->room > JOURNAL_KEEP) {
		free(s->journal);
		s->journal = NULL;
		s->room = 0;
	}
}

/* ---- the transaction -------------------------------------------------------
 */

/* Key and value of a list's row as the engine has them: the host, and the item
 * in buf. */
static void
to_item(MDB_val *key, MDB_val *val, uint8_t buf[ITEM_MAX])
{
	size_t rest = key->mv_size - HOST_BYTES;

	memcpy(buf, (uint8_t *)key->mv_data + HOST_BYTES, rest);
	if (val->mv_size > 0)
		memcpy(buf + rest, val->mv_data, val->mv_size);
	*val = (MDB_val){rest + val->mv_size, buf};
	key->mv_size = HOST_BYTES;
}

/* Behind the last row, where that is its place. */
static int
log_put(struct store *s, enum store_table table, MDB_val *key, MDB_val *val)
{
	const uint8_t *p = key->mv_data;
	uint64_t n = 0;
	size_t i;
	int rc;

	for (i = 0; i < key->mv_size; i++)
		n = n << 8 | p[i];
	if (n <= s->log_end)
		return mdb_put(s->txn, s->dbi[table], key, val, 0);
	s->log_end = n;
	rc = mdb_put(s->txn, s->dbi[table], key, val, MDB_APPEND);
	return rc == MDB_KEYEXIST
		   ? mdb_put(s->txn, s->dbi[table], key, val, 0)
		   : rc;
}

static int
change_apply(struct store *s, int what, enum store_table table, MDB_val key,
    MDB_val val)
{
	uint8_t item[ITEM_MAX];
	int rc;

	if (tables[table].item > 0 && what != CHANGE_DROP)
		to_item(&key, &val, item);
	if (what == CHANGE_PUT)
		return tables[table].log
			   ? log_put(s, table, &key, &val)
			   : mdb_put(s->txn, s->dbi[table], &key, &val, 0);
	rc = mdb_del(s->txn, s->dbi[table], &key,
	    tables[table].item > 0 && what != CHANGE_DROP ? &val : NULL);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int
begin(struct store *s)
{
	int rc = mdb_txn_begin(s->env, NULL, 0, &s->txn);

	if (rc != MDB_PANIC)
		return rc;
	mdb_env_close(s->env);
	s->env = NULL;
	if ((rc = engine_open(s)) != 0)
		return rc;
	return mdb_txn_begin(s->env, NULL, 0, &s->txn);
}

static void
fall_behind(struct store *s, int rc)
{
	if (s->txn != NULL)
		mdb_txn_abort(s->txn);
	s->txn = NULL;
	s->log_end = 0; /* perhaps it is not in it */
	s->behind = store_error(rc);
}

/* A new transaction with the whole journal in it. */
static int
catch_up(struct store *s)
{
	struct change c;
	MDB_val key, val;
	size_t at = 0;
	int rc;

	if (s->env == NULL && (rc = engine_open(s)) != 0)
		return store_error(rc);
	rc = begin(s);
	while (rc == 0 && at < s->used) {
		memcpy(&c, s->journal + at, sizeof c);
		at += sizeof c;
		key = (MDB_val){c.klen, s->journal + at};
		at += c.klen;
		val = (MDB_val){c.vlen, s->journal + at};
		at += c.vlen;
		rc = change_apply(s, c.what, c.table, key, val);
	}
	s->behind = 0;
	if (rc != 0)
		fall_behind(s, rc);
	return s->behind;
}

/* S2 for the caller: a transaction, or why there is none. */
static int
ensure(struct store *s)
{
	int rc;

	if (s->behind != 0 || s->txn != NULL)
		return s->behind;
	if ((rc = begin(s)) != 0)
		fall_behind(s, rc);
	return s->behind;
}

/* The first item of the key's host that is not less than the key's rest. */
static int
list_seek(MDB_cursor *cursor, const uint8_t *key, size_t klen, MDB_val *item)
{
	MDB_val host = {HOST_BYTES, (void *)(uintptr_t)key};

	*item = (MDB_val){
	    klen - HOST_BYTES, (void *)(uintptr_t)(key + HOST_BYTES)};
	return mdb_cursor_get(cursor, &host, item, MDB_GET_BOTH_RANGE);
}

static int
list_get(struct store *s, enum store_table table, const uint8_t *key,
    size_t klen, MDB_val *val)
{
	size_t rest = klen - HOST_BYTES;
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(s->txn, s->dbi[table], &cursor);

	if (rc != 0)
		return rc;
	rc = list_seek(cursor, key, klen, val);
	if (rc == 0 && (val->mv_size < rest ||
			   memcmp(val->mv_data, key + HOST_BYTES, rest) != 0))
		rc = MDB_NOTFOUND;
	if (rc == 0)
		*val = (MDB_val){
		    val->mv_size - rest, (uint8_t *)val->mv_data + rest};
	mdb_cursor_close(cursor);
	return rc;
}

static int
engine_get(struct store *s, enum store_table table, const void *key, size_t klen,
    MDB_val *val)
{
	MDB_val k = {klen, (void *)(uintptr_t)key};

	return tables[table].item > 0 ? list_get(s, table, key, klen, val)
				      : mdb_get(s->txn, s->dbi[table], &k, val);
}

int
store_get(struct store *s, enum store_table table, const void *key, size_t klen,
    struct store_bytes *out)
{
	MDB_val v;
	int rc = ensure(s);

	if (rc != 0)
		return rc;
	rc = engine_get(s, table, key, klen, &v);
	if (rc == MDB_NOTFOUND)
		return 0;
	if (rc != 0)
		return store_error(rc);
	out->p = v.mv_data;
	out->n = v.mv_size;
	return 1;
}

/* Items of one host, as rows whose key is the host and the whole item. */
static int
list_scan(struct store *s, MDB_cursor *cursor, const uint8_t *from, size_t len,
    store_row *row, void *arg)
{
	struct store_bytes key = {s->row, 0}, val = {s->row, 0};
	MDB_val k, v;
	int rc = list_seek(cursor, from, len, &v);

	memcpy(s->row, from, HOST_BYTES);
	while (rc == 0 && v.mv_size <= ITEM_MAX) {
		memcpy(s->row + HOST_BYTES, v.mv_data, v.mv_size);
		key.n = HOST_BYTES + v.mv_size;
		if (!row(arg, &key, &val))
			break;
		rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT_DUP);
	}
	return rc;
}

static int
row_scan(MDB_cursor *cursor, const void *from, size_t len, store_row *row,
    void *arg)
{
	MDB_val k = {len, (void *)(uintptr_t)from}, v;
	struct store_bytes key, val;
	int rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);

	while (rc == 0) {
		key = (struct store_bytes){k.mv_data, k.mv_size};
		val = (struct store_bytes){v.mv_data, v.mv_size};
		if (!row(arg, &key, &val))
			break;
		rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	}
	return rc;
}

int
store_scan(struct store *s, enum store_table table, const void *from,
    size_t len, store_row *row, void *arg)
{
	MDB_cursor *cursor;
	int rc = ensure(s);

	if (rc != 0)
		return rc;
	if ((rc = mdb_cursor_open(s->txn, s->dbi[table], &cursor)) != 0)
		return store_error(rc);
	rc = tables[table].item > 0
		 ? list_scan(s, cursor, from, len, row, arg)
		 : row_scan(cursor, from, len, row, arg);
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : store_error(rc);
}

int
store_add(struct store *s, enum store_table table, const void *key, size_t klen,
    const void *val, size_t vlen)
{
	MDB_val k = {klen, (void *)(uintptr_t)key};
	MDB_val v = {vlen, (void *)(uintptr_t)val}, there;
	int rc = ensure(s);

	if (rc != 0)
		return rc;
	rc = engine_get(s, table, key, klen, &there);
	if (rc == 0)
		return 0;
	if (rc == MDB_NOTFOUND)
		rc = change_apply(s, CHANGE_PUT, table, k, v);
	if (rc != 0) {
		fall_behind(s, rc);
		return s->behind;
	}
	journal_add(s, CHANGE_PUT, table, &k, &v);
	return s->lost != 0 ? s->lost : 1;
}

static void
change(struct store *s, int what, enum store_table table, MDB_val k, MDB_val v)
{
	int rc;

	journal_add(s, what, table, &k, &v);
	if (ensure(s) != 0)
		return;
	if ((rc = change_apply(s, what, table, k, v)) != 0)
		fall_behind(s, rc);
}

void
store_put(struct store *s, enum store_table table, const void *key, size_t klen,
    const void *val, size_t vlen)
{
	change(s, CHANGE_PUT, table, (MDB_val){klen, (void *)(uintptr_t)key},
	    (MDB_val){vlen, (void *)(uintptr_t)val});
}

void
store_del(struct store *s, enum store_table table, const void *key, size_t klen)
{
	change(s, CHANGE_DEL, table, (MDB_val){klen, (void *)(uintptr_t)key},
	    (MDB_val){0, NULL});
}

void
store_drop(struct store *s, enum store_table table, const uint8_t host[8])
{
	change(s, CHANGE_DROP, table,
	    (MDB_val){HOST_BYTES, (void *)(uintptr_t)host}, (MDB_val){0, NULL});
}

int
store_state(const struct store *s)
{
	return s->lost != 0 ? s->lost : s->behind;
}

int
store_ready(struct store *s)
{
	if (s->lost != 0)
		return s->lost;
	return s->behind != 0 ? catch_up(s) : 0;
}

/* LMDB calls a write that was cut short EIO, which is also how a disk gets
 * full. So ask the file system for about as much room. */
static int
is_full(const struct store *s)
{
	char path[PATH_MAX];
	int fd, rc = 0;

	snprintf(path, sizeof path, "%s/probe", s->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return store_error(errno) == FRONTIER_ENOSPC;
	if (fallocate(fd, 0, 0, PROBE_MIN + (off_t)s->used * 4) != 0)
		rc = store_error(errno) == FRONTIER_ENOSPC;
	unlink(path);
	close(fd);
	return rc;
}

int
store_commit(struct store *s)
{
	int rc;

	if ((rc = store_ready(s)) != 0)
		return rc;
	if (s->changes == 0)
		return 0;
	rc = mdb_txn_commit(s->txn);
	s->txn = NULL;
	if (rc == 0) {
		journal_empty(s);
		/* A reader that was killed would pin its pages for ever. */
		if (++s->commits % READER_CHECK == 0)
			mdb_reader_check(s->env, NULL);
		return 0;
	}
	s->log_end = 0;
	/* What follows may read and put as before: in memory there is room. */
	catch_up(s);
	return rc == EIO && is_full(s) ? FRONTIER_ENOSPC : store_error(rc);
}

size_t
store_pending(const struct store *s)
{
	return s->changes;
}
