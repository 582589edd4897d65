/* forum.c - threads: the posts of a page, in order.
 *
 * A thread is one shape many times over. Elements are gathered by what they
 * have in common (tag and one class word, numbers left out of it); a group is
 * worth what its elements have of running text, less what lines without any
 * cost. The group that is worth most and has names or times between its
 * elements holds the bodies of the posts: it fits tighter than whole posts,
 * which pay for their furniture, and than the page. Elements that say that
 * they hold what somebody wrote (forum.def: replies to a floor, comments on
 * an answer) are bodies as well. What of them stays, forum_posts.c says.
 *
 * Invariants
 *  F1  Bodies are disjoint and in document order.
 *  F2  The cost is linear: one pass finds the groups (their number and the
 *      words per element are bounded), one pass looks at each of TRIES. */
#include "cleaner/forum_parts.h"

#include <stdlib.h>
#include <string.h>

#define GROUPS 4096 /* slots; what finds none in 8 steps is no group */
#define WORDS_MAX 8 /* words of a class that are looked at */
#define WORD_MAX 64
#define TRIES 8

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

#undef U
#undef S

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* ---- words -------------------------------------------------------------- */

static void
index_words(struct wn_thread *th)
{
	for (size_t i = 0; i < N(class_words); i++) {
		const char *w = class_words[i].word;
		uint32_t h = wn_forum_hash(w, strlen(w));

		while (th->slot[h % WN_FORUM_SLOTS] != 0)
			h++;
		th->slot[h % WN_FORUM_SLOTS] = (uint16_t)(i + 1);
	}
}

static enum wn_forum_what
look_up(const struct wn_thread *th, const char *s, size_t n)
{
	uint32_t h = wn_forum_hash(s, n);

	for (; th->slot[h % WN_FORUM_SLOTS] != 0; h++) {
		size_t i = th->slot[h % WN_FORUM_SLOTS] - 1u;

		if (strncmp(class_words[i].word, s, n) == 0 &&
		    class_words[i].word[n] == '\0')
			return (enum wn_forum_what)class_words[i].what;
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
		if (words[i][0] == *s && strlen(words[i]) == n &&
		    memcmp(words[i], s, n) == 0)
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

/* ---- groups ------------------------------------------------------------- */

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
	if (x->line[i].any.act != WN_ACT_NONE || wn_forum_furniture(x, i))
		return -COST_FURNITURE;
	if (b->marks == 0 && u < 40)
		return 0.3 * u - COST_WORDS;
	return u;
}

/* Elements without a name that may hold a post by where they stand: the
 * second cell of the first row of each table. */
static int
has_place(uint16_t tag)
{
	return tag == WN_TAG_TD || tag == WN_TAG_DIV || tag == WN_TAG_DD ||
	       tag == WN_TAG_LI;
}

/* Elements that hold whole posts or their bodies. */
static int
is_member(const struct wn_extractor *x, const struct wn_thread *th, uint32_t i)
{
	const struct wn_node *n = &x->t->nodes[i];

	if (x->from[i] >= wn_past(x, i) || wn_past(x, i) <= th->above ||
	    (n->nattr == 0 && !has_place(n->tag)))
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
		char c = wn_forum_digit(*p) ? '#' : *p;

		if (k < WORD_MAX && !(c == '#' && wn_forum_digit(p[1])))
			h = (h ^ (unsigned char)c) * 1099511628211ull;
	}
	*s = p;
	return h | 1;
}

#define SAID 1 /* the group of those that say so: forum.def's BODY */

/* Groups by place alone have an even hash, groups by name an odd one: they are
 * asked when none by name holds posts. */
#define IS_PLACE(hash) (((hash)&1) == 0)

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
			    ((h + at->name) * 0x9e3779b97f4a7c15ull + n->tag) |
			    1;
	}
	if (k == 0 && has_place(n->tag))
		keys[k++] = (th->place[i] | 1ull) * 0x9e3779b97f4a7c15ull << 1;
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
		if (x->line[i].date != 0 || wn_forum_time(&x->b[i]))
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

/* ---- the thread --------------------------------------------------------- */

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

#define NAME_MAX 40 /* units of a link that is no name */
#define ABOVE 150   /* units of an article above its comments */

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
		else if (!wn_is_out(x, i) && x->b[i].marks > 0 &&
			 wn_forum_prose(x, i) && th->in[i] == NOTHING)
			out += wn_plain(&x->b[i]);
	}
	return in > more * out;
}

/* Bodies below a line that links to another page, of which they may be the
 * beginning. */
static uint32_t
count_teasers(const struct wn_extractor *x, const struct wn_thread *th)
{
	uint32_t n = 0, i = th->above;

	for (uint32_t k = 0; k < th->n; k++) {
		int link = 0;

		for (; i < x->from[th->body[k]]; i++) {
			const struct wn_block *b = &x->b[i];

			link |=
			    wn_linked(b) > NAME_MAX && wn_plain(b) < NAME_MAX;
		}
		n += link;
		i = wn_past(x, th->body[k]);
	}
	return n;
}

