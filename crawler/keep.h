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

struct keep_page { /* strings are borrowed */
	int on;
	const char *url, *address;
	int64_t date_ms;
	const char *head; /* fetch_answer's */
	size_t head_len;
	int encoded; /* it has a content coding */
	/* what the page alone does not tell, and cleaning it again needs: from
	 * the seed's list and the [site]; NULL or 0: nothing */
	const char *charset, *timezone;
	int64_t feed_date;
};

/* What a page is found by: a hash of its address in key form. 0: no address. */
uint64_t keep_key(const char *url);

/* To the worker, which has url, charset, timezone and feed_date from the page's
 * own head. */
void keep_pack(struct wire_out *, const struct keep_page *);
/* 0, or -1: broken. */
int keep_unpack(struct wire_in *, struct keep_page *);
/* The worker's answer: the member, or nothing when it is not to be kept, or
 * larger than an answer may be. id: of its record, NULL: it has none. */
void keep_put(struct wire_out *, const struct keep_page *, const uint8_t *id,
    const void *body, size_t len);
/* The parent's side: 0, or -1: that is no member. NULL: none. */
int keep_get(struct wire_in *, const char **member, size_t *len);

#endif
