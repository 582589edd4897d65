/* test_frontier_focus.c - turns that are given back, and given earlier; hosts
 * that promise little. The clock is an integer. */
#include "crawler/frontier_parts.h"

#include <unistd.h>

#include "tests/crawler/lease.h"
#include "tests/test.h"

#define T0 1700000000000
#define SECOND 1000

static char dir[64], err[512];

static struct frontier *
open_at(const char *sub, int64_t now)
{
	struct frontier *f = NULL;
	char path[128];

	snprintf(path, sizeof path, "%s/%s", dir, sub);
	if (frontier_open(&f, path, NULL, now, err, sizeof err) != 0) {
		printf("  %s\n", err);
		exit(1);
	}
	frontier_set_focus(f, 1);
	return f;
}

static struct winnow_key
key_of(unsigned host, unsigned n)
{
	return (struct winnow_key){host, n + 1};
}

static int
add(struct frontier *f, unsigned host, unsigned n, int priority, int own)
{
	char url[64], name[32];
	struct frontier_link l = {.seed = 1,
	    .priority = (int8_t)priority,
	    .own = (int8_t)own,
	    .key = key_of(host, n),
	    .via = key_of(host, 0),
	    .url = url,
	    .host = name};

	snprintf(name, sizeof name, "h%u.example", host);
	snprintf(url, sizeof url, "http://%s/column/%u.html", name, n);
	return frontier_add(f, &l);
}

static void
done(struct frontier *f, struct frontier_item *item, int64_t now, int64_t pause)
{
	frontier_host_done(f, item, now + pause);
	frontier_settle(f, item, URL_DONE, 200, NULL, now);
}

static uint64_t
due(struct frontier *f)
{
	struct frontier_stat s;

	frontier_stat(f, &s);
	return s.by_state[URL_DUE];
}

/* URLs in the order of their turns; everything is settled. */
static void
check_order(struct frontier *f, int64_t now, const unsigned *want, int n)
{
	struct frontier_item *it;
	int i;

	for (i = 0; i < n; i++) {
		it = next(f, now);
		CHECK_INT(url_of(it), want[i]);
		if (it != NULL)
			done(f, it, now, 0);
	}
	CHECK(next(f, now) == NULL);
	CHECK_INT(due(f), 0);
	CHECK(frontier_idle(f));
}

static void
test_defer(void)
{
	struct frontier *f = open_at("defer", T0);
	struct frontier_item *it;

	TEST("focus: a turn that is given back comes behind what is better, "
	     "over a restart too, with what speaks for it")
	add(f, 1, 1, 5, -3);
	add(f, 1, 2, 0, 7);
	add(f, 1, 3, -20, 0);
	it = next(f, T0);
	CHECK_INT(url_of(it), 1);
	CHECK_INT(it->own, -3);
	frontier_defer(f, it, -10);
	CHECK_INT(due(f), 3);
	CHECK_INT(frontier_commit(f, NULL), 0);
	frontier_close(f);
	f = open_at("defer", T0 + 1);
	it = next(f, T0 + 1);
	CHECK_INT(url_of(it), 2);
	CHECK_INT(it->own, 7);
	done(f, it, T0 + 1, 0);
	it = next(f, T0 + 1);
	CHECK_INT(url_of(it), 1);
	CHECK_INT(it->priority, -10);
	CHECK_INT(it->own, -3);
	frontier_release(f, it);
	check_order(f, T0 + 2, (const unsigned[]){1, 3}, 2);
	frontier_close(f);
}

static void
test_raise(void)
{
	struct frontier *f = open_at("raise", T0);
	struct winnow_key key = key_of(1, 3);
	struct frontier_item *it;

	TEST("focus: an address that waits is raised, never lowered, once")
	add(f, 1, 1, 5, 0);
	add(f, 1, 2, 4, 0);
	add(f, 1, 3, -20, 0);
	it = next(f, T0); /* the page of rows is in memory */
	CHECK_INT(frontier_raise(f, &key, 4, 9), 1);
	CHECK_INT(frontier_raise(f, &key, 4, 9), 0);
	CHECK_INT(frontier_raise(f, &key, -50, 9), 0);
	CHECK_INT(due(f), 3);

	TEST("focus: what is out, was settled, or is not known stays as it is")
	CHECK_INT(frontier_raise(f, &(struct winnow_key){1, 2}, 9, 9), 0);
	done(f, it, T0, 0);
	CHECK_INT(frontier_raise(f, &(struct winnow_key){1, 2}, 9, 9), 0);
	CHECK_INT(frontier_raise(f, &(struct winnow_key){1, 99}, 9, 9), 0);
	CHECK_INT(frontier_raise(f, &(struct winnow_key){7, 99}, 9, 9), 0);
	check_order(f, T0 + 1, (const unsigned[]){2, 3}, 2);
	frontier_close(f);
}

