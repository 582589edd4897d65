/* focus.c - see focus.h.
 *
 * A count is one number of 32 bits: pages in the upper 12, the sum of their
 * scores, in 255ths, in the lower 20. */
#include "crawler/focus.h"

#include <math.h>
#include <string.h>

#include <xxhash.h>

#include "crawler/frontier.h"

#define PRIOR 0.05       /* of a crawl that has seen nothing */
#define CURIOUS 0.5      /* deviations that are added for what is not known */
#define ODDS_MOST 6.0    /* of one score, as a power of two */
#define PAGE_WEIGHT 0.35 /* of the page a link stands on, against its words */
#define USUAL_FIRST 20   /* pages, or links, that neutral stands for */
#define USUAL_MOST 2000
#define OUTSTANDS 1.5 /* deviations */
#define BAR_MOST 5.0
#define STEP 8 /* priorities a power of two */
#define RANK_LEAST (-100)
#define SCORE 255
#define SUM_BITS 20
#define SUM_MASK ((1u << SUM_BITS) - 1)

_Static_assert(FOCUS_FULL *SCORE < SUM_MASK && FOCUS_FULL < 1 << 11,
    "a count fits its bits, and a change of it an int");

/* How many pages of the branch above stand for one that is not known. */
static const struct {
	const char *name;
	double pages;
} branches[FOCUS_BRANCHES] = {
    [FOCUS_ALL] = {"crawl", 20},
    [FOCUS_HOST] = {"host", 4},
    [FOCUS_FOLDER] = {"folder", 4},
    [FOCUS_SHAPE] = {"shape", 4},
    [FOCUS_PAGE] = {"page", 2},
};

const char *
focus_branch_name(enum focus_branch b)
{
	return branches[b].name;
}

/* ---- branches ----------------------------------------------------------- */

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits of a date, which say nothing of the branch: a year, or what follows
 * one. in_date: what came before was part of one. */
static int
is_date(const char *p, size_t n, int in_date)
{
	if (n == 4 || n == 6 || n == 8)
		return (p[0] == '1' && p[1] == '9') ||
		       (p[0] == '2' && p[1] == '0') || (in_date && n == 4);
	return in_date && n <= 2;
}

/* The path with dates as one mark, and, when it is to be cut, without its last
 * number; its length. Numbers of columns stay: they are what tells columns. */
static size_t
fold(const char *path, size_t n, int cut_last, char out[WINNOW_URL_MAX])
{
	size_t i = 0, o = 0, digits, last = 0, behind = 0;
	int in_date = 0;

	while (i < n && o < WINNOW_URL_MAX - 1) {
		if (!is_digit(path[i])) {
			in_date = in_date && strchr("/-_t", path[i]) != NULL;
			out[o++] = path[i++];
			continue;
		}
		for (digits = 1; i + digits < n && is_digit(path[i + digits]);)
			digits++;
		last = o;
		in_date = is_date(path + i, digits, in_date);
		if (in_date || digits > WINNOW_URL_MAX - 1 - o) {
			out[o++] = '#';
		} else {
			memcpy(out + o, path + i, digits);
			o += digits;
		}
		behind = o;
		i += digits;
	}
	if (cut_last && behind > 0) {
		out[last] = '#';
		memmove(out + last + 1, out + behind, o - behind);
		o = last + 1 + o - behind;
	}
	return o;
}

static uint64_t
named(const char *s, size_t n, enum focus_branch b)
{
	uint64_t h = XXH3_64bits_withSeed(s, n, 0x666f637573u + (unsigned)b);

	return h != 0 ? h : 1;
}

void
focus_place_of(struct focus_place *p, const char *url, uint64_t host,
    const struct winnow_key *via)
{
	char name[WINNOW_URL_MAX];
	const char *path = strstr(url, "://"), *end, *last;
	size_t n;

	path = path != NULL ? path + 3 + strcspn(path + 3, "/?#") : url;
	end = path + strcspn(path, "#");
	if (end - path >= WINNOW_URL_MAX)
		end = path + WINNOW_URL_MAX - 1;
	for (last = path + strcspn(path, "?#"); last > path && *last != '/';)
		last--;
	p->host[FOCUS_ALL] = 0;
	p->family[FOCUS_ALL] = named("", 0, FOCUS_ALL);
	p->host[FOCUS_HOST] = p->host[FOCUS_FOLDER] = p->host[FOCUS_SHAPE] =
	    host;
	p->family[FOCUS_HOST] = named("", 0, FOCUS_HOST);
	n = fold(path, (size_t)(last - path), 0, name);
	p->family[FOCUS_FOLDER] = named(name, n, FOCUS_FOLDER);
	n = fold(path, (size_t)(end - path), 1, name);
	p->family[FOCUS_SHAPE] = named(name, n, FOCUS_SHAPE);
	p->host[FOCUS_PAGE] = via->host;
	p->family[FOCUS_PAGE] =
	    via->url != 0 ? named((const char *)&via->url, 8, FOCUS_PAGE) : 0;
}

