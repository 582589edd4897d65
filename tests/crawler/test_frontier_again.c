/* test_frontier_again.c - URLs that are asked again, caps, clocks that go back,
 * and one host that has nearly everything. The clock is an integer. */
#include "crawler/frontier_parts.h"

#include <unistd.h>

#include "tests/crawler/lease.h"
#include "tests/test.h"

#define T0 1700000000000
#define HOUR 3600000
#define DAY (24 * (int64_t)HOUR)

static char dir[64], err[512];

static struct frontier *
open_with(const char *sub, int revisit, int64_t now)
{
	struct frontier_options o = {.revisit = revisit};
	struct frontier *f = NULL;
	char path[128];

	snprintf(path, sizeof path, "%s/%s", dir, sub);
	if (frontier_open(&f, path, &o, now, err, sizeof err) != 0) {
		printf("  %s\n", err);
		exit(1);
	}
	return f;
}

static struct winnow_key
key_of(unsigned host, unsigned n)
{
	return (struct winnow_key){host, n + 1};
}

static int
add_link(struct frontier *f, unsigned host, unsigned n, struct frontier_link l)
{
	char url[64], name[32];

	snprintf(name, sizeof name, "h%u.example", host);
	snprintf(url, sizeof url, "http://%s/%u", name, n);
	l.key = key_of(host, n);
	l.url = url;
	l.host = name;
	return frontier_add(f, &l);
}

static int
add(struct frontier *f, unsigned host, unsigned n)
{
	return add_link(f, host, n, (struct frontier_link){.seed = 1});
}

static void
done(struct frontier *f, struct frontier_item *item,
    const struct frontier_memory *m, int64_t now, int64_t at)
{
	frontier_host_done(f, item, now);
	if (m != NULL)
		frontier_again(f, item, m, at);
	frontier_settle(f, item, URL_DONE, 200, NULL, now);
}

static uint64_t
count(struct frontier *f, enum url_state state)
{
	struct frontier_stat s;

	frontier_stat(f, &s);
	return s.by_state[state];
}

static uint64_t
waiting(struct frontier *f)
{
	struct frontier_stat s;

	frontier_stat(f, &s);
	return s.again;
}

/* ---- asked again -------------------------------------------------------- */

static void
test_memory(void)
{
	struct frontier_memory m = {.asked_ms = T0,
	    .changed_ms = T0 - 5,
	    .interval_ms = HOUR,
	    .rate = 2.5f,
	    .asks = 7,
	    .changes = 3,
	    .barren = 2,
	    .event = 1,
	    .id = "0123456789abcde",
	    .text_hash = 0x1122334455667788,
	    .body_hash = 0xffeeddccbbaa9988,
	    .etag = "\"abc\"",
	    .last_modified = "Sun, 22 Nov 2026 06:51:51 GMT"};
	struct frontier *f = open_with("memory", 1, T0);
	struct frontier_item *i;

	add(f, 1, 0);
	i = next(f, T0);
	CHECK(i->again == 0 && i->state == URL_DUE && i->memory.asks == 0);
	done(f, i, &m, T0, T0 + HOUR);
	CHECK(count(f, URL_DONE) == 1 && count(f, URL_DUE) == 0);
	CHECK(waiting(f) == 1 && !frontier_idle(f));
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_with("memory", 1, T0 + 1);
	CHECK(next(f, T0 + HOUR - 1) == NULL);
	CHECK_INT(frontier_wake(f), T0 + HOUR);
	i = next(f, T0 + HOUR);
	CHECK(i != NULL && i->again == 1 && i->state == URL_DONE);
	CHECK(i->memory.asked_ms == T0 && i->memory.changed_ms == T0 - 5 &&
	      i->memory.interval_ms == HOUR && i->memory.rate == 2.5f);
	CHECK(i->memory.asks == 7 && i->memory.changes == 3 &&
	      i->memory.barren == 2 && i->memory.event == 1);
	CHECK(memcmp(i->memory.id, m.id, 16) == 0 &&
	      i->memory.text_hash == m.text_hash &&
	      i->memory.body_hash == m.body_hash);
	CHECK_STR(i->memory.etag, m.etag);
	CHECK_STR(i->memory.last_modified, m.last_modified);
	CHECK_INT(count(f, URL_DONE), 1);
	/* It fails for a while: still a revisit, and what it was. */
	frontier_retry(f, i, 503, "busy", T0 + 2 * HOUR);
	CHECK(count(f, URL_DONE) == 1 && count(f, URL_DUE) == 0);
	CHECK(next(f, T0 + 2 * HOUR - 1) == NULL);
	i = next(f, T0 + 2 * HOUR);
	CHECK(i != NULL && i->again == 1 && i->tries == 1 &&
	      i->state == URL_DONE);
	CHECK_STR(i->memory.etag, m.etag);
	frontier_release(f, i);
	i = next(f, T0 + 2 * HOUR);
	CHECK(i != NULL && i->again == 1);
	/* Without another word it is not asked again, but remembered. */
	frontier_settle(f, i, URL_GONE, 404, NULL, T0 + 2 * HOUR);
	CHECK(count(f, URL_GONE) == 1 && count(f, URL_DONE) == 0);
	CHECK(waiting(f) == 0 && frontier_idle(f));
	frontier_close(f);
}

