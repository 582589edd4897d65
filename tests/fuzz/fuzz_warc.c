/* fuzz_warc.c - any bytes as a WARC file. The first byte says in what pieces it
 * is read; with its high bit the rest is made gzip first, a member a line of
 * dashes. What comes out lies where it may be read, and there is an end. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "cleaner/winnow.h"

#define MAX_BODY 100000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *p;
	size_t left, piece;
};

static long
read_piece(void *arg, void *buf, size_t n)
{
	struct input *in = arg;

	if (n > in->piece)
		n = in->piece;
	if (n > in->left)
		n = in->left;
	memcpy(buf, in->p, n);
	in->p += n;
	in->left -= n;
	return (long)n;
}

static size_t
zip(uint8_t *to, size_t cap, const uint8_t *p, size_t n)
{
	z_stream z = {.next_in = (void *)(uintptr_t)p,
	    .avail_in = (uInt)n,
	    .next_out = to,
	    .avail_out = (uInt)cap};

	if (deflateInit2(&z, 1, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return cap - z.avail_out;
}

/* Members of what lies between lines of dashes. */
static uint8_t *
zip_members(const uint8_t *p, size_t n, size_t *len)
{
	size_t cap = 2 * n + 65536, k;
	uint8_t *out = malloc(cap);
	const uint8_t *end = p + n, *q;

	if (out == NULL)
		abort();
	for (*len = 0; p < end && cap - *len > 1024; p += k) {
		q = memmem(p, (size_t)(end - p), "\n---\n", 5);
		k = q != NULL ? (size_t)(q - p) + 5 : (size_t)(end - p);
		*len += zip(out + *len, cap - *len, p, q != NULL ? k - 5 : k);
	}
	return out;
}

static void
use(const char *s)
{
	assert(s == NULL || strlen(s) < 1 << 20);
}

static void
use_page(const struct winnow_warc_page *g, uint64_t *sum)
{
	use(g->url);
	use(g->id);
	use(g->address);
	use(g->truncated);
	use(g->content_type);
	use(g->content_encoding);
	use(g->last_modified);
	use(g->etag);
	use(g->x_robots_tag);
	use(g->charset);
	use(g->timezone);
	assert(g->status >= 0 && g->status <= 999);
	assert(g->head_len > 0 && g->body_len <= MAX_BODY + (512 << 10));
	for (size_t i = 0; i < g->head_len; i++)
		*sum += (unsigned char)g->head[i];
	for (size_t i = 0; i < g->body_len; i++)
		*sum += ((const unsigned char *)g->body)[i];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data + 1, size - 1, 1};
	struct winnow_warc *w;
	struct winnow_warc_page g;
	uint8_t *zipped = NULL;
	uint64_t sum = 0;
	size_t calls = 0;
	int rc;

	if (size == 0)
		return 0;
	in.piece = data[0] & 0x7f ? (size_t)1 << (data[0] & 0x0f) : 1;
	if (data[0] & 0x80)
		in.p = zipped = zip_members(data + 1, size - 1, &in.left);
	(void)winnow_is_warc(in.p, in.left);
	if (winnow_warc_new(&w, read_piece, &in, MAX_BODY) != 0)
		abort();
	while ((rc = winnow_warc_next(w, &g)) != 0) {
		assert(calls++ <= size + 2);
		if (rc == 1)
			use_page(&g, &sum);
		else
			assert(strlen(winnow_warc_where(w)) < 256);
	}
	winnow_warc_free(w);
	free(zipped);
	assert(sum != UINT64_MAX); /* it was read */
	return 0;
}
