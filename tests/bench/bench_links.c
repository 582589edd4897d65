/* bench_links.c - what the links of a page cost the parent: unpacked from the
 * worker's frame, judged by scope and families, given a priority, and put into
 * the frontier or found to be there.
 *
 *	bench_links [PAGES]
 *
 * Pages of 100 links to articles of their own site, 50 sites in turn, first all
 * new, then all known to the cache in front, then known to the store alone (a
 * frontier that was opened anew). CPU of the process, commits included, one for
 * 10,000 new links as the loop makes them at full speed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "config/config.h"
#include "crawler/follow_parts.h"
#include "tests/bench/bench.h"

#define LINKS 100
#define SITES 50
#define START 1700000000000

static struct winnow *w;
static struct frontier *f;
static struct visits *vs;
static struct logs *logs;
static struct event_base *base;
static struct config *config;
static struct winnow_key home[SITES];
static uint32_t seeds[SITES];
static char dir[] = "/tmp/bench-links-XXXXXX";

static void
open_it(void)
{
	struct frontier_options o = {.per_host = 1, .host_cap = 10000000};
	struct visit_parts p = {.base = base, .config = config};
	char err[256], url[64];
	int i;

	bench_must(frontier_open(&f, dir, &o, START, err, sizeof err) == 0, err);
	p.frontier = f;
	bench_must((p.logs = logs = logs_new(base)) != NULL, "memory");
	bench_must((vs = visits_new(&p)) != NULL, "memory");
	for (i = 0; i < SITES; i++) {
		struct frontier_seed s = {.url = url,
		    .tags = "",
		    .max_depth = 0xffff,
		    .priority = 10};
		struct winnow_url u;

		snprintf(url, sizeof url, "http://www.site%d.example/", i);
		bench_must(winnow_url_parse(&u, url, strlen(url), NULL, NULL) == 0 &&
			 follow_key(vs, &u, &home[i]) == 0,
		    "a seed");
		seeds[i] = frontier_seed_add(f, &home[i], &s);
	}
}

static void
close_it(void)
{
	bench_must(frontier_commit(f, NULL) == 0, "commit");
	visits_free(vs);
	logs_free(logs);
	frontier_close(f);
}

/* The worker's answer to page n. */
static struct wire_out
frame_of(int n)
{
	struct job_page j = {.page.url = NULL};
	struct wire_out head = {0}, body = {0}, out = {0};
	char url[64], line[256];
	int i, len;

	snprintf(url, sizeof url, "http://www.site%d.example/news/", n % SITES);
	j.page.url = url;
	j.page.content_type = "text/html; charset=utf-8";
	job_page_pack(&head, &j);
	for (i = 0; i < LINKS; i++) {
		len = snprintf(line, sizeof line,
		    "<li><a href='/news/2023/1%d/%02d/content_%d.html'>What "
		    "was new in town on day %d of that year</a></li>\n",
		    n % 3, 1 + i % 28, n * LINKS + i, i);
		wire_put(&body, line, (size_t)len);
	}
	winnow_set_url_seed(w, frontier_seed(f));
	bench_must(job_run(w, JOB_PAGE, head.b, head.len, body.b, body.len, NULL,
		 &out) == 0,
	    "job");
	wire_free(&head);
	wire_free(&body);
	return out;
}

static void
follow_page(const struct wire_out *frame, int n)
{
	struct frontier_item item = {.key = home[n % SITES],
	    .url = "http://www.site.example/news/",
	    .host = "site.example",
	    .seed = seeds[n % SITES],
	    .depth = 1};
	struct visit v = {.visits = vs,
	    .item = &item,
	    .cfg = config_values(config),
	    .now_ms = START};
	struct job_article a;

	bench_must(
	    job_page_unpack(frame->b, frame->len, &a) == 0 && a.nlinks == LINKS,
	    "a frame");
	follow_links(&v, &a);
}

/* CPU of a link, in us. */
static double
follow_all(const struct wire_out *frames, int pages)
{
	double began = bench_cpu();
	int i;

	for (i = 0; i < pages; i++) {
		follow_page(&frames[i], i);
		if (frontier_dirty(f) >= 10000)
			bench_must(frontier_commit(f, NULL) == 0, "commit");
	}
	return (bench_cpu() - began) / pages / LINKS * 1e6;
}

int
main(int argc, char **argv)
{
	static const char *const settings[] = {"scope.family_cap=1000000",
	    "scope.prefix_cap=4000000000", "scope.host_cap=4000000000", NULL};
	struct winnow_options o = {0};
	struct visit_stat s;
	struct wire_out *frames;
	int pages = argc > 1 ? atoi(argv[1]) : 1000, i;
	double new_us, cache_us, store_us;
	char err[256], cmd[64];

	bench_must(pages > 0 && mkdtemp(dir) != NULL &&
		 (base = event_base_new()) != NULL &&
		 (frames = calloc((size_t)pages, sizeof *frames)) != NULL &&
		 winnow_new(&w, &o) == 0,
	    "cannot begin");
	bench_must(config_load(&config, NULL, settings, NULL, err, sizeof err) == 0,
	    err);
	open_it();
	for (i = 0; i < pages; i++)
		frames[i] = frame_of(i);
	new_us = follow_all(frames, pages);
	visits_stat(vs, &s);
	bench_must(s.links_new == (uint64_t)pages * LINKS, "not all were new");
	cache_us = follow_all(frames, pages);
	close_it();
	open_it();
	store_us = follow_all(frames, pages);
	visits_stat(vs, &s);
	bench_must(s.links_new == 0, "not all were known");
	printf("bench links pages=%d links=%d new_us=%.1f known_us=%.1f "
	       "(in memory %.2f), bars 55 and 11\n",
	    pages, LINKS, new_us, store_us, cache_us);
	close_it();
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	return system(cmd) != 0;
}
