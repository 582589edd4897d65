/* meta_title.c - the title: what the title element, the heading and the meta
 * tags agree on.
 *
 * The title element nearly always holds the title, and the site's and the
 * section's names around it. A line of the page whose letters all stand in it
 * is the title without them; the heading wins, then the longest. Without such
 * a line the meta tags' title or a segment of the title element is taken.
 *
 * Invariants
 *  MT1  What is chosen is printed on the page or said by a tag; nothing is
 *       composed. */
#include "cleaner/meta.h"

#include <string.h>

#include "cleaner/normalise.h"
#include "cleaner/utf8.h"

enum { TITLE_MAX = 450, SKELETON_MAX = 640, LINES = 400, SEGMENTS = 12 };

size_t
wn_skeleton(struct wn_str s, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n;) {
		unsigned k;
		uint32_t c = wn_utf8_get(s.p + i, &k);

		if (c >= 0xFF01 && c <= 0xFF5E)
			c -= 0xFEE0;
		if (n + 4 >= cap)
			break;
		if (c < 0x80) {
			if (c - '0' < 10 || (c | 32) - 'a' < 26)
				out[n++] =
				    (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
		} else if (c >= 0xC0 && !(c >= 0x2000 && c <= 0x2BFF) &&
			   !(c >= 0x3000 && c <= 0x303F && c != 0x3007) &&
			   c != 0x30FB && c != 0xD7 && c != 0xF7) {
			memcpy(out + n, s.p + i, k);
			n += k;
		}
		i += k;
	}
	out[n] = '\0';
	return n;
}

static size_t
count_chars(struct wn_str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((uint8_t)s.p[i] & 0xC0) != 0x80;
	return n;
}

/* ---- segments -------------------------------------------------------------
 */

/* Length of a separator of names at byte i; 0: none. A hyphen without spaces
 * separates only beside Han characters. */
static size_t
separator(struct wn_str s, size_t i)
{
	static const char *const seps[] = {" - ", " – ", " — ", " | ", " · ",
	    " » ", " :: ", " _ ", " ‒ ", " • ", "｜", "|", "_", "－", "－－",
	    ">>", "»", "--", "«", " / "};
	unsigned l;

	for (size_t k = 0; k < sizeof(seps) / sizeof(seps[0]); k++) {
		size_t n = strlen(seps[k]);

		if (s.n - i >= n && memcmp(s.p + i, seps[k], n) == 0)
			return n;
	}
	return s.p[i] == '-' && i > 0 &&
	       (wn_is_han(wn_char_before(s, i, &l)) ||
		   wn_is_han(wn_char_at(s, i + 1, &l)));
}

static size_t
split(struct wn_str s, struct wn_str *out)
{
	size_t n = 0, beg = 0, k;

	for (size_t i = 0; i < s.n && n + 1 < SEGMENTS;) {
		if (i == 0 || (k = separator(s, i)) == 0) {
			i++;
			continue;
		}
		out[n] = wn_trim((struct wn_str){s.p + beg, i - beg});
		n += out[n].n > 0;
		i = beg = i + k;
	}
	out[n] = wn_trim((struct wn_str){s.p + beg, s.n - beg});
	return n + (out[n].n > 0);
}

/* Words that site and section names end in. */
static int
names_a_site(struct wn_str s)
{
	static const char *const ends[] = {"网", "網", "网站", "官网", "门户",
	    "频道", "日报", "晚报", "早报", "今报", "教育局", "政府", "首页",
	    "论坛", "博客", "新闻", "百科", "文库", "中心", "在线", "平台",
	    "门户网站", ".com", ".cn", ".net", ".org", "学校", "大学", "中学",
	    "小学", "报", "Blog", "News", "blog", "wiki", "资讯"};

	for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++) {
		size_t n = strlen(ends[k]);

		if (s.n >= n && memcmp(s.p + s.n - n, ends[k], n) == 0)
			return count_chars(s) <= 16;
	}
	return 0;
}

