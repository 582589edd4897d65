/* test_schedule.c - when a page is asked again. */
#include "crawler/schedule.h"

#include "tests/crawler/revisit_sim.h"
#include "tests/test.h"

#define MINUTE 60000LL
#define HOUR_MS (60 * MINUTE)
#define DAY (24 * HOUR_MS)

static const struct schedule_rules rules = {.hub_min = 5 * MINUTE,
    .hub_max = 7 * DAY,
    .hub_pace = 4 * HOUR_MS,
    .article_min = DAY,
    .article_max = 180 * DAY};

/* A hub that shows `daily` new articles a day, evenly, for so many days; all
 * of them land before the next ask. The last interval; *asks counts. */
static int64_t
run_hub(struct frontier_memory *m, uint8_t *rhythm, double daily, int days,
    int *asks)
{
	int64_t now =
	    m->asked_ms != 0 ? m->asked_ms + m->interval_ms : SIM_START;
	int64_t end = now + days * DAY;
	double shown = 0;

	for (; now < end; now += m->interval_ms, ++*asks) {
		double due = daily * (double)(now - SIM_START) / (double)DAY;
		uint32_t n = m->asks == 0 ? 20 : (uint32_t)(due - shown);

		shown = m->asks == 0 ? due : shown + n;
		schedule_hub(m, rhythm, &rules, n, now);
		m->yield = (uint16_t)n;
	}
	return m->interval_ms;
}

static void
test_hubs(void)
{
	struct frontier_memory fast = {0}, slow = {0}, dead = {0}, junk = {0};
	uint8_t none[SCHEDULE_RHYTHM] = {0}, rhythm[SCHEDULE_RHYTHM] = {0};
	int64_t last = 0, now;
	int i, asks = 0, few = 0, once = 0, down = 0;
	double ratio;

	TEST("schedule: intervals go with the square root of the rate")
	{
		int64_t a = run_hub(&fast, rhythm, 64, 60, &asks);

		memset(rhythm, 0, sizeof rhythm);
		ratio =
		    (double)run_hub(&slow, rhythm, 1, 60, &asks) / (double)a;
		CHECK(ratio > 4 && ratio < 16); /* 8 */
		CHECK(fast.rate > 50 && fast.rate < 80);
		CHECK(a > 15 * MINUTE && a < 60 * MINUTE);
	}

	TEST("schedule: a hub that yields nothing is asked ever less")
	{
		for (now = SIM_START, i = 0; i < 200; i++) {
			schedule_hub(&dead, none, &rules, i == 0 ? 20 : 0, now);
			down += dead.interval_ms < last;
			last = dead.interval_ms;
			now += last;
		}
		CHECK_INT(down, 0);
		CHECK_INT(last, rules.hub_max);
		CHECK_INT(dead.barren, 199);
		CHECK_INT(dead.changes, 0);
	}

	TEST("schedule: a hub that stops costs few requests")
	{
		run_hub(&fast, rhythm, 0, 30, &few);
		run_hub(&fast, rhythm, 0, 30, &once);
		CHECK(few < 200);
		CHECK(once < few / 2);
	}

	TEST("schedule: what it showed in its past says nothing of its rate")
	{
		struct frontier_memory m = {0};

		schedule_hub(&m, none, &rules, 50000, SIM_START);
		m.yield = 50000;
		schedule_hub(&m, none, &rules, 0, SIM_START + HOUR_MS);
		CHECK(m.rate <= 1.01);
	}

	TEST("schedule: new addresses without articles, and repeats, are no "
	     "yield")
	{
		memset(rhythm, 0, sizeof rhythm);
		for (now = SIM_START, i = 0; i < 100; i++) {
			schedule_hub(&junk, rhythm, &rules, 10, now);
			now += junk.interval_ms;
		}
		CHECK(junk.interval_ms > 12 * HOUR_MS);
	}

	TEST("schedule: a burst is noticed at once")
	{
		struct frontier_memory m = {0};

		run_hub(&m, rhythm, 1, 60, &asks);
		last = m.interval_ms;
		for (i = 0, now = m.asked_ms; i < 3; i++) {
			now += m.interval_ms;
			schedule_hub(&m, rhythm, &rules, 12, now);
			m.yield = 12;
		}
		CHECK(m.interval_ms < last / 3);
	}
}

/* Articles land on workdays at 9, 11, 14 and 17 o'clock. */
static int
office(int64_t from, int64_t to)
{
	static const int at[] = {9, 11, 14, 17};
	int64_t day;
	int n = 0;
	size_t i;

	for (day = from / DAY; day <= to / DAY; day++)
		for (i = 0; i < 4; i++)
			n += (day + 4) % 7 != 0 && (day + 4) % 7 != 6 &&
			     day * DAY + at[i] * HOUR_MS > from &&
			     day * DAY + at[i] * HOUR_MS <= to;
	return n;
}

static void
test_rhythm(void)
{
	struct frontier_memory m = {0};
	uint8_t rhythm[SCHEDULE_RHYTHM] = {0};
	int64_t now = SIM_START, end = now + 120 * DAY, prev = now;
	int asks[24] = {0}, weekend = 0, all = 0, night, day;

	TEST("schedule: asks fall behind the publishing hours of a host")
	{
		for (; now < end; now += m.interval_ms) {
			int n = office(prev, now);

			schedule_hub(&m, rhythm, &rules, (uint32_t)n, now);
			m.yield = (uint16_t)n;
			prev = now;
			if (now < end - 60 * DAY)
				continue;
			all++;
			asks[now / HOUR_MS % 24]++;
			weekend += (now / DAY + 4) % 7 % 6 == 0;
		}
		night = asks[22] + asks[23] + asks[0] + asks[1] + asks[2] +
			asks[3] + asks[4] + asks[5];
		day = asks[9] + asks[10] + asks[11] + asks[12] + asks[13] +
		      asks[14] + asks[15] + asks[16];
		CHECK(night * 2 < day);
		CHECK(weekend * 7 < all * 2 * 2 / 3);
		CHECK(schedule_pulse(rhythm, SIM_START + 11 * HOUR_MS) >
		      4 * schedule_pulse(rhythm, SIM_START + 3 * HOUR_MS));
	}

	TEST("schedule: a rhythm is 1 on average over a week")
	{
		double sum = 0;
		int i;

		for (i = 0; i < 168; i++)
			sum += schedule_pulse(rhythm, SIM_START + i * HOUR_MS);
		CHECK(sum > 167.9 && sum < 168.1);
	}
}

