/* outlet_commit.c - see outlet.h: blocks become members, members lie in the
 * queue, and one transaction counts them. */
#include "crawler/outlet_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crawler/log.h"
#include "crawler/silence.h"

#define RETRY_MS 1000   /* after a write that failed */
#define DEFLATE_TRIES 2 /* in workers; then here */

void
outlet_block_free(struct block *b)
{
	wire_free(&b->json);
	wire_free(&b->raw);
	free(b->lines);
	free(b->drops);
	outlet_with_free(b);
	free(b->member);
	free(b);
}

/* ---- trouble ------------------------------------------------------------- */

static void
blocked(struct outlet *o, int no_space, const char *why, int64_t now_ms)
{
	if (o->blocked[0] == '\0')
		log_error("writing is blocked error=%s", why);
	snprintf(o->blocked, sizeof o->blocked, "%s", why);
	o->no_space = no_space;
	o->retry_ms = now_ms + RETRY_MS;
}

/* A call of the queue's has failed. */
static void
queue_blocked(struct outlet *o, int rc, int64_t now_ms)
{
	const char *why = wq_trouble(o->writer);

	blocked(o, rc == WQ_ENOSPC,
	    (rc == WQ_ENOSPC || rc == WQ_EIO) && *why != '\0' ? why
							      : wq_strerror(rc),
	    now_ms);
}

void
outlet_unblocked(struct outlet *o)
{
	if (o->blocked[0] != '\0')
		log_notice("writing goes on");
	o->blocked[0] = '\0';
	o->retry_ms = 0;
}

/* ---- deflate ------------------------------------------------------------- */

static void
deflated_cb(void *arg, enum pool_result r, const void *answer, size_t len)
{
	struct block *b = arg;
	const void *member;
	size_t n;

	b->state = CLOSED; /* another try, unless this one was good */
	if (r == POOL_OK && job_deflate_unpack(answer, len, &member, &n) == 0 &&
	    (b->member = malloc(n)) != NULL) {
		memcpy(b->member, member, n);
		b->member_len = n;
		b->state = MEMBER;
	}
	b->outlet->changed(b->outlet->arg);
}

/* The last resort when workers fail: the lines are ours and harmless. */
static void
deflate_here(struct block *b, int64_t now_ms)
{
	if (wq_member(b->json.b, b->json.len, b->n, b->first_seq, &b->member,
		&b->member_len) == 0)
		b->state = MEMBER;
	else
		blocked(
		    b->outlet, 0, "cannot compress a block: no memory", now_ms);
}

void
outlet_deflate(struct outlet *o, struct block *b, int64_t now_ms)
{
	struct pool_job j = {.kind = JOB_DEFLATE,
	    .body = b->json.b,
	    .body_len = b->json.len,
	    .done = deflated_cb,
	    .arg = b};

	if (b->tries >= DEFLATE_TRIES) {
		deflate_here(b, now_ms);
		return;
	}
	b->tries++;
	job_deflate_pack(&j.head, b->n, b->first_seq);
	b->state = DEFLATING;
	if (pool_submit(o->pool, &j) != 0) {
		wire_free(&j.head);
		b->state = CLOSED;
		deflate_here(b, now_ms);
	}
}

/* ---- commit -------------------------------------------------------------- */

int
outlet_state_commit(struct outlet *o, const struct wq_pos *pos, int64_t now_ms)
{
	size_t changes = frontier_dirty(o->frontier);
	int rc = frontier_commit(o->frontier, pos);
	const char *why = frontier_trouble(o->frontier);

	if (rc != 0) {
		blocked(o, rc == FRONTIER_ENOSPC,
		    (rc == FRONTIER_ENOSPC || rc == FRONTIER_EIO) &&
			    *why != '\0'
			? why
			: frontier_strerror(rc),
		    now_ms);
		return rc;
	}
	o->stat.commits++;
	o->changes += changes;
	o->committed_ms = now_ms;
	return 0;
}

/* A record counts for its seed and its host; the first of a new text for the
 * hub that led to it. */
static void
line_yields(struct outlet *o, const struct line *l, int64_t now_ms)
{
	if (l->gone)
		return;
	silence_landed(o->frontier, l->item, now_ms);
	if (l->copy.how == OUTLET_FIRST && !l->item->again)
		frontier_credit(o->frontier, &l->item->via_key, 1);
}

/* Everything of the block that the transaction shall hold. */
static void
block_settle(struct outlet *o, struct block *b, int64_t now_ms)
{
	uint32_t i;

	for (i = 0; i < b->n; i++) {
		struct line *l = &b->lines[i];

		outlet_copy_settle(o, l);
		line_yields(o, l, now_ms);
		frontier_settle(o->frontier, l->item,
		    l->gone ? URL_GONE : URL_DONE, l->status, NULL, now_ms);
		l->item = NULL;
	}
	for (i = 0; i < b->ndrops; i++)
		outlet_drop_settle(o, &b->drops[i], now_ms);
	outlet_with_settle(o, b, now_ms);
}

