/* boilerplate.c - lines that are known by what they say.
 *
 * rules/lines.def and phrases.def are the table: words, where in the line they
 * stand, and what kind of line that makes. A line is folded first, so that one
 * row serves simplified and traditional script, full and half width, spaced out
 * letters and the glosses of mirror sites. Rows are found through the first two
 * bytes of their words, so a line costs its length, not the table's.
 *
 * Besides the table there are shapes that no list of words catches: dates,
 * file names of pictures, page numbers, lines without a letter.
 *
 * Invariants
 *  L1  wn_line() never says that a line of more code points than a row allows
 *      is of that row's kind.
 *  L2  A cut leaves at least half of the line, at a code point's edge; of a
 *      heading with a link in brackets behind it, all before the bracket. */
#include "cleaner/extract.h"
#include "cleaner/meta.h"

#include <stddef.h>
#include <string.h>

#define FOLD_MAX 4096 /* bytes of a line that are folded */
#define END_MAX 240   /* of a longer one, at its end */
#define SLOTS 1024
#define PAIRS 4096
#define VOTES 6
#define NAME_MAX 800
#define CUTS_MAX 32
#define COUNT_MAX 60  /* code points of a line that says how many */
#define LONG_TITLE 24 /* bytes, of a title that is known behind a label, */
#define LABEL_MAX 12  /* and of the label: "原创", "[图文]" */
#define MESSAGE_MARKS 3 /* sentence marks, which no title has */

enum where { BEG, ALL, HAS, END, CUT_END };

struct row {
	const char *words;
	uint8_t where, act;
	int16_t kind;
	uint16_t max;
	const char *why;
};

