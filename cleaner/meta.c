/* meta.c - the metadata stage: statements gathered, the record's fields
 * chosen.
 *
 * wn_stage_meta runs before extract, which needs the title; wn_stage_meta_late
 * after it, for what only the article's own lines say (a byline in brackets at
 * its end, attachments inside it).
 *
 * Invariants
 *  ME1  A field nobody states stays NULL: nothing is inferred.
 *  ME2  No rule knows a site. */
#include "cleaner/meta.h"

#include <string.h>
#include <strings.h>

#include "cleaner/normalise.h"

enum {
	TAGS_MAX = 20,
	SECTIONS_MAX = 8,
	STEPS_MAX = 6,
	SAID_BYTES = 2000,
	NEAR_LINES = 12,
	NEAR_ALL = 22
};

void
wn_say(struct wn_meta *m, enum wn_field f, enum wn_sayer by, int weight,
    struct wn_str s, uint32_t node, const char *how)
{
	s = wn_trim(s);
	if (f == WN_F_NONE || s.n == 0 || s.n > SAID_BYTES || weight <= 0 ||
	    m->n == WN_SAID_MAX)
		return;
	m->said[m->n++] = (struct wn_said){.s = s,
	    .field = (uint8_t)f,
	    .by = (uint8_t)by,
	    .weight = (uint8_t)weight,
	    .node = node,
	    .how = how};
}

const char *
wn_sayer_name(enum wn_sayer by)
{
	static const char *const sayers[] = {
	    "jsonld", "meta", "time", "text", "url", "feed"};

	return sayers[by];
}

void
wn_credit(struct wn_meta *m, enum wn_field f, enum wn_sayer by, uint32_t node,
    const char *how)
{
	m->origin[f] = (struct wn_origin){
	    .by = wn_sayer_name(by), .how = how, .node = node};
}

void
wn_credit_said(struct wn_meta *m, const struct wn_said *s)
{
	wn_credit(
	    m, (enum wn_field)s->field, (enum wn_sayer)s->by, s->node, s->how);
}

const struct wn_said *
wn_said_best(const struct wn_meta *m, enum wn_field f)
{
	const struct wn_said *best = NULL;

	for (size_t i = 0; i < m->n; i++)
		if (m->said[i].field == f &&
		    (best == NULL || m->said[i].weight > best->weight))
			best = &m->said[i];
	return best;
}

/* The weightiest statement of a field, credited; NULL: none. */
static const struct wn_said *
take_best(struct wn_meta *m, enum wn_field f)
{
	const struct wn_said *s = wn_said_best(m, f);

	if (s != NULL)
		wn_credit_said(m, s);
	return s;
}

static const char *
resolve(struct wn_doc *d, struct wn_str s)
{
	struct winnow_url u;

	if (winnow_url_parse(&u, s.p, s.n, d->url.len ? &d->url : NULL, NULL) !=
	    0)
		return wn_strndup(d->arena, s.p, s.n);
	return wn_strndup(d->arena, u.href, u.len);
}

/* ---- lists ------------------------------------------------------------- */

static size_t
list_separator(struct wn_str s, size_t i, int spaces)
{
	static const char *const seps[] = {
	    ",", "，", "、", ";", "；", "|", "\t", "\n", "　"};

	for (size_t k = 0; k < sizeof(seps) / sizeof(seps[0]); k++) {
		size_t n = strlen(seps[k]);

		if (s.n - i >= n && memcmp(s.p + i, seps[k], n) == 0)
			return n;
	}
	return spaces && s.p[i] == ' ';
}

static int
add_tags(struct wn_doc *d, struct wn_str s)
{
	size_t beg = 0, k = 0;
	int spaces = 1, rc;

	for (size_t i = 0; i < s.n; i++)
		if (list_separator(s, i, 0) > 0)
			spaces = 0;
	if ((uint8_t)s.p[0] < 0x80)
		spaces = 0;
	for (size_t i = 0; i <= s.n && d->pub.tags.n < TAGS_MAX;) {
		struct wn_str one;

		if (i < s.n && (k = list_separator(s, i, spaces)) == 0) {
			i++;
			continue;
		}
		one = wn_trim((struct wn_str){s.p + beg, i - beg});
		if (one.n > 0 && one.n <= 90 &&
		    (rc = wn_list_add(d, &d->pub.tags, one)) != 0)
			return rc;
		if (i == s.n)
			break;
		i = beg = i + k;
	}
	return 0;
}

