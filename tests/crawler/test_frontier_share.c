/* Who gets the transfers: hosts in good standing, and the doubtful (F7). */
#include "crawler/frontier_parts.h"

#include <ftw.h>
#include <unistd.h>

#include "tests/test.h"

#define T0 1700000000000
#define MOST 64

static char dir[64];
static struct frontier *f;
static struct frontier_item *out[MOST];

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static void
start(uint32_t transfers, uint32_t per_host)
{
	struct frontier_options o = {
	    .transfers = transfers, .per_host = per_host};
	char err[256] = "";

	snprintf(dir, sizeof dir, "/tmp/frontier-share-%ld", (long)getpid());
	if (frontier_open(&f, dir, &o, T0, err, sizeof err) != 0)
		TEST_FAIL("%s", err);
}

static void
halt(void)
{
	frontier_close(f);
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Hosts from first on, n URLs each. */
static void
add(unsigned first, unsigned hosts, unsigned n)
{
	struct frontier_link l = {.seed = 1};
	char url[64], host[32];
	unsigned h, i;

	l.url = url;
	l.host = host;
	for (h = first; h < first + hosts; h++)
		for (i = 0; i < n; i++) {
			snprintf(host, sizeof host, "h%u.example", h);
			snprintf(url, sizeof url, "http://%s/%u", host, i);
			l.key = (struct winnow_key){h, i + 1};
			CHECK_INT(frontier_add(f, &l), 1);
		}
}

static void
stands(unsigned host, uint32_t latency_ms, uint32_t failures)
{
	struct frontier_host h;

	frontier_host_get(f, host, &h);
	h.latency_ms = latency_ms;
	h.failures = failures;
	frontier_host_put(f, host, &h);
}

/* All that may go out now; how many are of hosts from first on. */
static int
take(int n, unsigned first, int *of)
{
	*of = 0;
	while (n < MOST && frontier_next(f, T0, &out[n]) == 1)
		*of += out[n++]->key.host >= first;
	return n;
}

int
main(void)
{
	int n, of, i;

	TEST("frontier: while nobody is in good standing the doubtful may have "
	     "every transfer, and no more")
	start(16, 1);
	add(1, 40, 3);
	CHECK_INT(n = take(0, 1, &of), 16);
	CHECK_INT(frontier_crowded(f), 1);

	TEST("frontier: an answer frees a transfer for its host, which waits "
	     "for no doubtful one")
	stands(out[0]->key.host, 100, 0);
	frontier_host_done(f, out[0], T0);
	frontier_settle(f, out[0], URL_DONE, 200, NULL, T0);
	CHECK_INT(take(16, 1, &of), 17);
	CHECK(out[16]->key.host == 1);
	halt();

	TEST("frontier: good hosts keep half of the transfers free of failed, "
	     "slow and unknown ones")
	start(16, 1);
	for (i = 1; i <= 20; i++)
		stands((unsigned)i, 100, 0);
	for (i = 101; i <= 110; i++)
		stands((unsigned)i, 100, 1);
	for (i = 111; i <= 120; i++)
		stands((unsigned)i, POLITENESS_SLOW_MS + 1, 0);
	add(101, 30, 3);
	add(1, 20, 3);
	n = take(0, 101, &of);
	CHECK_INT(of, 8);
	CHECK_INT(n, 28);
	halt();

	TEST("frontier: neither class starves the other")
	start(4, 1);
	for (i = 1; i <= 20; i++)
		stands((unsigned)i, 100, 0);
	add(101, 20, 1);
	add(1, 20, 1);
	for (i = of = 0; i < 4; i++) {
		CHECK_INT(frontier_next(f, T0, &out[i]), 1);
		of += out[i]->key.host > 100;
	}
	CHECK_INT(of, 2);
	halt();

	TEST("frontier: a host whose circuit is open has one URL out, whatever "
	     "per_host says")
	start(0, 4);
	add(1, 1, 10);
	stands(1, 100, POLITENESS_CIRCUIT);
	CHECK_INT(n = take(0, 1, &of), 1);
	stands(1, 100, 0);
	frontier_host_done(f, out[0], T0);
	frontier_settle(f, out[0], URL_DONE, 200, NULL, T0);
	CHECK_INT(take(0, 1, &of), 4);
	halt();
	return test_end();
}
