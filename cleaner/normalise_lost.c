/* normalise_lost.c - characters that a mirror lost a byte of, and the shifted
 * text behind them: 學(xué)?？茖W -> 學校科學.
 *
 * Mirrors search bytes of GBK for marks and for characters to gloss without
 * minding where a character begins. What they put in between made the byte
 * before it half of a pair that is none; the decoder wrote "?" for both and
 * read on one byte late:
 *
 *   學校科學 is 8C57 D0A3 BFC6 8C57. In it stands A3BF, the mark ？, and gets
 *   a byte put before it: 8C57 D0xx A3BF C68C 57. So 學 is read, then "?" for
 *   D0xx, ？, 茖 for C68C, and W.
 *
 * So behind the "?" every character is made of the second byte of one and the
 * first of the next, until a byte below 0x80 ends it, a gloss, another "?" or
 * the line. Only the byte that was lost is not there any more. Where a gloss
 * did it ("?pinyin)") its reading names the byte; where a mark did it the 126
 * values are tried, and the model of the language says which makes sense, by
 * how far, and whether any does.
 *
 * Invariants
 *  L1  Nothing is changed, and no model asked, unless the page is a mirror's.
 *  L2  A repair takes in exactly the bytes from the "?" to where the reading
 *      is in step again; what is in between comes out of its own bytes.
 *  L3  Work is bounded: a run ends at the next "?", WORK_MAX characters are
 *      weighed for a page. */
#include "cleaner/charset.h"
#include "cleaner/model.h"
#include "cleaner/normalise.h"

#include <string.h>

#include "cleaner/utf8.h"

enum {
	RUN = 200,   /* characters of a shifted run */
	LEFT = 4,    /* characters before it that are weighed with it */
	RIGHT = 3,   /* and behind it */
	PATHS = 4,   /* ways to read a run that has folded characters */
	HEADS = 8,   /* readings of the first, and of the last character, */
	WORK_MAX = 1 << 20, /* that are weighed with the whole */
};

/* What to ask of a repair, in nats. */
static const struct {
	double mean; /* of a character's cost, at most */
	double gain; /* over the line as it is */
	/* lead over the next reading; a text may nearly everywhere come to an
	 * end, so that costs little and proves little */
	double noise, stop, gloss, unnamed, quote;
	double line_start;   /* cost of a wide space there */
	double odd;          /* of a rare mark beside the usual one */
	double stop_in_term; /* of a stop that ends so few bytes of quotation */
	size_t term;
} ask = {
    .mean = 8,
    .gain = 4,
    .noise = 1,
    .stop = 3,
    .gloss = 0.5,
    .unnamed = 2,
    .quote = 0.5,
    .line_start = 0.5,
    .odd = 3,
    .stop_in_term = 6,
    .term = 30,
};

#define NONE 1e9 /* cost of no reading */

/* How a run ends. */
enum end { END_BYTE, END_GLOSS, END_MARK, END_EATEN };

/* A way to read a run: the characters it is made of, the byte that waits for
 * its second half. */
struct path {
	size_t at;    /* byte of the line that is read next */
	uint8_t lead; /* 0: none waits, the run is over */
	enum end end;
	int dropped; /* a private-use character was */
	struct wn_gloss gloss;
	size_t n;
	uint32_t c[RUN];
};

/* A character of the line as the decoder saw it. */
struct seen {
	uint32_t c;
	unsigned len;
	unsigned pair; /* its two bytes; below 0x100: one byte; 0: none */
};

/* The first or last character of a reading. */
struct part {
	uint32_t c; /* 0: none */
	double cost;
};

struct repair {
	struct wn_norm *m;
	struct wn_str s;
	size_t at, from; /* the "?", and what is behind it and its gloss */
	int gloss;       /* "?pinyin)" */
	uint32_t before; /* the character before the "?", glosses passed over */
	size_t quoted; /* bytes since a quotation was opened; 0: none is open */
	uint32_t left[LEFT];
	size_t nleft;
	struct path path[PATHS];
	size_t npaths;
	/* the best reading, the cost of the next one that is not the same but
	 * for its last character, and by how much that leads over others */
	double best, next, end_lead;
	uint32_t text[RUN + 2];
	size_t n, to;
	int unnamed, dropped;
};