static int
is_sitename(const struct wn_meta *m, struct wn_str s)
{
	const struct wn_said *site = wn_said_best(m, WN_F_SITENAME);
	char a[SKELETON_MAX], b[SKELETON_MAX];
	size_t n = wn_skeleton(s, a, sizeof(a));

	return site != NULL && n > 0 &&
	       wn_skeleton(site->s, b, sizeof(b)) == n && memcmp(a, b, n) == 0;
}

/* The segment that is the title: the longest, the first one favoured, no
 * site's name. */
static struct wn_str
best_segment(const struct wn_meta *m, struct wn_str s)
{
	struct wn_str seg[SEGMENTS], best = {s.p, 0};
	size_t n = split(s, seg), score = 0;

	for (size_t i = 0; i < n; i++) {
		size_t v = 2 * count_chars(seg[i]);

		if (i == 0)
			v = v * 2 + 6;
		if (is_sitename(m, seg[i]) && n > 1)
			v = 1;
		else if (names_a_site(seg[i]) && n > 1)
			v /= 3;
		if (v > score) {
			score = v;
			best = seg[i];
		}
	}
	return best.n > 0 ? best : s;
}

/* ---- lines of the page ----------------------------------------------------
 */

static int
is_listed(const struct wn_block *b)
{
	return b->link_chars * 2 > b->chars;
}

/* Value of a line as the title, given the letters of the title element. */
static long
line_score(const struct wn_block *b, const char *tag, struct wn_str text)
{
	char k[SKELETON_MAX];
	size_t n = wn_skeleton(text, k, sizeof(k));
	const char *at;

	if (n < 4 || (at = strstr(tag, k)) == NULL)
		return 0;
	return (long)n * 2 + (b->heading ? 60 - 8 * b->heading : 0) +
	       (at == tag ? 30 : 0) - (is_listed(b) ? 60 : 0);
}

/* A heading the title element holds only the beginning of. */
static int
is_longer_heading(const struct wn_block *b, const char *first, size_t n)
{
	char k[SKELETON_MAX];

	return b->heading && n >= 15 &&
	       wn_skeleton(b->text, k, sizeof(k)) > n &&
	       memcmp(k, first, n) == 0;
}

static struct wn_str
line_of(const struct wn_meta *m, const char *tag, uint32_t *block)
{
	const struct wn_doc *d = m->d;
	struct wn_str best = {NULL, 0};
	char first[SKELETON_MAX];
	size_t n = 0;
	long score = 0;

	if (d->title_tag != NULL)
		n = wn_skeleton(best_segment(m, (struct wn_str){d->title_tag,
						    strlen(d->title_tag)}),
		    first, sizeof(first));
	for (size_t i = 0; i < d->nblocks && i < LINES; i++) {
		const struct wn_block *b = &d->blocks[i];
		long v;

		if (b->text.n > TITLE_MAX || b->text.n < 4)
			continue;
		v = line_score(b, tag, b->text);
		if (v == 0 && is_longer_heading(b, first, n))
			v = (long)n * 2 + 50;
		if (v > score) {
			score = v;
			best = b->text;
			*block = (uint32_t)i + 1;
		}
	}
	/* less than a third of what the title element says of the article */
	if (best.p != NULL && *block > 0) {
		char k[SKELETON_MAX];

		if (wn_skeleton(best, k, sizeof(k)) * 3 < n)
			best.p = NULL;
	}
	return best;
}

/* The first heading, or a line in an element that is named so. */
static struct wn_str
heading_of(const struct wn_meta *m, uint32_t *block)
{
	const struct wn_doc *d = m->d;
	struct wn_str best = {NULL, 0};
	int level = 4;

	for (size_t i = 0; i < d->nblocks; i++) {
		const struct wn_block *b = &d->blocks[i];

		if (b->heading == 0 || b->heading >= level ||
		    b->text.n > TITLE_MAX || b->text.n < 6 || is_listed(b) ||
		    is_sitename(m, b->text))
			continue;
		level = b->heading;
		best = b->text;
		*block = (uint32_t)i + 1;
	}
	return best;
}

