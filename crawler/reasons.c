/* reasons.c - see reasons.h. */
#include "crawler/reasons.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name, *words;
	enum reason_where where;
} reasons[REASON_N] = {
#define R(key, name, where, words)                                             \
	[REASON_##key] = {name, words, REASON_IN_##where},
#include "crawler/reasons.def"
#undef R
};

const char *
reason_name(enum reason r)
{
	return reasons[r].name;
}

const char *
reason_words(enum reason r)
{
	return reasons[r].words;
}

enum reason_where
reason_where(enum reason r)
{
	return reasons[r].where;
}

enum reason
reason_named(const char *name)
{
	int i;

	for (i = REASON_NONE + 1; i < REASON_N; i++)
		if (strcmp(reasons[i].name, name) == 0)
			return (enum reason)i;
	return REASON_NONE;
}
