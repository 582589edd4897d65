/* What may be expected of a link: which before which, and how much is learned
 * of how many pages. */
#include "crawler/focus.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crawler/frontier.h"
#include "tests/test.h"

#define NEUTRAL 0.1
#define MOST 9

static char dir[64];
static struct frontier *f;

static uint32_t
count(void *arg, uint64_t host, uint64_t family)
{
	return frontier_family(arg, host, family);
}

static const struct focus_book *
book(void)
{
	static struct focus_book b;

	b = (struct focus_book){count, f};
	return &b;
}

static struct focus_place
place(const char *url, uint64_t host, uint64_t page)
{
	struct winnow_key via = {host, page};
	struct focus_place p;

	focus_place_of(&p, url, host, &via);
	return p;
}

static double
expected(const char *url, uint64_t host, uint64_t page, int own)
{
	struct focus_place p = place(url, host, page);

	return focus_expected(book(), &p, own, NULL);
}

static void
scored(const char *url, uint64_t host, uint64_t page, double score, int times)
{
	struct focus_place p = place(url, host, page);

	while (times-- > 0)
		focus_count(f, &p, score);
}

static int
same_branch(const char *a, const char *b, enum focus_branch which)
{
	struct focus_place x = place(a, 1, 0), y = place(b, 1, 0);

	return x.family[which] == y.family[which];
}

static void
setup(void)
{
	char err[256];

	snprintf(dir, sizeof dir, "/tmp/winnow-focus-%ld", (long)getpid());
	f = NULL;
	CHECK_INT(frontier_open(&f, dir, NULL, 1000, err, sizeof err), 0);
}

static void
teardown(void)
{
	char cmd[96];

	frontier_close(f);
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	CHECK_INT(system(cmd), 0);
}

static void
test_branches(void)
{
	TEST("focus: a column's number tells its branch, an article's and its "
	     "day do not")
	CHECK(same_branch("http://a/art/2024/3/12/art_1234_56789.html",
	    "http://a/art/2025/11/2/art_1234_1.html", FOCUS_SHAPE));
	CHECK(!same_branch("http://a/art/2024/3/12/art_1234_56789.html",
	    "http://a/art/2024/3/12/art_1235_56789.html", FOCUS_SHAPE));
	CHECK(same_branch("http://a/djgz/202403/t20240312_5678.shtml",
	    "http://a/djgz/202511/t20251101_1.shtml", FOCUS_FOLDER));
	CHECK(!same_branch("http://a/djgz/202403/t1.shtml",
	    "http://a/tyxw/202403/t1.shtml", FOCUS_FOLDER));
	CHECK(same_branch("http://a/show.php?cid=12&id=345",
	    "http://a/show.php?cid=12&id=7", FOCUS_SHAPE));
	CHECK(!same_branch("http://a/show.php?cid=12&id=345",
	    "http://a/show.php?cid=13&id=345", FOCUS_SHAPE));
	CHECK(same_branch("http://a/col/col77/index_2.html",
	    "http://a/col/col77/index_3.html", FOCUS_FOLDER));
	CHECK(!same_branch(
	    "http://a/col/col77/", "http://a/col/col78/", FOCUS_FOLDER));
}

