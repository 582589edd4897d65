/* normalise_page.c - the normaliser on a page: its kept blocks become the
 * article's text, and its title, names and captions are mended with the same
 * evidence.
 *
 * Invariants
 *  P1  text is the kept blocks in order, one paragraph a line, no empty line,
 *      no line feed at its end, at most TEXT_MAX bytes.
 *  P2  Nothing of a removed block gets into it. */
#include "cleaner/doc.h"

#include <string.h>

#include "cleaner/language.h"
#include "cleaner/normalise.h"
#include "cleaner/state.h"
#include "cleaner/utf8.h"

#define TEXT_MAX ((size_t)8 << 20)
#define ASIDES 512 /* titles, names, tags: more stay as they are */

/* Strings of the doc beside the text, each where its mended form goes. */
struct asides {
	const char **at[ASIDES];
	size_t n;
};

static void
add(struct asides *a, const char **s)
{
	if (*s != NULL && **s != '\0' && a->n < ASIDES)
		a->at[a->n++] = s;
}

static void
collect(struct winnow_doc *p, struct asides *a)
{
	struct winnow_list *lists[] = {
	    &p->captions, &p->authors, &p->editors, &p->sections, &p->tags};

	add(a, &p->title);
	add(a, &p->subtitle);
	add(a, &p->source_name);
	add(a, &p->sitename);
	add(a, &p->description);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (size_t k = 0; k < lists[i]->n; k++)
			add(a, &lists[i]->v[k]);
}

/* alone: as they are without the site's memory. */
static size_t
kept_blocks(const struct wn_doc *d, struct wn_para *l, int alone)
{
	size_t n = 0;

	for (size_t i = 0; i < d->nblocks; i++) {
		const struct wn_block *b = &d->blocks[i];

		if (!(alone ? b->alone : b->kept) || b->text.n == 0)
			continue;
		l[n++] = (struct wn_para){.s = b->text,
		    .block = b,
		    .pre = b->pre,
		    .row = b->row,
		    .heading = (uint8_t)b->heading,
		    .item = b->item,
		    .brk = b->brk};
	}
	return n;
}

static int
write_back(struct wn_doc *d, const struct asides *a, const struct wn_para *l)
{
	for (size_t i = 0; i < a->n; i++) {
		char *s;

		if (l[i].s.p == *a->at[i] && strlen(*a->at[i]) == l[i].s.n)
			continue;
		if ((s = wn_strndup(d->arena, l[i].s.p, l[i].s.n)) == NULL)
			return WINNOW_ENOMEM;
		*a->at[i] = s;
	}
	return 0;
}

/* ---- paragraphs -------------------------------------------------------- */

static size_t
count(const char *p, size_t n, const char *what)
{
	const char *end = p + n;
	size_t k = strlen(what), found = 0;

	while ((p = memmem(p, (size_t)(end - p), what, k)) != NULL) {
		found++;
		p += k;
	}
	return found;
}

/* 第8页 共8页, as a flattened document has it at its end. */
static int
is_page_number(struct wn_str s)
{
	size_t digits = 0, i = 3;

	if (s.n > 16 || s.n < 7 ||
	    (memcmp(s.p, "第", 3) != 0 && memcmp(s.p, "共", 3) != 0))
		return 0;
	for (; i < s.n && (s.p[i] == ' ' || (uint8_t)(s.p[i] - '0') < 10); i++)
		digits += s.p[i] != ' ';
	return digits > 0 && s.n - i == 3 &&
	       (memcmp(s.p + i, "页", 3) == 0 || memcmp(s.p + i, "頁", 3) == 0);
}

static int
is_title(const struct wn_doc *d, struct wn_str s)
{
	const char *t = d->pub.title;

	return t != NULL && strlen(t) == s.n && memcmp(t, s.p, s.n) == 0;
}

/* What extract could not see: furniture inside a line that is now split. */
static int
is_furniture(struct wn_doc *d, const struct wn_para *l, size_t i)
{
	if (!l->split)
		return 0;
	if (i == 0 && is_title(d, l->s)) {
		d->pub.removed[WINNOW_KIND_TITLE_REPEAT]++;
		return 1;
	}
	if (!is_page_number(l->s))
		return 0;
	d->pub.removed[WINNOW_KIND_PAGINATION]++;
	return 1;
}

