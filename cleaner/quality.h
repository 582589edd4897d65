/* quality.h - what a text shows of its own worth: the signals of its record,
 * and the one figure that they make. */
#ifndef WN_QUALITY_H
#define WN_QUALITY_H

#include <stddef.h>
#include <stdint.h>

#include "cleaner/arena.h"
#include "cleaner/winnow.h"

struct wn_doc;

/* ---- signals.c ----------------------------------------------------------- */

/* Fills pub.signals from the finished text, the title and the blocks: one pass
 * over the text. 0 or WINNOW_ENOMEM. */
int wn_signals(struct wn_doc *);

/* ---- quality.c ----------------------------------------------------------- */

/* What the figure is made of: rows of quality.def, each of a feature from 0 to
 * 1, which is a function of the record's fields alone. */
enum wn_feature {
#define Q(key, name, weight, value, words) WN_FEATURE_##key,
#include "cleaner/quality.def"
#undef Q
	WN_FEATURE_N
};
struct wn_feature_row {
	const char *name, *words;
	double weight; /* what a feature of 1 adds to the log odds */
};
extern const struct wn_feature_row wn_feature_rows[WN_FEATURE_N];
void wn_features(const struct winnow_doc *, double x[WN_FEATURE_N]);

/* ---- spun.c -------------------------------------------------------------- */

struct wn_spun; /* the index of rules/spun.def */

struct wn_spun *wn_spun_new(struct wn_arena *); /* NULL: no memory */
/* Does a word of the table begin at row, n code points of simplified text? Its
 * row + 1, 0: none; rows of the table: wn_spun_rows(). */
unsigned wn_spun_at(const struct wn_spun *, const uint32_t *row, size_t n);
double wn_spun_weight(unsigned row);
size_t wn_spun_rows(void);
enum { WN_SPUN_CHARS = 4 }; /* of a word, at most */

/* Can a word begin so? What most characters are asked alone. */
int wn_spun_may(const struct wn_spun *, uint32_t first);

#endif
