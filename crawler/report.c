/* report.c - see report.h. */
#include "crawler/report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crawler/control.h"
#include "crawler/engine.h"

struct number {
	const char *name;
	uint64_t n;
};

static void
put_group(FILE *f, const char *name, const struct number *v, size_t n)
{
	size_t i;

	fprintf(f, ",\"%s\":{", name);
	for (i = 0; i < n; i++)
		fprintf(f, "%s\"%s\":%llu", i > 0 ? "," : "", v[i].name,
		    (unsigned long long)v[i].n);
	fputc('}', f);
}

#define GROUP(f, name, ...) \
	do { \
		const struct number g_[] = { __VA_ARGS__ }; \
		put_group(f, name, g_, sizeof g_ / sizeof *g_); \
	} while (0)

static uint64_t
rss_anon_kib(void)
{
	char line[256];
	unsigned long long kib = 0;
	FILE *f = fopen("/proc/self/status", "re");

	if (f == NULL)
		return 0;
	while (fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "RssAnon: %llu", &kib) == 1)
			break;
	fclose(f);
	return kib;
}

static void
put_states(FILE *f, const struct frontier_stat *s)
{
	int i;

	fputs(",\"urls_by_state\":{", f);
	for (i = 0; i < URL_STATE_N; i++)
		fprintf(f, "%s\"%s\":%llu", i > 0 ? "," : "",
		    url_state_name((enum url_state)i),
		    (unsigned long long)s->by_state[i]);
	fputc('}', f);
}

void
report_status(struct engine *e, FILE *f)
{
	struct engine_stat s;

	engine_stat(e, &s);
	fprintf(f, "{\"ok\":true,\"version\":\"%s\",\"uptime_s\":%lld,"
		   "\"state\":\"%s\",\"blocked\":",
	    WINNOW_VERSION, (long long)((s.now_ms - s.started_ms) / 1000),
	    s.blocked != NULL ? "blocked" : s.paused ? "paused" : "running");
	json_put_string(f, s.blocked);
	GROUP(f, "pages", { "fetched", s.visit.fetched },
	    { "bytes", s.visit.bytes }, { "articles", s.outlet.records },
	    { "repeats", s.outlet.repeats }, { "empty", s.visit.empty },
	    { "failed", s.visit.failed }, { "denied", s.visit.denied },
	    { "redirects", s.visit.redirects }, { "retries", s.visit.retries },
	    { "poisoned", s.visit.poisoned },
	    { "unchanged", s.visit.unchanged },
	    { "changed", s.visit.changed }, { "gone", s.visit.gone });
	GROUP(f, "frontier", { "known", s.frontier.urls },
	    { "due", s.frontier.due }, { "out", s.frontier.out },
	    { "hosts", s.frontier.hosts },
	    { "hosts_ready", s.frontier.hosts_ready },
	    { "hosts_waiting", s.frontier.hosts_waiting });
	GROUP(f, "now", { "fetching", (uint64_t)s.visit.fetching },
	    { "cleaning", (uint64_t)s.visit.cleaning },
	    { "workers", (uint64_t)s.pool.workers },
	    { "workers_busy", (uint64_t)s.pool.busy },
	    { "workers_replaced", s.pool.replaced },
	    { "rss_anon_kib", rss_anon_kib() });
	GROUP(f, "queue", { "records", s.queue.records },
	    { "files", s.queue.files }, { "bytes", s.queue.bytes },
	    { "free_bytes", s.queue.free_bytes });
	put_states(f, &s.frontier);
	fputs("}\n", f);
}

void
report_seeds(struct engine *e, FILE *f)
{
	struct frontier *fr = engine_frontier(e);
	uint32_t i, n = frontier_seed_count(fr);
	struct frontier_seed s;

	fputs("{\"ok\":true,\"seeds\":[", f);
	for (i = 1; i <= n; i++) {
		if (frontier_seed_get(fr, i, &s) != 1)
			continue;
		fprintf(f, "%s{\"url\":", i > 1 ? "," : "");
		json_put_string(f, s.url);
		fputs(",\"tags\":", f);
		json_put_string(f, s.tags);
		fprintf(f, ",\"records\":%llu}", (unsigned long long)s.records);
	}
	fputs("]}\n", f);
}

static void
words(char *json, size_t len, const char *prefix, FILE *f, int depth)
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
			words(v.s, v.len, name, f, depth + 1);
		}
	}
}

void
report_words(char *json, FILE *f)
{
	words(json, strlen(json), "", f, 0);
}
