/* topic.h - what the parts of the topic share.
 *
 * A text is a row of units: Chinese characters, simplified, and words of
 * everything else, in lower case. Grams are made of them: one to four
 * characters that stand together, a word, the beginning of a long word. A
 * topic is a weight for each of some thousand grams. */
#ifndef WN_TOPIC_H
#define WN_TOPIC_H

#include <stddef.h>
#include <stdint.h>

#include "cleaner/winnow.h"

struct wn_doc;
struct wn_topic;

/* ---- topic_text.c: a text as units -------------------------------------- */

enum {
	WN_TOPIC_GRAM = 4,  /* characters of the longest gram */
	WN_TOPIC_WORD = 48, /* bytes of a word; the rest of it is left out */
	WN_TOPIC_STEM = 5,  /* letters that a long word is also known by */
	WN_TOPIC_HAN = 0x4E00,
	WN_TOPIC_HANS = 0xA000 - WN_TOPIC_HAN
};

/* Each character's simplified form. */
struct wn_topic_fold {
	uint16_t to[WN_TOPIC_HANS];
};
void wn_topic_fold(struct wn_topic_fold *);

struct wn_topic_unit {
	uint32_t c;   /* the character; 0: a word */
	unsigned run; /* characters since the last that was none, itself too */
	size_t n;     /* the word, in lower case: */
	size_t stem;  /* bytes of its beginning; 0: it is short */
	uint64_t key, stem_key;
	char word[WN_TOPIC_WORD + 4];
};
struct wn_topic_text {
	const struct wn_topic_fold *fold;
	const char *p, *end;
	unsigned run;
};
/* 1 and the next unit, or 0. The text is valid UTF-8. */
int wn_topic_next(struct wn_topic_text *, struct wn_topic_unit *);

/* A gram as a number. Characters are exact, words a hash. */
enum wn_topic_kind { WN_TOPIC_IS_WORD = 5, WN_TOPIC_IS_STEM = 6 };
uint64_t wn_topic_word_key(const char *, size_t n, enum wn_topic_kind);
int wn_topic_is_word(uint64_t key); /* and no stem */
/* Characters of a gram's key; 0: it is a word's or stem's. */
unsigned wn_topic_key_chars(uint64_t);

/* ---- topic_background.c: what any text has ------------------------------- */

struct wn_topic_background;
struct wn_topic_background *wn_topic_background_new(void); /* NULL: no memory */
void wn_topic_background_free(struct wn_topic_background *);
/* A word of the examples, and its share: they tell the language. */
void wn_topic_background_see(
    struct wn_topic_background *, uint64_t word, double share);
/* The share of a gram among the units of any text. letters: of a word. */
double wn_topic_background(
    struct wn_topic_background *, uint64_t key, size_t letters);

/* Is it a word, as far as the table knows? */
int wn_topic_background_knows(struct wn_topic_background *, uint64_t key);

/* ---- topic_store.c: a topic as bytes ------------------------------------- */

struct wn_topic_term {
	uint8_t kind;  /* 1..4 characters, or enum wn_topic_kind */
	uint8_t n;     /* bytes of text */
	uint8_t whole; /* may be shown */
	float weight;
	const char *text;
};
struct wn_topic_scale {
	float middle; /* what a unit weighs of a text that scores 0.5 */
	float prior;  /* what a unit of any text weighs */
};
int wn_topic_write(const struct wn_topic_term *, size_t n,
    const struct wn_topic_scale *, void **bytes, size_t *len);
/* The number of grams, or WINNOW_EINVAL. */
long wn_topic_read_head(const void *bytes, size_t len, struct wn_topic_scale *);
/* The gram at *at (0: the first), and *at behind it. text is part of bytes,
 * and any of them. 0 or WINNOW_EINVAL. */
int wn_topic_read(
    const void *bytes, size_t len, size_t *at, struct wn_topic_term *);

/* ---- topic_file.c ------------------------------------------------------- */

/* Title and text of an article, in two lines. 0, or an error: it is passed
 * over, but for WINNOW_ENOMEM. */
typedef int wn_topic_text_fn(void *arg, const char *text, size_t len);
/* Gives each text of a file; how many there were, or WINNOW_EINVAL. */
int wn_topic_texts(struct winnow *, const void *bytes, size_t len,
    wn_topic_text_fn *, void *arg);

/* ---- topic.c: scores ---------------------------------------------------- */

/* The score of what a text's units weigh on average. */
double wn_topic_curve(const struct wn_topic_scale *, double weight);
/* 0, WINNOW_ENOMEM, WINNOW_EINVAL */
int wn_topic_open(struct wn_topic **, const void *bytes, size_t len);
void wn_topic_close(struct wn_topic *); /* NULL is fine */

#endif
