/* explain_blocks.c - the page's text in its order.
 *
 * What was kept is set as the element it was. What was removed one after the
 * other, of one kind and by one rule, shares a box: its summary has the kind,
 * the lines, the rule and the scores, and opened it tells what the kind means,
 * where on the page this was, and the way to the next of the kind.
 *
 * Invariants
 *  XB1  Every block is shown once, in order, with id b<number>, unless the
 *       bounds below are met: then the page says how many are not.
 *  XB2  What is shown is decided before anything is written, so that no link
 *       leads nowhere. Kept blocks do not give way to removed ones. */
#include "cleaner/explain.h"

#include <math.h>
#include <string.h>

#include "cleaner/html.h"

enum {
	REMOVED_BYTES = 1 << 19, /* of text, with BOX and LINE for the markup */
	KEPT_BYTES = 3 << 20,
	BOX = 256,
	LINE = 48,
	ONE_REMOVED = 8 << 10, /* bytes of a block */
	ONE_KEPT = 256 << 10,
	GROUP = 100,     /* blocks that share a box */
	SHORT_LINE = 60, /* characters of lines that share a line */
	PATH = 3,        /* elements that tell where a block was */
	NAME = 40        /* bytes of a class or id in it */
};

static const char *const kind_words[WINNOW_KIND_N] = {
#define K(key, name, words) [WINNOW_KIND_##key] = words,
#include "cleaner/kinds.def"
#undef K
};

/* ---- groups -------------------------------------------------------------- */

static int
kind_of(const struct wn_block *k)
{
	return k->kind >= 0 && k->kind < WINNOW_KIND_N ? k->kind
						       : WINNOW_KIND_OTHER;
}

static const char *
rule_of(const struct wn_block *k)
{
	return k->rule != NULL ? k->rule : "";
}

static int
belongs(const struct wn_explain *x, const struct wn_group *g, uint32_t i)
{
	const struct wn_block *a = &x->d->blocks[g->beg];
	const struct wn_block *b = &x->d->blocks[i];

	return !g->kept && !b->kept && g->end - g->beg < GROUP &&
	       kind_of(a) == kind_of(b) && strcmp(rule_of(a), rule_of(b)) == 0;
}

static size_t
cost(const struct wn_explain *x, const struct wn_group *g)
{
	size_t sum = g->kept ? 0 : BOX;

	for (uint32_t i = g->beg; i < g->end; i++) {
		size_t n = x->d->blocks[i].text.n;
		size_t most = g->kept ? ONE_KEPT : ONE_REMOVED;

		sum += LINE + (n < most ? n : most);
	}
	return sum;
}

/* Chains the boxes of each kind. */
static void
chain(struct wn_explain *x)
{
	uint32_t last[WINNOW_KIND_N] = {0};

	for (uint32_t i = 0; i < x->ngroups; i++) {
		struct wn_group *g = &x->groups[i];

		if (g->kept || !g->shown)
			continue;
		g->prev = last[g->kind];
		if (g->prev != 0)
			x->groups[g->prev - 1].next = i + 1;
		else
			x->first[g->kind] = i + 1;
		last[g->kind] = i + 1;
	}
}

static int
find_blocks(struct wn_explain *x)
{
	const struct wn_doc *d = x->d;
	size_t n = d->tree != NULL ? d->tree->n : 0;

	x->block_of = wn_zalloc(d->arena, (n + 1) * sizeof(x->block_of[0]));
	if (x->block_of == NULL)
		return WINNOW_ENOMEM;
	for (uint32_t i = 0; i < d->nblocks; i++)
		if (d->blocks[i].node < n &&
		    x->block_of[d->blocks[i].node] == 0)
			x->block_of[d->blocks[i].node] = i + 1;
	return 0;
}

