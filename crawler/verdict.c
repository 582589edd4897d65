/* verdict.c - what an answer means for its URL and its host.
 *
 * Two tables stand for most of it: how a failed transfer ends, and how a status
 * does. Whatever the host is to blame for (5xx, 429, no connection) is the
 * host's state, shared by all its URLs: its failures in a row set a pause that
 * grows, and the next good answer clears it.
 *
 * Invariants
 *  J1  Every answer sets when the host may be asked next, counted from its end.
 *  J2  A body goes to a worker at most twice (URL_POISON after that). */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"
#include "crawler/log.h"
#include "crawler/visit_parts.h"

#define BACKOFF_MS 2000			/* first retry of a page */
#define POISON_HOST 5			/* poisoned pages: a day's rest */
#define DAY_MS (24 * 3600 * 1000LL)

/* The page failed for a while: tried again, or given up. */
void
verdict_failed(struct visit *v, int status, const char *reason, int64_t wait_ms)
{
	int64_t host_at = visit_host_failed(v, wait_ms > 0 ? wait_ms : 0), at;
	unsigned tries = v->item->tries;

	visit_host_done(v, host_at); /* its other pages wait for it alone */
	if ((int)tries + 1 >= v->cfg->fetch_max_tries) {
		v->visits->stat.failed++;
		visit_settle(v, URL_FAILED, status, reason);
		return;
	}
	at = v->now_ms + (BACKOFF_MS << (2 * (tries < 6 ? tries : 6)));
	visit_retry(v, status, reason, at > host_at ? at : host_at);
}

/* ---- transfers that failed --------------------------------------------------------- */

void
verdict_transfer(struct visit *v, const struct fetch_answer *a)
{
	static const struct {
		enum fetch_result result;
		enum url_state state;
	} final[] = { { FETCH_GUARDED, URL_GUARDED },
		{ FETCH_TOO_BIG, URL_TOO_BIG }, { FETCH_BAD_TYPE, URL_BAD_TYPE },
		{ FETCH_BADURL, URL_FAILED } };
	size_t i;

	for (i = 0; i < sizeof final / sizeof *final; i++)
		if (a->result == final[i].result) {
			visit_host_done(v, v->now_ms + v->delay_ms);
			v->visits->stat.failed++;
			visit_settle(v, final[i].state, a->status,
			    a->error[0] != '\0' ? a->error
						: fetch_strerror(a->result));
			return;
		}
	verdict_failed(v, a->status,
	    a->error[0] != '\0' ? a->error : fetch_strerror(a->result), -1);
}

void
verdict_no_address(struct visit *v, enum dns_result r)
{
	if (v->robots_phase && v->hops > 0) /* another host's name */
		visit_robots_unreachable(v, 0, dns_strerror(r), -1);
	else if (r == DNS_GUARDED) {
		v->visits->stat.failed++;
		visit_settle(v, URL_GUARDED, 0, dns_strerror(r));
	} else if (r == DNS_BADNAME) {
		v->visits->stat.failed++;
		visit_settle(v, URL_FAILED, 0, dns_strerror(r));
	} else
		verdict_failed(v, 0, dns_strerror(r), -1);
}

