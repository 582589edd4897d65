/* url_key.c - under which name a page is known.
 *
 * The same page is linked in many spellings. The canonical form brings those
 * together that name one page by the rules of URLs, and those that differ in
 * what only counts visitors. It is a key, not an address: what is fetched is
 * the spelling that came first, without its counters (winnow_url_untrack).
 *
 *	rule			    why
 *	user info, fragment	    not part of what is asked for
 *	default port, dot segments  the parser has done these
 *	dot behind the host	    the same name, absolute
 *	%41 -> A, %c3 -> %C3	    RFC 3986, 6.2.2; reserved marks stay as
 *				    they are, escaped or not
 *	[]{}|\^` escaped	    browsers leave some of them, RFC 3986 does not
 *	;jsessionid=, /(S(...))/    sessions in the path
 *	url_params.def		    counters and sessions in the query
 *	?a&&b, ?		    empty parameters, empty query
 *	?b=1&a=2 -> ?a=2&b=1	    order of names; equal names keep theirs
 *
 * Not done, since they name different pages often enough: index.html, double
 * slashes, case of the path, a slash at the end, www., http for https.
 *
 * Invariants
 *  K1  The canonical form of a canonical form is itself.
 *  K2  Nothing here allocates. */
#include "cleaner/url_parts.h"

#include <string.h>
#include <strings.h>

#include <libpsl.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum match { EXACT, PREFIX, CHANCE };

static const struct param_rule {
	char name[20];
	uint8_t len, match, counts;
} param_rules[] = {
#define T(match, name, why) {name, sizeof name - 1, match, 1},
#define S(match, name, why) {name, sizeof name - 1, match, 0},
#include "cleaner/url_params.def"
#undef T
#undef S
};
#define NPARAM_RULES (sizeof param_rules / sizeof *param_rules)

#define MAX_PARAMS 128 /* more are left in their order */
#define CHANCE_MIN 20  /* characters of a session's number, digits and letters */
#define CHANCE_EACH 4  /* at least so many of both */

struct param {
	const char *p;
	uint16_t n, name;
};

