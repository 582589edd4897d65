/* feed_xml.c - entries of urlset, sitemapindex, RSS, RDF, Atom and CDF.
 *
 * One machine for all of them; what differs is a table. At any time we are in
 * one place: outside an entry, in an entry, or in a field of either. Every
 * child of an entry or of the feed is a field; those we do not know are passed
 * over as a whole, so that an image's <link> or an image's <loc> is never taken
 * for the entry's.
 *
 * Invariants
 *  F1  A field ends at the close of its own name, whatever stands in it: broken
 *      HTML in a description cannot swallow what follows.
 *  F2  An entry is passed on when it has closed. Only a sitemap's counts as
 *      soon as its loc has closed: a cut sitemap gives all its complete locs.
 *  F3  The text of a field is at most MAX_TEXT bytes; a longer URL is none. */
#include "cleaner/feed_parts.h"

#include <string.h>
#include <strings.h>

#include "cleaner/xml.h"

#define MAX_TEXT 16384

enum field { NONE, SKIP, LOC, LASTMOD, TITLE, LINK, GUID, PUBLISHED, UPDATED };

enum {
	URLSET = 1 << WINNOW_FEED_URLSET,
	INDEX = 1 << WINNOW_FEED_INDEX,
	RSS = 1 << WINNOW_FEED_RSS,
	ATOM = 1 << WINNOW_FEED_ATOM,
	CDF = 1 << WINNOW_FEED_CDF
};

static const struct root {
	const char *name, *item;
	enum winnow_feed_type type;
} roots[] = {
    {"urlset", "url", WINNOW_FEED_URLSET},
    {"sitemapindex", "sitemap", WINNOW_FEED_INDEX},
    {"rss", "item", WINNOW_FEED_RSS},
    {"rdf", "item", WINNOW_FEED_RSS},
    {"feed", "entry", WINNOW_FEED_ATOM},
    {"channel", "item", WINNOW_FEED_CDF},
};

/* Fields; prefix NULL: that of the entry itself. */
static const struct {
	const char *prefix, *name;
	unsigned types;
	enum field field;
} fields[] = {
    {NULL, "loc", URLSET | INDEX, LOC},
    {NULL, "lastmod", URLSET | INDEX, LASTMOD},
    {"news", "title", URLSET, TITLE},
    {"news", "publication_date", URLSET, PUBLISHED},
    {NULL, "title", RSS | ATOM | CDF, TITLE},
    {NULL, "link", RSS, LINK},
    {NULL, "guid", RSS, GUID},
    {NULL, "pubdate", RSS, PUBLISHED},
    {"dc", "date", RSS | ATOM, PUBLISHED},
    {NULL, "published", ATOM, PUBLISHED},
    {NULL, "issued", ATOM, PUBLISHED},
    {NULL, "updated", ATOM, UPDATED},
    {NULL, "modified", ATOM, UPDATED},
};

/* How good a link is; the best of an entry wins, the first of equals. */
enum { NO_LINK, BY_GUID, BY_OTHER_TYPE, BY_LINK };

struct reader {
	struct wn_feed_sink *sink;
	struct wn_xml x;
	const struct root *root;
	unsigned type; /* 1 << root->type */
	struct winnow_url base, item_base;
	int in_item, closed;
	struct wn_str prefix; /* of the entry, else of the root */

	enum field field;
	struct wn_str field_name;
	struct wn_str field_prefix;
	int nested, html, overflow;
	struct wn_buf text, attr;

	struct winnow_entry e;
	struct wn_buf link, title, lastmod;
	int rank;
};

