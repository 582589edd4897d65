/* frontier.h - which URL may be asked for next.
 *
 * Two layers: the store (LMDB, store.c alone knows it) holds every URL ever
 * seen; memory holds the hosts that have something to do, each with at most a
 * page of due URLs. Changes gather in memory and become durable together in
 * frontier_commit(), which also stores how far the queue goes: the one commit
 * point of ARCHITECTURE.md.
 *
 * Invariants
 *  F1  A host is in exactly one of: ready, waiting (by next_ms), idle.
 *  F2  At most per_host items of a host are out between next and settle.
 *  F3  A URL is durable as settled only in the transaction that also stores
 *      the queue position behind its record.
 *  F4  A lease is memory only: after a kill every URL that was out is due
 *      again.
 *  F5  A URL is added once: a second add of its key changes nothing. What is
 *      known is told by the key alone, a keyed 64-bit hash within its host
 *      (winnow_url_key(), secret frontier_seed()): two addresses of one host
 *      are taken for one with a chance of 2^-64 a pair, and there is no other
 *      way to lose one.
 *  F6  The frontier's time never goes back. When the clock does, waits go on
 *      from where they stood: a host has to wait what was left, not longer.
 *  F7  Hosts that have not answered well yet, failed the last time, or are
 *      slow, leave one of options.transfers for each host in memory of which
 *      none of that is true, up to half of them; a host that failed often has
 *      one item out.
 *
 * A URL that was settled may be asked again (frontier_again): then it keeps a
 * memory and a time. While it waits it counts under the state it was settled
 * with; with options.revisit 0 it is as if it had no time.
 *
 * Whose turn it is within a host: new URLs by priority; tries again of those;
 * hubs (pages asked for the links on them) and other pages whose time to be
 * asked again has come. None starves: while all have something, 3 of 8 turns go
 * to new URLs, 4 to tries again and hubs, 1 to other pages.
 *
 * Shaped for a second implementation on a shared store: whole-host leases,
 * batch add, batch settle. now_ms is Unix milliseconds, given by the caller. */
#ifndef FRONTIER_H
#define FRONTIER_H

#include <stddef.h>
#include <stdint.h>

#include "cleaner/winnow.h"
#include "queue/wq.h"

enum frontier_error {
	FRONTIER_OK = 0,
	FRONTIER_EIO = -1,
	FRONTIER_ENOSPC = -2,
	FRONTIER_ELOCKED = -3,	/* another process has this state */
	FRONTIER_EVERSION = -4, /* state of another version */
	FRONTIER_ENOMEM = -5,
	FRONTIER_ECAP = -6 /* not added: a cap of its host or family */
};

enum url_type {
	URL_PAGE,
	URL_LIST, /* asked for its links; what looks like an article is none */
	URL_FEED,
	URL_SITEMAP,
	URL_ROBOTS,
	URL_SUBMAP,    /* a sitemap that an index names: no index itself */
	URL_NEXT,      /* a further page of a page that is a list */
	URL_LIST_NEXT, /* the same of a URL_LIST */
};
static inline int
url_type_is_next(int type)
{
	return type == URL_NEXT || type == URL_LIST_NEXT;
}
/* Is it a page, not a list for machines? */
static inline int
url_type_is_page(int type)
{
	return type == URL_PAGE || type == URL_LIST || url_type_is_next(type);
}

/* How a URL ended, or why it was not asked for. A closed list: names stand in
 * logs, in `why` and in the store. */
enum url_state {
	URL_DUE,	/* to be fetched */
	URL_DONE,	/* its record is in the queue */
	URL_NO_ARTICLE, /* fetched, nothing for the queue; links taken */
	URL_REDIRECTED, /* its target is a URL of its own */
	URL_GONE,	/* 404, 410 */
	URL_REFUSED,	/* other 4xx */
	URL_FAILED,	/* tried max_tries times: network, 5xx */
	URL_ROBOTS_DENY,
	URL_GUARDED,	/* address refused */
	URL_TOO_BIG,
	URL_BAD_TYPE,	/* not a page: dropped by header or sniffing */
	URL_BAD_REDIRECT,
	URL_POISON,	/* crashed or hung a worker twice */
	URL_NOINDEX,	/* the page asks not to be kept */
	URL_CAPPED,	/* not asked for: its family had given nothing */
	URL_DROPPED,	/* no longer asked for: its seed was taken away */
	URL_STATE_N
};
const char *url_state_name(enum url_state);

