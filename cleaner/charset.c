/* charset.c - encodings by number, and their bytes made UTF-8.
 *
 * Every multi-byte encoding of the web is a lead byte and a trail byte with a
 * table, and a few sequences of other lengths. The tables are filled from
 * iconv when an encoding is first met, through descriptors that are opened at
 * the start (a worker may open nothing later), with the WHATWG standard's
 * differences laid over them (charset_pairs.def). Decoding is then a look-up;
 * a page never meets iconv, whose state and errors end with it.
 *
 * Invariants
 *  C1  What is appended is valid UTF-8 without NUL, whatever came in.
 *  C2  A step consumes at least one byte, and of a bad sequence those that the
 *      standard takes: an ASCII byte behind a lead byte is read again, so that
 *      no markup is eaten.
 *  C3  A label from a page is only ever looked up in labels.def. */
#include "cleaner/charset.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/arena.h"
#include "cleaner/utf8.h"

enum decoder {
	UTF8,
	SINGLE,
	GB,
	BIG5,
	EUCJP,
	JIS,
	SJIS,
	EUCKR,
	HZ,
	NONE,
	UTF16BE,
	UTF16LE,
	USER
};

enum {
	LEADS = 126,  /* 0x81..0xFE */
	TRAILS = 191, /* 0x40..0xFE */
	BAD = 0,      /* table value: no character */
	/* Big5 has four pairs that are a letter and a combining mark. */
	MACRON = 1 << 24,
	CARON = 1 << 25,
};

/* Tables by the iconv name that fills them; JIS X 0208 is Shift_JIS's in
 * another order. */
enum table { T_GB, T_BIG5, T_EUCKR, T_SJIS, T_JIS0212, T_JIS0208, T_N };
static const char *const table_names[T_JIS0208] = {
    "GB18030", "BIG5-HKSCS", "CP949", "CP932", "EUC-JP"};

struct wn_charsets {
	iconv_t cd[T_JIS0208];
	uint32_t *pairs[T_N]; /* LEADS * TRAILS, NULL: not filled yet */
	uint16_t *gbk;        /* of U+0080..U+FFFF, likewise */
};

struct label {
	const char *label;
	enum wn_charset charset;
};
static const struct label labels[] = {
#define L(label, charset) {label, WN_CS_##charset},
#include "cleaner/labels.def"
#undef L
};

static const struct {
	const char *name;
	enum decoder decoder;
} encodings[WN_CS_N] = {
#define E(key, name, decoder) [WN_CS_##key] = {name, decoder},
#include "cleaner/encodings.def"
#undef E
};

static const uint16_t single[WN_CS_N][128] = {
#include "cleaner/charset_single.h"
};

static int
label_cmp(const void *key, const void *row)
{
	return strcmp(key, ((const struct label *)row)->label);
}

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

enum wn_charset
wn_charset_find(const char *label, size_t len)
{
	char low[32];
	const struct label *row;
	size_t i;

	while (len > 0 && is_space(*label))
		label++, len--;
	while (len > 0 && is_space(label[len - 1]))
		len--;
	if (len == 0 || len >= sizeof(low))
		return WN_CS_NONE;
	for (i = 0; i < len; i++)
		low[i] = label[i] >= 'A' && label[i] <= 'Z'
			     ? (char)(label[i] + 32)
			     : label[i];
	low[len] = '\0';
	row = bsearch(low, labels, sizeof(labels) / sizeof(labels[0]),
	    sizeof(labels[0]), label_cmp);
	return row != NULL ? row->charset : WN_CS_NONE;
}

const char *
wn_charset_name(enum wn_charset cs)
{
	return encodings[cs].name;
}

struct wn_charsets *
wn_charsets_new(void)
{
	struct wn_charsets *c = calloc(1, sizeof(*c));
	int i;

	if (c == NULL)
		return NULL;
	for (i = 0; i < T_JIS0208; i++)
		c->cd[i] = iconv_open("UTF-32LE", table_names[i]);
	return c;
}

