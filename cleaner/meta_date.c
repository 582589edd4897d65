/* meta_date.c - the day the article was published, out of all that is said.
 *
 * Who is believed: JSON-LD, then meta tags, then what the page prints (a label
 * like 发布时间 before an element named so, before a bare date), then the URL,
 * then the feed. A day after the fetch does not win: clocks differ, so up to a
 * year ahead is taken when nothing else is there (date.c refuses later ones).
 *
 * An element named as a date counts for less when it stands far from the
 * title, and beside a link there it is of another article.
 *
 * Invariants
 *  MD1  date_publish is the site's day; datetime_publish is set only when a
 *       time and its offset are known. */
#include "cleaner/meta.h"

#include <stdio.h>
#include <string.h>

#include "cleaner/date.h"

enum {
	YEAR_FIRST = 1990,
	BEIJING = 8 * 60,
	NEAR_BEFORE = 5, /* lines round the title where its date stands */
	FAR = 40,        /* what an element loses elsewhere */
	VAGUE = 45,      /* what a date without its year loses */
	VAGUE_TAG = 15, /* weights of tags: below SURE_TAG they count so much */
	SURE_TAG = 60,
	TEASER = 300, /* bytes of a link to another article with its date */
	TEASER_LINK = 24
};

struct pick {
	struct wn_date d;
	int by, rank;
	int found;
	const struct wn_said *said; /* whose words these are, NULL: none's */
};

/* Minutes east that the site's clock shows: the caller's word, else Chinese
 * pages are in Beijing's time (so are Hong Kong's, Macao's and Taiwan's). */
static int
site_offset(const struct wn_meta *m)
{
	const char *z = m->d->page->timezone;
	int h, min;

	if (z != NULL && (*z == '+' || *z == '-') &&
	    sscanf(z + 1, "%2d:%2d", &h, &min) == 2 && h >= 0 && h <= 14 &&
	    min >= 0 && min < 60)
		return *z == '-' ? -(60 * h + min) : 60 * h + min;
	return m->chinese ? BEIJING : WN_NO_OFFSET;
}

static int
offset_of(const struct wn_meta *m, const struct wn_date *d)
{
	return d->offset != WN_NO_OFFSET ? d->offset : site_offset(m);
}

/* 2024-03-02T16:30Z on a Chinese site is the 3rd there. */
static void
to_site_day(const struct wn_meta *m, struct wn_date *d)
{
	int site = site_offset(m);

	if (site == WN_NO_OFFSET || d->hour < 0 || d->offset == WN_NO_OFFSET ||
	    d->offset == site)
		return;
	wn_date_from_unix(wn_date_unix(d, 0) + 60 * site, d);
	d->offset = site;
}

/* 23:00Z, to the second: a day entered without a time, stored as midnight of
 * a place east of Greenwich. */
static void
to_written_day(const struct wn_meta *m, struct wn_date *d)
{
	if (site_offset(m) != WN_NO_OFFSET || d->offset != 0 || d->hour < 22 ||
	    d->min != 0 || d->sec > 0)
		return;
	wn_date_from_unix(wn_date_unix(d, 0) + 2 * 3600, d);
	d->hour = d->sec = -1;
}

static int
is_ahead(const struct wn_meta *m, const struct wn_date *d)
{
	int64_t now = m->d->page->now;

	return now > 0 && now != WINNOW_NO_TIME &&
	       wn_date_days(d->year, d->mon, d->day) > now / 86400 + 1;
}

