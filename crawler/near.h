/* near.h - which record a text is a near copy of.
 *
 * The sketch of a text (winnow_sketch) is kept with the record that leads its
 * copies, as many as dedup.documents; the oldest go. A sketch is found by its
 * keys. Which record leads, which one is the best of them, and whether a copy
 * is worth a sketch of its own is the caller's to say.
 *
 * Invariants
 *  N1  near_find() knows what near_put() took at once; it is durable in the
 *      transaction that near_settle() is called in: that of its record. What
 * was not settled when the process died was never there. N2  The rows in the
 * store are what is known; the index files beside it are made from them, and
 * made again where they are missing or damaged. A wrong index loses copies, and
 * never makes one. N3  A hit's record was given to near_put() as it is. Of two
 * that are equally alike the older one is given. */
#ifndef NEAR_H
#define NEAR_H

#include <stddef.h>
#include <stdint.h>

#include "cleaner/winnow.h"

struct near;
struct store;

/* On an open store (borrowed until near_close()). dir: for the index files, is
 * there. documents: so many are known; 0: none. 0 or enum frontier_error. */
int near_open(
    struct near **, struct store *, const char *dir, uint64_t documents);
void near_close(struct near *);
void near_set_documents(struct near *, uint64_t documents);

/* What is given back with a hit; merit is the caller's. */
struct near_record {
	uint8_t id[16];
	uint32_t merit;
	uint32_t page; /* of which page it is, as outlet_copies.c tells them */
};
struct near_hit {
	struct near_record record;
	double same; /* struct winnow_likeness */
	double held;
};

/* 1: the sketch's text is a copy of hit's; 0: of none that is known. */
int near_find(struct near *, const struct winnow_sketch *, struct near_hit *);

/* A record with the text of this sketch is on its way. Its number, for
 * near_settle(); 0: it will not be found, since the text is too short,
 * documents is 0, or there is no memory. */
uint64_t near_put(
    struct near *, const struct winnow_sketch *, const struct near_record *);
/* Puts it into the transaction that is open. Numbers are settled in their
 * order, as their lines are committed; 0 does nothing. */
void near_settle(struct near *, uint64_t number);

/* Does a little of what is due: the index, what is too old. 1: there is more to
 * do soon. */
int near_turn(struct near *, int64_t now_ms);

struct near_stat {
	uint64_t documents; /* in the store */
	uint64_t waiting;   /* not settled yet */
	uint64_t bytes;     /* of the index files */
	uint32_t runs;      /* their number */
};
void near_stat(const struct near *, struct near_stat *);

#endif
