/* quality.c - one figure of the signals.
 *
 * quality is the probability, by a logistic regression, that the text is what
 * a person would have marked on the page (token F1 at least 0.9) and whole.
 * The rows of quality.def say what it rests on and how much each weighs;
 * tests/eval/quality.py learns the weights and says how well they do.
 *
 * Invariants
 *  Q1  A feature is a function of fields that the record has, so that anyone
 *      can compute the figure again, or one of his own.
 *  Q2  No text, no quality: 0. */
#include "cleaner/quality.h"

#include <math.h>

#include "cleaner/doc.h"

const struct wn_feature_row wn_feature_rows[WN_FEATURE_N] = {
#define Q(key, name, weight, value, words) {name, words, weight},
#include "cleaner/quality.def"
#undef Q
};

/* 1 at nothing, 0 at enough. */
static double
lack(double x, double enough)
{
	return x >= enough ? 0 : 1 - x / enough;
}

/* Places that spoil a text, by their number among its characters: 1 at one of
 * 150. */
static double
spoilt(size_t places, size_t chars)
{
	double x = 150 * (double)places / ((double)chars + 1);

	return x > 1 ? 1 : x;
}

void
wn_features(const struct winnow_doc *d, double x[WN_FEATURE_N])
{
#define Q(key, name, weight, value, words) x[WN_FEATURE_##key] = value;
#include "cleaner/quality.def"
#undef Q
}

int
wn_stage_quality(struct wn_doc *d)
{
	double x[WN_FEATURE_N], odds = 0;
	int r;

	d->pub.quality = 0;
	if ((r = wn_signals(d)) != 0 || d->pub.text_len == 0)
		return r;
	wn_features(&d->pub, x);
	for (int i = 0; i < WN_FEATURE_N; i++)
		odds += wn_feature_rows[i].weight * x[i];
	d->pub.quality = 1 / (1 + exp(-odds));
	return 0;
}
