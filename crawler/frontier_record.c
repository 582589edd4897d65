/* frontier_record.c - byte layouts of the state store.
 *
 *	url	state and chain 1, type and flags 1, status 2, seconds 4, hash 8,
 *		reason 1, seed v, depth v, [PRIORITY 1] [TRIES hops 1, tries 1]
 *		[VIA number less its own v, [FAR host 8]]
 *		[REQUESTED number less its own v, host 8]
 *		[PUBLISHED own 1, seconds 7] [reason 255: len 1, bytes] shared v, tail
 *	again	yield 2, at_ms 6, hub 1, event 1, asked_ms 6, changed_ms 6,
 *		interval_ms 6, rate 4, asks 4, changes 4, barren 2, id 16,
 *		text_hash 8, body_hash 8, etag len 2, usual 4, found 2,
 *		landed 2, etag, last_modified
 *	host	next_ms 6, rota_ms 6, last_record_ms 6, failures, poisoned,
 *		urls, due, again, day, day_pages, latency_ms, gap_s,
 *		crawl_delay_ms, crawl_delay_of, young 4 each,
 *		day_bytes 8, records 8, rhythm 31, name
 *	due, later, rota	no value
 *
 * Integers are big-endian; v is a number of 7 bits a byte, the last one below
 * 128. What every settle writes has a fixed size: a row that is settled stays
 * where it is. A URL of 70 bytes found on a page of its own site takes about 60
 * here, 15 for the engine, 13 among those seen, and 6 until it is asked for. */
#include "crawler/frontier_record.h"

#include <string.h>

enum {
	TYPE_BITS = 7,
	HAS_PRIORITY = 8,
	HAS_TRIES = 16,
	HAS_VIA = 32,
	HAS_REQUESTED = 64,
	HAS_PUBLISHED = 128
};
_Static_assert((int)URL_LIST_NEXT <= (int)TYPE_BITS, "types have three bits");
#define STATE_BITS 0x1f
#define CHAIN_SHIFT 5
#define CHAIN_BITS 3
#define VIA_FAR 0x80 /* of state and chain */
#define URL_FIXED 17

/* ---- integers and keys -------------------------------------------------- */

static void
put_be(uint8_t *p, uint64_t v, int bytes)
{
	while (bytes-- > 0) {
		p[bytes] = (uint8_t)v;
		v >>= 8;
	}
}

static uint64_t
get_be(const uint8_t *p, int bytes)
{
	uint64_t v = 0;
	int i;

	for (i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

void
put16(uint8_t *p, uint32_t v)
{
	put_be(p, v, 2);
}

void
put40(uint8_t *p, uint64_t v)
{
	put_be(p, v, 5);
}

void
put48(uint8_t *p, uint64_t v)
{
	put_be(p, v, 6);
}

void
put64(uint8_t *p, uint64_t v)
{
	put_be(p, v, 8);
}

uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)get_be(p, 2);
}

uint64_t
get40(const uint8_t *p)
{
	return get_be(p, 5);
}

uint64_t
get48(const uint8_t *p)
{
	return get_be(p, 6);
}

uint64_t
get64(const uint8_t *p)
{
	return get_be(p, 8);
}

void
key_pack(uint8_t out[KEY_LEN], const struct winnow_key *key)
{
	put64(out, key->host);
	put64(out + 8, key->url);
}

int
key_is_zero(const struct winnow_key *key)
{
	return key->host == 0 && key->url == 0;
}

uint8_t
due_class(int priority)
{
	int class = 127 - priority;

	return (uint8_t)(class < DUE_AGAIN ? class : DUE_AGAIN - 1);
}

size_t
due_pack(uint8_t out[DUE_MAX], uint64_t host, const struct due *due)
{
	uint8_t *p = out + 9;

	put64(out, host);
	out[8] = due->class;
	if (due_timed(due->class)) {
		put48(p, (uint64_t)due->at_ms);
		p += 6;
	}
	put40(p, due->ref);
	return (size_t)(p - out) + REF_LEN;
}

int
due_unpack(const uint8_t *p, size_t len, struct due *due)
{
	*due = (struct due){0};
	if (len < 9)
		return -1;
	due->class = p[8];
	if (len != (due_timed(p[8]) ? 20 : 14))
		return -1;
	if (due_timed(p[8]))
		due->at_ms = (int64_t)get48(p + 9);
	due->ref = get40(p + len - REF_LEN);
	return 0;
}

