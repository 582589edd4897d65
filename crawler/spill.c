/* spill.c - see spill.h.
 *
 * Invariant: what was put is either all in b, or all in the file. */
#include "crawler/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "crawler/files.h"

#define FIRST 16384
#define PIECE 32768

void
spill_init(struct spill *s)
{
	*s = (struct spill){.fd = -1};
}

void
spill_clear(struct spill *s)
{
	free(s->b);
	if (s->fd >= 0)
		close(s->fd);
	spill_init(s);
}

static int
file_make(const char *dir)
{
	char path[PATH_MAX];
	int fd = files_take(
	    open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), FILES_OWN);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	/* A file system without O_TMPFILE */
	if (snprintf(path, sizeof path, "%s/spill-XXXXXX", dir) >=
		(int)sizeof path ||
	    (fd = mkostemp(path, O_CLOEXEC)) < 0)
		return -1;
	unlink(path);
	return files_take(fd, FILES_OWN);
}

static int
file_put(int fd, size_t at, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t r = pwrite(fd, p, n, (off_t)at);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return -1;
		p += r;
		at += (size_t)r;
		n -= (size_t)r;
	}
	return 0;
}

/* What is in memory goes to a file. */
static int
spill_over(struct spill *s, const char *dir)
{
	if ((s->fd = file_make(dir)) < 0 ||
	    file_put(s->fd, 0, s->b, s->len) != 0)
		return -1;
	free(s->b);
	s->b = NULL;
	s->cap = 0;
	return 0;
}

static int
memory_put(struct spill *s, const void *p, size_t n)
{
	size_t cap = s->cap != 0 ? s->cap : FIRST;
	char *b;

	while (cap < s->len + n)
		cap *= 2;
	if (cap > s->cap) {
		if ((b = realloc(s->b, cap)) == NULL)
			return -1;
		s->b = b;
		s->cap = cap;
	}
	memcpy(s->b + s->len, p, n);
	return 0;
}

int
spill_put(struct spill *s, const char *dir, const void *p, size_t n)
{
	if (n == 0)
		return 0;
	if (s->fd < 0 && s->len + n > SPILL_MEMORY && spill_over(s, dir) != 0)
		return -1;
	if ((s->fd >= 0 ? file_put(s->fd, s->len, p, n)
			: memory_put(s, p, n)) != 0)
		return -1;
	s->len += n;
	return 0;
}

uint64_t
spill_hash(const struct spill *s)
{
	XXH3_state_t state;
	char piece[PIECE];
	size_t at = 0;
	long n;

	if (s->fd < 0)
		return XXH3_64bits(s->b, s->len);
	XXH3_64bits_reset(&state);
	for (; at < s->len; at += (size_t)n) {
		if ((n = spill_read(s->fd, at, piece, sizeof piece)) <= 0)
			return 0;
		XXH3_64bits_update(&state, piece, (size_t)n);
	}
	return XXH3_64bits_digest(&state);
}

long
spill_read(int fd, size_t from, void *to, size_t n)
{
	ssize_t r;

	do
		r = pread(fd, to, n, (off_t)from);
	while (r < 0 && errno == EINTR);
	return (long)r;
}
