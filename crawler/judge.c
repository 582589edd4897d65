/* judge.c - see judge.h.
 *
 * The refusals are asked in the order in which the crawl meets them, and all
 * facts are gathered whatever the verdict: who asks why wants to know what else
 * stands in the way. */
#include "crawler/judge.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/debt.h"
#include "crawler/dns.h"
#include "crawler/politeness.h"
#include "crawler/reasons.h"
#include "crawler/robots.h"
#include "crawler/robots_cache.h"
#include "crawler/scope.h"
#include "crawler/settled.h"

static const char *const states[URL_STATE_N] = {
    [URL_DUE] = "to be asked",
    [URL_DONE] = "its record is in the queue",
    [URL_NO_ARTICLE] = "fetched, and its links taken; nothing for the queue",
    [URL_REDIRECTED] = "its target is a URL of its own",
    [URL_GONE] = "the site says that it is not there",
    [URL_REFUSED] = "the site refuses it",
    [URL_FAILED] = "given up after fetch.max_tries",
    [URL_ROBOTS_DENY] = "never asked: robots.txt forbids it",
    [URL_GUARDED] = "never asked: its address is not public",
    [URL_TOO_BIG] = "dropped: larger than fetch.max_body",
    [URL_BAD_TYPE] = "dropped: not a page",
    [URL_BAD_REDIRECT] = "redirects to where nothing may be asked",
    [URL_POISON] = "no worker could clean it",
    [URL_NOINDEX] = "fetched; the page asks not to be kept",
    [URL_CAPPED] = "never asked: pages like it had given nothing",
    [URL_DROPPED] = "no longer asked for: its seed was taken away",
};

const char *
judge_words(const char *reason)
{
	return reason_words(reason_named(reason));
}

const char *
judge_state_words(enum url_state s)
{
	return states[s];
}

static void
refuse(struct judgement *j, const char *reason)
{
	if (j->reason == NULL)
		j->reason = reason;
}

/* ---- what is stored ----------------------------------------------------- */

/* The text that a URL was settled with is either a name of the list or the
 * particulars of what its state says. */
static void
stored_reason(struct judgement *j)
{
	const struct view_url *r = &j->row;
	enum reason reason = settled_reason(r->state, r->status, r->reason);

	j->reason = reason_name(reason);
	if (j->reason == NULL || strcmp(j->reason, r->reason) != 0)
		snprintf(j->detail, sizeof j->detail, "%s", r->reason);
}

static int
chain(struct judgement *j, struct frontier_view *v)
{
	struct view_url *u = malloc(sizeof *u);
	struct winnow_key at = j->row.via;
	int rc = 1;

	while (u != NULL && (at.host != 0 || at.url != 0) &&
	       (rc = view_url(v, &at, u)) == 1) {
		if (j->nvia == JUDGE_CHAIN) {
			j->via_cut = 1;
			break;
		}
		if ((j->via[j->nvia] = strdup(u->url)) == NULL)
			break;
		j->nvia++;
		at = u->via;
	}
	free(u);
	return rc < 0 ? rc : 0;
}

static int
first_hop(struct judgement *j, struct frontier_view *v)
{
	struct view_url *u;
	int rc = 0;

	if (j->row.requested.host == 0 && j->row.requested.url == 0)
		return 0;
	if ((u = malloc(sizeof *u)) == NULL)
		return FRONTIER_ENOMEM;
	if ((rc = view_url(v, &j->row.requested, u)) == 1)
		j->from = strdup(u->url);
	free(u);
	return rc < 0 ? rc : 0;
}

static int
stored(struct judgement *j, struct frontier_view *v)
{
	int rc;

	j->stored = 1;
	stored_reason(j);
	if (j->row.seed != 0 && (rc = view_seed(v, j->row.seed, &j->seed)) < 0)
		return rc;
	if ((rc = first_hop(j, v)) < 0)
		return rc;
	if (j->row.state == URL_DUE)
		j->before = view_line(v, &j->key, JUDGE_LINE);
	return chain(j, v);
}

/* ---- the guard ---------------------------------------------------------- */

/* Only addresses that stand in the URL: a name is resolved when it is asked. */
static void
judge_address(
    struct judgement *j, const struct winnow_url *u, const struct config *c)
{
	struct dns_addr a = {0};
	struct guard *g;
	char host[256], err[128];
	const char *range;
	size_t n = (size_t)(u->host_end - u->host_beg);

