/* test_frontier.c - order, politeness and memory of the frontier, with a clock
 * that is an integer; and a long random run beside a plain model. */
#include "crawler/frontier_parts.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crawler/frontier_view.h"
#include "tests/crawler/lease.h"
#include "tests/test.h"

static const uint8_t quiet[31]; /* no rhythm */

#define T0 1700000000000

static char dir[64], err[512];

static struct frontier *
open_it(const char *sub, const struct frontier_options *o, int64_t now)
{
	struct frontier *f = NULL;
	char path[128];

	snprintf(path, sizeof path, "%s/%s", dir, sub);
	if (frontier_open(&f, path, o, now, err, sizeof err) != 0) {
		printf("  %s\n", err);
		exit(1);
	}
	return f;
}

/* URL number n of host h. */
static int
add(struct frontier *f, unsigned h, unsigned n, int priority)
{
	char url[64], host[32];
	struct frontier_link l = {.key = {h, n + 1},
	    .url = url,
	    .host = host,
	    .seed = 1,
	    .depth = 1,
	    .priority = (int8_t)priority};

	snprintf(host, sizeof host, "h%u.example", h);
	snprintf(url, sizeof url, "http://%s/%u", host, n);
	return frontier_add(f, &l);
}

static void
done(struct frontier *f, struct frontier_item *item, int64_t now, int delay)
{
	frontier_host_done(f, item, now + delay);
	frontier_settle(f, item, URL_DONE, 200, NULL, now);
}

/* ---- single cases ------------------------------------------------------- */

static void
test_add(void)
{
	struct frontier *f = open_it("add", NULL, T0);
	struct frontier_link l = {
	    .key = {7, 9}, .url = "https://a/b", .host = "a"};
	struct frontier_link m = {.key = {7, 10},
	    .url = "ftp:odd",
	    .host = "a",
	    .via = {7, 9},
	    .requested = {7, 9},
	    .seed = 3,
	    .depth = 4,
	    .hops = 2,
	    .type = URL_FEED,
	    .priority = -3};
	struct frontier_item *i, *j;

	CHECK_INT(frontier_known(f, &l.key), 0);
	CHECK_INT(frontier_add(f, &l), 1);
	CHECK_INT(frontier_known(f, &l.key), 1);
	CHECK_INT(frontier_add(f, &l), 0);
	i = next(f, T0);
	CHECK(i != NULL && strcmp(i->url, "https://a/b") == 0);
	CHECK_STR(i->host, "a");
	CHECK(i->via == NULL && i->requested == NULL);
	CHECK(next(f, T0) == NULL);
	CHECK_INT(frontier_add(f, &m), 1);
	frontier_host_done(f, i, T0);
	j = next(f, T0);
	CHECK_STR(j->url, "ftp:odd");
	CHECK_STR(j->via, "https://a/b");
	CHECK_STR(j->requested, "https://a/b");
	CHECK(j->seed == 3 && j->depth == 4 && j->hops == 2 &&
	      j->type == URL_FEED && j->priority == -3 && j->tries == 0);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it("add", NULL, T0);
	CHECK_INT(frontier_add(f, &l), 0);
	CHECK_INT(frontier_dirty(f), 0);
	frontier_close(f);
}

static void
test_priority(void)
{
	struct frontier *f = open_it("priority", NULL, T0);
	unsigned want[] = {3, 4, 1, 2, 0}, i;
	struct frontier_item *item;

	add(f, 1, 0, -5);
	add(f, 1, 1, 0);
	add(f, 1, 2, 0);
	item = next(f, T0);
	CHECK_INT(url_of(item), 1);
	frontier_release(f, item);
	add(f, 1, 3, 127);
	add(f, 1, 4, 10);
	for (i = 0; i < 5; i++) {
		item = next(f, T0);
		CHECK_INT(url_of(item), want[i]);
		done(f, item, T0, 0);
	}
	CHECK_INT(frontier_idle(f), 1);
	frontier_close(f);
}

