/* idna.c - UTS 46 with tables of our own.
 *
 * A library would do, but Debian 12's libidn2 is of an older Unicode than the
 * URL standard's tests and refuses labels that the standard takes (hyphens,
 * length). A name goes map -> NFC -> labels -> check -> Punycode, all in two
 * arrays on the stack; nothing is allocated.
 *
 * Invariants
 *  I1  A name has at most IDN_MAX code points at any step; more is no name.
 *  I2  What comes out is a fixed point: it goes through unchanged. */
#include "cleaner/idna.h"

#include <stdint.h>
#include <string.h>

#include "cleaner/idna_tables.h"
#include "cleaner/url_parts.h"

#define IDN_MAX 1024
#define COUNT(a) (sizeof(a) / sizeof *(a))

enum status { VALID, MAPPED, IGNORED, DISALLOWED };
enum bidi { BIDI_NONE, BIDI_L, BIDI_R, BIDI_AN, BIDI_EN, BIDI_NSM, BIDI_OTHER };
enum { MARK = 8, JOINS_LEFT = 16, TRANSPARENT = 32, JOINS_RIGHT = 64 };
enum { VIRAMA = 9, ZWNJ = 0x200c, ZWJ = 0x200d };

/* Last index i with v[i] <= x; v[0] <= x. */
static size_t
find(const uint32_t *v, size_t n, uint32_t x)
{
	size_t lo = 0, hi = n, mid;

	while (hi - lo > 1) {
		mid = (lo + hi) / 2;
		if (v[mid] <= x)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static enum status
status_of(uint32_t c, const uint8_t **map)
{
	size_t i = find(idna_first, COUNT(idna_first), c << 2 | 3);

	*map = idna_pool + idna_map[i];
	return (enum status)(idna_first[i] & 3);
}

static unsigned
props(uint32_t c)
{
	return prop_value[find(prop_first, COUNT(prop_first), c)];
}

static unsigned
ccc(uint32_t c)
{
	return props(c) >> 8;
}

/* ---- NFC --------------------------------------------------------------- */

enum { S_BASE = 0xac00, L_BASE = 0x1100, V_BASE = 0x1161, T_BASE = 0x11a7 };
enum { L_N = 19, V_N = 21, T_N = 28, S_N = L_N * V_N * T_N };

/* The composition whose result is c, -1: none. */
static int
find_result(uint32_t c)
{
	size_t lo = 0, hi = COUNT(comp_by_c), mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (comp_c[comp_by_c[mid]] < c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < COUNT(comp_by_c) && comp_c[comp_by_c[lo]] == c
		   ? comp_by_c[lo]
		   : -1;
}

/* Canonical decomposition of one character, at most 4; how many. */
static size_t
decompose(uint32_t c, uint32_t out[4])
{
	uint32_t tail[4];
	size_t n = 0, k = 0;
	int i;

	if (c >= S_BASE && c < S_BASE + S_N) {
		c -= S_BASE;
		out[n++] = L_BASE + c / (V_N * T_N);
		out[n++] = V_BASE + c % (V_N * T_N) / T_N;
		if (c % T_N != 0)
			out[n++] = T_BASE + c % T_N;
		return n;
	}
	while (k < 3 && (i = find_result(c)) >= 0) {
		tail[k++] = comp_b[i];
		c = comp_a[i];
	}
	out[n++] = c;
	while (k > 0)
		out[n++] = tail[--k];
	return n;
}

static uint32_t
compose(uint32_t a, uint32_t b)
{
	size_t i;

	if (a >= L_BASE && a < L_BASE + L_N && b >= V_BASE && b < V_BASE + V_N)
		return S_BASE + ((a - L_BASE) * V_N + (b - V_BASE)) * T_N;
	if (a >= S_BASE && a < S_BASE + S_N && (a - S_BASE) % T_N == 0 &&
	    b > T_BASE && b < T_BASE + T_N)
		return a + (b - T_BASE);
	if (a < comp_a[0])
		return 0;
	for (i = find(comp_a, COUNT(comp_a), a); comp_a[i] == a; i--) {
		if (comp_b[i] == b)
			return comp_c[i];
		if (i == 0)
			break;
	}
	return 0;
}

/* Marks in the order of their classes. */
static void
reorder(uint32_t *s, size_t n)
{
	size_t i, j;
	uint32_t c;
	unsigned k;

	for (i = 1; i < n; i++) {
		c = s[i];
		if ((k = ccc(c)) == 0)
			continue;
		for (j = i; j > 0 && ccc(s[j - 1]) > k; j--)
			s[j] = s[j - 1];
		s[j] = c;
	}
}

static size_t
recompose(uint32_t *s, size_t n)
{
	size_t i, out = 0, starter = 0;
	int have = 0;
	unsigned k, last = 0;
	uint32_t c;

	for (i = 0; i < n; i++) {
		k = ccc(s[i]);
		if (have && (last < k || (last == 0 && out == starter + 1)) &&
		    (c = compose(s[starter], s[i])) != 0) {
			s[starter] = c;
			continue;
		}
		if (k == 0) {
			starter = out;
			have = 1;
		}
		last = k;
		s[out++] = s[i];
	}
	return out;
}

/* In place; the new length, or -1: I1. */
static int
nfc(uint32_t *s, size_t n)
{
	uint32_t d[IDN_MAX], one[4];
	size_t i, k, m = 0;

	for (i = 0; i < n; i++) {
		k = decompose(s[i], one);
		if (m + k > IDN_MAX)
			return -1;
		memcpy(d + m, one, k * sizeof *d);
		m += k;
	}
	reorder(d, m);
	m = recompose(d, m);
	memcpy(s, d, m * sizeof *d);
	return (int)m;
}

/* ---- Punycode (RFC 3492) ------------------------------------------------ */

enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, BIAS = 72 };

static uint32_t
adapt(uint32_t delta, uint32_t n, int first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / n;
	for (; delta > (BASE - TMIN) * TMAX / 2; k += BASE)
		delta /= BASE - TMIN;
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static uint32_t
threshold(uint32_t k, uint32_t bias)
{
	return k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
}

static void
put_delta(struct wn_out *o, uint32_t q, uint32_t bias)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	uint32_t k, t;

	for (k = BASE;; k += BASE) {
		t = threshold(k, bias);
		if (q < t)
			break;
		wn_out_put(o, &digits[t + (q - t) % (BASE - t)], 1);
		q = (q - t) / (BASE - t);
	}
	wn_out_put(o, &digits[q], 1);
}

static void
punycode(struct wn_out *o, const uint32_t *s, size_t n)
{
	uint32_t next, at = 0x80, delta = 0, bias = BIAS, basic, done = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] < 0x80) {
			wn_out_put(o, &(char){(char)s[i]}, 1);
			done++;
		}
	if ((basic = done) > 0)
		wn_out_put(o, "-", 1);
	/* IDN_MAX * 0x10ffff fits in 32 bits: delta cannot overflow. */
	while (done < n) {
		next = UINT32_MAX;
		for (i = 0; i < n; i++)
			if (s[i] >= at && s[i] < next)
				next = s[i];
		delta += (next - at) * (done + 1);
		for (at = next, i = 0; i < n; i++) {
			if (s[i] < at)
				delta++;
			if (s[i] != at)
				continue;
			put_delta(o, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		at++;
	}
}

static int
digit_of(uint32_t c)
{
	if (c >= '0' && c <= '9')
		return (int)c - '0' + 26;
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? (int)c - 'a' : -1;
}

/* The label behind "xn--", n characters of ASCII; code points, or -1. */
static int
unpunycode(const uint32_t *s, size_t n, uint32_t *out)
{
	uint32_t at = 0x80, bias = BIAS, k, t;
	uint64_t i = 0, w, old;
	size_t m = 0, p = n;
	int d;

	while (p > 0 && s[p - 1] != '-')
		p--;
	if (p > 0)
		memcpy(out, s, (m = p - 1) * sizeof *s);
	while (p < n) {
		for (old = i, w = 1, k = BASE;; k += BASE) {
			if (p == n || (d = digit_of(s[p++])) < 0)
				return -1;
			i += (uint64_t)d * w;
			t = threshold(k, bias);
			if (i > UINT32_MAX)
				return -1;
			if ((uint32_t)d < t)
				break;
			w *= BASE - t;
			if (w > UINT32_MAX)
				return -1;
		}
		if (m == IDN_MAX)
			return -1;
		bias = adapt((uint32_t)(i - old), (uint32_t)m + 1, old == 0);
		if (i / (m + 1) > 0x10ffff - at)
			return -1;
		at += (uint32_t)(i / (m + 1));
		i %= m + 1;
		memmove(out + i + 1, out + i, (m - i) * sizeof *out);
		out[i++] = at;
		m++;
	}
	return (int)m;
}

/* ---- labels ------------------------------------------------------------ */

static int
is_ascii(const uint32_t *s, size_t n)
{
	while (n > 0)
		if (s[--n] >= 0x80)
			return 0;
	return 1;
}

/* RFC 5892, appendix A: is the joiner at s[i] in its place? */
static int
joiner_fits(const uint32_t *s, size_t n, size_t i)
{
	size_t l = i, r = i + 1;

	if (i > 0 && ccc(s[i - 1]) == VIRAMA)
		return 1;
	if (s[i] == ZWJ)
		return 0;
	while (l > 0 && (props(s[l - 1]) & TRANSPARENT))
		l--;
	while (r < n && (props(s[r]) & TRANSPARENT))
		r++;
	return l > 0 && (props(s[l - 1]) & JOINS_LEFT) && r < n &&
	       (props(s[r]) & JOINS_RIGHT);
}

/* RFC 5893, section 2. */
static int
bidi_fits(const uint32_t *s, size_t n)
{
	static const uint8_t ltr =
	    1 << BIDI_L | 1 << BIDI_EN | 1 << BIDI_NSM | 1 << BIDI_OTHER;
	static const uint8_t rtl = 1 << BIDI_R | 1 << BIDI_AN | 1 << BIDI_EN |
				   1 << BIDI_NSM | 1 << BIDI_OTHER;
	unsigned seen = 0, first, last, b;
	size_t i;

	if (n == 0)
		return 1;
	for (i = 0, last = BIDI_NSM; i < n; i++) {
		b = props(s[i]) & 7;
		seen |= 1u << b;
		if (b != BIDI_NSM)
			last = b;
	}
	first = props(s[0]) & 7;
	if (first == BIDI_L)
		return !(seen & ~(unsigned)ltr) &&
		       (last == BIDI_L || last == BIDI_EN);
	if (first != BIDI_R || (seen & ~(unsigned)rtl))
		return 0;
	if ((seen & 1 << BIDI_EN) && (seen & 1 << BIDI_AN))
		return 0;
	return last == BIDI_R || last == BIDI_EN || last == BIDI_AN;
}

/* Validity criteria of a label, UTS 46 section 4.1. */
static int
label_fits(const uint32_t *s, size_t n)
{
	const uint8_t *map;
	size_t i;

	if (n > 0 && (props(s[0]) & MARK))
		return 0;
	for (i = 0; i < n; i++) {
		if (s[i] == '.' || status_of(s[i], &map) != VALID)
			return 0;
		if ((s[i] == ZWNJ || s[i] == ZWJ) && !joiner_fits(s, n, i))
			return 0;
	}
	return 1;
}

/* Decodes a label "xn--..." into out and checks it as one that came so. */
static int
decode_label(const uint32_t *s, size_t n, uint32_t *out)
{
	uint32_t again[IDN_MAX];
	int m = unpunycode(s + 4, n - 4, out);

	if (m <= 0 || is_ascii(out, (size_t)m) || !label_fits(out, (size_t)m))
		return -1;
	memcpy(again, out, (size_t)m * sizeof *out);
	if (nfc(again, (size_t)m) != m ||
	    memcmp(again, out, (size_t)m * sizeof *out) != 0)
		return -1;
	return m;
}

/* Map and ignore; the number of code points, or -1. */
static int
map_name(const char *p, const char *e, uint32_t *out)
{
	const uint8_t *map;
	const char *q, *end;
	uint32_t c;
	size_t n = 0;

	while (p < e) {
		p += wn_url_utf8(p, e, &c);
		switch (status_of(c, &map)) {
		case VALID:
			if (n == IDN_MAX)
				return -1;
			out[n++] = c;
			break;
		case MAPPED:
			q = (const char *)map + 1;
			for (end = q + map[0]; q < end; n++) {
				if (n == IDN_MAX)
					return -1;
				q += wn_url_utf8(q, end, &out[n]);
			}
			break;
		case IGNORED:
			break;
		case DISALLOWED:
			return -1;
		}
	}
	return (int)n;
}

static int
is_ace(const uint32_t *s, size_t n)
{
	return n >= 4 && s[0] == 'x' && s[1] == 'n' && s[2] == '-' &&
	       s[3] == '-';
}

/* Appends the ASCII form of one label. *rtl: it holds right-to-left
 * characters; *bidi_ok: cleared when it breaks the Bidi rule. */
static int
put_label(struct wn_out *o, const uint32_t *s, size_t n, int *rtl, int *bidi_ok)
{
	uint32_t decoded[IDN_MAX];
	const uint32_t *u = s;
	size_t i, m = n;
	int k;

	if (is_ace(s, n)) {
		if ((k = decode_label(s, n, decoded)) < 0)
			return -1;
		u = decoded;
		m = (size_t)k;
	} else if (!label_fits(s, n)) {
		return -1;
	}
	for (i = 0; i < m; i++) {
		k = props(u[i]) & 7;
		*rtl |= k == BIDI_R || k == BIDI_AN;
	}
	*bidi_ok &= bidi_fits(u, m);
	if (!is_ascii(s, n)) {
		wn_out_put(o, "xn--", 4);
		punycode(o, s, n);
	} else {
		for (i = 0; i < n; i++)
			wn_out_put(o, &(char){(char)s[i]}, 1);
	}
	return 0;
}

int
wn_idna_ascii(const char *name, size_t n, char *out, size_t cap)
{
	struct wn_out o = {.b = out, .cap = cap};
	uint32_t s[IDN_MAX];
	int len = map_name(name, name + n, s), beg, end, rtl = 0, bidi_ok = 1;

	if (len < 0 || (len = nfc(s, (size_t)len)) < 0)
		return -1;
	for (beg = 0; beg <= len; beg = end + 1) {
		for (end = beg; end < len && s[end] != '.'; end++)
			;
		if (put_label(
			&o, s + beg, (size_t)(end - beg), &rtl, &bidi_ok) < 0)
			return -1;
		if (end < len)
			wn_out_put(&o, ".", 1);
	}
	return o.full || (rtl && !bidi_ok) ? -1 : (int)o.len;
}
