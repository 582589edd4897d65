/* bench_url.c - parse, resolve and key of links, beside libcurl's CURLU.
 *
 * CURLU parses the base, sets the reference and gives the result; ours does
 * that and the canonical form and both hashes on top. */
#include "cleaner/winnow.h"
#include "tests/bench/bench.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char base_href[] =
    "http://www.news.test/jyxw/2023/06/t20230601_1062521.html";

static const char *const links[] = {
    "/jyxw/2023/06/t20230602_1062522.html",
    "t20230603_1062523.html",
    "../../2022/index_2.html",
    "http://www.news.test/s/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1002",
    "?page=3&PHPSESSID=0123456789abcdef&type=news",
    "https://bbs.other.test/forum.php?mod=viewthread&tid=48&utm_source=rss",
    "//static.news.test/a/b/../c/%7euser/photo.html#top",
    "http://WWW.News.test:80/content/2023-06/01/content_25984471.htm",
};
#define NLINKS (sizeof links / sizeof *links)
#define ROUNDS 100000

static double
ours(void)
{
	struct winnow_url base, u;
	struct winnow_key k;
	uint64_t sum = 0;
	double t = bench_cpu();
	size_t i;

	winnow_url_parse(&base, base_href, strlen(base_href), NULL, NULL);
	for (i = 0; i < ROUNDS * NLINKS; i++) {
		const char *s = links[i % NLINKS];

		if (winnow_url_parse(&u, s, strlen(s), &base, NULL) != 0 ||
		    winnow_url_fetchable(&u) != 0)
			continue;
		k = winnow_url_key(&u, 1);
		sum += k.url ^ k.host;
	}
	t = bench_cpu() - t;
	return sum == 1 ? 0 : t;
}

static double
curls(void)
{
	CURLU *u = curl_url();
	double t = bench_cpu();
	char *out;
	size_t i;

	for (i = 0; i < ROUNDS * NLINKS; i++) {
		if (curl_url_set(u, CURLUPART_URL, base_href, 0) == 0 &&
		    curl_url_set(u, CURLUPART_URL, links[i % NLINKS], 0) == 0 &&
		    curl_url_get(u, CURLUPART_URL, &out, 0) == 0)
			curl_free(out);
	}
	t = bench_cpu() - t;
	curl_url_cleanup(u);
	return t;
}

int
main(void)
{
	double a = ours(), b = curls(), n = (double)(ROUNDS * NLINKS);

	printf(
	    "url: parse, resolve, canonical, keys: %.0f ns a link; libcurl's "
	    "CURLU, parse and resolve: %.0f ns; %.1f times\n",
	    a / n * 1e9, b / n * 1e9, b / a);
	return 0;
}
