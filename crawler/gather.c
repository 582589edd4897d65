/* gather.c - see gather.h: who waits for whom. What becomes of the pages in the
 * end is in gather_end.c. */
#include "crawler/gather_parts.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "config/config.h"
#include "crawler/log.h"

#define HELD_BYTES (64 << 20)
#define HELD_MOST 2000 /* pages: each that is read is looked for among all */
#define WAIT_MS (30 * 60 * 1000LL)
#define STALL_MS (120 * 1000LL) /* a wait that ends a crawl (engine.c) */
#define TICK_S 2
#define BARREN_MOST 2 /* pages without a text, before a row is none */

static void tick_cb(evutil_socket_t, short, void *);

/* ---- gatherings --------------------------------------------------------- */

static struct gathers *
gathers_of(struct visits *vs)
{
	struct gathers *gs = vs->gathers;

	if (gs != NULL)
		return gs;
	if ((gs = calloc(1, sizeof *gs)) == NULL)
		return NULL;
	gs->tick = evtimer_new(vs->p.base, tick_cb, vs);
	if (gs->tick == NULL) {
		free(gs);
		return NULL;
	}
	gs->last = &gs->list;
	return vs->gathers = gs;
}

static struct gather *
gather_new(struct visits *vs, const struct winnow_key *first)
{
	static const struct timeval tick = {.tv_sec = TICK_S};
	struct gathers *gs = gathers_of(vs);
	struct gather *g = gs != NULL ? calloc(1, sizeof *g) : NULL;

	if (g == NULL)
		return NULL;
	g->visits = vs;
	g->key = *first;
	g->prev = gs->last;
	*gs->last = g;
	gs->last = &g->next;
	if (!evtimer_pending(gs->tick, NULL))
		evtimer_add(gs->tick, &tick);
	return g;
}

void
gather_drop(struct gather *g)
{
	struct gathers *gs = g->visits->gathers;
	size_t i;

	*g->prev = g->next;
	if (g->next != NULL)
		g->next->prev = g->prev;
	else
		gs->last = g->prev;
	for (i = 0; i < g->n; i++) {
		gs->bytes -= strlen(g->parts[i].url);
		free(g->parts[i].url);
	}
	wire_free(&g->body);
	free(g->parts);
	free(g);
}

static int
same_key(const struct winnow_key *a, const struct winnow_key *b)
{
	return a->host == b->host && a->url == b->url;
}

static struct gather *
gather_of(struct visits *vs, const struct winnow_key *first)
{
	struct gather *g = vs->gathers != NULL ? vs->gathers->list : NULL;

	while (g != NULL && !same_key(&g->key, first))
		g = g->next;
	return g;
}

static struct gather_part *
part_of(struct gather *g, const struct winnow_key *key)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (same_key(&g->parts[i].key, key))
			return &g->parts[i];
	return NULL;
}

/* The gathering that waits for this page, as one of its parts. */
static struct gather *
awaited(
    struct visits *vs, const struct winnow_key *key, struct gather_part **part)
{
	struct gather *g = vs->gathers != NULL ? vs->gathers->list : NULL;

	for (; g != NULL; g = g->next)
		if ((*part = part_of(g, key)) != NULL &&
		    (*part)->state != PART_HERE && (*part)->state != PART_LOST)
			return g;
	return NULL;
}

int
gather_awaits(struct visits *vs, const struct winnow_key *key)
{
	struct gather_part *p;
	struct gather *g;

	return awaited(vs, key, &p) != NULL ||
	       ((g = gather_of(vs, key)) != NULL && g->first == NULL);
}

int
gather_has(const struct visit *v, const struct winnow_key *key)
{
	return v->gather != NULL && part_of(v->gather, key) != NULL;
}

size_t
gather_waiting(const struct visits *vs)
{
	return vs->gathers != NULL ? vs->gathers->held : 0;
}

/* ---- who waits ---------------------------------------------------------- */

/* Its body no longer counts among those that wait for a worker. */
void
gather_hold(struct gather *g, struct visit *v)
{
	struct gathers *gs = g->visits->gathers;

	v->gather = g;
	v->gathered = 1;
	v->visits->stat.hurried -= v->hurried; /* nobody waits for it to land */
	v->hurried = 0;
	v->visits->stat.body_bytes -= (int64_t)v->body_len;
	gs->bytes += v->body_len;
	gs->held++;
	/* Nobody waits for it to show more of its site (visit_hold.c). */
	if (v->site != NULL)
		v->site->visits--;
	g->moved_ms = v->now_ms;
	visit_set_state(v, V_GATHERED);
	v->visits->p.changed(v->visits->p.arg);
}

