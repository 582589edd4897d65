/* frontier_focus.c - hosts that promise little are asked less often.
 *
 * With a focus (frontier_set_focus) the class of a new row says what is
 * expected of it, and a host is worth its best one. The pause of a host between
 * two new rows grows with the distance between that and the best of all: twice
 * as long for each FOLD_CLASSES, MOST times and MOST_MS at most, so that no
 * host is given up. What a pause is shows the host itself: how long a request
 * and the wait behind it took the last time. Revisits and tries again have
 * times of their own, and are not held up.
 *
 * Invariants
 *  W1  A host that is the best of those that have something new is not held up.
 *  W2  When the best of all is used up, those that wait for it are placed anew
 *      as soon as nobody else is ready.
 *  W3  Memory only: after a restart every host may be asked at once.
 *
 * The class of a host's best row is kept as a bound: rows of a page are known,
 * behind them nothing is better than what went out last. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>

#define FOLD_CLASSES 4 /* a pause of twice the length a so many classes */
#define MOST 128       /* pauses */
#define RISEN 8        /* classes that make another turn worth a write */
#define MOST_MS 60000
#define NEAR_MS 60000 /* a host that waits for longer holds up nobody */

void
frontier_set_focus(struct frontier *f, int on)
{
	f->focus.on = on != 0;
}

/* ---- who is the best ---------------------------------------------------- */

static void
best_down(struct frontier *f)
{
	while (f->focus.best < DUE_AGAIN && f->focus.hosts[f->focus.best] == 0)
		f->focus.best++;
}

void
focus_leave(struct frontier *f, struct host *h)
{
	if (!h->ranked)
		return;
	h->ranked = 0;
	f->focus.hosts[h->prospect]--;
	best_down(f);
}

static void
enter(struct frontier *f, struct host *h, uint8_t class)
{
	h->prospect = class;
	h->ranked = 1;
	f->focus.hosts[class]++;
	if (class < f->focus.best)
		f->focus.best = class;
	best_down(f);
}

void
focus_added(struct host *h, uint8_t class)
{
	if (class < h->better)
		h->better = class;
}

void
focus_next(struct frontier *f, struct host *h, uint8_t class)
{
	(void)f;
	if (class < DUE_AGAIN)
		h->better = page_class(h, class);
}

int
focus_fell(struct frontier *f)
{
	int fell = f->focus.on && f->focus.best > f->focus.placed;

	f->focus.placed = f->focus.best;
	return fell;
}

/* ---- how long ----------------------------------------------------------- */

void
focus_paced(struct frontier *f, const struct lease *l, int64_t next_ms)
{
	struct host *h = l->host;
	int64_t pause = time_in(f, next_ms) - f->now;

	if (!f->focus.on || !l->slot)
		return;
	h->done_ms = f->now;
	h->unit_ms = f->now - l->out_ms + 1 + (pause > 0 ? pause : 0);
}

/* So many pauses for being so many classes behind. */
static int64_t
pauses(int behind)
{
	int folds = behind / FOLD_CLASSES;

	return folds > 6
		   ? MOST
		   : ((int64_t)1 << folds) +
			 (((int64_t)1 << folds) * (behind % FOLD_CLASSES)) /
			     FOLD_CLASSES;
}

static int64_t
patience(const struct frontier *f, const struct host *h)
{
	int behind = h->prospect - f->focus.best;
	int64_t ms;

	if (behind <= 0 || h->done_ms == 0)
		return 0;
	ms = (pauses(behind) - 1) * h->unit_ms;
	return h->done_ms + (ms < MOST_MS ? ms : MOST_MS);
}

void
focus_place(struct frontier *f, struct host *h)
{
	h->patience_ms = 0;
	if (!f->focus.on) {
		focus_leave(f, h);
		return;
	}
	if (h->ranked && h->better != h->prospect)
		focus_leave(f, h);
	if (h->better >= DUE_AGAIN || h->is.due <= h->leases ||
	    h->is.next_ms > f->now + NEAR_MS) {
		focus_leave(f, h);
		return;
	}
	if (!h->ranked)
		enter(f, h, h->better);
	h->patience_ms = patience(f, h);
}

