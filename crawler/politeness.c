/* politeness.c - see politeness.h. */
#include "crawler/politeness.h"

#include <stdlib.h>
#include <time.h>

#include <curl/curl.h>

#define REST_MS (60 * 1000LL) /* first rest, doubled each time */
#define REST_MAX_MS (3600 * 1000LL)

int64_t
politeness_backoff(uint32_t failures, int64_t delay_ms)
{
	int64_t ms = delay_ms;
	uint32_t n;

	if (failures >= POLITENESS_CIRCUIT) {
		n = failures - POLITENESS_CIRCUIT;
		ms = n < 6 ? REST_MS << n : REST_MAX_MS;
	}
	return ms > delay_ms ? ms : delay_ms;
}

int64_t
politeness_retry_after(const char *s, int64_t max_ms, int64_t now_ms)
{
	int64_t ms;
	char *end;
	time_t t;

	if (s == NULL)
		return -1;
	while (*s == ' ')
		s++;
	if (*s >= '0' && *s <= '9') {
		ms = strtoll(s, &end, 10);
		ms = ms > max_ms / 1000 ? max_ms : ms * 1000;
		return *end == '\0' ? ms : -1;
	}
	if ((t = curl_getdate(s, NULL)) == (time_t)-1)
		return -1;
	ms = (int64_t)t * 1000 - now_ms;
	return ms < 0 ? 0 : ms > max_ms ? max_ms : ms;
}