static void
test_per_host(void)
{
	struct frontier_options o = {.per_host = 2};
	struct frontier *f = open_it("per-host", &o, T0);
	struct frontier_item *a, *b, *c;
	unsigned i;

	for (i = 0; i < 5; i++)
		add(f, 1, i, 0);
	a = next(f, T0);
	b = next(f, T0);
	CHECK(a != NULL && b != NULL && next(f, T0) == NULL);
	/* The answer frees the slot, though the record is not durable. */
	frontier_host_done(f, a, T0);
	c = next(f, T0);
	CHECK(c != NULL && next(f, T0) == NULL);
	frontier_settle(f, a, URL_DONE, 200, NULL, T0);
	CHECK(next(f, T0) == NULL);
	frontier_settle(f, b, URL_DONE, 200, NULL, T0);
	b = next(f, T0);
	CHECK(b != NULL && next(f, T0) == NULL);
	frontier_close(f);
}

static void
test_delay(void)
{
	struct frontier *f = open_it("delay", NULL, T0);
	struct frontier_item *item;

	add(f, 1, 0, 0);
	add(f, 1, 1, 0);
	item = next(f, T0);
	CHECK_INT(frontier_wake(f), -1);
	done(f, item, T0 + 50, 1000);
	CHECK(next(f, T0 + 1049) == NULL);
	CHECK_INT(frontier_wake(f), T0 + 1050);
	CHECK_INT(frontier_idle(f), 0);
	item = next(f, T0 + 1050);
	CHECK_INT(url_of(item), 1);
	done(f, item, T0 + 1060, 1000);
	CHECK_INT(frontier_wake(f), -1);
	CHECK_INT(frontier_idle(f), 1);
	/* New work does not shorten the delay, nor does a commit. */
	CHECK_INT(frontier_commit(f, NULL), 0);
	add(f, 1, 2, 0);
	CHECK(next(f, T0 + 2059) == NULL);
	CHECK_INT(frontier_wake(f), T0 + 2060);
	CHECK(next(f, T0 + 2060) != NULL);
	frontier_close(f);
}

static void
test_host_wait(void)
{
	struct frontier *f = open_it("wait", NULL, T0);
	struct frontier_host h;
	int64_t day = 86400000;

	add(f, 1, 0, 0);
	frontier_host_wait(f, 1, T0 + day);
	CHECK(next(f, T0) == NULL);
	CHECK_INT(frontier_wake(f), T0 + day);
	frontier_host_get(f, 1, &h);
	h.failures = 3;
	h.poisoned = 2;
	h.next_ms = 0; /* read before: may not shorten the wait */
	frontier_host_put(f, 1, &h);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it("wait", NULL, T0 + 1);
	CHECK(next(f, T0 + day - 1) == NULL);
	CHECK_INT(frontier_wake(f), T0 + day);
	frontier_host_get(f, 1, &h);
	CHECK(h.failures == 3 && h.poisoned == 2 && h.urls == 1 && h.due == 1 &&
	      h.next_ms == T0 + day);
	CHECK(next(f, T0 + day) != NULL);
	frontier_host_get(f, 77, &h);
	CHECK(h.urls == 0 && h.next_ms == 0);
	frontier_close(f);
}

