/* gather_end.c - see gather.h: what becomes of the pages of an article when
 * nobody is awaited any more. */
#include "crawler/gather_parts.h"

#include <stdlib.h>
#include <string.h>

#include "crawler/log.h"
#include "crawler/outlet.h"

/* A page goes through the cleaner once more and lands as if it had no others.
 */
static void
land_apart(struct visit *v)
{
	gather_let_go(v);
	v->gather = NULL;
	v->joining = 0;
	v->apart = 1;
	v->cleaned.len = 0; /* what was joined is no answer any more */
	v->now_ms = visits_now(v->visits);
	visit_clean_again(v);
}

static void
stays_due(struct visit *v)
{
	gather_let_go(v);
	v->gather = NULL;
	v->joining = 0;
	v->now_ms = visits_now(v->visits);
	visit_release(v, v->now_ms);
}

/* Takes the visits of the parts that are here; how many. */
static size_t
take_visits(struct gather *g, struct visit *v[WINNOW_PARTS_MAX])
{
	size_t i, n = 0;

	for (i = 0; i < g->n; i++)
		if (g->parts[i].state == PART_HERE &&
		    g->parts[i].visit != NULL) {
			v[n++] = g->parts[i].visit;
			g->parts[i].visit = NULL;
		}
	return n;
}

/* Does the same to the visit of each page; the gathering is no more. */
static void
each_visit(struct gather *g, void (*act)(struct visit *))
{
	struct visit *v[WINNOW_PARTS_MAX], *first = g->first;
	size_t i, n = take_visits(g, v);

	for (i = 0; i < n; i++)
		gather_let_go(v[i]);
	if (first != NULL) {
		gather_let_go(first);
		first->gather = NULL;
	}
	gather_drop(g);
	for (i = 0; i < n; i++)
		act(v[i]);
	if (first != NULL)
		act(first);
}

void
gather_scatter(struct gather *g)
{
	each_visit(g, land_apart);
}

void
gather_release(struct gather *g)
{
	/* A worker has the first: its answer is awaited, or nobody's. */
	if (g->first != NULL && g->joining) {
		g->first->gather = NULL;
		g->first = NULL;
	}
	each_visit(g, stays_due);
}

void
gather_failed(struct visit *first)
{
	log_warn(
	    "pages of an article cannot be joined url=%s", first->item->url);
	gather_scatter(first->gather);
}

/* ---- joining ------------------------------------------------------------ */

static int
by_number(const void *a, const void *b)
{
	const struct gather_part *p = a, *q = b;
	unsigned of_p = p->number > 0 ? p->number : UINT16_MAX;
	unsigned of_q = q->number > 0 ? q->number : UINT16_MAX;

	return of_p < of_q ? -1 : of_p > of_q;
}

static int
has_state(const struct gather *g, enum part_state state)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (g->parts[i].state == state)
			return 1;
	return 0;
}

void
gather_ready(struct gather *g)
{
	struct visit *first = g->first;

	if (g->joining || first == NULL || has_state(g, PART_ASKED))
		return;
	first->now_ms = visits_now(g->visits);
	gather_ask(g, first); /* what was not needed while a whole page was */
	if (has_state(g, PART_ASKED))
		return;
	if (!has_state(g, PART_HERE)) {
		gather_scatter(g);
		return;
	}
	qsort(g->parts, g->n, sizeof *g->parts, by_number);
	g->joining = 1;
	gather_let_go(first);
	first->gather = g;
	first->joining = 1;
	visit_clean_again(first);
}

/* The pages in order, behind each other. */
int
gather_job(struct visit *first, struct pool_job *j)
{
	struct gather *g = first->gather;
	size_t i;

	g->body.len = 0;
	g->body.err = 0;
	g->ngiven = 0;
	job_gather_add(&g->body, &first->head, first->body, first->body_len);
	for (i = 0; i < g->n && g->ngiven + 1 < WINNOW_PARTS_MAX; i++) {
		struct gather_part *p = &g->parts[i];

		if (p->state != PART_HERE)
			continue;
		job_gather_add(&g->body, &p->visit->head, p->visit->body,
		    p->visit->body_len);
		g->given[g->ngiven++] = (uint16_t)i;
	}
	j->body = g->body.b;
	j->body_len = g->body.len;
	return g->body.err ? -1 : 0;
}

/* What the worker left out lands by itself. 1: the page with all of the article
 * was none, and the others are to be asked for. */
static int
leave_out(struct gather *g, const struct job_article *a)
{
	struct visit *out[WINNOW_PARTS_MAX];
	size_t i, n = 0;
	int whole = 0;

	if (a->parts.nused != g->ngiven + 1)
		return 0;
	for (i = 0; i < g->ngiven; i++) {
		struct gather_part *p = &g->parts[g->given[i]];

		if (a->parts.used[i + 1] != WINNOW_PART_NONE ||
		    p->state != PART_HERE)
			continue;
		whole |= p->number == 0;
		p->state = PART_LOST;
		out[n++] = p->visit;
		p->visit = NULL;
	}
	for (i = 0; i < n; i++)
		land_apart(out[i]);
	return whole;
}

int
gather_joined(struct visit *first, const struct job_article *a)
{
	struct gather *g = first->gather;

	if (leave_out(g, a) && has_state(g, PART_NEW)) {
		g->joining = 0;
		first->joining = 0;
		gather_hold(g, first);
		gather_ready(g);
		return 1;
	}
	/* Half of it would take the place of the whole that is there. */
	if (g->failed && revisit_is_live(first)) {
		visit_same(first);
		return 1;
	}
	return 0;
}

/* ---- the end ------------------------------------------------------------ */

static void
part_end(struct visit *v, struct frontier_item *of)
{
	struct visits *vs = v->visits;
	struct outlet_with with = {.item = v->item, .status = v->status};

	v->now_ms = visits_now(vs);
	visit_log_settled(v, URL_NO_ARTICLE, v->status, "part");
	outlet_settle_with(vs->p.outlet, of, &with, v->now_ms);
	v->item = NULL;
	visit_landed(v);
}

/* Nobody has to ask for it: the text came otherwise. */
static void
part_spare(struct gather *g, const struct gather_part *p,
    const struct frontier_link *like, struct frontier_item *of, int64_t now_ms)
{
	struct outlet_with with = {.link = *like};

	with.link.key = p->key;
	with.link.url = p->url;
	outlet_settle_with(g->visits->p.outlet, of, &with, now_ms);
}

void
gather_close(struct gather *g, struct frontier_item *of)
{
	struct visit *v[WINNOW_PARTS_MAX], *first = g->first;
	size_t i, n = take_visits(g, v);
	char host[256];
	struct frontier_link like = {.via = first->key,
	    .host = host,
	    .seed = first->seed,
	    .depth = first->depth,
	    .type = URL_PAGE};

	gather_let_go(first);
	first->gather = NULL;
	for (i = 0; i < n; i++) {
		gather_let_go(v[i]);
		part_end(v[i], of);
	}
	for (i = 0; of != NULL && i < g->n; i++)
		if (g->parts[i].state == PART_NEW &&
		    scope_host(g->parts[i].url, host, sizeof host) == 0)
			part_spare(g, &g->parts[i], &like, of, first->now_ms);
	gather_drop(g);
}
