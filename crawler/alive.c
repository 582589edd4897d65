/* alive.c - see alive.h. */
#include "crawler/alive.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#include "crawler/engine.h"
#include "crawler/log.h"
#include "crawler/notify.h"
#include "crawler/rates.h"
#include "crawler/words.h"
#ifdef WINNOW_TEST_HOOKS
#include <signal.h>
#endif

#define SENTENCE 800
#define STATUS_MS 10000 /* how old a STATUS= gets */
#define TICKS 4         /* in the time that the watchdog waits, at least */
#define RATE_MS 60000   /* that a rate is the average of */
#define PROGRESS_MS 120000 /* for the next bounded part of a long work */

struct alive {
	struct event_base *base;
	struct engine *engine;
	struct notify *notify;
	struct event *ready, *tick;
	uint64_t turns; /* of the engine, at the last tick */
	int stopping;
	char trouble[256]; /* of the last reload; "": none */
#ifdef WINNOW_TEST_HOOKS
	struct event *hooks[2];
#endif
};

/* ---- the sentence -------------------------------------------------------- */

/* What is being done; `why` may hold paths. */
static void
say_state(const struct alive *a, const struct engine_stat *s, FILE *f)
{
	double rate[RATES_N];

	(void)rates_over(engine_rates(a->engine), RATE_MS, rate);
	if (a->stopping)
		fputs("stopping, what is there is being written", f);
	else if (s->room.why != NULL)
		fprintf(f, "nothing is fetched: %s", s->room.why);
	else if (s->draining)
		fprintf(f, "draining, %d %s under way", s->visit.running,
		    words_noun((uint64_t)s->visit.running, "page", "pages"));
	else if (s->paused)
		fputs("paused, winnow resume goes on", f);
	else if (s->visit.running == 0)
		fputs("nothing is due", f);
	else
		fprintf(f, "%d %s under way, %.1f/s", s->visit.running,
		    words_noun((uint64_t)s->visit.running, "page", "pages"),
		    rate[RATES_PAGES]);
}

/* A line's end would begin another variable, and a manager passes over words
 * that are no UTF-8: a value from a file, or a character that was cut. */
static void
mend(char *s)
{
	size_t left = strlen(s), k;

	for (; left > 0; s += k, left -= k)
		if ((k = log_printable((const unsigned char *)s, left)) == 0) {
			*s = *s == '\n' || *s == '\t' ? ' ' : '?';
			k = 1;
		}
}

/* A line for people, of less than SENTENCE bytes. */
static const char *
sentence(const struct alive *a, char out[SENTENCE])
{
	struct engine_stat s;
	FILE *f = fmemopen(out, SENTENCE, "w");

	out[0] = '\0';
	if (f == NULL)
		return out;
	engine_stat(a->engine, &s);
	say_state(a, &s, f);
	fprintf(f,
	    "; %llu %s of %llu %s since the start, %llu %s to do",
	    (unsigned long long)s.outlet.records,
	    words_noun(s.outlet.records, "article", "articles"),
	    (unsigned long long)s.visit.fetched,
	    words_noun(s.visit.fetched, "page", "pages"),
	    (unsigned long long)s.frontier.due,
	    words_noun(s.frontier.due, "URL", "URLs"));
	if (a->trouble[0] != '\0')
		fprintf(f, "; the last reload failed: %s", a->trouble);
	fclose(f);
	out[SENTENCE - 1] = '\0';
	mend(out);
	return out;
}

/* ---- ticks --------------------------------------------------------------- */

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct alive *a = arg;
	uint64_t turns = engine_pulse(a->engine);
	char text[SENTENCE];

	(void)fd;
	(void)what;
	if (turns == a->turns)
		return; /* W2 */
	a->turns = turns;
	notify_sign(a->notify, "WATCHDOG=1\nSTATUS=%s", sentence(a, text));
}

static void
ready_cb(evutil_socket_t fd, short what, void *arg)
{
	struct alive *a = arg;
	char text[SENTENCE];

	(void)fd;
	(void)what;
	notify_state(a->notify, "READY=1\nSTATUS=%s", sentence(a, text));
}