/* 1: it is the best so far. */
static int
offer(const struct wn_meta *m, struct pick *best, struct wn_str s, int by,
    int rank)
{
	struct wn_date d;

	if (s.n > 400 || !wn_date_find(s.p, s.n, m->d->page->now, &d) ||
	    d.year < YEAR_FIRST)
		return 0;
	if (d.kind == WN_DATE_COMPACT && by == WN_BY_TEXT && d.hour < 0 &&
	    s.n > 16)
		return 0;
	if (is_ahead(m, &d))
		rank -= 100;
	if (d.kind == WN_DATE_YEARLESS || d.kind == WN_DATE_RELATIVE)
		rank -= VAGUE;
	if (best->found && rank <= best->rank)
		return 0;
	to_site_day(m, &d);
	to_written_day(m, &d);
	*best = (struct pick){.d = d, .by = by, .rank = rank, .found = 1};
	return 1;
}

/* What each kind of sayer is worth, before the weight of the statement. The
 * templates of Chinese systems often put the moment the file was generated
 * into PubDate; what the page prints under the title is right. */
static int
rank_of(const struct wn_meta *m, const struct wn_said *s)
{
	switch (s->by) {
	case WN_BY_JSONLD:
		return 200 + s->weight;
	case WN_BY_META:
		if (m->chinese)
			return 65 + s->weight;
		/* of a search, or of the archive that holds the page */
		if (s->weight == WN_FORM_WEIGHT)
			return 90;
		/* a bare "date" is of the last change as often as not */
		return 120 + (s->weight > VAGUE_TAG && s->weight < SURE_TAG
				     ? VAGUE_TAG
				     : s->weight);
	case WN_BY_TIME:
		return 100 + s->weight;
	default:
		return 110 + s->weight;
	}
}

/* Does an element of the page stand away from the title? */
static int
is_far(const struct wn_meta *m, size_t i)
{
	const struct wn_doc *d = m->d;
	const struct wn_said *s = &m->said[i];
	size_t t = m->title_block;

	if (i >= m->nelements || s->node == 0 || s->by == WN_BY_META)
		return 0;
	if (t-- == 0)
		return 1;
	if (t > NEAR_BEFORE && s->node + 1 < d->blocks[t - NEAR_BEFORE].node)
		return 1;
	return m->near_end < d->nblocks &&
	       s->node >= d->blocks[m->near_end].node;
}

/* Does it stand beside a link of some length, in little else: a teaser? */
static int
is_teaser(const struct wn_meta *m, size_t i)
{
	const struct wn_tree *t = m->d->tree;
	uint32_t up = t->nodes[m->said[i].node].parent;

	up = up != 0 ? t->nodes[up].parent : 0;
	if (up == 0 || t->nodes[up].tend - t->nodes[up].tbeg > TEASER)
		return 0;
	for (uint32_t k = up; k < t->nodes[up].end; k++)
		if (t->nodes[k].tag == WN_TAG_A &&
		    t->nodes[k].tend - t->nodes[k].tbeg > TEASER_LINK)
			return 1;
	return 0;
}

/* ---- the URL ----------------------------------------------------------- */

static size_t
digits(const char *p, size_t max)
{
	size_t n = 0;

	while (n < max && p[n] >= '0' && p[n] <= '9')
		n++;
	return n;
}

static int
value(const char *p, size_t n)
{
	int v = 0;

	while (n-- > 0)
		v = v * 10 + (*p++ - '0');
	return v;
}

/* A year, a month and a day in a path: /2016/07/12/, /2012-11-29/, /201607/12/,
 * /2020-02/19/, /art/2016/7/12/, t20160712_1234.html, /29-10-2021. 1: found. */
