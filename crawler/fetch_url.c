/* fetch_url.c - where a URL leads, read before libcurl sees it.
 *
 * Invariants
 *  U1  What two parsers could read differently is refused: user info, a
 *      backslash, percent signs or other bytes in the host, spaces, control
 *      bytes. The host that the guard checks is then the host that libcurl
 *      connects to. */
#include "crawler/fetch_parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crawler/dns_name.h"

#define URL_MAX (16 << 10)

static int
port_parse(const char *s, const char *end, int *port)
{
	char *stop;
	long v = strtol(s, &stop, 10);

	if (*s < '0' || *s > '9' || stop != end || v < 1 || v > 65535)
		return -1;
	*port = (int)v;
	return 0;
}

static int
url_is_plain(const char *url)
{
	size_t n = strnlen(url, URL_MAX + 1), i;

	for (i = 0; i < n; i++)
		if ((unsigned char)url[i] <= 0x20 || url[i] == 0x7f)
			return 0;
	return n <= URL_MAX;
}

int
fetch_url_split(const char *url, struct fetch_target *t)
{
	const char *p = url, *end, *colon;
	size_t n;

	t->tls = strncasecmp(p, "https://", 8) == 0;
	t->port = t->tls ? 443 : 80;
	if ((!t->tls && strncasecmp(p, "http://", 7) != 0) ||
	    !url_is_plain(url))
		return -1;
	p += t->tls ? 8 : 7;
	end = p + strcspn(p, "/?#");
	colon = *p == '[' ? memchr(p, ']', (size_t)(end - p)) : p;
	if (colon == NULL)
		return -1;
	if (*p == '[')
		colon++;
	else
		colon += strspn(p,
		    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "0123456789.-_");
	n = (size_t)(colon - p);
	if (n == 0 || n > 255 || (colon != end && *colon != ':'))
		return -1;
	memcpy(t->host, p, n);
	t->host[n] = '\0';
	t->path = end;
	if (end - colon <= 1) /* "host", "host:" */
		return 0;
	return port_parse(colon + 1, end, &t->port);
}

/* Its host is an address: nobody but us resolves, and what a name of a proxy
 * would be is the administrator's to say. */
int
fetch_proxy_split(const char *proxy, struct dns_addr *addr, int *port)
{
	const char *p = strstr(proxy, "://"), *at, *colon;
	char host[64];
	size_t n;

	if (p == NULL || strlen(proxy) >= FETCH_PROXY_MAX)
		return -1;
	p += 3;
	if ((at = strrchr(p, '@')) != NULL)
		p = at + 1;
	if ((colon = strrchr(p, ':')) == NULL)
		return -1;
	n = (size_t)(colon - p);
	if (n == 0 || n >= sizeof(host))
		return -1;
	memcpy(host, p, n);
	host[n] = '\0';
	if (dns_name_ipv6(host, addr) != 1 && dns_name_ipv4(host, addr) != 1)
		return -1;
	return port_parse(colon + 1, colon + strlen(colon), port);
}
