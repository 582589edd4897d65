/* frontier_page.c - the due rows of an active host in memory: a page of each
 * lane, and whose turn it is among them.
 *
 *	LATER	tries again of new URLs		by time
 *	HUB	revisits of hubs		by time
 *	AGAIN	revisits of other pages		by time
 *	NEW	everything else			by priority, then as added
 *
 * A lane is read when its rows are used up and next_ms says that the store may
 * have more. A due row stays in the store while it is leased, so a lane with a
 * time is read from its first row, and what is leased is passed over; NEW goes
 * on where it ended.
 *
 * Rows of NEW whose URLs were settled are taken out of the store many at a time,
 * before it is read: one by one each commit would write that page of each host.
 * After a kill such a row may still be there; its URL's state tells that it
 * means nothing. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <string.h>

#define NEW_ROWS 64
#define TIMED_ROWS 8 /* they may not crowd out what is read later */
#define SPENT_ROWS 64
#define SPENT_FIRST (NEW_ROWS + 3 * TIMED_ROWS)
#define PAGE_ROWS (SPENT_FIRST + SPENT_ROWS)

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

static struct due *
lane_row(const struct host *h, enum lane_name lane, unsigned i)
{
	return h->page + lane_first[lane] + i;
}

int
page_make(struct host *h)
{
	h->page = malloc(PAGE_ROWS * sizeof *h->page);
	if (h->page == NULL)
		return -1;
	h->nspent = 0;
	page_forget(h);
	return 0;
}

void
page_forget(struct host *h)
{
	memset(h->lanes, 0, sizeof h->lanes);
	h->pos = (struct due){0};
}

/* Of NEW: the order in the store. */
static int
due_before(const struct due *a, const struct due *b)
{
	return a->class != b->class ? a->class < b->class : a->ref < b->ref;
}

void
page_added(struct host *h, const struct due *due)
{
	struct lane *l;
	int i;

	for (i = LANE_LATER; i <= LANE_AGAIN; i++) {
		l = &h->lanes[i];
		if (due->class != lane_class[i])
			continue;
		if (due->at_ms < l->next_ms)
			l->next_ms = due->at_ms;
		return;
	}
	l = &h->lanes[LANE_NEW];
	focus_added(h, due->class);
	if (due_before(due, &h->pos)) {
		h->pos = (struct due){0};
		l->n = l->at = 0;
	}
	l->next_ms = 0;
}

void
page_spent(struct frontier *f, struct host *h)
{
	while (h->nspent > 0)
		due_drop(f, h, &h->page[SPENT_FIRST + --h->nspent]);
}

void
page_spend(struct frontier *f, struct host *h, const struct due *due)
{
	if (h->nspent == SPENT_ROWS)
		page_spent(f, h);
	h->page[SPENT_FIRST + h->nspent++] = *due;
}

/* A lane that this process has nothing to do with. */
static int
lane_closed(const struct frontier *f, const struct host *h, int lane)
{
	return (lane == LANE_HUB || lane == LANE_AGAIN) &&
	       (!f->revisit || h->is.again == 0);
}

uint8_t
page_class(const struct host *h, uint8_t last)
{
	const struct lane *l = &h->lanes[LANE_NEW];

	return l->at < l->n ? lane_row(h, LANE_NEW, l->at)->class : last;
}

int64_t
page_wake(const struct frontier *f, const struct host *h)
{
	int64_t wake = NEVER, ms;
	int i;

	for (i = 0; i < LANES; i++) {
		if (lane_closed(f, h, i))
			continue;
		ms = h->lanes[i].at < h->lanes[i].n ? 0 : h->lanes[i].next_ms;
		if (i == LANE_NEW && ms < h->patience_ms)
			ms = h->patience_ms;
		if (ms < wake)
			wake = ms;
	}
	return wake;
}

/* ---- reading ------------------------------------------------------------ */

struct lane_read {
	struct frontier *f;
	struct host *h;
	enum lane_name name;
	struct lane *lane;
};

/* Into the page, unless it is leased. */
static void
lane_add(struct lane_read *r, const struct due *due)
{
	if (fmap_get(&r->f->leases, due->ref) == NULL)
		*lane_row(r->h, r->name, r->lane->n++) = *due;
}

static int
read_timed(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct lane_read *r = arg;
	struct due due;

	(void)val;
	if (due_unpack(key->p, key->n, &due) != 0 ||
	    due.class != lane_class[r->name])
		return 0;
	if (due.at_ms > r->f->now || r->lane->n == TIMED_ROWS) {
		r->lane->next_ms = due.at_ms;
		return 0;
	}
	lane_add(r, &due);
	return 1;
}

static int
read_new(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct lane_read *r = arg;
	struct due due;

	(void)val;
	if (due_unpack(key->p, key->n, &due) != 0)
		return 0;
	if (!due_before(&r->h->pos, &due))
		return 1;
	if (r->lane->n == NEW_ROWS) {
		r->lane->next_ms = 0;
		return 0;
	}
	r->h->pos = due;
	lane_add(r, &due);
	return 1;
}

static int
lane_load(struct frontier *f, struct host *h, enum lane_name name)
{
	struct lane *lane = &h->lanes[name];
	struct lane_read r = {.f = f, .h = h, .name = name, .lane = lane};
	struct due from = {.class = name == LANE_NEW ? 0 : lane_class[name]};
	uint8_t key[DUE_MAX];

	lane->n = lane->at = 0;
	lane->next_ms = NEVER;
	if (name == LANE_NEW) {
		page_spent(f, h);
		from = h->pos;
	}
	return store_scan(f->store, name == LANE_NEW ? STORE_DUE : STORE_LATER,
	    key, due_pack(key, h->hash, &from),
	    name == LANE_NEW ? read_new : read_timed, &r);
}

/* 1: its next row is in due; 0: it has none now, or an error. */
static int
lane_next(
    struct frontier *f, struct host *h, enum lane_name name, struct due *due)
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
	*due = *lane_row(h, name, lane->at++);
	h->tick++;
	return 1;
}

int
host_row(struct frontier *f, struct host *h, struct due *due)
{
	int i, rc = lane_next(f, h, turns[h->tick % sizeof turns], due);

	for (i = 0; i < LANES && rc == 0; i++)
		rc = lane_next(f, h, others[i], due);
	return rc;
}
