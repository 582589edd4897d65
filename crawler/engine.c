/* engine.c - see engine.h; it is opened and set in engine_open.c, looked
 * at in engine_look.c.
 *
 *	turn: start visits -> outlet's clocks -> over? -> one timer for the rest
 *
 * Everything that changes something calls engine_changed(), which asks for one
 * turn at the end of this pass of the loop. */
#include "crawler/engine_parts.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#include "config/config.h"
#include "crawler/articles.h"
#include "crawler/log.h"
#include "crawler/near.h"
#include "crawler/room.h"
#include "crawler/topic.h"

#define BODY_BYTES_MAX (64 << 20) /* of answers that wait for workers */
#define STOP_MS 2000 /* for workers to finish; as long again to write */
#define DEFER_MS (120 * 1000)	  /* longer waits are left for the next run */
#define TURN_STARTS 256		  /* visits started in a turn */

int64_t
engine_now(const struct engine *e)
{
	struct timeval tv;

	event_base_gettimeofday_cached(e->base, &tv);
	return (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

/* For how long something took: engine_now() stands still in a turn. */
static int64_t
clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void
engine_changed(void *arg)
{
	struct engine *e = arg;

	assert(e->magic == ENGINE_MAGIC);
	event_active(e->turn, EV_TIMEOUT, 0);
}

/* ---- what may start --------------------------------------------------------------- */

/* Pages that --max-pages still allows: those under way count, as they may
 * become answers. */
static int64_t
engine_pages_left(const struct engine *e, const struct visit_stat *s)
{
	if (e->o.max_pages == 0)
		return INT64_MAX;
	return e->o.max_pages - (int64_t)(s->fetched - s->robots) -
	    s->fetching - s->waiting;
}

/* Transfers that run or will soon. Who waits for its turn at a server takes no
 * transfer, but a quarter of them is kept for when the turn comes. */
static int64_t
engine_transfers(const struct engine *e, const struct visit_stat *s)
{
	int64_t kept = e->parallel / 4;

	return s->fetching + (s->waiting < kept ? s->waiting : kept);
}

void
engine_set_focus(struct engine *e)
{
	frontier_set_focus(e->frontier,
	    topic_state(e->topic) == TOPIC_KNOWN && e->cfg->topic_focus);
}

/* A topic comes first (G1); without the one that was asked for the crawl would
 * bring what nobody wants. */
static int
engine_topic(struct engine *e)
{
	enum topic_state is = topic_state(e->topic);

	engine_set_focus(e);
	if (is == TOPIC_FAILED && e->end == ENGINE_RUNNING)
		engine_stop(e, ENGINE_BROKEN);
	return is == TOPIC_NONE || is == TOPIC_KNOWN;
}

static int
engine_may_start(struct engine *e, int64_t now)
{
	int room = room_look(e->room, now); /* while paused too */
	struct visit_stat s;

	visits_stat(e->visits, &s);
	return e->end == ENGINE_RUNNING && !e->paused && room &&
	    engine_pages_left(e, &s) > 0 && !outlet_full(e->outlet) &&
	    engine_transfers(e, &s) < e->parallel &&
	    pool_room(e->pool) > 0 &&
	    s.body_bytes < BODY_BYTES_MAX;
}

static void
engine_start_visits(struct engine *e, int64_t now)
{
	struct frontier_item *item;
	int n;

	e->room_seen = room_look(e->room, now);
	if (!engine_topic(e))
		return;
	for (n = 0; n < TURN_STARTS && engine_may_start(e, now); n++)
		if (frontier_next(e->frontier, now, &item) != 1 ||
		    visit_start(e->visits, item, now) != 0)
			return;
	e->again |= n == TURN_STARTS;
}

/* Pages wait for others of their site only while others come. */
static void
engine_hold(struct engine *e, int64_t now)
{
	struct room_state room;
	struct visit_stat s;

	visits_hold_turn(e->visits, now);
	visits_stat(e->visits, &s);
	if (s.held > 0 &&
	    (e->end != ENGINE_RUNNING || e->paused ||
		engine_pages_left(e, &s) <= 0 || room_state(e->room, &room)))
		visits_let_go(e->visits, now);
}

/* ---- is it over? -------------------------------------------------------------------- */

static void
engine_limits(struct engine *e, int64_t now)
{
	struct visit_stat s;
	struct room_state room;

	if (e->end != ENGINE_RUNNING)
		return;
	visits_stat(e->visits, &s);
	/* Nothing is under way when the last allowed answer has come. */
	if ((engine_pages_left(e, &s) <= 0 &&
		s.fetching + s.waiting + s.held == 0) ||
	    (e->o.max_time_ms > 0 && now - e->started_ms >= e->o.max_time_ms))
		engine_stop(e, ENGINE_LIMIT);
	else if (e->o.one_shot && room_state(e->room, &room))
		engine_stop(e,
		    room.no_space ? ENGINE_NO_SPACE : ENGINE_BROKEN);
}

/* Nothing is left for this run: what still waits asks for too long. */
static int
engine_exhausted(struct engine *e, int64_t now)
{
	int64_t wake = frontier_wake(e->frontier);

	if (!e->o.one_shot || e->paused)
		return 0;
	if (frontier_idle(e->frontier))
		return 1;
	if (wake >= 0 && wake - now > DEFER_MS) {
		e->deferred_ms = wake - now;
		return 1;
	}
	return 0;
}

static void
engine_finish(struct engine *e, enum engine_end end, int64_t now)
{
	e->over = 1;
	evtimer_del(e->timer);
	visits_save(e->visits);
	if (outlet_blocked(e->outlet) == NULL && outlet_empty(e->outlet) &&
	    outlet_seal(e->outlet, now) != 0)
		log_warn("the last file of the queue was not sealed; the next "
			 "start will");
	e->o.ended(e->o.arg, end);
}

static void
engine_check_end(struct engine *e, int64_t now)
{
	struct visit_stat s;

	visits_stat(e->visits, &s);
	if (e->end == ENGINE_RUNNING) {
		if (s.running > 0)
			return;
		/* Leases in blocks keep the frontier from being idle. */
		if (!outlet_empty(e->outlet)) {
			if (e->o.one_shot && frontier_wake(e->frontier) < 0)
				outlet_flush(e->outlet);
			return;
		}
		if (engine_exhausted(e, now))
			engine_finish(e, ENGINE_DONE, now);
		return;
	}
	if (s.running > 0 && now < e->stop_ms)
		return;
	if (!outlet_empty(e->outlet) && outlet_blocked(e->outlet) == NULL &&
	    now < e->stop_ms + STOP_MS) {
		e->again = outlet_flush(e->outlet);
		return;
	}
	engine_finish(e, e->end, now);
}

/* ---- the turn -------------------------------------------------------------------------- */

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void
engine_arm(struct engine *e, int64_t now)
{
	int64_t at = outlet_wake(e->outlet, e->cfg, now), left;
	struct timeval tv;

	at = sooner(at, visits_hold_wake(e->visits));
	if (e->cfg->queue_retain > 0)
		at = sooner(at, room_retain_wake(e->room));
	if (engine_may_start(e, now)) {
		at = sooner(at, frontier_wake(e->frontier));
		/* Hosts that are ready have no time: there was no room for
		 * them when this turn began. */
		e->again |= !e->room_seen;
	} else
		at = sooner(at, room_wake(e->room));
	if (e->end != ENGINE_RUNNING)
		at = sooner(at, now < e->stop_ms ? e->stop_ms : now + 100);
	if (e->o.max_time_ms > 0 && e->end == ENGINE_RUNNING)
		at = sooner(at, e->started_ms + e->o.max_time_ms);
	if (e->again)
		at = now + 1;
	e->again = 0;
	if (at < 0) {
		evtimer_del(e->timer);
		return;
	}
	left = at > now ? at - now : 1;
	tv.tv_sec = left / 1000;
	tv.tv_usec = left % 1000 * 1000;
	evtimer_add(e->timer, &tv);
}

/* What the outlet has to write now. */
static void
engine_write(struct engine *e, int64_t now)
{
	int64_t began = clock_us(), took;
	struct outlet_stat was, is;

	outlet_stat(e->outlet, &was);
	outlet_turn(e->outlet, e->cfg, now);
	took = clock_us() - began;
	outlet_took(e->outlet, took);
	e->again |= near_turn(frontier_near(e->frontier), now);
	outlet_stat(e->outlet, &is);
	if (is.commits != was.commits)
		histogram_add(&e->commit_time, took);
}

/* When the clock is set back by hours nothing that waits may wait for hours:
 * every moment that was noted goes back with it. (The frontier keeps a time of
 * its own, F6; set ahead, waits end early.) */
static void
engine_see(struct engine *e, int64_t now)
{
	int64_t back = e->seen_ms - now;

	e->seen_ms = now;
	if (back <= 0)
		return;
	e->started_ms -= back;
	e->stop_ms -= back;
	outlet_set_back(e->outlet, back);
	room_set_back(e->room, back);
}

static void
engine_turn(struct engine *e)
{
	int64_t now = engine_now(e), began = clock_us();

	if (!e->started || e->over)
		return;
	engine_see(e, now);
	engine_limits(e, now);
	engine_act_turn(e);
	engine_start_visits(e, now);
	engine_hold(e, now);
	engine_write(e, now);
	room_retain(e->room, e->cfg->queue_retain, now);
	engine_act_end(e);
	engine_check_end(e, now);
	if (!e->over)
		engine_arm(e, now);
	e->turns++;
	histogram_add(&e->turn_time, clock_us() - began);
}

void
engine_turn_cb(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;

	(void)fd;
	(void)what;
	assert(e->magic == ENGINE_MAGIC);
	engine_turn(e);
}

void
engine_article(void *arg, const char *url, const struct job_article *a,
    const struct recent_place *place)
{
	struct engine *e = arg;

	articles_add(e->articles, url, a, place, engine_now(e));
	if (e->o.article != NULL)
		e->o.article(e->o.arg, url, a->title);
}

void
engine_kept(void *arg, const uint8_t id[16], const struct wq_raw_place *place)
{
	struct engine *e = arg;

	articles_kept(e->articles, id, place);
}

void
engine_lost(void *arg)
{
	struct engine *e = arg;

	log_error("workers can no longer be made: their zygote has died");
	engine_stop(e, ENGINE_BROKEN);
}

/* ---- the caller's words --------------------------------------------------------------- */

int
engine_commit(struct engine *e)
{
	return outlet_commit(e->outlet, engine_now(e)) == 0 ? 0 : -1;
}

void
engine_start(struct engine *e)
{
	e->started = 1;
	e->started_ms = engine_now(e);
	engine_begin_age(e);
	topic_set(e->topic, e->cfg);
	engine_changed(e);
}

void
engine_stop(struct engine *e, enum engine_end end)
{
	int64_t now = engine_now(e);

	if (e->over)
		return;
	e->stop_ms = e->end == ENGINE_RUNNING ? now + STOP_MS : now;
	e->end = end;
	visits_cancel(e->visits);
	visits_let_go(e->visits, now);
	outlet_flush(e->outlet);
	engine_changed(e);
}

uint64_t
engine_pulse(struct engine *e)
{
	engine_changed(e);
	return e->turns;
}
