/* member.c - a block of JSON lines as one gzip member, and back.
 *
 * The header is gzip's (RFC 1952) with one FEXTRA field, "WQ", that says how
 * long the member is and which records it holds, so that a reader can pass
 * over it without inflating, and find the next one behind damage. The byte
 * table is in FORMAT.md.
 *
 * Invariants
 *  M1  The same lines give the same bytes from the same library: no time, no
 *      name, no operating system in the header.
 *  M2  Every bit is covered: the header by its own checksum, what is behind it
 *      by the body's, and the JSON once more by gzip's. The body's is there
 *      because gzip's does not see the bits that pad deflate's last byte, and
 *      so that a file can be checked without inflating it.
 *  M3  Bytes 0 to 47 keep their places in every version, so that a reader
 *      tells a newer member from a damaged one, and passes over it. */
#include <stdlib.h>
#include <string.h>

#include "queue/deflate.h"
#include "queue/format.h"

#define VERSION 1
#define FIELD 16 /* where the field's payload begins */
#define FIELD_LEN 32
#define FIXED_ALL 10 /* bytes that are the same in every version */

static const unsigned char fixed[FIELD] = {0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255,
    FIELD_LEN + 4, 0, 'W', 'Q', FIELD_LEN, 0};

static void
head_print(unsigned char *p, const struct wq_head *h)
{
	memcpy(p, fixed, FIELD);
	p += FIELD;
	wq_put32(p, VERSION);
	wq_put32(p + 4, h->size);
	wq_put32(p + 8, h->json);
	wq_put32(p + 12, h->records);
	wq_put32(p + 16, (uint32_t)h->first_seq);
	wq_put32(p + 20, (uint32_t)(h->first_seq >> 32));
	wq_put32(p + 24, wq_crc32(p - FIELD + WQ_HEADER, h->size - WQ_HEADER));
	wq_put32(p + 28, wq_crc32(p - FIELD, WQ_HEADER - 4));
}

/* A reader would take a block of other lines than its header says for a damaged
 * one, so none is made (FORMAT.md, F4 and F5). */
static int
is_block(const void *json, size_t len, const struct wq_head *h)
{
	return len > 0 && len <= WQ_JSON_MAX &&
	       (len <= WQ_BLOCK || h->records == 1) && h->first_seq > 0 &&
	       wq_member_lines(json, h) == WQ_OK;
}

int
wq_member(const void *json, size_t len, uint32_t records, uint64_t first_seq,
    void **out, size_t *out_len)
{
	struct wq_head h = {
	    .json = (uint32_t)len, .records = records, .first_seq = first_seq};
	size_t n;
	unsigned char *m, *fit;
	int err;

	*out = NULL;
	if (!is_block(json, len, &h))
		return WQ_EINVAL;
	n = wq_deflate_bound(len);
	if ((m = malloc(WQ_HEADER + n + WQ_TRAILER)) == NULL)
		return WQ_ENOMEM;
	err = wq_deflate(json, len, WQ_LEVEL, m + WQ_HEADER, &n);
	if (err != 0) {
		free(m);
		return err;
	}
	wq_put32(m + WQ_HEADER + n, wq_crc32(json, len));
	wq_put32(m + WQ_HEADER + n + 4, (uint32_t)len);
	h.size = (uint32_t)(WQ_HEADER + n + WQ_TRAILER);
	head_print(m, &h);
	fit = realloc(m, h.size);
	*out = fit != NULL ? fit : m;
	*out_len = h.size;
	return WQ_OK;
}

int
wq_head_parse(const void *buf, size_t len, struct wq_head *h)
{
	const unsigned char *p = buf;

	if (len < WQ_HEADER || memcmp(p, fixed, FIXED_ALL) != 0 ||
	    memcmp(p + 12, fixed + 12, FIELD - 12) != 0 ||
	    wq_get32(p + WQ_HEADER - 4) != wq_crc32(p, WQ_HEADER - 4))
		return WQ_ECORRUPT;
	h->size = wq_get32(p + 20);
	h->json = wq_get32(p + 24);
	h->records = wq_get32(p + 28);
	h->first_seq = wq_get32(p + 32) | (uint64_t)wq_get32(p + 36) << 32;
	h->body = wq_get32(p + 40);
	if (h->size <= WQ_HEADER + WQ_TRAILER ||
	    h->size > WQ_JSON_MAX + WQ_JSON_MAX / 8 || h->json == 0 ||
	    h->json > WQ_JSON_MAX || h->records == 0 || h->records > h->json ||
	    h->first_seq == 0 || h->first_seq > UINT64_MAX - h->records)
		return WQ_ECORRUPT;
	if (wq_get32(p + FIELD) > VERSION)
		return WQ_EVERSION;
	return wq_get32(p + FIELD) == VERSION && memcmp(p, fixed, FIELD) == 0
		   ? WQ_OK
		   : WQ_ECORRUPT;
}

int
wq_head_mend(unsigned char buf[WQ_HEADER], struct wq_head *h)
{
	int good = 0;

	for (int bit = 0; bit < WQ_HEADER * 8 && !good; bit++) {
		buf[bit / 8] ^= (unsigned char)(1 << bit % 8);
		good = wq_head_parse(buf, WQ_HEADER, h) == WQ_OK;
		buf[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	return good;
}

int
wq_member_check(const void *member, const struct wq_head *h)
{
	const unsigned char *m = member;

	return wq_crc32(m + WQ_HEADER, h->size - WQ_HEADER) == h->body
		   ? WQ_OK
		   : WQ_ECORRUPT;
}

int
wq_member_inflate(const void *member, const struct wq_head *h, void *out)
{
	const unsigned char *m = member, *end = m + h->size - WQ_TRAILER;
	int err;

	if (wq_get32(end + 4) != h->json)
		return WQ_ECORRUPT;
	err = wq_inflate(
	    m + WQ_HEADER, h->size - WQ_HEADER - WQ_TRAILER, out, h->json);
	if (err != 0)
		return err;
	return wq_get32(end) == wq_crc32(out, h->json) ? WQ_OK : WQ_ECORRUPT;
}

int
wq_member_lines(const void *json, const struct wq_head *h)
{
	const char *p = json, *end = p + h->json;
	uint32_t n = 0;

	if (end[-1] != '\n')
		return WQ_ECORRUPT;
	for (; p < end; n++)
		p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
	return n == h->records ? WQ_OK : WQ_ECORRUPT;
}
