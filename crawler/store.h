/* store.h - ordered tables on disk, and one transaction at a time.
 *
 * Plain keys and values in a handful of tables. In a list keys begin with the 8
 * bytes of a host and all rows are of one length; a scan ends with the host it
 * begins in, and gives each row whole as key. Keys of the log are numbers that
 * mostly grow: rows that are added in order are stored without gaps.
 *
 * Whatever was put is seen by every later read of this process at once, and
 * becomes durable, all of it or nothing, in store_commit(). Only store.c knows
 * the engine. */
#ifndef STORE_H
#define STORE_H

#include <stddef.h>
#include <stdint.h>

enum store_table {
	STORE_META,	/* word -> bytes */
	STORE_SEEN,	/* list: host, url -> number */
	STORE_YOUNG,	/* the same, those added last */
	STORE_URL,	/* log: number -> url record */
	STORE_DUE,	/* list: host, class, number */
	STORE_LATER,	/* list: host, class, ms, number */
	STORE_AGAIN,	/* number -> memory of a URL to be asked again */
	STORE_HOST,	/* host -> host record */
	STORE_FAMILY,	/* host or 0, family -> how many */
	STORE_ROTA,	/* ms, host -> nothing */
	STORE_ROBOTS,	/* authority -> robots record */
	STORE_SEED,	/* number -> seed record */
	STORE_SEED_KEY, /* host, url -> number */
	STORE_TEXT,	/* text hash -> record that leads */
	STORE_BEST,	/* record that leads -> the best of its copies */
	STORE_REPEAT,	/* host, url -> record that it repeats */
	STORE_NEAR,	/* log: number -> sketch of a text, its record */
	STORE_SITE,	/* host -> what its pages have taught */
	STORE_TABLES
};

/* Borrowed from the store until its next change or commit. */
struct store_bytes {
	const uint8_t *p;
	size_t n;
};

struct store;

/* Errors are those of enum frontier_error. dir is made when it is not there,
 * and locked against a second writer. map_size 0: 1 TiB of address space,
 * less where that is not to be had. */
int store_open(struct store **, const char *dir, int64_t map_size, char *err,
    size_t errlen);
/* For reading only, beside a writer in another process, without its lock: what
 * was last committed. 0, 1: there is no store, or an error. */
int store_open_read(struct store **, const char *dir, char *err, size_t errlen);
void store_close(struct store *); /* loses what was not committed */

/* 1 found, 0 not, or an error. */
int store_get(struct store *, enum store_table, const void *key, size_t klen,
    struct store_bytes *val);
/* Rows from the first key that is not less than from, in order, while row()
 * says 1. row() may not change the store. 0 or an error. */
typedef int store_row(
    void *arg, const struct store_bytes *key, const struct store_bytes *val);
int store_scan(struct store *, enum store_table, const void *from, size_t len,
    store_row *row, void *arg);

/* 1 put, 0 the key is there already (nothing changes), or an error: then it is
 * not known, and nothing was kept. */
int store_add(struct store *, enum store_table, const void *key, size_t klen,
    const void *val, size_t vlen);
/* These cannot fail here: what the engine refuses now is kept, and comes back
 * as the error of the next commit. del of a key that is not there is fine. */
void store_put(struct store *, enum store_table, const void *key, size_t klen,
    const void *val, size_t vlen);
void store_del(struct store *, enum store_table, const void *key, size_t klen);
/* Of a list, all of a host. */
void store_drop(struct store *, enum store_table, const uint8_t host[8]);

/* 0, or the error for which the last change could not be applied: until
 * store_ready() (or a commit) has mended it nothing can be read. */
int store_state(const struct store *);
int store_ready(struct store *);
/* On an error nothing is durable and everything is kept: call again. */
int store_commit(struct store *);
/* Why the last of them failed: what, where, what to do; borrowed. */
const char *store_trouble(const struct store *);
/* Was it refused space, and is there none yet? 0, or an error with words. */
int store_room(struct store *, int64_t now_ms, char *why, size_t whylen);
size_t store_pending(const struct store *); /* changes since the last one */

#endif
