/* reasons.h - why a URL was not taken, as one of a closed list.
 *
 * The list is reasons.def. Refusals are decided as a reason; what a URL was
 * settled with comes down to one by settled_reason() (settled.h). */
#ifndef REASONS_H
#define REASONS_H

enum reason {
	REASON_NONE, /* taken, or nothing is decided yet */
#define R(key, name, where, words) REASON_##key,
#include "crawler/reasons.def"
#undef R
	REASON_N
};

/* Where a reason is told (the third column of the list). */
enum reason_where {
	REASON_IN_WHY = 1, /* winnow why */
	REASON_IN_LOG = 2, /* the log of skipped URLs */
	REASON_IN_BOTH = 3
};

/* All of them NULL, or 0, for REASON_NONE. */
const char *reason_name(enum reason);
const char *reason_words(enum reason);
enum reason_where reason_where(enum reason);
/* By its name; REASON_NONE: it is not in the list. */
enum reason reason_named(const char *name);

#endif
