/* reader.c - the records of the sealed files, in log order.
 *
 * A reader needs no lock. It lists ready/ a day at a time, begins with the
 * file that locate.c names, passes over members by their header (walk.c), and
 * inflates the rest one at a time.
 *
 * Invariants
 *  D1  What is given out was checked: header, length, CRC, line ends; its
 *      numbers rise.
 *  D2  Damage costs the member it is in, and is told once; not to a reader
 *      for whom all that it cost lies in front of the range.
 *  D3  A file that vanishes while we look was consumed by somebody: no error.
 *  D4  Memory is that of the largest member and of one day's names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "queue/walk.h"

#define HOUR_MS 3600000
#define DAY_MS 86400000

struct buffer {
	unsigned char *p;
	size_t cap;
};

struct wq_reader {
	char dir[WQ_DIR_MAX];
	struct wq_range range; /* file: any string for "this one only" */
	struct wq_list day;
	size_t next;         /* of day: the file to open */
	int placed, stalled; /* begun; ready/ could not be listed */
	struct wq_walk walk;
	int pending; /* walk.head's member is not in json yet */
	struct buffer in, json;
	struct wq_head head; /* of the member in json; records 0: none */
	size_t line;         /* in json: what is not given out yet */
	uint64_t seq;        /* of that line */
};

static int
buffer_grow(struct buffer *b, size_t want)
{
	void *p;

	if (want <= b->cap)
		return WQ_OK;
	want += want / 4;
	if ((p = realloc(b->p, want)) == NULL)
		return WQ_ENOMEM;
	b->p = p;
	b->cap = want;
	return WQ_OK;
}

/* ---- open and close ------------------------------------------------------ */

static int
only_file(struct wq_reader *r, const char *file, char *errbuf, size_t errlen)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash != NULL ? slash + 1 : file;
	char path[WQ_PATH_MAX];
	struct stat st;

	r->range.file = ""; /* the caller's is not kept */
	if (!wq_name_parse(name, NULL, NULL)) {
		snprintf(errbuf, errlen,
		    "'%s' is no name of a sealed file, which are like "
		    "20261121T031500Z-NODE-0000000042.jsonl.gz",
		    file);
		return WQ_EINVAL;
	}
	wq_ready_path(path, r->dir, name);
	if (stat(path, &st) < 0) {
		snprintf(errbuf, errlen, "no sealed file '%s': %s", path,
		    strerror(errno));
		return errno == ENOENT ? WQ_EGONE : wq_error_of(errno);
	}
	if ((r->day.name = malloc(sizeof *r->day.name)) == NULL)
		return WQ_ENOMEM;
	snprintf(r->day.name[0], WQ_NAME_MAX, "%s", name);
	r->day.n = r->day.cap = 1;
	r->placed = 1;
	return WQ_OK;
}

int
wq_reader_open(struct wq_reader **out, const char *dir,
    const struct wq_range *range, char *errbuf, size_t errlen)
{
	struct wq_reader *r;
	int err;

	*out = NULL;
	if ((r = calloc(1, sizeof *r)) == NULL)
		return WQ_ENOMEM;
	if (range != NULL)
		r->range = *range;
	if ((err = wq_find(r->dir, dir, errbuf, errlen)) == 0 &&
	    r->range.file != NULL)
		err = only_file(r, r->range.file, errbuf, errlen);
	if (err != 0) {
		wq_reader_close(r);
		return err;
	}
	r->walk.dir = r->dir;
	*out = r;
	return WQ_OK;
}

void
wq_reader_close(struct wq_reader *r)
{
	if (r == NULL)
		return;
	wq_walk_close(&r->walk);
	wq_list_clear(&r->day);
	free(r->in.p);
	free(r->json.p);
	free(r);
}

const char *
wq_reader_where(const struct wq_reader *r)
{
	return r->walk.where;
}

int
wq_reader_skipped(const struct wq_reader *r, uint64_t *first, uint64_t *last)
{
	*first = r->walk.first;
	*last = r->walk.last;
	return r->walk.last > 0;
}

/* ---- files --------------------------------------------------------------- */

/* Begins anew with the file that holds the range's first record. */
static void
place(struct wq_reader *r)
{
	const struct wq_range *g = &r->range;
	char name[WQ_NAME_MAX], day[11];
	int found = 0;

	wq_walk_close(&r->walk);
	r->walk = (struct wq_walk){.dir = r->dir};
	r->pending = 0;
	r->day.n = r->next = 0;
	r->placed = 1;
	if (g->from_seq > 1)
		found = wq_locate_seq(r->dir, g->from_seq, name);
	else if (g->since_ms > HOUR_MS)
		found = wq_locate_time(
		    r->dir, (uint64_t)(g->since_ms - HOUR_MS), name);
	if (!found)
		return;
	snprintf(day, sizeof day, "%.4s-%.2s-%.2s", name, name + 4, name + 6);
	if (wq_list_in(r->dir, day, "", &r->day) != 0)
		r->day.n = 0;
	while (r->next < r->day.n && strcmp(r->day.name[r->next], name) < 0)
		r->next++;
}

/* ready/ or a day's folder cannot be listed: the day is passed over; ready/
 * itself ends this round. */
static int
unlisted(struct wq_reader *r, int err)
{
	struct wq_walk *w = &r->walk;

	w->first = w->last = 0;
	snprintf(w->where, sizeof w->where, "ready/%s: %s", r->day.day,
	    errno != 0 ? strerror(errno) : wq_strerror(err));
	r->day.n = r->next = 0;
	r->stalled = !wq_list_behind(&r->day, w->name);
	return err == WQ_ENOMEM ? err : WQ_EOPEN;
}

