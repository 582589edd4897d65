/* normalise.c - the order of the repairs.
 *
 * Damage is undone in the reverse order of how it arose: text read with the
 * wrong decoder first, then characters that one decoder or one converter put
 * there, then what a mirror did to the whole page, marks and spaces last.
 *
 * Invariants
 *  N1  A line that needs nothing (normalise_scan.c) is neither looked at
 *      again nor copied: it leaves as it came, the same bytes at the same
 *      address.
 *  N2  A stage that looks at the page reads evidence gathered from all lines
 *      after the stages before it, so lines do not depend on their order.
 *  N3  Linear: each stage reads a line once.
 *  N4  Output is valid UTF-8 and never longer in characters than the input in
 *      bytes. */
#include "cleaner/normalise.h"

#include <string.h>

#include "cleaner/script.h"
#include "cleaner/doc.h"
#include "cleaner/utf8.h"

/* ---- shared by the stages ---------------------------------------------- */

void
wn_edit_begin(struct wn_edit *e, struct wn_norm *norm, struct wn_str in)
{
	e->norm = norm;
	e->in = in;
	e->done = 0;
	norm->pass++;
	wn_buf_init(&e->out, norm->arena);
}

void
wn_norm_line(struct wn_norm *m, const struct wn_para *l, uint32_t pass)
{
	m->block =
	    l->block != NULL ? (uint32_t)(l->block - m->blocks) + 1 : l->line;
	m->piece = l->piece;
	m->pass = pass;
}

/* Past a bound the list is cut; the counts go on. */
void
wn_norm_list(struct wn_norm *m, size_t at, struct wn_str before,
    struct wn_str after, enum winnow_repair_kind kind)
{
	struct winnow_repair *r;

	if (!m->explain || m->nlist == 20000)
		return;
	if (m->nlist == m->list_cap) {
		size_t cap = m->list_cap ? 2 * m->list_cap : 64;

		r = wn_grow(m->arena, m->list, m->list_cap * sizeof(*r),
		    cap * sizeof(*r));
		if (r == NULL)
			return;
		m->list = r;
		m->list_cap = cap;
	}
	r = &m->list[m->nlist];
	*r = (struct winnow_repair){.kind = kind,
	    .block = m->block,
	    .pass = m->pass,
	    .piece = m->piece,
	    .offset = at,
	    .before = wn_strndup(m->arena, before.p, before.n),
	    .after = wn_strndup(m->arena, after.p, after.n)};
	if (r->before != NULL && r->after != NULL)
		m->nlist++;
}

void
wn_edit_put_sure(struct wn_edit *e, size_t at, size_t len, const char *to,
    size_t to_len, enum winnow_repair_kind kind, double margin)
{
	wn_norm_list(e->norm, at, (struct wn_str){e->in.p + at, len},
	    (struct wn_str){to, to_len}, kind);
	if (e->norm->nlist > 0 && margin > 0)
		e->norm->list[e->norm->nlist - 1].margin = (float)margin;
	wn_buf_put(&e->out, e->in.p + e->done, at - e->done);
	wn_buf_put(&e->out, to, to_len);
	e->done = at + len;
	if (e->norm->repairs != NULL)
		e->norm->repairs[kind]++;
}

void
wn_edit_put(struct wn_edit *e, size_t at, size_t len, const char *to,
    size_t to_len, enum winnow_repair_kind kind)
{
	wn_edit_put_sure(e, at, len, to, to_len, kind, 0);
}

int
wn_edit_end(struct wn_edit *e, struct wn_str *s)
{
	if (e->done == 0)
		return 0;
	wn_buf_put(&e->out, e->in.p + e->done, e->in.n - e->done);
	if (e->out.err)
		return WINNOW_ENOMEM;
	*s = (struct wn_str){e->out.b != NULL ? e->out.b : "", e->out.len};
	return 0;
}

uint32_t
wn_char_at(struct wn_str s, size_t i, unsigned *len)
{
	*len = 0;
	return i < s.n ? wn_utf8_get(s.p + i, len) : 0;
}

uint32_t
wn_char_before(struct wn_str s, size_t i, unsigned *len)
{
	size_t k = i;

	*len = 0;
	if (i == 0 || i > s.n)
		return 0;
	do
		k--;
	while (k > 0 && ((uint8_t)s.p[k] & 0xC0) == 0x80);
	return wn_utf8_get(s.p + k, len);
}

/* ---- the order --------------------------------------------------------- */

typedef int stage_fn(struct wn_norm *, struct wn_str *);
struct step {
	unsigned need;
	stage_fn *stage;
	int last; /* leaves nothing to do for those behind it */
};

static int
run(struct wn_norm *m, struct wn_str *s, const struct step *steps, size_t n,
    unsigned need)
{
	for (size_t i = 0; i < n; i++) {
		const char *was = s->p;
		size_t len = s->n;
		int rc;

		if ((need & steps[i].need) == 0)
			continue;
		if ((rc = steps[i].stage(m, s)) != 0)
			return rc;
		if (!steps[i].last && (s->p != was || s->n != len))
			need |= wn_norm_scan(*s);
	}
	return 0;
}

/* Before the evidence: what is wrong with single characters. */
static const struct step early[] = {
    {WN_NEED_MOJIBAKE, wn_norm_mojibake, 0},
    {WN_NEED_ENTITY, wn_norm_entities, 0},
    {WN_NEED_INVISIBLE, wn_norm_invisible, 0},
    {WN_NEED_COMPAT, wn_norm_compat, 0},
};

/* After it. Lost bytes first: their repair needs the glosses and the
 * private-use characters that the next two take away. */
