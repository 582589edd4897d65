/* forum.c - threads: the posts of a page, in order.
 *
 * A thread is one shape many times over. Elements are gathered by what they
 * have in common (tag and one class word, numbers left out of it); a group is
 * worth what its elements have of running text, less what lines without any
 * cost. The group that is worth most and has names or times between its
 * elements holds the bodies of the posts: it fits tighter than whole posts,
 * which pay for their furniture, and than the page. Elements that say that
 * they hold what somebody wrote (forum.def: replies to a floor, comments on
 * an answer) are bodies as well.
 *
 * In a body all stays but what forum.def and the page's hidden parts take
 * away; between two bodies only what reads like prose does; behind the last
 * nothing. The subject above the first post is the first line of its text:
 * many questions are asked there alone.
 *
 * Invariants
 *  F1  Bodies are disjoint and in document order.
 *  F2  The cost is linear: one pass finds the groups (their number and the
 *      words per element are bounded), one pass looks at each of TRIES. */
#include "cleaner/forum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS 4096 /* slots; what finds none in 8 steps is no group */
#define WORDS_MAX 8 /* words of a class that are looked at */
#define WORD_MAX 64
#define TRIES 8
#define SLOTS 512

enum what { NOTHING, BODY, DROP, USER };
enum where { BEG, ALL, END };

#define U(word, points)
#define S(word, points)

static const struct {
	const char *word;
	uint8_t what;
} class_words[] = {
#define W(word, what, why) {word, what},
#define T(where, words, max)
#include "cleaner/rules/forum.def"
#undef W
#undef T
};

static const struct {
	uint8_t where;
	const char *words;
	uint16_t max;
} line_words[] = {
#define W(word, what, why)
#define T(where, words, max) {where, words, max},
#include "cleaner/rules/forum.def"
#undef W
#undef T
};
#undef U
#undef S

#define N(a) (sizeof(a) / sizeof((a)[0]))

struct wn_thread {
	uint32_t *body; /* nodes */
	uint32_t n;
	uint32_t above;       /* blocks up to the subject */
	uint32_t first, past; /* blocks: the first body's, behind the last */
	uint8_t *in;          /* block: enum what, NOTHING outside of bodies */
	uint8_t *say;         /* node: bits of enum what its names say */
	uint32_t *root;       /* block: its body's node */
	uint16_t slot[SLOTS]; /* of class_words + 1 */
};

/* ---- words ---------------------------------------------------------------
 */

static uint32_t
hash(const char *s, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h ^ h >> 15;
}

static void
index_words(struct wn_thread *th)
{
	for (size_t i = 0; i < N(class_words); i++) {
		const char *w = class_words[i].word;
		uint32_t h = hash(w, strlen(w));

		while (th->slot[h % SLOTS] != 0)
			h++;
		th->slot[h % SLOTS] = (uint16_t)(i + 1);
	}
}

static enum what
look_up(const struct wn_thread *th, const char *s, size_t n)
{
	uint32_t h = hash(s, n);

	for (; th->slot[h % SLOTS] != 0; h++) {
		size_t i = th->slot[h % SLOTS] - 1u;

		if (strncmp(class_words[i].word, s, n) == 0 &&
		    class_words[i].word[n] == '\0')
			return (enum what)class_words[i].what;
	}
	return NOTHING;
}

/* "has-profile", "no-avatar" speak of what is inside. */
static int
is_remark(const char *s, size_t n)
{
	static const char *const words[] = {
	    "no", "has", "with", "without", "is", "js", "show", "hide"};

	for (size_t i = 0; i < N(words); i++)
		if (strlen(words[i]) == n && memcmp(words[i], s, n) == 0)
			return 1;
	return 0;
}

/* What the names in a class say, each by its words and by its neighbouring
 * words written together; a bit for each of enum what. */
static unsigned
read_class(const struct wn_thread *th, const char *s)
{
	char two[2 * WORD_MAX];
	size_t before = 0, k = 0, left = 200;
	unsigned found = 0;
	int skip = 0;

	for (; s != NULL && left > 0; s++, left--) {
		unsigned char c = (unsigned char)*s;
		int letter = (c | 32) >= 'a' && (c | 32) <= 'z';
		int edge = !letter || (k > 0 && c < 'a' && s[-1] >= 'a');

		if (edge && k > 0) {
			skip |= is_remark(two + before, k);
			if (!skip)
				found |= 1u << look_up(th, two + before, k);
			if (!skip && before > 0)
				found |= 1u << look_up(th, two, before + k);
			memmove(two, two + before, k);
			before = k;
			k = 0;
		}
		if (c == '\0')
			break;
		if (c <= ' ') {
			before = 0;
			skip = 0;
		}
		if (letter && k < WORD_MAX - 1)
			two[before + k++] = (char)(c | 32);
	}
	return found & ~1u;
}

