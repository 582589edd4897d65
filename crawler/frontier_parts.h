/* frontier_parts.h - what the frontier's own files share; nobody else includes
 * it.
 *
 *	frontier.c	 open, add, next, settle, commit
 *	frontier_host.c	 hosts in memory: turn, delay, page of due URLs
 *	frontier_seed.c	 seeds
 *	frontier_robots.c  robots by authority, texts
 *	frontier_why.c	 what is known of a URL
 *	frontier_record.c  rows as bytes
 *	frontier_map.c	 hash table
 *	store.c		 the engine */
#ifndef FRONTIER_PARTS_H
#define FRONTIER_PARTS_H

#include "crawler/frontier.h"
#include "crawler/frontier_map.h"
#include "crawler/frontier_record.h"
#include "crawler/store.h"

#define PAGE_ROWS 64       /* due URLs of a host in memory */
#define ROW_LEN 15         /* class, order, url: a due key without its host */
#define KNOWN_SLOTS 131072 /* 1 MiB: links of the last thousands of pages */
#define ROBOTS_CHAINS 256

enum host_place { HOST_IDLE, HOST_BUSY, HOST_READY, HOST_WAITING };

/* A host in memory: active ones (they have a page, and a place in ready or
 * waiting), those with leases, and those changed since the last commit. */
struct host {
	uint64_t hash;
	int64_t next_ms;  /* politeness: not asked before */
	int64_t later_ms; /* all its due URLs are retries, the first then; 0 */
	int64_t wake_ms;  /* the heap's key */
	int64_t rota_ms;  /* its row in the rota; 0: none, nothing is due */
	uint32_t failures, poisoned, urls;
	uint32_t due;    /* in the store, leases included */
	uint32_t leases; /* out, until their record is durable */
	uint32_t slots;  /* of them, without an answer yet (F2) */
	uint32_t turn;   /* URLs handed out since it became active */
	uint32_t heap_at;
	uint8_t place, active, dirty, touched;
	uint8_t nrows, row;
	uint8_t pos[ROW_LEN]; /* the page ends here; later rows are unread */
	uint8_t *page;
	char *name;               /* NULL: not known yet */
	struct host *prev, *next; /* ready */
	struct host *touched_next;
};

struct lease {
	struct frontier_item item; /* first: the caller's pointer */
	struct host *host;
	uint8_t due[DUE_LEN];
	uint8_t slot; /* still holds one */
	char text[];
};

struct seed {
	struct frontier_seed seed;
	uint32_t n;
	uint8_t dirty;
	struct seed *dirty_next;
	char text[];
};

struct robots_copy;
struct late_link;

struct frontier {
	struct store *store;
	uint32_t per_host, host_cap, active_max;
	int64_t now; /* the largest now_ms we were given */
	uint64_t url_seed;
	char name[40];
	struct wq_pos pos, pos_next; /* durable; in the next commit */
	struct counts counts;

	struct fmap hosts, leases, seeds;
	struct host *ready_first, *ready_last;
	struct host **heap;
	uint32_t nheap, heap_room;
	uint32_t nactive, nready, nbusy;

	uint8_t rota_from[ROTA_LEN]; /* first row not looked at */
	int64_t rota_wake; /* time of the first row to look at; -1: none */
	int pressure;      /* hosts wait for a place in memory */

	int failed; /* frontier_next() could not read: the next commit says so
		     */
	struct host *touched;
	size_t ndirty; /* hosts and seeds to be written */
	struct seed *dirty_seeds;
	struct late_link *late;
	size_t nlate;
	struct robots_copy *robots[ROBOTS_CHAINS];
	uint64_t *known;
};

static inline uint64_t
key_mix(const struct winnow_key *key)
{
	return key->url ^ key->host * 0xd6e8feb86659fd93u;
}

/* ---- frontier_host.c --------------------------------------------------------
 */

/* The host, from memory or store; made when it is new. NULL: *rc says why. */
struct host *host_get(struct frontier *, uint64_t hash, int *rc);
/* As the store or memory has it; 0: not there. Takes nothing into memory. */
int host_peek(struct frontier *, uint64_t hash, struct host_record *,
    char name[HOST_NAME_MAX + 1]);
int host_set_name(struct host *, const char *name);
void host_change(struct frontier *, struct host *); /* write at commit */
void host_touch(struct frontier *, struct host *);  /* look at at commit */
/* Where it belongs now, by due, slots and times (F1). */
void host_place(struct frontier *, struct host *);
/* A due row came (or came back); one went for good. */
void host_due_added(
    struct frontier *, struct host *, const uint8_t due[DUE_LEN]);
void host_due_gone(struct frontier *, struct host *);
/* An item of it is due again at once. */
void host_rewind(struct frontier *, struct host *);
/* The next due row of a host that is ready: 1, 0 none now, or an error. */
int host_row(struct frontier *, struct host *, uint8_t due[DUE_LEN]);
/* Puts hosts whose turn has come into ready. */
void hosts_turn(struct frontier *);
/* The first ready host, those that had their turn having left; NULL. */
struct host *hosts_ready(struct frontier *);
void hosts_write(struct frontier *);  /* into the transaction */
void hosts_settle(struct frontier *); /* it is durable */
void hosts_clear(struct frontier *);

/* ---- frontier_seed.c
 * --------------------------------------------------------- */
#define SEED_FIXED 16 /* bytes of a seed's row before its URL */
void seeds_write(struct frontier *);  /* into the transaction */
void seeds_settle(struct frontier *); /* it is durable */
void seeds_clear(struct frontier *);

/* ---- frontier_robots.c ------------------------------------------------------
 */
void robots_forget(struct frontier *);

/* ---- frontier_why.c ---------------------------------------------------------
 */
/* Text of the URL under key, malloced; NULL: not known. */
char *url_text(struct store *, const struct winnow_key *);

#endif
