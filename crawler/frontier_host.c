/* frontier_host.c - hosts in memory, and whose turn it is.
 *
 * A host with due URLs has one row in the rota, a table ordered by the time
 * from which it may have a turn. Hosts are taken from its front into memory
 * while there are fewer than active_max; there a host gets a page of due URLs
 * and is ready (a FIFO), waiting (a heap by time) or busy (all slots out).
 * Its row stays where it was, so that a kill forgets nothing. It leaves when
 * nothing is left to hand out, when it has to wait long, or, with others at
 * the door (pressure), after a turn of TURN URLs; then its row moves to the
 * time of its next turn, behind all who wait already: that is the fairness.
 *
 * Invariants, beside F1 and F2
 *  R1  due > 0 if and only if rota_ms != 0 and the row is in the store.
 *  R2  Every row before rota_from belongs to a host that is active, or has
 *      nothing but leases.
 *  R3  Every due row up to pos is leased or in the page; laters (retries) are
 *      read anew with each page.
 *  R4  A host that is not active, has no lease and is not touched is not in
 *      memory. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <string.h>

#define TURN 64
#define LATERS 16     /* retries in a page: they may not fill it */
#define FAR_MS 60000  /* a longer wait is spent in the rota */
#define NEAR_MS 2000  /* the same under pressure */
#define KEEP_MS 10000 /* a next_ms further ahead is durable */
#define RETRY_MS 1000 /* the store did not answer */

/* ---- the rota
 * ------------------------------------------------------------------ */

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

/* ---- ready, waiting, busy
 * ------------------------------------------------------- */

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
	h->prev = f->ready_last;
	h->next = NULL;
	*(h->prev != NULL ? &h->prev->next : &f->ready_first) = h;
	f->ready_last = h;
	f->nready++;
}

static void
ready_del(struct frontier *f, struct host *h)
{
	*(h->prev != NULL ? &h->prev->next : &f->ready_first) = h->next;
	*(h->next != NULL ? &h->next->prev : &f->ready_last) = h->prev;
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
	h->place = HOST_IDLE;
}

/* Forgets the page: the next one is read from the host's first row. */
static void
page_forget(struct host *h)
{
	h->nrows = h->row = 0;
	h->later_ms = 0;
	memset(h->pos, 0, sizeof h->pos);
}

static int
activate(struct frontier *f, struct host *h)
{
	h->page = malloc(PAGE_ROWS * ROW_LEN);
	if (h->page == NULL)
		return -1;
	page_forget(h);
	h->active = 1;
	h->turn = 0;
	f->nactive++;
	return 0;
}

