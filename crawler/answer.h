/* answer.h - what the daemon answers when it is asked about its state.
 *
 * Each writes one JSON object to out, or begins it and fills in steps: what
 * takes longer than a few milliseconds is answered a part a turn of the loop
 * (C2). Nothing is changed. */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdio.h>

struct config;
struct control_steps;
struct engine;

void answer_why(
    struct engine *, const struct config *, const char *url, FILE *);
void answer_host(
    struct engine *, const struct config *, const char *name, FILE *);
void answer_silent(struct engine *, FILE *out, struct control_steps *steps);
void answer_seeds(struct engine *, FILE *out, struct control_steps *steps);

/* status: the exit status of the command that asked. */
void answer_error(FILE *, int status, const char *words);

#endif
