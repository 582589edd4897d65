/* engine_explain.c - one of the newest articles, explained: its raw page, as
 * keep.raw has kept it, goes to a worker, which answers with an HTML page.
 *
 * Invariants
 *  E1  What is asked costs the loop one read of a page: where it lies is known
 *      (articles.h). Whatever lies there is opened in the worker alone.
 *  E2  At most EXPLAINS_MAX are under way; each takes a worker as a page does,
 *      so the crawl's back-pressure counts it. */
#include "crawler/engine_parts.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/articles.h"
#include "crawler/recent.h"
#include "crawler/scope.h"

const char *
explain_strerror(enum explain_result r)
{
	static const char *const words[] = {[EXPLAIN_OK] = "here it is",
	    [EXPLAIN_UNKNOWN] =
		"this article is not among the newest ones; winnow page "
		"--explain finds older pages that were kept",
	    [EXPLAIN_OFF] =
		"no pages are kept: keep.raw is none; set it to recent or warc",
	    [EXPLAIN_GONE] =
		"its page is not kept any more: newer ones took its place, or "
		"the page asked not to be kept; keep.raw_bytes gives them room",
	    [EXPLAIN_EARLY] = "its page is being written; try again in some "
			      "seconds",
	    [EXPLAIN_BUSY] =
		"other pages are being explained; try again in some seconds",
	    [EXPLAIN_POISON] =
		"no worker could clean this page: it crashes it, or takes too "
		"long",
	    [EXPLAIN_ERROR] = "its page cannot be read"};

	return words[r];
}

static void
explain_end(struct explain *x)
{
	free(x->memory);
	memset(x, 0, sizeof *x);
}

static void
explained_cb(void *arg, enum pool_result r, const void *answer, size_t len)
{
	struct explain *x = arg;
	enum explain_result result = EXPLAIN_POISON;
	const char *html = NULL;
	size_t n = 0;
	int err;

	if (r == POOL_OK)
		result =
		    job_explain_unpack(answer, len, &err, &html, &n) == 0 &&
			    html != NULL
			? EXPLAIN_OK
			: EXPLAIN_ERROR;
	if (x->done != NULL)
		x->done(x->arg, result, html, n);
	explain_end(x);
}

/* ---- where it lies ------------------------------------------------------ */

static enum explain_result
find_recent(struct engine *e, struct explain *x, const struct article *a,
    struct pool_job *j)
{
	struct wq_page g;
	struct keep_page k;
	int rc;

	if (e->recent == NULL) /* it was, when the article landed */
		return e->cfg->keep_raw == CONFIG_KEEP_RAW_NONE ? EXPLAIN_OFF
								: EXPLAIN_GONE;
	rc = recent_read(e->recent, &a->recent, &g, &x->memory);
	if (rc <= 0)
		return rc < 0 ? EXPLAIN_ERROR : EXPLAIN_GONE;
	if (memcmp(g.id, a->record, sizeof g.id) != 0)
		return EXPLAIN_GONE;
	k = (struct keep_page){.on = 1,
	    .url = g.uri,
	    .address = g.address,
	    .hints = g.hints,
	    .date_ms = g.date_ms,
	    .head = g.head,
	    .head_len = g.head_len,
	    .encoded = g.encoded};
	job_explain_pack(&j->head, 0, &k);
	j->body = g.body;
	j->body_len = g.body_len;
	return EXPLAIN_OK;
}

static enum explain_result
find_warc(struct engine *e, struct explain *x, const struct article *a,
    struct pool_job *j)
{
	void *member;
	int rc;

	if (a->warc.name[0] == '\0')
		return EXPLAIN_EARLY;
	rc = wq_raw_read(
	    e->queue_dir, &a->warc, a->record, &member, &j->body_len);
	if (rc <= 0)
		return rc < 0 ? EXPLAIN_ERROR : EXPLAIN_GONE;
	x->memory = member;
	j->body = member;
	job_explain_pack(&j->head, 1, NULL);
	return EXPLAIN_OK;
}

/* By where it was put, whatever the settings say today. */
static enum explain_result
find_page(struct engine *e, struct explain *x, const struct article *a,
    struct pool_job *j)
{
	if (a->recent.number != 0)
		return find_recent(e, x, a, j);
	if (a->warc.name[0] != '\0' || e->cfg->keep_raw == CONFIG_KEEP_RAW_WARC)
		return find_warc(e, x, a, j);
	return e->recent == NULL ? EXPLAIN_OFF : EXPLAIN_GONE;
}

/* With what is known of its site now, which may be more than when it landed. */
static void
put_site(struct engine *e, const struct article *a, struct wire_out *head)
{
	uint64_t secret = frontier_seed(e->frontier);
	struct winnow_url u, canon;
	char name[FRONTIER_HOST_NAME];

	if (winnow_url_parse(&u, a->url, strlen(a->url), NULL, NULL) == 0 &&
	    winnow_url_canonical(&u, &canon) == 0 &&
	    scope_host(a->url, name, sizeof name) == 0)
		visits_put_site(e->visits, name,
		    winnow_url_key(&canon, secret).host, head);
}

/* ---- the caller's words ------------------------------------------------- */

enum explain_result
engine_explain(struct engine *e, const char *id, explain_done *done, void *arg,
    struct explain **out)
{
	struct pool_job j = {.kind = JOB_EXPLAIN, .done = explained_cb};
	const struct article *a = articles_find(e->articles, id);
	struct explain *x = e->explains;
	enum explain_result r;

	*out = NULL;
	if (a == NULL)
		return EXPLAIN_UNKNOWN;
	while (x < e->explains + EXPLAINS_MAX && x->busy)
		x++;
	if (x == e->explains + EXPLAINS_MAX)
		return EXPLAIN_BUSY;
	r = find_page(e, x, a, &j);
	if (r == EXPLAIN_OK)
		put_site(e, a, &j.head);
	j.arg = x;
	if (r == EXPLAIN_OK && pool_submit(e->pool, &j) == 0) {
		*x = (struct explain){1, x->memory, done, arg};
		*out = x;
		return EXPLAIN_OK;
	}
	wire_free(&j.head);
	explain_end(x);
	return r == EXPLAIN_OK ? EXPLAIN_ERROR : r;
}

void
explain_cancel(struct explain *x)
{
	x->done = NULL;
}

void
engine_explain_clear(struct engine *e)
{
	for (size_t i = 0; i < EXPLAINS_MAX; i++)
		explain_end(&e->explains[i]);
}

const struct articles *
engine_articles(const struct engine *e)
{
	return e->articles;
}
