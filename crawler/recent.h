/* recent.h - the last pages as they came: a file of a fixed size in state.dir,
 * in which the newest take the place of the oldest (keep.raw = recent).
 *
 * For looking at (winnow page), not for keeping: nothing is synced, and a page
 * that cannot be written is left out. It takes no memory but a page's headers.
 *
 * Invariants
 *  G1  What is read back is what was written, or nothing: each page has a
 *      checksum of its own.
 *  G2  After a kill at any moment every page is there but those that were about
 *      to be written over. After a loss of power some may be torn, and are
 *      passed over.
 *  G3  Reading takes no lock and changes nothing.
 *  G4  It takes no room that queue and state need: it grows only while a fourth
 *      of the file system, 256 MiB at most, stays free, and gives all back when
 *      one of them was refused. */
#ifndef RECENT_H
#define RECENT_H

#include <stddef.h>
#include <stdint.h>

#include "queue/wq.h"

struct recent;

/* Opens or makes it; a file of another size, or none of ours, begins anew. One
 * process at a time (the state's lock). NULL: errno says why. */
struct recent *recent_open(const char *state_dir, int64_t bytes);
void recent_close(struct recent *); /* NULL is fine */
/* Takes it away: keep.raw is something else now. */
void recent_remove(const char *state_dir);

/* Gives back what it takes of the disk, for those who have no room left. NULL is
 * fine. */
void recent_give_up(struct recent *);

/* Where a page lies: good until another one is written over it. */
struct recent_place {
	uint64_t at, number; /* number 0: nowhere */
};
/* Of the page that recent_put() kept last. */
struct recent_place recent_last(const struct recent *);

/* Keeps a page. 1; 0: larger than a fourth of the file, or the disk has no room
 * for it; -1: errno says why. */
int recent_put(struct recent *, const struct wq_page *);

/* The newest page that the key (or the id, when it is not NULL) and accept()
 * fit. 1: *out is filled, and points into *memory, which the caller frees; 0:
 * none; -1: errno says why the file cannot be read. */
struct recent_want {
	uint64_t key;
	const uint8_t *id;
	int (*accept)(void *arg, const struct wq_page *);
	void *arg;
};
int recent_find(const char *state_dir, const struct recent_want *,
    struct wq_page *out, char **memory);
/* The page of a place, likewise; 0: another one lies there now. One read of a
 * page, however large the file is. */
int recent_read(const struct recent *, const struct recent_place *,
    struct wq_page *out, char **memory);

#endif