struct frontier_options {
	uint32_t per_host;  /* URLs of a host out at once; 1 */
	uint32_t host_cap;  /* URLs of a host in the store; 100000 */
	uint32_t transfers; /* URLs out at once, as the caller means to; 0: any */
	int64_t map_size;   /* 0: 1 TiB */
	uint32_t active_hosts; /* in memory at once; 0: 4096 */
	int revisit; /* 0: nothing settled is asked again, in this process */
	uint64_t documents; /* near_open()'s */
};

/* URLs that belong together, of which there may be no more than most: a path
 * prefix, a set of parameters. of_hosts: hosts of a registrable domain, counted
 * when the first URL of a host comes. Counts are kept by host (of_hosts: one
 * for all) and family, and survive. */
struct frontier_cap {
	uint64_t family; /* 0: unused */
	uint32_t most;
	uint8_t of_hosts;
};
#define FRONTIER_CAPS 4

/* A URL to add; strings are borrowed until the call returns. */
struct frontier_link {
	struct winnow_key key;	/* of url */
	const char *url;
	const char *host;	/* key form of the host, for `host NAME` */
	struct winnow_key via;	/* page it was found on; zero: a seed */
	struct winnow_key requested; /* first hop of a redirect; zero: none */
	uint32_t seed;		/* number of the seed it descends from */
	uint16_t depth;		/* links from the seed */
	uint8_t hops;		/* redirects so far */
	uint8_t type;		/* enum url_type */
	int8_t priority;	/* larger is sooner; 0 normal, seeds 10 */
	int8_t own; /* focus.h: what speaks for the link itself; 0: nothing.
		     * Kept until its first visit */
	int64_t published; /* Unix seconds, as a feed told; 0: nothing. Kept
			    * until its first visit */
	uint32_t host_cap;	/* 0: that of the options */
	struct frontier_cap caps[FRONTIER_CAPS];
};

/* What a page's last answers left; zero: never asked. */
struct frontier_memory {
	int64_t asked_ms;    /* last answer (200, 304, 404 ...) */
	int64_t changed_ms;  /* last time there was something new: other text;
			      * for a hub a new article */
	int64_t interval_ms; /* as schedule.c chose it */
	float rate, usual;   /* schedule.c's estimates, events a day: now, and
			      * over weeks */
	uint32_t asks, changes; /* answers; of them with something new */
	uint16_t barren; /* asks in a row without anything new */
	uint16_t yield;	 /* hubs: articles landed from it since its last ask,
			  * repeats taken away (frontier_credit) */
	uint16_t found, landed; /* schedule.c's: new addresses on a hub, and
				 * of them articles; both decayed */
	uint8_t event;	 /* what the queue last said of it: 0 nothing, new,
			  * changed, gone */
	uint8_t hub;	 /* asked for its links: list, feed, sitemap, seed */
	uint8_t id[16];	 /* of its last record; zero: none */
	uint64_t text_hash; /* of that record's text */
	uint64_t alone_hash; /* of that without a memory of its site; 0: it is
			      * text_hash */
	uint64_t body_hash; /* XXH3-64 of the last body as it came: unchanged
			     * without a validator */
	const char *etag, *last_modified; /* NULL: none; cut at the bounds */
};
#define FRONTIER_ETAG_MAX 1024
#define FRONTIER_LAST_MODIFIED_MAX 64

/* A URL that was leased; strings are owned by the frontier until the item is
 * settled or released. */
