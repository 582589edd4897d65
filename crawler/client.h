/* client.h - what the commands that talk to the daemon, or read its state, have
 * in common: their options, where the daemon is, and how an answer is shown. */
#ifndef CLIENT_H
#define CLIENT_H

#include <stddef.h>

#include "crawler/startup.h"

struct config;

struct client {
	const char *who; /* "winnow why", for messages */
	const char *config_file, *socket, *dir;
	int json, silent;
	int patience; /* seconds without an answer; 0: any */
	int watch;    /* seconds between two looks; 0: one is enough */
	struct overrides overrides;
	struct config *config; /* client_config() */
	char socket_path[4096], state_dir[4096];
};

/* Reads options into c, which the dispatcher has checked; optind is behind them.
 * 0, or -1 with the reason on stderr. */
int client_options(struct client *c, int argc, char **argv);
void client_clear(struct client *);

/* The settings, and where daemon and state are by them, or the state below
 * -o DIR. 0, or an exit status with the reason on stderr. */
int client_config(struct client *);

/* Asks the daemon and shows its answer. The exit status. */
int client_ask(
    struct client *, const char *command, const void *rest, size_t len);
/* The same again and again, until somebody ends it: client_watch.c. */
int client_watch(struct client *, const char *command);
/* Shows an answer: as it came, or in words. The exit status it stands for. */
int client_print(const struct client *, char *answer);

/* `winnow status --silent`: cmd_look.c. */
int look_silent(struct client *);

#endif
