/* charset.c - encodings by number, and their bytes made UTF-8.
 *
 * Every multi-byte encoding of the web is a lead byte and a trail byte with a
 * table, and a few sequences of other lengths. The tables are filled from
 * iconv when an encoding is first met, through descriptors that are opened at
 * the start (a worker may open nothing later), with the WHATWG standard's
 * differences laid over them. Decoding is then a look-up; a page never meets
 * iconv, whose state and errors end with it.
 *
 * Invariants
 *  C1  What is appended is valid UTF-8 without NUL, whatever came in.
 *  C2  A step consumes at least one byte; after a bad sequence an ASCII byte
 *      is read again, so that no markup is eaten.
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

/* Tables by the iconv name that fills them. */
enum table { T_GB, T_BIG5, T_EUCKR, T_SJIS, T_EUCJP, T_JIS0212, T_N };
static const char *const table_names[T_N] = {
    "GB18030", "BIG5-HKSCS", "CP949", "CP932", "EUC-JP-MS", "EUC-JP"};

struct wn_charsets {
	iconv_t cd[T_N];
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
	for (i = 0; i < T_N; i++)
		c->cd[i] = iconv_open("UTF-32LE", table_names[i]);
	return c;
}

void
wn_charsets_free(struct wn_charsets *c)
{
	int i;

	if (c == NULL)
		return;
	for (i = 0; i < T_N; i++) {
		if (c->cd[i] != (iconv_t)-1)
			iconv_close(c->cd[i]);
		free(c->pairs[i]);
	}
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
	if (outleft == sizeof(out) - 8)
		return v | (out[4] == 0x04 ? MACRON : CARON);
	return BAD;
}

/* Places where the standard's tables are not iconv's. */
static const struct {
	uint8_t table, lead, trail;
	uint32_t point;
} differences[] = {
    {T_GB, 0xA3, 0xA0, 0x3000},
    {T_GB, 0xA8, 0xBC, 0x1E3F},
    {T_GB, 0xA8, 0xBF, 0x01F9},
    {T_GB, 0xA6, 0xD9, 0xFE10},
    {T_GB, 0xA6, 0xDA, 0xFE12},
    {T_GB, 0xA6, 0xDB, 0xFE11},
    {T_GB, 0xA6, 0xDC, 0xFE13},
    {T_GB, 0xA6, 0xDD, 0xFE14},
    {T_GB, 0xA6, 0xDE, 0xFE15},
    {T_GB, 0xA6, 0xDF, 0xFE16},
    {T_GB, 0xA6, 0xEC, 0xFE17},
    {T_GB, 0xA6, 0xED, 0xFE18},
    {T_GB, 0xA6, 0xF3, 0xFE19},
    {T_GB, 0xFE, 0x59, 0x9FB4},
    {T_GB, 0xFE, 0x61, 0x9FB5},
    {T_GB, 0xFE, 0x66, 0x9FB6},
    {T_GB, 0xFE, 0x67, 0x9FB7},
    {T_GB, 0xFE, 0x6D, 0x9FB8},
    {T_GB, 0xFE, 0x7E, 0x9FB9},
    {T_GB, 0xFE, 0x90, 0x9FBA},
    {T_GB, 0xFE, 0xA0, 0x9FBB},
    {T_BIG5, 0xA1, 0x45, 0x2027},
    {T_BIG5, 0xA1, 0x4E, 0xFE51},
    {T_BIG5, 0xA1, 0x5A, 0x2574},
    {T_BIG5, 0xA1, 0xC3, 0xFFE3},
    {T_BIG5, 0xA1, 0xC5, 0x02CD},
    {T_BIG5, 0xA1, 0xFE, 0xFF0F},
    {T_BIG5, 0xA2, 0x40, 0xFF3C},
    {T_BIG5, 0xA2, 0xCC, 0x5341},
    {T_BIG5, 0xA2, 0xCE, 0x5345},
    {T_SJIS, 0x81, 0x5F, 0xFF3C},
    {T_SJIS, 0x81, 0x60, 0xFF5E},
    {T_SJIS, 0x81, 0x61, 0x2225},
    {T_SJIS, 0x81, 0x7C, 0xFF0D},
    {T_EUCJP, 0xA1, 0xC0, 0xFF3C},
    {T_EUCJP, 0xA1, 0xC1, 0xFF5E},
    {T_EUCJP, 0xA1, 0xC2, 0x2225},
    {T_EUCJP, 0xA1, 0xDD, 0xFF0D},
    {T_EUCJP, 0xA1, 0xF1, 0xFFE0},
    {T_EUCJP, 0xA1, 0xF2, 0xFFE1},
    {T_EUCJP, 0xA2, 0xCC, 0xFFE2},
};

