/* dns_name.c - what a host string is: a name, or an address in one of its many
 * spellings.
 *
 * Browsers take 0x7f.1, 2130706433 and 017700000001 for 127.0.0.1 (WHATWG URL,
 * "IPv4 parser"), and so does curl; a guard that did not would let them pass.
 *
 * Invariants
 *  N1  A host whose last label is a number is an address or nothing: it is
 *      never asked for as a name. */
#include "crawler/dns_name.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

int
dns_name_canonical(const char *host, char out[DNS_NAME_MAX + 1])
{
	size_t n = strnlen(host, DNS_NAME_MAX + 2), i, label = 0;

	if (n > 1 && host[n - 1] == '.')
		n--;
	if (n == 0 || n > DNS_NAME_MAX)
		return DNS_BADNAME;
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)host[i];

		if (c == '.' ? label == 0 : label == 63)
			return DNS_BADNAME;
		label = c == '.' ? 0 : label + 1;
		if (!isalnum(c) && c != '.' && c != '-' && c != '_')
			return DNS_BADNAME;
		out[i] = (char)tolower(c);
	}
	out[n] = '\0';
	return label > 0 ? (int)n : DNS_BADNAME;
}

/* One number of an IPv4 address as browsers read it: 10, 0x0a, 012. */
static int
ipv4_number(const char *s, size_t n, uint64_t *out)
{
	unsigned base = 10, d;
	uint64_t v = 0;

	if (n == 0)
		return -1;
	if (n >= 2 && s[0] == '0' && s[1] == 'x') {
		base = 16;
		s += 2;
		n -= 2;
	} else if (n >= 2 && s[0] == '0') {
		base = 8;
		s++;
		n--;
	}
	for (; n > 0; s++, n--) {
		if (!isxdigit((unsigned char)*s))
			return -1;
		d = *s <= '9' ? (unsigned)(*s - '0')
			      : (unsigned)(*s - 'a') + 10;
		if (d >= base)
			return -1;
		v = v * base + d;
		if (v > UINT32_MAX)
			v = (uint64_t)UINT32_MAX + 1; /* a number, too big */
	}
	*out = v;
	return 0;
}

int
dns_name_ipv4(const char *name, struct dns_addr *a)
{
	const char *last = strrchr(name, '.'), *p = name;
	uint64_t v, all = 0;
	size_t n;
	int parts = 0;

	last = last != NULL ? last + 1 : name;
	if (last[strspn(last, "0123456789")] != '\0' &&
	    ipv4_number(last, strlen(last), &v) < 0)
		return 0;
	for (;; p += n + 1) {
		n = strcspn(p, ".");
		if (++parts > 4 || ipv4_number(p, n, &v) < 0)
			return DNS_BADNAME;
		if (p[n] == '\0')
			break;
		if (v > 255)
			return DNS_BADNAME;
		all |= v << (32 - 8 * parts);
	}
	if (v >= (uint64_t)1 << (8 * (5 - parts)))
		return DNS_BADNAME;
	all |= v;
	memset(a, 0, sizeof(*a));
	a->family = 4;
	a->ip[0] = (uint8_t)(all >> 24);
	a->ip[1] = (uint8_t)(all >> 16);
	a->ip[2] = (uint8_t)(all >> 8);
	a->ip[3] = (uint8_t)all;
	return 1;
}

int
dns_name_ipv6(const char *host, struct dns_addr *a)
{
	char ip[INET6_ADDRSTRLEN + 1];
	size_t n = strnlen(host, sizeof(ip) + 2);

	if (host[0] != '[' && memchr(host, ':', n) == NULL)
		return 0;
	if (host[0] == '[') {
		if (n < 2 || host[n - 1] != ']')
			return DNS_BADNAME;
		host++;
		n -= 2;
	}
	if (n >= sizeof(ip))
		return DNS_BADNAME;
	memcpy(ip, host, n);
	ip[n] = '\0';
	memset(a, 0, sizeof(*a));
	a->family = 6;
	return inet_pton(AF_INET6, ip, a->ip) == 1 ? 1 : DNS_BADNAME;
}
