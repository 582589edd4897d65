/* parts.c - is this page one of several of an article, and where are the
 * others?
 *
 * The links whose addresses are the page's own but for a number (parts_url.c)
 * and whose words speak of pages (parts_words.c) are a row of pages. Its
 * numbers are those of its words; where it has none, those of its addresses,
 * shifted to where the words begin to count. Rows that a script writes are read
 * from its arguments. Which page this is: the number that the row leaves out,
 * or the one before that of "next".
 *
 * Invariants
 *  PF1  Lists, threads and pages without an article have no parts; nor have
 *       readers' comments, however they are numbered.
 *  PF2  parts are by number, of a number and of an address only one, at most
 *       WINNOW_PARTS_MAX, none of them the page's own address.
 *  PF3  Linear in the links, for each of which two addresses are compared. */
#include "cleaner/parts_row.h"

#include <stdlib.h>
#include <string.h>

#include "cleaner/extract.h"
#include "cleaner/links_parts.h"
#include "cleaner/normalise.h"
#include "cleaner/state.h"

enum {
	CHAIN_MOST = 50, /* a number of a page that "next" alone tells of */
	TEXT_LEAST = 200 /* units of an article that a folder's index holds */
};

struct finder {
	struct wn_doc *d;
	struct wn_row row;
	struct winnow_part *parts;
	size_t nparts;
	unsigned own, count;
	int shift; /* number in words less number in address */
};

/* ---- is it one? --------------------------------------------------------- */

static int
is_page(const struct wn_row_link *r)
{
	return r->kin.kin == WN_KIN_PAGE;
}

/* The address says that the other is another page, and only the other is
 * numbered, or only this one: ids come in pairs. "Next" behind a parameter is
 * more often that of a list below the article. */
static int
is_sure_kin(const struct wn_row_link *r)
{
	return is_page(r) && (r->kin.own < 0) != (r->kin.other < 0) &&
	       (r->turn != WN_TURN_ON || !r->kin.by_query || r->in_head);
}

/* A number that its address has too, counted from 0 or 1. */
static int
agrees(const struct wn_row_link *r)
{
	return is_page(r) && r->turn == WN_TURN_NUMBER && r->kin.other >= 0 &&
	       r->number <= (unsigned)r->kin.other + 1 &&
	       r->number + 1 > (unsigned)r->kin.other;
}

/* "Next" is the number behind this one. */
static int
is_next(const struct wn_row_link *r)
{
	return (r->turn == WN_TURN_NEXT ||
		   (r->turn == WN_TURN_ON && r->in_head && r->kin.by_query)) &&
	       r->kin.other == r->kin.own + 1;
}

/* A page that only leads on, with a number that is none of an id. */
static int
is_chained(const struct finder *f, const struct wn_row_link *r)
{
	return r->kin.behind_name && r->kin.own < CHAIN_MOST &&
	       r->kin.other == r->kin.own + 1 &&
	       (is_next(r) ||
		   (r->turn == WN_TURN_ON && wn_told_near(f->d->tree, r->node) >
						 (unsigned)r->kin.own));
}

/* Among addresses that differ only by a number the row has to say that it
 * counts pages, and "next" lead to the number behind this one. Numbers alone
 * that begin anywhere are days, or months. */
static int
is_row(const struct finder *f)
{
	size_t sure = 0, agree = 0, next = 0, back = 0, edge = 0, chain = 0;

	for (size_t i = 0; i < f->row.n; i++) {
		const struct wn_row_link *r = &f->row.v[i];

		if (!is_page(r))
			continue;
		sure += is_sure_kin(r) &&
			(r->turn < WN_TURN_FIRST || r->turn == WN_TURN_REST);
		agree += agrees(r);
		edge += r->turn != WN_TURN_NUMBER || r->number <= 2;
		next += is_next(r);
		chain += is_chained(f, r);
		back += r->kin.other < r->kin.own &&
			(r->turn == WN_TURN_PREV || r->turn == WN_TURN_NUMBER);
	}
	if (sure > 0 || chain > 0 ||
	    (agree > 1 && (edge > 0 || f->row.self == 1 || f->row.self == 2)))
		return 1;
	return next > 0 && (agree > 0 || back > 0 || f->row.v[0].kin.own == 1);
}

/* Names that only share a shape: the number behind this one and "next" have to
 * lead to the same page. Its number; 0: there is no such row. */
static unsigned
row_by_shape(const struct finder *f)
{
	for (size_t i = 0; i < f->row.n; i++) {
		const struct wn_row_link *r = &f->row.v[i];

		if (r->kin.kin >= WN_KIN_PAGE && r->kin.kin != WN_KIN_WHOLE &&
		    r->turn == WN_TURN_NUMBER && r->number > 1 &&
		    (r->flags & WINNOW_NEXT))
			return r->number;
	}
	return 0;
}

/* ---- numbers ------------------------------------------------------------ */

