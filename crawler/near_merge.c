/* near_merge.c - runs are made of rows, and grow by merging.
 *
 * A run is made of NEAR_BATCH documents. Where FAN neighbours are of one size
 * class they become one, in steps of a turn each, while they are still read; so
 * a document is written again a few times in all, and there are at most FAN - 1
 * runs of each class below the largest, which holds a quarter of what is to be
 * known: so that what is too old can go by the file. */
#include "crawler/near_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crawler/log.h"

#define FAN 4
#define DIGIT 11
#define DIGITS (1u << DIGIT)
#define STEP 32768 /* entries of a turn: a fraction of a millisecond */

struct near_merge {
	unsigned at; /* of the first of FAN runs */
	uint32_t read[FAN];
	struct near_run out;
};

static void
failed(struct near *r, int rc)
{
	if (!r->failed)
		log_warn("the index of near copies cannot be written; trying "
			 "again later dir=%s error=%s",
		    r->dir, strerror(rc));
	r->failed = 1;
	r->retry_ms = r->now_ms + NEAR_RETRY_MS;
}

/* ---- of rows ------------------------------------------------------------- */

/* By key, those of one key as they are: 11 bits at a time, from the last. to:
 * room for as many. Sorted is what is returned, one of the two. */
static struct near_entry *
sort(struct near_entry *e, struct near_entry *to, uint32_t n)
{
	uint32_t start[DIGITS], shift, i, at, had;
	struct near_entry *from;

	for (shift = 0; shift < 32; shift += DIGIT) {
		memset(start, 0, sizeof start);
		for (i = 0; i < n; i++)
			start[e[i].key >> shift & (DIGITS - 1)]++;
		for (i = at = 0; i < DIGITS; i++, at += had) {
			had = start[i];
			start[i] = at;
		}
		for (i = 0; i < n; i++)
			to[start[e[i].key >> shift & (DIGITS - 1)]++] = e[i];
		from = e;
		e = to;
		to = from;
	}
	return e;
}

/* Entries of the rows [first, first + count). */
static uint32_t
gather(struct near *r, uint64_t first, uint32_t count, struct near_entry *e)
{
	uint32_t keys[NEAR_KEYS], n = 0, i, k;
	struct near_row row;

	for (i = 0; i < count; i++) {
		if (!near_row(r, first + i, &row))
			continue;
		winnow_sketch_keys(&row.sketch, keys);
		for (k = 0; k < NEAR_KEYS; k++)
			e[n++] = (struct near_entry){keys[k], i};
	}
	return n;
}

int
near_make_run(struct near *r, uint64_t first, uint32_t count)
{
	size_t most = (size_t)count * NEAR_KEYS;
	struct near_entry *both = malloc(2 * most * sizeof *both), *e = NULL;
	struct near_run run;
	uint32_t n, i;
	int rc = both == NULL ? ENOMEM : 0;

	if (rc == 0) {
		n = gather(r, first, count, both);
		e = sort(both, both + most, n);
		rc = run_begin(r, first, count, n, &run);
	}
	if (rc == 0) {
		for (i = 0; i < n; i++)
			run_add(&run, e[i].key, e[i].nth);
		rc = run_end(r, &run);
	}
	free(both);
	if (rc != 0) {
		failed(r, rc);
		return -1;
	}
	r->failed = 0;
	near_insert_run(r, &run);
	return 0;
}

/* ---- of runs ------------------------------------------------------------- */

static unsigned
class_of(uint64_t count)
{
	unsigned c = 0;

	while ((count /= FAN) >= NEAR_BATCH)
		c++;
	return c;
}

/* The newest FAN neighbours of one class that may become one. -1: none. */
static int
mergeable(const struct near *r)
{
	uint64_t most = r->documents / 4, sum;
	unsigned i, j, class;

	for (i = r->nruns; i >= FAN; i--) {
		class = class_of(r->run[i - 1].count);
		for (j = 0, sum = 0; j < FAN; j++)
			if (class_of(r->run[i - 1 - j].count) == class)
				sum += r->run[i - 1 - j].count;
			else
				break;
		if (j == FAN && sum <= most)
			return (int)(i - FAN);
	}
	return -1;
}

static int
merge_begin(struct near *r, unsigned at)
{
	const struct near_run *in = &r->run[at];
	struct near_merge *m = calloc(1, sizeof *m);
	uint64_t entries = 0;
	int j, rc;

	if (m == NULL)
		return -1;
	m->at = at;
	for (j = 0; j < FAN; j++)
		entries += in[j].entries;
	rc = run_begin(r, in[0].first,
	    in[FAN - 1].first + in[FAN - 1].count - in[0].first, entries,
	    &m->out);
	if (rc != 0) {
		free(m);
		failed(r, rc);
		return -1;
	}
	r->merge = m;
	return 0;
}

/* The run with the smallest key left; of equal keys the older documents come
 * first. -1: all are read. */
static int
smallest(const struct near_run *in, const struct near_merge *m)
{
	int j, best = -1;

	for (j = 0; j < FAN; j++)
		if (m->read[j] < in[j].entries &&
		    (best < 0 || in[j].entry[m->read[j]].key <
				     in[best].entry[m->read[best]].key))
			best = j;
	return best;
}

static void
merge_end(struct near *r)
{
	struct near_merge *m = r->merge;
	int j, rc = run_end(r, &m->out);

	r->merge = NULL;
	if (rc == 0) {
		for (j = 0; j < FAN; j++)
			run_remove(r, &r->run[m->at + (unsigned)j]);
		r->run[m->at] = m->out;
		r->nruns -= FAN - 1;
		memmove(&r->run[m->at + 1], &r->run[m->at + FAN],
		    (r->nruns - m->at - 1) * sizeof r->run[0]);
	} else
		failed(r, rc);
	free(m);
}

/* A file that lies about its order gives one in no order, where keys are not
 * found: run_add() alone writes, in ascending order of what is asked for. */
static void
merge_step(struct near *r)
{
	struct near_merge *m = r->merge;
	const struct near_run *in = &r->run[m->at];
	struct near_entry e;
	int i, j;

	for (i = 0; i < STEP; i++) {
		if ((j = smallest(in, m)) < 0) {
			merge_end(r);
			return;
		}
		e = in[j].entry[m->read[j]++];
		if (e.nth < in[j].count && e.key >= m->out.last_key)
			run_add(&m->out, e.key,
			    (uint32_t)(in[j].first - in[0].first) + e.nth);
	}
}

void
near_merge_drop(struct near *r)
{
	if (r->merge != NULL)
		run_abandon(r, &r->merge->out);
	free(r->merge);
	r->merge = NULL;
}

int
near_merge_turn(struct near *r)
{
	int at;

	if (r->merge == NULL) {
		if ((at = mergeable(r)) < 0 ||
		    merge_begin(r, (unsigned)at) != 0)
			return 0;
	}
	merge_step(r);
	return 1;
}
