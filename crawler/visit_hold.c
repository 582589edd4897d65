/* visit_hold.c - the first pages of a site wait until its furniture is known.
 *
 *	cleaned -> the site is known? --yes--> on
 *	              |no
 *	            V_HELD -> its site is known, or nothing more comes of it, or
 *	                      it waited long
 *	                        -> cleaned again if that makes a difference,
 *	                           else on with the answer it had
 *
 * What waits is a visit with its lease, its body and the worker's answer, whose
 * links were followed at once. So a kill costs the work and no page: it is due
 * again.
 *
 * A site is looked at again when one of its visits ends, and once a second for
 * what only time brings about. More of it comes while a request of it is under
 * way and not overdue, or while the frontier has a URL of it that is due soon.
 *
 * Invariants
 *  W1  Nothing else waits for a page that waits: its host's slot is free, it
 *      takes no transfer, no worker, and none of the bytes that hold fetches
 *      up; all that wait take learn.wait_bytes at most.
 *  W2  A page waits once, also when a kill cut that short: what is known of its
 *      site then tells that it was counted. So it lands, however often we are
 *      killed. */
#include "crawler/visit_parts.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/gather.h"

#define LOOK_MS 1000  /* between two looks at all sites with pages that wait */
#define QUIET_MS 5000 /* without an answer, at least */

/* ---- who waits ---------------------------------------------------------- */

enum { OF_ALL, OF_SITE };

static void
list_add(struct held_list *l, int of, struct visit *v)
{
	struct visit *last = l->last;

	v->held[of].next = NULL;
	v->held[of].before = last;
	*(last != NULL ? &last->held[of].next : &l->first) = v;
	l->last = v;
}

static void
list_del(struct held_list *l, int of, struct visit *v)
{
	struct visit *next = v->held[of].next, *before = v->held[of].before;

	*(before != NULL ? &before->held[of].next : &l->first) = next;
	*(next != NULL ? &next->held[of].before : &l->last) = before;
}

/* It stays in memory until then. */
static void
look_later(struct visits *vs, struct site *s)
{
	if (s->to_look || s->held == 0)
		return;
	s->to_look = 1;
	s->refs++;
	s->look = vs->hold.look;
	vs->hold.look = s;
}

static int64_t
held_size(const struct visit *v)
{
	return (int64_t)(v->body_len + v->cleaned.cap + v->head.cap);
}

static void
held_in(struct visit *v)
{
	struct visits *vs = v->visits;

	list_add(&vs->hold.all, OF_ALL, v);
	list_add(&v->site->waiting, OF_SITE, v);
	if (v->site->held++ == 0) {
		v->site->held_bytes = (int64_t)site_bytes(v->site);
		vs->stat.held_bytes += v->site->held_bytes;
	}
	vs->stat.body_bytes -= (int64_t)v->body_len;
	vs->stat.held_bytes += held_size(v);
	visit_set_state(v, V_HELD);
}

static void
held_out(struct visit *v)
{
	struct visits *vs = v->visits;

	list_del(&vs->hold.all, OF_ALL, v);
	list_del(&v->site->waiting, OF_SITE, v);
	if (--v->site->held == 0)
		vs->stat.held_bytes -= v->site->held_bytes;
	vs->stat.held_bytes -= held_size(v);
	vs->stat.body_bytes += (int64_t)v->body_len;
	visit_set_state(v, V_CLEANING);
}

void
visit_hold_begins(struct visit *v)
{
	v->site = sites_enter(v->visits->sites, v->item->key.host);
	if (v->site == NULL)
		return;
	v->site->visits++;
	v->site->moved_ms = v->now_ms;
}

/* Of a page that waits only when all is over (visits_free). */
void
visit_hold_ends(struct visit *v)
{
	struct visits *vs = v->visits;

	if (v->state == V_HELD)
		held_out(v);
	vs->stat.hurried -= v->hurried;
	wire_free(&v->cleaned);
	if (v->site == NULL)
		return;
	v->site->visits--;
	look_later(vs, v->site);
	sites_leave(vs->sites, v->site);
	v->site = NULL;
}

