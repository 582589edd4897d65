/* frontier_record.c - byte layouts of the state store.
 *
 *	url	state 1, type 1, flags 1, hops 1, tries 1, priority 1, scheme 1,
 *		depth 2, seed 4, changed_ms 6,
 *		[STATUS 2] [REASON len 1, bytes]
 *		[VIA url 8 | VIA_FAR host 8, url 8] [REQUESTED host 8, url 8]
 *		[PUBLISHED 6] URL without its scheme
 *	again	yield 2, at_ms 6, hub 1, event 1, asked_ms 6, changed_ms 6,
 *		interval_ms 6, rate 4, asks 4, changes 4, barren 2, id 16,
 *		text_hash 8, body_hash 8, etag len 2, usual 4, found 2,
 *		landed 2, etag, last_modified
 *	host	next_ms 6, rota_ms 6, last_record_ms 6, failures, poisoned,
 *		urls, due, again, day, day_pages, latency_ms, gap_s 4 each,
 *		day_bytes 8, records 8, rhythm 31, name
 *	due	no value; rota: no value
 *
 * Integers are big-endian. A URL of 60 bytes found on a page of its own host
 * takes 26 + 53 bytes here, 16 for the key, and 31 in `due` until it is
 * asked for. */
#include "crawler/frontier_record.h"

#include <string.h>

enum {
	HAS_STATUS = 1,
	HAS_REASON = 2,
	HAS_VIA = 4,
	HAS_VIA_FAR = 8,
	HAS_REQUESTED = 16,
	HAS_PUBLISHED = 32
};
#define URL_FIXED 19

static const char *const schemes[] = {"", "http://", "https://"};

/* ---- integers and keys ------------------------------------------------------
 */

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

void
key_unpack(const uint8_t in[KEY_LEN], struct winnow_key *key)
{
	key->host = get64(in);
	key->url = get64(in + 8);
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

void
due_pack(uint8_t out[DUE_LEN], const struct winnow_key *key, uint8_t class,
    uint64_t order)
{
	put64(out, key->host);
	out[8] = class;
	put48(out + 9, order);
	put64(out + 15, key->url);
}

void
rota_pack(uint8_t out[ROTA_LEN], int64_t ms, uint64_t host)
{
	put48(out, (uint64_t)ms);
	put64(out + 6, host);
}

/* ---- URL
 * --------------------------------------------------------------------- */

static uint8_t
scheme_of(const char *url, size_t len)
{
	uint8_t i;
	size_t n;

	for (i = 1; i < sizeof schemes / sizeof *schemes; i++) {
		n = strlen(schemes[i]);
		if (len >= n && memcmp(url, schemes[i], n) == 0)
			return i;
	}
	return 0;
}

static uint8_t
url_flags(const struct url_record *r, uint64_t host)
{
	uint8_t flags = 0;

	if (r->status != 0)
		flags |= HAS_STATUS;
	if (r->reason_len > 0)
		flags |= HAS_REASON;
	if (!key_is_zero(&r->via))
		flags |= r->via.host == host ? HAS_VIA : HAS_VIA_FAR;
	if (!key_is_zero(&r->requested))
		flags |= HAS_REQUESTED;
	if (r->published > 0)
		flags |= HAS_PUBLISHED;
	return flags;
}

size_t
url_record_pack(
    uint8_t out[URL_RECORD_MAX], const struct url_record *r, uint64_t host)
{
	uint8_t flags = url_flags(r, host), scheme, *p = out + URL_FIXED;
	size_t cut, n;

	if (r->url_len > WINNOW_URL_MAX)
		return 0;
	scheme = scheme_of(r->url, r->url_len);
	cut = strlen(schemes[scheme]);
	out[0] = r->state;
	out[1] = r->type;
	out[2] = flags;
	out[3] = r->hops;
	out[4] = r->tries;
	out[5] = (uint8_t)r->priority;
	out[6] = scheme;
	put_be(out + 7, r->depth, 2);
	put_be(out + 9, r->seed, 4);
	put48(out + 13, (uint64_t)r->changed_ms);
	if (flags & HAS_STATUS) {
		put_be(p, r->status, 2);
		p += 2;
	}
	if (flags & HAS_REASON) {
		n = r->reason_len < 255 ? r->reason_len : 255;
		*p++ = (uint8_t)n;
		memcpy(p, r->reason, n);
		p += n;
	}
	if (flags & HAS_VIA) {
		put64(p, r->via.url);
		p += 8;
	}
	if (flags & HAS_VIA_FAR) {
		key_pack(p, &r->via);
		p += KEY_LEN;
	}
	if (flags & HAS_REQUESTED) {
		key_pack(p, &r->requested);
		p += KEY_LEN;
	}
	if (flags & HAS_PUBLISHED) {
		put48(p, (uint64_t)r->published);
		p += 6;
	}
	memcpy(p, r->url + cut, r->url_len - cut);
	return (size_t)(p - out) + r->url_len - cut;
}

/* n bytes at *p, which moves on; NULL: there are not that many. */
static const uint8_t *
take(const uint8_t **p, const uint8_t *end, size_t n)
{
	const uint8_t *at = *p;

	if ((size_t)(end - at) < n)
		return NULL;
	*p += n;
	return at;
}

static int
unpack_rest(const uint8_t *p, const uint8_t *end, int flags, uint64_t host,
    struct url_record *r)
{
	const uint8_t *v;

	if (flags & HAS_STATUS) {
		if ((v = take(&p, end, 2)) == NULL)
			return -1;
		r->status = (uint16_t)get_be(v, 2);
	}
	if (flags & HAS_REASON) {
		if ((v = take(&p, end, 1)) == NULL)
			return -1;
		r->reason_len = *v;
		if ((v = take(&p, end, r->reason_len)) == NULL)
			return -1;
		r->reason = (const char *)v;
	}
	if (flags & HAS_VIA) {
		if ((v = take(&p, end, 8)) == NULL)
			return -1;
		r->via = (struct winnow_key){host, get64(v)};
	}
	if (flags & HAS_VIA_FAR) {
		if ((v = take(&p, end, KEY_LEN)) == NULL)
			return -1;
		key_unpack(v, &r->via);
	}
	if (flags & HAS_REQUESTED) {
		if ((v = take(&p, end, KEY_LEN)) == NULL)
			return -1;
		key_unpack(v, &r->requested);
	}
	if (flags & HAS_PUBLISHED) {
		if ((v = take(&p, end, 6)) == NULL)
			return -1;
		r->published = (int64_t)get48(v);
	}
	r->url = (const char *)p;
	r->url_len = (size_t)(end - p);
	return r->url_len <= WINNOW_URL_MAX ? 0 : -1;
}

int
url_record_unpack(
    const uint8_t *p, size_t len, uint64_t host, struct url_record *r)
{
	*r = (struct url_record){0};
	if (len < URL_FIXED || p[0] >= URL_STATE_N ||
	    p[6] >= sizeof schemes / sizeof *schemes)
		return -1;
	r->state = p[0];
	r->type = p[1];
	r->hops = p[3];
	r->tries = p[4];
	r->priority = (int8_t)p[5];
	r->scheme = schemes[p[6]];
	r->depth = (uint16_t)get_be(p + 7, 2);
	r->seed = (uint32_t)get_be(p + 9, 4);
	r->changed_ms = (int64_t)get48(p + 13);
	return unpack_rest(p + URL_FIXED, p + len, p[2], host, r);
}

size_t
url_record_text(const struct url_record *r, char *out)
{
	size_t n = strlen(r->scheme);

	if (out != NULL) {
		memcpy(out, r->scheme, n);
		memcpy(out + n, r->url, r->url_len);
		out[n + r->url_len] = '\0';
	}
	return n + r->url_len + 1;
}

/* ---- memory
 * ------------------------------------------------------------------ */

#define AGAIN_FIXED 84

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
	out[8] = m->hub;
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
	return AGAIN_FIXED + etag + lm;
}

