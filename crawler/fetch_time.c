/* fetch_time.c - the limits of a transfer in time.
 *
 * One sweep over the running slots keeps them, not a timer each: a page then
 * costs no timer. A limit is met at most an eighth of the shortest late.
 *
 * What HTTP/2 brings besides the answer (pings, settings, empty frames) moves
 * no window of bytes, but costs CPU at the rate of the wire: more of it than
 * FLOOD_BYTES and FLOOD_TIMES what was of use ends the transfer.
 *
 * Invariants
 *  T1  Every transfer ends by one of: connect and first byte together (nothing
 *      sent yet, whatever it waits for), first byte, low speed, the whole. */
#include "crawler/fetch_parts.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <time.h>

#include <event2/event.h>

#define FLOOD_BYTES (1 << 20)
#define FLOOD_TIMES 8

int64_t
fetch_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* What has come over a socket so far; 0: the system does not tell. */
static uint64_t
bytes_received(curl_socket_t fd)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return 0;
	return info.tcpi_bytes_received;
}

void
fetch_time_socket(CURL *easy, curl_socket_t fd)
{
	struct fetch *f;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &f);
	if (!f->target.tls) /* HTTP/1 */
		return;
	f->fd = fd;
	f->fd_bytes = bytes_received(fd);
}

static int
is_flood(const struct fetch *f)
{
	uint64_t useful = f->headers.bytes + f->answer.body_len, all;

	if (!f->sent || f->fd < 0)
		return 0;
	all = bytes_received(f->fd);
	return all > f->fd_bytes &&
	       all - f->fd_bytes > FLOOD_BYTES + FLOOD_TIMES * useful;
}

/* The words of the limit that f has passed, or NULL. */
static const char *
limit_passed(struct fetch *f, int64_t now)
{
	const struct fetch_options *o = &f->owner->opt;

	if (now - f->started_ms >= o->timeout_ms)
		return "whole transfer over its time";
	if (f->state != FETCH_RUNNING)
		return NULL; /* the name server's limit */
	/* libcurl keeps connect_ms itself, but not while a request waits for
	 * its turn on a shared HTTP/2 connection. */
	if (!f->sent)
		return now - f->run_ms >= o->connect_ms + o->first_byte_ms
			   ? "no turn within the connect and first-byte times"
			   : NULL;
	if (!f->headers.begun)
		return now - f->sent_ms >= o->first_byte_ms
			   ? "no answer within the first-byte time"
			   : NULL;
	if (o->low_speed_ms <= 0 || now - f->window_ms < o->low_speed_ms)
		return NULL;
	if ((int64_t)f->window_bytes * 1000 <
	    o->low_speed_bytes * (now - f->window_ms))
		return "slower than low_speed";
	f->window_ms = now;
	f->window_bytes = 0;
	return NULL;
}

static void
sweep_cb(evutil_socket_t fd, short what, void *arg)
{
	struct fetcher *x = arg;
	struct fetch *f, *next;
	const char *words;
	int64_t now = fetch_clock_ms();

	(void)fd;
	(void)what;
	for (f = TAILQ_FIRST(&x->busy); f != NULL; f = next) {
		next = TAILQ_NEXT(f, link);
		words = limit_passed(f, now);
		if (words != NULL)
			fetch_fail(f, FETCH_TIMEOUT, words);
		else if (is_flood(f))
			fetch_fail(f, FETCH_PROTOCOL, "a flood of frames");
		else
			continue;
		/* libcurl would keep one of HTTP/2. */
		curl_easy_setopt(f->easy, CURLOPT_FORBID_REUSE, 1L);
		fetch_ended(f);
	}
	if (!TAILQ_EMPTY(&x->busy))
		fetch_time_arm(x);
	fetcher_drain(x);
}

/* An eighth of the shortest limit: close enough, and rare. */
static int64_t
sweep_every(const struct fetch_options *o)
{
	int64_t ms = o->timeout_ms;

	if (o->first_byte_ms < ms)
		ms = o->first_byte_ms;
	if (o->low_speed_ms > 0 && o->low_speed_ms < ms)
		ms = o->low_speed_ms;
	ms /= 8;
	return ms < 10 ? 10 : ms > 1000 ? 1000 : ms;
}

void
fetch_time_init(struct fetcher *x)
{
	evtimer_assign(&x->sweep, x->base, sweep_cb, x);
}

void
fetch_time_arm(struct fetcher *x)
{
	struct timeval tv = {x->sweep_ms / 1000, x->sweep_ms % 1000 * 1000};

	if (!evtimer_pending(&x->sweep, NULL))
		evtimer_add(&x->sweep, &tv);
}

void
fetcher_set_limits(struct fetcher *x, const struct fetch_options *o)
{
	x->opt.timeout_ms = o->timeout_ms;
	x->opt.connect_ms = o->connect_ms;
	x->opt.first_byte_ms = o->first_byte_ms;
	x->opt.low_speed_bytes = o->low_speed_bytes;
	x->opt.low_speed_ms = o->low_speed_ms;
	x->sweep_ms = sweep_every(o);
}
