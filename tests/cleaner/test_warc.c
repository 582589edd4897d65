/* test_warc.c - WARC files as others write them, and as nobody should. */
#include <zlib.h>

#include "cleaner/winnow.h"
#include "tests/test.h"

/* ---- a file that is read in pieces --------------------------------------- */

static struct {
	const char *p;
	size_t left, piece;
	int fails; /* at the end */
} file;

static long
read_piece(void *arg, void *buf, size_t n)
{
	(void)arg;
	if (n > file.piece)
		n = file.piece;
	if (n > file.left)
		n = file.left;
	memcpy(buf, file.p, n);
	file.p += n;
	file.left -= n;
	return n == 0 && file.fails ? -1 : (long)n;
}

/* What a file comes to, as "url=body;" for each page and "!" for damage. */
static const char *
read_all(const char *p, size_t n, size_t piece, size_t max_body)
{
	static char out[4096];
	struct winnow_warc *w;
	struct winnow_warc_page g;
	size_t len = 0;
	int rc, calls = 0;

	file.p = p;
	file.left = n;
	file.piece = piece;
	if (winnow_warc_new(&w, read_piece, NULL, max_body) != 0)
		return "no memory";
	out[0] = '\0';
	while ((rc = winnow_warc_next(w, &g)) != 0 && calls++ < 1000) {
		if (rc == 1)
			len += (size_t)snprintf(out + len, sizeof out - len,
			    "%s=%.*s;", g.url != NULL ? g.url : "-",
			    (int)g.body_len, (const char *)g.body);
		else
			len += (size_t)snprintf(out + len, sizeof out - len,
			    rc == WINNOW_ETOOBIG ? "+" : "!");
	}
	winnow_warc_free(w);
	return calls < 1000 ? out : "no end";
}

/* The same in pieces of any size. */
#define CHECK_WARC(p, n, want) \
	do { \
		CHECK_STR(read_all(p, n, 1, 0), want); \
		CHECK_STR(read_all(p, n, 7, 0), want); \
		CHECK_STR(read_all(p, n, 1 << 20, 0), want); \
	} while (0)

/* ---- making files -------------------------------------------------------- */

static char buf[1 << 20];

/* A response record; more: further named fields. */
static size_t
put_record(char *to, const char *url, const char *more, const char *http)
{
	return (size_t)sprintf(to,
	    "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: %s\r\n%s"
	    "Content-Type: application/http; msgtype=response\r\n"
	    "Content-Length: %zu\r\n\r\n%s\r\n\r\n",
	    url, more, strlen(http), http);
}

static size_t
put_other(char *to, const char *type, const char *block)
{
	return (size_t)sprintf(to,
	    "WARC/1.0\r\nWARC-Type: %s\r\nContent-Length: %zu\r\n\r\n%s\r\n\r\n",
	    type, strlen(block), block);
}

static size_t
zip(char *to, size_t cap, const char *p, size_t n)
{
	z_stream z = {.next_in = (void *)(uintptr_t)p,
	    .avail_in = (uInt)n,
	    .next_out = (void *)to,
	    .avail_out = (uInt)cap};

	deflateInit2(&z, 6, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY);
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return cap - z.avail_out;
}

#define OK "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

/* ---- what others write --------------------------------------------------- */

