/* verdict.c - what an answer means for its URL and its host.
 *
 * Two tables stand for most of it: how a failed transfer ends, and how a status
 * does. Whatever the host is to blame for (5xx, 429, no connection) is the
 * host's state, shared by all its URLs: its failures in a row set a pause that
 * grows, and the next good answer clears it.
 *
 * Invariants
 *  J1  Every answer sets when the host may be asked next, counted from its end.
 *
 * What a body means is for a worker to say (visit_clean.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"
#include "crawler/log.h"
#include "crawler/visit_parts.h"

#define BACKOFF_MS 2000			/* first retry of a page */

/* The page failed for a while: tried again, or given up. */
void
verdict_failed(struct visit *v, int status, const char *reason, int64_t wait_ms)
{
	int64_t host_at = visit_host_failed(v, wait_ms > 0 ? wait_ms : 0), at;
	unsigned tries = v->item->tries;

	visit_host_done(v, host_at); /* its other pages wait for it alone */
	if (v->outage) {
		visit_release(v, host_at);
		return;
	}
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
	v->visits->meters.faults[-(r == DNS_GUARDED ? FETCH_GUARDED
		: r == DNS_NONAME		    ? FETCH_DNS
		: r == DNS_BADNAME		    ? FETCH_BADURL
						    : FETCH_DNS_TRY)]++;
	visit_log_no_address(v, r);
	if (r == DNS_FAIL || r == DNS_TIMEOUT)
		visit_unreached(v, OUTAGE_NAMES);
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

/* ---- answers ------------------------------------------------------------------------------ */

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
			visit_same(v);
		else
			visit_body(v, f, a);
	} else if (s >= 200 && s < 300) {
		vs->stat.empty++;
		visit_settle(v, URL_NO_ARTICLE, s, "empty");
	} else if (s == 304 && v->validated)
		visit_same(v);
	else if (s == 404 || s == 410)
		visit_missing(v, NULL);
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

static void
count_answer(struct visit_meters *m, const struct fetch_answer *a)
{
	int hundreds = a->status / 100;

	histogram_add(&m->fetch, a->elapsed_ms * 1000);
	m->answers[hundreds < VISIT_CLASSES ? hundreds : 0]++;
	if (a->result != FETCH_OK)
		m->faults[-a->result]++;
}

void
verdict_answer(struct visit *v, struct fetch *f)
{
	const struct fetch_answer *a = fetch_answer(f);
	struct visits *vs = v->visits;

	vs->stat.fetched++;
	vs->stat.bytes += a->body_len;
	count_answer(&vs->meters, a);
	v->asked |= !v->robots_phase;
	log_debug("fetch done url=%s status=%d bytes=%zu ms=%lld error=%s",
	    v->ask, a->status, a->body_len, (long long)a->elapsed_ms,
	    a->error[0] != '\0' ? a->error : "-");
	if (a->status > 0)
		visit_reached(v, OUTAGE_CONNECTIONS);
	else if (a->result == FETCH_CONNECT || a->result == FETCH_TIMEOUT)
		visit_unreached(v, OUTAGE_CONNECTIONS);
	if (v->robots_phase)
		visit_robots_answered(v, f, a);
	else if (a->result != FETCH_OK && !list_is_long(v, a))
		verdict_transfer(v, a);
	else
		page_answered(v, f, a);
}
