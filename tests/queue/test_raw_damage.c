/* test_raw_damage.c - verify looks at raw pages, too: each flipped bit but for
 * those of the address's hash, and cut files. */
#include <fcntl.h>
#include <zlib.h>

#include "queue/warc.h"
#include "tests/queue/queue_test.h"

static char *dir;
static char path[WQ_PATH_MAX];
static unsigned char was[65536];
static size_t size;

static void
put_page(struct wq_writer *w, uint8_t n)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
	struct wq_page g = {.uri = "http://a.test/",
	    .address = "192.0.2.7",
	    .date_ms = T0,
	    .head = head,
	    .head_len = sizeof head - 1,
	    .body = "<p>a page of some length, of some length",
	    .body_len = 40,
	    .key = n};
	void *m;
	size_t len;

	memset(g.id, 0xa0 + n, sizeof g.id);
	CHECK_INT(wq_page_member(&g, &m, &len), 0);
	CHECK_INT(wq_put_raw(w, m, len), 0);
	free(m);
}

static void
make_queue(void)
{
	static const struct wq_options o = {.node = "n"};
	struct wq_list l = {0};
	struct wq_writer *w;
	struct wq_pos p;
	char err[512];
	int fd;

	dir = make_folder();
	CHECK_INT(wq_writer_open(&w, dir, &o, NULL, T0, err, sizeof err), 0);
	CHECK_INT(put_records(w, 3, T0), 0);
	for (uint8_t n = 1; n <= 3; n++)
		put_page(w, n);
	CHECK_INT(wq_sync(w, 1, T0, &p), 0);
	CHECK_INT(wq_committed(w, &p), 0);
	wq_writer_close(w);
	CHECK_INT(wq_list_day(dir, "", &l), 1);
	wq_raw_path(path, dir, l.name[0]);
	wq_list_clear(&l);
	fd = open(path, O_RDONLY);
	size = (size_t)read(fd, was, sizeof was);
	close(fd);
}

static void
found(void *arg, const char *what)
{
	snprintf(arg, 512, "%s", what);
}

/* All that zlib makes of the bytes, hashed; 0 for damage. */
static uLong
plain(const unsigned char *b, size_t len)
{
	z_stream z = {.next_in = (void *)(uintptr_t)b, .avail_in = (uInt)len};
	unsigned char out[16384];
	uLong crc = 1;
	int rc = inflateInit2(&z, 31);

	while (rc == Z_OK && z.avail_in > 0) {
		z.next_out = out;
		z.avail_out = sizeof out;
		rc = inflate(&z, Z_NO_FLUSH);
		crc = crc32(crc, out, (uInt)(sizeof out - z.avail_out));
		if (rc == Z_STREAM_END)
			rc = inflateReset(&z);
	}
	inflateEnd(&z);
	return rc == Z_OK ? crc : 0;
}

/* Is this byte of a field's hash? */
static int
in_key(size_t byte)
{
	struct wq_raw_head h;
	size_t at = 0;

	while (
	    wq_raw_head_parse(was + at, size - at, &h) && at + h.size <= byte)
		at += h.size;
	return byte >= at + 20 && byte < at + 28;
}

static int
bad_after(const unsigned char *bytes, size_t len, char what[512])
{
	struct wq_check c;
	int fd = open(path, O_WRONLY);

	if (pwrite(fd, bytes, len, 0) != (ssize_t)len ||
	    ftruncate(fd, (off_t)len) != 0)
		TEST_FAIL("cannot write %s", path);
	close(fd);
	what[0] = '\0';
	CHECK_INT(wq_verify(dir, found, what, &c), 0);
	CHECK_INT(c.records, 3);
	return (int)c.bad;
}

int
main(void)
{
	static unsigned char hurt[sizeof was];
	char what[512], where[64];

	make_queue();
	TEST("verify: raw pages that are good are counted")
	{
		struct wq_check c;

		CHECK_INT(wq_verify(dir, found, what, &c), 0);
		CHECK_INT(c.bad, 0);
		CHECK_INT(c.pages, 4); /* with the warcinfo */
	}
	TEST(
	    "verify: each flipped bit of raw pages is found, by file and place")
	{
		int free_bits = 0;

		for (size_t bit = 0; bit < size * 8; bit++) {
			memcpy(hurt, was, size);
			hurt[bit / 8] ^= (unsigned char)(1 << bit % 8);
			if (bad_after(hurt, size, what) > 0) {
				CHECK(
				    strncmp(what, "raw/2026-11-21/", 15) == 0);
				continue;
			}
			/* deflate's padding, which changes nothing */
			if (!in_key(bit / 8) &&
			    plain(hurt, size) != plain(was, size))
				TEST_FAIL("bit %zu", bit);
			free_bits++;
		}
		printf("raw: %zu bits flipped, %d change no page\n", size * 8,
		    free_bits);
	}
	TEST("verify: raw pages that were cut are told")
	{
		struct wq_raw_head h;
		struct wq_check c;

		wq_raw_head_parse(was, size, &h);
		for (size_t n = 1; n < size; n += 7)
			if (n != h.size && bad_after(was, n, what) == 0)
				CHECK_INT(plain(was, n) != 0, 1);
		CHECK_INT(bad_after(was, 0, what), 1);
		CHECK_INT(bad_after(was, h.size + 9, what), 1);
		CHECK_INT(wq_verify(dir, NULL, NULL, &c), 0);
		CHECK_INT(c.bad, 1);
		snprintf(where, sizeof where, " at %u: ", h.size);
		CHECK(strstr(what, where));
		CHECK_INT(bad_after(was, size, what), 0);
	}
	*strrchr(dir, '/') = '\0';
	remove_tree(dir);
	return test_end();
}
