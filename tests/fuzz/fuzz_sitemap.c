/* fuzz_sitemap.c - any bytes as what a sitemap's address gives, the header
 * saying nothing. */
#include "cleaner/winnow.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(void *arg, const struct winnow_entry *e)
{
	(void)arg;
	assert(e->url == NULL || strlen(e->url) == e->url_len);
	assert(e->url == NULL || strncmp(e->url, "http", 4) == 0);
	assert(e->title == NULL || strlen(e->title) > 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct winnow *w;
	struct winnow_feed f;

	if (w == NULL && winnow_new(&w, NULL) != 0)
		return 0;
	assert(winnow_read_feed(w, data, size, "http://a.test/s.xml", NULL,
		   look, NULL, &f) == 0);
	assert(f.entries <= WINNOW_FEED_ENTRIES);
	assert(f.type != WINNOW_FEED_NONE || f.error != NULL);
	return 0;
}
