/* job_near.c - the sketch of a page's text in the answer of its worker. */
#include "crawler/job.h"

void
job_near_put(struct wire_out *o, const struct winnow_doc *d)
{
	wire_put(o, &d->sketch, sizeof d->sketch);
}

/* Any bytes are a sketch. */
void
job_near_get(struct wire_in *in, struct job_article *a)
{
	const void *p = wire_take(in, sizeof a->sketch);

	if (p != NULL)
		memcpy(&a->sketch, p, sizeof a->sketch);
}
