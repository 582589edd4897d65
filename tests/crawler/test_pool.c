/* A real zygote and real workers: jobs end in any order, a worker that dies or
 * hangs costs its job alone, and what a locked worker may do. */
#include "crawler/pool.h"

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include <event2/event.h>

#include "crawler/log.h"
#include "queue/wq.h"
#include "tests/test.h"

#define WORKERS 2
#define LIMIT_MS 1500

static struct event_base *base;
static struct zygote zygote;
static struct pool *pool;

/* ---- jobs whose end is noted ------------------------------------------------- */

struct note {
	int done;
	enum pool_result result;
	size_t len;
	uint32_t records; /* of a block that came back, 0: it does not fit */
	char *body;
};

static int ended, wanted;

static void
done_cb(void *arg, enum pool_result r, const void *answer, size_t len)
{
	struct note *n = arg;
	const void *member;

	n->done++;
	n->result = r;
	n->len = len;
	if (r == POOL_OK)
		CHECK_INT(job_deflate_unpack(answer, len, &member, &n->len), 0);
	if (++ended == wanted)
		event_base_loopbreak(base);
}

/* Lines of 64 bytes, with ends between them or as one record. */
static void
submit_lines(struct note *n, size_t lines, uint32_t records)
{
	struct pool_job j = { .kind = JOB_DEFLATE, .done = done_cb, .arg = n };
	size_t i, len = lines * 64;

	memset(n, 0, sizeof *n);
	n->body = malloc(len + 1);
	for (i = 0; i < lines; i++)
		snprintf(n->body + i * 64, 65, "{\"n\":\"%08zx\",%*s}%c",
		    (size_t)(i * 2654435761u) & 0xffffffff, 46, "\"\"",
		    records == 1 && i + 1 < lines ? ' ' : '\n');
	j.body = n->body;
	j.body_len = len;
	job_deflate_pack(&j.head, records, 1);
	CHECK_INT(pool_submit(pool, &j), 0);
	CHECK_INT(n->done, 0); /* P1 */
	wanted++;
}

static void
submit(struct note *n, size_t lines)
{
	submit_lines(n, lines, (uint32_t)lines);
}

static void
submit_record(struct note *n, size_t lines)
{
	submit_lines(n, lines, 1);
}

/* Until all that was submitted has ended, or the time is over. */
static int
await(int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	if (ended < wanted) {
		event_base_loopexit(base, &tv);
		event_base_dispatch(base);
	}
	return ended == wanted;
}

static void
pass(int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_base_loopexit(base, &tv);
	event_base_dispatch(base);
}

/* ---- /proc ---------------------------------------------------------------------- */

/* The children of a process; the count. */
static int
children(pid_t parent, pid_t *out, int max)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		char path[300], line[512], state;
		int pid = atoi(e->d_name), ppid = 0;
		FILE *f;
		char *p;

		if (pid <= 0)
			continue;
		snprintf(path, sizeof path, "/proc/%d/stat", pid);
		if ((f = fopen(path, "r")) == NULL)
			continue;
		if (fgets(line, sizeof line, f) != NULL &&
		    (p = strrchr(line, ')')) != NULL &&
		    sscanf(p + 1, " %c %d", &state, &ppid) == 2 &&
		    ppid == parent && state != 'Z' && n < max)
			out[n++] = pid;
		fclose(f);
	}
	if (d != NULL)
		closedir(d);
	return n;
}

