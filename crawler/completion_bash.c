/* completion_bash.c - what bash needs.
 *
 * The functions below ask four tables, each a case: which names there are,
 * what value an option takes, which options a command has, and what its n-th
 * operand is. They need nothing of the package bash-completion. */
#include <stdio.h>
#include <string.h>

#include "crawler/commands.h"
#include "crawler/completion.h"

static const char bash_begin[] =
    "# bash completion of winnow and winnowd, made by `winnow completion "
    "bash`.\n"
    "\n"
    "# The words there are: $kind is a list, :files, :dirs, :settings or "
    ":any.\n"
    "_winnow_reply()\n"
    "{\n"
    "\tlocal kind=$1 cur=$2\n"
    "\tcase $kind in\n"
    "\t:files)\n"
    "\t\tcompopt -o filenames 2>/dev/null\n"
    "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
    "\t:dirs)\n"
    "\t\tcompopt -o filenames 2>/dev/null\n"
    "\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
    "\t:settings)\n"
    "\t\tif [[ $cur == *=* ]]; then\n"
    "\t\t\tkind=$_winnow_values\n"
    "\t\telse\n"
    "\t\t\tkind=$_winnow_keys\n"
    "\t\t\tcompopt -o nospace 2>/dev/null\n"
    "\t\tfi\n"
    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$kind\" -- \"$cur\") ;;\n"
    "\t:any) ;;\n"
    "\t*) mapfile -t COMPREPLY < <(compgen -W \"$kind\" -- \"$cur\") ;;\n"
    "\tesac\n"
    "}\n"
    "\n"
    "_winnow()\n"
    "{\n"
    "\tlocal i word words=() cmd= REPLY= ended= n=0 last cur before\n"
    "\tCOMPREPLY=()\n"
    "\t# bash cuts words at = and :, which are parts of ours\n"
    "\tfor ((i = 0; i <= COMP_CWORD; i++)); do\n"
    "\t\tword=${COMP_WORDS[i]}\n"
    "\t\tif ((i > 1)) && [[ $word == [=:]* || ${words[-1]} == *[=:] ]]; "
    "then\n"
    "\t\t\twords[-1]+=$word\n"
    "\t\telse\n"
    "\t\t\twords+=(\"$word\")\n"
    "\t\tfi\n"
    "\tdone\n"
    "\tlast=$((${#words[@]} - 1)) cur=${words[-1]} i=1\n"
    "\tif [[ ${words[0]##*/} == winnowd ]]; then\n"
    "\t\tcmd=winnowd\n"
    "\telse\n"
    "\t\tfor (( ; i < last; i++)); do\n"
    "\t\t\t_winnow_is \"${cmd:+$cmd }${words[i]}\" || break\n"
    "\t\t\tcmd=${cmd:+$cmd }${words[i]}\n"
    "\t\tdone\n"
    "\tfi\n"
    "\t# options up to here, and which of them waits for its value\n"
    "\tfor (( ; i < last; i++)); do\n"
    "\t\tword=${words[i]}\n"
    "\t\tif [[ $REPLY ]]; then\n"
    "\t\t\tREPLY=\n"
    "\t\telif [[ ! $ended && $word == -- ]]; then\n"
    "\t\t\tended=1\n"
    "\t\telif [[ ! $ended && $word == -?* ]]; then\n"
    "\t\t\t_winnow_value \"$cmd\" \"$word\"\n"
    "\t\telse\n"
    "\t\t\tn=$((n + 1))\n"
    "\t\tfi\n"
    "\tdone\n"
    "\tif [[ $REPLY ]]; then\n"
    "\t\t_winnow_reply \"$REPLY\" \"$cur\"\n"
    "\telif [[ ! $ended && $cur == --*=* ]]; then\n"
    "\t\t_winnow_value \"$cmd\" \"${cur%%=*}\"\n"
    "\t\t_winnow_reply \"${REPLY:-:any}\" \"${cur#*=}\"\n"
    "\t\tcur=${cur#*=}\n"
    "\telif [[ ! $ended && $cur == -* ]]; then\n"
    "\t\t_winnow_options \"$cmd\"\n"
    "\t\t_winnow_reply \"$REPLY\" \"$cur\"\n"
    "\telse\n"
    "\t\t_winnow_operand \"$cmd\" $n\n"
    "\t\t_winnow_reply \"${REPLY:-:any}\" \"$cur\"\n"
    "\tfi\n"
    "\t# of what bash takes for a word of its own only the end is wanted\n"
    "\tbefore=${cur%\"${cur##*[=:]}\"}\n"
    "\tif [[ $before && $COMP_WORDBREAKS == *[=:]* ]]; then\n"
    "\t\tCOMPREPLY=(\"${COMPREPLY[@]#\"$before\"}\")\n"
    "\tfi\n"
    "}\n"
    "\n";

