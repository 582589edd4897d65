/* topic.c - how well a page fits the topic.
 *
 * Each gram of the topic that a text has adds its weight; the sum, for each
 * unit of the text, goes through a curve whose middle was learned.
 *
 * Invariants
 *  TP1  Whatever the grams of a topic are, a score is a number from 0 to 1.
 *  TP2  Long and short texts score alike: the sum is one of shares. A short
 *       one is mixed with what any text has, since it says little.
 *  TP3  A gram counts no more often than texts of the topic have it: who
 *       repeats it all over a page gains nothing. */
#include <string.h>

#include "cleaner/state.h"
#include "cleaner/topic_model.h"

enum {
	READ = 12000,    /* bytes of a text that are read */
	ANCHORS = 64000, /* of a page's links together */
	PRIOR = 12,      /* units that any text is thought to have had before */
	OFTEN = 4,       /* times a gram counts in any text, and for each */
	OFTEN_ONE = 16,  /* so many units, of one character */
	OFTEN_MORE = 40,
	SHORT = 4,   /* units of an anchor that says nothing by itself */
	AROUND = 120 /* bytes of what stands around it */
};

/* ---- counting --------------------------------------------------------- */

static void
count_node(struct wn_topic *t, uint32_t node)
{
	if (node == 0)
		return;
	if (t->times[node] == 0)
		t->met[t->nmet++] = node;
	t->times[node] += t->times[node] < UINT16_MAX;
}

static void
count_char(struct wn_topic *t, const struct wn_topic_unit *u,
    uint32_t open[WN_TOPIC_GRAM])
{
	wn_topic_step(t, u, open);
	for (unsigned k = 0; k < WN_TOPIC_GRAM; k++)
		count_node(t, open[k]);
}

static void
count_word(struct wn_topic *t, const struct wn_topic_unit *u)
{
	count_node(t, wn_topic_hash(t, u->key)->node);
	if (u->stem > 0)
		count_node(t, wn_topic_hash(t, u->stem_key)->node);
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

double
wn_topic_gain(const struct wn_topic *t, uint32_t node, size_t units)
{
	const struct wn_topic_node *g = &t->nodes[node];
	double times = t->times[node];
	double most =
	    OFTEN + (double)units / (g->kind == 1 ? OFTEN_ONE : OFTEN_MORE);

	return g->weight * (times < most ? times : most);
}

double
wn_topic_curve(const struct wn_topic_scale *s, double weight)
{
	double odds = weight / (double)s->middle;

	odds *= odds * odds;
	return weight > 0 ? odds / (1 + odds) : 0;
}

/* The sum of what was counted, for each unit, on the scale. */
static double
score(const struct wn_topic *t, size_t units)
{
	double sum = PRIOR * (double)t->scale.prior;

	for (size_t i = 0; i < t->nmet; i++)
		sum += wn_topic_gain(t, t->met[i], units);
	return wn_topic_curve(&t->scale, sum / ((double)units + PRIOR));
}

static void
forget(struct wn_topic *t)
{
	while (t->nmet > 0)
		t->times[t->met[--t->nmet]] = 0;
}

static double
score_text(struct wn_topic *t, const char *s, size_t len)
{
	size_t units;

	forget(t);
	units = count(t, s, len);
	return score(t, units);
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
score_link(struct wn_topic *t, const struct wn_doc *d, size_t i, size_t *left)
{
	const char *anchor = d->pub.links[i].anchor;
	size_t len = strlen(anchor), units = 0;
	struct wn_str line;

	forget(t);
	if (len <= *left) {
		*left -= len;
		units = count(t, anchor, len);
	}
	if (units < SHORT && d->pub.links[i].place != WINNOW_IN_NAV) {
		line = line_of(d, d->link_nodes[i]);
		if (line.n <= AROUND && line.n <= *left) {
			*left -= line.n;
			units += count(t, line.p, line.n);
		}
	}
	return score(t, units);
}

int
wn_stage_topic(struct wn_doc *d)
{
	struct winnow_link *v = (struct winnow_link *)(uintptr_t)d->pub.links;
	struct wn_topic *t = d->w->topic;
	size_t units, left = ANCHORS;
	int r;

	if (t == NULL)
		return 0;
	forget(t);
	units = count_page(t, d);
	d->pub.topic_score = score(t, units);
	if ((r = wn_topic_tell(d, t, units)) != 0)
		return r;
	for (size_t i = 0; i < d->pub.nlinks; i++)
		v[i].topic = (uint8_t)(255 * score_link(t, d, i, &left) + .5);
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