void
wn_charsets_free(struct wn_charsets *c)
{
	int i;

	if (c == NULL)
		return;
	for (i = 0; i < T_JIS0208; i++)
		if (c->cd[i] != (iconv_t)-1)
			iconv_close(c->cd[i]);
	for (i = 0; i < T_N; i++)
		free(c->pairs[i]);
	free(c->gbk);
	free(c);
}

/* One character through iconv: its code point, BAD when it is none. */
static uint32_t
ask_iconv(iconv_t cd, const unsigned char *bytes, size_t n)
{
	unsigned char out[12];
	char *in = (char *)(uintptr_t)bytes, *o = (char *)out;
	size_t inleft = n, outleft = sizeof(out);
	uint32_t v;

	if (cd == (iconv_t)-1)
		return BAD;
	iconv(cd, NULL, NULL, NULL, NULL);
	if (iconv(cd, &in, &inleft, &o, &outleft) == (size_t)-1 ||
	    iconv(cd, NULL, NULL, &o, &outleft) == (size_t)-1)
		return BAD;
	v = out[0] | (uint32_t)out[1] << 8 | (uint32_t)out[2] << 16;
	if (outleft == sizeof(out) - 4)
		return v;
	if (outleft == sizeof(out) - 8 && out[5] == 0x03)
		return v | (out[4] == 0x04 ? MACRON : CARON);
	/* Two characters of another kind were no pair. */
	return BAD;
}

/* Places where the standard's tables are not iconv's. */
static const struct {
	uint8_t table;
	uint16_t pair;
	uint32_t point;
} differences[] = {
#define P(table, pair, point) {T_##table, pair, point},
#define R(pointer, point)
#define T(table, digest)
#include "cleaner/charset_pairs.def"
#undef P
#undef R
};

/* Where the runs of GB18030's four bytes begin. */
static const struct {
	uint16_t pointer, point;
} runs[] = {
#define P(table, pair, point)
#define R(pointer, point) {pointer, point},
#include "cleaner/charset_pairs.def"
#undef P
#undef R
#undef T
};

static uint32_t *
slot(uint32_t *t, unsigned lead, unsigned trail)
{
	return &t[(lead - 0x81) * TRAILS + (trail - 0x40)];
}

static void
fill(struct wn_charsets *c, enum table which, uint32_t *t)
{
	unsigned char b[3] = {0x8F}, *at = b;
	unsigned lead, trail;
	size_t i, n = 2;

	/* JIS X 0212 is EUC-JP's third plane: 8F before the pair. */
	if (which == T_JIS0212)
		at++, n = 3;
	for (lead = 0x81; lead <= 0xFE; lead++)
		for (trail = 0x40; trail <= 0xFE; trail++) {
			at[0] = (unsigned char)lead;
			at[1] = (unsigned char)trail;
			*slot(t, lead, trail) = ask_iconv(c->cd[which], b, n);
		}
	for (i = 0; i < sizeof(differences) / sizeof(differences[0]); i++)
		if (differences[i].table == which)
			*slot(t, differences[i].pair >> 8,
			    differences[i].pair & 0xFF) = differences[i].point;
}

/* Two rows of 94 lie behind each of Shift_JIS's lead bytes, without 0x7F. */
static void
fill_jis0208(const uint32_t *sjis, uint32_t *t)
{
	unsigned row, cell, lead, trail;

	for (row = 0; row < 94; row++)
		for (cell = 0; cell < 94; cell++) {
			lead = row / 2 + (row < 62 ? 0x81 : 0xC1);
			trail = row % 2 * 94 + cell + 0x40;
			trail += trail >= 0x7F;
			*slot(t, 0xA1 + row, 0xA1 + cell) =
			    sjis[(lead - 0x81) * TRAILS + (trail - 0x40)];
		}
}

