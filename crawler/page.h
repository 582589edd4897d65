/* page.h - the page at /, for people: how the crawl goes, what it found, what
 * failed. It only shows.
 *
 * It is written whole here, so that it needs no script; the script (page.js)
 * takes new copies of it apart. It loads its own style, script and picture and
 * nothing else, and is said so to the browser (PAGE_CSP). */
#ifndef PAGE_H
#define PAGE_H

#include <stddef.h>

struct engine;
struct evbuffer;

#define PAGE_CSP                                                               \
	"default-src 'none'; script-src 'self'; style-src 'self'; "            \
	"img-src 'self'; connect-src 'self'; base-uri 'none'; "                \
	"form-action 'none'; frame-ancestors 'none'; "                         \
	"require-trusted-types-for 'script'; trusted-types 'none'"
/* The explain page has its style in it; it names that style's digest itself. */
#define PAGE_EXPLAIN_CSP                                                       \
	"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "     \
	"form-action 'none'; frame-ancestors 'none'"

/* span: of the plots, a name of plot_spans; "" or unknown: what fits. */
void page_write(struct evbuffer *, struct engine *, const char *span);
/* Instead of an explain page that cannot be had: what and why. */
void page_write_no(struct evbuffer *, const char *what, const char *why);

/* "/page.css" and the like: bytes of the program. NULL: there is none. */
struct page_asset {
	const char *path, *type, *bytes;
	size_t len;
};
const struct page_asset *page_asset(const char *path);

#endif
