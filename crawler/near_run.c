/* near_run.c - keys of documents that came one after the other, in a file that
 * is written once and then only read, through a map.
 *
 *	0      struct head
 *	64     2^bits + 1 numbers of 4 bytes: where the entries begin whose key
 *	       begins with these bits
 *	       entries, 8 bytes: key, document counted from `first`; by key
 *
 *	DIR/near-FIRST-COUNT	in 16 hexadecimal digits each
 *
 * A file gets its name when it is whole and on the disk; its blocks are there
 * before it is mapped, for a store into a map that the disk has no room for
 * would end the process.
 *
 * Invariant N4: nothing of a file is trusted but its length. An entry may name
 * any document, whose row is looked at; what is outside is left out. */
#include "crawler/near_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

/* The directory has to be small, so that it stays in the processor's cache. */
#define SPREAD 32       /* entries of a place in the directory, on average */
#define CROWD 4096      /* entries that are looked at, at most */
#define FLUSH (8 << 20) /* bytes between two hints to write */
#define HEAD 64

static const char magic[8] = "WNNEAR01";

struct head {
	char magic[8];
	uint64_t first, count;
	uint32_t entries, bits;
	uint64_t check; /* XXH3 of all before it */
};

static uint64_t
head_check(const struct head *h)
{
	return XXH3_64bits(h, offsetof(struct head, check));
}

static void
run_path(const struct near *r, const char *what, uint64_t first, uint64_t count,
    char path[PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s/near-%016" PRIx64 "-%016" PRIx64 "%s",
		r->dir, first, count, what) >= PATH_MAX)
		path[0] = '\0';
}

static size_t
size_of(uint64_t entries, unsigned bits)
{
	return HEAD + 4 * (((size_t)1 << bits) + 1) +
	       sizeof(struct near_entry) * (size_t)entries;
}

/* Where its parts are, in a map. */
static void
run_lay(struct near_run *n, uint32_t entries, unsigned bits)
{
	n->entries = entries;
	n->bits = bits;
	n->size = size_of(entries, bits);
	n->dir = (uint32_t *)(void *)(n->map + HEAD);
	n->entry =
	    (struct near_entry *)(void *)(n->dir + ((size_t)1 << bits) + 1);
}

void
run_close(struct near_run *n)
{
	if (n->map != NULL)
		munmap(n->map, n->size);
	memset(n, 0, sizeof *n);
}

void
run_remove(const struct near *r, struct near_run *n)
{
	char path[PATH_MAX];

	run_path(r, "", n->first, n->count, path);
	unlink(path);
	run_close(n);
}

/* ---- reading ------------------------------------------------------------- */

