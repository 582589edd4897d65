/* outlet.c - see outlet.h.
 *
 * A block's life:
 *
 *	GATHER -> CLOSED -> DEFLATING -> MEMBER -> PUT -> committed, freed
 *
 * From MEMBER on they go in groups from the head of the list (O1, O2); the tail
 * is the one that gathers. PUT: written and durable, settled in the frontier,
 * and its transaction owed.
 *
 * The loop stands still while a disk makes a commit durable. So a group waits
 * for the pace of commits: state.commit_every, or longer on a slow disk (pace.h).
 * It does not wait when a record would be late (queue.flush_after) or memory is
 * held (GROUP_MAX). */
#include "crawler/outlet.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crawler/log.h"
#include "crawler/pace.h"
#include "crawler/silence.h"

#define BLOCKS_MAX 4	   /* before their deflate at which outlet_full() */
#define RAW_BLOCK (8 << 20) /* raw pages that close a block */
#define RAW_MAX (4 * RAW_BLOCK) /* of all blocks: outlet_full() */
#define GROUP_MAX 16	   /* blocks of a commit */
#define RETRY_MS 1000	   /* after a write that failed */
#define DEFLATE_TRIES 2	   /* in workers; then here */

enum block_state { GATHER, CLOSED, DEFLATING, MEMBER, PUT };

struct line { /* a URL of the block */
	struct frontier_item *item;
	uint64_t text_hash;
	uint8_t id[16];
	int status;
	int first; /* not a repeat: its text is known from here on */
	int gone;  /* the record says that the page is */
};

struct block {
	struct outlet *outlet;
	struct block *next;
	enum block_state state;
	struct wire_out json, raw; /* raw: members of the WARC file */
	struct line *lines;
	uint32_t n, cap;
	uint64_t first_seq;
	int64_t since_ms;
	void *member;
	size_t member_len;
	int tries;
};

struct outlet {
	struct frontier *frontier;
	struct pool *pool;
	struct wq_writer *writer;
	void (*changed)(void *);
	void *arg;
	struct block *head, *tail;
	int nblocks, flush;
	struct wire_out loose; /* raw pages without a line, for the next block */
	size_t loose_lost;
	int owes;	    /* 1: a transaction with owed is due before all else */
	struct wq_pos owed;
	uint64_t next_seq;
	int64_t committed_ms, retry_ms;
	struct pace pace;
	size_t changes; /* committed in this turn */
	char blocked[4608]; /* a path, and words */
	int no_space;
	struct outlet_stat stat;
};

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

static void
block_free(struct block *b)
{
	wire_free(&b->json);
	wire_free(&b->raw);
	free(b->lines);
	free(b->member);
	free(b);
}

void
outlet_free(struct outlet *o)
{
	struct block *b;

	if (o == NULL)
		return;
	while ((b = o->head) != NULL) {
		o->head = b->next;
		block_free(b);
	}
	wire_free(&o->loose);
	free(o);
}

/* ---- gathering ------------------------------------------------------------- */

static struct block *
block_begin(struct outlet *o, int64_t now_ms)
{
	struct block *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	b->outlet = o;
	b->first_seq = o->next_seq;
	b->since_ms = now_ms;
	b->raw = o->loose;
	memset(&o->loose, 0, sizeof o->loose);
	if (o->tail != NULL)
		o->tail->next = b;
	else
		o->head = b;
	o->tail = b;
	o->nblocks++;
	return b;
}

/* All of it, or nothing and -1: no memory. */
static int
put_all(struct wire_out *out, const void *p, size_t n)
{
	size_t len = out->len;

	wire_put(out, p, n);
	if (!out->err)
		return 0;
	out->len = len;
	out->err = 0;
	return -1;
}

