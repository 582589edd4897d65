/* witness.c - the article as the page's JSON-LD repeats it.
 *
 * Many news systems put the whole text a second time into `articleBody`, for
 * machines. It has lost its paragraphs, sometimes its headings and lists, is
 * now and then escaped once too often, and may be the beginning alone: it can
 * not be handed on, but it tells which blocks of the page are the article. So
 * both are cut into words, the text's runs of four words are remembered, and
 * a block whose runs are among them belongs to the article, wherever it stands
 * and whatever its element is called; one that stands between two of these and
 * shares no run is something put in between.
 *
 * Invariants
 *  W1  Nothing is said of a page unless a good part of its articleBody stands
 *      in its blocks: a text of another page is no witness.
 *  W2  What stands above the first block (below the last) is judged only where
 *      the text begins (ends) as that block does: an excerpt says nothing of
 *      what follows it.
 *  W3  Linear in bytes; TOKENS_MAX words of a text are read. */
#include "cleaner/charref.h"
#include "cleaner/extract.h"
#include "cleaner/meta.h"

#include <string.h>

enum { RUN = 4, TOKENS_MAX = 1 << 16 };

#define LEAST 60   /* runs of a text that says something */
#define SHARE 0.6  /* of its runs that must stand on the page */
#define INSIDE 0.7 /* of a block's runs */
#define OUTSIDE 0.2

struct reader {
	const char *p, *end;
	uint64_t last[RUN]; /* hashes of the latest words, oldest first */
	uint32_t words;
};

struct runs {
	uint64_t *slot;
	size_t size; /* a power of two */
	uint32_t n;
	uint64_t first, last;
};

/* Next word: letters and digits, or one character of a script that writes no
 * spaces. Marks of U+0080..U+00BF and U+2000..U+2FFF part words as in ASCII. */
static int
next_word(struct reader *r, uint64_t *word)
{
	uint64_t h = 14695981039346656037ull;
	size_t n = 0;

	for (; r->p < r->end; r->p++) {
		unsigned char c = (unsigned char)*r->p;

		if (c == '<' && n == 0) {
			const char *q = memchr(r->p, '>',
			    r->end - r->p < 400 ? (size_t)(r->end - r->p)
						: 400);
			if (q != NULL)
				r->p = q;
			continue;
		}
		if (c >= 0xe3 && c <= 0xed && r->end - r->p >= 3) {
			if (n > 0)
				break;
			for (n = 0; n < 3; n++)
				h = (h ^ (unsigned char)*r->p++) *
				    1099511628211ull;
			break;
		}
		if (c == 0xc2 || c == 0xe2) {
			if (n > 0)
				break;
			r->p += r->end - r->p > (c == 0xe2 ? 2 : 1)
				    ? (c == 0xe2 ? 2 : 1)
				    : 0;
			continue;
		}
		if (c < 0x80 && !((c | 32) >= 'a' && (c | 32) <= 'z') &&
		    !(c >= '0' && c <= '9')) {
			if (n > 0)
				break;
			continue;
		}
		h = (h ^ (c >= 'A' && c <= 'Z' ? c | 32u : c)) *
		    1099511628211ull;
		n++;
	}
	*word = h ^ h >> 31;
	return n > 0;
}

/* The run of RUN words that ends with the next word. */
static int
next_run(struct reader *r, uint64_t *run)
{
	uint64_t word, h = 0;

	while (next_word(r, &word)) {
		memmove(r->last, r->last + 1, sizeof(r->last) - sizeof(word));
		r->last[RUN - 1] = word;
		if (++r->words < RUN)
			continue;
		for (int i = 0; i < RUN; i++)
			h = (h ^ r->last[i]) * 0x9e3779b97f4a7c15ull + 1;
		*run = h ? h : 1;
		return 1;
	}
	return 0;
}

static uint64_t *
find_slot(const struct runs *set, uint64_t run)
{
	size_t i = (size_t)(run >> 20) & (set->size - 1);

	while (set->slot[i] != 0 && set->slot[i] != run)
		i = (i + 1) & (set->size - 1);
	return &set->slot[i];
}

static int
remember(struct wn_arena *a, struct wn_str s, struct runs *set)
{
	struct reader r = {.p = s.p, .end = s.p + s.n};
	uint64_t run;

	set->size = 64;
	while (set->size < s.n / 2 && set->size < 2 * TOKENS_MAX)
		set->size *= 2;
	if ((set->slot = wn_zalloc(a, set->size * sizeof(run))) == NULL)
		return WINNOW_ETOOBIG;
	while (set->n < TOKENS_MAX / 2 && set->n < set->size / 2 &&
	       next_run(&r, &run)) {
		if (set->n++ == 0)
			set->first = run;
		set->last = run;
		*find_slot(set, run) = run;
	}
	return 0;
}

/* References resolved, as often as they were escaped. */
static struct wn_str
resolve(struct wn_arena *a, struct wn_str s)
{
	for (int i = 0; i < 2 && memchr(s.p, '&', s.n) != NULL; i++) {
		char *copy = wn_alloc(a, s.n + 1);

		if (copy == NULL)
			break;
		s.n = wn_charref_copy(copy, s.p, s.n);
		s.p = copy;
	}
	return s;
}

struct match {
	uint32_t runs, hits;
	uint64_t first, last;
};

static struct match
compare(const struct runs *set, const struct wn_str *s)
{
	struct reader r = {.p = s->p, .end = s->p + s->n};
	struct match m = {0};
	uint64_t run;

	while (next_run(&r, &run)) {
		if (m.runs++ == 0)
			m.first = run;
		m.last = run;
		m.hits += *find_slot(set, run) == run;
	}
	return m;
}

int
wn_read_witness(struct wn_extractor *x)
{
	struct wn_str s =
	    x->d->meta != NULL ? x->d->meta->body : (struct wn_str){NULL, 0};
	struct runs set = {0};
	uint32_t hits = 0, begins = x->n, ends = x->n;
	uint8_t *seen;

	if (s.n == 0)
		return 0;
	seen = wn_zalloc(x->d->arena, x->n + 1);
	if (seen == NULL ||
	    remember(x->d->arena, resolve(x->d->arena, s), &set) != 0)
		return WINNOW_ETOOBIG;
	for (uint32_t i = 0; set.n >= LEAST && i < x->n; i++) {
		struct match m = compare(&set, &x->b[i].text);

		if (m.runs == 0)
			continue;
		if (m.hits >= INSIDE * m.runs) {
			seen[i] = WN_INSIDE;
			hits += m.hits;
			if (m.first == set.first && begins == x->n)
				begins = i;
			if (m.last == set.last)
				ends = i;
		} else if (m.hits <= OUTSIDE * m.runs) {
			seen[i] = WN_OUTSIDE;
		}
	}
	if (set.n < LEAST || hits < SHARE * set.n)
		return 0;
	x->seen = seen;
	x->begins = begins;
	x->ends = ends;
	return 0;
}
