/* cursor.h - what prune.c needs of the cursors beyond wq.h. */
#ifndef WQ_CURSOR_H
#define WQ_CURSOR_H

#include "queue/format.h"

#define WQ_CURSOR_BYTES 48 /* 20 columns, a line feed; "given ", the same */

/* The bytes of a cursor's file (cursor.c). Parsing gives 1, WQ_ECORRUPT, or
 * WQ_EVERSION when there is more in it than we know. */
int wq_cursor_parse(const char *s, struct wq_cursor *);
void wq_cursor_print(char buf[WQ_CURSOR_BYTES + 1], const struct wq_cursor *);
/* Locks the folder of the cursors: how is that of flock(2). A descriptor to
 * close, WQ_EBUSY with LOCK_NB when somebody changes a cursor, or an error. */
int wq_cursors_lock(const char *queue, int how);
/* wq_cursor_each() for a queue that wq_find() gave. */
int wq_cursors_each(const char *queue,
    void (*each)(
	void *arg, const char *name, int err, const struct wq_cursor *),
    void *arg, uint64_t *lowest);

#endif
