/* explain.h - what the parts of the explain page share. */
#ifndef WN_EXPLAIN_H
#define WN_EXPLAIN_H

#include "cleaner/doc.h"

/* ---- explain_trace.c: a line as it was and as it became ------------------ */

/* A piece of a mended line: `was` on the page, `now` in the text. */
struct wn_span {
	struct wn_str was, now;
	uint32_t kinds; /* bit per enum winnow_repair_kind; 0: untouched */
	uint32_t row;   /* the first of its repairs, from 1 */
};

struct wn_trace {
	struct wn_arena *arena;
	const struct winnow_repair *
	    *rows; /* by line, in the order of the text */
	size_t n;
	uint32_t *first; /* block, from 1: its first row; one past the last */
};

/* Sorts the doc's repairs by their lines. 0 or WINNOW_ENOMEM. */
int wn_trace_init(struct wn_trace *, const struct wn_doc *);
/* The spans of a block's text, in the arena; 0: none, or no memory. block from
 * 1. */
size_t wn_trace_block(
    struct wn_trace *, uint32_t block, struct wn_str, struct wn_span **);

/* ---- explain.c ----------------------------------------------------------- */

/* Blocks that were removed one after the other, of one kind by one rule; or
 * one that was kept. */
struct wn_group {
	uint32_t beg, end; /* blocks */
	uint32_t prev,
	    next; /* groups of the kind that are shown + 1; 0: none */
	uint8_t kept, shown;
	int16_t kind;
};

struct wn_explain {
	struct wn_buf b;
	const struct wn_doc *d;
	struct wn_trace trace;
	struct wn_group *groups;
	size_t ngroups;
	uint32_t
	    *block_of; /* node: the first block it is of, from 1; 0: none */
	uint32_t first[WINNOW_KIND_N]; /* group + 1 */
	size_t kept, removed;          /* blocks */
	char lang[32];                 /* ` lang="zh-Hans"` or "" */
};

enum { WN_EXPLAIN_ROWS = 500 }; /* repairs that are listed */

/* Text of the page: escaped, what cannot be seen made visible. */
void wn_explain_text(struct wn_explain *, const char *, size_t n);
/* As much of it as max bytes hold, and how much there is more. */
void wn_explain_clip(struct wn_explain *, struct wn_str, size_t max);
/* <del> or <ins> of one side of a repair; blanks are spelled out. */
void wn_explain_side(
    struct wn_explain *, const char *tag, struct wn_str, size_t max);
/* "1,234 blocks": n and the noun, with its s; NULL: n alone. */
void wn_explain_count(struct wn_explain *, size_t n, const char *noun);

/* explain_facts.c */
void wn_explain_facts(struct wn_explain *);
void wn_explain_repairs(struct wn_explain *);
/* explain_quality.c */
void wn_explain_quality(struct wn_explain *);
/* explain_blocks.c */
int wn_explain_groups(struct wn_explain *);
void wn_explain_blocks(struct wn_explain *);
void wn_explain_map(struct wn_explain *);

/* explain_topic.c: nothing without a topic. */
void wn_explain_topic(struct wn_explain *);

/* explain_style.c: the style sheet, in the buffer. */
void wn_explain_style(struct wn_buf *, const unsigned counts[WINNOW_KIND_N]);

#endif
