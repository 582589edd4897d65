/* test_commands.c - the table of commands, and command lines of any shape. */
#include "crawler/commands.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

static const struct command_row *
row_of(const char *name)
{
	const struct command_row *r = command_rows;

	while (r->type != COMMAND_END && strcmp(r->name, name) != 0)
		r++;
	return r;
}

static void
test_rows(void)
{
	const struct command_row *c, *r, *o;
	int many, maybe;

	TEST("commands: words are short, and have no full stop")
	for (r = command_rows; r->type != COMMAND_END; r++)
		if (r->type != COMMAND_NOTE)
			if (strlen(r->words) > 60 ||
			    r->words[strlen(r->words) - 1] == '.')
				CHECK_STR(r->words, "shorter, no full stop");
	TEST("commands: no letter and no name stands for two options")
	for (c = command_rows; c->type != COMMAND_END; c++)
		for (r = c + 1; !command_part(c) && command_part(r); r++)
			for (o = r + 1; command_part(o); o++)
				if (r->type == COMMAND_OPTION &&
				    o->type == COMMAND_OPTION)
					CHECK((r->letter == 0 ||
						  r->letter != o->letter) &&
					      (r->name[0] == '\0' ||
						  strcmp(r->name, o->name)));
	TEST("commands: what may be missing or repeated comes last")
	for (c = command_rows; c->type != COMMAND_END; c++) {
		many = maybe = 0;
		for (r = c + 1; !command_part(c) && command_part(r); r++) {
			if (r->type != COMMAND_OPERAND)
				continue;
			CHECK(!many);
			CHECK(!maybe || r->count == COMMAND_MAYBE);
			many |= r->count >= COMMAND_MANY;
			maybe |= r->count == COMMAND_MAYBE;
		}
	}
	TEST("commands: a command belongs to the group its first words name")
	for (c = command_rows; c->type != COMMAND_END; c++) {
		char group[64];
		const char *blank = strrchr(c->name, ' ');

		if (c->type != COMMAND_RUN || blank == NULL)
			continue;
		snprintf(group, sizeof group, "%.*s", (int)(blank - c->name),
		    c->name);
		CHECK(row_of(group)->type == COMMAND_GROUP);
	}
}

static unsigned
draw(unsigned n)
{
	static unsigned long long x = 88172645463325252ULL;

	x ^= x << 13, x ^= x >> 7, x ^= x << 17;
	return (unsigned)(x % n);
}

/* An argument: an option of the command, whole or cut, a value, or bytes. */
static void
invent(const struct command_row *c, char *buf, size_t len)
{
	static const char *const words[] = {"", "-", "--", "---",
	    "-=", "--=", "json", "text", "x", "-1", "--help", "\xff\xfe",
	    "-\xc3\xa4", "section.key=value", "http://h.test/", "%s%n",
	    "--no-such"};
	const struct command_row *r = c + 1;
	size_t n;

	snprintf(buf, len, "%s", words[draw(sizeof words / sizeof *words)]);
	for (unsigned i = draw(12); i > 0 && command_part(r); i--)
		r++;
	if (r->type != COMMAND_OPTION || draw(3) == 0)
		return;
	if (r->letter != 0 && draw(2))
		snprintf(buf, len, "-%c%s", r->letter,
		    draw(3) ? "" : words[draw(6)]);
	else if (r->name[0] != '\0') {
		n = draw(2) ? strlen(r->name) : draw(8);
		snprintf(buf, len, "--%.*s%s%s", (int)n, r->name,
		    draw(3) ? "" : "=", draw(2) ? "" : "json");
	}
}

/* getopt's own table of a command. */
static void
own_table(const struct command_row *c, char *letters, struct option *longs)
{
	for (const struct command_row *r = c + 1; command_part(r); r++) {
		int has = r->value == COMMAND_NONE    ? no_argument
			  : command_value_optional(r) ? optional_argument
						      : required_argument;

		if (r->type != COMMAND_OPTION)
			continue;
		if (r->letter != 0)
			letters +=
			    sprintf(letters, "%c%.*s", r->letter, has, "::");
		if (r->name[0] != '\0')
			*longs++ = (struct option){r->name, has, NULL, 'x'};
	}
	*longs = (struct option){0};
}

/* What the check lets pass getopt takes, and leaves so many operands. */
static int
getopt_takes(const struct command_row *c, int argc, char **argv)
{
	char letters[128] = "";
	struct option longs[40];
	int o, least = 0, most = 0;

	own_table(c, letters, longs);
	optind = 0;
	while ((o = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		if (o == '?')
			return 0;
	for (const struct command_row *r = c + 1; command_part(r); r++) {
		if (r->type != COMMAND_OPERAND)
			continue;
		least += r->count == COMMAND_ONE || r->count == COMMAND_MANY;
		most = r->count >= COMMAND_MANY ? 1000 : most + 1;
	}
	return argc - optind >= least && argc - optind <= most;
}

static void
test_lines(void)
{
	FILE *out = stdout, *err = stderr, *none = fopen("/dev/null", "w");
	char words[8][80], *argv[10];
	const struct command_row *c;
	unsigned rows = 0;
	int argc, rc, bad = 0, passed = 0;

	while (command_rows[rows].type != COMMAND_END)
		rows++;

	for (int i = 0; i < 200000; i++) {
		for (c = command_rows + draw(rows);
		     c->type != COMMAND_RUN && c->type != COMMAND_PROGRAM;)
			c = c->type == COMMAND_END ? command_rows : c + 1;
		argv[0] = words[0];
		snprintf(words[0], sizeof words[0], "x");
		argc = 1 + (int)draw(6);
		for (int a = 1; a < argc; a++) {
			invent(c, words[a], sizeof words[a]);
			argv[a] = words[a];
		}
		argv[argc] = NULL;
		stdout = stderr = none;
		rc = command_check(c, argc, argv);
		bad += rc != -1 && rc != 0 && rc != 2;
		if (rc == -1) {
			char *given[10];

			memcpy(given, argv, sizeof given);
			passed++;
			bad += !getopt_takes(c, argc, given);
		}
		stdout = out, stderr = err;
		for (int a = 1; a < argc; a++)
			if (argv[a] != words[a])
				free(argv[a]);
	}
	fclose(none);
	TEST("commands: what the check lets pass getopt takes, of any line")
	CHECK_INT(bad, 0);
	CHECK(passed > 10000);
}

int
main(void)
{
	test_rows();
	test_lines();
	return test_end();
}
