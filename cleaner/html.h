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

/* The explain page of a struct winnow after winnow_clean() with
 * options.explain: a self-contained HTML page. NULL: no memory. */
const char *wn_explain(struct winnow *, size_t *len);

#endif
