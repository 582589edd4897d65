/* edges.c - where the article begins and ends inside its element.
 *
 * Above the first paragraph stand the title, who wrote it and when, tools;
 * below the last one sources, calls, links. Lines there are judged more
 * strictly than those between two paragraphs. A lead is a paragraph above the
 * line of who and when: it stays when it is long enough to be one.
 *
 * Invariant
 *  E1  A paragraph between the first and the last is never taken away here. */
#include "cleaner/extract.h"

#include <string.h>

/* Where the lines about the article end: behind the last title, and behind
 * the last line of source and time, that stand above the first paragraph. */
static void
find_head(const struct wn_extractor *x, uint32_t first, uint32_t *title,
    uint32_t *about)
{
	*title = *about = x->beg;
	for (uint32_t i = x->beg; i < first; i++) {
		const struct wn_line *l = &x->line[i];
		int kind =
		    l->any.act != WN_ACT_NONE ? l->any.kind : l->head.kind;

		if (l->title == WN_TITLE_SAME || l->title == WN_TITLE_PART)
			*title = i + 1;
		if (((l->any.act != WN_ACT_NONE ||
			 l->head.act != WN_ACT_NONE) &&
			(kind == WINNOW_KIND_META ||
			    kind == WINNOW_KIND_COUNTER ||
			    kind == WINNOW_KIND_BYLINE ||
			    kind == WINNOW_KIND_BREADCRUMB)) ||
		    l->date)
			*about = i + 1;
	}
}

#define SUBTITLE_MAX 150 /* units: more is a lead */

int
wn_is_subtitle(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_str *s = &x->b[i].text;
	const char *sub = x->d->pub.subtitle, *p = s->p;
	size_t n = s->n;

	while (n > 3 && memcmp(p, "\xe3\x80\x80", 3) == 0) {
		p += 3;
		n -= 3;
	}
	if (sub != NULL && wn_plain(&x->b[i]) < SUBTITLE_MAX &&
	    strlen(sub) == n && memcmp(sub, p, n) == 0)
		return 1;
	return n > 6 && memcmp(p, "——", 6) == 0 && wn_plain(&x->b[i]) < 200;
}

#define LEAD_MIN 120 /* units: less, above a line of who and when, is none */

/* 渌职党〔2018〕5号, alone in its line: the number of a document, which is
 * printed above its title as well as below. */
static int
is_number(const struct wn_extractor *x, uint32_t i, uint32_t title)
{
	const struct wn_block *b = &x->b[i];

	return title - i <= 3 && b->chars <= 24 && b->link_chars == 0 &&
	       !b->row && x->t->nodes[b->node].tag != WN_TAG_TD &&
	       b->text.n > 12 &&
	       memcmp(b->text.p + b->text.n - 3, "号", 3) == 0 &&
	       memmem(b->text.p, b->text.n, "〔", 3) != NULL &&
	       memmem(b->text.p, b->text.n, "：", 3) == NULL;
}

static void
trim_head(struct wn_extractor *x, uint32_t first, int few)
{
	uint32_t title, about;
	int again;

	/* Where the title stands above the content, the same words in a
	 * content of a few lines are one of these. */
	again = few && x->title < x->beg;
	find_head(x, first, &title, &about);
	if (again)
		title = x->beg;
	for (uint32_t i = x->beg; i < first; i++) {
		struct wn_block *b = &x->b[i];
		const struct wn_line *l = &x->line[i];

		if (!b->kept)
			continue;
		if (again && l->title == WN_TITLE_SAME)
			continue;
		if (l->title == WN_TITLE_SAME || l->title == WN_TITLE_PART)
			wn_drop(x, i, WINNOW_KIND_TITLE_REPEAT, "the title");
		else if (i < title && is_number(x, i, title))
			continue;
		else if (i < title)
			wn_drop(x, i, WINNOW_KIND_NAV, "above the title");
		else if (wn_is_subtitle(x, i))
			wn_drop(x, i, WINNOW_KIND_TITLE_REPEAT, "the subtitle");
		else if (l->head.act != WN_ACT_NONE)
			wn_drop(x, i, l->head.kind, l->head.rule);
		else if (l->date)
			wn_drop(
			    x, i, WINNOW_KIND_META, "a date above the text");
		else if (i < about && (wn_plain(b) < LEAD_MIN || b->cjk > 0 ||
					  b->marks == 0))
			wn_drop(x, i, WINNOW_KIND_TITLE_REPEAT,
			    "above the line of source and time");
		else if (wn_linked(b) > wn_plain(b))
			wn_drop(x, i, WINNOW_KIND_NAV, "links above the text");
		else if (b->heading == 1 && title == x->beg && !x->forum)
			wn_drop(
			    x, i, WINNOW_KIND_TITLE_REPEAT, "a title's rank");
	}
}

