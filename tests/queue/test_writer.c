/* test_writer.c - put, sync, commit, seal, and opening again. */
#include <errno.h>

#include "queue/io.h"
#include "tests/queue/queue_test.h"

static struct wq_options options = {.node = "n1"};
static char err[512];

static struct wq_writer *
open_at(const char *dir, const struct wq_pos *pos, int64_t now)
{
	struct wq_writer *w = NULL;

	err[0] = '\0';
	if (wq_writer_open(&w, dir, &options, pos, now, err, sizeof err) != 0)
		printf("  %s\n", err);
	return w;
}

/* ---- a disk of a given size ---------------------------------------------- */

static int64_t disk_left, disk_free = 1 << 30, clock_ms;

static ssize_t
small_pwrite(int fd, const void *buf, size_t len, off_t at)
{
	if ((int64_t)len > disk_left)
		len = (size_t)disk_left;
	disk_left -= (int64_t)len;
	return len > 0 ? pwrite(fd, buf, len, at) : 0;
}

static int
small_space(const char *path, uint64_t *n)
{
	(void)path;
	*n = (uint64_t)disk_free;
	return 0;
}

static int64_t
small_clock(void)
{
	return clock_ms;
}

static void
first_steps(const char *dir)
{
	struct wq_writer *w, *other = NULL;
	struct wq_pos pos = {0}, again;
	char path[600];

	TEST("writer: a sealed file is named by time, node and number")
	{
		w = open_at(dir, NULL, T0);
		CHECK_INT(wq_next_seq(w), 1);
		CHECK_INT(land(w, 10, 1, T0, &pos), 0);
		CHECK_INT(pos.sealed, 1);
		CHECK_INT(pos.seq, 11);
		snprintf(path, sizeof path,
		    "%s/ready/2026-11-21/20261121T031500Z-n1-0000000001."
		    "jsonl.gz",
		    dir);
		CHECK_INT(access(path, R_OK), 0);
		CHECK_INT(count_from(dir, 0), 10);
	}
	TEST("writer: a second one is refused by the first one's pid")
	{
		char want[600];

		CHECK_INT(wq_writer_open(
			      &other, dir, &options, NULL, T0, err, sizeof err),
		    WQ_ELOCKED);
		snprintf(want, sizeof want,
		    "cannot open queue '%s': locked by pid %ld; stop it or "
		    "choose another directory",
		    dir, (long)getpid());
		CHECK_STR(err, want);
	}
	TEST("writer: nothing is in ready/ before the transaction")
	{
		CHECK_INT(put_records(w, 5, T0), 0);
		CHECK_INT(wq_sync(w, 1, T0, &pos), 0);
		CHECK_INT(pos.sealed, 1);
		CHECK_INT(count_from(dir, 0), 10);
		CHECK_INT(put_records(w, 5, T0), WQ_EINVAL);
		CHECK_INT(wq_committed(w, &pos), 0);
		CHECK_INT(count_from(dir, 0), 15);
	}
	TEST("writer: asked to sync with nothing put, it says the same again")
	{
		CHECK_INT(wq_sync(w, 1, T0, &again), 0);
		CHECK_INT(memcmp(&again, &pos, sizeof pos), 0);
		CHECK_INT(wq_committed(w, &again), 0);
		CHECK_INT(wq_seal_due(w, T0), -1);
	}
	TEST("writer: names sort in log order when the clock goes back")
	{
		CHECK_INT(land(w, 3, 1, T0 - 86400000, &pos), 0);
		CHECK_INT(count_in(dir, "ready"), 1);
		CHECK_INT(count_in(dir, "ready/2026-11-21"), 3);
		CHECK_INT(count_from(dir, 0), 18);
	}
	TEST("writer: without a stored position numbers go on behind ready/")
	{
		wq_writer_close(w);
		options.node = "a0"; /* sorts before n1 in the same second */
		w = open_at(dir, NULL, T0);
		CHECK_INT(wq_next_seq(w), 19);
		CHECK_INT(land(w, 2, 1, T0, &pos), 0);
		CHECK_INT(pos.file, 4);
		CHECK_INT(count_from(dir, 0), 20);
		options.node = "n1";
	}
	TEST("writer: age seals, counted from the file's begin")
	{
		CHECK_INT(put_records(w, 1, T0), 0);
		CHECK_INT(wq_seal_due(w, T0 + 1000), 59000);
		CHECK_INT(wq_sync(w, 0, T0 + 59999, &pos), 0);
		CHECK_INT(pos.sealed, 0);
		CHECK_INT(wq_committed(w, &pos), 0);
		CHECK_INT(wq_seal_due(w, T0 + 60000), 0);
		CHECK_INT(wq_sync(w, 0, T0 + 60000, &pos), 0);
		CHECK_INT(pos.sealed, 1);
		CHECK_INT(wq_committed(w, &pos), 0);
		CHECK_INT(count_from(dir, 0), 21);
	}
	TEST("writer: a member with other numbers than its call is refused")
	{
		size_t len, mlen;
		char *lines = make_lines(99, 2, &len);
		void *m;

		CHECK_INT(wq_member(lines, len, 2, 99, &m, &mlen), 0);
		CHECK_INT(wq_put(w, m, mlen, 2, len, T0), WQ_EINVAL);
		free(m);
		free(lines);
	}
	wq_writer_close(w);
}

