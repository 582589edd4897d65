/* job_copies.c - the part of a page's answer that tells its copies: the line
 * with the places that the parent fills, and what speaks for it.
 *
 * Invariant: a line that job_line_ok() takes can be written with anything in
 * its places, and stays one line within WQ_RECORD_MAX. */
#include "crawler/job.h"
#include "crawler/merit.h"
#include "queue/wq.h"

#define LINE_SPLICE 256 /* bytes that the parent may add */

void
job_line_put(struct wire_out *o, const struct winnow_line *l)
{
	wire_u32(o, l->event_at);
	wire_u32(o, l->event_end);
	wire_u32(o, l->dup_at);
	wire_u32(o, l->seq_at);
	wire_u32(o, l->alike_at);
	wire_bytes(o, l->json, l->len);
}

void
job_line_get(struct wire_in *in, struct winnow_line *l)
{
	l->event_at = wire_get_u32(in);
	l->event_end = wire_get_u32(in);
	l->dup_at = wire_get_u32(in);
	l->seq_at = wire_get_u32(in);
	l->alike_at = wire_get_u32(in);
	l->json = wire_get_bytes(in, &l->len);
}

int
job_line_ok(const struct winnow_line *l)
{
	return l->event_at <= l->event_end && l->event_end <= l->dup_at &&
	       l->dup_at <= l->seq_at && l->seq_at <= l->alike_at &&
	       l->alike_at < l->len && l->len <= WQ_RECORD_MAX - LINE_SPLICE &&
	       memchr(l->json, '\n', l->len) == l->json + l->len - 1;
}

void
job_copies_put(struct wire_out *o, const struct winnow_doc *d, const char *url)
{
	wire_u32(o, d->text_len > 0 ? merit_of(d, url) : MERIT_GONE);
}

void
job_copies_get(struct wire_in *in, struct job_article *a)
{
	a->merit = wire_get_u32(in);
}
