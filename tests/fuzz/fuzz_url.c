/* fuzz_url.c - any bytes as a link on a page.
 *
 * The first line chooses the page's encoding, the second is its address, the
 * rest the link. What comes out is ASCII, a fixed point of parser and key
 * form, and its offsets are in order (U1, U4, K1). */
#include "cleaner/winnow.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct winnow_url *u)
{
	struct winnow_url again;
	size_t i;

	assert(u->len <= WINNOW_URL_MAX && u->href[u->len] == '\0');
	for (i = 0; i < u->len; i++)
		assert(u->href[i] >= ' ' && u->href[i] < 0x7f);
	assert(u->scheme_end < u->len && u->host_beg <= u->host_end &&
	       u->host_end <= u->path_beg && u->path_beg <= u->query_beg &&
	       u->query_beg <= u->frag_beg && u->frag_beg <= u->len);
	assert(winnow_url_parse(&again, u->href, u->len, NULL, NULL) == 0);
	assert(strcmp(again.href, u->href) == 0);
	assert(again.path_beg == u->path_beg && again.port == u->port);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const encodings[] = {NULL, "gbk", "gb18030", "big5",
	    "shift_jis", "iso-2022-jp", "euc-kr", "windows-1252"};
	struct winnow_url base, u, c;
	const char *p = (const char *)data, *line;
	const struct winnow_url *against = NULL;

	if (size < 1)
		return 0;
	line = memchr(p + 1, '\n', size - 1);
	if (line != NULL && winnow_url_parse(&base, p + 1,
				(size_t)(line - p - 1), NULL, NULL) == 0) {
		check(&base);
		against = &base;
		size -= (size_t)(line + 1 - p);
		p = line + 1;
	}
	if (winnow_url_parse(&u, p, size, against, encodings[data[0] % 8]) != 0)
		return 0;
	check(&u);
	if (winnow_url_canonical(&u, &c) != 0)
		return 0;
	check(&c);
	assert(winnow_url_canonical(&c, &u) == 0);
	assert(strcmp(c.href, u.href) == 0);
	return 0;
}
