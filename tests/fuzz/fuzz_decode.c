/* fuzz_decode.c - the first byte chooses the encoding, the rest is decoded:
 * what comes out must be UTF-8 without NUL. */
#include <stdint.h>
#include <stdlib.h>

#include "cleaner/arena.h"
#include "cleaner/decode.h"
#include "cleaner/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct wn_charsets *cs;
	static struct wn_arena *a;
	struct wn_decode_hints h = {NULL, NULL};
	struct wn_decoded d;

	if (cs == NULL) {
		cs = wn_charsets_new();
		a = wn_arena_new(64 << 20);
	}
	if (n == 0)
		return 0;
	wn_arena_reset(a);
	if (bytes[0] < WN_CS_N)
		h.user = wn_charset_name((enum wn_charset)bytes[0]);
	if (wn_decode(cs, a, (const char *)bytes + 1, n - 1, &h, &d) == 0 &&
	    wn_utf8_prefix(d.text, d.len) != d.len)
		abort();
	return 0;
}
