/* deflate.h - what gzip members are made of (RFC 1951, RFC 1952): raw deflate,
 * CRC-32 and little-endian numbers. libdeflate where it is there, else zlib;
 * the same bytes in give the same bytes out from the same library. Pure. */
#ifndef WQ_DEFLATE_H
#define WQ_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

static inline void
wq_put32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

static inline uint32_t
wq_get32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

uint32_t wq_crc32(const void *, size_t len);
/* Room that wq_deflate() needs for len bytes, at any level. */
size_t wq_deflate_bound(size_t len);
/* To out, which has room for *n bytes; *n: what it took. level 0: stored.
 * WQ_OK, WQ_ENOMEM, or WQ_EINVAL: there was no room. */
int wq_deflate(const void *in, size_t len, int level, void *out, size_t *n);
/* All of in to out_len bytes exactly: WQ_OK, WQ_ENOMEM or WQ_ECORRUPT. */
int wq_inflate(const void *in, size_t len, void *out, size_t out_len);

#endif