/* ---- lines ---------------------------------------------------------------
 */

static int
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "03/12/15", "8.5.2024" at the beginning of [p, e). */
static int
is_day(const char *p, const char *e)
{
	char buf[16] = "", sep;
	size_t n = (size_t)(e - p) < sizeof(buf) - 1 ? (size_t)(e - p)
						     : sizeof(buf) - 1;
	int k = 0, len = 0;

	memcpy(buf, p, n);
	if (sscanf(buf, "%*2[0-9]%c%*2[0-9]%n", &sep, &k) != 1 || k == 0 ||
	    strchr("/.-", sep) == NULL || buf[k] != sep)
		return 0;
	while (digit(buf[k + 1 + len]))
		len++;
	return len == 4 || (len == 2 && sep != '.');
}

/* "2024-05-16 16:12", "3 天前", "2 years ago", "03/12/15 04:39 PM". */
static int
is_time(const struct wn_block *b)
{
	static const char *const ago[] = {" ago", "天前", "小时前", "分钟前",
	    "年前", "月前", "周前", "秒前", "昨天", "前天"};
	const char *s = b->text.p, *e = s + b->text.n;
	int digits = 0, year = 0, clock = 0, date = 0;

	if (b->text.n > 140)
		return 0;
	for (const char *p = s; p < e; p++) {
		size_t k = 0;

		while (p + k < e && digit(p[k]))
			k++;
		if (k == 0)
			continue;
		digits += (int)k;
		year |= k == 4 &&
			(memcmp(p, "19", 2) == 0 || memcmp(p, "20", 2) == 0);
		if (k <= 2 && p + k + 2 < e && p[k] == ':' && digit(p[k + 1]) &&
		    digit(p[k + 2]))
			clock = 1;
		date += is_day(p, e);
		p += k - 1;
	}
	if ((year && digits >= 5) || (clock && b->chars <= 60) || date > 0)
		return 1;
	for (size_t i = 0; i < N(ago); i++)
		if ((digits > 0 || i >= 8) &&
		    memmem(s, b->text.n, ago[i], strlen(ago[i])) != NULL)
			return b->chars <= 60;
	return 0;
}

#define FOLD 320

/* A line that forum.def knows. */
static int
is_known(const struct wn_block *b)
{
	char s[FOLD];
	size_t n = 0;

	if (b->text.n >= FOLD)
		return 0;
	for (size_t i = 0; i < b->text.n; i++) {
		char c = b->text.p[i];

		if ((unsigned char)c > ' ')
			s[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
	}
	for (size_t i = 0; i < N(line_words); i++) {
		size_t k = strlen(line_words[i].words);

		if (n < k || n > line_words[i].max ||
		    (line_words[i].where == ALL && n != k))
			continue;
		if (memcmp(line_words[i].where == END ? s + n - k : s,
			line_words[i].words, k) == 0)
			return 1;
	}
	return 0;
}

/* "#12", "12楼", "12 / 30", "+1": numbers and little else. */
static int
is_number(const struct wn_block *b)
{
	uint32_t digits = 0;

	if (b->chars > 12)
		return 0;
	for (size_t i = 0; i < b->text.n; i++)
		digits += digit(b->text.p[i]);
	return digits > 0 && b->chars - digits <= 4 && b->cjk <= 2 &&
	       b->marks == 0;
}

static int
is_furniture(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];

	return x->line[i].date != 0 || is_number(b) || is_known(b) ||
	       (b->chars <= 60 && b->marks <= 2 && is_time(b));
}

/* Reads like text: sentences, or a paragraph that is marked as one. */
static int
is_prose(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];
	double u = wn_plain(b);

	if (wn_linked(b) >= u)
		return 0;
	return (b->marks > 0 && u >= 40) || u >= 80 ||
	       (x->t->nodes[b->node].tag == WN_TAG_P && u >= 8);
}