static struct seen
see(const struct repair *r, size_t at)
{
	struct seen s;

	s.c = wn_char_at(r->s, at, &s.len);
	s.pair = s.c < 0x80 ? s.c : wn_gbk_pair(r->m->charsets, s.c);
	return s;
}

static int
is_lost(uint32_t c)
{
	return c == '?' || c == 0xFFFD;
}

/* Some collectors made a wide mark of the "?": no text has ？； and the like.
 */
static int
is_wide_lost_before(struct wn_str s, size_t at, unsigned len)
{
	unsigned l;
	uint32_t c = wn_char_at(s, at, &l), next;

	if (c != 0xFF1F)
		return 0;
	next = wn_char_at(s, at + len, &l);
	return next == 0xFF1B || next == 0x3002 || next == 0x3001;
}

static int
is_private(uint32_t c)
{
	return c >= 0xE000 && c <= 0xF8FF;
}

/* The character that two bytes make; 0: none that a text has. On a mirror's
 * page none is simplified only: all were converted. */
static uint32_t
join(const struct repair *r, unsigned lead, unsigned trail)
{
	uint32_t c = wn_gbk_char(r->m->charsets, lead, trail);
	char han[4];

	r->m->work++;
	if (is_private(c) ||
	    (wn_utf8_put(han, c) == 3 && wn_script_of(han) < 0))
		return 0;
	return c;
}

/* ---- reading a run ----------------------------------------------------- */

/* The pair of an ASCII character that was a wide one before a fold. */
static unsigned
unfold(uint32_t c)
{
	return c > 0x20 && c < 0x7F ? 0xA300u | (c + 0x80) : 0;
}

/* Marks that mirrors search for. */
static int
is_searched(uint32_t c)
{
	return c == 0x3002 || c == 0xFF1B || c == 0xFF1F || c == 0xFF01 ||
	       c == 0x3001 || c == ';' || c == '!' || c == '?';
}

/* A "?" inside a run: the byte that waits belongs to a character whose second
 * half is gone, and the reading is in step behind it. */
static void
end_at_lost(const struct repair *r, struct path *p, const struct seen *s)
{
	size_t next = p->at + s->len, len;
	unsigned l;

	p->at = next;
	len = wn_pinyin_read(r->s.p + next, r->s.n - next, &p->gloss);
	if (len > 0) {
		p->end = END_GLOSS;
		p->at += len;
		return;
	}
	p->end = is_searched(wn_char_at(r->s, next, &l)) ? END_MARK : END_EATEN;
}

/* Some collectors made wide marks of ASCII ones: "？" before a reading. */
static int
is_wide_lost(const struct repair *r, const struct seen *s, size_t at)
{
	struct wn_gloss g;

	return s->c == 0xFF1F && wn_pinyin_read(r->s.p + at + s->len,
				     r->s.n - at - s->len, &g) > 0;
}

/* Joins the byte that waits with the first of a pair. */
static int
shift(const struct repair *r, struct path *p, unsigned pair, unsigned len)
{
	uint32_t c = join(r, p->lead, pair >> 8);

	if (c == 0 || p->n == RUN)
		return -1;
	p->c[p->n++] = c;
	p->lead = (uint8_t)pair;
	p->at += len;
	return 0;
}

static int
is_read(uint32_t c, const struct wn_gloss *g, int exact)
{
	char han[4];

	return wn_utf8_put(han, c) == 3 &&
	       wn_reading_fits(han, g->syllable, exact ? g->tone : 0);
}

