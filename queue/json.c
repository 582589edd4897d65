/* json.c - walks the members of one JSON object or array, in place.
 *
 * The text is only read and nothing is allocated; a nested value comes out as a
 * slice that can be walked in its turn. A record is mostly one long string, so
 * strings are passed over by memchr().
 *
 * Invariants
 *  J1  p <= end always; nothing at or behind end is read.
 *  J2  A value is passed over whole: what walks the top level has seen that
 *      every bracket and quote is closed.
 *  J3  No nesting below MAX_NEST, so no recursion is needed. */
#include "queue/json.h"

#include <stdint.h>
#include <string.h>

enum { MAX_NEST = 64 };

static void
skip_space(struct wq_json *j)
{
	while (j->p < j->end && (*j->p == ' ' || *j->p == '\t' ||
				    *j->p == '\n' || *j->p == '\r'))
		j->p++;
}

int
wq_json_begin(struct wq_json *j, const char *text, size_t len)
{
	*j = (struct wq_json){.p = text, .end = text + len};
	skip_space(j);
	if (j->p == j->end || (*j->p != '{' && *j->p != '['))
		return WQ_ECORRUPT;
	j->close = *j->p++ == '{' ? '}' : ']';
	return WQ_OK;
}

/* Behind the closing quote of the string that opens at p; NULL: none. */
static const char *
string_end(const char *p, const char *end)
{
	const char *q, *b;

	for (q = p + 1; q < end; q++) {
		if ((q = memchr(q, '"', (size_t)(end - q))) == NULL)
			return NULL;
		for (b = q; b - 1 > p && b[-1] == '\\'; b--)
			;
		if ((q - b) % 2 == 0)
			return q + 1;
	}
	return NULL;
}

/* Behind the object or array that opens at p. */
static const char *
nested_end(const char *p, const char *end)
{
	char open[MAX_NEST];
	int n = 0;

	while (p < end) {
		switch (*p) {
		case '"':
			if ((p = string_end(p, end)) == NULL)
				return NULL;
			continue;
		case '{':
		case '[':
			if (n == MAX_NEST)
				return NULL;
			open[n++] = *p == '{' ? '}' : ']';
			break;
		case '}':
		case ']':
			if (open[--n] != *p)
				return NULL;
			if (n == 0)
				return p + 1;
			break;
		}
		p++;
	}
	return NULL;
}

static const char *
digits_end(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* Behind a number as RFC 8259 writes one. */
static const char *
number_end(const char *p, const char *end)
{
	const char *from;

	p += p < end && *p == '-';
	from = p;
	p = digits_end(p, end);
	if (p == from || (*from == '0' && p - from > 1))
		return NULL;
	if (p < end && *p == '.') {
		from = ++p;
		if ((p = digits_end(p, end)) == from)
			return NULL;
	}
	if (p < end && (*p | 32) == 'e') {
		p++;
		p += p < end && (*p == '+' || *p == '-');
		from = p;
		if ((p = digits_end(p, end)) == from)
			return NULL;
	}
	return p;
}

static const char *
word_end(const char *p, const char *end, enum wq_json_type *type)
{
	static const struct {
		const char *word;
		enum wq_json_type type;
	} words[] = {{"null", WQ_JSON_NULL}, {"true", WQ_JSON_TRUE},
	    {"false", WQ_JSON_FALSE}};
	size_t n;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		n = strlen(words[i].word);
		if ((size_t)(end - p) >= n &&
		    memcmp(p, words[i].word, n) == 0) {
			*type = words[i].type;
			return p + n;
		}
	}
	*type = WQ_JSON_NUMBER;
	return number_end(p, end);
}

static int
take_value(struct wq_json *j, struct wq_json_value *v)
{
	const char *stop;

	skip_space(j);
	if (j->p == j->end)
		return WQ_ECORRUPT;
	v->raw = j->p;
	if (*j->p == '"') {
		v->type = WQ_JSON_STRING;
		stop = string_end(j->p, j->end);
	} else if (*j->p == '{' || *j->p == '[') {
		v->type = *j->p == '{' ? WQ_JSON_OBJECT : WQ_JSON_ARRAY;
		stop = nested_end(j->p, j->end);
	} else {
		stop = word_end(j->p, j->end, &v->type);
	}
	if (stop == NULL)
		return WQ_ECORRUPT;
	v->len = (size_t)(stop - j->p);
	j->p = stop;
	return WQ_OK;
}

