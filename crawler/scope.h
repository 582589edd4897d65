/* scope.h - whether a link that was found is one to follow.
 *
 * Two questions. Where: may the crawl of this seed go there (scope.mode, depth,
 * exclude)? What: does the address look like a page at all, or like a picture,
 * a login form, a print version, one more month of a calendar? The second is
 * a table, scope.def, that a person can read. A page given as a seed is never
 * asked the second question. */
#ifndef SCOPE_H
#define SCOPE_H

#include "cleaner/winnow.h"
#include "config/config.h"

/* What the crawl of a seed is bound to; made once a seed, kept in a cache. */
struct scope_seed {
	struct winnow_key key;
	char host[256], domain[256];
	char prefix[1024]; /* up to and with the last '/' of its path */
};
/* url: the seed's. 0, or -1: no URL. */
int scope_seed_init(struct scope_seed *, const char *url,
    const struct winnow_key *);

/* The first question. NULL: it may go there. Else why not, a short stable name:
 * "scope", "depth", "excluded". depth: the link's own; max_depth < 0: the
 * config's. */
const char *scope_bars(const struct config_values *, const struct scope_seed *,
    const struct winnow_link *, int depth, int max_depth);
/* Both: also "not-a-page", "login", "print", "calendar", "trap"... Not for
 * sitemaps and feeds, which may be called what they like (sitemap.xml.gz). */
const char *scope_refuses(const struct config_values *,
    const struct scope_seed *, const struct winnow_link *, int depth,
    int max_depth);

/* The second question alone; names as above. */
const char *scope_not_a_page(const char *url);

/* Host of a URL in normal form, without port and "www."; -1: none fits. */
int scope_host(const char *url, char *host, size_t cap);

/* '*' stands for any run of characters; the whole of s must fit. Linear. */
int scope_match(const char *pattern, const char *s);

#endif
