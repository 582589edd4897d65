/* visit_clean.c - the body of an answer goes to a worker, and what it says of
 * it is done: links followed, the article to the outlet, the page settled.
 *
 * Invariants
 *  J2  A body goes to a worker at most twice (URL_POISON after that). */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/gather.h"
#include "crawler/log.h"
#include "crawler/visit_parts.h"

#define POISON_HOST 5 /* poisoned pages: a day's rest */
#define DAY_MS (24 * 3600 * 1000LL)

static void cleaned_cb(void *, enum pool_result, const void *, size_t);
static int part_cb(void *, const void *, size_t);

static void
body_poisoned(struct visit *v, enum pool_result r)
{
	struct frontier *f = v->visits->p.frontier;
	struct frontier_host h;

	if (visit_land_first(v)) /* with what is known of its site alone */
		return;
	v->visits->stat.poisoned++;
	log_warn("page is poison url=%s reason=%s", v->ask, pool_strerror(r));
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
body_kind(const struct visit *v)
{
	if (v->robots_phase)
		return JOB_ROBOTS;
	if (v->joining)
		return JOB_GATHER;
	return url_type_is_page(v->item->type) ? JOB_PAGE
	       : v->item->type == URL_FEED     ? JOB_FEED
					       : JOB_SITEMAP;
}

static void
body_clean(struct visit *v)
{
	struct visits *vs = v->visits;
	struct pool_job j = {.kind = body_kind(v),
	    .body = v->spill.len > 0 ? v->spill.b : v->body,
	    .body_len = v->spill.len > 0 ? v->spill.len : v->body_len,
	    .body_file = v->spill.fd,
	    .part = url_type_is_page(v->item->type) || v->robots_phase
			? NULL
			: part_cb,
	    .done = cleaned_cb,
	    .arg = v};

	visit_set_state(v, V_CLEANING);
	v->clean_ms = gate_clock();
	v->jobs++;
	v->entries = 0;
	/* The head is kept for a second try (J2). What is known of the site
	 * may be more by then. */
	wire_put(&j.head, v->head.b, v->head.len);
	if (j.kind == JOB_PAGE || j.kind == JOB_GATHER)
		visit_put_site(v, &j.head);
	if ((j.kind == JOB_GATHER && gather_job(v, &j) != 0) || v->head.err ||
	    pool_submit(vs->p.pool, &j) != 0) {
		wire_free(&j.head);
		visit_release(v, v->now_ms + 1000);
	}
}

void
visit_clean_again(struct visit *v)
{
	v->jobs = 0; /* J2 is of each answer of a site's memory */
	body_clean(v);
}

/* "a,b" to a list, in place; the count. */
static size_t
split_tags(char *text, const char *list[JOB_TAGS_MAX])
{
	char *tag, *save = NULL;
	size_t n = 0;

	for (tag = strtok_r(text, ",", &save); tag != NULL && n < JOB_TAGS_MAX;
	     tag = strtok_r(NULL, ",", &save))
		list[n++] = tag;
	return n;
}

/* keep.raw: what the worker needs for it, or we. */
static void
pack_keep(struct visit *v, const struct fetch_answer *a, struct job_page *j,
    char hints[KEEP_HINTS])
{
	struct keep_page k = {.on = 1,
	    .address = a->address,
	    .hints = hints,
	    .date_ms = v->now_ms,
	    .head = a->head,
	    .head_len = a->head_len,
	    .encoded = a->content_encoding != NULL};

	v->kept.len = 0;
	if (a->head == NULL)
		return;
	keep_hints(
	    hints, j->page.charset, j->page.timezone, j->page.feed_date);
	if (v->cfg->keep_raw == CONFIG_KEEP_RAW_WARC)
		j->keep = k;
	else if (v->visits->p.recent != NULL)
		keep_pack(&v->kept, &k);
}

static void
pack_page(struct visit *v, const struct fetch_answer *a)
{
	struct visits *vs = v->visits;
	struct frontier_item *it = v->item;
	const char *tags, *charset, *list[JOB_TAGS_MAX];
	char text[1024], revises[REVISIT_ID], hints[KEEP_HINTS];
	struct job_page j = {
	    .page = {.url = v->ask,
		.content_encoding = a->content_encoding,
		.content_type = a->content_type,
		.last_modified = a->last_modified,
		.x_robots_tag = a->x_robots_tag,
		.now = v->now_ms / 1000,
		.feed_date = it->published},
	    .gone = v->gone,
	    .fetch = {.url_requested =
			  it->requested != NULL ? it->requested : it->url,
		.status = v->status,
		.etag = a->etag,
		.date_download = v->now_ms / 1000,
		.robots = v->robots_word,
		.via = it->via,
		.depth = it->depth,
		.crawl = vs->p.crawl,
		.node = vs->p.node},
	};

	j.fetch.revises =
	    revisit_revises(v, revises, &j.known_text, &j.known_alone);
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
	pack_keep(v, a, &j, hints);
	job_page_pack(&v->head, &j);
}

/* The page is not there any more, whatever the status says. The second time
 * that is told by a record, which a worker writes; of what came instead of the
 * page it sees nothing. */
void
visit_missing(struct visit *v, const char *reason)
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
	body_clean(v);
}

