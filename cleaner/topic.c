/* topic.c - how well a page fits the topic.
 *
 * Each gram of the topic that a text has adds its weight; the sum, for each
 * unit of the text, goes through a curve whose middle was learned.
 * Grams of characters form a tree, so that a character of a text that the
 * topic has not costs one look.
 *
 * Invariants
 *  TP1  A stored topic is anybody's: what it says is bounded and checked, and
 *       whatever its grams are, a score is a number from 0 to 1.
 *  TP2  Long and short texts score alike: the sum is one of shares. A short
 *       one is mixed with what any text has, since it says little.
 *  TP3  A gram counts no more often than texts of the topic have it: who
 *       repeats it all over a page gains nothing. */
#include "cleaner/topic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/state.h"
#include "cleaner/utf8.h"

enum {
	NODES = 60000,
	READ = 24000,   /* bytes of a text that are read */
	PRIOR = 12,     /* units that any text is thought to have had before */
	OFTEN = 4,      /* times a gram counts in any text, and for each */
	OFTEN_ONE = 16, /* so many units, of one character */
	OFTEN_MORE = 40,
	TERMS = 10,  /* that are told */
	SHORT = 4,   /* units of an anchor that says nothing by itself */
	AROUND = 300 /* bytes of what stands around it */
};

struct node {
	float weight;
	uint32_t text; /* offset in names */
	uint8_t n, kind, whole;
	uint8_t more; /* longer grams begin with it */
	double worth; /* of a whole one: what it brings with all in it */
};

struct edge {
	uint32_t key;  /* node before << 16 | character */
	uint32_t node; /* 0: free */
};

struct word {
	uint64_t key;
	uint32_t node;
};

struct wn_topic {
	struct wn_topic_fold fold;
	struct wn_topic_scale scale;
	uint16_t first[WN_TOPIC_HANS]; /* node of a character */
	struct edge *edges;
	struct word *words;
	size_t mask;        /* of both */
	struct node *nodes; /* from 1 */
	uint32_t nnodes, wholes;
	uint16_t *times; /* of each node in the text at hand */
	char *names;
};

/* ---- opening ---------------------------------------------------------- */

static struct edge *
edge_slot(const struct wn_topic *t, uint32_t node, uint32_t c)
{
	uint32_t key = node << 16 | c;
	size_t i = (key * 0x9E3779B97F4A7C15ULL) >> 32;

	for (;; i++) {
		struct edge *e = &t->edges[i & t->mask];

		if (e->node == 0 || e->key == key)
			return e;
	}
}

static struct word *
word_slot(const struct wn_topic *t, uint64_t key)
{
	for (size_t i = (size_t)key;; i++) {
		struct word *w = &t->words[i & t->mask];

		if (w->node == 0 || w->key == key)
			return w;
	}
}

/* The node of a gram of characters, made with those before it; 0: too many. */
static uint32_t
chars_node(struct wn_topic *t, const uint32_t *c, unsigned n)
{
	uint32_t at = t->first[c[0] - WN_TOPIC_HAN];

	if (at == 0) {
		at = ++t->nnodes;
		t->first[c[0] - WN_TOPIC_HAN] = (uint16_t)at;
	}
	for (unsigned i = 1; i < n; i++) {
		struct edge *e = edge_slot(t, at, c[i]);

		t->nodes[at].more = 1;
		if (e->node == 0) {
			e->key = at << 16 | c[i];
			e->node = ++t->nnodes;
		}
		at = e->node;
	}
	return at;
}

static uint32_t
word_node(struct wn_topic *t, const struct wn_topic_term *g)
{
	struct word *w;

	w = word_slot(
	    t, wn_topic_word_key(g->text, g->n, (enum wn_topic_kind)g->kind));
	if (w->node == 0) {
		w->key = wn_topic_word_key(
		    g->text, g->n, (enum wn_topic_kind)g->kind);
		w->node = ++t->nnodes;
	}
	return w->node;
}

