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

#define STATE_FORMAT 2 /* version of everything below */

/* ---- keys --------------------------------------------------------------- */
#define KEY_LEN 16  /* host, url */
#define SEEN_LEN 21 /* host, url, number */
#define REF_LEN 5   /* number of a URL, in the order of adding; from 1 */
#define DUE_MAX 20  /* host 8, class 1, [ms 6,] number 5 */
#define ROTA_LEN 14 /* ms 6, host 8 */
#define TIME_MAX (((int64_t)1 << 48) - 1)
/* Classes with a time from which the row is due: tries again of a first visit,
 * revisits of hubs, revisits of other pages. */
#define DUE_LATER 0xff
#define DUE_HUB 0xfe
#define DUE_AGAIN 0xfd

void put16(uint8_t *, uint32_t);
void put40(uint8_t *, uint64_t);
void put48(uint8_t *, uint64_t);
void put64(uint8_t *, uint64_t);
uint16_t get16(const uint8_t *);
uint64_t get40(const uint8_t *);
uint64_t get48(const uint8_t *);
uint64_t get64(const uint8_t *);

void key_pack(uint8_t out[KEY_LEN], const struct winnow_key *);
int key_is_zero(const struct winnow_key *);
void rota_pack(uint8_t out[ROTA_LEN], int64_t ms, uint64_t host);

/* A row of `due` or, if its class has a time, of `later`. */
struct due {
	uint64_t ref;
	int64_t at_ms; /* 0 without a time */
	uint8_t class;
};
/* Larger priorities sort first; all of them before DUE_AGAIN. */
uint8_t due_class(int priority);
static inline int
due_timed(uint8_t class)
{
	return class >= DUE_AGAIN;
}
/* Its length. */
size_t due_pack(uint8_t out[DUE_MAX], uint64_t host, const struct due *);
int due_unpack(const uint8_t *, size_t, struct due *);

/* ---- URL ---------------------------------------------------------------- */
/* A URL's text is what it shares with the page it was found on, then a tail:
 * url_text() puts it together. At most CHAIN_MAX others have to be read. */
#define CHAIN_MAX 3
struct url_record {
	uint64_t hash;		/* of the key; the host is known */
	uint64_t via, via_host; /* number, 0: none; hash, 0: its own host */
	uint64_t requested, requested_host;
	uint8_t reason_code; /* REASON_TEXT: it stands in the row */
	const char *tail, *reason; /* borrowed; not terminated */
	size_t tail_len, reason_len;
	int64_t changed_ms; /* to the second */
	int64_t published;  /* Unix seconds; 0: not told */
	uint32_t seed;
	uint16_t depth, status, shared;
	uint8_t state, type, hops, tries, chain;
	int8_t priority, own;
};

#define REASON_NONE 0
#define REASON_TEXT 255
#define REASON_MAX 255

#define URL_RECORD_MAX (WINNOW_URL_MAX + 512)
size_t url_record_pack(
    uint8_t out[URL_RECORD_MAX], uint64_t ref, const struct url_record *);
int url_record_unpack(
    const uint8_t *, size_t, uint64_t ref, struct url_record *);

/* ---- memory of a URL that is asked again -------------------------------- */
struct again_record {
	struct frontier_memory memory; /* its strings apart, not terminated */
	const char *etag, *last_modified;
	size_t etag_len, last_modified_len;
	int64_t at_ms; /* its due row's; 0: none */
};
#define AGAIN_RECORD_MAX                                                       \
	(96 + FRONTIER_ETAG_MAX + FRONTIER_LAST_MODIFIED_MAX)
#define AGAIN_YIELD 0 /* where the yield stands, 2 bytes */
size_t again_record_pack(
    uint8_t out[AGAIN_RECORD_MAX], const struct frontier_memory *, int64_t at);
int again_record_unpack(const uint8_t *, size_t, struct again_record *);
/* Class of its due rows. */
uint8_t again_class(const struct frontier_memory *);

/* ---- host --------------------------------------------------------------- */
struct host_record {
	struct frontier_host host;
	int64_t rota_ms;  /* its row in the rota; 0: none */
	uint32_t young;	  /* of its URLs, those in the young list */
	const char *name; /* borrowed; not terminated */
	size_t name_len;
};
#define HOST_NAME_MAX 255
#define HOST_RECORD_MAX (128 + HOST_NAME_MAX)
size_t host_record_pack(
    uint8_t out[HOST_RECORD_MAX], const struct host_record *);
int host_record_unpack(const uint8_t *, size_t, struct host_record *);

/* ---- counts of the whole store ------------------------------------------ */
struct counts {
	uint64_t urls, hosts, rota, order, seeds, again;
	int64_t now, skew; /* F6: the frontier's time at the last commit, and
			    * how far it is ahead of the clock's */
	uint64_t failing, resting; /* hosts */
	uint64_t removed; /* seeds */
	uint64_t spare[1];
	uint64_t by_state[URL_STATE_N]; /* last: states are added at the end */
};

#endif
