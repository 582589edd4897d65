/* site_rules.c - which of the blocks that repeat are the site's.
 *
 * Repetition alone accuses nobody: 特此通知 stands below every notice, each
 * letter begins with 各单位, and a series prints its preface with each part. So
 * each row asks for repetition and one more thing:
 *
 *  words   it says what sites say of themselves (rules/site.def, or a row of
 *          lines.def that its place kept from counting)
 *  place   it stands where texts are always known ones; paragraphs stand where
 *          hardly any text comes twice
 *  often   nearly every page of a template has it: soon when it is short and
 *          stands first or last, late when it is long
 *  links   its place is one of links on every page
 *
 * A formula (F of site.def, a heading with a number, a line that ends in a
 * colon, a date, a signature) is never taken for repeating. What differs in its
 * numbers alone is content, but for counters and dates of issues.
 *
 * Invariant
 *  SR1  No row takes what less than `pages` different pages had. */
#include "cleaner/site_parts.h"

#include <stdlib.h>
#include <string.h>

/* Counts of the template, in pages and parts of 100. */
static const struct rule {
	enum wn_site_why why;
	unsigned pages;       /* that had it */
	unsigned share;       /* of those since it came */
	unsigned total;       /* of all */
	unsigned chars, most; /* code points */
	int edge;             /* first or last on nearly all of its pages */
} rules[] = {
    {WN_WHY_WORDS, 4, 60, 15, 2, 255, 0},
    {WN_WHY_PLACE, 5, 50, 15, 4, 255, 0},
    {WN_WHY_OFTEN, 12, 85, 85, 6, 60, 1},
    {WN_WHY_OFTEN, 16, 85, 85, 6, 60, 0},
    {WN_WHY_OFTEN, 60, 95, 95, 6, 255, 0},
};
#define NRULES (sizeof(rules) / sizeof(rules[0]))

#define FIXED 70       /* % of a place's texts that are known ones */
#define TURNS 85       /* likewise, where texts take turns */
#define TURNS_PAGES 10 /* of such a place, and */
#define TURNS_TEXT 3   /* of the text */
#define LINKS 90       /* % of a place's blocks that are links */
#define LINKS_PAGES 6
#define COUNTER_PAGES 16 /* of a number alone at the edge of a text, in */
#define COUNTER_MOST 30  /* so many code points: a counter in other words */
#define SENTENCE 30      /* code points: a longer one may be quoted often */
#define SENTENCE_EDGE 45 /* likewise, where it is the first or the last */
#define CROWD 25         /* % of its pages, where it is one of many repeats */
#define EDGE 90          /* % of its pages, where it is the first or last */
#define FORMS 60         /* % of its pages that are forms: it may be of these */

static int
is_share(unsigned n, unsigned of, unsigned percent)
{
	return n * 100ull >= (uint64_t)of * percent;
}

static unsigned
pages_since(const struct winnow_site *s, const struct site_entry *e)
{
	unsigned all = s->group[e->group].pages;

	return all > e->first ? all - e->first : 1;
}

static int
is_fixed(const struct site_place *p, unsigned percent)
{
	return p != NULL && p->pages >= 5 &&
	       is_share(p->again, p->blocks, percent);
}

/* Does it stand among others that repeat, as the paragraphs of an article that
 * is printed again and again? */
static int
is_crowded(const struct site_entry *e)
{
	return is_share(e->crowd, e->pages, CROWD);
}

/* Is it a line of a form, as far as repetition tells? */
static int
is_printed(const struct site_entry *e)
{
	unsigned since = e->kept > SITE_OFTEN ? e->kept - SITE_OFTEN : e->kept;

	return is_share(e->form, since, FORMS);
}

/* Does an entry have what a row asks for besides repetition? */
static int
has_reason(const struct site_entry *e, const struct site_place *p,
    const struct rule *r)
{
	switch (r->why) {
	case WN_WHY_WORDS:
		return !is_crowded(e) &&
		       (!is_printed(e) || (e->signs & WN_SIGN_COUNTS)) &&
		       ((e->signs & WN_SIGN_WORDS) != 0 ||
			   is_share(e->pages - e->kept, e->pages, 25));
	case WN_WHY_PLACE:
		return !is_crowded(e) && !is_printed(e) && is_fixed(p, FIXED) &&
		       is_share(e->same, e->pages, 80) &&
		       !(e->signs & WN_SIGN_ROW);
	default:
		if (e->chars > (r->edge ? SENTENCE_EDGE : SENTENCE) &&
		    r->most < 255 && (e->signs & WN_SIGN_ENDS))
			return 0;
		return !(e->signs & WN_SIGN_ROW) && !is_crowded(e) &&
		       !is_printed(e) && is_share(e->same, e->pages, 70) &&
		       (!r->edge || is_share(e->edge, e->pages, EDGE));
	}
}