#define CUT CUT_END
static const struct row rows[] = {
#define L(where, words, kind, max, act, why)                                   \
	{words, where, WN_ACT_##act, WINNOW_KIND_##kind, max, words},
#include "cleaner/rules/lines.def"
#include "cleaner/rules/phrases.def"
#undef L
};
#undef CUT
#define NROWS (sizeof(rows) / sizeof(rows[0]))

static const struct {
	const char *from, *to;
} folds[] = {
#define F(from, to) {from, to},
#include "cleaner/rules/folds.def"
#undef F
};
#define NFOLDS (sizeof(folds) / sizeof(folds[0]))

struct wn_line_rows {
	uint16_t beg[PAIRS], has[PAIRS]; /* row + 1, by first two bytes */
	uint16_t next[NROWS];
	uint8_t len[NROWS];
	uint16_t fold[SLOTS];    /* place in folds + 1, open addressing */
	uint16_t cuts[CUTS_MAX]; /* the rows that cut */
	size_t ncuts;
};

struct wn_lines {
	const struct wn_line_rows *x;
	uint32_t stamp[NROWS], now;         /* a row votes once a line */
	char name[NAME_MAX], tag[NAME_MAX]; /* folded */
	size_t name_len, tag_len;
	char text[FOLD_MAX + 8];
	uint16_t at[FOLD_MAX + 8]; /* where in the line each byte came from */
};

/* ---- code points --------------------------------------------------------- */

static uint32_t
decode(const char *s, size_t n, size_t *len)
{
	const unsigned char *p = (const unsigned char *)s;

	*len = 1;
	if (p[0] < 0xc0 || n < 2)
		return p[0];
	if (p[0] < 0xe0 || n < 3) {
		*len = 2;
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	}
	if (p[0] < 0xf0 || n < 4) {
		*len = 3;
		return (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 |
		       (p[2] & 0x3fu);
	}
	*len = 4;
	return (p[0] & 7u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 |
	       (p[3] & 0x3fu);
}

static unsigned
slot(uint32_t cp)
{
	return (cp * 2654435761u) >> 22;
}

/* Where the chain of the rows begins whose words begin with these two bytes;
 * a text ends in a NUL. */
static unsigned
pair(const char *s)
{
	return (((unsigned char)s[0] * 41u) ^ ((unsigned char)s[1] * 57u)) %
	       PAIRS;
}

static int
is_space(uint32_t c)
{
	return c <= ' ' || c == 0xa0 || c == 0x3000 || c == 0xfeff ||
	       (c >= 0x2000 && c <= 0x200f);
}

static int
is_han(uint32_t c)
{
	return c >= 0x3400 && c <= 0x9fff;
}

/* ---- the index ----------------------------------------------------------- */

static size_t fold(const struct wn_line_rows *, const char *, size_t, char *,
    size_t, uint16_t *);

const struct wn_line_rows *
wn_line_rows_new(struct wn_arena *arena)
{
	struct wn_line_rows *l = wn_zalloc(arena, sizeof(*l));
	size_t n;

	if (l == NULL)
		return NULL;
	/* Backwards, so that a chain is in the table's order. */
	for (size_t i = NROWS; i-- > 0;) {
		const struct row *r = &rows[i];
		uint16_t *head =
		    r->where == HAS || r->where == END ? l->has : l->beg;

		l->len[i] = (uint8_t)strlen(r->words);
		if (r->where == CUT_END) {
			if (l->ncuts < CUTS_MAX)
				l->cuts[l->ncuts++] = (uint16_t)i;
			continue;
		}
		head += pair(r->words);
		l->next[i] = *head;
		*head = (uint16_t)(i + 1);
	}
	for (size_t i = 0; i < NFOLDS; i++) {
		unsigned s = slot(decode(folds[i].from, 3, &n));

		while (l->fold[s % SLOTS] != 0)
			s++;
		l->fold[s % SLOTS] = (uint16_t)(i + 1);
	}
	return l;
}

struct wn_lines *
wn_lines_new(struct wn_arena *arena, const struct wn_line_rows *x,
    const char *title, const char *tag)
{
	struct wn_lines *l = wn_alloc(arena, sizeof(*l));

	if (l == NULL)
		return NULL;
	memset(l, 0, offsetof(struct wn_lines, text));
	l->x = x;
	if (title != NULL)
		l->name_len = fold(
		    x, title, strlen(title), l->name, sizeof(l->name), NULL);
	if (tag != NULL)
		l->tag_len =
		    fold(x, tag, strlen(tag), l->tag, sizeof(l->tag), NULL);
	return l;
}

static const char *
simplified(const struct wn_line_rows *l, const char *p)
{
	size_t n;
	unsigned s = slot(decode(p, 3, &n));

	for (; l->fold[s % SLOTS] != 0; s++)
		if (memcmp(folds[l->fold[s % SLOTS] - 1].from, p, 3) == 0)
			return folds[l->fold[s % SLOTS] - 1].to;
	return p;
}

/* "(xue)" with tone marks after a Han character: its bytes, 0: none. */
static size_t
gloss(const char *p, size_t n)
{
	size_t i = 1, k, letters = 0;

	if (n < 3 || p[0] != '(')
		return 0;
	while (i < n && letters <= 8) {
		uint32_t c = decode(p + i, n - i, &k);

		if (c == ')')
			return letters > 0 ? i + 1 : 0;
		if (!((c >= 'a' && c <= 'z') || c == ' ' ||
			(c >= 0xe0 && c <= 0x1dc) || c == 0x261))
			return 0;
		letters++;
		i += k;
	}
	return 0;
}

/* The small letter of a capital of Latin-1, Latin Extended-A (where they
 * stand in pairs) or Cyrillic; 0: it is none. */
static uint32_t
lower_case(uint32_t c)
{
	if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x410 && c <= 0x42f))
		return c + 32;
	if (c >= 0x400 && c <= 0x40f)
		return c + 80;
	if (c < 0x100 || c > 0x17e || c == 0x130 || c == 0x138 || c == 0x149 ||
	    c == 0x178)
		return 0;
	return (c >= 0x139 && c <= 0x148) || c >= 0x179 ? c + (c & 1) : c | 1;
}

/* Folds [p, p + n) into out; at, if given, gets the offset of each byte. */
static size_t
fold(const struct wn_line_rows *l, const char *p, size_t n, char *out,
    size_t cap, uint16_t *at)
{
	size_t i = 0, o = 0, k, g;
	uint32_t before = 0;

	while (i < n && o + 4 < cap) {
		unsigned char ch = (unsigned char)p[i];

		if (ch < 0x80 && ch != '(') {
			if (ch > ' ') {
				before = ch;
				out[o] = (char)(ch >= 'A' && ch <= 'Z' ? ch | 32
								       : ch);
				if (at != NULL)
					at[o] = (uint16_t)i;
				o++;
			}
			i++;
			continue;
		}
		uint32_t c = decode(p + i, n - i, &k);
		size_t from = i, len = 1;
		const char *q = p + i;
		uint32_t lower;

		if (is_han(before) && (g = gloss(p + i, n - i)) > 0) {
			i += g;
			continue;
		}
		i += k;
		if (is_space(c))
			continue;
		before = c;
		if (c >= 0xff01 && c <= 0xff5e)
			c -= 0xfee0;
		if (c < 0x80) {
			out[o] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
		} else if (k == 2 && (lower = lower_case(c)) != 0) {
			out[o] = (char)(0xc0 | lower >> 6);
			out[o + 1] = (char)(0x80 | (lower & 0x3f));
			len = 2;
		} else {
			if (k == 3 && is_han(c))
				q = simplified(l, q);
			memcpy(out + o, q, len = k);
		}
		for (size_t x = 0; at != NULL && x < len; x++)
			at[o + x] = (uint16_t)from;
		o += len;
	}
	out[o] = '\0';
	if (at != NULL)
		at[o] = (uint16_t)(i < n ? i : n);
	return o;
}

/* ---- rows ---------------------------------------------------------------- */

static void
apply(const struct row *r, uint32_t chars, struct wn_line *line)
{
	struct wn_verdict v = {r->kind, r->act, r->words};

	if (chars > r->max)
		return;
	if (r->act == WN_ACT_HEAD || r->act == WN_ACT_EDGE) {
		if (line->head.act == WN_ACT_NONE)
			line->head = v;
	}
	if (r->act == WN_ACT_TAIL || r->act == WN_ACT_EDGE) {
		if (line->tail.act == WN_ACT_NONE)
			line->tail = v;
	}
	if (r->act == WN_ACT_PICTURE && line->picture.act == WN_ACT_NONE)
		line->picture = v;
	if ((r->act == WN_ACT_ANY || r->act == WN_ACT_STOP ||
		r->act == WN_ACT_REST) &&
	    line->any.act == WN_ACT_NONE)
		line->any = v;
}

static void
match_at(struct wn_lines *l, uint16_t x, const char *s, size_t n,
    uint32_t chars, struct wn_line *line, int *votes)
{
	for (; x != 0; x = l->x->next[x - 1]) {
		const struct row *r = &rows[x - 1];
		size_t len = l->x->len[x - 1];

		/* the last byte first: most rows fail there */
		if (len > n || s[len - 1] != r->words[len - 1] ||
		    memcmp(s, r->words, len) != 0 ||
		    ((r->where == ALL || r->where == END) && len != n))
			continue;
		if (r->act != WN_ACT_VOTE)
			apply(r, chars, line);
		else if (l->stamp[x - 1] != l->now)
			*votes += r->max;
		l->stamp[x - 1] = l->now;
	}
}

static uint32_t
count(const char *s, size_t n)
{
	uint32_t c = 0;

	for (size_t i = 0; i < n; i++)
		c += ((unsigned char)s[i] & 0xc0) != 0x80;
	return c;
}

static int is_page_count(const char *, size_t);

/* Bullets and rules before the first word. */
static size_t
skip_marks(const char *s, size_t n)
{
	static const char *const marks[] = {"-", "*", ">", "|", "·", "•", "●",
	    "■", "▲", "★", "◆", "▪", "※", "—", "–", "#", "►", "▶", "<", "«",
	    "‹", "←", "◀", "◄"};
	size_t i = 0, m;

	while (i < n) {
		unsigned char c = (unsigned char)s[i];

		/* no mark begins so */
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    (c > 0xc2 && c != 0xe2))
			break;
		for (m = 0; m < sizeof(marks) / sizeof(marks[0]); m++)
			if (strncmp(s + i, marks[m], strlen(marks[m])) == 0)
				break;
		if (m == sizeof(marks) / sizeof(marks[0]))
			break;
		i += strlen(marks[m]);
	}
	return i < n ? i : 0;
}

