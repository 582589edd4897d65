/* politeness.c - see politeness.h. */
#include "crawler/politeness.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <curl/curl.h>

#define MINUTE_MS (60 * 1000LL)
#define DAY_MINUTES (24 * 60)
#define DAY_MS (DAY_MINUTES * MINUTE_MS)

static int64_t
longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
shorter(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ---- pauses ------------------------------------------------------------- */

int64_t
politeness_delay(const struct politeness *p, uint32_t latency_ms)
{
	double asked = p->adaptive * latency_ms;
	int64_t ms =
	    asked < (double)p->max_delay_ms ? (int64_t)asked : p->max_delay_ms;

	return longer(ms, longer(p->delay_ms, p->crawl_delay_ms)); /* P1 */
}

uint32_t
politeness_latency(uint32_t latency_ms, int64_t sample_ms, int good)
{
	uint32_t s = sample_ms < 1        ? 1
		     : sample_ms > DAY_MS ? (uint32_t)DAY_MS
					  : (uint32_t)sample_ms;

	if (!good && latency_ms == 0)
		return 0; /* a host that has not answered yet */
	if (s >= latency_ms)
		return s;
	return good ? latency_ms - (latency_ms - s + 3) / 4
		    : latency_ms; /* P2 */
}

/* first, doubled `times` times, up to most. */
static int64_t
doubled(int64_t first, uint32_t times, int64_t most)
{
	while (times-- > 0 && first < most)
		first *= 2;
	return shorter(first, most);
}

int64_t
politeness_backoff(
    const struct politeness *p, uint32_t latency_ms, uint32_t failures)
{
	int64_t ms = politeness_delay(p, latency_ms);

	if (failures > 0)
		ms = longer(
		    ms, doubled(p->backoff_ms, failures - 1, p->max_rest_ms));
	if (failures >= POLITENESS_CIRCUIT)
		ms = longer(ms,
		    doubled(p->rest_ms, failures - POLITENESS_CIRCUIT,
			p->max_rest_ms));
	return ms;
}

int64_t
politeness_retry_after(const char *s, int64_t max_ms, int64_t now_ms)
{
	int64_t ms;
	char *end;
	time_t t;

	if (s == NULL)
		return -1;
	while (*s == ' ' || *s == '\t')
		s++;
	if (*s >= '0' && *s <= '9') {
		ms = strtoll(s, &end, 10); /* the largest when it is too long */
		while (*end == ' ' || *end == '\t')
			end++;
		if (*end == '\0')
			return ms > max_ms / 1000 ? max_ms : ms * 1000;
	}
	if ((t = curl_getdate(s, NULL)) == (time_t)-1)
		return -1;
	if (t > (now_ms + max_ms) / 1000)
		return max_ms;
	return longer((int64_t)t * 1000 - now_ms, 0);
}

/* ---- hours and budgets -------------------------------------------------- */

static int64_t
day_of(const struct politeness *p, int64_t now_ms)
{
	return longer(now_ms + p->offset_ms, 0) / DAY_MS;
}

void
politeness_spend(const struct politeness *p, struct politeness_day *d,
    uint32_t pages, uint64_t bytes, int64_t now_ms)
{
	uint32_t today = (uint32_t)day_of(p, now_ms);

	if (d->day != today)
		*d = (struct politeness_day){.day = today};
	d->pages += d->pages < UINT32_MAX - pages ? pages : 0;
	d->bytes += bytes;
}

/* "22:00-06:00", as config/value.c has checked it, as minutes of the day. */
static int
window_parse(const char *s, int *from, int *to)
{
	int fh, fm, th, tm;

	if (sscanf(s, "%2d:%2d-%2d:%2d", &fh, &fm, &th, &tm) != 4)
		return -1;
	*from = (fh * 60 + fm) % DAY_MINUTES;
	*to = (th * 60 + tm) % DAY_MINUTES;
	return 0;
}

/* Minutes until one of the windows is open; 0: one is. */
static int
hours_wait(const char *const *hours, int minute)
{
	int wait = DAY_MINUTES, from, to, since, length;

	for (; *hours != NULL; hours++) {
		if (window_parse(*hours, &from, &to) != 0)
			continue;
		length = (to - from + DAY_MINUTES - 1) % DAY_MINUTES + 1;
		since = (minute - from + DAY_MINUTES) % DAY_MINUTES;
		if (since < length)
			return 0;
		wait = (int)shorter(wait, DAY_MINUTES - since);
	}
	return wait;
}

const char *
politeness_closed(const struct politeness *p, const struct politeness_day *d,
    int64_t now_ms, int64_t *until_ms)
{
	int64_t today = day_of(p, now_ms), local = now_ms + p->offset_ms;
	int wait = 0;

	*until_ms = now_ms;
	if (d->day == (uint64_t)today &&
	    ((p->max_pages > 0 && d->pages >= p->max_pages) ||
		(p->max_bytes > 0 && d->bytes >= (uint64_t)p->max_bytes))) {
		*until_ms = (today + 1) * DAY_MS - p->offset_ms;
		return p->max_pages > 0 && d->pages >= p->max_pages
			   ? "its pages of this day are spent"
			   : "its bytes of this day are spent";
	}
	if (p->hours != NULL && p->hours[0] != NULL)
		wait = hours_wait(
		    p->hours, (int)(longer(local, 0) % DAY_MS / MINUTE_MS));
	if (wait == 0)
		return NULL;
	*until_ms = (local / MINUTE_MS + wait) * MINUTE_MS - p->offset_ms;
	return "outside its hours";
}
