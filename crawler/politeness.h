/* politeness.h - how long a host is left alone: pure functions.
 *
 * Nothing here keeps a host, a store or a clock: the caller gives what is known
 * and the time, and keeps what comes back. Times are milliseconds, "now" is
 * Unix time; the site's clock is UTC plus offset.
 *
 * Invariants
 *  P1  No pause is shorter than delay, nor than the Crawl-delay.
 *  P2  A bad answer never shortens a pause: errors come fast, and would make a
 *      crawler faster just when it has to be slower. */
#ifndef POLITENESS_H
#define POLITENESS_H

#include <stdint.h>

/* Failures in a row at which a host's circuit opens: it rests, and is then
 * asked for one URL at a time until an answer is good. */
#define POLITENESS_CIRCUIT 5

/* Slower than this a host is slow: it may not take every transfer. */
#define POLITENESS_SLOW_MS 5000

/* What holds for one host; 0 where there is none. Strings are borrowed. */
struct politeness {
	int64_t delay_ms, crawl_delay_ms;
	double adaptive;      /* times the response time ... */
	int64_t max_delay_ms; /* ... up to this */
	int64_t backoff_ms; /* after the first failure, doubled each time */
	int64_t rest_ms;    /* when the circuit opens, doubled each time */
	int64_t max_rest_ms;
	int64_t max_pages, max_bytes; /* a day */
	const char *const *hours;     /* "22:00-06:00", NULL-terminated */
	int64_t offset_ms;
};

/* What a host was asked for today, by its own clock. */
struct politeness_day {
	uint32_t day; /* since 1970 */
	uint32_t pages;
	uint64_t bytes;
};

struct config_values;
struct frontier_host;

/* What a site's settings say, with its host's state: politeness_rules.c. The
 * offset of the machine's clock is that of now. */
struct politeness politeness_rules(
    const struct config_values *, const struct frontier_host *, int64_t now_ms);
/* Why the host is not asked now, and until when; NULL: nothing but its turn.
 * What is shown to people (why, host), by the rules that visits go by. */
const char *politeness_reason(const struct config_values *,
    const struct frontier_host *, int64_t now_ms, int64_t *until_ms);

/* The pause from the end of a good answer to the next request. */
int64_t politeness_delay(const struct politeness *, uint32_t latency_ms);

/* Response time of a host, taking in one more (0: none so far): up at once,
 * down by a quarter of the difference, and by a bad answer not at all. */
uint32_t politeness_latency(uint32_t latency_ms, int64_t sample_ms, int good);

/* The pause after an answer that was the host's fault (none, 429, 5xx), the
 * failures-th in a row: it counts itself. */
int64_t politeness_backoff(
    const struct politeness *, uint32_t latency_ms, uint32_t failures);

/* Retry-After (RFC 9110, 10.2.3), seconds or a date, at most max_ms; -1: none,
 * or nothing that can be understood. */
int64_t politeness_retry_after(
    const char *value, int64_t max_ms, int64_t now_ms);

/* Requests and bytes that a host was asked for just now. */
void politeness_spend(const struct politeness *, struct politeness_day *,
    uint32_t pages, uint64_t bytes, int64_t now_ms);

/* NULL: the host may be asked now, as far as hours and budgets go; else why
 * not, and in *until_ms when it will be. */
const char *politeness_closed(const struct politeness *,
    const struct politeness_day *, int64_t now_ms, int64_t *until_ms);

#endif
