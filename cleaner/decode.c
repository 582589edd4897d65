/* decode.c - which encoding a page is in, and its text as UTF-8.
 *
 * What a page says of its encoding is often not so: collectors and proxies
 * re-encode and leave the meta element as it was, servers send one charset for
 * everything. What its bytes are is never wrong: text of more than a few
 * characters is not valid UTF-8 by chance. Hence the order:
 *
 *	the user's word; a byte order mark; UTF-16 by its NULs;
 *	ISO-2022-JP and HZ by their escapes, when all bytes have seven bits;
 *	UTF-8 by its bytes;
 *	the HTTP header and the meta element, each if what comes out is
 *	ordinary text, or no other reading is much likelier;
 *	detection; the first that was declared; windows-1252.
 *
 * Invariants
 *  D1  The text is valid UTF-8 without NUL (C1), or the body itself if that is.
 *  D2  No byte ends the page: what does not decode is U+FFFD, and counted. */
#include "cleaner/decode.h"

#include <string.h>
#include <strings.h>

#include "cleaner/arena.h"
#include "cleaner/detect.h"
#include "cleaner/state.h"
#include "cleaner/utf8.h"

enum {
	PRESCAN = 4096, /* bytes in which a meta element may stand, */
	LATE = 65536,   /* and where it is looked for in need */
	STRAY = 3,      /* as many bad ones say nothing against a declaration */
	CHANCE = 4,     /* as many sequences may be UTF-8 by chance */
	TRY = 65536,    /* bytes of a declared encoding that are tried */
	MISFIT = 50,    /* bad ones in a thousand that it may not have */
	ENOUGH = 8,  /* characters, to overrule what no reading is known of */
	MARGIN = 80, /* quarter nats by which a reading overrules it */
};

#define ORDINARY 0.7 /* of all characters, in text that was read right */
#define CERTAIN 0.9
#define GUESS 0.1

struct declared {
	enum wn_charset charset;
	const char *source;
};

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* The label behind `charset=` in a header's or a meta's words: the WHATWG
 * algorithm for meta, which reads headers just as well. */
static enum wn_charset
charset_in(const char *s, size_t n)
{
	const char *end = s + n, *q;

	for (; end - s >= 8; s++) {
		if (strncasecmp(s, "charset", 7) != 0)
			continue;
		for (q = s + 7; q < end && is_space(*q); q++)
			;
		if (q == end || *q != '=')
			continue;
		for (q++; q < end && is_space(*q); q++)
			;
		if (q == end)
			return WN_CS_NONE;
		if (*q == '"' || *q == '\'') {
			s = memchr(q + 1, *q, (size_t)(end - q - 1));
			return s == NULL ? WN_CS_NONE
					 : wn_charset_find(
					       q + 1, (size_t)(s - q - 1));
		}
		for (s = q; s < end && !is_space(*s) && *s != ';'; s++)
			;
		return wn_charset_find(q, (size_t)(s - q));
	}
	return WN_CS_NONE;
}

/* One attribute of a tag in the prescan; 0 at the tag's end. */
struct attr {
	const char *name, *value;
	size_t name_len, value_len;
};

static int
next_attr(const char **pp, const char *end, struct attr *a)
{
	const char *p = *pp;
	char quote;

	while (p < end && (is_space(*p) || *p == '/'))
		p++;
	*a = (struct attr){.name = p, .value = ""};
	if (p == end || *p == '>') {
		*pp = p;
		return 0;
	}
	for (; p < end && !is_space(*p) && *p != '/' && *p != '>' &&
	       (*p != '=' || p == a->name);
	     p++)
		;
	a->name_len = (size_t)(p - a->name);
	while (p < end && is_space(*p))
		p++;
	if (p < end && *p == '=') {
		for (p++; p < end && is_space(*p); p++)
			;
		if (p < end && (*p == '"' || *p == '\'')) {
			quote = *p++;
			for (a->value = p; p < end && *p != quote; p++)
				;
			a->value_len = (size_t)(p - a->value);
			p += p < end;
		} else {
			for (a->value = p;
			     p < end && !is_space(*p) && *p != '>'; p++)
				;
			a->value_len = (size_t)(p - a->value);
		}
	}
	*pp = p;
	return 1;
}

static int
attr_is(const struct attr *a, const char *name)
{
	return strlen(name) == a->name_len &&
	       strncasecmp(a->name, name, a->name_len) == 0;
}