static int
choose_tags(struct wn_meta *m)
{
	int rc;

	for (size_t i = 0; i < m->n; i++) {
		if (m->said[i].field != WN_F_TAGS)
			continue;
		if (m->d->pub.tags.n == 0)
			wn_credit_said(m, &m->said[i]);
		if ((rc = add_tags(m->d, m->said[i].s)) != 0)
			return rc;
	}
	return 0;
}

/* ---- where the article stands ------------------------------------------ */

/* On a mirror's page 當(dāng)前位置 is the label, too. */
static struct wn_str
without_glosses(const struct wn_doc *d, struct wn_str s)
{
	struct wn_norm norm = {.arena = d->arena, .mirror = 1};

	if (s.n < 300 && memchr(s.p, '(', s.n) != NULL)
		wn_norm_gloss(&norm, &s);
	return s;
}

static int
begins_path(const struct wn_doc *d, struct wn_str s)
{
	static const char *const words[] = {"当前位置", "您的位置",
	    "您现在的位置", "您當前的位置", "您現在的位置", "你的位置",
	    "您所在的位置", "當前位置", "现在位置", "所在位置", "当前的位置",
	    "位置：", "位置:", "您当前的位置", "首页 >", "首页>", "首頁 >",
	    "Home >", "Home ›", "首页 »", "首页›", "首页 -", "首页-", "首页/",
	    "首页 /", "现在的位置", "主页 >", "主页>", "首页→", "首页 →",
	    "您当前所在", "您所在位置", "您目前所在", "你现在的位置"};

	s = without_glosses(d, s);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (s.n > 6 && s.p[1] == words[i][1] && s.p[2] == words[i][2] &&
		    s.n >= strlen(words[i]) &&
		    memcmp(s.p, words[i], strlen(words[i])) == 0)
			return 1;
	return 0;
}

static int
is_section(const struct wn_doc *d, struct wn_str s)
{
	static const char *const none[] = {"首页", "首頁", "主页", "Home",
	    "正文", "内容", "內容", "详细内容", "查看内容", "文章内容",
	    "网站首页", "返回首页", "home", "新闻正文", "文章正文", "信息正文",
	    "HOME", "详情", "Startseite", "浏览文章", "详情页", "详情信息",
	    "位置", "信息详情", "文章详情", "文档详情", "查看详情", "查看",
	    "新闻详情", "新闻内容", "内容详情", "通知详情", "资讯详情",
	    "文章阅读", "阅读文章", "信息内容", "查看信息", "詳情", "詳細內容",
	    "查看文章", "浏览信息", "阅读新闻", "新闻阅读", "主頁", "网站主页",
	    "院首页", "学校首页", "學校首頁", "本站首页"};

	if (s.n == 0 || s.n > 60)
		return 0;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (strlen(none[i]) == s.n && memcmp(s.p, none[i], s.n) == 0)
			return 0;
	if (s.n > 6 && memcmp(s.p + s.n - 6, "首页", 6) == 0)
		return 0;
	if (d->pub.sitename != NULL && strlen(d->pub.sitename) == s.n &&
	    memcmp(d->pub.sitename, s.p, s.n) == 0)
		return 0;
	return d->pub.title == NULL || strlen(d->pub.title) != s.n ||
	       memcmp(d->pub.title, s.p, s.n) != 0;
}

static size_t
step(struct wn_str s, size_t i)
{
	static const char *const seps[] = {">>", ">", "»", "›", "→", "＞", "/",
	    "\\", "|", "→", "：", ":", "-"};

	for (size_t k = 0; k < sizeof(seps) / sizeof(seps[0]); k++) {
		size_t n = strlen(seps[k]);

		if (s.n - i >= n && memcmp(s.p + i, seps[k], n) == 0)
			return n;
	}
	return 0;
}

/* What the first link of a block is called, if it leads to the front page:
 * the site's name in the path. */
static struct wn_str
front_page(const struct wn_doc *d, const struct wn_block *b)
{
	const struct wn_tree *t = d->tree;
	struct wn_str none = {NULL, 0};

	for (uint32_t i = b->node; i < b->end; i++) {
		const char *href;

		if (t->nodes[i].tag != WN_TAG_A ||
		    (href = wn_attr(t, i, WN_ATTR_HREF)) == NULL)
			continue;
		return strcmp(href, "/") == 0 ? wn_trim(wn_text(t, i)) : none;
	}
	return none;
}

