/* test_web_target.c - what a client of the web server may ask for, and under
 * which name. */
#include "crawler/web_target.h"
#include "tests/test.h"

static int
path(const char *text, const char *want)
{
	struct web_target t;

	return web_target_parse(&t, text) == 0 && strcmp(t.path, want) == 0;
}

static const char *
query(const char *text, const char *name)
{
	static char out[16];

	return web_query_get(text, name, out, sizeof out) >= 0 ? out : "(none)";
}

static int
host(const char *h)
{
	static const char *const names[] = {"crawler.example", NULL};

	return web_host_ok(h, names);
}

int
main(void)
{
	struct web_target t;
	char longer[600];

	memset(longer, 'a', sizeof longer - 1);
	longer[0] = '/';
	longer[sizeof longer - 1] = '\0';

	TEST("http: a target is a path, and the query behind it")
	{
		CHECK(path("/", "/"));
		CHECK(path("/a/b", "/a/b"));
		CHECK(path("/a?b=c", "/a"));
		CHECK(path("/a#b", "/a"));
		CHECK(path("/%61", "/%61")); /* one spelling of each path */
		CHECK_INT(web_target_parse(&t, "/a?b=c#d"), 0);
		CHECK_STR(t.query, "b=c#d");
		CHECK_STR(t.host, "");
	}
	TEST("http: an absolute target names its host")
	{
		CHECK_INT(web_target_parse(&t, "HTTP://a.test:81/b?c"), 0);
		CHECK_STR(t.host, "a.test:81");
		CHECK_STR(t.path, "/b");
		CHECK_INT(web_target_parse(&t, "http:///b"), -1);
		CHECK_INT(web_target_parse(&t, "http://a.test"), -1);
	}
	TEST("http: what is no target of ours is refused")
	{
		CHECK_INT(web_target_parse(&t, ""), -1);
		CHECK_INT(web_target_parse(&t, "*"), -1);
		CHECK_INT(web_target_parse(&t, "a"), -1);
		CHECK_INT(web_target_parse(&t, "ftp://a/b"), -1);
		CHECK_INT(web_target_parse(&t, longer), -1);
	}
	TEST("http: a parameter is decoded once, and is text")
	{
		CHECK_STR(query("a=1&b=2", "b"), "2");
		CHECK_STR(query("ab=1&b=2", "b"), "2");
		CHECK_STR(query("b=%e4%b8%ad+x%2B", "b"), "\xe4\xb8\xad x+");
		CHECK_STR(query("b=%2541", "b"), "%41");
		CHECK_STR(query("b=", "b"), "");
		CHECK_STR(query("b=1#&c=2", "c"), "(none)");
		CHECK_STR(query("a=1", "b"), "(none)");
		CHECK_STR(query("", "b"), "(none)");
		CHECK_STR(query("b", "b"), "(none)");
	}
	TEST("http: a parameter with a NUL, controls, half a byte or too much "
	     "is none")
	{
		CHECK_STR(query("b=%00", "b"), "(none)");
		CHECK_STR(query("b=a%0ab", "b"), "(none)");
		CHECK_STR(query("b=%ff", "b"), "(none)");
		CHECK_STR(query("b=%4", "b"), "(none)");
		CHECK_STR(query("b=%4&c=1", "b"), "(none)");
		CHECK_STR(query("b=%zz", "b"), "(none)");
		CHECK_STR(query("b=123456789012345", "b"), "123456789012345");
		CHECK_STR(query("b=1234567890123456", "b"), "(none)");
	}
	TEST("http: addresses, localhost and http.hosts are this machine")
	{
		CHECK(host("localhost"));
		CHECK(host("LocalHost.:9712"));
		CHECK(host("127.0.0.1"));
		CHECK(host("192.0.2.7:80"));
		CHECK(host("[::1]"));
		CHECK(host("[::1]:9712"));
		CHECK(host("CRAWLER.example:"));
	}
	TEST("http: any other name is not, however it is written")
	{
		CHECK(!host(""));
		CHECK(!host("."));
		CHECK(!host("evil.test"));
		CHECK(!host("localhost.evil.test"));
		CHECK(!host("evil.test:80:80"));
		CHECK(!host("localhost:80@evil.test"));
		CHECK(!host("localhost/evil.test"));
		CHECK(!host("[::1].evil.test"));
		CHECK(!host("[evil.test]"));
		CHECK(!host("[::1"));
		CHECK(!host("127.0.0.1.evil.test"));
		CHECK(!host("crawler.example2"));
	}
	return test_end();
}