static void
after_a_stop(const char *dir)
{
	struct wq_writer *w = open_at(dir, NULL, T0);
	struct wq_pos pos = {0}, later;
	struct wq_stat st;

	TEST("writer: what was not committed is cut when it is opened again")
	{
		CHECK_INT(land(w, 100, 0, T0, &pos), 0);
		CHECK_INT(put_records(w, 50, T0), 0);
		CHECK_INT(wq_sync(w, 0, T0, &later), 0);
		wq_writer_close(w);
		w = open_at(dir, &pos, T0);
		CHECK_INT(wq_next_seq(w), 101);
		CHECK_INT(land(w, 7, 1, T0, &pos), 0);
		CHECK_INT(count_from(dir, 0), 107);
		CHECK_INT(wq_writer_stat(w, &st), 0);
		CHECK_INT(st.files, 1);
		CHECK_INT(st.records, 107);
	}
	TEST("writer: a position that says sealed is sealed at the next start")
	{
		CHECK_INT(put_records(w, 5, T0), 0);
		CHECK_INT(wq_sync(w, 1, T0, &pos), 0);
		wq_writer_close(w);
		CHECK_INT(count_from(dir, 0), 107);
		w = open_at(dir, &pos, T0);
		CHECK_INT(count_from(dir, 0), 112);
		CHECK_INT(count_in(dir, "tmp"), 0);
	}
	TEST("writer: a transaction that failed is taken back")
	{
		CHECK_INT(land(w, 5, 0, T0, &pos), 0);
		CHECK_INT(put_records(w, 9, T0), 0);
		CHECK_INT(wq_sync(w, 1, T0, &later), 0);
		CHECK_INT(wq_rollback(w), 0);
		CHECK_INT(wq_next_seq(w), pos.seq);
		CHECK_INT(land(w, 5, 1, T0, &pos), 0);
		CHECK_INT(count_from(dir, 0), 122);
	}
	TEST("writer: bytes the disk lost are told, not passed over")
	{
		char path[600];

		CHECK_INT(land(w, 5, 0, T0, &pos), 0);
		wq_writer_close(w);
		snprintf(path, sizeof path,
		    "%s/tmp/20261121T031500Z-n1-%010d.jsonl.gz", dir,
		    (int)pos.file);
		CHECK_INT(truncate(path, 10), 0);
		CHECK_INT(wq_writer_open(
			      &w, dir, &options, &pos, T0, err, sizeof err),
		    WQ_ECORRUPT);
		CHECK(strstr(err, "holds 10 bytes where the state counts"));
		CHECK(w == NULL);
		CHECK_INT(unlink(path), 0);
		CHECK_INT(wq_writer_open(
			      &w, dir, &options, &pos, T0, err, sizeof err),
		    WQ_OK);
		CHECK(strstr(err, "counts records 123 to 127 in file"));
		CHECK_INT(wq_next_seq(w), 128);
	}
	wq_writer_close(w);
}

static int probe_errno;

static int
small_probe(const char *dir, uint64_t bytes)
{
	(void)dir;
	(void)bytes;
	errno = probe_errno;
	return probe_errno != 0 ? -1 : 0;
}

