/* test_spool.c - the real writer at work while others take files and whole
 * days away, read, follow, and are killed.
 *
 * Every actor is a process of its own. They count in memory that all share:
 * how often each record was taken out of the queue, or given to a consumer.
 * The writer's clock moves three hours a file, so that days come and go. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tests/queue/queue_test.h"

#define FILES 120
#define PER_FILE 20
#define RECORDS (FILES * PER_FILE)
#define STEP_MS (3 * 3600 * 1000)
#define KILLS 40

enum { WRITER, READER, FOLLOWER, FIRST, SECOND, NAMES };

static struct shared {
	atomic_int written;            /* files sealed */
	atomic_int spooling, takes;    /* somebody takes; how often he did */
	atomic_int errors[NAMES];      /* of each actor */
	atomic_int taken[RECORDS + 1]; /* out of the queue, by the spooler */
	atomic_int got[NAMES][RECORDS + 1];
	atomic_ulong acked[NAMES];
} * shared;

static char *dir, away[300];

static void
begin(void)
{
	dir = make_folder();
	snprintf(away, sizeof away, "%.*s/away", (int)(strrchr(dir, '/') - dir),
	    dir);
	mkdir(away, 0755);
	memset(shared, 0, sizeof *shared);
}

static void
wrong(int actor, const char *what)
{
	fprintf(stderr, "  actor %d: %s\n", actor, what);
	shared->errors[actor]++;
}

static pid_t
start(void (*run)(int), int actor)
{
	pid_t pid = fork();

	if (pid == 0) {
		alarm(100);
		run(actor);
		_exit(0);
	}
	return pid;
}

static int
ended_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* ---- actors -------------------------------------------------------------- */

static void
write_all(int actor)
{
	static const struct wq_options o = {.node = "n"};
	struct wq_pos pos = {0};
	struct wq_writer *w;
	char err[512];
	int64_t now = T0;

	if (wq_writer_open(&w, dir, &o, NULL, now, err, sizeof err) != 0) {
		wrong(actor, err);
		return;
	}
	for (int i = 0; i < FILES; i++, now += STEP_MS) {
		if (land(w, PER_FILE / 2, 0, now, &pos) != 0 ||
		    land(w, PER_FILE / 2, 1, now, &pos) != 0)
			wrong(actor, wq_trouble(w));
		shared->written++;
		while (shared->spooling &&
		       shared->written > shared->takes + FILES / 4)
			usleep(500); /* who takes must not be left behind */
	}
	wq_writer_close(w);
}

/* Reads what there is: every record at most once, in order, whole. */
static uint64_t
read_on(int actor, struct wq_reader *r, uint64_t last)
{
	const char *line;
	char want[64];
	uint64_t seq;
	size_t len;
	int rc;

	while ((rc = wq_read(r, &line, &len, &seq)) != 0) {
		if (rc < 0) {
			wrong(actor, wq_reader_where(r));
			continue;
		}
		snprintf(want, sizeof want, "{\"seq\":\"%llu\",",
		    (unsigned long long)seq);
		if (seq <= last || seq > RECORDS || line[len - 1] != '\n' ||
		    strncmp(line, want, strlen(want)) != 0)
			wrong(actor, "a record out of its order, or torn");
		else
			shared->got[actor][seq]++;
		last = seq;
	}
	return last;
}

static void
read_again_and_again(int actor)
{
	struct wq_reader *r;
	char err[512];
	int last;

	do {
		last = shared->written == FILES;
		if (wq_reader_open(&r, dir, NULL, err, sizeof err) != 0) {
			wrong(actor, err);
			return;
		}
		read_on(actor, r, 0);
		wq_reader_close(r);
	} while (!last);
}

static void
follow(int actor)
{
	struct wq_follow *f;
	struct wq_reader *r;
	char err[512] = "";
	uint64_t last = 0;

	if (wq_follow_open(&f, dir, err, sizeof err) != 0 ||
	    wq_reader_open(&r, dir, NULL, err, sizeof err) != 0) {
		wrong(actor, err);
		return;
	}
	for (;;) {
		int end = shared->written == FILES;

		last = read_on(actor, r, last);
		if (end)
			break;
		if (wq_follow_wait(f, -1, 2000, err, sizeof err) < 0)
			wrong(actor, err);
	}
	wq_reader_close(r);
	wq_follow_close(f);
}