/* "... 第8页 共8页" that a document reader left behind the last sentence. */
static void
cut_page_count(const struct wn_lines *l, const struct wn_block *b, size_t from,
    size_t n, struct wn_line *line)
{
	const char *s = l->text, *p = NULL, *q = s + (n > 40 ? n - 40 : 0);

	while ((q = strstr(q, "第")) != NULL) {
		p = q;
		q += 3;
	}
	if (p == NULL || p == s || memcmp(s + n - 3, "页", 3) != 0 ||
	    strstr(p, "共") == NULL || !is_page_count(p, n - (size_t)(p - s)))
		return;
	if (from + l->at[p - s] < b->text.n / 2)
		return;
	line->cut = (uint32_t)(from + l->at[p - s]);
	line->cut_by = (struct wn_verdict){
	    WINNOW_KIND_PAGINATION, WN_ACT_CUT, "page numbers"};
}

static void
find_cut(const struct wn_lines *l, const struct wn_block *b, size_t from,
    size_t n, struct wn_line *line)
{
	for (size_t i = 0; i < l->x->ncuts; i++) {
		const struct row *r = &rows[l->x->cuts[i]];
		size_t len = l->x->len[l->x->cuts[i]], at;

		if (len >= n || memcmp(l->text + n - len, r->words, len) != 0)
			continue;
		at = from + l->at[n - len];
		if (at < b->text.n / 2)
			return;
		line->cut = (uint32_t)at;
		line->cut_by =
		    (struct wn_verdict){r->kind, WN_ACT_CUT, r->words};
		return;
	}
	cut_page_count(l, b, from, n, line);
}

/* "History [edit]": a heading with a link in brackets behind it, and no other
 * link, as wikis print them. */
static void
cut_edit_link(const struct wn_block *b, struct wn_line *line)
{
	const char *s = b->text.p;
	size_t n = b->text.n, at;

	if (n < 4 || s[n - 1] != ']')
		return;
	for (at = n - 1; at > 0 && s[at] != '['; at--)
		;
	if (at < 2 || b->link_chars > count(s + at, n - at) - 2)
		return;
	line->cut = (uint32_t)at;
	line->cut_by = (struct wn_verdict){
	    WINNOW_KIND_TOOLBAR, WN_ACT_CUT, "a heading's link"};
}

