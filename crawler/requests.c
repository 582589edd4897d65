/* requests.c - what clients of the control socket may ask for: one table.
 *
 * Invariants
 *  RQ1 A guest (a member of the daemon's group) may look, and may add seeds, as
 *      he may by the spool folder; what changes how it goes is for root and the
 *      daemon's own user.
 *  RQ2 What is changed for good is durable when the answer says so. */
#include "crawler/daemon_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/alive.h"
#include "crawler/answer.h"
#include "crawler/frontier.h"
#include "crawler/log.h"
#include "crawler/report.h"
#include "crawler/scope.h"
#include "crawler/words.h"

struct request {
	const char *arg, *rest; /* behind the command; behind its line */
	size_t len;             /* of rest */
	FILE *out;
	struct control_steps *steps;
};

static void
do_status(struct server *s, const struct request *r)
{
	report_status(s->engine, r->out);
}

static void
do_silent(struct server *s, const struct request *r)
{
	answer_silent(s->engine, r->out, r->steps);
}

static void
do_seed_list(struct server *s, const struct request *r)
{
	answer_seeds(s->engine, r->out, r->steps);
}

static void
do_why(struct server *s, const struct request *r)
{
	answer_why(s->engine, s->config, r->arg, r->out);
}

static void
do_host(struct server *s, const struct request *r)
{
	answer_host(s->engine, s->config, r->arg, r->out);
}

/* ---- what changes how it goes ------------------------------------------ */

/* Makes it durable now, and says whether it is. */
static void
put_durable(struct words *w, struct server *s)
{
	struct engine_stat st;
	int durable = engine_commit(s->engine) == 0;

	words_bool(w, "durable", durable);
	if (durable)
		return;
	engine_stat(s->engine, &st);
	words_string(w, "blocked", st.room.why);
	words_string(w, "blocked_for", st.room.no_space ? "space" : "fault");
	words_tell(w, WORDS_BAD, "not durable", "a restart would forget it: %s",
	    st.room.why != NULL ? st.room.why : "the state cannot be written");
}

/* Lines of a list, each of which is done something with. */
static void
seed_lines(const struct request *r, struct words *w, struct seed_count *n)
{
	struct seeds_reader reader = {daemon_seed, daemon_bad_line, n};

	words_open(w, "problems", '[');
	(void)seeds_read_text(r->rest, r->len, &reader);
	words_close(w, ']');
}

static void
do_seed_add(struct server *s, const struct request *r)
{
	struct words w;
	struct seed_count n = {.server = s, .from = "control", .words = &w};

	if (words_begin(&w, r->out) != 0)
		return;
	seed_lines(r, &w, &n);
	words_int(&w, "added", n.added);
	words_int(&w, "known", n.known);
	words_int(&w, "bad", n.bad);
	words_say(&w, "seeds", "%u added, %u known before", n.added, n.known);
	put_durable(&w, s);
	words_end(&w);
}

static void
do_seed_rm(struct server *s, const struct request *r)
{
	struct words w;
	struct seed_count n = {
	    .server = s, .from = "control", .words = &w, .remove = 1};

	if (words_begin(&w, r->out) != 0)
		return;
	seed_lines(r, &w, &n);
	words_int(&w, "removed", n.removed);
	words_int(&w, "bad", n.bad);
	words_say(&w, "seeds", "%u taken away", n.removed);
	if (n.removed > 0)
		log_notice("seeds taken away n=%u", n.removed);
	put_durable(&w, s);
	words_end(&w);
}

static void
do_pause(struct server *s, const struct request *r)
{
	struct words w;

	if (words_begin(&w, r->out) != 0)
		return;
	engine_pause(s->engine, 1);
	log_notice("paused by winnow pause");
	words_string(&w, "state", "paused");
	words_say(&w, "paused",
	    "nothing new is fetched, over restarts too, "
	    "until winnow resume");
	put_durable(&w, s);
	words_end(&w);
}

static void
do_resume(struct server *s, const struct request *r)
{
	struct engine_stat st;
	struct words w;

	if (words_begin(&w, r->out) != 0)
		return;
	engine_stat(s->engine, &st);
	engine_pause(s->engine, 0);
	if (st.paused)
		log_notice("resumed by winnow resume");
	words_string(&w, "state", "running");
	words_say(&w, "running", "%s%s%s",
	    st.paused ? "fetching goes on" : "it was not paused",
	    st.room.why != NULL ? "; but " : "",
	    st.room.why != NULL ? st.room.why : "");
	put_durable(&w, s);
	words_end(&w);
}

/* Of n changes some wait. */
static void
say_restart(struct words *w, int n, int later)
{
	if (n == later)
		words_tell(w, WORDS_LOOK, "restart",
		    "%s effect with the next start",
		    words_noun(n, "it takes", "they take"));
	else
		words_tell(w, WORDS_LOOK, "restart",
		    "%d of them %s effect with the next start", later,
		    words_noun(later, "takes", "take"));
}

