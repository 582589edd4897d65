/* test_explain.c - the explain page: what was kept and removed, whom a value
 * is from, what was mended where; and nothing of a hostile page is markup. */
#include "cleaner/html.h"
#include "cleaner/state.h"
#include "tests/test.h"

#define MILL                                                                   \
	"The mill by the river was old, and the people of the valley "         \
	"brought their corn to it every week until the first snow. "
#define CORN                                                                   \
	"The corn came late that year, and the wagons stood in a row "         \
	"from the bridge to the church, where the children counted them. "
#define TREE "村里的老树在河边站了三百年，夏天的夜里老人们都坐在树下说话，"

static struct winnow *w;
static const struct winnow_doc *d;
static const char *page;
static size_t len;

static void
explain_bytes(const char *html, size_t n)
{
	struct winnow_page p = {.body = html,
	    .body_len = n,
	    .url = "http://example.com/a?b=1&c=\"'<",
	    .now = 1770000000};

	CHECK_INT(winnow_clean(w, &p, &d), 0);
	page = winnow_explain(w, &len);
	CHECK(page != NULL && strlen(page) == len);
}

static void
explain(const char *html)
{
	explain_bytes(html, strlen(html));
}

static unsigned
count(const char *s, const char *what)
{
	unsigned n = 0;

	for (; (s = strstr(s, what)) != NULL; s += strlen(what))
		n++;
	return n;
}

/* Is every tag one that the cleaner writes, its attributes in quotes? */
static int
is_ours(const char *s)
{
	static const char *const tags[] = {"!DOCTYPE", "a", "b", "blockquote",
	    "body", "code", "dd", "del", "details", "div", "dl", "dt", "em",
	    "fieldset", "figcaption", "figure", "h1", "h2", "h3", "head",
	    "header", "html", "input", "ins", "label", "legend", "li", "main",
	    "meta", "meter", "nav", "p", "pre", "q", "rect", "section", "small",
	    "span", "style", "summary", "svg", "table", "tbody", "td", "th",
	    "thead", "title", "tr", "ul"};
	size_t n, i;

	while ((s = strchr(s, '<')) != NULL) {
		s += 1 + (s[1] == '/');
		n = strcspn(s, " >\n");
		for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
			if (strlen(tags[i]) == n && !memcmp(tags[i], s, n))
				break;
		if (i == sizeof(tags) / sizeof(tags[0]))
			return 0;
		/* to the end of the tag, values skipped */
		for (s += n; *s != '>'; s++)
			if (*s == '<' || *s == '\0' || *s == '\'')
				return 0;
			else if (*s == '"' && (s = strchr(s + 1, '"')) == NULL)
				return 0;
	}
	return 1;
}

/* The text of the lines kept, as their repairs left it; lines one after the
 * other as if they were one. */
static const char *
kept_text(const char *html)
{
	static char out[16384];
	size_t n = 0, k;

	html = strstr(html, "<div class=\"text\"");
	while (*html != '\0' && strncmp(html, "</section>", 10) != 0) {
		if (strncmp(html, "<details", 8) == 0)
			html = strstr(html, "</details>");
		if (strncmp(html, "<del>", 5) == 0)
			html = strstr(html, "</del>");
		if (*html == '<') {
			html = strchr(html, '>') + 1;
			continue;
		}
		k = strncmp(html, "¶", strlen("¶")) == 0 ? strlen("¶") : 0;
		if (k == 0 && *html != '\n' && n + 1 < sizeof(out))
			out[n++] = *html;
		html += k ? k : 1;
	}
	out[n] = '\0';
	return out;
}

static const char *
without_lines(const char *text)
{
	static char out[16384];
	size_t n = 0;

	for (; *text != '\0' && n + 1 < sizeof(out); text++)
		if (*text != '\n')
			out[n++] = *text;
	out[n] = '\0';
	return out;
}

/* clang-format off */
static const char hostile_page[] =
    "<html lang='\"><script>'><title>&lt;/title&gt;&lt;script&gt;alert(1)"
    "&lt;/script&gt; T</title>"
    "<meta name=author content='\"><script>alert(0)</script>'>"
    "<meta property=og:image content=\"javascript:alert('x')//'><b>\">"
    "<article><p>&lt;script&gt;alert(2)&lt;/script&gt; --> ]]> " MILL "</p>"
    "<p>&lt;img src=x onerror=alert(3)&gt; &quot;&#39; " CORN "</p>"
    "<h2>&lt;/h3&gt;&lt;/style&gt;</h2><p>" CORN MILL "</p>"
    "<table><tr><td>&lt;/td&gt;&lt;/table&gt;</td><td>12</td></tr></table>"
    "<script>alert(4)</script><p>\x01\x02 " MILL "</p></article>"
    "<div id='\" onclick=\"alert(6)' class='\"><script>alert(5)</script>'>"
    "<a href=/>&lt;/title&gt;&lt;/summary&gt;&lt;/details&gt;"
    "&lt;script&gt;home</a> <a href=/b>about</a></div>"
    "<div id=footer>Copyright &copy; 2026 &lt;iframe src=x&gt;</div>";
