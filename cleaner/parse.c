/* parse.c - the page's bytes, made UTF-8, into the flat tree of tree.h.
 *
 * reduce.c takes the page apart; libxml2's HTML parser is given the skeleton,
 * in which a character stands for each piece of text, and says what is in what
 * by calling back for each start, end and character (its SAX interface; its
 * own tree takes as long again to build). The place it has reached in the
 * skeleton finds the mark, and the mark the attributes or the text: they
 * never pass through the parser, which takes them a character at a time.
 *
 * A start without a mark is an element that the page left out and the parser
 * put in: html, head, body, p.
 *
 * The parser searches its stack of open elements at almost every tag, without
 * a limit of its own: 1 MB of `<a><b></p>` takes it 30 s. So beyond MAX_DEPTH
 * an element is taken off that stack as soon as it was pushed: it is a leaf
 * then, and what is in it goes on in its parent. No text is lost by it.
 *
 * Invariants
 *  P1  stack[0..depth) are the open nodes; stack[0] is the root.
 *  P2  A node's end is set when it closes; until then it is 0. */
#include "cleaner/tree.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "cleaner/reduce.h"
#include "cleaner/tags.h"
#include "cleaner/winnow.h"

enum {
	MAX_DEPTH = 512,
	MAX_NODES = 1 << 19,
	CACHE = 256,
};

struct parser {
	struct wn_tree *t;
	htmlParserCtxtPtr ctxt;
	uint32_t stack[MAX_DEPTH + 2];
	unsigned depth;
	struct wn_reduced page;
	size_t mark; /* the first of page.marks that was not passed */
	size_t work, budget;
	int err;
	/* libxml2 interns names: one pointer a name within one page. */
	struct {
		const void *name;
		int16_t tag;
	} cache[CACHE];
};

static void
parser_fail(struct parser *p, int err)
{
	if (p->err == 0)
		p->err = err;
	xmlStopParser(p->ctxt);
}

/* A cap was met: what was parsed so far is the page. */
static void
parser_cut(struct parser *p)
{
	p->t->truncated = 1;
	xmlStopParser(p->ctxt);
}

static int
tag_of(struct parser *p, const xmlChar *name)
{
	size_t i = ((uintptr_t)name >> 3) % CACHE, n;

	if (p->cache[i].name != name) {
		n = strlen((const char *)name);
		p->cache[i].name = name;
		p->cache[i].tag = (int16_t)wn_tag_find((const char *)name, n);
	}
	return p->cache[i].tag;
}

/* Grows an array of the tree to hold one more; 0 when it can not. */
static int
room(struct parser *p, void **v, uint32_t *cap, uint32_t n, size_t size)
{
	uint32_t want = *cap < 64 ? 64 : *cap * 2;
	void *q;

	if (n < *cap)
		return 1;
	q = wn_grow(p->t->arena, *v, *cap * size, want * size);
	if (q == NULL) {
		parser_fail(p, WINNOW_ETOOBIG);
		return 0;
	}
	*v = q;
	*cap = want;
	return 1;
}

/* The mark of the place where the parser is, NULL when it is at none. */
static const struct wn_mark *
mark_here(struct parser *p)
{
	const xmlParserInput *in = p->ctxt->input;
	const struct wn_reduced *r = &p->page;
	size_t at;

	if (in == NULL)
		return NULL;
	at = in->consumed + (size_t)(in->cur - in->base);
	while (p->mark < r->nmarks && r->marks[p->mark].out < at)
		p->mark++;
	if (p->mark < r->nmarks && r->marks[p->mark].out == at)
		return &r->marks[p->mark];
	return NULL;
}

/* Byte of the page for an element that it does not have. */
static uint32_t
source_here(const struct parser *p)
{
	return p->mark > 0 ? p->page.marks[p->mark - 1].src : 0;
}

