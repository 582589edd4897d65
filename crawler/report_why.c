/* report_why.c - a judgement, or a host, as an answer: members for programs and
 * facts for people, one after the other from the same values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/judge.h"
#include "crawler/politeness.h"
#include "crawler/report.h"
#include "crawler/report_parts.h"
#include "crawler/silence.h"
#include "crawler/words.h"

static const char *const types[] = {
    [URL_PAGE] = "page",
    [URL_LIST] = "list",
    [URL_FEED] = "feed",
    [URL_SITEMAP] = "sitemap",
    [URL_ROBOTS] = "robots",
    [URL_SUBMAP] = "sitemap",
    [URL_NEXT] = "next page",
    [URL_LIST_NEXT] = "next page of a list",
};
static const char *const events[] = {NULL, "new", "changed", "gone"};

static const char *
name_of(const char *const *names, size_t n, unsigned i)
{
	return i < n ? names[i] : NULL;
}
#define NAME(names, i) name_of(names, sizeof names / sizeof *names, i)

/* "w1-" and 32 hex; NULL: there is none. */
static const char *
record_id(char out[40], const uint8_t id[16])
{
	static const uint8_t none[16];
	int i;

	if (memcmp(id, none, sizeof none) == 0)
		return NULL;
	strcpy(out, "w1-");
	for (i = 0; i < 16; i++)
		snprintf(out + 3 + 2 * i, 3, "%02x", id[i]);
	return out;
}

/* ---- what it is --------------------------------------------------------- */

static void
why_state(struct words *w, const struct judgement *j, int64_t now)
{
	const char *words = j->reason != NULL ? judge_words(j->reason) : NULL;
	char when[WORDS_MOMENT];

	if (j->stored) {
		words_string(w, "state", url_state_name(j->row.state));
		words_say(w, "state", "%s: %s", url_state_name(j->row.state),
		    judge_state_words(j->row.state));
	} else {
		words_string(w, "state", NULL);
		words_say(w, "state", "never met");
	}
	words_string(w, "reason", j->reason);
	words_string(w, "detail", j->detail[0] != '\0' ? j->detail : NULL);
	if (j->reason != NULL)
		words_say(w, "reason", "%s: %s%s%s%s", j->reason, words,
		    j->detail[0] != '\0' ? " (" : "", j->detail,
		    j->detail[0] != '\0' ? ")" : "");
	words_string(w, "verdict",
	    !j->stored                 ? NULL
	    : j->row.state == URL_DONE ? "article"
	    : j->row.state == URL_NO_ARTICLE || j->row.state == URL_NOINDEX
		? j->reason
		: NULL);
	words_int(w, "status", j->stored ? j->row.status : 0);
	words_int(w, "tries", j->stored ? j->row.tries : 0);
	words_time(w, "changed", j->stored ? j->row.changed_ms : 0);
	if (!j->stored)
		return;
	words_moment(when, j->row.changed_ms, now);
	if (j->row.status > 0)
		words_say(w, "answer", "HTTP %d, %s", j->row.status, when);
	else if (j->row.state == URL_DUE && j->row.tries == 0)
		words_say(w, "found", "%s", when);
	else
		words_say(w, "decided", "%s", when);
	if (j->row.tries > 0)
		words_say(w, "tries", "%d that failed", j->row.tries);
}

static void
why_url(struct words *w, const struct judgement *j)
{
	const char *url = j->stored           ? j->row.url
			  : j->url[0] != '\0' ? j->url
					      : NULL;

	words_string(w, "url", url);
	words_string(w, "asked", j->asked);
	words_string(
	    w, "canonical", j->canonical[0] != '\0' ? j->canonical : NULL);
	words_bool(w, "stored", j->stored);
	words_string(w, "near", j->near[0] != '\0' ? j->near : NULL);
	words_say(w, "url", "%s", url != NULL ? url : j->asked);
	if (url != NULL && strcmp(url, j->asked) != 0)
		words_say(w, "asked as", "%s", j->asked);
	if (j->near[0] != '\0')
		words_say(w, "near", "%s is known, and another page", j->near);
}

