/* detect.c - which encoding bytes are in when nobody says it.
 *
 * Validity alone hardly tells the Chinese, Japanese and Korean encodings
 * apart, and any bytes at all are text in the one-byte encodings; what is
 * likely as text tells them at once. So a sample is read in each encoding of
 * detect.def, and what comes out is given a cost, character by character: the
 * language model's for Chinese, the rank among the letters of the row for all
 * others, and more where letters stand as no script has them (a capital inside
 * a word, Cyrillic in a Latin word, a Thai tone on nothing). All readings are
 * of the same bytes, so the smallest sum is the likeliest.
 *
 * Invariants
 *  T1  Costs are quarter nats, as in model.h; a byte by chance is 19.
 *  T2  The sample is bounded, so the cost of a page is. */
#include "cleaner/detect.h"

#include <string.h>

#include "cleaner/arena.h"
#include "cleaner/model.h"
#include "cleaner/utf8.h"

#define COMMON_HANGUL                                                                                      \
	"이다의는을를에가은고하로지도한사자기서시리인대어나해아정수그일전" \
	"라부스장과있으만주보제여게들등원상구비국공조적면할오위신화성동무" \
	"계관니마우치내문안미경기방된연되유발업세소선용물진년월회행교학생했"

enum kind { HAN, KANA, HANGUL, LATIN, CASED, CASELESS };

static const struct row {
	enum wn_charset charset;
	enum kind kind;
	unsigned odds;
	const char *letters;
} rows[] = {
#define D(charset, kind, odds, letters) {WN_CS_##charset, kind, odds, letters},
#include "cleaner/detect.def"
#undef D
};

enum {
	SAMPLE = 8192,
	GLANCE = 2048, /* as much tells whether an encoding can be */
	ORDINARY = 38, /* up to here a character is what such text has, */
	ORDINARY_LETTER = 22, /* and a letter of one byte */
	PLAIN_ASCII = 16,
	SYMBOL = 24,    /* of ASCII */
	RARE_HAN = 46,  /* bytes out of step make characters that nobody uses */
	SIGN = 28,      /* full width letters, lines, numbers in circles */
	HANJA = 52,     /* in Korean */
	RARE = 40,      /* a character that such text hardly has */
	BROKEN = 48,    /* bytes that are none */
	LOST = 60,      /* and those that no text has */
	HALF_KANA = 22, /* a byte of any page: likely, but tells nothing */
	SWAPPED = 16,   /* a capital behind a small letter */
	CAPITAL = 8,
	MIXED = 24,     /* letters of two scripts in a word */
	BESIDE = 12,    /* a far eastern character next to a Latin letter */
	MISPLACED = 24, /* a Thai vowel or tone with nothing below it */
};

/* Ranks of a row's letters, 0: not among them. */
struct ranks {
	uint8_t at[0x3000]; /* all but Hangul's */
	uint8_t hangul[(0xD7A4 - 0xAC00) / 8 + 1];
};

static void
ranks_set(struct ranks *r, const char *s)
{
	unsigned n, rank = 0;

	memset(r, 0, sizeof(*r));
	for (; *s != '\0'; s += n) {
		uint32_t c = wn_utf8_get(s, &n);

		if (c < sizeof(r->at))
			r->at[c] = (uint8_t)++rank;
		else if (c - 0xAC00 < 0xD7A4 - 0xAC00)
			r->hangul[(c - 0xAC00) / 8] |=
			    (uint8_t)(1 << (c - 0xAC00) % 8);
	}
}

static int
is_ascii_letter(uint32_t c)
{
	return (c | 32) - 'a' < 26;
}

/* What text of the far east has in any language, and so tells none; 0: a
 * character of its own. */
