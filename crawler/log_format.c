/* log_format.c - see log_format.h.
 *
 * The format is walked here: numbers are left to snprintf, one conversion at a
 * time, and every %s passes through the line, so that no caller can forget to
 * escape what a server sent. */
#include "crawler/log_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 32

/* One argument as text; s points into room, or to the caller's string. */
struct value {
	const char *s; /* NULL: nothing */
	size_t n;
	int is_number;
	char room[400];
};

_Static_assert(sizeof(long) == 8 && sizeof(size_t) == 8,
    "l, ll, z, j and t are read as one 64-bit argument");

/* spec is "%...d" whole. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
number(struct value *v, const char *spec, char conv, int longs, va_list *ap)
{
	int n;

	if (strchr("fFgGeE", conv) != NULL)
		n = snprintf(
		    v->room, sizeof v->room, spec, va_arg(*ap, double));
	else if (conv == 'p')
		n = snprintf(
		    v->room, sizeof v->room, spec, va_arg(*ap, void *));
	else if (longs == 0)
		n = snprintf(v->room, sizeof v->room, spec, va_arg(*ap, int));
	else
		n = snprintf(
		    v->room, sizeof v->room, spec, va_arg(*ap, int64_t));
	v->s = v->room;
	v->n = n < 0                        ? 0
	       : (size_t)n < sizeof v->room ? (size_t)n
					    : sizeof v->room - 1;
	v->is_number = strchr("cp", conv) == NULL;
}
#pragma GCC diagnostic pop

static void
string(struct value *v, const char *s, int precision)
{
	v->s = s;
	v->n = s == NULL        ? 0
	       : precision >= 0 ? strnlen(s, (size_t)precision)
				: strlen(s);
}

/* The conversion that begins at fmt ('%'); what stands behind it. */
static const char *
convert(struct value *v, const char *fmt, va_list *ap, int saved)
{
	char spec[48];
	const char *p = fmt + 1;
	size_t n = 1;
	int longs = 0, precision = -1, star;

	spec[0] = '%';
	for (; *p != '\0' && strchr("-+ #0123456789.*lzjth", *p) != NULL; p++) {
		longs += strchr("lzjt", *p) != NULL;
		if (*p == '*') {
			star = va_arg(*ap, int);
			if (p[-1] == '.')
				precision = star;
			n += (size_t)snprintf(
			    spec + n, sizeof spec - n, "%d", star);
		} else
			spec[n++] = *p;
		if (*p == '.' && p[1] >= '0' && p[1] <= '9')
			precision = atoi(p + 1);
		if (n > sizeof spec - 16)
			break;
	}
	spec[n] = *p;
	spec[n + 1] = '\0';
	v->is_number = 0;
	if (*p == 's')
		string(v, va_arg(*ap, const char *), precision);
	else if (*p == '%')
		string(v, "%", -1);
	else if (*p == 'm')
		string(v, strerror(saved), -1);
	else if (*p == '\0')
		string(v, "", -1);
	else
		number(v, spec, *p, longs, ap);
	return *p != '\0' ? p + 1 : p;
}

/* How long the key is of a field that begins here; 0: none does. */
static size_t
key_at(const char *p)
{
	size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyz_0123456789");

	return n > 0 && n < KEY_MAX && p[n] == '=' && p[n + 1] == '%' ? n : 0;
}

/* FNV-1a; a byte between two texts. words: numbers do not count, since the same
 * fault comes with ever other ones ("holds 307503 bytes"). */
static void
mix(uint64_t *h, const char *s, size_t n, int words)
{
	for (; n > 0; n--, s++)
		if (!words || *s < '0' || *s > '9')
			*h = (*h ^ (unsigned char)*s) * 1099511628211u;
	*h = (*h ^ 0xff) * 1099511628211u;
}

/* The sentence, up to the first field, where it returns. */
static const char *
event(struct log_line *l, const char *p, va_list *ap, int saved, uint64_t *h)
{
	struct value v;
	size_t n;

	log_line_event(l);
	while (*p != '\0' && !(*p == ' ' && key_at(p + 1) > 0)) {
		if (*p == '%')
			p = convert(&v, p, ap, saved);
		else {
			n = 1 + strcspn(p + 1, " %");
			string(&v, p, (int)n);
			p += n;
		}
		if (v.s == NULL)
			string(&v, "-", 1);
		log_line_event_piece(l, v.s, v.n);
		mix(h, v.s, v.n, 1);
	}
	log_line_event_end(l);
	return p;
}

static int
is_of_cause(const char *key)
{
	return strcmp(key, "reason") == 0 || strcmp(key, "error") == 0 ||
	       strcmp(key, "host") == 0;
}

uint64_t
log_format(struct log_line *l, const char *fmt, va_list *ap, int saved)
{
	uint64_t h = 14695981039346656037u;
	const char *p = event(l, fmt, ap, saved, &h);
	char key[KEY_MAX];
	struct value v;
	size_t n;

	while (*p == ' ' && (n = key_at(p + 1)) > 0) {
		memcpy(key, p + 1, n);
		key[n] = '\0';
		p = convert(&v, p + 1 + n + 1, ap, saved);
		if (v.is_number)
			log_line_number(l, key, v.s);
		else
			log_line_string(l, key, v.s, v.n);
		if (v.s != NULL && is_of_cause(key))
			mix(&h, v.s, v.n, strcmp(key, "host") != 0);
	}
	return h;
}
