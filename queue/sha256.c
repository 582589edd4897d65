/* sha256.c - SHA-256 in plain C, about as fast as that goes: it is most of what
 * the queue costs beside deflate.
 *
 * What the rounds of a block add from its bytes does not depend on the block
 * before. So that is worked out for LANES blocks side by side, in vectors of
 * the compiler (AVX2, SSE2, NEON, or words where there are none); the rounds
 * themselves come one block after the other. The eight words of the state stay
 * in registers: ROUND's arguments turn, they do not. */
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

#define LANES 8
typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

#define ROR(x, n) ((x) >> (n) | (x) << (32 - (n)))

/* Taken into each of the functions that are made for a processor. */
#define INTO static inline __attribute__((always_inline)) void

/* Of n blocks: what each round adds, w[round][block]. */
INTO
schedule(lanes w[64], const unsigned char *p, size_t n)
{
	lanes a, b;

	for (size_t j = 0; j < n; j++)
		for (int i = 0; i < 16; i++, p += 4)
			w[i][j] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
				  (uint32_t)p[2] << 8 | p[3];
	for (int i = 16; i < 64; i++) {
		a = w[i - 15];
		b = w[i - 2];
		w[i] = w[i - 16] + w[i - 7] +
		       (ROR(a, 7) ^ ROR(a, 18) ^ a >> 3) +
		       (ROR(b, 17) ^ ROR(b, 19) ^ b >> 10);
	}
	for (int i = 0; i < 64; i++)
		w[i] += K[i];
}

#define ROUND(a, b, c, d, e, f, g, h, add)                                     \
	do {                                                                   \
		h += (add) + (ROR(e, 6) ^ ROR(e, 11) ^ ROR(e, 25)) +           \
		     (g ^ (e & (f ^ g)));                                      \
		d += h;                                                        \
		h += (ROR(a, 2) ^ ROR(a, 13) ^ ROR(a, 22)) +                   \
		     ((a & b) + (c & (a ^ b)));                                \
	} while (0)

INTO
rounds(uint32_t s[8], const lanes w[64], size_t j)
{
	uint32_t a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5],
		 g = s[6], h = s[7];

	for (int i = 0; i < 64; i += 8) {
		ROUND(a, b, c, d, e, f, g, h, w[i][j]);
		ROUND(h, a, b, c, d, e, f, g, w[i + 1][j]);
		ROUND(g, h, a, b, c, d, e, f, w[i + 2][j]);
		ROUND(f, g, h, a, b, c, d, e, w[i + 3][j]);
		ROUND(e, f, g, h, a, b, c, d, w[i + 4][j]);
		ROUND(d, e, f, g, h, a, b, c, w[i + 5][j]);
		ROUND(c, d, e, f, g, h, a, b, w[i + 6][j]);
		ROUND(b, c, d, e, f, g, h, a, w[i + 7][j]);
	}
	s[0] += a;
	s[1] += b;
	s[2] += c;
	s[3] += d;
	s[4] += e;
	s[5] += f;
	s[6] += g;
	s[7] += h;
}

INTO
many_blocks(uint32_t h[8], const unsigned char *p, size_t n)
{
	lanes w[64] = {{0}};
	size_t many;

	for (; n > 0; n -= many, p += 64 * many) {
		many = n < LANES ? n : LANES;
		schedule(w, p, many);
		for (size_t j = 0; j < many; j++)
			rounds(h, w, j);
	}
}

#ifdef __x86_64__
/* A sixth faster: wider vectors, rotations that leave their operand. */
__attribute__((target("avx2,bmi2"))) static void
blocks_avx2(uint32_t h[8], const unsigned char *p, size_t n)
{
	many_blocks(h, p, n);
}
#endif

static void
blocks(uint32_t h[8], const unsigned char *p, size_t n)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) {
		blocks_avx2(h, p, n);
		return;
	}
#endif
	many_blocks(h, p, n);
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
