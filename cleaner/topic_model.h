/* topic_model.h - a topic as it is scored with; the files of it alone include
 * this.
 *
 * Grams of characters are a tree, so that a character of a text that the topic
 * has not costs one look; words are in a table of hashes. */
#ifndef WN_TOPIC_MODEL_H
#define WN_TOPIC_MODEL_H

#include "cleaner/topic.h"

struct wn_topic_node {
	float weight;
	uint32_t text; /* offset in names */
	uint8_t n, kind, whole;
	uint8_t more; /* longer grams begin with it */
	double worth; /* of a whole one: what it brings with all in it */
};

struct wn_topic_edge {
	uint32_t key;  /* node before << 16 | character */
	uint32_t node; /* 0: free */
};

struct wn_topic_hash {
	uint32_t key; /* half of a word's */
	uint32_t node;
};

struct wn_topic {
	struct wn_topic_fold fold;
	struct wn_topic_scale scale;
	uint16_t first[WN_TOPIC_HANS]; /* node of a character */
	struct wn_topic_edge *edges;
	struct wn_topic_hash *words;
	size_t edge_mask, word_mask;
	struct wn_topic_node *nodes; /* from 1 */
	uint32_t nnodes, wholes;
	uint16_t *times; /* of each node in the text at hand */
	uint32_t *met;   /* those that it has */
	size_t nmet;
	char *names;
};

static inline struct wn_topic_edge *
wn_topic_edge(const struct wn_topic *t, uint32_t node, uint32_t c)
{
	uint32_t key = node << 16 | c;
	size_t i = (size_t)(key * 0x9E3779B97F4A7C15ULL >> 32);

	for (;; i++) {
		struct wn_topic_edge *e = &t->edges[i & t->edge_mask];

		if (e->node == 0 || e->key == key)
			return e;
	}
}

/* A word's upper half says whether it is a stem. */
static inline uint32_t
wn_topic_half(uint64_t key)
{
	return (uint32_t)(key ^ key >> 48);
}

static inline struct wn_topic_hash *
wn_topic_hash(const struct wn_topic *t, uint64_t key)
{
	uint32_t half = wn_topic_half(key);

	for (size_t i = (size_t)(key >> 16);; i++) {
		struct wn_topic_hash *w = &t->words[i & t->word_mask];

		if (w->node == 0 || w->key == half)
			return w;
	}
}

/* Goes on by a character: open[k] is the gram of k + 1 characters that ends
 * with it, 0: the topic has none. */
static inline void
wn_topic_step(const struct wn_topic *t, const struct wn_topic_unit *u,
    uint32_t open[WN_TOPIC_GRAM])
{
	for (unsigned k = WN_TOPIC_GRAM - 1; k > 0; k--) {
		uint32_t before = u->run > k ? open[k - 1] : 0;

		open[k] = before != 0 && t->nodes[before].more
			      ? wn_topic_edge(t, before, u->c)->node
			      : 0;
	}
	open[0] = t->first[u->c - WN_TOPIC_HAN];
}

/* ---- topic.c ------------------------------------------------------------ */

/* What a gram that was met adds to a text of so many units. */
double wn_topic_gain(const struct wn_topic *, uint32_t node, size_t units);

/* ---- topic_terms.c ------------------------------------------------------ */

/* All that a term brings: its own weight and that of the grams in it. */
double wn_topic_worth(const struct wn_topic *, const struct wn_topic_node *);
/* Sets the doc's terms from what was counted. 0 or WINNOW_ETOOBIG. */
int wn_topic_tell(struct wn_doc *, const struct wn_topic *, size_t units);

#endif
