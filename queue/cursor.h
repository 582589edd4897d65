/* cursor.h - what prune.c needs of the cursors beyond wq.h. */
#ifndef WQ_CURSOR_H
#define WQ_CURSOR_H

#include "queue/format.h"

/* Locks the folder of the cursors: how is that of flock(2). A descriptor to
 * close, WQ_EBUSY with LOCK_NB when somebody changes a cursor, or an error. */
int wq_cursors_lock(const char *queue, int how);
/* wq_cursor_each() for a queue that wq_find() gave. */
int wq_cursors_each(const char *queue,
    void (*each)(
	void *arg, const char *name, int err, const struct wq_cursor *),
    void *arg, uint64_t *lowest);

#endif
