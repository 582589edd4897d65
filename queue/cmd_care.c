/* cmd_care.c - winnow queue verify and prune. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "queue/cmd_queue.h"

/* ---- verify -------------------------------------------------------------- */

static void
say(void *arg, const char *what)
{
	(void)arg;
	cmd_queue_say("%s", what);
}

int
cmd_queue_verify(struct args *a)
{
	struct wq_check c;
	int err = wq_verify(a->dir, say, NULL, &c);

	if (err != 0)
		return cmd_queue_complain(err, a->dir);
	printf(a->json ? "{\"files\":%" PRIu64 ",\"records\":%" PRIu64
			 ",\"json_bytes\":%" PRIu64 ",\"taken\":%" PRIu64
			 ",\"lost\":%" PRIu64 ",\"pages\":%" PRIu64
			 ",\"bad\":%" PRIu64 "}\n"
		       : "files %" PRIu64 "\nrecords %" PRIu64
			 "\njson_bytes %" PRIu64 "\ntaken %" PRIu64
			 "\nlost %" PRIu64 "\npages %" PRIu64 "\nbad %" PRIu64
			 "\n",
	    c.files, c.records, c.json, c.taken, c.lost, c.pages, c.bad);
	return cmd_queue_finish(c.bad > 0 ? SOME : OK);
}

/* ---- prune --------------------------------------------------------------- */

#define BUSY_TRIES 1000
#define BUSY_MS 10 /* a cursor is written in less */

static void
pruned(void *arg, const char *path, uint64_t bytes)
{
	const struct args *a = arg;

	if (a->json)
		printf("{\"file\":\"%s\",\"bytes\":%" PRIu64 "}\n",
		    strstr(path, "/ready/") + 1, bytes);
	else
		printf("%s\n", path);
}

static void
unreadable(void *arg, const char *name, int err, const struct wq_cursor *c)
{
	(void)arg;
	(void)c;
	if (err != 0)
		cmd_queue_say("cursor '%s': %s; it holds every file until it "
			      "is mended (ack --rewind) or removed (cursor rm)",
		    name, cmd_queue_cursor_why(err));
}

int
cmd_queue_prune(struct args *a)
{
	const struct timespec pause = {.tv_nsec = BUSY_MS * 1000000};
	int64_t before = INT64_MAX;
	uint64_t lowest;
	int err;

	if (cmd_queue_cursors(a, unreadable, NULL, &lowest) != 0)
		return ERROR;
	if (lowest == UINT64_MAX && a->retain_ms < 0) {
		cmd_queue_say("no consumer has a cursor here, so --retain must "
			      "say how old a file may get");
		return USAGE;
	}
	if (a->retain_ms >= 0)
		before = (int64_t)time(NULL) * 1000 - a->retain_ms;
	for (int i = 0; i < BUSY_TRIES; i++) {
		err = wq_prune(a->dir, before, a->dry, pruned, a);
		if (err != WQ_EBUSY)
			break;
		nanosleep(&pause, NULL);
	}
	if (err != 0)
		return cmd_queue_complain(err, a->dir);
	return cmd_queue_finish(OK);
}
