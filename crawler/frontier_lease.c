/* frontier_lease.c - a URL goes out, and comes back in one of three ways.
 *
 * A lease leaves its due row in the store where it is (F4): settle and retry
 * take it out, release leaves it. What a revisit is tells the row's class, not
 * the state: that stays what the page was settled with until it is settled
 * anew, so a revisit that fails for a while changes no count. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <string.h>

/* Another URL that a row names: its row, its text in text, its key; 0: there is
 * none. */
static size_t
named(struct frontier *f, uint64_t ref, uint64_t host, char *text,
    struct winnow_key *key, struct url_record *r)
{
	int n;

	text[0] = '\0';
	*key = (struct winnow_key){0, 0};
	*r = (struct url_record){0};
	if (ref == 0 || url_read(f->store, ref, r) != 1 ||
	    (n = url_text(f->store, r, text)) < 0)
		return 0;
	*key = (struct winnow_key){host, r->hash};
	return (size_t)n + 1;
}

static void
via_keep(struct host *h, uint64_t ref, const struct url_record *from,
    const char *text, size_t n)
{
	struct via *via = realloc(h->via, sizeof *via + n);

	if (via == NULL)
		return;
	*via = (struct via){ref, from->hash, n, from->depth, from->type};
	memcpy(via->text, text, n);
	h->via = via;
}

/* The page that r was found on; of its row only key, depth and type. URLs of a
 * host come in the order in which they were found, so it is mostly that of the
 * one before. */
static size_t
via_of(struct frontier *f, struct host *h, const struct url_record *r,
    char *text, struct winnow_key *key, struct url_record *from)
{
	uint64_t host = r->via_host != 0 ? r->via_host : h->hash;
	const struct via *via = h->via;
	size_t n;

	if (via != NULL && via->ref == r->via) {
		*key = (struct winnow_key){host, via->hash};
		*from =
		    (struct url_record){.depth = via->depth, .type = via->type};
		memcpy(text, via->text, via->n);
		return via->n;
	}
	n = named(f, r->via, host, text, key, from);
	if (n > 0 && h->active)
		via_keep(h, r->via, from, text, n);
	return n;
}

/* Text of r, whose page was found to have via; 0: damage. */
static size_t
text_after(const struct url_record *r, const char *via, size_t nvia, char *text)
{
	if (r->shared + 1u > nvia && r->shared > 0)
		return 0;
	memcpy(text, via, r->shared);
	memcpy(text + r->shared, r->tail, r->tail_len);
	text[r->shared + r->tail_len] = '\0';
	return r->shared + r->tail_len + 1;
}

static const char *
keep(char **p, const char *text, size_t n)
{
	const char *at = *p;

	memcpy(*p, text, n);
	*p += n;
	return n > 0 ? at : NULL;
}

/* 1, 0: the row is damaged, or an error. */
static int
lease_make(struct frontier *f, struct host *h, const struct url_record *r,
    struct lease **out)
{
	struct winnow_key via, req;
	struct url_record from, first;
	size_t nvia = via_of(f, h, r, f->text[1], &via, &from);
	size_t nreq =
	    named(f, r->requested, r->requested_host, f->text[2], &req, &first);
	size_t nurl = text_after(r, f->text[1], nvia, f->text[0]);
	const char *host = h->name != NULL ? h->name : "";
	size_t nhost = strlen(host) + 1;
	struct lease *l = calloc(1, sizeof *l + nurl + nvia + nreq + nhost);
	char *p;

	if (l == NULL)
		return FRONTIER_ENOMEM;
	*out = l;
	p = l->text;
	l->item = (struct frontier_item){.key = {h->hash, r->hash},
	    .via_key = via,
	    .requested_key = req,
	    .url = keep(&p, f->text[0], nurl),
	    .host = keep(&p, host, nhost),
	    .via = keep(&p, f->text[1], nvia),
	    .requested = keep(&p, f->text[2], nreq),
	    .seed = r->seed,
	    .depth = r->depth,
	    .via_depth = from.depth,
	    .via_type = from.type,
	    .hops = r->hops,
	    .type = r->type,
	    .tries = r->tries,
	    .priority = r->priority,
	    .published = r->published,
	    .own = r->own,
	    .state = r->state};
	l->host = h;
	l->row = *r;
	l->row.tail = l->item.url != NULL ? l->item.url + r->shared : NULL;
	return nurl > 0;
}

static void
lease_free(struct lease *l)
{
	free(l->memory);
	free(l->strings);
	free(l);
}

void
leases_clear(struct frontier *f)
{
	size_t i;

	for (i = 0; i < f->leases.room; i++)
		if (f->leases.slots[i].val != NULL)
			lease_free(f->leases.slots[i].val);
	fmap_clear(&f->leases);
}

/* 1 leased, 0 the row means nothing, or an error. */
static int
lease_row(struct frontier *f, struct host *h, const struct due *due,
    struct lease **out)
{
	struct lease *l = NULL;
	struct url_record r;
	int rc = url_read(f->store, due->ref, &r);

	if (rc != 1)
		return rc;
	if ((r.state != URL_DUE) != due_is_again(due))
		return 0;
	rc = lease_make(f, h, &r, &l);
	if (rc == 1 && due_is_again(due)) {
		l->item.again = 1;
		rc = again_load(f, due->ref, &l->item.memory, &l->strings);
		rc = rc < 0 ? rc : 1;
	}
	if (rc == 1 && fmap_put(&f->leases, due->ref, l) != 0)
		rc = FRONTIER_ENOMEM;
	if (rc != 1) {
		lease_free(l);
		return rc;
	}
	l->due = *due;
	l->out_ms = f->now;
	l->slot = 1;
	h->leases++;
	h->leases_again += due_is_again(due) != 0;
	h->slots++;
	h->turn++;
	h->went++;
	l->doubtful = (uint8_t)host_doubtful(h);
	f->doubtful_out += l->doubtful;
	*out = l;
	return 1;
}

