/* Families in debt: what is closed, and how soon; and, as much, what never is.
 * On a real store. */
#include "crawler/debt.h"

#include <stdlib.h>
#include <unistd.h>

#include "crawler/visit_parts.h"
#include "tests/test.h"

#define T0 1700000000000
#define HOST 7

static char dir[64], err[512];
static struct frontier *frontier;

static struct config_values settings = {.scope_family_cap = 100,
    .scope_prefix_cap = 3000,
    .scope_domain_hosts = 40,
    .scope_host_cap = 100000,
    .dedup_host_repeats = 50};

static uint32_t
count(void *arg, uint64_t host, uint64_t family)
{
	return frontier_family(arg, host, family);
}

static const struct debt_book *
book(void)
{
	static struct debt_book b = {count, NULL};

	b.arg = frontier;
	return &b;
}

static int
closed(const char *path, char *why, size_t cap)
{
	struct debt_url d;
	char url[300];

	snprintf(url, sizeof url, "http://a.test%s", path);
	debt_url_init(&d, url, HOST);
	return debt_closed(book(), &settings, &d, why, cap);
}

/* n pages of a path with a number in it. */
static void
pages(const char *form, int n, enum debt_result r)
{
	struct debt_url d;
	char url[300], path[256];
	int i;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%.*s%d%s", (int)strcspn(form, "#"),
		    form, i, form + strcspn(form, "#") + 1);
		snprintf(url, sizeof url, "http://a.test%s", path);
		debt_url_init(&d, url, HOST);
		debt_count(frontier, &d, NULL, r);
	}
}

static void
test_closing(void)
{
	char why[320];

	TEST(
	    "debt: a family is closed after so many pages in vain, and says so")
	pages("/cal.php?m=#", 99, DEBT_VAIN);
	CHECK(!closed("/cal.php?m=1000", why, sizeof why));
	pages("/cal.php?m=#", 1, DEBT_VAIN);
	CHECK(closed("/cal.php?m=1000", why, sizeof why));
	CHECK_STR(why,
	    "scope.family_cap 100: pages like /cal.php?m have given nothing "
	    "too often");
	CHECK(closed("/cal.php?m=5", NULL, 0));
	CHECK(!closed("/cal.php?m=5&d=3", NULL, 0));
	CHECK(!closed("/other.php?m=5", NULL, 0));

	TEST("debt: a part of the site is closed when all its families do that")
	pages("/cal.php?m=1&d=#", 100, DEBT_VAIN);
	pages("/cal.php?m=1&e=#", 100, DEBT_VAIN);
	pages("/cal.php?m=1&f=#", 100, DEBT_VAIN);
	pages("/cal.php?m=1&g=#", 99, DEBT_VAIN);
	CHECK(!closed("/cal.php?new=1", NULL, 0));
	pages("/cal.php?m=1&g=#", 1, DEBT_VAIN);
	CHECK(closed("/cal.php?new=1", why, sizeof why));
	CHECK(strstr(why, "/cal.php?*") != NULL);

	TEST("debt: an article makes up for ten, and reopens what was closed")
	pages("/cal.php?m=#", 1, DEBT_ARTICLE);
	CHECK(!closed("/cal.php?m=5", NULL, 0));
	CHECK(!closed("/cal.php?new=1", NULL, 0));

	TEST("debt: what was good for long is closed as soon as any other")
	pages("/good/#.html", 5000, DEBT_ARTICLE);
	pages("/good/#.html", 99, DEBT_VAIN);
	CHECK(!closed("/good/1.html", NULL, 0));
	pages("/good/#.html", 1, DEBT_VAIN);
	CHECK(closed("/good/1.html", NULL, 0));

	TEST("debt: no bound, where the settings say so")
	settings.scope_family_cap = 0;
	CHECK(!closed("/good/1.html", NULL, 0));
	settings.scope_family_cap = 100;
}

static void
test_articles(void)
{
	struct debt_url d, list;
	char url[300];
	int i, shut = 0;

	TEST("debt: a path of 100,000 articles is never closed, nor with one "
	     "article in ten pages, nor the lists that lead to them")
	debt_url_init(&list, "http://a.test/list.asp?id=3&page=2", HOST);
	for (i = 0; i < 100000 && !shut; i++) {
		snprintf(url, sizeof url, "http://a.test/info/1012/%d.htm", i);
		debt_url_init(&d, url, HOST);
		if (i % 50 == 0)
			debt_count(frontier, &list, NULL, DEBT_VAIN);
		debt_count(frontier, &d, &list,
		    i % 10 == 9 ? DEBT_ARTICLE : DEBT_VAIN);
		if (i % 100 == 0)
			shut = closed("/info/1/1.htm", NULL, 0) ||
			       closed("/list.asp?id=1&page=9", NULL, 0);
	}
	CHECK_INT(i, 100000);
}

static int
add(const char *url, const char *host, uint64_t host_key, uint64_t n)
{
	struct frontier_link l = {
	    .key = {host_key, n}, .url = url, .host = host, .host_cap = 100000};
	struct debt_url d;

	debt_url_init(&d, url, host_key);
	debt_caps(&settings, &d, host, l.caps);
	return frontier_add(frontier, &l);
}

