/* winnow.c - one table, one row a subcommand. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cleaner/cleaner_cmds.h"
#include "config/config.h"
#include "crawler/crawler_cmds.h"
#include "queue/queue_cmds.h"

static const struct {
	const char *name;
	int (*run)(int, char **);
	const char *words;
} commands[] = {
	{ "clean", cmd_clean, "one page to one article" },
	{ "normalise", cmd_normalise, "repair a text" },
	{ "crawl", cmd_crawl, "fetch and clean until nothing is left" },
	{ "queue", cmd_queue, "read, consume and check the output queue" },
	{ "why", cmd_why, "what became of a URL, or would" },
	{ "host", cmd_host, "how it stands with a host" },
	{ "page", cmd_page, "a page as it came, if it was kept" },
	{ "seed", cmd_seed, "give the daemon more to do" },
	{ "status", cmd_control, "how the daemon is" },
	{ "pause", cmd_control, "no new fetches" },
	{ "resume", cmd_control, "fetch again" },
	{ "reload", cmd_control, "read the configuration again" },
	{ "stop", cmd_control, "end the daemon" },
	{ "check", cmd_check, "what winnowd thinks of a URL, a date..." },
	{ "schema", cmd_schema, "the record's schema" },
};

static void
help(FILE *f)
{
	size_t i;

	fprintf(f, "usage: winnow COMMAND [OPTION...]\n\n");
	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(f, "  %-10s %s\n", commands[i].name, commands[i].words);
	fprintf(f, "\nwinnow COMMAND --help tells its options; winnow(1) all "
		   "of it.\n");
}

/* What a command has printed is all there, or it ends with an error. Those that
 * have told so themselves have a status of their own; a reader that left is no
 * fault. */
static int
finish(int status)
{
	int full;

	if ((fflush(stdout) == 0 && !ferror(stdout)) || errno == EPIPE ||
	    (status != 0 && status != 5 && status != 7))
		return status;
	full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
	fprintf(stderr, "winnow: cannot write to standard output: %s\n",
	    strerror(errno));
	return full ? 6 : 1;
}

int
main(int argc, char **argv)
{
	size_t i;

	/* RLIMIT_FSIZE: an error in words, not a core. */
	signal(SIGXFSZ, SIG_IGN);
	if (argc < 2) {
		help(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		help(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("winnow %s\n", WINNOW_VERSION);
		return 0;
	}
	for (i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return finish(commands[i].run(argc - 1, argv + 1));
	fprintf(stderr, "winnow: unknown command '%s'; winnow --help lists them\n",
	    argv[1]);
	return 2;
}
