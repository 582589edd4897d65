/* bench_topic.c - what a topic costs: learning it, and each page's share.
 *
 * A topic of five pages of the development sets; then every page is cleaned,
 * and its topic stage (text, terms, every link) run AGAIN times more, so that
 * both are measured on the same page at the same moment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cleaner/doc.h"
#include "cleaner/state.h"
#include "tests/bench/bench.h"
#include "tests/cleaner/corpus.h"

enum { EXAMPLES = 5, AGAIN = 10, LEARN = 20 };

/* The first pages of the sets as examples; the topic's bytes. */
static void *
learn(const struct corpus *c, struct winnow *w, size_t *len)
{
	struct winnow_topic *t;
	void *bytes = NULL;
	int n = 0;

	if (winnow_topic_new(&t) != 0)
		exit(1);
	for (size_t i = 0; i < c->n && n < EXAMPLES; i++)
		n += winnow_topic_file(t, w, c->v[i].bytes, c->v[i].len) == 1;
	if (winnow_topic_finish(t, NULL) != 0 ||
	    winnow_topic_store(t, &bytes, len) != 0)
		exit(1);
	winnow_topic_free(t);
	return bytes;
}

static void
measure(const struct corpus *c, struct winnow *w)
{
	double clean = 0, topic = 0, worst = 0;
	size_t links = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct winnow_page p = {.body = c->v[i].bytes,
		    .body_len = c->v[i].len,
		    .url = "http://example.com/a",
		    .now = 1770000000};
		const struct winnow_doc *d;
		double t = bench_cpu(), mid, end;

		if (winnow_clean(w, &p, &d) != 0)
			continue;
		mid = bench_cpu();
		for (int k = 0; k < AGAIN; k++)
			wn_stage_topic(&w->doc);
		end = bench_cpu();
		links += d->nlinks;
		clean += mid - t;
		topic += (end - mid) / AGAIN;
		if ((end - mid) / AGAIN > worst)
			worst = (end - mid) / AGAIN;
	}
	printf("  a page: %.0f us of %.0f us (%.2f %%), %.0f links; at most "
	       "%.0f us\n",
	    1e6 * topic / (double)c->n, 1e6 * clean / (double)c->n,
	    100 * topic / (clean - topic), (double)links / (double)c->n,
	    1e6 * worst);
}

int
main(void)
{
	struct corpus c;
	struct winnow *w;
	double t;
	size_t len = 0;
	void *bytes;

	corpus_load(&c);
	if (c.n == 0) {
		printf("skip - bench_topic: no corpus in WINNOW_SHARED\n");
		return 0;
	}
	if (winnow_new(&w, NULL) != 0)
		return 1;
	bytes = learn(&c, w, &len);
	printf("topic: of %d examples %zu bytes\n", EXAMPLES, len);
	t = bench_cpu();
	for (int i = 0; i < LEARN; i++)
		winnow_set_topic(w, bytes, len);
	printf("  opened in %.2f ms\n", 1e3 * (bench_cpu() - t) / LEARN);
	measure(&c, w);
	free(bytes);
	corpus_free(&c);
	winnow_free(w);
	return 0;
}
