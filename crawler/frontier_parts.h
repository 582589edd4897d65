/* frontier_parts.h - what the frontier's own files share; nobody else includes
 * it.
 *
 *	frontier.c	 open, commit, counts
 *	frontier_add.c	 adding URLs, caps
 *	frontier_lease.c  next, settle, retry, release
 *	frontier_spare.c  not asked at all, or sooner
 *	frontier_again.c  what is remembered of a URL, when it is asked again
 *	frontier_turn.c	 whose turn it is: hosts ready, waiting, in the rota
 *	frontier_url.c	 the row of a URL: by key, its text, its reason
 *	frontier_page.c	 a host's due rows in memory
 *	frontier_focus.c  pauses of hosts that promise little
 *	frontier_host.c	 hosts in and out of memory
 *	frontier_seed.c	 seeds
 *	frontier_robots.c  robots by authority
 *	frontier_copies.c  which records have the same text
 *	frontier_site.c	 what the pages of a host have taught
 *	frontier_act.c	 what the administrator said: paused, hosts paused
 *	frontier_forget.c  hosts forgotten
 *	frontier_restore.c  what was dropped with a seed that is there again
 *	frontier_view.c	 the state for who only looks at it
 *	frontier_record.c  rows as bytes
 *	frontier_map.c	 hash table
 *	store*.c	 the engine */
#ifndef FRONTIER_PARTS_H
#define FRONTIER_PARTS_H

#include "crawler/frontier.h"
#include "crawler/frontier_map.h"
#include "crawler/frontier_record.h"
#include "crawler/near.h"
#include "crawler/politeness.h"
#include "crawler/store.h"

#define NEVER INT64_MAX
#define KEEP_MS 10000 /* a wait that is longer is durable */
#define KNOWN_SLOTS 131072 /* 1 MiB: links of the last thousands of pages */
#define ROBOTS_CHAINS 256

enum host_place { HOST_IDLE, HOST_BUSY, HOST_READY, HOST_WAITING };

/* A host's due rows, by what they are: frontier_page.c. */
enum lane_name { LANE_LATER, LANE_HUB, LANE_AGAIN, LANE_NEW, LANES };
struct lane {
	uint8_t n, at;	 /* rows of it in memory; the next one to hand out */
	int64_t next_ms; /* when the store may have more: 0 at once; NEVER */
};

/* A host in memory: active ones (they have a page, and a place in ready or
 * waiting), those with leases, and those changed since the last commit. */
struct host {
	uint64_t hash;
	int64_t wake_ms; /* the heap's key */
	int64_t rota_ms; /* its row in the rota; 0: none, nothing is due */
	/* as stored, but for due and again, which count rows in the store,
	 * leases included */
	struct frontier_host is;
	uint32_t young;	 /* of its URLs, those in the young list */
	uint32_t leases; /* out, until their record is durable */
	uint32_t leases_again; /* of them, revisits */
	uint32_t slots;	 /* of them, without an answer yet (F2) */
	uint32_t turn;	 /* URLs handed out since it became active */
	uint32_t heap_at;
	uint8_t place, active, dirty, touched;
	uint8_t held;  /* paused, or being forgotten: hands out nothing */
	uint8_t doubt; /* the ready list it is in, or would be */
	uint8_t tick; /* whose turn it is within it */
	uint8_t better, prospect; /* class of its best new row; as counted */
	uint8_t ranked; /* it is counted */
	int64_t done_ms, unit_ms; /* frontier_focus.c: its last answer ended;
				   * what a request takes, its pause too */
	uint32_t reviewed;	  /* frontier_review(): leases then */
	uint32_t went;		  /* leases since it is in memory */
	int64_t patience_ms;	  /* nothing new of it before then; 0 */
	struct lane lanes[LANES];
	struct due pos; /* LANE_NEW ends here; later rows are unread */
	struct due *page;
	struct via { /* the page that its last URL was found on */
		uint64_t ref, hash;
		size_t n; /* with the NUL */
		uint16_t depth;
		uint8_t type;
		char text[];
	} * via; /* while it is active; NULL */
	uint8_t nspent; /* rows of settled URLs, still in the store */
	char *name;		  /* NULL: not known yet */
	struct host *prev, *next; /* ready */
	struct host *touched_next;
};

