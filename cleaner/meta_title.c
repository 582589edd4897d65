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

#include "cleaner/date.h"
#include "cleaner/normalise.h"
#include "cleaner/utf8.h"

enum {
	TITLE_MAX = 450,
	SKELETON_MAX = 640,
	LINES = 400,
	SEGMENTS = 12,
	PREFIX = 18,
	LIKELY = 30, /* of heading_score(): where nothing else says a title */
	SURE = 55    /* against what the title element says */
};

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
	return wn_utf8_chars(s.p, s.n);
}

/* ---- segments ---------------------------------------------------------- */

/* Length of a separator of names at byte i; 0: none. A hyphen without spaces
 * separates only beside Han characters. */
static size_t
separator(struct wn_str s, size_t i)
{
	static const char *const seps[] = {" - ", " – ", " — ", " | ", " · ",
	    " » ", " :: ", " _ ", " ‒ ", " • ", "｜", "|", "_", "－", "－－",
	    ">>", "»", "--", "«", " / "};
	uint8_t c = (uint8_t)s.p[i];
	unsigned l;

	/* none begins otherwise: nearly every byte leaves here */
	if (c != ' ' && c != '-' && c != '|' && c != '_' && c != '>' &&
	    c != 0xC2 && c != 0xEF)
		return 0;
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
	    "小学", "报", "全书", "Blog", "News", "blog", "wiki", "资讯"};

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

	if (n > 0 && wn_names_host(m, s))
		return 1;
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
			v = v * 2 + 10;
		if (is_sitename(m, seg[i]) && n > 1)
			v = 1;
		else if (names_a_site(seg[i]) && n > 1)
			v /= 3;
		if (n > 1 && wn_in_address(m->d, seg[i]))
			v *= 3;
		if (v > score) {
			score = v;
			best = seg[i];
		}
	}
	return best.n > 0 ? best : s;
}

/* ---- lines of the page ------------------------------------------------- */

static int
is_listed(const struct wn_block *b)
{
	return b->link_chars * 2 > b->chars;
}

/* Is a line a link to the site's front page: the site's name? */
static int
names_home(const struct wn_doc *d, const struct wn_block *b)
{
	const struct wn_tree *t = d->tree;

	for (uint32_t i = b->node; i < b->end; i++) {
		const char *href = t->nodes[i].tag == WN_TAG_A
				       ? wn_attr(t, i, WN_ATTR_HREF)
				       : NULL;

		if (href == NULL)
			continue;
		if (strncmp(href, "http", 4) == 0 &&
		    (href = strstr(href, "://")) != NULL)
			href = strchr(href + 3, '/');
		return href == NULL || strcmp(href, "/") == 0;
	}
	return 0;
}

/* Value of a line as the title, given the letters of the title element. */
static long
line_score(const struct wn_meta *m, const struct wn_block *b, const char *tag)
{
	char k[SKELETON_MAX];
	size_t n = wn_skeleton(b->text, k, sizeof(k));
	const char *at;

	if (n < 4 || (at = strstr(tag, k)) == NULL ||
	    (at != tag && is_listed(b) && names_home(m->d, b)))
		return 0;
	return (long)(n < 60 ? n : 60) * 2 +
	       (b->heading ? 60 - 8 * b->heading : 0) + (at == tag ? 50 : 0) -
	       (is_listed(b) ? 60 : 0) - (names_a_site(b->text) ? 40 : 0) +
	       (b->heading && wn_in_address(m->d, b->text) ? 60 : 0) -
	       (is_sitename(m, b->text) ? 120 : 0);
}

static int
ends_in_dots(struct wn_str s)
{
	return (s.n > 3 && memcmp(s.p + s.n - 3, "...", 3) == 0) ||
	       (s.n > 3 && memcmp(s.p + s.n - 3, "…", 3) == 0);
}

/* A heading of which the title element holds only the beginning. */
static int
is_longer_heading(const struct wn_block *b, const char *first, size_t n)
{
	char k[SKELETON_MAX];

	return n >= 15 && wn_skeleton(b->text, k, sizeof(k)) > n &&
	       memcmp(k, first, n) == 0;
}