/* The encoding a meta tag names, with *pp behind `<meta`. */
static enum wn_charset
meta_charset(const char **pp, const char *end)
{
	enum wn_charset direct = WN_CS_NONE, content = WN_CS_NONE;
	int pragma = 0, has_charset = 0;
	struct attr a;

	while (next_attr(pp, end, &a)) {
		if (attr_is(&a, "http-equiv")) {
			pragma = a.value_len == 12 &&
				 strncasecmp(a.value, "content-type", 12) == 0;
		} else if (attr_is(&a, "content") && content == WN_CS_NONE) {
			content = charset_in(a.value, a.value_len);
		} else if (attr_is(&a, "charset") && !has_charset) {
			has_charset = 1;
			direct = wn_charset_find(a.value, a.value_len);
		}
	}
	if (has_charset)
		return direct;
	return pragma ? content : WN_CS_NONE;
}

/* What the page says of itself in its first bytes. */
static enum wn_charset
prescan(const char *s, size_t n, size_t most)
{
	const char *p = s, *end = s + (n < most ? n : most), *q;
	enum wn_charset cs;
	struct attr a;

	if (n > 5 && memcmp(s, "<?xml", 5) == 0)
		for (p += 5; p < end && *p != '>' && next_attr(&p, end, &a);)
			if (attr_is(&a, "encoding") &&
			    (cs = wn_charset_find(a.value, a.value_len)) >= 0)
				return cs;
	while ((p = memchr(p, '<', (size_t)(end - p))) != NULL) {
		if (end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
			q = memmem(p + 2, (size_t)(end - p - 2), "-->", 3);
			if (q == NULL)
				return WN_CS_NONE;
			p = q + 3;
		} else if (end - p > 6 && strncasecmp(p, "<meta", 5) == 0 &&
			   (is_space(p[5]) || p[5] == '/')) {
			p += 5;
			if ((cs = meta_charset(&p, end)) != WN_CS_NONE)
				return cs;
		} else {
			for (p++; p < end && !is_space(*p) && *p != '>'; p++)
				;
			while (p < end && *p != '>' && next_attr(&p, end, &a))
				;
		}
	}
	return WN_CS_NONE;
}

static enum wn_charset
bom(const char *s, size_t n, size_t *skip)
{
	*skip = 2;
	if (n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0) {
		*skip = 3;
		return WN_CS_UTF_8;
	}
	if (n >= 2 && memcmp(s, "\xFF\xFE", 2) == 0)
		return WN_CS_UTF_16LE;
	if (n >= 2 && memcmp(s, "\xFE\xFF", 2) == 0)
		return WN_CS_UTF_16BE;
	*skip = 0;
	return WN_CS_NONE;
}

/* How well the bytes go with a declared encoding: bad sequences in a
 * thousand of what is not ASCII, by a try on the first bytes. */
static unsigned
misfit(struct wn_charsets *c, struct wn_arena *a, enum wn_charset cs,
    const char *s, size_t n)
{
	struct wn_utf8_stat st;
	struct wn_buf b;
	size_t bad;

	wn_buf_init(&b, a);
	n = n < TRY ? n : TRY;
	bad = wn_charset_decode(c, cs, &b, s, n);
	if (b.err != 0 || bad <= STRAY)
		return 0;
	wn_utf8_stat(b.b, b.len, SIZE_MAX, &st);
	return (unsigned)(bad * 1000 / (st.good + 1));
}

/* UTF-8 by its bytes; declared says that somebody called it so. */
static int
looks_utf8(const struct wn_utf8_stat *st, int declared, enum wn_charset said)
{
	/* Three bytes in a row that fit are hardly ever chance. */
	if (st->bad > 0 && st->wide > CHANCE && st->bad <= st->wide)
		return 1;
	if (declared)
		return st->bad <= STRAY || st->bad * 3 <= st->good;
	if (st->bad > 0)
		return st->good > CHANCE && st->bad * 20 <= st->good;
	return said == WN_CS_NONE || st->wide > 0 || st->good > CHANCE;
}

