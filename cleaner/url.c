/* url.c - URLs as browsers read them.
 *
 * The parser of the WHATWG URL standard, its states folded into one function
 * for each part of a URL, which writes the serialised form straight into
 * href. Nothing is allocated.
 *
 *	https://user:pw@www.example.org:8080/a/b?q=1#top
 *	    ^           ^              ^    ^   ^   ^
 *	    scheme_end  host_beg       |    |   |   frag_beg
 *	                        host_end    |   query_beg
 *	                                    path_beg
 *
 * Invariants
 *  U1  href[0, len) is ASCII without white space or controls, and
 *      NUL-terminated; the offsets are in order and at most len.
 *  U2  A URL with a host has "//" after its scheme, and host_beg > 0. One
 *      without has host_beg == 0: its path is opaque, nothing is resolved
 *      against it but a fragment.
 *  U3  The path of an http, https, ws, wss or ftp URL begins with '/' and has
 *      no dot segments. Other schemes (file among them) are carried so that a
 *      caller can see and refuse them; drive letters mean nothing here.
 *  U4  Parsing href again gives the same href. */
#include "cleaner/url_parts.h"

#include <string.h>

#define ALL 0x7f
#define SETS                                                                   \
	(WN_URL_C0 | WN_URL_FRAGMENT | WN_URL_QUERY | WN_URL_SPECIAL_QUERY |   \
	    WN_URL_PATH | WN_URL_USERINFO)
#define QUERY_UP                                                               \
	(WN_URL_QUERY | WN_URL_SPECIAL_QUERY | WN_URL_PATH | WN_URL_USERINFO)
#define PATH_UP (WN_URL_PATH | WN_URL_USERINFO)
#define FREE WN_URL_UNRESERVED
#define BAD WN_URL_BAD_HOST

/* clang-format off */
const uint8_t wn_url_class[256] = {
	[0x00 ... 0x1f] = ALL,
	[0x7f] = ALL,
	[0x80 ... 0xff] = SETS,
	[' '] = (ALL & ~WN_URL_C0),
	['"'] = QUERY_UP | WN_URL_FRAGMENT,
	['<'] = QUERY_UP | WN_URL_FRAGMENT | BAD,
	['>'] = QUERY_UP | WN_URL_FRAGMENT | BAD,
	['#'] = QUERY_UP | BAD,
	['\''] = WN_URL_SPECIAL_QUERY,
	['`'] = PATH_UP | WN_URL_FRAGMENT,
	['?'] = PATH_UP | BAD, ['^'] = PATH_UP | BAD,
	['{'] = PATH_UP, ['}'] = PATH_UP,
	['/'] = WN_URL_USERINFO | BAD, [':'] = WN_URL_USERINFO | BAD,
	['@'] = WN_URL_USERINFO | BAD, ['['] = WN_URL_USERINFO | BAD,
	['\\'] = WN_URL_USERINFO | BAD, [']'] = WN_URL_USERINFO | BAD,
	['|'] = WN_URL_USERINFO | BAD,
	[';'] = WN_URL_USERINFO, ['='] = WN_URL_USERINFO,
	['%'] = BAD,
	['0' ... '9'] = FREE, ['A' ... 'Z'] = FREE, ['a' ... 'z'] = FREE,
	['-'] = FREE, ['.'] = FREE, ['_'] = FREE, ['~'] = FREE,
};
/* clang-format on */

/* The special schemes; file is not among them here, see U3. */
static const struct {
	const char *name;
	int len, port;
} special_schemes[] = {
    {"https", 5, 443},
    {"http", 4, 80},
    {"ftp", 3, 21},
    {"ws", 2, 80},
    {"wss", 3, 443},
};

struct parser {
	struct winnow_url *u;
	struct wn_out o;
	const struct winnow_url *base;
	const char *encoding;
	const char *e; /* end of input */
	int special, port;
};

