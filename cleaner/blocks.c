/* blocks.c - the page as lines of text.
 *
 * A block is what a reader sees as one line or paragraph: the text between
 * two edges, where an edge is the beginning or end of a block element, or a
 * <br>. The flat tree is walked once; what a node inherits (in a link, in
 * <pre>, in a hidden element...) is written beside it, so that nothing is
 * looked up twice and depth costs nothing.
 *
 * A row of a data table is one block with a tab between its cells; a table
 * that only lays out the page gives its cells as blocks of their own. Which
 * of the two a table is, a first pass over the tables decides.
 *
 * Invariants
 *  B1  Blocks stand in document order, and their texts in one buffer in the
 *      same order: block i's text ends before block i+1's begins.
 *  B2  No block is blank. White space is squeezed to one space and trimmed,
 *      but in <pre>, where only empty lines at its edges go.
 *  B3  Text of form controls, of readings in <ruby> and of <title> is in no
 *      block. (<head> is read: one that is never closed holds the page.) Text
 *      the page hides is: kind is HIDDEN from the start, since some pages hide
 *      their whole article until a script has run.
 *  B4  The cost is linear in nodes plus bytes. */
#include "cleaner/doc.h"

#include <string.h>

enum {
	IN_LINK = 1,
	IN_PRE = 2,
	IN_QUOTE = 4,
	IN_ITEM = 8,
	IN_ROW = 16,  /* of a data table */
	IN_CELL = 32, /* of such a row */
	IN_HIDDEN = 64,
	IN_SKIPPED = 128,
};

struct inherited {
	uint32_t block; /* nearest block element, the node itself included */
	uint32_t group; /* as in struct wn_block */
	uint16_t table; /* place in tables[], 0: none */
	uint8_t flags, heading, depth, ordered;
	uint8_t edge; /* of the node alone: it begins and ends a line */
};

struct table {
	uint32_t node, rows, wide_rows, cells, nested, furniture, longest;
	uint32_t bytes, breaks; /* of all cells; in the longest */
	int in_longest;
};

enum { DEPTH_MAX = 9, COLUMNS = 64, ROWS = 1000, TABS = 65536 };

struct blocker {
	struct wn_doc *d;
	const struct wn_tree *t;
	struct inherited *in; /* one for each node */
	struct table *tables;
	uint32_t ntables;
	char *out, *beg; /* next byte to write; where the open block begins */
	struct wn_block cur;
	size_t cap;
	/* of the open row: the column of the next cell, and of the last tab;
	 * and rows that a cell of one above still takes, by column */
	unsigned col, at, cells, heads;
	uint16_t taken[COLUMNS];
	uint32_t row_table, tabs;
	int open, space, br, edge;
	int gap;        /* something that is no text stood here */
	uint32_t apart; /* node behind the last link, or what was struck out */
	int err;
};

#define TABLES_MAX 4096 /* more: laid out, not told */
#define DATA_CELL_MAX 3000
#define FORM_CELL 180 /* bytes of the text that a form hands out */
#define FORM_ROWS 8

/* ---- what a node does to the text under it ------------------------------ */

/* What a style says, of how text is put where no reader sees it and of what
 * ends a line. `inline` makes a line of what its tag would part. */
enum {
	STYLE_HIDDEN = 1,
	STYLE_BLOCK = 2,
	STYLE_INLINE = 4,
	STYLE_APART = 8,
	STYLE_TINY = 16, /* hides words, not what is in it with a size */
};

static const struct {
	const char *name, *value;
	unsigned says;
} styles[] = {
    {"display", "none", STYLE_HIDDEN},
    {"display", "block", STYLE_BLOCK},
    {"display", "flex", STYLE_BLOCK},
    {"display", "table", STYLE_BLOCK},
    {"display", "list-item", STYLE_BLOCK},
    {"display", "inline-", STYLE_APART},
    {"display", "inline", STYLE_INLINE},
    {"visibility", "hidden", STYLE_HIDDEN},
    {"left", "-9999", STYLE_HIDDEN},
    {"left", "-1000", STYLE_HIDDEN},
    {"margin-left", "-9999", STYLE_HIDDEN},
    {"margin-left", "-1000", STYLE_HIDDEN},
    {"top", "-9999", STYLE_HIDDEN},
    {"top", "-1000", STYLE_HIDDEN},
    {"text-indent", "-9999", STYLE_HIDDEN},
    {"text-indent", "-1000", STYLE_HIDDEN},
    {"font-size", "0", STYLE_TINY},
};

