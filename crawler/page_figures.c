/* page_figures.c - how it goes, as figures: see page_parts.h. */
#include "crawler/page_parts.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "crawler/page_html.h"
#include "crawler/words.h"

#define MINUTE_MS (60 * 1000LL)

/* ---- state -------------------------------------------------------------- */

void
page_state(struct page *p)
{
	html(p->out, engine_state_word(&p->s));
}

void
page_state_pill(struct page *p)
{
	html_f(p->out, "<span class=\"pill %s\">%s</span>",
	    p->s.room.why != NULL          ? "bad"
	    : p->s.paused || p->s.stopping ? "warn"
					   : "ok",
	    engine_state_word(&p->s));
}

void
page_age(struct page *p)
{
	char span[WORDS_SPAN];

	html_f(p->out, "started %s ago",
	    words_span(span, p->s.now_ms - p->s.started_ms));
}

void
page_clock(struct page *p)
{
	time_t t = (time_t)(p->s.now_ms / 1000);
	char text[64];
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL &&
	    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &tm) > 0)
		html(p->out, text);
}

static void
put_outage(struct page *p, enum outage_of of)
{
	html_f(p->out, "<p class=\"banner bad\"><b>%s</b> It began ",
	    of == OUTAGE_NAMES ? "No name of a host is found."
			       : "No host is reached.");
	html_ago(p->out, p->s.visit.outage_ms[of], p->s.now_ms);
	html_f(p->out, "; pages stay due. Look at %s.</p>",
	    of == OUTAGE_NAMES ? "the name server" : "the network");
}

void
page_trouble(struct page *p)
{
	for (int of = 0; of < OUTAGE_N; of++)
		if (p->s.visit.outage_ms[of] != 0)
			put_outage(p, (enum outage_of)of);
	if (p->s.room.why != NULL) {
		html(p->out, "<p class=\"banner bad\"><b>Nothing is fetched: "
			     "it cannot be written.</b> ");
		html_text(p->out, p->s.room.why);
		html(p->out, ". It began ");
		html_ago(p->out, p->s.room.since_ms, p->s.now_ms);
		html(p->out, ", and goes on by itself.</p>");
	}
	if (p->s.paused) {
		html_f(p->out,
		    "<p class=\"banner warn\"><b>Paused: nothing new is "
		    "fetched%s.</b> ",
		    p->s.draining ? "; what is under way ends" : "");
		if (p->s.paused_ms > 0) {
			html(p->out, "Since ");
			html_ago(p->out, p->s.paused_ms, p->s.now_ms);
			html(p->out, ". ");
		}
		html(p->out, "<code>winnow resume</code> goes on.</p>");
	}
}

void
page_version(struct page *p)
{
	html(p->out, WINNOW_VERSION);
}

void
page_node(struct page *p)
{
	html_text(p->out, engine_node(p->engine));
}

/* ---- rates -------------------------------------------------------------- */

void
page_spans(struct page *p)
{
	for (int i = 0; i < plot_spans_n; i++) {
		const struct plot_span *s = &plot_spans[i];

		html_f(p->out, "<li><a href=\"/?span=%s\"%s>%s</a></li>",
		    s->name, s == p->span ? " aria-current=\"true\"" : "",
		    s->words);
	}
}

/* What is drawn, in a unit in which it is a number of some digits. */
struct card {
	enum rates_of what;
	const char *class, *words, *unit;
	double per; /* seconds that the unit is over */
	int bytes;
};
static const struct card cards[] = {
    {RATES_PAGES, "pages", "Pages fetched", "/s", 1, 0},
    {RATES_ARTICLES, "articles", "Articles", "/min", 60, 0},
    {RATES_BYTES, "bytes", "Data fetched", "/s", 1, 1},
    {RATES_FAILED, "failed", "Addresses given up", "/min", 60, 0}};

static void
put_value(struct page *p, const struct card *c, double per_second)
{
	char text[HTML_RATE], size[WORDS_SPAN];

	html(p->out, c->bytes ? words_size(size, (uint64_t)per_second)
			      : html_rate(text, per_second * c->per));
}

static uint64_t
total_of(const struct page *p, enum rates_of what)
{
	switch (what) {
	case RATES_PAGES:
		return p->s.visit.fetched;
	case RATES_ARTICLES:
		return p->s.outlet.records;
	case RATES_BYTES:
		return p->s.visit.bytes;
	default:
		return p->s.visit.failed + p->s.visit.poisoned;
	}
}

static void
put_spans(struct page *p, const struct card *c)
{
	static const struct {
		int64_t ms;
		const char *words;
	} spans[] = {{5 * MINUTE_MS, "5 min"}, {15 * MINUTE_MS, "15 min"}};
	double v[RATES_N];
	char size[WORDS_SPAN];

	html(p->out, "<p class=\"more\">");
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		/* No older than that, it would say the same again. */
		if (rates_over(engine_rates(p->engine), spans[i].ms, v) <
		    spans[i].ms - MINUTE_MS)
			continue;
		html(p->out, "<span><b>");
		put_value(p, c, v[c->what]);
		html_f(p->out, "</b> over %s</span>", spans[i].words);
	}
	html(p->out, "<span><b>");
	if (c->bytes)
		html(p->out, words_size(size, total_of(p, c->what)));
	else
		html_count(p->out, total_of(p, c->what));
	html(p->out, "</b> in all</span></p>");
}

