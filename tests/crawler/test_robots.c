/* test_robots.c - robots.txt: which rule decides, and what it costs. */
#include "crawler/robots.h"

#include <time.h>

#include "tests/test.h"

static void *blob;
static size_t blob_len;

/* Replaces the blob by the file compiled for our agent. */
static void
load_n(const char *txt, size_t n)
{
	free(blob);
	blob = NULL;
	CHECK_INT(robots_compile(txt, n, "winnowd", &blob, &blob_len), 0);
	CHECK_INT(robots_check(blob, blob_len), 1);
}

static void
load(const char *txt)
{
	load_n(txt, strlen(txt));
}

static int
allowed(const char *url)
{
	return robots_allowed(blob, blob_len, url, NULL);
}

static int
line_of(const char *url)
{
	int line;

	(void)robots_allowed(blob, blob_len, url, &line);
	return line;
}

static char listed[4096];

static void
list(void *arg, const char *url)
{
	(void)arg;
	strcat(strcat(listed, url), " ");
}

static const char *
sitemaps(const char *base)
{
	listed[0] = '\0';
	robots_sitemaps(blob, blob_len, base, list, NULL);
	return listed;
}

static void
test_rules(void)
{
	TEST("robots: longest match wins over order")
	{
		load("User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: "
		     "/a/b/c\n");
		CHECK_INT(allowed("http://x.test/a"), 0);
		CHECK_INT(allowed("http://x.test/a/b"), 1);
		CHECK_INT(allowed("http://x.test/a/b/c?d"), 0);
		CHECK_INT(allowed("http://x.test/"), 1);
		CHECK_INT(line_of("http://x.test/a/b"), 3);
		CHECK_INT(line_of("http://x.test/"), 0);
	}
	TEST("robots: allow wins a tie")
	{
		load("User-agent: *\nDisallow: /a\nAllow: /a\n");
		CHECK_INT(allowed("http://x.test/a"), 1);
	}
	TEST("robots: * is any run, $ the end, elsewhere a dollar is a dollar")
	{
		load("User-agent: *\nDisallow: /*/print$\nDisallow: /x$y\n"
		     "Disallow: *.php\nDisallow: /aa*aa$\n");
		CHECK_INT(allowed("http://x.test/a/print"), 0);
		CHECK_INT(allowed("http://x.test/a/print/"), 1);
		CHECK_INT(allowed("http://x.test/print"), 1);
		CHECK_INT(allowed("http://x.test/x$y/z"), 0);
		CHECK_INT(allowed("http://x.test/i.php?q"), 0);
		CHECK_INT(allowed("http://x.test/aaa"), 1);
		CHECK_INT(allowed("http://x.test/aaaa"), 0);
	}
	TEST("robots: escapes compare in one normal form")
	{
		load("User-agent: *\nDisallow: /新/\nDisallow: /%7ea\n"
		     "Disallow: /b%2fc\nDisallow: /s%2A\n");
		CHECK_INT(allowed("http://x.test/%e6%96%b0/1"), 0);
		CHECK_INT(allowed("http://x.test/~a"), 0);
		CHECK_INT(allowed("http://x.test/b%2Fc"), 0);
		CHECK_INT(allowed("http://x.test/b/c"), 1);
		CHECK_INT(allowed("http://x.test/s*"), 0);
		CHECK_INT(allowed("http://x.test/st"), 1);
	}
	TEST("robots: an allowed index page opens its folder")
	{
		load("User-agent: *\nDisallow: /*\nAllow: /d/index.html\n");
		CHECK_INT(allowed("http://x.test/d/"), 1);
		CHECK_INT(allowed("http://x.test/d/x"), 0);
	}
	TEST("robots: a query belongs to what is matched, a fragment does not")
	{
		load("User-agent: *\nDisallow: /*?print\n");
		CHECK_INT(allowed("http://x.test/a?print=1"), 0);
		CHECK_INT(allowed("http://x.test/a#?print"), 1);
		CHECK_INT(allowed("http://x.test?print"), 0);
	}
}

