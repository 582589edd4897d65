/* test_links.c - where a page points, and what it says about following. */
#include "cleaner/winnow.h"
#include "tests/test.h"

static struct winnow *w;
static const struct winnow_doc *d;

static void
clean_as(const char *html, const char *url, const char *content_type)
{
	struct winnow_page p = {.body = html,
	    .body_len = strlen(html),
	    .url = url,
	    .content_type = content_type,
	    .now = 1770000000};

	CHECK_INT(winnow_clean(w, &p, &d), 0);
}

static void
clean(const char *html)
{
	clean_as(html, "http://h.test/dir/page.html", NULL);
}

/* All addresses, in order, separated by spaces. */
static const char *
urls(void)
{
	static char out[4096];
	size_t i, n = 0;

	out[0] = '\0';
	for (i = 0; i < d->nlinks && n < sizeof(out); i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s",
		    i > 0 ? " " : "", d->links[i].url);
	return out;
}

static unsigned
flags(size_t i)
{
	return i < d->nlinks ? d->links[i].flags : 999;
}

static void
test_kinds(void)
{
	TEST("links: anchors, areas and frames, resolved, without fragment")
	{
		clean("<a href=a.html#x>A</a><a href='/b'>B</a><a href=//c.test"
		      ">C</a><map><area href='?d'></map><iframe src=../e>"
		      "</iframe><a>none</a><img src=f.png>");
		CHECK_STR(urls(),
		    "http://h.test/dir/a.html http://h.test/b http://c.test/ "
		    "http://h.test/dir/page.html?d http://h.test/e");
		CHECK_INT(flags(0), 0);
		CHECK_INT(flags(4), WINNOW_FRAME);
		CHECK_STR(d->links[0].anchor, "A");
	}
	TEST("links: what cannot be fetched is no link")
	{
		clean("<a href='javascript:void(0)'>a</a><a href='mailto:a@b'>"
		      "b</a><a href='#top'>c</a><a href=''>d</a><a href='ftp://"
		      "h.test/'>e</a><a href='http://'>f</a><a href='data:,x'>g"
		      "</a>");
		CHECK_STR(urls(), "");
	}
	TEST("links: the first base counts, one that cannot be is ignored")
	{
		clean("<base target=x><base href=/other/><base href=/no/>"
		      "<a href=a>A</a>");
		CHECK_STR(urls(), "http://h.test/other/a");
		CHECK_STR(d->base, "http://h.test/other/");
		clean("<base href='javascript:x'><a href=a>A</a>");
		CHECK_STR(urls(), "http://h.test/dir/a");
	}
	TEST("links: feeds and next pages, by rel and by words")
	{
		clean("<link rel=alternate type=application/rss+xml href=/rss>"
		      "<link rel='alternate' hreflang=en href=/en><link "
		      "rel=next href=/p2><link rel=stylesheet href=/s.css>"
		      "<a href=/p3>下一页</a><a rel='nofollow next' href=/p4>"
		      "more</a>");
		CHECK_STR(urls(), "http://h.test/rss http://h.test/p2 "
				  "http://h.test/p3 http://h.test/p4");
		CHECK_INT(flags(0), WINNOW_FEED);
		CHECK_INT(flags(1), WINNOW_NEXT);
		CHECK_INT(flags(2), WINNOW_NEXT);
		CHECK_INT(flags(3), WINNOW_NEXT | WINNOW_NOFOLLOW);
	}
	TEST("links: an arrow round a word for next is no letter of it")
	{
		static const char *const next[] = {"下一页>", "下一頁 »",
		    "Next →", "[下页]", "›", "OLDER POSTS", "次へ"},
				   *const other[] = {"下一篇", "nextel", ">>",
				       "more", "< 上一页", "1>2"};
		char html[128];
		size_t i;

		for (i = 0; i < 7; i++) {
			snprintf(html, sizeof(html), "<a href=/n>%s</a>",
			    next[i]);
			clean(html);
			CHECK_INT(flags(0), WINNOW_NEXT);
		}
		for (i = 0; i < 6; i++) {
			snprintf(html, sizeof(html), "<a href=/n>%s</a>",
			    other[i]);
			clean(html);
			CHECK_INT(flags(0), 0);
		}
	}
	TEST("links: a number is another page of this list when it stands beside it")
	{
		clean("<a href=page_2.html>2</a><a href='?p=13'>[13]</a>"
		      "<a href=list_9.html>第9页</a><a href=last.html>尾页</a>"
		      "<a href=/other/3.html>3</a><a href=sub/4.html>4</a>"
		      "<a href=//c.test/dir/5.html>5</a><a href=x.html>20241</a>"
		      "<a href=y.html>0</a><a href=z.html>5 days</a>");
		CHECK_INT(d->nlinks, 10);
		CHECK_INT(flags(0), WINNOW_PAGER);
		CHECK_INT(flags(1), WINNOW_PAGER);
		CHECK_INT(flags(2), WINNOW_PAGER);
		CHECK_INT(flags(3), WINNOW_PAGER);
		CHECK_INT(flags(4) | flags(5) | flags(6) | flags(7) | flags(8) |
			      flags(9),
		    0);
	}
	TEST("links: a link that a template writes as script is read, not run")
	{
		clean("<div onclick=\"location.href='/a'\">x</div>"
		      "<a href='#' onclick='window.open(\"b.html\", \"_blank\")'>x"
		      "</a><a href=\"javascript:location.replace('?c=1')\">x</a>"
		      "<a href=\"javascript: window.location = '/d.html' ;\">x</a>"
		      "<a href=/e onclick=\"location='/f'\">x</a>");
		CHECK_STR(urls(),
		    "http://h.test/a http://h.test/dir/b.html "
		    "http://h.test/dir/page.html?c=1 http://h.test/d.html "
		    "http://h.test/e");
		clean("<a href=\"javascript:location='/a'+b\">x</a>"
		      "<a href=\"javascript:open('/b')\">x</a>"
		      "<a href=\"javascript:location=c\">x</a>"
		      "<a href=\"javascript:location='top'\">x</a>"
		      "<a href=\"javascript:location='javascript:x.y'\">x</a>"
		      "<a onclick=\"location.href='/e\">x</a>"
		      "<a onclick=\"location.href='http://a b/'\">x</a>");
		CHECK_STR(urls(), "");
	}
	TEST("links: the next page of a row that a script writes")
	{
		static const struct {
			const char *call, *next;
		} rows[] = {
		    {"createPageHTML(30, 0, \"index\", \"html\");",
			"http://h.test/dir/index_1.html"},
		    {"createPageHTML(30,1,'index','htm')",
			"http://h.test/dir/index_2.htm"},
		    {"createPageHTML('page_div',30, 1,'list','shtml',580)",
			"http://h.test/dir/list_2.shtml"},
		    {"createPageHTML('page_div',30, 29,'list','shtml')",
			"http://h.test/dir/list_30.shtml"},
		    {"createPageHTML('page_div',30, 30,'list','shtml')", ""},
		    {"createPageHTML(30, 29, 'index', 'html')", ""},
		    {"createPageHTML(1, 0, 'index', 'html')", ""},
		    {"function createPageHTML(a, b, c, d) {}", ""},
		    {"createPageHTML(30, 0, 'a?b', 'html')", ""},
		    {"createPageHTML(30, 0, 'index', 'ht", ""},
		    {"createPageHTML(99999, 0, 'index', 'html')", ""},
		};
		char html[256];
		size_t i;

		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			snprintf(html, sizeof(html),
			    "<p>List<script>%s</script>", rows[i].call);
			clean(html);
			CHECK_STR(urls(), rows[i].next);
			if (*rows[i].next != '\0')
				CHECK_INT(flags(0), WINNOW_NEXT);
		}
	}
	TEST("links: a refresh is one, with and without url= and quotes")
	{
		clean("<meta http-equiv=Refresh content=\"0; URL='/a'\">"
		      "<meta http-equiv=refresh content='5;/b'>"
		      "<meta http-equiv=refresh content='3'>");
		CHECK_STR(urls(), "http://h.test/a http://h.test/b");
		CHECK_INT(flags(0), WINNOW_REFRESH);
	}
	TEST("links: without a page's address they stay as they are")
	{
		clean_as("<a href=' a/b.html#c'>A</a><a href='http://x.test'>B"
			 "</a><a href='mailto:x'>C</a>",
		    NULL, NULL);
		CHECK_STR(urls(), "a/b.html http://x.test/");
	}
}