static int
same(struct wn_str a, struct wn_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static int
has_prefix(const struct wn_xml *x, const char *prefix)
{
	return strlen(prefix) == x->prefix.n &&
	       strncasecmp(prefix, x->prefix.p, x->prefix.n) == 0;
}

/* The attribute in r->attr, NULL: not there. */
static const char *
attr(struct reader *r, const char *name)
{
	r->attr.len = 0;
	if (!wn_xml_attr(&r->x, name, &r->attr) || r->attr.err ||
	    r->attr.len > MAX_TEXT)
		return NULL;
	wn_buf_put(&r->attr, "", 0);
	return r->attr.b != NULL ? r->attr.b : "";
}

static int
attr_is(struct reader *r, const char *name, const char *value)
{
	const char *v = attr(r, name);

	return v != NULL && strcasecmp(v, value) == 0;
}

/* xml:base of this element upon `on`. */
static void
take_base(struct reader *r, struct winnow_url *to, const struct winnow_url *on)
{
	const char *v = attr(r, "xml:base");

	if (v == NULL || winnow_url_parse(to, v, strlen(v),
			     on->len > 0 ? on : NULL, NULL) != 0)
		*to = *on;
}

static void
new_entry(struct reader *r)
{
	r->e = (struct winnow_entry){
	    .published = WINNOW_NO_TIME, .updated = WINNOW_NO_TIME};
	r->link.len = r->title.len = r->lastmod.len = 0;
	r->rank = NO_LINK;
}

/* Passes the entry on if it names a page, or at least a title, and forgets it.
 */
static void
put_entry(struct reader *r)
{
	r->e.title = r->title.len > 0 ? r->title.b : NULL;
	r->e.lastmod = r->lastmod.len > 0 ? r->lastmod.b : NULL;
	r->e.is_sitemap = r->type == INDEX;
	if (r->rank > NO_LINK)
		wn_feed_put(r->sink, &r->e, r->link.b, r->link.len,
		    r->in_item ? &r->item_base : &r->base);
	else if (r->in_item && !(r->type & (URLSET | INDEX)))
		wn_feed_put(r->sink, &r->e, NULL, 0, NULL);
	new_entry(r);
}

static void
offer_link(struct reader *r, int rank, const char *url, size_t n)
{
	if (rank <= r->rank || n == 0)
		return;
	r->rank = rank;
	r->link.len = 0;
	wn_buf_put(&r->link, url, n);
}

/* White space squeezed and trimmed. */
static size_t
squeeze(char *s, size_t n)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		if ((uint8_t)s[i] > ' ')
			s[k++] = s[i];
		else if (k > 0 && s[k - 1] != ' ')
			s[k++] = ' ';
	if (k > 0 && s[k - 1] == ' ')
		k--;
	s[k] = '\0';
	return k;
}

static void
end_title(struct reader *r)
{
	if (r->in_item && r->title.len > 0)
		return;
	r->title.len = 0;
	if (r->html)
		wn_xml_strip(&r->title, r->text.b, r->text.len);
	else
		wn_buf_put(&r->title, r->text.b, r->text.len);
	if (r->title.b == NULL)
		return;
	r->title.len = squeeze(r->title.b, r->title.len);
	if (!r->in_item) {
		if (r->sink->feed->title == NULL && r->title.len > 0)
			wn_feed_title(r->sink, r->title.b, r->title.len);
		r->title.len = 0;
	}
}

static void
end_field(struct reader *r)
{
	enum field f = r->field;
	struct winnow_entry *e = &r->e;

	r->field = NONE;
	if (f == SKIP || r->overflow || r->text.b == NULL || r->text.err)
		return;
	if (f == TITLE) {
		end_title(r);
		return;
	}
	r->text.len = squeeze(r->text.b, r->text.len);
	switch (f) {
	case LOC: /* F2; two in one entry are two pages */
		if (r->rank > NO_LINK)
			put_entry(r);
		offer_link(r, BY_LINK, r->text.b, r->text.len);
		break;
	case LINK:
		if (r->in_item)
			offer_link(r, BY_LINK, r->text.b, r->text.len);
		else
			wn_feed_link(r->sink, r->text.b, r->text.len, &r->base);
		break;
	case GUID:
		if (r->in_item)
			offer_link(r, BY_GUID, r->text.b, r->text.len);
		break;
	case LASTMOD:
		e->updated = wn_feed_w3c(r->text.b, r->text.len);
		r->lastmod.len = 0;
		if (e->updated != WINNOW_NO_TIME)
			wn_buf_put(&r->lastmod, r->text.b, r->text.len);
		break;
	case PUBLISHED:
		if (e->published == WINNOW_NO_TIME)
			e->published = wn_feed_time(r->text.b, r->text.len);
		break;
	case UPDATED:
		if (e->updated == WINNOW_NO_TIME)
			e->updated = wn_feed_time(r->text.b, r->text.len);
		break;
	default:
		break;
	}
}

