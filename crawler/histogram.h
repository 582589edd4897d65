/* histogram.h - how long something takes, in fixed buckets: cheap enough to be
 * counted always. One table of bounds for all, from a millisecond to minutes.
 *
 * Pure, fixed memory; zero is empty. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BOUNDS 17

struct histogram {
	uint64_t counts[HISTOGRAM_BOUNDS + 1]; /* the last: beyond all bounds */
	uint64_t sum_us;
};

/* Microseconds up to which a bucket counts, its bound included. */
extern const int64_t histogram_bounds[HISTOGRAM_BOUNDS];

void histogram_add(struct histogram *, int64_t us); /* negative: as 0 */

#endif
