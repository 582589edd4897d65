/* deflate.c - see deflate.h. */
#include "queue/deflate.h"

#include <zlib.h>
#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

#include "queue/wq.h"

/* Stored blocks have at least 5,000 bytes, and five of their own. */
size_t
wq_deflate_bound(size_t len)
{
	return len + len / 1000 + 64;
}

#ifdef HAVE_LIBDEFLATE
uint32_t
wq_crc32(const void *p, size_t len)
{
	return libdeflate_crc32(0, p, len);
}

int
wq_deflate(const void *in, size_t len, int level, void *out, size_t *n)
{
	struct libdeflate_compressor *c = libdeflate_alloc_compressor(level);

	if (c == NULL)
		return WQ_ENOMEM;
	*n = libdeflate_deflate_compress(c, in, len, out, *n);
	libdeflate_free_compressor(c);
	return *n > 0 ? WQ_OK : WQ_EINVAL;
}

int
wq_inflate(const void *in, size_t len, void *out, size_t out_len)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	enum libdeflate_result r;
	size_t used, got;

	if (d == NULL)
		return WQ_ENOMEM;
	r = libdeflate_deflate_decompress_ex(
	    d, in, len, out, out_len, &used, &got);
	libdeflate_free_decompressor(d);
	return r == LIBDEFLATE_SUCCESS && used == len && got == out_len
		   ? WQ_OK
		   : WQ_ECORRUPT;
}
#else
uint32_t
wq_crc32(const void *p, size_t len)
{
	return (uint32_t)crc32_z(0, p, len);
}

int
wq_deflate(const void *in, size_t len, int level, void *out, size_t *n)
{
	z_stream z = {0};
	int rc;

	if (deflateInit2(&z, level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return WQ_ENOMEM;
	z.next_in = (void *)(uintptr_t)in;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = (uInt)*n;
	rc = deflate(&z, Z_FINISH);
	*n -= z.avail_out;
	deflateEnd(&z);
	return rc == Z_STREAM_END ? WQ_OK : WQ_EINVAL;
}

int
wq_inflate(const void *in, size_t len, void *out, size_t out_len)
{
	z_stream z = {0};
	int rc;

	if (inflateInit2(&z, -15) != Z_OK)
		return WQ_ENOMEM;
	z.next_in = (void *)(uintptr_t)in;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = (uInt)out_len;
	rc = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	return rc == Z_STREAM_END && z.avail_in == 0 && z.avail_out == 0
		   ? WQ_OK
		   : WQ_ECORRUPT;
}
#endif
