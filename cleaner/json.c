/* json.c - walks the members of one JSON object or array, in place.
 *
 * The text belongs to the caller and is changed: a string is unescaped where
 * it stands (it never grows) and ends in a NUL over its closing quote. Nothing
 * is allocated, nothing recurses: a nested value comes out as a slice that can
 * be walked in its turn.
 *
 * Invariants
 *  J1  p <= end always; nothing at or behind end is read or written.
 *  J2  What comes out of a string is as valid in UTF-8 as what went in; a
 *      lone surrogate becomes U+FFFD, \u0000 stays a NUL inside len. */
#include "cleaner/winnow.h"

#include <stdlib.h>
#include <string.h>

#include "cleaner/utf8.h"

enum { MAX_NEST = 64, MAX_NUMBER = 64 };

static void
skip_space(struct winnow_json *j)
{
	while (j->p < j->end && (*j->p == ' ' || *j->p == '\t' ||
				    *j->p == '\n' || *j->p == '\r'))
		j->p++;
}

int
winnow_json_begin(struct winnow_json *j, char *text, size_t len)
{
	*j = (struct winnow_json){.p = text, .end = text + len};
	skip_space(j);
	if (j->p == j->end || (*j->p != '{' && *j->p != '['))
		return WINNOW_EINVAL;
	j->close = *j->p++ == '{' ? '}' : ']';
	return 0;
}

static int
hex4(const char *p, const char *end, unsigned *out)
{
	unsigned v = 0, d;
	int i;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		if (p[i] >= '0' && p[i] <= '9')
			d = (unsigned)(p[i] - '0');
		else if ((p[i] | 32) >= 'a' && (p[i] | 32) <= 'f')
			d = (unsigned)((p[i] | 32) - 'a' + 10);
		else
			return -1;
		v = v << 4 | d;
	}
	*out = v;
	return 0;
}

/* \uXXXX with p behind the u, and the second half of a pair. */
static int
unescape_u(char **pp, const char *end, char **o)
{
	unsigned c, low;

	if (hex4(*pp, end, &c) != 0)
		return -1;
	*pp += 4;
	if (c >= 0xD800 && c < 0xDC00 && end - *pp >= 6 && (*pp)[0] == '\\' &&
	    (*pp)[1] == 'u' && hex4(*pp + 2, end, &low) == 0 && low >= 0xDC00 &&
	    low < 0xE000) {
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
		*pp += 6;
	}
	*o += wn_utf8_put(*o, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
	return 0;
}

/* A string with p on its opening quote. */
static int
take_string(struct winnow_json *j, char **s, size_t *len)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char *p = j->p + 1, *o = p;
	const char *e;

	*s = p;
	for (; p < j->end && *p != '"';) {
		if (*p != '\\') {
			*o++ = *p++;
			continue;
		}
		if (++p == j->end)
			return WINNOW_EINVAL;
		if (*p == 'u') {
			p++;
			if (unescape_u(&p, j->end, &o) != 0)
				return WINNOW_EINVAL;
		} else if (*p != '\0' && (e = strchr(from, *p)) != NULL) {
			*o++ = to[e - from];
			p++;
		} else {
			return WINNOW_EINVAL;
		}
	}
	if (p == j->end)
		return WINNOW_EINVAL;
	*len = (size_t)(o - *s);
	*o = '\0';
	j->p = p + 1;
	return 0;
}

/* An object or array as a slice; only its brackets and strings are looked at.
 */
static int
take_nested(struct winnow_json *j)
{
	char open[MAX_NEST];
	int n = 0;

	for (; j->p < j->end; j->p++) {
		switch (*j->p) {
		case '"':
			while (++j->p < j->end && *j->p != '"')
				if (*j->p == '\\')
					j->p++;
			if (j->p >= j->end) {
				j->p = j->end;
				return WINNOW_EINVAL;
			}
			break;
		case '{':
		case '[':
			if (n == MAX_NEST)
				return WINNOW_EINVAL;
			open[n++] = *j->p;
			break;
		case '}':
		case ']':
			if (open[--n] != (*j->p == '}' ? '{' : '['))
				return WINNOW_EINVAL;
			if (n == 0) {
				j->p++;
				return 0;
			}
			break;
		}
	}
	return WINNOW_EINVAL;
}

static int
take_number(struct winnow_json *j, struct winnow_json_value *v)
{
	char buf[MAX_NUMBER], *stop;
	size_t n = 0;

	while (j->p < j->end && n < sizeof(buf) - 1 && *j->p != '\0' &&
	       strchr("+-.0123456789eE", *j->p) != NULL)
		buf[n++] = *j->p++;
	buf[n] = '\0';
	v->type = WINNOW_JSON_NUMBER;
	v->number = strtod(buf, &stop);
	return n > 0 && *stop == '\0' && buf[0] != '+' && buf[0] != '.'
		   ? 0
		   : WINNOW_EINVAL;
}

static int
take_word(struct winnow_json *j, struct winnow_json_value *v)
{
	static const struct {
		const char *word;
		enum winnow_json_type type;
	} words[] = {{"null", WINNOW_JSON_NULL}, {"true", WINNOW_JSON_TRUE},
	    {"false", WINNOW_JSON_FALSE}};
	size_t i, n;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		n = strlen(words[i].word);
		if ((size_t)(j->end - j->p) >= n &&
		    memcmp(j->p, words[i].word, n) == 0) {
			v->type = words[i].type;
			j->p += n;
			return 0;
		}
	}
	return take_number(j, v);
}

static int
take_value(struct winnow_json *j, struct winnow_json_value *v)
{
	int r;

	skip_space(j);
	if (j->p == j->end)
		return WINNOW_EINVAL;
	switch (*j->p) {
	case '"':
		v->type = WINNOW_JSON_STRING;
		return take_string(j, &v->s, &v->len);
	case '{':
	case '[':
		v->type = *j->p == '{' ? WINNOW_JSON_OBJECT : WINNOW_JSON_ARRAY;
		v->s = j->p;
		r = take_nested(j);
		v->len = (size_t)(j->p - v->s);
		return r;
	default:
		return take_word(j, v);
	}
}

int
winnow_json_next(struct winnow_json *j, struct winnow_json_value *v)
{
	*v = (struct winnow_json_value){.key = NULL};
	if (j->close == 0)
		return 0;
	skip_space(j);
	if (j->p < j->end && *j->p == j->close && !j->comma) {
		j->p++;
		j->close = 0;
		return 0;
	}
	if (j->close == '}') {
		if (j->p == j->end || *j->p != '"' ||
		    take_string(j, &v->key, &v->key_len) != 0)
			return WINNOW_EINVAL;
		skip_space(j);
		if (j->p == j->end || *j->p++ != ':')
			return WINNOW_EINVAL;
	}
	if (take_value(j, v) != 0)
		return WINNOW_EINVAL;
	skip_space(j);
	j->comma = j->p < j->end && *j->p == ',';
	if (j->comma)
		j->p++;
	else if (j->p == j->end || *j->p != j->close)
		return WINNOW_EINVAL;
	return 1;
}

size_t
winnow_json_quote(char *out, const char *s, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
	char *o = out;
	const char *e;
	size_t i;

	*o++ = '"';
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F) {
			*o++ = (char)c;
		} else if (c != 0 && (e = strchr(from, c)) != NULL) {
			*o++ = '\\';
			*o++ = to[e - from];
		} else {
			memcpy(o, "\\u00", 4);
			o[4] = hex[c >> 4];
			o[5] = hex[c & 15];
			o += 6;
		}
	}
	*o++ = '"';
	*o = '\0';
	return (size_t)(o - out);
}
