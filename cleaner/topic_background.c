/* topic_background.c - how often any text has a gram.
 *
 * What makes a topic is not what its texts have, but what they have more of
 * than others. What others have is in a table of the program that
 * tools/gen_topic.py makes, of a dictionary's counts for Chinese and of lists
 * of words for languages with spaces; the format is told there. It is read
 * once for each topic that is learned, and never by who scores.
 *
 * Invariants
 *  TB1  Any gram has a share above 0.
 *  TB2  A language that no list is of is known by that its words are in none:
 *       then the length of a word tells how frequent it may be. */
#include "cleaner/topic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

__asm__(".section .rodata\n"
	".balign 8\n"
	"wn_topic_bytes:\n"
	".incbin \"cleaner/model/topic.bin\"\n"
	".byte 0\n"
	".previous\n");
extern const unsigned char wn_topic_bytes[]
    __attribute__((visibility("hidden")));

enum { HEAD = 8, SLOTS = 1 << 18, NATS = 8 };
#define APART .55 /* two characters meet where words meet: so often */
#define REST 3e-6 /* a word of a known language that is in no list */
#define REST_STEM 2e-5
#define LISTED .4 /* of a language that there is a list of */

struct wn_topic_background {
	uint32_t slot[SLOTS]; /* upper 24 bits of the hash, cost; 0: free */
	double words, listed; /* of the examples */
};

static double
share_of(unsigned cost)
{
	return exp(-(double)cost / NATS);
}

static uint32_t
top_of(uint64_t key)
{
	return (uint32_t)(key * 0x9E3779B97F4A7C15ULL >> 40);
}

static uint32_t *
slot(struct wn_topic_background *b, uint32_t top)
{
	uint32_t i = top >> 6; /* in order: 2^24 into 2^18 */

	while (b->slot[i] != 0 && b->slot[i] >> 8 != top)
		i = i + 1 < SLOTS ? i + 1 : 0;
	return &b->slot[i];
}

struct wn_topic_background *
wn_topic_background_new(void)
{
	struct wn_topic_background *b = calloc(1, sizeof(*b));
	const unsigned char *p = wn_topic_bytes + HEAD + WN_TOPIC_HANS;
	uint32_t n, top = 0;

	if (b == NULL)
		return NULL;
	memcpy(&n, wn_topic_bytes + 4, sizeof(n));
	for (; n > 0; n--) {
		for (unsigned shift = 0;; shift += 7) {
			top += (uint32_t)(*p & 127) << shift;
			if (*p++ < 128)
				break;
		}
		*slot(b, top) = top << 8 | *p;
		p++;
	}
	return b;
}

void
wn_topic_background_free(struct wn_topic_background *b)
{
	free(b);
}

/* Its cost; 0: not in the table. */
static unsigned
look_up(struct wn_topic_background *b, uint64_t key)
{
	return *slot(b, top_of(key)) & 255;
}

int
wn_topic_background_knows(struct wn_topic_background *b, uint64_t key)
{
	return (int)(look_up(b, key) & 1);
}

void
wn_topic_background_see(
    struct wn_topic_background *b, uint64_t word, double share)
{
	b->words += share;
	if (look_up(b, word) != 0)
		b->listed += share;
}

/* Short words are frequent in any language. */
static double
by_length(size_t letters)
{
	static const double share[] = {
	    .02, .02, .02, .005, .002, .0008, .0004, .0002, .0001};

	return share[letters < 8 ? letters : 8];
}

static double
of_chars(struct wn_topic_background *b, uint64_t key, unsigned n)
{
	unsigned cost, most = 16 * (n - 1);
	double head, tail;

	if (n == 1)
		return share_of(wn_topic_bytes[HEAD + key - WN_TOPIC_HAN]);
	if ((cost = look_up(b, key)) != 0)
		return share_of(cost);
	/* where words meet in it: behind its first, or before its last */
	head = of_chars(b, key >> most, 1) *
	       of_chars(b, key & ((1ULL << most) - 1), n - 1);
	tail = of_chars(b, key >> 16, n - 1) * of_chars(b, key & 0xFFFF, 1);
	return APART * (head > tail ? head : tail);
}

double
wn_topic_background(struct wn_topic_background *b, uint64_t key, size_t letters)
{
	unsigned n = wn_topic_key_chars(key), cost;

	if (n > 0)
		return of_chars(b, key, n);
	if ((cost = look_up(b, key)) != 0)
		return share_of(cost);
	if (b->listed < LISTED * b->words)
		return by_length(letters);
	return wn_topic_is_word(key) ? REST : REST_STEM;
}
