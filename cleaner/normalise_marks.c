/* normalise_marks.c - lost symbols, folded marks, spaces.
 *
 * Invariants
 *  K1  Quotes, dashes, digits and marks between two ASCII characters are never
 *      touched.
 *  K2  Marks are widened only on a page that shows it was folded: it has 。 or
 *      、 and none of ，：； (wn_norm_evidence), or it is a mirror's, which
 *      folds some.
 *  K3  Spaces of a line without CJK characters stay as they are. */
#include "cleaner/normalise.h"

#include <string.h>

#include "cleaner/utf8.h"

enum { RUN_MAX = 32 }; /* of ? and spaces: what is longer is a drawing */

static int
is_cjk(uint32_t c)
{
	return wn_is_han(c) || wn_is_kana(c) || wn_is_cjk_mark(c);
}

/* Quotes and dashes of Chinese text, when beside CJK characters. */
static int
is_cjk_wide(uint32_t c)
{
	return is_cjk(c) || (c >= 0x2014 && c <= 0x2026);
}

/* ---- symbols that became ? --------------------------------------------- */

/* Copyright? 2019: the sign GBK lacks. */
static int
lost_copyright(struct wn_str s, size_t i)
{
	static const char word[] = "Copyright";
	size_t w = sizeof(word) - 1;

	if (i > 0 && s.p[i - 1] == ' ')
		i--;
	if (i < w || strncasecmp(s.p + i - w, word, w) != 0)
		return 0;
	for (i++; i < s.n && (s.p[i] == ' ' || s.p[i] == '?'); i++)
		;
	return i + 3 < s.n && (s.p[i] == '1' || s.p[i] == '2') &&
	       (uint8_t)(s.p[i + 1] - '0') < 10;
}

/* "?| ?": lost on both sides of a bar. */
static int
beside_bar(struct wn_str s, size_t bar)
{
	size_t a = bar, b = bar + 1;

	while (a > 0 && s.p[a - 1] == ' ')
		a--;
	while (b < s.n && s.p[b] == ' ')
		b++;
	return a > 0 && s.p[a - 1] == '?' && b < s.n && s.p[b] == '?';
}

/* "?word?" is how manuals write what may be left out. */
static int
closes(struct wn_str s, size_t i)
{
	while (i < s.n && s.p[i] != ' ' && s.p[i] != '?')
		i++;
	return i < s.n && s.p[i] == '?';
}

/* Length of a run of ? and spaces at i that stands for no-break spaces: more
 * than one ? apart, or a ? that has a space before and none after it. */
static size_t
lost_space(struct wn_str s, size_t i)
{
	size_t beg = i, end = i, marks = 0, pairs = 0;
	unsigned l;
	uint32_t before, after;

	for (; end < s.n && (s.p[end] == '?' || s.p[end] == ' '); end++) {
		if (end - beg == RUN_MAX)
			return 0;
		marks += s.p[end] == '?';
		if (s.p[end] == '?' && end > beg && s.p[end - 1] == '?')
			return 0; /* ?? is emphasis */
		pairs += end > beg + 1 && s.p[end] == '?' &&
			 s.p[end - 1] == ' ' && s.p[end - 2] == '?';
	}
	before = wn_char_before(s, beg, &l);
	after = wn_char_at(s, end, &l);
	if (marks == 0 || after == 0 || before == 0)
		return 0;
	if (before == '|' || after == '|')
		return beside_bar(s, before == '|' ? beg - 1 : end) ? end - beg
								    : 0;
	if (pairs > 0 && s.p[end - 1] == ' ' &&
	    (is_cjk(before) || is_cjk(after)))
		return end - beg;
	return s.p[beg] == ' ' && s.p[end - 1] == '?' && wn_is_han(after) &&
		       before < 0x80 && !closes(s, end)
		   ? end - beg
		   : 0;
}

/* Where to go on behind i: a run too long for lost_space() is passed over as a
 * whole, spaces are as one. */
static size_t
behind_run(struct wn_str s, size_t i)
{
	size_t end = i;

	while (end < s.n && (s.p[end] == '?' || s.p[end] == ' '))
		end++;
	if (end - i > RUN_MAX)
		return end;
	for (end = i; end + 1 < s.n && s.p[end] == ' ' && s.p[end + 1] == ' ';)
		end++;
	return end + 1;
}

