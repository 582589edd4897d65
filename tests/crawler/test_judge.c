/* A small state, and what is said of URLs that are in it and that are not. */
#include "crawler/judge.h"

#include <stdlib.h>
#include <unistd.h>

#include "config/config.h"
#include "crawler/robots.h"
#include "tests/test.h"

#define T0 1767225600000LL

static char dir[] = "/tmp/winnow-judge-XXXXXX";
static char err[512];
static struct frontier *f;
static struct frontier_view *view;
static struct config *config;
static struct judgement j;

static struct winnow_key
key_of(const char *url)
{
	struct winnow_url u;

	if (winnow_url_parse(&u, url, strlen(url), NULL, NULL) != 0 ||
	    winnow_url_canonical(&u, &u) != 0)
		abort();
	return winnow_url_key(&u, frontier_seed(f));
}

static uint32_t
seed(const char *url, uint16_t max_depth)
{
	struct winnow_key key = key_of(url);
	struct frontier_seed s = {
	    .url = url, .tags = "a,b", .max_depth = max_depth};

	return frontier_seed_add(f, &key, &s);
}

static void
found(const char *url, const char *via, uint32_t from, int depth)
{
	struct frontier_link l = {.key = key_of(url),
	    .url = url,
	    .host = "www.example.org",
	    .seed = from,
	    .depth = (uint16_t)depth};

	if (via != NULL)
		l.via = key_of(via);
	CHECK_INT(frontier_add(f, &l), 1);
}

/* Settles what is leased next; the URL's text. */
static void
settled(enum url_state state, int status, const char *reason)
{
	struct frontier_item *item;

	CHECK_INT(frontier_next(f, T0, &item), 1);
	if (item == NULL)
		return;
	frontier_host_done(f, item, T0);
	frontier_settle(f, item, state, status, reason, T0);
}

static const char *
why(const char *url)
{
	judge_clear(&j);
	CHECK_INT(judge(&j, view, config, url, T0), 0);
	return j.reason;
}

static void
settings(const char *const *overrides)
{
	config_free(config);
	CHECK_INT(config_load(&config, NULL, overrides, NULL, err, sizeof err),
	    CONFIG_OK);
}

static void
test_not_stored(void)
{
	static const char *const no_http[] = {"ftp://www.example.org/", "",
	    "mailto:a@example.org", "//", "http://", "http://[::1/",
	    "javascript:alert(1)", "\x1b[2J", "data:text/html,x"};
	static const char *const private[] = {"http://127.0.0.1/",
	    "http://0x7f.1/", "http://2130706433/a", "http://[::1]/",
	    "http://[::ffff:10.0.0.1]/", "http://169.254.169.254/"};
	size_t i;

	TEST("judge: a state without seeds says so")
	CHECK_STR(why("http://www.example.org/"), "no-seeds");

	TEST("judge: what is no http address is said to be none")
	for (i = 0; i < sizeof no_http / sizeof *no_http; i++)
		CHECK_STR(why(no_http[i]), "not-http");

	TEST("judge: literal addresses that are not public, in any spelling")
	for (i = 0; i < sizeof private / sizeof *private; i++)
		CHECK_STR(why(private[i]), "address");
	CHECK_STR(j.detail, "link-local");

	(void)seed("http://www.example.org/news/", 0xffff);
	(void)seed("http://flat.example.net/", 0);

	TEST("judge: another host is out of scope, and no seed is named")
	CHECK_STR(why("http://elsewhere.example.com/x.html"), "scope");
	CHECK_INT(j.seed.n, 0);

	TEST("judge: on a seed's host it would be taken, under that seed")
	CHECK_STR(why("http://www.example.org/a.html"), "unseen");
	CHECK_INT(j.stored, 0);
	CHECK_STR(j.seed.url, "http://www.example.org/news/");

	TEST("judge: a seed with depth 0 takes no link, and is named")
	CHECK_STR(why("http://flat.example.net/a.html"), "depth");
	CHECK_STR(j.seed.url, "http://flat.example.net/");
	CHECK_INT(j.max_depth, 0);

	TEST("judge: the rules of an address by its looks")
	CHECK_STR(why("http://www.example.org/a.zip"), "not-a-page");
	CHECK_STR(why("http://www.example.org/login.php?x=1"), "login");
	CHECK(j.detail[0] != '\0');
}

