/* What is counted, seen over time: rates of spans, points of a plot. */
#include "crawler/rates.h"
#include "tests/test.h"

/* Samples every step_ms from *ms on: pages come at a rate of 20/s and a queue
 * of 1000 bytes grows by 5 a second. */
static void
run(struct rates *r, int64_t *ms, int samples, int64_t step_ms)
{
	struct rates_sample s = {0};
	int i;

	for (i = 0; i < samples; i++, *ms += step_ms) {
		s.ms = *ms;
		s.n[RATES_PAGES] = *ms / 50;
		s.n[RATES_QUEUE] = 1000 + *ms / 200;
		rates_add(r, &s);
	}
}

int
main(void)
{
	struct rates *r = rates_new();
	struct rates_point p[RATES_FAR];
	double a[RATES_N];
	int64_t ms = 1000000, before;
	size_t n;

	TEST("rates: nothing is known before two samples, and that is no crash")
	CHECK_INT(rates_over(r, 60000, a), 0);
	CHECK_INT(rates_series(r, 0, RATES_PAGES, p, RATES_NEAR), 0);
	run(r, &ms, 1, RATES_NEAR_MS);
	CHECK_INT(rates_over(r, 60000, a), 0);
	CHECK_INT(rates_series(r, 1, RATES_PAGES, p, RATES_FAR), 0);

	TEST("rates: a span that is longer than what was seen is told as what "
	     "it is")
	run(r, &ms, 3, RATES_NEAR_MS);
	CHECK_INT(rates_over(r, 60000, a), 3 * RATES_NEAR_MS);
	CHECK_INT((int)a[RATES_PAGES], 20);
	CHECK_INT((int)a[RATES_QUEUE], 5);

	TEST(
	    "rates: of a minute, a quarter of an hour and a day, in rings that "
	    "have gone round")
	run(r, &ms, 2 * 24 * 720, RATES_NEAR_MS);
	CHECK_INT(rates_over(r, 60000, a), 60000);
	CHECK_INT((int)a[RATES_PAGES], 20);
	CHECK_INT(rates_over(r, 15 * 60000, a), 15 * 60000);
	CHECK_INT((int)a[RATES_PAGES], 20);
	CHECK(rates_over(r, 24 * 3600000, a) >= 24 * 3600000 - RATES_FAR_MS);
	CHECK_INT((int)(a[RATES_PAGES] + 0.5), 20);

	TEST("rates: a plot has the newest points, oldest first")
	n = rates_series(r, 0, RATES_PAGES, p, 100);
	CHECK_INT(n, 100);
	CHECK_INT(p[99].age_ms, 0);
	CHECK_INT(p[0].age_ms, 99 * RATES_NEAR_MS);
	CHECK_INT((int)p[0].value, 20);
	CHECK_INT(rates_series(r, 0, RATES_QUEUE, p, RATES_FAR), RATES_NEAR);
	CHECK_INT((int)p[RATES_NEAR - 1].value,
	    (int)(1000 + (ms - RATES_NEAR_MS) / 200));
	CHECK_INT(rates_series(r, 1, RATES_PAGES, p, RATES_FAR), RATES_FAR);

	TEST(
	    "rates: a loop that stood still makes a rate smaller, never larger")
	before = ms;
	ms += 600000;
	run(r, &ms, 1, RATES_NEAR_MS);
	n = rates_series(r, 0, RATES_PAGES, p, 1);
	CHECK_INT(n, 1);
	CHECK_INT((int)p[0].value, 20);
	CHECK(before < ms);

	TEST("rates: a sample of an earlier time is not taken")
	ms -= 7200000;
	run(r, &ms, 1, RATES_NEAR_MS);
	CHECK(rates_over(r, 60000, a) > 0);

	TEST("rates: each has a name")
	for (n = 0; n < RATES_N; n++)
		CHECK(rates_name((enum rates_of)n) != NULL);
	CHECK(rates_name(RATES_N) == NULL);
	rates_free(r);
	return test_end();
}
