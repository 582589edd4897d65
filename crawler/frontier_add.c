/* frontier_add.c - a link becomes a URL that is due, unless it is known or a
 * cap is reached.
 *
 * Caps bind only what is new: a URL that is known is answered so whatever the
 * counts say. A count goes up with the URL, in the same transaction (F5), so a
 * kill leaves neither without the other.
 *
 * While the store cannot take changes (a full disk) links wait in a list of
 * their own: the page they stand on will be settled with them or not at all. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <string.h>

#define SHARED_MIN 8 /* bytes; less is not worth another row to be read */

/* An add that the store could not take now; its strings follow. */
struct late_link {
	struct late_link *next;
	struct frontier_link link;
	char text[];
};

/* ---- adding ------------------------------------------------------------- */

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

/* The page that links are added from, as it will be asked for again and again.
 */
static const struct found_on *
found_on(struct frontier *f, const struct winnow_key *key)
{
	struct found_on *on = &f->found_on;
	struct url_record r;

	if (on->key.host == key->host && on->key.url == key->url)
		return on;
	on->key = (struct winnow_key){0, 0};
	on->len = on->chain = 0;
	if (url_ref(f->store, key, &on->ref) != 1 ||
	    url_read(f->store, on->ref, &r) != 1) {
		on->ref = 0;
		return on;
	}
	on->key = *key;
	on->chain = r.chain;
	on->len = url_text(f->store, &r, on->text);
	return on;
}

/* The row's text: what it shares with the page's, and the rest. */
static void
record_text(struct url_record *r, const char *url, const struct found_on *on)
{
	int n = 0;

	if (on->ref != 0 && on->chain < CHAIN_MAX)
		while (n < on->len && url[n] != '\0' && url[n] == on->text[n])
			n++;
	r->shared = (uint16_t)(n >= SHARED_MIN ? n : 0);
	r->chain = (uint8_t)(r->shared > 0 ? on->chain + 1 : 0);
	r->tail = url + r->shared;
	r->tail_len = strlen(r->tail);
}

/* 1 new, 0 known, or an error. */
static int
url_put_new(struct frontier *f, struct host *h, const struct frontier_link *l)
{
	struct url_record r = {.hash = l->key.url,
	    .changed_ms = f->now,
	    .seed = l->seed,
	    .depth = l->depth,
	    .hops = l->hops,
	    .type = l->type,
	    .priority = l->priority,
	    .published = l->published,
	    .own = l->own,
	    .state = URL_DUE};
	uint64_t ref = f->counts.order + 1;
	int rc;

	if (strlen(l->url) > WINNOW_URL_MAX)
		return 0; /* no URL of ours is that long */
	if ((rc = url_see(f, h, &l->key, ref)) != 1)
		return rc;
	f->counts.order = ref;
	record_text(&r, l->url, found_on(f, &l->via));
	r.via = f->found_on.ref;
	r.via_host = r.via != 0 && l->via.host != l->key.host ? l->via.host : 0;
	if (url_ref(f->store, &l->requested, &r.requested) == 1)
		r.requested_host = l->requested.host;
	url_write(f->store, ref, &r);
	return 1;
}

void
frontier_publish(
    struct frontier *f, const struct winnow_key *key, int64_t published)
{
	struct url_record r;
	uint64_t ref;

	if (published <= 0 || store_state(f->store) != 0 ||
	    url_ref(f->store, key, &ref) != 1 ||
	    url_read(f->store, ref, &r) != 1 || r.state != URL_DUE ||
	    r.published != 0)
		return;
	r.published = published;
	url_write(f->store, ref, &r);
}

/* ---- caps --------------------------------------------------------------- */

static struct family_key
family_named(uint64_t host, uint64_t family)
{
	struct family_key key;

	put64(key.bytes, host);
	put64(key.bytes + 8, family);
	return key;
}

struct family_key
family_key(uint64_t host, const struct frontier_cap *cap)
{
	return family_named(cap->of_hosts ? 0 : host, cap->family);
}

uint32_t
family_unpack(const struct store_bytes *v)
{
	return v->n == 4 ? (uint32_t)get16(v->p) << 16 | get16(v->p + 2) : 0;
}

static uint32_t
family_count(struct frontier *f, const struct family_key *key)
{
	struct store_bytes v;

	return store_get(f->store, STORE_FAMILY, key->bytes,
		   sizeof key->bytes, &v) == 1
		   ? family_unpack(&v)
		   : 0;
}

static void
family_put(struct frontier *f, const struct family_key *key, uint32_t n)
{
	uint8_t val[4];

	put16(val, n >> 16);
	put16(val + 2, n);
	store_put(f->store, STORE_FAMILY, key->bytes, sizeof key->bytes, val,
	    sizeof val);
}

uint32_t
frontier_family(struct frontier *f, uint64_t host, uint64_t family)
{
	struct family_key key = family_named(host, family);

	return family_count(f, &key);
}

