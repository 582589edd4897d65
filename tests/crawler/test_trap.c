/* Which addresses look made up, and which of the many shapes of real ones must
 * never be taken for it; and what makes two addresses one family. */
#include "crawler/trap.h"

#include <stdint.h>

#include "tests/test.h"

#define YEAR 2026

/* Shapes of the content systems of schools, bureaus, papers and forums. */
static const char *const pages[] = {
    "/",
    "/index.html",
    "/index_3.html",
    "/list_2.shtml",
    "/node_12.htm",
    "/node_7.htm?page=3",
    "/content_1234.html",
    "/content/content_99.htm",
    "/t20240312_123456.html",
    "/202403/t20240312_123456.html",
    "/xwzx/gzdt/202403/t20240312_123456.shtml",
    "/art/2024/3/12/art_123_45678.html",
    "/art/2027/1/1/art_1_2.html",
    "/col/col1234/index.html",
    "/col/col1234/index.html?uid=5678&pageNum=4",
    "/info/1012/3456.htm",
    "/info/2031/3456.htm",
    "/info/2031/1102.htm",
    "/info/2045/12/3456.htm",
    "/2031/1234.html",
    "/column/2031/",
    "/jyj/xwzx/jyj/xwzx/123.html",
    "/xwzx/xwzx/1.html",
    "/n1/2024/0312/c1001-40194561.html",
    "/2024-03/12/nw.D110000xxyw_20240312_2-01.htm",
    "/2024-03/12/content_8971234.htm",
    "/rmrb/1946/5/15/1.html",
    "/a/20240312/123.shtml",
    "/2010/10/10/10/10.html",
    "/1/1/1/1.html",
    "/c/2024-03-12/1234567.shtml",
    "/article/2024/12/31/",
    "/2027/01/",
    "/news/show.asp?newsid=1234",
    "/show.asp?id=5",
    "/view.php?aid=17",
    "/plus/view.php?aid=4521",
    "/plus/list.php?tid=3&TotalResult=512&PageNo=7",
    "/index.php?m=content&c=index&a=show&catid=8&id=901",
    "/index.php?option=com_content&view=article&id=8:title&catid=2",
    "/thread-12345-1-1.html",
    "/forum.php?mod=viewthread&tid=123&page=2",
    "/viewthread.php?tid=88&extra=page%3D1",
    "/bbs/read.php?tid-123.html",
    "/NewsDetail.aspx?ID=42&ClassID=7",
    "/Article/ShowArticle.asp?ArticleID=9",
    "/ReadNews.asp?NewsID=12&BigClassName=%BD%CC%D3%FD",
    "/html/2024/0312/1.html",
    "/system/2024/03/12/010123456.shtml",
    "/detail/9f86d081884c7d659a2feaa0c55ad015.html",
    "/doc/550e8400-e29b-41d4-a716-446655440000",
    "/p/12345.html",
    "/p-123.html",
    "/w/%E6%95%99%E8%82%B2.html",
    "/tag/%E5%AD%A6%E6%A0%A1/",
    "/?p=123",
    "/?cat=3&paged=2",
    "/article/3834/1",
    "/article/2041/2",
    "/9834/1",
    "/list?start=2040",
    "/list?from=2031",
    "/x?d=2031",
    "/list.jsp?cpage=3",
    "/list.php?type=pdf",
    "/x?time=20310512",
    "/x?id=20310512",
    "/?sort=12",
    "/list.aspx?sort=7&page=2",
    "/list.aspx?orderby=date&page=2",
    "/list.php?page=31",
    "/list.php?page=4000",
    "/index.php?page=2&order=desc",
    "/search?year=2024&month=3",
    "/gk.html?date=2024-03-12",
    "/report/2030.html",
    "/plan-2035/",
    "/news/how-to-print-a-book.html",
    "/blog/login-with-a-key/",
    "/a/print-is-dead-2024/",
    "/news/shopping-cart-law.html",
    "/footprint/17.html",
    "/calendar/",
    "/calendar.html",
    "/blogindex.html",
    "/wiki/Fine_print_of_law",
    "/a.html?file=b.pdf",
    "/en/news/en/1.html",
    "/zwgk/fdzdgknr/fgwj/gfxwj/202403/t20240312_3121.html",
    "/1/2/3/4/5/6/7/8/9/",
    "/a.html?print=0",
    "/act.php?action=info&id=3",
    "/?d=20240312",
    "/x?date=2027-02-01",
    "/epaper/html/2024-03/12/node_2.htm",
    "/c.jsp?id=1&type=2&lang=3&x=4&y=5&z=6",
    "/e/action/ShowInfo.php?classid=5&id=120",
    "/e/action/ListInfo/?classid=5&page=3",
};