static const uint32_t *
table_get(struct wn_charsets *c, enum table which)
{
	const uint32_t *sjis = NULL;
	uint32_t *t;

	if (c->pairs[which] != NULL)
		return c->pairs[which];
	if (which == T_JIS0208 && (sjis = table_get(c, T_SJIS)) == NULL)
		return NULL;
	if ((t = calloc(LEADS * TRAILS, sizeof(*t))) == NULL)
		return NULL;
	if (sjis != NULL)
		fill_jis0208(sjis, t);
	else
		fill(c, which, t);
	c->pairs[which] = t;
	return t;
}

const uint32_t *
wn_charset_pairs(struct wn_charsets *c, enum wn_charset cs, size_t *n)
{
	*n = LEADS * TRAILS;
	switch (encodings[cs].decoder) {
	case GB:
		return table_get(c, T_GB);
	case BIG5:
		return table_get(c, T_BIG5);
	case EUCKR:
		return table_get(c, T_EUCKR);
	case SJIS:
		return table_get(c, T_SJIS);
	case EUCJP:
		return table_get(c, T_JIS0212);
	default:
		return NULL;
	}
}

uint32_t
wn_gbk_char(struct wn_charsets *c, unsigned lead, unsigned trail)
{
	const uint32_t *t = table_get(c, T_GB);

	if (t == NULL || lead < 0x81 || lead > 0xFE || trail < 0x40 ||
	    trail > 0xFE)
		return BAD;
	return t[(lead - 0x81) * TRAILS + (trail - 0x40)];
}

/* The table the other way round; a character with two pairs has the first. */
static const uint16_t *
gbk_pairs(struct wn_charsets *c)
{
	const uint32_t *t = table_get(c, T_GB);

	if (t == NULL || c->gbk != NULL ||
	    (c->gbk = calloc(0x10000, sizeof(*c->gbk))) == NULL)
		return c->gbk;
	for (size_t i = LEADS * TRAILS; i-- > 0;)
		if (t[i] != BAD && t[i] < 0x10000)
			c->gbk[t[i]] = (uint16_t)((0x81 + i / TRAILS) << 8 |
						  (0x40 + i % TRAILS));
	c->gbk[0x20AC] = 0x80;
	return c->gbk;
}

unsigned
wn_gbk_pair(struct wn_charsets *c, uint32_t point)
{
	const uint16_t *t = gbk_pairs(c);

	if (t == NULL || point < 0x80 || point > 0xFFFF)
		return 0;
	return t[point];
}

/* A step's answer when bytes were read that stand for no character: a change
 * of mode, a NUL. */
#define NO_CHARACTER UINT32_MAX

/* A page on its way through one decoder. */
struct reader {
	struct wn_charsets *c;
	const uint32_t *t, *t2; /* the pairs, and JIS X 0212 */
	const uint16_t *one;    /* SINGLE */
	enum decoder decoder;
	const unsigned char *p, *end;
	int mode;    /* JIS, HZ: what an escape has switched to */
	int escaped; /* JIS: nothing stood behind the last escape yet */
};

static int
reader_init(struct reader *r, struct wn_charsets *c, enum wn_charset cs,
    const char *s, size_t n)
{
	static const int8_t table_of[] = {[GB] = T_GB,
	    [HZ] = T_GB,
	    [BIG5] = T_BIG5,
	    [EUCJP] = T_JIS0208,
	    [JIS] = T_JIS0208,
	    [SJIS] = T_SJIS,
	    [EUCKR] = T_EUCKR,
	    [USER] = -1};

	*r = (struct reader){.c = c, .decoder = encodings[cs].decoder};
	r->p = (const unsigned char *)s;
	r->end = r->p + n;
	r->one = single[cs];
	switch (r->decoder) {
	case EUCJP:
		if ((r->t2 = table_get(c, T_JIS0212)) == NULL)
			return -1;
		/* FALLTHROUGH */
	case GB:
	case HZ:
	case BIG5:
	case JIS:
	case SJIS:
	case EUCKR:
		r->t = table_get(c, (enum table)table_of[r->decoder]);
		return r->t != NULL ? 0 : -1;
	default:
		return 0;
	}
}

