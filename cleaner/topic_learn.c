/* topic_learn.c - examples and words, as grams with their shares.
 *
 * What is learned from them is in topic_weigh.c.
 *
 * Invariants
 *  TL1  Every example weighs the same, however long it is; its copies are one
 *       example, and a line among articles is none.
 *  TL2  The same examples in the same order give the same bytes.
 *  TL3  Bounded: EXAMPLE_BYTES of an example, WINNOW_TOPIC_EXAMPLES of them,
 *       MEMORY for their words. */
#include <stdlib.h>

#include "cleaner/arena.h"
#include "cleaner/topic_parts.h"
#include "cleaner/utf8.h"

enum {
	EXAMPLE_BYTES = 24000,
	MEMORY = 256 << 20,
	RELIABLE = 1500, /* units of an example that are believed */
	LINE = 20,       /* of the longest: so much shorter is no article */
	COPY = 6,        /* bits of their sketches that copies differ in */
	SAID = 4,        /* what a word weighs that the user has said */
};

int
winnow_topic_new(struct winnow_topic **out)
{
	struct winnow_topic *t = calloc(1, sizeof(*t));

	*out = t;
	if (t == NULL)
		return WINNOW_ENOMEM;
	if ((t->arena = wn_arena_new(MEMORY)) == NULL) {
		free(t);
		*out = NULL;
		return WINNOW_ENOMEM;
	}
	wn_topic_fold(&t->fold);
	return 0;
}

void
winnow_topic_free(struct winnow_topic *t)
{
	if (t == NULL)
		return;
	wn_arena_free(t->arena);
	free(t->rows);
	free(t);
}

/* ---- grams of a text -------------------------------------------------- */

static int
push(struct winnow_topic *t, const struct wn_topic_row *row)
{
	if (t->nrows == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 4096;
		struct wn_topic_row *v = realloc(t->rows, cap * sizeof(*v));

		if (v == NULL)
			return WINNOW_ENOMEM;
		t->rows = v;
		t->cap = cap;
	}
	t->rows[t->nrows++] = *row;
	return 0;
}

static int
push_bytes(
    struct winnow_topic *t, const char *s, size_t n, enum wn_topic_kind kind)
{
	struct wn_topic_row row = {.key = wn_topic_word_key(s, n, kind),
	    .example = t->examples,
	    .share = 1,
	    .n = (uint8_t)n,
	    .letters = (uint8_t)wn_utf8_chars(s, n),
	    .text = wn_strndup(t->arena, s, n)};

	return row.text != NULL ? push(t, &row) : WINNOW_ENOMEM;
}

/* The grams that end with a unit; chars: the last four. */
static int
push_unit(
    struct winnow_topic *t, const struct wn_topic_unit *u, uint64_t *chars)
{
	struct wn_topic_row row = {.example = t->examples, .share = 1};
	int r;

	if (u->c == 0) {
		r = push_bytes(t, u->word, u->n, WN_TOPIC_IS_WORD);
		if (r == 0 && u->stem > 0)
			r = push_bytes(t, u->word, u->stem, WN_TOPIC_IS_STEM);
		return r;
	}
	*chars = *chars << 16 | u->c;
	for (unsigned k = 1; k <= WN_TOPIC_GRAM && k <= u->run; k++) {
		row.key = k < 4 ? *chars & ((1ULL << 16 * k) - 1) : *chars;
		if ((r = push(t, &row)) != 0)
			return r;
	}
	return 0;
}

int
wn_topic_by_key(const void *a, const void *b)
{
	const struct wn_topic_row *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->example < y->example ? -1 : x->example > y->example;
}

/* One row for each gram of the example, with its share. */
static void
squeeze(struct winnow_topic *t, size_t from, size_t units)
{
	size_t to = from;

	qsort(
	    t->rows + from, t->nrows - from, sizeof(*t->rows), wn_topic_by_key);
	for (size_t i = from; i < t->nrows; i++)
		if (to > from && t->rows[to - 1].key == t->rows[i].key)
			t->rows[to - 1].share++;
		else
			t->rows[to++] = t->rows[i];
	t->nrows = to;
	for (size_t i = from; i < to; i++)
		t->rows[i].share /= (float)units;
}

/* SimHash of the grams: each votes for the bits of its hash. */
static uint64_t
sketch(const struct wn_topic_row *v, size_t n)
{
	float votes[64] = {0};
	uint64_t out = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t h = v[i].key * 0x9E3779B97F4A7C15ULL;

		h = (h ^ h >> 29) * 0xBF58476D1CE4E5B9ULL;
		h ^= h >> 32;
		for (int b = 0; b < 64; b++)
			votes[b] += h >> b & 1 ? v[i].share : -v[i].share;
	}
	for (int b = 0; b < 64; b++)
		out |= (uint64_t)(votes[b] > 0) << b;
	return out;
}

