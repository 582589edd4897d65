/* outlet_gather.c - see outlet.h: lines gather into blocks. */
#include "crawler/outlet_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crawler/log.h"

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

	if (to->len + len <= OUTLET_RAW_BLOCK && put_all(to, member, len) == 0)
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
splice(struct wire_out *out, const struct winnow_line *l, const uint8_t *dup_of,
    uint64_t seq)
{
	char num[24], id[48];
	int i, n;

	wire_put(out, l->json, l->dup_at);
	if (dup_of != NULL) {
		n = snprintf(id, sizeof id, "\"w1-");
		for (i = 0; i < 16; i++)
			n += snprintf(
			    id + n, sizeof id - (size_t)n, "%02x", dup_of[i]);
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
	l->raw = raw;
	l->raw_len = a->raw_len;
	b->n++;
	o->next_seq++;
	o->stat.records++;
	o->stat.repeats += *repeat != 0;
	return 0;
}
