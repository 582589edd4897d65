/* prune.c - which blocks inside the content are the article's.
 *
 * A block is judged in three rounds: by itself (what its line says, what its
 * element is, links), by what stands above it (a heading of related articles
 * takes what follows along), and by its place: what stands above the first
 * paragraph and below the last is judged more strictly than what stands
 * between two (edges.c).
 *
 * Invariants
 *  P1  Only blocks of [beg, end) are kept.
 *  P2  A block that is not kept has a kind and a rule. */
#include "cleaner/extract.h"

#include <string.h>

void
wn_drop(struct wn_extractor *x, uint32_t i, int kind, const char *rule)
{
	x->b[i].kept = 0;
	x->b[i].kind = (int16_t)kind;
	x->b[i].rule = rule;
}

int
wn_is_paragraph(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];

	return b->kept && !b->heading && wn_plain(b) >= WN_PARAGRAPH &&
	       wn_linked(b) < wn_plain(b) && (b->marks > 0 || b->row) &&
	       x->line[i].head.act == WN_ACT_NONE && x->line[i].date == 0 &&
	       (x->line[i].title == WN_TITLE_NO ||
		   x->line[i].title == WN_TITLE_BEGINS);
}

#define PATH_END 80 /* units of a title at the end of a path */

/* Home » News » Towns: links that lead down to the page. */
static int
is_path(const struct wn_block *b)
{
	double l = wn_linked(b), u = wn_plain(b);
	static const char *const marks[] = {"»", "›", "＞", ">", "→"};
	size_t n = 0;

	if (b->text.n > 200 || l == 0)
		return 0;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const char *p = b->text.p, *end = p + b->text.n;
		size_t k = strlen(marks[i]);

		for (; (p = memmem(p, (size_t)(end - p), marks[i], k)) != NULL;
		     p += k)
			n += p > b->text.p && p + k < end;
	}
	/* its last step may be the page itself */
	return n <= 6 && ((n > 0 && l > 4 * u) ||
			     (n > 1 && b->marks == 0 && u < PATH_END));
}

/* First round: without regard to what stands around. */
static void
judge(struct wn_extractor *x, uint32_t i)
{
	struct wn_block *b = &x->b[i];
	const struct wn_zone *z = &x->zone[b->first];
	const struct wn_verdict *v = &x->line[i].any;

	b->kept = 1;
	if (b->kind == WINNOW_KIND_HIDDEN && b->rule != NULL &&
	    !x->with_hidden) {
		b->kept = 0;
		return;
	}
	if (b->kind != WINNOW_KIND_HIDDEN) {
		b->kind = -1;
		b->rule = "article";
	}
	if (v->act != WN_ACT_NONE)
		wn_drop(x, i, v->kind, v->rule);
	else if (wn_is_out(x, i) && z->kind == WINNOW_KIND_META &&
		 x->line[i].head.act != WN_ACT_NONE)
		wn_drop(x, i, x->line[i].head.kind, x->line[i].head.rule);
	else if (wn_is_out(x, i))
		wn_drop(x, i, z->kind, z->rule);
	else if (x->again[i] > x->beg && x->b[x->again[i] - 1].kept)
		wn_drop(x, i, WINNOW_KIND_OTHER, "the same text again");
	else if (x->teaser[i])
		wn_drop(x, i, WINNOW_KIND_RELATED, "a list of beginnings");
	else if (is_path(b))
		wn_drop(x, i, WINNOW_KIND_BREADCRUMB, "links with » between");
	else if (wn_linked(b) > 4 * wn_plain(b) && !b->heading)
		wn_drop(x, i, WINNOW_KIND_RELATED, "all of it is links");
}

/* ---- the page's own copy ------------------------------------------------ */

#define LEADS 2

/* Above the first words of the copy a lead stays: many copies lack it. */
static void
drop_above(struct wn_extractor *x, uint32_t first)
{
	uint32_t leads = 0;

	for (uint32_t i = first; i-- > x->beg;) {
		struct wn_block *b = &x->b[i];

		if (!b->kept || b->heading)
			continue;
		if (wn_plain(b) >= WN_PARAGRAPH && b->marks > 0 &&
		    leads++ < LEADS)
			continue;
		wn_drop(x, i, WINNOW_KIND_META,
		    "above where the page's copy begins");
	}
}