/* A heading broken in two lines: what the title element says as a whole. */
static struct wn_str
whole_title(const struct wn_doc *d, uint32_t block, struct wn_str seg)
{
	char k[2 * SKELETON_MAX], whole[SKELETON_MAX];
	size_t n = wn_skeleton(d->blocks[block - 1].text, k, SKELETON_MAX);

	if (block < d->nblocks && d->blocks[block].text.n < TITLE_MAX) {
		wn_skeleton(d->blocks[block].text, k + n, SKELETON_MAX);
		if (k[n] != '\0' &&
		    wn_skeleton(seg, whole, sizeof(whole)) > n &&
		    strncmp(whole, k, strlen(k)) == 0)
			return seg;
	}
	return d->blocks[block - 1].text;
}

/* A heading that is the segment and a few letters more: 浏览:1450. */
static uint32_t
heading_with(const struct wn_doc *d, const char *first, size_t n)
{
	char k[SKELETON_MAX];

	for (size_t i = 0; i < d->nblocks && i < LINES && n >= 12; i++)
		if (d->blocks[i].heading && d->blocks[i].text.n < TITLE_MAX &&
		    wn_skeleton(d->blocks[i].text, k, sizeof(k)) > n &&
		    memcmp(k, first, n) == 0 && strlen(k) < n + 36)
			return (uint32_t)i + 1;
	return 0;
}

/* The line that agrees best with `tag`, the title element or a meta tag. */
static struct wn_str
line_of(const struct wn_meta *m, struct wn_str tag, uint32_t *block)
{
	const struct wn_doc *d = m->d;
	struct wn_str seg = best_segment(m, tag), none = {NULL, 0};
	char letters[2 * SKELETON_MAX], first[SKELETON_MAX], k[SKELETON_MAX];
	size_t n = wn_skeleton(seg, first, sizeof(first));
	int cut = ends_in_dots(seg);
	long score = 0;

	*block = 0;
	wn_skeleton(tag, letters, sizeof(letters));
	for (size_t i = 0; i < d->nblocks; i++) {
		const struct wn_block *b = &d->blocks[i];
		long v;

		if (b->text.n > TITLE_MAX || b->text.n < 4 ||
		    ((is_listed(b) || i >= LINES) && !b->heading))
			continue;
		/* by its first letters most lines are none of the title */
		wn_skeleton(b->text, k, PREFIX);
		if (strstr(letters, k) == NULL)
			continue;
		v = line_score(m, b, letters);
		if (v == 0 && cut && is_longer_heading(b, first, n))
			v = (long)n * 2 + 50;
		if (v > score) {
			score = v;
			*block = (uint32_t)i + 1;
		}
	}
	if (*block == 0 && (*block = heading_with(d, first, n)) != 0)
		return seg;
	/* less than a third of what the title element says of the article */
	if (*block == 0 ||
	    wn_skeleton(d->blocks[*block - 1].text, k, sizeof(k)) * 3 < n) {
		*block = 0;
		return none;
	}
	return whole_title(d, *block, seg);
}

/* ---- without a title element that says it ------------------------------- */

static int
has_word(const char *v)
{
	static const char *const words[] = {
	    "title", "tit", "heading", "bt", "biaoti", "headline", "subject"};

	for (size_t i = 0; v != NULL && i < sizeof(words) / sizeof(words[0]);
	     i++)
		if (strcasestr(v, words[i]) != NULL)
			return 1;
	return 0;
}

static int
is_furniture(struct wn_str s)
{
	static const char *const words[] = {"导航", "相关", "评论", "登录",
	    "栏目", "首页", "推荐", "最新", "热门", "友情链接", "公告", "搜索",
	    "分类", "排行", "点击", "联系我们", "您的位置", "当前位置", "欢迎",
	    "版权", "网站", "文章列表", "更多", "http", "信息", "Copyright"};

	/* 关于发布招生信息的公告 is no name of a box */
	static const char *const names[] = {"登录", "友情链接", "您的位置",
	    "当前位置", "欢迎", "版权", "http", "Copyright"};
	const char *const *w = s.n > 36 ? names : words;
	size_t n = s.n > 36 ? sizeof(names) / sizeof(names[0])
			    : sizeof(words) / sizeof(words[0]);

	for (size_t i = 0; i < n; i++)
		if (memmem(s.p, s.n < 40 ? s.n : 40, w[i], strlen(w[i])) !=
		    NULL)
			return 1;
	return 0;
}

