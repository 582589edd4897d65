/* warc_stream.c - the plain bytes of a WARC file, whether it is gzip or not.
 *
 *	read() -> in (compressed) -> inflate -> window (plain) -> look, skip
 *
 * A plain file goes from read() to the window. Members of gzip follow one
 * another, or there is one for the whole file: both are one run of bytes here.
 *
 * Invariants
 *  Z1  The window holds what was asked for and no more than a piece beyond: its
 *      size is the caller's to bound, whatever the file says.
 *  Z2  Damage ends the run. wn_stream_mend() drops what came before it and goes
 *      on at the next bytes that may begin a member. */
#include "cleaner/warc.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { PIECE = 64 << 10 };
enum form { UNKNOWN, PLAIN, GZIP };

struct wn_stream {
	long (*read)(void *, void *, size_t);
	void *arg;
	enum form form;
	int at_end, failed, damaged, in_member;
	unsigned char in[PIECE];
	size_t in_at, in_len;
	uint64_t read_bytes;
	uint64_t plain, sound; /* bytes inflated; up to the last good end */
	z_stream z;
	char *window;
	size_t at, len, cap; /* what is there: [at, len) */
};

struct wn_stream *
wn_stream_new(long (*read)(void *, void *, size_t), void *arg)
{
	struct wn_stream *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->read = read;
	s->arg = arg;
	if (inflateInit2(&s->z, 15 + 16) != Z_OK) {
		free(s);
		return NULL;
	}
	return s;
}

void
wn_stream_free(struct wn_stream *s)
{
	if (s == NULL)
		return;
	inflateEnd(&s->z);
	free(s->window);
	free(s);
}

/* More compressed bytes behind those that are left; 0: there are none. */
static int
refill(struct wn_stream *s)
{
	long n;

	if (s->at_end)
		return 0;
	memmove(s->in, s->in + s->in_at, s->in_len - s->in_at);
	s->in_len -= s->in_at;
	s->in_at = 0;
	n = s->read(s->arg, s->in + s->in_len, sizeof s->in - s->in_len);
	if (n <= 0) {
		s->at_end = 1;
		s->failed = n < 0;
		return 0;
	}
	s->in_len += (size_t)n;
	s->read_bytes += (uint64_t)n;
	return 1;
}

static int
is_gzip(const unsigned char *p)
{
	return p[0] == 0x1f && p[1] == 0x8b && p[2] == 8 && (p[3] & 0xe0) == 0;
}

static void
see_form(struct wn_stream *s)
{
	while (s->in_len < 4 && refill(s))
		;
	s->form = s->in_len >= 4 && is_gzip(s->in) ? GZIP : PLAIN;
}

static size_t
take_plain(struct wn_stream *s, char *out, size_t n)
{
	if (s->in_at == s->in_len && !refill(s))
		return 0;
	if (n > s->in_len - s->in_at)
		n = s->in_len - s->in_at;
	memcpy(out, s->in + s->in_at, n);
	s->in_at += n;
	return n;
}

/* Does a member begin here? Zeroes behind the last one are padding. */
static int
begin_member(struct wn_stream *s)
{
	for (;;) {
		if (s->in_len - s->in_at < 4 && refill(s))
			continue;
		if (s->in_at == s->in_len)
			return 0;
		if (s->in[s->in_at] != 0)
			break;
		s->in_at++;
	}
	if (s->in_len - s->in_at < 4 || !is_gzip(s->in + s->in_at)) {
		s->damaged = 1;
		return 0;
	}
	inflateReset(&s->z);
	s->in_member = 1;
	return 1;
}

static size_t
take_gzip(struct wn_stream *s, char *out, size_t n)
{
	int rc;

	if (!s->in_member && !begin_member(s))
		return 0;
	if (s->in_at == s->in_len && !refill(s)) {
		s->damaged = 1; /* it ends within a member */
		return 0;
	}
	s->z.next_in = s->in + s->in_at;
	s->z.avail_in = (uInt)(s->in_len - s->in_at);
	s->z.next_out = (unsigned char *)out;
	s->z.avail_out = (uInt)n;
	rc = inflate(&s->z, Z_NO_FLUSH);
	s->in_at = s->in_len - s->z.avail_in;
	s->plain += n - s->z.avail_out;
	if (rc == Z_STREAM_END) {
		s->in_member = 0;
		s->sound = s->plain;
	}
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		s->damaged = 1;
	return n - s->z.avail_out;
}

/* Some more bytes into a piece of memory; 0: no more, or damage. */
static size_t
take(struct wn_stream *s, char *out, size_t n)
{
	size_t got = 0;

	if (s->form == UNKNOWN)
		see_form(s);
	while (got == 0 && !s->damaged) {
		if (s->form == PLAIN)
			return take_plain(s, out, n);
		got = take_gzip(s, out, n);
		if (got == 0 && !s->in_member && s->at_end &&
		    s->in_at == s->in_len)
			break;
	}
	return got;
}

static int
make_room(struct wn_stream *s, size_t want)
{
	size_t cap = s->cap == 0 ? 2 * PIECE : s->cap;
	char *p;

	if (s->len > s->at)
		memmove(s->window, s->window + s->at, s->len - s->at);
	s->len -= s->at;
	s->at = 0;
	while (cap < want)
		cap *= 2;
	if (cap == s->cap)
		return 0;
	if ((p = realloc(s->window, cap)) == NULL)
		return -1;
	s->window = p;
	s->cap = cap;
	return 0;
}

const char *
wn_stream_look(struct wn_stream *s, size_t n, size_t *got)
{
	size_t k;

	if (s->window == NULL || (s->len - s->at < n && s->cap - s->at < n))
		if (make_room(s, n + PIECE) != 0)
			return NULL;
	while (s->len - s->at < n) {
		k = s->cap - s->len;
		k = take(s, s->window + s->len, k < PIECE ? k : PIECE);
		if (k == 0)
			break;
		s->len += k;
	}
	*got = s->len - s->at;
	return s->window + s->at;
}

void
wn_stream_skip(struct wn_stream *s, uint64_t n)
{
	size_t have = s->len - s->at;

	if (n <= have) {
		s->at += (size_t)n;
		return;
	}
	n -= have;
	s->at = s->len = 0;
	while (n > 0 && s->window != NULL) {
		have = take(s, s->window, n < s->cap ? (size_t)n : s->cap);
		if (have == 0)
			return;
		n -= have;
	}
}

int
wn_stream_sound(const struct wn_stream *s, size_t n)
{
	return !s->damaged || s->plain - (s->len - s->at) + n <= s->sound;
}

int
wn_stream_damaged(const struct wn_stream *s)
{
	return s->damaged;
}

void
wn_stream_mend(struct wn_stream *s)
{
	s->at = s->len = 0;
	s->damaged = s->in_member = 0;
	for (;;) {
		if (s->in_len - s->in_at < 4 && !refill(s)) {
			s->in_at = s->in_len;
			return;
		}
		if (s->in_len - s->in_at < 4)
			continue;
		if (is_gzip(s->in + s->in_at))
			return;
		s->in_at++;
	}
}

uint64_t
wn_stream_at(const struct wn_stream *s)
{
	uint64_t at = s->read_bytes - (s->in_len - s->in_at);

	/* Of gzip's bytes nobody knows which made the window's. */
	return s->form == PLAIN ? at - (s->len - s->at) : at;
}

int
wn_stream_failed(struct wn_stream *s)
{
	int failed = s->failed;

	s->failed = 0;
	return failed;
}
