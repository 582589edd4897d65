/* words.h - an answer for people beside the one for programs.
 *
 * A JSON object is written to out as it goes; what a person shall read is said
 * as facts, a label and a sentence each, and stands at its end as "words", a
 * list of pairs. The client prints the pairs, or with --json all of it. */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct words {
	FILE *out, *facts;
	char *text;
	size_t len;
	int n, first; /* facts; 1: no comma before the next member */
};

/* Begins {"ok":true. 0, or -1: no memory, nothing was written. */
int words_begin(struct words *, FILE *out);
void words_end(struct words *);
/* Nothing but facts will follow: they are written as they come, and none is kept
 * in memory. Inside of no bracket. */
void words_facts(struct words *);
/* Instead of it, for an answer that nobody waits for; also after it. */
void words_drop(struct words *);

/* A fact. label: a word or two. */
void words_say(struct words *, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* One that is as it should be, that somebody should look at, or that keeps work
 * from being done: the third element of its pair, "good", "look", "bad". */
enum words_mood { WORDS_PLAIN, WORDS_GOOD, WORDS_LOOK, WORDS_BAD };
void words_tell(struct words *, enum words_mood, const char *label,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Members of the object, or with name NULL elements of an array. A string of
 * NULL and a time of 0 are null. Brackets: '{' '[', and their counterparts. */
void words_string(struct words *, const char *name, const char *value);
void words_int(struct words *, const char *name, int64_t value);
void words_real(struct words *, const char *name, double value);
void words_bool(struct words *, const char *name, int value);
void words_time(struct words *, const char *name, int64_t ms);
void words_open(struct words *, const char *name, char bracket);
void words_close(struct words *, char bracket);

/* "2 h", "3 d": the largest unit that fits, rounded down. */
#define WORDS_SPAN 32
const char *words_span(char out[WORDS_SPAN], int64_t ms);
/* "1,234,567" */
const char *words_count(char out[WORDS_SPAN], uint64_t n);
/* The noun behind a number. */
const char *words_noun(uint64_t n, const char *one, const char *many);
/* "12", "3.4", "0.05": what comes a second. */
const char *words_rate(char out[WORDS_SPAN], double per_second);
/* "12 MiB" */
const char *words_size(char out[WORDS_SPAN], uint64_t bytes);
/* "2026-11-22 05:00:01Z, 3 h ago", "..., in 6 d". */
#define WORDS_MOMENT 80
const char *words_moment(char out[WORDS_MOMENT], int64_t ms, int64_t now_ms);

/* The client's side: changes text so that nothing of it steers a terminal. */
const char *words_plain(char *text);
/* Prints the pairs of an answer. text is changed. 0, or -1:
 * it has none. */
struct words_style {
	int color; /* moods are shown */
	int width; /* columns at which lines are broken; 0: they are not */
};
int words_print(char *text, const struct words_style *, FILE *);
/* That of a terminal, or of what is none; NO_COLOR is respected. */
struct words_style words_style_of(FILE *);

#endif
