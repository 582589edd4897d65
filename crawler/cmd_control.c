/* cmd_control.c - `winnow status|pause|resume|reload|stop`, `winnow seed`,
 * `winnow why`: the client's side of the control socket. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "crawler/control.h"
#include "crawler/crawler_cmds.h"
#include "crawler/frontier.h"
#include "crawler/report.h"
#include "crawler/startup.h"

struct client {
	const char *who, *config_file, *socket, *dir;
	int json;
	char socket_path[4096], state_dir[4096];
};

static const char usage[] =
    "usage: winnow status|pause|resume|reload|stop [-c FILE] [-s SOCKET] "
    "[--json]\n"
    "       winnow seed add [-c FILE] [-s SOCKET] [--json] SEEDS...\n"
    "       winnow seed list [-c FILE] [-s SOCKET] [--json]\n"
    "       winnow why [-c FILE] [-s SOCKET] [-o DIR] [--json] URL\n"
    "-o: the DIR of a crawl, or a state directory; no daemon is asked.\n";

static int
client_options(struct client *c, int argc, char **argv)
{
	static const struct option longs[] = { { "json", 0, NULL, 'j' },
		{ "help", 0, NULL, 'h' }, { 0 } };
	int o;

	optind = 1;
	while ((o = getopt_long(argc, argv, "c:s:o:", longs, NULL)) != -1)
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
		case 'j':
			c->json = 1;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			return -1;
		}
	return 0;
}

/* Where the daemon of this configuration is. */
static int
client_config(struct client *c)
{
	struct overrides none = { 0 };
	struct config *cfg;
	const struct config_values *v;
	const char *file = c->config_file;
	int rc;

	if (file == NULL && access("/etc/winnowd.conf", R_OK) == 0)
		file = "/etc/winnowd.conf";
	if ((rc = startup_config(c->who, &cfg, file, &none)) != 0)
		return rc;
	v = config_values(cfg);
	snprintf(c->socket_path, sizeof c->socket_path, "%s",
	    c->socket != NULL ? c->socket : v->control_socket);
	snprintf(c->state_dir, sizeof c->state_dir, "%s", v->state_dir);
	config_free(cfg);
	return 0;
}

/* The exit status an answer stands for: an error's own, 5 when some of what was
 * sent is bad. Before anything changes the text. */
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
	p = strstr(answer, bad);
	return p != NULL && atoi(p + sizeof bad - 1) > 0 ? 5 : 0;
}

static void
client_print_error(const struct client *c, char *answer)
{
	struct winnow_json j;
	struct winnow_json_value v;

	if (winnow_json_begin(&j, answer, strlen(answer)) != 0)
		return;
	while (winnow_json_next(&j, &v) == 1)
		if (v.key != NULL && strcmp(v.key, "error") == 0 &&
		    v.type == WINNOW_JSON_STRING)
			fprintf(stderr, "%s: %s\n", c->who, v.s);
}

/* Prints an answer: as it came, or in words. Its exit status. */
static int
client_print(const struct client *c, char *answer)
{
	int rc = client_status(answer);

	if (c->json)
		fputs(answer, stdout);
	else if (strncmp(answer, "{\"ok\":true", 10) == 0)
		report_words(answer, stdout);
	else
		client_print_error(c, answer);
	return rc;
}

static int
client_ask(struct client *c, const char *command, const void *rest, size_t len)
{
	char *answer, err[512];
	int rc = client_config(c);

	if (rc != 0)
		return rc;
	if (control_ask(c->socket_path, command, rest, len, &answer, err,
		sizeof err) != 0) {
		fprintf(stderr, "%s: %s\n", c->who, err);
		return 3;
	}
	rc = client_print(c, answer);
	free(answer);
	return rc;
}

int
cmd_control(int argc, char **argv)
{
	struct client c = { .who = "winnow" };

	if (client_options(&c, argc, argv) != 0)
		return 2;
	if (optind != argc) {
		fputs(usage, stderr);
		return 2;
	}
	return client_ask(&c, argv[0], NULL, 0);
}

/* ---- seed ---------------------------------------------------------------------------- */

