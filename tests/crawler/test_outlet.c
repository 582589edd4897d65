/* The commit protocol with a real frontier and a real queue. Workers are a list
 * in this file, so that a block comes back when and how a case wants; the disk
 * fails where a case wants; the outlet is taken in with its calls to the frontier's
 * commit and the queue's put going through here, to see O2 held. */
#include <errno.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crawler/log.h"
#include "crawler/outlet.h"
#include "queue/io.h"
#include "tests/test.h"

static int test_commit(struct frontier *, const struct wq_pos *);
static int test_put(struct wq_writer *, const void *, size_t, uint32_t, uint64_t,
    int64_t);
static int test_sync(struct wq_writer *, int, int64_t, struct wq_pos *);
static int test_rollback(struct wq_writer *);

#define frontier_commit test_commit
#define wq_put test_put
#define wq_sync test_sync
#define wq_rollback test_rollback
#include "crawler/outlet.c"
#include "crawler/outlet_commit.c"
#include "crawler/outlet_copies.c"
#include "crawler/outlet_gather.c"
#undef frontier_commit
#undef wq_put
#undef wq_sync
#undef wq_rollback

#define HOSTS 6
#define PAGES 10 /* of a host */
#define T0 1795230900000LL

/* ---- a disk that fails ------------------------------------------------------------ */

static long calls, dies_at; /* 0: never */
static int no_room, no_sync, no_rename, commit_fails;
static enum { NOTHING, HAS_PUT, HAS_SYNCED } in_flight;
static int data_syncs;

static int
fails(int flag, int error)
{
	calls++;
	if (!flag && (dies_at == 0 || calls < dies_at))
		return 0;
	errno = flag ? error : EIO;
	return 1;
}

static ssize_t
io_pwrite(int fd, const void *b, size_t n, off_t at)
{
	if (fails(no_room, ENOSPC)) { /* half of it came through */
		int e = errno;

		(void)wq_io_system.pwrite(fd, b, n / 2, at);
		errno = e;
		return -1;
	}
	return wq_io_system.pwrite(fd, b, n, at);
}

static int
io_fdatasync(int fd)
{
	data_syncs++;
	return fails(no_sync, EIO) ? -1 : wq_io_system.fdatasync(fd);
}

static int
io_rename(const char *from, const char *to)
{
	return fails(no_rename, EIO) ? -1 : wq_io_system.rename(from, to);
}

static int
io_truncate(int fd, off_t n)
{
	return fails(0, 0) ? -1 : wq_io_system.truncate(fd, n);
}

static int
test_commit(struct frontier *f, const struct wq_pos *pos)
{
	int rc;

	CHECK(in_flight == (pos != NULL ? HAS_SYNCED : NOTHING)); /* O2 */
	if (fails(commit_fails, ENOSPC))
		return commit_fails ? FRONTIER_ENOSPC : FRONTIER_EIO;
	rc = frontier_commit(f, pos);
	if (rc == 0)
		in_flight = NOTHING;
	return rc;
}

static int
test_put(struct wq_writer *w, const void *m, size_t n, uint32_t records,
    uint64_t json, int64_t now)
{
	int rc = wq_put(w, m, n, records, json, now);

	CHECK(in_flight != HAS_SYNCED);
	if (rc == 0)
		in_flight = HAS_PUT;
	return rc;
}

static int
test_sync(struct wq_writer *w, int seal, int64_t now, struct wq_pos *pos)
{
	int rc = wq_sync(w, seal, now, pos);

	/* After an error what was put does not count. */
	in_flight = rc == 0 ? HAS_SYNCED : NOTHING;
	return rc;
}

static int
test_rollback(struct wq_writer *w)
{
	in_flight = NOTHING;
	return wq_rollback(w);
}

/* ---- workers ----------------------------------------------------------------------- */

static struct pool_job jobs[64];
static int njobs, refuses;

int
pool_submit(struct pool *p, const struct pool_job *j)
{
	(void)p;
	if (refuses)
		return -1;
	CHECK(njobs < 64);
	jobs[njobs++] = *j;
	return 0;
}