static void
put_card(struct page *p, const struct card *c)
{
	double v[RATES_N];
	struct plot plot;
	char words[64];

	(void)rates_over(engine_rates(p->engine), MINUTE_MS, v);
	plot_gather(&plot, engine_rates(p->engine), c->what, p->span);
	html_f(p->out,
	    "<div class=\"card rate %s\"><h3>%s</h3><p class=\"big\">",
	    c->class, c->words);
	put_value(p, c, v[c->what]);
	html_f(p->out, "<small>%s</small></p>", c->unit);
	snprintf(words, sizeof words, "%s, %s%s", c->words,
	    c->bytes ? "MiB" : "", c->unit);
	plot_draw(
	    p->out, &plot, words, p->span, c->bytes ? 1 << 20 : 1 / c->per);
	html_f(p->out, "<p class=\"axis\"><span>%s ago</span><span>peak ",
	    p->span->words);
	put_value(p, c, plot.peak);
	html_f(p->out, "%s</span><span>now</span></p>", c->unit);
	put_spans(p, c);
	html(p->out, "</div>");
}

void
page_rates(struct page *p)
{
	for (size_t i = 0; i < sizeof cards / sizeof *cards; i++)
		put_card(p, &cards[i]);
}

/* ---- facts -------------------------------------------------------------- */

static void
fact_open(struct page *p, const char *label)
{
	html_f(p->out, "<dt>%s</dt><dd>", label);
}

static void
fact_close(struct page *p)
{
	html(p->out, "</dd>");
}

static void
fact_count(struct page *p, const char *label, uint64_t n)
{
	fact_open(p, label);
	html_count(p->out, n);
	fact_close(p);
}

static void
fact_size(struct page *p, const char *label, uint64_t n)
{
	char size[WORDS_SPAN];

	fact_open(p, label);
	html(p->out, words_size(size, n));
	fact_close(p);
}

/* ---- hosts and addresses ------------------------------------------------ */

struct share {
	const char *class, *words;
	uint64_t n;
	int always; /* told also when there is none */
};

static void
put_shares_bar(struct page *p, const struct share *s, size_t n)
{
	uint64_t all = 0, sum = 0, from, to;

	for (size_t i = 0; i < n; i++)
		all += s[i].n;
	html(p->out, "<svg class=\"bar\" viewBox=\"0 0 1000 10\" "
		     "preserveAspectRatio=\"none\" aria-hidden=\"true\">");
	for (size_t i = 0; all > 0 && i < n; i++) {
		from = sum * 1000 / all;
		sum += s[i].n;
		to = sum * 1000 / all;
		if (to > from)
			html_f(p->out,
			    "<rect class=\"s-%s\" x=\"%llu\" y=\"0\" "
			    "width=\"%llu\" height=\"10\"/>",
			    s[i].class, (unsigned long long)from,
			    (unsigned long long)(to - from));
	}
	html(p->out, "</svg>");
}

/* A bar of them, and what each is. */
static void
put_shares(struct page *p, const struct share *s, size_t n)
{
	put_shares_bar(p, s, n);
	html(p->out, "<dl class=\"facts\">");
	for (size_t i = 0; i < n; i++) {
		if (s[i].n == 0 && !s[i].always)
			continue;
		html_f(p->out,
		    "<dt><span class=\"key s-%s\"></span>%s</dt><dd>",
		    s[i].class, s[i].words);
		html_count(p->out, s[i].n);
		html(p->out, "</dd>");
	}
	html(p->out, "</dl>");
}

static void
put_states(struct page *p)
{
	html(p->out, "<details id=\"states\"><summary>Addresses by "
		     "state</summary><dl class=\"facts\">");
	for (int i = 0; i < URL_STATE_N; i++)
		if (p->s.frontier.by_state[i] > 0)
			fact_count(p, url_state_name((enum url_state)i),
			    p->s.frontier.by_state[i]);
	html(p->out, "</dl></details>");
}

static uint64_t
less(uint64_t n, uint64_t by)
{
	return n > by ? n - by : 0;
}

/* Shares that make up all hosts. A host that fails or is paused waits too, and
 * may have nothing due: it counts for what is more to be known of it. */
void
page_hosts(struct page *p)
{
	const struct frontier_stat *f = &p->s.frontier;
	uint64_t troubled = f->hosts_failing + f->hosts_paused;
	uint64_t waiting = less(f->hosts_waiting, troubled);
	struct share hosts[] = {{"busy", "hosts at work", f->hosts_busy, 1},
	    {"ready", "ready", f->hosts_ready, 1},
	    {"waiting", "waiting for their time", waiting, 1},
	    {"failing", "failing, tried again soon",
		less(f->hosts_failing, f->hosts_resting), 0},
	    {"resting", "resting after many failures", f->hosts_resting, 0},
	    {"held", "paused by hand", f->hosts_paused, 0},
	    {"idle", "nothing due",
		less(f->hosts,
		    f->hosts_busy + f->hosts_ready + waiting + troubled),
		0}};

	put_shares(p, hosts, sizeof hosts / sizeof *hosts);
	html(p->out, "<dl class=\"facts\">");
	fact_count(p, "addresses to do", f->due);
	fact_count(p, "under way", f->out);
	fact_count(p, "asked again in their time", f->again);
	fact_count(p, "known", f->urls);
	html(p->out, "</dl>");
	put_states(p);
}

