/* url_host.c - hosts by the WHATWG URL standard.
 *
 * A host is a name, an IPv4 address in any of the spellings browsers take
 * (0x7f.1, 2130706433), or an IPv6 address in brackets. Plain ASCII names, all
 * but a few, take one pass; the others are unescaped and go through UTS 46.
 *
 * Invariants
 *  H1  What is written is ASCII, in lower case, without a forbidden byte.
 *  H2  A name whose last label is a number is an IPv4 address or no host. */
#include "cleaner/url_parts.h"

#include <string.h>

#include "cleaner/idna.h"

#define HOST_MAX 2048 /* bytes of a host as it is written, unescaped */

/* One part of an IPv4 address: 0x, 0 or decimal. Saturates. 0, or -1. */
static int
v4_part(const char *p, const char *e, uint64_t *v)
{
	unsigned base = 10;
	int d;

	if (p == e)
		return -1;
	if (e - p >= 2 && p[0] == '0' && (p[1] | 0x20) == 'x') {
		base = 16;
		p += 2;
	} else if (e - p >= 2 && p[0] == '0') {
		base = 8;
		p++;
	}
	for (*v = 0; p < e; p++) {
		d = wn_url_hex(*p);
		if (d < 0 || (unsigned)d >= base)
			return -1;
		if (*v <= UINT32_MAX)
			*v = *v * base + (unsigned)d;
	}
	return 0;
}

/* Is the last label (a dot behind it aside) a number? */
static int
ends_in_number(const char *p, size_t n)
{
	const char *e = p + n, *s;
	uint64_t v;

	if (n > 0 && e[-1] == '.')
		e--;
	for (s = e; s > p && s[-1] != '.'; s--)
		;
	if (s == e || *s < '0' || *s > '9')
		return 0;
	if (v4_part(s, e, &v) == 0)
		return 1;
	for (; s < e; s++)
		if (*s < '0' || *s > '9')
			return 0;
	return 1; /* 09: digits, but no octal number */
}

static void
put_number(struct wn_out *o, unsigned v, unsigned base)
{
	char s[12];
	size_t n = sizeof s;

	do
		s[--n] = "0123456789abcdef"[v % base];
	while ((v /= base) > 0);
	wn_out_put(o, s + n, sizeof s - n);
}

static int
put_v4(struct wn_out *o, const char *p, size_t len)
{
	const char *e = p + len, *s;
	uint64_t part[4], v = 0;
	int n = 0, i;

	if (e[-1] == '.')
		e--;
	for (s = p; s <= e; s = p + 1) {
		p = memchr(s, '.', (size_t)(e - s));
		if (p == NULL)
			p = e;
		if (n == 4 || v4_part(s, p, &part[n++]) < 0)
			return WINNOW_EINVAL;
	}
	for (i = 0; i < n - 1; i++) {
		if (part[i] > 255)
			return WINNOW_EINVAL;
		v |= part[i] << (24 - 8 * i);
	}
	if (part[n - 1] >= UINT64_C(1) << (8 * (5 - n)))
		return WINNOW_EINVAL;
	v |= part[n - 1];
	for (i = 0; i < 4; i++) {
		put_number(o, (unsigned)(v >> (24 - 8 * i)) & 255, 10);
		if (i < 3)
			wn_out_put(o, ".", 1);
	}
	return 0;
}

/* The IPv4 tail of an IPv6 address: strict dotted decimal. */
static int
v6_tail(const char *p, const char *e, uint16_t out[2])
{
	unsigned b[4], v;
	int i;
	const char *s;

	for (i = 0; i < 4; i++) {
		if (i > 0 && (p == e || *p++ != '.'))
			return -1;
		for (s = p, v = 0; p < e && *p >= '0' && *p <= '9'; p++) {
			if (p > s && *s == '0')
				return -1;
			if ((v = v * 10 + (unsigned)(*p - '0')) > 255)
				return -1;
		}
		if (p == s)
			return -1;
		b[i] = v;
	}
	out[0] = (uint16_t)(b[0] << 8 | b[1]);
	out[1] = (uint16_t)(b[2] << 8 | b[3]);
	return p == e ? 0 : -1;
}

/* [p, e) without the brackets. */
static int
v6_parse(const char *p, const char *e, uint16_t a[8])
{
	int n = 0, gap = -1, d, k;
	const char *s;
	unsigned v;

	if (e - p >= 2 && p[0] == ':' && p[1] == ':') {
		gap = 0;
		p += 2;
	}
	while (p < e) {
		if (n == 8)
			return -1;
		if (*p == ':') { /* the second of "::" */
			if (gap >= 0 || n == 0)
				return -1;
			gap = n;
			p++;
			continue;
		}
		for (s = p, v = 0, k = 0;
		     p < e && k < 4 && (d = wn_url_hex(*p)) >= 0; p++, k++)
			v = v << 4 | (unsigned)d;
		if (p < e && *p == '.') {
			if (k == 0 || n > 6 || v6_tail(s, e, a + n) < 0)
				return -1;
			n += 2;
			break;
		}
		if (k == 0)
			return -1;
		a[n++] = (uint16_t)v;
		if (p < e && (*p++ != ':' || p == e))
			return -1;
	}
	if (gap < 0)
		return n == 8 ? 0 : -1;
	if (n == 8)
		return -1;
	memmove(a + gap + 8 - n, a + gap, (size_t)(n - gap) * sizeof *a);
	memset(a + gap, 0, (size_t)(8 - n) * sizeof *a);
	return 0;
}

