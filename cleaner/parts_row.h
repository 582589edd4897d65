/* parts_row.h - the row of pages as it stands on a page: what parts_row.c reads
 * and parts.c judges. */
#ifndef WN_PARTS_ROW_H
#define WN_PARTS_ROW_H

#include "cleaner/parts.h"

struct wn_row_link {
	const char *url; /* of the arena */
	size_t len;
	struct winnow_key key;
	uint32_t node;
	unsigned flags; /* of the link */
	struct wn_kin_of kin;
	enum wn_turn turn;
	unsigned number; /* 0: not known */
	int in_head; /* <link rel=next>: of this page, not of a list on it */
};

struct wn_row {
	const struct wn_extractor *x;
	struct wn_row_link *v; /* of the arena */
	size_t n;
	unsigned self; /* the number that links to this very page; 0: none */
};

/* Fills v, n and self of a row whose x is set: 0 or an error. */
int wn_read_row(struct wn_row *);
/* "共3页" in the elements round a link of the row; 0: nothing is told. */
unsigned wn_told_near(const struct wn_tree *, uint32_t node);
/* An address that is no link of the page's, in the arena, with its key and
 * length; NULL: none that can be fetched. */
const char *wn_read_address(struct wn_doc *, const char *href, size_t len,
    struct winnow_key *, size_t *n);
int wn_same_page(const struct winnow_key *, const struct winnow_key *);

#endif