static int
url_date_at(const char *p, const char *beg, struct wn_date *d)
{
	size_t n = digits(p, 9), m, k;
	const char *q;

	if (p > beg && p[-1] >= '0' && p[-1] <= '9')
		return 0;
	if (n == 8) {
		d->year = value(p, 4);
		d->mon = value(p + 4, 2);
		d->day = value(p + 6, 2);
	} else if (n == 6 && (p[6] == '/' || p[6] == '-') &&
		   (m = digits(p + 7, 3)) <= 2 && m > 0) {
		d->year = value(p, 4);
		d->mon = value(p + 4, 2);
		d->day = value(p + 7, m);
	} else if (n == 4 && (p[4] == '/' || p[4] == '-' || p[4] == '_')) {
		q = p + 5;
		m = digits(q, 5);
		if (m == 4 && (q[4] == '/' || q[4] == '_')) {
			d->mon = value(q, 2);
			d->day = value(q + 2, 2);
		} else {
			if (m == 0 || m > 2 || (q[m] != p[4] && q[m] != '/'))
				return 0;
			k = digits(q + m + 1, 3);
			if (k == 0 || k > 2)
				return 0;
			d->mon = value(q, m);
			d->day = value(q + m + 1, k);
		}
		d->year = value(p, 4);
	} else if (n == 2 && p[2] == '-' && digits(p + 3, 3) == 2 &&
		   p[5] == '-' && digits(p + 6, 5) == 4) {
		d->day = value(p, 2);
		d->mon = value(p + 3, 2);
		d->year = value(p + 6, 4);
	} else {
		return 0;
	}
	return d->year >= YEAR_FIRST && d->year < 2100 &&
	       wn_date_exists(d->year, d->mon, d->day);
}

static void
offer_url(const struct wn_meta *m, struct pick *best, const char *url, int rank)
{
	struct wn_date d = {.hour = -1, .sec = -1, .offset = WN_NO_OFFSET};
	const char *path = strstr(url, "://");

	path = path != NULL ? strchr(path + 3, '/') : url;
	if (path == NULL || (best->found && best->rank >= rank))
		return;
	for (const char *p = path; *p != '\0'; p++)
		if (*p >= '0' && *p <= '3' && url_date_at(p, path, &d) &&
		    !is_ahead(m, &d)) {
			*best = (struct pick){
			    .d = d, .by = WN_BY_URL, .rank = rank, .found = 1};
			return;
		}
}

/* ---- the choice -------------------------------------------------------- */

static void
choose(const struct wn_meta *m, enum wn_field field, struct pick *best)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct wn_said *s = &m->said[i];
		int far;

		if (s->field != field)
			continue;
		far = is_far(m, i);
		if (far && is_teaser(m, i))
			continue;
		if (offer(
			m, best, s->s, s->by, rank_of(m, s) - (far ? FAR : 0)))
			best->said = s;
	}
}

static void
print_day(const struct wn_date *d, char out[16])
{
	snprintf(out, 16, "%04d-%02d-%02d", d->year % 10000, d->mon % 100,
	    d->day % 100);
}

static int64_t
moment(const struct wn_meta *m, const struct pick *p)
{
	int off = offset_of(m, &p->d);

	if (!p->found || p->d.hour < 0 || off == WN_NO_OFFSET ||
	    p->d.kind == WN_DATE_RELATIVE)
		return WINNOW_NO_TIME;
	return wn_date_unix(&p->d, off);
}

static void
offer_feed(const struct wn_meta *m, struct pick *best)
{
	int64_t t = m->d->page->feed_date;
	int site = site_offset(m);

	if (best->found || t <= 0)
		return;
	if (site == WN_NO_OFFSET)
		site = 0;
	wn_date_from_unix(t + 60 * site, &best->d);
	best->d.offset = site;
	best->by = WN_BY_FEED;
	best->found = 1;
}

static void
credit(struct wn_meta *m, enum wn_field f, const struct pick *p)
{
	if (p->said != NULL)
		wn_credit(
		    m, f, (enum wn_sayer)p->by, p->said->node, p->said->how);
	else
		wn_credit(m, f, (enum wn_sayer)p->by, 0, NULL);
}

/* A moment told in UTC, and a URL with the day before or after: the URL has
 * the site's own day. */
