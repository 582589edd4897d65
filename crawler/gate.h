/* gate.h - politeness per address: hosts that share a server share its pause.
 *
 * A visit enters before its request and leaves after its answer. At most `width`
 * are inside for one address, and the next enters no sooner than `delay` after the
 * last one left.
 *
 * Invariants
 *  G1  go() comes exactly once for each gate_enter() that returned 0, unless
 *      gate_cancel() came first, and never from inside gate_enter().
 *  G2  Those who wait enter in the order they came.
 *  G3  An address that nobody has used for its delay is forgotten. */
#ifndef GATE_H
#define GATE_H

#include <stdint.h>

#include "crawler/dns.h"

struct event_base;
struct gate;

struct gate_wait { /* the visitor's place in the line; owned by the visitor */
	void (*go)(void *arg);
	void *arg;
	struct gate_address *at; /* NULL: neither waiting nor inside */
	struct gate_wait *next;
	int inside;
};

struct gate *gate_new(struct event_base *);
void gate_free(struct gate *);

/* 1: inside. 0: go() will come, and is then inside. -1: no memory. */
int gate_enter(struct gate *, struct gate_wait *, const struct dns_addr *,
    int width, int64_t delay_ms, int64_t now_ms);
/* The answer has ended. */
void gate_leave(struct gate *, struct gate_wait *, int64_t now_ms);
/* Whether waiting or inside: as if it had never come. */
void gate_cancel(struct gate *, struct gate_wait *, int64_t now_ms);

#endif
