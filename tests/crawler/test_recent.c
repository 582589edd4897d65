/* test_recent.c - the ring file of recent pages: laps, new starts, kills at any
 * write, and bytes that somebody changed.
 *
 * pwrite() and pwritev() are this program's own: the n-th call is the last one,
 * or does half of its work. */
#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/test.h"

static long writes, cut_at; /* 0: never */
static int cut_half;

/* -1: goes on; else what the call gives. */
static ssize_t
cut_here(size_t n, size_t *todo)
{
	*todo = n;
	writes++;
	if (cut_at == 0 || writes < cut_at)
		return -1;
	*todo = writes == cut_at && cut_half ? n / 2 : 0;
	errno = EIO;
	return 0;
}

static ssize_t
test_pwrite(int fd, const void *p, size_t n, off_t at)
{
	size_t todo;

	if (cut_here(n, &todo) < 0)
		return pwrite(fd, p, n, at);
	(void)!pwrite(fd, p, todo, at);
	return -1;
}

static ssize_t
test_pwritev(int fd, const struct iovec *v, int count, off_t at)
{
	size_t n = 0, todo, k;

	for (int i = 0; i < count; i++)
		n += v[i].iov_len;
	if (cut_here(n, &todo) < 0)
		return pwritev(fd, v, count, at);
	for (int i = 0; i < count && todo > 0; i++, todo -= k, at += (off_t)k) {
		k = v[i].iov_len < todo ? v[i].iov_len : todo;
		(void)!pwrite(fd, v[i].iov_base, k, at);
	}
	return -1;
}

#define pwrite test_pwrite
#define pwritev test_pwritev
#include "crawler/recent.c"
#undef pwrite
#undef pwritev

#define BYTES 20000
#define ROOM 8 /* pages of page() that surely fit */

static char dir[64], path[128];

static struct wq_page
page(int i, char *body)
{
	static char uri[64];
	size_t n = 900 + (size_t)(i * 577 % 1100);
	struct wq_page g = {.uri = uri,
	    .address = "::1",
	    .hints = i % 2 ? "charset=gbk;" : NULL,
	    .date_ms = 1000 + i,
	    .key = (uint64_t)i + 1,
	    .head = "HTTP/1.1 200 OK\r\n\r\n",
	    .head_len = 19,
	    .body = body,
	    .body_len = n};

	snprintf(uri, sizeof uri, "http://a.test/%d", i);
	for (size_t k = 0; k < n; k++)
		body[k] = (char)(i * 31 + (int)k * 7);
	memset(g.id, i + 1, sizeof g.id);
	return g;
}

static int
put(struct recent *r, int i)
{
	char body[4096];
	struct wq_page g = page(i, body);

	return recent_put(r, &g);
}

/* 1: it is there as it was put; 0: it is not; -1: it is something else. */
static int
has(int i)
{
	char body[4096], *memory;
	struct wq_page want = page(i, body), got;
	struct recent_want w = {.key = want.key};
	int rc = recent_find(dir, &w, &got, &memory);

	if (rc == 1 &&
	    (strcmp(got.uri, want.uri) != 0 ||
		strcmp(got.address, "::1") != 0 ||
		strcmp(got.hints, i % 2 ? "charset=gbk;" : "") != 0 ||
		got.date_ms != want.date_ms || got.head_len != 19 ||
		got.body_len != want.body_len ||
		memcmp(got.body, want.body, got.body_len) != 0))
		rc = -1;
	free(memory);
	return rc;
}

static struct recent *
open_file(void)
{
	struct recent *r = recent_open(dir, BYTES);

	if (r == NULL) {
		printf("  cannot open: %s\n", strerror(errno));
		exit(1);
	}
	return r;
}

static struct recent *
anew(void)
{
	cut_at = writes = 0;
	unlink(path);
	return open_file();
}

/* Of the pages 0..last some at the end are there, and none before them. */
static int
is_tail(int last, int at_least)
{
	int n = 0, i;

	for (i = last; i >= 0 && has(i) == 1; i--)
		n++;
	for (; i >= 0; i--)
		if (has(i) != 0)
			return 0;
	return n >= at_least;
}

static void
test_laps(void)
{
	struct recent *r = anew();
	struct stat st;

	TEST("recent: the newest pages are there, whatever the lap")
	{
		for (int i = 0; i < 100; i++) {
			CHECK_INT(put(r, i), 1);
			CHECK_INT(has(i), 1);
			if (!is_tail(i, i < ROOM ? i + 1 : ROOM))
				TEST_FAIL("page %d: not a tail", i);
			if (i % 13 == 0) {
				recent_close(r);
				r = open_file();
			}
		}
		CHECK_INT(stat(path, &st), 0);
		CHECK(st.st_size <= BYTES + 4096);
	}
	TEST("recent: a later copy of a page is the one that is found")
	{
		char body[4096], *memory;
		struct wq_page g = page(99, body), got;
		struct recent_want w = {.key = g.key};

		body[0] ^= 1;
		CHECK_INT(recent_put(r, &g), 1);
		CHECK_INT(recent_find(dir, &w, &got, &memory), 1);
		CHECK_INT(((const char *)got.body)[0], body[0]);
		free(memory);
		w.id = g.id;
		w.key = 0;
		CHECK_INT(recent_find(dir, &w, &got, &memory), 1);
		free(memory);
	}
	TEST("recent: a page that is too large is left out")
	{
		static char large[BYTES];
		char body[4096];
		struct wq_page g = page(200, body);

		g.body = large;
		g.body_len = sizeof large / 3;
		CHECK_INT(recent_put(r, &g), 0);
		CHECK_INT(has(99), -1); /* the copy */
	}
	TEST("recent: another size begins anew")
	{
		recent_close(r);
		r = recent_open(dir, 2 * BYTES);
		CHECK_INT(has(98), 0);
		CHECK_INT(put(r, 1), 1);
		CHECK_INT(has(1), 1);
	}
	recent_close(r);
}