/* What the copy has not goes, between its first and last block; where it ends
 * as that does and is no excerpt, below too. */
static void
drop_unseen(struct wn_extractor *x)
{
	uint32_t first = x->end, last = x->beg;
	double inside = 0, below = 0;
	int whole;

	for (uint32_t i = x->beg; i < x->end; i++)
		if (x->seen[i] == WN_INSIDE) {
			first = first < i ? first : i;
			last = i;
			inside += wn_plain(&x->b[i]);
			below = 0;
		} else if (x->b[i].kept) {
			below += wn_plain(&x->b[i]);
		}
	whole = x->ends == last && below < 0.5 * inside;
	if (x->begins == first)
		drop_above(x, first);
	for (uint32_t i = x->beg; i < x->end; i++) {
		if (!x->b[i].kept || x->b[i].heading)
			continue;
		if (i > last && whole)
			wn_drop(x, i, WINNOW_KIND_RELATED,
			    "below where the page's copy ends");
		else if (i > first && i < last && x->seen[i] == WN_OUTSIDE)
			wn_drop(x, i, WINNOW_KIND_RELATED,
			    "not in the page's copy");
	}
}

/* What the copy has stays where nothing is against the line itself. */
static void
restore_seen(struct wn_extractor *x)
{
	for (uint32_t i = x->beg; i < x->end; i++) {
		const struct wn_line *l = &x->line[i];

		if (x->b[i].kept || x->seen[i] != WN_INSIDE || x->again[i] ||
		    l->any.act != WN_ACT_NONE || l->tail.act != WN_ACT_NONE ||
		    l->head.act != WN_ACT_NONE || l->title != WN_TITLE_NO ||
		    x->b[i].kind == WINNOW_KIND_HIDDEN ||
		    x->b[i].kind == WINNOW_KIND_CAPTION ||
		    wn_linked(&x->b[i]) > wn_plain(&x->b[i]))
			continue;
		x->b[i].kept = 1;
		x->b[i].kind = -1;
		x->b[i].rule = "article";
	}
}

/* 2020-02-11, [05-28], 2020/2/11 at the end of a row. */
static int
ends_in_day(const struct wn_str *s)
{
	size_t n = s->n, digits = 0, seps = 0;

	while (n > 0 &&
	       (s->p[n - 1] == ']' || s->p[n - 1] == ')' || s->p[n - 1] == ' '))
		n--;
	for (; n > 0 && digits + seps < 10; n--) {
		if (s->p[n - 1] >= '0' && s->p[n - 1] <= '9')
			digits++;
		else if (strchr("-/.", s->p[n - 1]) != NULL)
			seps++;
		else
			break;
	}
	return seps >= 1 && seps <= 2 && digits >= 3;
}

#define LIST_ROWS 5 /* with a link and a day each */

/* A table of other pages: a link and its day in nearly every row. */
static int
is_list_table(const struct wn_extractor *x, uint32_t a, uint32_t e)
{
	uint32_t n = 0;

	for (uint32_t k = a; k < e; k++)
		n += x->b[k].row && x->b[k].link_chars > 0 &&
		     x->b[k].link_chars >= 6 && x->b[k].cjk > 0 &&
		     ends_in_day(&x->b[k].text);
	return n >= LIST_ROWS && n + 2 >= e - a;
}

/* A list or table whose text is mostly links goes as a whole. */
static void
drop_link_lists(struct wn_extractor *x)
{
	const struct wn_tree *t = x->t;
	uint32_t stop = t->nodes[x->d->content].end;

	if (is_list_table(x, x->beg, x->end))
		for (uint32_t k = x->beg; k < x->end; k++)
			if (x->b[k].kept)
				wn_drop(x, k, WINNOW_KIND_RELATED,
				    "a table of links");
	for (uint32_t i = x->d->content + 1; i < stop; i++) {
		uint16_t tag = t->nodes[i].tag;
		uint32_t a, e, links = 0;

		if (tag != WN_TAG_UL && tag != WN_TAG_OL && tag != WN_TAG_DL &&
		    tag != WN_TAG_TABLE)
			continue;
		a = x->from[i];
		e = wn_past(x, i);
		if (e == a || (x->links[e] - x->links[a] <
				      1.2 * (x->units[e] - x->units[a]) &&
				  !is_list_table(x, a, e)))
			continue;
		for (uint32_t k = a; k < e; k++)
			links += x->b[k].link_chars > 0;
		if (links < 2)
			continue;
		for (uint32_t k = a; k < e; k++)
			if (x->b[k].kept)
				wn_drop(x, k, WINNOW_KIND_RELATED,
				    "a list of links");
		i = t->nodes[i].end - 1;
	}
}

