/* Sites that publish by known rules, over months of made-up time. */
#include "crawler/silence.h"

#include <math.h>

#include "tests/test.h"

#define HOUR (3600 * 1000LL)
#define DAY (24 * HOUR)
#define WEEK (7 * DAY)
#define EPOCH (1767225600000LL + 3 * DAY) /* Sunday, 2026-01-04 00:00 UTC */

static const uint8_t quiet[SCHEDULE_RHYTHM];
static uint32_t dice = 1;

static double
chance(void)
{
	dice = dice * 1664525u + 1013904223u;
	return (dice >> 8) / 16777216.0;
}

/* A site: n records in an hour of the week (0: Sunday's first), or none. */
typedef int site(int hour, int week);

static int
office(int hour, int week)
{
	int day = hour / 24, h = hour % 24;

	(void)week;
	return day >= 1 && day <= 5 && h >= 9 && h < 17 ? chance() < 0.6 : 0;
}

static int
daily(int hour, int week)
{
	(void)week;
	return hour % 24 == 8 ? 20 : 0;
}

static int
agency(int hour, int week)
{
	(void)hour;
	(void)week;
	return chance() < 0.9 ? 6 : 0;
}

static int
monthly(int hour, int week)
{
	return week % 4 == 0 && hour == 60;
}

static int
weekly(int hour, int week)
{
	(void)week;
	return hour == 4 * 24 + 10;
}

struct run {
	struct silence s;
	uint8_t rhythm[SCHEDULE_RHYTHM];
	int alarms; /* hours in which it was called silent though it lives */
	int64_t now;
};

static void
rhythm_count(struct run *r, int hour)
{
	int i;

	if (++r->rhythm[hour % 24] == 0xff ||
	    ++r->rhythm[24 + hour / 24] == 0xff)
		for (i = 0; i < SCHEDULE_RHYTHM; i++)
			r->rhythm[i] /= 2;
}

/* weeks of a site's life; alarms count from the 9th on. */
static void
live(struct run *r, site *publishes, int weeks)
{
	int week, hour, i, n;

	*r = (struct run){.now = EPOCH};
	for (week = 0; week < weeks; week++)
		for (hour = 0; hour < 7 * 24; hour++, r->now += HOUR) {
			if (week >= 8)
				r->alarms += silence_fallen(
				    &r->s, r->rhythm, r->now, NULL);
			n = publishes(hour, week);
			for (i = 0; i < n; i++)
				(void)silence_heard(
				    &r->s, r->rhythm, r->now + i * 60000);
			if (n > 0)
				rhythm_count(r, hour);
		}
}

/* Hours after its last record until it is called silent. */
static int
hours_to_alarm(const struct run *r)
{
	int h;

	for (h = 0; h < 400 * 24; h++)
		if (silence_fallen(
			&r->s, r->rhythm, r->s.last_ms + h * HOUR, NULL))
			return h;
	return -1;
}

static void
check_life(site *publishes, int weeks, int least_hours, int most_hours)
{
	struct run r;
	int h;

	live(&r, publishes, weeks);
	CHECK_INT(r.alarms, 0);
	h = hours_to_alarm(&r);
	if (h < least_hours || h > most_hours)
		printf("# alarm after %d hours, gap %u s\n", h, r.s.gap_s);
	CHECK(h >= least_hours && h <= most_hours);
}

static void
test_lives(void)
{
	TEST("silence: an office that publishes on working days is not silent "
	     "on "
	     "its Sundays, and is after some working days without a word")
	check_life(office, 52, 24, 7 * 24);

	TEST("silence: twenty records at one stroke each morning are one sign "
	     "of "
	     "life a day")
	check_life(daily, 26, 3 * 24, 10 * 24);

	TEST("silence: an agency that never rests is silent after a day")
	check_life(agency, 12, 24, 26);

	TEST("silence: a weekly paper is given weeks, a monthly one months")
	{
		check_life(weekly, 52, 21 * 24, 60 * 24);
		check_life(monthly, 104, 70 * 24, 240 * 24);
	}
}

static void
test_edges(void)
{
	struct silence s = {0};
	double missed = 1;
	uint32_t before;
	int i;

	TEST("silence: what has never spoken, or once, has no usual rate")
	{
		CHECK_INT(silence_fallen(&s, quiet, EPOCH, &missed), 0);
		CHECK(missed == 0);
		CHECK_INT(silence_heard(&s, quiet, EPOCH), 1);
		CHECK_INT(
		    silence_fallen(&s, quiet, EPOCH + 999 * DAY, NULL), 0);
	}
	TEST("silence: records within an hour are one burst")
	{
		CHECK_INT(silence_heard(&s, quiet, EPOCH + HOUR - 1), 0);
		CHECK_INT(s.gap_s, 0);
		CHECK_INT(silence_heard(&s, quiet, EPOCH + HOUR), 1);
		CHECK(s.last_ms == EPOCH + HOUR && s.gap_s > 0);
	}
	TEST("silence: a few quick bursts of a new site raise no alarm (Q1)")
	{
		for (i = 2; i < 6; i++)
			(void)silence_heard(&s, quiet, EPOCH + i * HOUR);
		CHECK_INT(silence_fallen(&s, quiet, EPOCH + 8 * DAY, NULL), 0);
	}
	TEST("silence: one long outage does not double the usual gap (Q2)")
	{
		before = s.gap_s;
		(void)silence_heard(&s, quiet, EPOCH + 900 * DAY);
		CHECK(s.gap_s > before && s.gap_s < 2 * before);
	}
	TEST("silence: a clock that is set back changes nothing")
	{
		before = s.gap_s;
		CHECK_INT(silence_heard(&s, quiet, EPOCH), 0);
		CHECK_INT(s.gap_s, before);
		CHECK(silence_missed(&s, quiet, EPOCH) == 0);
	}
}

static void
test_clock(void)
{
	static const uint8_t mondays[SCHEDULE_RHYTHM] = {
	    [9] = 200, [24 + 1] = 200};
	struct silence s = {EPOCH, 3600};
	double before, hour, half;
	int64_t at;

	TEST("silence: the hours in which a site publishes count")
	{
		/* Monday's 9 o'clock, and the one before it. */
		at = EPOCH + DAY + 8 * HOUR;
		before = silence_missed(&s, mondays, at) -
			 silence_missed(&s, mondays, at - HOUR);
		hour = silence_missed(&s, mondays, at + 2 * HOUR) -
		       silence_missed(&s, mondays, at + HOUR);
		CHECK(hour > 10 * before);
	}
	TEST("silence: a week weighs a week, whatever the rhythm")
	{
		half = silence_missed(&s, mondays, EPOCH + 3 * WEEK);
		CHECK(fabs(half - 3 * 7 * 24) < 1e-6);
		s.last_ms += 5 * HOUR + 1234;
		half = silence_missed(&s, mondays, s.last_ms + WEEK / 2);
		s.last_ms += WEEK / 2;
		half += silence_missed(&s, mondays, s.last_ms + WEEK / 2);
		CHECK(fabs(half - 7 * 24) < 1e-6);
	}
}

int
main(void)
{
	test_lives();
	test_edges();
	test_clock();
	return test_end();
}
