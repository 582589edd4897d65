/* cmd_queue.h - what the verbs of winnow queue share: the command line as it
 * was understood, and the words and statuses with which they end. */
#ifndef CMD_QUEUE_H
#define CMD_QUEUE_H

#include <signal.h>

#include "queue/format.h"
#include "queue/print.h"

enum { OK = 0, ERROR = 1, USAGE = 2, SOME = 5, NOSPACE = 6, NOTHING = 7 };

#define WHERE_MAX 32

struct args {
	char dir[WQ_DIR_MAX]; /* the queue, as wq_find() gave it */
	const char *name;     /* of the consumer; NULL: none is named */
	char **rest;          /* operands behind DIR and the consumer */
	int nrest;
	struct wq_range range;
	struct wq_print_options print;
	const char *where[WHERE_MAX];
	uint64_t count, bytes; /* -n, --bytes; 0: not given */
	int64_t retain_ms;     /* -1: not given */
	int json, dry, fresh, rewind, wait;
};

/* Each gets the exit status: cmd_list.c, cmd_read.c, cmd_follow.c,
 * cmd_consume.c, cmd_care.c. */
int cmd_queue_list(struct args *);
int cmd_queue_stat(struct args *);
int cmd_queue_cat(struct args *);
int cmd_queue_get(struct args *);
int cmd_queue_follow(struct args *);
int cmd_queue_next(struct args *);
int cmd_queue_ack(struct args *);
int cmd_queue_cursor_list(struct args *);
int cmd_queue_cursor_rm(struct args *);
int cmd_queue_verify(struct args *);
int cmd_queue_prune(struct args *);

/* ---- words (cmd_queue.c) ------------------------------------------------- */

/* One line on stderr, with the command's name in front. */
void cmd_queue_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* What failed (errno where err is WQ_EIO or WQ_ENOSPC); the exit status. */
int cmd_queue_complain(int err, const char *what);
/* What stdout says at the end; a reader that left is no fault of ours. */
int cmd_queue_finish(int status);
/* -1, and words, when an operand is no number. */
int cmd_queue_seq(const char *s, uint64_t *seq);

/* ---- the end of the queue (cmd_list.c) ----------------------------------- */

/* Number of the last sealed record, 0 when nobody can tell. */
int cmd_queue_last(const char *dir, uint64_t *seq);

/* ---- all cursors (cmd_consume.c) ----------------------------------------- */

/* What is wrong with one. */
const char *cmd_queue_cursor_why(int err);
/* wq_cursor_each(), and words where their folder cannot be read. */
int cmd_queue_cursors(const struct args *,
    void (*each)(
	void *arg, const char *name, int err, const struct wq_cursor *),
    void *arg, uint64_t *lowest);

/* ---- records to stdout (cmd_read.c) -------------------------------------- */

struct pour {
	struct wq_reader *reader;
	struct wq_print *print;
	uint64_t max, bytes;    /* printed at most; 0: no bound */
	uint64_t printed, seen; /* seen: number of the last one looked at */
	int damaged, shut;      /* shut: errno of stdout */
	int whole; /* what cannot be opened now ends it: it is not lost */
	const volatile sig_atomic_t *stop; /* not 0: no further; NULL: none */
};
/* Opens both for a->range and a->print: the exit status. */
int cmd_queue_pour_open(struct pour *, const struct args *);
/* Until no record is left for now, or a bound is met: the exit status of what
 * was no damage. A stdout that fails is left to cmd_queue_finish(). */
int cmd_queue_pour(struct pour *);
/* Ends what is printed; flushes. 0, or -1 when stdout fails. */
int cmd_queue_pour_end(struct pour *);
/* Frees; the command's exit status. */
int cmd_queue_pour_close(struct pour *, int status);

#endif
