/* visit_robots.c - a visit's robots.txt: asked for, followed, kept (RFC 9309).
 *
 * A visit whose authority's rules are not known becomes a visit to its
 * robots.txt; the URL it was made for is released at its end, and leased again
 * when the host may be asked again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/visit_parts.h"

#define ROBOTS_HOPS 5
#define CLOCK_MS 10 /* the loop's clock is a coarse one */

int
visit_robots(struct visit *v)
{
	const struct frontier_robots *r;
	char authority[512], reason[64];
	int line = 0;

	v->robots_word = "override";
	if (v->cfg->politeness_robots == CONFIG_POLITENESS_ROBOTS_IGNORE)
		return 1;
	if (robots_authority(v->item->url, authority, sizeof authority) != 0) {
		visit_settle(v, URL_FAILED, 0, "address not understood");
		return 0;
	}
	r = robots_cache_get(v->visits->p.robots, authority, v->now_ms);
	if (r == NULL) {
		v->robots_phase = 1;
		free(v->ask);
		if (asprintf(&v->ask, "%s/robots.txt", authority) < 0)
			v->ask = NULL;
		return 1;
	}
	v->robots_word = "none";
	if (r->policy != ROBOTS_PARSE)
		return 1;
	v->robots_word = "allowed";
	visit_crawl_delay(v, r->rules, r->len);
	v->delay_ms = visit_host_delay(v);
	if (robots_allowed(r->rules, r->len, v->item->url, &line))
		return 1;
	snprintf(reason, sizeof reason, "robots.txt line %d", line);
	v->visits->stat.denied++;
	visit_settle(v, URL_ROBOTS_DENY, 0, reason);
	return 0;
}

void
visit_robots_reset(struct visit *v)
{
	v->visits->stat.body_bytes -= (int64_t)v->body_len;
	v->body_len = 0;
}

int
visit_robots_data(void *arg, const void *p, size_t n)
{
	struct visit *v = arg;
	char *body = realloc(v->body, v->body_len + n);

	if (body == NULL)
		return -1;
	v->body = body;
	memcpy(body + v->body_len, p, n);
	v->body_len += n;
	v->visits->stat.body_bytes += (int64_t)n;
	return 0;
}

void
visit_robots_ready(
    struct visit *v, enum robots_policy policy, const void *rules, size_t len)
{
	int64_t next_ms = v->answered_ms + v->delay_ms;
	char authority[512];

	if (policy == ROBOTS_PARSE && rules == NULL) {
		visit_robots_unreachable(v, v->status, "not readable", -1);
		return;
	}
	if (robots_authority(v->item->url, authority, sizeof authority) == 0) {
		robots_cache_put(v->visits->p.robots, authority, policy, rules,
		    len, v->now_ms, v->cfg->politeness_robots_max_age);
		visit_crawl_delay_learned(v, authority,
		    rules != NULL ? robots_crawl_delay_ms(rules, len) : -1);
	}
	follow_sitemaps(v, rules, len);
	if (policy == ROBOTS_PARSE) {
		visit_aim(v, v->item->key.host);
		visit_crawl_delay(v, rules, len);
		next_ms = v->answered_ms + visit_host_delay(v) + CLOCK_MS;
	}
	visit_release(v, next_ms);
}

/* Where the redirect leads: a URL (malloced) and its host; NULL: nowhere. */
static char *
robots_target(struct visit *v, const char *location, uint64_t *host)
{
	struct winnow_url base, to, canon;

	if (location == NULL ||
	    winnow_url_parse(&base, v->ask, strlen(v->ask), NULL, NULL) != 0 ||
	    winnow_url_parse(&to, location, strlen(location), &base, NULL) !=
		0 ||
	    winnow_url_fetchable(&to) != 0 ||
	    winnow_url_canonical(&to, &canon) != 0)
		return NULL;
	*host =
	    winnow_url_key(&canon, frontier_seed(v->visits->p.frontier)).host;
	return strdup(to.href);
}

static void
robots_redirected(struct visit *v, const struct fetch_answer *a)
{
	uint64_t host;
	char *to = NULL;

	if (++v->hops <= ROBOTS_HOPS)
		to = robots_target(v, a->location, &host);
	if (to != NULL)
		visit_hop(v, to, host);
	else /* more than five hops: as if there were none (2.3.1.2) */
		visit_robots_ready(v, ROBOTS_ALLOW_ALL, NULL, 0);
}

/* No rules to be had: those known serve for a while, else the host waits. */
void
visit_robots_unreachable(
    struct visit *v, int status, const char *cause, int64_t wait_ms)
{
	char authority[512], reason[256];
	int stale =
	    robots_authority(v->item->url, authority, sizeof authority) == 0 &&
	    robots_cache_put(v->visits->p.robots, authority,
		ROBOTS_DISALLOW_ALL, NULL, 0, v->now_ms,
		v->cfg->politeness_robots_max_age);

	if (stale)
		visit_release(v, visit_host_failed(v, wait_ms > 0 ? wait_ms : 0));
	else {
		snprintf(reason, sizeof reason, "robots.txt: %s", cause);
		verdict_failed(v, status, reason, wait_ms);
	}
}

void
visit_robots_answered(
    struct visit *v, struct fetch *f, const struct fetch_answer *a)
{
	enum robots_policy policy = robots_policy(
	    a->result == FETCH_OK || a->result == FETCH_TOO_BIG ? a->status
								: 0);

	v->visits->stat.robots++;
	v->answered_ms = v->now_ms;
	/* Beyond max_body: what came of it decides; nothing came, no rules. */
	if (a->result == FETCH_TOO_BIG && a->body_len == 0 &&
	    policy == ROBOTS_PARSE)
		policy = ROBOTS_DISALLOW_ALL;
	switch (policy) {
	case ROBOTS_FOLLOW:
		robots_redirected(v, a);
		break;
	case ROBOTS_DISALLOW_ALL:
		/* A page whose own host is refused is settled as that. */
		if (a->result == FETCH_GUARDED && v->hops == 0)
			verdict_transfer(v, a);
		else
			visit_robots_unreachable(v, a->status,
			    a->error[0] != '\0'     ? a->error
			    : a->result != FETCH_OK ? fetch_strerror(a->result)
						    : "server error",
			    visit_retry_after(v, a));
		break;
	default:
		/* The slot stays taken until the rules are known, or the
		 * host's next page would ask for them again. */
		visit_host_fine(v);
		if (policy == ROBOTS_PARSE && a->body_len > 0)
			visit_body(v, f, a);
		else /* an empty file allows everything */
			visit_robots_ready(v, ROBOTS_ALLOW_ALL, NULL, 0);
	}
}
