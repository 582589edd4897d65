/* normalise_scan.c - one look at a line tells what it may need.
 *
 * Nearly all text is whole. So each byte is looked at once, sixteen at a time
 * where the machine can: those of Han characters, letters and digits say
 * nothing, and of the rest only what some stage has to do with sets a bit. The
 * bits are as fine as a byte or two to either side can make them: a space
 * between a Han character and a Latin word stays and is not worth a second
 * look, one behind a comma is.
 *
 * Invariants
 *  Q1  A stage changes a line only when one of its bits is set (normalise.c's
 *      tables say which); a bit may be set in vain.
 *  Q2  The line is valid UTF-8. Each byte is read once, but for a byte or two
 *      beside those that tell. */
#include "cleaner/normalise.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* General punctuation by the third byte of E2 80. */
static const uint16_t of_e2_80[64] = {
    [0x00 ... 0x0A] = WN_NEED_SPACE,
    [0x0B ... 0x0F] = WN_NEED_INVISIBLE,
    [0x28 ... 0x2E] = WN_NEED_INVISIBLE,
    [0x2F] = WN_NEED_SPACE,
};

/* Marks of CJK text: E3 80. */
static const uint16_t of_e3_80[64] = {
    [0x00] = WN_NEED_SPACE,
    [0x01 ... 0x02] = WN_HAS_STOP,
};

/* Full width: EF BC. */
static const uint16_t of_ef_bc[64] = {
    [0x0C] = WN_HAS_FULL,
    [0x10 ... 0x19] = WN_NEED_COMPAT,
    [0x1A ... 0x1B] = WN_HAS_FULL,
    [0x21 ... 0x3F] = WN_NEED_COMPAT,
};

/* Radicals are E2 BA to E2 BF. */
static unsigned
scan_e2(const uint8_t *p)
{
	if (p[1] == 0x80)
		return of_e2_80[p[2] & 63];
	if (p[1] == 0x81)
		return p[2] == 0x9F   ? WN_NEED_SPACE
		       : p[2] >= 0xA0 ? WN_NEED_INVISIBLE
				      : 0;
	return p[1] >= 0xBA ? WN_NEED_COMPAT : 0;
}

static unsigned
scan_e3(const uint8_t *p)
{
	if (p[1] == 0x80)
		return of_e3_80[p[2] & 63];
	return p[1] <= 0x83 ? WN_HAS_KANA : 0;
}

/* A comma that a mirror put before a mark: ，。 and ,, and their like. */
static unsigned
noise_behind(const uint8_t *p, const uint8_t *end)
{
	if (end - p < 3)
		return 0;
	if (p[0] == 0xE3)
		return p[1] == 0x80 && p[2] == 0x82 ? WN_HAS_NOISE : 0;
	return p[0] == 0xEF && p[1] == 0xBC &&
		       (p[2] == 0x8C || p[2] == 0x9B || p[2] == 0x9F)
		   ? WN_HAS_NOISE
		   : 0;
}

/* Lead byte EF: private use, compatibility forms, full and half width. */
static unsigned
scan_ef(const uint8_t *p, const uint8_t *end)
{
	switch (p[1]) {
	case 0xBC:
		return of_ef_bc[p[2] & 63] |
		       (p[2] == 0x8C ? noise_behind(p + 3, end) : 0);
	case 0xBD:
	case 0xBE:
	case 0xB8:
	case 0xB9:
		return WN_NEED_COMPAT;
	case 0xBB:
		return p[2] == 0xBF ? WN_NEED_INVISIBLE : 0;
	case 0xB7:
		return p[2] >= 0x90 && p[2] <= 0xAF ? WN_NEED_INVISIBLE : 0;
	case 0xBF:
		return p[2] == 0xBD   ? WN_HAS_LOST
		       : p[2] >= 0xB0 ? WN_NEED_INVISIBLE
				      : 0;
	default:
		return p[1] <= 0xA3   ? WN_NEED_PRIVATE
		       : p[1] <= 0xAB ? WN_NEED_COMPAT
				      : 0;
	}
}

static unsigned
scan_wide(const uint8_t *p, const uint8_t *end)
{
	switch (p[0]) {
	case 0xE1:
		return p[1] == 0xA0 && p[2] == 0x8E ? WN_NEED_INVISIBLE : 0;
	case 0xE2:
		return scan_e2(p);
	case 0xE3:
		return scan_e3(p);
	case 0xEE:
		return WN_NEED_PRIVATE;
	case 0xEF:
		return scan_ef(p, end);
	default:
		return 0;
	}
}

