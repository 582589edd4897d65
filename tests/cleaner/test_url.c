/* test_url.c - parser, resolver, key form and hashes of URLs. */
#include "cleaner/winnow.h"

#include "tests/test.h"

static struct winnow_url base_url, out_url;

/* href of input against base (NULL: none), NULL: no URL. */
static const char *
resolve_in(const char *base, const char *input, const char *encoding)
{
	if (base != NULL &&
	    winnow_url_parse(&base_url, base, strlen(base), NULL, NULL) != 0)
		return "(bad base)";
	if (winnow_url_parse(&out_url, input, strlen(input),
		base != NULL ? &base_url : NULL, encoding) != 0)
		return NULL;
	return out_url.href;
}

static const char *
resolve(const char *base, const char *input)
{
	return resolve_in(base, input, NULL);
}

static const char *
canonical(const char *input)
{
	if (resolve(NULL, input) == NULL ||
	    winnow_url_canonical(&out_url, &out_url) != 0)
		return NULL;
	return out_url.href;
}

static const char *
fetchable(const char *input)
{
	if (resolve(NULL, input) == NULL || winnow_url_fetchable(&out_url) != 0)
		return NULL;
	return out_url.href;
}

static struct winnow_key
key(const char *input)
{
	(void)resolve(NULL, input);
	return winnow_url_key(&out_url, 42);
}

static const char *
host(const char *input)
{
	static char out[1024];

	return winnow_url_host(input, strlen(input), out, sizeof out) == 0
		   ? out
		   : NULL;
}

static const char *
piece(size_t from, size_t to)
{
	static char s[256];

	snprintf(s, sizeof s, "%.*s", (int)(to - from), out_url.href + from);
	return s;
}

static void
test_parse(void)
{
	TEST("url: every part is where the offsets say")
	{
		CHECK_STR(
		    resolve(NULL, "HTTP://me:pw@Example.ORG:8080/a/b?q=1#f"),
		    "http://me:pw@example.org:8080/a/b?q=1#f");
		CHECK_STR(piece(0, out_url.scheme_end), "http");
		CHECK_STR(
		    piece(out_url.host_beg, out_url.host_end), "example.org");
		CHECK_INT(out_url.port, 8080);
		CHECK_STR(piece(out_url.path_beg, out_url.query_beg), "/a/b");
		CHECK_STR(piece(out_url.query_beg, out_url.frag_beg), "?q=1");
		CHECK_STR(piece(out_url.frag_beg, out_url.len), "#f");
	}
	TEST("url: a port that the scheme has anyway is none")
	{
		CHECK_STR(
		    resolve(NULL, "https://a.test:443/"), "https://a.test/");
		CHECK_INT(out_url.port, -1);
		CHECK_STR(resolve(NULL, "http://a.test:00443/"),
		    "http://a.test:443/");
		CHECK_STR(resolve(NULL, "http://a.test:65536/"), NULL);
	}
	TEST("url: backslashes, tabs and spaces are read as browsers do")
	{
		CHECK_STR(resolve(NULL, " http:\\\\a.test\\b\tc\n "),
		    "http://a.test/bc");
		CHECK_STR(resolve(NULL, "http://a.test/b c\"<>"),
		    "http://a.test/b%20c%22%3C%3E");
	}
	TEST("url: bytes that are no UTF-8 become an escaped U+FFFD")
	{
		CHECK_STR(resolve(NULL, "http://a.test/\xff\xe4\xb8x"),
		    "http://a.test/%EF%BF%BD%EF%BF%BDx");
	}
	TEST("url: what is too long is refused, not cut")
	{
		char s[WINNOW_URL_MAX + 2];

		memset(s, 'a', sizeof s);
		memcpy(s, "http://a.test/", 14);
		CHECK_INT(winnow_url_parse(&out_url, s, sizeof s, NULL, NULL),
		    WINNOW_ETOOBIG);
		memset(s + 14, ' ', sizeof s - 15);
		s[sizeof s - 2] = 'b';
		CHECK_INT(
		    winnow_url_parse(&out_url, s, sizeof s - 1, NULL, NULL),
		    WINNOW_ETOOBIG);
		CHECK_INT(out_url.len, 0);
	}
	TEST("url: other schemes are carried, and not fetchable")
	{
		CHECK_STR(resolve(NULL, "mailto:a@b.test"), "mailto:a@b.test");
		CHECK_STR(fetchable("mailto:a@b.test"), NULL);
		CHECK_STR(fetchable("ftp://a.test/"), NULL);
		CHECK_STR(fetchable("httpx://a.test/"), NULL);
		CHECK_STR(fetchable("javascript:void(0)"), NULL);
		CHECK_STR(
		    fetchable("http://u:p@a.test/x?y#z"), "http://a.test/x?y");
	}
}

