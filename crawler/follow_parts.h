/* follow_parts.h - what the files that find where to go next share; nobody else
 * includes it.
 *
 *	follow.c	  links of a page
 *	follow_list.c	  entries of sitemaps and feeds; where those may be
 *	follow_redirect.c redirects, and refreshes that are meant as such
 *	follow_seed.c	  what the links of a seed are bound to */
#ifndef FOLLOW_PARTS_H
#define FOLLOW_PARTS_H

#include "crawler/priority.h"
#include "crawler/visit_parts.h"

/* A link on its way to the frontier. */
struct step {
	const struct winnow_link *link;
	enum link_place place;
	int depth, type;   /* enum url_type */
	int hops;          /* steps in a row that were no click of a reader's */
	int64_t fresh;     /* Unix seconds it was published or changed, or
			    * WINNOW_NO_TIME */
	int64_t published; /* what a feed said; 0: nothing */
};
/* 1: it is new and will be asked; 0: known; -1: refused. */
int follow_step(struct visit *, const struct step *);

/* The slot of a seed, filled; SCOPE_SLOTS: no such seed. */
size_t follow_slot(struct visits *, uint32_t seed);
/* The deepest link that this seed allows on the host of the visit. */
int follow_depth(const struct visit *, size_t slot);
/* Why a link is not followed; REASON_NONE: it is. Logged, once in a while. */
enum reason follow_refusal(struct visit *, size_t slot,
    const struct winnow_link *, int depth, int is_list);
/* Into the frontier: 1 new, 0 known, or its error. Fills in the host. */
int follow_add(struct visit *, struct frontier_link *);
/* Its key; -1: nothing that can be fetched. */
int follow_key(struct visits *, struct winnow_url *, struct winnow_key *);

static inline int
follow_same(const struct winnow_key *a, const struct winnow_key *b)
{
	return a->host == b->host && a->url == b->url;
}

/* A page that only leads on (meta refresh): as a redirect. */
void follow_refresh(struct visit *, const struct winnow_link *);

#endif