int
wn_norm_symbols(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;

	if (memchr(s->p, '?', s->n) == NULL)
		return 0;
	wn_edit_begin(&e, m, *s);
	for (size_t i = 0; i < s->n; i++) {
		size_t k;

		if (s->p[i] != '?' && s->p[i] != ' ')
			continue;
		if (s->p[i] == '?' && lost_copyright(*s, i)) {
			wn_edit_put(&e, i, 1, "©", strlen("©"),
			    WINNOW_REPAIR_LOST_SYMBOL);
		} else if ((k = lost_space(*s, i)) > 0) {
			wn_edit_put(
			    &e, i, k, " ", 1, WINNOW_REPAIR_LOST_SYMBOL);
			i += k - 1;
		} else {
			i = behind_run(*s, i) - 1;
		}
	}
	return wn_edit_end(&e, s);
}

/* ---- marks ------------------------------------------------------------- */

static const char *
wide_form(char c)
{
	switch (c) {
	case ',':
		return "，";
	case ';':
		return "；";
	case ':':
		return "：";
	case '?':
		return "？";
	case '!':
		return "！";
	case '(':
		return "（";
	case ')':
		return "）";
	default:
		return NULL;
	}
}

/* The mark stands beside a CJK character. */
static int
beside_cjk(struct wn_str s, size_t i)
{
	unsigned l;

	return is_cjk_wide(wn_char_before(s, i, &l)) ||
	       is_cjk_wide(wn_char_at(s, i + 1, &l));
}

static int
is_at(struct wn_str s, size_t i, const char *mark)
{
	return s.n - i >= 3 && memcmp(s.p + i, mark, 3) == 0;
}

static int
widen(struct wn_norm *m, struct wn_str *s)
{
	enum { DEPTH = 8 };
	struct wn_edit e;
	int open[DEPTH], depth = 0;

	wn_edit_begin(&e, m, *s);
	for (size_t i = 0; i < s->n; i++) {
		const char *to = wide_form(s->p[i]);
		int yes;

		if (to == NULL) {
			if (is_at(*s, i, "（") && depth < DEPTH)
				open[depth++] = 1;
			else if (is_at(*s, i, "）") && depth > 0)
				depth--;
			continue;
		}
		yes = beside_cjk(*s, i);
		/* what a mirror left of a lost byte is no question */
		if (m->mirror && s->p[i] == '?')
			continue;
		/* a bracket closes as it was opened */
		if (s->p[i] == '(' && depth < DEPTH)
			open[depth++] = yes;
		else if (s->p[i] == ')')
			yes = depth > 0 ? open[--depth] : yes && !m->mirror;
		if (yes)
			wn_edit_put(&e, i, 1, to, 3, WINNOW_REPAIR_FOLDED_MARK);
	}
	return wn_edit_end(&e, s);
}

/* What was put before a mark: ,， and ，。 and ,, lose their first. */
static int
drop_noise(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;

	wn_edit_begin(&e, m, *s);
	for (size_t i = 0; i < s->n;) {
		unsigned k, l;
		uint32_t c = wn_char_at(*s, i, &k), d;

		d = wn_char_at(*s, i + k, &l);
		if ((c == ',' && (d == ',' || d == 0xFF0C)) ||
		    (c == 0xFF0C && (d == 0x3002 || d == 0xFF0C ||
					d == 0xFF1B || d == 0xFF1F)))
			wn_edit_put(&e, i, k, "", 0, WINNOW_REPAIR_FOLDED_MARK);
		i += k;
	}
	return wn_edit_end(&e, s);
}

int
wn_norm_marks(struct wn_norm *m, struct wn_str *s)
{
	int rc = 0;

	if (m->noisy)
		rc = drop_noise(m, s);
	if (rc == 0 && (m->folded || m->mirror))
		rc = widen(m, s);
	return rc;
}

/* ---- spaces ------------------------------------------------------------ */

/* Length of a space of any width at i. */
static size_t
space_at(struct wn_str s, size_t i)
{
	return wn_space_at(s.p + i, s.p + s.n);
}

/* The next space at or after i; s.n: there is none. */
static size_t
next_space(struct wn_str s, size_t i)
{
	for (; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if (c == ' ' || ((c == 0xC2 || c == 0xE2 || c == 0xE3) &&
				    space_at(s, i) > 0))
			break;
	}
	return i;
}

/* Single spaces between two CJK characters. */
static size_t
count_spaced(struct wn_str s)
{
	size_t n = 0, k;
	unsigned l;

	for (size_t i = 0; (i = next_space(s, i)) < s.n; i += k) {
		k = space_at(s, i);
		n += is_cjk(wn_char_before(s, i, &l)) &&
		     is_cjk(wn_char_at(s, i + k, &l));
	}
	return n;
}

