/* outlet_copies.c - what an article is to the records that are there.
 *
 * Records of one text have one leader, the first of them; dup_of names it, and
 * never another, however many copies come and whatever they are copies of. One
 * of them is the best. A copy that is better than it (merit.h) lands as event
 * `corrected` and revises it, and is the best from then on; its dup_of names
 * the leader all the same, so that each text has one record without dup_of.
 *
 * What was found is looked for among the lines on their way first, the newest
 * before the others: their transactions come in that order (O1).
 *
 * Invariants
 *  Z1  dup_of and revises name records whose transactions are not later.
 *  Z2  A text has one leader for ever, and no page repeats itself: a record has
 *      no dup_of of its own page.
 *  Z3  A page that has a record tells of every change: it is not left out.
 *  Z4  A page that is left out is settled in no earlier transaction than the
 *      record for which it is. */
#include "crawler/outlet_parts.h"

#include <string.h>

#include "crawler/merit.h"
#include "crawler/near.h"

/* A copy that is so near to another one is found wherever that is. */
#define AS_GOOD 0.9

/* ---- the records on their way, and those in the state -------------------- */

static int
same_id(const uint8_t a[16], const uint8_t b[16])
{
	return memcmp(a, b, 16) == 0;
}

static uint32_t
page_of(const struct frontier_item *it)
{
	return (uint32_t)(it->key.host ^ it->key.url) | 1;
}

/* Blocks in the order of their lists; the newest line that tells is wanted. */
static const struct line *
newest(const struct outlet *o, int (*tells)(const struct line *, const void *),
    const void *what)
{
	const struct line *found = NULL;
	const struct block *b;
	uint32_t i;

	for (b = o->head; b != NULL; b = b->next)
		for (i = 0; i < b->n; i++)
			if (tells(&b->lines[i], what))
				found = &b->lines[i];
	return found;
}

static int
has_text(const struct line *l, const void *hash)
{
	return !l->gone && l->text_hash == *(const uint64_t *)hash;
}

static int
is_led_best(const struct line *l, const void *lead)
{
	return l->copy.takes && same_id(l->copy.lead.id, lead);
}

/* Who leads those with that text. */
static int
text_lead(const struct outlet *o, uint64_t hash, struct frontier_copy *lead)
{
	const struct line *l = newest(o, has_text, &hash);

	if (l == NULL)
		return frontier_text_get(o->frontier, hash, lead);
	*lead = l->copy.lead;
	return 1;
}

static struct frontier_copy
best_of(const struct outlet *o, const struct frontier_copy *lead)
{
	const struct line *l = newest(o, is_led_best, lead->id);
	struct frontier_copy best;

	if (l != NULL) {
		memcpy(best.id, l->id, 16);
		best.merit = l->copy.merit;
		best.page = l->copy.page;
	} else if (!frontier_best_get(o->frontier, lead->id, &best))
		best = *lead;
	return best;
}

/* ---- the page's own record ----------------------------------------------- */

static int
has_record(const struct frontier_item *it)
{
	return it->again && it->memory.event != 0;
}

/* Who leads the page's own record. */
static int
own_lead(const struct outlet *o, const struct frontier_item *it,
    struct frontier_copy *lead)
{
	unsigned alike;

	if (!has_record(it))
		return 0;
	lead->merit = MERIT_UNKNOWN;
	lead->page = 0;
	return frontier_repeat_get(o->frontier, &it->key, lead->id, &alike) ||
	       frontier_text_get(o->frontier, it->memory.text_hash, lead);
}

/* ---- the judgement ------------------------------------------------------- */

/* The best copy is the page's, as it is or as it was. */
static int
is_best(const struct outlet *o, const struct frontier_item *it,
    const struct frontier_copy *lead)
{
	struct frontier_copy best = best_of(o, lead);

	return best.page == page_of(it) || same_id(best.id, it->memory.id);
}

