/* report.h - the engine's state as JSON, and JSON as words for people. */
#ifndef REPORT_H
#define REPORT_H

#include <stdint.h>
#include <stdio.h>

struct config;
struct engine;
struct frontier_view;
struct view_seed;
struct words;

void report_status(struct engine *, FILE *);
/* One element of a list of seeds; the same as a fact. */
void report_seed(struct words *, const struct view_seed *, int64_t now_ms);
void report_seed_fact(
    struct words *, const struct view_seed *, int64_t now_ms);
/* All that is known of a URL, or thought of it. halted: why nothing is fetched
 * now; NULL: it is, or nobody knows. 0, or an error: nothing was written. */
int report_why(struct frontier_view *, const struct config *, const char *url,
    const char *halted, int64_t now_ms, FILE *);
/* Of a host, what its pages have taught; on: it is asked for. */
void report_site(struct words *, struct frontier_view *, uint64_t host, int on,
    int64_t now_ms);
#define REPORT_NO_HOST "no address of that host is known"
/* A host by its name, or a URL of it. 1, 0: not known, or an error. */
int report_host(struct frontier_view *, const struct config *, const char *name,
    int64_t now_ms, FILE *);

#endif
