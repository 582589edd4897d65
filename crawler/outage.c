/* outage.c - see outage.h. */
#include "crawler/outage.h"

int
outage_failed(
    struct outage *o, enum outage_of of, uint64_t host, int64_t now_ms)
{
	struct outage_part *p = &o->parts[of];
	int i;

	for (i = 0; i < p->n; i++)
		if (p->failed[i] == host)
			return 0;
	if (p->n == OUTAGE_HOSTS)
		return 0;
	if (p->n == 0)
		p->since_ms = now_ms;
	p->failed[p->n++] = host;
	return p->n == OUTAGE_HOSTS;
}

int
outage_over(struct outage *o, enum outage_of of)
{
	int was = o->parts[of].n == OUTAGE_HOSTS;

	o->parts[of].n = 0;
	return was;
}

int64_t
outage_since(const struct outage *o, enum outage_of of)
{
	return o->parts[of].n == OUTAGE_HOSTS ? o->parts[of].since_ms : 0;
}

const char *
outage_name(enum outage_of of)
{
	return of == OUTAGE_NAMES ? "names" : "connections";
}
