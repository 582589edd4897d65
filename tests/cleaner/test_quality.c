/* test_quality.c - what a text shows of its own worth, and the figure that is
 * made of it. */
#include "cleaner/quality.h"

#include <stdarg.h>

#include "cleaner/doc.h"
#include "cleaner/state.h"
#include "tests/test.h"

#define ONE                                                                                                      \
	"春天到了，河边的柳树都绿了，孩子们在田野里奔跑，老人们坐在门前晒太阳" \
	"。"
#define TWO                                                                                                      \
	"夏天的时候，村里的人都到河里去洗澡，水很清，可以看见河底的石头和小鱼" \
	"。"
#define THREE                                                                                                    \
	"秋天来得很早，树叶一片一片地落下来，铺满了村口的小路，大人们忙着收割" \
	"。"
#define FOUR                                                                   \
	"冬天的晚上，一家人围着炉子讲故事，窗外的雪下了一夜，早上门都推不开。"
#define TALE ONE "</p><p>" TWO "</p><p>" THREE "</p><p>" FOUR

static struct winnow *w;
static const struct winnow_doc *d;

static void
clean(const char *fmt, ...)
{
	static char html[1 << 16];
	struct winnow_page p = {.body = html, .now = 1770000000};
	va_list ap;

	va_start(ap, fmt);
	p.body_len = (size_t)vsnprintf(html, sizeof(html), fmt, ap);
	va_end(ap);
	CHECK_INT(winnow_clean(w, &p, &d), 0);
}

static void
tale(const char *paragraphs)
{
	clean("<title>四季的村子里的孩子们</title><article><h1>四季的村子里的"
	      "孩子们</h1><p>%s</p></article>",
	    paragraphs);
}

static int
near(double a, double b)
{
	return a > b - 0.01 && a < b + 0.01;
}

static void
shares(void)
{
	TEST("quality: a clean text is Han, ended, not repeated and not spun")
	{
		tale(TALE);
		CHECK(d->signals.han > 0.85);
		CHECK(near(d->signals.ended, 1));
		CHECK(near(d->signals.repeated, 0));
		CHECK(near(d->signals.spun, 0));
		CHECK_INT(d->signals.lost, 0);
		CHECK_INT(d->signals.glosses, 0);
		CHECK_INT(d->signals.damaged, 0);
		CHECK(d->quality > 0.8);
	}
	TEST("quality: a mark that ends a sentence may stand inside quotes")
	{
		tale(ONE "”</p><p>" TWO "）」</p><p>" THREE " </p><p>" FOUR);
		CHECK(near(d->signals.ended, 1));
	}
	TEST("quality: paragraphs without a mark lower the share of ended ones")
	{
		tale(ONE "</p><p>" TWO "</p><p>" THREE "然后</p><p>" FOUR
			 "后来");
		CHECK(d->signals.ended > 0.4 && d->signals.ended < 0.6);
	}
	TEST("quality: the share of the title's words that the text has")
	{
		tale(TALE);
		CHECK(d->signals.titled > 0.1 && d->signals.titled < 0.9);
		clean("<title>孩子们在田野里奔跑</title><article>"
		      "<h1>孩子们在田野里奔跑</h1><p>" TALE "</p></article>");
		CHECK(near(d->signals.titled, 1));
		clean("<title>服务器数据库报价</title><article>"
		      "<h1>服务器数据库报价</h1><p>" TALE "</p></article>");
		CHECK(near(d->signals.titled, 0));
	}
	TEST("quality: English words are tokens, whatever their case")
	{
		clean("<title>THE OLD MILL</title><article><h1>THE OLD MILL"
		      "</h1><p>The old mill stood by the river, and people of "
		      "the valley brought their corn to it every week until "
		      "the first snow fell upon the road.</p><p>Nobody knew "
		      "who had built it, or why its wheel turned at night, "
		      "when the water was low and the miller asleep.</p>"
		      "</article>");
		CHECK(near(d->signals.titled, 1));
		CHECK(near(d->signals.han, 0));
	}
}

