/* normalise_mojibake.c - UTF-8 read with the wrong decoder.
 *
 * Latin-1 and windows-1252 keep every byte, so the way back is exact: runs of
 * characters that those encodings have are turned into their bytes again. UTF-8
 * by chance is rare, and must give plausible characters. What went through this
 * twice takes two rounds. GBK keeps the bytes as long as it finds a character
 * for each two; a line in which it did is valid UTF-8 from end to end.
 *
 * Invariants
 *  M1  A run that is not valid as a whole stays.
 *  M2  A line about encodings shows what it is about: it stays. */
#include "cleaner/normalise.h"

#include <string.h>

#include "cleaner/charset.h"
#include "cleaner/utf8.h"

enum { ROUNDS = 3, HAN_MIN = 2 };

int
wn_is_about_encodings(struct wn_str s)
{
	static const char *const words[] = {"乱码", "亂碼", "编码", "編碼",
	    "字符集", "字元集", "ojibake", "ncoding", "harset", "UTF-8",
	    "utf-8", "Latin-1", "GBK", "Unicode"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(s.p, s.n, words[i], strlen(words[i])) != NULL)
			return 1;
	return 0;
}

int
wn_byte_of(uint32_t c)
{
	static const uint16_t high[32] = {0x20AC, 0, 0x201A, 0x0192, 0x201E,
	    0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
	    0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013,
	    0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178};

	if (c >= 0x80 && c <= 0xFF)
		return (int)c;
	if (c < 0x152 || c > 0x2122 || (c > 0x2DC && c < 0x2013))
		return -1;
	for (int i = 0; i < 32; i++)
		if (high[i] == c && c != 0)
			return 0x80 + i;
	return -1;
}

struct latin_run {
	size_t beg, end;  /* in the line */
	size_t from, len; /* in the bytes */
};

/* A space at i that was a no-break space, a byte of a character: 你 is E4 BD
 * A0, 校 is E6 A0 A1. */
static int
is_inner_byte(struct wn_str s, size_t i, const struct wn_buf *b, size_t from)
{
	const uint8_t *p;
	size_t n = b->len - from;
	unsigned k;
	int next;

	if (n == 0)
		return 0; /* nor are there bytes yet */
	p = (const uint8_t *)b->b + b->len;
	if (n >= 2 && p[-2] >= 0xE1 && p[-2] <= 0xEF && p[-1] >= 0x80 &&
	    p[-1] < 0xC0)
		return 1;
	next = wn_byte_of(wn_char_at(s, i + 1, &k));
	return p[-1] >= 0xE1 && p[-1] <= 0xEF && next >= 0x80 &&
	       next < 0xC0;
}

/* The next run of such characters at or after i. 0: there is none. */
static int
next_run(struct wn_str s, size_t i, struct wn_buf *bytes, struct latin_run *r)
{
	unsigned k;
	int b;

	while (i < s.n && (uint8_t)s.p[i] < 0x80)
		i++;
	r->beg = r->end = i;
	r->from = bytes->len;
	while (i < s.n &&
	       ((uint8_t)s.p[i] >= 0x80 ||
		   (s.p[i] == ' ' && is_inner_byte(s, i, bytes, r->from)))) {
		if (s.p[i] == ' ') {
			wn_buf_putc(bytes, '\xA0');
			r->end = ++i;
			continue;
		}
		if ((b = wn_byte_of(wn_utf8_get(s.p + i, &k))) < 0) {
			if (r->end > r->beg)
				break;
			r->beg = r->end = i += k;
			continue;
		}
		wn_buf_putc(bytes, (char)b);
		r->end = i += k;
	}
	r->len = bytes->len - r->from;
	return r->end > r->beg || r->end < s.n;
}

/* 2: nobody writes this character in Latin-1's disguise by chance; 1: a letter
 * or sign of the Latin-1 range; 0: not plausible. */
static int
plausible(uint32_t c)
{
	if (wn_is_han(c) || wn_is_kana(c) || (c >= 0x3000 && c <= 0x303F) ||
	    (c >= 0xFF00 && c <= 0xFFEF) || (c >= 0x2010 && c <= 0x2027) ||
	    (c >= 0x20A0 && c <= 0x22FF) || (c >= 0xAC00 && c <= 0xD7A3) ||
	    (c >= 0x391 && c <= 0x44F) || (c >= 0x2460 && c <= 0x24FF) ||
	    (c >= 0x25A0 && c <= 0x25FF))
		return 2;
	return wn_byte_of(c) >= 0;
}

