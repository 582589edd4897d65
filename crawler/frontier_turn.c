/* frontier_turn.c - whose turn it is.
 *
 * A host with due rows has one row in the rota, a table ordered by the time
 * from which it may have a turn. Hosts are taken from its front into memory
 * while there are fewer than active_max; there a host gets pages of due rows
 * and is ready (a FIFO), waiting (a heap by time) or busy (all slots out).
 * Its row stays where it was, so that a kill forgets nothing. It leaves when
 * nothing is left to hand out, when it has to wait long, or, with others at
 * the door (pressure), after a turn of TURN URLs; then its row moves to the
 * time of its next turn, behind all who wait already: that is the fairness.
 *
 * Invariants, beside F1 and F2
 *  R1  due + again > 0 if and only if rota_ms != 0 and the row is in the store.
 *  R2  Every row before rota_from belongs to a host that is active, or has
 *      nothing but leases, or (without revisits) nothing but revisits.
 *  R3  A due row is leased, in the page, or its lane's next_ms is not after
 *      the time from which it may be handed out.
 *  R4  A host that is not active, has no lease and is not touched is not in
 *      memory.
 *  R5  The row lies no later than the host may be asked for any of its due
 *      rows, leased ones too. That of a host that is held lies at the end of
 *      all time. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <string.h>

#define TURN 64
#define REFILL 16     /* hosts taken into memory by a call */
#define FAR_MS 60000  /* a longer wait is spent in the rota */
#define SWAP_MS 10     /* between two such for doubtful hosts, */
#define SWAPS 16       /* that may be owed when none was called for long */
#define DOUBT_MS 10000 /* which stay away so long */
#define NEAR_MS 2000  /* the same under pressure */
#define RETRY_MS 1000 /* the store did not answer */

/* ---- the rota ----------------------------------------------------------- */

static void
rota_put(struct frontier *f, struct host *h, int64_t ms)
{
	uint8_t key[ROTA_LEN];

	h->rota_ms = ms > f->now ? ms : f->now;
	if (h->rota_ms < 1)
		h->rota_ms = 1;
	rota_pack(key, h->rota_ms, h->hash);
	store_put(f->store, STORE_ROTA, key, sizeof key, "", 0);
	if (memcmp(key, f->rota_from, sizeof key) < 0)
		memcpy(f->rota_from, key, sizeof key);
	if (f->rota_wake < 0 || h->rota_ms < f->rota_wake)
		f->rota_wake = h->rota_ms;
	f->counts.rota++;
	host_change(f, h);
}

static void
rota_del(struct frontier *f, struct host *h)
{
	uint8_t key[ROTA_LEN];

	if (h->rota_ms == 0)
		return;
	rota_pack(key, h->rota_ms, h->hash);
	store_del(f->store, STORE_ROTA, key, sizeof key);
	h->rota_ms = 0;
	f->counts.rota--;
	host_change(f, h);
}

/* ---- ready, waiting, busy ----------------------------------------------- */

static void
heap_set(struct frontier *f, uint32_t i, struct host *h)
{
	f->heap[i] = h;
	h->heap_at = i;
}

static void
heap_up(struct frontier *f, uint32_t i, struct host *h)
{
	uint32_t up;

	for (; i > 0; i = up) {
		up = (i - 1) / 2;
		if (f->heap[up]->wake_ms <= h->wake_ms)
			break;
		heap_set(f, i, f->heap[up]);
	}
	heap_set(f, i, h);
}

static void
heap_down(struct frontier *f, uint32_t i, struct host *h)
{
	uint32_t c;

	for (; (c = 2 * i + 1) < f->nheap; i = c) {
		if (c + 1 < f->nheap &&
		    f->heap[c + 1]->wake_ms < f->heap[c]->wake_ms)
			c++;
		if (h->wake_ms <= f->heap[c]->wake_ms)
			break;
		heap_set(f, i, f->heap[c]);
	}
	heap_set(f, i, h);
}

static int
heap_add(struct frontier *f, struct host *h)
{
	uint32_t room = f->heap_room > 0 ? f->heap_room * 2 : 64;
	struct host **heap;

	if (f->nheap == f->heap_room) {
		heap = realloc(f->heap, room * sizeof(struct host *));
		if (heap == NULL)
			return -1;
		f->heap = heap;
		f->heap_room = room;
	}
	heap_up(f, f->nheap++, h);
	return 0;
}

