/* extract.c - which element holds the article.
 *
 * Every block gets a value: what it has of running text, less what a line of
 * its kind costs. Links, short lines without a mark and lines that
 * boilerplate.c knows have negative values, elements that roles.c knows as
 * furniture none. The article is the element whose blocks add up to the most;
 * since a subtree is a run of blocks, each element's sum is one difference of
 * running sums, and choosing is one pass. prune.c then goes through the
 * blocks inside.
 *
 * Invariants
 *  X1  A block is kept or has a kind and a rule; the counts in pub.removed are
 *      those of the blocks that are not kept.
 *  X2  Kept blocks are inside d->content.
 *  X3  The cost is linear in nodes plus blocks plus bytes of text. */
#include "cleaner/extract.h"
#include "cleaner/forum.h"
#include "cleaner/parts.h"
#include "cleaner/site.h"
#include "cleaner/state.h"

#include <stdlib.h>
#include <string.h>

#define THIN 60.0 /* units: less is no article, look again */

/* What a block costs that is no running text: enough that an element with
 * ten of them for one paragraph loses against the one that holds it tightly,
 * little enough that a long list of links beside an article (all of which
 * prune.c takes away) does not. Tried on the development sets. */
#define COST_LINE 18.0
#define COST_KNOWN 8.0
#define COST_LINKS 12.0
#define COST_LINK 0.3 /* a unit of linked text */

static double
weight(const struct wn_block *b)
{
	return b->chars + 1.5 * b->cjk;
}

double
wn_plain(const struct wn_block *b)
{
	return b->chars == 0
		   ? 0
		   : weight(b) * (b->chars - b->link_chars) / b->chars;
}

double
wn_linked(const struct wn_block *b)
{
	return b->chars == 0 ? 0 : weight(b) * b->link_chars / b->chars;
}

/* ---- preparation --------------------------------------------------------- */

static int
prepare_arrays(struct wn_extractor *x)
{
	struct wn_arena *a = x->d->arena;
	size_t nodes = x->t->n + 1, blocks = x->n + 1;

	x->from = wn_alloc(a, nodes * sizeof(*x->from));
	x->zone = wn_alloc(a, nodes * sizeof(*x->zone));
	x->good = wn_zalloc(a, nodes);
	x->line = wn_alloc(a, blocks * sizeof(*x->line));
	x->again = wn_zalloc(a, blocks * sizeof(*x->again));
	x->teaser = wn_zalloc(a, blocks);
	x->units = wn_zalloc(a, blocks * sizeof(*x->units));
	x->links = wn_zalloc(a, blocks * sizeof(*x->links));
	x->value = wn_zalloc(a, blocks * sizeof(*x->value));
	x->marks = wn_zalloc(a, blocks * sizeof(*x->marks));
	if (x->from == NULL || x->zone == NULL || x->good == NULL ||
	    x->line == NULL || x->again == NULL || x->teaser == NULL ||
	    x->units == NULL || x->links == NULL || x->value == NULL ||
	    x->marks == NULL)
		return WINNOW_ETOOBIG;
	return 0;
}

static void
sum_blocks(struct wn_extractor *x)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < x->n; i++) {
		/* links that nobody sees make no list of links */
		int seen = x->b[i].kind != WINNOW_KIND_HIDDEN;

		x->units[i + 1] = x->units[i] + wn_plain(&x->b[i]);
		x->links[i + 1] = x->links[i] + seen * wn_linked(&x->b[i]);
		x->marks[i + 1] = x->marks[i] + x->b[i].marks;
	}
	for (uint32_t i = 0; i <= x->t->n; i++) {
		while (k < x->n && x->b[k].first < i)
			k++;
		x->from[i] = k;
	}
}

/* ---- furniture ----------------------------------------------------------- */

/* A SOFT element is furniture when its text looks like it: links, or short
 * lines without marks. */
static int
looks_like_furniture(const struct wn_extractor *x, uint32_t i)
{
	uint32_t a = x->from[i], e = wn_past(x, i);
	double u = x->units[e] - x->units[a], l = x->links[e] - x->links[a];
	double m = x->marks[e] - x->marks[a];

	return l > 0.5 * (u + l) || u < 40.0 * (e - a) || m * 120 < u ||
	       u < 150;
}