static void
test_forms(void)
{
	static char gz[1 << 16];
	size_t n = 0, a, m;

	TEST("warc: plain, gzip by record and gzip as a whole are the same")
	{
		n = put_other(buf, "warcinfo", "software: x\r\n");
		a = n;
		n += put_record(buf + n, "http://a.test/1", "", OK "\r\none");
		n += put_other(buf + n, "request", "GET / HTTP/1.1\r\n\r\n");
		n += put_record(buf + n, "<http://a.test/2>", "", OK "\r\ntwo");
		n += put_other(buf + n, "metadata", "x: y\r\n");
		CHECK_WARC(buf, n, "http://a.test/1=one;http://a.test/2=two;");
		m = zip(gz, sizeof gz, buf, n);
		CHECK_WARC(gz, m, "http://a.test/1=one;http://a.test/2=two;");
		m = zip(gz, sizeof gz, buf, a);
		m += zip(gz + m, sizeof gz - m, buf + a, n - a);
		CHECK_WARC(gz, m, "http://a.test/1=one;http://a.test/2=two;");
		memset(gz + m, 0, 512); /* padding */
		CHECK_WARC(gz, m + 512,
		    "http://a.test/1=one;http://a.test/2=two;");
		CHECK_INT(winnow_is_warc(buf, 64), 1);
		CHECK_INT(winnow_is_warc(gz, 64), 1);
	}
	TEST("warc: what is no WARC file is told by its first bytes")
	{
		CHECK_INT(winnow_is_warc("<html>", 6), 0);
		CHECK_INT(winnow_is_warc("", 0), 0);
		CHECK_INT(winnow_is_warc("\x1f\x8b\x08", 3), 0);
		m = zip(gz, sizeof gz, "<html>zipped</html>", 19);
		CHECK_INT(winnow_is_warc(gz, m), 0);
	}
	TEST("warc: names in any case, folded lines, bare line feeds")
	{
		n = (size_t)sprintf(buf,
		    "WARC/0.18\nwarc-type:response\nwarc-target-uri:\n "
		    "http://a.test/\nCONTENT-LENGTH:  24\n\nHTTP/1.0 200\n"
		    "X: y\n\nbody\n\n");
		CHECK_WARC(buf, n, "http://a.test/=body\n;");
	}
	TEST("warc: answers over other protocols are passed over")
	{
		n = (size_t)sprintf(buf,
		    "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: "
		    "dns:a.test\r\nContent-Type: text/dns\r\n"
		    "Content-Length: 9\r\n\r\n127.0.0.1\r\n\r\n");
		n += put_record(buf + n, "http://a.test/", "", OK "\r\nx");
		CHECK_WARC(buf, n, "http://a.test/=x;");
	}
}

static void
test_chunks(void)
{
	static const struct {
		const char *sent, *want;
	} rows[] = {{"5\r\nhello\r\n0\r\n\r\n", "hello"},
	    {"5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nT: r\r\n\r\n", "hello!"},
	    {"0\r\n\r\n", ""}, {"ff\r\ncut", "cut"}, {"3\r\nabc", "abc"},
	    {"2\nhi\n0\n\n", "hi"},
	    {"<p>undone by who wrote it", "<p>undone by who wrote it"},
	    {"fa\xc3\xa7" "ade", "fa\xc3\xa7" "ade"}, {"", ""},
	    {"3\r\nabc\r\nnonsense", "abc"},
	    {"ffffffffffffffff\r\nx", "ffffffffffffffff\r\nx"}};
	char http[512], want[512];
	size_t n;

	TEST("warc: chunks are taken together, a body that has none stays")
	{
		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
			snprintf(http, sizeof http,
			    OK "Transfer-Encoding: chunked\r\n\r\n%s",
			    rows[i].sent);
			snprintf(want, sizeof want, "u=%s;", rows[i].want);
			n = put_record(buf, "u", "", http);
			CHECK_WARC(buf, n, want);
		}
	}
}

static void
test_fields(void)
{
	struct winnow_warc *w;
	struct winnow_warc_page g;

	TEST("warc: what is told of a page")
	{
		file.left = put_record(buf, "http://a.test/",
		    "WARC-Date: 2026-11-22T01:02:03.456Z\r\n"
		    "WARC-Record-ID: <urn:uuid:1-2>\r\n"
		    "WARC-IP-Address: ::1\r\nWARC-Truncated: length\r\n"
		    "Winnow-Hints: charset=gbk;timezone=+08:00;feed-date=77;\r\n",
		    "HTTP/1.1 203 x\r\nContent-Type: a/b;  c=d\r\n"
		    "content-encoding:gzip\r\nETag: \"e\"\r\n"
		    "Last-Modified: L\r\nX-Robots-Tag: noindex\r\n\r\nxyz");
		file.p = buf;
		file.piece = 100;
		CHECK_INT(winnow_warc_new(&w, read_piece, NULL, 0), 0);
		CHECK_INT(winnow_warc_next(w, &g), 1);
		CHECK_STR(g.url, "http://a.test/");
		CHECK_STR(g.id, "urn:uuid:1-2");
		CHECK_STR(g.address, "::1");
		CHECK_STR(g.truncated, "length");
		CHECK_INT(g.date, 1795309323);
		CHECK_INT(g.status, 203);
		CHECK_STR(g.content_type, "a/b; c=d");
		CHECK_STR(g.content_encoding, "gzip");
		CHECK_STR(g.etag, "\"e\"");
		CHECK_STR(g.last_modified, "L");
		CHECK_STR(g.x_robots_tag, "noindex");
		CHECK_STR(g.charset, "gbk");
		CHECK_STR(g.timezone, "+08:00");
		CHECK_INT(g.feed_date, 77);
		CHECK_INT(g.body_len, 3);
		CHECK_INT(winnow_warc_next(w, &g), 0);
		CHECK_INT(winnow_warc_next(w, &g), 0);
		winnow_warc_free(w);
	}
}