static int
put_v6(struct wn_out *o, const char *p, const char *e)
{
	uint16_t a[8] = {0};
	int i, j, best = -1, best_n = 1;

	if (v6_parse(p, e, a) < 0)
		return WINNOW_EINVAL;
	for (i = 0; i < 8; i = j + 1) { /* the longest run of zeros */
		for (j = i; j < 8 && a[j] == 0; j++)
			;
		if (j - i > best_n) {
			best = i;
			best_n = j - i;
		}
	}
	wn_out_put(o, "[", 1);
	for (i = 0; i < 8; i++) {
		if (i == best) {
			wn_out_put(o, i == 0 ? "::" : ":", i == 0 ? 2 : 1);
			i += best_n - 1;
			continue;
		}
		put_number(o, a[i], 16);
		if (i < 7)
			wn_out_put(o, ":", 1);
	}
	wn_out_put(o, "]", 1);
	return 0;
}

/* A host of a scheme that is not special: its bytes, escaped. */
static int
put_opaque(struct wn_out *o, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] != '%' && (uint8_t)p[i] != 0x7f &&
		    (wn_url_class[(uint8_t)p[i]] & WN_URL_BAD_HOST) &&
		    ((uint8_t)p[i] > ' ' || p[i] == ' ' || p[i] == '\0'))
			return WINNOW_EINVAL;
	wn_out_escaped(o, p, p + n, WN_URL_C0);
	return 0;
}

/* ASCII without a forbidden byte: lower case, and an address if it is one. */
static int
put_ascii(struct wn_out *o, const char *p, size_t n)
{
	size_t i, beg = o->len;
	uint8_t c;

	if (n == 0 || n > o->cap - o->len)
		return WINNOW_EINVAL;
	for (i = 0; i < n; i++) {
		c = (uint8_t)p[i];
		if (wn_url_class[c] & WN_URL_BAD_HOST)
			return WINNOW_EINVAL;
		o->b[beg + i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	if (ends_in_number(o->b + beg, n))
		return put_v4(o, p, n);
	o->len += n;
	return 0;
}

/* Unescapes %XX; 0, or -1: too long. *ascii: all bytes below 0x80. */
static int
unescape(const char *p, size_t n, char *out, size_t *len, int *ascii)
{
	size_t i, k = 0;
	int hi, lo;

	*ascii = 1;
	for (i = 0; i < n; i++, k++) {
		if (k + 1 >= HOST_MAX)
			return -1;
		out[k] = p[i];
		if (p[i] == '%' && i + 2 < n &&
		    (hi = wn_url_hex(p[i + 1])) >= 0 &&
		    (lo = wn_url_hex(p[i + 2])) >= 0) {
			out[k] = (char)(hi << 4 | lo);
			i += 2;
		}
		if ((uint8_t)out[k] >= 0x80)
			*ascii = 0;
	}
	out[k] = '\0';
	*len = k;
	return 0;
}

int
wn_url_host(struct wn_out *o, const char *p, size_t n, int special)
{
	char name[HOST_MAX], buf[HOST_MAX];
	size_t i, len;
	int ascii, k;

	if (n > 0 && p[0] == '[')
		return p[n - 1] == ']' && n > 2 ? put_v6(o, p + 1, p + n - 1)
						: WINNOW_EINVAL;
	if (!special)
		return put_opaque(o, p, n);
	for (i = 0; i < n; i++)
		if (p[i] == '%' || (uint8_t)p[i] >= 0x80)
			break;
	if (i == n)
		return put_ascii(o, p, n);
	if (unescape(p, n, name, &len, &ascii) < 0)
		return WINNOW_EINVAL;
	if (ascii)
		return put_ascii(o, name, len);
	k = wn_idna_ascii(name, len, buf, sizeof buf);
	return k < 0 ? WINNOW_EINVAL : put_ascii(o, buf, (size_t)k);
}

int
winnow_url_host(const char *in, size_t len, char *out, size_t cap)
{
	struct wn_out o = {.b = out, .cap = cap > 0 ? cap - 1 : 0};

	if (cap == 0 || wn_url_host(&o, in, len, 1) < 0 || o.full)
		return WINNOW_EINVAL;
	out[o.len] = '\0';
	return 0;
}
