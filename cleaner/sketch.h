/* sketch.h - what is left of a text when one only wants to know its copies. */
#ifndef WN_SKETCH_H
#define WN_SKETCH_H

#include "cleaner/arena.h"
#include "cleaner/winnow.h"

/* What a Han character is compared as: simplified, whichever script it has.
 * In the arena; NULL: no memory. */
struct wn_fold;
const struct wn_fold *wn_fold_new(struct wn_arena *);
/* What characters from first to last are compared as. */
const uint16_t *wn_fold_table(
    const struct wn_fold *, uint32_t *first, uint32_t *last);

/* The sketch and the simhash of a text, valid UTF-8, from the same runs of
 * letters. */
void wn_sketch(const struct wn_fold *, const char *text, size_t len,
    struct winnow_sketch *, uint64_t *simhash);

#endif
