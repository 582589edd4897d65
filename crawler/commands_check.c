/* commands_check.c - a command line against the table, before the command sees
 * it.
 *
 * Options are read as getopt_long() does: options and operands in any order,
 * `--` ends the options, letters stand together, a long name may be cut as long
 * as it is clear. What is wrong is said in our words, with what may have been
 * meant; what passes, getopt takes too. */
#include "crawler/commands.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

struct check {
	const struct command_row *cmd;
	int argc;
	char **argv;
	int i;        /* the argument that is read */
	int operands; /* so many were met */
	int help;
	/* a value may follow this option only behind a = */
	const struct command_row *open;
	int open_at;
};

/* "winnow queue cat: ", which every message begins with. */
static void
say_who(const struct check *k)
{
	fprintf(stderr, "%s%s: ", command_prefix(k->cmd), k->cmd->name);
}

/* A message that names what is asked for ends as it is; one about an option
 * that there is not leads to them; one about operands shows their order. */
static int
bad_option(const struct check *k)
{
	fprintf(stderr, "%s%s --help lists its options\n",
	    command_prefix(k->cmd), k->cmd->name);
	return 2;
}

static int
bad_operands(const struct check *k)
{
	command_usage(k->cmd, stderr);
	return 2;
}

/* The nearest word so far, and by how many edits. */
struct near {
	char word[80];
	unsigned edits;
};

static void
near_add(struct near *n, const char *typed, const char *word)
{
	unsigned d = config_misspelt(typed, word);

	if (d >= n->edits)
		return;
	n->edits = d;
	snprintf(n->word, sizeof n->word, "%s", word);
}

static void
near_say(const struct near *n, const char *dashes)
{
	if (n->edits != UINT_MAX)
		fprintf(stderr, ", did you mean '%s%s'?", dashes, n->word);
	putc('\n', stderr);
}

/* ---- options ------------------------------------------------------------- */

static const struct command_row *
option_of_letter(const struct command_row *c, int letter)
{
	for (const struct command_row *r = c + 1; command_part(r); r++)
		if (r->type == COMMAND_OPTION && r->letter == letter)
			return r;
	return NULL;
}

/* The option named by the first n bytes; *many: several begin with them. */
static const struct command_row *
option_of_name(
    const struct command_row *c, const char *name, size_t n, int *many)
{
	const struct command_row *found = NULL;

	*many = 0;
	for (const struct command_row *r = c + 1; command_part(r); r++) {
		if (r->type != COMMAND_OPTION || r->name[0] == '\0' ||
		    strncmp(r->name, name, n) != 0)
			continue;
		if (r->name[n] == '\0') {
			*many = 0;
			return r;
		}
		*many |= found != NULL;
		found = r;
	}
	return found;
}

static int
unknown_name(const struct check *k, const char *name, size_t n)
{
	struct near near = {.edits = UINT_MAX};
	char typed[80];

	snprintf(typed, sizeof typed, "%.*s", (int)n, name);
	for (const struct command_row *r = k->cmd + 1; command_part(r); r++)
		if (r->type == COMMAND_OPTION && r->name[0] != '\0')
			near_add(&near, typed, r->name);
	near_add(&near, typed, "help");
	say_who(k);
	fprintf(stderr, "unknown option '--%.*s'", (int)n, name);
	near_say(&near, "--");
	return bad_option(k);
}

static int
unclear_name(const struct check *k, const char *name, size_t n)
{
	say_who(k);
	fprintf(stderr, "option '--%.*s' may be", (int)n, name);
	for (const struct command_row *r = k->cmd + 1; command_part(r); r++)
		if (r->type == COMMAND_OPTION && strncmp(r->name, name, n) == 0)
			fprintf(stderr, " --%s", r->name);
	fputs(", write more of it\n", stderr);
	return 2;
}

/* -1: the value is good, or not ours to judge. shown: "--format", "-f"; of an
 * operand NULL. */
static int
check_value(const struct check *k, const struct command_row *r,
    const char *shown, const char *value)
{
	struct near near = {.edits = UINT_MAX};
	char word[80];
	size_t at = 0;
	const char *sep = "";

	if (r->value != COMMAND_CHOICE)
		return -1;
	while (command_choice(r, &at, word, sizeof word) != NULL) {
		if (strcmp(word, value) == 0)
			return -1;
		near_add(&near, value, word);
	}
	say_who(k);
	fprintf(stderr, "%s%s'%s': use", shown != NULL ? shown : "",
	    shown != NULL ? " " : "", value);
	for (at = 0; command_choice(r, &at, word, sizeof word) != NULL;) {
		fprintf(stderr, "%s %s", sep, word);
		sep = r->arg[at] != '\0' && strchr(r->arg + at, '|') == NULL
			  ? " or"
			  : ",";
	}
	near_say(&near, "");
	return 2;
}

/* The value is the next argument. */
static int
next_value(struct check *k, const struct command_row *r, const char *shown)
{
	char arg[128];

	if (++k->i < k->argc)
		return check_value(k, r, shown, k->argv[k->i]);
	say_who(k);
	fprintf(stderr, "option '%s' needs a value: %s\n", shown,
	    command_arg(r, arg, sizeof arg));
	return 2;
}

/* Written in full, since the getopt of a command may know more names. */
static void
complete_name(struct check *k, const struct command_row *r, const char *value)
{
	size_t n = strlen(r->name) + (value ? strlen(value) + 1 : 0) + 3;
	char *full = malloc(n);

	if (full == NULL)
		return;
	snprintf(
	    full, n, "--%s%s%s", r->name, value ? "=" : "", value ? value : "");
	k->argv[k->i] = full;
}

