/* topic_open.c - a stored topic made ready to be scored with.
 *
 * Invariants
 *  TO1  A stored topic is anybody's: kinds, lengths, characters and the number
 *       of nodes are checked, and a broken one leaves nothing behind. */
#include <stdlib.h>
#include <string.h>

#include "cleaner/topic_model.h"
#include "cleaner/utf8.h"

enum { NODES = 60000 };

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
		struct wn_topic_edge *e = wn_topic_edge(t, at, c[i]);

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
	uint64_t key =
	    wn_topic_word_key(g->text, g->n, (enum wn_topic_kind)g->kind);
	struct wn_topic_hash *w = wn_topic_hash(t, key);

	if (w->node == 0) {
		w->key = wn_topic_half(key);
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

static size_t
slots(size_t n)
{
	size_t size = 64;

	while (size < 2 * n)
		size *= 2;
	return size;
}

/* words: of the n grams; the others have up to three nodes before them. */
static int
make_room(struct wn_topic *t, size_t n, size_t words, size_t len)
{
	size_t chars = WN_TOPIC_GRAM * (n - words), nodes = words + chars;

	/* Words may be the same one again, and leave their nodes to others. */
	if (chars > NODES)
		chars = NODES;
	if (nodes > NODES)
		nodes = NODES;
	t->edge_mask = slots(chars) - 1;
	t->word_mask = slots(words) - 1;
	t->edges = calloc(t->edge_mask + 1, sizeof(*t->edges));
	t->words = calloc(t->word_mask + 1, sizeof(*t->words));
	t->nodes = calloc(nodes + WN_TOPIC_GRAM + 1, sizeof(*t->nodes));
	t->times = calloc(nodes + WN_TOPIC_GRAM + 1, sizeof(*t->times));
	t->met = calloc(nodes + WN_TOPIC_GRAM + 1, sizeof(*t->met));
	t->names = malloc(len);
	return t->edges != NULL && t->words != NULL && t->nodes != NULL &&
		       t->times != NULL && t->met != NULL && t->names != NULL
		   ? 0
		   : WINNOW_ENOMEM;
}

/* How many of the grams are words; WINNOW_EINVAL: one is none. */
static long
count_words(const void *bytes, size_t len, long n)
{
	struct wn_topic_term g;
	size_t at = 0;
	long words = 0;

	for (; n > 0; n--) {
		if (wn_topic_read(bytes, len, &at, &g) != 0)
			return WINNOW_EINVAL;
		words += g.kind > WN_TOPIC_GRAM;
	}
	return words > NODES ? WINNOW_EINVAL : words;
}

/* Enters the grams and says what each brings that may be told. */
static int
read_grams(struct wn_topic *t, const void *bytes, size_t len, long n)
{
	struct wn_topic_term g;
	size_t at = 0, text = 0;
	int r = 0;

	for (; r == 0 && n > 0; n--, text += g.n)
		if ((r = wn_topic_read(bytes, len, &at, &g)) == 0)
			r = add_gram(t, &g, (uint32_t)text);
	for (uint32_t i = 1; r == 0 && i <= t->nnodes; i++)
		if (t->nodes[i].whole) {
			t->nodes[i].worth = wn_topic_worth(t, &t->nodes[i]);
			t->wholes++;
		}
	return r;
}

int
wn_topic_open(struct wn_topic **out, const void *bytes, size_t len)
{
	struct wn_topic_scale scale;
	long n = wn_topic_read_head(bytes, len, &scale), words;
	struct wn_topic *t;
	int r;

	*out = NULL;
	if (n < 0 || (words = count_words(bytes, len, n)) < 0)
		return WINNOW_EINVAL;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return WINNOW_ENOMEM;
	t->scale = scale;
	wn_topic_fold(&t->fold);
	r = make_room(t, (size_t)n, (size_t)words, len);
	if (r == 0)
		r = read_grams(t, bytes, len, n);
	if (r == 0)
		*out = t;
	else
		wn_topic_close(t);
	return r;
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
	free(t->met);
	free(t->names);
	free(t);
}
