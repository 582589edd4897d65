/* utf8.c - valid UTF-8 is told from the rest at a few GB/s.
 *
 * Runs of ASCII are skipped 16 bytes at a time, everything else is read
 * sequence by sequence. A bad sequence is what the WHATWG decoder replaces by
 * one U+FFFD: the longest start of a valid one, at least a byte. */
#include "cleaner/utf8.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "cleaner/arena.h"

/* p moved on over bytes 0x01..0x7F. */
static const unsigned char *
skip_ascii(const unsigned char *p, const unsigned char *end)
{
#ifdef __SSE2__
	const __m128i zero = _mm_setzero_si128();

	/* A byte is in range when it is greater than zero as a signed one. */
	while (end - p >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		int in = _mm_movemask_epi8(_mm_cmpgt_epi8(v, zero));

		if (in != 0xFFFF)
			return p + __builtin_ctz(~(unsigned)in);
		p += 16;
	}
#endif
	while (p < end && *p - 1u < 0x7F)
		p++;
	return p;
}

/* Length of the sequence at p (not ASCII): positive when it is valid, else
 * minus the number of bytes that one U+FFFD stands for. */
static int
sequence(const unsigned char *p, const unsigned char *end)
{
	unsigned char lo = 0x80, hi = 0xBF;
	int n, i;

	if (p[0] >= 0xC2 && p[0] <= 0xDF) {
		n = 2;
	} else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
		n = 3;
		if (p[0] == 0xE0)
			lo = 0xA0;
		else if (p[0] == 0xED)
			hi = 0x9F;
	} else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
		n = 4;
		if (p[0] == 0xF0)
			lo = 0x90;
		else if (p[0] == 0xF4)
			hi = 0x8F;
	} else {
		return -1;
	}
	for (i = 1; i < n; i++) {
		if (end - p <= i || p[i] < lo || p[i] > hi)
			return -i;
		lo = 0x80;
		hi = 0xBF;
	}
	return n;
}

size_t
wn_utf8_prefix(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len;
	int n;

	while ((p = skip_ascii(p, end)) < end) {
		/* Chinese text: one run of three-byte sequences. */
		while (end - p >= 3 && (p[0] & 0xF0) == 0xE0 && p[0] != 0xE0 &&
		       p[0] != 0xED && (p[1] & 0xC0) == 0x80 &&
		       (p[2] & 0xC0) == 0x80)
			p += 3;
		if (p == end)
			break;
		if (*p < 0x80) {
			if (*p == 0)
				break;
			continue;
		}
		if ((n = sequence(p, end)) < 0)
			break;
		p += n;
	}
	return (size_t)(p - (const unsigned char *)s);
}

void
wn_utf8_stat(const char *s, size_t len, size_t limit, struct wn_utf8_stat *st)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len;
	int n;

	*st = (struct wn_utf8_stat){.good = 0};
	while ((p = skip_ascii(p, end)) < end && st->bad < limit) {
		if (*p == 0) {
			st->nul++;
			p++;
		} else if ((n = sequence(p, end)) > 0) {
			st->good++;
			st->wide += n > 2;
			p += n;
		} else {
			st->bad++;
			st->cut = end - p == -n && (p[0] & 0xC0) == 0xC0;
			p -= n;
		}
	}
}

size_t
wn_utf8_repair(struct wn_buf *b, const char *s, size_t len)
{
	const char *end = s + len;
	size_t bad = 0, n;
	int k;

	for (;;) {
		n = wn_utf8_prefix(s, (size_t)(end - s));
		wn_buf_put(b, s, n);
		s += n;
		if (s == end || b->err != 0)
			return bad;
		if (*s == '\0') {
			s++;
			continue;
		}
		k = sequence(
		    (const unsigned char *)s, (const unsigned char *)end);
		wn_buf_put(b, "\xEF\xBF\xBD", 3);
		s -= k;
		bad++;
	}
}