/* Lead bytes C2 to DF. */
static unsigned
scan_two(const uint8_t *p, const uint8_t *end)
{
	unsigned need = 0;

	/* bytes of one character became two such, or one that windows-1252
	 * has for a byte of 0x80 to 0x9F */
	if (p + 2 < end && (p[0] == 0xC3 || (p[0] == 0xC2 && p[1] >= 0xB0)) &&
	    (p[2] == 0xC2 || p[2] == 0xC3 || p[2] == 0xC5 || p[2] == 0xC6 ||
		p[2] == 0xCB || p[2] == 0xE2))
		need = WN_NEED_MOJIBAKE;
	if (p[0] == 0xC2)
		need |= p[1] < 0xA0 || p[1] == 0xAD ? WN_NEED_INVISIBLE
			: p[1] == 0xA0              ? WN_NEED_SPACE
						    : 0;
	if (p[0] == 0xD8 && p[1] == 0x9C)
		need |= WN_NEED_INVISIBLE;
	return need;
}

static unsigned
scan_four(const uint8_t *p)
{
	return (p[0] >= 0xF3 ? WN_NEED_PRIVATE : 0u) |
	       (p[1] % 16 == 0x0F && p[2] == 0xBF ? WN_NEED_INVISIBLE : 0u);
}

static int
is_han_lead(uint8_t c)
{
	return (uint8_t)(c - 0xE4) <= 0xE9 - 0xE4;
}

/* A Han character ends before p. */
static int
behind_han(const uint8_t *p, const uint8_t *beg)
{
	return p - beg >= 3 && p[-1] >= 0x80 && is_han_lead(p[-3]);
}

/* A space behind a character that is not ASCII, or behind another space. One
 * between a Han character and a word of ASCII stays; one between two Han
 * characters does unless the whole line is spaced out; behind a mark it may
 * go. */
static unsigned
scan_space(const uint8_t *p, const uint8_t *beg)
{
	unsigned need = 0;

	if (p[-1] < 0x80)
		return p[-1] == ' ' ? WN_NEED_SPACE : 0;
	if (!behind_han(p, beg))
		need = WN_NEED_SPACE;
	else if (p[1] >= 0x80)
		need = WN_HAS_SPACED;
	if (p[1] >= 0x80 || (uint8_t)(p[1] - '0') < 10)
		need |= WN_HAS_GAP;
	return need;
}

/* A half-width mark at p that may be a folded one. */
static unsigned
scan_comma(const uint8_t *p, const uint8_t *beg, const uint8_t *end)
{
	unsigned need = WN_NEED_MARK;

	if (p + 1 == end)
		return need;
	if (p > beg && p[-1] >= 0x80 && p[1] >= 0xE3)
		need |= WN_HAS_FOLDED;
	if (*p == ',' && (p[1] == ',' || (noise_behind(p + 1, end) &&
					     p[1] == 0xEF && p[3] == 0x8C)))
		need |= WN_HAS_NOISE;
	return need;
}

/* A bracket that may open a reading: behind a Han character, before a letter
 * of pinyin. */
static unsigned
scan_bracket(const uint8_t *p, const uint8_t *beg, const uint8_t *end)
{
	int letter = p + 1 < end && ((uint8_t)(p[1] - 'a') < 26 ||
					(p[1] >= 0xC3 && p[1] <= 0xC9));

	return WN_NEED_MARK |
	       (letter && behind_han(p, beg) ? WN_NEED_GLOSS : 0u);
}

static unsigned
scan_ascii(const uint8_t *p, const uint8_t *beg, const uint8_t *end)
{
	switch (*p) {
	case '&':
	case '#':
		return WN_NEED_ENTITY;
	case 'X':
		return p + 1 < end && (uint8_t)(p[1] - '0') < 10
			   ? WN_NEED_ENTITY
			   : 0;
	case '?':
		return WN_NEED_SYMBOL | WN_NEED_MARK;
	case '(':
		return scan_bracket(p, beg, end);
	case ',':
	case ';':
	case ':':
		return scan_comma(p, beg, end);
	case '!':
	case ')':
		return WN_NEED_MARK;
	case ' ':
		return scan_space(p, beg);
	case '\t':
	case '\n':
		return 0;
	default:
		return *p < 0x20 || *p == 0x7F ? WN_NEED_INVISIBLE : 0;
	}
}

