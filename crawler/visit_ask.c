/* visit_ask.c - one request of a visit: to its page, to a robots.txt, or a hop
 * of either.
 *
 *	gate of the host -> resolve -> gates of its addresses -> fetch -> leave
 *
 * Invariants
 *  A1  Every request passes the gate of the host it goes to, whoever's visit it
 *      is of; then those of its first IPv4 and IPv6 address, for libcurl may
 *      take either. Always in this order: no two visits wait for each other.
 *  A2  Gates are left at the end of the answer; the pause counts from there.
 *  A3  A visit that would have to wait long, or behind many, ends: its host
 *      waits in the frontier, and takes no transfer from others.
 *  A4  While hosts wait that nobody has met yet, one that is met for the first
 *      time and says nothing is put off: it is asked again, with patience,
 *      behind them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#include "config/config.h"
#include "crawler/log.h"
#include "crawler/visit_parts.h"

#define LINE 4                  /* visits that wait at one gate */
#define HOP_WAIT_MS (10 * 1000) /* a hop waits so long for another host */
#define NO_ROOM_MS 100
#define SHORT_MS 1000	   /* without a descriptor */
#define NO_BODY_MS 10000   /* without room for its body */
#define ROBOTS_MS (30 * 1000) /* for a robots.txt */
#define ROBOTS_BYTES (1 << 20)
#define PATIENCE_MS (3 * 1000)

static int64_t
mono_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
visit_set_state(struct visit *v, enum visit_state state)
{
	struct visit_stat *s = &v->visits->stat;
	int *const count[] = {[V_RESOLVING] = &s->fetching,
	    [V_WAITING] = &s->waiting,
	    [V_FETCHING] = &s->fetching,
	    [V_CLEANING] = &s->cleaning,
	    [V_GATHERED] = &s->gathered,
	    [V_HELD] = &s->held,
	    [V_ENDING] = &s->ending};

	--*count[v->state];
	++*count[state];
	v->state = state;
}

/* A3. */
void
visit_give_way(struct visit *v, int64_t ms)
{
	visit_release(
	    v, v->now_ms + (ms < VISIT_WAIT_MAX_MS ? ms : VISIT_WAIT_MAX_MS));
}

/* ---- the fetch ---------------------------------------------------------- */

/* A2. What the answer tells of the host it came from is kept. */
static void
visit_answered(struct visit *v, const struct fetch_answer *a)
{
	struct gate *g = v->visits->p.gate;
	int64_t pause = visit_host_answered(v, a), now = gate_clock();
	size_t i;

	v->fetch = NULL;
	if (v->timer != NULL)
		evtimer_del(v->timer);
	v->now_ms = visits_now(v->visits);
	visit_log_answer(v, a);
	gate_leave(g, &v->gate, pause, now);
	for (i = 0; i < 2; i++)
		gate_leave(g, &v->address_gate[i],
		    visit_address_delay(v->to.cfg), now);
	if (v->to.foreign)
		frontier_host_wait(
		    v->visits->p.frontier, v->to.host, v->now_ms + pause);
	else
		v->delay_ms = pause;
}

/* No fault of the host's: it is asked again as if it had not been. */
static void
visit_short(struct visit *v, const struct fetch_answer *a)
{
	struct visits *vs = v->visits;

	if (v->now_ms - vs->short_ms >= 60 * 1000) {
		vs->short_ms = v->now_ms;
		log_warn("a page waits: raise the limit (LimitNOFILE=, ulimit "
			 "-n) or lower fetch.parallel error=%s url=%s",
		    fetch_strerror(a->result), v->item->url);
	}
	visit_give_way(v, SHORT_MS);
}

/* What it has met so far is ours to mend, too; but a list may be larger than
 * the disk ever has room for. */
static void
visit_no_room(struct visit *v, const struct fetch_answer *a)
{
	if (v->robots_phase)
		visit_give_way(v, NO_BODY_MS);
	else if ((int)v->item->tries + 1 < v->cfg->fetch_max_tries)
		visit_retry(v, a->status, a->error, v->now_ms + NO_BODY_MS);
	else {
		v->visits->stat.failed++;
		visit_settle(v, URL_FAILED, a->status, a->error);
	}
}

static void
fetch_done_cb(void *arg, struct fetch *f)
{
	struct visit *v = arg;
	const struct fetch_answer *a = fetch_answer(f);

	assert(v->magic == VISIT_MAGIC);
	visit_answered(v, a);
	if (a->result == FETCH_STALE) /* nobody's fault: a fresh one, later */
		visit_release(v, v->now_ms + v->delay_ms);
	else if (a->result == FETCH_SHORT)
		visit_short(v, a);
	else if (a->result == FETCH_NOMEM)
		visit_no_room(v, a);
	else
		verdict_answer(v, f);
}

/* Media and archives end at their headers; what claims nothing is sniffed by
 * the worker. */
static int
fetch_accept_cb(void *arg, const struct fetch *f)
{
	const struct visit *v = arg;
	const struct fetch_answer *a = fetch_answer(f);

	return v->robots_phase || !url_type_is_page(v->item->type) ||
	       a->status < 200 || a->status > 299 ||
	       verdict_type_ok(a->content_type, a->content_disposition);
}

