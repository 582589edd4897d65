/* html.h - pages that are written, not read. */
#ifndef WN_HTML_H
#define WN_HTML_H

#include "cleaner/doc.h"

/* Appends text with the characters of markup escaped, and without those that
 * no page may hold. */
void wn_html_escape(struct wn_buf *, const char *, size_t n);

/* The article as minimal HTML (h1..h6, p, li, td, blockquote, pre); NULL: no
 * memory. */
const char *wn_html(struct wn_doc *);

#endif
