/* What the administrator says and the state keeps: hosts paused and forgotten,
 * seeds taken away and given again. The clock is an integer. */
#include "crawler/frontier_parts.h"

#include <stdlib.h>
#include <unistd.h>

#include "crawler/frontier_view.h"
#include "tests/crawler/lease.h"
#include "tests/test.h"

#define T0 1700000000000

static char dir[64];
static uint64_t secret;

static struct frontier *
open_it(const char *sub, int64_t now)
{
	struct frontier_options o = {.revisit = 1};
	struct frontier *f = NULL;
	char path[128], err[512];

	snprintf(path, sizeof path, "%s/%s", dir, sub);
	if (frontier_open(&f, path, &o, now, err, sizeof err) != 0) {
		printf("  %s\n", err);
		exit(1);
	}
	secret = frontier_seed(f);
	return f;
}

static struct winnow_key
key_of(const char *url)
{
	struct winnow_url u = {0};

	(void)winnow_url_parse(&u, url, strlen(url), NULL, NULL);
	return winnow_url_key(&u, secret);
}

/* 1 new, 0 known; found on a page of via, which may be NULL. */
static int
add(struct frontier *f, const char *url, const char *via, uint32_t seed)
{
	char host[64];
	struct frontier_link l = {.key = key_of(url),
	    .url = url,
	    .host = host,
	    .seed = seed,
	    .depth = via != NULL};

	snprintf(
	    host, sizeof host, "%.*s", (int)strcspn(url + 7, "/"), url + 7);
	if (via != NULL)
		l.via = key_of(via);
	return frontier_add(f, &l);
}

static void
settle(struct frontier *f, struct frontier_item *item, enum url_state state,
    int64_t now)
{
	frontier_host_done(f, item, now);
	frontier_settle(f, item, state, 200, NULL, now);
}

static int
is(const struct frontier_item *item, const char *url)
{
	return item != NULL && strcmp(item->url, url) == 0;
}

static uint64_t
host_of(const char *url)
{
	return key_of(url).host;
}

/* ---- pauses ------------------------------------------------------------- */

static void
test_pause(void)
{
	struct frontier *f = open_it("pause", T0);
	struct frontier_item *i;
	const char *name;
	int64_t since;

	add(f, "http://a.test/1", NULL, 0);
	add(f, "http://a.test/2", NULL, 0);
	add(f, "http://b.test/1", NULL, 0);
	i = next(f, T0);
	CHECK(is(i, "http://a.test/1"));
	CHECK_INT(
	    frontier_host_pause(f, host_of("http://a.test/"), "a.test", T0), 1);
	CHECK_INT(
	    frontier_host_pause(f, host_of("http://a.test/"), "a.test", T0), 0);
	settle(f, i, URL_DONE, T0);
	i = next(f, T0);
	CHECK(is(i, "http://b.test/1"));
	settle(f, i, URL_DONE, T0);
	CHECK(next(f, T0 + 1000000) == NULL);

	TEST("act: a link to a host that is paused is kept, and waits with "
	     "the others");
	CHECK_INT(add(f, "http://a.test/3", "http://b.test/1", 0), 1);
	CHECK(next(f, T0 + 1000000) == NULL);

	TEST("act: a pause outlives the process, before and after a commit of "
	     "the host itself");
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it("pause", T0 + 2000000);
	CHECK(next(f, T0 + 2000000) == NULL);
	CHECK_INT(add(f, "http://a.test/4", NULL, 0), 1);
	CHECK(next(f, T0 + 2000000) == NULL);
	CHECK_INT(frontier_paused_host(f, 0, &name, &since), 1);
	CHECK_STR(name, "a.test");
	CHECK_INT(since, T0);
	CHECK_INT(frontier_paused_host(f, 1, &name, &since), 0);

	TEST("act: a host that is resumed goes on where it was");
	CHECK_INT(frontier_host_resume(f, host_of("http://a.test/")), 1);
	CHECK_INT(frontier_host_resume(f, host_of("http://a.test/")), 0);
	i = next(f, T0 + 2000000);
	CHECK(is(i, "http://a.test/2"));
	settle(f, i, URL_DONE, T0 + 2000000);
	CHECK(is(next(f, T0 + 2000000), "http://a.test/3"));
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);

	TEST("act: a host may be paused before it is met");
	f = open_it("pause", T0 + 3000000);
	CHECK_INT(
	    frontier_host_pause(f, host_of("http://new.test/"), "new.test", T0),
	    1);
	CHECK_INT(add(f, "http://new.test/", NULL, 0), 1);
	for (int n = 0; n < 5 && (i = next(f, T0 + 3000000)) != NULL; n++) {
		CHECK(!is(i, "http://new.test/"));
		settle(f, i, URL_DONE, T0 + 3000000);
	}
	frontier_close(f);
}

