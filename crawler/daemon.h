/* daemon.h - winnowd: the engine without an end, spoken to over its socket. */
#ifndef DAEMON_H
#define DAEMON_H

#include "crawler/startup.h"
#include "crawler/zygote.h"

struct config;

/* Runs until SIGTERM, SIGINT or `winnow stop`; the exit status. Takes config,
 * which a reload (SIGHUP) replaces; reading it again needs file and
 * overrides. The zygote stays the caller's. */
int daemon_run(struct config *, const char *file, const struct overrides *,
    struct zygote *);

#endif
