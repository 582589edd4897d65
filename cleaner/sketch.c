/* sketch.c - near copies: what is compared of a text, and how.
 *
 * A text is read as a row of letters and digits. Marks, spaces, '?' and U+FFFD
 * are passed over, capitals and full-width forms folded, traditional characters
 * made simplified one by one, readings in brackets (會(huì)) dropped: what a
 * mirror does to a text on its way is not in the row.
 *
 * Its runs of three Han characters, or six letters, are a set. Of that the
 * sketch keeps 64 smallest hashes, one for each of 64 parts into which a hash
 * falls (one permutation hashing: Li, Owen, Zhang 2012; parts that nothing fell
 * into borrow from others: Shrivastava 2017), 16 bits of each. The share of
 * equal ones is, on average, the share of runs that two texts have in common of
 * all runs of both (Broder 1997).
 *
 * Two notices made from one form share more than a copy that was edited does;
 * but where the words about a number are the same, the number is another one,
 * while an edit falls on numbers no more than on words. So 16 numbers are kept
 * with the place they stand at (the letters before them, the one behind): those
 * of the smallest hashes of places, which of a short text are all of them. Names
 * are kept in the same way (sketch_names.c).
 *
 * Invariants
 *  K1  The sketch depends on the text alone: no seed, clock or option.
 *  K2  Any bytes are a sketch: nothing in it is used as an index or a length
 *      beyond its arrays. */
#include "cleaner/sketch.h"

#include <math.h>
#include <string.h>

#include "cleaner/model.h"
#include "cleaner/normalise.h"
#include "cleaner/sketch_names.h"
#include "cleaner/utf8.h"

enum {
	MINS = WINNOW_SKETCH_MINS,
	NUMBERS = WINNOW_SKETCH_NUMBERS,
	FULL = 5, /* weight of a run: a letter is 1, a Han character WIDE */
	WIDE = 2,
	LAST = 8,        /* letters of a run, at most; a power of two */
	BAND = 3,        /* hashes of a band */
	UNCLEAR = 0,     /* a number of which the place has more than one */
	DIGITS = 0xE000, /* what Chinese digits are made */
	DIGITS_LAST = DIGITS + 14,
	HAN_FIRST = WN_HAN_FIRST,
	HAN_LAST = 0x9FFF,
};

/* What counts as a copy; measured by tests/eval/pairs.py. */
#define SAME 0.32
#define EDITS_LEAST 0.02 /* share of numbers that are edited in a copy */
#define EDITS_MOST 0.25
#define DOUBT 0.03 /* a lower chance of its numbers is no copy's */
#define DOUBT_SHORT 0.1
#define DOUBT_NAMES 0.06
#define SHORT 250 /* grams */

struct wn_fold {
	uint16_t han[HAN_LAST - HAN_FIRST + 1];
	uint8_t hint[HAN_LAST - HAN_FIRST + 1]; /* wn_names_hints() */
};

const struct wn_fold *
wn_fold_new(struct wn_arena *a)
{
	static const uint16_t digits[] = {0x4E00, 0x4E8C, 0x4E09, 0x56DB,
	    0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D, 0x5341, 0x767E, 0x5343,
	    0x4E07, 0x96F6};
	struct wn_fold *f = wn_alloc(a, sizeof *f);
	uint32_t c;

	for (c = HAN_FIRST; f != NULL && c <= HAN_LAST; c++)
		f->han[c - HAN_FIRST] = (uint16_t)wn_model_plain(c);
	for (c = 0; f != NULL && c < sizeof digits / sizeof *digits; c++)
		f->han[digits[c] - HAN_FIRST] = (uint16_t)(DIGITS + c);
	if (f != NULL) {
		memset(f->hint, 0, sizeof f->hint);
		wn_names_hints(f->hint, HAN_FIRST);
	}
	return f;
}

const uint16_t *
wn_fold_table(const struct wn_fold *f, uint32_t *first, uint32_t *last)
{
	*first = HAN_FIRST;
	*last = HAN_LAST;
	return f->han;
}

