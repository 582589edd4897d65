/* inflate.c - content codings taken off.
 *
 * gzip is decoded in one go by libdeflate, three times as fast as zlib's
 * stream; what libdeflate refuses (a stream that was cut, a bad checksum, raw
 * deflate) goes through zlib, which gives what can be read. Servers that name
 * a coding and send plain text exist: bytes that can not be what the header
 * says are taken as they are.
 *
 * Invariants
 *  I1  No decoder ever holds more than max + 1 bytes of output: a bomb stops
 *      there, whatever its ratio.
 *  I2  At most MAX_LAYERS codings; an unknown name is an error, not a guess. */
#include "cleaner/inflate.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif
#ifdef HAVE_LIBBROTLIDEC
#include <brotli/decode.h>
#endif
#ifdef HAVE_LIBZSTD
#include <zstd.h>
#endif

#include "cleaner/arena.h"
#include "cleaner/winnow.h"

enum {
	MAX_LAYERS = 5,
	FIRST = 65536,    /* smallest output buffer */
	MAX_RATIO = 1032, /* deflate can not do better */
	MAX_WINDOW = 23,  /* log2; what RFC 8878 asks of a browser */
};

/* Output of a decoder: a buffer that grows up to max + 1 (I1). */
struct sink {
	struct wn_arena *arena;
	char *b;
	size_t len, cap, max;
	int err;
};

/* Makes room; 0 when the output is full or memory is. */
static int
sink_room(struct sink *o)
{
	size_t cap = o->cap < FIRST / 2 ? FIRST : o->cap * 2;
	char *p;

	if (o->len < o->cap)
		return 1;
	if (cap > o->max + 1)
		cap = o->max + 1;
	if (cap <= o->cap ||
	    (p = wn_grow(o->arena, o->b, o->len, cap)) == NULL) {
		o->err = WINNOW_ETOOBIG;
		return 0;
	}
	o->b = p;
	o->cap = cap;
	return 1;
}

#ifdef HAVE_LIBDEFLATE
static size_t
gzip_guess(const unsigned char *in, size_t n, size_t max)
{
	size_t size = 0;

	/* The last four bytes of a member are its length. */
	if (n >= 18)
		size = in[n - 4] | (size_t)in[n - 3] << 8 |
		       (size_t)in[n - 2] << 16 | (size_t)in[n - 1] << 24;
	if (size / MAX_RATIO > n)
		size = 0;
	size = size < FIRST ? FIRST : size;
	return size > max ? max + 1 : size + 1;
}

/* All members of a gzip file; 0, or -1 for zlib to try. */
static int
gunzip_fast(struct sink *o, const unsigned char *in, size_t n)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	enum libdeflate_result r;
	size_t used, got;
	int err = d != NULL ? 0 : -1;

	o->cap = gzip_guess(in, n, o->max);
	if ((o->b = wn_alloc(o->arena, o->cap)) == NULL)
		err = -1;
	while (err == 0 && n >= 18 && in[0] == 0x1F && in[1] == 0x8B) {
		r = libdeflate_gzip_decompress_ex(
		    d, in, n, o->b + o->len, o->cap - o->len, &used, &got);
		if (r == LIBDEFLATE_SUCCESS) {
			in += used;
			n -= used;
			o->len += got;
		} else if (r != LIBDEFLATE_INSUFFICIENT_SPACE) {
			err = -1;
		} else {
			size_t len = o->len;

			o->len = o->cap;
			err = sink_room(o) ? 0 : -1;
			o->len = len;
		}
	}
	libdeflate_free_decompressor(d);
	return err;
}
#endif

/* zlib's stream; what came before an error is kept. */
static void
inflate_stream(struct sink *o, const unsigned char *in, size_t n, int bits)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)n};
	int r = inflateInit2(&z, bits);

	if (r != Z_OK) {
		o->err = WINNOW_ENOMEM;
		return;
	}
	while (sink_room(o)) {
		z.next_out = (Bytef *)o->b + o->len;
		z.avail_out = (uInt)(o->cap - o->len);
		r = inflate(&z, Z_NO_FLUSH);
		o->len = o->cap - z.avail_out;
		if (r == Z_STREAM_END && bits > 0 && z.avail_in >= 18 &&
		    z.next_in[0] == 0x1F && z.next_in[1] == 0x8B)
			r = inflateReset(&z);
		if (r != Z_OK)
			break;
		if (z.avail_in == 0 && z.avail_out > 0)
			break;
	}
	inflateEnd(&z);
}

static void
gunzip(struct sink *o, const unsigned char *in, size_t n)
{
#ifdef HAVE_LIBDEFLATE
	if (gunzip_fast(o, in, n) == 0)
		return;
	o->len = 0;
	if (o->err != 0)
		return;
#endif
	inflate_stream(o, in, n, 15 + 16);
}