/* A heading that is the title, a part of it, or says more than it. */
static int
is_subject(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];
	const char *title = x->d->pub.title;

	if (b->heading == 0 || b->heading > 3 ||
	    (b->kind == WINNOW_KIND_HIDDEN && b->rule != NULL))
		return 0;
	if (x->line[i].title == WN_TITLE_SAME)
		return 1;
	return b->heading <= 2 &&
	       (x->line[i].title != WN_TITLE_NO ||
		   (title != NULL && strlen(title) > 8 && b->chars < 300 &&
		       memmem(b->text.p, b->text.n, title, strlen(title))));
}

/* Blocks up to the first heading with the title: no post is there. */
static uint32_t
above_posts(const struct wn_extractor *x)
{
	for (uint32_t i = 0; i < x->n; i++)
		if (is_subject(x, i))
			return i + 1;
	return 0;
}

/* ---- groups --------------------------------------------------------------
 */

struct group {
	uint64_t hash;
	uint32_t past, n; /* end of the last element; elements with text */
	double value;
};

#define COST_FURNITURE 15.0
#define COST_WORDS 6.0

/* What a block is worth to the group that holds it. */
static double
worth(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];
	double u = wn_plain(b), l = wn_linked(b);

	if (b->kind == WINNOW_KIND_HIDDEN && b->rule != NULL)
		return 0;
	if (b->pre)
		return u;
	if (l > u)
		return -COST_FURNITURE - 0.3 * l;
	if (x->line[i].any.act != WN_ACT_NONE || is_furniture(x, i))
		return -COST_FURNITURE;
	if (b->marks == 0 && u < 40)
		return 0.3 * u - COST_WORDS;
	return u;
}

/* Elements that hold whole posts or their bodies. */
static int
is_member(const struct wn_extractor *x, const struct wn_thread *th, uint32_t i)
{
	const struct wn_node *n = &x->t->nodes[i];

	if (n->nattr == 0 || x->from[i] >= wn_past(x, i) ||
	    wn_past(x, i) <= th->above)
		return 0;
	switch (n->tag) {
	case WN_TAG_TEXT:
	case WN_TAG_P:
	case WN_TAG_TR:
	case WN_TAG_PRE:
	case WN_TAG_BODY:
	case WN_TAG_HTML:
		return 0;
	case WN_TAG_LI:
		return 1;
	default:
		return !(wn_tag_flags[n->tag] & (WN_HEADING | WN_VOID)) &&
		       (!(wn_tag_flags[n->tag] & WN_INLINE) ||
			   n->tag == WN_TAG_SPAN);
	}
}

/* Hash of the next word of *s with its numbers as one mark; 0: no more. */
static uint64_t
next_word(const char **s)
{
	uint64_t h = 14695981039346656037ull;
	const char *p = *s;

	while (*p != '\0' && (unsigned char)*p <= ' ')
		p++;
	if (*p == '\0')
		return 0;
	for (int k = 0; (unsigned char)*p > ' '; p++, k++) {
		char c = digit(*p) ? '#' : *p;

		if (k < WORD_MAX && !(c == '#' && digit(p[1])))
			h = (h ^ (unsigned char)c) * 1099511628211ull;
	}
	*s = p;
	return h | 1;
}

#define SAID 1 /* the group of those that say so: forum.def's BODY */

/* The hashes of what element i may be a member by; how many. */
static size_t
keys_of(const struct wn_thread *th, const struct wn_tree *t, uint32_t i,
    uint64_t *keys)
{
	const struct wn_node *n = &t->nodes[i];
	size_t k = 0;
	uint64_t h;

	if (th->say[i] & 1u << BODY)
		keys[k++] = SAID;
	for (uint32_t a = n->attr; a < n->attr + n->nattr; a++) {
		const struct wn_attr *at = &t->attrs[a];
		const char *s = at->value;

		if (at->name != WN_ATTR_CLASS && at->name != WN_ATTR_ITEMPROP &&
		    (at->name != WN_ATTR_ID ||
			strpbrk(s, "0123456789") == NULL))
			continue;
		while (k < WORDS_MAX && (h = next_word(&s)) != 0)
			keys[k++] =
			    (h + at->name) * 0x9e3779b97f4a7c15ull + n->tag;
	}
	return k;
}

static struct group *
find_group(struct group *g, uint64_t h)
{
	for (size_t k = 0; k < 8; k++) {
		struct group *at = &g[((h >> 20) + k) % GROUPS];

		if (at->hash == h || at->hash == 0) {
			at->hash = h;
			return at;
		}
	}
	return NULL;
}

