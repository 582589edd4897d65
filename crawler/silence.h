/* silence.h - whether a site has stopped to speak.
 *
 * A site publishes at a rate of its own: every hour, every working day, once a
 * month. What counts is a burst: records that land within an hour of its first
 * one are one sign of life, for a list that is asked again lands all that is
 * new on it at once. The usual gap is the mean of those between bursts, in time
 * as the site counts it: an hour of the week in which it never publishes (its
 * nights, its Sundays) counts little, one in which it always does counts much
 * (its rhythm). So a weekend is no silence of an office.
 *
 * Measured that way the gaps of most sites are near an exponential's, and the
 * chance of a silence that long is e^-missed, missed being the bursts that
 * should have come. A site is silent when that chance is below 1 in 1000 and a
 * day has passed.
 *
 * Invariants
 *  Q1  A new site is taken for a weekly one: the estimate starts at a week and
 *      comes down as bursts are seen, so that a few quick ones raise no alarm.
 *  Q2  One long gap raises the estimate by at most seven eighths of it: after
 *      an outage a site is not trusted to rest as long again.
 *
 * Pure functions but for the last; times are Unix milliseconds. */
#ifndef SILENCE_H
#define SILENCE_H

#include "crawler/schedule.h"

#define SILENCE_CHANCE 1e-3
#define SILENCE_LEAST_MS (24 * 3600 * 1000LL)

struct silence {
	int64_t last_ms; /* first record of the last burst; 0: none yet */
	uint32_t gap_s;  /* usual gap in seconds; 0: not known yet */
};

/* A record has landed; rhythm: of its host, zeroes when none is known. 1 when
 * it was the first of a burst, so that *s has changed. */
int silence_heard(
    struct silence *s, const uint8_t rhythm[SCHEDULE_RHYTHM], int64_t now_ms);

/* Bursts that should have come since the last one: 0 and more; the chance that
 * none did is e to minus that. 0 when there is no estimate yet. */
double silence_missed(const struct silence *,
    const uint8_t rhythm[SCHEDULE_RHYTHM], int64_t now_ms);

/* 1: silent by the rule above; *missed may be NULL. */
int silence_fallen(const struct silence *,
    const uint8_t rhythm[SCHEDULE_RHYTHM], int64_t now_ms, double *missed);

/* Where a record becomes durable: the books of its host and of its seed. What a
 * revisit brings counts as a record, and is no sign of life: old pages change
 * when a site gets a new layout. */
void silence_landed(
    struct frontier *, const struct frontier_item *, int64_t now_ms);

#endif