static void
small_disk(const char *dir)
{
	struct wq_io io = wq_io_system;
	struct wq_writer *w;
	struct wq_pos pos = {0};
	char why[1024];

	io.pwrite = small_pwrite;
	io.space = small_space;
	io.clock = small_clock;
	io.probe = small_probe;
	options.io = &io;
	disk_left = 6000;
	w = open_at(dir, NULL, T0);
	TEST("writer: a full disk costs nothing that was put before")
	{
		CHECK_INT(land(w, 50, 0, T0, &pos), 0);
		CHECK_INT(put_records(w, 500, T0), WQ_ENOSPC);
		CHECK_INT(wq_next_seq(w), 51);
		disk_left = 1 << 20;
		CHECK_INT(land(w, 500, 1, T0, &pos), 0);
		CHECK_INT(count_from(dir, 0), 550);
	}
	TEST("writer: a full disk at the first write of a file leaves none")
	{
		disk_left = 0;
		CHECK_INT(land(w, 50, 1, T0, &pos), WQ_ENOSPC);
		CHECK_INT(wq_sync(w, 1, T0, &pos), 0);
		CHECK_INT(pos.file, 1);
		disk_left = 1 << 20;
		CHECK_INT(land(w, 50, 1, T0, &pos), 0);
		CHECK_INT(count_from(dir, 0), 600);
	}
	wq_writer_close(w);
	options.min_free = 1000000;
	options.max_bytes = 100000;
	w = open_at(dir, &pos, T0);
	TEST("room: min_free holds until a twentieth more is free")
	{
		CHECK_INT(wq_room(w, why, sizeof why), 0);
		disk_free = 999999;
		CHECK_INT(wq_room(w, why, sizeof why), WQ_ENOSPC);
		CHECK(strstr(why, " has 977 KiB free, queue.min_free is 977 "
				  "KiB: make room; fetching goes on at 1.0 MiB") !=
		    NULL);
		disk_free = 1000001;
		CHECK_INT(wq_room(w, why, sizeof why), WQ_ENOSPC);
		disk_free = 1050000;
		CHECK_INT(wq_room(w, why, sizeof why), 0);
	}
	TEST("room: max_bytes holds until files were consumed")
	{
		char path[600];

		while (wq_room(w, why, sizeof why) == 0)
			CHECK_INT(land(w, 200, 1, T0, &pos), 0);
		CHECK(strstr(why, "queue.max_bytes"));
		CHECK(count_from(dir, 0) > 1500);
		snprintf(path, sizeof path, "%s/ready", dir);
		remove_tree(path);
		CHECK_INT(wq_room(w, why, sizeof why), WQ_ENOSPC);
		clock_ms += 1000;
		CHECK_INT(wq_room(w, why, sizeof why), 0);
		mkdir(path, 0755);
	}
	TEST("room: who met a full disk waits until some blocks fit, and says so")
	{
		disk_left = 0;
		options.max_bytes = 0;
		wq_set_bounds(w, &options);
		probe_errno = EDQUOT;
		CHECK_INT(land(w, 50, 1, T0, &pos), WQ_ENOSPC);
		CHECK(strstr(wq_trouble(w), "cannot write '"));
		CHECK(strstr(wq_trouble(w), "its file system is full"));
		disk_left = 1 << 20;
		CHECK_INT(wq_room(w, why, sizeof why), WQ_ENOSPC);
		CHECK(strstr(why, "quota"));
		probe_errno = 0;
		CHECK_INT(wq_room(w, why, sizeof why), WQ_ENOSPC);
		clock_ms += 1000;
		CHECK_INT(wq_room(w, why, sizeof why), 0);
		CHECK_INT(land(w, 50, 1, T0, &pos), 0);
	}
	TEST("writer: numbers go on when all files were consumed")
	{
		uint64_t next = wq_next_seq(w);

		wq_writer_close(w);
		w = open_at(dir, NULL, T0);
		CHECK_INT(wq_next_seq(w), next);
	}
	wq_writer_close(w);
	options.io = NULL;
	options.min_free = options.max_bytes = 0;
}

static void
derived_files(const char *dir)
{
	struct wq_writer *w;
	struct wq_pos pos = {0};
	char cmd[1200];

	options.schema = "{\"a\":1}\n";
	w = open_at(dir, NULL, T0);
	for (int i = 0; i < 5; i++)
		land(w, 10, 1, T0 + i * 1000, &pos);
	wq_writer_close(w);
	TEST("index: sizes and sums are those of the files")
	{
		snprintf(cmd, sizeof cmd,
		    "cd %s && test $(wc -l <index.jsonl) = 5 && "
		    "sed 's/.*file\":\"\\([^\"]*\\).*sha256\":\"\\([0-9a-f]*"
		    "\\).*/\\2  \\1/' index.jsonl | sha256sum -c --quiet",
		    dir);
		CHECK_INT(system(cmd), 0);
	}
	TEST("index: a lost, torn or false line is made again at the start")
	{
		snprintf(cmd, sizeof cmd,
		    "cd %s && cp index.jsonl good && "
		    "sed -i -e 2d -e '3s/^.\\{40\\}//' -e '4s/\"bytes\":1/"
		    "\"bytes\":2/' index.jsonl && printf '{\"fi' >>index.jsonl",
		    dir);
		CHECK_INT(system(cmd), 0);
		wq_writer_close(open_at(dir, &pos, T0));
		snprintf(cmd, sizeof cmd, "cd %s && cmp good index.jsonl", dir);
		CHECK_INT(system(cmd), 0);
	}
	TEST("writer: without a name for its node it is refused in words")
	{
		static const struct wq_options none;
		struct wq_writer *x;

		CHECK_INT(wq_writer_open(
			      &x, dir, NULL, NULL, T0, err, sizeof err),
		    WQ_EINVAL);
		CHECK_INT(wq_writer_open(
			      &x, dir, &none, NULL, T0, err, sizeof err),
		    WQ_EINVAL);
		CHECK(strstr(err, "a node is 1 to 32 of"));
	}
	TEST("writer: SCHEMA.json is what the caller gave")
	{
		snprintf(cmd, sizeof cmd,
		    "test \"$(cat %s/SCHEMA.json)\" = '{\"a\":1}'", dir);
		CHECK_INT(system(cmd), 0);
	}
	TEST("writer: zcat reads the sealed files as they are")
	{
		snprintf(cmd, sizeof cmd,
		    "test $(zcat %s/ready/*/*.gz | wc -l) = 50", dir);
		CHECK_INT(system(cmd), 0);
	}
	options.schema = NULL;
}

int
main(void)
{
	static void (*const parts[])(const char *) = {
	    first_steps, after_a_stop, small_disk, derived_files};
	char *dir;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		dir = make_folder();
		parts[i](dir);
		*strrchr(dir, '/') = '\0';
		remove_tree(dir);
	}
	return test_end();
}
