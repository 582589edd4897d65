/* sha256.h - SHA-256 (FIPS 180-4) of a sealed file, for index.jsonl.
 * The queue stands on libc and zlib alone, hence its own. A struct is plain
 * data: a copy of it is a point one can go back to. */
#ifndef WQ_SHA256_H
#define WQ_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct wq_sha256 {
	uint32_t h[8];
	uint64_t len;
	unsigned char buf[64];
};

void wq_sha256_init(struct wq_sha256 *);
void wq_sha256_add(struct wq_sha256 *, const void *, size_t);
/* Leaves the struct as it was: more may be added. */
void wq_sha256_hex(const struct wq_sha256 *, char hex[65]);

#endif
