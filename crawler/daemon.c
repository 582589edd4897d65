/* daemon.c - see daemon.h.
 *
 * Invariants
 *  W3  A reload that fails changes nothing.
 * W1 and W2 stand in alive.h. */
#include "crawler/daemon_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>

#include "config/config.h"
#include "crawler/alive.h"
#include "crawler/control.h"
#include "crawler/log.h"
#include "crawler/spool.h"
#include "crawler/web.h"

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
	alive_stopping(s->alive);
	engine_stop(s->engine, ENGINE_STOPPED);
}

static void
hup_cb(evutil_socket_t sig, short what, void *arg)
{
	char err[4096];

	(void)sig;
	(void)what;
	(void)daemon_reload(arg, NULL, err, sizeof err);
}

static void
usr1_cb(evutil_socket_t sig, short what, void *arg)
{
	struct server *s = arg;

	(void)sig;
	(void)what;
	engine_reopen_logs(s->engine);
}

static int
server_signals(struct server *s)
{
	static const struct {
		int sig;
		event_callback_fn cb;
	} on[] = { { SIGTERM, term_cb }, { SIGINT, term_cb },
		{ SIGHUP, hup_cb }, { SIGUSR1, usr1_cb } };
	size_t i;

	for (i = 0; i < sizeof on / sizeof *on; i++)
		if ((s->signals[i] = evsignal_new(s->base, on[i].sig, on[i].cb,
			 s)) == NULL ||
		    event_add(s->signals[i], NULL) != 0)
			return -1;
	return 0;
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
	if ((s->base = startup_loop()) == NULL ||
	    alive_new(&s->alive, s->base) != 0)
		return 1;
	if ((rc = engine_new(&s->engine, s->base, s->config, z, &o, err,
		 errlen)) != 0)
		return rc;
	if (control_new(&s->control, s->base, v->control_socket, requests_handle, s, err,
		errlen) != 0)
		return 1;
	if (web_new(&s->web, s->base, s->engine, s->config, err, errlen) != 0)
		return 1;
	if (v->seeds_spool[0] != '\0' &&
	    spool_new(&s->spool, s->base, v->seeds_spool, daemon_take_list, s, err,
		errlen) != 0)
		return 1;
	snprintf(err, errlen, "cannot watch signals");
	return server_signals(s) != 0 || alive_start(s->alive, s->engine) != 0;
}

static void
server_close(struct server *s)
{
	size_t i;

	control_free(s->control);
	web_free(s->web);
	spool_free(s->spool);
	for (i = 0; i < sizeof s->signals / sizeof *s->signals; i++)
		if (s->signals[i] != NULL)
			event_free(s->signals[i]);
	alive_free(s->alive);
	engine_free(s->engine);
	if (s->base != NULL)
		startup_loop_free(s->base);
	config_free(s->config);
}

/* A reload that is asked for during a long start comes after it: the settings
 * have been read by then. (A signal that is held is kept, though ignored.) */
static void
hold_reloads(int how)
{
	sigset_t hup;

	sigemptyset(&hup);
	sigaddset(&hup, SIGHUP);
	sigprocmask(how, &hup, NULL);
}

int
daemon_run(struct config *config, const char *file,
    const struct overrides *overrides, struct zygote *z)
{
	struct server s = { .config = config,
		.file = file,
		.overrides = overrides };
	char err[1024];
	int rc;

	/* What asks for a reload, or turns the logs, ends no daemon that begins
	 * or ends: server_signals()' handlers give way to these again. */
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	hold_reloads(SIG_BLOCK);
	if ((rc = server_open(&s, z, err, sizeof err)) != 0) {
		log_error("cannot start error=%s", err);
		if (s.alive != NULL)
			alive_failed(s.alive, err);
		server_close(&s);
		return rc;
	}
	hold_reloads(SIG_UNBLOCK);
	daemon_take_lists(&s);
	if (s.spool != NULL)
		spool_scan(s.spool);
	engine_start(s.engine);
	log_notice("started version=%s queue=%s state=%s", WINNOW_VERSION,
	    config_values(s.config)->queue_dir,
	    config_values(s.config)->state_dir);
	event_base_dispatch(s.base);
	server_close(&s);
	log_each(LOG_NOTICE, "stopped"); /* nothing is said behind it */
	return s.end == ENGINE_BROKEN; /* the service manager starts anew */
}