/* font-size: 24px and its like */
static int
is_large(const char *style)
{
	const char *p = style != NULL ? strstr(style, "font-size") : NULL;

	if (p == NULL)
		return 0;
	p += strcspn(p, "0123456789;");
	return (p[0] == '1' && p[1] >= '8') ||
	       (p[0] >= '2' && p[0] <= '4' && p[1] >= '0' && p[1] <= '9');
}

/* Is all of a line set large or bold by an element inside of it? */
static int
is_set_off(const struct wn_doc *d, const struct wn_block *b)
{
	const struct wn_tree *t = d->tree;

	for (uint32_t i = b->node + 1; i < b->end && i < b->node + 8; i++) {
		const struct wn_node *n = &t->nodes[i];

		if (n->tag == WN_TAG_TEXT)
			return 0;
		if (n->end < b->end)
			continue;
		if (n->tag == WN_TAG_B || n->tag == WN_TAG_STRONG ||
		    is_large(wn_attr(t, i, WN_ATTR_STYLE)))
			return 1;
	}
	return 0;
}

/* 发布日期：2017-03-22 点击次数：405, 来源：校团委 2005年12月10日: a short
 * line that has a date and the name of something, as stands under titles. */
static int
is_about_line(const struct wn_doc *d, size_t i)
{
	static const char *const words[] = {"时间", "日期", "来源", "作者",
	    "发布", "点击", "浏览", "阅读", "访问", "编辑", "時間", "來源",
	    "發布", "點", "瀏覽", "記者", "记者"};
	struct wn_str s;
	struct wn_date date;

	if (i >= d->nblocks)
		return 0;
	s = d->blocks[i].text;
	if (d->blocks[i].chars > 90 || is_listed(&d->blocks[i]) ||
	    !wn_date_find(s.p, s.n, d->page->now, &date) ||
	    date.kind != WN_DATE_FULL)
		return 0;
	/* 某融媒 2024-04-23 17:55 */
	if (date.hour >= 0 && date.beg > 0 && date.beg < 60)
		return 1;
	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
		if (memmem(s.p, s.n, words[k], strlen(words[k])) != NULL)
			return 1;
	return 0;
}

/* How many sentences end in a line: a mark at its end, or with a space and a
 * capital behind it. */
static size_t
sentences(struct wn_str s)
{
	size_t k = 0;

	for (size_t i = 1; i < s.n; i++)
		if ((s.p[i] == '.' || s.p[i] == '!' || s.p[i] == '?') &&
		    s.p[i - 1] >= 'a' && s.p[i - 1] <= 'z')
			k += i + 1 == s.n ||
			     (i + 2 < s.n && s.p[i + 1] == ' ' &&
				 s.p[i + 2] >= 'A' && s.p[i + 2] <= 'Z');
	return k;
}

/* How much a line looks like the heading of what follows it: named or set as
 * one, with a date beneath and a long paragraph soon. below: the text has begun
 * above it, so that the line of source and time is another's. */
