/* test_meta_fields.c - each field of the record, on pages written for it. */
#include "tests/test.h"

#include "cleaner/meta.h"
#include "cleaner/state.h"

static struct winnow *w;
static const struct winnow_doc *doc;

#define LONG                                                                   \
	"<p>The council met for three hours on Tuesday, and nobody left "      \
	"before the vote was counted twice.</p>"                               \
	"<p>It will meet again in a month, when the engineers have looked at " \
	"the bridge, the road and the river below.</p>"

static void
clean(const char *html, const char *url)
{
	struct winnow_page p = {
	    .body = html, .body_len = strlen(html), .url = url};

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

static const struct wn_origin *
origin(enum wn_field f)
{
	return &w->doc.meta->origin[f];
}

/* Monday 14 November 2022, 09:20 UTC. */
static const char *
day_by_feed(const char *html)
{
	struct winnow_page p = {.body = html,
	    .body_len = strlen(html),
	    .feed_date = 1668417600};

	if (winnow_clean(w, &p, &doc) != 0)
		TEST_FAIL("winnow_clean failed\n");
	return doc->date_publish;
}

static void
feed_dates(void)
{
	TEST("fields: the feed's day serves an article that tells none, and "
	     "not a document, whose upload it is");
	CHECK_STR(day_by_feed("<body><h1>Bridges</h1>" LONG), "2022-11-14");
	CHECK_STR(doc->date_source, "feed");
	CHECK_STR(day_by_feed("<body><h1>Bridges</h1><p>2 May 2021</p>" LONG),
	    "2021-05-02");
	CHECK(day_by_feed("<body><h1>桥梁养护</h1>"
			  "<p>桥梁养护每年春秋两季各做一次，由县里的"
			  "工程队负责，所需费用从公路专项资金中列支。</p>"
			  "<p>配套讲稿：如ppt文件的首页显示</p>") == NULL);
	CHECK_INT(doc->page_type, WINNOW_DOCUMENT);
	CHECK(doc->date_source == NULL);
}

/* ---- titles ------------------------------------------------------------- */

static void
titles(void)
{
	TEST(
	    "fields: a kicker that the title element divides is not the title");
	clean("<title>Bridges - Town to pay for repairs | Daily</title><body>"
	      "<h1><span>Bridges</span> Town to pay for repairs</h1>" LONG,
	    NULL);
	CHECK_STR(doc->title, "Town to pay for repairs");
	clean("<title>Town to pay for repairs</title><body>"
	      "<h1><small>Bridges </small>Town to pay for repairs</h1>" LONG,
	    NULL);
	CHECK_STR(doc->title, "Town to pay for repairs");

	TEST("fields: a heading set in two parts is one title all the same");
	clean("<title>Town to pay for the repairs | Daily</title><body>"
	      "<h1><span>Town to pay</span> for the repairs</h1>" LONG,
	    NULL);
	CHECK_STR(doc->title, "Town to pay for the repairs");

	TEST("fields: a heading above the heading is its kicker");
	clean("<title>Old bridges: Town to pay for repairs - daily.example"
	      "</title><body><h4>Old bridges</h4><h1>Town to pay for repairs"
	      "</h1>" LONG,
	    NULL);
	CHECK_STR(doc->title, "Town to pay for repairs");

	TEST("fields: the words of the address say which segment is the title");
	clean("<title>Gravel and Stone » Blog Archive » Why bridges fail"
	      "</title><body><h1>Gravel and Stone</h1><h2>Why bridges fail"
	      "</h2>" LONG,
	    "http://blog.example/2019/why-bridges-fail/");
	CHECK_STR(doc->title, "Why bridges fail");
	clean("<title>Kies und Stein » Blog » Über alte Brücken</title><body>"
	      "<h1>Kies und Stein</h1><h2>Über alte Brücken</h2>" LONG,
	    "http://blog.example/ueber-alte-bruecken.html");
	CHECK_STR(doc->title, "Über alte Brücken");

	TEST("fields: the host's name is the site's");
	clean("<title>Gravelstone » A bridge</title><body><h1>Gravelstone</h1>"
	      "<h2>A bridge</h2>" LONG,
	    "http://gravelstone.example/?p=7");
	CHECK_STR(doc->title, "A bridge");

	TEST("fields: the title is found below a menu of a thousand lines");
	{
		static char page[64000];
		size_t n = (size_t)sprintf(page,
		    "<title>The bridge is open - Daily</title><body><ul>");

		for (int i = 0; i < 1000; i++)
			n += (size_t)sprintf(
			    page + n, "<li><a href=/%d>Menu %d</a></li>", i, i);
		sprintf(page + n, "</ul><h1>The bridge is open</h1>"
				  "<p>3 May 2021</p>" LONG);
		clean(page, NULL);
	}
	CHECK_STR(doc->title, "The bridge is open");
	CHECK_STR(doc->date_publish, "2021-05-03");
}

/* ---- dates -------------------------------------------------------------- */

static void
dates(void)
{
	TEST("fields: the day that is printed beats a bare date tag");
	clean("<title>A bridge for all</title><meta name=date "
	      "content=2022-01-21><meta name=dcterms.date content=2022-01-21>"
	      "<body><h1>A bridge for all</h1><p>27.01.2022</p>" LONG,
	    NULL);
	CHECK_STR(doc->date_publish, "2022-01-27");

	TEST("fields: a day of the last change is not the publication's");
	clean("<title>A bridge for all</title><body><p>30 September 2018</p>"
	      "<h1>A bridge for all</h1><p>Updated on 7 January 2020</p>" LONG,
	    NULL);
	CHECK_STR(doc->date_publish, "2018-09-30");

	TEST("fields: available until is no date of the article");
	clean("<title>A bridge for all</title><body><h1>A bridge for all</h1>"
	      "<p>16.10.2019 News</p>" LONG "<p>Video verfügbar bis:<br>"
	      "14.10.2020</p>",
	    NULL);
	CHECK_STR(doc->date_publish, "2019-10-16");

	TEST("fields: the label in the line above names a date");
	clean("<title>A bridge for all</title><body><h1>A bridge for all</h1>"
	      "<dl><dt>Letzte Änderung:</dt><dd>14.01.2022 um 09:25</dd>"
	      "<dt>Erschienen am:</dt><dd>01.11.2021</dd></dl>" LONG,
	    NULL);
	CHECK_STR(doc->date_publish, "2021-11-01");

	TEST("fields: what a form holds is no date against a printed one");
	clean("<title>A bridge for all</title><body><form><input type=hidden "
	      "name=date value=20190717140047></form><h1>A bridge for all</h1>"
	      "<p>27 January 2014</p>" LONG,
	    NULL);
	CHECK_STR(doc->date_publish, "2014-01-27");

	TEST("fields: a UTC moment takes the day the site prints beside it");
	clean("<title>A bridge for all</title><meta property="
	      "article:published_time content=2022-05-04T00:25:56Z><body>"
	      "<h1>A bridge for all</h1><p>3 de mayo de 2022</p>" LONG,
	    NULL);
	CHECK_STR(doc->date_publish, "2022-05-03");
	CHECK_INT(doc->datetime_publish, 1651623956);

	TEST("fields: a date inside a sentence is not the article's");
	clean("<title>A bridge for all</title><body><h1>A bridge for all</h1>"
	      "<p>The picture shows the river as it was seen from the tower of "
	      "31.05.2021 when the first stones were laid in its bed.</p>" LONG,
	    NULL);
	CHECK(doc->date_publish == NULL);

	TEST("fields: a date glued to the title in its heading");
	clean("<title>Town - Bridges - Oil statistics November</title><body>"
	      "<h1><span>27.01.2022</span>Oil statistics November</h1>" LONG
	      "<p>Oil statistics November</p>",
	    NULL);
	CHECK_STR(doc->title, "Oil statistics November");
	CHECK_STR(doc->date_publish, "2022-01-27");

	TEST("fields: year and month joined by a hyphen in an address");
	clean("<title>A bridge for all</title><body><h1>A bridge for "
	      "all</h1>" LONG,
	    "http://news.example/local/2020-02/19/c_1125.htm");
	CHECK_STR(doc->date_publish, "2020-02-19");
	CHECK_STR(doc->date_source, "url");
}

/* ---- people ------------------------------------------------------------- */

static void
byline(const char *line, const char *want)
{
	char page[2000];

	snprintf(page, sizeof(page),
	    "<title>A bridge for all</title><body><h1>A bridge for all</h1>"
	    "<p>%s</p>" LONG,
	    line);
	clean(page, NULL);
	CHECK_STR(joined(&doc->authors), want);
}

static void
people(void)
{
	TEST("fields: bylines by their words, without class names");
	byline("By Jane Doe and John Roe | Local news", "Jane Doe|John Roe");
	byline("ByJ.R. Stone", "J.R. Stone");
	byline("Von R. R. am 07.08.2013 um 09:07 Uhr gespeichert unter X",
	    "R. R.");
	byline("Par Amélie Dupont le 14.09.2020 à 11h46", "Amélie Dupont");
	byline("Text von Jan van der Berg", "Jan van der Berg");
	byline("jeudi 13 juin 2019, par Anne Petit", "Anne Petit");
	byline("Jane Doe, 03.11.2023 15:32 Uhr", "Jane Doe");
	byline("25.10.2022 - Jane Doe", "Jane Doe");

	TEST("fields: what stands beside a date and is no name");
	byline("Tags: Bridges 25.10.2022", "");
	byline("25.10.2022 Home & Garden", "");
	byline("By the river there is a bridge that nobody crosses", "");

	TEST("fields: readers who review are no authors");
	clean("<title>A bridge for all</title><script type="
	      "application/ld+json>{\"@type\":\"Recipe\",\"author\":{\"name\":"
	      "\"Jane Doe\"},\"review\":[{\"@type\":\"Review\",\"author\":"
	      "{\"name\":\"Hungry81\"}}]}</script><body><h1>A bridge for all"
	      "</h1>" LONG,
	    NULL);
	CHECK_STR(joined(&doc->authors), "Jane Doe");

	TEST("fields: authors of teasers are not the article's");
	clean("<title>A bridge for all</title><body><h1>A bridge for all</h1>"
	      "<p class=author-name>Jane Doe</p>" LONG LONG
	      "<div><h3>Rails</h3><p class=author-name>Max Roe</p></div>"
	      "<div><h3>Roads</h3><p class=author-name>Eve Poe</p></div>",
	    NULL);
	CHECK_STR(joined(&doc->authors), "Jane Doe");

	TEST("fields: the site's own name only where nobody else is named");
	clean("<title>A bridge for all</title><meta name=author content="
	      "'The Gravel Daily'><meta property=og:site_name content="
	      "'The Gravel Daily'><body><h1>A bridge for all</h1>"
	      "<p>By Jane Doe</p>" LONG,
	    NULL);
	CHECK_STR(joined(&doc->authors), "Jane Doe");
	clean("<title>A bridge for all</title><meta name=author content="
	      "'The Gravel Daily'><meta property=og:site_name content="
	      "'The Gravel Daily'><body><h1>A bridge for all</h1>" LONG,
	    NULL);
	CHECK_STR(joined(&doc->authors), "The Gravel Daily");

	TEST("fields: a job behind a comma is no second author");
	clean(
	    "<title>A bridge for all</title><meta name=author content="
	    "'Jane Doe, Chefredakteurin'><body><h1>A bridge for all</h1>" LONG,
	    NULL);
	CHECK_STR(joined(&doc->authors), "Jane Doe");
}

/* ---- the rest of the record --------------------------------------------- */

static const char rest[] =
    "<html lang=en><title>A bridge for all - Gravel Daily</title>"
    "<link rel=canonical href=/bridge><link rel=license href="
    "https://creativecommons.org/licenses/by/4.0/>"
    "<meta property=og:site_name content='Gravel Daily'>"
    "<meta property=og:image content=/i/bridge.jpg>"
    "<meta name=description content='On a bridge.'>"
    "<meta name=keywords content='bridge, river'>"
    "<meta property=article:section content=Local>"
    "<body><h1>A bridge for all</h1><p class=subtitle>Three years late</p>"
    "<article>" LONG "<p>The plans: <a href=/f/plan.pdf>plan</a></p></article>";

static void
others(void)
{
	TEST("fields: subtitle, site, section, keywords, description");
	clean(rest, "https://daily.example/n/7?utm_source=x");
	CHECK_STR(doc->subtitle, "Three years late");
	CHECK_STR(doc->sitename, "Gravel Daily");
	CHECK_STR(joined(&doc->sections), "Local");
	CHECK_STR(joined(&doc->tags), "bridge|river");
	CHECK_STR(doc->description, "On a bridge.");

	TEST("fields: image, canonical, licence, attachments are resolved");
	CHECK_STR(doc->image, "https://daily.example/i/bridge.jpg");
	CHECK_STR(doc->url_canonical, "https://daily.example/bridge");
	CHECK_STR(doc->license, "https://creativecommons.org/licenses/by/4.0/");
	CHECK_STR(
	    joined(&doc->attachments), "https://daily.example/f/plan.pdf");

	TEST("fields: language and script by the text");
	CHECK_STR(doc->language, "en");
	CHECK(doc->language_script == NULL);
	clean(
	    "<title>桥</title><body><h1>大桥今天正式通车</h1>"
	    "<p>这座大桥经过三年建设，今天上午正式通车，市民们可以从这里过江。"
	    "</p><p>工程师们说，这里的车辆将比以前多，他们还要继续观察。</p>",
	    NULL);
	CHECK_STR(doc->language, "zh");
	CHECK_STR(doc->language_script, "Hans");

	TEST("fields: the tags that Chinese government sites carry, any case");
	clean("<title>通知</title><meta name=sitename content=某县人民政府>"
	      "<meta name=COLUMNNAME content=通知公告><meta name=ArticleTitle "
	      "content=关于修缮大桥的通知><meta name=PubDate content="
	      "'2021-03-04 10:20'><meta name=contentsource content=某县交通局>"
	      "<meta name=Keywords content=大桥,修缮><body><p>为了保障安全，"
	      "县里决定修缮大桥，请各单位做好准备工作，按时完成任务。</p>",
	    NULL);
	CHECK_STR(doc->title, "关于修缮大桥的通知");
	CHECK_STR(doc->sitename, "某县人民政府");
	CHECK_STR(doc->source_name, "某县交通局");
	CHECK_STR(joined(&doc->sections), "通知公告");
	CHECK_STR(joined(&doc->tags), "大桥|修缮");
	CHECK_STR(doc->date_publish, "2021-03-04");
	CHECK_INT(doc->datetime_publish, 1614824400);

	TEST("fields: each field knows whom it is from");
	CHECK_STR(origin(WN_F_TITLE)->how, "articletitle");
	CHECK_STR(origin(WN_F_PUBLISHED)->by, "meta");
	CHECK_STR(origin(WN_F_SOURCE)->how, "contentsource");
	CHECK(origin(WN_F_SUBTITLE)->by == NULL);
	clean(rest, "https://daily.example/n/7");
	CHECK_STR(origin(WN_F_TITLE)->how, "heading");
	CHECK(origin(WN_F_TITLE)->node != 0);
	CHECK_STR(origin(WN_F_SITENAME)->how, "og:site_name");
	CHECK_STR(origin(WN_F_LICENSE)->how, "rel=license");
}

int
main(void)
{
	if (winnow_new(&w, NULL) != 0)
		return 1;
	titles();
	feed_dates();
	dates();
	people();
	others();
	winnow_free(w);
	return test_end();
}
