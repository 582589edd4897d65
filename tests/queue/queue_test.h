/* queue_test.h - what the tests of the queue share: a folder of their own, a
 * clock they move, blocks of records whose text says who they are. */
#ifndef QUEUE_TEST_H
#define QUEUE_TEST_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/deflate.h"
#include "queue/format.h"
#include "queue/wq.h"
#include "tests/test.h"

#define T0 1795230900000LL /* 2026-11-21T03:15:00Z */

static inline int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)st, (void)kind, (void)f;
	return remove(path);
}

static inline void
remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline char *
make_folder(void)
{
	static char path[64];

	snprintf(path, sizeof path, "/tmp/wq-test-%ld", (long)getpid());
	remove_tree(path);
	mkdir(path, 0755);
	strcat(path, "/queue");
	return path;
}

/* n records from seq on, {"seq":"17","t":"..."}; caller frees. */
static inline char *
make_lines(uint64_t seq, uint32_t n, size_t *len)
{
	size_t cap = (size_t)n * 128, at = 0;
	char *s = malloc(cap);

	for (uint32_t i = 0; i < n; i++)
		at += (size_t)snprintf(s + at, cap - at,
		    "{\"seq\":\"%llu\",\"t\":\"%016llx%016llx\"}\n",
		    (unsigned long long)(seq + i),
		    (unsigned long long)((seq + i) * 0x9e3779b97f4a7c15u),
		    (unsigned long long)((seq + i) * 0xc2b2ae3d27d4eb4fu));
	*len = at;
	return s;
}

static inline int
put_records(struct wq_writer *w, uint32_t n, int64_t now)
{
	uint64_t seq = wq_next_seq(w);
	size_t len, mlen;
	char *lines = make_lines(seq, n, &len);
	void *m;
	int err = wq_member(lines, len, n, seq, &m, &mlen);

	if (err == 0)
		err = wq_put(w, m, mlen, n, len, now);
	free(m);
	free(lines);
	return err;
}

/* Makes the first block of a file one of a newer version, with checksums as it
 * would have them. */
static inline void
make_file_newer(const char *path)
{
	unsigned char head[WQ_HEADER];
	int fd = open(path, O_RDWR);

	if (fd < 0 || pread(fd, head, sizeof head, 0) != sizeof head)
		TEST_FAIL("cannot read %s", path);
	head[16] = 2;
	wq_put32(head + WQ_HEADER - 4, wq_crc32(head, WQ_HEADER - 4));
	if (pwrite(fd, head, sizeof head, 0) != sizeof head)
		TEST_FAIL("cannot write %s", path);
	close(fd);
}

/* Put, sync, commit in one; *pos is then what a store would hold. */
static inline int
land(struct wq_writer *w, uint32_t n, int seal, int64_t now, struct wq_pos *pos)
{
	struct wq_pos p;
	int err;

	if ((err = put_records(w, n, now)) != 0 ||
	    (err = wq_sync(w, seal, now, &p)) != 0)
		return err;
	*pos = p;
	return wq_committed(w, &p);
}

/* Counts what a reader gives from a sequence number on; -1 when a record is
 * not where it belongs. */
static inline long
count_from(const char *dir, uint64_t from)
{
	struct wq_reader *r;
	const char *line;
	char err[512], want[64];
	uint64_t seq, next = 0;
	size_t len;
	long n = 0;
	int rc;

	if (wq_reader_open(&r, dir, &(struct wq_range){.from_seq = from},
		err, sizeof err) != 0)
		return -1;
	while ((rc = wq_read(r, &line, &len, &seq)) > 0) {
		snprintf(want, sizeof want, "{\"seq\":\"%llu\",",
		    (unsigned long long)seq);
		if (seq < from || (next != 0 && seq != next) ||
		    strncmp(line, want, strlen(want)) != 0 ||
		    line[len - 1] != '\n')
			n = -1000000;
		next = seq + 1;
		n++;
	}
	wq_reader_close(r);
	return rc < 0 || n < 0 ? -1 : n;
}

static inline int
count_in(const char *dir, const char *below)
{
	char path[512];
	struct dirent *e;
	DIR *d;
	int n = 0;

	snprintf(path, sizeof path, "%s/%s", dir, below);
	if ((d = opendir(path)) == NULL)
		return -1;
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.' && strcmp(e->d_name, "lock") != 0;
	closedir(d);
	return n;
}

#endif
