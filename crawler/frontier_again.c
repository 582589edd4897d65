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
again_get(
    struct frontier *f, const struct winnow_key *key, struct again_record *r)
{
	struct store_bytes v;
	uint8_t bytes[KEY_LEN];
	int rc;

	key_pack(bytes, key);
	rc = store_get(f->store, STORE_AGAIN, bytes, sizeof bytes, &v);
	if (rc == 1 && again_record_unpack(v.p, v.n, r) != 0)
		return FRONTIER_EIO;
	return rc;
}

static void
again_put(struct frontier *f, const struct winnow_key *key,
    const struct frontier_memory *m, int64_t at)
{
	uint8_t bytes[KEY_LEN], val[AGAIN_RECORD_MAX];

	key_pack(bytes, key);
	store_put(f->store, STORE_AGAIN, bytes, sizeof bytes, val,
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
again_load(struct frontier *f, const struct winnow_key *key,
    struct frontier_memory *m, char **text)
{
	struct again_record r;
	int rc = again_get(f, key, &r);

	*text = NULL;
	if (rc != 1)
		return rc;
	if ((rc = again_own(&r, text)) == 1)
		*m = r.memory;
	return rc;
}

/* Another time, all else as it is. */
void
again_moved(struct frontier *f, const struct winnow_key *key, int64_t at)
{
	struct frontier_memory m;
	char *text;

	if (again_load(f, key, &m, &text) == 1)
		again_put(f, key, &m, at);
	free(text);
}

/* ---- by a lease -------------------------------------------------------------
 */

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
again_settle(struct frontier *f, struct lease *l, uint8_t due[DUE_LEN])
{
	const struct winnow_key *key = &l->item.key;
	uint8_t bytes[KEY_LEN];

	key_pack(bytes, key);
	if (l->forget) {
		store_del(f->store, STORE_AGAIN, bytes, sizeof bytes);
	} else if (l->memory != NULL) {
		put16(l->memory + AGAIN_YIELD, yield_add(l->yield, l->credit));
		store_put(f->store, STORE_AGAIN, bytes, sizeof bytes, l->memory,
		    l->memory_len);
	} else if (l->item.again) {
		again_moved(f, key, 0);
	}
	if (l->at_ms == 0)
		return 0;
	due_pack(due, key, l->class, (uint64_t)l->at_ms);
	store_put(f->store, STORE_DUE, due, DUE_LEN, "", 0);
	return 1;
}

/* ---- without one ------------------------------------------------------------
 */

static void
row_credit(struct frontier *f, const struct winnow_key *key, int32_t n)
{
	struct again_record r;
	char *text;

	if (again_get(f, key, &r) != 1 || again_own(&r, &text) != 1)
		return;
	r.memory.yield = yield_add(r.memory.yield, n);
	again_put(f, key, &r.memory, r.at_ms);
	free(text);
}

void
frontier_credit(struct frontier *f, const struct winnow_key *via, int n)
{
	struct lease *l = fmap_get(&f->leases, key_mix(via));

	if (n == 0 || key_is_zero(via) || !f->revisit)
		return;
	if (n > UINT16_MAX || n < -UINT16_MAX)
		n = n > 0 ? UINT16_MAX : -UINT16_MAX;
	if (l != NULL && l->credit + n > -UINT16_MAX &&
	    l->credit + n < UINT16_MAX)
		l->credit += n;
	row_credit(f, via, n);
}

int
frontier_memory_get(struct frontier *f, const struct winnow_key *key,
    struct frontier_memory *m, int64_t *at_ms)
{
	struct again_record r;
	int rc = again_get(f, key, &r);

	free(f->memory_text);
	f->memory_text = NULL;
	if (rc != 1 || again_own(&r, &f->memory_text) != 1)
		return 0;
	*m = r.memory;
	*at_ms = time_out(f, r.at_ms);
	return 1;
}

/* The due row of a URL from one time to another; 0: none. */
static void
due_move(struct frontier *f, struct host *h, const struct winnow_key *key,
    uint8_t class, int64_t from, int64_t to)
{
	uint8_t due[DUE_LEN];

	due_pack(due, key, class, (uint64_t)to);
	store_put(f->store, STORE_DUE, due, sizeof due, "", 0);
	host_due_added(f, h, due);
	if (from == 0)
		return;
	due_pack(due, key, class, (uint64_t)from);
	store_del(f->store, STORE_DUE, due, sizeof due);
	host_due_gone(f, h, 1);
	/* The old row may stand in the host's page. */
	host_rewind(f, h);
}

static int
url_settled(struct frontier *f, const struct winnow_key *key)
{
	struct store_bytes v;
	struct url_record r;
	uint8_t bytes[KEY_LEN];

	key_pack(bytes, key);
	return store_get(f->store, STORE_URL, bytes, sizeof bytes, &v) == 1 &&
	       url_record_unpack(v.p, v.n, key->host, &r) == 0 &&
	       r.state != URL_DUE;
}

int
frontier_recall(
    struct frontier *f, const struct winnow_key *key, int hub, int64_t at_ms)
{
	struct again_record r = {.memory.hub = hub != 0};
	int64_t at = time_in(f, at_ms > 0 ? at_ms : 1);
	struct host *h;
	char *text = NULL;
	int rc;

	if (!f->revisit || fmap_get(&f->leases, key_mix(key)) != NULL ||
	    !url_settled(f, key))
		return 0;
	if ((rc = again_get(f, key, &r)) < 0)
		return 0;
	if (r.at_ms != 0 && r.at_ms <= at)
		return 1;
	if (again_own(&r, &text) != 1 ||
	    (h = host_get(f, key->host, &rc)) == NULL) {
		free(text);
		return 0;
	}
	again_put(f, key, &r.memory, at);
	free(text);
	due_move(f, h, key, again_class(&r.memory), r.at_ms, at);
	return 1;
}
