/* silence.c - see silence.h.
 *
 * Time as the site counts it is summed by the hour over at most one week; whole
 * weeks weigh as much as they are long, for the weights have the mean 1. */
#include "crawler/silence.h"

#include <math.h>
#include <stddef.h>

#define HOUR_MS (3600 * 1000LL)
#define WEEK_HOURS (7 * 24)
#define WEEK_MS (WEEK_HOURS * HOUR_MS)
#define BURST_MS HOUR_MS
#define FIRST_GAP_S (7 * 24 * 3600) /* Q1 */
#define SHARE 8                     /* of the newest gap in the mean: 1/8 */
#define CLIP 8 /* Q2: a gap counts as at most 8 usual ones */

/* What the counts of a rhythm are divided by. Half a record is added to each:
 * what was never seen is rare, not impossible. */
static double
total(const uint8_t *counts, int n)
{
	double sum = 0.5 * n;
	int i;

	for (i = 0; i < n; i++)
		sum += counts[i];
	return sum / n;
}

/* Hour of the week, Sunday's first is 0; day 0 of Unix time was a Thursday. */
static int
week_hour(int64_t ms, int offset_s)
{
	return (
	    int)(((ms + offset_s * 1000LL) / HOUR_MS + 4 * 24) % WEEK_HOURS);
}

/* From one moment to another in the site's time, in ms. */
static double
site_time(const uint8_t *rhythm, int offset_s, int64_t from, int64_t to)
{
	double sum, by_hour, by_day;
	int64_t step;
	int hour;

	if (to <= from)
		return 0;
	if (rhythm == NULL)
		return (double)(to - from);
	sum = (double)((to - from) / WEEK_MS * WEEK_MS);
	to -= (to - from) / WEEK_MS * WEEK_MS;
	by_hour = total(rhythm, 24);
	by_day = total(rhythm + 24, 7);
	for (; from < to; from += step) {
		step = HOUR_MS - from % HOUR_MS;
		if (step > to - from)
			step = to - from;
		hour = week_hour(from, offset_s);
		sum += (double)step * (rhythm[hour % 24] + 0.5) / by_hour *
		       (rhythm[24 + hour / 24] + 0.5) / by_day;
	}
	return sum;
}

int
silence_heard(
    struct silence *s, const uint8_t *rhythm, int offset_s, int64_t now_ms)
{
	double gap, usual = s->gap_s > 0 ? s->gap_s : FIRST_GAP_S;

	if (s->last_ms > 0 && now_ms - s->last_ms < BURST_MS)
		return 0; /* also when the clock was set back */
	if (s->last_ms > 0) {
		gap = site_time(rhythm, offset_s, s->last_ms, now_ms) / 1000;
		if (gap > CLIP * usual)
			gap = CLIP * usual;
		usual += (gap - usual) / SHARE;
		s->gap_s = usual > 1 ? (uint32_t)usual : 1;
	}
	s->last_ms = now_ms;
	return 1;
}

double
silence_missed(const struct silence *s, const uint8_t *rhythm, int offset_s,
    int64_t now_ms)
{
	if (s->last_ms <= 0 || s->gap_s == 0)
		return 0;
	return site_time(rhythm, offset_s, s->last_ms, now_ms) / 1000 /
	       s->gap_s;
}

int
silence_fallen(const struct silence *s, const uint8_t *rhythm, int offset_s,
    int64_t now_ms, double *missed)
{
	double n = silence_missed(s, rhythm, offset_s, now_ms);

	if (missed != NULL)
		*missed = n;
	return now_ms - s->last_ms >= SILENCE_LEAST_MS &&
	       exp(-n) < SILENCE_CHANCE;
}
