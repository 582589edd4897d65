/* test_copies.c - what the records of one text say of each other: outlet, state
 * and queue are the real ones; blocks are made members at once.
 *
 * A story is a list of pages, each with a text and a merit, which land one after
 * the other, in one block or with commits between; then the queue is read. A
 * record's id is its page's number and its round: the same for the same text. */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crawler/frontier_view.h"
#include "crawler/log.h"
#include "crawler/merit.h"
#include "crawler/outlet.h"
#include "tests/test.h"

#define T0 1795230900000LL
#define PAGES 12

int
pool_submit(struct pool *p, const struct pool_job *j)
{
	struct wire_out o = { 0 }, head = j->head;
	int rc = job_run(NULL, j->kind, head.b, head.len, j->body,
	    j->body_len, NULL, &o);

	(void)p;
	j->done(j->arg, rc == 0 ? POOL_OK : POOL_BROKEN, o.b, o.len);
	wire_free(&o);
	wire_free(&head);
	return 0;
}

static char dir[64];
static struct frontier *f;
static struct wq_writer *writer;
static struct outlet *out;
static struct config_values cfg;
static int64_t now;
static struct frontier_item *items[PAGES];

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
}

static struct winnow_key
key_of(int i)
{
	return (struct winnow_key) { (uint64_t)(i + 1) * 0x9e3779b97f4a7c15u,
		(uint64_t)(i + 1) * 0xc2b2ae3d27d4eb4fu };
}

static void
fill(void)
{
	struct frontier_seed s = { .url = "http://h0.test/", .tags = "",
		.max_depth = 0xffff };
	struct winnow_key key = { 1, 1 };
	uint32_t seed = frontier_seed_add(f, &key, &s);
	int i;

	for (i = 0; i < PAGES; i++) {
		char url[64], host[32];
		struct frontier_link l = { .key = key_of(i), .url = url,
			.host = host, .seed = seed };

		snprintf(host, sizeof host, "h%d.test", i);
		snprintf(url, sizeof url, "http://%s/%d", host, i);
		CHECK(frontier_add(f, &l) >= 0);
	}
}

static void
lease(void)
{
	struct frontier_item *it;

	while (frontier_next(f, now, &it) == 1) {
		frontier_host_done(f, it, now);
		items[atoi(strrchr(it->url, '/') + 1)] = it;
	}
}

static void
start(void)
{
	struct frontier_options fo = { .per_host = 1, .host_cap = 1000,
		.map_size = 64 << 20, .revisit = 1, .documents = 1000 };
	struct wq_options qo = { .node = "n", .schema = "{}",
		.seal_bytes = 200000, .seal_after_ms = 1 };
	struct wq_pos pos;
	char path[128], err[512] = "";

	snprintf(path, sizeof path, "%s/state", dir);
	if (frontier_open(&f, path, &fo, now, err, sizeof err) != 0)
		TEST_FAIL("frontier: %s", err);
	frontier_pos(f, &pos);
	snprintf(path, sizeof path, "%s/queue", dir);
	if (wq_writer_open(&writer, path, &qo, &pos, now, err, sizeof err) != 0)
		TEST_FAIL("queue: %s", err);
	out = outlet_new(f, NULL, writer, changed_cb, NULL);
	fill();
	memset(items, 0, sizeof items);
	lease();
}

static void
halt(void)
{
	outlet_free(out);
	wq_writer_close(writer);
	frontier_close(f);
}

static void
begin(int mode)
{
	now = T0;
	cfg = (struct config_values) { .queue_flush_after = 1,
		.state_commit_every = 1, .dedup_mode = mode,
		.dedup_better = 1 };
	snprintf(dir, sizeof dir, "/tmp/copies-test-%ld", (long)getpid());
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	mkdir(dir, 0755);
	start();
}

static void
commit(void)
{
	int i;

	for (i = 0; i < 20 && !(outlet_empty(out) && frontier_dirty(f) == 0);
	     i++) {
		now += 1000;
		outlet_turn(out, &cfg, now);
	}
	CHECK(outlet_empty(out));
}

