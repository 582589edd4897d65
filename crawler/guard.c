/* guard.c - which addresses may be asked at all.
 *
 * A page decides where the crawler goes next, so without this file any page
 * could make it read the administrator's printer or a cloud's metadata
 * service. Two tables of ranges (IANA special-purpose registries), and for IPv6
 * a table of places where an IPv4 address hides.
 *
 * Invariants
 *  G1  An IPv6 address that carries an IPv4 address is refused when the IPv4
 *      one is.
 *  G2  Of IPv6 only global unicast (2000::/3) and NAT64's well-known prefix
 *      can pass: what nobody has thought of yet is refused.
 *  G3  allow_net opens exactly its networks. A mapped address (::ffff:a.b.c.d)
 *      is its IPv4 address; the other spellings have to be opened as IPv6. */
#include "crawler/dns.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct range {
	uint8_t ip[16];
	int bits;
	const char *name;
};

static const struct range ranges4[] = {
    {{0}, 8, "unspecified"},
    {{10}, 8, "private"},
    {{100, 64}, 10, "shared"},
    {{127}, 8, "loopback"},
    {{169, 254}, 16, "link-local"},
    {{172, 16}, 12, "private"},
    {{192, 0, 0}, 24, "reserved"},
    {{192, 0, 2}, 24, "documentation"},
    {{192, 88, 99}, 24, "reserved"},
    {{192, 168}, 16, "private"},
    {{198, 18}, 15, "benchmark"},
    {{198, 51, 100}, 24, "documentation"},
    {{203, 0, 113}, 24, "documentation"},
    {{224}, 4, "multicast"},
    {{240}, 4, "reserved"},
};

static const struct range ranges6[] = {
    {{0}, 128, "unspecified"},
    {{[15] = 1}, 128, "loopback"},
    {{0, 0x64, 0xff, 0x9b, 0, 1}, 48, "NAT64"},
    {{0x20, 0x01}, 23, "reserved"}, /* Teredo and ORCHID within */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation"},
    {{0x3f, 0xff}, 20, "documentation"},
    {{0xfc}, 7, "private"},
    {{0xfe, 0x80}, 10, "link-local"},
    {{0xfe, 0xc0}, 10, "private"},
    {{0xff}, 8, "multicast"},
};

/* Where an IPv4 address stands inside IPv6, and whether a good one makes the
 * whole good. */
static const struct {
	uint8_t ip[16];
	int bits, at, passes;
} embedded[] = {
    {{[10] = 0xff, [11] = 0xff}, 96, 12, 1}, /* mapped */
    {{[8] = 0xff, [9] = 0xff}, 96, 12, 0},   /* translated */
    {{0, 0x64, 0xff, 0x9b}, 96, 12, 1},      /* NAT64 */
    {{0}, 96, 12, 0},                        /* compatible */
    {{0x20, 0x02}, 16, 2, 0},                /* 6to4 */
};

struct network {
	struct dns_addr net;
	int bits;
};

struct guard {
	int n;
	struct network *allow;
};

static int
bits_equal(const uint8_t *a, const uint8_t *b, int bits)
{
	int whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, (size_t)whole) == 0 &&
	       (rest == 0 ||
		   ((a[whole] ^ b[whole]) & (0xff << (8 - rest)) & 0xff) == 0);
}

static const char *
in_ranges(const struct range *r, size_t n, const uint8_t *ip)
{
	for (; n > 0; n--, r++)
		if (bits_equal(r->ip, ip, r->bits))
			return r->name;
	return NULL;
}

static int
allowed(const struct guard *g, int family, const uint8_t *ip)
{
	int i;

	for (i = 0; g != NULL && i < g->n; i++)
		if (g->allow[i].net.family == family &&
		    bits_equal(g->allow[i].net.ip, ip, g->allow[i].bits))
			return 1;
	return 0;
}

static const char *
refuses4(const struct guard *g, const uint8_t *ip)
{
	if (allowed(g, 4, ip))
		return NULL;
	return in_ranges(ranges4, sizeof(ranges4) / sizeof(*ranges4), ip);
}