static int
same(struct wn_str a, struct wn_str b)
{
	return a.n == b.n && a.n > 0 && memcmp(a.p, b.p, a.n) == 0;
}

static int
add_path(struct wn_doc *d, struct wn_str s, struct wn_str site)
{
	size_t beg = 0, k = 0;
	int rc, first = 1;

	for (size_t i = 0; i <= s.n && d->pub.sections.n < SECTIONS_MAX;) {
		struct wn_str one;

		if (i < s.n && (k = step(s, i)) == 0) {
			i++;
			continue;
		}
		one = wn_trim((struct wn_str){s.p + beg, i - beg});
		if (!(first && begins_path(d, one)) && is_section(d, one) &&
		    !same(one, site) &&
		    (rc = wn_list_add(d, &d->pub.sections, one)) != 0)
			return rc;
		first = 0;
		if (i == s.n)
			break;
		i = beg = i + k;
	}
	return 0;
}

/* The path of a block, text by text: 首页</a><span>学院新闻 has no mark
 * between its steps. */
static int
add_steps(struct wn_doc *d, const struct wn_block *b)
{
	const struct wn_tree *t = d->tree;
	struct wn_str site = front_page(d, b);
	int rc = 0;

	for (uint32_t i = b->first; i < b->end && rc == 0; i++)
		if (t->nodes[i].tag == WN_TAG_TEXT)
			rc = add_path(d, wn_text(t, i), site);
	return rc;
}

/* … > 教育频道 > 正文 */
static int
ends_path(struct wn_str s)
{
	return s.n > 12 && memcmp(s.p + s.n - 6, "正文", 6) == 0 &&
	       memchr(s.p, '>', s.n) != NULL;
}

/* The links of an element that is called so: steps without marks between. */
static int
crumbs(struct wn_doc *d)
{
	const struct wn_tree *t = d->tree;
	uint32_t i = 1, links = 0;
	int rc = 0;

	for (; i < t->n; i++) {
		const char *class = wn_attr(t, i, WN_ATTR_CLASS);

		if (class != NULL && strcasestr(class, "crumb") != NULL &&
		    t->nodes[i].tend - t->nodes[i].tbeg < 300)
			break;
	}
	for (uint32_t k = i; k < t->n && k < t->nodes[i].end && rc == 0; k++) {
		struct wn_str s;

		if (t->nodes[k].tag != WN_TAG_A)
			continue;
		s = wn_trim(wn_text(t, k));
		if (links++ > 0 && is_section(d, s) &&
		    d->pub.sections.n < SECTIONS_MAX)
			rc = wn_list_add(d, &d->pub.sections, s);
	}
	return rc;
}

/* Sections: the breadcrumb, else what the tags say. */
static int
choose_sections(struct wn_meta *m)
{
	struct wn_doc *d = m->d;
	int rc = 0;

	for (size_t b = 0; b < d->nblocks && d->pub.sections.n == 0; b++)
		if (d->blocks[b].text.n < 300 &&
		    (begins_path(d, d->blocks[b].text) ||
			ends_path(d->blocks[b].text)) &&
		    (rc = add_steps(d, &d->blocks[b])) != 0)
			return rc;
	if (d->pub.sections.n >= STEPS_MAX) /* a row of channels */
		d->pub.sections.n = 0;
	if (d->pub.sections.n == 0 && (rc = crumbs(d)) != 0)
		return rc;
	if (d->pub.sections.n > 0) {
		wn_credit(m, WN_F_SECTION, WN_BY_TEXT, 0, "breadcrumb");
		return 0;
	}
	for (size_t i = 0; i < m->n && rc == 0; i++)
		if (m->said[i].field == WN_F_SECTION &&
		    d->pub.sections.n < SECTIONS_MAX &&
		    is_section(d, m->said[i].s)) {
			wn_credit_said(m, &m->said[i]);
			rc = wn_list_add(d, &d->pub.sections, m->said[i].s);
		}
	return rc;
}

/* ---- the site ---------------------------------------------------------- */

static int
ends_in(const char *s, const char *suffix)
{
	size_t n = strlen(s), k = strlen(suffix);

	return n >= k && strcasecmp(s + n - k, suffix) == 0;
}

