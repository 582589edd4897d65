/* outlet_parts.h - what the files of the outlet share, and nobody else
 * includes.
 *
 *	outlet.c	the clocks: when what is done; who asks how it stands
 *	outlet_gather.c	lines into blocks, their raw pages
 *	outlet_with.c	what else a line settles
 *	outlet_copies.c	what an article is to the records that are there
 *	outlet_commit.c	blocks into members, files and transactions
 *	pace.c		how long to wait between two commits
 *
 * A block's life:
 *
 *	GATHER -> CLOSED -> DEFLATING -> MEMBER -> PUT -> committed, freed
 *
 * From MEMBER on they go in groups from the head of the list (O1, O2); the tail
 * is the one that gathers. PUT: written and durable, settled in the frontier,
 * and its transaction owed. */
#ifndef OUTLET_PARTS_H
#define OUTLET_PARTS_H

#include "crawler/outlet.h"
#include "crawler/pace.h"

#define OUTLET_RAW_BLOCK (8 << 20) /* raw pages that close a block */
#define OUTLET_GROUP_MAX 16        /* blocks of a commit */

enum block_state { GATHER, CLOSED, DEFLATING, MEMBER, PUT };

struct line { /* a URL of the block */
	struct frontier_item *item;
	uint64_t text_hash;
	uint8_t id[16];
	int status;
	struct outlet_look copy;
	uint64_t near; /* near_put()'s */
	int gone;  /* the record says that the page is */
	size_t raw, raw_len; /* its page, in the block's; raw_len 0: none */
};

struct drop { /* a page that is left out for a line of the block (Z4) */
	struct frontier_item *item;
	struct outlet_look copy;
	int status;
};

struct block {
	struct outlet *outlet;
	struct block *next;
	enum block_state state;
	struct wire_out json, raw; /* raw: members of the WARC file */
	struct wq_raw_place raw_place; /* from PUT on: where raw begins */
	struct line *lines;
	struct drop *drops;
	struct outlet_with *with;
	uint32_t nwith;
	uint32_t n, cap, ndrops, drops_cap;
	uint64_t first_seq;
	int64_t since_ms;
	void *member;
	size_t member_len;
	int tries;
};

struct outlet {
	struct frontier *frontier;
	struct pool *pool;
	struct wq_writer *writer;
	void (*changed)(void *);
	void *arg;
	outlet_kept *kept; /* NULL: nobody asks */
	void *kept_arg;
	struct block *head, *tail;
	int nblocks, flush;
	int sealing; /* outlet_seal_soon(): what is before seal_seq */
	uint64_t seal_seq;
	struct wire_out
	    loose; /* raw pages without a line, for the next block */
	size_t loose_lost;
	int owes; /* 1: a transaction with owed is due before all else */
	struct wq_pos owed;
	uint64_t next_seq;
	int64_t committed_ms, retry_ms;
	struct pace pace;
	size_t changes;     /* committed in this turn */
	char blocked[4608]; /* a path, and words */
	int no_space;
	struct outlet_stat stat;
};

void outlet_block_free(struct block *);
/* outlet_with.c */
void outlet_with_settle(struct outlet *, struct block *, int64_t now_ms);
void outlet_with_free(struct block *);

/* The block that the record is in; NULL: its transaction is there, or is the
 * next one. */
struct block *outlet_block_of(const struct outlet *, const uint8_t id[16]);
/* Before a line is taken for good: what near copies of it are found by, on its
 * way already. */
uint64_t outlet_copy_put(struct outlet *, const struct job_article *,
    const struct outlet_look *);
/* What the transaction of a line holds beside it; and that of a page that is
 * left out, whose lease it ends. */
void outlet_copy_settle(struct outlet *, const struct line *);
void outlet_drop_settle(struct outlet *, struct drop *, int64_t now_ms);

/* A worker makes the member; when workers fail it is made here. */
void outlet_deflate(struct outlet *, struct block *, int64_t now_ms);
/* A transaction; pos: of the queue, NULL: as it was. Like the two below 0, or
 * negative: outlet_blocked() says why. */
int outlet_state_commit(
    struct outlet *, const struct wq_pos *pos, int64_t now_ms);
/* The one that a wq_sync() waits for, if there is one. */
int outlet_owed_commit(struct outlet *, int64_t now_ms);
/* All steps for the members at the head, up to a file's size. */
int outlet_group_commit(struct outlet *, int64_t now_ms);
void outlet_unblocked(struct outlet *);
/* The group of lines before seq is the last that a seal waits for. */
int outlet_seals_at(const struct outlet *, uint64_t seq);

#endif