/* The first row that fits counts; what none fits is sniffed by the worker. */
static const struct {
	const char *begins;
	int ok;
} types[] = {
	{ "image/", 0 }, { "audio/", 0 }, { "video/", 0 }, { "font/", 0 },
	{ "model/", 0 }, { "text/css", 0 }, { "text/javascript", 0 },
	{ "text/calendar", 0 }, { "text/csv", 0 }, { "text/vcard", 0 },
	{ "application/vnd.wap.", 1 }, /* pages for telephones */
	{ "application/vnd.", 0 }, { "application/pdf", 0 },
	{ "application/x-pdf", 0 }, { "application/zip", 0 },
	{ "application/x-zip", 0 }, { "application/x-rar", 0 },
	{ "application/x-7z", 0 }, { "application/x-tar", 0 },
	{ "application/gzip", 0 }, { "application/x-gzip", 0 },
	{ "application/x-bzip", 0 }, { "application/x-xz", 0 },
	{ "application/msword", 0 }, { "application/rtf", 0 },
	{ "application/ms-", 0 }, { "application/x-ms", 0 },
	{ "application/kswps", 0 }, { "application/wps", 0 },
	{ "application/postscript", 0 }, { "application/epub", 0 },
	{ "application/javascript", 0 }, { "application/x-javascript", 0 },
	{ "application/ecmascript", 0 }, { "application/json", 0 },
	{ "application/wasm", 0 }, { "application/ogg", 0 },
	{ "application/mp4", 0 }, { "application/x-mpegurl", 0 },
	{ "application/x-shockwave-flash", 0 }, { "application/java-", 0 },
	{ "application/x-font", 0 }, { "application/font", 0 },
	{ "application/x-iso9660", 0 }, { "application/x-bittorrent", 0 },
	{ "application/x-apple-diskimage", 0 },
};

int
verdict_type_ok(const char *type, const char *disposition)
{
	size_t i;

	if (disposition != NULL && strncasecmp(disposition, "attachment", 10) == 0)
		return 0;
	for (i = 0; type != NULL && i < sizeof types / sizeof *types; i++)
		if (strncasecmp(type, types[i].begins,
			strlen(types[i].begins)) == 0)
			return types[i].ok;
	return 1;
}

/* ---- the worker's part --------------------------------------------------------------- */

static void cleaned_cb(void *, enum pool_result, const void *, size_t);
static int part_cb(void *, const void *, size_t);

static void
visit_poisoned(struct visit *v, enum pool_result r)
{
	struct frontier *f = v->visits->p.frontier;
	struct frontier_host h;

	v->visits->stat.poisoned++;
	log_warn("page is poison url=%s reason=%s", v->ask,
	    pool_strerror(r));
	frontier_host_get(f, v->item->key.host, &h);
	h.poisoned++;
	frontier_host_put(f, v->item->key.host, &h);
	/* Without rules nothing of the host may be asked; the page that waits
	 * for them is not to blame. */
	if (v->robots_phase || h.poisoned % POISON_HOST == 0) {
		log_warn("host rests for a day host=%s poisoned=%u",
		    v->item->host, h.poisoned);
		frontier_host_wait(f, v->item->key.host, v->now_ms + DAY_MS);
	}
	if (v->robots_phase)
		visit_release(v, v->now_ms + DAY_MS);
	else
		visit_settle(v, URL_POISON, v->status, pool_strerror(r));
}

static enum job_kind
visit_job_kind(const struct visit *v)
{
	if (v->robots_phase)
		return JOB_ROBOTS;
	return url_type_is_page(v->item->type) ? JOB_PAGE
	    : v->item->type == URL_FEED	       ? JOB_FEED
					       : JOB_SITEMAP;
}

static void
visit_clean(struct visit *v)
{
	struct visits *vs = v->visits;
	struct pool_job j = { .kind = visit_job_kind(v),
		.body = v->spill.len > 0 ? v->spill.b : v->body,
		.body_len = v->spill.len > 0 ? v->spill.len : v->body_len,
		.body_file = v->spill.fd,
		.part = url_type_is_page(v->item->type) || v->robots_phase ? NULL
								       : part_cb,
		.done = cleaned_cb,
		.arg = v };

	visit_set_state(v, V_CLEANING);
	v->jobs++;
	v->entries = 0;
	/* The head is kept for a second try (J2). */
	wire_put(&j.head, v->head.b, v->head.len);
	if (v->head.err || pool_submit(vs->p.pool, &j) != 0) {
		wire_free(&j.head);
		visit_release(v, v->now_ms + 1000);
	}
}

/* "a,b" to a list, in place; the count. */
static size_t
split_tags(char *text, const char *list[JOB_TAGS_MAX])
{
	char *tag, *save = NULL;
	size_t n = 0;

	for (tag = strtok_r(text, ",", &save);
	     tag != NULL && n < JOB_TAGS_MAX; tag = strtok_r(NULL, ",", &save))
		list[n++] = tag;
	return n;
}

