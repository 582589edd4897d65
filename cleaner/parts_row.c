/* parts_row.c - what on a page may be a row of pages, with what each link says.
 *
 * Of the page's links those whose address is akin to its own (parts_url.c) and
 * whose words turn a page (parts_words.c); where the words do not, what stands
 * beside them: the link's title, "1/3" beside a picture, a newspaper's note
 * round 第4版. Rows to choose from (<option>) are no links, and are rows.
 *
 * Invariant: linear in the links and options, of which ROW_MOST are kept; what
 * is near a link is UP elements, and less than NEAR_MOST bytes. */
#include "cleaner/parts_row.h"

#include <string.h>

#include "cleaner/extract.h"
#include "cleaner/state.h"

enum {
	ROW_MOST = 400,
	UP = 6, /* elements that a row's words may be in, above a link */
	NEAR_MOST = 300
};

int
wn_same_page(const struct winnow_key *a, const struct winnow_key *b)
{
	return a->host == b->host && a->url == b->url;
}

/* Furniture whose pages are not the article's. */
static int
is_elsewhere(const struct wn_row *row, uint32_t node)
{
	const struct wn_zone *z = &row->x->zone[node];

	switch (z->kind) {
	case WINNOW_KIND_COMMENTS:
	case WINNOW_KIND_RELATED:
	case WINNOW_KIND_HOT:
	case WINNOW_KIND_LOGIN:
	case WINNOW_KIND_BREADCRUMB:
	case WINNOW_KIND_HIDDEN:
		return 1;
	default:
		return 0;
	}
}

static int
speaks_of_comments(const char *url)
{
	return strcasestr(url, "comment") != NULL ||
	       strcasestr(url, "reply") != NULL ||
	       strcasestr(url, "cpage") != NULL;
}

static int
node_tag(const struct wn_row *row, uint32_t node)
{
	return row->x->d->tree->nodes[node].tag;
}

unsigned
wn_told_near(const struct wn_tree *t, uint32_t node)
{
	for (int up = 0; up < UP && node > 0; up++) {
		struct wn_str s = wn_text(t, node);
		unsigned n = s.n < NEAR_MOST ? wn_pages_told(s) : 0;

		if (n > 0 || s.n >= NEAR_MOST)
			return n;
		node = t->nodes[node].parent;
	}
	return 0;
}

/* （下转<a>第4版</a>）: the note is round the link. */
static enum wn_turn
turn_round(const struct wn_tree *t, uint32_t node)
{
	struct wn_str s = wn_text(t, t->nodes[node].parent);

	if (wn_turn_note_at_end(s) > 0)
		return WN_TURN_SHEET;
	return wn_turn_note_at_begin(s) > 0 ? WN_TURN_BACK : WN_TURN_NONE;
}

/* What its title says that the words of the link, or its picture, do not; a
 * picture beside "1/3" leads to the page behind or before. */
static enum wn_turn
turn_beside(const struct wn_row *row, const char *anchor, struct wn_row_link *r)
{
	const struct wn_tree *t = row->x->d->tree;
	const char *title = wn_attr(t, r->node, WN_ATTR_TITLE);
	enum wn_turn turn = WN_TURN_NONE;
	int own = r->kin.own, other = r->kin.other;

	if (strstr(anchor, "版") != NULL)
		turn = turn_round(t, r->node);
	if (turn != WN_TURN_NONE || r->kin.kin == WN_KIN_NONE)
		return turn;
	if (title != NULL && *title != '\0')
		turn = wn_page_turn(title, &r->number);
	if (turn == WN_TURN_NONE && r->kin.kin == WN_KIN_PAGE &&
	    (own < 0 || r->kin.behind_name) && *anchor == '\0' &&
	    node_tag(row, r->node) == WN_TAG_A &&
	    wn_told_near(row->x->d->tree, r->node) > 1)
		turn = other < own ? WN_TURN_PREV
		       : other == own + 1 || (own < 0 && other <= 2)
			   ? WN_TURN_NEXT
			   : WN_TURN_NONE;
	return turn != WN_TURN_NONE ? turn : r->turn;
}

/* Most links of a page have nothing to do with its address; what remains may be
 * a newspaper's, whose sheets have addresses of any kind. */
