/* sha256.c - SHA-256 in plain C and, where the processor has them, by the SHA
 * instructions of x86 (chosen once at run time; the test compares both). */
#include "queue/sha256.h"

#include <stdio.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define SHA_NI 1
#endif

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

static void
blocks_plain(uint32_t h[8], const unsigned char *p, size_t n)
{
	uint32_t w[64], s[8], t1, t2;

	for (; n > 0; n--, p += 64) {
		schedule(w, p);
		memcpy(s, h, sizeof s);
		for (int i = 0; i < 64; i++) {
			t1 = s[7] +
			     (ror(s[4], 6) ^ ror(s[4], 11) ^ ror(s[4], 25)) +
			     ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + w[i];
			t2 = (ror(s[0], 2) ^ ror(s[0], 13) ^ ror(s[0], 22)) +
			     ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
			memmove(s + 1, s, 7 * sizeof s[0]);
			s[4] += t1;
			s[0] = t1 + t2;
		}
		for (int i = 0; i < 8; i++)
			h[i] += s[i];
	}
}

#ifdef SHA_NI
/* The state travels as the instructions want it: ABEF and CDGH. Four rounds a
 * turn; m[i & 3] holds the words of turn i, made from those of the four
 * turns before. */
__attribute__((target("sha,sse4.1"))) static void
blocks_ni(uint32_t h[8], const unsigned char *p, size_t n)
{
	const __m128i swap =
	    _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
	__m128i ab, cd, t, k, m[4], ab0, cd0;

	t = _mm_shuffle_epi32(_mm_loadu_si128((const void *)h), 0xb1);
	cd = _mm_shuffle_epi32(_mm_loadu_si128((const void *)(h + 4)), 0x1b);
	ab = _mm_alignr_epi8(t, cd, 8);
	cd = _mm_blend_epi16(cd, t, 0xf0);
	for (; n > 0; n--, p += 64) {
		ab0 = ab;
		cd0 = cd;
		for (int i = 0; i < 16; i++) {
			__m128i *w = &m[i & 3];

			if (i < 4) {
				*w = _mm_shuffle_epi8(
				    _mm_loadu_si128((const void *)(p + 16 * i)),
				    swap);
			} else {
				t = _mm_alignr_epi8(
				    m[(i + 3) & 3], m[(i + 2) & 3], 4);
				*w = _mm_sha256msg1_epu32(*w, m[(i + 1) & 3]);
				*w = _mm_sha256msg2_epu32(
				    _mm_add_epi32(*w, t), m[(i + 3) & 3]);
			}
			k = _mm_loadu_si128((const void *)(K + 4 * i));
			k = _mm_add_epi32(*w, k);
			cd = _mm_sha256rnds2_epu32(cd, ab, k);
			k = _mm_shuffle_epi32(k, 0x0e);
			ab = _mm_sha256rnds2_epu32(ab, cd, k);
		}
		ab = _mm_add_epi32(ab, ab0);
		cd = _mm_add_epi32(cd, cd0);
	}
	t = _mm_shuffle_epi32(ab, 0x1b);
	cd = _mm_shuffle_epi32(cd, 0xb1);
	_mm_storeu_si128((void *)h, _mm_blend_epi16(t, cd, 0xf0));
	_mm_storeu_si128((void *)(h + 4), _mm_alignr_epi8(cd, t, 8));
}

static int
have_ni(void)
{
	unsigned a = 7, b, c = 0, d;

	if (!__builtin_cpu_supports("sse4.1"))
		return 0;
	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b >> 29 & 1;
}
#endif

static void
blocks(uint32_t h[8], const unsigned char *p, size_t n)
{
#ifdef SHA_NI
	static int ni = -1;

	if (ni < 0)
		ni = have_ni();
	if (ni) {
		blocks_ni(h, p, n);
		return;
	}
#endif
	blocks_plain(h, p, n);
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