static void
deactivate(struct frontier *f, struct host *h)
{
	unplace(f, h);
	free(h->page);
	h->page = NULL;
	h->active = 0;
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

void
host_place(struct frontier *f, struct host *h)
{
	int64_t wake = h->next_ms > h->later_ms ? h->next_ms : h->later_ms;

	if (!h->active)
		return;
	unplace(f, h);
	if (h->due <= h->leases) {
		deactivate(f, h);
	} else if (h->slots >= f->per_host) {
		h->place = HOST_BUSY;
		f->nbusy++;
	} else if (wake <= f->now) {
		h->place = HOST_READY;
		ready_add(f, h);
	} else {
		h->wake_ms = wake;
		if (wake - f->now > (f->pressure ? NEAR_MS : FAR_MS) ||
		    heap_add(f, h) != 0)
			rest(f, h, wake);
		else
			h->place = HOST_WAITING;
	}
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
	if (at < h->next_ms)
		at = h->next_ms;
	if (at < f->now)
		at = f->now;
	if (f->nactive < f->active_max && at <= f->now + NEAR_MS &&
	    activate(f, h) == 0)
		host_place(f, h);
	else if (h->rota_ms > at || passed(f, h))
		rest(f, h, at);
}

/* ---- due rows
 * ---------------------------------------------------------------- */

void
host_due_added(struct frontier *f, struct host *h, const uint8_t due[DUE_LEN])
{
	const uint8_t *row = due + 8;
	int64_t at = row[0] == DUE_LATER ? (int64_t)get48(row + 1) : 0;

	h->due++;
	host_change(f, h);
	if (!h->active) {
		if (h->rota_ms == 0)
			rota_put(f, h, h->next_ms > at ? h->next_ms : at);
		awaken(f, h, at);
		return;
	}
	if (row[0] == DUE_LATER)
		h->later_ms = h->later_ms > at ? at : h->later_ms;
	else if (memcmp(row, h->pos, ROW_LEN) < 0)
		page_forget(h);
	else
		h->later_ms = 0;
	host_place(f, h);
}

void
host_due_gone(struct frontier *f, struct host *h)
{
	if (h->due > 0)
		h->due--;
	if (h->due == 0)
		rota_del(f, h);
	host_change(f, h);
}

void
host_rewind(struct frontier *f, struct host *h)
{
	if (h->active) {
		page_forget(h);
		host_place(f, h);
	} else if (h->due > h->leases) {
		awaken(f, h, 0);
	}
}

struct page_read {
	struct frontier *f;
	struct host *h;
	uint8_t host[8];
};

/* Into the page, unless it is leased. */
static void
page_add(struct page_read *p, const uint8_t *row)
{
	struct winnow_key key = {p->h->hash, get64(row + 7)};

	if (fmap_get(&p->f->leases, key_mix(&key)) != NULL)
		return;
	memcpy(p->h->page + p->h->nrows * ROW_LEN, row, ROW_LEN);
	p->h->nrows++;
}

static int
read_later(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct page_read *p = arg;
	const uint8_t *row = key->p + 8;

	(void)val;
	if (key->n != DUE_LEN || memcmp(key->p, p->host, 8) != 0)
		return 0;
	if ((int64_t)get48(row + 1) > p->f->now) {
		p->h->later_ms = (int64_t)get48(row + 1);
		return 0;
	}
	page_add(p, row);
	return p->h->nrows < LATERS;
}

static int
read_normal(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct page_read *p = arg;
	const uint8_t *row = key->p + 8;

	(void)val;
	if (key->n != DUE_LEN || memcmp(key->p, p->host, 8) != 0 ||
	    row[0] == DUE_LATER)
		return 0;
	if (memcmp(row, p->h->pos, ROW_LEN) == 0)
		return 1;
	memcpy(p->h->pos, row, ROW_LEN);
	page_add(p, row);
	return p->h->nrows < PAGE_ROWS;
}

/* Retries whose time has come first: they have waited longest. */
static int
page_load(struct frontier *f, struct host *h)
{
	struct page_read p = {.f = f, .h = h};
	uint8_t from[DUE_LEN] = {0};
	int rc;

	h->nrows = h->row = 0;
	h->later_ms = 0;
	put64(p.host, h->hash);
	put64(from, h->hash);
	from[8] = DUE_LATER;
	rc = store_scan(f->store, STORE_DUE, from, sizeof from, read_later, &p);
	if (rc != 0)
		return rc;
	memcpy(from + 8, h->pos, ROW_LEN);
	rc =
	    store_scan(f->store, STORE_DUE, from, sizeof from, read_normal, &p);
	if (rc == 0 && h->nrows > 0)
		h->later_ms = 0;
	return rc;
}

int
host_row(struct frontier *f, struct host *h, uint8_t due[DUE_LEN])
{
	int rc;

	if (h->row == h->nrows && (rc = page_load(f, h)) != 0)
		return rc;
	if (h->nrows == 0)
		return 0;
	put64(due, h->hash);
	memcpy(due + 8, h->page + h->row++ * ROW_LEN, ROW_LEN);
	return 1;
}

/* ---- whose turn
 * -------------------------------------------------------------- */

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

static int
read_rota(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct rota_read *r = arg;
	struct host *h;

	(void)val;
	if (key->n != ROTA_LEN)
		return 1;
	memcpy(r->f->rota_from, key->p, ROTA_LEN);
	r->ms = (int64_t)get48(key->p);
	r->host = get64(key->p + 6);
	if (r->ms > r->f->now)
		return 0;
	h = fmap_get(&r->f->hosts, r->host);
	r->found = h == NULL || (!h->active && h->due > h->leases);
	if (r->found)
		return 0;
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

static void
rota_refill(struct frontier *f)
{
	struct host *h;
	uint64_t hash;
	int rc;

	f->pressure = 0;
	while (rota_next(f, &hash)) {
		if (f->nactive >= f->active_max) {
			f->pressure = 1;
			return;
		}
		h = host_get(f, hash, &rc);
		if (h == NULL || (h->due > 0 && activate(f, h) != 0)) {
			f->rota_wake = f->now + RETRY_MS;
			return;
		}
		if (h->due == 0 || h->rota_ms != f->rota_wake)
			rota_drop(f, hash);
		rota_pass(f);
		host_place(f, h);
	}
}

void
hosts_turn(struct frontier *f)
{
	while (f->nheap > 0 && f->heap[0]->wake_ms <= f->now)
		host_place(f, f->heap[0]);
	rota_refill(f);
}

struct host *
hosts_ready(struct frontier *f)
{
	struct host *h;

	while ((h = f->ready_first) != NULL && f->pressure && h->turn >= TURN &&
	       h->slots == 0) {
		rest(f, h, f->now + 1);
		rota_refill(f);
	}
	return h;
}

/* ---- in and out of memory
 * ---------------------------------------------------- */

int
host_set_name(struct host *h, const char *name)
{
	if (h->name != NULL || name == NULL || name[0] == '\0')
		return 0;
	h->name = strndup(name, HOST_NAME_MAX);
	return h->name != NULL ? 0 : -1;
}

static int
host_read(struct host *h, const struct store_bytes *val)
{
	struct host_record r;

	if (host_record_unpack(val->p, val->n, &r) != 0)
		return -1;
	h->next_ms = r.next_ms;
	h->rota_ms = r.rota_ms;
	h->failures = r.failures;
	h->poisoned = r.poisoned;
	h->urls = r.urls;
	h->due = r.due;
	if (r.name_len == 0)
		return 0;
	h->name = strndup(r.name, r.name_len);
	return h->name != NULL ? 0 : -1;
}

static void
host_free(struct host *h)
{
	free(h->page);
	free(h->name);
	free(h);
}

struct host *
host_get(struct frontier *f, uint64_t hash, int *rc)
{
	struct host *h = fmap_get(&f->hosts, hash);
	struct store_bytes val;
	uint8_t key[8];

	if (h != NULL)
		return h;
	put64(key, hash);
	if ((*rc = store_get(f->store, STORE_HOST, key, 8, &val)) < 0)
		return NULL;
	h = calloc(1, sizeof *h);
	if (h == NULL || (*rc == 1 && host_read(h, &val) != 0) ||
	    fmap_put(&f->hosts, hash, h) != 0) {
		if (h != NULL)
			host_free(h);
		*rc = FRONTIER_ENOMEM;
		return NULL;
	}
	h->hash = hash;
	if (*rc == 0) {
		f->counts.hosts++;
		host_change(f, h);
	}
	host_touch(f, h);
	return h;
}

int
host_peek(struct frontier *f, uint64_t hash, struct host_record *r,
    char name[HOST_NAME_MAX + 1])
{
	const struct host *h = fmap_get(&f->hosts, hash);
	struct store_bytes val;
	uint8_t key[8];

	name[0] = '\0';
	*r = (struct host_record){0};
	if (h != NULL) {
		r->next_ms = h->next_ms;
		r->failures = h->failures;
		r->poisoned = h->poisoned;
		r->urls = h->urls;
		r->due = h->due;
		if (h->name != NULL)
			strcpy(name, h->name);
		return 1;
	}
	put64(key, hash);
	if (store_get(f->store, STORE_HOST, key, 8, &val) != 1 ||
	    host_record_unpack(val.p, val.n, r) != 0)
		return 0;
	memcpy(name, r->name, r->name_len);
	name[r->name_len] = '\0';
	return 1;
}

void
host_touch(struct frontier *f, struct host *h)
{
	if (h->touched)
		return;
	h->touched = 1;
	h->touched_next = f->touched;
	f->touched = h;
}

void
host_change(struct frontier *f, struct host *h)
{
	f->ndirty += !h->dirty;
	h->dirty = 1;
	host_touch(f, h);
}

static int
leaves(const struct host *h)
{
	return !h->active && h->leases == 0;
}

void
hosts_write(struct frontier *f)
{
	uint8_t key[8], val[HOST_RECORD_MAX];
	struct host_record r;
	struct host *h;

	for (h = f->touched; h != NULL; h = h->touched_next) {
		/* A short wait is kept by memory, until there is none. */
		if (!h->dirty && !(leaves(h) && h->next_ms > f->now))
			continue;
		r = (struct host_record){.next_ms = h->next_ms,
		    .rota_ms = h->rota_ms,
		    .failures = h->failures,
		    .poisoned = h->poisoned,
		    .urls = h->urls,
		    .due = h->due,
		    .name = h->name,
		    .name_len = h->name != NULL ? strlen(h->name) : 0};
		put64(key, h->hash);
		store_put(f->store, STORE_HOST, key, sizeof key, val,
		    host_record_pack(val, &r));
		f->ndirty -= h->dirty;
		h->dirty = 0;
	}
}

void
hosts_settle(struct frontier *f)
{
	struct host *h;

	while ((h = f->touched) != NULL) {
		f->touched = h->touched_next;
		h->touched = 0;
		if (!leaves(h))
			continue;
		fmap_del(&f->hosts, h->hash);
		host_free(h);
	}
}

void
hosts_clear(struct frontier *f)
{
	size_t i;

	for (i = 0; i < f->hosts.room; i++)
		if (f->hosts.slots[i].val != NULL)
			host_free(f->hosts.slots[i].val);
	fmap_clear(&f->hosts);
	free(f->heap);
}