/* A value that only chance can have made. */
static int
is_chance(const char *p, size_t n)
{
	size_t digits = 0, letters = 0, i;

	for (i = 0; i < n; i++) {
		digits += p[i] >= '0' && p[i] <= '9';
		letters += (p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'z';
	}
	return n >= CHANCE_MIN && digits + letters == n &&
	       digits >= CHANCE_EACH && letters >= CHANCE_EACH;
}

/* The row that says so; NULL: it is part of the page's name. */
static const struct param_rule *
is_dropped(const struct param *a)
{
	const struct param_rule *r;
	size_t i;

	for (i = 0; i < NPARAM_RULES; i++) {
		r = &param_rules[i];
		if (r->name[0] != (a->p[0] | 0x20) && r->name[0] != a->p[0])
			continue;
		if (a->name < r->len || (r->match != PREFIX && a->name > r->len))
			continue;
		if (strncasecmp(a->p, r->name, r->len) != 0)
			continue;
		if (r->match != CHANCE ||
		    (a->n > a->name &&
			is_chance(a->p + a->name + 1, a->n - a->name - 1u)))
			return r;
	}
	return NULL;
}

/* Would one more digit complete an escape with the lone '%' at `stray`? A
 * `&` between them does not count: the parameters are sorted later. */
static int
completes(const struct wn_out *o, size_t stray)
{
	return o->len - stray == 1 ||
	       (o->len - stray == 2 && wn_url_hex(o->b[stray + 1]) >= 0);
}

/* Percent-encoding normal form of [p, e), which is part of a valid href. */
static void
put_normal(struct wn_out *o, const char *p, const char *e)
{
	size_t stray = (size_t)-8; /* where a '%' that escapes nothing stands */
	const char *q;
	int hi, lo, c;

	while (p < e) {
		for (q = p;
		     q < e && (wn_url_class[(uint8_t)*q] & WN_URL_UNRESERVED);
		     q++)
			;
		wn_out_put(o, p, (size_t)(q - p));
		if ((p = q) == e)
			return;
		if (*p != '%') {
			if (memchr("[]{}|\\^`", *p, 8) != NULL)
				wn_out_escape(o, (uint8_t)*p);
			else
				wn_out_put(o, p, 1);
			p++;
			continue;
		}
		if (e - p < 3 || (hi = wn_url_hex(p[1])) < 0 ||
		    (lo = wn_url_hex(p[2])) < 0) {
			stray = o->len;
			wn_out_put(o, p++, 1);
			continue;
		}
		c = hi << 4 | lo;
		p += 3;
		/* %2%45 must not become an escape (K1). */
		if ((wn_url_class[c] & WN_URL_UNRESERVED) && !completes(o, stray))
			wn_out_put(o, &(char){(char)c}, 1);
		else
			wn_out_escape(o, (uint8_t)c);
	}
}

/* A segment ASP.NET puts a cookieless session in: (S(...)), with others. */
static int
is_session_segment(const char *p, const char *e)
{
	if (e - p < 5 || *p++ != '(' || *--e != ')')
		return 0;
	while (p < e) {
		if (memchr("AFSX", *p++, 4) == NULL || p == e || *p++ != '(')
			return 0;
		while (p < e && (wn_url_class[(uint8_t)*p] & WN_URL_UNRESERVED))
			p++;
		if (p == e || *p++ != ')')
			return 0;
	}
	return 1;
}

/* A segment without ;jsessionid=...; as it is where that would leave dots. */
static void
put_segment(struct wn_out *o, const char *p, const char *e)
{
	static const char id[] = ";jsessionid=";
	const char *s = p, *t;

	for (; p < e; p = t) {
		t = memchr(p + 1, ';', (size_t)(e - p - 1));
		if (t == NULL || wn_url_dots(s, t) > 0)
			t = e;
		if ((size_t)(t - p) < sizeof id - 1 ||
		    strncasecmp(p, id, sizeof id - 1) != 0)
			wn_out_put(o, p, (size_t)(t - p));
	}
}

/* The path without sessions; its escapes are normal. A segment is looked at as
 * it leaves: (S(...));jsessionid=... is a session without its other. */
static void
put_path(struct wn_out *o, const char *p, const char *e)
{
	const char *s;
	size_t at;

	while (p < e) { /* at a '/' */
		s = p + 1;
		at = o->len;
		p = memchr(s, '/', (size_t)(e - s));
		if (p == NULL)
			p = e;
		wn_out_put(o, "/", 1);
		put_segment(o, s, p);
		if (!o->full && p < e &&
		    is_session_segment(o->b + at + 1, o->b + o->len))
			o->len = at;
	}
}

/* Stable, by the bytes of the name. */
static void
sort_params(struct param *v, size_t n)
{
	struct param x;
	size_t i, j, m;
	int d;

	for (i = 1; i < n; i++) {
		x = v[i];
		for (j = i; j > 0; j--) {
			m = x.name < v[j - 1].name ? x.name : v[j - 1].name;
			d = memcmp(v[j - 1].p, x.p, m);
			if (d < 0 || (d == 0 && v[j - 1].name <= x.name))
				break;
			v[j] = v[j - 1];
		}
		v[j] = x;
	}
}

static void
put_params(struct wn_out *o, struct param *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		wn_out_put(o, &v[i].p[-1], 1);
		wn_out_put(o, v[i].p, v[i].n);
	}
}

/* [p, e) begins with '?', and its escapes are normal. */
static void
put_query(struct wn_out *o, char *p, char *e)
{
	struct param v[MAX_PARAMS], a;
	size_t n = 0, sorted = 1, first = o->len;
	char *eq;

	while (p < e) {
		*p++ = '&';
		a.p = p;
		p = memchr(p, '&', (size_t)(e - p));
		if (p == NULL)
			p = e;
		a.n = (uint16_t)(p - a.p);
		eq = memchr(a.p, '=', a.n);
		a.name = eq != NULL ? (uint16_t)(eq - a.p) : a.n;
		if (a.n == 0 || is_dropped(&a) != NULL)
			continue;
		if (n == MAX_PARAMS) {
			put_params(o, v, n);
			n = sorted = 0;
		}
		v[n++] = a;
	}
	if (sorted)
		sort_params(v, n);
	put_params(o, v, n);
	if (o->len > first)
		o->b[first] = '?';
}