int
wn_explain_groups(struct wn_explain *x)
{
	const struct wn_doc *d = x->d;
	size_t room[2] = {REMOVED_BYTES, KEPT_BYTES}, c;
	struct wn_group *g = NULL;

	x->groups = wn_zalloc(d->arena, (d->nblocks + 1) * sizeof(*g));
	if (x->groups == NULL || find_blocks(x) != 0)
		return WINNOW_ENOMEM;
	for (uint32_t i = 0; i < d->nblocks; i++) {
		if (d->blocks[i].kept)
			x->kept++;
		else
			x->removed++;
		if (g != NULL && belongs(x, g, i)) {
			g->end++;
			continue;
		}
		g = &x->groups[x->ngroups++];
		g->beg = i;
		g->end = i + 1;
		g->kept = d->blocks[i].kept;
		g->kind = (int16_t)kind_of(&d->blocks[i]);
	}
	for (size_t i = 0; i < x->ngroups; i++) {
		g = &x->groups[i];
		c = cost(x, g);
		g->shown = c <= room[g->kept];
		room[g->kept] -= g->shown ? c : room[g->kept];
	}
	chain(x);
	return 0;
}

/* ---- what was kept ------------------------------------------------------- */

static void
put_repaired(struct wn_explain *x, const struct wn_span *s)
{
	int linked = s->row <= WN_EXPLAIN_ROWS, any = 0;

	if (linked)
		wn_buf_printf(&x->b, "<a class=\"x\" href=\"#p%u\"", s->row);
	else
		wn_buf_puts(&x->b, "<span class=\"x\"");
	wn_buf_puts(&x->b, " data-repair=\"");
	for (int k = 0; k < WINNOW_REPAIR_N; k++)
		if (s->kinds & 1u << k)
			wn_buf_printf(&x->b, "%s%s", any++ ? ", " : "",
			    winnow_repair_name((enum winnow_repair_kind)k));
	wn_buf_puts(&x->b, "\">");
	wn_explain_side(x, "del", s->was, ONE_KEPT);
	wn_explain_side(x, "ins", s->now, ONE_KEPT);
	wn_buf_puts(&x->b, linked ? "</a>" : "</span>");
}

static void
put_mended(struct wn_explain *x, const struct wn_span *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i].kinds != 0)
			put_repaired(x, &s[i]);
		else
			wn_explain_text(x, s[i].now.p, s[i].now.n);
}

/* Was the line joined to the one before? */
static int
is_joined(const struct wn_explain *x, uint32_t block)
{
	uint32_t end = x->trace.first[block + 1];

	return end > x->trace.first[block] &&
	       x->trace.rows[end - 1]->kind == WINNOW_REPAIR_COLUMN_BREAK;
}

static void
put_cells(struct wn_explain *x, struct wn_str s, const char *cell)
{
	const char *end = s.p + s.n, *p = s.p, *tab;

	for (;; p = tab + 1) {
		if ((tab = memchr(p, '\t', (size_t)(end - p))) == NULL)
			tab = end;
		wn_buf_printf(&x->b, "<%s>", cell);
		wn_explain_text(x, p, (size_t)(tab - p));
		wn_buf_printf(&x->b, "</%s>", cell);
		if (tab == end)
			return;
	}
}

static void
put_kept_text(struct wn_explain *x, uint32_t i, int row)
{
	const struct wn_block *k = &x->d->blocks[i];
	struct wn_span *spans = NULL;
	size_t n = k->text.n <= ONE_KEPT
		       ? wn_trace_block(&x->trace, i + 1, k->text, &spans)
		       : 0;

	if (row && n == 0 && k->text.n <= ONE_KEPT) {
		put_cells(x, k->text, k->head ? "th" : "td");
		return;
	}
	wn_buf_puts(&x->b, row ? "<td>" : "");
	if (is_joined(x, i + 1))
		wn_buf_puts(&x->b, "<span class=\"x\" "
				   "data-repair=\"column_break\"><del>¶</del>"
				   "</span>");
	if (n > 0)
		put_mended(x, spans, n);
	else
		wn_explain_clip(x, k->text, ONE_KEPT);
	wn_buf_puts(&x->b, row ? "</td>" : "");
}

enum { ORDERED_ITEM = WN_FORM_PRE + 1 };

