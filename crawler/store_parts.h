/* store_parts.h - what the store's files share; nobody else includes it. */
#ifndef STORE_PARTS_H
#define STORE_PARTS_H

#include <limits.h>

#include <lmdb.h>

#include "crawler/store.h"

struct store_table_kind {
	const char *name;
	uint8_t item; /* bytes of a list's items, behind the host; 0: no list */
	uint8_t log;  /* keys grow */
};
extern const struct store_table_kind store_tables[STORE_TABLES];
#define MAP_LEAST ((size_t)1 << 26)
#define HOST_BYTES 8
#define ITEM_MAX 16

#define NO_TABLE ((MDB_dbi)0) /* the engine's own list of free pages */

struct store {
	MDB_env *env;
	MDB_dbi dbi[STORE_TABLES]; /* NO_TABLE: it is not there */
	MDB_txn *txn;
	uint64_t log_end[STORE_TABLES]; /* of logs: the last key we know of */
	uint8_t row[HOST_BYTES + ITEM_MAX]; /* of a list, key and value */
	char *dir;
	size_t map_size;
	int map_fixed; /* the caller's bound: no smaller one will do */
	int lock_fd, read_only;
	int behind; /* enum frontier_error of S2 */
	int lost;   /* a change found no memory: only a restart helps */
	int starved;	 /* S5 */
	int64_t probed_ms;
	char trouble[PATH_MAX + 256];
	uint8_t *journal;
	size_t used, room, changes;
	unsigned commits;
};

/* The engine's error as one of enum frontier_error. */
int store_error(int rc);
/* Keeps the words of the engine's error that has come up now; as store_error(),
 * but that the engine's EIO may mean a full disk. */
int store_failed(struct store *, int rc);
/* S4: 0, or an error with words. */
int store_lost_home(struct store *);
/* store_make.c: mkdir -p, and the engine's file in it if there is none. 0 or an
 * errno. */
int store_make_dirs(const char *dir);
int store_make(const struct store *);
/* The environment and its tables; the engine's error. */
int store_engine_open(struct store *);

#endif
