/* test_feed.c - sitemaps and feeds, whole and broken. */
#include "cleaner/winnow.h"

#include <time.h>

#include "tests/test.h"

static struct winnow *w;
static struct winnow_feed feed;
static char got[65536];
static size_t ngot;

/* "url|title|published|updated[|flags]" a line. */
static void
gather(void *arg, const struct winnow_entry *e)
{
	size_t n = strlen(got);

	(void)arg;
	ngot++;
	if (sizeof got - n < 2048)
		return;
	n += (size_t)snprintf(got + n, sizeof got - n, "%s|%s|",
	    e->url ? e->url : "", e->title ? e->title : "");
	if (e->published != WINNOW_NO_TIME)
		n += (size_t)snprintf(
		    got + n, sizeof got - n, "%lld", (long long)e->published);
	n += (size_t)snprintf(got + n, sizeof got - n, "|");
	if (e->updated != WINNOW_NO_TIME)
		n += (size_t)snprintf(
		    got + n, sizeof got - n, "%lld", (long long)e->updated);
	snprintf(got + n, sizeof got - n, "%s%s\n",
	    e->is_sitemap ? "|sitemap" : "", e->is_alternate ? "|other" : "");
}

static const char *
read_n(const char *body, size_t n, const char *type)
{
	got[0] = '\0';
	ngot = 0;
	CHECK_INT(winnow_read_feed(w, body, n, "http://a.test/d/feed.xml", type,
		      gather, NULL, &feed),
	    0);
	return got;
}

static const char *
read_feed(const char *body)
{
	return read_n(body, strlen(body), NULL);
}

static const char *
type(void)
{
	return winnow_feed_type_name(feed.type);
}

#define LOC(u) "<url><loc>" u "</loc></url>"

static void
test_sitemaps(void)
{
	TEST("feed: a urlset gives its locs, each once, resolved")
	{
		CHECK_STR(read_feed("<?xml version='1.0'?><urlset>" LOC(
			      " http://a.test/1 ") LOC("/2?a=1&amp;b=2")
				  LOC("http://a.test/1#x")
				      LOC("mailto:x") "</urlset>"),
		    "http://a.test/1|||\nhttp://a.test/2?a=1&b=2|||\n");
		CHECK_STR(type(), "urlset");
		CHECK_STR(feed.error, NULL);
		CHECK_INT(feed.entries, 2);
		CHECK_INT(feed.dropped, 1);
	}
	TEST("feed: lastmod and news dates, images and alternates are told "
	     "apart")
	{
		CHECK_STR(
		    read_feed("<s:urlset xmlns:s='x'><s:url><image:image>"
			      "<image:loc>http://a.test/i.png</image:loc>"
			      "</image:image><s:loc>http://a.test/1</s:loc>"
			      "<s:lastmod>2023-06-01</s:lastmod>"
			      "<news:news><news:title>T</news:title>"
			      "<news:publication_date>2023-06-01T02:40:00Z"
			      "</news:publication_date></news:news>"
			      "<xhtml:link rel='alternate' href='/de'/>"
			      "</s:url></s:urlset>"),
		    "http://a.test/de||||other\n"
		    "http://a.test/1|T|1685587200|1685577600\n");
	}
	TEST("feed: the children of an index are sitemaps")
	{
		CHECK_STR(
		    read_feed("<sitemapindex><sitemap><loc>/a.xml.gz</loc>"
			      "</sitemap></sitemapindex>"),
		    "http://a.test/a.xml.gz||||sitemap\n");
		CHECK_STR(type(), "index");
	}
	TEST("feed: a list of lines is a sitemap, prose is none")
	{
		CHECK_STR(read_feed("\xef\xbb\xbf"
				    "http://a.test/1\r\n\r\n"
				    "nonsense\nhttp://a.test/2"),
		    "http://a.test/1|||\nhttp://a.test/2|||\n");
		CHECK_STR(type(), "text");
		read_feed("no such page");
		CHECK_STR(feed.error, "not-a-sitemap");
		CHECK_STR(type(), "none");
		read_feed("<!DOCTYPE html><html><a href='/x'>x</a></html>");
		CHECK_STR(feed.error, "not-a-sitemap");
		CHECK_INT(ngot, 0);
		read_feed("  ");
		CHECK_STR(feed.error, "empty");
	}
	TEST("feed: a cut sitemap gives all that is complete, a cut feed too")
	{
		CHECK_STR(read_feed("<urlset>" LOC("/1") "<url><loc>/2</loc>"
							 "<url><loc>/3"),
		    "http://a.test/1|||\nhttp://a.test/2|||\n");
		CHECK_STR(feed.error, "truncated");
		CHECK_STR(read_feed("<rss><channel><item><link>/1</link></item>"
				    "<item><link>/2</link><title>x"),
		    "http://a.test/1|||\n");
		CHECK_STR(feed.error, "truncated");
	}
}

