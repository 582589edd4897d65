/* fuzz_normalise.c - any bytes as a text: the output is valid UTF-8 without
 * control characters, marks of direction and noncharacters, and has no more
 * characters than the input has bytes. The first byte says whether the text is
 * a mirror's. */
#include <stdlib.h>
#include <string.h>

#include "cleaner/utf8.h"
#include "cleaner/winnow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *s, size_t n, size_t in)
{
	size_t chars = 0;

	if (wn_utf8_prefix(s, n) != n)
		abort();
	for (size_t i = 0; i < n;) {
		unsigned k;
		uint32_t c = wn_utf8_get(s + i, &k);

		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7F ||
		    (c >= 0x202A && c <= 0x202E) || c == 0x200E ||
		    c == 0x200F || c == 0x61C || (c >= 0xFDD0 && c <= 0xFDEF) ||
		    (c & 0xFFFE) == 0xFFFE || (c >= 0x2066 && c <= 0x2069))
			abort();
		chars++;
		i += k;
	}
	if (chars > in)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct winnow *w;
	unsigned repairs[WINNOW_REPAIR_N];
	const char *out;
	size_t n;
	int mirror;

	if (w == NULL && winnow_new(&w, NULL) != 0)
		return 0;
	if (size == 0)
		return 0;
	mirror = data[0] & 1;
	if (winnow_normalise(w, (const char *)data + 1, size - 1, mirror, &out,
		&n, repairs) == 0)
		check(out, n, size);
	return 0;
}
