/* visit_host.c - what a visit tells the host it asks, and learns of it.
 *
 * A host's state stands in its row (frontier_host): it is shared by all its
 * URLs and names, and outlives the process. The arithmetic is politeness.c's.
 *
 * The host that is asked (v->to) is the URL's own, but for a robots.txt that
 * leads to another: then its failures are noted at both, its pages and bytes
 * where they were spent. */
#include "config/config.h"
#include "crawler/fetch.h"
#include "crawler/log.h"
#include "crawler/politeness.h"
#include "crawler/visit_parts.h"

#define HELD_MS 60000 /* a host that is paused is looked at again so often */
#define RESUMED_MS (120 * 1000LL) /* a longer pause is in the store */
/* In an outage of our own no host gets more than so many for it: it rests four
 * times politeness.rest at most, longer than winnow crawl waits for anybody. */
#define OUTAGE_FAILURES (POLITENESS_CIRCUIT + 2)

/* Its own authority's Crawl-delay counts in, though the row has another's. */
static struct politeness
rules_of(const struct visit *v, const struct frontier_host *h)
{
	struct politeness p = politeness_rules(v->to.cfg, h, v->now_ms);

	if (p.crawl_delay_ms < v->to.crawl_delay_ms)
		p.crawl_delay_ms = v->to.crawl_delay_ms;
	return p;
}

static struct politeness_day
day_of(const struct frontier_host *h)
{
	return (struct politeness_day){h->day, h->day_pages, h->day_bytes};
}

void
visit_crawl_delay(struct visit *v, const void *rules, size_t len)
{
	int64_t ms = robots_crawl_delay_ms(rules, len),
		most = v->to.cfg->politeness_max_crawl_delay;

	v->to.crawl_delay_ms = ms < most ? ms : most;
}

/* The names of a host share its pause, so the longest Crawl-delay of any of
 * them holds for all. */
void
visit_crawl_delay_learned(struct visit *v, const char *authority, int64_t ms)
{
	struct frontier *f = v->visits->p.frontier;
	struct frontier_host h;
	uint32_t of = 2166136261u;
	uint32_t delay = ms < 0            ? 0
			 : ms < UINT32_MAX ? (uint32_t)ms
					   : UINT32_MAX;

	for (; *authority != '\0'; authority++)
		of = (of ^ (unsigned char)*authority) * 16777619u;
	frontier_host_get(f, v->item->key.host, &h);
	if (delay == h.crawl_delay_ms ||
	    (delay < h.crawl_delay_ms && of != h.crawl_delay_of))
		return;
	h.crawl_delay_ms = delay;
	h.crawl_delay_of = of;
	frontier_host_put(f, v->item->key.host, &h);
}

/* Another host's robots.txt may be known: its Crawl-delay holds for guests. */
static void
aim_abroad(struct visit *v)
{
	const struct frontier_robots *r;
	char name[512];

	if (scope_host(v->ask, name, sizeof name) == 0)
		v->to.cfg = config_for(v->visits->p.config, name);
	if (robots_authority(v->ask, name, sizeof name) == 0 &&
	    (r = robots_cache_get(v->visits->p.robots, name, v->now_ms)) !=
		NULL &&
	    r->policy == ROBOTS_PARSE)
		visit_crawl_delay(v, r->rules, r->len);
}

void
visit_aim(struct visit *v, uint64_t host)
{
	if (host != v->to.host)
		v->to.crawl_delay_ms = 0;
	v->to.host = host;
	v->to.foreign = host != v->item->key.host;
	v->to.cfg = v->cfg;
	if (v->to.foreign)
		aim_abroad(v);
}

int64_t
visit_address_delay(const struct config_values *cfg)
{
	return cfg->politeness_delay_address >= 0
		   ? cfg->politeness_delay_address
		   : cfg->politeness_delay / 5;
}

int
visit_host_unknown(const struct visit *v)
{
	struct frontier_host h;

	frontier_host_get(v->visits->p.frontier, v->to.host, &h);
	return h.failures == 0 && h.latency_ms == 0;
}

int
visit_host_width(const struct visit *v)
{
	struct frontier_host h;

	frontier_host_get(v->visits->p.frontier, v->to.host, &h);
	return h.failures >= POLITENESS_CIRCUIT
		   ? 1
		   : (int)v->to.cfg->politeness_per_host;
}

int64_t
visit_host_delay(const struct visit *v)
{
	struct politeness p;
	struct frontier_host h;

	frontier_host_get(v->visits->p.frontier, v->to.host, &h);
	p = rules_of(v, &h);
	return politeness_delay(&p, h.latency_ms);
}

