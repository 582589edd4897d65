/* near_parts.h - what near*.c share; nobody else includes it.
 *
 *	near.c		rows of the store, numbers, what is on its way
 *	near_find.c	candidates by keys, then by their sketches
 *	near_young.c	keys of the newest, in memory
 *	near_run.c	keys of the others, in files
 *	near_merge.c	many small files into one large one
 *
 * A document has a number, by the order in which it came:
 *
 *	oldest                       young.first       waiting[0]       next
 *	|  run  |   run    |run| run |   young, stored   |  on their way  |
 *
 * Runs cover the numbers before young.first without a gap or an overlap; where
 * one is missing it is made from the rows (N2). */
#ifndef NEAR_PARTS_H
#define NEAR_PARTS_H

#include "crawler/near.h"
#include "crawler/store.h"

#define NEAR_KEYS WINNOW_SKETCH_KEYS
#define NEAR_BATCH 4096 /* documents of a run when it is made */
#define NEAR_SHARE 8 /* documents a key may lead to, of a run or young */
#define NEAR_RUNS 256
#define NEAR_RETRY_MS 60000

/* A row of the store, under its number. */
struct near_row {
	struct winnow_sketch sketch;
	struct near_record record;
};

struct waiting {
	struct near_row row;
	int settled;
};

struct young_slot {
	uint32_t key;
	uint32_t nth; /* 1: young.first; 0: free */
};
struct young {
	uint64_t first;
	struct young_slot *slot;
	uint32_t slots, used; /* slots: a power of two, or 0 */
};

struct near_entry {
	uint32_t key, nth; /* 0: the run's first document */
};
struct near_run {
	uint64_t first, count; /* documents */
	uint8_t *map;
	size_t size;
	uint32_t entries, bits;
	uint32_t *dir;
	struct near_entry *entry;
	/* while it is written: */
	int fd;
	uint32_t placed, same, last_key;
	size_t flushed;
};

struct near_merge;

struct near {
	struct store *store;
	char *dir;
	uint64_t documents;
	uint64_t oldest, next;   /* numbers: the first row, the next one */
	struct waiting *waiting; /* numbers [next - nwaiting, next) */
	uint32_t nwaiting, cap;
	struct young young;
	struct near_run run[NEAR_RUNS]; /* by number */
	uint32_t nruns;
	struct near_merge *merge; /* NULL: none is under way */
	int failed;               /* a file could not be written */
	int64_t now_ms, retry_ms; /* then, once more */
};

/* near.c: 1: row is that of the number; 0: there is none. */
int near_row(struct near *, uint64_t number, struct near_row *row);
/* The run becomes one of those that are read. */
void near_insert_run(struct near *, const struct near_run *);
static inline uint64_t
near_stored_end(const struct near *r)
{
	return r->next - r->nwaiting;
}

/* Who has this key: the numbers, at most NEAR_SHARE. */
unsigned young_find(const struct young *, uint32_t key, uint64_t *out);
/* 0, or -1: no memory. */
int young_add(struct young *, uint64_t number, const struct winnow_sketch *);
void young_clear(struct young *, uint64_t first);
void young_free(struct young *);

/* ---- near_run.c ---------------------------------------------------------- */
/* 0, or -1: it is not there, or is none. */
int run_open(
    const struct near *, uint64_t first, uint64_t count, struct near_run *);
void run_close(struct near_run *);
void run_remove(const struct near *, struct near_run *); /* and its file */
unsigned run_find(const struct near_run *, uint32_t key, uint64_t *out);
/* The processor fetches what run_find() will read: the directory first, then
 * the entries. */
void run_expect(const struct near_run *, uint32_t key);
void run_expect_entries(const struct near_run *, uint32_t key);
/* Those of the directory by their first document, larger ones first; files that
 * are of no use are removed. */
unsigned run_list(const struct near *, struct near_run *out, unsigned most);
/* Writing: entries in ascending order, no more than were announced. 0 or an
 * errno; after a run_end() that failed nothing is left. */
int run_begin(const struct near *, uint64_t first, uint64_t count,
    uint64_t entries, struct near_run *);
void run_add(struct near_run *, uint32_t key, uint32_t nth);
int run_end(const struct near *, struct near_run *);
void run_abandon(const struct near *, struct near_run *);

/* ---- near_merge.c ------------------------------------------------------- */
/* 0, or -1: not now. */
int near_make_run(struct near *, uint64_t first, uint32_t count);
/* A step; 1: there are more. */
int near_merge_turn(struct near *);
void near_merge_drop(struct near *);

#endif
