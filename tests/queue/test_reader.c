/* test_reader.c - members and readers, also of damaged files. */
#include <fcntl.h>
#include <zlib.h>

#include "queue/sha256.h"
#include "tests/queue/queue_test.h"

static char *dir;

/* Three files of 4 members of 25 records. */
static void
make_queue(void)
{
	static const struct wq_options o = {
	    .node = "n", .seal_after_ms = 864000000};
	struct wq_pos pos = {0};
	struct wq_writer *w;
	char err[512];

	dir = make_folder();
	if (wq_writer_open(&w, dir, &o, NULL, T0, err, sizeof err) != 0)
		abort();
	for (int i = 0; i < 12; i++)
		land(w, 25, i % 4 == 3, T0 + i * 21600000LL, &pos);
	wq_writer_close(w);
}

static void
file_path(int number, char path[WQ_PATH_MAX])
{
	struct wq_list l = {0};
	char after[WQ_NAME_MAX] = "";

	for (int i = 0; i < number; i++) {
		wq_list_day(dir, after, &l);
		memcpy(after, l.name[0], sizeof after);
	}
	wq_ready_path(path, dir, after);
	wq_list_clear(&l);
}

/* A byte of the n-th file; value -1: cut there, at -1: just its size. */
static off_t
damage(int number, off_t at, int value)
{
	char path[WQ_PATH_MAX];
	struct stat st;
	unsigned char byte = (unsigned char)value;
	int fd;

	file_path(number, path);
	if (at < 0)
		return stat(path, &st) == 0 ? st.st_size : -1;
	if (value < 0) {
		CHECK_INT(truncate(path, at), 0);
		return at;
	}
	if ((fd = open(path, O_WRONLY)) < 0 || pwrite(fd, &byte, 1, at) != 1)
		TEST_FAIL("cannot damage %s", path);
	close(fd);
	return at;
}

/* The first member of the n-th file says that a later version made it. */
static void
make_newer(int number)
{
	char path[WQ_PATH_MAX];

	file_path(number, path);
	make_file_newer(path);
}

/* Reads all; records given out, and how often damage was told. */
static int
read_all(int *told, char where[512])
{
	struct wq_reader *r;
	const char *line;
	uint64_t seq;
	size_t len;
	int rc, n = 0;

	*told = 0;
	if (wq_reader_open(&r, dir, NULL, where, 512) != 0)
		return -1;
	while ((rc = wq_read(r, &line, &len, &seq)) != 0) {
		n += rc > 0;
		if (rc < 0 && ++*told < 100)
			snprintf(where, 512, "%s", wq_reader_where(r));
	}
	wq_reader_close(r);
	return n;
}