/* <link rel= href= type=> of Atom, alone or inside RSS. */
static void
take_atom_link(struct reader *r)
{
	struct winnow_url base, u;
	const char *rel = attr(r, "rel"), *type, *href;
	int rank = BY_LINK;

	if (rel != NULL && *rel != '\0' && strcasecmp(rel, "alternate") != 0)
		return;
	type = attr(r, "type");
	if (type != NULL && strcasecmp(type, "text/html") != 0)
		rank = BY_OTHER_TYPE;
	if (r->type == RSS)
		rank = BY_GUID;
	take_base(r, &base, r->in_item ? &r->item_base : &r->base);
	if ((href = attr(r, "href")) == NULL)
		return;
	if (!r->in_item) {
		if (r->type == ATOM)
			wn_feed_link(r->sink, href, r->attr.len, &base);
		return;
	}
	if (winnow_url_parse(
		&u, href, r->attr.len, base.len > 0 ? &base : NULL, NULL) == 0)
		offer_link(r, rank, u.href, u.len);
}

/* <xhtml:link rel="alternate" href=> in a urlset: another language. */
static void
take_alternate(struct reader *r)
{
	struct winnow_entry e = {.published = WINNOW_NO_TIME,
	    .updated = WINNOW_NO_TIME,
	    .is_alternate = 1};
	const char *href;

	if (attr_is(r, "rel", "alternate") && (href = attr(r, "href")) != NULL)
		wn_feed_put(r->sink, &e, href, r->attr.len, &r->item_base);
}

static enum field
find_field(const struct reader *r)
{
	const struct wn_xml *x = &r->x;
	size_t i;

	for (i = 0; i < sizeof fields / sizeof *fields; i++)
		if ((fields[i].types & r->type) &&
		    wn_xml_is(x, fields[i].name) &&
		    (fields[i].prefix != NULL ? has_prefix(x, fields[i].prefix)
					      : same(x->prefix, r->prefix)))
			return fields[i].field;
	return SKIP;
}

static void
begin_field(struct reader *r)
{
	const char *type;

	if (wn_xml_is(&r->x, "link") && r->in_item && r->type == URLSET)
		take_alternate(r);
	else if (wn_xml_is(&r->x, "link") &&
		 (r->type == ATOM || (r->type == RSS && r->x.prefix.n > 0)))
		take_atom_link(r);
	r->field = find_field(r);
	if (r->field == GUID && attr_is(r, "isPermaLink", "false"))
		r->field = SKIP;
	r->html = r->type != ATOM;
	if (r->field == TITLE && r->type == ATOM) {
		type = attr(r, "type");
		r->html =
		    type != NULL && (strcasecmp(type, "html") == 0 ||
					strcasecmp(type, "text/html") == 0);
		r->html |= attr_is(r, "mode", "escaped");
	}
	r->field_name = r->x.name;
	r->field_prefix = r->x.prefix;
	r->nested = r->overflow = 0;
	r->text.len = 0;
	wn_buf_put(&r->text, "", 0);
}

static void
begin_item(struct reader *r)
{
	const char *href;

	if (r->in_item && (r->type & (URLSET | INDEX)))
		put_entry(r);
	new_entry(r);
	r->field = NONE;
	r->in_item = 1;
	r->prefix = r->x.prefix;
	take_base(r, &r->item_base, &r->base);
	if (r->type == CDF && (href = attr(r, "href")) != NULL)
		offer_link(r, BY_LINK, href, r->attr.len);
}

