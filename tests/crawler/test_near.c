/* Near copies: what is found, when it is durable, and what becomes of its index
 * (near.h). Sketches are made of numbers: any bytes are one. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crawler/log.h"
#include "crawler/near_parts.h"
#include "tests/test.h"

static char dir[64];
static struct store *store;
static struct near *near;

static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 31) * 0x7fb5d329728ea185u;
	x = (x ^ x >> 27) * 0x81dadef4bc2dd44du;
	return x ^ x >> 33;
}

/* The sketch of text n; of its minima `edited` are others. */
static struct winnow_sketch
sketch(uint64_t n, int edited)
{
	struct winnow_sketch k = {.grams = 1000};
	int i;

	for (i = 0; i < WINNOW_SKETCH_MINS; i++)
		k.min[i] = (uint16_t)mix(n * 64 + (uint64_t)i);
	for (i = 0; i < edited; i++)
		k.min[(i * 11 + 3) % WINNOW_SKETCH_MINS] ^= 0x5555;
	return k;
}

static struct near_record
record(uint64_t n)
{
	struct near_record r = {.merit = (uint32_t)n};

	memcpy(r.id, &n, sizeof n);
	return r;
}

/* The text that a sketch is found to be a copy of; 0: none. */
static uint64_t
found(uint64_t n, int edited)
{
	struct winnow_sketch k = sketch(n, edited);
	struct near_hit hit;
	uint64_t id;

	if (!near_find(near, &k, &hit))
		return 0;
	memcpy(&id, hit.record.id, sizeof id);
	return id == hit.record.merit ? id : UINT64_MAX;
}

static void
open_near(uint64_t documents)
{
	char err[512];

	CHECK_INT(
	    store_open(&store, dir, (int64_t)1 << 30, err, sizeof err), 0);
	CHECK_INT(near_open(&near, store, dir, documents), 0);
}

static void
close_near(void)
{
	near_close(near);
	store_close(store);
}

static uint64_t
put(uint64_t n)
{
	struct winnow_sketch k = sketch(n, 0);
	struct near_record r = record(n);

	return near_put(near, &k, &r);
}

/* Texts from..to land, a commit every thousand. */
static void
land(uint64_t from, uint64_t to)
{
	uint64_t n;

	for (n = from; n <= to; n++) {
		near_settle(near, put(n));
		if (n % 1000 == 0 || n == to)
			CHECK_INT(store_commit(store), 0);
		near_turn(near, 1);
	}
}

static void
turns(void)
{
	int i;

	for (i = 0; i < 100000 && near_turn(near, 1); i++)
		;
	CHECK(i < 100000);
	CHECK_INT(store_commit(store), 0);
}

/* How many of from..to, a little edited, are found as what they are. */
static uint64_t
all_found(uint64_t from, uint64_t to)
{
	uint64_t n, good = 0;

	for (n = from; n <= to; n++)
		good += found(n, 8) == n;
	return good;
}

static void
each_file(void (*what)(const char *path))
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[512];

	while (d != NULL && (e = readdir(d)) != NULL)
		if (strncmp(e->d_name, "near-", 5) == 0) {
			snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
			what(path);
		}
	closedir(d);
}

static void
remove_file(const char *path)
{
	unlink(path);
}

/* Bytes that are no entries, behind a head that is. */
static void
spoil_file(const char *path)
{
	int fd = open(path, O_RDWR);
	uint64_t at, v;
	struct stat st;

	fstat(fd, &st);
	for (at = 64; at + 8 < (uint64_t)st.st_size; at += 24) {
		v = mix(at);
		if (pwrite(fd, &v, sizeof v, (off_t)at) != sizeof v)
			break;
	}
	close(fd);
}

static void
spoil_head(const char *path)
{
	int fd = open(path, O_RDWR);

	CHECK(pwrite(fd, "x", 1, 20) == 1);
	close(fd);
}

static void
test_found(void)
{
	struct near_hit hit;
	struct winnow_sketch k;

	TEST(
	    "near: a text is found while its record is on its way, edited by a "
	    "tenth, and no other")
	open_near(1000);
	CHECK(put(1) != 0);
	CHECK(put(2) != 0);
	CHECK_INT(found(1, 0), 1);
	CHECK_INT(found(2, 20), 2);
	CHECK_INT(found(3, 0), 0);
	close_near();

	TEST("near: of two that are alike the closer one, of equals the older")
	open_near(1000);
	put(1);
	k = sketch(1, 10);
	near_put(near, &k, &(struct near_record){.id = {9}, .merit = 9});
	k = sketch(1, 10);
	CHECK_INT(near_find(near, &k, &hit), 1);
	CHECK_INT(hit.record.merit, 9);
	near_put(near, &k, &(struct near_record){.id = {7}, .merit = 7});
	CHECK_INT(near_find(near, &k, &hit), 1);
	CHECK_INT(hit.record.merit, 9);
	CHECK_INT(found(1, 0), 1);
	close_near();

	TEST("near: a text of some words is nobody's copy, and with no "
	     "documents "
	     "nothing is")
	open_near(1000);
	k = sketch(1, 0);
	k.grams = WINNOW_SKETCH_LEAST - 1;
	CHECK_INT(near_put(near, &k, &(struct near_record){.merit = 1}), 0);
	CHECK_INT(near_find(near, &k, &hit), 0);
	near_set_documents(near, 0);
	CHECK_INT(put(1), 0);
	CHECK_INT(found(1, 0), 0);
	close_near();
}

