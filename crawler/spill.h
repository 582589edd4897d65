/* spill.h - the body of an answer that may be large: sitemaps.
 *
 * In memory up to SPILL_MEMORY bytes, the rest of it, with what came before, in
 * a file without a name: the parent's memory does not grow with what a server
 * sends, and nothing is left behind. Its disk is bounded by the transfers that
 * run. */
#ifndef SPILL_H
#define SPILL_H

#include <stddef.h>
#include <stdint.h>

#define SPILL_MEMORY (1 << 20)

struct spill {
	char *b; /* NULL: empty, or in the file */
	size_t len, cap;
	int fd; /* -1: in memory */
};

void spill_init(struct spill *);
void spill_clear(struct spill *); /* init or clear before any other call */
/* dir: where the file may be made. 0, or -1: no memory, or no room there. */
int spill_put(struct spill *, const char *dir, const void *, size_t);
/* XXH3-64 of all that was put; 0: cannot read. */
uint64_t spill_hash(const struct spill *);
/* n bytes from the offset on; fewer only at the end. -1: cannot read. */
long spill_read(int fd, size_t from, void *, size_t n);

#endif
