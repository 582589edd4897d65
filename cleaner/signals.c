/* signals.c - what a text shows of its own worth.
 *
 * One pass over the finished text counts its characters and what its lines end
 * in, and turns it into tokens: pairs of Han characters, words of other
 * scripts. The tokens tell whether the title speaks of the same, and three of
 * them in a row which phrases come again and again.
 *
 * Spun is a text that a program rewrote (words of rules/spun.def, many of them)
 * or stuffed (a phrase that fills it). Both are squashed to 0..1 so that 0.5
 * is reached at SPUN_HALF and STUFFED_HALF; of the development sets' pages as
 * they are one text goes beyond it, which was spun (BENCHMARKS.md).
 *
 * Invariants
 *  G1  Cost is linear in the text: tokens past TOKENS are not looked at, a
 *      table's slots are cleared once.
 *  G2  Nothing here changes a text, or depends on anything but the doc. */
#include "cleaner/quality.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "cleaner/doc.h"
#include "cleaner/model.h"
#include "cleaner/normalise.h"
#include "cleaner/state.h"
#include "cleaner/utf8.h"

enum {
	TOKENS = 8000,
	SEEN_BITS = 1 << 16,
	PHRASES = 4096,    /* counters */
	PHRASE_LEAST = 6,  /* times, of a phrase that counts, */
	PHRASE_SHARE = 80, /* and one of so many of the text's */
	LINE_LEAST = 6, /* characters of a line that may repeat: 收入 may */
	ROW_MOST = 3,   /* times that a word of spun.def counts: it may be
			   what the text is about */
	ROW_LEAST = 2,  /* different ones that there must be */
	LONE_LEAST = 3, /* question marks that are lost characters, */
			/* and most of them are so */
	CLAUSE = 20,    /* characters before a question mark that are read */
	SPUN_WORDS = 128
};
#define SPUN_HALF 15      /* nats in a thousand characters */
#define STUFFED_HALF 0.12 /* of the phrases */

struct tokens {
	uint64_t seen[SEEN_BITS / 64];
	uint16_t phrases[PHRASES];
	uint32_t last[2];
	uint32_t han, word; /* the character before; the word so far */
	uint32_t n;
};

struct look {
	const struct wn_spun *spun;
	int plain; /* fold to simplified first */
	struct tokens t;
	size_t chars, solid, han;
	size_t ended, repeated; /* in such lines */
	size_t asked, lone; /* 字？字; those of a clause that asks nothing */
	size_t unnamed;     /* of the private use area */
	size_t spared;      /* replacement characters that count less */
	uint32_t row[WN_SPUN_CHARS]; /* the characters that may be a word */
	size_t nrow;
	uint8_t hits[SPUN_WORDS];
};

static void
token(struct tokens *t, uint32_t h)
{
	uint32_t p;

	if (t->n >= TOKENS)
		return;
	h *= 0x9E3779B1u;
	h ^= h >> 15;
	t->seen[h % SEEN_BITS / 64] |= 1ULL << h % 64;
	p = (t->last[0] * 31 + t->last[1]) * 31 + h;
	t->last[0] = t->last[1];
	t->last[1] = h;
	if (t->n++ > 1)
		t->phrases[p * 0x9E3779B1u >> 20]++;
}

static int
was_seen(const struct tokens *t, uint32_t h)
{
	h *= 0x9E3779B1u;
	h ^= h >> 15;
	return (t->seen[h % SEEN_BITS / 64] >> h % 64 & 1) != 0;
}

static int
is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') ||
		       ((c | 32) >= 'a' && (c | 32) <= 'z');
	return c >= 0xC0 && !(c >= 0x2000 && c < 0x3040) && c < 0xE000;
}

/* The next character; the token that it ends, 0: none. */
static uint32_t
token_on(struct tokens *t, uint32_t c)
{
	uint32_t h = 0;

	if (wn_is_han(c)) {
		h = t->han != 0 ? t->han << 13 ^ c : t->word;
		t->han = c;
		t->word = 0;
	} else if (is_letter(c)) {
		t->word = (t->word + (c < 0x80 ? c | 32 : c)) * 16777619u;
		t->han = 0;
	} else {
		h = t->word;
		t->word = t->han = 0;
	}
	return h;
}

/* ---- lines --------------------------------------------------------------- */

/* The last character but for closing brackets and quotes, which may stand
 * behind the mark that ends a sentence. */
static int
is_ended(struct wn_str line)
{
	static const char closing[] = "\"')]}”’」』）》】〉";
	unsigned l;
	uint32_t c;
	char b[4];

	while ((c = wn_char_before(line, line.n, &l)) != 0) {
		size_t k = wn_utf8_put(b, c);

		if (c != ' ' &&
		    memmem(closing, sizeof(closing) - 1, b, k) == NULL)
			break;
		line.n -= l;
	}
	return c == 0x3002 || c == '.' || c == '!' || c == '?' || c == ';' ||
	       c == ':' || c == 0xFF01 || c == 0xFF1F || c == 0xFF1B ||
	       c == 0xFF1A || c == 0x2026 || c == 0xFF0E || c == 0xFF61;
}

