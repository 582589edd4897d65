/* gate.h - politeness at the moment of the request.
 *
 * The frontier hands out URLs politely; this is the door behind it through
 * which every request goes, whoever makes it: a page, a robots.txt, a hop of
 * either onto another host. A place is a host or an address. At most `width`
 * are inside it at a time, and the next enters no sooner than the pause after
 * the last one left, by a monotonic clock and to the millisecond.
 *
 * Invariants
 *  G1  go() comes exactly once for each gate_enter() that returned GATE_WAIT,
 *      unless gate_cancel() came first, and never from inside gate_enter().
 *  G2  Those who wait enter in the order they came.
 *  G3  A place that nobody has used for its pause is forgotten.
 *  G4  No line is longer than its visitors allow: who would be too many is told
 *      when to come back, each at a time of his own. */
#ifndef GATE_H
#define GATE_H

#include <stdint.h>

#include "crawler/dns.h"

struct event_base;
struct gate;

struct gate_key {     /* all bytes count */
	uint8_t kind; /* 'h', '4', '6' */
	uint8_t id[16];
};

struct gate_wait { /* the visitor's place in the line; owned by the visitor */
	void (*go)(void *arg);
	void *arg;
	struct gate_place *at; /* NULL: neither waiting nor inside */
	struct gate_wait *next;
	int inside;
	int64_t since_ms; /* inside since */
};

enum gate_result { GATE_NOMEM = -1, GATE_WAIT, GATE_IN, GATE_LATER };

/* Monotonic milliseconds: the clock of all calls here. */
int64_t gate_clock(void);

struct gate *gate_new(struct event_base *);
void gate_free(struct gate *);

struct gate_key gate_host(uint64_t host);
struct gate_key gate_address(const struct dns_addr *);

/* line: how many may wait before this one. GATE_WAIT: go() will come, and is
 * then inside. GATE_LATER: come back in *later_ms. */
enum gate_result gate_enter(struct gate *, struct gate_wait *,
    const struct gate_key *, int width, int line, int64_t now_ms,
    int64_t *later_ms);
/* The answer has ended; the next may enter in pause_ms. */
void gate_leave(
    struct gate *, struct gate_wait *, int64_t pause_ms, int64_t now_ms);
/* Waiting, or inside without having asked: as if it had never come. */
void gate_cancel(struct gate *, struct gate_wait *, int64_t now_ms);

#endif