static long
status_of(pid_t pid, const char *key)
{
	char path[64], line[256];
	long v = -1;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return -1;
	while (fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			v = atol(line + strlen(key) + 1);
	fclose(f);
	return v;
}

static int
descriptors(pid_t pid)
{
	char path[64];
	DIR *d;
	int n = 0;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	if ((d = opendir(path)) == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n - 2;
}

/* Those that live, once the kernel has put the killed ones away. */
static int
workers(pid_t *out, int want)
{
	int i, n = 0;

	for (i = 0; i < 100 && (n = children(zygote.pid, out, 16)) != want; i++)
		usleep(10000);
	return n;
}

/* ---- the cases -------------------------------------------------------------------- */

static void
test_order(void)
{
	struct note n[40];
	int i;

	TEST("pool: forty jobs beyond its room all end, once each, none inside "
	     "submit")
	CHECK_INT(pool_room(pool), 2 * WORKERS);
	for (i = 0; i < 40; i++)
		submit(&n[i], (size_t)(i % 7 == 0 ? 4000 : 3));
	CHECK_INT(pool_room(pool), 0);
	CHECK(await(20000));
	for (i = 0; i < 40; i++) {
		CHECK_INT(n[i].done, 1);
		CHECK_INT(n[i].result, POOL_OK);
		CHECK(n[i].len > 20);
		free(n[i].body);
	}
	CHECK_INT(pool_room(pool), 2 * WORKERS);
}

static void
test_broken(void)
{
	struct pool_job j = { .kind = JOB_PAGE, .done = done_cb };
	struct note n = { 0 }, after;

	TEST("pool: a request that is broken comes back as that, the worker lives")
	j.arg = &n;
	wire_u32(&j.head, 77);
	CHECK_INT(pool_submit(pool, &j), 0);
	wanted++;
	CHECK(await(5000));
	CHECK_INT(n.result, POOL_BROKEN);
	submit(&after, 3);
	CHECK(await(5000));
	CHECK_INT(after.result, POOL_OK);
	free(after.body);
}

static void
test_huge(void)
{
	struct note n;

	TEST("pool: a record of 12 MiB goes to a worker and comes back whole")
	submit_record(&n, 12 * 16384);
	CHECK(await(20000));
	CHECK_INT(n.result, POOL_OK);
	CHECK(n.len > 100000);
	free(n.body);
}

/* What befalls a worker that has a job, and how the job ends. */
static void
test_signal(int sig, enum pool_result want, const char *name)
{
	struct note n[WORKERS], after[WORKERS];
	pid_t pids[16];
	struct pool_stat st, was;
	int i, k;

	test_open(name);
	pool_stat(pool, &was);
	k = workers(pids, WORKERS);
	CHECK_INT(k, WORKERS);
	/* Stopped, they take their jobs without answering. */
	for (i = 0; i < k; i++)
		kill(pids[i], SIGSTOP);
	for (i = 0; i < WORKERS; i++)
		submit(&n[i], 3);
	pass(50);
	CHECK_INT(n[0].done, 0);
	if (sig != SIGSTOP)
		for (i = 0; i < k; i++)
			kill(pids[i], sig);
	CHECK(await(LIMIT_MS + 3000));
	for (i = 0; i < WORKERS; i++) {
		CHECK_INT(n[i].done, 1);
		CHECK_INT(n[i].result, want);
		submit(&after[i], 3);
	}
	CHECK(await(5000));
	for (i = 0; i < WORKERS; i++) {
		CHECK_INT(after[i].result, POOL_OK);
		free(n[i].body);
		free(after[i].body);
	}
	pool_stat(pool, &st);
	CHECK_INT(st.replaced - was.replaced, WORKERS);
	CHECK_INT(st.timeouts - was.timeouts, want == POOL_TIMEOUT ? WORKERS : 0);
	CHECK_INT(workers(pids, WORKERS), WORKERS);
}

static void
test_idle_death(void)
{
	struct pool_stat st, was;
	struct note n;
	pid_t pids[16];
	int i, k;

	TEST("pool: idle workers that are killed come back, after a pause")
	pool_stat(pool, &was);
	k = children(zygote.pid, pids, 16);
	for (i = 0; i < k; i++)
		kill(pids[i], SIGKILL);
	pass(30);
	pool_stat(pool, &st);
	CHECK_INT(st.replaced - was.replaced, WORKERS);
	CHECK_INT(workers(pids, 0), 0);
	submit(&n, 3);
	CHECK(await(5000));
	CHECK_INT(n.result, POOL_OK);
	free(n.body);
	CHECK_INT(workers(pids, WORKERS), WORKERS);

	TEST("pool: SIGTERM and SIGINT to the group leave zygote and workers alone")
	k = children(zygote.pid, pids, 16);
	for (i = 0; i < k; i++) {
		kill(pids[i], SIGTERM);
		kill(pids[i], SIGINT);
	}
	kill(zygote.pid, SIGTERM);
	kill(zygote.pid, SIGINT);
	submit(&n, 3);
	CHECK(await(5000));
	CHECK_INT(n.result, POOL_OK);
	CHECK_INT(kill(zygote.pid, 0), 0);
	free(n.body);
}

/* As many rules as make glibc's qsort() look for the size of memory, and every
 * kind of job once: a call that is not on the list would kill the worker. */
struct robots_note {
	int done;
	enum pool_result result;
	int rules;
};

static void
robots_cb(void *arg, enum pool_result r, const void *answer, size_t len)
{
	struct robots_note *n = arg;
	const void *blob;
	size_t blob_len;

	n->done++;
	n->result = r;
	n->rules = r == POOL_OK &&
	    job_robots_unpack(answer, len, &blob, &blob_len) == 0;
	if (++ended == wanted)
		event_base_loopbreak(base);
}

static void
test_robots(void)
{
	struct pool_job j = { .kind = JOB_ROBOTS, .done = robots_cb };
	struct robots_note n = { 0 };
	char *text = malloc(600000);
	size_t len = 0;
	int i;

	TEST("sandbox: a robots.txt of twenty thousand rules is read")
	len += (size_t)sprintf(text, "User-agent: *\n");
	for (i = 0; i < 20000; i++)
		len += (size_t)sprintf(text + len, "Disallow: /%x/\n",
		    (unsigned)i * 2654435761u);
	j.body = text;
	j.body_len = len;
	j.arg = &n;
	job_robots_pack(&j.head, "winnowd", NULL);
	CHECK_INT(pool_submit(pool, &j), 0);
	wanted++;
	CHECK(await(LIMIT_MS + 3000));
	CHECK_INT(n.result, POOL_OK);
	CHECK_INT(n.rules, 1);
	free(text);
}

/* ---- answers in parts ------------------------------------------------------- */

struct list_note {
	int done, parts, refuse; /* refuse: the part that part() says no to */
	enum pool_result result;
	uint32_t entries;
	size_t largest;
	char error[32];
};

static int
part_cb(void *arg, const void *answer, size_t len)
{
	struct list_note *n = arg;
	struct job_list list;
	struct job_entry e;

	CHECK_INT(job_list_unpack(answer, len, &list), 0);
	while (job_list_next(&list, &e) == 1)
		n->entries++;
	n->largest = len > n->largest ? len : n->largest;
	snprintf(n->error, sizeof n->error, "%s",
	    list.error != NULL ? list.error : "-");
	return ++n->parts == n->refuse ? -1 : 0;
}

static void
list_cb(void *arg, enum pool_result r, const void *answer, size_t len)
{
	struct list_note *n = arg;

	n->done++;
	n->result = r;
	if (r == POOL_OK)
		part_cb(arg, answer, len);
	if (++ended == wanted)
		event_base_loopbreak(base);
}

/* A list of that many lines; in_file: its body comes from a file. */
static void
read_list(struct list_note *n, size_t lines, int refuse, int in_file)
{
	struct pool_job j = { .kind = JOB_SITEMAP,
		.part = part_cb,
		.done = list_cb,
		.arg = n };
	char *text = malloc(lines * 64 + 1);
	FILE *f = tmpfile();
	size_t i, len = 0;

	memset(n, 0, sizeof *n);
	n->refuse = refuse;
	for (i = 0; i < lines; i++)
		len += (size_t)sprintf(text + len, "http://l.test/%zu.html\n", i);
	j.body = text;
	j.body_len = len;
	if (in_file) {
		CHECK_INT(fwrite(text, 1, len, f), len);
		fflush(f);
		j.body = NULL;
		j.body_file = fileno(f);
	}
	job_list_pack(&j.head, "http://l.test/map.txt", "text/plain", NULL);
	CHECK_INT(pool_submit(pool, &j), 0);
	wanted++;
	CHECK(await(LIMIT_MS + 10000));
	fclose(f);
	free(text);
}

static void
test_parts(void)
{
	struct list_note n;
	struct note after;
	int in_file;

	TEST("pool: a long list comes in bounded parts, the last with its error")
	for (in_file = 0; in_file < 2; in_file++) {
		read_list(&n, 60000, 0, in_file);
		CHECK_INT(n.done, 1);
		CHECK_INT(n.result, POOL_OK);
		CHECK_INT(n.entries, WINNOW_FEED_ENTRIES);
		CHECK(n.parts > 20);
		CHECK(n.largest <= JOB_PART + 2 * WINNOW_URL_MAX);
		CHECK_STR(n.error, "too-big");
	}
	TEST("pool: a short list is one part, and has no error")
	read_list(&n, 100, 0, 0);
	CHECK_INT(n.entries, 100);
	CHECK_INT(n.parts, 1);
	CHECK_STR(n.error, "-");

	TEST("pool: a part that is refused ends the job, and the worker's life")
	read_list(&n, 60000, 3, 0);
	CHECK_INT(n.result, POOL_BROKEN);
	CHECK_INT(n.parts, 3);
	CHECK_INT(n.done, 1);
	submit(&after, 3);
	CHECK(await(5000));
	CHECK_INT(after.result, POOL_OK);
	free(after.body);
}

static void
test_proc(void)
{
	pid_t pids[16];
	int i, k = workers(pids, WORKERS);

	TEST("sandbox: a worker has four descriptors, no new rights, a filter")
	for (i = 0; i < k; i++) {
		CHECK_INT(descriptors(pids[i]), 4);
#if defined(HAVE_LIBSECCOMP) && !defined(WINNOW_SANITIZE)
		CHECK_INT(status_of(pids[i], "Seccomp:"), 2);
		CHECK_INT(status_of(pids[i], "NoNewPrivs:"), 1);
#else
		(void)status_of;
#endif
	}
}

static void
lost_cb(void *arg)
{
	*(int *)arg = 1;
	event_base_loopbreak(base);
}

static void
test_lost(void)
{
	struct pool_stat st = { 0 };
	struct note n;
	pid_t pids[16];
	char err[256];
	int i, lost = 0;

	TEST("pool: a zygote that dies takes its workers along, and that is said")
	if (pool_new(&pool, base, &zygote, WORKERS, LIMIT_MS, 1, err,
		sizeof err) != 0)
		TEST_FAIL("%s", err);
	pool_on_lost(pool, lost_cb, &lost);
	kill(zygote.pid, SIGKILL);
	CHECK_INT(workers(pids, 0), 0);
	for (i = 0; i < 100 && st.replaced < WORKERS; i++) {
		pass(20);
		pool_stat(pool, &st);
	}
	submit(&n, 3); /* waits for a worker, in vain */
	for (i = 0; i < 40 && !lost; i++)
		pass(600); /* less, when an earlier time limit meets it */
	CHECK_INT(lost, 1);
	CHECK_INT(n.done, 0);
	pool_free(pool);
	free(n.body);
}

int
main(void)
{
	struct zygote_options o = { .memory = 512 << 20 };
	struct note n;
	char err[256];

	signal(SIGPIPE, SIG_IGN);
	log_open(LOG_ERROR, LOG_TEXT, 0);
	if (zygote_start(&zygote, &o, err, sizeof err) != 0)
		return 1;
	base = event_base_new();
	if (pool_new(&pool, base, &zygote, WORKERS, LIMIT_MS, 1, err,
		sizeof err) != 0)
		return 1;
	test_order();
	test_broken();
	test_huge();
	test_robots();
	test_parts();
	test_proc();
	test_signal(SIGKILL, POOL_CRASHED,
	    "pool: workers killed over a job cost that job alone");
	test_signal(SIGSTOP, POOL_TIMEOUT,
	    "pool: workers that hang are killed at the time limit");
	test_idle_death();

	TEST("pool: it is freed with jobs out and waiting; the workers are gone")
	submit(&n, 3);
	{
		struct note more[6];
		pid_t pids[16];
		int i;

		for (i = 0; i < 6; i++)
			submit(&more[i], 4000);
		pool_free(pool);
		CHECK_INT(workers(pids, 0), 0);
		for (i = 0; i < 6; i++) {
			CHECK_INT(more[i].done, 0);
			free(more[i].body);
		}
		free(n.body);
	}
	test_lost();
	zygote_stop(&zygote);
	event_base_free(base);
	return test_end();
}