struct lines {
	uint64_t *slot; /* 0: free; never all taken */
	size_t mask, used;
};

static int
lines_new(struct lines *h, struct wn_arena *a, size_t lines)
{
	size_t n = 16;

	while (n < 2 * lines)
		n *= 2;
	h->mask = n - 1;
	h->used = 0;
	h->slot = wn_zalloc(a, n * sizeof(*h->slot));
	return h->slot != NULL ? 0 : WINNOW_ENOMEM;
}

/* Was the line there already? It is now, while there is room: a paragraph of
 * code has lines of its own. */
static int
lines_add(struct lines *h, const char *s, size_t n)
{
	uint64_t key = XXH3_64bits(s, n) | 1;
	size_t i = key >> 20 & h->mask;

	for (; h->slot[i] != 0; i = (i + 1) & h->mask)
		if (h->slot[i] == key)
			return 1;
	if (h->used++ < h->mask / 2 + 1)
		h->slot[i] = key;
	return 0;
}

/* ---- words of spun.def --------------------------------------------------- */

static void
spun_found(struct look *k)
{
	unsigned row = wn_spun_at(k->spun, k->row, k->nrow);

	if (row != 0 && row < SPUN_WORDS && k->hits[row] < ROW_MOST)
		k->hits[row]++;
	k->nrow = 0;
}

/* Gathers the characters behind one that may begin a word. A word that begins
 * inside of those is passed over: what is counted is how many there are. */
static void
spun_on(struct look *k, uint32_t c)
{
	if (k->plain)
		c = wn_model_plain(c);
	if (k->nrow == 0 && !wn_spun_may(k->spun, c))
		return;
	k->row[k->nrow++] = c;
	if (k->nrow == WN_SPUN_CHARS)
		spun_found(k);
}

static double
squash(double x, double half)
{
	return x * x / (x * x + half * half);
}

static double
rewritten(const struct look *k)
{
	double sum = 0;
	unsigned different = 0;

	for (unsigned i = 1; i < SPUN_WORDS; i++)
		if (k->hits[i] > 0) {
			different++;
			sum += k->hits[i] * wn_spun_weight(i);
		}
	if (different < ROW_LEAST)
		return 0;
	return squash(
	    sum * 1000 / (double)(k->han < 200 ? 200 : k->han), SPUN_HALF);
}

static double
stuffed(const struct tokens *t)
{
	uint32_t least = t->n / PHRASE_SHARE, sum = 0;

	if (least < PHRASE_LEAST)
		least = PHRASE_LEAST;
	for (size_t i = 0; i < PHRASES; i++)
		if (t->phrases[i] >= least)
			sum += t->phrases[i];
	return t->n == 0 ? 0 : squash((double)sum / t->n, STUFFED_HALF);
}

/* ---- question marks for lost characters --------------------------------- */

/* Does the clause before byte i ask? 吗 什么 如何 是否 几时 怎样. */
static int
is_asking(struct wn_str s, size_t i)
{
	static const char words[] = "吗嗎呢么麼麽何谁誰哪几幾否啥怎吧嘛难難";
	unsigned l;
	uint32_t c;

	for (unsigned n = 0; n < CLAUSE && (c = wn_char_before(s, i, &l)) > ' ';
	     n++, i -= l) {
		if (wn_is_cjk_mark(c))
			return 0;
		if (l == 3 &&
		    memmem(words, sizeof(words) - 1, s.p + i - 3, 3) != NULL)
			return 1;
	}
	return 0;
}

/* A "?" at byte i, len bytes, between two characters: programs that lack a
 * character write one in its place, in the middle of what is no question. */
static void
question(struct look *k, struct wn_str s, size_t i, size_t len)
{
	if (i == 0 || s.n - i <= len || (uint8_t)s.p[i - 1] < 0x80 ||
	    (uint8_t)s.p[i + len] < 0xE4)
		return;
	k->asked++;
	k->lone += !is_asking(s, i);
}

/* ---- the pass ------------------------------------------------------------ */

static void
character(struct look *k, uint32_t c)
{
	uint32_t h = token_on(&k->t, c);

	if (h != 0)
		token(&k->t, h);
	k->chars++;
	k->solid += c > ' ';
	if (wn_is_han(c)) {
		k->han++;
		spun_on(k, c);
	} else {
		if (k->nrow > 0)
			spun_found(k);
		k->unnamed += c >= 0xE000 && c <= 0xF8FF;
	}
}

/* The bytes of ASCII from i on, most of what most texts of other scripts are;
 * where they end. */
static size_t
ascii(struct look *k, struct wn_str s, size_t i)
{
	struct tokens *t = &k->t;
	size_t first = i, spaces = 0;
	uint32_t word = t->word;

	if (i == s.n || (uint8_t)s.p[i] >= 0x80)
		return i;
	if (k->nrow > 0)
		spun_found(k);
	if (t->han != 0)
		word = t->han = 0;
	for (; i < s.n && (uint8_t)s.p[i] < 0x80; i++) {
		uint32_t c = (uint8_t)s.p[i] | 32;

		if (c - 'a' < 26 || c - '0' < 10) {
			word = (word + c) * 16777619u;
			continue;
		}
		if (word != 0)
			token(t, word);
		word = 0;
		spaces += (uint8_t)s.p[i] <= ' ';
		if (s.p[i] == '?')
			question(k, s, i, 1);
	}
	t->word = word;
	k->chars += i - first;
	k->solid += i - first - spaces;
	return i;
}