/* ---- damage -------------------------------------------------------------- */

static void
test_damage(void)
{
	static char gz[1 << 16];
	size_t at[4], n, m;

	TEST("warc: a record that is none costs itself")
	{
		n = put_record(buf, "1", "", OK "\r\none");
		n += (size_t)sprintf(buf + n, "rubbish that nobody wrote\r\n");
		n += put_record(buf + n, "2", "", OK "\r\ntwo");
		n += (size_t)sprintf(buf + n,
		    "WARC/1.0\r\nWARC-Type: response\r\n\r\n");
		n += put_record(buf + n, "3", "", "not HTTP");
		n += put_record(buf + n, "4", "", OK "\r\nfour");
		CHECK_WARC(buf, n, "1=one;!2=two;!!4=four;");
		n = put_record(buf, "1", "", OK "\r\none");
		memset(buf + n, '\n', 100);
		CHECK_WARC(buf, n + 100, "1=one;!");
	}
	TEST("warc: a member that is damaged costs itself, and so does a cut")
	{
		for (int i = m = 0; i < 4; i++) {
			char url[2] = {(char)('1' + i), '\0'};

			n = put_record(buf, url, "", OK "\r\nbody");
			at[i] = m;
			m += zip(gz + m, sizeof gz - m, buf, n);
		}
		CHECK_WARC(gz, m - 5, "1=body;2=body;3=body;!");
		CHECK_WARC(gz, m - 30, "1=body;2=body;3=body;!");
		gz[at[1] - 5] ^= 1; /* a checksum */
		CHECK_STR(read_all(gz, m, 1 << 20, 0), "!2=body;3=body;4=body;");
		gz[at[1] - 5] ^= 1;
		memset(gz + at[1] + 30, 0xff, 20);
		CHECK_STR(read_all(gz, m, 1 << 20, 0), "1=body;!3=body;4=body;");
		memset(gz + at[2], 'x', 2);
		CHECK_STR(read_all(gz, m, 1 << 20, 0), "1=body;!4=body;");
	}
	TEST("warc: a header without an end, a length without one")
	{
		n = (size_t)sprintf(buf, "WARC/1.0\r\nX: ");
		memset(buf + n, 'a', 200000);
		n += 200000;
		n += (size_t)sprintf(buf + n, "\r\n");
		n += put_record(buf + n, "2", "", OK "\r\ntwo");
		CHECK_STR(read_all(buf, n, 1 << 20, 0), "!2=two;");
		n = (size_t)sprintf(buf,
		    "WARC/1.0\r\nWARC-Type: response\r\n"
		    "Content-Length: 99999999999999999999\r\n\r\n");
		n += put_record(buf + n, "2", "", OK "\r\ntwo");
		CHECK_WARC(buf, n, "!2=two;");
		n = (size_t)sprintf(buf,
		    "WARC/1.0\r\nWARC-Type: response\r\n"
		    "Content-Length: 999999999999999999\r\n\r\nHTTP/1.1 200\r\n");
		CHECK_WARC(buf, n, "+");
	}
	TEST("warc: a page beyond the bound is passed over, the next one is not")
	{
		n = put_record(buf, "1", "", OK "\r\none");
		m = (size_t)sprintf(buf + n,
		    "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: "
		    "700000\r\n\r\n" OK "\r\n");
		memset(buf + n + m, 'b', 700000);
		n += m + 700000 - strlen(OK "\r\n");
		n += (size_t)sprintf(buf + n, "\r\n\r\n");
		n += put_record(buf + n, "3", "", OK "\r\nthree");
		CHECK_STR(read_all(buf, n, 1 << 20, 1000), "1=one;+3=three;");
	}
	TEST("warc: a file that cannot be read on says so once, and ends")
	{
		n = put_record(buf, "1", "", OK "\r\none");
		file.fails = 1;
		CHECK_WARC(buf, n, "1=one;!");
		file.fails = 0;
		CHECK_WARC(buf, 0, "");
	}
}

int
main(void)
{
	test_forms();
	test_chunks();
	test_fields();
	test_damage();
	return test_end();
}
