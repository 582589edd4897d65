/* links.c - where the page points, and what it says about following.
 *
 * One loop over the tree finds base, anchors, frames, refresh, next pages,
 * feeds, canonical address and the words for robots. Every link is resolved as
 * a browser would, in the page's own encoding, kept when it can be fetched,
 * and kept once. Which place it has is said again when the article is known.
 *
 * Invariants
 *  L1  No two links share a key (without a page URL: no two are equal).
 *  L2  At most max_links are kept and at most 4 x max_links are resolved, so
 *      that a page made of links costs no more than one made of text. */
#include <string.h>
#include <strings.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "cleaner/extract.h"
#include "cleaner/links_parts.h"
#include "cleaner/robots_words.h"
#include "cleaner/state.h"

enum { ANCHOR = 200, HREF_MAX = 65535, LIST_UP = 6 };

struct linker {
	struct wn_doc *d;
	const struct wn_tree *t;
	struct winnow_url base, url; /* base.len 0: unknown */
	struct winnow_link *v;
	uint32_t *nodes; /* of each */
	size_t n, cap, max;
	uint32_t *table; /* 1 + index in v, 0: free */
	size_t mask, resolved;
	uint32_t nav_end; /* nodes before this are in navigation */
	struct wn_buf robots;
};

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* word stands in a list separated by spaces or commas. */
static int
has_word(const char *list, const char *word)
{
	size_t n = strlen(word), k;

	for (; list != NULL && *list != '\0'; list += k) {
		list += strspn(list, " \t\r\n\f,");
		k = strcspn(list, " \t\r\n\f,");
		if (k == n && strncasecmp(list, word, n) == 0)
			return 1;
	}
	return 0;
}

/* Resolves into l->url; 1 when it can be fetched. */
static int
resolve(struct linker *l, const char *href)
{
	size_t n = strlen(href);

	while (n > 0 && is_space(*href))
		href++, n--;
	if (n == 0 || n > HREF_MAX || *href == '#')
		return 0;
	return winnow_url_parse(&l->url, href, n,
		   l->base.len > 0 ? &l->base : NULL, l->d->pub.charset) == 0 &&
	       winnow_url_fetchable(&l->url) == 0;
}

/* The address as a string of the doc: resolved, or as it stands when the page
 * has no address itself. NULL: not to be fetched. */
static const char *
address(struct linker *l, const char *href, size_t *len, struct winnow_key *key)
{
	size_t n;

	if (resolve(l, href)) {
		*key = winnow_url_key(&l->url, l->d->w->opt.url_seed);
		*len = l->url.len;
		return wn_strndup(l->d->arena, l->url.href, l->url.len);
	}
	if (l->base.len > 0)
		return NULL;
	href += strspn(href, " \t\r\n\f");
	n = strcspn(href, "#");
	while (n > 0 && is_space(href[n - 1]))
		n--;
	if (n == 0 || n > WINNOW_URL_MAX ||
	    memchr(href, ':', strcspn(href, "/?#")) != NULL)
		return NULL;
	*key = (struct winnow_key){0, XXH3_64bits(href, n)};
	*len = n;
	return wn_strndup(l->d->arena, href, n);
}

/* What stands for the words of a link: of its picture, or of itself. */
static struct wn_str
anchor_words(struct linker *l, uint32_t i)
{
	const struct wn_tree *t = l->t;
	struct wn_str s = wn_text(t, i);
	const char *alt = NULL;
	uint32_t k;

	while (s.n > 0 && is_space(*s.p))
		s.p++, s.n--;
	if (s.n > 0)
		return s;
	for (k = i + 1; k < t->nodes[i].end && k < i + ANCHOR; k++)
		if (t->nodes[k].tag == WN_TAG_IMG &&
		    (alt = wn_attr(t, k, WN_ATTR_ALT)) != NULL && *alt != '\0')
			break;
	if (alt == NULL || *alt == '\0')
		alt = wn_attr(t, i, WN_ATTR_TITLE);
	return (struct wn_str){
	    alt != NULL ? alt : "", alt != NULL ? strlen(alt) : 0};
}

