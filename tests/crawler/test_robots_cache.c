/* Rules of an authority over their life: unknown, fetched, expired, unreachable,
 * and over a restart. */
#include "crawler/robots_cache.h"

#include <ftw.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

#define HOUR (3600 * 1000LL)
#define T0 1795230900000LL
#define A "http://a.test"

static char dir[64];
static struct frontier *f;
static struct robots_cache *c;

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static void
start(void)
{
	struct frontier_options o = { .per_host = 1, .host_cap = 10,
		.map_size = 128 << 20 };
	char err[256] = "";

	if (frontier_open(&f, dir, &o, T0, err, sizeof err) != 0)
		TEST_FAIL("%s", err);
	c = robots_cache_new(f);
}

static void
halt(void)
{
	robots_cache_free(c);
	frontier_close(f);
}

static int
put(const char *authority, enum robots_policy p, const char *text, int64_t now)
{
	void *blob = NULL;
	size_t len = 0;
	int rc;

	if (text != NULL)
		CHECK_INT(robots_compile(text, strlen(text), "winnowd", &blob,
			      &len), 0);
	rc = robots_cache_put(c, authority, p, blob, len, now, 24 * HOUR);
	free(blob);
	return rc;
}

/* 1 allowed, 0 not, -1: not known. */
static int
allowed(const char *authority, const char *path, int64_t now)
{
	const struct frontier_robots *r = robots_cache_get(c, authority, now);
	char url[256];

	if (r == NULL)
		return -1;
	if (r->policy != ROBOTS_PARSE)
		return r->policy == ROBOTS_ALLOW_ALL;
	snprintf(url, sizeof url, "%s%s", authority, path);
	return robots_allowed(r->rules, r->len, url, NULL);
}

/* Memory that they take. */
static size_t
large_files(void)
{
	size_t cap = 500 << 10, n, before = mallinfo2().uordblks;
	char *text = malloc(cap + 64), name[64];
	int i, wrong = 0;

	for (i = 0; i < 30; i++) {
		n = (size_t)sprintf(
		    text, "User-agent: *\nDisallow: /only%d\n", i);
		while (n < cap)
			n += (size_t)sprintf(text + n, "Disallow: /%zu\n", n);
		snprintf(name, sizeof name, "http://large%d.test", i);
		put(name, ROBOTS_PARSE, text, T0);
		CHECK_INT(frontier_commit(f, NULL), 0);
	}
	for (i = 0; i < 30; i++) {
		snprintf(name, sizeof name, "http://large%d.test", i);
		snprintf(text, cap, "/only%d", i);
		wrong += allowed(name, text, T0) != 0 ||
			 allowed(name, "/other", T0) != 1;
	}
	CHECK_INT(wrong, 0);
	free(text);
	return mallinfo2().uordblks - before;
}

int
main(void)
{
	char name[64], small[16], text[64];
	int i, wrong = 0;

	snprintf(dir, sizeof dir, "/tmp/robots-test-%ld", (long)getpid());
	mkdir(dir, 0755);
	start();

	TEST("robots cache: nothing is known before it was asked for")
	CHECK_INT(allowed(A, "/", T0), -1);

	TEST("robots cache: rules serve for their time, and no longer")
	CHECK_INT(put(A, ROBOTS_PARSE, "User-agent: *\nDisallow: /x\n", T0), 0);
	CHECK_INT(allowed(A, "/x", T0), 0);
	CHECK_INT(allowed(A, "/y", T0 + 24 * HOUR - 1), 1);
	CHECK_INT(allowed(A, "/y", T0 + 24 * HOUR), -1);

	TEST("robots cache: scheme and port are part of the authority")
	CHECK_INT(allowed("https://a.test", "/x", T0), -1);
	CHECK_INT(allowed(A ":8080", "/x", T0), -1);

	TEST("robots cache: unreachable and never fetched is not known")
	CHECK_INT(put("http://b.test", ROBOTS_DISALLOW_ALL, NULL, T0), 0);
	CHECK_INT(allowed("http://b.test", "/", T0), -1);

	TEST("robots cache: unreachable, rules go on serving for a day beyond "
	     "their time")
	CHECK_INT(put("http://c.test", ROBOTS_PARSE,
		      "User-agent: *\nDisallow: /x\n", T0), 0);
	CHECK_INT(put("http://c.test", ROBOTS_DISALLOW_ALL, NULL,
		      T0 + 40 * HOUR), 1);
	CHECK_INT(allowed("http://c.test", "/x", T0 + 40 * HOUR), 0);
	CHECK_INT(allowed("http://c.test", "/y", T0 + 40 * HOUR), 1);
	CHECK_INT(allowed("http://c.test", "/y", T0 + 41 * HOUR), -1);

	TEST("robots cache: that survives a restart")
	CHECK_INT(frontier_commit(f, NULL), 0);
	halt();
	start();
	CHECK_INT(allowed("http://c.test", "/x", T0 + 40 * HOUR), 0);

	TEST("robots cache: unreachable for over a day, they do not")
	CHECK_INT(put("http://c.test", ROBOTS_DISALLOW_ALL, NULL,
		      T0 + 49 * HOUR), 0);
	CHECK_INT(allowed("http://c.test", "/y", T0 + 49 * HOUR), -1);

	TEST("robots cache: none there allows all, a later file counts at once")
	CHECK_INT(put(A, ROBOTS_ALLOW_ALL, NULL, T0), 0);
	CHECK_INT(allowed(A, "/x", T0), 1);
	CHECK_INT(put(A, ROBOTS_PARSE, "User-agent: *\nDisallow: /\n", T0), 0);
	CHECK_INT(allowed(A, "/y", T0), 0);

	TEST("robots cache: five thousand authorities in a thousand slots")
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "http://h%d.test", i);
		snprintf(text, sizeof text, "User-agent: *\nDisallow: /%d$\n",
		    i);
		put(name, ROBOTS_PARSE, text, T0);
		if (i % 700 == 0)
			CHECK_INT(frontier_commit(f, NULL), 0);
	}
	CHECK_INT(frontier_commit(f, NULL), 0);
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof name, "http://h%d.test", i);
		snprintf(small, sizeof small, "/%d", i);
		wrong += allowed(name, small, T0) != 0 ||
		    allowed(name, "/none", T0) != 1;
	}
	CHECK_INT(wrong, 0);

	TEST("robots cache: thirty files of half a MiB take 16 MiB, and none is "
	     "forgotten")
	CHECK(large_files() < 24 << 20);

	TEST("robots cache: what was committed is known after a restart")
	halt();
	start();
	CHECK_INT(allowed("http://h17.test", "/17", T0), 0);
	CHECK_INT(allowed(A, "/y", T0), 0);

	TEST("robots cache: authorities of addresses")
	CHECK_INT(robots_authority("http://a.test/x?y", name, sizeof name), 0);
	CHECK_STR(name, "http://a.test");
	CHECK_INT(robots_authority("https://a.test:444?x", name, sizeof name), 0);
	CHECK_STR(name, "https://a.test:444");
	CHECK_INT(robots_authority("a.test/x", name, sizeof name), -1);
	CHECK_INT(robots_authority("http://a-rather-long-name.test/", small,
		      sizeof small), -1);
	halt();
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return test_end();
}
