/* report.c - see report.h. */
#include "crawler/report.h"

#include "crawler/engine.h"
#include "crawler/frontier_view.h"
#include "crawler/words.h"

#define N(n) ((unsigned long long)(n))

static const char *
type_name(const struct view_seed *s)
{
	static const char *const types[] = { [URL_PAGE] = "page",
		[URL_LIST] = "list", [URL_FEED] = "feed",
		[URL_SITEMAP] = "sitemap" };

	return (unsigned)s->type < sizeof types / sizeof *types
	    ? types[s->type]
	    : NULL;
}

void
report_seed(struct words *w, const struct view_seed *s, int64_t now_ms)
{
	(void)now_ms;
	words_open(w, NULL, '{');
	words_string(w, "url", s->url);
	words_string(w, "type", type_name(s));
	words_string(w, "tags", s->tags);
	words_int(w, "interval_s", s->interval_ms / 1000);
	words_int(w, "records", (int64_t)s->records);
	words_time(w, "last_record", s->last_record_ms);
	words_close(w, '}');
}

void
report_seed_fact(struct words *w, const struct view_seed *s, int64_t now_ms)
{
	char when[WORDS_MOMENT];

	if (s->records > 0)
		words_say(w, type_name(s), "%s%s%s: %llu %s, the last %s",
		    s->url, s->tags[0] != '\0' ? " " : "", s->tags,
		    N(s->records), words_noun(s->records, "record", "records"),
		    words_moment(when, s->last_record_ms, now_ms));
	else
		words_say(w, type_name(s), "%s%s%s: no record", s->url,
		    s->tags[0] != '\0' ? " " : "", s->tags);
}
