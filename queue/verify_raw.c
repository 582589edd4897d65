/* verify_raw.c - are the raw pages of a sealed file what FORMAT.md says?
 *
 * Each member is inflated as a stream, for a page can be large: gzip's CRC
 * covers the page, fixed bytes and the page's own Winnow-Record-ID the header.
 * Behind a header that is none nothing can be found, so the file ends there. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "queue/verify.h"
#include "queue/warc.h"

struct stream {
	int fd;
	z_stream z;
	unsigned char in[65536];
	char out[65536];
};

/* Has the record, of which this is the begin, the id of its member? */
static int
has_id(const char *record, size_t len, const uint8_t id[16])
{
	char want[64];
	int n = sprintf(want, "\r\nWinnow-Record-ID: w1-");

	for (int i = 0; i < 16; i++)
		n += sprintf(want + n, "%02x", id[i]);
	return memmem(record, len, want, (size_t)n) != NULL;
}

/* Inflates on until the output is full or the member's end: as zlib does. */
static int
inflate_some(struct stream *s, uint64_t *at, uint64_t *left)
{
	size_t want;
	ssize_t n;
	int rc = Z_OK;

	s->z.next_out = (void *)s->out;
	s->z.avail_out = sizeof s->out;
	while (rc == Z_OK && s->z.avail_out > 0) {
		if (s->z.avail_in == 0) {
			want =
			    *left < sizeof s->in ? (size_t)*left : sizeof s->in;
			n = want > 0 ? pread(s->fd, s->in, want, (off_t)*at)
				     : 0;
			if (n <= 0)
				return Z_BUF_ERROR;
			s->z.next_in = s->in;
			s->z.avail_in = (uInt)n;
			*at += (uint64_t)n;
			*left -= (uint64_t)n;
		}
		rc = inflate(&s->z, Z_NO_FLUSH);
	}
	return rc;
}

/* What is wrong with the member at the offset; NULL: nothing. */
static const char *
check_page(struct stream *s, uint64_t at, const struct wq_raw_head *h)
{
	static const uint8_t none[16];
	uint64_t left = h->size;
	size_t got;
	int rc;

	memset(&s->z, 0, sizeof s->z);
	if (inflateInit2(&s->z, 15 + 16) != Z_OK)
		return "cannot be looked at: out of memory";
	rc = inflate_some(s, &at, &left);
	got = sizeof s->out - s->z.avail_out;
	if (rc < 0 ||
	    (memcmp(h->id, none, 16) != 0 && !has_id(s->out, got, h->id))) {
		inflateEnd(&s->z);
		return rc < 0 ? "page is damaged"
			      : "page has another id than its member";
	}
	while (rc == Z_OK)
		rc = inflate_some(s, &at, &left);
	inflateEnd(&s->z);
	return rc == Z_STREAM_END && left == 0 && s->z.avail_in == 0
		   ? NULL
		   : "page is damaged";
}

static int
is_head(
    const struct stream *s, uint64_t at, uint64_t size, struct wq_raw_head *h)
{
	unsigned char buf[WQ_RAW_HEADER];

	return pread(s->fd, buf, sizeof buf, (off_t)at) ==
		   (ssize_t)sizeof buf &&
	       memcmp(buf + 4, "\0\0\0\0\0\xff", 6) == 0 &&
	       wq_raw_head_parse(buf, sizeof buf, h) && h->size <= size - at;
}

static void
say(const struct wq_raw_check *c, const char *path, uint64_t at,
    const char *what)
{
	char line[512];

	snprintf(line, sizeof line, "%.160s at %" PRIu64 ": %s",
	    strstr(path, "/raw/") + 1, at, what);
	c->bad(c->arg, line);
}

static void
check_pages(struct stream *s, const char *path, uint64_t size,
    const struct wq_raw_check *c)
{
	struct wq_raw_head h;
	const char *what;

	if (size == 0)
		say(c, path, 0, "an empty file");
	for (uint64_t at = 0; at < size; at += h.size) {
		if (!is_head(s, at, size, &h)) {
			say(c, path, at, "no page begins here, or it is cut");
			return;
		}
		if ((what = check_page(s, at, &h)) != NULL)
			say(c, path, at, what);
		else
			++*c->pages;
	}
}

int
wq_verify_raw(const char *dir, const char *name, const struct wq_raw_check *c)
{
	char path[WQ_PATH_MAX];
	struct stream *s;
	struct stat st;

	wq_raw_path(path, dir, name);
	if ((s = malloc(sizeof *s)) == NULL)
		return WQ_ENOMEM;
	s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0 && errno != ENOENT && errno != ENOTDIR)
		say(c, path, 0, strerror(errno));
	if (s->fd >= 0 && fstat(s->fd, &st) == 0)
		check_pages(s, path, (uint64_t)st.st_size, c);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
	return WQ_OK;
}
