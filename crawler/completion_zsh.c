/* completion_zsh.c - what zsh needs.
 *
 * _winnow finds the command, and gives its options and operands to _arguments.
 */
#include <stdio.h>
#include <string.h>

#include "crawler/commands.h"
#include "crawler/completion.h"

static const char zsh_begin[] =
    "#compdef winnow winnowd\n"
    "# zsh completion of winnow and winnowd, made by `winnow completion "
    "zsh`.\n"
    "\n"
    "_winnow_settings()\n"
    "{\n"
    "\tlocal -a keys=($_winnow_keys) values=($_winnow_values)\n"
    "\tif [[ $PREFIX == *=* ]]; then\n"
    "\t\tcompadd -a values\n"
    "\telse\n"
    "\t\tcompadd -S '' -a keys\n"
    "\tfi\n"
    "}\n"
    "\n"
    "_winnow()\n"
    "{\n"
    "\tlocal name= next curcontext=$curcontext\n"
    "\tinteger i=2\n"
    "\tif [[ $service == winnowd ]]; then\n"
    "\t\tname=winnowd\n"
    "\telse\n"
    "\t\twhile (( i < CURRENT )); do\n"
    "\t\t\tnext=${name:+$name }${words[i]}\n"
    "\t\t\t(( ${_winnow_names[(Ie)$next]} )) || break\n"
    "\t\t\tname=$next\n"
    "\t\t\t(( i++ ))\n"
    "\t\tdone\n"
    "\tfi\n"
    "\twords=(\"${name:-winnow}\" \"${(@)words[i,-1]}\")\n"
    "\t(( CURRENT -= i - 2 ))\n"
    "\t_winnow_at \"$name\"\n"
    "}\n"
    "\n";

static void
zsh_action(const struct command_row *r, FILE *f)
{
	static const char *const actions[] = {[COMMAND_FILE] = "_files",
	    [COMMAND_DIR] = "_files -/",
	    [COMMAND_URL] = "_urls",
	    [COMMAND_HOST] = "_hosts",
	    [COMMAND_SETTING] = "_winnow_settings"};
	const char *action = (size_t)r->value < sizeof actions / sizeof *actions
				 ? actions[r->value]
				 : NULL;

	if (r->value == COMMAND_SETTING)
		action = actions[COMMAND_SETTING];
	if (r->value == COMMAND_CHOICE) {
		fputc('(', f);
		completion_choices(r, f);
		fputc(')', f);
	} else
		fputs(action != NULL ? action : " ", f);
}

/* :message:action */
static void
zsh_value(const struct command_row *r, FILE *f)
{
	char arg[128];

	fputs(command_value_optional(r) ? "::" : ":", f);
	completion_quoted(command_arg(r, arg, sizeof arg), ":[]\\", f);
	fputc(':', f);
	zsh_action(r, f);
}

static void
zsh_option(const struct command_row *r, FILE *f)
{
	const char *wants = r->value == COMMAND_NONE    ? ""
			    : command_value_optional(r) ? "=-"
							: "=";

	fputs(" \\\n\t\t    ", f);
	if (command_repeats(r))
		fputs("'*'", f);
	else if (r->letter != 0 && r->name[0] != '\0')
		fprintf(f, "'(-%c --%s)'", r->letter, r->name);
	if (r->letter != 0 && r->name[0] != '\0')
		fprintf(f, "{-%c%s,--%s%s}", r->letter, *wants ? "+" : "",
		    r->name, wants);
	else if (r->letter != 0)
		fprintf(f, "-%c%s", r->letter, *wants ? "+" : "");
	else
		fprintf(f, "--%s%s", r->name, wants);
	fputs("'[", f);
	completion_quoted(r->words, ":[]\\", f);
	fputc(']', f);
	if (*wants != '\0')
		zsh_value(r, f);
	fputc('\'', f);
}

static void
zsh_operand(const struct command_row *r, FILE *f)
{
	char arg[128];

	fprintf(f, " \\\n\t\t    '%s", r->count >= COMMAND_MANY ? "*" : "");
	fputs(r->count == COMMAND_MAYBE ? "::" : ":", f);
	completion_quoted(command_arg(r, arg, sizeof arg), ":[]\\", f);
	fputc(':', f);
	zsh_action(r, f);
	fputc('\'', f);
}

static void
zsh_group(const char *group, FILE *f)
{
	const char *word;

	fprintf(f, "\t'%s')\n\t\tlist=(", group);
	for (const struct command_row *r = command_rows; r->type != COMMAND_END;
	     r++)
		if ((word = completion_word_behind(r, group)) != NULL) {
			fprintf(f, "\n\t\t    '%s:", word);
			completion_quoted(r->words, "\\", f);
			fputc('\'', f);
		}
	fputs(")\n\t\t_arguments '(- *)'{-h,--help}'[this text]' "
	      "':command:->list' && return\n"
	      "\t\t[[ $state != list ]] ||\n"
	      "\t\t    _describe -t commands command list ;;\n",
	    f);
}

void
completion_zsh(FILE *f)
{
	const struct command_row *c, *r;

	fputs(zsh_begin, f);
	fputs("_winnow_at()\n{\n\tlocal -a list\n\tlocal state line\n"
	      "\tcase $1 in\n",
	    f);
	zsh_group("", f);
	for (c = command_rows; c->type != COMMAND_END; c++) {
		if (c->type == COMMAND_GROUP)
			zsh_group(c->name, f);
		if (!completion_is_command(c))
			continue;
		fprintf(f,
		    "\t'%s')\n\t\t_arguments -s -S \\\n"
		    "\t\t    '(- *)'{-h,--help}'[this text]'",
		    c->name);
		for (r = c + 1; command_part(r); r++)
			if (r->type == COMMAND_OPTION)
				zsh_option(r, f);
			else if (r->type == COMMAND_OPERAND)
				zsh_operand(r, f);
		fputs(" ;;\n", f);
	}
	fputs("\tesac\n}\n\ntypeset -ga _winnow_names=(", f);
	for (r = command_rows; r->type != COMMAND_END; r++)
		if (r->type == COMMAND_RUN || r->type == COMMAND_GROUP)
			fprintf(f, "\n\t'%s'", r->name);
	fputs(")\ntypeset -ga _winnow_keys=(", f);
	completion_settings(f, 0, "\n\t");
	fputs(")\ntypeset -ga _winnow_values=(", f);
	completion_settings(f, 1, "\n\t");
	/* sourced, or found in fpath at the first completion */
	fputs(")\n\nif [[ $funcstack[1] == _winnow ]]; then\n"
	      "\t_winnow \"$@\"\n"
	      "else\n"
	      "\tcompdef _winnow winnow winnowd\n"
	      "fi\n",
	    f);
}
