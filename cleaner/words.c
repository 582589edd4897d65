/* words.c - which of many words stand anywhere in a text, in one pass.
 *
 * Words are found through a hash of their first two bytes, so that a text
 * costs its length, not its length times the words of a table.
 *
 * Invariants
 *  W1  A text costs at most its length times the longest chain of words that
 *      begin alike.
 *  W2  Nothing at or behind s + n is read. */
#include "cleaner/words.h"

#include <string.h>
#include <strings.h>

#define PAIRS 1024

struct word {
	const char *s;
	uint16_t len, next; /* next + 1 in the chain; 0: none */
};

struct wn_words {
	size_t n;
	uint16_t head[PAIRS]; /* word + 1 */
	struct word v[];
};

static unsigned
small(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
}

static unsigned
pair(const char *s)
{
	return (small(s[0]) * 41u ^ small(s[1]) * 57u) % PAIRS;
}

struct wn_words *
wn_words_new(struct wn_arena *a, const char *const *words, size_t n)
{
	struct wn_words *w = wn_zalloc(a, sizeof(*w) + n * sizeof(w->v[0]));

	if (w == NULL)
		return NULL;
	w->n = n;
	/* Backwards, so that a chain is in the words' order. */
	for (size_t i = n; i-- > 0;) {
		uint16_t *head = &w->head[pair(words[i])];

		w->v[i] =
		    (struct word){words[i], (uint16_t)strlen(words[i]), *head};
		*head = (uint16_t)(i + 1);
	}
	return w;
}

size_t
wn_words_find(const struct wn_words *w, const char *s, size_t n)
{
	size_t found = w->n;

	for (size_t i = 0; i + 1 < n; i++) {
		size_t x = w->head[pair(s + i)];

		/* a chain's words behind the one that was found say nothing */
		for (; x != 0 && x <= found; x = w->v[x - 1].next)
			if (w->v[x - 1].len <= n - i &&
			    strncasecmp(
				s + i, w->v[x - 1].s, w->v[x - 1].len) == 0) {
				found = x - 1;
				break;
			}
	}
	return found;
}
