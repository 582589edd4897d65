/* test_date.c - winnow_parse_date(): the table, and what it must not do. */
#include "tests/test.h"

#include "cleaner/date.h"
#include "tests/cleaner/jsonl.h"

static const char *
day_of(const char *text, int64_t now)
{
	static struct winnow_date d;

	winnow_parse_date(text, strlen(text), now, &d);
	return d.date;
}

static int
same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* The text cases of the table; one that fails is printed. */
static void
table(const char *level, int percent)
{
	struct jsonl j;
	int all = 0, ok = 0;

	if (jsonl_open(&j, "conformance/dates.jsonl") != 0)
		return;
	while (jsonl_next(&j)) {
		const char *text = jsonl_get(&j, "text");
		const char *time = jsonl_get(&j, "time");
		const char *offset = jsonl_get(&j, "offset");
		struct winnow_date d;
		int good;

		if (text == NULL || !same(jsonl_get(&j, "level"), level))
			continue;
		winnow_parse_date(text, strlen(text),
		    jsonl_time(jsonl_get(&j, "reference")), &d);
		good = same(d.date, jsonl_get(&j, "date")) &&
		       (time == NULL || same(d.time, time)) &&
		       (offset == NULL || same(d.offset, offset));
		all++;
		ok += good;
		if (!good)
			printf("  %s \"%s\": %s %s %s\n", jsonl_get(&j, "id"),
			    text, d.date, d.time, d.offset);
	}
	printf("  %s: %d of %d\n", level, ok, all);
	CHECK(ok * 100 >= all * percent);
	jsonl_close(&j);
}

int
main(void)
{
	struct jsonl j;
	struct winnow_date d;
	const int64_t now = 1710475200; /* 2024-03-15 12:00 in Beijing */

	if (jsonl_open(&j, "conformance/dates.jsonl") == 0) {
		jsonl_close(&j);
		TEST("date: every case the table calls must")
		table("must", 100);
		TEST("date: nine in ten of what the table calls should")
		table("should", 90);
	} else {
		test_skip("date: the table of cases", "no shared folder");
	}
	TEST("date: a number in a chain of numbers is no date")
	{
		CHECK_STR(day_of("192.168.2023.6.1", now), "");
		CHECK_STR(day_of("0371-65830000", now), "");
		CHECK_STR(day_of("1-2-3-4-5", now), "");
	}
	TEST("date: a day that does not exist does not become another one")
	{
		CHECK_STR(day_of("2023年2月30日", now), "");
		CHECK_STR(day_of("31.04.2023", now), "");
		CHECK_STR(day_of("2023-00-10", now), "");
	}
	TEST("date: noon and midnight in twelve hours")
	{
		winnow_parse_date("1 June 2023 12:05 am", 20, now, &d);
		CHECK_STR(d.time, "00:05");
		winnow_parse_date("1 June 2023 12:05 pm", 20, now, &d);
		CHECK_STR(d.time, "12:05");
	}
	TEST("date: without a reference nothing relative is guessed")
	{
		CHECK_STR(day_of("昨天 10:20", 0), "");
		CHECK_STR(day_of("3小时前", WINNOW_NO_TIME), "");
		CHECK_STR(day_of("5月6日", 0), "");
		CHECK_STR(day_of("3小时前", INT64_MAX), "");
		CHECK_STR(day_of("5月6日", INT64_MAX - 9), "");
	}
	TEST("date: days and Unix seconds agree both ways")
	{
		struct wn_date a;

		for (int64_t t = -86400LL * 40000; t < 86400LL * 40000;
		     t += 86400 * 13 + 3607) {
			wn_date_from_unix(t, &a);
			a.offset = 0;
			if (wn_date_unix(&a, 0) != t)
				CHECK_INT(wn_date_unix(&a, 0), t);
		}
	}
	TEST("date: bytes that end in the middle of a character")
	{
		const char *s = "二〇二三年六月一日";

		for (size_t n = 0; n <= strlen(s); n++)
			winnow_parse_date(s, n, now, &d);
		CHECK_STR(d.date, "2023-06-01");
	}
	return test_end();
}
