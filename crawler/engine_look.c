/* engine_look.c - the engine as somebody who only looks at it sees it: its
 * counts, and the same over time. */
#include "crawler/engine_parts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <event2/event.h>

#include "config/config.h"
#include "crawler/near.h"
#include "crawler/rates.h"
#include "crawler/topic.h"

/* Of /proc/self/status, in bytes; 0: not told. */
static void
memory(uint64_t *anon, uint64_t *file)
{
	unsigned long long kib;
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");

	*anon = *file = 0;
	if (f == NULL)
		return;
	while (fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "RssAnon: %llu", &kib) == 1)
			*anon = kib << 10;
		else if (sscanf(line, "RssFile: %llu", &kib) == 1)
			*file = kib << 10;
	fclose(f);
}

/* The store, and the index of near copies beside it. */
static uint64_t
state_bytes(const struct engine *e)
{
	struct near_stat near;
	char path[4200];
	struct stat st;

	near_stat(frontier_near(e->frontier), &near);
	snprintf(path, sizeof path, "%s/data.mdb", e->state_dir);
	return near.bytes +
	       (stat(path, &st) == 0 ? (uint64_t)st.st_blocks * 512 : 0);
}

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
engine_begin_age(struct engine *e)
{
	e->began_ms = steady_ms();
}

/* However the clock was set since, it runs for as long as it does. */
void
engine_stat(struct engine *e, struct engine_stat *s)
{
	memset(s, 0, sizeof *s);
	frontier_stat(e->frontier, &s->frontier);
	visits_stat(e->visits, &s->visit);
	outlet_stat(e->outlet, &s->outlet);
	pool_stat(e->pool, &s->pool);
	(void)wq_writer_stat(e->writer, &s->queue);
	s->now_ms = engine_now(e);
	s->started_ms = s->now_ms - (steady_ms() - e->began_ms);
	s->paused = e->paused;
	s->stopping = e->end != ENGINE_RUNNING;
	s->state_bytes = state_bytes(e);
	s->unwritable = outlet_blocked(e->outlet);
	s->draining = e->draining;
	s->topic = topic_word(e->topic);
	s->paused_ms = e->paused ? frontier_paused(e->frontier) : 0;
	s->deferred_ms = e->deferred_ms;
	(void)room_state(e->room, &s->room);
	s->max_bytes = e->cfg->queue_max_bytes;
	s->min_free = e->cfg->queue_min_free;
	memory(&s->rss_anon, &s->rss_file);
}

void
engine_meters(const struct engine *e, struct engine_meters *m)
{
	*m = (struct engine_meters){.visit = visits_meters(e->visits),
	    .clean = pool_page_time(e->pool),
	    .commit = &e->commit_time,
	    .turn = &e->turn_time};
}

const char *
engine_node(const struct engine *e)
{
	return e->node;
}

struct frontier *
engine_frontier(struct engine *e)
{
	return e->frontier;
}

const struct failures *
engine_failures(const struct engine *e)
{
	return e->failures;
}

const struct rates *
engine_rates(const struct engine *e)
{
	return e->rates;
}

/* ---- what it comes to --------------------------------------------------- */

const char *
engine_state_word(const struct engine_stat *s)
{
	return s->stopping           ? "stopping"
	       : s->room.why != NULL ? "blocked"
	       : s->draining         ? "draining"
	       : s->paused           ? "paused"
				     : "running";
}

#define LASTS_MOST 1e12 /* ms; beyond that nobody plans */

/* left bytes, fewer by so many a second: the sooner one counts. */
static void
room_sooner(int64_t *lasts, const char **bound, double left, double shrinks,
    const char *name)
{
	double ms;

	if (shrinks <= 0)
		return;
	ms = left > 0 ? left / shrinks * 1000 : 0;
	ms = ms < LASTS_MOST ? ms : LASTS_MOST;
	if (*lasts < 0 || ms < (double)*lasts) {
		*lasts = (int64_t)ms;
		*bound = name;
	}
}

/* The disk's own rate counts, for others fill it too. */
int64_t
engine_room_lasts(const struct engine *e, const struct engine_stat *s,
    const char **bound)
{
	double v[RATES_N];
	int64_t lasts = -1;

	*bound = NULL;
	if (rates_over(e->rates, 3600 * 1000, v) < 60 * 1000)
		return -1;
	room_sooner(&lasts, bound,
	    (double)s->queue.free_bytes - (double)s->min_free, -v[RATES_FREE],
	    s->min_free > 0 ? "queue.min_free" : "the disk");
	if (s->max_bytes > 0)
		room_sooner(&lasts, bound,
		    (double)s->max_bytes - (double)s->queue.bytes,
		    v[RATES_QUEUE], "queue.max_bytes");
	return lasts;
}

/* ---- over time ---------------------------------------------------------- */

static void
sample(struct engine *e)
{
	struct engine_stat s;

	engine_stat(e, &s);
	rates_add(
	    e->rates, &(struct rates_sample){.ms = steady_ms(),
			  .n = {[RATES_PAGES] = (int64_t)s.visit.fetched,
			      [RATES_BYTES] = (int64_t)s.visit.bytes,
			      [RATES_ARTICLES] = (int64_t)s.outlet.records,
			      [RATES_FAILED] =
				  (int64_t)(s.visit.failed + s.visit.poisoned),
			      [RATES_DUE] = (int64_t)s.frontier.due,
			      [RATES_FETCHING] = s.visit.fetching,
			      [RATES_QUEUE] = (int64_t)s.queue.bytes,
			      [RATES_FREE] = (int64_t)s.queue.free_bytes,
			      [RATES_MEMORY] = (int64_t)s.rss_anon}});
}

static void
sample_cb(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;

	(void)fd;
	(void)what;
	assert(e->magic == ENGINE_MAGIC);
	sample(e);
}

int
engine_sample_start(struct engine *e)
{
	static const struct timeval step = {RATES_NEAR_MS / 1000, 0};

	if ((e->rates = rates_new()) == NULL ||
	    (e->sample = event_new(e->base, -1, EV_PERSIST, sample_cb, e)) ==
		NULL ||
	    event_add(e->sample, &step) != 0)
		return -1;
	sample(e);
	return 0;
}

void
engine_sample_stop(struct engine *e)
{
	if (e->sample != NULL)
		event_free(e->sample);
	rates_free(e->rates);
}
