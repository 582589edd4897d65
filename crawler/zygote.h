/* zygote.h - a small process that forks workers, and the workers' side.
 *
 * It is started before the parent opens its store, curl or any socket, so a
 * worker, however late it is made, inherits nothing but its own pipe. The
 * cleaner with its tables and converters is made once in the zygote; workers
 * share its pages.
 *
 * A worker reads one request, answers it, reads the next. It has no files, may
 * open none, no sockets, no fork, bounded memory (RLIMIT_AS, not in sanitizer
 * builds) and, where libseccomp is there, a list of a dozen system calls. When
 * its pipe closes it ends; when the parent dies the kernel ends zygote and
 * workers (PR_SET_PDEATHSIG). */
#ifndef ZYGOTE_H
#define ZYGOTE_H

#include <stdint.h>
#include <sys/types.h>

#include "cleaner/winnow.h"

struct zygote_options {
	struct winnow_options clean;
	int64_t memory; /* RLIMIT_AS of a worker in bytes; 0: none */
};

struct zygote {
	int fd; /* -1: none */
	pid_t pid;
};

/* Forks the zygote. 0, or -1 with err in words. Call it first of all. */
int zygote_start(struct zygote *, const struct zygote_options *, char *err,
    size_t errlen);
void zygote_stop(struct zygote *);

/* Asks for a worker: its pipe (a stream socket, blocking) and a pidfd. Blocks for the
 * time of a fork. 0 or -1. */
int zygote_spawn(struct zygote *, int *fd, int *pidfd);

/* Frames: what stands before a request and before an answer. */
struct worker_request {
	uint32_t kind; /* enum job_kind */
	uint32_t head_len;
	uint64_t body_len;
	uint64_t url_seed;
	uint32_t topic;	    /* 1: another topic comes before the head: */
	uint32_t topic_len; /* its bytes; 0: none any more */
};
struct worker_answer {
	uint32_t ok;   /* 1, 0: the request was broken */
	uint32_t part; /* 1: more answers to the same request follow */
	uint64_t len;
};
#define WORKER_ANSWER_MAX (64u << 20)

#endif
