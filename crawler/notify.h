/* notify.h - words to the service manager (sd_notify(3)), by its protocol: a
 * datagram to the socket that NOTIFY_SOCKET names. Without one: nothing. */
#ifndef NOTIFY_H
#define NOTIFY_H

#include <stdint.h>

/* As in notify_send("READY=1\nSTATUS=%d hosts", n). */
void notify_send(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Half of WATCHDOG_USEC in ms: how often to send WATCHDOG=1; 0: never. */
int64_t notify_watchdog_ms(void);

#endif
