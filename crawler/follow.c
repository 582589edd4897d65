/* follow.c - where to go from a page: its links, its redirect, the entries of a
 * list, the sitemaps of a robots.txt.
 *
 * Each link passes the cache of what is surely known first; only the rest costs
 * a look at its scope, and only what is in scope reaches the frontier. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/log.h"
#include "crawler/visit_parts.h"

#define PRIORITY_SITEMAP 5
#define PRIORITY_NEXT 1	    /* the next page of a list */
#define PRIORITY_CONTENT 0
#define PRIORITY_NAV (-1)

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

/* The slot of a seed, filled; SCOPE_SLOTS: no such seed. */
static size_t
seed_slot(struct visits *vs, uint32_t n)
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
	snprintf(vs->scope[i].charset, sizeof vs->scope[i].charset, "%s",
	    s.charset);
	vs->scope[i].max_depth = s.max_depth == 0xffff ? -1 : s.max_depth;
	vs->scope[i].seed = n;
	return i;
}

const char *
follow_seed(struct visits *vs, uint32_t n, const char **tags,
    const char **charset)
{
	size_t i = seed_slot(vs, n);

	*tags = i < SCOPE_SLOTS ? vs->scope[i].tags : "";
	*charset = i < SCOPE_SLOTS ? vs->scope[i].charset : "";
	return i < SCOPE_SLOTS ? vs->scope[i].url : NULL;
}

static void
add(struct visits *vs, struct frontier_link *l)
{
	char host[256], url[WINNOW_URL_MAX + 1];
	int rc;

	if (scope_host(l->url, host, sizeof host) != 0)
		return;
	l->host = host;
	if (winnow_url_untrack(l->url, url, sizeof url))
		l->url = url;
	rc = frontier_add(vs->p.frontier, l);
	vs->stat.links++;
	vs->stat.links_new += rc == 1;
}

static int8_t
link_priority(const struct winnow_link *l)
{
	if (l->flags & WINNOW_NEXT)
		return PRIORITY_NEXT;
	return l->place == WINNOW_IN_NAV ? PRIORITY_NAV : PRIORITY_CONTENT;
}

/* Why a link is not followed; NULL: it is. */
static const char *
refusal(const struct visit *v, size_t slot, const struct winnow_link *l,
    int depth, int is_list)
{
	const struct visits *vs = v->visits;
	struct scope_answer a;
	struct scope_question q = { .seed = &vs->scope[slot].scope,
		.url = l->url,
		.host = l->key.host,
		.depth = depth,
		.max_depth = vs->scope[slot].max_depth,
		.is_list = is_list,
		.now_ms = v->now_ms };

	q.cfg = l->key.host == v->item->key.host ? v->cfg
						 : settings_of(vs, l->url);
	return scope_judge(&q, &a) ? a.reason : NULL;
}

static void
follow_one(struct visit *v, const struct winnow_link *l, int depth, int type,
    int8_t priority)
{
	struct visits *vs = v->visits;
	size_t slot;
	struct frontier_link fl = { .key = l->key,
		.url = l->url,
		.via = v->item->key,
		.seed = v->item->seed,
		.depth = (uint16_t)depth,
		.type = (uint8_t)type,
		.priority = priority };

	if (frontier_known(vs->p.frontier, &l->key) ||
	    (slot = seed_slot(vs, v->item->seed)) == SCOPE_SLOTS ||
	    refusal(v, slot, l, depth, type != URL_PAGE) != NULL)
		return;
	add(vs, &fl);
}

void
follow_links(struct visit *v, struct job_article *a)
{
	struct winnow_link l;
	int depth = v->item->depth + 1;

	while (job_next_link(a, &l) == 1) {
		if (l.flags & WINNOW_NOFOLLOW)
			continue;
		follow_one(v, &l, depth,
		    l.flags & WINNOW_FEED ? URL_FEED : URL_PAGE,
		    link_priority(&l));
	}
}

void
follow_list(struct visit *v, struct job_list *list)
{
	struct winnow_link l;

	while (job_list_next(list, &l) == 1)
		follow_one(v, &l, v->item->depth + 1,
		    l.flags & WINNOW_FEED ? URL_SITEMAP : URL_PAGE,
		    PRIORITY_CONTENT);
}