static void
to_url_day(const struct wn_meta *m, struct pick *pub)
{
	struct pick url = {.found = 0};
	int64_t off;

	if (!pub->found || pub->by > WN_BY_META || pub->d.hour < 0 ||
	    pub->d.offset != 0 || m->d->page->url == NULL)
		return;
	offer_url(m, &url, m->d->page->url, 0);
	if (!url.found)
		return;
	off = wn_date_days(url.d.year, url.d.mon, url.d.day) -
	      wn_date_days(pub->d.year, pub->d.mon, pub->d.day);
	if (off == 1 || off == -1)
		*pub = url;
}

/* A moment told in UTC, and beside the title the same moment by the site's
 * clock: the day that is printed is the site's. */
static void
to_printed_day(const struct wn_meta *m, struct pick *pub)
{
	int64_t day;

	if (!pub->found || pub->by > WN_BY_META || pub->d.hour < 0 ||
	    pub->d.offset != 0)
		return;
	day = wn_date_days(pub->d.year, pub->d.mon, pub->d.day);
	for (size_t i = 0; i < m->n; i++) {
		const struct wn_said *s = &m->said[i];
		struct wn_date d;
		int64_t off;

		if (s->field != WN_F_PUBLISHED || s->by < WN_BY_TIME ||
		    is_far(m, i) ||
		    !wn_date_find(s->s.p, s->s.n, m->d->page->now, &d) ||
		    d.kind != WN_DATE_FULL || d.offset != WN_NO_OFFSET)
			continue;
		off = wn_date_days(d.year, d.mon, d.day) - day;
		/* no place is further than 14 hours from Greenwich */
		if ((off == 1 && pub->d.hour >= 10) ||
		    (off == -1 && pub->d.hour < 12)) {
			pub->d.year = d.year;
			pub->d.mon = d.mon;
			pub->d.day = d.day;
			return;
		}
		if (off == 0)
			return;
	}
}

int
wn_meta_date(struct wn_meta *m)
{
	struct winnow_doc *p = &m->d->pub;
	struct pick pub = {.found = 0}, mod = {.found = 0}, when;
	const struct wn_said *image = wn_said_best(m, WN_F_IMAGE);
	char day[16];

	choose(m, WN_F_PUBLISHED, &pub);
	choose(m, WN_F_MODIFIED, &mod);
	if (m->d->page->url != NULL)
		offer_url(m, &pub, m->d->page->url, 130);
	when = pub; /* the moment stays, whatever day the URL calls it */
	to_printed_day(m, &pub);
	to_url_day(m, &pub);
	if (!pub.found && p->url_canonical != NULL)
		offer_url(m, &pub, p->url_canonical, 130);
	/* the only day that the page gives itself; 11月2日 without a year is
	 * more often told in the text than about it */
	if (mod.found && (!pub.found || (pub.d.kind == WN_DATE_YEARLESS &&
					    mod.d.kind == WN_DATE_FULL)))
		pub = mod;
	offer_feed(m, &pub);
	if (!pub.found && m->d->title_tag != NULL)
		offer(m, &pub,
		    (struct wn_str){m->d->title_tag, strlen(m->d->title_tag)},
		    WN_BY_TEXT, 0);
	if (!pub.found && image != NULL)
		offer_url(m, &pub,
		    wn_strndup(m->d->arena, image->s.p, image->s.n), 10);
	p->date_modify = moment(m, &mod);
	if (p->date_modify != WINNOW_NO_TIME)
		credit(m, WN_F_MODIFIED, &mod);
	if (mod.found || pub.found) {
		print_day(mod.found ? &mod.d : &pub.d, day);
		p->date_latest = wn_strndup(m->d->arena, day, strlen(day));
	}
	if (!pub.found)
		return 0;
	print_day(&pub.d, day);
	p->date_publish = wn_strndup(m->d->arena, day, strlen(day));
	p->datetime_publish = moment(m, when.found ? &when : &pub);
	credit(m, WN_F_PUBLISHED, &pub);
	p->date_source = m->origin[WN_F_PUBLISHED].by;
	return p->date_publish == NULL ? WINNOW_ENOMEM : 0;
}
