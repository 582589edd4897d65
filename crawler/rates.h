/* rates.h - how fast it goes: what the engine counts, seen over time.
 *
 * A sample of all that is counted is taken every few seconds, and kept in two
 * rings: the last minutes closely, the last day coarsely. Counters only grow,
 * and are shown a second; gauges go up and down, and are shown as they stood.
 * Memory is fixed, whatever the time it runs (about 160 KiB).
 *
 * Time is that of a clock that does not jump (CLOCK_MONOTONIC), in ms: a day
 * whose clock is set leaves no hole and no peak. Pure, but for the memory of
 * rates_new().
 *
 * Invariants
 *  A1  Samples of a ring are in the order of their time; one that comes too
 *      early, or from an earlier time, is not taken.
 *  A2  A rate is that of two samples that were taken, over the time between
 *      them: a loop that stood still makes a rate smaller, never larger. */
#ifndef RATES_H
#define RATES_H

#include <stddef.h>
#include <stdint.h>

enum rates_of {
	/* counters */
	RATES_PAGES,    /* answers */
	RATES_BYTES,    /* of them, as they came */
	RATES_ARTICLES, /* records */
	RATES_FAILED,   /* URLs given up, and those that no worker cleans */
	/* gauges */
	RATES_DUE,      /* URLs to be asked */
	RATES_FETCHING, /* transfers */
	RATES_QUEUE,    /* bytes of the queue */
	RATES_FREE,     /* bytes free on its disk */
	RATES_MEMORY,   /* anonymous bytes of the process */
	RATES_N
};
#define RATES_COUNTERS RATES_DUE /* of them: those before it */

#define RATES_NEAR_MS 5000 /* samples of the close ring; an hour of them */
#define RATES_FAR_MS 60000 /* of the coarse ring; a day */
#define RATES_NEAR 720
#define RATES_FAR 1440

struct rates;

struct rates_sample {
	int64_t ms;
	int64_t n[RATES_N];
};

struct rates *rates_new(void); /* NULL: no memory; free with rates_free() */
void rates_free(struct rates *);

/* Takes a sample: into each ring whose last one is old enough. */
void rates_add(struct rates *, const struct rates_sample *);

/* What came a second on the average of the last span_ms; gauges: by how much
 * they rose or fell. The time that it really is over, in ms: less when less was
 * seen, 0 when nothing is known yet (all are 0 then). */
int64_t rates_over(
    const struct rates *, int64_t span_ms, double per_second[RATES_N]);

/* The newest points of a ring, oldest first, at most `most`: how many. A
 * counter is a second since the sample before, a gauge as it stood. far: 0 the
 * close ring, 1 the coarse one. age_ms: before the newest sample. */
struct rates_point {
	int64_t age_ms;
	double value;
};
size_t rates_series(const struct rates *, int far, enum rates_of,
    struct rates_point *, size_t most);

/* "pages", "bytes"...: for members of an answer. */
const char *rates_name(enum rates_of);

#endif
