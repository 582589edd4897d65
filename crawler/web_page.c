/* web_page.c - the routes of the page for people: itself, what it loads, and
 * the explain view of one article, which a worker writes. */
#include "crawler/web.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "crawler/articles.h"
#include "crawler/engine.h"
#include "crawler/page.h"

#define ASSET_S 300 /* that a browser may keep style and script */
#define TAKING_MAX (32 << 20)

web_handler web_page, web_page_asset, web_explain;

void
web_page(struct web *w, struct web_request *r)
{
	struct web_answer a = {.status = 200,
	    .type = WEB_HTML,
	    .csp = PAGE_CSP,
	    .body = evbuffer_new()};
	char span[16];

	if (a.body == NULL) {
		web_reply(r, &(struct web_answer){.status = 503});
		return;
	}
	if (web_query(r, "span", span, sizeof span) < 0)
		span[0] = '\0';
	page_write(a.body, web_engine(w), span);
	web_reply(r, &a);
}

void
web_page_asset(struct web *w, struct web_request *r)
{
	const struct page_asset *asset = page_asset(web_path(r));
	struct web_answer a = {.status = 404};

	(void)w;
	if (asset != NULL && (a.body = evbuffer_new()) != NULL) {
		evbuffer_add_reference(
		    a.body, asset->bytes, asset->len, NULL, NULL);
		a.status = 200;
		a.type = asset->type;
		a.keep_s = ASSET_S;
	}
	web_reply(r, &a);
}

/* ---- explain ------------------------------------------------------------ */

static void
reply_no(struct web_request *r, enum explain_result why)
{
	static const int status[] = {[EXPLAIN_UNKNOWN] = 404,
	    [EXPLAIN_OFF] = 404,
	    [EXPLAIN_GONE] = 404,
	    [EXPLAIN_EARLY] = 503,
	    [EXPLAIN_BUSY] = 503,
	    [EXPLAIN_POISON] = 500,
	    [EXPLAIN_ERROR] = 500};
	struct web_answer a = {.status = status[why],
	    .type = WEB_HTML,
	    .csp = PAGE_CSP,
	    .body = evbuffer_new()};

	if (a.body != NULL)
		page_write_no(a.body, "This article cannot be explained",
		    explain_strerror(why));
	else
		a.type = NULL;
	web_reply(r, &a);
}

/* done() may come before engine_explain() has given the handle back: never, as
 * the pool promises (P1). */
struct waiting {
	struct web_request *request;
	struct explain *explain;
};

/* Bytes of explain pages that slow clients have not taken yet. */
static size_t taking;

static void
taken(const void *page, size_t len, void *arg)
{
	(void)arg;
	taking -= len;
	free((void *)(uintptr_t)page);
}

/* A copy of the page that counts until it is taken; NULL: no memory. */
static struct evbuffer *
body_of(const char *page, size_t len)
{
	struct evbuffer *b = evbuffer_new();
	char *copy = malloc(len > 0 ? len : 1);

	if (b == NULL || copy == NULL)
		goto nomem;
	memcpy(copy, page, len);
	if (evbuffer_add_reference(b, copy, len, taken, NULL) != 0)
		goto nomem;
	taking += len;
	return b;
nomem:
	free(copy);
	if (b != NULL)
		evbuffer_free(b);
	return NULL;
}

static void
explained(void *arg, enum explain_result result, const char *page, size_t len)
{
	struct waiting *wait = arg;
	struct web_request *r = wait->request;
	struct web_answer a = {
	    .status = 200, .type = WEB_HTML, .csp = PAGE_EXPLAIN_CSP};

	free(wait);
	if (result == EXPLAIN_OK && (a.body = body_of(page, len)) == NULL)
		result = EXPLAIN_BUSY;
	if (result == EXPLAIN_OK)
		web_reply(r, &a);
	else
		reply_no(r, result);
}

static void
gone(void *arg)
{
	struct waiting *wait = arg;

	explain_cancel(wait->explain);
	free(wait);
}

void
web_explain(struct web *w, struct web_request *r)
{
	struct waiting *wait = malloc(sizeof *wait);
	enum explain_result result = EXPLAIN_BUSY;
	char id[ARTICLE_ID];

	if (web_query(r, "id", id, sizeof id) < 0)
		id[0] = '\0';
	if (wait != NULL && taking < TAKING_MAX)
		result = engine_explain(
		    web_engine(w), id, explained, wait, &wait->explain);
	if (result != EXPLAIN_OK) {
		free(wait);
		reply_no(r, result);
		return;
	}
	wait->request = r;
	web_later(r, gone, wait);
}
