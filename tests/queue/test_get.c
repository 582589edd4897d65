/* test_get.c - one record of many, and ranges: which, and how much is read.
 *
 * pread, read and open are this program's own: they count. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include "tests/queue/queue_test.h"

#define FILES 400
#define MEMBERS 6
#define RECORDS 50 /* of a member */
#define PER_FILE (MEMBERS * RECORDS)
#define TOTAL (FILES * PER_FILE)
#define STEP_MS 7200000LL /* a file each two hours: twelve a day */

static struct {
	uint64_t index, head, body, opens; /* bytes, bytes, bytes, calls */
} cost;
static int index_fd = -1;
static off_t hole_from, hole_to; /* of every file: a disk that gives EIO */

int open(const char *path, int flags, ...);
ssize_t pread(int fd, void *buf, size_t len, off_t at);

int
open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;
	int fd;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	cost.opens++;
	if (strstr(path, "index.jsonl") != NULL)
		index_fd = fd;
	else if (fd == index_fd)
		index_fd = -1;
	return fd;
}

ssize_t
pread(int fd, void *buf, size_t len, off_t at)
{
	ssize_t n;

	if (fd != index_fd && at < hole_to && at + (off_t)len > hole_from) {
		errno = EIO;
		return -1;
	}
	n = syscall(SYS_pread64, fd, buf, len, at);
	if (n > 0 && fd == index_fd)
		cost.index += (uint64_t)n;
	else if (n > WQ_HEADER)
		cost.body += (uint64_t)n;
	else if (n > 0)
		cost.head += (uint64_t)n;
	return n;
}

static char *dir;
static uint64_t member_max, index_bytes, most_index, most_heads;

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

static int
no_dirsync(const char *path)
{
	(void)path;
	return 0;
}

static void
make_queue(void)
{
	struct wq_io io = wq_io_system;
	struct wq_options o = {
	    .node = "n", .seal_after_ms = 864000000, .io = &io};
	struct wq_pos pos = {0};
	struct wq_writer *w;
	char err[512], path[WQ_PATH_MAX];
	struct stat st;

	io.fdatasync = no_sync;
	io.dirsync = no_dirsync;
	dir = make_folder();
	if (wq_writer_open(&w, dir, &o, NULL, T0, err, sizeof err) != 0)
		TEST_FAIL("%s", err);
	for (int i = 0; i < FILES * MEMBERS; i++) {
		uint64_t before = pos.offset;

		land(w, RECORDS, i % MEMBERS == MEMBERS - 1,
		    T0 + i / MEMBERS * STEP_MS, &pos);
		if (i % MEMBERS != 0 && pos.offset - before > member_max)
			member_max = pos.offset - before;
	}
	wq_writer_close(w);
	snprintf(path, sizeof path, "%s/index.jsonl", dir);
	if (stat(path, &st) == 0)
		index_bytes = (uint64_t)st.st_size;
}

static void
hide_index(int hide)
{
	char a[WQ_PATH_MAX], b[WQ_PATH_MAX];

	snprintf(a, sizeof a, "%s/index.jsonl", dir);
	snprintf(b, sizeof b, "%s/index.away", dir);
	CHECK_INT(hide ? rename(a, b) : rename(b, a), 0);
}

static struct wq_reader *
reader(const struct wq_range *g)
{
	struct wq_reader *r;
	char err[512];

	if (wq_reader_open(&r, dir, g, err, sizeof err) != 0)
		TEST_FAIL("%s", err);
	return r;
}

/* 1 when it is the record of that number. */
static int
get(struct wq_reader *r, uint64_t seq)
{
	char want[64];
	const char *line;
	size_t len;
	int rc = wq_get(r, seq, &line, &len);

	snprintf(
	    want, sizeof want, "{\"seq\":\"%llu\",", (unsigned long long)seq);
	if (rc > 0 && strncmp(line, want, strlen(want)) != 0)
		TEST_FAIL(
		    "asked for %llu, got %.40s", (unsigned long long)seq, line);
	return rc;
}

/* First and last of what a reader gives; the number of them. */
static long
count(const struct wq_range *g, uint64_t *first, uint64_t *last)
{
	struct wq_reader *r = reader(g);
	const char *line;
	size_t len;
	uint64_t seq;
	long n = 0;

	*first = *last = 0;
	while (wq_read(r, &line, &len, &seq) > 0) {
		*first = n++ == 0 ? seq : *first;
		*last = seq;
	}
	wq_reader_close(r);
	return n;
}

static void
check_cost(uint64_t seq)
{
	struct wq_reader *r = reader(NULL);

	memset(&cost, 0, sizeof cost);
	CHECK_INT(get(r, seq), 1);
	most_index = cost.index > most_index ? cost.index : most_index;
	most_heads = cost.head > most_heads ? cost.head : most_heads;
	if (cost.body > member_max || cost.index > 20000 ||
	    cost.head > (MEMBERS + 2) * WQ_HEADER || cost.opens > 4)
		TEST_FAIL("record %llu: %llu bytes of bodies, %llu of the "
			  "index, %llu of headers, %llu opens",
		    (unsigned long long)seq, (unsigned long long)cost.body,
		    (unsigned long long)cost.index,
		    (unsigned long long)cost.head,
		    (unsigned long long)cost.opens);
	memset(&cost, 0, sizeof cost);
	CHECK_INT(get(r, seq), 1);
	CHECK_INT(cost.body + cost.index + cost.head + cost.opens, 0);
	wq_reader_close(r);
}

