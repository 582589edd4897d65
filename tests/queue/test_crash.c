/* test_crash.c - the queue's writer, cut at every call that changes the disk.
 *
 * A little engine lands records by the commit protocol, its store a file of
 * its own that is never cut. For each way of tests/crash.h and each call n the
 * engine is cut at its n-th call, meets what failed by going on, and starts
 * again; where it was killed it is cut once more in its first calls. When it
 * has come through by itself the power goes, too, and in another story soon
 * after the failure (CRASH_POWERS: in how many): what was reported is on the
 * disk. At any time readers see whole records only and verify is content; at
 * the end every record is there once, in order, and every file that was ever
 * seen sealed holds the same bytes. A record in ready/ has its raw page.
 *
 * tests/crawler/test_crash_commit.c does the same with the state store. */
#include <errno.h>

#include "tests/crash.h"
#include "tests/queue/queue_test.h"

#define GOAL 29 /* the next number when all records have landed */

#define BLOCK_MAX 5
#define LINE 3000

static char dir[96], store[96];
static int *starts; /* of the engine in this story; shared */

/* ---- the engine ---------------------------------------------------------- */

static void
load_pos(struct wq_pos *p)
{
	FILE *f = fopen(store, "r");

	memset(p, 0, sizeof *p);
	if (f != NULL) {
		if (fread(p, sizeof *p, 1, f) != 1)
			memset(p, 0, sizeof *p);
		fclose(f);
	}
}

static void
save_pos(const struct wq_pos *p)
{
	char tmp[160];
	FILE *f;

	snprintf(tmp, sizeof tmp, "%s.new", store);
	if ((f = fopen(tmp, "w")) == NULL || fwrite(p, sizeof *p, 1, f) != 1 ||
	    fclose(f) != 0 || rename(tmp, store) != 0)
		abort();
}

/* The page of a record, as it came, made once. */
static void *page[GOAL];
static size_t page_len[GOAL];

static void
make_pages(void)
{
	struct wq_page g = {.uri = "http://h.test/",
	    .head = "HTTP/1.1 200 OK\r\n\r\n",
	    .head_len = 19,
	    .body = "page",
	    .body_len = 4,
	    .id = {0, 7}};

	for (int i = 1; i < GOAL; i++) {
		g.id[0] = (uint8_t)i;
		CHECK_INT(wq_page_member(&g, &page[i], &page_len[i]), 0);
	}
}

/* Records of which a block takes more than a page of the disk: what a failed
 * sync forgot is then not brought back by the next block. */
static int
put_lines(struct wq_writer *w, uint64_t seq, uint32_t n)
{
	static char lines[BLOCK_MAX * (LINE + 64)];
	size_t at = 0, len;
	uint64_t mix = seq * 0x9e3779b97f4a7c15u;
	void *m;
	int err;

	for (uint32_t i = 0; i < n; i++) {
		at += (size_t)sprintf(lines + at, "{\"seq\":\"%llu\",\"t\":\"",
		    (unsigned long long)(seq + i));
		for (size_t end = at + LINE; at < end; mix ^= mix >> 29) {
			mix = mix * 0xbf58476d1ce4e5b9u + 1;
			lines[at++] = "0123456789abcdef"[mix >> 60];
		}
		at += (size_t)sprintf(lines + at, "\"}\n");
	}
	if ((err = wq_member(lines, at, n, seq, &m, &len)) != 0)
		return err;
	err = wq_put(w, m, len, n, at, T0);
	free(m);
	return err;
}

/* A block and its pages, or none of it. Each start has blocks of another size,
 * so that nothing of the one before fits. */
static int
put_block(struct wq_writer *w, uint64_t seq)
{
	uint32_t n = 3 + (uint32_t)*starts % (BLOCK_MAX - 2);
	int err;

	if (n > GOAL - seq)
		n = (uint32_t)(GOAL - seq);
	err = put_lines(w, seq, n);
	for (uint32_t i = 0; err == 0 && i < n; i++)
		err = wq_put_raw(w, page[seq + i], page_len[seq + i]);
	if (err != 0)
		wq_rollback(w);
	return err;
}

/* One commit: 0, or what failed. */
static int
commit(struct wq_writer *w, int seal)
{
	struct wq_pos p;
	int err;

	if ((err = wq_sync(w, seal, T0, &p)) != 0)
		return err;
	save_pos(&p);
	for (int i = 0; i < 3; i++)
		if ((err = wq_committed(w, &p)) == 0)
			break;
	return err;
}

/* Lands records up to the goal; a failure is met by going on, a few times. */
static int
engine(void)
{
	static const struct wq_options o = {.node = "n", .schema = "{}"};
	struct wq_writer *w;
	struct wq_pos p;
	char why[512];
	uint64_t seq;
	int err, failures = 0;

	++*starts;
	load_pos(&p);
	if (wq_writer_open(&w, dir, &o, &p, T0, why, sizeof why) != 0)
		return 1;
	do {
		seq = wq_next_seq(w);
		err = 0;
		if (seq < GOAL)
			err = put_block(w, seq);
		if (err == 0 && (seq % 3 != 0 || wq_next_seq(w) >= GOAL))
			err = commit(w, seq % 5 == 0 || wq_next_seq(w) >= GOAL);
		load_pos(&p);
		if (err != 0 && ++failures > 8)
			break;
	} while (err != 0 || p.seq < GOAL || !p.sealed);
	wq_writer_close(w);
	return err != 0;
}

/* ---- what must be true --------------------------------------------------- */

static struct wq_entry seen[64];
static int nseen, same, changed;

