/* url_parts.h - what the files of the URL parser share.
 *
 *	url.c	     parser and resolver
 *	url_host.c   hosts: names, IPv4, IPv6, IDNA
 *	url_query.c  the query in the encoding of its page
 *	url_key.c    key form, hashes, registrable domain */
#ifndef WN_URL_PARTS_H
#define WN_URL_PARTS_H

#include "cleaner/winnow.h"

/* The percent-encode sets of the standard, a bit each; wn_url_class[c] has
 * the bit when the set escapes byte c. */
enum wn_url_set {
	WN_URL_C0 = 1,
	WN_URL_FRAGMENT = 2,
	WN_URL_QUERY = 4,
	WN_URL_SPECIAL_QUERY = 8,
	WN_URL_PATH = 16,
	WN_URL_USERINFO = 32,
	WN_URL_BAD_HOST = 64,   /* forbidden in a host */
	WN_URL_UNRESERVED = 128 /* never needs an escape */
};
extern const uint8_t wn_url_class[256];

/* Output with a ceiling; `full` stays set once something did not fit. */
struct wn_out {
	char *b;
	size_t len, cap;
	int full;
};
void wn_out_put(struct wn_out *, const char *, size_t);
void wn_out_escape(struct wn_out *, uint8_t byte); /* %XX */
/* Copies [p, e) and escapes what is in the set; bytes that are no UTF-8
 * become an escaped U+FFFD. */
void wn_out_escaped(struct wn_out *, const char *p, const char *e, int set);

/* Reads one character; U+FFFD and the bytes to skip when it is malformed.
 * p < e. */
size_t wn_url_utf8(const char *p, const char *e, uint32_t *c);
/* 1 or 2: the segment is that many dots, each maybe as %2e. */
int wn_url_dots(const char *p, const char *e);
int wn_url_hex(char); /* value of a hexadecimal digit, -1: none */

/* Host as the standard serialises it, appended to o. 0 or WINNOW_EINVAL. */
int wn_url_host(struct wn_out *, const char *p, size_t n, int special);

/* Appends the query [p, e), without '?', escaped in that encoding (WHATWG
 * name, lower case; unknown: UTF-8). */
void wn_url_query(struct wn_out *, const char *p, const char *e, int set,
    const char *encoding);

/* Opens a converter for every encoding a page may have, so that afterwards no
 * file is opened: called by winnow_new(). They belong to the calling thread
 * and live as long as it. */
void wn_url_open_encodings(void);

#endif
