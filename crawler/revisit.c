/* revisit.c - coming back: what an answer means for the next time.
 *
 * Each visit that ends passes here once, before its URL is settled. What the
 * answer was (enum visit_answer) and what was remembered of the page give the
 * memory it leaves, the state it is settled with, and the time of its next
 * visit; when that is says schedule.c.
 *
 * Invariants
 *  B1  The memory of a page is written in the transaction that holds its
 *      record: an event is told once, whenever we are killed.
 *  B2  A 304 is believed only as the answer to a validator of ours.
 *  B3  An article is gone after two 404 or 410 in a row (or pages that say so
 *      with a status of 200), revisit.gone_after apart: one record says it.
 *      Robots, failures and login pages prove nothing: what is in the queue
 *      stays as it is.
 *  B4  Validators and hashes are those of an answer that was read to its end.
 *  B5  What a server says of time (Date, Expires, Cache-Control) is not looked
 *      at; Last-Modified is handed back as it came. */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "config/config.h"
#include "crawler/log.h"
#include "crawler/schedule.h"
#include "crawler/visit_parts.h"

/* ---- what was remembered ------------------------------------------------ */

/* Its record is in the queue, and nothing took that back. */
static int
is_live(const struct frontier_memory *m)
{
	return m->event == REVISIT_NEW || m->event == REVISIT_CHANGED;
}

/* A seed, or where one was redirected to. */
static int
is_seed(const struct frontier_item *it)
{
	return it->via == NULL;
}

/* The seed's own interval; 0: none. */
static int64_t
fixed_interval(const struct visit *v)
{
	struct frontier_seed s;

	if (!is_seed(v->item) ||
	    frontier_seed_get(v->visits->p.frontier, v->item->seed, &s) != 1)
		return 0;
	return s.interval_ms;
}

static int
is_hub(const struct visit *v, int64_t fixed)
{
	const struct frontier_item *it = v->item;

	if (fixed > 0)
		return 1;
	return v->cfg->revisit_hubs &&
	       (is_seed(it) || it->type != URL_PAGE || v->is_list ||
		   (it->again && it->memory.hub));
}

void
revisit_validators(struct visit *v, struct fetch_request *q)
{
	const struct frontier_memory *m = &v->item->memory;

	if (!v->item->again || v->robots_phase || m->body_hash == 0 ||
	    m->event == REVISIT_GONE)
		return;
	q->etag = m->etag;
	q->last_modified = m->last_modified;
	v->validated = q->etag != NULL || q->last_modified != NULL;
}

const char *
revisit_revises(const struct visit *v, char id[REVISIT_ID], uint64_t *text_hash,
    uint64_t *alone_hash)
{
	const struct frontier_memory *m = &v->item->memory;
	int i;

	if (!v->item->again || m->event == REVISIT_NOTHING)
		return NULL;
	memcpy(id, "w1-", 3);
	for (i = 0; i < 16; i++)
		snprintf(id + 3 + 2 * i, 3, "%02x", m->id[i]);
	*text_hash = is_live(m) ? m->text_hash : 0;
	*alone_hash = is_live(m) && m->alone_hash != 0 ? m->alone_hash
						       : *text_hash;
	return id;
}

/* ---- what the answer was ------------------------------------------------ */

static char *
bounded_copy(const char *s, size_t max)
{
	return s != NULL && s[0] != '\0' && strlen(s) <= max ? strdup(s) : NULL;
}

int
revisit_same_body(struct visit *v, const struct fetch_answer *a)
{
	const struct frontier_memory *m = &v->item->memory;

	if (!frontier_revisits(v->visits->p.frontier))
		return 0; /* nobody will compare */
	v->body_hash = 1 | /* 0: none */
		       (v->spill.len > 0 ? spill_hash(&v->spill)
					 : XXH3_64bits(a->body, a->body_len));
	free(v->etag);
	free(v->last_modified);
	v->etag = bounded_copy(a->etag, FRONTIER_ETAG_MAX);
	v->last_modified =
	    bounded_copy(a->last_modified, FRONTIER_LAST_MODIFIED_MAX);
	return v->item->again && m->body_hash == v->body_hash &&
	       m->event != REVISIT_GONE;
}