/* Takes seven at a time, acknowledges them; begins where its cursor is. */
static void
consume_some(int actor, const char *name)
{
	struct wq_range range = {0};
	struct wq_reader *r;
	struct wq_cursor c;
	const char *line;
	char err[512];
	uint64_t seq = 0, first = 0;
	size_t len;
	int rc = 1;

	if (wq_cursor_begin(dir, name, &c) < 0 ||
	    c.acked < shared->acked[actor])
		wrong(actor, "the cursor is not where it was put");
	range.from_seq = c.acked + 1;
	if (wq_reader_open(&r, dir, &range, err, sizeof err) != 0) {
		wrong(actor, err);
		return;
	}
	for (int i = 0; i < 7 && (rc = wq_read(r, &line, &len, &seq)) > 0;
	     i++) {
		first = first > 0 ? first : seq;
		shared->got[actor][seq]++;
	}
	if (rc < 0)
		wrong(actor, wq_reader_where(r));
	wq_reader_close(r);
	if (first == 0)
		return;
	if (first != c.acked + 1)
		wrong(actor, "records are gone before they were acknowledged");
	if (wq_cursor_give(dir, name, seq) != 0 ||
	    wq_cursor_ack(dir, name, seq) != 0)
		wrong(actor, "cannot acknowledge");
	shared->acked[actor] = seq;
}

static void
consume(int actor)
{
	const char *name = actor == FIRST ? "first" : "second";

	while (shared->acked[actor] < RECORDS)
		consume_some(actor, name);
}

static void
prune(int actor)
{
	int rc;

	while (shared->written < FILES || shared->acked[FIRST] < RECORDS ||
	       shared->acked[SECOND] < RECORDS) {
		rc = wq_prune(dir, INT64_MAX, 0, NULL, NULL);
		if (rc != 0 && rc != WQ_EBUSY)
			wrong(actor, wq_strerror(rc));
		usleep(1000);
	}
}

/* ---- who takes files away ------------------------------------------------ */

static void
count_taken(const char *path)
{
	char cmd[600], line[256];
	unsigned long seq;
	FILE *f;

	snprintf(cmd, sizeof cmd, "gzip -dc '%s'", path);
	if ((f = popen(cmd, "r")) == NULL)
		abort();
	while (fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "{\"seq\":\"%lu\"", &seq) == 1 &&
		    seq <= RECORDS)
			shared->taken[seq]++;
	pclose(f);
}

/* Files, and days with files. */
static void
count_away(const char *folder)
{
	char path[1200];
	struct dirent *e;
	DIR *d = opendir(folder);

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		if (strstr(e->d_name, ".gz") != NULL)
			count_taken(path);
		else
			count_away(path);
	}
	if (d != NULL)
		closedir(d);
}

/* First name in a folder, by order; 0 when there is none. */
static int
first_name(const char *folder, char name[256])
{
	struct dirent *e;
	DIR *d = opendir(folder);

	name[0] = '\0';
	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' &&
		    (name[0] == '\0' || strcmp(e->d_name, name) < 0))
			snprintf(name, 256, "%s", e->d_name);
	if (d != NULL)
		closedir(d);
	return name[0] != '\0';
}

/* The oldest file, removed or moved away, and its day if that was the last; or
 * the whole day at once, into which the writer may be moving a file just then:
 * so what is away is counted at the end. */
static void
take_something(unsigned n)
{
	char day[256], name[256], folder[600], from[900], to[900];
	const char *ready = "/ready";

	snprintf(folder, sizeof folder, "%s%s", dir, ready);
	if (!first_name(folder, day))
		return;
	shared->takes++;
	snprintf(folder, sizeof folder, "%s%s/%s", dir, ready, day);
	if (n % 5 == 0) {
		snprintf(to, sizeof to, "%s/%u-%s", away, n, day);
		rename(folder, to);
		return;
	}
	if (first_name(folder, name)) {
		snprintf(from, sizeof from, "%s/%s", folder, name);
		snprintf(to, sizeof to, "%s/%s", away, name);
		if (n % 2 == 0) {
			count_taken(from);
			unlink(from);
		} else {
			rename(from, to);
		}
	}
	rmdir(folder); /* also one that the writer has just made */
}

