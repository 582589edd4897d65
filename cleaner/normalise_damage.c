/* normalise_damage.c - what is wrong with a text and cannot be undone.
 *
 * Bytes that a decoder replaced, memory that was never written (烫烫烫), text
 * decoded wrongly with bytes lost on the way, characters of a mirror that
 * nobody can name any more, words that spinners put before marks: such text is
 * not guessed at, but its record says that it is worth less.
 *
 * Invariants
 *  D1  Nothing here changes a text.
 *  D2  The model is asked only about pages that have shown to be a mirror's.
 */
#include "cleaner/normalise.h"

#include <string.h>

#include "cleaner/model.h"
#include "cleaner/utf8.h"

enum {
	PUT_IN = 21,     /* nats of two characters that nobody wrote */
	PUT_IN_MIN = 4,  /* of them, and a share of the marks, or none */
	PUT_IN_SHARE = 6 /* one of so many marks */
};

/* What tells of damage, how many characters each stands for, how many there
 * must be. A mark comes every ten characters or so: all between two is wrong.
 */
static const struct {
	const char *what;
	unsigned chars, least;
} signs[] = {{"\xEF\xBF\xBD", 1, 1}, {"锟斤拷", 3, 1}, {"烫烫烫", 3, 1},
    {"屯屯屯", 3, 1}, {"锛", 12, 2}, {"銆", 12, 2}, {"闂傚", 4, 1},
    {"ï¼", 12, 2}, {"ã€", 12, 2}, {"â€", 3, 2}, {"Ã©", 2, 2}, {"Ã¨", 2, 2},
    {"Ã¤", 2, 2}, {"Ã¼", 2, 2}, {"Ã¶", 2, 2}};

#define SIGNS (sizeof(signs) / sizeof(signs[0]))

/* Counts characters and signs in one pass: a bit for each sign, by its first
 * byte and by its second. */
static size_t
count_signs(struct wn_str s, size_t found[SIGNS])
{
	uint16_t first[256] = {0}, second[256] = {0};
	const uint8_t *p = (const uint8_t *)s.p;
	size_t chars = 0;

	for (size_t k = 0; k < SIGNS; k++) {
		first[(uint8_t)signs[k].what[0]] |= (uint16_t)(1u << k);
		second[(uint8_t)signs[k].what[1]] |= (uint16_t)(1u << k);
	}
	for (size_t i = 0; i < s.n; i++) {
		unsigned may = i + 1 < s.n ? first[p[i]] & second[p[i + 1]] : 0;

		chars += (p[i] & 0xC0) != 0x80;
		for (size_t k = 0; may >> k != 0; k++)
			if (may >> k & 1) {
				size_t n = strlen(signs[k].what);

				found[k] +=
				    s.n - i >= n &&
				    memcmp(p + i, signs[k].what, n) == 0;
			}
	}
	return chars;
}

static int
is_mark(uint32_t c)
{
	return c == 0x3002 || c == 0x3001 || c == 0xFF0C || c == 0xFF1B ||
	       c == 0xFF1F || c == 0xFF01;
}

/* A "?" that stands for a lost byte: in the middle of CJK text on a mirror's
 * page; elsewhere only before a reading without its bracket. */
static int
is_shifted(struct wn_str s, size_t at, int mirror)
{
	struct wn_gloss g;
	unsigned l;
	uint32_t before = wn_char_before(s, at, &l);

	if (before < 0x2E80)
		return 0;
	if (wn_pinyin_read(s.p + at + 1, s.n - at - 1, &g) > 0 && g.tone != 0)
		return 1;
	return mirror && wn_char_at(s, at + 1, &l) >= 0x3000;
}

static size_t
count_shifted(struct wn_str s, int mirror)
{
	const char *end = s.p + s.n, *q = s.p;
	size_t n = 0;

	for (; (q = memchr(q, '?', (size_t)(end - q))) != NULL; q++)
		n += (size_t)is_shifted(s, (size_t)(q - s.p), mirror);
	return n;
}

/* What the two characters before a mark cost, said what is before them. */
static int
is_put_in(const uint32_t *row, size_t n)
{
	return n == 4 && wn_is_han(row[2]) && wn_is_han(row[3]) &&
	       wn_is_han(row[1]) &&
	       wn_model_cost(NULL, row, 4) - wn_model_cost(NULL, row, 2) >=
		   PUT_IN * WN_NAT;
}

/* Pairs of characters put before marks: 性質赔膳、 */
static size_t
count_put_in(struct wn_str s)
{
	uint32_t row[4];
	size_t n = 0, marks = 0, found = 0;

	for (size_t i = 0; i < s.n;) {
		unsigned k;
		uint32_t c = wn_utf8_get(s.p + i, &k);

		i += k;
		if (is_mark(c)) {
			marks++;
			found += (size_t)is_put_in(row, n);
			n = 0;
		} else {
			if (n == 4)
				memmove(row, row + 1, 3 * sizeof(*row));
			n -= n == 4;
			row[n++] = wn_model_plain(c);
		}
	}
	return found >= PUT_IN_MIN && found * PUT_IN_SHARE >= marks ? found : 0;
}

void
wn_damage_count(struct wn_str s, int mirror, struct wn_damage *d)
{
	size_t found[SIGNS] = {0}, n;

	memset(d, 0, sizeof(*d));
	d->chars = count_signs(s, found);
	for (size_t i = 0; i < SIGNS; i++) {
		if (found[i] < signs[i].least)
			continue;
		d->places += found[i];
		d->bad += found[i] * signs[i].chars;
	}
	n = count_shifted(s, mirror);
	d->places += n;
	d->bad += 2 * n;
	n = mirror ? count_put_in(s) : 0;
	d->places += n;
	d->bad += n;
}

double
wn_damage_quality(const struct wn_damage *d)
{
	double bad = 20 * (double)d->bad / ((double)d->chars + 1);

	return 1 - (bad > 0.9 ? 0.9 : bad);
}
