/* normalise_chars.c - single characters: references that were escaped twice
 * or lost their frame, invisible and control characters, compatibility forms,
 * private use.
 *
 * Invariants
 *  C1  What a reader could have typed on purpose stays: a reference in prose
 *      about references (&nbsp; 是…), joiners in scripts that need them, the
 *      wide digits of Japanese.
 *  C2  Only the ranges of wn_compat are folded; ①, ½ and ㎡ never are. */
#include "cleaner/normalise.h"

#include <string.h>

#include "cleaner/han_data.h"
#include "cleaner/utf8.h"

/* ---- references -------------------------------------------------------- */

static const struct {
	const char *name;
	uint16_t c;
} named[] = {{"nbsp;", 0x20}, {"ensp;", 0x20}, {"emsp;", 0x20},
    {"ldquo;", 0x201C}, {"rdquo;", 0x201D}, {"lsquo;", 0x2018},
    {"rsquo;", 0x2019}, {"hellip;", 0x2026}, {"mdash;", 0x2014},
    {"ndash;", 0x2013}, {"middot;", 0xB7}, {"bull;", 0x2022}, {"times;", 0xD7},
    {"copy;", 0xA9}, {"deg;", 0xB0}};

/* Words of prose about markup; there a reference is what is talked about. */
static int
about_markup(struct wn_str s)
{
	static const char *const words[] = {"HTML", "html", "XML", "实体",
	    "實體", "转义", "轉義", "代码", "代碼", "标签", "標籤", "entity",
	    "escape", "<"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(s.p, s.n, words[i], strlen(words[i])) != NULL)
			return 1;
	return 0;
}

static int
is_cjk_near(uint32_t c)
{
	return wn_is_han(c) || wn_is_kana(c) || wn_is_cjk_mark(c) ||
	       (c >= 0x2014 && c <= 0x2026);
}

/* What a number may stand for here: marks and letters outside ASCII. */
static int
wants(uint32_t c)
{
	return (c >= 0xA1 && c < 0x300) || (c >= 0x2010 && c <= 0x2027) ||
	       (c >= 0x2030 && c <= 0x27BF) || (c >= 0x3000 && c <= 0x9FFF) ||
	       (c >= 0xFF01 && c <= 0xFF5E) || c == 0xA0;
}

/* "8226" or "x2022" at s; the length, 0: no number of a character. */
static size_t
number(const char *p, size_t n, uint32_t *c)
{
	size_t i = 0, digits = 0;
	int hex = n > 1 && (*p == 'x' || *p == 'X');

	*c = 0;
	for (i = (size_t)hex; i < n && digits < 7; i++, digits++) {
		int d = p[i] >= '0' && p[i] <= '9' ? p[i] - '0'
			: hex && (p[i] | 32) >= 'a' && (p[i] | 32) <= 'f'
			    ? (p[i] | 32) - 'a' + 10
			    : -1;

		if (d < 0)
			break;
		*c = *c * (hex ? 16 : 10) + (uint32_t)d;
	}
	return digits >= 2 && wants(*c) ? i : 0;
}

/* The ; at p, in either width; 0: none. */
static size_t
semicolon(const char *p, size_t n)
{
	if (n > 0 && *p == ';')
		return 1;
	return n > 2 && memcmp(p, "；", 3) == 0 ? 3 : 0;
}

/* X8226; stands between CJK characters, or begins a line; a space may follow.
 */
static int
is_lone(struct wn_str s, size_t beg, size_t end)
{
	unsigned l;

	if (beg > 0 && end < s.n && s.p[end] == ' ')
		end++;
	return (beg == 0 || is_cjk_near(wn_char_before(s, beg, &l))) &&
	       is_cjk_near(wn_char_at(s, end, &l));
}

