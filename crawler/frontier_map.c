/* frontier_map.c - the hash table of frontier_map.h.
 *
 * Invariants
 *  H1  At most three quarters of the slots are taken, so a probe ends.
 *  H2  Between a key's home slot and its slot there is no free one: fmap_del()
 *      moves later keys back instead of leaving marks. */
#include "crawler/frontier_map.h"

#include <stdlib.h>

static size_t
home(const struct fmap *m, uint64_t key)
{
	return (size_t)((key * 0x9e3779b97f4a7c15u) >> 20) & (m->room - 1);
}

static struct fmap_slot *
find(const struct fmap *m, uint64_t key)
{
	size_t i = home(m, key);

	while (m->slots[i].val != NULL && m->slots[i].key != key)
		i = (i + 1) & (m->room - 1);
	return &m->slots[i];
}

static int
grow(struct fmap *m)
{
	struct fmap old = *m;
	size_t i;

	m->room = old.room > 0 ? old.room * 2 : 64;
	m->slots = calloc(m->room, sizeof *m->slots);
	if (m->slots == NULL) {
		*m = old;
		return -1;
	}
	for (i = 0; i < old.room; i++)
		if (old.slots[i].val != NULL)
			*find(m, old.slots[i].key) = old.slots[i];
	free(old.slots);
	return 0;
}

void *
fmap_get(const struct fmap *m, uint64_t key)
{
	return m->room > 0 ? find(m, key)->val : NULL;
}

int
fmap_put(struct fmap *m, uint64_t key, void *val)
{
	struct fmap_slot *slot;

	if (4 * (m->n + 1) > 3 * m->room && grow(m) != 0)
		return -1;
	slot = find(m, key);
	m->n += slot->val == NULL;
	slot->key = key;
	slot->val = val;
	return 0;
}

void
fmap_del(struct fmap *m, uint64_t key)
{
	struct fmap_slot *hole;
	size_t i, mask = m->room - 1;

	if (m->room == 0 || (hole = find(m, key))->val == NULL)
		return;
	m->n--;
	for (i = (size_t)(hole - m->slots);;) {
		i = (i + 1) & mask;
		if (m->slots[i].val == NULL)
			break;
		/* May stay when its home lies behind the hole. */
		if (((i - home(m, m->slots[i].key)) & mask) <
		    ((i - (size_t)(hole - m->slots)) & mask))
			continue;
		*hole = m->slots[i];
		hole = &m->slots[i];
	}
	hole->val = NULL;
}

void
fmap_clear(struct fmap *m)
{
	free(m->slots);
	*m = (struct fmap){0};
}
