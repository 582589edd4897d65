/* silent.c - see silent.h. Hosts first, in the order of their hashes, then the
 * seeds by number.
 *
 * A list that is full is sorted and cut to its better half: so each row costs
 * O(log n) on average, and nothing but the best is kept. */
#include "crawler/silent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "crawler/frontier_view.h"
#include "crawler/silence.h"
#include "crawler/visit.h"
#include "crawler/words.h"

#define FIRST_DAY_MS (24 * 3600 * 1000LL)

struct quiet {
	char *name; /* malloced: a host, or a seed's URL */
	struct silence heard;
	uint64_t records;
	double missed;
	enum url_state state; /* of a seed that never gave a record */
	int status;
};

struct list {
	struct quiet *v;
	size_t n;
	uint64_t all; /* how many were put */
};

enum kind { HOSTS, SEEDS, NEVER, KINDS };

struct silent {
	struct frontier_view *view;
	int64_t now;
	uint64_t host;  /* the next one to look at */
	uint32_t seed;  /* likewise, from 1; 0: hosts are not done */
	uint64_t hosts; /* looked at */
	struct list list[KINDS];
	struct view_seed at; /* too large for the stack of a step */
	struct view_url url;
};

struct silent *
silent_new(struct frontier_view *v, int64_t now_ms)
{
	struct silent *s = calloc(1, sizeof *s);
	int i;

	if (s == NULL)
		return NULL;
	s->view = v;
	s->now = now_ms;
	for (i = 0; i < KINDS; i++)
		if ((s->list[i].v = calloc(
			 2 * SILENT_KEEP, sizeof *s->list[i].v)) == NULL) {
			silent_free(s);
			return NULL;
		}
	return s;
}

void
silent_free(struct silent *s)
{
	int i;

	if (s == NULL)
		return;
	for (i = 0; i < KINDS; i++) {
		while (s->list[i].n > 0)
			free(s->list[i].v[--s->list[i].n].name);
		free(s->list[i].v);
	}
	free(s);
}

/* ---- the lists ---------------------------------------------------------- */

