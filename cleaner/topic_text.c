/* topic_text.c - a text as units: characters and words.
 *
 * Chinese has no spaces, so its units are characters, and what stands
 * together is for the grams. Other scripts have words; a long one is also
 * known by its beginning, since languages change the ends of words.
 *
 * Invariants
 *  TT1  Blind to script and damage: a traditional character is its simplified
 *       one, a gloss behind a character is not there, and what may be a lost
 *       byte ("?", U+FFFD) parts what stands beside it.
 *  TT2  Digits, hiragana and marks are no units; they end a run. */
#include "cleaner/topic.h"

#include <string.h>

#include "cleaner/model.h"
#include "cleaner/utf8.h"

enum {
	GLOSS = 8,       /* letters of a gloss at most */
	LEAST = 2,       /* letters of a word */
	STEM_HANGUL = 2, /* syllables of a Korean word's stem */
};

void
wn_topic_fold(struct wn_topic_fold *f)
{
	for (uint32_t i = 0; i < WN_TOPIC_HANS; i++) {
		uint32_t to = wn_model_plain(WN_TOPIC_HAN + i);

		f->to[i] = (uint16_t)(to - WN_TOPIC_HAN < WN_TOPIC_HANS
					  ? to
					  : WN_TOPIC_HAN + i);
	}
}

/* ---- letters ---------------------------------------------------------- */

static const struct {
	uint16_t lo, hi;
} letters[] = {{0x00AA, 0x00AA}, {0x00B5, 0x00B5}, {0x00BA, 0x00BA},
    {0x00C0, 0x00D6}, {0x00D8, 0x00F6}, {0x00F8, 0x02AF}, {0x0300, 0x036F},
    {0x0370, 0x037D}, {0x0386, 0x0386}, {0x0388, 0x0481}, {0x048A, 0x0559},
    {0x0561, 0x0587}, {0x05D0, 0x05EA}, {0x0620, 0x0652}, {0x066E, 0x06D3},
    {0x0904, 0x0963}, {0x0971, 0x0DF3}, {0x0E01, 0x0E3A}, {0x0E40, 0x0E4E},
    {0x0E81, 0x0ECD}, {0x0F40, 0x0FBC}, {0x1000, 0x1039}, {0x10A0, 0x11FF},
    {0x1780, 0x17D3}, {0x1E00, 0x1FFE}, {0x30A1, 0x30FA}, {0x30FC, 0x30FE},
    {0xAC00, 0xD7A3}};

static int
is_letter(uint32_t c)
{
	size_t lo = 0, hi = sizeof(letters) / sizeof(letters[0]);

	if (c < 0x80)
		return (c | 32) - 'a' < 26;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c > letters[mid].hi)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < sizeof(letters) / sizeof(letters[0]) && c >= letters[lo].lo;
}

/* Lower case of the alphabets that have it. */
static uint32_t
lower(uint32_t c)
{
	if (c < 0x80)
		return c - 'A' < 26 ? c | 32 : c;
	if ((c >= 0xC0 && c <= 0xDE) || (c >= 0x391 && c <= 0x3AB) ||
	    (c >= 0x410 && c <= 0x42F))
		return c + 32;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
		return c + (c & 1);
	if ((c >= 0x100 && c <= 0x177) || (c >= 0x460 && c <= 0x481) ||
	    (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F) ||
	    (c >= 0x1E00 && c <= 0x1EFF))
		return c | 1;
	if (c >= 0x400 && c <= 0x40F)
		return c + 80;
	return c;
}

/* The bytes of a bracketed reading or name that p opens, 0: it is none. */
static size_t
gloss(const char *p, const char *end)
{
	const char *s = p;
	unsigned n = 0, len;
	uint32_t c = wn_utf8_get(s, &len);

	if (c != '(' && c != 0xFF08)
		return 0;
	for (s += len; s < end && n <= GLOSS; s += len, n++) {
		c = wn_utf8_get(s, &len);
		if (c == ')' || c == 0xFF09)
			return n > 0 ? (size_t)(s + len - p) : 0;
		if (c >= 0x250 || !is_letter(c))
			return 0;
	}
	return 0;
}

