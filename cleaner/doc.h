/* doc.h - a page on its way through the stages.
 *
 * decode, parse, links, meta, blocks, extract, normalise, fingerprint: a stage
 * reads what earlier stages wrote, writes its own part, and can be run and
 * tested alone. Nothing here outlives the arena. */
#ifndef WN_DOC_H
#define WN_DOC_H

#include "cleaner/arena.h"
#include "cleaner/tree.h"
#include "cleaner/winnow.h"

/* A line of the page: the text between two block edges (a paragraph, a cell
 * row, a heading, a list item, the text between two <br>). */
struct wn_block {
	uint32_t node;	     /* lowest block element that holds all of it */
	uint32_t first, end; /* nodes [first, end) give its text */
	struct wn_str text;  /* white space squeezed to one space, trimmed;
				cells of a row separated by a tab */
	uint32_t chars, link_chars; /* code points; inside <a href> */
	uint32_t cjk, marks;	    /* Han and kana; sentence marks of any script */
	uint16_t heading;    /* 1..6, 0: none */
	uint8_t item, row, pre, quote; /* li; table row; in pre; in blockquote */
	uint8_t depth;	     /* of its list in others; 0: in none */
	uint8_t ordered;     /* that list is an ol */
	uint8_t head;	     /* every cell of the row is a th */
	uint32_t group;	     /* the li, table, pre or blockquote it is of, 0:
				none. Blocks of one group are one element */
	uint8_t brk;	     /* separated from the one before by <br> only */
	uint8_t kept;	     /* extract: part of the article */
	uint8_t alone;	     /* likewise, without the site's memory; only set
				where pub.remembered is not 0 */
	int16_t kind;	     /* enum winnow_kind when not kept; -1: none yet */
	const char *rule;    /* what decided */
	float score;
};

/* What a line of the text was on the page; 1..6: a heading. */
enum wn_form {
	WN_FORM_PLAIN = 0,
	WN_FORM_ITEM = 7,
	WN_FORM_ROW,
	WN_FORM_QUOTE,
	WN_FORM_PRE,
};
struct wn_shape {
	uint8_t form; /* enum wn_form */
	uint8_t depth, ordered, head; /* as in struct wn_block */
	uint8_t goes_on; /* in the element of the line before it */
	uint8_t same;	 /* list, table, quote or code as the line before */
};

struct wn_doc {
	struct winnow_doc pub; /* first: what the caller sees */
	struct winnow *w;
	struct wn_arena *arena;
	const struct winnow_page *page;
	struct winnow_url url; /* len 0: unknown */
	int want_html;

	const char *body; /* content codings taken off */
	size_t body_len;
	const char *html; /* decoded page, UTF-8; may be body itself */
	size_t html_len;
	struct wn_tree *tree;

	uint32_t *link_nodes; /* links: of each of pub.links */
	struct wn_block *blocks;
	size_t nblocks;
	uint32_t content; /* extract: node that holds the article, 0: none */

	/* meta's candidates that extract needs to know the furniture by */
	const char *title_tag; /* <title> as it stands */
	const char *h1;
	struct wn_meta *meta; /* meta.h: what was said, by whom */

	struct wn_shape *shapes; /* normalise: of each line of pub.text;
				    NULL unless want_html */
	size_t nshapes;

	/* normalise: what of the text's damage is left (wn_damage_count()) */
	size_t damaged, lost;
};

/* The stages, in order; each 0 or an enum winnow_error. */
int wn_stage_decode(struct wn_doc *);	 /* inflate.c, decode.c */
int wn_stage_parse(struct wn_doc *);	 /* parse.c */
int wn_stage_links(struct wn_doc *);	 /* links.c */
int wn_stage_blocks(struct wn_doc *);	 /* blocks.c */
int wn_stage_meta(struct wn_doc *);	 /* meta.c */
int wn_stage_extract(struct wn_doc *);	 /* extract.c, boilerplate.c */
int wn_stage_meta_late(struct wn_doc *); /* meta.c: bylines, attachments */
int wn_stage_normalise(struct wn_doc *); /* normalise.c */
/* Of the finished text; again when more is joined to it. */
int wn_stage_quality(struct wn_doc *); /* quality.c, signals.c */
int wn_stage_fingerprint(struct wn_doc *);
int wn_stage_topic(struct wn_doc *);	 /* topic.c */

uint64_t wn_text_hash(const char *, size_t n); /* fingerprint.c */

#endif