static void
gets(void)
{
	struct wq_reader *r;

	TEST("get: one record costs a part of the index, headers, its member")
	{
		CHECK(index_bytes > 65536);
		for (uint64_t seq = 1; seq <= TOTAL; seq += 1237)
			check_cost(seq);
		check_cost(TOTAL);
		printf("get: at most %llu of %llu bytes of the index, %llu of "
		       "headers, and the member\n",
		    (unsigned long long)most_index,
		    (unsigned long long)index_bytes,
		    (unsigned long long)most_heads);
	}
	TEST("get: in any order from one reader")
	{
		r = reader(NULL);
		for (uint64_t i = 1, seq = 1; i <= 500; i++) {
			seq = (seq * 7919 + i) % TOTAL + 1;
			CHECK_INT(get(r, seq), 1);
		}
		for (uint64_t seq = 5000; seq > 4800; seq--)
			CHECK_INT(get(r, seq), 1);
		for (uint64_t seq = 5000; seq < 5700; seq += 3)
			CHECK_INT(get(r, seq), 1);
		wq_reader_close(r);
	}
	TEST("get: what is not there is 0, and reading goes on behind it")
	{
		const char *line;
		uint64_t seq;
		size_t len;

		r = reader(NULL);
		CHECK_INT(get(r, 0), 0);
		CHECK_INT(get(r, TOTAL + 1), 0);
		CHECK_INT(get(r, UINT64_MAX), 0);
		CHECK_INT(get(r, 777), 1);
		CHECK_INT(wq_read(r, &line, &len, &seq), 1);
		CHECK_INT(seq, 778);
		wq_reader_close(r);
	}
	TEST("get: without index.jsonl by the folders and first headers")
	{
		hide_index(1);
		r = reader(NULL);
		for (uint64_t seq = 1; seq <= TOTAL; seq += 997) {
			memset(&cost, 0, sizeof cost);
			CHECK_INT(get(r, seq), 1);
			CHECK(cost.body <= member_max);
		}
		wq_reader_close(r);
		hide_index(0);
	}
	TEST("get: an index that is wrong or torn misleads nobody")
	{
		char path[WQ_PATH_MAX];
		FILE *f;

		hide_index(1);
		snprintf(path, sizeof path, "%s/index.jsonl", dir);
		f = fopen(path, "w");
		for (int i = 0; i < 3000; i++)
			fprintf(f,
			    "{\"file\":\"ready/2026-11-21/20261121T031500Z-n-"
			    "0000000001.jsonl.gz\",\"number\":1,\"first_seq\":"
			    "\"%d\",\"last_seq\":\"%d\",\"records\":10,"
			    "\"bytes\":1,\"json_bytes\":1,\"sha256\":\"%064d\""
			    "}\n%s",
			    i * 10 + 1, i * 10 + 10, 0, i % 7 ? "" : "{torn");
		fclose(f);
		r = reader(NULL);
		for (uint64_t seq = 301; seq <= TOTAL; seq += 1999)
			CHECK_INT(get(r, seq), 1);
		wq_reader_close(r);
		unlink(path);
		hide_index(0);
	}
}

static void
ranges(void)
{
	uint64_t first, last;

	TEST("range: from one number to another, both included")
	{
		for (uint64_t from = 1; from < TOTAL; from += 4999) {
			struct wq_range g = {
			    .from_seq = from, .to_seq = from + 333};
			long want = from + 333 <= TOTAL
					? 334
					: (long)(TOTAL - from + 1);

			CHECK_INT(count(&g, &first, &last), want);
			CHECK_INT(first, from);
			CHECK_INT(last, from + (uint64_t)want - 1);
		}
		CHECK_INT(
		    count(&(struct wq_range){.to_seq = 1}, &first, &last), 1);
	}
	TEST("range: one file, by its name or its path")
	{
		struct wq_range g = {.file = "/elsewhere/20261121T051500Z-n-"
					     "0000000002.jsonl.gz"};

		CHECK_INT(count(&g, &first, &last), PER_FILE);
		CHECK_INT(first, PER_FILE + 1);
		g.from_seq = PER_FILE + 11;
		CHECK_INT(count(&g, &first, &last), PER_FILE - 10);
		g.file = strrchr(g.file, '/') + 1;
		g.to_seq = PER_FILE + 20;
		CHECK_INT(count(&g, &first, &last), 10);
	}
	TEST("range: no such file, and what is no file's name, are refused")
	{
		struct wq_range g = {
		    .file = "20261121T051501Z-n-0000000002.jsonl.gz"};
		struct wq_reader *r;
		char err[512];

		CHECK_INT(
		    wq_reader_open(&r, dir, &g, err, sizeof err), WQ_EGONE);
		CHECK(strstr(err, "no sealed file"));
		g.file = "../index.jsonl";
		CHECK_INT(
		    wq_reader_open(&r, dir, &g, err, sizeof err), WQ_EINVAL);
	}
	TEST("range: times pass over files that cannot hold any, unread")
	{
		struct wq_range g = {.since_ms = T0 + 300 * STEP_MS,
		    .until_ms = T0 + 310 * STEP_MS};

		memset(&cost, 0, sizeof cost);
		count(&g, &first, &last);
		/* The last one begun an hour before since; a day behind. */
		CHECK_INT(first, 299 * PER_FILE + 1);
		CHECK_INT(last, 323 * PER_FILE);
		CHECK(cost.opens < 120);
		g.since_ms = T0 - 1000;
		g.until_ms = T0 - 2 * 86400000LL;
		CHECK_INT(count(&g, &first, &last), 0);
		g = (struct wq_range){.since_ms = T0 + 9999 * STEP_MS};
		CHECK_INT(count(&g, &first, &last), PER_FILE);
		CHECK_INT(last, TOTAL);
	}
}