static void
test_retry(void)
{
	struct frontier *f = open_it("retry", NULL, T0);
	struct frontier_item *item;

	add(f, 1, 0, 0);
	add(f, 1, 1, 0);
	item = next(f, T0);
	frontier_retry(f, item, 503, "busy", T0 + 5000);
	item = next(f, T0 + 1);
	CHECK_INT(url_of(item), 1);
	done(f, item, T0 + 1, 0);
	CHECK(next(f, T0 + 2) == NULL);
	CHECK_INT(frontier_wake(f), T0 + 5000);
	CHECK_INT(frontier_idle(f), 0);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it("retry", NULL, T0 + 3);
	CHECK(next(f, T0 + 4999) == NULL);
	CHECK_INT(frontier_wake(f), T0 + 5000);
	/* A new URL need not wait for the retry. */
	add(f, 1, 2, 0);
	item = next(f, T0 + 4999);
	CHECK_INT(url_of(item), 2);
	frontier_release(f, item);
	item = next(f, T0 + 5000);
	CHECK(item != NULL);
	if (url_of(item) == 2) {
		done(f, item, T0 + 5000, 0);
		item = next(f, T0 + 5000);
	}
	CHECK_INT(url_of(item), 0);
	CHECK_INT(item->tries, 1);
	frontier_close(f);
}

static void
test_cap(void)
{
	struct frontier_options o = {.host_cap = 3};
	struct frontier *f = open_it("cap", &o, T0);
	unsigned i;

	for (i = 0; i < 3; i++)
		CHECK_INT(add(f, 1, i, 0), 1);
	CHECK_INT(add(f, 1, 3, 0), FRONTIER_ECAP);
	CHECK_INT(add(f, 1, 2, 0), 0);
	CHECK_INT(add(f, 2, 3, 0), 1);
	frontier_commit(f, NULL);
	frontier_close(f);
	f = open_it("cap", &o, T0);
	CHECK_INT(add(f, 1, 3, 0), FRONTIER_ECAP);
	CHECK_INT(add(f, 1, 1, 0), 0);
	frontier_close(f);
}

/* 40 hosts, room for 4: each is asked about as often as the others. */
static void
test_fair(int64_t delay)
{
	struct frontier_options o = {.active_hosts = 4};
	struct frontier *f = open_it(delay > 0 ? "fair-slow" : "fair", &o, T0);
	unsigned h, i, count[41] = {0}, least = 9999, most = 0;
	struct frontier_item *item;
	int64_t now = T0;

	for (h = 1; h <= 40; h++)
		for (i = 0; i < 300; i++)
			add(f, h, h * 1000 + i, 0);
	CHECK_INT(frontier_commit(f, NULL), 0);
	for (i = 0; i < 6000; now += i++ % 4 == 0) {
		while ((item = next(f, now)) == NULL)
			now =
			    frontier_wake(f) > now ? frontier_wake(f) : now + 1;
		count[item->key.host]++;
		done(f, item, now, (int)delay);
	}
	for (h = 1; h <= 40; h++) {
		least = count[h] < least ? count[h] : least;
		most = count[h] > most ? count[h] : most;
	}
	if (most - least > 128 || least == 0)
		TEST_FAIL("a host was asked %u times, another %u", most, least);
	while (!frontier_idle(f)) {
		while ((item = next(f, now)) == NULL)
			now =
			    frontier_wake(f) > now ? frontier_wake(f) : now + 1;
		done(f, item, now, 0);
	}
	frontier_close(f);
}

/* 20,000 hosts in the store, room for 16. */
static void
test_memory(void)
{
	struct frontier_options o = {.active_hosts = 16};
	struct frontier *f = open_it("memory", &o, T0);
	struct frontier_item *item;
	unsigned i, n = 0;

	for (i = 0; i < 20000; i++) {
		add(f, i + 1, i, 0);
		if (i % 1000 == 999)
			CHECK_INT(frontier_commit(f, NULL), 0);
	}
	CHECK_INT(f->hosts.n, 16);
	while ((item = next(f, T0 + n / 10)) != NULL) {
		frontier_host_done(f, item, T0 + n / 10 + 500);
		frontier_settle(f, item, URL_DONE, 200, NULL, T0 + n / 10);
		if (++n % 100 != 0)
			continue;
		CHECK_INT(frontier_commit(f, NULL), 0);
		if (f->hosts.n > 16 || f->nactive > 16)
			TEST_FAIL("%d hosts in memory", (int)f->hosts.n);
	}
	CHECK_INT(n, 20000);
	CHECK_INT(frontier_idle(f), 1);
	frontier_close(f);
}