/* ---- where it is from --------------------------------------------------- */

static void
why_origin(struct words *w, const struct judgement *j)
{
	int i;

	words_string(w, "seed", j->seed.n != 0 ? j->seed.url : NULL);
	words_string(w, "seed_tags",
	    j->seed.n != 0 && j->seed.tags[0] != '\0' ? j->seed.tags : NULL);
	words_string(w, "found_on", j->nvia > 0 ? j->via[0] : NULL);
	words_open(w, "via", '[');
	for (i = 0; i < j->nvia; i++)
		words_string(w, NULL, j->via[i]);
	words_close(w, ']');
	words_string(w, "redirected_from", j->from);
	words_int(w, "max_depth", j->max_depth);
	words_string(
	    w, "type", j->stored ? NAME(types, (unsigned)j->row.type) : NULL);
	words_int(w, "depth", j->stored ? j->row.depth : 0);
	words_int(w, "hops", j->stored ? j->row.hops : 0);
	words_int(w, "priority", j->stored ? j->row.priority : 0);
	if (j->stored)
		words_say(w, "depth", "%d of %d%s", j->row.depth, j->max_depth,
		    j->row.hops > 0 ? ", behind a redirect" : "");
	if (j->from != NULL)
		words_say(w, "redirect", "from %s", j->from);
	for (i = 0; i < j->nvia; i++)
		words_say(w, i == 0 ? "found on" : "", "%s", j->via[i]);
	if (j->via_cut)
		words_say(w, "", "...");
	if (j->seed.n != 0)
		words_say(w, "seed", "%s%s%s%s", j->seed.url,
		    j->seed.tags[0] != '\0' ? " [" : "", j->seed.tags,
		    j->seed.tags[0] != '\0' ? "]" : "");
	else if (j->seeds_seen > 0)
		words_say(w, "seed", "none of %ld takes it%s", j->seeds_seen,
		    j->seeds_cut ? ", and there are more seeds" : "");
}

/* ---- when it is asked --------------------------------------------------- */

/* What decides the next moment; of a closed list. */
static const char *
next_of(const struct judgement *j, int64_t now, int64_t *at)
{
	int64_t host = j->host.host.next_ms;
	const char *why = "turn";

	*at = now;
	if (!j->stored || (j->row.state != URL_DUE && j->row.again_ms == 0)) {
		*at = 0;
		return NULL;
	}
	if (j->row.state != URL_DUE) {
		*at = j->row.again_ms;
		why = "revisit";
	} else if (j->row.retry_ms > now) {
		*at = j->row.retry_ms;
		why = "retry";
	}
	if (host > *at && host > now) {
		*at = host;
		why = "host";
	}
	if (j->host.paused_ms != 0 || j->host.going) {
		*at = 0;
		why = "paused";
	}
	return why;
}

static void
why_next(
    struct words *w, const struct judgement *j, const char *halted, int64_t now)
{
	static const struct {
		const char *name, *words;
	} of[] = {{"turn", "as soon as its turn comes"},
	    {"retry", "another try"}, {"host", "the host is not asked before"},
	    {"revisit", "to see what is new"},
	    {"paused", "when its host is no longer paused"}};
	char when[WORDS_MOMENT];
	int64_t at;
	const char *why = next_of(j, now, &at);
	size_t i;

	words_time(w, "next", at);
	words_string(w, "next_for", why);
	words_int(w, "before", j->before > 0 ? j->before : 0);
	words_string(w, "halted", halted);
	for (i = 0; why != NULL && i < sizeof of / sizeof *of; i++)
		if (strcmp(why, of[i].name) == 0)
			words_say(w, "next", "%s%s%s", of[i].words,
			    at > now ? ": " : "",
			    at > now ? words_moment(when, at, now) : "");
	if (why == NULL && j->stored)
		words_say(w, "next", "not asked again");
	if (why != NULL && j->before > 0)
		words_say(w, "line", "%ld%s of its host come before it",
		    j->before, j->before >= JUDGE_LINE ? " or more" : "");
	if (why != NULL && halted != NULL)
		words_say(w, "halted", "nothing is fetched now: %s", halted);
}

