/* normalise_legacy.c - an old encoding of East Asia read as Latin-1 or
 * windows-1252.
 *
 * Every byte is there, in a disguise of its own. Two bytes of GBK by chance are
 * common, so a line is taken for such text only as a whole: nearly all of its
 * pairs must be among the frequent ones of the encoding, most of them letters,
 * and what comes out must be likely Chinese for the model, or hold kana or
 * Hangul throughout. Chinese is tried last of what shares its bytes: kana in a
 * line of GBK, and Hangul that would be nonsense in Chinese, say what it is.
 *
 * Invariants
 *  Y1  A line that has one byte its encoding has not stays.
 *  Y2  All of a line is one encoding. */
#include "cleaner/normalise.h"

#include <string.h>

#include "cleaner/charset.h"
#include "cleaner/model.h"
#include "cleaner/utf8.h"

enum {
	PAIRS_MIN = 4,
	ROW = 400,  /* characters that the model is asked about */
	LIKELY = 9, /* nats for each of them, at most */
};

/* A stretch of ASCII and of characters that Latin-1 has. */
struct stretch {
	size_t beg, end;  /* in the line */
	size_t from, len; /* in the bytes */
};

/* The next one that has a byte above ASCII. 0: there is none. */
static int
next_stretch(struct wn_str s, size_t i, struct wn_buf *b, struct stretch *r)
{
	int high = 0, byte;
	unsigned k;

	r->beg = i;
	r->from = b->len;
	for (; i < s.n; i += k) {
		uint32_t c = wn_utf8_get(s.p + i, &k);

		byte = c < 0x80 ? (int)c : wn_byte_of(c);
		if (byte >= 0) {
			wn_buf_putc(b, (char)byte);
			high |= byte >= 0x80;
			continue;
		}
		if (high)
			break;
		r->beg = i + k;
		b->len = r->from;
	}
	r->end = i;
	r->len = b->len - r->from;
	return high;
}

/* What an encoding has in frequent use, by lead byte. Of the letters, `sounds`
 * tenths must be kana or Hangul. */
static const struct code {
	enum wn_charset charset;
	uint8_t from, to;   /* frequent characters */
	uint8_t from2, to2; /* kana, Hangul; 0: none */
	uint8_t marks;      /* and the marks' first row, of three */
	int sounds;
	int low; /* second bytes may be ASCII */
} codes[] = {
    {WN_CS_EUC_JP, 0xB0, 0xCF, 0xA4, 0xA5, 0xA1, 3, 0},
    {WN_CS_SHIFT_JIS, 0x88, 0x97, 0x82, 0x83, 0x81, 3, 1},
    {WN_CS_GB18030, 0xB0, 0xD7, 0, 0, 0xA1, 0, 0},
    {WN_CS_BIG5, 0xA4, 0xC6, 0, 0, 0xA1, 0, 1},
    {WN_CS_EUC_KR, 0xB0, 0xC8, 0xB0, 0xC8, 0xA1, 9, 0},
};

struct count {
	size_t pairs, frequent, sounds, marks;
};

/* 0: the bytes are none of that encoding. */
static int
count_pairs(const struct code *k, const uint8_t *p, size_t n, struct count *c)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t a = p[i], b;

		if (a < 0x80)
			continue;
		if (++i == n)
			return 0;
		b = p[i];
		if (b < 0x40 || (!k->low && b < 0xA1))
			return 0;
		c->pairs++;
		c->sounds += k->from2 && a >= k->from2 && a <= k->to2;
		c->frequent += (a >= k->from && a <= k->to) ||
			       (k->from2 && a >= k->from2 && a <= k->to2);
		c->marks += a >= k->marks && a <= k->marks + 2;
	}
	return 1;
}

static int
is_frequent(const struct code *k, const struct count *c)
{
	return c->pairs >= PAIRS_MIN && 2 * c->frequent >= c->pairs &&
	       10 * (c->frequent + c->marks) >= 9 * c->pairs &&
	       10 * c->sounds >= (size_t)k->sounds * (c->pairs - c->marks);
}

/* Chinese must be likely; kana and Hangul are evidence of their own. */
static int
is_likely(struct wn_str s)
{
	uint32_t row[ROW];
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < ROW;) {
		unsigned k;
		uint32_t c = wn_utf8_get(s.p + i, &k);

		if (c == 0xFFFD)
			return 0;
		if (c >= 0x80)
			row[n++] = wn_model_plain(c);
		i += k;
	}
	return n > 0 &&
	       wn_model_cost(NULL, row, n) <= LIKELY * WN_NAT * (double)n;
}

/* Turns the stretches of a line; 0: one of them is not of that encoding. */
static int
decode(struct wn_norm *m, struct wn_str s, const struct code *k,
    struct wn_buf *out)
{
	struct wn_buf bytes;
	struct stretch r;
	size_t done = 0;

	wn_buf_init(&bytes, m->arena);
	for (size_t i = 0; next_stretch(s, i, &bytes, &r); i = r.end) {
		wn_buf_put(out, s.p + done, r.beg - done);
		if (bytes.err || wn_charset_decode(m->charsets, k->charset, out,
				     bytes.b + r.from, r.len) != 0)
			return 0;
		done = r.end;
	}
	wn_buf_put(out, s.p + done, s.n - done);
	return !bytes.err && !out->err;
}

static int
is_of(struct wn_norm *m, struct wn_str s, const struct code *k)
{
	struct count c = {0, 0, 0, 0};
	struct wn_buf bytes;
	struct stretch r;

	wn_buf_init(&bytes, m->arena);
	for (size_t i = 0; next_stretch(s, i, &bytes, &r); i = r.end)
		if (bytes.err ||
		    !count_pairs(k, (uint8_t *)bytes.b + r.from, r.len, &c))
			return 0;
	return is_frequent(k, &c);
}

int
wn_norm_legacy(struct wn_norm *m, struct wn_str *s)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct wn_edit e;
		struct wn_buf b;

		if (m->charsets == NULL || !is_of(m, *s, &codes[i]))
			continue;
		wn_buf_init(&b, m->arena);
		if (!decode(m, *s, &codes[i], &b) ||
		    (codes[i].sounds == 0 &&
			!is_likely((struct wn_str){b.b, b.len})))
			continue;
		wn_edit_begin(&e, m, *s);
		wn_edit_put(&e, 0, s->n, b.b, b.len, WINNOW_REPAIR_MOJIBAKE);
		return wn_edit_end(&e, s);
	}
	return 0;
}