struct lease {
	struct frontier_item item; /* first: the caller's pointer */
	struct host *host;
	struct due due; /* its number, too */
	struct url_record row; /* as it stands; its tail is in item.url */
	int64_t out_ms; /* since when it is out */
	uint8_t slot; /* still holds one */
	uint8_t doubtful; /* and counts in doubtful_out */
	char *strings; /* of the item's memory */
	/* as frontier_again() said, for the settle: */
	uint8_t forget, class;
	uint8_t *memory; /* the row, malloced; NULL: as it was */
	size_t memory_len;
	int64_t at_ms; /* its due row; 0: none */
	uint16_t yield;
	int32_t credit; /* came while it was out */
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
	struct near *near;
	uint32_t per_host, host_cap, active_max;
	int revisit;
	int64_t now; /* the largest time we were given (F6) */
	uint64_t url_seed;
	char name[40];
	struct wq_pos pos, pos_next; /* durable; in the next commit */
	struct counts counts;

	struct fmap hosts, leases, seeds;
	struct fmap paused, forgetting; /* hosts: struct act */
	int64_t paused_ms;
	uint64_t restore_ref; /* frontier_restore.c: the next; 0: none */
	struct ready { /* those in good standing, the doubtful (F7) */
		struct host *first, *last;
		uint32_t n;
	} ready[2];
	uint8_t ready_turn; /* whose list is next */
	uint32_t transfers, doubtful_out, ngood;
	struct host **heap;
	uint32_t nheap, heap_room;
	uint32_t nactive, nready, nbusy;

	uint8_t rota_from[ROTA_LEN]; /* first row not looked at */
	int64_t rota_wake; /* time of the first row to look at; -1: none */
	int pressure;      /* hosts wait for a place in memory */
	int64_t swap_ms;   /* when doubtful ones last gave up theirs */

	struct focus { /* frontier_focus.c */
		uint8_t on, best, placed; /* classes */
		uint32_t hosts[256];	  /* by the class of their best */
	} focus;
	int failed; /* frontier_next() could not read: the next commit says so
		     */
	struct host *touched;
	size_t ndirty; /* hosts and seeds to be written */
	struct seed *dirty_seeds;
	struct late_link *late;
	size_t nlate;
	struct robots_copy *robots[ROBOTS_CHAINS];
	uint64_t *known;
	char *reasons[REASON_TEXT];
	struct found_on { /* the page whose links are being added */
		struct winnow_key key;
		uint64_t ref; /* 0: not known */
		int len, chain;
		char text[WINNOW_URL_MAX + 1];
	} found_on;
	/* of a URL, the page it was found on, the first hop */
	char text[3][WINNOW_URL_MAX + 1];
	char *memory_text; /* promised by frontier_memory_get() */
};

static inline uint64_t
key_mix(const struct winnow_key *key)
{
	return key->url ^ key->host * 0xd6e8feb86659fd93u;
}

/* ---- frontier.c --------------------------------------------------------- */
/* The frontier's time for the clock's (F6), one that a key can hold. */
int64_t time_in(const struct frontier *, int64_t ms);
int64_t time_out(const struct frontier *, int64_t ms); /* and back; 0: 0 */
void see_now(struct frontier *, int64_t now_ms);

/* A word of STORE_META, at most len bytes of it. 1 found, 0 not, or an error. */
int meta_get(struct store *, const char *word, void *out, size_t len);

/* ---- frontier_url.c ----------------------------------------------------- */
/* Number of a URL: 1 found, 0 not, or an error. */
int url_ref(struct store *, const struct winnow_key *, uint64_t *ref);
/* A new URL under its number: 1, 0 it is known, or an error. */
int url_see(
    struct frontier *, struct host *, const struct winnow_key *, uint64_t ref);
/* 1, 0 not there or damaged, or an error. Strings borrowed from the store. */
int url_read(struct store *, uint64_t ref, struct url_record *);
void url_write(struct store *, uint64_t ref, const struct url_record *);
/* Length of its text, or an error. */
int url_text(struct store *, const struct url_record *,
    char text[WINNOW_URL_MAX + 1]);
