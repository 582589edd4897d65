/* parts_text.h - the pages of one article while they are joined: what
 * parts_text.c, parts_belong.c and parts_join.c share; nobody else includes
 * it. */
#ifndef WN_PARTS_TEXT_H
#define WN_PARTS_TEXT_H

#include "cleaner/normalise.h"
#include "cleaner/parts.h"
#include "cleaner/state.h"

#define WN_PART_EDGE 6 /* lines at the top of a page that may be repeats */

struct text_line {
	struct wn_str s;
	struct wn_shape shape;
	uint64_t hash; /* 0: nothing but marks */
};

struct part_text {
	const struct winnow_page *page;
	struct text_line *l;
	size_t n, bytes;
	const char *title;
	struct winnow_url url; /* len 0: unknown */
	unsigned part, part_count;
	struct winnow_part *parts; /* their keys and numbers */
	size_t nparts;
	size_t chars;
	size_t damaged, lost;
	double link_density;
	uint64_t alone_hash;
	unsigned removed[WINNOW_KIND_N], repairs[WINNOW_REPAIR_N];
	struct winnow_list authors, editors, captions, attachments;
	struct winnow_key key; /* of url */
	uint8_t use;
};

/* Hashes of the lines so far. */
struct seen {
	uint64_t *v;
	size_t mask;
};

struct joiner {
	struct winnow *w;
	struct part_text *p; /* the first is [0] */
	size_t n;
	struct seen seen;
	struct text_line *l; /* the text */
	size_t nl;
	int broken; /* allocations failed */
};

/* ---- parts_text.c -------------------------------------------------------- */
/* What is left of a line without marks and spaces; 0: nothing. */
uint64_t wn_line_hash(struct wn_str);
/* Room for so many lines: 0 or WINNOW_ETOOBIG. */
int wn_seen_init(struct seen *, struct wn_arena *, size_t lines);
/* hash: not 0. */
int wn_seen_has(const struct seen *, uint64_t hash);
void wn_seen_add(struct seen *, uint64_t hash);
/* Cleans the i-th page and puts aside what joining needs: 0 or an error. */
int wn_part_clean(struct joiner *, size_t i);

/* ---- parts_belong.c ------------------------------------------------------ */
enum wn_kin wn_kin_of(const struct joiner *, size_t i);
int wn_part_belongs(const struct joiner *, size_t i);
/* How much of a page's text was seen, 0 to 1. */
double wn_share_seen(const struct seen *, const struct part_text *);
/* The page that has the whole article; 0: there is none. */
size_t wn_find_whole(struct joiner *);
/* Pages that the others name, or count, are not among those that were used. */
int wn_is_incomplete(const struct joiner *);

#endif