/* The most text, in units, that furniture of a kind has; 0: any amount. More
 * is the article in an element with a misleading name. */
static double
most_text(int kind)
{
	switch (kind) {
	case WINNOW_KIND_TOOLBAR:
	case WINNOW_KIND_SHARE_TOOLBAR:
	case WINNOW_KIND_META:
	case WINNOW_KIND_BREADCRUMB:
	case WINNOW_KIND_PAGINATION:
	case WINNOW_KIND_PREV_NEXT:
	case WINNOW_KIND_PLAYER:
	case WINNOW_KIND_KEYWORDS:
	case WINNOW_KIND_WATERMARK:
		return 220;
	case WINNOW_KIND_CAPTION:
		return 700;
	case WINNOW_KIND_BYLINE:
		return 1200;
	default:
		return 0;
	}
}

#define FORM_BLOCKS 60
#define TOOLS_MAX 400  /* units of the words of a toolbar */
#define TITLED 400     /* units of an element that is more than a head */
#define SHORT_POST 500 /* units of a post that answers may outweigh */

/* A form of fields and their names; some systems wrap the whole page in one. */
static int
is_small_form(const struct wn_extractor *x, uint32_t i)
{
	uint32_t a = x->from[i], e = wn_past(x, i);

	if (e - a > FORM_BLOCKS || x->units[e] - x->units[a] > 100.0 * (e - a))
		return 0;
	for (; a < e; a++)
		if (wn_plain(&x->b[a]) > 300)
			return 0;
	return 1;
}

/* The title stands in the article, not in what is round it: an element that
 * holds the title and text of its own is none, whatever it is called. */
static int
holds_article(const struct wn_extractor *x, uint32_t i)
{
	uint32_t a = x->from[i], e = wn_past(x, i);

	return a <= x->title && x->title < e &&
	       x->units[e] - x->units[x->title] > TITLED &&
	       x->marks[e] - x->marks[a] > 2;
}

/* Blocks of running text in an element. */
static uint32_t
paragraphs(const struct wn_extractor *x, uint32_t i, double least)
{
	uint32_t n = 0, e = wn_past(x, i);

	for (uint32_t k = x->from[i]; k < e; k++) {
		double u = wn_plain(&x->b[k]);

		n += u >= least && x->b[k].marks > 0 && !x->b[k].heading &&
		     wn_linked(&x->b[k]) < 0.2 * u;
	}
	return n;
}

/* Blocks of an element that are more than a name. */
static uint32_t
lines(const struct wn_extractor *x, uint32_t i, double least)
{
	uint32_t n = 0, e = wn_past(x, i);

	for (uint32_t k = x->from[i]; k < e; k++)
		n += wn_plain(&x->b[k]) >= least;
	return n;
}

static int
is_furniture(const struct wn_extractor *x, uint32_t i, struct wn_role r)
{
	uint32_t a = x->from[i], e = wn_past(x, i);
	double units = x->units[e] - x->units[a];
	double share = units / (x->units[x->n] + 1), most;

	if (x->t->nodes[i].tag == WN_TAG_FORM && is_small_form(x, i))
		return 1;
	if (r.strength != WN_TALK && !x->forum && holds_article(x, i))
		return 0;
	if (x->forum && units >= 80 &&
	    (r.strength == WN_SOFT || r.kind == WINNOW_KIND_BYLINE))
		return share <= 0.2 && r.kind != WINNOW_KIND_BYLINE &&
		       looks_like_furniture(x, i);
	/* what is printed is the text, without its tools */
	if (r.strength == WN_SOFT && r.kind == WINNOW_KIND_TOOLBAR &&
	    units > TOOLS_MAX)
		return 0;
	if (r.strength == WN_SOFT)
		return share <= 0.4 && looks_like_furniture(x, i);
	if (r.strength == WN_TALK)
		return 1;
	/* "sidebar" of a layout whose main column is in it */
	if ((r.kind == WINNOW_KIND_NAV || r.kind == WINNOW_KIND_FOOTER ||
		r.kind == WINNOW_KIND_COPYRIGHT) &&
	    units > (x->forum ? 150 : 500) && !looks_like_furniture(x, i) &&
	    x->links[e] - x->links[a] < 0.15 * units &&
	    x->t->nodes[i].tag != WN_TAG_FOOTER &&
	    x->t->nodes[i].tag != WN_TAG_NAV)
		return 0;
	if (r.kind == WINNOW_KIND_COOKIE)
		return share <= 0.8;
	if (r.kind == WINNOW_KIND_CAPTION &&
	    (paragraphs(x, i, 80) > 1 || lines(x, i, 25) > 2))
		return 0;
	most = most_text(r.kind);
	if (most > 0 && most <= 220 && paragraphs(x, i, most) > 0)
		return 0;
	if (most > 0 && units > most && looks_like_furniture(x, i) == 0)
		return 0;
	return share <= (x->forum ? 0.25 : 0.5);
}

