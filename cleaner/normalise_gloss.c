/* normalise_gloss.c - pinyin after characters: 會(huì)議, 数(shu)控机(ji)床.
 *
 * Mirrors put a reading behind characters that their conversion changed. The
 * same thing in a lesson is what the author wrote, so nothing is taken out
 * before the page as a whole has shown that a machine did it: the readings
 * fit, stand behind characters that have a simplified form, behind few others,
 * and in the middle of sentences; and then only behind characters that carry
 * one nearly every time.
 *
 * Invariants
 *  G1  No evidence, no change.
 *  G2  What is removed is a reading Unihan knows for the character before. */
#include "cleaner/model.h"
#include "cleaner/normalise.h"

#include <string.h>

#include "cleaner/utf8.h"

enum {
	SLOTS = 1024,
	PROBES = 16, /* a page of characters that collide gains nothing */
	LESS_THAN_THIS_IS_NOTHING = 4,
	DIFFERENT = 3,
	PAIRS_MAX = 20000,
};

/* Han characters of the page with a fitting gloss, and how often they occur
 * with and without. Open addressing by the three bytes. */
struct wn_glossed {
	struct {
		uint32_t han;
		uint32_t with, all;
	} slot[SLOTS + 1]; /* the last: of those that have none */
	size_t used;
	size_t toned, toned_differ, plain, plain_differ, unfit, inside;
};

/* A letter of pinyin at p: appends its plain form. Length, 0: none. */
static size_t
letter(const char *p, size_t n, struct wn_gloss *g, size_t *k)
{
	static const struct {
		char c[4];
		char base, tone;
	} toned[] = {{"ā", 'a', 1}, {"á", 'a', 2}, {"ǎ", 'a', 3}, {"à", 'a', 4},
	    {"ē", 'e', 1}, {"é", 'e', 2}, {"ě", 'e', 3}, {"è", 'e', 4},
	    {"ī", 'i', 1}, {"í", 'i', 2}, {"ǐ", 'i', 3}, {"ì", 'i', 4},
	    {"ō", 'o', 1}, {"ó", 'o', 2}, {"ǒ", 'o', 3}, {"ò", 'o', 4},
	    {"ū", 'u', 1}, {"ú", 'u', 2}, {"ǔ", 'u', 3}, {"ù", 'u', 4},
	    {"ǖ", 'v', 1}, {"ǘ", 'v', 2}, {"ǚ", 'v', 3}, {"ǜ", 'v', 4},
	    {"ü", 'v', 0}, {"ê", 'e', 0}, {"ɑ", 'a', 0}, {"ɡ", 'g', 0},
	    {"ă", 'a', 3}, {"ĭ", 'i', 3}, {"ŏ", 'o', 3}, {"ŭ", 'u', 3},
	    {"ĕ", 'e', 3}};

	if (n == 0 || *k + 1 >= sizeof(g->syllable))
		return 0;
	if (*p >= 'a' && *p <= 'z') {
		g->syllable[(*k)++] = *p;
		return 1;
	}
	if ((uint8_t)*p < 0xC3 || (uint8_t)*p > 0xC9)
		return 0;
	for (size_t i = 0; n > 1 && i < sizeof(toned) / sizeof(toned[0]); i++)
		if (memcmp(p, toned[i].c, 2) == 0) {
			g->syllable[(*k)++] = toned[i].base;
			if (toned[i].tone)
				g->tone = toned[i].tone;
			return 2;
		}
	return 0;
}

size_t
wn_pinyin_read(const char *p, size_t n, struct wn_gloss *g)
{
	size_t i = 0, k = 0, l;

	memset(g, 0, sizeof(*g));
	while (i < n && (l = letter(p + i, n - i, g, &k)) > 0)
		i += l;
	if (i < n && p[i] == ' ')
		i++;
	if (k == 0 || i >= n || p[i] != ')')
		return 0;
	return g->len = i + 1;
}

size_t
wn_gloss_read(const char *p, size_t n, struct wn_gloss *g)
{
	if (n < 3 || *p != '(' || wn_pinyin_read(p + 1, n - 1, g) == 0)
		return 0;
	return ++g->len;
}

/* Does the gloss fit? The tone may differ: mirrors know one reading each. */
static int
fits(const char *han, const struct wn_gloss *g)
{
	return wn_reading_fits(han, g->syllable, 0);
}

/* The gloss behind a Han character at byte i of the line. */
static int
gloss_at(struct wn_str s, size_t i, struct wn_gloss *g)
{
	return i >= 3 && s.p[i] == '(' && (uint8_t)s.p[i - 3] >= 0xE4 &&
	       (uint8_t)s.p[i - 3] <= 0xE9 &&
	       wn_gloss_read(s.p + i, s.n - i, g);
}

