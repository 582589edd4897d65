/* cmd_control.c - `winnow status|pause|resume|drain|flush|reload|stop` and
 * `winnow seed`: commands that the daemon alone can answer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crawler/client.h"
#include "crawler/control.h"
#include "crawler/crawler_cmds.h"

static const char usage[] =
    "usage: winnow status|pause|resume|drain|flush|reload|stop [-c FILE]\n"
    "           [-s SOCKET] [--json]\n"
    "       winnow status --watch[=SECONDS] [-c FILE] [-s SOCKET] [--json]\n"
    "       winnow status --silent [-c FILE] [-s SOCKET] [-o DIR] [--json]\n"
    "-o: the DIR of a crawl, or a state directory; no daemon is asked.\n";
static const char seed_usage[] =
    "usage: winnow seed add|rm [-c FILE] [-s SOCKET] [--json] SEEDS...\n"
    "       winnow seed list [-c FILE] [-s SOCKET] [--json]\n"
    "SEEDS: files with a URL a line, URLs, or - for standard input.\n";

/* Those that may take as long as a page takes. */
static int
is_patient(const char *command)
{
	return strcmp(command, "drain") == 0 || strcmp(command, "flush") == 0;
}

static int
control_command(struct client *c, int argc, char **argv)
{
	int status = strcmp(argv[0], "status") == 0;

	if (client_options(c, argc, argv) != 0)
		return 2;
	if (optind != argc || ((c->silent || c->watch > 0) && !status) ||
	    (c->silent && c->watch > 0) || (c->dir != NULL && !c->silent))
		return -1;
	if (c->silent)
		return look_silent(c);
	if (c->watch > 0)
		return client_watch(c, argv[0]);
	c->patience = is_patient(argv[0]) ? 0 : CONTROL_PATIENCE;
	return client_ask(c, argv[0], NULL, 0);
}

int
cmd_control(int argc, char **argv)
{
	struct client c = {
	    .who = "winnow", .patience = CONTROL_PATIENCE, .usage = usage};
	int rc = control_command(&c, argc, argv);

	if (rc < 0) {
		fputs(c.usage, stderr);
		rc = 2;
	}
	client_clear(&c);
	return rc;
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
		fprintf(stderr,
		    "winnow seed: cannot read '%s': %s; give a file, a URL "
		    "with http:// or https://, or -\n",
		    from, strerror(errno));
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
seed_send(struct client *c, const char *command, int n, char **from)
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
	rc = client_ask(c, command, text, len);
out:
	free(text);
	return rc;
}

static int
seed_command(struct client *c, int argc, char **argv)
{
	if (argc < 2)
		return -1;
	if (client_options(c, argc - 1, argv + 1) != 0)
		return 2;
	argc -= 1 + optind;
	if (c->dir != NULL || c->silent || c->watch > 0)
		return -1;
	if (strcmp(argv[1], "list") == 0 && argc == 0)
		return client_ask(c, "seed list", NULL, 0);
	if (strcmp(argv[1], "add") == 0 && argc > 0)
		return seed_send(c, "seed add", argc, argv + 1 + optind);
	if (strcmp(argv[1], "rm") == 0 && argc > 0)
		return seed_send(c, "seed rm", argc, argv + 1 + optind);
	return -1;
}

int
cmd_seed(int argc, char **argv)
{
	struct client c = { .who = "winnow seed",
	    .patience = CONTROL_PATIENCE,
	    .usage = seed_usage };
	int rc;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(c.usage, stdout);
		return 0;
	}
	if ((rc = seed_command(&c, argc, argv)) < 0) {
		fputs(c.usage, stderr);
		rc = 2;
	}
	client_clear(&c);
	return rc;
}
