/* test_cookies.c - jars: who gets a cookie back, and how many are kept. */
#include "crawler/cookies.h"

#include <string.h>

#include "tests/test.h"

#define NOW 1700000000

static struct cookies *jars;
static char out[COOKIES_HEADER + 1];

static int
set(const char *host, const char *path, int tls, const char *line)
{
	struct cookies_place at = {host, path, tls};

	return cookies_set(jars, &at, line, strlen(line), NOW);
}

static const char *
sent(const char *host, const char *path, int tls)
{
	struct cookies_place at = {host, path, tls};

	cookies_get(jars, &at, NOW, out);
	return out;
}

static void
again(void)
{
	cookies_free(jars);
	jars = cookies_new();
}

static void
host_cases(void)
{
	TEST("h13: a cookie goes back to the host that set it, and to no other")
	{
		CHECK_INT(set("www.a.test", "/", 0, " sid=1; HttpOnly"), 1);
		CHECK_STR(sent("www.a.test", "/x", 0), "sid=1");
		CHECK_STR(sent("WWW.a.TEST", "/x", 0), "sid=1");
		CHECK_STR(sent("a.test", "/", 0), "");
		CHECK_STR(sent("b.www.a.test", "/", 0), "");
		CHECK_STR(sent("www.a.test.evil.test", "/", 0), "");
	}
	TEST("h13: Domain widens nothing, and a foreign one is refused")
	{
		again();
		CHECK_INT(set("www.a.test", "/", 0, "d=1; Domain=.a.test"), 1);
		CHECK_STR(sent("www.a.test", "/", 0), "d=1");
		CHECK_STR(sent("a.test", "/", 0), "");
		CHECK_INT(set("www.a.test", "/", 0, "e=1; Domain=b.test"), 0);
		CHECK_INT(set("www.a.test", "/", 0, "e=1; Domain=w.a.test"), 0);
		CHECK_INT(
		    set("www.a.test", "/", 0, "e=1; Domain=x.www.a.test"), 0);
		CHECK_STR(sent("www.a.test", "/", 0), "d=1");
	}
	TEST("h13: a cookie for a public suffix is refused")
	{
		again();
		CHECK_INT(set("www.moe.gov.cn", "/", 0, "s=1; Domain=cn"), 0);
		CHECK_INT(
		    set("www.moe.gov.cn", "/", 0, "s=1; Domain=.gov.cn"), 0);
		CHECK_INT(
		    set("www.moe.gov.cn", "/", 0, "s=1; Domain=moe.gov.cn"), 1);
		CHECK_INT(set("www.a.test", "/", 0, "s=1; Domain=.test"), 0);
	}
}

static void
place_cases(void)
{
	TEST("cookies: Secure ones go over TLS only, and come from there only")
	{
		again();
		CHECK_INT(set("a.test", "/", 0, "s=1; Secure"), 0);
		CHECK_INT(set("a.test", "/", 0, "__Host-s=1"), 0);
		CHECK_INT(set("a.test", "/", 1, "s=1; Secure"), 1);
		CHECK_STR(sent("a.test", "/", 0), "");
		CHECK_STR(sent("a.test", "/", 1), "s=1");
	}
	TEST("cookies: Path bounds where they go, the longest first")
	{
		again();
		set("a.test", "/", 0, "root=1; Path=/");
		set("a.test", "/shop/list", 0, "shop=1"); /* the default */
		set("a.test", "/", 0, "deep=1; Path=/shop/a");
		CHECK_STR(sent("a.test", "/", 0), "root=1");
		CHECK_STR(sent("a.test", "", 0), "root=1");
		CHECK_STR(sent("a.test", "/shop", 0), "shop=1; root=1");
		CHECK_STR(sent("a.test", "/shopping", 0), "root=1");
		CHECK_STR(
		    sent("a.test", "/shop/a/b", 0), "deep=1; shop=1; root=1");
	}
	TEST("cookies: an equal name and path replaces, the past takes away")
	{
		again();
		set("a.test", "/", 0, "s=1");
		set("a.test", "/", 0, "s=2");
		CHECK_STR(sent("a.test", "/", 0), "s=2");
		CHECK_INT(set("a.test", "/", 0, "s=; Max-Age=0"), 1);
		CHECK_STR(sent("a.test", "/", 0), "");
		set("a.test", "/", 0, "s=3");
		set("a.test", "/", 0,
		    "s=; Expires=Thu, 01 Jan 1970 00:00:01 GMT");
		CHECK_STR(sent("a.test", "/", 0), "");
	}
	TEST("cookies: one is forgotten when its time is over")
	{
		struct cookies_place at = {"a.test", "/", 0};

		again();
		set("a.test", "/", 0, "s=1; Max-Age=60");
		CHECK(cookies_get(jars, &at, NOW + 59, out) > 0);
		CHECK_INT(cookies_get(jars, &at, NOW + 60, out), 0);
	}
}

static void
bound_cases(void)
{
	static char line[8400];
	char host[64];
	int i;

	TEST("h13: 70 cookies leave the last 50")
	{
		again();
		for (i = 0; i < 70; i++) {
			snprintf(line, sizeof(line), "c%02d=x", i);
			set("a.test", "/", 0, line);
		}
		sent("a.test", "/", 0);
		CHECK(strstr(out, "c19=x") == NULL);
		CHECK(strncmp(out, "c20=x; ", 7) == 0);
		CHECK(strstr(out, "c69=x") != NULL);
	}
	TEST("h13: name and value are at most 4 KiB, the header 8,190 bytes")
	{
		again();
		memset(line, 'v', sizeof(line));
		line[0] = 'n';
		line[1] = '=';
		line[4097] = '\0';
		CHECK_INT(set("a.test", "/", 0, line), 1);
		line[4097] = 'v';
		line[4098] = '\0';
		CHECK_INT(set("a.test", "/", 0, line), 0);
		line[4000] = '\0';
		for (i = 0; i < 10; i++) {
			line[0] = (char)('a' + i);
			set("a.test", "/", 0, line);
		}
		CHECK(strlen(sent("a.test", "/", 0)) <= COOKIES_HEADER);
	}
	TEST("cookies: control bytes, no name, no equals sign are refused")
	{
		again();
		CHECK_INT(set("a.test", "/", 0, "s=a\rb"), 0);
		CHECK_INT(set("a.test", "/", 0, "s=\x01"), 0);
		CHECK_INT(set("a.test", "/", 0, "=v"), 0);
		CHECK_INT(set("a.test", "/", 0, "flag"), 0);
		CHECK_INT(set("a.test", "/", 0, ""), 0);
		CHECK_INT(set("a.test", "/", 0, ";;;=;"), 0);
	}
	TEST("cookies: of 2,000 hosts the latest 1,024 have a jar")
	{
		again();
		for (i = 0; i < 2000; i++) {
			snprintf(host, sizeof(host), "h%d.test", i);
			set(host, "/", 0, "s=1");
		}
		CHECK_STR(sent("h975.test", "/", 0), "");
		CHECK_STR(sent("h976.test", "/", 0), "s=1");
		CHECK_STR(sent("h1999.test", "/", 0), "s=1");
	}
}

int
main(void)
{
	jars = cookies_new();
	host_cases();
	place_cases();
	bound_cases();
	cookies_free(jars);
	return test_end();
}