static void
bash_kind(const struct command_row *r, FILE *f)
{
	switch (r->value) {
	case COMMAND_FILE:
		fputs(":files", f);
		break;
	case COMMAND_DIR:
		fputs(":dirs", f);
		break;
	case COMMAND_SETTING:
		fputs(":settings", f);
		break;
	case COMMAND_CHOICE:
		completion_choices(r, f);
		break;
	default:
		fputs(":any", f);
	}
}

/* _winnow_is NAME: whether that is a command or a group. */
static void
bash_names(FILE *f)
{
	const struct command_row *r;

	fputs("_winnow_is()\n{\n\tcase $1 in\n", f);
	for (r = command_rows; r->type != COMMAND_END; r++)
		if (r->type == COMMAND_RUN || r->type == COMMAND_GROUP)
			fprintf(f, "\t'%s') ;;\n", r->name);
	fputs("\t*) return 1 ;;\n\tesac\n}\n\n", f);
}

/* _winnow_value COMMAND OPTION: REPLY is the kind of its value, empty without
 * one. */
static void
bash_values(FILE *f)
{
	const struct command_row *c, *r;

	fputs("_winnow_value()\n{\n\tREPLY=\n\tcase \"$1 $2\" in\n", f);
	for (c = command_rows; c->type != COMMAND_END; c++)
		for (r = c + 1; completion_is_command(c) && command_part(r);
		     r++) {
			if (r->type != COMMAND_OPTION ||
			    r->value == COMMAND_NONE)
				continue;
			fputc('\t', f);
			if (r->letter != 0)
				fprintf(f, "'%s -%c'%s", c->name, r->letter,
				    r->name[0] ? "|" : "");
			if (r->name[0] != '\0')
				fprintf(f, "'%s --%s'", c->name, r->name);
			fputs(") REPLY='", f);
			bash_kind(r, f);
			fputs("' ;;\n", f);
		}
	fputs("\tesac\n}\n\n", f);
}

/* _winnow_options COMMAND: REPLY is a list of its options. */
static void
bash_options(FILE *f)
{
	const struct command_row *c, *r;

	fputs("_winnow_options()\n{\n\tcase $1 in\n", f);
	for (c = command_rows; c->type != COMMAND_END; c++) {
		if (!completion_is_command(c))
			continue;
		fprintf(f, "\t'%s') REPLY='", c->name);
		for (r = c + 1; command_part(r); r++) {
			if (r->type != COMMAND_OPTION)
				continue;
			if (r->letter != 0)
				fprintf(f, "-%c ", r->letter);
			if (r->name[0] != '\0')
				fprintf(f, "--%s ", r->name);
		}
		fputs("--help' ;;\n", f);
	}
	fputs("\t'') REPLY='--help --version' ;;\n"
	      "\t*) REPLY=--help ;;\n\tesac\n}\n\n",
	    f);
}

static void
bash_words(const char *group, FILE *f)
{
	const char *word;

	fprintf(f, "\t'%s/'*) REPLY='", group);
	for (const struct command_row *r = command_rows; r->type != COMMAND_END;
	     r++)
		if ((word = completion_word_behind(r, group)) != NULL)
			fprintf(f, "%s ", word);
	fputs("' ;;\n", f);
}

/* _winnow_operand COMMAND N: REPLY is the kind of its N-th operand. */
static void
bash_operands(FILE *f)
{
	const struct command_row *c, *r;
	int n;

	fputs("_winnow_operand()\n{\n\tREPLY=\n\tcase $1/$2 in\n", f);
	for (c = command_rows; c->type != COMMAND_END; c++) {
		if (c->type == COMMAND_GROUP)
			bash_words(c->name, f);
		n = 0;
		for (r = c + 1; completion_is_command(c) && command_part(r);
		     r++) {
			if (r->type != COMMAND_OPERAND)
				continue;
			if (r->count >= COMMAND_MANY)
				fprintf(f, "\t'%s/'*", c->name);
			else
				fprintf(f, "\t'%s/%d'", c->name, n++);
			fputs(") REPLY='", f);
			bash_kind(r, f);
			fputs("' ;;\n", f);
		}
	}
	bash_words("", f);
	fputs("\tesac\n}\n\n", f);
}

void
completion_bash(FILE *f)
{
	fputs(bash_begin, f);
	bash_names(f);
	bash_values(f);
	bash_options(f);
	bash_operands(f);
	fputs("_winnow_keys='", f);
	completion_settings(f, 0, "\n");
	fputs("'\n_winnow_values='", f);
	completion_settings(f, 1, "\n");
	fputs("'\ncomplete -F _winnow winnow winnowd\n", f);
}
