/* date.c - the day a small text names.
 *
 * The text becomes a row of tokens: numbers (ASCII, full width or Chinese
 * numerals), units (年 月 日 時 ...), words of date_words.def, single marks.
 * At each token the patterns of `patterns` are tried in order; the first that
 * gives a day of the calendar wins, and a time after it is read along.
 *
 * Invariants
 *  D1  Work is linear: at most TOKENS tokens, each tried by a fixed number of
 *      patterns that look at a fixed number of tokens.
 *  D2  What comes out is a day that exists, in YEAR_MIN..YEAR_MAX, and not
 *      more than AHEAD days after the reference when there is one.
 *  D3  A number that is part of a longer chain (20.23.6.1, 0371-2023-0601)
 *      never gives a date. */
#include "cleaner/date.h"

#include <stdio.h>
#include <string.h>

#include "cleaner/winnow.h"

enum {
	TOKENS = 160,
	YEAR_MIN = 1900,
	YEAR_MAX = 2037, /* without a reference: what a 32-bit clock knows */
	AHEAD = 366,     /* clocks are wrong, and so are copies of pages */
	HERE = 8 * 3600  /* the day of 昨天 is Beijing's */
};

enum kind {
	END,
	NUM,
	MARK,
	OTHER,
	UNIT,
	MONTH,
	WDAY,
	REL,
	HALF,
	SPAN,
	AGO,
	AMPM,
	ERA,
	ZONE,
	LINK,
	LABEL
};

struct token {
	uint8_t kind;
	uint8_t digits; /* of a number */
	uint8_t han;    /* a number in Chinese numerals */
	uint8_t sp;     /* white space before it */
	int64_t v;
	uint32_t beg, end;
};

struct scan {
	const char *s;
	size_t n;
	int64_t ref;
	int have_ref;
	int ntok;
	struct token t[TOKENS + 8]; /* the rest is END: patterns look ahead */
};

static const struct word {
	const char *w;
	uint8_t len, kind;
	int32_t v;
} words[] = {
#define W(w, k, v) {w, sizeof(w) - 1, k, v},
#include "cleaner/date_words.def"
#undef W
};

/* ---- the calendar -------------------------------------------------------- */

int64_t
wn_date_days(int y, int m, int d)
{
	int64_t era, doe;
	int yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = (int)(y - era * 400);
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

static void
civil(int64_t days, int *y, int *m, int *d)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2));
}

void
wn_date_from_unix(int64_t t, struct wn_date *d)
{
	int64_t day = t / 86400 - (t % 86400 < 0);

	civil(day, &d->year, &d->mon, &d->day);
	t -= day * 86400;
	d->hour = (int)(t / 3600);
	d->min = (int)(t / 60 % 60);
	d->sec = (int)(t % 60);
	d->kind = WN_DATE_FULL;
}

int64_t
wn_date_unix(const struct wn_date *d, int offset)
{
	int64_t t = wn_date_days(d->year, d->mon, d->day) * 86400;

	if (d->hour >= 0)
		t += d->hour * 3600 + d->min * 60 + (d->sec > 0 ? d->sec : 0);
	return t - 60 * (d->offset != WN_NO_OFFSET ? d->offset : offset);
}

