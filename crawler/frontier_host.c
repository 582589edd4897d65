/* frontier_host.c - hosts in and out of memory, and what is kept of them.
 *
 * R4 (frontier_turn.c): what is not active, out or touched is not in memory;
 * hosts_settle() lets it go, after the commit that made its changes durable. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <string.h>

/* ---- in and out of memory ----------------------------------------------- */

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
	h->is = r.host;
	h->rota_ms = r.rota_ms;
	h->young = r.young;
	if (r.name_len == 0)
		return 0;
	h->name = strndup(r.name, r.name_len);
	return h->name != NULL ? 0 : -1;
}

static void
host_free(struct host *h)
{
	free(h->page);
	free(h->via);
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
	h->held = (uint8_t)act_holds(f, hash);
	if (*rc == 0) {
		f->counts.hosts++;
		host_change(f, h);
	}
	host_touch(f, h);
	return h;
}

/* How many fail, and how many rest: it was so, and is so. */
static void
standing(struct frontier *f, const struct frontier_host *was,
    const struct frontier_host *is)
{
	struct counts *c = &f->counts;

	if (was->failures > 0 && c->failing > 0)
		c->failing--;
	if (was->failures >= POLITENESS_CIRCUIT && c->resting > 0)
		c->resting--;
	c->failing += is->failures > 0;
	c->resting += is->failures >= POLITENESS_CIRCUIT;
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
		r->host = h->is;
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
		if (!h->dirty && !(leaves(h) && h->is.next_ms > f->now))
			continue;
		r = (struct host_record){.host = h->is,
		    .rota_ms = h->rota_ms,
		    .young = h->young,
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

void
host_drop(struct frontier *f, struct host *h)
{
	struct host **p;
	uint8_t key[8];

	put64(key, h->hash);
	store_del(f->store, STORE_HOST, key, sizeof key);
	f->counts.hosts -= f->counts.hosts > 0;
	standing(f, &h->is, &(struct frontier_host){0});
	f->ndirty -= h->dirty;
	for (p = &f->touched; *p != NULL; p = &(*p)->touched_next)
		if (*p == h) {
			*p = h->touched_next;
			break;
		}
	fmap_del(&f->hosts, h->hash);
	host_free(h);
}

/* ---- as the caller sees them -------------------------------------------- */

void
host_wait(struct frontier *f, struct host *h, int64_t next_ms)
{
	next_ms = time_in(f, next_ms);
	if (next_ms > h->is.next_ms) {
		h->is.next_ms = next_ms;
		if (next_ms > f->now + KEEP_MS)
			host_change(f, h);
	}
	host_place(f, h);
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
	*out = r.host;
	out->held = (uint8_t)act_holds(f, host);
	out->next_ms = time_out(f, r.host.next_ms);
}

void
frontier_host_put(
    struct frontier *f, uint64_t host, const struct frontier_host *in)
{
	struct frontier_host own;
	struct host *h;
	int rc;

	if ((h = host_get(f, host, &rc)) == NULL)
		return;
	own = h->is;
	standing(f, &own, in);
	h->is = *in;
	h->is.next_ms = own.next_ms;
	h->is.urls = own.urls;
	h->is.due = own.due;
	h->is.again = own.again;
	host_change(f, h);
	host_wait(f, h, in->next_ms);
}
