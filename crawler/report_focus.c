/* report_focus.c - of an address, what the topic lets expect of it, and why:
 * its own words and what its branches have yielded, as the crawl sees them now.
 */
#include <math.h>

#include "crawler/focus.h"
#include "crawler/judge.h"
#include "crawler/report_parts.h"

#define STEP 8 /* of frontier_link.own, a power of two */

static uint32_t
count_of(void *view, uint64_t host, uint64_t family)
{
	struct frontier_cap cap = {.family = family};

	return view_cap_count(view, host, &cap);
}

static void
put_branch(struct words *w, const struct focus_view *f, enum focus_branch b)
{
	static const char *const words[FOCUS_BRANCHES] = {
	    [FOCUS_ALL] = "of the whole crawl",
	    [FOCUS_HOST] = "of its host",
	    [FOCUS_FOLDER] = "of its folder",
	    [FOCUS_SHAPE] = "whose addresses are like it",
	    [FOCUS_PAGE] = "named where it is"};

	words_open(w, focus_branch_name(b), '{');
	words_int(w, "pages", f->pages[b]);
	words_real(w, "worth", f->yielded[b]);
	words_close(w, '}');
	if (f->pages[b] > 0)
		words_say(w, "", "%u %s %s were worth %.2f on average",
		    f->pages[b], words_noun(f->pages[b], "page", "pages"),
		    words[b], f->yielded[b]);
}

void
report_focus(
    struct words *w, struct frontier_view *v, const struct judgement *j)
{
	struct focus_book book = {count_of, v};
	struct focus_place p;
	struct focus_view f = {0};
	int b;

	if (j->url[0] != '\0') {
		focus_place_of(&p, j->url, j->key.host, &j->row.via);
		focus_expected(&book, &p, j->row.own, &f);
	}
	if (f.pages[FOCUS_ALL] == 0) { /* no topic was ever followed */
		words_string(w, "topic", NULL);
		return;
	}
	words_open(w, "topic", '{');
	words_real(w, "expected", f.expected);
	words_real(w, "own", j->row.own / (double)STEP);
	words_say(w, "topic", "%.3f expected, %.3f by its branches%s",
	    f.expected, f.branches,
	    j->row.own > 0   ? "; its own words speak for it"
	    : j->row.own < 0 ? "; its own words do not speak for it"
			     : "");
	for (b = 0; b < FOCUS_BRANCHES; b++)
		put_branch(w, &f, (enum focus_branch)b);
	words_close(w, '}');
}