/* ---- simhash ------------------------------------------------------------- */

/* Votes for the 64 bits. Those of up to 255 grams are counted in planes: bit b
 * of plane[i] is worth 1 << i for bit b, so that one gram is eight additions
 * with carry, of 64 counters at once. */
struct votes {
	uint64_t plane[8];
	uint32_t sum[64];
	unsigned pending;
	uint32_t grams;
};

static void
votes_flush(struct votes *v)
{
	int i, b;

	for (i = 0; i < 8; i++) {
		for (b = 0; b < 64; b++)
			v->sum[b] += (uint32_t)(v->plane[i] >> b & 1) << i;
		v->plane[i] = 0;
	}
	v->pending = 0;
}

static inline void
votes_add(struct votes *v, uint64_t h)
{
	uint64_t carry;
	int i;

	for (i = 0; i < 8; i++, h = carry) {
		carry = v->plane[i] & h;
		v->plane[i] ^= h;
	}
	v->grams++;
	if (++v->pending == 255)
		votes_flush(v);
}

static uint64_t
votes_end(struct votes *v)
{
	uint64_t out = 0;
	unsigned i;

	votes_flush(v);
	for (i = 0; i < 64; i++)
		out |= (uint64_t)(v->sum[i] * 2 > v->grams) << i;
	return out;
}

/* ---- letters ------------------------------------------------------------- */

/* What a character is compared as; 0: it is passed over. */
static inline uint32_t
letter(const struct wn_fold *f, uint32_t c)
{
	if (c >= HAN_FIRST && c <= HAN_LAST)
		return f->han[c - HAN_FIRST];
	if (c >= 0xFF10 && c <= 0xFF5A) /* full width */
		c -= 0xFEE0;
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ? c
		       : c >= 'A' && c <= 'Z'                           ? c | 32
									: 0;
	if (c < 0xC0 || c == 0xD7 || c == 0xF7)
		return 0;
	if (c < 0xDF || (c >= 0x391 && c <= 0x3A9) ||
	    (c >= 0x410 && c <= 0x42F))
		return c + 32;
	if (c == 0x3C2) /* the sigma at the end of a word */
		return 0x3C3;
	if (c == 0x3007) /* 〇 */
		return DIGITS_LAST;
	return (c >= 0x2000 && c < 0x2E80) || (c >= 0x3000 && c < 0x3040) ||
		       c >= 0xE000
		   ? c >= 0x20000 ? c : 0
		   : c;
}

static inline unsigned
weight(uint32_t c)
{
	return c >= 0x2E80 ? WIDE : 1;
}

/* A reading in brackets at s, behind a Han character: its bytes, 0: none. */
static size_t
gloss(const char *s, const char *end)
{
	const char *p = s;
	unsigned len, n = 0;
	uint32_t c = wn_utf8_get(p, &len);

	if (c != '(' && c != 0xFF08)
		return 0;
	for (p += len; p < end; p += len, n++) {
		c = wn_utf8_get(p, &len);
		if (n > 0 && (c == ')' || c == 0xFF09))
			return (size_t)(p + len - s);
		if (n == 7 ||
		    !((c >= 'a' && c <= 'z') || c == ' ' ||
			(c >= 0xE0 && c < 0x250) || c == 0x251 || c == 0x261))
			break;
	}
	return 0;
}

/* ---- the sets ------------------------------------------------------------ */

struct reader {
	uint32_t last[LAST];
	unsigned n, weight,
	    from;           /* of the run: letters seen, its weight, begin */
	uint64_t min[MINS]; /* UINT64_MAX: none */
	uint32_t grams;
	struct votes votes;

	uint64_t number; /* of the digits just read; 0: there are none */
	unsigned digits; /* of it */
	unsigned row;    /* numbers before it, without a letter between */
	int spelt;       /* 二〇二三 */
	uint64_t before; /* the last four letters that are no digits */
	uint16_t place[NUMBERS];
	uint8_t value[NUMBERS];
	unsigned nnumbers;

	struct wn_names names;
};

