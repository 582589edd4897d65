/* meta_lines.c - the lines a page prints about its article: 发布时间：…
 * 来源：… 作者：…, an index table's cells, a bare date under the title.
 *
 * A colon (or a cell's edge) with a known label before it begins a value; the
 * next such place, a bracket, a bar or the line's end ends it.
 *
 * Invariants
 *  ML1  Only lines of at most LINE_MAX bytes are read: running text is not.
 *  ML2  Weak labels (时间：) count beside the title only: in the body they are
 *       the article's own (时间：5月1日 地点：…). */
#include "cleaner/meta.h"

#include <string.h>
#include <strings.h>

#include "cleaner/date.h"
#include "cleaner/normalise.h"
#include "cleaner/state.h"

enum {
	LINE_MAX = 900,
	VALUE_MAX = 240,
	NAMES_MAX = 90, /* bytes of names in Latin script */
	LABEL_MAX = 24,
	NEAR_BEFORE = 4,
	HEAD_LINES = 40, /* without a title: so many from the top */
	LINE_HEAD = 300, /* where a date with words round it may stand */
	DATE_BYTES = 32,
	BYLINE = 160, /* a line with names and little else */
	WORDS_BEFORE = 40,
	WORDS_AFTER = 40
};

#define NONE WN_F_NONE
#define AUTHOR WN_F_AUTHOR
#define EDITOR WN_F_EDITOR
#define SOURCE WN_F_SOURCE
#define TAGS WN_F_TAGS
#define PUBLISHED WN_F_PUBLISHED
#define MODIFIED WN_F_MODIFIED
#define STOP WN_F_STOP

static const struct label {
	const char *s;
	uint8_t len, field, weight;
} labels[] = {
#define L(s, field, weight) {s, sizeof(s) - 1, field, weight},
#include "cleaner/meta_labels.def"
};

static const struct {
	const char *s;
	uint8_t field;
} wordings[] = {
#define W(s, field) {s, field},
#include "cleaner/meta_labels.def"
};
#define WORDINGS (sizeof(wordings) / sizeof(wordings[0]))

struct place {
	const struct label *label;
	size_t beg, value; /* of the label; of what follows its colon */
};

/* The label that ends at byte `end` of s, spaces inside it allowed (来 源).
 * It must not be the tail of a longer word: that is the caller's table. */
static const struct label *
label_before(struct wn_str s, size_t end, size_t *beg)
{
	char word[LABEL_MAX];
	size_t at[LABEL_MAX], k = LABEL_MAX, i = end;

	while (i > 0 && k > 0 && end - i < 2 * LABEL_MAX) {
		i--;
		if (s.p[i] == ' ')
			continue;
		if (s.p[i] == '\t' || s.p[i] == ':')
			break;
		word[--k] = s.p[i];
		at[k] = i;
	}
	for (size_t j = 0; j < sizeof(labels) / sizeof(labels[0]); j++) {
		size_t n = labels[j].len;

		if (labels[j].s[n - 1] == word[LABEL_MAX - 1] &&
		    n <= LABEL_MAX - k &&
		    memcmp(word + LABEL_MAX - n, labels[j].s, n) == 0) {
			*beg = at[LABEL_MAX - n];
			return &labels[j];
		}
	}
	return NULL;
}

/* Where a label begins that is the end of a longer word of its own: 添加日期,
 * 文章出处. The value before it ends there. */
static size_t
whole_word(struct wn_str s, size_t beg)
{
	size_t i = beg;
	unsigned l;

	while (i >= 3 && beg - i < 12 && wn_is_han(wn_char_before(s, i, &l)) &&
	       l == 3)
		i -= 3;
	return i == 0 || s.p[i - 1] == ' ' || s.p[i - 1] == '\t' ||
		       s.p[i - 1] == '[' || s.p[i - 1] == '|'
		   ? i
		   : beg;
}

