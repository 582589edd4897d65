/* follow_seed.c - what the links of a seed are bound to.
 *
 * Each link passes the cache of what is surely known first; only the rest costs
 * a look at its scope, and only what is in scope reaches the frontier. The
 * scopes of recent seeds are kept: a page's links are nearly always of one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/follow_parts.h"
#include "crawler/frontier_view.h"

void
follow_init(struct visits *vs)
{
	memset(vs->scope, 0, sizeof vs->scope);
}

void
follow_clear(struct visits *vs)
{
	size_t i;

	for (i = 0; i < SCOPE_SLOTS; i++)
		free(vs->scope[i].url);
}

static const struct config_values *
settings_of(const struct visits *vs, const char *url)
{
	char host[256];

	return scope_host(url, host, sizeof host) == 0
		   ? config_for(vs->p.config, host)
		   : config_values(vs->p.config);
}

/* Those of a link found by a visit. */
static const struct config_values *
settings_for(
    const struct visit *v, const struct winnow_key *key, const char *url)
{
	return key->host == v->item->key.host ? v->cfg
					      : settings_of(v->visits, url);
}

size_t
follow_slot(struct visits *vs, uint32_t n)
{
	size_t i = n % SCOPE_SLOTS;
	struct frontier_seed s;
	struct winnow_url u, canon;
	struct winnow_key key;

	if (vs->scope[i].seed == n && n != 0)
		return i;
	vs->scope[i].seed = 0;
	if (n == 0 || frontier_seed_get(vs->p.frontier, n, &s) != 1 ||
	    winnow_url_parse(&u, s.url, strlen(s.url), NULL, NULL) != 0 ||
	    winnow_url_canonical(&u, &canon) != 0)
		return SCOPE_SLOTS;
	key = winnow_url_key(&canon, frontier_seed(vs->p.frontier));
	free(vs->scope[i].url);
	vs->scope[i].url = strdup(s.url);
	if (vs->scope[i].url == NULL ||
	    scope_seed_init(&vs->scope[i].scope, u.href, &key,
		settings_of(vs, u.href)) != 0)
		return SCOPE_SLOTS;
	snprintf(vs->scope[i].tags, sizeof vs->scope[i].tags, "%s", s.tags);
	snprintf(
	    vs->scope[i].charset, sizeof vs->scope[i].charset, "%s", s.charset);
	vs->scope[i].max_depth = s.max_depth == 0xffff ? -1 : s.max_depth;
	vs->scope[i].priority = s.priority;
	vs->scope[i].type = s.type;
	vs->scope[i].seed = n;
	return i;
}

const char *
follow_seed(
    struct visits *vs, uint32_t n, const char **tags, const char **charset)
{
	size_t i = follow_slot(vs, n);

	*tags = i < SCOPE_SLOTS ? vs->scope[i].tags : "";
	*charset = i < SCOPE_SLOTS ? vs->scope[i].charset : "";
	return i < SCOPE_SLOTS ? vs->scope[i].url : NULL;
}

int
follow_depth(const struct visit *v, size_t slot)
{
	int own = v->visits->scope[slot].max_depth;

	return own >= 0 ? own : (int)v->cfg->scope_max_depth;
}

enum reason
follow_refusal(struct visit *v, size_t slot, const struct winnow_link *l,
    int depth, int is_list)
{
	const struct visits *vs = v->visits;
	struct scope_answer a;
	struct scope_question q = {.seed = &vs->scope[slot].scope,
	    .url = l->url,
	    .host = l->key.host,
	    .depth = depth,
	    .max_depth = vs->scope[slot].max_depth,
	    .is_list = is_list,
	    .now_ms = v->now_ms,
	    .in_words = logs_skip_on(vs->p.logs)};

	q.cfg = settings_for(v, &l->key, l->url);
	if (scope_judge(&q, &a))
		visit_log_link(v, l->url, &l->key, depth, a.reason, a.detail);
	return a.reason;
}

int
follow_add(struct visit *v, struct frontier_link *l)
{
	struct visits *vs = v->visits;
	char host[256], url[WINNOW_URL_MAX + 1];
	int rc;

	if (scope_host(l->url, host, sizeof host) != 0)
		return FRONTIER_EIO;
	l->host = host;
	if (winnow_url_untrack(l->url, url, sizeof url))
		l->url = url;
	rc = visit_link_add(v, l, settings_for(v, &l->key, l->url));
	vs->stat.links++;
	vs->stat.links_new += rc == 1;
	return rc;
}

int
follow_key(struct visits *vs, struct winnow_url *u, struct winnow_key *key)
{
	struct winnow_url canon;

	if (winnow_url_fetchable(u) != 0 ||
	    winnow_url_canonical(u, &canon) != 0)
		return -1;
	*key = winnow_url_key(&canon, frontier_seed(vs->p.frontier));
	return 0;
}

void
visits_seed_changed(struct visits *vs, uint32_t n)
{
	if (vs->scope[n % SCOPE_SLOTS].seed == n)
		vs->scope[n % SCOPE_SLOTS].seed = 0;
}

/* ---- seeds that were taken away ----------------------------------------- */

#define OTHERS 64 /* seeds of the host that are looked at */

static int
is_removed(struct visits *vs, uint32_t n)
{
	struct frontier_seed s;

	return n != 0 && frontier_seed_get(vs->p.frontier, n, &s) == 1 &&
	       s.removed;
}

/* Would that seed have led here? */
static int
takes(struct visit *v, uint32_t n)
{
	struct visits *vs = v->visits;
	size_t i = is_removed(vs, n) ? SCOPE_SLOTS : follow_slot(vs, n);
	struct scope_answer a;
	struct scope_question q = {.cfg = v->cfg,
	    .url = v->item->url,
	    .host = v->item->key.host,
	    .depth = v->item->depth,
	    .is_list = !url_type_is_page(v->item->type),
	    .now_ms = v->now_ms};

	if (i == SCOPE_SLOTS)
		return 0;
	q.seed = &vs->scope[i].scope;
	q.max_depth = vs->scope[i].max_depth;
	return !scope_judge(&q, &a);
}

int
visit_unseeded(struct visit *v)
{
	struct visits *vs = v->visits;
	struct frontier_view *view;
	uint32_t n[OTHERS];
	int i, others = 0;

	if (frontier_seeds_removed(vs->p.frontier) == 0 ||
	    !is_removed(vs, v->item->seed))
		return 0;
	if ((view = frontier_view_here(vs->p.frontier)) != NULL)
		others = view_host_seeds(view, v->item->key.host, n, OTHERS);
	frontier_view_close(view);
	for (i = 0; i < others; i++)
		if (takes(v, n[i])) {
			v->item->seed = n[i];
			return 0;
		}
	visit_settle(v, URL_DROPPED, 0, VISIT_SEED_REMOVED);
	return 1;
}

int
visits_add_seed(struct visits *vs, uint32_t seed, const char *url,
    const struct winnow_key *key, int type, int priority)
{
	char host[256];
	struct frontier_link fl = {.key = *key,
	    .url = url,
	    .host = host,
	    .seed = seed,
	    .type = (uint8_t)type,
	    .priority = (int8_t)priority};

	if (scope_host(url, host, sizeof host) != 0)
		return -1;
	return frontier_add(vs->p.frontier, &fl);
}