/* Texts that take turns at a place of furniture: each is on few pages. */
static int
takes_turns(const struct site_entry *e, const struct site_place *p)
{
	return p != NULL && p->pages >= TURNS_PAGES && is_fixed(p, TURNS) &&
	       e->pages >= TURNS_TEXT && e->chars >= 4 &&
	       is_share(e->same, e->pages, 80) && !is_printed(e) &&
	       !(e->signs & WN_SIGN_ROW);
}

/* Do its numbers differ from page to page, as those of a counter, or as what is
 * told of each? */
static int
is_content(const struct site_entry *e)
{
	if (!is_share(e->varied, e->pages, 26) || (e->signs & WN_SIGN_COUNTS))
		return 0;
	return !(e->signs & WN_SIGN_NUMBER) || e->chars > COUNTER_MOST ||
	       e->pages < COUNTER_PAGES || !is_share(e->edge, e->pages, EDGE);
}

/* The rule by which an entry is taken, when `least` pages are enough for those
 * that ask for at most `most` of them. */
static int
find_rule(struct winnow_site *s, const struct site_entry *e, int *any,
    unsigned least, unsigned most)
{
	const struct site_place *p;
	unsigned since = pages_since(s, e);
	unsigned all = s->group[e->group].pages;

	*any = 0;
	if (e->pages < TURNS_TEXT || e->kept == 0 ||
	    (e->signs & WN_SIGN_FORMAL) || is_content(e))
		return -1;
	p = site_find_place(s, e->place, e->group);
	for (size_t i = 0; i < NRULES; i++) {
		const struct rule *r = &rules[i];

		if (e->pages < (r->pages <= most ? least : r->pages) ||
		    e->chars < r->chars || e->chars > r->most ||
		    !is_share(e->pages, since, r->share) ||
		    !is_share(e->pages, all, r->total) || !has_reason(e, p, r))
			continue;
		*any = r->why == WN_WHY_WORDS && e->chars >= 12;
		return r->why;
	}
	return takes_turns(e, p) ? WN_WHY_PLACE : -1;
}

int
site_rule(struct winnow_site *s, const struct site_entry *e, int *any)
{
	return find_rule(s, e, any, 0, 0);
}

#define SOON 20 /* pages: what takes more is not worth waiting for */

/* Will something be taken in a few pages, if things go on like this? */
static int
is_pending(struct winnow_site *s)
{
	int any;

	for (uint32_t i = 0; i < s->nentries; i++) {
		const struct site_entry *e = &s->entry[i];

		if (e->pages >= TURNS_TEXT && site_rule(s, e, &any) < 0 &&
		    find_rule(s, e, &any, TURNS_TEXT, SOON) >= 0)
			return 1;
	}
	return 0;
}

/* ---- the view ------------------------------------------------------------ */

static int
by_text(const void *va, const void *vb)
{
	const struct wn_site_taken *a = va, *b = vb;

	if (a->text != b->text)
		return a->text < b->text ? -1 : 1;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return (a->group > b->group) - (a->group < b->group);
}

static void
add_places(struct winnow_site *s, struct wn_site_view *v)
{
	for (uint32_t i = 0; i < s->nplaces && v->n < WN_SITE_TAKEN; i++) {
		const struct site_place *p = &s->place[i];

		if (p->pages >= LINKS_PAGES &&
		    is_share(p->links, p->blocks, LINKS))
			v->v[v->n++] = (struct wn_site_taken){.place = p->place,
			    .group = p->group,
			    .kind = WINNOW_KIND_RELATED,
			    .why = WN_WHY_LINKS};
	}
}

/* What has no name but a number that goes on is a counter. */
static uint8_t
kind_of(const struct site_entry *e)
{
	return e->kind == WINNOW_KIND_OTHER && is_share(e->varied, e->pages, 26)
		   ? WINNOW_KIND_COUNTER
		   : e->kind;
}

static void
add_entries(struct winnow_site *s, struct wn_site_view *v)
{
	for (uint32_t i = 0; i < s->nentries && v->n < WN_SITE_TAKEN; i++) {
		const struct site_entry *e = &s->entry[i];
		int any, why = e->pages > 0 ? site_rule(s, e, &any) : -1;

		if (why >= 0)
			v->v[v->n++] = (struct wn_site_taken){.text = e->text,
			    .place = e->place,
			    .group = any ? WN_SITE_ANY : e->group,
			    .kind = kind_of(e),
			    .why = (uint8_t)why};
	}
}

