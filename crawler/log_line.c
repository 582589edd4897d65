/* log_line.c - see log_line.h. */
#include "crawler/log_line.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define END_ROOM 8 /* ...", } and the newline */

size_t
log_printable(const unsigned char *s, size_t n)
{
	uint32_t c;
	size_t i, len;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || len > n)
		return 0;
	c = s[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if ((len == 3 && c < 0x800) || (len == 4 && c < 0x10000) ||
	    c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	/* C1; line separators and bidi overrides, which repaint a terminal */
	if (c < 0xa0 || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069))
		return 0;
	return len;
}

/* ---- bytes -------------------------------------------------------------- */

/* All of them or none: a character is never cut. */
static void
put(struct log_line *l, const char *s, size_t n)
{
	if (l->full || l->len + n > l->stop) {
		l->full = 1;
		return;
	}
	memcpy(l->buf + l->len, s, n);
	l->len += n;
}

/* How the bytes of a value are shown. */
enum style { PLAIN, QUOTED, DOUBLED, COLUMN };

/* \xNN; DOUBLED: its backslash is one in a string that is read again. */
static void
put_hex(struct log_line *l, unsigned char c, enum style style)
{
	char hex[8];
	int n = snprintf(
	    hex, sizeof hex, "%s\\x%02x", style == DOUBLED ? "\\" : "", c);

	put(l, hex, (size_t)n);
}

static void
put_escaped(struct log_line *l, const char *s, size_t n, enum style style)
{
	char pair[2] = {'\\', 0};
	size_t k;

	for (; n > 0 && !l->full; s += k, n -= k) {
		k = log_printable((const unsigned char *)s, n);
		if (k == 0 || (*s == ' ' && style == COLUMN)) {
			put_hex(l, (unsigned char)*s, style);
			k = 1;
		} else if ((style == QUOTED || style == DOUBLED) &&
			   (*s == '"' || *s == '\\')) {
			pair[1] = *s;
			put(l, pair, 2);
		} else
			put(l, s, k);
	}
}

/* ---- values ------------------------------------------------------------- */

static void
value_begin(struct log_line *l, size_t most)
{
	size_t end = l->cap - END_ROOM;

	l->full = 0;
	l->stop = l->len + most < end ? l->len + most : end;
}

static void
value_end(struct log_line *l, int quote)
{
	if (l->full) {
		l->cut = l->stop == l->cap - END_ROOM;
		memcpy(l->buf + l->len, "...", 3);
		l->len += 3;
	}
	if (quote)
		l->buf[l->len++] = '"';
	l->full = 0;
}

/* What stands before a value. 0: there is no room for it, or for any. */
static int
field_begin(struct log_line *l, const char *key, int quote)
{
	char head[48];
	int n;

	if (l->cut)
		return 0;
	if (l->form == LOG_JSON)
		n = snprintf(head, sizeof head, "%s\"%s\":%s",
		    l->fields > 0 ? "," : "{", key, quote ? "\"" : "");
	else
		n = snprintf(head, sizeof head, "%s%s%s%s",
		    l->fields > 0 ? " " : "", l->form == LOG_COLUMNS ? "" : key,
		    l->form == LOG_COLUMNS ? "" : "=", quote ? "\"" : "");
	value_begin(l, (size_t)n);
	put(l, head, (size_t)n);
	l->cut = l->full;
	l->fields += !l->full;
	l->full = 0;
	return !l->cut;
}

/* A bare value would be read as something else. */
static int
needs_quotes(enum log_form form, const char *s, size_t n)
{
	size_t i;

	if (form == LOG_JSON || form == LOG_COLUMNS)
		return form == LOG_JSON;
	if (n == 0 || memchr(s, ' ', n) != NULL || memchr(s, '"', n) != NULL)
		return 1;
	if (form == LOG_TEXT)
		return 0;
	for (i = 0; i < n; i++)
		if (s[i] == '=' || s[i] == '\\' || (unsigned char)s[i] < 0x20 ||
		    (unsigned char)s[i] >= 0x7f)
			return 1;
	return 0;
}

static void
put_value(struct log_line *l, const char *key, const char *s, size_t n,
    enum style column)
{
	int quote = needs_quotes(l->form, s, n);
	enum style style = l->form == LOG_COLUMNS ? column
			   : !quote               ? PLAIN
			   : l->form == LOG_TEXT  ? QUOTED
						  : DOUBLED;

	if (!field_begin(l, key, quote))
		return;
	value_begin(l, l->value_max);
	put_escaped(l, s, n, style);
	value_end(l, quote);
}

static void
put_bare(struct log_line *l, const char *key, const char *s)
{
	size_t n = strlen(s);

	if (!field_begin(l, key, 0))
		return;
	value_begin(l, n);
	put(l, s, n);
	if (l->full && l->form == LOG_JSON) { /* no number is cut */
		memcpy(l->buf + l->len, "null", 4);
		l->len += 4;
		l->full = 0;
		l->cut = 1;
	} else
		value_end(l, 0);
}

static int
is_nothing(const struct log_line *l, const char *s, size_t n)
{
	return s == NULL || (n == 0 && l->form == LOG_COLUMNS);
}

void
log_line_string(struct log_line *l, const char *key, const char *s, size_t n)
{
	if (is_nothing(l, s, n))
		put_bare(l, key, l->form == LOG_JSON ? "null" : "-");
	else
		put_value(l, key, s, n, COLUMN);
}

void
log_line_rest(struct log_line *l, const char *key, const char *s, size_t n)
{
	if (is_nothing(l, s, n))
		log_line_string(l, key, NULL, 0);
	else
		put_value(l, key, s, n, PLAIN);
}

/* RFC 8259, section 6. */
static int
is_json_number(const char *s)
{
	s += *s == '-';
	if (*s == '0')
		s++;
	else if (*s >= '1' && *s <= '9')
		s += strspn(s, "0123456789");
	else
		return 0;
	if (*s == '.') {
		if (strspn(++s, "0123456789") == 0)
			return 0;
		s += strspn(s, "0123456789");
	}
	return *s == '\0';
}

void
log_line_number(struct log_line *l, const char *key, const char *number)
{
	if (l->form == LOG_JSON && !is_json_number(number))
		put_value(l, key, number, strlen(number), PLAIN);
	else
		put_bare(l, key, number);
}

/* ---- the line ----------------------------------------------------------- */

void
log_line_begin(struct log_line *l, enum log_form form, char *buf, size_t cap,
    size_t value_max)
{
	*l = (struct log_line){
	    .form = form, .buf = buf, .cap = cap, .value_max = value_max};
}

void
log_line_front(struct log_line *l, const char *s, size_t n)
{
	value_begin(l, n);
	put(l, s, n);
	l->full = 0;
}

/* The sentence may take the line: it is nearly all ours. */
void
log_line_event(struct log_line *l)
{
	if (l->form != LOG_TEXT)
		(void)field_begin(l, "event", 1);
	else
		l->fields++;
	value_begin(l, l->cap);
}

void
log_line_event_piece(struct log_line *l, const char *s, size_t n)
{
	put_escaped(l, s, n, l->form == LOG_TEXT ? PLAIN : DOUBLED);
}

void
log_line_event_end(struct log_line *l)
{
	value_end(l, l->form != LOG_TEXT);
}

size_t
log_line_end(struct log_line *l)
{
	if (l->form == LOG_JSON) {
		if (l->fields == 0)
			l->buf[l->len++] = '{';
		l->buf[l->len++] = '}';
	}
	l->buf[l->len++] = '\n';
	return l->len;
}
