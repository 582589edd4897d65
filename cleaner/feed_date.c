/* feed_date.c - dates of sitemaps and feeds.
 *
 * Three families: W3C (2023-06-01T10:40:00+08:00, and its shorter forms), RFC
 * 822 and its relatives (Thu, 01 Jun 2023 02:40:00 GMT; Thu Jun 1 02:40:00 UTC
 * 2023), and Unix seconds. The second is read word by word, in any order: a
 * month's name, a time, a zone, and numbers that are a day and a year. */
#include "cleaner/feed_parts.h"

#include <string.h>
#include <strings.h>

struct when {
	int year, month, day, hour, minute, second;
	int offset; /* minutes east of UTC */
};

static const struct {
	const char *name;
	int offset;
} zones[] = {
    {"Z", 0},
    {"GMT", 0},
    {"UT", 0},
    {"UTC", 0},
    {"EST", -300},
    {"EDT", -240},
    /* China Standard Time: for the pages this is built for it is more
     * often that than the central one of America. */
    {"CST", 480},
    {"CDT", -300},
    {"MST", -420},
    {"MDT", -360},
    {"PST", -480},
    {"PDT", -420},
    {"HKT", 480},
    {"JST", 540},
    {"KST", 540},
    {"CET", 60},
    {"CEST", 120},
    {"BST", 60},
    {"MSK", 180},
};

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

static int64_t
to_unix(const struct when *t)
{
	static const int before[] = {
	    0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int64_t y = t->year, days;

	if (t->month < 1 || t->month > 12 || t->day < 1 || t->day > 31 ||
	    t->hour > 24 || t->minute > 59 || t->second > 60 || y < 1970 ||
	    y > 9999)
		return WINNOW_NO_TIME;
	days = (y - 1970) * 365 + (y - 1969) / 4 - (y - 1901) / 100 +
	       (y - 1601) / 400 + before[t->month - 1] + t->day - 1;
	if (t->month > 2 && (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)))
		days++;
	return ((days * 24 + t->hour) * 60 + t->minute - t->offset) * 60 +
	       t->second;
}

/* At most `max` digits; how many were there. */
static int
digits(const char **p, const char *e, int max, int *v)
{
	int n = 0;

	for (*v = 0; *p < e && n < max && **p >= '0' && **p <= '9'; n++)
		*v = *v * 10 + *(*p)++ - '0';
	return n;
}

/* hh:mm[:ss[.fff]]; 0, or -1. */
static int
read_clock(const char **p, const char *e, struct when *t)
{
	int x;

	if (digits(p, e, 2, &t->hour) == 0 || *p == e || *(*p)++ != ':' ||
	    digits(p, e, 2, &t->minute) != 2)
		return -1;
	if (*p < e && **p == ':') {
		(*p)++;
		if (digits(p, e, 2, &t->second) != 2)
			return -1;
		if (*p < e && **p == '.') {
			(*p)++;
			while (digits(p, e, 9, &x) > 0)
				;
		}
	}
	return 0;
}

/* +08:00, -0500, +8, or a name of the table; 0, or -1. */
static int
read_zone(const char *p, const char *e, int *offset)
{
	int sign = *p == '-' ? -1 : 1, h, m = 0;
	size_t i;

	if (*p != '+' && *p != '-') {
		for (i = 0; i < sizeof zones / sizeof *zones; i++)
			if (strlen(zones[i].name) == (size_t)(e - p) &&
			    strncasecmp(zones[i].name, p, (size_t)(e - p)) ==
				0) {
				*offset = zones[i].offset;
				return 0;
			}
		return -1;
	}
	p++;
	if (digits(&p, e, 2, &h) == 0)
		return -1;
	if (p < e && *p == ':')
		p++;
	if (p < e && digits(&p, e, 2, &m) != 2)
		return -1;
	*offset = sign * (h * 60 + m);
	return p == e && h < 24 && m < 60 ? 0 : -1;
}

static void
trim(const char **p, const char **e)
{
	while (*p < *e && (uint8_t) * *p <= ' ')
		(*p)++;
	while (*e > *p && (uint8_t)(*e)[-1] <= ' ')
		(*e)--;
}

int64_t
wn_feed_w3c(const char *p, size_t n)
{
	const char *e = p + n;
	struct when t = {.month = 1, .day = 1};

	trim(&p, &e);
	if (digits(&p, e, 4, &t.year) != 4)
		return WINNOW_NO_TIME;
	if (p < e && *p == '-') {
		p++;
		if (digits(&p, e, 2, &t.month) != 2)
			return WINNOW_NO_TIME;
		if (p < e && *p == '-') {
			p++;
			if (digits(&p, e, 2, &t.day) != 2)
				return WINNOW_NO_TIME;
		}
	}
	if (p < e && ((*p | 0x20) == 't' || *p == ' ')) {
		p++;
		if (read_clock(&p, e, &t) != 0)
			return WINNOW_NO_TIME;
		while (p < e && *p == ' ')
			p++;
		if (p < e && read_zone(p, e, &t.offset) != 0)
			return WINNOW_NO_TIME;
		p = e;
	}
	return p == e ? to_unix(&t) : WINNOW_NO_TIME;
}

/* One word of an RFC 822 date; what it does not know does not count. */
static void
read_word(const char *p, const char *e, struct when *t)
{
	const char *s = p;
	int v, k, i;

	if (memchr(p, ':', (size_t)(e - p)) != NULL && *p >= '0' && *p <= '9') {
		(void)read_clock(&s, e, t);
		return;
	}
	k = digits(&s, e, 4, &v);
	if (k > 0) {
		if (k <= 2 && t->day == 0)
			t->day = v;
		else if (t->year == 0)
			t->year = k == 4 ? v : v + (v < 70 ? 2000 : 1900);
		return;
	}
	if (read_zone(p, e, &t->offset) == 0 || e - p < 3)
		return;
	for (i = 0; i < 12 && t->month == 0; i++)
		if (strncasecmp(months + 3 * i, p, 3) == 0)
			t->month = i + 1;
}

static int
is_break(char c)
{
	return (uint8_t)c <= ' ' || c == ',';
}

int64_t
wn_feed_time(const char *p, size_t n)
{
	const char *e = p + n, *s;
	struct when t = {.year = 0};
	int64_t v = wn_feed_w3c(p, n);

	if (v != WINNOW_NO_TIME)
		return v;
	trim(&p, &e);
	if (e - p >= 9 && e - p <= 13) { /* Unix seconds, or milliseconds */
		for (v = 0, s = p; s < e && *s >= '0' && *s <= '9'; s++)
			v = v * 10 + *s - '0';
		if (s == e)
			return e - p > 11 ? v / 1000 : v;
	}
	while (p < e) {
		while (p < e && is_break(*p))
			p++;
		for (s = p; p < e && !is_break(*p); p++)
			/* 01-Jun-2023 */
			if (*p == '-' && p > s && p[-1] != ' ' && p + 1 < e)
				break;
		if (p > s)
			read_word(s, p, &t);
		if (p < e)
			p += *p == '-' ? 1 : 0;
	}
	return to_unix(&t);
}