struct frontier_item {
	struct winnow_key key, via_key, requested_key;
	const char *url, *host;
	const char *via, *requested; /* NULL: none */
	uint32_t seed;
	uint16_t depth, via_depth;
	uint8_t via_type; /* of the page it was found on; 0: or of none */
	uint8_t hops, type, tries;
	int8_t priority;
	int8_t own; /* as in frontier_link */
	int64_t published; /* as in frontier_link */
	uint8_t state; /* enum url_state before this lease; URL_DUE: first
			* visit, or a retry of it */
	uint8_t again; /* 1: it was settled before and is asked again */
	struct frontier_memory memory;
};

struct frontier;

/* dir: DIR/state, made when it is not there; takes its lock. */
int frontier_open(struct frontier **, const char *dir,
    const struct frontier_options *, int64_t now_ms, char *err, size_t errlen);
void frontier_close(struct frontier *); /* loses what was not committed */
/* Another per_host, host_cap and transfers for an open frontier. */
void frontier_set_caps(struct frontier *, const struct frontier_options *);

/* Secret of this state for winnow_url_key(); made at its first opening. */
uint64_t frontier_seed(const struct frontier *);
/* Name of this crawl, made at its first opening: "20261122T010203Z-9f3a61c2". */
const char *frontier_name(const struct frontier *);
/* Does this process ask settled URLs again (options.revisit)? */
int frontier_revisits(const struct frontier *);
/* Queue position of the last commit; all zero when there is none. */
void frontier_pos(const struct frontier *, struct wq_pos *);

/* ---- seeds: text of a list's line, numbered from 1 ------------------------ */
struct frontier_seed {
	const char *url, *tags; /* tags: a,b or "" */
	const char *charset;	/* of its pages, "" or NULL: as they say */
	uint64_t records;	/* in the queue, over all runs */
	int64_t last_record_ms;
	uint32_t gap_s;		/* usual time between records, EWMA; 0: unknown */
	int64_t interval_ms;	/* asked again after that; 0: as it yields */
	uint16_t max_depth;	/* 0xffff: the config's */
	uint8_t type;
	uint8_t removed; /* it was taken away: its number stays its own */
	int8_t priority;
};
/* Number of the seed with that URL key; adds it if it is new (a seed that is
 * known keeps its attributes, but for the interval). 0: the store cannot tell
 * now. */
uint32_t frontier_seed_add(struct frontier *, const struct winnow_key *,
    const struct frontier_seed *);
/* The seed with that key goes; what it led to is dropped as its turn comes, by
 * who leases it. Added again it has its number again, and new attributes. 1; 0:
 * there is none. */
int frontier_seed_remove(struct frontier *, const struct winnow_key *);
/* Its number, 0: there is none; *removed: it was taken away. */
uint32_t frontier_seed_find(
    struct frontier *, const struct winnow_key *, int *removed);
/* Goes on with making due again what was dropped with seeds that are there again:
 * 1, there is more to do; 0: there is not. */
int frontier_restore_turn(struct frontier *);
/* So many were taken away. */
uint32_t frontier_seeds_removed(const struct frontier *);
/* 1 found. Strings valid until the next commit. */
int frontier_seed_get(struct frontier *, uint32_t n, struct frontier_seed *);
uint32_t frontier_seed_count(const struct frontier *);
/* A record: counts it, and moves last_record_ms and gap_s (silence.h). rhythm:
 * of its host; NULL: it is no sign of life, and only counts. */
void frontier_seed_yield(struct frontier *, uint32_t n,
    const uint8_t rhythm[31], int64_t now_ms);

/* ---- URLs ------------------------------------------------------------------ */
/* 1: new, or dropped before and due again; 0: known, FRONTIER_ECAP: the host's cap or a family's. */
int frontier_add(struct frontier *, const struct frontier_link *);
/* Which cap would refuse it: 0 none, 1 the host's, 2 + i its caps[i]. Counts
 * nothing. */
int frontier_cap_full(struct frontier *, const struct frontier_link *);
/* What a family of a host counts; and n more (or less), kept at 0 or above. For
 * the caller's own families too, which no cap names. */
