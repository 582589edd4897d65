/* test_dns.c - dns.c against a name server of our own on the loopback, which
 * answers by the name it is asked for. */
#include "crawler/dns.h"

#include <ctype.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>

#include "crawler/dns_tcp.h"
#include "tests/crawler/loopback.h"
#include "tests/test.h"

static atomic_int asked_udp, asked_tcp;

/* ---- the name server ---------------------------------------------------- */

static uint8_t *
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

static uint8_t *
put_record(uint8_t *p, unsigned type, unsigned ttl, const void *data, size_t n)
{
	p = put16(p, 0xc00c); /* the name of the question */
	p = put16(p, type);
	p = put16(p, 1);
	p = put16(p, ttl >> 16);
	p = put16(p, ttl & 0xffff);
	p = put16(p, (unsigned)n);
	memcpy(p, data, n);
	return p + n;
}

static uint8_t *
put_address(uint8_t *p, unsigned type, unsigned ttl, const char *text)
{
	uint8_t ip[16];

	inet_pton(type == 1 ? AF_INET : AF_INET6, text, ip);
	return put_record(p, type, ttl, ip, type == 1 ? 4 : 16);
}

/* What one question gets. */
struct reply {
	const char *name;
	const char *a[3], *aaaa; /* addresses */
	unsigned ttl;
	int rcode, silent, lowers, truncates, many, loops, no_aaaa;
};

static const struct reply replies[] = {
    {"ok.test", {"9.9.9.9"}, "2620:fe::9", .ttl = 600},
    {"v4.test", {"9.9.9.9", "9.9.9.10"}, NULL, .ttl = 600},
    {"v6.test", {NULL}, "2620:fe::9", .ttl = 600},
    {"short.test", {"9.9.9.9"}, NULL, .ttl = 0},
    {"nx.test", .rcode = 3},
    {"empty.test", .ttl = 0},
    {"servfail.test", .rcode = 2},
    {"refused.test", .rcode = 5},
    {"silent.test", .silent = 1},
    {"lowers.test", {"9.9.9.9"}, NULL, .ttl = 600, .lowers = 1},
    {"tc.test", {"9.9.9.9"}, "2620:fe::9", .ttl = 600, .truncates = 1},
    {"many.test", .ttl = 600, .truncates = 1, .many = 1000},
    {"loop.test", .loops = 1},
    {"private.test", {"10.0.0.1", "127.0.0.1"}, "::1", .ttl = 600},
    {"mixed.test", {"10.0.0.1", "9.9.9.9"}, "fe80::1", .ttl = 600},
    {"half.test", {"9.9.9.9"}, NULL, .ttl = 600, .no_aaaa = 1},
};

static uint8_t *
put_answers(uint8_t *p, const struct reply *r, unsigned type, unsigned *count)
{
	char text[32];
	int i;

	*count = 0;
	if (r->loops) {
		*count = 1;
		return put_record(p, 5, 60, "\xc0\x0c", 2);
	}
	for (i = 0; type == 1 && i < 3 && r->a[i] != NULL; i++, ++*count)
		p = put_address(p, 1, r->ttl, r->a[i]);
	for (i = 0; type == 1 && i < r->many; i++, ++*count) {
		snprintf(text, sizeof(text), "9.9.%d.%d", i / 250, i % 250);
		p = put_address(p, 1, r->ttl, text);
	}
	if (type == 28 && r->aaaa != NULL) {
		p = put_address(p, 28, r->ttl, r->aaaa);
		++*count;
	}
	return p;
}

/* The question's name as text; offset behind the question. */
static size_t
question_read(const uint8_t *q, size_t n, char *name)
{
	size_t at = 12, i;

	while (at < n && q[at] != 0) {
		for (i = 1; i <= q[at] && at + i < n; i++)
			*name++ = (char)tolower(q[at + i]);
		at += 1u + q[at];
		if (at < n && q[at] != 0)
			*name++ = '.';
	}
	*name = '\0';
	return at + 5;
}