static void
test_feeds(void)
{
	TEST("feed: RSS: title without markup, date, guid as a last resort")
	{
		CHECK_STR(
		    read_feed(
			"<rss version='2.0'><channel><title>站点</title>"
			"<link>/</link><image><title>no</title><link>/i</link>"
			"</image><item><title>A &amp;amp; &lt;b&gt;B&lt;/b&gt;"
			"</title><link><![CDATA[/1?a&b]]></link>"
			"<pubDate>Thu, 01 Jun 2023 10:40:00 +0800</pubDate>"
			"<media:content><title>no</title></media:content>"
			"</item><item><guid>/2</guid><dc:date>2023-06-01</"
			"dc:date>"
			"</item><item><guid isPermaLink='false'>7</guid>"
			"<title>only</title></item></channel></rss>"),
		    "http://a.test/1?a&b|A & B|1685587200|\n"
		    "http://a.test/2||1685577600|\n|only||\n");
		CHECK_STR(type(), "rss");
		CHECK_STR(feed.title, "站点");
		CHECK_STR(feed.link, "http://a.test/");
	}
	TEST("feed: RDF keeps its items beside the channel")
	{
		CHECK_STR(
		    read_feed("<rdf:RDF xmlns='x'><channel><title>t</title>"
			      "<items><rdf:li resource='/no'/></items>"
			      "</channel><item><link>/1</link></item>"
			      "</rdf:RDF>"),
		    "http://a.test/1|||\n");
	}
	TEST("feed: Atom: the alternate link, bases, both dates, kinds of text")
	{
		CHECK_STR(
		    read_feed(
			"<feed xml:base='/blog/'><title>f</title>"
			"<link rel='self' href='/self'/><link href='/home'/>"
			"<entry xml:base='2023/'><link rel='edit' href='/e'/>"
			"<link type='application/pdf' href='p'/>"
			"<link rel='alternate' type='text/html' href='1'/>"
			"<title type='html'>a&lt;br&gt;b</title>"
			"<published>2023-06-01T10:40:00+08:00</published>"
			"<updated>2023-06-01T02:40:01Z</updated></entry>"
			"<entry><link href='2'/><title>1 &lt;b&gt; 2</title>"
			"</entry></feed>"),
		    "http://a.test/blog/2023/1|ab|1685587200|1685587201\n"
		    "http://a.test/blog/2|1 <b> 2||\n");
		CHECK_STR(type(), "atom");
		CHECK_STR(feed.link, "http://a.test/home");
	}
	TEST("feed: JSON Feed")
	{
		CHECK_STR(
		    read_feed(
			"{\"version\":\"https://jsonfeed.org/version/1.1\","
			"\"title\":\"t\",\"items\":[{\"url\":\"/1\","
			"\"title\":\"\\u65b0\",\"date_published\":"
			"\"2023-06-01T02:40:00Z\"},{\"id\":\"2\"},3]}"),
		    "http://a.test/1|新|1685587200|\n");
		CHECK_STR(type(), "json");
		read_feed("{\"version\":\"1\",\"items\":[{\"url\":\"/1\"}]}");
		CHECK_INT(ngot, 0);
		CHECK_STR(feed.error, "not-a-sitemap");
	}
	TEST(
	    "feed: the encoding is the header's, the declaration's, or a guess")
	{
		static const char gbk[] =
		    "<?xml version='1.0' "
		    "encoding='gb2312'?><rss><channel><item>"
		    "<title>\xd0\xc2\xce\xc5</title><link>/1</link></item>"
		    "</channel></rss>";
		static const char lie[] =
		    "<?xml version='1.0' "
		    "encoding='gb2312'?><rss><channel><item>"
		    "<title>新闻</title><link>/1</link></item></channel></rss>";

		CHECK_STR(read_feed(gbk), "http://a.test/1|新闻||\n");
		CHECK_STR(read_feed(lie), "http://a.test/1|新闻||\n");
		CHECK_STR(
		    read_n(gbk + 39, sizeof gbk - 40, "text/xml; charset=gbk"),
		    "http://a.test/1|新闻||\n");
	}
	TEST("feed: what breaks a parser does not break the list")
	{
		CHECK_STR(
		    read_feed(" \n<?xml version='1.0'?><rss><channel><item>"
			      "<title>a & b &nosuch; \x01&nbsp;c</title>"
			      "<description><p>x<br>y</description>"
			      "<link>/1?a&b</link></item></channel></rss>"),
		    "http://a.test/1?a&b|a & b &nosuch; \xc2\xa0"
		    "c||\n");
		CHECK_STR(feed.error, NULL);
	}
}