static void
test_full_disk(void)
{
	struct frontier *f = open_it("full", NULL, T0);
	struct wq_pos pos = {.offset = 7}, got;
	struct frontier_item *item;
	struct frontier_stat s;
	struct rlimit old, less;
	unsigned i;

	CHECK_INT(frontier_commit(f, NULL), 0);
	getrlimit(RLIMIT_FSIZE, &old);
	less = old;
	less.rlim_cur = 65536;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &less);
	for (i = 0; i < 3000; i++)
		add(f, 1 + i % 50, i, 0);
	for (i = 0; i < 100; i++) {
		item = next(f, T0);
		done(f, item, T0, 0);
	}
	CHECK_INT(frontier_commit(f, &pos), FRONTIER_ENOSPC);
	frontier_pos(f, &got);
	CHECK_INT(got.offset, 0);
	/* It goes on in memory. */
	CHECK_INT(add(f, 1, 0, 0), 0);
	CHECK_INT(add(f, 1, 5000, 0), 1);
	item = next(f, T0);
	done(f, item, T0, 0);
	CHECK_INT(frontier_commit(f, NULL), FRONTIER_ENOSPC);
	setrlimit(RLIMIT_FSIZE, &old);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it("full", NULL, T0);
	frontier_pos(f, &got);
	CHECK_INT(got.offset, 7);
	frontier_stat(f, &s);
	CHECK(s.urls == 3001 && s.done == 101 && s.due == 2900);
	CHECK_INT(add(f, 1, 5000, 0), 0);
	frontier_close(f);
}

static void
test_lease_page(void)
{
	struct frontier *f = open_it("leases", NULL, T0);
	struct frontier_item *items[500];
	char seen[500] = {0};
	int i, twice = 0;

	for (i = 0; i < 500; i++)
		add(f, 1, (unsigned)i, i % 3);
	for (i = 0; i < 500; i++) {
		items[i] = next(f, T0);
		if (items[i] == NULL || seen[url_of(items[i])]++)
			twice++;
		else
			frontier_host_done(f, items[i], T0);
		if (i % 50 == 49)
			frontier_release(f, items[i]),
			    seen[url_of(items[i--])]--;
		if (twice)
			break;
		if (i % 50 == 48 && (items[++i] = next(f, T0)) != NULL)
			frontier_host_done(f, items[i], T0),
			    seen[url_of(items[i])]++;
	}
	CHECK_INT(twice, 0);
	CHECK(next(f, T0) == NULL);
	for (i = 0; i < 500; i++)
		CHECK_INT(seen[i], 1);
	for (i = 0; i < 500; i++)
		frontier_settle(f, items[i], URL_DONE, 200, NULL, T0);
	CHECK_INT(frontier_idle(f), 1);
	frontier_close(f);
}

static void
test_seeds(void)
{
	struct frontier *f = open_it("seeds", NULL, T0);
	struct winnow_key a = {1, 2}, b = {1, 3};
	struct frontier_seed in = {.url = "http://a/",
				 .tags = "x,y",
				 .max_depth = 0xffff,
				 .type = URL_LIST,
				 .priority = -7},
			     out;
	struct wq_pos pos = {.file = 3, .offset = 99}, got;
	uint64_t secret = frontier_seed(f);
	char name[64];

	CHECK_INT(frontier_seed_add(f, &a, &in), 1);
	in.url = "http://b/";
	CHECK_INT(frontier_seed_add(f, &b, &in), 2);
	CHECK_INT(frontier_seed_add(f, &a, &in), 1);
	frontier_seed_yield(f, 1, quiet, T0);
	frontier_seed_yield(f, 1, quiet, T0);
	snprintf(name, sizeof name, "%s", frontier_name(f));
	frontier_pos(f, &got);
	CHECK_INT(got.file, 0);
	CHECK_INT(frontier_commit(f, &pos), 0);
	frontier_close(f);
	f = open_it("seeds", NULL, T0 + 5000);
	CHECK_INT(frontier_seed_count(f), 2);
	CHECK_INT(frontier_seed_get(f, 1, &out), 1);
	CHECK_STR(out.url, "http://a/");
	CHECK_STR(out.tags, "x,y");
	CHECK(out.records == 2 && out.max_depth == 0xffff &&
	      out.type == URL_LIST && out.priority == -7);
	CHECK_INT(frontier_seed_get(f, 3, &out), 0);
	frontier_pos(f, &got);
	CHECK(got.file == 3 && got.offset == 99);
	CHECK(frontier_seed(f) == secret && secret != 0);
	CHECK_STR(frontier_name(f), name);
	frontier_close(f);
}