static const struct {
	const char *path, *reason;
} traps[] = {
    /* calendars */
    {"/calendar/2026/02", "calendar"},
    {"/calendar/2031/02/", "calendar"},
    {"/calendar?m=2", "calendar"},
    {"/events/calendar/day/3", "calendar"},
    {"/2031/05/", "calendar"},
    {"/2031/05", "calendar"},
    {"/archive/2030/12/31/", "calendar"},
    {"/events/2031/5/17", "calendar"},
    {"/events/2031-05/", "calendar"},
    {"/events/2031-05-17", "calendar"},
    {"/x?d=next", "calendar"},
    {"/x.php?month=prev&id=3", "calendar"},
    {"/x?week=NEXT", "calendar"},
    {"/cal.asp?year=2031", "calendar"},
    {"/cal.asp?y=2040&m=1", "calendar"},
    {"/cal?ym=203105", "calendar"},
    {"/cal?date=2031-05-17", "calendar"},
    {"/cal?date=2031%2F05%2F17", "calendar"},
    {"/cal?startdate=20310517", "calendar"},
    {"/cal?start=2031-05-17", "calendar"},
    {"/cal?nav=nextmonth", "calendar"},
    {"/events?view=month", "calendar"},
    {"/events?tribe-bar-date=2024-05-01", "calendar"},
    {"/events/list/?eventDisplay=past", "calendar"},
    /* repetition, growth */
    {"/a/b/a/b/a/b/", "trap"},
    {"/a/b/a/b/a/b/c.html", "trap"},
    {"/x/x/x/", "trap"},
    {"/en/x/x/x/y.html", "trap"},
    {"/a/b/c/a/b/c/a/b/c/", "trap"},
    {"/a/b/c/d/a/b/c/d/a/b/c/d/1.html", "trap"},
    {"/news/1/news/2/news/3/news/4", "trap"},
    {"/7/7/7/7/7/", "trap"},
    {"/css/img/x1/css/img/x2/css/img/x3/css/img/", "trap"},
    {"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/", "trap"},
    {"/l?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1&l=1&m=1&n=1&o=1&p1=1&q=1",
	"trap"},
    {"/go?u=http%3A%2F%2Fa.test%2Fgo%3Fu%3Dx", "trap"},
    {"/go?u=/go?u=/x", "trap"},
    {"/x%00.html", "trap"},
    /* the same again */
    {"/print/17.html", "print"},
    {"/print_17.html", "print"},
    {"/news/print.asp?id=4", "print"},
    {"/cms_print.php?id=3", "print"},
    {"/a.html?print=1", "print"},
    {"/a.html?view=print", "print"},
    {"/a?tmpl=component", "print"},
    {"/forum.php?mod=x&action=printable&tid=9", "print"},
    {"/list?sort=price", "sort"},
    {"/list?id=4&order=desc", "sort"},
    {"/list?orderby=lastpost", "sort"},
    {"/list?sortby=7", "sort"},
    {"/shop?view=grid", "sort"},
    {"/list?dir=asc", "sort"},
    /* forms */
    {"/user/login", "login"},
    {"/LOGIN.aspx", "login"},
    {"/user_login.asp", "login"},
    {"/wp-login.php", "login"},
    {"/wp-admin/edit", "login"},
    {"/member.php?mod=logging&action=login", "login"},
    {"/member.php?mod=register", "login"},
    {"/x?returnurl=%2Fa", "login"},
    {"/register.jsp", "login"},
    {"/sign-in", "login"},
    {"/a?replytocom=7", "comment-form"},
    {"/post.php?action=reply&tid=4", "comment-form"},
    {"/a?comment-page=3", "comments"},
    {"/a/comment-page-2/", "comments"},
    {"/index.php?title=X&action=edit", "edit"},
    {"/index.php?title=X&oldid=5", "edit"},
    {"/index.php?title=X&action=history", "edit"},
    {"/x?add-to-cart=5", "shop"},
    {"/cart/", "shop"},
    {"/checkout", "shop"},
    {"/a.html?share=weibo", "share"},
    {"/sendmail.php?id=3", "share"},
    {"/a?format=pdf", "not-a-page"},
    {"/events/?ical=1", "not-a-page"},
    {"/undefined", "not-a-page"},
};