/* A size over time, small. */
static void
put_slim(struct page *p, enum rates_of what, const char *name)
{
	struct plot plot;
	char words[64], size[WORDS_SPAN];

	plot_gather(&plot, engine_rates(p->engine), what, p->span);
	snprintf(words, sizeof words, "%s in MiB", name);
	html(p->out, "<div class=\"slim\">");
	plot_draw(p->out, &plot, words, p->span, 1 << 20);
	html_f(p->out,
	    "<p class=\"axis\"><span>%s ago</span><span>at most "
	    "%s</span><span>now</span></p></div>",
	    p->span->words, words_size(size, (uint64_t)plot.peak));
}

/* ---- queue and disk ----------------------------------------------------- */

/* How full, as a bar and in words. tight: of a thousand, from where on it is
 * time to do something. */
static void
put_bar(struct page *p, uint64_t used, uint64_t all, unsigned tight,
    const char *words)
{
	unsigned share = all == 0      ? 0
			 : used >= all ? 1000
				       : (unsigned)((double)used / all * 1000);

	html_f(p->out,
	    "<svg class=\"bar\" viewBox=\"0 0 1000 10\" "
	    "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s: %u "
	    "%%\"><rect class=\"%s\" x=\"0\" y=\"0\" width=\"%u\" "
	    "height=\"10\"/></svg>",
	    words, share / 10, share >= tight ? "tight" : "used", share);
}

#define YEARS_MS (10 * 365 * 24 * 60 * MINUTE_MS)

static void
put_lasts(struct page *p)
{
	char span[WORDS_SPAN], size[WORDS_SPAN];
	double v[RATES_N];
	const char *bound;
	int64_t lasts;

	if (rates_over(engine_rates(p->engine), 60 * MINUTE_MS, v) < MINUTE_MS)
		return;
	fact_open(p, "queue grows");
	html_f(p->out, "%s<small>/h</small>",
	    words_size(size,
		v[RATES_QUEUE] > 0 ? (uint64_t)(v[RATES_QUEUE] * 3600) : 0));
	fact_close(p);
	fact_open(p, "room lasts");
	lasts = engine_room_lasts(p->engine, &p->s, &bound);
	if (lasts < 0 || lasts > YEARS_MS)
		html(p->out, "for years");
	else
		html(p->out, words_span(span, lasts));
	fact_close(p);
}

void
page_disk(struct page *p)
{
	const struct engine_stat *s = &p->s;
	char size[WORDS_SPAN];

	if (s->max_bytes > 0) {
		put_bar(p, s->queue.bytes, (uint64_t)s->max_bytes, 900,
		    "Of what the queue may take is used");
	}
	html(p->out, "<dl class=\"facts\">");
	fact_open(p, "queue");
	html(p->out, words_size(size, s->queue.bytes));
	if (s->max_bytes > 0)
		html_f(p->out, " <small>of %s</small>",
		    words_size(size, (uint64_t)s->max_bytes));
	fact_close(p);
	fact_count(p, "records", s->queue.records);
	fact_count(p, "sealed files", s->queue.files);
	fact_open(p, "disk");
	html_f(p->out, "%s <small>free</small>",
	    words_size(size, s->queue.free_bytes));
	fact_close(p);
	if (s->min_free > 0)
		fact_size(p, "kept free", (uint64_t)s->min_free);
	fact_size(p, "state", s->state_bytes);
	put_lasts(p);
	html(p->out, "</dl>");
	put_slim(p, RATES_QUEUE, "Queue");
}

/* ---- workers and memory ------------------------------------------------- */

void
page_work(struct page *p)
{
	const struct engine_stat *s = &p->s;
	char size[WORDS_SPAN];

	put_bar(p, (uint64_t)s->pool.busy, (uint64_t)s->pool.workers, 1001,
	    "Workers that are busy");
	html(p->out, "<dl class=\"facts\">");
	fact_open(p, "workers busy");
	html_f(
	    p->out, "%d <small>of %d</small>", s->pool.busy, s->pool.workers);
	fact_close(p);
	fact_count(p, "workers replaced", s->pool.replaced);
	fact_count(p, "pages that no worker could clean", s->visit.poisoned);
	fact_count(p, "transfers", (uint64_t)s->visit.fetching);
	fact_open(p, "memory");
	html_f(p->out, "%s <small>of the daemon</small>",
	    words_size(size, s->rss_anon));
	fact_close(p);
	html(p->out, "</dl>");
	put_slim(p, RATES_MEMORY, "Memory");
}
