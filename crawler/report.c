/* report.c - see report.h. */
#include "crawler/report.h"

#include <stdlib.h>
#include <string.h>

#include "crawler/engine.h"
#include "crawler/frontier_view.h"
#include "crawler/words.h"

struct number {
	const char *name;
	uint64_t n;
};

static void
put_group(
    struct words *w, const char *name, const struct number *v, size_t n)
{
	size_t i;

	words_open(w, name, '{');
	for (i = 0; i < n; i++)
		words_int(w, v[i].name, (int64_t)v[i].n);
	words_close(w, '}');
}

#define GROUP(w, name, ...) \
	do { \
		const struct number g_[] = { __VA_ARGS__ }; \
		put_group(w, name, g_, sizeof g_ / sizeof *g_); \
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
put_numbers(struct words *w, const struct engine_stat *s)
{
	GROUP(w, "pages", { "fetched", s->visit.fetched },
	    { "bytes", s->visit.bytes }, { "articles", s->outlet.records },
	    { "repeats", s->outlet.repeats }, { "empty", s->visit.empty },
	    { "failed", s->visit.failed }, { "denied", s->visit.denied },
	    { "redirects", s->visit.redirects },
	    { "retries", s->visit.retries },
	    { "poisoned", s->visit.poisoned },
	    { "unchanged", s->visit.unchanged },
	    { "changed", s->visit.changed }, { "gone", s->visit.gone });
	GROUP(w, "frontier", { "known", s->frontier.urls },
	    { "due", s->frontier.due }, { "again", s->frontier.again },
	    { "out", s->frontier.out }, { "hosts", s->frontier.hosts },
	    { "hosts_ready", s->frontier.hosts_ready },
	    { "hosts_waiting", s->frontier.hosts_waiting });
	GROUP(w, "now", { "fetching", (uint64_t)s->visit.fetching },
	    { "cleaning", (uint64_t)s->visit.cleaning },
	    { "workers", (uint64_t)s->pool.workers },
	    { "workers_busy", (uint64_t)s->pool.busy },
	    { "workers_replaced", s->pool.replaced },
	    { "rss_anon_kib", s->rss_anon >> 10 });
	GROUP(w, "queue", { "records", s->queue.records },
	    { "files", s->queue.files }, { "bytes", s->queue.bytes },
	    { "max_bytes", (uint64_t)s->max_bytes },
	    { "free_bytes", s->queue.free_bytes },
	    { "min_free", (uint64_t)s->min_free });
	put_states(w, &s->frontier);
}

#define N(n) ((unsigned long long)(n))

/* What somebody wants to know who asks how it goes; since the start, unless it
 * says more. */
static void
say_status(struct words *w, const struct engine_stat *s, const char *state)
{
	const struct visit_stat *v = &s->visit;
	char span[WORDS_SPAN], size[WORDS_SPAN], when[WORDS_MOMENT];

	words_say(w, "state", "%s for %s", state,
	    words_span(span, s->now_ms - s->started_ms));
	if (s->room.why != NULL) {
		words_say(w, "blocked", "%s", s->room.why);
		words_say(w, "", "nothing is fetched since %s; it goes on by "
				 "itself",
		    words_moment(when, s->room.since_ms, s->now_ms));
	}
	words_say(w, "pages", "%llu fetched (%s): %llu articles, %llu repeats "
			      "among them; %llu without article",
	    N(v->fetched), words_size(size, v->bytes), N(s->outlet.records),
	    N(s->outlet.repeats), N(v->empty));
	words_say(w, "", "%llu failed, %llu denied, %llu redirects, %llu tries "
			 "again, %llu that no worker could clean",
	    N(v->failed), N(v->denied), N(v->redirects), N(v->retries),
	    N(v->poisoned));
	words_say(w, "again", "%llu unchanged, %llu changed, %llu gone",
	    N(v->unchanged), N(v->changed), N(v->gone));
	words_say(w, "to do", "%llu of %llu addresses known; %llu to be asked "
			      "again in their time",
	    N(s->frontier.due), N(s->frontier.urls), N(s->frontier.again));
	words_say(w, "hosts", "%llu, of them %llu ready and %llu waiting",
	    N(s->frontier.hosts), N(s->frontier.hosts_ready),
	    N(s->frontier.hosts_waiting));
	words_say(w, "now", "%d transfers, %d pages with %d workers (%llu "
			    "replaced); memory %s",
	    v->fetching, v->cleaning, s->pool.workers, N(s->pool.replaced),
	    words_size(size, s->rss_anon));
	words_say(w, "queue", "%llu records in %llu files, %s",
	    N(s->queue.records), N(s->queue.files),
	    words_size(size, s->queue.bytes));
	words_say(w, "disk", "%s free", words_size(size, s->queue.free_bytes));
}

void
report_status(struct engine *e, FILE *f)
{
	struct engine_stat s;
	struct words w;
	const char *state;

	if (words_begin(&w, f) != 0)
		return;
	engine_stat(e, &s);
	state = s.room.why != NULL ? "blocked"
	    : s.paused		  ? "paused"
				  : "running";
	words_string(&w, "version", WINNOW_VERSION);
	words_int(&w, "uptime_s", (s.now_ms - s.started_ms) / 1000);
	words_string(&w, "state", state);
	words_string(&w, "blocked", s.room.why);
	words_time(&w, "blocked_since", s.room.since_ms);
	words_string(&w, "blocked_for",
	    s.room.why == NULL ? NULL
		: s.room.no_space ? "space"
				  : "fault");
	put_numbers(&w, &s);
	say_status(&w, &s, state);
	words_end(&w);
}

void
report_seed(struct words *w, const struct view_seed *s, int64_t now_ms)
{
	static const char *const types[] = { [URL_PAGE] = "page",
		[URL_LIST] = "list", [URL_FEED] = "feed",
		[URL_SITEMAP] = "sitemap" };
	const char *type = (unsigned)s->type < sizeof types / sizeof *types
	    ? types[s->type]
	    : NULL;
	char when[WORDS_MOMENT];

	words_open(w, NULL, '{');
	words_string(w, "url", s->url);
	words_string(w, "type", type);
	words_string(w, "tags", s->tags);
	words_int(w, "interval_s", s->interval_ms / 1000);
	words_int(w, "records", (int64_t)s->records);
	words_time(w, "last_record", s->last_record_ms);
	words_close(w, '}');
	if (s->records > 0)
		words_say(w, type, "%s%s%s: %llu records, the last %s", s->url,
		    s->tags[0] != '\0' ? " " : "", s->tags, N(s->records),
		    words_moment(when, s->last_record_ms, now_ms));
	else
		words_say(w, type, "%s%s%s: no record", s->url,
		    s->tags[0] != '\0' ? " " : "", s->tags);
}

static void
print(char *json, size_t len, const char *prefix, FILE *f, int depth)
{
	struct winnow_json j;
	struct winnow_json_value v;
	char name[128];

	if (depth > 4 || winnow_json_begin(&j, json, len) != 0)
		return;
	while (winnow_json_next(&j, &v) == 1) {
		snprintf(name, sizeof name, "%s%s%s", prefix,
		    *prefix != '\0' && v.key != NULL ? "." : "",
		    v.key != NULL ? v.key : "");
		switch (v.type) {
		case WINNOW_JSON_NULL:
			break; /* nothing to say */
		case WINNOW_JSON_NUMBER:
			fprintf(f, "%-24s %.0f\n", name, v.number);
			break;
		case WINNOW_JSON_STRING:
			fprintf(f, "%-24s %s\n", name, v.s);
			break;
		case WINNOW_JSON_TRUE:
		case WINNOW_JSON_FALSE:
			if (strcmp(name, "ok") != 0)
				fprintf(f, "%-24s %s\n", name,
				    v.type == WINNOW_JSON_TRUE ? "yes" : "no");
			break;
		default:
			print(v.s, v.len, name, f, depth + 1);
		}
	}
}

void
report_words(char *json, FILE *f)
{
	print(json, strlen(json), "", f, 0);
}
