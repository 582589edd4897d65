/* near.c - see near.h: the rows, and what is on its way to them. */
#include "crawler/near_parts.h"

#include <stdlib.h>
#include <string.h>

#include "crawler/frontier.h"

#define DROPPED 64 /* rows that a turn gives up */
#define YOUNG_MOST (8 * (uint64_t)NEAR_BATCH)

static void
near_key(uint8_t key[8], uint64_t number)
{
	int i;

	for (i = 0; i < 8; i++)
		key[i] = (uint8_t)(number >> (56 - 8 * i));
}

static uint64_t
key_number(const struct store_bytes *key)
{
	uint64_t number = 0;
	size_t i;

	for (i = 0; i < key->n; i++)
		number = number << 8 | key->p[i];
	return number;
}

int
near_row(struct near *r, uint64_t number, struct near_row *row)
{
	struct store_bytes val;
	uint8_t key[8];

	if (number < r->oldest || number >= r->next)
		return 0;
	if (number >= near_stored_end(r)) {
		*row = r->waiting[number - near_stored_end(r)].row;
		return 1;
	}
	near_key(key, number);
	if (store_get(r->store, STORE_NEAR, key, sizeof key, &val) != 1 ||
	    val.n != sizeof *row)
		return 0;
	memcpy(row, val.p, sizeof *row);
	return 1;
}

/* ---- putting ------------------------------------------------------------- */

uint64_t
near_put(struct near *r, const struct winnow_sketch *k,
    const struct near_record *record)
{
	uint32_t cap = r->cap > 0 ? r->cap * 2 : 64;
	struct waiting *w;

	if (r->documents == 0 || k->grams < WINNOW_SKETCH_LEAST)
		return 0;
	if (r->nwaiting == r->cap) {
		if ((w = realloc(r->waiting, cap * sizeof *w)) == NULL)
			return 0;
		r->waiting = w;
		r->cap = cap;
	}
	if (young_add(&r->young, r->next, k) != 0)
		return 0;
	w = &r->waiting[r->nwaiting++];
	memset(w, 0, sizeof *w);
	w->row = (struct near_row){*k, *record};
	return r->next++;
}

void
near_settle(struct near *r, uint64_t number)
{
	uint64_t from = near_stored_end(r);
	uint8_t key[8];
	uint32_t i;

	if (number < from || number >= r->next)
		return;
	r->waiting[number - from].settled = 1;
	for (i = 0; i < r->nwaiting && r->waiting[i].settled; i++) {
		near_key(key, from + i);
		store_put(r->store, STORE_NEAR, key, sizeof key,
		    &r->waiting[i].row, sizeof r->waiting[i].row);
	}
	r->nwaiting -= i;
	memmove(r->waiting, r->waiting + i, r->nwaiting * sizeof *r->waiting);
}

/* ---- opening ------------------------------------------------------------- */

static int
first_row(void *arg, const struct store_bytes *key, const struct store_bytes *v)
{
	(void)v;
	*(uint64_t *)arg = key_number(key);
	return 0;
}

/* Of the numbers before it, all that are known are in runs, or in none. */
static uint64_t
runs_end(const struct near *r)
{
	const struct near_run *last;

	if (r->nruns == 0)
		return r->oldest;
	last = &r->run[r->nruns - 1];
	return last->first + last->count;
}

/* Numbers have no gaps but where a store was damaged; so the last one is found
 * from far ahead, by halves. */
static int
find_last(struct near *r)
{
	uint64_t step = 1, last = r->oldest, seen;
	uint8_t key[8];
	int rc = 0;

	while (step < UINT64_MAX / 4 && rc == 0) {
		seen = 0;
		near_key(key, last + step);
		rc = store_scan(
		    r->store, STORE_NEAR, key, sizeof key, first_row, &seen);
		if (seen == 0)
			break;
		last = seen;
		step *= 2;
	}
	for (; step > 0 && rc == 0; step /= 2) {
		seen = 0;
		near_key(key, last + step);
		rc = store_scan(
		    r->store, STORE_NEAR, key, sizeof key, first_row, &seen);
		if (seen != 0)
			last = seen;
	}
	r->next = last + 1;
	return rc;
}

/* Runs that overlap are from before a merge that was done: the larger stays. */
static void
take_runs(struct near *r)
{
	struct near_run all[NEAR_RUNS];
	unsigned i, n = run_list(r, all, NEAR_RUNS);

	for (i = 0; i < n; i++)
		if (all[i].first >= runs_end(r))
			r->run[r->nruns++] = all[i];
		else
			run_remove(r, &all[i]);
}

