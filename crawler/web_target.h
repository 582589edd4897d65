/* web_target.h - what a client asked for, and under which name: pure, from the
 * bytes of a stranger.
 *
 * RFC 9112, 3.2 (targets), RFC 3986 (percent), RFC 9110, 7.2 (Host). */
#ifndef WEB_TARGET_H
#define WEB_TARGET_H

#include <stddef.h>

#define WEB_PATH_MAX 256

struct web_target {
	char path[WEB_PATH_MAX]; /* as it came; begins with / */
	char host[256];    /* of an absolute target, with its port; else "" */
	const char *query; /* in the text that was parsed; "" */
};
/* text is borrowed for as long as query is used. 0, or -1: no target of ours.
 */
int web_target_parse(struct web_target *, const char *text);

/* A parameter of a query, decoded: its length; -1: it is not there, is longer
 * than fits, or is not UTF-8 without control characters. */
int web_query_get(const char *query, const char *name, char *out, size_t cap);

/* Is host, as a client sent it, this machine? names: NULL-terminated. */
int web_host_ok(const char *host, const char *const *names);

#endif
