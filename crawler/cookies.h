/* cookies.h - the cookies of the sites that need them, in memory.
 *
 * RFC 6265 as far as a crawler needs it, and narrower: every cookie is a host's
 * own, whatever Domain it names. Nothing is written to disk; a jar that nobody
 * has used for long goes when there are too many.
 *
 * Invariants
 *  C1  A cookie goes back to the very host name that set it, and to no other.
 *  C2  A cookie with Secure goes over TLS only, and comes from there only.
 *  C3  At most COOKIES_HOST a host, COOKIE_MAX bytes each, COOKIES_JARS hosts;
 *      a Cookie header is at most COOKIES_HEADER long. */
#ifndef COOKIES_H
#define COOKIES_H

#include <stddef.h>
#include <stdint.h>

#define COOKIES_JARS 1024
#define COOKIES_HOST 50
#define COOKIE_MAX 4096 /* name and value */
#define COOKIES_HEADER 8190

struct cookies;

struct cookies *cookies_new(void); /* NULL: no memory */
void cookies_free(struct cookies *);

/* Where a request goes, or an answer came from. host: as in the URL, any case;
 * path: from its '/', up to the query; "" is "/". */
struct cookies_place {
	const char *host, *path;
	int tls;
};

/* value: what stood behind "Set-Cookie:", n bytes. now_s: wall clock. 1: kept
 * or taken away; 0: refused. */
int cookies_set(struct cookies *, const struct cookies_place *,
    const char *value, size_t n, int64_t now_s);
/* What to send behind "Cookie: ", longest path first. Its length; 0: none. */
size_t cookies_get(struct cookies *, const struct cookies_place *,
    int64_t now_s, char out[COOKIES_HEADER + 1]);

#endif