/* ---- shapes -------------------------------------------------------------- */

static int
ends_with(const char *s, size_t n, const char *end)
{
	size_t k = strlen(end);

	return n >= k && memcmp(s + n - k, end, k) == 0;
}

/* "... 张三 摄": how lines below pictures end. */
static int
ends_in_credit(const char *s, size_t n)
{
	static const char *const ends[] = {"摄", "摄)", "摄影", "供图", "供图)",
	    "截图", "截图)", "制图", "制图)", "资料图", "资料图)", "资料图片",
	    "图片)", "新华社发", "新华社发)"};

	/* the last bytes of them all: most lines end otherwise */
	if (n == 0 || strchr("\x84\x87\x91\xb1\xbe)", s[n - 1]) == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_with(s, n, ends[i]))
			return 1;
	return 0;
}

static int
is_picture_name(const char *s, size_t n)
{
	static const char *const ends[] = {
	    ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".jfif"};

	if (n < 5 || memchr(s + n - 5, '.', 5) == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_with(s, n, ends[i]))
			return 1;
	return 0;
}

/* Digits and the characters that dates and times are written with. */
static int
is_date(const char *s, size_t n)
{
	static const char *const parts[] = {"年", "月", "日", "星期", "周",
	    "时", "分", "秒", "上午", "下午", "一", "二", "三", "四", "五",
	    "六", "天"};
	size_t digits = 0, i = 0, p;

	if (n == 0 || (s[0] >= 'a' && s[0] <= 'z'))
		return 0;
	while (i < n) {
		if (s[i] >= '0' && s[i] <= '9') {
			digits++;
			i++;
			continue;
		}
		if (strchr("-/:.,[]()|", s[i]) != NULL) {
			i++;
			continue;
		}
		for (p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
			if (strncmp(s + i, parts[p], strlen(parts[p])) == 0)
				break;
		if (p == sizeof(parts) / sizeof(parts[0]))
			return 0;
		i += strlen(parts[p]);
	}
	return digits >= 4 && digits <= 16;
}

/* "2016年5月25日", "2016-05-25" and a few words: what CMSs put under titles. */
static int
begins_with_date(const char *s, size_t n)
{
	size_t i = 0, digits = 0, seps = 0;

	if (n < 8 || (s[0] != '2' && s[0] != '1'))
		return 0;
	while (i < n && seps < 3) {
		if (s[i] >= '0' && s[i] <= '9') {
			digits++;
			i++;
		} else if (strchr("-/.", s[i]) != NULL) {
			seps++;
			i++;
		} else if (strncmp(s + i, "年", 3) == 0 ||
			   strncmp(s + i, "月", 3) == 0 ||
			   strncmp(s + i, "日", 3) == 0) {
			seps++;
			i += 3;
		} else {
			break;
		}
	}
	return seps >= 2 && digits >= 6;
}

/* "Pages: 1 2 3" without its spaces. */
static int
is_page_row(const char *s, size_t n)
{
	static const char label[] = "pages:";
	size_t i, k = strlen(label);

	if (n < k + 2 || n > k + 9 || memcmp(s, label, k) != 0)
		return 0;
	for (i = k; i < n && s[i] == (char)('1' + i - k); i++)
		continue;
	return i == n;
}

/* "1/8", "第8页共8页", "页码：1 2 3", "[1][2][3]", "- 3 -". */
static int
is_page_count(const char *s, size_t n)
{
	static const char *const parts[] = {"首页", "上一页", "下一页", "尾页",
	    "末页", "当前", "记录", "条", "第", "页码:", "页码：", "页", "共", "/", "[", "]", "-",
	    "转到", "跳转", "到", "每", "<", ">", "«", "»", "...", "…", "|"};
	size_t digits = 0, other = 0, i = 0, p;

	if (n == 0 || (s[0] >= 'a' && s[0] <= 'z'))
		return 0;
	while (i < n) {
		if (s[i] >= '0' && s[i] <= '9') {
			digits++;
			i++;
			continue;
		}
		for (p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
			if (strncmp(s + i, parts[p], strlen(parts[p])) == 0)
				break;
		if (p == sizeof(parts) / sizeof(parts[0]))
			return 0;
		other++;
		i += strlen(parts[p]);
	}
	return digits > 0 && digits <= 16 && other > 0 && digits + other <= 30;
}

/* "Image 3 of 5", "2 dari 8 halaman", "1-5 of 36": which of how many. */
static int
is_one_of(const char *s, size_t n)
{
	static const char *const of[] = {
	    "of", "von", "dari", "de", "di", "sur", "van", "z", "из"};
	static const char *const what[] = {"image", "photo", "slide", "picture",
	    "bild", "foto", "page", "seite", "gallery"};
	const char *p = s, *end = s + n;
	size_t i, k;

	for (i = 0; i < sizeof(what) / sizeof(what[0]); i++)
		if (strncmp(p, what[i], strlen(what[i])) == 0) {
			p += strlen(what[i]);
			break;
		}
	k = strspn(p, "0123456789-");
	p += k;
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		if (k > 0 && strncmp(p, of[i], strlen(of[i])) == 0)
			break;
	if (k == 0 || k > 5 || i == sizeof(of) / sizeof(of[0]))
		return 0;
	p += strlen(of[i]);
	k = strspn(p, "0123456789");
	p += k;
	return k > 0 && k <= 3 && end - p <= 8;
}

static int
has_letter(const char *s, size_t n)
{
	size_t k;

	for (size_t i = 0; i < n; i += k) {
		uint32_t c = decode(s + i, n - i, &k);

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 0xaa && c < 0x2000 && c != 0xd7 && c != 0xab &&
			c != 0xbb && c != 0xb7) ||
		    (c >= 0x2c00 && c < 0x3000) || c >= 0x3005)
			return 1;
	}
	return 0;
}