/* Where the words begin to count, as against the addresses. */
static void
find_shift(struct finder *f)
{
	for (size_t i = 0; i < f->row.n; i++) {
		const struct wn_row_link *r = &f->row.v[i];

		if (agrees(r)) {
			f->shift = (int)r->number - r->kin.other;
			return;
		}
	}
	/* _1 behind a name without a number is the second page. */
	for (size_t i = 0; i < f->row.n; i++) {
		const struct wn_row_link *r = &f->row.v[i];

		if (is_page(r) && r->kin.own < 0 && r->kin.other == 1 &&
		    (r->turn == WN_TURN_NEXT || r->turn == WN_TURN_ON ||
			r->turn == WN_TURN_REST))
			f->shift = 1;
	}
}

static unsigned
own_number(const struct finder *f, unsigned by_shape)
{
	if (f->row.self > 0)
		return f->row.self;
	if (by_shape > 0)
		return by_shape - 1;
	for (size_t i = 0; i < f->row.n; i++)
		if (is_page(&f->row.v[i])) {
			int own = f->row.v[i].kin.own;

			return own < 0 || own + f->shift < 1
				   ? 1
				   : (unsigned)(own + f->shift);
		}
	return 1;
}

/* The last page's "next" begins anew. */
static int
leads_back(const struct wn_row_link *r)
{
	return is_page(r) && r->kin.other < r->kin.own;
}

static unsigned
number_of(const struct finder *f, const struct wn_row_link *r)
{
	switch (r->turn) {
	case WN_TURN_NUMBER:
		return r->number;
	case WN_TURN_NEXT:
	case WN_TURN_ON:
	case WN_TURN_REST:
		return leads_back(r) ? 0 : f->own + 1;
	case WN_TURN_PREV:
		return f->own - 1;
	case WN_TURN_FIRST:
		return 1;
	case WN_TURN_LAST:
		return r->kin.other >= 0 && r->kin.other + f->shift > 0
			   ? (unsigned)(r->kin.other + f->shift)
			   : 0;
	default:
		return 0;
	}
}

/* ---- parts -------------------------------------------------------------- */

/* PF2. */
static void
add_part(struct finder *f, const char *url, size_t len,
    const struct winnow_key *key, unsigned number)
{
	if (f->nparts == WINNOW_PARTS_MAX || number > WINNOW_PARTS_MAX)
		return;
	for (size_t i = 0; i < f->nparts; i++)
		if (f->parts[i].number == number ||
		    wn_same_page(&f->parts[i].key, key))
			return;
	f->parts[f->nparts++] = (struct winnow_part){.url = url,
	    .key = *key,
	    .url_len = (uint16_t)len,
	    .number = (uint16_t)number};
	if (number > f->count)
		f->count = number;
}

/* An address that no link names. */
static void
add_address(struct finder *f, const char *href, size_t len, unsigned number)
{
	struct wn_doc *d = f->d;
	struct winnow_key key,
	    own = winnow_url_key(&d->url, d->w->opt.url_seed);
	const char *url = wn_read_address(f->d, href, len, &key, &len);

	if (url != NULL && !wn_same_page(&key, &own))
		add_part(f, url, len, &key, number);
}

/* The first page, by taking the number out of the address of this one. */
static void
add_first(struct finder *f)
{
	const struct winnow_url *u = &f->d->url;

	for (size_t i = 0; i < f->nparts; i++)
		if (f->parts[i].number == 1)
			return;
	for (size_t i = 0; i < f->row.n; i++) {
		const struct wn_kin_of *k = &f->row.v[i].kin;
		char href[WINNOW_URL_MAX + 1];
		size_t tail = (size_t)u->frag_beg - k->end;

		if (k->kin != WN_KIN_PAGE || k->own < 0 || k->end <= k->beg)
			continue;
		memcpy(href, u->href, k->beg);
		memcpy(href + k->beg, u->href + k->end, tail);
		add_address(f, href, k->beg + tail, 1);
		return;
	}
}

static int
by_number(const void *a, const void *b)
{
	const struct winnow_part *p = a, *q = b;

	return (int)p->number - (int)q->number;
}

static void
count_told(struct finder *f, uint32_t node)
{
	unsigned n = wn_told_near(f->d->tree, node);

	if (n > f->count && n <= WINNOW_PARTS_MAX)
		f->count = n;
}

static void
take_row(struct finder *f, int shape)
{
	const struct wn_row_link *last = NULL;

	for (size_t i = 0; i < f->row.n; i++) {
		const struct wn_row_link *r = &f->row.v[i];
		unsigned number =
		    is_page(r) || (shape && r->kin.kin == WN_KIN_SHAPE)
			? number_of(f, r)
			: 0;

		if (number == 0)
			continue;
		add_part(f, r->url, r->len, &r->key, number);
		last = r;
	}
	if (last != NULL)
		count_told(f, last->node);
	if (f->own > 1)
		add_first(f);
}

