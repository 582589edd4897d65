/* test_frontier_late.c - links that come while the store cannot take them.
 *
 * What asks the store's state is compiled in with a store that fails on command. */
#include "crawler/store.h"

static int store_fails;

static int
failing_state(const struct store *s)
{
	return store_fails != 0 ? store_fails : store_state(s);
}

static int
failing_ready(struct store *s)
{
	return store_fails != 0 ? store_fails : store_ready(s);
}

#define store_state failing_state
#define store_ready failing_ready
#include "crawler/frontier.c"
#include "crawler/frontier_add.c"
#include "crawler/frontier_lease.c"

#include "tests/test.h"

static int
add(struct frontier *f, unsigned n)
{
	char url[64];
	struct frontier_link l = {
	    .key = {n % 3 + 1, n + 1}, .url = url, .host = "a.example"};

	snprintf(url, sizeof url, "http://a.example/%u", n);
	return frontier_add(f, &l);
}

static void
test_late(const char *dir)
{
	struct frontier_options o = {.revisit = 1};
	struct frontier_memory m = {.asks = 5};
	struct frontier_item *item;
	struct frontier_stat s;
	struct frontier *f;
	char err[256];
	unsigned i;

	CHECK_INT(frontier_open(&f, dir, &o, 1000, err, sizeof err), 0);
	CHECK_INT(add(f, 0), 1);
	CHECK_INT(frontier_next(f, 1000, &item), 1);
	store_fails = FRONTIER_ENOSPC;
	for (i = 0; i < 10; i++)
		CHECK_INT(add(f, i), i > 0);
	/* The page they stand on is settled with them, or not at all. */
	frontier_again(f, item, &m, 5000);
	frontier_settle(f, item, URL_DONE, 200, NULL, 1000);
	CHECK_INT(frontier_next(f, 1000, &item), 0);
	CHECK_INT(frontier_idle(f), 0);
	CHECK_INT(frontier_commit(f, NULL), FRONTIER_ENOSPC);
	CHECK_INT(frontier_commit(f, NULL), FRONTIER_ENOSPC);
	store_fails = 0;
	CHECK_INT(frontier_commit(f, NULL), 0);
	CHECK_INT(frontier_dirty(f), 0);
	frontier_close(f);
	CHECK_INT(frontier_open(&f, dir, &o, 1000, err, sizeof err), 0);
	frontier_stat(f, &s);
	CHECK(s.urls == 10 && s.done == 1 && s.due == 9 && s.again == 1);
	for (i = 0; i < 10; i++)
		CHECK_INT(add(f, i), 0);
	for (i = 0; i < 9; i++) {
		CHECK_INT(frontier_next(f, 4999, &item), 1);
		frontier_settle(f, item, URL_DONE, 200, NULL, 4999);
	}
	CHECK_INT(frontier_next(f, 4999, &item), 0);
	CHECK_INT(frontier_next(f, 5000, &item), 1);
	CHECK(item->again && item->memory.asks == 5);
	frontier_close(f);
}

int
main(void)
{
	char dir[] = "/tmp/test-late-XXXXXX", cmd[64];
	int rc;

	if (mkdtemp(dir) == NULL)
		return 1;
	TEST("frontier: a link is not lost while the store is out of room")
	test_late(dir);
	rc = test_end();
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	return system(cmd) != 0 || rc != 0;
}
