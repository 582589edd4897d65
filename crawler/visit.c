/* visit.c - see visit.h. What comes back from a page or a robots.txt is judged
 * in verdict.c; what a page links to goes through follow.c. */
#include "crawler/visit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "config/config.h"
#include "crawler/gather.h"
#include "crawler/log.h"
#include "crawler/visit_parts.h"

int64_t
visits_now(const struct visits *vs)
{
	struct timeval tv;

	event_base_gettimeofday_cached(vs->p.base, &tv);
	return (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

struct visits *
visits_new(const struct visit_parts *p)
{
	struct visits *vs = calloc(1, sizeof *vs);
	struct frontier_stat s;

	if (vs == NULL)
		return NULL;
	vs->p = *p;
	if ((vs->sites = sites_new(p->frontier)) == NULL) {
		free(vs);
		return NULL;
	}
	frontier_stat(p->frontier, &s);
	vs->resumed_ms = s.urls > 0 ? gate_clock() : 0;
	follow_init(vs);
	return vs;
}

void
visits_set_config(struct visits *vs, const struct config *c)
{
	struct visit *v;

	vs->p.config = c;
	follow_clear(vs); /* what seeds are bound to */
	follow_init(vs);
	/* The old one is about to be freed. */
	for (v = vs->list; v != NULL; v = v->next) {
		v->cfg = config_for(c, v->item->host);
		visit_aim(v, v->to.host);
	}
}

void
visits_set_recent(struct visits *vs, struct recent *recent)
{
	vs->p.recent = recent;
}

/* ---- the end ------------------------------------------------------------------ */

static void
visit_free(struct visit *v)
{
	struct visits *vs = v->visits;

	*v->prev = v->next;
	if (v->next != NULL)
		v->next->prev = v->prev;
	visit_hold_ends(v);
	vs->stat.running--;
	visit_set_state(v, V_ENDING);
	vs->stat.body_bytes -= (int64_t)v->body_len;
	visit_ask_end(v);
	wire_free(&v->head);
	wire_free(&v->kept);
	free(v->ask);
	free(v->body);
	free(v->etag);
	free(v->last_modified);
	spill_clear(&v->spill);
	free(v);
	vs->p.changed(vs->p.arg);
}

void
visit_host_done(struct visit *v, int64_t next_ms)
{
	if (v->slot_free)
		return;
	v->slot_free = 1;
	frontier_host_done(v->visits->p.frontier, v->item, next_ms);
}

void
visit_settle(struct visit *v, enum url_state state, int status,
    const char *reason)
{
	struct visits *vs = v->visits;

	gather_settled(v, state == URL_FAILED);
	state = revisit_settle(v, state);
	log_info("page settled url=%s state=%s status=%d reason=%s",
	    v->item->url, url_state_name(state), status,
	    reason != NULL ? reason : "-");
	visit_host_done(v, v->now_ms);
	visit_log_settled(v, state, status, reason);
	visit_settled(v, state);
	frontier_settle(vs->p.frontier, v->item, state, status, reason,
	    v->now_ms);
	v->item = NULL;
	visit_free(v);
}

void
visit_retry(struct visit *v, int status, const char *reason, int64_t at_ms)
{
	struct visits *vs = v->visits;

	vs->stat.retries++;
	log_info("page to be tried again url=%s status=%d reason=%s in_ms=%lld",
	    v->item->url, status, reason, (long long)(at_ms - v->now_ms));
	visit_log_retry(v, status, reason);
	visit_host_done(v, at_ms);
	frontier_retry(vs->p.frontier, v->item, status, reason, at_ms);
	v->item = NULL;
	visit_free(v);
}

void
visit_release(struct visit *v, int64_t next_ms)
{
	gather_released(v);
	visit_log_over(v, v->robots_phase ? "robots" : "released");
	visit_host_done(v, next_ms);
	frontier_release(v->visits->p.frontier, v->item);
	v->item = NULL;
	visit_free(v);
}

void
visit_defer(struct visit *v, int priority)
{
	frontier_defer(v->visits->p.frontier, v->item, priority);
	v->item = NULL;
	visit_free(v);
}

/* The article's line is in the outlet, which has the lease now (O3). */
void
visit_landed(struct visit *v)
{
	gather_landed(v);
	v->item = NULL;
	visit_free(v);
}

/* ---- the beginning -------------------------------------------------------------- */

int
visit_start(struct visits *vs, struct frontier_item *item, int64_t now_ms)
{
	struct visit *v = calloc(1, sizeof *v);
	int64_t wait_ms;

	if (v == NULL || (v->ask = strdup(item->url)) == NULL) {
		free(v);
		frontier_host_done(vs->p.frontier, item, now_ms + 1000);
		frontier_release(vs->p.frontier, item);
		return -1;
	}
	v->magic = VISIT_MAGIC;
	v->visits = vs;
	v->item = item;
	v->key = item->key;
	v->seed = item->seed;
	v->depth = item->depth;
	spill_init(&v->spill);
	v->now_ms = now_ms;
	v->cfg = config_for(vs->p.config, item->host);
	if ((v->next = vs->list) != NULL)
		v->next->prev = &v->next;
	v->prev = &vs->list;
	vs->list = v;
	vs->stat.running++;
	vs->stat.fetching++;
	visit_hold_begins(v);
	if (visit_unseeded(v) || visit_capped(v) || visit_out_of_turn(v))
		return 0;
	visit_aim(v, item->key.host);
	v->delay_ms = visit_host_delay(v);
	if ((wait_ms = visit_host_wait(v)) > 0)
		visit_give_way(v, wait_ms);
	else if (visit_robots(v)) {
		if (v->ask != NULL)
			visit_ask(v);
		else
			visit_release(v, now_ms + 1000);
	}
	return 0;
}

/* ---- stopping --------------------------------------------------------------------- */

static void
visit_cancel(struct visit *v)
{
	v->now_ms = visits_now(v->visits);
	visit_release(v,
	    v->state == V_FETCHING ? v->now_ms + v->delay_ms : v->now_ms);
}

void
visits_cancel(struct visits *vs)
{
	struct visit *v, *next;

	gather_cancel(vs);
	for (v = vs->list; v != NULL; v = next) {
		next = v->next;
		if (v->state < V_CLEANING)
			visit_cancel(v);
	}
}

void
visits_calm(struct visits *vs)
{
	struct visit *v, *next;

	gather_cancel(vs);
	for (v = vs->list; v != NULL; v = next) {
		next = v->next;
		if (v->state == V_RESOLVING || v->state == V_WAITING)
			visit_cancel(v);
	}
}

/* The workers are gone: those they had are released too. */
void
visits_free(struct visits *vs)
{
	struct visit *v;

	if (vs == NULL)
		return;
	visits_cancel(vs);
	gather_free(vs);
	while ((v = vs->list) != NULL) {
		v->now_ms = visits_now(vs);
		visit_release(v, v->now_ms);
	}
	follow_clear(vs);
	sites_free(vs->sites);
	free(vs);
}

void
visits_stat(const struct visits *vs, struct visit_stat *s)
{
	*s = vs->stat;
	for (int of = 0; of < OUTAGE_N; of++)
		s->outage_ms[of] =
		    outage_since(&vs->outage, (enum outage_of)of);
}

const struct visit_meters *
visits_meters(const struct visits *vs)
{
	return &vs->meters;
}
