/* visit_focus.c - a topic in the crawl: how soon a link is asked for, and what
 * its page was worth (focus.h).
 *
 * A link gets its priority as it is found. Until its turn has come its branches
 * may have sunk: then it goes back behind what is better now
 * (visit_out_of_turn), but for a page that an article waits for. Or they have risen: an article that was worth more than
 * was expected of it has what waits on its host looked at again, a bounded
 * number of addresses, a host not more often than every REVIEW_PAGES pages. */
#include "config/config.h"
#include "crawler/focus.h"
#include "crawler/follow_parts.h"
#include "crawler/gather.h"
#include "crawler/topic.h"

#define STEP 8 /* priorities: twice, or half, of what was expected */
#define REVIEW_ROWS 1000
#define REVIEW_PAGES 8
#define WORTH 0.5 /* a page on the topic */

static uint32_t
count_of(void *frontier, uint64_t host, uint64_t family)
{
	return frontier_family(frontier, host, family);
}

static int
is_known(const struct visits *vs)
{
	return vs->p.topic != NULL && topic_state(vs->p.topic) == TOPIC_KNOWN;
}

int
visit_focused(const struct visits *vs)
{
	return is_known(vs) && config_values(vs->p.config)->topic_focus;
}

/* With another topic other scores are usual. */
static void
see_topic(struct visits *vs)
{
	if (vs->usual_of == topic_number(vs->p.topic))
		return;
	vs->usual_of = topic_number(vs->p.topic);
	focus_usual_begin(&vs->usual_links, topic_neutral(vs->p.topic));
	vs->usual_articles = vs->usual_links;
}

/* The priority of an address, with what its branches have yielded by now. */
static int
rank_of(struct visits *vs, const char *url, uint64_t host,
    const struct winnow_key *via, int own, int most)
{
	struct focus_book book = {count_of, vs->p.frontier};
	struct focus_place p;

	focus_place_of(&p, url, host, via);
	return focus_priority(focus_expected(&book, &p, own, NULL), most);
}

/* No link comes before a seed of the usual priority. */
static int
most_of(struct visits *vs, uint32_t seed)
{
	size_t slot = follow_slot(vs, seed);

	return slot < SCOPE_SLOTS ? vs->scope[slot].priority - 1 : 0;
}

void
visit_rank(struct visit *v, const struct winnow_link *l,
    const struct link_rank *rank, struct frontier_link *fl)
{
	struct visits *vs = v->visits;

	see_topic(vs);
	focus_usual_add(&vs->usual_links, l->topic / 255.0);
	fl->own = (int8_t)focus_own(&vs->usual_links, l->topic / 255.0,
	    &vs->usual_articles, v->topic_score, link_points(rank));
	fl->priority = (int8_t)rank_of(vs, fl->url, fl->key.host, &fl->via,
	    fl->own, rank->seed_priority - 1);
}

int
visit_speaks(const struct winnow_link *l)
{
	return l->topic >= WORTH * 255;
}

int
visit_out_of_turn(struct visit *v)
{
	struct visits *vs = v->visits;
	struct frontier_item *it = v->item;
	int rank;

	if (!visit_focused(vs) || it->again || it->tries > 0 ||
	    it->via == NULL || gather_awaits(vs, &it->key))
		return 0;
	rank = rank_of(vs, it->url, it->key.host, &it->via_key, it->own,
	    most_of(vs, it->seed));
	if (rank > it->priority - STEP)
		return 0;
	visit_defer(v, rank);
	return 1;
}

/* ---- what a page was worth ---------------------------------------------- */

static int
review_rank(void *visit, const struct frontier_waiting *w)
{
	struct visit *v = visit;

	return rank_of(v->visits, w->url, v->item->key.host, &w->via, w->own,
	    most_of(v->visits, v->item->seed));
}

/* More than was expected: what waits beside it may be worth more, too. */
static void
look_beside(struct visit *v)
{
	struct frontier_item *it = v->item;
	struct visits *vs = v->visits;

	if (it->via == NULL ||
	    rank_of(vs, it->url, it->key.host, &it->via_key, it->own,
		most_of(vs, it->seed)) < it->priority + STEP)
		return;
	frontier_review(vs->p.frontier, it->key.host, REVIEW_ROWS, REVIEW_PAGES,
	    review_rank, v);
}

void
visit_scored(struct visit *v, const struct job_article *a)
{
	struct visits *vs = v->visits;
	struct frontier_item *it = v->item;
	struct focus_place p;
	double worth = 0;

	v->topic_score = a->topic_score;
	if (!is_known(vs))
		return;
	see_topic(vs);
	if (it->again || a->gone)
		return;
	/* A list is worth what it leads to. */
	if (a->line.len == 0 &&
	    (a->page_type == WINNOW_LIST || it->type != URL_PAGE))
		return;
	if (a->line.len > 0) {
		focus_usual_add(&vs->usual_articles, a->topic_score);
		worth = focus_worth(&vs->usual_articles, a->topic_score);
	}
	focus_place_of(&p, it->url, it->key.host, &it->via_key);
	focus_count(vs->p.frontier, &p, worth);
	vs->stat.on_topic += worth >= WORTH;
	if (worth >= WORTH && visit_focused(vs))
		look_beside(v);
}