/* &#8226; and &#8226； and, between CJK text, X8226; and #8226; */
static size_t
numeric(struct wn_str s, size_t i, uint32_t *c, enum winnow_repair_kind *kind)
{
	size_t at = i, k, semi;
	int whole = s.p[i] == '&';

	if (whole && (at + 2 >= s.n || s.p[++at] != '#'))
		return 0;
	at++;
	if ((k = number(s.p + at, s.n - at, c)) == 0 ||
	    (semi = semicolon(s.p + at + k, s.n - at - k)) == 0)
		return 0;
	at += k + semi;
	if (!whole && (k < 3 || !is_lone(s, i, at)))
		return 0;
	*kind = whole && semi == 1 ? WINNOW_REPAIR_ENTITY
				   : WINNOW_REPAIR_BROKEN_ENTITY;
	return at - i;
}

/* &nbsp; and its like right beside CJK text; twice escaped between it. */
static size_t
by_name(struct wn_str s, size_t i, uint32_t *c)
{
	size_t at = i + 1;
	int twice = s.n - at > 4 && memcmp(s.p + at, "amp;", 4) == 0;
	unsigned l;

	at += twice ? 4 : 0;
	for (size_t k = 0; k < sizeof(named) / sizeof(named[0]); k++) {
		size_t n;

		if (at == s.n || s.p[at] != *named[k].name)
			continue;
		n = strlen(named[k].name);
		if (s.n - at < n || memcmp(s.p + at, named[k].name, n) != 0)
			continue;
		*c = named[k].c;
		return is_cjk_near(wn_char_before(s, i, &l)) +
				   is_cjk_near(wn_char_at(s, at + n, &l)) >
			       twice
			   ? at + n - i
			   : 0;
	}
	return 0;
}

static int
is_prose(struct wn_str s)
{
	return about_markup(s) && memmem(s.p, s.n, "&amp;#", 6) == NULL;
}

int
wn_norm_entities(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;
	int prose = -1; /* looked for at the first that may go */

	wn_edit_begin(&e, m, *s);
	for (size_t i = 0; i < s->n; i++) {
		enum winnow_repair_kind kind = WINNOW_REPAIR_ENTITY;
		uint32_t c = 0;
		size_t k = 0;
		char out[4];

		if (s->p[i] != '&' && s->p[i] != '#' && s->p[i] != 'X')
			continue;
		k = numeric(*s, i, &c, &kind);
		if (k == 0 && s->p[i] == '&')
			k = by_name(*s, i, &c);
		if (k > 0 && prose < 0)
			prose = is_prose(*s);
		if (k == 0 || (prose && kind == WINNOW_REPAIR_ENTITY))
			continue;
		if (c == 0xA0)
			c = ' ';
		wn_edit_put(&e, i, k, out, wn_utf8_put(out, c), kind);
		i += k - 1;
	}
	return wn_edit_end(&e, s);
}

/* ---- invisible characters ---------------------------------------------- */