static int
key_of(struct visits *vs, struct winnow_url *u, struct winnow_key *key)
{
	struct winnow_url canon;

	if (winnow_url_fetchable(u) != 0 || winnow_url_canonical(u, &canon) != 0)
		return -1;
	*key = winnow_url_key(&canon, frontier_seed(vs->p.frontier));
	return 0;
}

static int
key_is(const struct winnow_key *a, const struct winnow_key *b)
{
	return a->host == b->host && a->url == b->url;
}

void
follow_sitemap(void *arg, const char *url)
{
	struct visit *v = arg;
	struct winnow_url u;
	struct winnow_link l = { .url = u.href };

	if (winnow_url_parse(&u, url, strlen(url), NULL, NULL) != 0 ||
	    key_of(v->visits, &u, &l.key) != 0)
		return;
	/* Depth 0: its entries count as links of the seed. */
	follow_one(v, &l, 0, URL_SITEMAP, PRIORITY_SITEMAP);
}

/* A seed whose address leads out of its scope has moved: the new address becomes
 * a seed with what was said of the old one, and the scope is the new one's. It
 * stands among the seeds of the state, so that the next run knows it too.
 * The seed's number; 0: the store cannot tell now. */
static uint32_t
seed_moves(struct visits *vs, size_t slot, const struct winnow_url *to,
    const struct winnow_key *key, const struct frontier_item *it)
{
	struct frontier_seed s = { .url = to->href,
		.tags = vs->scope[slot].tags,
		.charset = vs->scope[slot].charset,
		.max_depth = vs->scope[slot].max_depth < 0
		    ? 0xffff
		    : (uint16_t)vs->scope[slot].max_depth,
		.type = it->type,
		.priority = it->priority };

	log_notice("seed has moved from=%s to=%s", vs->scope[slot].url,
	    to->href);
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
	size_t slot = seed_slot(vs, it->seed);
	struct winnow_link l = { .url = to->href, .key = *key };
	struct frontier_link fl = { .url = to->href,
		.key = *key,
		.via = it->via_key,
		.requested = key_is(&it->requested_key, &none)
		    ? it->key
		    : it->requested_key,
		.seed = it->seed,
		.depth = it->depth,
		.hops = (uint8_t)(it->hops + 1),
		.type = it->type,
		.priority = it->priority };
	int is_seed, moved;

	*why = "seed unknown";
	if (slot == SCOPE_SLOTS)
		return FOLLOW_NOT;
	is_seed = it->depth == 0 &&
	    (key_is(&it->key, &vs->scope[slot].scope.key) ||
		key_is(&it->requested_key, &vs->scope[slot].scope.key));
	*why = refusal(v, slot, &l, it->depth,
	    is_seed || it->type != URL_PAGE);
	moved = is_seed && *why != NULL && strcmp(*why, "scope") == 0;
	if (moved)
		fl.seed = seed_moves(vs, slot, to, key, it);
	if (*why != NULL && (!moved || fl.seed == 0))
		return FOLLOW_NOT;
	add(vs, &fl);
	return moved ? FOLLOW_MOVED : FOLLOW_ON;
}

enum follow
follow_redirect(struct visit *v, const char *location, const char **why,
    char **again)
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
	    winnow_url_parse(&to, location, strlen(location), &base, NULL) != 0 ||
	    key_of(vs, &to, &key) != 0)
		return FOLLOW_NOT;
	*why = "redirects to itself";
	if (!key_is(&key, &it->key))
		return redirect_add(v, &to, &key, why);
	/* A site with cookies may want to see its own first. */
	if ((strcmp(to.href, v->ask) == 0 &&
		v->cfg->fetch_cookies == CONFIG_FETCH_COOKIES_OFF) ||
	    (*again = strdup(to.href)) == NULL)
		return FOLLOW_NOT;
	return FOLLOW_AGAIN;
}

int
visits_add_seed(struct visits *vs, uint32_t seed, const char *url,
    const struct winnow_key *key, int type, int priority)
{
	char host[256];
	struct frontier_link fl = { .key = *key,
		.url = url,
		.host = host,
		.seed = seed,
		.type = (uint8_t)type,
		.priority = (int8_t)priority };

	if (scope_host(url, host, sizeof host) != 0)
		return -1;
	return frontier_add(vs->p.frontier, &fl);
}