/* Words of node i on one line, at most ANCHOR bytes; "" when it has none. */
static const char *
anchor_text(struct linker *l, uint32_t i)
{
	struct wn_str s = anchor_words(l, i);
	char b[ANCHOR + 1];
	size_t n = 0, k;

	for (k = 0; k < s.n && n < ANCHOR; k++)
		if (!is_space(s.p[k]))
			b[n++] = s.p[k];
		else if (n > 0 && b[n - 1] != ' ')
			b[n++] = ' ';
	if (k < s.n)
		while (n > 0 && (s.p[k] & 0xC0) == 0x80)
			k--, n--;
	while (n > 0 && b[n - 1] == ' ')
		n--;
	return n > 0 ? wn_strndup(l->d->arena, b, n) : "";
}

/* The number of another page beside this one: same host, same folder. */
static int
is_pager(const struct linker *l, const char *url, size_t len, const char *text)
{
	const struct winnow_url *page = &l->d->url;
	size_t n = strcspn(page->href, "?");

	while (n > 0 && page->href[n - 1] != '/')
		n--;
	return page->len > 0 && n > 0 && len > n && wn_says_page(text) &&
	       memcmp(url, page->href, n) == 0 &&
	       memchr(url + n, '/', strcspn(url + n, "?")) == NULL;
}

/* A link that makes up most of the line it stands in is one of a list. */
static enum winnow_place
place_of(const struct linker *l, uint32_t i)
{
	const struct wn_node *n = &l->t->nodes[i], *up = n;
	int k;

	if (i < l->nav_end)
		return WINNOW_IN_NAV;
	for (k = 0; k < LIST_UP && up->parent != 0; k++) {
		up = &l->t->nodes[up->parent];
		if (wn_tag_flags[up->tag] & WN_BLOCK)
			break;
	}
	return (n->tend - n->tbeg) * 2 >= up->tend - up->tbeg
		   ? WINNOW_IN_LIST
		   : WINNOW_IN_CONTENT;
}

/* The slot of a key: free, or that of the link which has it. */
static uint32_t *
slot(struct linker *l, struct winnow_key key)
{
	size_t h = (size_t)(key.url ^ key.host * 0x9E3779B97F4A7C15ULL);

	for (;; h++) {
		uint32_t *s = &l->table[h & l->mask];
		const struct winnow_link *k = &l->v[*s - 1];

		if (*s == 0 ||
		    (k->key.url == key.url && k->key.host == key.host))
			return s;
	}
}

static int
grow(struct linker *l)
{
	struct wn_arena *a = l->d->arena;

	l->v = wn_grow(
	    a, l->v, l->cap * sizeof(*l->v), 2 * l->cap * sizeof(*l->v));
	l->nodes = wn_grow(a, l->nodes, l->cap * sizeof(*l->nodes),
	    2 * l->cap * sizeof(*l->nodes));
	l->cap *= 2;
	return l->v != NULL && l->nodes != NULL ? 0 : WINNOW_ETOOBIG;
}

static int
link_add(struct linker *l, uint32_t node, const char *href, unsigned flags)
{
	const char *url, *text;
	struct winnow_key key;
	struct winnow_link *k;
	uint32_t *s;
	size_t len;

	if (l->n >= l->max || l->resolved >= 4 * l->max) {
		l->d->pub.links_dropped++;
		return 0;
	}
	l->resolved++;
	if ((url = address(l, href, &len, &key)) == NULL)
		return 0;
	if ((text = anchor_text(l, node)) == NULL)
		return WINNOW_ETOOBIG;
	if (wn_says_next(text))
		flags |= WINNOW_NEXT;
	else if (is_pager(l, url, len, text))
		flags |= WINNOW_PAGER;
	if (*(s = slot(l, key)) != 0) {
		k = &l->v[*s - 1];
		k->flags |= flags & (unsigned)~WINNOW_NOFOLLOW;
		if (!(flags & WINNOW_NOFOLLOW))
			k->flags &= (uint8_t)~WINNOW_NOFOLLOW;
		if (*k->anchor == '\0')
			k->anchor = text;
		return 0;
	}
	if (l->n == l->cap && grow(l) != 0)
		return WINNOW_ETOOBIG;
	l->nodes[l->n] = node;
	l->v[l->n] = (struct winnow_link){.url = url,
	    .anchor = text,
	    .key = key,
	    .url_len = (uint16_t)len,
	    .flags = (uint8_t)flags,
	    .place = (uint8_t)place_of(l, node)};
	*s = (uint32_t)++l->n;
	return 0;
}

