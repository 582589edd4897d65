/* model.c - how likely a row of Chinese characters is.
 *
 * Two views of it, mixed: the most probable division into words of a
 * dictionary, which knows what belongs together over six characters, and the
 * chain of pairs, which knows what follows what. Both are counts in tables of
 * hashes that tools/gen_model.py makes; a third, small, holds the pairs of the
 * page itself.
 *
 * Invariants
 *  M1  The tables are read-only data of the program: nothing is loaded, every
 *      process shares them.
 *  M2  A look-up is a hash and, at a load of 0.8, three probes on average.
 *  M3  Any character has a cost; what the model does not know is dear. */
#include "cleaner/model.h"

#include <math.h>
#include <string.h>

#include "cleaner/arena.h"

__asm__(".section .rodata\n"
	".balign 8\n"
	"wn_model_bytes:\n"
	".incbin \"cleaner/model/lost.bin\"\n"
	".byte 0\n"
	".previous\n");
extern const char wn_model_bytes[] __attribute__((visibility("hidden")));

enum {
	WORD_MAX = 6,
	UNKNOWN = 4 * 14,     /* a character that no text here has */
	RARE_MARK = 4 * 6,    /* dashes, dots */
	STRANGE_MARK = 4 * 9, /* what hardly a text has */
	ASCII = 4 * 5,
	NOT_SEEN = 4 * 2, /* a pair that is not in the table: above chance */
	PAIR_SHARE = 30,  /* of a hundred; the rest is the words' */
	PAGE_SHARE = 30,
	HAN = 0x4E00, /* the first of the table of characters, */
	HANS = 0x9FA6 - 0x4E00,
	MARKS = 0xE000, /* and marks by class */
	MARK_CLASSES = 13,
	PROBES = 32, /* in the page's own table */
};

struct head {
	char magic[4];
	uint32_t words, pairs, chars, plain, size;
};

/* The parts of the file, in its order. */
static const struct head *
head(void)
{
	return (const struct head *)(const void *)wn_model_bytes;
}

static const uint32_t *
word_keys(void)
{
	return (const uint32_t *)(const void *)(wn_model_bytes +
						sizeof(struct head));
}

static const uint32_t *
pair_keys(void)
{
	return word_keys() + head()->words;
}

static const uint16_t *
plain_rows(void)
{
	return (const uint16_t *)(pair_keys() + head()->pairs);
}

static const uint8_t *
word_weights(void)
{
	return (const uint8_t *)(plain_rows() + 2 * (size_t)head()->plain);
}

static const uint8_t *
pair_weights(void)
{
	return word_weights() + head()->words;
}

static const uint8_t *
char_weights(void)
{
	return pair_weights() + head()->pairs;
}

/* Marks are characters too, by class, whatever their width; the numbers are
 * gen_model.py's. A "?" may be what a byte was lost of: it is none. */
static uint32_t
mark_of(uint32_t c)
{
	static const struct {
		uint16_t c;
		uint8_t class;
	} marks[] = {{'!', 6}, {'(', 9}, {')', 10}, {',', 0}, {':', 4},
	    {';', 3}, {0x2018, 7}, {0x2019, 8}, {0x201C, 7}, {0x201D, 8},
	    {0x3001, 2}, {0x3002, 1}, {0x3008, 11}, {0x3009, 12}, {0x300A, 11},
	    {0x300B, 12}, {0x300C, 7}, {0x300D, 8}, {0x300E, 7}, {0x300F, 8},
	    {0xFF01, 6}, {0xFF08, 9}, {0xFF09, 10}, {0xFF0C, 0}, {0xFF1A, 4},
	    {0xFF1B, 3}, {0xFF1F, 5}};

	if ((c > ';' && c < 0x2018) || (c > ',' && c < ':') || c <= ' ' ||
	    (c > 0x300F && c < 0xE000))
		return c;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (marks[i].c == c)
			return MARKS + marks[i].class;
	return c >= 0xE000 && c <= 0xF8FF ? 0 : c;
}

