/* bench_frontier.c - adds, hands out and settles URLs in one store; figures at
 * 10^5 URLs beside those of a large store, in the same run.
 *
 *	bench_frontier [URLS [HOSTS]]
 *
 * The hosts have a heavy tail (host r has a share of 1/(r + 10)). Links come
 * as pages give them: 50 new ones of one host at a time, found on a page of
 * it, addresses of about 70 bytes that share what those of a site share. A
 * commit every 10,000 changes, as the loop makes at full speed (50 to 250 ms),
 * so that a small store pays for its commits too. Then all are handed out, each
 * host in its turn, and settled. A known link is one that the cache in front
 * does not know: it was added long ago.
 *
 * Environment: FRONTIER_BENCH_DIR, where the store is made (default /tmp);
 * FETCH_US, CPU of a bare loop for a page (bench_fetch), to compare with. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crawler/frontier.h"
#include "tests/bench/bench.h"

#define BATCH 50     /* new links of a page */
#define COMMIT 10000 /* changes of a commit */
#define START 1700000000000
#define SMALL 100000
#define KNOWN 200000

struct figures {
	double add_s, settle_s; /* a URL */
	double last_add;        /* the same, of the last tenth */
	double add_cpu, settle_cpu, known_cpu;
	double add_io, settle_io; /* bytes written a URL, last tenth */
	double open_ms, bytes, anon, file;
};

struct host {
	uint64_t hash;
	char name[40];
	unsigned via; /* URL that its next links are found on */
	unsigned n;
};

static struct host *hosts;
static double *share; /* cumulated */
static unsigned nhosts;
static unsigned *owner; /* host of a batch */

static void
memory_seen(struct figures *g)
{
	FILE *in = fopen("/proc/self/status", "r");
	char line[128];
	long kib = 0;

	while (in != NULL && fgets(line, sizeof line, in) != NULL) {
		if (sscanf(line, "RssAnon: %ld", &kib) == 1)
			g->anon = fmax(g->anon, (double)kib / 1024);
		if (sscanf(line, "RssFile: %ld", &kib) == 1)
			g->file = fmax(g->file, (double)kib / 1024);
	}
	if (in != NULL)
		fclose(in);
}

static double
bytes_written(void)
{
	FILE *in = fopen("/proc/self/io", "r");
	char line[128];
	double n = 0;

	while (in != NULL && fgets(line, sizeof line, in) != NULL)
		if (sscanf(line, "wchar: %lf", &n) == 1)
			break;
	if (in != NULL)
		fclose(in);
	return n;
}

/* ---- the URLs ----------------------------------------------------------- */

static void
hosts_make(unsigned n, unsigned batches)
{
	unsigned i, lo, hi, mid;
	double sum = 0, x;

	hosts = calloc(n, sizeof *hosts);
	share = calloc(n, sizeof *share);
	owner = calloc(batches, sizeof *owner);
	bench_must(hosts != NULL && share != NULL && owner != NULL, "memory");
	nhosts = n;
	for (i = 0; i < n; i++) {
		hosts[i].hash = bench_mix(i + 1);
		snprintf(hosts[i].name, sizeof hosts[i].name,
		    "www.%s%u.example", i % 3 ? "city" : "edu-bureau", i);
		share[i] = sum += 1.0 / (i + 10);
	}
	for (i = 0; i < batches; i++) {
		x = (double)(bench_mix(i + 77) >> 11) / 9007199254740992.0 * sum;
		for (lo = 0, hi = n - 1; lo < hi;) {
			mid = (lo + hi) / 2;
			if (share[mid] < x)
				lo = mid + 1;
			else
				hi = mid;
		}
		owner[i] = lo;
	}
	free(share);
}

