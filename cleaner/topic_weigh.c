/* topic_weigh.c - what examples have more of than any text.
 *
 * A gram's weight is the logarithm of how much more often the examples have it
 * than the background does, doubted when few of them have it. Characters
 * that stand alone are grams too, and weigh most: with five examples they are
 * what carries over to words that no example has (党 in 党课, 学 in 学院), and
 * longer grams repeat what their characters have said.
 *
 * Each example is scored by a topic of all others, which tells what a new
 * article of the topic reaches; mean and spread of the background tell what
 * other texts reach. The middle of the scale lies between, measured in ratios:
 * EDGE and the curve are from thirteen classes of the development pages, of
 * which 95 in 100 other texts stay below mean + EDGE * spread (BENCHMARKS.md).
 *
 * Invariants
 *  TW1  A weight is finite, and 0 for what the examples have no more of. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/arena.h"
#include "cleaner/topic_parts.h"
#include "cleaner/utf8.h"

enum { TERMS = 4000 };
#define LEAST .8 /* a gram that weighs less tells nothing */
#define FIRST .4 /* of its first time in the examples, that is chance */
#define DOUBT .1 /* times that any gram is thought to be seen by chance */
#define EDGE .4  /* spreads above the mean: hardly another text is there */
#define LOW .06  /* at least so much is the middle of a topic of words */
#define KNOWN .4 /* of its own score that a new text reaches */
/* A gram is a piece of a longer one that has so much of its share. */
#define PIECE .7
/* Two characters are a word when they are together so often, of the times that
 * the rarer one is there, and that the other one is. */
#define JOINED .5
#define OFTEN .2

/* How much grams of so many characters add to what shorter ones said. */
static const float news[] = {1, 1, .3F, .1F, .1F};

/* ---- weights ---------------------------------------------------------- */

/* What a gram weighs that `have` of n examples have; share: its mean. */
static double
weigh(const struct wn_topic_gram *g, double share, unsigned have,
    const struct winnow_topic *t, unsigned n)
{
	double units = t->units * n / t->examples;
	double expected = units * g->background, seen = share * units - FIRST,
	       w;

	if (have == 0 || seen <= 0)
		return 0;
	w = log((seen + expected) / (2 * expected + DOUBT));
	return w > LEAST ? w * sqrt((double)have / n) *
			       (double)news[wn_topic_key_chars(g->key)]
			 : 0;
}

/* The rows as grams, in the order of their keys; their number. */
static size_t
group(struct winnow_topic *t, struct wn_topic_gram *g)
{
	struct wn_topic_row *v = t->rows;
	size_t n = 0, k;

	qsort(v, t->nrows, sizeof(*v), wn_topic_by_key);
	for (size_t i = 0; i < t->nrows; i = k) {
		double sum = 0;

		for (k = i; k < t->nrows && v[k].key == v[i].key; k++)
			sum += (double)v[k].share;
		g[n++] = (struct wn_topic_gram){.key = v[i].key,
		    .text = v[i].text,
		    .n = v[i].n,
		    .letters = v[i].letters,
		    .beg = (uint32_t)i,
		    .end = (uint32_t)k,
		    .share = (float)(sum / t->examples)};
	}
	return n;
}

static struct wn_topic_gram *
find(struct wn_topic_gram *g, size_t n, uint64_t key)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (g[mid].key < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && g[lo].key == key ? &g[lo] : NULL;
}

/* The user's words among the n grams, or behind them; g has room. */
static size_t
add_said(const struct winnow_topic *t, struct wn_topic_gram *g, size_t n)
{
	size_t all = n;

	for (size_t i = 0; i < t->nsaid; i++) {
		struct wn_topic_gram *had = find(g, n, t->said[i].key);

		for (size_t k = n; had == NULL && k < all; k++)
			if (g[k].key == t->said[i].key)
				had = &g[k];
		if (had == NULL)
			g[all++] = t->said[i];
		else
			had->said += t->said[i].said;
	}
	return all;
}

