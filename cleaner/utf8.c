/* utf8.c - valid UTF-8 is told from the rest at a few GB/s.
 *
 * Where the machine can, 64 bytes are looked at together: a mask of those that
 * begin a sequence tells where those that go on with one must stand. Else runs
 * of ASCII are skipped 16 bytes at a time, and the rest is read sequence by
 * sequence. A bad sequence is what the WHATWG decoder replaces by
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

enum { ROW = 64 };

#ifdef __SSE2__
static inline uint64_t
within(__m128i v, int first, int last)
{
	return (unsigned)_mm_movemask_epi8(
	    _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)(first - 1))),
		_mm_cmplt_epi8(v, _mm_set1_epi8((char)(last + 1)))));
}

static inline uint64_t
above(__m128i v, int limit)
{
	return (unsigned)_mm_movemask_epi8(
	    _mm_cmpgt_epi8(v, _mm_set1_epi8((char)limit)));
}

static inline uint64_t
below(__m128i v, int limit)
{
	return (unsigned)_mm_movemask_epi8(
	    _mm_cmplt_epi8(v, _mm_set1_epi8((char)limit)));
}

/* Of 64 bytes, a bit for each by what it begins. */
struct row {
	uint64_t ascii, more, two, three;
};

static inline void
row16(const unsigned char *p, unsigned at, struct row *r)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + at));

	r->ascii |= above(v, 0) << at;
	r->more |= below(v, 0xC0 - 256) << at;
	r->two |= within(v, 0xC2 - 256, 0xDF - 256) << at;
	r->three |= (within(v, 0xE1 - 256, 0xEF - 256) &
			~within(v, 0xED - 256, 0xED - 256))
		    << at;
}

/* p, at the start of a sequence, moved on over whole ones of one to three
 * bytes, as far as 64 bytes at a time go. */
static const unsigned char *
skip_rows(const unsigned char *p, const unsigned char *end)
{
	uint64_t odd = 0;

	while (odd == 0 && end - p >= ROW) {
		struct row r = {0, 0, 0, 0};
		unsigned n;

		row16(p, 0, &r);
		row16(p, 16, &r);
		row16(p, 32, &r);
		row16(p, 48, &r);
		odd = ~(r.ascii | r.more | r.two | r.three);
		odd |= r.more ^ ((r.two | r.three) << 1 | r.three << 2);
		n = odd != 0 ? (unsigned)__builtin_ctzll(odd) : ROW;
		/* back to where the sequence that is cut there began */
		if (n > 0 && (r.two | r.three) >> (n - 1) & 1)
			n -= 1;
		else if (n > 1 && r.three >> (n - 2) & 1)
			n -= 2;
		p += n;
	}
	return p;
}
#else
static const unsigned char *
skip_rows(const unsigned char *p, const unsigned char *end)
{
	(void)end;
	return p;
}
#endif

/* The same a sequence at a time, up to stop and what is ASCII behind it. NULL:
 * *at is none. */
static const unsigned char *
skip_sequences(const unsigned char *p, const unsigned char *stop,
    const unsigned char *end, const unsigned char **at)
{
	int n;

	while ((p = skip_ascii(p, end)) < stop) {
		*at = p;
		/* Chinese text: one run of three-byte sequences. */
		if (end - p >= 3 && (p[0] & 0xF0) == 0xE0 && p[0] != 0xE0 &&
		    p[0] != 0xED && (p[1] & 0xC0) == 0x80 &&
		    (p[2] & 0xC0) == 0x80)
			p += 3;
		else if (*p == 0 || (n = sequence(p, end)) < 0)
			return NULL;
		else
			p += n;
	}
	return p;
}

size_t
wn_utf8_prefix(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len,
			    *at = p;

	while (p != NULL && p < end) {
		p = skip_rows(p, end);
		p = skip_sequences(p, end - p > ROW ? p + ROW : end, end, &at);
	}
	return p != NULL ? len : (size_t)(at - (const unsigned char *)s);
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