/* Lists are long: seeds asked for may not stay in memory. */
static void
test_many_seeds(void)
{
	struct frontier *f = open_it("many-seeds", NULL, T0);
	struct frontier_seed in = {.tags = ""}, out;
	struct winnow_key key = {5, 0};
	char url[64];
	unsigned i;

	in.url = url;
	for (i = 1; i <= 5000; i++) {
		key.url = i;
		snprintf(url, sizeof url, "http://a/%u", i);
		CHECK_INT(frontier_seed_add(f, &key, &in), i);
	}
	for (i = 1; i <= 5000; i++) {
		frontier_seed_yield(f, i, quiet, T0);
		CHECK_INT(frontier_seed_get(f, i, &out), 1);
	}
	snprintf(url, sizeof url, "http://a/5000");
	CHECK_STR(out.url, url);
	CHECK_INT(frontier_commit(f, NULL), 0);
	CHECK_INT(f->seeds.n, 0);
	for (i = 1; i <= 5000; i++) {
		key.url = i;
		CHECK_INT(frontier_seed_add(f, &key, &in), i);
	}
	CHECK_INT(f->seeds.n, 0);
	CHECK_INT(frontier_seed_get(f, 77, &out), 1);
	CHECK_STR(out.url, "http://a/77");
	CHECK_INT(out.records, 1);
	frontier_close(f);
}

static void
test_robots(void)
{
	struct frontier *f = open_it("robots", NULL, T0);
	struct frontier_robots r = {T0, T0 + 5, 1, "rules", 5}, a, b;
	struct frontier_copy first = {"0123456789abcde", 7, 3}, got;
	char far[600];

	memset(far, 'x', sizeof far - 1);
	far[sizeof far - 1] = '\0';
	CHECK_INT(frontier_robots_get(f, "http://a", &a), 0);
	frontier_robots_put(f, "http://a", &r);
	frontier_robots_put(f, far, &r);
	CHECK_INT(frontier_robots_get(f, "http://a", &a), 1);
	r.rules = "other";
	frontier_robots_put(f, "http://a", &r);
	CHECK_INT(frontier_robots_get(f, "http://a", &b), 1);
	CHECK(memcmp(a.rules, "rules", 5) == 0);
	CHECK(memcmp(b.rules, "other", 5) == 0 && b.policy == 1);
	CHECK_INT(frontier_text_get(f, 5, &got), 0);
	frontier_text_put(f, 5, &first);
	CHECK_INT(frontier_text_get(f, 5, &got), 1);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_it("robots", NULL, T0);
	CHECK_INT(frontier_robots_get(f, "http://a", &a), 1);
	CHECK_INT(frontier_robots_get(f, far, &b), 1);
	CHECK(a.len == 5 && memcmp(a.rules, "other", 5) == 0 &&
	      a.expires_ms == T0 + 5);
	CHECK(b.len == 5 && memcmp(b.rules, "rules", 5) == 0);
	CHECK_INT(frontier_text_get(f, 5, &got), 1);
	CHECK(memcmp(first.id, got.id, 16) == 0 && got.merit == 7 && got.page == 3);
	frontier_close(f);
}

