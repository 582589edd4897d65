/* parse.c - the page's bytes, made UTF-8, into the flat tree of tree.h.
 *
 * reduce.c copies the page without script, style, comments and attributes that
 * nobody reads; libxml2's HTML parser then calls back for each start, end and
 * run of characters (its SAX interface; its own tree takes as long again to
 * build), and each call is written down at the end of three arrays: nodes,
 * attributes, text.
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
	MAX_ATTRS = 32,    /* kept, of one element */
	MAX_VALUE = 65536, /* bytes of an attribute's value */
	CACHE = 256,
};

struct parser {
	struct wn_tree *t;
	htmlParserCtxtPtr ctxt;
	uint32_t stack[MAX_DEPTH + 2];
	unsigned depth;
	struct wn_reduced page;
	size_t shift; /* the last of page.shifts that was passed */
	size_t work, budget;
	int err;
	/* libxml2 interns names: one pointer a name within one page. */
	struct {
		const void *name;
		int16_t tag, attr;
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
cached(struct parser *p, const xmlChar *name, int attr)
{
	size_t i = ((uintptr_t)name >> 3) % CACHE, n;

	if (p->cache[i].name != name) {
		n = strlen((const char *)name);
		p->cache[i].name = name;
		p->cache[i].tag = (int16_t)wn_tag_find((const char *)name, n);
		p->cache[i].attr = (int16_t)wn_attr_find((const char *)name, n);
	}
	return attr ? p->cache[i].attr : p->cache[i].tag;
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

/* Where the parser is, in bytes of the decoded page. */
static uint32_t
source(struct parser *p)
{
	const xmlParserInput *in = p->ctxt->input;
	const struct wn_reduced *r = &p->page;
	size_t at;

	if (in == NULL || r->nshifts == 0)
		return 0;
	at = in->consumed + (size_t)(in->cur - in->base);
	while (p->shift + 1 < r->nshifts && r->shifts[p->shift + 1].out < at)
		p->shift++;
	return r->shifts[p->shift].src;
}

static uint32_t
node_new(struct parser *p, enum wn_tag tag)
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
	*n = (struct wn_node){.tag = (uint16_t)tag, .attr = t->nattrs};
	n->parent = p->depth > 0 ? p->stack[p->depth - 1] : 0;
	n->tbeg = n->tend = t->text_len;
	n->src = source(p);
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
node_attrs(struct parser *p, uint32_t i, const xmlChar **atts)
{
	struct wn_tree *t = p->t;
	struct wn_attr *a;
	int name;
	size_t len;

	for (; atts != NULL && atts[0] != NULL; atts += 2) {
		if ((name = cached(p, atts[0], 1)) < 0)
			continue;
		if (t->nodes[i].nattr >= MAX_ATTRS ||
		    !room(p, (void **)&t->attrs, &t->attrs_cap, t->nattrs,
			sizeof(*t->attrs)))
			break;
		len = atts[1] != NULL ? strlen((const char *)atts[1]) : 0;
		if (len > MAX_VALUE) {
			t->truncated = 1;
			continue;
		}
		a = &t->attrs[t->nattrs];
		a->name = (uint16_t)name;
		a->len = (uint32_t)len;
		a->value =
		    len == 0 ? ""
			     : wn_strndup(t->arena, (const char *)atts[1], len);
		if (a->value == NULL) {
			parser_fail(p, WINNOW_ETOOBIG);
			break;
		}
		t->nattrs++;
		t->nodes[i].nattr++;
	}
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
	int tag = cached(p, name, 0);
	uint32_t i;

	work(p);
	if (p->err != 0)
		return;
	if ((i = node_new(p, (enum wn_tag)tag)) == 0)
		return;
	node_attrs(p, i, atts);
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
	int tag = cached(p, name, 0);
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
	struct wn_node *last = &t->nodes[t->n - 1];

	if (p->err != 0 || len <= 0)
		return;
	while (t->text_len + (uint32_t)len + 1 > t->text_cap)
		if (!room(p, (void **)&t->text, &t->text_cap, t->text_cap, 1))
			return;
	if (last->tag != WN_TAG_TEXT || last->end != t->n ||
	    last->parent != p->stack[p->depth - 1]) {
		uint32_t i = node_new(p, WN_TAG_TEXT);

		if (i == 0)
			return;
		last = &t->nodes[i];
		last->end = t->n;
	}
	memcpy(t->text + t->text_len, s, (size_t)len);
	t->text_len += (uint32_t)len;
	last->tend = t->text_len;
}

static const htmlSAXHandler handler = {
    .startElement = on_start,
    .endElement = on_end,
    .characters = on_text,
    .cdataBlock = on_text,
    .ignorableWhitespace = on_text,
    .initialized = 1,
};

static int
tree_new(struct wn_arena *a, size_t len, struct wn_tree **tp)
{
	struct wn_tree *t = wn_zalloc(a, sizeof(*t));

	if (t == NULL)
		return -1;
	t->arena = a;
	t->cap = (uint32_t)(len / 48 + 64);
	t->attrs_cap = t->cap / 2;
	t->text_cap = (uint32_t)(len / 2 + 64);
	t->nodes = wn_alloc(a, t->cap * sizeof(*t->nodes));
	t->attrs = wn_alloc(a, t->attrs_cap * sizeof(*t->attrs));
	t->text = wn_alloc(a, t->text_cap);
	*tp = t;
	return t->nodes && t->attrs && t->text ? 0 : -1;
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
	p->stack[p->depth++] = node_new(p, WN_TAG_ROOT);
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
	    wn_reduce(a, html, len, &p->page) != 0 ||
	    tree_new(a, p->page.len, &p->t) != 0 || copy_jsonld(p) != 0)
		return WINNOW_ETOOBIG;
	*tp = p->t;
	p->t->truncated = p->page.truncated;
	p->t->scripts_len = (uint32_t)p->page.scripts_len;
	p->budget = 40 * (len + 65536);
	/* The parser refuses an empty page. */
	p->ctxt = p->page.len > 0 ? htmlCreateMemoryParserCtxt(
					p->page.html, (int)p->page.len)
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