static void
weigh_all(struct winnow_topic *t, struct wn_topic_gram *g, size_t n,
    struct wn_topic_background *b)
{
	for (size_t i = 0; i < n; i++)
		if (wn_topic_is_word(g[i].key))
			wn_topic_background_see(
			    b, g[i].key, (double)g[i].share);
	for (size_t i = 0; i < n; i++) {
		g[i].background =
		    (float)wn_topic_background(b, g[i].key, g[i].letters);
		g[i].weight =
		    g[i].said + (float)weigh(&g[i], (double)g[i].share,
				    g[i].end - g[i].beg, t, t->examples);
	}
}

/* ---- the scale -------------------------------------------------------- */

/* What each example reaches by a topic of all others. */
static void
leave_one_out(const struct winnow_topic *t, const struct wn_topic_gram *g,
    size_t n, double *reach)
{
	double all = t->examples;

	for (size_t i = 0; i < n; i++)
		for (uint32_t k = g[i].beg; k < g[i].end; k++) {
			double own = (double)t->rows[k].share,
			       rest =
				   ((double)g[i].share * all - own) / (all - 1);

			reach[t->rows[k].example] +=
			    own *
			    ((double)g[i].said + weigh(&g[i], rest,
						     g[i].end - g[i].beg - 1, t,
						     t->examples - 1));
		}
}

/* What a new text of the topic is expected to reach, of n grams. reach has
 * room for the examples: it is sorted. */
static double
expect(const struct winnow_topic *t, const struct wn_topic_gram *g, size_t n,
    double *reach)
{
	double own = 0;

	if (t->examples > 2) {
		leave_one_out(t, g, n, reach);
		for (uint32_t i = 1; i < t->examples; i++)
			for (uint32_t k = i; k > 0 && reach[k] < reach[k - 1];
			     k--) {
				double x = reach[k];

				reach[k] = reach[k - 1];
				reach[k - 1] = x;
			}
		return reach[t->examples / 4];
	}
	for (size_t i = 0; i < n; i++)
		own += (double)(g[i].share * g[i].weight);
	return KNOWN * own;
}

static int
set_scale(struct winnow_topic *t, const struct wn_topic_gram *g, size_t n,
    struct winnow_topic_made *made)
{
	double *reach = calloc(t->examples + 1, sizeof(*reach));
	double mean = 0, square = 0, edge, on;

	if (reach == NULL)
		return WINNOW_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		double w = (double)g[i].weight, p = (double)g[i].background;

		mean += w * p;
		square += w * w * p;
	}
	edge = fmax(mean + EDGE * sqrt(square), 1e-3);
	on = expect(t, g, n, reach);
	t->scale.prior = (float)mean;
	t->scale.middle =
	    (float)(t->examples > 0 ? sqrt(edge * fmax(on, edge / 2))
				    : fmax(edge, LOW));
	if (t->examples > 2) {
		made->lowest = wn_topic_curve(&t->scale, reach[0]);
		made->median =
		    wn_topic_curve(&t->scale, reach[t->examples / 2]);
	}
	free(reach);
	return 0;
}

/* ---- terms ------------------------------------------------------------ */

/* A word of the dictionary, or two characters that hardly stand apart, or
 * four that are two words which stand together as often as not. */
static int
is_word(struct wn_topic_gram *g, size_t n, const struct wn_topic_gram *x,
    struct wn_topic_background *b)
{
	unsigned half = 8 * wn_topic_key_chars(x->key);
	const struct wn_topic_gram *head, *tail;

	if (wn_topic_background_knows(b, x->key))
		return 1;
	if (half != 16 && half != 32)
		return 0;
	head = find(g, n, x->key >> half);
	tail = find(g, n, x->key & ((1ULL << half) - 1));
	if (head == NULL || tail == NULL ||
	    x->share < (float)JOINED * fminf(head->share, tail->share))
		return 0;
	if (half == 16)
		return x->share >=
		       (float)OFTEN * fmaxf(head->share, tail->share);
	return wn_topic_background_knows(b, head->key) &&
	       wn_topic_background_knows(b, tail->key);
}

/* Says which grams may be shown: words, and no pieces of longer ones. g: in
 * the order of keys. */
