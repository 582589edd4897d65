/* dns.h - names to addresses, on the event loop.
 *
 * evdns's low-level interface (which alone tells TTLs): A and AAAA both asked,
 * cached by TTL (at most dns_max entries, the least recently used goes),
 * negative answers for their TTL but at most an hour, the hosts file read by
 * us, a truncated answer asked again over TCP, 0x20 case randomisation off
 * after a failure, at most one question for a name at a time.
 *
 * Invariants
 *  D1  The callback comes exactly once for each dns_resolve() that returned a
 *      request, never from inside it, and not after dns_cancel().
 *  D2  Addresses that the guard refuses are never handed out. */
#ifndef DNS_H
#define DNS_H

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct guard;
struct dns;
struct dns_request;

#define DNS_ADDRS 16

struct dns_addr {
	uint8_t family; /* 4 or 6 */
	uint8_t ip[16]; /* network order; 4 of them for family 4 */
};

enum dns_result {
	DNS_OK = 0,
	DNS_NONAME = -1,  /* NXDOMAIN, or no address of either family */
	DNS_FAIL = -2,	  /* SERVFAIL, refused: try later */
	DNS_TIMEOUT = -3,
	DNS_GUARDED = -4, /* all its addresses are refused */
	DNS_BADNAME = -5  /* no name: over 253 bytes, a label over 63 */
};
const char *dns_strerror(int result);

/* addrs: n of them, IPv6 and IPv4 as they came, valid in the callback only. */
typedef void dns_cb(void *arg, enum dns_result, const struct dns_addr *addrs,
    int n);

/* servers: NULL-terminated "ip[:port]", or NULL: those of resolv.conf.
 * hosts_file: NULL: /etc/hosts; "": none. */
int dns_new(struct dns **, struct event_base *, const struct guard *,
    const char *const *servers, const char *hosts_file, int64_t timeout_ms,
    char *err, size_t errlen);
void dns_free(struct dns *);

/* host: ASCII name, or an address (also "[::1]"). now_ms: monotonic. NULL: no
 * memory. When the answer is in the cache the callback comes in the next turn
 * of the loop. */
struct dns_request *dns_resolve(struct dns *, const char *host, int64_t now_ms,
    dns_cb *, void *arg);
void dns_cancel(struct dns_request *);
/* The cache alone, no question asked: number of addresses, 0: not known now,
 * negative: enum dns_result. */
int dns_cached(struct dns *, const char *host, int64_t now_ms,
    struct dns_addr addrs[DNS_ADDRS]);

/* ---- guard.c: which addresses may be asked at all -------------------------------
 * Refused: loopback, private, link-local (with the metadata addresses), shared
 * (100.64/10), multicast, reserved, documentation, unspecified, and their
 * spellings inside IPv6 (mapped, 6to4, NAT64, Teredo, IPv4-compatible), unless a
 * network of allow_net holds them. */
/* allow_net: NULL-terminated "127.0.0.0/8", "::1/128", or NULL. On a bad one
 * NULL and err says which. */
struct guard *guard_new(const char *const *allow_net, char *err, size_t errlen);
/* Other networks from here on; what is open stays open. -1: a bad one, or no
 * memory, and the old ones stay. */
int guard_set(struct guard *, const char *const *allow_net, char *err,
    size_t errlen);
void guard_free(struct guard *);
/* NULL: allowed; else the name of the range: "loopback". */
const char *guard_refuses(const struct guard *, const struct dns_addr *);
struct sockaddr;
const char *guard_refuses_sockaddr(const struct guard *,
    const struct sockaddr *);
int dns_addr_text(const struct dns_addr *, char *out, size_t cap);

#endif