static int
heading_score(const struct wn_doc *d, size_t i, int below)
{
	const struct wn_block *b = &d->blocks[i];
	uint32_t up = d->tree->nodes[b->node].parent;
	size_t chars = b->chars;
	struct wn_date date;
	/* a page that begins with it has no other furniture */
	int v = b->heading ? 48 - 8 * b->heading : i == 0 ? 22 : 0;
	char few[PREFIX];

	if (chars < 3 || chars > 80 ||
	    wn_skeleton(b->text, few, sizeof(few)) == 0)
		return 0;
	/* a sentence, or several */
	if (!b->heading &&
	    (memcmp(b->text.p + b->text.n - 3, "。", 3) == 0 ||
		sentences(b->text) > 1))
		return 0;
	if (has_word(wn_attr(d->tree, b->node, WN_ATTR_CLASS)) ||
	    has_word(wn_attr(d->tree, b->node, WN_ATTR_ID)))
		v += 30;
	else if (has_word(wn_attr(d->tree, up, WN_ATTR_CLASS)))
		v += 15;
	if (is_large(wn_attr(d->tree, b->node, WN_ATTR_STYLE)) ||
	    is_set_off(d, b))
		v += 25;
	if (!below && b->link_chars == 0 && b->text.n > 3 &&
	    memcmp(b->text.p + b->text.n - 3, "。", 3) != 0 &&
	    (is_about_line(d, i + 1) ||
		(v > 22 && !is_listed(&d->blocks[i + 1]) &&
		    is_about_line(d, i + 2))))
		v += 20;
	/* a date, or # re: … 2004-12-27 17:34 above a comment */
	if (wn_date_find(b->text.p, b->text.n, d->page->now, &date) &&
	    (date.hour >= 0 || v <= 22 ||
		(date.end - date.beg) * 2 > b->text.n))
		return 0;
	if (v == 0 || (is_listed(b) && !b->heading && v < 30) ||
	    is_furniture(b->text))
		return 0;
	for (size_t k = i + 1; k < d->nblocks && k < i + 4; k++)
		if (d->blocks[k].chars < 80 &&
		    wn_date_find(d->blocks[k].text.p, d->blocks[k].text.n,
			d->page->now, &date)) {
			v += 30;
			break;
		}
	for (size_t k = i + 1; k < d->nblocks && k < i + 7; k++)
		if (d->blocks[k].chars > 60 && !is_listed(&d->blocks[k])) {
			v += 25;
			break;
		}
	return v + (chars >= 6 ? 10 : 0);
}

/* Words, no link, and the line of source and time beneath. */
static int
is_above_source(const struct wn_doc *d, size_t i)
{
	static const char *const labels[] = {
	    "作者", "来源", "发布", "发表", "时间", "日期", "编辑", "楼主"};
	const struct wn_block *b = &d->blocks[i];

	/* 作者：某人 stands there as well */
	for (size_t k = 0; k < sizeof(labels) / sizeof(labels[0]); k++)
		if (b->text.n > 6 && memcmp(b->text.p, labels[k], 6) == 0)
			return 0;
	return !is_listed(b) && b->cjk >= 4 && b->cjk * 2 > b->chars &&
	       (is_about_line(d, i + 1) || is_about_line(d, i + 2));
}

/* The best of the lines that score more; one that is to be SURE stands above
 * its source and time. */
static struct wn_str
heading_of(const struct wn_meta *m, int score, uint32_t *block)
{
	const struct wn_doc *d = m->d;
	struct wn_str best = {NULL, 0};
	int sure = score >= SURE, below = 0;

	for (size_t i = 0; i < d->nblocks && i < LINES; i++) {
		int v;

		/* below a paragraph stand the text's own headings, and the
		 * lines of those who comment on it */
		if (d->blocks[i].chars > 120 && d->blocks[i].marks > 1 &&
		    !is_listed(&d->blocks[i]))
			below = 1;
		if (below && sure)
			break;
		if (d->blocks[i].text.n > TITLE_MAX ||
		    is_sitename(m, d->blocks[i].text) ||
		    (sure && !is_above_source(d, i)) ||
		    (!d->blocks[i].heading && names_a_site(d->blocks[i].text)))
			continue;
		if ((v = heading_score(d, i, below)) > score) {
			score = v;
			best = d->blocks[i].text;
			*block = (uint32_t)i + 1;
		}
	}
	return best;
}

/* May a line be a column's or a site's name: 新闻中心, 打印文章? Short, and
 * not where headings stand, or a link or the path has it too. */
static int
is_column(const struct wn_meta *m, struct wn_str s, uint32_t block)
{
	const struct wn_doc *d = m->d;

	if (count_chars(s) > 8 || block == 0)
		return 0;
	if (heading_score(d, block - 1, 0) < SURE)
		return 1;
	for (size_t i = 0; i < d->nblocks && i < LINES; i++)
		if (i + 1 != block && d->blocks[i].link_chars > 0 &&
		    d->blocks[i].text.n < 300 &&
		    memmem(d->blocks[i].text.p, d->blocks[i].text.n, s.p,
			s.n) != NULL)
			return 1;
	return 0;
}