/* The names of months, folded, as far as they tell them; what has a day and a
 * year round one is a date in words. */
static int
has_month(const char *s, size_t n)
{
	static const char *const names[] = {"jan", "feb", "mar", "apr", "may",
	    "mai", "jun", "jul", "aug", "sep", "oct", "okt", "nov", "dec",
	    "dez", "mär", "fév", "avr", "jui", "aoû", "déc", "ene", "abr",
	    "ago", "dic", "des", "agu", "ağu", "mei", "kwi", "wrz", "paź",
	    "gen", "giu", "lug", "set", "ott", "out", "янв", "фев", "мар",
	    "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
	    "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو",
	    "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر", "tháng"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t k = strlen(names[i]);
		const char *p = memmem(s, n, names[i], k);
		size_t at = p == NULL ? 0 : (size_t)(p - s);

		if (p != NULL &&
		    ((at > 0 && s[at - 1] >= '0' && s[at - 1] <= '9') ||
			strpbrk(p, "0123456789") != NULL))
			return 1;
	}
	return 0;
}

/* 2020-10-15 anywhere in the line: names and sources stand round it. */
static int
has_whole_date(const char *s, size_t n)
{
	for (size_t i = 0; i + 8 <= n; i++) {
		const char *p = s + i + 5;

		if ((memcmp(s + i, "19", 2) != 0 &&
			memcmp(s + i, "20", 2) != 0) ||
		    (i > 0 && s[i - 1] >= '0' && s[i - 1] <= '9') ||
		    p[-1] != '-' || strspn(s + i, "0123456789") != 4)
			continue;
		p += strspn(p, "0123456789");
		if (p > s + i + 5 && p <= s + i + 7 && *p == '-' &&
		    p[1] >= '0' && p[1] <= '9' && strstr(s, "。") == NULL)
			return 1;
	}
	return 0;
}

/* A short line with a day, a month and a year in it, that is no sentence:
 * "November 20, 2019 Jane Doe", "Montag, 13.05.2024, 08.28 Uhr". */
static int
has_date(const char *s, size_t n)
{
	size_t digits = 0, year = 0, run = 0, seps = 0;

	if (n < 8 || strchr(".!?:;", s[n - 1]) != NULL)
		return 0;
	if (has_whole_date(s, n))
		return 1;
	for (size_t i = 0; i <= n; i++) {
		if (i < n && s[i] >= '0' && s[i] <= '9') {
			digits++;
			run++;
			continue;
		}
		/* the hour stands right behind it: the line is folded */
		if ((run == 4 ||
			(run > 4 && run <= 6 && i < n && s[i] == ':')) &&
		    (memcmp(s + i - run, "19", 2) == 0 ||
			memcmp(s + i - run, "20", 2) == 0))
			year = 1;
		if (run > 0 && run <= 2 && i < n && strchr("./-", s[i]) &&
		    i + 1 < n && s[i + 1] >= '0' && s[i + 1] <= '9')
			seps++;
		run = 0;
	}
	if (digits > 16)
		return 0;
	return (year && digits >= 5 && has_month(s, n)) ||
	       (seps >= 2 && digits >= 5);
}