static struct frontier_link
link_of(unsigned i, char url[128])
{
	static const char *const section[] = {
	    "news", "jyxw/bmdt", "art", "zwgk/tzgg", "content/local", "info"};
	struct host *h = &hosts[owner[i / BATCH]];
	unsigned page = i / BATCH;

	snprintf(url, 128, "https://%s/%s/2026/%02u/%02u/t20261122_%u.html",
	    h->name, section[bench_mix(page) % 6], page % 12 + 1, page % 28 + 1,
	    1000000 + i);
	return (struct frontier_link){.key = {h->hash, bench_mix(i + 1000000007u)},
	    .url = url,
	    .host = h->name + 4,
	    .seed = owner[i / BATCH] + 1,
	    .depth = 2,
	    .type = URL_PAGE};
}

static void
add_one(struct frontier *f, unsigned i)
{
	char url[128];
	struct frontier_link l = link_of(i, url);
	struct host *h = &hosts[l.seed - 1];

	if (h->n > 0)
		l.via = (struct winnow_key){h->hash, bench_mix(h->via + 1000000007u)};
	bench_must(frontier_add(f, &l) == 1, "add");
	/* The next batch is found on one of these, or where this was. */
	if (i % BATCH == BATCH - 1 || h->n == 0)
		h->via = i - (unsigned)(bench_mix(i) % BATCH) * (h->n > 0);
	h->n++;
}

/* ---- measuring ---------------------------------------------------------- */

static void
commit(struct frontier *f, struct figures *g)
{
	bench_must(frontier_commit(f, NULL) == 0, "commit");
	memory_seen(g);
}

static void
add_all(struct frontier *f, unsigned urls, struct figures *g)
{
	double t0 = bench_wall(), c0 = bench_cpu(), tenth = 0, io = 0;
	unsigned i;

	for (i = 0; i < nhosts; i++)
		hosts[i].n = 0;
	for (i = 0; i < urls; i++) {
		if (i == urls - urls / 10) {
			tenth = bench_wall();
			io = bytes_written();
		}
		add_one(f, i);
		if (i % COMMIT == COMMIT - 1)
			commit(f, g);
	}
	commit(f, g);
	g->add_s = (bench_wall() - t0) / urls;
	g->add_io = (bytes_written() - io) / (urls / 10);
	g->last_add = (bench_wall() - tenth) / (urls / 10);
	g->add_cpu = (bench_cpu() - c0) / urls;
}

static void
known_all(struct frontier *f, unsigned urls, struct figures *g)
{
	double c0 = bench_cpu();
	struct frontier_link l;
	unsigned i, n = urls < KNOWN ? urls : KNOWN;
	char url[128];

	for (i = 0; i < n; i++) {
		l = link_of((unsigned)(bench_mix(i) % urls), url);
		bench_must(frontier_add(f, &l) == 0, "a known link is new");
	}
	g->known_cpu = (bench_cpu() - c0) / n;
}

static void
settle_all(struct frontier *f, unsigned urls, struct figures *g)
{
	struct frontier_item *item;
	double t0 = bench_wall(), io = bytes_written();
	double c0 = bench_cpu();
	int64_t now = START;
	unsigned n;

	for (n = 0; n < urls; n++, now += n % 8 == 0) {
		while (!frontier_next(f, now, &item))
			bench_must(now++ < START * 2, "next");
		frontier_host_done(f, item, now);
		frontier_settle(f, item, URL_DONE, 200, NULL, now);
		if (n % COMMIT == COMMIT - 1)
			commit(f, g);
	}
	commit(f, g);
	bench_must(frontier_idle(f), "not idle at the end");
	g->settle_io = (bytes_written() - io) / urls;
	g->settle_cpu = (bench_cpu() - c0) / urls;
	g->settle_s = (bench_wall() - t0) / urls;
}

static struct frontier *
open_it(const char *dir)
{
	struct frontier_options o = {.host_cap = 1u << 30};
	struct frontier *f;
	char err[256];

	bench_must(frontier_open(&f, dir, &o, START, err, sizeof err) == 0, err);
	return f;
}