static void
test_spooler(void)
{
	pid_t pid[NAMES];
	struct wq_cursor c;
	struct wq_check check;
	long once = 0, never = 0;

	TEST("spool: files and days that are taken away stop nobody")
	{
		begin();
		shared->spooling = 1;
		pid[WRITER] = start(write_all, WRITER);
		while (count_in(dir, "cursors") < 0 ||
		       wq_cursor_begin(dir, "held", &c) != 0)
			usleep(1000);
		pid[READER] = start(read_again_and_again, READER);
		pid[FOLLOWER] = start(follow, FOLLOWER);
		for (unsigned n = 1; shared->written < FILES; n++)
			take_something(n);
		CHECK(ended_well(pid[WRITER]));
		CHECK(ended_well(pid[READER]));
		CHECK(ended_well(pid[FOLLOWER]));
		for (int i = 0; i < NAMES; i++)
			CHECK_INT(shared->errors[i], 0);
	}
	TEST(
	    "spool: every record is in what was taken or in what is left, once")
	{
		uint64_t left = (uint64_t)count_from(dir, 0);

		count_away(away);
		for (int i = 1; i <= RECORDS; i++) {
			once += shared->taken[i] == 1;
			never += shared->taken[i] == 0;
		}
		printf("# %d files, %ld of %d records taken away, %ld left\n",
		    FILES, once, RECORDS, never);
		CHECK(once > RECORDS / 4);
		CHECK_INT(never, left);
		CHECK_INT(once + never, RECORDS);
		CHECK_INT(wq_verify(dir, NULL, NULL, &check), 0);
		CHECK_INT(check.bad, 0);
		CHECK_INT(check.records, left);
	}
	TEST("spool: who follows never sees a record twice, nor out of order")
	{
		for (int i = 1; i <= RECORDS; i++)
			CHECK(shared->got[FOLLOWER][i] <= 1);
	}
}

static void
test_index(void)
{
	TEST("spool: lines of consumed files do not stay in the index for ever")
	{
		static const struct wq_options o = {.node = "n"};
		struct wq_pos pos = {0};
		struct wq_writer *w;
		struct stat st;
		char err[512], path[300];

		begin();
		CHECK_INT(
		    wq_writer_open(&w, dir, &o, NULL, T0, err, sizeof err), 0);
		for (int i = 0; i < 1500; i++) {
			CHECK_INT(land(w, 1, 1, T0 + i * 1000LL, &pos), 0);
			snprintf(path, sizeof path, "%s/ready", dir);
			if (i % 50 == 49)
				remove_tree(path), mkdir(path, 0755);
		}
		snprintf(path, sizeof path, "%s/index.jsonl", dir);
		CHECK_INT(stat(path, &st), 0);
		CHECK(st.st_size < 300 * 1024);
		wq_writer_close(w);
	}
}

static void
test_consumers(void)
{
	pid_t pid[NAMES], pruner;
	long twice[2] = {0, 0};

	TEST(
	    "consumers: two with names, killed again and again, get everything")
	{
		begin();
		pid[WRITER] = start(write_all, WRITER);
		while (count_in(dir, "ready") <= 0)
			usleep(1000);
		for (int i = FIRST; i <= SECOND; i++)
			pid[i] = start(consume, i);
		for (int i = 0; i < 2; i++) /* so that both cursors exist */
			while (count_in(dir, "cursors") < 2)
				usleep(1000);
		pruner = start(prune, READER);
		for (int n = 0; n < KILLS; n++) {
			int who = n % 2 == 0 ? FIRST : SECOND;

			usleep((useconds_t)(n * 7919 % 17000));
			kill(pid[who], SIGKILL);
			waitpid(pid[who], NULL, 0);
			pid[who] = start(consume, who);
		}
		CHECK(ended_well(pid[WRITER]));
		CHECK(ended_well(pid[FIRST]));
		CHECK(ended_well(pid[SECOND]));
		CHECK(ended_well(pruner));
		for (int i = 0; i < NAMES; i++)
			CHECK_INT(shared->errors[i], 0);
		for (int i = 1; i <= RECORDS; i++)
			for (int j = 0; j < 2; j++) {
				CHECK(shared->got[FIRST + j][i] >= 1);
				twice[j] += shared->got[FIRST + j][i] > 1;
			}
		printf("# %d kills; given again: %ld and %ld of %d records\n",
		    KILLS, twice[0], twice[1], RECORDS);
	}
	TEST("prune: at the end only the newest file is left")
	{
		CHECK_INT(wq_prune(dir, INT64_MAX, 0, NULL, NULL), 0);
		CHECK_INT(count_from(dir, 0), PER_FILE);
	}
}

int
main(void)
{
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	alarm(200);
	test_spooler();
	test_consumers();
	test_index();
	*strrchr(dir, '/') = '\0';
	remove_tree(dir);
	return test_end();
}
