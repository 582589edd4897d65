/* notify.h - words to the service manager, by the protocol of sd_notify(3): a
 * datagram of VARIABLE=value lines to the socket that NOTIFY_SOCKET names.
 *
 * Invariants
 *  Y1  Nothing here waits: a manager that does not read cannot stop the loop.
 *  Y2  What changes the manager's mind (READY, RELOADING, STOPPING) arrives, in
 *      its order: what the socket does not take now is offered again. Only of
 *      more than NOTIFY_KEPT that wait is the oldest lost. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdint.h>

#define NOTIFY_KEPT 16

struct event_base;
struct notify;

/* No manager: it sends nothing. 0, or -1: no memory. */
int notify_new(struct notify **, struct event_base *);
/* What still waits is offered once more. NULL is fine. */
void notify_free(struct notify *);

/* As in notify_state(n, "READY=1\nSTATUS=%d hosts", n): it has to arrive. */
void notify_state(struct notify *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A word of which the next one tells as much (WATCHDOG, STATUS): lost when it
 * cannot be sent. */
void notify_sign(struct notify *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* WATCHDOG_USEC in ms, when it is meant for this process; 0: no watchdog. */
int64_t notify_watchdog_ms(void);

#endif
