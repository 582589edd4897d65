/* frontier_lease.c - a URL goes out, and comes back in one of three ways.
 *
 * A lease leaves its due row in the store where it is (F4): settle and retry
 * take it out, release leaves it. What a revisit is tells the row's class, not
 * the state: that stays what the page was settled with until it is settled
 * anew, so a revisit that fails for a while changes no count. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <string.h>

#define REASON_MAX 255

/* The URL under a key for the lease's text; *n is what it takes. */
static struct url_record
url_named(struct frontier *f, const struct winnow_key *key, size_t *n)
{
	struct url_record r = {0};
	struct store_bytes val;
	uint8_t bytes[KEY_LEN];

	*n = 0;
	if (key_is_zero(key))
		return r;
	key_pack(bytes, key);
	if (store_get(f->store, STORE_URL, bytes, sizeof bytes, &val) == 1 &&
	    url_record_unpack(val.p, val.n, key->host, &r) == 0)
		*n = url_record_text(&r, NULL);
	return r;
}

static struct lease *
lease_make(struct frontier *f, struct host *h, const struct url_record *r,
    const struct winnow_key *key)
{
	size_t nurl = url_record_text(r, NULL), nvia, nreq;
	struct url_record via = url_named(f, &r->via, &nvia);
	struct url_record req = url_named(f, &r->requested, &nreq);
	const char *host = h->name != NULL ? h->name : "";
	size_t nhost = strlen(host) + 1;
	struct lease *l = calloc(1, sizeof *l + nurl + nvia + nreq + nhost);
	char *p;

	if (l == NULL)
		return NULL;
	p = l->text;
	l->item = (struct frontier_item){.key = *key,
	    .via_key = r->via,
	    .requested_key = r->requested,
	    .url = p,
	    .seed = r->seed,
	    .depth = r->depth,
	    .hops = r->hops,
	    .type = r->type,
	    .tries = r->tries,
	    .priority = r->priority,
	    .published = r->published,
	    .state = r->state};
	p += url_record_text(r, p);
	l->item.host = memcpy(p, host, nhost);
	p += nhost;
	if (nvia > 0) {
		l->item.via = p;
		p += url_record_text(&via, p);
	}
	if (nreq > 0) {
		l->item.requested = p;
		url_record_text(&req, p);
	}
	l->host = h;
	return l;
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
lease_row(struct frontier *f, struct host *h, const uint8_t due[DUE_LEN],
    struct lease **out)
{
	struct winnow_key key = {h->hash, get64(due + 15)};
	struct store_bytes val;
	struct url_record r;
	uint8_t bytes[KEY_LEN];
	int rc;

	key_pack(bytes, &key);
	rc = store_get(f->store, STORE_URL, bytes, sizeof bytes, &val);
	if (rc < 0)
		return rc;
	if (rc == 0 || url_record_unpack(val.p, val.n, h->hash, &r) != 0 ||
	    (r.state != URL_DUE) != due_is_again(due))
		return 0;
	if ((*out = lease_make(f, h, &r, &key)) == NULL)
		return FRONTIER_ENOMEM;
	rc = 0;
	if (due_is_again(due)) {
		(*out)->item.again = 1;
		rc =
		    again_load(f, &key, &(*out)->item.memory, &(*out)->strings);
	}
	if (rc < 0 || fmap_put(&f->leases, key_mix(&key), *out) != 0) {
		lease_free(*out);
		return rc < 0 ? rc : FRONTIER_ENOMEM;
	}
	memcpy((*out)->due, due, DUE_LEN);
	(*out)->slot = 1;
	h->leases++;
	h->slots++;
	h->turn++;
	(*out)->doubtful = (uint8_t)host_doubtful(h);
	f->doubtful_out += (*out)->doubtful;
	return 1;
}

/* Damage: a row that names no such URL, or a host that counts too many. It
 * costs the row, and the crawl still comes to its end. */
static void
due_lost(struct frontier *f, struct host *h, int again)
{
	if (!again && f->counts.by_state[URL_DUE] > 0)
		f->counts.by_state[URL_DUE]--;
	host_due_gone(f, h, again);
}

/* The host's next URL; 0: it has none now, and is no longer ready. */
static int
host_lease(struct frontier *f, struct host *h, struct lease **out)
{
	uint8_t due[DUE_LEN];
	int rc;

	while ((rc = host_row(f, h, due)) == 1) {
		if ((rc = lease_row(f, h, due, out)) != 0)
			break;
		store_del(f->store, STORE_DUE, due, sizeof due);
		due_lost(f, h, due_is_again(due));
	}
	if (rc == 0 && page_wake(f, h) == NEVER)
		while (host_pending(f, h) > h->leases)
			due_lost(f, h, h->is.due == 0);
	if (rc >= 0)
		host_place(f, h);
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
	fmap_del(&f->leases, key_mix(&l->item.key));
	host_touch(f, h);
	lease_free(l);
	return h;
}

static void
url_put(struct frontier *f, const struct lease *l, enum url_state state,
    int status, const char *reason, uint8_t tries)
{
	const struct frontier_item *i = &l->item;
	struct url_record r = {.via = i->via_key,
	    .requested = i->requested_key,
	    .url = i->url,
	    .url_len = strlen(i->url),
	    .reason = reason,
	    .reason_len = reason != NULL ? strnlen(reason, REASON_MAX) : 0,
	    .changed_ms = f->now,
	    .seed = i->seed,
	    .depth = i->depth,
	    .status = status > 0 && status < 65536 ? (uint16_t)status : 0,
	    .state = (uint8_t)state,
	    .type = i->type,
	    .hops = i->hops,
	    .tries = tries,
	    .priority = i->priority,
	    .published = state == URL_DUE ? i->published : 0};
	uint8_t key[KEY_LEN], val[URL_RECORD_MAX];

	key_pack(key, &i->key);
	store_put(f->store, STORE_URL, key, sizeof key, val,
	    url_record_pack(val, &r, i->key.host));
}

void
frontier_settle(struct frontier *f, struct frontier_item *item,
    enum url_state state, int status, const char *reason, int64_t now_ms)
{
	struct lease *l = lease_of(item);
	uint8_t due[DUE_LEN];
	int again = item->again, next;
	struct host *h;

	see_now(f, now_ms);
	next = again_settle(f, l, due);
	url_put(f, l, state, status, reason, next ? 0 : item->tries);
	store_del(f->store, STORE_DUE, l->due, sizeof l->due);
	f->counts.by_state[item->state]--;
	f->counts.by_state[state]++;
	h = lease_end(f, l);
	/* First the one, then the other: its row in the rota may stay. */
	if (next)
		host_due_added(f, h, due);
	host_due_gone(f, h, again);
	host_place(f, h);
}

void
frontier_retry(struct frontier *f, struct frontier_item *item, int status,
    const char *reason, int64_t at_ms)
{
	struct lease *l = lease_of(item);
	uint8_t due[DUE_LEN], class = item->again ? l->due[8] : DUE_LATER;
	int again = item->again;
	struct host *h;

	url_put(f, l, item->state, status, reason,
	    item->tries < 255 ? item->tries + 1 : 255);
	due_pack(due, &item->key, class, (uint64_t)time_in(f, at_ms));
	store_del(f->store, STORE_DUE, l->due, sizeof l->due);
	store_put(f->store, STORE_DUE, due, sizeof due, "", 0);
	if (again)
		again_moved(f, &item->key, time_in(f, at_ms));
	h = lease_end(f, l);
	host_due_added(f, h, due);
	host_due_gone(f, h, again);
	host_place(f, h);
}

void
frontier_release(struct frontier *f, struct frontier_item *item)
{
	host_rewind(f, lease_end(f, lease_of(item)));
}

void
frontier_host_done(
    struct frontier *f, struct frontier_item *item, int64_t next_ms)
{
	struct lease *l = lease_of(item);

	slot_free(f, l);
	host_wait(f, l->host, next_ms);
}