/* ISATAP: an IPv4 address behind 0:5efe or 200:5efe in the interface id. */
static int
is_isatap(const uint8_t *ip)
{
	return (ip[8] & 0xfc) == 0 && ip[9] == 0 && ip[10] == 0x5e &&
	       ip[11] == 0xfe;
}

static const char *
refuses6(const struct guard *g, const uint8_t *ip)
{
	const char *why;
	size_t i;

	if (allowed(g, 6, ip))
		return NULL;
	why = in_ranges(ranges6, sizeof(ranges6) / sizeof(*ranges6), ip);
	if (why != NULL)
		return why;
	for (i = 0; i < sizeof(embedded) / sizeof(*embedded); i++) {
		if (!bits_equal(embedded[i].ip, ip, embedded[i].bits))
			continue;
		if (i == 0)
			return refuses4(g, ip + embedded[i].at);
		why = refuses4(NULL, ip + embedded[i].at);
		if (why != NULL || embedded[i].passes)
			return why;
	}
	if (is_isatap(ip) && (why = refuses4(NULL, ip + 12)) != NULL)
		return why;
	return (ip[0] & 0xe0) == 0x20 ? NULL : "reserved";
}

const char *
guard_refuses(const struct guard *g, const struct dns_addr *a)
{
	return a->family == 4 ? refuses4(g, a->ip) : refuses6(g, a->ip);
}

const char *
guard_refuses_sockaddr(const struct guard *g, const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return refuses4(
		    g, (const uint8_t *)&(
			   (const struct sockaddr_in *)(const void *)sa)
			   ->sin_addr);
	if (sa->sa_family == AF_INET6)
		return refuses6(
		    g, ((const struct sockaddr_in6 *)(const void *)sa)
			   ->sin6_addr.s6_addr);
	return "address family";
}

int
dns_addr_text(const struct dns_addr *a, char *out, size_t cap)
{
	return inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->ip, out,
		   (socklen_t)cap) != NULL
		   ? 0
		   : -1;
}

/* "10.0.0.0/8", "::1/128", or a lone address. */
static int
parse_net(const char *s, struct dns_addr *net, int *bits)
{
	char ip[64], *end;
	size_t n = strcspn(s, "/");
	long b;

	if (n >= sizeof(ip))
		return -1;
	memcpy(ip, s, n);
	ip[n] = '\0';
	memset(net, 0, sizeof(*net));
	if (inet_pton(AF_INET, ip, net->ip) == 1)
		net->family = 4;
	else if (inet_pton(AF_INET6, ip, net->ip) == 1)
		net->family = 6;
	else
		return -1;
	*bits = net->family == 4 ? 32 : 128;
	if (s[n] == '\0')
		return 0;
	b = strtol(s + n + 1, &end, 10);
	if (s[n + 1] < '0' || s[n + 1] > '9' || *end != '\0' || b < 0 ||
	    b > *bits)
		return -1;
	*bits = (int)b;
	return 0;
}

int
guard_set(
    struct guard *g, const char *const *allow_net, char *err, size_t errlen)
{
	struct network *v;
	int i, n = 0;

	while (allow_net != NULL && allow_net[n] != NULL)
		n++;
	if ((v = calloc((size_t)n + 1, sizeof(*v))) == NULL) {
		snprintf(err, errlen, "no memory");
		return -1;
	}
	for (i = 0; i < n; i++) {
		if (parse_net(allow_net[i], &v[i].net, &v[i].bits) == 0)
			continue;
		snprintf(err, errlen,
		    "'%s' is not a network like 10.0.0.0/8 or fd00::/8",
		    allow_net[i]);
		free(v);
		return -1;
	}
	free(g->allow);
	g->allow = v;
	g->n = n;
	return 0;
}

struct guard *
guard_new(const char *const *allow_net, char *err, size_t errlen)
{
	struct guard *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		snprintf(err, errlen, "no memory");
		return NULL;
	}
	if (guard_set(g, allow_net, err, errlen) == 0)
		return g;
	guard_free(g);
	return NULL;
}

void
guard_free(struct guard *g)
{
	if (g != NULL)
		free(g->allow);
	free(g);
}