void
gather_let_go(struct visit *v)
{
	struct gathers *gs = v->visits->gathers;

	if (!v->gathered)
		return;
	v->gathered = 0;
	v->gather = NULL;
	v->visits->stat.body_bytes += (int64_t)v->body_len;
	gs->bytes -= v->body_len;
	gs->held--;
	if (v->site != NULL)
		v->site->visits++;
}

/* One of those that are joined is the first. */
static struct gather_part *
part_add(struct gather *g, const struct winnow_part *p)
{
	struct gather_part *v = g->parts;

	if (g->n == WINNOW_PARTS_MAX - 1)
		return NULL;
	if (g->n == g->cap) {
		size_t cap = g->cap > 0 ? 2 * g->cap : 8;

		if ((v = realloc(v, cap * sizeof *v)) == NULL)
			return NULL;
		g->parts = v;
		g->cap = cap;
	}
	v += g->n;
	*v = (struct gather_part){
	    .key = p->key, .number = p->number, .url = strdup(p->url)};
	if (v->url == NULL)
		return NULL;
	g->visits->gathers->bytes += strlen(v->url);
	g->n++;
	return v;
}

/* ---- asking ------------------------------------------------------------- */

/* A visit of it is under way, and will end (a lease in a block will not). */
static int
is_visited(const struct visits *vs, const struct winnow_key *key)
{
	const struct visit *v;

	for (v = vs->list; v != NULL; v = v->next)
		if (same_key(&v->key, key))
			return !v->gathered;
	return 0;
}

/* 1: the page is to be asked for now, or is. 0: it will not come. It is in scope
 * as the page v is, but a click away, should it be another article. */
static int
ask_for(struct visit *v, const char *url, const struct winnow_key *key)
{
	struct frontier *f = v->visits->p.frontier;
	struct winnow_link l = {.url = url,
	    .anchor = "",
	    .key = *key,
	    .url_len = (uint16_t)strlen(url)};
	struct frontier_link fl = {.key = *key,
	    .url = url,
	    .via = v->item->key,
	    .seed = v->item->seed,
	    .depth = (uint16_t)(v->item->depth + 1),
	    .type = URL_PAGE,
	    .priority = GATHER_PRIORITY};
	size_t slot = follow_slot(v->visits, v->item->seed);

	switch (frontier_coming(f, key)) {
	case FRONTIER_DUE:
		frontier_hasten(f, key, GATHER_PRIORITY);
		return 1;
	case FRONTIER_OUT:
		return is_visited(v->visits, key);
	}
	if (slot == SCOPE_SLOTS ||
	    follow_refusal(v, slot, &l, v->item->depth, 0) != REASON_NONE)
		return 0;
	return follow_add(v, &fl) == 1 || frontier_recall(f, key, 0, v->now_ms);
}

static int
lowest_new(const struct gather *g)
{
	size_t i;
	int low = -1;

	for (i = 0; i < g->n; i++)
		if (g->parts[i].state == PART_NEW && g->parts[i].number > 1 &&
		    (low < 0 || g->parts[i].number < g->parts[low].number))
			low = (int)i;
	return low;
}

static int
is_asked(const struct gather *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (g->parts[i].state == PART_ASKED)
			return 1;
	return 0;
}

static void
ask_part(struct gather_part *p, struct visit *v)
{
	p->state = ask_for(v, p->url, &p->key) ? PART_ASKED : PART_LOST;
}

/* The page with all of it, when there is one; 1: it is asked for, or here. */
static int
ask_whole(struct gather *g, struct visit *v)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		struct gather_part *p = &g->parts[i];

		if (p->number != 0)
			continue;
		if (p->state == PART_NEW)
			ask_part(p, v);
		if (p->state != PART_LOST)
			return 1;
	}
	return 0;
}

/* Else one further page, and when that is one indeed, all others: a list below
 * an article, or readers' comments, may have a row of a hundred pages. */
void
gather_ask(struct gather *g, struct visit *v)
{
	int low;

	if (ask_whole(g, v))
		return;
	while (g->proved && (low = lowest_new(g)) >= 0)
		ask_part(&g->parts[low], v);
	while (!is_asked(g) && (low = lowest_new(g)) >= 0)
		ask_part(&g->parts[low], v);
}

