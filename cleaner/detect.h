/* detect.h - which encoding bytes are in when nobody says it. */
#ifndef WN_DETECT_H
#define WN_DETECT_H

#include "cleaner/charset.h"

struct wn_arena;

/* The likeliest encoding of bytes that are not UTF-8, WN_CS_NONE when nothing
 * fits; confidence is the share of its letters that fit, 0..1. */
enum wn_charset wn_detect(struct wn_charsets *, struct wn_arena *, const char *,
    size_t n, double *confidence);

#endif
