/* links_parts.h - what links.c asks links_words.c; nobody else includes it. */
#ifndef WN_LINKS_PARTS_H
#define WN_LINKS_PARTS_H

#include <stddef.h>

#include "cleaner/arena.h"

/* Does an anchor say "next page"? */
int wn_says_next(const char *anchor);
/* Does it name another page of a list by its number, or the last one? */
int wn_says_page(const char *anchor);
/* An anchor without the ornaments round it, n 0: too long for a word, or none. */
struct wn_str wn_bare_anchor(const char *anchor);
/* The address that a piece of script goes to when it does nothing else
 * ("location.href='/a'", "window.open('/a')"); NULL: none that is certain.
 * *len bytes, inside the script. */
const char *wn_script_goes(const char *script, size_t *len);
/* The next page of a list whose row of pages a script writes: "index_2.html"
 * from createPageHTML(30, 1, "index", "html") anywhere in the page. 1, or 0:
 * there is no such call, or this is the last page. */
#define WN_SCRIPT_NEXT 96
int wn_script_next(const char *html, size_t len, char out[WN_SCRIPT_NEXT]);
/* The whole row that it writes: how many pages, the number of this one, both
 * from 1, and the name of any. 1, or 0: there is none. */
struct wn_script_row {
	int count, at;
	int first; /* what it calls the first page */
	struct wn_str name, ext;
};
int wn_script_row(const char *html, size_t len, struct wn_script_row *);
void wn_script_page(const struct wn_script_row *, int number,
    char out[WN_SCRIPT_NEXT]);

#endif