/* ---- the choice -----------------------------------------------------------
 */

/* ".docx" and its like at the end: a document's file name. */
static struct wn_str
without_extension(struct wn_str s)
{
	static const char *const ext[] = {".docx", ".doc", ".pdf", ".pptx",
	    ".ppt", ".xlsx", ".xls", ".txt", ".wps", ".rar", ".zip"};

	for (size_t i = 0; i < sizeof(ext) / sizeof(ext[0]); i++) {
		size_t n = strlen(ext[i]);

		if (s.n > n + 3 && strncasecmp(s.p + s.n - n, ext[i], n) == 0)
			s.n -= n;
	}
	return wn_trim(s);
}

/* Finds the block that prints the chosen title. */
static uint32_t
block_of(const struct wn_doc *d, struct wn_str title)
{
	char k[SKELETON_MAX], b[SKELETON_MAX];
	size_t n = wn_skeleton(title, k, sizeof(k));

	for (size_t i = 0; i < d->nblocks && i < LINES && n > 0; i++)
		if (d->blocks[i].text.n <= TITLE_MAX &&
		    wn_skeleton(d->blocks[i].text, b, sizeof(b)) == n &&
		    memcmp(k, b, n) == 0)
			return (uint32_t)i + 1;
	return 0;
}

static void
find_subtitle(struct wn_meta *m)
{
	struct wn_doc *d = m->d;
	const struct wn_block *b;
	const char *class;

	if (m->title_block == 0)
		return;
	for (size_t i = m->title_block;
	     i < d->nblocks && i < m->title_block + 3u; i++) {
		b = &d->blocks[i];
		if (b->text.n > 240 || b->text.n < 6)
			continue;
		class = wn_attr(d->tree, b->node, WN_ATTR_CLASS);
		if (class == NULL)
			class = wn_attr(d->tree, b->node, WN_ATTR_ID);
		if (memcmp(b->text.p, "——", 6) == 0 ||
		    (class != NULL && (strcasestr(class, "subtitle") != NULL ||
					  strcasestr(class, "sub-title") ||
					  strcasestr(class, "futitle") ||
					  strcasestr(class, "fubiaoti")))) {
			d->pub.subtitle =
			    wn_strndup(d->arena, b->text.p, b->text.n);
			return;
		}
	}
}

int
wn_meta_title(struct wn_meta *m)
{
	struct wn_doc *d = m->d;
	const struct wn_said *meta = wn_said_best(m, WN_F_TITLE);
	struct wn_str tag = {d->title_tag, 0}, best = {NULL, 0};
	char k[2 * SKELETON_MAX];
	uint32_t block = 0;

	if (tag.p != NULL) {
		tag.n = strlen(tag.p);
		wn_skeleton(tag, k, sizeof(k));
		best = line_of(m, k, &block);
	}
	if (best.p == NULL && meta != NULL) {
		wn_skeleton(meta->s, k, sizeof(k));
		best = line_of(m, k, &block);
		if (best.p == NULL)
			best = best_segment(m, meta->s);
	}
	if (best.p == NULL && tag.n > 0) {
		best = best_segment(m, tag);
		if (is_sitename(m, best) || names_a_site(best) ||
		    count_chars(best) < 4) {
			struct wn_str h = heading_of(m, &block);

			best = h.p != NULL ? h : best;
		}
	}
	if (best.p == NULL)
		best = heading_of(m, &block);
	if (best.p == NULL)
		return 0;
	best = without_extension(best);
	d->pub.title = wn_strndup(d->arena, best.p, best.n);
	m->title_block = block != 0 ? block : block_of(d, best);
	find_subtitle(m);
	return d->pub.title == NULL ? WINNOW_ENOMEM : 0;
}