/* Han text without kana, or a host of a place that writes so. */
static int
is_chinese(const struct wn_doc *d)
{
	size_t chars = 0, cjk = 0;
	char host[256] = "";
	size_t n = d->url.host_end - (size_t)d->url.host_beg;

	for (size_t i = 0; i < d->nblocks; i++) {
		chars += d->blocks[i].chars;
		cjk += d->blocks[i].cjk;
	}
	if (d->url.len > 0 && n < sizeof(host)) {
		memcpy(host, d->url.href + d->url.host_beg, n);
		host[n] = '\0';
	}
	return cjk * 4 > chars || ends_in(host, ".cn") ||
	       ends_in(host, ".tw") || ends_in(host, ".hk") ||
	       ends_in(host, ".mo");
}

/* The part of the title element that is not the title, at its end or, in
 * newspapers, at its beginning. */
static void
site_from_title(struct wn_meta *m)
{
	struct wn_doc *d = m->d;
	static const char *const seps[] = {"_", " - ", "-", " | ", "|", " – "};
	const char *t = d->title_tag, *title = d->pub.title, *at;
	struct wn_str rest = {NULL, 0};

	if (t == NULL || title == NULL || (at = strstr(t, title)) == NULL)
		return;
	for (size_t i = 0; i < sizeof(seps) / sizeof(seps[0]); i++) {
		size_t n = strlen(seps[i]);
		const char *end = at + strlen(title), *last;

		if (at > t && (size_t)(at - t) > n &&
		    memcmp(at - n, seps[i], n) == 0 && *end == '\0') {
			rest = (struct wn_str){t, (size_t)(at - t) - n};
			break;
		}
		if (strncmp(end, seps[i], n) != 0)
			continue;
		for (last = end; (at = strstr(last + n, seps[i])) != NULL;)
			last = at;
		rest = (struct wn_str){last + n, strlen(last + n)};
		break;
	}
	/* 栏目_频道_网站: the last is the site */
	for (size_t i = 0; i + 1 < rest.n && rest.n <= 60; i++)
		if (rest.p[i] == '_' || rest.p[i] == '|') {
			rest.p += i + 1;
			rest.n -= i + 1;
			i = 0;
		}
	rest = wn_trim(rest);
	if (rest.n == 0 || rest.n > 60)
		return;
	d->pub.sitename = wn_strndup(d->arena, rest.p, rest.n);
	wn_credit(m, WN_F_SITENAME, WN_BY_META, 0, "title element");
}

static void
choose_site(struct wn_meta *m)
{
	struct wn_doc *d = m->d;
	const struct wn_said *s = wn_said_best(m, WN_F_SITENAME);

	if (s == NULL || s->s.n > 120) {
		site_from_title(m);
		return;
	}
	wn_credit_said(m, s);
	d->pub.sitename = wn_strndup(d->arena, s->s.p, s->s.n);
}

static void
choose_plain(struct wn_meta *m)
{
	struct wn_doc *d = m->d;
	const struct wn_said *s;

	if ((s = take_best(m, WN_F_DESCRIPTION)) != NULL)
		d->pub.description = wn_strndup(d->arena, s->s.p, s->s.n);
	if ((s = take_best(m, WN_F_IMAGE)) != NULL)
		d->pub.image = resolve(d, s->s);
	if ((s = take_best(m, WN_F_LICENSE)) != NULL)
		d->pub.license =
		    s->s.n > 4 && memmem(s->s.p, s->s.n, "/", 1) != NULL
			? resolve(d, s->s)
			: wn_strndup(d->arena, s->s.p, s->s.n);
}

/* The heading, for extract. */
static void
find_h1(struct wn_doc *d)
{
	for (size_t i = 0; i < d->nblocks; i++)
		if (d->blocks[i].heading == 1) {
			d->h1 = wn_strndup(
			    d->arena, d->blocks[i].text.p, d->blocks[i].text.n);
			return;
		}
}

/* Behind the lines after the title that belong to it: a dozen that are not
 * links alone (the way to the page may stand there, or a row of buttons). */
static uint32_t
near_end(const struct wn_meta *m)
{
	const struct wn_doc *d = m->d;
	uint32_t i = m->title_block, lines = 0;

	for (; i < d->nblocks && i < m->title_block + NEAR_ALL; i++)
		if (d->blocks[i].link_chars * 2 <= d->blocks[i].chars &&
		    ++lines > NEAR_LINES)
			break;
	return i;
}