#define NOTES 3       /* items, before a list is one of notes */
#define NOTE_NODES 12 /* of an item that are looked at */
#define NOTE_MARK 8   /* bytes of a note's mark: "^", "↑", "[12]" */

/* Does an item begin with the way back to where it is noted, a mark that is a
 * link into the page itself? */
static int
is_note(const struct wn_tree *t, uint32_t item)
{
	uint32_t stop = t->nodes[item].end;

	if (stop > item + NOTE_NODES)
		stop = item + NOTE_NODES;
	for (uint32_t i = item + 1; i < stop; i++) {
		const char *href = wn_attr(t, i, WN_ATTR_HREF);

		if (t->nodes[i].tag == WN_TAG_A && href != NULL)
			return href[0] == '#' && href[1] != '\0' &&
			       href[1] != '/' && wn_text(t, i).n > 0 &&
			       wn_text(t, i).n <= NOTE_MARK;
		if (t->nodes[i].tag == WN_TAG_TEXT)
			return 0;
	}
	return 0;
}

/* A list of notes and sources, as encyclopaedias have below their text. */
static void
drop_notes(struct wn_extractor *x)
{
	const struct wn_tree *t = x->t;
	uint32_t stop = t->nodes[x->d->content].end;

	for (uint32_t i = x->d->content + 1; i < stop; i++) {
		uint32_t items = 0, notes = 0, past = wn_past(x, i);

		if (t->nodes[i].tag != WN_TAG_UL &&
		    t->nodes[i].tag != WN_TAG_OL)
			continue;
		for (uint32_t k = i + 1; k < t->nodes[i].end;
		     k = t->nodes[k].end) {
			items += t->nodes[k].tag == WN_TAG_LI;
			notes += t->nodes[k].tag == WN_TAG_LI && is_note(t, k);
		}
		if (notes < NOTES || notes * 4 < items * 3)
			continue;
		for (uint32_t k = x->from[i]; k < past; k++)
			if (x->b[k].kept)
				wn_drop(x, k, WINNOW_KIND_RELATED,
				    "a list of notes");
		i = t->nodes[i].end - 1;
	}
}

/* 回复单位 | 基础教育股: the cell beside one that holds a known label alone. */
static void
drop_cell_values(struct wn_extractor *x)
{
	const struct wn_tree *t = x->t;

	for (uint32_t i = x->beg; i + 1 < x->end; i++) {
		const struct wn_block *b = &x->b[i], *v = b + 1;
		uint32_t row = t->nodes[b->node].parent;

		if (b->kept || !v->kept || b->kind != WINNOW_KIND_META ||
		    b->chars > 8 || v->chars > 40 || v->marks > 0 ||
		    x->line[i].any.act == WN_ACT_NONE ||
		    t->nodes[b->node].tag != WN_TAG_TD ||
		    t->nodes[v->node].parent != row)
			continue;
		wn_drop(x, i + 1, WINNOW_KIND_META, "the value of a label");
	}
}

static int
same_text(const struct wn_block *a, const struct wn_block *b)
{
	return a->text.n == b->text.n &&
	       memcmp(a->text.p, b->text.p, a->text.n) == 0;
}

#define GAP_MAX 60 /* lines between two long ones of a copy */

/* A copy for the printer or the telephone: its long lines are known; the
 * short ones before, between and behind them go with them. */
