/* crawler_cmds.h - the subcommands of winnow that live beside the crawler.
 * Each takes argv with its own name first and returns the exit status. The
 * dispatcher has checked options and operands by commands.def, and answered
 * --help: what getopt does not know never comes here. */
#ifndef CRAWLER_CMDS_H
#define CRAWLER_CMDS_H

int cmd_check(int argc, char **argv);
int cmd_completion(int argc, char **argv);
int cmd_crawl(int argc, char **argv);
int cmd_page(int argc, char **argv);
int cmd_why(int argc, char **argv);
int cmd_host(int argc, char **argv);
int cmd_seed(int argc, char **argv);   /* seed add|list */
int cmd_control(int argc, char **argv); /* status, pause, resume, reload, stop */

#endif
