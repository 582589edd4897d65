/* outage.h - is it them, or is it us?
 *
 * A host that cannot be reached is to blame for it, and so is the page that was
 * asked for: after fetch.max_tries it is given up. When our own network or name
 * server is down that would cost every host some pages for good, and leave it
 * at rest for an hour. It is told by who fails: hosts that have answered
 * before, several in a row, and nobody answers between them.
 *
 * Names have an account of their own: while the name server is down those whose
 * address is still known go on answering.
 *
 * Invariants
 *  A1  One host alone never makes an outage, however often it fails, nor do
 *      hosts that have never answered.
 *  A2  The first answer ends it. */
#ifndef OUTAGE_H
#define OUTAGE_H

#include <stdint.h>

#define OUTAGE_HOSTS 3 /* that fail in a row, each of them once at least */

enum outage_of { OUTAGE_NAMES, OUTAGE_CONNECTIONS, OUTAGE_N };

/* Zero: all is well. */
struct outage {
	struct outage_part {
		uint64_t failed[OUTAGE_HOSTS];
		int n;            /* of them; OUTAGE_HOSTS: an outage */
		int64_t since_ms; /* of the first of them */
	} parts[OUTAGE_N];
};

/* A host that has answered before failed. 1: it was the one that makes it an
 * outage. */
int outage_failed(
    struct outage *, enum outage_of, uint64_t host, int64_t now_ms);
/* 1: an outage has ended. */
int outage_over(struct outage *, enum outage_of);
/* "names", "connections" */
const char *outage_name(enum outage_of);
/* Since when; 0: there is none. */
int64_t outage_since(const struct outage *, enum outage_of);

#endif
