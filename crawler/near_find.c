/* near_find.c - the copy of a text: who shares keys with it, those that share
 * most of them first; of these the sketches are compared. */
#include "crawler/near_parts.h"

#include <string.h>

#define CANDIDATES 256
#define COMPARED 24 /* of them */
#define SINGLE 6    /* of those with one key, which most have by chance */

struct candidate {
	uint64_t number;
	unsigned keys; /* that it shares; 0: it was compared */
};
struct candidates {
	struct candidate v[CANDIDATES];
	unsigned n;
	uint16_t slot[2 * CANDIDATES]; /* 1: v[0]; 0: free */
};

static void
candidate(struct candidates *c, uint64_t number)
{
	unsigned at = (unsigned)(number * 0x9E3779B97F4A7C15ULL >> 55);

	while (c->slot[at] != 0) {
		if (c->v[c->slot[at] - 1].number == number) {
			c->v[c->slot[at] - 1].keys++;
			return;
		}
		at = (at + 1) % (2 * CANDIDATES);
	}
	if (c->n == CANDIDATES)
		return;
	c->v[c->n] = (struct candidate){number, 1};
	c->slot[at] = (uint16_t)++c->n;
}

static void
gather(struct near *r, const struct winnow_sketch *k, struct candidates *c)
{
	uint32_t keys[NEAR_KEYS];
	uint64_t number[NEAR_SHARE];
	unsigned i, j, n, at;

	memset(c->slot, 0, sizeof c->slot);
	c->n = 0;
	winnow_sketch_keys(k, keys);
	for (i = 0; i < NEAR_KEYS; i++) {
		n = young_find(&r->young, keys[i], number);
		for (j = 0; j < n; j++)
			candidate(c, number[j]);
	}
	/* Each place is a cache line from far away, of which many can be on
	 * their way together. */
	for (at = 0; at < r->nruns; at++)
		for (i = 0; i < NEAR_KEYS; i++)
			run_expect(&r->run[at], keys[i]);
	for (at = 0; at < r->nruns; at++) {
		for (i = 0; i < NEAR_KEYS; i++)
			run_expect_entries(&r->run[at], keys[i]);
		for (i = 0; i < NEAR_KEYS; i++) {
			n = run_find(&r->run[at], keys[i], number);
			for (j = 0; j < n; j++)
				candidate(c, number[j]);
		}
	}
}

static struct candidate *
next(struct candidates *c)
{
	struct candidate *best = &c->v[0];
	unsigned i;

	for (i = 1; i < c->n; i++)
		if (c->v[i].keys > best->keys ||
		    (c->v[i].keys == best->keys &&
			c->v[i].number < best->number))
			best = &c->v[i];
	return c->n > 0 && best->keys > 0 ? best : NULL;
}

/* Than the hit that we have, whose number this is (N3). */
static int
is_closer(const struct candidate *c, const struct winnow_likeness *l,
    uint64_t number, const struct near_hit *hit)
{
	return l->same > hit->same ||
	       (l->same >= hit->same && c->number < number);
}

int
near_find(struct near *r, const struct winnow_sketch *k, struct near_hit *hit)
{
	struct candidates c;
	struct candidate *x;
	struct winnow_likeness like;
	struct near_row row;
	uint64_t number = 0; /* of the hit */
	unsigned i, single = 0;
	int found = 0;

	if (r->documents == 0 || k->grams < WINNOW_SKETCH_LEAST)
		return 0;
	gather(r, k, &c);
	for (i = 0; i < COMPARED && (x = next(&c)) != NULL; i++) {
		if (x->keys == 1 && single++ == SINGLE)
			break;
		x->keys = 0;
		if (!near_row(r, x->number, &row))
			continue;
		winnow_sketch_compare(k, &row.sketch, &like);
		if (!like.copy || (found && !is_closer(x, &like, number, hit)))
			continue;
		*hit = (struct near_hit){row.record, like.same, like.held};
		number = x->number;
		found = 1;
	}
	return found;
}
