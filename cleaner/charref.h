/* charref.h - character references of HTML: &amp; &#38; &#x26; */
#ifndef WN_CHARREF_H
#define WN_CHARREF_H

#include <stddef.h>

/* Longest that a reference becomes. */
enum { WN_CHARREF_MAX = 4 };

/* Reads the reference at s, which is on `&`. The number of bytes it takes, 0
 * when it is none; what it stands for is in out, *len bytes of UTF-8 and never
 * more than it takes: none for a number that is no character. */
size_t wn_charref(
    const char *s, size_t n, char out[WN_CHARREF_MAX], size_t *len);

/* Copies s to out with its references resolved, at most n bytes; how many. */
size_t wn_charref_copy(char *out, const char *s, size_t n);

#endif
