/* frontier_map.h - 64-bit hashes to pointers: the hosts, leases and seeds that
 * are in memory. Open addressing, linear probing; keys are hashes already. */
#ifndef FRONTIER_MAP_H
#define FRONTIER_MAP_H

#include <stddef.h>
#include <stdint.h>

struct fmap {
	struct fmap_slot {
		uint64_t key;
		void *val; /* NULL: free */
	} * slots;
	size_t n, room; /* room: 0 or a power of two */
};

void *fmap_get(const struct fmap *, uint64_t key); /* NULL: not there */
/* val must not be NULL; a key that is there gets it. 0, -1: no memory. */
int fmap_put(struct fmap *, uint64_t key, void *val);
void fmap_del(struct fmap *, uint64_t key);
void fmap_clear(struct fmap *); /* the table, not what it points to */

#endif