/* The next label's place at or after byte i. 0: none. */
static int
next_place(struct wn_str s, size_t i, struct place *p)
{
	for (; i < s.n; i++) {
		size_t k = 0;

		if (s.p[i] == ':' || s.p[i] == '\t' || s.p[i] == '/')
			k = 1;
		else if (s.n - i > 2 && memcmp(s.p + i, "：", 3) == 0)
			k = 3;
		/* 10:40 and paths: no label ends so */
		else if (s.p[i] == '|' && i > 0 && (uint8_t)s.p[i - 1] >= 0x80)
			k = 1; /* 编辑|某人 */
		else if (s.p[i] == '|' && i > 1 && s.p[i - 1] == ' ')
			k = 1; /* 来源 | 某报 */
		if (k == 0 || i == 0 ||
		    (s.p[i] == '/' ? (uint8_t)s.p[i - 1] < 0x80
				   : s.p[i - 1] >= '0' && s.p[i - 1] <= '9'))
			continue;
		p->label = label_before(s, i, &p->beg);
		if (p->label == NULL)
			continue;
		if (s.p[i] == '/' && p->label->field != EDITOR &&
		    p->label->field != AUTHOR)
			continue;
		if (s.p[i] == '|' && p->beg > 0 && s.p[p->beg - 1] != ' ')
			continue;
		p->beg = whole_word(s, p->beg);
		/* a cell's edge makes a label of a whole cell only */
		if (s.p[i] == '\t' && p->beg > 0 && s.p[p->beg - 1] != '\t')
			continue;
		/* "发布日期：" in one cell, its value in the next */
		p->value = i + k;
		while (p->value < s.n &&
		       (s.p[p->value] == '\t' || s.p[p->value] == ' '))
			p->value++;
		return 1;
	}
	return 0;
}

/* The three font sizes behind an editor's name: 大 中 小. */
static int
font_sizes(struct wn_str s, size_t i)
{
	return (s.n - i >= 11 && memcmp(s.p + i, "大 中 小", 11) == 0) ||
	       (s.n - i >= 9 && memcmp(s.p + i, "大中小", 9) == 0) ||
	       (s.n - i >= 3 && s.n - i <= 4 && memcmp(s.p + i, "大", 3) == 0);
}

/* Where the value that begins at byte i ends by itself. */
static size_t
value_end(struct wn_str s, size_t i, size_t end, uint8_t field)
{
	static const char *const stops[] = {
	    "【", "（", "｜", "　", "〖", "】", "）", "；", "。"};

	for (; i < end; i++) {
		if (s.p[i] == '|' || s.p[i] == '\t' || s.p[i] == '[' ||
		    (s.p[i] == '(' && field != PUBLISHED) || s.p[i] == ')')
			return i;
		if (field == SOURCE && end - i > 5 && s.p[i] == ' ' &&
		    (memcmp(s.p + i + 1, "20", 2) == 0 ||
			memcmp(s.p + i + 1, "19", 2) == 0))
			return i;
		if ((uint8_t)s.p[i] == 0xE5 && font_sizes(s, i))
			return i;
		if ((uint8_t)s.p[i] != 0xE3 && (uint8_t)s.p[i] != 0xEF)
			continue;
		for (size_t k = 0; k < sizeof(stops) / sizeof(stops[0]); k++)
			if (end - i > 2 && memcmp(s.p + i, stops[k], 3) == 0)
				return i;
	}
	return end;
}

/* How far a line is from the title: 0 beside it, 1 in its surroundings, 2
 * elsewhere. */
static int
distance(const struct wn_meta *m, size_t b)
{
	size_t t = m->title_block;

	if (t == 0)
		return b < HEAD_LINES ? 1 : 2;
	t--;
	if (b >= t && b < m->near_end)
		return 0;
	return b < t && t - b <= NEAR_BEFORE ? 1 : 2;
}