uint32_t
wn_model_plain(uint32_t c)
{
	const uint16_t *rows = plain_rows();
	size_t lo = 0, hi = head()->plain;

	if (c < 0x4E00 || c > 0x9FFF)
		return mark_of(c);
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (rows[2 * mid] == c)
			return rows[2 * mid + 1];
		if (rows[2 * mid] < c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return c;
}

/* ---- look-ups ---------------------------------------------------------- */

/* FNV-1a of a character's three bytes of UTF-8. */
static inline uint32_t
hash_on(uint32_t h, uint32_t c)
{
	h = (h ^ (0xE0 | c >> 12)) * 16777619;
	h = (h ^ (0x80 | (c >> 6 & 0x3F))) * 16777619;
	return (h ^ (0x80 | (c & 0x3F))) * 16777619;
}

#define HASH_START 2166136261u

/* The weight of a hash; -1: not in the table. */
static int
find(const uint32_t *keys, const uint8_t *weights, uint32_t slots, uint32_t h)
{
	uint32_t i;

	if (h == 0)
		h = 1;
	for (i = (uint32_t)((uint64_t)h * slots >> 32); keys[i] != 0;
	     i = i + 1 == slots ? 0 : i + 1)
		if (keys[i] == h)
			return weights[i];
	return -1;
}

/* Rows of the table of characters; -1: none. */
static int
row_of(uint32_t c)
{
	if (c - HAN < HANS)
		return (int)(c - HAN);
	return c - MARKS < MARK_CLASSES ? (int)(HANS + c - MARKS) : -1;
}

static int
is_known(uint32_t c)
{
	return row_of(c) >= 0;
}

/* What a character costs alone: as any, and as the start of a word. */
static unsigned
char_cost(uint32_t c, int start)
{
	int row = row_of(c);

	if (row >= 0)
		return char_weights()[2 * row + start];
	if (c < 0x80)
		return c == '?' ? STRANGE_MARK : ASCII;
	if ((c >= 0x2014 && c <= 0x2026) || c == 0xB7)
		return RARE_MARK;
	return c >= 0xFF01 && c <= 0xFF5E ? STRANGE_MARK : UNKNOWN;
}

unsigned
wn_model_char(uint32_t plain)
{
	return char_cost(plain, 0);
}

static unsigned
pair_cost(uint32_t a, uint32_t b)
{
	unsigned c = char_cost(b, 1);
	int w;

	if (!is_known(a) || !is_known(b))
		return c;
	w = find(pair_keys(), pair_weights(), head()->pairs,
	    hash_on(hash_on(HASH_START, a), b));
	if (w >= 0)
		return (unsigned)w;
	return a - HAN < HANS && b - HAN < HANS ? c + NOT_SEEN : c;
}

/* ---- the page's own pairs ---------------------------------------------- */

struct wn_page_pairs {
	size_t mask, room;
	struct {
		uint32_t a, b, n;
	} slot[]; /* mask + 2: the last is nobody's, n is 0 */
};

struct wn_page_pairs *
wn_page_pairs_new(struct wn_arena *arena, size_t most)
{
	struct wn_page_pairs *p;
	size_t n = 64;

	while (n < 4 * most) /* a pair and its first character */
		n *= 2;
	p = wn_zalloc(arena, sizeof(*p) + (n + 1) * sizeof(p->slot[0]));
	if (p != NULL) {
		p->mask = n - 1;
		p->room = 2 * most;
	}
	return p;
}

/* The slot of a pair, or where it would go. Pairs that a page has chosen for
 * their hashes find none after PROBES. */
static size_t
page_slot(const struct wn_page_pairs *p, uint32_t a, uint32_t b)
{
	uint64_t h = ((uint64_t)a << 32 | b) * 0x9E3779B97F4A7C15u;
	size_t i = (h ^ h >> 29) * 0xBF58476D1CE4E5B9u >> 32 & p->mask;

	for (unsigned k = 0; k < PROBES; k++, i = (i + 1) & p->mask)
		if (p->slot[i].n == 0 ||
		    (p->slot[i].a == a && p->slot[i].b == b))
			return i;
	return p->mask + 1;
}

static void
count(struct wn_page_pairs *p, uint32_t a, uint32_t b)
{
	size_t i = page_slot(p, a, b);

	if (p->slot[i].n == 0) {
		if (p->room == 0 || i > p->mask)
			return;
		p->room--;
		p->slot[i].a = a;
		p->slot[i].b = b;
	}
	p->slot[i].n++;
}

void
wn_page_pairs_add(struct wn_page_pairs *p, uint32_t a, uint32_t b)
{
	if (!is_known(a))
		return;
	count(p, a, 0);
	if (is_known(b))
		count(p, a, b);
}

/* Probability of b behind a on this page. */
static double
page_share(const struct wn_page_pairs *p, uint32_t a, uint32_t b)
{
	uint32_t all = p->slot[page_slot(p, a, 0)].n;

	return all == 0 ? 0 : p->slot[page_slot(p, a, b)].n / (all + 2.0);
}

/* ---- the cost of a row ------------------------------------------------- */

static double
link_cost(const struct wn_page_pairs *page, uint32_t a, uint32_t b)
{
	unsigned w = pair_cost(a, b);
	double p;

	if (page == NULL || !is_known(a) || !is_known(b) ||
	    (p = page_share(page, a, b)) == 0)
		return w;
	p = (100 - PAGE_SHARE) * exp(-(double)w / WN_NAT) + PAGE_SHARE * p;
	return -WN_NAT * log(p / 100);
}

/* The cheapest division of a row into words: Viterbi over its ends. A mark
 * depends on what it stands behind. */
static double
words_cost(const uint32_t *s, size_t n)
{
	enum { ROW = 256 };
	unsigned best[ROW + 1];

	if (n > ROW)
		n = ROW;
	memset(best, 0x7F, sizeof(best));
	best[0] = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t h = HASH_START;
		unsigned one = best[i];

		if (s[i] - MARKS < MARK_CLASSES && i > 0)
			one += pair_cost(s[i - 1], s[i]);
		else
			one += char_cost(s[i], 1);
		if (s[i] - HAN < HANS)
			one += WN_NAT; /* seldom a word of its own */
		for (size_t k = 0; k < WORD_MAX && i + k < n; k++) {
			int w;

			if (s[i + k] - HAN >= HANS)
				break;
			h = hash_on(h, s[i + k]);
			w = find(word_keys(), word_weights(), head()->words, h);
			if (w >= 0 && best[i] + (unsigned)w < best[i + k + 1])
				best[i + k + 1] = best[i] + (unsigned)w;
		}
		if (one < best[i + 1])
			best[i + 1] = one;
	}
	return best[n];
}

double
wn_model_cost(const struct wn_page_pairs *page, const uint32_t *s, size_t n)
{
	double pairs;

	if (n == 0)
		return 0;
	pairs = char_cost(s[0], 0);
	for (size_t i = 1; i < n; i++)
		pairs += link_cost(page, s[i - 1], s[i]);
	return (PAIR_SHARE * pairs + (100 - PAIR_SHARE) * words_cost(s, n)) /
	       100;
}