static void
drop_copies(struct wn_extractor *x)
{
	uint32_t last = x->n;

	for (uint32_t i = x->beg; i < x->end; i++) {
		uint32_t from, orig = x->again[i] - 1;

		if (x->again[i] <= x->beg || !same_text(&x->b[i], &x->b[orig]))
			continue;
		for (uint32_t k = 1; orig >= x->beg + k && i > orig + k; k++) {
			if (!x->b[i - k].kept ||
			    !same_text(&x->b[i - k], &x->b[orig - k]))
				break;
			wn_drop(
			    x, i - k, WINNOW_KIND_OTHER, "the same text again");
		}
		from = last < x->n ? x->again[last] - 1 : 0;
		if (last < x->n && orig > from && i - last <= GAP_MAX &&
		    orig - from <= i - last + 2 && i - last <= orig - from + 2)
			for (uint32_t k = last + 1; k < i; k++)
				if (x->b[k].kept)
					wn_drop(x, k, WINNOW_KIND_OTHER,
					    "the same text again");
		last = i;
	}
	if (last == x->n)
		return;
	for (uint32_t k = 1; last + k < x->end && x->again[last] - 1 + k < last;
	     k++) {
		if (!x->b[last + k].kept ||
		    !same_text(&x->b[last + k], &x->b[x->again[last] - 1 + k]))
			break;
		wn_drop(x, last + k, WINNOW_KIND_OTHER, "the same text again");
	}
}

/* What was left out as a copy of a line that went later is the original. */
static void
restore_copies(struct wn_extractor *x)
{
	for (uint32_t i = x->beg; i < x->end; i++) {
		uint32_t orig = x->again[i];

		if (orig == 0 || x->b[i].kept || x->b[orig - 1].kept ||
		    x->b[i].kind != WINNOW_KIND_OTHER ||
		    x->b[orig - 1].kind != WINNOW_KIND_TITLE_REPEAT)
			continue;
		x->b[i].kept = 1;
		x->b[i].kind = -1;
		x->b[i].rule = "article";
	}
}

#define LEAD_MIN 60  /* bytes of a lead that is worth a comparison */
#define LEAD_MAX 900 /* of a longer one the first */

/* Bytes of a blank at p: white space, a no-break or an ideographic one. */
static size_t
blank(const char *p, size_t n)
{
	if ((unsigned char)*p <= ' ')
		return 1;
	if (n > 1 && memcmp(p, "\xc2\xa0", 2) == 0)
		return 2;
	return n > 2 && memcmp(p, "\xe3\x80\x80", 3) == 0 ? 3 : 0;
}

/* Appends a block's text without its blanks. */
static size_t
squeeze(const struct wn_block *b, char *out, size_t n)
{
	for (size_t i = 0, k; i < b->text.n && n < LEAD_MAX;)
		if ((k = blank(b->text.p + i, b->text.n - i)) > 0)
			i += k;
		else
			out[n++] = b->text.p[i++];
	return n;
}

/* A box above the text that prints its beginning: DedeCMS and its like make
 * one when nobody wrote a summary. */
static void
drop_own_lead(struct wn_extractor *x)
{
	char lead[LEAD_MAX], text[LEAD_MAX];
	size_t n, m = 0;
	uint32_t i = x->beg;

	while (i < x->end && !wn_is_paragraph(x, i))
		i++;
	if (i == x->end)
		return;
	n = squeeze(&x->b[i], lead, 0);
	while (
	    n > 3 && (lead[n - 1] == '.' || memcmp(lead + n - 3, "…", 3) == 0))
		n -= lead[n - 1] == '.' ? 1 : 3;
	if (n < LEAD_MIN)
		return;
	for (uint32_t k = i + 1; k < x->end && k < i + 12 && m < n; k++)
		if (x->b[k].kept && (m > 0 || wn_is_paragraph(x, k)))
			m = squeeze(&x->b[k], text, m);
	if (m >= n && memcmp(lead, text, n) == 0)
		wn_drop(x, i, WINNOW_KIND_OTHER, "the text's own beginning");
}

/* ---- second round: what a heading takes along --------------------------- */

static int
follower(int kind)
{
	return kind == WINNOW_KIND_RELATED_HEADING ? WINNOW_KIND_RELATED : kind;
}

/* How far a STOP or REST row at block i reaches: to the end when little text
 * is left, else to the end of its own box when that holds little. */
static uint32_t
reach(const struct wn_extractor *x, uint32_t i, double left, double total)
{
	uint32_t parent = x->t->nodes[x->b[i].node].parent;
	uint32_t past = wn_past(x, parent);

	if (x->line[i].any.act == WN_ACT_STOP && left < 0.4 * total)
		return x->end;
	if (parent > x->d->content && past <= x->end &&
	    (x->line[i].any.act == WN_ACT_REST ||
		x->units[past] - x->units[i] < 0.3 * total))
		return past;
	return i + 1;
}

/* Does another article stand below this heading, since it links to it? On
 * Western pages such a one is as often an advertisement in the article. */
