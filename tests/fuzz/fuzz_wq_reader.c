/* fuzz_wq_reader.c - a sealed file of any bytes: no crash, no endless loop,
 * and what is given out is whole lines. */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/wq.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char *
make_file(void)
{
	static char dir[64], path[160];

	if (path[0] != '\0')
		return path;
	snprintf(dir, sizeof dir, "/tmp/wq-fuzz-%ld", (long)getpid());
	mkdir(dir, 0755);
	snprintf(path, sizeof path, "%s/ready", dir);
	mkdir(path, 0755);
	snprintf(path, sizeof path, "%s/ready/2026-11-21", dir);
	mkdir(path, 0755);
	snprintf(path, sizeof path,
	    "%s/ready/2026-11-21/20261121T031500Z-n-0000000001.jsonl.gz", dir);
	return path;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *path = make_file(), *line;
	char dir[64], err[256];
	struct wq_reader *r;
	uint64_t seq;
	size_t n, calls = 0;
	FILE *f;
	int rc;

	if ((f = fopen(path, "w")) == NULL)
		abort();
	fwrite(data, 1, len, f);
	fclose(f);
	snprintf(dir, sizeof dir, "/tmp/wq-fuzz-%ld", (long)getpid());
	if (wq_reader_open(&r, dir, NULL, err, sizeof err) != 0)
		abort();
	while ((rc = wq_read(r, &line, &n, &seq)) != 0) {
		assert(rc < 0 || (n > 0 && line[n - 1] == '\n'));
		assert(rc > 0 || ++calls <= len + 1);
	}
	wq_reader_close(r);
	return 0;
}