static void
why_revisits(struct words *w, const struct frontier_memory *m, int64_t now)
{
	char when[WORDS_MOMENT], span[WORDS_SPAN], last[WORDS_MOMENT + 32] = "";

	if (m->asks == 0) {
		words_say(w, "asked", "not with an answer yet; again after %s",
		    words_span(span, m->interval_ms));
		return;
	}
	if (m->changes > 0)
		snprintf(last, sizeof last, ", the last of those %s",
		    words_moment(when, m->changed_ms, now));
	words_say(w, "asked", "%u %s, %u with something new%s", m->asks,
	    words_noun(m->asks, "time", "times"), m->changes, last);
	words_say(w, "", "the last time %s, then after %s",
	    words_moment(when, m->asked_ms, now),
	    words_span(span, m->interval_ms));
}

static void
why_memory(struct words *w, const struct judgement *j, int64_t now)
{
	const struct frontier_memory *m = &j->row.memory;
	const char *event = NAME(events, m->event);
	char id[40];

	if (!j->stored || !j->row.remembered) {
		words_string(w, "record", NULL);
		words_string(w, "event", NULL);
		words_string(w, "revisit", NULL);
		return;
	}
	words_string(w, "record", record_id(id, m->id));
	words_string(w, "event", event);
	words_open(w, "revisit", '{');
	words_bool(w, "hub", m->hub);
	words_time(w, "asked", m->asked_ms);
	words_time(w, "changed", m->changed_ms);
	words_int(w, "interval_s", m->interval_ms / 1000);
	words_int(w, "asks", m->asks);
	words_int(w, "changes", m->changes);
	words_int(w, "barren", m->barren);
	words_close(w, '}');
	if (record_id(id, m->id) != NULL) {
		words_say(w, "record", "%s%s%s", id, event != NULL ? ", " : "",
		    event != NULL ? event : "");
		words_say(w, "",
		    "winnow page --explain %s shows what was "
		    "kept of the page, while that is there",
		    id);
	}
	why_revisits(w, m, now);
}

/* The record whose text the page has, when it landed as a repeat of that, or
 * was left out for it. */
static void
why_repeats(struct words *w, const struct judgement *j)
{
	char id[40];
	const char *lead = j->stored ? record_id(id, j->row.repeats) : NULL;

	words_string(w, "repeats", lead);
	words_int(w, "alike_permille", lead != NULL ? j->row.alike : 0);
	if (lead == NULL)
		return;
	if (j->row.alike >= 1000)
		words_say(w, "repeats", "%s, which has the same text", lead);
	else
		words_say(w, "repeats", "%s, which has %u.%u %% of its text",
		    lead, j->row.alike / 10, j->row.alike % 10);
}

/* ---- its host ----------------------------------------------------------- */

static void
why_robots(struct words *w, const struct judgement *j, int64_t now)
{
	static const char *const names[] = {
	    "unknown", "allow", "deny", "ignored"};
	static const char *const words[] = {"not known yet: asked for first",
	    "allows it", "does not allow it",
	    "not asked for: politeness.robots is ignore"};
	char when[WORDS_MOMENT], line[32] = "", known[WORDS_MOMENT + 16] = "";

	words_open(w, "robots", '{');
	words_string(w, "says", names[j->robots]);
	words_int(w, "line", j->robots_line);
	words_time(w, "fetched", j->robots_fetched_ms);
	words_time(w, "expires", j->robots_expires_ms);
	words_close(w, '}');
	if (j->robots == JUDGE_ROBOTS_UNKNOWN &&
	    (!j->stored || j->row.state != URL_DUE))
		return;
	if (j->robots_line > 0)
		snprintf(line, sizeof line, ", line %d", j->robots_line);
	if (j->robots_fetched_ms > 0)
		snprintf(known, sizeof known, "; fetched %s",
		    words_moment(when, j->robots_fetched_ms, now));
	words_say(w, "robots.txt", "%s%s%s", words[j->robots], line, known);
}

