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

enum {
	OF_GB = WN_CS_GB18030,
	OF_BIG5 = WN_CS_BIG5,
	OF_EUCKR = WN_CS_EUC_KR,
	OF_SJIS = WN_CS_SHIFT_JIS,
	OF_JIS0212 = WN_CS_EUC_JP
};

/* What wn_charset_pairs() is to come to (charset_pairs.def). */
static const struct {
	int charset;
	uint64_t digest;
} tables[] = {
#define P(table, pair, point)
#define R(pointer, point)
#define T(table, digest) {OF_##table, digest},
#include "cleaner/charset_pairs.def"
#undef P
#undef R
#undef T
};

static uint64_t
fnv(const uint32_t *v, size_t n)
{
	uint64_t h = 0xCBF29CE484222325;

	while (n-- > 0)
		h = (h ^ *v++) * 0x100000001B3;
	return h;
}

/* Bytes of an encoding that need not be text, and what they come to. */
static void
check_bytes(const char *label, const char *bytes, size_t n, const char *want)
{
	enum wn_charset cs = wn_charset_find(label, strlen(label));
	struct wn_buf b;

	wn_arena_reset(arena);
	wn_buf_init(&b, arena);
	wn_charset_decode(charsets, cs, &b, bytes, n);
	CHECK_STR(b.len > 0 ? b.b : "", want);
}
#define BYTES(label, bytes, want)                                              \
	check_bytes(label, bytes, sizeof(bytes) - 1, want)

static void
test_tables(void)
{
	TEST("charset: every pair of every table is the standard's")
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		size_t n;
		const uint32_t *t = wn_charset_pairs(
		    charsets, (enum wn_charset)tables[i].charset, &n);

		CHECK(t != NULL && fnv(t, n) == tables[i].digest);
	}
	TEST("charset: GB18030's four bytes reach the whole of Unicode")
	{
		BYTES("gb18030", "\x81\x30\x81\x30", "\xC2\x80");
		BYTES("gb18030", "\x81\x35\xF4\x37", "\uE7C7");
		BYTES("gb18030", "\x84\x31\xA4\x39", "\uFFFF");
		BYTES("gb18030", "\x95\x32\x82\x36", "\U00020000");
		BYTES("gb18030", "\xE3\x32\x9A\x35", "\U0010FFFF");
		BYTES("gb18030", "\xE3\x32\x9A\x36", "\uFFFD");
		BYTES("gb18030", "\x84\x31\xA5\x30", "\uFFFD");
	}
	TEST("charset: of broken bytes as many are eaten as the standard says")
	{
		BYTES("gbk", "\x81\x30<p>", "\uFFFD0<p>");
		BYTES("gbk", "\x81\x30\x81<", "\uFFFD0\uFFFD<");
		BYTES("gbk", "\x81\x30\x81", "\uFFFD");
		BYTES("gbk", "\xFF\xD6\xD0\xD6", "\uFFFD中\uFFFD");
		BYTES("big5", "\xA4\x22\xA4\xA4", "\uFFFD\"中");
		BYTES("euc-jp", "\x8E\x80<", "\uFFFD<");
		BYTES("euc-jp", "\x8F\xA1<\xC6\xFC", "\uFFFD<日");
		BYTES("shift_jis", "\x81<\xA0\xFD", "\uFFFD<\uFFFD\uFFFD");
		BYTES("utf-16le", "\x00\xD8\x2D\x4E\x00", "\uFFFD中\uFFFD");
		BYTES("utf-16be", "\xD8\x00\x4E", "\uFFFD");
	}
	TEST(
	    "charset: Big5 reads Hong Kong's characters, and four pairs as two")
	{
		BYTES("big5", "\x87\x45\x9D\x5A", "\U00027267\u7B51");
		BYTES("big5", "\x88\x62\x88\xA5", "\u00CA\u0304\u00EA\u030C");
	}
	TEST("charset: Japanese of three sets, two of them of seven bits")
	{
		BYTES(
		    "euc-jp", "\xC6\xFC\x8E\xB1\x8F\xB0\xA1\xAD\xA1", "日ｱ丂①");
		BYTES("euc-jp", "\xF5\xA1", "\uFFFD");
		BYTES("iso-2022-jp", "\x1B$B\x46\x7C\x1B(I1\x1B(J\\~\x1B(B~",
		    "日ｱ¥‾~");
		BYTES("iso-2022-jp", "\x1B$B\x1B(Ba\x0E\x1B",
		    "\uFFFD"
		    "a\uFFFD\uFFFD");
	}
	TEST("charset: one byte, one character, where the standard knows one")
	{
		BYTES("windows-1252", "\x80\x81\xFF", "€\xC2\x81ÿ");
		BYTES("windows-874", "\xA1\xDB", "ก\uFFFD");
		BYTES("koi8-u", "\xAE\xBE\xA4", "ўЎє");
		BYTES("macintosh", "\x8E\xDB", "é€");
		BYTES("x-user-defined", "a\x80\xFF", "a\uF780\uF7FF");
	}
}

