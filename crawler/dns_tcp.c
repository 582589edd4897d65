/* dns_tcp.c - one DNS question over TCP.
 *
 * libevent 2.1 gives up on an answer with the TC bit; RFC 7766 wants it asked
 * again over TCP. A connection a question: truncated answers are rare, and a
 * connection that is shared would need its own bookkeeping.
 *
 * Invariants
 *  T1  At most one message of 64 KiB is held, and nothing is read behind it.
 *  T2  Every index into the message is checked against its length; a name is
 *      only skipped, compression pointers are never followed, so a loop of
 *      them costs nothing.
 *  T3  An answer counts only with our id and our question in it. */
#include "crawler/dns_tcp.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>

#define QUERY_MAX (2 + 12 + 255 + 4)
#define MESSAGE_MAX 65535
#define RECORDS_MAX 2000

struct dns_tcp {
	struct bufferevent *bev;
	uint16_t id;
	int family;
	char name[254];
	dns_tcp_cb *cb;
	void *arg;
};

static size_t
get16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

static uint8_t *
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

/* Bytes of the message, its two bytes of length before it. */
static size_t
write_query(uint8_t out[QUERY_MAX], uint16_t id, const char *name, int family)
{
	uint8_t *p = out + 2;
	size_t n;

	p = put16(p, id);
	p = put16(p, 0x0100); /* recursion desired */
	p = put16(p, 1);
	memset(p, 0, 6);
	p += 6;
	for (; *name != '\0'; name += n + (name[n] == '.')) {
		n = strcspn(name, ".");
		*p++ = (uint8_t)n;
		memcpy(p, name, n);
		p += n;
	}
	*p++ = 0;
	p = put16(p, family == 4 ? 1 : 28);
	p = put16(p, 1);
	put16(out, (unsigned)(p - out - 2));
	return (size_t)(p - out);
}

/* Offset behind the name at `at`, 0: broken. */
static size_t
skip_name(const uint8_t *msg, size_t len, size_t at)
{
	while (at < len) {
		if (msg[at] == 0)
			return at + 1;
		if (msg[at] >= 0xc0)
			return at + 2 <= len ? at + 2 : 0;
		if (msg[at] > 63)
			return 0;
		at += 1u + msg[at];
	}
	return 0;
}

/* Offset behind the question when it is ours, 0: it is not. */
static size_t
match_question(const uint8_t *msg, size_t len, const char *name, int family)
{
	size_t at = 12, n;

	for (; *name != '\0'; name += n + (name[n] == '.')) {
		n = strcspn(name, ".");
		if (at + 1 + n >= len || msg[at] != n ||
		    strncasecmp((const char *)msg + at + 1, name, n) != 0)
			return 0;
		at += 1 + n;
	}
	if (at + 5 > len || msg[at] != 0 ||
	    get16(msg + at + 1) != (family == 4 ? 1 : 28))
		return 0;
	return at + 5;
}

/* Addresses of the answer section. */
static int
read_answers(const uint8_t *msg, size_t len, size_t at, int family,
    int64_t *ttl, struct dns_addr *addrs)
{
	size_t count = get16(msg + 6), size, want = family == 4 ? 4 : 16;
	int64_t t;
	int n = 0;

	for (; count > 0; count--) {
		at = skip_name(msg, len, at);
		if (at == 0 || at + 10 > len)
			break;
		size = get16(msg + at + 8);
		if (at + 10 + size > len)
			break;
		if (get16(msg + at) == (family == 4 ? 1 : 28) &&
		    get16(msg + at + 2) == 1 && size == want && n < DNS_ADDRS) {
			t = (int64_t)get16(msg + at + 4) << 16 |
			    (int64_t)get16(msg + at + 6);
			if (n == 0 || t < *ttl)
				*ttl = t;
			addrs[n].family = (uint8_t)family;
			memset(addrs[n].ip, 0, sizeof(addrs[n].ip));
			memcpy(addrs[n++].ip, msg + at + 10, want);
		}
		at += 10 + size;
	}
	return n;
}

enum dns_result
dns_tcp_parse(const uint8_t *msg, size_t len, uint16_t id, const char *name,
    int family, int64_t *ttl, struct dns_addr *addrs, int *n)
{
	size_t at;

	*n = 0;
	*ttl = 0;
	if (len < 12 || get16(msg) != id || (msg[2] & 0x80) == 0 ||
	    get16(msg + 4) != 1 || get16(msg + 6) > RECORDS_MAX ||
	    (at = match_question(msg, len, name, family)) == 0)
		return DNS_FAIL;
	if ((msg[3] & 0x0f) == 3)
		return DNS_NONAME;
	if ((msg[3] & 0x0f) != 0)
		return DNS_FAIL;
	*n = read_answers(msg, len, at, family, ttl, addrs);
	return *n > 0 ? DNS_OK : DNS_NONAME;
}

static void
finish(struct dns_tcp *t, enum dns_result result, int64_t ttl,
    const struct dns_addr *addrs, int n)
{
	dns_tcp_cb *cb = t->cb;
	void *arg = t->arg;

	dns_tcp_cancel(t);
	cb(arg, result, ttl, addrs, n);
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	struct dns_tcp *t = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	struct dns_addr addrs[DNS_ADDRS];
	enum dns_result result;
	const uint8_t *p;
	uint8_t head[2];
	int64_t ttl;
	size_t len;
	int n;

	if (evbuffer_copyout(in, head, 2) < 2)
		return;
	len = get16(head);
	if (evbuffer_get_length(in) < len + 2)
		return;
	p = evbuffer_pullup(in, (ev_ssize_t)(len + 2));
	if (p == NULL) {
		finish(t, DNS_FAIL, 0, NULL, 0);
		return;
	}
	result = dns_tcp_parse(
	    p + 2, len, t->id, t->name, t->family, &ttl, addrs, &n);
	finish(t, result, ttl, addrs, n);
}

static void
event_cb(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		return;
	finish(
	    arg, what & BEV_EVENT_TIMEOUT ? DNS_TIMEOUT : DNS_FAIL, 0, NULL, 0);
}

struct dns_tcp *
dns_tcp_ask(struct event_base *base, const struct sockaddr *sa, int salen,
    const char *name, int family, int64_t timeout_ms, dns_tcp_cb *cb, void *arg)
{
	struct timeval tv = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
	uint8_t query[QUERY_MAX];
	struct dns_tcp *t;

	if (strlen(name) >= sizeof(t->name) ||
	    (t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	evutil_secure_rng_get_bytes(&t->id, sizeof(t->id));
	t->family = family;
	strcpy(t->name, name);
	t->cb = cb;
	t->arg = arg;
	t->bev = bufferevent_socket_new(
	    base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (t->bev == NULL) {
		free(t);
		return NULL;
	}
	bufferevent_setcb(t->bev, read_cb, NULL, event_cb, t);
	bufferevent_setwatermark(t->bev, EV_READ, 0, 2 + MESSAGE_MAX);
	bufferevent_set_timeouts(t->bev, &tv, &tv);
	if (bufferevent_write(t->bev, query,
		write_query(query, t->id, t->name, family)) < 0 ||
	    bufferevent_enable(t->bev, EV_READ | EV_WRITE) < 0 ||
	    bufferevent_socket_connect(t->bev, sa, salen) < 0) {
		dns_tcp_cancel(t);
		return NULL;
	}
	return t;
}

void
dns_tcp_cancel(struct dns_tcp *t)
{
	if (t == NULL)
		return;
	bufferevent_free(t->bev);
	free(t);
}
