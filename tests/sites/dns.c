/* dns.c - the name server that knows the sites.
 *
 * UDP only. A of a site's name is its address, with a TTL; AAAA is an empty
 * answer; any other name does not exist. */
#include "tests/sites/sites.h"

#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <event2/dns.h>
#include <event2/dns_struct.h>
#include <event2/event.h>

#define TTL 60

struct names {
	struct site **sites;
	size_t n;
};

static struct names names;

static const struct site *
find(const char *name)
{
	for (size_t i = 0; i < names.n; i++)
		if (strcasecmp(
			attr_get(&names.sites[i]->attrs, "host"), name) == 0)
			return names.sites[i];
	return NULL;
}

static void
request_cb(struct evdns_server_request *req, void *arg)
{
	const struct evdns_server_question *q;
	const struct site *s;
	struct in_addr in;
	int rcode = DNS_ERR_NONE;

	(void)arg;
	for (int i = 0; i < req->nquestions; i++) {
		q = req->questions[i];
		s = find(q->name);
		if (s == NULL)
			rcode = DNS_ERR_NOTEXIST;
		else if (q->type == EVDNS_TYPE_A &&
			 inet_pton(
			     AF_INET, attr_get(&s->attrs, "address"), &in) == 1)
			evdns_server_request_add_a_reply(
			    req, q->name, 1, &in, TTL);
	}
	evdns_server_request_respond(req, rcode);
}

int
dns_start(struct event_base *base, struct site **sites, size_t n, int port,
    struct evdns_server_port **out)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&in, sizeof(in)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&in, &len) != 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	names.sites = sites;
	names.n = n;
	*out = evdns_add_server_port_with_base(base, fd, 0, request_cb, NULL);
	return *out == NULL ? -1 : ntohs(in.sin_port);
}
