/* report_site.c - what the pages of a host have taught, for `winnow host`: the
 * blocks that are known to be its furniture, those that most pages carry
 * first. */
#include "crawler/report.h"

#include "cleaner/winnow.h"
#include "crawler/frontier_view.h"
#include "crawler/words.h"

#define MEMBERS 100 /* that programs are told of; */
#define FACTS 12    /* that people are */

struct telling {
	struct words *w;
	int n, most, members;
};

static void
member(struct words *w, const struct winnow_site_fact *f)
{
	words_open(w, NULL, '{');
	words_string(w, "text", f->text);
	words_string(w, "kind", winnow_kind_name(f->kind));
	words_string(w, "why", f->why);
	words_int(w, "pages", f->pages);
	words_int(w, "of", f->of);
	words_int(w, "template", f->group);
	words_time(w, "seen", f->seen > 0 ? f->seen * 1000 : 0);
	words_close(w, '}');
}

static void
tell(void *arg, const struct winnow_site_fact *f)
{
	struct telling *t = arg;

	if (t->n++ >= t->most)
		return;
	if (t->members)
		member(t->w, f);
	else
		words_say(t->w, "", "%s, on %u of %u pages: %s",
		    winnow_kind_name(f->kind), f->pages, f->of,
		    f->text != NULL ? f->text : "(its text was not kept)");
}

static int
tell_all(struct words *w, struct winnow_site *s, int members)
{
	struct telling t = {
	    .w = w, .most = members ? MEMBERS : FACTS, .members = members};

	winnow_site_each(s, tell, &t);
	return t.n;
}

static void
known(struct words *w, struct winnow_site *s, const struct frontier_site *row,
    int64_t now_ms)
{
	unsigned pages = winnow_site_pages(s);
	char size[WORDS_SPAN], when[WORDS_MOMENT];
	int n;

	words_int(w, "pages", pages);
	words_int(w, "bytes", (int64_t)row->len);
	words_time(w, "last", row->learned_ms);
	words_bool(w, "settled", winnow_site_settled(s));
	words_open(w, "furniture", '[');
	n = tell_all(w, s, 1);
	words_close(w, ']');
	words_say(w, "learned", "from %u %s, the last %s: %d %s, %s", pages,
	    words_noun(pages, "page", "pages"),
	    words_moment(when, row->learned_ms, now_ms), n,
	    words_noun((uint64_t)n, "block is its furniture",
		"blocks are its furniture"),
	    words_size(size, row->len));
	(void)tell_all(w, s, 0);
	if (n > FACTS)
		words_say(w, "", "and %d more (--json)", n - FACTS);
}

void
report_site(struct words *w, struct frontier_view *v, uint64_t host, int on,
    int64_t now_ms)
{
	struct frontier_site row;
	struct winnow_site *s;

	if (view_site(v, host, &row) != 1 ||
	    winnow_site_load(&s, row.bytes, row.len, row.len) != 0) {
		words_string(w, "learned", NULL);
		words_say(w, "learned", "%s",
		    on ? "nothing yet" : "nothing: learn.on is false");
		return;
	}
	words_open(w, "learned", '{');
	known(w, s, &row, now_ms);
	words_close(w, '}');
	winnow_site_free(s);
}
