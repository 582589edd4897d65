/* test_crash_commit.c - the one commit of queue and state store, cut at every
 * call that either makes to the disk.
 *
 * The real outlet lands the pages of a real frontier (LMDB) in a real queue;
 * some pages give nothing, so that transactions without records come between.
 * For each way of tests/crash.h and each call n, its own and LMDB's, the crawl
 * is cut at its n-th call and goes on as the engine would: it tries again after
 * a pause, and starts again when that does not help or it was killed. Where
 * it was not killed the power goes when it is done, and in another story soon
 * after the failure (CRASH_POWERS: how many of those; make crash has all).
 *
 * At any time readers see whole records only, with their raw pages, repeats of
 * a text marked, and verify is content. No start finds less than was reported
 * as committed. At the end each article is in the queue once, and the state
 * agrees. */
#include <errno.h>
#include <malloc.h>

#include "crawler/log.h"
#include "crawler/outlet.h"
#include "tests/crash.h"
#include "tests/test.h"

#define HOSTS 4
#define PAGES 5 /* of a host */
#define ALL (HOSTS * PAGES)
#define TEXTS 14
#define LINE 3200 /* so that a block takes more than a page of the disk */
#define T0 1795230900000LL
#define TURNS 80 /* of one start */

/* What outlives a start. */
static struct shared {
	uint64_t seq; /* reported: the next number behind the last commit */
	int64_t now;
} * shared;

static char state[96], queue[96];

static int
is_article(int i)
{
	return i % 5 != 4;
}

/* ---- workers ------------------------------------------------------------- */

int
pool_submit(struct pool *p, const struct pool_job *j)
{
	struct wire_out o = {0}, head = j->head;
	int rc = job_run(
	    NULL, j->kind, head.b, head.len, j->body, j->body_len, NULL, &o);

	(void)p;
	j->done(j->arg, rc == 0 ? POOL_OK : POOL_BROKEN, o.b, o.len);
	wire_free(&o);
	wire_free(&head);
	return 0;
}

static void
changed_cb(void *arg)
{
	(void)arg;
}

/* ---- the crawl ----------------------------------------------------------- */

static struct frontier *f;
static struct wq_writer *writer;
static struct outlet *out;
static const struct config_values cfg = {.queue_flush_after = 30,
    .state_commit_every = 10,
    .dedup_mode = CONFIG_DEDUP_MODE_MARK,
    .dedup_better = 1};

static int
fill(void)
{
	struct frontier_seed s = {
	    .url = "http://h0.test/", .tags = "", .max_depth = 0xffff};
	struct winnow_key key = {1, 1};
	char url[64], host[32];
	struct frontier_link l = {.url = url, .host = host};

	if ((l.seed = frontier_seed_add(f, &key, &s)) == 0)
		return -1;
	for (int i = 0; i < ALL; i++) {
		snprintf(host, sizeof host, "h%d.test", i % HOSTS);
		snprintf(url, sizeof url, "http://%s/%d", host, i);
		l.key.host = (uint64_t)(i % HOSTS + 1) * 0x9e3779b97f4a7c15u;
		l.key.url = (uint64_t)(i + 1) * 0xc2b2ae3d27d4eb4fu;
		if (frontier_add(f, &l) < 0)
			return -1;
	}
	return 0;
}

/* Of page 16 it is nearly that of page 2: another hash, the same sketch. */
#define NEAR_ONE 16

/* The texts of the last pages are those of the first. */
static uint64_t
text_of(int i)
{
	return (uint64_t)(i % TEXTS + 1) * 0x2545f4914f6cdd1du;
}

/* Of the three pages whose text came before one is better than that. */
static uint32_t
merit_for(int i)
{
	return (uint32_t)(i & 3) << 26 | 1u << 17;
}

static void
sketch_of(int i, struct winnow_sketch *k)
{
	uint64_t mix = text_of(i);

	k->grams = 300;
	for (int n = 0; n < WINNOW_SKETCH_MINS; n++) {
		mix = mix * 0xbf58476d1ce4e5b9u + 1;
		k->min[n] = (uint16_t)(mix >> 40);
	}
}

/* The article of a page: {"i":"17",..."dup_of":null,"seq":"3",...}, and the page.
 * One fills a block, so that two are ready for one commit. */
