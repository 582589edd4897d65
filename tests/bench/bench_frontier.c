/* bench_frontier.c - adds, hands out and settles URLs; one line of figures.
 *
 *	bench_frontier [URLS [HOSTS]]
 *
 * Links come as pages give them: a batch of one host's at a time, a commit
 * every 10,000 changes, as the loop would at full speed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crawler/frontier.h"

#define BATCH 50     /* new links of a page */
#define COMMIT 10000 /* changes of a commit */
#define START 1700000000000

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 31) * 0x7fb5d329728ea185u;
	x = (x ^ x >> 27) * 0x81dadef4bc2dd44du;
	return x ^ x >> 33;
}

static double
rss_anon_mib(void)
{
	FILE *in = fopen("/proc/self/status", "r");
	char line[128];
	long kib = 0;

	while (in != NULL && fgets(line, sizeof line, in) != NULL)
		if (sscanf(line, "RssAnon: %ld", &kib) == 1)
			break;
	if (in != NULL)
		fclose(in);
	return (double)kib / 1024;
}

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_frontier: %s\n", what);
	exit(1);
}

static double
add_all(struct frontier *f, unsigned urls, unsigned hosts)
{
	double t0 = seconds();
	unsigned i, host;
	char url[96], name[32];

	for (i = 0; i < urls; i++) {
		host = i / BATCH % hosts;
		snprintf(name, sizeof name, "www%u.example.org", host);
		snprintf(url, sizeof url,
		    "https://%s/news/2026/%02u/article-%u.html", name,
		    i % 12 + 1, i);
		struct frontier_link l = {
		    .key = {mix(host + 1), mix(i + 1000000007u)},
		    .url = url,
		    .host = name,
		    .via = {mix(host + 1), mix(i / BATCH)},
		    .seed = 1,
		    .depth = 2,
		    .type = URL_PAGE};
		must(frontier_add(f, &l) == 1, "add");
		if (i % COMMIT == COMMIT - 1)
			must(frontier_commit(f, NULL) == 0, "commit");
	}
	must(frontier_commit(f, NULL) == 0, "commit");
	return seconds() - t0;
}

static double
settle_all(struct frontier *f, unsigned urls)
{
	struct frontier_item *item;
	double t0 = seconds();
	int64_t now = START;
	unsigned n;

	for (n = 0; n < urls; n++, now += n % 8 == 0) {
		while (!frontier_next(f, now, &item))
			must(now++ < START * 2, "next");
		frontier_host_done(f, item, now);
		frontier_settle(f, item, URL_DONE, 200, NULL, now);
		if (n % COMMIT == COMMIT - 1)
			must(frontier_commit(f, NULL) == 0, "commit");
	}
	must(frontier_commit(f, NULL) == 0, "commit");
	must(frontier_idle(f), "not idle at the end");
	return seconds() - t0;
}

static double
open_ms(struct frontier **f, const char *dir)
{
	struct frontier_options o = {.host_cap = 1u << 30};
	double t0 = seconds();
	char err[256];

	must(frontier_open(f, dir, &o, START, err, sizeof err) == 0, err);
	return (seconds() - t0) * 1000;
}

int
main(int argc, char **argv)
{
	unsigned urls = argc > 1 ? (unsigned)atoi(argv[1]) : 1000000;
	unsigned hosts = argc > 2 ? (unsigned)atoi(argv[2]) : 2000;
	char dir[] = "/tmp/bench-frontier-XXXXXX", cmd[64], file[64];
	double add, settle, open, anon, anon_end;
	struct frontier *f;
	struct stat st;

	must(urls > 0 && hosts > 0 && mkdtemp(dir) != NULL, "arguments");
	snprintf(file, sizeof file, "%s/data.mdb", dir);
	open_ms(&f, dir);
	add = add_all(f, urls, hosts);
	anon = rss_anon_mib();
	must(stat(file, &st) == 0, "stat");
	frontier_close(f);
	open = open_ms(&f, dir);
	settle = settle_all(f, urls);
	anon_end = rss_anon_mib();
	frontier_close(f);
	printf(
	    "bench frontier urls=%u hosts=%u add_per_s=%.0f settle_per_s=%.0f "
	    "bytes_per_url=%.0f open_ms=%.1f anon_added_mib=%.1f "
	    "anon_settled_mib=%.1f\n",
	    urls, hosts, urls / add, urls / settle, (double)st.st_size / urls,
	    open, anon, anon_end);
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	return system(cmd) != 0;
}
