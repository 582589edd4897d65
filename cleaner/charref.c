/* charref.c - character references of HTML: &amp; &#38; &#x26;
 *
 * A number needs no semicolon, a name does: `&copy=1` in an address is none,
 * and a name that lost its semicolon is the normaliser's to mend. Numbers from
 * 128 to 159 are the bytes of windows-1252, as in every browser; those that
 * name no character stand for nothing.
 *
 * Invariant
 *  C1  A reference gives no more bytes than it takes, so text may be written
 *      over itself and a copy is never longer than its source. */
#include "cleaner/charref.h"

#include <libxml/HTMLparser.h>
#include <stdint.h>
#include <string.h>

#include "cleaner/utf8.h"

enum { MAX_NAME = 10 }; /* thetasym is the longest, 8 */

static const uint16_t windows_1252[32] = {0x20AC, 0x81, 0x201A, 0x0192, 0x201E,
    0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
    0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178};

static int
is_char(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF) && c != 0xFFFE &&
	       c != 0xFFFF;
}

static unsigned
digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (unsigned)((c | 32) - 'a') + 10;
	return 99;
}

static size_t
number(const char *s, size_t n, char *out, size_t *len)
{
	unsigned base = n > 2 && (s[2] | 32) == 'x' ? 16 : 10;
	size_t begin = base == 16 ? 3 : 2, i;
	uint32_t v = 0;

	for (i = begin; i < n && digit(s[i]) < base; i++)
		if (v <= 0x10FFFF)
			v = v * base + digit(s[i]);
	*len = 0;
	if (i == begin)
		return 0;
	if (v >= 0x80 && v <= 0x9F)
		v = windows_1252[v - 0x80];
	/* Two digits and no semicolon: a byte, which fits. */
	if (is_char(v))
		*len = wn_utf8_put(out, v);
	return i + (i < n && s[i] == ';');
}

/* The names that nearly all references of pages have: libxml2 looks through
 * all of its own, one by one. */
static uint32_t
common_name(const char *s, size_t n)
{
	static const struct {
		char name[7];
		uint8_t len;
		uint16_t c;
	} names[] = {{"nbsp", 4, 0xA0}, {"amp", 3, '&'}, {"lt", 2, '<'},
	    {"gt", 2, '>'}, {"quot", 4, '"'}, {"apos", 4, '\''},
	    {"ldquo", 5, 0x201C}, {"rdquo", 5, 0x201D}, {"lsquo", 5, 0x2018},
	    {"rsquo", 5, 0x2019}, {"mdash", 5, 0x2014}, {"ndash", 5, 0x2013},
	    {"hellip", 6, 0x2026}, {"middot", 6, 0xB7}, {"raquo", 5, 0xBB},
	    {"laquo", 5, 0xAB}, {"copy", 4, 0xA9}, {"bull", 4, 0x2022}};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].len == n && names[i].name[0] == s[0] &&
		    memcmp(names[i].name, s, n) == 0)
			return names[i].c;
	return 0;
}

size_t
wn_charref(const char *s, size_t n, char out[WN_CHARREF_MAX], size_t *len)
{
	const htmlEntityDesc *e;
	char name[MAX_NAME + 1];
	size_t i = 0;
	uint32_t c;

	if (n > 1 && s[1] == '#')
		return number(s, n, out, len);
	for (s++, n--; i < n && i < MAX_NAME && s[i] != ';'; i++) {
		if (!((s[i] | 32) >= 'a' && (s[i] | 32) <= 'z') &&
		    !(s[i] >= '0' && s[i] <= '9'))
			return 0;
		name[i] = s[i];
	}
	if (i == 0 || i == n || s[i] != ';')
		return 0;
	name[i] = '\0';
	if ((c = common_name(name, i)) == 0) {
		if ((e = htmlEntityLookup((const xmlChar *)name)) == NULL)
			return 0;
		c = e->value;
	}
	*len = wn_utf8_put(out, c);
	return i + 2;
}

size_t
wn_charref_copy(char *out, const char *s, size_t n)
{
	const char *end = s + n, *amp;
	char *o = out;
	size_t took, len;

	while ((amp = memchr(s, '&', (size_t)(end - s))) != NULL) {
		memmove(o, s, (size_t)(amp - s));
		o += amp - s;
		took = wn_charref(amp, (size_t)(end - amp), o, &len);
		if (took == 0) {
			*o = '&';
			took = len = 1;
		}
		o += len;
		s = amp + took;
	}
	memmove(o, s, (size_t)(end - s));
	return (size_t)(o - out) + (size_t)(end - s);
}
