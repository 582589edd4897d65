/* fuzz_date.c - any bytes as a small text: what is found is a day that exists,
 * and where it was found lies inside. */
#include <stdlib.h>
#include <string.h>

#include "cleaner/date.h"
#include "cleaner/winnow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct winnow_date out;
	struct wn_date d;
	int64_t now = 0;
	char *s;

	if (size > sizeof(now)) {
		memcpy(&now, data, sizeof(now));
		data += sizeof(now);
		size -= sizeof(now);
	}
	/* a copy of just that size: a byte too far is seen */
	if ((s = malloc(size ? size : 1)) == NULL)
		return 0;
	memcpy(s, data, size);
	if (wn_date_find(s, size, now, &d) &&
	    (d.beg >= d.end || d.end > size ||
		!wn_date_exists(d.year, d.mon, d.day) || d.hour > 23))
		abort();
	winnow_parse_date(s, size, now, &out);
	free(s);
	return 0;
}