static void
why_host(struct words *w, const struct judgement *j, int64_t now)
{
	const struct frontier_host *h = &j->host.host;
	char when[WORDS_MOMENT], span[WORDS_SPAN];

	words_string(w, "host", j->host.hash != 0 ? j->host.name : NULL);
	words_int(w, "host_urls", h->urls);
	words_int(w, "host_due", h->due);
	words_int(w, "host_failures", h->failures);
	words_time(w, "host_next", h->next_ms);
	words_int(w, "delay_ms", j->delay_ms);
	words_string(w, "host_waits", j->waits);
	words_time(
	    w, "host_waits_until", j->waits != NULL ? j->waits_until_ms : 0);
	if (j->host.hash == 0)
		return;
	words_say(w, "host",
	    "%s: %u of at most %llu addresses known, %u to do, a request "
	    "every %s",
	    j->host.name, h->urls, (unsigned long long)j->host_cap, h->due,
	    words_span(span, j->delay_ms));
	if (h->failures > 0)
		words_say(w, "", "%u %s in a row", h->failures,
		    words_noun(h->failures, "failure", "failures"));
	if (j->waits != NULL && j->waits_until_ms == 0)
		words_tell(w, WORDS_LOOK, "", "not asked now: %s", j->waits);
	else if (j->waits != NULL)
		words_say(w, "", "not asked before %s: %s",
		    words_moment(when, j->waits_until_ms, now), j->waits);
	else if (h->next_ms > now)
		words_say(w, "", "not asked before %s",
		    words_moment(when, h->next_ms, now));
}

static void
why_cap(struct words *w, const struct judgement *j)
{
	if (j->cap_most == 0) {
		words_string(w, "cap", NULL);
		return;
	}
	words_open(w, "cap", '{');
	words_int(w, "count", (int64_t)j->cap_count);
	words_int(w, "most", (int64_t)j->cap_most);
	words_close(w, '}');
	words_say(w, "cap", "%llu of %llu", (unsigned long long)j->cap_count,
	    (unsigned long long)j->cap_most);
}

static void
put_why(struct frontier_view *v, const struct judgement *j, const char *halted,
    int64_t now_ms, FILE *f)
{
	struct words w;

	if (words_begin(&w, f) != 0)
		return;
	why_url(&w, j);
	why_state(&w, j, now_ms);
	why_cap(&w, j);
	why_origin(&w, j);
	why_next(&w, j, halted, now_ms);
	report_focus(&w, v, j);
	why_memory(&w, j, now_ms);
	why_repeats(&w, j);
	why_host(&w, j, now_ms);
	why_robots(&w, j, now_ms);
	words_end(&w);
}

int
report_why(struct frontier_view *v, const struct config *c, const char *url,
    const char *halted, int64_t now_ms, FILE *f)
{
	struct judgement *j = malloc(sizeof *j);
	int rc;

	if (j == NULL)
		return FRONTIER_ENOMEM;
	if ((rc = judge(j, v, c, url, now_ms)) == 0)
		put_why(v, j, halted, now_ms, f);
	judge_clear(j);
	free(j);
	return rc;
}

/* ---- winnow host -------------------------------------------------------- */

static void
host_rhythm(struct words *w, const struct frontier_host *h)
{
	int i;

	words_open(w, "rhythm", '[');
	for (i = 0; i < 31; i++)
		words_int(w, NULL, h->rhythm[i]);
	words_close(w, ']');
}

static void
host_yield(struct words *w, const struct frontier_host *h, int64_t now)
{
	struct silence heard = {h->last_record_ms, h->gap_s};
	char when[WORDS_MOMENT], span[WORDS_SPAN], gap[64] = "";
	int silent = silence_fallen(&heard, h->rhythm, now, NULL);

	words_int(w, "records", (int64_t)h->records);
	words_time(w, "last_record", h->last_record_ms);
	words_int(w, "usual_gap_s", h->gap_s);
	words_bool(w, "silent", silent);
	if (h->gap_s > 0)
		snprintf(gap, sizeof gap, "; usually every %s",
		    words_span(span, h->gap_s * 1000LL));
	words_say(w, "records", "%llu, the last %s%s%s",
	    (unsigned long long)h->records,
	    words_moment(when, h->last_record_ms, now), gap,
	    silent ? ": it has fallen silent" : "");
}

