/* The line at an address, on a real loop, with pauses of milliseconds. */
#include "crawler/gate.h"

#include <event2/event.h>

#include "tests/test.h"

#define N 8

struct visitor {
	struct gate_wait wait;
	struct gate *gate;
	int64_t went; /* 0: not yet */
	int stays;    /* leaves in go() or later */
};

static struct event_base *base;
static int went[64], nwent;
static struct visitor v[N];

static int64_t
now_ms(void)
{
	struct timeval tv;

	evutil_gettimeofday(&tv, NULL);
	return (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

static void
go_cb(void *arg)
{
	struct visitor *x = arg;

	x->went = now_ms();
	went[nwent++] = (int)(x - v);
	CHECK_INT(x->wait.inside, 1);
	if (!x->stays)
		gate_leave(x->gate, &x->wait, x->went);
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
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_base_loopexit(base, &tv);
	event_base_dispatch(base);
}

static const struct dns_addr a4 = { 4, { 127, 0, 0, 1, 9, 9 } },
			     same4 = { 4, { 127, 0, 0, 1 } },
			     other4 = { 4, { 127, 0, 0, 2 } },
			     a6 = { 6, { 127, 0, 0, 1 } };

int
main(void)
{
	struct gate *g;
	int64_t t;
	int i, wide = 0;

	base = event_base_new();
	g = gate_new(base);
	visitors(g);

	TEST("gate: visitors enter in their order, a pause after each answer")
	t = now_ms();
	CHECK_INT(gate_enter(g, &v[0].wait, &a4, 1, 30, t), 1);
	for (i = 1; i < 5; i++)
		CHECK_INT(gate_enter(g, &v[i].wait, &same4, 1, 30, t), 0);
	CHECK_INT(nwent, 0);
	run(40);
	CHECK_INT(nwent, 0); /* the first is still inside */
	t = now_ms();
	gate_leave(g, &v[0].wait, t);
	run(200);
	CHECK_INT(nwent, 4);
	for (i = 1; i < 5; i++) {
		CHECK_INT(went[i - 1], i);
		CHECK(v[i].went - t >= 29);
		t = v[i].went;
	}

	TEST("gate: other addresses have lines of their own")
	run(60); /* all forgotten */
	visitors(g);
	t = now_ms();
	CHECK_INT(gate_enter(g, &v[0].wait, &a4, 1, 1000, t), 1);
	CHECK_INT(gate_enter(g, &v[1].wait, &other4, 1, 1000, t), 1);
	CHECK_INT(gate_enter(g, &v[2].wait, &a6, 1, 1000, t), 1);
	CHECK_INT(gate_enter(g, &v[3].wait, &a4, 1, 1000, t), 0);
	for (i = 0; i < 4; i++)
		gate_cancel(g, &v[i].wait, t);
	gate_cancel(g, &v[0].wait, t); /* once more is nothing */
	run(20);
	CHECK_INT(nwent, 0);

	TEST("gate: no more than width are inside, others follow as they leave")
	gate_free(g);
	g = gate_new(base);
	visitors(g);
	t = now_ms();
	for (i = 0; i < N; i++) {
		v[i].stays = 1;
		wide += gate_enter(g, &v[i].wait, &a4, 3, 10, t);
	}
	CHECK_INT(wide, 3);
	run(30);
	CHECK_INT(nwent, 0);
	gate_leave(g, &v[0].wait, now_ms());
	run(40);
	CHECK_INT(nwent, 1);
	CHECK_INT(went[0], 3);

	TEST("gate: who is cancelled in the line is passed over")
	gate_cancel(g, &v[4].wait, now_ms());
	gate_cancel(g, &v[7].wait, now_ms());
	gate_leave(g, &v[1].wait, now_ms());
	gate_leave(g, &v[2].wait, now_ms());
	run(60);
	CHECK_INT(nwent, 3);
	CHECK_INT(went[1], 5);
	CHECK_INT(went[2], 6);
	/* The tail was cancelled: the next to come is not lost. */
	v[7].wait.at = NULL;
	CHECK_INT(gate_enter(g, &v[7].wait, &a4, 3, 10, now_ms()), 0);
	gate_leave(g, &v[5].wait, now_ms());
	run(40);
	CHECK_INT(nwent, 4);
	CHECK_INT(went[3], 7);

	TEST("gate: a clock set back by an hour costs one pause")
	gate_free(g);
	g = gate_new(base);
	visitors(g);
	t = now_ms();
	CHECK_INT(gate_enter(g, &v[0].wait, &a4, 1, 20, t + 3600000), 1);
	gate_leave(g, &v[0].wait, t + 3600000);
	CHECK_INT(gate_enter(g, &v[1].wait, &a4, 1, 20, t), 0);
	run(80);
	CHECK_INT(nwent, 1);

	TEST("gate: it is freed with visitors inside and in the line")
	v[2].stays = 1;
	gate_enter(g, &v[2].wait, &other4, 1, 20, now_ms());
	gate_enter(g, &v[3].wait, &other4, 1, 20, now_ms());
	gate_free(g);
	event_base_free(base);
	return test_end();
}
