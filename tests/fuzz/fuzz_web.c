/* fuzz_web.c - a target and a Host as a stranger may send them. */
#include "crawler/web_target.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
query(const char *text, const char *name, size_t cap)
{
	char out[64];
	int n = web_query_get(text, name, out, cap);

	assert(n < (int)cap);
	assert(n < 0 || strlen(out) == (size_t)n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"crawler.example", NULL};
	struct web_target t;
	char *text = malloc(size + 1);

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (web_target_parse(&t, text) == 0) {
		assert(t.path[0] == '/' && strpbrk(t.path, "?#") == NULL);
		assert(strlen(t.path) < WEB_PATH_MAX);
		query(t.query, "id", 64);
		(void)web_host_ok(t.host, names);
	}
	query(text, "a", 8);
	(void)web_host_ok(text, names);
	free(text);
	return 0;
}
