/* test_crash_cursor.c - cursors and prune, cut at every call that changes the
 * disk.
 *
 * A consumer goes through a list of steps; one that fails is tried again, as a
 * script would. For each way of tests/crash.h and each call n it is cut at its
 * n-th call, looked at, started again where it was, and comes through. At any
 * time its cursor is where it was reported to be, or where a step that was not
 * reported has tried to put it; never torn, and never gone. Nothing it has not
 * acknowledged is pruned. On a full disk a cursor that exists still moves. */
#include "tests/crash.h"
#include "tests/queue/queue_test.h"

#define LAST 100 /* records, in five files */

enum step_kind { BEGIN, GIVE, ACK, SET, REMOVE, PRUNE };

static const struct step {
	enum step_kind kind;
	const char *name;
	uint64_t seq;
} steps[] = {{BEGIN, "c", 0}, {GIVE, "c", 20}, {ACK, "c", 10}, {PRUNE, NULL, 0},
    {ACK, "c", 20}, {ACK, "c", 20}, {GIVE, "c", 60}, {ACK, "c", 60},
    {PRUNE, NULL, 0}, {SET, "c", 40}, {ACK, "c", 50}, {BEGIN, "d", 0},
    {REMOVE, "d", 0}, {ACK, "c", 80}, {PRUNE, NULL, 0}, {ACK, "c", 100}};
#define STEPS (int)(sizeof steps / sizeof steps[0])

/* What outlives a start. */
static struct shared {
	int step;             /* all before it were reported */
	uint64_t told;        /* where its cursor was reported to be */
	char tried[LAST + 1]; /* or may be, since */
	uint64_t highest;     /* ever tried */
} * shared;

static char dir[96];

/* ---- the consumer -------------------------------------------------------- */

static int
try_step(const struct step *s)
{
	struct wq_cursor c;
	int rc;

	switch (s->kind) {
	case BEGIN:
		rc = wq_cursor_begin(dir, s->name, &c);
		return rc < 0 ? rc : 0;
	case GIVE:
		return wq_cursor_give(dir, s->name, s->seq);
	case ACK:
		return wq_cursor_ack(dir, s->name, s->seq);
	case SET:
		return wq_cursor_set(dir, s->name, s->seq);
	case REMOVE:
		rc = wq_cursor_remove(dir, s->name);
		return rc < 0 ? rc : 0;
	case PRUNE:
		return wq_prune(dir, INT64_MAX, 0, NULL, NULL);
	}
	return -1;
}

static int
moves(const struct step *s)
{
	return s->kind == ACK || s->kind == SET;
}

/* A disk that has no room refuses a cursor that is new, and nothing else. */
static int
is_excused(const struct step *s, int err)
{
	return crash.mode == CRASH_FULL && s->kind == BEGIN && err == WQ_ENOSPC;
}

static int
consumer(void)
{
	const struct step *s;
	int err;

	for (; shared->step < STEPS; shared->step++) {
		s = &steps[shared->step];
		if (moves(s)) {
			shared->tried[s->seq] = 1;
			if (s->seq > shared->highest)
				shared->highest = s->seq;
		}
		for (int i = 0; i < 4; i++)
			if ((err = try_step(s)) == 0)
				break;
		if (err != 0 && is_excused(s, err) && strcmp(s->name, "d") == 0)
			continue;
		if (err != 0)
			return is_excused(s, err) || crash.mode == CRASH_DEAD
				   ? 1
				   : 2;
		if (moves(s)) {
			memset(shared->tried, 0, sizeof shared->tried);
			shared->told = s->seq;
		}
	}
	return 0;
}

/* ---- what must be true --------------------------------------------------- */

static void
check(void)
{
	struct wq_cursor c;
	int rc = wq_cursor_get(dir, "c", &c);

	CHECK(rc == 1 || (rc == 0 && shared->step == 0));
	CHECK(c.acked == shared->told ||
	      (c.acked <= LAST && shared->tried[c.acked]));
	CHECK(c.given >= c.acked && c.given <= LAST);
	rc = wq_cursor_get(dir, "d", &c);
	CHECK(rc == 0 || (rc == 1 && shared->step >= 11 && shared->step <= 12));
	CHECK_INT(count_from(dir, shared->highest + 1),
	    (long)(LAST - shared->highest));
}

static void
fresh(void)
{
	static const struct wq_options o = {.node = "n"};
	struct wq_writer *w;
	struct wq_pos pos;
	char err[512];

	disk_new("wq-crash-cursor");
	snprintf(dir, sizeof dir, "%s/queue", disk->root);
	memset(shared, 0, sizeof *shared);
	if (wq_writer_open(&w, dir, &o, NULL, T0, err, sizeof err) != 0)
		abort();
	for (int i = 0; i < 5; i++)
		if (land(w, LAST / 5, 1, T0, &pos) != 0)
			abort();
	wq_writer_close(w);
}

static int points;

static void
story(enum crash_mode m, int n)
{
	int rc;

	fresh();
	rc = crash_run(consumer, m, n, 0);
	CHECK(rc == 0 || rc == 1 || rc == CRASH_KILLED);
	CHECK(!crash_is_kill(m) || rc == CRASH_KILLED);
	check();
	if (!crash_is_kill(m)) {
		disk_power(0);
		check();
	}
	CHECK_INT(crash_run(consumer, CRASH_NONE, 0, 0), 0);
	check();
	disk_power(0);
	CHECK_INT(shared->told, LAST);
	check();
	CHECK_INT(count_in(dir, "cursors"), 1);
	points++;
	if (test_bad)
		TEST_FAIL("that was %s, at call %d", crash_modes[m].name, n);
}

int
main(void)
{
	static char name[CRASH_MODES][96];
	int calls;

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	TEST(
	    "crash: a consumer that is not cut, and a loss of power at the end")
	{
		fresh();
		calls = crash_learn(consumer);
		CHECK(calls > 60 && calls < CRASH_CALLS);
		disk_power(0);
		check();
	}
	for (int m = CRASH_EIO; m < CRASH_MODES; m++) {
		snprintf(name[m], sizeof name[m],
		    "crash: cursors, at every call %s", crash_modes[m].name);
		TEST(name[m])
		for (int n = 1; n <= calls && !test_bad; n++)
			if (crash_befalls((enum crash_mode)m, n))
				story((enum crash_mode)m, n);
	}
	printf("crash: cursors and prune: %d calls, %d crash points\n", calls,
	    points);
	test_close();
	disk_remove(disk->base);
	return test_end();
}
