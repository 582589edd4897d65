/* bench_site.c - what the memory of a site costs a page.
 *
 * In one run over the same pages, in turns, the better of ROUNDS: cleaned
 * alone; with a lesson made and a view looked up; and the parent's part,
 * learning a lesson and making the view anew. The pages: those of the corpus,
 * as if they were one site, and an invented site whose own lines the memory
 * takes away (there the text is hashed twice, as it is and as it were). */
#include <time.h>

#include "cleaner/winnow.h"
#include "tests/bench/bench.h"
#include "tests/cleaner/corpus.h"
#include "tests/cleaner/site_pages.h"

enum { ROUNDS = 3, OWN = 400 };

struct work {
	const struct corpus *c;
	struct winnow *w;
	struct winnow_site *site;
	size_t lessons, view, taken; /* bytes, bytes, blocks */
	double learn;                /* seconds */
};

static double
round_clean(struct work *k, int with)
{
	double sum = 0, t;

	k->lessons = k->taken = 0;
	k->learn = 0;
	for (size_t i = 0; i < k->c->n; i++) {
		struct winnow_page p = {.body = k->c->v[i].bytes,
		    .body_len = k->c->v[i].len,
		    .url = "http://example.com/a",
		    .now = 1770000000,
		    .learn = with};
		const struct winnow_doc *d;

		if (with)
			winnow_site_view(k->site, &p.site, &p.site_len);
		t = bench_cpu();
		if (winnow_clean(k->w, &p, &d) != 0)
			continue;
		sum += bench_cpu() - t;
		k->lessons += d->lesson_len;
		k->taken += d->remembered;
		if (!with)
			continue;
		t = bench_cpu();
		winnow_site_learn(
		    k->site, d->lesson, d->lesson_len, i + 1, 1770000000);
		winnow_site_view(k->site, &p.site, &k->view);
		k->learn += bench_cpu() - t;
	}
	return sum;
}

static int
run(const char *name, const struct corpus *c, struct winnow *w)
{
	struct work k = {.c = c, .w = w};
	double alone = 1e9, with = 1e9, learn = 0, t;
	void *bytes;
	size_t len, n = c->n;

	if (n == 0) {
		printf(
		    "skip - bench_site %s: no corpus in WINNOW_SHARED\n", name);
		return 0;
	}
	if (winnow_site_new(&k.site, 0) != 0)
		return 1;
	round_clean(&k, 1);
	learn = k.learn;
	for (int r = 0; r < ROUNDS; r++) {
		if ((t = round_clean(&k, 0)) < alone)
			alone = t;
		if ((t = round_clean(&k, 1)) < with)
			with = t;
	}
	if (winnow_site_store(k.site, &bytes, &len) != 0)
		return 1;
	printf(
	    "bench site %s: pages=%zu clean_us=%.1f with_us=%.1f (+%.2f %%) "
	    "learn_us=%.2f lesson_bytes=%.0f view_bytes=%zu memory_bytes=%zu "
	    "stored_bytes=%zu taken=%.2f\n",
	    name, n, 1e6 * alone / (double)n, 1e6 * with / (double)n,
	    100 * (with / alone - 1), 1e6 * learn / (double)n,
	    (double)k.lessons / (double)n, k.view, winnow_site_bytes(k.site),
	    len, (double)k.taken / (double)n);
	free(bytes);
	winnow_site_free(k.site);
	return 0;
}

/* An article of some length, and three lines of its site. */
static int
own_pages(struct corpus *c)
{
	struct page *p = malloc(sizeof(*p));
	char t[200];

	c->n = 0;
	if (p == NULL || (c->v = calloc(OWN, sizeof(*c->v))) == NULL)
		return -1;
	for (uint32_t i = 0; i < OWN; i++) {
		page_begin(p, i);
		title(p, t, sizeof(t));
		say(p,
		    "<html><head><meta charset=utf-8><title>%s</title>"
		    "<body><div class=nav><ul>",
		    t);
		for (int k = 0; k < 60; k++)
			say(p, "<li><a href=/%d.html>栏目第%d号</a></li>", k,
			    k);
		say(p,
		    "</ul></div><div class=main><h1>%s</h1><div id=zoom>"
		    "<p>青石教育每日播报</p>",
		    t);
		paragraphs(p, 8 + (int)chance(p, 8), "<p>", "</p>");
		say(p, "<p>家校同行路上，我们一直都在您的身边</p><p>读书的人，"
		       "走得更远</p></div></div></body></html>");
		c->v[i].bytes = strdup(p->html);
		c->v[i].len = p->len;
		c->n++;
	}
	free(p);
	return 0;
}

int
main(void)
{
	struct corpus c, own;
	struct winnow *w;

	corpus_load(&c);
	if (own_pages(&own) != 0 || winnow_new(&w, NULL) != 0)
		return 1;
	return run("corpus", &c, w) || run("own", &own, w);
}