/* ---- what is learned ---------------------------------------------------- */

void
visit_put_site(struct visit *v, struct wire_out *head)
{
	int learn = v->site != NULL && v->cfg->learn_on && !v->gone;
	const void *view = NULL;
	size_t len = 0;

	if (learn)
		view = site_view(v->visits->sites, v->site, v->cfg, &len);
	job_site_put(head, learn, view, len);
}

void
visits_put_site(
    struct visits *vs, const char *name, uint64_t host, struct wire_out *head)
{
	const struct config_values *cfg = config_for(vs->p.config, name);
	struct site *s = cfg->learn_on ? sites_enter(vs->sites, host) : NULL;
	const void *view = NULL;
	size_t len = 0;

	if (s != NULL)
		view = site_view(vs->sites, s, cfg, &len);
	job_site_put(head, 0, view, len);
	if (s != NULL)
		sites_leave(vs->sites, s);
}

void
visit_learn(struct visit *v, const struct job_article *a)
{
	if (v->site == NULL)
		return;
	v->site->moved_ms = v->now_ms;
	if (v->cfg->learn_on && !a->gone)
		v->is_new = (uint8_t)site_learn(v->visits->sites, v->site,
		    v->cfg, a, &v->item->key, v->now_ms);
	look_later(v->visits, v->site);
}

/* ---- holding ------------------------------------------------------------ */

/* The answer but for its links, which were followed; they are its end. */
static int
keep_answer(struct visit *v, const struct job_article *a, const void *answer)
{
	size_t n = (size_t)(a->links_at - (const char *)answer);

	v->cleaned.len = 0;
	wire_put(&v->cleaned, answer, n);
	wire_u32(&v->cleaned, 0);
	return v->cleaned.err ? -1 : 0;
}

/* As visit_article() does for pages that land: one text under several addresses
 * may be the host's way to say no, and a page that cannot be there tells so. */
static void
held_text(struct visit *v, uint64_t text)
{
	const struct visit *w;
	int same = 0;

	for (w = v->site->waiting.first; w != NULL; w = w->held[OF_SITE].next)
		same += w->held_text == text;
	v->held_text = text;
	if (same == VISIT_PROBE_TIMES)
		visit_probe(v);
}

int
visit_holds(struct visit *v, const struct job_article *a, const void *answer)
{
	struct visits *vs = v->visits;

	if (v->held_ms != 0 || !v->is_new || visit_is_probe(v) ||
	    v->site == NULL || !v->cfg->learn_on || v->cfg->learn_wait_pages == 0 ||
	    site_is_known(vs->sites, v->site, v->cfg) ||
	    keep_answer(v, a, answer) != 0)
		return 0;
	v->held_ms = v->now_ms > 0 ? v->now_ms : 1;
	held_text(v, a->text_hash);
	held_in(v);
	look_later(vs, v->site);
	vs->p.changed(vs->p.arg);
	return 1;
}

/* ---- letting go --------------------------------------------------------- */

int
visit_land_first(struct visit *v)
{
	struct wire_out answer = v->cleaned;
	struct job_article a;

	memset(&v->cleaned, 0, sizeof v->cleaned);
	if (answer.len == 0 || job_page_unpack(answer.b, answer.len, &a) != 0) {
		wire_free(&answer);
		return 0;
	}
	visit_cleaned(v, &a);
	wire_free(&answer);
	return 1;
}

