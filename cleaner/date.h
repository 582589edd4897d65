/* date.h - days and moments as people write them. */
#ifndef WN_DATE_H
#define WN_DATE_H

#include <stddef.h>
#include <stdint.h>

#define WN_NO_OFFSET INT16_MIN

enum wn_date_kind {
	WN_DATE_FULL,     /* year, month and day are written */
	WN_DATE_YEARLESS, /* the year is the reference's, or the one before */
	WN_DATE_RELATIVE, /* counted from the reference */
	WN_DATE_COMPACT   /* digits only: 20230601, Unix seconds */
};

struct wn_date {
	int year, mon, day;
	int hour, min, sec; /* hour -1: no time; sec -1: none written */
	int16_t offset;     /* minutes east of UTC, WN_NO_OFFSET: not written */
	enum wn_date_kind kind;
	uint32_t beg, end; /* bytes of the text it was read from */
};

/* The first date in a small text. reference: Unix seconds, WINNOW_NO_TIME or
 * 0: unknown, and then nothing relative is found. 1 found, 0 not. */
int wn_date_find(
    const char *text, size_t len, int64_t reference, struct wn_date *);

/* Days since 1970-01-01. */
int64_t wn_date_days(int year, int mon, int day);
/* Fills the day and the time, UTC. */
void wn_date_from_unix(int64_t t, struct wn_date *);
int wn_date_exists(int64_t year, int64_t mon, int64_t day);
/* Unix seconds of a date with a time; offset where none is written. */
int64_t wn_date_unix(const struct wn_date *, int offset);

#endif