static void
pack_page(struct visit *v, const struct fetch_answer *a)
{
	struct visits *vs = v->visits;
	struct frontier_item *it = v->item;
	const char *tags, *charset, *list[JOB_TAGS_MAX];
	char text[1024], revises[REVISIT_ID];
	struct job_page j = {
		.page = { .url = v->ask,
		    .content_encoding = a->content_encoding,
		    .content_type = a->content_type,
		    .last_modified = a->last_modified,
		    .x_robots_tag = a->x_robots_tag,
		    .now = v->now_ms / 1000,
		    .feed_date = it->published },
		.gone = v->gone,
		.fetch = { .url_requested = it->requested != NULL ? it->requested
							   : it->url,
		    .status = v->status,
		    .etag = a->etag,
		    .date_download = v->now_ms / 1000,
		    .robots = v->robots_word,
		    .via = it->via,
		    .depth = it->depth,
		    .crawl = vs->p.crawl,
		    .node = vs->p.node },
	};

	j.fetch.revises = revisit_revises(v, revises, &j.known_text);
	j.fetch.seed = follow_seed(vs, it->seed, &tags, &charset);
	snprintf(text, sizeof text, "%s", tags);
	j.fetch.seed_tags.v = list;
	j.fetch.seed_tags.n = split_tags(text, list);
	if (v->cfg->site_charset[0] != '\0')
		charset = v->cfg->site_charset;
	if (charset[0] != '\0')
		j.page.charset = charset;
	if (v->cfg->site_timezone[0] != '\0')
		j.page.timezone = v->cfg->site_timezone;
	job_page_pack(&v->head, &j);
}

/* The page is not there any more, whatever the status says. The second time
 * that is told by a record, which a worker writes; of what came instead of the
 * page it sees nothing. */
static void
page_missing(struct visit *v, const char *reason)
{
	static const struct fetch_answer nothing;

	v->answer = ANSWER_MISSING;
	if (!revisit_is_gone(v)) {
		v->visits->stat.failed++;
		visit_settle(v, URL_GONE, v->status, reason);
		return;
	}
	v->gone = 1;
	v->jobs = 0;
	v->head.len = 0;
	v->head.err = 0;
	pack_page(v, &nothing);
	v->visits->stat.body_bytes -= (int64_t)v->body_len;
	free(v->body);
	v->body = NULL;
	v->body_len = 0;
	visit_clean(v);
}

/* Nothing new: its record, if it has one, stays. */
static void
page_same(struct visit *v)
{
	v->visits->stat.unchanged++;
	v->answer = ANSWER_SAME;
	visit_settle(v, URL_NO_ARTICLE, v->status, "unchanged");
}

static void
article_in(struct visit *v, struct job_article *a)
{
	struct visits *vs = v->visits;
	const char *url = v->item->url;
	enum revisit_event event;
	int repeat = 0;

	if (!a->gone && a->quality < v->cfg->clean_min_quality) {
		vs->stat.empty++;
		visit_settle(v, URL_NO_ARTICLE, v->status, "quality");
		return;
	}
	if (!visit_article(v, a)) {
		if (revisit_is_live(v)) {
			page_missing(v, "soft-404");
			return;
		}
		vs->stat.empty++;
		visit_settle(v, URL_NO_ARTICLE, v->status, "soft-404");
		return;
	}
	event = revisit_land(v, a, !outlet_drops(vs->p.outlet, v->cfg, a));
	if (outlet_add(vs->p.outlet, v->cfg, v->item, a, v->status, v->now_ms,
		&repeat) != 0) {
		visit_release(v, v->now_ms + 1000);
		return;
	}
	vs->stat.repeats += repeat != 0;
	if (event != REVISIT_NEW)
		++*(event == REVISIT_GONE ? &vs->stat.gone : &vs->stat.changed);
	else if (!repeat || v->cfg->dedup_mode != CONFIG_DEDUP_MODE_DROP) {
		vs->stat.articles++;
		if (vs->p.article != NULL)
			vs->p.article(vs->p.arg, url, a->title);
	}
	visit_landed(v);
}