static void
gather(const struct wn_extractor *x, const struct wn_thread *th,
    const double *sum, struct group *groups)
{
	uint64_t keys[WORDS_MAX];

	for (uint32_t i = 1; i < x->t->n; i++) {
		uint32_t end = x->t->nodes[i].end;
		double v;
		size_t n;

		if (!is_member(x, th, i))
			continue;
		v = sum[wn_past(x, i)] - sum[x->from[i]];
		n = keys_of(th, x->t, i, keys);
		for (size_t k = 0; k < n; k++) {
			struct group *g = find_group(groups, keys[k]);

			if (g == NULL || i < g->past)
				continue;
			g->past = end;
			g->value += v;
			g->n += v > 0;
		}
	}
}

/* The members of a group that have text: F1. */
static void
collect(const struct wn_extractor *x, struct wn_thread *th, const double *sum,
    uint64_t h)
{
	uint64_t keys[WORDS_MAX];
	uint32_t past = 0;

	th->n = 0;
	for (uint32_t i = 1; i < x->t->n && th->n < x->n; i++) {
		size_t k, nk;

		if (i < past || !is_member(x, th, i))
			continue;
		nk = keys_of(th, x->t, i, keys);
		for (k = 0; k < nk && keys[k] != h; k++)
			;
		if (k == nk)
			continue;
		past = x->t->nodes[i].end;
		if (sum[wn_past(x, i)] - sum[x->from[i]] > -COST_FURNITURE)
			th->body[th->n++] = i;
	}
}

/* Does the gap between two bodies say who or when? */
static int
has_byline(const struct wn_extractor *x, const struct wn_thread *th,
    uint32_t from, uint32_t to)
{
	for (uint32_t i = x->from[from]; i < x->from[to]; i++)
		if (x->line[i].date != 0 || is_time(&x->b[i]))
			return 1;
	for (uint32_t i = from; i < to; i++) {
		const struct wn_node *n = &x->t->nodes[i];

		if (n->tag == WN_TAG_TIME)
			return 1;
		for (uint32_t a = n->attr; a < n->attr + n->nattr; a++) {
			uint16_t name = x->t->attrs[a].name;

			if ((name == WN_ATTR_CLASS || name == WN_ATTR_HREF ||
				name == WN_ATTR_ITEMPROP) &&
			    (read_class(th, x->t->attrs[a].value) & 1u << USER))
				return 1;
		}
	}
	return 0;
}

static uint32_t
count_bylines(const struct wn_extractor *x, const struct wn_thread *th)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k + 1 < th->n; k++)
		n += has_byline(
		    x, th, x->t->nodes[th->body[k]].end, th->body[k + 1]);
	return n;
}

/* ---- the thread ----------------------------------------------------------
 */

/* The largest element round body k that holds no other body. */
static uint32_t
box_of(const struct wn_extractor *x, const struct wn_thread *th, uint32_t k)
{
	const struct wn_node *nodes = x->t->nodes;
	uint32_t i = th->body[k];

	for (uint32_t up = nodes[i].parent; up > 0; up = nodes[i].parent) {
		if (nodes[up].tag == WN_TAG_BODY ||
		    (k > 0 && up <= th->body[k - 1]) ||
		    (k + 1 < th->n && nodes[up].end > th->body[k + 1]))
			break;
		i = up;
	}
	return i;
}

static void
set_blocks(struct wn_extractor *x, struct wn_thread *th, uint32_t node)
{
	for (uint32_t i = x->from[node]; i < wn_past(x, node); i++)
		if (th->in[i] == NOTHING) {
			th->in[i] = BODY;
			th->root[i] = node;
		}
}

#define FURNITURE_MAX 1500 /* units of an element that is furniture */

/* Writes down which blocks are in bodies and which in furniture of posts,
 * which holds no body. */