/* C2: behind a lead byte, an ASCII byte that is no trail is not consumed. */
static uint32_t
bad_pair(struct reader *r)
{
	r->p += r->end - r->p > 1 && r->p[1] >= 0x80 ? 2 : 1;
	return BAD;
}

static uint32_t
pair(struct reader *r, const uint32_t *t)
{
	uint32_t c;

	if (r->end - r->p < 2 || r->p[1] < 0x40 || r->p[1] == 0xFF ||
	    (c = t[(r->p[0] - 0x81u) * TRAILS + (r->p[1] - 0x40u)]) == BAD)
		return bad_pair(r);
	r->p += 2;
	return c;
}

/* What a sequence of four bytes stands for, by its number. */
static uint32_t
gb_point(uint32_t pointer)
{
	size_t low = 0, high = sizeof(runs) / sizeof(runs[0]), mid;

	if (pointer >= 189000)
		return pointer <= 1237575 ? pointer - 189000 + 0x10000 : BAD;
	if (pointer > 39419)
		return BAD;
	while (high - low > 1) {
		mid = (low + high) / 2;
		if (runs[mid].pointer <= pointer)
			low = mid;
		else
			high = mid;
	}
	return runs[low].point + (pointer - runs[low].pointer);
}

/* C2: of a sequence that breaks off the lead byte alone is taken, of one that
 * the page's end cuts or that stands for nothing all bytes are. */
static uint32_t
gb_four(struct reader *r)
{
	const unsigned char *p = r->p;
	ptrdiff_t left = r->end - p;

	if (left > 2 && (p[2] < 0x81 || p[2] > 0xFE)) {
		r->p++;
		return BAD;
	}
	if (left < 4) {
		r->p = r->end;
		return BAD;
	}
	if (p[3] < 0x30 || p[3] > 0x39) {
		r->p++;
		return BAD;
	}
	r->p += 4;
	return gb_point(((p[0] - 0x81u) * 10 + (p[1] - 0x30u)) * 1260 +
			(p[2] - 0x81u) * 10 + (p[3] - 0x30u));
}

static uint32_t
step_gb(struct reader *r)
{
	if (*r->p == 0x80 || *r->p == 0xFF)
		return *r->p++ == 0x80 ? 0x20AC : BAD;
	if (r->end - r->p >= 2 && r->p[1] >= 0x30 && r->p[1] <= 0x39)
		return gb_four(r);
	return pair(r, r->t);
}

static uint32_t
step_sjis(struct reader *r)
{
	if (*r->p >= 0xA1 && *r->p <= 0xDF)
		return 0xFF61u - 0xA1u + *r->p++;
	if (*r->p == 0x80)
		return *r->p++;
	if (*r->p == 0xA0 || *r->p > 0xFC) {
		r->p++;
		return BAD;
	}
	return pair(r, r->t);
}

static uint32_t
step_eucjp(struct reader *r)
{
	const uint32_t *t = r->t;
	ptrdiff_t left = r->end - r->p;

	if (*r->p == 0x8E && left >= 2 && r->p[1] >= 0xA1 && r->p[1] <= 0xDF) {
		r->p += 2;
		return 0xFF61u - 0xA1u + r->p[-1];
	}
	if (*r->p == 0x8F && left >= 2 && r->p[1] >= 0xA1 && r->p[1] <= 0xFE) {
		t = r->t2;
		r->p++;
		left--;
	}
	if ((*r->p < 0xA1 && *r->p != 0x8E && *r->p != 0x8F) || *r->p == 0xFF) {
		r->p++;
		return BAD;
	}
	if (*r->p < 0xA1 || (left >= 2 && r->p[1] < 0xA1))
		return bad_pair(r);
	return pair(r, t);
}

