/* frontier_page.c - the due rows of an active host in memory: a page of each
 * lane, and whose turn it is among them.
 *
 *	LATER	tries again of new URLs		by time
 *	HUB	revisits of hubs		by time
 *	AGAIN	revisits of other pages		by time
 *	NEW	everything else			by priority, then order of
 *adding
 *
 * A lane is read when its rows are used up and next_ms says that the store may
 * have more. A due row stays in the store while it is leased, so a lane with a
 * time is read from its first row, and what is leased is passed over; NEW goes
 * on where it ended. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <string.h>

#define NEW_ROWS 64
#define TIMED_ROWS 8 /* they may not crowd out what is read later */
#define PAGE_ROWS (NEW_ROWS + 3 * TIMED_ROWS)

static const uint8_t lane_first[LANES] = {
    [LANE_LATER] = 0,
    [LANE_HUB] = TIMED_ROWS,
    [LANE_AGAIN] = 2 * TIMED_ROWS,
    [LANE_NEW] = 3 * TIMED_ROWS,
};
static const uint8_t lane_class[] = {
    [LANE_LATER] = DUE_LATER,
    [LANE_HUB] = DUE_HUB,
    [LANE_AGAIN] = DUE_AGAIN,
};

/* Who is asked first at each turn; a lane that has nothing leaves it to the
 * others in the order of their names, pages asked again last. So each has its
 * share when all have something, and what has a time is served at once when
 * there is little of it. */
static const uint8_t turns[] = {LANE_LATER, LANE_NEW, LANE_HUB, LANE_NEW,
    LANE_LATER, LANE_NEW, LANE_HUB, LANE_AGAIN};
static const uint8_t others[LANES] = {
    LANE_LATER, LANE_HUB, LANE_NEW, LANE_AGAIN};

static uint8_t *
lane_row(const struct host *h, enum lane_name lane, unsigned i)
{
	return h->page + (lane_first[lane] + i) * ROW_LEN;
}

int
page_make(struct host *h)
{
	h->page = malloc(PAGE_ROWS * ROW_LEN);
	if (h->page == NULL)
		return -1;
	page_forget(h);
	return 0;
}

void
page_forget(struct host *h)
{
	memset(h->lanes, 0, sizeof h->lanes);
	memset(h->pos, 0, sizeof h->pos);
}

void
page_added(struct host *h, const uint8_t due[DUE_LEN])
{
	const uint8_t *row = due + 8;
	struct lane *l;
	int64_t at;
	int i;

	for (i = LANE_LATER; i <= LANE_AGAIN; i++) {
		if (row[0] != lane_class[i])
			continue;
		l = &h->lanes[i];
		at = (int64_t)get48(row + 1);
		l->next_ms = at < l->next_ms ? at : l->next_ms;
		return;
	}
	l = &h->lanes[LANE_NEW];
	if (memcmp(row, h->pos, ROW_LEN) < 0) {
		memset(h->pos, 0, sizeof h->pos);
		l->n = l->at = 0;
	}
	l->next_ms = 0;
}

/* A lane that this process has nothing to do with. */
static int
lane_closed(const struct frontier *f, const struct host *h, int lane)
{
	return (lane == LANE_HUB || lane == LANE_AGAIN) &&
	       (!f->revisit || h->is.again == 0);
}

int64_t
page_wake(const struct frontier *f, const struct host *h)
{
	int64_t wake = NEVER;
	int i;

	for (i = 0; i < LANES; i++) {
		if (lane_closed(f, h, i))
			continue;
		if (h->lanes[i].at < h->lanes[i].n)
			return 0;
		if (h->lanes[i].next_ms < wake)
			wake = h->lanes[i].next_ms;
	}
	return wake;
}

/* ---- reading ----------------------------------------------------------------
 */

struct lane_read {
	struct frontier *f;
	struct host *h;
	enum lane_name name;
	struct lane *lane;
	uint8_t host[8];
};

/* Into the page, unless it is leased. */
static void
lane_add(struct lane_read *r, const uint8_t *row)
{
	struct winnow_key key = {r->h->hash, get64(row + 7)};

	if (fmap_get(&r->f->leases, key_mix(&key)) == NULL)
		memcpy(lane_row(r->h, r->name, r->lane->n++), row, ROW_LEN);
}

static int
read_timed(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct lane_read *r = arg;
	const uint8_t *row = key->p + 8;
	int64_t at;

	(void)val;
	if (key->n != DUE_LEN || memcmp(key->p, r->host, 8) != 0 ||
	    row[0] != lane_class[r->name])
		return 0;
	at = (int64_t)get48(row + 1);
	if (at > r->f->now || r->lane->n == TIMED_ROWS) {
		r->lane->next_ms = at;
		return 0;
	}
	lane_add(r, row);
	return 1;
}

static int
read_new(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct lane_read *r = arg;
	const uint8_t *row = key->p + 8;

	(void)val;
	if (key->n != DUE_LEN || memcmp(key->p, r->host, 8) != 0 ||
	    row[0] >= DUE_AGAIN)
		return 0;
	if (memcmp(row, r->h->pos, ROW_LEN) == 0)
		return 1;
	if (r->lane->n == NEW_ROWS) {
		r->lane->next_ms = 0;
		return 0;
	}
	memcpy(r->h->pos, row, ROW_LEN);
	lane_add(r, row);
	return 1;
}

static int
lane_load(struct frontier *f, struct host *h, enum lane_name name)
{
	struct lane *lane = &h->lanes[name];
	struct lane_read r = {.f = f, .h = h, .name = name, .lane = lane};
	uint8_t from[DUE_LEN] = {0};

	lane->n = lane->at = 0;
	lane->next_ms = NEVER;
	put64(r.host, h->hash);
	put64(from, h->hash);
	if (name == LANE_NEW)
		memcpy(from + 8, h->pos, ROW_LEN);
	else
		from[8] = lane_class[name];
	return store_scan(f->store, STORE_DUE, from, sizeof from,
	    name == LANE_NEW ? read_new : read_timed, &r);
}

/* 1: its next row is in due; 0: it has none now, or an error. */
static int
lane_next(struct frontier *f, struct host *h, enum lane_name name,
    uint8_t due[DUE_LEN])
{
	struct lane *lane = &h->lanes[name];
	int rc;

	if (lane_closed(f, h, name))
		return 0;
	if (lane->at == lane->n && lane->next_ms <= f->now &&
	    (rc = lane_load(f, h, name)) != 0)
		return rc;
	if (lane->at == lane->n)
		return 0;
	put64(due, h->hash);
	memcpy(due + 8, lane_row(h, name, lane->at++), ROW_LEN);
	h->tick++;
	return 1;
}

int
host_row(struct frontier *f, struct host *h, uint8_t due[DUE_LEN])
{
	int i, rc = lane_next(f, h, turns[h->tick % sizeof turns], due);

	for (i = 0; i < LANES && rc == 0; i++)
		rc = lane_next(f, h, others[i], due);
	return rc;
}