static unsigned
sign_cost(uint32_t c)
{
	if ((c >= 0x3001 && c <= 0x3011) || c == 0x30FB || c == 0x30FC ||
	    c == 0xB7 || (c >= 0x2014 && c <= 0x2026) ||
	    (c >= 0xFF01 && c <= 0xFF0F))
		return 24;
	if (c == 0x3000 || (c >= 0xFF10 && c <= 0xFF5A) ||
	    (c >= 0x2190 && c <= 0x266F))
		return SIGN;
	return c >= 0xFF61 && c <= 0xFF9F ? HALF_KANA : 0;
}

static unsigned
far_east_cost(const struct row *row, const struct ranks *ranks, uint32_t c)
{
	unsigned sign = sign_cost(c), han;

	if (sign > 0)
		return sign;
	if (c >= 0x3041 && c <= 0x30FA)
		return row->kind == KANA ? c < 0x30A0 ? 16 : 20 : 32;
	if (c >= 0x4E00 && c <= 0x9FFF) {
		if (row->kind == HANGUL)
			return HANJA;
		han = wn_model_char(wn_model_plain(c));
		han = han < RARE_HAN ? han : RARE_HAN;
		return row->kind == HAN ? han : han + 4;
	}
	if (c - 0xAC00 < 0xD7A4 - 0xAC00)
		return row->kind != HANGUL ? RARE
		       : ranks->hangul[(c - 0xAC00) / 8] >> (c - 0xAC00) % 8 & 1
			   ? 19
			   : 39;
	return c >= 0xE000 && c <= 0xF8FF ? LOST : RARE;
}

/* The small form of a letter that has one in the alphabets of the rows. */
static uint32_t
small(uint32_t c)
{
	if ((c >= 0x410 && c <= 0x42F) || (c >= 0x391 && c <= 0x3A9))
		return c + 0x20;
	if (c >= 0x400 && c <= 0x40F)
		return c + 0x50;
	if (c == 0x490)
		return 0x491;
	return c == 0x386                 ? 0x3AC
	       : c == 0x38C               ? 0x3CC
	       : c >= 0x388 && c <= 0x38A ? c + 0x25
					  : c;
}

/* Thai: vowels and tones are written on the consonant before them, some
 * vowels before the consonant they are spoken behind. */
static unsigned
thai_cost(uint32_t before, uint32_t c)
{
	int on = before >= 0xE01 && before <= 0xE2E;
	int tone = c >= 0xE47 && c <= 0xE4E;

	if (tone && (before == 0xE31 || (before >= 0xE34 && before <= 0xE39)))
		return 0;
	if (tone || c == 0xE31 || (c >= 0xE34 && c <= 0xE3A))
		return on ? 0 : MISPLACED;
	if (before >= 0xE40 && before <= 0xE44)
		return c >= 0xE01 && c <= 0xE2E ? 0 : MISPLACED;
	return 0;
}

static unsigned
letter_cost(const struct row *row, const struct ranks *ranks, uint32_t before,
    uint32_t c)
{
	uint32_t low = row->kind == CASED ? small(c) : c;
	unsigned rank = low < sizeof(ranks->at) ? ranks->at[low] : 0, cost;

	if (rank == 0)
		return c < 0xA0 || c >= 0xE000 ? LOST : RARE;
	cost = 9 + rank * 4 / 9;
	if (c == 0xA0 || (c >= 0x2013 && c <= 0x201E))
		return cost;
	if (row->kind == CASED && low != c)
		cost += small(before) == before && before >= 0x80 ? SWAPPED
								  : CAPITAL;
	if (row->kind == LATIN)
		cost += is_ascii_letter(before) ? 0 : CAPITAL;
	return cost + (row->kind == CASELESS ? thai_cost(before, c) : 0);
}

/* What it costs that a Latin letter stands next to a character. */
static unsigned
beside_cost(const struct row *row, const struct ranks *ranks, uint32_t c)
{
	if (row->kind < LATIN)
		return c >= 0x3041 && c < 0xFF00 ? BESIDE : 0;
	c = small(c);
	return row->kind != LATIN && c >= 0x370 && c < sizeof(ranks->at) &&
		       ranks->at[c] > 0
		   ? MIXED
		   : 0;
}

