/* feed_parts.h - what the readers of sitemaps and feeds share.
 *
 *	feed.c	     what is it; bytes to text; plain and JSON lists
 *	feed_xml.c   urlset, sitemapindex, RSS, Atom, CDF
 *	feed_date.c  the dates they carry */
#ifndef WN_FEED_PARTS_H
#define WN_FEED_PARTS_H

#include "cleaner/arena.h"
#include "cleaner/winnow.h"

/* Where entries go; each URL once. */
struct wn_feed_sink {
	struct wn_arena *arena;
	struct winnow_feed *feed;
	struct winnow_url base; /* len 0: none */
	uint64_t seed;
	void (*entry)(void *, const struct winnow_entry *);
	void *arg;
	uint64_t *seen; /* hashes of URLs, open addressing; 0: free */
	size_t nseen, cap;
};

/* Resolves e->url against base (NULL: sink->base), and passes the entry on
 * when it is fetchable and new. url NULL: it has none. */
void wn_feed_put(struct wn_feed_sink *, struct winnow_entry *, const char *url,
    size_t len, const struct winnow_url *base);

/* feed->title and feed->link, in the arena. */
void wn_feed_title(struct wn_feed_sink *, const char *, size_t n);
void wn_feed_link(struct wn_feed_sink *, const char *, size_t n,
    const struct winnow_url *base);

void wn_feed_xml(struct wn_feed_sink *, const char *, size_t n);

/* Unix seconds of what stands in a pubDate, updated or lastmod, or
 * WINNOW_NO_TIME. A day without a time is its midnight in UTC. */
int64_t wn_feed_time(const char *, size_t n);
/* The same for W3C dates alone, which sitemaps must use. */
int64_t wn_feed_w3c(const char *, size_t n);

#endif
