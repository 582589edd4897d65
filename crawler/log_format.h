/* log_format.h - a printf format with its arguments, as an event and fields;
 * for log.c. */
#ifndef LOG_FORMAT_H
#define LOG_FORMAT_H

#include <stdarg.h>
#include <stdint.h>

#include "crawler/log_line.h"

/* Into a line that was begun. saved: errno, for %m. The hash of what tells its
 * cause: the sentence, and the fields `reason`, `error` and `host`,
 * whatever numbers are in the first two. */
uint64_t log_format(struct log_line *, const char *fmt, va_list *, int saved);

#endif
