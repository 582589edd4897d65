/* job_explain.c - the worker's answer to "what did the cleaner make of it?".
 *
 * A page that keep.raw has kept is cleaned once more, this time with notes, and
 * becomes the HTML page of `winnow page --explain`. What was kept came from the
 * network: its headers, chunks and codings are undone here, in the worker, and
 * the parent hands on the answer without a look at it but for its size. */
#include "crawler/job.h"

#include <stdlib.h>
#include <string.h>

#include "queue/wq.h"

#define HOME "/" /* where the page leads back to */

void
job_explain_pack(struct wire_out *o, int raw, const struct keep_page *k)
{
	wire_u32(o, raw != 0);
	wire_str(o, raw ? NULL : k->url);
	if (!raw)
		keep_pack(o, k);
}

/* ---- the worker's side -------------------------------------------------- */

static int
explain_page(struct winnow *w, const struct winnow_warc_page *g,
    const struct winnow_page *known, const char **html, size_t *len)
{
	struct winnow_page page = {0};
	const struct winnow_doc *d;
	int err;

	winnow_warc_to_page(g, &page);
	page.site = known->site;
	page.site_len = known->site_len;
	winnow_set_explain(w, 1, HOME);
	if ((err = winnow_clean(w, &page, &d)) == 0) {
		*html = winnow_explain(w, len);
		if (*html == NULL || *len > JOB_EXPLAIN_MAX)
			err = WINNOW_ETOOBIG;
	}
	winnow_set_explain(w, 0, NULL);
	return err;
}

/* An answer as WARC files hold it, compressed or not. */
static void
explain_member(struct winnow *w, const void *member, size_t n,
    const struct winnow_page *known, struct wire_out *o)
{
	struct winnow_bytes left = {member, n};
	struct winnow_warc_page g;
	struct winnow_warc *warc;
	const char *html = NULL;
	size_t len = 0;
	int err;

	if ((err = winnow_warc_new(&warc, winnow_read_bytes, &left, 0)) == 0) {
		err = winnow_warc_next(warc, &g);
		err = err == 1  ? explain_page(w, &g, known, &html, &len)
		      : err < 0 ? err
				: WINNOW_EINVAL;
		/* Strings of g that the page shows are in html by now. */
		winnow_warc_free(warc);
	}
	wire_u32(o, (uint32_t)err);
	if (err == 0)
		wire_bytes(o, html, len);
}

int
job_explain_run(struct winnow *w, struct wire_in *in, const void *body,
    size_t len, struct wire_out *o)
{
	uint32_t raw = wire_get_u32(in);
	const char *url = wire_get_str(in);
	struct keep_page k = {.url = url};
	struct winnow_page known = {0};
	struct wq_page g;
	void *member;
	size_t n;

	if (!raw && (keep_unpack(in, &k) != 0 || !k.on || url == NULL))
		return -1;
	job_site_get(in, &known);
	if (in->bad)
		return -1;
	if (raw) {
		explain_member(w, body, len, &known, o);
		return 0;
	}
	keep_fill(&g, &k, NULL, body, len);
	if (wq_page_member(&g, &member, &n) != 0)
		return -1;
	explain_member(w, member, n, &known, o);
	free(member);
	return 0;
}

/* ---- the parent's side -------------------------------------------------- */

int
job_explain_unpack(const void *frame, size_t len, int *err, const char **html,
    size_t *html_len)
{
	struct wire_in in = {frame, (const char *)frame + len, 0};

	*html = NULL;
	*html_len = 0;
	*err = (int)wire_get_u32(&in);
	if (in.bad || *err > 0)
		return -1;
	if (*err < 0)
		return 0;
	*html = wire_get_bytes(&in, html_len);
	return in.bad || *html == NULL || *html_len > JOB_EXPLAIN_MAX ? -1 : 0;
}
