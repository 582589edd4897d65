/* fuzz_wq_reader.c - sealed files and an index of any bytes: no crash, no
 * endless loop; what is given out is whole lines whose numbers rise; where
 * verify finds nothing a reader meets nothing.
 *
 * The input is the file; what stands behind "INDEX" is index.jsonl, and the
 * file is there twice then. An exclamation mark at the end: every header's
 * checksum is made right, which a fuzzer cannot guess. */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "queue/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[64];

static void
make_folders(void)
{
	static const char *const below[] = {"", "/ready", "/ready/2026-11-21"};
	char path[160];

	snprintf(dir, sizeof dir, "/tmp/wq-fuzz-%ld", (long)getpid());
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s%s", dir, below[i]);
		mkdir(path, 0755);
	}
}

static void
store(const char *name, const uint8_t *data, size_t len)
{
	char path[160];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	unlink(path);
	if (data == NULL)
		return;
	if ((f = fopen(path, "w")) == NULL)
		abort();
	fwrite(data, 1, len, f);
	fclose(f);
}

static void
mend(uint8_t *b, size_t len)
{
	for (size_t i = 0; i + WQ_HEADER <= len; i++) {
		uLong crc;

		if (memcmp(b + i, "\x1f\x8b\x08\x04", 4) != 0)
			continue;
		crc = crc32(0, b + i, WQ_HEADER - 4);
		for (int k = 0; k < 4; k++)
			b[i + WQ_HEADER - 4 + (size_t)k] =
			    (uint8_t)(crc >> 8 * k);
	}
}

static void
store_all(const uint8_t *data, size_t len)
{
	const uint8_t *index = memmem(data, len, "INDEX", 5);
	size_t n = index != NULL ? (size_t)(index - data) : len;
	uint8_t *copy = malloc(len + 1);

	memcpy(copy, data, len);
	if (len > 0 && data[len - 1] == '!')
		mend(copy, n);
	store(
	    "ready/2026-11-21/20261121T031500Z-n-0000000001.jsonl.gz", copy, n);
	store("ready/2026-11-21/20261121T031501Z-n-0000000002.jsonl.gz",
	    index != NULL ? copy : NULL, n);
	store("index.jsonl", index != NULL ? index + 5 : NULL,
	    index != NULL ? len - n - 5 : 0);
	free(copy);
}

static void
found(void *arg, const char *what)
{
	(void)arg;
	assert(strstr(what, "ready/") != NULL);
}

static void
check_get(struct wq_reader *r, uint64_t seq)
{
	const char *line;
	size_t n;

	if (wq_get(r, seq, &line, &n) > 0)
		assert(n > 0 && line[n - 1] == '\n');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *line;
	char err[512];
	struct wq_reader *r;
	struct wq_check c;
	uint64_t seq, before = 0;
	size_t n, damages = 0;
	int rc;

	if (dir[0] == '\0')
		make_folders();
	store_all(data, len);
	if (wq_verify(dir, found, NULL, &c) != 0 ||
	    wq_reader_open(&r, dir, NULL, err, sizeof err) != 0)
		abort();
	while ((rc = wq_read(r, &line, &n, &seq)) != 0) {
		if (rc < 0) {
			assert(++damages <= 2 * len + 4);
			continue;
		}
		assert(n > 0 && line[n - 1] == '\n' && seq > before);
		before = seq;
	}
	assert(damages == 0 || c.bad > 0);
	check_get(r, 1);
	check_get(r, before);
	check_get(r, before / 2 + 1);
	check_get(r, before + 1);
	wq_reader_close(r);
	return 0;
}
