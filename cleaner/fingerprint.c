/* fingerprint.c - what a page and its text are known by.
 *
 * digest: SHA-256 of the body, for those who keep bodies elsewhere.
 * text_hash: XXH3-64 of the text without white space, so that the same words
 *     in other paragraphs are the same text.
 * simhash: 64 bits of which near-copies share most. Each run of letters votes for
 *     or against each bit.
 * sketch: what near copies are found by; see sketch.c.
 * id: XXH3-128 of the canonical URL's key (seed 0) and the text_hash.
 *
 * All of it is stable: it depends on the page alone, on no seed or clock. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "cleaner/doc.h"
#include "cleaner/sketch.h"
#include "cleaner/state.h"

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
	wn_sketch(d->w->fold, pub->text, pub->text_len, &pub->sketch,
	    &pub->simhash);
	if (pub->title != NULL)
		wn_sketch_title(d->w->fold, pub->title, strlen(pub->title),
		    &pub->sketch);
	if (d->url.len > 0)
		pub->key = winnow_url_key(&d->url, d->w->opt.url_seed);
	make_id(pub, &d->url);
	return digest(d->w, d->body, d->body_len, pub->digest);
}