#define LEAD_NEAR 12 /* blocks between a lead and the text below it */

/* A line of who and when between the first paragraph and the second: the
 * first is a lead, and what stands between them is about the article. */
static void
trim_below_lead(struct wn_extractor *x, uint32_t lead)
{
	uint32_t second = lead + 1, about = lead;

	while (second < x->end && !wn_is_paragraph(x, second))
		second++;
	if (second == x->end || second - lead > LEAD_NEAR || x->b[lead].cjk > 0)
		return;
	for (uint32_t i = lead + 1; i < second; i++)
		if (x->line[i].date ||
		    x->line[i].head.kind == WINNOW_KIND_BYLINE ||
		    x->line[i].head.kind == WINNOW_KIND_META)
			about = i;
	for (uint32_t i = lead + 1; i <= about; i++) {
		const struct wn_line *l = &x->line[i];

		if (!x->b[i].kept || (x->b[i].heading && !l->date))
			continue;
		if (l->head.act != WN_ACT_NONE)
			wn_drop(x, i, l->head.kind, l->head.rule);
		else if (l->date || x->b[i].marks == 0)
			wn_drop(x, i, WINNOW_KIND_META, "below the lead");
	}
	if (about > lead && wn_plain(&x->b[lead]) < LEAD_MIN)
		wn_drop(x, lead, WINNOW_KIND_TITLE_REPEAT,
		    "above the line of source and time");
}

static void
trim_tail(struct wn_extractor *x, uint32_t last)
{
	for (uint32_t i = last + 1; i < x->end; i++) {
		struct wn_block *b = &x->b[i];
		const struct wn_verdict *v = &x->line[i].tail;

		if (!b->kept)
			continue;
		if (v->act != WN_ACT_NONE)
			wn_drop(x, i, v->kind, v->rule);
		else if (wn_linked(b) > wn_plain(b))
			wn_drop(
			    x, i, WINNOW_KIND_RELATED, "links below the text");
		else if (x->line[i].title == WN_TITLE_SAME)
			wn_drop(x, i, WINNOW_KIND_TITLE_REPEAT, "the title");
	}
}

void
wn_trim_edges(struct wn_extractor *x)
{
	uint32_t first = x->end, last = x->end;
	int few;

	for (uint32_t i = x->beg; i < x->end; i++)
		if (wn_is_paragraph(x, i)) {
			if (first == x->end)
				first = i;
			if (x->line[i].tail.act == WN_ACT_NONE)
				last = i;
		}
	few = first == x->end;
	if (few) {
		/* Nothing but short lines: only the title goes. */
		for (first = x->beg; first < x->end; first++)
			if (x->b[first].kept && x->line[first].title == 0 &&
			    x->line[first].head.act == 0 &&
			    x->line[first].date == 0 &&
			    x->b[first].heading == 0)
				break;
		last = first < x->end ? first : x->beg;
	}
	trim_head(x, first, few);
	if (!few && !x->forum)
		trim_below_lead(x, first);
	if (last < x->end)
		trim_tail(x, last);
}
