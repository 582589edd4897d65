/* inflate.h - content codings taken off. */
#ifndef WN_INFLATE_H
#define WN_INFLATE_H

#include <stddef.h>

struct wn_arena;

/* Takes the codings of a Content-Encoding header off, the last first. *out is
 * in the arena, or `in` itself when there was nothing to do. 0; WINNOW_ETOOBIG:
 * more than max bytes; WINNOW_ECODING: a name unknown, too many layers, or not
 * one byte readable. */
int wn_inflate(struct wn_arena *, const char *encoding, const void *in,
    size_t n, size_t max, const char **out, size_t *out_n);

#endif
