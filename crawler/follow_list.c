/* follow_list.c - where to go from a sitemap or a feed, and where those may be.
 *
 * An entry is a link of the site's page of contents: one deeper than the list,
 * the freshest first. What the list says about a page that is known already is
 * news too: with a date of change later than our last visit it is asked again
 * now. A child of an index is a sitemap of the same depth; an index in an index
 * is refused, and so is one that names itself.
 *
 * Where a host is met for the first time through a page that is a seed, and its
 * robots.txt names no sitemap, the usual places are tried
 * (find.sitemap_places), and when the seed's page names no feed, those of
 * feeds: each a request, made once, and made last.
 *
 * Invariants
 *  L3  A list comes in parts, and of all of them at most WINNOW_FEED_ENTRIES
 *      entries are taken, whatever a worker says.
 *  L4  At most RECALLS_MOST known pages are asked again for one visit of a
 *      list: generators that stamp every page with the present cost no more. */
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "crawler/follow_parts.h"
#include "crawler/robots.h"

#define RECALLS_MOST 256
#define DAY_S (24 * 3600)

/* ---- entries ------------------------------------------------------------ */

/* A known one that has changed since it was asked. A day that is still to come
 * is no date. */
static void
entry_recall(struct visit *v, const struct job_entry *e)
{
	struct frontier *f = v->visits->p.frontier;
	struct frontier_memory m;
	int64_t at_ms, changed_ms;

	/* WINNOW_NO_TIME is less than 0. */
	if (e->updated < 0 || e->updated > v->now_ms / 1000 + DAY_S ||
	    v->recalls >= RECALLS_MOST)
		return;
	changed_ms = e->updated * 1000;
	/* Older than our last look at this list, and a day for clocks: seen
	 * then. Spares the question for nearly all of a long list. */
	if (v->item->again &&
	    changed_ms + DAY_S * 1000 < v->item->memory.asked_ms)
		return;
	if (frontier_memory_get(f, &e->link.key, &m, &at_ms) == 1 &&
	    m.asked_ms < changed_ms && (at_ms == 0 || at_ms > v->now_ms) &&
	    frontier_recall(f, &e->link.key, m.hub, v->now_ms) == 1)
		v->recalls++;
}

static void
follow_entry(struct visit *v, const struct job_entry *e)
{
	struct step s = {.link = &e->link,
	    .place = LINK_ENTRY,
	    .depth = v->item->depth + 1,
	    .type = URL_PAGE,
	    .fresh = e->fresh};

	if (e->is_sitemap) {
		if (v->item->type == URL_SUBMAP ||
		    follow_same(&e->link.key, &v->item->key))
			return;
		s.type = URL_SUBMAP;
		s.place = LINK_SITEMAP;
		s.depth = v->item->depth;
	} else if (e->published > 0 &&
		   e->published <= v->now_ms / 1000 + DAY_S)
		s.published = e->published;
	if (follow_step(v, &s) != 0)
		return;
	frontier_publish(v->visits->p.frontier, &e->link.key, s.published);
	entry_recall(v, e);
}

int
follow_list(struct visit *v, struct job_list *list)
{
	struct job_entry e;

	if (list->n > WINNOW_FEED_ENTRIES - v->entries)
		return -1;
	v->entries += list->n;
	while (job_list_next(list, &e) == 1)
		follow_entry(v, &e);
	return 0;
}

/* ---- places ------------------------------------------------------------- */

/* A list of the seed's own depth: its entries count as links of the seed. */
static int
follow_place(struct visit *v, const char *url, size_t len, int type,
    enum link_place place)
{
	struct winnow_url base, u;
	struct winnow_link l = {.url = u.href};
	struct step s = {
	    .link = &l, .place = place, .type = type, .fresh = WINNOW_NO_TIME};

	if (winnow_url_parse(
		&base, v->item->url, strlen(v->item->url), NULL, NULL) != 0 ||
	    winnow_url_parse(&u, url, len, &base, NULL) != 0 ||
	    follow_key(v->visits, &u, &l.key) != 0)
		return -1;
	l.url_len = u.len;
	return follow_step(v, &s);
}

/* What the seed is; -1: no such seed. */
static int
seed_type(const struct visit *v)
{
	size_t slot = follow_slot(v->visits, v->item->seed);

	return slot < SCOPE_SLOTS ? v->visits->scope[slot].type : -1;
}

/* A site was given, by a page of it, and this is that page or its like. A list
 * or a feed that was given says itself what is wanted. */
static int
is_site(const struct visit *v)
{
	struct visits *vs = v->visits;
	size_t slot = follow_slot(vs, v->item->seed);

	return seed_type(v) == URL_PAGE && v->item->depth == 0 &&
	       v->item->key.host == vs->scope[slot].scope.key.host;
}

static void
follow_guesses(struct visit *v, const char *const *paths, int type)
{
	for (; *paths != NULL; paths++)
		follow_place(v, *paths, strlen(*paths), type, LINK_GUESS);
}

struct named { /* while the lines of a robots.txt are read */
	struct visit *visit;
	int any;
};

static void
sitemap_named(void *arg, const char *url)
{
	struct named *n = arg;

	n->any = 1;
	follow_place(n->visit, url, strlen(url), URL_SITEMAP, LINK_SITEMAP);
}

void
follow_sitemaps(struct visit *v, const void *rules, size_t len)
{
	struct named n = {v, 0};

	if (!url_type_is_page(seed_type(v)))
		return; /* a feed or a sitemap says itself what is wanted */
	if (len > 0)
		robots_sitemaps(rules, len, v->item->url, sitemap_named, &n);
	if (!n.any && is_site(v))
		follow_guesses(v, v->cfg->find_sitemap_places, URL_SITEMAP);
}

void
follow_feeds(struct visit *v)
{
	if (!v->has_feed && is_site(v))
		follow_guesses(v, v->cfg->find_feed_places, URL_FEED);
}