static void
test_crawl_pause(void)
{
	struct frontier *f = open_it("crawl", T0);

	CHECK_INT(frontier_paused(f), 0);
	frontier_set_paused(f, T0 + 5);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it("crawl", T0);
	CHECK_INT(frontier_paused(f), T0 + 5);
	frontier_set_paused(f, 0);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it("crawl", T0);
	CHECK_INT(frontier_paused(f), 0);
	frontier_close(f);
}

/* ---- forgetting --------------------------------------------------------- */

#define PAGES 2300

static void
fill(struct frontier *f)
{
	struct frontier_robots robots = {T0, T0 + 1000, 1, "rules", 5};
	struct frontier_memory m = {.asks = 1};
	struct frontier_item *i;
	char url[64];
	int n;

	add(f, "http://gone.test/", NULL, 0);
	for (n = 0; n < PAGES; n++) {
		snprintf(url, sizeof url, "http://gone.test/page/%d", n);
		add(f, url, "http://gone.test/", 0);
	}
	for (n = 0; n < 20; n++) {
		if ((i = next(f, T0)) == NULL)
			break;
		frontier_again(f, i, &m, T0 + 3600000);
		settle(f, i, n % 2 ? URL_DONE : URL_FAILED, T0);
	}
	/* Its text begins with that of the page it was found on. */
	add(f, "http://other.test/a/long/way", "http://gone.test/page/1", 0);
	frontier_robots_put(f, "http://gone.test:8080", &robots);
	frontier_robots_put(f, "https://www.gone.test", &robots);
	frontier_robots_put(f, "https://www.gone.test.de", &robots);
	frontier_family_add(f, host_of("http://gone.test/"), 77, 5);
	frontier_commit(f, NULL);
}

/* Turns until it is done; how many it took, 0: not done in most. */
static int
forget(struct frontier *f, int most)
{
	char name[FRONTIER_HOST_NAME];
	uint64_t host = 0;
	int n, rc;

	for (n = 1; n <= most; n++)
		if ((rc = frontier_forget_turn(f, &host, name)) == 2) {
			CHECK_STR(name, "gone.test");
			CHECK(host == host_of("http://gone.test/"));
			return n;
		}
	return 0;
}

static void
check_gone(struct frontier *f)
{
	struct frontier_view *v = frontier_view_here(f);
	struct winnow_key key = key_of("http://gone.test/page/7");
	struct frontier_robots robots;
	struct frontier_stat s;
	struct view_host h;
	struct view_url u;

	frontier_stat(f, &s);
	CHECK_INT(s.urls, 1);
	CHECK_INT(s.due, 1);
	CHECK_INT(s.again, 0);
	CHECK_INT(s.done, 0);
	CHECK_INT(s.by_state[URL_FAILED], 0);
	CHECK_INT(s.hosts, 1);
	CHECK_INT(view_url(v, &key, &u), 0);
	CHECK_INT(view_host(v, key.host, &h), 0);
	CHECK_INT(frontier_robots_get(f, "http://gone.test:8080", &robots), 0);
	CHECK_INT(frontier_robots_get(f, "https://www.gone.test", &robots), 0);
	CHECK_INT(
	    frontier_robots_get(f, "https://www.gone.test.de", &robots), 1);
	CHECK_INT(frontier_family(f, key.host, 77), 0);
	frontier_view_close(v);
}

