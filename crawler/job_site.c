/* job_site.c - what goes along with a page because of its site: what is known
 * of it there, what the page shows of it back.
 *
 * Both are bytes of the library's, which checks them where they are used. */
#include "crawler/job.h"

#define LESSON_MAX (64 << 10) /* far above what the library makes */

void
job_site_put(struct wire_out *o, int learn, const void *view, size_t len)
{
	wire_u32(o, learn != 0);
	wire_bytes(o, view, len);
}

void
job_site_get(struct wire_in *in, struct winnow_page *p)
{
	if (in->p == in->end)
		return; /* the head is a page's alone */
	p->learn = wire_get_u32(in) != 0;
	p->site = wire_get_bytes(in, &p->site_len);
}

void
job_lesson_put(struct wire_out *o, const struct winnow_doc *d)
{
	wire_u64(o, d->alone_hash);
	wire_bytes(o, d->lesson, d->lesson != NULL ? d->lesson_len : 0);
}

void
job_lesson_get(struct wire_in *in, struct job_article *a)
{
	a->alone_hash = wire_get_u64(in);
	a->lesson = wire_get_bytes(in, &a->lesson_len);
	if (a->lesson_len > LESSON_MAX)
		in->bad = 1;
}
