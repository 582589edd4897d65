/* language.c - in which language and script a text is.
 *
 * Scripts decide most: kana is Japanese, Hangul Korean, Han without either
 * Chinese, and so on. Latin letters are shared, so there frequent short words
 * vote (language_words.def), and the page's own lang attribute breaks a tie.
 * Chinese in turn is Hans or Hant by the characters that only one has.
 *
 * Invariants
 *  L1  Bounded: at most SAMPLE bytes are read.
 *  L2  "und" rather than a guess: a language needs letters, and words of its
 *      own when it is written in Latin letters. */
#include "cleaner/language.h"

#include <endian.h>
#include <string.h>

#include "cleaner/doc.h"
#include "cleaner/normalise.h"
#include "cleaner/utf8.h"

enum { SAMPLE = 2400, SCRIPT_ENOUGH = 50, WORD_MAX = 15, WORDS_MIN = 3 };

enum latin {
	EN,
	DE,
	FR,
	ES,
	IT,
	PT,
	NL,
	PL,
	TR,
	ID,
	VI,
	SV,
	DA,
	NO,
	FI,
	CS,
	HU,
	RO,
	CA,
	NLATIN
};
static const char latin_names[NLATIN][4] = {"en", "de", "fr", "es", "it", "pt",
    "nl", "pl", "tr", "id", "vi", "sv", "da", "no", "fi", "cs", "hu", "ro",
    "ca"};

static const struct {
	char word[WORD_MAX + 1];
	uint32_t langs;
} words[] = {
#define B(l) (1u << (l))
#define L(word, langs) {word, langs},
#include "cleaner/language_words.def"
#undef L
#undef B
};

/* Scripts that one language alone stands for, as far as this goes. */
static const struct {
	uint16_t lo, hi;
	char lang[4];
} scripts[] = {{0x0370, 0x03FF, "el"}, {0x0400, 0x052F, "ru"},
    {0x0590, 0x05FF, "he"}, {0x0600, 0x06FF, "ar"}, {0x0900, 0x097F, "hi"},
    {0x0980, 0x09FF, "bn"}, {0x0B80, 0x0BFF, "ta"}, {0x0E00, 0x0E7F, "th"},
    {0x0E80, 0x0EFF, "lo"}, {0x0F00, 0x0FFF, "bo"}, {0x1000, 0x109F, "my"},
    {0x10A0, 0x10FF, "ka"}, {0x1780, 0x17FF, "km"}, {0x1800, 0x18AF, "mn"},
    {0x1100, 0x11FF, "ko"}, {0xAC00, 0xD7A3, "ko"}};
#define NSCRIPTS (sizeof(scripts) / sizeof(scripts[0]))

struct census {
	size_t letters, latin, han, kana, hans, hant, words, uighur, ukrainian;
	size_t script[NSCRIPTS];
	size_t votes[NLATIN]; /* in twelfths: a shared word counts less */
};

/* Eight bytes of a word as a number that is ordered as they are. */
static uint64_t
eight(const char *w)
{
	uint64_t v;

	memcpy(&v, w, sizeof(v));
	return be64toh(v);
}

/* w is filled up with NULs to WORD_MAX + 1 bytes. */
static uint32_t
langs_of(const char *w)
{
	uint64_t head = eight(w), tail = eight(w + 8), h;
	size_t lo = 0, n = sizeof(words) / sizeof(words[0]), hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		h = eight(words[mid].word);
		if (h < head ||
		    (h == head && eight(words[mid].word + 8) < tail))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && eight(words[lo].word) == head &&
		       eight(words[lo].word + 8) == tail
		   ? words[lo].langs
		   : 0;
}

static void
vote(struct census *c, const char *w)
{
	uint32_t langs = langs_of(w);
	unsigned n = (unsigned)__builtin_popcount(langs);

	c->words++;
	for (int i = 0; n > 0 && i < NLATIN; i++)
		if (langs >> i & 1)
			c->votes[i] += 12 / n;
}

static uint32_t
lower(uint32_t c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7))
		return c | 32;
	if (c >= 0x100 && c < 0x178 && c != 0x130)
		return c | 1; /* nearly all pairs there are even and odd */
	return c;
}

static int
is_latin(uint32_t c)
{
	return (c | 32) - 'a' < 26u || (c >= 0xC0 && c <= 0x24F && c != 0xD7) ||
	       (c >= 0x1E00 && c <= 0x1EFF);
}

static void
count_script(struct census *c, uint32_t u)
{
	for (size_t i = 0; i < NSCRIPTS; i++)
		if (u >= scripts[i].lo && u <= scripts[i].hi) {
			c->script[i]++;
			c->letters++;
			break;
		}
	c->uighur += u == 0x6D0 || u == 0x6C7 || u == 0x6CB || u == 0x6BE;
	c->ukrainian += u == 0x456 || u == 0x454 || u == 0x457 || u == 0x491;
}

static void
count_han(struct census *c, const char *p)
{
	int s = (uint8_t)*p < 0xF0 && c->hans + c->hant < SCRIPT_ENOUGH
		    ? wn_script_of(p)
		    : 0;

	c->han++;
	c->letters++;
	c->hans += s < 0;
	c->hant += s > 0;
}

