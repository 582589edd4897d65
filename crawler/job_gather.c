/* job_gather.c - the pages of one article as frames between parent and worker:
 * where the others are, in the answer about one; all of them, in the request to
 * join them.
 *
 * Invariant: as in job.c, nothing unpacked lies outside its frame. */
#include "crawler/job.h"

/* ---- where the others are ----------------------------------------------- */

void
job_gather_put(struct wire_out *o, const struct winnow_doc *d,
    const uint8_t *used, size_t n)
{
	size_t i;

	wire_u32(o, d->part);
	wire_u32(o, (uint32_t)d->nparts);
	for (i = 0; i < d->nparts; i++) {
		const struct winnow_part *p = &d->parts[i];

		wire_u64(o, p->key.host);
		wire_u64(o, p->key.url);
		wire_u32(o, p->number);
		wire_bytes(o, p->url, p->url_len);
	}
	wire_bytes(o, used, n);
}

static int
take_part(struct wire_in *in, struct winnow_part *p)
{
	size_t n = 0;

	p->key.host = wire_get_u64(in);
	p->key.url = wire_get_u64(in);
	p->number = (uint16_t)wire_get_u32(in);
	p->url = wire_get_bytes(in, &n);
	p->url_len = (uint16_t)n;
	return !in->bad && p->url != NULL && n <= WINNOW_URL_MAX &&
	       strlen(p->url) == n && p->number <= WINNOW_PARTS_MAX;
}

void
job_gather_get(struct wire_in *in, struct job_parts_told *t)
{
	struct winnow_part p;
	uint32_t i;

	t->part = wire_get_u32(in);
	t->n = wire_get_u32(in);
	t->list = *in;
	if (t->n > WINNOW_PARTS_MAX || t->part > WINNOW_PARTS_MAX)
		in->bad = 1;
	for (i = 0; i < t->n && !in->bad; i++)
		if (!take_part(in, &p))
			in->bad = 1;
	t->used = (const void *)wire_get_bytes(in, &t->nused);
}

int
job_next_part(struct job_parts_told *t, struct winnow_part *p)
{
	if (t->n == 0)
		return 0;
	t->n--;
	return take_part(&t->list, p);
}

/* ---- all of them -------------------------------------------------------- */

void
job_gather_add(struct wire_out *body, const struct wire_out *head,
    const void *page, size_t len)
{
	wire_bytes(body, head->b, head->len);
	wire_bytes(body, page != NULL ? page : "", len);
}

/* The pages of the request, at most WINNOW_PARTS_MAX; 0: it is broken. */
static size_t
take_pages(struct wire_in *in, struct winnow_page *pages)
{
	const char *tags[JOB_TAGS_MAX];
	size_t n = 0;

	while (in->p < in->end && n < WINNOW_PARTS_MAX) {
		struct job_page j = {.gone = 0};
		struct wire_in head = {.bad = 0};
		size_t len;

		head.p = wire_get_bytes(in, &len);
		if (head.p == NULL)
			return 0;
		head.end = head.p + len;
		if (job_page_request(&head, &j, tags) != 0)
			return 0;
		j.page.body = wire_get_bytes(in, &j.page.body_len);
		if (in->bad || j.page.body == NULL)
			return 0;
		pages[n++] = j.page;
	}
	return n;
}

int
job_gather_run(struct winnow *w, struct wire_in *head, const void *body,
    size_t len, struct wire_out *o)
{
	struct winnow_page *pages = calloc(WINNOW_PARTS_MAX, sizeof *pages);
	uint8_t used[WINNOW_PARTS_MAX];
	const char *tags[JOB_TAGS_MAX];
	struct wire_in in = {body, (const char *)body + len, 0};
	struct job_page j = {.gone = 0};
	const struct winnow_doc *d;
	size_t n = 0;
	int err;

	if (pages == NULL || job_page_request(head, &j, tags) != 0 ||
	    (n = take_pages(&in, pages)) == 0) {
		free(pages);
		return -1;
	}
	for (size_t i = 0; i < n; i++) { /* of all it is the same site */
		pages[i].site = j.page.site;
		pages[i].site_len = j.page.site_len;
		pages[i].learn = j.page.learn;
	}
	err = winnow_clean_parts(w, pages, n, used, &d);
	j.page = pages[0];
	job_page_answer(w, &j, d, err, used, n, o);
	free(pages);
	return 0;
}
