/* test_guard.c - every spelling of an address that must not be asked. */
#include "crawler/dns.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "crawler/dns_name.h"
#include "tests/test.h"

/* The range a host string falls into, "name" for an ordinary name, "bad". */
static const char *
refused(const struct guard *g, const char *host)
{
	char name[DNS_NAME_MAX + 1];
	struct dns_addr a;
	const char *why;
	int n = dns_name_ipv6(host, &a);

	if (n == 0)
		n = dns_name_canonical(host, name) < 0
			? DNS_BADNAME
			: dns_name_ipv4(name, &a);
	if (n <= 0)
		return n == 0 ? "name" : "bad";
	why = guard_refuses(g, &a);
	return why != NULL ? why : "open";
}

static const char *const spellings[][2] = {
    {"127.0.0.1", "loopback"},
    {"127.255.255.254", "loopback"},
    {"127.1", "loopback"},
    {"127.0.1", "loopback"},
    {"0x7f.1", "loopback"},
    {"0X7F.1", "loopback"},
    {"0x7f000001", "loopback"},
    {"0x7f.0x0.0x0.0x1", "loopback"},
    {"2130706433", "loopback"},
    {"017700000001", "loopback"},
    {"0177.0.0.01", "loopback"},
    {"127.0.0.1.", "loopback"},
    {"[::1]", "loopback"},
    {"::1", "loopback"},
    {"[0:0:0:0:0:0:0:1]", "loopback"},
    {"[::ffff:127.0.0.1]", "loopback"},
    {"[::ffff:7f00:1]", "loopback"},
    {"[::127.0.0.1]", "loopback"},
    {"[64:ff9b::127.0.0.1]", "loopback"},
    {"[64:ff9b::7f00:1]", "loopback"},
    {"[64:ff9b:1::7f00:1]", "NAT64"},
    {"[2002:7f00:1::]", "loopback"},
    {"[::ffff:0:127.0.0.1]", "loopback"},
    {"[2a00::5efe:127.0.0.1]", "loopback"},
    {"[2001:0:7f00:1::]", "reserved"},
    {"0", "unspecified"},
    {"0.0.0.0", "unspecified"},
    {"0x0", "unspecified"},
    {"0x", "unspecified"},
    {"1", "unspecified"},
    {"[::]", "unspecified"},
    {"[::ffff:0.0.0.0]", "unspecified"},
    {"10.0.0.1", "private"},
    {"10.1", "private"},
    {"012.1", "private"},
    {"0xa000001", "private"},
    {"172.16.0.1", "private"},
    {"172.31.255.255", "private"},
    {"192.168.0.1", "private"},
    {"3232235521", "private"},
    {"[::ffff:192.168.0.1]", "private"},
    {"[2002:c0a8:1::]", "private"},
    {"[fc00::1]", "private"},
    {"[fdff::1]", "private"},
    {"[fec0::1]", "private"},
    {"169.254.169.254", "link-local"},
    {"2852039166", "link-local"},
    {"0xa9fea9fe", "link-local"},
    {"[fe80::1]", "link-local"},
    {"[febf::1]", "link-local"},
    {"[::ffff:169.254.169.254]", "link-local"},
    {"[fd00:ec2::254]", "private"},
    {"100.64.0.1", "shared"},
    {"100.127.255.255", "shared"},
    {"224.0.0.1", "multicast"},
    {"239.255.255.255", "multicast"},
    {"[ff02::1]", "multicast"},
    {"240.0.0.1", "reserved"},
    {"255.255.255.255", "reserved"},
    {"4294967295", "reserved"},
    {"192.0.0.1", "reserved"},
    {"[100::1]", "reserved"},
    {"[5f00::1]", "reserved"},
    {"192.0.2.1", "documentation"},
    {"198.51.100.1", "documentation"},
    {"203.0.113.1", "documentation"},
    {"[2001:db8::1]", "documentation"},
    {"198.18.0.1", "benchmark"},
    /* neighbours of the ranges are open */
    {"9.255.255.255", "open"},
    {"11.0.0.0", "open"},
    {"100.63.255.255", "open"},
    {"100.128.0.0", "open"},
    {"126.255.255.255", "open"},
    {"128.0.0.0", "open"},
    {"169.253.255.255", "open"},
    {"172.15.255.255", "open"},
    {"172.32.0.0", "open"},
    {"192.167.255.255", "open"},
    {"192.169.0.0", "open"},
    {"223.255.255.255", "open"},
    {"134744072", "open"},
    {"[2606:4700::1]", "open"},
    {"[::ffff:8.8.8.8]", "open"},
    {"[64:ff9b::8.8.8.8]", "open"},
    /* numbers that are no address are never asked for as names */
    {"256.1.1.1", "bad"},
    {"1.2.3.4.5", "bad"},
    {"1.2.3.256", "bad"},
    {"1..2", "bad"},
    {"08", "bad"},
    {"4294967296", "bad"},
    {"0x100000000", "bad"},
    {"a.0x1", "bad"},
    {"a.1", "bad"},
    {"[::1", "bad"},
    {"[fe80::1%25lo]", "bad"},
    {"[::ffff:0x7f.1]", "bad"},
    {"", "bad"},
    {".", "bad"},
    {"a b", "bad"},
    {"a%2eb", "bad"},
    {"a\xc3\xa9", "bad"},
    {"example.org", "name"},
    {"0x7f.1.example.org", "name"},
    {"1e100.net", "name"},
    {"127.0.0.1.example", "name"},
};

