/* visit_debt.c - what a visit adds to the accounts of debt.h, and what they
 * spare it.
 *
 * Only first visits count: a page that is asked again says nothing about the
 * family it is of. A retry is a first visit that goes on. */
#include <stdio.h>
#include <string.h>

#include "crawler/debt.h"
#include "crawler/log.h"
#include "crawler/words.h"
#include "crawler/follow_parts.h"

#define LINES (CAPPED / LINE) /* of what was logged, found by its hash */
#define LINE 16

/* D3. */
static void
log_once(struct visits *vs, const char *host, uint64_t key, int kind,
    const char *why)
{
	uint64_t mark = (key ^ (uint64_t)kind << 56) | 1;
	uint64_t *line = &vs->capped[(mark >> 8) % LINES * LINE];
	int i;

	for (i = 0; i < LINE && line[i] != 0; i++)
		if (line[i] == mark)
			return;
	/* A full line forgets the one that it has had for longest. */
	memmove(line + 1, line, (LINE - 1) * sizeof *line);
	line[0] = mark;
	log_notice("a cap is reached host=%s reason=%s", host, why);
}

/* Pages, and the further pages of a list; not what a list for machines is. */
static int
is_counted(int type)
{
	return type == URL_PAGE || url_type_is_next(type);
}

/* A page where the site itself says what it has: seed, list, feed, sitemap. */
static int
is_naming(int type, int depth)
{
	return !is_counted(type) || (type == URL_PAGE && depth == 0);
}

static int
is_named(const struct frontier_item *it)
{
	return it->type == URL_PAGE &&
	       (it->via == NULL || is_naming(it->via_type, it->via_depth));
}

static uint32_t
count_of(void *frontier, uint64_t host, uint64_t family)
{
	return frontier_family(frontier, host, family);
}

static int
is_closed(const struct visits *vs, const struct config_values *cfg,
    const struct debt_url *d, char *why, size_t cap)
{
	struct debt_book book = {count_of, vs->p.frontier};

	return debt_closed(&book, cfg, d, why, cap);
}

int
visit_capped(struct visit *v)
{
	struct visits *vs = v->visits;
	struct frontier_item *it = v->item;
	struct debt_url d;
	char why[320];

	if (it->again || !is_counted(it->type) || is_named(it))
		return 0;
	debt_url_init(&d, it->url, it->key.host);
	if (!is_closed(vs, v->cfg, &d, why, sizeof why))
		return 0;
	log_once(vs, it->host, it->key.host, 0, why);
	visit_settle(v, URL_CAPPED, 0, why);
	return 1;
}

int
visit_link_add(
    struct visit *v, struct frontier_link *l, const struct config_values *cfg)
{
	struct visits *vs = v->visits;
	struct debt_url d, page;
	char why[320];
	int rc;

	debt_url_init(&d, l->url, l->key.host);
	if (is_counted(l->type)) {
		debt_caps(cfg, &d,
		    l->key.host != v->item->key.host ? l->host : NULL, l->caps);
		if (is_naming(v->item->type, v->item->depth))
			l->caps[0].family = 0;
		else if (is_closed(vs, cfg, &d, why, sizeof why)) {
			log_once(vs, l->host, l->key.host, 0, why);
			visit_log_link(v, l->url, &l->key, l->depth,
			    REASON_FAMILY_CAP, why);
			return 0;
		}
	}
	l->host_cap = (uint32_t)cfg->scope_host_cap;
	rc = frontier_add(vs->p.frontier, l);
	if (rc == FRONTIER_ECAP) {
		int which = frontier_cap_full(vs->p.frontier, l);

		debt_full(cfg, &d, l->host, which, why, sizeof why);
		log_once(vs, l->host,
		    which == 3 ? l->caps[1].family : l->key.host, which, why);
		visit_log_link(v, l->url, &l->key, l->depth,
		    which == 1 ? REASON_HOST_CAP : REASON_FAMILY_CAP, why);
	}
	if (rc == 1 && !v->led_on) {
		trap_split(&page.in_pieces, v->item->url);
		v->led_on = l->key.host != v->item->key.host ||
			    trap_leads_on(&page.in_pieces, &d.in_pieces);
	}
	return rc;
}

static enum debt_result
result_of(const struct visit *v, enum url_state state)
{
	switch (state) {
	case URL_NO_ARTICLE:
	case URL_NOINDEX:
	case URL_REDIRECTED:
		return v->led_on ? DEBT_NONE : DEBT_VAIN;
	case URL_GONE:
	case URL_REFUSED:
	case URL_BAD_TYPE:
	case URL_TOO_BIG:
	case URL_BAD_REDIRECT:
	case URL_POISON:
		return DEBT_VAIN;
	default: /* the host's fault, or it was not asked for */
		return DEBT_NONE;
	}
}

static int
counts(const struct frontier_item *it)
{
	return !it->again && is_counted(it->type);
}

void
visit_settled(struct visit *v, enum url_state state)
{
	enum debt_result r = result_of(v, state);
	struct debt_url d;

	if (!counts(v->item) || r == DEBT_NONE)
		return;
	debt_url_init(&d, v->item->url, v->item->key.host);
	debt_count(v->visits->p.frontier, &d, NULL, r);
}

/* A text of another host is an article here too; one that this host has said
 * before is not. */
int
visit_article(struct visit *v, const struct job_article *a, int repeats)
{
	struct frontier *f = v->visits->p.frontier;
	struct frontier_item *it = v->item;
	enum debt_result r = DEBT_ARTICLE;
	struct debt_url d, via;
	uint32_t times = 0;

	if (a->gone)
		return 1;
	if (visit_is_probe(v)) {
		debt_text_refuse(f, it->key.host, a->text_hash);
		return 0;
	}
	if (repeats)
		times = debt_text(f, it->key.host, a->text_hash);
	if (times > 1)
		r = v->led_on ? DEBT_NONE : DEBT_VAIN;
	if (times == VISIT_PROBE_TIMES)
		visit_probe(v);
	if (debt_text_is_template(v->cfg, times, a->chars)) {
		log_once(v->visits, it->host, it->key.host, 8,
		    "dedup.host_repeats: one text under so many addresses is "
		    "no article");
		return 0;
	}
	if (!counts(it))
		return 1;
	debt_url_init(&d, it->url, it->key.host);
	if (it->via != NULL)
		debt_url_init(&via, it->via, it->via_key.host);
	debt_count(f, &d, it->via != NULL ? &via : NULL, r);
	return 1;
}

void
visit_links_dropped(struct visit *v, const struct job_article *a)
{
	char why[320];

	if (a->links_dropped == 0)
		return;
	snprintf(why, sizeof why,
	    "clean.max_links: %u %s of %.200s left out", a->links_dropped,
	    words_noun(a->links_dropped, "link", "links"), v->item->url);
	log_once(v->visits, v->item->host, v->item->key.host, 9, why);
}
