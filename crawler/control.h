/* control.h - the daemon's socket: one request, one answer, closed.
 *
 * A Unix stream socket, mode 0660. The peer must be root or the daemon's own
 * user, who may do everything, or in its group, whose members are guests: what
 * those may ask for says requests.c (SO_PEERCRED, SO_PEERGROUPS). A request is
 * lines of text up to the end of writing or an empty line: first the command
 * and its arguments, then what belongs to it (the lines of `seed add`). The
 * answer is one JSON object on a line, its newline at the end.
 *
 * Invariants
 *  C1  A request is at most CONTROL_REQUEST_MAX bytes and comes within 10 s; all
 *      requests that are still coming hold CONTROL_HELD_MAX at most, and an
 *      answer waits in pieces of CONTROL_PIECE for who reads it.
 *  C2  Neither an idle nor a hostile client keeps the loop from its work, nor
 *      a question with a long answer: that is given in steps. So many clients
 *      are taken, and so many bytes of them, in a tenth of a second.
 *  C3  Nobody is refused for want of a place: when all CONTROL_CLIENTS are
 *      taken, who has most of them loses the one that has been idle longest. A
 *      request that is there when its client is taken is answered at once. */
#ifndef CONTROL_H
#define CONTROL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crawler/json_string.h"

#define CONTROL_REQUEST_MAX (4 << 20)
#define CONTROL_HELD_MAX (16 << 20)
#define CONTROL_PIECE (256 << 10)
#define CONTROL_CLIENTS 64

struct event_base;
struct control;

/* An answer that takes longer is written in steps, one a turn of the loop: a
 * handle() that fills this in is not done yet. step() is called until it says 0;
 * else so many milliseconds later. end() comes once, also when the client is
 * gone before. */
struct control_steps {
	int (*step)(void *state, FILE *out);
	void (*end)(void *state);
	void *state;
};

enum control_peer {
	CONTROL_STRANGER, /* is not let in */
	CONTROL_GUEST,
	CONTROL_MASTER
};

/* What a client asks for; borrowed until handle() returns. */
struct control_request {
	enum control_peer peer;
	const char *command; /* the first line */
	const char *rest;    /* what follows it */
	size_t len;	     /* of rest */
};

/* handle() writes the answer to out, or its beginning and fills in steps. */
typedef void control_handle(void *arg, const struct control_request *,
    FILE *out, struct control_steps *steps);
int control_new(struct control **, struct event_base *, const char *path,
    control_handle *, void *arg, char *err, size_t errlen);
void control_free(struct control *); /* removes the socket */

/* The client's side: sends the request and gives the answer, malloced,
 * NUL-terminated. 0, or -1 with words: not reachable. patience: seconds without
 * a word from the daemon; 0: any. */
int control_ask(const char *path, const char *command, const void *rest,
    size_t len, int patience, char **answer, char *err, size_t errlen);
#define CONTROL_PATIENCE 30

#endif