static void
heap_del(struct frontier *f, struct host *h)
{
	uint32_t i = h->heap_at;
	struct host *last = f->heap[--f->nheap];

	if (last == h)
		return;
	if (i > 0 && last->wake_ms < f->heap[(i - 1) / 2]->wake_ms)
		heap_up(f, i, last);
	else
		heap_down(f, i, last);
}

static void
ready_add(struct frontier *f, struct host *h)
{
	struct ready *r = &f->ready[h->doubt];

	h->prev = r->last;
	h->next = NULL;
	*(h->prev != NULL ? &h->prev->next : &r->first) = h;
	r->last = h;
	r->n++;
	f->nready++;
}

static void
ready_del(struct frontier *f, struct host *h)
{
	struct ready *r = &f->ready[h->doubt];

	*(h->prev != NULL ? &h->prev->next : &r->first) = h->next;
	*(h->next != NULL ? &h->next->prev : &r->last) = h->prev;
	r->n--;
	f->nready--;
}

static void
unplace(struct frontier *f, struct host *h)
{
	if (h->place == HOST_READY)
		ready_del(f, h);
	else if (h->place == HOST_WAITING)
		heap_del(f, h);
	else if (h->place == HOST_BUSY)
		f->nbusy--;
	if (h->place != HOST_IDLE && !h->doubt)
		f->ngood--;
	h->place = HOST_IDLE;
}

static int
activate(struct frontier *f, struct host *h)
{
	if (page_make(h) != 0)
		return -1;
	h->active = 1;
	h->turn = 0;
	h->better = DUE_LATER; /* not known */
	f->nactive++;
	return 0;
}

static void
deactivate(struct frontier *f, struct host *h)
{
	unplace(f, h);
	page_spent(f, h);
	free(h->page);
	free(h->via);
	h->page = NULL;
	h->via = NULL;
	h->active = 0;
	focus_leave(f, h);
	f->nactive--;
	host_touch(f, h);
}

/* Out of memory until ms, behind all who wait for a turn. */
static void
rest(struct frontier *f, struct host *h, int64_t ms)
{
	if (h->active)
		deactivate(f, h);
	rota_del(f, h);
	rota_put(f, h, ms);
}

/* A wait that is spent in the rota. Not while a row is out that is due before:
 * after a kill it would have to wait as well (R5). */
static int
is_far(const struct frontier *f, const struct host *h, int64_t wake)
{
	if (h->leases > 0 && wake > h->is.next_ms)
		return 0;
	return wake - f->now > (f->pressure ? NEAR_MS : FAR_MS);
}

/* A host that had to rest is tried with one URL, not with all at once. */
static uint32_t
host_slots(const struct frontier *f, const struct host *h)
{
	return h->is.failures >= POLITENESS_CIRCUIT ? 1 : f->per_host;
}

void
host_place(struct frontier *f, struct host *h)
{
	int64_t wake;

	if (!h->active)
		return;
	if (h->held && host_pending(f, h) > h->leases) {
		rest(f, h, TIME_MAX);
		return;
	}
	focus_place(f, h);
	/* NEVER with rows left is damage, which the attempt to read mends. */
	wake = page_wake(f, h);
	if (wake == NEVER || wake < h->is.next_ms)
		wake = h->is.next_ms;
	unplace(f, h);
	h->doubt = (uint8_t)host_doubtful(h);
	if (host_pending(f, h) <= h->leases) {
		deactivate(f, h);
	} else if (h->slots >= host_slots(f, h)) {
		h->place = HOST_BUSY;
		f->nbusy++;
	} else if (wake <= f->now) {
		h->place = HOST_READY;
		ready_add(f, h);
	} else {
		h->wake_ms = wake;
		if (is_far(f, h, wake) || heap_add(f, h) != 0)
			rest(f, h, wake);
		else
			h->place = HOST_WAITING;
	}
	if (h->place != HOST_IDLE && !h->doubt)
		f->ngood++;
}

/* Its row lies behind rota_from: nobody will look at it again. */
static int
passed(const struct frontier *f, const struct host *h)
{
	uint8_t key[ROTA_LEN];

	rota_pack(key, h->rota_ms, h->hash);
	return memcmp(key, f->rota_from, sizeof key) < 0;
}

/* A host that is not active has something to hand out from at on. */
static void
awaken(struct frontier *f, struct host *h, int64_t at)
{
	if (at < h->is.next_ms)
		at = h->is.next_ms;
	if (at < f->now || h->leases > 0)
		at = f->now; /* R5 */
	if (h->held)
		at = TIME_MAX;
	if (h->rota_ms > at)
		rest(f, h, at);
	if (f->nactive < f->active_max && at <= f->now + NEAR_MS &&
	    activate(f, h) == 0)
		host_place(f, h);
	else if (passed(f, h))
		rest(f, h, at);
}