int url_reason(struct store *, const struct url_record *, struct store_bytes *);
/* frontier_copies.c: as frontier_repeat_get(). */
int repeat_read(struct store *, const struct winnow_key *page,
    uint8_t lead[16], unsigned *alike);
/* reason: NULL none; borrowed until the record is written. */
void url_set_reason(struct frontier *, struct url_record *, const char *reason);
void reasons_load(struct frontier *);
void reasons_clear(struct frontier *);

/* ---- frontier_add.c ----------------------------------------------------- */
struct family_key {
	uint8_t bytes[16];
};
struct family_key family_key(uint64_t host, const struct frontier_cap *);
uint32_t family_unpack(const struct store_bytes *);
/* A link to it is looked at again. */
void known_forget(struct frontier *, const struct winnow_key *);
int late_take(struct frontier *); /* what the store could not take */
void late_clear(struct frontier *);

/* ---- frontier_lease.c --------------------------------------------------- */
void leases_clear(struct frontier *);

/* ---- frontier_again.c --------------------------------------------------- */
/* The memory of a URL with its strings, malloced (*text; NULL: none). 1 found,
 * 0 not, or an error. */
int again_load(struct frontier *, uint64_t ref, struct frontier_memory *,
    char **text);
/* What frontier_again() said, at the settle: 1, and the row to be added to the
 * host; 0: it is not asked again. */
int again_settle(struct frontier *, struct lease *, struct due *);
/* A revisit that failed is due at another time. */
void again_moved(struct frontier *, uint64_t ref, int64_t at);
/* The class of a due row tells a revisit. */
static inline int
due_is_again(const struct due *due)
{
	return due->class == DUE_HUB || due->class == DUE_AGAIN;
}

/* ---- frontier_host.c ---------------------------------------------------- */

/* The host, from memory or store; made when it is new. NULL: *rc says why. */
struct host *host_get(struct frontier *, uint64_t hash, int *rc);
/* As the store or memory has it; 0: not there. Takes nothing into memory. */
int host_peek(struct frontier *, uint64_t hash, struct host_record *,
    char name[HOST_NAME_MAX + 1]);
int host_set_name(struct host *, const char *name);
void host_change(struct frontier *, struct host *); /* write at commit */
void host_touch(struct frontier *, struct host *);  /* look at at commit */
void host_wait(struct frontier *, struct host *, int64_t next_ms);
void hosts_write(struct frontier *);  /* into the transaction */
void hosts_settle(struct frontier *); /* it is durable */
void hosts_clear(struct frontier *);
/* A host without leases or due rows goes, from store and memory. */
void host_drop(struct frontier *, struct host *);

/* ---- frontier_turn.c ---------------------------------------------------- */
/* Rows of it that this process may hand out, leases included. */
static inline uint32_t
host_pending(const struct frontier *f, const struct host *h)
{
	return h->is.due + (f->revisit ? h->is.again : 0);
}
/* F7 */
static inline int
host_doubtful(const struct host *h)
{
	return h->is.failures > 0 || h->is.latency_ms == 0 ||
	       h->is.latency_ms > POLITENESS_SLOW_MS;
}
/* Items of doubtful hosts that may be out. */
static inline uint32_t
doubtful_most(const struct frontier *f)
{
	uint32_t kept = f->transfers / 2;

	return f->transfers == 0 ? UINT32_MAX
				 : f->transfers -
				       (f->ngood < kept ? f->ngood : kept);
}
/* When doubtful hosts are to give up places in memory; -1: there is no need. */
int64_t hosts_swap_wake(const struct frontier *);
/* Where it belongs now, by rows, slots and times (F1). */
void host_place(struct frontier *, struct host *);
/* A due row comes; one goes for good. */
void host_due_add(struct frontier *, struct host *, const struct due *);
void host_due_del(struct frontier *, struct host *, const struct due *);
/* The same for a URL that was settled: its row may stay for a while. */
void host_due_settled(struct frontier *, struct host *, const struct due *);
/* All of them, and its row in the rota. */
void host_due_drop(struct frontier *, struct host *);
/* The row alone: it counts no more. */
void due_drop(struct frontier *, const struct host *, const struct due *);
/* Rows in memory may no longer be what is due: they are read again. */
void host_rewind(struct frontier *, struct host *);
/* Puts hosts whose turn has come into ready. */
void hosts_turn(struct frontier *);
/* The first ready host, those that had their turn having left; NULL. */
struct host *hosts_ready(struct frontier *);