/* "Jane Doe is a senior reporter for ...": who somebody is, near the front. */
static int
is_bio(const char *s, size_t n)
{
	static const char *const is[] = {"isa", "isthe", "covers"};
	static const char *const jobs[] = {"reporter", "editor", "writer",
	    "columnist", "journalist", "correspondent", "author", "professor",
	    "producer", "critic", "fellow", "founder", "contributor",
	    "lecturer", "director"};

	for (size_t i = 0; i < sizeof(is) / sizeof(is[0]); i++) {
		const char *p =
		    memmem(s, n < 50 ? n : 50, is[i], strlen(is[i]));
		size_t left = p == NULL ? 0 : n - (size_t)(p - s);

		for (size_t k = 0; p != NULL && p > s + 2 &&
				   k < sizeof(jobs) / sizeof(jobs[0]);
		     k++)
			if (memmem(p, left < 60 ? left : 60, jobs[k],
				strlen(jobs[k])) != NULL)
				return 1;
	}
	return 0;
}

/* 05月12日 14:20 and a few words. */
static int
has_moment(const char *s, size_t n)
{
	const char *day = memmem(s, n, "日", 3), *colon;

	if (day == NULL || memmem(s, (size_t)(day - s), "月", 3) == NULL ||
	    strstr(s, "。") != NULL || strchr(s, ',') != NULL)
		return 0;
	colon = strchr(day, ':');
	return colon != NULL && colon < s + n - 2 && colon[-1] >= '0' &&
	       colon[-1] <= '9' && colon[1] >= '0' && colon[1] <= '9' &&
	       (size_t)(colon - day) <= 6;
}

/* 《某报》(2022年09月07日第03版): where a newspaper had it. */
static int
is_paper_page(const char *s)
{
	const char *page = strstr(s, "第"), *day = strstr(s, "日");

	return page != NULL && day != NULL && strstr(s, "版") != NULL &&
	       strstr(page, "版") != NULL && strstr(s, "年") != NULL &&
	       strstr(s, "。") == NULL && strchr(s, ',') == NULL;
}

/* 高二(7)班方晓舟: a pupil, who wrote it. */
static int
is_pupil(const char *s, size_t n)
{
	const char *class = strstr(s, ")班");

	return class != NULL && class > s && s + n > class + 4 + 3 &&
	       s + n <= class + 4 + 12 &&
	       memmem(s, (size_t)(class - s), "(", 1) != NULL;
}

/* 春天.docx: what a document is called where it was shared. */
static int
is_document_name(const char *s, size_t n)
{
	const char *dot = memrchr(s, '.', n);

	return dot != NULL && dot > s && n - (size_t)(dot - s) <= 5 &&
	       wn_is_file(dot - 1, n - (size_t)(dot - s) + 1) &&
	       strchr(s, ':') == NULL && strchr(s, ',') == NULL &&
	       strstr(s, "。") == NULL;
}

/* 第03版, A02版:教育, A II: which page of a newspaper. */
static int
is_page_number(const char *s, size_t n)
{
	size_t i = n > 3 && memcmp(s, "第", 3) == 0 ? 3 : 0, k;

	k = i += i < n && s[i] >= 'a' && s[i] <= 'h';
	while (i < n && s[i] >= '0' && s[i] <= '9')
		i++;
	if (i == k && k == 1)
		i += strspn(s + k, "iv");
	if (i == k || i > k + 4)
		return 0;
	return i == n ? s[0] >= 'a' && s[0] <= 'h'
		      : n - i >= 3 && memcmp(s + i, "版", 3) == 0 &&
			    (n - i == 3 || s[i + 3] == ':');
}

/* "142 comments", "1.2k shares", "3 Antworten zu ...": a number and what it
 * counts, at the beginning of a short line. */
static const struct {
	const char *word;
	int16_t kind;
	uint8_t act;
} counted[] = {
#define N(word, kind, act) {word, WINNOW_KIND_##kind, WN_ACT_##act},
#include "cleaner/rules/counted.def"
#undef N
};

static void
find_count(const char *s, size_t n, struct wn_verdict *v)
{
	size_t i = 0, k;

	while (i < n && ((s[i] >= '0' && s[i] <= '9') || s[i] == '.' ||
			    s[i] == ',' || s[i] == '(' || s[i] == '+'))
		i++;
	if (i == 0 || i > 9)
		return;
	if (i + 1 < n && (s[i] == 'k' || s[i] == 'm') && s[i - 1] >= '0' &&
	    s[i - 1] <= '9')
		k = i + 1;
	else
		k = i;
	for (size_t w = 0; w < sizeof(counted) / sizeof(counted[0]); w++) {
		const char *word = counted[w].word;

		if (strncmp(s + i, word, strlen(word)) != 0 &&
		    strncmp(s + k, word, strlen(word)) != 0)
			continue;
		*v = (struct wn_verdict){
		    counted[w].kind, counted[w].act, "a number of them"};
		return;
	}
}

/* "《...》已有3条评论": the number behind other words. "归类于旧事 3条评论":
 * such a line has nothing of readers below. */
