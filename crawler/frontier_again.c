/* frontier_again.c - what is remembered of a URL that was settled, and when it
 * is asked again.
 *
 * Only a URL that is to be asked again has a row in `again`; the others cost
 * nothing here. The row names the time of its due row, which so can be found,
 * moved and taken out.
 *
 * Invariants
 *  A1  A row of `again` with at_ms != 0 has exactly one due row, of the class
 *      of its kind and that time; with at_ms 0 it has none. (While it is out,
 *      too: F4.)
 *  A2  A credit is counted in the row at once, and once more by the lease for
 *      the row that the settle will write in its place. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <string.h>

static int
again_get(struct frontier *f, uint64_t ref, struct again_record *r)
{
	struct store_bytes v;
	uint8_t key[REF_LEN];
	int rc;

	put40(key, ref);
	rc = store_get(f->store, STORE_AGAIN, key, sizeof key, &v);
	if (rc == 1 && again_record_unpack(v.p, v.n, r) != 0)
		return FRONTIER_EIO;
	return rc;
}

static void
again_put(struct frontier *f, uint64_t ref, const struct frontier_memory *m,
    int64_t at)
{
	uint8_t key[REF_LEN], val[AGAIN_RECORD_MAX];

	put40(key, ref);
	store_put(f->store, STORE_AGAIN, key, sizeof key, val,
	    again_record_pack(val, m, at));
}

/* The strings in memory of their own: a put may move the row. */
static int
again_own(struct again_record *r, char **text)
{
	struct frontier_memory *m = &r->memory;
	char *p;

	*text = NULL;
	if (r->etag_len + r->last_modified_len == 0)
		return 1;
	if ((p = malloc(r->etag_len + r->last_modified_len + 2)) == NULL)
		return FRONTIER_ENOMEM;
	*text = p;
	if (r->etag_len > 0) {
		m->etag = memcpy(p, r->etag, r->etag_len);
		p += r->etag_len;
		*p++ = '\0';
	}
	if (r->last_modified_len > 0) {
		m->last_modified =
		    memcpy(p, r->last_modified, r->last_modified_len);
		p[r->last_modified_len] = '\0';
	}
	return 1;
}

int
again_load(
    struct frontier *f, uint64_t ref, struct frontier_memory *m, char **text)
{
	struct again_record r;
	int rc = again_get(f, ref, &r);

	*text = NULL;
	if (rc != 1)
		return rc;
	if ((rc = again_own(&r, text)) == 1)
		*m = r.memory;
	return rc;
}

/* Another time, all else as it is. */
void
again_moved(struct frontier *f, uint64_t ref, int64_t at)
{
	struct frontier_memory m;
	char *text;

	if (again_load(f, ref, &m, &text) == 1)
		again_put(f, ref, &m, at);
	free(text);
}

/* ---- by a lease --------------------------------------------------------- */

void
frontier_again(struct frontier *f, struct frontier_item *item,
    const struct frontier_memory *m, int64_t at_ms)
{
	struct lease *l = (struct lease *)(void *)item;
	uint8_t val[AGAIN_RECORD_MAX];
	size_t len;

	if (!f->revisit)
		return;
	free(l->memory);
	l->memory = NULL;
	l->forget = m == NULL;
	l->at_ms = 0;
	if (m == NULL)
		return;
	l->at_ms = at_ms > 0 ? time_in(f, at_ms) : 0;
	l->class = again_class(m);
	l->yield = m->yield;
	len = again_record_pack(val, m, l->at_ms);
	/* Without memory it keeps what it had, and is not asked again. */
	if ((l->memory = malloc(len)) == NULL)
		l->at_ms = 0;
	else
		l->memory_len = len;
	if (l->memory != NULL)
		memcpy(l->memory, val, len);
}

static uint16_t
yield_add(uint16_t yield, int32_t n)
{
	int32_t sum = yield + n;

	return (uint16_t)(sum < 0 ? 0 : sum < UINT16_MAX ? sum : UINT16_MAX);
}

int
again_settle(struct frontier *f, struct lease *l, struct due *due)
{
	uint8_t key[REF_LEN];

	put40(key, l->due.ref);
	if (l->forget) {
		store_del(f->store, STORE_AGAIN, key, sizeof key);
	} else if (l->memory != NULL) {
		put16(l->memory + AGAIN_YIELD, yield_add(l->yield, l->credit));
		store_put(f->store, STORE_AGAIN, key, sizeof key, l->memory,
		    l->memory_len);
	} else if (l->item.again) {
		again_moved(f, l->due.ref, 0);
	}
	*due = (struct due){l->due.ref, l->at_ms, l->class};
	return l->at_ms != 0;
}

/* ---- without one -------------------------------------------------------- */

static void
row_credit(struct frontier *f, uint64_t ref, int32_t n)
{
	struct again_record r;
	char *text;

	if (again_get(f, ref, &r) != 1 || again_own(&r, &text) != 1)
		return;
	r.memory.yield = yield_add(r.memory.yield, n);
	again_put(f, ref, &r.memory, r.at_ms);
	free(text);
}

void
frontier_credit(struct frontier *f, const struct winnow_key *via, int n)
{
	struct lease *l;
	uint64_t ref;

	if (n == 0 || !f->revisit || url_ref(f->store, via, &ref) != 1)
		return;
	if (n > UINT16_MAX || n < -UINT16_MAX)
		n = n > 0 ? UINT16_MAX : -UINT16_MAX;
	l = fmap_get(&f->leases, ref);
	if (l != NULL && l->credit + n > -UINT16_MAX &&
	    l->credit + n < UINT16_MAX)
		l->credit += n;
	row_credit(f, ref, n);
}

int
frontier_memory_get(struct frontier *f, const struct winnow_key *key,
    struct frontier_memory *m, int64_t *at_ms)
{
	struct again_record r;
	uint64_t ref;

	free(f->memory_text);
	f->memory_text = NULL;
	if (url_ref(f->store, key, &ref) != 1 || again_get(f, ref, &r) != 1 ||
	    again_own(&r, &f->memory_text) != 1)
		return 0;
	*m = r.memory;
	*at_ms = time_out(f, r.at_ms);
	return 1;
}

/* Number of a URL that was settled and is not out; 0. */
static uint64_t
at_rest(struct frontier *f, const struct winnow_key *key)
{
	struct url_record r;
	uint64_t ref;

	return url_ref(f->store, key, &ref) == 1 &&
		       fmap_get(&f->leases, ref) == NULL &&
		       url_read(f->store, ref, &r) == 1 && r.state != URL_DUE
		   ? ref
		   : 0;
}

int
frontier_recall(
    struct frontier *f, const struct winnow_key *key, int hub, int64_t at_ms)
{
	struct again_record r = {.memory.hub = hub != 0};
	int64_t at = time_in(f, at_ms > 0 ? at_ms : 1);
	uint64_t ref = f->revisit ? at_rest(f, key) : 0;
	struct due was, due;
	struct host *h;
	char *text;
	int rc;

	if (ref == 0 || again_get(f, ref, &r) < 0)
		return 0;
	if (r.at_ms != 0 && r.at_ms <= at)
		return 1;
	if ((h = host_get(f, key->host, &rc)) == NULL ||
	    again_own(&r, &text) != 1)
		return 0;
	again_put(f, ref, &r.memory, at);
	free(text);
	due = (struct due){ref, at, again_class(&r.memory)};
	was = (struct due){ref, r.at_ms, due.class};
	host_due_add(f, h, &due);
	if (was.at_ms != 0) {
		host_due_del(f, h, &was);
		host_rewind(f, h); /* the old row may stand in its page */
	}
	return 1;
}
