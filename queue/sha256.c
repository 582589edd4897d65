/* sha256.c - SHA-256 in plain C. The eight words of the state stay where they
 * are; S() turns their names by one each round. */
#include "queue/sha256.h"

#include <stdio.h>
#include <string.h>

static const uint32_t K[64] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
    0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138,
    0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624,
    0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
    0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f,
    0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t
ror(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static void
schedule(uint32_t w[64], const unsigned char *p)
{
	uint32_t a, b;

	for (int i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		       (uint32_t)p[2] << 8 | p[3];
	for (int i = 16; i < 64; i++) {
		a = ror(w[i - 15], 7) ^ ror(w[i - 15], 18) ^ w[i - 15] >> 3;
		b = ror(w[i - 2], 17) ^ ror(w[i - 2], 19) ^ w[i - 2] >> 10;
		w[i] = w[i - 16] + a + w[i - 7] + b;
	}
}

#define S(k) s[((k)-i) & 7]

static void
blocks(uint32_t h[8], const unsigned char *p, size_t n)
{
	uint32_t w[64], s[8], t1, t2;

	for (; n > 0; n--, p += 64) {
		schedule(w, p);
		memcpy(s, h, sizeof s);
#pragma GCC unroll 8
		for (int i = 0; i < 64; i++) {
			t1 = S(7) +
			     (ror(S(4), 6) ^ ror(S(4), 11) ^ ror(S(4), 25)) +
			     ((S(4) & S(5)) ^ (~S(4) & S(6))) + K[i] + w[i];
			t2 = (ror(S(0), 2) ^ ror(S(0), 13) ^ ror(S(0), 22)) +
			     ((S(0) & S(1)) ^ (S(0) & S(2)) ^ (S(1) & S(2)));
			S(3) += t1;
			S(7) = t1 + t2;
		}
		for (int i = 0; i < 8; i++)
			h[i] += s[i];
	}
}

void
wq_sha256_init(struct wq_sha256 *s)
{
	static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
	    0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

	memset(s, 0, sizeof *s);
	memcpy(s->h, start, sizeof start);
}

void
wq_sha256_add(struct wq_sha256 *s, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t have = s->len % 64, n;

	s->len += len;
	if (have > 0) {
		n = 64 - have < len ? 64 - have : len;
		memcpy(s->buf + have, p, n);
		p += n;
		len -= n;
		if (have + n < 64)
			return;
		blocks(s->h, s->buf, 1);
	}
	blocks(s->h, p, len / 64);
	memcpy(s->buf, p + len / 64 * 64, len % 64);
}

void
wq_sha256_hex(const struct wq_sha256 *from, char hex[65])
{
	static const unsigned char pad[64] = {0x80};
	struct wq_sha256 s = *from;
	uint64_t bits = s.len * 8;
	unsigned char end[8];

	for (int i = 0; i < 8; i++)
		end[i] = (unsigned char)(bits >> (56 - 8 * i));
	wq_sha256_add(&s, pad, 1 + (119 - s.len % 64) % 64);
	wq_sha256_add(&s, end, 8);
	for (int i = 0; i < 8; i++)
		snprintf(hex + 8 * i, 9, "%08x", s.h[i]);
}
