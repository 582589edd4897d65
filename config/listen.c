/* listen.c - an item of http.listen: where the web server takes clients.
 *
 *	127.0.0.1:9712    [::1]:9712    unix:/run/winnow/http.sock
 *
 * Addresses only: what a name stands for is the answer of somebody else, and a
 * server that is meant for this machine must not depend on it. */
#include "config/impl.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define UNIX "unix:"

/* The address before the port, without brackets; NULL: there is none. */
static const char *
address_of(const char *s, char buf[INET6_ADDRSTRLEN])
{
	const char *end = *s == '[' ? strstr(s, "]:") : strchr(s, ':');
	size_t len;

	if (end == NULL)
		return NULL;
	s += *s == '[';
	len = (size_t)(end - s);
	if (len >= INET6_ADDRSTRLEN)
		return NULL;
	memcpy(buf, s, len);
	buf[len] = '\0';
	return buf;
}

const char *
config_listen_check(const char *s)
{
	static const char help[] =
	    "not a place to listen at, use address:port, [address]:port or "
	    "unix:/path";
	char buf[INET6_ADDRSTRLEN], addr[sizeof(struct in6_addr)];
	const char *port;

	if (strncmp(s, UNIX, strlen(UNIX)) == 0) {
		s += strlen(UNIX);
		if (*s != '/')
			return "not a path, use one from the root as in "
			       "unix:/run/winnow/http.sock";
		return strlen(s) < sizeof(((struct sockaddr_un *)0)->sun_path)
			   ? NULL
			   : "path is too long for a socket, use at most 107 "
			     "bytes";
	}
	if (address_of(s, buf) == NULL ||
	    inet_pton(*s == '[' ? AF_INET6 : AF_INET, buf, addr) != 1)
		return help;
	port = strrchr(s, ':') + 1;
	if (strlen(port) > 5 || port[strspn(port, "0123456789")] != '\0' ||
	    atoi(port) < 1 || atoi(port) > 65535)
		return "bad port, use one from 1 to 65535";
	return NULL;
}

/* s has passed config_listen_check(). */
int
config_listen_is_local(const char *s)
{
	char buf[INET6_ADDRSTRLEN];
	struct in6_addr a6;
	struct in_addr a4;

	if (strncmp(s, UNIX, strlen(UNIX)) == 0)
		return 1;
	if (address_of(s, buf) == NULL)
		return 0;
	if (inet_pton(AF_INET, buf, &a4) == 1)
		return (ntohl(a4.s_addr) >> 24) == IN_LOOPBACKNET;
	return inet_pton(AF_INET6, buf, &a6) == 1 && IN6_IS_ADDR_LOOPBACK(&a6);
}