/* Lines of config_diff(): what each changes, and what waits for a restart. */
static void
put_changes(struct words *w, char *changes)
{
	char *line, *save = NULL;
	int n = 0, later = 0;

	words_open(w, "changes", '[');
	for (line = strtok_r(changes, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save), n++) {
		words_string(w, NULL, line);
		words_say(w, n == 0 ? "changed" : "", "%s", line);
		later += strstr(line, "from the next start on") != NULL;
	}
	words_close(w, ']');
	words_int(w, "restart_wanted", later);
	if (n == 0)
		words_say(w, "changed",
		    "no setting; lists of seeds were read "
		    "again");
	if (later > 0)
		say_restart(w, n, later);
}

static void
do_reload(struct server *s, const struct request *r)
{
	char err[4096], *changes = NULL;
	struct words w;

	if (daemon_reload(s, &changes, err, sizeof err) != 0)
		answer_error(r->out, 4, err);
	else if (words_begin(&w, r->out) == 0) {
		if (changes != NULL)
			put_changes(&w, changes);
		words_end(&w);
	}
	free(changes);
}

static void
do_stop(struct server *s, const struct request *r)
{
	fputs("{\"ok\":true}\n", r->out);
	alive_stopping(s->alive);
	engine_stop(s->engine, ENGINE_STOPPED);
}

/* ---- what takes a while ------------------------------------------------ */

/* Somebody waits until it is done; it goes on when he is gone. */
struct wait {
	struct server *server;
	enum { DRAIN, FLUSH, FORGET } what;
	uint64_t host;
	char name[FRONTIER_HOST_NAME];
};

#define WAIT_MS 20

static int
goes_on(const struct wait *w)
{
	struct engine *e = w->server->engine;

	return w->what == FORGET ? engine_forgetting(e, w->host)
				 : engine_draining(e) || engine_flushing(e);
}

static void
wait_done(const struct wait *a, FILE *out)
{
	struct engine_stat st;
	char n[WORDS_SPAN];
	struct words w;

	engine_stat(a->server->engine, &st);
	if (a->what == DRAIN && !st.paused) {
		answer_error(out, 1, "not drained: winnow resume came first");
		return;
	}
	if (words_begin(&w, out) != 0)
		return;
	if (a->what == FORGET) {
		words_string(&w, "host", a->name);
		words_say(&w, "forgotten",
		    "%s: its addresses, robots.txt and "
		    "all that was known of it",
		    a->name);
		put_durable(&w, a->server);
	} else {
		words_string(&w, "state", st.paused ? "paused" : "running");
		words_int(&w, "records", (int64_t)st.queue.records);
		words_int(&w, "files", (int64_t)st.queue.files);
		words_say(&w, a->what == DRAIN ? "drained" : "flushed",
		    "%s %s in %llu sealed %s%s",
		    words_count(n, st.queue.records),
		    words_noun(st.queue.records, "record lies", "records lie"),
		    (unsigned long long)st.queue.files,
		    words_noun(st.queue.files, "file", "files"),
		    a->what == DRAIN ? "; nothing is fetched until winnow "
				       "resume"
				     : "");
	}
	words_end(&w);
}

static int
wait_step(void *arg, FILE *out)
{
	const struct wait *w = arg;
	struct engine_stat st;

	if (!goes_on(w)) {
		wait_done(w, out);
		return 0;
	}
	engine_stat(w->server->engine, &st);
	if (st.unwritable == NULL)
		return WAIT_MS;
	answer_error(out, st.room.no_space ? 6 : 1, st.unwritable);
	return 0;
}

static void
wait_for(struct server *s, const struct request *r, const struct wait *what)
{
	struct wait *w = malloc(sizeof *w);

	if (w == NULL) {
		answer_error(r->out, 1, "no memory");
		return;
	}
	*w = *what;
	w->server = s;
	*r->steps = (struct control_steps){wait_step, free, w};
}

static void
do_drain(struct server *s, const struct request *r)
{
	log_notice("draining by winnow drain");
	engine_drain(s->engine);
	wait_for(s, r, &(struct wait){.what = DRAIN});
}

static void
do_flush(struct server *s, const struct request *r)
{
	engine_flush(s->engine);
	wait_for(s, r, &(struct wait){.what = FLUSH});
}

/* ---- one host ---------------------------------------------------------- */

/* Its key, and its name in normal form. 0, -1: no host's name, answered. */
static int
host_named(struct server *s, const struct request *r, uint64_t *host,
    char name[FRONTIER_HOST_NAME])
{
	const char *scheme = strstr(r->arg, "://") != NULL ? "" : "http://";
	struct winnow_url u;
	char url[512];
	int n = snprintf(url, sizeof url, "%s%s", scheme, r->arg);

	if (n >= (int)sizeof url ||
	    winnow_url_parse(&u, url, (size_t)n, NULL, NULL) != 0 ||
	    scope_host(u.href, name, FRONTIER_HOST_NAME) != 0) {
		answer_error(r->out, 2, "that is no host's name, nor a URL");
		return -1;
	}
	*host =
	    winnow_url_key(&u, frontier_seed(engine_frontier(s->engine))).host;
	return 0;
}