/* Length of the reply to q, 0: none. */
static size_t
answer(const uint8_t *q, size_t n, int tcp, uint8_t *out)
{
	char name[512];
	const struct reply *r = replies,
			   *end = replies + sizeof(replies) / sizeof(*replies);
	size_t len = question_read(q, n, name), i;
	unsigned type = q[len - 3], count = 0;
	uint8_t *p;

	while (r < end && strcmp(r->name, name) != 0)
		r++;
	if (r == end || r->silent || (r->no_aaaa && type == 28))
		return 0;
	memcpy(out, q, len);
	for (i = 12; r->lowers && i < len; i++)
		out[i] = (uint8_t)tolower(out[i]);
	p = out + len;
	if (r->truncates && !tcp)
		out[2] = 0x82;
	else
		p = put_answers(p, r, type, &count);
	out[2] |= 0x80;
	out[3] = (uint8_t)(0x80 | r->rcode);
	memset(out + 6, 0, 6);
	put16(out + 6, count);
	return (size_t)(p - out);
}

static void *
udp_main(void *arg)
{
	int fd = (int)(intptr_t)arg;
	struct sockaddr_storage from;
	uint8_t q[2048], out[65536];
	socklen_t len;
	ssize_t n;
	size_t m;

	for (;;) {
		len = sizeof(from);
		n = recvfrom(
		    fd, q, sizeof(q), 0, (struct sockaddr *)&from, &len);
		if (n < 17)
			continue;
		asked_udp++;
		m = answer(q, (size_t)n, 0, out);
		if (m > 0)
			sendto(fd, out, m, 0, (struct sockaddr *)&from, len);
	}
	return NULL;
}

static void *
tcp_main(void *arg)
{
	int listener = (int)(intptr_t)arg, fd;
	uint8_t q[2048], out[65536 + 2];
	ssize_t n;
	size_t m;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		n = recv(fd, q, sizeof(q), 0);
		if (n > 19) {
			asked_tcp++;
			m = answer(q + 2, (size_t)n - 2, 1, out + 2);
			put16(out, (unsigned)m);
			/* in two pieces: the reader has to gather */
			say(fd, out, 1);
			nap(5);
			say(fd, out + 1, m + 1);
		}
		close(fd);
	}
	return NULL;
}

static int
server_start(void)
{
	int port = 0, udp = loopback_socket("127.0.0.1", SOCK_DGRAM, &port);
	int tcp = loopback_socket("127.0.0.1", SOCK_STREAM, &port);
	pthread_t t;

	if (udp < 0 || tcp < 0 || listen(tcp, 16) < 0 ||
	    pthread_create(&t, NULL, udp_main, (void *)(intptr_t)udp) != 0 ||
	    pthread_create(&t, NULL, tcp_main, (void *)(intptr_t)tcp) != 0) {
		printf("not ok - name server on the loopback\n");
		exit(1);
	}
	return port;
}

/* ---- the tests ---------------------------------------------------------- */

struct got {
	int done, result, n;
	char text[512]; /* the addresses */
	struct dns_request *cancel;
};

static struct event_base *base;
/* Who answers is a thread that a busy machine lets wait: patient waits for it, as
 * long as that is. hasty asks what is never answered. dns is the one in use. */
static struct dns *dns, *patient, *hasty;

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
addrs_text(char out[512], const struct dns_addr *addrs, int n)
{
	char ip[64];
	int i;

	out[0] = '\0';
	for (i = 0; i < n; i++) {
		dns_addr_text(&addrs[i], ip, sizeof(ip));
		snprintf(out + strlen(out), 512 - strlen(out), "%s%s",
		    i > 0 ? " " : "", ip);
	}
}

static void
got_cb(void *arg, enum dns_result result, const struct dns_addr *addrs, int n)
{
	struct got *g = arg;

	g->done++;
	g->result = result;
	g->n = n;
	addrs_text(g->text, addrs, n);
	if (g->cancel != NULL)
		dns_cancel(g->cancel);
}

static void
turns(const int *done, int ms)
{
	int64_t end = now_ms() + ms;

	while (now_ms() < end && (done == NULL || !*done)) {
		struct timeval tv = {0, 5000};

		event_base_loopexit(base, &tv);
		event_base_loop(base, EVLOOP_ONCE);
	}
}

