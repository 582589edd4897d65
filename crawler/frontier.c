/* frontier.c - which URL may be asked for next.
 *
 * The invariants F1-F5 stand in frontier.h. How they are held:
 *
 *  F1  host_place() alone moves a host (frontier_host.c).
 *  F2  A lease takes a slot of its host in frontier_next(); host_done() or the
 *      end of the lease gives it back, once.
 *  F3  settle() only puts into the open transaction; frontier_commit() adds
 *      the queue position to the same one.
 *  F4  A lease leaves its row in `due` where it is; settle and retry take it
 *      out. So nothing has to be undone after a kill.
 *  F5  The URL table is asked by the add itself (store_add). The known cache
 *      only spares the question; what it does not know is asked.
 *
 * Time comes from the caller; where a call has no now_ms, the largest one
 * given so far stands for it. */
#include "crawler/frontier_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define ACTIVE_HOSTS 4096
#define HOST_CAP 100000
#define KEEP_MS 10000 /* a wait that is longer is durable */
#define REASON_MAX 255

static const char *const state_names[URL_STATE_N] = {
    [URL_DUE] = "due",
    [URL_DONE] = "done",
    [URL_NO_ARTICLE] = "no-article",
    [URL_REDIRECTED] = "redirected",
    [URL_GONE] = "gone",
    [URL_REFUSED] = "refused",
    [URL_FAILED] = "failed",
    [URL_ROBOTS_DENY] = "robots-deny",
    [URL_GUARDED] = "guarded",
    [URL_TOO_BIG] = "too-big",
    [URL_BAD_TYPE] = "bad-type",
    [URL_BAD_REDIRECT] = "bad-redirect",
    [URL_POISON] = "poison",
    [URL_NOINDEX] = "noindex",
};

/* An add that the store could not take now; its strings follow. */
struct late_link {
	struct late_link *next;
	struct frontier_link link;
	char text[];
};

const char *
url_state_name(enum url_state state)
{
	return (unsigned)state < URL_STATE_N ? state_names[state] : "?";
}

const char *
frontier_strerror(int err)
{
	switch (err) {
	case FRONTIER_OK:
		return "ok";
	case FRONTIER_EIO:
		return "cannot read or write the state";
	case FRONTIER_ENOSPC:
		return "no space for the state";
	case FRONTIER_ELOCKED:
		return "another process has this state";
	case FRONTIER_EVERSION:
		return "state of another version, or damaged";
	case FRONTIER_ENOMEM:
		return "no memory";
	default:
		return "unknown error";
	}
}

static void
see_now(struct frontier *f, int64_t now_ms)
{
	if (now_ms > f->now)
		f->now = now_ms;
}

/* A time that a key can hold. */
static int64_t
bound_ms(int64_t ms)
{
	return ms < 0 ? 0 : ms < TIME_MAX ? ms : TIME_MAX;
}

/* ---- opening ----------------------------------------------------------------
 */

static int
meta_get(struct store *s, const char *word, void *out, size_t len)
{
	struct store_bytes val;
	int rc = store_get(s, STORE_META, word, strlen(word), &val);

	if (rc == 1)
		memcpy(out, val.p, val.n < len ? val.n : len);
	return rc;
}

static void
meta_put(struct store *s, const char *word, const void *val, size_t len)
{
	store_put(s, STORE_META, word, strlen(word), val, len);
}

static int
state_make(struct frontier *f)
{
	uint32_t format = STATE_FORMAT, mark;
	time_t t = (time_t)(f->now / 1000);
	struct tm tm;

	if (getrandom(&f->url_seed, sizeof f->url_seed, 0) !=
		sizeof f->url_seed ||
	    getrandom(&mark, sizeof mark, 0) != sizeof mark)
		return FRONTIER_EIO;
	if (gmtime_r(&t, &tm) == NULL)
		return FRONTIER_EIO;
	strftime(f->name, sizeof f->name, "%Y%m%dT%H%M%SZ", &tm);
	snprintf(f->name + strlen(f->name), 10, "-%08x", mark);
	meta_put(f->store, "url-seed", &f->url_seed, sizeof f->url_seed);
	meta_put(f->store, "name", f->name, strlen(f->name));
	meta_put(f->store, "format", &format, sizeof format);
	return store_commit(f->store);
}

