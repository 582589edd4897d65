/* bench_linear.c - what a byte costs on small pages and on large ones.
 *
 * Pages of one kind, of 10 kB to 10 MB, made here: each kind is what one stage
 * finds most of. A stage that looks back over the page for each of its parts
 * shows as a price a byte that grows with the page. The sizes are taken in
 * turns, each as often as fills ROUND bytes, and the best of ROUNDS counts.
 *
 * For each kind: nanoseconds a byte at each size, and the dearest over the
 * cheapest. A page that meets a cap (nodes, links: winnow.h, parse.c) is
 * cheaper than its bytes and is marked `*`. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cleaner/winnow.h"
#include "tests/bench/bench.h"

enum { SIZES = 4, ROUNDS = 3, ROUND = 10 << 20 };
static const size_t sizes[SIZES] = {10000, 100000, 1000000, 10000000};

struct page {
	char *s;
	size_t n, cap;
	unsigned i; /* which part of it is being written */
};

__attribute__((format(printf, 2, 3))) static void
put(struct page *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	p->n += (size_t)vsnprintf(p->s + p->n, p->cap - p->n, fmt, ap);
	va_end(ap);
}

static const char *const latin[] = {"river", "council", "of", "the", "report",
    "a", "was", "written", "in", "morning", "field", "and", "students",
    "people", "to", "answer", "long", "garden", "winter", "machine"};
static const char *const han[] = {"河流", "会议", "报告", "的", "学生", "早晨",
    "城市", "工作", "田野", "研究", "是", "在", "人民", "机器", "冬天", "花园",
    "问题", "发展", "回答", "很长"};

/* n words, different in each part of the page. */
static void
words(struct page *p, const char *const *list, unsigned n)
{
	unsigned x = p->i * 2654435761u + n, k;

	for (k = 0; k < n; k++) {
		x = x * 1664525u + 1013904223u;
		put(p, "%s%s", list == latin && k > 0 ? " " : "",
		    list[(x >> 16) % 20]);
	}
}

static void
part_paragraph(struct page *p)
{
	put(p, "<p>");
	words(p, latin, 30);
	put(p, ", ");
	words(p, latin, 20);
	put(p, ".</p>\n");
}

static void
part_chinese(struct page *p)
{
	put(p, "<p>　　");
	words(p, han, 30);
	put(p, "，");
	words(p, han, 20);
	put(p, "。</p>\n");
}

static void
part_break(struct page *p)
{
	words(p, latin, 12);
	put(p, ".<br>\n");
}

static void
part_nested(struct page *p)
{
	unsigned k, deep = 1 + p->i % 40;

	for (k = 0; k < deep; k++)
		put(p, "<div class=c%u>", k);
	words(p, latin, 6 * deep);
	put(p, ".");
	for (k = 0; k < deep; k++)
		put(p, "</div>");
	put(p, "\n");
}

static void
part_row(struct page *p)
{
	put(p, "<tr><td>%u</td><td>", p->i);
	words(p, latin, 3);
	put(p, "</td><td>");
	words(p, latin, 2);
	put(p, "</td></tr>\n");
}

static void
part_link(struct page *p)
{
	put(p, "<li><a href=\"/news/2026/%u.html\">", p->i);
	words(p, latin, 6);
	put(p, "</a></li>\n");
}

static void
part_attributes(struct page *p)
{
	unsigned k;

	put(p,
	    "<div class=\"a b c\" id=\"d%u\" style=\"color: red; margin: 0\"",
	    p->i);
	for (k = 0; k < 20; k++)
		put(p, " data-%u=\"%u\"", k, p->i + k);
	put(p, ">");
	words(p, latin, 20);
	put(p, ".</div>\n");
}

static void
part_inline(struct page *p)
{
	unsigned k;

	put(p, "<p>");
	for (k = 0; k < 20; k++) {
		put(p, "<b>");
		words(p, latin, 1);
		put(p, "</b> <span>");
		words(p, latin, 2);
		put(p, "</span> ");
	}
	put(p, ".</p>\n");
}

static void
part_markless(struct page *p)
{
	words(p, han, 40);
}

static void
part_post(struct page *p)
{
	put(p,
	    "<div class=\"post\" id=\"p%u\"><div class=\"author\"><a "
	    "href=\"/u/%u\">user%u</a></div><div class=\"date\">2026-05-%02u "
	    "10:%02u</div><div class=\"message\">",
	    p->i, p->i % 97, p->i % 97, 1 + p->i % 28, p->i % 60);
	words(p, latin, 40);
	put(p,
	    ".</div><a href=\"/reply/%u\">Reply</a> <a "
	    "href=\"/quote/%u\">Quote</a></div>\n",
	    p->i, p->i);
}

static void
part_date(struct page *p)
{
	put(p, "<div><span>2026-%02u-%02u 10:%02u</span> ", 1 + p->i % 12,
	    1 + p->i % 28, p->i % 60);
	words(p, latin, 3);
	put(p, "</div>\n");
}

static void
part_hidden(struct page *p)
{
	put(p, "<div style=\"display: none\">");
	words(p, latin, 10);
	put(p, "</div><p>");
	words(p, latin, 10);
	put(p, ".</p>\n");
}

static void
part_same(struct page *p)
{
	put(p, "<div class=item><p>One line, and the same line again.</p>"
	       "</div>\n");
}