/* Time is an argument: the cache believes what it is told. */
static struct got
resolve(const char *host, int64_t at)
{
	struct got g = {0};

	if (dns_resolve(dns, host, at, got_cb, &g) == NULL)
		TEST_FAIL("no memory for '%s'", host);
	if (g.done)
		TEST_FAIL("'%s': answered from inside dns_resolve()", host);
	turns(&g.done, 60000);
	if (g.done != 1)
		TEST_FAIL("'%s': %d answers", host, g.done);
	return g;
}

#define IS(host, want)                                                         \
	do {                                                                   \
		struct got is_ = resolve(host, 0);                             \
		CHECK_STR(dns_strerror(is_.result), dns_strerror(want));       \
	} while (0)

static void
answer_cases(void)
{
	char name[300];

	TEST("dns: both families, IPv4 first")
	{
		CHECK_STR(resolve("ok.test", 0).text, "9.9.9.9 2620:fe::9");
		CHECK_STR(resolve("v4.test", 0).text, "9.9.9.9 9.9.9.10");
		CHECK_STR(resolve("v6.test", 0).text, "2620:fe::9");
		CHECK_STR(resolve("OK.Test.", 0).text, "9.9.9.9 2620:fe::9");
	}
	TEST("dns: addresses need no question")
	{
		CHECK_STR(resolve("9.9.9.9", 0).text, "9.9.9.9");
		CHECK_STR(resolve("0x9090909", 0).text, "9.9.9.9");
		CHECK_STR(resolve("[2620:fe::9]", 0).text, "2620:fe::9");
		IS("127.1", DNS_GUARDED);
		IS("localhost", DNS_GUARDED);
		IS("a.localhost", DNS_GUARDED);
		IS("[::1]", DNS_GUARDED);
	}
	TEST("dns: the hosts file comes before the name server")
	{
		CHECK_STR(resolve("hosts.test", 0).text, "9.9.9.1 2620:fe::1");
		CHECK_STR(resolve("alias.test", INT64_MAX / 2).text, "9.9.9.1");
		IS("hosts-private.test", DNS_GUARDED);
	}
	TEST("h49: NXDOMAIN, no data, SERVFAIL, REFUSED, silence")
	{
		IS("nx.test", DNS_NONAME);
		IS("empty.test", DNS_NONAME);
		IS("servfail.test", DNS_FAIL);
		IS("refused.test", DNS_FAIL);
		dns = hasty;
		IS("silent.test", DNS_TIMEOUT);
		dns = patient;
	}
	TEST("h49: names that cannot be names are not asked")
	{
		int before = asked_udp;

		memset(name, 'a', sizeof(name));
		name[299] = '\0';
		IS(name, DNS_BADNAME);
		name[64] = '\0';
		IS(name, DNS_BADNAME);
		IS("a..b", DNS_BADNAME);
		IS(".a", DNS_BADNAME);
		IS("a b.test", DNS_BADNAME);
		IS("1.2.3.256", DNS_BADNAME);
		CHECK_INT(asked_udp - before, 0);
	}
	TEST("h49: a CNAME loop is no address")
	{
		IS("loop.test", DNS_NONAME);
	}
	TEST("h49: a truncated answer is asked again over TCP")
	{
		int before = asked_tcp;

		CHECK_STR(resolve("tc.test", 0).text, "9.9.9.9 2620:fe::9");
		CHECK_INT(asked_tcp - before, 2);
	}
	TEST("h49: of 1,000 addresses 16 are kept")
	{
		struct got g = resolve("many.test", 0);

		CHECK_INT(g.result, DNS_OK);
		CHECK_INT(g.n, 16);
	}
	TEST("dns: a server that does not give back the case is asked plainly")
	{
		CHECK_STR(resolve("lowers.test", 0).text, "9.9.9.9");
	}
	TEST("dns: AAAA that is never answered holds A up only shortly")
	{
		int64_t start, took, least = INT64_MAX;

		/* The machine may be held up, too, but not each time. */
		for (int i = 0; i < 20 && least >= 500; i++) {
			start = now_ms();
			CHECK_STR(
			    resolve("half.test", i * 600000).text, "9.9.9.9");
			took = now_ms() - start;
			least = took < least ? took : least;
		}
		CHECK(least < 500);
	}
	TEST("h20: of private and public addresses only the public come out "
	     "(D2)")
	{
		CHECK_STR(resolve("mixed.test", 0).text, "9.9.9.9");
		IS("private.test", DNS_GUARDED);
	}
}