static int
state_load(struct frontier *f)
{
	uint32_t format = 0;
	int rc = meta_get(f->store, "format", &format, sizeof format);

	if (rc == 0)
		return state_make(f);
	if (rc < 0)
		return rc;
	if (format != STATE_FORMAT)
		return FRONTIER_EVERSION;
	if ((rc = meta_get(
		 f->store, "url-seed", &f->url_seed, sizeof f->url_seed)) < 0 ||
	    (rc = meta_get(f->store, "name", f->name, sizeof f->name - 1)) <
		0 ||
	    (rc = meta_get(f->store, "counts", &f->counts, sizeof f->counts)) <
		0 ||
	    (rc = meta_get(f->store, "pos", &f->pos, sizeof f->pos)) < 0)
		return rc;
	f->pos_next = f->pos;
	return 0;
}

void
frontier_set_caps(struct frontier *f, const struct frontier_options *o)
{
	f->per_host = o != NULL && o->per_host > 0 ? o->per_host : 1;
	f->host_cap = o != NULL && o->host_cap > 0 ? o->host_cap : HOST_CAP;
}

int
frontier_open(struct frontier **out, const char *dir,
    const struct frontier_options *o, int64_t now_ms, char *err, size_t errlen)
{
	struct frontier *f = calloc(1, sizeof *f);
	int rc = FRONTIER_ENOMEM;

	*out = NULL;
	snprintf(err, errlen, "cannot open state '%s': no memory", dir);
	if (f == NULL ||
	    (f->known = calloc(KNOWN_SLOTS, sizeof *f->known)) == NULL)
		goto fail;
	f->now = now_ms > 0 ? now_ms : 0;
	frontier_set_caps(f, o);
	f->active_max =
	    o != NULL && o->active_hosts > 0 ? o->active_hosts : ACTIVE_HOSTS;
	rc = store_open(
	    &f->store, dir, o != NULL ? o->map_size : 0, err, errlen);
	if (rc != 0)
		goto fail;
	if ((rc = state_load(f)) != 0) {
		snprintf(err, errlen, "cannot open state '%s': %s", dir,
		    frontier_strerror(rc));
		goto fail;
	}
	f->rota_wake = f->counts.rota > 0 ? f->now : -1;
	err[0] = '\0';
	*out = f;
	return 0;
fail:
	frontier_close(f);
	return rc;
}

static void
late_clear(struct frontier *f)
{
	struct late_link *l;

	while ((l = f->late) != NULL) {
		f->late = l->next;
		free(l);
	}
	f->nlate = 0;
}

void
frontier_close(struct frontier *f)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->leases.room; i++)
		free(f->leases.slots[i].val);
	fmap_clear(&f->leases);
	hosts_clear(f);
	seeds_clear(f);
	robots_forget(f);
	late_clear(f);
	store_close(f->store);
	free(f->known);
	free(f);
}

uint64_t
frontier_seed(const struct frontier *f)
{
	return f->url_seed;
}

const char *
frontier_name(const struct frontier *f)
{
	return f->name;
}

void
frontier_pos(const struct frontier *f, struct wq_pos *pos)
{
	*pos = f->pos;
}

/* ---- adding
 * ------------------------------------------------------------------ */

static uint64_t *
known_slot(struct frontier *f, uint64_t mix)
{
	return &f->known[mix & (KNOWN_SLOTS - 1)];
}

int
frontier_known(struct frontier *f, const struct winnow_key *key)
{
	uint64_t mix = key_mix(key);

	return mix != 0 && *known_slot(f, mix) == mix;
}

static int
url_exists(struct frontier *f, const uint8_t key[KEY_LEN])
{
	struct store_bytes val;

	return store_get(f->store, STORE_URL, key, KEY_LEN, &val);
}

/* 1 new, 0 known, or an error. */
static int
url_put_new(struct frontier *f, const struct frontier_link *l)
{
	struct url_record r = {.via = l->via,
	    .requested = l->requested,
	    .url = l->url,
	    .url_len = strlen(l->url),
	    .changed_ms = f->now,
	    .seed = l->seed,
	    .depth = l->depth,
	    .hops = l->hops,
	    .type = l->type,
	    .priority = l->priority,
	    .state = URL_DUE};
	uint8_t key[KEY_LEN], val[URL_RECORD_MAX];
	size_t len = url_record_pack(val, &r, l->key.host);

	if (len == 0)
		return 0; /* no URL of ours is that long */
	key_pack(key, &l->key);
	return store_add(f->store, STORE_URL, key, sizeof key, val, len);
}