/* ---- elements ------------------------------------------------------------ */

static int
is_nav(const struct wn_tree *t, uint32_t i)
{
	const char *role = wn_attr(t, i, WN_ATTR_ROLE);

	switch (t->nodes[i].tag) {
	case WN_TAG_NAV:
	case WN_TAG_FOOTER:
		return 1;
	default:
		return role != NULL && (strcmp(role, "navigation") == 0 ||
					   strcmp(role, "contentinfo") == 0);
	}
}

static int
is_feed_type(const char *type)
{
	static const char *const types[] = {"application/rss+xml",
	    "application/atom+xml", "application/feed+json",
	    "application/rdf+xml", "text/rss+xml"};
	size_t i;

	for (i = 0; type != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strncasecmp(type, types[i], strlen(types[i])) == 0)
			return 1;
	return 0;
}

static int
on_link(struct linker *l, uint32_t i, const char *href)
{
	const char *rel = wn_attr(l->t, i, WN_ATTR_REL);

	if (has_word(rel, "canonical") && l->d->pub.url_canonical == NULL &&
	    resolve(l, href))
		l->d->pub.url_canonical =
		    wn_strndup(l->d->arena, l->url.href, l->url.len);
	if (has_word(rel, "next"))
		return link_add(l, i, href, WINNOW_NEXT);
	if (has_word(rel, "alternate") &&
	    is_feed_type(wn_attr(l->t, i, WN_ATTR_TYPE)))
		return link_add(l, i, href, WINNOW_FEED);
	return 0;
}

/* `5; url='next.html'`: the address, NULL when the page only reloads. */
static const char *
refresh_url(struct wn_arena *a, const char *s)
{
	size_t n;

	s += strspn(s, " \t\r\n\f");
	s += strspn(s, "0123456789.");
	s += strspn(s, " \t\r\n\f;,");
	if (strncasecmp(s, "url", 3) == 0) {
		const char *p = s + 3 + strspn(s + 3, " \t\r\n\f");

		if (*p == '=')
			s = p + 1 + strspn(p + 1, " \t\r\n\f");
	}
	if (*s == '\'' || *s == '"') {
		n = strcspn(s + 1, *s == '"' ? "\"" : "'");
		s++;
	} else {
		n = strlen(s);
	}
	return n > 0 ? wn_strndup(a, s, n) : NULL;
}

static void
add_robots(struct linker *l, const char *words)
{
	struct winnow_doc *p = &l->d->pub;
	struct wn_robots_words w = {0, 0};

	wn_robots_words(&w, words, l->d->page->now);
	p->noindex |= w.noindex;
	p->nofollow |= w.nofollow;
	if (l->robots.len > 0)
		wn_buf_puts(&l->robots, ", ");
	wn_buf_puts(&l->robots, words);
	p->robots_meta = l->robots.b;
}

static int
on_meta(struct linker *l, uint32_t i)
{
	const char *content = wn_attr(l->t, i, WN_ATTR_CONTENT), *s;

	if (content == NULL || strlen(content) > WINNOW_URL_MAX)
		return 0;
	if ((s = wn_attr(l->t, i, WN_ATTR_HTTP_EQUIV)) != NULL &&
	    strcasecmp(s, "refresh") == 0) {
		s = refresh_url(l->d->arena, content);
		return s != NULL ? link_add(l, i, s, WINNOW_REFRESH) : 0;
	}
	if ((s = wn_attr(l->t, i, WN_ATTR_NAME)) != NULL &&
	    (strcasecmp(s, "robots") == 0 ||
		strcasecmp(s, WN_ROBOTS_AGENT) == 0))
		add_robots(l, content);
	return 0;
}