#define N(a) (sizeof(a) / sizeof *(a))

static const char *
reason(const char *path)
{
	static char url[4096];
	struct trap_url u;
	static struct trap_sight t;

	snprintf(url, sizeof url, "http://news.example.com%s", path);
	trap_split(&u, url);
	return trap_look(&u, YEAR, &t) ? reason_name(t.reason) : NULL;
}

static void
test_looks(void)
{
	char path[3000] = "/";
	const char *why;
	size_t i;

	TEST("traps: the addresses of real content systems are none")
	CHECK(N(pages) >= 60);
	for (i = 0; i < N(pages); i++)
		if ((why = reason(pages[i])) != NULL)
			TEST_FAIL("%s: %s", pages[i], why);

	TEST("traps: each kind is known by its looks")
	CHECK(N(traps) >= 60);
	for (i = 0; i < N(traps); i++)
		if (!test_str_eq(reason(traps[i].path), traps[i].reason))
			TEST_FAIL("%s: not %s but %s", traps[i].path,
			    traps[i].reason, reason(traps[i].path));

	TEST("traps: an address of over a KiB, and one of nothing but slashes")
	memset(path + 1, 'a', 1100);
	CHECK_STR(reason(path), "trap");
	memset(path, '/', 900);
	path[900] = '\0';
	CHECK_STR(reason(path), NULL);
	CHECK_STR(reason("?"), NULL);
	CHECK_STR(reason("/?&&&=&=1"), NULL);

	TEST("traps: the present year, from the clock's milliseconds")
	CHECK_INT(trap_year(0), 1970);
	CHECK_INT(trap_year(1795305600000), 2026);
	CHECK_INT(trap_year(4102444800000 + 86400000), 2100);
}

/* ---- families ----------------------------------------------------------- */

static const struct {
	const char *a, *b;
	int shape, prefix; /* the same? */
} kin[] = {
    {"/info/1012/3456.htm", "/info/7/1.htm", 1, 1},
    {"/t20240312_123456.html", "/t20231101_9.html", 1, 1},
    {"/art/2024/3/12/art_123_45678.html", "/art/2019/11/2/art_7_8.html", 1, 1},
    {"/list.php?page=2&sort=a", "/list.php?sort=b&page=900", 1, 1},
    {"/list.php?page=2", "/list.php?page=2&color=red", 0, 1},
    {"/list.php?page=2", "/show.php?page=2", 0, 0},
    {"/list.php?a=1&a=2&a=3", "/list.php?a=1", 1, 1},
    {"/show.asp?12345", "/show.asp?9", 1, 1},
    {"/s/9f86d081884c7d65/a/", "/s/1c2d3e4f5a6b7c8d/b/", 1, 1},
    {"/news/how-to-read/", "/news/why-not/", 1, 1},
    {"/news/how-to-read.html", "/sport/how-to-read.html", 0, 0},
    {"/news/x1.html", "/news/x1.htm", 0, 1},
    {"/w/%E6%95%99.html", "/w/%E8%82%B2%E6%95%99.html", 1, 1},
    {"/cal/2026/5/", "/art/2026/5/", 0, 0},
    {"/zwgk/cal/2026/5/", "/zwgk/cal/1999/12/", 1, 1},
    {"/123.html", "/4.html", 1, 1},
    {"/", "/4.html", 0, 1},
};

static void
split(struct trap_url *u, char *url, size_t cap, const char *path)
{
	snprintf(url, cap, "http://a.test%s", path);
	trap_split(u, url);
}