/* UTF-16 without its mark: markup has a NUL in every other byte. */
static enum wn_charset
looks_utf16(const char *s, size_t n)
{
	size_t nuls[2] = {0}, i;

	n = n < PRESCAN ? n & ~(size_t)1 : PRESCAN;
	for (i = 0; i < n; i++)
		nuls[i & 1] += s[i] == '\0';
	for (i = 0; i < 2; i++)
		if (nuls[i] > CHANCE && nuls[i] * 20 >= n &&
		    nuls[1 - i] * 8 <= nuls[i])
			return i == 0 ? WN_CS_UTF_16BE : WN_CS_UTF_16LE;
	return WN_CS_NONE;
}

static int
is_utf16(enum wn_charset cs)
{
	return cs == WN_CS_UTF_16LE || cs == WN_CS_UTF_16BE;
}

/* Markup of single bytes, or text that is UTF-8: not UTF-16, whatever a
 * server says. */
static int
cannot_be_utf16(const char *s, size_t n)
{
	struct wn_utf8_stat st;

	n = n < PRESCAN ? n : PRESCAN;
	if (memmem(s, n, "</", 2) != NULL)
		return 1;
	wn_utf8_stat(s, n, n, &st);
	return st.wide > 0 && st.bad == 0;
}

static int
is_western(enum wn_charset cs)
{
	return cs == WN_CS_WINDOWS_1252 || cs == WN_CS_ISO_8859_15;
}

/* Servers call everything western; nobody means the last two. */
static int
is_telling(enum wn_charset cs)
{
	return cs >= 0 && cs != WN_CS_UTF_8 && !is_utf16(cs) &&
	       !is_western(cs) && cs != WN_CS_REPLACEMENT &&
	       cs != WN_CS_X_USER_DEFINED;
}

/* Whether the likeliest reading is so much likelier than what was declared. */
static int
overrules(struct wn_charsets *c, struct wn_arena *a, const char *s, size_t n,
    const struct wn_reading *guess, enum wn_charset declared, int margin)
{
	struct wn_reading as = wn_detect_as(c, a, declared, s, n);

	if (as.charset == WN_CS_NONE)
		return guess->charset >= WN_CS_GBK &&
		       guess->charset <= WN_CS_EUC_KR &&
		       guess->sure >= CERTAIN && guess->all >= ENOUGH;
	return guess->sure >= ORDINARY && guess->all >= ENOUGH / 2 &&
	       guess->cost + margin < as.cost;
}

/* Bytes that are not UTF-8: what was declared if it can be, else what the
 * letters look like. */
static struct declared
choose(struct wn_charsets *c, struct wn_arena *a, const char *s, size_t n,
    const struct declared d[2])
{
	struct declared best = {WN_CS_WINDOWS_1252, "detect"};
	struct wn_reading guess;
	int i, fits[2];

	for (i = 0; i < 2; i++) {
		fits[i] = is_telling(d[i].charset) &&
			  misfit(c, a, d[i].charset, s, n) < MISFIT;
		if (fits[i] &&
		    wn_detect_glance(c, a, d[i].charset, s, n) >= ORDINARY)
			return d[i];
	}
	guess = wn_detect(c, a, s, n);
	for (i = 0; i < 2; i++)
		if (is_telling(d[i].charset) &&
		    !overrules(c, a, s, n, &guess, d[i].charset,
			fits[i] ? MARGIN : MARGIN / 2))
			return d[i];
	if (guess.charset != WN_CS_NONE && guess.sure >= GUESS)
		best.charset = guess.charset;
	else if (d[0].charset >= 0)
		return d[0];
	else if (d[1].charset >= 0)
		return d[1];
	/* A western declaration is not overruled by a western guess. */
	for (i = 0; i < 2; i++)
		if (d[i].charset >= 0 &&
		    (d[i].charset == best.charset ||
			(is_western(d[i].charset) && is_western(best.charset))))
			return d[i];
	return best;
}

static struct declared
declared_as(const struct declared d[2], enum wn_charset cs)
{
	for (int i = 0; i < 2; i++)
		if (d[i].charset == cs)
			return d[i];
	return (struct declared){cs, "detect"};
}

/* HZ's pairs stand between ~{ and ~}; that they are Chinese shows that they
 * are pairs, and whoever said HZ (the standard's "replacement") is believed. */
static int
is_hz(struct wn_charsets *c, struct wn_arena *a, const char *s, size_t n,
    enum wn_charset said)
{
	const char *open = memmem(s, n, "~{", 2);

	if (open == NULL || said == WN_CS_UTF_8 ||
	    memmem(open, n - (size_t)(open - s), "~}", 2) == NULL)
		return 0;
	return said == WN_CS_REPLACEMENT ||
	       wn_detect_glance(c, a, WN_CS_HZ, s, n) >= ORDINARY;
}

