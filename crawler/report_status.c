/* report_status.c - how it goes, for people and programs: where it stands, how
 * fast it is, what there is to do, who waits, and how long the room lasts. */
#include <stdlib.h>
#include <string.h>

#include "crawler/engine.h"
#include "crawler/rates.h"
#include "crawler/report.h"
#include "crawler/words.h"

#define PAUSED_NAMES 10 /* hosts that are named */
#define N(n) ((unsigned long long)(n))

/* What is reported, from one moment. */
struct status {
	struct engine_stat s;
	const char *state;
	double minute[RATES_N], five[RATES_N], quarter[RATES_N];
	int64_t rated_ms;  /* how long was looked at for the last two; 0 */
	int64_t room_ms;   /* until there is no room; -1: it does not shrink */
	const char *bound; /* that is reached first */
	const char *paused[PAUSED_NAMES];
	int npaused;
};

/* ---- what it comes to --------------------------------------------------- */

static void
status_look(struct status *t, struct engine *e)
{
	const struct rates *r = engine_rates(e);
	int64_t since;
	uint32_t i;

	memset(t, 0, sizeof *t);
	engine_stat(e, &t->s);
	t->state = engine_state_word(&t->s);
	(void)rates_over(r, 60000, t->minute);
	(void)rates_over(r, 5 * 60000, t->five);
	t->rated_ms = rates_over(r, 15 * 60000, t->quarter);
	t->room_ms = engine_room_lasts(e, &t->s, &t->bound);
	for (i = 0; i < PAUSED_NAMES && frontier_paused_host(engine_frontier(e),
					    i, &t->paused[i], &since);
	     i++)
		t->npaused++;
}

/* ---- for programs ------------------------------------------------------- */

struct number {
	const char *name;
	uint64_t n;
};

static void
put_group(struct words *w, const char *name, const struct number *v, size_t n)
{
	size_t i;

	words_open(w, name, '{');
	for (i = 0; i < n; i++)
		words_int(w, v[i].name, (int64_t)v[i].n);
	words_close(w, '}');
}

#define GROUP(w, name, ...)                                                    \
	do {                                                                   \
		const struct number g_[] = {__VA_ARGS__};                      \
		put_group(w, name, g_, sizeof g_ / sizeof *g_);                \
	} while (0)

static void
put_states(struct words *w, const struct frontier_stat *s)
{
	int i;

	words_open(w, "urls_by_state", '{');
	for (i = 0; i < URL_STATE_N; i++)
		words_int(w, url_state_name((enum url_state)i),
		    (int64_t)s->by_state[i]);
	words_close(w, '}');
}

static void
put_rates(struct words *w, const char *name, const double *per_second)
{
	int i;

	words_open(w, name, '{');
	for (i = 0; i < RATES_COUNTERS; i++)
		words_real(w, rates_name((enum rates_of)i), per_second[i]);
	words_close(w, '}');
}

static void
put_pages(struct words *w, const struct engine_stat *s)
{
	const struct visit_stat *v = &s->visit;

	GROUP(w, "pages", {"fetched", v->fetched}, {"bytes", v->bytes},
	    {"articles", s->outlet.records}, {"repeats", s->outlet.repeats},
	    {"near_repeats", s->outlet.near}, {"better_copies", s->outlet.better},
	    {"empty", v->empty}, {"failed", v->failed}, {"denied", v->denied},
	    {"redirects", v->redirects}, {"retries", v->retries},
	    {"poisoned", v->poisoned}, {"unchanged", v->unchanged},
	    {"changed", v->changed}, {"corrected", v->corrected},
	    {"gone", v->gone}, {"joined", v->joined},
	    {"on_topic", v->on_topic});
}

static uint64_t
hosts_waiting(const struct frontier_stat *f)
{
	return f->hosts_waiting > f->hosts_paused
		   ? f->hosts_waiting - f->hosts_paused
		   : 0;
}

static uint64_t
hosts_idle(const struct frontier_stat *f)
{
	return f->hosts > f->hosts_due ? f->hosts - f->hosts_due : 0;
}

