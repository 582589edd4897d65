/* forum.h - threads: which elements of a page are its posts, and what of them
 * is text. */
#ifndef WN_FORUM_H
#define WN_FORUM_H

#include "cleaner/extract.h"

/* How sure the page's own words are: its address, its generator, the types
 * and class words that forum software writes. 2: a thread; 1: perhaps; -1: it
 * says that it is an article and nothing else. */
int wn_forum_evidence(const struct wn_extractor *);

/* Looks for the posts. 1: found, x->thread is set; 0: there are none, or the
 * arena is full. `sure`: the page is known to be a thread; else the posts have
 * to be nearly all of its text. */
int wn_forum_find(struct wn_extractor *, int sure);

/* Makes the posts, and what stands between them and the title, the content. */
void wn_forum_set_content(struct wn_extractor *);

/* Decides on every block of a thread, after wn_prune() with the content set
 * by wn_forum_find(); what plain text is kept. */
double wn_forum_prune(struct wn_extractor *);

#endif