/* ---- another turn ------------------------------------------------------- */

/* The row in the store, and the URL's. */
static void
move(struct frontier *f, struct host *h, uint64_t ref, struct url_record *r,
    int priority, int own)
{
	struct due was = {.ref = ref, .class = due_class(r->priority)};
	struct due due = {.ref = ref, .class = due_class(priority)};

	r->priority = (int8_t)priority;
	r->own = (int8_t)own;
	url_write(f->store, ref, r);
	host_due_add(f, h, &due);
	host_due_del(f, h, &was);
}

/* Waits for its first visit, in its turn. */
static int
waits(struct frontier *f, uint64_t ref, struct url_record *r)
{
	return fmap_get(&f->leases, ref) == NULL &&
	       url_read(f->store, ref, r) == 1 && r->state == URL_DUE &&
	       r->tries == 0;
}

int
frontier_raise(
    struct frontier *f, const struct winnow_key *key, int priority, int own)
{
	struct url_record r;
	struct host *h;
	uint64_t ref;
	int rc;

	if (store_state(f->store) != 0 || url_ref(f->store, key, &ref) != 1 ||
	    !waits(f, ref, &r) || r.priority >= priority ||
	    (h = host_get(f, key->host, &rc)) == NULL)
		return 0;
	move(f, h, ref, &r, priority, own);
	host_rewind(f, h); /* the old row may stand in its page */
	return 1;
}

struct review {
	uint64_t host;
	uint64_t *refs;
	int n, most;
};

static int
review_row(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct review *v = arg;
	struct due due;

	(void)val;
	if (v->n == v->most || due_unpack(key->p, key->n, &due) != 0)
		return 0;
	v->refs[v->n++] = due.ref;
	return 1;
}

/* 1: it is filled in. */
static int
waiting_of(struct frontier *f, const struct url_record *r, uint64_t host,
    struct frontier_waiting *w)
{
	struct url_record via;

	*w = (struct frontier_waiting){
	    .url = f->text[0], .own = r->own, .priority = r->priority};
	if (url_text(f->store, r, f->text[0]) < 0)
		return 0;
	if (r->via != 0 && url_read(f->store, r->via, &via) == 1)
		w->via = (struct winnow_key){
		    r->via_host != 0 ? r->via_host : host, via.hash};
	return 1;
}

static int
review_one(struct frontier *f, struct host *h, uint64_t ref,
    int (*rank)(void *arg, const struct frontier_waiting *), void *arg)
{
	struct frontier_waiting w;
	struct url_record r;
	int priority;

	if (!waits(f, ref, &r) || !waiting_of(f, &r, h->hash, &w))
		return 0;
	priority = rank(arg, &w);
	if (priority < r.priority + RISEN ||
	    url_read(f->store, ref, &r) != 1) /* text that has moved */
		return 0;
	move(f, h, ref, &r, priority, r.own);
	return 1;
}

void
frontier_review(struct frontier *f, uint64_t host, int most, int pages,
    int (*rank)(void *arg, const struct frontier_waiting *), void *arg)
{
	struct review v = {.host = host, .most = most};
	struct due first = {0};
	uint8_t from[DUE_MAX];
	struct host *h = fmap_get(&f->hosts, host);
	int i, moved = 0;

	if (h == NULL || store_state(f->store) != 0 ||
	    h->went - h->reviewed < (uint32_t)pages ||
	    (v.refs = calloc((size_t)most, sizeof *v.refs)) == NULL)
		return;
	h->reviewed = h->went;
	page_spent(f, h); /* or their rows would fill the list */
	if (store_scan(f->store, STORE_DUE, from, due_pack(from, host, &first),
		review_row, &v) == 0)
		for (i = 0; i < v.n; i++)
			moved += review_one(f, h, v.refs[i], rank, arg);
	free(v.refs);
	if (moved > 0)
		host_rewind(f, h);
}