#define VERSE 150 /* bytes: longer lines are paragraphs, not verse */

/* A heading that was split has one heading, and what follows is text. */
static uint8_t
form_of(const struct wn_para *l)
{
	if (l->heading != 0 && !l->split)
		return l->heading;
	if (l->row)
		return WN_FORM_ROW;
	if (l->pre)
		return WN_FORM_PRE;
	if (l->item)
		return WN_FORM_ITEM;
	return l->block->quote ? WN_FORM_QUOTE : WN_FORM_PLAIN;
}

/* Whether two paragraphs are lines of one element: of an item, of code, of a
 * verse. */
static int
is_one(const struct wn_para *a, const struct wn_para *b, enum wn_form form)
{
	if (form == WN_FORM_ITEM || form == WN_FORM_PRE)
		return a->block->group == b->block->group;
	return (form == WN_FORM_PLAIN || form == WN_FORM_QUOTE) &&
	       b->brk == 1 && !b->split && a->block->node == b->block->node &&
	       a->s.n <= VERSE && b->s.n <= VERSE;
}

/* Code is a paragraph of many lines. */
static size_t
lines_of(const struct wn_para *l)
{
	return 1 + (l->pre ? count(l->s.p, l->s.n, "\n") : 0);
}

static int
shapes_init(struct wn_doc *d, const struct wn_para *l, size_t n)
{
	size_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += lines_of(&l[i]);
	d->nshapes = 0;
	d->shapes = wn_alloc(d->arena, lines * sizeof(*d->shapes));
	return d->shapes != NULL ? 0 : WINNOW_ENOMEM;
}

/* last: the paragraph before, NULL: none. */
static void
shapes_add(
    struct wn_doc *d, const struct wn_para *last, const struct wn_para *l)
{
	const struct wn_block *b = l->block;
	struct wn_shape s = {.form = form_of(l),
	    .depth = b->depth,
	    .ordered = b->ordered,
	    .head = b->head};

	if (last != NULL && form_of(last) == s.form) {
		s.same = last->block->group == b->group;
		s.goes_on = (uint8_t)is_one(last, l, (enum wn_form)s.form);
	}
	for (size_t i = lines_of(l); i > 0; i--) {
		d->shapes[d->nshapes++] = s;
		s.same = s.goes_on = 1;
	}
}

static int
write_text(struct wn_doc *d, const struct wn_para *l, size_t n)
{
	const struct wn_para *last = NULL;
	struct wn_buf b;

	wn_buf_init(&b, d->arena);
	if (d->want_html && shapes_init(d, l, n) != 0)
		return WINNOW_ENOMEM;
	d->pub.paragraphs = 0;
	for (size_t i = 0; i < n; i++) {
		if (l[i].s.n == 0 || is_furniture(d, &l[i], i))
			continue;
		if (b.len + l[i].s.n + 1 > TEXT_MAX) {
			d->pub.truncated = 1;
			break;
		}
		if (d->shapes != NULL)
			shapes_add(d, last, &l[i]);
		last = &l[i];
		if (d->pub.paragraphs++ > 0)
			wn_buf_putc(&b, '\n');
		wn_buf_put(&b, l[i].s.p, l[i].s.n);
	}
	if (b.err)
		return WINNOW_ENOMEM;
	d->pub.text = b.b != NULL ? b.b : "";
	d->pub.text_len = b.len;
	return 0;
}

/* The kept blocks, and what stands beside them, mended. */
static int
mend_page(struct wn_doc *d, struct wn_norm *m, int alone)
{
	struct asides a;
	struct wn_para *l;
	struct wn_text t;
	size_t n;
	int rc;

	a.n = 0;
	collect(&d->pub, &a);
	if ((l = wn_alloc(d->arena, (d->nblocks + a.n) * sizeof(*l))) == NULL)
		return WINNOW_ENOMEM;
	n = kept_blocks(d, l, alone);
	for (size_t i = 0; i < a.n; i++)
		l[n + i] = (struct wn_para){.s = {*a.at[i], strlen(*a.at[i])}};
	t = (struct wn_text){.l = l, .n = n, .aside = l + n, .asides = a.n};
	if ((rc = wn_norm_text(m, &t)) != 0 ||
	    (!alone && (rc = write_back(d, &a, t.aside)) != 0))
		return rc;
	return write_text(d, t.l, t.n);
}

