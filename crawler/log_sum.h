/* log_sum.h - the same fault again and again is told as a number.
 *
 * A cause of a call site may be told LOG_CAUSE_MOST times, a call site with all
 * its causes LOG_SITE_MOST times in LOG_SPAN_MS. What comes beyond is held:
 * only the last line of it is kept, and at the end of the span it is told with
 * how often it happened. While it goes on, that sum is all that is told: a line
 * in each span. After a span in which nothing had to be held all begins anew.
 *
 * Invariants
 *  U1  Memory is this struct, whatever comes. When its places are taken by
 *      causes that are held, further ones count for their call site alone.
 *  U2  In a span at most LOG_SITE_MOST lines and as many sums as there are
 *      places leave, for each of the call sites, of which a program has a few
 *      dozen.
 *  U3  Each line is told, or counted in a sum that is. */
#ifndef LOG_SUM_H
#define LOG_SUM_H

#include <stddef.h>
#include <stdint.h>

#include "crawler/log_line.h"

#define LOG_SPAN_MS (60 * 1000)
#define LOG_CAUSE_MOST 5
#define LOG_SITE_MOST 20
#define LOG_SUM_SITES 64
#define LOG_SUM_CAUSES 64
#define LOG_HELD_MAX 800 /* bytes of the line that is kept, */
#define LOG_SUM_ROOM 64  /* of these for the sum itself */

struct log_held {
	uint64_t key; /* 0: free */
	int64_t since_ms, last_ms;
	uint32_t told, held;
	struct log_line line; /* begun, not ended; when held > 0 */
	char buf[LOG_HELD_MAX];
};

struct log_sums {
	struct log_held site[LOG_SUM_SITES], cause[LOG_SUM_CAUSES];
};

/* A line of this site and cause, not 0, at now_ms, which never goes back much.
 * NULL: it is to be told. Else it is counted here, and the caller puts it into
 * line in place of what was there. */
struct log_held *log_sums_hold(
    struct log_sums *, uint64_t site, uint64_t cause, int64_t now_ms);
/* One whose span is over, or with all set any: the caller tells line, with
 * *times and over how long; NULL: there is none. */
struct log_held *log_sums_due(struct log_sums *, int64_t now_ms, int all,
    uint32_t *times, int64_t *over_ms);

#endif
