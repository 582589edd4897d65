/* log.c - one event, one line, one write().
 *
 * log_at() walks the format itself: numbers are left to snprintf, one
 * conversion at a time, and every %s passes through put_text(), so a caller
 * cannot forget to escape what a server sent.
 *
 * Invariants
 *  L1  A call is one write() of at most LINE_MAX_BYTES bytes that ends in the
 *      only newline of the line; a longer one is cut and says so by "...".
 *  L2  No byte below 0x20, no 0x7f, no C1 or bidi control and no invalid UTF-8
 *      leaves, whatever the arguments were. */
#include "crawler/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096

struct line {
	char buf[LINE_MAX_BYTES];
	size_t len;
	int cut;
};

static enum log_level highest_level = LOG_INFO_;
static int to_journal = -1;
static int on_terminal;

/* systemd names the socket it gave us: "device:inode" of stderr. */
static int
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev &&
	       st.st_ino == ino;
}

void
log_open(enum log_level highest, int journal)
{
	highest_level = highest;
	to_journal = journal < 0 ? stderr_is_journal() : journal;
	on_terminal = isatty(STDERR_FILENO);
}

/* Room is kept for "...\n". */
static void
put(struct line *l, const char *s, size_t n)
{
	if (l->cut || n > sizeof(l->buf) - 4 - l->len) {
		l->cut = 1;
		return;
	}
	memcpy(l->buf + l->len, s, n);
	l->len += n;
}

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

/* quoted: also " and \ are escaped. */
static void
put_escaped(struct line *l, const char *s, size_t n, int quoted)
{
	char hex[8];
	size_t k;

	while (n > 0 && !l->cut) {
		k = log_printable((const unsigned char *)s, n);
		if (k == 0) {
			snprintf(
			    hex, sizeof(hex), "\\x%02x", (unsigned char)*s);
			put(l, hex, 4);
			k = 1;
		} else if (quoted && (*s == '"' || *s == '\\')) {
			put(l, "\\", 1);
			put(l, s, 1);
		} else
			put(l, s, k);
		s += k;
		n -= k;
	}
}

/* value: it stands after "key=", so a space in it would look like the next
 * key. */
static void
put_text(struct line *l, const char *s, size_t n, int value)
{
	int quoted = value && (n == 0 || memchr(s, ' ', n) != NULL ||
				  memchr(s, '"', n) != NULL);

	if (quoted)
		put(l, "\"", 1);
	put_escaped(l, s, n, quoted);
	if (quoted)
		put(l, "\"", 1);
}

static void
put_stamp(struct line *l, enum log_level level)
{
	char stamp[40];
	time_t now = time(NULL);
	struct tm tm;
	int n;

	if (to_journal) {
		n = snprintf(stamp, sizeof(stamp), "<%d>", (int)level);
	} else if (on_terminal) {
		localtime_r(&now, &tm);
		n = (int)strftime(stamp, sizeof(stamp), "%H:%M:%S ", &tm);
	} else {
		gmtime_r(&now, &tm);
		n = (int)strftime(
		    stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ ", &tm);
	}
	put(l, stamp, (size_t)n);
}

/* One conversion that is not %s: spec is "%...d" whole. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
put_number(struct line *l, const char *spec, char conv, int longs, va_list *ap)
{
	char out[512];
	int n;

	if (strchr("fFgGeE", conv) != NULL)
		n = snprintf(out, sizeof(out), spec, va_arg(*ap, double));
	else if (conv == 'p')
		n = snprintf(out, sizeof(out), spec, va_arg(*ap, void *));
	else if (longs == 0)
		n = snprintf(out, sizeof(out), spec, va_arg(*ap, int));
	else
		n = snprintf(out, sizeof(out), spec, va_arg(*ap, int64_t));
	if (n > 0)
		put_escaped(l, out,
		    (size_t)n < sizeof(out) ? (size_t)n : sizeof(out) - 1, 0);
}
#pragma GCC diagnostic pop

_Static_assert(sizeof(long) == 8 && sizeof(size_t) == 8,
    "l, ll, z, j and t are read as one 64-bit argument");

static void
put_string(struct line *l, const char *s, int precision, int value)
{
	if (s == NULL)
		s = "-";
	put_text(l, s,
	    precision >= 0 ? strnlen(s, (size_t)precision) : strlen(s), value);
}

/* Formats the conversion that begins at *fmt ('%'), moves *fmt behind it. */
static void
put_conversion(
    struct line *l, const char **fmt, int value, int saved, va_list *ap)
{
	char spec[48];
	const char *p = *fmt + 1;
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
			    spec + n, sizeof(spec) - n, "%d", star);
		} else
			spec[n++] = *p;
		if (*p == '.' && p[1] >= '0' && p[1] <= '9')
			precision = atoi(p + 1);
		if (n > sizeof(spec) - 16)
			break;
	}
	*fmt = *p != '\0' ? p + 1 : p;
	spec[n] = *p;
	spec[n + 1] = '\0';
	if (*p == 's')
		put_string(l, va_arg(*ap, const char *), precision, value);
	else if (*p == '%')
		put(l, "%", 1);
	else if (*p == 'm')
		put_string(l, strerror(saved), -1, value);
	else if (*p != '\0')
		put_number(l, spec, *p, longs, ap);
}

void
log_at(enum log_level level, const char *fmt, ...)
{
	int saved = errno;
	struct line l;
	const char *p;
	va_list ap;

	if (level > highest_level)
		return;
	if (to_journal < 0)
		log_open(highest_level, -1);
	l.len = 0;
	l.cut = 0;
	put_stamp(&l, level);
	va_start(ap, fmt);
	for (p = fmt; *p != '\0';) {
		size_t n = strcspn(p, "%");

		put_escaped(&l, p, n, 0);
		p += n;
		if (*p == '%')
			put_conversion(
			    &l, &p, p > fmt && p[-1] == '=', saved, &ap);
	}
	va_end(ap);
	if (l.cut) {
		memcpy(l.buf + l.len, "...", 3);
		l.len += 3;
	}
	l.buf[l.len++] = '\n';
	while (write(STDERR_FILENO, l.buf, l.len) < 0 && errno == EINTR)
		;
	errno = saved;
}