static uint32_t
step_utf16(struct reader *r)
{
	unsigned hi = r->decoder == UTF16LE, low;
	uint32_t c;

	if (r->end - r->p < 2) {
		r->p = r->end;
		return BAD;
	}
	c = (uint32_t)(r->p[hi] << 8 | r->p[1 - hi]);
	r->p += 2;
	if (c < 0xD800 || c > 0xDFFF)
		return c != 0 ? c : NO_CHARACTER;
	if (c > 0xDBFF)
		return BAD;
	if (r->end - r->p < 2) {
		r->p = r->end;
		return BAD;
	}
	low = (unsigned)(r->p[hi] << 8 | r->p[1 - hi]);
	if (low < 0xDC00 || low > 0xDFFF)
		return BAD;
	r->p += 2;
	return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

static uint32_t
one_byte(struct reader *r)
{
	uint32_t c = *r->p++;

	return c >= 0x80 ? BAD : c == 0 ? NO_CHARACTER : c;
}

/* A character of HZ's ~{ ~}: GB 2312 with seven bits. */
static uint32_t
hz_pair(struct reader *r)
{
	unsigned lead = r->p[0] | 0x80u, trail;

	if (r->end - r->p < 2 || lead < 0xA1 || lead > 0xFE) {
		r->p++;
		return BAD;
	}
	trail = r->p[1] | 0x80u;
	r->p += 2;
	if (trail < 0xA1 || trail > 0xFE)
		return BAD;
	return r->t[(lead - 0x81) * TRAILS + (trail - 0x40)];
}

static uint32_t
step_hz(struct reader *r)
{
	if (*r->p == '~' && r->end - r->p >= 2) {
		r->p += 2;
		switch (r->p[-1]) {
		case '{':
			r->mode = 1;
			return NO_CHARACTER;
		case '}':
			r->mode = 0;
			return NO_CHARACTER;
		case '~':
			return '~';
		case '\n':
			return NO_CHARACTER;
		}
		r->p--;
		return '~';
	}
	/* A line's end ends the mode; bytes of markup never are Chinese. */
	if (r->mode == 0 || *r->p <= 0x20) {
		if (*r->p == '\n')
			r->mode = 0;
		return one_byte(r);
	}
	return hz_pair(r);
}

/* Sets that ISO-2022-JP's escapes switch to, in the order of jis_escape(). */
enum jis_set { ROMAN_ASCII, ROMAN_JIS, KATAKANA, PAIRS };

static uint32_t
jis_escape(struct reader *r)
{
	static const char set[] = "(B(J(I$@$B";
	int again = r->escaped;

	for (int i = 0; r->end - r->p >= 3 && i < 5; i++)
		if (memcmp(r->p + 1, set + 2 * i, 2) == 0) {
			r->mode = i < PAIRS ? i : PAIRS;
			r->escaped = 1;
			r->p += 3;
			return again ? BAD : NO_CHARACTER;
		}
	r->escaped = 0;
	r->p++;
	return BAD;
}

static uint32_t
jis_pair(struct reader *r)
{
	unsigned lead = *r->p++, trail;

	if (lead < 0x21 || lead > 0x7E || r->p == r->end || *r->p == 0x1B)
		return BAD;
	trail = *r->p++;
	if (trail < 0x21 || trail > 0x7E)
		return BAD;
	return r->t[(lead - 0x01) * TRAILS + (trail + 0x40)];
}

static uint32_t
step_jis(struct reader *r)
{
	if (*r->p == 0x1B)
		return jis_escape(r);
	r->escaped = 0;
	if (r->mode == PAIRS)
		return jis_pair(r);
	if (r->mode == KATAKANA)
		return *r->p >= 0x21 && *r->p <= 0x5F
			   ? 0xFF61u - 0x21u + *r->p++
			   : (r->p++, BAD);
	if (*r->p == 0x0E || *r->p == 0x0F) {
		r->p++;
		return BAD;
	}
	if (r->mode == ROMAN_JIS && (*r->p == '\\' || *r->p == '~'))
		return *r->p++ == '~' ? 0x203E : 0xA5;
	return one_byte(r);
}

/* The next character of a byte that is not ASCII, or of any byte when the
 * encoding is not a superset of ASCII. */
static uint32_t
step(struct reader *r)
{
	switch (r->decoder) {
	case SINGLE:
		return r->one[*r->p++ - 0x80];
	case GB:
		return step_gb(r);
	case BIG5:
	case EUCKR:
		if (*r->p != 0x80 && *r->p != 0xFF)
			return pair(r, r->t);
		r->p++;
		return BAD;
	case SJIS:
		return step_sjis(r);
	case EUCJP:
		return step_eucjp(r);
	case JIS:
		return step_jis(r);
	case HZ:
		return step_hz(r);
	case UTF16LE:
	case UTF16BE:
		return step_utf16(r);
	case USER:
		return 0xF780u - 0x80u + *r->p++;
	default:
		r->p++;
		return BAD;
	}
}

static int
is_ascii_superset(enum decoder d)
{
	return d != JIS && d != HZ && d != UTF16LE && d != UTF16BE;
}

static void
put_char(struct wn_buf *b, uint32_t c)
{
	if (c == BAD) {
		wn_buf_put(b, "\xEF\xBF\xBD", 3);
		return;
	}
	wn_buf_utf8(b, c & 0xFFFFFF);
	if (c & (MACRON | CARON))
		wn_buf_utf8(b, c & MACRON ? 0x304 : 0x30C);
}

/* Pairs that are one character of three bytes or two: nearly all that is not
 * ASCII on a page. Whatever else comes is a step's. */
static void
pair_run(struct reader *r, struct wn_buf *b)
{
	const unsigned char *p = r->p;
	char out[1024];
	uint32_t c;
	size_t n = 0;

	while (r->end - p >= 2 && n + 4 <= sizeof(out)) {
		unsigned lead = p[0] - 0x81u, trail = p[1] - 0x40u;

		if (lead >= LEADS || trail >= TRAILS)
			break;
		c = r->t[lead * TRAILS + trail];
		if (c == BAD || c > 0xFFFF)
			break;
		n += wn_utf8_put(out + n, c);
		p += 2;
	}
	r->p = p;
	if (n > 0)
		wn_buf_put(b, out, n);
}

size_t
wn_charset_decode(struct wn_charsets *c, enum wn_charset cs, struct wn_buf *b,
    const char *s, size_t n)
{
	struct reader r;
	const unsigned char *run;
	size_t bad = 0;
	uint32_t point;
	int ascii;

	if (encodings[cs].decoder == UTF8)
		return wn_utf8_repair(b, s, n);
	if (encodings[cs].decoder == NONE) {
		put_char(b, BAD);
		return 1;
	}
	if (reader_init(&r, c, cs, s, n) != 0) {
		b->err = -1;
		return 0;
	}
	ascii = is_ascii_superset(r.decoder);
	while (r.p < r.end && b->err == 0) {
		for (run = r.p; ascii && r.p < r.end && *r.p - 1u < 0x7F; r.p++)
			;
		if (r.p > run)
			wn_buf_put(b, run, (size_t)(r.p - run));
		if (ascii && r.t != NULL)
			pair_run(&r, b);
		if (r.p == r.end)
			break;
		if (ascii && *r.p < 0x80) {
			if (*r.p != 0)
				continue;
			r.p++;
			continue;
		}
		if ((point = step(&r)) == NO_CHARACTER)
			continue;
		bad += point == BAD;
		put_char(b, point);
	}
	return bad;
}