static void
test_bounds(void)
{
	struct frontier *f = open_with("bounds", 1, T0);
	struct frontier_memory m = {.hub = 1};
	char etag[4000], modified[200];
	struct winnow_key key = key_of(1, 0);
	int64_t at;

	memset(etag, 'e', sizeof etag - 1);
	memset(modified, 'm', sizeof modified - 1);
	etag[sizeof etag - 1] = modified[sizeof modified - 1] = '\0';
	m.etag = etag;
	m.last_modified = modified;
	add(f, 1, 0);
	done(f, next(f, T0), &m, T0, T0 + 5);
	CHECK_INT(frontier_memory_get(f, &key, &m, &at), 1);
	CHECK_INT(strlen(m.etag), FRONTIER_ETAG_MAX);
	CHECK_INT(strlen(m.last_modified), FRONTIER_LAST_MODIFIED_MAX);
	CHECK(m.hub == 1 && at == T0 + 5);
	frontier_close(f);
}

static void
test_forget(void)
{
	struct frontier *f = open_with("forget", 1, T0);
	struct frontier_memory m = {.asks = 1}, got;
	struct winnow_key key = key_of(1, 0);
	struct frontier_item *i;
	int64_t at;

	add(f, 1, 0);
	done(f, next(f, T0), &m, T0, 0); /* remember, do not ask */
	CHECK_INT(frontier_memory_get(f, &key, &got, &at), 1);
	CHECK(at == 0 && waiting(f) == 0 && frontier_idle(f));
	CHECK_INT(frontier_recall(f, &key, 0, T0 + DAY), 1);
	CHECK_INT(frontier_recall(f, &key, 0, T0 + 2 * DAY), 1);
	CHECK_INT(frontier_memory_get(f, &key, &got, &at), 1);
	CHECK(at == T0 + DAY && waiting(f) == 1 && got.asks == 1);
	CHECK_INT(frontier_recall(f, &key, 0, T0 + HOUR), 1);
	CHECK_INT(waiting(f), 1);
	CHECK(next(f, T0 + HOUR - 1) == NULL);
	i = next(f, T0 + HOUR);
	CHECK_INT(url_of(i), 0);
	CHECK_INT(frontier_recall(f, &key, 0, T0), 0);
	frontier_again(f, i, NULL, 0);
	frontier_settle(f, i, URL_GONE, 410, NULL, T0 + HOUR);
	CHECK_INT(frontier_memory_get(f, &key, &got, &at), 0);
	CHECK(waiting(f) == 0 && frontier_idle(f));
	CHECK(next(f, T0 + 9 * DAY) == NULL);
	/* Known, settled, nothing remembered; then one that is only due. */
	CHECK_INT(frontier_recall(f, &key, 1, T0 + 9 * DAY), 1);
	CHECK_INT(url_of(next(f, T0 + 9 * DAY)), 0);
	add(f, 1, 1);
	key = key_of(1, 1);
	CHECK_INT(frontier_recall(f, &key, 1, T0), 0);
	key = key_of(1, 2);
	CHECK_INT(frontier_recall(f, &key, 1, T0), 0);
	frontier_close(f);
}

