/* cmd_consume.c - winnow queue next, ack and cursor: consumers with a name.
 *
 * Invariants
 *  K1  The cursor exists before the first record is looked at, so what was
 *      given once is still there when it is asked for again.
 *  K2  A cursor is told what was given only after stdout has taken all of it:
 *      who dies in between gets it again.
 *  K3  A file that cannot be opened now (its rights, no descriptor) is not
 *      passed over, as damage is: it holds what nobody has lost. */
#include <inttypes.h>
#include <string.h>

#include "queue/cmd_queue.h"

const char *
cmd_queue_cursor_why(int err)
{
	return err == WQ_ECORRUPT   ? "its file holds no number"
	       : err == WQ_EVERSION ? "written by a newer version"
				    : wq_strerror(err);
}

static int
complain(int err, const char *dir, const char *name)
{
	char what[WQ_PATH_MAX];

	if (err == WQ_ECORRUPT || err == WQ_EVERSION) {
		cmd_queue_say("cursor '%s': %s; put it back with ack --rewind, "
			      "or remove it with cursor rm",
		    name, cmd_queue_cursor_why(err));
		return ERROR;
	}
	snprintf(what, sizeof what, "cursor '%s/cursors/%s'", dir, name);
	return cmd_queue_complain(err, what);
}

/* ---- next ---------------------------------------------------------------- */

/* Nothing to give: if the cursor is ahead of the queue, say so; somebody may
 * have made the queue anew. */
static void
look_ahead(const struct args *a, const struct wq_cursor *c)
{
	uint64_t last;

	if (cmd_queue_last(a->dir, &last) == 0 && last > 0 && c->acked > last)
		cmd_queue_say("cursor '%s' is at %" PRIu64
			      ", but the last sealed record is %" PRIu64
			      "; if the queue was made anew, take it back with "
			      "ack --rewind",
		    a->name, c->acked, last);
}

/* As many as there are, at least one with --wait. */
static int
give(const struct args *a, struct pour *p, struct wq_follow *f)
{
	char err[WQ_DIR_MAX + 256];
	int status, rc;

	while (
	    (status = cmd_queue_pour(p)) == OK && a->wait && p->printed == 0) {
		rc = wq_follow_wait(f, 1, -1, err, sizeof err);
		if (rc < 0)
			cmd_queue_say("%s", err);
		if (rc <= 0)
			return rc < 0 ? ERROR : OK;
	}
	return status;
}

/* K1. A command line that is refused leaves no cursor behind. */
static int
begin(struct args *a, struct pour *p, struct wq_cursor *c)
{
	int status, rc = wq_cursor_get(a->dir, a->name, c);

	if (rc >= 0) {
		a->range.from_seq =
		    c->acked < UINT64_MAX ? c->acked + 1 : c->acked;
		if ((status = cmd_queue_pour_open(p, a)) != OK)
			return status;
		rc = wq_cursor_begin(a->dir, a->name, c);
	}
	return rc < 0 ? complain(rc, a->dir, a->name) : OK;
}

int
cmd_queue_next(struct args *a)
{
	char err[WQ_DIR_MAX + 256];
	struct wq_follow *f = NULL;
	struct wq_cursor c;
	struct pour p = {0};
	int rc, status;

	if (a->wait && wq_follow_open(&f, a->dir, err, sizeof err) != 0) {
		cmd_queue_say("%s", err);
		return ERROR;
	}
	if ((status = begin(a, &p, &c)) == OK) {
		p.whole = 1;
		p.bytes = a->bytes;
		p.max = a->count > 0 || a->bytes > 0 ? a->count : 1;
		status = give(a, &p, f);
		if (cmd_queue_pour_end(&p) == 0 && status == OK &&
		    p.seen > c.acked &&
		    (rc = wq_cursor_give(a->dir, a->name, p.seen)) != 0)
			status = complain(rc, a->dir, a->name);
		if (status == OK && p.printed == 0)
			look_ahead(a, &c);
		if (status == OK && !p.damaged && p.printed == 0)
			status = NOTHING;
	}
	wq_follow_close(f);
	return cmd_queue_pour_close(&p, status);
}

/* ---- ack ----------------------------------------------------------------- */

/* Nobody can be done with what was never sealed. What was given may be gone
 * meanwhile, with all that lay behind it. */