/* Of its own: other programs may have the machine meanwhile. */
static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* pattern n times, then tail. */
static char *
repeat(const char *head, const char *pattern, size_t n, const char *tail)
{
	size_t h = strlen(head), p = strlen(pattern), i;
	char *s = malloc(h + p * n + strlen(tail) + 1), *o = s;

	o = (char *)memcpy(o, head, h) + h;
	for (i = 0; i < n; i++)
		o = (char *)memcpy(o, pattern, p) + p;
	strcpy(o, tail);
	return s;
}

static void
test_hostile(void)
{
	static const char *const heads[] = {"<urlset><url><loc>",
	    "<rss><channel><item><title>", "<feed><entry><link ",
	    "<!DOCTYPE r [", "<urlset>", "{\"version\":"};
	static const char *const patterns[] = {"<a>", "<a b='", "&", "<!--",
	    "<![CDATA[", "<!ENTITY", "&#x", "</", "<loc>", "<url><loc>/</loc>",
	    "[", "{\"a\":", "a"};
	size_t i, j;
	double t;
	char *s;

	TEST("feed: an entity bomb is refused, an outside entity never read")
	{
		read_feed(
		    "<!DOCTYPE u [<!ENTITY a \"aaaa\">"
		    "<!ENTITY b \"&a;&a;\">]><urlset>" LOC("/&b;") "</urlset>");
		CHECK_STR(feed.error, "refused");
		CHECK_INT(ngot, 0);
		CHECK_STR(
		    read_feed("<!DOCTYPE r [<!ENTITY x SYSTEM "
			      "\"file:///etc/passwd\">]><rss><channel><item>"
			      "<title>&x;t</title><link>/1</link></item>"
			      "</channel></rss>"),
		    "http://a.test/1|&x;t||\n");
	}
	TEST("feed: a megabyte of anything is read in time linear in it")
	{
		for (i = 0; i < sizeof heads / sizeof *heads; i++)
			for (j = 0; j < sizeof patterns / sizeof *patterns;
			     j++) {
				s = repeat(heads[i], patterns[j],
				    (1 << 20) / strlen(patterns[j]), "");
				t = seconds();
				read_feed(s);
				if (seconds() - t > 2)
					TEST_FAIL("%s %s: %.1f s", heads[i],
					    patterns[j], seconds() - t);
				free(s);
			}
	}
	TEST("feed: a location that is too long is dropped, not cut")
	{
		s = repeat("<urlset><url><loc>http://a.test/", "a", 100000,
		    "</loc></url>" LOC("/1") "</urlset>");
		CHECK_STR(read_feed(s), "http://a.test/1|||\n");
		free(s);
	}
	TEST("feed: entries end at the limit of the format")
	{
		size_t n = 0, cap = 60000 * 40;

		s = malloc(cap);
		n = (size_t)sprintf(s, "<urlset>");
		for (i = 0; i < WINNOW_FEED_ENTRIES + 10; i++)
			n += (size_t)sprintf(s + n, LOC("/%zu"), i);
		strcpy(s + n, "</urlset>");
		read_feed(s);
		CHECK_INT(ngot, WINNOW_FEED_ENTRIES);
		CHECK_STR(feed.error, "too-big");
		free(s);
	}
}

int
main(void)
{
	if (winnow_new(&w, NULL) != 0)
		return 1;
	test_sitemaps();
	test_feeds();
	test_hostile();
	winnow_free(w);
	return test_end();
}
