/* client.c - see client.h. */
#include "crawler/client.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleaner/winnow.h"
#include "config/config.h"
#include "crawler/control.h"
#include "crawler/words.h"

#define WATCH 2 /* seconds between two looks */

int
client_options(struct client *c, int argc, char **argv)
{
	static const struct option longs[] = {{"json", 0, NULL, 'j'},
	    {"silent", 0, NULL, 'q'},
	    {"watch", optional_argument, NULL, 'w'}, {0}};
	int o;

	optind = 1;
	while ((o = getopt_long(argc, argv, "c:s:o:O:w::", longs, NULL)) != -1)
		switch (o) {
		case 'c':
			c->config_file = optarg;
			break;
		case 's':
			c->socket = optarg;
			break;
		case 'o':
			c->dir = optarg;
			break;
		case 'O':
			if (overrides_add(&c->overrides, optarg) != 0)
				return -1;
			break;
		case 'j':
			c->json = 1;
			break;
		case 'q':
			c->silent = 1;
			break;
		case 'w':
			c->watch = optarg != NULL ? atoi(optarg) : WATCH;
			if (c->watch >= 1 && c->watch <= 3600)
				break;
			fprintf(stderr,
			    "%s: --watch '%s': give seconds from 1 to 3600\n",
			    c->who, optarg);
			return -1;
		default:
			return -1;
		}
	return 0;
}

void
client_clear(struct client *c)
{
	overrides_clear(&c->overrides);
	config_free(c->config);
}

/* A crawl reads no file but the one it is given. */
static const char *
config_file(const struct client *c)
{
	if (c->config_file != NULL || c->dir != NULL)
		return c->config_file;
	return access(STARTUP_FILE, R_OK) == 0 ? STARTUP_FILE : NULL;
}

int
client_config(struct client *c)
{
	const struct config_values *v;
	int rc;

	if (c->config != NULL)
		return 0;
	if ((rc = startup_config(
		 c->who, &c->config, config_file(c), &c->overrides)) != 0)
		return rc;
	v = config_values(c->config);
	snprintf(c->socket_path, sizeof c->socket_path, "%s",
	    c->socket != NULL ? c->socket : v->control_socket);
	snprintf(c->state_dir, sizeof c->state_dir, "%s", v->state_dir);
	if (c->dir == NULL)
		return 0;
	snprintf(c->state_dir, sizeof c->state_dir, "%s/state", c->dir);
	if (access(c->state_dir, F_OK) != 0)
		snprintf(c->state_dir, sizeof c->state_dir, "%s", c->dir);
	return 0;
}

/* The exit status an answer stands for: an error's own, 6 or 1 when what was sent
 * is in memory only (the disk is full, or fails), 5 when some of what was
 * sent is bad or something has fallen silent, 7 for a URL that was never met.
 * Before anything changes the text. */
static int
client_status(const char *answer)
{
	static const char error[] = "{\"ok\":false,\"status\":",
			  bad[] = "\"bad\":";
	const char *p;

	if (strncmp(answer, error, sizeof error - 1) == 0)
		return atoi(answer + sizeof error - 1);
	if (strncmp(answer, "{\"ok\":true", 10) != 0)
		return 1;
	if (strstr(answer, ",\"stored\":false") != NULL)
		return 7;
	if (strstr(answer, ",\"removed\":0,") != NULL)
		return 7;
	if (strstr(answer, ",\"any_silent\":true") != NULL)
		return 5;
	if (strstr(answer, ",\"durable\":false") != NULL)
		return strstr(answer, ",\"blocked_for\":\"space\"") != NULL ? 6
									: 1;
	p = strstr(answer, bad);
	return p != NULL && atoi(p + sizeof bad - 1) > 0 ? 5 : 0;
}

static void
client_print_error(const struct client *c, char *answer)
{
	struct winnow_json j;
	struct winnow_json_value v;
	char *line, *rest;

	if (winnow_json_begin(&j, answer, strlen(answer)) != 0)
		return;
	while (winnow_json_next(&j, &v) == 1) {
		if (v.key == NULL || strcmp(v.key, "error") != 0 ||
		    v.type != WINNOW_JSON_STRING)
			continue;
		for (rest = v.s; (line = strsep(&rest, "\n")) != NULL;)
			if (*line != '\0')
				fprintf(stderr, "%s: %s\n", c->who,
				    words_plain(line));
	}
}

int
client_print(const struct client *c, char *answer)
{
	struct words_style style = words_style_of(stdout);
	int rc = client_status(answer);

	if (c->json)
		fputs(answer, stdout);
	else if (strncmp(answer, "{\"ok\":true", 10) == 0)
		(void)words_print(answer, &style, stdout);
	else
		client_print_error(c, answer);
	return rc;
}

int
client_ask(struct client *c, const char *command, const void *rest, size_t len)
{
	char *answer, err[512];
	int rc = client_config(c);

	if (rc != 0)
		return rc;
	if (control_ask(c->socket_path, command, rest, len, c->patience,
		&answer, err, sizeof err) != 0) {
		fprintf(stderr, "%s: %s\n", c->who, err);
		return 3;
	}
	rc = client_print(c, answer);
	free(answer);
	return rc;
}