static void
guard_cases(void)
{
	static const char *const nets[] = {
	    "127.0.0.0/8", "fd00::/8", "192.168.1.7", NULL};
	static const char *const bad[][2] = {{"10.0.0.0/33", NULL},
	    {"10.0.0/8", NULL}, {"::/129", NULL}, {"10.0.0.0/", NULL},
	    {"10.0.0.0/-1", NULL}, {"host", NULL}, {"", NULL}};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct sockaddr other = {.sa_family = AF_UNIX};
	struct guard *g;
	char err[256];
	size_t i;

	TEST("h19: each spelling of a private address is refused by its range")
	{
		g = guard_new(NULL, err, sizeof(err));
		for (i = 0; i < sizeof(spellings) / sizeof(*spellings); i++)
			if (!test_str_eq(
				refused(g, spellings[i][0]), spellings[i][1]))
				TEST_FAIL("'%s': expected %s, got %s",
				    spellings[i][0], spellings[i][1],
				    refused(g, spellings[i][0]));
		guard_free(g);
	}
	TEST("guard: allow_net opens its networks and nothing beside")
	{
		g = guard_new(nets, err, sizeof(err));
		CHECK_STR(refused(g, "127.9.9.9"), "open");
		CHECK_STR(refused(g, "[::ffff:127.0.0.1]"), "open");
		CHECK_STR(refused(g, "[fd12::1]"), "open");
		CHECK_STR(refused(g, "192.168.1.7"), "open");
		CHECK_STR(refused(g, "192.168.1.8"), "private");
		CHECK_STR(refused(g, "[fc12::1]"), "private");
		CHECK_STR(refused(g, "[::1]"), "loopback");
		CHECK_STR(refused(g, "[64:ff9b::127.0.0.1]"), "loopback");
		guard_free(g);
	}
	TEST("guard: a bad network is named")
	{
		for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
			err[0] = '\0';
			CHECK(guard_new(bad[i], err, sizeof(err)) == NULL);
			CHECK(strstr(err, bad[i][0]) != NULL && err[0] != '\0');
		}
	}
	TEST("guard: sockets are judged alike, families it does not know "
	     "refused")
	{
		g = guard_new(NULL, err, sizeof(err));
		inet_pton(AF_INET6, "::ffff:10.0.0.1", &six.sin6_addr);
		CHECK_STR(guard_refuses_sockaddr(g, (struct sockaddr *)&six),
		    "private");
		CHECK(guard_refuses_sockaddr(g, &other) != NULL);
		guard_free(g);
	}
}

int
main(void)
{
	guard_cases();
	return test_end();
}