static int
cached(const char *host, int64_t at)
{
	struct dns_addr addrs[DNS_ADDRS];

	return dns_cached(dns, host, at, addrs);
}

static void
cache_cases(void)
{
	struct got g[3] = {0};
	struct dns_request *r;
	char name[64];
	int before, i;

	TEST("dns: an answer is kept for its TTL, and not longer")
	{
		resolve("ok.test", 0);
		before = asked_udp;
		resolve("ok.test", 599000);
		CHECK_INT(cached("ok.test", 599000), 2);
		CHECK_INT(asked_udp - before, 0);
		CHECK_INT(cached("ok.test", 600000), 0);
		resolve("ok.test", 600000);
		CHECK_INT(asked_udp - before, 2);
	}
	TEST("dns: a TTL of 0 is 10 s, or every page would ask")
	{
		resolve("short.test", 0);
		CHECK_INT(cached("short.test", 9999), 1);
		CHECK_INT(cached("short.test", 10000), 0);
	}
	TEST("dns: what failed is known to have failed, for a bounded time")
	{
		resolve("nx.test", 0);
		CHECK_INT(cached("nx.test", 1000), DNS_NONAME);
		CHECK_INT(cached("nx.test", 3600000), 0);
		resolve("servfail.test", 0);
		CHECK_INT(cached("servfail.test", 1000), DNS_FAIL);
		CHECK_INT(cached("servfail.test", 30000), 0);
	}
	TEST("dns: equal questions are asked once")
	{
		before = asked_udp;
		for (i = 0; i < 3; i++)
			dns_resolve(dns, "v4.test", 1 << 30, got_cb, &g[i]);
		CHECK_INT(cached("v4.test", 1 << 30), 0);
		turns(&g[2].done, 60000);
		CHECK_INT(g[0].done + g[1].done + g[2].done, 3);
		CHECK_INT(asked_udp - before, 2);
	}
	TEST("dns: after dns_cancel() no callback comes (D1)")
	{
		memset(g, 0, sizeof(g));
		r = dns_resolve(dns, "v6.test", 1 << 30, got_cb, &g[0]);
		dns_resolve(dns, "v6.test", 1 << 30, got_cb, &g[1]);
		dns_cancel(r);
		g[1].cancel =
		    dns_resolve(dns, "v6.test", 1 << 30, got_cb, &g[2]);
		turns(&g[1].done, 60000);
		turns(NULL, 100);
		CHECK_INT(g[0].done, 0);
		CHECK_INT(g[1].done, 1);
		CHECK_INT(g[2].done, 0);
	}
	TEST("h49: 40,000 names leave 16,384 in the cache, the latest")
	{
		struct got many = {0};
		int64_t end = now_ms() + 60000;

		dns = hasty;
		for (i = 0; i < 40000; i++) {
			snprintf(name, sizeof(name), "n%d.silent-not-asked", i);
			r = dns_resolve(dns, name, 0, got_cb, &many);
			dns_cancel(r);
			if (i % 400 == 399)
				turns(NULL, 1);
		}
		while (cached("n39999.silent-not-asked", 1) == 0 &&
		       now_ms() < end)
			turns(NULL, 20);
		CHECK_INT(many.done, 0);
		CHECK_INT(cached("n39999.silent-not-asked", 1), DNS_TIMEOUT);
		CHECK_INT(cached("n0.silent-not-asked", 1), 0);
		CHECK_STR(resolve("hosts.test", 0).text, "9.9.9.1 2620:fe::1");
		dns = patient;
	}
}

