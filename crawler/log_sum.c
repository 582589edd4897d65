/* log_sum.c - see log_sum.h. */
#include "crawler/log_sum.h"

static int
is_over(const struct log_held *h, int64_t now_ms)
{
	return now_ms - h->since_ms >= LOG_SPAN_MS || now_ms < h->since_ms;
}

/* The place of a key: its own, a free one, or that of the one which has been
 * quiet for longest; NULL: all hold something. */
static struct log_held *
place_for(struct log_held *h, size_t n, uint64_t key, int64_t now_ms)
{
	struct log_held *best = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (h[i].key == key)
			return &h[i];
		if (h[i].held == 0 &&
		    (best == NULL || h[i].key == 0 ||
			(best->key != 0 && h[i].last_ms < best->last_ms)))
			best = &h[i];
	}
	if (best != NULL) {
		best->key = key;
		best->told = 0;
		best->since_ms = now_ms;
	}
	return best;
}

/* 1: it has been told often enough in this span. */
static int
is_enough(struct log_held *h, uint32_t most, int64_t now_ms)
{
	h->last_ms = now_ms;
	if (h->held == 0 && is_over(h, now_ms)) {
		h->told = 0;
		h->since_ms = now_ms;
	}
	return h->told >= most;
}

struct log_held *
log_sums_hold(struct log_sums *s, uint64_t site, uint64_t cause, int64_t now_ms)
{
	struct log_held *a = place_for(s->site, LOG_SUM_SITES, site, now_ms);
	struct log_held *b;

	if (a != NULL && is_enough(a, LOG_SITE_MOST, now_ms)) {
		a->held++;
		return a;
	}
	b = place_for(s->cause, LOG_SUM_CAUSES, site ^ cause, now_ms);
	if (b != NULL && is_enough(b, LOG_CAUSE_MOST, now_ms)) {
		b->held++;
		return b;
	}
	if (a != NULL)
		a->told++;
	if (b != NULL)
		b->told++;
	return NULL;
}

static struct log_held *
due_in(struct log_held *h, size_t n, int64_t now_ms, int all)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (h[i].held > 0 && (all || is_over(&h[i], now_ms)))
			return &h[i];
	return NULL;
}

struct log_held *
log_sums_due(struct log_sums *s, int64_t now_ms, int all, uint32_t *times,
    int64_t *over_ms)
{
	struct log_held *h = due_in(s->cause, LOG_SUM_CAUSES, now_ms, all);

	if (h == NULL)
		h = due_in(s->site, LOG_SUM_SITES, now_ms, all);
	if (h == NULL)
		return NULL;
	*times = h->held;
	*over_ms = now_ms > h->since_ms ? now_ms - h->since_ms : 0;
	h->held = 0;
	h->since_ms = now_ms;
	/* It stays told: while it goes on, sums are enough. */
	return h;
}
