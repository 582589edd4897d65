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

	TEST("blocks: form controls are not text, what stands beside them is")
	check_texts("<form><label>Name</label><select><option>a<option>b"
		    "</select><textarea>t</textarea><button>Go</button></form>",
	    "Name");

	TEST("blocks: code keeps its lines and indents")
	check_texts("<pre>\nif (a)\n\tb();\n</pre>", "if (a)\n\tb();");

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