static void
test_settings(void)
{
	static const char *const exclude[] = {"scope.exclude=*/old/*", NULL};
	static const char *const domain[] = {
	    "scope.mode=domain", "politeness.robots=ignore", NULL};
	static const char *const few[] = {"scope.host_cap=3", NULL};

	TEST("judge: a pattern that excludes is told with its text")
	settings(exclude);
	CHECK_STR(why("http://www.example.org/old/a.html"), "excluded");
	CHECK(strstr(j.detail, "*/old/*") != NULL);

	TEST("judge: with scope.mode domain a sister host belongs to the seed")
	settings(domain);
	CHECK_STR(why("http://blog.example.org/a.html"), "unseen");
	CHECK_STR(j.seed.url, "http://www.example.org/news/");
	CHECK_INT(j.robots, JUDGE_ROBOTS_IGNORED);

	TEST("judge: a full host is told with its count and its cap")
	settings(few);
	found("http://www.example.org/news/", NULL, 1, 0);
	found("http://www.example.org/1", "http://www.example.org/news/", 1, 1);
	found("http://www.example.org/2", "http://www.example.org/1", 1, 2);
	CHECK_STR(why("http://www.example.org/3"), "host-cap");
	CHECK_INT(j.cap_count, 3);
	CHECK_INT(j.cap_most, 3);
	settings(NULL);
	CHECK_STR(why("http://www.example.org/3"), "unseen");
}

static void
test_robots(void)
{
	static const char text[] = "User-agent: *\nCrawl-delay: 7\n"
				   "Disallow: /secret/\nAllow: /secret/not\n";
	struct frontier_robots r = {.fetched_ms = T0, .expires_ms = T0 + 1};
	void *blob;

	TEST("judge: rules of robots.txt that are known, by their line")
	CHECK_STR(why("http://www.example.org/secret/a"), "unseen");
	CHECK_INT(j.robots, JUDGE_ROBOTS_UNKNOWN);
	CHECK_INT(
	    robots_compile(text, sizeof text - 1, "winnowd", &blob, &r.len), 0);
	r.rules = blob;
	frontier_robots_put(f, "http://www.example.org", &r);
	free(blob);
	CHECK_STR(why("http://www.example.org/secret/a"), "robots");
	CHECK_STR(j.detail, "robots.txt line 3");
	CHECK_INT(j.robots_line, 3);
	CHECK_INT(j.delay_ms, 7000);
	CHECK_STR(why("http://www.example.org/secret/not"), "unseen");
	CHECK_INT(j.robots, JUDGE_ROBOTS_ALLOW);
	CHECK_INT(j.robots_line, 4);
}

static void
test_stored(void)
{
	struct frontier_item *item;

	TEST("judge: a URL in line, how it was found, and who comes before it")
	CHECK(why("http://www.example.org/2") == NULL);
	CHECK_INT(j.stored, 1);
	CHECK_INT(j.row.state, URL_DUE);
	CHECK_INT(j.before, 2);
	CHECK_INT(j.nvia, 2);
	CHECK_STR(j.via[0], "http://www.example.org/1");
	CHECK_STR(j.via[1], "http://www.example.org/news/");
	CHECK_STR(j.seed.tags, "a,b");

	TEST("judge: another spelling of a page that is known")
	CHECK(why("HTTP://WWW.example.org:80/2?utm_source=x#top") == NULL);
	CHECK_INT(j.stored, 1);
	CHECK_STR(j.row.url, "http://www.example.org/2");

	TEST("judge: a neighbour of a page that is known is told of it")
	CHECK_STR(why("http://example.org/2"), "unseen");
	CHECK_STR(j.near, "http://www.example.org/2");
	CHECK_STR(why("https://www.example.org/2"), "unseen");
	CHECK_STR(j.near, "http://www.example.org/2");
	CHECK_STR(why("http://www.example.org/2/"), "unseen");
	CHECK_STR(j.near, "http://www.example.org/2");

	TEST("judge: what settled URLs say is of the closed list")
	settled(URL_NO_ARTICLE, 200, "list");
	why("http://www.example.org/news/");
	CHECK_STR(j.reason, "list");
	CHECK_STR(j.detail, "");
	settled(URL_ROBOTS_DENY, 0, "robots.txt line 12");
	why("http://www.example.org/1");
	CHECK_STR(j.reason, "robots");
	CHECK_STR(j.detail, "robots.txt line 12");
	CHECK_INT(frontier_next(f, T0, &item), 1);
	frontier_host_done(f, item, T0);
	frontier_retry(f, item, 503, "server error", T0 + 5000);
	why("http://www.example.org/2");
	CHECK_STR(j.reason, "status");
	CHECK_STR(j.detail, "server error");
	CHECK(j.row.retry_ms == T0 + 5000);
	CHECK_INT(j.row.tries, 1);
}

