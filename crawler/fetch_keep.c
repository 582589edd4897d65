/* fetch_keep.c - whether a connection is worth keeping.
 *
 * With more hosts in rotation than connections can be kept, each is thrown out
 * before its host is asked again, and libcurl walks over all of them to find
 * the oldest: more CPU than the page itself. So this file remembers which hosts
 * the last requests went to (a cache of nothing but names, as large as the real
 * one) and counts how many would have found their connection. When few do, the
 * connection of a host that is not among them is not kept.
 *
 * Invariants
 *  K1  A host asked again within the last `idle` requests has its connection
 *      kept, but for two names that fall on one slot.
 *  K2  While at least RATE_LEAST in RATE_ONE requests come back in
 *      time, and until the first `idle` requests, all are kept. */
#include "crawler/fetch_keep.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#define RATE_ONE (1 << 20) /* every request */
#define RATE_LEAST (RATE_ONE / 8)
#define RATE_MEMORY 128 /* requests that the rate is the mean of */

struct fetch_keep {
	uint32_t idle, mask;
	uint32_t asked; /* requests so far */
	int rate;       /* of them found their host, of RATE_ONE */
	struct {
		uint64_t host;
		uint32_t asked; /* its number */
	} slot[];
};

struct fetch_keep *
fetch_keep_new(int idle)
{
	struct fetch_keep *k;
	uint32_t n = 64;

	while (n < (uint32_t)idle * 8)
		n *= 2;
	k = calloc(1, sizeof(*k) + n * sizeof(k->slot[0]));
	if (k == NULL)
		return NULL;
	k->idle = (uint32_t)idle;
	k->mask = n - 1;
	k->rate = RATE_ONE;
	return k;
}

void
fetch_keep_free(struct fetch_keep *k)
{
	free(k);
}

int
fetch_keep_ask(struct fetch_keep *k, const char *host, int port)
{
	uint64_t h = XXH3_64bits_withSeed(host, strlen(host), (uint64_t)port);
	uint32_t i = (uint32_t)h & k->mask;
	int found =
	    k->slot[i].host == h && k->asked - k->slot[i].asked < k->idle;

	k->slot[i].host = h;
	k->slot[i].asked = k->asked;
	if (++k->asked > k->idle)
		k->rate += ((found ? RATE_ONE : 0) - k->rate) / RATE_MEMORY;
	return found || k->rate >= RATE_LEAST;
}
