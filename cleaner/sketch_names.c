/* sketch_names.c - names of people, schools, firms and places in a text, so far
 * as it takes to see that two texts tell the same of others.
 *
 * Two notices of one day and office that differ in whom they are about share
 * more than most copies do. But what they differ in is a name, wherever it
 * stands, and nearly nothing else; edits fall on names no more than on other
 * words. Where a name stands is known by the words beside it: 张三同志, 任命张
 * 三, 安平县, 实验小学; or a
 * surname begins a sentence. Such a place is those words with the two letters
 * on their far side, and its value is the two letters on the near one, be they
 * a name or not; places and values are kept as those of numbers are (sketch.c).
 *
 * Lists of names have no such words. There a name is two or three Han
 * characters between marks of which the first is a surname; a set of them is
 * kept, 64 bits, which a copy shares for the most part.
 *
 * Invariant: what is read of a text is bounded by the arrays, whatever it is.
 */
#include "cleaner/sketch_names.h"

#include <math.h>
#include <string.h>

#include "cleaner/meta.h"
#include "cleaner/sketch.h"
#include "cleaner/utf8.h"

enum {
	NAMES = WINNOW_SKETCH_NAMES,
	FAR = 4, /* letters of a place, besides the words */
	RING = 16,
	SPAN = 10, /* letters of all, at most */
	PERSON = 0,
	PLACE,
	THING,
	SCHOOL,
	CAPITAL,
	FOLLOWS = 1, /* a word: the name */
	PRECEDES = 2,
	BESIDE = 127, /* of a hint: 1 for around[0]; 0: no word ends so */
	SURNAME = 128,
	UNCLEAR = 0, /* value of a place that has several */
	HAN_FIRST = 0x4E00,
	HAN_LAST = 0x9FFF,
	OTHER = 16,       /* letters of a word that is no name */
	LISTED_LEAST = 4, /* bits of a list that say something */
	LISTED_MOST = 44, /* more are no set any longer */
};
#define GRAMS 5.0          /* that another name makes others */
#define EDITED_LEAST 0.015 /* share of words that are edited in a copy */
#define LISTED_EDITED 0.3  /* share of a list that is edited in a copy */
#define LISTED_CLEAR 0.02  /* a chance of a list above it says nothing */

/* What stands by a name, one or two characters; those that end alike stand
 * together. */
static const struct around {
	uint16_t word[3]; /* UTF-16 */
	uint8_t side;     /* of the name, on which it stands */
	uint8_t kind;     /* of name */
} around[] = {
    {u"同志", FOLLOWS, PERSON},
    {u"老师", FOLLOWS, PERSON},
    {u"教师", FOLLOWS, PERSON},
    {u"师", PRECEDES, PERSON},
    {u"同学", FOLLOWS, PERSON},
    {u"小学", FOLLOWS, SCHOOL},
    {u"中学", FOLLOWS, SCHOOL},
    {u"大学", FOLLOWS, SCHOOL},
    {u"先生", FOLLOWS, PERSON},
    {u"生", PRECEDES, PERSON},
    {u"女士", FOLLOWS, PERSON},
    {u"书记", FOLLOWS, PERSON},
    {u"书记", PRECEDES, PERSON},
    {u"校长", FOLLOWS, PERSON},
    {u"局长", FOLLOWS, PERSON},
    {u"院长", FOLLOWS, PERSON},
    {u"园长", FOLLOWS, PERSON},
    {u"长", PRECEDES, PERSON},
    {u"主任", FOLLOWS, PERSON},
    {u"聘任", PRECEDES, PERSON},
    {u"主任", PRECEDES, PERSON},
    {u"表示", FOLLOWS, PERSON},
    {u"介绍", FOLLOWS, PERSON},
    {u"说", FOLLOWS, PERSON},
    {u"任命", PRECEDES, PERSON},
    {u"免去", PRECEDES, PERSON},
    {u"推荐", PRECEDES, PERSON},
    {u"提名", PRECEDES, PERSON},
    {u"姓名", PRECEDES, PERSON},
    {u"授予", PRECEDES, PERSON},
    {u"系人", PRECEDES, PERSON},
    {u"代表", PRECEDES, PERSON},
    {u"现将", PRECEDES, PERSON},
    {u"教授", FOLLOWS, PERSON},
    {u"教授", PRECEDES, PERSON},
    {u"邀请", PRECEDES, PERSON},
    {u"员", PRECEDES, PERSON},
    {u"学校", FOLLOWS, SCHOOL},
    {u"学院", FOLLOWS, SCHOOL},
    {u"医院", FOLLOWS, SCHOOL},
    {u"幼儿", FOLLOWS, SCHOOL},
    {u"有限", FOLLOWS, SCHOOL},
    {u"公司", FOLLOWS, SCHOOL},
    {u"集团", FOLLOWS, SCHOOL},
    {u"县", FOLLOWS, PLACE},
    {u"市", FOLLOWS, PLACE},
    {u"区", FOLLOWS, PLACE},
    {u"社区", FOLLOWS, PLACE},
    {u"镇", FOLLOWS, PLACE},
    {u"乡", FOLLOWS, PLACE},
    {u"村", FOLLOWS, PLACE},
    {u"省", FOLLOWS, PLACE},
    {u"局", FOLLOWS, PLACE},
    {u"街道", FOLLOWS, PLACE},
    {u"平均", FOLLOWS, THING},
    {u"价格", FOLLOWS, THING},
};
/* Letters of the value by kind; a school's are those of 实验, too. */
static const uint8_t near_letters[] = {
    [PERSON] = 2, [PLACE] = 2, [THING] = 2, [SCHOOL] = 6};