/* Which elements are furniture, and which may be the article. Each inherits
 * from its parent, which stands before it. */
static int
find_zones(struct wn_extractor *x)
{
	struct wn_roles *roles = wn_roles_new(x->d->arena, x->d->w->role_rows);
	uint32_t code = 0; /* names in highlighted code are the code's */

	if (roles == NULL)
		return WINNOW_ETOOBIG;
	x->zone[0] = (struct wn_zone){.kind = -1};
	for (uint32_t i = 1; i < x->t->n; i++) {
		const struct wn_node *n = &x->t->nodes[i];
		struct wn_zone *z = &x->zone[i];
		struct wn_role r;

		*z = x->zone[n->parent];
		if (n->tag == WN_TAG_TEXT || x->from[i] == wn_past(x, i) ||
		    (z->kind >= 0 && z->strength == WN_HARD) || i < code)
			continue;
		if (n->tag == WN_TAG_PRE)
			code = n->end;
		r = wn_role(roles, x->t, i);
		if (r.strength == WN_PLUS || r.strength == WN_BEST)
			x->good[i] = r.strength;
		if (r.strength == WN_NEUTRAL || r.strength >= WN_PLUS ||
		    z->kind >= 0 || !is_furniture(x, i, r))
			continue;
		*z = (struct wn_zone){r.kind, r.strength, r.rule};
	}
	return 0;
}

#define PARTS 8 /* more heads or feet than that are those of items */

/* Items of a list of things have heads and feet too: what a page has many of
 * is not the page's. */
static void
free_parts(struct wn_extractor *x, const char *word)
{
	const struct wn_node *nodes = x->t->nodes;
	uint32_t n = 0, texts = 0;

	for (uint32_t i = 1; i < x->t->n; i++) {
		const char *rule = x->zone[i].rule;

		if (x->zone[i].kind >= 0 && rule != NULL &&
		    x->zone[nodes[i].parent].rule != rule &&
		    strcmp(rule, word) == 0) {
			n++;
			texts += lines(x, i, 60) > 0;
		}
	}
	if (n <= PARTS || texts * 2 < n)
		return;
	for (uint32_t i = 1; i < x->t->n; i++)
		if (x->zone[i].kind >= 0 && x->zone[i].rule != NULL &&
		    strcmp(x->zone[i].rule, word) == 0)
			x->zone[i] = (struct wn_zone){.kind = -1};
}

int
wn_is_out(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_zone *z = &x->zone[x->b[i].first];

	if (x->b[i].kind == WINNOW_KIND_HIDDEN && !x->with_hidden)
		return 1;
	if (z->kind < 0 || !x->with_roles ||
	    (wn_seen(x, i) == WN_INSIDE && z->kind != WINNOW_KIND_CAPTION))
		return 0;
	return !(z->strength == WN_TALK && x->with_talk);
}

/* ---- lines --------------------------------------------------------------- */

#define LEAD 60        /* units of one; edges.c judges it by its place */
#define LEAD_BLOCKS 40 /* that may stand between title and article */

#define AGAIN_SLOTS 4096
#define AGAIN_ALONE 200 /* units of a copy that needs no other near it */
#define AMONG 4
#define AGAIN_MIN 100 /* units: shorter lines may repeat (refrains) */

/* Does a copy of a line stand near another, as the originals do? Questions of
 * interviews and signatures repeat alone. */
static int
is_among_copies(const struct wn_extractor *x, uint32_t i)
{
	uint32_t orig = x->again[i], k = i > AMONG ? i - AMONG : 0;

	for (; k <= i + AMONG && k < x->n; k++)
		if (k != i && x->again[k] && x->again[k] + AMONG >= orig &&
		    x->again[k] <= orig + AMONG)
			return 1;
	return 0;
}