static void
test_chain(void)
{
	char url[64], via[64] = "http://www.example.org/news/";
	int i;

	TEST("judge: a long way from the seed is told in part")
	for (i = 0; i < 30; i++) {
		snprintf(url, sizeof url, "http://www.example.org/c%d", i);
		found(url, via, 1, i + 1);
		strcpy(via, url);
	}
	why(via);
	CHECK_INT(j.nvia, JUDGE_CHAIN);
	CHECK_INT(j.via_cut, 1);
}

/* The same answer to somebody who reads the committed state. */
static void
test_beside(void)
{
	struct frontier_view *beside = NULL;

	TEST("judge: the answer beside the daemon is that of the daemon")
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_view_close(view);
	frontier_close(f);
	f = NULL;
	view = NULL;
	CHECK_INT(frontier_view_open(&beside, dir, err, sizeof err), 0);
	if (beside == NULL)
		return;
	view = beside;
	why("http://www.example.org/2");
	CHECK_STR(j.detail, "server error");
	CHECK(j.row.retry_ms == T0 + 5000);
	CHECK_STR(j.via[1], "http://www.example.org/news/");
	CHECK_STR(j.seed.url, "http://www.example.org/news/");
	CHECK_STR(why("http://www.example.org/secret/a"), "robots");
	CHECK_STR(why("http://flat.example.net/a.html"), "depth");
	CHECK_STR(why("http://nowhere.example/"), "scope");
}

static void
test_list(void)
{
	static const char *const names[] = {
#define R(key, name, where, words) name,
#include "crawler/reasons.def"
#undef R
	};
	char *man = NULL, word[64];
	size_t i, n = 0;
	FILE *in = fopen("crawler/winnow.1", "r");

	TEST("judge: winnow(1) documents each reason and each state")
	CHECK(in != NULL && getdelim(&man, &n, '\0', in) > 0);
	for (i = 0; man != NULL && i < sizeof names / sizeof *names; i++) {
		snprintf(word, sizeof word, ".It Cm %s\n", names[i]);
		if (strstr(man, word) == NULL)
			printf("# not in winnow.1: %s\n", names[i]);
		CHECK(strstr(man, word) != NULL);
	}
	for (i = 0; man != NULL && i < URL_STATE_N; i++) {
		snprintf(word, sizeof word, ".It Cm %s\n",
		    url_state_name((enum url_state)i));
		CHECK(strstr(man, word) != NULL);
		CHECK(judge_state_words((enum url_state)i) != NULL);
	}
	free(man);
	if (in != NULL)
		fclose(in);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	CHECK_INT(frontier_open(&f, dir, NULL, T0, err, sizeof err), 0);
	if (f == NULL || (view = frontier_view_here(f)) == NULL)
		return 1;
	settings(NULL);
	test_not_stored();
	test_settings();
	test_robots();
	test_stored();
	test_chain();
	test_beside();
	test_list();
	judge_clear(&j);
	frontier_view_close(view);
	frontier_close(f);
	config_free(config);
	snprintf(err, sizeof err, "rm -rf '%s'", dir);
	return system(err) != 0 || test_end();
}
