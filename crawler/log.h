/* log.h - what the programs say, on stderr, an event a line.
 *
 *	log_warn("host rests host=%s failures=%u", host, n);
 *
 * A message is a short sentence without anything that varies, then fields,
 * " key=%..." each and nothing behind the last: the compiler checks the types,
 * and the line is written as text, logfmt or JSON (log_line.h, log.format).
 * Whatever came from the network goes through %s and is escaped there. Under
 * systemd (stderr is the journal, or log_open was told so) lines begin with the
 * journal's "<6>" priorities; on a terminal with a time.
 *
 * What is said again and again is summed (log_sum.h): a call site is known by
 * its format, a cause by that and its fields `host`, `reason` and `error`, the
 * numbers in the last two left aside. Only of what is notice and graver; who
 * asks for info and debug wants each line.
 *
 * Invariants
 *  L3  A line is one write() of at most LOG_BYTES_MAX bytes. */
#ifndef LOG_H
#define LOG_H

#include "crawler/log_line.h"

#define LOG_BYTES_MAX 4096
#define LOG_VALUE_MAX 1500 /* bytes of one value */

enum log_level {
	LOG_ERROR = 3,
	LOG_WARN = 4,
	LOG_NOTICE = 5,
	LOG_INFO_ = 6,
	LOG_DEBUG_ = 7
};

/* journal: -1 find out, 0 no, 1 yes. Again: from now on like this. */
void log_open(enum log_level highest, enum log_form, int journal);
void log_at(enum log_level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, and each line counts: never summed. */
void log_each(enum log_level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Says the sums that are due; to be called every few seconds. */
void log_tick(void);
/* Says all of them, at the end. */
void log_close(void);

#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_at(LOG_WARN, __VA_ARGS__)
#define log_notice(...) log_at(LOG_NOTICE, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO_, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG_, __VA_ARGS__)

#endif