static void
test_own(void)
{
	struct focus_usual u, poor;
	int i;

	focus_usual_begin(&u, NEUTRAL);
	TEST("focus: words of a link speak for it, and against it")
	CHECK_INT(focus_own(&u, NEUTRAL, &u, NEUTRAL, 0), 0);
	CHECK(focus_own(&u, 0.9, &u, NEUTRAL, 0) > 20);
	CHECK(focus_own(&u, 0.01, &u, NEUTRAL, 0) < -20);
	CHECK(focus_own(&u, 0.9, &u, 0.01, 0) >
	      focus_own(&u, NEUTRAL, &u, 0.99, 0));
	CHECK_INT(focus_own(&u, 1, &u, 1, 100), 127);
	CHECK_INT(focus_own(&u, 0, &u, 0, -110), -127);

	TEST("focus: where any page scores high only what stands out is worth "
	     "much; where none does, half is enough")
	focus_usual_begin(&poor, NEUTRAL);
	for (i = 0; i < 100; i++) {
		focus_usual_add(&u, 0.55 + 0.002 * i);
		focus_usual_add(&poor, 0.001 * (i % 10));
	}
	CHECK(focus_worth(&u, 0.6) < 0.2);
	CHECK(focus_worth(&u, 0.98) > 0.9);
	CHECK(focus_worth(&poor, 0.8) > 0.9);
	CHECK(focus_worth(&poor, 0.2) < 0.1);
	CHECK(focus_own(&u, 0.6, &u, 0.6, 0) < focus_own(&u, 0.9, &u, 0.6, 0));

	TEST("focus: what is usual changes with what comes")
	for (i = 0; i < 20000; i++)
		focus_usual_add(&u, 0.001);
	CHECK(focus_worth(&u, 0.6) > 0.5);

	TEST("focus: a priority falls by eight with each half, and has a least")
	CHECK_INT(focus_priority(1, MOST), MOST);
	CHECK_INT(focus_priority(0.5, MOST), MOST - 8);
	CHECK_INT(focus_priority(0.25, MOST), MOST - 16);
	CHECK_INT(focus_priority(0, MOST), -100);
	CHECK_INT(focus_priority(1e-300, MOST), -100);
}

static void
test_yield(void)
{
	double before;

	TEST("focus: a branch that yields rises, and one that does not sinks "
	     "without end to it")
	setup();
	before = expected("http://a/x/1.html", 1, 7, 0);
	scored("http://a/good/5.html", 1, 7, 1, 3);
	scored("http://a/bad/5.html", 1, 8, 0, 3);
	CHECK(expected("http://a/good/9.html", 1, 7, 0) > 2 * before);
	CHECK(expected("http://a/good/9.html", 1, 7, 0) >
	      2 * expected("http://a/bad/9.html", 1, 8, 0));
	scored("http://a/bad/5.html", 1, 8, 0, 5000);
	CHECK(expected("http://a/bad/9.html", 1, 8, 0) > 0);
	CHECK(focus_priority(
		  expected("http://a/bad/9.html", 1, 8, -127), MOST) >= -100);

	TEST("focus: what a host yields says something of a folder that was "
	     "never met, of another host less")
	CHECK(expected("http://c/new/1.html", 3, 0, 0) >
	      expected("http://b/new/1.html", 2, 0, 0) - 1);
	scored("http://c/q/5.html", 3, 0, 1, 20);
	CHECK(expected("http://c/new/1.html", 3, 0, 0) >
	      2 * expected("http://b/new/1.html", 2, 0, 0));

	TEST(
	    "focus: what is not known is tried before what is known to be poor")
	scored("http://d/poor/5.html", 4, 9, 0.02, 30);
	CHECK(expected("http://e/x/1.html", 5, 0, 0) >
	      expected("http://d/poor/9.html", 4, 9, 0));

	TEST("focus: old pages fade: a branch that has turned is soon found")
	scored("http://g/w/5.html", 6, 0, 0, 5000);
	scored("http://g/w/5.html", 6, 0, 1, 1000);
	CHECK(expected("http://g/w/9.html", 6, 0, 0) > 0.45);

	TEST("focus: scores beyond their bounds count as their bounds")
	scored("http://h/w/5.html", 7, 0, 1e9, 100);
	CHECK(expected("http://h/w/9.html", 7, 0, 0) <= 1);
	scored("http://h/w/5.html", 7, 0, -1e9, 100);
	CHECK(expected("http://h/w/9.html", 7, 0, 0) >= 0);
	teardown();
}

int
main(void)
{
	test_branches();
	test_own();
	test_yield();
	return test_end();
}
