/* parts_belong.c - which pages are of one article, and are they all.
 *
 * A page is of the article when its title is the first page's but for a number,
 * or its address says so (parts_url.c), or it takes up where a newspaper turned
 * the page. One that has nearly all of the first, and much more, is the whole
 * article.
 *
 * Invariant PB1: pages times pages times the pages that one names, at most. */
#include <limits.h>
#include <string.h>

#include "cleaner/meta.h"
#include "cleaner/parts_text.h"

#define TAIL_MOST 12   /* bytes that a title may have more: （2） 第二页 */
#define WHOLE_HAS 0.8  /* of the first page's text, in the whole article */
#define WHOLE_MORE 1.3 /* times the first page's, likewise */

/* ---- does it belong? ----------------------------------------------------- */

/* The titles are the same, but for what numbers a page. */
static int
same_title(const char *a, const char *b)
{
	char sa[512], sb[512];
	size_t na, nb, least;

	if (a == NULL || b == NULL)
		return 0;
	na = wn_skeleton((struct wn_str){a, strlen(a)}, sa, sizeof sa);
	nb = wn_skeleton((struct wn_str){b, strlen(b)}, sb, sizeof sb);
	least = na < nb ? na : nb;
	return least > 0 && memcmp(sa, sb, least) == 0 &&
	       na - least <= TAIL_MOST && nb - least <= TAIL_MOST;
}

static int
is_key(const struct winnow_key *k, const struct part_text *of)
{
	return of->url.len > 0 && k->host == of->key.host &&
	       k->url == of->key.url;
}

/* a's row of pages names b. */
static int
names(const struct part_text *a, const struct part_text *b)
{
	for (size_t i = 0; i < a->nparts; i++)
		if (is_key(&a->parts[i].key, b))
			return 1;
	return 0;
}

static int
is_taken_up(const struct part_text *t)
{
	for (size_t i = 0; i < t->n && i < WN_PART_EDGE; i++)
		if (wn_turn_note_at_begin(t->l[i].s) > 0)
			return 1;
	return t->title != NULL && wn_turn_note_at_begin((struct wn_str){
				       t->title, strlen(t->title)}) > 0;
}

enum wn_kin
wn_kin_of(const struct joiner *j, size_t i)
{
	const struct winnow_url *u = &j->p[i].url;

	return wn_part_kin(&j->p[0].url, u->href, u->frag_beg).kin;
}

int
wn_part_belongs(const struct joiner *j, size_t i)
{
	const struct part_text *first = &j->p[0], *t = &j->p[i];
	enum wn_kin kin;

	if (t->n == 0)
		return 0;
	if (first->url.len == 0 || t->url.len == 0 ||
	    same_title(first->title, t->title) || is_taken_up(t))
		return 1;
	kin = wn_kin_of(j, i);
	if (kin == WN_KIN_WHOLE)
		return 1;
	return kin == WN_KIN_PAGE && t->part > 1 &&
	       (names(t, first) || t->title == NULL);
}

/* How much of a's text is in what was seen, and how much of it is new. */
double
wn_share_seen(const struct seen *s, const struct part_text *a)
{
	size_t old = 0, all = 1;

	for (size_t i = 0; i < a->n; i++) {
		all += a->l[i].s.n;
		old += a->l[i].hash == 0 || wn_seen_has(s, a->l[i].hash)
			   ? a->l[i].s.n
			   : 0;
	}
	return (double)old / (double)all;
}

/* The page that has the whole article; 0: there is none. */
size_t
wn_find_whole(struct joiner *j)
{
	struct seen all;
	size_t i, k;

	for (i = 1; i < j->n; i++) {
		struct part_text *t = &j->p[i];

		if (!wn_part_belongs(j, i) ||
		    (double)t->bytes < WHOLE_MORE * (double)j->p[0].bytes)
			continue;
		if (wn_seen_init(&all, j->w->parts, t->n) != 0)
			return 0;
		for (k = 0; k < t->n; k++)
			wn_seen_add(&all, t->l[k].hash);
		if (wn_share_seen(&all, &j->p[0]) >= WHOLE_HAS)
			return i;
	}
	return 0;
}

/* ---- what is missing ----------------------------------------------------- */

/* The number of a page: as it says, or as another page calls it; UINT_MAX. */
static unsigned
part_number(const struct joiner *j, const struct part_text *t)
{
	if (t->part > 1)
		return t->part;
	for (size_t n = 0; n < j->n; n++)
		for (size_t m = 0; m < j->p[n].nparts; m++)
			if (is_key(&j->p[n].parts[m].key, t))
				return j->p[n].parts[m].number;
	return UINT_MAX;
}

/* Behind a page that only repeats the article has ended: the number of the
 * first such page. */
static unsigned
end_of(const struct joiner *j)
{
	unsigned end = UINT_MAX, number;

	for (size_t i = 1; i < j->n; i++) {
		if (j->p[i].use != WINNOW_PART_REPEAT)
			continue;
		number = part_number(j, &j->p[i]);
		end = number < end ? number : end;
	}
	return end;
}

/* A page that some page names is not among those that were given. */
static int
is_missing(const struct joiner *j, const struct winnow_part *part)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct part_text *t = &j->p[i];

		if (t->use != WINNOW_PART_NONE &&
		    ((t->part > 0 && t->part == part->number) ||
			is_key(&part->key, t)))
			return 0;
	}
	return part->number > 0;
}

int
wn_is_incomplete(const struct joiner *j)
{
	unsigned told = 0, end = end_of(j);
	size_t given = 0;
	int ended = 0;

	for (size_t i = 0; i < j->n; i++) {
		const struct part_text *t = &j->p[i];

		if (t->use == WINNOW_PART_NONE)
			continue;
		given++;
		ended |= i > 0 && t->use == WINNOW_PART_REPEAT;
		if (t->part_count > told)
			told = t->part_count;
		for (size_t k = 0; k < t->nparts; k++)
			if (t->parts[k].number < end &&
			    is_missing(j, &t->parts[k]))
				return 1;
	}
	return !ended && told > given;
}