static void
test_credit(void)
{
	struct frontier *f = open_with("credit", 1, T0);
	struct frontier_memory m = {.hub = 1};
	struct winnow_key hub = key_of(1, 0), other = key_of(1, 1);
	struct frontier_item *i;

	add(f, 1, 0);
	i = next(f, T0);
	/* While it is out for the first time. */
	frontier_credit(f, &hub, 2);
	done(f, i, &m, T0, T0 + HOUR);
	frontier_credit(f, &hub, 3);
	frontier_credit(f, &hub, -1);
	frontier_credit(f, &other, 5);
	i = next(f, T0 + HOUR);
	CHECK_INT(i->memory.yield, 4);
	frontier_credit(f, &hub, 6);
	frontier_release(f, i);
	i = next(f, T0 + HOUR);
	CHECK_INT(i->memory.yield, 10);
	frontier_credit(f, &hub, 7);
	m = i->memory;
	m.yield = 0;
	done(f, i, &m, T0 + HOUR, T0 + 2 * HOUR);
	frontier_credit(f, &hub, -20);
	frontier_credit(f, &hub, 1);
	i = next(f, T0 + 2 * HOUR);
	CHECK_INT(i->memory.yield, 1);
	frontier_close(f);
}

/* A state of the daemon, opened by a crawl that makes no revisits. */
static void
test_one_shot(void)
{
	struct frontier *f = open_with("one-shot", 1, T0);
	struct frontier_memory hub = {.hub = 1}, page = {.asks = 1};
	struct frontier_item *i;
	unsigned n;

	for (n = 0; n < 6; n++) {
		add(f, n, n);
		done(f, next(f, T0), n % 2 ? &hub : &page, T0,
		    T0 + (n + 1) * HOUR);
	}
	frontier_commit(f, NULL);
	frontier_close(f);
	f = open_with("one-shot", 0, T0 + DAY);
	CHECK_INT(frontier_idle(f), 1);
	CHECK(next(f, T0 + DAY) == NULL);
	CHECK_INT(frontier_wake(f), -1);
	/* A new URL of such a host comes, and leaves no revisit. */
	add(f, 3, 100);
	CHECK_INT(frontier_idle(f), 0);
	i = next(f, T0 + DAY);
	CHECK_INT(url_of(i), 100);
	done(f, i, &page, T0 + DAY, T0 + DAY);
	CHECK(next(f, T0 + 2 * DAY) == NULL);
	CHECK_INT(frontier_idle(f), 1);
	/* One that waits is waited for, and nothing else. */
	add(f, 4, 101);
	frontier_host_wait(f, 4, T0 + 3 * DAY);
	CHECK(next(f, T0 + 2 * DAY) == NULL);
	CHECK_INT(frontier_wake(f), T0 + 3 * DAY);
	CHECK_INT(url_of(next(f, T0 + 3 * DAY)), 101);
	frontier_commit(f, NULL);
	frontier_close(f);
	f = open_with("one-shot", 1, T0 + 4 * DAY);
	CHECK_INT(waiting(f), 6);
	for (n = 0; (i = next(f, T0 + 4 * DAY)) != NULL; n++)
		done(f, i, NULL, T0 + 4 * DAY, 0);
	CHECK_INT(n, 7);
	CHECK_INT(frontier_idle(f), 1);
	frontier_close(f);
}

static void
test_far(void)
{
	struct frontier *f = open_with("far", 1, T0);
	struct frontier_memory m = {.asks = 1};
	struct frontier_item *i;
	unsigned n;

	for (n = 0; n < 3000; n++)
		add(f, n + 1, n);
	for (n = 0; (i = next(f, T0)) != NULL; n++)
		done(f, i, &m, T0, T0 + DAY + n);
	CHECK(next(f, T0 + 1) == NULL);
	frontier_commit(f, NULL);
	CHECK(f->hosts.n == 0 && f->nactive == 0);
	for (n = 0; (i = next(f, T0 + DAY + 6000)) != NULL; n++) {
		CHECK(i->again);
		done(f, i, NULL, T0 + DAY + 6000, 0);
	}
	CHECK_INT(n, 3000);
	frontier_close(f);
}

/* Of one host: 400 new URLs, 30 hubs that are due again at once, 400 pages
 * whose time has come. */