/* Has the character another, simplified form, in Unihan or in a converter? */
static int
differs(const char *han)
{
	unsigned l;
	uint32_t c = wn_utf8_get(han, &l);

	return wn_has_simplified(han) || wn_model_plain(c) != c;
}

static uint32_t
key_of(const char *han)
{
	return (uint32_t)(uint8_t)han[0] << 16 |
	       (uint32_t)(uint8_t)han[1] << 8 | (uint8_t)han[2];
}

/* The slot of a character, or where it would go. */
static size_t
slot_of(const struct wn_glossed *t, uint32_t han)
{
	size_t i = (han * 2654435761u) >> 22;

	for (unsigned k = 0; k < PROBES; k++, i = (i + 1) % SLOTS)
		if (t->slot[i].han == 0 || t->slot[i].han == han)
			return i;
	return SLOTS;
}

static void
count_gloss(
    struct wn_glossed *t, struct wn_str s, size_t i, const struct wn_gloss *g)
{
	const char *han = s.p + i - 3;
	size_t k = slot_of(t, key_of(han)), end = i + g->len;
	struct wn_gloss again;
	unsigned l;

	if (!fits(han, g)) {
		t->unfit++;
		return;
	}
	if (g->tone != 0) {
		t->toned++;
		t->toned_differ += (size_t)differs(han);
	} else {
		t->plain++; /* 們(men): it has none */
		t->plain_differ += (size_t)differs(han);
	}
	if (wn_gloss_read(s.p + end, s.n - end, &again))
		end += again.len; /* some mirrors write it twice */
	t->inside += (size_t)wn_is_han(wn_char_at(s, end, &l));
	if (k < SLOTS && t->slot[k].han == 0 && t->used < SLOTS / 2) {
		t->slot[k].han = key_of(han);
		t->used++;
	}
	t->slot[k].with += t->slot[k].han != 0;
}

static void
count_line(struct wn_glossed *t, struct wn_str s)
{
	struct wn_gloss g;

	for (const char *p = s.p;
	     (p = memchr(p, '(', s.n - (size_t)(p - s.p))) != NULL; p++)
		if (gloss_at(s, (size_t)(p - s.p), &g))
			count_gloss(t, s, (size_t)(p - s.p), &g);
}

static void
count_bare(struct wn_glossed *t, struct wn_str s)
{
	for (size_t i = 0; i + 2 < s.n;) {
		unsigned k;

		wn_utf8_get(s.p + i, &k);
		if (k == 3)
			t->slot[slot_of(t, key_of(s.p + i))].all++;
		i += k;
	}
}

/* What the counts say. Toned: a mirror's conversion. Untoned, on any
 * character: another kind of mirror. */
static void
judge(struct wn_norm *m, const struct wn_glossed *t)
{
	size_t fit = t->toned + t->plain, different = 0;

	for (size_t i = 0; i < SLOTS; i++)
		different += t->slot[i].with > 0;
	if (fit < LESS_THAN_THIS_IS_NOTHING || different < DIFFERENT ||
	    t->inside * 10 < fit * 4)
		return;
	if (t->toned_differ >= LESS_THAN_THIS_IS_NOTHING &&
	    (fit - t->toned_differ - t->plain_differ + t->unfit) * 10 <=
		t->toned_differ)
		m->mirror = 1;
	else if (t->plain * 10 >= (fit + t->unfit) * 9)
		m->plain_gloss = 1;
}

/* ---- the page's marks -------------------------------------------------- */

/* Is the mark at i one that a fold made, between CJK characters? */
static int
folded_at(struct wn_str s, size_t i)
{
	unsigned l;

	return (s.p[i] == ',' || s.p[i] == ';' || s.p[i] == ':') &&
	       wn_is_han(wn_char_before(s, i, &l)) &&
	       wn_is_han(wn_char_at(s, i + 1, &l));
}

/* ,, and ，。 in the middle of Chinese text. */
static int
noise_at(struct wn_str s, size_t i)
{
	unsigned k, l;
	uint32_t c = wn_char_at(s, i, &k), d = wn_char_at(s, i + k, &l);

	return (c == ',' && (d == ',' || d == 0xFF0C)) ||
	       (c == 0xFF0C &&
		   (d == 0x3002 || d == 0xFF0C || d == 0xFF1B || d == 0xFF1F));
}

static void
count_marks(struct wn_str s, size_t *folded, size_t *noise)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ',' || s.p[i] == ';' || s.p[i] == ':')
			*folded += (size_t)folded_at(s, i);
		if (s.p[i] == ',' || ((uint8_t)s.p[i] == 0xEF && i + 2 < s.n &&
					 memcmp(s.p + i, "，", 3) == 0))
			*noise += (size_t)noise_at(s, i);
	}
}