void
outlet_keep(struct outlet *o, const void *member, size_t len)
{
	struct block *b = o->tail;
	struct wire_out *to =
	    b != NULL && b->state == GATHER ? &b->raw : &o->loose;

	if (to->len + len <= RAW_BLOCK && put_all(to, member, len) == 0)
		return;
	if (o->loose_lost++ == 0)
		log_notice("pages without an article are not kept: no block of "
			   "records takes them along");
}

/* The block for a line of n bytes: the one that gathers, or a new one. A line
 * larger than a block gets one of its own. */
static struct block *
block_for(struct outlet *o, size_t n, int64_t now_ms)
{
	struct block *b = o->tail;

	if (b != NULL && b->state == GATHER && b->n > 0 &&
	    b->json.len + n > WQ_BLOCK)
		b->state = CLOSED;
	if (b == NULL || b->state != GATHER)
		b = block_begin(o, now_ms);
	return b;
}

/* The earlier record with this text, in the store or in a block on its way. */
static int
find_text(const struct outlet *o, uint64_t hash, uint8_t id[16])
{
	const struct block *b;
	uint32_t i;

	for (b = o->head; b != NULL; b = b->next)
		for (i = 0; i < b->n; i++)
			if (b->lines[i].text_hash == hash &&
			    b->lines[i].first) {
				memcpy(id, b->lines[i].id, 16);
				return 1;
			}
	return frontier_text_get(o->frontier, hash, id);
}

static void
splice(struct wire_out *out, const struct winnow_line *l,
    const uint8_t *dup_of, uint64_t seq)
{
	char num[24], id[48];
	int i, n;

	wire_put(out, l->json, l->dup_at);
	if (dup_of != NULL) {
		n = snprintf(id, sizeof id, "\"w1-");
		for (i = 0; i < 16; i++)
			n += snprintf(id + n, sizeof id - (size_t)n, "%02x",
			    dup_of[i]);
		id[n++] = '"';
		wire_put(out, id, (size_t)n);
	} else
		wire_put(out, "null", 4);
	wire_put(out, l->json + l->dup_at, l->seq_at - l->dup_at);
	n = snprintf(num, sizeof num, "%llu", (unsigned long long)seq);
	wire_put(out, num, (size_t)n);
	wire_put(out, l->json + l->seq_at, l->len - l->seq_at);
}

static struct line *
block_line(struct block *b)
{
	struct line *l;

	if (b->n == b->cap) {
		uint32_t cap = b->cap != 0 ? b->cap * 2 : 64;

		if ((l = realloc(b->lines, cap * sizeof *l)) == NULL)
			return NULL;
		b->lines = l;
		b->cap = cap;
	}
	return &b->lines[b->n];
}

/* id: of the earlier record with its text. */
static int
is_repeat(const struct outlet *o, const struct config_values *cfg,
    const struct job_article *a, uint8_t id[16])
{
	return cfg->dedup_mode != CONFIG_DEDUP_MODE_OFF && !a->gone &&
	       find_text(o, a->text_hash, id) && memcmp(id, a->id, 16) != 0;
}

int
outlet_repeats(const struct outlet *o, const struct config_values *cfg,
    const struct job_article *a)
{
	uint8_t id[16];

	return is_repeat(o, cfg, a, id);
}

int
outlet_drops(const struct outlet *o, const struct config_values *cfg,
    const struct job_article *a)
{
	return cfg->dedup_mode == CONFIG_DEDUP_MODE_DROP &&
	       outlet_repeats(o, cfg, a);
}

