/* gather_parts.h - what gather.c and gather_end.c share; nobody else includes
 * it.
 *
 * A part: NEW (known of), ASKED (a URL that is due), HERE (read; its visit
 * waits), LOST (it will not come). */
#ifndef GATHER_PARTS_H
#define GATHER_PARTS_H

#include "crawler/follow_parts.h"
#include "crawler/gather.h"

struct event;

#define GATHER_PRIORITY 9 /* behind seeds, before what any link is worth */

enum part_state { PART_NEW, PART_ASKED, PART_HERE, PART_LOST };

struct gather_part {
	struct winnow_key key;
	uint16_t number; /* 0: the page with all of it */
	uint8_t state;
	struct visit *visit; /* HERE */
	char *url;
};

struct gather {
	struct gather *next, **prev;
	struct visits *visits;
	struct winnow_key key; /* of the first page */
	struct visit *first;   /* NULL: it has not come yet */
	struct gather_part *parts;
	size_t n, cap;
	int64_t moved_ms; /* when the last page came */
	int joining;      /* a worker joins them, or their record is on its
			     way */
	int failed;       /* a page could not be had for now */
	int proved;       /* a further page has another text than the first */
	int barren;       /* further pages without a text: pictures, say */
	uint64_t text;    /* hash of the first page's */
	struct wire_out body;             /* of the job */
	uint16_t given[WINNOW_PARTS_MAX]; /* parts in it, by their index */
	size_t ngiven;
};

struct gathers {
	struct gather *list, **last;
	struct event *tick;
	size_t held;  /* visits that wait */
	size_t bytes; /* their bodies, and the addresses of all parts */
};

/* Out of the list, and freed; its visits are others' by now. */
void gather_drop(struct gather *);
/* The visit of a page waits. */
void gather_hold(struct gather *, struct visit *);
/* Asks for the page with all of it; when there is none, for all pages. v: the
 * page that names them. */
void gather_ask(struct gather *, struct visit *v);
/* The visit waits no more, and belongs to none. */
void gather_let_go(struct visit *);
/* Joins when nobody is awaited any more. */
void gather_ready(struct gather *);
/* Each page that is here lands by itself. */
void gather_scatter(struct gather *);
/* Each stays due. */
void gather_release(struct gather *);
/* The parts end with their first page: in the transaction of its line (item),
 * or now, when it has none (NULL). */
void gather_close(struct gather *, struct frontier_item *);

#endif
