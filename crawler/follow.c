/* follow.c - where to go from a page: its links.
 *
 * A link is a click of a reader's, one deeper than its page, with these
 * exceptions, which are no clicks:
 *
 *	frame		 of a page with nothing else: the page itself
 *	refresh		 of such a page: a redirect
 *	feed		 of the site, named by a page of it
 *	next, number	 on a list: more of the same list
 *
 * Further pages of a list are asked for as long as pages bring something new: on
 * the first crawl to the end, on a revisit to the first page that has nothing
 * new. They are not asked again by themselves (URL_NEXT), only when the page
 * before them has something new again.
 *
 * Invariants
 *  L1  Steps in a row that are no click and bring nothing are bounded: frames
 *      and refreshes by fetch.max_redirects, a list's pages by BARREN_MOST.
 *  L2  What nofollow stands on is not followed. */
#include <string.h>

#include "config/config.h"
#include "crawler/gather.h"
#include "crawler/follow_parts.h"

#define BARREN_MOST 5   /* pages of a list in a row without anything new */
#define REFRESH_LINKS 5 /* a page with more is no mere signpost */

/* Asked for its links alone, which are one deeper. */
static int
is_contents(int type)
{
	return !url_type_is_page(type) || url_type_is_next(type);
}

int
follow_step(struct visit *v, const struct step *s)
{
	struct visits *vs = v->visits;
	const struct winnow_link *l = s->link;
	struct frontier_link fl = {.key = l->key,
	    .url = l->url,
	    .via = v->item->key,
	    .seed = v->item->seed,
	    .depth = (uint16_t)s->depth,
	    .hops = (uint8_t)s->hops,
	    .type = (uint8_t)s->type,
	    .published = s->published};
	struct link_rank rank = {
	    .place = s->place, .depth = s->depth, .age_s = LINK_AGE_UNKNOWN};
	size_t slot;

	int focus = visit_focused(vs);

	if (frontier_known(vs->p.frontier, &l->key) &&
	    !(focus && visit_speaks(l)))
		return 0;
	if ((slot = follow_slot(vs, v->item->seed)) == SCOPE_SLOTS ||
	    follow_refusal(v, slot, l, s->depth, !url_type_is_page(s->type)) !=
		REASON_NONE)
		return -1;
	if (is_contents(s->type) && s->depth >= follow_depth(v, slot)) {
		visit_log_link(v, l->url, &l->key, s->depth, REASON_DEPTH,
		    "what it lists would be too deep");
		return -1;
	}
	rank.seed_priority = vs->scope[slot].priority;
	if (s->fresh > 0) /* WINNOW_NO_TIME is less */
		rank.age_s = s->fresh < v->now_ms / 1000
				 ? v->now_ms / 1000 - s->fresh
				 : 0;
	fl.priority = link_priority(&rank);
	if (focus)
		visit_rank(v, l, &rank, &fl);
	if (follow_add(v, &fl) != 1) {
		if (focus && visit_speaks(l))
			frontier_raise(
			    vs->p.frontier, &l->key, fl.priority, fl.own);
		return 0;
	}
	v->brought++;
	return 1;
}

/* Pages without an article whose frames and refreshes stand for them. */
static int
is_empty(const struct job_article *a)
{
	return a->line.len == 0;
}

static int
is_list(const struct visit *v, const struct job_article *a)
{
	return v->item->type == URL_LIST || url_type_is_next(v->item->type) ||
	       (is_empty(a) && a->page_type == WINNOW_LIST);
}

/* A feed of the site, not one of an article's comments. */
static int
is_site_feed(const struct visit *v, const struct job_article *a,
    const struct winnow_link *l)
{
	return (is_empty(a) || v->item->depth == 0) &&
	       strstr(l->url, "/comments/") == NULL;
}

static void
skip(struct visit *v, const struct winnow_link *l, enum reason reason,
    const char *detail)
{
	visit_log_link(
	    v, l->url, &l->key, v->item->depth + 1, reason, detail);
}

static void
follow_link(struct visit *v, const struct job_article *a, uint32_t links,
    const struct winnow_link *l)
{
	struct step s = {.link = l,
	    .place = l->place == WINNOW_IN_NAV ? LINK_NAV : LINK_CONTENT,
	    .depth = v->item->depth + 1,
	    .type = URL_PAGE,
	    .fresh = WINNOW_NO_TIME};

	if (l->flags & WINNOW_FEED) {
		if (!is_site_feed(v, a, l)) {
			skip(v, l, REASON_COMMENTS, "a feed of one page");
			return;
		}
		v->has_feed = 1;
		s.type = URL_FEED;
		s.place = LINK_FEED;
		s.depth = v->item->depth;
	} else if ((l->flags & WINNOW_REFRESH) && is_empty(a) &&
		   links <= REFRESH_LINKS) {
		follow_refresh(v, l);
		return;
	} else if ((l->flags & WINNOW_FRAME) && is_empty(a)) {
		if (v->item->hops >= v->cfg->fetch_max_redirects) {
			skip(v, l, REASON_REDIRECT, "too many frames in a row");
			return;
		}
		s.place = LINK_FRAME;
		s.depth = v->item->depth;
		s.hops = v->item->hops + 1;
	}
	follow_step(v, &s);
}

/* Another page of this list. */
static void
follow_next(struct visit *v, const struct winnow_link *l)
{
	struct step s = {.link = l,
	    .place = LINK_NEXT,
	    .depth = v->item->depth,
	    .hops = v->brought > 0 ? 0 : v->item->hops + 1,
	    .type = v->item->type == URL_LIST || v->item->type == URL_LIST_NEXT
			? URL_LIST_NEXT
			: URL_NEXT,
	    .fresh = WINNOW_NO_TIME};
	uint32_t brought = v->brought;

	if (follow_same(&l->key, &v->item->key))
		return;
	if (s.hops > BARREN_MOST) {
		skip(v, l, REASON_BARREN, NULL);
		return;
	}
	/* Without news the page behind this one has none either; a number that
	 * was not there before is news itself. */
	if (v->item->again && brought == 0 && (l->flags & WINNOW_NEXT))
		return;
	if (follow_step(v, &s) == 0 && v->item->again &&
	    (l->flags & WINNOW_NEXT))
		frontier_recall(v->visits->p.frontier, &l->key, 1, v->now_ms);
	v->brought = brought; /* a page of the list is nothing new on it */
}

void
follow_links(struct visit *v, struct job_article *a)
{
	static const unsigned more = WINNOW_NEXT | WINNOW_PAGER;
	struct job_article again = *a;
	uint32_t links = a->nlinks;
	int list = is_list(v, a), pages = 0;
	struct winnow_link l;

	while (job_next_link(a, &l) == 1) {
		if (a->nofollow || (l.flags & WINNOW_NOFOLLOW))
			skip(v, &l, REASON_NOFOLLOW, NULL);
		else if (list && (l.flags & more))
			pages = 1;
		else if (gather_has(v, &l.key))
			continue; /* asked for as a page of this article */
		else
			follow_link(v, a, links, &l);
	}
	/* Now it is known whether the page brought anything. */
	while (pages && job_next_link(&again, &l) == 1)
		if ((l.flags & more) && !(l.flags & WINNOW_NOFOLLOW))
			follow_next(v, &l);
}
