/* site.h - what the pages of each host have taught: struct winnow_site, for the
 * hosts at work.
 *
 * The parent learns, for only it sees all pages of a site; a worker is given
 * what is known in a few KiB and tells what marks it met. Memories of hosts at
 * work are here, those of others too while there is room; all go to the
 * frontier, as its rows (frontier_site_put), every now and then.
 *
 * Invariants
 *  K1  A site stays in memory as long as somebody holds it (enter, leave);
 *      the memories of idle ones take SITES_IDLE bytes at most.
 *  K2  What is lost by a kill, or for want of room, is what the last pages
 *      taught: it is learned again, and no record depends on it being there.
 *  K3  Marks come from workers: they are bounded here, and in the library. */
#ifndef SITE_H
#define SITE_H

#include <stddef.h>
#include <stdint.h>

#include "crawler/frontier.h"
#include "crawler/job.h"

struct config_values;
struct sites;
struct visit;

struct held_list {
	struct visit *first, *last; /* oldest, newest */
};

/* What is above the line belongs to visit_hold.c. */
struct site {
	uint64_t host;
	int visits, held; /* under way; of these, pages that wait */
	struct held_list waiting;
	int64_t held_bytes; /* of its memory, counted in visit_stat */
	int64_t moved_ms;   /* a visit began, or a page came */
	struct site *look;  /* the next one to be looked at */
	uint8_t to_look;
	/* ---- */
	int refs;
	struct winnow_site *memory;     /* NULL: not loaded */
	struct site *newer, *older;     /* idle ones */
	size_t bytes;                   /* it takes, since it is idle */
	uint32_t news;                  /* new pages since it is here */
	uint32_t unsaved;               /* of them, since it was stored */
	int64_t unsaved_ms, learned_ms; /* the first of them came; the last */
	struct site *due;               /* the next one to be stored */
	uint8_t is_due;
};

struct sites *sites_new(struct frontier *); /* NULL: no memory */
void sites_free(struct sites *);            /* loses what was not stored */

/* For somebody who holds it until he leaves; NULL: no memory. find: one that is
 * here, held by others; NULL: there is none. */
struct site *sites_enter(struct sites *, uint64_t host);
void sites_leave(struct sites *, struct site *);
struct site *sites_find(struct sites *, uint64_t host);

/* What a worker is to know of it; NULL: nothing is known. Borrowed until the
 * next call. */
const void *site_view(
    struct sites *, struct site *, const struct config_values *, size_t *len);
/* 1: the page is new here; 0: it was before, perhaps in the process before. */
int site_learn(struct sites *, struct site *, const struct config_values *,
    const struct job_article *, const struct winnow_key *, int64_t now_ms);
/* Its furniture is known, or as many pages as learn.wait_pages have come. */
int site_is_known(struct sites *, struct site *, const struct config_values *);
/* Would a worker make something else of that page by now? */
int site_affects(struct sites *, struct site *, const struct config_values *,
    const struct job_article *);

/* Memory that it takes. */
size_t site_bytes(const struct site *);

/* What is due goes to the frontier; all of it; that of a host, if it is at work
 * and there is news. */
void sites_turn(struct sites *, const struct config_values *);
void sites_save(struct sites *, const struct config_values *);
void sites_save_host(
    struct sites *, const struct config_values *, uint64_t host);
/* Nothing is known of it any more. */
void sites_forget(struct sites *, uint64_t host);

#endif
