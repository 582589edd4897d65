/* decode.h - the bytes of a page made UTF-8. */
#ifndef WN_DECODE_H
#define WN_DECODE_H

#include "cleaner/charset.h"

struct wn_arena;

/* What is known of the encoding before the bytes are looked at. */
struct wn_decode_hints {
	const char *content_type; /* NULL: none */
	const char *user;         /* the user's word; NULL: none */
};

struct wn_decoded {
	enum wn_charset charset;
	const char *source; /* "bom" "http" "meta" "detect" "config" */
	const char *text;   /* the bytes themselves when they were UTF-8 */
	size_t len;
	size_t bad;
};

/* 0, WINNOW_ECHARSET: the user's name is none, or WINNOW_ETOOBIG. */
int wn_decode(struct wn_charsets *, struct wn_arena *, const char *, size_t n,
    const struct wn_decode_hints *, struct wn_decoded *);

#endif