/* A further page has come. When it says what the first does, or page after page
 * says nothing, the row is none of this article: what it leads to is asked for like any link. */
static void
prove(struct gather *g, const struct job_article *a)
{
	int low;

	if (a->line.len > 0 && a->text_hash != g->text) {
		g->proved = 1;
		return;
	}
	if (a->line.len == 0 && g->barren++ < BARREN_MOST)
		return;
	while (!g->proved && g->first != NULL && (low = lowest_new(g)) >= 0) {
		(void)ask_for(g->first, g->parts[low].url, &g->parts[low].key);
		g->parts[low].state = PART_LOST;
	}
}

/* ---- what a page tells -------------------------------------------------- */

/* G5: a page too many is only known of. The first page may have another address
 * as well, with its number. */
static void
learn(struct gather *g, const struct visit *v, const struct job_article *a)
{
	struct job_parts_told t = a->parts;
	struct gather_part *known;
	struct winnow_part p;

	while (job_next_part(&t, &p) == 1) {
		if (p.key.host != g->key.host || same_key(&p.key, &g->key) || part_of(g, &p.key) != NULL ||
		    (known = part_add(g, &p)) == NULL)
			continue;
		if (p.number > v->cfg->fetch_max_parts)
			known->state = PART_LOST;
	}
}

/* Where the first page is. */
static int
first_of(const struct job_article *a, struct winnow_part *first)
{
	struct job_parts_told t = a->parts;

	while (job_next_part(&t, first) == 1)
		if (first->number == 1)
			return 1;
	return 0;
}

static int
take_first(struct visit *v, const struct job_article *a)
{
	struct gather *g = gather_of(v->visits, &v->item->key);
	size_t i;

	if (g == NULL)
		g = gather_new(v->visits, &v->item->key);
	if (g == NULL || g->first != NULL)
		return 0;
	g->text = a->text_hash;
	learn(g, v, a);
	v->gather = g; /* its links are told from those of the article */
	gather_ask(g, v);
	for (i = 0; i < g->n; i++)
		if (g->parts[i].state == PART_ASKED ||
		    g->parts[i].state == PART_HERE)
			break;
	if (i == g->n) { /* none can be had */
		v->gather = NULL;
		gather_drop(g);
		return 0;
	}
	g->first = v;
	gather_hold(g, v);
	return 1;
}

/* Its raw page goes with whatever block comes next. */
static void
keep_raw(struct visit *v, const struct job_article *a)
{
	if (a->raw_len > 0)
		outlet_keep(v->visits->p.outlet, a->raw, a->raw_len);
}

/* A part before its first page: it waits when that one comes. */
static int
take_part(struct visit *v, const struct job_article *a)
{
	struct winnow_part first, own = {.key = v->item->key,
				      .url = v->item->url,
				      .number = (uint16_t)a->parts.part};
	struct gather_part *p;
	struct gather *g;

	if (!first_of(a, &first) || first.key.host != v->item->key.host ||
	    a->parts.part > v->cfg->fetch_max_parts)
		return 0;
	if ((g = gather_of(v->visits, &first.key)) == NULL) {
		if (!ask_for(v, first.url, &first.key) ||
		    (g = gather_new(v->visits, &first.key)) == NULL)
			return 0;
	}
	if ((p = part_add(g, &own)) == NULL)
		return 0;
	keep_raw(v, a);
	p->state = PART_HERE;
	p->visit = v;
	g->proved = 1;
	gather_hold(g, v);
	return 1;
}

int
gather_take(struct visit *v, const struct job_article *a)
{
	struct visits *vs = v->visits;
	struct gather_part *p;
	struct gather *g;
	int further;

	if (v->apart || a->gone || v->cfg->fetch_max_parts < 2 || a->noindex)
		return 0;
	if ((g = awaited(vs, &v->key, &p)) != NULL) {
		keep_raw(v, a);
		p->state = PART_HERE;
		p->visit = v;
		gather_hold(g, v);
		further = p->number > 1;
		learn(g, v, a); /* p moves */
		if (further)
			prove(g, a);
		if (g->first != NULL)
			gather_ask(g, g->first);
		return 1;
	}
	if (a->line.len == 0 || a->parts.part == 0 || a->parts.n == 0 ||
	    v->item->type != URL_PAGE)
		return 0;
	return a->parts.part == 1 ? take_first(v, a) : take_part(v, a);
}

