/* robots_cache.h - the robots.txt of each authority, as the loop needs it.
 *
 * The store keeps them all (frontier_robots_*); this keeps the recent ones in
 * memory, checked once. An authority is "https://host:port" with the port only
 * where it is not the scheme's own. */
#ifndef ROBOTS_CACHE_H
#define ROBOTS_CACHE_H

#include <stdint.h>

#include "crawler/frontier.h"
#include "crawler/robots.h"

struct robots_cache;

struct robots_cache *robots_cache_new(struct frontier *);
void robots_cache_free(struct robots_cache *);
/* Lets go of all: the store tells anew. */
void robots_cache_clear(struct robots_cache *);

/* What is known now, NULL: ask for it. Valid until the next call. An expired
 * entry is not given. */
const struct frontier_robots *robots_cache_get(struct robots_cache *,
    const char *authority, int64_t now_ms);
/* Takes what was fetched (rules are copied), here and in the store. On
 * ROBOTS_DISALLOW_ALL rules go on serving for 24 h beyond max_age (RFC 9309,
 * 2.3.1.4 and 2.4), five minutes at a time: 1 when they do. */
int robots_cache_put(struct robots_cache *, const char *authority,
    enum robots_policy, const void *rules, size_t len, int64_t now_ms,
    int64_t max_age_ms);

/* Authority of an absolute URL; 0, or -1 when it does not fit. */
int robots_authority(const char *url, char *out, size_t cap);

#endif