struct sum {
	double cost;
	size_t ordinary, all; /* characters that are neither ASCII nor signs */
};

static struct sum
sum_of(
    const struct row *row, const struct ranks *ranks, const char *s, size_t len)
{
	struct sum sum = {.cost = row->odds};
	const char *end = len > 0 ? s + len : s;
	uint32_t before = ' ', c;
	unsigned n, cost;

	for (; s < end; s += n, before = c) {
		c = wn_utf8_get(s, &n);
		if (c < 0x80) {
			sum.cost += (c | 32) >= 0x60 && !is_ascii_letter(c)
					? SYMBOL
					: PLAIN_ASCII;
			if (is_ascii_letter(c) && before >= 0x80)
				sum.cost += beside_cost(row, ranks, before);
			continue;
		}
		cost = c == 0xFFFD         ? BROKEN
		       : row->kind < LATIN ? far_east_cost(row, ranks, c)
					   : letter_cost(row, ranks, before, c);
		if (is_ascii_letter(before))
			cost += beside_cost(row, ranks, c);
		sum.cost += cost;
		if (row->kind < LATIN && sign_cost(c) > 0)
			continue;
		sum.all++;
		sum.ordinary +=
		    cost <= (row->kind < LATIN ? ORDINARY : ORDINARY_LETTER);
	}
	return sum;
}

/* The part of the page that is looked at: from the first byte that tells. */
static const char *
sample(const char *s, size_t *len, size_t most)
{
	const char *hz = memmem(s, *len, "~{", 2);
	size_t at = 0;

	while (at < *len && (s[at] & 0x80) == 0)
		at++;
	if (at == *len && hz != NULL)
		at = (size_t)(hz - s);
	/* The letter before it may be of the same word. */
	at -= at > 0;
	*len = *len - at > most ? most : *len - at;
	return s + at;
}

/* The readings of a sample, in one encoding (its rows are neighbours) or all.
 */
static struct wn_reading
read_all(struct wn_charsets *cs, struct wn_arena *a, enum wn_charset only,
    const char *s, size_t len)
{
	struct wn_reading best = {.charset = WN_CS_NONE};
	enum wn_charset last = WN_CS_NONE;
	struct ranks *ranks = wn_alloc(a, sizeof(*ranks));
	struct sum sum;
	struct wn_buf b;

	wn_buf_init(&b, a);
	for (size_t i = 0; ranks && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (only >= 0 ? rows[i].charset != only
			      : rows[i].charset == WN_CS_HZ)
			continue;
		if (rows[i].charset != last) {
			b.len = 0;
			last = rows[i].charset;
			wn_charset_decode(cs, last, &b, s, len);
		}
		ranks_set(ranks, rows[i].letters);
		sum = sum_of(&rows[i], ranks, b.b, b.len);
		if (best.charset >= 0 && sum.cost >= best.cost)
			continue;
		best.cost = sum.cost;
		best.charset = last;
		best.all = sum.all;
		best.sure =
		    sum.all > 0 ? (double)sum.ordinary / (double)sum.all : 0;
	}
	return best;
}

struct wn_reading
wn_detect(struct wn_charsets *cs, struct wn_arena *a, const char *s, size_t len)
{
	s = sample(s, &len, SAMPLE);
	return read_all(cs, a, WN_CS_NONE, s, len);
}

struct wn_reading
wn_detect_as(struct wn_charsets *cs, struct wn_arena *a, enum wn_charset as,
    const char *s, size_t len)
{
	s = sample(s, &len, SAMPLE);
	return read_all(cs, a, as == WN_CS_GB18030 ? WN_CS_GBK : as, s, len);
}

double
wn_detect_glance(struct wn_charsets *cs, struct wn_arena *a, enum wn_charset as,
    const char *s, size_t len)
{
	s = sample(s, &len, GLANCE);
	return read_all(cs, a, as == WN_CS_GB18030 ? WN_CS_GBK : as, s, len)
	    .sure;
}