static void
test_articles(void)
{
	struct frontier_memory m = {0};
	int64_t now = SIM_START;
	int i;

	TEST("schedule: an article is asked ever less while nothing changes")
	{
		schedule_article(&m, &rules, 0, now);
		CHECK_INT(m.interval_ms, DAY);
		schedule_article(&m, &rules, 0, now += m.interval_ms);
		CHECK_INT(m.interval_ms, 3 * DAY);
		for (i = 0; i < 20; i++)
			schedule_article(&m, &rules, 0, now += m.interval_ms);
		CHECK_INT(m.interval_ms, 180 * DAY);
		CHECK_INT(m.barren, 21);
	}

	TEST("schedule: a change brings an article back sooner")
	{
		schedule_article(&m, &rules, 1, now += m.interval_ms);
		CHECK_INT(m.interval_ms, 60 * DAY);
		CHECK_INT(m.changed_ms, now);
		CHECK_INT(m.barren, 0);
		for (i = 0; i < 6; i++)
			schedule_article(&m, &rules, 1, now += m.interval_ms);
		CHECK_INT(m.interval_ms, DAY);
	}

	TEST("schedule: an article that changes at each look is noise, and not "
	     "asked more often")
	{
		memset(&m, 0, sizeof m);
		schedule_article(&m, &rules, 0, now);
		for (i = 0; i < 3; i++)
			schedule_article(&m, &rules, 1, now += m.interval_ms);
		CHECK_INT(m.interval_ms, DAY);
		for (i = 0; i < 6; i++)
			schedule_article(&m, &rules, 1, now += m.interval_ms);
		CHECK_INT(m.interval_ms, 180 * DAY);
	}
}

/* Whatever memory the store gives back and however clocks jump. */
static void
test_bounds(void)
{
	struct sim s = {.random = 11};
	struct schedule_rules odd = rules;
	uint8_t rhythm[SCHEDULE_RHYTHM];
	int i, k, bad = 0;

	TEST("schedule: no memory, rhythm or clock leads out of the bounds")
	{
		for (i = 0; i < 20000; i++) {
			struct frontier_memory m;
			uint8_t *b = (uint8_t *)&m;
			int64_t now = (int64_t)(sim_uniform(&s) * 4e12);

			for (k = 0; k < (int)sizeof m; k++)
				b[k] = (uint8_t)(sim_uniform(&s) * 256);
			for (k = 0; k < SCHEDULE_RHYTHM; k++)
				rhythm[k] = (uint8_t)(sim_uniform(&s) * 256);
			if (i % 2 == 0)
				m.asked_ms =
				    now - (int64_t)(sim_uniform(&s) * 1e11);
			if (i % 3 == 0)
				m.rate = m.usual = (float)NAN;
			odd.hub_pace = (int64_t)pow(10, 1 + i % 10);
			schedule_hub(
			    &m, rhythm, &odd, (uint32_t)m.text_hash, now);
			bad += m.interval_ms < odd.hub_min ||
			       m.interval_ms > odd.hub_max || isnan(m.rate);
			schedule_article(&m, &odd, i & 1, now);
			bad += m.interval_ms < odd.article_min ||
			       m.interval_ms > odd.article_max;
		}
		CHECK_INT(bad, 0);
	}
}

static void
test_year(void)
{
	struct sim_result ours, fixed, cost;
	struct sim s;
	size_t i;
	int over = 0;

	TEST("schedule: over a year, a third of the requests for the same "
	     "median delay")
	{
		sim_make(&s, 40, 2, 20251);
		sim_ours(&s, &rules, &ours);
		sim_fixed_like(&s, ours.median, &fixed);
		sim_fixed(
		    &s, (double)s.nhubs * SIM_DAYS / ours.requests, &cost);
		printf("  %zu articles; requests for one: %.1f, fixed %.1f; "
		       "at the same cost, median delay: %.0f min, fixed %.0f; "
		       "90th percentile: %.0f, fixed %.0f\n",
		    s.nnew, ours.requests / (double)ours.found,
		    fixed.requests / (double)fixed.found, ours.median * 1440,
		    cost.median * 1440, ours.p90 * 1440, cost.p90 * 1440);
		CHECK(s.nnew > 10000);
		CHECK(fixed.requests > 3 * ours.requests);
		CHECK(cost.median > 2 * ours.median);
		CHECK(cost.p90 > ours.p90);
		CHECK(ours.missed * 50 < s.nnew);
	}

	TEST("schedule: of a year's asks none was outside the bounds")
	{
		for (i = 0; i < s.nhubs; i++)
			over += s.hubs[i].memory.interval_ms < rules.hub_min ||
				s.hubs[i].memory.interval_ms > rules.hub_max;
		CHECK_INT(over, 0);
		sim_free(&s);
	}
}

int
main(void)
{
	test_hubs();
	test_rhythm();
	test_articles();
	test_bounds();
	test_year();
	return test_end();
}
