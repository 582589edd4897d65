/* bulk.c - many generated pages on disk, for a web server under load.
 *
 * OUT/www/p/000123.html	pages of about 135 kB: menus, script and style
 *				blocks, 100 links, an article of its own
 * OUT/urls.txt			their addresses, page i on host i mod K
 * OUT/hosts			the hosts' names at 127.0.0.1, as /etc/hosts
 *
 * Sentences are taken from the sites' articles, in an order and with numbers
 * of each page's own, so that no two pages repeat each other. Page i links to
 * pages 10i+1 to 10i+10, so that all are found from page 0, and to 90 others.
 * The same arguments make the same bytes. With gzip only page.html.gz is
 * written, for nginx's gzip_static always. */
#include "tests/sites/sites.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LINKS 100

struct pool {
	char **v;
	size_t n;
};

/* splitmix64: small, and good enough to shuffle sentences. */
static uint64_t
next_random(uint64_t *x)
{
	uint64_t z = *x += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static size_t
pick(uint64_t *x, size_t n)
{
	return next_random(x) % n;
}

/* Sentences of the articles: cut behind each 。 */
static void
pool_fill(struct pool *p, struct site **sites, size_t n)
{
	static const char stop[] = "。";

	for (size_t s = 0; s < n; s++)
		for (size_t a = 0; a < sites[s]->narticles; a++)
			for (size_t i = 0;
			     i < sites[s]->articles[a].nparagraphs; i++) {
				const char *t =
				    sites[s]->articles[a].paragraphs[i];
				const char *e;

				for (; (e = strstr(t, stop)) != NULL; t = e) {
					e += sizeof(stop) - 1;
					if (e - t < 30 || memchr(t, '^', e - t))
						continue;
					p->v = must(realloc(
					    p->v, (p->n + 1) * sizeof(char *)));
					p->v[p->n++] = must(strndup(t, e - t));
				}
			}
}

static void
put_chrome(FILE *f, uint64_t *x, int page)
{
	fputs("<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta "
	      "charset=\"utf-8\">"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n",
	    f);
	fprintf(f, "<title>第%d号通讯：基层见闻_示例新闻网</title>\n", page);
	fprintf(f,
	    "<meta name=\"description\" content=\"第%d号通讯\">"
	    "<link rel=\"stylesheet\" href=\"/css/main.css\">\n<style>\n",
	    page);
	for (int i = 0; i < 180; i++)
		fprintf(f,
		    ".m-%x .item-%d{margin:%dpx %dpx;color:#%06x;"
		    "background:url(/img/s%d.png) no-repeat 0 -%dpx}\n",
		    (unsigned)(next_random(x) & 0xffff), i, i % 20, i % 7,
		    (unsigned)(next_random(x) & 0xffffff), i % 9, i * 12);
	fputs("</style>\n<script>\nvar cfg={", f);
	for (int i = 0; i < 500; i++)
		fprintf(f,
		    "\"k%d\":{\"id\":%llu,\"t\":\"%016llx\",\"on\":%s},\n", i,
		    (unsigned long long)(next_random(x) % 100000),
		    (unsigned long long)next_random(x),
		    i % 3 ? "true" : "false");
	fputs("};\n</script></head>\n<body class=\"news\">\n", f);
}

static void
put_menu(FILE *f, uint64_t *x)
{
	fputs("<div class=\"header\"><ul class=\"menu\">\n", f);
	for (int i = 0; i < 160; i++)
		fprintf(f,
		    "<li class=\"menu-item menu-item-type-taxonomy item-%d\">"
		    "<a class=\"menu-link\" data-n=\"%llu\" "
		    "href=\"javascript:void(%d)\"><span>栏目%d</span></a></"
		    "li>\n",
		    i, (unsigned long long)pick(x, 1000), i, i);
	fputs("</ul></div>\n<div class=\"crumb\"><a href=\"/\">首页</a> &gt; "
	      "<a href=\"/news/\">新闻</a> &gt; 正文</div>\n",
	    f);
}

/* Each paragraph ends in numbers that no other page has. */
static void
put_article(FILE *f, uint64_t *x, const struct pool *p, int page)
{
	fprintf(f,
	    "<div class=\"article\"><h1>第%d号通讯：基层见闻</h1>\n"
	    "<div class=\"info\">来源：示例新闻网　时间：2024-%02d-%02d "
	    "%02d:%02d　浏览：%llu</div>\n<div class=\"content\">\n",
	    page, page / 28 % 12 + 1, page % 28 + 1, page % 24, page % 60,
	    (unsigned long long)pick(x, 10000));
	for (int i = 0; i < 14; i++) {
		fputs("<p style=\"text-indent:2em\">", f);
		for (int j = 0; j < 5; j++)
			fputs(p->v[pick(x, p->n)], f);
		fprintf(f, "第%d组记录了%llu条意见。</p>\n", i + 1,
		    (unsigned long long)pick(x, 1000000));
	}
	fputs("</div>\n<div class=\"editor\">责任编辑：示例</div></div>\n", f);
}

/* Bytes of a sentence's beginning that end between two characters. */
static int
head(const char *s)
{
	int n = 45;

	if (strlen(s) <= 45)
		return strlen(s);
	while (((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void
put_links(
    FILE *f, const struct bulk *b, uint64_t *x, const struct pool *p, int page)
{
	const char *s;
	int to;

	fputs("<div class=\"related\"><h3>相关阅读</h3><ul>\n", f);
	for (int i = 0; i < LINKS; i++) {
		to = i < 10 && page * 10LL + i + 1 < b->pages
			 ? page * 10 + i + 1
			 : (int)pick(x, b->pages);
		s = p->v[pick(x, p->n)];
		fprintf(f,
		    "<li class=\"rel-item\"><a target=\"_blank\" "
		    "href=\"http://b%d.bench.test:%d/p/%06d.html\" "
		    "title=\"第%d号\">第%d号：%.*s</a><em>2024-%02d-%02d</em>"
		    "</li>\n",
		    to % b->hosts, b->port, to, to, to, head(s), s,
		    to / 28 % 12 + 1, to % 28 + 1);
	}
	fputs("</ul></div>\n", f);
}

static void
put_foot(FILE *f, uint64_t *x)
{
	fputs("<div class=\"sidebar\">\n", f);
	for (int i = 0; i < 220; i++)
		fprintf(f,
		    "<div class=\"widget w-%d\" data-id=\"%llx\"><i "
		    "class=\"icon\"></i><span "
		    "class=\"num\">%llu</span></div>\n",
		    i, (unsigned long long)next_random(x),
		    (unsigned long long)pick(x, 10000));
	fputs("</div>\n<div class=\"footer\"><p>版权所有 示例新闻网 "
	      "示ICP备00000009号</p></div>\n<script>\n",
	    f);
	for (int i = 0; i < 150; i++)
		fprintf(f,
		    "window._q=window._q||[];_q.push(['_e','%016llx']);\n",
		    (unsigned long long)next_random(x));
	fputs("</script></body></html>\n", f);
}

static int
write_file(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "w");
	int bad = f == NULL || fwrite(data, 1, len, f) != len;

	if (f != NULL && fclose(f) != 0)
		bad = 1;
	if (bad)
		fprintf(stderr, "winnow-sites: cannot write '%s': %s\n", path,
		    strerror(errno));
	return bad;
}

static int
write_page(const struct bulk *b, const struct pool *p, int page)
{
	char path[600], *html = NULL;
	uint64_t x = 0x5eed + (uint64_t)page * 1000003;
	size_t len, packed_len;
	FILE *f = must(open_memstream(&html, &len));
	void *packed;
	int rc;

	put_chrome(f, &x, page);
	put_menu(f, &x);
	put_article(f, &x, p, page);
	put_links(f, b, &x, p, page);
	put_foot(f, &x);
	fclose(f);
	snprintf(path, sizeof(path), "%s/www/p/%06d.html%s", b->dir, page,
	    b->gzip ? ".gz" : "");
	if (b->gzip) {
		packed = encode_gzip(html, len, &packed_len, 6);
		rc = write_file(path, packed, packed_len);
		free(packed);
	} else
		rc = write_file(path, html, len);
	free(html);
	return rc;
}

static int
make_dir(const char *dir, const char *sub)
{
	char path[600];

	snprintf(path, sizeof(path), "%s%s", dir, sub);
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		return 0;
	fprintf(stderr, "winnow-sites: cannot make '%s': %s\n", path,
	    strerror(errno));
	return 1;
}

static int
write_lists(const struct bulk *b)
{
	char path[600], *urls = NULL, *hosts = NULL;
	size_t nurls, nhosts;
	FILE *u = must(open_memstream(&urls, &nurls));
	FILE *h = must(open_memstream(&hosts, &nhosts));
	int rc;

	for (int i = 0; i < b->pages; i++)
		fprintf(u, "http://b%d.bench.test:%d/p/%06d.html\n",
		    i % b->hosts, b->port, i);
	for (int i = 0; i < b->hosts; i++)
		fprintf(h, "127.0.0.1 b%d.bench.test\n", i);
	fclose(u);
	fclose(h);
	snprintf(path, sizeof(path), "%s/urls.txt", b->dir);
	rc = write_file(path, urls, nurls);
	snprintf(path, sizeof(path), "%s/hosts", b->dir);
	rc |= write_file(path, hosts, nhosts);
	free(urls);
	free(hosts);
	return rc;
}

int
bulk_write(const struct bulk *asked, struct site **sites, size_t n)
{
	struct bulk b = *asked;
	struct pool p = {0};
	int rc;

	if (b.port == 0)
		b.port = 8080;
	pool_fill(&p, sites, n);
	rc = make_dir(b.dir, "") || make_dir(b.dir, "/www") ||
	     make_dir(b.dir, "/www/p") || write_lists(&b);
	for (int i = 0; rc == 0 && i < b.pages; i++)
		rc = write_page(&b, &p, i);
	for (size_t i = 0; i < p.n; i++)
		free(p.v[i]);
	free(p.v);
	return rc;
}
