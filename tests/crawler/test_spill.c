/* A body in memory or in a file is the same bytes, and leaves nothing behind.
 */
#include "crawler/spill.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tests/test.h"

static char dir[] = "/tmp/winnow-spill-XXXXXX";
static char bytes[3 * SPILL_MEMORY];

static int
files(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	if (d != NULL)
		closedir(d);
	return n;
}

/* Puts len bytes in pieces of step, reads them back. */
static void
there_and_back(struct spill *s, size_t len, size_t step)
{
	static char back[sizeof bytes];
	size_t at, n;
	long r;

	spill_clear(s);
	for (at = 0; at < len; at += n) {
		n = len - at < step ? len - at : step;
		CHECK_INT(spill_put(s, dir, bytes + at, n), 0);
	}
	CHECK_INT(s->len, len);
	CHECK_INT(s->fd >= 0, len > SPILL_MEMORY);
	CHECK(spill_hash(s) == XXH3_64bits(bytes, len));
	if (s->fd < 0) {
		CHECK(len == 0 || memcmp(s->b, bytes, len) == 0);
		return;
	}
	CHECK(s->b == NULL);
	for (at = 0; (r = spill_read(s->fd, at, back + at, 10000)) > 0;)
		at += (size_t)r;
	CHECK_INT(at, len);
	CHECK(memcmp(back, bytes, len) == 0);
}

int
main(void)
{
	static const size_t lens[] = {0, 1, 16384, SPILL_MEMORY - 1,
	    SPILL_MEMORY, SPILL_MEMORY + 1, sizeof bytes};
	struct spill s;
	size_t i;

	if (mkdtemp(dir) == NULL)
		return 1;
	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 2654435761u >> 13);
	spill_init(&s);
	TEST("spill: what was put comes back, from memory and from the file")
	for (i = 0; i < sizeof lens / sizeof *lens; i++) {
		there_and_back(&s, lens[i], 16384);
		there_and_back(&s, lens[i], 9999);
	}
	TEST("spill: the file has no name")
	CHECK_INT(files(), 0);
	spill_clear(&s);
	TEST("spill: a place where no file can be made is an error, not a loss")
	CHECK_INT(spill_put(&s, "/nowhere/at/all", bytes, SPILL_MEMORY), 0);
	CHECK_INT(spill_put(&s, "/nowhere/at/all", bytes, 1), -1);
	CHECK_INT(s.len, SPILL_MEMORY);
	spill_clear(&s);
	rmdir(dir);
	return test_end();
}