/* ---- due rows ----------------------------------------------------------- */

static enum store_table
due_table(const struct due *due)
{
	return due_timed(due->class) ? STORE_LATER : STORE_DUE;
}

void
host_due_add(struct frontier *f, struct host *h, const struct due *due)
{
	uint8_t key[DUE_MAX];
	int64_t next = h->is.next_ms;

	store_put(
	    f->store, due_table(due), key, due_pack(key, h->hash, due), "", 0);
	if (due_is_again(due)) {
		h->is.again++;
		f->counts.again++;
	} else {
		h->is.due++;
	}
	host_change(f, h);
	if (h->active) {
		page_added(h, due);
		host_place(f, h);
		return;
	}
	if (h->rota_ms == 0)
		rota_put(f, h, next > due->at_ms ? next : due->at_ms);
	awaken(f, h, due->at_ms);
}

void
due_drop(struct frontier *f, const struct host *h, const struct due *due)
{
	uint8_t key[DUE_MAX];

	store_del(f->store, due_table(due), key, due_pack(key, h->hash, due));
}

/* It counts no more. */
static void
due_gone(struct frontier *f, struct host *h, const struct due *due)
{
	if (!due_is_again(due) && h->is.due > 0)
		h->is.due--;
	if (due_is_again(due) && h->is.again > 0) {
		h->is.again--;
		f->counts.again -= f->counts.again > 0;
	}
	if (h->is.due + h->is.again == 0)
		rota_del(f, h);
	host_change(f, h);
}

void
host_due_del(struct frontier *f, struct host *h, const struct due *due)
{
	due_drop(f, h, due);
	due_gone(f, h, due);
}

void
host_due_settled(struct frontier *f, struct host *h, const struct due *due)
{
	if (h->active && !due_timed(due->class))
		page_spend(f, h, due);
	else
		due_drop(f, h, due);
	due_gone(f, h, due);
}

void
host_due_drop(struct frontier *f, struct host *h)
{
	uint8_t key[8];

	if (h->active)
		deactivate(f, h);
	put64(key, h->hash);
	store_drop(f->store, STORE_DUE, key);
	store_drop(f->store, STORE_LATER, key);
	f->counts.again -=
	    f->counts.again > h->is.again ? h->is.again : f->counts.again;
	h->is.due = h->is.again = 0;
	rota_del(f, h);
}

void
host_rewind(struct frontier *f, struct host *h)
{
	if (h->active) {
		page_forget(h);
		host_place(f, h);
	} else if (host_pending(f, h) > h->leases) {
		awaken(f, h, 0);
	}
}

/* ---- whose turn --------------------------------------------------------- */

struct rota_read {
	struct frontier *f;
	int64_t ms;
	uint64_t host;
	int found; /* a host to be taken; else ms is the first row's time */
};

/* The row is dealt with: look behind it. */
static void
rota_pass(struct frontier *f)
{
	int i;

	for (i = ROTA_LEN - 1; i >= 0 && ++f->rota_from[i] == 0; i--)
		;
}

/* Somebody has something to hand out there. */
static int
rota_means(struct frontier *f, uint64_t hash)
{
	struct host *h = fmap_get(&f->hosts, hash);
	struct host_record r;
	char name[HOST_NAME_MAX + 1];

	if (h != NULL)
		return !h->active && host_pending(f, h) > h->leases;
	return f->revisit || host_peek(f, hash, &r, name) != 1 ||
	       r.host.due > 0;
}

static int
read_rota(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct rota_read *r = arg;

	(void)val;
	if (key->n != ROTA_LEN)
		return 1;
	memcpy(r->f->rota_from, key->p, ROTA_LEN);
	r->ms = (int64_t)get48(key->p);
	r->host = get64(key->p + 6);
	/* Without revisits hosts that wait for nothing else are no reason to
	 * wait; they are passed for this process, whatever their time. */
	if (r->ms > r->f->now && r->f->revisit)
		return 0;
	if (rota_means(r->f, r->host)) {
		r->found = r->ms <= r->f->now;
		return 0;
	}
	rota_pass(r->f);
	r->ms = -1;
	return 1;
}