/* ---- estimates ---------------------------------------------------------- */

/* Log odds as a power of two, within reason. */
static double
odds(double p)
{
	double o = p <= 0 ? -ODDS_MOST : p >= 1 ? ODDS_MOST : log2(p / (1 - p));

	return o > ODDS_MOST ? ODDS_MOST : o < -ODDS_MOST ? -ODDS_MOST : o;
}

static double
chance(double o)
{
	return 1 / (1 + exp2(-o));
}

/* ---- what is usual ------------------------------------------------------ */

void
focus_usual_begin(struct focus_usual *u, double neutral)
{
	*u = (struct focus_usual){USUAL_FIRST, odds(neutral), 1};
}

/* Welford's sums, with the weight of what is new bounded below. */
void
focus_usual_add(struct focus_usual *u, double score)
{
	double o = odds(score), by = o - u->mean;

	u->n = u->n < USUAL_MOST ? u->n + 1 : USUAL_MOST;
	u->mean += by / u->n;
	u->spread += (by * (o - u->mean) - u->spread) / u->n;
}

double
focus_worth(const struct focus_usual *u, double score)
{
	double bar = u->mean + OUTSTANDS * sqrt(u->spread);

	bar = bar < 0 ? 0 : bar > BAR_MOST ? BAR_MOST : bar;
	return chance(2 * (odds(score) - bar));
}

static double
deviation(double mean, double pages)
{
	return sqrt(mean * (1 - mean) / (pages + 1));
}

double
focus_expected(const struct focus_book *book, const struct focus_place *p,
    int own, struct focus_view *view)
{
	struct focus_view mine = {0};
	double mean = PRIOR, sum, pages = 0;

	for (int b = 0; b < FOCUS_BRANCHES; b++) {
		uint32_t c = p->family[b] != 0 ? book->count(book->arg,
						     p->host[b], p->family[b])
					       : 0;

		mine.pages[b] = c >> SUM_BITS;
		sum = (double)(c & SUM_MASK) / SCORE;
		if (mine.pages[b] == 0)
			continue;
		mine.yielded[b] = sum / mine.pages[b];
		mean = (sum + branches[b].pages * mean) /
		       (mine.pages[b] + branches[b].pages);
		if (b >= FOCUS_FOLDER)
			pages += mine.pages[b];
	}
	mean += CURIOUS * deviation(mean, pages);
	mine.branches = mean < 1 ? mean : 1;
	mine.expected = chance(odds(mine.branches) + (double)own / STEP);
	if (view != NULL)
		*view = mine;
	return mine.expected;
}

int
focus_own(const struct focus_usual *links, double words,
    const struct focus_usual *articles, double page, int points)
{
	double is = STEP * (odds(words) - links->mean +
			       PAGE_WEIGHT * (odds(page) - articles->mean)) +
		    points;

	return is > INT8_MAX ? INT8_MAX : is < -INT8_MAX ? -INT8_MAX : (int)is;
}

int
focus_priority(double expected, int most)
{
	double down = expected > 0 ? -STEP * log2(expected) : INT8_MAX * 2;
	double rank = most - down;

	return rank < RANK_LEAST ? RANK_LEAST : (int)floor(rank);
}

/* ---- what came ---------------------------------------------------------- */

static uint32_t
counted(uint32_t c, double score)
{
	uint32_t pages = c >> SUM_BITS, sum = c & SUM_MASK;

	score = score < 0 ? 0 : score > 1 ? 1 : score;
	if (pages >= FOCUS_FULL) {
		pages /= 2;
		sum /= 2;
	}
	return (pages + 1) << SUM_BITS | (sum + (uint32_t)(score * SCORE));
}

void
focus_count(struct frontier *f, const struct focus_place *p, double score)
{
	for (int b = 0; b < FOCUS_BRANCHES; b++) {
		uint32_t was, is;

		if (p->family[b] == 0)
			continue;
		was = frontier_family(f, p->host[b], p->family[b]);
		is = counted(was, score);
		frontier_family_add(f, p->host[b], p->family[b],
		    (int)((int64_t)is - (int64_t)was));
	}
}