static void
look_for(const struct outlet *o, const struct config_values *cfg,
    const struct job_article *a, struct outlet_look *l)
{
	struct frontier_copy lead;
	struct near_hit hit;

	if (cfg->dedup_mode == CONFIG_DEDUP_MODE_OFF)
		return;
	l->kept_near = 1;
	if (text_lead(o, a->text_hash, &lead)) {
		l->known = 1;
		l->kept_near = 0;
		l->how = OUTLET_EXACT;
		l->alike = 1000;
	} else if (near_find(frontier_near(o->frontier), &a->sketch, &hit) ==
		   1) {
		lead = (struct frontier_copy){
		    .merit = hit.record.merit, .page = hit.record.page};
		memcpy(lead.id, hit.record.id, 16);
		l->how = OUTLET_NEAR;
		l->alike = (unsigned)(hit.same * 999 + 0.5);
		l->kept_near = hit.same < AS_GOOD;
	} else
		return;
	if (lead.page == l->page || same_id(lead.id, a->id))
		l->how = OUTLET_FIRST; /* Z2 */
	l->lead = lead;
}

/* A page that nothing was known of. */
static void
look_first(const struct outlet *o, const struct config_values *cfg,
    const struct job_article *a, struct outlet_look *l)
{
	struct frontier_copy best;

	if (l->how == OUTLET_FIRST)
		return;
	best = best_of(o, &l->lead);
	l->better = cfg->dedup_better && merit_better(a->merit, best.merit);
	l->takes = l->better;
	memcpy(l->revises, best.id, 16);
	l->drops = !l->better && cfg->dedup_mode == CONFIG_DEDUP_MODE_DROP &&
		   !merit_longer(a->merit, best.merit);
}

void
outlet_look(const struct outlet *o, const struct config_values *cfg,
    const struct frontier_item *it, const struct job_article *a,
    struct outlet_look *l)
{
	memset(l, 0, sizeof *l);
	l->merit = a->gone ? MERIT_GONE : a->merit;
	l->lead.merit = a->merit;
	l->lead.page = l->page = page_of(it);
	memcpy(l->lead.id, a->id, 16);
	if (a->gone) {
		l->takes =
		    own_lead(o, it, &l->lead) && is_best(o, it, &l->lead);
		return;
	}
	look_for(o, cfg, a, l);
	if (has_record(it)) /* it replaces that, whatever it is a copy of */
		l->takes = is_best(o, it, &l->lead);
	else
		look_first(o, cfg, a, l);
}

struct block *
outlet_block_of(const struct outlet *o, const uint8_t id[16])
{
	struct block *b;
	uint32_t i;

	for (b = o->head; b != NULL; b = b->next)
		for (i = 0; i < b->n && b->state != PUT; i++)
			if (same_id(b->lines[i].id, id))
				return b;
	return NULL;
}

/* What its near copies will be found by; when it is sure to land. */
uint64_t
outlet_copy_put(
    struct outlet *o, const struct job_article *a, const struct outlet_look *l)
{
	struct near_record r = {.merit = l->lead.merit, .page = l->lead.page};

	if (!l->kept_near || a->gone)
		return 0;
	memcpy(r.id, l->lead.id, 16);
	return near_put(frontier_near(o->frontier), &a->sketch, &r);
}

/* ---- what its transaction holds ------------------------------------------ */

static void
settle_repeat(struct outlet *o, const struct frontier_item *it,
    const struct outlet_look *c)
{
	if (c->how != OUTLET_FIRST)
		frontier_repeat_put(
		    o->frontier, &it->key, c->lead.id, c->alike);
	else if (it->again)
		frontier_repeat_put(o->frontier, &it->key, NULL, 0);
}

void
outlet_copy_settle(struct outlet *o, const struct line *l)
{
	const struct outlet_look *c = &l->copy;
	struct frontier_copy best = {.merit = c->merit, .page = c->page};

	if (!l->gone && !c->known)
		frontier_text_put(o->frontier, l->text_hash, &c->lead);
	near_settle(frontier_near(o->frontier), l->near);
	if (c->takes) {
		memcpy(best.id, l->id, 16);
		frontier_best_put(o->frontier, c->lead.id, &best);
	}
	settle_repeat(o, l->item, c);
}

void
outlet_drop_settle(struct outlet *o, struct drop *d, int64_t now_ms)
{
	settle_repeat(o, d->item, &d->copy);
	frontier_settle(o->frontier, d->item, URL_NO_ARTICLE, d->status,
	    "duplicate", now_ms);
}
