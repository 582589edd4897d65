/* test_parts.c - articles on several pages: found, and joined. */
#include <stdarg.h>

#include "cleaner/parts.h"
#include "cleaner/winnow.h"
#include "tests/test.h"

static struct winnow *w;

/* ---- pages -----------------------------------------------------------------
 */

static const char *const paragraphs[] = {
    "为落实立德树人根本任务，清河县教育局日前召开全县中小学校党建工作推进会，"
    "各中心校党组织书记、直属学校负责同志参加会议，会议由局党委副书记主持。",
    "会议指出，过去一年全县教育系统坚持把党建工作与教学业务同谋划、同部署，"
    "建成示范党支部十二个，培养党员骨干教师八十六名，各项工作取得新的进展。",
    "会议强调，要持续深化“党建+课堂”行动，引导党员教师在课后服务、送教下乡、"
    "控辍保学中亮身份、作表率，让群众看到变化、得到实惠。",
    "东山镇中心小学党支部书记在交流发言中介绍，学校把支部建在年级组上，"
    "每月开展一次主题党日，每学期组织一次党员示范课，课堂面貌明显改善。",
    "城关中学结合校史资源打造红色走廊，学生讲解员利用课余时间为同学讲述家乡"
    "英烈的故事，一学期下来，听过讲解的学生超过三千人次。",
    "会议要求，各学校要对照年度任务清单逐项自查，六月底前完成整改，"
    "县教育局将组织督导组分片核查，结果纳入年终考核。",
};

static char buf[8][1 << 16];

/* A page: n paragraphs from the first on, and what stands below them. */
static struct winnow_page
page_of(int slot, const char *url, const char *title, int first, int n,
    const char *below)
{
	char *b = buf[slot];
	size_t k;
	int i;

	k = (size_t)snprintf(b, sizeof buf[0],
	    "<html><head><meta charset=utf-8><title>%s_清河教育</title></head>"
	    "<body><div class=nav><a href=/>首页</a><a href=/xw/>新闻</a></div>"
	    "<div class=article><h1>%s</h1><div class=content>",
	    title, title);
	for (i = first; i < first + n; i++)
		k += (size_t)snprintf(
		    b + k, sizeof buf[0] - k, "<p>　　%s</p>", paragraphs[i]);
	k += (size_t)snprintf(b + k, sizeof buf[0] - k,
	    "%s</div></div><div class=footer>主办：清河县教育局</div></body>"
	    "</html>",
	    below);
	return (struct winnow_page){
	    .body = b, .body_len = k, .url = url, .now = 1700000000};
}

static const struct winnow_doc *
clean(const char *url, const char *title, const char *below)
{
	struct winnow_page p = page_of(0, url, title, 0, 3, below);
	const struct winnow_doc *d;

	CHECK_INT(winnow_clean(w, &p, &d), 0);
	return d;
}

static const char *
address(const struct winnow_doc *d, unsigned number)
{
	size_t i;

	for (i = 0; i < d->nparts; i++)
		if (d->parts[i].number == number)
			return d->parts[i].url;
	return NULL;
}

#define SITE "http://www.qinghe.example"
#define TITLE "清河县召开中小学校党建工作推进会"

/* ---- finding ---------------------------------------------------------------
 */

