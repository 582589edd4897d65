/* follow_redirect.c - where a hop leads: a redirect, or a page that is meant as
 * one.
 *
 * Invariants
 *  R1  The target is a URL of its own, of the same depth, through scope,
 *      robots, politeness and the guard like any other; hops in a row are
 *      counted, and fetch.max_redirects ends them.
 *  R2  Only a seed may take its scope with it to another host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/follow_parts.h"
#include "crawler/log.h"

/* A seed whose address leads out of its scope has moved: the new address
 * becomes a seed with what was said of the old one, and the scope is the new
 * one's. It stands among the seeds of the state, so that the next run knows it
 * too. The seed's number; 0: the store cannot tell now. */
static uint32_t
seed_moves(struct visits *vs, size_t slot, const struct winnow_url *to,
    const struct winnow_key *key, const struct frontier_item *it)
{
	struct frontier_seed s = {.url = to->href,
	    .tags = vs->scope[slot].tags,
	    .charset = vs->scope[slot].charset,
	    .max_depth = vs->scope[slot].max_depth < 0
			     ? 0xffff
			     : (uint16_t)vs->scope[slot].max_depth,
	    .type = it->type,
	    .priority = it->priority};
	struct frontier_seed old;

	if (frontier_seed_get(vs->p.frontier, it->seed, &old) == 1)
		s.interval_ms = old.interval_ms;
	log_notice(
	    "seed has moved from=%s to=%s", vs->scope[slot].url, to->href);
	return frontier_seed_add(vs->p.frontier, key, &s);
}

/* The hop is a URL of its own, of the same depth: through scope, robots,
 * politeness and the guard like any other. */
static enum follow
redirect_add(struct visit *v, const struct winnow_url *to,
    const struct winnow_key *key, const char **why)
{
	static const struct winnow_key none;
	struct visits *vs = v->visits;
	struct frontier_item *it = v->item;
	size_t slot = follow_slot(vs, it->seed);
	struct winnow_link l = {.url = to->href, .key = *key};
	struct frontier_link fl = {.url = to->href,
	    .key = *key,
	    .via = it->via_key,
	    .requested = follow_same(&it->requested_key, &none)
			     ? it->key
			     : it->requested_key,
	    .seed = it->seed,
	    .depth = it->depth,
	    .hops = (uint8_t)(it->hops + 1),
	    .type = it->type,
	    .priority = it->priority,
	    .own = it->own,
	    .published = it->published};
	enum reason refusal;
	int is_seed, moved;

	*why = "seed unknown";
	if (slot == SCOPE_SLOTS)
		return FOLLOW_NOT;
	is_seed =
	    it->depth == 0 &&
	    (follow_same(&it->key, &vs->scope[slot].scope.key) ||
		follow_same(&it->requested_key, &vs->scope[slot].scope.key));
	refusal = follow_refusal(
	    v, slot, &l, it->depth, is_seed || !url_type_is_page(it->type));
	*why = reason_name(refusal);
	moved = is_seed && refusal == REASON_SCOPE;
	if (moved)
		fl.seed = seed_moves(vs, slot, to, key, it);
	if (*why != NULL && (!moved || fl.seed == 0))
		return FOLLOW_NOT;
	follow_add(v, &fl);
	return moved ? FOLLOW_MOVED : FOLLOW_ON;
}

enum follow
follow_redirect(
    struct visit *v, const char *location, const char **why, char **again)
{
	struct visits *vs = v->visits;
	struct frontier_item *it = v->item;
	struct winnow_url base, to;
	struct winnow_key key;

	*why = "too many redirects";
	if (it->hops >= v->cfg->fetch_max_redirects)
		return FOLLOW_NOT;
	*why = "target is not http";
	if (winnow_url_parse(&base, v->ask, strlen(v->ask), NULL, NULL) != 0 ||
	    winnow_url_parse(&to, location, strlen(location), &base, NULL) !=
		0 ||
	    follow_key(vs, &to, &key) != 0)
		return FOLLOW_NOT;
	*why = "redirects to itself";
	if (!follow_same(&key, &it->key))
		return redirect_add(v, &to, &key, why);
	/* A site with cookies may want to see its own first. */
	if ((strcmp(to.href, v->ask) == 0 &&
		v->cfg->fetch_cookies == CONFIG_FETCH_COOKIES_OFF) ||
	    (*again = strdup(to.href)) == NULL)
		return FOLLOW_NOT;
	return FOLLOW_AGAIN;
}

void
follow_refresh(struct visit *v, const struct winnow_link *l)
{
	struct winnow_url to;
	const char *why;

	if (v->item->hops >= v->cfg->fetch_max_redirects ||
	    follow_same(&l->key, &v->item->key) ||
	    winnow_url_parse(&to, l->url, l->url_len, NULL, NULL) != 0)
		return;
	v->moved |= redirect_add(v, &to, &l->key, &why) == FOLLOW_MOVED;
}