/* A shape that repeats is no thread when each begins with a link (a list of
 * articles), or when an article stands above the first (readers' comments).
 * Where no title stands above them, each has to say who or when. */
static int
is_thread(
    const struct wn_extractor *x, const struct wn_thread *th, uint32_t bylines)
{
	int all_signed = bylines + 1 >= th->n;
	double above = 0, most = 0, all = 0, u;

	for (uint32_t i = th->above; i < th->first; i++)
		if (wn_forum_prose(x, i) && th->in[i] == NOTHING)
			above += wn_plain(&x->b[i]);
	for (uint32_t k = 0; k < th->n; k++) {
		u = x->units[wn_past(x, th->body[k])] -
		    x->units[x->from[th->body[k]]];
		all += u;
		most = u > most ? u : most;
	}
	return (th->above > 0 || all_signed) && th->above <= th->first &&
	       above < ABOVE && most < 0.7 * all &&
	       count_teasers(x, th) * 3 < th->n &&
	       is_most(x, th, 0, x->n, all_signed && th->n > 3 ? 1.5 : 3);
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
	return is_thread(x, th, bylines);
}

/* Can the text below the title be three posts at all? What would end one,
 * a time or a number alone, stands between runs of text, none of which is
 * most of it. Articles end here, for the price of one look at each line. */
static int
may_be_thread(const struct wn_extractor *x, uint32_t above)
{
	double all = 0, most = 0, run = 0;
	uint32_t runs = 0;

	for (uint32_t i = above; i < x->n; i++) {
		if (x->line[i].date != 0 || wn_forum_number(&x->b[i]) ||
		    wn_forum_time(&x->b[i]))
			run = 0;
		else if (wn_forum_prose(x, i)) {
			runs += run == 0;
			run += wn_plain(&x->b[i]);
			all += wn_plain(&x->b[i]);
			most = run > most ? run : most;
		}
	}
	return runs >= 3 && most < 0.8 * all;
}

struct place {
	uint16_t depth;
	uint8_t order, children; /* the last of them for all above */
};

static int
find_places(struct wn_extractor *x, struct wn_thread *th)
{
	const struct wn_node *nodes = x->t->nodes;
	struct place *v = wn_zalloc(x->d->arena, x->t->n * sizeof(*v));

	th->place = wn_zalloc(x->d->arena, x->t->n * sizeof(*th->place));
	if (v == NULL || th->place == NULL)
		return 0;
	for (uint32_t i = 1; i < x->t->n; i++) {
		uint32_t up = nodes[i].parent;

		if (nodes[i].tag == WN_TAG_TEXT)
			continue;
		v[i].depth = (uint16_t)(v[up].depth + 1);
		v[i].order = v[up].children;
		v[up].children += v[up].children < UINT8_MAX;
		th->place[i] =
		    ((v[i].depth * 256u + v[i].order) * 256u + v[up].order) *
			2654435761u +
		    nodes[i].tag * 128u + nodes[up].tag;
	}
	return 1;
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
	th->same = wn_zalloc(x->d->arena, x->n + 1);
	if (th->say == NULL || th->body == NULL || th->in == NULL ||
	    th->root == NULL || th->same == NULL || !find_places(x, th))
		return NULL;
	wn_forum_repeats(x, th);
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

/* Moves those worth anything to the front, in their order; how many. */
static size_t
pack_groups(struct group *groups)
{
	size_t n = 0;

	for (size_t i = 0; i < GROUPS; i++)
		if (groups[i].value > 0)
			groups[n++] = groups[i];
	return n;
}

static struct group *
best_group(struct group *groups, size_t n, int by_place)
{
	struct group *best = NULL;
	double most = 0;

	for (size_t i = 0; i < n; i++)
		if (IS_PLACE(groups[i].hash) == by_place &&
		    merit(&groups[i]) > most) {
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
	size_t n;
	uint32_t above = wn_forum_above(x);

	if (!sure && !may_be_thread(x, above))
		return 0;
	groups = wn_zalloc(a, GROUPS * sizeof(*groups));
	sum = wn_zalloc(a, (x->n + 1) * sizeof(*sum));
	if (groups == NULL || sum == NULL || (th = thread_new(x)) == NULL)
		return 0;
	x->thread = th; /* lines are asked what repeats */
	for (uint32_t i = 0; i < x->n; i++)
		sum[i + 1] = sum[i] + worth(x, i);
	th->above = above;
	gather(x, th, sum, groups);
	n = pack_groups(groups);
	for (int k = 0; k < 2 * TRIES; k++) {
		if ((g = best_group(groups, n, k >= TRIES)) == NULL)
			continue;
		if (try_group(x, th, sum, g, sure && k < TRIES))
			return 1;
		g->value = 0;
	}
	th->n = 0;
	mark_blocks(x, th);
	if (!sure)
		x->thread = NULL;
	return 0;
}
