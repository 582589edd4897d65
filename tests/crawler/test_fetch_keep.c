/* test_fetch_keep.c - connections are kept where they will be used. */
#include "crawler/fetch_keep.h"

#include "tests/test.h"

/* Asks for n requests over hosts in turn; how many connections are kept of the
 * last half. */
static int
kept_of(struct fetch_keep *k, int n, int hosts)
{
	char host[32];
	int i, kept = 0, keep;

	for (i = 0; i < n; i++) {
		snprintf(host, sizeof(host), "h%d.test", i % hosts);
		keep = fetch_keep_ask(k, host, 80);
		if (i >= n / 2)
			kept += keep;
	}
	return kept;
}

int
main(void)
{
	struct fetch_keep *k = fetch_keep_new(100);
	char host[32];
	int i, hot = 0, cold = 0;

	TEST("keep: with fewer hosts than room all connections are kept (K2)")
	{
		CHECK_INT(kept_of(k, 4000, 80), 2000);
	}
	TEST("keep: with fifty times more hosts than room none is")
	{
		CHECK_INT(kept_of(k, 20000, 5000), 0);
	}
	TEST("keep: one busy host among thousands has its connection kept (K1)")
	{
		for (i = 0; i < 4000; i++) {
			snprintf(host, sizeof(host), "x%d.test", i);
			cold += fetch_keep_ask(k, host, 80);
			if (i % 50 == 0)
				hot += fetch_keep_ask(k, "busy.test", 443);
		}
		CHECK(hot >= 64); /* of 80 */
		CHECK(cold < 40);
	}
	TEST("keep: when the hosts become few again all are kept")
	{
		CHECK_INT(kept_of(k, 4000, 50), 2000);
	}
	fetch_keep_free(k);
	return test_end();
}