/* --name, --name=value */
static int
check_long(struct check *k)
{
	const char *name = k->argv[k->i] + 2, *value = strchr(name, '=');
	size_t n = strcspn(name, "=");
	const struct command_row *r;
	char shown[80];
	int many;

	r = option_of_name(k->cmd, name, n, &many);
	if (r == NULL && n > 0 && strncmp("help", name, n) == 0) {
		k->help = 1;
		return -1;
	}
	if (r == NULL)
		return unknown_name(k, name, n);
	if (many)
		return unclear_name(k, name, n);
	if (value != NULL)
		value++;
	snprintf(shown, sizeof shown, "--%s", r->name);
	if (r->name[n] != '\0')
		complete_name(k, r, value);
	if (r->value == COMMAND_NONE && value != NULL) {
		say_who(k);
		fprintf(stderr, "option '%s' takes no value\n", shown);
		return 2;
	}
	if (value == NULL && command_value_optional(r)) {
		k->open = r;
		k->open_at = k->i;
	}
	if (r->value == COMMAND_NONE ||
	    (value == NULL && command_value_optional(r)))
		return -1;
	return value != NULL ? check_value(k, r, shown, value)
			     : next_value(k, r, shown);
}

/* -abc, -fVALUE, -f VALUE */
static int
check_letters(struct check *k)
{
	const struct command_row *r;
	char shown[] = "-?";

	for (const char *p = k->argv[k->i] + 1; *p != '\0'; p++) {
		shown[1] = *p;
		r = option_of_letter(k->cmd, *p);
		if (r == NULL && *p == 'h') {
			k->help = 1;
			return -1;
		}
		if (r == NULL) {
			say_who(k);
			fprintf(stderr, "unknown option '-%.*s'\n",
			    /* a character of UTF-8 is not cut */
			    (unsigned char)*p >= 0x80 ? 8 : 1, p);
			return bad_option(k);
		}
		if (r->value == COMMAND_NONE)
			continue;
		if (p[1] != '\0')
			return check_value(k, r, shown, p + 1);
		return command_value_optional(r) ? -1 : next_value(k, r, shown);
	}
	return -1;
}

/* ---- operands ------------------------------------------------------------ */

/* The row of the n-th operand, from 0; NULL: there may not be so many. */
static const struct command_row *
operand_row(const struct command_row *c, int n)
{
	for (const struct command_row *r = c + 1; command_part(r); r++) {
		if (r->type != COMMAND_OPERAND)
			continue;
		if (n-- == 0 || r->count >= COMMAND_MANY)
			return r;
	}
	return NULL;
}

static int
check_operand(struct check *k)
{
	const struct command_row *r = operand_row(k->cmd, k->operands++);

	if (r != NULL)
		return check_value(k, r, NULL, k->argv[k->i]);
	say_who(k);
	if (k->open != NULL && k->open_at == k->i - 1) {
		fprintf(stderr, "'%s': write --%s=%s\n", k->argv[k->i],
		    k->open->name, k->argv[k->i]);
		return 2;
	}
	fprintf(stderr, "'%s' is one too many\n", k->argv[k->i]);
	return bad_operands(k);
}

static int
check_enough(struct check *k)
{
	char arg[128];
	int n = 0;

	for (const struct command_row *r = k->cmd + 1; command_part(r); r++) {
		if (r->type != COMMAND_OPERAND)
			continue;
		n += r->count == COMMAND_ONE || r->count == COMMAND_MANY;
		if (n <= k->operands)
			continue;
		say_who(k);
		fprintf(stderr, "%s is missing: %s\n",
		    command_arg(r, arg, sizeof arg), r->words);
		return bad_operands(k);
	}
	return -1;
}

int
command_check(const struct command_row *c, int argc, char **argv)
{
	struct check k = {.cmd = c, .argc = argc, .argv = argv};
	int rc = -1, options = 1;

	for (k.i = 1; k.i < argc && rc < 0 && !k.help; k.i++) {
		const char *a = argv[k.i];

		if (options && strcmp(a, "--") == 0)
			options = 0;
		else if (options && a[0] == '-' && a[1] == '-')
			rc = check_long(&k);
		else if (options && a[0] == '-' && a[1] != '\0')
			rc = check_letters(&k);
		else
			rc = check_operand(&k);
	}
	if (k.help) {
		command_help(c, stdout);
		return 0;
	}
	return rc < 0 ? check_enough(&k) : rc;
}

/* ---- commands ------------------------------------------------------------ */

/* Of `queue lst` the nearest of the two words, of `statsu` of the one. */
int
command_unknown(int argc, char **argv)
{
	struct near near = {.edits = UINT_MAX};
	char typed[160] = "";
	int words;
	const struct command_row *r, *g = command_find(argc, argv, &words);
	size_t n = g != NULL ? strlen(g->name) + 1 : 0;

	if (g != NULL && argc == words) {
		fprintf(stderr, "winnow %s: which of them?\n\n", g->name);
		command_help(g, stderr);
		return 2;
	}
	snprintf(typed, sizeof typed, "%s", argv[words]);
	for (r = command_rows; r->type != COMMAND_END; r++)
		if ((r->type == COMMAND_GROUP || r->type == COMMAND_RUN) &&
		    (n == 0 || (strncmp(r->name, g->name, n - 1) == 0 &&
				   r->name[n - 1] == ' ')) &&
		    strchr(r->name + n, ' ') == NULL)
			near_add(&near, typed, r->name + n);
	fprintf(stderr, "winnow%s%s: unknown command '%s'", n ? " " : "",
	    n ? g->name : "", typed);
	near_say(&near, "");
	fprintf(stderr, "winnow%s%s --help lists them\n", n ? " " : "",
	    n ? g->name : "");
	return 2;
}
