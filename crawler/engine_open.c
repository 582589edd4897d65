/* engine_open.c - the parts of an engine: opened in their order, handed new
 * settings, closed.
 *
 * State before queue: the position of the one is where the other goes on. What a
 * part is opened with stands in one function, which a reload asks again. */
#include "crawler/engine_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "config/config.h"
#include "crawler/articles.h"
#include "crawler/dns.h"
#include "crawler/failures.h"
#include "crawler/fetch.h"
#include "crawler/files.h"
#include "crawler/gate.h"
#include "crawler/log.h"
#include "crawler/logs.h"
#include "crawler/recent.h"
#include "crawler/robots_cache.h"
#include "crawler/topic.h"

/* What the parts are opened with; a reload hands over the same again. */
static struct frontier_options
frontier_settings(const struct engine *e)
{
	return (struct frontier_options) {
		.per_host = (uint32_t)e->cfg->politeness_per_host,
		.host_cap = (uint32_t)e->cfg->scope_host_cap,
		.transfers = (uint32_t)e->parallel,
		.revisit = !e->o.one_shot,
		.documents = (uint64_t)e->cfg->dedup_documents
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
	int rc = frontier_open(&e->frontier, e->state_dir, &fo,
	    e->started_ms, err, errlen);

	if (rc != 0)
		return rc == FRONTIER_ENOSPC ? 6 : 1;
	frontier_pos(e->frontier, &pos);
	qo.schema = schema = winnow_schema(NULL);
	rc = wq_writer_open(&e->writer, e->queue_dir, &qo, &pos,
	    e->started_ms, err, errlen);
	free(schema);
	if (rc == 0 && err[0] != '\0') {
		log_warn("the queue was mended what=%s", err);
		err[0] = '\0';
	}
	return rc == 0 ? 0 : rc == WQ_ENOSPC ? 6 : 1;
}

/* Looking back is a comfort: without it the crawl goes on. */
static void
engine_open_recent(struct engine *e)
{
	const struct config_values *c = e->cfg;

	if (c->keep_raw != CONFIG_KEEP_RAW_RECENT || c->keep_raw_bytes == 0) {
		recent_remove(e->state_dir);
		return;
	}
	e->recent = recent_open(e->state_dir, c->keep_raw_bytes);
	if (e->recent == NULL)
		log_warn("recent pages are not kept: cannot open their file "
			 "dir=%s error=%s",
		    e->state_dir, strerror(errno));
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

/* A copy: the configuration goes with a reload. */
static void
engine_name_crawl(struct engine *e)
{
	const char *name = e->cfg->crawl_name;

	snprintf(e->crawl, sizeof e->crawl, "%s",
	    name[0] != '\0' ? name : frontier_name(e->frontier));
}

static int
engine_open_parts(struct engine *e, char *err, size_t errlen)
{
	const struct config_values *c = e->cfg;
	int n = c->clean_workers > 0 ? (int)c->clean_workers
				     : (int)sysconf(_SC_NPROCESSORS_ONLN);
	struct visit_parts p;

	engine_name_crawl(e);
	if (pool_new(&e->pool, e->base, e->zygote, n > 0 ? n : 1,
		c->clean_time_limit, frontier_seed(e->frontier), err,
		errlen) != 0)
		return 1;
	pool_on_lost(e->pool, engine_lost, e);
	if ((e->topic = topic_new(e->pool, engine_changed, e)) == NULL)
		return 1;
	engine_open_recent(e);
	snprintf(err, errlen, "no memory");
	if ((e->gate = gate_new(e->base)) == NULL ||
	    (e->articles = articles_new()) == NULL ||
	    (e->failures = failures_new()) == NULL ||
	    (e->logs = logs_new(e->base)) == NULL ||
	    (e->robots = robots_cache_new(e->frontier)) == NULL ||
	    (e->outlet = outlet_new(e->frontier, e->pool, e->writer,
		 engine_changed, e)) == NULL ||
	    (e->room = room_new(e->frontier, e->writer, e->outlet, e->recent,
		 e->queue_dir)) == NULL)
		return 1;
	if (!e->o.one_shot)
		articles_load(e->articles, e->state_dir);
	outlet_on_kept(e->outlet, engine_kept, e);
	logs_set(e->logs, c);
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
		.failures = e->failures,
		.topic = e->topic,
		.logs = e->logs,
		.crawl = e->crawl,
		.state_dir = e->state_dir,
		.node = e->node,
		.changed = engine_changed,
		.article = engine_article,
		.arg = e };
	if ((e->visits = visits_new(&p)) == NULL ||
	    (e->turn = event_new(e->base, -1, 0, engine_turn_cb, e)) == NULL ||
	    (e->timer = evtimer_new(e->base, engine_turn_cb, e)) == NULL)
		return 1;
	/* A crawl in the foreground is asked for now. */
	e->paused = !e->o.one_shot && frontier_paused(e->frontier) != 0;
	return engine_sample_start(e) != 0;
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
		log_warn("the limit of open files does not allow as many "
			 "transfers as fetch.parallel: raise it (LimitNOFILE=, "
			 "ulimit -n) parallel=%lld allowed=%lld",
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
	if (e == NULL || (e->queue_dir = strdup(o->queue_dir)) == NULL ||
	    (e->state_dir = strdup(o->state_dir)) == NULL) {
		engine_free(e);
		snprintf(err, errlen, "no memory");
		return 1;
	}
	e->magic = ENGINE_MAGIC;
	e->base = base;
	e->config = config;
	e->cfg = config_values(config);
	e->zygote = zygote;
	e->o = *o;
	e->o.queue_dir = e->o.state_dir = NULL; /* the caller's */
	e->deferred_ms = -1;
	e->started_ms = engine_now(e);
	engine_begin_age(e);
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

/* Where nobody looks at them, or the disk has no room, they go. */
static void
engine_keep_articles(const struct engine *e)
{
	struct room_state room;

	if (e->over && !e->o.one_shot && !room_state(e->room, &room))
		articles_save(e->articles, e->state_dir);
}

/* Workers first: then no answer comes to a visit that is gone. */
void
engine_free(struct engine *e)
{
	if (e == NULL)
		return;
	if (e->timer != NULL)
		event_free(e->timer);
	engine_keep_articles(e);
	engine_sample_stop(e);
	pool_free(e->pool);
	topic_free(e->topic);
	engine_explain_clear(e);
	visits_free(e->visits);
	if (e->turn != NULL)
		event_free(e->turn);
	room_free(e->room);
	outlet_free(e->outlet);
	robots_cache_free(e->robots);
	recent_close(e->recent);
	articles_free(e->articles);
	failures_free(e->failures);
	logs_free(e->logs);
	fetcher_free(e->fetcher);
	dns_free(e->dns);
	gate_free(e->gate);
	guard_free(e->guard);
	wq_writer_close(e->writer);
	frontier_close(e->frontier);
	free(e->queue_dir);
	free(e->state_dir);
	free(e);
}

/* ---- a reload ----------------------------------------------------------- */

/* What lies in a file that goes is gone; a page that is being cleaned goes where
 * pages go now, or nowhere. */
static void
engine_set_recent(struct engine *e, const struct config_values *old)
{
	if (old->keep_raw == e->cfg->keep_raw &&
	    old->keep_raw_bytes == e->cfg->keep_raw_bytes)
		return;
	recent_close(e->recent);
	e->recent = NULL;
	engine_open_recent(e);
	room_set_recent(e->room, e->recent);
	visits_set_recent(e->visits, e->recent);
}

static void
engine_set_net(struct engine *e)
{
	struct fetch_options to = fetch_settings(e);
	char err[256];

	fetcher_set_limits(e->fetcher, &to);
	if (fetcher_set_words(e->fetcher, &to) != 0)
		log_error("no memory for another fetch.user_agent: the old one "
			  "stays");
	if (guard_set(e->guard, e->cfg->fetch_allow_net, err, sizeof err) != 0)
		log_error("fetch.allow_net stays as it was error=%s", err);
}

void
engine_set_config(struct engine *e, const struct config *c)
{
	const struct config_values *old = e->cfg;
	struct frontier_options fo;
	struct wq_options qo;

	e->config = c;
	e->cfg = config_values(c);
	fo = frontier_settings(e);
	qo = queue_settings(e);
	frontier_set_caps(e->frontier, &fo);
	engine_set_net(e);
	pool_set_limit(e->pool, e->cfg->clean_time_limit);
	engine_name_crawl(e);
	engine_set_recent(e, old);
	wq_set_bounds(e->writer, &qo);
	room_again(e->room);
	logs_set(e->logs, e->cfg);
	visits_set_config(e->visits, c);
	topic_set(e->topic, e->cfg);
	engine_set_focus(e);
	engine_changed(e);
}

void
engine_reopen_logs(struct engine *e)
{
	logs_reopen(e->logs);
}