void
wn_out_put(struct wn_out *o, const char *s, size_t n)
{
	if (n > o->cap - o->len) {
		o->full = 1;
		return;
	}
	memcpy(o->b + o->len, s, n);
	o->len += n;
}

static void
out_char(struct wn_out *o, char c)
{
	if (o->len == o->cap)
		o->full = 1;
	else
		o->b[o->len++] = c;
}

void
wn_out_escape(struct wn_out *o, uint8_t byte)
{
	static const char hex[] = "0123456789ABCDEF";
	char s[3] = {'%', hex[byte >> 4], hex[byte & 15]};

	wn_out_put(o, s, 3);
}

int
wn_url_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t
wn_url_utf8(const char *p, const char *e, uint32_t *c)
{
	const uint8_t *s = (const uint8_t *)p;
	size_t n, i;
	uint8_t lo = 0x80, hi = 0xbf;

	*c = s[0];
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2, *c &= 0x1f;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3, *c &= 0x0f;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4, *c &= 0x07;
	else
		goto bad_first;
	/* No overlong forms, no surrogates, nothing above U+10FFFF. */
	if (s[0] == 0xe0)
		lo = 0xa0;
	else if (s[0] == 0xed)
		hi = 0x9f;
	else if (s[0] == 0xf0)
		lo = 0x90;
	else if (s[0] == 0xf4)
		hi = 0x8f;
	for (i = 1; i < n; i++) {
		if (p + i == e || s[i] < lo || s[i] > hi) {
			*c = 0xfffd;
			return i;
		}
		*c = *c << 6 | (s[i] & 0x3f);
		lo = 0x80;
		hi = 0xbf;
	}
	return n;
bad_first:
	*c = 0xfffd;
	return 1;
}

void
wn_out_escaped(struct wn_out *o, const char *p, const char *e, int set)
{
	const char *q;
	uint32_t c;
	size_t n;

	while (p < e) {
		q = p;
		while (q < e && !(wn_url_class[(uint8_t)*q] & set))
			q++;
		wn_out_put(o, p, (size_t)(q - p));
		if ((p = q) == e)
			break;
		n = wn_url_utf8(p, e, &c);
		if (c == 0xfffd) {
			wn_out_put(o, "%EF%BF%BD", 9);
			p += n;
			continue;
		}
		for (; n > 0; n--)
			wn_out_escape(o, (uint8_t)*p++);
	}
}

static int
is_alpha(char c)
{
	c |= 0x20;
	return c >= 'a' && c <= 'z';
}

/* Length of the scheme that [p, e) begins with, 0: none. */
static size_t
scheme_len(const char *p, const char *e)
{
	const char *s = p;

	if (p == e || !is_alpha(*p))
		return 0;
	while (p < e && (is_alpha(*p) || (*p >= '0' && *p <= '9') ||
			    *p == '+' || *p == '-' || *p == '.'))
		p++;
	return p < e && *p == ':' ? (size_t)(p - s) : 0;
}

/* Sets special and the default port from the scheme in href. */
static void
set_scheme(struct parser *ps, size_t n)
{
	size_t i;

	ps->u->scheme_end = (uint16_t)n;
	ps->special = 0;
	ps->port = -1;
	for (i = 0; i < sizeof special_schemes / sizeof *special_schemes; i++)
		if ((size_t)special_schemes[i].len == n &&
		    memcmp(ps->o.b, special_schemes[i].name, n) == 0) {
			ps->special = 1;
			ps->port = special_schemes[i].port;
		}
}

static int
is_slash(const struct parser *ps, char c)
{
	return c == '/' || (c == '\\' && ps->special);
}

int
wn_url_dots(const char *p, const char *e)
{
	int dots = 0;

	if (e - p > 6 || p == e)
		return 0;
	while (p < e && dots < 3) {
		if (*p == '.')
			p++;
		else if (e - p >= 3 && p[0] == '%' && p[1] == '2' &&
			 (p[2] | 0x20) == 'e')
			p += 3;
		else
			return 0;
		dots++;
	}
	return p == e && dots <= 2 ? dots : 0;
}

