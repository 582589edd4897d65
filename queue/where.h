/* where.h - which records somebody wants, as print.h tells. */
#ifndef WQ_WHERE_H
#define WQ_WHERE_H

#include <stddef.h>

#include "queue/buf.h"
#include "queue/fields.h"

struct wq_condition;
struct wq_where { /* zeroed by the caller */
	struct wq_condition *v;
	size_t n;
};

/* Reads "chars>=300" and asks fields for what it needs. WQ_EINVAL with words.
 */
int wq_where_add(struct wq_where *, struct wq_fields *, const char *text,
    char *errbuf, size_t errlen);
void wq_where_clear(struct wq_where *);
/* Do all fields have types that can be compared so? WQ_EINVAL with words. */
int wq_where_check(const struct wq_where *, const struct wq_fields *,
    const struct wq_names *, char *errbuf, size_t errlen);
/* 1 when all hold for the record that fields has read, 0, or WQ_ENOMEM.
 * scratch is overwritten. */
int wq_where_holds(
    const struct wq_where *, const struct wq_fields *, struct wq_buf *scratch);

#endif