static void
number_add(struct reader *r, uint16_t place, uint8_t value)
{
	unsigned i = r->nnumbers, n;

	while (i > 0 && r->place[i - 1] > place)
		i--;
	if (i > 0 && r->place[i - 1] == place) {
		if (r->value[i - 1] != value)
			r->value[i - 1] = UNCLEAR;
		return;
	}
	if (i == NUMBERS)
		return;
	if (r->nnumbers < NUMBERS)
		r->nnumbers++;
	n = r->nnumbers - 1 - i;
	memmove(&r->place[i + 1], &r->place[i], n * sizeof r->place[0]);
	memmove(&r->value[i + 1], &r->value[i], n);
	r->place[i] = place;
	r->value[i] = value;
}

/* 1: an Arabic digit, 2: a Chinese one. */
static inline int
digit(uint32_t c)
{
	if (c >= DIGITS)
		return c <= DIGITS_LAST ? 2 : 0;
	return c <= '9';
}

/* c: the letter behind the digits, 0: a mark. A lone Chinese digit is no number
 * (第一, 一些). */
static void
number_end(struct reader *r, uint32_t c)
{
	uint64_t h = weight(c) == WIDE ? c : 0;

	if (r->number == 0)
		return;
	if (!r->spelt || r->digits > 1) {
		h = wn_sketch_mix(r->before ^ wn_sketch_mix(h ^ (uint64_t)r->row++ << 32));
		number_add(r, (uint16_t)h, (uint8_t)(wn_sketch_mix(r->number) % 255 + 1));
	}
	r->number = 0;
}

static void
number_read(struct reader *r, uint32_t c)
{
	int kind = digit(c);

	if (kind == 0 || (r->number != 0 && r->spelt != (kind == 2)))
		number_end(r, c);
	if (kind == 0) {
		r->before = r->before << 16 | (uint16_t)c;
		r->row = 0;
		return;
	}
	if (r->number == 0) {
		r->digits = 0;
		r->spelt = kind == 2;
		r->number = 1;
	}
	r->number = (r->number ^ c) * 0x9E3779B97F4A7C15ULL | 1;
	r->digits++;
}

static void
letter_read(struct reader *r, uint32_t c)
{
	uint64_t h = 0;
	unsigned i;

	r->last[r->n++ % LAST] = c;
	r->weight += weight(c);
	while (r->weight - weight(r->last[r->from % LAST]) >= FULL)
		r->weight -= weight(r->last[r->from++ % LAST]);
	if (r->weight < FULL)
		return;
	for (i = r->from; i != r->n; i++)
		h = (h ^ r->last[i % LAST]) * 0x9E3779B97F4A7C15ULL;
	h = wn_sketch_mix(h);
	votes_add(&r->votes, h);
	r->grams++;
	if (h << 6 >> 6 < r->min[h >> 58])
		r->min[h >> 58] = h << 6 >> 6;
}

/* Parts that are empty borrow from one that is not, each by a walk of its own,
 * which is the same in every text. */
static void
fill(const struct reader *r, struct winnow_sketch *k)
{
	unsigned i, at;
	uint64_t h;

	for (i = 0; i < MINS; i++) {
		for (at = i, h = i + 1; r->min[at] == UINT64_MAX;
		     at = (h = wn_sketch_mix(h + i)) >> 58)
			;
		k->min[i] = (uint16_t)(wn_sketch_mix(r->min[at]) >> 7);
	}
}

uint32_t
wn_sketch_letter(const struct wn_fold *f, uint32_t c)
{
	return letter(f, c);
}

void
wn_sketch(const struct wn_fold *f, const char *s, size_t n,
    struct winnow_sketch *k, uint64_t *simhash)
{
	const char *end = s + n;
	struct reader r = {.n = 0};
	uint32_t c, raw, before = 0;
	unsigned len;
	size_t skip;