uint32_t frontier_family(struct frontier *, uint64_t host, uint64_t family);
void frontier_family_add(struct frontier *, uint64_t host, uint64_t family,
    int n);
/* What a feed tells of a URL that is known: kept if it is still to be visited
 * for the first time, and nothing was told before. */
void frontier_publish(struct frontier *, const struct winnow_key *,
    int64_t published);
/* A small cache in front: 1 when the key was surely added before. */
int frontier_known(struct frontier *, const struct winnow_key *);

/* Of a URL that is due for the first time, was not tried yet and is not out.
 * spare: it is settled without being asked; 1: so it is. hasten: its turn comes
 * no later than that of this priority. */
int frontier_spare(struct frontier *, const struct winnow_key *, enum url_state,
    const char *reason);
void frontier_hasten(struct frontier *, const struct winnow_key *, int priority);
/* Is the URL still to be asked? 0: no, or it is not known. */
enum { FRONTIER_DUE = 1, FRONTIER_OUT = 2 };
int frontier_coming(struct frontier *, const struct winnow_key *);

/* The next URL whose host may be asked now. 1: *out is leased until settle,
 * retry or release; 0: none now. */
int frontier_next(struct frontier *, int64_t now_ms, struct frontier_item **out);
/* More doubtful hosts are ready than may be handed out now (F7). */
int frontier_crowded(const struct frontier *);
/* When the next waiting host gets ready: Unix ms; -1: no host waits. */
int64_t frontier_wake(const struct frontier *);
/* Nothing is due, waiting or out. */
int frontier_idle(const struct frontier *);

/* With a focus the pause of a host grows as the best of what is new there falls
 * behind the best of all (frontier_focus.c). */
void frontier_set_focus(struct frontier *, int on);
/* Ends a lease of what is new: its turn comes as that of another priority. */
void frontier_defer(struct frontier *, struct frontier_item *, int priority);
/* A URL that waits for its first visit: its turn comes as that of this priority,
 * if that is sooner, for what speaks for it now. 1: so it is. */
int frontier_raise(struct frontier *, const struct winnow_key *, int priority,
    int own);

/* What waits on a host for its first visit, the first most rows of it: rank()
 * says whose turn they should have, and those that should come much sooner do.
 * Nothing happens before pages more of its URLs went out since the last time. */
struct frontier_waiting {
	const char *url; /* borrowed until rank() returns */
	struct winnow_key via;
	int own, priority;
};
void frontier_review(struct frontier *, uint64_t host, int most, int pages,
    int (*rank)(void *arg, const struct frontier_waiting *), void *arg);

/* Ends a lease. settle: durable with the next commit; the host becomes ready
 * for its next URL at next_ms. final_url_status: HTTP status, 0: none. */
void frontier_settle(struct frontier *, struct frontier_item *,
    enum url_state, int status, const char *reason, int64_t now_ms);
/* Due again not before at_ms, tries + 1 (written with the next commit). */
void frontier_retry(struct frontier *, struct frontier_item *, int status,
    const char *reason, int64_t at_ms);
/* Due again as if it had not been out. */
void frontier_release(struct frontier *, struct frontier_item *);

/* ---- asking again --------------------------------------------------------- */
/* Before settle (also when the outlet settles later): remember m, and ask again
 * at at_ms (0: remember, do not ask; m NULL: forget). Written in the transaction
 * of the settle; a retry or release instead of it drops it, and a revisit that
 * fails so stays a revisit. A settle without it keeps the memory and asks no
 * more. Strings of m are copied. Without options.revisit nothing happens. */
void frontier_again(struct frontier *, struct frontier_item *,
    const struct frontier_memory *m, int64_t at_ms);
/* n articles landed (or, negative, proved repeats) that this hub led to: its
 * memory's yield. While the hub is out they count for its next ask. */