static void
forget_single_repeats(struct wn_extractor *x)
{
	for (uint32_t i = 0; i < x->n; i++)
		if (x->again[i] && weight(&x->b[i]) < AGAIN_ALONE &&
		    !is_among_copies(x, i))
			x->again[i] = 0;
}

/* Marks long blocks that repeat an earlier one: a copy for the printer, a
 * statement printed twice. */
static int
find_repeats(struct wn_extractor *x)
{
	uint32_t *slot = wn_zalloc(x->d->arena, AGAIN_SLOTS * sizeof(*slot));
	uint64_t h;

	if (slot == NULL)
		return WINNOW_ETOOBIG;
	for (uint32_t i = 0; i < x->n; i++) {
		const struct wn_str *s = &x->b[i].text;
		uint32_t *at, tries = 0;

		if (weight(&x->b[i]) < AGAIN_MIN || wn_is_out(x, i))
			continue;
		h = 14695981039346656037ull;
		for (size_t k = 0; k < s->n; k++)
			h = (h ^ (unsigned char)s->p[k]) * 1099511628211ull;
		for (h ^= h >> 29;; h++) {
			at = &slot[h % AGAIN_SLOTS];
			if (*at == 0 || ++tries > 8)
				break;
			const struct wn_str *o = &x->b[*at - 1].text;
			if (o->n == s->n && memcmp(o->p, s->p, s->n) == 0) {
				x->again[i] = *at;
				x->repeats = 1;
				break;
			}
		}
		if (!x->again[i])
			*at = i + 1;
	}
	if (x->repeats)
		forget_single_repeats(x);
	return 0;
}

static int
read_lines(struct wn_extractor *x)
{
	const char *title = x->d->pub.title;
	struct wn_lines *l;

	if (title == NULL)
		title = x->d->h1;
	l = wn_lines_new(
	    x->d->arena, x->d->w->line_rows, title, x->d->title_tag);
	if (l == NULL)
		return WINNOW_ETOOBIG;
	for (uint32_t i = 0; i < x->n; i++)
		wn_line(l, &x->b[i], &x->line[i]);
	x->lines = l;
	return 0;
}

/* The heading that says the title. */
static void
find_title(struct wn_extractor *x)
{
	uint32_t i = 0;

	while (i < x->n && !(x->b[i].heading && x->b[i].kind < 0 &&
			       x->line[i].title == WN_TITLE_SAME))
		i++;
	x->title = i;
}

/* A lead inside of the title's own <header> is text. */
static void
free_leads(struct wn_extractor *x)
{
	uint32_t i = x->title, head;

	if (i == x->n || x->zone[x->b[i].first].strength != WN_SOFT)
		return;
	head = x->b[i].first;
	while (x->zone[x->t->nodes[head].parent].kind >= 0)
		head = x->t->nodes[head].parent;
	for (i++; i < wn_past(x, head); i++) {
		const struct wn_block *b = &x->b[i];

		if (wn_plain(b) < LEAD || b->marks == 0 || b->heading ||
		    wn_linked(b) > 0.2 * wn_plain(b) ||
		    x->zone[b->first].kind != x->zone[head].kind ||
		    x->zone[b->first].rule != x->zone[head].rule)
			continue;
		for (uint32_t k = b->first; k < b->end; k++)
			x->zone[k].kind = -1;
	}
}

/* ---- teasers ------------------------------------------------------------ */

#define TEASER_MAX 420 /* units of the beginning of another article */
#define TEASERS 3      /* in a row, before they are taken for a list */

enum line_class { LINE_SMALL, LINE_LINK, LINE_TEXT, LINE_LONG };

static enum line_class
classify(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];
	double u = wn_plain(b), l = wn_linked(b);

	if (x->line[i].any.act != WN_ACT_NONE || wn_is_out(x, i))
		return LINE_SMALL;
	if (l > (b->heading ? 4 : 20) && l > 1.5 * u)
		return LINE_LINK;
	if (b->marks == 0 || u < 50)
		return LINE_SMALL;
	return u > TEASER_MAX ? LINE_LONG : LINE_TEXT;
}

/* Do a link and the text below it stand in a box that holds neither the line
 * above the link nor, as far as is known, the next one? */
