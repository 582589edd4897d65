/* robots_words.h - what a page asks of crawlers: meta robots, X-Robots-Tag. */
#ifndef WN_ROBOTS_WORDS_H
#define WN_ROBOTS_WORDS_H

#include <stdint.h>

/* The name under which pages may speak to us alone. */
#define WN_ROBOTS_AGENT "winnowd"

struct wn_robots_words {
	int noindex, nofollow;
};
/* Adds what the words ask of us; those said to another agent ask nothing. now:
 * Unix seconds, 0: unknown, and then no date has passed. */
void wn_robots_words(struct wn_robots_words *, const char *words, int64_t now);

#endif
