/* site_view.c - what a site's memory takes away from a page.
 *
 * A mark that the view knows is a candidate. What the page as a whole says
 * decides: repeated paragraphs one behind the other are an article that is
 * printed again, and an article is not what is left when most of a page goes.
 *
 * Invariants
 *  SV1  Only marks that the page alone keeps are taken.
 *  SV2  Something is left: a page that has text without the memory has text
 *       with it.
 *  SV3  wn_site_judge() depends on the view and the lesson alone, so that the
 *       process that learns can tell what the one that cleans would do. */
#include "cleaner/extract.h"
#include "cleaner/site.h"

#include <string.h>

#define RUN 3          /* paragraphs that only repetition is against */
#define PLAIN_MOST 400 /* code points of such that may go, or of a third */
#define LISTED 160     /* code points of a line of a list */
#define LEFT_LEAST 12  /* code points that are left of a page */

/* ---- looking up ---------------------------------------------------------- */

static uint32_t
first_row(const struct wn_site_view *v, uint32_t text)
{
	uint32_t lo = 0, hi = v->n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (v->v[mid].text < text)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint32_t
group_of(const struct wn_site_view *v, uint64_t shape)
{
	uint32_t g = 0;

	while (g < v->ngroups &&
	       (v->shape[g] == 0 || !wn_shape_like(v->shape[g], shape)))
		g++;
	return g;
}

/* Words are the site's wherever they stand; else the place must be the one. */
static int
holds(
    const struct wn_site_taken *r, uint32_t group, const struct wn_site_mark *m)
{
	if (r->group != WN_SITE_ANY && r->group != group)
		return 0;
	if (r->why == WN_WHY_LINKS)
		return r->place == m->place && m->link >= WN_SITE_LINKED;
	return r->why == WN_WHY_WORDS || r->place == m->place;
}

static const struct wn_site_taken *
find(const struct wn_site_view *v, uint32_t group, const struct wn_site_mark *m)
{
	uint32_t i;

	for (i = first_row(v, m->text); i < v->n && v->v[i].text == m->text;
	     i++)
		if (holds(&v->v[i], group, m))
			return &v->v[i];
	if (m->link < WN_SITE_LINKED || m->chars > LISTED ||
	    (m->signs & WN_SIGN_FORMAL))
		return NULL;
	for (i = 0; i < v->n && v->v[i].text == 0; i++)
		if (holds(&v->v[i], group, m))
			return &v->v[i];
	return NULL;
}

/* ---- the page as a whole ------------------------------------------------- */

/* Is nothing but repetition against a mark? */
static int
is_plain(const struct wn_site_taken *r, const struct wn_site_mark *m)
{
	return r->why != WN_WHY_LINKS && r->why != WN_WHY_WORDS &&
	       !(m->signs & WN_SIGN_WORDS);
}

/* Paragraphs in a row that only repeat are a text that is printed again. */
static void
spare_runs(const struct wn_lesson *l, const struct wn_site_taken **by)
{
	uint32_t run = 0;

	for (uint32_t i = 0; i <= l->n; i++) {
		if (i < l->n && by[i] != NULL && is_plain(by[i], &l->mark[i]) &&
		    (l->mark[i].signs & WN_SIGN_ENDS)) {
			run++;
			continue;
		}
		for (uint32_t k = i - run; run > RUN && k < i; k++)
			by[k] = NULL;
		run = 0;
	}
}

/* Neither is much of the page. */
static void
spare_much(const struct wn_lesson *l, const struct wn_site_taken **by)
{
	uint32_t all = 0, plain = 0;

	for (uint32_t i = 0; i < l->n; i++) {
		if (!(l->mark[i].signs & WN_SIGN_KEPT))
			continue;
		all += l->mark[i].chars;
		if (by[i] != NULL && is_plain(by[i], &l->mark[i]))
			plain += l->mark[i].chars;
	}
	if (plain <= PLAIN_MOST && plain * 3 <= all * 2)
		return;
	if (plain * 3 <= all)
		return;
	for (uint32_t i = 0; i < l->n; i++)
		if (by[i] != NULL && is_plain(by[i], &l->mark[i]))
			by[i] = NULL;
}

static uint32_t
left(const struct wn_lesson *l, const struct wn_site_taken **by)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < l->n; i++)
		if ((l->mark[i].signs & WN_SIGN_KEPT) && by[i] == NULL)
			sum += l->mark[i].chars;
	return sum;
}

