/* robots.h - robots.txt by RFC 9309.
 *
 * robots_compile() reads a file (hostile, bounded) in a worker and keeps only
 * what our agent needs as one flat blob; robots_allowed() matches a URL against
 * a blob in the parent, in time linear in the sum of both lengths per rule:
 * no backtracking. */
#ifndef ROBOTS_H
#define ROBOTS_H

#include <stddef.h>
#include <stdint.h>

/* What the answer to the request for robots.txt means (RFC 9309, 2.3.1). */
enum robots_policy {
	ROBOTS_PARSE,	     /* 2xx: the rules decide */
	ROBOTS_FOLLOW,	     /* 3xx: follow, at most 5 hops */
	ROBOTS_ALLOW_ALL,    /* 4xx but 429: as if there were none */
	ROBOTS_DISALLOW_ALL  /* 429, 5xx, no answer: ask later; a cached copy serves */
};
enum robots_policy robots_policy(int status); /* status 0: no answer */
const char *robots_policy_name(enum robots_policy); /* "allow-all" */

#define ROBOTS_MAX (512 * 1024) /* bytes of a file that are read */

/* agent: product token, "winnowd". 0, or -1: no memory. *blob is malloced;
 * caller frees. The blob is self-contained, and safe to read back from disk
 * by robots_check(). */
int robots_compile(const void *txt, size_t len, const char *agent,
    void **blob, size_t *blob_len);
/* 1: the blob is well formed. Called once on what comes from the store. */
int robots_check(const void *blob, size_t len);

/* url: absolute, as it would be fetched. 1 allowed, 0 not. *line: number of
 * the line that decided, 0: none; may be NULL. */
int robots_allowed(const void *blob, size_t len, const char *url, int *line);
int64_t robots_crawl_delay_ms(const void *blob, size_t len); /* -1: none */
/* Calls cb with each Sitemap line, resolved against base (may be NULL),
 * http(s) only, once each, in order. */
void robots_sitemaps(const void *blob, size_t len, const char *base,
    void (*cb)(void *arg, const char *url), void *arg);

#endif
