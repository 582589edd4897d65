/* reduce.h - the page taken apart: its markup alone, and all that stood in it.
 *
 * The parser is given the names of the tags and one character for each piece
 * of text; what these stand for is kept aside in final form, in order. */
#ifndef WN_REDUCE_H
#define WN_REDUCE_H

#include "cleaner/tree.h"

enum { WN_JSONLD_MAX = 64 };

/* A start tag or a piece of text of the markup. Ascending by out. */
struct wn_mark {
	uint32_t out;  /* in the markup: behind the name, or the character */
	uint32_t src;  /* in the page: the tag, or the text's first byte */
	uint32_t text; /* in the text: bytes before it */
	uint32_t at;   /* a tag's first attribute; where a piece of text ends */
	uint16_t tag, nattr;
};

struct wn_reduced {
	char *markup; /* ASCII, NUL-terminated */
	size_t len;
	struct wn_mark *marks;
	size_t nmarks, marks_cap;
	struct wn_attr *attrs; /* values without character references */
	uint32_t nattrs, attrs_cap;
	char *text; /* all of it, references resolved; room for a NUL */
	size_t text_len;
	struct wn_str jsonld[WN_JSONLD_MAX]; /* slices of the page */
	unsigned njsonld;
	size_t scripts_len, scripts; /* bytes; how many have a src */
	int asks_for_script;	     /* <noscript> speaks of JavaScript */
	int truncated; /* an attribute, or all behind a cap, was left out */
};

/* 0, or WINNOW_ETOOBIG. The result is in the arena but for jsonld. */
int wn_reduce(
    struct wn_arena *, const char *html, size_t len, struct wn_reduced *);

#endif
