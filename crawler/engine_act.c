/* engine_act.c - what an administrator asks of a crawl that runs: that it
 * pauses, drains, flushes; that a host pauses or is forgotten.
 *
 * Each is a note (in the engine, or in the state where it has to outlive the
 * process) and a little of every turn until it is done; who asked looks how far
 * it is. */
#include "crawler/engine_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/debt.h"
#include "crawler/frontier_view.h"
#include "crawler/log.h"
#include "crawler/robots_cache.h"
#include "crawler/scope.h"

#define HOST_SEEDS 256 /* of a forgotten host, looked for at first */

/* ---- the whole crawl ---------------------------------------------------- */

void
engine_pause(struct engine *e, int on)
{
	if (on && !e->paused)
		frontier_set_paused(e->frontier, engine_now(e));
	else if (!on)
		frontier_set_paused(e->frontier, 0);
	e->paused = on;
	if (!on)
		e->draining = 0;
	engine_changed(e);
}

void
engine_drain(struct engine *e)
{
	engine_pause(e, 1);
	e->draining = 1;
}

void
engine_flush(struct engine *e)
{
	visits_let_go(e->visits, engine_now(e));
	e->flushing = 1;
	engine_changed(e);
}

/* What waited for its site comes first, from a worker perhaps. */
static void
flush_turn(struct engine *e, const struct visit_stat *s)
{
	if (!e->flushing || s->hurried > 0)
		return;
	e->flushing = 0;
	outlet_seal_soon(e->outlet);
	e->again = 1;
}

int
engine_draining(const struct engine *e)
{
	return e->draining;
}

int
engine_flushing(const struct engine *e)
{
	return e->flushing || outlet_sealing(e->outlet);
}

/* ---- a host ------------------------------------------------------------- */

int
engine_host_act(
    struct engine *e, enum engine_host act, uint64_t host, const char *name)
{
	struct frontier *f = e->frontier;

	engine_changed(e);
	switch (act) {
	case ENGINE_HOST_PAUSE:
		return frontier_host_pause(f, host, name, engine_now(e));
	case ENGINE_HOST_RESUME:
		return frontier_host_resume(f, host);
	case ENGINE_HOST_FORGET:
		break;
	}
	return frontier_host_forget(f, host, name);
}

int
engine_forgetting(const struct engine *e, uint64_t host)
{
	return frontier_host_forgetting(e->frontier, host);
}

void
engine_save_host(struct engine *e, uint64_t host)
{
	visits_save_host(e->visits, host);
}

/* Its domain has one host less (scope.domain_hosts). */
static void
uncount_host(struct engine *e, uint64_t host, const char *name)
{
	struct frontier_cap caps[FRONTIER_CAPS];
	struct debt_url d;
	char url[300];
	int i;

	snprintf(url, sizeof url, "http://%s/", name);
	debt_url_init(&d, url, host);
	debt_caps(config_for(e->config, name), &d, name, caps);
	for (i = 0; i < FRONTIER_CAPS; i++)
		if (caps[i].family != 0 && caps[i].of_hosts)
			frontier_family_add(e->frontier, 0, caps[i].family, -1);
}

/* Numbers of all its seeds, malloced; NULL: it has none, or no memory. */
static uint32_t *
host_seeds(struct engine *e, uint64_t host, int *n)
{
	struct frontier_view *v = frontier_view_here(e->frontier);
	uint32_t *seeds = NULL, *more;
	int room = HOST_SEEDS;

	*n = 0;
	while (v != NULL &&
	       (more = realloc(seeds, (size_t)room * sizeof *seeds)) != NULL) {
		seeds = more;
		if ((*n = view_host_seeds(v, host, seeds, room)) < room)
			break;
		room *= 4;
	}
	frontier_view_close(v);
	return seeds;
}

static void
reseed_one(struct engine *e, uint32_t n)
{
	struct winnow_url u, canon;
	struct winnow_key key;
	struct frontier_seed s;

	if (frontier_seed_get(e->frontier, n, &s) != 1 || s.removed ||
	    winnow_url_parse(&u, s.url, strlen(s.url), NULL, NULL) != 0 ||
	    winnow_url_canonical(&u, &canon) != 0)
		return;
	key = winnow_url_key(&canon, frontier_seed(e->frontier));
	(void)visits_add_seed(
	    e->visits, n, u.href, &key, s.type, s.priority);
}

/* Its seeds are new again. How many there are. */
static int
reseed(struct engine *e, uint64_t host)
{
	int n, i;
	uint32_t *seeds = host_seeds(e, host, &n);

	for (i = 0; i < n; i++)
		reseed_one(e, seeds[i]);
	free(seeds);
	return n;
}

/* In the transaction in which it goes. */
static void
forget_turn(struct engine *e)
{
	char name[FRONTIER_HOST_NAME];
	uint64_t host;
	int rc = frontier_forget_turn(e->frontier, &host, name);

	e->again |= rc == 1 || rc == 2;
	if (rc == 3) { /* lines of it wait for their commit, perhaps */
		visits_let_go_host(e->visits, host, engine_now(e));
		(void)outlet_flush(e->outlet);
	}
	if (rc != 2)
		return;
	visits_forget_host(e->visits, host);
	robots_cache_clear(e->robots);
	if (reseed(e, host) == 0) /* seeds are no host that was found */
		uncount_host(e, host, name);
	log_notice("host forgotten host=%s", name);
}

/* ---- turns -------------------------------------------------------------- */

void
engine_act_turn(struct engine *e)
{
	forget_turn(e);
	e->again |= frontier_restore_turn(e->frontier);
	if (e->draining)
		visits_calm(e->visits);
}

void
engine_act_end(struct engine *e)
{
	struct visit_stat s;

	visits_stat(e->visits, &s);
	flush_turn(e, &s);
	if (!e->draining || e->end != ENGINE_RUNNING || s.running > 0)
		return;
	e->draining = 0;
	engine_flush(e);
	log_notice("drained");
}