int
revisit_is_live(const struct visit *v)
{
	return v->item->again && is_live(&v->item->memory);
}

int
revisit_is_gone(const struct visit *v)
{
	const struct frontier_item *it = v->item;

	return it->again && it->state == URL_GONE && is_live(&it->memory) &&
	       v->now_ms - it->memory.asked_ms >= v->cfg->revisit_gone_after;
}

int
revisit_holds_back(struct visit *v)
{
	const struct frontier_item *it = v->item;
	const struct frontier_memory *m = &it->memory;
	int64_t fixed = fixed_interval(v);

	if (!it->again || m->event == REVISIT_NOTHING || fixed > 0 ||
	    !is_hub(v, fixed))
		return 0;
	if (v->brought == 0 &&
	    v->now_ms - m->changed_ms >= v->cfg->revisit_article_min)
		return 0;
	/* Not told is not known: the next answer is compared again. */
	free(v->etag);
	v->etag = NULL;
	v->body_hash = 0;
	return 1;
}

/* ---- what is remembered now --------------------------------------------- */

static void
remember(struct visit *v, struct frontier_memory *m)
{
	*m = v->item->memory;
	if (v->answer == ANSWER_MISSING && v->item->state != URL_GONE)
		m->asked_ms = v->now_ms; /* missed since then (B3) */
	if (v->answer < ANSWER_SAME || v->answer > ANSWER_LANDED)
		return;
	if (v->body_hash == 0) { /* 304 */
		m->etag = v->etag != NULL ? v->etag : m->etag;
		return;
	}
	m->body_hash = v->body_hash;
	m->etag = v->etag;
	m->last_modified = v->last_modified;
}

static int64_t
doubled(int64_t interval, int64_t least, int64_t most)
{
	int64_t ms = interval > most / 2 ? most : interval * 2;

	return ms < least ? least : ms;
}

static struct schedule_rules
rules_of(const struct config_values *cfg)
{
	return (struct schedule_rules){.hub_min = cfg->revisit_hub_min,
	    .hub_max = cfg->revisit_hub_max,
	    .hub_pace = cfg->revisit_hub_pace,
	    .article_min = cfg->revisit_article_min,
	    .article_max = cfg->revisit_article_max};
}

/* The hub was read: what it showed moves its rate and its host's rhythm. */
static void
hub_read(struct visit *v, struct frontier_memory *m)
{
	struct frontier *f = v->visits->p.frontier;
	struct schedule_rules rules = rules_of(v->cfg);
	struct frontier_host h;

	frontier_host_get(f, v->item->key.host, &h);
	schedule_hub(m, h.rhythm, &rules, v->brought, v->now_ms);
	if (v->answer == ANSWER_LANDED)
		m->changed_ms = v->now_ms;
	if (v->brought > 0)
		frontier_host_put(f, v->item->key.host, &h);
}

/* When a hub is asked again; 0: no more. */
static int64_t
hub_next(struct visit *v, struct frontier_memory *m, enum url_state state,
    int64_t fixed)
{
	const struct config_values *cfg = v->cfg;
	int seed = is_seed(v->item);

	m->hub = 1;
	if (v->answer >= ANSWER_SAME && v->answer <= ANSWER_LANDED)
		hub_read(v, m);
	else if (state == URL_REDIRECTED || state == URL_BAD_REDIRECT)
		m->interval_ms = seed ? cfg->revisit_hub_max : 0;
	else if (v->answer == ANSWER_MISSING && !seed &&
		 (!v->item->again || v->item->state == URL_GONE))
		m->interval_ms = 0;
	else /* its rate is not to blame */
		m->interval_ms = doubled(
		    m->interval_ms, cfg->revisit_hub_min, cfg->revisit_hub_max);
	if (fixed > 0)
		m->interval_ms = fixed;
	return m->interval_ms;
}