/* ---- the end of waiting ------------------------------------------------- */

/* G4: the pages that have not come are given up. */
static void
give_up(struct gather *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (g->parts[i].state <= PART_ASKED) {
			g->parts[i].state = PART_LOST;
			g->failed = 1;
		}
	log_info("pages of an article are given up url=%s",
	    g->first != NULL ? g->first->item->url : "-");
	if (g->first != NULL)
		gather_ready(g);
	else
		gather_scatter(g);
}

/* The whole crawl waits, for hosts that will not be asked for long. */
static int
is_stalled(const struct visits *vs, int64_t now)
{
	int64_t wake = frontier_wake(vs->p.frontier);

	return !frontier_revisits(vs->p.frontier) &&
	       (size_t)vs->stat.running == vs->gathers->held &&
	       wake > now + STALL_MS;
}

static int
is_over(const struct gather *g, int64_t now)
{
	struct frontier *f = g->visits->p.frontier;

	if (g->joining)
		return 0;
	return is_stalled(g->visits, now) ||
	       (now - g->moved_ms > WAIT_MS && frontier_paused(f) == 0 &&
		   frontier_host_paused(f, g->key.host) == 0);
}

static void
tick(struct visits *vs)
{
	static const struct timeval again = {.tv_sec = TICK_S};
	int64_t now = visits_now(vs);
	struct gather *g, *next;

	for (g = vs->gathers->list; g != NULL; g = next) {
		next = g->next;
		if (!g->joining &&
		    frontier_host_forgetting(vs->p.frontier, g->key.host))
			gather_release(g);
		else if (is_over(g, now))
			give_up(g);
	}
	if (vs->gathers->list != NULL)
		evtimer_add(vs->gathers->tick, &again);
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	tick(arg);
}

void
gather_go(struct visit *v)
{
	struct gathers *gs = v->visits->gathers;
	struct gather *g = v->gather;

	if (g->first != NULL)
		gather_ready(g); /* which may be the end of it */
	if (gs->bytes <= HELD_BYTES && gs->held <= HELD_MOST)
		return;
	for (g = gs->list; g != NULL && g->joining;)
		g = g->next;
	if (g != NULL)
		give_up(g);
}

/* ---- visits that end ---------------------------------------------------- */

void
gather_settled(struct visit *v, int failed)
{
	struct gather *g;
	struct gather_part *p;

	if (v->visits->gathers == NULL)
		return;
	if (v->gather != NULL && v->gather->first == v) {
		gather_close(v->gather, NULL);
	} else if ((g = awaited(v->visits, &v->key, &p)) != NULL) {
		p->state = PART_LOST;
		g->failed |= failed;
		if (g->first != NULL)
			gather_ready(g);
	} else if ((g = gather_of(v->visits, &v->key)) != NULL &&
		   g->first == NULL) {
		gather_scatter(g); /* the first page gave nothing */
	}
}

void
gather_landed(struct visit *v)
{
	if (v->gather != NULL && v->gather->first == v) {
		v->visits->stat.joined++;
		gather_close(v->gather, v->item);
	} else
		gather_settled(v, 0);
}

void
gather_released(struct visit *v)
{
	struct gather *g = v->gather;
	size_t i;

	if (g == NULL)
		return;
	if (g->first == v) {
		g->first = NULL;
		gather_let_go(v);
		v->gather = NULL;
		gather_release(g);
		return;
	}
	for (i = 0; i < g->n; i++)
		if (g->parts[i].visit == v) {
			g->parts[i].visit = NULL;
			g->parts[i].state = PART_ASKED;
		}
	gather_let_go(v);
}

void
gather_cancel(struct visits *vs)
{
	struct gather *g, *next;

	for (g = vs->gathers != NULL ? vs->gathers->list : NULL; g != NULL;
	     g = next) {
		next = g->next;
		if (!g->joining)
			gather_release(g);
	}
}

void
gather_free(struct visits *vs)
{
	struct gather *g;

	if (vs->gathers == NULL)
		return;
	while ((g = vs->gathers->list) != NULL)
		gather_release(g);
	event_free(vs->gathers->tick);
	free(vs->gathers);
	vs->gathers = NULL;
}