void
site_refresh(struct winnow_site *s)
{
	struct wn_site_view v = {.ngroups = WN_SITE_GROUPS};
	uint32_t sum = 0;

	if (s->fresh)
		return;
	s->fresh = 1;
	add_places(s, &v);
	add_entries(s, &v);
	qsort(v.v, v.n, sizeof(v.v[0]), by_text);
	for (int g = 0; g < WN_SITE_GROUPS; g++)
		v.shape[g] = s->group[g].shape;
	for (uint32_t i = 0; i < v.n; i++)
		sum += (v.v[i].text ^ v.v[i].place) * 2654435761u;
	if (sum != s->sum) {
		s->sum = sum;
		s->sum_at = s->serial;
	}
	s->view_len = v.n > 0 ? wn_view_pack(&v, s->view) : 0;
}

void
winnow_site_view(struct winnow_site *s, const void **view, size_t *len)
{
	site_refresh(s);
	*view = s->view_len > 0 ? s->view : NULL;
	*len = s->view_len;
}

int
winnow_site_affects(struct winnow_site *s, const void *lesson, size_t len)
{
	struct wn_site_view v = {.n = 0};
	uint8_t before[WN_SITE_MARKS];
	struct wn_lesson l;

	if (wn_lesson_read(&l, lesson, len) != 0)
		return 0;
	site_refresh(s);
	if (s->view_len > 0)
		wn_view_read(&v, s->view, s->view_len);
	for (uint32_t i = 0; i < l.n; i++)
		before[i] = l.mark[i].signs;
	wn_site_judge(&v, &l, NULL);
	for (uint32_t i = 0; i < l.n; i++)
		if ((before[i] ^ l.mark[i].signs) & WN_SIGN_TAKEN)
			return 1;
	return 0;
}

#define SETTLED_PAGES 8 /* at least, of which */
#define SETTLED_QUIET 5 /* the last brought nothing new */

int
winnow_site_settled(struct winnow_site *s)
{
	site_refresh(s);
	return s->serial >= SETTLED_PAGES &&
	       s->serial - s->sum_at >= SETTLED_QUIET && !is_pending(s);
}

/* ---- for people ---------------------------------------------------------- */

static const char *const whys[WN_WHY_N] = {
    [WN_WHY_WORDS] = "words",
    [WN_WHY_PLACE] = "place",
    [WN_WHY_OFTEN] = "often",
    [WN_WHY_LINKS] = "links",
};

static int
by_pages(const void *va, const void *vb)
{
	const struct site_entry *a = *(const struct site_entry *const *)va;
	const struct site_entry *b = *(const struct site_entry *const *)vb;

	if (a->pages != b->pages)
		return a->pages > b->pages ? -1 : 1;
	return (a->text > b->text) - (a->text < b->text);
}

static void
tell(struct winnow_site *s, const struct site_entry *e,
    void (*fact)(void *, const struct winnow_site_fact *), void *arg)
{
	int any, why = site_rule(s, e, &any);
	struct winnow_site_fact f = {.kind = (enum winnow_kind)kind_of(e),
	    .pages = e->pages,
	    .of = pages_since(s, e),
	    .group = any ? 0 : e->group + 1u};

	if (why < 0)
		return;
	f.why = whys[why];
	for (uint32_t i = 0; i < s->nsamples; i++)
		if (s->sample[i].text == e->text) {
			f.text = s->sample[i].s;
			f.seen = (int64_t)s->sample[i].day * 86400;
		}
	fact(arg, &f);
}

void
winnow_site_each(struct winnow_site *s,
    void (*fact)(void *, const struct winnow_site_fact *), void *arg)
{
	const struct site_entry **v = malloc(s->nentries * sizeof(*v));
	uint32_t n = 0;
	int any;

	if (v == NULL)
		return;
	for (uint32_t i = 0; i < s->nentries; i++)
		if (s->entry[i].pages > 0 &&
		    site_rule(s, &s->entry[i], &any) >= 0)
			v[n++] = &s->entry[i];
	qsort(v, n, sizeof(*v), by_pages);
	for (uint32_t i = 0; i < n; i++)
		tell(s, v[i], fact, arg);
	for (uint32_t i = 0; i < s->nplaces; i++) {
		const struct site_place *p = &s->place[i];
		struct winnow_site_fact f = {.kind = WINNOW_KIND_RELATED,
		    .why = whys[WN_WHY_LINKS],
		    .pages = p->pages,
		    .of = s->group[p->group].pages,
		    .group = p->group + 1u};

		if (p->pages >= LINKS_PAGES &&
		    is_share(p->links, p->blocks, LINKS))
			fact(arg, &f);
	}
	free(v);
}
