/* commands.h - the table of commands.def, and what everybody needs of it: how
 * a command is found, its --help, and the check of a command line.
 *
 * The commands of cleaner/ and queue/ may not know the table; so the dispatcher
 * checks a command line before it hands it over, and they meet good options
 * only. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include <stddef.h>
#include <stdio.h>

enum command_type {
	COMMAND_GROUP,   /* of commands of two words */
	COMMAND_RUN,     /* a command */
	COMMAND_PROGRAM, /* a program of its own */
	COMMAND_OPTION,
	COMMAND_OPERAND,
	COMMAND_NOTE,
	COMMAND_END
};

enum command_value {
	COMMAND_NONE,
	COMMAND_FILE,
	COMMAND_DIR,
	COMMAND_URL,
	COMMAND_HOST,
	COMMAND_NAME,
	COMMAND_NUMBER,
	COMMAND_DURATION,
	COMMAND_SIZE,
	COMMAND_TIME,
	COMMAND_CHOICE,
	COMMAND_SETTING
};

enum command_count { COMMAND_ONE, COMMAND_MAYBE, COMMAND_MANY, COMMAND_ANY };

struct command_row {
	enum command_type type;
	const char *name;  /* of an option: its long name, or "" */
	const char *words; /* one line; of a note, what --help ends with */
	int (*run)(int argc, char **argv);
	int letter; /* of an option, or 0 */
	enum command_value value;
	enum command_count count; /* of an operand */
	const char *arg;          /* the value's name, as in commands.def */
};

/* All rows, in the order of commands.def; the last is a COMMAND_END. */
extern const struct command_row command_rows[];

/* The rows of a command are those behind it, as long as this is true. */
int command_part(const struct command_row *);
/* The next row of a type behind r, among all; NULL: none. */
const struct command_row *command_next(
    const struct command_row *r, enum command_type);

/* The command or group that argv begins with; *words: how many words it is. A
 * command of a group wins over the group. NULL: none. */
const struct command_row *command_find(int argc, char **argv, int *words);
const struct command_row *command_program(const char *name);

/* A value's name without its marks: "[N]" and "N..." are N. buf is returned. */
char *command_arg(const struct command_row *, char *buf, size_t len);
int command_value_optional(const struct command_row *);
int command_repeats(const struct command_row *);
/* Words of a CHOICE one by one: *at begins at 0; NULL behind the last. */
const char *command_choice(
    const struct command_row *, size_t *at, char *buf, size_t len);

/* What is typed in front of its name: "winnow ", or "" of a program. */
const char *command_prefix(const struct command_row *);
/* The program's --help: every command in a line. */
void command_list(FILE *);
void command_help(const struct command_row *, FILE *);
void command_usage(const struct command_row *, FILE *);

/* argv[0] is the last word of the command. -1: it may run; else it may not, and
 * this is the exit status: 0 after --help, 2 after a word on stderr. A long
 * option that was cut short stands in full in argv afterwards, malloced. */
int command_check(const struct command_row *, int argc, char **argv);
/* Says that there is no such command, and which may have been meant; 2. */
int command_unknown(int argc, char **argv);

#endif