static void
each_sealed(void (*each)(const struct wq_entry *))
{
	struct wq_list l = {0};
	struct wq_entry e;
	char after[WQ_NAME_MAX] = "";

	while (wq_list_day(dir, after, &l) > 0) {
		for (size_t i = 0; i < l.n; i++) {
			wq_entry_scan(dir, l.name[i], 1, &e);
			each(&e);
		}
		memcpy(after, l.name[l.n - 1], sizeof after);
	}
	wq_list_clear(&l);
}

static void
see(const struct wq_entry *e)
{
	for (int i = 0; i < nseen; i++)
		if (strcmp(seen[i].name, e->name) == 0)
			return;
	seen[nseen++] = *e;
}

static void
compare(const struct wq_entry *e)
{
	for (int i = 0; i < nseen; i++)
		if (strcmp(seen[i].name, e->name) == 0) {
			same++;
			changed += strcmp(seen[i].sha256, e->sha256) != 0;
		}
}

static void
complain(void *arg, const char *what)
{
	(void)arg;
	TEST_FAIL("%s", what);
}

/* The pages of the first n records are there, whole. */
static void
check_pages(long n)
{
	uint8_t id[16] = {0, 7};
	struct wq_raw_want want = {.id = id};
	char *record;
	size_t len;

	for (long seq = 1; seq <= n; seq += 4) {
		id[0] = (uint8_t)seq;
		CHECK_INT(wq_raw_find(dir, &want, &record, &len), 1);
		CHECK(record != NULL && memmem(record, len, "\r\npage", 6));
		free(record);
	}
}

/* Whole records without a gap, and nothing for verify to find: at any time. A
 * file that was renamed and not yet synced is back in tmp/ after a loss of
 * power, until the writer starts; but what is there is what was. */
static long
check_readers(void)
{
	struct wq_check c;
	long n;

	if (count_in(dir, "ready") < 0)
		return 0; /* cut before there was a queue */
	n = count_from(dir, 0);
	same = 0;
	each_sealed(compare);
	CHECK_INT(changed, 0);
	each_sealed(see);
	CHECK(n >= 0);
	CHECK_INT(wq_verify(dir, complain, NULL, &c), 0);
	CHECK_INT(c.bad, 0);
	CHECK_INT(c.taken, 0);
	CHECK_INT(c.records, n);
	check_pages(n);
	return n;
}

static void
fresh(void)
{
	disk_new("wq-crash");
	snprintf(dir, sizeof dir, "%s/queue", disk->root);
	snprintf(store, sizeof store, "%s/store", disk->base);
	nseen = changed = *starts = 0;
}

static int points;

/* Cut at call n, perhaps without power from call power_at on, perhaps cut again
 * at call `again` of the next start; then run to the end. */
static void
story(enum crash_mode m, int n, int power_at, int again)
{
	int rc, was;

	fresh();
	rc = crash_run(engine, m, n, power_at);
	CHECK(rc >= 0 && rc != CRASH_UNTOUCHED);
	CHECK(!crash_is_kill(m) || rc == CRASH_KILLED);
	if (!crash_is_kill(m))
		disk_power(0);
	check_readers();
	if (again > 0) {
		CHECK(crash_run(engine, m, again, 0) >= 0);
		if (m < CRASH_POWER)
			disk_power(again & 1);
		check_readers();
		points++;
	}
	was = nseen;
	CHECK_INT(crash_run(engine, CRASH_NONE, 0, 0), 0);
	disk_power(0);
	CHECK_INT(check_readers(), GOAL - 1);
	CHECK_INT(same, was);
	CHECK_INT(count_in(dir, "tmp"), 0);
	points++;
	if (test_bad)
		TEST_FAIL("that was %s at call %d, power lost at %d, then cut "
			  "at %d",
		    crash_modes[m].name, n, power_at, again);
}

static const struct crash_plan plan = {engine, fresh, story, 3, 16};

/* Two that break the rule, to see that it is watched over. */
static int
change_sealed(void)
{
	char path[WQ_PATH_MAX];

	dup2(raw_open("/dev/null", O_WRONLY, 0), STDERR_FILENO);
	wq_ready_path(path, dir, seen[0].name);
	return pwrite(open(path, O_RDWR), "x", 1, 20) == 1 ? 0 : 2;
}

static int
cut_index(void)
{
	char path[512];

	dup2(raw_open("/dev/null", O_WRONLY, 0), STDERR_FILENO);
	snprintf(path, sizeof path, "%s/index.jsonl", dir);
	return ftruncate(open(path, O_RDWR), 0);
}

int
main(void)
{
	static char name[CRASH_MODES][96];
	int calls;

	starts = mmap(NULL, sizeof *starts, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	TEST("crash: no cut, and a loss of power at the end")
	{
		make_pages();
		fresh();
		calls = crash_learn(engine);
		CHECK(calls > 80 && calls < CRASH_CALLS);
		disk_power(0);
		CHECK_INT(check_readers(), GOAL - 1);
	}
	for (int m = CRASH_EIO; m < CRASH_MODES; m++) {
		snprintf(name[m], sizeof name[m], "crash: at every call %s",
		    crash_modes[m].name);
		TEST(name[m])
		crash_each(&plan, (enum crash_mode)m, calls);
	}
	/* crash_forbid() ends whoever does. */
	TEST("crash: no call changes what is sealed, or cuts outside tmp/")
	{
		fresh();
		CHECK_INT(crash_run(engine, CRASH_NONE, 0, 0), 0);
		CHECK_INT(check_readers(), GOAL - 1);
		CHECK_INT(crash_run(change_sealed, CRASH_NONE, 0, 0), -1);
		CHECK_INT(crash_run(cut_index, CRASH_NONE, 0, 0), -1);
	}
	printf("crash: the queue's writer: %d calls, %d crash points\n", calls,
	    points);
	test_close();
	disk_remove(disk->base);
	return test_end();
}
