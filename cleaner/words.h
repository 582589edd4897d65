/* words.h - which of many words stand anywhere in a text, in one pass. */
#ifndef WN_WORDS_H
#define WN_WORDS_H

#include "cleaner/arena.h"

struct wn_words;

/* words: n of them, each of at least two bytes, letters of ASCII in lower
 * case; not copied. The index lives in the arena; NULL: no memory. */
struct wn_words *wn_words_new(
    struct wn_arena *, const char *const *words, size_t n);

/* The first of the words, in the order they were given in, that the text
 * holds, whatever the case of its ASCII letters; n: none. */
size_t wn_words_find(const struct wn_words *, const char *s, size_t n);

#endif
