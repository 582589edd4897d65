/* forum_posts.c - what of a thread's posts stays, once they are found.
 *
 * In a body all stays but what forum.def and the page's hidden parts take
 * away, and what stands under several posts in the same words; between two
 * bodies only what reads like prose does; behind the last nothing. The
 * subject above the first post is the first line of its text: many questions
 * are asked there alone. */
#include "cleaner/forum_parts.h"

#include <string.h>

/* ---- the content -------------------------------------------------------- */

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
		if (wn_forum_subject(x, i))
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

/* ---- signatures --------------------------------------------------------- */

#define SEEN 4096
#define SIGNATURE_MIN 15 /* units: shorter ones may be said twice */

/* Slot of the text of block i; NULL: no room. */
static uint32_t *
seen(const struct wn_extractor *x, uint32_t *slots, uint32_t i)
{
	const struct wn_str *s = &x->b[i].text;
	uint32_t h = wn_forum_hash(s->p, s->n);

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

/* ---- what stays --------------------------------------------------------- */

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
		return b->pre || !wn_forum_furniture(x, i);
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
		else if (!wn_forum_prose(x, i) || wn_forum_furniture(x, i))
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
			    (wn_forum_furniture(x, i) ||
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