static int
link_add(struct frontier *f, const struct frontier_link *l)
{
	uint8_t key[KEY_LEN], due[DUE_LEN];
	uint64_t mix = key_mix(&l->key);
	struct host *h;
	int rc;

	if ((h = host_get(f, l->key.host, &rc)) == NULL)
		return rc;
	if (host_set_name(h, l->host) != 0)
		return FRONTIER_ENOMEM;
	if (h->urls >= f->host_cap) {
		key_pack(key, &l->key);
		rc = url_exists(f, key);
		return rc == 1 ? 0 : rc < 0 ? rc : FRONTIER_ENOSPC;
	}
	if ((rc = url_put_new(f, l)) < 0)
		return rc;
	*known_slot(f, mix) = mix;
	if (rc == 0)
		return 0;
	due_pack(due, &l->key, due_class(l->priority), ++f->counts.order);
	store_put(f->store, STORE_DUE, due, sizeof due, "", 0);
	f->counts.urls++;
	f->counts.by_state[URL_DUE]++;
	h->urls++;
	host_due_added(f, h, due);
	return 1;
}

/* The store is behind: a link of a page that will be settled may not be lost,
 * so it waits for the next commit. */
static int
late_add(struct frontier *f, const struct frontier_link *l)
{
	size_t url = strlen(l->url) + 1;
	size_t host = l->host != NULL ? strlen(l->host) + 1 : 0;
	struct late_link *late = malloc(sizeof *late + url + host);

	if (late == NULL)
		return FRONTIER_ENOMEM;
	late->link = *l;
	late->link.url = memcpy(late->text, l->url, url);
	if (host > 0)
		late->link.host = memcpy(late->text + url, l->host, host);
	late->next = f->late;
	f->late = late;
	f->nlate++;
	return 1;
}

int
frontier_add(struct frontier *f, const struct frontier_link *l)
{
	int rc;

	if (frontier_known(f, &l->key))
		return 0;
	if (store_state(f->store) != 0)
		return late_add(f, l);
	rc = link_add(f, l);
	return rc < 0 && store_state(f->store) != 0 ? late_add(f, l) : rc;
}

static int
late_take(struct frontier *f)
{
	struct late_link *l;
	int rc;

	while ((l = f->late) != NULL) {
		rc = link_add(f, &l->link);
		if (rc < 0 && store_state(f->store) != 0)
			return rc;
		f->late = l->next;
		f->nlate--;
		free(l);
	}
	return 0;
}

/* ---- leases
 * ------------------------------------------------------------------- */

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
	struct lease *l = malloc(sizeof *l + nurl + nvia + nreq + nhost);
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
	    .priority = r->priority};
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
	    r.state != URL_DUE)
		return 0;
	if ((*out = lease_make(f, h, &r, &key)) == NULL)
		return FRONTIER_ENOMEM;
	if (fmap_put(&f->leases, key_mix(&key), *out) != 0) {
		free(*out);
		return FRONTIER_ENOMEM;
	}
	memcpy((*out)->due, due, DUE_LEN);
	(*out)->slot = 1;
	h->leases++;
	h->slots++;
	h->turn++;
	return 1;
}

/* Damage: a row that names no due URL, or a host that counts too many. It
 * costs the row, and the crawl still comes to its end. */
static void
due_lost(struct frontier *f, struct host *h)
{
	if (f->counts.by_state[URL_DUE] > f->leases.n)
		f->counts.by_state[URL_DUE]--;
	host_due_gone(f, h);
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
		due_lost(f, h);
	}
	if (rc == 0 && h->later_ms == 0)
		while (h->due > h->leases)
			due_lost(f, h);
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
slot_free(struct lease *l)
{
	if (l->slot)
		l->host->slots--;
	l->slot = 0;
}

static struct host *
lease_end(struct frontier *f, struct lease *l)
{
	struct host *h = l->host;

	slot_free(l);
	h->leases--;
	fmap_del(&f->leases, key_mix(&l->item.key));
	host_touch(f, h);
	free(l);
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
	    .priority = i->priority};
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
	struct host *h;

	see_now(f, now_ms);
	url_put(f, l, state, status, reason, item->tries);
	store_del(f->store, STORE_DUE, l->due, sizeof l->due);
	f->counts.by_state[URL_DUE]--;
	f->counts.by_state[state]++;
	h = lease_end(f, l);
	host_due_gone(f, h);
	host_place(f, h);
}

