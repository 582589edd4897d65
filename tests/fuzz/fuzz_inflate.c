/* fuzz_inflate.c - the first byte chooses the codings: never more than max. */
#include <stdint.h>
#include <stdlib.h>

#include "cleaner/arena.h"
#include "cleaner/inflate.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const codings[] = {"gzip", "deflate", "br", "zstd",
	    "gzip, gzip", "deflate, gzip", "br, gzip"};
	static struct wn_arena *a;
	const char *out;
	size_t len;

	if (a == NULL)
		a = wn_arena_new(64 << 20);
	if (n == 0)
		return 0;
	wn_arena_reset(a);
	if (wn_inflate(a, codings[bytes[0] % 7], bytes + 1, n - 1, 1 << 20,
		&out, &len) == 0 &&
	    len > 1 << 20)
		abort();
	return 0;
}