static void
test_resolve(void)
{
	static const struct {
		const char *input, *want;
	} rows[] = {
	    {"", "http://a.test/b/c?q"},
	    {"d", "http://a.test/b/d"},
	    {"./d", "http://a.test/b/d"},
	    {"../d", "http://a.test/d"},
	    {"../../../d", "http://a.test/d"},
	    {"d/..", "http://a.test/b/"},
	    {"d/%2e%2E/e", "http://a.test/b/e"},
	    {"/d", "http://a.test/d"},
	    {"//e.test", "http://e.test/"},
	    {"///e.test/x", "http://e.test/x"},
	    {"?x", "http://a.test/b/c?x"},
	    {"#x", "http://a.test/b/c?q#x"},
	    {"http:d", "http://a.test/b/d"},
	    {"https:d.test", "https://d.test/"},
	    {"http://", NULL},
	};
	size_t i;

	TEST("url: references resolve against the page")
	{
		for (i = 0; i < sizeof rows / sizeof *rows; i++)
			CHECK_STR(
			    resolve("http://a.test/b/c?q#f", rows[i].input),
			    rows[i].want);
		CHECK_STR(resolve("mailto:x", "y"), NULL);
		CHECK_STR(resolve("mailto:x", "#y"), "mailto:x#y");
	}
	TEST("url: what was resolved is a fixed point of the parser")
	{
		struct winnow_url again;

		for (i = 0; i < sizeof rows / sizeof *rows; i++) {
			if (resolve("http://u@a.test:81/b/c?q#f",
				rows[i].input) == NULL)
				continue;
			CHECK_INT(winnow_url_parse(&again, out_url.href,
				      out_url.len, NULL, NULL),
			    0);
			CHECK_STR(again.href, out_url.href);
			CHECK_INT(again.path_beg, out_url.path_beg);
			CHECK_INT(again.frag_beg, out_url.frag_beg);
			CHECK_INT(again.port, out_url.port);
		}
	}
}

static void
test_host(void)
{
	TEST("url: a host is a name, an IPv4 or an IPv6 address")
	{
		CHECK_STR(host("WWW.Example.Org"), "www.example.org");
		CHECK_STR(host("127.1"), "127.0.0.1");
		CHECK_STR(host("0x7f000001"), "127.0.0.1");
		CHECK_STR(host("256.1.1.1"), NULL);
		CHECK_STR(host("a.256"), NULL);
		CHECK_STR(host("[1:0:0:2::]"), "[1:0:0:2::]");
		CHECK_STR(host("[0:0::ffff:10.0.0.1]"), "[::ffff:a00:1]");
		CHECK_STR(host("[1:2:3:4:5:6:7]"), NULL);
		CHECK_STR(host("[1:2:3:4:5:6:7:8:9]"), NULL);
		CHECK_STR(host(""), NULL);
		CHECK_STR(host("a b"), NULL);
		CHECK_STR(host("a%2fb"), NULL);
	}
	TEST("url: names outside ASCII go to their ASCII form")
	{
		CHECK_STR(host("中文网.测试"), "xn--fiq228c5hs.xn--0zwm56d");
		CHECK_STR(host("ＡＢＣ。ｔｅｓｔ"), "abc.test");
		CHECK_STR(host("straße.test"), "xn--strae-oqa.test");
		CHECK_STR(host("e\xcc\x81.test"), host("\xc3\xa9.test"));
		CHECK_STR(host("%E4%B8%AD.test"), "xn--fiq.test");
		CHECK_STR(host("א1a.test"), NULL); /* Bidi rule */
		CHECK_STR(host("a\xff.test"), NULL);
		CHECK_STR(host("xn--fiq.测试"), "xn--fiq.xn--0zwm56d");
	}
	TEST("url: the domain is the registrable one, or the host itself")
	{
		CHECK_STR(winnow_url_domain("www.moe.edu.cn"), "moe.edu.cn");
		CHECK_STR(winnow_url_domain("a.b.example.com"), "example.com");
		CHECK_STR(winnow_url_domain("192.168.1.10"), "192.168.1.10");
		CHECK_STR(winnow_url_domain("[::1]"), "[::1]");
		CHECK_STR(winnow_url_domain("localhost"), "localhost");
		CHECK_STR(winnow_url_domain("edu.cn"), "edu.cn");
	}
}

