/* visit.h - one URL from its lease to its end.
 *
 *	lease -> robots known? --no--> ask for robots.txt, release, wait
 *	           |yes
 *	resolve -> gate (address) -> fetch -> worker -> outlet or settled
 *
 * Invariants
 *  V1  Each lease given to visit_start() ends in exactly one of settle, retry,
 *      release, or in the outlet.
 *  V2  The host's slot is free from the end of its answer (next_ms set then),
 *      not from the end of the visit.
 *  V3  No request is made to an authority whose robots.txt is not known. */
#ifndef VISIT_H
#define VISIT_H

#include <stddef.h>
#include <stdint.h>

#include "crawler/fetch.h"
#include "crawler/frontier.h"
#include "crawler/outage.h"
#include "crawler/histogram.h"
#include "crawler/reasons.h"

struct config;
struct dns;
struct event_base;
struct failures;
struct fetcher;
struct gate;
struct logs;
struct outlet;
struct pool;
struct job_article;
struct recent;
struct recent_place;
struct robots_cache;
struct topic;
struct visits;
struct wire_out;

/* Reason stored with a seed whose address led out of its scope. */
#define VISIT_SEED_MOVED "seed moved"
/* Of a URL whose seed was taken away. */
#define VISIT_SEED_REMOVED "seed removed"

struct visit_parts {
	struct event_base *base;
	const struct config *config; /* visits_set_config() changes it */
	struct frontier *frontier;
	struct fetcher *fetcher;
	struct dns *dns;
	struct pool *pool;
	struct outlet *outlet;
	struct gate *gate;
	struct robots_cache *robots;
	struct recent *recent; /* NULL: keep.raw is not recent */
	struct failures *failures;
	struct logs *logs;
	const struct topic *topic;
	const char *crawl, *node;
	const char *state_dir; /* where large bodies may lie for a while */
	/* A visit has ended, or a slot is free: the engine turns. */
	void (*changed)(void *arg);
	/* An article has reached the outlet; may be NULL. */
	void (*article)(void *arg, const char *url, const struct job_article *,
	    const struct recent_place *);
	void *arg;
};

struct visits *visits_new(const struct visit_parts *); /* parts copied */
void visits_free(struct visits *);
void visits_set_config(struct visits *, const struct config *);
void visits_set_recent(struct visits *, struct recent *);

/* Begins; 0, or -1: no memory, the item was released. */
int visit_start(struct visits *, struct frontier_item *, int64_t now_ms);
/* Ends all visits that have not reached a worker: their URLs stay due. */
void visits_cancel(struct visits *);

/* Ends those that have asked for nothing yet, or wait for their turn. */
void visits_calm(struct visits *);

/* visit_hold.c: pages that wait for others of their site (settings [learn]).
 * turn: lets go those that need not wait any longer; wake: when it wants to be
 * called, Unix ms, -1: nobody waits. let_go: all of them, or those of a host, go
 * on now. save: what was learned goes to the frontier, for its next commit.
 * forget: of a host, too. */
void visits_hold_turn(struct visits *, int64_t now_ms);
int64_t visits_hold_wake(const struct visits *);
void visits_let_go(struct visits *, int64_t now_ms);
void visits_let_go_host(struct visits *, uint64_t host, int64_t now_ms);
void visits_save(struct visits *);
/* For a job, what is known of a host (job_site_put()). */
void visits_put_site(struct visits *, const char *name, uint64_t host,
    struct wire_out *head);
void visits_save_host(struct visits *, uint64_t host);
void visits_forget_host(struct visits *, uint64_t host);

struct visit_stat {
	int running, fetching, waiting, cleaning, held, ending;
	int gathered; /* they wait for other pages of their article */
	int hurried;  /* let go by visits_let_go(), and not landed yet */
	int64_t body_bytes;	/* of answers that wait for a worker */
	int64_t held_bytes;	/* of pages that wait for others of their site */
	uint64_t fetched, bytes, articles, repeats, empty, failed, denied,
	    redirects, retries, poisoned, links, links_new, robots,
	    unchanged, changed, corrected, gone, joined, on_topic;
	/* Since when nobody is reached, by enum outage_of; 0: not so. */
	int64_t outage_ms[OUTAGE_N];
};
void visits_stat(const struct visits *, struct visit_stat *);

/* Finer figures, for metrics. Borrowed until visits_free(). */
#define VISIT_CLASSES 6
struct visit_meters {
	struct histogram fetch; /* how long answers took */
	/* By the hundreds of their status; 0: no answer, or none like that. */
	uint64_t answers[VISIT_CLASSES];
	uint64_t faults[FETCH_RESULTS]; /* by enum fetch_result, negated */
	/* By enum reason: settled without a record; links not followed. */
	uint64_t skips[REASON_N], links[REASON_N];
};
const struct visit_meters *visits_meters(const struct visits *);

/* A seed has other attributes, or is none any more. */
void visits_seed_changed(struct visits *, uint32_t seed);
/* Takes a link that was found elsewhere (a seed, a list). 1 new, 0 known. */
int visits_add_seed(struct visits *, uint32_t seed, const char *url,
    const struct winnow_key *, int type, int priority);

#endif
