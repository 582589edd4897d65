/* topic_terms.c - which words of the topic a page has.
 *
 * Grams overlap and single characters weigh most, but a person wants words. So
 * a word is ranked by all that it brings, its characters too, and what lies
 * across one that was told is passed over. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/doc.h"
#include "cleaner/topic_model.h"

enum { TERMS = 10 }; /* that are told */

/* All that a term brings: its own weight and that of the grams in it. */
double
wn_topic_worth(const struct wn_topic *t, const struct wn_topic_node *g)
{
	struct wn_topic_text text = {
	    &t->fold, t->names + g->text, t->names + g->text + g->n, 0};
	struct wn_topic_unit u;
	uint32_t open[WN_TOPIC_GRAM] = {0};
	double sum = 0;

	if (g->kind > WN_TOPIC_GRAM)
		return (double)g->weight;
	while (wn_topic_next(&text, &u)) {
		wn_topic_step(t, &u, open);
		for (unsigned k = 0; k < WN_TOPIC_GRAM; k++)
			sum += (double)t->nodes[open[k]].weight;
	}
	return sum;
}

/* Do they share so much that telling both is telling one twice? */
static int
overlap(const struct wn_topic *t, const struct wn_topic_node *a,
    const struct wn_topic_node *b)
{
	enum { SHARED = 6 }; /* bytes: two characters */
	const char *s = t->names + a->text, *q = t->names + b->text;

	if (a->kind > WN_TOPIC_GRAM || b->kind > WN_TOPIC_GRAM)
		return 0;
	if (memmem(s, a->n, q, b->n) != NULL ||
	    memmem(q, b->n, s, a->n) != NULL)
		return 1;
	for (size_t k = SHARED; k < a->n && k < b->n; k += 3)
		if (memcmp(s, q + b->n - k, k) == 0 ||
		    memcmp(q, s + a->n - k, k) == 0)
			return 1;
	return 0;
}

struct told {
	uint32_t node;
	double worth;
};

static int
by_worth(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	if (x->worth != y->worth)
		return x->worth > y->worth ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

/* The words of the topic that were counted, those that count most first; the
 * sum of all grams in *all. */
static size_t
rank(const struct wn_topic *t, size_t units, struct told *v, double *all)
{
	size_t n = 0;

	*all = 0;
	for (size_t m = 0; m < t->nmet; m++) {
		uint32_t i = t->met[m];
		const struct wn_topic_node *g = &t->nodes[i];

		*all += fmax(wn_topic_gain(t, i, units), 0);
		if (g->whole)
			v[n++] = (struct told){i, g->worth * t->times[i]};
	}
	qsort(v, n, sizeof(*v), by_worth);
	return n;
}

int
wn_topic_tell(struct wn_doc *d, const struct wn_topic *t, size_t units)
{
	struct told *v = wn_alloc(d->arena, (t->wholes + 1) * sizeof(*v));
	struct winnow_topic_term *out =
	    wn_alloc(d->arena, TERMS * sizeof(*out));
	size_t n, told = 0, k;
	double all;

	if (v == NULL || out == NULL)
		return WINNOW_ETOOBIG;
	n = rank(t, units, v, &all);
	for (size_t i = 0; i < n && told < TERMS && v[i].worth > 0; i++) {
		const struct wn_topic_node *g = &t->nodes[v[i].node];

		for (k = 0; k < told; k++)
			if (overlap(t, &t->nodes[v[k].node], g))
				break;
		if (k < told)
			continue;
		out[told].term = wn_strndup(d->arena, t->names + g->text, g->n);
		if (out[told].term == NULL)
			return WINNOW_ETOOBIG;
		out[told].times = t->times[v[i].node];
		out[told].share = (float)fmin(1, v[i].worth / all);
		v[told++] = v[i]; /* those that were told stand first */
	}
	d->pub.topic_terms = out;
	d->pub.ntopic_terms = told;
	return 0;
}
