/* failures.c - see failures.h: slots that stay where they are, and their order,
 * the latest first. */
#include "crawler/failures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct failures {
	struct failure slot[FAILURES_MOST];
	uint8_t order[FAILURES_MOST]; /* numbers of slots */
	size_t n;
	uint64_t total;
};

_Static_assert(FAILURES_MOST <= 256, "order[] has bytes");

struct failures *
failures_new(void)
{
	return calloc(1, sizeof(struct failures));
}

void
failures_free(struct failures *f)
{
	free(f);
}

static void
set_text(char *to, size_t cap, const char *from)
{
	snprintf(to, cap, "%s", from != NULL ? from : "");
}

/* A cut name is compared as it is kept. */
static int
is_same(const struct failure *f, const struct failure_news *n)
{
	const char *host = n->host != NULL ? n->host : "";

	return f->reason == n->reason && f->status == n->status &&
	       strncmp(f->host, host, sizeof f->host - 1) == 0;
}

/* The place in the order that the news takes over: that of the same failure, a
 * free one, or the oldest. */
static size_t
place_for(struct failures *f, const struct failure_news *n)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		if (is_same(&f->slot[f->order[i]], n))
			return i;
	if (f->n == FAILURES_MOST) {
		f->slot[f->order[f->n - 1]].times = 0;
		return f->n - 1;
	}
	f->order[f->n] = (uint8_t)f->n;
	f->slot[f->n].times = 0;
	return f->n++;
}

void
failures_add(struct failures *f, const struct failure_news *n)
{
	size_t at = place_for(f, n);
	uint8_t number = f->order[at];
	struct failure *to = &f->slot[number];

	memmove(f->order + 1, f->order, at);
	f->order[0] = number;
	if (to->times++ == 0)
		to->first_ms = n->now_ms;
	to->last_ms = n->now_ms;
	to->reason = n->reason;
	to->status = n->status;
	to->final = n->final;
	set_text(to->host, sizeof to->host, n->host);
	set_text(to->url, sizeof to->url, n->url);
	set_text(to->detail, sizeof to->detail, n->detail);
	f->total++;
}

size_t
failures_count(const struct failures *f)
{
	return f->n;
}

const struct failure *
failures_get(const struct failures *f, size_t i)
{
	return i < f->n ? &f->slot[f->order[i]] : NULL;
}

uint64_t
failures_total(const struct failures *f)
{
	return f->total;
}
