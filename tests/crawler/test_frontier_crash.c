/* test_frontier_crash.c - kill -9 at random moments of a working frontier.
 *
 * A child adds ADDS URLs and settles some of them in each commit, a quarter of
 * those with a memory and a time to be asked again; each URL counts in a family
 * of its host, and one host is told the number of the commit. The queue position
 * of commit k has offset k, records = URLs settled by then, file = those to be
 * asked again. The child reports a commit only after it returned. The parent
 * kills it, looks, and lets the next child go on. */
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
#define DAY 86400000
#define FAMILY 9

struct report {
	uint64_t commit, nsettled;
	uint64_t settled[SETTLES];
};

static char dir[64], err[512];
static uint8_t settled[MAX_COMMITS * ADDS];

static struct frontier *
open_it(void)
{
	struct frontier_options o = {.revisit = 1};
	struct frontier *f = NULL;

	if (frontier_open(&f, dir, &o, T0, err, sizeof err) != 0) {
		printf("  %s\n", err);
		exit(1);
	}
	return f;
}

static struct winnow_key
key_of(uint64_t n)
{
	return (struct winnow_key){n % HOSTS + 1, n + 1};
}

static int
add(struct frontier *f, uint64_t n)
{
	char url[64], host[32];
	struct frontier_link l = {.key = key_of(n),
	    .url = url,
	    .host = host,
	    .caps = {{.family = FAMILY, .most = UINT32_MAX}}};

	snprintf(host, sizeof host, "h%d.example", (int)(n % HOSTS));
	snprintf(url, sizeof url, "http://%s/%d", host, (int)n);
	return frontier_add(f, &l);
}

static int
comes_again(uint64_t n)
{
	return n % 4 == 0;
}

static void
settle(struct frontier *f, struct frontier_item *item, struct wq_pos *pos)
{
	struct frontier_memory m = {.asks = (uint32_t)item->key.url - 1,
	    .hub = item->key.url % 8 == 1,
	    .etag = item->url};

	if (comes_again(m.asks)) {
		frontier_again(f, item, &m, T0 + DAY);
		pos->file++;
	}
	pos->records++;
	frontier_settle(f, item, URL_DONE, 200, "x", T0);
}

static void
child_commit(struct frontier *f, struct wq_pos *pos, int out)
{
	struct report r = {.commit = ++pos->offset};
	struct frontier_item *item;
	struct frontier_host h;
	int i;

	for (i = 0; i < ADDS; i++)
		if (add(f, pos->offset * ADDS + (uint64_t)i) != 1)
			_exit(3);
	while (r.nsettled < SETTLES && frontier_next(f, T0, &item) == 1) {
		r.settled[r.nsettled++] = item->key.url - 1;
		settle(f, item, pos);
	}
	frontier_host_get(f, pos->offset % HOSTS + 1, &h);
	h.day_pages = (uint32_t)pos->offset;
	frontier_host_put(f, pos->offset % HOSTS + 1, &h);
	/* One more stays out: it is due again after the kill (F4). */
	frontier_next(f, T0, &item);
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

static void
check_memories(struct frontier *f, uint64_t urls)
{
	struct frontier_memory m;
	struct winnow_key key;
	char url[64];
	int64_t at;
	uint64_t n;

	for (n = 0; n < urls; n += 4) {
		key = key_of(n);
		snprintf(url, sizeof url, "http://h%d.example/%d",
		    (int)(n % HOSTS), (int)n);
		if (settled[n] &&
		    (frontier_memory_get(f, &key, &m, &at) != 1 ||
			m.asks != n || at != T0 + DAY ||
			strcmp(m.etag, url) != 0))
			TEST_FAIL("memory of URL %d is lost", (int)n);
	}
}

/* A family counts the URLs of its host, no more and no fewer. */
static void
check_families(struct frontier *f)
{
	struct frontier_link l = {.caps = {{.family = FAMILY}}};
	struct frontier_host h;
	uint64_t host;

	for (host = 1; host <= HOSTS; host++) {
		frontier_host_get(f, host, &h);
		l.key.host = host;
		l.caps[0].most = h.urls;
		CHECK_INT(frontier_cap_full(f, &l), 2);
		l.caps[0].most++;
		CHECK_INT(frontier_cap_full(f, &l), 0);
	}
}

/* Whole commits, and none that was reported is missing. */
static void
check_state(uint64_t last)
{
	struct frontier *f = open_it();
	struct frontier_stat s;
	struct frontier_host h;
	struct wq_pos pos;
	uint64_t n;

	frontier_pos(f, &pos);
	if (pos.offset != last && pos.offset != last + 1)
		TEST_FAIL("reported %d, stored %d", (int)last, (int)pos.offset);
	frontier_stat(f, &s);
	CHECK_INT(s.urls, pos.offset * ADDS);
	CHECK_INT(s.done, pos.records);
	CHECK_INT(s.due, s.urls - s.done);
	CHECK_INT(s.again, pos.file);
	frontier_host_get(f, pos.offset % HOSTS + 1, &h);
	CHECK_INT(h.day_pages, pos.offset);
	check_memories(f, s.urls);
	check_families(f);
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
	CHECK_INT(frontier_idle(f), s.again == 0);
	for (left = 0; frontier_next(f, T0 + DAY, &item) == 1; left++) {
		if (!item->again || item->memory.asks + 1 != item->key.url ||
		    settled[item->key.url - 1]++ > 1)
			TEST_FAIL("URL %d is no revisit",
			    (int)(item->key.url - 1));
		frontier_settle(f, item, URL_GONE, 404, NULL, T0 + DAY);
	}
	CHECK_INT(left, s.again);
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
	TEST("frontier: after 50 kills every URL and revisit comes exactly once")
	check_rest();
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	i = test_end();
	return system(cmd) != 0 || i != 0;
}
