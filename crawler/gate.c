/* gate.c - see gate.h. One struct an address in a chained hash table; its timer
 * lets the next in, or, when nobody waits, forgets the address. */
#include "crawler/gate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#define BUCKETS 4096

struct gate_address {
	struct gate *gate;
	struct gate_address *chain;
	struct dns_addr addr;
	int inside, width;
	int64_t delay_ms, next_ms;
	struct gate_wait *head, **tail;
	struct event *timer;
};

struct gate {
	struct event_base *base;
	struct gate_address *bucket[BUCKETS];
};

struct gate *
gate_new(struct event_base *base)
{
	struct gate *g = calloc(1, sizeof *g);

	if (g != NULL)
		g->base = base;
	return g;
}

static unsigned
bucket_of(const struct dns_addr *a)
{
	unsigned h = 2166136261u;
	size_t i;

	for (i = 0; i < sizeof a->ip; i++)
		h = (h ^ a->ip[i]) * 16777619u;
	return (h ^ h >> 13) % BUCKETS;
}

static void
address_free(struct gate_address *a)
{
	struct gate_address **p = &a->gate->bucket[bucket_of(&a->addr)];

	while (*p != a)
		p = &(*p)->chain;
	*p = a->chain;
	event_free(a->timer);
	free(a);
}

void
gate_free(struct gate *g)
{
	int i;

	if (g == NULL)
		return;
	for (i = 0; i < BUCKETS; i++)
		while (g->bucket[i] != NULL)
			address_free(g->bucket[i]);
	free(g);
}

static int64_t
gate_now(struct gate *g)
{
	struct timeval tv;

	event_base_gettimeofday_cached(g->base, &tv);
	return (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

static void
address_arm(struct gate_address *a, int64_t now_ms)
{
	int64_t left = a->next_ms > now_ms ? a->next_ms - now_ms : 0;
	struct timeval tv;

	if (left > a->delay_ms) { /* the clock was set back */
		left = a->delay_ms;
		a->next_ms = now_ms + left;
	}
	tv.tv_sec = left / 1000;
	tv.tv_usec = left % 1000 * 1000;
	event_add(a->timer, &tv);
}

static void
address_timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct gate_address *a = arg;
	struct gate_wait *w = a->head;
	int64_t now = gate_now(a->gate);

	(void)fd;
	(void)what;
	if (w == NULL) {
		if (a->inside == 0)
			address_free(a);
		return;
	}
	if (a->inside >= a->width)
		return; /* gate_leave() arms the timer again */
	if (now < a->next_ms) {
		address_arm(a, now);
		return;
	}
	if ((a->head = w->next) == NULL)
		a->tail = &a->head;
	a->inside++;
	w->inside = 1;
	if (a->head != NULL)
		address_arm(a, now);
	w->go(w->arg);
}

static struct gate_address *
address_get(struct gate *g, const struct dns_addr *addr)
{
	struct gate_address **p = &g->bucket[bucket_of(addr)], *a;
	size_t n = addr->family == 4 ? 4 : 16;

	for (a = *p; a != NULL; a = a->chain)
		if (a->addr.family == addr->family &&
		    memcmp(a->addr.ip, addr->ip, n) == 0)
			return a;
	if ((a = calloc(1, sizeof *a)) == NULL)
		return NULL;
	a->gate = g;
	a->addr = *addr;
	a->tail = &a->head;
	if ((a->timer = evtimer_new(g->base, address_timer_cb, a)) == NULL) {
		free(a);
		return NULL;
	}
	a->chain = *p;
	*p = a;
	return a;
}

int
gate_enter(struct gate *g, struct gate_wait *w, const struct dns_addr *addr,
    int width, int64_t delay_ms, int64_t now_ms)
{
	struct dns_addr key = { .family = addr->family };
	struct gate_address *a;

	memcpy(key.ip, addr->ip, addr->family == 4 ? 4 : 16);
	if ((a = address_get(g, &key)) == NULL)
		return -1;
	a->width = width;
	a->delay_ms = delay_ms;
	w->at = a;
	w->next = NULL;
	w->inside = 0;
	if (a->head == NULL && a->inside < width && now_ms >= a->next_ms) {
		a->inside++;
		w->inside = 1;
		return 1;
	}
	*a->tail = w;
	a->tail = &w->next;
	if (a->inside < width)
		address_arm(a, now_ms);
	return 0;
}

void
gate_leave(struct gate *g, struct gate_wait *w, int64_t now_ms)
{
	struct gate_address *a = w->at;

	(void)g;
	if (a == NULL)
		return;
	assert(w->inside);
	a->inside--;
	a->next_ms = now_ms + a->delay_ms;
	w->at = NULL;
	w->inside = 0;
	address_arm(a, now_ms);
}

void
gate_cancel(struct gate *g, struct gate_wait *w, int64_t now_ms)
{
	struct gate_address *a = w->at;
	struct gate_wait **p;

	if (a == NULL)
		return;
	if (w->inside) {
		gate_leave(g, w, now_ms);
		return;
	}
	for (p = &a->head; *p != w; p = &(*p)->next)
		continue;
	if ((*p = w->next) == NULL)
		a->tail = p;
	w->at = NULL;
	if (a->inside < a->width)
		address_arm(a, now_ms);
}