int
wn_stage_meta(struct wn_doc *d)
{
	struct wn_meta *m = wn_zalloc(d->arena, sizeof(*m));
	int rc;

	if (m == NULL)
		return WINNOW_ENOMEM;
	m->d = d;
	d->meta = m;
	m->chinese = is_chinese(d);
	d->pub.datetime_publish = d->pub.date_modify = WINNOW_NO_TIME;
	wn_meta_host(m);
	wn_meta_tags(m);
	wn_meta_jsonld(m);
	m->nelements = m->n;
	find_h1(d);
	if ((rc = wn_meta_title(m)) != 0)
		return rc;
	m->near_end = near_end(m);
	wn_meta_lines(m);
	choose_site(m);
	choose_plain(m);
	if ((rc = wn_meta_people(m)) != 0 || (rc = choose_tags(m)) != 0 ||
	    (rc = choose_sections(m)) != 0)
		return rc;
	return wn_meta_date(m);
}

/* ---- after extract ----------------------------------------------------- */

/* （本文作者：…） and （记者 张三） at the end of the article. */
static int
author_in_brackets(struct wn_doc *d, struct wn_str s)
{
	static const char *const words[] = {"本文作者", "作者：",
	    "作者:", "记者", "通讯员", "供稿", "撰稿", "文/", "文：", "文:"};
	size_t n, i;

	s = wn_trim(s);
	n = s.n;
	if (n < 12 || (s.p[n - 1] != ')' && memcmp(s.p + n - 3, "）", 3) != 0))
		return 0;
	n -= s.p[n - 1] == ')' ? 1 : 3;
	for (i = n; i > 0 && n - i < 240; i--)
		if (s.p[i - 1] == '(' ||
		    (i >= 3 && memcmp(s.p + i - 3, "（", 3) == 0))
			break;
	if (i == 0 || n - i >= 240)
		return 0;
	s = (struct wn_str){s.p + i, n - i};
	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		size_t w = strlen(words[k]);
		const char *end, *at;

		at = memmem(s.p, s.n, words[k], w);
		/* 总台记者, 本报记者: a few characters may stand before */
		if (at == NULL ||
		    at - s.p > (memcmp(words[k], "文", 3) == 0 ? 45 : 18))
			continue;
		s.n -= (size_t)(at - s.p) + w;
		s.p = at + w;
		/* thanks and the like follow the first comma */
		end = memmem(s.p, s.n, "，", 3);
		if (end == NULL)
			end = memchr(s.p, ',', s.n);
		/* 局党总支书记、局长陈红霞 lists posts, not people */
		if (end != NULL)
			s.n = (size_t)(end - s.p);
		return wn_add_names(d, &d->pub.authors, s);
	}
	/* （姚峰 上海报道） */
	if (s.n < 60 && s.n > 6 && memcmp(s.p + s.n - 6, "报道", 6) == 0) {
		const char *sp = memchr(s.p, ' ', s.n);

		if (sp != NULL && sp - s.p <= 12)
			return wn_add_names(d, &d->pub.authors,
			    (struct wn_str){s.p, (size_t)(sp - s.p)});
	}
	return 0;
}

/* 本报讯（记者 王五） in the first paragraph. */
static int
reporter_in_lead(struct wn_doc *d, struct wn_str s)
{
	static const char *const words[] = {"（记者", "(记者", "（本报记者",
	    "(本报记者", "（通讯员", "（記者", "本报记者 ", "（作者",
	    "（见习记者"};
	size_t room = s.n < 150 ? s.n : 150;

	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		size_t w = strlen(words[k]);
		const char *p = memmem(s.p, room, words[k], w), *end;
		size_t n;

		if (p == NULL)
			continue;
		p += w;
		n = (size_t)(s.p + s.n - p);
		end = memmem(p, n, "）", 3);
		if (end == NULL)
			end = memchr(p, ')', n);
		if (end != NULL && end - p <= 90)
			return wn_add_names(d, &d->pub.authors,
			    (struct wn_str){p, (size_t)(end - p)});
	}
	return 0;
}

static int
late_authors(struct wn_doc *d)
{
	size_t first = d->nblocks, last = 0;
	int rc = 0;

	if (d->pub.authors.n > 0)
		return 0;
	for (size_t i = 0; i < d->nblocks; i++)
		if (d->blocks[i].kept) {
			first = first < i ? first : i;
			last = i;
		}
	if (first == d->nblocks)
		return 0;
	/* the byline itself may have been removed, right behind the text */
	for (size_t i = last + 3 < d->nblocks ? last + 3 : d->nblocks;
	     rc == 0 && d->pub.authors.n == 0 && i > first && i + 3 > last;)
		rc = author_in_brackets(d, d->blocks[--i].text);
	for (size_t i = first;
	     rc == 0 && d->pub.authors.n == 0 && i < first + 2 && i <= last;
	     i++)
		rc = reporter_in_lead(d, d->blocks[i].text);
	if (d->pub.authors.n > 0 && d->meta != NULL)
		wn_credit(
		    d->meta, WN_F_AUTHOR, WN_BY_TEXT, 0, "byline in brackets");
	return rc;
}