void
rota_pack(uint8_t out[ROTA_LEN], int64_t ms, uint64_t host)
{
	put48(out, (uint64_t)ms);
	put64(out + 6, host);
}

/* ---- URL ---------------------------------------------------------------- */

static uint8_t *
put_v(uint8_t *p, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*p++ = (uint8_t)(v | 0x80);
	*p++ = (uint8_t)v;
	return p;
}

static uint8_t *
put_bytes(uint8_t *p, const void *from, size_t n)
{
	if (n > 0)
		memcpy(p, from, n);
	return p + n;
}

static uint8_t
url_flags(const struct url_record *r)
{
	return (uint8_t)((r->priority != 0 ? HAS_PRIORITY : 0) |
			 (r->hops != 0 || r->tries != 0 ? HAS_TRIES : 0) |
			 (r->via != 0 ? HAS_VIA : 0) |
			 (r->requested != 0 ? HAS_REQUESTED : 0) |
			 (r->published != 0 || r->own != 0 ? HAS_PUBLISHED
							   : 0));
}

size_t
url_record_pack(
    uint8_t out[URL_RECORD_MAX], uint64_t ref, const struct url_record *r)
{
	uint8_t flags = url_flags(r), *p = out + URL_FIXED;
	size_t reason = r->reason_len < REASON_MAX ? r->reason_len : REASON_MAX;

	out[0] = (uint8_t)(r->state | r->chain << CHAIN_SHIFT |
			   (r->via_host != 0 ? VIA_FAR : 0));
	out[1] = (uint8_t)((r->type & TYPE_BITS) | flags);
	put_be(out + 2, r->status, 2);
	put_be(out + 4, (uint64_t)r->changed_ms / 1000, 4);
	put64(out + 8, r->hash);
	out[16] = r->reason_code;
	p = put_v(p, r->seed);
	p = put_v(p, r->depth);
	if (flags & HAS_PRIORITY)
		*p++ = (uint8_t)r->priority;
	if (flags & HAS_TRIES) {
		*p++ = r->hops;
		*p++ = r->tries;
	}
	if (flags & HAS_VIA) {
		p = put_v(p, ref - r->via);
		if (r->via_host != 0) {
			put64(p, r->via_host);
			p += 8;
		}
	}
	if (flags & HAS_REQUESTED) {
		p = put_v(p, ref - r->requested);
		put64(p, r->requested_host);
		p += 8;
	}
	if (flags & HAS_PUBLISHED) {
		*p++ = (uint8_t)r->own;
		put_be(p, (uint64_t)r->published, 7);
		p += 7;
	}
	if (r->reason_code == REASON_TEXT) {
		*p++ = (uint8_t)reason;
		p = put_bytes(p, r->reason, reason);
	}
	p = put_v(p, r->shared);
	p = put_bytes(p, r->tail, r->tail_len);
	return (size_t)(p - out);
}

/* What is left of a row; bad: something was not there. */
struct take {
	const uint8_t *p, *end;
	int bad;
};

static const uint8_t *
take(struct take *t, size_t n)
{
	static const uint8_t none[255];
	const uint8_t *at = t->p;

	if ((size_t)(t->end - t->p) < n) {
		t->bad = 1;
		return none;
	}
	t->p += n;
	return at;
}

static uint64_t
take_v(struct take *t)
{
	uint64_t v = 0;
	uint8_t b = 0x80;
	int shift;

	for (shift = 0; b & 0x80 && shift < 42; shift += 7) {
		b = *take(t, 1);
		v |= (uint64_t)(b & 0x7f) << shift;
	}
	t->bad |= b & 0x80;
	return v;
}

/* A number before the row's own: what is read from it in turn comes to an end. */
static uint64_t
take_ref(struct take *t, uint64_t ref)
{
	uint64_t back = take_v(t);

	t->bad |= back == 0 || back >= ref;
	return ref - back;
}

static int64_t
signed56(uint64_t v)
{
	static const uint64_t sign = (uint64_t)1 << 55;

	return (int64_t)(v ^ sign) - (int64_t)sign;
}

