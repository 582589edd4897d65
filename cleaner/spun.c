/* spun.c - words that a rewriting program puts for common ones.
 *
 * The words of rules/spun.def as code points, chained by a hash of their first
 * character, with a bit for each character that begins one: of a text's
 * characters one in some twenty is asked further.
 *
 * Invariants
 *  S1  A character costs one bit, or the few words that begin with it.
 *  S2  Nothing behind the n characters of a row is read. */
#include "cleaner/quality.h"

#include <string.h>

#include "cleaner/utf8.h"

static const struct {
	const char *word;
	uint8_t weight;
} rows[] = {
#define S(word, weight, common) {word, weight},
#include "cleaner/rules/spun.def"
#undef S
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), CHAINS = 128 };

struct wn_spun {
	uint64_t first[0x10000 / 64];
	uint8_t head[CHAINS]; /* row + 1 */
	struct {
		uint32_t c[WN_SPUN_CHARS];
		uint8_t n, next; /* row + 1 */
	} v[ROWS];
};

struct wn_spun *
wn_spun_new(struct wn_arena *a)
{
	struct wn_spun *s = wn_zalloc(a, sizeof(*s));

	_Static_assert(ROWS < 255, "rows are numbered in a byte");
	for (unsigned i = 0; s != NULL && i < ROWS; i++) {
		uint8_t *head;
		unsigned len;

		for (const char *p = rows[i].word;
		     *p != '\0' && s->v[i].n < WN_SPUN_CHARS; p += len)
			s->v[i].c[s->v[i].n++] = wn_utf8_get(p, &len);
		head = &s->head[s->v[i].c[0] % CHAINS];
		s->v[i].next = *head;
		*head = (uint8_t)(i + 1);
		s->first[s->v[i].c[0] / 64] |= 1ULL << s->v[i].c[0] % 64;
	}
	return s;
}

int
wn_spun_may(const struct wn_spun *s, uint32_t c)
{
	return c < 0x10000 && (s->first[c / 64] >> c % 64 & 1) != 0;
}

unsigned
wn_spun_at(const struct wn_spun *s, const uint32_t *row, size_t n)
{
	unsigned i = n > 0 ? s->head[row[0] % CHAINS] : 0;

	for (; i != 0; i = s->v[i - 1].next)
		if (s->v[i - 1].n <= n &&
		    memcmp(s->v[i - 1].c, row, s->v[i - 1].n * sizeof(*row)) ==
			0)
			break;
	return i;
}

double
wn_spun_weight(unsigned row)
{
	return rows[row - 1].weight;
}

size_t
wn_spun_rows(void)
{
	return ROWS;
}