static void
say_value(struct wn_meta *m, size_t b, const struct label *l, struct wn_str v)
{
	int far = distance(m, b), weight = l->weight;
	int date = l->field == PUBLISHED || l->field == MODIFIED;

	v = wn_trim(v);
	if (v.n > VALUE_MAX || v.n == 0 || l->field == NONE || l->field == STOP)
		return;
	if (l->field == AUTHOR && (uint8_t)*l->s < 0x80 && v.n > NAMES_MAX)
		return; /* Autor: about himself */
	if (l->field == AUTHOR && v.n > 3 && memcmp(v.p, "“", 3) == 0)
		return; /* 记者：“… in an interview */
	if (far == 2 && (weight <= 45 || (date && weight < 60)))
		return; /* ML2 */
	wn_say(m, l->field, WN_BY_TEXT, weight - 5 * far, v,
	    m->d->blocks[b].node, l->s);
}

/* The line with plain spaces; glosses of a mirror stand inside labels too. */
static struct wn_str
plain_line(struct wn_meta *m, struct wn_str s)
{
	struct wn_norm norm = {.arena = m->d->arena, .mirror = 1};
	char *p;

	if (wn_norm_scan(s) & WN_NEED_SPACE &&
	    (p = wn_strndup(m->d->arena, s.p, s.n)) != NULL) {
		size_t n = 0;

		for (size_t i = 0; i < s.n; i++) {
			if (s.n - i > 1 &&
			    memcmp(s.p + i, "\xC2\xA0", 2) == 0) {
				p[n++] = ' ';
				i++;
			} else if (s.n - i > 2 &&
				   memcmp(s.p + i, "\xE3\x80\x80", 3) == 0) {
				p[n++] = ' ';
				i += 2;
			} else {
				p[n++] = s.p[i];
			}
		}
		s = (struct wn_str){p, n};
	}

	if (memchr(s.p, '(', s.n) != NULL)
		wn_norm_gloss(&norm, &s);
	return s;
}

static void
read_line(struct wn_meta *m, size_t b, struct wn_str s)
{
	struct place p, next;
	int more = next_place(s, 0, &p);

	while (more) {
		struct wn_str v;
		size_t end;

		more = next_place(s, p.value, &next);
		v.p = s.p + p.value;
		end = more && next.beg > p.value ? next.beg : s.n;
		if (more && next.beg <= p.value)
			end = p.value;
		v.n = value_end(s, p.value, end, p.label->field) - p.value;
		if (wn_trim(v).n == 0 && !more && b + 1 < m->d->nblocks)
			v = m->d->blocks[b + 1]
				.text; /* label and value apart */
		say_value(m, b, p.label, v);
		p = next;
	}
}

/* ---- dates and names without a label ----------------------------------- */

static int
has(struct wn_str s, const char *w)
{
	return memmem(s.p, s.n, w, strlen(w)) != NULL;
}

/* What stands before byte i says what the date is of, and was no label of
 * ours. */
static int
is_labelled(struct wn_str s, size_t i)
{
	while (i > 0 && s.p[i - 1] == ' ')
		i--;
	return (i > 0 && s.p[i - 1] == ':') ||
	       (i > 2 && memcmp(s.p + i - 3, "：", 3) == 0);
}

const struct wn_words *
wn_date_words_new(struct wn_arena *a)
{
	const char *v[WORDINGS];

	for (size_t i = 0; i < WORDINGS; i++)
		v[i] = wordings[i].s;
	return wn_words_new(a, v, WORDINGS);
}

/* The field that words of a line name, NONE: none. */
static uint8_t
field_in(const struct wn_meta *m, struct wn_str s, const char **how)
{
	char low[WORDS_BEFORE + WORDS_AFTER + 80];
	size_t n = 0, found;

	for (size_t i = 0; i < s.n && n < sizeof(low); i++) {
		uint8_t c = (uint8_t)s.p[i];

		if ((c >= 'A' && c <= 'Z') ||
		    (n > 0 && (uint8_t)low[n - 1] == 0xC3 && c < 0x9F))
			c |= 32;
		low[n++] = (char)c;
	}
	found = wn_words_find(m->d->w->date_words, low, n);
	if (found == WORDINGS)
		return NONE;
	*how = wordings[found].s;
	return wordings[found].field;
}

