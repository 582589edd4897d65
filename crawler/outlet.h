/* outlet.h - from finished lines to the one commit.
 *
 * Lines gather into a block; a full or old block becomes a gzip member in a
 * worker, is appended to the queue, made durable, and then one transaction of
 * the frontier stores the queue's position together with the URLs of the block
 * as done. Blocks that are ready together share one sync and one transaction.
 * Two clocks: a block is closed when it is full or queue.flush_after old; there
 * is a commit every state.commit_every, or as a block has become so old.
 *
 * Invariants
 *  O1  Blocks are committed in the order they were begun; seq has no hole.
 *  O2  From wq_put() of a group to its commit no other transaction is made.
 *  O3  A URL whose line is in a block stays leased until that block's commit.
 *  O4  The raw page of a line is in the same block, and is put and committed
 *      with it.
 *  O5  When the disk is full nothing is dropped: blocks wait, outlet_blocked()
 *      says why, and every turn tries again after a pause. */
#ifndef OUTLET_H
#define OUTLET_H

#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "crawler/frontier.h"
#include "crawler/job.h"
#include "crawler/pool.h"
#include "queue/wq.h"

struct outlet;

/* changed(arg): a worker has come back or a commit was made; the engine turns.
 * All are borrowed until outlet_free(). NULL: no memory. */
struct outlet *outlet_new(struct frontier *, struct pool *, struct wq_writer *,
    void (*changed)(void *arg), void *arg);
void outlet_free(struct outlet *); /* loses what was not committed */
/* kept(arg, id, place): a record was committed, and there its raw page lies. */
typedef void outlet_kept(void *arg, const uint8_t id[16],
    const struct wq_raw_place *);
void outlet_on_kept(struct outlet *, outlet_kept *, void *arg);

/* What an article is to the records that are there (outlet_copies.c). */
enum outlet_how { OUTLET_FIRST, OUTLET_EXACT, OUTLET_NEAR };
struct outlet_look {
	enum outlet_how how; /* not FIRST: lead.id is its dup_of */
	struct frontier_copy lead; /* of its text; FIRST: mostly itself */
	unsigned alike;	     /* thousandths of its text; 1000: the same */
	int drops;	     /* dedup.mode leaves it out */
	int better;	     /* than revises, which was the best copy so far */
	uint8_t revises[16];
	uint32_t merit, page; /* its own, as in struct frontier_copy */
	int takes; /* it is the best copy from now on */
	int known; /* its text has a leader already */
	int kept_near; /* its sketch is kept (near.h) */
};
/* Of an article that is not taken yet, before the memory of its page is
 * touched; valid until another one is taken. */
void outlet_look(const struct outlet *, const struct config_values *,
    const struct frontier_item *, const struct job_article *,
    struct outlet_look *);
/* Takes the lease of item and the line of its article (copied), or leaves the
 * line out, as the look says. status: the answer's. 0, or -1: no memory, nothing
 * taken. */
int outlet_add(struct outlet *, struct frontier_item *,
    const struct job_article *, const struct outlet_look *, int status,
    int64_t now_ms);

/* outlet_with.c: a URL without a line that is settled in the transaction of the
 * item's, which was added last or left out; NULL, or none of the outlet's: now.
 * item: its lease is taken; NULL: the link (copied) is not to be asked for. */
#define OUTLET_WITH "part" /* its reason */
struct outlet_with {
	struct frontier_item *item;
	int status;
	struct frontier_link link;
};
void outlet_settle_with(struct outlet *, const struct frontier_item *of,
    const struct outlet_with *, int64_t now_ms);

/* A page without a line, as keep.raw = warc wants it (copied): it goes with the
 * next block, or is dropped when none comes for long. */
void outlet_keep(struct outlet *, const void *member, size_t len);

/* Does what is due now. */
void outlet_turn(struct outlet *, const struct config_values *,
    int64_t now_ms);
/* The clock was set back by so much: waits go on from where they stood. */
void outlet_set_back(struct outlet *, int64_t ms);
/* How long that turn lasted, in microseconds: commits keep a pace at which they
 * do not take much of the loop's time, whatever the disk takes for one. */
void outlet_took(struct outlet *, int64_t us);
/* When outlet_turn() has something to do: Unix ms, -1: nothing. */
int64_t outlet_wake(const struct outlet *, const struct config_values *,
    int64_t now_ms);
/* Closes the block that gathers, however small. 1: that is news, and wants a
 * turn. */
int outlet_flush(struct outlet *);
/* Everything taken so far is to be durable and in a sealed file, soon, whatever
 * comes meanwhile. sealing: 1 until it is. */
void outlet_seal_soon(struct outlet *);
int outlet_sealing(const struct outlet *);
/* No line waits anywhere. */
int outlet_empty(const struct outlet *);
/* So many blocks wait that fetching should. */
int outlet_full(const struct outlet *);
/* One transaction now, for a caller that waits for it (O2 holds). 0 or
 * negative. */
int outlet_commit(struct outlet *, int64_t now_ms);
/* Seals what is in tmp/; only when outlet_empty(). 0 or negative. */
int outlet_seal(struct outlet *, int64_t now_ms);
/* Why nothing can be written ("disk ..."), NULL: it can. */
const char *outlet_blocked(const struct outlet *);
/* The reason is space, not a fault. */
int outlet_no_space(const struct outlet *);

struct outlet_stat {
	uint64_t records, commits;
	uint64_t repeats, near; /* copies, also those left out; near ones */
	uint64_t better; /* copies that took the place of another */
};
void outlet_stat(const struct outlet *, struct outlet_stat *);

#endif
