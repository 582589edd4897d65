/* parts.h - an article that goes on on other pages: what parts.c, parts_url.c,
 * parts_words.c and parts_join.c share.
 *
 * A page is found to be one of several by two things together: a link that
 * says so (a number, 下一页, 余下全文) and an address that is its own but for
 * the number. Either alone is the next article, a list or an id. Whether the
 * pages are one article indeed is seen when they are joined (parts_join.c). */
#ifndef WN_PARTS_H
#define WN_PARTS_H

#include "cleaner/doc.h"

struct wn_extractor;

/* ---- parts_words.c ------------------------------------------------------- */

/* What an anchor of a row of pages says. */
enum wn_turn {
	WN_TURN_NONE,
	WN_TURN_NUMBER, /* [2], 第2页 */
	WN_TURN_NEXT,   /* 下一页: of the pages of something */
	WN_TURN_ON,     /* "next", an arrow: of whatever */
	WN_TURN_PREV,
	WN_TURN_FIRST,
	WN_TURN_LAST,
	WN_TURN_REST,  /* 余下全文: the next page, or all of it */
	WN_TURN_WHOLE, /* 单页阅读: all of it on one page */
	WN_TURN_SHEET, /* 下转第4版: of a newspaper */
	WN_TURN_BACK   /* 上接第1版 */
};
enum wn_turn wn_page_turn(const char *anchor, unsigned *number);

/* The note of a newspaper at the end of a line, （下转第4版）, or at its
 * beginning, （上接第1版）: its bytes, 0: there is none. */
size_t wn_turn_note_at_end(struct wn_str);
size_t wn_turn_note_at_begin(struct wn_str);
/* The line is nothing but a note that it goes on: （未完待续）. */
int wn_is_goes_on_note(struct wn_str);
/* "共3页", "1/3" in the words of a row of pages: 3; 0: it does not tell. */
unsigned wn_pages_told(struct wn_str);

/* ---- parts_url.c --------------------------------------------------------- */

enum wn_kin {
	WN_KIN_NONE,
	WN_KIN_PAGE,  /* the same but for a number of page */
	WN_KIN_WHOLE, /* the same but for "all" */
	WN_KIN_SHAPE  /* the same folder, and a name with other digits */
};
struct wn_kin_of {
	enum wn_kin kin;
	/* WN_KIN_PAGE: their numbers as the addresses have them, -1: none. */
	int own, other;
	int by_query; /* a parameter tells it */
	/* Its own number is "_2" behind a name, or "page=2": none of an id. */
	int behind_name;
	/* own != -1: bytes of own that are its number, to be taken out */
	uint16_t beg, end;
};
/* Both as they would be fetched, without fragment. */
struct wn_kin_of wn_part_kin(
    const struct winnow_url *own, const char *url, size_t len);

/* ---- parts.c ------------------------------------------------------------- */

/* Fills part, part_count and parts of the doc: 0 or an error. */
int wn_find_parts(const struct wn_extractor *);

#endif
