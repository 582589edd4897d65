/* log.c - see log.h. */
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

#include "crawler/log_format.h"
#include "crawler/log_sum.h"

static enum log_level highest_level = LOG_INFO_;
static enum log_form form = LOG_TEXT;
static int to_journal = -1;
static int on_terminal;
static struct log_sums sums;

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
log_open(enum log_level highest, enum log_form f, int journal)
{
	highest_level = highest;
	form = f;
	to_journal = journal < 0 ? stderr_is_journal() : journal;
	on_terminal = isatty(STDERR_FILENO);
}

static int64_t
mono_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- a line ------------------------------------------------------------- */

static size_t
stamp(char out[40], int local)
{
	time_t now = time(NULL);
	struct tm tm;

	if (local)
		localtime_r(&now, &tm);
	else
		gmtime_r(&now, &tm);
	return strftime(
	    out, 40, local ? "%H:%M:%S" : "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* What stands before the sentence. The journal has times of its own. */
static void
line_begin(struct log_line *l, enum log_level level, char *buf, size_t cap,
    size_t value_max)
{
	static const char *const names[] = {[LOG_ERROR] = "error",
	    [LOG_WARN] = "warn",
	    [LOG_NOTICE] = "notice",
	    [LOG_INFO_] = "info",
	    [LOG_DEBUG_] = "debug"};
	char front[40];
	size_t n;

	log_line_begin(l, form, buf, cap, value_max);
	if (to_journal) {
		n = (size_t)snprintf(front, sizeof front, "<%d>", (int)level);
		log_line_front(l, front, n);
	} else {
		n = stamp(front, form == LOG_TEXT && on_terminal);
		if (form == LOG_TEXT) {
			front[n++] = ' ';
			log_line_front(l, front, n);
		} else
			log_line_string(l, "time", front, n);
	}
	if (form != LOG_TEXT)
		log_line_string(l, "level", names[level], strlen(names[level]));
}

static void
line_write(struct log_line *l)
{
	size_t n = log_line_end(l);

	while (write(STDERR_FILENO, l->buf, n) < 0 && errno == EINTR)
		;
}

/* ---- sums --------------------------------------------------------------- */

static void
say_sums(int64_t now_ms, int all)
{
	struct log_held *h;
	uint32_t times;
	int64_t over_ms;
	char text[24];

	while (
	    (h = log_sums_due(&sums, now_ms, all, &times, &over_ms)) != NULL) {
		/* The last fields of a line that is full have no room. */
		snprintf(text, sizeof text, "%u", times);
		log_line_number(&h->line, "times", text);
		snprintf(text, sizeof text, "%lld",
		    (long long)(over_ms + 500) / 1000);
		log_line_number(&h->line, "in_s", text);
		line_write(&h->line);
	}
}

void
log_tick(void)
{
	int saved = errno;

	say_sums(mono_ms(), 0);
	errno = saved;
}

void
log_close(void)
{
	say_sums(mono_ms(), 1);
}

/* Is this line one of many? Then it is kept, to be told with their number. */
static int
is_held(enum log_level level, const char *fmt, va_list *ap, int saved,
    uint64_t cause)
{
	int64_t now_ms = mono_ms();
	struct log_held *h;

	say_sums(now_ms, 0);
	h = log_sums_hold(&sums, (uint64_t)(uintptr_t)fmt, cause, now_ms);
	if (h == NULL)
		return 0;
	line_begin(&h->line, level, h->buf, sizeof h->buf - LOG_SUM_ROOM,
	    LOG_HELD_MAX / 4);
	(void)log_format(&h->line, fmt, ap, saved);
	h->line.cap = sizeof h->buf;
	h->line.cut = 0;
	return 1;
}

static void __attribute__((format(printf, 2, 0)))
log_va(enum log_level level, const char *fmt, int each, va_list *ap)
{
	char buf[LOG_BYTES_MAX];
	int saved = errno;
	struct log_line l;
	uint64_t cause;
	va_list again;

	if (level > highest_level)
		return;
	if (to_journal < 0)
		log_open(highest_level, form, -1);
	va_copy(again, *ap);
	line_begin(&l, level, buf, sizeof buf, LOG_VALUE_MAX);
	cause = log_format(&l, fmt, ap, saved);
	if (each || level > LOG_NOTICE ||
	    !is_held(level, fmt, &again, saved, cause))
		line_write(&l);
	va_end(again);
	errno = saved;
}

void
log_at(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_va(level, fmt, 0, &ap);
	va_end(ap);
}

void
log_each(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_va(level, fmt, 1, &ap);
	va_end(ap);
}