static void
find_count_within(const char *s, size_t n, struct wn_verdict *v)
{
	const char *p = memmem(s, n, "评论", 6);

	if (p == NULL || p - s < 4 || p[-4] < '0' || p[-4] > '9' ||
	    memmem(s, n, "。", 3) != NULL)
		return;
	*v = (struct wn_verdict){WINNOW_KIND_COMMENTS,
	    memmem(s, n, "已有", 6) != NULL ? WN_ACT_STOP : WN_ACT_ANY,
	    "a number of comments"};
}

/* "By Jane Doe and R. Roe, Staff Writer": a preposition, and words that begin
 * with capitals, but for those that join names. */
static int
is_by(const struct wn_str *t)
{
	static const char *const by[] = {"by ", "von ", "par ", "por ", "di ",
	    "door ", "av ", "af ", "text: ", "автор: ", "oleh ", "written by "};
	static const char *const joins[] = {"and", "und", "y", "et", "e", "&",
	    "de", "da", "van", "der", "den", "von", "for", "the", "with", "in",
	    "of", "del", "la", "le", "el", "dan", "og", "och", "en", "|", "-",
	    "–", "—", "•", "·"};
	const char *p = t->p, *end = t->p + t->n;
	size_t i, words = 0, capitals = 0;

	for (i = 0; i < sizeof(by) / sizeof(by[0]); i++)
		if (t->n > 0 && (*p | 32) == (by[i][0] | 32) &&
		    t->n > strlen(by[i]) + 4 &&
		    strncasecmp(p, by[i], strlen(by[i])) == 0)
			break;
	if (i == sizeof(by) / sizeof(by[0]) || strchr(".!?:;", end[-1]))
		return 0;
	for (p += strlen(by[i]); p < end;) {
		size_t n = 0, k;

		while (p + n < end && (unsigned char)p[n] > ' ')
			n++;
		if (n > 0 && ++words > 10)
			return 0;
		for (k = 0; n > 0 && k < sizeof(joins) / sizeof(joins[0]); k++)
			if (strlen(joins[k]) == n &&
			    strncasecmp(p, joins[k], n) == 0)
				break;
		if (n > 0 &&
		    (k == sizeof(joins) / sizeof(joins[0]) || words == 1)) {
			if (*p >= 'a' && *p <= 'z')
				return 0;
			capitals++;
		}
		p += n + 1;
	}
	return capitals >= 2;
}

static void
shapes(const char *s, size_t n, uint32_t chars, struct wn_line *line)
{
	struct wn_verdict *any = &line->any;

	if (chars <= 40 && is_date(s, n))
		line->date = 1;
	else if (chars <= 60 && begins_with_date(s, n) &&
		 strstr(s, "。") == NULL && strstr(s, ",") == NULL)
		line->date = 2;
	else if (chars <= 70 && has_date(s, n))
		line->date = 2;
	else if (chars <= 30 && has_moment(s, n))
		line->date = 2;
	if (chars <= 60 && line->head.act == WN_ACT_NONE && is_paper_page(s))
		line->head = (struct wn_verdict){
		    WINNOW_KIND_MASTHEAD, WN_ACT_HEAD, "a newspaper's page"};
	if (chars <= 80 && line->head.act == WN_ACT_NONE &&
	    is_document_name(s, n))
		line->head =
		    (struct wn_verdict){WINNOW_KIND_DOC_TITLE_EXTENSION,
			WN_ACT_HEAD, "a document's name"};
	if (chars <= 16 && line->head.act == WN_ACT_NONE &&
	    is_page_number(s, n))
		line->head = (struct wn_verdict){
		    WINNOW_KIND_PAGE_NUMBER, WN_ACT_HEAD, "a page's number"};
	if (chars <= 20 && line->head.act == WN_ACT_NONE && is_pupil(s, n))
		line->head = (struct wn_verdict){
		    WINNOW_KIND_BYLINE, WN_ACT_HEAD, "a pupil's name"};
	if (chars <= 90 && line->picture.act == WN_ACT_NONE &&
	    ends_in_credit(s, n))
		line->picture = (struct wn_verdict){
		    WINNOW_KIND_CAPTION, WN_ACT_PICTURE, "who took it"};
	if (chars >= 30 && chars <= 600 && line->tail.act == WN_ACT_NONE &&
	    is_bio(s, n))
		line->tail = (struct wn_verdict){
		    WINNOW_KIND_BYLINE, WN_ACT_TAIL, "who somebody is"};
	if (any->act != WN_ACT_NONE)
		return;
	if (chars <= 40 && strstr(s, "年") != NULL && strstr(s, "月") != NULL &&
	    strstr(s, "星期") != NULL && strstr(s, "。") == NULL &&
	    strchr(s, ',') == NULL) {
		*any = (struct wn_verdict){
		    WINNOW_KIND_DATELINE, WN_ACT_ANY, "a day of the week"};
		return;
	}
	if (chars <= COUNT_MAX && (*s == '(' || (*s >= '0' && *s <= '9')))
		find_count(s, n, any);
	else if (chars <= COUNT_MAX)
		find_count_within(s, n, any);
	if (any->act != WN_ACT_NONE)
		return;
	if (chars <= 80 && is_picture_name(s, n))
		*any = (struct wn_verdict){WINNOW_KIND_IMAGE_FILENAME,
		    WN_ACT_ANY, "a picture's file name"};
	else if (chars <= 40 && !line->date &&
		 (is_page_count(s, n) || is_page_row(s, n) ||
		     is_one_of(s, n)))
		*any = (struct wn_verdict){
		    WINNOW_KIND_PAGINATION, WN_ACT_ANY, "page numbers"};
	else if (chars <= 12 && !has_letter(s, n))
		*any = (struct wn_verdict){
		    WINNOW_KIND_STRAY, WN_ACT_ANY, "no letter in it"};
}

