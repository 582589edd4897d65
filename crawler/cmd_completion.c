/* cmd_completion.c - `winnow completion bash|zsh|fish`: what a shell needs to
 * complete the commands of commands.def, and what the three have in common. */
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "crawler/commands.h"
#include "crawler/completion.h"
#include "crawler/crawler_cmds.h"

int
completion_is_command(const struct command_row *r)
{
	return r->type == COMMAND_RUN || r->type == COMMAND_PROGRAM;
}

const char *
completion_word_behind(const struct command_row *r, const char *group)
{
	size_t n = strlen(group);
	const char *word;

	if (r->type != COMMAND_RUN && r->type != COMMAND_GROUP)
		return NULL;
	if (n > 0 && (strncmp(r->name, group, n) != 0 || r->name[n] != ' '))
		return NULL;
	word = r->name + n + (n > 0);
	return strchr(word, ' ') == NULL ? word : NULL;
}

void
completion_settings(FILE *f, int values, const char *before)
{
	struct config_setting s;

	for (size_t i = 0; config_setting(i, &s); i++) {
		if (!values)
			fprintf(f, "%s%s.%s=", before, s.section, s.name);
		for (size_t c = 0; values && s.choices && s.choices[c]; c++)
			fprintf(f, "%s%s.%s=%s", before, s.section, s.name,
			    s.choices[c]);
	}
}

void
completion_choices(const struct command_row *r, FILE *f)
{
	char word[80];
	size_t at = 0;

	for (int i = 0; command_choice(r, &at, word, sizeof word); i++)
		fprintf(f, "%s%s", i ? " " : "", word);
}

void
completion_quoted(const char *s, const char *marks, FILE *f)
{
	for (; *s != '\0'; s++)
		if (*s == '\'')
			fputs("'\\''", f);
		else
			fprintf(f, "%s%c", strchr(marks, *s) ? "\\" : "", *s);
}

int
cmd_completion(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(FILE *);
	} shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh},
	    {"fish", completion_fish}};

	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (strcmp(argv[argc - 1], shells[i].name) == 0) {
			shells[i].print(stdout);
			return 0;
		}
	return 2;
}
