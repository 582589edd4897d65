/* test_meta.c - what a page says of its article. */
#include "tests/test.h"

#include "cleaner/doc.h"
#include "cleaner/meta.h"
#include "tests/cleaner/jsonl.h"

static struct winnow *w;
static const struct winnow_doc *doc;

#define LONG                                                                                    \
	"<p>正文内容，足够长的一段文字，用来代表文章，说明情况。</p>" \
	"<p>正文内容，足够长的一段文字，用来代表文章，介绍经过。</p>"

static void
clean(const char *html, const char *url, int64_t now)
{
	struct winnow_page p = {
	    .body = html, .body_len = strlen(html), .url = url, .now = now};

	if (winnow_clean(w, &p, &doc) != 0)
		TEST_FAIL("winnow_clean failed\n");
}

static const char *
joined(const struct winnow_list *l)
{
	static char out[1024];

	out[0] = '\0';
	for (size_t i = 0; i < l->n; i++) {
		strcat(out, i ? "|" : "");
		strncat(out, l->v[i], 200);
	}
	return out;
}

/* The page cases: `published` is date_publish, `any` the latest day named. */
static void
table(const char *level, int percent)
{
	struct jsonl j;
	int all = 0, ok = 0;

	if (jsonl_open(&j, "conformance/dates.jsonl") != 0)
		return;
	while (jsonl_next(&j)) {
		const char *html = jsonl_get(&j, "html"), *got, *want;
		const char *wants = jsonl_get(&j, "want");

		if (html == NULL || strcmp(jsonl_get(&j, "level"), level) != 0)
			continue;
		clean(html, jsonl_get(&j, "url"),
		    jsonl_time(jsonl_get(&j, "reference")));
		got = doc->date_publish ? doc->date_publish : "";
		if (strcmp(wants, "any") == 0)
			got = doc->date_latest ? doc->date_latest : "";
		want = jsonl_get(&j, "date");
		all++;
		if (strcmp(got, want ? want : "") == 0)
			ok++;
		else
			printf("  %s: want %s, got %s: %.300s\n",
			    jsonl_get(&j, "id"), want, got, html);
	}
	printf("  %s: %d of %d\n", level, ok, all);
	CHECK(ok * 100 >= all * percent);
	jsonl_close(&j);
}

static void
titles(void)
{
	TEST("meta: the title without the names of section and site")
	{
		clean("<title>家校齐育 共铸辉煌_家长义工_某某小学</title>"
		      "<div class=tit>家校齐育 共铸辉煌</div>" LONG,
		    NULL, 0);
		CHECK_STR(doc->title, "家校齐育 共铸辉煌");
		clean("<title>东方某报-某地教育局：发挥引领作用</title>" LONG,
		    NULL, 0);
		CHECK_STR(doc->title, "某地教育局：发挥引领作用");
	}
	TEST("meta: a heading in two lines is one title")
	{
		clean(
		    "<title>为现代化建设凝聚力量——祝贺会议开幕_市政府网</title>"
		    "<h1>为现代化建设凝聚力量<div>——祝贺会议开幕</div></"
		    "h1>" LONG,
		    NULL, 0);
		CHECK_STR(doc->title, "为现代化建设凝聚力量——祝贺会议开幕");
	}
	TEST("meta: a title element that only names the site is no title")
	{
		clean("<title>某某小学</title><h3>导航</h3><div>"
		      "<div class=tit>我校进行期末考试</div>"
		      "<div>[发布时间2020年1月14日]</div>" LONG "</div>",
		    NULL, 0);
		CHECK_STR(doc->title, "我校进行期末考试");
		CHECK_STR(doc->date_publish, "2020-01-14");
	}
	TEST("meta: a file's extension is not part of a title")
	{
		clean("<title>工作会议讲话.docx-文库</title>"
		      "<h1>工作会议讲话.docx</h1>" LONG,
		    NULL, 0);
		CHECK_STR(doc->title, "工作会议讲话");
	}
}

