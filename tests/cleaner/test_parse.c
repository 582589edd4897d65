/* test_parse.c - the tree's invariants, what is text, and the caps. */
#include "cleaner/tags.h"
#include "cleaner/winnow.h"
#include "tests/cleaner/corpus.h"
#include "tests/test.h"

static struct wn_arena *arena;

static struct wn_tree *
parse(const char *html, size_t len)
{
	struct wn_tree *t = NULL;

	wn_arena_reset(arena);
	if (wn_parse(arena, html, len, &t) != 0)
		return NULL;
	return t;
}

/* The text without white space. */
static const char *
text_of(const char *html)
{
	static char out[4096];
	struct wn_tree *t = parse(html, strlen(html));
	size_t i, n = 0;

	for (i = 0; t != NULL && i < t->text_len && n < sizeof(out) - 1; i++)
		if (!strchr(" \t\r\n", t->text[i]))
			out[n++] = t->text[i];
	out[n] = '\0';
	return out;
}

/* The first node that breaks T1 or T2, 0: none. */
static uint32_t
broken_node(const struct wn_tree *t)
{
	uint32_t i;

	if (t->nodes[0].tag != WN_TAG_ROOT || t->nodes[0].end != t->n)
		return 1;
	for (i = 1; i < t->n; i++) {
		const struct wn_node *n = &t->nodes[i];
		const struct wn_node *p = &t->nodes[n->parent];

		if (n->parent >= i || n->end <= i || n->end > p->end ||
		    n->tbeg < p->tbeg || n->tend > p->tend || n->tend < n->tbeg)
			return i;
	}
	return 0;
}

static char *
repeat(const char *s, size_t times, size_t *len)
{
	size_t n = strlen(s), i;
	char *b = malloc(n * times + 1);

	for (i = 0; i < times; i++)
		memcpy(b + i * n, s, n);
	*len = n * times;
	return b;
}

/* The tree of s repeated holds its invariants; its number of nodes. */
static uint32_t
flood(const char *s, size_t times, int truncated)
{
	size_t len;
	char *b = repeat(s, times, &len);
	struct wn_tree *t = parse(b, len);

	CHECK(t != NULL);
	if (t != NULL) {
		CHECK_INT(broken_node(t), 0);
		CHECK_INT(t->truncated, truncated);
	}
	free(b);
	return t != NULL ? t->n : 0;
}

static void
test_corpus(void)
{
	struct corpus c;
	struct winnow *w;
	const char *encoding, *text;
	size_t i, len;

	corpus_load(&c);
	if (c.n == 0) {
		test_skip("parse: T1 and T2 on the corpus", "no WINNOW_SHARED");
		corpus_free(&c);
		return;
	}
	TEST("parse: T1 and T2 hold on every page of the corpus")
	{
		CHECK_INT(winnow_new(&w, NULL), 0);
		for (i = 0; i < c.n; i++) {
			struct wn_tree *t;

			CHECK_INT(winnow_decode(w, c.v[i].bytes, c.v[i].len,
				      NULL, &encoding, &text, &len),
			    0);
			t = parse(text, len);
			if (t == NULL || broken_node(t) != 0)
				TEST_FAIL("%s", c.v[i].name);
		}
		winnow_free(w);
	}
	corpus_free(&c);
}

