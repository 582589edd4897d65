/* daemon_parts.h - what the daemon's own files share; nobody else includes it.
 *
 *	daemon.c	opened, run, ended; signals; words for the manager
 *	daemon_seeds.c	lists of seeds, and a reload
 *	requests.c	what clients of the control socket ask for */
#ifndef DAEMON_PARTS_H
#define DAEMON_PARTS_H

#include <stddef.h>
#include <stdio.h>

#include "crawler/control.h"
#include "crawler/daemon.h"
#include "crawler/engine.h"
#include "crawler/seeds.h"

struct alive;
struct event;
struct event_base;
struct spool;
struct words;
struct web;

struct server {
	struct config *config;
	const char *file;
	const struct overrides *overrides;
	struct event_base *base;
	struct engine *engine;
	struct control *control;
	struct spool *spool;
	struct web *web;
	struct alive *alive;
	struct event *signals[4];
	enum engine_end end;
};

/* ---- daemon_seeds.c ----------------------------------------------------- */
struct seed_count {
	struct server *server;
	const char *from;
	int remove; /* they go */
	unsigned added, known, removed, bad, told;
	struct words *words; /* an answer; NULL: bad lines go to the log */
};
/* Callbacks of seeds.h; arg is a seed_count. */
void daemon_seed(void *arg, const struct seed_line *);
void daemon_bad_line(void *arg, unsigned line, const char *what);
/* A list in a file: 0, or -1: not taken, the log says why. arg is the server.
 */
int daemon_take_list(void *arg, const char *path);
void daemon_take_lists(struct server *); /* those of seeds.files */

/* Reads the configuration again (W3). 0, or -1 with words. changes: "name: old
 * -> new" by line, malloced; may be NULL. */
int daemon_reload(struct server *, char **changes, char *err, size_t errlen);

/* ---- requests.c: the control socket's handle() -------------------------- */
control_handle requests_handle;

#endif
