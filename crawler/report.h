/* report.h - the engine's state as JSON, and JSON as words for people. */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

struct engine;
struct frontier_why;

void report_status(struct engine *, FILE *);
void report_seeds(struct engine *, FILE *);
void report_why(const struct frontier_why *, FILE *);
/* A flat or nested object as "key  value" lines, nested keys with a dot. */
void report_words(char *json, FILE *);

#endif