static void
members(void)
{
	size_t len, mlen;
	char *lines = make_lines(7, 200, &len), *back = malloc(len + 1);
	struct wq_head h;
	uLongf n = len;
	void *m;

	TEST("member: zlib reads what was made, the header says what is in it")
	{
		z_stream z = {0};

		CHECK_INT(wq_member(lines, len, 200, 7, &m, &mlen), 0);
		CHECK_INT(wq_head_parse(m, mlen, &h), 0);
		CHECK_INT(h.size, mlen);
		CHECK_INT(h.json, len);
		CHECK_INT(h.records, 200);
		CHECK_INT(h.first_seq, 7);
		inflateInit2(&z, 31);
		z.next_in = m;
		z.avail_in = (uInt)mlen;
		z.next_out = (void *)back;
		z.avail_out = (uInt)n;
		CHECK_INT(inflate(&z, Z_FINISH), Z_STREAM_END);
		CHECK_INT(memcmp(back, lines, len), 0);
		inflateEnd(&z);
		CHECK_INT(wq_member_inflate(m, &h, back), 0);
	}
	TEST("member: a block of other lines than it is said to have is refused")
	{
		static char big[WQ_BLOCK + 2];
		void *none;
		size_t n2;

		CHECK_INT(wq_member(lines, len, 199, 7, &none, &n2), WQ_EINVAL);
		CHECK_INT(wq_member(lines, len, 201, 7, &none, &n2), WQ_EINVAL);
		CHECK_INT(wq_member(lines, len, 0, 7, &none, &n2), WQ_EINVAL);
		CHECK_INT(wq_member(lines, len, 200, 0, &none, &n2), WQ_EINVAL);
		CHECK_INT(
		    wq_member(lines, len - 1, 200, 7, &none, &n2), WQ_EINVAL);
		CHECK_INT(
		    wq_member(lines, len - 1, 199, 7, &none, &n2), WQ_EINVAL);
		CHECK_INT(wq_member(lines, 0, 0, 7, &none, &n2), WQ_EINVAL);
		memset(big, ' ', sizeof big);
		big[10] = big[sizeof big - 1] = '\n';
		CHECK_INT(
		    wq_member(big, sizeof big, 2, 7, &none, &n2), WQ_EINVAL);
		big[10] = ' ';
		CHECK_INT(wq_member(big, sizeof big, 1, 7, &none, &n2), 0);
		free(none);
	}
	TEST("member: no flipped bit goes unseen, not even deflate's padding")
	{
		unsigned char *p = m;

		CHECK_INT(wq_member_check(m, &h), 0);
		for (size_t bit = 0; bit < mlen * 8; bit++) {
			p[bit / 8] ^= (unsigned char)(1 << bit % 8);
			if (wq_head_parse(p, mlen, &h) == 0 &&
			    wq_member_check(p, &h) == 0)
				TEST_FAIL("bit %zu", bit);
			p[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
		CHECK_INT(wq_head_parse(m, mlen, &h), 0);
	}
	TEST("sha256: the standard's answers")
	{
		struct wq_sha256 s;
		char hex[65];

		wq_sha256_init(&s);
		wq_sha256_add(&s, "abc", 3);
		wq_sha256_hex(&s, hex);
		CHECK_STR(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a"
			       "9cb410ff61f20015ad");
		wq_sha256_init(&s);
		for (int i = 0; i < 1000; i++)
			for (int j = 0; j < 1000; j += 125)
				wq_sha256_add(&s, memset(back, 'a', 125), 125);
		wq_sha256_hex(&s, hex);
		CHECK_STR(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200"
			       "e046d39ccc7112cd0");
	}
	free(m);
	free(lines);
	free(back);
}

int
main(void)
{
	char where[512];
	int told;

	members();
	TEST("reader: every starting number gives exactly the rest")
	{
		make_queue();
		for (uint64_t from = 0; from <= 302; from++) {
			long want = from == 0     ? 300
				    : from <= 300 ? 301 - (long)from
						  : 0;
			CHECK_INT(count_from(dir, from), want);
		}
	}
	TEST("reader: a bad checksum costs its block, and says where")
	{
		damage(1, 200, 0x55);
		CHECK_INT(read_all(&told, where), 275);
		CHECK_INT(told, 1);
		CHECK_STR(where,
		    "ready/2026-11-21/20261121T031500Z-n-0000000001.jsonl.gz "
		    "at 0: block checksum differs, records 1 to 25");
	}
	TEST("reader: a bad header costs its block, the next one is found")
	{
		make_queue();
		damage(1, 21, 0x55);
		CHECK_INT(read_all(&told, where), 275);
		CHECK_INT(told, 1);
	}
	TEST("reader: a torn end costs its block")
	{
		make_queue();
		off_t tear = damage(2, -1, -1) * 3 / 4 - 30;

		damage(2, tear, -1);
		CHECK_INT(read_all(&told, where), 250);
		CHECK_INT(told, 1);
	}
	TEST("reader: a newer version is refused by name")
	{
		make_queue();
		make_newer(3);
		CHECK_INT(read_all(&told, where), 275);
		CHECK(strstr(where, "written by a newer version"));
	}
	TEST("reader: a day that cannot be listed is told once and passed over")
	{
		char day[600];

		make_queue();
		snprintf(day, sizeof day, "%s/ready/2026-11-22", dir);
		remove_tree(day);
		fclose(fopen(day, "w"));
		CHECK_INT(read_all(&told, where), 200);
		CHECK_INT(told, 1);
		CHECK_STR(where, "ready/2026-11-22: Not a directory");
	}
	TEST("reader: strangers in ready/ are not seen")
	{
		char path[600];

		make_queue();
		snprintf(path, sizeof path,
		    "%s/ready/2026-11-21/20261121T031500Z-n-0000000001.jsonl."
		    "gz.done",
		    dir);
		fclose(fopen(path, "w"));
		snprintf(path, sizeof path,
		    "%s/ready/2026-11-22/"
		    "20261121T031500Z-n-0000000001.jsonl.gz",
		    dir);
		fclose(fopen(path, "w"));
		CHECK_INT(count_from(dir, 0), 300);
	}
	*strrchr(dir, '/') = '\0';
	remove_tree(dir);
	return test_end();
}