/* ---- why ---------------------------------------------------------------- */

/* As another process sees it; "": it does not. */
static int
view_in_child(const char *url, const char *want)
{
	static struct winnow_url u;
	static struct view_url row, via;
	static struct view_seed seed;
	struct frontier_view *v;
	struct winnow_key key;
	static char line[4 * WINNOW_URL_MAX];
	char path[128];
	pid_t pid;
	int status;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		snprintf(path, sizeof path, "%s/why", dir);
		winnow_url_parse(&u, url, strlen(url), NULL, NULL);
		winnow_url_fetchable(&u);
		if (frontier_view_open(&v, path, err, sizeof err) == 0) {
			key = winnow_url_key(&u, view_secret(v));
			if (view_url(v, &key, &row) == 1) {
				view_seed(v, row.seed, &seed);
				view_url(v, &row.via, &via);
				snprintf(line, sizeof line, "%s %s %d %s %s %s",
				    row.url, url_state_name(row.state),
				    row.status, row.reason, via.url, seed.url);
			}
			frontier_view_close(v);
		}
		if (strcmp(line, want) != 0)
			printf("  got \"%s\"\n", line);
		fflush(stdout);
		_exit(strcmp(line, want) != 0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void
test_why(void)
{
	struct frontier *f = open_it("why", NULL, T0);
	static struct winnow_url u;
	struct winnow_key a, b;
	struct frontier_seed seed = {.url = "http://a.example/", .tags = ""};
	struct frontier_link l = {.host = "a.example", .seed = 1};
	struct frontier_item *item;
	struct frontier_view *v = frontier_view_here(f);
	static struct view_url row;

	winnow_url_parse(&u, "http://a.example/", 17, NULL, NULL);
	a = winnow_url_key(&u, frontier_seed(f));
	winnow_url_parse(&u, "http://a.example/x", 18, NULL, NULL);
	b = winnow_url_key(&u, frontier_seed(f));
	frontier_seed_add(f, &a, &seed);
	l.key = a;
	l.url = seed.url;
	frontier_add(f, &l);
	l.key = b;
	l.url = "http://a.example/x";
	l.via = a;
	frontier_add(f, &l);
	item = next(f, T0);
	frontier_settle(f, item, URL_REFUSED, 403, "forbidden", T0);
	CHECK_INT(view_url(v, &a, &row), 1);
	CHECK_INT(row.state, URL_REFUSED);
	frontier_view_close(v);
	CHECK_INT(view_in_child(seed.url, ""), 0);
	CHECK_INT(frontier_commit(f, NULL), 0);
	CHECK_INT(view_in_child("HTTP://A.example:80/#top",
		      "http://a.example/ refused 403 forbidden  "
		      "http://a.example/"),
	    0);
	CHECK_INT(view_in_child("http://a.example/x",
		      "http://a.example/x due 0  http://a.example/ "
		      "http://a.example/"),
	    0);
	CHECK_INT(view_in_child("http://a.example/other", ""), 0);
	frontier_close(f);
}

/* ---- beside a model ----------------------------------------------------- */

#define HOSTS 12
#define URLS 3000

struct model_url {
	uint8_t known, state, tries, out;
	uint8_t again; /* settled, and to be asked again */
	uint32_t asks; /* remembered */
	int64_t at;    /* a retry or revisit: not before */
};
struct model {
	struct model_url url[URLS];
	int64_t next_ms[HOSTS + 1];
};
struct run {
	struct frontier *f;
	struct model now, durable;
	struct frontier_item *out[URLS];
	int nout;
	int64_t ms;
	uint64_t pos, pos_durable;
	uint32_t rnd;
};

static uint32_t
roll(struct run *r, uint32_t n)
{
	r->rnd = r->rnd * 1664525u + 1013904223u;
	return (r->rnd >> 8) % n;
}

static unsigned
host_of(unsigned n)
{
	return n % HOSTS + 1;
}

static void
model_next(struct run *r)
{
	struct frontier_item *item = next(r->f, r->ms);
	struct model_url *u;
	unsigned n;

	if (item == NULL)
		return;
	n = url_of(item);
	u = &r->now.url[n];
	if (!u->known || (u->state != URL_DUE && !u->again) || u->out ||
	    u->at > r->ms || r->now.next_ms[host_of(n)] > r->ms ||
	    item->tries != u->tries || item->state != u->state ||
	    item->again != u->again ||
	    item->memory.asks != (u->again ? u->asks : 0))
		TEST_FAIL("URL %u: known %d state %d out %d at %lld", n,
		    u->known, u->state, u->out, (long long)(u->at - r->ms));
	u->out = 1;
	r->out[r->nout++] = item;
}

static void
model_again(struct run *r, struct frontier_item *item, struct model_url *u)
{
	struct frontier_memory m = {
	    .hub = item->key.url % 3 == 0, .asks = u->asks + 1};

	u->again = roll(r, 3) == 0;
	if (!u->again)
		return;
	u->at = r->ms + 1 + roll(r, 50000);
	u->asks++;
	u->tries = 0;
	frontier_again(r->f, item, &m, u->at);
}

static void
model_end(struct run *r)
{
	int i = (int)roll(r, (uint32_t)r->nout);
	struct frontier_item *item = r->out[i];
	unsigned n = url_of(item);
	struct model_url *u = &r->now.url[n];

	switch (roll(r, 8)) {
	case 0:
		frontier_release(r->f, item);
		break;
	case 1:
		u->tries++;
		u->at = r->ms + roll(r, 100000);
		frontier_retry(r->f, item, 500, NULL, u->at);
		break;
	default:
		/* Those that are dropped have rules of their own
		 * (test_frontier_act.c). */
		u->state = (uint8_t)(1 + roll(r, URL_DROPPED - 1));
		model_again(r, item, u);
		if (roll(r, 2)) {
			r->now.next_ms[host_of(n)] = r->ms + 20000;
			frontier_host_done(r->f, item, r->ms + 20000);
		}
		frontier_settle(r->f, item, u->state, 200, "x", r->ms);
	}
	u->out = 0;
	r->out[i] = r->out[--r->nout];
}

static void
model_commit(struct run *r)
{
	struct wq_pos pos = {.offset = ++r->pos};

	CHECK_INT(frontier_commit(r->f, &pos), 0);
	r->durable = r->now;
	r->pos_durable = r->pos;
}

/* A kill: nothing of the open transaction survives, leases are due again. */
static void
model_kill(struct run *r, const struct frontier_options *o)
{
	struct wq_pos pos;
	int i;

	frontier_close(r->f);
	r->f = open_it("model", o, r->ms);
	r->now = r->durable;
	r->pos = r->pos_durable;
	for (i = 0; i < URLS; i++)
		r->now.url[i].out = 0;
	r->nout = 0;
	frontier_pos(r->f, &pos);
	CHECK_INT(pos.offset, r->pos);
}

static void
model_counts(struct run *r)
{
	struct frontier_stat s;
	uint64_t by_state[URL_STATE_N] = {0}, urls = 0, again = 0;
	int i;

	for (i = 0; i < URLS; i++) {
		urls += r->now.url[i].known;
		again += r->now.url[i].again;
		by_state[r->now.url[i].state] += r->now.url[i].known;
	}
	frontier_stat(r->f, &s);
	CHECK_INT(s.urls, urls);
	CHECK_INT(s.out, r->nout);
	for (i = 0; i < URL_STATE_N; i++)
		CHECK_INT(s.by_state[i], by_state[i]);
	CHECK_INT(s.again, again);
	CHECK_INT(frontier_idle(r->f), by_state[URL_DUE] + again == 0);
}

static void
model_step(struct run *r, const struct frontier_options *o)
{
	uint32_t what = roll(r, 1000);
	unsigned n;

	if (what < 350) {
		n = roll(r, URLS);
		CHECK_INT(add(r->f, host_of(n), n, (int)roll(r, 4)),
		    !r->now.url[n].known);
		r->now.url[n].known = 1;
	} else if (what < 650) {
		model_next(r);
	} else if (what < 940 && r->nout > 0) {
		model_end(r);
	} else if (what < 975) {
		r->ms += roll(r, 10000);
	} else if (what < 997) {
		model_commit(r);
	} else {
		model_kill(r, o);
	}
}

/* Everything that is due comes in the end, and once. */
static void
model_drain(struct run *r)
{
	int64_t wake;

	while (!frontier_idle(r->f)) {
		while (r->nout > 0)
			model_end(r);
		model_next(r);
		if (r->nout > 0)
			continue;
		wake = frontier_wake(r->f);
		if (wake < 0 && !frontier_idle(r->f)) {
			TEST_FAIL("URLs are due and no host waits");
			return;
		}
		if (wake > r->ms)
			r->ms = wake;
	}
}

static void
test_model(uint32_t rnd, uint32_t active)
{
	struct frontier_options o = {
	    .per_host = 1 + rnd % 3, .active_hosts = active, .revisit = 1};
	struct run *r = calloc(1, sizeof *r);
	int i;

	r->rnd = rnd;
	r->ms = T0;
	r->f = open_it("model", &o, r->ms);
	for (i = 0; i < 30000 && !test_bad; i++) {
		model_step(r, &o);
		if (i % 1000 == 0)
			model_counts(r);
	}
	if (!test_bad)
		model_drain(r);
	model_counts(r);
	frontier_close(r->f);
	snprintf(err, sizeof err, "rm -rf %s/model", dir);
	CHECK_INT(system(err), 0);
	free(r);
}

int
main(void)
{
	uint32_t rnd;

	/* Thousands of commits: where there is one, a disk in memory. */
	snprintf(dir, sizeof dir, "%s/test-frontier-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 1;
	TEST("frontier: a URL is added once (F5)")
	test_add();
	TEST("frontier: larger priorities come first, then the order of adding")
	test_priority();
	TEST("frontier: at most per_host of a host are without an answer (F2)")
	test_per_host();
	TEST("frontier: the delay counts from the end of the answer")
	test_delay();
	TEST("frontier: a host told to wait waits across a restart")
	test_host_wait();
	TEST("frontier: a retry waits for its time, other URLs do not")
	test_retry();
	TEST("frontier: a host at its cap takes no new URL")
	test_cap();
	TEST("frontier: hosts that do not fit into memory get their turn")
	test_fair(0);
	TEST("frontier: so they do when each has to wait after an answer")
	test_fair(3000);
	TEST("frontier: hosts of the store are not all in memory")
	test_memory();
	TEST("frontier: on a full disk nothing is durable and nothing is lost")
	test_full_disk();
	TEST("frontier: a URL that is out is not handed out again")
	test_lease_page();
	TEST("frontier: seeds, queue position and secret survive")
	test_seeds();
	TEST("frontier: a long list of seeds does not stay in memory")
	test_many_seeds();
	TEST("frontier: robots and texts are read before they are committed")
	test_robots();
	TEST("frontier: why answers from another process, beside the daemon")
	test_why();
	TEST("frontier: behaves as the model does, through kills")
	for (rnd = 1; rnd <= 6; rnd++)
		test_model(rnd, rnd % 2 ? 4096 : 3);
	rnd = (uint32_t)test_end();
	snprintf(err, sizeof err, "rm -rf %s", dir);
	return system(err) != 0 || rnd != 0;
}