#define NAROUND (sizeof around / sizeof *around)
_Static_assert(NAROUND < BESIDE, "a hint has room for it");

static uint32_t
last_of(const struct around *w)
{
	return w->word[1] != 0 ? w->word[1] : w->word[0];
}

void
wn_names_hints(uint8_t *hint, uint32_t first)
{
	const struct around *w;
	const char *s;
	unsigned len;

	for (w = around; w < around + NAROUND; w++)
		if (hint[last_of(w) - first] == 0)
			hint[last_of(w) - first] = (uint8_t)(1 + (w - around));
	for (s = wn_surnames; *s != '\0'; s += len)
		hint[wn_utf8_get(s, &len) - first] |= SURNAME;
}

/* ---- reading ------------------------------------------------------------- */

/* By ascending places; a place that comes with another value is unclear. */
static void
name_add(struct winnow_sketch *k, uint16_t place, uint8_t value)
{
	unsigned i = k->nnames, n;

	while (i > 0 && k->name_place[i - 1] > place)
		i--;
	if (i > 0 && k->name_place[i - 1] == place) {
		if (k->name[i - 1] != value)
			k->name[i - 1] = UNCLEAR;
		return;
	}
	if (i == NAMES)
		return;
	if (k->nnames < NAMES)
		k->nnames++;
	n = k->nnames - 1u - i;
	memmove(&k->name_place[i + 1], &k->name_place[i],
	    n * sizeof k->name_place[0]);
	memmove(&k->name[i + 1], &k->name[i], n);
	k->name_place[i] = place;
	k->name[i] = value;
}

/* The n letters that end `back` letters ago. */
static uint64_t
letters(const struct wn_names *r, unsigned back, unsigned n)
{
	uint64_t h = 0;

	while (n-- > 0)
		h = wn_sketch_mix(h ^ r->last[(r->n - ++back) % RING]);
	return h;
}

static void
place_add(struct winnow_sketch *k, uint64_t place, unsigned kind, uint64_t name)
{
	name_add(
	    k, (uint16_t)wn_sketch_mix(place ^ kind),
	    (uint8_t)(wn_sketch_mix(name) % 255 + 1));
}

/* The words have come, and the letters behind them. */
static void
place_end(
    struct wn_names *r, const struct wn_names_open *o, struct winnow_sketch *k)
{
	static const struct around mark = {u"", PRECEDES, PERSON};
	const struct around *w = o->word < NAROUND ? &around[o->word] : &mark;
	unsigned len = w->word[1] != 0 ? 2 : 1, near = near_letters[w->kind];

	if (r->lost > 0 && r->n < r->lost + SPAN)
		return;
	if (w->side == PRECEDES)
		place_add(k, letters(r, near, len + FAR - 2), w->kind,
		    letters(r, 0, near));
	else
		place_add(k, letters(r, 0, FAR), w->kind,
		    letters(r, FAR + (w->kind == SCHOOL ? 0 : len), near));
}

static void
place_open(struct wn_names *r, unsigned word, unsigned missing)
{
	if (r->nopen < WN_NAMES_OPEN)
		r->open[r->nopen++] =
		    (struct wn_names_open){word, r->n + missing};
}

/* From the first of the words that end in c. */
static void
place_begin(struct wn_names *r, uint32_t c, unsigned i)
{
	uint32_t before = r->n > 1 ? r->last[(r->n - 2) % RING] : 0;
	const struct around *w = &around[i];

	for (; i < NAROUND && last_of(w) == c; i++, w++)
		if (w->word[1] == 0 || w->word[0] == before)
			place_open(r, i,
			    w->side == PRECEDES ? near_letters[w->kind] : FAR);
}

/* A word with a capital, where one without came before. */
static void
capital_read(struct wn_names *r, uint32_t c, int capital)
{
	if (capital && r->word == 0 && r->spaces == 1 && !r->capital) {
		r->named = 1;
		r->place = letters(r, 0, FAR);
		r->value = 0;
	}
	if (r->word == 0)
		r->capital = capital;
	if (r->word < 3 * OTHER)
		r->value = wn_sketch_mix(r->value ^ c);
	r->spaces = 0;
}