static int
holds(const char *s, size_t n, const char *part, size_t len)
{
	return len <= n && memmem(s, n, part, len) != NULL;
}

/* Is this line the title, or does it begin with it? */
static void
compare_title(const struct wn_lines *l, const struct wn_block *b, size_t n,
    uint32_t chars, struct wn_line *line)
{
	const char *s = l->text;
	size_t end;

	if (n == 0 || l->name_len + l->tag_len == 0)
		return;
	/* a short message is named by all it says */
	if (!b->heading && b->marks >= MESSAGE_MARKS)
		return;
	if (n == l->name_len && memcmp(s, l->name, n) == 0) {
		line->title = WN_TITLE_SAME;
	} else if (l->name_len >= LONG_TITLE && n > l->name_len &&
		   n - l->name_len <= LABEL_MAX &&
		   memcmp(s + n - l->name_len, l->name, l->name_len) == 0) {
		line->title = WN_TITLE_SAME;
	} else if (l->name_len >= 12 && n > l->name_len &&
		   memcmp(s, l->name, l->name_len) == 0) {
		end = l->at[l->name_len];
		if (end > 0 && end < b->text.n &&
		    ((unsigned char)b->text.p[end - 1] <= ' ' ||
			(unsigned char)b->text.p[end] <= ' ')) {
			line->title = WN_TITLE_BEGINS;
			line->title_end = (uint32_t)end;
		}
	} else if (chars >= 5 && chars <= 80 &&
		   ((n * 2 > l->name_len &&
			holds(l->name, l->name_len, s, n)) ||
		       (n * 2 > l->tag_len &&
			   holds(l->tag, l->tag_len, s, n)) ||
		       /* the last of two lines that a <br> made of it */
		       (chars >= 6 && n * 4 > l->name_len &&
			   ends_with(l->name, l->name_len, s)))) {
		line->title = WN_TITLE_PART;
	}
}

void
wn_line(struct wn_lines *l, const struct wn_block *b, struct wn_line *line)
{
	size_t n, from = 0, skip;
	uint32_t chars;
	int votes = 0;

	memset(line, 0, sizeof(*line));
	l->now++;
	n = fold(l->x, b->text.p, b->text.n < FOLD_MAX ? b->text.n : END_MAX,
	    l->text, FOLD_MAX, l->at);
	chars = b->text.n < FOLD_MAX ? count(l->text, n) : b->chars;
	skip = skip_marks(l->text, n);
	if (n > 0)
		match_at(l, l->x->beg[pair(l->text + skip)], l->text + skip,
		    n - skip, chars, line, &votes);
	if (skip > 0)
		match_at(l, l->x->beg[pair(l->text)], l->text, n, chars, line,
		    &votes);
	for (size_t i = 0; chars <= 600 && i < n; i++) {
		uint16_t x = l->x->has[pair(l->text + i)];

		if (x != 0 && ((unsigned char)l->text[i] & 0xc0) != 0x80)
			match_at(l, x, l->text + i, n - i, chars, line, &votes);
	}
	if (votes >= VOTES && line->any.act == WN_ACT_NONE)
		line->any = (struct wn_verdict){
		    WINNOW_KIND_DISCLAIMER, WN_ACT_ANY, "words of disclaimers"};
	shapes(l->text, n, chars, line);
	if (chars <= 80 && line->head.act == WN_ACT_NONE && is_by(&b->text))
		line->head = (struct wn_verdict){
		    WINNOW_KIND_BYLINE, WN_ACT_HEAD, "by somebody"};
	compare_title(l, b, n, chars, line);
	if (b->heading && b->link_chars > 0)
		cut_edit_link(b, line);
	if (b->chars > 40) {
		if (b->text.n >= FOLD_MAX) {
			from = b->text.n - END_MAX;
			while (((unsigned char)b->text.p[from] & 0xc0) == 0x80)
				from++;
			n = fold(l->x, b->text.p + from, b->text.n - from,
			    l->text, FOLD_MAX, l->at);
		}
		find_cut(l, b, from, n, line);
	}
}
