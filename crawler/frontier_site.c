/* frontier_site.c - what the pages of a host have taught, kept over runs.
 *
 *	site		host 8 -> learned_ms 6, bytes
 *	site-bytes	of all rows, a word of STORE_META
 *
 * Which row goes when they are too many is chosen as by Redis: of a few that
 * stand beside each other somewhere, the one that was added to longest ago.
 * No index by time is kept for that; what is lost by a bad choice is learned
 * again from the next pages of its site.
 *
 * Invariants
 *  M1  site-bytes counts the rows that are there, in the same transaction. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#define BYTES_WORD "site-bytes"
#define FIXED 6
#define LOOKED_AT 8 /* rows of which one goes */
#define GO_MOST 16  /* rows that go for one that comes */

int
site_row(struct store *s, uint64_t host, struct frontier_site *out)
{
	struct store_bytes v;
	uint8_t key[8];
	int rc;

	put64(key, host);
	rc = store_get(s, STORE_SITE, key, sizeof key, &v);
	if (rc != 1)
		return rc;
	if (v.n < FIXED)
		return 0;
	*out = (struct frontier_site){
	    (int64_t)get48(v.p), v.p + FIXED, v.n - FIXED};
	return 1;
}

int
frontier_site_get(struct frontier *f, uint64_t host, struct frontier_site *out)
{
	int rc = site_row(f->store, host, out);

	if (rc == 1)
		out->learned_ms = time_out(f, out->learned_ms);
	return rc == 1;
}

static uint64_t
bytes_get(struct frontier *f)
{
	uint8_t n[8] = {0};

	return meta_get(f->store, BYTES_WORD, n, sizeof n) == 1 ? get64(n) : 0;
}

static void
bytes_put(struct frontier *f, uint64_t bytes)
{
	uint8_t n[8];

	put64(n, bytes);
	store_put(
	    f->store, STORE_META, BYTES_WORD, strlen(BYTES_WORD), n, sizeof n);
}

/* Bytes that went with it. */
static uint64_t
row_del(struct frontier *f, uint64_t host)
{
	struct frontier_site was;
	uint8_t key[8];

	if (site_row(f->store, host, &was) != 1)
		return 0;
	put64(key, host);
	store_del(f->store, STORE_SITE, key, sizeof key);
	return was.len + FIXED;
}

struct oldest {
	uint64_t but, host; /* not this one; the oldest so far */
	int64_t ms;
	int n, found;
};

static int
oldest_row(
    void *arg, const struct store_bytes *key, const struct store_bytes *val)
{
	struct oldest *o = arg;
	int64_t ms = val->n >= FIXED ? (int64_t)get48(val->p) : 0;

	if (key->n == 8 && get64(key->p) != o->but &&
	    (!o->found || ms < o->ms)) {
		o->found = 1;
		o->ms = ms;
		o->host = get64(key->p);
	}
	return ++o->n < LOOKED_AT;
}

/* Of the rows from a place on, and from the beginning where they end there.
 * Bytes that went; 0: there is no other row. */
static uint64_t
one_goes(struct frontier *f, uint64_t but, uint64_t place)
{
	struct oldest o = {.but = but};
	uint8_t from[8];

	put64(from, place);
	if (store_scan(
		f->store, STORE_SITE, from, sizeof from, oldest_row, &o) != 0)
		return 0;
	memset(from, 0, sizeof from);
	if (o.n < LOOKED_AT && store_scan(f->store, STORE_SITE, from,
				   sizeof from, oldest_row, &o) != 0)
		return 0;
	return o.found ? row_del(f, o.host) : 0;
}

void
frontier_site_put(struct frontier *f, uint64_t host,
    const struct frontier_site *in, uint64_t most)
{
	uint64_t sum = bytes_get(f), gone = row_del(f, host);
	uint8_t key[8], *val = malloc(FIXED + in->len);
	int n;

	sum = (sum > gone ? sum - gone : 0) + FIXED + in->len;
	if (val == NULL) { /* it is learned again */
		bytes_put(f, sum - FIXED - in->len);
		return;
	}
	put64(key, host);
	put48(val, (uint64_t)time_in(f, in->learned_ms));
	memcpy(val + FIXED, in->bytes, in->len);
	store_put(f->store, STORE_SITE, key, sizeof key, val, FIXED + in->len);
	free(val);
	for (n = 0; n < GO_MOST && sum > most; n++) {
		gone = one_goes(f, host, XXH3_64bits_withSeed(key, 8, sum));
		if (gone == 0)
			break;
		sum -= gone < sum ? gone : sum;
	}
	bytes_put(f, sum);
}

void
site_drop(struct frontier *f, uint64_t host)
{
	uint64_t sum = bytes_get(f), gone = row_del(f, host);

	if (gone > 0)
		bytes_put(f, sum > gone ? sum - gone : 0);
}

void
frontier_site_drop(struct frontier *f, uint64_t host)
{
	site_drop(f, host);
}
