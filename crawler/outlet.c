/* outlet.c - see outlet.h: the clocks.
 *
 * The loop stands still while a disk makes a commit durable. So a group waits
 * for the pace of commits: state.commit_every, or longer on a slow disk
 * (pace.h). It does not wait when a record would be late (queue.flush_after) or
 * memory is held (OUTLET_GROUP_MAX). */
#include "crawler/outlet_parts.h"

#include <stdlib.h>

#define BLOCKS_MAX 4 /* before their deflate at which outlet_full() */
#define RAW_MAX (4 * OUTLET_RAW_BLOCK) /* of all blocks: outlet_full() */

struct outlet *
outlet_new(struct frontier *f, struct pool *p, struct wq_writer *w,
    void (*changed)(void *), void *arg)
{
	struct outlet *o = calloc(1, sizeof *o);

	if (o == NULL)
		return NULL;
	o->frontier = f;
	o->pool = p;
	o->writer = w;
	o->changed = changed;
	o->arg = arg;
	o->next_seq = wq_next_seq(w);
	return o;
}

void
outlet_free(struct outlet *o)
{
	struct block *b;

	if (o == NULL)
		return;
	while ((b = o->head) != NULL) {
		o->head = b->next;
		outlet_block_free(b);
	}
	wire_free(&o->loose);
	free(o);
}

void
outlet_on_kept(struct outlet *o, outlet_kept *kept, void *arg)
{
	o->kept = kept;
	o->kept_arg = arg;
}

/* ---- the clocks ---------------------------------------------------------- */

int
outlet_flush(struct outlet *o)
{
	if (outlet_empty(o) || o->flush)
		return 0;
	o->flush = 1;
	return 1;
}

void
outlet_seal_soon(struct outlet *o)
{
	struct block *b = o->tail;

	if (b != NULL && b->state == GATHER && b->n > 0)
		b->state = CLOSED;
	o->sealing = 1;
	o->seal_seq = o->next_seq;
}

int
outlet_sealing(const struct outlet *o)
{
	return o->sealing;
}

int
outlet_seals_at(const struct outlet *o, uint64_t seq)
{
	return o->sealing && seq >= o->seal_seq;
}

/* A seal waits for the block. */
static int
is_urgent(const struct outlet *o, const struct block *b)
{
	return o->flush || (o->sealing && b->first_seq < o->seal_seq);
}

/* When the members at the head are to be committed: Unix ms; 0: now, -1: there
 * are none. */
static int64_t
group_due(const struct outlet *o, const struct config_values *cfg)
{
	const struct block *b = o->head;
	int64_t late, at;
	size_t raw = 0;
	int n;

	if (b == NULL || b->state != MEMBER)
		return -1;
	late = b->since_ms + cfg->queue_flush_after;
	for (n = 0; b != NULL && b->state == MEMBER; b = b->next, n++)
		raw += b->raw.len;
	if (is_urgent(o, o->head) || n >= OUTLET_GROUP_MAX || raw > RAW_MAX / 2)
		return 0;
	at = o->committed_ms + pace_ms(&o->pace, cfg->state_commit_every);
	return at < late ? at : late;
}

static void
turn_blocks(struct outlet *o, const struct config_values *cfg, int64_t now_ms)
{
	struct block *b, *next;
	int64_t due;

	for (b = o->head; b != NULL; b = next) {
		next = b->next;
		if (b->state == GATHER && b->n > 0 &&
		    (o->flush || b->json.len >= WQ_BLOCK ||
			b->raw.len >= OUTLET_RAW_BLOCK ||
			now_ms - b->since_ms >= cfg->queue_flush_after))
			b->state = CLOSED;
		if (b->state == CLOSED)
			outlet_deflate(o, b, now_ms);
	}
	due = group_due(o, cfg);
	if (due < 0 || due > now_ms)
		return;
	while (o->head != NULL && o->head->state == MEMBER)
		if (outlet_group_commit(o, now_ms) != 0)
			return;
}

void
outlet_turn(struct outlet *o, const struct config_values *cfg, int64_t now_ms)
{
	o->changes = 0;
	if (o->retry_ms > now_ms || outlet_owed_commit(o, now_ms) != 0)
		return;
	turn_blocks(o, cfg, now_ms);
	if (outlet_empty(o))
		o->flush = 0;
	if (o->retry_ms > now_ms)
		return; /* O2 */
	if (outlet_empty(o) &&
	    (o->sealing || wq_seal_due(o->writer, now_ms) == 0))
		(void)outlet_seal(o, now_ms);
	else if ((o->blocked[0] != '\0' ||
		     (frontier_dirty(o->frontier) > 0 &&
			 now_ms - o->committed_ms >=
			     pace_ms(&o->pace, cfg->state_commit_every))) &&
		 outlet_state_commit(o, NULL, now_ms) == 0)
		outlet_unblocked(o);
}

/* Every moment that was noted moves along. */
void
outlet_set_back(struct outlet *o, int64_t ms)
{
	struct block *b;

	o->committed_ms -= ms;
	o->retry_ms -= ms;
	for (b = o->head; b != NULL; b = b->next)
		b->since_ms -= ms;
}

void
outlet_took(struct outlet *o, int64_t us)
{
	if (o->changes > 0)
		pace_took(&o->pace, (double)o->changes, (double)us);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

int64_t
outlet_wake(
    const struct outlet *o, const struct config_values *cfg, int64_t now_ms)
{
	int64_t at = -1, seal = wq_seal_due(o->writer, now_ms);

	if (o->retry_ms > now_ms)
		return o->retry_ms;
	if (o->tail != NULL && o->tail->state == GATHER && o->tail->n > 0)
		at = o->flush ? now_ms
			      : o->tail->since_ms + cfg->queue_flush_after;
	if (frontier_dirty(o->frontier) > 0)
		at = sooner(at, o->committed_ms +
				    pace_ms(&o->pace, cfg->state_commit_every));
	at = sooner(at, group_due(o, cfg));
	if (o->sealing && outlet_empty(o))
		at = now_ms;
	else if (seal >= 0 && outlet_empty(o))
		at = sooner(at, now_ms + seal);
	return at;
}

int
outlet_empty(const struct outlet *o)
{
	return o->head == NULL || (o->head == o->tail && o->head->n == 0);
}

int
outlet_full(const struct outlet *o)
{
	const struct block *b;
	size_t raw = 0;
	int n = 0;

	for (b = o->head; b != NULL; b = b->next) {
		raw += b->raw.len;
		n += b->state < MEMBER;
	}
	return n > BLOCKS_MAX || o->nblocks > BLOCKS_MAX + OUTLET_GROUP_MAX ||
	       raw > RAW_MAX;
}

const char *
outlet_blocked(const struct outlet *o)
{
	return o->blocked[0] != '\0' ? o->blocked : NULL;
}

int
outlet_no_space(const struct outlet *o)
{
	return o->blocked[0] != '\0' && o->no_space;
}

void
outlet_stat(const struct outlet *o, struct outlet_stat *s)
{
	*s = o->stat;
}
