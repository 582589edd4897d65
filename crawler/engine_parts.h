/* engine_parts.h - what engine*.c share; nobody else includes it. */
#ifndef ENGINE_PARTS_H
#define ENGINE_PARTS_H

#include <event2/util.h>

#include "crawler/engine.h"

#define ENGINE_MAGIC 0x656e6731

#define EXPLAINS_MAX 4

struct config_values;

struct explain { /* a page that is with a worker */
	int busy;
	char *memory; /* ours; what the job points into */
	explain_done *done; /* NULL: nobody waits any more */
	void *arg;
};

struct engine {
	unsigned magic;
	struct event_base *base;
	const struct config *config;
	const struct config_values *cfg;
	struct engine_options o;
	char *queue_dir, *state_dir; /* ours: a reload frees the settings */
	struct zygote *zygote;
	struct frontier *frontier;
	struct wq_writer *writer;
	struct pool *pool;
	struct guard *guard;
	struct dns *dns;
	struct fetcher *fetcher;
	struct gate *gate;
	struct robots_cache *robots;
	struct articles *articles;
	struct explain explains[EXPLAINS_MAX];
	struct topic *topic;
	struct recent *recent; /* NULL: keep.raw is not recent */
	struct failures *failures;
	struct logs *logs;
	struct outlet *outlet;
	struct room *room;
	struct visits *visits;
	struct rates *rates;
	struct histogram commit_time, turn_time;
	struct event *turn, *timer, *sample;
	char node[64], crawl[128];
	uint64_t turns; /* that were finished */
	int64_t seen_ms; /* the clock at the last turn */
	int64_t started_ms, stop_ms, deferred_ms;
	int64_t began_ms; /* it started, on CLOCK_MONOTONIC */
	int64_t parallel; /* transfers: fetch.parallel, or as many as fit */
	int started, paused, draining;
	int flushing; /* what waited for its site is still on its way */
	int room_seen; /* by this turn, when it started visits */
	int again; /* another turn soon, but let the loop look at its sockets */
	enum engine_end end; /* stopping for this; 0: running */
	int over;	     /* ended() was called */
};

/* engine_look.c: its age counts from here. */
void engine_begin_age(struct engine *);
/* engine_explain.c: what is under way is dropped; after pool_free(). */
void engine_explain_clear(struct engine *);

/* engine.c: the loop's time, Unix ms; asks for a turn; callbacks of the parts. */
int64_t engine_now(const struct engine *);
void engine_changed(void *engine);
void engine_set_focus(struct engine *);
void engine_turn_cb(evutil_socket_t, short, void *engine);
void engine_article(void *engine, const char *url, const struct job_article *,
    const struct recent_place *);
void engine_kept(void *engine, const uint8_t id[16],
    const struct wq_raw_place *);
void engine_lost(void *engine);
/* engine_act.c: goes on with what was asked for; in a turn, before and after
 * the outlet's. */
void engine_act_turn(struct engine *);
void engine_act_end(struct engine *);
/* engine_look.c: takes a sample of the counts, every RATES_NEAR_MS. */
int engine_sample_start(struct engine *); /* 0 or -1 */
void engine_sample_stop(struct engine *);

#endif
