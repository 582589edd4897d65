/* debt.h - what the families of a host's addresses have cost in vain.
 *
 * A site may make up addresses without end, and no rule knows all the ways. So
 * the crawl keeps an account of each family (trap.h): a page that was asked for
 * and gave neither an article nor a way on to anything of another kind is one
 * in vain; an article makes up for ten. A family that owes scope.family_cap
 * pages is closed: its links are no longer taken, and those that wait are
 * settled without a request. A path of a hundred thousand articles owes
 * nothing; the months of a calendar owe one each.
 *
 * What closes nothing: links that a seed, a list, a feed or a sitemap names
 * itself, and what is one link from a seed. There a site says what is new, and
 * a part of it that went wrong long ago must not hide that.
 *
 * Two caps hold before there is any evidence, both at frontier_add(): addresses
 * of one part of a host that have not given an article (scope.prefix_cap), and
 * hosts of one registrable domain (scope.domain_hosts, wildcard DNS).
 *
 * And an account of texts: the same text under many addresses of a host is the
 * host's way to say that a page is not there, or that one must log in, whatever
 * its status says (a soft 404).
 *
 * Invariants
 *  D1  Counts live in the frontier's store and survive; a kill loses or repeats
 *      the pages of one commit at most.
 *  D2  No count is below 0: a family that was good for long is closed as soon
 *      after it has turned bad as any other.
 *  D3  One line is logged a host and kind of cap, in a run; with thousands
 *      of hosts that met caps, one now and then. */
#ifndef DEBT_H
#define DEBT_H

#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "crawler/frontier.h"
#include "crawler/trap.h"

/* An address with its families. */
struct debt_url {
	uint64_t host; /* of its key */
	const char *url;
	struct trap_url in_pieces;
	struct trap_family family;
};
void debt_url_init(struct debt_url *, const char *url, uint64_t host);

/* The caps of a link for frontier_add(); host: its name, without "www."; NULL:
 * a host that has been asked, and counts already. */
void debt_caps(const struct config_values *, const struct debt_url *,
    const char *host, struct frontier_cap caps[FRONTIER_CAPS]);

/* Where counts are read: the frontier of a crawl, or a look at its store. */
struct debt_book {
	uint32_t (*count)(void *arg, uint64_t host, uint64_t family);
	void *arg;
};
/* Is one of its families closed? 1: why says so in words ("scope.family_cap
 * 2000: pages like /list.php?page ..."); cap 0: no words. */
int debt_closed(const struct debt_book *, const struct config_values *,
    const struct debt_url *, char *why, size_t cap);
/* Words for the cap that frontier_cap_full() names. */
void debt_full(const struct config_values *, const struct debt_url *,
    const char *host, int which, char *why, size_t cap);

enum debt_result {
	DEBT_NONE, /* the host failed, or it leads on: nothing is said */
	DEBT_VAIN,
	DEBT_ARTICLE, /* via: the page that led to it owes one less; or NULL */
};
void debt_count(struct frontier *, const struct debt_url *,
    const struct debt_url *via, enum debt_result);

/* A text came that is known already: how often on this host, this time
 * included. */
uint32_t debt_text(struct frontier *, uint64_t host, uint64_t text_hash);
/* It is the host's way to say no: what comes after it repeats it too often. */
void debt_text_refuse(struct frontier *, uint64_t host, uint64_t text_hash);
/* So often says that it is no article. */
int debt_text_is_template(
    const struct config_values *, uint32_t times, uint32_t chars);

#endif
