/* A state with many hosts, and the walk that finds the silent ones. */
#include "crawler/silent.h"

#include <stdlib.h>
#include <unistd.h>

#include "cleaner/winnow.h"
#include "crawler/frontier_view.h"
#include "crawler/silence.h"
#include "tests/test.h"

#define T0 1767225600000LL
#define DAY (24 * 3600 * 1000LL)
#define HOUR_S 3600

static char dir[] = "/tmp/winnow-silent-XXXXXX";
static char err[512];
static struct frontier *f;

static struct winnow_key
key_of(const char *url)
{
	struct winnow_url u;

	if (winnow_url_parse(&u, url, strlen(url), NULL, NULL) != 0)
		abort();
	return winnow_url_key(&u, frontier_seed(f));
}

/* A host whose last record is so old, with that usual gap. */
static void
host(const char *name, int64_t age_ms, uint32_t gap_s)
{
	struct frontier_host h = {
	    .records = 9, .last_record_ms = T0 - age_ms, .gap_s = gap_s};
	struct frontier_link l = {.host = name};
	char url[128];

	snprintf(url, sizeof url, "http://%s/", name);
	l.url = url;
	l.key = key_of(url);
	CHECK_INT(frontier_add(f, &l), 1);
	frontier_host_put(f, l.key.host, &h);
}

/* A seed that was asked, and its answer; records 0: none ever came. */
static void
seed(const char *url, enum url_state state, uint64_t records, int64_t age_ms)
{
	struct winnow_key key = key_of(url);
	struct frontier_seed s = {.url = url,
	    .tags = "",
	    .records = records,
	    .last_record_ms = records > 0 ? T0 - age_ms : 0,
	    .gap_s = records > 0 ? HOUR_S : 0};
	struct frontier_link l = {.key = key,
	    .url = url,
	    .host = "s.example",
	    .seed = frontier_seed_add(f, &key, &s)};
	struct frontier_item *item;

	CHECK_INT(frontier_add(f, &l), 1);
	if (state == URL_DUE)
		return;
	while (frontier_next(f, T0, &item) == 1) {
		frontier_host_done(f, item, T0);
		frontier_settle(f, item, state, 404, NULL, T0);
	}
}

/* The whole answer, malloced; *steps: how many it took. */
static char *
walk(int *steps, int64_t since_ms)
{
	struct frontier_view *v = frontier_view_here(f);
	struct silent *s = silent_new(v, T0);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int rc;

	CHECK_INT(frontier_commit(f, NULL), 0);
	for (*steps = 1; (rc = silent_step(s)) == 1; ++*steps)
		continue;
	CHECK_INT(rc, 0);
	silent_report(s, since_ms, out);
	fclose(out);
	silent_free(s);
	frontier_view_close(v);
	return text;
}

static int
has(const char *text, const char *what)
{
	return strstr(text, what) != NULL;
}

static void
test_few(void)
{
	char *text;
	int steps;

	TEST("silent: a state with nothing silent in it says so")
	host("lively.example", 3 * HOUR_S * 1000, HOUR_S);
	host("slow.example", 9 * DAY, 30 * 24 * HOUR_S);
	host("unknown.example", 99 * DAY, 0);
	text = walk(&steps, 0);
	CHECK(has(text, "\"any_silent\":false"));
	CHECK(has(text, "none of 3 hosts and 0 seeds"));
	free(text);

	TEST("silent: hosts by how surprising their silence is")
	host("quiet.example", 2 * DAY, 4 * HOUR_S);
	host("dead.example", 9 * DAY, 4 * HOUR_S);
	text = walk(&steps, 0);
	CHECK(has(text, "\"any_silent\":true,"));
	CHECK(has(text, "\"hosts_silent\":2,"));
	CHECK(has(text, "\"host\":\"dead.example\""));
	CHECK(strstr(text, "\"dead.example\"") <
	      strstr(text, "\"quiet.example\""));
	CHECK(!has(text, "lively") && !has(text, "slow") &&
	      !has(text, "unknown"));
	CHECK(!has(text, "may be its own"));
	free(text);

	TEST("silent: a daemon that has just started says that it cannot know")
	text = walk(&steps, T0 - 1000);
	CHECK(has(text, "may be its own"));
	free(text);
}

static void
test_seeds(void)
{
	char *text;
	int steps;

	TEST("silent: seeds that fell silent, seeds that never spoke, and none "
	     "that was never asked")
	seed("http://s.example/gone/", URL_GONE, 0, 0);
	seed("http://s.example/old/", URL_GONE, 7, 9 * DAY);
	seed("http://s.example/fine/", URL_GONE, 7, 2 * HOUR_S * 1000);
	seed("http://s.example/new/", URL_DUE, 0, 0);
	text = walk(&steps, 0);
	CHECK(has(text, "\"seeds_silent\":1,"));
	CHECK(has(text, "\"seed\":\"http://s.example/old/\""));
	CHECK(has(text, "\"seeds_never\":1,"));
	CHECK(
	    has(text, "\"seed\":\"http://s.example/gone/\",\"state\":\"gone\","
		      "\"status\":404"));
	CHECK(!has(text, "s.example/fine/") && !has(text, "s.example/new/"));
	free(text);
}

static void
test_many(void)
{
	char *text, name[64];
	int steps, i;

	TEST("silent: many hosts take many steps, and the list is cut to the "
	     "most surprising")
	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "h%d.example", i);
		host(name, (3 + i % 7) * DAY, HOUR_S);
	}
	text = walk(&steps, 0);
	CHECK(steps > 3000 / SILENT_STEP);
	CHECK(has(text, "\"hosts_silent\":3002,"));
	CHECK(has(text, "and 2002 more"));
	/* 428 of 9 days, 428 of 8, 144 of 7; dead.example comes after them. */
	CHECK(has(text, "\"h6.example\"") && has(text, "\"h5.example\""));
	CHECK(!has(text, "\"h3.example\"") && !has(text, "\"dead.example\""));
	free(text);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 1;
	CHECK_INT(frontier_open(&f, dir, NULL, T0, err, sizeof err), 0);
	if (f == NULL)
		return 1;
	test_few();
	test_seeds();
	test_many();
	frontier_close(f);
	snprintf(err, sizeof err, "rm -rf '%s'", dir);
	return system(err) != 0 || test_end();
}
