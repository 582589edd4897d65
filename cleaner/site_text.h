/* site_text.h - a line's text as the site memory compares it, and what
 * rules/site.def says of it. */
#ifndef WN_SITE_TEXT_H
#define WN_SITE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct wn_arena;
struct wn_fold;

enum { WN_FOLDED_HEAD = 60, WN_FOLDED_TAIL = 4 };

struct wn_folded {
	uint32_t hash;    /* not 0 */
	uint32_t exact;   /* of its digits; 0: it has none */
	uint32_t digits; /* how many runs of digits */
	uint32_t chars;   /* code points that count */
	uint32_t letters; /* of these, more than digits and letters of dates; 8
			     stands for more */
	uint32_t head[WN_FOLDED_HEAD]; /* the first of them */
	uint32_t tail[WN_FOLDED_TAIL]; /* the last, the last of all at
					  [(chars - 1) % WN_FOLDED_TAIL] */
};
/* s: valid UTF-8; table: of sketch.h. */
void wn_site_fold(
    const struct wn_fold *table, struct wn_folded *, const char *s, size_t n);

struct wn_site_rules;
/* The index of rules/site.def; NULL: no memory. */
const struct wn_site_rules *wn_site_rules_new(struct wn_arena *);

struct wn_site_says {
	int words;  /* of a site: a row W or C */
	int counts; /* of a counter: a row C */
	int kind;   /* of that row: enum winnow_kind */
	int formal; /* a formula: a row F, a heading with a number, a line that
		       ends in a colon, a date */
	int ends;   /* with the mark of a sentence */
};
/* f: of the text s. */
struct wn_site_says wn_site_look(const struct wn_site_rules *,
    const struct wn_folded *f, const char *s, size_t n);

#endif
