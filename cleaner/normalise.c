/* normalise.c - the order of the repairs, and what finds out that none is
 * needed.
 *
 * Damage is undone in the reverse order of how it arose: text read with the
 * wrong decoder first, then characters that one decoder or one converter put
 * there, then what a mirror did to the whole page, marks and spaces last.
 *
 * Invariants
 *  N1  A line that needs nothing is not copied: it leaves as it came, the
 *      same bytes at the same address.
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

/* ---- one scan ---------------------------------------------------------- */

/* Lead byte E2: general punctuation, radicals. */
static unsigned
scan_e2(const uint8_t *p)
{
	if (p[1] == 0x80)
		return p[2] <= 0x8A || p[2] == 0xAF ? WN_NEED_SPACE
		       : (p[2] >= 0x8B && p[2] <= 0x8F) ||
			       (p[2] >= 0xA8 && p[2] <= 0xAE)
			   ? WN_NEED_INVISIBLE
			   : 0;
	if (p[1] == 0x81)
		return p[2] == 0x9F   ? WN_NEED_SPACE
		       : p[2] >= 0xA0 ? WN_NEED_INVISIBLE
				      : 0;
	return p[1] >= 0xBA ? WN_NEED_COMPAT : 0;
}

static unsigned
scan_e3(const uint8_t *p)
{
	if (p[1] == 0x80)
		return p[2] == 0x80   ? WN_NEED_SPACE
		       : p[2] <= 0x82 ? WN_HAS_STOP
				      : 0;
	return p[1] <= 0x83 ? WN_HAS_KANA : 0;
}

/* Lead byte EF: private use, compatibility forms, full and half width. */
static unsigned
scan_ef(const uint8_t *p)
{
	switch (p[1]) {
	case 0xBC:
		if (p[2] == 0x8C || p[2] == 0x9A || p[2] == 0x9B)
			return WN_HAS_FULL | (p[2] == 0x8C ? WN_NEED_MARK : 0);
		return (p[2] >= 0x90 && p[2] <= 0x99) || p[2] >= 0xA1
			   ? WN_NEED_COMPAT
			   : 0;
	case 0xBD:
	case 0xBE:
	case 0xB8:
	case 0xB9:
		return WN_NEED_COMPAT;
	case 0xBB:
		return p[2] == 0xBF ? WN_NEED_INVISIBLE : 0;
	case 0xB7:
		return p[2] >= 0x90 && p[2] <= 0xAF ? WN_NEED_INVISIBLE : 0;
	case 0xBF:
		return p[2] == 0xBD   ? WN_HAS_LOST
		       : p[2] >= 0xB0 ? WN_NEED_INVISIBLE
				      : 0;
	default:
		return p[1] <= 0xA3   ? WN_NEED_PRIVATE
		       : p[1] <= 0xAB ? WN_NEED_COMPAT
				      : 0;
	}
}

static unsigned
scan_wide(const uint8_t *p)
{
	switch (p[0]) {
	case 0xE1:
		return p[1] == 0xA0 && p[2] == 0x8E ? WN_NEED_INVISIBLE : 0;
	case 0xE2:
		return scan_e2(p);
	case 0xE3:
		return scan_e3(p);
	case 0xEE:
		return WN_NEED_PRIVATE;
	case 0xEF:
		return scan_ef(p);
	default:
		return 0;
	}
}

static unsigned
scan_ascii(const uint8_t *p, size_t i, size_t n)
{
	switch (p[i]) {
	case '&':
	case '#':
		return WN_NEED_ENTITY;
	case 'X':
		return i + 1 < n && (uint8_t)(p[i + 1] - '0') < 10
			   ? WN_NEED_ENTITY
			   : 0;
	case '?':
		return WN_NEED_SYMBOL | WN_NEED_MARK;
	case '(':
		return WN_NEED_GLOSS | WN_NEED_MARK;
	case ',':
	case ';':
	case ':':
	case '!':
	case ')':
		return WN_NEED_MARK;
	case ' ':
		return i == 0 || i + 1 == n || (p[i - 1] | p[i + 1]) >= 0x80 ||
			       p[i - 1] == ' '
			   ? WN_NEED_SPACE
			   : 0;
	case '\t':
	case '\n':
		return 0;
	default:
		return p[i] < 0x20 || p[i] == 0x7F ? WN_NEED_INVISIBLE : 0;
	}
}

/* ASCII that scan_ascii() has something to say of. */
static const uint8_t telling[128] = {[0 ... 8] = 1,
    [0x0B ... 0x20] = 1,
    ['!'] = 1,
    ['#'] = 1,
    ['&'] = 1,
    ['('] = 1,
    [')'] = 1,
    [','] = 1,
    [':'] = 1,
    [';'] = 1,
    ['?'] = 1,
    ['X'] = 1,
    [0x7F] = 1};

