/* The line at an address, on a real loop, with pauses of milliseconds. */
#include "crawler/gate.h"

#include <string.h>

#include <event2/event.h>

#include "tests/test.h"

#define N 8

struct visitor {
	struct gate_wait wait;
	struct gate *gate;
	int64_t went; /* 0: not yet */
	int stays;    /* leaves in go() or later */
	int64_t pause;
};

static struct event_base *base;
static int went[64], nwent;
static struct visitor v[N];

static void
go_cb(void *arg)
{
	struct visitor *x = arg;

	x->went = gate_clock();
	went[nwent++] = (int)(x - v);
	CHECK_INT(x->wait.inside, 1);
	if (!x->stays)
		gate_leave(x->gate, &x->wait, x->pause, x->went);
}

static void
visitors(struct gate *g)
{
	int i;

	memset(v, 0, sizeof v);
	nwent = 0;
	for (i = 0; i < N; i++) {
		v[i].gate = g;
		v[i].wait.go = go_cb;
		v[i].wait.arg = &v[i];
	}
}

static void
run(int ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	event_base_loopexit(base, &tv);
	event_base_dispatch(base);
}

static struct gate_key a4, same4, other4, a6, host;

static void
keys(void)
{
	struct dns_addr a = {4, {127, 0, 0, 1, 9, 9}};
	uint64_t h;

	a4 = gate_address(&a);
	a.ip[4] = a.ip[5] = 0;
	same4 = gate_address(&a);
	a.family = 6;
	a6 = gate_address(&a);
	memcpy(&h, a.ip, sizeof h);
	host = gate_host(h);
	a.family = 4;
	a.ip[3] = 2;
	other4 = gate_address(&a);
}

static int
enter(struct gate *g, struct visitor *x, const struct gate_key *key, int width,
    int64_t pause, int64_t t)
{
	int64_t later;

	x->pause = pause;
	return gate_enter(g, &x->wait, key, width, 64, t, &later);
}

static void
leave(struct gate *g, struct visitor *x, int64_t t)
{
	gate_leave(g, &x->wait, x->pause, t);
}

int
main(void)
{
	struct gate *g;
	int64_t t, later[3] = {0};
	int i, wide = 0;

	base = event_base_new();
	g = gate_new(base);
	keys();
	visitors(g);

	TEST("gate: visitors enter in their order, a pause after each answer")
	t = gate_clock();
	CHECK_INT(enter(g, &v[0], &a4, 1, 30, t), GATE_IN);
	for (i = 1; i < 5; i++)
		CHECK_INT(enter(g, &v[i], &same4, 1, 30, t), GATE_WAIT);
	CHECK_INT(nwent, 0);
	run(40);
	CHECK_INT(nwent, 0); /* the first is still inside */
	t = gate_clock();
	leave(g, &v[0], t);
	run(200);
	CHECK_INT(nwent, 4);
	for (i = 1; i < 5; i++) {
		CHECK_INT(went[i - 1], i);
		CHECK(v[i].went - t >= 30);
		t = v[i].went;
	}

	TEST("gate: a pause holds for who comes after it has begun, too")
	visitors(g);
	t = gate_clock();
	CHECK_INT(enter(g, &v[0], &other4, 1, 40, t), GATE_IN);
	leave(g, &v[0], t);
	CHECK_INT(enter(g, &v[1], &other4, 1, 0, gate_clock()), GATE_WAIT);
	run(80);
	CHECK_INT(nwent, 1);
	CHECK(v[1].went - t >= 40);

	TEST("gate: other addresses and hosts have lines of their own")
	run(60); /* all forgotten */
	visitors(g);
	t = gate_clock();
	CHECK_INT(enter(g, &v[0], &a4, 1, 1000, t), GATE_IN);
	CHECK_INT(enter(g, &v[1], &other4, 1, 1000, t), GATE_IN);
	CHECK_INT(enter(g, &v[2], &a6, 1, 1000, t), GATE_IN);
	CHECK_INT(enter(g, &v[4], &host, 1, 1000, t), GATE_IN);
	CHECK_INT(enter(g, &v[3], &a4, 1, 1000, t), GATE_WAIT);
	for (i = 0; i < 5; i++)
		gate_cancel(g, &v[i].wait, t);
	gate_cancel(g, &v[0].wait, t); /* once more is nothing */
	run(20);
	CHECK_INT(nwent, 0);

	TEST("gate: no more than width are inside, others follow as they leave")
	gate_free(g);
	g = gate_new(base);
	visitors(g);
	t = gate_clock();
	for (i = 0; i < N; i++) {
		v[i].stays = 1;
		wide += enter(g, &v[i], &a4, 3, 10, t);
	}
	CHECK_INT(wide, 3);
	run(30);
	CHECK_INT(nwent, 0);
	leave(g, &v[0], gate_clock());
	run(40);
	CHECK_INT(nwent, 1);
	CHECK_INT(went[0], 3);

	TEST("gate: who is cancelled in the line is passed over")
	gate_cancel(g, &v[4].wait, gate_clock());
	gate_cancel(g, &v[7].wait, gate_clock());
	leave(g, &v[1], gate_clock());
	leave(g, &v[2], gate_clock());
	run(60);
	CHECK_INT(nwent, 3);
	CHECK_INT(went[1], 5);
	CHECK_INT(went[2], 6);
	/* The tail was cancelled: the next to come is not lost. */
	v[7].wait.at = NULL;
	CHECK_INT(enter(g, &v[7], &a4, 3, 10, gate_clock()), GATE_WAIT);
	leave(g, &v[5], gate_clock());
	run(40);
	CHECK_INT(nwent, 4);
	CHECK_INT(went[3], 7);

	TEST("gate: a full line sends away, each to a time of its own")
	gate_free(g);
	g = gate_new(base);
	visitors(g);
	t = gate_clock();
	CHECK_INT(enter(g, &v[0], &a4, 1, 200, t), GATE_IN);
	leave(g, &v[0], t);
	for (i = 0; i < 2; i++)
		CHECK_INT(
		    gate_enter(g, &v[i].wait, &a4, 1, 2, t, later), GATE_WAIT);
	for (i = 0; i < 3; i++)
		CHECK_INT(gate_enter(g, &v[2].wait, &a4, 1, 2, t, &later[i]),
		    GATE_LATER);
	CHECK(later[0] > 400 && later[0] <= 1000);
	CHECK(later[1] - later[0] >= 200);
	CHECK(later[2] - later[1] >= 200);
	CHECK(v[2].wait.at == NULL);

	TEST("gate: it is freed with visitors inside and in the line")
	enter(g, &v[2], &other4, 1, 20, gate_clock());
	enter(g, &v[3], &other4, 1, 20, gate_clock());
	gate_free(g);
	event_base_free(base);
	return test_end();
}
