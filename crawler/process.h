/* process.h - this process as the kernel sees it, for metrics. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdint.h>

struct process_stat {
	double cpu_s;              /* of this process, not of its workers */
	double started_s;          /* Unix time; 0: not told */
	uint64_t rss, size;        /* bytes */
	uint64_t files, files_max; /* descriptors; open and allowed */
};
/* What cannot be found out is 0. */
void process_stat(struct process_stat *);

#endif
