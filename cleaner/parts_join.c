/* parts_join.c - pages of one article to one text.
 *
 * The later pages are cleaned first and their lines put aside; then the first,
 * whose doc the caller gets with the lines of all. Which pages are of the
 * article parts_belong.c says. One that brings next to nothing new is a repeat:
 * that is how servers answer for a page that is not there. One that has the
 * whole article stands for all.
 *
 * Invariants
 *  PJ1  Each line of the text is a line of one page, or two that were joined.
 *  PJ2  A line is left out only at the edge of a page, where it repeats what
 *       came before, or is a note that the article goes on.
 *  PJ3  What is put aside is bounded by max_memory. */
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "cleaner/html.h"
#include "cleaner/meta.h"
#include "cleaner/parts_text.h"
#include "cleaner/utf8.h"

#define CUT_LEAST 45  /* bytes of a line that may break off in a sentence */
#define NEW_LEAST 0.1 /* of a page's text, or it is a repeat */

/* ---- joining ------------------------------------------------------------ */

static int
ends_sentence(uint32_t c)
{
	static const uint32_t ends[] = {0x3002, 0xFF01, 0xFF1F, 0x2026, 0x201D,
	    0xFF1A, 0xFF09, 0xFF1B, 0x300B, 0x3011, 0x300D, '.', '!', '?', ':',
	    ')', ';', '"', ']', 0x2019};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (c == ends[i])
			return 1;
	return 0;
}

static int
has_mark(struct wn_str s)
{
	return memmem(s.p, s.n, "，", 3) != NULL ||
	       memmem(s.p, s.n, "。", 3) != NULL ||
	       memmem(s.p, s.n, "、", 3) != NULL ||
	       memmem(s.p, s.n, ", ", 2) != NULL ||
	       memmem(s.p, s.n, ". ", 2) != NULL;
}

/* What stands between two halves of a sentence; NULL: they are none. sure: a
 * newspaper says that the second goes on from the first. */
static const char *
seam(const struct text_line *a, const struct text_line *b, int sure)
{
	unsigned l;
	uint32_t end = wn_char_before(a->s, a->s.n, &l);
	uint32_t begin = wn_char_at(b->s, 0, &l);

	if (a->shape.form != WN_FORM_PLAIN || b->shape.form != WN_FORM_PLAIN ||
	    ends_sentence(end) || begin == 0)
		return NULL;
	if (!sure && (a->s.n < CUT_LEAST || !has_mark(a->s)))
		return NULL;
	if (end >= 0x80 && begin >= 0x80)
		return (sure || has_mark(b->s)) &&
			       (wn_is_han(begin) || wn_is_cjk_mark(begin) ||
				   wn_is_kana(begin))
			   ? ""
			   : NULL;
	if (begin - 'a' < 26)
		return end == '-' ? "-" : " ";
	return begin - '0' < 10 && wn_is_han(end) ? "" : NULL;
}

static void
put_line(struct joiner *j, const struct text_line *l)
{
	j->l[j->nl++] = *l;
	wn_seen_add(&j->seen, l->hash);
}

static void
join_lines(struct joiner *j, const struct text_line *b, const char *between)
{
	struct text_line *a = &j->l[j->nl - 1];
	int hyphen = *between == '-';
	size_t gap = hyphen ? 0 : strlen(between), n = a->s.n - (size_t)hyphen;
	char *p = wn_alloc(j->w->arena, n + gap + b->s.n);

	if (p == NULL) {
		j->broken = 1;
		return;
	}
	memcpy(p, a->s.p, n);
	memcpy(p + n, between, gap);
	memcpy(p + n + gap, b->s.p, b->s.n);
	a->s = (struct wn_str){p, n + gap + b->s.n};
	wn_seen_add(&j->seen, b->hash);
	j->w->doc.pub.repairs[WINNOW_REPAIR_COLUMN_BREAK]++;
}

/* The text so far ends with the notes of its page: off with them. 1: one said
 * that the sentence goes on elsewhere. */
static int
drop_notes(struct joiner *j)
{
	int turned = 0;

	while (j->nl > 0) {
		struct text_line *l = &j->l[j->nl - 1];
		size_t n = wn_turn_note_at_end(l->s);

		if (n == 0 && !wn_is_goes_on_note(l->s))
			break;
		turned |= n > 0;
		l->s.n = n > 0 ? l->s.n - n : 0;
		while (l->s.n > 0 && l->s.p[l->s.n - 1] == ' ')
			l->s.n--;
		if (l->s.n > 0)
			break;
		j->nl--;
	}
	return turned;
}

