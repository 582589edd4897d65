/* test_html.c - the article as HTML. Nothing of a hostile page may be markup
 * in it. */
#include "cleaner/html.h"
#include "cleaner/state.h"
#include "tests/test.h"

/* Sentences long enough to be an article's. */
#define MILL                                                                   \
	"The mill by the river was old, and the people of the valley "         \
	"brought their corn to it every week until the first snow. "
#define CORN                                                                   \
	"The corn came late that year, and the wagons stood in a row "         \
	"from the bridge to the church, where the children counted them. "

#define WOOD                                                                   \
	"Wood was cut on the hill behind the school, and in the evenings "     \
	"the carts came down slowly, one lamp behind the other. "
#define SNOW                                                                   \
	"When the snow came the road was closed, and nobody heard of the "     \
	"town again before the end of March, when the river broke. "

static struct winnow *w;
static const struct winnow_doc *d;

static void
clean(const char *html)
{
	struct winnow_page p = {.body = html,
	    .body_len = strlen(html),
	    .url = "http://example.com/a",
	    .now = 1770000000};

	CHECK_INT(winnow_clean(w, &p, &d), 0);
}

static unsigned
count(const char *s, const char *what)
{
	unsigned n = 0;

	for (; (s = strstr(s, what)) != NULL; s += strlen(what))
		n++;
	return n;
}

/* The text of a page of ours: no tags, references resolved. */
static const char *
plain(const char *html)
{
	static char out[16384];
	static const struct {
		const char *ref;
		char c;
	} refs[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'},
	    {"&quot;", '"'}, {"&#39;", '\''}};
	size_t n = 0, i;

	while (*html != '\0' && n < sizeof(out) - 1) {
		if (*html == '<') {
			html = strchr(html, '>') + 1;
			continue;
		}
		for (i = 0; i < 5; i++)
			if (strncmp(html, refs[i].ref, strlen(refs[i].ref)) ==
			    0)
				break;
		out[n++] = i < 5 ? refs[i].c : *html;
		html += i < 5 ? strlen(refs[i].ref) : 1;
	}
	out[n] = '\0';
	return out;
}

/* clang-format off */
static const char forms_page[] =
    "<title>Mill</title><article><h1>Mill</h1><p>" MILL "</p>"
    "<h3>Corn</h3><p>" CORN "</p>"
    "<ul><li>" WOOD "</li><li>Then " SNOW "</li></ul>"
    "<blockquote><p>He said: " SNOW "</p></blockquote>"
    "<p>She said: " WOOD "</p></article>";
static const char table_page[] =
    "<title>Mill</title><article><h1>Mill</h1><p>" MILL "</p><table>"
    "<tr><th>Year</th><th>Corn</th></tr>"
    "<tr><td>1901</td><td>12 sacks</td></tr>"
    "<tr><td>1902</td><td>14 sacks</td></tr></table>"
    "<p>" CORN "</p></article>";
static const char code_page[] =
    "<title>Mill</title><article><h1>Mill</h1><p>" MILL "</p>"
    "<pre>for (;;)\n    mill();\n\nend();</pre><h2>After</h2>"
    "<p>" CORN "</p></article>";
static const char lists_page[] =
    "<title>Mill</title><article><h1>Mill</h1><p>" MILL "</p>"
    "<ol><li>First, the mill.<ul><li>In it, a wheel.</li><li>On it, wood."
    "</li></ul></li><li><p>Second, the corn.</p><p>It grows.</p></li></ol>"
    "<ul><li>Of another list, one.</li></ul><p>" CORN "</p></article>";
static const char parts_page[] =
    "<title>Mill</title><article><h1>Mill</h1><p>" MILL "</p>"
    "<pre><code>a = \t'\xc2\xa0';  // &amp;#38;\xe2\x80\x8b\n\n  b();</code>"
    "</pre><pre>c();</pre><p>" CORN "</p><p>The wheel it turns,<br>the candle "
    "burns,<br/>the child, he learns.<br><br>And then came snow,<br>and so we "
    "go.</p><table><tr><td rowspan=2>1<td>2<tr><td>3<tr><td>8<td>9</table><table><tr><td>4"
    "<td>5<tr><td>6<td>7</table><blockquote><p>" WOOD "</p></blockquote>"
    "<blockquote><p>" SNOW "</p></blockquote></article>";
static const char marks_page[] =
    "<title>Mill & <b></title><article><p>" MILL "</p>"
    "<p>1 &lt; 2 and 3 > \"2\" isn't " CORN "</p></article>";
