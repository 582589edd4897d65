/* keep.h - pages as they came (keep.raw): what is known of one beside its body,
 * on the way from the fetch to the disk.
 *
 *	warc	a worker makes the page a member of a WARC file, which goes
 *		through the outlet beside the page's record
 *	recent	the parent puts it into the ring file as it is (recent.h)
 *
 * A page that asks not to be kept (noindex) is not. */
#ifndef KEEP_H
#define KEEP_H

#include <stddef.h>
#include <stdint.h>

#include "crawler/wire.h"
#include "queue/wq.h"

#define KEEP_HINTS 200

struct keep_page { /* strings are borrowed */
	int on;
	const char *url, *address;
	const char *hints; /* keep_hints(), or NULL */
	int64_t date_ms;
	const char *head; /* fetch_answer's */
	size_t head_len;
	int encoded; /* it has a content coding */
};

/* What a page is found by: a hash of its address in key form. 0: no address. */
uint64_t keep_key(const char *url);
/* What the page alone does not tell, and cleaning it again needs, as the field
 * Winnow-Hints: "charset=gbk;timezone=+08:00;feed-date=1777777;". NULL or 0:
 * nothing. */
void keep_hints(char out[KEEP_HINTS], const char *charset, const char *timezone,
    int64_t feed_date);

/* All but the url, which whoever gets it knows. */
void keep_pack(struct wire_out *, const struct keep_page *);
/* 0, or -1: broken. */
int keep_unpack(struct wire_in *, struct keep_page *);
/* The page for libwq; everything is borrowed. id: of its record, NULL: it has
 * none, and gets one by address and time. */
void keep_fill(struct wq_page *, const struct keep_page *, const uint8_t *id,
    const void *body, size_t len);

/* The worker's answer: the member, or nothing when it is not to be kept, or
 * larger than an answer may be. */
void keep_put(struct wire_out *, const struct keep_page *, const uint8_t *id,
    const void *body, size_t len);
/* The parent's side: 0, or -1: that is no member. NULL: none. */
int keep_get(struct wire_in *, const char **member, size_t *len);

#endif
