/* detect.h - which encoding bytes are in, by what they would be as text. */
#ifndef WN_DETECT_H
#define WN_DETECT_H

#include "cleaner/charset.h"

struct wn_arena;

/* Bytes read in an encoding. Costs of readings of the same bytes compare. */
struct wn_reading {
	enum wn_charset charset; /* NONE: no text of it is known */
	double cost;             /* quarter nats */
	size_t all;              /* its characters that are not ASCII */
	double sure; /* 0..1: the share of characters that are ordinary */
};

/* The likeliest reading of bytes that are not UTF-8. */
struct wn_reading wn_detect(
    struct wn_charsets *, struct wn_arena *, const char *, size_t n);
/* The reading in one encoding. */
struct wn_reading wn_detect_as(struct wn_charsets *, struct wn_arena *,
    enum wn_charset, const char *, size_t n);
/* Its `sure` alone, by the first characters. */
double wn_detect_glance(struct wn_charsets *, struct wn_arena *,
    enum wn_charset, const char *, size_t n);

#endif