	if (n >= sizeof host)
		return;
	memcpy(host, u->href + u->host_beg, n);
	host[n] = '\0';
	if (inet_pton(AF_INET, host, a.ip) == 1)
		a.family = 4;
	else if (host[0] == '[') {
		host[n - 1] = '\0';
		a.family = inet_pton(AF_INET6, host + 1, a.ip) == 1 ? 6 : 0;
	}
	if (a.family == 0 || (g = guard_new(config_values(c)->fetch_allow_net,
				  err, sizeof err)) == NULL)
		return;
	if ((range = guard_refuses(g, &a)) != NULL) {
		refuse(j, "address");
		snprintf(j->detail, sizeof j->detail, "%s", range);
	}
	guard_free(g);
}

/* ---- the scope ---------------------------------------------------------- */

struct search {
	struct judgement *j;
	struct frontier_view *view;
	const struct config *config;
	struct scope_question question;
	struct view_seed *seed;     /* being looked at */
	struct scope_answer answer; /* of the best one so far */
	int rank;                   /* of it */
	long seen;
};

/* How far an address gets: the best seed is the one that comes nearest to
 * taking it. */
enum rank { NOWHERE, OUT_OF_SCOPE, TOO_DEEP, REFUSED, TAKEN };

static enum rank
rank_of(const struct scope_answer *a)
{
	return a->reason == REASON_SCOPE   ? OUT_OF_SCOPE
	       : a->reason == REASON_DEPTH ? TOO_DEEP
					   : REFUSED;
}

/* 1: this seed would take it. */
static int
try_seed(struct search *s, uint32_t n)
{
	struct winnow_url u, canon;
	struct scope_seed scope;
	struct scope_answer answer;
	struct winnow_key key;
	char host[256];
	int rank;

	if (s->j->seed.n == n || view_seed(s->view, n, s->seed) != 1 ||
	    s->seed->removed ||
	    winnow_url_parse(
		&u, s->seed->url, strlen(s->seed->url), NULL, NULL) != 0 ||
	    winnow_url_canonical(&u, &canon) != 0 ||
	    scope_host(u.href, host, sizeof host) != 0)
		return 0;
	s->seen++;
	key = winnow_url_key(&canon, view_secret(s->view));
	if (scope_seed_init(
		&scope, u.href, &key, config_for(s->config, host)) != 0)
		return 0;
	s->question.seed = &scope;
	s->question.max_depth = s->seed->max_depth;
	rank = scope_judge(&s->question, &answer) ? rank_of(&answer) : TAKEN;
	if (rank > s->rank) {
		s->rank = rank;
		s->answer = answer;
		s->j->seed = *s->seed;
	}
	return rank == TAKEN;
}

static int
try_seeds(struct search *s, const uint32_t *n, int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (try_seed(s, n[i]))
			return 1;
	return 0;
}

/* Seeds of the hosts above this one: scope.subdomains, mode domain. */
static int
try_parents(struct search *s, const char *host)
{
	const char *domain = winnow_url_domain(host), *p;
	struct winnow_url u;
	uint32_t n[64];
	char url[300];

	for (p = host; p < domain && (p = strchr(p, '.')) != NULL;) {
		snprintf(url, sizeof url, "http://%s/", ++p);
		if (winnow_url_parse(&u, url, strlen(url), NULL, NULL) == 0 &&
		    try_seeds(s, n,
			view_host_seeds(s->view,
			    winnow_url_key(&u, view_secret(s->view)).host, n,
			    64)))
			return 1;
	}
	return 0;
}

/* Nearest first: seeds of its host, seeds that have led to its host, seeds of
 * the hosts above, then all, in their order. */
static void
search_seeds(struct search *s, const char *host)
{
	uint32_t n[64], i, all = view_seed_count(s->view);

	if (try_seeds(s, n, view_host_seeds(s->view, s->j->key.host, n, 64)) ||
	    try_seeds(
		s, n, view_host_origins(s->view, s->j->key.host, n, 64)) ||
	    try_parents(s, host))
		return;
	for (i = 1; i <= all && i <= JUDGE_SEEDS; i++)
		if (try_seed(s, i))
			return;
	s->j->seeds_cut = all > JUDGE_SEEDS;
}

