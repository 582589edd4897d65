/* normalise_lines.c - paragraphs that lost their ends, and ends that are none.
 *
 * Flattened: a document whose paragraphs were joined by a space. In Chinese a
 * space between two characters is rare, so in a long line in which spaces
 * stand where paragraphs end, and sentences inside paragraphs have none behind
 * them, each is a paragraph's end.
 *
 * Column breaks: a newspaper's columns taken for paragraphs. A line that stops
 * in the middle of a sentence goes on in the next.
 *
 * Invariants
 *  L1  Lines of a table, of preformatted text, headings and items are never
 *      joined nor split.
 *  L2  No character is lost but spaces. */
#include "cleaner/normalise.h"

#include <string.h>

#include "cleaner/utf8.h"

enum {
	FLAT_MIN = 600,       /* bytes: shorter lines are left alone */
	FLAT_PARAGRAPH = 120, /* bytes: pieces are this long on average */
	FLAT_PIECE = 60,      /* the same where pieces are numbered */
	FLAT_HEADS = 2,       /* numbered pieces that are evidence enough */
	CUT_SURE = 105,       /* bytes of a line that a column surely cut */
	CUT_MIN = 75, /* on a page that has such lines, less is enough */
	CUT_LINES = 3 /* so many sure ones in a page, or none */
};

static int
ends_sentence(uint32_t c)
{
	return c == 0x3002 || c == 0xFF01 || c == 0xFF1F || c == 0x2026 ||
	       c == 0x201D || c == 0xFF1A || c == 0xFF09 || c == 0xFF1B ||
	       c == 0x300B || c == 0x3011 || c == 0x300D || c == '.' ||
	       c == '!' || c == '?' || c == ':' || c == ')' || c == ';' ||
	       c == '"';
}

/* ---- flattened --------------------------------------------------------- */

struct flat {
	size_t spaces, after_end, ends, heads, pieces;
};

static int
opens(uint32_t c)
{
	return wn_is_han(c) || c == 0x201C || c == 0x300A || c == 0xFF08 ||
	       c == 0x3010 || (c >= '0' && c <= '9');
}

/* A space at i that may end a paragraph. */
static int
may_split(struct wn_str s, size_t i)
{
	unsigned l;
	uint32_t a = wn_char_before(s, i, &l), b = wn_char_at(s, i + 1, &l);

	return s.p[i] == ' ' && opens(b) &&
	       (wn_is_han(a) || ends_sentence(a)) && a >= 0x80 && a != 0x3001 &&
	       a != 0xFF0C && a != 0xFF1B;
}

/* 一、 （二） 第三条 at i: what a paragraph of a speech or a rule begins with.
 */
static int
numbered(struct wn_str s, size_t i)
{
	static const uint32_t digits[] = {0x4E00, 0x4E8C, 0x4E09, 0x56DB,
	    0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D, 0x5341};
	unsigned l;
	uint32_t c = wn_char_at(s, i, &l);
	size_t d;

	if (c == 0x7B2C || c == 0xFF08) /* 第 （ */
		c = wn_char_at(s, i += l, &l);
	for (d = 0; d < sizeof(digits) / sizeof(digits[0]); d++)
		if (c == digits[d])
			break;
	if (d == sizeof(digits) / sizeof(digits[0]))
		return 0;
	c = wn_char_at(s, i + l, &l);
	return c == 0x3001 || c == 0xFF09 || c == 0x6761 || c == 0x7AE0;
}

static void
flat_count(struct wn_str s, struct flat *f)
{
	for (size_t i = 0; i < s.n;) {
		unsigned k, l;
		uint32_t c = wn_utf8_get(s.p + i, &k);

		if (c == ' ' && may_split(s, i)) {
			uint32_t a = wn_char_before(s, i, &l);

			f->spaces++;
			f->after_end += (size_t)ends_sentence(a);
			f->heads += (size_t)numbered(s, i + 1);
		}
		f->ends += c == 0x3002 || c == 0xFF01 || c == 0xFF1F;
		i += k;
	}
	f->pieces = f->spaces + 1;
}

static int
is_flat(const struct wn_para *l)
{
	struct flat f = {0, 0, 0, 0, 0};
	struct wn_str s = l->s;

	if (l->pre || l->row || s.n < FLAT_MIN || !(l->need & WN_HAS_GAP))
		return 0;
	flat_count(s, &f);
	/* Somebody who puts a space behind every mark has as many of them as
	 * ends; numbered pieces say that it is not so with fewer ends. */
	return f.after_end >= 3 &&
	       (2 * f.ends >= 3 * f.after_end ||
		   (f.heads >= FLAT_HEADS && f.ends > f.after_end)) &&
	       f.after_end * 3 >= f.spaces &&
	       s.n / f.pieces >=
		   (f.heads >= FLAT_HEADS ? FLAT_PIECE : FLAT_PARAGRAPH);
}