int
wn_is_file(const char *s, size_t n)
{
	static const char *const ext[] = {".pdf", ".doc", ".docx", ".xls",
	    ".xlsx", ".ppt", ".pptx", ".zip", ".rar", ".7z", ".wps", ".et",
	    ".csv", ".ofd", ".rtf"};

	/* most addresses end in no word of theirs */
	if (n < 4 ||
	    memchr(s + n - (n < 5 ? n : 5), '.', n < 5 ? n : 5) == NULL)
		return 0;
	for (size_t i = 0; i < sizeof(ext) / sizeof(ext[0]); i++) {
		size_t k = strlen(ext[i]);

		if (n > k && strncasecmp(s + n - k, ext[i], k) == 0)
			return 1;
	}
	return 0;
}

/* Where a link, or a frame that shows a file in the page, points. */
static const char *
file_address(const struct wn_tree *t, uint32_t i)
{
	switch (t->nodes[i].tag) {
	case WN_TAG_A:
		return wn_attr(t, i, WN_ATTR_HREF);
	case WN_TAG_IFRAME:
	case WN_TAG_EMBED:
		return wn_attr(t, i, WN_ATTR_SRC);
	case WN_TAG_OBJECT:
		return wn_attr(t, i, WN_ATTR_DATA);
	default:
		return NULL;
	}
}

/* Documents linked from inside the article, or from right below it. */
static int
late_attachments(struct wn_doc *d)
{
	const struct wn_tree *t = d->tree;
	uint32_t beg = d->content, end;
	int rc;

	if (beg == 0)
		return 0;
	end = t->nodes[t->nodes[beg].parent].end;
	for (uint32_t i = beg; i < end; i++) {
		const char *href = file_address(t, i);
		struct wn_str text;

		if (href == NULL)
			continue;
		text = wn_trim(wn_text(t, i));
		if (!wn_is_file(href, strcspn(href, "?#")) &&
		    !wn_is_file(text.p, text.n))
			continue;
		if (strncasecmp(href, "javascript:", 11) == 0 || *href == '#')
			continue;
		href = resolve(d, (struct wn_str){href, strlen(href)});
		if (href == NULL)
			return WINNOW_ENOMEM;
		rc = wn_list_add(d, &d->pub.attachments,
		    (struct wn_str){href, strlen(href)});
		if (rc != 0)
			return rc;
	}
	return 0;
}

static int
late_captions(struct wn_doc *d)
{
	int rc = 0;

	if (d->pub.captions.n > 0)
		return 0;
	for (size_t i = 0; i < d->nblocks && rc == 0; i++)
		if (!d->blocks[i].kept &&
		    d->blocks[i].kind == WINNOW_KIND_CAPTION)
			rc =
			    wn_list_add(d, &d->pub.captions, d->blocks[i].text);
	return rc;
}

/* The subtitle is a field of its own; in the text it would stand twice. */
static void
late_subtitle(struct wn_doc *d)
{
	struct wn_block *b;
	size_t i = d->meta != NULL ? d->meta->subtitle_block : 0;

	if (i == 0 || !d->blocks[i - 1].kept)
		return;
	b = &d->blocks[i - 1];
	b->kept = b->alone = 0;
	b->kind = WINNOW_KIND_TITLE_REPEAT;
	b->rule = "subtitle";
	d->pub.removed[b->kind]++;
}

/* A document's page tells when it was uploaded, and so does the feed that
 * names it: that is not the day of the text. */
static void
late_date(struct wn_doc *d)
{
	struct winnow_doc *pub = &d->pub;

	if (pub->page_type != WINNOW_DOCUMENT || pub->date_source == NULL ||
	    strcmp(pub->date_source, "feed") != 0)
		return;
	pub->date_publish = pub->date_source = NULL;
	pub->datetime_publish = WINNOW_NO_TIME;
}

int
wn_stage_meta_late(struct wn_doc *d)
{
	int rc;

	late_subtitle(d);
	late_date(d);
	if ((rc = late_authors(d)) != 0 || (rc = late_captions(d)) != 0)
		return rc;
	return late_attachments(d);
}