int
again_record_unpack(const uint8_t *p, size_t len, struct again_record *r)
{
	struct frontier_memory *m = &r->memory;
	uint32_t rate, usual;

	*r = (struct again_record){0};
	if (len < AGAIN_FIXED || len > AGAIN_RECORD_MAX)
		return -1;
	m->yield = (uint16_t)get_be(p + AGAIN_YIELD, 2);
	r->at_ms = (int64_t)get48(p + 2);
	m->hub = p[8];
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

/* ---- host
 * ---------------------------------------------------------------------- */

#define HOST_FIXED 101

size_t
host_record_pack(uint8_t out[HOST_RECORD_MAX], const struct host_record *r)
{
	size_t n = r->name_len < HOST_NAME_MAX ? r->name_len : HOST_NAME_MAX;
	const struct frontier_host *h = &r->host;
	const uint32_t words[] = {h->failures, h->poisoned, h->urls, h->due,
	    h->again, h->day, h->day_pages, h->latency_ms, h->gap_s};
	size_t i;

	put48(out, (uint64_t)h->next_ms);
	put48(out + 6, (uint64_t)r->rota_ms);
	put48(out + 12, (uint64_t)h->last_record_ms);
	for (i = 0; i < sizeof words / sizeof *words; i++)
		put_be(out + 18 + 4 * i, words[i], 4);
	put64(out + 54, h->day_bytes);
	put64(out + 62, h->records);
	memcpy(out + 70, h->rhythm, sizeof h->rhythm);
	if (n > 0)
		memcpy(out + HOST_FIXED, r->name, n);
	return HOST_FIXED + n;
}

int
host_record_unpack(const uint8_t *p, size_t len, struct host_record *r)
{
	struct frontier_host *h = &r->host;
	uint32_t *const words[] = {&h->failures, &h->poisoned, &h->urls,
	    &h->due, &h->again, &h->day, &h->day_pages, &h->latency_ms,
	    &h->gap_s};
	size_t i;

	if (len < HOST_FIXED || len > HOST_RECORD_MAX)
		return -1;
	*r = (struct host_record){0};
	h->next_ms = (int64_t)get48(p);
	r->rota_ms = (int64_t)get48(p + 6);
	h->last_record_ms = (int64_t)get48(p + 12);
	for (i = 0; i < sizeof words / sizeof *words; i++)
		*words[i] = (uint32_t)get_be(p + 18 + 4 * i, 4);
	h->day_bytes = get64(p + 54);
	h->records = get64(p + 62);
	memcpy(h->rhythm, p + 70, sizeof h->rhythm);
	r->name = (const char *)p + HOST_FIXED;
	r->name_len = len - HOST_FIXED;
	return 0;
}
