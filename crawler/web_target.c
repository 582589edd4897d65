/* web_target.c - see web_target.h. */
#include "crawler/web_target.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "crawler/hex.h"
#include "crawler/log.h"

/* ---- the target --------------------------------------------------------- */

int
web_target_parse(struct web_target *t, const char *text)
{
	const char *p = text;
	size_t n;

	memset(t, 0, sizeof *t);
	if (strncasecmp(p, "http://", 7) == 0) {
		p += 7;
		n = strcspn(p, "/?#");
		if (n == 0 || n >= sizeof t->host)
			return -1;
		memcpy(t->host, p, n);
		p += n;
	}
	if (*p != '/')
		return -1;
	n = strcspn(p, "?#");
	if (n >= sizeof t->path)
		return -1;
	memcpy(t->path, p, n);
	t->query = p[n] == '?' ? p + n + 1 : "";
	return 0;
}

/* ---- the query ---------------------------------------------------------- */

/* One byte of a form's value at *p, which moves on; -1: it is written badly. */
static int
byte_next(const char **p)
{
	int hi, lo, c = (unsigned char)*(*p)++;

	if (c == '+')
		return ' ';
	if (c != '%')
		return c;
	if ((hi = hex_value((*p)[0])) < 0 || (lo = hex_value((*p)[1])) < 0)
		return -1;
	*p += 2;
	return hi << 4 | lo;
}

static int
is_text(const char *s, size_t n)
{
	size_t k;

	for (; n > 0; s += k, n -= k)
		if ((k = log_printable((const unsigned char *)s, n)) == 0)
			return 0;
	return 1;
}

static int
value_decode(const char *p, const char *end, char *out, size_t cap)
{
	size_t n = 0;
	int c;

	while (p < end) {
		if ((c = byte_next(&p)) < 0 || n + 1 >= cap)
			return -1;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return is_text(out, n) ? (int)n : -1;
}

int
web_query_get(const char *query, const char *name, char *out, size_t cap)
{
	size_t n = strlen(name), len;
	const char *p = query;

	for (;; p += len + 1) {
		len = strcspn(p, "&#");
		if (len > n && strncmp(p, name, n) == 0 && p[n] == '=')
			return value_decode(p + n + 1, p + len, out, cap);
		if (p[len] != '&')
			return -1;
	}
}

/* ---- the host ----------------------------------------------------------- */

/* An address is no name, so nobody can point it elsewhere. */
static int
is_address(const char *s, size_t n)
{
	char buf[INET6_ADDRSTRLEN];
	unsigned char addr[16];
	int six = n > 2 && s[0] == '[' && s[n - 1] == ']';

	s += six;
	n -= six ? 2 : 0;
	if (n >= sizeof buf)
		return 0;
	memcpy(buf, s, n);
	buf[n] = '\0';
	return inet_pton(six ? AF_INET6 : AF_INET, buf, addr) == 1;
}

static int
same_name(const char *name, const char *s, size_t n)
{
	return strlen(name) == n && strncasecmp(name, s, n) == 0;
}

int
web_host_ok(const char *host, const char *const *names)
{
	const char *end = *host == '[' ? strchr(host, ']') : NULL;
	size_t n = end != NULL ? (size_t)(end + 1 - host) : strcspn(host, ":");

	if (host[n] != '\0' &&
	    (host[n] != ':' ||
		host[n + 1 + strspn(host + n + 1, "0123456789")] != '\0'))
		return 0;
	if (is_address(host, n))
		return 1;
	if (n > 1 && host[n - 1] == '.')
		n--;
	if (same_name("localhost", host, n))
		return 1;
	for (; *names != NULL; names++)
		if (same_name(*names, host, n))
			return 1;
	return 0;
}