/* How each form is set: around a run of its lines, and each line. */
static const struct form {
	const char *open, *close, *tag;
} forms[] = {
    [WN_FORM_PLAIN] = {"", "", "p"},
    [1] = {"", "", "h3"},
    [2] = {"", "", "h3"},
    [3] = {"", "", "h3"},
    [4] = {"", "", "h3"},
    [5] = {"", "", "h3"},
    [6] = {"", "", "h3"},
    [WN_FORM_ITEM] = {"<ul class=\"k\">\n", "</ul>\n", "li"},
    [WN_FORM_ROW] = {"<div class=\"k wide\" role=\"group\" tabindex=\"0\" "
		     "aria-label=\"table\"><table>\n",
	"</table></div>\n", "tr"},
    [WN_FORM_QUOTE] = {"<blockquote class=\"k\">\n", "</blockquote>\n", "p"},
    [WN_FORM_PRE] = {"", "", "pre"},
    [ORDERED_ITEM] = {"<ol class=\"k\">\n", "</ol>\n", "li"},
};

static unsigned
form_of(const struct wn_block *k)
{
	if (k->heading != 0)
		return k->heading <= 6 ? k->heading : 6;
	if (k->row)
		return WN_FORM_ROW;
	if (k->pre)
		return WN_FORM_PRE;
	if (k->item)
		return k->ordered ? ORDERED_ITEM : WN_FORM_ITEM;
	return k->quote ? WN_FORM_QUOTE : WN_FORM_PLAIN;
}

static void
put_score(struct wn_explain *x, float score)
{
	if (isfinite(score))
		wn_buf_printf(&x->b, " data-score=\"%.1f\"", (double)score);
}

static void
put_kept(struct wn_explain *x, uint32_t i, unsigned form)
{
	const struct wn_block *k = &x->d->blocks[i];
	const char *tag = forms[form].tag;

	wn_buf_printf(&x->b, "<%s id=\"b%u\" dir=\"auto\"", tag, i + 1);
	if (form >= 1 && form <= 6)
		wn_buf_printf(
		    &x->b, " class=\"k h%u\" data-tag=\"h%u\"", form, form);
	else if (*forms[form].open == '\0')
		wn_buf_puts(&x->b, " class=\"k\"");
	else if (k->depth > 1)
		wn_buf_printf(
		    &x->b, " class=\"d%d\"", k->depth < 4 ? k->depth : 4);
	wn_buf_puts(&x->b, " data-rule=\"");
	wn_explain_text(x, rule_of(k), strlen(rule_of(k)));
	wn_buf_puts(&x->b, "\"");
	put_score(x, k->score);
	wn_buf_puts(&x->b, form == WN_FORM_PRE ? ">\n" : ">");
	put_kept_text(x, i, form == WN_FORM_ROW);
	wn_buf_printf(&x->b, "</%s>\n", tag);
}

/* ---- what was removed ---------------------------------------------------- */

static void
put_name(struct wn_explain *x, uint32_t node, enum wn_attr_name a, char sign)
{
	const char *v = wn_attr(x->d->tree, node, a);
	size_t n;

	if (v == NULL)
		return;
	v += strspn(v, " \t\n");
	n = strcspn(v, " \t\n");
	if (n == 0)
		return;
	wn_buf_putc(&x->b, sign);
	wn_explain_clip(x, (struct wn_str){v, n}, NAME);
}

/* div#menu > ul.top > li */
static void
put_path(struct wn_explain *x, uint32_t node)
{
	const struct wn_tree *t = x->d->tree;
	uint32_t up[PATH];
	int n = 0;

	if (t == NULL || node >= t->n)
		return;
	for (; n < PATH && node != 0; node = t->nodes[node].parent)
		up[n++] = node;
	if (n == 0)
		return;
	wn_buf_puts(&x->b, " In <code>");
	while (n-- > 0) {
		wn_buf_puts(&x->b, t->nodes[up[n]].tag == WN_TAG_OTHER
				       ? "*"
				       : wn_tag_names[t->nodes[up[n]].tag]);
		put_name(x, up[n], WN_ATTR_ID, '#');
		put_name(x, up[n], WN_ATTR_CLASS, '.');
		wn_buf_puts(&x->b, n > 0 ? " &gt; " : "</code>.");
	}
}