static void
test_caps(void)
{
	struct frontier_stat s0, s;
	struct debt_url d;
	char url[300], host[64], why[320];
	int i, new = 0;

	TEST("caps: a part of a host remembers so many addresses that have "
	     "given nothing yet, another part is open")
	for (i = 1; i <= 5000; i++) {
		snprintf(url, sizeof url, "http://b.test/x/%d.html", i);
		new += add(url, "b.test", 8, (uint64_t)i) == 1;
	}
	CHECK_INT(new, 3000);
	CHECK_INT(add("http://b.test/y/1.html", "b.test", 8, 9001), 1);
	debt_url_init(&d, "http://b.test/x/1.html", 8);
	for (i = 0; i < 500; i++)
		debt_count(frontier, &d, NULL, DEBT_ARTICLE);
	for (new = 0, i = 3001; i <= 5000; i++) {
		snprintf(url, sizeof url, "http://b.test/x/%d.html", i);
		new += add(url, "b.test", 8, (uint64_t)i) == 1;
	}
	CHECK_INT(new, 500);

	TEST("caps: of 100,000 names of a domain so many become hosts, the "
	     "others leave nothing in the store or in memory (H38)")
	frontier_stat(frontier, &s0);
	for (new = 0, i = 0; i < 100000; i++) {
		snprintf(host, sizeof host, "n%d.wild.example", i);
		snprintf(url, sizeof url, "http://%s/", host);
		new += add(url, host, 1000 + (uint64_t)i, 1) == 1;
	}
	frontier_stat(frontier, &s);
	CHECK_INT(new, 40);
	CHECK_INT(s.hosts - s0.hosts, 40);
	CHECK_INT(
	    add("http://n1.wild.example/2", "n1.wild.example", 1001, 2), 1);
	CHECK_INT(add("http://n.tame.example/", "n.tame.example", 999, 1), 1);
	debt_full(&settings, &d, "n50.wild.example", 3, why, sizeof why);
	CHECK_STR(why, "scope.domain_hosts 40: wild.example has so many hosts");
	CHECK_INT(frontier_commit(frontier, NULL), 0);
}

static void
test_texts(void)
{
	uint32_t n = 0;
	int i;

	TEST("texts: one that a host repeats too often is no article; a short "
	     "one sooner")
	for (i = 0; i < 51; i++)
		n = debt_text(frontier, HOST, 0x1234);
	CHECK_INT(n, 51);
	CHECK(debt_text_is_template(&settings, n, 5000));
	CHECK(!debt_text_is_template(&settings, 50, 5000));
	CHECK(debt_text_is_template(&settings, 11, 60));
	CHECK(!debt_text_is_template(&settings, 10, 60));
	CHECK_INT(debt_text(frontier, HOST + 1, 0x1234), 1);
	settings.dedup_host_repeats = 0;
	CHECK(!debt_text_is_template(&settings, 1000000, 60));
	settings.dedup_host_repeats = 50;
}

static void
test_types(void)
{
	static const struct {
		const char *type, *disposition;
		int ok;
	} rows[] = {
	    {NULL, NULL, 1},
	    {"", NULL, 1},
	    {"text/html", NULL, 1},
	    {"text/html; charset=gbk", "inline", 1},
	    {"TEXT/HTML", "attachment; filename=a.html", 0},
	    {"text/html", "ATTACHMENT", 0},
	    {"application/xhtml+xml", NULL, 1},
	    {"application/vnd.wap.xhtml+xml", NULL, 1},
	    {"application/octet-stream", NULL, 1},
	    {"text/plain", NULL, 1},
	    {"x", NULL, 1},
	    {"image/png", NULL, 0},
	    {"Image/JPEG; x", NULL, 0},
	    {"video/mp4", NULL, 0},
	    {"application/pdf", NULL, 0},
	    {"application/vnd.ms-excel", NULL, 0},
	    {"application/msword", NULL, 0},
	    {"application/x-msdownload", NULL, 0},
	    {"application/json", NULL, 0},
	    {"text/css", NULL, 0},
	};
	size_t i;

	TEST("types: media, archives and attachments end at their headers")
	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		if (verdict_type_ok(rows[i].type, rows[i].disposition) !=
		    rows[i].ok)
			TEST_FAIL("%s", rows[i].type);
}

int
main(void)
{
	struct frontier_options o = {0};
	char cmd[128];

	snprintf(dir, sizeof dir, "/tmp/winnow-debt-XXXXXX");
	if (mkdtemp(dir) == NULL ||
	    frontier_open(&frontier, dir, &o, T0, err, sizeof err) != 0) {
		printf("not ok - debt: cannot make a state: %s\n", err);
		return 1;
	}
	test_closing();
	test_articles();
	test_caps();
	test_texts();
	test_types();
	frontier_close(frontier);
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	if (system(cmd) != 0)
		printf("# %s is left\n", dir);
	return test_end();
}