static void
message_cases(void)
{
	static const char whole[] =
	    "\x12\x34\x81\x80\0\1\0\2\0\0\0\0"
	    "\1a\4Test\0\0\1\0\1"
	    "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x09\x09\x09\x09"
	    "\xc0\x0c\0\1\0\1\0\0\0\x1e\0\4\x09\x09\x09\x0a";
	struct dns_addr addrs[DNS_ADDRS];
	uint8_t msg[sizeof(whole)];
	size_t len = sizeof(whole) - 1, i, bad = 0;
	int64_t ttl;
	int n;

	memcpy(msg, whole, len);
	TEST("dns tcp: an answer, its least TTL")
	{
		CHECK_INT(dns_tcp_parse(
			      msg, len, 0x1234, "a.test", 4, &ttl, addrs, &n),
		    DNS_OK);
		CHECK_INT(n, 2);
		CHECK_INT(ttl, 30);
	}
	TEST("dns tcp: another id, name or type is no answer (T3)")
	{
		CHECK_INT(dns_tcp_parse(
			      msg, len, 0x1235, "a.test", 4, &ttl, addrs, &n),
		    DNS_FAIL);
		CHECK_INT(dns_tcp_parse(
			      msg, len, 0x1234, "b.test", 4, &ttl, addrs, &n),
		    DNS_FAIL);
		CHECK_INT(dns_tcp_parse(
			      msg, len, 0x1234, "a.test", 6, &ttl, addrs, &n),
		    DNS_FAIL);
	}
	TEST("dns tcp: a message cut or bent anywhere is survived (T2)")
	{
		for (i = 0; i < len; i++) {
			uint8_t *cut = malloc(i + 1);

			memcpy(cut, msg, i);
			dns_tcp_parse(
			    cut, i, 0x1234, "a.test", 4, &ttl, addrs, &n);
			free(cut);
			msg[i] ^= 0xff;
			dns_tcp_parse(
			    msg, len, 0x1234, "a.test", 4, &ttl, addrs, &n);
			bad += n > 2;
			msg[i] ^= 0xff;
		}
		CHECK_INT(bad, 0);
	}
}

static void
free_cases(const struct guard *g, const char *server)
{
	const char *const bad[] = {"nonsense", NULL}, *const good[] = {
							  server, NULL};
	struct got silent = {0};
	struct dns *d;
	char err[256];

	TEST("dns: a bad server or hosts file is named")
	{
		CHECK(dns_new(&d, base, g, bad, "", 100, err, sizeof(err)) < 0);
		CHECK(strstr(err, "nonsense") != NULL);
		CHECK(dns_new(&d, base, g, good, "/nowhere/hosts", 100, err,
			  sizeof(err)) < 0);
		CHECK(strstr(err, "/nowhere/hosts") != NULL);
	}
	TEST("dns: freed while it asks, it calls nobody")
	{
		CHECK_INT(
		    dns_new(&d, base, g, good, "", 60000, err, sizeof(err)),
		    0);
		dns_resolve(d, "silent.test", 0, got_cb, &silent);
		dns_resolve(d, "tc.test", 0, got_cb, &silent);
		turns(NULL, 3);
		dns_free(d);
		turns(NULL, 50);
		CHECK_INT(silent.done, 0);
	}
}

int
main(void)
{
	const char *servers[2] = {NULL, NULL};
	char server[64], hosts[64], err[256];
	struct guard *guard;
	FILE *f;

	snprintf(server, sizeof(server), "127.0.0.1:%d", server_start());
	servers[0] = server;
	snprintf(hosts, sizeof(hosts), "/tmp/test_dns.%d", (int)getpid());
	f = fopen(hosts, "w");
	if (f == NULL)
		return 1;
	fprintf(f, "# comment\n9.9.9.1\tHosts.Test alias.test # more\n"
		   "2620:fe::1 hosts.test\nnonsense line\n"
		   "10.1.1.1 hosts-private.test\n\n");
	fclose(f);
	base = event_base_new();
	guard = guard_new(NULL, err, sizeof(err));
	if (dns_new(&patient, base, guard, servers, hosts, 8000, err,
		sizeof(err)) < 0 ||
	    dns_new(&hasty, base, guard, servers, hosts, 800, err,
		sizeof(err)) < 0) {
		printf("not ok - fixture: %s\n", err);
		return 1;
	}
	unlink(hosts);
	dns = patient;
	answer_cases();
	cache_cases();
	message_cases();
	free_cases(guard, server);
	dns_free(patient);
	dns_free(hasty);
	turns(NULL, 20);
	guard_free(guard);
	event_base_free(base);
	return test_end();
}
