/* The page's HTML: any bytes are text; numbers; plots of rates with holes. */
#include "crawler/page_html.h"
#include "crawler/page_plot.h"

#include <event2/buffer.h>

#include "crawler/log.h"
#include "tests/test.h"

static struct evbuffer *b;

/* What was written since the last call. Valid until the next. */
static const char *
written(void)
{
	static char text[1 << 16];
	int n = evbuffer_remove(b, text, sizeof text - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static const char *
text_of(const char *s)
{
	html_text(b, s);
	return written();
}

/* No character of markup, and nothing but whole printable characters. */
static int
is_text(const char *s)
{
	size_t n = strlen(s), k;

	if (strpbrk(s, "<>\"'") != NULL)
		return 0;
	for (; n > 0; s += k, n -= k)
		if ((k = log_printable((const unsigned char *)s, n)) == 0)
			return 0;
	return 1;
}

static void
test_text(void)
{
	TEST("page: markup in a text is spelled out")
	{
		CHECK_STR(text_of("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
		CHECK_STR(text_of(""), "");
		CHECK_STR(text_of("中文 ok"), "中文 ok");
	}
	TEST("page: what turns or breaks a text does not come through")
	{
		CHECK(strstr(text_of("a\xe2\x80\xae"
				     "b"),
			  "\xe2\x80\xae") == NULL);
		CHECK_STR(text_of("a\nb\x7f"), "a\xef\xbf\xbd"
					       "b\xef\xbf\xbd");
		CHECK_STR(text_of("\xff"), "\xef\xbf\xbd");
		CHECK_STR(text_of("\xe4\xb8"), "\xef\xbf\xbd\xef\xbf\xbd");
	}
	TEST("page: any bytes are text and no markup")
	{
		char s[64];
		unsigned x = 1;

		for (int i = 0; i < 50000; i++) {
			size_t n = 0;

			while (n < sizeof s - 1 &&
			       (x = x * 1103515245 + 12345, x >> 16 & 31))
				s[n++] = (x >> 8 & 3) == 0
					     ? "<>&\"'"[(x >> 20) % 5]
					     : (char)((x >> 22) % 255 + 1);
			s[n] = '\0';
			CHECK(is_text(text_of(s)));
		}
	}
	TEST("page: only web addresses are followed")
	{
		CHECK(html_is_web("http://a/") && html_is_web("https://a/"));
		CHECK(!html_is_web("javascript:alert(1)"));
		CHECK(!html_is_web("") && !html_is_web("//a/"));
	}
}

static void
test_numbers(void)
{
	char r[HTML_RATE];

	TEST("page: numbers are as long as they say something")
	{
		CHECK_STR(html_rate(r, 0), "0");
		CHECK_STR(html_rate(r, -3), "0");
		CHECK_STR(html_rate(r, 0.034), "0.03");
		CHECK_STR(html_rate(r, 4.25), "4.2");
		CHECK_STR(html_rate(r, 123.4), "123");
		CHECK_STR(html_rate(r, 1234567), "1,234,567");
		CHECK(strlen(html_rate(r, 1e300)) < HTML_RATE);
		html_count(b, 0);
		CHECK_STR(written(), "0");
		html_count(b, 999);
		CHECK_STR(written(), "999");
		html_count(b, UINT64_MAX);
		CHECK_STR(written(), "18,446,744,073,709,551,615");
	}
	TEST("page: a time is given for people and for programs")
	{
		html_ago(b, 1000, 181000);
		CHECK_STR(written(),
		    "<time datetime=\"1970-01-01T00:00:01Z\">3 "
		    "min ago</time>");
		html_ago(b, 9000, 1000);
		CHECK(strstr(written(), ">now<") != NULL);
	}
}

/* Of samples every 5 s; those of a hole are left out. */
static struct rates *
rates_of_pages(int n, int hole_from, int hole_to)
{
	struct rates *r = rates_new();
	struct rates_sample s = {0};

	for (int i = 0; i < n; i++) {
		s.ms = 5000L * i;
		s.n[RATES_PAGES] += 50;
		if (i < hole_from || i >= hole_to)
			rates_add(r, &s);
	}
	return r;
}

static void
draw(const struct rates *r, const struct plot_span *span, struct plot *p)
{
	plot_gather(p, r, RATES_PAGES, span);
	plot_draw(b, p, "Pages", span, 1);
}

static void
test_plots(void)
{
	struct plot p;
	struct rates *r;
	const char *s;

	TEST("page: a plot of nothing says so")
	{
		r = rates_of_pages(1, 0, 0);
		draw(r, &plot_spans[0], &p);
		s = written();
		CHECK(strstr(s, "nothing is known yet") != NULL);
		CHECK(strstr(s, "<path") == NULL);
		rates_free(r);
	}
	TEST("page: a steady rate is a line at its height, told in words")
	{
		r = rates_of_pages(200, 0, 0);
		draw(r, &plot_spans[0], &p);
		s = written();
		CHECK(strstr(s, "over 10 minutes: now 10.0, mean 10.0, at most "
				"10.0") != NULL);
		for (int i = 0; i < p.columns; i++)
			CHECK(p.has[i] && p.v[i] > 9.99 && p.v[i] < 10.01);
		rates_free(r);
	}
	TEST("page: of a shorter time only the end is drawn")
	{
		r = rates_of_pages(61, 0, 0);
		draw(r, &plot_spans[0], &p);
		(void)written();
		CHECK(!p.has[0] && !p.has[p.columns / 2 - 5]);
		CHECK(p.has[p.columns / 2 + 5] && p.has[p.columns - 1]);
		rates_free(r);
	}
	TEST("page: a time in which nothing ran is a hole, and two lines")
	{
		r = rates_of_pages(120, 50, 90);
		draw(r, &plot_spans[0], &p);
		s = strstr(written(), "class=\"curve\" d=\"");
		CHECK(s != NULL && !p.has[35]);
		s = s != NULL ? strchr(s, 'M') : NULL;
		CHECK(s != NULL && strchr(s + 1, 'M') != NULL);
		rates_free(r);
	}
	TEST("page: a day's plot has its points from the coarse ring")
	{
		r = rates_of_pages(4000, 0, 0);
		draw(r, &plot_spans[2], &p);
		(void)written();
		CHECK(p.any && p.mean > 9.99 && p.mean < 10.01);
		CHECK(p.has[p.columns - 1] && p.has[p.columns - 20]);
		rates_free(r);
	}
}

int
main(void)
{
	b = evbuffer_new();
	test_text();
	test_numbers();
	test_plots();
	evbuffer_free(b);
	return test_end();
}
