/* daemon.c - see daemon.h.
 *
 * Invariants
 *  W1  READY=1 is said only when the control socket answers.
 *  W2  A reload that fails changes nothing.
 *  W3  WATCHDOG=1 is said from the loop's own timer: a loop that hangs is
 *      restarted, a busy one is not. */
#include "crawler/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>

#include "config/config.h"
#include "crawler/answer.h"
#include "crawler/control.h"
#include "crawler/engine.h"
#include "crawler/log.h"
#include "crawler/notify.h"
#include "crawler/report.h"
#include "crawler/seeds.h"
#include "crawler/spool.h"

struct server {
	struct config *config;
	const char *file;
	const struct overrides *overrides;
	struct event_base *base;
	struct engine *engine;
	struct control *control;
	struct spool *spool;
	struct event *signals[4], *watchdog;
	enum engine_end end;
};

/* ---- seeds ------------------------------------------------------------------------ */

struct seed_count {
	struct server *server;
	const char *from;
	unsigned added, known, bad, told;
	FILE *answer; /* NULL: bad lines go to the log */
};

static void
seed_cb(void *arg, const struct seed_line *line)
{
	struct seed_count *n = arg;
	int rc = engine_add_seed(n->server->engine, line);

	n->added += rc == 1;
	n->known += rc == 0;
	n->bad += rc < 0;
}

static void
bad_cb(void *arg, unsigned line, const char *what)
{
	struct seed_count *n = arg;
	char text[512];

	n->bad++;
	if (n->answer == NULL) {
		log_warn("seed list has a bad line file=%s line=%u what=%s",
		    n->from, line, what);
		return;
	}
	if (n->told++ >= 100)
		return;
	snprintf(text, sizeof text, "line %u: %s", line, what);
	if (n->told > 1)
		fputc(',', n->answer);
	json_put_string(n->answer, text);
}

static int
take_list(void *arg, const char *path)
{
	struct server *s = arg;
	struct seed_count n = { .server = s, .from = path };
	struct seeds_reader r = { seed_cb, bad_cb, &n };

	if (seeds_read_file(path, &r) != 0) {
		log_error("cannot read a seed list file=%s error=%s", path,
		    strerror(errno));
		return -1;
	}
	if (engine_commit(s->engine) != 0)
		return -1;
	log_notice("seed list taken file=%s new=%u known=%u bad=%u", path,
	    n.added, n.known, n.bad);
	return 0;
}

static void
take_lists(struct server *s)
{
	const char *const *f = config_values(s->config)->seeds_files;

	for (; *f != NULL; f++)
		(void)take_list(s, *f);
}

/* ---- reload -------------------------------------------------------------------------- */

static int
reload(struct server *s, char *err, size_t errlen)
{
	struct config *fresh;
	char *changes = NULL, *line, *save = NULL;
	size_t len;
	FILE *f;

	notify_send("RELOADING=1");
	if (config_load(&fresh, s->file, s->overrides->v, environ, err,
		errlen) != CONFIG_OK) {
		log_error("reload failed, the old settings stay: %s", err);
		notify_send("READY=1");
		return -1;
	}
	if ((f = open_memstream(&changes, &len)) != NULL) {
		config_diff(s->config, fresh, f);
		fclose(f);
		for (line = strtok_r(changes, "\n", &save); line != NULL;
		     line = strtok_r(NULL, "\n", &save))
			log_notice("setting changed %s", line);
		free(changes);
	}
	engine_set_config(s->engine, fresh);
	config_free(s->config);
	s->config = fresh;
	startup_log(fresh);
	take_lists(s);
	log_notice("reloaded");
	notify_send("READY=1");
	return 0;
}

/* ---- control --------------------------------------------------------------------------- */

struct request {
	const char *arg, *rest; /* behind the command; behind its line */
	size_t len;		/* of rest */
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
	struct seed_count n = { .server = s, .from = "control",
		.answer = r->out };
	struct seeds_reader reader = { seed_cb, bad_cb, &n };
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

	if (reload(s, err, sizeof err) == 0)
		fputs("{\"ok\":true}\n", r->out);
	else
		answer_error(r->out, 4, err);
}

static void
do_stop(struct server *s, const struct request *r)
{
	fputs("{\"ok\":true}\n", r->out);
	engine_stop(s->engine, ENGINE_STOPPED);
}

static const struct {
	const char *name;
	int has_arg;
	void (*run)(struct server *, const struct request *);
} commands[] = { { "status", 0, do_status }, { "silent", 0, do_silent },
	{ "seed add", 0, do_seed_add }, { "seed list", 0, do_seed_list },
	{ "why", 1, do_why }, { "host", 1, do_host },
	{ "pause", 0, do_pause }, { "resume", 0, do_resume },
	{ "reload", 0, do_reload }, { "stop", 0, do_stop } };