/* What the text's hash were had the memory taken nothing: of a page that comes
 * again that is how one tells whether the page or the memory has changed. */
static int
hash_alone(struct wn_doc *d)
{
	unsigned repairs[WINNOW_REPAIR_N] = {0};
	struct wn_norm m = {.arena = d->arena,
	    .charsets = d->w->charsets,
	    .script = d->w->script,
	    .blocks = d->blocks,
	    .repairs = repairs};
	struct winnow_doc as_it_is = d->pub;
	int html = d->want_html, rc;

	d->want_html = 0;
	if ((rc = mend_page(d, &m, 1)) == 0)
		as_it_is.alone_hash =
		    wn_text_hash(d->pub.text, d->pub.text_len);
	d->pub = as_it_is;
	d->want_html = html;
	return rc;
}

int
wn_stage_normalise(struct wn_doc *d)
{
	struct wn_norm m = {.arena = d->arena,
	    .charsets = d->w->charsets,
	    .script = d->w->script,
	    .blocks = d->blocks,
	    .repairs = d->pub.repairs,
	    .explain = d->w->opt.explain};
	struct wn_damage g;
	int rc;

	if (d->pub.remembered > 0 && (rc = hash_alone(d)) != 0)
		return rc;
	if ((rc = mend_page(d, &m, 0)) != 0)
		return rc;
	d->pub.repair_list = m.list;
	d->pub.nrepair_list = m.nlist;
	wn_damage_count(
	    (struct wn_str){d->pub.text, d->pub.text_len}, m.mirror, &g);
	d->pub.chars = g.chars;
	d->damaged = g.places;
	d->lost = g.bad;
	wn_language(d);
	if (m.mirror && d->pub.language_script != NULL &&
	    strcmp(d->pub.language_script, "Hant") == 0)
		d->pub.script_origin = "Hans";
	return 0;
}

/* The stages, on text that may be no UTF-8. m->repairs is the caller's. */
static int
mend(struct winnow *w, struct wn_norm *m, const char *text, size_t len,
    int mirror, struct wn_str *out)
{
	struct wn_buf clean;

	m->arena = w->scratch;
	m->charsets = w->charsets;
	m->script = w->script;
	wn_arena_reset(w->scratch);
	wn_buf_init(&clean, w->scratch);
	if (wn_utf8_prefix(text, len) != len) {
		wn_utf8_repair(&clean, text, len);
		if (clean.err)
			return WINNOW_ENOMEM;
		text = clean.b;
		len = clean.len;
	}
	return wn_normalise_text(m, text, len, mirror, out);
}

int
winnow_mend(struct winnow *w, const char *text, size_t len, int mirror,
    struct winnow_mended *out)
{
	struct wn_norm m = {
	    .repairs = out->repairs, .explain = w->opt.explain};
	struct wn_damage g;
	struct wn_str s;
	int rc;

	memset(out, 0, sizeof(*out));
	if ((rc = mend(w, &m, text, len, mirror, &s)) != 0)
		return rc;
	wn_damage_count(s, m.mirror, &g);
	out->text = s.p;
	out->text_len = s.n;
	out->mirror = m.mirror;
	out->plain_gloss = m.plain_gloss;
	out->folded = m.folded;
	out->noisy = m.noisy;
	out->unrepaired = g.places;
	out->quality = wn_damage_quality(&g);
	out->repair_list = m.list;
	out->nrepair_list = m.nlist;
	return 0;
}

int
winnow_normalise(struct winnow *w, const char *text, size_t len, int mirror,
    const char **out, size_t *out_len, unsigned repairs[WINNOW_REPAIR_N])
{
	unsigned none[WINNOW_REPAIR_N];
	struct wn_norm m = {.repairs = repairs != NULL ? repairs : none};
	struct wn_str s = {NULL, 0};
	int rc;

	memset(m.repairs, 0, sizeof(none));
	rc = mend(w, &m, text, len, mirror, &s);
	*out = s.p;
	*out_len = s.n;
	return rc;
}
