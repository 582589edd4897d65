/* cmd_look.c - `winnow why`, `winnow host` and `winnow status --silent`:
 * questions about the state.
 *
 * The daemon answers when there is one. Without, and with -o always, the state
 * is read beside it or where a crawl left it, by the same functions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleaner/winnow.h"
#include "config/config.h"
#include "crawler/client.h"
#include "crawler/control.h"
#include "crawler/crawler_cmds.h"
#include "crawler/frontier_view.h"
#include "crawler/report.h"
#include "crawler/silent.h"

/* Writes an answer: 0, 7: not known, or an error of the frontier. */
typedef int look(
    struct client *, struct frontier_view *, const char *what, FILE *);

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
look_at_url(struct client *c, struct frontier_view *v, const char *url, FILE *f)
{
	return report_why(v, c->config, url, NULL, now_ms(), f);
}

static int
look_at_host(
    struct client *c, struct frontier_view *v, const char *name, FILE *f)
{
	int rc = report_host(v, c->config, name, now_ms(), f);

	return rc == 1 ? 0 : rc == 0 ? 7 : rc;
}

static int
look_at_all(
    struct client *c, struct frontier_view *v, const char *none, FILE *f)
{
	struct silent *s = silent_new(v, now_ms());
	int rc;

	(void)c;
	(void)none;
	if (s == NULL)
		return FRONTIER_ENOMEM;
	while ((rc = silent_step(s)) == 1)
		continue;
	if (rc == 0)
		silent_report(s, 0, f);
	silent_free(s);
	return rc;
}

/* In the state itself. */
static int
look_here(struct client *c, look *at, const char *what)
{
	struct frontier_view *v;
	char err[512], *answer = NULL;
	size_t len;
	FILE *f;
	int rc = frontier_view_open(&v, c->state_dir, err, sizeof err);

	if (rc != 0) {
		fprintf(stderr, "%s: %s\n", c->who, err);
		return 1;
	}
	rc = FRONTIER_ENOMEM;
	if ((f = open_memstream(&answer, &len)) != NULL) {
		rc = at(c, v, what, f);
		fclose(f);
	}
	frontier_view_close(v);
	if (rc == 0)
		rc = client_print(c, answer);
	else if (rc == 7)
		fprintf(stderr, "%s: %s\n", c->who, REPORT_NO_HOST);
	else {
		fprintf(stderr, "%s: %s\n", c->who, frontier_strerror(rc));
		rc = 1;
	}
	free(answer);
	return rc;
}

static int
look_anywhere(struct client *c, const char *command, look *at, const char *what)
{
	char request[WINNOW_URL_MAX + 16], *answer, err[512];
	int rc = client_config(c);

	if (rc != 0)
		return rc;
	if (c->dir != NULL)
		return look_here(c, at, what);
	snprintf(request, sizeof request, "%s%s%s", command,
	    *what != '\0' ? " " : "", what);
	if (control_ask(c->socket_path, request, NULL, 0, c->patience,
		&answer, err, sizeof err) == 0) {
		rc = client_print(c, answer);
		free(answer);
		return rc;
	}
	if (access(c->state_dir, R_OK) == 0)
		return look_here(c, at, what);
	fprintf(stderr, "%s: %s (a crawl is named with -o DIR)\n", c->who, err);
	return 3;
}

int
look_silent(struct client *c)
{
	return look_anywhere(c, "silent", look_at_all, "");
}

/* Of one line: it goes over the socket. */
static int
check_operand(const struct client *c, const char *s)
{
	if (s[0] != '\0' && strlen(s) <= WINNOW_URL_MAX &&
	    s[strcspn(s, "\n")] == '\0')
		return 0;
	fprintf(stderr, "%s: '%.80s'%s: give one line of 1 to %d bytes\n",
	    c->who, s, strlen(s) > 80 ? "..." : "", WINNOW_URL_MAX);
	return -1;
}

int
cmd_why(int argc, char **argv)
{
	struct client c = {.who = "winnow why", .patience = CONTROL_PATIENCE};
	int rc = 2;

	if (client_options(&c, argc, argv) == 0 &&
	    check_operand(&c, argv[optind]) == 0)
		rc = look_anywhere(&c, "why", look_at_url, argv[optind]);
	client_clear(&c);
	return rc;
}

/* ---- a host --------------------------------------------------------------- */

/* What only a daemon can do. It may take as long as a page that is under way. */
static int
host_act(struct client *c, const char *act, const char *name)
{
	char request[WINNOW_URL_MAX + 32];

	if (c->dir != NULL) {
		fprintf(stderr,
		    "winnow host: %s is for a daemon; with -o there is none\n",
		    act);
		return 2;
	}
	snprintf(request, sizeof request, "host %s %s", act, name);
	c->patience = strcmp(act, "forget") == 0 ? 0 : CONTROL_PATIENCE;
	return client_ask(c, request, NULL, 0);
}

static int
host_command(struct client *c, int argc, char **argv)
{
	const char *name, *act;

	if (client_options(c, argc, argv) != 0 ||
	    check_operand(c, argv[optind]) != 0)
		return 2;
	name = argv[optind];
	act = optind + 1 < argc ? argv[optind + 1] : "show";
	if (strcmp(act, "show") == 0)
		return look_anywhere(c, "host", look_at_host, name);
	return host_act(c, act, name);
}

int
cmd_host(int argc, char **argv)
{
	struct client c = {.who = "winnow host", .patience = CONTROL_PATIENCE};
	int rc = host_command(&c, argc, argv);

	client_clear(&c);
	return rc;
}
