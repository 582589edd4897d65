/* answer.c - see answer.h. */
#include "crawler/answer.h"

#include <stdlib.h>

#include "crawler/control.h"
#include "crawler/engine.h"
#include "crawler/frontier_view.h"
#include "crawler/report.h"
#include "crawler/silent.h"
#include "crawler/words.h"

void
answer_error(FILE *out, int status, const char *words)
{
	fprintf(out, "{\"ok\":false,\"status\":%d,\"error\":", status);
	json_put_string(out, words);
	fputs("}\n", out);
}

static const char *
halted(const struct engine_stat *s)
{
	return s->room.why != NULL ? s->room.why
	       : s->paused        ? "winnow pause was given"
				  : NULL;
}

/* The state cannot be read, perhaps for what halts the crawl: a full disk. */
static void
answer_unread(FILE *out, int rc, const struct engine_stat *s)
{
	const char *why = halted(s);
	char words[5120];

	snprintf(words, sizeof words, "%s%s%s", frontier_strerror(rc),
	    why != NULL ? "; " : "", why != NULL ? why : "");
	answer_error(out, 1, words);
}

void
answer_why(struct engine *e, const struct config *c, const char *url, FILE *out)
{
	struct frontier_view *v = frontier_view_here(engine_frontier(e));
	struct engine_stat s;
	int rc = FRONTIER_ENOMEM;

	engine_stat(e, &s);
	if (v != NULL)
		rc = report_why(v, c, url, halted(&s), s.now_ms, out);
	if (rc != 0)
		answer_unread(out, rc, &s);
	frontier_view_close(v);
}

void
answer_host(
    struct engine *e, const struct config *c, const char *name, FILE *out)
{
	struct frontier_view *v = frontier_view_here(engine_frontier(e));
	struct engine_stat s;
	struct view_host h;
	int rc = FRONTIER_ENOMEM;

	engine_stat(e, &s);
	if (v != NULL && view_host_named(v, name, &h) == 1)
		engine_save_host(e, h.hash);
	if (v != NULL)
		rc = report_host(v, c, name, s.now_ms, out);
	if (rc == 0)
		answer_error(out, 7, REPORT_NO_HOST);
	else if (rc < 0)
		answer_unread(out, rc, &s);
	frontier_view_close(v);
}

/* ---- the walk over all hosts and seeds ---------------------------------- */

struct silent_answer {
	struct frontier_view *view;
	struct silent *walk;
	int64_t since_ms;
};

static void
silent_end(void *arg)
{
	struct silent_answer *a = arg;

	silent_free(a->walk);
	frontier_view_close(a->view);
	free(a);
}

static int
silent_turn(void *arg, FILE *out)
{
	struct silent_answer *a = arg;
	int rc = silent_step(a->walk);

	if (rc == 0)
		silent_report(a->walk, a->since_ms, out);
	else if (rc < 0)
		answer_error(out, 1, frontier_strerror(rc));
	return rc == 1;
}

void
answer_silent(struct engine *e, FILE *out, struct control_steps *steps)
{
	struct silent_answer *a = calloc(1, sizeof *a);
	struct engine_stat s;

	engine_stat(e, &s);
	if (a == NULL ||
	    (a->view = frontier_view_here(engine_frontier(e))) == NULL ||
	    (a->walk = silent_new(a->view, s.now_ms)) == NULL) {
		answer_error(out, 1, "no memory");
		if (a != NULL)
			silent_end(a);
		return;
	}
	a->since_ms = s.started_ms;
	*steps = (struct control_steps){silent_turn, silent_end, a};
}

/* ---- the list of seeds -------------------------------------------------- */

/* All of them twice, as members and as facts: of 10^6 neither is kept. */
struct seeds_answer {
	struct frontier_view *view;
	struct words words;
	int64_t now;
	uint32_t next;
	void (*report)(struct words *, const struct view_seed *, int64_t now);
	struct view_seed seed;
};

static void
seeds_end(void *arg)
{
	struct seeds_answer *a = arg;

	words_drop(&a->words);
	frontier_view_close(a->view);
	free(a);
}

static int
seeds_turn(void *arg, FILE *out)
{
	struct seeds_answer *a = arg;
	uint32_t all = view_seed_count(a->view);
	int i;

	(void)out; /* the words' own since words_begin() */
	for (i = 0; i < SILENT_STEP && a->next <= all; i++, a->next++)
		if (view_seed(a->view, a->next, &a->seed) == 1 &&
		    !a->seed.removed)
			a->report(&a->words, &a->seed, a->now);
	if (a->next <= all)
		return 1;
	if (a->report == report_seed) {
		words_close(&a->words, ']');
		words_facts(&a->words);
		a->report = report_seed_fact;
		a->next = 1;
		return 1;
	}
	words_end(&a->words);
	return 0;
}

void
answer_seeds(struct engine *e, FILE *out, struct control_steps *steps)
{
	struct seeds_answer *a = calloc(1, sizeof *a);
	struct engine_stat s;

	engine_stat(e, &s);
	if (a == NULL ||
	    (a->view = frontier_view_here(engine_frontier(e))) == NULL ||
	    words_begin(&a->words, out) != 0) {
		answer_error(out, 1, "no memory");
		if (a != NULL)
			seeds_end(a);
		return;
	}
	a->now = s.now_ms;
	a->next = 1;
	a->report = report_seed;
	words_open(&a->words, "seeds", '[');
	*steps = (struct control_steps){seeds_turn, seeds_end, a};
}