static void
mark_blocks(struct wn_extractor *x, struct wn_thread *th)
{
	const struct wn_tree *t = x->t;
	uint32_t from = 0, to = 0, k = 0;

	memset(th->in, NOTHING, x->n);
	if (th->n > 0) {
		uint32_t last = box_of(x, th, th->n - 1);

		from = box_of(x, th, 0);
		to = t->nodes[last].end;
		th->first = x->from[th->body[0]];
		th->past = wn_past(x, last);
	}
	for (uint32_t m = 0; m < th->n; m++)
		set_blocks(x, th, th->body[m]);
	for (uint32_t i = 1; i < t->n; i++) {
		uint32_t a = x->from[i], e = wn_past(x, i);

		while (k < th->n && th->body[k] < i)
			k++;
		if (th->say[i] == 0 || a == e ||
		    (k < th->n && th->body[k] < t->nodes[i].end))
			continue;
		if (th->say[i] & 1u << DROP &&
		    x->units[e] - x->units[a] < FURNITURE_MAX &&
		    x->units[e] - x->units[a] < 0.5 * x->units[x->n]) {
			memset(th->in + a, DROP, e - a);
			i = t->nodes[i].end - 1;
		} else if (th->say[i] & 1u << BODY && i >= from && i < to &&
			   th->in[a] == NOTHING) {
			set_blocks(x, th, i);
		}
	}
}

/* The subject: the title nearest above the first post, a heading rather than
 * a step of the path. */
static uint32_t
find_subject(const struct wn_extractor *x, uint32_t first)
{
	uint32_t found = x->n;

	for (uint32_t i = first; i-- > 0;) {
		int16_t zone = x->zone[x->b[i].first].kind;

		if (zone == WINNOW_KIND_BREADCRUMB)
			continue;
		if (is_subject(x, i))
			return i;
		if (x->line[i].title == WN_TITLE_SAME && found == x->n &&
		    zone < 0 && x->b[i].kind != WINNOW_KIND_HIDDEN)
			found = i;
	}
	return found;
}

static void
set_content(struct wn_extractor *x, uint32_t beg, uint32_t end)
{
	uint32_t node = x->b[beg].node;

	while (node > 0 && (x->from[node] > beg || wn_past(x, node) < end))
		node = x->t->nodes[node].parent;
	x->d->content = node;
	x->beg = beg;
	x->end = end;
}

void
wn_forum_set_content(struct wn_extractor *x)
{
	const struct wn_thread *th = x->thread;
	uint32_t subject = find_subject(x, th->first);

	set_content(x, subject < x->n ? subject : th->first, th->past);
}

#define ABOVE 150 /* units of an article above its comments */

/* Is nearly all of the text of blocks [from, past) that is no furniture in the
 * bodies? */
static int
is_most(const struct wn_extractor *x, const struct wn_thread *th, uint32_t from,
    uint32_t past, double more)
{
	double in = 0, out = 0;

	for (uint32_t i = from; i < past; i++) {
		if (th->in[i] == BODY)
			in += wn_plain(&x->b[i]);
		else if (!wn_is_out(x, i) && is_prose(x, i) &&
			 th->in[i] == NOTHING)
			out += wn_plain(&x->b[i]);
	}
	return in > more * out;
}

/* A shape that repeats is no thread when each begins with a link (a list of
 * articles), or when an article stands above the first (readers' comments). */
static int
is_thread(const struct wn_extractor *x, const struct wn_thread *th)
{
	double above = 0, most = 0, all = 0, u;
	uint32_t links = 0;

	for (uint32_t i = th->above; i < th->first; i++)
		if (is_prose(x, i) && th->in[i] == NOTHING)
			above += wn_plain(&x->b[i]);
	for (uint32_t i = th->above; i < th->past; i++)
		links += x->b[i].heading > 0 && x->b[i].links > 0;
	for (uint32_t k = 0; k < th->n; k++) {
		u = x->units[wn_past(x, th->body[k])] -
		    x->units[x->from[th->body[k]]];
		all += u;
		most = u > most ? u : most;
	}
	return th->above > 0 && th->above <= th->first && above < ABOVE &&
	       most < 0.7 * all && links * 3 < th->n &&
	       is_most(x, th, 0, x->n, 3);
}

static int
try_group(struct wn_extractor *x, struct wn_thread *th, const double *sum,
    const struct group *g, int sure)
{
	uint32_t bylines;

	collect(x, th, sum, g->hash);
	if (th->n == 0 || (!sure && th->n < 3))
		return 0;
	bylines = count_bylines(x, th);
	if (bylines * (sure ? 2 : 4) < (th->n - 1) * (sure ? 1 : 3))
		return 0;
	mark_blocks(x, th);
	/* below the last post stand forms, rules, cookies */
	if (sure)
		return is_most(x, th, th->above <= th->first ? th->above : 0,
		    th->past, g->hash == SAID ? 0.15 : 0.7);
	return is_thread(x, th);
}