static void
page_cleaned(struct visit *v, struct job_article *a)
{
	struct visits *vs = v->visits;

	if (a->err != 0) {
		vs->stat.empty++;
		visit_settle(v,
		    a->err == WINNOW_ETYPE	? URL_BAD_TYPE
			: a->err == WINNOW_ETOOBIG ? URL_TOO_BIG
						   : URL_NO_ARTICLE,
		    v->status, winnow_strerror(a->err));
		return;
	}
	visit_links_dropped(v, a);
	v->answer = ANSWER_READ;
	v->is_list = a->page_type == WINNOW_LIST;
	if (!a->nofollow)
		follow_links(v, a);
	if (!a->gone)
		follow_feeds(v);
	if (a->noindex) {
		vs->stat.denied++;
		visit_settle(v, URL_NOINDEX, v->status, "noindex");
	} else if (a->same || (a->line.len > 0 && revisit_holds_back(v))) {
		page_same(v);
	} else if (a->line.len == 0 && a->nothing != NULL &&
	    strcmp(a->nothing, "error-page") == 0 && revisit_is_live(v)) {
		page_missing(v, "error-page");
	} else if (a->line.len == 0 || v->item->type == URL_LIST ||
	    v->item->type == URL_LIST_NEXT) {
		vs->stat.empty++;
		visit_settle(v, URL_NO_ARTICLE, v->status,
		    v->moved	       ? VISIT_SEED_MOVED
			: a->nothing != NULL ? a->nothing
					     : "list");
	} else
		article_in(v, a);
}

/* The links go on to the frontier as they come. */
static int
list_part(struct visit *v, const void *answer, size_t len,
    struct job_list *list)
{
	return job_list_unpack(answer, len, list) != 0 ||
		follow_list(v, list) != 0
	    ? -1
	    : 0;
}

static int
part_cb(void *arg, const void *answer, size_t len)
{
	struct visit *v = arg;
	struct job_list list;

	assert(v->magic == VISIT_MAGIC);
	v->now_ms = visits_now(v->visits);
	if (list_part(v, answer, len, &list) != 0)
		return -1;
	/* The engine turns between two parts: what was found is committed, and
	 * does not gather in one transaction. */
	v->visits->p.changed(v->visits->p.arg);
	return 0;
}

static void
cleaned_cb(void *arg, enum pool_result r, const void *answer, size_t len)
{
	struct visit *v = arg;
	struct job_article a;
	struct job_list list;
	const void *rules;
	size_t n;
	int bad = r != POOL_OK;

	assert(v->magic == VISIT_MAGIC);
	v->now_ms = visits_now(v->visits);
	switch (visit_job_kind(v)) {
	case JOB_ROBOTS:
		if (!bad && !(bad = job_robots_unpack(answer, len, &rules, &n)))
			visit_robots_ready(v, ROBOTS_PARSE, rules, n);
		break;
	case JOB_PAGE:
		if (!bad && !(bad = job_page_unpack(answer, len, &a)))
			page_cleaned(v, &a);
		break;
	default:
		if (!bad && !(bad = list_part(v, answer, len, &list))) {
			v->answer = ANSWER_READ;
			visit_settle(v, URL_NO_ARTICLE, v->status,
			    list.error != NULL			? list.error
				: v->item->type == URL_FEED ? "feed"
							    : "sitemap");
		}
		break;
	}
	if (!bad)
		return;
	if (v->jobs < 2)
		visit_clean(v);
	else
		visit_poisoned(v, r != POOL_OK ? r : POOL_BROKEN);
}

/* ---- answers ------------------------------------------------------------------------------ */

