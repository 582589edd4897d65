/* rates.c - see rates.h. */
#include "crawler/rates.h"

#include <stdlib.h>

/* One more than are shown: a point is what came between two. */
struct near_ring {
	size_t first, n;
	struct rates_sample of[RATES_NEAR + 1];
};
struct far_ring {
	size_t first, n;
	struct rates_sample of[RATES_FAR + 1];
};

struct rates {
	struct near_ring near;
	struct far_ring far;
};

/* Both rings look the same from here. */
struct ring {
	size_t *first, *n, room;
	struct rates_sample *of;
	int64_t step_ms;
};

static struct ring
ring_of(const struct rates *r, int far)
{
	struct rates *m = (struct rates *)r;

	return far ? (struct ring){&m->far.first, &m->far.n, RATES_FAR + 1,
			 m->far.of, RATES_FAR_MS}
		   : (struct ring){&m->near.first, &m->near.n, RATES_NEAR + 1,
			 m->near.of, RATES_NEAR_MS};
}

/* The i-th from the oldest. */
static struct rates_sample *
ring_at(const struct ring *g, size_t i)
{
	return &g->of[(*g->first + i) % g->room];
}

struct rates *
rates_new(void)
{
	return calloc(1, sizeof(struct rates));
}

void
rates_free(struct rates *r)
{
	free(r);
}

/* Timers come a little early or late (A1). */
static void
ring_add(const struct ring *g, const struct rates_sample *s)
{
	if (*g->n > 0 &&
	    s->ms - ring_at(g, *g->n - 1)->ms < g->step_ms - RATES_NEAR_MS / 2)
		return;
	if (*g->n == g->room)
		*g->first = (*g->first + 1) % g->room;
	else
		++*g->n;
	*ring_at(g, *g->n - 1) = *s;
}

void
rates_add(struct rates *r, const struct rates_sample *s)
{
	struct ring g;
	int far;

	for (far = 0; far < 2; far++) {
		g = ring_of(r, far);
		ring_add(&g, s);
	}
}

/* The newest sample that is at least as old as at, else the oldest; by halves.
 * There is one. */
static const struct rates_sample *
ring_before(const struct ring *g, int64_t at)
{
	size_t low = 0, high = *g->n - 1, mid;

	while (low < high) {
		mid = (low + high + 1) / 2;
		if (ring_at(g, mid)->ms <= at)
			low = mid;
		else
			high = mid - 1;
	}
	return ring_at(g, low);
}

int64_t
rates_over(const struct rates *r, int64_t span_ms, double per_second[RATES_N])
{
	struct ring g = ring_of(r, 0), far = ring_of(r, 1);
	const struct rates_sample *now, *then;
	int64_t ms;
	int i;

	for (i = 0; i < RATES_N; i++)
		per_second[i] = 0;
	if (*g.n == 0)
		return 0;
	now = ring_at(&g, *g.n - 1);
	/* What the close ring has forgotten the coarse one may have. */
	then = ring_before(now->ms - span_ms < ring_at(&g, 0)->ms ? &far : &g,
	    now->ms - span_ms);
	if ((ms = now->ms - then->ms) <= 0)
		return 0;
	for (i = 0; i < RATES_N; i++)
		per_second[i] =
		    (double)(now->n[i] - then->n[i]) * 1000 / (double)ms;
	return ms;
}

static double
point(const struct rates_sample *s, const struct rates_sample *before,
    enum rates_of what)
{
	if (what >= RATES_COUNTERS)
		return (double)s->n[what];
	return (double)(s->n[what] - before->n[what]) * 1000 /
	       (double)(s->ms - before->ms);
}

size_t
rates_series(const struct rates *r, int far, enum rates_of what,
    struct rates_point *out, size_t most)
{
	struct ring g = ring_of(r, far);
	size_t i, n = 0;

	if (*g.n < 2)
		return 0;
	for (i = *g.n - 1 > most ? *g.n - most : 1; i < *g.n; i++)
		out[n++] = (struct rates_point){
		    ring_at(&g, *g.n - 1)->ms - ring_at(&g, i)->ms,
		    point(ring_at(&g, i), ring_at(&g, i - 1), what)};
	return n;
}

const char *
rates_name(enum rates_of what)
{
	static const char *const names[RATES_N] = {[RATES_PAGES] = "pages",
	    [RATES_BYTES] = "bytes",
	    [RATES_ARTICLES] = "articles",
	    [RATES_FAILED] = "failed",
	    [RATES_DUE] = "due",
	    [RATES_FETCHING] = "fetching",
	    [RATES_QUEUE] = "queue_bytes",
	    [RATES_FREE] = "free_bytes",
	    [RATES_MEMORY] = "memory_bytes"};

	return (unsigned)what < RATES_N ? names[what] : NULL;
}