static void
consumed(void)
{
	struct wq_list l = {0};
	struct wq_reader *r;
	char path[WQ_PATH_MAX];
	uint64_t first, last;

	TEST("get: consumed files are 0, and a range goes on behind them")
	{
		CHECK_INT(wq_list_day(dir, "", &l), 1);
		for (size_t i = 2; i < l.n; i++) {
			wq_ready_path(path, dir, l.name[i]);
			CHECK_INT(unlink(path), 0);
		}
		r = reader(NULL);
		CHECK_INT(get(r, 2 * PER_FILE), 1);
		CHECK_INT(get(r, 2 * PER_FILE + 1), 0);
		CHECK_INT(get(r, l.n * PER_FILE), 0);
		CHECK_INT(get(r, l.n * PER_FILE + 1), 1);
		wq_reader_close(r);
		count(&(struct wq_range){.from_seq = 2 * PER_FILE + 5,
			  .to_seq = TOTAL - 1},
		    &first, &last);
		CHECK_INT(first, l.n * PER_FILE + 1);
		CHECK_INT(last, TOTAL - 1);
	}
	TEST("get: a damaged record is an error, its neighbours are not")
	{
		struct wq_entry e;
		int fd;

		CHECK_INT(wq_index_seek(dir, 60000, NULL, &e), 1);
		wq_ready_path(path, dir, e.name);
		fd = open(path, O_RDWR);
		CHECK_INT(pwrite(fd, "\0\0\0\0", 4, WQ_HEADER + 99), 4);
		close(fd);
		r = reader(NULL);
		CHECK_INT(get(r, e.first_seq), WQ_ECORRUPT);
		CHECK_INT(wq_reader_skipped(r, &first, &last), 1);
		CHECK_INT(first, e.first_seq);
		CHECK_INT(last, e.first_seq + RECORDS - 1);
		CHECK_INT(get(r, e.first_seq + RECORDS), 1);
		CHECK_INT(get(r, e.first_seq - 1), 1);
		wq_reader_close(r);
	}
	wq_list_clear(&l);
}

/* A file of 24 members, some behind their numbers in the hole. */
static void
unreadable(void)
{
	static const struct wq_options o = {.node = "n"};
	struct wq_pos pos = {0};
	struct wq_reader *r;
	struct wq_writer *w;
	const char *line;
	uint64_t seq, first, last, before = 0, lost = 0;
	size_t len;
	char err[512];
	int rc, told = 0;

	TEST("reader: where the disk gives an error the other blocks are read")
	{
		dir = make_folder();
		CHECK_INT(
		    wq_writer_open(&w, dir, &o, NULL, T0, err, sizeof err), 0);
		for (int i = 0; i < 24; i++)
			CHECK_INT(land(w, RECORDS, i == 23, T0, &pos), 0);
		wq_writer_close(w);
		hole_from = 9000;
		hole_to = 11000;
		r = reader(NULL);
		while ((rc = wq_read(r, &line, &len, &seq)) != 0) {
			if (rc > 0) {
				CHECK(seq > before);
				before = seq;
				continue;
			}
			told++;
			CHECK_INT(wq_reader_skipped(r, &first, &last), 1);
			lost += last - first + 1;
		}
		wq_reader_close(r);
		hole_to = 0;
		CHECK_INT(before, 24 * RECORDS);
		/* Two or three blocks, and what shares a page with them. */
		CHECK(lost >= 2 * RECORDS && lost <= 6 * RECORDS);
		CHECK(told >= 1 && told <= 4);
	}
}

int
main(void)
{
	make_queue();
	gets();
	ranges();
	consumed();
	unreadable();
	*strrchr(dir, '/') = '\0';
	remove_tree(dir);
	return test_end();
}
