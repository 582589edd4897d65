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

static void
put_id(struct wire_out *out, const uint8_t id[16])
{
	char s[48];
	int i, n;

	n = snprintf(s, sizeof s, "\"w1-");
	for (i = 0; i < 16; i++)
		n += snprintf(s + n, sizeof s - (size_t)n, "%02x", id[i]);
	s[n++] = '"';
	wire_put(out, s, (size_t)n);
}

/* From one place of the line to the next. */
static void
put_up_to(struct wire_out *out, const struct winnow_line *l, uint32_t *at,
    size_t to)
{
	wire_put(out, l->json + *at, to - *at);
	*at = (uint32_t)to;
}

static void
splice(struct wire_out *out, const struct winnow_line *l,
    const struct outlet_look *c, uint64_t seq)
{
	static const char corrected[] = "\"corrected\",\"revises\":";
	char num[24];
	uint32_t at = 0;

	if (c->better) {
		put_up_to(out, l, &at, l->event_at);
		wire_put(out, corrected, sizeof corrected - 1);
		put_id(out, c->revises);
		at = l->event_end;
	}
	put_up_to(out, l, &at, l->dup_at);
	if (c->how != OUTLET_FIRST)
		put_id(out, c->lead.id);
	else
		wire_put(out, "null", 4);
	put_up_to(out, l, &at, l->seq_at);
	wire_put(out, num,
	    (size_t)snprintf(
		num, sizeof num, "%llu", (unsigned long long)seq));
	put_up_to(out, l, &at, l->alike_at);
	if (c->how != OUTLET_FIRST)
		wire_put(out, num,
		    (size_t)snprintf(
			num, sizeof num, "%g", c->alike / 1000.0));
	else
		wire_put(out, "null", 4);
	put_up_to(out, l, &at, l->len);
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

static struct drop *
block_drop(struct block *b)
{
	struct drop *d;

	if (b->ndrops == b->drops_cap) {
		uint32_t cap = b->drops_cap != 0 ? b->drops_cap * 2 : 16;

		if ((d = realloc(b->drops, cap * sizeof *d)) == NULL)
			return NULL;
		b->drops = d;
		b->drops_cap = cap;
	}
	return &b->drops[b->ndrops++];
}

/* Z4: with the block of the record for which it is left out, or now. */
static int
leave_out(struct outlet *o, struct frontier_item *item,
    const struct job_article *a, const struct outlet_look *look, int status,
    int64_t now_ms)
{
	struct block *b = outlet_block_of(o, look->lead.id);
	struct drop now, *d = b != NULL ? block_drop(b) : &now;

	if (d == NULL)
		return -1;
	*d = (struct drop){item, *look, status};
	if (a->raw_len > 0)
		outlet_keep(o, a->raw, a->raw_len);
	if (b == NULL)
		outlet_drop_settle(o, d, now_ms);
	o->stat.repeats++;
	o->stat.near += look->how == OUTLET_NEAR;
	return 0;
}

/* Its line and its raw page, or neither and -1: no memory. */
static int
block_write(struct block *b, const struct job_article *a,
    const struct outlet_look *look, uint64_t seq)
{
	size_t len = b->json.len, raw = b->raw.len;

	if (a->raw_len > 0 && put_all(&b->raw, a->raw, a->raw_len) != 0)
		return -1;
	splice(&b->json, &a->line, look, seq);
	if (!b->json.err)
		return 0;
	b->json.len = len;
	b->json.err = 0;
	b->raw.len = raw;
	return -1;
}

int
outlet_add(struct outlet *o, struct frontier_item *item,
    const struct job_article *a, const struct outlet_look *look, int status,
    int64_t now_ms)
{
	struct block *b;
	struct line *l;
	size_t raw;

	if (look->drops)
		return leave_out(o, item, a, look, status, now_ms);
	b = block_for(o, a->line.len + 256, now_ms);
	if (b == NULL || (l = block_line(b)) == NULL)
		return -1;
	raw = b->raw.len;
	if (block_write(b, a, look, o->next_seq) != 0)
		return -1;
	*l = (struct line){.item = item,
	    .status = status,
	    .text_hash = a->text_hash,
	    .copy = *look,
	    .gone = a->gone,
	    .raw = raw,
	    .raw_len = a->raw_len};
	memcpy(l->id, a->id, 16);
	l->near = outlet_copy_put(o, a, look);
	b->n++;
	o->next_seq++;
	o->stat.records++;
	o->stat.repeats += look->how != OUTLET_FIRST;
	o->stat.near += look->how == OUTLET_NEAR;
	o->stat.better += look->better != 0;
	return 0;
}
