/* test_failures.c - the ring of the latest failures. */
#include "crawler/failures.h"

#include "tests/test.h"

static struct failures *f;

static void
fail(int64_t now, const char *host, enum reason reason, int status)
{
	char url[2000], detail[400];
	struct failure_news n = {.now_ms = now,
	    .reason = reason,
	    .status = status,
	    .host = host,
	    .url = url,
	    .detail = detail};

	snprintf(url, sizeof url, "http://%s/%lld", host, (long long)now);
	snprintf(detail, sizeof detail, "at %lld", (long long)now);
	failures_add(f, &n);
}

static void
test_sums(void)
{
	const struct failure *x;

	TEST("failures: the latest comes first")
	f = failures_new();
	CHECK_INT(failures_count(f), 0);
	CHECK(failures_get(f, 0) == NULL);
	fail(1, "a.example", REASON_NO_ANSWER, 0);
	fail(2, "b.example", REASON_STATUS, 404);
	CHECK_INT(failures_count(f), 2);
	CHECK_STR(failures_get(f, 0)->host, "b.example");
	CHECK_STR(failures_get(f, 1)->url, "http://a.example/1");

	TEST("failures: the same again is one that happened more often")
	fail(3, "a.example", REASON_NO_ANSWER, 0);
	CHECK_INT(failures_count(f), 2);
	x = failures_get(f, 0);
	CHECK_STR(x->url, "http://a.example/3");
	CHECK_STR(x->detail, "at 3");
	CHECK(x->times == 2 && x->first_ms == 1 && x->last_ms == 3);
	CHECK_STR(failures_get(f, 1)->host, "b.example");
	fail(4, "b.example", REASON_STATUS, 500);
	CHECK_INT(failures_count(f), 3);
	CHECK_INT(failures_total(f), 4);
	failures_free(f);
}

static void
test_bound(void)
{
	char host[300];
	int i;

	TEST("failures: the oldest goes, and texts are cut")
	f = failures_new();
	for (i = 0; i < 1000; i++) {
		snprintf(host, sizeof host, "%d%0250d.example", i, 0);
		fail(i, host, REASON_NO_ANSWER, 0);
		if (i % 10 == 0)
			fail(i, "down.example", REASON_NO_ANSWER, 0);
	}
	CHECK_INT(failures_count(f), FAILURES_MOST);
	CHECK(strncmp(failures_get(f, 0)->host, "9990000", 7) == 0);
	CHECK_INT(strlen(failures_get(f, 0)->host), 127);
	CHECK_INT(failures_get(f, 0)->times, 1);
	for (i = 0;
	     strcmp(failures_get(f, (size_t)i)->host, "down.example") != 0; i++)
		continue;
	CHECK_INT(failures_get(f, (size_t)i)->times, 100);
	CHECK(failures_get(f, FAILURES_MOST) == NULL);
	CHECK_INT(failures_total(f), 1100);
	failures_free(f);
}

int
main(void)
{
	test_sums();
	test_bound();
	return test_end();
}
