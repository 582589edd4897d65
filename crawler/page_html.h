/* page_html.h - pieces of HTML for the page at /, into a buffer.
 *
 * Invariant
 *  T1  Whatever bytes html_text() is given, what it writes is text: valid UTF-8
 *      in which no character opens markup, ends a value or turns the direction
 *      of what follows. Everything from the network goes through it. */
#ifndef PAGE_HTML_H
#define PAGE_HTML_H

#include <stddef.h>
#include <stdint.h>

struct evbuffer;

/* Words of our own, as they are. */
void html(struct evbuffer *, const char *markup);
void html_f(struct evbuffer *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Text, for an element or a value in double quotes. */
void html_text(struct evbuffer *, const char *);

/* "12,345" */
void html_count(struct evbuffer *, uint64_t);
/* "0", "0.03", "4.2", "128", "1,234": three digits or so. */
#define HTML_RATE 32
const char *html_rate(char out[HTML_RATE], double);
/* <time datetime="...">3 min ago</time> */
void html_ago(struct evbuffer *, int64_t ms, int64_t now_ms);
/* An address that may be followed: http or https. */
int html_is_web(const char *url);

#endif
