/* fuzz_clean.c - any bytes as a page: the whole route, and the record. */
#include <stdlib.h>

#include "cleaner/winnow.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct winnow *w;
	struct winnow_options o = {.max_body = 1 << 20, .html = 1};
	struct winnow_page p = {.body = bytes,
	    .body_len = n,
	    .url = "http://example.com/a",
	    .now = 1770000000};
	const struct winnow_doc *d;
	struct winnow_line l;

	if (w == NULL && winnow_new(&w, &o) != 0)
		abort();
	if (winnow_clean(w, &p, &d) == 0 &&
	    winnow_record(w, d, NULL, &l) == 0 && l.json[l.len - 1] != '\n')
		abort();
	return 0;
}
