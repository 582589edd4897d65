/* What a line of a page is: blocks.c by itself. */
#include "cleaner/doc.h"
#include "tests/test.h"

struct page {
	struct wn_arena *arena;
	struct wn_doc d;
};

static void
load(struct page *p, const char *html)
{
	memset(p, 0, sizeof(*p));
	p->arena = p->d.arena = wn_arena_new(256 << 20);
	if (wn_parse(p->arena, html, strlen(html), &p->d.tree) != 0 ||
	    wn_stage_blocks(&p->d) != 0)
		TEST_FAIL("the page was refused");
}

/* The texts of all blocks, each on a line. */
static const char *
texts(struct page *p)
{
	struct wn_buf b;

	wn_buf_init(&b, p->arena);
	wn_buf_puts(&b, "");
	for (size_t i = 0; i < p->d.nblocks; i++) {
		if (i > 0)
			wn_buf_putc(&b, '\n');
		wn_buf_put(&b, p->d.blocks[i].text.p, p->d.blocks[i].text.n);
	}
	return b.b;
}

static void
check_texts(const char *html, const char *want)
{
	struct page p;

	load(&p, html);
	CHECK_STR(texts(&p), want);
	wn_arena_free(p.arena);
}

static void
test_text(void)
{
	TEST("blocks: inline tags neither split nor join words")
	check_texts("<p>one <b>two</b>three <i>four</i> five</p>",
	    "one twothree four five");

	TEST("blocks: white space is squeezed and trimmed")
	check_texts("<p>\n  a \t b\r\n</p><div> \n </div><p>c</p>", "a b\nc");

	TEST("blocks: a line of no-break spaces is no line")
	check_texts("<p>a</p><p>&nbsp;\xe3\x80\x80</p><p>b</p>", "a\nb");

	TEST("blocks: the reading of a ruby is not text")
	check_texts(
	    "<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>字</p>", "漢字");

	check_texts("<p><ruby>漢<rt>kan字<rt>ji</ruby>も"
		    "<ruby><rb>山</rb><rtc><rt>yama</rt></rtc></ruby>も</p>",
	    "漢も山も");

	TEST("blocks: words are not glued by what stands between them unseen")
	check_texts("<p>one<img src=a>two <a href=/a>three</a><a href=/b>four"
		    "</a> five<button>x</button>six "
		    "<span style='display:inline-block'>7</span>"
		    "<span style='Display: Inline-Block'>8</span></p>",
	    "one two three four five six 7 8");
	check_texts(
	    "<p>It was <del>old</del><ins>new</ins>.</p>", "It was old new.");
	check_texts("<p>你<img src=a>好<a href=/a>世</a><a href=/b>界</a></p>",
	    "你好世界");

	TEST("blocks: nothing within a word splits it")
	check_texts("<p><b>中</b><a href=/x>国</a> Eng<i>lish</i> super<wbr>"
		    "man <!-- x -->f<!-- y -->oo</p>",
	    "中国 English superman foo");

	TEST("blocks: a style makes a line of a span, and none of a div")
	check_texts("<p>one<span style='color:red;display:block'>two</span>"
		    "three</p><div style='display:inline'>four</div> "
		    "<div style='display:inline'>five</div>",
	    "one\ntwo\nthree\nfour five");

	TEST("blocks: the words for browsers without a player are not text")
	check_texts("<p>a<video src=x>No video here.</video>b<audio>No audio."
		    "</audio><canvas>No canvas.</canvas></p>",
	    "a b");

	TEST("blocks: a button that is never closed does not hide the page")
	check_texts("<button><p>This line of an article is one of several, and "
		    "so it is long enough that nobody takes it for the words "
		    "on a button. It goes on for a while, as lines of articles "
		    "do, until there is no doubt any more that somebody forgot "
		    "to close the button that stood above all of this text.",
	    "This line of an article is one of several, and so it is long "
	    "enough that nobody takes it for the words on a button. It goes "
	    "on for a while, as lines of articles do, until there is no doubt "
	    "any more that somebody forgot to close the button that stood "
	    "above all of this text.");

	TEST("blocks: form controls are not text, what stands beside them is")
	check_texts("<form><label>Name</label><select><option>a<option>b"
		    "</select><textarea>t</textarea><button>Go</button></form>",
	    "Name");

	TEST("blocks: code keeps its lines and indents")
	check_texts("<pre>\nif (a)\n\tb();\n</pre>", "if (a)\n\tb();");
	check_texts("<pre>  if (a)\r\n\r\n\tb(  );<br>c();<br><br>d();</pre>",
	    "  if (a)\n\n\tb(  );\nc();\n\nd();");
	check_texts("<pre><code><span>int</span> <i>x</i>;\n<b>  y</b></pre>",
	    "int x;\n  y");

	TEST("blocks: a head that is never closed does not hide the page")
	check_texts("<head><title>t</title><div>x</div><p>text", "x\ntext");
}

