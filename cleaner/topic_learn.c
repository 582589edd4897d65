/* topic_learn.c - what examples have more of than any text.
 *
 * A gram's weight is the logarithm of how much more often the examples have it
 * than the background does, doubted when few of them have it. Characters
 * that stand alone are grams too: with five examples they are what carries
 * over to words that no example has (党 in 党课, 学 in 学院).
 *
 * Each example is then scored by a topic of all others; between what they
 * reach and what any text reaches lies the middle of the scale.
 *
 * Invariants
 *  TL1  Every example weighs the same, however long it is.
 *  TL2  The same examples in the same order give the same bytes.
 *  TL3  Bounded: EXAMPLE_BYTES of an example, WINNOW_TOPIC_EXAMPLES of them,
 *       TERMS grams. */
#include "cleaner/topic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/arena.h"
#include "cleaner/utf8.h"

enum {
	EXAMPLE_BYTES = 24000,
	TERMS = 6000,
	MEMORY = 256 << 20,
	RELIABLE = 1500, /* units of an example that are believed */
	SAID = 4,        /* what a word weighs that the user has said */
};
#define LEAST .7 /* a gram that weighs less tells nothing */
#define BARE .2  /* what a unit weighs where only words are known */

/* A gram of one example. */
struct have {
	uint64_t key;
	uint32_t doc;
	float share;
	const char *text; /* of a word */
	uint8_t n, letters;
};

struct gram {
	uint64_t key;
	const char *text;
	uint8_t n, letters;
	uint32_t beg, end; /* its rows */
	float share, background, weight;
};

struct winnow_topic {
	struct wn_arena *arena;
	struct wn_topic_fold fold;
	struct have *v;
	size_t n, cap;
	uint32_t docs, given;
	double units;      /* believed, of all examples */
	struct gram *said; /* what the user's words add */
	size_t nsaid, said_cap;
	struct wn_topic_term *terms;
	size_t nterms;
	struct wn_topic_scale scale;
	int finished;
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
	free(t->v);
	free(t);
}

/* ---- examples -------------------------------------------------------------
 */

static int
push(struct winnow_topic *t, const struct have *h)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 4096;
		struct have *v = realloc(t->v, cap * sizeof(*v));

		if (v == NULL)
			return WINNOW_ENOMEM;
		t->v = v;
		t->cap = cap;
	}
	t->v[t->n++] = *h;
	return 0;
}

static int
push_word(struct winnow_topic *t, const struct wn_topic_unit *u, size_t n,
    enum wn_topic_kind kind)
{
	struct have h = {.key = wn_topic_word_key(u->word, n, kind),
	    .doc = t->docs,
	    .share = 1,
	    .n = (uint8_t)n};

	for (size_t i = 0; i < n; i++)
		h.letters += ((unsigned char)u->word[i] & 0xC0) != 0x80;
	h.text = wn_strndup(t->arena, u->word, n);
	return h.text != NULL ? push(t, &h) : WINNOW_ENOMEM;
}

/* The grams that end with a unit. */
static int
push_unit(struct winnow_topic *t, const struct wn_topic_unit *u, uint64_t *row)
{
	struct have h = {.doc = t->docs, .share = 1};
	int r;

	if (u->c == 0) {
		if ((r = push_word(t, u, u->n, WN_TOPIC_IS_WORD)) != 0 ||
		    u->stem == 0)
			return r;
		return push_word(t, u, u->stem, WN_TOPIC_IS_STEM);
	}
	*row = *row << 16 | u->c;
	for (unsigned k = 1; k <= WN_TOPIC_GRAM && k <= u->run; k++) {
		h.key = k < 4 ? *row & ((1ULL << 16 * k) - 1) : *row;
		if ((r = push(t, &h)) != 0)
			return r;
	}
	return 0;
}

static int
by_key(const void *a, const void *b)
{
	const struct have *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->doc < y->doc ? -1 : x->doc > y->doc;
}

/* One row for each gram of the example, with its share. */
static void
squeeze(struct winnow_topic *t, size_t from, size_t units)
{
	size_t to = from;

	qsort(t->v + from, t->n - from, sizeof(*t->v), by_key);
	for (size_t i = from; i < t->n; i++)
		if (to > from && t->v[to - 1].key == t->v[i].key)
			t->v[to - 1].share++;
		else
			t->v[to++] = t->v[i];
	t->n = to;
	for (size_t i = from; i < to; i++)
		t->v[i].share /= (float)units;
}

