/* pool.h - the workers as the loop sees them.
 *
 * A job is handed over whole and handed back whole. Each worker has one job at a
 * time; a few more wait here, so that no worker idles for a turn of the loop.
 * When pool_room() is 0 the engine starts no more fetches: that is the
 * back-pressure.
 *
 * Invariants
 *  P1  done() comes exactly once for each job that pool_submit() took, never
 *      from inside it.
 *  P2  A worker that crashes, answers nonsense or passes the time limit is
 *      killed and replaced, and costs its job: POOL_CRASHED or POOL_TIMEOUT.
 *      One that died when no other could be made was not killed by its job,
 *      which waits.
 *  P3  Jobs end in any order. */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>
#include <stdint.h>

#include "crawler/job.h"
#include "crawler/zygote.h"

struct event_base;
struct histogram;
struct pool;

enum pool_result {
	POOL_OK = 0,
	POOL_CRASHED = -1, /* the worker died */
	POOL_TIMEOUT = -2, /* it was killed for its time */
	POOL_BROKEN = -3   /* it answered nonsense, or our request was broken */
};
const char *pool_strerror(enum pool_result);

struct pool_job {
	enum job_kind kind;
	struct wire_out head;  /* owned by the job; freed by the pool */
	const void *body;      /* borrowed until done() */
	size_t body_len;
	int body_file; /* >= 0 with body NULL: it is in that file, likewise */
	/* A part of a long answer, borrowed until part() returns; the time
	 * limit begins anew. -1: it is broken, and the job ends so. NULL: the
	 * answer has no parts. */
	int (*part)(void *arg, const void *answer, size_t len);
	/* answer: borrowed until done() returns; NULL unless POOL_OK. The last
	 * part, when there were any. */
	void (*done)(void *arg, enum pool_result, const void *answer,
	    size_t len);
	void *arg;
};

/* n workers; time_limit_ms for one job. 0, or -1 with words. The zygote stays
 * the caller's. */
int pool_new(struct pool **, struct event_base *, struct zygote *, int n,
    int64_t time_limit_ms, uint64_t url_seed, char *err, size_t errlen);
/* Another time_limit_ms, for jobs that begin from here on. */
void pool_set_limit(struct pool *, int64_t ms);
/* The topic of what is cleaned from here on, also by workers that are made
 * later; bytes are copied. 0 or -1. */
int pool_set_topic(struct pool *, const void *bytes, size_t len);
/* lost(arg): for some seconds no worker could be made: the zygote is gone, and
 * nothing but a new start brings it back. */
void pool_on_lost(struct pool *, void (*lost)(void *arg), void *arg);
/* Kills the workers; jobs that are out are dropped without done(). */
void pool_free(struct pool *);

/* Jobs that may be submitted now before the back-pressure holds. */
int pool_room(const struct pool *);
/* Takes the job by value (its head too). 0, or -1: no memory, job untouched. */
int pool_submit(struct pool *, const struct pool_job *);

struct pool_stat {
	int workers, busy, waiting;
	uint64_t jobs, crashed, timeouts, replaced;
};
void pool_stat(const struct pool *, struct pool_stat *);
/* How long pages took, waiting not counted in. Borrowed until pool_free(). */
const struct histogram *pool_page_time(const struct pool *);

#endif