static void
put_hosts(struct words *w, const struct status *t)
{
	const struct frontier_stat *f = &t->s.frontier;
	int i;

	GROUP(w, "frontier", {"known", f->urls}, {"due", f->due},
	    {"again", f->again}, {"out", f->out}, {"hosts", f->hosts},
	    {"hosts_ready", f->hosts_ready},
	    {"hosts_waiting", f->hosts_waiting});
	GROUP(w, "hosts", {"known", f->hosts}, {"asked_now", f->hosts_busy},
	    {"ready", f->hosts_ready}, {"waiting", hosts_waiting(f)},
	    {"idle", hosts_idle(f)}, {"failing", f->hosts_failing},
	    {"resting", f->hosts_resting}, {"paused", f->hosts_paused});
	words_open(w, "paused_hosts", '[');
	for (i = 0; i < t->npaused; i++)
		words_string(w, NULL, t->paused[i]);
	words_close(w, ']');
}

static void
put_numbers(struct words *w, const struct status *t)
{
	const struct engine_stat *s = &t->s;

	put_pages(w, s);
	words_open(w, "rates", '{');
	put_rates(w, "1m", t->minute);
	put_rates(w, "5m", t->five);
	put_rates(w, "15m", t->quarter);
	words_close(w, '}');
	put_hosts(w, t);
	GROUP(w, "now", {"fetching", (uint64_t)s->visit.fetching},
	    {"cleaning", (uint64_t)s->visit.cleaning},
	    {"held", (uint64_t)s->visit.held},
	    {"held_bytes", (uint64_t)s->visit.held_bytes},
	    {"gathered", (uint64_t)s->visit.gathered},
	    {"workers", (uint64_t)s->pool.workers},
	    {"workers_busy", (uint64_t)s->pool.busy},
	    {"workers_replaced", s->pool.replaced},
	    {"rss_anon_kib", s->rss_anon >> 10},
	    {"rss_file_kib", s->rss_file >> 10});
	GROUP(w, "queue", {"records", s->queue.records},
	    {"files", s->queue.files}, {"bytes", s->queue.bytes},
	    {"max_bytes", (uint64_t)s->max_bytes},
	    {"free_bytes", s->queue.free_bytes},
	    {"min_free", (uint64_t)s->min_free},
	    {"state_bytes", s->state_bytes});
	if (t->room_ms >= 0)
		words_int(w, "room_lasts_s", t->room_ms / 1000);
	else
		words_string(w, "room_lasts_s", NULL);
	put_states(w, &s->frontier);
}

static void
put_state(struct words *w, const struct status *t)
{
	const struct engine_stat *s = &t->s;

	words_string(w, "version", WINNOW_VERSION);
	words_int(w, "uptime_s", (s->now_ms - s->started_ms) / 1000);
	words_string(w, "state", t->state);
	words_string(w, "blocked", s->room.why);
	words_time(w, "blocked_since", s->room.since_ms);
	words_string(w, "blocked_for",
	    s->room.why == NULL ? NULL
	    : s->room.no_space  ? "space"
				: "fault");
	words_open(w, "outage_since", '{');
	for (int of = 0; of < OUTAGE_N; of++)
		words_time(w, outage_name((enum outage_of)of),
		    s->visit.outage_ms[of]);
	words_close(w, '}');
	words_bool(w, "paused", s->paused);
	words_time(w, "paused_since", s->paused_ms);
	words_string(w, "topic", s->topic);
}

/* ---- for people --------------------------------------------------------- */

static void
say_state(struct words *w, const struct status *t)
{
	const struct engine_stat *s = &t->s;
	char span[WORDS_SPAN], when[WORDS_MOMENT];
	enum words_mood mood = strcmp(t->state, "running") == 0 ? WORDS_GOOD
			       : s->room.why != NULL            ? WORDS_BAD
								: WORDS_LOOK;

	words_tell(w, mood, "state", "%s, winnowd %s, up for %s", t->state,
	    WINNOW_VERSION, words_span(span, s->now_ms - s->started_ms));
	if (s->room.why != NULL) {
		words_tell(w, WORDS_BAD, "blocked", "%s", s->room.why);
		words_say(w, "",
		    "nothing is fetched since %s; it goes on by itself",
		    words_moment(when, s->room.since_ms, s->now_ms));
	}
	for (int of = 0; of < OUTAGE_N; of++)
		if (s->visit.outage_ms[of] != 0)
			words_tell(w, WORDS_BAD, "outage",
			    "%s since %s; their pages stay due. Look at %s",
			    of == OUTAGE_NAMES ? "no name is found"
					       : "no host is reached",
			    words_moment(
				when, s->visit.outage_ms[of], s->now_ms),
			    of == OUTAGE_NAMES ? "the name server (fetch.dns)"
					       : "the network");
	if (s->paused)
		words_tell(w, WORDS_LOOK, "paused",
		    "since %s; winnow resume goes on%s",
		    words_moment(when, s->paused_ms, s->now_ms),
		    s->draining ? "; what is under way ends first" : "");
}

