/* fuzz_robots.c - any bytes as a robots.txt, and as a blob from the store. */
#include "crawler/robots.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/winnow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ignore(void *arg, const char *url)
{
	(void)arg;
	assert(strncmp(url, "http", 4) == 0);
}

static void
use(const void *blob, size_t len)
{
	int line;

	(void)robots_allowed(
	    blob, len, "http://a.test/a/b.html?c=%41*$", &line);
	(void)robots_allowed(blob, len, "http://a.test", NULL);
	(void)robots_crawl_delay_ms(blob, len);
	robots_sitemaps(blob, len, "http://a.test/robots.txt", ignore, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *blob;
	size_t len;

	if (robots_check(data, size))
		use(data, size);
	if (robots_compile(data, size, "winnowd", &blob, &len) != 0)
		return 0;
	assert(robots_check(blob, len));
	use(blob, len);
	free(blob);
	return 0;
}