static int
append(char **b, size_t *len, const void *p, size_t n)
{
	char *grown = realloc(*b, *len + n + 1);

	if (grown == NULL || *len + n > CONTROL_REQUEST_MAX - 64)
		return -1;
	*b = grown;
	memcpy(*b + *len, p, n);
	*len += n;
	(*b)[*len] = '\0';
	return 0;
}

static int
append_file(char **b, size_t *len, const char *from)
{
	FILE *f = strcmp(from, "-") == 0 ? stdin : fopen(from, "re");
	char chunk[65536];
	size_t n;
	int bad = 0;

	if (f == NULL) {
		fprintf(stderr, "winnow seed: cannot read '%s': %s\n", from,
		    strerror(errno));
		return -1;
	}
	while (!bad && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
		bad = append(b, len, chunk, n) != 0;
	if (bad)
		fprintf(stderr,
		    "winnow seed: '%s' is too large to send; drop it into the "
		    "spool folder instead\n",
		    from);
	if (f != stdin)
		fclose(f);
	return bad || append(b, len, "\n", 1) != 0 ? -1 : 0;
}

static int
seed_add(struct client *c, int n, char **from)
{
	char *text = NULL;
	size_t len = 0;
	int i, rc = 1;

	for (i = 0; i < n; i++) {
		if (strncmp(from[i], "http://", 7) == 0 ||
		    strncmp(from[i], "https://", 8) == 0) {
			if (append(&text, &len, from[i], strlen(from[i])) != 0 ||
			    append(&text, &len, "\n", 1) != 0)
				goto out;
		} else if (append_file(&text, &len, from[i]) != 0)
			goto out;
	}
	rc = client_ask(c, "seed add", text, len);
out:
	free(text);
	return rc;
}

int
cmd_seed(int argc, char **argv)
{
	struct client c = { .who = "winnow seed" };

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc < 2 || client_options(&c, argc - 1, argv + 1) != 0) {
		fputs(usage, stderr);
		return 2;
	}
	argc -= 1 + optind;
	if (strcmp(argv[1], "list") == 0 && argc == 0)
		return client_ask(&c, "seed list", NULL, 0);
	if (strcmp(argv[1], "add") == 0 && argc > 0)
		return seed_add(&c, argc, argv + 1 + optind);
	fputs(usage, stderr);
	return 2;
}

/* ---- why ------------------------------------------------------------------------------- */

static int
why_direct(const struct client *c, const char *dir, const char *url)
{
	struct frontier_why w;
	char err[512], *answer = NULL;
	size_t len;
	FILE *f;
	int rc = frontier_why(dir, url, &w, err, sizeof err);

	if (rc < 0) {
		fprintf(stderr, "winnow why: %s\n", err);
		return 1;
	}
	if (rc == 0) {
		fprintf(stderr,
		    "winnow why: '%s' was never found: no page that was "
		    "fetched links to it within the scope\n",
		    url);
		return 7;
	}
	rc = 1;
	if ((f = open_memstream(&answer, &len)) != NULL) {
		report_why(&w, f);
		fclose(f);
		rc = client_print(c, answer);
		free(answer);
	}
	frontier_why_clear(&w);
	return rc;
}

int
cmd_why(int argc, char **argv)
{
	struct client c = { .who = "winnow why" };
	char request[WINNOW_URL_MAX + 16], dir[4096], *answer, err[512];
	int rc;

	if (client_options(&c, argc, argv) != 0)
		return 2;
	if (optind + 1 != argc || strlen(argv[optind]) > WINNOW_URL_MAX) {
		fputs(usage, stderr);
		return 2;
	}
	if (c.dir != NULL) {
		snprintf(dir, sizeof dir, "%s/state", c.dir);
		return why_direct(&c, access(dir, F_OK) == 0 ? dir : c.dir,
		    argv[optind]);
	}
	if ((rc = client_config(&c)) != 0)
		return rc;
	snprintf(request, sizeof request, "why %s", argv[optind]);
	if (control_ask(c.socket_path, request, NULL, 0, &answer, err,
		sizeof err) == 0) {
		rc = client_print(&c, answer);
		free(answer);
		return rc;
	}
	if (access(c.state_dir, R_OK) == 0)
		return why_direct(&c, c.state_dir, argv[optind]);
	fprintf(stderr, "winnow why: %s; or name a crawl with -o DIR\n", err);
	return 3;
}
