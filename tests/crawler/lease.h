/* lease.h - what tests of the frontier do with a lease. */
#ifndef TESTS_LEASE_H
#define TESTS_LEASE_H

#include "crawler/frontier.h"

/* The next URL, NULL when there is none now. */
static inline struct frontier_item *
next(struct frontier *f, int64_t now)
{
	struct frontier_item *item;

	return frontier_next(f, now, &item) == 1 ? item : NULL;
}

/* URL number n of a host has the key n + 1. */
static inline unsigned
url_of(const struct frontier_item *item)
{
	return item != NULL ? (unsigned)item->key.url - 1 : 9999;
}

#endif
