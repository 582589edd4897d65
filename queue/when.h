/* when.h - times, spans and sizes as a person types them. All give 0, or -1
 * when it is none. */
#ifndef WQ_WHEN_H
#define WQ_WHEN_H

#include <stdint.h>

/* Milliseconds since 1970 of
 *	2026-11-21			a day (UTC): its begin, or with end its
 * end 2026-11-21T03:15[:00[.5]][Z]	RFC 3339; also with +08:00, or a blank
 *	30m, 2h, 7d			so long before now_ms
 *	now */
int wq_when_parse(const char *s, int64_t now_ms, int end, int64_t *ms);
/* 500ms, 10s, 30m, 12h, 7d. */
int wq_span_parse(const char *s, int64_t *ms);
/* 4096, 64KiB, 1MiB, 2GiB. */
int wq_size_parse(const char *s, uint64_t *bytes);

#endif