/* What its settings say of the site, for the fetcher. */
static struct fetch_site
fetch_site(const struct config_values *cfg)
{
	return (struct fetch_site){
	    .tls_old = cfg->fetch_tls == CONFIG_FETCH_TLS_OLD,
	    .tls_any = !cfg->fetch_tls_verify,
	    .cookies = cfg->fetch_cookies == CONFIG_FETCH_COOKIES_SESSION,
	    .proxy = cfg->fetch_proxy};
}

/* Sitemaps and feeds may be larger than the parent likes to hold. */
static int
fetch_data_cb(void *arg, const void *p, size_t n)
{
	struct visit *v = arg;

	return spill_put(&v->spill, v->visits->p.state_dir, p, n);
}

/* How long a host may be silent that has never said a word, while others wait
 * to be met. */
static int64_t
patience_ms(const struct visit *v)
{
	const struct config_values *c = config_values(v->visits->p.config);
	int64_t part = c->fetch_first_byte_timeout / 10;

	return part < PATIENCE_MS ? part : PATIENCE_MS;
}

/* When the fetch is to be looked at next. */
static void
visit_watch(struct visit *v, int64_t spent)
{
	int64_t ms = ROBOTS_MS - spent;

	if (v->first && (!v->robots_phase || patience_ms(v) < ms))
		ms = patience_ms(v);
	if (v->first || v->robots_phase)
		visit_timer(v, ms > 0 ? ms : 1);
}

static void
visit_fetch(struct visit *v)
{
	struct visits *vs = v->visits;
	struct fetch_request q = {.url = v->ask,
	    .site = fetch_site(v->to.cfg),
	    .max_body = v->robots_phase ? ROBOTS_BYTES : 0,
	    .data = v->robots_phase ? visit_robots_data : NULL,
	    .once = 1,
	    .accept = fetch_accept_cb,
	    .done = fetch_done_cb,
	    .arg = v};
	int64_t closed_ms = visit_host_wait(v);
	int rc;

	if (closed_ms > 0) { /* meanwhile: its hours, its budget */
		visit_give_way(v, closed_ms);
		return;
	}
	q.keep_head = v->cfg->keep_raw != CONFIG_KEEP_RAW_NONE &&
		      !v->robots_phase && url_type_is_page(v->item->type);
	if (v->robots_phase)
		visit_robots_reset(v);
	else if (!url_type_is_page(v->item->type)) {
		spill_clear(&v->spill);
		q.data = fetch_data_cb;
		q.max_body = v->cfg->fetch_max_sitemap;
	}
	revisit_validators(v, &q);
	rc = fetch_start(vs->p.fetcher, &q, mono_ms(), &v->fetch);
	if (rc == FETCH_BADURL)
		visit_settle(v, URL_FAILED, 0, fetch_strerror(rc));
	else if (rc != 0) /* full, or no memory: as if it had not been tried */
		visit_give_way(v, NO_ROOM_MS);
	else {
		visit_set_state(v, V_FETCHING);
		v->sent_ms = gate_clock();
		v->first = visit_host_unknown(v);
		visit_watch(v, 0);
	}
}

/* The fetch is given up by us. */
static void
visit_cut(struct visit *v)
{
	struct fetch_answer late = {.result = FETCH_TIMEOUT,
	    .requests = 1,
	    .elapsed_ms = gate_clock() - v->sent_ms};

	fetch_cancel(v->fetch);
	visit_answered(v, &late);
}

/* A4, and the limit of a robots.txt; else the clock is wound up again. */
static void
visit_looked_at(struct visit *v)
{
	int64_t spent = gate_clock() - v->sent_ms;

	if (v->robots_phase && spent >= ROBOTS_MS) {
		visit_cut(v);
		visit_robots_unreachable(v, 0, "not whole within 30 s", -1);
	} else if (v->first && fetch_answer(v->fetch)->status == 0 &&
		   frontier_crowded(v->visits->p.frontier)) {
		log_info("host is put off host=%s silent_ms=%lld",
		    v->item->host, (long long)spent);
		visit_cut(v);
		visit_release(v, visit_host_failed(v, 0));
	} else
		visit_watch(v, spent);
}

/* ---- the way there ------------------------------------------------------ */

static void visit_advance(struct visit *);

static void
gate_go_cb(void *arg)
{
	struct visit *v = arg;

	assert(v->magic == VISIT_MAGIC);
	v->now_ms = visits_now(v->visits);
	visit_set_state(v, V_RESOLVING);
	visit_advance(v);
}

/* Nobody waits here while as many wait as are fetched. */
static enum gate_result
visit_enter(struct visit *v, struct gate_wait *w, const struct gate_key *key,
    int width, int64_t *later_ms)
{
	struct visits *vs = v->visits;
	int many =
	    vs->stat.waiting >= config_values(vs->p.config)->fetch_parallel;

	w->go = gate_go_cb;
	w->arg = v;
	return gate_enter(
	    vs->p.gate, w, key, width, many ? 0 : LINE, gate_clock(), later_ms);
}