/* The characters of a gram's text; 0: it has others. */
static unsigned
chars_of(const struct wn_topic_term *g, uint32_t c[WN_TOPIC_GRAM])
{
	if (g->kind > WN_TOPIC_GRAM || g->n != 3 * g->kind)
		return 0;
	for (unsigned i = 0; i < g->kind; i++) {
		const unsigned char *p =
		    (const unsigned char *)g->text + 3 * (size_t)i;

		if ((p[0] & 0xF0) != 0xE0 || (p[1] & 0xC0) != 0x80 ||
		    (p[2] & 0xC0) != 0x80)
			return 0;
		c[i] = (p[0] & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
		if (c[i] - WN_TOPIC_HAN >= WN_TOPIC_HANS)
			return 0;
	}
	return g->kind;
}

static int
add_gram(struct wn_topic *t, const struct wn_topic_term *g, uint32_t text)
{
	uint32_t c[WN_TOPIC_GRAM], at;

	if (t->nnodes + WN_TOPIC_GRAM > NODES)
		return WINNOW_EINVAL;
	if (g->kind > WN_TOPIC_GRAM) {
		if (wn_utf8_prefix(g->text, g->n) != g->n)
			return WINNOW_EINVAL;
		at = word_node(t, g);
	} else if (chars_of(g, c) == 0) {
		return WINNOW_EINVAL;
	} else {
		at = chars_node(t, c, g->kind);
	}
	t->nodes[at].weight = g->weight;
	t->nodes[at].text = text;
	t->nodes[at].n = g->n;
	t->nodes[at].kind = g->kind;
	t->nodes[at].whole = g->whole;
	memcpy(t->names + text, g->text, g->n);
	return 0;
}

static int
make_room(struct wn_topic *t, size_t grams, size_t len)
{
	size_t most = WN_TOPIC_GRAM * grams, size = 64;

	if (most > NODES)
		most = NODES;
	while (size < 2 * most + 2)
		size *= 2;
	t->mask = size - 1;
	t->edges = calloc(size, sizeof(*t->edges));
	t->words = calloc(size, sizeof(*t->words));
	t->nodes = calloc(most + WN_TOPIC_GRAM + 1, sizeof(*t->nodes));
	t->times = calloc(most + WN_TOPIC_GRAM + 1, sizeof(*t->times));
	t->names = malloc(len);
	return t->edges != NULL && t->words != NULL && t->nodes != NULL &&
		       t->times != NULL && t->names != NULL
		   ? 0
		   : WINNOW_ENOMEM;
}

static double worth(const struct wn_topic *, const struct node *);

int
wn_topic_open(struct wn_topic **out, const void *bytes, size_t len)
{
	struct wn_topic_scale scale;
	struct wn_topic_term g;
	long n = wn_topic_read_head(bytes, len, &scale);
	struct wn_topic *t;
	size_t at = 0, text = 0;
	int r;

	*out = NULL;
	if (n < 0)
		return WINNOW_EINVAL;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return WINNOW_ENOMEM;
	t->scale = scale;
	wn_topic_fold(&t->fold);
	r = make_room(t, (size_t)n, len);
	for (; r == 0 && n > 0; n--) {
		if ((r = wn_topic_read(bytes, len, &at, &g)) == 0)
			r = add_gram(t, &g, (uint32_t)text);
		text += g.n;
	}
	if (r != 0) {
		wn_topic_close(t);
		return r;
	}
	for (uint32_t i = 1; i <= t->nnodes; i++)
		if (t->nodes[i].whole) {
			t->nodes[i].worth = worth(t, &t->nodes[i]);
			t->wholes++;
		}
	*out = t;
	return 0;
}

void
wn_topic_close(struct wn_topic *t)
{
	if (t == NULL)
		return;
	free(t->edges);
	free(t->words);
	free(t->nodes);
	free(t->times);
	free(t->names);
	free(t);
}

/* ---- counting --------------------------------------------------------- */

/* Goes on by a character: open[k] is the gram of k + 1 characters that ends
 * with it, 0: the topic has none. */
static void
step(const struct wn_topic *t, const struct wn_topic_unit *u,
    uint32_t open[WN_TOPIC_GRAM])
{
	for (unsigned k = WN_TOPIC_GRAM - 1; k > 0; k--) {
		uint32_t before = u->run > k ? open[k - 1] : 0;

		open[k] = before != 0 && t->nodes[before].more
			      ? edge_slot(t, before, u->c)->node
			      : 0;
	}
	open[0] = t->first[u->c - WN_TOPIC_HAN];
}

/* Node 0 is counted too, and belongs to nobody. */
static void
count_node(struct wn_topic *t, uint32_t node)
{
	t->times[node] += t->times[node] < UINT16_MAX;
}

static void
count_char(struct wn_topic *t, const struct wn_topic_unit *u,
    uint32_t open[WN_TOPIC_GRAM])
{
	step(t, u, open);
	for (unsigned k = 0; k < WN_TOPIC_GRAM; k++)
		count_node(t, open[k]);
}

static void
count_bytes(
    struct wn_topic *t, const char *s, size_t n, enum wn_topic_kind kind)
{
	count_node(t, word_slot(t, wn_topic_word_key(s, n, kind))->node);
}

static void
count_word(struct wn_topic *t, const struct wn_topic_unit *u)
{
	count_bytes(t, u->word, u->n, WN_TOPIC_IS_WORD);
	if (u->stem > 0)
		count_bytes(t, u->word, u->stem, WN_TOPIC_IS_STEM);
}

/* Counts the grams of a text; its units. */
static size_t
count(struct wn_topic *t, const char *s, size_t len)
{
	struct wn_topic_text text = {&t->fold, s, s + len, 0};
	struct wn_topic_unit u;
	uint32_t open[WN_TOPIC_GRAM] = {0};
	size_t n = 0;

	for (len = len < READ ? len : READ;
	     len < (size_t)(text.end - s) && len > 0 &&
	     ((unsigned char)s[len] & 0xC0) == 0x80;
	     len--)
		;
	text.end = s + len;
	for (; wn_topic_next(&text, &u); n++)
		if (u.c != 0)
			count_char(t, &u, open);
		else
			count_word(t, &u);
	return n;
}

static double
gain(const struct wn_topic *t, uint32_t node, size_t units)
{
	const struct node *g = &t->nodes[node];
	double times = t->times[node];
	double most =
	    OFTEN + (double)units / (g->kind == 1 ? OFTEN_ONE : OFTEN_MORE);

	return g->weight * (times < most ? times : most);
}

double
wn_topic_curve(const struct wn_topic_scale *s, double weight)
{
	if (weight <= 0)
		return 0;
	return 1 / (1 + pow((double)s->middle / weight, (double)s->power));
}

/* The sum of what was counted, for each unit, on the scale. */
static double
score(const struct wn_topic *t, size_t units)
{
	double sum = PRIOR * (double)t->scale.prior;

	for (uint32_t i = 1; i <= t->nnodes; i++)
		if (t->times[i] != 0)
			sum += gain(t, i, units);
	return wn_topic_curve(&t->scale, sum / ((double)units + PRIOR));
}

static void
forget(struct wn_topic *t)
{
	memset(t->times, 0, (t->nnodes + 1) * sizeof(*t->times));
}

static double
score_text(struct wn_topic *t, const char *s, size_t len)
{
	size_t units;

	forget(t);
	units = count(t, s, len);
	return score(t, units);
}

/* ---- the terms -------------------------------------------------------- */

/* All that a term brings: its own weight and that of the grams in it. */
static double
worth(const struct wn_topic *t, const struct node *g)
{
	struct wn_topic_text text = {
	    &t->fold, t->names + g->text, t->names + g->text + g->n, 0};
	struct wn_topic_unit u;
	uint32_t open[WN_TOPIC_GRAM] = {0};
	double sum = 0;

	if (g->kind > WN_TOPIC_GRAM)
		return (double)g->weight;
	while (wn_topic_next(&text, &u)) {
		step(t, &u, open);
		for (unsigned k = 0; k < WN_TOPIC_GRAM; k++)
			sum += (double)t->nodes[open[k]].weight;
	}
	return sum;
}

/* Do they share so much that telling both is telling one twice? */
static int
overlap(const struct wn_topic *t, const struct node *a, const struct node *b)
{
	enum { SHARED = 6 }; /* bytes: two characters */
	const char *s = t->names + a->text, *q = t->names + b->text;

	if (a->kind > WN_TOPIC_GRAM || b->kind > WN_TOPIC_GRAM)
		return 0;
	if (memmem(s, a->n, q, b->n) != NULL ||
	    memmem(q, b->n, s, a->n) != NULL)
		return 1;
	for (size_t k = SHARED; k < a->n && k < b->n; k += 3)
		if (memcmp(s, q + b->n - k, k) == 0 ||
		    memcmp(q, s + a->n - k, k) == 0)
			return 1;
	return 0;
}

struct told {
	uint32_t node;
	double worth;
};

static int
by_worth(const void *a, const void *b)
{
	const struct told *x = a, *y = b;

	if (x->worth != y->worth)
		return x->worth > y->worth ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

/* The words of the topic that were counted, those that count most first; the
 * sum of all grams in *all. */
static size_t
rank(const struct wn_topic *t, size_t units, struct told *v, double *all)
{
	size_t n = 0;

	*all = 0;
	for (uint32_t i = 1; i <= t->nnodes; i++) {
		const struct node *g = &t->nodes[i];

		if (t->times[i] == 0)
			continue;
		*all += fmax(gain(t, i, units), 0);
		if (g->whole)
			v[n++] = (struct told){i, g->worth * t->times[i]};
	}
	qsort(v, n, sizeof(*v), by_worth);
	return n;
}

static int
tell_terms(struct wn_doc *d, const struct wn_topic *t, size_t units)
{
	struct told *v = wn_alloc(d->arena, (t->wholes + 1) * sizeof(*v));
	struct winnow_topic_term *out =
	    wn_alloc(d->arena, TERMS * sizeof(*out));
	size_t n, told = 0, k;
	double all;

	if (v == NULL || out == NULL)
		return WINNOW_ETOOBIG;
	n = rank(t, units, v, &all);
	for (size_t i = 0; i < n && told < TERMS && v[i].worth > 0; i++) {
		const struct node *g = &t->nodes[v[i].node];

		for (k = 0; k < told; k++)
			if (overlap(t, &t->nodes[v[k].node], g))
				break;
		if (k < told)
			continue;
		out[told].term = wn_strndup(d->arena, t->names + g->text, g->n);
		if (out[told].term == NULL)
			return WINNOW_ETOOBIG;
		out[told].times = t->times[v[i].node];
		out[told].share = (float)fmin(1, v[i].worth / all);
		v[told++] = v[i]; /* those that were told stand first */
	}
	d->pub.topic_terms = out;
	d->pub.ntopic_terms = told;
	return 0;
}

/* ---- pages ------------------------------------------------------------ */

static size_t
count_page(struct wn_topic *t, const struct wn_doc *d)
{
	const struct winnow_doc *p = &d->pub;
	size_t n = 0, bytes = 0;

	if (p->title != NULL)
		n = count(t, p->title, strlen(p->title));
	if (p->text_len > 0)
		return n + count(t, p->text, p->text_len);
	for (size_t i = 0; i < d->nblocks && bytes < READ; i++) {
		n += count(t, d->blocks[i].text.p, d->blocks[i].text.n);
		bytes += d->blocks[i].text.n;
	}
	return n;
}

/* The line that a node of the page stands in. */
static struct wn_str
line_of(const struct wn_doc *d, uint32_t node)
{
	size_t lo = 0, hi = d->nblocks;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (d->blocks[mid].end <= node)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < d->nblocks ? d->blocks[lo].text : (struct wn_str){"", 0};
}

static double
score_link(struct wn_topic *t, const struct wn_doc *d, size_t i)
{
	const char *anchor = d->pub.links[i].anchor;
	struct wn_str line;
	size_t units;

	forget(t);
	units = count(t, anchor, strlen(anchor));
	if (units < SHORT) {
		line = line_of(d, d->link_nodes[i]);
		if (line.n > 0 && line.n <= AROUND)
			units += count(t, line.p, line.n);
	}
	return score(t, units);
}

int
wn_stage_topic(struct wn_doc *d)
{
	struct winnow_link *v = (struct winnow_link *)(uintptr_t)d->pub.links;
	struct wn_topic *t = d->w->topic;
	size_t units;
	int r;

	if (t == NULL)
		return 0;
	forget(t);
	units = count_page(t, d);
	d->pub.topic_score = score(t, units);
	if ((r = tell_terms(d, t, units)) != 0)
		return r;
	for (size_t i = 0; i < d->pub.nlinks; i++)
		v[i].topic = (uint8_t)(255 * score_link(t, d, i) + .5);
	return 0;
}

int
winnow_set_topic(struct winnow *w, const void *bytes, size_t len)
{
	wn_topic_close(w->topic);
	w->topic = NULL;
	return len > 0 ? wn_topic_open(&w->topic, bytes, len) : 0;
}

double
winnow_topic_score(struct winnow *w, const char *text, size_t len)
{
	return w->topic != NULL ? score_text(w->topic, text, len) : 0;
}
