/* completion_fish.c - what fish needs.
 *
 * A line of `complete` for each option, which holds where its command was
 * typed. */
#include <stdio.h>
#include <string.h>

#include "crawler/commands.h"
#include "crawler/completion.h"

static const char fish_begin[] =
    "# fish completion of winnow and winnowd, made by `winnow completion "
    "fish`.\n"
    "\n"
    "# Whether the command that was typed so far is this one.\n"
    "function __winnow_at\n"
    "\tset -l words (commandline -opc)\n"
    "\tset -l name\n"
    "\tfor word in $words[2..-1]\n"
    "\t\tset -l next (string trim -- \"$name $word\")\n"
    "\t\tcontains -- $next $__winnow_names; or break\n"
    "\t\tset name $next\n"
    "\tend\n"
    "\ttest \"$name\" = \"$argv\"\n"
    "end\n"
    "\n"
    "function __winnow_settings\n"
    "\tif string match -q -- '*=*' (commandline -ct)\n"
    "\t\tprintf '%s\\n' $__winnow_values\n"
    "\telse\n"
    "\t\tprintf '%s\\n' $__winnow_keys\n"
    "\tend\n"
    "end\n"
    "\n";

/* `complete` for that command, up to what it completes. */
static void
fish_line(const struct command_row *c, FILE *f)
{
	if (c->type == COMMAND_PROGRAM)
		fprintf(f, "complete -c %s", c->name);
	else
		fprintf(f, "complete -c winnow -n '__winnow_at %s'", c->name);
}

/* What a value is completed with; only: no files beside it. */
static void
fish_values(const struct command_row *r, const char *only, FILE *f)
{
	switch (r->value) {
	case COMMAND_FILE:
		fputs(" -F", f);
		break;
	case COMMAND_DIR:
		fprintf(f, " %s-a '(__fish_complete_directories)'", only);
		break;
	case COMMAND_SETTING:
		fprintf(f, " %s-a '(__winnow_settings)'", only);
		break;
	case COMMAND_CHOICE:
		fprintf(f, " %s-a '", only);
		completion_choices(r, f);
		fputc('\'', f);
		break;
	default:
		fprintf(f, " %s", only);
	}
}

static void
fish_option(const struct command_row *c, const struct command_row *r, FILE *f)
{
	fish_line(c, f);
	if (r->letter != 0)
		fprintf(f, " -s %c", r->letter);
	if (r->name[0] != '\0')
		fprintf(f, " -l %s", r->name);
	if (r->value == COMMAND_FILE)
		fputs(" -r", f);
	if (r->value != COMMAND_NONE && !command_value_optional(r))
		fish_values(r, "-x ", f);
	fputs(" -d '", f);
	completion_quoted(r->words, "\\", f);
	fputs("'\n", f);
}

static void
fish_command(const struct command_row *c, FILE *f)
{
	fish_line(c, f);
	fputs(" -s h -l help -d 'this text'\n", f);
	for (const struct command_row *r = c + 1; command_part(r); r++) {
		if (r->type == COMMAND_OPTION)
			fish_option(c, r, f);
		/* of the others there is nothing to offer */
		if (r->type != COMMAND_OPERAND ||
		    (r->value != COMMAND_FILE && r->value != COMMAND_DIR &&
			r->value != COMMAND_CHOICE))
			continue;
		fish_line(c, f);
		fish_values(r, "", f);
		fputc('\n', f);
	}
}

static void
fish_group(const char *group, FILE *f)
{
	const char *word;

	for (const struct command_row *r = command_rows; r->type != COMMAND_END;
	     r++) {
		if ((word = completion_word_behind(r, group)) == NULL)
			continue;
		fprintf(f, "complete -c winnow -n '__winnow_at %s' -a %s -d '",
		    group, word);
		completion_quoted(r->words, "\\", f);
		fputs("'\n", f);
	}
	fprintf(f,
	    "complete -c winnow -n '__winnow_at %s' -s h -l help -d 'this "
	    "text'\n",
	    group);
}

void
completion_fish(FILE *f)
{
	const struct command_row *r;

	fputs(fish_begin, f);
	fputs("set -g __winnow_names", f);
	for (r = command_rows; r->type != COMMAND_END; r++)
		if (r->type == COMMAND_RUN || r->type == COMMAND_GROUP)
			fprintf(f, " \\\n\t'%s'", r->name);
	fputs("\nset -g __winnow_keys", f);
	completion_settings(f, 0, " \\\n\t");
	fputs("\nset -g __winnow_values", f);
	completion_settings(f, 1, " \\\n\t");
	fputs("\n\ncomplete -c winnow -f\ncomplete -c winnowd -f\n"
	      "complete -c winnow -n '__winnow_at ' -l version "
	      "-d 'its version'\n",
	    f);
	fish_group("", f);
	for (r = command_rows; r->type != COMMAND_END; r++)
		if (r->type == COMMAND_GROUP)
			fish_group(r->name, f);
		else if (completion_is_command(r))
			fish_command(r, f);
}