static uint32_t
node_new(struct parser *p, enum wn_tag tag, const struct wn_mark *m)
{
	struct wn_tree *t = p->t;
	struct wn_node *n;

	if (t->n >= MAX_NODES) {
		parser_cut(p);
		return 0;
	}
	if (!room(p, (void **)&t->nodes, &t->cap, t->n, sizeof(*t->nodes)))
		return 0;
	n = &t->nodes[t->n];
	*n = (struct wn_node){.tag = (uint16_t)tag};
	n->parent = p->depth > 0 ? p->stack[p->depth - 1] : 0;
	n->tbeg = n->tend = t->text_len;
	n->src = m != NULL ? m->src : source_here(p);
	if (m != NULL && tag != WN_TAG_TEXT) {
		n->attr = m->at;
		n->nattr = m->nattr;
	}
	return t->n++;
}

static void
node_close(struct parser *p)
{
	struct wn_node *n = &p->t->nodes[p->stack[--p->depth]];

	n->end = p->t->n;
	n->tend = p->t->text_len;
}

static void
work(struct parser *p)
{
	p->work += 16 + (size_t)p->ctxt->nameNr;
	if (p->work > p->budget)
		parser_cut(p);
}

/* Whether the element that begins is beyond the cap; it is closed then. The
 * parser takes one without content off its stack itself. */
static int
too_deep(struct parser *p, const xmlChar *name)
{
	const htmlElemDesc *e;
	htmlParserCtxtPtr c = p->ctxt;

	if (c->nameNr <= MAX_DEPTH && p->depth < MAX_DEPTH)
		return 0;
	p->t->truncated = 1;
	e = htmlTagLookup(name);
	if (c->nameNr > 1 && (e == NULL || !e->empty))
		c->name = c->nameTab[--c->nameNr - 1];
	return 1;
}

static void
on_start(void *arg, const xmlChar *name, const xmlChar **atts)
{
	struct parser *p = arg;
	struct wn_tree *t = p->t;
	const struct wn_mark *m = mark_here(p);
	int tag = tag_of(p, name);
	uint32_t i;

	(void)atts;

	work(p);
	if (p->err != 0)
		return;
	if (m != NULL && m->tag != tag)
		m = NULL;
	if (m != NULL)
		t->text_len = m->text;
	if ((i = node_new(p, (enum wn_tag)tag, m)) == 0)
		return;
	if (too_deep(p, name)) {
		t->nodes[i].end = t->n;
		return;
	}
	p->stack[p->depth++] = i;
	if (tag == WN_TAG_HEAD && t->head == 0)
		t->head = i;
	else if (tag == WN_TAG_BODY && t->body == 0)
		t->body = i;
	if (t->html_lang == 0 && (tag == WN_TAG_HTML || tag == WN_TAG_BODY) &&
	    wn_attr(t, i, WN_ATTR_LANG) != NULL)
		t->html_lang = i;
}

static void
on_end(void *arg, const xmlChar *name)
{
	struct parser *p = arg;
	int tag = tag_of(p, name);
	unsigned d;

	work(p);
	/* libxml2 closes from the inside out, so the innermost is the one;
	 * the search only forgives an element that was never opened. */
	for (d = p->depth; d > 1; d--)
		if (p->t->nodes[p->stack[d - 1]].tag == tag)
			break;
	while (d > 1 && p->depth >= d)
		node_close(p);
}

static void
on_text(void *arg, const xmlChar *s, int len)
{
	struct parser *p = arg;
	struct wn_tree *t = p->t;
	const struct wn_mark *m = mark_here(p);
	uint32_t i = t->n - 1;

	(void)s;
	(void)len;
	if (p->err != 0 || m == NULL || m->tag != WN_TAG_TEXT)
		return;
	/* An end tag between two pieces may have ended nothing. */
	if (t->nodes[i].tag != WN_TAG_TEXT ||
	    t->nodes[i].parent != p->stack[p->depth - 1]) {
		t->text_len = m->text;
		if ((i = node_new(p, WN_TAG_TEXT, m)) == 0)
			return;
		t->nodes[i].end = t->n;
	}
	t->nodes[i].tend = t->text_len = m->at;
}

