/* site_text.c - see site_text.h.
 *
 * A text is folded as a reader would: letters and Han characters alone count,
 * capitals are small letters, full width is half, traditional is simplified,
 * and a run of digits is one digit, so that a counter is the same line on every
 * page.
 *
 * Rows are found through their first two characters; most pairs of a text begin
 * none, which a bit tells.
 *
 * Invariant
 *  ST1  A text costs its length, whatever the number of rows. */
#include "cleaner/site_text.h"

#include <string.h>

#include "cleaner/arena.h"
#include "cleaner/sketch.h"
#include "cleaner/utf8.h"
#include "cleaner/winnow.h"

/* ---- folding ------------------------------------------------------------ */

static inline int
is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
	return !(c < 0xC0 || (c >= 0x2000 && c < 0x2E80) ||
		 (c >= 0x3000 && c < 0x3040) || c >= 0xFE30);
}

/* 〇一二三四五六七八九十百 and, of weekdays, 日. */
static int
is_han_digit(uint32_t c)
{
	static const uint16_t digits[] = {0x3007, 0x4e00, 0x4e8c, 0x4e09,
	    0x56db, 0x4e94, 0x516d, 0x4e03, 0x516b, 0x4e5d, 0x5341, 0x767e};

	for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++)
		if (digits[i] == c)
			return 1;
	return 0;
}

/* 年月日时分秒: letters of a date. */
static inline int
is_of_dates(uint32_t c)
{
	return c == 0x5e74 || c == 0x6708 || c == 0x65e5 || c == 0x65f6 ||
	       c == 0x5206 || c == 0x79d2;
}

/* Is a Han digit behind this a number? 第三版, 星期六. */
static inline int
calls_number(uint32_t c)
{
	return c == 0x7b2c || c == 0x671f || c == '0';
}

static inline uint32_t
mix(uint32_t h, uint32_t c)
{
	h = (h ^ c) * 0x9E3779B1u;
	return h ^ h >> 15;
}

/* Small, of half width; 0: it does not count. */
static inline uint32_t
normal(uint32_t c)
{
	if (c >= 0xFF10 && c <= 0xFF5A)
		c -= 0xFEE0;
	if (c >= 'A' && c <= 'Z')
		c |= 32;
	return is_letter(c) ? c : 0;
}

#define LETTERS_MOST 8 /* are counted: who asks wants to know of a few */

void
wn_site_fold(
    const struct wn_fold *table, struct wn_folded *f, const char *s, size_t n)
{
	const char *end = s + n;
	uint32_t han, han_end;
	const uint16_t *simple = wn_fold_table(table, &han, &han_end);
	uint32_t c, last = 0, hash = 0x811C9DC5u, exact = 0, chars = 0;
	uint32_t letters = 0, digits = 0;
	unsigned len;

	for (; s < end; s += len) {
		c = wn_utf8_get(s, &len);
		if (c >= han && c <= han_end)
			c = simple[c - han];
		else if ((c = normal(c)) == 0)
			continue;
		if ((c >= '0' && c <= '9') ||
		    (calls_number(last) && is_han_digit(c))) {
			exact = mix(exact | 1, c);
			if (last == '0')
				continue;
			digits++;
			c = '0';
		} else if (letters < LETTERS_MOST) {
			letters += !is_of_dates(c);
		}
		last = c;
		hash = mix(hash, c);
		if (chars < WN_FOLDED_HEAD)
			f->head[chars] = c;
		f->tail[chars++ % WN_FOLDED_TAIL] = c;
	}
	f->chars = chars;
	f->letters = letters;
	f->digits = digits;
	f->hash = hash != 0 ? hash : 1;
	f->exact = exact != 0 ? exact | 1 : 0;
}

/* ---- what a text is ----------------------------------------------------- */