/* The page's only heading. */
static struct wn_str
only_heading(const struct wn_meta *m, uint32_t *block)
{
	const struct wn_doc *d = m->d;
	struct wn_str none = {NULL, 0};
	uint32_t found = 0;

	for (size_t i = 0; i < d->nblocks && i < LINES; i++) {
		if (d->blocks[i].heading == 0)
			continue;
		if (found != 0)
			return none;
		found = (uint32_t)i + 1;
	}
	if (found == 0 || d->blocks[found - 1].chars < 6 ||
	    d->blocks[found - 1].text.n > TITLE_MAX ||
	    is_listed(&d->blocks[found - 1]) ||
	    names_a_site(d->blocks[found - 1].text) ||
	    is_furniture(d->blocks[found - 1].text))
		return none;
	*block = found;
	return d->blocks[found - 1].text;
}

/* 名称：… 标题：… in the table of a government page. */
static struct wn_str
labelled_title(const struct wn_doc *d)
{
	static const char *const labels[] = {"名称", "标题", "文件名称",
	    "信息名称", "信息标题", "公文名称", "文件标题", "来信标题",
	    "信件标题", "来信主题", "名稱", "標題", "主旨", "公告标题",
	    "公告名称"};
	struct wn_str none = {NULL, 0};

	for (size_t i = 0; i < d->nblocks && i < LINES; i++) {
		struct wn_str s = d->blocks[i].text;
		char word[40];
		size_t n = 0, k = 0;

		while (k < s.n && n + 3 < sizeof(word) && s.p[k] != '\t' &&
		       s.p[k] != ':' && strncmp(s.p + k, "：", 3) != 0) {
			if (strncmp(s.p + k, "\xE3\x80\x80", 3) == 0)
				k += 3;
			else if (s.p[k] == ' ')
				k++;
			else
				word[n++] = s.p[k++];
		}
		word[n] = '\0';
		if (k == 0 || k + 3 >= s.n || s.n > TITLE_MAX)
			continue;
		for (size_t w = 0; w < sizeof(labels) / sizeof(labels[0]);
		     w++) {
			if (strcmp(word, labels[w]) != 0)
				continue;
			s.p += k;
			s.n -= k;
			while (s.n > 3 &&
			       (*s.p == '\t' || *s.p == ':' || *s.p == ' ' ||
				   strncmp(s.p, "：", 3) == 0)) {
				k = strncmp(s.p, "：", 3) == 0 ? 3 : 1;
				s.p += k;
				s.n -= k;
			}
			k = 0;
			while (k < s.n && s.p[k] != '\t')
				k++;
			s.n = k;
			if (count_chars(s) >= 6)
				return wn_trim(s);
		}
	}
	return none;
}

/* The only h1 of the page, long enough to be no site's name. */
static uint32_t
only_h1(const struct wn_meta *m)
{
	const struct wn_doc *d = m->d;
	uint32_t found = 0;

	for (size_t i = 0; i < d->nblocks; i++) {
		const struct wn_block *b = &d->blocks[i];

		if (b->heading != 1)
			continue;
		if (found != 0 && d->blocks[found - 1].node != b->node)
			return 0;
		if (found == 0)
			found = (uint32_t)i + 1;
	}
	if (found == 0 || d->blocks[found - 1].chars < 12 ||
	    d->blocks[found - 1].text.n > TITLE_MAX ||
	    is_listed(&d->blocks[found - 1]) ||
	    names_a_site(d->blocks[found - 1].text) ||
	    is_sitename(m, d->blocks[found - 1].text))
		return 0;
	return found;
}

/* Does the heading hold all of the title, and more that is glued to it? */
static int
is_part_of(struct wn_str title, struct wn_str heading)
{
	char a[SKELETON_MAX], b[SKELETON_MAX];

	wn_skeleton(title, a, sizeof(a));
	wn_skeleton(heading, b, sizeof(b));
	return a[0] != '\0' && strstr(b, a) != NULL;
}

