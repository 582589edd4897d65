/* engine.h - the crawl: frontier, visits, workers and queue on one loop.
 *
 * `winnow crawl` and winnowd are this engine; they differ in what ends it. All
 * work happens in callbacks of the event base; the engine turns once after each
 * batch of them: starts what may start, commits what is due, and sets one timer
 * for what comes next.
 *
 * Invariants
 *  N1  A fetch starts only when a worker could take its page: pool_room() > 0,
 *      few blocks wait, the disk is writable.
 *  N2  engine_stop() loses nothing: what had not reached the queue stays due. */
#ifndef ENGINE_H
#define ENGINE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crawler/frontier.h"
#include "crawler/outlet.h"
#include "crawler/pool.h"
#include "crawler/room.h"
#include "crawler/visit.h"
#include "crawler/zygote.h"

struct articles;
struct config;
struct event_base;
struct engine;
struct failures;
struct rates;
struct seed_line;

enum engine_end {
	ENGINE_RUNNING = 0,
	ENGINE_DONE,	 /* nothing is left */
	ENGINE_LIMIT,	 /* max_pages or max_time */
	ENGINE_STOPPED,	 /* engine_stop() */
	ENGINE_NO_SPACE, /* one_shot: the disk is full */
	ENGINE_BROKEN	 /* one_shot: the disk fails; the zygote has died */
};

struct engine_options {
	const char *queue_dir, *state_dir; /* copied */
	int one_shot;		/* end when nothing is left */
	int64_t max_pages;	/* answers fetched; 0: no bound */
	int64_t max_time_ms;	/* 0: no bound */
	void (*ended)(void *arg, enum engine_end);
	void (*article)(void *arg, const char *url, const char *title);
	void *arg;
};

/* Opens state and queue (their locks say if another process has them) and
 * starts the workers. config and zygote stay the caller's. 0; else an exit
 * status of DESIGN (1, 6) with err in words. */
int engine_new(struct engine **, struct event_base *, const struct config *,
    struct zygote *, const struct engine_options *, char *err, size_t errlen);
/* Loses nothing that was committed. NULL is fine. */
void engine_free(struct engine *);

/* Takes a seed: 1 new, 0 known, -1: not a URL. Durable with engine_commit(). */
int engine_add_seed(struct engine *, const struct seed_line *);
/* Takes one away: 1, 0: it is none. Likewise. */
int engine_remove_seed(struct engine *, const struct winnow_url *);
/* Makes durable now what waits. 0 or -1. */
int engine_commit(struct engine *);
/* Begins; ended() comes when it is over. */
void engine_start(struct engine *);
/* Cancels fetches, lets workers finish (2 s at most), writes what is there (2 s
 * more), then calls ended() with that end. A second call hurries. */
void engine_stop(struct engine *, enum engine_end);
/* Asks for a turn; how many were finished so far. */
uint64_t engine_pulse(struct engine *);
void engine_set_config(struct engine *, const struct config *);

/* ---- engine_act.c: what an administrator asks for ----------------------- */
/* No new fetches, until it is said otherwise: kept over runs, with the next
 * commit. */
void engine_pause(struct engine *, int on);
/* A pause; what is under way ends, and then everything is flushed. */
void engine_drain(struct engine *);
/* Everything taken so far durable and in sealed files, as soon as can be. */
void engine_flush(struct engine *);
/* Which of it is still going on. */
int engine_draining(const struct engine *);
int engine_flushing(const struct engine *);
/* A host by its key form (scope_host()): 1 so it is now, 0 it was so, or an
 * error of the frontier. forget: it is going, see engine_forgetting(); its own
 * seeds are asked anew. */
enum engine_host { ENGINE_HOST_PAUSE, ENGINE_HOST_RESUME, ENGINE_HOST_FORGET };
int engine_host_act(struct engine *, enum engine_host, uint64_t host,
    const char *name);
int engine_forgetting(const struct engine *, uint64_t host);
/* What its pages have taught so far is in the frontier. */
void engine_save_host(struct engine *, uint64_t host);

struct engine_stat {
	struct frontier_stat frontier;
	struct visit_stat visit;
	struct outlet_stat outlet;
	struct pool_stat pool;
	struct wq_stat queue;
	int64_t started_ms, now_ms; /* by the clock as it is set now */
	struct room_state room; /* why nothing is fetched; NULL: it is */
	const char *topic; /* topic_word() */
	int64_t max_bytes, min_free; /* queue's, 0: no bound */
	uint64_t state_bytes; /* on the disk */
	int paused, draining, stopping;
	int64_t paused_ms; /* since when */
	const char *unwritable; /* nothing can be written: why; NULL: it can */
	int64_t deferred_ms; /* at the end: until the first deferred host; -1 */
	uint64_t rss_anon, rss_file; /* bytes of this process, not of workers */
};
void engine_stat(struct engine *, struct engine_stat *);
/* In a word: "running", "paused", "draining", "blocked", "stopping". */
const char *engine_state_word(const struct engine_stat *);
/* How long the room lasts at the rate of the last hour, ms: until the queue or
 * its disk meets a bound; which is set then: a key, or "the disk". -1: it does
 * not shrink, or less than a minute was seen of it. */
int64_t engine_room_lasts(const struct engine *, const struct engine_stat *,
    const char **bound);
/* How long things take; borrowed until engine_free(). */
struct engine_meters {
	const struct visit_meters *visit;
	const struct histogram *clean, /* of a page, by a worker */
	    *commit,		       /* of a write that ended in a commit */
	    *turn;		       /* of all that a turn of the loop does */
};
void engine_meters(const struct engine *, struct engine_meters *);
struct frontier *engine_frontier(struct engine *);
const char *engine_node(const struct engine *); /* the machine's name */
const struct failures *engine_failures(const struct engine *);
void engine_reopen_logs(struct engine *); /* they were moved away */
/* The same over time: a sample every RATES_NEAR_MS, on CLOCK_MONOTONIC. */
const struct rates *engine_rates(const struct engine *);

/* engine_explain.c: the newest articles, and what the cleaner made of one of
 * them (id: of its record, "w1-..."). */
const struct articles *engine_articles(const struct engine *);
enum explain_result {
	EXPLAIN_OK = 0,
	EXPLAIN_UNKNOWN, /* not among the newest */
	EXPLAIN_OFF,	 /* keep.raw is none */
	EXPLAIN_GONE,	 /* its raw page is kept no more */
	EXPLAIN_EARLY,	 /* ... is not written yet */
	EXPLAIN_BUSY,	 /* too many at once */
	EXPLAIN_POISON,	 /* a worker died of it */
	EXPLAIN_ERROR
};
const char *explain_strerror(enum explain_result); /* what to do, too */
struct explain;
/* html: borrowed until done() returns; NULL unless EXPLAIN_OK. */
typedef void explain_done(void *arg, enum explain_result, const char *html,
    size_t len);
/* EXPLAIN_OK: done() comes later, unless explain_cancel(*x) is called before
 * it. Else it never comes. */
enum explain_result engine_explain(struct engine *, const char *id,
    explain_done *, void *arg, struct explain **x);
void explain_cancel(struct explain *);

#endif