void
wn_names_letter(struct wn_names *r, uint32_t c, uint8_t hint, int capital,
    struct winnow_sketch *k)
{
	unsigned i, kept = 0;

	if (c < HAN_FIRST)
		capital_read(r, c, capital);

	r->last[r->n++ % RING] = c;
	if (r->nopen > 0) {
		for (i = 0; i < r->nopen; i++)
			if (r->open[i].whole == r->n)
				place_end(r, &r->open[i], k);
			else
				r->open[kept++] = r->open[i];
		r->nopen = kept;
	}
	if ((hint & BESIDE) > 0)
		place_begin(r, c, (hint & BESIDE) - 1u);
	if (r->word == 0 && (r->surname = (hint & SURNAME) != 0))
		place_open(r, NAROUND, 1); /* c is its first */
	r->word += c >= HAN_FIRST && c <= HAN_LAST ? 1 : OTHER;
}

/* A word between marks that may be a name goes into the list. */
void
wn_names_mark(struct wn_names *r, uint32_t mark, struct winnow_sketch *k)
{
	int lost = mark == '?' || mark == 0xFFFD;
	uint64_t h = 0;
	unsigned i;

	if ((r->word == 2 || r->word == 3) && r->surname) {
		for (i = 1; i <= r->word; i++)
			h = wn_sketch_mix(h ^ r->last[(r->n - i) % RING]);
		k->listed |= (uint64_t)1 << (h & 63);
	}
	if (r->named && r->word > 0) {
		place_add(k, r->place, CAPITAL, r->value);
		r->named = 0;
	}
	r->spaces = mark == ' ' ? r->spaces + 1 : 2;
	r->word = 0;
	if (lost)
		r->lost = r->n + 1;
}

/* ---- two of them --------------------------------------------------------- */

/* Values at places that both have: a value that became another one counts once,
 * with the number of places where it did. */
struct values {
	uint8_t a[NAMES], b[NAMES];
	unsigned places[NAMES];
	unsigned n, differ; /* values; places where they do */
};

static void
value(struct values *v, uint8_t a, uint8_t b)
{
	unsigned i;

	if (a == UNCLEAR || b == UNCLEAR)
		return;
	v->differ += a != b;
	for (i = 0; i < v->n; i++)
		if (v->a[i] == a && v->b[i] == b) {
			v->places[i]++;
			return;
		}
	v->a[i] = a;
	v->b[i] = b;
	v->places[i] = 1;
	v->n++;
}

static void
values_common(struct values *v, const struct winnow_sketch *a,
    const struct winnow_sketch *b)
{
	unsigned na = a->nnames < NAMES ? a->nnames : NAMES;
	unsigned nb = b->nnames < NAMES ? b->nnames : NAMES;
	unsigned i = 0, j = 0;

	v->n = v->differ = 0;
	while (i < na && j < nb) {
		if (a->name_place[i] == b->name_place[j])
			value(v, a->name[i++], b->name[j++]);
		else if (a->name_place[i] < b->name_place[j])
			i++;
		else
			j++;
	}
}

/* What names take of the difference is no edit. An edit makes of one word
 * another one; that it makes the same of it at the next place, too, is less
 * likely by as much again. */
static double
places_chance(
    const struct winnow_sketch *a, const struct winnow_sketch *b, double edited)
{
	uint32_t grams = a->grams < b->grams ? a->grams : b->grams;
	double chance = 1, p;
	struct values v;
	unsigned times, i, n, differ;

	values_common(&v, a, b);
	edited = fmax(EDITED_LEAST, edited - v.differ * GRAMS / grams);
	p = edited;
	for (times = 1; times <= 3; times++, p *= edited) {
		for (i = n = differ = 0; i < v.n; i++) {
			n += v.places[i] >= times || v.a[i] == v.b[i];
			differ += v.places[i] >= times && v.a[i] != v.b[i];
		}
		chance = fmin(chance, wn_binomial_above(n, differ, p));
	}
	return chance;
}

/* Of two sets, bits that both have beyond what they would by chance. */
static double
list_chance(uint64_t a, uint64_t b)
{
	int na = __builtin_popcountll(a), nb = __builtin_popcountll(b);
	int least = na < nb ? na : nb, most = na < nb ? nb : na;
	double chance, both;

	if (least < LISTED_LEAST || most > LISTED_MOST)
		return 1;
	both = __builtin_popcountll(a & b) - least * most / 64.0;
	both = fmax(0, both) / (1 - most / 64.0);
	chance = wn_binomial_above((unsigned)least,
	    (unsigned)lround(fmax(0, least - both)), LISTED_EDITED);
	return chance < LISTED_CLEAR ? chance : 1;
}

double
wn_names_chance(
    const struct winnow_sketch *a, const struct winnow_sketch *b, double edited)
{
	return fmin(
	    places_chance(a, b, edited), list_chance(a->listed, b->listed));
}