/* ---- pages land ---------------------------------------------------------- */

struct page {
	int page, text, merit, round, gone;
};

/* A merit that only the day makes; more is better. */
static uint32_t
merit_for(int merit)
{
	return merit == 0 ? MERIT_GONE : (1u << 17) + (uint32_t)(1000 - merit);
}

/* Texts from 100 on have sketches, of tens the same: those are near copies. */
static void
sketch_of(int text, struct winnow_sketch *k)
{
	uint64_t mix = (uint64_t)(text / 10);
	int i;

	k->grams = text >= 100 ? 300 : 0;
	for (i = 0; i < WINNOW_SKETCH_MINS; i++) {
		mix = mix * 0xbf58476d1ce4e5b9u + 1;
		k->min[i] = (uint16_t)(mix >> 40);
	}
}

/* As revisit.c does before the outlet gets the line. */
static void
remember(struct frontier_item *it, const struct job_article *a)
{
	struct frontier_memory *m = &it->memory;

	m->event = a->gone ? 3 : m->event == 0 ? 1 : 2;
	memcpy(m->id, a->id, 16);
	m->text_hash = a->text_hash;
	frontier_again(f, it, m, now + 1);
}

/* -1: left out. */
static int
land(struct page p)
{
	struct frontier_item *it = items[p.page];
	struct job_article a = { .text_hash = (uint64_t)p.text * 7919,
		.merit = merit_for(p.merit), .gone = p.gone,
		.id = { [14] = (uint8_t)p.page, [15] = (uint8_t)p.round } };
	struct outlet_look look;
	char json[400];
	int n;

	n = sprintf(json, "{\"r\":\"%d.%d\",\"event\":", p.page, p.round);
	a.line.event_at = (uint32_t)n;
	n += sprintf(json + n, "%s,\"revises\":%s",
	    p.gone ? "\"gone\"" : it->again ? "\"changed\"" : "\"new\"",
	    it->again ? "\"own\"" : "null");
	a.line.event_end = (uint32_t)n;
	n += sprintf(json + n, ",\"dup_of\":");
	a.line.dup_at = (uint32_t)n;
	n += sprintf(json + n, ",\"seq\":");
	a.line.seq_at = (uint32_t)n;
	n += sprintf(json + n, ",\"alike\":");
	a.line.alike_at = (uint32_t)n;
	n += sprintf(json + n, "}\n");
	a.line.json = json;
	a.line.len = (size_t)n;
	sketch_of(p.text, &a.sketch);
	outlet_look(out, &cfg, it, &a, &look);
	if (!look.drops)
		remember(it, &a);
	CHECK_INT(outlet_add(out, it, &a, &look, 200, now), 0);
	items[p.page] = NULL;
	return look.drops ? -1 : 0;
}

/* ---- what the queue says ------------------------------------------------- */

/* "3.0 corrected <1.0 =0.0~" of a line: event, revises, dup_of, whether it is a
 * near one; ids by page and round. */
static void
words_of(const char *line, size_t len, char *to, size_t cap)
{
	char s[512], event[16] = "", revises[64] = "", dup[64] = "", r[16] = "";
	int page, round, n;

	snprintf(s, sizeof s, "%.*s", (int)len, line);
	if (sscanf(s, "{\"r\":\"%15[^\"]\",\"event\":\"%15[^\"]\",\"revises\":"
		      "%60[^,],\"dup_of\":%60[^,]",
		r, event, revises, dup) != 4)
		TEST_FAIL("no such line: %s", s);
	n = snprintf(to, cap, "%s %s", r, event);
	if (strncmp(revises, "\"w1-", 4) == 0 &&
	    sscanf(revises + 4 + 28, "%2x%2x", (unsigned *)&page,
		(unsigned *)&round) == 2)
		n += snprintf(to + n, cap - (size_t)n, " <%d.%d", page, round);
	else if (strcmp(revises, "null") != 0)
		n += snprintf(to + n, cap - (size_t)n, " <own");
	if (strncmp(dup, "\"w1-", 4) == 0 &&
	    sscanf(dup + 4 + 28, "%2x%2x", (unsigned *)&page,
		(unsigned *)&round) == 2)
		snprintf(to + n, cap - (size_t)n, " =%d.%d", page, round);
	CHECK((strstr(s, "\"alike\":null}") != NULL) ==
	      (strcmp(dup, "null") == 0));
	if (strstr(s, "\"alike\":0.999}") != NULL)
		strcat(to, "~");
}