/* og:url counts when there is no rel=canonical anywhere. */
static void
canonical_fallback(struct linker *l)
{
	uint32_t i;
	const char *s;

	for (i = 1; i < l->t->n && l->d->pub.url_canonical == NULL; i++) {
		if (l->t->nodes[i].tag != WN_TAG_META)
			continue;
		s = wn_attr(l->t, i, WN_ATTR_PROPERTY);
		if (s == NULL || strcasecmp(s, "og:url") != 0)
			continue;
		s = wn_attr(l->t, i, WN_ATTR_CONTENT);
		if (s != NULL && resolve(l, s))
			l->d->pub.url_canonical =
			    wn_strndup(l->d->arena, l->url.href, l->url.len);
	}
}

/* A link that is written as script: onclick, or href="javascript:...". */
static int
on_script(struct linker *l, uint32_t i, const char *href)
{
	const char *script = wn_attr(l->t, i, WN_ATTR_ONCLICK), *to = NULL;
	size_t n;

	if (script != NULL)
		to = wn_script_goes(script, &n);
	if (to == NULL && href != NULL)
		to = wn_script_goes(href, &n);
	if (to == NULL)
		return 0;
	to = wn_strndup(l->d->arena, to, n);
	return to != NULL ? link_add(l, i, to, 0) : WINNOW_ETOOBIG;
}

/* Leads the href of this element nowhere by itself? */
static int
is_script(const char *href)
{
	return href == NULL || *href == '#' || *href == '\0' ||
	       strncasecmp(href, "javascript:", 11) == 0;
}

static int
on_node(struct linker *l, uint32_t i)
{
	const char *href;
	unsigned flags = 0;

	if (l->t->nodes[i].tag == WN_TAG_META)
		return on_meta(l, i);
	href = wn_attr(l->t, i, WN_ATTR_HREF);
	if (is_script(href) && (href != NULL ||
		wn_attr(l->t, i, WN_ATTR_ONCLICK) != NULL))
		return on_script(l, i, href);
	if (href == NULL)
		href = wn_attr(l->t, i, WN_ATTR_SRC);
	if (href == NULL)
		return 0;
	switch (l->t->nodes[i].tag) {
	case WN_TAG_LINK:
		return on_link(l, i, href);
	case WN_TAG_IFRAME:
	case WN_TAG_FRAME:
		return link_add(l, i, href, WINNOW_FRAME);
	case WN_TAG_A:
	case WN_TAG_AREA:
		if (has_word(wn_attr(l->t, i, WN_ATTR_REL), "nofollow"))
			flags |= WINNOW_NOFOLLOW;
		if (has_word(wn_attr(l->t, i, WN_ATTR_REL), "next"))
			flags |= WINNOW_NEXT;
		return link_add(l, i, href, flags);
	default:
		return 0;
	}
}

/* The row of a list's pages is the work of a script on many sites. */
static int
next_by_script(struct linker *l)
{
	char href[WN_SCRIPT_NEXT];

	if (l->d->w->opt.no_links || l->t->n < 2 ||
	    !wn_script_next(l->d->html, l->d->html_len, href))
		return 0;
	return link_add(l, l->t->n - 1, href, WINNOW_NEXT);
}

static void
find_base(struct linker *l)
{
	uint32_t i;
	const char *href;

	l->base = l->d->url;
	for (i = 1; i < l->t->n; i++) {
		if (l->t->nodes[i].tag != WN_TAG_BASE ||
		    (href = wn_attr(l->t, i, WN_ATTR_HREF)) == NULL)
			continue;
		if (resolve(l, href))
			l->base = l->url;
		break;
	}
	if (l->base.len > 0)
		l->d->pub.base =
		    wn_strndup(l->d->arena, l->base.href, l->base.len);
}