static void
say_rates(struct words *w, const struct status *t)
{
	char a[WORDS_SPAN], b[WORDS_SPAN], c[WORDS_SPAN], span[WORDS_SPAN];

	if (t->rated_ms == 0) {
		words_say(w, "rate", "not known yet");
		return;
	}
	if (t->rated_ms < 2 * 60000)
		words_say(w, "rate", "%s pages/s in the last %s",
		    words_rate(a, t->five[RATES_PAGES]),
		    words_span(span, t->rated_ms));
	else
		words_say(w, "rate",
		    "%s pages/s in the last minute, %s in 5 min, %s in 15 min",
		    words_rate(a, t->minute[RATES_PAGES]),
		    words_rate(b, t->five[RATES_PAGES]),
		    words_rate(c, t->quarter[RATES_PAGES]));
	words_say(w, "", "%s articles/s, %s/s, %s failures/s in %s",
	    words_rate(a, t->five[RATES_ARTICLES]),
	    words_size(b, (uint64_t)t->five[RATES_BYTES]),
	    words_rate(c, t->five[RATES_FAILED]),
	    t->rated_ms < 5 * 60000 ? words_span(span, t->rated_ms) : "5 min");
}

static void
say_pages(struct words *w, const struct engine_stat *s)
{
	const struct visit_stat *v = &s->visit;
	char n[WORDS_SPAN], size[WORDS_SPAN], a[WORDS_SPAN];

	words_say(w, "pages",
	    "%s fetched since the start (%s): %s %s, %llu %s among them; %llu "
	    "without article",
	    words_count(n, v->fetched), words_size(size, v->bytes),
	    words_count(a, s->outlet.records),
	    words_noun(s->outlet.records, "article", "articles"),
	    N(s->outlet.repeats),
	    words_noun(s->outlet.repeats, "repeat", "repeats"), N(v->empty));
	words_say(w, "",
	    "%llu failed, %llu denied, %llu %s, %llu %s again, %llu that no "
	    "worker could clean",
	    N(v->failed), N(v->denied), N(v->redirects),
	    words_noun(v->redirects, "redirect", "redirects"), N(v->retries),
	    words_noun(v->retries, "try", "tries"), N(v->poisoned));
	words_say(w, "copies",
	    "%llu %s, %llu of them of nearly the same text; %llu took the "
	    "place of a worse one",
	    N(s->outlet.repeats),
	    words_noun(s->outlet.repeats, "repeat", "repeats"),
	    N(s->outlet.near), N(s->outlet.better));
	words_say(w, "again",
	    "%llu unchanged, %llu changed, %llu corrected, %llu gone",
	    N(v->unchanged), N(v->changed), N(v->corrected), N(v->gone));
	if (v->joined > 0)
		words_say(w, "joined", "%llu %s of several pages",
		    N(v->joined), words_noun(v->joined, "article", "articles"));
	if (s->topic != NULL)
		words_say(w, "topic", "%s; %llu %s since the start", s->topic,
		    N(v->on_topic),
		    words_noun(v->on_topic, "article was on it",
			"articles were on it"));
}

static void
say_frontier(struct words *w, const struct status *t)
{
	const struct frontier_stat *f = &t->s.frontier;
	double rate = t->quarter[RATES_PAGES];
	char a[WORDS_SPAN], b[WORDS_SPAN], c[WORDS_SPAN], left[80] = "";

	if (rate > 0 && f->due > 0 && t->rated_ms >= 60000) {
		words_span(c, (int64_t)((double)f->due / rate * 1000));
		snprintf(left, sizeof left, ", %s at this rate", c);
	}
	words_say(w, "to do",
	    "%s of %s addresses known%s; %s to be asked "
	    "again in their time",
	    words_count(a, f->due), words_count(b, f->urls), left,
	    words_count(c, f->again));
}