static void
test_groups(void)
{
	TEST("robots: our own groups, all of them, else those of *")
	{
		load("User-agent: winnowd\nDisallow: /a\n\nUser-agent: *\n"
		     "Disallow: /\n\nUser-agent: other\nUser-agent: WinnowD/1\n"
		     "Disallow: /b\n");
		CHECK_INT(allowed("http://x.test/a"), 0);
		CHECK_INT(allowed("http://x.test/b"), 0);
		CHECK_INT(allowed("http://x.test/c"), 1);
	}
	TEST("robots: an empty group of our own lets us in")
	{
		load("User-agent: winnowd\nDisallow:\n\nUser-agent: "
		     "*\nDisallow: /\n");
		CHECK_INT(allowed("http://x.test/"), 1);
	}
	TEST("robots: a name that begins like ours is not ours")
	{
		load("User-agent: winnow\nDisallow: /\nUser-agent: winnowd-x\n"
		     "Disallow: /\n");
		CHECK_INT(allowed("http://x.test/"), 1);
	}
	TEST("robots: rules before the first group do not count")
	{
		load("Disallow: /\nUser-agent: *\nDisallow: /a\n");
		CHECK_INT(allowed("http://x.test/b"), 1);
	}
	TEST("robots: CR, LF, a BOM, comments and a missing colon are read")
	{
		load("\xef\xbb\xbfUser-agent: *# all\rdisallow /a\r\n"
		     "  DISALLOW : /b # no\n");
		CHECK_INT(allowed("http://x.test/a"), 0);
		CHECK_INT(allowed("http://x.test/b"), 0);
		CHECK_INT(line_of("http://x.test/b"), 3);
	}
	TEST("robots: the crawl delay is the group's own, words are none")
	{
		load("User-agent: *\nCrawl-delay: 1.5\n");
		CHECK_INT(robots_crawl_delay_ms(blob, blob_len), 1500);
		load("User-agent: *\nCrawl-delay: soon\n");
		CHECK_INT(robots_crawl_delay_ms(blob, blob_len), -1);
		load("User-agent: *\nCrawl-delay: 5\nUser-agent: winnowd\n"
		     "Disallow: /a\n");
		CHECK_INT(robots_crawl_delay_ms(blob, blob_len), -1);
		load("User-agent: *\nCrawl-delay: 99999999999999999999\n");
		CHECK(robots_crawl_delay_ms(blob, blob_len) > 86400000);
	}
	TEST("robots: sitemaps stand outside the groups, each once, resolved")
	{
		load("Sitemap: /a.xml\nUser-agent: other\nDisallow: /\n"
		     "sitemap:http://x.test/a.xml#x\nSitemap: ftp://x.test/b\n"
		     "Sitemap: //y.test/b.xml\n");
		CHECK_STR(sitemaps("http://x.test/robots.txt"),
		    "http://x.test/a.xml http://y.test/b.xml ");
		CHECK_STR(sitemaps(NULL), "http://x.test/a.xml ");
	}
	TEST("robots: what the status of the answer means")
	{
		CHECK_INT(robots_policy(200), ROBOTS_PARSE);
		CHECK_INT(robots_policy(301), ROBOTS_FOLLOW);
		CHECK_INT(robots_policy(404), ROBOTS_ALLOW_ALL);
		CHECK_INT(robots_policy(429), ROBOTS_DISALLOW_ALL);
		CHECK_INT(robots_policy(503), ROBOTS_DISALLOW_ALL);
		CHECK_INT(robots_policy(0), ROBOTS_DISALLOW_ALL);
	}
}

/* Of its own: other programs may have the machine meanwhile. */
static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
test_hostile(void)
{
	static char txt[ROBOTS_MAX + 64], url[8192];
	char *copy;
	size_t i, n;
	double t;

	TEST("h43: 200 stars against 1,500 bytes take no time")
	{
		n = (size_t)sprintf(txt, "User-agent: *\nDisallow: /");
		for (i = 0; i < 200; i++)
			n += (size_t)sprintf(txt + n, "*a");
		sprintf(txt + n, "b\n");
		load(txt);
		n = (size_t)sprintf(url, "http://x.test/");
		memset(url + n, 'a', 1500);
		url[n + 1500] = '\0';
		t = seconds();
		CHECK_INT(allowed(url), 1);
		CHECK(seconds() - t < 0.05);
	}
	TEST("h43: nor do 30,000 wildcards against 8,000 bytes, which are not "
	     "allowed then; a short URL is")
	{
		n = (size_t)sprintf(txt, "User-agent: *\n");
		for (i = 0; n < ROBOTS_MAX - 64; i++)
			n += (size_t)sprintf(
			    txt + n, "Disallow: /*aab%d\n", (int)(i % 10));
		load_n(txt, n);
		n = (size_t)sprintf(url, "http://x.test/");
		memset(url + n, 'a', 8000);
		url[n + 8000] = '\0';
		t = seconds();
		CHECK_INT(allowed(url), 0);
		CHECK(seconds() - t < 0.5);
		CHECK_INT(allowed("http://x.test/aaaaaaaaaa"), 1);
	}
	TEST("robots: what lies behind the limit is not read, nor half a rule")
	{
		n = (size_t)sprintf(txt, "User-agent: *\n");
		while (n < ROBOTS_MAX - 20)
			n += (size_t)sprintf(txt + n, "Disallow: /x\n");
		while (n < ROBOTS_MAX - 12)
			txt[n++] = '\n';
		n += (size_t)sprintf(txt + n, "Disallow: /%s\n", "secret");
		load_n(txt, n);
		CHECK_INT(allowed("http://x.test/y"), 1);
		CHECK_INT(allowed("http://x.test/x"), 0);
	}
	TEST("robots: a blob that is cut or changed is not taken")
	{
		load("User-agent: *\nDisallow: /a\nSitemap: /s\n");
		copy = malloc(blob_len + 1);
		for (i = 0; i < blob_len; i++)
			CHECK_INT(robots_check(blob, i), 0);
		memcpy(copy + 1, blob, blob_len); /* unaligned, as in a store */
		CHECK_INT(robots_check(copy + 1, blob_len), 1);
		CHECK_INT(
		    robots_allowed(copy + 1, blob_len, "http://x.test/a", NULL),
		    0);
		memset(copy + 1 + 20, 0xff, 4); /* the rule's offset */
		CHECK_INT(robots_check(copy + 1, blob_len), 0);
		free(copy);
	}
}

int
main(void)
{
	test_rules();
	test_groups();
	test_hostile();
	free(blob);
	return test_end();
}