static void
test_query(void)
{
	TEST(
	    "url: the query is escaped in the page's encoding, the path is not")
	{
		CHECK_STR(resolve_in("http://a.test/", "/新?k=新闻", "gbk"),
		    "http://a.test/%E6%96%B0?k=%D0%C2%CE%C5");
		CHECK_STR(resolve_in("http://a.test/", "?k=新聞", "big5"),
		    "http://a.test/?k=%B7s%BBD");
		CHECK_STR(resolve_in("http://a.test/", "?k=新闻", "utf-8"),
		    "http://a.test/?k=%E6%96%B0%E9%97%BB");
		CHECK_STR(resolve_in("http://a.test/", "?k=新闻", "no-such"),
		    "http://a.test/?k=%E6%96%B0%E9%97%BB");
	}
	TEST("url: a character that the encoding lacks becomes a reference")
	{
		CHECK_STR(resolve_in("http://a.test/", "?k=😀", "gbk"),
		    "http://a.test/?k=%26%23128512%3B");
		CHECK_STR(resolve_in("http://a.test/", "?k=😀", "gb18030"),
		    "http://a.test/?k=%949%FC6");
		CHECK_STR(resolve_in("http://a.test/", "?k=€", "gbk"),
		    "http://a.test/?k=%80");
	}
}

static void
test_canonical(void)
{
	static const struct {
		const char *input, *want;
	} rows[] = {
	    {"http://A.test:80/x/../%7ea?#f", "http://a.test/~a"},
	    {"http://u:p@a.test./", "http://a.test/"},
	    {"http://a.test/%41%2f%c3%a9%zz%", "http://a.test/A%2F%C3%A9%zz%"},
	    {"http://a.test/%2%45x", "http://a.test/%2%45x"},
	    {"http://a.test/?b%&%61", "http://a.test/?a&b%"},
	    {"http://a.test/n?utm_source=x&id=1&fbclid=y",
		"http://a.test/n?id=1"},
	    {"http://a.test/n?UTM_Medium=x", "http://a.test/n"},
	    {"http://a.test/n?id=1&sid=9f86d081884c7d659a2f",
		"http://a.test/n?id=1"},
	    {"http://a.test/n?sid=9f86d081884c7d659a2",
		"http://a.test/n?sid=9f86d081884c7d659a2"},
	    {"http://a.test/n?sid=20240312000000000001",
		"http://a.test/n?sid=20240312000000000001"},
	    {"http://a.test/n?sid=how-to-be-4-years-old-and-1-day",
		"http://a.test/n?sid=how-to-be-4-years-old-and-1-day"},
	    {"http://a.test/n?xutm_source=1", "http://a.test/n?xutm_source=1"},
	    {"http://a.test/n?utm=1&gclidx=2",
		"http://a.test/n?gclidx=2&utm=1"},
	    {"http://a.test/n;JSESSIONID=A1;v=2?x", "http://a.test/n;v=2?x"},
	    {"http://a.test/..;jsessionid=1/x",
		"http://a.test/..;jsessionid=1/x"},
	    {"http://a.test/(X(1)S(abc))/b.aspx", "http://a.test/b.aspx"},
	    {"http://a.test/(S(abc));jsessionid=x/b.aspx",
		"http://a.test/b.aspx"},
	    {"http://a.test/(S(abc)x)/b.aspx",
		"http://a.test/(S(abc)x)/b.aspx"},
	    {"http://a.test/?b=2&&a=1&b=1&", "http://a.test/?a=1&b=2&b=1"},
	    {"http://a.test/?a[]=1", "http://a.test/?a%5B%5D=1"},
	    {"http://a.test/a//b/Index.html", "http://a.test/a//b/Index.html"},
	    {"ftp://a.test/", NULL},
	};
	struct winnow_url again;
	size_t i;

	TEST("url: the canonical form joins what names one page")
	{
		for (i = 0; i < sizeof rows / sizeof *rows; i++)
			CHECK_STR(canonical(rows[i].input), rows[i].want);
	}
	TEST("url: the canonical form of a canonical form is itself (K1)")
	{
		for (i = 0; i < sizeof rows / sizeof *rows; i++) {
			if (canonical(rows[i].input) == NULL)
				continue;
			CHECK_INT(winnow_url_canonical(&out_url, &again), 0);
			CHECK_STR(again.href, out_url.href);
			CHECK_INT(winnow_url_parse(&again, out_url.href,
				      out_url.len, NULL, NULL),
			    0);
			CHECK_STR(again.href, out_url.href);
			CHECK_INT(again.query_beg, out_url.query_beg);
		}
	}
	TEST("url: more parameters than are sorted keep their order, unlike "
	     "rows go")
	{
		char in[4096] = "http://a.test/?utm_id=0", want[4096];
		size_t n = strlen(in), m;

		m = (size_t)snprintf(want, sizeof want, "http://a.test/");
		for (i = 300; i > 0; i--) {
			n += (size_t)snprintf(
			    in + n, sizeof in - n, "&p%zu=%zu", i, i);
			m += (size_t)snprintf(want + m, sizeof want - m,
			    "%cp%zu=%zu", i == 300 ? '?' : '&', i, i);
		}
		CHECK_STR(canonical(in), want);
	}
}