/* Frees the visit, or has it cleaned once more. */
static void
let_go(struct visit *v, int64_t now_ms)
{
	struct visits *vs = v->visits;
	struct job_article a;

	v->now_ms = now_ms;
	held_out(v);
	if (v->cfg->learn_on &&
	    job_page_unpack(v->cleaned.b, v->cleaned.len, &a) == 0 &&
	    (site_affects(vs->sites, v->site, v->cfg, &a) ||
		gather_awaits(vs, &v->key))) /* to which it goes then */
		visit_clean_again(v);
	else if (!visit_land_first(v)) /* it was unpacked before */
		visit_clean_again(v);
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Does another page of its site come soon? v: one that waits for it. */
static int
more_comes(struct visits *vs, const struct visit *v, int64_t now_ms)
{
	const struct site *s = v->site;
	struct frontier_host h;
	int64_t next;

	if (s->visits > s->held) {
		frontier_host_get(vs->p.frontier, s->host, &h);
		return now_ms - s->moved_ms <
		       larger(QUIET_MS, 3 * (int64_t)h.latency_ms) +
			   v->delay_ms;
	}
	next = frontier_host_next(vs->p.frontier, s->host);
	return next >= 0 && next - now_ms <= QUIET_MS + v->delay_ms;
}

/* Its oldest page has waited longest. */
static int
still_waits(struct visits *vs, const struct site *s, int64_t now_ms)
{
	const struct visit *v = s->waiting.first;

	return v->cfg->learn_on &&
	       now_ms - v->held_ms < v->cfg->learn_wait_time &&
	       !site_is_known(vs->sites, v->site, v->cfg) &&
	       more_comes(vs, v, now_ms);
}

static void
site_let_go(struct site *s, int64_t now_ms)
{
	while (s->waiting.first != NULL)
		let_go(s->waiting.first, now_ms);
}

/* The clock was set back: they have waited until now. */
static void
times_back(struct visits *vs, int64_t now_ms)
{
	struct visit *v;

	for (v = vs->hold.all.first; v != NULL; v = v->held[OF_ALL].next) {
		if (v->held_ms > now_ms)
			v->held_ms = now_ms;
		if (v->site->moved_ms > now_ms)
			v->site->moved_ms = now_ms;
	}
}

static void
look_at_all(struct visits *vs, int64_t now_ms)
{
	struct visit *v;

	if (now_ms < vs->hold.looked_ms)
		times_back(vs, now_ms);
	vs->hold.looked_ms = now_ms;
	for (v = vs->hold.all.first; v != NULL; v = v->held[OF_ALL].next)
		look_later(vs, v->site);
}

void
visits_hold_turn(struct visits *vs, int64_t now_ms)
{
	const struct config_values *c = config_values(vs->p.config);
	struct site *s, *next;

	if (now_ms - vs->hold.looked_ms >= LOOK_MS ||
	    now_ms < vs->hold.looked_ms)
		look_at_all(vs, now_ms);
	s = vs->hold.look;
	vs->hold.look = NULL; /* what ends now is looked at next time */
	for (; s != NULL; s = next) {
		next = s->look;
		s->to_look = 0;
		if (s->held > 0 && !still_waits(vs, s, now_ms))
			site_let_go(s, now_ms);
		sites_leave(vs->sites, s);
	}
	while (vs->stat.held_bytes > c->learn_wait_bytes &&
	       vs->hold.all.first != NULL)
		let_go(vs->hold.all.first, now_ms);
	sites_turn(vs->sites, c);
}

int64_t
visits_hold_wake(const struct visits *vs)
{
	if (vs->hold.all.first == NULL)
		return -1;
	return vs->hold.look != NULL ? 0 : vs->hold.looked_ms + LOOK_MS;
}

void
visits_let_go(struct visits *vs, int64_t now_ms)
{
	struct visit *v;

	while ((v = vs->hold.all.first) != NULL) {
		v->hurried = 1;
		vs->stat.hurried++;
		let_go(v, now_ms);
	}
}

void
visits_let_go_host(struct visits *vs, uint64_t host, int64_t now_ms)
{
	struct site *s = sites_find(vs->sites, host);

	if (s == NULL)
		return;
	s->refs++; /* the last of its pages may be the last to hold it */
	site_let_go(s, now_ms);
	sites_leave(vs->sites, s);
}

void
visits_save(struct visits *vs)
{
	sites_save(vs->sites, config_values(vs->p.config));
}

void
visits_save_host(struct visits *vs, uint64_t host)
{
	sites_save_host(vs->sites, config_values(vs->p.config), host);
}

void
visits_forget_host(struct visits *vs, uint64_t host)
{
	sites_forget(vs->sites, host);
}