static int
take_key(struct wq_json *j, struct wq_json_value *v)
{
	const char *stop;

	if (j->p == j->end || *j->p != '"' ||
	    (stop = string_end(j->p, j->end)) == NULL)
		return WQ_ECORRUPT;
	v->key = j->p + 1;
	v->key_len = (size_t)(stop - j->p) - 2;
	j->p = stop;
	skip_space(j);
	if (j->p == j->end || *j->p != ':')
		return WQ_ECORRUPT;
	j->p++;
	return WQ_OK;
}

int
wq_json_next(struct wq_json *j, struct wq_json_value *v)
{
	*v = (struct wq_json_value){.key = NULL};
	if (j->close == 0)
		return 0;
	skip_space(j);
	if (j->p < j->end && *j->p == j->close && !j->comma) {
		j->p++;
		j->close = 0;
		return 0;
	}
	if ((j->close == '}' && take_key(j, v) != 0) || take_value(j, v) != 0)
		return WQ_ECORRUPT;
	skip_space(j);
	j->comma = j->p < j->end && *j->p == ',';
	if (j->comma)
		j->p++;
	else if (j->p == j->end || *j->p != j->close)
		return WQ_ECORRUPT;
	return 1;
}

/* ---- strings ------------------------------------------------------------- */

static int
hex4(const char *p, const char *end, uint32_t *out)
{
	uint32_t v = 0;
	int d;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		d = p[i];
		if (d >= '0' && d <= '9')
			d -= '0';
		else if ((d | 32) >= 'a' && (d | 32) <= 'f')
			d = (d | 32) - 'a' + 10;
		else
			return -1;
		v = v << 4 | (uint32_t)d;
	}
	*out = v;
	return 0;
}

static size_t
put_utf8(char *o, uint32_t c)
{
	if (c == 0 || (c >= 0xD800 && c < 0xE000))
		c = 0xFFFD;
	if (c < 0x80) {
		o[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		o[0] = (char)(0xC0 | c >> 6);
		o[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		o[0] = (char)(0xE0 | c >> 12);
		o[1] = (char)(0x80 | (c >> 6 & 63));
		o[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	o[0] = (char)(0xF0 | c >> 18);
	o[1] = (char)(0x80 | (c >> 12 & 63));
	o[2] = (char)(0x80 | (c >> 6 & 63));
	o[3] = (char)(0x80 | (c & 63));
	return 4;
}

/* What stands behind a backslash at p; returns where it ends. What no grammar
 * knows stands for itself. */
static const char *
unescape(const char *p, const char *end, char **o)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *e;
	uint32_t c, low;

	if (*p != 'u' || hex4(p + 1, end, &c) != 0) {
		e = *p != '\0' ? strchr(from, *p) : NULL;
		*(*o)++ = e != NULL ? to[e - from] : *p;
		return p + 1;
	}
	p += 5;
	if (c >= 0xD800 && c < 0xDC00 && end - p >= 6 && p[0] == '\\' &&
	    p[1] == 'u' && hex4(p + 2, end, &low) == 0 && low >= 0xDC00 &&
	    low < 0xE000) {
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
		p += 6;
	}
	*o += put_utf8(*o, c);
	return p;
}

size_t
wq_json_text(const struct wq_json_value *v, char *out)
{
	const char *p = v->raw + 1, *end = v->raw + v->len - 1, *b;
	char *o = out;
	size_t n;

	while (p < end) {
		b = memchr(p, '\\', (size_t)(end - p));
		n = (size_t)((b != NULL ? b : end) - p);
		memcpy(o, p, n);
		o += n;
		p += n;
		if (b != NULL)
			p = unescape(p + 1, end, &o);
	}
	return (size_t)(o - out);
}

size_t
wq_json_quote(char *out, const char *s, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	char *o = out;

	*o++ = '"';
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\') {
			*o++ = '\\';
			*o++ = (char)c;
		} else if (c < 0x20) {
			memcpy(o, "\\u00", 4);
			o[4] = hex[c >> 4];
			o[5] = hex[c & 15];
			o += 6;
		} else {
			*o++ = (char)c;
		}
	}
	*o++ = '"';
	return (size_t)(o - out);
}
