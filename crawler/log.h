/* log.h - what the programs say, on stderr, an event a line.
 *
 * Under systemd (stderr is the journal, or log_open was told so) lines begin
 * with the journal's "<6>" priorities; on a terminal with a time. A message is a
 * short sentence, then key=value pairs. Whatever came from the network goes
 * through %s arguments and is escaped: control bytes and invalid UTF-8 leave as
 * \xNN, a value with a space or quote is quoted. One call is one write(). */
#ifndef LOG_H
#define LOG_H

#include <stddef.h>

enum log_level { LOG_ERROR = 3, LOG_WARN = 4, LOG_NOTICE = 5, LOG_INFO_ = 6, LOG_DEBUG_ = 7 };

/* journal: -1 find out, 0 no, 1 yes. */
void log_open(enum log_level highest, int journal);
void log_at(enum log_level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes of the character at s, n > 0 of them to look at; 0: a byte that is no
 * UTF-8, or one that steers a terminal (controls, bidi overrides). */
size_t log_printable(const unsigned char *s, size_t n);

#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_at(LOG_WARN, __VA_ARGS__)
#define log_notice(...) log_at(LOG_NOTICE, __VA_ARGS__)
#define log_info(...) log_at(LOG_INFO_, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG_, __VA_ARGS__)

#endif
