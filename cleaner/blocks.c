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
 * the page hides is: kind is HIDDEN from the start, since some pages hide their
 * whole article until a script has run. B4  The cost is linear in nodes plus
 * bytes. */
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
	uint16_t table; /* place in tables[], 0: none */
	uint8_t flags, heading;
};

struct table {
	uint32_t node, rows, wide_rows, cells, nested, furniture, longest;
};

struct blocker {
	struct wn_doc *d;
	const struct wn_tree *t;
	struct inherited *in; /* one for each node */
	struct table *tables;
	uint32_t ntables;
	char *out, *beg; /* next byte to write; where the open block begins */
	struct wn_block cur;
	size_t cap;
	uint32_t cells; /* of the open row */
	int open, space, br, edge;
	int err;
};

#define TABLES_MAX 4096 /* more: laid out, not told */
#define DATA_CELL_MAX 3000

/* ---- what a node does to the text under it ------------------------------ */

static int
style_has(const char *style, const char *name, const char *value)
{
	size_t n = strlen(name);
	const char *p = style;

	while ((p = strcasestr(p, name)) != NULL) {
		p += n;
		while (*p == ' ')
			p++;
		if (*p++ != ':')
			continue;
		while (*p == ' ')
			p++;
		if (strncasecmp(p, value, strlen(value)) == 0)
			return 1;
	}
	return 0;
}

/* Styles by which text is put where no reader sees it. */
static const struct {
	const char *name, *value;
} hiding[] = {
    {"display", "none"},
    {"visibility", "hidden"},
    {"left", "-9999"},
    {"left", "-1000"},
    {"top", "-9999"},
    {"top", "-1000"},
    {"text-indent", "-9999"},
    {"text-indent", "-1000"},
};

static int
is_hidden(const struct wn_tree *t, uint32_t i)
{
	const struct wn_node *n = &t->nodes[i];

	for (uint32_t k = n->attr; k < n->attr + n->nattr; k++) {
		const struct wn_attr *a = &t->attrs[k];

		if (a->name == WN_ATTR_HIDDEN)
			return 1;
		if (a->name != WN_ATTR_STYLE || a->len < 8 || a->len > 400)
			continue;
		for (size_t h = 0; h < sizeof(hiding) / sizeof(hiding[0]); h++)
			if (style_has(
				a->value, hiding[h].name, hiding[h].value))
				return 1;
	}
	return 0;
}

static int
is_skipped(uint16_t tag)
{
	return tag == WN_TAG_RT || tag == WN_TAG_RP || tag == WN_TAG_IFRAME ||
	       tag == WN_TAG_TITLE || (wn_tag_flags[tag] & WN_FORM);
}

static int
is_data(const struct table *tb)
{
	return tb->nested == 0 && tb->furniture == 0 && tb->wide_rows >= 2 &&
	       tb->longest <= DATA_CELL_MAX;
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
		if (b->ntables + 1 < TABLES_MAX) {
			in->table = (uint16_t)++b->ntables;
			b->tables[in->table] = (struct table){.node = i};
		}
	} else if (n->tag == WN_TAG_TR) {
		tb->rows++;
		tb->cells = 0;
	} else if (wn_tag_flags[n->tag] & WN_CELL) {
		tb->wide_rows += ++tb->cells == 2;
		if (n->tend - n->tbeg > tb->longest)
			tb->longest = n->tend - n->tbeg;
	} else if ((wn_tag_flags[n->tag] & (WN_HEADING | WN_FORM)) ||
		   n->tag == WN_TAG_NAV || n->tag == WN_TAG_FORM ||
		   n->tag == WN_TAG_UL) {
		tb->furniture++;
	}
}