static int
land(struct frontier_item *it, int i)
{
	struct job_article a = {.text_hash = text_of(i) + (i == NEAR_ONE),
	    .merit = merit_for(i),
	    .id = {(uint8_t)i, 7}};
	struct wq_page page = {.uri = it->url,
	    .id = {(uint8_t)i, 7},
	    .head = "HTTP/1.1 200 OK\r\n\r\n",
	    .head_len = 19,
	    .body = "page",
	    .body_len = 4};
	static char json[WQ_BLOCK + LINE + 200];
	uint64_t mix = text_of(i);
	void *raw;
	struct outlet_look look;
	int n, end, rc;

	n = sprintf(json, "{\"i\":\"%d\",\"t\":\"", i);
	for (end = n + LINE; n < end; mix ^= mix >> 29) {
		mix = mix * 0xbf58476d1ce4e5b9u + 1;
		json[n++] = "0123456789abcdef"[mix >> 60];
	}
	if (i == 1)
		for (end = n + WQ_BLOCK; n < end;)
			json[n++] = '0';
	n += sprintf(json + n, "\",\"event\":");
	a.line.event_at = (uint32_t)n;
	n += sprintf(json + n, "\"new\",\"revises\":null");
	a.line.event_end = (uint32_t)n;
	n += sprintf(json + n, ",\"dup_of\":");
	a.line.dup_at = (uint32_t)n;
	n += sprintf(json + n, ",\"seq\":\"");
	a.line.seq_at = (uint32_t)n;
	n += sprintf(json + n, "\",\"alike\":");
	a.line.alike_at = (uint32_t)n;
	n += sprintf(json + n, "}\n");
	a.line.json = json;
	a.line.len = (size_t)n;
	if (wq_page_member(&page, &raw, &a.raw_len) != 0)
		return -1;
	a.raw = raw;
	sketch_of(i, &a.sketch);
	outlet_look(out, &cfg, it, &a, &look);
	rc = outlet_add(out, it, &a, &look, 200, shared->now);
	free(raw);
	return rc;
}

/* One turn as the engine makes it. */
static void
turn(void)
{
	struct frontier_item *it;
	struct wq_pos pos;
	int i;

	for (int some = 3;
	     some > 0 && outlet_blocked(out) == NULL && !outlet_full(out) &&
	     frontier_next(f, shared->now, &it) == 1;
	     some--) {
		i = atoi(strrchr(it->url, '/') + 1);
		frontier_host_done(f, it, shared->now);
		if (!is_article(i))
			frontier_settle(
			    f, it, URL_NO_ARTICLE, 200, NULL, shared->now);
		else if (land(it, i) != 0)
			frontier_release(f, it);
	}
	outlet_turn(out, &cfg, shared->now);
	frontier_pos(f, &pos);
	if (pos.seq > shared->seq)
		shared->seq = pos.seq;
	shared->now += outlet_blocked(out) != NULL ? 1100 : 13;
}

static int
is_done(void)
{
	return frontier_idle(f) && outlet_empty(out) &&
	       frontier_dirty(f) == 0 && wq_seal_due(writer, shared->now) < 0;
}

static int
crawl(void)
{
	int turns = 0;

	do
		turn();
	while (!is_done() && ++turns < TURNS);
	return turns == TURNS;
}

static int
start(void)
{
	struct frontier_options fo = {
	    .per_host = 2, .host_cap = 1000, .map_size = 64 << 20,
	    .documents = 1000};
	struct wq_options qo = {.node = "n",
	    .schema = "{}",
	    .seal_bytes = 6000,
	    .seal_after_ms = 300};
	struct wq_pos pos;
	char err[8192];

	if (frontier_open(&f, state, &fo, shared->now, err, sizeof err) != 0)
		return 1;
	frontier_pos(f, &pos);
	if (pos.seq < shared->seq)
		return 2;
	if (wq_writer_open(
		&writer, queue, &qo, &pos, shared->now, err, sizeof err) != 0)
		return 1;
	if (wq_next_seq(writer) < shared->seq)
		return 3;
	out = outlet_new(f, NULL, writer, changed_cb, NULL);
	return out == NULL || fill() != 0;
}

/* 0: all is done; 1: it ended as a daemon may, to be started again. */
static int
engine(void)
{
	int rc;

	/* What the outlet says of it is not what this is about. */
	if (!crash.trace)
		dup2(raw_open("/dev/null", O_WRONLY, 0), STDERR_FILENO);
	rc = start();
	if (rc == 0)
		rc = crawl();
	outlet_free(out);
	wq_writer_close(writer);
	frontier_close(f);
	return rc;
}

/* ---- what must be true --------------------------------------------------- */

static void
complain(void *arg, const char *what)
{
	(void)arg;
	TEST_FAIL("%s", what);
}

/* The raw page of a record is there. */
static void
check_page(int i)
{
	uint8_t id[16] = {(uint8_t)i, 7};
	struct wq_raw_want want = {.id = id};
	char *record;
	size_t len;

	CHECK_INT(wq_raw_find(queue, &want, &record, &len), 1);
	free(record);
}

/* A copy says so of a worse one that came before, and of no other. */
static void
check_revises(
    const char *line, size_t len, int i, int first, const int seen[ALL])
{
	static const char corrected[] =
	    "\"event\":\"corrected\",\"revises\":\"w1-";
	const char *p = memmem(line, len, corrected, sizeof corrected - 1);
	int j = (i + TEXTS) % (2 * TEXTS); /* the other page with its text */
	unsigned old;

	if (first) {
		CHECK(p == NULL);
		return;
	}
	CHECK_INT(p != NULL, (merit_for(i) > merit_for(j)));
	if (p != NULL) {
		CHECK_INT(sscanf(p + sizeof corrected - 1, "%2x", &old), 1);
		CHECK(j < ALL && seen[j] == 1 && old == (unsigned)j);
	}
}