static void
test_flags(void)
{
	struct page p;

	TEST("blocks: lines between <br> know that only a <br> parts them")
	load(&p, "<p>a<br>b<br><br>c</p><p>d</p>");
	CHECK_INT(p.d.nblocks, 4);
	CHECK_INT(p.d.blocks[0].brk, 0);
	CHECK_INT(p.d.blocks[1].brk, 1);
	CHECK_INT(p.d.blocks[2].brk, 2);
	CHECK_INT(p.d.blocks[3].brk, 0);
	wn_arena_free(p.arena);

	TEST("blocks: headings, items and quotations are told")
	load(&p, "<h2>h</h2><ul><li>i</ul><blockquote><p>q</blockquote>");
	CHECK_INT(p.d.nblocks, 3);
	CHECK_INT(p.d.blocks[0].heading, 2);
	CHECK_INT(p.d.blocks[1].item, 1);
	CHECK_INT(p.d.blocks[2].quote, 1);
	wn_arena_free(p.arena);

	TEST("blocks: which list, how deep, and of what kind")
	load(&p, "<ol><li>a<ul><li>b</ul><li>c<p>d</ol><p>e");
	CHECK_INT(p.d.nblocks, 5);
	CHECK_INT(p.d.blocks[0].ordered, 1);
	CHECK_INT(p.d.blocks[0].depth, 1);
	CHECK_INT(p.d.blocks[1].ordered, 0);
	CHECK_INT(p.d.blocks[1].depth, 2);
	CHECK(p.d.blocks[1].group != p.d.blocks[2].group);
	CHECK_INT(p.d.blocks[2].group, p.d.blocks[3].group);
	CHECK_INT(p.d.blocks[4].depth, 0);
	CHECK_INT(p.d.blocks[4].group, 0);
	wn_arena_free(p.arena);

	TEST("blocks: what is counted: characters, links, Han, marks")
	load(&p, "<p>你好，<a href=x>世界</a>。Well, 3.14 is pi.</p>");
	CHECK_INT(p.d.blocks[0].chars, 20);
	CHECK_INT(p.d.blocks[0].link_chars, 2);
	CHECK_INT(p.d.blocks[0].cjk, 4);
	CHECK_INT(p.d.blocks[0].marks, 4);
	wn_arena_free(p.arena);
}

static void
test_hidden(void)
{
	struct page p;

	TEST("blocks: hidden lines are blocks of kind hidden")
	load(&p, "<div style='left:-9999px'>spam</div><p>text</p>"
		 "<p hidden>more</p><p style='display: none'>no</p>");
	CHECK_INT(p.d.nblocks, 4);
	CHECK_INT(p.d.blocks[0].kind, WINNOW_KIND_HIDDEN);
	CHECK_INT(p.d.blocks[1].kind, -1);
	CHECK_INT(p.d.blocks[2].kind, WINNOW_KIND_HIDDEN);
	CHECK_INT(p.d.blocks[3].kind, WINNOW_KIND_HIDDEN);
	wn_arena_free(p.arena);

	TEST("blocks: a hidden word inside a line is dropped from it")
	check_texts(
	    "<p>one <span style=display:none>x</span>two</p>", "one two");
}

static void
test_tables(void)
{
	TEST("blocks: a row of a data table is a line, cells parted by tabs")
	check_texts("<table><tr><th>a<th>b<tr><td><p>1</p><p>2</p><td>3"
		    "</table>",
	    "a\tb\n1 2\t3");

	TEST("blocks: an empty cell keeps its place")
	check_texts("<table><tr><td>a<td><td>c<tr><td>d<td>e<td>f</table>",
	    "a\t\tc\nd\te\tf");

	TEST("blocks: a cell that spans rows or columns moves no other")
	check_texts("<table><tr><th>a<th>b<th>c<tr><td rowspan=3>1<td>2<td>3"
		    "<tr><td>4<td>5<tr><td colspan=2>6<tr><td colspan=2>7<td>8"
		    "</table><table><tr><td>9<td>0<tr><td>x<td>y</table>",
	    "a\tb\tc\n1\t2\t3\n\t4\t5\n\t6\n7\t\t8\n9\t0\nx\ty");
	check_texts("<table><tr><td colspan=99999999999999999999>a<td "
		    "rowspan=-1>b<tr><td rowspan=x>c<td colspan=0>d</table>",
	    "a\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t"
	    "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\tb"
	    "\n"
	    "c\td");

	TEST("blocks: breaks and paragraphs in a cell are spaces")
	check_texts("<table><tr><td>a<br>b<td><p>c</p>\n<p>d</p><tr><td>e<td>"
		    "<b>f</b>g</table>",
	    "a b\tc d\ne\tfg");

	TEST("blocks: a table that lays out the page gives cells of their own")
	check_texts("<table><tr><td>left<td><table><tr><td>x</table>"
		    "<tr><td>a<td>b</table>",
	    "left\nx\na\nb");
}

/* One page of n times `piece`; whatever comes, it ends. */
static void
check_many(const char *piece, size_t n)
{
	size_t len = strlen(piece);
	char *html = malloc(n * len + 1);
	struct page p;

	for (size_t i = 0; html != NULL && i < n; i++)
		memcpy(html + i * len, piece, len);
	if (html == NULL)
		return;
	html[n * len] = '\0';
	load(&p, html);
	CHECK(p.d.nblocks <= p.d.tree->n);
	wn_arena_free(p.arena);
	free(html);
}

static void
test_hostile(void)
{
	TEST("blocks: deep, wide and broken pages end")
	check_many("<div>x", 50000);
	check_many("<table><tr><td>x", 20000);
	check_many("<tr><td colspan=64 rowspan=1000>x", 20000);
	check_many("<table><tr><td colspan=64>x<td colspan=64>y", 20000);
	check_many("<ul><li>x<ol><li>", 50000);
	check_many("<pre>x<br>", 50000);
	check_many("<p style=';:;:; ;display:;left:-9'>x<img>", 50000);
	check_many("<br>", 200000);
	check_many("<p style='display:none;left:-9'>x", 50000);
	check_many("<li><a href=x>y</a>", 50000);
}

int
main(void)
{
	test_text();
	test_flags();
	test_hidden();
	test_tables();
	test_hostile();
	return test_end();
}