int
wn_date_exists(int64_t y, int64_t m, int64_t d)
{
	static const uint8_t len[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	if (m < 1 || m > 12 || d < 1)
		return 0;
	return d <= len[m - 1] + (m == 2 && leap);
}

/* ---- tokens -------------------------------------------------------------- */

/* Value of the character at s as a digit of a Chinese number: 0..9, 10 for
 * ten, 20 and 30 for their short forms, -1: none. */
static int
han_digit(const char *s, size_t n)
{
	static const struct {
		char c[4];
		int8_t v;
	} d[] = {{"〇", 0}, {"○", 0}, {"零", 0}, {"一", 1}, {"二", 2},
	    {"三", 3}, {"四", 4}, {"五", 5}, {"六", 6}, {"七", 7}, {"八", 8},
	    {"九", 9}, {"十", 10}, {"廿", 20}, {"卅", 30}, {"元", 1}};

	if (n < 3)
		return -1;
	for (size_t i = 0; i < sizeof(d) / sizeof(d[0]); i++)
		if (s[2] == d[i].c[2] && s[1] == d[i].c[1] && s[0] == d[i].c[0])
			return d[i].v;
	return -1;
}

/* Reads 二〇二三 by its digits, 二十一 and 廿九 by tens. Returns its length. */
static size_t
han_number(const char *s, size_t n, struct token *t)
{
	int64_t v = 0, tens = 0;
	size_t i = 0;
	int d, any_ten = 0;

	for (; i < 3 * 8 && (d = han_digit(s + i, n - i)) >= 0; i += 3) {
		if (d >= 10) {
			tens = d == 10 ? (v ? v : 1) * 10 : d;
			v = 0;
			any_ten = 1;
		} else if (any_ten) {
			v = d;
		} else {
			v = v * 10 + d;
			t->digits++;
		}
	}
	t->v = any_ten ? tens + v : v;
	t->han = 1;
	if (any_ten)
		t->digits = 2;
	return i;
}

/* An ASCII or full-width digit at s: its length, 0: none. */
static size_t
digit(const char *s, size_t n, int *v)
{
	if (n > 0 && *s >= '0' && *s <= '9') {
		*v = *s - '0';
		return 1;
	}
	if (n > 2 && memcmp(s, "\xEF\xBC", 2) == 0 && (uint8_t)s[2] >= 0x90 &&
	    (uint8_t)s[2] <= 0x99) {
		*v = (uint8_t)s[2] - 0x90;
		return 3;
	}
	return 0;
}

static size_t
number(const char *s, size_t n, struct token *t)
{
	size_t i = 0, k;
	int v;

	while ((k = digit(s + i, n - i, &v)) > 0) {
		if (t->digits < 16) {
			t->v = t->v * 10 + v;
			t->digits++;
		} else {
			t->digits = 17; /* no date is that long */
		}
		i += k;
	}
	return i;
}

static int
is_letter(const char *s)
{
	uint8_t c = (uint8_t)*s;

	return (unsigned)(c | 32) - 'a' < 26u || (c >= 0xC3 && c <= 0xC5) ||
	       c == 0xD0 || c == 0xD1;
}

/* The first word not before key[0, n) in byte order. */
static size_t
lower_bound(const char *key, size_t n)
{
	size_t lo = 0, hi = sizeof(words) / sizeof(words[0]);

	while (lo < hi) {
		size_t mid = (lo + hi) / 2, l = words[mid].len;
		int c = memcmp(words[mid].w, key, l < n ? l : n);

		if (c < 0 || (c == 0 && l < n))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* A run of letters, looked up as a whole. */
static size_t
letters(const char *s, size_t n, struct token *t)
{
	char low[24];
	size_t i = 0, k = 0;

	while (i < n && is_letter(s + i)) {
		size_t len = (uint8_t)s[i] < 0x80 ? 1 : 2;

		if (i + len > n)
			break;
		for (size_t j = 0; j < len && k < sizeof(low); j++, k++) {
			uint8_t c = (uint8_t)s[i + j];

			if (c >= 'A' && c <= 'Z')
				c |= 32;
			else if (j == 1 && (uint8_t)s[i] == 0xC3 && c < 0x9F)
				c |= 32;
			low[k] = (char)c;
		}
		i += len;
	}
	t->kind = OTHER;
	if (k < sizeof(low)) {
		size_t w = lower_bound(low, k);

		if (w < sizeof(words) / sizeof(words[0]) && words[w].len == k &&
		    memcmp(words[w].w, low, k) == 0) {
			t->kind = words[w].kind;
			t->v = words[w].v;
		}
	}
	return i > 0 ? i : 1;
}

/* The longest word that begins at s; 0: none. */
static size_t
han_word(const char *s, size_t n, struct token *t)
{
	size_t best = 0;

	for (size_t w = lower_bound(s, 3);
	     w < sizeof(words) / sizeof(words[0]) &&
	     memcmp(words[w].w, s, 3) == 0;
	     w++) {
		if (words[w].len > n || words[w].len < best ||
		    memcmp(words[w].w, s, words[w].len) != 0)
			continue;
		best = words[w].len;
		t->kind = words[w].kind;
		t->v = words[w].v;
	}
	return best;
}

/* Length of white space at s in bytes, 0: none. */
static size_t
blank(const char *s, size_t n)
{
	if (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		return 1;
	if (n > 1 && memcmp(s, "\xC2\xA0", 2) == 0)
		return 2;
	if (n > 2 && (memcmp(s, "\xE3\x80\x80", 3) == 0 ||
			 memcmp(s, "\xE2\x80\x83", 3) == 0))
		return 3;
	return 0;
}

/* Marks that have a full-width or typographic form count as the plain one. */
static size_t
mark(const char *s, size_t n, struct token *t)
{
	static const struct {
		char c[4];
		char as;
	} fold[] = {{"：", ':'}, {"－", '-'}, {"／", '/'}, {"．", '.'},
	    {"（", '('}, {"）", ')'}, {"，", ','}, {"–", '-'}, {"—", '-'},
	    {"’", '\''}, {"【", '('}, {"】", ')'}};
	size_t len = (uint8_t)*s < 0x80   ? 1
		     : (uint8_t)*s < 0xE0 ? 2
		     : (uint8_t)*s < 0xF0 ? 3
					  : 4;

	t->kind = OTHER;
	if (len == 1) {
		t->kind = MARK;
		t->v = *s;
	}
	for (size_t i = 0;
	     len == 3 && n > 2 && i < sizeof(fold) / sizeof(fold[0]); i++)
		if (memcmp(s, fold[i].c, 3) == 0) {
			t->kind = MARK;
			t->v = fold[i].as;
		}
	return len < n ? len : n;
}

static size_t
next_token(const char *s, size_t n, struct token *t)
{
	int v;
	size_t k;

	if (digit(s, n, &v) > 0) {
		t->kind = NUM;
		return number(s, n, t);
	}
	if (is_letter(s))
		return letters(s, n, t);
	if (n >= 3 && (uint8_t)*s >= 0xE3 && (uint8_t)*s <= 0xED) {
		if ((k = han_word(s, n, t)) > 0)
			return k;
		if (han_digit(s, n) >= 0) {
			t->kind = NUM;
			return han_number(s, n, t);
		}
	}
	if (n >= 3 && memcmp(s, "○", 3) == 0) {
		t->kind = NUM;
		return han_number(s, n, t);
	}
	return mark(s, n, t);
}

/* D1. A text with more tokens is no small text; its beginning counts. */
static void
tokenise(struct scan *c)
{
	size_t i = 0, k;
	int sp = 0;

	while (i < c->n && c->ntok < TOKENS) {
		struct token *t = &c->t[c->ntok];

		if ((k = blank(c->s + i, c->n - i)) > 0) {
			sp = 1;
			i += k;
			continue;
		}
		*t = (struct token){.sp = (uint8_t)sp, .beg = (uint32_t)i};
		i += next_token(c->s + i, c->n - i, t);
		t->end = (uint32_t)i;
		sp = 0;
		/* characters that mean nothing are one token */
		if (t->kind == OTHER && c->ntok > 0 && !t->sp &&
		    t[-1].kind == OTHER)
			t[-1].end = t->end;
		else
			c->ntok++;
	}
	memset(&c->t[c->ntok], 0, 8 * sizeof(c->t[0]));
}

/* ---- patterns ------------------------------------------------------------ */

static int
is_mark(const struct token *t, char m)
{
	return t->kind == MARK && t->v == m;
}

static int
is_unit(const struct token *t, char u)
{
	return t->kind == UNIT && t->v == u;
}

static int
is_sep(const struct token *t)
{
	return is_mark(t, '-') || is_mark(t, '/') || is_mark(t, '.');
}

static int
is_short(const struct token *t)
{
	return t->kind == NUM && t->digits <= 2;
}

/* D3: the number at i hangs on a chain of numbers to its left. */
static int
chained(const struct scan *c, int i)
{
	const struct token *t = &c->t[i];

	if (i == 0 || t->sp)
		return 0;
	if (is_sep(t - 1) && i > 1 && !t[-1].sp && t[-2].kind == NUM)
		return 1;
	if (t[-1].kind == UNIT && i > 1 && t[-2].kind == NUM)
		return 1;
	return is_mark(t - 1, '-') && i > 1 && t[-2].kind == OTHER && !t[-1].sp;
}

static int
tail_chained(const struct token *t)
{
	return is_sep(t) && !t->sp && t[1].kind == NUM && !t[1].sp &&
	       !(t[1].digits > 2);
}

/* Two digits mean this century up to next year, else the last one. */
static int
full_year(const struct scan *c, int64_t y)
{
	int now = YEAR_MAX, m, d;

	if (c->have_ref)
		civil(c->ref / 86400, &now, &m, &d);
	return (int)(2000 + y <= now + 1 ? 2000 + y : 1900 + y);
}

static int
set_day(struct wn_date *d, int64_t y, int64_t m, int64_t day)
{
	if (!wn_date_exists(y, m, day))
		return 0;
	d->year = (int)y;
	d->mon = (int)m;
	d->day = (int)day;
	d->kind = WN_DATE_FULL;
	return 1;
}

/* Every pattern returns how many tokens it took, 0: not this. */

/* 2023年6月1日, 二〇二三年六月一日, 2023년 6월 1일, 23年6月1日, 民國112年6月1日
 */
static int
match_units(const struct scan *c, int i, struct wn_date *d)
{
	const struct token *t = &c->t[i];
	int64_t y = t->v;
	int era = t->kind == ERA;

	if (era) {
		y = ++t < &c->t[c->ntok] && t->kind == NUM ? t->v + t[-1].v : 0;
		if (t->kind != NUM || t->digits > 3)
			return 0;
	} else if (t->kind != NUM || (t->digits != 4 && t->digits != 2)) {
		return 0;
	} else if (t->digits == 2) {
		y = full_year(c, y);
	}
	if (!is_unit(t + 1, 'Y') || !is_short(t + 2) || !is_unit(t + 3, 'M') ||
	    !is_short(t + 4) || !set_day(d, y, t[2].v, t[4].v))
		return 0;
	return (is_unit(t + 5, 'D') ? 6 : 5) + era;
}

/* 2023-06-01, 2023/6/1, 2023.06.01, '23-06-01 */
static int
match_ymd(const struct scan *c, int i, struct wn_date *d)
{
	const struct token *t = &c->t[i];
	int64_t y = t->v;
	int quoted = i > 0 && is_mark(t - 1, '\'');

	if (t->kind != NUM || t->han || !is_sep(t + 1) || !is_sep(t + 3) ||
	    t[1].v != t[3].v || !is_short(t + 2) || !is_short(t + 4) ||
	    tail_chained(t + 5))
		return 0;
	if (t->digits == 2 && (t[1].v == '-' || quoted))
		y = full_year(c, y);
	else if (t->digits != 4)
		return 0;
	return set_day(d, y, t[2].v, t[4].v) ? 5 : 0;
}

/* 1.9.2017, 23/01/2021, 01/23/21 */
static int
match_dmy(const struct scan *c, int i, struct wn_date *d)
{
	const struct token *t = &c->t[i];
	int64_t y = t[4].v, m = t[2].v, day = t[0].v;

	if (!is_short(t) || t->han || !is_sep(t + 1) || !is_short(t + 2) ||
	    !is_sep(t + 3) || t[1].v != t[3].v || t[4].kind != NUM ||
	    t[4].han || t[1].sp || t[3].sp || tail_chained(t + 5))
		return 0;
	if (t[4].digits == 2 && t[1].v != '-')
		y = full_year(c, y);
	else if (t[4].digits != 4)
		return 0;
	if (m > 12 && t[1].v == '/') {
		day = t[2].v;
		m = t[0].v;
	}
	return set_day(d, y, m, day) ? 5 : 0;
}

static int
skip_links(const struct token *t)
{
	int k = 0;

	while (k < 2 && (t[k].kind == LINK || is_mark(t + k, ',') ||
			    is_mark(t + k, '.') || is_mark(t + k, '-') ||
			    t[k].v == 0xBA))
		k++;
	return k;
}

/* 1 September 2017, 29. Februar 2008, 1 de junio de 2023, 26th of June, 2019 */
static int
match_day_month(const struct scan *c, int i, struct wn_date *d)
{
	const struct token *t = &c->t[i];
	int k = 1, m;

	if (!is_short(t) || t->han)
		return 0;
	k += skip_links(t + k);
	if (t[k].kind != MONTH)
		return 0;
	m = (int)t[k++].v;
	k += skip_links(t + k);
	if (is_mark(t + k, '\''))
		k++;
	if (t[k].kind != NUM || t[k].han)
		return 0;
	if (t[k].digits == 4)
		return set_day(d, t[k].v, m, t->v) ? k + 1 : 0;
	if (t[k].digits == 2 && !is_mark(t + k + 1, ':'))
		return set_day(d, full_year(c, t[k].v), m, t->v) ? k + 1 : 0;
	return 0;
}

/* September 01, 2017; January 1st 2020 */
static int
match_month_day(const struct scan *c, int i, struct wn_date *d)
{
	const struct token *t = &c->t[i];
	int k = 1;

	if (t->kind != MONTH)
		return 0;
	if (is_mark(t + k, '.'))
		k++;
	if (!is_short(t + k) || t[k].han)
		return 0;
	k += 1 + skip_links(t + k + 1);
	if (t[k].kind != NUM || t[k].digits != 4)
		return 0;
	return set_day(d, t[k].v, t->v, c->t[i + 1 + is_mark(t + 1, '.')].v)
		   ? k + 1
		   : 0;
}

/* ngày 1 tháng 6 năm 2023 */
static int
match_vietnamese(const struct scan *c, int i, struct wn_date *d)
{
	const struct token *t = &c->t[i];

	if (!is_unit(t, 'D') || !is_short(t + 1) || !is_unit(t + 2, 'M') ||
	    !is_short(t + 3) || !is_unit(t + 4, 'Y') || t[5].kind != NUM)
		return 0;
	return set_day(d, t[5].v, t[3].v, t[1].v) ? 6 : 0;
}

/* Tiles: 01 2023-06, 01 / 06月 2023, 01 06月 2023 */
static int
match_tile(const struct scan *c, int i, struct wn_date *d)
{
	const struct token *t = &c->t[i];
	int k = 1;

	if (i > 0 || !is_short(t) || t->han)
		return 0;
	if (t[1].kind == NUM && t[1].digits == 4 && t[1].sp && is_sep(t + 2) &&
	    is_short(t + 3))
		return set_day(d, t[1].v, t[3].v, t->v) ? 4 : 0;
	if (is_mark(t + 1, '/'))
		k++;
	if (!is_short(t + k) || !is_unit(t + k + 1, 'M') ||
	    t[k + 2].kind != NUM || t[k + 2].digits != 4)
		return 0;
	return set_day(d, t[k + 2].v, t[k].v, t->v) ? k + 3 : 0;
}

/* Digits alone mean a day only when they are all there is, or a label says
 * so: the 20230601 of 阅读(20230601) is a count. */
static int
stands_alone(const struct scan *c, int i)
{
	int from = i;

	while (from > 0 && is_mark(&c->t[from - 1], ':'))
		from--;
	return (i == 0 && c->ntok == 1) ||
	       (from > 0 && c->t[from - 1].kind == LABEL);
}

static int
match_compact(const struct scan *c, int i, struct wn_date *d)
{
	const struct token *t = &c->t[i];
	int64_t v = t->v, day, hms = 0;
	int m;

	if (t->kind != NUM || t->han || !stands_alone(c, i))
		return 0;
	if (t->digits == 10 || t->digits == 13) {
		if (t->digits == 13)
			v /= 1000;
		civil((v + HERE) / 86400, &d->year, &d->mon, &d->day);
		hms = (v + HERE) % 86400;
		d->hour = (int)(hms / 3600);
		d->min = (int)(hms / 60 % 60);
		d->sec = (int)(hms % 60);
		d->offset = HERE / 60;
		d->kind = WN_DATE_COMPACT;
		return 1;
	}
	if (t->digits == 14 || t->digits == 12) {
		hms = t->digits == 14 ? v % 1000000 : v % 10000 * 100;
		v /= t->digits == 14 ? 1000000 : 10000;
	} else if (t->digits != 8) {
		return 0;
	}
	day = v % 100;
	m = (int)(v / 100 % 100);
	if (!set_day(d, v / 10000, m, day))
		return 0;
	if (t->digits > 8 && hms / 10000 < 24 && hms / 100 % 100 < 60 &&
	    hms % 100 < 60) {
		d->hour = (int)(hms / 10000);
		d->min = (int)(hms / 100 % 100);
		d->sec = t->digits == 14 ? (int)(hms % 100) : -1;
	}
	d->kind = WN_DATE_COMPACT;
	return 1;
}

static void
from_moment(const struct scan *c, struct wn_date *d, int64_t back, int timed)
{
	int64_t t = c->ref + HERE - back;

	civil(t / 86400, &d->year, &d->mon, &d->day);
	if (timed) {
		d->hour = (int)(t % 86400 / 3600);
		d->min = (int)(t % 3600 / 60);
	}
	d->kind = WN_DATE_RELATIVE;
}

/* 昨天, 3小时前, 半小时前, 2 days ago, 周一 08:00 */
static int
match_relative(const struct scan *c, int i, struct wn_date *d)
{
	const struct token *t = &c->t[i];
	int64_t now = c->ref + HERE, back, span = t[1].v;

	if (!c->have_ref)
		return 0;
	if (t->kind == REL) {
		from_moment(c, d, t->v * 86400, 0);
		return 1;
	}
	if (t->kind == WDAY && t[1].kind == NUM && is_mark(t + 2, ':')) {
		/* day 0 of the epoch was a Thursday */
		back = (now / 86400 + 3) % 7 + 1 - t->v;
		from_moment(c, d, (back < 0 ? back + 7 : back) * 86400, 0);
		return 1;
	}
	if ((t->kind != NUM && t->kind != HALF) || t->v > 1000)
		return 0;
	if (is_unit(t + 1, 's'))
		span = 1;
	else if (t[1].kind != SPAN)
		return 0;
	/* "ago" is August in Italian and Spanish */
	if (t[2].kind != AGO && !(t[2].kind == MONTH && t[2].v == 8))
		return 0;
	back = t->kind == HALF ? span / 2 : t->v * span;
	from_moment(c, d, back, span < 86400);
	return 3;
}

/* The year is the one that makes it the latest such day not after the
 * reference. */
static int
set_yearless(const struct scan *c, struct wn_date *d, int64_t m, int64_t day)
{
	int64_t today = (c->ref + HERE) / 86400;
	int y, rm, rd;

	if (!c->have_ref)
		return 0;
	civil(today, &y, &rm, &rd);
	for (int k = 0; k < 8; k++, y--)
		if (wn_date_exists(y, m, day) &&
		    wn_date_days(y, (int)m, (int)day) <= today) {
			set_day(d, y, m, day);
			d->kind = WN_DATE_YEARLESS;
			return 1;
		}
	return 0;
}

/* 1月5日; 03-15 11:59 as all there is */
static int
match_yearless(const struct scan *c, int i, struct wn_date *d)
{
	const struct token *t = &c->t[i];

	if (!is_short(t))
		return 0;
	if (is_unit(t + 1, 'M') && is_short(t + 2) && is_unit(t + 3, 'D'))
		return set_yearless(c, d, t[0].v, t[2].v) ? 4 : 0;
	if ((i > 0 && c->t[0].kind != LABEL && !is_mark(t - 1, '(')) ||
	    t->han || !is_short(t + 2) || t[2].han || t->digits < 2 ||
	    (!is_mark(t + 1, '-') && !is_mark(t + 1, '/')))
		return 0;
	if (t[3].kind != END && !is_mark(t + 3, ')') &&
	    !(t[3].kind == NUM && is_mark(t + 4, ':')))
		return 0;
	return set_yearless(c, d, t[0].v, t[2].v) ? 3 : 0;
}

/* ---- the time after it --------------------------------------------------- */

static int
read_offset(const struct token *t, struct wn_date *d)
{
	int sign = is_mark(t, '-') ? -1 : 1;

	if (t->kind == ZONE) {
		d->offset = (int16_t)t->v;
		return 1;
	}
	if ((!is_mark(t, '+') && !is_mark(t, '-')) || t[1].kind != NUM ||
	    t[1].sp)
		return 0;
	if (t[1].digits == 4 && t[1].v <= 1400) {
		d->offset =
		    (int16_t)(sign * (t[1].v / 100 * 60 + t[1].v % 100));
		return 2;
	}
	if (t[1].digits != 2 || t[1].v > 14)
		return 0;
	d->offset = (int16_t)(sign * t[1].v * 60);
	if (is_mark(t + 2, ':') && t[3].kind == NUM && t[3].v < 60) {
		d->offset = (int16_t)(d->offset + sign * t[3].v);
		return 4;
	}
	return 2;
}

static void
apply_half(struct wn_date *d, int half)
{
	if ((half == 'p' && d->hour < 12) ||
	    (half == 'n' && d->hour >= 1 && d->hour < 4))
		d->hour += 12;
	else if (half == 'a' && d->hour == 12)
		d->hour = 0;
}

/* 10:40:00, 10时40分, 上午10:40, 3:05 pm; fills hour, min, sec, offset. */
static int
read_time(const struct token *t, struct wn_date *d)
{
	int k = 0, half = 0, sec = -1;
	int64_t h, m;

	while (k < 4 && (t[k].kind == WDAY || t[k].kind == LINK ||
			    is_mark(t + k, ',') || is_mark(t + k, '(') ||
			    is_mark(t + k, ')') || is_mark(t + k, '|')))
		k++;
	if (t[k].kind == AMPM)
		half = (int)t[k++].v;
	if (t[k].kind != NUM || t[k].digits > 2)
		return 0;
	h = t[k].v;
	m = t[k + 2].v;
	if (is_unit(t + k + 1, 'h') && t[k + 2].kind != NUM)
		m = 0;
	else if ((!is_mark(t + k + 1, ':') && !is_unit(t + k + 1, 'h')) ||
		 t[k + 2].kind != NUM || t[k + 2].digits > 2)
		return 0;
	k += t[k + 2].kind == NUM ? 3 : 2;
	if (is_mark(t + k, ':') && t[k + 1].kind == NUM && t[k + 1].v < 60) {
		sec = (int)t[k + 1].v;
		k += 2;
		if (is_mark(t + k, '.') && t[k + 1].kind == NUM)
			k += 2; /* fractions */
	} else if (is_unit(t + k, 'm')) {
		k++;
		if (t[k].kind == NUM && is_unit(t + k + 1, 's')) {
			sec = (int)t[k].v;
			k += 2;
		}
	}
	if (h > 24 || m > 59 || sec > 59)
		return 0;
	d->hour = (int)(h % 24);
	d->min = (int)m;
	d->sec = sec;
	if (t[k].kind == AMPM)
		half = (int)t[k++].v;
	apply_half(d, half);
	return k + read_offset(t + k, d);
}

static int
believable(const struct scan *c, const struct wn_date *d)
{
	int64_t day = wn_date_days(d->year, d->mon, d->day);

	if (d->year < YEAR_MIN)
		return 0;
	if (!c->have_ref)
		return d->year <= YEAR_MAX;
	return day <= (c->ref + HERE) / 86400 + AHEAD;
}

typedef int match_fn(const struct scan *, int, struct wn_date *);

static int
match_at(const struct scan *c, int i, struct wn_date *d)
{
	static match_fn *const patterns[] = {match_units, match_ymd, match_dmy,
	    match_day_month, match_month_day, match_vietnamese, match_tile,
	    match_compact, match_relative, match_yearless};

	if (c->t[i].kind == NUM && chained(c, i))
		return 0;
	for (size_t p = 0; p < sizeof(patterns) / sizeof(patterns[0]); p++) {
		int k;

		*d = (struct wn_date){
		    .hour = -1, .sec = -1, .offset = WN_NO_OFFSET};
		if ((k = patterns[p](c, i, d)) > 0 && believable(c, d))
			return k;
	}
	return 0;
}

/* Most texts have neither a digit nor a word of these: leave early. */
static int
worth_it(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((s[i] >= '0' && s[i] <= '9') || (uint8_t)s[i] >= 0xC3 ||
		    s[i] == 'y' || s[i] == 'Y')
			return 1;
	return 0;
}

int
wn_date_find(const char *s, size_t n, int64_t ref, struct wn_date *d)
{
	struct scan c;

	if (n > 4096)
		n = 4096;
	if (!worth_it(s, n))
		return 0;
	c.s = s;
	c.n = n;
	c.have_ref = ref != WINNOW_NO_TIME && ref > 0 && ref < INT64_C(1) << 40;
	c.ref = c.have_ref ? ref : 0;
	c.ntok = 0;
	tokenise(&c);
	for (int i = 0; i < c.ntok; i++) {
		int k = match_at(&c, i, d);

		if (k == 0)
			continue;
		if (d->hour < 0 || d->kind == WN_DATE_RELATIVE)
			k += read_time(&c.t[i + k], d);
		d->beg = c.t[i].beg;
		d->end = c.t[i + k - 1].end;
		return 1;
	}
	return 0;
}

int
winnow_parse_date(
    const char *text, size_t len, int64_t reference, struct winnow_date *out)
{
	struct wn_date d;
	int off;

	memset(out, 0, sizeof(*out));
	if (!wn_date_find(text, len, reference, &d))
		return 0;
	snprintf(out->date, sizeof(out->date), "%04d-%02d-%02d", d.year % 10000,
	    d.mon % 100, d.day % 100);
	if (d.hour >= 0 && d.sec >= 0)
		snprintf(out->time, sizeof(out->time), "%02d:%02d:%02d",
		    d.hour % 100, d.min % 100, d.sec % 100);
	else if (d.hour >= 0)
		snprintf(out->time, sizeof(out->time), "%02d:%02d",
		    d.hour % 100, d.min % 100);
	if (d.offset != WN_NO_OFFSET) {
		off = d.offset < 0 ? -d.offset : d.offset;
		snprintf(out->offset, sizeof(out->offset), "%c%02d:%02d",
		    d.offset < 0 ? '-' : '+', off / 60 % 100, off % 60);
	}
	return 1;
}