int
run_open(
    const struct near *r, uint64_t first, uint64_t count, struct near_run *n)
{
	char path[PATH_MAX];
	struct head h;
	struct stat st;
	int fd, ok;

	memset(n, 0, sizeof *n);
	run_path(r, "", first, count, path);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return -1;
	ok = pread(fd, &h, sizeof h, 0) == (ssize_t)sizeof h &&
	     memcmp(h.magic, magic, sizeof magic) == 0 &&
	     h.check == head_check(&h) && h.first == first &&
	     h.count == count && h.bits < 32 && fstat(fd, &st) == 0 &&
	     (uint64_t)st.st_size == size_of(h.entries, h.bits);
	if (ok) {
		n->map = mmap(
		    NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
		ok = n->map != MAP_FAILED;
	}
	close(fd);
	if (!ok) {
		n->map = NULL;
		return -1;
	}
	n->first = first;
	n->count = count;
	run_lay(n, h.entries, h.bits);
	madvise(n->map, n->size, MADV_RANDOM);
	return 0;
}

/* The entries that a key may be among. */
static uint32_t
run_place(const struct near_run *n, uint32_t key, uint32_t *end)
{
	uint32_t at = n->bits > 0 ? key >> (32 - n->bits) : 0;
	uint32_t lo = n->dir[at], hi = n->dir[at + 1];

	if (hi > n->entries || lo > hi || hi - lo > CROWD)
		lo = hi = 0;
	*end = hi;
	return lo;
}

void
run_expect(const struct near_run *n, uint32_t key)
{
	__builtin_prefetch(&n->dir[n->bits > 0 ? key >> (32 - n->bits) : 0]);
}

/* Keys are hashes: where one stands among those of its place its other bits
 * tell, to a few entries. */
static uint32_t
run_guess(const struct near_run *n, uint32_t key, uint32_t from, uint32_t end)
{
	uint64_t rest = (uint32_t)(key << n->bits);

	return from + (uint32_t)(rest * (end - from) >> 32);
}

void
run_expect_entries(const struct near_run *n, uint32_t key)
{
	uint32_t end, from = run_place(n, key, &end), at;

	if (from == end)
		return;
	at = run_guess(n, key, from, end);
	__builtin_prefetch(&n->entry[at > from + 3 ? at - 3 : from]);
	__builtin_prefetch(&n->entry[at + 3 < end ? at + 3 : end - 1]);
}

unsigned
run_find(const struct near_run *n, uint32_t key, uint64_t *out)
{
	uint32_t end, from = run_place(n, key, &end), at;
	unsigned found = 0;

	if (from == end)
		return 0;
	at = run_guess(n, key, from, end);
	while (at > from && n->entry[at - 1].key >= key)
		at--;
	while (at < end && n->entry[at].key < key)
		at++;
	for (; at < end && n->entry[at].key <= key && found < NEAR_SHARE; at++)
		if (n->entry[at].key == key && n->entry[at].nth < n->count)
			out[found++] = n->first + n->entry[at].nth;
	return found;
}

/* ---- writing ------------------------------------------------------------- */

int
run_begin(const struct near *r, uint64_t first, uint64_t count,
    uint64_t entries, struct near_run *n)
{
	char path[PATH_MAX];
	unsigned bits = 0;
	int rc;

	memset(n, 0, sizeof *n);
	if (entries >= UINT32_MAX)
		return EFBIG;
	while (bits < 30 && (SPREAD << bits) < (int64_t)entries)
		bits++;
	run_path(r, ".new", first, count, path);
	n->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (n->fd < 0)
		return errno;
	n->size = size_of(entries, bits);
	rc = posix_fallocate(n->fd, 0, (off_t)n->size);
	if (rc == 0) {
		n->map = mmap(NULL, n->size, PROT_READ | PROT_WRITE, MAP_SHARED,
		    n->fd, 0);
		rc = n->map == MAP_FAILED ? errno : 0;
	}
	if (rc != 0) {
		n->map = NULL;
		close(n->fd);
		unlink(path);
		return rc;
	}
	n->first = first;
	n->count = count;
	run_lay(n, (uint32_t)entries, bits);
	n->entries = 0;
	return 0;
}

/* The disk begins early, so that the end has little to wait for. */
static void
run_hint(struct near_run *n)
{
	size_t at = (size_t)((uint8_t *)&n->entry[n->entries] - n->map);

	if (at < n->flushed + FLUSH)
		return;
	sync_file_range(n->fd, (off_t)n->flushed, (off_t)(at - n->flushed),
	    SYNC_FILE_RANGE_WRITE);
	n->flushed = at;
}

void
run_add(struct near_run *n, uint32_t key, uint32_t nth)
{
	struct near_entry *last = &n->entry[n->entries];

	n->same = n->entries > 0 && n->last_key == key ? n->same + 1 : 1;
	n->last_key = key;
	if (n->same > NEAR_SHARE)
		return;
	while (n->placed <= (n->bits > 0 ? key >> (32 - n->bits) : 0))
		n->dir[n->placed++] = n->entries;
	*last = (struct near_entry){key, nth};
	n->entries++;
	run_hint(n);
}

/* Not all entries that there was room for may have come. */
static int
run_write_end(struct near_run *n)
{
	struct head h = {.first = n->first,
	    .count = n->count,
	    .entries = n->entries,
	    .bits = n->bits};

	while (n->placed <= (uint32_t)1 << n->bits)
		n->dir[n->placed++] = n->entries;
	memcpy(h.magic, magic, sizeof magic);
	h.check = head_check(&h);
	memcpy(n->map, &h, sizeof h);
	if (ftruncate(n->fd, (off_t)size_of(n->entries, n->bits)) != 0 ||
	    fdatasync(n->fd) != 0)
		return errno;
	return 0;
}

void
run_abandon(const struct near *r, struct near_run *n)
{
	char path[PATH_MAX];

	run_path(r, ".new", n->first, n->count, path);
	unlink(path);
	close(n->fd);
	run_close(n);
}

int
run_end(const struct near *r, struct near_run *n)
{
	char from[PATH_MAX], to[PATH_MAX];
	uint64_t first = n->first, count = n->count;
	int rc = run_write_end(n);

	run_path(r, ".new", first, count, from);
	run_path(r, "", first, count, to);
	if (rc == 0 && rename(from, to) != 0)
		rc = errno;
	if (rc != 0) {
		run_abandon(r, n);
		return rc;
	}
	close(n->fd);
	run_close(n);
	return run_open(r, first, count, n) == 0 ? 0 : EIO;
}

/* ---- those that are there ------------------------------------------------ */

static int
by_first(const void *a, const void *b)
{
	const struct near_run *x = a, *y = b;

	return x->first != y->first  ? x->first < y->first ? -1 : 1
	       : x->count > y->count ? -1
				     : x->count < y->count;
}

static void
forget(const struct near *r, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s", r->dir, name) < PATH_MAX)
		unlink(path);
}

/* What was not finished, cannot be read, or is of no row goes. */
unsigned
run_list(const struct near *r, struct near_run *out, unsigned most)
{
	DIR *d = opendir(r->dir);
	uint64_t first, count;
	struct dirent *e;
	unsigned n = 0;
	int end;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, "near-", 5) != 0)
			continue;
		end = 0;
		if (sscanf(e->d_name, "near-%16" SCNx64 "-%16" SCNx64 "%n",
			&first, &count, &end) == 2 &&
		    e->d_name[end] == '\0' && n < most && first > 0 &&
		    count < UINT32_MAX && first + count > r->oldest &&
		    first + count <= r->next &&
		    run_open(r, first, count, &out[n]) == 0)
			n++;
		else
			forget(r, e->d_name);
	}
	if (d != NULL)
		closedir(d);
	if (n > 1)
		qsort(out, n, sizeof *out, by_first);
	return n;
}