/* Ends a path with a character whose second byte stood in the open. */
static int
end_at_byte(struct path *p, uint32_t c, unsigned len)
{
	if (c == 0 || p->n == RUN)
		return -1;
	p->c[p->n++] = c;
	p->lead = 0;
	p->end = END_BYTE;
	p->at += len;
	return 1;
}

static int
is_user_defined(unsigned lead, unsigned trail)
{
	return (((lead >= 0xAA && lead <= 0xAF) || lead >= 0xF8) &&
		   trail >= 0xA1) ||
	       (lead >= 0xA1 && lead <= 0xA7 && trail <= 0xA0);
}

static double
weigh(struct repair *r, const uint32_t *c, size_t n)
{
	r->m->work += n;
	return wn_model_cost(r->m->pairs, c, n);
}

/* The end of a path with two characters behind it. */
static double
weigh_tail(struct repair *r, const struct path *p, uint32_t a, uint32_t b)
{
	uint32_t row[LEFT + 2];
	size_t n = 0;

	for (size_t i = p->n > LEFT ? p->n - LEFT : 0; i < p->n; i++)
		row[n++] = wn_model_plain(p->c[i]);
	row[n++] = wn_model_plain(a);
	row[n++] = wn_model_plain(b);
	return weigh(r, row, n);
}

/* Collectors drop private-use characters, two bytes of the run with them. A
 * reading behind the run's end that its character does not have tells that
 * one is gone, and which character it is; the one before is weighed. */
static void
read_dropped(struct repair *r, const struct path *from, const struct seen *s,
    const struct wn_gloss *g)
{
	struct path *p = &r->path[r->npaths];
	double best = NONE;

	if (r->npaths == PATHS || from->n + 2 > RUN)
		return;
	for (unsigned b = 0x81; b <= 0xFE; b++) {
		uint32_t last = join(r, b, s->c);

		r->m->work++;
		if (last == 0 || !is_read(last, g, 1))
			continue;
		for (unsigned a = 0xA1; a <= 0xFE; a++) {
			uint32_t c = join(r, from->lead, a);
			double cost;

			if (c == 0 || !is_user_defined(a, b))
				continue;
			cost = weigh_tail(r, from, c, last);
			if (cost >= best)
				continue;
			best = cost;
			*p = *from;
			p->c[p->n++] = c;
			end_at_byte(p, last, s->len);
			p->dropped = 1;
		}
	}
	r->npaths += best < NONE;
}

/* An ASCII character of the run is a second byte, which ends it, or a wide
 * character that was folded: a second path. -1: neither. */
static int
read_ascii(struct repair *r, struct path *p, const struct seen *s)
{
	uint32_t c = s->c >= 0x40 ? join(r, p->lead, s->c) : 0;
	unsigned wide = unfold(s->c);
	size_t behind = p->at + s->len;
	struct path *q;
	struct wn_gloss g;

	if (s->c >= 0x40 &&
	    wn_gloss_read(r->s.p + behind, r->s.n - behind, &g) > 0 &&
	    (c == 0 || !is_read(c, &g, 0))) {
		read_dropped(r, p, s, &g);
		return -1;
	}
	if (c == 0)
		return wide != 0 ? shift(r, p, wide, 1) : -1;
	if (wide != 0 && r->npaths < PATHS) {
		q = &r->path[r->npaths];
		*q = *p;
		if (shift(r, q, wide, 1) == 0)
			r->npaths++;
	}
	return end_at_byte(p, c, s->len);
}

/* One character further: 1: the run is over, 0: it goes on, -1: this is no
 * run. */
static int
step(struct repair *r, struct path *p)
{
	struct seen s = see(r, p->at);
	struct wn_gloss g;
	size_t len;

	if (s.len == 0)
		return -1;
	if (is_lost(s.c) || is_wide_lost(r, &s, p->at)) {
		end_at_lost(r, p, &s);
		return 1;
	}
	if (s.c == '(' && p->n > 0 &&
	    (len = wn_gloss_read(r->s.p + p->at, r->s.n - p->at, &g)) > 0) {
		p->at += len; /* of a character that is none */
		return 0;
	}
	if (s.pair == 0x80)
		s.c = 0x80;
	if (s.pair < 0x100)
		return s.pair == 0 ? -1 : read_ascii(r, p, &s);
	return shift(r, p, s.pair, s.len);
}

