/* What scope.c refuses, by which name and rule; what it lets pass counts as
 * much. The looks of traps have a test of their own, test_trap.c. */
#include "crawler/scope.h"

#include <stdlib.h>

#include "tests/test.h"

#define SEED "http://news.example.com/edu/list.html"

static struct winnow_key
key_of(const char *url)
{
	struct winnow_url u;
	struct winnow_key none = { 0 };

	if (winnow_url_parse(&u, url, strlen(url), NULL, NULL) != 0 ||
	    winnow_url_canonical(&u, &u) != 0)
		return none;
	return winnow_url_key(&u, 1);
}

static struct scope_answer answer;

static const char *
refuses(const struct config_values *c, const char *url, int depth, int max,
    int pages)
{
	struct winnow_key seed = key_of(SEED);
	struct scope_seed s;
	struct scope_question q = { .cfg = c,
		.seed = &s,
		.url = url,
		.host = key_of(url).host,
		.depth = depth,
		.max_depth = max,
		.is_list = !pages,
		.now_ms = 1795305600000, /* November 2026 */
		.in_words = 1 };

	CHECK_INT(scope_seed_init(&s, SEED, &seed, c), 0);
	CHECK_INT(scope_judge(&q, &answer), answer.reason != REASON_NONE);
	CHECK_INT(answer.detail[0] != '\0', answer.reason != REASON_NONE);
	return reason_name(answer.reason);
}

static const struct {
	const char *url, *host, *domain, *prefix; /* NULL: followed */
} where[] = {
	{ "http://news.example.com/edu/a.html", NULL, NULL, NULL },
	{ "http://news.example.com/b.html", NULL, NULL, "scope" },
	{ "https://www.news.example.com/b.html", NULL, NULL, "scope" },
	{ "http://news.example.com:8080/b.html", NULL, NULL, "scope" },
	{ "http://other.example.com/edu/", "scope", NULL, "scope" },
	{ "http://example.com/edu/", "scope", NULL, "scope" },
	{ "http://news.example.com.evil.test/edu/", "scope", "scope", "scope" },
	{ "http://evilexample.com/edu/", "scope", "scope", "scope" },
	{ "http://news.example.com@evil.test/edu/", "scope", "scope", "scope" },
	{ "http://[::1]/edu/", "scope", "scope", "scope" },
};

static const struct {
	const char *path, *why;
} what[] = {
	{ "/2023/11/06/1.html", NULL },
	{ "/", NULL },
	{ "/pic.JPG", "not-a-page" },
	{ "/a/b.tar.gz", "not-a-page" },
	{ "/sitemap.xml.gz", "not-a-page" },
	{ "/a.pdf?download=1", "not-a-page" },
	{ "/a.html?file=b.pdf", NULL },
	{ "/pdf", NULL },
	{ "/v1.0/", NULL },
	{ "/a.PPTX", "not-a-page" },
	{ "/x.torrent", "not-a-page" },
	{ "/x.webmanifest?v=1", "not-a-page" },
	{ "/x.7z", "not-a-page" },
	{ "/x.zipped", NULL },
	{ "/.zip/a", NULL },
	{ "/LOGIN.aspx", "login" },
	{ "/calendar/2031/02", "calendar" },
	{ "/a/b/a/b/a/b/a/b/a/b/", "trap" },
	{ "/x/x/x/x/x/x", "trap" },
	{ "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/", "trap" },
	{ "/1/2/3/4/5/6/7/8/9/", NULL },
};

