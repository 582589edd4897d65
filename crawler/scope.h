/* scope.h - whether a link that was found is one to follow.
 *
 * Two questions. Where: may the crawl of this seed go there (scope.mode, depth,
 * include, exclude)? What: does the address look like a page at all, or like a
 * picture, a login form, a print version, one more month of a calendar (trap.h,
 * scope.def)? A page given as a seed is never asked the second question, and
 * neither is a feed or a sitemap, which may be called what it likes.
 *
 * scope_judge() answers for any address, whether it was ever met or not: the
 * crawl asks it for its links, `winnow why` for what the user names.
 *
 * Invariants
 *  S1  The answer depends on nothing but the question.
 *  S2  No address costs more than the length of it times the lengths of the
 *      patterns: a glob has no way to go back further than its last star. */
#ifndef SCOPE_H
#define SCOPE_H

#include "cleaner/winnow.h"
#include "config/config.h"
#include "crawler/reasons.h"

/* What the crawl of a seed is bound to; made once a seed, kept in a cache. */
struct scope_seed {
	struct winnow_key key;
	char host[256], domain[256];
	char prefix[1024]; /* up to and with the last '/' of its path */
	int mode;          /* enum config_scope_mode, of the seed's site */
	int subdomains;
};
/* url: the seed's; the settings are those of its host. 0, or -1: no URL. */
int scope_seed_init(struct scope_seed *, const char *url,
    const struct winnow_key *, const struct config_values *);

struct scope_question {
	const struct config_values *cfg; /* of the address's host */
	const struct scope_seed *seed;
	const char *url; /* in normal form: winnow_link.url */
	uint64_t host;   /* of its key */
	int depth;       /* the link's own */
	int max_depth;   /* the seed's; -1: the settings' */
	int is_list;     /* a feed or a sitemap: only where it is counts */
	int64_t now_ms;  /* which years are to come */
	int in_words;    /* detail is wanted */
};
struct scope_answer {
	enum reason reason; /* REASON_NONE: it may be asked */
	/* Which rule, for people: "scope.exclude has the pattern ...". Only
	 * when it was wanted, else "". */
	char detail[320];
};
/* 1: refused, *a says why; 0: it may be asked. */
int scope_judge(const struct scope_question *, struct scope_answer *a);

/* Host of a URL in normal form, without port and "www."; -1: none fits. */
int scope_host(const char *url, char *host, size_t cap);

/* '*' stands for any run of characters; the whole of s must fit. */
int scope_match(const char *pattern, const char *s);
/* The same for an address: a pattern that begins with '/' is laid on its path
 * and query, any other on the whole of it. */
int scope_match_url(const char *pattern, const char *url);

#endif