unsigned
wn_norm_scan(struct wn_str s)
{
	const uint8_t *p = (const uint8_t *)s.p;
	unsigned need = 0;

	for (size_t i = 0; i < s.n;) {
		if (p[i] < 0x80) {
			if (telling[p[i]])
				need |= scan_ascii(p, i, s.n);
			i++;
		} else if (p[i] < 0xE0) {
			/* bytes of one character became two of these */
			if (i + 2 < s.n && p[i + 2] >= 0xC2 &&
			    (p[i] == 0xC3 ||
				(p[i] == 0xC2 && p[i + 1] >= 0xB0)))
				need |= WN_NEED_MOJIBAKE;
			if (p[i] == 0xC2)
				need |= p[i + 1] < 0xA0 || p[i + 1] == 0xAD
					    ? WN_NEED_INVISIBLE
					: p[i + 1] == 0xA0 ? WN_NEED_SPACE
							   : 0;
			i += 2;
		} else if (p[i] < 0xF0) {
			if (p[i] <= 0xE3 || p[i] >= 0xEE)
				need |= scan_wide(p + i);
			i += 3;
		} else {
			if (p[i] >= 0xF3)
				need |= WN_NEED_PRIVATE;
			if (p[i + 1] % 16 == 0x0F && p[i + 2] == 0xBF)
				need |= WN_NEED_INVISIBLE;
			i += 4;
		}
	}
	return need;
}

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
	m->block = l->block != NULL ? (uint32_t)(l->block - m->blocks) + 1 : 0;
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
		if (s->p != was || s->n != len)
			need |= wn_norm_scan(*s);
	}
	return 0;
}

/* Before the evidence: what is wrong with single characters. */
static const struct step early[] = {
    {WN_NEED_MOJIBAKE, wn_norm_mojibake},
    {WN_NEED_ENTITY, wn_norm_entities},
    {WN_NEED_INVISIBLE, wn_norm_invisible},
    {WN_NEED_COMPAT, wn_norm_compat},
};

/* After it. Lost bytes first: their repair needs the glosses and the
 * private-use characters that the next two take away. */
static const struct step late[] = {
    {WN_NEED_SYMBOL | WN_HAS_LOST, wn_norm_lost},
    {WN_NEED_GLOSS, wn_norm_gloss},
    {WN_NEED_PRIVATE, wn_norm_private},
    {WN_NEED_SYMBOL, wn_norm_symbols},
    {WN_NEED_MARK, wn_norm_marks},
    {WN_NEED_SPACE, wn_norm_spaces},
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

		if (l[i].pre || (l[i].need & EARLY) == 0)
			continue;
		wn_norm_line(m, &l[i], 0);
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
	int rc;

	for (size_t i = 0; i < n; i++) {
		if (l[i].pre)
			continue;
		wn_norm_line(m, &l[i], WN_PASS_SPLIT);
		if ((rc = run(m, &l[i].s, late, COUNT(late), l[i].need)) != 0)
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

static size_t
count_lines(const char *p, size_t n)
{
	size_t k = 1;

	for (const char *e = p + n; (p = memchr(p, '\n', (size_t)(e - p))); p++)
		k++;
	return k;
}

int
wn_normalise_text(
    struct wn_norm *m, const char *p, size_t n, int mirror, struct wn_str *out)
{
	size_t k = count_lines(p, n);
	struct wn_para *l = wn_zalloc(m->arena, k * sizeof(*l));
	struct wn_text t = {.l = l, .n = k};
	struct wn_buf b;
	int rc;

	if (l == NULL)
		return WINNOW_ENOMEM;
	m->mirror = mirror;
	for (size_t i = 0; i < k; i++) {
		const char *nl = memchr(p, '\n', n);

		l[i].s = (struct wn_str){p, nl ? (size_t)(nl - p) : n};
		n -= l[i].s.n + (nl != NULL);
		p += l[i].s.n + (nl != NULL);
	}
	if ((rc = wn_norm_text(m, &t)) != 0)
		return rc;
	wn_buf_init(&b, m->arena);
	for (size_t i = 0; i < t.n; i++) {
		if (i > 0)
			wn_buf_putc(&b, '\n');
		wn_buf_put(&b, t.l[i].s.p, t.l[i].s.n);
	}
	if (b.err)
		return WINNOW_ENOMEM;
	*out = (struct wn_str){b.b != NULL ? b.b : "", b.len};
	return 0;
}