static void
put_jump(struct wn_explain *x, uint32_t group, const char *words, int kind)
{
	if (group != 0)
		wn_buf_printf(&x->b, " <a href=\"#b%u\">%s %s</a>",
		    x->groups[group - 1].beg + 1, words,
		    winnow_kind_name((enum winnow_kind)kind));
}

/* "score 0.4", "scores 0.4 to 3.1" */
static void
put_scores(struct wn_explain *x, const struct wn_group *g)
{
	double low = 0, high = 0, s;
	int any = 0;

	for (uint32_t i = g->beg; i < g->end; i++) {
		s = (double)x->d->blocks[i].score;
		if (!isfinite(s))
			continue;
		low = !any || s < low ? s : low;
		high = !any || s > high ? s : high;
		any = 1;
	}
	if (!any)
		return;
	if (high - low < 0.05)
		wn_buf_printf(&x->b, "score %.1f", low);
	else
		wn_buf_printf(&x->b, "scores %.1f to %.1f", low, high);
}

static void
put_measure(struct wn_explain *x, const struct wn_group *g)
{
	size_t chars = 0, linked = 0;

	for (uint32_t i = g->beg; i < g->end; i++) {
		chars += x->d->blocks[i].chars;
		linked += x->d->blocks[i].link_chars;
	}
	if (g->end - g->beg > 1) {
		wn_explain_count(x, g->end - g->beg, "line");
		wn_buf_puts(&x->b, ", ");
	}
	wn_explain_count(x, chars, "character");
	if (chars > 0)
		wn_buf_printf(&x->b, ", %zu %% in links",
		    (linked < chars ? linked : chars) * 100 / chars);
	wn_buf_puts(&x->b, ".");
}

static void
put_line(struct wn_explain *x, uint32_t i)
{
	const struct wn_block *k = &x->d->blocks[i];

	wn_buf_printf(&x->b, "<span id=\"b%u\" class=\"%s\" dir=\"auto\"",
	    i + 1, k->chars > SHORT_LINE ? "t l" : "t");
	put_score(x, k->score);
	wn_buf_puts(&x->b, ">");
	wn_explain_clip(x, k->text, ONE_REMOVED);
	wn_buf_puts(&x->b, "</span> ");
}

static void
put_rule(struct wn_explain *x, const char *rule)
{
	if (*rule == '\0')
		rule = "no rule";
	wn_explain_text(x, rule, strlen(rule));
}

static void
put_removed(struct wn_explain *x, const struct wn_group *g)
{
	const char *rule = rule_of(&x->d->blocks[g->beg]);
	const char *kind = winnow_kind_name((enum winnow_kind)g->kind);

	wn_buf_printf(&x->b,
	    "<details class=\"r k%d\" lang=\"en\" data-kind=\"%s\" "
	    "data-rule=\"",
	    g->kind, kind);
	put_rule(x, rule);
	wn_buf_printf(&x->b, "\"><summary><b class=\"chip\">%s", kind);
	if (g->end - g->beg > 1)
		wn_buf_printf(&x->b, " ×%u", g->end - g->beg);
	wn_buf_printf(&x->b, "</b> <span class=\"ts\"%s>", x->lang);
	for (uint32_t i = g->beg; i < g->end; i++)
		put_line(x, i);
	wn_buf_puts(&x->b, "</span> <span class=\"why\"><span>");
	put_rule(x, rule);
	wn_buf_puts(&x->b, "</span> <span>");
	put_scores(x, g);
	wn_buf_printf(&x->b,
	    "</span></span></summary>\n<p><b>%s</b>: %s. "
	    "Rule: <q>",
	    kind, kind_words[g->kind]);
	put_rule(x, rule);
	wn_buf_puts(&x->b, "</q>. ");
	put_measure(x, g);
	put_path(x, x->d->blocks[g->beg].node);
	put_jump(x, g->prev, "↑ previous", g->kind);
	put_jump(x, g->next, "↓ next", g->kind);
	wn_buf_puts(&x->b, "</p></details>\n");
}

/* ---- all of it ----------------------------------------------------------- */

struct gap {
	size_t kept, removed;
};

