/* dns_tcp.h - one DNS question over TCP, for answers too long for UDP. */
#ifndef DNS_TCP_H
#define DNS_TCP_H

#include "crawler/dns.h"

struct event_base;
struct sockaddr;
struct dns_tcp;

/* ttl in seconds; at most DNS_ADDRS addresses, valid in the callback only. */
typedef void dns_tcp_cb(
    void *arg, enum dns_result, int64_t ttl, const struct dns_addr *, int n);

/* name: checked by the caller, no final dot; family 4 or 6. The callback comes
 * once, never from inside; afterwards the question is gone. NULL: cannot. */
struct dns_tcp *dns_tcp_ask(struct event_base *, const struct sockaddr *,
    int salen, const char *name, int family, int64_t timeout_ms, dns_tcp_cb *,
    void *arg);
void dns_tcp_cancel(struct dns_tcp *);
/* The answer in a DNS message: for dns_tcp.c and its tests. */
enum dns_result dns_tcp_parse(const uint8_t *msg, size_t len, uint16_t id,
    const char *name, int family, int64_t *ttl, struct dns_addr *, int *n);

#endif
