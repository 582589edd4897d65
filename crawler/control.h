/* control.h - the daemon's socket: one request, one answer, closed.
 *
 * A Unix stream socket, mode 0660; whoever may open it is trusted with what it
 * offers, and the peer must be root, the daemon's own user or in its group
 * (SO_PEERCRED). A request is lines of text up to the end of writing or an empty
 * line: first the command and its arguments, then what belongs to it (the
 * lines of `seed add`). The answer is one JSON object on a line.
 *
 * Invariants
 *  C1  A request is at most CONTROL_REQUEST_MAX bytes, comes within 10 s, and
 *      at most 64 clients are served at a time: others are closed at once.
 *  C2  Neither an idle nor a hostile client keeps the loop from its work, nor
 *      a question with a long answer: that is given in steps. */
#ifndef CONTROL_H
#define CONTROL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CONTROL_REQUEST_MAX (4 << 20)

struct event_base;
struct control;

/* An answer that takes longer is written in steps, one a turn of the loop: a
 * handle() that fills this in is not done yet. step() is called until it says 0;
 * end() comes once, also when the client is gone before. */
struct control_steps {
	int (*step)(void *state, FILE *out);
	void (*end)(void *state);
	void *state;
};

/* handle() writes the answer to out, or its beginning and fills in steps; rest
 * is what follows the first line. */
int control_new(struct control **, struct event_base *, const char *path,
    void (*handle)(void *arg, const char *command, const char *rest,
	size_t len, FILE *out, struct control_steps *steps),
    void *arg, char *err, size_t errlen);
void control_free(struct control *); /* removes the socket */

/* The client's side: sends the request and gives the answer, malloced,
 * NUL-terminated. 0, or -1 with words: not reachable. */
int control_ask(const char *path, const char *command, const void *rest,
    size_t len, char **answer, char *err, size_t errlen);

/* Writes s as a JSON string, or null. Any bytes: what is no UTF-8 is U+FFFD. */
void json_put_string(FILE *, const char *s);

#endif
