/* fuzz_header.c - any bytes as header values: Set-Cookie lines, Retry-After,
 * X-Robots-Tag. A line each; all bounds of cookies.h hold behind them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/winnow.h"
#include "crawler/cookies.h"
#include "crawler/politeness.h"

#define NOW_S 1700000000
#define HOUR_MS 3600000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
use_cookies(struct cookies *jar, const char *line, size_t n)
{
	const struct cookies_place tls = {"www.a.test", "/a/b.html", 1};
	const struct cookies_place plain = {"a.test", "/", 0};
	char out[COOKIES_HEADER + 1];

	(void)cookies_set(jar, &tls, line, n, NOW_S);
	(void)cookies_set(jar, &plain, line, n, NOW_S);
	assert(cookies_get(jar, &tls, NOW_S, out) <= COOKIES_HEADER);
	assert(strpbrk(out, "\r\n") == NULL);
	assert(cookies_get(jar, &plain, NOW_S + 9, out) <= COOKIES_HEADER);
}

static void
use_words(const char *line)
{
	static const char body[] = "<p>A short page of a few words.</p>";
	static struct winnow *w;
	struct winnow_page p = {.body = body,
	    .body_len = sizeof body - 1,
	    .x_robots_tag = line,
	    .now = NOW_S};
	const struct winnow_doc *doc;
	int64_t ms;

	if (w == NULL && winnow_new(&w, NULL) != 0)
		abort();
	assert(winnow_clean(w, &p, &doc) == 0);
	ms = politeness_retry_after(line, HOUR_MS, NOW_S * 1000LL);
	assert(ms >= -1 && ms <= HOUR_MS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cookies *jar = cookies_new();
	char *text = malloc(size + 1), *line, *next;

	if (jar == NULL || text == NULL)
		abort();
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	for (line = text; line != NULL; line = next) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		use_cookies(jar, line, strlen(line));
		use_words(line);
	}
	cookies_free(jar);
	free(text);
	return 0;
}