/* All lines, parted by "; ". */
static void
check_says(const char *want)
{
	struct wq_reader *r;
	char path[128], err[256], got[2048] = "";
	const char *line;
	uint64_t seq;
	size_t len, n = 0;

	commit();
	CHECK_INT(outlet_seal(out, now), 0);
	snprintf(path, sizeof path, "%s/queue", dir);
	if (wq_reader_open(&r, path, NULL, err, sizeof err) != 0) {
		TEST_FAIL("reader: %s", err);
		return;
	}
	while (wq_read(r, &line, &len, &seq) > 0 && n < sizeof got - 100) {
		if (n > 0)
			n += (size_t)sprintf(got + n, "; ");
		words_of(line, len, got + n, sizeof got - n);
		n += strlen(got + n);
	}
	wq_reader_close(r);
	CHECK_STR(got, want);
}

/* The story, in one block and with a commit and a new start after each page. */
static void
tell(int mode, const struct page *p, int n, const char *want)
{
	int apart, i;

	for (apart = 0; apart < 3; apart++) {
		begin(mode);
		for (i = 0; i < n; i++) {
			land(p[i]);
			if (apart > 0)
				commit();
			if (apart > 1) {
				halt();
				start();
			} else if (apart > 0)
				lease();
		}
		check_says(want);
		halt();
	}
}
#define TELL(mode, want, ...)                                                  \
	do {                                                                   \
		static const struct page told[] = { __VA_ARGS__ };             \
		tell(CONFIG_DEDUP_MODE_##mode, told,                           \
		    (int)(sizeof told / sizeof *told), want);                  \
	} while (0)

/* ---- the cases ----------------------------------------------------------- */

static void
test_marks(void)
{
	TEST("copies: all copies of a text name its first record, however many "
	     "come")
	TELL(MARK, "0.0 new; 1.0 new =0.0; 2.0 new; 3.0 new =0.0",
	    { 0, 1, 5, 0, 0 }, { 1, 1, 5, 0, 0 }, { 2, 2, 5, 0, 0 },
	    { 3, 1, 5, 0, 0 });

	TEST("copies: a better copy is an event corrected, revises the best so far, "
	     "and names the first")
	TELL(MARK,
	    "0.0 new; 1.0 corrected <0.0 =0.0; 2.0 new =0.0; "
	    "3.0 corrected <1.0 =0.0; 4.0 new =0.0",
	    { 0, 1, 5, 0, 0 }, { 1, 1, 7, 0, 0 }, { 2, 1, 6, 0, 0 },
	    { 3, 1, 9, 0, 0 }, { 4, 1, 8, 0, 0 });

	TEST("copies: with dedup.better = false the first stays")
	begin(CONFIG_DEDUP_MODE_MARK);
	cfg.dedup_better = 0;
	land((struct page) { 0, 1, 5, 0, 0 });
	land((struct page) { 1, 1, 9, 0, 0 });
	check_says("0.0 new; 1.0 new =0.0");
	halt();

	TEST("copies: with dedup.mode = off nobody looks")
	TELL(OFF, "0.0 new; 1.0 new", { 0, 1, 5, 0, 0 }, { 1, 1, 9, 0, 0 });
}