/* ---- frontier_page.c ---------------------------------------------------- */
int page_make(struct host *); /* 0, -1: no memory */
void page_forget(struct host *);
/* A row came. */
void page_added(struct host *, const struct due *);
/* A row whose URL was settled goes at the next reading, with others; or now. */
void page_spend(struct frontier *, struct host *, const struct due *);
void page_spent(struct frontier *, struct host *);
/* Class of the next new row, if it is in memory; else last. */
uint8_t page_class(const struct host *, uint8_t last);
/* When it has a row to hand out: 0 at once (or so it seems), NEVER. */
int64_t page_wake(const struct frontier *, const struct host *);
/* The next due row of a host: 1, 0 none now, or an error. */
int host_row(struct frontier *, struct host *, struct due *);

/* ---- frontier_focus.c --------------------------------------------------- */
/* A row of that class went out, or came; what follows in its page is known. */
void focus_next(struct frontier *, struct host *, uint8_t class);
void focus_added(struct host *, uint8_t class);
/* An answer has ended, and the next request may be made then. */
void focus_paced(struct frontier *, const struct lease *, int64_t next_ms);
/* Before a host is placed: sets patience_ms. */
void focus_place(struct frontier *, struct host *);
void focus_leave(struct frontier *, struct host *);
/* The best of all has fallen so far that hosts wait in vain: 1, once. */
int focus_fell(struct frontier *);

/* ---- frontier_seed.c ---------------------------------------------------- */
#define SEED_FIXED 32 /* bytes of a seed's row before its URL */
struct seed_lengths { /* of its strings, which are not terminated */
	size_t url, tags, charset;
};
int seed_unpack(const uint8_t *, size_t, struct frontier_seed *,
    struct seed_lengths *);
void seeds_write(struct frontier *);  /* into the transaction */
void seeds_settle(struct frontier *); /* it is durable */
void seeds_clear(struct frontier *);

/* ---- frontier_act.c ----------------------------------------------------- */
struct act { /* a host that the administrator has said something of */
	uint64_t host;
	int64_t since_ms;
	char name[HOST_NAME_MAX + 1];
};
int acts_load(struct frontier *);
void acts_clear(struct frontier *);
int act_holds(const struct frontier *, uint64_t host);
/* Its word of STORE_META, kept and in the map; and both taken back. */
int act_put(struct frontier *, const char *word, struct fmap *, uint64_t host,
    const char *name);
void act_del(
    struct frontier *, const char *word, struct fmap *, uint64_t host);
/* It holds a host that may be in memory, or no longer does. */
void act_held(struct frontier *, uint64_t host);
#define ACT_PAUSED "host-paused"
#define ACT_FORGET "host-forget"
#define ACT_WORD 11 /* length of both */
#define ACT_KEY (ACT_WORD + 8)
void act_key(uint8_t key[ACT_KEY], const char *word, uint64_t host);

/* ---- frontier_restore.c ------------------------------------------------- */
int restore_load(struct frontier *);
/* A seed is there again: from the first row on. */
void restore_begin(struct frontier *);

/* ---- frontier_robots.c -------------------------------------------------- */
#define ROBOTS_KEY_MAX 255
size_t robots_key(
    uint64_t secret, const char *authority, uint8_t key[ROBOTS_KEY_MAX]);
int robots_unpack(const uint8_t *, size_t, struct frontier_robots *);
void robots_forget(struct frontier *);
/* Those of the authorities of a host. */
void robots_drop(struct frontier *, const char *host);

/* ---- frontier_site.c ---------------------------------------------------- */
/* 1 found, borrowed from the store; 0 not, or an error. */
int site_row(struct store *, uint64_t host, struct frontier_site *);
void site_drop(struct frontier *, uint64_t host);

#endif