static void
test_found(void)
{
	const struct winnow_doc *d;

	TEST("a row of numbers behind the name of the page is found")
	d = clean(SITE "/2023/0612/t1024.html", TITLE,
	    "<div class=page>1 <a href=t1024_2.html>[2]</a> "
	    "<a href=t1024_3.html>[3]</a> <a "
	    "href=t1024_2.html>下一页</a></div>");
	CHECK_INT(d->part, 1);
	CHECK_INT(d->part_count, 3);
	CHECK_INT(d->nparts, 2);
	CHECK_STR(address(d, 2), SITE "/2023/0612/t1024_2.html");
	CHECK_STR(address(d, 3), SITE "/2023/0612/t1024_3.html");
	CHECK_INT(d->truncated, 1);
	CHECK_INT(d->joined, 1);

	TEST("a page in the middle knows its number and where the first is")
	d = clean(SITE "/2023/0612/t1024_2.html", TITLE,
	    "<div class=page><a href=t1024.html>上一页</a> "
	    "<a href=t1024.html>1</a> 2 <a href=t1024_3.html>3</a> "
	    "<a href=t1024_3.html>下一页</a></div>");
	CHECK_INT(d->part, 2);
	CHECK_STR(address(d, 1), SITE "/2023/0612/t1024.html");
	CHECK_STR(address(d, 3), SITE "/2023/0612/t1024_3.html");

	TEST("the first page is found though only the one before is linked")
	d = clean(SITE "/2023/0612/t1024_3.html", TITLE,
	    "<p><a href=t1024_2.html>上一页</a> "
	    "<a href=t1024_4.html>下一页</a></p>");
	CHECK_INT(d->part, 3);
	CHECK_STR(address(d, 1), SITE "/2023/0612/t1024.html");
	CHECK_STR(address(d, 2), SITE "/2023/0612/t1024_2.html");

	TEST("addresses that count from 0 or call the second page _1")
	d = clean(SITE "/2023/0612/t1024.html", TITLE,
	    "<p>1 <a href=t1024_1.html>2</a> <a href=t1024_2.html>3</a></p>");
	CHECK_INT(d->part, 1);
	CHECK_STR(address(d, 2), SITE "/2023/0612/t1024_1.html");
	CHECK_STR(address(d, 3), SITE "/2023/0612/t1024_2.html");
	d = clean(SITE "/2023/0612/t1024.html", TITLE,
	    "<p><a href=t1024_1.html>下一页</a></p>");
	CHECK_INT(d->part, 1);
	CHECK_STR(address(d, 2), SITE "/2023/0612/t1024_1.html");

	TEST("parameters, further segments, a number in brackets")
	d = clean(SITE "/show.php?id=77", TITLE,
	    "<p>共3页：1 <a href='show.php?id=77&page=2'>2</a> "
	    "<a href='show.php?id=77&page=2'>下一页</a></p>");
	CHECK_INT(d->part, 1);
	CHECK_INT(d->part_count, 3);
	CHECK_STR(address(d, 2), SITE "/show.php?id=77&page=2");
	d = clean(SITE "/show.php?id=77&page=2", TITLE,
	    "<p><a href='show.php?id=77&page=1'>1</a> 2 "
	    "<a href='show.php?id=77&page=3'>下一页</a></p>");
	CHECK_INT(d->part, 2);
	d = clean(SITE "/2023/the-long-read/", TITLE,
	    "<p>Page 1/3 <a href=/2023/the-long-read/2/>Next</a></p>");
	CHECK_INT(d->part, 1);
	CHECK_INT(d->part_count, 3);
	CHECK_STR(address(d, 2), SITE "/2023/the-long-read/2/");

	TEST("a row that a script writes is read from its arguments")
	d = clean(SITE "/2023/0612/t1024.html", TITLE,
	    "<script>createPageHTML(3, 0, \"t1024\", \"html\");</script>");
	CHECK_INT(d->part, 1);
	CHECK_INT(d->part_count, 3);
	CHECK_STR(address(d, 2), SITE "/2023/0612/t1024_1.html");
	CHECK_STR(address(d, 3), SITE "/2023/0612/t1024_2.html");

	TEST(
	    "names of a page alike but for their digits: number and next agree")
	d = clean(SITE "/html/2023-06/12/content_81240.htm", TITLE,
	    "<p>1 <a href=content_81241.htm>2</a> "
	    "<a href=content_81242.htm>3</a> "
	    "<a href=content_81241.htm>下一页</a></p>");
	CHECK_INT(d->part, 1);
	CHECK_STR(address(d, 2), SITE "/html/2023-06/12/content_81241.htm");
	CHECK_STR(address(d, 3), SITE "/html/2023-06/12/content_81242.htm");

	TEST("the page that has all of it is found")
	d = clean(SITE "/2023/0612/t1024.html", TITLE,
	    "<p>1 <a href=t1024_2.html>2</a> "
	    "<a href=t1024_all.html>在本页显示全文</a></p>");
	CHECK_INT(d->part, 1);
	CHECK_STR(address(d, 0), SITE "/2023/0612/t1024_all.html");
	CHECK_STR(address(d, 2), SITE "/2023/0612/t1024_2.html");
	d = clean(SITE "/a/77?x=1", TITLE,
	    "<p><a href='/a/77?x=1&page=all'>View as single page</a></p>");
	CHECK_INT(d->part, 1);
	CHECK_STR(address(d, 0), SITE "/a/77?x=1&page=all");

	TEST("a newspaper's turn to another sheet is a part when it is linked")
	d = clean(SITE "/html/2023-06/12/content_1.htm", TITLE,
	    "<p><a "
	    "href=../12/nw.D110000_20230612_4-04.htm>（下转第4版）</a></p>");
	CHECK_INT(d->part, 1);
	CHECK_STR(address(d, 2),
	    SITE "/html/2023-06/12/nw.D110000_20230612_4-04.htm");
}