/* Replacement characters from byte i on, a row of them: where it ends. One that
 * touches no letter stands for a picture, not for a part of a word: it is one
 * loss, however many bytes the picture had. */
static size_t
replaced(struct look *k, struct wn_str s, size_t i)
{
	size_t n = 0, first = i;
	unsigned l;

	while (wn_char_at(s, i, &l) == 0xFFFD) {
		i += l;
		n++;
	}
	if (!is_letter(wn_char_before(s, first, &l)) &&
	    !is_letter(wn_char_at(s, i, &l)))
		k->spared += n - 1;
	k->chars += n;
	k->solid += n;
	k->t.han = 0;
	return i;
}

static void
line(struct look *k, struct lines *h, struct wn_str s)
{
	size_t before = k->chars, n;
	unsigned len;

	for (size_t i = ascii(k, s, 0); i < s.n;) {
		uint32_t c = wn_utf8_get(s.p + i, &len);

		if (c == 0xFFFD) {
			i = ascii(k, s, replaced(k, s, i));
			continue;
		}
		character(k, c);
		if (c == 0xFF1F)
			question(k, s, i, len);
		i = ascii(k, s, i + len);
	}
	character(k, ' '); /* ends words and tokens; */
	k->chars--;        /* it is none of the text's */
	n = k->chars - before;
	if (is_ended(s))
		k->ended += n;
	if (n >= LINE_LEAST && lines_add(h, s.p, s.n))
		k->repeated += n;
}

/* Readings that stayed: 會(huì). */
static size_t
count_glosses(const char *s, size_t n)
{
	const char *end = s + n, *p = s;
	struct wn_gloss g;
	size_t found = 0;

	for (; (p = memchr(p, '(', (size_t)(end - p))) != NULL; p++)
		found += p - s >= 3 && (uint8_t)p[-3] >= 0xE4 &&
			 (uint8_t)p[-3] <= 0xE9 &&
			 wn_gloss_read(p, (size_t)(end - p), &g) > 0 &&
			 g.tone != 0;
	return found;
}

/* How much of the title's words the text has: another text's has few. */
static double
titled(struct look *k, const char *title)
{
	uint32_t all = 0, found = 0, h;
	size_t n = title != NULL ? strlen(title) + 1 : 0;
	unsigned len;

	/* The NUL ends the last word. */
	for (size_t i = 0; i < n; i += len) {
		h = token_on(&k->t, wn_utf8_get(title + i, &len));
		all += h != 0;
		found += h != 0 && was_seen(&k->t, h);
	}
	return all == 0 ? 0 : (double)found / all;
}

static double
kept(const struct wn_doc *d)
{
	size_t all = 0, of = 0;

	for (size_t i = 0; i < d->nblocks; i++) {
		all += d->blocks[i].chars;
		of += d->blocks[i].kept ? d->blocks[i].chars : 0;
	}
	return all == 0 ? 0 : (double)of / (double)all;
}

static size_t
less(size_t a, size_t b)
{
	return a < b ? a : b;
}

static double
share(size_t part, size_t whole)
{
	return whole == 0 ? 0 : (double)part / (double)whole;
}

int
wn_signals(struct wn_doc *d)
{
	struct winnow_doc *p = &d->pub;
	struct winnow_signals *g = &p->signals;
	const char *s = p->text, *end = s + p->text_len, *eol;
	struct look *k = wn_zalloc(d->arena, sizeof(*k));
	struct lines h;

	_Static_assert(SPUN_WORDS <= 255, "rows are numbered in a byte");
	if (k == NULL || lines_new(&h, d->arena, p->paragraphs) != 0)
		return WINNOW_ENOMEM;
	k->spun = d->w->spun;
	k->plain = p->language_script != NULL &&
		   strcmp(p->language_script, "Hant") == 0;
	for (; s < end; s = eol + 1) {
		if ((eol = memchr(s, '\n', (size_t)(end - s))) == NULL)
			eol = end;
		line(k, &h, (struct wn_str){s, (size_t)(eol - s)});
	}
	g->han = share(k->han, k->solid);
	g->ended = share(k->ended, k->chars);
	g->repeated = share(k->repeated, k->chars);
	g->kept = kept(d);
	g->spun = 1 - (1 - rewritten(k)) * (1 - stuffed(&k->t));
	g->titled = titled(k, p->title);
	g->lost =
	    d->lost - less(k->spared, d->lost) + k->unnamed +
	    (k->lone >= LONE_LEAST && k->lone > k->asked / 2 ? k->lone : 0);
	g->glosses = count_glosses(p->text, p->text_len);
	g->damaged = d->damaged - less(k->spared, d->damaged);
	return 0;
}
