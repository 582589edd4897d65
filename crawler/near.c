/* near.c - see near.h: the rows, and what is on its way to them. */
#include "crawler/near_parts.h"

#include <stdlib.h>
#include <string.h>

#include "crawler/frontier.h"

#define DROPPED 64 /* rows that a turn gives up */

void
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

static uint64_t
stored_end(const struct near *r)
{
	return r->next - r->nwaiting;
}

int
near_row(struct near *r, uint64_t number, struct near_row *row)
{
	struct store_bytes val;
	uint8_t key[8];

	if (number < r->oldest || number >= r->next)
		return 0;
	if (number >= stored_end(r)) {
		*row = r->waiting[number - stored_end(r)].row;
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
	uint64_t from = stored_end(r);
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

static int
young_row(void *arg, const struct store_bytes *key, const struct store_bytes *v)
{
	struct near *r = arg;
	struct near_row row;

	r->next = key_number(key) + 1;
	if (v->n != sizeof row)
		return 1;
	memcpy(&row, v->p, sizeof row);
	return young_add(&r->young, r->next - 1, &row.sketch) == 0;
}

int
near_open(
    struct near **out, struct store *s, const char *dir, uint64_t documents)
{
	struct near *r = calloc(1, sizeof *r);
	uint8_t key[8];
	int rc;

	*out = NULL;
	if (r == NULL || (r->dir = strdup(dir)) == NULL) {
		free(r);
		return FRONTIER_ENOMEM;
	}
	r->store = s;
	r->documents = documents;
	r->oldest = 1;
	near_key(key, 1);
	rc = store_scan(s, STORE_NEAR, key, sizeof key, first_row, &r->oldest);
	r->next = r->young.first = r->oldest;
	near_key(key, r->oldest);
	if (rc == 0)
		rc = store_scan(s, STORE_NEAR, key, sizeof key, young_row, r);
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
	if (r == NULL)
		return;
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

static int
drop_oldest(struct near *r)
{
	uint8_t key[8];
	int i;

	for (i = 0; i < DROPPED && r->oldest + r->documents < stored_end(r);
	     i++) {
		near_key(key, r->oldest++);
		store_del(r->store, STORE_NEAR, key, sizeof key);
	}
	return i == DROPPED;
}

int
near_turn(struct near *r)
{
	return drop_oldest(r);
}

void
near_stat(const struct near *r, struct near_stat *s)
{
	memset(s, 0, sizeof *s);
	s->documents = stored_end(r) - r->oldest;
	s->waiting = r->nwaiting;
}