/* Reads the run behind a byte in every way there is; paths that lead nowhere
 * are dropped. */
static void
read_run(struct repair *r, size_t at, unsigned lead)
{
	size_t kept = 0;

	memset(&r->path[0], 0, offsetof(struct path, c));
	r->path[0].at = at;
	r->path[0].lead = (uint8_t)lead;
	r->npaths = 1;
	for (size_t i = 0; i < r->npaths; i++) {
		struct path *p = &r->path[i];
		int rc = 0;

		while (rc == 0)
			rc = step(r, p);
		r->m->work += p->at - at;
		if (rc < 0)
			continue;
		if (kept != i)
			r->path[kept] = *p;
		kept++;
	}
	r->npaths = kept;
}

/* ---- weighing ---------------------------------------------------------- */

/* What a mark that another of its class is far more frequent than costs more:
 * the model knows classes. */
static double
odd(uint32_t c)
{
	return c == 0x2018 || c == 0x2019 || (c >= 0x3008 && c <= 0x3009) ||
		       (c >= 0x300C && c <= 0x300F)
		   ? ask.odd * WN_NAT
		   : 0;
}

/* Appends up to n characters that stand at `at`, glosses passed over. */
static size_t
read_right(const struct repair *r, size_t at, uint32_t *to, size_t n)
{
	struct wn_gloss g;
	size_t k = 0, len;

	while (k < n && at < r->s.n) {
		unsigned l;
		uint32_t c = wn_char_at(r->s, at, &l);

		len = wn_gloss_read(r->s.p + at, r->s.n - at, &g);
		if (len > 0) {
			r->m->work++;
			at += len;
			continue;
		}
		if (is_lost(c))
			break;
		to[k++] = wn_model_plain(c);
		at += l;
	}
	return k;
}

/* How far back a quotation begins that is open where the place is. */
static size_t
quoted(struct wn_str s, size_t at)
{
	enum { FAR = 900 };
	size_t i = at > FAR ? at - FAR : 0, open = at;

	for (; i + 3 <= at; i++)
		if (memcmp(s.p + i, "“", 3) == 0)
			open = i + 3;
		else if (memcmp(s.p + i, "”", 3) == 0)
			open = at;
	return at - open;
}

/* 。” behind a few quoted words: they are a term, not a sentence. */
static int
ends_a_term(const struct repair *r, uint32_t first, const struct path *p)
{
	return first == 0x3002 && p->n > 0 && p->c[0] == 0x201D &&
	       r->quoted > 0 && r->quoted <= ask.term;
}

/* A row to weigh: what is before the run, the reading, what is behind. */
static double
weigh_reading(struct repair *r, uint32_t first, const struct path *p,
    uint32_t last, int whole)
{
	uint32_t row[LEFT + RUN + RIGHT + 2];
	size_t n = 0, from = 0, to = p->n;
	double extra = odd(first) + odd(last);

	if (ends_a_term(r, first, p))
		extra += ask.stop_in_term * WN_NAT;

	if (!whole && last != 0 && to > LEFT)
		from = to - LEFT;
	if (!whole && first != 0 && to > RIGHT)
		to = RIGHT;
	if (from == 0) {
		memcpy(row, r->left, r->nleft * sizeof(*row));
		n = r->nleft;
		if (first == 0x3000 && n == 0)
			extra += ask.line_start * WN_NAT;
		else if (first != 0)
			row[n++] = wn_model_plain(first);
	}
	for (size_t i = from; i < to; i++)
		row[n++] = wn_model_plain(p->c[i]);
	if (to == p->n && last != 0)
		row[n++] = wn_model_plain(last);
	if (to == p->n)
		n += read_right(r, p->at, row + n, RIGHT);
	return extra + weigh(r, row, n);
}

