/* frontier_restore.c - a seed that was taken away is given again: what was
 * dropped meanwhile for want of it is due again.
 *
 * A row of the log knows its seed, and no index leads from a seed to its rows:
 * all are walked once, RESTORE_ROWS a turn. How far it is stands in the store
 * (STORE_META, "restore": number), so that a kill only interrupts it. Another
 * seed that comes back meanwhile lets it begin anew. */
#include "crawler/frontier_parts.h"

#include <string.h>

#define RESTORE "restore"
#define RESTORE_ROWS 500 /* looked at in a turn: less than a millisecond */

struct restore {
	int rows, n;
	uint64_t next, ref[RESTORE_ROWS];
};

static void
restore_put(struct frontier *f, uint64_t ref)
{
	uint8_t val[8];

	f->restore_ref = ref;
	put64(val, ref);
	if (ref != 0)
		store_put(f->store, STORE_META, RESTORE, strlen(RESTORE), val,
		    sizeof val);
	else
		store_del(f->store, STORE_META, RESTORE, strlen(RESTORE));
}

int
restore_load(struct frontier *f)
{
	struct store_bytes val;
	int rc =
	    store_get(f->store, STORE_META, RESTORE, strlen(RESTORE), &val);

	f->restore_ref = rc == 1 && val.n == 8 ? get64(val.p) : 0;
	return rc < 0 ? rc : 0;
}

void
restore_begin(struct frontier *f)
{
	if (f->counts.by_state[URL_DROPPED] > 0)
		restore_put(f, 1);
}

static int
log_row(void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct restore *r = arg;
	struct url_record u;

	if (key->n != REF_LEN)
		return 0;
	if (r->rows++ == RESTORE_ROWS)
		return 0;
	r->next = get40(key->p) + 1;
	if (url_record_unpack(val->p, val->n, r->next - 1, &u) == 0 &&
	    u.state == URL_DROPPED)
		r->ref[r->n++] = r->next - 1;
	return 1;
}

/* Its host is told by its text alone. */
static void
row_restore(struct frontier *f, uint64_t ref)
{
	char text[WINNOW_URL_MAX + 1];
	struct winnow_url u, canon;
	struct frontier_seed s;
	struct url_record r;
	struct winnow_key key;
	int n;

	if (url_read(f->store, ref, &r) != 1 || r.state != URL_DROPPED ||
	    (n = url_text(f->store, &r, text)) < 0 ||
	    frontier_seed_get(f, r.seed, &s) != 1 || s.removed ||
	    winnow_url_parse(&u, text, (size_t)n, NULL, NULL) != 0 ||
	    winnow_url_canonical(&u, &canon) != 0)
		return;
	key = winnow_url_key(&canon, f->url_seed);
	(void)frontier_recall(
	    f, &key, r.depth == 0 || r.type != URL_PAGE, time_out(f, f->now));
}

int
frontier_restore_turn(struct frontier *f)
{
	struct restore r = {.next = f->restore_ref};
	uint8_t from[REF_LEN];
	int i;

	if (f->restore_ref == 0 || store_state(f->store) != 0)
		return 0;
	put40(from, f->restore_ref);
	if (store_scan(f->store, STORE_URL, from, sizeof from, log_row, &r) !=
	    0)
		return 0;
	for (i = 0; i < r.n; i++)
		row_restore(f, r.ref[i]);
	restore_put(f, r.rows > RESTORE_ROWS ? r.next : 0);
	return f->restore_ref != 0;
}