/* Was this file begun too late to hold what was downloaded by then? Clocks
 * that were set and blocks that waited for room are allowed for. */
static int
too_late(const struct wq_reader *r, const char *name)
{
	uint64_t opened = 0;

	wq_name_parse(name, NULL, &opened);
	return r->range.until_ms > 0 &&
	       opened > (uint64_t)r->range.until_ms + DAY_MS;
}

/* Opens the next sealed file: 1, 0 when there is none yet, or an error. */
static int
next_file(struct wq_reader *r)
{
	int rc;

	for (;;) {
		if (r->next >= r->day.n) {
			if (r->range.file != NULL || r->stalled)
				return r->stalled = 0;
			errno = 0;
			rc = wq_list_day(r->dir, r->walk.name, &r->day);
			r->next = 0;
			if (rc <= 0)
				return rc < 0 ? unlisted(r, rc) : 0;
		}
		if (too_late(r, r->day.name[r->next]))
			return 0;
		rc = wq_walk_open(&r->walk, r->day.name[r->next++]);
		if (rc != 0)
			return rc;
	}
}

/* ---- members ------------------------------------------------------------- */

/* The next member that may hold wanted records, not loaded yet: 1, 0 when
 * there is none, or damage. */
static int
next_member(struct wq_reader *r)
{
	struct wq_walk *w = &r->walk;
	const struct wq_range *g = &r->range;
	int rc;

	if (!r->placed)
		place(r);
	while (!r->pending) {
		if (!w->open) {
			if ((rc = next_file(r)) == 0)
				return 0;
		} else if ((rc = wq_walk_next(w)) > 0) {
			r->pending =
			    w->head.first_seq + w->head.records > g->from_seq;
		}
		if (rc < 0 && (w->last == 0 || w->last >= g->from_seq))
			return rc; /* else D2 */
	}
	return g->to_seq == 0 || w->head.first_seq <= g->to_seq;
}

static int
load(struct wq_reader *r)
{
	const struct wq_head *h = &r->walk.head;
	int err;

	r->head.records = 0;
	if ((err = buffer_grow(&r->in, h->size)) != 0 ||
	    (err = buffer_grow(&r->json, h->json)) != 0)
		return err; /* pending: the caller may ask for it again */
	r->pending = 0;
	if ((err = wq_walk_read(&r->walk, r->in.p)) != 0)
		return wq_walk_spoilt(&r->walk, err, "cannot be read");
	err = wq_member_inflate(r->in.p, h, r->json.p);
	if (err != 0)
		return wq_walk_spoilt(&r->walk, err, "block checksum differs");
	if ((err = wq_member_lines(r->json.p, h)) != 0)
		return wq_walk_spoilt(
		    &r->walk, err, "lines are not what its header counts");
	r->head = *h;
	r->line = 0;
	r->seq = h->first_seq;
	return WQ_OK;
}

/* ---- records ------------------------------------------------------------- */

/* The next line of the loaded member that is not in front of seq: 1 or 0. */
static int
next_line(struct wq_reader *r, uint64_t from, const char **line, size_t *len)
{
	const unsigned char *p, *lf;

	while (r->seq < r->head.first_seq + r->head.records) {
		p = r->json.p + r->line;
		lf = memchr(p, '\n', r->head.json - r->line);
		*line = (const char *)p;
		*len = (size_t)(lf - p) + 1;
		r->line += *len;
		if (r->seq++ >= from)
			return 1;
	}
	return 0;
}

int
wq_read(struct wq_reader *r, const char **line, size_t *len, uint64_t *seq)
{
	const struct wq_range *g = &r->range;
	int rc;

	for (;;) {
		if (r->head.records > 0 && g->to_seq > 0 && r->seq > g->to_seq)
			return 0;
		if (next_line(r, g->from_seq, line, len)) {
			*seq = r->seq - 1;
			return 1;
		}
		if ((rc = next_member(r)) <= 0 || (rc = load(r)) < 0)
			return rc;
	}
}

/* Makes the loaded member or what is to come hold seq, if any does. */
static void
go_to(struct wq_reader *r, uint64_t seq)
{
	const struct wq_walk *w = &r->walk;
	int here = r->head.records > 0 && seq >= r->head.first_seq &&
		   seq < r->head.first_seq + r->head.records;

	r->range = (struct wq_range){.from_seq = seq};
	if (here && seq < r->seq) {
		r->line = 0;
		r->seq = r->head.first_seq;
	}
	if (here)
		return;
	r->head.records = 0;
	r->stalled = 0;
	/* Further on in the open file, when the index says that it is there. */
	if (r->placed && w->open && w->has_line &&
	    seq < w->line.first_seq + w->line.records &&
	    seq >= (r->pending ? w->head.first_seq : w->want))
		r->pending =
		    r->pending && seq < w->head.first_seq + w->head.records;
	else
		place(r);
}

int
wq_get(struct wq_reader *r, uint64_t seq, const char **line, size_t *len)
{
	const struct wq_walk *w = &r->walk;
	int rc, hidden = 0;

	if (seq == 0)
		return 0;
	go_to(r, seq);
	while (!next_line(r, seq, line, len)) {
		rc = next_member(r);
		if (rc > 0 && w->head.first_seq > seq)
			rc = 0;
		if (rc == 0)
			return hidden ? WQ_ECORRUPT : 0;
		if (rc > 0)
			rc = load(r);
		if (rc == WQ_ENOMEM ||
		    (rc < 0 && w->first <= seq && w->last >= seq))
			return rc;
		hidden |= rc < 0 && w->last == 0;
	}
	return 1;
}