static int
heads_another(const struct wn_block *b)
{
	return b->heading > 0 && b->cjk > 0 && wn_linked(b) > wn_plain(b);
}

/* Running text below a heading of related articles is the article going on:
 * the first of two paragraphs, or of a run of short ones, or end. */
#define RUN 4
static uint32_t
goes_on(const struct wn_extractor *x, uint32_t i, uint32_t end)
{
	uint32_t longs = 0, run = 0, first = end, start = end;
	int other = 0;

	for (; i < end; i++) {
		const struct wn_block *b = &x->b[i];

		if (b->heading)
			other = heads_another(b);
		if (wn_linked(b) > 0.3 * wn_plain(b) || b->item || b->heading) {
			run = 0;
			continue;
		}
		if (other)
			continue;
		if (!b->kept || wn_plain(b) < WN_PARAGRAPH || b->marks == 0)
			continue;
		if (run++ == 0)
			start = i;
		if (run >= RUN)
			return first < start ? first : start;
		if (wn_plain(b) < 150 || b->marks < 2)
			continue;
		if (longs++ == 0)
			first = i;
	}
	return longs >= 2 ? first : end;
}

static void
drop_after_stops(struct wn_extractor *x)
{
	double total = 0, before = 0;

	for (uint32_t i = x->beg; i < x->end; i++)
		if (x->b[i].kept)
			total += wn_plain(&x->b[i]);
	for (uint32_t i = x->beg; i < x->end; i++) {
		const struct wn_verdict *v = &x->line[i].any;
		uint32_t upto;

		if (x->b[i].kept) {
			before += wn_plain(&x->b[i]);
			continue;
		}
		if ((v->act != WN_ACT_STOP && v->act != WN_ACT_REST) ||
		    (x->forum && v->kind == WINNOW_KIND_COMMENTS))
			continue;
		upto = reach(x, i, total - before, total);
		if (i + 1 < x->end && heads_another(&x->b[i + 1]))
			upto = x->end; /* whole articles, each below its link */
		if (v->kind == WINNOW_KIND_RELATED_HEADING ||
		    v->kind == WINNOW_KIND_HOT)
			upto = goes_on(x, i + 1, upto);
		for (uint32_t k = i + 1; k < upto; k++)
			if (x->b[k].kept ||
			    (x->b[k].kind == WINNOW_KIND_RELATED &&
				x->line[k].any.act == WN_ACT_NONE))
				wn_drop(x, k, follower(v->kind), v->rule);
	}
}

/* A short line that ends in a colon and introduces links that went. */
static void
drop_labels(struct wn_extractor *x)
{
	for (uint32_t i = x->beg; i + 1 < x->end; i++) {
		const struct wn_str *s = &x->b[i].text;

		if (x->b[i].kept && !x->b[i + 1].kept &&
		    x->b[i + 1].kind == WINNOW_KIND_RELATED &&
		    wn_plain(&x->b[i]) < 30 &&
		    (s->p[s->n - 1] == ':' ||
			(s->n > 3 && memcmp(s->p + s->n - 3, "：", 3) == 0)))
			wn_drop(x, i, WINNOW_KIND_RELATED_HEADING,
			    "it introduced links");
	}
}

/* A heading whose section went goes with it; so does one that nothing
 * follows. */
static void
drop_empty_sections(struct wn_extractor *x)
{
	uint32_t next = x->end; /* the kept block behind i */

	for (uint32_t i = x->end; i-- > x->beg;) {
		const struct wn_block *b = &x->b[i];

		if (!b->kept)
			continue;
		if (b->heading > 1 && wn_plain(b) < 70 &&
		    (next == x->end ||
			(next > i + 1 && x->b[next].heading > 0 &&
			    x->b[next].heading <= b->heading &&
			    x->b[i + 1].kind == WINNOW_KIND_RELATED))) {
			wn_drop(x, i, WINNOW_KIND_RELATED_HEADING,
			    "nothing of its section was left");
			continue;
		}
		next = i;
	}
}