/* Can the text below the title be three posts at all? What would end one,
 * a time or a number alone, stands between runs of text, none of which is
 * most of it. Articles end here, for the price of one look at each line. */
static int
may_be_thread(const struct wn_extractor *x, uint32_t above)
{
	double all = 0, most = 0, run = 0;
	uint32_t runs = 0;

	for (uint32_t i = above; above > 0 && i < x->n; i++) {
		if (x->line[i].date != 0 || is_number(&x->b[i]) ||
		    is_time(&x->b[i]))
			run = 0;
		else if (is_prose(x, i)) {
			runs += run == 0;
			run += wn_plain(&x->b[i]);
			all += wn_plain(&x->b[i]);
			most = run > most ? run : most;
		}
	}
	return runs >= 3 && most < 0.8 * all;
}

static struct wn_thread *
thread_new(struct wn_extractor *x)
{
	struct wn_thread *th = wn_zalloc(x->d->arena, sizeof(*th));

	if (th == NULL)
		return NULL;
	th->body = wn_alloc(x->d->arena, (x->n + 1) * sizeof(*th->body));
	th->in = wn_zalloc(x->d->arena, x->n + 1);
	th->root = wn_zalloc(x->d->arena, (x->n + 1) * sizeof(*th->root));
	th->say = wn_zalloc(x->d->arena, x->t->n);
	if (th->say == NULL || th->body == NULL || th->in == NULL ||
	    th->root == NULL)
		return NULL;
	index_words(th);
	for (uint32_t i = 1; i < x->t->n; i++)
		if (x->t->nodes[i].nattr > 0)
			th->say[i] =
			    (uint8_t)(read_class(
					  th, wn_attr(x->t, i, WN_ATTR_CLASS)) |
				      read_class(
					  th, wn_attr(x->t, i, WN_ATTR_ID)));
	return th;
}

/* More posts rather than fewer at the same value: halves of the page are two
 * of a shape as well. */
static double
merit(const struct group *g)
{
	if (g->hash == SAID)
		return 1.5 * g->value;
	return g->n >= 2 ? g->value * g->n / (g->n + 1) : 0;
}

static struct group *
best_group(struct group *groups)
{
	struct group *best = NULL;
	double most = 0;

	for (size_t i = 0; i < GROUPS; i++)
		if (merit(&groups[i]) > most) {
			best = &groups[i];
			most = merit(best);
		}
	return best;
}

int
wn_forum_find(struct wn_extractor *x, int sure)
{
	struct wn_arena *a = x->d->arena;
	struct group *groups, *g;
	struct wn_thread *th;
	double *sum;
	uint32_t above = above_posts(x);

	if (!sure && !may_be_thread(x, above))
		return 0;
	groups = wn_zalloc(a, GROUPS * sizeof(*groups));
	sum = wn_zalloc(a, (x->n + 1) * sizeof(*sum));
	if (groups == NULL || sum == NULL || (th = thread_new(x)) == NULL)
		return 0;
	for (uint32_t i = 0; i < x->n; i++)
		sum[i + 1] = sum[i] + worth(x, i);
	th->above = above;
	gather(x, th, sum, groups);
	for (int k = 0; k < TRIES && (g = best_group(groups)) != NULL; k++) {
		if (try_group(x, th, sum, g, sure)) {
			x->thread = th;
			return 1;
		}
		g->value = 0;
	}
	if (sure) {
		th->n = 0;
		mark_blocks(x, th);
		x->thread = th;
	}
	return 0;
}

/* ---- signatures ----------------------------------------------------------
 */

#define SEEN 4096
#define SIGNATURE_MIN 15 /* units: shorter ones may be said twice */

/* Slot of the text of block i; NULL: no room. */
static uint32_t *
seen(const struct wn_extractor *x, uint32_t *slots, uint32_t i)
{
	const struct wn_str *s = &x->b[i].text;
	uint32_t h = hash(s->p, s->n);

	for (int k = 0; k < 8; k++, h++) {
		uint32_t *at = &slots[h % SEEN];
		const struct wn_str *o;

		if (*at == 0)
			return at;
		o = &x->b[*at - 1].text;
		if (o->n == s->n && memcmp(o->p, s->p, s->n) == 0)
			return at;
	}
	return NULL;
}