static void
inherit(struct blocker *b, uint32_t i)
{
	const struct wn_node *n = &b->t->nodes[i];
	const struct inherited *up = &b->in[n->parent];
	struct inherited *in = &b->in[i];
	const struct table *tb = &b->tables[in->table];
	unsigned tag_flags = wn_tag_flags[n->tag];

	in->flags = up->flags;
	in->heading = up->heading;
	in->block = (tag_flags & WN_BLOCK) ? i : up->block;
	if (n->tag == WN_TAG_TEXT)
		return;
	if (n->tag == WN_TAG_A && wn_attr(b->t, i, WN_ATTR_HREF) != NULL)
		in->flags |= IN_LINK;
	else if (n->tag == WN_TAG_PRE)
		in->flags |= IN_PRE;
	else if (n->tag == WN_TAG_BLOCKQUOTE)
		in->flags |= IN_QUOTE;
	else if (n->tag == WN_TAG_LI)
		in->flags |= IN_ITEM;
	else if (n->tag == WN_TAG_TR && in->table != 0 && is_data(tb))
		in->flags |= IN_ROW;
	else if (tag_flags & WN_HEADING)
		in->heading = (uint8_t)(1 + n->tag - WN_TAG_H1);
	else if (is_skipped(n->tag))
		in->flags |= IN_SKIPPED;
	if (n->nattr > 0 && !(in->flags & IN_HIDDEN) && is_hidden(b->t, i))
		in->flags |= IN_HIDDEN;
	if ((in->flags & IN_ROW) && (tag_flags & WN_CELL))
		in->flags |= IN_CELL;
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
	c->brk = (uint8_t)(b->edge ? 0 : b->br > 255 ? 255 : b->br);
	c->kind = -1;
	if (in->flags & IN_HIDDEN) {
		c->kind = WINNOW_KIND_HIDDEN;
		c->rule = "hidden";
	}
	b->beg = b->out;
	b->open = 1;
	b->space = 0;
	b->cells = 0;
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
	}
	while (p < end) {
		if (*p <= 0x20 && !(pre && *p != '\r')) {
			b->space = 1;
			p++;
			continue;
		}
		if (b->space && b->out > b->beg && b->out[-1] != '\t')
			*b->out++ = ' ';
		b->space = 0;
		if (*p < 0x80) {
			uint32_t c = *p++;

			*b->out++ = (char)c;
			if (c > ' ') {
				b->cur.chars++;
				b->cur.link_chars += (uint32_t)link;
				b->cur.marks += is_mark(c, p, end);
			}
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
		unsigned flags = b->in[open].flags;

		if (wn_tag_flags[n->tag] & WN_BLOCK) {
			if (flags & IN_CELL)
				b->space = 1;
			else {
				flush(b, i);
				b->edge = 1;
			}
		}
		open = n->parent;
	}
	return open;
}

static void
enter(struct blocker *b, uint32_t i)
{
	const struct wn_node *n = &b->t->nodes[i];
	const struct inherited *in = &b->in[i];

	if (n->tag == WN_TAG_BR) {
		if (in->flags & IN_CELL) {
			b->space = 1;
			return;
		}
		flush(b, i);
		b->br++;
		return;
	}
	if (!(wn_tag_flags[n->tag] & WN_BLOCK))
		return;
	if (!(in->flags & IN_CELL)) {
		flush(b, i);
		b->edge = 1;
	} else if (wn_tag_flags[n->tag] & WN_CELL) {
		if (!b->open) {
			uint32_t row = n->parent;

			open_block(b, i);
			b->cur.node = row;
		} else if (b->cells > 0) {
			*b->out++ = '\t';
		}
		b->cells++;
		b->space = 0;
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
			if (wn_tag_flags[n->tag] & WN_BLOCK)
				flush(b, i);
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
		else if (wn_tag_flags[n->tag] & WN_BLOCK)
			open = leave(b, i, n->parent, i + 1);
	}
	leave(b, open, 0, t->n);
	flush(b, t->n);
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
	b.tables = wn_zalloc(d->arena, TABLES_MAX * sizeof(*b.tables));
	/* each node may add a tab or a space, each block a NUL */
	b.out = wn_alloc(d->arena, (size_t)t->text_len + 2 * (size_t)t->n + 16);
	if (b.in == NULL || b.tables == NULL || b.out == NULL)
		return WINNOW_ETOOBIG;
	memset(&b.in[0], 0, sizeof(b.in[0]));
	b.beg = b.out;
	walk(&b);
	return b.err;
}