static unsigned
declaration_says(const char *name, size_t n, const char *value)
{
	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
		if (strncasecmp(name, styles[i].name, n) == 0 &&
		    styles[i].name[n] == '\0' &&
		    strncasecmp(
			value, styles[i].value, strlen(styles[i].value)) == 0 &&
		    value[strlen(styles[i].value)] != '.')
			return styles[i].says;
	return 0;
}

static unsigned
style_says(const char *s)
{
	unsigned says = 0;

	while (*s != '\0') {
		s += strspn(s, " \t\r\n;");
		const char *name = s;
		size_t n = strcspn(s, ":; \t\r\n");

		s += n + strspn(s + n, " \t\r\n");
		if (*s == ':' && strchr("dvltmfDVLTMF", *name) != NULL) {
			s += 1 + strspn(s + 1, " \t\r\n");
			says |= declaration_says(name, n, s);
		}
		s += strcspn(s, ";");
	}
	return says;
}

/* enum STYLE_... of an element. */
static unsigned
looks(const struct wn_tree *t, uint32_t i)
{
	const struct wn_node *n = &t->nodes[i];
	unsigned says = 0;

	for (uint32_t k = n->attr; k < n->attr + n->nattr; k++) {
		const struct wn_attr *a = &t->attrs[k];

		if (a->name == WN_ATTR_HIDDEN)
			says |= STYLE_HIDDEN;
		else if (a->name == WN_ATTR_STYLE && a->len >= 8)
			says |= style_says(a->value);
	}
	return says;
}

#define WORDS_MAX 200 /* bytes of the words on a button, or for no player */

/* Readings, controls, and what stands in for a player that every browser has.
 * One that is never closed holds the rest of the page. */
static int
is_skipped(const struct wn_node *n)
{
	switch (n->tag) {
	case WN_TAG_RT:
	case WN_TAG_RP:
	case WN_TAG_RTC:
	case WN_TAG_BUTTON:
	case WN_TAG_VIDEO:
	case WN_TAG_AUDIO:
	case WN_TAG_CANVAS:
		return n->tend - n->tbeg <= WORDS_MAX;
	case WN_TAG_IFRAME:
	case WN_TAG_TITLE:
		return 1;
	default:
		return (wn_tag_flags[n->tag] & WN_FORM) != 0;
	}
}

/* Labels, and one cell with a text of several lines. */
static int
is_form(const struct table *tb)
{
	return tb->rows <= FORM_ROWS && tb->breaks >= 2 &&
	       tb->longest >= FORM_CELL && 2 * tb->longest > tb->bytes;
}

static int
is_data(const struct table *tb)
{
	return tb->nested == 0 && tb->furniture == 0 && tb->wide_rows >= 2 &&
	       tb->longest <= DATA_CELL_MAX && !is_form(tb);
}

/* First pass: which tables hold data. in[].table names the innermost table
 * of each node. */
static void
survey_node(struct blocker *b, uint32_t i)
{
	const struct wn_node *n = &b->t->nodes[i];
	struct inherited *in = &b->in[i];
	struct table *tb;

	in->table = b->in[n->parent].table;
	tb = &b->tables[in->table];
	if (n->tag == WN_TAG_TABLE) {
		/* An outer table that holds another is layout, however deep
		 * the other stands: its parents were marked by it before. */
		tb->nested++;
		if (b->ntables < TABLES_MAX) {
			in->table = (uint16_t)++b->ntables;
			b->tables[in->table] = (struct table){.node = i};
		}
	} else if (n->tag == WN_TAG_TR) {
		tb->rows++;
		tb->cells = 0;
	} else if (wn_tag_flags[n->tag] & WN_CELL) {
		tb->wide_rows += ++tb->cells == 2;
		tb->bytes += n->tend - n->tbeg;
		tb->in_longest = n->tend - n->tbeg > tb->longest;
		if (tb->in_longest) {
			tb->longest = n->tend - n->tbeg;
			tb->breaks = 0;
		}
	} else if (n->tag == WN_TAG_BR) {
		tb->breaks += (uint32_t)tb->in_longest;
	} else if ((wn_tag_flags[n->tag] & (WN_HEADING | WN_FORM)) ||
		   n->tag == WN_TAG_NAV || n->tag == WN_TAG_FORM ||
		   n->tag == WN_TAG_UL || n->tag == WN_TAG_HR ||
		   (n->tag == WN_TAG_DIV &&
		       b->t->nodes[n->parent].tag == WN_TAG_DIV &&
		       in->table ==
			   b->in[b->t->nodes[n->parent].parent].table)) {
		/* boxes in boxes are laid out: a post and who wrote it */
		tb->furniture++;
	}
}