void frontier_credit(struct frontier *, const struct winnow_key *via, int n);
/* What is remembered of a URL, and when it is asked again (*at_ms; 0: not).
 * 1 found; strings valid until the next change. */
int frontier_memory_get(struct frontier *, const struct winnow_key *,
    struct frontier_memory *, int64_t *at_ms);
/* A URL that was settled: ask it again at at_ms at the latest, whether or not
 * there is a memory of it (hub: of what kind, then). 1: so it will be; 0: it
 * is not known, is due or out as it is, or there are no revisits. */
int frontier_recall(struct frontier *, const struct winnow_key *, int hub,
    int64_t at_ms);

/* ---- hosts ------------------------------------------------------------------ */
/* The host is not asked before next_ms (an answer has ended, Retry-After,
 * back-off). Durable with the next commit when it lies over 10 s ahead. The
 * lease of an item and its host's slot are two things: host_done frees the
 * slot at the end of the answer, settle comes when the record is durable. */
void frontier_host_done(struct frontier *, struct frontier_item *,
    int64_t next_ms);
void frontier_host_wait(struct frontier *, uint64_t host, int64_t next_ms);

/* Robots of an authority ("https://host:port"), as text to be stored:
 * compiled rules, opaque here. 1 found: valid until the next commit. */
struct frontier_robots {
	int64_t fetched_ms, expires_ms;
	int policy; /* enum robots_policy */
	const void *rules;
	size_t len;
};
int frontier_robots_get(struct frontier *, const char *authority,
    struct frontier_robots *);
void frontier_robots_put(struct frontier *, const char *authority,
    const struct frontier_robots *);

/* What the pages of a host have taught (site.h), opaque here. get: 1 found,
 * borrowed until the next change. put: a host has one; those of all hosts
 * together take most bytes at most, and of those that would be too many some
 * that nothing was added to for long go. */
struct frontier_site {
	int64_t learned_ms;
	const void *bytes;
	size_t len;
};
int frontier_site_get(
    struct frontier *, uint64_t host, struct frontier_site *);
void frontier_site_put(struct frontier *, uint64_t host,
    const struct frontier_site *, uint64_t most);
void frontier_site_drop(struct frontier *, uint64_t host);

/* When the host may hand out a URL that was never asked: Unix ms, in the past:
 * now; -1: it has none. */
int64_t frontier_host_next(struct frontier *, uint64_t host);

/* Host's memory across runs; zeroes when it is new. put takes what the caller
 * keeps there; next_ms only ever moves ahead (as in host_wait), urls, due and
 * again are the frontier's own. */
struct frontier_host {
	int64_t next_ms;    /* not asked before */
	uint32_t failures;  /* in a row */
	uint32_t poisoned;
	uint32_t urls, due; /* known, still to be asked for the first time */
	uint32_t again;	    /* to be asked again at some time */
	/* budgets: of the day (since 1970, by the site's clock) */
	uint32_t day, day_pages;
	uint64_t day_bytes;
	uint32_t latency_ms; /* of its answers, EWMA; 0: unknown */
	/* the longest Crawl-delay that one of its names asks for, and the hash
	 * of that name (scheme and port belong to it) */
	uint32_t crawl_delay_ms, crawl_delay_of;
	/* what it yields */
	uint64_t records;
	int64_t last_record_ms;
	uint32_t gap_s;	    /* between records, EWMA; 0: unknown */
	uint8_t rhythm[31]; /* decayed counts of new articles by hour of the
			     * day (24) and day of the week (7) */
	uint8_t held; /* paused, or being forgotten; put does not take it */
};
void frontier_host_get(struct frontier *, uint64_t host, struct frontier_host *);
void frontier_host_put(struct frontier *, uint64_t host,
    const struct frontier_host *);

/* ---- the administrator's words, kept over runs ---------------------------- */
/* Since when the crawl is paused; 0: it is not. Only kept here. */
int64_t frontier_paused(const struct frontier *);
void frontier_set_paused(struct frontier *, int64_t since_ms);