static const struct {
	const char *page, *link;
	int on;
} ways[] = {
    {"/list.php?page=2", "/show.php?id=7", 1},
    {"/index.php?c=list&page=2", "/index.php?c=show&id=7", 1},
    {"/list.php?page=2", "/list.php?page=3", 0},
    {"/list.php", "/list.php?page=3", 0},
    {"/l?color=red", "/l?color=red&size=m", 0},
    {"/cal?y=2024&m=5", "/cal?y=2024&m=5&d=1", 0},
    {"/cal/2024/5/", "/cal/2024/6/", 0},
    {"/cal/2024/5/", "/cal/2024/5/17/", 0},
    {"/shop/red/", "/shop/red/m/", 0},
    {"/a/b/c/", "/a/b/x5/", 0},
    {"/news/edu/", "/news/edu/1.html", 1},
    {"/category/edu/page/2/", "/2024/03/a-word/", 1},
    {"/index_3.html", "/info/1/2.html", 1},
    {"/info/1/2.html", "/info/1/3.html", 0},
};

static void
test_families(void)
{
	struct trap_family a, b;
	struct trap_url u, v;
	char x[512], y[512], name[64];
	size_t i;

	TEST("families: numbers and names of pages do not count, scripts do")
	for (i = 0; i < N(kin); i++) {
		split(&u, x, sizeof x, kin[i].a);
		split(&v, y, sizeof y, kin[i].b);
		trap_families(&u, &a);
		trap_families(&v, &b);
		if ((a.shape == b.shape) != kin[i].shape ||
		    (a.prefix == b.prefix) != kin[i].prefix)
			TEST_FAIL("%s and %s", kin[i].a, kin[i].b);
		CHECK(a.shape != 0 && a.prefix != 0 && a.shape != a.prefix);
	}

	TEST("families: their names can be read")
	split(&u, x, sizeof x, "/zwgk/art/2024/3/t20240312_5.html");
	trap_shape_name(&u, name, sizeof name);
	CHECK_STR(name, "/zwgk/art/#/#/t#_#.html");
	trap_prefix_name(&u, name, sizeof name);
	CHECK_STR(name, "/zwgk/*");
	split(&u, x, sizeof x, "/list.php?sort=1&page=7");
	trap_shape_name(&u, name, sizeof name);
	CHECK_STR(name, "/list.php?page&sort");
	trap_prefix_name(&u, name, sizeof name);
	CHECK_STR(name, "/list.php?*");
	trap_shape_name(&u, name, 8);
	CHECK_STR(name, "/list.p");

	TEST("families: what leads on is of another kind, or an article below")
	for (i = 0; i < N(ways); i++) {
		split(&u, x, sizeof x, ways[i].page);
		split(&v, y, sizeof y, ways[i].link);
		if (trap_leads_on(&u, &v) != ways[i].on)
			TEST_FAIL("%s to %s", ways[i].page, ways[i].link);
	}
}

/* Addresses put together from pieces that mean something to some rule. */
static void
test_any(void)
{
	static const char *const bits[] = {"/", "?", "&", ";", "=", ".", "-",
	    "_", "%", "%00", "2031", "05", "a", "page", "print", "login", "d",
	    "next", "sort", "asc", ".html", ".pdf", "x", "9f86d081884c7d659a2f",
	    "\xff", "#", "://", "http://", "%3F", "u%3D", "1234567890123"};
	uint32_t r = 1;
	char url[2000], name[40];
	struct trap_family f;
	struct trap_sight t;
	struct trap_url u;
	int i, k, n, odd = 0;

	TEST("traps: any bytes are an address, and every answer is within it")
	for (i = 0; i < 40000; i++) {
		size_t len = (size_t)snprintf(
		    url, sizeof url, "%s", i & 1 ? "http://a.test/" : "");

		n = (int)((r = r * 1664525u + 1013904223u) >> 24) % 60;
		for (k = 0; k < n && len < sizeof url - 30; k++) {
			r = r * 1664525u + 1013904223u;
			len += (size_t)snprintf(url + len, sizeof url - len,
			    "%s", bits[(r >> 16) % N(bits)]);
		}
		trap_split(&u, url);
		if (trap_look(&u, YEAR, &t) &&
		    (t.reason == REASON_NONE || t.words == NULL || t.where.p < url ||
			t.where.p + t.where.n > url + len))
			odd++;
		trap_families(&u, &f);
		trap_shape_name(&u, name, sizeof name);
		odd += strlen(name) >= sizeof name || f.shape == 0 ||
		       trap_leads_on(&u, &u);
	}
	CHECK_INT(odd, 0);
}

int
main(void)
{
	test_looks();
	test_families();
	test_any();
	return test_end();
}