/* Nothing new: its record, if it has one, stays. */
void
visit_same(struct visit *v)
{
	v->visits->stat.unchanged++;
	v->answer = ANSWER_SAME;
	visit_settle(v, URL_NO_ARTICLE, v->status, "unchanged");
}

/* The page is kept though no record of it lands. */
static void
keep_alone(struct visit *v, const struct job_article *a)
{
	if (a->raw_len > 0)
		outlet_keep(v->visits->p.outlet, a->raw, a->raw_len);
}

static void
log_dropped(struct visit *v, const struct outlet_look *look)
{
	char why[64];
	int n = snprintf(why, sizeof why, "duplicate: w1-"), i;

	for (i = 0; i < 16; i++)
		n += snprintf(why + n, sizeof why - (size_t)n, "%02x",
		    look->lead.id[i]);
	visit_log_settled(v, URL_NO_ARTICLE, v->status, why);
}

static void
article_in(struct visit *v, struct job_article *a)
{
	struct visits *vs = v->visits;
	const char *url = v->item->url;
	enum revisit_event event;
	struct outlet_look look;
	char why[48];

	if (!a->gone && a->quality < v->cfg->clean_min_quality) {
		keep_alone(v, a);
		vs->stat.empty++;
		visit_settle(v, URL_NO_ARTICLE, v->status, "quality");
		return;
	}
	if (!a->gone && a->topic_score < v->cfg->topic_min_score) {
		keep_alone(v, a);
		vs->stat.empty++;
		snprintf(why, sizeof why, "topic: %.2f of %.2f",
		    a->topic_score, v->cfg->topic_min_score);
		visit_settle(v, URL_NO_ARTICLE, v->status, why);
		return;
	}
	outlet_look(vs->p.outlet, v->cfg, v->item, a, &look);
	if (!visit_article(v, a, look.how == OUTLET_EXACT)) {
		keep_alone(v, a);
		if (revisit_is_live(v)) {
			visit_missing(v, "soft-404");
			return;
		}
		vs->stat.empty++;
		visit_settle(v, URL_NO_ARTICLE, v->status, "soft-404");
		return;
	}
	event = revisit_land(v, a, !look.drops);
	if (look.drops) /* now: the outlet settles it, and its lease is gone */
		log_dropped(v, &look);
	if (outlet_add(vs->p.outlet, v->item, a, &look, v->status, v->now_ms) !=
	    0) {
		visit_release(v, v->now_ms + 1000);
		return;
	}
	vs->stat.repeats += look.how != OUTLET_FIRST;
	if (!look.drops)
		visit_log_landed(v, a->id_text);
	if (event != REVISIT_NEW)
		++*(event == REVISIT_GONE ? &vs->stat.gone
		    : a->corrected	  ? &vs->stat.corrected
					  : &vs->stat.changed);
	else if (!look.drops) {
		vs->stat.articles++;
		if (vs->p.article != NULL)
			vs->p.article(vs->p.arg, url, a, &v->place);
	}
	visit_landed(v);
}

/* The body is still ours: keep.raw = recent. */
static void
keep_recent(struct visit *v, const struct job_article *a)
{
	struct wire_in in = {v->kept.b, v->kept.b + v->kept.len, 0};
	struct recent *r = v->visits->p.recent;
	struct keep_page k;
	struct wq_page g;
	int rc;

	if (r == NULL || a->noindex || a->gone || v->kept.len == 0 ||
	    v->kept.err || keep_unpack(&in, &k) != 0)
		return;
	k.url = v->ask;
	keep_fill(&g, &k, a->line.len > 0 ? a->id : NULL, v->body,
	    v->body_len);
	rc = recent_put(r, &g);
	if (rc == 1)
		v->place = recent_last(r);
	else if (rc < 0)
		log_info("a page is not kept url=%s error=%s", v->ask,
		    strerror(errno));
}

/* What every page gives, whatever becomes of it: links, and what it shows of
 * its site. */
static void
page_read(struct visit *v, struct job_article *a)
{
	visit_links_dropped(v, a);
	v->answer = ANSWER_READ;
	v->is_list = a->page_type == WINNOW_LIST;
	visit_scored(v, a);
	follow_links(v, a);
	if (!a->gone)
		follow_feeds(v);
	visit_learn(v, a);
	v->read_once = 1;
}