static const struct step late[] = {
    {WN_NEED_SYMBOL | WN_HAS_LOST, wn_norm_lost, 0},
    {WN_NEED_GLOSS, wn_norm_gloss, 0},
    {WN_NEED_PRIVATE, wn_norm_private, 0},
    {WN_NEED_SYMBOL, wn_norm_symbols, 0},
    {WN_NEED_MARK | WN_HAS_NOISE, wn_norm_marks, 0},
    {WN_NEED_SPACE, wn_norm_spaces, 1},
    {WN_NEED_TRIM, wn_norm_trim, 1},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define EARLY                                                                  \
	(WN_NEED_MOJIBAKE | WN_NEED_ENTITY | WN_NEED_INVISIBLE | WN_NEED_COMPAT)

static int
run_early(struct wn_norm *m, struct wn_para *l, size_t n)
{
	int rc;

	for (size_t i = 0; i < n; i++) {
		const char *was = l[i].s.p;

		if ((l[i].need & (l[i].pre ? WN_NEED_INVISIBLE : EARLY)) == 0)
			continue;
		wn_norm_line(m, &l[i], 0);
		if (l[i].pre) {
			if ((rc = wn_norm_code(m, &l[i].s)) != 0)
				return rc;
			continue;
		}
		if ((rc = run(m, &l[i].s, early, COUNT(early), l[i].need)) != 0)
			return rc;
		if (l[i].s.p != was)
			l[i].need = wn_norm_scan(l[i].s);
	}
	return 0;
}

static int
run_late(struct wn_norm *m, struct wn_para *l, size_t n)
{
	/* a mirror's lines may have lost a byte though they hold no "?" */
	unsigned mirror = m->mirror ? WN_HAS_LOST : 0;
	int rc;

	for (size_t i = 0; i < n; i++) {
		if (l[i].pre)
			continue;
		wn_norm_line(m, &l[i], WN_PASS_SPLIT);
		if ((rc = run(m, &l[i].s, late, COUNT(late),
			 l[i].need | mirror)) != 0)
			return rc;
	}
	return 0;
}

/* Last: what was repaired is converted, too. */
static int
convert(struct wn_norm *m, struct wn_para *l, size_t n)
{
	int rc = 0;

	for (size_t i = 0; m->script != NULL && rc == 0 && i < n; i++)
		if (!l[i].pre)
			rc = wn_script_convert(
			    m->script, m->arena, &l[i].s, m->mirror);
	return rc;
}

int
wn_norm_text(struct wn_norm *m, struct wn_text *t)
{
	int rc;

	for (size_t i = 0; i < t->n; i++) {
		t->l[i].need = wn_norm_scan(t->l[i].s);
		m->kana |= t->l[i].need & WN_HAS_KANA;
	}
	for (size_t i = 0; i < t->asides; i++)
		t->aside[i].need = wn_norm_scan(t->aside[i].s);
	if ((rc = run_early(m, t->l, t->n)) != 0 ||
	    (rc = run_early(m, t->aside, t->asides)) != 0 ||
	    (rc = wn_norm_split(m, &t->l, &t->n)) != 0 ||
	    (rc = wn_norm_evidence(m, t)) != 0 ||
	    (rc = run_late(m, t->l, t->n)) != 0 ||
	    (rc = run_late(m, t->aside, t->asides)) != 0 ||
	    (rc = convert(m, t->l, t->n)) != 0 ||
	    (rc = convert(m, t->aside, t->asides)) != 0)
		return rc;
	return wn_norm_join(m, t->l, &t->n);
}

/* ---- plain text -------------------------------------------------------- */

/* Cuts a text at its line feeds. */
static int
cut_lines(struct wn_arena *arena, const char *p, size_t n, struct wn_text *t)
{
	const char *end = p + n, *nl;
	size_t cap = 0;

	*t = (struct wn_text){.n = 0};
	do {
		if (t->n == cap) {
			size_t more = cap > 0 ? 2 * cap : n / 64 + 8;

			t->l = wn_grow(arena, t->l, cap * sizeof(*t->l),
			    more * sizeof(*t->l));
			if (t->l == NULL)
				return WINNOW_ENOMEM;
			cap = more;
		}
		nl = memchr(p, '\n', (size_t)(end - p));
		t->l[t->n] = (struct wn_para){
		    .s = {p, (size_t)((nl != NULL ? nl : end) - p)},
		    .line = (uint32_t)t->n + 1};
		t->n++;
	} while (nl != NULL && (p = nl + 1));
	return 0;
}

/* The lines as a text again; its size is known, so it is written once. */
static int
join_lines(struct wn_arena *arena, const struct wn_text *t, struct wn_str *out)
{
	size_t n = 0, k = 0;
	char *p;

	for (size_t i = 0; i < t->n; i++)
		n += t->l[i].s.n + 1;
	if ((p = wn_alloc(arena, n)) == NULL)
		return WINNOW_ENOMEM;
	for (size_t i = 0; i < t->n; i++) {
		memcpy(p + k, t->l[i].s.p, t->l[i].s.n);
		k += t->l[i].s.n;
		p[k++] = '\n';
	}
	p[n - 1] = '\0';
	*out = (struct wn_str){p, n - 1};
	return 0;
}

int
wn_normalise_text(
    struct wn_norm *m, const char *p, size_t n, int mirror, struct wn_str *out)
{
	struct wn_text t;
	int rc;

	m->mirror = mirror;
	if ((rc = cut_lines(m->arena, p, n, &t)) != 0)
		return rc;
	if ((rc = wn_norm_text(m, &t)) != 0)
		return rc;
	return join_lines(m->arena, &t, out);
}
