/* spool.h - the folder into which seed lists are dropped.
 *
 * A file is taken once it was closed after writing or renamed into the folder;
 * what lies there at the start is taken too. Names that begin with a dot or end
 * in .part or .done are left alone. A list that was taken is renamed NAME.done,
 * but only after the commit that holds its URLs.
 *
 * Invariant: a kill between commit and rename makes the list be read again,
 * which adds nothing (F5). */
#ifndef SPOOL_H
#define SPOOL_H

#include <stddef.h>

struct event_base;
struct spool;

/* take() reads the list and makes it durable: 0, or -1: not now, the file
 * stays and is tried again after a second, then ever later, 5 min at most. A
 * folder that is removed or moved away is looked for in the same steps. */
int spool_new(struct spool **, struct event_base *, const char *dir,
    int (*take)(void *arg, const char *path), void *arg, char *err,
    size_t errlen);
void spool_free(struct spool *); /* NULL is fine */
/* Takes what lies there now. */
void spool_scan(struct spool *);

#endif
