/* fuzz_wq_typed.c - what hands write for the queue: a cursor's file, a time, a
 * span, a size. No crash; a cursor that is read is read the same when it is
 * written again; a time is never before 1970 nor behind the year 10000. */
#include <assert.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "queue/cursor.h"
#include "queue/when.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define NOW INT64_C(1795230900000)
#define YEAR_10000 INT64_C(253402300800000)

static void
read_cursor(const char *s)
{
	struct wq_cursor c, again;
	char buf[WQ_CURSOR_BYTES + 1];

	if (wq_cursor_parse(s, &c) != 1)
		return;
	assert(c.given >= c.acked);
	wq_cursor_print(buf, &c);
	assert(strlen(buf) == WQ_CURSOR_BYTES);
	assert(wq_cursor_parse(buf, &again) == 1);
	assert(again.acked == c.acked && again.given == c.given);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int64_t begin, end, span;
	uint64_t size;
	char s[128];

	if (len >= sizeof s)
		return 0;
	memcpy(s, data, len);
	s[len] = '\0';
	read_cursor(s);
	if (wq_when_parse(s, NOW, 0, &begin) == 0) {
		assert(begin > 0 && begin < YEAR_10000 + 86400000);
		assert(wq_when_parse(s, NOW, 1, &end) == 0 && end >= begin);
	}
	if (wq_span_parse(s, &span) == 0)
		assert(span >= 0);
	if (wq_size_parse(s, &size) == 0)
		assert(size <= INT64_MAX);
	return 0;
}