static void
host_switch(struct server *s, const struct request *r, int pause)
{
	char name[FRONTIER_HOST_NAME];
	struct words w;
	uint64_t host;
	int rc;

	if (host_named(s, r, &host, name) != 0)
		return;
	rc = engine_host_act(s->engine,
	    pause ? ENGINE_HOST_PAUSE : ENGINE_HOST_RESUME, host, name);
	if (rc < 0) {
		answer_error(r->out, 1, frontier_strerror(rc));
		return;
	}
	if (words_begin(&w, r->out) != 0)
		return;
	if (rc == 1 && pause)
		log_notice("host paused host=%s", name);
	else if (rc == 1)
		log_notice("host resumed host=%s", name);
	words_string(&w, "host", name);
	words_bool(&w, "paused", pause);
	words_say(&w, "host", "%s", name);
	if (pause)
		words_say(&w, "paused",
		    "nothing new of it is fetched, over "
		    "restarts too, until winnow host %s "
		    "resume",
		    name);
	else
		words_say(&w, "running", "%s",
		    rc == 1 ? "it is asked again" : "it was not paused");
	put_durable(&w, s);
	words_end(&w);
}

static void
do_host_pause(struct server *s, const struct request *r)
{
	host_switch(s, r, 1);
}

static void
do_host_resume(struct server *s, const struct request *r)
{
	host_switch(s, r, 0);
}

static void
do_host_forget(struct server *s, const struct request *r)
{
	struct wait w = {.what = FORGET};
	struct frontier_host known;
	int rc;

	if (host_named(s, r, &w.host, w.name) != 0)
		return;
	frontier_host_get(engine_frontier(s->engine), w.host, &known);
	if (known.urls == 0 && known.next_ms == 0 &&
	    !engine_forgetting(s->engine, w.host)) {
		answer_error(r->out, 7, REPORT_NO_HOST);
		return;
	}
	rc = engine_host_act(s->engine, ENGINE_HOST_FORGET, w.host, w.name);
	if (rc < 0)
		answer_error(r->out, 1, frontier_strerror(rc));
	else
		wait_for(s, r, &w);
}

/* ---- the table --------------------------------------------------------- */

enum who { ANYBODY, MASTERS };

/* Names of two words before their first word alone. */
static const struct {
	const char *name;
	int has_arg;
	enum who who;
	void (*run)(struct server *, const struct request *);
} commands[] = {
    {"status", 0, ANYBODY, do_status},
    {"silent", 0, ANYBODY, do_silent},
    {"why", 1, ANYBODY, do_why},
    {"seed list", 0, ANYBODY, do_seed_list},
    {"seed add", 0, ANYBODY, do_seed_add},
    {"seed rm", 0, MASTERS, do_seed_rm},
    {"host pause", 1, MASTERS, do_host_pause},
    {"host resume", 1, MASTERS, do_host_resume},
    {"host forget", 1, MASTERS, do_host_forget},
    {"host", 1, ANYBODY, do_host},
    {"pause", 0, MASTERS, do_pause},
    {"resume", 0, MASTERS, do_resume},
    {"drain", 0, MASTERS, do_drain},
    {"flush", 0, MASTERS, do_flush},
    {"reload", 0, MASTERS, do_reload},
    {"stop", 0, MASTERS, do_stop},
};

/* A client of another version, or a person at nc(1). */
static void
unknown(const char *command, FILE *out)
{
	char *words = NULL;
	size_t len, i;
	FILE *f = open_memstream(&words, &len);

	if (f == NULL) {
		answer_error(out, 2, "unknown command");
		return;
	}
	fprintf(f, "unknown command '%.64s'; there are", command);
	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(f, "%s %s%s", i > 0 ? "," : "", commands[i].name,
		    commands[i].has_arg ? " ..." : "");
	fclose(f);
	answer_error(out, 2, words != NULL ? words : "unknown command");
	free(words);
}

void
requests_handle(void *arg, const struct control_request *q, FILE *out,
    struct control_steps *steps)
{
	struct request r = {NULL, q->rest, q->len, out, steps};
	size_t i, n;

	for (i = 0; i < sizeof commands / sizeof *commands; i++) {
		n = strlen(commands[i].name);
		if (strncmp(q->command, commands[i].name, n) != 0 ||
		    q->command[n] != (commands[i].has_arg ? ' ' : '\0'))
			continue;
		r.arg = q->command + n + commands[i].has_arg;
		if (commands[i].has_arg && *r.arg == '\0')
			break;
		if (commands[i].who == MASTERS && q->peer != CONTROL_MASTER)
			answer_error(out, 1,
			    "that is for root and the daemon's own user; "
			    "members of its group may look, and add seeds");
		else
			commands[i].run(arg, &r);
		return;
	}
	unknown(q->command, out);
}
