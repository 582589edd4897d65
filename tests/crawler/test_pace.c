/* The pause between commits, over commits of a disk that is made up. */
#include "crawler/pace.h"
#include "tests/test.h"

static unsigned seed;

/* Commits of what has come in the pause, rate changes a second, for a while;
 * the pause at the end. */
static int64_t
after(int commits, double sync_ms, double ms_per_change, double rate)
{
	struct pace p = {0};
	int64_t ms = 0;
	double changes, noise;
	int i;

	seed = 1;
	for (i = 0; i < commits; i++) {
		noise = 0.7 + 0.6 * rand_r(&seed) / RAND_MAX;
		ms = pace_ms(&p, 200);
		changes = rate * (double)ms / 1000 * noise;
		noise = 0.9 + 0.2 * rand_r(&seed) / RAND_MAX;
		pace_took(&p, changes,
		    (sync_ms * noise + ms_per_change * changes) * 1000);
	}
	return pace_ms(&p, 200);
}

int
main(void)
{
	struct pace p = {0};
	int64_t ms;

	TEST("pace: a quick disk is asked every state.commit_every")
	CHECK_INT(pace_ms(&p, 200), 200);
	CHECK_INT(after(500, 3.6, 0.002, 5000), 200);

	TEST("pace: what a slow disk takes for a sync is a 25th of the time")
	ms = after(500, 20, 0.002, 5000);
	CHECK(ms > 350 && ms < 650);

	TEST("pace: a second at most")
	CHECK(after(500, 200, 0.002, 5000) <= 1000);
	CHECK(after(500, 200, 0.002, 5000) > 900);

	TEST("pace: much to write is no reason to wait, for it is written "
	     "anyhow")
	CHECK(after(500, 2, 0.02, 20000) < 350);

	TEST("pace: a disk that was slow for a while is forgiven")
	for (int i = 0; i < 40; i++)
		pace_took(&p, 100 + i % 7, 60000);
	CHECK_INT(pace_ms(&p, 200), 1000);
	for (int i = 0; i < 150; i++)
		pace_took(&p, 100 + i % 7, 2000);
	CHECK_INT(pace_ms(&p, 200), 200);

	TEST("pace: a longer state.commit_every stands")
	CHECK_INT(pace_ms(&p, 5000), 5000);
	return test_end();
}
