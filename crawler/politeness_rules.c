/* politeness_rules.c - what holds for a host: its site's settings, and what its
 * row remembers of robots.txt, failures and the day. */
#include <stdlib.h>
#include <time.h>

#include "config/config.h"
#include "crawler/frontier.h"
#include "crawler/politeness.h"

/* How far the site's clock is ahead of UTC: its setting, else the machine's. */
static int64_t
site_offset_ms(const struct config_values *cfg, int64_t now_ms)
{
	const char *z = cfg->site_timezone;
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;
	int minutes;

	if (z[0] == '\0')
		return localtime_r(&now, &tm) != NULL ? tm.tm_gmtoff * 1000LL
						      : 0;
	minutes = atoi(z + 1) * 60 + atoi(z + 4);
	return (z[0] == '-' ? -minutes : minutes) * 60000LL;
}

struct politeness
politeness_rules(const struct config_values *c, const struct frontier_host *h,
    int64_t now_ms)
{
	int64_t crawl = h->crawl_delay_ms;

	if (crawl > c->politeness_max_crawl_delay)
		crawl = c->politeness_max_crawl_delay;
	if (c->politeness_robots == CONFIG_POLITENESS_ROBOTS_IGNORE)
		crawl = 0;
	return (struct politeness){.delay_ms = c->politeness_delay,
	    .crawl_delay_ms = crawl,
	    .adaptive = c->politeness_adaptive,
	    .max_delay_ms = c->politeness_max_delay,
	    .backoff_ms = c->politeness_backoff,
	    .rest_ms = c->politeness_rest,
	    .max_rest_ms = c->politeness_max_rest,
	    .max_pages = c->politeness_max_pages_per_day,
	    .max_bytes = c->politeness_max_bytes_per_day,
	    .hours = c->politeness_hours,
	    .offset_ms = site_offset_ms(c, now_ms)};
}

const char *
politeness_reason(const struct config_values *c, const struct frontier_host *h,
    int64_t now_ms, int64_t *until_ms)
{
	struct politeness p = politeness_rules(c, h, now_ms);
	struct politeness_day d = {h->day, h->day_pages, h->day_bytes};
	const char *why = politeness_closed(&p, &d, now_ms, until_ms);

	if (why != NULL && *until_ms >= h->next_ms)
		return why;
	*until_ms = h->next_ms;
	if (h->next_ms <= now_ms)
		return NULL;
	return h->failures >= POLITENESS_CIRCUIT ? "it rests after failures"
	       : h->failures > 0                 ? "it failed, or asked to wait"
						 : why;
}