/* Puts pages until a write is cut; the last that was said to be kept. */
static int
run_until_cut(long n, int half)
{
	struct recent *r = anew();
	int i, last = -1;

	writes = 0;
	cut_at = n;
	cut_half = half;
	for (i = 0; i < 60; i++) {
		if (put(r, i) != 1)
			break;
		last = i;
	}
	recent_close(r);
	cut_at = 0;
	return last;
}

static void
test_kills(void)
{
	TEST("recent: killed at any write, what was kept is there or was to be "
	     "written over, and it goes on")
	{
		for (long n = 2; n < 120; n++) {
			int half = n % 2, last = run_until_cut(n, half);
			struct recent *r;

			/* A page takes the place of three at most. */
			if (!is_tail(last + (has(last + 1) == 1),
				last + 1 < ROOM - 4 ? last + 1 : ROOM - 4) ||
			    has(last + 1) < 0)
				TEST_FAIL("cut at write %ld: page %d", n, last);
			r = open_file();
			for (int i = last + 1; i < last + 30; i++)
				CHECK_INT(put(r, i), 1);
			if (!is_tail(last + 29, ROOM))
				TEST_FAIL("cut at write %ld: later", n);
			recent_close(r);
		}
	}
}

static void
test_damage(void)
{
	struct recent *r = anew();
	unsigned char c;
	uint64_t x = 1;
	int fd, wrong = 0, there = 0;

	for (int i = 0; i < 30; i++)
		put(r, i);
	recent_close(r);
	TEST("recent: a changed byte costs a page, and is never shown")
	{
		fd = open(path, O_RDWR);
		for (int k = 0; k < 2000; k++) {
			off_t at;

			x = x * 6364136223846793005u + 1442695040888963407u;
			at = k % 10 == 0 ? (off_t)((x >> 33) % 1024)
					 : (off_t)((x >> 33) % (BYTES + 4096));
			if (pread(fd, &c, 1, at) != 1)
				continue;
			c ^= (unsigned char)(1 << (x >> 61));
			(void)!pwrite(fd, &c, 1, at);
			for (int i = 18; i < 30; i++) {
				int h = has(i);

				wrong += h < 0;
				there += h > 0;
			}
			c ^= (unsigned char)(1 << (x >> 61));
			(void)!pwrite(fd, &c, 1, at);
		}
		close(fd);
		CHECK_INT(wrong, 0);
		CHECK(there > 2000 * ROOM / 2);
		CHECK(is_tail(29, ROOM));
	}
	TEST("recent: a place gives its page until another one lies there")
	{
		struct recent_place place, none = {0, 0};
		struct wq_page got;
		char *memory;
		int i;

		r = anew();
		CHECK_INT(put(r, 1), 1);
		place = recent_last(r);
		CHECK_INT(recent_read(r, &none, &got, &memory), 0);
		CHECK_INT(recent_read(r, &place, &got, &memory), 1);
		CHECK_STR(got.uri, "http://a.test/1");
		free(memory);
		for (i = 2; i < 60; i++)
			CHECK_INT(put(r, i), 1);
		CHECK_INT(recent_read(r, &place, &got, &memory), 0);
		place = recent_last(r);
		CHECK_INT(recent_read(r, &place, &got, &memory), 1);
		CHECK_STR(got.uri, "http://a.test/59");
		free(memory);
		place.at = UINT64_MAX;
		CHECK_INT(recent_read(r, &place, &got, &memory), 0);
		recent_close(r);
	}
	TEST("recent: a file that is none of ours begins anew")
	{
		CHECK_INT(truncate(path, 100), 0);
		CHECK_INT(has(29), 0);
		r = open_file();
		CHECK_INT(put(r, 3), 1);
		CHECK_INT(has(3), 1);
		recent_close(r);
		recent_remove(dir);
		CHECK_INT(access(path, F_OK), -1);
		CHECK_INT(has(3), 0);
	}
}

int
main(void)
{
	snprintf(dir, sizeof dir, "/tmp/winnow-recent-%ld", (long)getpid());
	mkdir(dir, 0755);
	snprintf(path, sizeof path, "%s/recent.pages", dir);
	test_laps();
	test_kills();
	test_damage();
	rmdir(dir);
	return test_end();
}