/* Seven bits: escapes tell, else they say nothing and what was declared
 * counts, if anything was. */
static struct declared
choose_ascii(struct wn_charsets *c, struct wn_arena *a, const char *s, size_t n,
    const struct declared d[2])
{
	enum wn_charset said = d[0].charset >= 0 ? d[0].charset : d[1].charset;
	int escapes = memchr(s, 0x1B, n) != NULL;

	if (escapes && said != WN_CS_UTF_8 &&
	    (memmem(s, n, "\x1B$B", 3) != NULL ||
		memmem(s, n, "\x1B$@", 3) != NULL))
		return declared_as(d, WN_CS_ISO_2022_JP);
	if (is_hz(c, a, s, n, said))
		return (struct declared){WN_CS_HZ, "detect"};
	for (int i = 0; i < 2; i++)
		if (d[i].charset >= 0 &&
		    (d[i].charset != WN_CS_REPLACEMENT || escapes))
			return d[i];
	return (struct declared){WN_CS_UTF_8, "detect"};
}

static void
read_declarations(struct declared d[2], const char *s, size_t n,
    const struct wn_decode_hints *h)
{
	d[0] = (struct declared){WN_CS_NONE, "http"};
	d[1] = (struct declared){WN_CS_NONE, "meta"};
	if (h->content_type != NULL)
		d[0].charset =
		    charset_in(h->content_type, strnlen(h->content_type, 1024));
	if (is_utf16(d[0].charset) && cannot_be_utf16(s, n))
		d[0].charset = WN_CS_NONE;
	d[1].charset = prescan(s, n, PRESCAN);
	/* A meta element that could be read is not in UTF-16. */
	if (is_utf16(d[1].charset))
		d[1].charset = WN_CS_UTF_8;
	if (d[1].charset == WN_CS_X_USER_DEFINED)
		d[1].charset = WN_CS_WINDOWS_1252;
}

static struct declared
find_charset(struct wn_charsets *c, struct wn_arena *a, const char *s, size_t n,
    const struct wn_decode_hints *h)
{
	struct wn_utf8_stat st;
	enum wn_charset said;
	struct declared d[2];

	read_declarations(d, s, n, h);
	if ((said = looks_utf16(s, n)) != WN_CS_NONE)
		return declared_as(d, said);
	if (is_utf16(d[0].charset))
		return d[0];
	wn_utf8_stat(s, n, n / 64 + 1024, &st);
	if (st.good == 0 && st.bad == 0)
		return choose_ascii(c, a, s, n, d);
	said = d[0].charset >= 0 ? d[0].charset : d[1].charset;
	if (looks_utf8(&st, said == WN_CS_UTF_8, said))
		return declared_as(d, WN_CS_UTF_8);
	if (said == WN_CS_NONE)
		d[1].charset = prescan(s, n, LATE);
	return choose(c, a, s, n, d);
}

int
wn_decode(struct wn_charsets *c, struct wn_arena *a, const char *s, size_t n,
    const struct wn_decode_hints *h, struct wn_decoded *out)
{
	struct declared d = {WN_CS_NONE, "config"};
	struct wn_buf b;
	size_t skip = 0, good;

	if (h->user != NULL && *h->user != '\0' &&
	    (d.charset = wn_charset_find(h->user, strlen(h->user))) < 0)
		return WINNOW_ECHARSET;
	if (d.charset == WN_CS_REPLACEMENT &&
	    is_hz(c, a, s, n, WN_CS_REPLACEMENT))
		d.charset = WN_CS_HZ;
	if (d.charset < 0 && (d.charset = bom(s, n, &skip)) >= 0)
		d.source = "bom";
	if (d.charset < 0)
		d = find_charset(c, a, s, n, h);
	*out = (struct wn_decoded){.charset = d.charset, .source = d.source};
	s += skip;
	n -= skip;
	if (d.charset == WN_CS_UTF_8) {
		good = wn_utf8_prefix(s, n);
		out->text = s;
		out->len = n;
		if (good == n)
			return 0;
	}
	wn_buf_init(&b, a);
	out->bad = wn_charset_decode(c, d.charset, &b, s, n);
	out->text = b.b != NULL ? b.b : "";
	out->len = b.len;
	return b.err != 0 ? WINNOW_ETOOBIG : 0;
}
