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
 * letters; without a title. */
void wn_sketch(const struct wn_fold *, const char *text, size_t len,
    struct winnow_sketch *, uint64_t *simhash);

/* Spreads what a hash knows over all of its bits. */
static inline uint64_t
wn_sketch_mix(uint64_t h)
{
	h = (h ^ h >> 31) * 0xBF58476D1CE4E5B9ULL;
	h = (h ^ h >> 29) * 0x94D049BB133111EBULL;
	return h ^ h >> 32;
}

/* The letter that a character is compared as, 0: it is none. */
#define WN_HAN_FIRST 0x4E00
uint32_t wn_sketch_letter(const struct wn_fold *, uint32_t c);

/* sketch_title.c: the article's title, which is no part of its text. */
void wn_sketch_title(const struct wn_fold *, const char *title, size_t len,
    struct winnow_sketch *);
/* How alike (struct winnow_likeness.same) the texts under these titles have to
 * be to be copies; 0: the titles say nothing against it. */
double wn_title_needs(
    const struct winnow_sketch *, const struct winnow_sketch *);

#endif