/* "deflate" is a zlib stream, and raw deflate from those who read it so. */
static void
undeflate(struct sink *o, const unsigned char *in, size_t n)
{
	int zlib =
	    n >= 2 && (in[0] & 15) == 8 && (in[0] * 256 + in[1]) % 31 == 0;

	inflate_stream(o, in, n, zlib ? 15 : -15);
	if (zlib && o->len == 0 && o->err == 0)
		inflate_stream(o, in, n, -15);
}

#ifdef HAVE_LIBBROTLIDEC
static void
unbrotli(struct sink *o, const unsigned char *in, size_t n)
{
	BrotliDecoderState *s = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	BrotliDecoderResult r = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;

	if (s == NULL)
		o->err = WINNOW_ENOMEM;
	while (s != NULL && r == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT &&
	       sink_room(o)) {
		uint8_t *next = (uint8_t *)o->b + o->len;
		size_t left = o->cap - o->len;

		r = BrotliDecoderDecompressStream(
		    s, &n, &in, &left, &next, NULL);
		o->len = o->cap - left;
	}
	if (s != NULL)
		BrotliDecoderDestroyInstance(s);
}
#endif

#ifdef HAVE_LIBZSTD
static void
unzstd(struct sink *o, const unsigned char *in, size_t n)
{
	ZSTD_DStream *s = ZSTD_createDStream();
	ZSTD_inBuffer i = {in, n, 0};
	size_t r = 1, before;

	if (s == NULL) {
		o->err = WINNOW_ENOMEM;
		return;
	}
	ZSTD_DCtx_setParameter(s, ZSTD_d_windowLogMax, MAX_WINDOW);
	while (sink_room(o)) {
		ZSTD_outBuffer b = {o->b, o->cap, o->len};

		before = i.pos;
		r = ZSTD_decompressStream(s, &b, &i);
		if (ZSTD_isError(r) || (i.pos == before && b.pos == o->len))
			break;
		o->len = b.pos;
		if (i.pos == n && b.pos < b.size)
			break;
	}
	ZSTD_freeDStream(s);
}
#endif

static int
is_gzip(const unsigned char *in, size_t n)
{
	return n >= 2 && in[0] == 0x1F && in[1] == 0x8B;
}

/* Text that was never coded: it begins as pages do. */
static int
is_plain(const unsigned char *in, size_t n)
{
	while (
	    n > 0 && (*in <= ' ' || *in == 0xEF || *in == 0xBB || *in == 0xBF))
		in++, n--;
	return n > 1 && *in == '<' && in[1] < 0x80;
}

static const struct coding {
	const char *name;
	void (*decode)(struct sink *, const unsigned char *, size_t);
	int (*fits)(const unsigned char *, size_t); /* NULL: ask is_plain */
} codings[] = {
    {"gzip", gunzip, is_gzip},
    {"x-gzip", gunzip, is_gzip},
    {"deflate", undeflate, NULL},
#ifdef HAVE_LIBBROTLIDEC
    {"br", unbrotli, NULL},
#endif
#ifdef HAVE_LIBZSTD
    {"zstd", unzstd, NULL},
#endif
    {"identity", NULL, NULL},
    {"none", NULL, NULL},
};

static const struct coding *
coding_find(const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
		if (strlen(codings[i].name) == n &&
		    strncasecmp(codings[i].name, name, n) == 0)
			return &codings[i];
	return NULL;
}

/* The header's names in order; their number, or WINNOW_ECODING. */
static int
layers_of(const char *s, const struct coding *v[MAX_LAYERS])
{
	const struct coding *c;
	size_t n;
	int k = 0;

	for (; *s != '\0'; s += n) {
		s += strspn(s, " \t,");
		if ((n = strcspn(s, " \t,")) == 0)
			break;
		if ((c = coding_find(s, n)) == NULL)
			return WINNOW_ECODING;
		if (c->decode == NULL)
			continue;
		if (k == MAX_LAYERS)
			return WINNOW_ECODING;
		v[k++] = c;
	}
	return k;
}

int
wn_inflate(struct wn_arena *a, const char *encoding, const void *in, size_t n,
    size_t max, const char **out, size_t *out_n)
{
	const struct coding *v[MAX_LAYERS];
	const unsigned char *p = in;
	int k = encoding != NULL ? layers_of(encoding, v) : 0;

	if (k < 0)
		return k;
	while (k-- > 0) {
		struct sink o = {.arena = a, .max = max};

		if (n == 0 ||
		    (v[k]->fits != NULL ? !v[k]->fits(p, n) : is_plain(p, n)))
			continue;
		v[k]->decode(&o, p, n);
		if (o.err == 0 && o.len > max)
			o.err = WINNOW_ETOOBIG;
		if (o.err == 0 && o.len == 0)
			o.err = WINNOW_ECODING;
		if (o.err != 0)
			return o.err;
		p = (const unsigned char *)o.b;
		n = o.len;
	}
	if (n > max)
		return WINNOW_ETOOBIG;
	*out = (const char *)p;
	*out_n = n;
	return 0;
}