/* 1: host *hash is next in the rota and its time has come. */
static int
rota_next(struct frontier *f, uint64_t *hash)
{
	struct rota_read r = {.f = f, .ms = -1};

	if (f->rota_wake < 0 || f->rota_wake > f->now)
		return 0;
	if (store_scan(f->store, STORE_ROTA, f->rota_from, ROTA_LEN, read_rota,
		&r) != 0) {
		f->rota_wake = f->now + RETRY_MS;
		return 0;
	}
	f->rota_wake = r.ms;
	*hash = r.host;
	return r.found;
}

/* R1 is the store's; a row without its host would be met again and again. */
static void
rota_drop(struct frontier *f, uint64_t hash)
{
	uint8_t key[ROTA_LEN];

	rota_pack(key, f->rota_wake, hash);
	store_del(f->store, STORE_ROTA, key, sizeof key);
}

/* A few at a time while some are ready: thousands whose time came while we were
 * away may not hold up the start. */
static void
rota_refill(struct frontier *f)
{
	struct host *h;
	uint64_t hash;
	int rc, n = 0;

	f->pressure = 0;
	while ((n++ < REFILL || f->nready == 0) && rota_next(f, &hash)) {
		if (f->nactive >= f->active_max) {
			f->pressure = 1;
			return;
		}
		h = host_get(f, hash, &rc);
		if (h == NULL ||
		    (host_pending(f, h) > 0 && activate(f, h) != 0)) {
			f->rota_wake = f->now + RETRY_MS;
			return;
		}
		if (h->is.due + h->is.again == 0 || h->rota_ms != f->rota_wake)
			rota_drop(f, hash);
		rota_pass(f);
		host_place(f, h);
	}
}

/* From the back, as who leaves the heap is replaced by its last. */
static void
hosts_place_again(struct frontier *f)
{
	for (uint32_t i = f->nheap; i > 0; i--)
		if (i <= f->nheap)
			host_place(f, f->heap[i - 1]);
}

void
hosts_turn(struct frontier *f)
{
	while (f->nheap > 0 && f->heap[0]->wake_ms <= f->now)
		host_place(f, f->heap[0]);
	rota_refill(f);
	if (f->nready == 0 && focus_fell(f))
		hosts_place_again(f);
}

/* The first of those in good standing and of the doubtful by turns (F7). */
static struct host *
ready_first(struct frontier *f)
{
	int i, list;

	for (i = 0; i < 2; i++) {
		list = (f->ready_turn + i) & 1;
		if (f->ready[list].first != NULL &&
		    (list == 0 || f->doubtful_out < doubtful_most(f)))
			return f->ready[list].first;
	}
	return NULL;
}

/* Memory is full, mostly of doubtful hosts, more than can go out: some give up
 * their places, or those in good standing that wait outside would get in only
 * when all the doubtful had had their turn. */
int64_t
hosts_swap_wake(const struct frontier *f)
{
	return f->nactive >= f->active_max && f->ngood < f->transfers / 2 &&
		       f->ready[1].n > f->transfers
		   ? f->swap_ms + SWAP_MS
		   : -1;
}

static void
doubtful_swap(struct frontier *f)
{
	int64_t owed = (f->now - f->swap_ms) / SWAP_MS;
	int n;

	if (owed <= 0 || hosts_swap_wake(f) < 0)
		return;
	f->swap_ms = f->now;
	for (owed = owed < SWAPS ? owed : SWAPS; owed > 0; owed--) {
		for (n = 0; n < REFILL && f->ready[1].n > f->transfers; n++)
			rest(f, f->ready[1].first, f->now + DOUBT_MS);
		rota_refill(f);
	}
}

struct host *
hosts_ready(struct frontier *f)
{
	struct host *h;

	f->ready_turn ^= 1;
	doubtful_swap(f);
	while ((h = ready_first(f)) != NULL && f->pressure && h->turn >= TURN &&
	       h->slots == 0) {
		rest(f, h, f->now + 1);
		rota_refill(f);
	}
	return h;
}

/* A row in the rota may lie before its host's time, never behind it (R5). */
int64_t
frontier_host_next(struct frontier *f, uint64_t host)
{
	const struct host *h = fmap_get(&f->hosts, host);
	struct host_record r;
	char name[HOST_NAME_MAX + 1];

	if (h == NULL) {
		if (host_peek(f, host, &r, name) != 1 || r.host.due == 0 ||
		    act_holds(f, host))
			return -1;
		return time_out(f, r.rota_ms);
	}
	if (h->held || h->is.due <= h->leases - h->leases_again)
		return -1;
	return time_out(f, h->place == HOST_WAITING ? h->wake_ms
			   : h->active              ? f->now
						    : h->rota_ms);
}
