/* engine.c - see engine.h.
 *
 *	turn: start visits -> outlet's clocks -> over? -> one timer for the rest
 *
 * Everything that changes something calls engine_changed(), which asks for one
 * turn at the end of this pass of the loop. */
#include "crawler/engine.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "config/config.h"
#include "crawler/dns.h"
#include "crawler/fetch.h"
#include "crawler/files.h"
#include "crawler/gate.h"
#include "crawler/log.h"
#include "crawler/recent.h"
#include "crawler/robots_cache.h"
#include "crawler/room.h"
#include "crawler/seeds.h"

#define ENGINE_MAGIC 0x656e6731
#define BODY_BYTES_MAX (64 << 20) /* of answers that wait for workers */
#define STOP_MS 2000 /* for workers to finish; as long again to write */
#define DEFER_MS (120 * 1000)	  /* longer waits are left for the next run */
#define TURN_STARTS 256		  /* visits started in a turn */

struct engine {
	unsigned magic;
	struct event_base *base;
	const struct config *config;
	const struct config_values *cfg;
	struct engine_options o;
	struct zygote *zygote;
	struct frontier *frontier;
	struct wq_writer *writer;
	struct pool *pool;
	struct guard *guard;
	struct dns *dns;
	struct fetcher *fetcher;
	struct gate *gate;
	struct robots_cache *robots;
	struct recent *recent; /* NULL: keep.raw is not recent */
	struct outlet *outlet;
	struct room *room;
	struct visits *visits;
	struct event *turn, *timer;
	char node[64], crawl[128];
	int64_t started_ms, stop_ms, deferred_ms;
	int64_t parallel; /* transfers: fetch.parallel, or as many as fit */
	int started, paused;
	int room_seen; /* by this turn, when it started visits */
	int again; /* another turn soon, but let the loop look at its sockets */
	enum engine_end end; /* stopping for this; 0: running */
	int over;	     /* ended() was called */
};

static int64_t
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