static void
test_found_otherwise(void)
{
	const struct winnow_doc *d;

	TEST("a row of pages to choose from has no links, and is one")
	d = clean(SITE "/2023/0612/t1024_2.html", TITLE,
	    "<select onchange='self.location.href=this.value'>"
	    "<option value=t1024.html>第1页"
	    "<option value=t1024_2.html selected>第2页"
	    "<option value=t1024_3.html>第3页：下一步</select>");
	CHECK_INT(d->part, 2);
	CHECK_STR(address(d, 1), SITE "/2023/0612/t1024.html");
	CHECK_STR(address(d, 3), SITE "/2023/0612/t1024_3.html");

	TEST("the head alone may say where the next page is")
	d = clean(SITE "/feature/reading", TITLE,
	    "<link rel=next href='/feature/reading?page=2'>");
	CHECK_INT(d->part, 1);
	CHECK_STR(address(d, 2), SITE "/feature/reading?page=2");
	d = clean(SITE "/feature/reading?page=2", TITLE,
	    "<link rel=next href='/feature/reading?page=3'>");
	CHECK_INT(d->part, 2);
	CHECK_STR(address(d, 1), SITE "/feature/reading");

	TEST("a page in the middle that only leads on is one")
	d = clean(SITE "/2023/0612/t1024_2.html", TITLE,
	    "<p><a href=t1024_3.html>下一页</a></p>");
	CHECK_INT(d->part, 2);
	CHECK_STR(address(d, 1), SITE "/2023/0612/t1024.html");
	d = clean(SITE "/artikel/schule-77-2.html", TITLE,
	    "<p>Seite 2 von 4 <a href=schule-77-3.html>Weiter</a></p>");
	CHECK_INT(d->part, 2);
	CHECK_INT(d->part_count, 4);

	TEST("numbers that have a segment of their own, with a word")
	d = clean(SITE "/read/5512/p/3", TITLE,
	    "<p>3/4 <a href=/read/5512/p/2>上一页</a> "
	    "<a href=/read/5512/p/4>下一页</a></p>");
	CHECK_INT(d->part, 3);
	CHECK_STR(address(d, 1), SITE "/read/5512");
	d = clean(SITE "/kultur/schule/seite-2", TITLE,
	    "<p><a href=/kultur/schule>Vorherige Seite</a> "
	    "<a href=/kultur/schule/seite-3>Nächste Seite</a> "
	    "<a href=/kultur/schule/komplettansicht>Auf einer Seite lesen</a>");
	CHECK_INT(d->part, 2);
	CHECK_STR(address(d, 0), SITE "/kultur/schule/komplettansicht");
	CHECK_STR(address(d, 1), SITE "/kultur/schule");
	CHECK_STR(address(d, 3), SITE "/kultur/schule/seite-3");

	TEST("an id in a parameter of the host's page is no number of a page")
	d = clean(SITE "/?p=77", TITLE,
	    "<p><a href=/>首页</a> 1 <a href='/?p=77&page=2'>2</a></p>");
	CHECK_INT(d->part, 1);
	CHECK_STR(address(d, 2), SITE "/?p=77&page=2");

	TEST("page 0 is all of it when the words say so")
	d = clean(SITE "/2023/0612/t1024.html", TITLE,
	    "<p>1 <a href=t1024_2.html>2</a> "
	    "<a href=t1024_0.html>在本页显示全文</a></p>");
	CHECK_STR(address(d, 0), SITE "/2023/0612/t1024_0.html");

	TEST("the last page's next begins anew, and is no further page")
	d = clean(SITE "/2023/0612/t1024_2.html", TITLE,
	    "<p><a href=t1024.html>上一页</a> "
	    "<a href=t1024.html>下一页</a></p>");
	CHECK_INT(d->part_count, 2);
	CHECK(address(d, 3) == NULL);
}

