/* log_columns.c - see log_columns.h. */
#include "crawler/log_columns.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void
put_time(struct log_line *l, const char *name, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	char day[32], text[40];
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm) == 0) {
		log_line_string(l, name, NULL, 0);
		return;
	}
	snprintf(text, sizeof text, "%s.%03dZ", day, (int)(ms % 1000));
	log_line_string(l, name, text, strlen(text));
}

static void
put_number(struct log_line *l, const char *name, int64_t n)
{
	char text[24];

	if (n == LOG_NONE) {
		log_line_string(l, name, NULL, 0);
		return;
	}
	snprintf(text, sizeof text, "%lld", (long long)n);
	log_line_number(l, name, text);
}

void
log_columns_put(
    struct log_line *l, const struct log_column *c, size_t n, const void *row)
{
	const char *at, *text;
	int64_t number;

	for (; n > 0; n--, c++) {
		at = (const char *)row + c->offset;
		if (c->kind == LOG_K_TEXT || c->kind == LOG_K_REST) {
			memcpy(&text, at, sizeof text);
			(c->kind == LOG_K_REST ? log_line_rest
					       : log_line_string)(
			    l, c->name, text, text != NULL ? strlen(text) : 0);
			continue;
		}
		memcpy(&number, at, sizeof number);
		(c->kind == LOG_K_TIME ? put_time : put_number)(
		    l, c->name, number);
	}
}
