/* name.c - the names of sealed files.
 *
 * Invariants
 *  N1  Of two files of one queue, the later one's name sorts behind (strcmp):
 *      the writer moves the time forward until that holds (writer.c).
 *  N2  The day of the folder is the day in the name, so a name is a path. */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "queue/format.h"

#define SUFFIX ".jsonl.gz"
#define MS_YEAR_9999 253402300799000ULL

void
wq_name_make(char name[WQ_NAME_MAX], uint64_t opened_ms, const char *node,
    uint64_t number)
{
	struct tm tm;
	time_t t;
	char when[20];

	if (opened_ms > MS_YEAR_9999)
		opened_ms = MS_YEAR_9999;
	t = (time_t)(opened_ms / 1000);
	gmtime_r(&t, &tm);
	strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &tm);
	snprintf(name, WQ_NAME_MAX, "%s-%.32s-%010llu" SUFFIX, when, node,
	    (unsigned long long)number);
}

int
wq_node_ok(const char *node)
{
	size_t n = strlen(node);

	if (n == 0 || n > WQ_NODE_MAX)
		return 0;
	for (; *node != '\0'; node++)
		if (!isalnum((unsigned char)*node) && !strchr("._-", *node))
			return 0;
	return 1;
}

static int
digits(const char *s, int n)
{
	int v = 0;

	while (n-- > 0) {
		if (!isdigit((unsigned char)*s))
			return -1;
		v = v * 10 + *s++ - '0';
	}
	return v;
}

static int
parse_time(const char *s, uint64_t *ms)
{
	struct tm tm = {0};
	time_t t;

	tm.tm_year = digits(s, 4) - 1900;
	tm.tm_mon = digits(s + 4, 2) - 1;
	tm.tm_mday = digits(s + 6, 2);
	tm.tm_hour = digits(s + 9, 2);
	tm.tm_min = digits(s + 11, 2);
	tm.tm_sec = digits(s + 13, 2);
	if (tm.tm_year < 70 || tm.tm_mon < 0 || tm.tm_mday < 1 ||
	    tm.tm_hour < 0 || tm.tm_min < 0 || tm.tm_sec < 0 || s[8] != 'T' ||
	    s[15] != 'Z')
		return 0;
	t = timegm(&tm);
	*ms = (uint64_t)t * 1000;
	return t >= 0;
}

int
wq_name_parse(const char *name, uint64_t *number, uint64_t *opened_ms)
{
	char again[WQ_NAME_MAX], node[WQ_NODE_MAX + 1];
	size_t len = strlen(name), end;
	const char *dash;
	uint64_t ms, n = 0;

	if (len < 16 + 3 + 10 + sizeof SUFFIX - 1 || len >= WQ_NAME_MAX)
		return 0;
	end = len - (sizeof SUFFIX - 1);
	if (strcmp(name + end, SUFFIX) != 0 || !parse_time(name, &ms))
		return 0;
	dash = memrchr(name, '-', end);
	if (dash == NULL || dash < name + 18 || name[16] != '-' ||
	    (size_t)(dash - name) - 17 > WQ_NODE_MAX)
		return 0;
	for (const char *p = dash + 1; p < name + end; p++) {
		if (!isdigit((unsigned char)*p) || n > UINT64_MAX / 10 - 1)
			return 0;
		n = n * 10 + (uint64_t)(*p - '0');
	}
	snprintf(node, sizeof node, "%.*s", (int)(dash - name) - 17, name + 17);
	/* Written again it must be the same: no 31 February, no stray zero. */
	wq_name_make(again, ms, node, n);
	if (!wq_node_ok(node) || strcmp(again, name) != 0)
		return 0;
	if (number != NULL)
		*number = n;
	if (opened_ms != NULL)
		*opened_ms = ms;
	return 1;
}

void
wq_day_path(char path[WQ_PATH_MAX], const char *dir, const char *name)
{
	snprintf(path, WQ_PATH_MAX, "%s/ready/%.4s-%.2s-%.2s", dir, name,
	    name + 4, name + 6);
}

void
wq_ready_path(char path[WQ_PATH_MAX], const char *dir, const char *name)
{
	snprintf(path, WQ_PATH_MAX, "%s/ready/%.4s-%.2s-%.2s/%s", dir, name,
	    name + 4, name + 6, name);
}
