/* fuzz_feed.c - any bytes as a feed inside a good frame: the first byte
 * chooses RSS, Atom, RDF or JSON and the header's encoding, the rest stands in
 * an entry, so that the fields are reached without luck. */
#include "cleaner/winnow.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(void *arg, const struct winnow_entry *e)
{
	*(size_t *)arg += e->url_len + (e->title ? strlen(e->title) : 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		const char *head, *tail;
	} frames[] = {
	    {"<rss><channel><item>", "</item></channel></rss>"},
	    {"<feed><entry>", "</entry></feed>"},
	    {"<rdf:RDF><item>", "</item></rdf:RDF>"},
	    {"{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[",
		"]}"},
	};
	static const char *const types[] = {NULL, "text/xml; charset=gbk",
	    "application/xml; charset=utf-16", "text/xml; charset=big5"};
	static struct winnow *w;
	struct winnow_feed f;
	size_t h, t, sum = 0;
	char *s;

	if (size < 1 || (w == NULL && winnow_new(&w, NULL) != 0))
		return 0;
	h = strlen(frames[data[0] & 3].head);
	t = strlen(frames[data[0] & 3].tail);
	if ((s = malloc(h + t + size)) == NULL)
		return 0;
	memcpy(s, frames[data[0] & 3].head, h);
	memcpy(s + h, data + 1, size - 1);
	memcpy(s + h + size - 1, frames[data[0] & 3].tail, t);
	(void)winnow_read_feed(w, s, h + size - 1 + t, "http://a.test/f",
	    types[data[0] >> 2 & 3], look, &sum, &f);
	free(s);
	return 0;
}