/* Keys of the rows from number on, as far as they are not in runs. */
static int
young_load(struct near *r, uint64_t number)
{
	struct near_row row;

	young_clear(&r->young, number);
	for (; number < r->next; number++)
		if (near_row(r, number, &row) &&
		    young_add(&r->young, number, &row.sketch) != 0)
			return FRONTIER_ENOMEM;
	return 0;
}

int
near_open(
    struct near **out, struct store *s, const char *dir, uint64_t documents)
{
	struct near *r = calloc(1, sizeof *r);
	uint8_t key[8];
	uint64_t from;
	int rc;

	*out = NULL;
	if (r == NULL || (r->dir = strdup(dir)) == NULL) {
		free(r);
		return FRONTIER_ENOMEM;
	}
	r->store = s;
	r->documents = documents;
	near_key(key, 1);
	rc = store_scan(s, STORE_NEAR, key, sizeof key, first_row, &r->oldest);
	if (r->oldest == 0)
		r->oldest = r->next = 1;
	else if (rc == 0)
		rc = find_last(r);
	take_runs(r);
	from = runs_end(r);
	if (r->next > from + YOUNG_MOST) /* the turns make runs of the others */
		from = r->next - YOUNG_MOST;
	if (rc == 0)
		rc = young_load(r, from);
	if (rc != 0) {
		near_close(r);
		return rc;
	}
	*out = r;
	return 0;
}

void
near_close(struct near *r)
{
	unsigned i;

	if (r == NULL)
		return;
	near_merge_drop(r);
	for (i = 0; i < r->nruns; i++)
		run_close(&r->run[i]);
	young_free(&r->young);
	free(r->waiting);
	free(r->dir);
	free(r);
}

void
near_set_documents(struct near *r, uint64_t documents)
{
	r->documents = documents;
}

/* ---- turns --------------------------------------------------------------- */

void
near_insert_run(struct near *r, const struct near_run *run)
{
	unsigned i = r->nruns;

	while (i > 0 && r->run[i - 1].first > run->first)
		i--;
	near_merge_drop(r); /* it counts runs from the first */
	memmove(&r->run[i + 1], &r->run[i], (r->nruns - i) * sizeof r->run[0]);
	r->run[i] = *run;
	r->nruns++;
}

static int
drop_oldest(struct near *r)
{
	uint8_t key[8];
	int i;

	for (i = 0;
	     i < DROPPED && r->oldest + r->documents < near_stored_end(r);
	     i++) {
		near_key(key, r->oldest++);
		store_del(r->store, STORE_NEAR, key, sizeof key);
	}
	while (r->nruns > 0 && r->run[0].first + r->run[0].count <= r->oldest) {
		near_merge_drop(r);
		run_remove(r, &r->run[0]);
		memmove(&r->run[0], &r->run[1], --r->nruns * sizeof r->run[0]);
	}
	return i == DROPPED;
}

/* The first numbers that are neither in a run nor young: [*from, *to). */
static int
gap(const struct near *r, uint64_t *from, uint64_t *to)
{
	unsigned i;

	*from = r->oldest;
	for (i = 0; i < r->nruns && r->run[i].first <= *from; i++)
		if (r->run[i].first + r->run[i].count > *from)
			*from = r->run[i].first + r->run[i].count;
	*to = i < r->nruns ? r->run[i].first : r->young.first;
	if (*to > *from + NEAR_BATCH)
		*to = *from + NEAR_BATCH;
	return *to > *from;
}

/* When there are two batches of the young, the older one becomes a run. Where
 * no file can be made, what is too much is not found for a while. */
static int
young_age(struct near *r)
{
	uint64_t first = r->young.first, end = near_stored_end(r);

	if (end < first + 2 * NEAR_BATCH)
		return 0;
	if ((r->now_ms < r->retry_ms || r->nruns == NEAR_RUNS ||
		near_make_run(r, first, NEAR_BATCH) != 0) &&
	    end < first + YOUNG_MOST)
		return 0;
	return young_load(r, first + NEAR_BATCH) == 0;
}

/* Of one file's space, or of a batch of rows, at most. */
int
near_turn(struct near *r, int64_t now_ms)
{
	uint64_t from, to;

	r->now_ms = now_ms;
	if (drop_oldest(r) || young_age(r))
		return 1;
	if (now_ms < r->retry_ms || r->nruns == NEAR_RUNS)
		return 0;
	if (gap(r, &from, &to))
		return near_make_run(r, from, (uint32_t)(to - from)) == 0;
	return near_merge_turn(r);
}

void
near_stat(const struct near *r, struct near_stat *s)
{
	unsigned i;

	memset(s, 0, sizeof *s);
	s->documents = near_stored_end(r) - r->oldest;
	s->waiting = r->nwaiting;
	s->runs = r->nruns;
	for (i = 0; i < r->nruns; i++)
		s->bytes += r->run[i].size;
}
