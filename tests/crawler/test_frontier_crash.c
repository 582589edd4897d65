/* test_frontier_crash.c - kill -9 at random moments of a working frontier.
 *
 * A child adds ADDS URLs and settles some of them in each commit; the queue
 * position of commit k has offset k and records = URLs settled by then. It
 * reports a commit only after it returned. The parent kills it, looks, and
 * lets the next child go on. */
#include "crawler/frontier.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"

#define KILLS 50
#define ADDS 12
#define SETTLES 8
#define HOSTS 40
#define MAX_COMMITS 100000
#define T0 1700000000000

struct report {
	uint64_t commit, nsettled;
	uint64_t settled[SETTLES];
};

static char dir[64], err[512];
static uint8_t settled[MAX_COMMITS * ADDS];

static struct frontier *
open_it(void)
{
	struct frontier *f = NULL;

	if (frontier_open(&f, dir, NULL, T0, err, sizeof err) != 0) {
		printf("  %s\n", err);
		exit(1);
	}
	return f;
}

static int
add(struct frontier *f, uint64_t n)
{
	char url[64], host[32];
	struct frontier_link l = {
	    .key = {n % HOSTS + 1, n + 1}, .url = url, .host = host};

	snprintf(host, sizeof host, "h%d.example", (int)(n % HOSTS));
	snprintf(url, sizeof url, "http://%s/%d", host, (int)n);
	return frontier_add(f, &l);
}

static void
child_commit(struct frontier *f, struct wq_pos *pos, int out)
{
	struct report r = {.commit = ++pos->offset};
	struct frontier_item *item;
	int i;

	for (i = 0; i < ADDS; i++)
		if (add(f, pos->offset * ADDS + (uint64_t)i) != 1)
			_exit(3);
	while (r.nsettled < SETTLES && frontier_next(f, T0, &item) == 1) {
		r.settled[r.nsettled++] = item->key.url - 1;
		frontier_settle(f, item, URL_DONE, 200, "x", T0);
	}
	/* One more stays out: it is due again after the kill (F4). */
	frontier_next(f, T0, &item);
	pos->records += r.nsettled;
	if (frontier_commit(f, pos) != 0)
		_exit(4);
	if (item != NULL)
		frontier_release(f, item);
	if (write(out, &r, sizeof r) != sizeof r)
		_exit(5);
}

static void
child(int out)
{
	struct frontier *f = open_it();
	struct wq_pos pos;

	frontier_pos(f, &pos);
	while (pos.offset < MAX_COMMITS - 1)
		child_commit(f, &pos, out);
	_exit(6);
}

/* Runs a child for us microseconds after its first commit; the last commit it
 * reported. */
static uint64_t
run_and_kill(long us)
{
	struct timespec t = {0, us * 1000};
	struct report r;
	uint64_t last = 0, i;
	int fd[2], status, killed = 0;
	pid_t pid;

	if (pipe(fd) != 0)
		exit(1);
	fflush(stdout);
	if ((pid = fork()) == 0) {
		close(fd[0]);
		child(fd[1]);
	}
	close(fd[1]);
	while (read(fd[0], &r, sizeof r) == sizeof r) {
		last = r.commit;
		for (i = 0; i < r.nsettled; i++) {
			if (settled[r.settled[i]])
				TEST_FAIL(
				    "URL %d settled twice", (int)r.settled[i]);
			settled[r.settled[i]] = 1;
		}
		if (killed++)
			continue;
		nanosleep(&t, NULL);
		kill(pid, SIGKILL);
	}
	close(fd[0]);
	waitpid(pid, &status, 0);
	if (!WIFSIGNALED(status))
		TEST_FAIL("child ended with %d", WEXITSTATUS(status));
	return last;
}

/* Whole commits, and none that was reported is missing. */
static void
check_state(uint64_t last)
{
	struct frontier *f = open_it();
	struct frontier_stat s;
	struct wq_pos pos;
	uint64_t n;

	frontier_pos(f, &pos);
	if (pos.offset != last && pos.offset != last + 1)
		TEST_FAIL("reported %d, stored %d", (int)last, (int)pos.offset);
	frontier_stat(f, &s);
	CHECK_INT(s.urls, pos.offset * ADDS);
	CHECK_INT(s.done, pos.records);
	CHECK_INT(s.due, s.urls - s.done);
	for (n = ADDS; n < (pos.offset + 1) * ADDS; n++)
		if (add(f, n) != 0)
			TEST_FAIL("URL %d is lost", (int)n);
	CHECK_INT(add(f, n), 1);
	frontier_close(f);
}

static void
check_rest(void)
{
	struct frontier *f = open_it();
	struct frontier_item *item;
	struct frontier_stat s;
	uint64_t left = 0;

	frontier_stat(f, &s);
	while (frontier_next(f, T0, &item) == 1) {
		if (settled[item->key.url - 1]++)
			TEST_FAIL(
			    "URL %d comes again", (int)(item->key.url - 1));
		left++;
		frontier_settle(f, item, URL_GONE, 404, NULL, T0);
	}
	CHECK_INT(left, s.due);
	CHECK_INT(frontier_idle(f), 1);
	frontier_close(f);
}

int
main(void)
{
	uint32_t rnd = 12345;
	char cmd[96];
	int i;

	strcpy(dir, "/tmp/test-frontier-crash-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 1;
	TEST("frontier: what was reported as committed is there after kill -9")
	for (i = 0; i < KILLS && !test_bad; i++) {
		rnd = rnd * 1664525u + 1013904223u;
		check_state(run_and_kill((rnd >> 8) % 15000));
	}
	TEST("frontier: after 50 kills every URL comes exactly once")
	check_rest();
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	i = test_end();
	return system(cmd) != 0 || i != 0;
}