static const char furniture_page[] =
    "<title>Mill</title>"
    "<ul class=menu><li><a href=/a>Home</a><li><a href=/b>News</a></ul>"
    "<article><h1>Mill</h1><p>" MILL "</p><p>" CORN "</p>"
    "<ul><li>" MILL "</li></ul><blockquote>" CORN "</blockquote>"
    "<table><tr><th>Year</th><th>Corn</th></tr>"
    "<tr><td>1901</td><td>12 sacks</td></tr>"
    "<tr><td>1902</td><td>14 sacks</td></tr></table>"
    "<pre>for (;;)\n    mill();</pre><p>" MILL CORN "</p></article>"
    "<p>Copyright 2026 The Valley. All rights reserved.</p>";
static const char origin_page[] =
    "<title>Mill - The Valley</title><meta name=author content='Ann Miller'>"
    "<meta property=og:site_name content='The Valley'>"
    "<article><h1>Mill</h1><p>" MILL "</p><p>" CORN "</p></article>";
static const char repair_page[] =
    "<title>河边的故事</title><div><p>　　" TREE "X8226;直到月亮升到屋顶上面。</p>"
    "<p>" TREE "孩子们在旁边追\xE2\x80\x8B萤火虫。</p>"
    "<p>" TREE "那时候路上没有车。</p></div>";
/* Long enough to be one line whose paragraphs were lost. */
#define SAID TREE TREE "树下的人说到很晚。后来他们都回家去了。"
static const char flat_page[] =
    "<title>老树</title><div><p>" SAID " " SAID "X8226;灯灭了。 " SAID " "
    SAID "X8226;天亮了。</p></div>";
static const char unseen_page[] =
    "<title>Mill</title><article><h1>Mill</h1><p>" MILL "</p><p>" CORN "</p>"
    "</article><p>Copyright 2026 \xE2\x80\xAE" "desrever\xE2\x80\xAC "
    "\xEE\x84\xA3 The Valley. All rights reserved.</p>";
/* clang-format on */

static void
test_hostile(void)
{
	TEST("explain: no markup of the page survives, in text or attribute")
	{
		explain(hostile_page);
		CHECK(is_ours(page));
		CHECK_INT(count(page, "<script"), 0);
		CHECK_INT(count(page, "href=\"javascript"), 0);
		CHECK(count(page, "&lt;script&gt;") >= 3);
		CHECK_INT(strcspn(page, "\x01\x02"), len);
	}
	TEST("explain: the page loads nothing, and says so to the browser")
	{
		CHECK(strstr(page, "default-src 'none'") != NULL);
		CHECK(strstr(page, "style-src 'sha256-") != NULL);
		CHECK_INT(count(page, " style=\"") + count(page, " src=\""), 0);
	}
	TEST("explain: what turns the direction of text, or is not seen, is "
	     "spelled out")
	{
		explain(unseen_page);
		CHECK(strstr(page, "⟦U+202E⟧desrever") != NULL);
		CHECK(strstr(page, "⟦U+E123⟧") != NULL);
		CHECK(strstr(page, "\xE2\x80\xAE") == NULL);
	}
	TEST("explain: bytes that are no page give a page")
	{
		explain_bytes("<p>a\0b<", 7);
		CHECK(is_ours(page));
		explain_bytes("", 0);
		CHECK(is_ours(page));
		CHECK(strstr(page, "Nothing kept.") != NULL);
	}
}

