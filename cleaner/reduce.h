/* reduce.h - the page without what its parser need not see. */
#ifndef WN_REDUCE_H
#define WN_REDUCE_H

#include "cleaner/arena.h"

enum { WN_JSONLD_MAX = 64 };

/* Where a byte of the reduced page stood: from out on, byte out is src. */
struct wn_shift {
	uint32_t out, src;
};

struct wn_reduced {
	char *html; /* NUL-terminated */
	size_t len;
	struct wn_shift *shifts; /* ascending */
	size_t nshifts, shifts_cap;
	struct wn_str jsonld[WN_JSONLD_MAX]; /* slices of the page */
	unsigned njsonld;
	size_t scripts_len;
	int truncated; /* an attribute, or all behind a cap, was left out */
};

/* 0, or WINNOW_ETOOBIG. The result is in the arena but for jsonld. */
int wn_reduce(
    struct wn_arena *, const char *html, size_t len, struct wn_reduced *);

#endif