static void
test_durable(void)
{
	uint64_t a, b;

	TEST("near: what was settled and committed is found after a kill, and "
	     "what "
	     "was not was never there")
	open_near(1000);
	a = put(1);
	b = put(2);
	put(3);
	near_settle(near, a);
	CHECK_INT(store_commit(store), 0);
	near_settle(near, b);
	close_near(); /* as a kill: the transaction is lost */
	open_near(1000);
	CHECK_INT(found(1, 0), 1);
	CHECK_INT(found(2, 0), 0);
	CHECK_INT(found(3, 0), 0);
	CHECK(put(2) == b); /* its number is given again */
	near_settle(near, b);
	CHECK_INT(store_commit(store), 0);
	close_near();
	open_near(1000);
	CHECK_INT(found(2, 0), 2);
	close_near();
}

static void
test_index(uint64_t many)
{
	struct near_stat s;
	uint64_t runs;

	TEST("near: many texts go into files, which are merged, and are all "
	     "found")
	open_near(1000000);
	land(10, many);
	turns();
	near_stat(near, &s);
	CHECK(s.runs > 0 && s.runs <= many / NEAR_BATCH / 2);
	CHECK_INT(all_found(10, many), many - 9);
	runs = s.runs;
	close_near();

	TEST("near: after a start they are found by the same files")
	open_near(1000000);
	near_stat(near, &s);
	CHECK_INT(s.runs, runs);
	CHECK_INT(all_found(10, many), many - 9);
	close_near();

	TEST(
	    "near: files that are gone, or begin with nonsense, are made again")
	each_file(remove_file);
	open_near(1000000);
	turns();
	CHECK_INT(all_found(10, many), many - 9);
	close_near();
	each_file(spoil_head);
	open_near(1000000);
	turns();
	CHECK_INT(all_found(10, many), many - 9);
	close_near();

	TEST("near: a file full of nonsense hides copies, and makes none")
	each_file(spoil_file);
	open_near(1000000);
	turns();
	CHECK(all_found(10, many) > 0);
	CHECK_INT(found(many + 5, 0), 0);
	land(many + 1, many + 2 * NEAR_BATCH);
	turns();
	CHECK(found(many + 5, 0) == many + 5);
	close_near();
	each_file(remove_file);
}

static void
test_bound(uint64_t many)
{
	struct near_stat s;

	TEST("near: the oldest are forgotten, in rows and files")
	open_near(3 * NEAR_BATCH);
	turns();
	near_stat(near, &s);
	CHECK_INT(s.documents, 3 * NEAR_BATCH);
	CHECK_INT(found(10, 0), 0);
	CHECK_INT(found(many + 2 * NEAR_BATCH, 0), many + 2 * NEAR_BATCH);
	land(many + 2 * NEAR_BATCH + 1, many + 6 * NEAR_BATCH);
	turns();
	near_stat(near, &s);
	CHECK_INT(s.documents, 3 * NEAR_BATCH);
	CHECK(s.bytes < 5 * NEAR_BATCH * NEAR_KEYS * 9);
	CHECK_INT(all_found(many + 4 * NEAR_BATCH, many + 6 * NEAR_BATCH),
	    2 * NEAR_BATCH + 1);
	close_near();
}

static void
test_no_files(void)
{
	char where[128];
	uint64_t n;

	TEST(
	    "near: where no file can be made texts are found all the same, and "
	    "files are made when they can be")
	snprintf(where, sizeof where, "%s/none", dir);
	open_near(1000000);
	near_close(near);
	CHECK_INT(near_open(&near, store, where, 1000000), 0);
	for (n = 1; n <= 3 * NEAR_BATCH; n++) {
		near_settle(near, put(n + 1000000));
		near_turn(near, 1);
	}
	CHECK_INT(found(1000001, 4), 1000001);
	CHECK_INT(found(1000000 + 3 * NEAR_BATCH, 4), 1000000 + 3 * NEAR_BATCH);
	mkdir(where, 0700);
	CHECK_INT(near_turn(near, 2), 0);
	CHECK_INT(near_turn(near, 2 + NEAR_RETRY_MS), 1);
	CHECK_INT(found(1000001, 4), 1000001);
	close_near();
}

int
main(void)
{
	char command[96];
	const uint64_t many = 10 * NEAR_BATCH;

	log_open(LOG_ERROR, LOG_TEXT, 0);
	snprintf(dir, sizeof dir, "/tmp/winnow-near-%ld", (long)getpid());
	test_found();
	snprintf(command, sizeof command, "rm -rf %s", dir);
	(void)!system(command);
	test_durable();
	test_index(many);
	test_bound(many);
	test_no_files();
	(void)!system(command);
	return test_end();
}