static int
check_bound(const struct args *a, const struct wq_cursor *c, uint64_t seq)
{
	uint64_t last;
	int err;

	if ((err = cmd_queue_last(a->dir, &last)) != 0)
		return cmd_queue_complain(err, a->dir);
	if (seq <= last || seq <= c->given)
		return OK;
	cmd_queue_say("cannot acknowledge %" PRIu64
		      ": the last sealed record is %" PRIu64,
	    seq, last);
	return ERROR;
}

static int
ack_to(const struct args *a, uint64_t seq, uint64_t acked)
{
	int err = a->rewind ? wq_cursor_set(a->dir, a->name, seq)
			    : wq_cursor_ack(a->dir, a->name, seq);

	if (err == 0)
		return OK;
	if (err != WQ_EBACK)
		return complain(err, a->dir, a->name);
	cmd_queue_say("cursor '%s' is at %" PRIu64
		      " already; use --rewind to take it back to %" PRIu64,
	    a->name, acked, seq);
	return ERROR;
}

int
cmd_queue_ack(struct args *a)
{
	struct wq_cursor c;
	uint64_t seq;
	int rc = wq_cursor_get(a->dir, a->name, &c), status;

	if (rc < 0 && !(a->rewind && a->nrest > 0))
		return complain(rc, a->dir, a->name);
	if (a->nrest > 0) {
		if (cmd_queue_seq(a->rest[0], &seq) < 0)
			return USAGE;
		if ((status = check_bound(a, &c, seq)) == OK)
			status = ack_to(a, seq, c.acked);
		if (status == OK && rc == 0)
			cmd_queue_say("cursor '%s' is new: from now on nothing "
				      "behind %" PRIu64 " is pruned until it "
				      "is acknowledged, or cursor rm",
			    a->name, seq);
		return status;
	}
	if (rc > 0 && c.given > c.acked)
		return ack_to(a, c.given, c.acked);
	if (rc > 0)
		cmd_queue_say("'%s' was given nothing since it acknowledged "
			      "%" PRIu64,
		    a->name, c.acked);
	else
		cmd_queue_say("no consumer '%s': next makes one", a->name);
	return NOTHING;
}

/* ---- all cursors --------------------------------------------------------- */

int
cmd_queue_cursors(const struct args *a,
    void (*each)(
	void *arg, const char *name, int err, const struct wq_cursor *),
    void *arg, uint64_t *lowest)
{
	char path[WQ_PATH_MAX];
	int err = wq_cursor_each(a->dir, each, arg, lowest);

	/* One that cannot be read, which each() tells, counts as 0. */
	if (err == 0 || *lowest != UINT64_MAX)
		return err;
	snprintf(path, sizeof path, "%s/cursors", a->dir);
	cmd_queue_complain(err, path);
	return err;
}

/* ---- cursor list, cursor rm ---------------------------------------------- */

struct listing {
	const char *dir;
	int json;
	uint64_t last;
};

static void
list_one(void *arg, const char *name, int err, const struct wq_cursor *c)
{
	const struct listing *l = arg;
	uint64_t left = l->last > c->acked ? l->last - c->acked : 0;

	if (err != 0)
		complain(err, l->dir, name);
	else if (l->json)
		printf("{\"name\":\"%s\",\"acked\":\"%" PRIu64
		       "\",\"given\":\"%" PRIu64 "\",\"left\":%" PRIu64 "}\n",
		    name, c->acked, c->given, left);
	else
		printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", name,
		    c->acked, c->given, left);
}

int
cmd_queue_cursor_list(struct args *a)
{
	struct listing l = {.dir = a->dir, .json = a->json};
	uint64_t lowest;
	int err;

	if ((err = cmd_queue_last(a->dir, &l.last)) != 0)
		return cmd_queue_complain(err, a->dir);
	err = cmd_queue_cursors(a, list_one, &l, &lowest);
	return cmd_queue_finish(err != 0 ? SOME : OK);
}

int
cmd_queue_cursor_rm(struct args *a)
{
	int rc = wq_cursor_remove(a->dir, a->name);

	if (rc < 0)
		return complain(rc, a->dir, a->name);
	if (rc > 0)
		return OK;
	cmd_queue_say("no consumer '%s'", a->name);
	return NOTHING;
}