/* 0, or -1: nothing of ours. */
static int
begin_root(struct reader *r)
{
	size_t i;

	if (r->x.bomb) {
		r->sink->feed->error = "refused";
		return -1;
	}
	for (i = 0; i < sizeof roots / sizeof *roots; i++)
		if (wn_xml_is(&r->x, roots[i].name))
			r->root = &roots[i];
	if (r->root == NULL)
		return -1;
	r->sink->feed->type = r->root->type;
	r->type = 1u << r->root->type;
	/* RDF's own prefix is not that of its channel and items. */
	if (strcmp(r->root->name, "rdf") != 0)
		r->prefix = r->x.prefix;
	take_base(r, &r->base, &r->sink->base);
	return 0;
}

static int
on_open(struct reader *r)
{
	if (r->root == NULL)
		return begin_root(r);
	if (wn_xml_is(&r->x, r->root->item) &&
	    (r->field == NONE || r->field == SKIP) &&
	    !(r->in_item && r->field == SKIP)) {
		begin_item(r);
	} else if (r->field != NONE) {
		r->nested += same(r->x.name, r->field_name) &&
			     same(r->x.prefix, r->field_prefix);
	} else if (wn_xml_is(&r->x, "channel") && !r->in_item) {
		r->prefix = r->x.prefix;
		take_base(r, &r->base, &r->sink->base);
	} else if (!(has_prefix(&r->x, "news") && wn_xml_is(&r->x, "news"))) {
		begin_field(r);
	}
	return 0;
}

static void
on_close(struct reader *r)
{
	if (r->root == NULL)
		return;
	if (r->field != NONE && same(r->x.name, r->field_name) &&
	    same(r->x.prefix, r->field_prefix)) {
		if (r->nested-- == 0)
			end_field(r);
	} else if (r->in_item && wn_xml_is(&r->x, r->root->item) &&
		   same(r->x.prefix, r->prefix)) {
		r->field = NONE; /* F1 */
		put_entry(r);
		r->in_item = 0;
	} else if (wn_xml_is(&r->x, r->root->name)) {
		r->closed = 1;
	}
}

static void
on_text(struct reader *r)
{
	if (r->field == NONE || r->field == SKIP || r->overflow)
		return;
	if (r->x.text.n > MAX_TEXT - r->text.len)
		r->overflow = 1;
	else if (r->x.cdata)
		wn_buf_put(&r->text, r->x.text.p, r->x.text.n);
	else
		wn_xml_decode(&r->text, r->x.text.p, r->x.text.n);
	r->overflow |= r->text.len > MAX_TEXT;
}

void
wn_feed_xml(struct wn_feed_sink *sink, const char *text, size_t n)
{
	struct reader *r = wn_zalloc(sink->arena, sizeof *r);
	struct winnow_feed *f = sink->feed;
	enum wn_xml_event ev;
	int rc = 0;

	if (r == NULL)
		return;
	r->sink = sink;
	wn_buf_init(&r->text, sink->arena);
	wn_buf_init(&r->attr, sink->arena);
	wn_buf_init(&r->link, sink->arena);
	wn_buf_init(&r->title, sink->arena);
	wn_buf_init(&r->lastmod, sink->arena);
	new_entry(r);
	wn_xml_begin(&r->x, text, n);
	while (rc == 0 && f->error == NULL &&
	       (ev = wn_xml_next(&r->x)) != WN_XML_END) {
		if (ev == WN_XML_OPEN)
			rc = on_open(r);
		else if (ev == WN_XML_CLOSE)
			on_close(r);
		else
			on_text(r);
	}
	if (r->in_item && (r->type & (URLSET | INDEX)))
		put_entry(r); /* F2 */
	if (f->error == NULL && r->root == NULL)
		f->error = "not-a-sitemap";
	if (f->error == NULL && (r->x.cut || !r->closed))
		f->error = "truncated";
}