/* What an element makes of the lines in it. */
static void
inherit_form(struct blocker *b, uint32_t i)
{
	struct inherited *in = &b->in[i];
	uint16_t tag = b->t->nodes[i].tag;

	switch (tag) {
	case WN_TAG_PRE:
		in->flags |= IN_PRE;
		in->group = i;
		break;
	case WN_TAG_BLOCKQUOTE:
		in->flags |= IN_QUOTE;
		if (!(in->flags & (IN_PRE | IN_ITEM)))
			in->group = i;
		break;
	case WN_TAG_UL:
	case WN_TAG_OL:
	case WN_TAG_MENU:
	case WN_TAG_DIR:
		in->depth += in->depth < DEPTH_MAX;
		in->ordered = tag == WN_TAG_OL;
		break;
	case WN_TAG_LI:
		in->flags |= IN_ITEM;
		if (!(in->flags & IN_PRE))
			in->group = i;
		break;
	case WN_TAG_TR:
		if (in->table != 0 && is_data(&b->tables[in->table])) {
			in->flags |= IN_ROW;
			in->group = b->tables[in->table].node;
		}
		break;
	default:
		if (wn_tag_flags[tag] & WN_HEADING)
			in->heading = (uint8_t)(1 + tag - WN_TAG_H1);
	}
}

/* Lists and tables keep their lines whatever a style says. */
static int
may_be_inline(uint16_t tag)
{
	return tag == WN_TAG_DIV || tag == WN_TAG_P || tag == WN_TAG_CENTER ||
	       (wn_tag_flags[tag] & WN_HEADING);
}

static void
inherit(struct blocker *b, uint32_t i)
{
	const struct wn_node *n = &b->t->nodes[i];
	const struct inherited *up = &b->in[n->parent];
	struct inherited *in = &b->in[i];
	unsigned tag_flags = wn_tag_flags[n->tag], says;

	in->flags = up->flags;
	in->heading = up->heading;
	in->group = up->group;
	in->depth = up->depth;
	in->ordered = up->ordered;
	in->edge = (tag_flags & WN_BLOCK) != 0;
	in->block = in->edge ? i : up->block;
	if (n->tag == WN_TAG_TEXT)
		return;
	inherit_form(b, i);
	if (n->tag == WN_TAG_A && wn_attr(b->t, i, WN_ATTR_HREF) != NULL)
		in->flags |= IN_LINK;
	else if (is_skipped(n))
		in->flags |= IN_SKIPPED;
	if ((in->flags & IN_ROW) && (tag_flags & WN_CELL))
		in->flags |= IN_CELL;
	if (n->nattr == 0 || (says = looks(b->t, i)) == 0)
		return;
	if ((says & STYLE_HIDDEN) || ((says & STYLE_TINY) && n->end == i + 2 &&
					 b->t->nodes[i + 1].tag == WN_TAG_TEXT))
		in->flags |= IN_HIDDEN;
	if ((says & STYLE_BLOCK) && (tag_flags & WN_INLINE))
		in->edge = 1;
	else if ((says & STYLE_INLINE) && may_be_inline(n->tag))
		in->edge = 0;
	b->gap |= (says & STYLE_APART) || in->edge != (tag_flags & WN_BLOCK);
}

/* ---- one block ----------------------------------------------------------- */

static void
store(struct blocker *b)
{
	struct wn_doc *d = b->d;

	if (d->nblocks == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 256;
		struct wn_block *v = wn_grow(
		    d->arena, d->blocks, b->cap * sizeof(*v), cap * sizeof(*v));

		if (v == NULL) {
			b->err = WINNOW_ETOOBIG;
			return;
		}
		d->blocks = v;
		b->cap = cap;
	}
	d->blocks[d->nblocks++] = b->cur;
}

