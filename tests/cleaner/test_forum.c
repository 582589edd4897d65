/* Threads: which pages are some, what of their posts is text. */
#include <time.h>

#include "cleaner/winnow.h"
#include "tests/test.h"

#define HEAD                                                                   \
	"<html><head><title>Does the old bridge still carry lorries?"          \
	"</title></head><body>"
#define H1 "<h1>Does the old bridge still carry lorries?</h1>"
#define SUBJECT "Does the old bridge still carry lorries?\n"
#define FIRST                                                                  \
	"I have to bring a boat across next week, and the map shows a "        \
	"limit of seven tonnes there."
#define SECOND                                                                 \
	"It was mended in spring, so twelve tonnes are fine now, but "         \
	"mind the bend behind it."
#define THIRD                                                                  \
	"We went over it on Monday with a crane, slowly, and nobody "          \
	"said a word about it."

static const struct winnow_doc *
clean(struct winnow *w, const char *html, const char *url)
{
	struct winnow_page page = {.body = html,
	    .body_len = strlen(html),
	    .charset = "utf-8",
	    .url = url};
	const struct winnow_doc *d = NULL;

	return winnow_clean(w, &page, &d) == 0 ? d : NULL;
}

static void
check(struct winnow *w, const char *html, const char *url,
    enum winnow_page_type type, const char *text)
{
	const struct winnow_doc *d = clean(w, html, url);

	CHECK(d != NULL);
	if (d == NULL)
		return;
	CHECK_INT(d->page_type, type);
	CHECK_STR(d->text, text);
}

#define POST(class, name, when, text)                                          \
	"<div class='" class "'><a class=username href=/user/" name ">" name   \
			     "</a><span class=when>" when                      \
			     "</span><div class=said>" text                    \
			     "</div><a href=/r>Reply</a> <a "                  \
			     "href=/q>Quote</a></div>"

static void
check_shapes(struct winnow *w)
{
	TEST("forum: a thread is known by its shape alone")
	check(w,
	    HEAD H1 POST("row odd", "ann", "2024-05-16 16:12", FIRST)
		POST("row even", "bob", "2024-05-17 08:01", SECOND)
		    POST("row odd last", "cid", "3 days ago", THIRD),
	    NULL, WINNOW_FORUM, SUBJECT FIRST "\n" SECOND "\n" THIRD);
	test_close();

	TEST("forum: an article keeps readers' comments out")
	check(w,
	    HEAD H1 "<div class=story><p>" FIRST " " SECOND "</p><p>" THIRD
		    " " FIRST "</p><p>" SECOND " " THIRD "</p></div>"
		    "<div class=comments>" POST("comment", "ann",
			"2024-05-16 16:12", "No, it does not, I was there.")
			POST("comment", "bob", "2024-05-17 08:01",
			    "Who wrote this, and why?") POST("comment", "cid",
			    "3 days ago", "Thanks, well put.") "</div>",
	    NULL, WINNOW_ARTICLE,
	    FIRST " " SECOND "\n" THIRD " " FIRST "\n" SECOND " " THIRD);
	test_close();

	TEST("forum: the type of a question is evidence for two posts")
	check(w,
	    HEAD
	    "<div itemscope itemtype='https://schema.org/Question'>" H1 POST(
		"row", "ann", "2024-05-16 16:12", FIRST)
		POST("row", "bob", "2024-05-17 08:01", SECOND) "</div>",
	    NULL, WINNOW_FORUM, SUBJECT FIRST "\n" SECOND);
	test_close();
}

static void
check_posts(struct winnow *w)
{
	static const char url[] = "http://a.example/forum/12";

	TEST("forum: what ends two posts in the same words is a signature")
	check(w,
	    HEAD H1 POST("row", "ann", "2024-05-16 16:12",
		FIRST "<div>Written on a wooden keyboard</div>")
		POST("row", "bob", "2024-05-17 08:01", SECOND)
		    POST("row", "ann", "2024-05-18 08:01",
			THIRD "<div>Written on a wooden keyboard</div>"),
	    url, WINNOW_FORUM, SUBJECT FIRST "\n" SECOND "\n" THIRD);
	test_close();

	TEST("forum: links and code in a post stay")
	check(w,
	    HEAD H1 POST("row", "ann", "2024-05-16 16:12",
		FIRST "<p><a href=/x>http://b.example/map</a></p>")
		POST("row", "bob", "2024-05-17 08:01",
		    SECOND "<pre>copyright 2024-05-17</pre>"),
	    url, WINNOW_FORUM,
	    SUBJECT FIRST "\nhttp://b.example/map\n" SECOND
			  "\ncopyright 2024-05-17");
	test_close();

	TEST("forum: floors, ranks and the form below are no text")
	check(w,
	    HEAD H1 POST("row", "ann", "2024-05-16 16:12",
		FIRST) "<i>沙发</i><div class=usertitle>Bridge keeper of renown"
		       "</div>" POST("row", "bob", "2024-05-17 08:01",
			   SECOND) "<i>2楼</i><div class=reply-form><p>Please "
				   "be kind, and "
				   "read the rules before you write.</p></div>",
	    url, WINNOW_FORUM, SUBJECT FIRST "\n" SECOND);
	test_close();
}

