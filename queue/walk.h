/* walk.h - the members of sealed files, one after another, over damage.
 *
 * For readers and verify: what is damaged is told once, with its place and the
 * numbers of the records it cost, and passed over. */
#ifndef WQ_WALK_H
#define WQ_WALK_H

#include "queue/format.h"

/* Zeroed, with dir set, it is ready for wq_walk_open(). */
struct wq_walk {
	const char *dir;        /* borrowed */
	char name[WQ_NAME_MAX]; /* of the file that is open, or was last */
	int open, fd;
	uint64_t at, size;   /* of the file: the next header, its end */
	struct wq_head head; /* of the member that was found */
	uint64_t member;     /* where it lies */

	/* Of the log so far: the number of the file before; no record below
	 * floor may come; want is the next one, 0 when that is not known. */
	uint64_t number, floor, want;
	struct wq_entry line; /* of index.jsonl for the file */
	int has_line;

	/* The damage told last; last 0: the records are not known. */
	uint64_t first, last;
	char where[WQ_NAME_MAX + 320];
};

/* Begins with a sealed file: 1; 0: it is gone; negative: it cannot be read,
 * which is told. */
int wq_walk_open(struct wq_walk *, const char *name);
/* 1: head and member are those of the next one; 0: the file's end, it is
 * closed; negative: damage was met, told and passed over, call again. */
int wq_walk_next(struct wq_walk *);
/* All bytes of the member that was found into buf. */
int wq_walk_read(const struct wq_walk *, void *buf);
/* The member that was found is damaged: tells that, gives err. */
int wq_walk_spoilt(struct wq_walk *, int err, const char *what);
void wq_walk_close(struct wq_walk *);

#endif