/* A host that is paused hands out nothing (its URLs stay due), known or not. 1:
 * so it is now; 0: it was so before; or an error. */
int frontier_host_pause(struct frontier *, uint64_t host, const char *name,
    int64_t now_ms);
int frontier_host_resume(struct frontier *, uint64_t host);
int64_t frontier_host_paused(const struct frontier *, uint64_t host);
/* Paused hosts in no order: the i-th; 0: there are no more. */
int frontier_paused_host(
    const struct frontier *, uint32_t i, const char **name, int64_t *since_ms);

/* Everything about a host goes: its URLs, their memories, its row, its counts,
 * its robots.txt; a pause stays. What is out ends first, so it takes some calls
 * of forget_turn(), and a kill in between only interrupts it. The rows of URLs
 * stay as texts: those of other hosts lean on them. 0, or an error. */
int frontier_host_forget(struct frontier *, uint64_t host, const char *name);
int frontier_host_forgetting(const struct frontier *, uint64_t host);
/* 1: there is more to do now; 0: nothing, or answers of one are awaited; 2: *host
 * is gone; 3: all answers of *host are there, and have to be settled first. */
#define FRONTIER_HOST_NAME 256
int frontier_forget_turn(
    struct frontier *, uint64_t *host, char name[FRONTIER_HOST_NAME]);

/* ---- copies (frontier_copies.c) ------------------------------------------ */
/* A record, and what speaks for it (merit.h). */
struct frontier_copy {
	uint8_t id[16];
	uint32_t merit;
	uint32_t page; /* tells its page from others; 0: not known */
};
/* The record that leads those with that text: the first one. 1 found. Takes
 * what this run put though it is not committed yet, as the others do. */
int frontier_text_get(
    struct frontier *, uint64_t text_hash, struct frontier_copy *);
void frontier_text_put(
    struct frontier *, uint64_t text_hash, const struct frontier_copy *);
/* The best of those that it leads, once that is another than itself. */
int frontier_best_get(
    struct frontier *, const uint8_t lead[16], struct frontier_copy *);
void frontier_best_put(
    struct frontier *, const uint8_t lead[16], const struct frontier_copy *);
/* The record that a page repeats, whose own landed so or was left out, and how
 * much of its text that has, in thousandths. 1 found. put with lead NULL: it
 * repeats none any more. */
int frontier_repeat_get(struct frontier *, const struct winnow_key *page,
    uint8_t lead[16], unsigned *alike);
void frontier_repeat_put(struct frontier *, const struct winnow_key *page,
    const uint8_t *lead, unsigned alike);

/* Near copies, by tables of their own in the same transactions. */
struct near;
struct near *frontier_near(struct frontier *);

/* ---- the commit ---------------------------------------------------------------- */
/* Everything above since the last commit, and pos (NULL: unchanged), in one
 * durable transaction. On an error nothing of it is durable, all is kept in
 * memory, and the call may be made again. */
int frontier_commit(struct frontier *, const struct wq_pos *pos);
/* Changes that wait for a commit. */
size_t frontier_dirty(const struct frontier *);

struct frontier_stat {
	uint64_t urls, due, out, done, by_state[URL_STATE_N];
	uint64_t again; /* settled ones that are to be asked again */
	uint64_t hosts, hosts_ready, hosts_waiting;
	/* at work: with a URL out; failing: the last answer was none;
	 * resting: after many of those; due: with something to do, now or
	 * later */
	uint64_t hosts_busy, hosts_failing, hosts_resting, hosts_paused,
	    hosts_due;
};
void frontier_stat(const struct frontier *, struct frontier_stat *);

const char *frontier_strerror(int err);
/* Why the last commit failed: what, where, what to do; borrowed until the next. */
const char *frontier_trouble(const struct frontier *);
/* The disk has refused the state space, and has none yet: FRONTIER_ENOSPC with
 * words; else 0. Asks the disk at most once a second. */
int frontier_room(struct frontier *, int64_t now_ms, char *why, size_t whylen);

#endif
