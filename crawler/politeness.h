/* politeness.h - how long a host is left alone: pure functions.
 *
 * Nothing here knows a host, a store or a clock: the caller gives what is known
 * and the time, and keeps what comes back. All times are milliseconds; "now" is
 * Unix time. */
#ifndef POLITENESS_H
#define POLITENESS_H

#include <stdint.h>

/* Failures in a row at which a host's circuit opens: it rests, and is then
 * asked for one URL at a time until an answer is good. */
#define POLITENESS_CIRCUIT 5

/* The pause after an answer that was the host's fault, the failures-th in a
 * row (it counts itself); delay_ms: the host's pause after a good one. */
int64_t politeness_backoff(uint32_t failures, int64_t delay_ms);

/* Retry-After (RFC 9110, 10.2.3), seconds or a date, at most max_ms; -1: none,
 * or nothing that can be understood. */
int64_t politeness_retry_after(
    const char *value, int64_t max_ms, int64_t now_ms);

#endif