static void
test_once(void)
{
	TEST("links: an address is kept once; one follow undoes a nofollow")
	{
		clean("<a rel=nofollow href=/a><img></a><a href='/a#2'>Words"
		      "</a><a href='HTTP://H.test:80/a'>x</a>");
		CHECK_STR(urls(), "http://h.test/a");
		CHECK_INT(flags(0), 0);
		CHECK_STR(d->links[0].anchor, "Words");
	}
	TEST("links: an anchor's text is one line, cut between characters")
	{
		char html[1024] = "<a href=/a>\n one\t <b>two</b> ";
		size_t i;

		for (i = 0; i < 100; i++)
			strcat(html, "三");
		clean(html);
		CHECK(strncmp(d->links[0].anchor, "one two 三", 11) == 0);
		CHECK_INT(strlen(d->links[0].anchor), 8 + 64 * 3);
	}
	TEST("links: max_links holds, what is beyond is counted")
	{
		struct winnow_options o = {.max_links = 10};
		struct winnow *all = w;
		char html[8192] = "", one[32];
		int i;

		for (i = 0; i < 100; i++) {
			sprintf(one, "<a href=/%d>x</a>", i);
			strcat(html, one);
		}
		CHECK_INT(winnow_new(&w, &o), 0);
		clean(html);
		CHECK_INT(d->nlinks, 10);
		CHECK_INT(d->links_dropped, 90);
		winnow_free(w);
		w = all;
	}
	TEST("links: in navigation, in a list, in a sentence")
	{
		clean("<nav><a href=/a>A</a></nav><ul><li><a href=/b>A whole "
		      "line</a></ul><p>Words before <a href=/c>it</a> and "
		      "behind it, many of them.");
		CHECK_INT(d->links[0].place, WINNOW_IN_NAV);
		CHECK_INT(d->links[1].place, WINNOW_IN_LIST);
		CHECK_INT(d->links[2].place, WINNOW_IN_CONTENT);
	}
	TEST("links: furniture is navigation by its name too, what the article "
	     "holds is content")
	{
		clean(
		    "<title>Mill</title><ul class=main-menu><li><a href=/a>A "
		    "menu's line</a><li><a href=/a2><img src=x></a></ul>"
		    "<div class=breadcrumb><a href=/b>Home</a> &gt; <a "
		    "href=/b2>Mills</a></div><h1>Mill</h1><p>The mill by the "
		    "river was old, and <a href=/c>the people of the "
		    "whole valley</a> brought their corn to it, every "
		    "week.</p><p>"
		    "The corn came late that year, and the wagons stood in a "
		    "row from the bridge to the church.</p><h3>Related</h3>"
		    "<ul><li><a href=/d>The church, and who built it</a><li>"
		    "<a href=/d2>The bridge, and who paid for it</a></ul>"
		    "<div id=footer>Copyright 2026 <a href=/e>About</a></div>");
		CHECK_INT(d->nlinks, 8);
		for (size_t i = 0; i < d->nlinks; i++)
			CHECK_INT(d->links[i].place, i < 4   ? WINNOW_IN_NAV
						     : i < 5 ? WINNOW_IN_CONTENT
						     : i < 7 ? WINNOW_IN_LIST
							     : WINNOW_IN_NAV);
	}
	TEST("links: of a picture the words are its own, else the link's title")
	{
		clean("<a href=/a><img src=x alt=' A mill '></a><a href=/b "
		      "title='A church'><img src=y></a><a href=/c title=no>yes"
		      "</a>");
		CHECK_STR(d->links[0].anchor, "A mill");
		CHECK_STR(d->links[1].anchor, "A church");
		CHECK_STR(d->links[2].anchor, "yes");
	}
	TEST("links: those of a drawing count, and nothing in it is text")
	{
		clean("<p>x<svg><a xlink:href='/north' title=North><path d=M0/>"
		      "<text>N</text></a><A href=/south></A><abbr href=/no>"
		      "</svg>y <a href=/z>z</a>");
		CHECK_STR(urls(), "http://h.test/north http://h.test/south "
				  "http://h.test/z");
		CHECK_STR(d->links[0].anchor, "North");
		clean("<svg><a href='/x</svg><p>a<svg><a href=/y></svg>");
		CHECK(d->nlinks <= 1);
	}
	TEST("links: a frameset's frames are followed")
	{
		clean("<frameset cols='20%,*'><frame src=menu.html><frame "
		      "src='main.html' name=m></frameset>");
		CHECK_STR(urls(), "http://h.test/dir/menu.html "
				  "http://h.test/dir/main.html");
		CHECK_INT(flags(1), WINNOW_FRAME);
	}
	TEST("links: a query goes out in the page's own encoding, a path in "
	     "UTF-8")
	{
		/* GBK of 中, and the same as a reference */
		clean_as("<meta charset=gbk><a href='/\xD6\xD0?q=\xD6\xD0'>x"
			 "</a><a href='?r=&#20013;'>y</a>",
		    "http://h.test/", "text/html; charset=gbk");
		CHECK_STR(urls(), "http://h.test/%E4%B8%AD?q=%D6%D0 "
				  "http://h.test/?r=%D6%D0");
	}
}

