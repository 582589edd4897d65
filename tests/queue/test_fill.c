/* test_fill.c - a queue to try things on: test_fill DIR RECORDS appends that
 * many small records to the queue in DIR, five to a block, twenty to a file.
 * Without arguments it is a test that fills one and reads it. */
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

int
main(int argc, char **argv)
{
	char *dir;

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
