/* cleaner_cmds.h - the subcommands of winnow that live beside the cleaner.
 * Each takes argv with its own name first and returns the exit status. The
 * dispatcher has checked options and operands (crawler/commands.def), and
 * answered --help: what getopt does not know never comes here. */
#ifndef CLEANER_CMDS_H
#define CLEANER_CMDS_H

#include "cleaner/winnow.h"

int cmd_clean(int argc, char **argv);
int cmd_normalise(int argc, char **argv);
int cmd_topic(int argc, char **argv);
int cmd_schema(int argc, char **argv);

/* The script an option names; -1: none, or it cannot be had (both said). */
int wn_cmd_script(const char *who, const char *word, enum winnow_script *);

#endif