/* The same for an article, and for what was one. */
static int64_t
article_next(struct visit *v, struct frontier_memory *m)
{
	const struct config_values *cfg = v->cfg;
	struct schedule_rules rules = rules_of(cfg);
	int was = v->item->again && m->event != REVISIT_NOTHING;

	m->hub = 0;
	if (!cfg->revisit_articles || (!was && v->answer != ANSWER_LANDED))
		return 0;
	switch (v->answer) {
	case ANSWER_GONE:
		return m->interval_ms = cfg->revisit_article_max;
	case ANSWER_MISSING:
		return is_live(m)
			   ? m->asked_ms + cfg->revisit_gone_after - v->now_ms
			   : 0;
	case ANSWER_NONE:
		return m->interval_ms > cfg->revisit_article_min
			   ? m->interval_ms
			   : cfg->revisit_article_min;
	default:
		schedule_article(
		    m, &rules, v->answer == ANSWER_LANDED, v->now_ms);
		return m->interval_ms;
	}
}

/* ---- the end of a visit ------------------------------------------------- */

/* A page whose record stands keeps the state that says so, and a page that is
 * as it was the one it had. */
static enum url_state
state_kept(const struct visit *v, enum url_state state)
{
	const struct frontier_item *it = v->item;
	int live = it->again && is_live(&it->memory);

	if (!it->again || state == URL_NOINDEX)
		return state;
	if (v->answer == ANSWER_SAME)
		return live                       ? URL_DONE
		       : it->state == URL_NOINDEX ? URL_NOINDEX
						  : URL_NO_ARTICLE;
	return live && v->answer <= ANSWER_READ ? (enum url_state)it->state
						: state;
}

enum url_state
revisit_settle(struct visit *v, enum url_state state)
{
	struct frontier *f = v->visits->p.frontier;
	struct frontier_item *it = v->item;
	struct frontier_memory m;
	int64_t fixed, ms;

	if (!frontier_revisits(f) || state == URL_DROPPED)
		return state;
	fixed = fixed_interval(v);
	remember(v, &m);
	ms = is_hub(v, fixed) ? hub_next(v, &m, state, fixed)
			      : article_next(v, &m);
	if (ms > 0 && !url_type_is_next(it->type))
		frontier_again(f, it, &m, v->now_ms + ms);
	else if (ms > 0) /* the page before it says when */
		frontier_again(f, it, &m, 0);
	else if (it->again)
		frontier_again(f, it, NULL, 0);
	if (ms > 0)
		log_debug("page comes again url=%s in_ms=%lld asks=%u "
			  "barren=%u rate=%.3g",
		    it->url, (long long)ms, m.asks, m.barren, (double)m.rate);
	return state_kept(v, state);
}

enum revisit_event
revisit_land(struct visit *v, const struct job_article *a, int kept)
{
	struct frontier_memory *m = &v->item->memory;
	enum revisit_event event = a->gone ? REVISIT_GONE
				   : m->event == REVISIT_NOTHING
				       ? REVISIT_NEW
				       : REVISIT_CHANGED;

	v->answer = a->gone	   ? ANSWER_GONE
		    : a->corrected ? ANSWER_SAME
				   : ANSWER_LANDED;
	if (kept) {
		m->event = (uint8_t)event;
		memcpy(m->id, a->id, sizeof m->id);
		m->text_hash = a->text_hash;
		m->alone_hash =
		    a->alone_hash != a->text_hash ? a->alone_hash : 0;
	}
	(void)revisit_settle(v, URL_DONE);
	if (event != REVISIT_NEW)
		log_info("page has another record event=%s url=%s id=%s",
		    a->gone	   ? "gone"
		    : a->corrected ? "corrected"
				   : "changed",
		    v->item->url, a->id_text);
	return event;
}
