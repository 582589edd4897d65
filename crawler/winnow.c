/* winnow.c - the command that the first words name, its options checked. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "crawler/commands.h"

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

/* `winnow help queue cat` */
static int
help(int argc, char **argv)
{
	const struct command_row *c;
	int words;

	if (argc == 0) {
		command_list(stdout);
		return 0;
	}
	c = command_find(argc, argv, &words);
	if (c == NULL || words < argc)
		return command_unknown(argc, argv);
	command_help(c, stdout);
	return 0;
}

/* argv begins with the command's first word. */
static int
dispatch(int argc, char **argv)
{
	int words, rc;
	const struct command_row *c = command_find(argc, argv, &words);

	if (c == NULL)
		return command_unknown(argc, argv);
	if (c->type == COMMAND_GROUP) {
		if (argc == words || argv[words][0] != '-')
			return command_unknown(argc, argv);
		/* a group has no option but --help */
		return command_check(c, argc - words + 1, argv + words - 1);
	}
	rc = command_check(c, argc - words + 1, argv + words - 1);
	return rc >= 0 ? rc : c->run(argc, argv);
}

int
main(int argc, char **argv)
{
	/* RLIMIT_FSIZE: an error in words, not a core. */
	signal(SIGXFSZ, SIG_IGN);
	if (argc < 2) {
		command_list(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return finish(help(argc - 2, argv + 2));
	if (strcmp(argv[1], "--version") == 0) {
		printf("winnow %s\n", WINNOW_VERSION);
		return finish(0);
	}
	return finish(dispatch(argc - 1, argv + 1));
}