int
url_record_unpack(
    const uint8_t *p, size_t len, uint64_t ref, struct url_record *r)
{
	struct take t = {p + URL_FIXED, p + len, 0};
	uint64_t shared;

	*r = (struct url_record){0};
	if (len < URL_FIXED || (p[0] & STATE_BITS) >= URL_STATE_N)
		return -1;
	r->state = p[0] & STATE_BITS;
	r->chain = p[0] >> CHAIN_SHIFT & CHAIN_BITS;
	r->type = p[1] & TYPE_BITS;
	r->status = (uint16_t)get_be(p + 2, 2);
	r->changed_ms = (int64_t)get_be(p + 4, 4) * 1000;
	r->hash = get64(p + 8);
	r->reason_code = p[16];
	r->seed = (uint32_t)take_v(&t);
	r->depth = (uint16_t)take_v(&t);
	if (p[1] & HAS_PRIORITY)
		r->priority = (int8_t)*take(&t, 1);
	if (p[1] & HAS_TRIES) {
		r->hops = *take(&t, 1);
		r->tries = *take(&t, 1);
	}
	if (p[1] & HAS_VIA) {
		r->via = take_ref(&t, ref);
		r->via_host = p[0] & VIA_FAR ? get64(take(&t, 8)) : 0;
	}
	if (p[1] & HAS_REQUESTED) {
		r->requested = take_ref(&t, ref);
		r->requested_host = get64(take(&t, 8));
	}
	if (p[1] & HAS_PUBLISHED) {
		r->own = (int8_t)*take(&t, 1);
		r->published = signed56(get_be(take(&t, 7), 7));
	}
	if (r->reason_code == REASON_TEXT) {
		r->reason_len = *take(&t, 1);
		r->reason = (const char *)take(&t, r->reason_len);
	}
	shared = take_v(&t);
	r->shared = (uint16_t)shared;
	r->tail = (const char *)t.p;
	r->tail_len = (size_t)(t.end - t.p);
	return t.bad || shared + r->tail_len > WINNOW_URL_MAX ||
		       (shared > 0 && r->via == 0)
		   ? -1
		   : 0;
}

/* ---- memory ------------------------------------------------------------- */

#define AGAIN_FIXED 84
#define AGAIN_ALONE 0x80 /* of the byte of hub: alone_hash is the end */

uint8_t
again_class(const struct frontier_memory *m)
{
	return m->hub ? DUE_HUB : DUE_AGAIN;
}

static size_t
bounded(const char *s, size_t max)
{
	return s != NULL ? strnlen(s, max) : 0;
}

size_t
again_record_pack(
    uint8_t out[AGAIN_RECORD_MAX], const struct frontier_memory *m, int64_t at)
{
	size_t etag = bounded(m->etag, FRONTIER_ETAG_MAX);
	size_t lm = bounded(m->last_modified, FRONTIER_LAST_MODIFIED_MAX);
	uint32_t rate, usual;

	memcpy(&rate, &m->rate, sizeof rate);
	memcpy(&usual, &m->usual, sizeof usual);
	put_be(out + AGAIN_YIELD, m->yield, 2);
	put48(out + 2, (uint64_t)at);
	out[8] = m->hub | (m->alone_hash != 0 ? AGAIN_ALONE : 0);
	out[9] = m->event;
	put48(out + 10, (uint64_t)m->asked_ms);
	put48(out + 16, (uint64_t)m->changed_ms);
	put48(out + 22, (uint64_t)m->interval_ms);
	put_be(out + 28, rate, 4);
	put_be(out + 32, m->asks, 4);
	put_be(out + 36, m->changes, 4);
	put_be(out + 40, m->barren, 2);
	memcpy(out + 42, m->id, 16);
	put64(out + 58, m->text_hash);
	put64(out + 66, m->body_hash);
	put_be(out + 74, etag, 2);
	put_be(out + 76, usual, 4);
	put_be(out + 80, m->found, 2);
	put_be(out + 82, m->landed, 2);
	if (etag > 0)
		memcpy(out + AGAIN_FIXED, m->etag, etag);
	if (lm > 0)
		memcpy(out + AGAIN_FIXED + etag, m->last_modified, lm);
	if (m->alone_hash == 0)
		return AGAIN_FIXED + etag + lm;
	put64(out + AGAIN_FIXED + etag + lm, m->alone_hash);
	return AGAIN_FIXED + etag + lm + 8;
}