static void
test_found_in_passing(void)
{
	const struct winnow_doc *d;

	TEST(
	    "what a link's title says, or a picture beside 1/3, turns the page")
	d = clean(SITE "/2023/0612/t1024.html", TITLE,
	    "<p><a href=t1024_2.html title=下一页>&gt;</a></p>");
	CHECK_STR(address(d, 2), SITE "/2023/0612/t1024_2.html");
	d = clean(SITE "/2023/0612/t1024_2.html", TITLE,
	    "<p><a href=t1024.html><img src=/prev.gif></a> 2/3 "
	    "<a href=t1024_3.html><img src=/next.gif></a></p>");
	CHECK_INT(d->part, 2);
	CHECK_INT(d->part_count, 3);
	CHECK_STR(address(d, 1), SITE "/2023/0612/t1024.html");
	CHECK_STR(address(d, 3), SITE "/2023/0612/t1024_3.html");

	TEST("numerals, spaces, and letters before a number")
	d = clean(SITE "/2023/0612/t1024.html", TITLE,
	    "<p>第一页 <a href=t1024_2.html>第二页</a> "
	    "<a href=t1024_3.html>第 3 页</a></p>");
	CHECK_STR(address(d, 2), SITE "/2023/0612/t1024_2.html");
	CHECK_STR(address(d, 3), SITE "/2023/0612/t1024_3.html");
	d = clean(SITE "/2023/0612/t1024p2.html", TITLE,
	    "<p><a href=t1024.html>1</a> 2 <a href=t1024p3.html>3</a></p>");
	CHECK_INT(d->part, 2);
	CHECK_STR(address(d, 1), SITE "/2023/0612/t1024.html");
	d = clean(SITE "/2023/0612/1024.2.html", TITLE,
	    "<p><a href=1024.html>1</a> 2 <a href=1024.3.html>3</a></p>");
	CHECK_INT(d->part, 2);
	CHECK_STR(address(d, 1), SITE "/2023/0612/1024.html");
	CHECK_STR(address(d, 3), SITE "/2023/0612/1024.3.html");
	d = clean(SITE "/stories/school/", TITLE,
	    "<p>Page 1 of 3 <a href=page2.html>Next page</a></p>");
	CHECK_INT(d->part_count, 3);
	CHECK_STR(address(d, 2), SITE "/stories/school/page2.html");
	d = clean(SITE "/news/77-school", TITLE,
	    "<p>第 1 页 <a href='77-school?start=1'>第 2 页</a> "
	    "<a href='77-school?showall=1'>所有页</a></p>");
	CHECK_STR(address(d, 0), SITE "/news/77-school?showall=1");
	CHECK_STR(address(d, 2), SITE "/news/77-school?start=1");

	TEST("a newspaper's note may be round the link, and not in it")
	d = clean(SITE "/html/2023-06/12/nbs_11.htm", TITLE,
	    "<p>（下转<a href=nbs_42.htm>第4版</a>）</p>");
	CHECK_INT(d->part, 1);
	CHECK_STR(address(d, 2), SITE "/html/2023-06/12/nbs_42.htm");
	d = clean(SITE "/html/2023-06/12/nbs_11.htm", TITLE,
	    "<p>版面：<a href=nbs_42.htm>第4版</a> 教育</p>");
	CHECK_INT(d->part, 0);
}

static void
check_none(const char *url, const char *below)
{
	const struct winnow_doc *d = clean(url, TITLE, below);

	CHECK_INT(d->part, 0);
	CHECK_INT(d->nparts, 0);
	CHECK_INT(d->truncated, 0);
}