static void
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
	for (n = 0; n < TURN_STARTS && engine_may_start(e, now); n++)
		if (frontier_next(e->frontier, now, &item) != 1 ||
		    visit_start(e->visits, item, now) != 0)
			return;
	e->again = n == TURN_STARTS;
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
	if ((engine_pages_left(e, &s) <= 0 && s.fetching + s.waiting == 0) ||
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

static void
engine_turn(struct engine *e)
{
	int64_t now = engine_now(e), began;

	if (!e->started || e->over)
		return;
	engine_limits(e, now);
	engine_start_visits(e, now);
	began = clock_us();
	outlet_turn(e->outlet, e->cfg, now);
	outlet_took(e->outlet, clock_us() - began);
	room_retain(e->room, e->cfg->queue_retain, now);
	engine_check_end(e, now);
	if (!e->over)
		engine_arm(e, now);
}

static void
engine_turn_cb(evutil_socket_t fd, short what, void *arg)
{
	struct engine *e = arg;

	(void)fd;
	(void)what;
	assert(e->magic == ENGINE_MAGIC);
	engine_turn(e);
}

static void
engine_article(void *arg, const char *url, const char *title)
{
	struct engine *e = arg;

	if (e->o.article != NULL)
		e->o.article(e->o.arg, url, title);
}

static void
engine_lost(void *arg)
{
	struct engine *e = arg;

	log_error("workers can no longer be made: their zygote has died");
	engine_stop(e, ENGINE_BROKEN);
}

/* ---- opening ---------------------------------------------------------------------------- */

/* What the parts are opened with; a reload hands over the same again. */
static struct frontier_options
frontier_settings(const struct engine *e)
{
	return (struct frontier_options) {
		.per_host = (uint32_t)e->cfg->politeness_per_host,
		.host_cap = (uint32_t)e->cfg->scope_host_cap,
		.transfers = (uint32_t)e->parallel,
		.revisit = !e->o.one_shot
	};
}

static struct wq_options
queue_settings(const struct engine *e)
{
	return (struct wq_options) { .node = e->node,
		.seal_bytes = e->cfg->queue_seal_bytes,
		.seal_after_ms = e->cfg->queue_seal_after,
		.max_bytes = e->cfg->queue_max_bytes,
		.min_free = e->cfg->queue_min_free };
}

static struct fetch_options
fetch_settings(const struct engine *e)
{
	const struct config_values *c = e->cfg;

	return (struct fetch_options) { .parallel = (int)e->parallel,
		.timeout_ms = c->fetch_timeout,
		.connect_ms = c->fetch_connect_timeout,
		.first_byte_ms = c->fetch_first_byte_timeout,
		.low_speed_bytes = c->fetch_low_speed_limit,
		.low_speed_ms = c->fetch_low_speed_time,
		.max_body = c->fetch_max_body,
		.user_agent = c->fetch_user_agent,
		.from = c->fetch_from[0] != '\0' ? c->fetch_from : NULL,
		.accept_language = c->fetch_accept_language[0] != '\0'
		    ? c->fetch_accept_language
		    : NULL,
		.ca_file = c->fetch_ca_file[0] != '\0' ? c->fetch_ca_file
						       : NULL };
}

static int
engine_open_disk(struct engine *e, char *err, size_t errlen)
{
	struct frontier_options fo = frontier_settings(e);
	struct wq_options qo = queue_settings(e);
	struct wq_pos pos;
	char *schema;
	int rc = frontier_open(&e->frontier, e->o.state_dir, &fo,
	    e->started_ms, err, errlen);

	if (rc != 0)
		return rc == FRONTIER_ENOSPC ? 6 : 1;
	frontier_pos(e->frontier, &pos);
	qo.schema = schema = winnow_schema(NULL);
	rc = wq_writer_open(&e->writer, e->o.queue_dir, &qo, &pos,
	    e->started_ms, err, errlen);
	free(schema);
	return rc == 0 ? 0 : rc == WQ_ENOSPC ? 6 : 1;
}

/* Looking back is a comfort: without it the crawl goes on. */
static void
engine_open_recent(struct engine *e)
{
	const struct config_values *c = e->cfg;

	if (c->keep_raw != CONFIG_KEEP_RAW_RECENT || c->keep_raw_bytes == 0) {
		recent_remove(e->o.state_dir);
		return;
	}
	e->recent = recent_open(e->o.state_dir, c->keep_raw_bytes);
	if (e->recent == NULL)
		log_warn("recent pages are not kept: cannot open their file in "
			 "'%s': %s",
		    e->o.state_dir, strerror(errno));
}

static int
engine_open_net(struct engine *e, char *err, size_t errlen)
{
	const struct config_values *c = e->cfg;
	struct fetch_options fo = fetch_settings(e);

	e->guard = guard_new(c->fetch_allow_net, err, errlen);
	if (e->guard == NULL ||
	    dns_new(&e->dns, e->base, e->guard,
		c->fetch_dns[0] != NULL ? c->fetch_dns : NULL,
		c->fetch_hosts_file, c->fetch_dns_timeout, err, errlen) != 0 ||
	    fetcher_new(&e->fetcher, e->base, e->dns, e->guard, &fo, err,
		errlen) != 0)
		return 1;
	return 0;
}

static int
engine_open_parts(struct engine *e, char *err, size_t errlen)
{
	const struct config_values *c = e->cfg;
	int n = c->clean_workers > 0 ? (int)c->clean_workers
				     : (int)sysconf(_SC_NPROCESSORS_ONLN);
	struct visit_parts p;

	/* A copy: the configuration goes with a reload. */
	snprintf(e->crawl, sizeof e->crawl, "%s",
	    c->crawl_name[0] != '\0' ? c->crawl_name
				     : frontier_name(e->frontier));
	if (pool_new(&e->pool, e->base, e->zygote, n > 0 ? n : 1,
		c->clean_time_limit, frontier_seed(e->frontier), err,
		errlen) != 0)
		return 1;
	pool_on_lost(e->pool, engine_lost, e);
	engine_open_recent(e);
	snprintf(err, errlen, "no memory");
	if ((e->gate = gate_new(e->base)) == NULL ||
	    (e->robots = robots_cache_new(e->frontier)) == NULL ||
	    (e->outlet = outlet_new(e->frontier, e->pool, e->writer,
		 engine_changed, e)) == NULL ||
	    (e->room = room_new(e->frontier, e->writer, e->outlet, e->recent,
		 e->o.queue_dir)) == NULL)
		return 1;
	p = (struct visit_parts) { .base = e->base,
		.config = e->config,
		.frontier = e->frontier,
		.fetcher = e->fetcher,
		.dns = e->dns,
		.pool = e->pool,
		.outlet = e->outlet,
		.gate = e->gate,
		.robots = e->robots,
		.recent = e->recent,
		.crawl = e->crawl,
		.state_dir = e->o.state_dir,
		.node = e->node,
		.changed = engine_changed,
		.article = engine_article,
		.arg = e };
	if ((e->visits = visits_new(&p)) == NULL ||
	    (e->turn = event_new(e->base, -1, 0, engine_turn_cb, e)) == NULL ||
	    (e->timer = evtimer_new(e->base, engine_turn_cb, e)) == NULL)
		return 1;
	return 0;
}

/* The machine's name, in the letters that file names allow. */
static void
engine_name(struct engine *e)
{
	char *p;

	snprintf(e->node, sizeof e->node, "%s", e->cfg->queue_node);
	if (e->node[0] == '\0' && gethostname(e->node, 33) != 0)
		snprintf(e->node, sizeof e->node, "node");
	e->node[32] = '\0';
	for (p = e->node; *p != '\0'; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			(*p >= '0' && *p <= '9') || *p == '.' || *p == '_'))
			*p = '_';
}

