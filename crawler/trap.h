/* trap.h - addresses that a site makes up without end.
 *
 * Two ways to know one. By its looks (trap_look): a month of a year to come, a
 * path that repeats itself, a list in another order, a page to be printed. And
 * by its family (trap_families): addresses of one shape, whose numbers and
 * names alone differ, are made by one script of the site. What a family has
 * cost in vain is counted by the crawl (debt.h); here it only gets its name.
 *
 * Pure functions over an address in normal form (absolute, escaped, without a
 * fragment: winnow_link.url); time is an argument. Nothing is allocated. */
#ifndef TRAP_H
#define TRAP_H

#include <stddef.h>
#include <stdint.h>

#include "crawler/reasons.h"

#define TRAP_SEGMENTS 24 /* a longer path is a trap itself */
#define TRAP_PARAMS 16   /* a longer query likewise */

struct trap_piece {
	const char *p;
	size_t n;
};

/* An address in pieces; they point into it. */
struct trap_url {
	struct trap_piece seg[TRAP_SEGMENTS]; /* between the '/' */
	struct trap_piece name[TRAP_PARAMS], value[TRAP_PARAMS];
	int nseg, nparam;
	int deep, wide; /* had more of the one, or of the other */
	int is_dir;     /* the path ends in '/' */
	const char *path;
	size_t len; /* of the path and query */
};
void trap_split(struct trap_url *, const char *url);

/* What gives an address away. */
struct trap_sight {
	enum reason reason;      /* calendar, trap, sort ... */
	const char *words;       /* static */
	struct trap_piece where; /* the piece of the URL that is meant */
};
/* year: the present one. 1: *sight is filled; 0: it looks like a page. */
int trap_look(const struct trap_url *, int year, struct trap_sight *sight);

/* Year of Unix milliseconds, UTC. */
int trap_year(int64_t now_ms);

/* ---- families ----------------------------------------------------------- */

/* shape: path and names of parameters, numbers and names of pages left aside.
 * prefix: the first folder; of an address with a query its path, whatever the
 * query. Never 0. */
struct trap_family {
	uint64_t shape, prefix;
};
void trap_families(const struct trap_url *, struct trap_family *);
/* Family of the hosts below a registrable domain. Never 0. */
uint64_t trap_domain_family(const char *domain);

/* The names of both in words, for people: "/list.php?page&sort", "/list.php?*".
 * Bounded by cap, printable. */
void trap_shape_name(const struct trap_url *, char *out, size_t cap);
void trap_prefix_name(const struct trap_url *, char *out, size_t cap);

/* Does a link lead on from the page it stands on, to something of another kind,
 * or only to one more of the same: its own shape, another folder of its part of
 * the site, its own path with a parameter more or less? */
int trap_leads_on(const struct trap_url *page, const struct trap_url *link);

#endif