int
outlet_add(struct outlet *o, const struct config_values *cfg,
    struct frontier_item *item, const struct job_article *a, int status,
    int64_t now_ms, int *repeat)
{
	struct block *b = block_for(o, a->line.len + 64, now_ms);
	struct line *l;
	uint8_t id[16];
	size_t len, raw;

	*repeat = is_repeat(o, cfg, a, id);
	if (*repeat && cfg->dedup_mode == CONFIG_DEDUP_MODE_DROP) {
		o->stat.repeats++;
		if (a->raw_len > 0)
			outlet_keep(o, a->raw, a->raw_len);
		frontier_settle(o->frontier, item, URL_NO_ARTICLE, status,
		    "duplicate", now_ms);
		return 0;
	}
	if (b == NULL || (l = block_line(b)) == NULL)
		return -1;
	len = b->json.len;
	raw = b->raw.len;
	if (a->raw_len > 0 && put_all(&b->raw, a->raw, a->raw_len) != 0)
		return -1;
	splice(&b->json, &a->line, *repeat ? id : NULL, o->next_seq);
	if (b->json.err) {
		b->json.len = len;
		b->json.err = 0;
		b->raw.len = raw;
		return -1;
	}
	l->item = item;
	l->status = status;
	l->text_hash = a->text_hash;
	l->first = !*repeat && !a->gone;
	l->gone = a->gone;
	memcpy(l->id, a->id, 16);
	b->n++;
	o->next_seq++;
	o->stat.records++;
	o->stat.repeats += *repeat != 0;
	return 0;
}

/* ---- trouble ----------------------------------------------------------------- */

static void
blocked(struct outlet *o, int no_space, const char *why, int64_t now_ms)
{
	if (o->blocked[0] == '\0')
		log_error("writing is blocked: %s", why);
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
	    (rc == WQ_ENOSPC || rc == WQ_EIO) && *why != '\0'
		? why
		: wq_strerror(rc),
	    now_ms);
}

static void
unblocked(struct outlet *o)
{
	if (o->blocked[0] != '\0')
		log_notice("writing goes on");
	o->blocked[0] = '\0';
	o->retry_ms = 0;
}

/* ---- deflate ------------------------------------------------------------------ */

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
		blocked(b->outlet, 0, "cannot compress a block: no memory",
		    now_ms);
}

static void
block_deflate(struct outlet *o, struct block *b, int64_t now_ms)
{
	struct pool_job j = { .kind = JOB_DEFLATE,
		.body = b->json.b,
		.body_len = b->json.len,
		.done = deflated_cb,
		.arg = b };

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

/* ---- commit -------------------------------------------------------------------- */

static int
state_commit(struct outlet *o, const struct wq_pos *pos, int64_t now_ms)
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
	if (l->first && !l->item->again)
		frontier_credit(o->frontier, &l->item->via_key, 1);
}

/* Everything of the block that the transaction shall hold. */
static void
block_settle(struct outlet *o, struct block *b, int64_t now_ms)
{
	uint32_t i;

	for (i = 0; i < b->n; i++) {
		struct line *l = &b->lines[i];

		if (l->first)
			frontier_text_put(o->frontier, l->text_hash, l->id);
		line_yields(o, l, now_ms);
		frontier_settle(o->frontier, l->item,
		    l->gone ? URL_GONE : URL_DONE, l->status, NULL, now_ms);
		l->item = NULL;
	}
}

/* The transaction that a wq_sync() waits for (O2). What it failed on is asked
 * again until it is done: the frontier keeps the changes, we the position. */
static int
owed_commit(struct outlet *o, int64_t now_ms)
{
	struct block *b;
	int rc;

	if (!o->owes)
		return 0;
	if ((rc = state_commit(o, &o->owed, now_ms)) != 0)
		return rc;
	o->owes = 0;
	if ((rc = wq_committed(o->writer, &o->owed)) != 0)
		log_warn("cannot seal a file, trying again later: %s",
		    wq_trouble(o->writer));
	while ((b = o->head) != NULL && b->state == PUT) {
		if ((o->head = b->next) == NULL)
			o->tail = NULL;
		o->nblocks--;
		block_free(b);
	}
	unblocked(o);
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
	int rc = wq_put(o->writer, b->member, b->member_len, b->n,
	    b->json.len, now_ms);

	if (rc == WQ_EINVAL) { /* a worker's member that is none: made here */
		free(b->member);
		b->member = NULL;
		b->state = CLOSED;
		b->tries = DEFLATE_TRIES;
	}
	return rc != 0 ? rc : wq_put_raw(o->writer, b->raw.b, b->raw.len);
}