/* ---- the choice -------------------------------------------------------- */

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

/* Finds the block that prints the chosen title: a heading, a heading that
 * prints it with something before it (Energie: …), a line. */
static uint32_t
block_of(const struct wn_doc *d, struct wn_str title)
{
	char k[SKELETON_MAX], b[SKELETON_MAX];
	size_t n = wn_skeleton(title, k, sizeof(k));
	uint32_t within = 0, line = 0;

	for (size_t i = 0; i < d->nblocks && n > 0; i++) {
		const struct wn_block *o = &d->blocks[i];

		if (o->text.n > TITLE_MAX || (i >= LINES && !o->heading))
			continue;
		if (wn_skeleton(o->text, b, sizeof(b)) == n &&
		    memcmp(k, b, n) == 0 && (o->heading || line == 0)) {
			line = (uint32_t)i + 1;
			if (o->heading)
				return line;
		}
		if (within == 0 && n >= PREFIX && o->heading > 0 &&
		    o->heading < 3 && strstr(b, k) != NULL)
			within = (uint32_t)i + 1;
	}
	return within != 0 ? within : line;
}

/* A breadcrumb may print the title bare, and the heading with its date. */
static uint32_t
heading_around(const struct wn_doc *d, struct wn_str title, uint32_t block)
{
	uint32_t h = block_of(d, title);

	return h != 0 && d->blocks[h - 1].heading &&
		       d->blocks[h - 1].heading < 3
		   ? h
		   : block;
}

/* A heading right under the title's, lower than it and the only one of its
 * level: a newspaper's second line. Headings of sections come in numbers. */
static int
is_second_line(const struct wn_doc *d, size_t title, size_t i)
{
	const struct wn_block *b = &d->blocks[i];

	if (i != title + 1 || d->blocks[title].heading == 0 ||
	    b->heading <= d->blocks[title].heading || b->link_chars > 0 ||
	    b->text.n > 120 || memmem(b->text.p, b->text.n, "。", 3) != NULL)
		return 0;
	for (size_t k = i + 1; k < d->nblocks; k++)
		if (d->blocks[k].heading == b->heading)
			return 0;
	return 1;
}

/* 2019年09月11日 某网 1665: the line about the article. */
static int
is_about(const struct wn_doc *d, struct wn_str s)
{
	struct wn_date date;

	return wn_date_find(s.p, s.n, d->page->now, &date) &&
	       date.kind == WN_DATE_FULL &&
	       (date.hour >= 0 || date.beg == 0 || (size_t)date.end == s.n);
}

/* A line of words between the title and the line about it. */
static int
stands_between(const struct wn_doc *d, size_t i)
{
	const struct wn_block *b = &d->blocks[i];

	return is_about_line(d, i + 1) && !is_about_line(d, i) &&
	       b->link_chars == 0 && b->chars >= 6 && b->chars <= 40 &&
	       b->cjk * 3 > b->chars * 2 &&
	       memmem(b->text.p, b->text.n, "：", 3) == NULL &&
	       memmem(b->text.p, b->text.n, "记者", 6) == NULL &&
	       memmem(b->text.p, b->text.n, "。", 3) == NULL &&
	       memchr(b->text.p, ':', b->text.n) == NULL &&
	       !is_furniture(b->text);
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
		if (b->text.n > 240 || b->text.n < 6 || is_about(d, b->text))
			continue;
		class = wn_attr(d->tree, b->node, WN_ATTR_CLASS);
		if (class == NULL)
			class = wn_attr(d->tree, b->node, WN_ATTR_ID);
		if (memcmp(b->text.p, "——", 6) == 0 ||
		    (m->chinese && i == m->title_block &&
			stands_between(d, i)) ||
		    (m->chinese && is_second_line(d, m->title_block - 1, i)) ||
		    (class != NULL && (strcasestr(class, "subtitle") != NULL ||
					  strcasestr(class, "sub-title") ||
					  strcasestr(class, "futitle") ||
					  strcasestr(class, "fubiaoti")))) {
			d->pub.subtitle =
			    wn_strndup(d->arena, b->text.p, b->text.n);
			m->subtitle_block = (uint32_t)i + 1;
			wn_credit(m, WN_F_SUBTITLE, WN_BY_TEXT, b->node,
			    "line under the title");
			return;
		}
	}
}

