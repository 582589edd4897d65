/* frontier_record.h - the frontier's rows as bytes, and back.
 *
 * Keys are big-endian, so that their order is that of the numbers. Values are
 * read back with every length checked: a damaged store is an error, never a
 * crash. The layouts stand in frontier_record.c. */
#ifndef FRONTIER_RECORD_H
#define FRONTIER_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "crawler/frontier.h"

#define STATE_FORMAT 1 /* version of everything below */

/* ---- keys ------------------------------------------------------------------
 */
#define KEY_LEN 16     /* host, url */
#define DUE_LEN 23     /* host 8, class 1, order 6, url 8 */
#define ROTA_LEN 14    /* ms 6, host 8 */
#define TIME_MAX (((int64_t)1 << 48) - 1)
#define DUE_LATER 0xff /* class of a retry: order is the time it is due */

void put48(uint8_t *, uint64_t);
void put64(uint8_t *, uint64_t);
uint64_t get48(const uint8_t *);
uint64_t get64(const uint8_t *);

void key_pack(uint8_t out[KEY_LEN], const struct winnow_key *);
void key_unpack(const uint8_t in[KEY_LEN], struct winnow_key *);
int key_is_zero(const struct winnow_key *);
/* Larger priorities sort first; all of them before DUE_LATER. */
uint8_t due_class(int priority);
void due_pack(uint8_t out[DUE_LEN], const struct winnow_key *, uint8_t class,
    uint64_t order);
void rota_pack(uint8_t out[ROTA_LEN], int64_t ms, uint64_t host);

/* ---- URL --------------------------------------------------------------------
 */
struct url_record {
	struct winnow_key via, requested; /* zero: none */
	const char *url, *reason;         /* borrowed; not terminated */
	size_t url_len, reason_len;
	const char *scheme; /* "https://" ... cut off url; "" */
	int64_t changed_ms;
	uint32_t seed;
	uint16_t depth, status;
	uint8_t state, type, hops, tries;
	int8_t priority;
};

#define URL_RECORD_MAX (WINNOW_URL_MAX + 512)
/* host: of the key it stands under. Length; 0: the URL is too long. */
size_t url_record_pack(
    uint8_t out[URL_RECORD_MAX], const struct url_record *, uint64_t host);
int url_record_unpack(
    const uint8_t *, size_t, uint64_t host, struct url_record *);
/* Bytes of its URL as text, with the NUL; out NULL: only counts. */
size_t url_record_text(const struct url_record *, char *out);

/* ---- host
 * -------------------------------------------------------------------- */
struct host_record {
	int64_t next_ms;
	int64_t rota_ms; /* its row in the rota; 0: none */
	uint32_t failures, poisoned, urls, due;
	const char *name; /* borrowed; not terminated */
	size_t name_len;
};
#define HOST_NAME_MAX 255
#define HOST_RECORD_MAX (32 + HOST_NAME_MAX)
size_t host_record_pack(
    uint8_t out[HOST_RECORD_MAX], const struct host_record *);
int host_record_unpack(const uint8_t *, size_t, struct host_record *);

/* ---- counts of the whole store ---------------------------------------------
 */
struct counts {
	uint64_t urls, hosts, rota, order, seeds;
	uint64_t by_state[URL_STATE_N];
};

#endif