int
winnow_url_untrack(const char *url, char *out, size_t cap)
{
	const char *p = url + strcspn(url, "?"), *e, *eq;
	const struct param_rule *r;
	size_t first = (size_t)(p - url), n = first, gone = 0;
	struct param a;

	if (*p == '\0' || strlen(url) >= cap || cap > UINT16_MAX)
		return 0;
	memcpy(out, url, n);
	for (; *p != '\0'; p = e) { /* at the mark before a parameter */
		e = p + 1 + strcspn(p + 1, "&");
		a.p = p + 1;
		a.n = (uint16_t)(e - a.p);
		eq = memchr(a.p, '=', a.n);
		a.name = eq != NULL ? (uint16_t)(eq - a.p) : a.n;
		r = a.n > 0 ? is_dropped(&a) : NULL;
		if (r != NULL && r->counts) {
			gone++;
			continue;
		}
		memcpy(out + n, p, (size_t)(e - p));
		if (n == first)
			out[n] = '?';
		n += (size_t)(e - p);
	}
	out[n] = '\0';
	return gone > 0;
}

static void
copy_url(struct winnow_url *to, const struct winnow_url *from)
{
	memcpy(to->href, from->href, (size_t)from->len + 1);
	memcpy((char *)to + sizeof to->href,
	    (const char *)from + sizeof to->href, sizeof *to - sizeof to->href);
}

int
winnow_url_canonical(const struct winnow_url *in, struct winnow_url *out)
{
	char buf[WINNOW_URL_MAX], scratch[WINNOW_URL_MAX];
	struct wn_out o = {.b = buf, .cap = sizeof buf};
	struct wn_out q = {.b = scratch, .cap = sizeof scratch};
	size_t host_end, path;

	if (in != out)
		copy_url(out, in);
	if (winnow_url_fetchable(out) < 0)
		return WINNOW_EINVAL;
	host_end = out->host_end;
	/* One dot behind a name; "a.." is no name, it stays what it is. */
	if (out->href[host_end - 1] == '.' && out->href[host_end - 2] != '.' &&
	    host_end > out->host_beg + 1u)
		host_end--;
	wn_out_put(&o, out->href, host_end);
	wn_out_put(&o, out->href + out->host_end,
	    (size_t)out->path_beg - out->host_end);
	out->host_end = (uint16_t)host_end;
	path = o.len;
	put_normal(&q, out->href + out->path_beg, out->href + out->query_beg);
	put_path(&o, scratch, scratch + q.len);
	out->path_beg = (uint16_t)path;
	q.len = 0;
	if (out->query_beg < out->len) {
		put_normal(
		    &q, out->href + out->query_beg, out->href + out->len);
		out->query_beg = (uint16_t)o.len;
		put_query(&o, scratch, scratch + q.len);
	} else {
		out->query_beg = (uint16_t)o.len;
	}
	if (o.full || q.full)
		return WINNOW_ETOOBIG;
	memcpy(out->href, buf, o.len);
	out->href[o.len] = '\0';
	out->len = out->frag_beg = (uint16_t)o.len;
	return 0;
}

/* Hash of a host without "www." and the dot at its end. */
static uint64_t
hash_host(const char *p, size_t n, uint64_t seed)
{
	if (n > 1 && p[n - 1] == '.')
		n--;
	if (n > 5 && memcmp(p, "www.", 4) == 0 &&
	    memchr(p + 4, '.', n - 4) != NULL) {
		p += 4;
		n -= 4;
	}
	return XXH3_64bits_withSeed(p, n, seed);
}

struct winnow_key
winnow_url_key(const struct winnow_url *u, uint64_t seed)
{
	struct winnow_key key;
	struct winnow_url c;

	key.host = hash_host(
	    u->href + u->host_beg, (size_t)u->host_end - u->host_beg, seed);
	if (winnow_url_canonical(u, &c) == 0)
		u = &c;
	key.url = XXH3_64bits_withSeed(u->href, u->len, seed);
	return key;
}

const char *
winnow_url_domain(const char *host)
{
	const char *last = strrchr(host, '.'), *domain;

	/* The parser leaves no name whose last label begins with a digit. */
	if (last == NULL || host[0] == '[' ||
	    (last[1] >= '0' && last[1] <= '9'))
		return host;
	domain = psl_registrable_domain(psl_builtin(), host);
	return domain != NULL ? domain : host;
}