static void
block_kept(struct outlet *o, const struct block *b)
{
	struct wq_raw_place p = b->raw_place;
	uint32_t i;

	for (i = 0; o->kept != NULL && i < b->n; i++)
		if (b->lines[i].raw_len > 0) {
			p.at = b->raw_place.at + b->lines[i].raw;
			o->kept(o->kept_arg, b->lines[i].id, &p);
		}
}

/* The transaction that a wq_sync() waits for (O2). What it failed on is asked
 * again until it is done: the frontier keeps the changes, we the position. */
int
outlet_owed_commit(struct outlet *o, int64_t now_ms)
{
	struct block *b;
	int rc;

	if (!o->owes)
		return 0;
	if ((rc = outlet_state_commit(o, &o->owed, now_ms)) != 0)
		return rc;
	o->owes = 0;
	if ((rc = wq_committed(o->writer, &o->owed)) != 0)
		log_warn("cannot seal a file, trying again later error=%s",
		    wq_trouble(o->writer));
	else if (outlet_seals_at(o, o->owed.seq) &&
		 wq_seal_due(o->writer, now_ms) < 0)
		o->sealing = 0; /* nothing is left in tmp/ */
	while ((b = o->head) != NULL && b->state == PUT) {
		if ((o->head = b->next) == NULL)
			o->tail = NULL;
		block_kept(o, b);
		o->nblocks--;
		outlet_block_free(b);
	}
	outlet_unblocked(o);
	return 0;
}

static int
queue_sync(struct outlet *o, int seal_now, int64_t now_ms)
{
	int rc = wq_sync(o->writer, seal_now, now_ms, &o->owed);

	o->owes = rc == 0;
	return rc;
}

/* O4: a record and its raw page, or neither. */
static int
block_put(struct outlet *o, struct block *b, int64_t now_ms)
{
	int rc = wq_put(
	    o->writer, b->member, b->member_len, b->n, b->json.len, now_ms);

	if (rc == WQ_EINVAL) { /* a worker's member that is none: made here */
		free(b->member);
		b->member = NULL;
		b->state = CLOSED;
		b->tries = DEFLATE_TRIES;
	}
	if (rc != 0 ||
	    (rc = wq_put_raw(o->writer, b->raw.b, b->raw.len)) != 0)
		return rc;
	wq_raw_end(o->writer, &b->raw_place);
	b->raw_place.at -= b->raw.len;
	return 0;
}

/* Puts the members at the head, up to the size of a file. *end: the first that
 * was not put. On an error none of them counts. */
static int
group_put(struct outlet *o, int64_t now_ms, struct block **end)
{
	struct block *b = o->head;
	int rc, n;

	for (n = 0; n < OUTLET_GROUP_MAX && b != NULL && b->state == MEMBER;
	     n++) {
		if ((rc = block_put(o, b, now_ms)) != 0) {
			(void)wq_rollback(o->writer);
			return rc;
		}
		b = b->next;
		if (wq_seal_due(o->writer, now_ms) == 0)
			break;
	}
	*end = b;
	return 0;
}

/* The commit point: file, then state, then the seal. 0: the blocks are gone.
 * After an error of the queue nothing of them counts there. */
int
outlet_group_commit(struct outlet *o, int64_t now_ms)
{
	struct block *b, *end;
	int rc = group_put(o, now_ms, &end);

	if (rc == 0)
		rc = queue_sync(o,
		    outlet_seals_at(
			o, end != NULL ? end->first_seq : o->next_seq),
		    now_ms);
	if (rc != 0) {
		queue_blocked(o, rc, now_ms);
		return rc;
	}
	for (b = o->head; b != end; b = b->next) {
		b->state = PUT;
		block_settle(o, b, now_ms);
	}
	return outlet_owed_commit(o, now_ms);
}

int
outlet_seal(struct outlet *o, int64_t now_ms)
{
	int rc = outlet_owed_commit(o, now_ms);

	if (rc != 0)
		return rc;
	assert(outlet_empty(o));
	/* Without a file to go with there is nothing to find them by. */
	if (wq_put_raw(o->writer, o->loose.b, o->loose.len) == 0)
		o->loose.len = 0;
	if ((rc = queue_sync(o, 1, now_ms)) != 0) {
		queue_blocked(o, rc, now_ms);
		return rc;
	}
	return outlet_owed_commit(o, now_ms);
}

int
outlet_commit(struct outlet *o, int64_t now_ms)
{
	return o->owes ? outlet_owed_commit(o, now_ms)
		       : outlet_state_commit(o, NULL, now_ms);
}