static int
is_invisible(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n') ||
	       (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C ||
	       c == 0x200B || c == 0x200E || c == 0x200F ||
	       (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
	       c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFC) ||
	       (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

/* What no text may hold, be it code: controls, of direction too, and numbers
 * that are no characters. */
static int
is_forbidden(uint32_t c)
{
	return is_invisible(c) && c != 0xAD && c != 0x200B && c != 0xFEFF &&
	       c != 0x2028 && c != 0x2029 && (c < 0x2060 || c > 0x2064);
}

int
wn_norm_code(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;

	wn_edit_begin(&e, m, *s);
	for (size_t i = 0; i < s->n;) {
		unsigned k;

		if (is_forbidden(wn_utf8_get(s->p + i, &k)))
			wn_edit_put(&e, i, k, "", 0, WINNOW_REPAIR_INVISIBLE);
		i += k;
	}
	return wn_edit_end(&e, s);
}

/* Joiners are part of Arabic, Indic scripts and emoji, never of these; nor is
 * Mongolian's separator of anything else. */
static int
joins_nothing(uint32_t before, uint32_t c)
{
	if (c == 0x180E)
		return before < 0x1800 || before > 0x18AF;
	return before < 0x300 || wn_is_han(before) || wn_is_kana(before) ||
	       wn_is_cjk_mark(before);
}

int
wn_norm_invisible(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;
	uint32_t before = 0;
	int shown = wn_is_about_encodings(*s); /* bytes, as an example */

	wn_edit_begin(&e, m, *s);
	for (size_t i = 0; i < s->n;) {
		unsigned k;
		uint32_t c = wn_utf8_get(s->p + i, &k);

		if (shown && c == 0xAD && before >= 0xA0 && before < 0x100)
			before = c;
		else if (c == 0x2028 || c == 0x2029 || c == '\f' || c == '\v' ||
			 c == 0x85)
			wn_edit_put(&e, i, k, " ", 1, WINNOW_REPAIR_INVISIBLE);
		else if (is_invisible(c) ||
			 ((c == 0x200C || c == 0x200D || c == 0x180E) &&
			     joins_nothing(before, c)))
			wn_edit_put(&e, i, k, "", 0, WINNOW_REPAIR_INVISIBLE);
		else
			before = c;
		i += k;
	}
	return wn_edit_end(&e, s);
}

/* ---- compatibility forms ----------------------------------------------- */

/* Half-width kana whose voiced form is the next one; ﾊ..ﾎ have two. */
static uint32_t
with_mark(uint32_t kana, uint32_t mark)
{
	int ha = kana >= 0x30CF && kana <= 0x30DB && (kana - 0x30CF) % 3 == 0;

	if (mark == 0xFF9F)
		return ha ? kana + 2 : 0;
	if (mark != 0xFF9E)
		return 0;
	if (kana == 0x30A6)
		return 0x30F4;
	if (ha || (kana >= 0x30AB && kana <= 0x30C1 && kana % 2 == 1) ||
	    kana == 0x30C4 || kana == 0x30C6 || kana == 0x30C8)
		return kana + 1;
	return 0;
}

/* 〇 and 一 to 十 */
static int
is_numeral(uint32_t c)
{
	static const uint16_t all[] = {0x3007, 0x4E00, 0x4E8C, 0x4E09, 0x56DB,
	    0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D, 0x5341};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (c == all[i])
			return 1;
	return 0;
}

/* 二００八年: a wide nought among numerals is the numeral of that value. */
static int
is_nought(uint32_t before, uint32_t c)
{
	return c == 0xFF10 && is_numeral(before);
}

/* What c becomes, 0: it stays. ︰ has the form of two dots on a line, and is
 * the colon of text that was Big5. */
static uint32_t
plain(const struct wn_norm *m, uint32_t c)
{
	if (c == 0xFE30)
		return 0;
	if ((c >= 0xFF10 && c <= 0xFF19) || (c >= 0xFF21 && c <= 0xFF3A) ||
	    (c >= 0xFF41 && c <= 0xFF5A))
		return m->kana ? 0 : c - 0xFEE0;
	return wn_compat_of(c);
}

int
wn_norm_compat(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;
	uint32_t before = 0;

	wn_edit_begin(&e, m, *s);
	for (size_t i = 0; i < s->n;) {
		unsigned k, k2;
		uint32_t to, voiced = 0, c = wn_utf8_get(s->p + i, &k);
		char out[4];

		if (c < 0x2E80 || is_nought(before, c) ||
		    (to = plain(m, c)) == 0) {
			before = c == 0xFF10 ? before : c;
			i += k;
			continue;
		}
		before = c;
		if (c >= 0xFF66 && c <= 0xFF9D)
			voiced = with_mark(to, wn_char_at(*s, i + k, &k2));
		if (voiced != 0)
			k += k2;
		wn_edit_put(&e, i, k, out,
		    wn_utf8_put(out, voiced ? voiced : to),
		    WINNOW_REPAIR_COMPAT);
		i += k;
	}
	return wn_edit_end(&e, s);
}

/* ---- private use ------------------------------------------------------- */

int
wn_norm_private(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;

	wn_edit_begin(&e, m, *s);
	for (size_t i = 0; i < s->n;) {
		unsigned k;
		uint32_t c = wn_utf8_get(s->p + i, &k);

		if ((c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000)
			wn_edit_put(&e, i, k, "", 0, WINNOW_REPAIR_PRIVATE_USE);
		i += k;
	}
	return wn_edit_end(&e, s);
}