/* What a page with that header asks of us. */
static const char *
tagged(const char *header)
{
	static char out[32];
	struct winnow_page p = {.body = "<p>x",
	    .body_len = 4,
	    .now = 1763769600,
	    .x_robots_tag = header};

	CHECK_INT(winnow_clean(w, &p, &d), 0);
	snprintf(out, sizeof out, "%s%s", d->noindex ? "noindex " : "",
	    d->nofollow ? "nofollow " : "");
	return out;
}

static void
test_robots(void)
{
	struct winnow_page p = {.body = "<meta name=ROBOTS content='NoIndex'>",
	    .body_len = 36,
	    .url = "http://h.test/",
	    .x_robots_tag = "nofollow"};

	TEST("links: words for robots add up, of the page and of the header")
	{
		CHECK_INT(winnow_clean(w, &p, &d), 0);
		CHECK_INT(d->noindex, 1);
		CHECK_INT(d->nofollow, 1);
		CHECK_STR(d->robots_meta, "nofollow, NoIndex");
		clean("<meta name=robots content=none>");
		CHECK_INT(d->noindex + d->nofollow, 2);
		clean("<meta name=robots content='index,follow'>");
		CHECK_INT(d->noindex + d->nofollow, 0);
	}
	TEST("links: X-Robots-Tag may speak to one agent, line by line")
	{
		CHECK_STR(tagged("winnowd: noindex"), "noindex ");
		CHECK_STR(tagged("WinnowD : noindex, nofollow"),
		    "noindex nofollow ");
		CHECK_STR(tagged("otherbot: noindex, nofollow"), "");
		CHECK_STR(tagged("otherbot: noindex, winnowd: nofollow"),
		    "nofollow ");
		CHECK_STR(tagged("otherbot: none; nofollow"), "nofollow ");
		CHECK_STR(tagged("*: none"), "noindex nofollow ");
		CHECK_STR(tagged("max-snippet: 20, noindex"), "noindex ");
		CHECK_STR(tagged("noarchive, max-image-preview:large"), "");
		CHECK_STR(d->robots_meta, "noarchive, max-image-preview:large");
		CHECK_STR(tagged("noindexing, ,;:,,"), "");
	}

	TEST("links: a page whose time is over is not to be kept")
	{
		CHECK_STR(tagged("unavailable_after: 25 Jun 2010 15:00:00 GMT"),
		    "noindex ");
		CHECK_STR(tagged("unavailable_after: Friday, 25 Jun 2010 "
				 "15:00:00 GMT, nofollow"),
		    "noindex nofollow ");
		CHECK_STR(tagged("unavailable_after: 2049-12-31"), "");
		CHECK_STR(tagged("unavailable_after: 2010-06-25"), "noindex ");
		CHECK_STR(
		    tagged("otherbot: unavailable_after: 2010-06-25"), "");
		CHECK_STR(tagged("unavailable_after: soon"), "");
	}

	TEST("links: a meta element may speak to us alone")
	{
		clean("<meta name=winnowd content=noindex>");
		CHECK_INT(d->noindex, 1);
		CHECK_STR(d->robots_meta, "noindex");
		clean("<meta name=otherbot content=noindex>");
		CHECK_INT(d->noindex, 0);
		clean("<meta name=robots content='noindex nofollow'>");
		CHECK_INT(d->noindex + d->nofollow, 2);
	}

	TEST("links: the canonical address, or og:url where there is none")
	{
		clean("<meta property=og:url content=/og><link rel=canonical "
		      "href=/c><link rel=canonical href=/d>");
		CHECK_STR(d->url_canonical, "http://h.test/c");
		clean("<meta property=og:url content=/og>");
		CHECK_STR(d->url_canonical, "http://h.test/og");
		clean("<link rel=canonical href='javascript:x'>");
		CHECK_STR(d->url_canonical, NULL);
	}
}

int
main(void)
{
	if (winnow_new(&w, NULL) != 0)
		return 1;
	test_kinds();
	test_once();
	test_robots();
	winnow_free(w);
	return test_end();
}