/* Page 0 of a row that counts from 1 is all of it, when the words say so. */
static int
is_whole(const struct finder *f, const struct wn_row_link *r)
{
	if (r->kin.kin == WN_KIN_WHOLE)
		return r->turn == WN_TURN_WHOLE || r->turn == WN_TURN_REST;
	return is_page(r) && r->kin.other == 0 && f->own > 0 && f->shift == 0 &&
	       r->turn == WN_TURN_WHOLE;
}

/* The page that has it all: its address says so, or 余下全文 leads to one that
 * is no number. */
static void
take_whole(struct finder *f)
{
	for (size_t i = 0; i < f->row.n; i++) {
		const struct wn_row_link *r = &f->row.v[i];

		if (!is_whole(f, r))
			continue;
		add_part(f, r->url, r->len, &r->key, 0);
		if (f->own == 0)
			f->own = 1;
		return;
	}
}

/* A newspaper's turn to another sheet. */
static void
take_sheets(struct finder *f)
{
	int back = 0;

	for (size_t i = 0; i < f->row.n; i++)
		back |= f->row.v[i].turn == WN_TURN_BACK;
	for (size_t i = 0; i < f->row.n; i++) {
		const struct wn_row_link *r = &f->row.v[i];

		if (r->turn < WN_TURN_SHEET)
			continue;
		f->own = back ? 2 : 1;
		add_part(f, r->url, r->len, &r->key,
		    r->turn == WN_TURN_BACK ? 1 : f->own + 1);
	}
}

/* createPageHTML(3, 0, "t1024", "html"): its page is this one. */
static void
take_script(struct finder *f)
{
	struct wn_doc *d = f->d;
	struct wn_script_row row;
	char href[WN_SCRIPT_NEXT];
	struct winnow_url u;
	int i;

	if (!wn_script_row(d->html, d->html_len, &row) || row.count < 2)
		return;
	wn_script_page(&row, row.at, href);
	if (winnow_url_parse(&u, href, strlen(href), &d->url, NULL) != 0 ||
	    u.frag_beg != d->url.frag_beg ||
	    memcmp(u.href, d->url.href, u.frag_beg) != 0)
		return;
	f->own = (unsigned)row.at;
	for (i = 1; i <= row.count && i <= WINNOW_PARTS_MAX; i++) {
		wn_script_page(&row, i, href);
		if (i != row.at)
			add_address(f, href, strlen(href), (unsigned)i);
	}
	f->count = (unsigned)row.count;
}

/* ---- the stage ---------------------------------------------------------- */

/* Kept text, in units. */
static double
kept_units(const struct wn_extractor *x)
{
	double sum = 0;

	for (uint32_t i = 0; i < x->n; i++)
		sum += x->b[i].kept ? wn_plain(&x->b[i]) : 0;
	return sum;
}

/* The page of a host, or of a list, by its name. */
static int
is_home(const struct winnow_url *u)
{
	return u->frag_beg <= u->path_beg + 1;
}

static int
is_index(const struct winnow_url *u)
{
	static const char *const names[] = {"index", "list", "default", "node"};
	const char *p = u->href + u->query_beg;

	while (p > u->href && p[-1] != '/')
		p--;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncasecmp(p, names[i], strlen(names[i])) == 0)
			return 1;
	return 0;
}

/* PF1. */
static int
may_have_parts(const struct wn_extractor *x)
{
	const struct wn_doc *d = x->d;
	double kept;

	if (d->url.len == 0 || is_home(&d->url) || x->forum ||
	    d->w->opt.no_links || d->pub.page_type == WINNOW_LIST ||
	    d->pub.page_type == WINNOW_FORUM)
		return 0;
	kept = kept_units(x);
	return kept > 0 && (!is_index(&d->url) || kept >= TEXT_LEAST);
}

int
wn_find_parts(const struct wn_extractor *x)
{
	struct finder f = {.d = x->d, .row = {.x = x}};
	struct winnow_doc *p = &x->d->pub;
	unsigned by_shape;
	int rc;

	if (!may_have_parts(x))
		return 0;
	if ((rc = wn_read_row(&f.row)) != 0)
		return rc;
	f.parts = wn_alloc(x->d->arena, WINNOW_PARTS_MAX * sizeof(*f.parts));
	if (f.parts == NULL)
		return WINNOW_ETOOBIG;
	take_script(&f);
	by_shape = row_by_shape(&f);
	if (f.own == 0 && (by_shape > 0 || is_row(&f))) {
		find_shift(&f);
		f.own = own_number(&f, by_shape);
		take_row(&f, by_shape > 0);
	}
	if (f.own == 0)
		take_sheets(&f);
	take_whole(&f);
	if (f.nparts == 0)
		return 0;
	qsort(f.parts, f.nparts, sizeof(*f.parts), by_number);
	p->part = f.own;
	p->part_count = f.count > f.own ? f.count : f.own;
	p->parts = f.parts;
	p->nparts = f.nparts;
	p->truncated = 1;
	return 0;
}
