/* settled.c - see settled.h. */
#include "crawler/settled.h"

#include <string.h>

#include "crawler/visit.h"

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
    [URL_DROPPED] = REASON_SEED_REMOVED,
};

enum reason
settled_reason(enum url_state state, int status, const char *text)
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
	if (strncmp(text, "duplicate: ", 11) == 0)
		return REASON_DUPLICATE;
	if (strncmp(text, "topic: ", 7) == 0)
		return REASON_TOPIC;
	if (of_state[state] != REASON_NONE || text[0] == '\0')
		return of_state[state];
	/* A 200 that was cut, too long or broken is no word of the host about
	 * the page. */
	return status >= 300 ? REASON_STATUS : REASON_NO_ANSWER;
}
