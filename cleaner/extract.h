/* extract.h - what extract.c, roles.c and boilerplate.c share.
 *
 * The rule tables are indexed once a page, in the page's arena (some 900 rows:
 * microseconds), so that there is nothing to initialise, share or lock. */
#ifndef WN_EXTRACT_H
#define WN_EXTRACT_H

#include "cleaner/doc.h"

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
struct wn_roles *wn_roles_new(struct wn_arena *);
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
	WN_ACT_VOTE,
};

/* What lines.def says of a block: rows that hold anywhere, above the first
 * paragraph, and below the last. */
struct wn_verdict {
	int16_t kind;
	uint8_t act; /* enum wn_act, WN_ACT_NONE: nothing */
	const char *rule;
};
struct wn_line {
	struct wn_verdict any, head, tail;
	uint32_t cut; /* bytes of its text that stay; 0: all */
	struct wn_verdict cut_by;
	uint8_t date; /* a date or time and nothing else */
};

struct wn_lines;
struct wn_lines *wn_lines_new(struct wn_arena *);
void wn_line(struct wn_lines *, const struct wn_block *, struct wn_line *);

/* The folded form of a text (see lines.def) in out, NUL-terminated; cut at
 * cap - 1. Returns its length. */
size_t wn_fold(const struct wn_lines *, struct wn_str, char *out, size_t cap);

#endif