/* Bytes that begin a character of which there may be something to say. */
enum { SILENT, TELLS, TWO, WIDE, FOUR };
static const uint8_t role[256] = {
    [0 ... 8] = TELLS,
    [0x0B ... 0x20] = TELLS,
    ['!'] = TELLS,
    ['#'] = TELLS,
    ['&'] = TELLS,
    ['('] = TELLS,
    [')'] = TELLS,
    [','] = TELLS,
    [':'] = TELLS,
    [';'] = TELLS,
    ['?'] = TELLS,
    ['X'] = TELLS,
    [0x7F] = TELLS,
    [0xC2 ... 0xC3] = TWO,
    [0xD8] = TWO,
    [0xE1 ... 0xE3] = WIDE,
    [0xEE ... 0xEF] = WIDE,
    [0xF0 ... 0xF4] = FOUR,
};

static inline unsigned
scan_byte(const uint8_t *p, const uint8_t *beg, const uint8_t *end)
{
	switch (role[*p]) {
	case TELLS:
		return scan_ascii(p, beg, end);
	case TWO:
		return scan_two(p, end);
	case WIDE:
		return scan_wide(p, end);
	case FOUR:
		return scan_four(p);
	default:
		return 0;
	}
}

/* Of 64 bytes at most, a bit for each. */
struct row {
	uint64_t loud;  /* worth a look, but for spaces */
	uint64_t space; /* plain ones */
	uint64_t high;  /* not ASCII */
};

#ifdef __SSE2__
static inline __m128i
within(__m128i v, int first, int last)
{
	return _mm_and_si128(
	    _mm_cmpgt_epi8(v, _mm_set1_epi8((char)(first - 1))),
	    _mm_cmplt_epi8(v, _mm_set1_epi8((char)(last + 1))));
}

static inline uint64_t
bits(__m128i v)
{
	return (unsigned)_mm_movemask_epi8(v);
}

/* Silent are second and later bytes, the first of a Han character, letters
 * but X and what stands beside them in ASCII, digits and - . / */
static inline void
row16(const uint8_t *p, unsigned at, struct row *r)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i low = _mm_or_si128(v, _mm_set1_epi8(0x20));
	__m128i x = _mm_cmpeq_epi8(v, _mm_set1_epi8('X'));
	__m128i space = _mm_cmpeq_epi8(v, _mm_set1_epi8(' '));
	__m128i silent = _mm_cmplt_epi8(v, _mm_set1_epi8((char)0xC0));

	silent = _mm_or_si128(silent, within(v, 0xE4 - 256, 0xE9 - 256));
	silent = _mm_or_si128(silent, within(low, 0x60, 0x7E));
	silent = _mm_or_si128(silent, within(v, '-', '9'));
	silent = _mm_or_si128(silent, space);
	r->loud |= ((bits(silent) ^ 0xFFFF) | bits(x)) << at;
	r->space |= bits(space) << at;
	r->high |= bits(v) << at;
}
#endif

static struct row
read_row(const uint8_t *p, unsigned n)
{
	struct row r = {0, 0, 0};
	unsigned i = 0;

#ifdef __SSE2__
	if (n == 64) {
		row16(p, 0, &r);
		row16(p + 16, 16, &r);
		row16(p + 32, 32, &r);
		row16(p + 48, 48, &r);
		return r;
	}
	for (; i + 16 <= n; i += 16)
		row16(p + i, i, &r);
#endif
	for (; i < n; i++) {
		r.loud |= (uint64_t)(role[p[i]] != SILENT && p[i] != ' ') << i;
		r.space |= (uint64_t)(p[i] == ' ') << i;
		r.high |= (uint64_t)(p[i] >> 7) << i;
	}
	return r;
}

/* Spaces at the edges are seen to first: none that follows is at one. */
unsigned
wn_norm_scan(struct wn_str s)
{
	struct wn_str t = wn_trim_spaces(s);
	const uint8_t *p = (const uint8_t *)t.p, *beg = p, *end = p + t.n;
	unsigned need = t.n < s.n ? WN_NEED_TRIM : 0, spaced = 0, n;
	uint64_t carry = 0; /* the byte before the row: space or no ASCII */

	for (; p < end; p += n) {
		struct row r;
		uint64_t m;

		n = end - p < 64 ? (unsigned)(end - p) : 64;
		r = read_row(p, n);
		m = r.space | r.high;
		m = r.loud | (r.space & (m << 1 | carry));
		carry = (r.space | r.high) >> 63;
		for (; m != 0; m &= m - 1) {
			unsigned k =
			    scan_byte(p + __builtin_ctzll(m), beg, end);

			spaced += (k & WN_HAS_SPACED) != 0;
			need |= k;
		}
	}
	return spaced >= WN_SPACED_LEAST ? need | WN_NEED_SPACE : need;
}
