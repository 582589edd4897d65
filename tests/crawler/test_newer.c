/* test_newer.c - what a newer version wrote this one refuses, in words, and
 * leaves as it is. Blocks and cursors: tests/queue/test_reader.c,
 * test_cursor.c.
 */
#include <fcntl.h>

#include "crawler/frontier.h"
#include "crawler/store.h"
#include "tests/queue/queue_test.h"

#define WORDS "written by a newer version"

static char *dir, state[128];
static char why[8192];

/* ---- the state ----------------------------------------------------------- */

/* A state that holds a position of n bytes. */
static void
store_position(const void *pos, size_t n)
{
	struct frontier *f;
	struct store *s;

	remove_tree(state);
	CHECK_INT(frontier_open(&f, state, NULL, T0, why, sizeof why), 0);
	frontier_close(f);
	CHECK_INT(store_open(&s, state, 64 << 20, why, sizeof why), 0);
	store_put(s, STORE_META, "pos", 3, pos, n);
	CHECK_INT(store_commit(s), 0);
	store_close(s);
}

static void
store_format(uint32_t format)
{
	struct frontier *f;
	struct store *s;

	remove_tree(state);
	CHECK_INT(frontier_open(&f, state, NULL, T0, why, sizeof why), 0);
	frontier_close(f);
	CHECK_INT(store_open(&s, state, 64 << 20, why, sizeof why), 0);
	store_put(s, STORE_META, "format", 6, &format, sizeof format);
	CHECK_INT(store_commit(s), 0);
	store_close(s);
}

static int
open_state(struct wq_pos *pos)
{
	struct frontier *f;
	int rc = frontier_open(&f, state, NULL, T0, why, sizeof why);

	if (rc == 0)
		frontier_pos(f, pos);
	frontier_close(rc == 0 ? f : NULL);
	return rc;
}

/* ---- the queue ----------------------------------------------------------- */

static const struct wq_options options = {.node = "n"};

static int
open_queue(const struct wq_pos *pos)
{
	struct wq_writer *w;
	int rc = wq_writer_open(&w, dir, &options, pos, T0, why, sizeof why);

	wq_writer_close(rc == 0 ? w : NULL);
	return rc;
}

/* Ten records in one file; *pos is where they end. */
static void
make_queue(int seal, struct wq_pos *pos)
{
	struct wq_writer *w;

	dir = make_folder();
	CHECK_INT(
	    wq_writer_open(&w, dir, &options, NULL, T0, why, sizeof why), 0);
	CHECK_INT(land(w, 10, seal, T0, pos), 0);
	wq_writer_close(w);
}

/* Makes the first block of the file one of version 2. */
static void
make_newer(const char *below)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", dir, below);
	make_file_newer(path);
}

#define FILE_1 "20261121T031500Z-n-0000000001.jsonl.gz"

int
main(void)
{
	struct wq_pos pos, got;
	uint64_t longer[sizeof pos / 8 + 1] = {7, 100, 11};

	dir = make_folder();
	snprintf(state, sizeof state, "%s-state", dir);
	TEST("newer: a stored position that knows more is refused")
	{
		store_position(longer, sizeof longer);
		CHECK_INT(open_state(&got), FRONTIER_EVERSION);
		CHECK(strstr(why, WORDS));
	}
	TEST("newer: a position that an older version stored is read")
	{
		store_position(longer, 64);
		CHECK_INT(open_state(&got), 0);
		CHECK_INT(got.file, 7);
		CHECK_INT(got.seq, 11);
		CHECK_INT(got.raw, 0);
	}
	TEST("newer: a state of another format is refused by both numbers")
	{
		store_format(99);
		CHECK_INT(open_state(&got), FRONTIER_EVERSION);
		CHECK(strstr(why, "its format is 99, this program's is "));
	}
	remove_tree(state);
	TEST("newer: a file that was begun is not gone on with")
	{
		make_queue(0, &pos);
		make_newer("tmp/" FILE_1);
		CHECK_INT(open_queue(&pos), WQ_EVERSION);
		CHECK(strstr(why, FILE_1 " was " WORDS));
		CHECK_INT(count_in(dir, "tmp"), 1);
	}
	TEST("newer: a queue whose last file is of it is not written to")
	{
		make_queue(1, &pos);
		make_newer("ready/2026-11-21/" FILE_1);
		CHECK_INT(open_queue(&pos), WQ_EVERSION);
		CHECK(strstr(why, FILE_1 " was " WORDS));
		CHECK_INT(open_queue(NULL), WQ_EVERSION);
	}
	TEST("newer: a position that is sealed in a way of its own is refused")
	{
		make_queue(0, &pos);
		pos.sealed = 2;
		CHECK_INT(open_queue(&pos), WQ_EVERSION);
		CHECK(strstr(why, "the stored position was " WORDS));
		CHECK_INT(count_in(dir, "tmp"), 1);
	}
	*strrchr(dir, '/') = '\0';
	remove_tree(dir);
	return test_end();
}
