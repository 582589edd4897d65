/* priority.h - which URLs of a host are asked for first.
 *
 * A sum of small numbers, each from a table: where the link stood, how old what
 * it leads to says it is, how deep it lies, how high its seed stands. Larger is
 * sooner. No link comes before a seed of the usual priority; navigation comes
 * last. Where a topic is followed the sum is one word among others (focus.h).
 *
 * Pure: time is in the age. */
#ifndef PRIORITY_H
#define PRIORITY_H

#include <stdint.h>

/* What a link is, by where it was found. */
enum link_place {
	LINK_NAV,     /* furniture of the page: leads round the site */
	LINK_CONTENT, /* its content, an item of a list */
	LINK_ENTRY,   /* named by a feed or a sitemap */
	LINK_FRAME,   /* part of a page that has nothing else */
	LINK_NEXT,    /* another page of a list */
	LINK_FEED,    /* a feed */
	LINK_SITEMAP,
	LINK_GUESS, /* nobody named it: a place where a list may be */
	LINK_PLACES
};

#define LINK_AGE_UNKNOWN (-1)

struct link_rank {
	enum link_place place;
	int depth;         /* links from the seed */
	int64_t age_s;     /* since it was published or changed; < 0: unknown */
	int seed_priority; /* as the seed list has it, 10 without a word */
};
int link_points(const struct link_rank *); /* the sum, without bounds */
int8_t link_priority(const struct link_rank *);

#endif
