/* extract.h - what extract.c, roles.c, boilerplate.c and pagetype.c share.
 *
 * The rule tables (some 2,000 rows) are indexed once for all pages of a struct
 * winnow, by winnow_new(): nothing is shared between two of them or locked.
 */
#ifndef WN_EXTRACT_H
#define WN_EXTRACT_H

#include "cleaner/doc.h"
#include "cleaner/words.h"

/* ---- roles.c: what class, id, role and tag say of an element ------------ */

enum wn_strength {
	WN_NEUTRAL,
	WN_SOFT, /* furniture, when its content looks like it */
	WN_TALK, /* readers' words: the article of a forum, else furniture */
	WN_HARD, /* furniture */
	WN_PLUS, /* may be the article */
	WN_BEST, /* says that it is */
};

struct wn_role {
	int16_t kind;     /* enum winnow_kind, of SOFT, TALK, HARD */
	uint8_t strength; /* enum wn_strength */
	const char *rule; /* the row's word */
};

struct wn_roles;
struct wn_role_rows;
const struct wn_role_rows *wn_role_rows_new(struct wn_arena *);
struct wn_roles *wn_roles_new(struct wn_arena *, const struct wn_role_rows *);
struct wn_role wn_role(struct wn_roles *, const struct wn_tree *, uint32_t i);

/* ---- boilerplate.c: what a line says of itself --------------------------- */

enum wn_act {
	WN_ACT_NONE,
	WN_ACT_ANY,
	WN_ACT_HEAD,
	WN_ACT_TAIL,
	WN_ACT_EDGE,
	WN_ACT_STOP,
	WN_ACT_REST,
	WN_ACT_CUT,
	WN_ACT_PICTURE,
	WN_ACT_VOTE,
};

/* What lines.def says of a block: rows that hold anywhere, above the first
 * paragraph, below the last, next to a picture. */
struct wn_verdict {
	int16_t kind;
	uint8_t act; /* enum wn_act, WN_ACT_NONE: nothing */
	const char *rule;
};
struct wn_line {
	struct wn_verdict any, head, tail, picture;
	uint32_t cut; /* bytes of its text that stay; 0: all */
	struct wn_verdict cut_by;
	uint8_t date;  /* 1: a date or time alone, 2: one and a few words */
	uint8_t title; /* enum wn_title */
	uint32_t title_end; /* of WN_TITLE_BEGINS: bytes the title takes */
};

enum wn_title {
	WN_TITLE_NO,
	WN_TITLE_SAME,   /* the title and nothing else */
	WN_TITLE_BEGINS, /* the title, a space, and text */
	WN_TITLE_PART,   /* a good part of the title or of <title> */
};

struct wn_line_rows;
const struct wn_line_rows *wn_line_rows_new(struct wn_arena *);

struct wn_lines;
/* title: what the page is called; tag: its <title>; NULL: unknown. */
struct wn_lines *wn_lines_new(struct wn_arena *, const struct wn_line_rows *,
    const char *title, const char *tag);
void wn_line(struct wn_lines *, const struct wn_block *, struct wn_line *);

/* ---- extract.c, prune.c ------------------------------------------------- */

struct wn_zone {
	int16_t kind; /* of the furniture an element is in, -1: none */
	uint8_t strength;
	const char *rule;
};

enum wn_seen { WN_INSIDE = 1, WN_OUTSIDE };

struct wn_extractor {
	struct wn_doc *d;
	const struct wn_tree *t;
	struct wn_block *b;
	uint32_t n;
	uint32_t *from;       /* node: first block at or behind it */
	struct wn_zone *zone; /* node */
	uint8_t *good;        /* node: enum wn_strength, PLUS or BEST */
	struct wn_lines *lines;
	struct wn_line *line; /* block */
	uint32_t *again;      /* block: 1 + an earlier one with the same text */
	uint8_t *teaser;      /* block: of a list of other pages' beginnings */
	double *units;        /* block: running sum of plain text */
	double *links;        /* likewise, of text in links */
	double *value;        /* likewise, of what choosing adds up */
	uint32_t *marks;      /* likewise, sentence marks */
	uint8_t *seen;        /* block: enum wn_seen; NULL: no witness */
	uint32_t begins,
	    ends;    /* of these, where the article does; n: unknown */
	int repeats; /* are there any in again[]? */
	int centred; /* is the whole content? */
	int named;   /* are its short lines the names of pictures? */
	int forum, loose, with_talk, with_hidden, with_roles;
	uint32_t title;    /* block: a heading that is the title; n: none */
	uint32_t answers;  /* block: the first that readers signed; n: none */
	uint32_t beg, end; /* blocks of the content */
	struct wn_thread *thread; /* forum.c: its posts; NULL: none */
};

/* Text of a block that is not in links, and text that is, in units: a Han
 * character says as much as two and a half letters. */
double wn_plain(const struct wn_block *);
double wn_linked(const struct wn_block *);

/* First block behind an element. */
static inline uint32_t
wn_past(const struct wn_extractor *x, uint32_t node)
{
	return x->from[x->t->nodes[node].end];
}

/* Is a block in furniture, or hidden? */
int wn_is_out(const struct wn_extractor *, uint32_t block);

/* witness.c: which blocks the page's own copy of its article holds. */
int wn_read_witness(struct wn_extractor *);
static inline int
wn_seen(const struct wn_extractor *x, uint32_t block)
{
	return x->seen == NULL ? 0 : x->seen[block];
}

/* answers.c: makes signed lines below an article, and what is between, talk. */
void wn_find_answers(struct wn_extractor *);

#define WN_PARAGRAPH 55 /* units of a line that is surely text */

/* prune.c: takes a block away; is a block that was kept so far running text? */
void wn_drop(struct wn_extractor *, uint32_t block, int kind, const char *rule);
int wn_is_paragraph(const struct wn_extractor *, uint32_t block);
/* edges.c: is it the subtitle that meta.c found? */
int wn_is_subtitle(const struct wn_extractor *, uint32_t block);
/* captions.c, edges.c */
void wn_drop_captions(struct wn_extractor *);
void wn_trim_edges(struct wn_extractor *);
/* signature.c: the article ends with the one below its element; the site's
 * address is none of it */
void wn_take_signature(struct wn_extractor *);
void wn_take_last_words(struct wn_extractor *);
void wn_drop_contacts(struct wn_extractor *);

/* Decides on each block of [beg, end); what plain text is kept. */
double wn_prune(struct wn_extractor *);
/* Gives up what was kept: it is no article. */
double wn_prune_all(struct wn_extractor *);
/* Gives every other block a kind and a rule. */
void wn_label_outside(struct wn_extractor *);
/* ---- links.c ------------------------------------------------------------- */

/* Places of the page's links, by what was kept and what is furniture. */
void wn_link_places(const struct wn_extractor *);

/* ---- pagetype.c --------------------------------------------------------- */

/* Is what was kept what stands round a list, or a notice instead of a page? */
int wn_is_no_article(const struct wn_extractor *, double kept);
const struct wn_words *wn_notices_new(struct wn_arena *);
/* Says page_type and, when nothing was kept, why. */
void wn_page_type(struct wn_extractor *, double kept);

/* ---- split.c ------------------------------------------------------------ */

/* Makes blocks of their own of what lines.def cuts off, and of the kinds of
 * a removed line of several. */
int wn_split_blocks(struct wn_extractor *);

#endif
