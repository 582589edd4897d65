/* silent.h - which hosts and seeds have fallen silent: a walk over all of them.
 *
 * The walk is cut into steps, so that the loop that holds the state is never
 * held for long: a step looks at SILENT_STEP rows. What it gathers is bounded:
 * the SILENT_KEEP most surprising of each kind, and how many there were. */
#ifndef SILENT_H
#define SILENT_H

#include <stdint.h>
#include <stdio.h>

struct frontier_view;
struct silent;

#define SILENT_STEP 500 /* about 3 ms */
#define SILENT_KEEP 1000

/* The view must live as long. NULL: no memory. */
struct silent *silent_new(struct frontier_view *, int64_t now_ms);
void silent_free(struct silent *); /* NULL is fine */

/* 1: there is more to look at; 0: that was all; or an error. */
int silent_step(struct silent *);

/* The answer of `winnow status --silent`. since_ms: since when the daemon has
 * run, 0: none does. */
void silent_report(struct silent *, int64_t since_ms, FILE *);

#endif