int
main(void)
{
	struct wn_tree *t;
	int i;

	arena = wn_arena_new(512 << 20);
	TEST("tags: both lists are sorted, and each name finds its row")
	{
		for (i = WN_TAG_OTHER + 1; i < WN_TAG_N; i++) {
			if (i + 1 < WN_TAG_N)
				CHECK(strcmp(wn_tag_names[i],
					  wn_tag_names[i + 1]) < 0);
			CHECK_INT(wn_tag_find(
				      wn_tag_names[i], strlen(wn_tag_names[i])),
			    i);
		}
		for (i = 0; i < WN_ATTR_N; i++)
			CHECK_INT(wn_attr_find(wn_attr_names[i],
				      strlen(wn_attr_names[i])),
			    i);
		CHECK_INT(wn_tag_find("blink", 5), WN_TAG_OTHER);
		CHECK_INT(wn_attr_find("onload", 6), -1);
	}
	TEST("parse: script, style, svg, template and noscript are no text")
	CHECK_STR(text_of("<p>a<script>if (a<b) '</p>'</script>b<style>x"
			  "</style>c<svg><text>q</text></svg>d<template>"
			  "<p>q</template>e<noscript>q</noscript>f"),
	    "abcdef");
	TEST("parse: a comment in a string of a script hides nothing behind it")
	CHECK_STR(text_of("<script>var a='<!--';</script><p>seen"), "seen");
	TEST("parse: text behind </body> and </html> is kept")
	CHECK_STR(text_of("<body><p>a</body></html><p>b"), "ab");
	TEST("parse: a < that opens nothing is text")
	CHECK_STR(text_of("<p>1 < 2 <3 <= a<!--x-->b"), "1<2<3<=ab");
	TEST("parse: a dropped comment joins no tag")
	CHECK_STR(text_of("<p>a <<!-- -->b> c"), "a<b>c");
	TEST("parse: a quote that never closes loses no text")
	CHECK_STR(text_of("<p>a<a href=\"x>b</a>c"), "abc");
	TEST("parse: a comment that never closes loses its own tag only")
	CHECK_STR(text_of("<p>a<!-- x > b"), "ab");
	TEST("parse: the title's tags are no text and do not end it")
	{
		t = parse("<title>a<b>c</b> 1<2</title><p>d", 33);
		CHECK(t != NULL && wn_find(t, 0, WN_TAG_TITLE) != 0);
		CHECK_STR(
		    text_of("<title>a<b>c</b> 1<2</title><p>d"), "ac1<2d");
	}
	TEST("parse: references are resolved once, surrogates give no bytes")
	CHECK_STR(
	    text_of("<p>&amp;amp; &#x4E2D; &#0;&#xD800;&eacute;"), "&amp;中é");
	TEST("parse: a number of windows-1252 is its character, a name needs "
	     "its semicolon")
	{
		CHECK_STR(text_of("<p>&#147;a&#x94; &#65 &#; &#x; &copy &rarr;"
				  "&nosuch; &amp;#65;"),
		    "“a”A&#;&#x;&copy→&nosuch;&#65;");
		t = parse("<a href='?a=1&copy=2&amp;b=&quot;'>x", 36);
		CHECK_STR(wn_attr(t, wn_find(t, 0, WN_TAG_A), WN_ATTR_HREF),
		    "?a=1&copy=2&b=\"");
	}
	TEST("parse: a comment or a stray end tag does not split white space")
	{
		static const char html[] =
		    "<p>a <!-- x --> b </i> c\f\n\x01\xEF\xBF\xBE"
		    "d<pre> \n x</pre>";

		t = parse(html, sizeof(html) - 1);
		CHECK_STR(t->text, "a b c\nd \n x");
	}
	TEST("parse: what stands in a tag that was never closed is no text")
	{
		CHECK_STR(text_of("a<b c=\"d"), "a");
		CHECK_STR(text_of("a<b"), "a");
		CHECK_STR(text_of("a<"), "a<");
	}
	TEST("parse: an element the parser puts in has no attributes of "
	     "others")
	{
		t = parse("<div id=a></p><p id=b></p></p>x", 31);
		CHECK_INT(t->nattrs, 2);
		for (i = 1; i < (int)t->n; i++)
			if (t->nodes[i].nattr != 0)
				CHECK_STR(wn_attr(t, (uint32_t)i, WN_ATTR_ID),
				    t->nodes[i].tag == WN_TAG_DIV ? "a" : "b");
		CHECK_INT(broken_node(t), 0);
	}
	TEST("parse: the first of two attributes counts, others are dropped")
	{
		static const char html[] =
		    "<p class='a\"b' onload=x CLASS=c id=d>x";

		t = parse(html, sizeof(html) - 1);
		i = (int)wn_find(t, 0, WN_TAG_P);
		CHECK_STR(wn_attr(t, (uint32_t)i, WN_ATTR_CLASS), "a\"b");
		CHECK_STR(wn_attr(t, (uint32_t)i, WN_ATTR_ID), "d");
		CHECK_INT(t->nodes[i].nattr, 2);
	}
	TEST("parse: JSON-LD is kept aside whatever the case of its type")
	{
		static const char html[] =
		    "<script type=\"Application/LD+JSON\">{\"a\":1}</script>";

		t = parse(html, sizeof(html) - 1);
		CHECK_INT(t->njsonld, 1);
		CHECK_INT(t->jsonld[0].n, 7);
		CHECK_INT(t->text_len, 0);
	}
	TEST("parse: src is where a tag stood in the page")
	{
		static const char html[] =
		    "<script>0123456789</script><p>x<!-- c --><b>y</b>";
		const char *b = strstr(html, "<b>");

		t = parse(html, sizeof(html) - 1);
		CHECK_INT(t->nodes[wn_find(t, 0, WN_TAG_B)].src, b - html);
	}
	TEST("parse: an empty page is a root")
	{
		t = parse("", 0);
		CHECK(t != NULL && t->n >= 1 && t->text_len == 0);
	}
	TEST("parse: caps hold: depth, nodes, attributes, stray end tags")
	{
		flood("<a><b></p>", 100000, 1);
		flood("<div>", 100000, 1);
		flood("<div>x", 20000, 1);
		flood("</b></i></p>", 300000, 0);
		CHECK(flood("<p>x", 600000, 1) <= 1 << 19);
		flood("<svg>", 300000, 0);
		flood("<!-- ", 300000, 0);
		flood("<a b=\"", 300000, 0);
		flood("<title>", 300000, 0);
		flood("<title><b", 100000, 1);
	}
	TEST("parse: a page of tags that nobody closed is read to its end")
	{
		size_t n, m;
		char *a = repeat("<font size=2>x", 3000, &n);
		char *b = repeat("<p>y<b>z</b></p>", 12000, &m);
		char *s = malloc(n + m);

		memcpy(s, a, n);
		memcpy(s + n, b, m);
		t = parse(s, n + m);
		CHECK_INT(t->text_len, 3000 + 24000);
		free(a);
		free(b);
		free(s);
	}
	TEST("parse: beyond the depth cap no text is lost")
	{
		size_t len;
		char *s = repeat("<div>x", 2000, &len);

		t = parse(s, len);
		CHECK_INT(t->text_len, 2000);
		free(s);
	}
	test_corpus();
	wn_arena_free(arena);
	return test_end();
}
