/* Pauses, back-off, Retry-After, hours and budgets: the arithmetic. */
#include "crawler/politeness.h"

#include <stddef.h>
#include <string.h>

#include "tests/test.h"

#define S 1000LL
#define MINUTE (60 * S)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NOW (20000 * DAY + 12 * HOUR) /* noon, UTC */

static const struct politeness usual = {.delay_ms = 1000,
    .max_delay_ms = 30 * S,
    .backoff_ms = 2 * S,
    .rest_ms = MINUTE,
    .max_rest_ms = HOUR};

static void
pauses(void)
{
	struct politeness p = usual;
	uint32_t ms = 0;
	int i;

	TEST("politeness: the longest of delay, Crawl-delay and the adaptive "
	     "part, that one within its bounds")
	CHECK_INT(politeness_delay(&p, 5000), 1000);
	p.crawl_delay_ms = 4 * S;
	CHECK_INT(politeness_delay(&p, 5000), 4 * S);
	p.adaptive = 3;
	CHECK_INT(politeness_delay(&p, 0), 4 * S);
	CHECK_INT(politeness_delay(&p, 1000), 4 * S);
	CHECK_INT(politeness_delay(&p, 2000), 6 * S);
	CHECK_INT(politeness_delay(&p, 3600000), 30 * S);
	p.crawl_delay_ms = 60 * S;
	CHECK_INT(politeness_delay(&p, 3600000), 60 * S);

	TEST("politeness: the response time goes up at once and comes down "
	     "slowly")
	CHECK_INT(ms = politeness_latency(ms, 200, 1), 200);
	CHECK_INT(ms = politeness_latency(ms, 4000, 1), 4000);
	CHECK_INT(ms = politeness_latency(ms, 0, 1), 3000);
	for (i = 0; i < 60; i++)
		ms = politeness_latency(ms, 100, 1);
	CHECK_INT(ms, 100);
	CHECK_INT(politeness_latency(0, INT64_MAX, 1), DAY);
	CHECK_INT(politeness_latency(0, -5, 1), 1);

	TEST("politeness: errors that come fast never make it faster")
	for (i = 0; i < 1000; i++)
		ms = politeness_latency(ms, 1, 0);
	CHECK_INT(ms, 100);
	CHECK_INT(politeness_latency(ms, 9000, 0), 9000);
	CHECK_INT(politeness_latency(0, 3, 0), 0); /* no good one yet */
}

static void
backoff(void)
{
	struct politeness p = usual;
	uint32_t n;

	TEST("h44 h45: failure after failure: the pause doubles from the first, "
	     "the circuit opens at the fifth, the longest rest is never "
	     "passed")
	for (n = 1; n < 5; n++)
		CHECK_INT(politeness_backoff(&p, 0, n), 2 * S << (n - 1));
	for (n = 5; n < 11; n++)
		CHECK_INT(politeness_backoff(&p, 0, n), MINUTE << (n - 5));
	for (; n <= 1000; n++)
		CHECK_INT(politeness_backoff(&p, 0, n), HOUR);
	CHECK_INT(politeness_backoff(&p, 0, UINT32_MAX), HOUR);

	TEST("politeness: no back-off is shorter than the host's pause")
	p.crawl_delay_ms = 2 * HOUR;
	CHECK_INT(politeness_backoff(&p, 0, 1), 2 * HOUR);
	CHECK_INT(politeness_backoff(&p, 0, 900), 2 * HOUR);
	p = usual;
	p.rest_ms = p.backoff_ms = 0;
	CHECK_INT(politeness_backoff(&p, 0, 900), 1000);
}

static void
retry_after(void)
{
	static const struct {
		const char *value;
		int64_t ms;
	} rows[] = {{"5", 5 * S}, {" 7 ", 7 * S}, {"0", 0}, {"3600", HOUR},
	    {"3601", HOUR}, {"1000000000", HOUR},
	    {"99999999999999999999999999", HOUR}, {"-5", -1}, {"soon", -1},
	    {"", -1}, {"5 minutes", -1}, {"1.5", -1}, {"NaN", -1},
	    {"Wed, 04 Oct 2024 12:00:30 GMT", 30 * S},
	    {"Friday, 04-Oct-24 12:01:00 GMT", MINUTE},
	    {"Fri Oct  4 12:01:00 2024", MINUTE},
	    {"Fri, 04 Oct 2024 11:00:00 GMT", 0},
	    {"Sun, 06 Nov 1994 08:49:37 GMT", 0},
	    {"Fri, 31 Dec 9999 23:59:59 GMT", HOUR},
	    {"Fri, 99 Foo 2024 99:99:99 GMT", -1}};
	size_t i;
	int64_t ms;

	TEST("h44: Retry-After as seconds, as a date, too large, negative, or "
	     "as nonsense")
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		ms = politeness_retry_after(rows[i].value, HOUR, NOW);
		if (ms != rows[i].ms)
			TEST_FAIL("\"%s\": expected %lld, got %lld",
			    rows[i].value, (long long)rows[i].ms,
			    (long long)ms);
	}
	CHECK_INT(politeness_retry_after(NULL, HOUR, NOW), -1);
}

