/* visit_host.c - what a visit tells its host, and learns of it.
 *
 * A host's state stands in its row (frontier_host): it is shared by all its
 * URLs and outlives the process. The arithmetic is politeness.c's. */
#include "config/config.h"
#include "crawler/fetch.h"
#include "crawler/log.h"
#include "crawler/politeness.h"
#include "crawler/visit_parts.h"

int64_t
visit_host_failed(struct visit *v, int64_t at_least)
{
	struct frontier *f = v->visits->p.frontier;
	struct frontier_host h;
	int64_t pause;

	frontier_host_get(f, v->item->key.host, &h);
	h.failures++;
	pause = politeness_backoff(h.failures, v->delay_ms);
	if (h.failures == POLITENESS_CIRCUIT)
		log_warn("host rests host=%s failures=%u", v->item->host,
		    h.failures);
	frontier_host_put(f, v->item->key.host, &h);
	return v->now_ms + (pause > at_least ? pause : at_least);
}

void
visit_host_fine(struct visit *v)
{
	struct frontier *f = v->visits->p.frontier;
	struct frontier_host h;

	frontier_host_get(f, v->item->key.host, &h);
	if (h.failures > 0) {
		h.failures = 0;
		frontier_host_put(f, v->item->key.host, &h);
	}
}

int64_t
visit_retry_after(const struct visit *v, const struct fetch_answer *a)
{
	return politeness_retry_after(
	    a->retry_after, v->cfg->politeness_max_retry_after, v->now_ms);
}
