/* What many pages of a site teach, through the public interface: invented sites
 * of several kinds, each with blocks that no rule for single pages knows. */
#include "cleaner/winnow.h"
#include "tests/cleaner/site_pages.h"
#include "tests/test.h"

#define MANY 24

/* A site: how its page n looks; kind of what repeats in it, and what must stay
 * on every page. */
struct site {
	const char *name;
	void (*page)(struct page *, uint32_t n);
	const char *gone[6]; /* pieces of text that must not be in an article */
	const char *stays[6];
};

static void
head(struct page *p, const char *t)
{
	say(p,
	    "<!DOCTYPE html><html><head><title>%s</title></head><body>"
	    "<div class=top><ul class=menu><li><a href=/>首页</a><li><a "
	    "href=/xw>新闻</a><li><a href=/tz>通知</a></ul></div>",
	    t);
}

/* What an office publishes by hand: everything is a <p>. */
static void
office(struct page *p, uint32_t n)
{
	char t[200];

	title(p, t, sizeof(t));
	head(p, t);
	say(p, "<div class=main><h1>%s</h1><div id=zoom>", t);
	say(p, "<p>青石区教育系统党建宣传平台 第%u次发布</p>", n + 3);
	paragraphs(p, 3 + (int)chance(p, 4), "<p>", "</p>");
	say(p, "<p>长按下方图片，把教育身边事讲给更多人听</p>");
	paragraphs(p, 1 + (int)chance(p, 3), "<p>", "</p>");
	say(p, "<p>家校同行路上，我们一直都在您的身边</p>");
	say(p, "</div></div><div class=foot>青石区教育局 版权所有</div>");
}

/* A system that puts a box among the paragraphs, and one behind them. */
static void
boxes(struct page *p, uint32_t n)
{
	char t[200];

	(void)n;
	title(p, t, sizeof(t));
	head(p, t);
	say(p, "<div class=wrap><h1>%s</h1><div class=content>", t);
	paragraphs(p, 2, "<p>", "</p>");
	say(p, "<div class=slot><p>好消息要和邻居分享，点一下右上角的小圆点。"
	       "</p></div>");
	paragraphs(p, 3 + (int)chance(p, 4), "<p>", "</p>");
	say(p, "<div class=tip><p>读完这一篇，不妨到操场上走一走。</p><p>"
	       "保护视力，从每天一小时的阳光开始。</p></div></div></div>");
}

/* Lines parted by <br>, a table for a layout, a counter in words. */
static void
table(struct page *p, uint32_t n)
{
	char t[200];

	title(p, t, sizeof(t));
	head(p, t);
	say(p, "<table><tr><td class=big><h2>%s</h2><tr><td class=txt>", t);
	say(p, "您是今日第%u位来到这里的朋友，祝您读得愉快<br>", n * 37 + 11);
	paragraphs(p, 4 + (int)chance(p, 3), "　　", "<br>");
	say(p, "本栏目文字由各校通讯员提供，本站只作整理<br></table>");
}

/* Notices: much of them is the same on each, and is text. */
static void
notices(struct page *p, uint32_t n)
{
	char t[200];

	title(p, t, sizeof(t));
	head(p, t);
	say(p, "<div class=main><h1>关于%s的通知</h1><div class=TRS>", t);
	say(p, "<p>各单位：</p><p>为进一步做好有关工作，现将有关事项通知如下："
	       "</p><p>一、总体要求</p>");
	paragraphs(p, 2, "<p>", "</p>");
	say(p, "<p>二、工作安排</p>");
	paragraphs(p, 2 + (int)chance(p, 2), "<p>", "</p>");
	say(p, "<p>三、工作要求</p>");
	paragraphs(p, 1, "<p>", "</p>");
	say(p,
	    "<p>请各单位结合实际，认真贯彻执行。</p><p>特此通知。</p>"
	    "<p>附件：报名表</p><p>青石区教育局办公室</p><p>2023年%u月%u日"
	    "</p></div></div>",
	    n % 12 + 1, n % 28 + 1);
}

static const struct site sites[] = {
    {"site: an office's own lines among its paragraphs go", office,
	{"党建宣传平台", "长按下方图片", "家校同行"}, {NULL}},
    {"site: boxes among the paragraphs and behind them go", boxes,
	{"小圆点", "操场上走一走", "保护视力"}, {NULL}},
    {"site: lines that <br> parts, with a number that counts, go", table,
	{"读得愉快", "只作整理"}, {NULL}},
    {"site: the formulas of notices stay", notices, {NULL},
	{"各单位：", "通知如下：", "一、总体要求", "特此通知。",
	    "认真贯彻执行。", "青石区教育局办公室"}},
};

/* ---- running ------------------------------------------------------------- */

static struct winnow *w;
static struct page page;

static const struct winnow_doc *
clean(struct winnow_site *s, const char *html, size_t len, uint32_t n)
{
	const struct winnow_doc *d;
	struct winnow_page in = {
	    .body = html, .body_len = len, .learn = 1, .now = 1700000000};
	char url[80];

	snprintf(url, sizeof(url), "http://www.example.cn/a/%u.html", n);
	in.url = url;
	in.charset = "utf-8";
	if (s != NULL)
		winnow_site_view(s, &in.site, &in.site_len);
	if (winnow_clean(w, &in, &d) != 0)
		abort();
	return d;
}

static const struct winnow_doc *
clean_page(
    struct winnow_site *s, void (*make)(struct page *, uint32_t), uint32_t n)
{
	page_begin(&page, n);
	make(&page, n);
	return clean(s, page.html, page.len, n);
}

static int
learn(struct winnow_site *s, const struct winnow_doc *d, uint64_t key)
{
	return winnow_site_learn(s, d->lesson, d->lesson_len, key, 1700000000);
}

static struct winnow_site *
learned(void (*make)(struct page *, uint32_t), uint32_t from, uint32_t n)
{
	struct winnow_site *s;

	if (winnow_site_new(&s, 0) != 0)
		abort();
	for (uint32_t i = from; i < from + n; i++)
		learn(s, clean_page(s, make, i), i + 1);
	return s;
}

static void
check_site(const struct site *t)
{
	struct winnow_site *s = learned(t->page, 0, MANY);

	for (uint32_t i = 0; i < MANY + 10; i++) {
		const struct winnow_doc *d = clean_page(s, t->page, i);

		for (int k = 0; k < 6 && t->gone[k] != NULL; k++)
			CHECK_INT(strstr(d->text, t->gone[k]) != NULL, 0);
		for (int k = 0; k < 6 && t->stays[k] != NULL; k++)
			CHECK_INT(strstr(d->text, t->stays[k]) != NULL, 1);
	}
	winnow_site_free(s);
}

int
main(void)
{
	if (winnow_new(&w, NULL) != 0)
		return 1;
	for (size_t i = 0; i < sizeof(sites) / sizeof(sites[0]); i++) {
		TEST(sites[i].name)
		check_site(&sites[i]);
	}
	winnow_free(w);
	return test_end();
}