/* One record; firsts: texts that came before. */
static void
check_line(
    const char *line, size_t len, int n, int seen[ALL], int firsts[TEXTS])
{
	char want[48];
	int i = atoi(line + strlen("{\"i\":\""));
	int first = memmem(line, len, "\"dup_of\":null", 13) != NULL;

	snprintf(want, sizeof want, "\"seq\":\"%d\",\"alike\":%s}\n", n,
	    first                             ? "null"
	    : i % TEXTS == NEAR_ONE % TEXTS ? "0.999"
					      : "1");
	CHECK(len > strlen(want) &&
	      memcmp(line + len - strlen(want), want, strlen(want)) == 0);
	CHECK(i >= 0 && i < ALL && is_article(i) && seen[i]++ == 0);
	CHECK_INT(firsts[i % TEXTS] == 0, first);
	firsts[i % TEXTS] = 1;
	check_revises(line, len, i, first, seen);
}

/* Whole records, none twice, without a gap, repeats marked; how many. */
static int
check_readers(void)
{
	int seen[ALL] = {0}, firsts[TEXTS] = {0}, n = 0, rc;
	struct wq_reader *r;
	struct wq_check c;
	char err[512];
	const char *line;
	uint64_t seq;
	size_t len;

	if (wq_reader_open(&r, queue, NULL, err, sizeof err) != 0)
		return 0; /* cut before there was a queue */
	while ((rc = wq_read(r, &line, &len, &seq)) > 0)
		check_line(line, len, ++n, seen, firsts);
	CHECK_INT(rc, 0);
	wq_reader_close(r);
	CHECK_INT(wq_verify(queue, complain, NULL, &c), 0);
	CHECK_INT(c.bad, 0);
	CHECK_INT(c.taken, 0);
	CHECK_INT(c.records, n);
	for (int i = 0; i < ALL; i++)
		if (seen[i])
			check_page(i);
	return n;
}

static void
check_state(int articles)
{
	struct frontier_options fo = {.map_size = 64 << 20};
	struct frontier_stat s;
	struct wq_pos pos;
	char err[8192];

	if (frontier_open(&f, state, &fo, shared->now, err, sizeof err) != 0) {
		TEST_FAIL("%s", err);
		return;
	}
	frontier_stat(f, &s);
	frontier_pos(f, &pos);
	CHECK_INT(s.urls, ALL);
	CHECK_INT(s.by_state[URL_DONE], articles);
	CHECK_INT(s.by_state[URL_NO_ARTICLE], ALL - articles);
	CHECK_INT(pos.seq, articles + 1);
	frontier_close(f);
}

static void
check_end(void)
{
	int articles = 0;

	for (int i = 0; i < ALL; i++)
		articles += is_article(i);
	CHECK_INT(check_readers(), articles);
	check_state(articles);
}

/* ---- stories ------------------------------------------------------------- */

static int points;

static void
fresh(void)
{
	disk_new("commit-crash");
	snprintf(state, sizeof state, "%s/state", disk->root);
	snprintf(queue, sizeof queue, "%s/queue", disk->root);
	shared->seq = 0;
	shared->now = T0;
}

/* One start that is cut; what its end leaves. */
static void
cut_once(enum crash_mode m, int n, int power_at)
{
	int rc = crash_run(engine, m, n, power_at);

	if (rc == -1 || rc == 2 || rc == 3)
		TEST_FAIL("%s", rc == 2   ? "the state forgot a commit"
				: rc == 3 ? "the queue forgot a commit"
					  : "it died");
	if (!crash_is_kill(m))
		disk_power(0);
	check_readers();
	points++;
}

static void
story(enum crash_mode m, int n, int power_at, int again)
{
	fresh();
	cut_once(m, n, power_at);
	if (again > 0) {
		cut_once(m, again, 0);
		if (m < CRASH_POWER)
			disk_power(again & 1);
	}
	CHECK_INT(crash_run(engine, CRASH_NONE, 0, 0), 0);
	disk_power(0);
	check_end();
	if (test_bad)
		TEST_FAIL("that was %s at call %d, power lost at %d, then cut "
			  "at %d",
		    crash_modes[m].name, n, power_at, again);
}

static const struct crash_plan plan = {engine, fresh, story, 5, 40};

int
main(void)
{
	static char name[CRASH_MODES][112];
	int calls;

	/* Else each frontier's table of 1 MiB is zeroed by hand. */
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	log_open(LOG_ERROR, LOG_TEXT, 0);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	TEST("commit: no cut, and a loss of power at the end")
	{
		fresh();
		calls = crash_learn(engine);
		CHECK(calls > 100 && calls < CRASH_CALLS);
		disk_power(0);
		check_end();
	}
	for (int m = CRASH_EIO; m < CRASH_MODES; m++) {
		snprintf(name[m], sizeof name[m],
		    "commit: at every call of queue and store %s",
		    crash_modes[m].name);
		TEST(name[m])
		crash_each(&plan, (enum crash_mode)m, calls);
	}
	printf("commit: queue and state store: %d calls, %d crash points\n",
	    calls, points);
	test_close();
	disk_remove(disk->base);
	return test_end();
}