static int64_t
closed(const struct politeness *p, int64_t now)
{
	static const struct politeness_day none;
	int64_t until;
	const char *why = politeness_closed(p, &none, now, &until);

	if ((why == NULL) != (until == now))
		TEST_FAIL("%s, but in %lld", why, (long long)(until - now));
	return until - now;
}

static void
hours(void)
{
	static const char *const night[] = {"22:00-06:00", NULL},
				 *const two[] = {"06:30-07:00", "13:00-14:15",
				     NULL},
				 *const all[] = {"00:00-24:00", NULL},
				 *const evening[] = {"20:00-24:00", NULL};
	struct politeness p = usual;
	int64_t day = NOW - 12 * HOUR;

	TEST("politeness: a host is asked within its hours alone, over "
	     "midnight too")
	CHECK_INT(closed(&p, NOW), 0);
	p.hours = night;
	CHECK_INT(closed(&p, NOW), 10 * HOUR);
	CHECK_INT(closed(&p, day + 22 * HOUR - 1), 1);
	CHECK_INT(closed(&p, day + 22 * HOUR), 0);
	CHECK_INT(closed(&p, day), 0);
	CHECK_INT(closed(&p, day + 6 * HOUR - 1), 0);
	CHECK_INT(closed(&p, day + 6 * HOUR), 16 * HOUR);
	p.hours = two;
	CHECK_INT(closed(&p, day), 6 * HOUR + 30 * MINUTE);
	CHECK_INT(closed(&p, NOW), HOUR);
	CHECK_INT(closed(&p, NOW + HOUR + 14 * MINUTE), 0);
	CHECK_INT(closed(&p, NOW + 3 * HOUR), 15 * HOUR + 30 * MINUTE);
	p.hours = all;
	CHECK_INT(closed(&p, NOW), 0);
	p.hours = evening;
	CHECK_INT(closed(&p, day + DAY - 1), 0);
	CHECK_INT(closed(&p, day + DAY), 20 * HOUR);

	TEST("politeness: hours are those of the site's clock")
	p.hours = night;
	p.offset_ms = 8 * HOUR; /* 20:00 there */
	CHECK_INT(closed(&p, NOW), 2 * HOUR);
	p.offset_ms = -(5 * HOUR + 30 * MINUTE); /* 06:30 */
	CHECK_INT(closed(&p, NOW), 15 * HOUR + 30 * MINUTE);
	CHECK_INT(
	    closed(&p, 0), 0); /* 18:30 of the day before 1970: odd, safe */
}

static void
budgets(void)
{
	struct politeness p = usual;
	struct politeness_day d = {0};
	int64_t until;

	TEST("politeness: a day's pages and bytes are counted, and the next "
	     "day begins with none")
	p.max_pages = 3;
	politeness_spend(&p, &d, 2, 500, NOW);
	CHECK(politeness_closed(&p, &d, NOW, &until) == NULL);
	politeness_spend(&p, &d, 1, 500, NOW + HOUR);
	CHECK_STR(politeness_closed(&p, &d, NOW + HOUR, &until),
	    "its pages of this day are spent");
	CHECK_INT(until, NOW + 12 * HOUR);
	CHECK(politeness_closed(&p, &d, until, &until) == NULL);
	politeness_spend(&p, &d, 1, 7, NOW + 12 * HOUR);
	CHECK_INT(d.pages, 1);
	CHECK_INT(d.bytes, 7);

	TEST("politeness: the bytes alone may close the day, or the pages "
	     "without bound")
	p.max_pages = 0;
	p.max_bytes = 1000;
	politeness_spend(&p, &d, 1, 993, NOW + 13 * HOUR);
	CHECK_STR(politeness_closed(&p, &d, NOW + 13 * HOUR, &until),
	    "its bytes of this day are spent");
	p.max_bytes = 0;
	CHECK(politeness_closed(&p, &d, NOW + 13 * HOUR, &until) == NULL);
	politeness_spend(&p, &d, UINT32_MAX, 0, NOW + 13 * HOUR);
	CHECK(d.pages <= UINT32_MAX);

	TEST("politeness: the day is that of the site's clock")
	memset(&d, 0, sizeof d);
	p.max_pages = 1;
	p.offset_ms = 8 * HOUR;
	politeness_spend(&p, &d, 1, 0, NOW);
	CHECK(politeness_closed(&p, &d, NOW, &until) != NULL);
	CHECK_INT(until, NOW + 4 * HOUR);
}

int
main(void)
{
	pauses();
	backoff();
	retry_after();
	hours();
	budgets();
	return test_end();
}
