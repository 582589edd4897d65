/* url_query.c - the query of a link, escaped in the encoding of its page.
 *
 * A link ?kw=新闻 on a GBK page asks for ?kw=%D0%C2%CE%C5: that is what the
 * server's form code reads. A character the encoding lacks becomes &#N; with
 * its marks escaped, as browsers send it.
 *
 * iconv does the encoding; where glibc's tables and those of the WHATWG
 * Encoding standard differ, the rows of `quirks` win. A converter is opened at
 * its first use and kept; a sandboxed worker opens all of them beforehand.
 *
 * Invariants
 *  Q1  Converters belong to one thread.
 *  Q2  After wn_url_open_encodings() nothing here opens a file. */
#include "cleaner/url_parts.h"

#include <iconv.h>
#include <string.h>

/* WHATWG name, and what iconv calls a superset of it. */
static const struct encoding {
	const char *name, *iconv_name;
	int four; /* bytes a character may have; longer ones it lacks */
} encodings[] = {
    {"gbk", "GB18030", 2},
    {"gb2312", "GB18030", 2}, /* a label of gbk */
    {"gb18030", "GB18030", 4},
    {"big5", "BIG5-HKSCS", 2},
    {"big5-hkscs", "BIG5-HKSCS", 2},
    {"shift_jis", "CP932", 2},
    {"euc-jp", "EUC-JP-MS", 2},
    {"iso-2022-jp", "ISO-2022-JP", 8},
    {"euc-kr", "UHC", 2},
    {"windows-1250", "CP1250", 1},
    {"windows-1251", "CP1251", 1},
    {"windows-1252", "CP1252", 1},
    {"iso-8859-1", "CP1252", 1}, /* a label of windows-1252 */
    {"windows-1253", "CP1253", 1},
    {"windows-1254", "CP1254", 1},
    {"windows-1255", "CP1255", 1},
    {"windows-1256", "CP1256", 1},
    {"windows-1257", "CP1257", 1},
    {"windows-1258", "CP1258", 1},
    {"windows-874", "CP874", 1},
    {"iso-8859-2", "ISO-8859-2", 1},
    {"iso-8859-3", "ISO-8859-3", 1},
    {"iso-8859-4", "ISO-8859-4", 1},
    {"iso-8859-5", "ISO-8859-5", 1},
    {"iso-8859-6", "ISO-8859-6", 1},
    {"iso-8859-7", "ISO-8859-7", 1},
    {"iso-8859-8", "ISO-8859-8", 1},
    {"iso-8859-8-i", "ISO-8859-8", 1},
    {"iso-8859-10", "ISO-8859-10", 1},
    {"iso-8859-13", "ISO-8859-13", 1},
    {"iso-8859-14", "ISO-8859-14", 1},
    {"iso-8859-15", "ISO-8859-15", 1},
    {"iso-8859-16", "ISO-8859-16", 1},
    {"koi8-r", "KOI8-R", 1},
    {"koi8-u", "KOI8-U", 1},
    {"ibm866", "CP866", 1},
    {"macintosh", "MACINTOSH", 1},
    {"x-mac-cyrillic", "MAC-UK", 1},
};
#define NENCODINGS (sizeof encodings / sizeof *encodings)

/* Characters that an encoder of the standard writes otherwise than glibc;
 * n == 0: the encoding lacks them. */
static const struct {
	const char *encoding;
	uint32_t c;
	int n;
	uint8_t b[2];
} quirks[] = {
    {"gbk", 0x20ac, 1, {0x80}},
    {"gb2312", 0x20ac, 1, {0x80}},
    {"gb18030", 0xe5e5, 0, {0}},
    {"iso-2022-jp", 0x0e, 0, {0}},
    {"iso-2022-jp", 0x0f, 0, {0}},
    {"iso-2022-jp", 0x1b, 0, {0}},
};

static _Thread_local struct {
	iconv_t cd;
	int tried; /* opened, or not known to this system's iconv */
} converters[NENCODINGS];

static int
find_encoding(const char *name)
{
	size_t i;

	for (i = 0; i < NENCODINGS; i++)
		if (strcmp(encodings[i].name, name) == 0)
			return (int)i;
	return -1;
}

static iconv_t
open_converter(int i)
{
	if (!converters[i].tried) {
		converters[i].cd = iconv_open(encodings[i].iconv_name, "UTF-8");
		converters[i].tried = 1;
	}
	return converters[i].cd;
}

void
wn_url_open_encodings(void)
{
	size_t i;

	for (i = 0; i < NENCODINGS; i++)
		(void)open_converter((int)i);
}

static void
put_bytes(struct wn_out *o, const char *b, size_t n, int set)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((uint8_t)b[i] > 0x7e || (wn_url_class[(uint8_t)b[i]] & set))
			wn_out_escape(o, (uint8_t)b[i]);
		else
			wn_out_put(o, b + i, 1);
}

/* "&#N;", its marks escaped. */
static void
put_missing(struct wn_out *o, uint32_t c)
{
	char s[32];
	size_t n = sizeof s;

	memcpy(s + (n -= 3), "%3B", 3);
	do
		s[--n] = (char)('0' + c % 10);
	while ((c /= 10) > 0);
	memcpy(s + (n -= 6), "%26%23", 6);
	wn_out_put(o, s + n, sizeof s - n);
}

/* Encodes the character at p, n bytes. Bytes written to b, 0: it is lacking. */
static size_t
encode_char(
    int enc, iconv_t cd, uint32_t c, const char *p, size_t n, char b[16])
{
	char *in = (char *)(uintptr_t)p, *out = b;
	size_t room = 16, i;

	for (i = 0; i < sizeof quirks / sizeof *quirks; i++)
		if (quirks[i].c == c &&
		    strcmp(quirks[i].encoding, encodings[enc].name) == 0) {
			memcpy(b, quirks[i].b, sizeof quirks[i].b);
			return (size_t)quirks[i].n;
		}
	if (c == 0xfffd || iconv(cd, &in, &n, &out, &room) != 0)
		return 0;
	return (int)(16 - room) <= encodings[enc].four ? 16 - room : 0;
}

void
wn_url_query(struct wn_out *o, const char *p, const char *e, int set,
    const char *encoding)
{
	int enc = find_encoding(encoding);
	iconv_t cd = enc < 0 ? (iconv_t)-1 : open_converter(enc);
	char b[16], *out;
	uint32_t c;
	size_t n, k, room;

	if (cd == (iconv_t)-1) { /* UTF-8, UTF-16 and what is unknown */
		wn_out_escaped(o, p, e, set);
		return;
	}
	(void)iconv(cd, NULL, NULL, NULL, NULL);
	for (; p < e && !o->full; p += n) {
		n = wn_url_utf8(p, e, &c);
		k = encode_char(enc, cd, c, p, n, b);
		if (k > 0) {
			put_bytes(o, b, k, set);
			continue;
		}
		out = b;
		room = sizeof b;
		(void)iconv(cd, NULL, NULL, &out, &room);
		put_bytes(o, b, sizeof b - room, set);
		/* The escapes of ISO-2022-JP may not be smuggled in. */
		put_missing(o, c < 0x20 ? 0xfffd : c);
	}
	out = b;
	room = sizeof b;
	(void)iconv(cd, NULL, NULL, &out, &room);
	put_bytes(o, b, sizeof b - room, set);
}
