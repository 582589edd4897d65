/* visit.c - see visit.h. What comes back from a page or a robots.txt is judged
 * in verdict.c; what a page links to goes through follow.c. */
#include "crawler/visit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "config/config.h"
#include "crawler/log.h"
#include "crawler/visit_parts.h"

int64_t
visits_now(const struct visits *vs)
{
	struct timeval tv;

	event_base_gettimeofday_cached(vs->p.base, &tv);
	return (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

static int64_t
mono_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct visits *
visits_new(const struct visit_parts *p)
{
	struct visits *vs = calloc(1, sizeof *vs);

	if (vs == NULL)
		return NULL;
	vs->p = *p;
	follow_init(vs);
	return vs;
}

void
visits_set_config(struct visits *vs, const struct config *c)
{
	struct visit *v;

	vs->p.config = c;
	follow_clear(vs); /* what seeds are bound to */
	follow_init(vs);
	/* The old one is about to be freed. */
	for (v = vs->list; v != NULL; v = v->next)
		v->cfg = config_for(c, v->item->host);
}

/* ---- the end ------------------------------------------------------------------ */

static void
visit_free(struct visit *v)
{
	struct visits *vs = v->visits;

	*v->prev = v->next;
	if (v->next != NULL)
		v->next->prev = v->prev;
	vs->stat.running--;
	vs->stat.fetching -= v->state < V_CLEANING;
	vs->stat.cleaning -= v->state == V_CLEANING;
	vs->stat.body_bytes -= (int64_t)v->body_len;
	if (v->timer != NULL)
		event_free(v->timer);
	wire_free(&v->head);
	free(v->ask);
	free(v->body);
	free(v);
	vs->p.changed(vs->p.arg);
}

void
visit_host_done(struct visit *v, int64_t next_ms)
{
	if (v->slot_free)
		return;
	v->slot_free = 1;
	frontier_host_done(v->visits->p.frontier, v->item, next_ms);
}

void
visit_settle(struct visit *v, enum url_state state, int status,
    const char *reason)
{
	struct visits *vs = v->visits;

	log_info("page settled url=%s state=%s status=%d reason=%s",
	    v->item->url, url_state_name(state), status,
	    reason != NULL ? reason : "-");
	visit_host_done(v, v->now_ms);
	frontier_settle(vs->p.frontier, v->item, state, status, reason,
	    v->now_ms);
	v->item = NULL;
	visit_free(v);
}

void
visit_retry(struct visit *v, int status, const char *reason, int64_t at_ms)
{
	struct visits *vs = v->visits;

	vs->stat.retries++;
	log_info("page to be tried again url=%s status=%d reason=%s in_ms=%lld",
	    v->item->url, status, reason, (long long)(at_ms - v->now_ms));
	visit_host_done(v, at_ms);
	frontier_retry(vs->p.frontier, v->item, status, reason, at_ms);
	v->item = NULL;
	visit_free(v);
}

void
visit_release(struct visit *v, int64_t next_ms)
{
	visit_host_done(v, next_ms);
	frontier_release(v->visits->p.frontier, v->item);
	v->item = NULL;
	visit_free(v);
}

/* The article's line is in the outlet, which has the lease now (O3). */
void
visit_landed(struct visit *v)
{
	v->item = NULL;
	visit_free(v);
}

/* ---- asking ---------------------------------------------------------------------- */

static void
fetch_done_cb(void *arg, struct fetch *f)
{
	struct visit *v = arg;

	assert(v->magic == VISIT_MAGIC);
	v->now_ms = visits_now(v->visits);
	v->fetch = NULL;
	gate_leave(v->visits->p.gate, &v->gate, v->now_ms);
	verdict_answer(v, f);
}

/* Media and archives end at their headers; what claims nothing is sniffed by
 * the worker. */
static int
fetch_accept_cb(void *arg, const struct fetch *f)
{
	const struct visit *v = arg;
	const struct fetch_answer *a = fetch_answer(f);

	return v->robots_phase || v->item->type != URL_PAGE ||
	    verdict_type_ok(a->content_type);
}

/* What its settings say of the site, for the fetcher. */
static struct fetch_site
fetch_site(const struct config_values *cfg)
{
	return (struct fetch_site) {
		.tls_old = cfg->fetch_tls == CONFIG_FETCH_TLS_OLD,
		.tls_any = !cfg->fetch_tls_verify,
		.cookies = cfg->fetch_cookies == CONFIG_FETCH_COOKIES_SESSION,
		.proxy = cfg->fetch_proxy
	};
}

static void
visit_fetch(struct visit *v)
{
	struct visits *vs = v->visits;
	struct fetch_request q = { .url = v->ask,
		.site = fetch_site(v->cfg),
		.accept = fetch_accept_cb,
		.done = fetch_done_cb,
		.arg = v };
	int rc = fetch_start(vs->p.fetcher, &q, mono_ms(), &v->fetch);

	if (rc == 0) {
		v->state = V_FETCHING;
		return;
	}
	gate_cancel(vs->p.gate, &v->gate, v->now_ms);
	if (rc == FETCH_BADURL)
		visit_settle(v, URL_FAILED, 0, fetch_strerror(rc));
	else /* full, or no memory: as if it had not been tried */
		visit_release(v, v->now_ms + 100);
}

static void
gate_go_cb(void *arg)
{
	struct visit *v = arg;

	assert(v->magic == VISIT_MAGIC);
	v->now_ms = visits_now(v->visits);
	visit_fetch(v);
}

static int64_t
address_delay(const struct config_values *cfg)
{
	return cfg->politeness_delay_address >= 0
	    ? cfg->politeness_delay_address
	    : cfg->politeness_delay / 5;
}

/* The address is known: in line with the other hosts that live there. */
static void
visit_enter(struct visit *v, const struct dns_addr *addr)
{
	int64_t delay = address_delay(v->cfg);
	int rc = 1;

	v->state = V_WAITING;
	if (delay > 0)
		rc = gate_enter(v->visits->p.gate, &v->gate, addr,
		    (int)v->cfg->politeness_per_host, delay, v->now_ms);
	if (rc < 0)
		visit_release(v, v->now_ms + 1000);
	else if (rc == 1)
		visit_fetch(v);
}

static void
dns_done_cb(void *arg, enum dns_result r, const struct dns_addr *addrs, int n)
{
	struct visit *v = arg;

	assert(v->magic == VISIT_MAGIC);
	v->dns = NULL;
	v->now_ms = visits_now(v->visits);
	if (r == DNS_OK && n > 0)
		visit_enter(v, &addrs[0]);
	else
		verdict_no_address(v, r);
}

/* Asks for v->ask: resolve, gate, fetch. */
void
visit_ask(struct visit *v)
{
	struct visits *vs = v->visits;
	struct dns_addr addrs[DNS_ADDRS];
	char host[256];
	const char *p = strstr(v->ask, "://");
	size_t len;
	int n;

	v->state = V_RESOLVING;
	p = p != NULL ? p + 3 : v->ask;
	len = *p == '[' ? strcspn(p, "]") + 1 : strcspn(p, ":/?#");
	if (len >= sizeof host) {
		visit_settle(v, URL_FAILED, 0, "host name too long");
		return;
	}
	memcpy(host, p, len);
	host[len] = '\0';
	n = dns_cached(vs->p.dns, host, mono_ms(), addrs);
	if (n > 0)
		visit_enter(v, &addrs[0]);
	else if (n < 0)
		verdict_no_address(v, n);
	else if ((v->dns = dns_resolve(vs->p.dns, host, mono_ms(), dns_done_cb,
		      v)) == NULL)
		visit_release(v, v->now_ms + 1000);
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct visit *v = arg;

	(void)fd;
	(void)what;
	assert(v->magic == VISIT_MAGIC);
	v->now_ms = visits_now(v->visits);
	visit_ask(v);
}

/* A redirect of robots.txt waits like any other request to a host. */
void
visit_ask_later(struct visit *v, int64_t ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	v->state = V_WAITING;
	if (v->timer == NULL)
		v->timer = evtimer_new(v->visits->p.base, timer_cb, v);
	if (v->timer == NULL || event_add(v->timer, &tv) != 0)
		visit_release(v, v->now_ms + 1000);
}

/* ---- the beginning -------------------------------------------------------------- */

int
visit_start(struct visits *vs, struct frontier_item *item, int64_t now_ms)
{
	struct visit *v = calloc(1, sizeof *v);

	if (v == NULL || (v->ask = strdup(item->url)) == NULL) {
		free(v);
		frontier_host_done(vs->p.frontier, item, now_ms + 1000);
		frontier_release(vs->p.frontier, item);
		return -1;
	}
	v->magic = VISIT_MAGIC;
	v->visits = vs;
	v->item = item;
	v->now_ms = now_ms;
	v->cfg = config_for(vs->p.config, item->host);
	v->delay_ms = v->cfg->politeness_delay;
	v->gate.go = gate_go_cb;
	v->gate.arg = v;
	if ((v->next = vs->list) != NULL)
		v->next->prev = &v->next;
	v->prev = &vs->list;
	vs->list = v;
	vs->stat.running++;
	vs->stat.fetching++;
	if (visit_robots(v)) {
		if (v->ask != NULL)
			visit_ask(v);
		else
			visit_release(v, now_ms + 1000);
	}
	return 0;
}

/* ---- stopping --------------------------------------------------------------------- */

static void
visit_cancel(struct visit *v)
{
	struct visits *vs = v->visits;

	v->now_ms = visits_now(vs);
	if (v->dns != NULL)
		dns_cancel(v->dns);
	if (v->fetch != NULL)
		fetch_cancel(v->fetch);
	v->dns = NULL;
	v->fetch = NULL;
	gate_cancel(vs->p.gate, &v->gate, v->now_ms);
	visit_release(v, v->now_ms);
}

void
visits_cancel(struct visits *vs)
{
	struct visit *v, *next;

	for (v = vs->list; v != NULL; v = next) {
		next = v->next;
		if (v->state < V_CLEANING)
			visit_cancel(v);
	}
}

/* The workers are gone: those they had are released too. */
void
visits_free(struct visits *vs)
{
	struct visit *v;

	if (vs == NULL)
		return;
	visits_cancel(vs);
	while ((v = vs->list) != NULL) {
		v->now_ms = visits_now(vs);
		visit_release(v, v->now_ms);
	}
	follow_clear(vs);
	free(vs);
}

void
visits_stat(const struct visits *vs, struct visit_stat *s)
{
	*s = vs->stat;
}
