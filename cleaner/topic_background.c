/* topic_background.c - how often any text has a gram.
 *
 * What makes a topic is not what its texts have, but what they have more of
 * than others. */
#include "cleaner/topic.h"

#include <math.h>
#include <stdlib.h>

#include "cleaner/model.h"

struct wn_topic_background {
	int any;
};

struct wn_topic_background *
wn_topic_background_new(void)
{
	return calloc(1, sizeof(struct wn_topic_background));
}

void
wn_topic_background_free(struct wn_topic_background *b)
{
	free(b);
}

/* Short words are frequent in any language. */
static double
by_length(size_t letters)
{
	static const double share[] = {
	    .02, .02, .02, .005, .002, .0008, .0004, .0002, .0001};

	return share[letters < 8 ? letters : 8];
}

double
wn_topic_background(
    const struct wn_topic_background *b, uint64_t key, size_t letters)
{
	unsigned n = wn_topic_key_chars(key);
	uint32_t row[WN_TOPIC_GRAM];

	(void)b;
	if (n == 0)
		return by_length(letters);
	for (unsigned i = 0; i < n; i++)
		row[i] = (uint32_t)(key >> 16 * (n - 1 - i) & 0xFFFF);
	if (n == 1)
		return exp(-(double)wn_model_char(row[0]) / WN_NAT);
	return exp(-wn_model_cost(NULL, row, n) / WN_NAT);
}
