/* frontier_forget.c - a host goes, with all that is known of it.
 *
 *	held -> nothing is out -> URLs, FORGET_ROWS a turn -> the rest, the host
 *
 * That it is to go stands in the store first (frontier_act.c), so what a kill
 * interrupts goes on at the next start; until the end the host is held, and the
 * due rows of URLs that are gone already are handed out to nobody.
 *
 * A URL is known by a row of its host's list, which goes, and has a row of the
 * log, which stays: the texts of pages that were found on it begin with its own
 * (frontier_add.c). */
#include "crawler/frontier_parts.h"

#include <string.h>

#define FORGET_ROWS 500 /* a few milliseconds */
#define FAMILY_LEN 16

struct rows {
	int n;
	uint64_t host;
	uint8_t row[FORGET_ROWS][SEEN_LEN];
};

static int
seen_row(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct rows *r = arg;

	(void)val;
	if (key->n != SEEN_LEN)
		return 0;
	memcpy(r->row[r->n++], key->p, SEEN_LEN);
	return r->n < FORGET_ROWS;
}

static int
family_row(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct rows *r = arg;

	(void)val;
	if (key->n != FAMILY_LEN || get64(key->p) != r->host)
		return 0;
	memcpy(r->row[r->n++], key->p, FAMILY_LEN);
	return r->n < FORGET_ROWS;
}

/* The first rows of a host in a table. 0 or an error. */
static int
rows_read(
    struct frontier *f, enum store_table table, store_row *row, struct rows *r)
{
	uint8_t from[KEY_LEN] = {0};

	r->n = 0;
	put64(from, r->host);
	return store_scan(f->store, table, from, sizeof from, row, r);
}

static void
url_forget(struct frontier *f, struct host *h, enum store_table table,
    const uint8_t row[SEEN_LEN])
{
	struct url_record u;
	uint8_t ref[REF_LEN];

	memcpy(ref, row + KEY_LEN, REF_LEN);
	if (url_read(f->store, get40(ref), &u) == 1 && u.state < URL_STATE_N &&
	    f->counts.by_state[u.state] > 0)
		f->counts.by_state[u.state]--;
	store_del(f->store, STORE_AGAIN, ref, sizeof ref);
	store_del(f->store, STORE_REPEAT, row, KEY_LEN);
	store_del(f->store, table, row, SEEN_LEN);
	f->counts.urls -= f->counts.urls > 0;
	h->is.urls -= h->is.urls > 0;
	if (table == STORE_YOUNG)
		h->young -= h->young > 0;
	host_change(f, h);
}

/* 1: some went; 0: there are none; or an error. */
static int
urls_forget(struct frontier *f, struct host *h, struct rows *r)
{
	static const enum store_table of[] = {STORE_SEEN, STORE_YOUNG};
	size_t t;
	int rc, i;

	for (t = 0; t < 2; t++) {
		if ((rc = rows_read(f, of[t], seen_row, r)) != 0)
			return rc;
		for (i = 0; i < r->n; i++)
			url_forget(f, h, of[t], r->row[i]);
		if (r->n > 0)
			return 1;
	}
	return 0;
}

static int
families_forget(struct frontier *f, struct rows *r)
{
	int rc = rows_read(f, STORE_FAMILY, family_row, r), i;

	for (i = 0; i < r->n && rc == 0; i++)
		store_del(f->store, STORE_FAMILY, r->row[i], FAMILY_LEN);
	return rc != 0 ? rc : r->n > 0;
}

/* What was remembered of its URLs in memory. */
static void
hints_forget(struct frontier *f)
{
	memset(f->known, 0, KNOWN_SLOTS * sizeof *f->known);
	f->found_on.key = (struct winnow_key){0, 0};
	f->found_on.ref = 0;
}

/* 1: more to do; 0: it is gone, or what is out has to end first; or an error.
 */
static int
forget_some(struct frontier *f, const struct act *a, struct rows *r)
{
	struct host_record known;
	char name[HOST_NAME_MAX + 1];
	struct host *h;
	int rc;

	r->host = a->host;
	if (host_peek(f, a->host, &known, name) != 1)
		return 0;
	if ((h = host_get(f, a->host, &rc)) == NULL)
		return rc;
	if (h->leases > 0)
		return 0;
	hints_forget(f);
	if ((rc = urls_forget(f, h, r)) != 0 ||
	    (rc = families_forget(f, r)) != 0)
		return rc;
	host_due_drop(f, h);
	robots_drop(f, name[0] != '\0' ? name : a->name);
	site_drop(f, a->host);
	host_drop(f, h);
	return 0;
}

int
frontier_host_forget(struct frontier *f, uint64_t host, const char *name)
{
	int rc;

	if (fmap_get(&f->forgetting, host) != NULL)
		return 0;
	rc = act_put(f, ACT_FORGET, &f->forgetting, host, name);
	return rc < 0 ? rc : 0;
}

int
frontier_host_forgetting(const struct frontier *f, uint64_t host)
{
	return fmap_get(&f->forgetting, host) != NULL;
}

static const struct act *
first_act(const struct fmap *m)
{
	size_t i;

	for (i = 0; m->n > 0 && i < m->room; i++)
		if (m->slots[i].val != NULL)
			return m->slots[i].val;
	return NULL;
}

int
frontier_forget_turn(
    struct frontier *f, uint64_t *host, char name[FRONTIER_HOST_NAME])
{
	const struct act *a = first_act(&f->forgetting);
	const struct host *h;
	struct rows r;
	int rc;

	if (a == NULL || store_state(f->store) != 0)
		return 0;
	if ((rc = forget_some(f, a, &r)) != 0)
		return rc == 1; /* an error: the next commit tells it */
	*host = a->host;
	if ((h = fmap_get(&f->hosts, a->host)) != NULL && h->leases > 0)
		return h->slots > 0 ? 0 : 3;
	strcpy(name, a->name);
	act_del(f, ACT_FORGET, &f->forgetting, a->host);
	return 2;
}
