/* metrics.h - the engine's figures in Prometheus' text format (version 0.0.4).
 *
 * The list is metrics.def. Pure: what is told is an argument. */
#ifndef METRICS_H
#define METRICS_H

#include <stdint.h>
#include <stdio.h>

#include "crawler/engine.h"
#include "crawler/process.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct metrics {
	struct engine_stat e;
	struct engine_meters t;
	struct process_stat p;
	uint64_t http_requests, http_evictions;
};

void metrics_write(const struct metrics *, FILE *);

#endif