/* What ends two posts in the same words stands under all of somebody's. */
static void
drop_signatures(struct wn_extractor *x)
{
	struct wn_thread *th = x->thread;
	uint32_t *slots = wn_zalloc(x->d->arena, SEEN * sizeof(*slots)), *at;

	for (uint32_t i = th->first; slots != NULL && i < th->past; i++) {
		if (th->in[i] != BODY || x->b[i].quote || x->b[i].pre ||
		    wn_plain(&x->b[i]) + wn_linked(&x->b[i]) < SIGNATURE_MIN ||
		    i == 0 || th->root[i - 1] != th->root[i] ||
		    (at = seen(x, slots, i)) == NULL)
			continue;
		if (*at != 0 && th->root[*at - 1] != th->root[i]) {
			th->in[i] = DROP;
			th->in[*at - 1] = DROP;
		} else {
			*at = i + 1;
		}
	}
}

/* ---- what stays ----------------------------------------------------------
 */

static void
drop(struct wn_block *b, int kind, const char *rule)
{
	if (!b->kept && b->rule != NULL && b->kind >= 0)
		return;
	b->kept = 0;
	b->kind = (int16_t)kind;
	b->rule = rule;
}

static void
keep(struct wn_block *b, const char *rule)
{
	b->kept = 1;
	b->kind = -1;
	b->rule = rule;
}

/* Inside a body only what is furniture by itself goes, not what an article
 * would lose: links alone in a line, captions, words of disclaimers. */
static int
stays(const struct wn_extractor *x, uint32_t i)
{
	const struct wn_block *b = &x->b[i];
	const struct wn_zone *z = &x->zone[b->first];
	int inner = x->zone[x->thread->root[i]].kind < 0 && z->kind >= 0;

	if (b->kind == WINNOW_KIND_HIDDEN && !x->with_hidden)
		return 0;
	if (inner && z->strength == WN_HARD &&
	    z->kind != WINNOW_KIND_COPYRIGHT &&
	    z->kind != WINNOW_KIND_CAPTION && z->kind != WINNOW_KIND_BYLINE)
		return 0;
	switch (x->line[i].any.act != WN_ACT_NONE ? x->line[i].any.kind : -1) {
	case WINNOW_KIND_SHARE_TOOLBAR:
	case WINNOW_KIND_TOOLBAR:
	case WINNOW_KIND_LOGIN:
	case WINNOW_KIND_PAGINATION:
	case WINNOW_KIND_COUNTER:
	case WINNOW_KIND_AD:
	case WINNOW_KIND_PREV_NEXT:
	case WINNOW_KIND_STRAY:
	case WINNOW_KIND_COMMENTS:
	case WINNOW_KIND_META:
		return 0;
	default:
		return b->pre || !is_furniture(x, i);
	}
}

static void
prune_thread(struct wn_extractor *x)
{
	const struct wn_thread *th = x->thread;

	for (uint32_t i = x->beg; i < x->end; i++) {
		struct wn_block *b = &x->b[i];

		if (th->in[i] == DROP)
			drop(b, WINNOW_KIND_BYLINE, "furniture of a post");
		else if (th->in[i] == BODY && stays(x, i))
			keep(b, "a post");
		else if (th->in[i] == BODY)
			drop(b, WINNOW_KIND_META, "a line of a post");
		else if (!is_prose(x, i) || is_furniture(x, i))
			drop(b, WINNOW_KIND_META, "between two posts");
	}
}

double
wn_forum_prune(struct wn_extractor *x)
{
	double kept = 0;
	uint32_t subject;

	if (x->thread != NULL && x->thread->n > 0) {
		drop_signatures(x);
		prune_thread(x);
	} else {
		for (uint32_t i = x->beg; i < x->end; i++)
			if (x->b[i].kept && !x->b[i].pre &&
			    (is_furniture(x, i) ||
				(x->thread && x->thread->in[i] == DROP)))
				drop(&x->b[i], WINNOW_KIND_META,
				    "a line of a post");
	}
	for (subject = x->beg; subject < x->end && !x->b[subject].kept;)
		subject++;
	if (subject < x->end && (subject = find_subject(x, subject)) < x->n) {
		if (subject < x->beg)
			set_content(x, subject, x->end);
		keep(&x->b[subject], "the subject");
	}
	for (uint32_t i = x->beg; i < x->end; i++)
		if (x->b[i].kept)
			kept += wn_plain(&x->b[i]);
	return kept;
}