/* What a heading says without its kicker; of a kicker, what it stands above. */
static struct wn_str
of_heading(const struct wn_meta *m, struct wn_str title, uint32_t *block)
{
	const struct wn_doc *d = m->d;
	const struct wn_block *b = &d->blocks[*block - 1];

	if (wn_is_kicker(m, *block))
		return d->blocks[(*block)++].text;
	if (b->heading && title.p == b->text.p)
		return wn_heading_title(m, *block);
	return title;
}

/* The line that prints it, else the tag whose words it is. */
static void
credit(struct wn_meta *m, struct wn_str title, uint32_t block)
{
	const struct wn_said *meta = wn_said_best(m, WN_F_TITLE);

	if (block != 0)
		wn_credit(m, WN_F_TITLE, WN_BY_TEXT,
		    m->d->blocks[block - 1].node,
		    m->d->blocks[block - 1].heading ? "heading" : "line");
	else if (meta != NULL && title.p >= meta->s.p &&
		 title.p <= meta->s.p + meta->s.n)
		wn_credit_said(m, meta);
	else
		wn_credit(m, WN_F_TITLE, WN_BY_META, 0, "title element");
}

/* No line prints what the title element says. It may name the site or the
 * column only: then the table's own word, or the line that looks like the
 * heading, is the title. */
static struct wn_str
unprinted(const struct wn_meta *m, struct wn_str tag, uint32_t *block)
{
	struct wn_str s = {NULL, 0};
	int names =
	    is_sitename(m, tag) || names_a_site(tag) || count_chars(tag) < 4;

	if (m->chinese && (s = labelled_title(m->d)).p != NULL)
		return s;
	if (names)
		s = heading_of(m, LIKELY, block);
	else if (m->chinese)
		s = heading_of(m, SURE, block);
	if (s.p == NULL && m->chinese)
		s = only_heading(m, block);
	return s.p != NULL ? s : tag;
}

int
wn_meta_title(struct wn_meta *m)
{
	struct wn_doc *d = m->d;
	const struct wn_said *meta = wn_said_best(m, WN_F_TITLE);
	struct wn_str tag = {d->title_tag, 0}, best = {NULL, 0};
	uint32_t block = 0, h1;

	if (tag.p != NULL) {
		tag.n = strlen(tag.p);
		best = line_of(m, tag, &block);
	}
	if (best.p == NULL && meta != NULL) {
		best = line_of(m, meta->s, &block);
		if (best.p == NULL)
			best = best_segment(m, meta->s);
	}
	if (best.p == NULL && tag.n > 0) {
		best = best_segment(m, tag);
		best = unprinted(m, best, &block);
	} else if (best.p != NULL && m->chinese && is_column(m, best, block)) {
		uint32_t at = 0;
		struct wn_str h = heading_of(m, SURE, &at);

		if (h.p != NULL && at != block) {
			best = h;
			block = at;
		}
	}
	if (best.p == NULL)
		best = heading_of(m, LIKELY, &block);
	/* the title element is worded for search engines, the heading for us */
	if ((block == 0 || (!d->blocks[block - 1].heading &&
			       d->blocks[block - 1].chars < 12)) &&
	    (h1 = only_h1(m)) != 0 &&
	    !is_part_of(best, d->blocks[h1 - 1].text)) {
		block = h1;
		best = d->blocks[h1 - 1].text;
	}
	if (best.p == NULL)
		return 0;
	if (block != 0)
		best = of_heading(m, best, &block);
	best = without_extension(best);
	if (block != 0 && !d->blocks[block - 1].heading)
		block = heading_around(d, best, block);
	d->pub.title = wn_strndup(d->arena, best.p, best.n);
	credit(m, best, block);
	m->title_block = block != 0 ? block : block_of(d, best);
	find_subtitle(m);
	return d->pub.title == NULL ? WINNOW_ENOMEM : 0;
}