static uint32_t *
slot(uint32_t *t, unsigned lead, unsigned trail)
{
	return &t[(lead - 0x81) * TRAILS + (trail - 0x40)];
}

static const uint32_t *
table_get(struct wn_charsets *c, enum table which)
{
	unsigned char b[3] = {0x8F}, *at = b;
	unsigned lead, trail;
	uint32_t *t;
	size_t i, n = 2;

	if (c->pairs[which] != NULL)
		return c->pairs[which];
	if ((t = calloc(LEADS * TRAILS, sizeof(*t))) == NULL)
		return NULL;
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
			*slot(t, differences[i].lead, differences[i].trail) =
			    differences[i].point;
	c->pairs[which] = t;
	return t;
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
	int mode; /* JIS, HZ: what an escape has switched to */
};

static int
reader_init(struct reader *r, struct wn_charsets *c, enum wn_charset cs,
    const char *s, size_t n)
{
	static const int8_t table_of[] = {[GB] = T_GB,
	    [HZ] = T_GB,
	    [BIG5] = T_BIG5,
	    [EUCJP] = T_EUCJP,
	    [JIS] = T_EUCJP,
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

static uint32_t
gb_four(struct reader *r)
{
	const unsigned char *p = r->p;
	uint32_t c;

	if (r->end - p < 4 || p[2] < 0x81 || p[2] > 0xFE || p[3] < 0x30 ||
	    p[3] > 0x39) {
		/* At the page's end the rest is one broken character. */
		r->p += r->end - p < 4 ? r->end - p : 1;
		return BAD;
	}
	if ((c = ask_iconv(r->c->cd[T_GB], p, 4)) == BAD)
		r->p += 1;
	else
		r->p += 4;
	return c;
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
	uint32_t c;

	if (*r->p == 0x8E && r->end - r->p >= 2 && r->p[1] >= 0xA1 &&
	    r->p[1] <= 0xDF) {
		r->p += 2;
		return 0xFF61u - 0xA1u + r->p[-1];
	}
	if (*r->p == 0x8F && r->end - r->p >= 3 && r->p[1] >= 0xA1 &&
	    r->p[1] <= 0xFE) {
		r->p++;
		if ((c = pair(r, r->t2)) == BAD)
			return BAD;
		return c;
	}
	if (*r->p < 0xA1 || *r->p == 0xFF) {
		r->p++;
		return BAD;
	}
	if (r->end - r->p >= 2 && r->p[1] < 0xA1)
		return bad_pair(r);
	return pair(r, r->t);
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
	if (c > 0xDBFF || r->end - r->p < 2)
		return BAD;
	low = (unsigned)(r->p[hi] << 8 | r->p[1 - hi]);
	if (low < 0xDC00 || low > 0xDFFF)
		return BAD;
	r->p += 2;
	return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

/* Seven bits with escapes: ISO-2022-JP (ESC ( B ...) and HZ (~{ ~}). */
static uint32_t
seven_pair(struct reader *r)
{
	unsigned lead = r->p[0] | 0x80u, trail;
	uint32_t c;

	if (r->end - r->p < 2 || lead < 0xA1 || lead > 0xFE) {
		r->p++;
		return BAD;
	}
	trail = r->p[1] | 0x80u;
	r->p += 2;
	if (trail < 0xA1 || trail > 0xFE)
		return BAD;
	c = r->t[(lead - 0x81) * TRAILS + (trail - 0x40)];
	return c;
}

static uint32_t
one_byte(struct reader *r)
{
	uint32_t c = *r->p++;

	return c >= 0x80 ? BAD : c == 0 ? NO_CHARACTER : c;
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
	return seven_pair(r);
}

static uint32_t
step_jis(struct reader *r)
{
	static const char set[] = "(B(J(I$@$B";
	size_t i;

	if (*r->p == 0x1B && r->end - r->p >= 3) {
		for (i = 0; i < 5; i++)
			if (memcmp(r->p + 1, set + 2 * i, 2) == 0) {
				r->mode = i < 2 ? 0 : i == 2 ? 2 : 1;
				r->p += 3;
				return NO_CHARACTER;
			}
	}
	if (r->mode == 2 && *r->p >= 0x21 && *r->p <= 0x5F)
		return 0xFF61u - 0x21u + *r->p++;
	if (r->mode == 1 && *r->p > 0x20 && *r->p < 0x80)
		return seven_pair(r);
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
		if (r.p == r.end)
			break;
		if (ascii && *r.p == 0) {
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
