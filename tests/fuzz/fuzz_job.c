/* fuzz_job.c - the first byte chooses: an answer of a worker as the parent
 * unpacks it, or the head of a request as a worker reads it, or its body when it
 * is the pages of one article. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "crawler/job.h"
#include "queue/wq.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static size_t sink;

static void
link_seen(const struct winnow_link *l)
{
	assert(strlen(l->url) == l->url_len);
	sink += l->anchor != NULL ? strlen(l->anchor) : 0;
}

static void
answer(unsigned kind, const uint8_t *data, size_t len)
{
	struct job_article a;
	struct job_list list;
	struct job_entry e;
	struct job_topic topic;
	struct winnow_link l;
	struct winnow_part part;
	const char *html;
	const void *p;
	size_t n;
	int err;

	if (kind == 0 && job_page_unpack(data, len, &a) == 0) {
		assert(a.line.len == 0 || job_line_ok(&a.line));
		assert(a.raw == NULL || wq_page_check(a.raw, a.raw_len));
		sink += a.raw_len > 0 ? (uint8_t)a.raw[a.raw_len - 1] : 0;
		while (job_next_part(&a.parts, &part) == 1)
			assert(strlen(part.url) == part.url_len);
		for (n = 0; n < a.parts.nused; n++)
			sink += a.parts.used[n];
		while (job_next_link(&a, &l) == 1)
			link_seen(&l);
	} else if (kind == 1 && job_list_unpack(data, len, &list) == 0)
		while (job_list_next(&list, &e) == 1)
			link_seen(&e.link);
	else if (kind == 2 && job_robots_unpack(data, len, &p, &n) == 0)
		sink += p != NULL ? ((const uint8_t *)p)[n - 1] : 0;
	else if (kind == 3 && job_deflate_unpack(data, len, &p, &n) == 0)
		sink += n > 0 ? ((const uint8_t *)p)[n - 1] : 0;
	if (kind == 2 && job_topic_unpack(data, len, &topic) == 0) {
		assert(topic.neutral >= 0 && topic.neutral <= 1);
		sink += topic.len > 0 ? ((const uint8_t *)topic.bytes)[0] : 0;
	}
	if (kind == 3 && job_explain_unpack(data, len, &err, &html, &n) == 0)
		sink += n > 0 ? (uint8_t)html[n - 1] : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct winnow_options options;
	static struct winnow *w;
	struct wire_out o = { 0 };

	if (len == 0 || (w == NULL && winnow_new(&w, &options) != 0))
		return 0;
	if (data[0] & 16)
		(void)job_run(w, JOB_GATHER, data + 1, len - 1, data + 1,
		    len - 1, NULL, &o);
	else if (data[0] & 8)
		(void)job_run(w, (enum job_kind)(data[0] & 7), data + 1,
		    len - 1, "body", 4, NULL, &o);
	else
		answer(data[0] & 3, data + 1, len - 1);
	wire_free(&o);
	return 0;
}
