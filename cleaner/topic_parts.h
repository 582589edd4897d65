/* topic_parts.h - what topic_learn.c gathers for topic_weigh.c; nobody else
 * includes it. */
#ifndef WN_TOPIC_PARTS_H
#define WN_TOPIC_PARTS_H

#include "cleaner/topic.h"

struct wn_arena;

/* A gram of one example. */
struct wn_topic_row {
	uint64_t key;
	uint32_t example;
	float share;        /* of the example's units */
	const char *text;   /* of a word, in the arena; else NULL */
	uint8_t n, letters; /* of it */
};

/* A gram of all of them. */
struct wn_topic_gram {
	uint64_t key;
	const char *text;
	uint8_t n, letters;
	uint8_t whole;     /* a word, not a piece of one */
	float said;        /* what the user's words add to its weight */
	uint32_t beg, end; /* its rows */
	float share, background, weight;
};

struct wn_topic_example {
	uint64_t sketch; /* of its grams: copies differ in few bits */
	uint32_t units;
};

struct winnow_topic {
	struct wn_arena *arena;
	struct wn_topic_fold fold;
	struct wn_topic_row *rows;
	size_t nrows, cap;
	uint32_t examples; /* of the array: */
	struct wn_topic_example example[WINNOW_TOPIC_EXAMPLES];
	double units; /* of all examples, as far as they are believed */
	struct wn_topic_gram *said;
	size_t nsaid, said_cap;
	int finished;
	struct wn_topic_term *terms;
	size_t nterms;
	struct wn_topic_scale scale;
};

/* Leaves out what is too short beside the others; no example is added later. */
void wn_topic_settle(struct winnow_topic *);
/* Of rows: by key, then by example. */
int wn_topic_by_key(const void *, const void *);

#endif
