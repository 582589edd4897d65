/* queue_cmds.h - the subcommand of winnow that reads the queue. Takes argv
 * with its own name first and returns the exit status. The dispatcher has checked
 * verb, options and operands (crawler/commands.def), and answered --help. */
#ifndef QUEUE_CMDS_H
#define QUEUE_CMDS_H

int cmd_queue(int argc, char **argv);

#endif