/* Would its record go to the outlet? */
static int
is_for_outlet(const struct visit *v, const struct job_article *a)
{
	return a->err == 0 && !a->noindex && !a->same && !a->gone &&
	       a->line.len > 0 && !visit_is_probe(v) &&
	       v->item->type != URL_LIST && v->item->type != URL_LIST_NEXT;
}

void
visit_cleaned(struct visit *v, struct job_article *a)
{
	struct visits *vs = v->visits;

	if (a->err != 0) {
		vs->stat.empty++;
		visit_settle(v,
		    a->err == WINNOW_ETYPE     ? URL_BAD_TYPE
		    : a->err == WINNOW_ETOOBIG ? URL_TOO_BIG
					       : URL_NO_ARTICLE,
		    v->status, winnow_strerror(a->err));
		return;
	}
	keep_recent(v, a);
	if (a->noindex) {
		vs->stat.denied++;
		visit_settle(v, URL_NOINDEX, v->status, "noindex");
	} else if (a->same || (a->line.len > 0 && revisit_holds_back(v))) {
		keep_alone(v, a);
		visit_same(v);
	} else if (a->line.len == 0 && a->nothing != NULL &&
		   strcmp(a->nothing, "error-page") == 0 &&
		   revisit_is_live(v)) {
		keep_alone(v, a);
		visit_missing(v, "error-page");
	} else if (a->line.len == 0 || v->item->type == URL_LIST ||
		   v->item->type == URL_LIST_NEXT) {
		keep_alone(v, a);
		vs->stat.empty++;
		visit_settle(v, URL_NO_ARTICLE, v->status,
		    v->moved             ? VISIT_SEED_MOVED
		    : a->nothing != NULL ? a->nothing
					 : "list");
	} else
		article_in(v, a);
}

/* Its article goes on elsewhere: 1, the others are asked for, or wait for it. */
static int
page_gathered(struct visit *v, struct job_article *a)
{
	int taken = a->err == 0 && gather_take(v, a);

	if (a->err == 0 && !v->read_once)
		page_read(v, a);
	if (!taken)
		return 0;
	keep_recent(v, a);
	gather_go(v);
	return 1;
}

/* The pages of its article were joined: 1, it does not land now. */
static int
page_joined(struct visit *v, const struct job_article *a)
{
	if (a->err == 0)
		return gather_joined(v, a);
	gather_failed(v);
	return 1;
}

static void
page_cleaned(struct visit *v, struct job_article *a, const void *answer)
{
	if (v->joining ? page_joined(v, a) : page_gathered(v, a))
		return;
	if (!is_for_outlet(v, a) || !visit_holds(v, a, answer))
		visit_cleaned(v, a);
}

/* The links go on to the frontier as they come. */
static int
list_part(
    struct visit *v, const void *answer, size_t len, struct job_list *list)
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
	uint32_t before = v->entries;

	assert(v->magic == VISIT_MAGIC);
	v->now_ms = visits_now(v->visits);
	/* A part without entries could be followed by another for ever. */
	if (list_part(v, answer, len, &list) != 0 || v->entries == before)
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
	v->note.clean_ms = gate_clock() - v->clean_ms;
	switch (body_kind(v)) {
	case JOB_ROBOTS:
		if (!bad && !(bad = job_robots_unpack(answer, len, &rules, &n)))
			visit_robots_ready(v, ROBOTS_PARSE, rules, n);
		break;
	case JOB_PAGE:
	case JOB_GATHER:
		if (!bad && !(bad = job_page_unpack(answer, len, &a)))
			page_cleaned(v, &a, answer);
		break;
	default:
		if (!bad && !(bad = list_part(v, answer, len, &list))) {
			v->answer = ANSWER_READ;
			visit_settle(v, URL_NO_ARTICLE, v->status,
			    list.error != NULL          ? list.error
			    : v->item->type == URL_FEED ? "feed"
							: "sitemap");
		}
		break;
	}
	if (!bad)
		return;
	if (v->jobs < 2)
		body_clean(v);
	else if (v->joining)
		gather_failed(v);
	else
		body_poisoned(v, r != POOL_OK ? r : POOL_BROKEN);
}

/* The body goes to a worker. */
void
visit_body(struct visit *v, struct fetch *f, const struct fetch_answer *a)
{
	v->head.len = 0;
	v->head.err = 0;
	if (v->robots_phase)
		job_robots_pack(&v->head, "winnowd", a->content_encoding);
	else if (body_kind(v) == JOB_PAGE)
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
	body_clean(v);
}