/* The field that the words round a date name, or the label in the line above
 * it; NONE: none. */
static uint8_t
field_of_words(const struct wn_meta *m, size_t b, struct wn_str s,
    const struct wn_date *d, const char **how)
{
	size_t beg = d->beg > WORDS_BEFORE ? d->beg - WORDS_BEFORE : 0;
	size_t end = s.n - d->end > WORDS_AFTER ? d->end + WORDS_AFTER : s.n;
	uint8_t field = field_in(m, (struct wn_str){s.p + beg, end - beg}, how);
	struct wn_str above;

	if (field != NONE || d->beg > 0 || b == 0)
		return field;
	above = m->d->blocks[b - 1].text;
	if (above.n > WORDS_BEFORE || !is_labelled(above, above.n))
		return NONE;
	return field_in(m, above, how);
}

/* A date in a short line beside the title. */
static void
bare_date(struct wn_meta *m, size_t b, struct wn_str s)
{
	struct wn_date d;
	int far = distance(m, b), weight = 40 - 15 * far;
	const char *how = "date by the title";
	uint8_t field;
	int today;

	if (s.n > 200 || (far == 2 && !m->newspaper) ||
	    !wn_date_find(s.p, s.n, m->d->page->now, &d) ||
	    is_labelled(s, d.beg))
		return;
	field = field_of_words(m, b, s, &d, &how);
	if (field == NONE && d.beg > WORDS_BEFORE && s.n - d.end > WORDS_AFTER)
		return; /* inside a sentence */
	if (field == NONE)
		field = PUBLISHED;
	today = has(s, "今天") || has(s, "今日") || has(s, "星期") ||
		has(s, "欢迎");
	if (today && far > 0)
		weight = m->newspaper ? 35 : 3;
	if ((d.end - d.beg) * 3 < s.n)
		weight -= 12; /* most of the line is something else */
	if (d.kind == WN_DATE_YEARLESS || d.kind == WN_DATE_RELATIVE)
		weight -= 10;
	if (weight > 0 && field != STOP)
		wn_say(m, (enum wn_field)field, WN_BY_TEXT, weight,
		    (struct wn_str){s.p + d.beg, d.end - d.beg},
		    m->d->blocks[b].node, how);
}

/* The first place of s that may be a year, s.n: none. */
static size_t
year_at(struct wn_str s)
{
	for (size_t i = 0; i + 3 < s.n; i++)
		if ((memcmp(s.p + i, "20", 2) == 0 ||
			memcmp(s.p + i, "19", 2) == 0) &&
		    s.p[i + 2] >= '0' && s.p[i + 2] <= '9' &&
		    s.p[i + 3] >= '0' && s.p[i + 3] <= '9')
			return i;
	return s.n;
}

/* "(last edited 2019-11-10 13:28:18 by Jane)": the name behind it. */
static void
by_after_date(struct wn_meta *m, size_t b, struct wn_str s, size_t i)
{
	struct wn_str who;

	if (s.n - i < 6 || memcmp(s.p + i, " by ", 4) != 0)
		return;
	who = (struct wn_str){s.p + i + 4, 0};
	while (i + 4 + who.n < s.n && who.n < 60 && who.p[who.n] != ')' &&
	       who.p[who.n] != '|' && (uint8_t)who.p[who.n] != 0xE3)
		who.n++;
	wn_say(m, AUTHOR, WN_BY_TEXT, 28, who, m->d->blocks[b].node, "by");
}

/* A date in a line or at the head of a paragraph, and words that say of what:
 * "Pressemitteilung vom 25. Januar 2022 | Berlin – …" */