static void
judge_scope(struct judgement *j, struct frontier_view *v,
    const struct config *c, const char *host, int64_t now_ms)
{
	struct search s = {.j = j,
	    .view = v,
	    .config = c,
	    .question = {.cfg = config_for(c, host),
		.url = j->url,
		.host = j->key.host,
		.depth = 1, /* the least that a found page can have */
		.now_ms = now_ms,
		.in_words = 1}};
	const char *name = NULL;

	if (view_seed_count(v) == 0) {
		refuse(j, "no-seeds");
		return;
	}
	if ((s.seed = malloc(sizeof *s.seed)) == NULL)
		return;
	search_seeds(&s, host);
	free(s.seed);
	j->seeds_seen = s.seen;
	if (s.rank == TAKEN)
		return;
	if (s.rank <= OUT_OF_SCOPE)
		j->seed.n = 0; /* none of them comes near */
	else
		name = reason_name(s.answer.reason);
	if (j->reason == NULL)
		snprintf(j->detail, sizeof j->detail, "%s",
		    s.rank > OUT_OF_SCOPE ? s.answer.detail : "");
	refuse(j, name != NULL ? name : "scope");
}

/* ---- the host's pause --------------------------------------------------- */

static void
judge_pause(struct judgement *j, const struct config_values *cfg,
    int64_t now_ms)
{
	const struct frontier_host *h = &j->host.host;
	struct politeness p = politeness_rules(cfg, h, now_ms);

	j->delay_ms = politeness_delay(&p, h->latency_ms);
	j->waits = politeness_reason(cfg, h, now_ms, &j->waits_until_ms);
	if (j->host.paused_ms != 0 || j->host.going) {
		j->waits = j->host.going ? JUDGE_GOING : JUDGE_PAUSED;
		j->waits_until_ms = 0; /* until somebody says so */
	}
}

/* ---- robots ------------------------------------------------------------- */

static void
judge_robots(struct judgement *j, struct frontier_view *v,
    const struct config_values *cfg)
{
	struct frontier_robots r;
	char authority[512];
	int64_t delay;

	if (cfg->politeness_robots == CONFIG_POLITENESS_ROBOTS_IGNORE) {
		j->robots = JUDGE_ROBOTS_IGNORED;
		return;
	}
	if (robots_authority(j->url, authority, sizeof authority) != 0 ||
	    view_robots(v, authority, &r) != 1)
		return;
	j->robots_fetched_ms = r.fetched_ms;
	j->robots_expires_ms = r.expires_ms;
	j->robots = JUDGE_ROBOTS_ALLOW;
	if (r.policy != ROBOTS_PARSE || !robots_check(r.rules, r.len))
		return;
	delay = robots_crawl_delay_ms(r.rules, r.len);
	if (delay > cfg->politeness_max_crawl_delay)
		delay = cfg->politeness_max_crawl_delay;
	if (delay > j->delay_ms)
		j->delay_ms = delay;
	if (robots_allowed(r.rules, r.len, j->url, &j->robots_line))
		return;
	j->robots = JUDGE_ROBOTS_DENY;
	if (!j->stored) {
		refuse(j, "robots");
		if (j->detail[0] == '\0')
			snprintf(j->detail, sizeof j->detail,
			    "robots.txt line %d", j->robots_line);
	}
}

/* ---- the same by another name ------------------------------------------- */

/* Pages of their own in principle, and in practice what was meant. */
static void
near_spell(const struct winnow_url *u, int way, char *out, size_t cap)
{
	const char *rest = u->href + u->host_beg;
	const char *scheme = u->href[4] == 's' ? "https" : "http";
	int dir = u->len > 0 && u->href[u->len - 1] == '/';

	out[0] = '\0';
	if (way == 0)
		snprintf(out, cap, "%s://%s",
		    scheme[4] == 's' ? "http" : "https", rest);
	else if (way == 1 && strncmp(rest, "www.", 4) == 0)
		snprintf(out, cap, "%s://%s", scheme, rest + 4);
	else if (way == 1)
		snprintf(out, cap, "%s://www.%s", scheme, rest);
	else if (dir)
		snprintf(out, cap, "%.*s", (int)u->len - 1, u->href);
	else
		snprintf(out, cap, "%s/", u->href);
}

static void
judge_near(
    struct judgement *j, struct frontier_view *v, const struct winnow_url *u)
{
	struct winnow_url other;
	struct winnow_key key;
	int way;

	for (way = 0; way < 3; way++) {
		near_spell(u, way, j->near, sizeof j->near);
		if (winnow_url_parse(
			&other, j->near, strlen(j->near), NULL, NULL) != 0)
			continue;
		key = winnow_url_key(&other, view_secret(v));
		if (view_url(v, &key, &j->row) == 1)
			return;
	}
	j->near[0] = '\0';
}