static void
tell_whole(struct wn_topic_gram *g, size_t n, struct wn_topic_background *b)
{
	for (size_t i = 0; i < n; i++) {
		unsigned chars = wn_topic_key_chars(g[i].key);

		g[i].whole =
		    chars == 0 ? wn_topic_is_word(g[i].key) && g[i].letters > 2
			       : chars > 1 && is_word(g, n, &g[i], b);
	}
	for (size_t i = 0; i < n; i++) {
		unsigned chars = wn_topic_key_chars(g[i].key);
		struct wn_topic_gram *part[2];

		if (chars < 3 || !g[i].whole)
			continue;
		part[0] = find(g, n, g[i].key >> 16);
		part[1] =
		    find(g, n, g[i].key & ((1ULL << 16 * (chars - 1)) - 1));
		for (int k = 0; k < 2; k++)
			if (part[k] != NULL &&
			    g[i].share >= (float)PIECE * part[k]->share)
				part[k]->whole = 0;
	}
}

static int
by_worth(const void *a, const void *b)
{
	const struct wn_topic_gram *x = a, *y = b;
	float v = fabsf(x->weight) * (x->share + x->background),
	      w = fabsf(y->weight) * (y->share + y->background);

	if (v != w)
		return v > w ? -1 : 1;
	return x->key < y->key ? -1 : x->key > y->key;
}

static int
put_term(struct winnow_topic *t, const struct wn_topic_gram *g)
{
	struct wn_topic_term *to = &t->terms[t->nterms];
	unsigned chars = wn_topic_key_chars(g->key);
	char text[4 * WN_TOPIC_GRAM];
	size_t n = 0;

	*to = (struct wn_topic_term){.kind = (uint8_t)chars,
	    .whole = g->whole || g->said != 0,
	    .weight = g->weight,
	    .text = g->text,
	    .n = g->n};
	if (chars == 0) {
		to->kind = wn_topic_is_word(g->key) ? WN_TOPIC_IS_WORD
						    : WN_TOPIC_IS_STEM;
	} else {
		for (unsigned i = chars; i-- > 0;)
			n += wn_utf8_put(
			    text + n, (uint32_t)(g->key >> 16 * i & 0xFFFF));
		to->text = wn_strndup(t->arena, text, n);
		to->n = (uint8_t)n;
	}
	t->nterms++;
	return to->text != NULL ? 0 : WINNOW_ENOMEM;
}

/* The grams that matter most. */
static int
put_terms(struct winnow_topic *t, struct wn_topic_gram *g, size_t n)
{
	int r = 0;

	t->terms = wn_alloc(t->arena, TERMS * sizeof(*t->terms));
	if (t->terms == NULL)
		return WINNOW_ENOMEM;
	qsort(g, n, sizeof(*g), by_worth);
	for (size_t i = 0; r == 0 && i < n && t->nterms < TERMS; i++)
		if (g[i].weight != 0)
			r = put_term(t, &g[i]);
	return r;
}

/* ---- all of it -------------------------------------------------------- */

static int
learn(struct winnow_topic *t, struct wn_topic_gram *g,
    struct wn_topic_background *b, struct winnow_topic_made *made)
{
	size_t n = group(t, g), all = add_said(t, g, n);
	int r;

	weigh_all(t, g, all, b);
	tell_whole(g, n, b);
	if ((r = set_scale(t, g, all, made)) != 0 ||
	    (r = put_terms(t, g, all)) != 0)
		return r;
	made->terms = t->nterms;
	made->examples = t->examples;
	return t->nterms > 0 ? 0 : WINNOW_EINVAL;
}

int
winnow_topic_finish(struct winnow_topic *t, struct winnow_topic_made *made)
{
	struct winnow_topic_made unused;
	struct wn_topic_background *b;
	struct wn_topic_gram *g;
	int r = WINNOW_ENOMEM;

	if (made == NULL)
		made = &unused;
	*made = (struct winnow_topic_made){0};
	if (t->finished || (t->examples == 0 && t->nsaid == 0))
		return WINNOW_EINVAL;
	t->finished = 1;
	wn_topic_settle(t);
	b = wn_topic_background_new();
	g = malloc((t->nrows + t->nsaid) * sizeof(*g));
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