static const struct {
	const char *url;
	int mode, depth, max;
	const char *detail;
} rules[] = {
	{ "http://news.example.com/a/old/1", CONFIG_SCOPE_MODE_HOST, 1, -1,
	    "scope.exclude has */old/*" },
	{ "http://a.test/", CONFIG_SCOPE_MODE_HOST, 1, -1,
	    "scope.mode host: a.test is not news.example.com" },
	{ "http://a.test/", CONFIG_SCOPE_MODE_DOMAIN, 1, -1,
	    "scope.mode domain: a.test is not of example.com" },
	{ "http://news.example.com/x/", CONFIG_SCOPE_MODE_PREFIX, 1, -1,
	    "scope.mode prefix: it does not begin with "
	    "http://news.example.com/edu/" },
	{ "http://news.example.com/x/", CONFIG_SCOPE_MODE_HOST, 6, -1,
	    "6 links from the seed; scope.max_depth is 5" },
	{ "http://news.example.com/x/", CONFIG_SCOPE_MODE_HOST, 2, 1,
	    "2 links from the seed; its depth is 1" },
	{ "http://news.example.com/x.PDF", CONFIG_SCOPE_MODE_HOST, 1, -1,
	    "it ends in .pdf" },
	{ "http://news.example.com/l?a=1&d=next", CONFIG_SCOPE_MODE_HOST, 1, -1,
	    "a parameter that articles do not have: d=next" },
	{ "http://news.example.com/events/calendar/day/3",
	    CONFIG_SCOPE_MODE_HOST, 1, -1,
	    "a word that paths of articles do not have: calendar" },
	{ "http://news.example.com/a/b/a/b/a/b/", CONFIG_SCOPE_MODE_HOST, 1, -1,
	    "the path repeats: a/b" },
};

static void
test_match(void)
{
	char s[4096];

	TEST("scope: '*' stands for any run, and the whole must fit")
	CHECK(scope_match("http://*/tag/*", "http://a.test/tag/x"));
	CHECK(!scope_match("http://*/tag", "http://a.test/tag/x"));
	CHECK(scope_match("*", ""));
	CHECK(scope_match("a**b*", "ab"));
	CHECK(!scope_match("", "a"));
	CHECK(!scope_match("a*b", "a"));

	TEST("scope: a pattern that begins with '/' is laid on path and query")
	CHECK(scope_match_url("/a/*", "http://x.test:80/a/b?c=/d"));
	CHECK(!scope_match_url("/a/*", "http://x.test/b/a/"));
	CHECK(scope_match_url("/*?d=*", "http://x.test/?d=1"));
	CHECK(scope_match_url("*/a/*", "http://x.test/b/a/"));
	CHECK(!scope_match_url("/", "http://x.test/b"));

	TEST("scope: a pattern of many stars ends soon on what nearly fits")
	memset(s, 'a', sizeof s - 1);
	s[sizeof s - 1] = '\0';
	CHECK(!scope_match("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", s));
}

static void
test_long(const struct config_values *c)
{
	char url[2048] = "http://news.example.com/";

	TEST("scope: an address of over a KiB is a trap")
	memset(url + strlen(url), 'a', 1100);
	CHECK_STR(refuses(c, url, 1, -1, 1), "trap");

	TEST("scope: host names that do not fit are no host")
	memset(url + 7, 'a', 1100);
	{
		char host[256];

		CHECK_INT(scope_host(url, host, sizeof host), -1);
		CHECK_INT(scope_host("nonsense", host, sizeof host), -1);
		CHECK_INT(scope_host("http://", host, sizeof host), -1);
		CHECK_INT(scope_host("http://www.a.test:1/", host,
			      sizeof host), 0);
		CHECK_STR(host, "a.test");
	}
}