static int
read_link(const struct wn_row *row, const struct winnow_link *l, uint32_t node,
    struct wn_row_link *r)
{
	r->url = l->url;
	r->len = l->url_len;
	r->key = l->key;
	r->node = node;
	r->flags = l->flags;
	r->kin = wn_part_kin(&row->x->d->url, l->url, l->url_len);
	if (r->kin.kin == WN_KIN_NONE && strstr(l->anchor, "第") == NULL)
		return 0;
	r->turn = wn_page_turn(l->anchor, &r->number);
	if (r->turn == WN_TURN_NONE || r->turn == WN_TURN_ON)
		r->turn = turn_beside(row, l->anchor, r);
	if (r->turn == WN_TURN_NONE && (l->flags & WINNOW_NEXT))
		r->turn = WN_TURN_ON;
	r->in_head = node_tag(row, node) == WN_TAG_LINK;
	return r->turn != WN_TURN_NONE &&
	       (r->kin.kin != WN_KIN_NONE || r->turn >= WN_TURN_SHEET);
}

const char *
wn_read_address(struct wn_doc *d, const char *href, size_t len,
    struct winnow_key *key, size_t *n)
{
	struct winnow_url u;

	if (winnow_url_parse(&u, href, len, &d->url, d->pub.charset) != 0 ||
	    winnow_url_fetchable(&u) != 0)
		return NULL;
	*key = winnow_url_key(&u, d->w->opt.url_seed);
	*n = u.len;
	return wn_strndup(d->arena, u.href, u.len);
}

/* <option value="t1024_2.html">第2页: a row of pages to choose from. */
static void
read_option(struct wn_row *row, uint32_t node, const struct winnow_key *own)
{
	const char *value = wn_attr(row->x->d->tree, node, WN_ATTR_VALUE);
	struct wn_row_link *r = &row->v[row->n];
	struct wn_str s = wn_text(row->x->d->tree, node);
	char words[32];

	if (value == NULL || *value == '\0' || s.n >= sizeof words)
		return;
	*r = (struct wn_row_link){.node = node};
	memcpy(words, s.p, s.n);
	words[s.n] = '\0';
	r->turn = wn_page_turn(words, &r->number);
	if (r->turn != WN_TURN_NUMBER || is_elsewhere(row, node))
		return;
	r->url =
	    wn_read_address(row->x->d, value, strlen(value), &r->key, &r->len);
	if (r->url == NULL || r->key.host != own->host)
		return;
	r->kin = wn_part_kin(&row->x->d->url, r->url, r->len);
	if (wn_same_page(&r->key, own))
		row->self = r->number;
	else if (r->kin.kin == WN_KIN_PAGE && !speaks_of_comments(r->url))
		row->n++;
}

static void
gather_options(struct wn_row *row, const struct winnow_key *own)
{
	const struct wn_tree *t = row->x->d->tree;

	for (uint32_t i = 0; i < t->n && row->n < ROW_MOST; i++)
		if (t->nodes[i].tag == WN_TAG_OPTION)
			read_option(row, i, own);
}

int
wn_read_row(struct wn_row *row)
{
	struct wn_doc *d = row->x->d;
	struct winnow_key key = winnow_url_key(&d->url, d->w->opt.url_seed);

	row->v = wn_alloc(d->arena, ROW_MOST * sizeof(*row->v));
	if (row->v == NULL)
		return WINNOW_ETOOBIG;
	for (size_t i = 0; i < d->pub.nlinks && row->n < ROW_MOST; i++) {
		const struct winnow_link *l = &d->pub.links[i];
		struct wn_row_link *r = &row->v[row->n];

		*r = (struct wn_row_link){.number = 0};
		if (l->key.host != key.host ||
		    (l->flags & (WINNOW_FEED | WINNOW_FRAME | WINNOW_REFRESH)))
			continue;
		if (wn_same_page(&l->key, &key)) {
			if (wn_page_turn(l->anchor, &r->number) ==
			    WN_TURN_NUMBER)
				row->self = r->number;
			continue;
		}
		if (read_link(row, l, d->link_nodes[i], r) &&
		    !speaks_of_comments(l->url) &&
		    !is_elsewhere(row, d->link_nodes[i]))
			row->n++;
	}
	gather_options(row, &key);
	return 0;
}
