/* test_decode.c - encodings, and content codings. */
#include <zlib.h>

#include "cleaner/arena.h"
#include "cleaner/charset.h"
#include "cleaner/decode.h"
#include "cleaner/inflate.h"
#include "cleaner/winnow.h"
#include "tests/test.h"

static struct wn_arena *arena;
static struct wn_charsets *charsets;
static struct wn_decoded d;

/* The text of bytes under a header, NUL-terminated. */
static const char *
decode(const char *bytes, const char *content_type, const char *user)
{
	struct wn_decode_hints h = {content_type, user};

	wn_arena_reset(arena);
	if (wn_decode(charsets, arena, bytes, strlen(bytes), &h, &d) != 0)
		return NULL;
	return wn_strndup(arena, d.text, d.len);
}

static int
inflate_it(const char *coding, const void *p, size_t n, size_t max,
    const char **out, size_t *out_n)
{
	wn_arena_reset(arena);
	return wn_inflate(arena, coding, p, n, max, out, out_n);
}

static size_t
gzip(const char *s, size_t len, unsigned char *out, size_t cap, int bits)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)s,
	    .avail_in = (uInt)len,
	    .next_out = out,
	    .avail_out = (uInt)cap};

	deflateInit2(&z, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY);
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return z.total_out;
}

static void
test_charset(void)
{
	TEST("decode: gb2312 is read as GB18030, the euro sign too")
	{
		CHECK_STR(decode("\xD6\xD0\x80\x81\x30\x81\x30",
			      "text/html; charset=GB2312", NULL),
		    "中€\xC2\x80");
		CHECK_STR(wn_charset_name(d.charset), "gbk");
		CHECK_STR(d.source, "http");
	}
	TEST("decode: a private-use character of GBK stays")
	CHECK_STR(decode("\xD6\xD0\xAA\xA1", NULL, "gbk"), "中\xEE\x80\x80");
	TEST("decode: a lead byte before ASCII eats no markup")
	{
		CHECK_STR(
		    decode("\xD6\xD0\xD6<p>", NULL, "gbk"), "中\uFFFD<p>");
		CHECK_INT(d.bad, 1);
	}
	TEST("decode: text that is UTF-8 is UTF-8 whatever is declared")
	{
		CHECK_STR(decode("<meta charset=gb2312>中文网页",
			      "text/html; "
			      "charset=gbk",
			      NULL),
		    "<meta charset=gb2312>中文网页");
		CHECK_STR(d.source, "detect");
	}
	TEST("decode: a few broken bytes do not stop UTF-8")
	{
		CHECK_STR(decode("中\xFF文", "text/html; charset=utf-8", NULL),
		    "中\uFFFD文");
		CHECK_INT(d.bad, 1);
	}
	TEST("decode: the user's name is looked up, never given to iconv")
	{
		CHECK(decode("x", NULL, "../../x") == NULL);
		CHECK(decode("x", NULL, "UTF-7") == NULL);
	}
	TEST("decode: a byte order mark goes, and stands above the header")
	{
		CHECK_STR(decode("\xEF\xBB\xBF"
				 "a",
			      "text/html; charset=gbk", NULL),
		    "a");
		CHECK_STR(d.source, "bom");
	}
	TEST("decode: Big5, Shift_JIS, EUC-KR and EUC-JP by their labels")
	{
		CHECK_STR(decode("\xA4\xA4\xA4\xE5", NULL, "big5"), "中文");
		CHECK_STR(
		    decode("\x93\xFA\x96\x7B\xB1", NULL, "sjis"), "日本ｱ");
		CHECK_STR(decode("\xC7\xD1\xB1\xDB", NULL, "euc-kr"), "한글");
		CHECK_STR(decode("\xC6\xFC\xCB\xDC", NULL, "euc-jp"), "日本");
		CHECK_STR(decode("\x93\x94\xE9", NULL, "latin1"), "“”é");
	}
	TEST("decode: NULs go, and what comes out is UTF-8")
	{
		struct wn_decode_hints h = {NULL, NULL};

		CHECK_INT(
		    wn_decode(charsets, arena, "a\0b\xC0\xAF", 5, &h, &d), 0);
		CHECK(memchr(d.text, 0, d.len) == NULL);
	}
}

static void
test_inflate(void)
{
	static char page[200000];
	static unsigned char z[400000];
	const char *out;
	size_t n, k, i;

	for (i = 0; i < sizeof(page); i++)
		page[i] = "<p>winnow</p> "[i % 14];
	n = gzip(page, sizeof(page), z, sizeof(z), 31);
	TEST("inflate: gzip, and joined members")
	{
		CHECK_INT(inflate_it("gzip", z, n, 1 << 20, &out, &k), 0);
		CHECK_INT(k, sizeof(page));
		memcpy(z + n, z, n);
		CHECK_INT(inflate_it("x-gzip", z, 2 * n, 1 << 20, &out, &k), 0);
		CHECK_INT(k, 2 * sizeof(page));
	}
	TEST("inflate: a stream that was cut gives what can be read")
	{
		CHECK_INT(inflate_it("gzip", z, n - 20, 1 << 20, &out, &k), 0);
		CHECK(k > 0 && k <= sizeof(page));
		CHECK(memcmp(out, page, k) == 0);
	}
	TEST("inflate: a bad checksum does not lose the page")
	{
		z[n - 6] ^= 1;
		CHECK_INT(inflate_it("gzip", z, n, 1 << 20, &out, &k), 0);
		CHECK_INT(k, sizeof(page));
		z[n - 6] ^= 1;
	}
	TEST("inflate: past max_body it stops")
	CHECK_INT(inflate_it("gzip", z, n, 100000, &out, &k), WINNOW_ETOOBIG);
	TEST("inflate: a plain body under a gzip header is taken as it is")
	{
		CHECK_INT(inflate_it("gzip", page, 100, 1000, &out, &k), 0);
		CHECK_INT(k, 100);
	}
	TEST("inflate: unknown names and a sixth layer are errors")
	{
		CHECK_INT(
		    inflate_it("rot13", page, 9, 99, &out, &k), WINNOW_ECODING);
		CHECK_INT(inflate_it("gzip,gzip,gzip,gzip,gzip,gzip", z, n,
			      1 << 20, &out, &k),
		    WINNOW_ECODING);
	}
	TEST("inflate: deflate with and without zlib's frame")
	{
		n = gzip(page, sizeof(page), z, sizeof(z), 15);
		CHECK_INT(inflate_it("deflate", z, n, 1 << 20, &out, &k), 0);
		CHECK_INT(k, sizeof(page));
		n = gzip(page, sizeof(page), z, sizeof(z), -15);
		CHECK_INT(inflate_it("deflate", z, n, 1 << 20, &out, &k), 0);
		CHECK_INT(k, sizeof(page));
	}
}

int
main(void)
{
	arena = wn_arena_new(64 << 20);
	charsets = wn_charsets_new();
	test_charset();
	test_inflate();
	wn_charsets_free(charsets);
	wn_arena_free(arena);
	return test_end();
}
