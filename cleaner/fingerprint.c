/* fingerprint.c - what a page and its text are known by.
 *
 * digest: SHA-256 of the body, for those who keep bodies elsewhere.
 * text_hash: XXH3-64 of the text without white space, so that the same words
 *     in other paragraphs are the same text.
 * simhash: 64 bits of which near-copies share most. Each run of four letters
 *     votes for or against each bit.
 * id: XXH3-128 of the canonical URL's key (seed 0) and the text_hash.
 *
 * All of it is stable: it depends on the page alone, on no seed or clock. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "cleaner/doc.h"
#include "cleaner/state.h"
#include "cleaner/utf8.h"

enum { GRAM = 4 };

static int
digest(struct winnow *w, const void *p, size_t n, char out[72])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned i, len = 0;

	if (EVP_DigestInit_ex2(w->sha_ctx, w->sha_md, NULL) != 1 ||
	    EVP_DigestUpdate(w->sha_ctx, p, n) != 1 ||
	    EVP_DigestFinal_ex(w->sha_ctx, sum, &len) != 1 || len != 32)
		return WINNOW_ENOMEM;
	memcpy(out, "sha256:", 7);
	for (i = 0; i < len; i++) {
		out[7 + 2 * i] = hex[sum[i] >> 4];
		out[8 + 2 * i] = hex[sum[i] & 15];
	}
	out[7 + 2 * len] = '\0';
	return 0;
}

uint64_t
wn_text_hash(const char *s, size_t n)
{
	const char *end = s + n, *run;
	XXH3_state_t st;

	XXH3_64bits_reset(&st);
	while (s < end) {
		for (run = s; s < end && (unsigned char)*s > ' '; s++)
			;
		XXH3_64bits_update(&st, run, (size_t)(s - run));
		while (s < end && (unsigned char)*s <= ' ')
			s++;
	}
	return XXH3_64bits_digest(&st);
}

/* Votes for the 64 bits. Those of up to 255 grams are counted in planes: bit b
 * of plane[i] is worth 1 << i for bit b, so that one gram is eight additions
 * with carry, of 64 counters at once. */
struct votes {
	uint64_t plane[8];
	uint32_t sum[64];
	unsigned pending;
	uint32_t grams;
};

static void
votes_flush(struct votes *v)
{
	int i, b;

	for (i = 0; i < 8; i++) {
		for (b = 0; b < 64; b++)
			v->sum[b] += (uint32_t)(v->plane[i] >> b & 1) << i;
		v->plane[i] = 0;
	}
	v->pending = 0;
}

static void
votes_add(struct votes *v, uint64_t h)
{
	uint64_t carry;
	int i;

	for (i = 0; i < 8; i++, h = carry) {
		carry = v->plane[i] & h;
		v->plane[i] ^= h;
	}
	v->grams++;
	if (++v->pending == 255)
		votes_flush(v);
}

static int
is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') ||
		       ((c | 32) >= 'a' && (c | 32) <= 'z');
	return !(c < 0xC0 || (c >= 0x2000 && c < 0x2E80) ||
		 (c >= 0x3000 && c < 0x3040) || c >= 0xFF00);
}

static uint64_t
simhash(const char *s, size_t n)
{
	const char *end = s + n;
	struct votes v = {.pending = 0};
	uint32_t c, last[GRAM] = {0};
	uint64_t h, out = 0;
	unsigned len, i, seen = 0;

	for (; s < end; s += len) {
		c = wn_utf8_get(s, &len);
		if (!is_letter(c))
			continue;
		last[seen++ % GRAM] = c < 0x80 ? c | 32 : c;
		if (seen < GRAM)
			continue;
		for (h = 0, i = 0; i < GRAM; i++)
			h = (h ^ last[(seen + i) % GRAM]) *
			    0x9E3779B97F4A7C15ULL;
		h ^= h >> 29;
		h *= 0xBF58476D1CE4E5B9ULL;
		votes_add(&v, h ^ h >> 32);
	}
	votes_flush(&v);
	for (i = 0; i < 64; i++)
		out |= (uint64_t)(v.sum[i] * 2 > v.grams) << i;
	return out;
}

static void
make_id(struct winnow_doc *d, const struct winnow_url *url)
{
	struct winnow_key key = {0, 0};
	unsigned char b[24];
	XXH128_canonical_t c;
	uint64_t v[3];
	int i;

	if (url->len > 0)
		key = winnow_url_key(url, 0);
	v[0] = key.host;
	v[1] = key.url;
	v[2] = d->text_hash;
	for (i = 0; i < 24; i++)
		b[i] = (unsigned char)(v[i / 8] >> 8 * (i % 8));
	XXH128_canonicalFromHash(&c, XXH3_128bits(b, sizeof(b)));
	memcpy(d->id, "w1-", 3);
	for (i = 0; i < 16; i++)
		snprintf(d->id + 3 + 2 * i, 3, "%02x", c.digest[i]);
}

int
wn_stage_fingerprint(struct wn_doc *d)
{
	struct winnow_doc *pub = &d->pub;

	pub->text_hash = wn_text_hash(pub->text, pub->text_len);
	if (pub->remembered == 0)
		pub->alone_hash = pub->text_hash;
	pub->simhash = simhash(pub->text, pub->text_len);
	if (d->url.len > 0)
		pub->key = winnow_url_key(&d->url, d->w->opt.url_seed);
	make_id(pub, &d->url);
	return digest(d->w, d->body, d->body_len, pub->digest);
}