/* The body goes to a worker. */
void
verdict_body(struct visit *v, struct fetch *f, const struct fetch_answer *a)
{
	v->head.len = 0;
	v->head.err = 0;
	if (v->robots_phase)
		job_robots_pack(&v->head, "winnowd", a->content_encoding);
	else if (visit_job_kind(v) == JOB_PAGE)
		pack_page(v, a);
	else
		job_list_pack(&v->head, v->item->url, a->content_type,
		    a->content_encoding);
	/* Of a robots.txt it is there, a list's may be in a file. */
	if (!v->robots_phase) {
		if (v->spill.len == 0)
			v->body = fetch_take_body(f, &v->body_len);
		v->visits->stat.body_bytes += (int64_t)v->body_len;
	}
	visit_clean(v);
}

/* Most hops become URLs of their own. One that leads to another spelling of the
 * same page (its key is the same) is followed here, or it would be lost. */
static void
page_redirected(struct visit *v, const struct fetch_answer *a)
{
	const char *why = "no Location";
	char *again = NULL;
	enum follow to = FOLLOW_NOT;

	v->visits->stat.redirects++;
	if (a->location != NULL)
		to = follow_redirect(v, a->location, &why, &again);
	if (to == FOLLOW_AGAIN && ++v->hops <= v->cfg->fetch_max_redirects) {
		visit_hop(v, again, v->item->key.host);
		return;
	}
	free(again);
	visit_host_done(v, v->now_ms + v->delay_ms);
	if (to == FOLLOW_ON || to == FOLLOW_MOVED)
		visit_settle(v, URL_REDIRECTED, a->status,
		    to == FOLLOW_MOVED ? VISIT_SEED_MOVED : NULL);
	else
		visit_settle(v, URL_BAD_REDIRECT, a->status, why);
}

static int
status_is_temporary(int s)
{
	return s == 408 || s == 425 || s == 429 || s >= 500;
}

static void
page_answered(struct visit *v, struct fetch *f, const struct fetch_answer *a)
{
	struct visits *vs = v->visits;
	int s = a->status;

	v->status = s;
	if (status_is_temporary(s)) {
		verdict_failed(v, s, "server error",
		    visit_retry_after(v, a));
		return;
	}
	visit_host_fine(v);
	if (s >= 300 && s < 400 && s != 304) {
		page_redirected(v, a);
		return;
	}
	visit_host_done(v, v->now_ms + v->delay_ms);
	if (s >= 200 && s < 300 && s != 204 && s != 205 && a->body_len > 0) {
		if (revisit_same_body(v, a))
			page_same(v);
		else
			verdict_body(v, f, a);
	} else if (s >= 200 && s < 300) {
		vs->stat.empty++;
		visit_settle(v, URL_NO_ARTICLE, s, "empty");
	} else if (s == 304 && v->validated)
		page_same(v);
	else if (s == 404 || s == 410)
		page_missing(v, NULL);
	else {
		vs->stat.failed++;
		visit_settle(v, s >= 400 ? URL_REFUSED : URL_FAILED, s,
		    s == 304 ? "304 without a validator" : NULL);
	}
}

/* ---- all answers ------------------------------------------------------------------ */

/* A list that is longer than we read: what came of it counts. */
static int
list_is_long(const struct visit *v, const struct fetch_answer *a)
{
	return a->result == FETCH_TOO_BIG && a->status == 200 &&
	    v->spill.len > 0;
}

void
verdict_answer(struct visit *v, struct fetch *f)
{
	const struct fetch_answer *a = fetch_answer(f);
	struct visits *vs = v->visits;

	vs->stat.fetched++;
	vs->stat.bytes += a->body_len;
	log_debug("fetch done url=%s status=%d bytes=%zu ms=%lld error=%s",
	    v->ask, a->status, a->body_len, (long long)a->elapsed_ms,
	    a->error[0] != '\0' ? a->error : "-");
	if (v->robots_phase)
		visit_robots_answered(v, f, a);
	else if (a->result != FETCH_OK && !list_is_long(v, a))
		verdict_transfer(v, a);
	else
		page_answered(v, f, a);
}