static void
test_forget(void)
{
	uint64_t host;
	struct frontier *f = open_it("forget", T0);
	struct frontier_item *i;

	host = host_of("http://gone.test/");
	fill(f);
	CHECK_INT(frontier_host_forget(f, host, "gone.test"), 0);
	CHECK_INT(frontier_host_forgetting(f, host), 1);
	CHECK(forget(f, 100) > 3);
	CHECK_INT(frontier_host_forgetting(f, host), 0);
	check_gone(f);

	TEST("act: a page of another host that was found there keeps its "
	     "address");
	i = next(f, T0);
	CHECK(is(i, "http://other.test/a/long/way"));
	frontier_release(f, i);

	TEST("act: a host that was forgotten is met like any other");
	CHECK_INT(add(f, "http://gone.test/", NULL, 0), 1);
	CHECK_INT(add(f, "http://gone.test/page/7", "http://gone.test/", 0), 1);
	CHECK_INT(add(f, "http://gone.test/page/7", "http://gone.test/", 0), 0);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it("forget", T0 + 10);
	for (int n = 0; n < 3; n++) {
		CHECK((i = next(f, T0 + 10)) != NULL);
		settle(f, i, URL_DONE, T0 + 10);
	}
	CHECK(next(f, T0 + 10) == NULL);
	frontier_close(f);
}

static void
test_forget_killed(void)
{
	struct frontier *f = open_it("killed", T0);
	uint64_t host = host_of("http://gone.test/");
	int n;

	fill(f);
	CHECK_INT(frontier_host_forget(f, host, "gone.test"), 0);
	for (n = 0; n < 20; n++) {
		if (forget(f, 1))
			break;
		CHECK_INT(frontier_commit(f, NULL), 0);
		frontier_close(f);
		f = open_it("killed", T0);
		CHECK(!is(next(f, T0), "http://gone.test/page/99"));
		frontier_close(f); /* a lease of the other host, perhaps */
		f = open_it("killed", T0);
	}
	CHECK(n > 2 && n < 20);
	check_gone(f);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it("killed", T0);
	check_gone(f);
	frontier_close(f);
}

static void
test_forget_out(void)
{
	struct frontier *f = open_it("out", T0);
	struct frontier_item *i;
	uint64_t host = host_of("http://gone.test/");
	char name[FRONTIER_HOST_NAME];

	add(f, "http://gone.test/", NULL, 0);
	add(f, "http://gone.test/2", NULL, 0);
	i = next(f, T0);
	CHECK_INT(frontier_host_forget(f, host, "gone.test"), 0);
	CHECK_INT(frontier_forget_turn(f, &host, name), 0);
	CHECK_INT(frontier_host_forgetting(f, host), 1);
	TEST("act: nothing is hurried for a host whose answer is awaited");
	frontier_host_done(f, i, T0);
	CHECK_INT(frontier_forget_turn(f, &host, name), 3);
	frontier_settle(f, i, URL_DONE, 200, NULL, T0);
	CHECK(next(f, T0) == NULL);
	CHECK(forget(f, 5) > 0);
	frontier_close(f);
}

/* ---- seeds -------------------------------------------------------------- */

