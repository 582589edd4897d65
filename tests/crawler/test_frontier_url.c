/* test_frontier_url.c - rows of URLs: texts that share with the page they were
 * found on, reasons in a byte, and rows that are not what we wrote. */
#include "crawler/frontier_parts.h"

#include <unistd.h>

#include "tests/test.h"

#define T0 1700000000000

static char dir[64], err[512];

static struct frontier *
open_it(const char *sub)
{
	struct frontier *f = NULL;
	char path[128];

	snprintf(path, sizeof path, "%s/%s", dir, sub);
	if (frontier_open(&f, path, NULL, T0, err, sizeof err) != 0) {
		printf("  %s\n", err);
		exit(1);
	}
	return f;
}

static int
add(struct frontier *f, struct winnow_key key, const char *url,
    struct winnow_key via)
{
	struct frontier_link l = {
	    .key = key, .url = url, .host = "a.example", .via = via};

	return frontier_add(f, &l);
}

/* Each found on the one before, and 1 in 3 of them on another host. */
static void
test_chain(void)
{
	struct frontier *f = open_it("chain");
	struct frontier_item *item;
	struct winnow_key key, via = {0, 0};
	char url[40][256];
	unsigned i, n = 0;

	for (i = 0; i < 40; i++) {
		key = (struct winnow_key){i % 3 == 0 ? 2 : 1, i + 1};
		snprintf(url[i], sizeof url[i],
		    "https://www.a.example/section/%.*s%u", (int)i,
		    "0123456789012345678901234567890123456789", i);
		CHECK_INT(add(f, key, url[i], via), 1);
		via = key;
	}
	frontier_commit(f, NULL);
	frontier_close(f);
	f = open_it("chain");
	while (frontier_next(f, T0, &item) == 1) {
		i = (unsigned)item->key.url - 1;
		CHECK_STR(item->url, url[i]);
		CHECK(item->key.host == (i % 3 == 0 ? 2 : 1));
		if (i > 0) {
			CHECK_STR(item->via, url[i - 1]);
			CHECK(item->via_key.url == i &&
			      item->via_key.host == (i % 3 == 1 ? 2 : 1));
		} else {
			CHECK(item->via == NULL);
		}
		frontier_settle(f, item, URL_DONE, 200, NULL, T0);
		n++;
	}
	CHECK_INT(n, 40);
	frontier_close(f);
}

static void
test_long(void)
{
	static char a[WINNOW_URL_MAX + 2], b[WINNOW_URL_MAX + 1];
	struct frontier *f = open_it("long");
	struct winnow_key none = {0, 0}, ka = {1, 1}, kb = {1, 2};
	struct frontier_item *item;

	memset(a, 'x', sizeof a - 1);
	memcpy(a, "http://a.example/", 17);
	CHECK_INT(add(f, (struct winnow_key){1, 9}, a, none), 0);
	a[WINNOW_URL_MAX] = '\0';
	memcpy(b, a, sizeof b);
	b[WINNOW_URL_MAX - 1] = 'y';
	CHECK_INT(add(f, ka, a, none), 1);
	CHECK_INT(add(f, kb, b, ka), 1);
	CHECK_INT(frontier_next(f, T0, &item), 1);
	CHECK_STR(item->url, a);
	frontier_settle(f, item, URL_DONE, 200, NULL, T0);
	CHECK_INT(frontier_next(f, T0, &item), 1);
	CHECK_STR(item->url, b);
	CHECK_STR(item->via, a);
	frontier_close(f);
}

static void
check_reason(struct frontier *f, uint64_t n, const char *want)
{
	struct winnow_key key = {1, n};
	struct store_bytes got;
	struct url_record r;
	uint64_t ref;

	CHECK_INT(url_ref(f->store, &key, &ref), 1);
	CHECK_INT(url_read(f->store, ref, &r), 1);
	CHECK_INT(url_reason(f->store, &r, &got), 1);
	if (got.n != strlen(want) || memcmp(got.p, want, got.n) != 0)
		TEST_FAIL("reason '%.*s', not '%s'", (int)got.n, got.p, want);
}