static void
count_lines(struct wn_glossed *t, const struct wn_para *l, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (l[i].need & WN_NEED_GLOSS)
			count_line(t, l[i].s);
}

/* Glosses of the text and of what stands beside it. */
static int
gloss_evidence(struct wn_norm *m, const struct wn_text *t)
{
	struct wn_glossed *g = wn_zalloc(m->arena, sizeof(*g));

	if (g == NULL)
		return WINNOW_ENOMEM;
	count_lines(g, t->l, t->n);
	count_lines(g, t->aside, t->asides);
	judge(m, g);
	if (!m->mirror && !m->plain_gloss)
		return 0;
	for (size_t i = 0; i < t->n; i++)
		count_bare(g, t->l[i].s);
	for (size_t i = 0; i < t->asides; i++)
		count_bare(g, t->aside[i].s);
	m->glossed = g;
	return 0;
}

/* Which character follows which on this page; glosses are passed over. */
static void
count_pairs(struct wn_page_pairs *pairs, struct wn_str s)
{
	uint32_t a = 0;

	for (size_t i = 0; i < s.n;) {
		struct wn_gloss g;
		unsigned k;
		uint32_t b = wn_model_plain(wn_char_at(s, i, &k));
		size_t len = b == '(' ? wn_gloss_read(s.p + i, s.n - i, &g) : 0;

		if (len == 0) {
			wn_page_pairs_add(pairs, a, b);
			a = b;
			len = k;
		}
		i += len;
	}
}

static int
pair_evidence(struct wn_norm *m, const struct wn_text *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->l[i].s.n / 3;
	if (n > PAIRS_MAX)
		n = PAIRS_MAX;
	if ((m->pairs = wn_page_pairs_new(m->arena, n)) == NULL)
		return WINNOW_ENOMEM;
	for (size_t i = 0; i < t->n; i++)
		count_pairs(m->pairs, t->l[i].s);
	return 0;
}

/* Marks are judged by the text alone: a site's name is set as it likes. */
int
wn_norm_evidence(struct wn_norm *m, struct wn_text *t)
{
	unsigned seen = 0, beside = 0;
	size_t folded = 0, noise = 0;

	for (size_t i = 0; i < t->n; i++) {
		struct wn_para *l = &t->l[i];

		seen |= l->need;
		if (l->need & (WN_HAS_FOLDED | WN_HAS_NOISE) && !l->pre)
			count_marks(l->s, &folded, &noise);
	}
	for (size_t i = 0; i < t->asides; i++)
		beside |= t->aside[i].need;
	m->folded = folded > 0 && (seen & WN_HAS_STOP) &&
		    !(seen & WN_HAS_FULL) && !m->kana;
	m->noisy = noise >= 2;
	m->glossed = NULL;
	/* the caller's word about the page: every fitting gloss goes */
	if (!m->mirror && ((seen | beside) & WN_NEED_GLOSS) != 0 &&
	    gloss_evidence(m, t) != 0)
		return WINNOW_ENOMEM;
	m->pairs = NULL;
	return m->mirror ? pair_evidence(m, t) : 0;
}

/* ---- taking them out --------------------------------------------------- */

/* Most of the character's occurrences carry one. */
static int
usual(const struct wn_norm *m, const char *han)
{
	size_t i;

	if (m->glossed == NULL)
		return 1;
	i = slot_of(m->glossed, key_of(han));
	return m->glossed->slot[i].with * 2 >= m->glossed->slot[i].all;
}

static int
goes(const struct wn_norm *m, const char *han, const struct wn_gloss *g)
{
	if (!fits(han, g))
		return 0;
	if (m->plain_gloss)
		return g->tone == 0;
	return differs(han) && usual(m, han);
}

int
wn_norm_gloss(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;
	struct wn_gloss g, again;
	const char *end = s->p + s->n, *p = s->p;

	if (!m->mirror && !m->plain_gloss)
		return 0;
	wn_edit_begin(&e, m, *s);
	while ((p = memchr(p, '(', (size_t)(end - p))) != NULL) {
		size_t i = (size_t)(p - s->p), len;

		p++;
		if (!gloss_at(*s, i, &g) || !goes(m, s->p + i - 3, &g))
			continue;
		len = g.len; /* (chuang)(chuang) */
		while (m->plain_gloss &&
		       wn_gloss_read(s->p + i + len, s->n - i - len, &again) &&
		       strcmp(again.syllable, g.syllable) == 0)
			len += again.len;
		wn_edit_put(&e, i, len, "", 0, WINNOW_REPAIR_GLOSS);
		p = s->p + i + len;
	}
	return wn_edit_end(&e, s);
}