static void
test_not_found(void)
{
	TEST("the next article, in whatever words, is no part")
	check_none(SITE "/2023/0612/t1024.html",
	    "<p>上一篇：<a href=t1023.html>关于开学的通知</a></p>"
	    "<p>下一篇：<a href=t1025.html>关于放假的通知</a></p>");
	check_none(SITE "/2023/0612/t1024.html",
	    "<p><a href=t1023.html>上一篇</a> <a "
	    "href=t1025.html>下一篇</a></p>");
	check_none(SITE "/blog/post-41.html",
	    "<p><a href=post-40.html>Previous</a> "
	    "<a href=post-42.html rel=next>Next</a></p>");
	check_none(SITE "/blog/41",
	    "<p><a href=/blog/40>&laquo;</a> <a href=/blog/42>&raquo;</a></p>");

	TEST("readers' comments have pages of their own")
	check_none(SITE "/2023/0612/t1024.html",
	    "<div id=comments><a href='t1024.html?page=2'>2</a> "
	    "<a href='t1024.html?page=2'>下一页</a></div>");
	check_none(SITE "/a/77.html",
	    "<p><a href=/a/77.html/comment-page-2>2</a></p>");

	TEST("other articles of a gallery, ids and dates are no parts")
	check_none(SITE "/pic/201.html",
	    "<ul><li><a href=202.html>师生书画展</a>"
	    "<li><a href=203.html>运动会掠影</a>"
	    "<li><a href=204.html>校园春色</a></ul>");
	check_none(SITE "/2023/06/12/",
	    "<p><a href=/2023/06/11/>11</a> <a href=/2023/06/13/>13</a></p>");
	check_none(SITE "/2023/0612/t1024.html",
	    "<p><a href=/xw/index_2.html>下一页</a></p>");

	TEST("pictures beside 2/3 between ids are no turn of the page")
	check_none(SITE "/a/31.html",
	    "<p><a href=30.html><img src=/l.gif></a> 2/3 "
	    "<a href=32.html><img src=/r.gif></a></p>");

	TEST("names that are numbers are ids, days and months are no pages")
	check_none(SITE "/news/202.html",
	    "<p><a href=201.html>上一页</a> <a href=203.html>下一页</a></p>");
	check_none(SITE "/day/6.html",
	    "<p><a href=5.html>5</a> <a href=6.html>6</a> "
	    "<a href=7.html>7</a></p>");
	check_none(
	    SITE "/view.php?id=31", "<link rel=next href='/view.php?id=32'>");
	check_none(SITE "/post/31", "<link rel=next href=/post/32>");

	TEST("阅读全文 below a teaser leads to another article")
	check_none(SITE "/2023/0612/t1024.html",
	    "<p>近日……<a href=t1099.html>[阅读全文]</a></p>");
}

/* ---- joining ----------------------------------------------------------------
 */

static struct winnow_page pages[8];
static uint8_t used[8];

static const struct winnow_doc *
join(size_t n)
{
	const struct winnow_doc *d;

	CHECK_INT(winnow_clean_parts(w, pages, n, used, &d), 0);
	return d;
}