double
wn_prune(struct wn_extractor *x)
{
	double kept = 0;

	for (uint32_t i = 0; i < x->n; i++)
		x->b[i].kept = 0;
	for (uint32_t i = x->beg; i < x->end; i++)
		judge(x, i);
	if (x->seen != NULL)
		drop_unseen(x);
	drop_link_lists(x);
	drop_cell_values(x);
	if (!x->forum)
		drop_notes(x);
	if (x->repeats && !x->forum)
		drop_copies(x);
	drop_after_stops(x);
	if (!x->forum) {
		drop_own_lead(x);
		wn_drop_captions(x);
	}
	wn_trim_edges(x);
	if (!x->forum)
		wn_drop_contacts(x);
	drop_labels(x);
	if (!x->forum)
		drop_empty_sections(x);
	if (x->repeats)
		restore_copies(x);
	if (x->seen != NULL)
		restore_seen(x);
	for (uint32_t i = x->beg; i < x->end; i++)
		if (x->b[i].kept)
			kept += wn_plain(&x->b[i]);
	return kept;
}

/* Nothing of the page is an article; the few lines that were left are what
 * stands round a list. */
double
wn_prune_all(struct wn_extractor *x)
{
	for (uint32_t i = x->beg; i < x->end; i++)
		if (x->b[i].kept)
			wn_drop(x, i, WINNOW_KIND_NAV, "no article");
	return 0;
}

/* ---- the blocks outside -------------------------------------------------- */

static void
label(struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];
	const struct wn_zone *z = &x->zone[b->first];
	const struct wn_line *l = &x->line[i];
	const struct wn_verdict *v = &l->any;

	if (v->act == WN_ACT_NONE)
		v = i < x->beg ? &l->head : &l->tail;
	if (v->act != WN_ACT_NONE)
		wn_drop(x, i, v->kind, v->rule);
	else if (z->kind >= 0)
		wn_drop(x, i, z->kind, z->rule);
	else if (l->title == WN_TITLE_SAME)
		wn_drop(x, i, WINNOW_KIND_TITLE_REPEAT, "the title");
	else if (i < x->beg && wn_is_subtitle(x, i))
		wn_drop(x, i, WINNOW_KIND_TITLE_REPEAT, "the subtitle");
	else if (l->date == 1)
		wn_drop(x, i, WINNOW_KIND_DATELINE, "a date");
	else if (wn_linked(b) > wn_plain(b) && is_path(b))
		wn_drop(x, i, WINNOW_KIND_BREADCRUMB, "links with » between");
	else if (i < x->beg)
		wn_drop(x, i, WINNOW_KIND_NAV, "above the article");
	else if (wn_linked(b) > wn_plain(b))
		wn_drop(x, i, WINNOW_KIND_RELATED, "links below the article");
	else
		wn_drop(x, i, WINNOW_KIND_FOOTER, "below the article");
}

#define STATEMENTS 16 /* the latest ones, that a repeat is looked for among */

/* The same statement again. find_repeats() does not tell: it forgets a line
 * that repeats alone. */
static void
label_repeats(struct wn_extractor *x)
{
	uint32_t seen[STATEMENTS], n = 0, k;

	for (uint32_t i = 0; i < x->n; i++) {
		const struct wn_block *b = &x->b[i];

		if (b->kept || b->kind != WINNOW_KIND_DISCLAIMER)
			continue;
		for (k = 0; k < n && k < STATEMENTS; k++)
			if (x->b[seen[k]].text.n == b->text.n &&
			    memcmp(x->b[seen[k]].text.p, b->text.p,
				b->text.n) == 0)
				break;
		if (k < n && k < STATEMENTS)
			x->b[i].kind = WINNOW_KIND_DISCLAIMER_REPEAT;
		else
			seen[n++ % STATEMENTS] = i;
	}
}

void
wn_label_outside(struct wn_extractor *x)
{
	struct wn_verdict over = {0};
	uint32_t upto = 0;

	for (uint32_t i = 0; i < x->n; i++) {
		const struct wn_verdict *v = &x->line[i].any;

		if (i >= x->beg && i < x->end) {
			i = x->end - 1;
			continue;
		}
		if (x->b[i].kind == WINNOW_KIND_HIDDEN)
			continue;
		label(x, i);
		if (v->act == WN_ACT_STOP || v->act == WN_ACT_REST) {
			over = *v;
			upto = wn_past(x, x->t->nodes[x->b[i].node].parent);
		} else if (i < upto && v->act == WN_ACT_NONE) {
			wn_drop(x, i, follower(over.kind), over.rule);
		}
	}
	label_repeats(x);
}
