/* silence.c - see silence.h. */
#include "crawler/silence.h"

#include <math.h>
#include <stddef.h>

#define DAY_S (24 * 3600.0)
#define BURST_MS (3600 * 1000LL)
#define FIRST_GAP_S (7 * DAY_S) /* Q1 */
#define SHARE 8                 /* of the newest gap in the mean: 1/8 */
#define CLIP 8                  /* Q2: a gap counts as at most 8 usual ones */

int
silence_heard(
    struct silence *s, const uint8_t rhythm[SCHEDULE_RHYTHM], int64_t now_ms)
{
	double gap, usual = s->gap_s > 0 ? s->gap_s : FIRST_GAP_S;

	if (s->last_ms > 0 && now_ms - s->last_ms < BURST_MS)
		return 0; /* also when the clock was set back */
	if (s->last_ms > 0) {
		gap = schedule_span(rhythm, s->last_ms, now_ms) * DAY_S;
		usual += (fmin(gap, CLIP * usual) - usual) / SHARE;
		s->gap_s = (uint32_t)fmin(fmax(usual, 1), UINT32_MAX);
	}
	s->last_ms = now_ms;
	return 1;
}

double
silence_missed(const struct silence *s, const uint8_t rhythm[SCHEDULE_RHYTHM],
    int64_t now_ms)
{
	if (s->last_ms <= 0 || s->gap_s == 0 || now_ms <= s->last_ms)
		return 0;
	return schedule_span(rhythm, s->last_ms, now_ms) * DAY_S / s->gap_s;
}

int
silence_fallen(const struct silence *s, const uint8_t rhythm[SCHEDULE_RHYTHM],
    int64_t now_ms, double *missed)
{
	double n = 0;

	/* Most hosts have spoken today: they cost no more than this. */
	if (now_ms - s->last_ms >= SILENCE_LEAST_MS)
		n = silence_missed(s, rhythm, now_ms);
	if (missed != NULL)
		*missed = n;
	return exp(-n) < SILENCE_CHANCE;
}

void
silence_landed(
    struct frontier *f, const struct frontier_item *item, int64_t now_ms)
{
	struct frontier_host h;
	struct silence s;

	frontier_host_get(f, item->key.host, &h);
	s = (struct silence){h.last_record_ms, h.gap_s};
	if (!item->again)
		(void)silence_heard(&s, h.rhythm, now_ms);
	h.last_record_ms = s.last_ms;
	h.gap_s = s.gap_s;
	h.records++;
	frontier_host_put(f, item->key.host, &h);
	frontier_seed_yield(
	    f, item->seed, item->again ? NULL : h.rhythm, now_ms);
}
