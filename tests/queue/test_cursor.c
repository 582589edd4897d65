/* test_cursor.c - cursors, and what prune leaves for them. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "queue/cursor.h"
#include "tests/queue/queue_test.h"

static char *dir;

/* 300 records, three files of 100. */
static void
make_queue(void)
{
	static const struct wq_options o = {.node = "n"};
	struct wq_writer *w;
	struct wq_pos pos;
	char err[512];

	dir = make_folder();
	if (wq_writer_open(&w, dir, &o, NULL, T0, err, sizeof err) != 0)
		abort();
	for (int i = 0; i < 3; i++)
		CHECK_INT(land(w, 100, 1, T0 + i * 1000, &pos), 0);
	wq_writer_close(w);
}

static void
put_file(const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof path, "%s/cursors/%s", dir, name);
	if ((f = fopen(path, "w")) == NULL)
		abort();
	fputs(text, f);
	fclose(f);
}

static int
get(const char *name, uint64_t *acked, uint64_t *given)
{
	struct wq_cursor c;
	int rc = wq_cursor_get(dir, name, &c);

	*acked = c.acked;
	*given = c.given;
	return rc;
}

#define CHECK_CURSOR(name, a, g)                                               \
	do {                                                                   \
		uint64_t acked_, given_;                                       \
		CHECK_INT(get(name, &acked_, &given_), 1);                     \
		CHECK_INT(acked_, a);                                          \
		CHECK_INT(given_, g);                                          \
	} while (0)

static void
seen(void *arg, const char *name, int err, const struct wq_cursor *c)
{
	int *n = arg;

	(void)name;
	(void)c;
	n[err != 0]++;
}

/* Two processes of one name, each acknowledges every number in turn. */
static void
race(void)
{
	pid_t pid[2];
	int status, bad = 0;

	for (int p = 0; p < 2; p++) {
		if ((pid[p] = fork()) != 0)
			continue;
		for (uint64_t i = 1; i <= 100; i++) {
			int rc = wq_cursor_ack(dir, "r", i);
			struct wq_cursor c;

			if (rc != 0 && rc != WQ_EBACK)
				_exit(1);
			if (wq_cursor_get(dir, "r", &c) != 1 || c.acked < i)
				_exit(2);
		}
		_exit(0);
	}
	for (int p = 0; p < 2; p++)
		if (waitpid(pid[p], &status, 0) != pid[p] || status != 0)
			bad++;
	CHECK_INT(bad, 0);
	CHECK_CURSOR("r", 100, 100);
}

/* A process that moves a cursor on and on is killed; what is left must be a
 * cursor, and at a number it had reached. */
static void
kill_one(useconds_t after)
{
	int fd[2], status;
	uint64_t told = 0, n, acked, given;
	pid_t pid;

	if (pipe(fd) < 0)
		abort();
	if ((pid = fork()) == 0) {
		for (uint64_t i = 1;; i++) {
			if (wq_cursor_ack(dir, "k", i) != 0)
				_exit(1);
			if (write(fd[1], &i, sizeof i) != sizeof i)
				_exit(1);
		}
	}
	close(fd[1]);
	usleep(after);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	while (read(fd[0], &n, sizeof n) == sizeof n)
		told = n;
	close(fd[0]);
	n = (uint64_t)get("k", &acked, &given);
	CHECK(told == 0 || n == 1);
	CHECK(acked == told || acked == told + 1);
	CHECK_INT(wq_cursor_remove(dir, "k") >= 0, 1);
}

static void
test_one(void)
{
	TEST("cursor: the first look makes it, and it stands before the first")
	{
		uint64_t acked, given;
		struct wq_cursor c;

		make_queue();
		CHECK_INT(get("a", &acked, &given), 0);
		CHECK_INT(wq_cursor_begin(dir, "a", &c), 0);
		CHECK_INT(c.acked, 0);
		CHECK_CURSOR("a", 0, 0);
		CHECK_INT(wq_cursor_begin(dir, "a", &c), 1);
	}
	TEST("cursor: what was given is remembered, and goes with the ack")
	{
		CHECK_INT(wq_cursor_give(dir, "a", 120), 0);
		CHECK_CURSOR("a", 0, 120);
		CHECK_INT(wq_cursor_ack(dir, "a", 50), 0);
		CHECK_CURSOR("a", 50, 120);
		CHECK_INT(wq_cursor_ack(dir, "a", 130), 0);
		CHECK_CURSOR("a", 130, 130);
	}
	TEST("cursor: an ack does not take it back, setting it does")
	{
		CHECK_INT(wq_cursor_ack(dir, "a", 129), WQ_EBACK);
		CHECK_CURSOR("a", 130, 130);
		CHECK_INT(wq_cursor_ack(dir, "a", 130), 0);
		CHECK_INT(wq_cursor_set(dir, "a", 20), 0);
		CHECK_CURSOR("a", 20, 20);
	}
	TEST("cursor: a name is no path")
	{
		CHECK_INT(wq_cursor_set(dir, "../a", 1), WQ_EINVAL);
		CHECK_INT(wq_cursor_set(dir, ".a", 1), WQ_EINVAL);
		CHECK_INT(wq_cursor_set(dir, "", 1), WQ_EINVAL);
	}
	TEST("cursor: two processes of one name never take it back")
	{
		race();
	}
	TEST("cursor: killed at any moment it is the old place or the new one")
	{
		for (useconds_t us = 100; us < 20000; us += 997)
			kill_one(us);
	}
}