int
main(void)
{
	static const char *const no_exclude[] = { NULL },
				 *const exclude[] = { "/none/*", "*/old/*", NULL },
				 *const include[] = { "/art/*", "/list*", NULL };
	struct config_values c = { .scope_max_depth = 5 };
	char url[512];
	size_t i;

	c.scope_exclude = c.scope_include = no_exclude;
	TEST("scope: host, domain and prefix, with look-alikes of each")
	for (i = 0; i < sizeof where / sizeof *where; i++) {
		c.scope_mode = CONFIG_SCOPE_MODE_HOST;
		CHECK_STR(refuses(&c, where[i].url, 1, -1, 1), where[i].host);
		c.scope_mode = CONFIG_SCOPE_MODE_DOMAIN;
		CHECK_STR(refuses(&c, where[i].url, 1, -1, 1), where[i].domain);
		c.scope_mode = CONFIG_SCOPE_MODE_PREFIX;
		CHECK_STR(refuses(&c, where[i].url, 1, -1, 1), where[i].prefix);
		c.scope_mode = CONFIG_SCOPE_MODE_ANY;
		CHECK_STR(refuses(&c, where[i].url, 1, -1, 1), NULL);
	}
	c.scope_mode = CONFIG_SCOPE_MODE_HOST;

	TEST("scope: names below the seed's host, where the settings say so")
	c.scope_subdomains = 1;
	CHECK_STR(refuses(&c, "http://a.news.example.com/", 1, -1, 1), NULL);
	CHECK_STR(refuses(&c, "http://anews.example.com/", 1, -1, 1), "scope");
	c.scope_subdomains = 0;
	CHECK_STR(refuses(&c, "http://a.news.example.com/", 1, -1, 1), "scope");

	TEST("scope: depth by the settings, or by the seed's own")
	CHECK_STR(refuses(&c, SEED, 5, -1, 1), NULL);
	CHECK_STR(refuses(&c, SEED, 6, -1, 1), "depth");
	CHECK_STR(refuses(&c, SEED, 1, 0, 1), "depth");
	CHECK_STR(refuses(&c, SEED, 9, 9, 1), NULL);

	TEST("scope: what an address looks like")
	for (i = 0; i < sizeof what / sizeof *what; i++) {
		snprintf(url, sizeof url, "http://news.example.com%s",
		    what[i].path);
		if (!test_str_eq(refuses(&c, url, 1, -1, 1), what[i].why))
			TEST_FAIL("%s: not %s", what[i].path,
			    what[i].why ? what[i].why : "followed");
	}

	TEST("scope: a sitemap may be called what it likes, within its site")
	CHECK_STR(refuses(&c, "http://news.example.com/sitemap.xml.gz", 0, -1,
		      0), NULL);
	CHECK_STR(refuses(&c, "http://a.test/sitemap.xml.gz", 0, -1, 0),
	    "scope");

	TEST("scope: only what include names, but for sitemaps; exclude wins")
	c.scope_include = include;
	CHECK_STR(refuses(&c, "http://news.example.com/art/1.html", 1, -1, 1),
	    NULL);
	CHECK_STR(refuses(&c, "http://news.example.com/x/1.html", 1, -1, 1),
	    "not-included");
	CHECK_STR(refuses(&c, "http://news.example.com/map.xml", 1, -1, 0),
	    NULL);
	c.scope_exclude = exclude;
	CHECK_STR(refuses(&c, "http://news.example.com/art/old/1", 1, -1, 1),
	    "excluded");
	c.scope_include = no_exclude;
	c.scope_exclude = no_exclude;

	TEST("scope: excluded addresses")
	c.scope_exclude = exclude;
	CHECK_STR(refuses(&c, "http://news.example.com/old/1", 1, -1, 1),
	    "excluded");
	CHECK_STR(refuses(&c, "http://news.example.com/older/1", 1, -1, 1),
	    NULL);
	CHECK_STR(answer.detail, "");

	TEST("scope: the answer names the rule")
	for (i = 0; i < sizeof rules / sizeof *rules; i++) {
		c.scope_mode = rules[i].mode;
		(void)refuses(&c, rules[i].url, rules[i].depth, rules[i].max, 1);
		CHECK_STR(answer.detail, rules[i].detail);
	}
	c.scope_mode = CONFIG_SCOPE_MODE_HOST;
	c.scope_exclude = no_exclude;
	test_match();
	test_long(&c);
	return test_end();
}