static void
take(struct census *c, const char *p, size_t n)
{
	char w[WORD_MAX + 1];
	size_t k = 0;

	for (size_t i = 0; i <= n;) {
		unsigned len = 1;
		uint32_t u = i < n ? wn_utf8_get(p + i, &len) : 0;

		if (is_latin(u)) {
			char low[4];

			u = lower(u);
			c->latin++;
			c->letters++;
			low[0] = u < 0x80 ? (char)u : (char)(0xC0 | u >> 6);
			low[1] = (char)(0x80 | (u & 63));
			if (k + 2 < sizeof(w) && u < 0x800) {
				memcpy(w + k, low, u < 0x80 ? 1 : 2);
				k += u < 0x80 ? 1 : 2;
			} else if (k + len < sizeof(w)) {
				memcpy(w + k, p + i, len);
				k += len;
			} else {
				k = sizeof(w); /* too long to be one of ours */
			}
		} else if (k > 0) {
			k = k < sizeof(w) ? k : 0;
			memset(w + k, 0, sizeof(w) - k);
			vote(c, w);
			k = 0;
		}
		if (wn_is_han(u))
			count_han(c, p + i);
		else if (wn_is_kana(u)) {
			c->kana++;
			c->letters++;
		} else if (u >= 0x370)
			count_script(c, u);
		i += len;
	}
}

/* The sample: of a long text its beginning and its middle. */
static void
take_sample(struct census *c, const char *p, size_t n)
{
	size_t half = SAMPLE / 2, at = n / 2;

	if (n <= SAMPLE) {
		take(c, p, n);
		return;
	}
	while (half > 0 && ((uint8_t)p[half] & 0xC0) == 0x80)
		half--;
	take(c, p, half);
	while (at > 0 && ((uint8_t)p[at] & 0xC0) == 0x80)
		at--;
	for (n = at + half; n > at && ((uint8_t)p[n] & 0xC0) == 0x80; n--)
		;
	take(c, p + at, n - at);
}

/* What the page says of itself: two letters of the lang attribute. */
static void
declared(const struct wn_doc *d, char out[3])
{
	const char *v = NULL;

	out[0] = '\0';
	if (d->tree != NULL && d->tree->html_lang != 0)
		v = wn_attr(d->tree, d->tree->html_lang, WN_ATTR_LANG);
	if (v == NULL || strlen(v) < 2)
		return;
	out[0] = (char)(v[0] | 32);
	out[1] = (char)(v[1] | 32);
	out[2] = '\0';
}

static const char *
latin_language(const struct census *c, const char *said, double *score)
{
	size_t best = 0, votes, second = 0;

	for (size_t i = 1; i < NLATIN; i++)
		if (c->votes[i] > c->votes[best])
			best = i;
	for (size_t i = 0; i < NLATIN; i++) {
		if (i != best && c->votes[i] > second)
			second = c->votes[i];
		/* near relatives: the page's word decides */
		if (strcmp(latin_names[i], said) == 0 && i != best &&
		    c->votes[i] * 10 >= c->votes[best] * 8)
			best = i;
	}
	votes = c->votes[best];
	if (votes < WORDS_MIN * 12 || votes * 100 < c->words * 12 * 4)
		return NULL;
	*score *= (double)votes / (double)(votes + second);
	return latin_names[best];
}

static const char *
judge(const struct census *c, const char *said, double *score)
{
	size_t best = 0, east = c->han + c->kana, all = c->letters;

	*score = 0;
	if (all < 2)
		return NULL;
	for (size_t i = 1; i < NSCRIPTS; i++)
		if (c->script[i] > c->script[best])
			best = i;
	/* a Han character says as much as a word of letters */
	if (east * 4 >= c->latin && east >= c->script[best]) {
		*score = (double)east /
			 (double)(east + c->latin / 4 + c->script[best]);
		return c->kana * 20 >= east ? "ja" : "zh";
	}
	if (c->script[best] * 2 >= c->latin) {
		*score = (double)c->script[best] / (double)all;
		if (strcmp(scripts[best].lang, "ru") == 0 && c->ukrainian > 2)
			return "uk";
		if (strcmp(scripts[best].lang, "ar") == 0 &&
		    c->uighur * 20 > all)
			return "ug";
		return scripts[best].lang;
	}
	*score = (double)c->latin / (double)all;
	return latin_language(c, said, score);
}

static void
census_of(const struct wn_doc *d, struct census *c)
{
	size_t room = SAMPLE;

	memset(c, 0, sizeof(*c));
	if (d->pub.text_len > 0) {
		take_sample(c, d->pub.text, d->pub.text_len);
		return;
	}
	if (d->pub.title != NULL)
		take(c, d->pub.title, strlen(d->pub.title));
	for (size_t i = 0; i < d->nblocks && room > 0; i++) {
		size_t n = d->blocks[i].text.n;

		if (n > room)
			break;
		take(c, d->blocks[i].text.p, n);
		room -= n;
	}
}

void
wn_language(struct wn_doc *d)
{
	struct census c;
	char said[3];
	const char *lang;

	census_of(d, &c);
	declared(d, said);
	lang = judge(&c, said, &d->pub.language_score);
	d->pub.language = lang != NULL ? lang : "und";
	if (lang == NULL)
		d->pub.language_score = 0;
	d->pub.language_script = NULL;
	if (lang != NULL && strcmp(lang, "zh") == 0 && c.hans + c.hant > 0)
		d->pub.language_script = c.hant > c.hans ? "Hant" : "Hans";
}
