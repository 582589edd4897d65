/* xml.c - the scanner of xml.h.
 *
 * Invariants
 *  X1  p only moves forward, and each event takes at least a byte or is the
 *      CLOSE of an empty tag: the events of n bytes are at most n + 1.
 *  X2  Nothing a file declares is expanded. */
#include "cleaner/xml.h"

#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>

#define MAX_REF 32 /* bytes of a reference between & and ; */

void
wn_xml_begin(struct wn_xml *x, const char *text, size_t n)
{
	*x = (struct wn_xml){.p = text, .e = text + n};
}

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int
is_name(char c)
{
	return (uint8_t)c >= 0x80 || (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
	       c == '-' || c == '.' || c == ':';
}

static int
at(const struct wn_xml *x, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(x->e - x->p) >= n && memcmp(x->p, word, n) == 0;
}

/* Moves behind the next `word`; at the end without one, the input is cut. */
static const char *
skip_to(struct wn_xml *x, const char *word)
{
	const char *s = memmem(x->p, (size_t)(x->e - x->p), word, strlen(word));

	if (s == NULL) {
		x->cut = 1;
		return x->p = x->e;
	}
	x->p = s + strlen(word);
	return s;
}

/* <!ENTITY a "...&b;...">: what a bomb is made of. External ones and plain
 * ones are harmless, for they are not expanded. */
static int
is_bomb(const char *p, const char *e)
{
	char quote;

	for (; p < e && *p != '"' && *p != '\''; p++)
		;
	if (p == e)
		return 0;
	quote = *p++;
	for (; p < e && *p != quote; p++)
		if (*p == '&' && p + 1 < e && p[1] != '#')
			return 1;
	return 0;
}

/* <!DOCTYPE ... [ ... ]>, and whatever else begins with "<!". */
static void
skip_doctype(struct wn_xml *x)
{
	const char *s;
	int inside = 0;
	char quote = 0;

	for (; x->p < x->e; x->p++) {
		if (quote != 0) {
			if (*x->p == quote)
				quote = 0;
		} else if (inside && at(x, "<!ENTITY")) {
			s = x->p;
			skip_to(x, ">");
			x->bomb |= is_bomb(s, x->p);
			x->p--;
		} else if (inside && at(x, "<!--")) {
			skip_to(x, "-->");
			x->p--;
		} else if (*x->p == '"' || *x->p == '\'') {
			quote = *x->p;
		} else if (*x->p == '[') {
			inside = 1;
		} else if (*x->p == ']') {
			inside = 0;
		} else if (*x->p == '>' && !inside) {
			x->p++;
			return;
		}
	}
	x->cut = 1;
}

/* A tag with p on its '<'. */
static enum wn_xml_event
take_tag(struct wn_xml *x)
{
	int close = x->p[1] == '/';
	const char *s = x->p += 1 + close, *colon;
	char quote = 0;

	while (x->p < x->e && is_name(*x->p))
		x->p++;
	colon = memchr(s, ':', (size_t)(x->p - s));
	x->prefix = (struct wn_str){s, colon != NULL ? (size_t)(colon - s) : 0};
	if (colon != NULL)
		s = colon + 1;
	x->name = (struct wn_str){s, (size_t)(x->p - s)};
	x->attrs.p = x->p;
	for (; x->p < x->e && (quote != 0 || *x->p != '>'); x->p++) {
		if (quote != 0)
			quote = *x->p == quote ? 0 : quote;
		else if (x->p[-1] == '=' && (*x->p == '"' || *x->p == '\''))
			quote = *x->p;
		else if (*x->p == '<')
			break; /* a tag that was never closed */
	}
	x->attrs.n = (size_t)(x->p - x->attrs.p);
	if (x->p == x->e) {
		x->cut = 1;
		return WN_XML_END;
	}
	x->empty = x->p > x->attrs.p && x->p[-1] == '/';
	x->pending = x->empty && !close;
	x->p += *x->p == '>';
	return close ? WN_XML_CLOSE : WN_XML_OPEN;
}

enum wn_xml_event
wn_xml_next(struct wn_xml *x)
{
	const char *s;

	if (x->pending) {
		x->pending = 0;
		return WN_XML_CLOSE;
	}
	x->cdata = 0;
	while (x->p < x->e) {
		s = x->p;
		if (at(x, "<![CDATA[")) {
			x->p += 9;
			x->text.p = x->p;
			x->text.n = (size_t)(skip_to(x, "]]>") - x->text.p);
			x->cdata = 1;
			return WN_XML_TEXT;
		}
		if (at(x, "<!--")) {
			x->p += 4;
			skip_to(x, "-->");
		} else if (at(x, "<?")) {
			skip_to(x, "?>");
		} else if (at(x, "<!")) {
			skip_doctype(x);
		} else if (*s == '<' && x->e - s >= 2 &&
			   (s[1] == '/' || (is_name(s[1]) && s[1] != '-'))) {
			return take_tag(x);
		} else {
			x->p = memchr(s + 1, '<', (size_t)(x->e - s - 1));
			if (x->p == NULL)
				x->p = x->e;
			x->text = (struct wn_str){s, (size_t)(x->p - s)};
			return WN_XML_TEXT;
		}
	}
	return WN_XML_END;
}

int
wn_xml_is(const struct wn_xml *x, const char *name)
{
	return strlen(name) == x->name.n &&
	       strncasecmp(name, x->name.p, x->name.n) == 0;
}

int
wn_xml_attr(const struct wn_xml *x, const char *name, struct wn_buf *out)
{
	const char *p = x->attrs.p, *e = p + x->attrs.n, *s, *v;
	size_t n = strlen(name), k;

	while (p < e) {
		while (p < e && !is_name(*p))
			p++;
		for (s = p; p < e && is_name(*p); p++)
			;
		k = (size_t)(p - s);
		while (p < e && is_space(*p))
			p++;
		if (p == e || *p != '=')
			continue;
		for (p++; p < e && is_space(*p); p++)
			;
		if (p == e || (*p != '"' && *p != '\''))
			continue;
		v = p + 1;
		p = memchr(v, *p, (size_t)(e - v));
		if (p == NULL)
			return 0;
		if (k == n && strncasecmp(s, name, n) == 0) {
			wn_xml_decode(out, v, (size_t)(p - v));
			return 1;
		}
		p++;
	}
	return 0;
}

/* &#65; &#x41; between & and ;, n bytes. 0: none. */
static uint32_t
number(const char *s, size_t n)
{
	uint32_t v = 0, base = 10;
	size_t i = 1;
	int d;

	if (n > 2 && (s[1] | 0x20) == 'x') {
		base = 16;
		i = 2;
	}
	for (; i < n; i++) {
		d = s[i] >= '0' && s[i] <= '9' ? s[i] - '0'
		    : (s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'f'
			? (s[i] | 0x20) - 'a' + 10
			: 99;
		if ((uint32_t)d >= base || v > 0x10ffff)
			return 0;
		v = v * base + (uint32_t)d;
	}
	return v > 0x10ffff || (v >= 0xd800 && v < 0xe000) ? 0xfffd : v;
}

static uint32_t
reference(const char *s, size_t n)
{
	const htmlEntityDesc *d;
	char name[MAX_REF + 1];

	if (n == 0 || n > MAX_REF)
		return 0;
	if (s[0] == '#')
		return number(s, n);
	memcpy(name, s, n);
	name[n] = '\0';
	if (strcmp(name, "apos") == 0)
		return '\'';
	d = htmlEntityLookup((const xmlChar *)name);
	return d != NULL ? d->value : 0;
}

void
wn_xml_decode(struct wn_buf *o, const char *p, size_t len)
{
	const char *e = p + len, *s, *semi;
	uint32_t c;

	while (p < e) {
		for (s = p; p < e && *p != '&' &&
			    ((uint8_t)*p >= 0x20 || is_space(*p));
		     p++)
			;
		wn_buf_put(o, s, (size_t)(p - s));
		if (p == e)
			break;
		if (*p != '&') { /* a control character */
			p++;
			continue;
		}
		semi = memchr(p, ';',
		    (size_t)(e - p) < MAX_REF + 2 ? (size_t)(e - p)
						  : MAX_REF + 2);
		c = semi != NULL ? reference(p + 1, (size_t)(semi - p - 1)) : 0;
		if (c == 0) {
			wn_buf_putc(o, *p++);
			continue;
		}
		if (c >= 0x20 || is_space((char)c))
			wn_buf_utf8(o, c);
		p = semi + 1;
	}
}

/* Behind the tag, comment or script at p, which is on '<'. */
static const char *
skip_markup(const char *p, const char *e)
{
	static const char *const silent[] = {"script", "style"};
	struct wn_xml x = {.p = p, .e = e};
	const char *s;
	size_t i, n;

	if (at(&x, "<!--") &&
	    (s = memmem(p, (size_t)(e - p), "-->", 3)) != NULL)
		return s + 3;
	s = memchr(p, '>', (size_t)(e - p));
	if (s == NULL)
		return e;
	for (i = 0; i < 2; i++) {
		n = strlen(silent[i]);
		if ((size_t)(e - p) <= n + 1 ||
		    strncasecmp(p + 1, silent[i], n) != 0)
			continue;
		for (x.p = s; x.p < e; x.p++)
			if (x.p[0] == '<' && (size_t)(e - x.p) > n + 2 &&
			    x.p[1] == '/' &&
			    strncasecmp(x.p + 2, silent[i], n) == 0) {
				s = memchr(x.p, '>', (size_t)(e - x.p));
				return s != NULL ? s + 1 : e;
			}
		return e;
	}
	return s + 1;
}

void
wn_xml_strip(struct wn_buf *o, const char *p, size_t len)
{
	const char *e = p + len, *s;

	while (p < e) {
		s = p;
		while (p < e &&
		       !(p[0] == '<' && p + 1 < e &&
			   (p[1] == '/' || p[1] == '!' ||
			       ((p[1] | 0x20) >= 'a' && (p[1] | 0x20) <= 'z'))))
			p++;
		wn_xml_decode(o, s, (size_t)(p - s));
		if (p < e)
			p = skip_markup(p, e);
	}
}