	memset(r.min, 0xFF, sizeof r.min);
	memset(k, 0, sizeof *k);
	for (; s < end; s += len) {
		raw = wn_utf8_get(s, &len);
		c = letter(f, raw);
		if (c != 0) {
			number_read(&r, c);
			letter_read(&r, c);
			wn_names_letter(&r.names, c,
			    c >= HAN_FIRST && c <= HAN_LAST
				? f->hint[c - HAN_FIRST]
				: 0,
			    c != raw, k);
		} else {
			if (before >= HAN_FIRST && (skip = gloss(s, end)) > 0) {
				len = (unsigned)skip;
				continue;
			}
			number_end(&r, 0);
			wn_names_mark(&r.names, raw, k);
		}
		before = c;
	}
	number_end(&r, 0);
	wn_names_mark(&r.names, 0, k);
	*simhash = votes_end(&r.votes);
	k->grams = r.grams;
	k->nnumbers = (uint16_t)r.nnumbers;
	memcpy(k->place, r.place, r.nnumbers * sizeof r.place[0]);
	memcpy(k->number, r.value, r.nnumbers);
	if (r.grams > 0)
		fill(&r, k);
}

/* ---- two of them --------------------------------------------------------- */

void
winnow_sketch_keys(
    const struct winnow_sketch *k, uint32_t keys[WINNOW_SKETCH_KEYS])
{
	unsigned b, i;
	uint64_t h;

	/* Of bands that overlap: two share a hash at most. */
	for (b = 0; b < WINNOW_SKETCH_KEYS; b++) {
		for (h = b + 1, i = 0; i < BAND; i++)
			h = h << 16 | k->min[(2 * b + i * i * 5) % MINS];
		keys[b] = (uint32_t)wn_sketch_mix(h * 0x9E3779B97F4A7C15ULL);
	}
}

/* Chance that of n, each with chance p, at least k are. */
double
wn_binomial_above(unsigned n, unsigned k, double p)
{
	double term = pow(1 - p, n), below = 0;
	unsigned i;

	for (i = 0; i < k; i++) {
		below += term;
		term *= (double)(n - i) / (i + 1) * p / (1 - p);
	}
	return 1 - below;
}

/* Places that both have: how many, and how many with another number. */
static unsigned
numbers_common(const struct winnow_sketch *a, const struct winnow_sketch *b,
    unsigned *differ)
{
	unsigned na = a->nnumbers < NUMBERS ? a->nnumbers : NUMBERS;
	unsigned nb = b->nnumbers < NUMBERS ? b->nnumbers : NUMBERS;
	unsigned i = 0, j = 0, n = 0, known;

	*differ = 0;
	while (i < na && j < nb) {
		if (a->place[i] == b->place[j]) {
			known =
			    a->number[i] != UNCLEAR && b->number[j] != UNCLEAR;
			*differ += known && a->number[i] != b->number[j];
			n += known;
			i++;
			j++;
		} else if (a->place[i] < b->place[j])
			i++;
		else
			j++;
	}
	return n;
}

/* Few numbers of a short text say less, and forms are short: there the doubt is
 * against the copy. */
void
winnow_sketch_compare(const struct winnow_sketch *a,
    const struct winnow_sketch *b, struct winnow_likeness *l)
{
	uint32_t few = a->grams < b->grams ? a->grams : b->grams;
	unsigned i, same = 0, n, differ;
	double edited;

	memset(l, 0, sizeof *l);
	if (few == 0)
		return;
	for (i = 0; i < MINS; i++)
		same += a->min[i] == b->min[i];
	l->same = same / (double)MINS;
	l->held = fmin(
	    1, l->same / (1 + l->same) * ((double)a->grams + b->grams) / few);
	n = numbers_common(a, b, &differ);
	edited = fmax(EDITS_LEAST, fmin(1 - l->held, EDITS_MOST));
	l->numbers = wn_binomial_above(n, differ, edited);
	l->names = wn_names_chance(a, b, edited);
	l->copy = few >= WINNOW_SKETCH_LEAST &&
		  l->same >= fmax(SAME, wn_title_needs(a, b)) &&
		  l->numbers >= (few < SHORT ? DOUBT_SHORT : DOUBT) &&
		  l->names >= DOUBT_NAMES;
}