static void
test_files(void)
{
	TEST("cursor: one number by hand is a cursor")
	{
		put_file("hand", "17\n");
		CHECK_CURSOR("hand", 17, 17);
		put_file("hand", "17\ngiven 9\n");
		CHECK_CURSOR("hand", 17, 17);
	}
	TEST("cursor: what is none is refused, and never taken for a number")
	{
		static const char *const bad[] = {"", "\n", "17", "-1\n", "x\n",
		    "1 7\n", "17\ngiven \n", "17\ngiven x\n",
		    "99999999999999999999\n", " 17\n", "17\ngiven 18"};
		uint64_t acked, given;

		for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
			put_file("hand", bad[i]);
			CHECK_INT(get("hand", &acked, &given), WQ_ECORRUPT);
			CHECK_INT(acked, 0);
			CHECK_INT(wq_cursor_ack(dir, "hand", 5), WQ_ECORRUPT);
		}
	}
	TEST("cursor: what a newer version wrote is refused as that")
	{
		uint64_t acked, given;

		put_file("hand", "17\ngiven 20\nlease 5\n");
		CHECK_INT(get("hand", &acked, &given), WQ_EVERSION);
		put_file("hand", "17\nlease 5\n");
		CHECK_INT(get("hand", &acked, &given), WQ_EVERSION);
	}
	TEST("cursor: one that cannot be read is told, and holds every file")
	{
		uint64_t lowest;
		int n[2] = {0, 0};

		CHECK_INT(wq_cursor_set(dir, "a", 300), 0);
		CHECK_INT(wq_cursor_set(dir, "r", 300), 0);
		CHECK_INT(wq_cursor_each(dir, seen, n, &lowest), WQ_EVERSION);
		CHECK_INT(n[0], 2);
		CHECK_INT(n[1], 1);
		CHECK_INT(wq_prune(dir, INT64_MAX, 0, NULL, NULL), WQ_EVERSION);
		CHECK_INT(count_from(dir, 0), 300);
	}
	TEST("cursor: one that cannot be read can be put right, or removed")
	{
		CHECK_INT(wq_cursor_set(dir, "hand", 40), 0);
		CHECK_CURSOR("hand", 40, 40);
		put_file("hand", "?");
		CHECK_INT(wq_cursor_remove(dir, "hand"), 1);
		CHECK_INT(wq_cursor_remove(dir, "hand"), 0);
	}
	TEST("cursor: a link in the place of its new file leads nowhere")
	{
		char path[512], tmp[512], folder[480];
		struct stat st;

		snprintf(folder, sizeof folder, "%s/cursors", dir);
		snprintf(path, sizeof path, "%s/me", folder);
		snprintf(tmp, sizeof tmp, "%s/.new", folder);
		put_file(".victim", "precious");
		CHECK_INT(symlink(".victim", tmp), 0);
		CHECK_INT(wq_replace(
			      &wq_io_system, path, tmp, folder, "7\n", 2, 0664),
		    WQ_EIO);
		snprintf(path, sizeof path, "%s/.victim", folder);
		CHECK_INT(stat(path, &st), 0);
		CHECK_INT(st.st_size, 8);
		unlink(path);
		unlink(tmp);
	}
	TEST("cursor: a pipe of its name does not hold who looks")
	{
		char path[512];
		uint64_t acked, given;

		snprintf(path, sizeof path, "%s/cursors/pipe", dir);
		CHECK_INT(mkfifo(path, 0644), 0);
		CHECK_INT(get("pipe", &acked, &given), WQ_ECORRUPT);
		unlink(path);
	}
}

static void
test_prune(void)
{
	TEST("prune: goes up to the lowest cursor, and the newest file stays")
	{
		make_queue();
		CHECK_INT(wq_cursor_set(dir, "a", 199), 0);
		CHECK_INT(wq_cursor_set(dir, "b", 300), 0);
		CHECK_INT(wq_prune(dir, INT64_MAX, 0, NULL, NULL), 0);
		CHECK_INT(count_from(dir, 0), 200);
		CHECK_INT(wq_cursor_set(dir, "a", 300), 0);
		CHECK_INT(wq_prune(dir, INT64_MAX, 0, NULL, NULL), 0);
		CHECK_INT(count_from(dir, 0), 100);
	}
	TEST("prune: a cursor that was just made holds everything")
	{
		struct wq_cursor c;

		make_queue();
		CHECK_INT(wq_cursor_begin(dir, "new", &c), 0);
		CHECK_INT(wq_prune(dir, INT64_MAX, 0, NULL, NULL), 0);
		CHECK_INT(count_from(dir, 0), 300);
		CHECK_INT(wq_cursor_remove(dir, "new"), 1);
		CHECK_INT(wq_prune(dir, INT64_MAX, 0, NULL, NULL), 0);
		CHECK_INT(count_from(dir, 0), 100);
	}
	TEST("prune: who writes a cursor, perhaps stopped, does not hold it up")
	{
		int fd;

		make_queue();
		CHECK((fd = wq_cursors_lock(dir, LOCK_EX)) >= 0);
		CHECK_INT(wq_prune(dir, INT64_MAX, 0, NULL, NULL), WQ_EBUSY);
		CHECK_INT(count_from(dir, 0), 300);
		close(fd);
		CHECK_INT(wq_prune(dir, INT64_MAX, 0, NULL, NULL), 0);
		CHECK_INT(count_from(dir, 0), 100);
	}
}

int
main(void)
{
	test_one();
	test_files();
	test_prune();
	*strrchr(dir, '/') = '\0';
	remove_tree(dir);
	return test_end();
}
