/* notify.c - see notify.h. */
#include "crawler/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void
notify_send(const char *fmt, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char text[512];
	va_list ap;
	size_t n;
	int fd, len;

	if (path == NULL || (n = strlen(path)) < 2 ||
	    n >= sizeof sa.sun_path)
		return;
	memcpy(sa.sun_path, path, n);
	if (path[0] == '@') /* the abstract name space */
		sa.sun_path[0] = '\0';
	va_start(ap, fmt);
	len = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (len < 0 ||
	    (fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
		return;
	/* A manager that does not read must not stop the loop: of a sign of
	 * life the next one tells as much. */
	(void)sendto(fd, text,
	    (size_t)len < sizeof text ? (size_t)len : sizeof text - 1,
	    MSG_NOSIGNAL |
		(strncmp(text, "WATCHDOG=", 9) == 0 ? MSG_DONTWAIT : 0),
	    (struct sockaddr *)&sa,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(fd);
}

int64_t
notify_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC"),
		   *pid = getenv("WATCHDOG_PID");

	if (usec == NULL || (pid != NULL && atoll(pid) != getpid()))
		return 0;
	return atoll(usec) / 2000;
}