static void
worded_date(struct wn_meta *m, size_t b, struct wn_str s)
{
	struct wn_str near; /* the date, without the line round it */
	struct wn_date d;
	const char *how;
	uint8_t field;
	size_t year;

	if (s.n > LINE_HEAD)
		s.n = LINE_HEAD;
	if ((year = year_at(s)) == s.n)
		return;
	near.p = s.p + (year > DATE_BYTES ? year - DATE_BYTES : 0);
	near.n = (size_t)(s.p + s.n - near.p);
	if (near.n > 2 * DATE_BYTES)
		near.n = 2 * DATE_BYTES;
	if (!wn_date_find(near.p, near.n, m->d->page->now, &d) ||
	    d.kind != WN_DATE_FULL)
		return;
	d.beg += (uint32_t)(near.p - s.p);
	d.end += (uint32_t)(near.p - s.p);
	by_after_date(m, b, s, d.end);
	field = field_of_words(m, b, s, &d, &how);
	if (field != NONE && field != STOP)
		wn_say(m, (enum wn_field)field, WN_BY_TEXT,
		    22 - 6 * distance(m, b),
		    (struct wn_str){s.p + d.beg, d.end - d.beg},
		    m->d->blocks[b].node, how);
}

/* ---- bylines in Latin script --------------------------------------------- */

/* A few capitalised words, with what joins names between them. */
static int
is_capitalised(struct wn_str s, size_t least)
{
	static const char *const joints[] = {"von", "van", "de", "der", "da",
	    "di", "del", "la", "le", "zu", "and", "und", "et", "y", "e", "&"};
	size_t words = 0, i = 0, n;

	for (; i < s.n; i += n + 1) {
		const char *w = s.p + i;
		const char *sp = memchr(w, ' ', s.n - i);
		int joint = 0;

		n = sp != NULL ? (size_t)(sp - w) : s.n - i;
		for (size_t k = 0; k < sizeof(joints) / sizeof(joints[0]); k++)
			joint |= strlen(joints[k]) == n &&
				 memcmp(joints[k], w, n) == 0;
		if (joint && words > 0)
			continue;
		words++;
		if (n == 0 || !((*w >= 'A' && *w <= 'Z') ||
				  ((uint8_t)*w >= 0xC3 && (uint8_t)*w <= 0xC5)))
			return 0;
	}
	return words >= least && words <= 8;
}

/* Where the names at the head of a line end: at a number, a mark, or a word
 * that goes on about the article. */
static struct wn_str
name_part(struct wn_str s)
{
	static const char *const ends[] = {"|", "\t", "@", "(", " · ", " • ",
	    " ∙ ", " – ", " — ", " - ", " // ", "  ", " am ", " on ", " um ",
	    " in ", " at ", " unter ", " under ", " für ", " for ", " le ",
	    " el ", " il ", " op ", "•"};

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9') {
			s.n = i;
			break;
		}
	for (size_t i = 0; i < s.n; i++)
		for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++)
			if (s.n - i >= strlen(ends[k]) &&
			    strncasecmp(s.p + i, ends[k], strlen(ends[k])) == 0)
				s.n = i;
	s = wn_trim(s);
	while (s.n > 0 && (s.p[s.n - 1] == ',' || s.p[s.n - 1] == '-'))
		s = wn_trim((struct wn_str){s.p, s.n - 1});
	return s;
}

/* Length of a word that says by whom, at the head of a line; 0: none. */
static size_t
by_word(struct wn_str s)
{
	static const char *const words[] = {"by ", "von ", "par ", "por ",
	    "di ", "door ", "text von ", "text by ", "text: ", "written by ",
	    "posted by ", "published by ", "reported by ", "words by ",
	    "story by ", "geschrieben von ", "veröffentlicht von ",
	    "ein beitrag von ", "ein artikel von ", "ein kommentar von ",
	    "ein gastbeitrag von ", "interview: ", "escrito por ",
	    "publicado por ", "publié par ", "écrit par ", "scritto da ",
	    "geschreven door ", "przez "};

	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		size_t n = strlen(words[k]);

		if (s.n > n + 1 && strncasecmp(s.p, words[k], n) == 0)
			return n;
	}
	/* an element's edge without a space: ByJane Doe */
	return s.n > 5 && memcmp(s.p, "By", 2) == 0 && s.p[2] >= 'A' &&
		       s.p[2] <= 'Z' && s.p[3] != 'T'
		   ? 2
		   : 0;
}

