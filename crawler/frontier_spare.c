/* frontier_spare.c - URLs whose turn is not awaited: one that need not be
 * asked, one that is wanted now.
 *
 * Both are of URLs that are due for the first time, were not tried yet and are
 * not out: then the row of the URL tells where its due row stands. A row that
 * is in its host's page already is passed over when its turn comes, for the
 * state of its URL (frontier_page.c). */
#include "crawler/frontier_parts.h"

/* Its number and row; 0: it is no such URL. */
static uint64_t
due_row(struct frontier *f, const struct winnow_key *key, struct url_record *r,
    struct host **h)
{
	uint64_t ref;
	int rc;

	if (store_state(f->store) != 0 || url_ref(f->store, key, &ref) != 1 ||
	    fmap_get(&f->leases, ref) != NULL ||
	    url_read(f->store, ref, r) != 1 || r->state != URL_DUE ||
	    r->tries > 0)
		return 0;
	*h = host_get(f, key->host, &rc);
	return *h != NULL ? ref : 0;
}

static struct due
due_of(uint64_t ref, const struct url_record *r)
{
	return (struct due){.ref = ref, .class = due_class(r->priority)};
}

int
frontier_spare(struct frontier *f, const struct winnow_key *key,
    enum url_state state, const char *reason)
{
	struct url_record r;
	struct host *h;
	uint64_t ref = due_row(f, key, &r, &h);
	struct due due;

	if (ref == 0)
		return 0;
	due = due_of(ref, &r);
	r.state = (uint8_t)state;
	r.changed_ms = f->now;
	r.published = 0;
	url_set_reason(f, &r, reason);
	url_write(f->store, ref, &r);
	f->counts.by_state[URL_DUE]--;
	f->counts.by_state[state]++;
	host_due_del(f, h, &due);
	host_rewind(f, h);
	return 1;
}

void
frontier_hasten(struct frontier *f, const struct winnow_key *key, int priority)
{
	struct url_record r;
	struct host *h;
	uint64_t ref = due_row(f, key, &r, &h);
	struct due was, due;

	if (ref == 0 || r.priority >= priority)
		return;
	was = due_of(ref, &r);
	r.priority = (int8_t)priority;
	due = due_of(ref, &r);
	url_write(f->store, ref, &r);
	host_due_del(f, h, &was);
	host_due_add(f, h, &due);
	host_rewind(f, h);
}

int
frontier_coming(struct frontier *f, const struct winnow_key *key)
{
	struct url_record r;
	uint64_t ref;

	if (url_ref(f->store, key, &ref) != 1)
		return 0;
	if (fmap_get(&f->leases, ref) != NULL)
		return FRONTIER_OUT;
	return url_read(f->store, ref, &r) == 1 && r.state == URL_DUE
		   ? FRONTIER_DUE
		   : 0;
}