/* Takes away the last segment of the path, which ends in '/'. */
static void
pop_segment(struct parser *ps)
{
	struct wn_out *o = &ps->o;

	if (o->len > (size_t)ps->u->path_beg + 1) {
		o->len--;
		while (o->b[o->len - 1] != '/')
			o->len--;
	}
}

/* The segments from p on, appended to a path that ends in '/'. Stops at '?',
 * '#' or the end, and returns the place. */
static const char *
parse_segments(struct parser *ps, const char *p)
{
	const char *s;
	int dots;

	for (;;) {
		s = p;
		while (p < ps->e && !is_slash(ps, *p) && *p != '?' && *p != '#')
			p++;
		dots = wn_url_dots(s, p);
		if (dots == 2)
			pop_segment(ps);
		else if (dots == 0)
			wn_out_escaped(&ps->o, s, p, WN_URL_PATH);
		if (p == ps->e || *p == '?' || *p == '#')
			return p;
		if (dots == 0)
			out_char(&ps->o, '/');
		p++;
		if (ps->o.full)
			return ps->e;
	}
}

/* Path after an authority, or an absolute path. */
static const char *
parse_path(struct parser *ps, const char *p)
{
	ps->u->path_beg = (uint16_t)ps->o.len;
	if (p < ps->e && is_slash(ps, *p))
		p++;
	else if (!ps->special)
		return p; /* other schemes may have no path */
	out_char(&ps->o, '/');
	return parse_segments(ps, p);
}

static const char *
parse_opaque(struct parser *ps, const char *p)
{
	const char *s = p;

	ps->u->host_beg = ps->u->host_end = 0;
	ps->u->path_beg = (uint16_t)ps->o.len;
	while (p < ps->e && *p != '?' && *p != '#')
		p++;
	wn_out_escaped(&ps->o, s, p, WN_URL_C0);
	return p;
}

/* What follows the path. */
static int
parse_tail(struct parser *ps, const char *p)
{
	const char *s;
	int set = ps->special ? WN_URL_SPECIAL_QUERY : WN_URL_QUERY;

	ps->u->query_beg = (uint16_t)ps->o.len;
	if (p < ps->e && *p == '?') {
		s = ++p;
		p = memchr(p, '#', (size_t)(ps->e - p));
		if (p == NULL)
			p = ps->e;
		out_char(&ps->o, '?');
		if (ps->encoding == NULL || !ps->special)
			wn_out_escaped(&ps->o, s, p, set);
		else
			wn_url_query(&ps->o, s, p, set, ps->encoding);
	}
	ps->u->frag_beg = (uint16_t)ps->o.len;
	if (p < ps->e) {
		out_char(&ps->o, '#');
		wn_out_escaped(&ps->o, p + 1, ps->e, WN_URL_FRAGMENT);
	}
	return 0;
}

static void
put_userinfo(struct parser *ps, const char *p, const char *at)
{
	const char *colon = memchr(p, ':', (size_t)(at - p));
	size_t beg = ps->o.len;

	wn_out_escaped(&ps->o, p, colon != NULL ? colon : at, WN_URL_USERINFO);
	if (colon != NULL && colon + 1 < at) {
		out_char(&ps->o, ':');
		wn_out_escaped(&ps->o, colon + 1, at, WN_URL_USERINFO);
	}
	if (ps->o.len > beg)
		out_char(&ps->o, '@');
}

/* [p, e): what stands behind the ':' of a host. */
static int
put_port(struct parser *ps, const char *p, const char *e)
{
	int port = 0, n = 0;
	char digits[6];

	ps->u->port = -1;
	if (p == e)
		return 0;
	for (; p < e; p++) {
		if (*p < '0' || *p > '9')
			return WINNOW_EINVAL;
		port = port * 10 + *p - '0';
		if (port > 65535)
			return WINNOW_EINVAL;
	}
	if (port == ps->port)
		return 0;
	ps->u->port = port;
	do
		digits[n++] = (char)('0' + port % 10);
	while ((port /= 10) > 0);
	out_char(&ps->o, ':');
	while (n > 0)
		out_char(&ps->o, digits[--n]);
	return 0;
}