/* Start-up: until the first URL is out. */
static double
start_ms(const char *dir)
{
	struct frontier_item *item;
	struct frontier *f;
	double best = 1e9, t0;
	int i;

	for (i = 0; i < 7; i++) {
		t0 = bench_wall();
		f = open_it(dir);
		bench_must(frontier_next(f, START, &item) == 1, "next");
		best = fmin(best, (bench_wall() - t0) * 1000);
		frontier_close(f);
	}
	return best;
}

static struct figures
measure(unsigned urls)
{
	const char *base = getenv("FRONTIER_BENCH_DIR");
	struct figures g = {0};
	char dir[256], cmd[300];
	struct frontier *f;
	struct stat st;

	snprintf(dir, sizeof dir, "%s/bench-frontier-XXXXXX",
	    base != NULL ? base : "/tmp");
	bench_must(mkdtemp(dir) != NULL, "cannot make a directory");
	f = open_it(dir);
	add_all(f, urls, &g);
	known_all(f, urls, &g);
	frontier_close(f);
	g.open_ms = start_ms(dir);
	f = open_it(dir);
	settle_all(f, urls, &g);
	frontier_close(f);
	snprintf(cmd, sizeof cmd, "%s/data.mdb", dir);
	bench_must(stat(cmd, &st) == 0, "stat");
	g.bytes = (double)st.st_size / urls;
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	bench_must(system(cmd) == 0, "rm");
	return g;
}

int
main(int argc, char **argv)
{
	unsigned urls = argc > 1 ? (unsigned)atoi(argv[1]) : 10000000;
	unsigned n = argc > 2 ? (unsigned)atoi(argv[2]) : 20000;
	double fetch =
	    getenv("FETCH_US") != NULL ? atof(getenv("FETCH_US")) / 1e6 : 0;
	struct figures tiny, small, big;

	bench_must(urls >= SMALL && n > 0, "arguments");
	hosts_make(n, urls / BATCH + 1);
	tiny = measure(SMALL / 10);
	small = measure(SMALL);
	big = measure(urls);
	printf("bench frontier urls=%u hosts=%u add_per_s=%.0f "
	       "settle_per_s=%.0f bytes_per_url=%.0f anon_mib=%.1f "
	       "file_mib=%.0f\n",
	    urls, n, 1 / big.add_s, 1 / big.settle_s, big.bytes, big.anon,
	    big.file);
	printf("bench frontier rate against 10^5 URLs: add %.2f (%.0f/s), last "
	       "tenth %.2f (%.0f/s), settle %.2f (%.0f/s), bar 0.60\n",
	    small.add_s / big.add_s, 1 / small.add_s,
	    small.add_s / big.last_add, 1 / big.last_add,
	    small.settle_s / big.settle_s, 1 / small.settle_s);
	printf("bench frontier cpu against 10^5 URLs: add %.2f (%.2f us, %.2f "
	       "us) settle %.2f (%.2f us, %.2f us)\n",
	    small.add_cpu / big.add_cpu, big.add_cpu * 1e6, small.add_cpu * 1e6,
	    small.settle_cpu / big.settle_cpu, big.settle_cpu * 1e6,
	    small.settle_cpu * 1e6);
	printf("bench frontier written: %.0f bytes an add, %.0f a settle; with "
	       "10^5 URLs %.0f and %.0f\n",
	    big.add_io, big.settle_io, small.add_io, small.settle_io);
	printf("bench frontier start_ms=%.2f against %.2f with 10^4 URLs: "
	       "%.2f, bar 2.00\n",
	    big.open_ms, tiny.open_ms, big.open_ms / tiny.open_ms);
	printf("bench frontier cpu known_us=%.2f new_us=%.2f",
	    big.known_cpu * 1e6, big.add_cpu * 1e6);
	if (fetch > 0)
		printf(" of a bare fetch (%.3f ms): %.1f %% (bar 10) and "
		       "%.1f %% (bar 50)",
		    fetch * 1000, big.known_cpu / fetch * 100,
		    big.add_cpu / fetch * 100);
	putchar('\n');
	return 0;
}