static void
test_lanes(void)
{
	struct frontier *f = open_with("lanes", 1, T0);
	struct frontier_memory hub = {.hub = 1}, page = {.asks = 1};
	unsigned n, lane[3] = {0}, seen_page[1000] = {0};
	struct frontier_item *i;
	int64_t now = T0 + HOUR;

	for (n = 0; n < 430; n++) {
		add(f, 1, n);
		i = next(f, T0);
		done(f, i, n < 30 ? &hub : &page, T0, T0 + 1 + n);
	}
	for (n = 430; n < 830; n++)
		add(f, 1, n);
	for (n = 0; n < 400; n++, now++) {
		i = next(f, now);
		if (url_of(i) < 30) {
			lane[0]++;
			done(f, i, &hub, now, now);
		} else if (url_of(i) < 430) {
			lane[1]++;
			CHECK_INT(seen_page[url_of(i)]++, 0);
			done(f, i, NULL, now, 0);
		} else {
			lane[2]++;
			done(f, i, NULL, now, 0);
		}
	}
	if (lane[0] < 100 || lane[1] < 40 || lane[1] > 60 || lane[2] < 140)
		TEST_FAIL("hubs %u, pages again %u, new %u", lane[0], lane[1],
		    lane[2]);
	frontier_close(f);
}

/* A hub that is due is asked within a turn or two, though its host's page is
 * full of new URLs. */
static void
test_hub_soon(void)
{
	struct frontier *f = open_with("hub-soon", 1, T0);
	struct frontier_memory hub = {.hub = 1};
	struct frontier_item *i;
	int64_t now = T0;
	unsigned n;

	add(f, 1, 0);
	done(f, next(f, T0), &hub, T0, T0 + 10000);
	for (n = 1; n < 200; n++)
		add(f, 1, n);
	for (n = 0; (i = next(f, now)) != NULL && !i->again; n++, now += 1000)
		done(f, i, NULL, now, 0);
	if (now > T0 + 12000)
		TEST_FAIL("asked %d ms late", (int)(now - T0 - 10000));
	frontier_close(f);
}

/* ---- caps --------------------------------------------------------------- */

static void
test_caps(void)
{
	struct frontier_link l = {
	    .seed = 1, .caps = {{.family = 5, .most = 3}}};
	struct frontier_link two = {.seed = 1,
	    .host_cap = 100,
	    .caps = {{.family = 5, .most = 100}, {.family = 6, .most = 1}}};
	struct frontier *f = open_with("caps", 1, T0);
	unsigned n;

	for (n = 0; n < 3; n++)
		CHECK_INT(add_link(f, 1, n, l), 1);
	CHECK_INT(add_link(f, 1, 3, l), FRONTIER_ECAP);
	CHECK_INT(add_link(f, 1, 2, l), 0);
	CHECK_INT(add_link(f, 2, 3, l), 1);
	CHECK_INT(add(f, 1, 4), 1);
	frontier_commit(f, NULL);
	frontier_close(f);
	f = open_with("caps", 1, T0);
	CHECK_INT(add_link(f, 1, 3, l), FRONTIER_ECAP);
	CHECK_INT(add_link(f, 1, 0, l), 0);
	CHECK_INT(add_link(f, 1, 5, two), 1);
	CHECK_INT(add_link(f, 1, 6, two), FRONTIER_ECAP);
	two.key = key_of(1, 6);
	CHECK_INT(frontier_cap_full(f, &two), 3);
	two.host_cap = 5;
	CHECK_INT(frontier_cap_full(f, &two), 1);
	two.caps[1].family = 0;
	two.host_cap = 0;
	CHECK_INT(frontier_cap_full(f, &two), 0);
	frontier_close(f);
}

/* H38: every link another host of one domain. */
static void
test_wildcard(void)
{
	struct frontier_link l = {
	    .seed = 1, .caps = {{.family = 77, .most = 1000, .of_hosts = 1}}};
	struct frontier *f = open_with("wildcard", 1, T0);
	unsigned n, in = 0;

	for (n = 1; n <= 100000; n++) {
		in += add_link(f, n, n, l) == 1;
		if (n % 1000 == 0)
			frontier_commit(f, NULL);
	}
	CHECK_INT(in, 1000);
	CHECK_INT(add_link(f, 7, 500000, l), 1); /* a host that is in */
	frontier_close(f);
}