uint32_t
wn_site_judge(const struct wn_site_view *v, struct wn_lesson *l,
    const struct wn_site_taken **known)
{
	const struct wn_site_taken *by[WN_SITE_MARKS];
	uint32_t group = group_of(v, l->shape), n = 0;

	for (uint32_t i = 0; i < l->n; i++) {
		struct wn_site_mark *m = &l->mark[i];

		m->signs &= (uint8_t)~WN_SIGN_TAKEN;
		by[i] = v->n > 0 && (m->signs & WN_SIGN_KEPT)
			    ? find(v, group, m)
			    : NULL;
		n += by[i] != NULL;
		if (known != NULL)
			known[i] = by[i];
	}
	if (n == 0)
		return 0;
	spare_runs(l, by);
	spare_much(l, by);
	if (left(l, by) < LEFT_LEAST)
		return 0;
	n = 0;
	for (uint32_t i = 0; i < l->n; i++)
		if (by[i] != NULL) {
			l->mark[i].signs |= WN_SIGN_TAKEN;
			l->mark[i].kind = by[i]->kind;
			n++;
		}
	return n;
}

/* ---- on a page ----------------------------------------------------------- */

static void
add_sample(const struct wn_extractor *x, struct wn_lesson *l, uint32_t mark,
    uint32_t block)
{
	const struct wn_str *s = &x->b[block].text;
	size_t n = s->n < WN_SITE_SAMPLE - 1 ? s->n : WN_SITE_SAMPLE - 1;
	struct wn_site_sample *to;

	if (l->nsamples == WN_SITE_SAMPLES)
		return;
	to = &l->sample[l->nsamples++];
	while (n < s->n && n > 0 && ((unsigned char)s->p[n] & 0xC0) == 0x80)
		n--;
	memcpy(to->text, s->p, n);
	to->text[n] = '\0';
	to->mark = (uint16_t)mark;
}

static void
take(struct wn_extractor *x, const struct wn_lesson *l, const uint32_t *at,
    double *kept)
{
	struct winnow_doc *pub = &x->d->pub;

	for (uint32_t i = 0; i < x->n; i++)
		x->b[i].alone = x->b[i].kept;
	for (uint32_t i = 0; i < l->n; i++) {
		if (!(l->mark[i].signs & WN_SIGN_TAKEN))
			continue;
		*kept -= wn_plain(&x->b[at[i]]);
		wn_drop(x, at[i], l->mark[i].kind, "site-memory");
		pub->remembered++;
	}
}

int
wn_site_page(struct wn_extractor *x, double *kept)
{
	const struct winnow_page *page = x->d->page;
	const struct wn_site_taken *by[WN_SITE_MARKS];
	struct wn_site_view view;
	struct wn_lesson *l;
	uint32_t at[WN_SITE_MARKS];
	int err;

	if (page->site_len == 0 && !page->learn)
		return 0;
	if (wn_view_read(&view, page->site, page->site_len) != 0)
		view.n = view.ngroups = 0;
	if ((l = wn_alloc(x->d->arena, sizeof(*l))) == NULL)
		return WINNOW_ETOOBIG;
	if ((err = wn_site_marks(x, l, at)) != 0)
		return err;
	if (wn_site_judge(&view, l, by) > 0)
		take(x, l, at, kept);
	if (!page->learn)
		return 0;
	for (uint32_t i = 0; i < l->n; i++)
		if (by[i] != NULL)
			add_sample(x, l, i, at[i]);
	x->d->pub.lesson =
	    wn_lesson_pack(x->d->arena, l, &x->d->pub.lesson_len);
	return x->d->pub.lesson != NULL ? 0 : WINNOW_ETOOBIG;
}
