/* normalise_mojibake.c - text read with the wrong decoder.
 *
 * UTF-8 or GBK read as Latin-1 or windows-1252 keeps every byte, so the way
 * back is exact: runs of characters that those encodings have are turned into
 * their bytes again, and decoded as what they were. Whether they were is told
 * by the result: UTF-8 by chance is rare, and must give plausible characters;
 * two bytes of GBK by chance are common, so the whole line must be common
 * characters. UTF-8 that went through this twice takes two rounds.
 *
 * Invariants
 *  M1  A run that is not valid as a whole stays. */
#include "cleaner/normalise.h"

#include <string.h>

#include "cleaner/charset.h"
#include "cleaner/utf8.h"

enum { ROUNDS = 3, GBK_PAIRS = 4 };

/* The byte that windows-1252 (or Latin-1) has for a character; -1: none. */
static int
byte_of(uint32_t c)
{
	static const uint16_t high[32] = {0x20AC, 0, 0x201A, 0x0192, 0x201E,
	    0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
	    0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013,
	    0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178};

	if (c >= 0x80 && c <= 0xFF)
		return (int)c;
	for (int i = 0; i < 32; i++)
		if (high[i] == c && c != 0)
			return 0x80 + i;
	return -1;
}

struct latin_run {
	size_t beg, end;  /* in the line */
	size_t from, len; /* in the bytes */
};

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
	while (i < s.n && (uint8_t)s.p[i] >= 0x80) {
		if ((b = byte_of(wn_utf8_get(s.p + i, &k))) < 0) {
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
	    (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x391 && c <= 0x44F) ||
	    (c >= 0x2460 && c <= 0x24FF) || (c >= 0x25A0 && c <= 0x25FF))
		return 2;
	return byte_of(c) >= 0;
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

/* Is the whole line GBK of common characters, two bytes each? */
static int
is_gbk(const char *p, size_t n, size_t *pairs)
{
	size_t common = 0, all = 0;

	for (size_t i = 0; i < n; i += 2, all++) {
		uint8_t a = (uint8_t)p[i], b;

		if (i + 1 == n)
			return 0;
		b = (uint8_t)p[i + 1];
		common += b >= 0xA1 && ((a >= 0xB0 && a <= 0xD7) ||
					   (a >= 0xA1 && a <= 0xA3));
	}
	*pairs += all;
	return common * 10 >= all * 9;
}

static int
gbk_line(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;
	struct wn_buf bytes, text;
	struct latin_run r;
	size_t pairs = 0;

	if (m->charsets == NULL)
		return 0;
	wn_buf_init(&bytes, m->arena);
	for (size_t i = 0; next_run(*s, i, &bytes, &r) && !bytes.err; i = r.end)
		if (r.len > 0 && !is_gbk(bytes.b + r.from, r.len, &pairs))
			return 0;
	if (pairs < GBK_PAIRS)
		return bytes.err ? WINNOW_ENOMEM : 0;
	bytes.len = 0;
	wn_edit_begin(&e, m, *s);
	for (size_t i = 0; next_run(*s, i, &bytes, &r) && !bytes.err;
	     i = r.end) {
		if (r.len == 0)
			continue;
		wn_buf_init(&text, m->arena);
		if (wn_charset_decode(m->charsets, WN_CS_GB18030, &text,
			bytes.b + r.from, r.len) == 0 &&
		    !text.err)
			wn_edit_put(&e, r.beg, r.end - r.beg, text.b, text.len,
			    WINNOW_REPAIR_MOJIBAKE);
	}
	return bytes.err ? WINNOW_ENOMEM : wn_edit_end(&e, s);
}

int
wn_norm_mojibake(struct wn_norm *m, struct wn_str *s)
{
	for (int i = 0; i < ROUNDS; i++) {
		const char *was = s->p;
		int rc = utf8_round(m, s);

		if (rc != 0)
			return rc;
		if (s->p == was)
			break;
	}
	return gbk_line(m, s);
}
