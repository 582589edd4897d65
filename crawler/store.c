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
 *  S3  A commit either makes the whole journal durable or nothing.
 * S4 and S5 stand in store_room.c. */
#include "crawler/store_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crawler/frontier.h"

#define READER_CHECK 256 /* commits */
#define JOURNAL_KEEP ((size_t)4 << 20) /* bytes kept between commits */

enum { CHANGE_PUT, CHANGE_DEL, CHANGE_DROP };
struct change {
	uint8_t what, table;
	uint16_t klen;
	uint32_t vlen;
};

/* ---- the journal -------------------------------------------------------- */

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

/* ---- the transaction ---------------------------------------------------- */

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
	if (n <= s->log_end[table])
		return mdb_put(s->txn, s->dbi[table], key, val, 0);
	s->log_end[table] = n;
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

	if (store_tables[table].item > 0 && what != CHANGE_DROP)
		to_item(&key, &val, item);
	if (what == CHANGE_PUT)
		return store_tables[table].log
			   ? log_put(s, table, &key, &val)
			   : mdb_put(s->txn, s->dbi[table], &key, &val, 0);
	rc = mdb_del(s->txn, s->dbi[table], &key,
	    store_tables[table].item > 0 && what != CHANGE_DROP ? &val : NULL);
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
	if ((rc = store_engine_open(s)) != 0)
		return rc;
	return mdb_txn_begin(s->env, NULL, 0, &s->txn);
}

static void
fall_behind(struct store *s, int rc)
{
	if (s->txn != NULL)
		mdb_txn_abort(s->txn);
	s->txn = NULL;
	memset(s->log_end, 0, sizeof s->log_end); /* perhaps they are not in it */
	s->behind = store_failed(s, rc);
}

/* A new transaction with the whole journal in it. */
static int
catch_up(struct store *s)
{
	struct change c;
	MDB_val key, val;
	size_t at = 0;
	int rc;

	if (s->env == NULL && (rc = store_engine_open(s)) != 0)
		return store_failed(s, rc);
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

	if (s->dbi[table] == NO_TABLE)
		return MDB_NOTFOUND;
	return store_tables[table].item > 0 ? list_get(s, table, key, klen, val)
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

	if (rc != 0 || s->dbi[table] == NO_TABLE)
		return rc;
	if ((rc = mdb_cursor_open(s->txn, s->dbi[table], &cursor)) != 0)
		return store_error(rc);
	rc = store_tables[table].item > 0
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

int
store_commit(struct store *s)
{
	int rc;

	if ((rc = store_ready(s)) != 0)
		return rc;
	if (s->changes == 0)
		return 0;
	if ((rc = store_lost_home(s)) != 0)
		return rc;
	rc = mdb_txn_commit(s->txn);
	s->txn = NULL;
	if (rc == 0) {
		journal_empty(s);
		/* A reader that was killed would pin its pages for ever. */
		if (++s->commits % READER_CHECK == 0)
			mdb_reader_check(s->env, NULL);
		return 0;
	}
	memset(s->log_end, 0, sizeof s->log_end);
	rc = store_failed(s, rc);
	/* What follows may read and put as before: in memory there is room. */
	catch_up(s);
	return rc;
}

size_t
store_pending(const struct store *s)
{
	return s->changes;
}