static int
share_card(const struct wn_extractor *x, uint32_t link, uint32_t text)
{
	uint32_t node = x->b[text].node;

	for (int up = 0; up < 8 && node > 0; up++) {
		if (node <= x->b[link].first)
			return x->from[node] == link ||
			       wn_past(x, node) - x->from[node] <= 6;
		node = x->t->nodes[node].parent;
	}
	return 0;
}

static void
mark_teasers(struct wn_extractor *x, uint32_t beg, uint32_t end, int groups)
{
	if (groups >= TEASERS)
		memset(x->teaser + beg, 1, end - beg);
}

/* A link, one or two short paragraphs, a link, one or two short paragraphs:
 * the beginnings of other articles. */
static void
find_teasers(struct wn_extractor *x)
{
	uint32_t beg = 0, end = 0, texts = 0;
	int groups = 0, open = 0;

	for (uint32_t i = 0; i < x->n; i++) {
		enum line_class c = classify(x, i);

		if (c == LINE_SMALL)
			continue;
		if (c == LINE_LINK) {
			if (open && texts > 0)
				groups++;
			else if (!open)
				beg = i;
			open = 1;
			texts = 0;
			end = i;
			continue;
		}
		if (!open)
			continue;
		if (c == LINE_LONG || ++texts > 2 || !share_card(x, end, i)) {
			mark_teasers(x, beg, end, groups);
			open = groups = 0;
			texts = 0;
		}
	}
	if (open)
		mark_teasers(
		    x, beg, texts > 0 ? x->n : end, groups + (texts > 0));
}

/* ---- choosing ------------------------------------------------------------ */

static double
block_value(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];
	double u = wn_plain(b), l = wn_linked(b);

	if (wn_is_out(x, i) || x->again[i] || x->teaser[i])
		return 0;
	if (x->forum ||
	    x->loose) /* posts stand between lines about their writers */
		return l > 1.5 * u || x->line[i].any.act != WN_ACT_NONE
			   ? -4
			   : u * (b->marks > 0 ? 1 : 0.5) - 6;
	if (x->line[i].any.act != WN_ACT_NONE)
		return -COST_KNOWN;
	if (wn_seen(x, i) == WN_INSIDE && l < u)
		return u;
	if (l > 1.5 * u)
		return -COST_LINKS - COST_LINK * (l > 160 ? 160 : l);
	if (b->pre)
		return u;
	if (b->row)
		return 0.6 * u - 10;
	if (b->heading)
		return u > 18 ? 0.4 * u : 0;
	if (b->marks == 0)
		u *= u < 60 ? 0.3 : 0.7;
	return u - COST_LINE - 0.5 * l;
}

/* How much an element's name says that it is the article. */
static double
likely(const struct wn_extractor *x, uint32_t i)
{
	uint16_t tag = x->t->nodes[i].tag;

	if (x->good[i] == WN_BEST)
		return 1.3;
	if (x->good[i] == WN_PLUS)
		return 1.12;
	return tag == WN_TAG_BODY || tag == WN_TAG_HTML || tag == WN_TAG_ROOT
		   ? 0.9
		   : 1.0;
}

/* An article begins below its title, and not far below; readers answer below
 * it. */
static double
near_title(const struct wn_extractor *x, uint32_t i)
{
	uint32_t a = x->from[i];

	if (!x->forum && a >= x->answers)
		return 0.3;
	if (x->forum || x->title == x->n)
		return 1;
	if (wn_past(x, i) <= x->title)
		return 0.5;
	return a <= x->title + 30 ? 1 : 0.6;
}

/* Elements that hold paragraphs; a paragraph is not an article. */
static int
is_candidate(const struct wn_extractor *x, uint32_t i)
{
	uint16_t tag = x->t->nodes[i].tag;

	if (tag == WN_TAG_P || tag == WN_TAG_LI || tag == WN_TAG_TR ||
	    tag == WN_TAG_TEXT || (wn_tag_flags[tag] & WN_HEADING) ||
	    (wn_tag_flags[tag] & WN_INLINE))
		return 0;
	return x->from[i] < wn_past(x, i);
}

/* A lead that stands between the title and the element that was chosen
 * belongs to the article: the content becomes the element that holds both. */
