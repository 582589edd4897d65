/* bench_fetch.c - the least a fetcher can cost: the yardstick of `winnow
 * crawl`.
 *
 *	bench_fetch [-n parallel] [-a address] URL-LIST
 *
 * A bare libevent loop with curl_multi_socket: fetches every URL of a list, N
 * at a time, keeps connections, asks for gzip and does not inflate it, throws
 * the bodies away. -a connects every host name to one address, so that no
 * resolver is measured. Prints one line of key=value: pages, errors, bytes,
 * seconds, and user+sys CPU per page.
 *
 * It is written as well as can be, for a yardstick that is slow proves
 * nothing: easy handles are reused, options are set once, watches pooled,
 * changes of epoll gathered (the loop is crawler/multi.c, the same that winnowd
 * runs), and no more connections are kept than are in use: with libcurl's
 * default of four times as many, each page of 5,000 hosts costs ten times the
 * CPU, for it walks over them. */
#include <curl/curl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crawler/multi.h"
#include "tests/bench/bench.h"

struct bench {
	struct multi *multi;
	struct event_base *base;
	char **urls;
	size_t n, next;
	long running, pages, errors;
	long long bytes;
};

static struct bench bench;

static size_t
body_cb(char *data, size_t size, size_t count, void *arg)
{
	(void)data;
	(void)arg;
	bench.bytes += (long long)(size * count);
	return size * count;
}

/* The next URL on this handle; none is left: the handle rests. */
static void
next_url(CURL *easy)
{
	if (bench.next == bench.n) {
		curl_easy_cleanup(easy);
		if (bench.running == 0)
			event_base_loopbreak(bench.base);
		return;
	}
	curl_easy_setopt(easy, CURLOPT_URL, bench.urls[bench.next++]);
	curl_multi_add_handle(multi_curl(bench.multi), easy);
	bench.running++;
}

static void
turn_cb(void *arg)
{
	CURLMsg *m;
	CURL *easy;
	long status;
	int left;

	(void)arg;
	while ((m = curl_multi_info_read(multi_curl(bench.multi), &left)) !=
	       NULL) {
		easy = m->easy_handle;
		status = 0;
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		bench.pages++;
		bench.errors += m->data.result != CURLE_OK || status != 200;
		curl_multi_remove_handle(multi_curl(bench.multi), easy);
		bench.running--;
		next_url(easy);
	}
}

static CURL *
easy_new(struct curl_slist *headers, struct curl_slist *connect_to)
{
	CURL *e = curl_easy_init();

	if (e == NULL)
		exit(1);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(e, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, body_cb);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, 32768L);
	if (connect_to != NULL)
		curl_easy_setopt(e, CURLOPT_CONNECT_TO, connect_to);
	return e;
}

/* Lines of the list: a URL up to the first TAB; '#' begins a comment. */
static void
list_read(const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0, room = 0;
	ssize_t len;

	if (f == NULL) {
		fprintf(stderr, "bench_fetch: cannot read '%s'\n", path);
		exit(1);
	}
	while ((len = getline(&line, &cap, f)) >= 0) {
		line[strcspn(line, "\t\r\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (bench.n == room) {
			room = room > 0 ? room * 2 : 1024;
			bench.urls =
			    realloc(bench.urls, room * sizeof(*bench.urls));
			if (bench.urls == NULL)
				exit(1);
		}
		bench.urls[bench.n++] = strdup(line);
	}
	free(line);
	fclose(f);
}

static void
bench_free(struct curl_slist *headers, struct curl_slist *connect_to)
{
	multi_free(bench.multi);
	curl_slist_free_all(headers);
	curl_slist_free_all(connect_to);
	event_base_free(bench.base);
	while (bench.n > 0)
		free(bench.urls[--bench.n]);
	free(bench.urls);
}

int
main(int argc, char **argv)
{
	struct curl_slist *headers, *connect_to = NULL;
	struct event_config *config;
	char target[256];
	double wall, cpu;
	int c, parallel = 32;

	while ((c = getopt(argc, argv, "a:n:")) != -1) {
		if (c == 'n' && atoi(optarg) > 0)
			parallel = atoi(optarg);
		else if (c == 'a') {
			snprintf(target, sizeof(target), "::%s:", optarg);
			connect_to = curl_slist_append(NULL, target);
		} else
			return 2;
	}
	if (optind + 1 != argc) {
		fprintf(stderr,
		    "usage: bench_fetch [-n parallel] [-a address] URL-LIST\n");
		return 2;
	}
	list_read(argv[optind]);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	headers = curl_slist_append(NULL, "Accept-Encoding: gzip");
	config = event_config_new();
	if (config == NULL)
		return 1;
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	bench.base = event_base_new_with_config(config);
	event_config_free(config);
	bench.multi = multi_new(bench.base, parallel, turn_cb, NULL);
	if (headers == NULL || bench.base == NULL || bench.multi == NULL)
		return 1;
	wall = bench_wall();
	cpu = bench_cpu();
	for (c = 0; c < parallel && bench.next < bench.n; c++)
		next_url(easy_new(headers, connect_to));
	if (bench.running > 0)
		event_base_dispatch(bench.base);
	wall = bench_wall() - wall;
	cpu = bench_cpu() - cpu;
	printf("pages=%ld errors=%ld bytes=%lld seconds=%.3f "
	       "cpu_us_per_page=%.1f\n",
	    bench.pages, bench.errors, bench.bytes, wall,
	    bench.pages > 0 ? cpu * 1e6 / (double)bench.pages : 0.0);
	bench_free(headers, connect_to);
	return bench.errors > 0 ? 5 : 0;
}
