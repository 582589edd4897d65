/* commands.c - the table of commands.def, how a command is found in it, and its
 * --help. */
#include "crawler/commands.h"

#include <string.h>

#include "cleaner/cleaner_cmds.h"
#include "crawler/crawler_cmds.h"
#include "queue/queue_cmds.h"

enum { COLUMNS = 78, WORDS_AT = 26 };

const struct command_row command_rows[] = {
#define GROUP(name, words) {COMMAND_GROUP, name, words, .run = NULL},
#define COMMAND(name, run, words) {COMMAND_RUN, name, words, run, .letter = 0},
#define PROGRAM(name, words) {COMMAND_PROGRAM, name, words, .run = NULL},
#define OPTION(letter, long, value, arg, words)                                \
	{COMMAND_OPTION, long, words, NULL, letter, COMMAND_##value,           \
	    COMMAND_MAYBE, arg},
#define OPERAND(count, value, arg, words)                                      \
	{COMMAND_OPERAND, "", words, NULL, 0, COMMAND_##value,                 \
	    COMMAND_##count, arg},
#define NOTE(words) {COMMAND_NOTE, "", words, .run = NULL},
#include "crawler/commands.def"
    {COMMAND_END, "", "", .run = NULL}};

int
command_part(const struct command_row *r)
{
	return r->type == COMMAND_OPTION || r->type == COMMAND_OPERAND ||
	       r->type == COMMAND_NOTE;
}

const struct command_row *
command_next(const struct command_row *r, enum command_type type)
{
	for (r++; r->type != COMMAND_END; r++)
		if (r->type == type)
			return r;
	return NULL;
}

/* How many words of argv the name is; 0: argv does not begin with it. */
static int
name_words(const char *name, int argc, char **argv)
{
	size_t n;
	int i;

	for (i = 0; *name != '\0'; i++) {
		n = strcspn(name, " ");
		if (i == argc || strlen(argv[i]) != n ||
		    strncmp(argv[i], name, n) != 0)
			return 0;
		name += n + (name[n] == ' ');
	}
	return i;
}

const struct command_row *
command_find(int argc, char **argv, int *words)
{
	const struct command_row *r, *best = NULL;
	int n;

	*words = 0;
	for (r = command_rows; r->type != COMMAND_END; r++) {
		if (r->type != COMMAND_GROUP && r->type != COMMAND_RUN)
			continue;
		n = name_words(r->name, argc, argv);
		if (n > *words)
			*words = n, best = r;
	}
	return best;
}

const struct command_row *
command_program(const char *name)
{
	const struct command_row *r = command_rows;

	while (r != NULL && strcmp(r->name, name) != 0)
		r = command_next(r, COMMAND_PROGRAM);
	return r;
}

/* ---- values -------------------------------------------------------------- */

int
command_value_optional(const struct command_row *r)
{
	return r->arg[0] == '[';
}

int
command_repeats(const struct command_row *r)
{
	size_t n = strlen(r->arg);

	return n > 3 && strcmp(r->arg + n - 3, "...") == 0;
}

char *
command_arg(const struct command_row *r, char *buf, size_t len)
{
	size_t n = strlen(r->arg), skip = command_value_optional(r);

	n -= command_repeats(r) ? 3 : 0;
	snprintf(buf, len, "%.*s", (int)(n - 2 * skip), r->arg + skip);
	return buf;
}

const char *
command_choice(const struct command_row *r, size_t *at, char *buf, size_t len)
{
	const char *s = r->arg + *at;
	size_t n = strcspn(s, "|");

	if (*s == '\0')
		return NULL;
	*at += n + (s[n] == '|');
	snprintf(buf, len, "%.*s", (int)n, s);
	return buf;
}

/* ---- help ---------------------------------------------------------------- */

/* An option as in a synopsis: "-f text|json|html". */
static void
option_short(const struct command_row *r, char *buf, size_t len)
{
	char arg[128];
	int n;

	/* -w5 has to be one word, and reads badly */
	if (r->letter != 0 && !command_value_optional(r))
		n = snprintf(buf, len, "-%c", r->letter);
	else
		n = snprintf(buf, len, "--%s", r->name);
	if (r->value == COMMAND_NONE || n < 0 || (size_t)n >= len)
		return;
	command_arg(r, arg, sizeof arg);
	if (!command_value_optional(r))
		snprintf(buf + n, len - (size_t)n, " %s", arg);
	else
		snprintf(buf + n, len - (size_t)n, "[=%s]", arg);
}

/* Each as [it] or it, ... behind what may be repeated. */
static void
part_synopsis(const struct command_row *r, char *buf, size_t len)
{
	char words[192];
	int many = r->type == COMMAND_OPERAND && r->count >= COMMAND_MANY;
	int needed = r->type == COMMAND_OPERAND &&
		     (r->count == COMMAND_ONE || r->count == COMMAND_MANY);

	if (r->type == COMMAND_OPERAND)
		command_arg(r, words, sizeof words);
	else
		option_short(r, words, sizeof words);
	snprintf(buf, len, "%s%s%s%s%s", needed ? "" : "[", words,
	    many ? "..." : "", needed ? "" : "]",
	    r->type == COMMAND_OPTION && command_repeats(r) ? "..." : "");
}

const char *
command_prefix(const struct command_row *c)
{
	return c->type == COMMAND_PROGRAM ? "" : "winnow ";
}

/* The commands of a group, a line each; groups within it too. */
static void
group_list(const struct command_row *g, FILE *f)
{
	size_t n = strlen(g->name);

	for (const struct command_row *r = command_rows; r != NULL;
	     r = command_next(r, COMMAND_RUN))
		if (strncmp(r->name, g->name, n) == 0 && r->name[n] == ' ')
			fprintf(f, "  %-18s %s\n", r->name, r->words);
}

void
command_usage(const struct command_row *c, FILE *f)
{
	char part[256];
	int indent = fprintf(f, "usage: %s%s", command_prefix(c), c->name);
	int at = indent;

	if (c->type == COMMAND_GROUP) {
		fputs(" COMMAND [OPTION...]\n", f);
		return;
	}
	for (const struct command_row *r = c + 1; command_part(r); r++) {
		if (r->type == COMMAND_NOTE)
			continue;
		part_synopsis(r, part, sizeof part);
		if (at + 1 + strlen(part) > COLUMNS)
			at = fprintf(f, "\n%*s", indent, "") - 1;
		at += fprintf(f, " %s", part);
	}
	putc('\n', f);
}

static void
option_help(const struct command_row *r, FILE *f)
{
	char arg[128], line[256];
	int n;

	n = snprintf(line, sizeof line, "  %c%c%s%s%s", r->letter ? '-' : ' ',
	    r->letter ? r->letter : ' ',
	    r->name[0] == '\0' ? ""
	    : r->letter        ? ", "
			       : "  ",
	    r->name[0] != '\0' ? "--" : "", r->name);
	if (r->value != COMMAND_NONE)
		n += snprintf(line + n, sizeof line - (size_t)n, "%s%s%s",
		    command_value_optional(r) ? "[=" : " ",
		    command_arg(r, arg, sizeof arg),
		    command_value_optional(r) ? "]" : "");
	if (n >= WORDS_AT)
		fprintf(f, "%s\n%*s%s\n", line, WORDS_AT, "", r->words);
	else
		fprintf(f, "%-*s%s\n", WORDS_AT, line, r->words);
}

static void
operand_help(const struct command_row *r, FILE *f)
{
	int n = (int)strlen(r->arg) + 2;

	if (n >= WORDS_AT)
		fprintf(f, "  %s\n%*s%s\n", r->arg, WORDS_AT, "", r->words);
	else
		fprintf(f, "  %-*s%s\n", WORDS_AT - 2, r->arg, r->words);
}

void
command_help(const struct command_row *c, FILE *f)
{
	static const struct command_row help = {COMMAND_OPTION, "help",
	    "this text", NULL, 'h', COMMAND_NONE, COMMAND_MAYBE, ""};
	const struct command_row *r;

	command_usage(c, f);
	fprintf(f, "\n%s%s: %s.\n\n", command_prefix(c), c->name, c->words);
	if (c->type == COMMAND_GROUP) {
		group_list(c, f);
		return;
	}
	for (r = c + 1; command_part(r); r++)
		if (r->type == COMMAND_OPERAND)
			operand_help(r, f);
	for (r = c + 1; command_part(r); r++)
		if (r->type == COMMAND_OPTION)
			option_help(r, f);
	option_help(&help, f);
	for (r = c + 1; command_part(r); r++)
		if (r->type == COMMAND_NOTE)
			fprintf(f, "\n%s\n", r->words);
}

void
command_list(FILE *f)
{
	fputs("usage: winnow COMMAND [OPTION...]\n\n", f);
	for (const struct command_row *r = command_rows; r->type != COMMAND_END;
	     r++)
		if ((r->type == COMMAND_GROUP || r->type == COMMAND_RUN) &&
		    strchr(r->name, ' ') == NULL)
			fprintf(f, "  %-11s%s\n", r->name, r->words);
	fputs("\nwinnow COMMAND --help tells its options; winnow(1) all of "
	      "it.\n",
	    f);
}