/* More reasons than a byte has numbers. */
static void
test_reasons(void)
{
	struct frontier *f = open_it("reasons");
	struct winnow_key none = {0, 0};
	struct frontier_item *item;
	char text[64];
	unsigned i;

	for (i = 1; i <= 600; i++) {
		snprintf(text, sizeof text, "http://a.example/%u", i);
		add(f, (struct winnow_key){1, i}, text, none);
	}
	for (i = 0; frontier_next(f, T0, &item) == 1; i++) {
		snprintf(text, sizeof text, "reason %u", i / 2);
		frontier_settle(f, item, URL_REFUSED, 403, text, T0);
		if (i == 100) {
			CHECK_INT(frontier_commit(f, NULL), 0);
			frontier_close(f);
			f = open_it("reasons");
		}
	}
	frontier_commit(f, NULL);
	frontier_close(f);
	f = open_it("reasons");
	for (i = 0; i < 600; i++) {
		snprintf(text, sizeof text, "reason %u", i / 2);
		check_reason(f, i + 1, text);
	}
	frontier_close(f);
}

static uint32_t
roll(uint32_t *rnd, uint32_t n)
{
	*rnd = *rnd * 1664525u + 1013904223u;
	return (*rnd >> 8) % n;
}

static void
test_record(void)
{
	struct url_record in = {.hash = 0x1122334455667788,
	    .via = 70000,
	    .via_host = 5,
	    .requested = 1,
	    .requested_host = 6,
	    .reason_code = REASON_TEXT,
	    .tail = "tail",
	    .reason = "why not",
	    .tail_len = 4,
	    .reason_len = 7,
	    .changed_ms = T0,
	    .published = -5,
	    .seed = 4000000000,
	    .depth = 65535,
	    .status = 599,
	    .shared = 300,
	    .state = URL_STATE_N - 1,
	    .type = URL_LIST_NEXT,
	    .hops = 3,
	    .tries = 255,
	    .chain = CHAIN_MAX,
	    .priority = -100};
	struct url_record r;
	uint8_t row[URL_RECORD_MAX], bad[64];
	uint32_t rnd = 7, i, k;
	size_t len = url_record_pack(row, 80000, &in);

	CHECK_INT(url_record_unpack(row, len, 80000, &r), 0);
	CHECK(r.hash == in.hash && r.via == 70000 && r.via_host == 5 &&
	      r.requested == 1 && r.requested_host == 6 && r.changed_ms == T0 &&
	      r.published == -5 && r.seed == in.seed && r.depth == 65535 &&
	      r.status == 599 && r.shared == 300 && r.state == in.state &&
	      r.type == in.type && r.hops == 3 && r.tries == 255 &&
	      r.chain == CHAIN_MAX && r.priority == -100);
	CHECK(r.reason_len == 7 && memcmp(r.reason, "why not", 7) == 0 &&
	      r.tail_len == 4 && memcmp(r.tail, "tail", 4) == 0);
	/* A row may be found on an earlier one only. */
	CHECK_INT(url_record_unpack(row, len, 9000, &r), -1);
	for (i = 0; i < 200000; i++) {
		k = roll(&rnd, sizeof bad + 1);
		memcpy(bad, row, k < len ? k : len);
		bad[roll(&rnd, sizeof bad)] = (uint8_t)roll(&rnd, 256);
		if (url_record_unpack(bad, k, 80000, &r) == 0 &&
		    (r.via >= 80000 || r.tail_len > k ||
			r.shared + r.tail_len > WINNOW_URL_MAX))
			TEST_FAIL("a bad row is believed");
	}
}

/* Rows that lead to others that are not there, or too short. */
static void
test_damage(void)
{
	struct frontier *f = open_it("damage");
	struct winnow_key none = {0, 0}, a = {1, 1};
	struct frontier_item *item;
	uint8_t key[REF_LEN];
	unsigned i;

	add(f, a, "http://a.example/list/", none);
	for (i = 2; i < 10; i++)
		add(f, (struct winnow_key){1, i}, "http://a.example/list/x", a);
	put40(key, 1);
	store_put(f->store, STORE_URL, key, sizeof key, "short", 5);
	put40(key, 5);
	store_del(f->store, STORE_URL, key, sizeof key);
	CHECK_INT(frontier_next(f, T0, &item), 0);
	CHECK_INT(frontier_idle(f), 1);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
}

int
main(void)
{
	int rc;

	snprintf(dir, sizeof dir, "%s/test-url-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 1;
	TEST("frontier: URLs found on one another keep their texts")
	test_chain();
	TEST("frontier: URLs of 8 KiB are kept, longer ones are not")
	test_long();
	TEST("frontier: reasons are told, also when there are many")
	test_reasons();
	TEST(
	    "frontier: a row of a URL is read as it was written, a bad one not")
	test_record();
	TEST("frontier: URLs whose text is lost cost themselves only")
	test_damage();
	rc = test_end();
	snprintf(err, sizeof err, "rm -rf %s", dir);
	return system(err) != 0 || rc != 0;
}