/* user:pw@host:port, from p to a slash, '?', '#' or the end. */
static int
parse_authority(struct parser *ps, const char *p)
{
	struct winnow_url *u = ps->u;
	const char *e = p, *at = NULL, *colon = NULL, *q;
	int bracket = 0;

	wn_out_put(&ps->o, "//", 2);
	for (; e < ps->e && !is_slash(ps, *e) && *e != '?' && *e != '#'; e++)
		if (*e == '@')
			at = e;
	if (at != NULL) {
		if (at + 1 == e)
			return WINNOW_EINVAL;
		put_userinfo(ps, p, at);
		p = at + 1;
	}
	for (q = p; q < e && colon == NULL; q++) {
		if (*q == '[')
			bracket = 1;
		else if (*q == ']')
			bracket = 0;
		else if (*q == ':' && !bracket)
			colon = q;
	}
	q = colon != NULL ? colon : e;
	if (p == q && (ps->special || colon != NULL))
		return WINNOW_EINVAL;
	u->host_beg = (uint16_t)ps->o.len;
	if (wn_url_host(&ps->o, p, (size_t)(q - p), ps->special) < 0)
		return WINNOW_EINVAL;
	u->host_end = (uint16_t)ps->o.len;
	if (put_port(ps, colon != NULL ? colon + 1 : e, e) < 0)
		return WINNOW_EINVAL;
	return parse_tail(ps, parse_path(ps, e));
}

/* Takes the first n bytes of base, and the offsets that lie in them. */
static void
take_base(struct parser *ps, size_t n)
{
	const struct winnow_url *b = ps->base;
	struct winnow_url *u = ps->u;

	ps->o.len = 0;
	wn_out_put(&ps->o, b->href, n);
	u->host_beg = b->host_beg;
	u->host_end = b->host_end;
	u->path_beg = b->path_beg;
	u->query_beg = b->query_beg;
	u->port = b->port;
}

static int
parse_relative(struct parser *ps, const char *p)
{
	const struct winnow_url *b = ps->base;
	size_t n;

	if (b == NULL)
		return WINNOW_EINVAL;
	wn_out_put(&ps->o, b->href, (size_t)b->scheme_end + 1);
	set_scheme(ps, b->scheme_end);
	if (b->host_beg == 0 && (p == ps->e || *p != '#'))
		return WINNOW_EINVAL;
	if (p < ps->e && is_slash(ps, *p)) {
		if (p + 1 < ps->e && is_slash(ps, p[1])) {
			p += 2;
			while (ps->special && p < ps->e && is_slash(ps, *p))
				p++;
			return parse_authority(ps, p);
		}
		take_base(ps, b->path_beg);
		return parse_tail(ps, parse_path(ps, p));
	}
	if (p == ps->e || *p == '#') {
		take_base(ps, b->frag_beg);
		ps->u->frag_beg = b->frag_beg;
		if (p < ps->e) {
			out_char(&ps->o, '#');
			wn_out_escaped(&ps->o, p + 1, ps->e, WN_URL_FRAGMENT);
		}
		return 0;
	}
	n = b->query_beg;
	if (*p != '?')
		while (n > b->path_beg && b->href[n - 1] != '/')
			n--;
	take_base(ps, n);
	if (*p != '?') {
		if (n == b->path_beg)
			out_char(&ps->o, '/');
		p = parse_segments(ps, p);
	}
	return parse_tail(ps, p);
}

