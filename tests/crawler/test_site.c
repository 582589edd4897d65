/* What the pages of hosts teach, between workers and the state: memories come
 * and go, are bounded, and outlive the process. */
#include "crawler/site.h"

#include <unistd.h>

#include "config/config.h"
#include "crawler/frontier_parts.h"
#include "tests/cleaner/site_pages.h"
#include "tests/test.h"

#define T0 1700000000000

static char dir[64];
static struct winnow *cleaner;
static struct config_values cfg = {.learn_on = 1,
    .learn_wait_pages = 20,
    .learn_bytes = 64 << 10,
    .learn_state_bytes = 256 << 20};

static struct frontier *
open_it(const char *sub)
{
	struct frontier_options o = {0};
	struct frontier *f = NULL;
	char path[128], err[512];

	snprintf(path, sizeof path, "%s/%s", dir, sub);
	if (frontier_open(&f, path, &o, T0, err, sizeof err) != 0) {
		printf("  %s\n", err);
		exit(1);
	}
	return f;
}

static void
put(struct frontier *f, uint64_t host, size_t len, int64_t ms, uint64_t most)
{
	char *b = calloc(1, len);
	struct frontier_site row = {ms, b, len};

	frontier_site_put(f, host, &row, most);
	free(b);
}

/* Bytes of those that are there, by hosts 1 to n; *last: is n there? */
static uint64_t
sum(struct frontier *f, uint64_t n, int *last)
{
	struct frontier_site row;
	uint64_t of = 0, h;

	for (h = 1; h <= n; h++) {
		*last = frontier_site_get(f, h, &row);
		of += *last ? row.len + 6 : 0;
	}
	return of;
}

static void
test_rows(void)
{
	struct frontier *f = open_it("rows");
	struct frontier_site row;
	uint64_t h;
	int last;

	TEST("site: all memories together are bounded, and the newest stays");
	for (h = 1; h <= 400; h++) {
		put(f, h, 500 + h % 7 * 1000, T0 + (int64_t)h, 100000);
		CHECK(sum(f, h, &last) <= 100000);
		CHECK(last);
	}
	CHECK(sum(f, 400, &last) > 80000);

	TEST("site: those that learned nothing for long are the first to go");
	for (last = 0, h = 1; h <= 200; h++)
		last += frontier_site_get(f, h, &row);
	CHECK(last < 8);

	TEST(
	    "site: a memory that is larger than all may be goes the next time");
	put(f, 1000, 200000, T0 + 1000, 100000);
	CHECK(frontier_site_get(f, 1000, &row));
	put(f, 1001, 100, T0 + 1001, 100000);
	CHECK(!frontier_site_get(f, 1000, &row));
	CHECK(frontier_site_get(f, 1001, &row));

	TEST("site: what is counted is what is there, over a restart");
	frontier_site_drop(f, 1001);
	put(f, 7, 300, T0, 100000);
	put(f, 7, 400, T0, 100000);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it("rows");
	CHECK(frontier_site_get(f, 7, &row));
	CHECK_INT(row.len, 400);
	CHECK_INT(row.learned_ms, T0);
	for (h = 1; h <= 2000; h++)
		frontier_site_drop(f, h);
	put(f, 1, 1000, T0, 1006);
	put(f, 2, 1000, T0, 2012);
	CHECK_INT(sum(f, 2, &last), 2012);
	frontier_close(f);
}

static void
page_of(struct page *p, unsigned n)
{
	char name[256];

	page_begin(p, n);
	title(p, name, sizeof name);
	say(p,
	    "<html lang=zh><head><title>%s</title></head><body><div "
	    "class=content><h1>%s</h1><p>%s</p>",
	    name, name,
	    "欢迎关注我们学校的微信公众号，每天都有新的校园故事等着你来看。");
	paragraphs(p, 5, "<p>", "</p>");
	say(p, "</div></body></html>");
}

/* The answer of a worker to the n-th page of a site. */
static void
lesson(unsigned n, struct wire_out *answer, struct job_article *a)
{
	static struct page p;
	struct job_page j = {.page = {.url = "http://site.example.test/",
				 .content_type = "text/html; charset=utf-8",
				 .now = T0 / 1000}};
	struct wire_out head = {0};

	page_of(&p, n);
	job_page_pack(&head, &j);
	job_site_put(&head, 1, NULL, 0);
	answer->len = 0;
	CHECK_INT(job_run(cleaner, JOB_PAGE, head.b, head.len, p.html, p.len,
		      NULL, answer),
	    0);
	CHECK_INT(job_page_unpack(answer->b, answer->len, a), 0);
	CHECK(a->lesson_len > 0);
	wire_free(&head);
}

