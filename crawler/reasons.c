/* reasons.c - see reasons.h. */
#include "crawler/reasons.h"

#include <stddef.h>
#include <string.h>

#include "crawler/visit.h"

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

/* What a state says by itself, whatever the particulars are. */
static const enum reason of_state[URL_STATE_N] = {
    [URL_NO_ARTICLE] = REASON_UNREADABLE,
    [URL_GONE] = REASON_STATUS,
    [URL_REFUSED] = REASON_STATUS,
    [URL_ROBOTS_DENY] = REASON_ROBOTS,
    [URL_GUARDED] = REASON_ADDRESS,
    [URL_TOO_BIG] = REASON_SIZE,
    [URL_BAD_TYPE] = REASON_TYPE,
    [URL_BAD_REDIRECT] = REASON_REDIRECT,
    [URL_POISON] = REASON_WORKER,
    [URL_NOINDEX] = REASON_NOINDEX,
    [URL_CAPPED] = REASON_FAMILY_CAP,
};

enum reason
reason_of(enum url_state state, int status, const char *text)
{
	enum reason named;

	if (text == NULL)
		text = "";
	named = reason_named(text);
	if (state != URL_BAD_REDIRECT && named != REASON_NONE)
		return named;
	if (strcmp(text, VISIT_SEED_MOVED) == 0)
		return REASON_SEED_MOVED;
	if (strcmp(text, "too-big") == 0) /* a list, decoded */
		return REASON_SIZE;
	if (strncmp(text, "robots.txt: ", 12) == 0)
		return REASON_ROBOTS_UNREACHABLE;
	if (of_state[state] != REASON_NONE || text[0] == '\0')
		return of_state[state];
	/* A 200 that was cut, too long or broken is no word of the host about
	 * the page. */
	return status >= 300 ? REASON_STATUS : REASON_NO_ANSWER;
}