static void
test_blocks(void)
{
	const struct wn_doc *doc = &w->doc;
	unsigned removed = 0, boxes, i;
	char id[32];

	TEST("explain: each block is there once, in order")
	{
		const char *at;

		explain(furniture_page);
		at = page;
		for (i = 1; i <= doc->nblocks; i++) {
			snprintf(id, sizeof(id), " id=\"b%u\"", i);
			CHECK_INT(count(page, id), 1);
			CHECK(at != NULL && (at = strstr(at, id)) != NULL);
			removed += !doc->blocks[i - 1].kept;
		}
		CHECK(removed >= 3);
	}
	TEST("explain: what was removed says its kind, the rule and the score")
	{
		boxes = count(page, "<details ");
		CHECK(boxes >= 2 && boxes <= removed);
		CHECK_INT(count(page, "data-kind=\""), boxes);
		CHECK_INT(count(page, "Rule: <q>"), boxes);
		CHECK(count(page, "<span>score") >= boxes);
		CHECK(strstr(page, "data-kind=\"copyright\"") != NULL);
		CHECK(strstr(page, "ul.menu") != NULL);
	}
	TEST("explain: each kind is in the legend, with its words and a way to "
	     "hide it")
	{
		CHECK(strstr(page, "copyright</b> <span class=\"n\">1</span> "
				   "<span class=\"words\">copyright and "
				   "reprint lines") != NULL);
		for (i = 0; i < WINNOW_KIND_N; i++) {
			snprintf(id, sizeof(id), " id=\"f%u\"", i);
			CHECK_INT(count(page, id), d->removed[i] > 0);
		}
	}
	TEST("explain: lines kept are what they were on the page")
	{
		CHECK_INT(count(page, "<blockquote"), 1);
		CHECK_INT(count(page, "<td>1901</td><td>12 sacks</td>"), 1);
		CHECK_INT(count(page, ">\nfor (;;)\n    mill();</pre>"), 1);
		CHECK(strstr(page, "<ul class=\"k\">\n<li ") != NULL);
	}
	TEST("explain: a page without an article says why")
	{
		explain("<title>x</title><a href=/>home</a>");
		CHECK(strstr(page, "Nothing kept.") != NULL);
		CHECK(strstr(page, "looks like an article") != NULL);
	}
}

static void
test_facts(void)
{
	TEST("explain: a value says whom it is from")
	{
		explain(origin_page);
		CHECK(strstr(page, "Ann Miller</li></ul></td><td>markup: "
				   "<code>author</code>") != NULL);
		CHECK(strstr(page, "<code>heading</code> <a href=\"#b1\">") !=
		      NULL);
		CHECK(strstr(page, "The page does not say: source") != NULL);
	}
	TEST("explain: what was said and not chosen is there too")
	{
		CHECK(
		    strstr(page, "All that the page says of these: ") != NULL);
		CHECK(strstr(page, "author</code>, ") != NULL);
	}
	TEST("explain: the verdict, and where the encoding is known from")
	{
		CHECK(strstr(page, "2 of ") != NULL);
		CHECK(strstr(page, "<dd>article</dd>") != NULL);
		CHECK(strstr(page, "<dd>en<small>") != NULL);
		CHECK(strstr(page, "<small>by the bytes themselves") != NULL);
	}
}

static void
test_repairs(void)
{
	TEST("explain: a repair is marked where it was made, and listed")
	{
		explain(repair_page);
		CHECK(
		    strstr(page, "<del>X8226;</del><ins>•</ins></a>") != NULL);
		CHECK(strstr(page, "data-repair=\"invisible\"><del>⟦U+200B⟧"
				   "</del></a>") != NULL);
		CHECK(strstr(page, "<tr id=\"p1\">") != NULL);
		CHECK(strstr(page, "broken_entity</th>") != NULL);
	}
	TEST("explain: with its repairs a line is the article's")
	{
		CHECK_STR(kept_text(page), without_lines(d->text));
	}
	TEST("explain: repairs in the pieces of a flattened line are in their "
	     "places")
	{
		explain(flat_page);
		CHECK_INT(d->repairs[WINNOW_REPAIR_FLATTENED_PARAGRAPH], 3);
		CHECK_INT(count(page, "\"flattened_paragraph\"><del>␣</del>"
				      "<ins>¶\n</ins>"),
		    3);
		CHECK_STR(kept_text(page), without_lines(d->text));
	}
}

static void
test_bound(void)
{
	enum { LINES = 100000, LINE = 100 };
	char *html = malloc(LINES * LINE + 8192);
	size_t n = 0;

	TEST("explain: of a large page a bounded one, which counts the rest")
	{
		for (int i = 0; i < LINES; i++)
			n += (size_t)sprintf(html + n,
			    "<div class=%s><a href=/%d>Page %d of these</a>"
			    "<span>&lt;&quot;</span></div>",
			    i % 2 ? "menu" : "hot", i, i);
		n += (size_t)sprintf(html + n, "<article><h1>Mill</h1><p>" MILL
					       "</p><p>" CORN "</p></article>");
		explain_bytes(html, n);
		CHECK(len < 12u << 20);
		CHECK(strstr(page, "Not shown, past") != NULL);
		CHECK(strstr(page, "The mill by the river") != NULL);
	}
	free(html);
}

int
main(void)
{
	struct winnow_options o = {.explain = 1};

	if (winnow_new(&w, &o) != 0)
		return 1;
	test_hostile();
	test_blocks();
	test_facts();
	test_repairs();
	test_bound();
	winnow_free(w);
	return test_end();
}