/* Two or three words that may well be someone's name. */
static int
is_person(struct wn_str s)
{
	static const char *const none[] = {"Updated", "Published", "Posted",
	    "Kommentar", "Uhr", "Stand", "Startseite", "Home"};
	size_t words = 1;

	for (size_t i = 0; i < s.n; i++) {
		words += s.p[i] == ' ';
		if (strchr(":,&/", s.p[i]) != NULL)
			return 0;
	}
	for (size_t k = 0; k < sizeof(none) / sizeof(none[0]); k++)
		if (has(s, none[k]))
			return 0;
	return words >= 2 && words <= 3 && is_capitalised(s, 2) &&
	       s.p[s.n - 1] != '.';
}

/* What a link in the line names is not read again out of its text, where the
 * next word may be glued to it. */
static void
say_byline(struct wn_meta *m, size_t b, int weight, struct wn_str who)
{
	const struct wn_block *o = &m->d->blocks[b];

	for (size_t i = 0; i < m->nelements; i++) {
		const struct wn_said *s = &m->said[i];

		if (s->field == AUTHOR && s->by == WN_BY_META &&
		    s->node >= o->node && s->node < o->end && s->s.n < who.n &&
		    memcmp(s->s.p, who.p, s->s.n) == 0)
			who.n = s->s.n;
	}
	wn_say(m, AUTHOR, WN_BY_TEXT, weight, who, o->node, "byline");
}

/* "By Jane Doe | News", "Von R. R. am 07.08.2013" under the title. */
static void
bare_name(struct wn_meta *m, size_t b, struct wn_str s)
{
	size_t n;

	if (s.n > BYLINE || distance(m, b) > 0 || (n = by_word(s)) == 0)
		return;
	s = name_part((struct wn_str){s.p + n, s.n - n});
	if (is_capitalised(s, 1))
		say_byline(m, b, 40, s);
}

/* "25.10.2022 - Jane Doe", "Jane Doe 17.10.2019, 13:56 Uhr", "06.11.2023
 * 13:30 von Jane": the name beside the date. */
static void
dated_name(struct wn_meta *m, size_t b, struct wn_str s)
{
	struct wn_str before, after;
	struct wn_date d;
	size_t n;

	if (s.n > BYLINE || m->chinese || distance(m, b) > 0 ||
	    !wn_date_find(s.p, s.n, m->d->page->now, &d) ||
	    d.kind != WN_DATE_FULL)
		return;
	before = name_part((struct wn_str){s.p, d.beg});
	after = (struct wn_str){s.p + d.end, s.n - d.end};
	while (after.n > 0 && (strchr(" ,-|/\t", *after.p) != NULL ||
				  (uint8_t)*after.p == 0xE2 ||
				  ((uint8_t)*after.p & 0xC0) == 0x80))
		after = (struct wn_str){after.p + 1, after.n - 1};
	if (after.n > 3 && strncasecmp(after.p, "Uhr", 3) == 0) {
		after = (struct wn_str){after.p + 3, after.n - 3};
		while (after.n > 0 && strchr(" ,-|/", *after.p) != NULL)
			after = (struct wn_str){after.p + 1, after.n - 1};
	}
	n = by_word(after);
	after = name_part((struct wn_str){after.p + n, after.n - n});
	if (n > 0 ? is_capitalised(after, 1) : is_person(after))
		say_byline(m, b, n > 0 ? 38 : 24, after);
	else if (d.beg > 0 && by_word(before) == 0 && is_person(before))
		say_byline(m, b, 24, before);
}