int
winnow_topic_add(struct winnow_topic *t, const char *s, size_t len)
{
	struct wn_topic_text text = {&t->fold, s, NULL, 0};
	struct wn_topic_unit u;
	size_t from = t->n, units = 0;
	uint64_t row = 0;
	int r = 0;

	if (t->finished || wn_utf8_prefix(s, len) < len)
		return WINNOW_EINVAL;
	if (t->docs >= WINNOW_TOPIC_EXAMPLES)
		return 0;
	if (len > EXAMPLE_BYTES) {
		len = EXAMPLE_BYTES;
		while (((unsigned char)s[len] & 0xC0) == 0x80)
			len--;
	}
	text.end = s + len;
	for (; r == 0 && wn_topic_next(&text, &u); units++)
		r = push_unit(t, &u, &row);
	if (r != 0)
		return r;
	if (units == 0)
		return WINNOW_EINVAL;
	squeeze(t, from, units);
	t->units += units < RELIABLE ? (double)units : RELIABLE;
	t->docs++;
	return 0;
}

/* ---- the user's words ------------------------------------------------------
 */

static int
is_comma(uint32_t c)
{
	return c == ',' || c == ';' || c == '\n' || c == '\r' || c == 0xFF0C ||
	       c == 0x3001 || c == 0xFF1B;
}

/* Keeps the gram that was pushed last as one that the user has said. */
static int
keep_said(struct winnow_topic *t, float weight)
{
	const struct have *h = &t->v[--t->n];
	struct gram *v;

	if (t->nsaid == t->said_cap) {
		size_t cap = t->said_cap ? 2 * t->said_cap : 64;

		v = wn_grow(t->arena, t->said, t->said_cap * sizeof(*v),
		    cap * sizeof(*v));
		if (v == NULL)
			return WINNOW_ENOMEM;
		t->said = v;
		t->said_cap = cap;
	}
	t->said[t->nsaid++] = (struct gram){.key = h->key,
	    .text = h->text,
	    .n = h->n,
	    .letters = h->letters,
	    .weight = weight};
	return 0;
}

/* One of the user's words, or several with spaces between: of characters the
 * longest grams, of others each word. */