static int
rank_even(void *arg, const struct frontier_waiting *w)
{
	int n = atoi(strrchr(w->url, '/') + 1);

	++*(int *)arg;
	return n % 2 == 0 ? w->own : w->priority + 1;
}

static void
test_review(void)
{
	struct frontier *f = open_at("review", T0);
	struct frontier_item *it;
	unsigned n;
	int asked = 0;

	TEST("focus: what waits on a host is looked at again, and what is "
	     "worth much more comes first")
	for (n = 1; n <= 6; n++)
		add(f, 1, n, -40 + (int)n, 0);
	add(f, 1, 9, 5, 0);
	it = next(f, T0);
	CHECK_INT(url_of(it), 9);
	frontier_review(f, 1, 100, 1, rank_even, &asked);
	CHECK_INT(asked, 6);
	done(f, it, T0, 0);

	TEST("focus: not before so many of its addresses went out")
	frontier_review(f, 1, 100, 1, rank_even, &asked);
	frontier_review(f, 7, 100, 1, rank_even, &asked);
	CHECK_INT(asked, 6);
	check_order(f, T0 + 1, (const unsigned[]){2, 4, 6, 5, 3, 1}, 6);
	frontier_close(f);
}

/* Two hosts; the good one has ten pages, the poor one ten. */
static void
test_patience(void)
{
	struct frontier *f = open_at("patience", T0);
	struct frontier_item *it;
	int64_t now;
	int good = 0, poor = 0, seen;
	unsigned n;

	TEST("focus: a host that promises little is asked less often while "
	     "there is a better one")
	for (n = 1; n <= 20; n++) {
		add(f, 1, n, 5, 0);
		add(f, 2, n, -50, 0);
	}
	for (now = T0; now < T0 + 20 * SECOND; now += SECOND / 10)
		while ((it = next(f, now)) != NULL) {
			*(it->key.host == 1 ? &good : &poor) += 1;
			done(f, it, now, SECOND);
		}
	CHECK_INT(good, 20);
	CHECK(poor >= 1 && poor <= 2);

	TEST("focus: nobody waits when there is nothing better")
	seen = poor;
	for (; now < T0 + 45 * SECOND; now += SECOND / 10)
		while ((it = next(f, now)) != NULL) {
			poor++;
			done(f, it, now, SECOND);
		}
	CHECK(poor > seen + 15);
	CHECK_INT(poor, 20);
	CHECK(frontier_idle(f));
	frontier_close(f);
}

static void
test_wait_bound(void)
{
	struct frontier *f = open_at("bound", T0);
	struct frontier_item *it;
	int64_t now;
	int poor = 0;
	unsigned n;

	TEST("focus: however little it promises, a host has its turn each "
	     "minute")
	for (n = 1; n <= 1000; n++) {
		add(f, 1, n, 9, 0);
		add(f, 2, n, -100, 0);
	}
	for (now = T0; now < T0 + 600 * SECOND; now += SECOND)
		while ((it = next(f, now)) != NULL) {
			poor += it->key.host == 2;
			done(f, it, now, SECOND);
		}
	CHECK(poor >= 9 && poor <= 12);

	TEST("focus: without it hosts are equals")
	frontier_set_focus(f, 0);
	for (poor = 0; now < T0 + 720 * SECOND; now += SECOND)
		while ((it = next(f, now)) != NULL) {
			poor += it->key.host == 2;
			done(f, it, now, SECOND);
		}
	CHECK(poor >= 60);
	frontier_close(f);
}

int
main(void)
{
	char cmd[96];

	snprintf(dir, sizeof dir, "/tmp/winnow-turns-%ld", (long)getpid());
	test_defer();
	test_raise();
	test_review();
	test_patience();
	test_wait_bound();
	snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	CHECK_INT(system(cmd), 0);
	return test_end();
}