static int
is_copy(const struct winnow_topic *t, uint64_t of)
{
	for (uint32_t i = 0; i < t->examples; i++)
		if (__builtin_popcountll(t->example[i].sketch ^ of) <= COPY)
			return 1;
	return 0;
}

int
winnow_topic_add(struct winnow_topic *t, const char *s, size_t len)
{
	struct wn_topic_text text = {&t->fold, s, NULL, 0};
	struct wn_topic_unit u;
	size_t from = t->nrows, units = 0;
	uint64_t chars = 0, of;
	int r = 0;

	if (t->finished || wn_utf8_prefix(s, len) < len)
		return WINNOW_EINVAL;
	if (t->examples >= WINNOW_TOPIC_EXAMPLES)
		return 0;
	if (len > EXAMPLE_BYTES) {
		len = EXAMPLE_BYTES;
		while (((unsigned char)s[len] & 0xC0) == 0x80)
			len--;
	}
	for (text.end = s + len; r == 0 && wn_topic_next(&text, &u); units++)
		r = push_unit(t, &u, &chars);
	if (r != 0)
		return r;
	if (units == 0)
		return WINNOW_EINVAL;
	squeeze(t, from, units);
	of = sketch(t->rows + from, t->nrows - from);
	if (is_copy(t, of)) {
		t->nrows = from;
		return 0;
	}
	t->example[t->examples++] =
	    (struct wn_topic_example){of, (uint32_t)units};
	return 0;
}

void
wn_topic_settle(struct winnow_topic *t)
{
	uint32_t most = 0, kept = 0, number[WINNOW_TOPIC_EXAMPLES];
	size_t rows = 0;

	for (uint32_t i = 0; i < t->examples; i++)
		if (t->example[i].units > most)
			most = t->example[i].units;
	if (most > RELIABLE)
		most = RELIABLE;
	for (uint32_t i = 0; i < t->examples; i++) {
		uint32_t units = t->example[i].units;

		number[i] = UINT32_MAX;
		if (units < most / LINE)
			continue;
		number[i] = kept++;
		t->units += units < RELIABLE ? units : RELIABLE;
	}
	for (size_t i = 0; i < t->nrows; i++) {
		uint32_t is = number[t->rows[i].example];

		if (is == UINT32_MAX)
			continue;
		t->rows[rows] = t->rows[i];
		t->rows[rows++].example = is;
	}
	t->nrows = rows;
	t->examples = kept;
}

/* ---- the user's words ------------------------------------------------- */

static int
is_comma(uint32_t c)
{
	return c == ',' || c == ';' || c == '\n' || c == '\r' || c == 0xFF0C ||
	       c == 0x3001 || c == 0xFF1B;
}

/* Takes the row that was pushed last for one that the user has said. */
static int
keep_said(struct winnow_topic *t, float weight)
{
	const struct wn_topic_row *row = &t->rows[--t->nrows];
	struct wn_topic_gram *v;

	if (t->nsaid == t->said_cap) {
		size_t cap = t->said_cap ? 2 * t->said_cap : 64;

		v = wn_grow(t->arena, t->said, t->said_cap * sizeof(*v),
		    cap * sizeof(*v));
		if (v == NULL)
			return WINNOW_ENOMEM;
		t->said = v;
		t->said_cap = cap;
	}
	t->said[t->nsaid++] = (struct wn_topic_gram){.key = row->key,
	    .text = row->text,
	    .n = row->n,
	    .letters = row->letters,
	    .said = weight};
	return 0;
}

/* One of the user's words, or several with spaces between: of characters the
 * longest grams, of others each word. */
static int
say(struct winnow_topic *t, const char *s, const char *end)
{
	struct wn_topic_text text = {&t->fold, s, end, 0};
	struct wn_topic_unit u;
	size_t from = t->nrows, first = t->nsaid;
	float weight = SAID;
	uint64_t chars = 0;
	int r = 0;

	while (s < end && *s == ' ')
		s++;
	if (s < end && *s == '-')
		weight = -SAID;
	while (r == 0 && wn_topic_next(&text, &u)) {
		if ((r = push_unit(t, &u, &chars)) != 0)
			break;
		if (u.c != 0 && u.run > 1 && u.run <= WN_TOPIC_GRAM)
			t->nsaid--; /* the gram before is part of this one */
		if (u.c == 0)
			t->nrows = from + 1; /* the word, not its stem */
		r = keep_said(t, weight);
		t->nrows = from;
	}
	for (size_t i = first; i < t->nsaid; i++)
		t->said[i].said /= (float)(t->nsaid - first);
	return r;
}

int
winnow_topic_words(struct winnow_topic *t, const char *s, size_t len)
{
	const char *end = s + len, *word;
	unsigned n = 0;
	int r = 0;

	if (t->finished || wn_utf8_prefix(s, len) < len)
		return WINNOW_EINVAL;
	while (s < end && r == 0) {
		for (word = s; s < end && !is_comma(wn_utf8_get(s, &n)); s += n)
			;
		r = say(t, word, s);
		s += s < end ? n : 0;
	}
	return r;
}
