/* fuzz_json.c - any bytes as JSON: the walk ends, stays inside, and a string
 * that is quoted again reads as the same. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/winnow.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check_string(const char *s, size_t n)
{
	char *quoted = malloc(6 * n + 3 + 2);
	struct winnow_json j;
	struct winnow_json_value v;
	size_t len;

	if (quoted == NULL)
		return;
	quoted[0] = '[';
	len = 1 + winnow_json_quote(quoted + 1, s, n);
	quoted[len++] = ']';
	assert(winnow_json_begin(&j, quoted, len) == 0);
	assert(winnow_json_next(&j, &v) == 1);
	assert(v.type == WINNOW_JSON_STRING && v.len == n);
	assert(memcmp(v.s, s, n) == 0);
	assert(winnow_json_next(&j, &v) == 0);
	free(quoted);
}

static void
walk(char *text, size_t len, int depth)
{
	struct winnow_json j;
	struct winnow_json_value v;
	size_t values = 0;

	if (winnow_json_begin(&j, text, len) != 0)
		return;
	while (winnow_json_next(&j, &v) == 1) {
		assert(++values <= len);
		if (v.key != NULL)
			assert(v.key >= text && v.key + v.key_len < text + len);
		if (v.type < WINNOW_JSON_STRING)
			continue;
		assert(v.s >= text && v.s + v.len <= text + len);
		if (v.type == WINNOW_JSON_STRING)
			check_string(v.s, v.len);
		else if (depth > 0)
			walk(v.s, v.len, depth - 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = malloc(size > 0 ? size : 1); /* no byte behind its end */

	if (s == NULL)
		return 0;
	memcpy(s, data, size);
	walk(s, size, 8);
	free(s);
	return 0;
}