/* On a host of others a hop is a guest: it waits while they rest. */
static enum gate_result
enter_host(struct visit *v, int64_t *later_ms)
{
	struct gate_key key = gate_host(v->to.host);

	if (v->to.foreign && (*later_ms = visit_host_wait(v)) > 0) {
		if (*later_ms > HOP_WAIT_MS)
			return GATE_LATER;
		v->step = STEP_HOST;
		return visit_timer(v, *later_ms) == 0 ? GATE_WAIT : GATE_NOMEM;
	}
	return visit_enter(v, &v->gate, &key, visit_host_width(v), later_ms);
}

static enum gate_result
enter_address(struct visit *v, int i, int64_t *later_ms)
{
	struct gate_key key;

	if (v->address[i].family == 0 || visit_address_delay(v->to.cfg) == 0)
		return GATE_IN;
	key = gate_address(&v->address[i]);
	return visit_enter(v, &v->address_gate[i], &key,
	    (int)v->to.cfg->politeness_per_host, later_ms);
}

/* The first address of each family. */
static void
take_addresses(struct visit *v, const struct dns_addr *addrs, int n)
{
	struct dns_addr *to;

	memset(v->address, 0, sizeof v->address);
	while (n-- > 0) {
		to = &v->address[addrs[n].family != 4];
		*to = addrs[n];
	}
}

static void
dns_done_cb(void *arg, enum dns_result r, const struct dns_addr *addrs, int n)
{
	struct visit *v = arg;

	assert(v->magic == VISIT_MAGIC);
	v->dns = NULL;
	v->now_ms = visits_now(v->visits);
	if (r == DNS_OK || r == DNS_NONAME)
		visit_reached(v, OUTAGE_NAMES);
	if (r == DNS_OK && n > 0) {
		take_addresses(v, addrs, n);
		visit_advance(v);
	} else
		verdict_no_address(v, r);
}

/* 1: go on; 0: an answer will come, or the visit has ended. */
static int
visit_resolve(struct visit *v)
{
	struct visits *vs = v->visits;
	struct dns_addr addrs[DNS_ADDRS];
	char host[256];
	const char *p = strstr(v->ask, "://");
	size_t len;
	int n;

	p = p != NULL ? p + 3 : v->ask;
	len = *p == '[' ? strcspn(p, "]") + 1 : strcspn(p, ":/?#");
	if (len >= sizeof host) {
		visit_settle(v, URL_FAILED, 0, "host name too long");
		return 0;
	}
	memcpy(host, p, len);
	host[len] = '\0';
	n = dns_cached(vs->p.dns, host, mono_ms(), addrs);
	if (n > 0) {
		take_addresses(v, addrs, n);
		return 1;
	}
	if (n < 0)
		verdict_no_address(v, n);
	else if ((v->dns = dns_resolve(
		      vs->p.dns, host, mono_ms(), dns_done_cb, v)) == NULL)
		visit_give_way(v, 1000);
	return 0;
}

static void
visit_advance(struct visit *v)
{
	enum gate_result r = GATE_IN;
	int64_t later_ms = 1000;

	while (r == GATE_IN)
		switch (v->step++) {
		case STEP_HOST:
			r = enter_host(v, &later_ms);
			break;
		case STEP_RESOLVE:
			if (!visit_resolve(v))
				return;
			break;
		case STEP_IPV4:
			r = enter_address(v, 0, &later_ms);
			break;
		case STEP_IPV6:
			r = enter_address(v, 1, &later_ms);
			break;
		default:
			visit_fetch(v);
			return;
		}
	if (r == GATE_WAIT)
		visit_set_state(v, V_WAITING);
	else
		visit_give_way(v, later_ms);
}

void
visit_ask(struct visit *v)
{
	visit_set_state(v, V_RESOLVING);
	v->step = STEP_HOST;
	visit_advance(v);
}

void
visit_hop(struct visit *v, char *url, uint64_t host)
{
	visit_log_over(v, "hop");
	free(v->ask);
	v->ask = url;
	visit_aim(v, host);
	visit_ask(v);
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct visit *v = arg;

	(void)fd;
	(void)what;
	assert(v->magic == VISIT_MAGIC);
	v->now_ms = visits_now(v->visits);
	if (v->state == V_FETCHING)
		visit_looked_at(v);
	else
		visit_ask(v);
}

int
visit_timer(struct visit *v, int64_t ms)
{
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};

	if (v->timer == NULL)
		v->timer = evtimer_new(v->visits->p.base, timer_cb, v);
	return v->timer != NULL ? event_add(v->timer, &tv) : -1;
}

void
visit_ask_end(struct visit *v)
{
	struct gate *g = v->visits->p.gate;
	int64_t now = gate_clock();

	if (v->dns != NULL)
		dns_cancel(v->dns);
	if (v->fetch != NULL)
		fetch_cancel(v->fetch);
	v->dns = NULL;
	v->fetch = NULL;
	gate_cancel(g, &v->gate, now);
	gate_cancel(g, &v->address_gate[0], now);
	gate_cancel(g, &v->address_gate[1], now);
	if (v->timer != NULL)
		event_free(v->timer);
	v->timer = NULL;
}