/* Pages from to to teach a host; how many were new. */
static int
teach(struct sites *ss, uint64_t host, unsigned from, unsigned to)
{
	struct site *s = sites_enter(ss, host);
	struct wire_out answer = {0};
	struct job_article a;
	unsigned n;
	int new = 0;

	for (n = from; n < to; n++) {
		struct winnow_key key = {host, n + 1};

		lesson(n, &answer, &a);
		new += site_learn(ss, s, &cfg, &a, &key, T0 + n);
	}
	sites_leave(ss, s);
	wire_free(&answer);
	return new;
}

static int
is_known(struct sites *ss, uint64_t host)
{
	struct site *s = sites_enter(ss, host);
	int known = site_is_known(ss, s, &cfg);

	sites_leave(ss, s);
	return known;
}

static size_t
view_len(struct sites *ss, uint64_t host)
{
	struct site *s = sites_enter(ss, host);
	size_t len;

	(void)site_view(ss, s, &cfg, &len);
	sites_leave(ss, s);
	return len;
}

static void
test_memory(void)
{
	struct frontier *f = open_it("memory");
	struct sites *ss = sites_new(f);
	struct frontier_site row;
	struct site *s;
	size_t len;
	int i;

	TEST("site: a site is known after so many pages, and not before");
	CHECK_INT(teach(ss, 5, 0, 2), 2);
	CHECK(!is_known(ss, 5));
	CHECK(view_len(ss, 6) == 0);
	sites_turn(ss, &cfg);
	CHECK(!frontier_site_get(f, 5, &row));

	TEST("site: while pages wait each one is stored");
	s = sites_enter(ss, 5);
	s->held = 1;
	CHECK_INT(teach(ss, 5, 2, 3), 1);
	sites_turn(ss, &cfg);
	CHECK(frontier_site_get(f, 5, &row));
	sites_leave(ss, s);

	TEST("site: after a kill a page that was counted is not new");
	CHECK_INT(frontier_commit(f, NULL), 0);
	sites_free(ss);
	frontier_close(f);
	f = open_it("memory");
	ss = sites_new(f);
	CHECK_INT(teach(ss, 5, 0, 4), 1);
	CHECK_INT(teach(ss, 5, 4, 24), 20);
	CHECK(is_known(ss, 5));
	CHECK((len = view_len(ss, 5)) > 0);

	TEST("site: a known site is not written with each page");
	sites_turn(ss, &cfg);
	sites_save(ss, &cfg);
	frontier_site_drop(f, 5);
	CHECK_INT(teach(ss, 5, 24, 26), 2);
	sites_turn(ss, &cfg);
	CHECK(!frontier_site_get(f, 5, &row));
	sites_save(ss, &cfg);
	CHECK(frontier_site_get(f, 5, &row));

	TEST("site: what is forgotten is forgotten, also by who is at it");
	s = sites_enter(ss, 5);
	sites_forget(ss, 5);
	CHECK(!frontier_site_get(f, 5, &row));
	CHECK(!site_is_known(ss, s, &cfg));
	sites_leave(ss, s);
	CHECK(sites_find(ss, 5) == NULL);

	TEST("site: what was to be stored of a host is forgotten with it");
	CHECK_INT(teach(ss, 8, 0, 2), 2);
	sites_forget(ss, 8);
	sites_turn(ss, &cfg);
	CHECK(!frontier_site_get(f, 8, &row));
	CHECK_INT(teach(ss, 8, 0, 2), 2);

	TEST("site: a row that is no memory is as none");
	put(f, 9, 3000, T0, 1 << 20);
	CHECK(!is_known(ss, 9));
	CHECK_INT(teach(ss, 9, 0, 2), 2);

	TEST("site: hosts that nobody visits take a bounded part of memory");
	for (i = 0; i < 3000; i++) {
		teach(ss, 100 + (uint64_t)i, 0, 1);
		sites_turn(ss, &cfg);
	}
	CHECK(frontier_site_get(f, 100, &row)); /* stored as it went */
	CHECK_INT(teach(ss, 100, 0, 1), 0);
	sites_free(ss);
	frontier_close(f);
}

int
main(void)
{
	struct winnow_options o = {0};
	char rm[96];
	int rc;

	snprintf(dir, sizeof dir, "%s/test-site-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(dir) == NULL || winnow_new(&cleaner, &o) != 0)
		return 1;
	test_rows();
	test_memory();
	winnow_free(cleaner);
	rc = test_end();
	snprintf(rm, sizeof rm, "rm -rf %s", dir);
	return system(rm) != 0 || rc != 0;
}
