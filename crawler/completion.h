/* completion.h - completions of three shells, made of commands.def and
 * keys.def.
 *
 * Each shell gets functions of its own, which stand in its file as they are,
 * and tables made of the rows. Words of the tables are ours: letters, digits
 * and marks that need no quoting; sentences are quoted. */
#ifndef COMPLETION_H
#define COMPLETION_H

#include <stdio.h>

struct command_row;

void completion_bash(FILE *);
void completion_zsh(FILE *);
void completion_fish(FILE *);

int completion_is_command(const struct command_row *); /* or a program */
/* A command or group whose name is one word behind that of the group ("":
 * behind winnow itself): the word, or NULL. */
const char *completion_word_behind(
    const struct command_row *, const char *group);
/* "section.key=" of every setting; or with values, each of those that have a
 * list of them. `before` stands in front of each. */
void completion_settings(FILE *, int values, const char *before);
/* The words of a CHOICE, blanks between. */
void completion_choices(const struct command_row *, FILE *);
/* Text within single quotes; the bytes of `marks` get a backslash. */
void completion_quoted(const char *, const char *marks, FILE *);

#endif