static void
take_lead(struct wn_extractor *x)
{
	uint32_t lead = x->n, node = x->d->content;
	int near = 1, title = 0;

	for (uint32_t i = x->beg;
	     i-- > 0 && x->beg - i <= LEAD_BLOCKS && !title;) {
		const struct wn_block *b = &x->b[i];

		title = x->line[i].title == WN_TITLE_SAME ||
			(b->heading && x->line[i].title == WN_TITLE_PART);
		if (wn_linked(b) > 60)
			near = 0;
		if (near && !title && b->marks > 0 &&
		    (!b->heading || wn_plain(b) > 120) &&
		    block_value(x, i) > 40 &&
		    x->line[i].head.act == WN_ACT_NONE)
			lead = i;
	}
	if (!title || lead == x->n)
		return;
	while (node > 0 && x->t->nodes[node].tag != WN_TAG_BODY &&
	       x->from[node] > lead)
		node = x->t->nodes[node].parent;
	if (x->from[node] > lead)
		return;
	x->d->content = node;
	x->beg = lead;
}

static void
choose(struct wn_extractor *x)
{
	double best = -1e30, v;
	uint32_t node = 0;

	for (uint32_t i = 0; i < x->n; i++)
		x->value[i + 1] = x->value[i] + block_value(x, i);
	for (uint32_t i = 0; i < x->t->n; i++) {
		if (!is_candidate(x, i))
			continue;
		v = x->value[wn_past(x, i)] - x->value[x->from[i]];
		v *= v > 0 ? likely(x, i) * near_title(x, i) : 1;
		if (v >= best) {
			best = v;
			node = i;
		}
	}
	/* One block is a paragraph in a <div>: its neighbours belong to it. */
	while (node > 0 && wn_past(x, node) - x->from[node] == 1 &&
	       x->good[node] == 0 && x->t->nodes[node].tag == WN_TAG_DIV)
		node = x->t->nodes[node].parent;
	x->d->content = node;
	x->beg = x->from[node];
	x->end = wn_past(x, node);
	if (!x->forum) {
		take_lead(x);
		wn_take_last_words(x);
		wn_take_signature(x);
	}
}

/* ---- threads ------------------------------------------------------------ */

/* Readers' words, in units. */
static double
talk(const struct wn_extractor *x)
{
	double sum = 0;

	for (uint32_t i = 0; i < x->n; i++) {
		const struct wn_zone *z = &x->zone[x->b[i].first];

		if (z->kind >= 0 && z->strength == WN_TALK)
			sum += wn_plain(&x->b[i]);
	}
	return sum;
}

#define WEAK 300     /* units: little for an article */
#define NAMED_MIN 15 /* units of a text that only its element's name shows */

/* The first element below the title that says that it holds the article; a
 * text of one line is outweighed by any box of the page. */
static uint32_t
find_named(const struct wn_extractor *x)
{
	uint32_t title = x->n;

	for (uint32_t i = 0; i < x->n && title == x->n; i++)
		if (x->line[i].title == WN_TITLE_SAME &&
		    x->zone[x->b[i].first].kind < 0)
			title = i;
	for (uint32_t i = 0; title < x->n && i < x->t->n; i++) {
		uint32_t a = x->from[i], e = wn_past(x, i);
		double units = x->units[e] - x->units[a];

		if (x->good[i] == WN_BEST && x->zone[i].kind < 0 &&
		    is_candidate(x, i) && e > title + 1 && a + 1 >= title &&
		    units >= NAMED_MIN && x->links[e] - x->links[a] < units)
			return i;
	}
	return 0;
}

static double
take_named(struct wn_extractor *x, double kept)
{
	uint32_t node = find_named(x), before = x->d->content;

	if (node == 0 || (node >= before && node < x->t->nodes[before].end) ||
	    (before >= node && before < x->t->nodes[node].end))
		return kept;
	x->d->content = node;
	x->beg = x->from[node];
	x->end = wn_past(x, node);
	return wn_prune(x);
}

/* Looks again, less strictly each time, until there is an article. */
static double
find_article(struct wn_extractor *x)
{
	double kept;

	x->with_roles = 1;
	x->with_talk = x->forum;
	choose(x);
	kept = wn_prune(x);
	if (kept >= THIN)
		return kept;
	x->with_talk = 1;
	choose(x);
	if (wn_prune(x) >= THIN)
		return wn_prune(x);
	x->with_hidden = 1;
	choose(x);
	if (wn_prune(x) >= 4 * THIN)
		return wn_prune(x);
	x->with_hidden = x->with_roles = 0;
	choose(x);
	if (wn_prune(x) >= 4 * THIN)
		return wn_prune(x);
	x->with_roles = 1;
	x->with_talk = x->forum;
	x->loose = 1;
	choose(x);
	if (wn_prune(x) >= 8 * THIN)
		return wn_prune(x);
	x->loose = 0;
	choose(x);
	return wn_prune(x);
}