static void
decode_bytes(const char *bytes, size_t n, const char *content_type)
{
	struct wn_decode_hints h = {content_type, NULL};

	wn_arena_reset(arena);
	CHECK_INT(wn_decode(charsets, arena, bytes, n, &h, &d), 0);
}

/* Letters as UTF-16 with the low or the high byte first. */
static size_t
wide(const char *s, int low, char *out)
{
	size_t n = 0;

	for (; *s != '\0'; s++, n += 2) {
		out[n + !low] = *s;
		out[n + low] = '\0';
	}
	return n;
}

static void
test_claims(void)
{
	const char *page = "<html><head><title>winnow</title></head></html>";
	char utf16[256];
	size_t n;

	TEST("decode: UTF-16 without its mark is known by its NULs")
	{
		n = wide(page, 1, utf16);
		decode_bytes(utf16, n, NULL);
		CHECK_STR(wn_charset_name(d.charset), "utf-16le");
		CHECK_STR(wn_strndup(arena, d.text, d.len), page);
		n = wide(page, 0, utf16);
		decode_bytes(utf16, n, "text/html; charset=utf-16");
		CHECK_STR(wn_charset_name(d.charset), "utf-16be");
		CHECK_STR(wn_strndup(arena, d.text, d.len), page);
	}
	TEST("decode: a server that says utf-16 of other bytes wrecks nothing")
	{
		CHECK_STR(decode("<p>中文网页</p>", "text/html; charset=utf-16",
			      NULL),
		    "<p>中文网页</p>");
		CHECK_STR(decode("plain", "text/html; charset=utf-16be", NULL)
			      ? wn_charset_name(d.charset)
			      : "",
		    "utf-16be");
		CHECK_STR(
		    decode("<p>plain</p>", "text/html; charset=utf-16be", NULL),
		    "<p>plain</p>");
	}
	TEST("decode: HZ is read by its bytes, whatever the page is called")
	{
		CHECK_STR(decode("<p>~{11>)JPR=R)9+K>~}</p>", NULL, NULL),
		    "<p>北京市医药公司</p>");
		CHECK_STR(wn_charset_name(d.charset), "hz-gb-2312");
		decode(
		    "<p>~{11>)JP~}</p>", "text/html; charset=hz-gb-2312", NULL);
		CHECK_STR(wn_charset_name(d.charset), "hz-gb-2312");
		decode("<p>~{11>)JP~}</p>", NULL, "hz-gb-2312");
		CHECK_STR(wn_charset_name(d.charset), "hz-gb-2312");
		CHECK_STR(decode("for x; do ~{ls}; done ~}", NULL, NULL),
		    "for x; do ~{ls}; done ~}");
	}
	TEST("decode: a label that the standard replaces, on plain text")
	{
		CHECK_STR(
		    decode("<p>a</p>", "text/html; charset=iso-2022-kr", NULL),
		    "<p>a</p>");
		CHECK_STR(decode("\x1B$)C\x0E!!\x0F",
			      "text/html; charset=iso-2022-kr", NULL),
		    "\uFFFD");
	}
	TEST("decode: a meta element behind the first 4096 bytes is found")
	{
		static char late[8192];

		memset(late, ' ', 6000);
		memcpy(late, "<html>", 6);
		strcpy(late + 6000, "<meta charset=iso-8859-5>\xBF\xE0");
		CHECK(decode(late, NULL, NULL) != NULL);
		CHECK_STR(wn_charset_name(d.charset), "iso-8859-5");
		CHECK_STR(d.source, "meta");
	}
	TEST("decode: x-user-defined in a meta element means windows-1252")
	{
		decode("<meta charset=x-user-defined>caf\xE9", NULL, NULL);
		CHECK_STR(wn_charset_name(d.charset), "windows-1252");
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
	test_tables();
	test_claims();
	test_inflate();
	wn_charsets_free(charsets);
	wn_arena_free(arena);
	return test_end();
}
