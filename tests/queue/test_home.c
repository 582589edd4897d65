/* A writer whose directory is moved, removed or taken over while it works. */
#include <errno.h>

#include "queue/writer.h"
#include "tests/queue/queue_test.h"

static struct wq_options options = {.node = "n", .schema = "{}\n"};

static struct wq_writer *
open_at(const char *dir)
{
	struct wq_writer *w;
	char err[512];

	if (wq_writer_open(&w, dir, &options, NULL, T0, err, sizeof err) != 0) {
		printf("%s\n", err);
		return NULL;
	}
	return w;
}

static int
has(const char *dir, const char *name)
{
	char path[600];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

/* Twenty records lie in tmp/ when the directory goes. */
static struct wq_writer *
begin(const char *dir, struct wq_pos *pos)
{
	struct wq_writer *w = open_at(dir);

	CHECK(w != NULL);
	CHECK_INT(land(w, 10, 1, T0, pos), 0);
	CHECK_INT(land(w, 20, 0, T0, pos), 0);
	return w;
}

static void
end(struct wq_writer *w, char *dir)
{
	wq_writer_close(w);
	*strrchr(dir, '/') = '\0';
	remove_tree(dir);
}

static void
removed(void)
{
	char *dir = make_folder();
	struct wq_pos pos;
	struct wq_writer *w = begin(dir, &pos);
	struct wq_check c;

	remove_tree(dir);
	CHECK_INT(land(w, 5, 0, T0, &pos), WQ_EIO);
	CHECK(
	    strstr(wq_trouble(w), dir) && strstr(wq_trouble(w), "put it back"));
	CHECK_INT(wq_next_seq(w), 31);
	CHECK(!has(dir, "tmp"));
	mkdir(dir, 0755);
	CHECK_INT(land(w, 5, 1, T0, &pos), 0);
	CHECK_INT(count_from(dir, 0), 25); /* ten were sealed, and are gone */
	CHECK(has(dir, "SCHEMA.json") && has(dir, "cursors"));
	CHECK_INT(wq_verify(dir, NULL, NULL, &c), 0);
	CHECK_INT(c.bad, 0);
	end(w, dir);
}

static void
removed_before_sync(void)
{
	char *dir = make_folder();
	struct wq_pos pos, before;
	struct wq_writer *w = begin(dir, &pos);

	before = pos;
	CHECK_INT(put_records(w, 5, T0), 0);
	remove_tree(dir);
	CHECK_INT(wq_sync(w, 0, T0, &pos), WQ_EIO);
	CHECK(memcmp(&pos, &before, sizeof pos) == 0);
	mkdir(dir, 0755);
	CHECK_INT(land(w, 5, 1, T0, &pos), 0);
	CHECK_INT(count_from(dir, 0), 25);
	end(w, dir);
}

static void
moved(void)
{
	char *dir = make_folder(), away[80];
	struct wq_pos pos;
	struct wq_writer *w = begin(dir, &pos);

	snprintf(away, sizeof away, "%s.away", dir);
	CHECK_INT(rename(dir, away), 0);
	CHECK_INT(land(w, 5, 0, T0, &pos), WQ_EIO);
	CHECK_INT(rename(away, dir), 0);
	CHECK_INT(land(w, 5, 1, T0, &pos), 0);
	CHECK_INT(count_from(dir, 0), 35);
	end(w, dir);
}

static void
parts_removed(void)
{
	static const char *const parts[] = {"tmp", "ready", "tmp/lock"};
	struct wq_pos pos;
	struct wq_writer *w, *other;
	char path[600], err[512], *dir;

	for (size_t i = 0; i < 3; i++) {
		dir = make_folder();
		w = begin(dir, &pos);
		snprintf(path, sizeof path, "%s/%s", dir, parts[i]);
		remove_tree(path);
		CHECK_INT(land(w, 5, 1, T0, &pos), 0);
		CHECK_INT(count_from(dir, 0), i == 1 ? 25 : 35);
		CHECK_INT(wq_writer_open(
			      &other, dir, &options, NULL, T0, err, sizeof err),
		    WQ_ELOCKED);
		end(w, dir);
	}
}

/* Whoever removes the directory is half through when the writer looks, and done
 * when it makes the first folder. */
static const char *going;

static int
late_mkdir(const char *path, mode_t mode)
{
	if (going != NULL)
		remove_tree(going);
	going = NULL;
	return mkdir(path, mode);
}

static void
removed_meanwhile(void)
{
	struct wq_io io = wq_io_system;
	char *dir = make_folder(), path[600];
	struct wq_pos pos;
	struct wq_writer *w;

	io.mkdir = late_mkdir;
	options.io = &io;
	w = begin(dir, &pos);
	snprintf(path, sizeof path, "%s/tmp", dir);
	remove_tree(path);
	going = dir;
	CHECK_INT(land(w, 5, 0, T0, &pos), WQ_EIO);
	CHECK(strstr(wq_trouble(w), "put it back") != NULL);
	CHECK(access(dir, F_OK) < 0);
	mkdir(dir, 0755);
	CHECK_INT(land(w, 5, 1, T0, &pos), 0);
	CHECK_INT(count_from(dir, 0), 25);
	options.io = NULL;
	end(w, dir);
}

static void
taken_over(void)
{
	char *dir = make_folder();
	struct wq_pos pos;
	struct wq_writer *w = begin(dir, &pos), *other;

	remove_tree(dir);
	other = open_at(dir);
	CHECK_INT(land(w, 5, 0, T0, &pos), WQ_ELOCKED);
	CHECK(strstr(wq_trouble(w), "locked by pid"));
	wq_writer_close(other);
	CHECK_INT(land(w, 5, 1, T0, &pos), 0);
	CHECK_INT(count_from(dir, 0), 25);
	end(w, dir);
}

/* A consumer takes the file and its day away before the seal has ended. */
static int
taking_rename(const char *from, const char *to)
{
	char day[600];
	int rc = rename(from, to);

	if (rc == 0 && strstr(to, "/ready/") != NULL) {
		unlink(to);
		snprintf(
		    day, sizeof day, "%.*s", (int)(strrchr(to, '/') - to), to);
		rmdir(day);
	}
	return rc;
}

static void
taken_at_once(void)
{
	struct wq_io io = wq_io_system;
	char *dir = make_folder();
	struct wq_pos pos;
	struct wq_writer *w;

	io.rename = taking_rename;
	options.io = &io;
	w = begin(dir, &pos);
	CHECK_INT(land(w, 5, 1, T0, &pos), 0);
	CHECK_INT(land(w, 5, 1, T0, &pos), 0);
	CHECK_INT(count_from(dir, 0), 0);
	CHECK_INT(wq_next_seq(w), 41);
	options.io = NULL;
	end(w, dir);
}

int
main(void)
{
	TEST("home: a directory that was removed and made again gets what was "
	     "open (H2)")
	removed();
	TEST("home: one that goes while the writer looks is not made (H2)")
	removed_meanwhile();
	TEST("home: no position is given out for a file without a name (H1)")
	removed_before_sync();
	TEST("home: a directory that was moved and put back goes on as it was")
	moved();
	TEST("home: tmp/, ready/ or the lock alone are made again at once (H2)")
	parts_removed();
	TEST("home: a directory that another writer has made is left to it")
	taken_over();
	TEST(
	    "home: a consumer may take file and day before the seal ends (F12)")
	taken_at_once();
	return test_end();
}