static void
part_label(struct page *p)
{
	static const char *const labels[] = {"来源：", "作者：", "责任编辑：",
	    "发布时间：2026-05-06 ", "上一篇：", "浏览次数：", "分享到：",
	    "Author: ", "Source: ", "Tags: "};

	put(p, "<div>%s", labels[p->i % 10]);
	words(p, han, 4);
	put(p, "</div>\n");
}

static void
part_heading(struct page *p)
{
	put(p, "<h2>");
	words(p, latin, 4);
	put(p, "</h2><p>");
	words(p, latin, 12);
	put(p, ".</p>\n");
}

static void
part_teaser(struct page *p)
{
	put(p, "<div class=item><h3><a href=/a/%u>", p->i);
	words(p, latin, 7);
	put(p, "</a></h3><img src=/i/%u.jpg><p>", p->i);
	words(p, latin, 18);
	put(p, "...</p><span>2026-05-%02u</span></div>\n", 1 + p->i % 28);
}

static void
part_reference(struct page *p)
{
	put(p, "<p>&ldquo;");
	words(p, latin, 8);
	put(p, "&rdquo;&nbsp;&mdash; &#x4e2d;&#22269; &amp;amp; &notanentity; "
	       "&lt;b&gt;</p>\n");
}

static void
part_script(struct page *p)
{
	put(p, "<script>var a%u = \"", p->i);
	words(p, latin, 30);
	put(p,
	    "\"; if (a < 3) b();</script><style>.a { color: red }</style><p>");
	words(p, latin, 8);
	put(p, ".</p>\n");
}

static const struct kind {
	const char *name;
	void (*part)(struct page *);
	const char *open, *close;
} kinds[] = {
    {"paragraphs", part_paragraph, "", ""},
    {"chinese", part_chinese, "", ""},
    {"br-only", part_break, "<div>", "</div>"},
    {"nested", part_nested, "", ""},
    {"table", part_row, "<table>", "</table>"},
    {"links", part_link, "<ul>", "</ul>"},
    {"attributes", part_attributes, "", ""},
    {"inline", part_inline, "", ""},
    {"markless", part_markless, "<p>", "</p>"},
    {"forum", part_post, "<div id=posts>", "</div>"},
    {"dates", part_date, "", ""},
    {"hidden", part_hidden, "", ""},
    {"same", part_same, "", ""},
    {"labels", part_label, "", ""},
    {"headings", part_heading, "<article>", "</article>"},
    {"teasers", part_teaser, "", ""},
    {"references", part_reference, "", ""},
    {"scripts", part_script, "", ""},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static struct page
make(const struct kind *k, size_t size)
{
	struct page p = {.cap = size + 65536};

	if ((p.s = malloc(p.cap)) == NULL)
		exit(1);
	put(&p,
	    "<!doctype html><html><head><title>A report of the river "
	    "council</title></head><body><h1>A report of the river "
	    "council</h1>%s\n",
	    k->open);
	for (; p.n < size - 40; p.i++)
		k->part(&p);
	put(&p, "%s</body></html>\n", k->close);
	return p;
}

/* Nanoseconds a byte; *capped when a limit was met. */
static double
price(struct winnow *w, const struct page *p, int *capped)
{
	struct winnow_page page = {.body = p->s,
	    .body_len = p->n,
	    .url = "http://example.com/a",
	    .now = 1780000000};
	size_t times = ROUND / p->n + (ROUND / p->n == 0), i;
	const struct winnow_doc *d;
	struct winnow_line l;
	double t = bench_cpu();

	for (i = 0; i < times; i++)
		if (winnow_clean(w, &page, &d) != 0 ||
		    winnow_record(w, d, NULL, &l) != 0)
			exit(1);
	t = bench_cpu() - t;
	*capped = d->truncated || d->links_dropped > 0;
	return t * 1e9 / (double)(times * p->n);
}

static double
measure(struct winnow *w, const struct kind *k)
{
	double best[SIZES], low = 1e9, high = 0, t;
	int capped[SIZES], s, r;

	for (s = 0; s < SIZES; s++)
		best[s] = 1e9;
	for (r = 0; r < ROUNDS; r++)
		for (s = 0; s < SIZES; s++) {
			struct page p = make(k, sizes[s]);

			t = price(w, &p, &capped[s]);
			best[s] = t < best[s] ? t : best[s];
			free(p.s);
		}
	printf("  %-12s", k->name);
	for (s = 0; s < SIZES; s++) {
		printf("%9.1f%c", best[s], capped[s] ? '*' : ' ');
		low = best[s] < low ? best[s] : low;
		high = best[s] > high ? best[s] : high;
	}
	printf("%8.2f\n", high / low);
	return high / low;
}

int
main(int argc, char **argv)
{
	double worst = 0, r;
	struct winnow *w;
	int i;

	if (winnow_new(&w, NULL) != 0)
		return 1;
	printf("linear: ns a byte\n  %-12s%9s %9s %9s %9s %8s\n", "page",
	    "10 kB", "100 kB", "1 MB", "10 MB", "ratio");
	for (i = 0; i < KINDS; i++) {
		if (argc > 1 && strcmp(argv[1], kinds[i].name) != 0)
			continue;
		r = measure(w, &kinds[i]);
		worst = r > worst ? r : worst;
	}
	printf("  dearest over cheapest, at worst: %.2f x\n", worst);
	winnow_free(w);
	return 0;
}