/* Puts the members at the head, up to the size of a file. *end: the first that
 * was not put. On an error none of them counts. */
static int
group_put(struct outlet *o, int64_t now_ms, struct block **end)
{
	struct block *b = o->head;
	int rc, n;

	for (n = 0; n < GROUP_MAX && b != NULL && b->state == MEMBER; n++) {
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
static int
group_commit(struct outlet *o, int64_t now_ms)
{
	struct block *b, *end;
	int rc = group_put(o, now_ms, &end);

	if (rc == 0)
		rc = queue_sync(o, 0, now_ms);
	if (rc != 0) {
		queue_blocked(o, rc, now_ms);
		return rc;
	}
	for (b = o->head; b != end; b = b->next) {
		b->state = PUT;
		block_settle(o, b, now_ms);
	}
	return owed_commit(o, now_ms);
}

int
outlet_seal(struct outlet *o, int64_t now_ms)
{
	int rc = owed_commit(o, now_ms);

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
	return owed_commit(o, now_ms);
}

int
outlet_commit(struct outlet *o, int64_t now_ms)
{
	return o->owes ? owed_commit(o, now_ms) : state_commit(o, NULL, now_ms);
}

/* ---- the clocks ------------------------------------------------------------------ */

int
outlet_flush(struct outlet *o)
{
	if (outlet_empty(o) || o->flush)
		return 0;
	o->flush = 1;
	return 1;
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
	if (o->flush || n >= GROUP_MAX || raw > RAW_MAX / 2)
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
			b->raw.len >= RAW_BLOCK ||
			now_ms - b->since_ms >= cfg->queue_flush_after))
			b->state = CLOSED;
		if (b->state == CLOSED)
			block_deflate(o, b, now_ms);
	}
	due = group_due(o, cfg);
	if (due < 0 || due > now_ms)
		return;
	while (o->head != NULL && o->head->state == MEMBER)
		if (group_commit(o, now_ms) != 0)
			return;
}

void
outlet_turn(struct outlet *o, const struct config_values *cfg, int64_t now_ms)
{
	o->changes = 0;
	if (o->retry_ms > now_ms || owed_commit(o, now_ms) != 0)
		return;
	turn_blocks(o, cfg, now_ms);
	if (outlet_empty(o))
		o->flush = 0;
	if (o->retry_ms > now_ms)
		return; /* O2 */
	if (outlet_empty(o) && wq_seal_due(o->writer, now_ms) == 0)
		(void)outlet_seal(o, now_ms);
	else if ((o->blocked[0] != '\0' ||
		     (frontier_dirty(o->frontier) > 0 &&
			 now_ms - o->committed_ms >= pace_ms(&o->pace, cfg->state_commit_every))) &&
	    state_commit(o, NULL, now_ms) == 0)
		unblocked(o);
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
outlet_wake(const struct outlet *o, const struct config_values *cfg,
    int64_t now_ms)
{
	int64_t at = -1, seal = wq_seal_due(o->writer, now_ms);

	if (o->retry_ms > now_ms)
		return o->retry_ms;
	if (o->tail != NULL && o->tail->state == GATHER && o->tail->n > 0)
		at = o->flush ? now_ms
			      : o->tail->since_ms + cfg->queue_flush_after;
	if (frontier_dirty(o->frontier) > 0)
		at = sooner(at, o->committed_ms + pace_ms(&o->pace, cfg->state_commit_every));
	at = sooner(at, group_due(o, cfg));
	if (seal >= 0 && outlet_empty(o))
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
	return n > BLOCKS_MAX || o->nblocks > BLOCKS_MAX + GROUP_MAX ||
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