static int
linker_init(struct linker *l, struct wn_doc *d)
{
	size_t size = 64;
	uint32_t i, n = 0;

	l->d = d;
	l->t = d->tree;
	l->max = d->w->opt.max_links;
	wn_buf_init(&l->robots, d->arena);
	find_base(l);
	for (i = 1; i < l->t->n; i++)
		n += l->t->nodes[i].nattr > 0 &&
		     (l->t->nodes[i].tag == WN_TAG_A ||
			 l->t->nodes[i].tag == WN_TAG_AREA);
	l->cap = n + 16 < l->max ? n + 16 : l->max;
	while (size < 2 * l->max && size < 2 * (size_t)(n + 64))
		size *= 2;
	/* Twice as many slots as links: frames and the like come on top. */
	size *= 2;
	l->mask = size - 1;
	if (l->max > size / 2)
		l->max = size / 2;
	l->table = wn_zalloc(d->arena, size * sizeof(*l->table));
	l->v = wn_alloc(d->arena, l->cap * sizeof(*l->v));
	l->nodes = wn_alloc(d->arena, l->cap * sizeof(*l->nodes));
	return l->table != NULL && l->v != NULL && l->nodes != NULL
		   ? 0
		   : WINNOW_ETOOBIG;
}

int
wn_stage_links(struct wn_doc *d)
{
	struct linker *l = wn_zalloc(d->arena, sizeof(*l));
	uint32_t i;
	int r;

	if (l == NULL || (r = linker_init(l, d)) != 0)
		return WINNOW_ETOOBIG;
	if (d->page->x_robots_tag != NULL)
		add_robots(l, d->page->x_robots_tag);
	for (i = 1; i < l->t->n && !d->w->opt.no_links; i++) {
		if (l->t->nodes[i].nattr > 0 && (r = on_node(l, i)) != 0)
			return r;
		if (i >= l->nav_end && is_nav(l->t, i))
			l->nav_end = l->t->nodes[i].end;
	}
	if ((r = next_by_script(l)) != 0)
		return r;
	canonical_fallback(l);
	d->pub.links = l->v;
	d->pub.nlinks = l->n;
	d->link_nodes = l->nodes;
	return 0;
}

/* ---- places -------------------------------------------------------------- */

/* Furniture whose links lead round the site, not to articles. */
static int
is_round_the_site(int kind)
{
	switch (kind) {
	case WINNOW_KIND_NAV:
	case WINNOW_KIND_FOOTER:
	case WINNOW_KIND_BREADCRUMB:
	case WINNOW_KIND_COPYRIGHT:
	case WINNOW_KIND_ICP:
	case WINNOW_KIND_LOGIN:
	case WINNOW_KIND_TOOLBAR:
	case WINNOW_KIND_SHARE_TOOLBAR:
	case WINNOW_KIND_COOKIE:
	case WINNOW_KIND_AD:
		return 1;
	default:
		return 0;
	}
}

/* The block that a link stands in, NULL: none (a picture). */
static const struct wn_block *
block_of(const struct wn_extractor *x, uint32_t node)
{
	uint32_t k = x->from[node];

	if (k > 0 && x->b[k - 1].end > node)
		return &x->b[k - 1];
	return k < x->n && x->b[k].first < x->t->nodes[node].end ? &x->b[k]
								 : NULL;
}

void
wn_link_places(const struct wn_extractor *x)
{
	struct winnow_link *v =
	    (struct winnow_link *)(uintptr_t)x->d->pub.links;
	size_t i;

	for (i = 0; i < x->d->pub.nlinks; i++) {
		uint32_t node = x->d->link_nodes[i];
		const struct wn_block *b = block_of(x, node);
		uint32_t line = b != NULL ? (uint32_t)(b - x->b) : x->n;

		if (b != NULL && b->kept)
			v[i].place = WINNOW_IN_CONTENT;
		else if (is_round_the_site(x->zone[node].kind) ||
			 (line < x->n && x->line[line].any.act != WN_ACT_NONE &&
			     is_round_the_site(x->line[line].any.kind)))
			v[i].place = WINNOW_IN_NAV;
	}
}