static void
handle(void *arg, const char *command, const char *rest, size_t len, FILE *out,
    struct control_steps *steps)
{
	struct request r = { NULL, rest, len, out, steps };
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

/* ---- the loop ----------------------------------------------------------------------------- */

static void
ended_cb(void *arg, enum engine_end end)
{
	struct server *s = arg;

	s->end = end;
	event_base_loopbreak(s->base);
}

static void
term_cb(evutil_socket_t sig, short what, void *arg)
{
	struct server *s = arg;

	(void)what;
	log_notice("stopping signal=%d", (int)sig);
	notify_send("STOPPING=1");
	engine_stop(s->engine, ENGINE_STOPPED);
}

static void
hup_cb(evutil_socket_t sig, short what, void *arg)
{
	char err[4096];

	(void)sig;
	(void)what;
	(void)reload(arg, err, sizeof err);
}

static void
watchdog_cb(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	struct engine_stat st;

	(void)fd;
	(void)what;
	engine_stat(s->engine, &st);
	notify_send("WATCHDOG=1\nSTATUS=%s%llu articles, %llu pages, %llu to do",
	    st.room.why == NULL	 ? ""
		: st.room.no_space ? "paused: no room; "
				   : "paused: cannot write; ",
	    (unsigned long long)st.outlet.records,
	    (unsigned long long)st.visit.fetched,
	    (unsigned long long)st.frontier.due);
}

static int
server_signals(struct server *s)
{
	static const struct {
		int sig;
		event_callback_fn cb;
	} on[] = { { SIGTERM, term_cb }, { SIGINT, term_cb },
		{ SIGHUP, hup_cb } };
	int64_t ms = notify_watchdog_ms();
	struct timeval tv;
	size_t i;

	for (i = 0; i < sizeof on / sizeof *on; i++)
		if ((s->signals[i] = evsignal_new(s->base, on[i].sig, on[i].cb,
			 s)) == NULL ||
		    event_add(s->signals[i], NULL) != 0)
			return -1;
	if (ms <= 0)
		ms = 10000; /* STATUS= alone */
	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	s->watchdog = event_new(s->base, -1, EV_PERSIST, watchdog_cb, s);
	return s->watchdog == NULL || event_add(s->watchdog, &tv) != 0 ? -1 : 0;
}

static int
server_open(struct server *s, struct zygote *z, char *err, size_t errlen)
{
	const struct config_values *v = config_values(s->config);
	struct engine_options o = { .queue_dir = v->queue_dir,
		.state_dir = v->state_dir,
		.ended = ended_cb,
		.arg = s };
	int rc;

	snprintf(err, errlen, "cannot make the event loop");
	if ((s->base = startup_loop()) == NULL)
		return 1;
	if ((rc = engine_new(&s->engine, s->base, s->config, z, &o, err,
		 errlen)) != 0)
		return rc;
	if (control_new(&s->control, s->base, v->control_socket, handle, s, err,
		errlen) != 0)
		return 1;
	if (v->seeds_spool[0] != '\0' &&
	    spool_new(&s->spool, s->base, v->seeds_spool, take_list, s, err,
		errlen) != 0)
		return 1;
	snprintf(err, errlen, "cannot watch signals");
	return server_signals(s) != 0;
}

static void
server_close(struct server *s)
{
	size_t i;

	control_free(s->control);
	spool_free(s->spool);
	for (i = 0; i < sizeof s->signals / sizeof *s->signals; i++)
		if (s->signals[i] != NULL)
			event_free(s->signals[i]);
	if (s->watchdog != NULL)
		event_free(s->watchdog);
	engine_free(s->engine);
	if (s->base != NULL)
		startup_loop_free(s->base);
	config_free(s->config);
}

int
daemon_run(struct config *config, const char *file,
    const struct overrides *overrides, struct zygote *z)
{
	struct server s = { .config = config,
		.file = file,
		.overrides = overrides };
	char err[1024];
	int rc = server_open(&s, z, err, sizeof err);

	if (rc != 0) {
		log_error("cannot start: %s", err);
		server_close(&s);
		return rc;
	}
	take_lists(&s);
	if (s.spool != NULL)
		spool_scan(s.spool);
	engine_start(s.engine);
	log_notice("started version=%s queue=%s state=%s", WINNOW_VERSION,
	    config_values(s.config)->queue_dir,
	    config_values(s.config)->state_dir);
	notify_send("READY=1");
	event_base_dispatch(s.base);
	log_notice("stopped");
	server_close(&s);
	return s.end == ENGINE_BROKEN; /* the service manager starts anew */
}
