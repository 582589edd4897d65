/* test_merit.c - which of two copies is the better one. */
#include "crawler/merit.h"
#include "cleaner/winnow.h"
#include "tests/test.h"

static struct winnow_doc doc;

static uint32_t
merit(const char *url)
{
	doc.text_len = strlen(doc.text);
	return merit_of(&doc, url);
}

static void
begin(void)
{
	doc = (struct winnow_doc) { .text = "学校召开会议。", .chars = 700,
		.source_name = "某县教育局", .sitename = "某网" };
}

static void
test_official(void)
{
	TEST("merit: who credits itself is its own, on a public body's host the most")
	CHECK_INT(merit_official("某县教育局", "某县教育局网", "jyj.x.test"),
	    MERIT_OWN);
	CHECK_INT(merit_official("某县教育局", "某县教育局", "jyj.x.gov.cn"),
	    MERIT_PUBLIC_OWN);
	CHECK_INT(merit_official("本站", NULL, "x.test"), MERIT_OWN);
	CHECK_INT(merit_official("机关党支部", "某县教育局", "jyj.x.gov.cn"),
	    MERIT_PUBLIC_OWN);
	CHECK_INT(merit_official("机关党支部", "某网", "x.test"), MERIT_REPRINT);
	CHECK_INT(merit_official(NULL, NULL, "www.x.edu.cn"), MERIT_PUBLIC_OWN);

	TEST("merit: who credits another reprints it, and public bodies do it better")
	CHECK_INT(merit_official("新华社", "某网", "x.test"), MERIT_REPRINT);
	CHECK_INT(merit_official("新华社", "某县政府", "x.gov.cn"),
	    MERIT_PUBLIC_PRINT);
	CHECK_INT(merit_official("某校", "新闻网", "x.test"), MERIT_REPRINT);
	CHECK_INT(merit_official("", "新闻网", "x.test"), MERIT_UNSAID);

	TEST("merit: an agency's text is its own on its own hosts only, in either "
	     "script")
	CHECK_INT(merit_official("新华社北京", "某网", "www.news.cn"),
	    MERIT_PUBLIC_OWN);
	CHECK_INT(merit_official("新華網", NULL, "xinhuanet.com"),
	    MERIT_PUBLIC_OWN);
	CHECK_INT(merit_official("人民日报", "新华网", "www.news.cn"),
	    MERIT_PUBLIC_PRINT);
	CHECK_INT(merit_official("新华社", "新华社", "news.cn.evil.test"),
	    MERIT_REPRINT);
	CHECK_INT(merit_official("新华社", "新华社", "fakenews.cn"),
	    MERIT_REPRINT);
}

static void
test_damage(void)
{
	uint32_t good, cut, hurt, lost, own;

	begin();
	good = merit("http://x.test/1");
	doc.repairs[WINNOW_REPAIR_GLOSS] = 40;
	hurt = merit("http://x.test/1");
	begin();
	doc.truncated = 1;
	cut = merit("http://x.test/1");
	begin();
	doc.signals.damaged = 1;
	doc.source_name = NULL;
	lost = merit("http://x.gov.cn/1");
	begin();
	doc.source_name = "某网";
	own = merit("http://x.test/1");

	TEST("merit: undamaged before whole, whole before a mirror's, then who "
	     "published it")
	CHECK_INT(merit_better(good, hurt), 1);
	CHECK_INT(merit_better(hurt, cut), 1);
	CHECK_INT(merit_better(cut, lost), 1);
	CHECK_INT(merit_better(own, good), 1);
	CHECK_INT(merit_better(good, own), 0);

	TEST("merit: lost characters are damage, and so is what a program rewrote")
	begin();
	doc.signals.lost = 1;
	CHECK_INT(merit_better(cut, merit("http://x.test/1")), 1);
	begin();
	doc.signals.spun = 0.8;
	CHECK_INT(merit_better(good, merit("http://x.test/1")), 1);

	TEST("merit: a few repairs tell only where nothing else does")
	begin();
	doc.repairs[WINNOW_REPAIR_LOST_BYTE] = 2;
	CHECK_INT(merit_better(good, merit("http://x.test/1")), 1);
	doc.source_name = "某网";
	CHECK_INT(merit_better(merit("http://x.test/1"), good), 1);
	begin();
	doc.repairs[WINNOW_REPAIR_SPACE] = 90;
	CHECK_INT(merit_better(good, merit("http://x.test/1")), 0);
}

static void
test_rest(void)
{
	uint32_t good, other;

	begin();
	good = merit("http://x.test/1");

	TEST("merit: a print version, which names another address, is less")
	doc.url_canonical = "http://X.test/1?utm_source=a#top";
	CHECK_INT(merit("http://x.test/1"), good);
	doc.url_canonical = "http://x.test/article/1";
	CHECK_INT(merit_better(good, merit("http://x.test/1")), 1);
	doc.url_canonical = NULL;
	CHECK_INT(merit_better(good, merit("http://x.test/1?print=1")), 1);
	CHECK_INT(merit_better(good, merit("http://x.test/Print/1.html")), 1);
	CHECK_INT(merit_better(good, merit("http://m.x.test/1")), 1);
	CHECK_INT(merit_better(good, merit("http://wap.x.test/1")), 1);
	CHECK_INT(merit("http://mx.test/1"), good);
	CHECK_INT(merit("http://x.test/sprint/mm.test"), good);

	TEST("merit: a fifth longer is better, a tenth is not")
	begin();
	doc.chars = 780;
	CHECK_INT(merit_better(merit("http://x.test/1"), good), 0);
	doc.chars = 880;
	CHECK_INT(merit_better(merit("http://x.test/1"), good), 1);
	CHECK_INT(merit_better(good, merit("http://x.test/1")), 0);

	TEST("merit: of an excerpt the full text is better, whoever published it")
	begin();
	doc.chars = 1100;
	doc.signals.damaged = 1;
	other = merit("http://x.test/1");
	begin();
	doc.source_name = NULL;
	CHECK_INT(merit_better(other, merit("http://x.gov.cn/1")), 1);
	CHECK_INT(merit_longer(other, merit("http://x.gov.cn/1")), 1);
	CHECK_INT(merit_longer(good, other), 0);
	CHECK_INT(merit_longer(other, MERIT_UNKNOWN), 0);

	TEST("merit: the earlier day, where both tell one")
	begin();
	doc.date_publish = "2025-11-30";
	other = merit("http://x.test/1");
	CHECK_INT(merit_better(other, good), 0);
	CHECK_INT(merit_better(good, other), 0);
	doc.date_publish = "2025-12-01";
	CHECK_INT(merit_better(other, merit("http://x.test/1")), 1);
	CHECK_INT(merit_better(merit("http://x.test/1"), other), 0);

	TEST("merit: anything is better than what is gone, nothing than what was "
	     "never weighed")
	CHECK_INT(merit_better(good, MERIT_GONE), 1);
	CHECK_INT(merit_better(good, MERIT_UNKNOWN), 0);
	CHECK_INT(merit_better(MERIT_UNKNOWN, MERIT_GONE), 1);
	CHECK_INT(merit_better(good, good), 0);
	doc = (struct winnow_doc) { .text = "" };
	CHECK(merit(NULL) != MERIT_GONE);
	doc.chars = SIZE_MAX;
	doc.date_publish = "9999-99-99";
	CHECK(merit("http://x.gov.cn/") != MERIT_UNKNOWN);
	CHECK(merit("no address") != MERIT_UNKNOWN);
}

int
main(void)
{
	test_official();
	test_damage();
	test_rest();
	return test_end();
}
