/* frontier_copies.c - which records have the same text.
 *
 *	text	hash of the text -> its leader: record id 16, merit 4, page 4
 *	best	id of the leader -> record id 16, merit 4, page 4
 *	repeat	key of the page -> its leader: record id 16, alike 2
 *
 * Records of one text have one leader, the first of them, for ever. A text has
 * one row, so has a page that repeats another's; `best` has one only where a
 * better copy came later. Rows of text before merits were kept are 16 bytes. */
#include "crawler/frontier_parts.h"
#include "crawler/merit.h"

#include <string.h>

#define COPY_LEN 24

static void
copy_put(struct frontier *f, enum store_table table, const void *key,
    size_t len, const struct frontier_copy *c)
{
	uint8_t row[COPY_LEN];

	memcpy(row, c->id, 16);
	put64(row + 16, (uint64_t)c->merit << 32 | c->page);
	store_put(f->store, table, key, len, row, sizeof row);
}

static int
copy_get(struct frontier *f, enum store_table table, const void *key,
    size_t len, struct frontier_copy *c)
{
	struct store_bytes v;
	uint64_t rest;

	if (store_get(f->store, table, key, len, &v) != 1 ||
	    (v.n != COPY_LEN && v.n != 16))
		return 0;
	rest =
	    v.n == COPY_LEN ? get64(v.p + 16) : (uint64_t)MERIT_UNKNOWN << 32;
	memcpy(c->id, v.p, 16);
	c->merit = (uint32_t)(rest >> 32);
	c->page = (uint32_t)rest;
	return 1;
}

int
frontier_text_get(
    struct frontier *f, uint64_t text_hash, struct frontier_copy *c)
{
	uint8_t key[8];

	put64(key, text_hash);
	return copy_get(f, STORE_TEXT, key, sizeof key, c);
}

void
frontier_text_put(
    struct frontier *f, uint64_t text_hash, const struct frontier_copy *c)
{
	uint8_t key[8];

	put64(key, text_hash);
	copy_put(f, STORE_TEXT, key, sizeof key, c);
}

int
frontier_best_get(
    struct frontier *f, const uint8_t lead[16], struct frontier_copy *c)
{
	return copy_get(f, STORE_BEST, lead, 16, c);
}

void
frontier_best_put(
    struct frontier *f, const uint8_t lead[16], const struct frontier_copy *c)
{
	copy_put(f, STORE_BEST, lead, 16, c);
}

/* ---- pages that repeat another's ---------------------------------------- */

int
repeat_read(struct store *s, const struct winnow_key *page, uint8_t lead[16],
    unsigned *alike)
{
	uint8_t key[KEY_LEN];
	struct store_bytes v;

	key_pack(key, page);
	if (store_get(s, STORE_REPEAT, key, sizeof key, &v) != 1 || v.n != 18)
		return 0;
	memcpy(lead, v.p, 16);
	*alike = get16(v.p + 16);
	return 1;
}

int
frontier_repeat_get(struct frontier *f, const struct winnow_key *page,
    uint8_t lead[16], unsigned *alike)
{
	return repeat_read(f->store, page, lead, alike);
}

void
frontier_repeat_put(struct frontier *f, const struct winnow_key *page,
    const uint8_t *lead, unsigned alike)
{
	uint8_t key[KEY_LEN], row[18];

	key_pack(key, page);
	if (lead == NULL) {
		store_del(f->store, STORE_REPEAT, key, sizeof key);
		return;
	}
	memcpy(row, lead, 16);
	put16(row + 16, alike);
	store_put(f->store, STORE_REPEAT, key, sizeof key, row, sizeof row);
}