/* ---- all of it ---------------------------------------------------------- */

static int
judge_parse(struct judgement *j, struct winnow_url *u, struct winnow_url *canon)
{
	if (winnow_url_parse(u, j->asked, strlen(j->asked), NULL, NULL) != 0 ||
	    winnow_url_fetchable(u) != 0 || winnow_url_canonical(u, canon) != 0)
		return -1;
	strcpy(j->url, u->href);
	strcpy(j->canonical, canon->href);
	return 0;
}

static uint32_t
family_count(void *view, uint64_t host, uint64_t family)
{
	struct frontier_cap cap = {.family = family};

	return view_cap_count(view, host, &cap);
}

/* The caps of a link in the order of the crawl. */
static void
judge_caps(struct judgement *j, struct frontier_view *v,
    const struct config_values *cfg, const char *host)
{
	struct debt_book book = {family_count, v};
	struct frontier_cap caps[FRONTIER_CAPS];
	struct debt_url d;
	char why[320];
	int i;

	debt_url_init(&d, j->url, j->key.host);
	if (debt_closed(&book, cfg, &d, why, sizeof why)) {
		if (j->reason == NULL)
			snprintf(j->detail, sizeof j->detail, "%s", why);
		refuse(j, "family-cap");
	}
	debt_caps(cfg, &d, host, caps);
	for (i = 0; i < FRONTIER_CAPS; i++) {
		uint32_t n = caps[i].family != 0
				 ? view_cap_count(v, j->key.host, &caps[i])
				 : 0;

		if (caps[i].family == 0 || n < caps[i].most ||
		    (caps[i].of_hosts && j->host.hash != 0))
			continue;
		j->cap_count = n;
		j->cap_most = caps[i].most;
		debt_full(cfg, &d, host, 2 + i, why, sizeof why);
		if (j->reason == NULL)
			snprintf(j->detail, sizeof j->detail, "%s", why);
		refuse(j, "family-cap");
	}
}

static void
not_stored(struct judgement *j, struct frontier_view *v, const struct config *c,
    const struct winnow_url *u, const char *host, int64_t now_ms)
{
	judge_near(j, v, u);
	judge_address(j, u, c);
	judge_scope(j, v, c, host, now_ms);
	if (j->host.hash != 0 && j->host.host.urls >= j->host_cap) {
		j->cap_count = j->host.host.urls;
		j->cap_most = j->host_cap;
		refuse(j, "host-cap");
	}
	judge_caps(j, v, config_for(c, host), host);
}

static int
judge_url(struct judgement *j, struct frontier_view *v, const struct config *c,
    struct winnow_url *u, struct winnow_url *canon, int64_t now_ms)
{
	const struct config_values *cfg;
	char host[256];
	int rc;

	if (judge_parse(j, u, canon) != 0 ||
	    scope_host(j->url, host, sizeof host) != 0) {
		refuse(j, "not-http");
		return 0;
	}
	cfg = config_for(c, host);
	j->host_cap = (uint64_t)cfg->scope_host_cap;
	j->key = winnow_url_key(canon, view_secret(v));
	if ((rc = view_host(v, j->key.host, &j->host)) < 0 ||
	    (rc = view_url(v, &j->key, &j->row)) < 0)
		return rc;
	if (rc == 0)
		not_stored(j, v, c, u, host, now_ms);
	else if ((rc = stored(j, v)) < 0)
		return rc;
	judge_pause(j, cfg, now_ms);
	judge_robots(j, v, cfg);
	j->max_depth = j->seed.n != 0 && j->seed.max_depth >= 0
			   ? j->seed.max_depth
			   : (int)cfg->scope_max_depth;
	if (!j->stored)
		refuse(j, "unseen");
	return 0;
}

int
judge(struct judgement *j, struct frontier_view *v, const struct config *c,
    const char *url, int64_t now_ms)
{
	struct winnow_url *u = malloc(2 * sizeof *u);
	int rc = FRONTIER_ENOMEM;

	*j = (struct judgement){.asked = url, .before = -1};
	if (u != NULL)
		rc = judge_url(j, v, c, u, u + 1, now_ms);
	free(u);
	return rc;
}

void
judge_clear(struct judgement *j)
{
	while (j->nvia > 0)
		free(j->via[--j->nvia]);
	free(j->from);
	j->from = NULL;
}