static int
lines_of(const char *s)
{
	int n = 1;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

static void
three_pages(void)
{
	pages[0] = page_of(0, SITE "/a/t7.html", TITLE, 0, 2,
	    "<p>1 <a href=t7_2.html>2</a> <a href=t7_3.html>3</a></p>");
	pages[1] = page_of(1, SITE "/a/t7_2.html", TITLE "(2)", 2, 2,
	    "<p><a href=t7.html>1</a> 2 <a href=t7_3.html>3</a></p>");
	pages[2] = page_of(2, SITE "/a/t7_3.html", TITLE "(3)", 4, 2,
	    "<p><a href=t7.html>1</a> <a href=t7_2.html>2</a> 3</p>"
	    "<p>责任编辑：李晓梅</p>");
}

static void
test_joined(void)
{
	const struct winnow_doc *d;
	char first[40], whole[40];
	int i;

	TEST("three pages are one text, in order, with what the last one tells")
	three_pages();
	d = join(3);
	CHECK_INT(d->joined, 3);
	CHECK_INT(d->truncated, 0);
	CHECK_INT(d->paragraphs, 6);
	CHECK_INT(lines_of(d->text), 6);
	for (i = 0; i < 6; i++)
		CHECK(strstr(d->text, paragraphs[i]) != NULL);
	CHECK(strstr(d->text, paragraphs[3]) < strstr(d->text, paragraphs[4]));
	CHECK_STR(d->title, TITLE);
	CHECK_INT(d->editors.n, 1);
	CHECK_INT(used[0] == WINNOW_PART_USED && used[1] == WINNOW_PART_USED &&
		      used[2] == WINNOW_PART_USED,
	    1);
	snprintf(whole, sizeof whole, "%s", d->id);
	d = join(1);
	snprintf(first, sizeof first, "%s", d->id);
	CHECK(strcmp(first, whole) != 0);

	TEST("a page that is missing is told, in the middle and at the end")
	three_pages();
	CHECK_INT(join(2)->truncated, 1);
	pages[1] = pages[2];
	d = join(2);
	CHECK_INT(d->truncated, 1);
	CHECK_INT(d->joined, 2);

	TEST("a server that gives the first page for any number ends the "
	     "article")
	three_pages();
	pages[2].body = pages[0].body;
	pages[2].body_len = pages[0].body_len;
	d = join(3);
	CHECK_INT(d->joined, 2);
	CHECK_INT(used[2], WINNOW_PART_REPEAT);
	CHECK_INT(d->paragraphs, 4);

	TEST("another article behind the number is left out, and missed")
	three_pages();
	pages[2] = page_of(
	    2, SITE "/a/t7_3.html", "县实验小学举办春季运动会", 4, 2, "");
	d = join(3);
	CHECK_INT(used[2], WINNOW_PART_NONE);
	CHECK_INT(d->paragraphs, 4);
	CHECK_INT(d->truncated, 1);

	TEST("the page that has all of it stands for all")
	three_pages();
	pages[1] = page_of(1, SITE "/a/t7_all.html", TITLE, 0, 6, "");
	d = join(2);
	CHECK_INT(d->joined, 1);
	CHECK_INT(d->paragraphs, 6);
	CHECK_INT(d->truncated, 0);
	CHECK_INT(used[1], WINNOW_PART_USED);

	TEST("what each page repeats at its edges stands once")
	pages[0] = page_of(0, SITE "/a/t7.html", TITLE, 0, 3,
	    "<p><a href=t7_2.html>下一页</a></p>");
	pages[1] = page_of(1, SITE "/a/t7_2.html", TITLE, 2, 3,
	    "<p><a href=t7.html>上一页</a></p>");
	d = join(2);
	CHECK_INT(d->paragraphs, 5);
}

/* Two pages whose edge is made of these two lines; the text between. */
static const char *
seam_of(const char *end, const char *begin)
{
	static char out[4096];
	char a[2048], b[2048];
	const struct winnow_doc *d;
	const char *p, *q;

	snprintf(a, sizeof a,
	    "<p>　　%s</p><p><a href=t7_2.html>下一页</a></p>", end);
	pages[0] = page_of(0, SITE "/a/t7.html", TITLE, 0, 2, a);
	snprintf(b, sizeof b, "<p><a href=t7.html>上一页</a></p>");
	pages[1] = page_of(1, SITE "/a/t7_2.html", TITLE, 3, 2, b);
	/* the line goes before the paragraphs of the second page */
	p = strstr(buf[1], "<div class=content>") +
	    strlen("<div class=content>");
	snprintf(b, sizeof b, "<p>%s</p>", begin);
	memmove((char *)(uintptr_t)p + strlen(b), p, strlen(p) + 1);
	memcpy((char *)(uintptr_t)p, b, strlen(b));
	pages[1].body_len = strlen(buf[1]);
	d = join(2);
	p = strstr(d->text, paragraphs[1]);
	q = strstr(d->text, paragraphs[3]);
	CHECK(p != NULL && q != NULL);
	if (p == NULL || q == NULL)
		return "";
	p += strlen(paragraphs[1]) + 1;
	snprintf(out, sizeof out, "%.*s", (int)(q - p - 1), p);
	return out;
}

static void
test_seams(void)
{
	TEST("a sentence that goes on is put together, one that ends is not")
	CHECK_STR(seam_of("县教育局负责人表示，下一步将把党建工作成效作为学校"
			  "年度考核的重要内容，并与评先评优",
		      "挂钩，推动各项任务落到实处。"),
	    "县教育局负责人表示，下一步将把党建工作成效作为学校年度考核的重要内"
	    "容"
	    "，并与评先评优挂钩，推动各项任务落到实处。");
	CHECK_STR(seam_of("县教育局负责人表示，下一步将把党建工作成效作为学校"
			  "年度考核的重要内容。",
		      "各学校要高度重视，认真抓好落实。"),
	    "县教育局负责人表示，下一步将把党建工作成效作为学校年度考核的重要内"
	    "容。"
	    "\n各学校要高度重视，认真抓好落实。");
	CHECK_STR(seam_of("二、主要做法", "我们坚持把支部建在年级组上，每月开展"
					  "一次主题党日活动。"),
	    "二、主要做法\n我们坚持把支部建在年级组上，每月开展一次主题党日活动"
	    "。");

	TEST("a line that says that it goes on is none of the text")
	CHECK(wn_is_goes_on_note((struct wn_str){
	    "（未完待续，请看下一页）", strlen("（未完待续，请看下一页）")}));
	CHECK(wn_is_goes_on_note(
	    (struct wn_str){"（未完待续）", strlen("（未完待续）")}));
	CHECK(!wn_is_goes_on_note((struct wn_str){
	    "未完工程清单见附件。", strlen("未完工程清单见附件。")}));

	TEST("the notes of a newspaper's turn go, and the sentence goes on")
	CHECK_STR(seam_of("会议还研究了暑期教师培训的安排（下转第四版）",
		      "（上接第一版）以及明年的预算，并听取了审计情况的汇报。"),
	    "会议还研究了暑期教师培训的安排以及明年的预算，并听取了审计情况的汇"
	    "报。");
	CHECK_STR(seam_of("会议还研究了暑期教师培训的安排，听取了有关汇报。",
		      "(上接第1版)会议由局长主持，各科室负责人参加了会议。"),
	    "会议还研究了暑期教师培训的安排，听取了有关汇报。"
	    "\n会议由局长主持，各科室负责人参加了会议。");
}

/* ---- bounds
 * ------------------------------------------------------------------ */

static void
test_bounds(void)
{
	const struct winnow_doc *d;
	static char row[60000];
	size_t k = 0;
	int i;

	TEST("a row of thousands of pages is cut at the bound")
	k += (size_t)snprintf(row + k, sizeof row - k, "<p>");
	for (i = 2; i < 1500 && k < sizeof row - 100; i++)
		k += (size_t)snprintf(row + k, sizeof row - k,
		    "<a href=t9_%d.html>%d</a> ", i, i);
	d = clean(SITE "/a/t9.html", TITLE, row);
	CHECK_INT(d->part, 1);
	CHECK(d->nparts <= WINNOW_PARTS_MAX);

	TEST("no page, too many, and an empty first one are refused or empty")
	CHECK_INT(winnow_clean_parts(w, pages, 0, used, &d), WINNOW_EINVAL);
	CHECK_INT(winnow_clean_parts(w, pages, WINNOW_PARTS_MAX + 1, used, &d),
	    WINNOW_EINVAL);
	three_pages();
	pages[0].body = "";
	pages[0].body_len = 0;
	CHECK_INT(winnow_clean_parts(w, pages, 3, used, &d), 0);
	CHECK_INT(d->text_len, 0);
}

int
main(void)
{
	if (winnow_new(&w, NULL) != 0)
		return 1;
	test_found();
	test_found_otherwise();
	test_found_in_passing();
	test_not_found();
	test_joined();
	test_seams();
	test_bounds();
	winnow_free(w);
	return test_end();
}