/* The line repeats the title, or what an earlier page has. */
static int
is_repeated(const struct joiner *j, const struct text_line *l)
{
	const char *title = j->p[0].title;

	return l->hash == 0 || wn_seen_has(&j->seen, l->hash) ||
	       (title != NULL && l->s.n < 200 &&
		   wn_line_hash((struct wn_str){title, strlen(title)}) ==
		       l->hash);
}

/* The lines of a page's end that the page before ends with too stand once, at
 * the end of the last. */
static void
drop_common_end(struct joiner *j, const struct part_text *t)
{
	size_t i = t->n;

	while (j->nl > 0 && i > 0 && t->l[i - 1].hash != 0 &&
	       t->l[i - 1].hash == j->l[j->nl - 1].hash) {
		j->nl--;
		i--;
	}
}

static void
put_all(struct joiner *j, const struct part_text *t)
{
	for (size_t i = 0; i < t->n; i++)
		put_line(j, &t->l[i]);
}

static void
append(struct joiner *j, struct part_text *t)
{
	size_t i = 0, top = t->n < WN_PART_EDGE ? t->n : WN_PART_EDGE;
	struct text_line first;
	const char *between;
	int sure;

	drop_common_end(j, t);
	sure = drop_notes(j);
	/* 上接 may stand below a title that is repeated or another */
	for (size_t k = 0; k < top; k++) {
		size_t n = wn_turn_note_at_begin(t->l[k].s);

		if (n == 0)
			continue;
		sure = 1;
		t->l[k].s.p += n;
		t->l[k].s.n -= n;
		i = k;
		break;
	}
	while (i < t->n &&
	       (t->l[i].s.n == 0 || (i < top && is_repeated(j, &t->l[i]))))
		i++;
	if (i == t->n)
		return;
	first = t->l[i];
	between = j->nl > 0 ? seam(&j->l[j->nl - 1], &first, sure) : NULL;
	if (between != NULL)
		join_lines(j, &first, between);
	else
		put_line(j, &first);
	while (++i < t->n)
		put_line(j, &t->l[i]);
}

/* ---- what else is of all pages ------------------------------------------ */

/* More of b behind a, each once, in the doc's arena. */
static void
unite(
    struct wn_arena *arena, struct winnow_list *a, const struct winnow_list *b)
{
	const char **v =
	    b->n > 0 ? wn_alloc(arena, (a->n + b->n) * sizeof(*v)) : NULL;
	size_t n = 0, k;

	if (v == NULL)
		return;
	while (n < a->n) {
		v[n] = a->v[n];
		n++;
	}
	for (size_t i = 0; i < b->n; i++) {
		for (k = 0; k < n && strcmp(v[k], b->v[i]) != 0; k++)
			;
		if (k == n)
			v[n++] = b->v[i];
	}
	*a = (struct winnow_list){v, n};
}

/* The sums and lists of a later page; its share of the figures by its text. */
static void
add_figures(struct wn_doc *d, const struct part_text *t)
{
	struct winnow_doc *p = &d->pub;
	double a = (double)p->chars, b = (double)t->chars, sum = a + b;

	for (int i = 0; i < WINNOW_KIND_N; i++)
		p->removed[i] += t->removed[i];
	for (int i = 0; i < WINNOW_REPAIR_N; i++)
		p->repairs[i] += t->repairs[i];
	if (p->authors.n == 0)
		unite(d->arena, &p->authors, &t->authors);
	unite(d->arena, &p->editors, &t->editors);
	unite(d->arena, &p->captions, &t->captions);
	unite(d->arena, &p->attachments, &t->attachments);
	if (sum > 0)
		p->link_density =
		    (p->link_density * a + t->link_density * b) / sum;
	p->chars += t->chars;
	d->damaged += t->damaged;
	d->lost += t->lost;
}

static int
write_text(struct joiner *j)
{
	struct wn_doc *d = &j->w->doc;
	struct wn_buf b;

	wn_buf_init(&b, d->arena);
	d->shapes = d->want_html
			? wn_alloc(d->arena, (j->nl + 1) * sizeof(*d->shapes))
			: NULL;
	d->nshapes = d->pub.chars = 0;
	for (size_t i = 0; i < j->nl; i++) {
		if (i > 0)
			wn_buf_putc(&b, '\n');
		wn_buf_put(&b, j->l[i].s.p, j->l[i].s.n);
		d->pub.chars += wn_utf8_chars(j->l[i].s.p, j->l[i].s.n);
		if (d->shapes != NULL)
			d->shapes[d->nshapes++] = j->l[i].shape;
	}
	if (b.err || j->broken || (d->want_html && d->shapes == NULL))
		return WINNOW_ETOOBIG;
	d->pub.text = b.b != NULL ? b.b : "";
	d->pub.text_len = b.len;
	d->pub.paragraphs = j->nl;
	if (d->want_html && (d->pub.html = wn_html(d)) == NULL)
		return WINNOW_ETOOBIG;
	return 0;
}