/* Keeps the cheapest HEADS of what is offered. */
static void
offer(struct part *list, size_t *n, uint32_t c, double cost)
{
	size_t i;

	if (*n == HEADS && list[HEADS - 1].cost <= cost)
		return;
	if (*n < HEADS)
		(*n)++;
	for (i = *n - 1; i > 0 && list[i - 1].cost > cost; i--)
		list[i] = list[i - 1];
	list[i] = (struct part){c, cost};
}

/* Characters that begin with the lead byte that waits at the path's end. */
static size_t
ends_of(struct repair *r, const struct path *p, struct part *list)
{
	size_t n = 0;

	if (p->end == END_BYTE) {
		list[0] = (struct part){0, 0};
		return 1;
	}
	for (int exact = 1; exact >= 0 && n == 0; exact--)
		for (unsigned b = 0x40; b <= 0xFE; b++) {
			uint32_t c = join(r, p->lead, b);

			if (c == 0 ||
			    (p->end == END_GLOSS ? !is_read(c, &p->gloss, exact)
						 : b < 0x81))
				continue;
			offer(list, &n, c, weigh_reading(r, 0, p, c, 0));
		}
	return n;
}

/* Takes a reading of all but its last character, with the best of those. */
static void
consider(struct repair *r, uint32_t first, const struct path *p,
    const struct part *last, double end_lead)
{
	size_t n = 0;

	if (last->cost >= r->best) {
		if (last->cost < r->next)
			r->next = last->cost;
		return;
	}
	r->next = r->best;
	r->best = last->cost;
	r->end_lead = end_lead;
	if (first != 0)
		r->text[n++] = first;
	memcpy(r->text + n, p->c, p->n * sizeof(*r->text));
	n += p->n;
	if (last->c != 0)
		r->text[n++] = last->c;
	r->n = n;
	r->to = p->at;
	r->dropped = p->dropped;
	r->unnamed = p->end == END_MARK || p->end == END_EATEN;
}

/* The best of the last characters behind the same reading. */
static void
consider_ends(struct repair *r, uint32_t first, const struct path *p,
    const struct part *ends, size_t n)
{
	struct part best = {0, NONE};
	double next = NONE;

	for (size_t i = 0; i < n; i++) {
		double cost = weigh_reading(r, first, p, ends[i].c, 1);

		if (cost < best.cost) {
			next = best.cost;
			best = (struct part){ends[i].c, cost};
		} else if (cost < next) {
			next = cost;
		}
	}
	if (n > 0)
		consider(r, first, p, &best, next - best.cost);
}

/* What a "?" ate behind a run may have been a digit or a letter, of which
 * nothing is left; then a text without it would say something else. */
static int
ate_a_figure(const struct repair *r, const struct path *p)
{
	unsigned l;
	uint32_t c = wn_char_at(r->s, p->at, &l);

	return p->end == END_EATEN && c < 0x80 && l > 0 && c != ' ';
}

static void
consider_all(struct repair *r, const struct part *heads, size_t nheads)
{
	for (size_t i = 0; i < r->npaths; i++) {
		struct part ends[HEADS];
		size_t n;

		if (ate_a_figure(r, &r->path[i]))
			continue;
		n = ends_of(r, &r->path[i], ends);
		for (size_t h = 0; h < nheads; h++)
			consider_ends(r, heads[h].c, &r->path[i], ends, n);
	}
}

/* ---- the two ways ------------------------------------------------------ */

/* Any lead byte that makes a character with the second byte of it. */
static void
try_leads(struct repair *r, unsigned trail)
{
	struct part heads[HEADS];
	size_t n = 0;

	if (r->npaths == 0)
		return;
	for (unsigned lead = 0x81; lead <= 0xFE; lead++) {
		uint32_t c = join(r, lead, trail);

		if (c != 0)
			offer(heads, &n, c,
			    weigh_reading(r, c, &r->path[0], 0, 0));
	}
	consider_all(r, heads, n);
}