static void
say_hosts(struct words *w, const struct status *t)
{
	const struct frontier_stat *f = &t->s.frontier;
	char n[WORDS_SPAN], names[600] = "";
	size_t at = 0;
	int i;

	words_say(w, "hosts",
	    "%s: %llu asked now, %llu ready, %llu waiting, %llu with nothing "
	    "to do",
	    words_count(n, f->hosts), N(f->hosts_busy), N(f->hosts_ready),
	    N(hosts_waiting(f)), N(hosts_idle(f)));
	if (f->hosts_failing > 0)
		words_tell(w, WORDS_LOOK, "",
		    "%llu failing, %llu of them at rest after failures in a "
		    "row",
		    N(f->hosts_failing), N(f->hosts_resting));
	for (i = 0; i < t->npaused && at + 64 < sizeof names; i++)
		at += (size_t)snprintf(names + at, sizeof names - at, "%s%.60s",
		    i > 0 ? ", " : "", t->paused[i]);
	if (f->hosts_paused > 0)
		words_tell(w, WORDS_LOOK, "",
		    "%llu paused: %s%s; winnow host NAME resume goes on",
		    N(f->hosts_paused), names,
		    f->hosts_paused > (uint64_t)i ? " ..." : "");
}

static void
say_queue(struct words *w, const struct status *t)
{
	const struct engine_stat *s = &t->s;
	char n[WORDS_SPAN], size[WORDS_SPAN], most[WORDS_SPAN], of[64] = "",
								lasts[120] = "";

	if (s->max_bytes > 0)
		snprintf(of, sizeof of, " of %s",
		    words_size(most, (uint64_t)s->max_bytes));
	words_say(w, "queue", "%s %s in %llu %s, %s%s",
	    words_count(n, s->queue.records),
	    words_noun(s->queue.records, "record", "records"),
	    N(s->queue.files), words_noun(s->queue.files, "file", "files"),
	    words_size(size, s->queue.bytes), of);
	if (s->min_free > 0)
		snprintf(of, sizeof of, ", %s are kept free",
		    words_size(most, (uint64_t)s->min_free));
	else
		of[0] = '\0';
	if (t->room_ms >= 0)
		snprintf(lasts, sizeof lasts,
		    "; at this rate the room lasts %s (%s)",
		    words_span(n, t->room_ms), t->bound);
	words_tell(w,
	    t->room_ms >= 0 && t->room_ms < 24 * 3600000LL ? WORDS_LOOK
							   : WORDS_PLAIN,
	    "disk", "%s free%s%s", words_size(size, s->queue.free_bytes), of,
	    lasts);
}

static void
say_now(struct words *w, const struct engine_stat *s)
{
	char anon[WORDS_SPAN], state[WORDS_SPAN];

	words_say(w, "now",
	    "%d %s, %d %s to be cleaned; %d of %d %s busy (%llu replaced)",
	    s->visit.fetching,
	    words_noun(s->visit.fetching, "transfer", "transfers"),
	    s->visit.cleaning, words_noun(s->visit.cleaning, "page", "pages"),
	    s->pool.busy, s->pool.workers,
	    words_noun(s->pool.workers, "worker", "workers"),
	    N(s->pool.replaced));
	if (s->visit.held > 0)
		words_say(w, "",
		    "%d %s, %s, for others of their site (learn.wait_pages)",
		    s->visit.held,
		    words_noun((uint64_t)s->visit.held, "article waits",
			"articles wait"),
		    words_size(anon, (uint64_t)s->visit.held_bytes));
	if (s->visit.gathered > 0)
		words_say(w, "",
		    "%d %s for others of their article (fetch.max_parts)",
		    s->visit.gathered,
		    words_noun((uint64_t)s->visit.gathered, "page waits",
			"pages wait"));
	words_say(w, "memory", "%s; the state is %s on the disk",
	    words_size(anon, s->rss_anon), words_size(state, s->state_bytes));
}

void
report_status(struct engine *e, FILE *f)
{
	struct status t;
	struct words w;

	if (words_begin(&w, f) != 0)
		return;
	status_look(&t, e);
	put_state(&w, &t);
	put_numbers(&w, &t);
	say_state(&w, &t);
	say_rates(&w, &t);
	say_pages(&w, &t.s);
	say_frontier(&w, &t);
	say_hosts(&w, &t);
	say_now(&w, &t.s);
	say_queue(&w, &t);
	words_end(&w);
}