static const char hostile_page[] =
    "<title>&lt;script&gt;alert(1)&lt;/script&gt; T</title><article>"
    "<p>&lt;script&gt;alert(2)&lt;/script&gt; " MILL "</p>"
    "<p>&lt;img src=x onerror=alert(3)&gt; &quot;&#39; " CORN "</p>"
    "<script>alert(4)</script><p>\x01\x02 " MILL "</p></article>"
    "<div class='\"><script>alert(5)</script>'><a href=/>&lt;/title&gt;"
    "&lt;script&gt;home</a> <a href=/b>about</a></div>"
    "<div id=footer>Copyright &copy; 2026 &lt;iframe src=x&gt;</div>";
/* clang-format on */

static void
test_html(void)
{
	TEST("html: each paragraph has the element it had on the page")
	{
		clean(forms_page);
		CHECK(strstr(d->html, "<h1>Mill</h1>\n<p>The ") != NULL);
		CHECK_INT(count(d->html, "<h3>Corn</h3>"), 1);
		CHECK_INT(count(d->html, "<ul>\n<li>Wood "), 1);
		CHECK_INT(count(d->html, "<li>"), 2);
		CHECK_INT(count(d->html, "</li>\n</ul>\n<blockquote>\n<p>"), 1);
		CHECK_INT(count(d->html, "</blockquote>\n<p>"), 1);
	}
	TEST("html: a table of data is a table, its cells are cells")
	{
		clean(table_page);
		CHECK_INT(count(d->html, "<table>\n<tr><th>Year</th>"), 1);
		CHECK_INT(count(d->html, "<td>12 sacks</td></tr>\n"), 1);
		CHECK_INT(count(d->html, "<tr>"), 3);
		CHECK_INT(count(d->html, "</tr>\n</table>\n<p>"), 1);
	}
	TEST("html: lines of code stay lines, and what follows is no code")
	{
		clean(code_page);
		CHECK_INT(count(d->html, "<pre>\nfor (;;)"), 1);
		CHECK_INT(
		    count(d->html, "end();\n</pre>\n<h2>After</h2>\n"), 1);
	}
	TEST("html: lists keep their kind and stand in each other")
	{
		clean(lists_page);
		CHECK(strstr(d->html,
			  "<ol>\n<li>First, the mill.\n<ul>\n<li>In it, a "
			  "wheel.</li>\n<li>On it, wood.</li>\n</ul>\n</li>"
			  "\n<li>Second, the corn.<br/>\nIt grows.</li>\n"
			  "</ol>\n<ul>\n<li>Of another list, one.</li>\n</ul>"
			  "\n<p>") != NULL);
	}
	TEST("html: two blocks of code, tables or quotations stay two")
	{
		clean(parts_page);
		CHECK_INT(count(d->html, "<pre>\n"), 2);
		CHECK_INT(count(d->html, "\n</pre>\n"), 2);
		CHECK_INT(count(d->html, "<table>\n"), 2);
		CHECK_INT(count(d->html, "<blockquote>\n"), 2);
		CHECK_INT(count(d->html, "<tr><td></td><td>3</td></tr>"), 1);
	}
	TEST("html: code is what it was, byte for byte")
	{
		CHECK(strstr(d->text, "\na = \t'\xc2\xa0';  // &#38;"
				      "\xe2\x80\x8b\n\n  b();\n") != NULL);
		CHECK(strstr(d->html,
			  "<pre>\na = \t&#39;\xc2\xa0&#39;;  // &amp;#38;"
			  "\xe2\x80\x8b\n\n  b();\n</pre>\n") != NULL);
	}
	TEST("html: lines of a verse are parted by <br>, its parts are "
	     "paragraphs")
	{
		CHECK(strstr(d->html,
			  "<p>The wheel it turns,<br/>\nthe candle burns,"
			  "<br/>\nthe child, he learns.</p>\n<p>And then came "
			  "snow,<br/>\nand so we go.</p>\n") != NULL);
		CHECK(strstr(d->text, "turns,\nthe candle") != NULL);
	}
	TEST("html: the text of the HTML is the text")
	{
		clean(marks_page);
		CHECK(d->text_len > 200);
		CHECK(strncmp(plain(strstr(d->html, "<p>")), d->text,
			  d->text_len) == 0);
	}
}

static void
test_hostile(void)
{
	TEST("html: no markup of the page's text survives")
	{
		clean(hostile_page);
		CHECK_INT(count(d->html, "<script"), 0);
		CHECK_INT(count(d->html, "<img"), 0);
		CHECK_INT(count(d->html, "&lt;script&gt;alert(2)"), 1);
		CHECK_INT(strcspn(d->html, "\x01\x02"), strlen(d->html));
	}
}

int
main(void)
{
	struct winnow_options o = {.html = 1};

	if (winnow_new(&w, &o) != 0)
		return 1;
	test_html();
	test_hostile();
	winnow_free(w);
	return test_end();
}
