/* test_revisit.c - the schedule and the real frontier together, for months.
 *
 * The simulated sites of revisit_sim.h, but the hubs are URLs in a frontier,
 * which says whose turn it is; their memory lives in its store, yields come by
 * frontier_credit(), rhythms stand in the hosts' rows. Time is an argument to
 * both, so months pass in a moment; the state is closed and opened again on the
 * way. */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crawler/frontier.h"

#include "tests/crawler/revisit_sim.h"
#include "tests/test.h"

#define DAYS 60
#define DAY_MS 86400000LL

static const struct schedule_rules rules = {.hub_min = 5 * 60000,
    .hub_max = 7 * DAY_MS,
    .hub_pace = 4 * 3600000LL,
    .article_min = DAY_MS,
    .article_max = 180 * DAY_MS};

static char dir[64];
static struct frontier *f;

static void
state_open(int64_t now)
{
	struct frontier_options o = {
	    .map_size = 256 << 20, .host_cap = 1000, .revisit = 1};
	char err[256];

	if (frontier_open(&f, dir, &o, now, err, sizeof err) != 0)
		TEST_FAIL("%s", err);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *w)
{
	(void)st;
	(void)type;
	(void)w;
	return remove(path);
}

static size_t
site_number(const struct sim *s, const struct sim_hub *h)
{
	return (size_t)(h->site - s->sites);
}

static void
hubs_add(const struct sim *s)
{
	size_t i;

	for (i = 0; i < s->nhubs; i++) {
		char url[64], host[32];
		struct frontier_link l = {.url = url,
		    .host = host,
		    .seed = 1,
		    .type = URL_LIST,
		    .key = {site_number(s, &s->hubs[i]) * 7919 + 1,
			i * 104729 + 1}};

		snprintf(host, sizeof host, "h%zu.test",
		    site_number(s, &s->hubs[i]));
		snprintf(url, sizeof url, "http://%s/%zu", host, i);
		CHECK_INT(frontier_add(f, &l), 1);
	}
}

/* The answer of a hub: what revisit.c does, without a network. */
static void
hub_answers(struct sim *s, struct frontier_item *it, int64_t now,
    double *delays, size_t *n)
{
	struct sim_hub *h = &s->hubs[atoi(strrchr(it->url, '/') + 1)];
	struct frontier_memory m = it->memory;
	struct winnow_key key = it->key;
	struct frontier_host host;
	uint32_t landed, found;

	found =
	    sim_ask(h, (double)(now - SIM_START) / SIM_DAY, &landed, delays, n);
	frontier_host_get(f, key.host, &host);
	m.hub = 1;
	schedule_hub(&m, host.rhythm, &rules, found, now);
	frontier_host_put(f, key.host, &host);
	frontier_again(f, it, &m, now + m.interval_ms);
	frontier_host_done(f, it, now);
	frontier_settle(f, it, URL_NO_ARTICLE, 200, NULL, now);
	frontier_credit(f, &key, (int)landed);
}

/* Until that time; the asks. */
static int
run(struct sim *s, int64_t *now, int64_t end, double *delays, size_t *n)
{
	struct frontier_item *it;
	int64_t wake;
	int asks = 0;

	for (; *now < end; *now = wake > *now ? wake : *now + 1) {
		while (frontier_next(f, *now, &it) == 1) {
			hub_answers(s, it, *now, delays, n);
			asks++;
		}
		if (asks % 16 == 0)
			CHECK_INT(frontier_commit(f, NULL), 0);
		if ((wake = frontier_wake(f)) < 0)
			break;
	}
	return asks;
}

static size_t
published(const struct sim *s, double days)
{
	size_t i, k, n = 0;

	for (i = 0; i < s->nsites; i++)
		for (k = 0; k < s->sites[i].n; k++)
			n += !s->sites[i].articles[k].repeat &&
			     s->sites[i].articles[k].at < days;
	return n;
}

int
main(void)
{
	int64_t now = SIM_START, half = now + DAYS / 2 * DAY_MS;
	struct sim_result real = {0}, pure;
	struct sim s, twin;
	size_t n = 0, i;
	double *delays;
	int asks, wanted = 0;

	snprintf(dir, sizeof dir, "/tmp/revisit-test-%ld", (long)getpid());
	mkdir(dir, 0755);
	sim_make(&s, 6, 1.5, 77);
	sim_make(&twin, 6, 1.5, 77);
	delays = malloc((s.nnew + 1) * sizeof *delays);

	TEST("revisit: the frontier asks when the schedule says, also after a "
	     "restart")
	{
		state_open(now);
		hubs_add(&s);
		asks = run(&s, &now, half, delays, &n);
		CHECK_INT(frontier_commit(f, NULL), 0);
		frontier_close(f);
		state_open(now);
		asks += run(&s, &now, half + DAYS / 2 * DAY_MS, delays, &n);
		frontier_close(f);
		sim_ours(&twin, &rules, &pure);
		for (i = 0; i < twin.nhubs; i++)
			wanted += (int)twin.hubs[i].memory.asks;
		wanted = wanted * DAYS / SIM_DAYS;
		/* The first weeks, in which rates are learnt, cost more. */
		CHECK(asks > wanted / 2 && asks < wanted * 2);
	}

	TEST("revisit: through the frontier, articles wait no longer")
	{
		sim_delays(&real, delays, n, published(&s, DAYS));
		printf("  %d asks for %zu articles; median delay %.0f min, in "
		       "the pure year %.0f\n",
		    asks, n, real.median * 1440, pure.median * 1440);
		CHECK(n * 100 > published(&s, DAYS - 7) * 97);
		CHECK(real.median < 1.5 * pure.median);
	}
	sim_free(&s);
	sim_free(&twin);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return test_end();
}