/* Noise before a mark that is none: the mark's first byte is the second of
 * the character that was lost. */
static void
try_noise(struct repair *r)
{
	struct seen s = see(r, r->from);
	unsigned pair;

	if (!is_searched(s.c))
		return;
	pair = s.c < 0x80 ? unfold(s.c) : s.pair;
	read_run(r, r->from + s.len, pair & 0xFF);
	try_leads(r, pair >> 8);
}

/* Noise twice, before a mark that is none and the real one behind it, whose
 * first byte was taken for the second of the other: 規模、 -> 規??、. */
static void
try_noise_twice(struct repair *r)
{
	struct seen lost = see(r, r->from), mark;
	struct path *p = &r->path[0];
	unsigned pair;

	if (!is_lost(lost.c) || !wn_is_han(r->before))
		return;
	mark = see(r, r->from + lost.len);
	if (!is_searched(mark.c) || is_lost(mark.c))
		return;
	pair = mark.c < 0x80 ? unfold(mark.c) : mark.pair;
	memset(p, 0, offsetof(struct path, c));
	p->at = r->from + lost.len;
	p->end = END_BYTE;
	r->npaths = 1;
	try_leads(r, pair >> 8 == 0xA1 ? 0xA3 : 0xA1);
}

/* A gloss over a boundary: the character before gave its second byte, and the
 * reading tells the other. */
static void
try_gloss(struct repair *r, const struct wn_gloss *g)
{
	static const struct part none = {0, 0};
	unsigned pair = wn_gbk_pair(r->m->charsets, r->before), tried = 0;

	if (pair < 0x100)
		return;
	for (int exact = 1; exact >= 0 && tried == 0; exact--)
		for (unsigned b = 0x40; b <= 0xFE; b++) {
			uint32_t c = join(r, pair & 0xFF, b);

			if (c == 0 || b < 0x81 || !is_read(c, g, exact))
				continue;
			read_run(r, r->from, b);
			consider_all(r, &none, 1);
			tried++;
		}
}

/* ---- one place --------------------------------------------------------- */

/* The characters before the place: of what was mended already, too. */
static void
read_left(struct repair *r, const struct wn_edit *e)
{
	struct wn_str done = {e->out.b, e->out.len};
	struct wn_str here = {r->s.p + e->done, r->at - e->done};
	size_t i = here.n, k = LEFT;
	unsigned l;

	for (;;) {
		uint32_t c;
		size_t open;
		struct wn_gloss g;

		if (i == 0) {
			if (here.p == done.p || done.n == 0)
				break;
			here = done;
			i = here.n;
		}
		c = wn_char_before(here, i, &l);
		for (open = i; c == ')' && open > 0 && i - open < 16; open--)
			if (here.p[open - 1] == '(')
				break;
		if (c == ')' && open > 0 && here.p[open - 1] == '(' &&
		    wn_gloss_read(here.p + open - 1, i - open + 1, &g) ==
			i - open + 1) {
			i = open - 1;
			continue;
		}
		if (r->before == 0)
			r->before = c;
		if (k == 0 || is_lost(c) || c == 0x3000 || c == ' ')
			break;
		r->left[--k] = wn_model_plain(c);
		i -= l;
	}
	r->nleft = LEFT - k;
	memmove(r->left, r->left + k, r->nleft * sizeof(*r->left));
}

/* What the same stretch costs as it stands. */
static double
weigh_as_is(struct repair *r)
{
	uint32_t row[LEFT + 2 * RUN + RIGHT];
	size_t n = r->nleft, at = r->at;

	memcpy(row, r->left, n * sizeof(*row));
	while (at < r->to && n < LEFT + 2 * RUN) {
		unsigned l;

		row[n++] = wn_model_plain(wn_char_at(r->s, at, &l));
		at += l;
	}
	n += read_right(r, r->to, row + n, RIGHT);
	return weigh(r, row, n);
}