/* A count that the store cannot take now is lost: it is an estimate. */
void
frontier_family_add(struct frontier *f, uint64_t host, uint64_t family, int n)
{
	struct family_key key = family_named(host, family);
	uint32_t was;
	int64_t is;

	if (store_state(f->store) != 0)
		return;
	was = family_count(f, &key);
	is = (int64_t)was + n;
	is = is < 0 ? 0 : is > UINT32_MAX ? UINT32_MAX : is;
	if (is != was)
		family_put(f, &key, (uint32_t)is);
}

/* A link counts in the family: of hosts only the first of its host does. */
static int
cap_binds(const struct frontier_cap *cap, uint32_t host_urls)
{
	return cap->family != 0 && (!cap->of_hosts || host_urls == 0);
}

static int
cap_full(struct frontier *f, const struct frontier_link *l, uint32_t host_urls)
{
	struct family_key key;
	int i;

	if (host_urls >= (l->host_cap > 0 ? l->host_cap : f->host_cap))
		return 1;
	for (i = 0; i < FRONTIER_CAPS; i++) {
		if (!cap_binds(&l->caps[i], host_urls))
			continue;
		key = family_key(l->key.host, &l->caps[i]);
		if (family_count(f, &key) >= l->caps[i].most)
			return 2 + i;
	}
	return 0;
}

static void
caps_count(
    struct frontier *f, const struct frontier_link *l, uint32_t host_urls)
{
	struct family_key key;
	int i;

	for (i = 0; i < FRONTIER_CAPS; i++) {
		if (!cap_binds(&l->caps[i], host_urls))
			continue;
		key = family_key(l->key.host, &l->caps[i]);
		family_put(f, &key, family_count(f, &key) + 1);
	}
}

int
frontier_cap_full(struct frontier *f, const struct frontier_link *l)
{
	struct host_record r;
	char name[HOST_NAME_MAX + 1];

	host_peek(f, l->key.host, &r, name);
	return cap_full(f, l, r.host.urls);
}

/* The link would be the first of a host for which there is no room: it leaves
 * no trace of that host, or names without end would fill the store. */
static int
is_host_too_many(struct frontier *f, const struct frontier_link *l)
{
	struct host_record r;
	char name[HOST_NAME_MAX + 1];
	int i, hosts = 0, full;

	for (i = 0; i < FRONTIER_CAPS; i++)
		hosts |= l->caps[i].family != 0 && l->caps[i].of_hosts;
	if (!hosts || fmap_get(&f->hosts, l->key.host) != NULL)
		return 0;
	host_peek(f, l->key.host, &r, name);
	full = r.host.urls == 0 ? cap_full(f, l, 0) : 0;
	return full >= 2 && l->caps[full - 2].of_hosts;
}

/* A URL that was dropped with its seed, and another seed's page names it: it is
 * that one's now. 1; 0: it is not such a URL. */
static int
take_up(struct frontier *f, const struct frontier_link *l)
{
	struct url_record r;
	uint64_t ref;

	if (url_ref(f->store, &l->key, &ref) != 1 ||
	    fmap_get(&f->leases, ref) != NULL ||
	    url_read(f->store, ref, &r) != 1 || r.state != URL_DROPPED)
		return 0;
	r.seed = l->seed;
	r.depth = l->depth;
	url_write(f->store, ref, &r);
	return frontier_recall(f, &l->key, l->depth == 0 || l->type != URL_PAGE,
	    time_out(f, f->now));
}

void
known_forget(struct frontier *f, const struct winnow_key *key)
{
	*known_slot(f, key_mix(key)) = 0;
}

/* ---- one link ----------------------------------------------------------- */

static int
link_add(struct frontier *f, const struct frontier_link *l)
{
	struct due due = {.class = due_class(l->priority)};
	uint64_t mix = key_mix(&l->key);
	struct host *h;
	int rc;

	if (is_host_too_many(f, l))
		return FRONTIER_ECAP;
	if ((h = host_get(f, l->key.host, &rc)) == NULL)
		return rc;
	if (host_set_name(h, l->host) != 0)
		return FRONTIER_ENOMEM;
	if (cap_full(f, l, h->is.urls)) {
		rc = url_ref(f->store, &l->key, &due.ref);
		if (rc == 1 && f->counts.by_state[URL_DROPPED] > 0)
			return take_up(f, l);
		return rc == 1 ? 0 : rc < 0 ? rc : FRONTIER_ECAP;
	}
	if ((rc = url_put_new(f, h, l)) < 0)
		return rc;
	*known_slot(f, mix) = mix;
	if (rc == 0)
		return f->counts.by_state[URL_DROPPED] > 0 ? take_up(f, l) : 0;
	caps_count(f, l, h->is.urls);
	due.ref = f->counts.order;
	f->counts.urls++;
	f->counts.by_state[URL_DUE]++;
	h->is.urls++;
	host_due_add(f, h, &due);
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

int
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

void
late_clear(struct frontier *f)
{
	struct late_link *l;

	while ((l = f->late) != NULL) {
		f->late = l->next;
		free(l);
	}
	f->nlate = 0;
}