/* p: behind the ':' of a scheme of n bytes, which href begins with. */
static int
parse_absolute(struct parser *ps, const char *p, size_t n)
{
	const struct winnow_url *b = ps->base;
	int slashes = ps->e - p >= 2 && p[0] == '/' && p[1] == '/';

	set_scheme(ps, n);
	if (ps->special && !slashes && b != NULL && b->scheme_end == n &&
	    memcmp(b->href, ps->o.b, n) == 0) {
		ps->o.len = 0;
		return parse_relative(ps, p);
	}
	out_char(&ps->o, ':');
	if (ps->special) {
		while (p < ps->e && is_slash(ps, *p))
			p++;
		return parse_authority(ps, p);
	}
	if (slashes)
		return parse_authority(ps, p + 2);
	return parse_tail(ps, parse_opaque(ps, p));
}

/* Copies [p, p+*n) without tabs and line ends into buf of WINNOW_URL_MAX
 * bytes; NULL: too long. */
static const char *
strip_newlines(const char *p, size_t *n, char *buf)
{
	size_t i, k = 0;

	for (i = 0; i < *n; i++) {
		if (p[i] == '\t' || p[i] == '\n' || p[i] == '\r')
			continue;
		if (k == WINNOW_URL_MAX)
			return NULL;
		buf[k++] = p[i];
	}
	*n = k;
	return buf;
}

int
winnow_url_parse(struct winnow_url *u, const char *input, size_t len,
    const struct winnow_url *base, const char *page_encoding)
{
	struct parser ps = {.u = u,
	    .base = base,
	    .encoding = page_encoding,
	    .o = {.b = u->href, .cap = WINNOW_URL_MAX}};
	char buf[WINNOW_URL_MAX];
	const char *p = input;
	size_t n, i;
	int rc;

	while (len > 0 && (uint8_t)p[0] <= ' ')
		p++, len--;
	while (len > 0 && (uint8_t)p[len - 1] <= ' ')
		len--;
	if (memchr(p, '\n', len) != NULL || memchr(p, '\t', len) != NULL ||
	    memchr(p, '\r', len) != NULL)
		p = strip_newlines(p, &len, buf);
	if (p == NULL || len > WINNOW_URL_MAX) {
		u->len = 0;
		u->href[0] = '\0';
		return WINNOW_ETOOBIG;
	}
	ps.e = p + len;
	u->port = -1;
	u->host_beg = u->host_end = 0;
	n = scheme_len(p, ps.e);
	if (n == 0) {
		rc = parse_relative(&ps, p);
	} else {
		for (i = 0; i < n; i++)
			out_char(
			    &ps.o, is_alpha(p[i]) ? (char)(p[i] | 0x20) : p[i]);
		rc = parse_absolute(&ps, p + n + 1, n);
	}
	if (rc == 0 && ps.o.full)
		rc = WINNOW_ETOOBIG;
	if (rc < 0)
		ps.o.len = 0;
	u->len = (uint16_t)ps.o.len;
	u->href[u->len] = '\0';
	return rc;
}

int
winnow_url_fetchable(struct winnow_url *u)
{
	size_t auth = (size_t)u->scheme_end + 3, cut;

	if (u->host_beg == 0 || u->scheme_end < 4 || u->scheme_end > 5 ||
	    memcmp(u->href, "https", u->scheme_end) != 0)
		return WINNOW_EINVAL;
	u->len = u->frag_beg;
	if ((cut = u->host_beg - auth) > 0) {
		memmove(u->href + auth, u->href + u->host_beg,
		    (size_t)u->len - u->host_beg);
		u->host_beg = (uint16_t)(u->host_beg - cut);
		u->host_end = (uint16_t)(u->host_end - cut);
		u->path_beg = (uint16_t)(u->path_beg - cut);
		u->query_beg = (uint16_t)(u->query_beg - cut);
		u->frag_beg = (uint16_t)(u->frag_beg - cut);
		u->len = (uint16_t)(u->len - cut);
	}
	u->href[u->len] = '\0';
	return 0;
}