static void
damage(void)
{
	double whole, lost;

	tale(TALE);
	whole = d->quality;
	TEST("quality: characters that a decoder lost are counted")
	{
		tale(ONE "</p><p>夏天的\xEF\xBF\xBD候，村里\xEF\xBF\xBD人都到"
			 "河里去洗澡，水很清。</p><p>" THREE "</p><p>" FOUR);
		CHECK_INT(d->signals.lost, 2);
		CHECK_INT(d->signals.damaged, 2);
		lost = d->quality;
		CHECK(lost < whole - 0.3);
	}
	TEST("quality: pictures that were lost are one loss each")
	{
#define R3 "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
		tale(ONE R3 R3 "</p><p>" R3 R3 "</p><p>" TWO "</p><p>" THREE);
		CHECK_INT(d->signals.lost, 2);
		CHECK_INT(d->signals.damaged, 2);
		tale("春天到了，河边" R3 "的柳树都绿了。</p><p>" TWO
		     "</p><p>" THREE);
		CHECK_INT(d->signals.lost, 3);
	}
	TEST("quality: question marks inside what asks nothing are lost text")
	{
		tale(ONE "</p><p>夏?的时候，村里的?都到河里去洗?，水很?，可以?"
			 "见河底的石头和小鱼。</p><p>" THREE "</p><p>" FOUR);
		CHECK_INT(d->signals.lost, 5);
		CHECK(d->quality < whole - 0.3);
	}
	TEST("quality: questions are questions")
	{
		tale("你知道柳树什么时候绿吗？春天。谁在田野里奔跑呢？孩子们。"
		     "</p><p>大人们怎么想？他们忙着收割。雪是几时停的？早上。"
		     "</p><p>" THREE "</p><p>" FOUR);
		CHECK_INT(d->signals.lost, 0);
	}
	TEST("quality: a reading that stayed is counted")
	{
		tale(ONE "</p><p>村里的人都到河(lǐ)里去洗澡，水很清，可以看见"
			 "河底的石(gōng)头。</p><p>" THREE "</p><p>" FOUR);
		CHECK_INT(d->signals.glosses, 2);
	}
}

static void
rewritten(void)
{
	TEST("quality: many rare words for common ones are a spinner's")
	{
		tale("今朝国度存眷黉舍的教诲，经由过程立异鞭策鼎新，门生的思惟"
		     "和糊口都很是康健，西席的感化更凸起。</p><p>" TALE);
		CHECK(d->signals.spun > 0.5);
		CHECK(d->quality < 0.5);
	}
	TEST("quality: in traditional characters, too")
	{
		tale("今朝國度存眷黌舍的教誨，經由過程立異鞭策鼎新，門生的思惟"
		     "和糊口都很是康健，這是歷史學會黨員們說的話。</p><p>村裡"
		     "的人都到河裡去洗澡，水很清，可以看見河底的石頭和小魚，"
		     "還有樹葉。</p><p>" THREE);
		CHECK_STR(d->language_script, "Hant");
		CHECK(d->signals.spun > 0.5);
	}
	TEST("quality: one such word says nothing")
	{
		tale(
		    "数风流人物，还看今朝。今朝的村子，今朝的河。</p><p>" TALE);
		CHECK(near(d->signals.spun, 0));
	}
	TEST("quality: a phrase that fills the text is stuffing")
	{
		tale(
		    "青石装修公司报价，找青石装修公司报价。青石装修公司报价好，"
		    "青石装修公司报价快。</p><p>春天找青石装修公司报价，夏天找"
		    "青石装修公司报价，秋天找青石装修公司报价，冬天找青石装修"
		    "公司报价。</p><p>" ONE);
		CHECK(d->signals.spun > 0.5);
	}
	TEST("quality: lines that come again are repeated, short ones are not")
	{
		clean("<title>诗</title><article><p>" ONE "</p><p>" TWO
		      "</p><p>啦啦</p><p>" THREE "</p><p>啦啦</p><p>" FOUR
		      "</p></article>");
		CHECK(near(d->signals.repeated, 0));
	}
}

static void
bounds(void)
{
	double x[WN_FEATURE_N];

	TEST("quality: no text, no quality")
	{
		clean("<title>四季</title>");
		CHECK_INT(d->text_len, 0);
		CHECK(d->quality == 0);
	}
	TEST("quality: every feature is within 0 and 1, and none but the base "
	     "raises it")
	{
		tale(TALE);
		wn_features(d, x);
		for (int i = 0; i < WN_FEATURE_N; i++) {
			CHECK(x[i] >= 0 && x[i] <= 1);
			CHECK(i == WN_FEATURE_BASE ||
			      wn_feature_rows[i].weight <= 0);
		}
	}
	TEST("quality: code has more lines than paragraphs")
	{
		static char lines[1 << 15];
		size_t n = 0;

		for (int i = 0; i < 900; i++)
			n += (size_t)snprintf(lines + n, sizeof(lines) - n,
			    "x%d = %d;\n", i, i * i);
		clean("<article><p>The mill by the river was old, and people "
		      "of the valley brought their corn to it.</p><pre>%s"
		      "</pre></article>",
		    lines);
		CHECK(d->paragraphs < 10);
		CHECK(d->quality > 0);
	}
	TEST("spun: every word of the table is found, by itself alone")
	{
		for (unsigned i = 0; i < wn_spun_rows(); i++)
			CHECK(wn_spun_weight(i + 1) >= 1);
		CHECK(wn_spun_rows() < 128);
		CHECK_INT(
		    wn_spun_at(w->spun, (uint32_t[]){0x4ECA, 0x671D}, 1), 0);
		CHECK(wn_spun_at(w->spun, (uint32_t[]){0x4ECA, 0x671D}, 2) > 0);
		CHECK(wn_spun_may(w->spun, 0x4ECA));
		CHECK(!wn_spun_may(w->spun, 0x10FFFF));
	}
}

int
main(void)
{
	CHECK_INT(winnow_new(&w, NULL), 0);
	shares();
	damage();
	rewritten();
	bounds();
	winnow_free(w);
	return test_end();
}