static size_t
split_line(struct wn_norm *m, const struct wn_para *in, struct wn_para *out)
{
	size_t n = 0, beg = 0;

	wn_norm_line(m, in, WN_PASS_SPLIT);
	for (size_t i = 0; i <= in->s.n; i++) {
		if (i < in->s.n && (in->s.p[i] != ' ' || !may_split(in->s, i)))
			continue;
		if (i < in->s.n)
			wn_norm_list(m, i, (struct wn_str){" ", 1},
			    (struct wn_str){"\n", 1},
			    WINNOW_REPAIR_FLATTENED_PARAGRAPH);
		out[n] = *in;
		out[n].split = 1;
		out[n].piece = (uint32_t)n;
		out[n].s = (struct wn_str){in->s.p + beg, i - beg};
		n++;
		beg = i + 1;
	}
	m->repairs[WINNOW_REPAIR_FLATTENED_PARAGRAPH] += (unsigned)n - 1;
	return n;
}

int
wn_norm_split(struct wn_norm *m, struct wn_para **lines, size_t *n)
{
	size_t room = *n, k = 0;
	struct wn_para *l = *lines, *out;
	int any = 0;

	for (size_t i = 0; i < *n; i++) {
		struct flat f = {0, 0, 0, 0, 0};

		if (!is_flat(&l[i]))
			continue;
		flat_count(l[i].s, &f);
		room += f.spaces;
		any = 1;
	}
	if (!any)
		return 0;
	if ((out = wn_alloc(m->arena, room * sizeof(*out))) == NULL)
		return WINNOW_ENOMEM;
	for (size_t i = 0; i < *n; i++)
		if (!is_flat(&l[i]))
			out[k++] = l[i];
		else
			k += split_line(m, &l[i], out + k);
	*lines = out;
	*n = k;
	return 0;
}

/* ---- cut by a column --------------------------------------------------- */

/* Does a line begin as a sentence's middle may? Not with an enumeration, a
 * bracket or a quote, and not right after an indent of its own kind. */
static int
goes_on(struct wn_str s)
{
	static const char *const begins[] = {"一、", "二、", "三、", "四、",
	    "五、", "六、", "七、", "八、", "九、", "十、", "第一", "第二",
	    "第三", "首先", "其次", "最后", "同时", "此外", "另外"};
	unsigned l;

	if (!wn_is_han(wn_char_at(s, 0, &l)))
		return 0;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (s.n >= 6 && memcmp(s.p, begins[i], 6) == 0)
			return 0;
	return 1;
}

static int
is_plain(const struct wn_para *l)
{
	return !l->pre && !l->row && !l->heading && !l->item && !l->brk;
}

/* 【3】… and 三、…: a heading, however long. */
static int
is_heading(struct wn_str s)
{
	unsigned l;
	uint32_t c = wn_char_at(s, 0, &l);

	return s.n < 150 &&
	       (c == 0x3010 || c == 0xFF08 || c == '(' ||
		   c == 0x7B2C /* 第 */ || !goes_on(s)) &&
	       memmem(s.p, s.n, "。", 3) == NULL &&
	       memmem(s.p, s.n, "？", 3) == NULL &&
	       memmem(s.p, s.n, "！", 3) == NULL;
}

/* Line a is cut in the middle of a sentence that b ends. */
static int
is_cut(const struct wn_para *a, const struct wn_para *b, size_t min)
{
	unsigned l;
	uint32_t end = wn_char_before(a->s, a->s.n, &l);

	return is_plain(a) && is_plain(b) && a->s.n >= min &&
	       (wn_is_han(end) || end == 0xFF0C || end == 0x3001) &&
	       ends_sentence(wn_char_before(b->s, b->s.n, &l)) &&
	       goes_on(b->s) && !is_heading(a->s) &&
	       memmem(a->s.p, a->s.n, "，", 3) != NULL;
}

static int
join(struct wn_norm *m, struct wn_para *a, const struct wn_para *b)
{
	char *p = wn_alloc(m->arena, a->s.n + b->s.n);

	if (p == NULL)
		return WINNOW_ENOMEM;
	memcpy(p, a->s.p, a->s.n);
	memcpy(p + a->s.n, b->s.p, b->s.n);
	a->s = (struct wn_str){p, a->s.n + b->s.n};
	m->repairs[WINNOW_REPAIR_COLUMN_BREAK]++;
	wn_norm_line(m, b, WN_PASS_JOIN);
	wn_norm_list(m, 0, (struct wn_str){"\n", 1}, (struct wn_str){"", 0},
	    WINNOW_REPAIR_COLUMN_BREAK);
	return 0;
}

int
wn_norm_join(struct wn_norm *m, struct wn_para *l, size_t *n)
{
	size_t cuts = 0, k = 0;
	int rc;

	for (size_t i = 0; i + 1 < *n; i++)
		cuts += (size_t)is_cut(&l[i], &l[i + 1], CUT_SURE);
	if (cuts < CUT_LINES)
		return 0;
	for (size_t i = 0; i < *n; i++)
		if (k > 0 && is_cut(&l[k - 1], &l[i], CUT_MIN)) {
			if ((rc = join(m, &l[k - 1], &l[i])) != 0)
				return rc;
		} else {
			l[k++] = l[i];
		}
	*n = k;
	return 0;
}
