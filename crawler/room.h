/* room.h - does the disk allow that more is fetched?
 *
 * Asked are the queue's bounds, queue and state after a write that was refused,
 * and the outlet, whether it can write at all. Files that queue.retain has
 * outlived go here, too.
 *
 * Invariants
 *  D1  Fetching pauses at the commit that reaches a bound, not a second later.
 *  D2  Each change is logged once, with the reason; a reason that stays is
 *      kept for those who ask. */
#ifndef ROOM_H
#define ROOM_H

#include <stdint.h>

struct frontier;
struct outlet;
struct recent;
struct room;
struct wq_writer;

/* All are borrowed until room_free(); recent (may be NULL) gives way when there
 * is no space. NULL: no memory. */
struct room *room_new(struct frontier *, struct wq_writer *, struct outlet *,
    struct recent *, const char *queue_dir);
void room_free(struct room *);

/* 1: more may be fetched. Looks at the disk once a second, and after every
 * commit. */
int room_look(struct room *, int64_t now_ms);
/* Bounds have changed: the next look is due. */
void room_again(struct room *);
/* Another one, or none: keep.raw has changed. */
void room_set_recent(struct room *, struct recent *);
/* When to look again while there is none, Unix ms; -1: no need. */
int64_t room_wake(const struct room *);

struct room_state {
	const char *why;  /* nothing is fetched: what, where, what to do */
	int64_t since_ms; /* from when on */
	int no_space;     /* 1: for want of space; 0: the disk or its rights */
};
/* 0: all is well. */
int room_state(const struct room *, struct room_state *);

/* Removes sealed files older than retain_ms that every consumer is done with;
 * once a minute, while there is no room every ten seconds. 0: never. */
void room_retain(struct room *, int64_t retain_ms, int64_t now_ms);
int64_t room_retain_wake(const struct room *); /* Unix ms */
/* The clock was set back by so much. */
void room_set_back(struct room *, int64_t ms);

#endif