static struct timeval
tick_every(void)
{
	int64_t ms = notify_watchdog_ms() / TICKS;
	struct timeval tv;

	if (ms <= 0 || ms > STATUS_MS)
		ms = STATUS_MS;
	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	return tv;
}

/* ---- test hooks --------------------------------------------------------- */

#ifdef WINNOW_TEST_HOOKS
/* In no program that is installed: a callback that never returns, and an event
 * that is due again whenever it is served, so that nothing else is. */
static void
hang_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	for (;;)
		nanosleep(&(struct timespec){1, 0}, NULL);
}

static void
storm_cb(evutil_socket_t fd, short what, void *arg)
{
	struct alive *a = arg;

	(void)fd;
	(void)what;
	event_active(a->hooks[1], EV_SIGNAL, 1);
}

static int
hooks_start(struct alive *a)
{
	a->hooks[0] = evsignal_new(a->base, SIGUSR2, hang_cb, a);
	a->hooks[1] = evsignal_new(a->base, SIGURG, storm_cb, a);
	return a->hooks[0] == NULL || a->hooks[1] == NULL ||
		       event_add(a->hooks[0], NULL) != 0 ||
		       event_add(a->hooks[1], NULL) != 0
		   ? -1
		   : 0;
}

static void
hooks_stop(struct alive *a)
{
	int i;

	for (i = 0; i < 2; i++)
		if (a->hooks[i] != NULL)
			event_free(a->hooks[i]);
}
#else
static int
hooks_start(struct alive *a)
{
	(void)a;
	return 0;
}

static void
hooks_stop(struct alive *a)
{
	(void)a;
}
#endif

/* ---- from outside ------------------------------------------------------- */

int
alive_new(struct alive **out, struct event_base *base)
{
	struct alive *a = calloc(1, sizeof *a);

	*out = NULL;
	if (a == NULL || notify_new(&a->notify, base) != 0) {
		free(a);
		return -1;
	}
	a->base = base;
	*out = a;
	return 0;
}

void
alive_free(struct alive *a)
{
	if (a == NULL)
		return;
	hooks_stop(a);
	if (a->ready != NULL)
		event_free(a->ready);
	if (a->tick != NULL)
		event_free(a->tick);
	notify_free(a->notify);
	free(a);
}

int
alive_start(struct alive *a, struct engine *e)
{
	static const struct timeval now = {0, 0};
	struct timeval every = tick_every();

	a->engine = e;
	a->ready = evtimer_new(a->base, ready_cb, a);
	a->tick = event_new(a->base, -1, EV_PERSIST, tick_cb, a);
	return a->ready == NULL || a->tick == NULL ||
		       event_add(a->ready, &now) != 0 ||
		       event_add(a->tick, &every) != 0 || hooks_start(a) != 0
		   ? -1
		   : 0;
}

void
alive_failed(struct alive *a, const char *why)
{
	char text[SENTENCE];

	snprintf(text, sizeof text, "cannot start: %s", why);
	mend(text);
	notify_state(a->notify, "STATUS=%s", text);
}

/* Before READY there is no watchdog, but a time in which to start. */
void
alive_progress(struct alive *a)
{
	notify_sign(a->notify, "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=%lld",
	    (long long)PROGRESS_MS * 1000);
}

/* With its time, by which a manager knows which of its requests is meant. */
void
alive_reloading(struct alive *a)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	notify_state(a->notify, "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

void
alive_reloaded(struct alive *a, const char *failed)
{
	char text[SENTENCE];

	a->trouble[0] = '\0';
	if (failed != NULL)
		snprintf(a->trouble, sizeof a->trouble, "%.*s",
		    (int)strcspn(failed, "\n"), failed);
	notify_state(a->notify, "READY=1\nSTATUS=%s", sentence(a, text));
}

void
alive_stopping(struct alive *a)
{
	char text[SENTENCE];

	a->stopping = 1;
	notify_state(a->notify, "STOPPING=1\nSTATUS=%s", sentence(a, text));
}
