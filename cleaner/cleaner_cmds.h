/* cleaner_cmds.h - the subcommands of winnow that live beside the cleaner.
 * Each takes argv with its own name first and returns the exit status. */
#ifndef CLEANER_CMDS_H
#define CLEANER_CMDS_H

int cmd_clean(int argc, char **argv);
int cmd_normalise(int argc, char **argv);
int cmd_schema(int argc, char **argv);

#endif
