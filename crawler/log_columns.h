/* log_columns.h - lines with fixed fields in a fixed order, made from a table.
 *
 * A log's struct has the fields of its .def, in their order:
 *
 *	TIME	int64_t	     Unix ms
 *	NUMBER	int64_t	     LOG_NONE: there is none
 *	TEXT	const char * NULL: there is none
 *	REST	const char * the last one, which may have spaces */
#ifndef LOG_COLUMNS_H
#define LOG_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "crawler/log_line.h"

#define LOG_NONE INT64_MIN

#define LOG_C_TIME int64_t
#define LOG_C_NUMBER int64_t
#define LOG_C_TEXT const char *
#define LOG_C_REST const char *

enum log_kind { LOG_K_TIME, LOG_K_NUMBER, LOG_K_TEXT, LOG_K_REST };

struct log_column {
	const char *name, *words;
	enum log_kind kind;
	size_t offset; /* in the log's struct */
};

/* The fields of row, into a line that was begun. */
void log_columns_put(
    struct log_line *, const struct log_column *, size_t n, const void *row);

#endif