static void
test_drops(void)
{
	struct frontier_stat s;

	TEST("copies: with dedup.mode = drop copies are left out, better ones land")
	TELL(DROP, "0.0 new; 2.0 corrected <0.0 =0.0", { 0, 1, 5, 0, 0 },
	    { 1, 1, 5, 0, 0 }, { 2, 1, 7, 0, 0 }, { 3, 1, 6, 0, 0 });

	TEST("copies: a page that was left out is not settled before the record for "
	     "which it was")
	begin(CONFIG_DEDUP_MODE_DROP);
	land((struct page) { 0, 1, 5, 0, 0 });
	CHECK_INT(land((struct page) { 1, 1, 5, 0, 0 }), -1);
	CHECK_INT(frontier_commit(f, NULL), 0); /* a state commit comes first */
	halt();					/* and then a kill */
	start();
	CHECK(items[0] != NULL && items[1] != NULL);
	land((struct page) { 1, 1, 5, 0, 0 }); /* and page 0 is no more */
	frontier_settle(f, items[0], URL_GONE, 404, NULL, now);
	check_says("1.0 new");
	frontier_stat(f, &s);
	CHECK_INT(s.by_state[URL_DONE], 1);
	halt();
}

static void
again(struct page p)
{
	commit();
	now += 1000;
	lease();
	if (items[p.page] != NULL)
		land(p);
	else
		TEST_FAIL("page %d is not asked again", p.page);
}

static void
test_revisions(void)
{
	TEST("copies: a page does not repeat itself, also where it returns to a "
	     "text that it had")
	begin(CONFIG_DEDUP_MODE_MARK);
	land((struct page) { 0, 1, 5, 0, 0 });
	again((struct page) { 0, 2, 5, 1, 0 });
	again((struct page) { 0, 1, 5, 0, 0 }); /* address and text: the id */
	check_says("0.0 new; 0.1 changed <own; 0.0 changed <own");
	halt();

	TEST("copies: a copy that becomes a text of its own, and a copy again")
	begin(CONFIG_DEDUP_MODE_MARK);
	land((struct page) { 0, 1, 5, 0, 0 });
	land((struct page) { 1, 1, 5, 0, 0 });
	again((struct page) { 1, 2, 5, 1, 0 });
	again((struct page) { 1, 1, 9, 2, 0 });
	check_says("0.0 new; 1.0 new =0.0; 1.1 changed <own; "
		   "1.2 changed <own =0.0");
	halt();

	TEST("copies: a page that has a record tells of every change, with "
	     "dedup.mode = drop too")
	begin(CONFIG_DEDUP_MODE_DROP);
	land((struct page) { 0, 1, 5, 0, 0 });
	land((struct page) { 1, 2, 5, 0, 0 });
	again((struct page) { 1, 1, 5, 1, 0 });
	check_says("0.0 new; 1.0 new; 1.1 changed <own =0.0");
	halt();

	TEST("copies: a copy of what is gone takes its place")
	begin(CONFIG_DEDUP_MODE_DROP);
	land((struct page) { 0, 1, 9, 0, 0 });
	again((struct page) { 0, 0, 0, 1, 1 });
	land((struct page) { 1, 1, 5, 0, 0 });
	land((struct page) { 2, 1, 5, 0, 0 });
	check_says("0.0 new; 0.1 gone <own; 1.0 corrected <0.1 =0.0");
	halt();

	TEST("copies: a worse copy that is gone takes nothing with it")
	begin(CONFIG_DEDUP_MODE_MARK);
	land((struct page) { 0, 1, 9, 0, 0 });
	land((struct page) { 1, 1, 5, 0, 0 });
	again((struct page) { 1, 0, 0, 1, 1 });
	land((struct page) { 2, 1, 5, 0, 0 });
	check_says("0.0 new; 1.0 new =0.0; 1.1 gone <own; 2.0 new =0.0");
	halt();
}