#define POSTS                                                                  \
	POST("row", "ann", "2024-05-16 16:12", FIRST)                          \
	POST("row", "bob", "2024-05-17 08:01", SECOND)
#define JSONLD(type)                                                           \
	"<script type='application/ld+json'>{\"@context\":"                    \
	"\"https://schema.org\",\"@type\" : \"" type "\"}</script>"

static void
check_types(struct winnow *w)
{
	TEST("forum: JSON-LD says that a page is a thread")
	check(w, HEAD JSONLD("DiscussionForumPosting") H1 POSTS, NULL,
	    WINNOW_FORUM, SUBJECT FIRST "\n" SECOND);
	test_close();

	TEST("forum: a page that says that it is an article is no thread")
	CHECK_INT(clean(w,
		      HEAD JSONLD("NewsArticle")
			  H1 POSTS POST("row", "cid", "3 days ago", THIRD),
		      NULL)
		      ->page_type,
	    WINNOW_ARTICLE);
	test_close();

	TEST("forum: questions that their publisher answers are no thread")
	CHECK_INT(
	    clean(w,
		HEAD "<div itemscope itemtype='https://schema.org/FAQPage'>"
		     "<div itemscope itemtype='https://schema.org/Question'>" H1
			 POSTS "</div></div>",
		NULL)
		->page_type,
	    WINNOW_ARTICLE);
	test_close();

	TEST("forum: the p of a resolution in an address is no post's")
	CHECK_INT(
	    clean(w, HEAD H1 POSTS, "http://a.example/medium-1080p-high-1440p/")
		->page_type,
	    WINNOW_ARTICLE);
	test_close();
}

#define ROW(when, text, n)                                                     \
	"<li class=q7><i class=q8>" when "</i><p class=q9>" text               \
	"<div class=q10>Keeper of bridges</div><div class=q11>Wrote " n        \
	" notes so far</div></li>"

static void
check_repeats(struct winnow *w)
{
	TEST("forum: what all posts have in the same words is no text")
	check(w,
	    HEAD H1 "<ul>" ROW("2024-05-16 16:12", FIRST, "12")
		ROW("2024-05-17 08:01", SECOND, "7")
		    ROW("2024-05-18 09:00", THIRD, "130") "</ul>",
	    "http://a.example/forum/12", WINNOW_FORUM,
	    SUBJECT FIRST "\n" SECOND "\n" THIRD);
	test_close();
}

/* A million nodes of it in a few seconds: F2. */
static void
check_linear(struct winnow *w)
{
	static const char *const pieces[] = {
	    "<div class='post-body has-profile'>a, b.",
	    "<div class='a1 b2 c3 d4 e5 f6 g7 h8'>x 2024-05-16</div>",
	    "<div class=post><div class=signature>a, b.</div></div>",
	};
	size_t n = 300000;

	TEST("forum: hostile threads cost no more than their size")
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t len = strlen(pieces[i]), m = 8000000 / len;
		char *html = malloc((m < n ? m : n) * len + 1);
		clock_t before = clock();

		for (size_t k = 0; k < m && k < n; k++)
			memcpy(html + k * len, pieces[i], len);
		html[(m < n ? m : n) * len] = '\0';
		clean(w, html, "http://a.example/forum/1");
		if (clock() - before > 10 * CLOCKS_PER_SEC)
			TEST_FAIL("%s: %.1f s", pieces[i],
			    (double)(clock() - before) / CLOCKS_PER_SEC);
		free(html);
	}
	test_close();
}

int
main(void)
{
	struct winnow *w;

	if (winnow_new(&w, NULL) != 0)
		return 1;
	check_shapes(w);
	check_posts(w);
	check_types(w);
	check_repeats(w);
	check_linear(w);
	winnow_free(w);
	return test_end();
}