/* The process before this one may have asked a moment ago, and have died before
 * that was in the store: so its hosts get their pause from our start. */
static int64_t
resumed_wait(
    const struct visit *v, const struct politeness *p, uint32_t latency_ms)
{
	int64_t pause = politeness_delay(p, latency_ms),
		address = visit_address_delay(v->to.cfg);

	if (v->visits->resumed_ms == 0)
		return 0;
	if (pause < address)
		pause = address;
	if (pause > RESUMED_MS)
		pause = RESUMED_MS;
	return v->visits->resumed_ms + pause - gate_clock();
}

int64_t
visit_host_wait(const struct visit *v)
{
	struct politeness p;
	struct frontier_host h;
	struct politeness_day d;
	int64_t until_ms, ms;
	const char *why;

	frontier_host_get(v->visits->p.frontier, v->to.host, &h);
	if (h.held)
		return HELD_MS;
	p = rules_of(v, &h);
	d = day_of(&h);
	ms = resumed_wait(v, &p, h.latency_ms);
	if (v->to.foreign && h.next_ms - v->now_ms > ms)
		ms = h.next_ms - v->now_ms;
	if ((why = politeness_closed(&p, &d, v->now_ms, &until_ms)) != NULL) {
		log_debug("host waits host=%s reason=%s ms=%lld", v->item->host,
		    why, (long long)(until_ms - v->now_ms));
		ms = until_ms - v->now_ms > ms ? until_ms - v->now_ms : ms;
	}
	return ms > 0 ? ms : 0;
}

int64_t
visit_host_answered(struct visit *v, const struct fetch_answer *a)
{
	struct frontier *f = v->visits->p.frontier;
	struct politeness p;
	struct frontier_host h;
	struct politeness_day d;
	int good;

	frontier_host_get(f, v->to.host, &h);
	p = rules_of(v, &h);
	/* A page that is not there comes fast; it still shows a host alive. */
	good = a->result == FETCH_OK &&
	       (a->status < 400 ||
		   (h.latency_ms == 0 && a->status < 500 && a->status != 429));
	d = day_of(&h);
	politeness_spend(&p, &d, a->requests > 1 ? (uint32_t)a->requests : 1,
	    a->body_len, v->now_ms);
	h.day = d.day;
	h.day_pages = d.pages;
	h.day_bytes = d.bytes;
	h.latency_ms = politeness_latency(h.latency_ms, a->elapsed_ms, good);
	frontier_host_put(f, v->to.host, &h);
	return politeness_delay(&p, h.latency_ms);
}

/* One more failure of a host; the pause it gets for it. */
static int64_t
note_failure(struct visit *v, uint64_t host)
{
	struct frontier *f = v->visits->p.frontier;
	struct politeness p;
	struct frontier_host h;

	frontier_host_get(f, host, &h);
	p = rules_of(v, &h);
	if (!v->outage || h.failures < OUTAGE_FAILURES)
		h.failures++;
	if (h.failures == POLITENESS_CIRCUIT && !v->outage)
		log_warn("host rests host=%s failures=%u whose=%s",
		    v->item->host, h.failures,
		    host != v->item->key.host ? "robots" : "page");
	frontier_host_put(f, host, &h);
	return politeness_backoff(&p, h.latency_ms, h.failures);
}

int64_t
visit_host_failed(struct visit *v, int64_t at_least)
{
	int64_t pause = note_failure(v, v->to.host);

	if (v->to.foreign) {
		frontier_host_wait(v->visits->p.frontier, v->to.host,
		    v->now_ms + (pause > at_least ? pause : at_least));
		pause = note_failure(v, v->item->key.host);
	}
	return v->now_ms + (pause > at_least ? pause : at_least);
}

static void
note_success(struct visit *v, uint64_t host)
{
	struct frontier *f = v->visits->p.frontier;
	struct frontier_host h;

	frontier_host_get(f, host, &h);
	if (h.failures > 0) {
		h.failures = 0;
		frontier_host_put(f, host, &h);
	}
}

void
visit_host_fine(struct visit *v)
{
	note_success(v, v->to.host);
	if (v->to.foreign)
		note_success(v, v->item->key.host);
}

int64_t
visit_retry_after(const struct visit *v, const struct fetch_answer *a)
{
	return politeness_retry_after(
	    a->retry_after, v->cfg->politeness_max_retry_after, v->now_ms);
}