static int
say(struct winnow_topic *t, const char *s, const char *end)
{
	struct wn_topic_text text = {&t->fold, s, end, 0};
	struct wn_topic_unit u;
	size_t from = t->n, first = t->nsaid;
	float weight = SAID;
	uint64_t row = 0;
	int r = 0;

	while (s < end && *s == ' ')
		s++;
	if (s < end && *s == '-')
		weight = -SAID;
	while (r == 0 && wn_topic_next(&text, &u)) {
		if ((r = push_unit(t, &u, &row)) != 0)
			break;
		if (u.c != 0 && u.run > 1 && u.run <= WN_TOPIC_GRAM)
			t->nsaid--; /* the gram before is part of this one */
		if (u.c == 0)
			t->n = from + 1; /* the word, not its beginning */
		r = keep_said(t, weight);
		t->n = from;
	}
	for (size_t i = first; i < t->nsaid; i++)
		t->said[i].weight /= (float)(t->nsaid - first);
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

/* ---- weights ---------------------------------------------------------------
 */

/* What a gram weighs that `have` of `docs` examples have; share: its mean. */
static double
weigh(
    double share, double background, double units, unsigned have, unsigned docs)
{
	double expected = units * background, w;

	if (have < 2 && docs > 2)
		return 0;
	w = log((share * units + expected) / (2 * expected + 1));
	return w > LEAST ? w * sqrt((double)have / docs) : 0;
}

/* The score of each example by a topic of all others. */
static void
leave_one_out(
    const struct winnow_topic *t, const struct gram *g, size_t n, double *out)
{
	double docs = t->docs, units = t->units * (docs - 1) / docs;

	memset(out, 0, t->docs * sizeof(*out));
	for (size_t i = 0; i < n; i++)
		for (uint32_t k = g[i].beg; k < g[i].end; k++) {
			double rest =
			    (g[i].share * docs - t->v[k].share) / (docs - 1);

			out[t->v[k].doc] +=
			    t->v[k].share * weigh(rest, g[i].background, units,
						g[i].end - g[i].beg - 1,
						t->docs - 1);
		}
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int
set_scale(struct winnow_topic *t, const struct gram *g, size_t n,
    struct winnow_topic_made *made)
{
	double *reach = calloc(t->docs + 1, sizeof(*reach)), any = 0, most;

	if (reach == NULL)
		return WINNOW_ENOMEM;
	for (size_t i = 0; i < n; i++)
		any += g[i].weight * g[i].background;
	if (t->docs > 2)
		leave_one_out(t, g, n, reach);
	qsort(reach, t->docs, sizeof(*reach), ascending);
	most = t->docs > 2 ? reach[t->docs / 2] : 4 * any + BARE;
	t->scale.prior = (float)any;
	t->scale.middle = (float)(any + .35 * (most - any));
	t->scale.slope = (float)(8 / (most - any + 1e-6));
	if (t->docs > 2) {
		made->lowest =
		    1 /
		    (1 + exp(-(reach[0] - t->scale.middle) * t->scale.slope));
		made->median =
		    1 / (1 + exp(-(most - t->scale.middle) * t->scale.slope));
	}
	free(reach);
	return 0;
}

/* ---- finishing --------------------------------------------------------------
 */

static int
by_worth(const void *a, const void *b)
{
	const struct gram *x = a, *y = b;
	float v = x->weight * (x->share + x->background),
	      w = y->weight * (y->share + y->background);

	if (v != w)
		return v > w ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static int
put_term(struct winnow_topic *t, const struct gram *g)
{
	struct wn_topic_term *to = &t->terms[t->nterms];
	unsigned chars = wn_topic_key_chars(g->key);
	char text[WN_TOPIC_GRAM * 4];
	size_t n = 0;

	*to = (struct wn_topic_term){.kind = (uint8_t)chars,
	    .whole = chars > 1,
	    .weight = g->weight,
	    .text = g->text,
	    .n = g->n};
	if (chars == 0) {
		to->kind = g->key >> 48 == 0xFFFF ? WN_TOPIC_IS_WORD
						  : WN_TOPIC_IS_STEM;
		to->whole = to->kind == WN_TOPIC_IS_WORD;
	} else {
		for (unsigned i = chars; i-- > 0;)
			n += wn_utf8_put(
			    text + n, (uint32_t)(g->key >> 16 * i & 0xFFFF));
		to->text = wn_strndup(t->arena, text, n);
		to->n = (uint8_t)n;
		if (to->text == NULL)
			return WINNOW_ENOMEM;
	}
	t->nterms++;
	return 0;
}

/* The rows as grams, in the order of their keys. */
static size_t
group(struct winnow_topic *t, struct gram *g)
{
	size_t n = 0, k;

	qsort(t->v, t->n, sizeof(*t->v), by_key);
	for (size_t i = 0; i < t->n; i = k) {
		double sum = 0;

		for (k = i; k < t->n && t->v[k].key == t->v[i].key; k++)
			sum += t->v[k].share;
		g[n++] = (struct gram){.key = t->v[i].key,
		    .text = t->v[i].text,
		    .n = t->v[i].n,
		    .letters = t->v[i].letters,
		    .beg = (uint32_t)i,
		    .end = (uint32_t)k,
		    .share = (float)(sum / t->docs)};
	}
	return n;
}

/* The user's words on top of what the examples say; g has room. */
static size_t
add_said(const struct winnow_topic *t, struct gram *g, size_t n,
    const struct wn_topic_background *b)
{
	size_t all = n, k;

	for (size_t i = 0; i < t->nsaid; i++) {
		for (k = 0; k < all && g[k].key != t->said[i].key; k++)
			;
		if (k == all) {
			g[all] = t->said[i];
			g[all].weight = 0;
			g[all].background = (float)wn_topic_background(
			    b, g[all].key, g[all].letters);
			all++;
		}
		g[k].weight += t->said[i].weight;
	}
	return all;
}

static int
learn(struct winnow_topic *t, struct gram *g, struct wn_topic_background *b,
    struct winnow_topic_made *made)
{
	size_t n = group(t, g);
	int r;

	for (size_t i = 0; i < n; i++) {
		g[i].background =
		    (float)wn_topic_background(b, g[i].key, g[i].letters);
		g[i].weight = (float)weigh(g[i].share, g[i].background,
		    t->units, g[i].end - g[i].beg, t->docs);
	}
	n = add_said(t, g, n, b);
	if ((r = set_scale(t, g, n, made)) != 0)
		return r;
	qsort(g, n, sizeof(*g), by_worth);
	t->terms = wn_alloc(t->arena, TERMS * sizeof(*t->terms));
	if (t->terms == NULL)
		return WINNOW_ENOMEM;
	for (size_t i = 0; i < n && t->nterms < TERMS; i++)
		if (g[i].weight != 0 && (r = put_term(t, &g[i])) != 0)
			return r;
	made->terms = t->nterms;
	made->examples = t->docs;
	return t->nterms > 0 ? 0 : WINNOW_EINVAL;
}

int
winnow_topic_finish(struct winnow_topic *t, struct winnow_topic_made *made)
{
	struct winnow_topic_made unused;
	struct wn_topic_background *b;
	struct gram *g;
	int r = WINNOW_ENOMEM;

	if (made == NULL)
		made = &unused;
	*made = (struct winnow_topic_made){0};
	if (t->finished || (t->docs == 0 && t->nsaid == 0))
		return WINNOW_EINVAL;
	t->finished = 1;
	b = wn_topic_background_new();
	g = malloc((t->n + t->nsaid) * sizeof(*g));
	if (b != NULL && g != NULL)
		r = learn(t, g, b, made);
	wn_topic_background_free(b);
	free(g);
	return r;
}

int
winnow_topic_store(const struct winnow_topic *t, void **bytes, size_t *len)
{
	return wn_topic_write(t->terms, t->nterms, &t->scale, bytes, len);
}