/* The stages that look at the text as a whole, once more. */
static int
judge(struct joiner *j)
{
	struct wn_doc *d = &j->w->doc;
	uint64_t alone = 0;
	int r;

	if ((r = wn_stage_quality(d)) != 0 ||
	    (r = wn_stage_fingerprint(d)) != 0 || (r = wn_stage_topic(d)) != 0)
		return r;
	/* It is compared with that of another time alone. */
	for (size_t i = 0; i < j->n; i++)
		if (j->p[i].use == WINNOW_PART_USED)
			alone = XXH3_64bits_withSeed(&j->p[i].alone_hash,
			    sizeof(j->p[i].alone_hash), alone);
	d->pub.alone_hash = alone;
	return 0;
}

/* ---- the call ----------------------------------------------------------- */

/* Takes the whole article's text, or the pages' one behind the other. The pages
 * that were used. */
static unsigned
take_text(struct joiner *j, size_t whole)
{
	unsigned joined = 1;

	if (whole > 0) {
		for (size_t i = 0; i < j->n; i++)
			j->p[i].use = WINNOW_PART_REPEAT;
		j->p[whole].use = WINNOW_PART_USED;
		put_all(j, &j->p[whole]);
		return 1;
	}
	put_all(j, &j->p[0]);
	j->p[0].use = WINNOW_PART_USED;
	for (size_t i = 1; i < j->n; i++) {
		struct part_text *t = &j->p[i];

		if (!wn_part_belongs(j, i) || wn_kin_of(j, i) == WN_KIN_WHOLE)
			continue;
		t->use = WINNOW_PART_REPEAT;
		if (wn_share_seen(&j->seen, t) > 1 - NEW_LEAST)
			continue;
		t->use = WINNOW_PART_USED;
		append(j, t);
		joined++;
	}
	return joined;
}

static int
join(struct joiner *j)
{
	struct wn_doc *d = &j->w->doc;
	size_t lines = 1, whole;
	int cut = d->tree->truncated, r;

	for (size_t i = 0; i < j->n; i++)
		lines += j->p[i].n;
	j->l = wn_alloc(d->arena, lines * sizeof(*j->l));
	if (j->l == NULL || wn_seen_init(&j->seen, d->arena, lines) != 0)
		return WINNOW_ETOOBIG;
	whole = wn_find_whole(j);
	d->pub.joined = take_text(j, whole);
	if (whole > 0) /* nothing of the first page's text is left */
		d->pub.chars = d->damaged = d->lost = 0;
	for (size_t i = 1; i < j->n; i++)
		if (j->p[i].use == WINNOW_PART_USED)
			add_figures(d, &j->p[i]);
	d->pub.truncated = cut || (whole == 0 && wn_is_incomplete(j));
	r = write_text(j);
	return r == 0 ? judge(j) : r;
}

int
winnow_clean_parts(struct winnow *w, const struct winnow_page *pages, size_t n,
    uint8_t *used, const struct winnow_doc **doc)
{
	struct joiner j = {.w = w, .n = n};
	int r;

	if (n == 0 || n > WINNOW_PARTS_MAX)
		return WINNOW_EINVAL;
	memset(used, WINNOW_PART_NONE, n);
	wn_arena_reset(w->parts);
	if ((j.p = wn_zalloc(w->parts, n * sizeof(*j.p))) == NULL)
		return WINNOW_ETOOBIG;
	for (size_t i = n; i-- > 0;) {
		j.p[i].page = &pages[i];
		r = wn_part_clean(&j, i);
		if (r == WINNOW_ENOMEM || (r != 0 && i == 0))
			return *doc = &w->doc.pub, r;
		if (r != 0)
			j.p[i].n = 0;
	}
	*doc = &w->doc.pub;
	if (j.p[0].n == 0 || n == 1)
		return 0;
	r = join(&j);
	for (size_t i = 0; i < n; i++)
		used[i] = j.p[i].use;
	return r;
}
