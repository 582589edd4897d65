/* near_young.c - keys of the newest documents, in memory: a hash table of keys
 * that stand many times, open addressing, at most half full. */
#include "crawler/near_parts.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 4096

static uint32_t
place(const struct young *y, uint32_t key)
{
	return (uint32_t)(key * 0x9E3779B1u) & (y->slots - 1);
}

static void
put(struct young *y, uint32_t key, uint32_t nth)
{
	uint32_t at = place(y, key), same = 0;

	while (y->slot[at].nth != 0) {
		/* Who shares a key with so many is found by the others. */
		if (y->slot[at].key == key && ++same == NEAR_SHARE)
			return;
		at = (at + 1) & (y->slots - 1);
	}
	y->slot[at] = (struct young_slot){key, nth};
	y->used++;
}

static int
grow(struct young *y)
{
	struct young bigger = *y;
	uint32_t i;

	bigger.slots = y->slots > 0 ? y->slots * 2 : SLOTS_FIRST;
	bigger.used = 0;
	bigger.slot = calloc(bigger.slots, sizeof *bigger.slot);
	if (bigger.slot == NULL)
		return -1;
	for (i = 0; i < y->slots; i++)
		if (y->slot[i].nth != 0)
			put(&bigger, y->slot[i].key, y->slot[i].nth);
	free(y->slot);
	*y = bigger;
	return 0;
}

int
young_add(struct young *y, uint64_t number, const struct winnow_sketch *k)
{
	uint32_t keys[NEAR_KEYS];
	unsigned i;

	if (y->slots < 2 * (y->used + NEAR_KEYS) && grow(y) != 0)
		return -1;
	winnow_sketch_keys(k, keys);
	for (i = 0; i < NEAR_KEYS; i++)
		put(y, keys[i], (uint32_t)(number - y->first) + 1);
	return 0;
}

unsigned
young_find(const struct young *y, uint32_t key, uint64_t *out)
{
	uint32_t at;
	unsigned n = 0;

	if (y->slots == 0)
		return 0;
	for (at = place(y, key); y->slot[at].nth != 0 && n < NEAR_SHARE;
	     at = (at + 1) & (y->slots - 1))
		if (y->slot[at].key == key)
			out[n++] = y->first + y->slot[at].nth - 1;
	return n;
}

void
young_clear(struct young *y, uint64_t first)
{
	if (y->slots > 0)
		memset(y->slot, 0, y->slots * sizeof *y->slot);
	y->used = 0;
	y->first = first;
}

void
young_free(struct young *y)
{
	free(y->slot);
}
