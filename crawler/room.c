/* room.c - see room.h. */
#include "crawler/room.h"

#include <stdio.h>
#include <stdlib.h>

#include "crawler/frontier.h"
#include "crawler/log.h"
#include "crawler/outlet.h"
#include "crawler/recent.h"
#include "queue/wq.h"

#define LOOK_MS 1000
#define RETAIN_MS (60 * 1000)
#define RETAIN_FULL_MS (10 * 1000)

struct room {
	struct frontier *frontier;
	struct wq_writer *writer;
	struct outlet *outlet;
	struct recent *recent;
	const char *queue_dir;
	int64_t look_ms, since_ms, retain_ms;
	uint64_t commits; /* at the last look */
	int none;
	char why[4608]; /* a path, and words */
};

struct room *
room_new(struct frontier *f, struct wq_writer *w, struct outlet *o,
    struct recent *recent, const char *queue_dir)
{
	struct room *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->frontier = f;
	r->writer = w;
	r->outlet = o;
	r->recent = recent;
	r->queue_dir = queue_dir;
	return r;
}

void
room_free(struct room *r)
{
	free(r);
}

/* ---- looking ------------------------------------------------------------- */

static void
look(struct room *r, int64_t now_ms)
{
	int none =
	    wq_room(r->writer, r->why, sizeof(r->why)) != WQ_OK ||
	    frontier_room(r->frontier, now_ms, r->why, sizeof(r->why)) != 0;

	if (none && !r->none) {
		log_each(LOG_WARN, "fetching pauses reason=%s", r->why);
		r->retain_ms = now_ms;
	} else if (!none && r->none)
		log_each(LOG_NOTICE, "fetching goes on: there is room again");
	r->none = none;
}

int
room_look(struct room *r, int64_t now_ms)
{
	struct outlet_stat s;
	int blocked;

	outlet_stat(r->outlet, &s);
	if (now_ms >= r->look_ms || now_ms < r->look_ms - LOOK_MS ||
	    s.commits != r->commits) {
		r->look_ms = now_ms + LOOK_MS;
		r->commits = s.commits;
		look(r, now_ms);
	}
	if (outlet_no_space(r->outlet))
		recent_give_up(r->recent);
	blocked = r->none || outlet_blocked(r->outlet) != NULL;
	if (!blocked)
		r->since_ms = 0;
	else if (r->since_ms == 0)
		r->since_ms = now_ms;
	return !blocked;
}

void
room_set_recent(struct room *r, struct recent *recent)
{
	r->recent = recent;
}

void
room_again(struct room *r)
{
	r->look_ms = 0;
}

int64_t
room_wake(const struct room *r)
{
	return r->none ? r->look_ms : -1;
}

/* What cannot be written counts first: bounds are met in good order. */
int
room_state(const struct room *r, struct room_state *s)
{
	const char *blocked = outlet_blocked(r->outlet);

	*s = (struct room_state){.since_ms = r->since_ms};
	if (blocked != NULL) {
		s->why = blocked;
		s->no_space = outlet_no_space(r->outlet);
	} else if (r->none) {
		s->why = r->why;
		s->no_space = 1;
	}
	return s->why != NULL;
}

void
room_set_back(struct room *r, int64_t ms)
{
	r->look_ms -= ms;
	r->retain_ms -= ms;
}

/* ---- old files ----------------------------------------------------------- */

void
room_retain(struct room *r, int64_t retain_ms, int64_t now_ms)
{
	int rc;

	if (now_ms < r->retain_ms)
		return;
	r->retain_ms = now_ms + (r->none ? RETAIN_FULL_MS : RETAIN_MS);
	/* Raw pages go with what consumers delete, whatever is retained. */
	rc = retain_ms > 0
		 ? wq_prune(r->queue_dir, now_ms - retain_ms, 0, NULL, NULL)
		 : wq_raw_sweep(r->queue_dir);
	if (rc == WQ_EBUSY) /* a consumer writes its cursor just now */
		r->retain_ms = now_ms + 1000;
	else if (rc == WQ_ECORRUPT || rc == WQ_EVERSION)
		log_warn("no old file of the queue is removed: a cursor cannot "
			 "be read; see winnow queue cursor list dir=%s",
		    r->queue_dir);
	else if (rc != WQ_OK)
		log_warn("cannot remove old files of the queue error=%s",
		    wq_strerror(rc));
}

int64_t
room_retain_wake(const struct room *r)
{
	return r->retain_ms;
}