/* ---- keys ------------------------------------------------------------- */

#define WORDS 0xFFFFULL /* above the characters of four */
#define STEMS 0xFFFEULL
#define FNV 0xCBF29CE484222325ULL

/* FNV-1a of the letters, of which a word's stem is an earlier state. */
static inline uint64_t
hash_on(uint64_t h, uint32_t letter)
{
	return (h ^ letter) * 0x100000001B3;
}

static uint64_t
mark(uint64_t h, enum wn_topic_kind kind)
{
	return h >> 16 | (kind == WN_TOPIC_IS_STEM ? STEMS : WORDS) << 48;
}

uint64_t
wn_topic_word_key(const char *s, size_t n, enum wn_topic_kind kind)
{
	uint64_t h = FNV;
	unsigned len;

	for (const char *end = s + n; s < end; s += len)
		h = hash_on(h, wn_utf8_get(s, &len));
	return mark(h, kind);
}

int
wn_topic_is_word(uint64_t key)
{
	return key >> 48 == WORDS;
}

unsigned
wn_topic_key_chars(uint64_t key)
{
	if (key >> 48 >= STEMS)
		return 0;
	return key >> 48 ? 4 : key >> 32 ? 3 : key >> 16 ? 2 : 1;
}

/* ---- units ------------------------------------------------------------ */

/* The letter at p in lower case; 0: it is none. */
static inline uint32_t
letter(const char *p, unsigned *len)
{
	uint32_t c = (unsigned char)*p;

	if (c < 0x80) {
		*len = 1;
		c |= 32;
		return c - 'a' < 26 ? c : 0;
	}
	c = wn_utf8_get(p, len);
	return is_letter(c) ? lower(c) : 0;
}

/* Reads the word at t->p; the number of its letters. */
static unsigned
word(struct wn_topic_text *t, struct wn_topic_unit *u)
{
	unsigned len, n = 0, stem = WN_TOPIC_STEM;
	uint64_t h = FNV;
	uint32_t c;

	u->stem_key = 0;
	for (u->n = u->stem = 0; t->p < t->end; t->p += len, n++) {
		if ((c = letter(t->p, &len)) == 0)
			break;
		if (c >= 0xAC00 && c <= 0xD7A3)
			stem = STEM_HANGUL;
		if (n == stem) {
			u->stem = u->n;
			u->stem_key = mark(h, WN_TOPIC_IS_STEM);
		}
		if (u->n + 4 > WN_TOPIC_WORD)
			continue;
		h = hash_on(h, c);
		if (c < 0x80)
			u->word[u->n++] = (char)c;
		else
			u->n += wn_utf8_put(u->word + u->n, c);
	}
	u->key = mark(h, WN_TOPIC_IS_WORD);
	return n;
}

int
wn_topic_next(struct wn_topic_text *t, struct wn_topic_unit *u)
{
	unsigned len;
	size_t skip;

	while (t->p < t->end) {
		uint32_t c = wn_utf8_get(t->p, &len);

		if (c <= ' ') { /* most of what is between words */
			t->p++;
			t->run = 0;
			continue;
		}
		if (c - WN_TOPIC_HAN < WN_TOPIC_HANS) {
			t->p += len;
			u->c = t->fold->to[c - WN_TOPIC_HAN];
			u->run = ++t->run;
			return 1;
		}
		if (t->run > 0 && (skip = gloss(t->p, t->end)) > 0) {
			t->p += skip;
			continue;
		}
		t->run = 0;
		if (!is_letter(c))
			t->p += len;
		else if (word(t, u) >= LEAST) {
			u->c = 0;
			return 1;
		}
	}
	return 0;
}
