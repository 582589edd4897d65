/* visit_log.c - what a visit tells the fetch log, the skip log and the list of
 * the latest failures (logs.h, failures.h).
 *
 * Invariants
 *  Q1  Each answer, and each request that got none, is one line of the fetch
 *      log: noted at its end, written when its visit knows what came of it.
 *  Q2  Each URL that is settled without a record, and each link that is not
 *      followed, is one line of the skip log, with a reason of reasons.def. */
#include <stdio.h>
#include <string.h>

#include "crawler/failures.h"
#include "crawler/settled.h"
#include "crawler/visit_parts.h"

/* ---- the fetch log ------------------------------------------------------ */

/* "text/html", of whatever the header says. */
static void
media_type(char *to, size_t cap, const char *type)
{
	size_t n = type != NULL ? strcspn(type, "; \t") : 0;

	snprintf(to, cap, "%.*s", n < cap ? (int)n : (int)cap - 1,
	    type != NULL ? type : "");
}

void
visit_log_answer(struct visit *v, const struct fetch_answer *a)
{
	if (!logs_fetch_on(v->visits->p.logs))
		return;
	v->note.set = 1;
	v->note.at_ms = v->now_ms;
	v->note.status = a->status;
	v->note.result = fetch_result_name(a->result);
	v->note.bytes = (int64_t)a->body_len;
	v->note.wire = a->wire_bytes;
	v->note.connect_ms = a->connect_ms;
	v->note.first_ms = a->first_ms;
	v->note.total_ms = a->elapsed_ms;
	v->note.clean_ms = LOG_NONE;
	snprintf(v->note.address, sizeof v->note.address, "%s", a->address);
	media_type(v->note.type, sizeof v->note.type, a->content_type);
}

void
visit_log_no_address(struct visit *v, enum dns_result r)
{
	struct fetch_answer none = {.result = r == DNS_GUARDED  ? FETCH_GUARDED
					      : r == DNS_NONAME ? FETCH_DNS
					      : r == DNS_BADNAME
						  ? FETCH_BADURL
						  : FETCH_DNS_TRY};

	visit_log_answer(v, &none);
}

static int64_t
or_none(int known, int64_t n)
{
	return known ? n : LOG_NONE;
}

static const char *
or_null(const char *s)
{
	return s[0] != '\0' ? s : NULL;
}

static void
fetch_line(struct visit *v, const char *verdict, enum reason reason,
    const char *record)
{
	int answered = v->note.status > 0;
	struct fetch_line l = {.time = v->note.at_ms,
	    .url = v->ask,
	    .host = v->item->host,
	    .address = or_null(v->note.address),
	    .status = or_none(answered, v->note.status),
	    .result = v->note.result,
	    .bytes = v->note.bytes,
	    .wire = v->note.wire,
	    .connect_ms =
		or_none(answered || v->note.connect_ms > 0, v->note.connect_ms),
	    .first_ms = or_none(answered, v->note.first_ms),
	    .total_ms = v->note.total_ms,
	    .clean_ms = v->note.clean_ms,
	    .type = or_null(v->note.type),
	    .tries = v->item->tries,
	    .verdict = verdict,
	    .reason = reason_name(reason),
	    .record = record,
	    .via = v->item->via};

	v->note.set = 0;
	logs_fetch(v->visits->p.logs, &l);
}

void
visit_log_over(struct visit *v, const char *verdict)
{
	if (v->note.set)
		fetch_line(v, verdict, REASON_NONE, NULL);
}

void
visit_log_landed(struct visit *v, const char *record)
{
	if (v->note.set)
		fetch_line(v, url_state_name(URL_DONE), REASON_NONE, record);
}

/* ---- failures ----------------------------------------------------------- */

/* States that nobody has wished for. */
static int
is_failure(enum url_state s)
{
	return s == URL_GONE || s == URL_REFUSED || s == URL_FAILED ||
	       s == URL_GUARDED || s == URL_TOO_BIG || s == URL_BAD_REDIRECT ||
	       s == URL_POISON;
}

static void
failure(struct visit *v, enum reason reason, int status, const char *detail,
    int final)
{
	struct failure_news n = {.now_ms = v->now_ms,
	    .reason = reason,
	    .status = status,
	    .final = final,
	    .host = v->item->host,
	    .url = v->item->url,
	    .detail = detail};

	failures_add(v->visits->p.failures, &n);
}

void
visit_log_retry(struct visit *v, int status, const char *text)
{
	enum reason reason = settled_reason(URL_DUE, status, text);

	if (v->note.set)
		fetch_line(v, "retry", reason, NULL);
	failure(v, reason, status, text, 0);
}

/* ---- the skip log ------------------------------------------------------- */

/* A text that is the reason's name says nothing more. */
static const char *
particulars(enum reason reason, const char *text)
{
	return text == NULL || strcmp(text, reason_name(reason)) == 0 ? NULL
								      : text;
}

static void
skip_line(struct visit *v, enum reason reason, int status, const char *text)
{
	struct skip_line l = {.time = v->now_ms,
	    .url = v->item->url,
	    .host = v->item->host,
	    .stage = v->asked ? "asked" : "due",
	    .reason = reason_name(reason),
	    .status = or_none(status > 0, status),
	    .depth = v->item->depth,
	    .via = v->item->via,
	    .detail = particulars(reason, text)};

	if (logs_skip_on(v->visits->p.logs))
		logs_skip(v->visits->p.logs, &l);
}

void
visit_log_settled(
    struct visit *v, enum url_state state, int status, const char *text)
{
	enum reason reason = settled_reason(state, status, text);

	v->visits->meters.skips[reason]++;
	if (reason != REASON_NONE)
		skip_line(v, reason, status, text);
	if (is_failure(state))
		failure(v, reason, status, text, 1);
	if (v->note.set)
		fetch_line(v, url_state_name(state), reason, NULL);
}

void
visit_log_link(struct visit *v, const char *url, const struct winnow_key *key,
    int depth, enum reason reason, const char *detail)
{
	struct logs *logs = v->visits->p.logs;
	char host[256] = "";
	struct skip_line l = {.time = v->now_ms,
	    .url = url,
	    .host = host,
	    .stage = "found",
	    .reason = reason_name(reason),
	    .status = LOG_NONE,
	    .depth = depth,
	    .via = v->item->url,
	    .detail = detail};

	v->visits->meters.links[reason]++;
	if (!logs_skip_on(logs))
		return;
	(void)scope_host(url, host, sizeof host);
	logs_skip_link(logs, key->host ^ key->url ^ (uint64_t)reason << 56, &l);
}