int
again_record_unpack(const uint8_t *p, size_t len, struct again_record *r)
{
	struct frontier_memory *m = &r->memory;
	uint32_t rate, usual;

	*r = (struct again_record){0};
	if (len < AGAIN_FIXED || len > AGAIN_RECORD_MAX)
		return -1;
	if ((p[8] & AGAIN_ALONE) != 0) {
		if (len < AGAIN_FIXED + 8)
			return -1;
		len -= 8;
		m->alone_hash = get64(p + len);
	}
	m->yield = (uint16_t)get_be(p + AGAIN_YIELD, 2);
	r->at_ms = (int64_t)get48(p + 2);
	m->hub = (uint8_t)(p[8] & ~AGAIN_ALONE);
	m->event = p[9];
	m->asked_ms = (int64_t)get48(p + 10);
	m->changed_ms = (int64_t)get48(p + 16);
	m->interval_ms = (int64_t)get48(p + 22);
	rate = (uint32_t)get_be(p + 28, 4);
	memcpy(&m->rate, &rate, sizeof rate);
	usual = (uint32_t)get_be(p + 76, 4);
	memcpy(&m->usual, &usual, sizeof usual);
	m->found = get16(p + 80);
	m->landed = get16(p + 82);
	m->asks = (uint32_t)get_be(p + 32, 4);
	m->changes = (uint32_t)get_be(p + 36, 4);
	m->barren = (uint16_t)get_be(p + 40, 2);
	memcpy(m->id, p + 42, 16);
	m->text_hash = get64(p + 58);
	m->body_hash = get64(p + 66);
	r->etag = (const char *)p + AGAIN_FIXED;
	r->etag_len = (size_t)get_be(p + 74, 2);
	if (r->etag_len > FRONTIER_ETAG_MAX || r->etag_len > len - AGAIN_FIXED)
		return -1;
	r->last_modified = r->etag + r->etag_len;
	r->last_modified_len = len - AGAIN_FIXED - r->etag_len;
	return r->last_modified_len <= FRONTIER_LAST_MODIFIED_MAX ? 0 : -1;
}

/* ---- host --------------------------------------------------------------- */

#define HOST_WORDS 12
#define HOST_FIXED (65 + 4 * HOST_WORDS)

size_t
host_record_pack(uint8_t out[HOST_RECORD_MAX], const struct host_record *r)
{
	size_t n = r->name_len < HOST_NAME_MAX ? r->name_len : HOST_NAME_MAX;
	const struct frontier_host *h = &r->host;
	const uint32_t words[HOST_WORDS] = {h->failures, h->poisoned, h->urls, h->due,
	    h->again, h->day, h->day_pages, h->latency_ms, h->gap_s,
	    h->crawl_delay_ms, h->crawl_delay_of, r->young};
	uint8_t *rest = out + 18 + 4 * HOST_WORDS;
	size_t i;

	put48(out, (uint64_t)h->next_ms);
	put48(out + 6, (uint64_t)r->rota_ms);
	put48(out + 12, (uint64_t)h->last_record_ms);
	for (i = 0; i < HOST_WORDS; i++)
		put_be(out + 18 + 4 * i, words[i], 4);
	put64(rest, h->day_bytes);
	put64(rest + 8, h->records);
	memcpy(rest + 16, h->rhythm, sizeof h->rhythm);
	if (n > 0)
		memcpy(out + HOST_FIXED, r->name, n);
	return HOST_FIXED + n;
}

int
host_record_unpack(const uint8_t *p, size_t len, struct host_record *r)
{
	struct frontier_host *h = &r->host;
	uint32_t *const words[HOST_WORDS] = {&h->failures, &h->poisoned, &h->urls,
	    &h->due, &h->again, &h->day, &h->day_pages, &h->latency_ms,
	    &h->gap_s, &h->crawl_delay_ms, &h->crawl_delay_of, &r->young};
	const uint8_t *rest = p + 18 + 4 * HOST_WORDS;
	size_t i;

	if (len < HOST_FIXED || len > HOST_RECORD_MAX)
		return -1;
	*r = (struct host_record){0};
	h->next_ms = (int64_t)get48(p);
	r->rota_ms = (int64_t)get48(p + 6);
	h->last_record_ms = (int64_t)get48(p + 12);
	for (i = 0; i < HOST_WORDS; i++)
		*words[i] = (uint32_t)get_be(p + 18 + 4 * i, 4);
	h->day_bytes = get64(rest);
	h->records = get64(rest + 8);
	memcpy(h->rhythm, rest + 16, sizeof h->rhythm);
	r->name = (const char *)p + HOST_FIXED;
	r->name_len = len - HOST_FIXED;
	return 0;
}