/* How sure the bytes are UTF-8: the least plausible of their characters. */
static int
utf8_score(const char *p, size_t n)
{
	int worst = 2;

	if (n < 2 || wn_utf8_prefix(p, n) != n)
		return 0;
	for (size_t i = 0; i < n;) {
		unsigned k;
		int v = plausible(wn_utf8_get(p + i, &k));

		if (v < worst)
			worst = v;
		i += k;
	}
	return worst;
}

/* One round. Letters of Latin-1 need a second run that says the same. */
static int
utf8_round(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;
	struct wn_buf bytes;
	struct latin_run r;
	size_t weak = 0;

	wn_buf_init(&bytes, m->arena);
	for (size_t i = 0; next_run(*s, i, &bytes, &r) && !bytes.err; i = r.end)
		if (r.len > 0 && utf8_score(bytes.b + r.from, r.len) == 1)
			weak += r.len / 2;
	bytes.len = 0;
	wn_edit_begin(&e, m, *s);
	for (size_t i = 0; next_run(*s, i, &bytes, &r) && !bytes.err;
	     i = r.end) {
		int v = r.len ? utf8_score(bytes.b + r.from, r.len) : 0;

		if (v == 2 || (v == 1 && weak >= 2))
			wn_edit_put(&e, r.beg, r.end - r.beg, bytes.b + r.from,
			    r.len, WINNOW_REPAIR_MOJIBAKE);
	}
	return bytes.err ? WINNOW_ENOMEM : wn_edit_end(&e, s);
}

/* ---- read as GBK ------------------------------------------------------- */

/* The bytes that GBK has for a line. 0: it has none for some character. */
static int
gbk_bytes(struct wn_norm *m, struct wn_str s, struct wn_buf *out)
{
	for (size_t i = 0; i < s.n;) {
		unsigned k, pair;
		uint32_t c = wn_utf8_get(s.p + i, &k);

		pair = c < 0x80 ? c : wn_gbk_pair(m->charsets, c);
		if (pair == 0)
			return 0;
		if (pair > 0xFF)
			wn_buf_putc(out, (char)(pair >> 8));
		wn_buf_putc(out, (char)pair);
		i += k;
	}
	return !out->err;
}

/* Characters of Chinese text in UTF-8, and nothing that is not plausible. */
static int
is_chinese(struct wn_str s)
{
	size_t han = 0;

	if (wn_utf8_prefix(s.p, s.n) != s.n)
		return 0;
	for (size_t i = 0; i < s.n;) {
		unsigned k;
		uint32_t c = wn_utf8_get(s.p + i, &k);

		if (c >= 0x80 && plausible(c) != 2)
			return 0;
		han += (size_t)wn_is_han(c);
		i += k;
	}
	return han >= HAN_MIN;
}

/* 锛 and 銆 are what GBK makes of the first bytes of ， and 。 */
static int
utf8_in_gbk(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;
	struct wn_buf b;

	if (m->charsets == NULL || (memmem(s->p, s->n, "锛", 3) == NULL &&
				       memmem(s->p, s->n, "銆", 3) == NULL))
		return 0;
	wn_buf_init(&b, m->arena);
	if (!gbk_bytes(m, *s, &b) || !is_chinese((struct wn_str){b.b, b.len}))
		return b.err ? WINNOW_ENOMEM : 0;
	wn_edit_begin(&e, m, *s);
	wn_edit_put(&e, 0, s->n, b.b, b.len, WINNOW_REPAIR_MOJIBAKE);
	return wn_edit_end(&e, s);
}

int
wn_norm_mojibake(struct wn_norm *m, struct wn_str *s)
{
	const char *was = s->p;
	int rc;

	if (wn_is_about_encodings(*s))
		return 0;
	if ((rc = utf8_in_gbk(m, s)) != 0 || s->p != was)
		return rc;
	for (int i = 0; i < ROUNDS; i++) {
		const char *before = s->p;

		if ((rc = utf8_round(m, s)) != 0)
			return rc;
		if (s->p == before)
			break;
	}
	return s->p == was ? wn_norm_legacy(m, s) : 0;
}