/* 一、 （二） 3. 1） ①: a part of a text, when it is short. */
static int
is_numbered(const char *s, size_t n)
{
	unsigned len;
	size_t i = 0, digits = 0;
	uint32_t c = 0;

	if (n >= 3 && (memcmp(s, "（", 3) == 0 || memcmp(s, "【", 3) == 0))
		i = 3;
	else if (n >= 1 && s[0] == '(')
		i = 1;
	for (; i < n && digits < 5; i += len, digits++) {
		c = wn_utf8_get(s + i, &len);
		if (c >= 0x2460 && c <= 0x24FF)
			return 1;
		if (!(c >= '0' && c <= '9') && !is_han_digit(c))
			break;
	}
	return digits > 0 && i < n &&
	       (c == 0x3001 || c == 0xFF09 || c == 0x3011 || c == ')' ||
		   c == '.' || c == 0xFF0E);
}

#define NUMBERED_MAX 40 /* code points of a heading with a number */
#define COUNTS_MAX 24   /* of a counter that is a sentence */
#define ASKS_MAX 30     /* of a line that ends in a colon */

static int
ends_in(const char *s, size_t n, const char *mark)
{
	size_t k = strlen(mark);

	return n >= k && memcmp(s + n - k, mark, k) == 0;
}

/* Is a line nothing but a quotation? */
static int
is_quotation(const char *s, size_t n)
{
	static const char *const marks[][2] = {
	    {"“", "”"}, {"「", "」"}, {"『", "』"}};

	if (ends_in(s, n, "。"))
		n -= strlen("。");
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (n > strlen(marks[i][0]) && ends_in(s, n, marks[i][1]) &&
		    memcmp(s, marks[i][0], strlen(marks[i][0])) == 0)
			return 1;
	return 0;
}

static int
is_formal(const struct wn_folded *f, const char *s, size_t n)
{
	if (f->letters < 2) /* a date, a number, one character */
		return 1;
	if (is_quotation(s, n))
		return 1;
	if (f->chars <= NUMBERED_MAX && !ends_in(s, n, "。") &&
	    is_numbered(s, n))
		return 1;
	return f->chars <= ASKS_MAX &&
	       (ends_in(s, n, "：") || ends_in(s, n, ":"));
}

/* ---- rows --------------------------------------------------------------- */

enum where { BEG, END, ALL, HAS };
enum type { WORDS, COUNTS, ITSELF, FORMULA };

static const struct row {
	const char *words;
	uint8_t type, where, kind;
	uint16_t max;
} rows[] = {
#define W(words, kind) {words, WORDS, HAS, WINNOW_KIND_##kind, 0xffff},
#define S(words, kind) {words, ITSELF, HAS, WINNOW_KIND_##kind, 0xffff},
#define C(words, kind) {words, COUNTS, HAS, WINNOW_KIND_##kind, 0xffff},
#define F(where, words, max) {words, FORMULA, where, 0, max},
#include "cleaner/rules/site.def"
#undef W
#undef S
#undef C
#undef F
};
#define NROWS (sizeof(rows) / sizeof(rows[0]))

enum { LONGEST = 12, PAIRS = 512, BITS = 1 << 14 };

struct wn_site_rules {
	uint16_t head[PAIRS]; /* row + 1, by its first two characters */
	uint16_t next[NROWS];
	uint16_t single[NROWS]; /* rows of one character, and of ends */
	uint16_t nsingle;
	uint8_t n[NROWS];
	uint32_t cp[NROWS][LONGEST];
	uint8_t bits[BITS / 8]; /* pairs that rows begin with */
};

static inline uint32_t
pair(uint32_t a, uint32_t b)
{
	return (a * 0x9E3779B1u ^ b * 0x85EBCA6Bu) >> 8;
}

const struct wn_site_rules *
wn_site_rules_new(struct wn_arena *arena)
{
	struct wn_site_rules *x = wn_zalloc(arena, sizeof(*x));
	unsigned len;

	if (x == NULL)
		return NULL;
	/* Backwards, so that a chain is in the table's order. */
	for (size_t i = NROWS; i-- > 0;) {
		const char *s = rows[i].words;
		uint32_t h;

		for (; *s != '\0' && x->n[i] < LONGEST; s += len)
			x->cp[i][x->n[i]++] = wn_utf8_get(s, &len);
		if (x->n[i] < 2 || rows[i].where == END) {
			x->single[x->nsingle++] = (uint16_t)i;
			continue;
		}
		h = pair(x->cp[i][0], x->cp[i][1]);
		x->bits[h % BITS / 8] |= (uint8_t)(1 << h % 8);
		x->next[i] = x->head[h % PAIRS];
		x->head[h % PAIRS] = (uint16_t)(i + 1);
	}
	return x;
}

