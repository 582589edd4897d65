/* visit_outage.c - what an outage of our own (outage.h) means for visits: while
 * it lasts a page that nobody answers for is due again as if it had not been
 * asked for, and a host rests for minutes only. */
#include "crawler/log.h"
#include "crawler/visit_parts.h"

void
visit_unreached(struct visit *v, enum outage_of of)
{
	struct outage *o = &v->visits->outage;
	struct frontier_host h;

	frontier_host_get(v->visits->p.frontier, v->to.host, &h);
	if (h.latency_ms == 0) /* it may never have been there (A1) */
		return;
	if (outage_failed(o, of, v->to.host, v->now_ms))
		log_warn("nobody is reached any more, of hosts that answered "
			 "before: their pages are not given up for it; look at "
			 "the network and the name server failing=%s",
		    outage_name(of));
	v->outage = outage_since(o, of) != 0;
}

void
visit_reached(struct visit *v, enum outage_of of)
{
	struct outage *o = &v->visits->outage;
	int64_t since = outage_since(o, of);

	if (outage_over(o, of))
		log_notice(
		    "hosts are reached again was_failing=%s after_s=%lld",
		    outage_name(of), (long long)(v->now_ms - since) / 1000);
}
