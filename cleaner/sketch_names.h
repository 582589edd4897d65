/* sketch_names.h - the names in a text, for its sketch. */
#ifndef WN_SKETCH_NAMES_H
#define WN_SKETCH_NAMES_H

#include "cleaner/winnow.h"

/* Sets hint[c - first] for surnames, and for the characters that end a word
 * which stands beside names. */
void wn_names_hints(uint8_t *hint, uint32_t first);

/* Of a text as it is read; all zero when it begins. */
#define WN_NAMES_OPEN 4
struct wn_names {
	uint32_t last[16]; /* letters, a ring */
	unsigned n;        /* of them, so far */
	unsigned lost;     /* of them, when one was lost, + 1; 0: none was */
	struct wn_names_open {
		unsigned word, whole; /* n, when it is */
	} open[WN_NAMES_OPEN];        /* words that were seen beside a name */
	unsigned nopen;
	unsigned word;   /* letters since the last mark; Han: each one */
	int surname;     /* its first is one */
	unsigned spaces; /* since the last letter; another mark: 2 */
	int capital;     /* the word begins with one */
	int named;       /* and is a name at this place, so far */
	uint64_t place, value;
};
void wn_names_letter(struct wn_names *, uint32_t letter, uint8_t hint,
    int capital, struct winnow_sketch *);
/* Any other character, or 0: the end. */
void wn_names_mark(struct wn_names *, uint32_t mark, struct winnow_sketch *);

/* Chance of the names of two, were one a copy of the other, of whose words
 * `edited` are others. */
double wn_names_chance(
    const struct winnow_sketch *, const struct winnow_sketch *, double edited);
/* Chance that of n, each with chance p, at least k are. */
double wn_binomial_above(unsigned n, unsigned k, double p);

#endif