/* 本报记者 张三 李四 as a line of its own; 本报实习生 王五. */
static void
bare_reporter(struct wn_meta *m, size_t b, struct wn_str s)
{
	static const char *const words[] = {"记者", "記者", "通讯员", "实习生"};

	if (s.n > 120 || s.n < 9 || has(s, "，") || has(s, "。") ||
	    has(s, "：") || has(s, ":") || has(s, "、记者"))
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *p = memmem(s.p, s.n, words[i], strlen(words[i]));

		if (p == NULL || p - s.p > 24 ||
		    memchr(s.p, ' ', (size_t)(p - s.p)) != NULL)
			continue;
		p += strlen(words[i]);
		if (p < s.p + s.n && *p != ' ' && s.n > 45)
			continue;
		wn_say(m, AUTHOR, WN_BY_TEXT, 45,
		    (struct wn_str){p, (size_t)(s.p + s.n - p)},
		    m->d->blocks[b].node, words[i]);
		return;
	}
}

/* Right under the title a line that is a name: 胡平, 赵延东、风笑天. */
static void
lone_name(struct wn_meta *m, size_t b, struct wn_str s)
{
	size_t title = m->title_block, n = 0;

	if (title == 0 || b < title || b > title + 1 || s.n > 36 ||
	    m->d->blocks[b].link_chars > 0 || !wn_is_surname(s.p))
		return;
	for (size_t i = 0; i < s.n; i += 3) {
		unsigned l;
		uint32_t c = wn_char_at(s, i, &l);

		if (c == 0x3001 || c == ' ') {
			n = 0;
			i -= 3 - l;
		} else if (!wn_is_han(c) || l != 3 || ++n > 3) {
			return;
		}
	}
	if (n >= 2)
		wn_say(m, AUTHOR, WN_BY_TEXT, 25, s, m->d->blocks[b].node,
		    "name by the title");
}

/* "ggjjzhzz 发表于 2005-9-15", 本贴由大卫于2005年8月12日发表: who and when. */
static void
posted_by(struct wn_meta *m, size_t b, struct wn_str s)
{
	struct wn_date d;
	const char *p;
	struct wn_str who = {s.p, 0};

	if (s.n > 240 || (!has(s, "发表") && !has(s, "发布于")) ||
	    !wn_date_find(s.p, s.n, m->d->page->now, &d))
		return;
	wn_say(m, PUBLISHED, WN_BY_TEXT, 38,
	    (struct wn_str){s.p + d.beg, d.end - d.beg}, m->d->blocks[b].node,
	    "发表");
	if ((p = memmem(s.p, s.n, "发表于", 9)) != NULL)
		who.n = (size_t)(p - s.p);
	else if (memcmp(s.p, "本贴由", 9) == 0 &&
		 (p = memmem(s.p, s.n, "于", 3)) != NULL)
		who = (struct wn_str){s.p + 9, (size_t)(p - s.p) - 9};
	if (who.n > 0 && who.n < 30)
		wn_say(m, AUTHOR, WN_BY_TEXT, 28, who, m->d->blocks[b].node,
		    "发表");
}

static int
is_masthead(struct wn_str s)
{
	return has(s, "国内统一刊号") || has(s, "国内统一连续出版物号") ||
	       has(s, "邮发代号") || has(s, "國內統一");
}

/* What a line has that is worth a closer look; most have nothing. */
enum {
	SIGN_LABEL = 1,
	SIGN_PERSON = 2,
	SIGN_POST = 4,
	SIGN_NUMBER = 8,
	SIGN_YEAR = 16
};

