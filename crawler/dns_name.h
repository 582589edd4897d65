/* dns_name.h - what a host string is: a name, or an address in one of its many
 * spellings. */
#ifndef DNS_NAME_H
#define DNS_NAME_H

#include "crawler/dns.h"

#define DNS_NAME_MAX 253

/* Lower case, no final dot. Its length, or DNS_BADNAME. */
int dns_name_canonical(const char *host, char out[DNS_NAME_MAX + 1]);
/* name: canonical. 1: an address; 0: an ordinary name; DNS_BADNAME: its last
 * label is a number, but it is no address. */
int dns_name_ipv4(const char *name, struct dns_addr *);
/* "::1" and "[::1]". 1: an address; 0: has no colon; DNS_BADNAME. */
int dns_name_ipv6(const char *host, struct dns_addr *);

#endif