/* The youngest first: blocks come back in the wrong order. */
static void
work(enum pool_result r)
{
	while (njobs > 0) {
		struct pool_job j = jobs[--njobs];
		struct wire_out o = { 0 };

		CHECK_INT(job_run(NULL, j.kind, j.head.b, j.head.len, j.body,
			      j.body_len, NULL, &o), 0);
		if (r == POOL_BROKEN) { /* says it is well, and is not */
			o.len = 0;
			wire_bytes(&o, "nonsense", 8);
			r = POOL_OK;
		}
		j.done(j.arg, r, r == POOL_OK ? o.b : NULL, o.len);
		wire_free(&o);
		wire_free(&j.head);
	}
}

static void
drop_jobs(void)
{
	while (njobs > 0)
		wire_free(&jobs[--njobs].head);
}

/* ---- a crawl ------------------------------------------------------------------------ */

static char dir[64];
static struct frontier *f;
static struct wq_writer *writer;
static struct outlet *out;
static struct config_values cfg;
static int64_t now;
static int changes;
static size_t line_bytes;

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static void
changed_cb(void *arg)
{
	(void)arg;
	changes++;
}

static void
fill(void)
{
	struct frontier_seed s = { .url = "http://h0.test/", .tags = "",
		.max_depth = 0xffff };
	struct winnow_key key = { 1, 1 };
	uint32_t seed = frontier_seed_add(f, &key, &s);
	int i;

	CHECK(seed > 0);
	for (i = 0; i < HOSTS * PAGES; i++) {
		char url[64], host[32];
		struct frontier_link l = { .url = url, .host = host,
			.seed = seed };

		snprintf(host, sizeof host, "h%d.test", i % HOSTS);
		snprintf(url, sizeof url, "http://%s/%d", host, i);
		l.key.host = (uint64_t)(i % HOSTS + 1) * 0x9e3779b97f4a7c15u;
		l.key.url = (uint64_t)(i + 1) * 0xc2b2ae3d27d4eb4fu;
		CHECK(frontier_add(f, &l) >= 0);
	}
}

static void
start(void)
{
	static struct wq_io io;
	struct frontier_options fo = { .per_host = 1, .host_cap = 1000,
		.map_size = 64 << 20 };
	struct wq_options qo = { .node = "n", .io = &io, .seal_bytes = 200000,
		.seal_after_ms = 3000 };
	struct wq_pos pos;
	char path[128], err[512] = "";

	io = wq_io_system;
	io.pwrite = io_pwrite;
	io.fdatasync = io_fdatasync;
	io.rename = io_rename;
	io.truncate = io_truncate;
	in_flight = NOTHING;
	snprintf(path, sizeof path, "%s/state", dir);
	if (frontier_open(&f, path, &fo, now, err, sizeof err) != 0)
		TEST_FAIL("frontier: %s", err);
	frontier_pos(f, &pos);
	snprintf(path, sizeof path, "%s/queue", dir);
	if (wq_writer_open(&writer, path, &qo, &pos, now, err, sizeof err) != 0)
		TEST_FAIL("queue: %s", err);
	out = outlet_new(f, NULL, writer, changed_cb, NULL);
	fill();
}

static void
halt(void)
{
	drop_jobs();
	outlet_free(out);
	wq_writer_close(writer);
	frontier_close(f);
}

static void
begin(void)
{
	calls = dies_at = 0;
	no_room = no_sync = no_rename = commit_fails = refuses = 0;
	now = T0;
	line_bytes = 300;
	cfg = (struct config_values) { .queue_flush_after = 50,
		.state_commit_every = 10, .dedup_mode = CONFIG_DEDUP_MODE_MARK };
	snprintf(dir, sizeof dir, "/tmp/outlet-test-%ld", (long)getpid());
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	mkdir(dir, 0755);
	start();
}