/* More connections than files may be open would leave none for the disk. */
static void
engine_files(struct engine *e)
{
	int64_t want = e->cfg->fetch_parallel;

	e->parallel = files_transfers(want);
	if (e->parallel < want)
		log_warn("fetch.parallel is %lld, but the limit of open files "
			 "allows %lld transfers: raise it (LimitNOFILE=, "
			 "ulimit -n)",
		    (long long)want, (long long)e->parallel);
}

int
engine_new(struct engine **out, struct event_base *base,
    const struct config *config, struct zygote *zygote,
    const struct engine_options *o, char *err, size_t errlen)
{
	struct engine *e = calloc(1, sizeof *e);
	int rc = 1;

	*out = NULL;
	if (e == NULL) {
		snprintf(err, errlen, "no memory");
		return 1;
	}
	e->magic = ENGINE_MAGIC;
	e->base = base;
	e->config = config;
	e->cfg = config_values(config);
	e->zygote = zygote;
	e->o = *o;
	e->deferred_ms = -1;
	e->started_ms = engine_now(e);
	engine_name(e);
	engine_files(e);
	if ((rc = engine_open_disk(e, err, errlen)) != 0 ||
	    (rc = engine_open_net(e, err, errlen)) != 0 ||
	    (rc = engine_open_parts(e, err, errlen)) != 0) {
		engine_free(e);
		return rc;
	}
	*out = e;
	return 0;
}

/* Workers first: then no answer comes to a visit that is gone. */
void
engine_free(struct engine *e)
{
	if (e == NULL)
		return;
	if (e->timer != NULL)
		event_free(e->timer);
	pool_free(e->pool);
	visits_free(e->visits);
	if (e->turn != NULL)
		event_free(e->turn);
	room_free(e->room);
	outlet_free(e->outlet);
	robots_cache_free(e->robots);
	recent_close(e->recent);
	fetcher_free(e->fetcher);
	dns_free(e->dns);
	gate_free(e->gate);
	guard_free(e->guard);
	wq_writer_close(e->writer);
	frontier_close(e->frontier);
	free(e);
}

/* ---- seeds ----------------------------------------------------------------------------- */

/* A seed whose URL was known: its interval may have become shorter, or it was
 * till now a page like any other. */
static void
engine_recall_seed(struct engine *e, const struct winnow_key *key,
    int64_t interval_ms)
{
	int64_t now = engine_now(e), at;
	struct frontier_memory m;

	if (interval_ms > 0)
		(void)frontier_recall(e->frontier, key, 1, now + interval_ms);
	else if (e->cfg->revisit_hubs &&
	    !frontier_memory_get(e->frontier, key, &m, &at))
		(void)frontier_recall(e->frontier, key, 1, now);
}

int
engine_add_seed(struct engine *e, const struct seed_line *line)
{
	struct frontier_seed s = { .url = line->url->href,
		.tags = line->tags,
		.charset = line->charset,
		.interval_ms = line->interval_ms,
		.max_depth = line->depth,
		.type = line->type,
		.priority = line->priority };
	struct winnow_url canon;
	struct winnow_key key;
	uint32_t n;
	int rc;

	if (winnow_url_canonical(line->url, &canon) != 0)
		return -1;
	key = winnow_url_key(&canon, frontier_seed(e->frontier));
	if ((n = frontier_seed_add(e->frontier, &key, &s)) == 0)
		return -1;
	engine_changed(e);
	rc = visits_add_seed(e->visits, n, s.url, &key, s.type, s.priority);
	if (rc == 0)
		engine_recall_seed(e, &key, s.interval_ms);
	return rc;
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
	outlet_flush(e->outlet);
	engine_changed(e);
}

void
engine_pause(struct engine *e, int on)
{
	e->paused = on;
	engine_changed(e);
}

void
engine_set_config(struct engine *e, const struct config *c)
{
	struct frontier_options fo;
	struct fetch_options to;
	struct wq_options qo;

	e->config = c;
	e->cfg = config_values(c);
	fo = frontier_settings(e);
	to = fetch_settings(e);
	qo = queue_settings(e);
	frontier_set_caps(e->frontier, &fo);
	fetcher_set_limits(e->fetcher, &to);
	wq_set_bounds(e->writer, &qo);
	room_again(e->room);
	visits_set_config(e->visits, c);
	engine_changed(e);
}

void
engine_stat(struct engine *e, struct engine_stat *s)
{
	memset(s, 0, sizeof *s);
	frontier_stat(e->frontier, &s->frontier);
	visits_stat(e->visits, &s->visit);
	outlet_stat(e->outlet, &s->outlet);
	pool_stat(e->pool, &s->pool);
	(void)wq_writer_stat(e->writer, &s->queue);
	s->started_ms = e->started_ms;
	s->now_ms = engine_now(e);
	s->paused = e->paused;
	s->deferred_ms = e->deferred_ms;
	(void)room_state(e->room, &s->room);
	s->max_bytes = e->cfg->queue_max_bytes;
	s->min_free = e->cfg->queue_min_free;
}

struct frontier *
engine_frontier(struct engine *e)
{
	return e->frontier;
}
