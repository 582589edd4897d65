/* when.c - see when.h. Whatever is not wholly understood is refused: a time
 * that was misread would leave records out in silence. */
#include "queue/when.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_MS 86400000

struct unit {
	const char *name;
	int64_t factor;
};

static int
parse_units(const char *s, const struct unit *units, size_t n, int64_t *value)
{
	long long v;
	char *end;

	if (*s < '0' || *s > '9')
		return -1;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(end, units[i].name) == 0 &&
		    v <= INT64_MAX / units[i].factor) {
			*value = v * units[i].factor;
			return 0;
		}
	}
	return -1;
}

int
wq_span_parse(const char *s, int64_t *ms)
{
	static const struct unit units[] = {{"ms", 1}, {"s", 1000},
	    {"m", 60000}, {"h", 3600000}, {"d", DAY_MS}};

	return parse_units(s, units, sizeof units / sizeof units[0], ms);
}

int
wq_size_parse(const char *s, uint64_t *bytes)
{
	static const struct unit units[] = {
	    {"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}};
	int64_t v;

	if (parse_units(s, units, sizeof units / sizeof units[0], &v) < 0)
		return -1;
	*bytes = (uint64_t)v;
	return 0;
}

/* n digits, at most max, then s moves behind them. */
static int
digits(const char **s, int n, int max)
{
	int v = 0;

	for (; n > 0; n--, ++*s) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + **s - '0';
	}
	return v <= max ? v : -1;
}

static int
mark(const char **s, char c)
{
	if (**s != c)
		return -1;
	++*s;
	return 0;
}

/* .fff behind the seconds; what comes behind milliseconds is let go. */
static int
parse_fraction(const char **s, int64_t *ms)
{
	int scale = 100;

	if (mark(s, '.') < 0)
		return 0;
	if (**s < '0' || **s > '9')
		return -1;
	for (; **s >= '0' && **s <= '9'; ++*s, scale /= 10)
		*ms += (**s - '0') * scale;
	return 0;
}

/* HH:MM[:SS[.fff]] */
static int
parse_clock(const char **s, int64_t *ms)
{
	int h, m, sec;

	if ((h = digits(s, 2, 23)) < 0 || mark(s, ':') < 0 ||
	    (m = digits(s, 2, 59)) < 0)
		return -1;
	*ms = (h * 60 + m) * 60000;
	if (mark(s, ':') < 0)
		return 0;
	if ((sec = digits(s, 2, 60)) < 0)
		return -1;
	*ms += sec * 1000;
	return parse_fraction(s, ms);
}

/* Z, nothing, or +08:00; minutes to be taken off. */
static int
parse_offset(const char **s, int *minutes)
{
	int sign = **s == '-' ? -1 : 1, h, m;

	*minutes = 0;
	if (**s == '\0' || mark(s, 'Z') == 0)
		return 0;
	if (**s != '+' && **s != '-')
		return -1;
	++*s;
	if ((h = digits(s, 2, 23)) < 0 || mark(s, ':') < 0 ||
	    (m = digits(s, 2, 59)) < 0)
		return -1;
	*minutes = sign * (h * 60 + m);
	return 0;
}

static int
parse_day(const char **s, int64_t *ms)
{
	struct tm tm = {0};
	int y, m, d;

	if ((y = digits(s, 4, 9999)) < 1970 || mark(s, '-') < 0 ||
	    (m = digits(s, 2, 12)) < 1 || mark(s, '-') < 0 ||
	    (d = digits(s, 2, 31)) < 1)
		return -1;
	tm.tm_year = y - 1900;
	tm.tm_mon = m - 1;
	tm.tm_mday = d;
	*ms = (int64_t)timegm(&tm) * 1000;
	return tm.tm_mday == d ? 0 : -1; /* no 31 February */
}

static int
parse_moment(const char *s, int end, int64_t *ms)
{
	int64_t clock;
	int minutes;

	if (parse_day(&s, ms) < 0)
		return -1;
	if (*s == '\0') {
		*ms += end ? DAY_MS - 1 : 0;
		return 0;
	}
	if (*s != 'T' && *s != 't' && *s != ' ')
		return -1;
	s++;
	if (parse_clock(&s, &clock) < 0 || parse_offset(&s, &minutes) < 0 ||
	    *s != '\0')
		return -1;
	*ms += clock - (int64_t)minutes * 60000;
	return 0;
}

int
wq_when_parse(const char *s, int64_t now_ms, int end, int64_t *ms)
{
	int64_t span;

	if (strcmp(s, "now") == 0)
		*ms = now_ms;
	else if (wq_span_parse(s, &span) == 0)
		*ms = now_ms > span ? now_ms - span : 1;
	else if (parse_moment(s, end, ms) < 0)
		return -1;
	if (*ms < 1) /* of 1970, east of Greenwich; 0 would be no bound */
		*ms = 1;
	return 0;
}