static void
test_untrack(void)
{
	static const char *const rows[][2] = {
	    {"http://a.test/n?utm_source=x&id=1&fbclid=y",
		"http://a.test/n?id=1"},
	    {"http://a.test/n?b=2&&a=%7e&utm_id=1&",
		"http://a.test/n?b=2&&a=%7e&"},
	    {"http://a.test/n?utm_source=x", "http://a.test/n"},
	    {"http://a.test/n?spm=1&PHPSESSID=5", "http://a.test/n?PHPSESSID=5"},
	    {"http://a.test/n?id=1", NULL},
	    {"http://a.test/n?", NULL},
	    {"http://a.test/utm_source=x", NULL},
	};
	char out[64];
	size_t i;

	TEST("url: counters are not asked for, sessions are, the rest stays")
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		CHECK_INT(winnow_url_untrack(rows[i][0], out, sizeof out),
		    rows[i][1] != NULL);
		if (rows[i][1] != NULL)
			CHECK_STR(out, rows[i][1]);
	}
	CHECK_INT(winnow_url_untrack(rows[0][0], out, 10), 0);
}

static void
test_key(void)
{
	TEST("url: one host key for www., port, case and IDN spellings")
	{
		CHECK(key("http://www.a.test/x").host ==
		      key("http://a.test/").host);
		CHECK(key("https://A.TEST:8443/").host ==
		      key("http://a.test/").host);
		CHECK(key("http://新闻.test/").host ==
		      key("http://xn--efvy88h.test/").host);
		CHECK(key("http://www.test/").host != key("http://test/").host);
		CHECK(key("http://b.test/").host != key("http://a.test/").host);
	}
	TEST("url: one URL key for spellings of a page, others for others")
	{
		CHECK(key("http://a.test/?utm_id=1&x=1").url ==
		      key("http://A.test:80/?x=1#y").url);
		CHECK(key("http://a.test/1").url != key("http://a.test/2").url);
		CHECK(winnow_url_key(&out_url, 1).url !=
		      winnow_url_key(&out_url, 2).url);
	}
}

int
main(void)
{
	test_parse();
	test_resolve();
	test_host();
	test_query();
	test_canonical();
	test_untrack();
	test_key();
	return test_end();
}
