/* charset.h - encodings by number, and their bytes made UTF-8. */
#ifndef WN_CHARSET_H
#define WN_CHARSET_H

#include <stddef.h>
#include <stdint.h>

struct wn_buf;
struct wn_charsets;

enum wn_charset {
	WN_CS_NONE = -1,
#define E(key, name, decoder) WN_CS_##key,
#include "cleaner/encodings.def"
#undef E
	WN_CS_N
};

/* The encoding of a label as a page gives it (white space around it, any
 * case); WN_CS_NONE when the list has no such name. */
enum wn_charset wn_charset_find(const char *label, size_t len);
const char *wn_charset_name(enum wn_charset);

/* Opens the converters; nothing is opened afterwards. NULL: no memory. */
struct wn_charsets *wn_charsets_new(void);
void wn_charsets_free(struct wn_charsets *);

/* Appends the bytes as UTF-8: a bad sequence becomes U+FFFD as the WHATWG
 * decoders do, private-use characters stay, NULs go. The number of bad ones. */
size_t wn_charset_decode(struct wn_charsets *, enum wn_charset, struct wn_buf *,
    const char *, size_t n);

/* The finished table of an encoding of pairs (EUC-JP's is JIS X 0212), lead
 * byte by lead byte, for a test; NULL: it has none. */
const uint32_t *wn_charset_pairs(
    struct wn_charsets *, enum wn_charset, size_t *n);

/* GBK by the pair and back, as Windows-936 has it: private-use characters stand
 * for its user-defined areas. 0: there is none. wn_gbk_pair: bytes of a
 * character, lead byte high; 0x80 is the euro sign's only one. */
uint32_t wn_gbk_char(struct wn_charsets *, unsigned lead, unsigned trail);
unsigned wn_gbk_pair(struct wn_charsets *, uint32_t c);

#endif