/* What to ask of a reading whose last byte nothing names. */
static double
ask_unnamed(const struct repair *r)
{
	return r->n > 0 && r->text[r->n - 1] == 0x201D && r->quoted > 0
		   ? ask.quote
		   : ask.unnamed;
}

static int
is_convincing(struct repair *r, double *lead)
{
	double want = r->gloss               ? ask.gloss
		      : r->text[0] == 0x3002 ? ask.stop
					     : ask.noise;

	if (r->dropped)
		want = ask.unnamed;
	*lead = (r->next - r->best) / WN_NAT;
	if (*lead > 99)
		*lead = 99;
	if (r->next >= NONE && r->gloss && !r->unnamed)
		return 1; /* two readings name one character */
	return *lead >= want &&
	       r->best <=
		   ask.mean * WN_NAT * (double)(r->nleft + r->n + RIGHT) &&
	       weigh_as_is(r) - r->best >= ask.gain * WN_NAT;
}

/* Where only the last character is in doubt, it stays what it was. */
static int
leave_last(struct repair *r)
{
	if (!r->unnamed || r->end_lead >= ask_unnamed(r) * WN_NAT)
		return 0;
	if (r->n < 2)
		return -1;
	r->text[r->n - 1] = '?';
	return 0;
}

static void
put(struct repair *r, struct wn_edit *e, double lead)
{
	char out[4 * (RUN + 2)];
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += wn_utf8_put(out + n, r->text[i]);
	wn_edit_put_sure(
	    e, r->at, r->to - r->at, out, n, WINNOW_REPAIR_LOST_BYTE, lead);
}

/* Does a mark that mirrors search for stand here, or behind a second "?"? */
static int
is_before_mark(struct wn_str s, size_t i)
{
	unsigned l;
	uint32_t c = wn_char_at(s, i, &l);

	return is_searched(c) ||
	       (is_lost(c) && is_searched(wn_char_at(s, i + l, &l)));
}

/* The "?" at byte `at`; where to go on. */
static size_t
mend(struct wn_norm *m, struct wn_edit *e, struct wn_str s, size_t at,
    unsigned len)
{
	struct repair r;
	struct wn_gloss g;
	double lead;
	size_t k;

	r.m = m;
	r.s = s;
	r.at = at;
	r.from = at + len;
	r.before = 0;
	r.best = r.next = NONE;
	k = wn_pinyin_read(s.p + r.from, s.n - r.from, &g);
	r.gloss = k > 0;
	if (!r.gloss && !is_before_mark(s, r.from))
		return at + len;
	r.from += k;
	r.quoted = quoted(s, at);
	read_left(&r, e);
	if (r.gloss)
		try_gloss(&r, &g);
	else {
		try_noise(&r);
		try_noise_twice(&r);
	}
	if (r.best >= NONE || !is_convincing(&r, &lead) || leave_last(&r) < 0)
		return at + len;
	put(&r, e, lead);
	return r.to;
}

/* Is it one of three or more, a row of marks that somebody wrote? */
static int
in_a_row(struct wn_str s, size_t at)
{
	size_t a = at, b = at;

	while (a > 0 && at - a < 2 && s.p[a - 1] == '?')
		a--;
	while (b < s.n && b - at < 3 && s.p[b] == '?')
		b++;
	return b - a >= 3;
}

int
wn_norm_lost(struct wn_norm *m, struct wn_str *s)
{
	struct wn_edit e;
	size_t at = 0;

	if (m->charsets == NULL || m->pairs == NULL)
		return 0;
	wn_edit_begin(&e, m, *s);
	while (at < s->n && m->work < WORK_MAX) {
		unsigned l;

		uint32_t c = wn_char_at(*s, at, &l);

		if ((!is_lost(c) || in_a_row(*s, at)) &&
		    !is_wide_lost_before(*s, at, l))
			at += l;
		else
			at = mend(m, &e, *s, at, l);
	}
	return wn_edit_end(&e, s);
}
