/* frontier_record.c - byte layouts of the state store.
 *
 *	url	state 1, type 1, flags 1, hops 1, tries 1, priority 1, scheme 1,
 *		depth 2, seed 4, changed_ms 6,
 *		[STATUS 2] [REASON len 1, bytes]
 *		[VIA url 8 | VIA_FAR host 8, url 8] [REQUESTED host 8, url 8]
 *		URL without its scheme
 *	host	next_ms 8, rota_ms 8, failures 4, poisoned 4, urls 4, due 4,
 *name due	no value; rota: no value
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
	HAS_REQUESTED = 16
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
put48(uint8_t *p, uint64_t v)
{
	put_be(p, v, 6);
}

void
put64(uint8_t *p, uint64_t v)
{
	put_be(p, v, 8);
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

	return (uint8_t)(class < DUE_LATER ? class : DUE_LATER - 1);
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

/* ---- host
 * ---------------------------------------------------------------------- */

size_t
host_record_pack(uint8_t out[HOST_RECORD_MAX], const struct host_record *r)
{
	size_t n = r->name_len < HOST_NAME_MAX ? r->name_len : HOST_NAME_MAX;

	put64(out, (uint64_t)r->next_ms);
	put64(out + 8, (uint64_t)r->rota_ms);
	put_be(out + 16, r->failures, 4);
	put_be(out + 20, r->poisoned, 4);
	put_be(out + 24, r->urls, 4);
	put_be(out + 28, r->due, 4);
	if (n > 0)
		memcpy(out + 32, r->name, n);
	return 32 + n;
}

int
host_record_unpack(const uint8_t *p, size_t len, struct host_record *r)
{
	if (len < 32 || len > HOST_RECORD_MAX)
		return -1;
	r->next_ms = (int64_t)get64(p);
	r->rota_ms = (int64_t)get64(p + 8);
	r->failures = (uint32_t)get_be(p + 16, 4);
	r->poisoned = (uint32_t)get_be(p + 20, 4);
	r->urls = (uint32_t)get_be(p + 24, 4);
	r->due = (uint32_t)get_be(p + 28, 4);
	r->name = (const char *)p + 32;
	r->name_len = len - 32;
	return 0;
}
