/* test_fill.c - a queue to try things on: test_fill DIR RECORDS appends that
 * many small records to the queue in DIR, five to a block, twenty to a file;
 * test_fill DIR days makes one with records of three days. Without arguments it
 * is a test that fills one and reads it. */
#include <time.h>

#include "tests/queue/queue_test.h"

static int
fill(const char *dir, int n)
{
	static const struct wq_options o = {.node = "n"};
	struct wq_writer *w;
	struct wq_pos pos = {0};
	char err[512];
	int rc = 0;

	if (wq_writer_open(&w, dir, &o, NULL, (int64_t)time(NULL) * 1000, err,
		sizeof err) != 0) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	for (int i = 0; i < n && rc == 0; i += 5)
		rc = land(w, 5, i % 20 == 15 || i + 5 >= n,
		    (int64_t)time(NULL) * 1000, &pos);
	wq_writer_close(w);
	return rc != 0;
}

/* Six records, downloaded on 21, 22 and 23 November 2026 at 04:00 and 20:00; a
 * file for each day. */
static int
fill_days(const char *dir)
{
	static const struct wq_options o = {.node = "n"};
	struct wq_writer *w;
	struct wq_pos pos;
	char err[512], line[128];
	void *member;
	size_t len;
	int rc = 0;

	if (wq_writer_open(&w, dir, &o, NULL, T0, err, sizeof err) != 0)
		return 1;
	for (int i = 0; i < 6 && rc == 0; i++) {
		int64_t now = T0 + 45 * 60000 + i / 2 * 86400000LL +
			      i % 2 * 16 * 3600000LL;
		int n = snprintf(line, sizeof line,
		    "{\"seq\":\"%d\",\"date_download\":"
		    "\"2026-11-%02dT%02d:00:00Z\"}\n",
		    i + 1, 21 + i / 2, i % 2 == 0 ? 4 : 20);

		rc = wq_member(
		    line, (size_t)n, 1, (uint64_t)i + 1, &member, &len);
		if (rc == 0 &&
		    (rc = wq_put(w, member, len, 1, (uint64_t)n, now)) == 0 &&
		    (rc = wq_sync(w, i % 2, now, &pos)) == 0)
			rc = wq_committed(w, &pos);
		free(member);
	}
	wq_writer_close(w);
	return rc != 0;
}

int
main(int argc, char **argv)
{
	char *dir;

	if (argc == 3 && strcmp(argv[2], "days") == 0)
		return fill_days(argv[1]);
	if (argc == 3)
		return fill(argv[1], atoi(argv[2]));
	TEST("queue: what two runs without a stored position fill joins")
	{
		dir = make_folder();
		CHECK_INT(fill(dir, 100), 0);
		CHECK_INT(fill(dir, 50), 0);
		CHECK_INT(count_from(dir, 0), 150);
		*strrchr(dir, '/') = '\0';
		remove_tree(dir);
	}
	return test_end();
}