static unsigned
signs_of(struct wn_str s)
{
	static const uint8_t looked_at[256] = {[':'] = 1,
	    ['\t'] = 1,
	    ['/'] = 1,
	    ['|'] = 1,
	    ['1'] = 1,
	    ['2'] = 1,
	    [0xE5] = 1,
	    [0xE7] = 1,
	    [0xE8] = 1,
	    [0xEF] = 1};
	const uint8_t *p = (const uint8_t *)s.p;
	unsigned signs = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!looked_at[p[i]])
			continue;
		if (p[i] == ':' || p[i] == '\t' || p[i] == '/' || p[i] == '|')
			signs |= SIGN_LABEL;
		else if (i + 3 < s.n && p[i + 3] <= '9' && p[i + 3] >= '0' &&
			 ((p[i] == '2' && p[i + 1] == '0') ||
			     (p[i] == '1' && p[i + 1] == '9')))
			signs |= SIGN_YEAR;
		if (p[i] < 0xE5 || i + 2 >= s.n)
			continue;
		switch (
		    (unsigned)p[i] << 16 | (unsigned)p[i + 1] << 8 | p[i + 2]) {
		case 0xEFBC9A: /* ： */
			signs |= SIGN_LABEL;
			break;
		case 0xE88085: /* 者 */
		case 0xE59198: /* 员 */
		case 0xE7949F: /* 生 */
			signs |= SIGN_PERSON;
			break;
		case 0xE58F91: /* 发 */
			signs |= SIGN_POST;
			break;
		case 0xE58FB7: /* 号 */
		case 0xE8999F: /* 號 */
			signs |= SIGN_NUMBER;
			break;
		}
		i += 2;
	}
	return signs;
}

/* 27.01.2022Ein Titel: a heading with the day that the title has not. */
static void
title_date(struct wn_meta *m, size_t b, struct wn_str s)
{
	const char *title = m->d->pub.title;
	struct wn_date d;

	if (title == NULL || strlen(title) + 8 > s.n ||
	    !wn_date_find(s.p, s.n, m->d->page->now, &d) ||
	    d.kind != WN_DATE_FULL ||
	    memmem(title, strlen(title), s.p + d.beg, d.end - d.beg) != NULL)
		return;
	wn_say(m, PUBLISHED, WN_BY_TEXT, 38,
	    (struct wn_str){s.p + d.beg, d.end - d.beg}, m->d->blocks[b].node,
	    "date in the heading");
}

static void
read_block(struct wn_meta *m, size_t b, unsigned signs)
{
	struct wn_str s = wn_trim(plain_line(m, m->d->blocks[b].text));

	if (signs & SIGN_LABEL)
		read_line(m, b, s);
	if (b + 1 == m->title_block) {
		title_date(m, b, s);
		return;
	}
	if (distance(m, b) < 2 || m->newspaper)
		bare_date(m, b, s);
	bare_name(m, b, s);
	if (signs & SIGN_YEAR)
		dated_name(m, b, s);
	if (signs & SIGN_PERSON)
		bare_reporter(m, b, s);
	lone_name(m, b, s);
	wn_meta_bare(m, b, s);
	if (signs & SIGN_POST)
		posted_by(m, b, s);
	if (signs & SIGN_YEAR)
		worded_date(m, b, s);
}

void
wn_meta_lines(struct wn_meta *m)
{
	const struct wn_doc *d = m->d;
	uint8_t *signs = wn_zalloc(d->arena, d->nblocks + 1);

	if (signs == NULL)
		return;
	for (size_t b = 0; b < d->nblocks; b++) {
		struct wn_str s = d->blocks[b].text;

		if (s.n > LINE_MAX || s.n < 4) /* ML1 */
			continue;
		signs[b] = (uint8_t)signs_of(s);
		if (signs[b] & SIGN_NUMBER && s.n < 200 && is_masthead(s))
			m->newspaper = 1;
	}
	for (size_t b = 0; b < d->nblocks; b++) {
		size_t n = d->blocks[b].text.n;

		if (n <= LINE_MAX && n >= 4 &&
		    (signs[b] != 0 || m->newspaper || distance(m, b) < 2))
			read_block(m, b, signs[b]);
	}
}