/* Ends the open block at node `end`; what is blank is forgotten. */
static void
flush(struct blocker *b, uint32_t end)
{
	struct wn_block *c = &b->cur;

	b->gap = 0;
	b->at = b->col;
	if (!b->open)
		return;
	b->open = 0;
	b->space = 0;
	while (b->out > b->beg &&
	       (b->out[-1] == '\t' || b->out[-1] == ' ' || b->out[-1] == '\n'))
		b->out--;
	if (c->chars == 0) {
		b->out = b->beg;
		return;
	}
	c->end = end;
	c->head = c->row && b->heads > 0 && b->heads == b->cells;
	while (*b->beg == '\n')
		b->beg++;
	c->text = (struct wn_str){b->beg, (size_t)(b->out - b->beg)};
	*b->out++ = '\0';
	b->beg = b->out;
	store(b);
	b->br = 0;
	b->edge = 0;
}

static void
open_block(struct blocker *b, uint32_t i)
{
	const struct inherited *in = &b->in[i];
	struct wn_block *c = &b->cur;

	memset(c, 0, sizeof(*c));
	c->first = i;
	c->node = in->block;
	c->heading = in->heading;
	c->item = (in->flags & IN_ITEM) != 0;
	c->row = (in->flags & IN_ROW) != 0;
	c->pre = (in->flags & IN_PRE) != 0;
	c->quote = (in->flags & IN_QUOTE) != 0;
	c->depth = in->depth;
	c->ordered = in->ordered;
	c->group = in->group;
	c->brk = (uint8_t)(b->edge ? 0 : b->br > 255 ? 255 : b->br);
	c->kind = -1;
	if (in->flags & IN_HIDDEN) {
		c->kind = WINNOW_KIND_HIDDEN;
		c->rule = "hidden";
	}
	b->beg = b->out;
	b->open = 1;
	b->space = 0;
	b->gap = 0;
}