/* 该 公 司 生 产: nearly every CJK character has a space behind it. */
static int
is_spaced_out(struct wn_str s)
{
	size_t spaced = count_spaced(s), pairs = spaced;
	int was = 0;

	if (spaced < WN_SPACED_LEAST)
		return 0;
	for (size_t i = 0; i < s.n;) {
		unsigned k;
		int is = is_cjk(wn_utf8_get(s.p + i, &k));

		pairs += (size_t)(was && is);
		was = is;
		i += k;
	}
	return spaced * 5 >= pairs * 4;
}

/* What stands for a run of spaces between two characters; NULL: itself. */
static const char *
space_between(uint32_t before, uint32_t after, int wide, size_t len, int spread)
{
	if (after == 0 || (before == 0 && (wide || after >= 0x80)))
		return "";
	if (before == 0xFF08 && after == 0xFF09)
		return NULL; /* to be filled in */
	/* code beside its comment, columns, an indent */
	if (!wide && before < 0x80 && after < 0x80)
		return NULL;
	if (spread && is_cjk(before) && is_cjk(after))
		return "";
	if (wn_is_cjk_mark(before) && before != 0xFF08)
		return "";
	if ((before == 0x201D || before == 0x2026) && wn_is_han(after))
		return "";
	return wide || len > 1 ? " " : NULL;
}

static int
has_cjk(struct wn_str s)
{
	for (size_t i = 0; i + 2 < s.n; i++)
		if ((uint8_t)s.p[i] >= 0xE3 && (uint8_t)s.p[i] <= 0xE9)
			return 1;
	return 0;
}

int
wn_norm_spaces(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;
	int spread;

	if (!has_cjk(*s) || m->kana)
		return 0;
	spread = is_spaced_out(*s);
	wn_edit_begin(&e, m, *s);
	for (size_t i = 0; (i = next_space(*s, i)) < s->n;) {
		int wide = 0;
		size_t beg = i, k;
		unsigned l;
		const char *to;

		for (; (k = space_at(*s, i)) > 0; i += k)
			wide |= k > 1;
		to = space_between(wn_char_before(*s, beg, &l),
		    wn_char_at(*s, i, &l), wide, i - beg, spread);
		if (to != NULL)
			wn_edit_put(&e, beg, i - beg, to, strlen(to),
			    WINNOW_REPAIR_SPACE);
	}
	return wn_edit_end(&e, s);
}

struct wn_str
wn_trim_spaces(struct wn_str s)
{
	const char *end = s.p + s.n;
	size_t k;

	while ((k = wn_space_at(s.p, end)) > 0)
		s.p += k;
	for (; end > s.p; end -= k) {
		k = end[-1] == ' ' ? 1 : end - s.p > 2 ? 3 : 0;
		if (k == 0 || (k == 3 && wn_space_at(end - 3, end) != 3)) {
			k = 2;
			if (end - s.p < 2 || wn_space_at(end - 2, end) != 2)
				break;
		}
	}
	s.n = (size_t)(end - s.p);
	return s;
}

static int
is_plain(const char *p, size_t n)
{
	while (n > 0 && p[n - 1] == ' ')
		n--;
	return n == 0;
}

/* Takes off what space is at the line's edges, without a copy. What an edge
 * is stands in space_between(), too: plain spaces before ASCII are an indent.
 */
int
wn_norm_trim(struct wn_norm *m, struct wn_str *s)
{
	struct wn_str t = wn_trim_spaces(*s), none = {"", 0}, head, tail;

	if (!has_cjk(*s) || m->kana)
		return 0;
	if (t.n > 0 && (uint8_t)t.p[0] < 0x80 &&
	    is_plain(s->p, (size_t)(t.p - s->p))) {
		t.n += (size_t)(t.p - s->p);
		t.p = s->p;
	}
	head = (struct wn_str){s->p, (size_t)(t.p - s->p)};
	tail = (struct wn_str){t.p + t.n, s->n - head.n - t.n};
	m->pass++;
	if (head.n > 0) {
		wn_norm_list(m, 0, head, none, WINNOW_REPAIR_SPACE);
		m->repairs[WINNOW_REPAIR_SPACE]++;
	}
	if (tail.n > 0) {
		wn_norm_list(m, head.n + t.n, tail, none, WINNOW_REPAIR_SPACE);
		m->repairs[WINNOW_REPAIR_SPACE]++;
	}
	*s = t;
	return 0;
}
