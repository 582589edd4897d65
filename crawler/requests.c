/* requests.c - what clients of the control socket may ask for: one table. */
#include "crawler/daemon_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "crawler/alive.h"
#include "crawler/answer.h"
#include "crawler/report.h"

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
do_seed_add(struct server *s, const struct request *r)
{
	struct seed_count n = {
	    .server = s, .from = "control", .answer = r->out};
	struct seeds_reader reader = {daemon_seed, daemon_bad_line, &n};
	struct engine_stat st;

	fputs("{\"ok\":true,\"problems\":[", r->out);
	(void)seeds_read_text(r->rest, r->len, &reader);
	fprintf(r->out, "],\"added\":%u,\"known\":%u,\"bad\":%u,", n.added,
	    n.known, n.bad);
	if (engine_commit(s->engine) == 0) {
		fputs("\"durable\":true}\n", r->out);
		return;
	}
	engine_stat(s->engine, &st);
	fputs("\"durable\":false,\"blocked\":", r->out);
	json_put_string(r->out, st.room.why);
	fprintf(r->out, ",\"blocked_for\":\"%s\"}\n",
	    st.room.no_space ? "space" : "fault");
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

static void
do_pause(struct server *s, const struct request *r)
{
	engine_pause(s->engine, 1);
	fputs("{\"ok\":true}\n", r->out);
}

static void
do_resume(struct server *s, const struct request *r)
{
	engine_pause(s->engine, 0);
	fputs("{\"ok\":true}\n", r->out);
}

static void
do_reload(struct server *s, const struct request *r)
{
	char err[4096];

	if (daemon_reload(s, NULL, err, sizeof err) == 0)
		fputs("{\"ok\":true}\n", r->out);
	else
		answer_error(r->out, 4, err);
}

static void
do_stop(struct server *s, const struct request *r)
{
	fputs("{\"ok\":true}\n", r->out);
	alive_stopping(s->alive);
	engine_stop(s->engine, ENGINE_STOPPED);
}

static const struct {
	const char *name;
	int has_arg;
	void (*run)(struct server *, const struct request *);
} commands[] = {{"status", 0, do_status}, {"silent", 0, do_silent},
    {"seed add", 0, do_seed_add}, {"seed list", 0, do_seed_list},
    {"why", 1, do_why}, {"host", 1, do_host}, {"pause", 0, do_pause},
    {"resume", 0, do_resume}, {"reload", 0, do_reload}, {"stop", 0, do_stop}};

void
requests_handle(void *arg, const char *command, const char *rest, size_t len,
    FILE *out, struct control_steps *steps)
{
	struct request r = {NULL, rest, len, out, steps};
	size_t i, n;

	for (i = 0; i < sizeof commands / sizeof *commands; i++) {
		n = strlen(commands[i].name);
		if (strncmp(command, commands[i].name, n) != 0 ||
		    command[n] != (commands[i].has_arg ? ' ' : '\0'))
			continue;
		r.arg = command + n + commands[i].has_arg;
		if (commands[i].has_arg && *r.arg == '\0')
			break;
		commands[i].run(arg, &r);
		return;
	}
	answer_error(out, 2, "unknown command");
}
