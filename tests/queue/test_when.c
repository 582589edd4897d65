/* test_when.c - times, spans and sizes as they are typed. */
#include "queue/when.h"
#include "tests/test.h"

#define NOW INT64_C(1795230900000) /* 2026-11-21T03:15:00Z */
#define DAY INT64_C(1795219200000) /* its begin */

static int64_t
when(const char *s, int end)
{
	int64_t ms;

	return wq_when_parse(s, NOW, end, &ms) == 0 ? ms : -1;
}

static int64_t
span(const char *s)
{
	int64_t ms;

	return wq_span_parse(s, &ms) == 0 ? ms : -1;
}

static int64_t
size(const char *s)
{
	uint64_t bytes;

	return wq_size_parse(s, &bytes) == 0 ? (int64_t)bytes : -1;
}

static void
test_times(void)
{
	TEST("when: a day is its begin, or its end")
	{
		CHECK_INT(when("2026-11-21", 0), DAY);
		CHECK_INT(when("2026-11-21", 1), DAY + 86399999);
		CHECK_INT(when("2028-02-29", 0), INT64_C(1835395200000));
	}
	TEST("when: RFC 3339, in UTC where no offset stands")
	{
		CHECK_INT(when("2026-11-21T03:15:00Z", 1), NOW);
		CHECK_INT(when("2026-11-21T03:15", 1), NOW);
		CHECK_INT(when("2026-11-21 03:15:00", 0), NOW);
		CHECK_INT(when("2026-11-21T11:15:00+08:00", 0), NOW);
		CHECK_INT(when("2026-11-20T22:45:00-04:30", 0), NOW);
		CHECK_INT(when("2026-11-21T03:15:00.250Z", 0), NOW + 250);
		CHECK_INT(when("2026-11-21T03:15:00.123456789Z", 0), NOW + 123);
	}
	TEST("when: how long ago")
	{
		CHECK_INT(when("now", 0), NOW);
		CHECK_INT(when("90s", 0), NOW - 90000);
		CHECK_INT(when("2h", 1), NOW - 7200000);
		CHECK_INT(when("99999d", 0), 1);
	}
	TEST("when: what is not wholly understood is no time")
	{
		static const char *const bad[] = {"", "yesterday", "2026",
		    "2026-11", "2026-11-31", "2026-02-29", "2026-13-01",
		    "2026-00-10", "2026-11-21T", "2026-11-21T24:00",
		    "2026-11-21T03:60", "2026-11-21T03:15:61",
		    "2026-11-21T03:15.5", "2026-11-21T03:15:00.Z",
		    "2026-11-21T03:15:00+8", "2026-11-21T03:15:00Zx",
		    "2026-11-21x", " 2026-11-21", "1969-12-31", "-2h", "2 h",
		    "2weeks", "99999999999999999999d"};

		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
			if (when(bad[i], 0) != -1)
				TEST_FAIL("'%s' is taken for a time", bad[i]);
	}
}

static void
test_amounts(void)
{
	TEST("when: a span has a unit")
	{
		CHECK_INT(span("500ms"), 500);
		CHECK_INT(span("30m"), 1800000);
		CHECK_INT(span("7d"), INT64_C(604800000));
		CHECK_INT(span("0s"), 0);
		CHECK_INT(span("7"), -1);
		CHECK_INT(span("7w"), -1);
		CHECK_INT(span("106751991168d"), -1);
	}
	TEST("when: a size is bytes, or has a unit")
	{
		CHECK_INT(size("4096"), 4096);
		CHECK_INT(size("64KiB"), 65536);
		CHECK_INT(size("2GiB"), INT64_C(2147483648));
		CHECK_INT(size("1kB"), -1);
		CHECK_INT(size("-1"), -1);
		CHECK_INT(size("9223372036854775807KiB"), -1);
	}
}

int
main(void)
{
	test_times();
	test_amounts();
	return test_end();
}