static void
lines(void)
{
	TEST("meta: source, time and author out of one line")
	{
		clean(
		    "<title>某事_某网</title><h1>某事的报道</h1><div>发布时间："
		    "2023-05-06 "
		    "10:20&nbsp;&nbsp;来源：某某日报&nbsp;作者：张三 "
		    "李四 浏览次数：2023次</div>" LONG,
		    "http://www.example.cn/a.html", 0);
		CHECK_STR(doc->date_publish, "2023-05-06");
		CHECK_INT(doc->datetime_publish, 1683339600);
		CHECK_STR(doc->date_source, "text");
		CHECK_STR(doc->source_name, "某某日报");
		CHECK_STR(joined(&doc->authors), "张三|李四");
	}
	TEST("meta: what the page prints beats the template's PubDate")
	{
		clean(
		    "<meta name=PubDate content='2024-06-03 14:25'><title>活动"
		    "情况报道</title><h1>活动情况报道</h1><p>日期：2024-05-30 "
		    "10:10</p>" LONG,
		    NULL, 0);
		CHECK_STR(doc->date_publish, "2024-05-30");
	}
	TEST("meta: the date under the title beats those of a list below")
	{
		clean("<title>某事的报道</title><h1>某事的报道</h1>"
		      "<span class=h-time>2019-12-10 07:57:40</span>" LONG
		      "<p>一</p><p>二</p><p>三</p><p>四</p><p>五</p><p>六</p>"
		      "<p>七</p><p>八</p><p>九</p><p>十</p><p>十一</p>"
		      "<ul><li><a href=/1>学校只剩一名学生他却坚守了十八年</a>"
		      "<div class=publish-time>2018-03-02 08:58</div></ul>",
		    NULL, 0);
		CHECK_STR(doc->date_publish, "2019-12-10");
	}
	TEST("meta: words round a date in a sentence name it, and who")
	{
		clean("<title>Ein Artikel</title><h1>Ein Artikel</h1>" LONG
		      "<p>Ein Artikel wurde am 19. Mai 2010 um 23:03 Uhr "
		      "gepostet und unter Lesen abgelegt.</p>",
		    NULL, 0);
		CHECK_STR(doc->date_publish, "2010-05-19");
		clean("<title>Beginners Guide</title>" LONG
		      "<p>Guide (last edited 2019-11-10 13:28:18 by "
		      "MatsExample)</p>",
		    NULL, 0);
		CHECK_STR(doc->date_publish, "2019-11-10");
		CHECK_STR(joined(&doc->authors), "MatsExample");
	}
	TEST("meta: midnight in Berlin told in UTC is the day after")
	{
		clean("<meta property=article:published_time "
		      "content='2022-11-06T23:00:00.000Z'>",
		    NULL, 0);
		CHECK_STR(doc->date_publish, "2022-11-07");
	}
	TEST("meta: a moment in UTC is of the day that the URL says")
	{
		clean("<meta property=article:published_time "
		      "content='2018-12-31T23:20:00Z'>",
		    "http://example.org/2019/01/01/x", 0);
		CHECK_STR(doc->date_publish, "2019-01-01");
		CHECK_INT(doc->datetime_publish, 1546298400);
	}
	TEST("meta: buttons and dates behind a source are not of it")
	{
		clean("<title>某事的报道</title><h1>某事的报道</h1><div>"
		      "2019-09-07 来源：<a>新京报</a> <a>举报</a></div>" LONG,
		    NULL, 0);
		CHECK_STR(doc->source_name, "新京报");
	}
	TEST("meta: the site's own name in the author tag is no author")
	{
		clean(
		    "<meta name=author content=某易><title>某事的报道_某易新闻"
		    "</title><h1>某事的报道</h1>" LONG,
		    NULL, 0);
		CHECK_STR(joined(&doc->authors), "");
	}
	TEST("meta: labels that a mirror has glossed")
	{
		clean("<title>會議報道</title><h1>會議報道</h1><div>信息來源："
		      "人事科　發(fā)布時(shí)間：2024-07-12　瀏覽量：1887次</"
		      "div>" LONG,
		    NULL, 0);
		CHECK_STR(doc->source_name, "人事科");
		CHECK_STR(doc->date_publish, "2024-07-12");
	}
	TEST("meta: editors are no authors, font sizes no editors")
	{
		clean(
		    "<title>某事的报道</title><h1>某事的报道</h1><div>編輯/立軍"
		    "&nbsp;&nbsp;<a>大</a> <a>中</a> <a>小</a></div>" LONG
		    "<div>责任编辑：王五 审核：赵六</div>",
		    NULL, 0);
		CHECK_STR(joined(&doc->editors), "立軍|王五|赵六");
		CHECK_INT(doc->authors.n, 0);
	}
	TEST("meta: a name behind its posts in brackets at the end")
	{
		clean(
		    "<title>某事的报道</title><h1>某事的报道</h1>" LONG
		    "<p>(本文作者：某地教育局党总支书记、局长陈红霞，感谢董文娜"
		    "提供帮助)</p>",
		    NULL, 0);
		CHECK_STR(joined(&doc->authors), "陈红霞");
	}
	TEST("meta: the reporter an interviewed person speaks to is no author")
	{
		clean("<title>某事的报道</title><h1>某事的报道</h1>" LONG
		      "<p>他告诉记者：“乡有基地、村有扩繁点，覆盖率接近一半。”<"
		      "/p>",
		    NULL, 0);
		CHECK_INT(doc->authors.n, 0);
	}
	TEST("meta: admin is nobody")
	{
		clean(
		    "<meta name=author content=admin><title>某事的报道</title>"
		    "<h1>某事的报道</h1>" LONG,
		    NULL, 0);
		CHECK_INT(doc->authors.n, 0);
	}
}

