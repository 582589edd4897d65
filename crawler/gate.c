/* gate.c - see gate.h. One struct a place in a chained hash table; its timer
 * lets the next in, or, when nobody waits, forgets the place. */
#include "crawler/gate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#define BUCKETS 4096
#define LATER_MIN_MS 50
#define LATER_MAX_MS (60 * 1000)

struct gate_place {
	struct gate *gate;
	struct gate_place *chain;
	struct gate_key key;
	int inside, width, line;
	int64_t next_ms;   /* nobody enters before */
	int64_t pause_ms;  /* the last one */
	int64_t stay_ms;   /* how long they are inside, on average */
	int64_t ticket_ms; /* when the last one sent away was told to come */
	struct gate_wait *head, **tail;
	struct event *timer;
};

struct gate {
	struct event_base *base;
	struct gate_place *bucket[BUCKETS];
};

int64_t
gate_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct gate *
gate_new(struct event_base *base)
{
	struct gate *g = calloc(1, sizeof *g);

	if (g != NULL)
		g->base = base;
	return g;
}

struct gate_key
gate_host(uint64_t host)
{
	struct gate_key k = {.kind = 'h'};

	memcpy(k.id, &host, sizeof host);
	return k;
}

struct gate_key
gate_address(const struct dns_addr *a)
{
	struct gate_key k = {.kind = a->family == 4 ? '4' : '6'};

	memcpy(k.id, a->ip, a->family == 4 ? 4 : 16);
	return k;
}

static unsigned
bucket_of(const struct gate_key *k)
{
	unsigned h = (2166136261u ^ k->kind) * 16777619u;
	size_t i;

	for (i = 0; i < sizeof k->id; i++)
		h = (h ^ k->id[i]) * 16777619u;
	return (h ^ h >> 13) % BUCKETS;
}

static void
place_free(struct gate_place *a)
{
	struct gate_place **p = &a->gate->bucket[bucket_of(&a->key)];

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
			place_free(g->bucket[i]);
	free(g);
}

static void
place_arm(struct gate_place *a, int64_t now_ms)
{
	int64_t left = a->next_ms > now_ms ? a->next_ms - now_ms : 0;
	struct timeval tv = {left / 1000, left % 1000 * 1000};

	event_add(a->timer, &tv);
}

static void
place_enter(struct gate_place *a, struct gate_wait *w, int64_t now_ms)
{
	a->inside++;
	w->inside = 1;
	w->since_ms = now_ms;
}

static void
place_timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct gate_place *a = arg;
	struct gate_wait *w = a->head;
	int64_t now = gate_clock();

	(void)fd;
	(void)what;
	if (a->inside >= a->width && w != NULL)
		return; /* gate_leave() arms the timer again */
	if (now < a->next_ms) {
		place_arm(a, now);
		return;
	}
	if (w == NULL) {
		if (a->inside == 0)
			place_free(a);
		return;
	}
	if ((a->head = w->next) == NULL)
		a->tail = &a->head;
	a->line--;
	place_enter(a, w, now);
	if (a->head != NULL)
		place_arm(a, now);
	w->go(w->arg);
}

static struct gate_place *
place_get(struct gate *g, const struct gate_key *key)
{
	struct gate_place **p = &g->bucket[bucket_of(key)], *a;

	for (a = *p; a != NULL; a = a->chain)
		if (memcmp(&a->key, key, sizeof *key) == 0)
			return a;
	if ((a = calloc(1, sizeof *a)) == NULL)
		return NULL;
	a->gate = g;
	a->key = *key;
	a->tail = &a->head;
	if ((a->timer = evtimer_new(g->base, place_timer_cb, a)) == NULL) {
		free(a);
		return NULL;
	}
	a->chain = *p;
	*p = a;
	return a;
}

/* G4: behind the line, and behind who was sent away before. */
static int64_t
place_ticket(struct gate_place *a, int64_t now_ms)
{
	int64_t turn = a->pause_ms + a->stay_ms, ms;

	if (turn < LATER_MIN_MS)
		turn = LATER_MIN_MS;
	ms = (a->next_ms > now_ms ? a->next_ms : now_ms) + a->line * turn;
	if (a->ticket_ms > ms)
		ms = a->ticket_ms;
	ms += turn;
	if (ms > now_ms + LATER_MAX_MS)
		ms = now_ms + LATER_MAX_MS;
	a->ticket_ms = ms;
	return ms - now_ms;
}

enum gate_result
gate_enter(struct gate *g, struct gate_wait *w, const struct gate_key *key,
    int width, int line, int64_t now_ms, int64_t *later_ms)
{
	struct gate_place *a = place_get(g, key);

	if (a == NULL)
		return GATE_NOMEM;
	a->width = width;
	if (a->head == NULL && a->inside < width && now_ms >= a->next_ms) {
		w->at = a;
		place_enter(a, w, now_ms);
		return GATE_IN;
	}
	if (a->line >= line) {
		*later_ms = place_ticket(a, now_ms);
		return GATE_LATER;
	}
	w->at = a;
	w->next = NULL;
	w->inside = 0;
	*a->tail = w;
	a->tail = &w->next;
	a->line++;
	if (a->inside < width)
		place_arm(a, now_ms);
	return GATE_WAIT;
}

static void
place_leave(struct gate_place *a, struct gate_wait *w, int64_t now_ms)
{
	assert(w->inside);
	a->inside--;
	w->at = NULL;
	w->inside = 0;
	place_arm(a, now_ms);
}

void
gate_leave(
    struct gate *g, struct gate_wait *w, int64_t pause_ms, int64_t now_ms)
{
	struct gate_place *a = w->at;
	int64_t next = pause_ms > 0 ? now_ms + 1 + pause_ms : 0;

	(void)g;
	if (a == NULL)
		return;
	if (a->next_ms < next) /* now_ms was rounded down */
		a->next_ms = next;
	a->pause_ms = pause_ms;
	a->stay_ms = (a->stay_ms * 3 + (now_ms - w->since_ms)) / 4;
	place_leave(a, w, now_ms);
}

void
gate_cancel(struct gate *g, struct gate_wait *w, int64_t now_ms)
{
	struct gate_place *a = w->at;
	struct gate_wait **p;

	(void)g;
	if (a == NULL)
		return;
	if (w->inside) {
		place_leave(a, w, now_ms);
		return;
	}
	for (p = &a->head; *p != w; p = &(*p)->next)
		continue;
	if ((*p = w->next) == NULL)
		a->tail = p;
	a->line--;
	w->at = NULL;
	if (a->inside < a->width)
		place_arm(a, now_ms);
}