static void
test_seed(void)
{
	struct frontier *f = open_it("seed", T0);
	struct frontier_seed s = {.url = "http://s.test/", .tags = "a"}, got;
	struct winnow_key key = key_of(s.url);
	struct frontier_item *i;
	int removed, n;
	char url[64];
	uint32_t seed = frontier_seed_add(f, &key, &s);

	CHECK_INT(seed, 1);
	add(f, s.url, NULL, seed);
	for (n = 0; n < 1200; n++) {
		snprintf(url, sizeof url, "http://s.test/%d", n);
		add(f, url, s.url, seed);
	}
	i = next(f, T0);
	settle(f, i, URL_NO_ARTICLE, T0);
	CHECK_INT(frontier_seeds_removed(f), 0);
	CHECK_INT(frontier_seed_remove(f, &key), 1);
	CHECK_INT(frontier_seed_remove(f, &key), 0);
	CHECK_INT(frontier_seed_find(f, &key, &removed), 1);
	CHECK_INT(removed, 1);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it("seed", T0);
	CHECK_INT(frontier_seeds_removed(f), 1);
	CHECK_INT(frontier_seed_get(f, 1, &got), 1);
	CHECK_INT(got.removed, 1);
	for (n = 0; (i = next(f, T0)) != NULL; n++)
		settle(f, i, URL_DROPPED, T0);
	CHECK_INT(n, 1200);

	TEST("act: a seed that is given again has its number, and new "
	     "attributes");
	s.tags = "b";
	s.interval_ms = 5000;
	CHECK_INT(frontier_seed_add(f, &key, &s), 1);
	CHECK_INT(frontier_seed_get(f, 1, &got), 1);
	CHECK_INT(got.removed, 0);
	CHECK_STR(got.tags, "b");
	CHECK_INT(got.interval_ms, 5000);
	CHECK_INT(frontier_seeds_removed(f), 0);

	TEST("act: what was dropped with a seed is due again with it, over "
	     "kills");
	for (n = 1; frontier_restore_turn(f); n++) {
		CHECK_INT(frontier_commit(f, NULL), 0);
		frontier_close(f);
		f = open_it("seed", T0);
	}
	CHECK(n >= 3 && n < 10);
	for (n = 0; (i = next(f, T0 + 10)) != NULL; n++)
		settle(f, i, URL_DONE, T0 + 10);
	CHECK_INT(n, 1200);
	frontier_close(f);
}

static void
test_take_up(void)
{
	struct frontier *f = open_it("take", T0);
	struct frontier_seed s = {.url = "http://s.test/", .tags = ""};
	struct winnow_key key = key_of(s.url);
	struct frontier_item *i;

	frontier_seed_add(f, &key, &s);
	add(f, "http://s.test/page", NULL, 1);
	frontier_seed_remove(f, &key);
	i = next(f, T0);
	settle(f, i, URL_DROPPED, T0);
	CHECK(next(f, T0 + 10) == NULL);
	CHECK_INT(add(f, "http://s.test/page", "http://t.test/", 2), 1);
	CHECK_INT(add(f, "http://s.test/page", "http://t.test/", 2), 0);
	i = next(f, T0 + 10);
	CHECK(is(i, "http://s.test/page"));
	CHECK_INT(i != NULL ? i->seed : 0, 2);
	frontier_close(f);
}

int
main(void)
{
	char rm[96];
	int rc;

	snprintf(dir, sizeof dir, "%s/test-act-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 1;
	TEST("act: a host that is paused hands out nothing, others do");
	test_pause();
	TEST("act: that the crawl is paused is kept, and since when");
	test_crawl_pause();
	TEST("act: a host that is forgotten leaves nothing, and costs no other "
	     "host anything");
	test_forget();
	TEST("act: a kill while a host is forgotten only interrupts it");
	test_forget_killed();
	TEST("act: what is out of a host ends before it is forgotten");
	test_forget_out();
	TEST("act: a seed that is taken away stays away over a restart");
	test_seed();
	TEST("act: a page that was dropped belongs to the seed whose page "
	     "names it next");
	test_take_up();
	rc = test_end();
	snprintf(rm, sizeof rm, "rm -rf %s", dir);
	return system(rm) != 0 || rc != 0;
}