/* Damage: a row that names no such URL, or a host that counts too many. It
 * costs the row, and the crawl still comes to its end. */
static void
due_lost(struct frontier *f, struct host *h, const struct due *due)
{
	if (!due_is_again(due) && f->counts.by_state[URL_DUE] > 0)
		f->counts.by_state[URL_DUE]--;
	host_due_del(f, h, due);
}

/* The host's next URL; 0: it has none now, and is no longer ready. */
static int
host_lease(struct frontier *f, struct host *h, struct lease **out)
{
	struct due due;
	int rc;

	while ((rc = host_row(f, h, &due)) == 1) {
		if ((rc = lease_row(f, h, &due, out)) != 0)
			break;
		/* Perhaps it was settled (frontier_page.c), and is not counted;
		 * if it was, the counts are mended below. */
		if (due_timed(due.class))
			due_lost(f, h, &due);
		else
			due_drop(f, h, &due);
	}
	while (rc == 0 && page_wake(f, h) == NEVER &&
	       host_pending(f, h) > h->leases) {
		due = (struct due){.class = h->is.due > 0 ? 0 : DUE_AGAIN};
		due_lost(f, h, &due);
	}
	if (rc >= 0) {
		focus_next(f, h, rc == 1 ? due.class : DUE_LATER);
		host_place(f, h);
	}
	return rc;
}

int
frontier_next(struct frontier *f, int64_t now_ms, struct frontier_item **out)
{
	struct lease *lease = NULL;
	struct host *h;
	int rc = 0;

	*out = NULL;
	see_now(f, now_ms);
	if (store_state(f->store) != 0)
		return 0; /* the next commit says why */
	hosts_turn(f);
	while (rc == 0 && (h = hosts_ready(f)) != NULL)
		rc = host_lease(f, h, &lease);
	if (rc != 1) {
		f->failed = rc;
		return 0;
	}
	*out = &lease->item;
	return 1;
}

static struct lease *
lease_of(struct frontier_item *item)
{
	return (struct lease *)(void *)item;
}

static void
slot_free(struct frontier *f, struct lease *l)
{
	if (l->slot) {
		l->host->slots--;
		f->doubtful_out -= l->doubtful;
	}
	l->slot = 0;
}

static struct host *
lease_end(struct frontier *f, struct lease *l)
{
	struct host *h = l->host;

	slot_free(f, l);
	h->leases--;
	h->leases_again -= due_is_again(&l->due) != 0;
	fmap_del(&f->leases, l->due.ref);
	host_touch(f, h);
	lease_free(l);
	return h;
}

static void
url_put(struct frontier *f, const struct lease *l, enum url_state state,
    int status, const char *reason, uint8_t tries)
{
	struct url_record r = l->row;

	r.state = (uint8_t)state;
	r.status = status > 0 && status < 65536 ? (uint16_t)status : 0;
	r.changed_ms = f->now;
	r.tries = tries;
	if (state != URL_DUE)
		r.published = r.own = 0;
	url_set_reason(f, &r, reason);
	url_write(f->store, l->due.ref, &r);
}

void
frontier_settle(struct frontier *f, struct frontier_item *item,
    enum url_state state, int status, const char *reason, int64_t now_ms)
{
	struct lease *l = lease_of(item);
	struct due was = l->due, due;
	int next;
	struct host *h;

	see_now(f, now_ms);
	if (state == URL_DROPPED)
		known_forget(f, &item->key);
	next = again_settle(f, l, &due);
	url_put(f, l, state, status, reason, next ? 0 : item->tries);
	f->counts.by_state[item->state]--;
	f->counts.by_state[state]++;
	h = lease_end(f, l);
	host_due_settled(f, h, &was); /* first: both may be the same row */
	if (next)
		host_due_add(f, h, &due);
	host_place(f, h);
}

void
frontier_retry(struct frontier *f, struct frontier_item *item, int status,
    const char *reason, int64_t at_ms)
{
	struct lease *l = lease_of(item);
	struct due was = l->due, due = l->due;
	struct host *h;

	url_put(f, l, item->state, status, reason,
	    item->tries < 255 ? item->tries + 1 : 255);
	due.at_ms = time_in(f, at_ms);
	if (item->again)
		again_moved(f, due.ref, due.at_ms);
	else
		due.class = DUE_LATER;
	h = lease_end(f, l);
	host_due_del(f, h, &was);
	host_due_add(f, h, &due);
	host_place(f, h);
}

void
frontier_release(struct frontier *f, struct frontier_item *item)
{
	host_rewind(f, lease_end(f, lease_of(item)));
}

void
frontier_defer(struct frontier *f, struct frontier_item *item, int priority)
{
	struct lease *l = lease_of(item);
	struct due was = l->due, due = l->due;
	struct url_record r = l->row;
	struct host *h;

	r.priority = (int8_t)priority;
	url_write(f->store, l->due.ref, &r);
	due.class = due_class(priority);
	h = lease_end(f, l);
	host_due_del(f, h, &was);
	host_due_add(f, h, &due);
	host_place(f, h);
}

void
frontier_host_done(
    struct frontier *f, struct frontier_item *item, int64_t next_ms)
{
	struct lease *l = lease_of(item);

	focus_paced(f, l, next_ms);
	slot_free(f, l);
	host_wait(f, l->host, next_ms);
}