/* The same without the cap: memory holds the hosts in turn, not all. */
static void
test_many_hosts(void)
{
	struct frontier *f = open_with("many-hosts", 1, T0);
	unsigned n;

	for (n = 1; n <= 100000; n++) {
		add(f, n, n);
		if (n % 10000 == 0)
			frontier_commit(f, NULL);
	}
	CHECK_INT(f->hosts.n, 4096);
	frontier_close(f);
}

/* ---- time --------------------------------------------------------------- */

static void
test_clock_back(void)
{
	struct frontier *f = open_with("clock", 1, T0 + 100 * DAY);
	struct frontier_memory m = {.hub = 1};
	struct frontier_host h;
	int64_t now = T0 + 100 * DAY;
	struct frontier_item *i;

	add(f, 1, 0);
	add(f, 2, 1);
	add(f, 3, 2);
	frontier_host_wait(f, 1, now + 30000);
	frontier_host_wait(f, 2, now + 2 * HOUR);
	i = next(f, now);
	done(f, i, &m, now, now + HOUR);
	/* The clock was wrong by 100 days: 10 s later it is put right. */
	now = T0;
	CHECK(next(f, now) == NULL);
	CHECK_INT(frontier_wake(f), now + 30000);
	frontier_host_get(f, 2, &h);
	CHECK_INT(h.next_ms, now + 2 * HOUR);
	i = next(f, now + 30000);
	CHECK_INT(url_of(i), 0);
	done(f, i, NULL, now + 30000, 0);
	frontier_commit(f, NULL);
	frontier_close(f);
	/* And once more, between two runs. */
	now = T0 - 50 * DAY;
	f = open_with("clock", 1, now);
	CHECK(next(f, now + HOUR - 30001) == NULL);
	CHECK_INT(frontier_wake(f), now + HOUR - 30000);
	i = next(f, now + HOUR - 30000);
	CHECK_INT(url_of(i), 2);
	CHECK_INT(url_of(next(f, now + 2 * HOUR - 30000)), 1);
	frontier_close(f);
}

/* ---- H39 ---------------------------------------------------------------- */

#define SMALL 1000
#define EACH 10
#define TRANSFERS 64
#define ANSWER_MS 100

struct transfers {
	struct frontier_item *item[TRANSFERS];
	int64_t end[TRANSFERS];
};

/* As many at once as there are transfers; ms until the last small host has
 * had its answers. */
static int64_t
run_small(struct frontier *f, unsigned left)
{
	static struct transfers t;
	int64_t now = T0;
	int i;

	for (; left > 0; now += 10) {
		for (i = 0; i < TRANSFERS; i++) {
			if (t.item[i] != NULL && t.end[i] <= now) {
				left -= t.item[i]->key.host != 9999999;
				frontier_host_done(f, t.item[i], now + 1000);
				frontier_settle(
				    f, t.item[i], URL_DONE, 200, NULL, now);
				t.item[i] = NULL;
			}
			if (t.item[i] == NULL &&
			    (t.item[i] = next(f, now)) != NULL)
				t.end[i] = now + ANSWER_MS;
		}
	}
	memset(&t, 0, sizeof t);
	return now - T0;
}

static int64_t
small_hosts(const char *sub, unsigned big)
{
	struct frontier_options o = {.host_cap = 1u << 30};
	struct frontier *f = open_with(sub, 1, T0);
	int64_t ms;
	unsigned n;

	frontier_set_caps(f, &o);
	for (n = 0; n < big; n++) {
		add(f, 9999999, n);
		if (n % 50000 == 0)
			frontier_commit(f, NULL);
	}
	for (n = 0; n < SMALL * EACH; n++)
		add(f, n % SMALL + 1, n);
	ms = run_small(f, SMALL * EACH);
	frontier_close(f);
	return ms;
}

static void
test_big_host(void)
{
	int64_t alone = small_hosts("small", 0);
	int64_t beside = small_hosts("big", 1000000);

	if (beside > alone * 11 / 10)
		TEST_FAIL("alone %lld ms, beside the big host %lld",
		    (long long)alone, (long long)beside);
}

/* ---- what else is kept -------------------------------------------------- */