/* The posts when they have a shape in common, else whatever an article would
 * be found by. */
static double
find_thread(struct wn_extractor *x, int posts)
{
	double kept;

	if (posts) {
		wn_forum_set_content(x);
		wn_prune(x);
	} else if ((kept = find_article(x)) <= 0) {
		return kept;
	}
	return wn_forum_prune(x);
}

/* ---- the record's counts ------------------------------------------------ */

static void
count_removed(struct wn_doc *d)
{
	double links = 0, all = 0;

	for (size_t i = 0; i < d->nblocks; i++) {
		const struct wn_block *b = &d->blocks[i];

		if (!b->kept) {
			d->pub.removed[b->kind]++;
			continue;
		}
		links += b->link_chars;
		all += b->chars;
	}
	d->pub.link_density = all > 0 ? links / all : 0;
}

/* Texts under pictures, for the record. */
static int
collect_captions(struct wn_doc *d)
{
	size_t n = 0, k = 0;
	const char **v;

	for (size_t i = 0; i < d->nblocks; i++)
		n += !d->blocks[i].kept &&
		     d->blocks[i].kind == WINNOW_KIND_CAPTION;
	if (n == 0)
		return 0;
	v = wn_alloc(d->arena, n * sizeof(*v));
	for (size_t i = 0; v != NULL && i < d->nblocks; i++) {
		const struct wn_block *b = &d->blocks[i];

		if (b->kept || b->kind != WINNOW_KIND_CAPTION)
			continue;
		v[k] = wn_strndup(d->arena, b->text.p, b->text.n);
		if (v[k++] == NULL)
			return WINNOW_ETOOBIG;
	}
	if (v == NULL)
		return WINNOW_ETOOBIG;
	d->pub.captions = (struct winnow_list){v, n};
	return 0;
}

int
wn_stage_extract(struct wn_doc *d)
{
	struct wn_extractor x = {
	    .d = d, .t = d->tree, .b = d->blocks, .n = (uint32_t)d->nblocks};
	double kept;
	int err, evidence, posts;

	d->content = 0;
	if ((err = prepare_arrays(&x)) != 0)
		return err;
	sum_blocks(&x);
	evidence = wn_forum_evidence(&x);
	x.forum = evidence >= 2;
	if ((err = read_lines(&x)) != 0)
		return err;
	find_title(&x);
	if (!x.forum && (err = wn_read_witness(&x)) != 0)
		return err;
	if ((err = find_zones(&x)) != 0 || (err = find_repeats(&x)) != 0)
		return err;
	if (!x.forum) {
		free_parts(&x, "header");
		free_parts(&x, "footer");
		free_leads(&x);
	}
	if (!x.forum)
		find_teasers(&x);
	x.with_roles = x.with_talk = 1;
	posts = evidence >= 0 && wn_forum_find(&x, x.forum);
	x.forum |= posts;
	if (!x.forum)
		wn_find_answers(&x);
	kept = x.forum ? find_thread(&x, posts) : find_article(&x);
	if (kept < WEAK && !x.forum)
		kept = take_named(&x, kept);
	if (evidence == 1 && kept < SHORT_POST && talk(&x) > 2 * kept) {
		x.forum = 1;
		kept = find_thread(&x, wn_forum_find(&x, 1));
	}
	if (kept > 0 && wn_is_no_article(&x, kept))
		kept = wn_prune_all(&x);
	if ((err = wn_site_page(&x, &kept)) != 0)
		return err;
	for (uint32_t i = 0; i < x.n; i++)
		x.b[i].score = (float)(x.value[i + 1] - x.value[i]);
	wn_label_outside(&x);
	wn_page_type(&x, kept);
	wn_link_places(&x);
	if ((err = wn_find_parts(&x)) != 0)
		return err;
	if ((err = wn_split_blocks(&x)) != 0)
		return err;
	count_removed(d);
	return collect_captions(d);
}
