/* focus.h - what may be expected of a link when a topic is followed.
 *
 * Two kinds of evidence. What speaks for the link itself: its words, the score
 * of the page it stands on, its place (focus_own). And what the branches it
 * belongs to have yielded so far: all of the crawl, its host, its folder, the
 * shape of its address, the page that names it. Of each branch two numbers are
 * kept, pages that were scored and the sum of what they were worth. A branch
 * with few pages is mostly what the one above it is, a branch with many mostly
 * itself: the mean of a Beta distribution whose prior is the branch above. Then
 * a little is added where little is known (as UCB1 does, Auer et al. 2002), so
 * that what is new is tried. Both kinds add up as log odds.
 *
 * Expected scores become priorities: one step for each eighth of a power of
 * two, so that branches that yield nothing sink behind all others and are still
 * there.
 *
 * Pure, but for the counts, which live in the frontier's families: they are
 * written with the pages they count, survive, and go with their host.
 *
 * Invariants
 *  K1  A branch never counts as hopeless: its estimate stays above 0, and its
 *      links keep a priority.
 *  K2  Old pages fade: a count is halved when it is full (FOCUS_FULL). */
#ifndef FOCUS_H
#define FOCUS_H

#include <stddef.h>
#include <stdint.h>

#include "cleaner/winnow.h"

struct frontier;

#define FOCUS_FULL 1000 /* pages of a branch */

/* From the widest to the narrowest. */
enum focus_branch {
	FOCUS_ALL,
	FOCUS_HOST,
	FOCUS_FOLDER,
	FOCUS_SHAPE,
	FOCUS_PAGE, /* that it is named on */
	FOCUS_BRANCHES
};
const char *focus_branch_name(enum focus_branch); /* "host" ... */

/* The branches of an address; via: the page it is named on, zero: none. */
struct focus_place {
	uint64_t host[FOCUS_BRANCHES], family[FOCUS_BRANCHES]; /* 0: none */
};
void focus_place_of(struct focus_place *, const char *url, uint64_t host,
    const struct winnow_key *via);

/* Where counts are read: the frontier of a crawl, or a look at its store. */
struct focus_book {
	uint32_t (*count)(void *arg, uint64_t host, uint64_t family);
	void *arg;
};

/* What scores are usual: of articles, and of the words of links. A topic that
 * is learned of few examples may find something of it everywhere; what counts
 * is what stands out. A mean and a deviation of log odds, which begin with what
 * no words at all score (neutral) and fade as counts do. */
struct focus_usual {
	double n, mean, spread;
};
void focus_usual_begin(struct focus_usual *, double neutral);
void focus_usual_add(struct focus_usual *, double score);
/* What a page with that score is worth, 0..1. */
double focus_worth(const struct focus_usual *articles, double score);

/* What was expected, and why. */
struct focus_view {
	double expected;                /* 0..1 */
	double branches;                /* of it, without the link's own */
	uint32_t pages[FOCUS_BRANCHES]; /* scored so far */
	double yielded[FOCUS_BRANCHES]; /* their mean score; 0 of none */
};
double focus_expected(const struct focus_book *, const struct focus_place *,
    int own, struct focus_view *); /* view may be NULL */

/* Scores of a link's words and of the page it stands on, against what is usual;
 * points: what else speaks for it, eighths of a power of two (link_points()).
 * The evidence as frontier_link.own. */
int focus_own(const struct focus_usual *links, double words,
    const struct focus_usual *articles, double page, int points);

/* The priority of what is expected; no more than most. */
int focus_priority(double expected, int most);

/* A page of these branches was scored. */
void focus_count(struct frontier *, const struct focus_place *, double score);

#endif
