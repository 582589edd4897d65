/* utf8.h - is it UTF-8, and what to do when it is not quite. */
#ifndef WN_UTF8_H
#define WN_UTF8_H

#include <stddef.h>
#include <stdint.h>

struct wn_buf;

/* Counts of a run of bytes read as UTF-8. */
struct wn_utf8_stat {
	size_t good; /* characters of two bytes and more */
	size_t wide; /* of these, characters of three and four bytes */
	size_t bad;  /* sequences that are none */
	size_t nul;
	int cut; /* the last sequence of `bad` is the end of the bytes */
};

/* Length of the longest prefix that is valid UTF-8 without a NUL. */
size_t wn_utf8_prefix(const char *, size_t n);

/* Reads on until limit bad sequences were met. */
void wn_utf8_stat(const char *, size_t n, size_t limit, struct wn_utf8_stat *);

/* Appends the bytes with each bad sequence as U+FFFD and without NULs. The
 * number of sequences replaced. */
size_t wn_utf8_repair(struct wn_buf *, const char *, size_t n);

/* Characters of bytes that are valid UTF-8. */
static inline size_t
wn_utf8_chars(const char *s, size_t n)
{
	size_t chars = 0;

	for (size_t i = 0; i < n; i++)
		chars += ((unsigned char)s[i] & 0xC0) != 0x80;
	return chars;
}

/* The code point at p, and its length in *len; p is valid UTF-8. */
static inline uint32_t
wn_utf8_get(const char *s, unsigned *len)
{
	const unsigned char *p = (const unsigned char *)s;

	if (p[0] < 0x80) {
		*len = 1;
		return p[0];
	}
	if (p[0] < 0xE0) {
		*len = 2;
		return (p[0] & 31u) << 6 | (p[1] & 63u);
	}
	if (p[0] < 0xF0) {
		*len = 3;
		return (p[0] & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
	}
	*len = 4;
	return (p[0] & 7u) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6 |
	       (p[3] & 63u);
}

/* Writes a code point (no surrogate, at most 0x10FFFF); its length, 1 to 4. */
static inline size_t
wn_utf8_put(char out[4], uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

#endif