static void
end(void)
{
	halt();
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The article of a page: {"i":"17",..."dup_of":null,"seq":"3",...}. */
static int
land(struct frontier_item *it, uint64_t hash, int *repeat)
{
	struct job_article a = { 0 };
	char *json = malloc(line_bytes + 200);
	struct outlet_look look;
	int i = atoi(strrchr(it->url, '/') + 1), n, rc;

	n = sprintf(json, "{\"i\":\"%d\",\"t\":\"", i);
	memset(json + n, 'x', line_bytes);
	n += (int)line_bytes;
	n += sprintf(json + n, "\",\"dup_of\":");
	a.line.dup_at = (uint32_t)n;
	n += sprintf(json + n, ",\"seq\":\"");
	a.line.seq_at = (uint32_t)n;
	n += sprintf(json + n, "\",\"alike\":");
	a.line.alike_at = (uint32_t)n;
	n += sprintf(json + n, "}\n");
	a.line.json = json;
	a.line.len = (size_t)n;
	a.text_hash = hash;
	a.id[0] = (uint8_t)i;
	a.id[15] = 7;
	outlet_look(out, &cfg, it, &a, &look);
	*repeat = look.how != OUTLET_FIRST;
	rc = outlet_add(out, it, &a, &look, 200, now);
	free(json);
	return rc;
}

/* One turn as the engine makes it: at most `some` new articles. */
static void
turn(int some)
{
	struct frontier_item *it;
	int repeat;

	while (some-- > 0 && outlet_blocked(out) == NULL && !outlet_full(out) &&
	    frontier_next(f, now, &it) == 1) {
		frontier_host_done(f, it, now);
		CHECK_INT(land(it, it->key.url, &repeat), 0);
		CHECK_INT(repeat, 0);
	}
	outlet_turn(out, &cfg, now);
	work(POOL_OK);
	outlet_turn(out, &cfg, now);
	now += 13;
}

static int
crawl(int turns)
{
	while (turns-- > 0 && !(frontier_idle(f) && outlet_empty(out)))
		turn(3);
	return frontier_idle(f) && outlet_empty(out);
}

/* Every page once, numbers without a hole. */
static void
check_queue(int repeats)
{
	int seen[HOSTS * PAGES] = { 0 }, i, dups = 0;
	struct wq_reader *r;
	char path[128], err[256], want[48];
	const char *line, *p;
	uint64_t seq, next = 0;
	size_t len;
	int rc;

	CHECK_INT(outlet_seal(out, now), 0);
	snprintf(path, sizeof path, "%s/queue", dir);
	if (wq_reader_open(&r, path, NULL, err, sizeof err) != 0) {
		TEST_FAIL("reader: %s", err);
		return;
	}
	while ((rc = wq_read(r, &line, &len, &seq)) > 0) {
		snprintf(want, sizeof want, "\"seq\":\"%llu\",\"alike\":",
		    (unsigned long long)seq);
		CHECK(memmem(line, len, want, strlen(want)) != NULL);
		CHECK(next == 0 || seq == next);
		next = seq + 1;
		i = atoi(line + strlen("{\"i\":\""));
		if (i >= 0 && i < HOSTS * PAGES)
			seen[i]++;
		p = memmem(line, len, "\"dup_of\":", 9);
		dups += p != NULL && strncmp(p + 9, "null", 4) != 0;
	}
	CHECK_INT(rc, 0);
	wq_reader_close(r);
	for (i = 0; i < HOSTS * PAGES; i++)
		if (seen[i] != 1)
			TEST_FAIL("page %d is there %d times", i, seen[i]);
	CHECK_INT(dups, repeats);
}

/* ---- the cases ------------------------------------------------------------------------ */

static void
test_plain(void)
{
	struct outlet_stat st;

	TEST("outlet: each article once, numbers without a hole")
	begin();
	CHECK_INT(crawl(1000), 1);
	outlet_stat(out, &st);
	CHECK_INT(st.records, HOSTS * PAGES);
	check_queue(0);
	end();

	TEST("outlet: lines larger than a block get blocks of their own")
	begin();
	line_bytes = 300000;
	CHECK_INT(crawl(1000), 1);
	check_queue(0);
	end();

	TEST("outlet: blocks that come back in the wrong order are put in the right "
	     "one")
	begin();
	line_bytes = 90000;
	{
		struct frontier_item *it;
		int repeat, i;

		for (i = 0; i < 12 && frontier_next(f, now, &it) == 1; i++) {
			frontier_host_done(f, it, now);
			CHECK_INT(land(it, it->key.url, &repeat), 0);
		}
		now += 100;
		outlet_turn(out, &cfg, now);
		CHECK(njobs >= 4);
		CHECK(outlet_full(out) || njobs == 4);
		work(POOL_OK);
	}
	CHECK(changes > 0);
	CHECK_INT(crawl(1000), 1);
	check_queue(0);
	end();
}

static void
test_repeats(void)
{
	struct frontier_item *it;
	struct outlet_stat st;
	int repeat, k;

	TEST("outlet: a text that came before is marked, in one block and over two")
	begin();
	for (k = 0; k < HOSTS * PAGES; k++) {
		CHECK_INT(frontier_next(f, now, &it), 1);
		frontier_host_done(f, it, now);
		CHECK_INT(land(it, (uint64_t)(k % 20 + 1), &repeat), 0);
		CHECK_INT(repeat, k >= 20);
		if (k % 7 == 0)
			turn(0);
	}
	CHECK_INT(crawl(1000), 1);
	check_queue(40);
	outlet_stat(out, &st);
	CHECK_INT(st.repeats, 40);
	end();

	TEST("outlet: copies of what is written, and not committed yet")
	begin();
	for (k = 0; k < 3; k++) {
		CHECK_INT(frontier_next(f, now, &it), 1);
		frontier_host_done(f, it, now);
		CHECK_INT(land(it, 9, &repeat), 0);
		CHECK_INT(repeat, k > 0);
		commit_fails = 1;
		now += 1100;
		outlet_turn(out, &cfg, now);
		work(POOL_OK);
		outlet_turn(out, &cfg, now);
		CHECK(outlet_blocked(out) != NULL);
		if (k == 1)
			cfg.dedup_mode = CONFIG_DEDUP_MODE_DROP;
	}
	commit_fails = 0;
	now += 1100;
	CHECK_INT(crawl(1000), 1);
	outlet_stat(out, &st);
	CHECK_INT(st.repeats, 2);
	CHECK_INT(st.records, HOSTS * PAGES - 1);
	end();

	TEST("outlet: dedup.mode drop settles the URL and writes nothing")
	begin();
	cfg.dedup_mode = CONFIG_DEDUP_MODE_DROP;
	for (k = 0; k < HOSTS * PAGES; k++) {
		CHECK_INT(frontier_next(f, now, &it), 1);
		frontier_host_done(f, it, now);
		CHECK_INT(land(it, 9, &repeat), 0);
	}
	CHECK_INT(crawl(1000), 1);
	outlet_stat(out, &st);
	CHECK_INT(st.records, 1);
	end();
}

/* Some turns with the fault, then without: nothing lost, nothing twice. */
static void
with_fault(int *flag, const char *name)
{
	int i;

	test_open(name);
	for (i = 0; i < 12; i++) {
		begin();
		crawl(i);
		*flag = 1;
		crawl(300); /* over RETRY_MS and the age of a file */
		if (flag != &no_rename)
			CHECK(outlet_blocked(out) != NULL);
		CHECK(outlet_wake(out, &cfg, now) < 0 ||
		    outlet_blocked(out) == NULL ||
		    outlet_wake(out, &cfg, now) > now);
		if (flag == &no_room || flag == &commit_fails)
			CHECK_INT(outlet_no_space(out), 1);
		/* A caller that wants its commit now must not break it. */
		if (i % 2)
			(void)outlet_commit(out, now);
		*flag = 0;
		CHECK_INT(crawl(1000), 1);
		CHECK(outlet_blocked(out) == NULL);
		check_queue(0);
		end();
	}
}

static void
test_seal_fault(void)
{
	TEST("outlet: a seal whose commit failed does not bar the next article")
	begin();
	while (frontier_next(f, now, &(struct frontier_item *) { 0 }) != 1)
		break;
	halt();
	start(); /* that lease is due again (F4) */
	crawl(2);
	now += 100;
	turn(0);
	CHECK(outlet_empty(out));
	commit_fails = 1;
	CHECK(outlet_seal(out, now) != 0);
	CHECK(outlet_blocked(out) != NULL);
	commit_fails = 0;
	CHECK_INT(crawl(1000), 1);
	check_queue(0);
	end();

	TEST("outlet: a sync that fails at the seal pauses, it does not spin")
	begin();
	crawl(2);
	now += 100;
	turn(0);
	CHECK(outlet_empty(out));
	now += 4000; /* the file's age */
	no_rename = 1;
	turn(0);
	now += 4000;
	turn(0);
	turn(0);
	CHECK(outlet_wake(out, &cfg, now) > now);
	no_rename = 0;
	CHECK_INT(crawl(1000), 1);
	check_queue(0);
	end();
}

static void
test_workers(void)
{
	static const enum pool_result how[] = { POOL_CRASHED, POOL_TIMEOUT,
		POOL_BROKEN };
	size_t i;
	int k;

	TEST("outlet: blocks whose workers fail are compressed here")
	for (i = 0; i < sizeof how / sizeof *how; i++) {
		begin();
		crawl(2);
		for (k = 0; k < 40; k++) {
			struct frontier_item *it;
			int repeat;

			if (frontier_next(f, now, &it) == 1) {
				frontier_host_done(f, it, now);
				CHECK_INT(land(it, it->key.url, &repeat), 0);
			}
			now += 30;
			outlet_turn(out, &cfg, now);
			work(how[i]);
		}
		/* A member that is none is noticed at the put. */
		now += 2000;
		CHECK_INT(crawl(2000), 1);
		check_queue(0);
		end();
	}

	TEST("outlet: with no worker to be had they are compressed here")
	begin();
	refuses = 1;
	CHECK_INT(crawl(1000), 1);
	check_queue(0);
	end();
}

/* Everything fails from one call on, as if the power were gone; the state on disk
 * is then what a kill at that call leaves. */
static void
test_crash(const char *name, size_t bytes, int64_t flush_after,
    int64_t commit_every)
{
	long at, all;

	test_open(name);
	for (at = 0, all = 1; at <= all; at++) {
		begin();
		line_bytes = bytes;
		cfg.queue_flush_after = flush_after;
		cfg.state_commit_every = commit_every;
		dies_at = at; /* at first never */
		if (at > 0) {
			crawl(60);
			halt();
			dies_at = 0;
			start();
		}
		if (crawl(1000) != 1)
			TEST_FAIL("death at call %ld: it does not end", at);
		check_queue(0);
		if (at == 0)
			all = calls;
		end();
		if (test_bad) {
			TEST_FAIL("death at call %ld of %ld", at, all);
			break;
		}
	}
	CHECK(all > 30);
}

static void
test_clocks(void)
{
	struct frontier_item *it;
	int repeat;

	TEST("outlet: it wakes for the block's age, at once when flushed")
	begin();
	turn(0);
	now += 20;
	turn(0);
	CHECK_INT(outlet_wake(out, &cfg, now), -1);
	CHECK_INT(outlet_flush(out), 0); /* nothing to flush */
	CHECK_INT(frontier_next(f, now, &it), 1);
	CHECK_INT(land(it, 1, &repeat), 0);
	CHECK_INT(outlet_wake(out, &cfg, now), now + 50);
	CHECK_INT(outlet_flush(out), 1);
	CHECK_INT(outlet_flush(out), 0);
	CHECK_INT(outlet_wake(out, &cfg, now), now);
	CHECK_INT(outlet_empty(out), 0);
	turn(0);
	CHECK_INT(outlet_empty(out), 1);
	CHECK(outlet_wake(out, &cfg, now) > now);
	end();
}

/* n articles of a block each, back from their workers. */
static void
ready(int n)
{
	struct frontier_item *it;
	int repeat;

	line_bytes = 262000; /* the file is sealed at 200,000 compressed */
	while (n-- > 0 && frontier_next(f, now, &it) == 1) {
		frontier_host_done(f, it, now);
		CHECK_INT(land(it, it->key.url, &repeat), 0);
		outlet_turn(out, &cfg, now);
		work(POOL_OK);
	}
}

static uint64_t
commits(void)
{
	struct outlet_stat st;

	outlet_stat(out, &st);
	return st.commits;
}

static void
test_groups(void)
{
	uint64_t before;
	int64_t wake;

	TEST("outlet: blocks that are ready together share one sync and one "
	     "transaction")
	begin();
	cfg.state_commit_every = 200;
	cfg.queue_flush_after = 5000;
	turn(0); /* what fill() did */
	before = commits();
	data_syncs = 0;
	ready(4); /* the last one gathers */
	CHECK_INT(commits(), before);
	wake = outlet_wake(out, &cfg, now);
	CHECK(wake > now && wake <= now + 200);
	now = wake;
	outlet_turn(out, &cfg, now);
	CHECK_INT(commits(), before + 1);
	CHECK_INT(data_syncs, 1);
	CHECK_INT(crawl(1000), 1);
	check_queue(0);
	end();

	TEST("outlet: a record is not kept waiting beyond queue.flush_after")
	begin();
	cfg.state_commit_every = 10000;
	cfg.queue_flush_after = 50;
	turn(0);
	ready(1);
	before = commits();
	now += 50;
	outlet_turn(out, &cfg, now);
	work(POOL_OK);
	outlet_turn(out, &cfg, now);
	CHECK_INT(commits(), before + 1);
	CHECK_INT(outlet_empty(out), 1);
	end();

	TEST("outlet: with so many blocks ready nobody waits, and it is not full")
	begin();
	cfg.state_commit_every = cfg.queue_flush_after = 100000;
	turn(0);
	before = commits();
	ready(OUTLET_GROUP_MAX);
	CHECK_INT(commits(), before);
	CHECK_INT(outlet_full(out), 0);
	ready(2);
	CHECK(commits() > before);
	end();

	TEST("outlet: where commits take long there are fewer, a second apart at "
	     "most")
	begin();
	cfg.state_commit_every = 200;
	turn(0);
	for (int i = 0; i < 20; i++) {
		frontier_text_put(f, (uint64_t)i + 1,
		    &(struct frontier_copy) { { 0 }, 1, 1 });
		now += 2000;
		outlet_turn(out, &cfg, now);
		outlet_took(out, 80000);
		outlet_turn(out, &cfg, now);
		outlet_took(out, 1); /* it had none to make: no commit */
	}
	frontier_text_put(f, 99, &(struct frontier_copy) { { 0 }, 1, 1 });
	CHECK_INT(outlet_wake(out, &cfg, now), now + 1000);
	end();
}

int
main(void)
{
	log_open(LOG_ERROR, LOG_TEXT, 0);
	(void)!freopen("/dev/null", "w", stderr); /* what blocks is logged */
	test_plain();
	test_repeats();
	with_fault(&no_room, "outlet: a disk that is full, then has room again");
	with_fault(&no_sync, "outlet: an fdatasync that fails, then works again");
	with_fault(&commit_fails, "outlet: a state that cannot be committed, then "
				  "can again");
	with_fault(&no_rename, "outlet: a seal that fails, then works again");
	test_seal_fault();
	test_workers();
	test_crash("outlet: a death at any call to the disk loses nothing, repeats "
		   "nothing",
	    300, 1, 10);
	test_crash("outlet: nor does one amid blocks that share a commit", 120000,
	    5000, 60);
	test_clocks();
	test_groups();
	return test_end();
}
