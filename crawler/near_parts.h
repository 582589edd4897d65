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
#define NEAR_SHARE 8 /* documents that one key may lead to, of a run or young  \
		      */
#define NEAR_RUNS 64

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

struct near_merge;
struct near_run;

struct near {
	struct store *store;
	char *dir;
	uint64_t documents;
	uint64_t oldest, next;   /* numbers: the first row, the next one */
	struct waiting *waiting; /* numbers [next - nwaiting, next) */
	uint32_t nwaiting, cap;
	struct young young;
	struct near_run *run[NEAR_RUNS]; /* by number */
	uint32_t nruns;
	struct near_merge *merge; /* NULL: none is under way */
	int failed;               /* no index file can be made */
};

/* near.c: 1: row is that of the number; 0: there is none. */
int near_row(struct near *, uint64_t number, struct near_row *row);
void near_key(uint8_t key[8], uint64_t number);

/* Who has this key: the numbers, at most NEAR_SHARE. */
unsigned young_find(const struct young *, uint32_t key, uint64_t *out);
/* 0, or -1: no memory. */
int young_add(struct young *, uint64_t number, const struct winnow_sketch *);
void young_clear(struct young *, uint64_t first);
void young_free(struct young *);

#endif
