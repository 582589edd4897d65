/* failures.h - the latest failures, for people: the page, `winnow status`.
 *
 * A ring in memory of the last FAILURES_MOST of them. What fails again at the
 * same host for the same reason is one failure that happened more often, and
 * the latest again: a host that is down does not push out what else went wrong.
 *
 * Invariants
 *  X1  No more memory than at its making, whatever fails.
 *  X2  Texts come from the network: bounded here, and not escaped. */
#ifndef FAILURES_H
#define FAILURES_H

#include <stddef.h>
#include <stdint.h>

#include "crawler/reasons.h"

#define FAILURES_MOST 128

struct failure {
	int64_t first_ms, last_ms; /* Unix ms */
	uint32_t times;            /* since first_ms */
	enum reason reason;        /* as at the last time, like the rest */
	int status;                /* of the answer; 0: there was none */
	int final;                 /* given up; 0: it is tried again */
	char host[128], url[1024]; /* cut when longer */
	char detail[160];          /* particulars, "" */
};

/* One that happens now; the texts are copied, NULL is "". */
struct failure_news {
	int64_t now_ms;
	enum reason reason;
	int status, final;
	const char *host, *url, *detail;
};

struct failures;

struct failures *failures_new(void); /* NULL: no memory */
void failures_free(struct failures *);
void failures_add(struct failures *, const struct failure_news *);
/* How many are kept, and the i-th, the latest first; NULL: there are not so
 * many. Borrowed until the next failures_add(). */
size_t failures_count(const struct failures *);
const struct failure *failures_get(const struct failures *, size_t i);
/* All that were added since failures_new(). */
uint64_t failures_total(const struct failures *);

#endif