static const htmlSAXHandler handler = {
    .startElement = on_start,
    .endElement = on_end,
    .characters = on_text,
    .cdataBlock = on_text,
    .ignorableWhitespace = on_text,
    .initialized = 1,
};

/* The tree takes over what the page was taken apart into. */
static int
tree_new(struct parser *p, struct wn_arena *a)
{
	struct wn_tree *t = wn_zalloc(a, sizeof(*t));

	if (t == NULL)
		return -1;
	p->t = t;
	t->arena = a;
	t->attrs = p->page.attrs;
	t->nattrs = p->page.nattrs;
	t->text = p->page.text;
	t->truncated = p->page.truncated;
	t->scripts_len = (uint32_t)p->page.scripts_len;
	t->scripts = (uint32_t)p->page.scripts;
	t->asks_for_script = p->page.asks_for_script;
	t->cap = (uint32_t)(p->page.nmarks + 16);
	t->cap = t->cap < MAX_NODES ? t->cap : MAX_NODES;
	t->nodes = wn_alloc(a, t->cap * sizeof(*t->nodes));
	return t->nodes != NULL ? 0 : -1;
}

/* Scripts of JSON-LD, copied: the page goes, the tree stays. */
static int
copy_jsonld(struct parser *p)
{
	struct wn_tree *t = p->t;
	unsigned i;
	char *s;

	t->jsonld = wn_alloc(t->arena, WN_JSONLD_MAX * sizeof(*t->jsonld));
	if (t->jsonld == NULL)
		return -1;
	for (i = 0; i < p->page.njsonld; i++) {
		s = wn_strndup(
		    t->arena, p->page.jsonld[i].p, p->page.jsonld[i].n);
		if (s == NULL)
			return -1;
		t->jsonld[t->njsonld++] =
		    (struct wn_str){s, p->page.jsonld[i].n};
	}
	return 0;
}

static void
run_parser(struct parser *p)
{
	*p->ctxt->sax = handler;
	p->ctxt->userData = p;
	htmlCtxtUseOptions(p->ctxt, HTML_PARSE_IGNORE_ENC | HTML_PARSE_NOERROR |
					HTML_PARSE_NOWARNING |
					HTML_PARSE_NONET);
	xmlSwitchEncoding(p->ctxt, XML_CHAR_ENCODING_UTF8);
	p->stack[p->depth++] = node_new(p, WN_TAG_ROOT, NULL);
	htmlParseDocument(p->ctxt);
	while (p->depth > 0)
		node_close(p);
	p->t->text[p->t->text_len] = '\0';
}

int
wn_parse(struct wn_arena *a, const char *html, size_t len, struct wn_tree **tp)
{
	struct parser *p = wn_zalloc(a, sizeof(*p));

	if (p == NULL || len > INT32_MAX / 8 ||
	    wn_reduce(a, html, len, &p->page) != 0 || tree_new(p, a) != 0 ||
	    copy_jsonld(p) != 0)
		return WINNOW_ETOOBIG;
	*tp = p->t;
	p->budget = 64 * (len + 65536);
	/* The parser refuses an empty page. */
	p->ctxt = p->page.len > 0 ? htmlCreateMemoryParserCtxt(
					p->page.markup, (int)p->page.len)
				  : htmlCreateMemoryParserCtxt(" ", 1);
	if (p->ctxt == NULL)
		return WINNOW_ENOMEM;
	run_parser(p);
	htmlFreeParserCtxt(p->ctxt);
	return p->err;
}

const char *
wn_attr(const struct wn_tree *t, uint32_t i, enum wn_attr_name name)
{
	const struct wn_attr *a = t->attrs + t->nodes[i].attr;
	const struct wn_attr *end = a + t->nodes[i].nattr;

	for (; a < end; a++)
		if (a->name == name)
			return a->value;
	return NULL;
}

uint32_t
wn_find(const struct wn_tree *t, uint32_t i, enum wn_tag tag)
{
	uint32_t k;

	for (k = i + 1; k < t->nodes[i].end; k++)
		if (t->nodes[k].tag == tag)
			return k;
	return 0;
}