static void
test_near(void)
{
	TEST("copies: near ones name the first record, and the same text of them "
	     "does")
	TELL(MARK,
	    "0.0 new; 1.0 new =0.0~; 2.0 new =0.0; 3.0 new; "
	    "4.0 corrected <0.0 =0.0~; 5.0 new =0.0",
	    { 0, 101, 5, 0, 0 }, { 1, 102, 5, 0, 0 }, { 2, 102, 5, 0, 0 },
	    { 3, 111, 5, 0, 0 }, { 4, 103, 7, 0, 0 }, { 5, 103, 6, 0, 0 });

	TEST("copies: near ones are left out, too")
	TELL(DROP, "0.0 new; 2.0 new", { 0, 101, 5, 0, 0 },
	    { 1, 102, 5, 0, 0 }, { 2, 111, 5, 0, 0 });

	TEST("copies: a page that changes a little does not repeat itself; a copy of "
	     "what it says now names its first record, and may be better than that")
	begin(CONFIG_DEDUP_MODE_MARK);
	land((struct page) { 0, 101, 5, 0, 0 });
	again((struct page) { 0, 102, 5, 1, 0 });
	land((struct page) { 1, 102, 5, 0, 0 });
	land((struct page) { 2, 103, 7, 0, 0 });
	again((struct page) { 0, 104, 5, 2, 0 });
	land((struct page) { 3, 104, 9, 0, 0 });
	check_says("0.0 new; 0.1 changed <own; 1.0 new =0.0; "
		   "2.0 corrected <0.1 =0.0~; 0.2 changed <own; "
		   "3.0 corrected <2.0 =0.0");
	halt();

	TEST("copies: a page that returns to nearly what it had, or is gone and "
	     "returns, leads its text again")
	begin(CONFIG_DEDUP_MODE_MARK);
	land((struct page) { 0, 101, 5, 0, 0 });
	again((struct page) { 0, 111, 5, 1, 0 });
	again((struct page) { 0, 102, 5, 2, 0 });
	land((struct page) { 1, 103, 5, 0, 0 });
	again((struct page) { 0, 0, 0, 3, 1 });
	again((struct page) { 0, 104, 5, 4, 0 });
	land((struct page) { 2, 104, 5, 0, 0 });
	again((struct page) { 0, 0, 0, 5, 1 });
	land((struct page) { 3, 104, 5, 0, 0 });
	check_says("0.0 new; 0.1 changed <own; 0.2 changed <own; "
		   "1.0 new =0.0~; 0.3 gone <own; 0.4 changed <own; "
		   "2.0 new =0.0; 0.5 gone <own; 3.0 corrected <0.5 =0.0");
	halt();

	TEST("copies: a near copy that changes a little is one still")
	begin(CONFIG_DEDUP_MODE_DROP);
	land((struct page) { 0, 101, 5, 0, 0 });
	land((struct page) { 1, 102, 7, 0, 0 });
	again((struct page) { 1, 103, 7, 1, 0 });
	land((struct page) { 2, 104, 9, 0, 0 });
	check_says("0.0 new; 1.0 corrected <0.0 =0.0~; 1.1 changed <own =0.0~; "
		   "2.0 corrected <1.1 =0.0~");
	halt();
}

static void
test_why(void)
{
	struct frontier_view *v;
	struct view_url u;
	struct winnow_key key = key_of(1);

	TEST("copies: what a page repeats is remembered, and forgotten with its "
	     "host")
	begin(CONFIG_DEDUP_MODE_DROP);
	land((struct page) { 0, 1, 5, 0, 0 });
	land((struct page) { 1, 1, 5, 0, 0 });
	commit();
	v = frontier_view_here(f);
	CHECK_INT(view_url(v, &key, &u), 1);
	CHECK(u.repeats[14] == 0 && u.alike == 1000);
	CHECK_STR(u.reason, "duplicate");
	CHECK_INT(frontier_host_forget(f, key.host, "h1.test"), 0);
	{
		uint64_t host;
		char name[FRONTIER_HOST_NAME];
		uint8_t lead[16];
		unsigned alike;

		while (frontier_forget_turn(f, &host, name) == 1)
			;
		CHECK_INT(frontier_repeat_get(f, &key, lead, &alike), 0);
	}
	frontier_view_close(v);
	halt();
}

int
main(void)
{
	log_open(LOG_ERROR, LOG_TEXT, 0);
	test_marks();
	test_drops();
	test_revisions();
	test_near();
	test_why();
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return test_end();
}
