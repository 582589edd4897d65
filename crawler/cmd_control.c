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

/* Those that may take as long as a page takes. */
static int
is_patient(const char *command)
{
	return strcmp(command, "drain") == 0 || strcmp(command, "flush") == 0;
}

static int
control_command(struct client *c, int argc, char **argv)
{
	const char *why = NULL;

	if (client_options(c, argc, argv) != 0)
		return 2;
	if (c->silent && c->watch > 0)
		why = "give --silent or --watch, not both";
	else if (c->dir != NULL && !c->silent)
		why = "-o is for --silent; all else a daemon knows alone";
	if (why != NULL) {
		fprintf(stderr, "winnow status: %s\n", why);
		return 2;
	}
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
	struct client c = {.who = "winnow", .patience = CONTROL_PATIENCE};
	int rc = control_command(&c, argc, argv);

	client_clear(&c);
	return rc;
}

/* ---- seed ---------------------------------------------------------------------------- */

static int
append(char **b, size_t *len, const void *p, size_t n)
{
	char *grown;

	if (*len + n > CONTROL_REQUEST_MAX - 64 ||
	    (grown = realloc(*b, *len + n + 1)) == NULL)
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
	const char *what = argv[1];

	if (client_options(c, argc - 1, argv + 1) != 0)
		return 2;
	argc -= 1 + optind;
	argv += 1 + optind;
	if (strcmp(what, "list") == 0)
		return client_ask(c, "seed list", NULL, 0);
	return seed_send(c, strcmp(what, "rm") == 0 ? "seed rm" : "seed add",
	    argc, argv);
}

int
cmd_seed(int argc, char **argv)
{
	struct client c = {.who = "winnow seed", .patience = CONTROL_PATIENCE};
	int rc = seed_command(&c, argc, argv);

	client_clear(&c);
	return rc;
}