static void
machines(void)
{
	TEST("meta: JSON-LD, nested in a graph, and broken JSON-LD")
	{
		clean("<script "
		      "type='application/ld+json'>{\"@graph\":[{\"@type\":"
		      "\"NewsArticle\",\"headline\":\"Head "
		      "line\",\"datePublished\":"
		      "\"2021-02-03T10:00:00+01:00\",\"author\":[{\"@type\":"
		      "\"Person\",\"name\":\"Jane Doe\"},{\"name\":\"John "
		      "Roe\"}]}]}"
		      "</script><title>x</title><p>Some text.</p>",
		    NULL, 0);
		CHECK_STR(doc->date_publish, "2021-02-03");
		CHECK_INT(doc->datetime_publish, 1612342800);
		CHECK_STR(joined(&doc->authors), "Jane Doe|John Roe");
		clean(
		    "<script type='application/ld+json'>{\"headline\":\"a\"b\","
		    "\"datePublished\": "
		    "\"2021-02-03\"</script><title>x</title>",
		    NULL, 0);
		CHECK_STR(doc->date_publish, "2021-02-03");
	}
	TEST("meta: a time without an offset is known on Chinese pages only")
	{
		clean("<meta property='article:published_time' "
		      "content='2023-06-01T10:40:00'><title>x</title><p>Text.</"
		      "p>",
		    "http://www.example.com/", 0);
		CHECK_STR(doc->date_publish, "2023-06-01");
		CHECK(doc->datetime_publish == WINNOW_NO_TIME);
		clean("<meta property='article:published_time' "
		      "content='2023-06-01T18:40:00Z'><title>某事</title>" LONG,
		    "http://www.example.cn/", 0);
		CHECK_STR(doc->date_publish, "2023-06-02");
	}
	TEST("meta: sections, tags, attachments")
	{
		clean("<meta name=keywords "
		      "content='学校,教育，党建'><title>关于某事"
		      "的通知</title><div>当前位置：<a>首页</a> &gt; "
		      "<a>通知公告</a> "
		      "&gt; 正文</div><div><h1>关于某事的通知</h1>" LONG
		      "<p><a href='/f/1.docx'>附件1</a></p></div>",
		    "http://www.example.cn/a/b.html", 0);
		CHECK_STR(joined(&doc->sections), "通知公告");
		CHECK_STR(joined(&doc->tags), "学校|教育|党建");
		CHECK_STR(joined(&doc->attachments),
		    "http://www.example.cn/f/1.docx");
	}
	TEST("meta: the site's time zone gives its times an offset")
	{
		struct winnow_page p = {.body =
					    "<h1>A long enough title</h1>"
					    "<p>Published: 2 May 2023 00:30</p>"
					    "<p>Some text, of some length.</p>",
		    .timezone = "+02:00"};

		p.body_len = strlen(p.body);
		CHECK_INT(winnow_clean(w, &p, &doc), 0);
		CHECK_STR(doc->date_publish, "2023-05-02");
		/* 2023-05-01T22:30:00Z */
		CHECK_INT(doc->datetime_publish, 1682980200);
		p.timezone = NULL;
		CHECK_INT(winnow_clean(w, &p, &doc), 0);
		CHECK(doc->datetime_publish == WINNOW_NO_TIME);
	}
	TEST("meta: a page that says nothing gets nothing")
	{
		clean("<p>Aaa, bbb.</p>", NULL, 0);
		CHECK_STR(doc->date_publish, NULL);
		CHECK_STR(doc->source_name, NULL);
		CHECK_INT(doc->authors.n, 0);
		CHECK(doc->datetime_publish == WINNOW_NO_TIME);
	}
}

int
main(void)
{
	struct jsonl j;

	if (winnow_new(&w, NULL) != 0)
		return 1;
	titles();
	lines();
	machines();
	if (jsonl_open(&j, "conformance/dates.jsonl") == 0) {
		jsonl_close(&j);
		TEST("meta: dates of pages, every must")
		table("must", 100);
		TEST("meta: dates of pages, nine in ten of should")
		table("should", 90);
	} else {
		test_skip("meta: dates of pages", "no shared folder");
	}
	winnow_free(w);
	return test_end();
}
