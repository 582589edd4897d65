/* jsonl.h - the lines of a table of cases, for tests. */
#ifndef TEST_JSONL_H
#define TEST_JSONL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleaner/winnow.h"

struct jsonl {
	FILE *f;
	char *line;
	size_t cap;
	struct {
		char *key, *s;
		size_t len;
		enum winnow_json_type type;
	} m[32];
	size_t n;
};

/* Opens a file below $WINNOW_SHARED. 0, or -1: it is not there. */
static inline int
jsonl_open(struct jsonl *j, const char *name)
{
	const char *dir = getenv("WINNOW_SHARED");
	char path[1024];

	memset(j, 0, sizeof(*j));
	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "../shared", name);
	return (j->f = fopen(path, "r")) == NULL ? -1 : 0;
}

/* The next object; 0 at the end. Its strings are valid until the next call. */
static inline int
jsonl_next(struct jsonl *j)
{
	struct winnow_json w;
	struct winnow_json_value v;
	ssize_t n = getline(&j->line, &j->cap, j->f);

	j->n = 0;
	if (n <= 0 || winnow_json_begin(&w, j->line, (size_t)n) != 0)
		return 0;
	while (j->n < 32 && winnow_json_next(&w, &v) == 1) {
		j->m[j->n].key = v.key;
		j->m[j->n].s = v.type == WINNOW_JSON_STRING ? v.s : NULL;
		j->m[j->n].len = v.len;
		j->m[j->n++].type = v.type;
	}
	return 1;
}

/* A string member, NULL: not there or null. */
static inline const char *
jsonl_get(const struct jsonl *j, const char *key)
{
	for (size_t i = 0; i < j->n; i++)
		if (strcmp(j->m[i].key, key) == 0)
			return j->m[i].s;
	return NULL;
}

static inline void
jsonl_close(struct jsonl *j)
{
	free(j->line);
	if (j->f != NULL)
		fclose(j->f);
}

/* "2024-03-15T12:00:00+08:00" as Unix seconds; NULL: 0. */
static inline int64_t
jsonl_time(const char *s)
{
	int y, mo, d, h, mi, se, oh = 0, om = 0;
	int64_t days;

	if (s == NULL || sscanf(s, "%d-%d-%dT%d:%d:%d%d:%d", &y, &mo, &d, &h,
			     &mi, &se, &oh, &om) < 6)
		return 0;
	y -= mo <= 2;
	days = 365LL * y + y / 4 - y / 100 + y / 400 +
	       (153 * (mo + (mo > 2 ? -3 : 9)) + 2) / 5 + d - 719469;
	return days * 86400 + h * 3600 + mi * 60 + se - oh * 3600 - om * 60;
}

#endif