static void
test_host_fields(void)
{
	struct frontier *f = open_with("host", 1, T0);
	struct frontier_host h = {.failures = 1,
	    .day = 20000,
	    .day_pages = 5,
	    .day_bytes = 1ull << 40,
	    .latency_ms = 321,
	    .records = 1ull << 33,
	    .last_record_ms = T0 - 1,
	    .gap_s = 3600,
	    .urls = 77};
	struct frontier_host got;
	struct frontier_seed s = {
	    .url = "http://a/", .tags = "t", .interval_ms = HOUR};
	struct winnow_key key = {1, 2};

	memset(h.rhythm, 9, sizeof h.rhythm);
	add(f, 1, 0);
	frontier_host_put(f, 1, &h);
	CHECK_INT(frontier_seed_add(f, &key, &s), 1);
	frontier_seed_yield(f, 1, h.rhythm, T0);
	frontier_seed_yield(f, 1, h.rhythm, T0 + 80000);
	frontier_seed_yield(f, 1, h.rhythm, T0 + 80000 + 160000);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_with("host", 1, T0);
	frontier_host_get(f, 1, &got);
	h.urls = h.due = 1;
	CHECK(got.day == h.day && got.day_pages == 5 &&
	      got.day_bytes == h.day_bytes && got.latency_ms == 321 &&
	      got.records == h.records && got.last_record_ms == T0 - 1 &&
	      got.gap_s == 3600 && got.failures == 1 && got.urls == 1 &&
	      got.due == 1);
	CHECK(memcmp(got.rhythm, h.rhythm, sizeof h.rhythm) == 0);
	CHECK_INT(frontier_seed_get(f, 1, &s), 1);
	CHECK(
	    s.records == 3 && s.last_record_ms >= T0 && s.interval_ms == HOUR);
	s.interval_ms = DAY;
	CHECK_INT(frontier_seed_add(f, &key, &s), 1);
	frontier_seed_get(f, 1, &s);
	CHECK(s.interval_ms == DAY && s.records == 3);
	frontier_close(f);
}

static void
test_format(void)
{
	struct frontier *f = open_with("format", 1, T0);
	struct frontier_options o = {.revisit = 1};
	uint32_t format = 1;
	char path[128];

	store_put(f->store, STORE_META, "format", 6, &format, sizeof format);
	CHECK_INT(store_commit(f->store), 0);
	frontier_close(f);
	snprintf(path, sizeof path, "%s/format", dir);
	CHECK_INT(frontier_open(&f, path, &o, T0, err, sizeof err),
	    FRONTIER_EVERSION);
	CHECK(strstr(err, "its format is 1") != NULL &&
	      strstr(err, "empty directory") != NULL);
}

int
main(void)
{
	int rc;

	snprintf(dir, sizeof dir, "%s/test-again-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 1;
	TEST("frontier: what is asked again comes at its time, with its memory")
	test_memory();
	TEST("frontier: strings of a memory are cut at their bounds")
	test_bounds();
	TEST("frontier: a page can be remembered, recalled and forgotten")
	test_forget();
	TEST("frontier: a hub is credited for what it led to, while out too")
	test_credit();
	TEST("frontier: without revisits none is handed out or waited for")
	test_one_shot();
	TEST("frontier: revisits far ahead cost no memory")
	test_far();
	TEST("frontier: new URLs, hubs and other revisits each get their share")
	test_lanes();
	TEST("frontier: a hub does not wait behind a page of new URLs")
	test_hub_soon();
	TEST("frontier: a family's cap refuses what is new, and survives")
	test_caps();
	TEST("frontier: a wildcard domain stops at its cap of hosts (H38)")
	test_wildcard();
	TEST("frontier: 100,000 hosts are not all in memory (H38)")
	test_many_hosts();
	TEST(
	    "frontier: a clock that is set back makes no host wait longer (F6)")
	test_clock_back();
	TEST("frontier: a host with 10^6 URLs does not slow 1,000 small ones "
	     "(H39)")
	test_big_host();
	TEST("frontier: what is kept of hosts and seeds survives")
	test_host_fields();
	TEST("frontier: a state of another format is refused in words")
	test_format();
	rc = test_end();
	snprintf(err, sizeof err, "rm -rf %s", dir);
	return system(err) != 0 || rc != 0;
}