/* Does the row's text stand at character `at` of the beginning? */
static int
stands(const struct wn_site_rules *x, const struct wn_folded *f, uint32_t seen,
    size_t row, uint32_t at)
{
	uint8_t n = x->n[row];

	return at + n <= seen &&
	       memcmp(f->head + at, x->cp[row], n * sizeof(f->head[0])) == 0;
}

static int
ends(const struct wn_site_rules *x, const struct wn_folded *f, size_t row)
{
	uint8_t n = x->n[row];

	if (n > WN_FOLDED_TAIL || f->chars < n)
		return 0;
	for (uint32_t i = 0; i < n; i++)
		if (f->tail[(f->chars - n + i) % WN_FOLDED_TAIL] !=
		    x->cp[row][i])
			return 0;
	return 1;
}

static int
is_there(const struct wn_site_rules *x, const struct wn_folded *f,
    uint32_t seen, size_t row, uint32_t at)
{
	if (f->chars > rows[row].max)
		return 0;
	switch (rows[row].where) {
	case BEG:
		return at == 0 && stands(x, f, seen, row, 0);
	case ALL:
		return at == 0 && f->chars == x->n[row] &&
		       stands(x, f, seen, row, 0);
	case END:
		return ends(x, f, row);
	default:
		return stands(x, f, seen, row, at);
	}
}

/* What the rows that a text holds say together. */
struct found {
	size_t first[FORMULA]; /* row of each type; NROWS: none */
	int formula, inside, signs;
};

static void
note(struct found *f, size_t row)
{
	const struct row *r = &rows[row];

	if (r->type != FORMULA) {
		if (row < f->first[r->type])
			f->first[r->type] = row;
	} else if (r->where == END) {
		f->signs = 1;
	} else if (r->where == HAS) {
		f->inside = 1;
	} else {
		f->formula = 1;
	}
}

static void
find_rows(
    const struct wn_site_rules *x, const struct wn_folded *f, struct found *o)
{
	uint32_t seen = f->chars < WN_FOLDED_HEAD ? f->chars : WN_FOLDED_HEAD;

	for (uint32_t at = 0; at + 1 < seen; at++) {
		uint32_t h = pair(f->head[at], f->head[at + 1]);

		if (!(x->bits[h % BITS / 8] & 1 << h % 8))
			continue;
		for (uint16_t r = x->head[h % PAIRS]; r != 0;
		     r = x->next[r - 1])
			if (is_there(x, f, seen, r - 1u, at))
				note(o, r - 1u);
	}
	for (uint16_t i = 0; i < x->nsingle; i++)
		if (is_there(x, f, seen, x->single[i], 0))
			note(o, x->single[i]);
}

struct wn_site_says
wn_site_look(const struct wn_site_rules *x, const struct wn_folded *f,
    const char *text, size_t n)
{
	struct found o = {.first = {NROWS, NROWS, NROWS}};
	struct wn_site_says s = {.ends = ends_in(text, n, "。")};
	enum type t = COUNTS;
	int itself;

	find_rows(x, f, &o);
	itself = o.first[ITSELF] < NROWS;
	s.counts =
	    o.first[COUNTS] < NROWS && (!s.ends || f->chars <= COUNTS_MAX);
	if (!s.counts)
		t = itself ? ITSELF : WORDS;
	s.words = o.first[t] < NROWS && (t != COUNTS || s.counts);
	if (s.words)
		s.kind = rows[o.first[t]].kind;
	/* 技术支持：某某公司 is no signature, and 本站内容如有异议 no notice */
	s.formal = o.formula || (o.inside && !itself) ||
		   (o.signs && !s.words) || is_formal(f, text, n);
	return s;
}