static void
close_gap(struct wn_explain *x, struct gap *gap)
{
	if (gap->kept + gap->removed == 0)
		return;
	wn_buf_puts(&x->b, "<p class=\"gap\" lang=\"en\">Not shown, past this "
			   "page’s bound: ");
	if (gap->kept > 0)
		wn_explain_count(x, gap->kept, "kept block");
	if (gap->kept > 0 && gap->removed > 0)
		wn_buf_puts(&x->b, " and ");
	if (gap->removed > 0)
		wn_explain_count(x, gap->removed, "removed block");
	wn_buf_puts(&x->b, ".</p>\n");
	*gap = (struct gap){0, 0};
}

/* Does a kept line go on with the list, table or quotation before it? */
static int
goes_on(const struct wn_block *last, const struct wn_block *k, unsigned form)
{
	return last != NULL && k != NULL && form_of(last) == form &&
	       (form == WN_FORM_ITEM || form == ORDERED_ITEM ||
		   last->group == k->group);
}

void
wn_explain_blocks(struct wn_explain *x)
{
	const struct wn_block *last = NULL, *k;
	struct gap gap = {0, 0};
	unsigned form, open = WN_FORM_PLAIN;

	for (size_t i = 0; i < x->ngroups; i++) {
		const struct wn_group *g = &x->groups[i];

		if (!g->shown) {
			*(g->kept ? &gap.kept : &gap.removed) +=
			    g->end - g->beg;
			last = NULL;
			continue;
		}
		k = g->kept ? &x->d->blocks[g->beg] : NULL;
		form = k != NULL ? form_of(k) : WN_FORM_PLAIN;
		if (!goes_on(last, k, form)) {
			wn_buf_puts(&x->b, forms[open].close);
			close_gap(x, &gap);
			wn_buf_puts(&x->b, forms[form].open);
			open = form;
		}
		last = k;
		if (k != NULL)
			put_kept(x, g->beg, form);
		else
			put_removed(x, g);
	}
	wn_buf_puts(&x->b, forms[open].close);
	close_gap(x, &gap);
}

/* ---- the page at a glance ------------------------------------------------ */

enum { STRIPES = 400 };

static size_t
weight(const struct wn_block *k)
{
	return k->chars + 8;
}

static void
put_stripe(struct wn_explain *x, size_t from, size_t to, int kind)
{
	if (from == to)
		return;
	if (kind < 0)
		wn_buf_printf(&x->b,
		    "<rect class=\"kept\" x=\"%zu\" y=\"0\" "
		    "width=\"%zu\" height=\"40\"><title>kept",
		    from, to - from);
	else
		wn_buf_printf(&x->b,
		    "<rect class=\"k%d\" x=\"%zu\" y=\"14\" "
		    "width=\"%zu\" height=\"26\"><title>%s",
		    kind, from, to - from,
		    winnow_kind_name((enum winnow_kind)kind));
	wn_buf_puts(&x->b, "</title></rect>");
}

/* A strip from the page's beginning to its end: what was kept stands out. */
void
wn_explain_map(struct wn_explain *x)
{
	const struct wn_doc *d = x->d;
	size_t all = 0, sum = 0, from = 0, at;
	int kind = -1, k;

	for (size_t i = 0; i < d->nblocks; i++)
		all += weight(&d->blocks[i]);
	if (all == 0)
		return;
	wn_buf_printf(&x->b,
	    "<figure><svg class=\"map\" viewBox=\"0 0 %d 40\" "
	    "preserveAspectRatio="
	    "\"none\" role=\"img\" aria-label=\"The page from its beginning "
	    "to its end: %zu blocks kept, %zu removed\">",
	    STRIPES, x->kept, x->removed);
	for (size_t i = 0; i < d->nblocks; i++) {
		k = d->blocks[i].kept ? -1 : kind_of(&d->blocks[i]);
		at = sum * STRIPES / all;
		if (k != kind) {
			put_stripe(x, from, at, kind);
			from = at;
			kind = k;
		}
		sum += weight(&d->blocks[i]);
	}
	put_stripe(x, from, STRIPES, kind);
	wn_buf_puts(&x->b,
	    "</svg>\n<figcaption>The page from its beginning to its end: high "
	    "and grey what was kept, low and coloured what was removed."
	    "</figcaption></figure>\n");
}