/* One code point of text: how many bytes, and what it counts as. */
static uint32_t
utf8_next(const unsigned char *p, const unsigned char *end, size_t *n)
{
	if (p[0] < 0x80 || end - p < 2) {
		*n = 1;
		return p[0];
	}
	if (p[0] < 0xe0 || end - p < 3) {
		*n = 2;
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	}
	if (p[0] < 0xf0 || end - p < 4) {
		*n = 3;
		return (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 |
		       (p[2] & 0x3fu);
	}
	*n = 4;
	return (p[0] & 7u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 |
	       (p[3] & 0x3fu);
}

static int
is_blank(uint32_t c)
{
	return c <= 0x20 || c == 0xa0 || c == 0x3000 || c == 0xfeff ||
	       (c >= 0x2000 && c <= 0x200f);
}

static int
is_mark(uint32_t c, const unsigned char *next, const unsigned char *end)
{
	if (c < 0x80)
		return (c == ',' || c == '.' || c == ';' || c == '!' ||
			   c == '?') &&
		       (next >= end || *next <= 0x20 || *next >= 0x80 ||
			   *next == '"' || *next == '\'');
	return (c >= 0x3001 && c <= 0x3002) || c == 0xff0c || c == 0xff1b ||
	       c == 0xff01 || c == 0xff1f || c == 0xff0e || c == 0x2026 ||
	       c == 0x60c || c == 0x61f || c == 0x6d4 || c == 0x964;
}

static int
is_cjk(uint32_t c)
{
	return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3040 && c <= 0x30ff) ||
	       (c >= 0x3400 && c <= 0x4dbf) || (c >= 0xf900 && c <= 0xfaff) ||
	       (c >= 0x20000 && c <= 0x3ffff);
}

static void
count(struct wn_block *c, uint32_t cp, const unsigned char *next,
    const unsigned char *end, int link)
{
	if (is_blank(cp))
		return;
	c->chars++;
	c->link_chars += link;
	if (cp >= 0x3000)
		c->cjk += is_cjk(cp);
	c->marks += is_mark(cp, next, end);
}

static int
is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Words with a picture or a button between them, and those of two links, are
 * two; so are the cells of a row of boxes. Han needs no space. */
static void
part_words(struct blocker *b, unsigned char next)
{
	if (b->gap && b->out > b->beg && is_letter(next) &&
	    is_letter((unsigned char)b->out[-1]))
		b->space = 1;
	b->gap = 0;
}

/* A run of ASCII without white space; its end. */
static const unsigned char *
add_ascii(struct blocker *b, const unsigned char *p, const unsigned char *end,
    int link)
{
	const unsigned char *run = p;
	uint32_t marks = 0, n;

	while (p<end && * p> 0x20 && *p < 0x80) {
		uint32_t c = *p++;

		if (c < '@')
			marks += (uint32_t)is_mark(c, p, end);
	}
	n = (uint32_t)(p - run);
	memcpy(b->out, run, n);
	b->out += n;
	b->cur.chars += n;
	b->cur.link_chars += link ? n : 0;
	b->cur.marks += marks;
	return p;
}

static void
add_text(struct blocker *b, uint32_t i)
{
	const struct inherited *in = &b->in[i];
	struct wn_str s = wn_text(b->t, i);
	const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;
	int link = (in->flags & IN_LINK) != 0, pre = in->flags & IN_PRE;
	int hidden = (in->flags & IN_HIDDEN) != 0;
	size_t n;

	/* A hidden word inside a line is dropped; a line that begins with one
	 * begins again behind it. */
	if (b->open && hidden != (b->cur.kind == WINNOW_KIND_HIDDEN)) {
		if (hidden)
			return;
		flush(b, i);
	}
	if (!b->open) {
		if (!pre)
			while (p < end && *p <= 0x20)
				p++;
		if (p == end)
			return;
		open_block(b, i);
	} else if (b->gap && p < end) {
		part_words(b, *p);
	}
	while (p < end) {
		if (*p <= 0x20 && (!pre || *p == '\r')) {
			b->space |= !pre;
			p++;
			continue;
		}
		if (b->space && b->out > b->beg && b->out[-1] != '\t')
			*b->out++ = ' ';
		b->space = 0;
		if (*p <= 0x20) {
			*b->out++ = (char)*p++;
			continue;
		}
		if (*p < 0x80) {
			p = add_ascii(b, p, end, link);
			continue;
		}
		uint32_t cp = utf8_next(p, end, &n);

		memcpy(b->out, p, n);
		b->out += n;
		p += n;
		count(&b->cur, cp, p, end, link);
	}
}

/* ---- the walk ------------------------------------------------------------ */

/* Leaves elements until `parent` is the innermost open one; i is where they
 * ended. */
static uint32_t
leave(struct blocker *b, uint32_t open, uint32_t parent, uint32_t i)
{
	while (open != parent) {
		const struct wn_node *n = &b->t->nodes[open];
		const struct inherited *in = &b->in[open];

		if (in->edge && (in->flags & IN_CELL)) {
			b->space = 1;
		} else if (in->edge) {
			flush(b, i);
			b->edge = 1;
		} else if (wn_tag_flags[n->tag] & WN_BLOCK) {
			b->gap = 1;
		} else if (n->tag == WN_TAG_A || n->tag == WN_TAG_DEL) {
			b->apart = i;
		}
		open = n->parent;
	}
	return open;
}

/* Rows that a cell spans, or columns; 1 when it does not say. */
static unsigned
span_of(
    const struct blocker *b, uint32_t i, enum wn_attr_name name, unsigned most)
{
	const char *s = wn_attr(b->t, i, name);
	unsigned n = 0;

	for (; s != NULL && *s >= '0' && *s <= '9' && n < most; s++)
		n = n * 10 + (unsigned)(*s - '0');
	return n == 0 ? 1 : n < most ? n : most;
}

/* A row of a data table begins: what the last one did not come to. */
static void
enter_row(struct blocker *b, uint32_t i)
{
	if (b->row_table != b->in[i].table)
		memset(b->taken, 0, sizeof(b->taken));
	b->row_table = b->in[i].table;
	for (unsigned c = b->col; c < COLUMNS; c++)
		b->taken[c] -= b->taken[c] > 0;
	b->col = b->at = b->cells = b->heads = 0;
}

/* A cell begins. Where a cell of a row above or one that spans two columns
 * takes the place of others, these are empty: a column stays one. */
static void
enter_cell(struct blocker *b, uint32_t i)
{
	const struct wn_node *n = &b->t->nodes[i];
	unsigned rows = span_of(b, i, WN_ATTR_ROWSPAN, ROWS);
	unsigned columns = span_of(b, i, WN_ATTR_COLSPAN, COLUMNS);

	if (!b->open) {
		open_block(b, i);
		b->cur.node = n->parent;
	}
	for (; b->col < COLUMNS && b->taken[b->col] > 0; b->col++)
		b->taken[b->col]--;
	b->space = b->at == b->col; /* text that stands in no cell */
	for (; b->at < b->col && b->tabs > 0; b->at++, b->tabs--)
		*b->out++ = '\t';
	b->at = b->col;
	b->cells++;
	b->heads += n->tag == WN_TAG_TH;
	for (; columns > 0; columns--, b->col++)
		if (b->col < COLUMNS)
			b->taken[b->col] = (uint16_t)(rows - 1);
}

static void
enter_break(struct blocker *b, uint32_t i)
{
	if (b->in[i].flags & IN_CELL) {
		b->space = 1;
		return;
	}
	if (b->open && (b->in[i].flags & IN_PRE)) {
		*b->out++ = '\n';
		return;
	}
	flush(b, i);
	b->br++;
}

static void
enter(struct blocker *b, uint32_t i)
{
	const struct wn_node *n = &b->t->nodes[i];
	const struct inherited *in = &b->in[i];

	if (n->tag == WN_TAG_BR) {
		enter_break(b, i);
		return;
	}
	b->gap |=
	    (wn_tag_flags[n->tag] & WN_MEDIA) ||
	    ((n->tag == WN_TAG_A || n->tag == WN_TAG_INS) && b->apart == i);
	if (!in->edge)
		return;
	if (!(in->flags & IN_CELL)) {
		flush(b, i);
		b->edge = 1;
		if (n->tag == WN_TAG_TR && (in->flags & IN_ROW))
			enter_row(b, i);
	} else if (wn_tag_flags[n->tag] & WN_CELL) {
		enter_cell(b, i);
	} else {
		b->space = 1;
	}
}

static void
walk(struct blocker *b)
{
	const struct wn_tree *t = b->t;
	uint32_t open = 0, i;

	for (i = 1; i < t->n; i++)
		survey_node(b, i);
	for (i = 1; i < t->n && b->err == 0; i++) {
		const struct wn_node *n = &t->nodes[i];

		open = leave(b, open, n->parent, i);
		inherit(b, i);
		if (b->in[i].flags & IN_SKIPPED) {
			/* Inherit through the subtree without a look: none of
			 * it is read again, but links may be. */
			if (b->in[i].edge)
				flush(b, i);
			b->gap |=
			    (wn_tag_flags[n->tag] & (WN_FORM | WN_MEDIA)) != 0;
			i = n->end - 1;
			continue;
		}
		if (n->tag == WN_TAG_TEXT) {
			add_text(b, i);
			continue;
		}
		enter(b, i);
		if (n->end > i + 1)
			open = i;
		else if (b->in[i].edge)
			open = leave(b, i, n->parent, i + 1);
	}
	leave(b, open, 0, t->n);
	flush(b, t->n);
}

static size_t
tables(const struct wn_tree *t)
{
	size_t n = 0;

	for (uint32_t i = 1; i < t->n; i++)
		n += t->nodes[i].tag == WN_TAG_TABLE;
	return n < TABLES_MAX ? n : TABLES_MAX;
}

int
wn_stage_blocks(struct wn_doc *d)
{
	struct blocker b = {.d = d, .t = d->tree};
	const struct wn_tree *t = d->tree;

	d->blocks = NULL;
	d->nblocks = 0;
	if (t == NULL || t->n == 0)
		return 0;
	b.in = wn_alloc(d->arena, t->n * sizeof(*b.in));
	b.tables = wn_zalloc(d->arena, (1 + tables(t)) * sizeof(*b.tables));
	/* each node may add a space and a block, which adds a NUL */
	b.tabs = t->n + TABS;
	b.out = wn_alloc(
	    d->arena, (size_t)t->text_len + 2 * (size_t)t->n + b.tabs + 16);
	if (b.in == NULL || b.tables == NULL || b.out == NULL)
		return WINNOW_ETOOBIG;
	memset(&b.in[0], 0, sizeof(b.in[0]));
	b.beg = b.out;
	walk(&b);
	return b.err;
}