void
frontier_retry(struct frontier *f, struct frontier_item *item, int status,
    const char *reason, int64_t at_ms)
{
	struct lease *l = lease_of(item);
	uint8_t due[DUE_LEN];
	struct host *h;

	url_put(f, l, URL_DUE, status, reason,
	    item->tries < 255 ? item->tries + 1 : 255);
	store_del(f->store, STORE_DUE, l->due, sizeof l->due);
	due_pack(due, &item->key, DUE_LATER, (uint64_t)bound_ms(at_ms));
	store_put(f->store, STORE_DUE, due, sizeof due, "", 0);
	h = lease_end(f, l);
	h->due--;
	host_due_added(f, h, due);
}

void
frontier_release(struct frontier *f, struct frontier_item *item)
{
	host_rewind(f, lease_end(f, lease_of(item)));
}

int64_t
frontier_wake(const struct frontier *f)
{
	int64_t wake = f->nheap > 0 ? f->heap[0]->wake_ms : -1;

	if (f->nactive < f->active_max && f->rota_wake >= 0 &&
	    (wake < 0 || f->rota_wake < wake))
		wake = f->rota_wake;
	return wake;
}

int
frontier_idle(const struct frontier *f)
{
	return f->counts.by_state[URL_DUE] == 0 && f->leases.n == 0 &&
	       f->nlate == 0;
}

/* ---- hosts
 * ---------------------------------------------------------------------- */

static void
host_wait(struct frontier *f, struct host *h, int64_t next_ms)
{
	next_ms = bound_ms(next_ms);
	if (next_ms > h->next_ms) {
		h->next_ms = next_ms;
		if (next_ms > f->now + KEEP_MS)
			host_change(f, h);
	}
	host_place(f, h);
}

void
frontier_host_done(
    struct frontier *f, struct frontier_item *item, int64_t next_ms)
{
	struct lease *l = lease_of(item);

	slot_free(l);
	host_wait(f, l->host, next_ms);
}

void
frontier_host_wait(struct frontier *f, uint64_t host, int64_t next_ms)
{
	struct host *h;
	int rc;

	if ((h = host_get(f, host, &rc)) != NULL)
		host_wait(f, h, next_ms);
}

void
frontier_host_get(struct frontier *f, uint64_t host, struct frontier_host *out)
{
	struct host_record r;
	char name[HOST_NAME_MAX + 1];

	host_peek(f, host, &r, name);
	*out = (struct frontier_host){.next_ms = r.next_ms,
	    .failures = r.failures,
	    .poisoned = r.poisoned,
	    .urls = r.urls,
	    .due = r.due};
}

void
frontier_host_put(
    struct frontier *f, uint64_t host, const struct frontier_host *in)
{
	struct host *h;
	int rc;

	if ((h = host_get(f, host, &rc)) == NULL)
		return;
	h->failures = in->failures;
	h->poisoned = in->poisoned;
	host_change(f, h);
	host_wait(f, h, in->next_ms);
}

/* ---- the commit
 * ------------------------------------------------------------------ */

size_t
frontier_dirty(const struct frontier *f)
{
	return store_pending(f->store) + f->ndirty + f->nlate +
	       (f->failed != 0);
}

int
frontier_commit(struct frontier *f, const struct wq_pos *pos)
{
	int rc = f->failed;

	robots_forget(f);
	f->failed = 0;
	if (rc != 0)
		return rc;
	if (pos != NULL) {
		f->pos_next = *pos;
		meta_put(f->store, "pos", pos, sizeof *pos);
	}
	if ((rc = store_ready(f->store)) != 0 || (rc = late_take(f)) != 0)
		return rc;
	if (frontier_dirty(f) == 0)
		return 0;
	hosts_write(f);
	seeds_write(f);
	meta_put(f->store, "counts", &f->counts, sizeof f->counts);
	if ((rc = store_commit(f->store)) != 0)
		return rc;
	f->pos = f->pos_next;
	hosts_settle(f);
	seeds_settle(f);
	return 0;
}

void
frontier_stat(const struct frontier *f, struct frontier_stat *s)
{
	const struct counts *c = &f->counts;
	uint64_t at_hand = (uint64_t)f->nready + f->nbusy;

	*s = (struct frontier_stat){.urls = c->urls,
	    .due = c->by_state[URL_DUE],
	    .out = f->leases.n,
	    .done = c->by_state[URL_DONE],
	    .hosts = c->hosts,
	    .hosts_ready = f->nready,
	    /* All with something due that are not at hand, wherever. */
	    .hosts_waiting = c->rota > at_hand ? c->rota - at_hand : 0};
	memcpy(s->by_state, c->by_state, sizeof s->by_state);
}