/* The most surprising first; those that are equal by name. */
static int
quiet_cmp(const void *a, const void *b)
{
	const struct quiet *x = a, *y = b;

	if (x->missed != y->missed)
		return x->missed > y->missed ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void
list_cut(struct list *l)
{
	qsort(l->v, l->n, sizeof *l->v, quiet_cmp);
	while (l->n > SILENT_KEEP)
		free(l->v[--l->n].name);
}

static int
list_put(struct list *l, const char *name, const struct quiet *q)
{
	struct quiet *to = &l->v[l->n];

	*to = *q;
	if ((to->name = strdup(name)) == NULL)
		return FRONTIER_ENOMEM;
	l->all++;
	if (++l->n == 2 * SILENT_KEEP)
		list_cut(l);
	return 0;
}

/* ---- the walk ----------------------------------------------------------- */

static int
host_cb(void *arg, const struct view_host *h)
{
	struct silent *s = arg;
	struct quiet q = {.heard = {h->host.last_record_ms, h->host.gap_s},
	    .records = h->host.records};

	s->hosts++;
	return !silence_fallen(&q.heard, h->host.rhythm, s->now, &q.missed) ||
	       list_put(&s->list[HOSTS], h->name, &q) == 0;
}

/* A seed without a record, whose address was asked: it had its chance. One that
 * has moved is answered for by its new address. */
static int
never(struct silent *s, const struct winnow_key *key)
{
	struct quiet q = {0};
	int rc = view_url(s->view, key, &s->url);

	if (rc != 1 || (s->url.state == URL_DUE && s->url.tries == 0) ||
	    strcmp(s->url.reason, VISIT_SEED_MOVED) == 0)
		return rc < 0 ? rc : 0;
	q.state = s->url.state;
	q.status = s->url.status;
	return list_put(&s->list[NEVER], s->at.url, &q);
}

static int
seed_look(struct silent *s, uint32_t n)
{
	struct quiet q = {0};
	struct view_host h;
	struct winnow_url u;
	struct winnow_key key;
	int rc = view_seed(s->view, n, &s->at);

	if (rc != 1)
		return rc;
	if (s->at.removed)
		return 0; /* nobody waits for it */
	if (winnow_url_parse(&u, s->at.url, strlen(s->at.url), NULL, NULL) != 0)
		return 0;
	key = winnow_url_key(&u, view_secret(s->view));
	if (s->at.records == 0)
		return never(s, &key);
	if ((rc = view_host(s->view, key.host, &h)) < 0)
		return rc;
	q.heard = (struct silence){s->at.last_record_ms, s->at.gap_s};
	q.records = s->at.records;
	if (!silence_fallen(&q.heard, h.host.rhythm, s->now, &q.missed))
		return 0;
	return list_put(&s->list[SEEDS], s->at.url, &q);
}

int
silent_step(struct silent *s)
{
	uint32_t all = view_seed_count(s->view);
	int i, rc;

	if (s->seed == 0) {
		rc = view_hosts(s->view, &s->host, SILENT_STEP, host_cb, s);
		s->seed = rc == 0;
		return rc < 0 ? rc : 1;
	}
	for (i = 0; i < SILENT_STEP && s->seed <= all; i++)
		if ((rc = seed_look(s, s->seed++)) < 0)
			return rc;
	return s->seed <= all;
}

/* ---- the answer --------------------------------------------------------- */

static void
put_quiet(
    struct words *w, const char *label, const struct quiet *q, int64_t now)
{
	char when[WORDS_MOMENT], gap[WORDS_SPAN];

	words_open(w, NULL, '{');
	words_string(w, label, q->name);
	words_time(w, "last_record", q->heard.last_ms);
	words_int(w, "usual_gap_s", q->heard.gap_s);
	words_int(w, "records", (int64_t)q->records);
	words_real(w, "missed", q->missed);
	words_real(w, "chance", exp(-q->missed));
	words_close(w, '}');
	words_say(w, label, "%s: last record %s; usually every %s", q->name,
	    words_moment(when, q->heard.last_ms, now),
	    words_span(gap, q->heard.gap_s * 1000LL));
}

static void
put_never(struct words *w, const struct quiet *q)
{
	char http[24] = "";

	words_open(w, NULL, '{');
	words_string(w, "seed", q->name);
	words_string(w, "state", url_state_name(q->state));
	words_int(w, "status", q->status);
	words_close(w, '}');
	if (q->status > 0)
		snprintf(http, sizeof http, " (HTTP %d)", q->status);
	words_say(w, "seed", "%s: never gave a record; it is %s%s", q->name,
	    url_state_name(q->state), http);
}

static void
put_list(struct words *w, struct silent *s, enum kind k)
{
	static const struct {
		const char *name, *count, *label;
	} as[KINDS] = {{"hosts", "hosts_silent", "host"},
	    {"seeds", "seeds_silent", "seed"},
	    {"never", "seeds_never", "seed"}};
	struct list *l = &s->list[k];
	size_t i;

	list_cut(l);
	words_int(w, as[k].count, (int64_t)l->all);
	words_open(w, as[k].name, '[');
	for (i = 0; i < l->n; i++)
		if (k == NEVER)
			put_never(w, &l->v[i]);
		else
			put_quiet(w, as[k].label, &l->v[i], s->now);
	words_close(w, ']');
	if (l->all > l->n)
		words_say(w, as[k].label, "and %llu more",
		    (unsigned long long)(l->all - l->n));
}

void
silent_report(struct silent *s, int64_t since_ms, FILE *f)
{
	struct words w;
	uint32_t seeds = view_seed_count(s->view);
	char span[WORDS_SPAN];
	enum kind k;

	if (words_begin(&w, f) != 0)
		return;
	words_int(&w, "hosts_seen", (int64_t)s->hosts);
	words_int(&w, "seeds_seen", seeds);
	for (k = HOSTS; k < KINDS; k++)
		put_list(&w, s, k);
	words_bool(&w, "any_silent",
	    s->list[HOSTS].all + s->list[SEEDS].all + s->list[NEVER].all > 0);
	if (s->list[HOSTS].all + s->list[SEEDS].all + s->list[NEVER].all == 0)
		words_say(&w, "silent", "none of %llu %s and %u %s",
		    (unsigned long long)s->hosts,
		    words_noun(s->hosts, "host", "hosts"), seeds,
		    words_noun(seeds, "seed", "seeds"));
	if (since_ms > 0 && s->now - since_ms < FIRST_DAY_MS)
		words_say(&w, "note",
		    "the daemon runs for %s: a silence that began before may "
		    "be its own",
		    words_span(span, s->now - since_ms));
	words_end(&w);
}