static void
host_pause(struct words *w, const struct view_host *v,
    const struct config_values *cfg, int64_t now_ms)
{
	const struct frontier_host *h = &v->host;
	struct politeness p = politeness_rules(cfg, h, now_ms);
	char span[WORDS_SPAN], when[WORDS_MOMENT];
	int64_t until_ms;
	const char *why = politeness_reason(cfg, h, now_ms, &until_ms);

	words_string(w, "waits",
	    v->going            ? JUDGE_GOING
	    : v->paused_ms != 0 ? JUDGE_PAUSED
				: why);
	words_time(w, "waits_until", why != NULL ? until_ms : 0);
	words_time(w, "paused_since", v->paused_ms);
	if (v->going)
		words_tell(w, WORDS_LOOK, "next", "%s", JUDGE_GOING);
	else if (v->paused_ms != 0)
		words_tell(w, WORDS_LOOK, "paused", "since %s: %s",
		    words_moment(when, v->paused_ms, now_ms), JUDGE_PAUSED);
	else if (until_ms > now_ms)
		words_say(w, "next", "not asked before %s%s%s",
		    words_moment(when, until_ms, now_ms),
		    why != NULL ? ": " : "", why != NULL ? why : "");
	else
		words_say(w, "next", "may be asked now");
	words_int(w, "delay_ms", politeness_delay(&p, h->latency_ms));
	words_say(w, "pause", "%s between two requests",
	    words_span(span, politeness_delay(&p, h->latency_ms)));
}

static void
put_host(struct frontier_view *view, const struct view_host *v,
    const struct config_values *cfg, int64_t now_ms, FILE *f)
{
	const struct frontier_host *h = &v->host;
	char span[WORDS_SPAN];
	struct words w;

	if (words_begin(&w, f) != 0)
		return;
	words_string(&w, "host", v->name);
	words_say(&w, "host", "%s", v->name);
	words_int(&w, "urls", h->urls);
	words_int(&w, "urls_most", cfg->scope_host_cap);
	words_int(&w, "due", h->due);
	words_int(&w, "again", h->again);
	words_say(&w, "urls",
	    "%u known (of %lld at most), %u to do, %u to be asked again",
	    h->urls, (long long)cfg->scope_host_cap, h->due, h->again);
	words_time(&w, "next", h->next_ms);
	host_pause(&w, v, cfg, now_ms);
	words_int(&w, "failures", h->failures);
	words_int(&w, "poisoned", h->poisoned);
	if (h->failures + h->poisoned > 0)
		words_say(&w, "failures",
		    "%u in a row; %u %s that no worker could clean",
		    h->failures, h->poisoned,
		    words_noun(h->poisoned, "page", "pages"));
	words_int(&w, "latency_ms", h->latency_ms);
	if (h->latency_ms > 0)
		words_say(
		    &w, "answers in", "%s", words_span(span, h->latency_ms));
	words_int(&w, "day_pages", h->day_pages);
	words_int(&w, "day_bytes", (int64_t)h->day_bytes);
	words_say(&w, "day", "%u %s, %s", h->day_pages,
	    words_noun(h->day_pages, "page", "pages"),
	    words_size(span, h->day_bytes));
	host_yield(&w, h, now_ms);
	host_rhythm(&w, h);
	report_site(&w, view, v->hash, cfg->learn_on, now_ms);
	words_end(&w);
}

int
report_host(struct frontier_view *v, const struct config *c, const char *name,
    int64_t now_ms, FILE *f)
{
	struct view_host h;
	int rc = view_host_named(v, name, &h);

	if (rc == 0 && h.paused_ms != 0) {
		snprintf(h.name, sizeof h.name, "%s", name);
		rc = 1; /* in advance, or it was forgotten since */
	}
	if (rc == 1)
		put_host(v, &h, config_for(c, h.name), now_ms, f);
	return rc;
}
