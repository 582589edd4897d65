/* verify.c - is everything in ready/ what FORMAT.md says it is?
 *
 * Each file is walked as a reader does (walk.c: order, numbers, damage), and
 * each of its members is looked at in full: the checksum over all its bytes,
 * the JSON's own, its lines. A file in which nothing was found is compared
 * with its line of index.jsonl, which sees what was exchanged as a whole. Then
 * come its raw pages (verify_raw.c).
 *
 * Files that are missing between two others were consumed or pruned: that is
 * counted, not a fault; but files with neighbouring numbers must join. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "queue/verify.h"
#include "queue/walk.h"

struct verify {
	void (*found)(void *arg, const char *what);
	void *arg;
	struct wq_check *c;
	struct wq_walk walk;
	unsigned char *member, *json;
	size_t member_cap, json_cap;
	uint64_t next; /* number of the record behind the last that was seen */
};

static void
report(struct verify *v, const char *what)
{
	v->c->bad++;
	if (v->found != NULL)
		v->found(v->arg, what);
}

static void
tell(struct verify *v)
{
	const struct wq_walk *w = &v->walk;

	if (w->last > 0) {
		v->c->lost += w->last - w->first + 1;
		if (w->last >= v->next)
			v->next = w->last + 1;
	}
	report(v, w->where);
}

static int
grow(unsigned char **p, size_t *cap, size_t want)
{
	void *more;

	if (want <= *cap)
		return WQ_OK;
	if ((more = realloc(*p, want + want / 4)) == NULL)
		return WQ_ENOMEM;
	*p = more;
	*cap = want + want / 4;
	return WQ_OK;
}

/* ---- members ------------------------------------------------------------- */

/* What is wrong with a member; NULL: nothing. */
static const char *
check_bytes(struct verify *v)
{
	const struct wq_head *h = &v->walk.head;

	if (wq_walk_read(&v->walk, v->member) != 0)
		return "cannot be read";
	if (wq_member_check(v->member, h) != 0)
		return "block checksum differs";
	if (wq_member_inflate(v->member, h, v->json) != 0)
		return "checksum of its JSON differs";
	if (wq_member_lines(v->json, h) != 0)
		return "lines are not what its header counts";
	return NULL;
}

static int
check_member(struct verify *v)
{
	const struct wq_head *h = &v->walk.head;
	const char *what;

	if (grow(&v->member, &v->member_cap, h->size) != 0 ||
	    grow(&v->json, &v->json_cap, h->json) != 0)
		return WQ_ENOMEM;
	if (h->first_seq > v->next)
		v->c->taken += h->first_seq - v->next;
	v->next = h->first_seq + h->records;
	if ((what = check_bytes(v)) != NULL) {
		wq_walk_spoilt(&v->walk, WQ_ECORRUPT, what);
		tell(v);
		return WQ_OK;
	}
	v->c->records += h->records;
	v->c->json += h->json;
	return WQ_OK;
}

/* ---- files --------------------------------------------------------------- */

/* A file whose every block is good, against its line. */
static void
check_line(struct verify *v, const char *dir)
{
	struct wq_walk *w = &v->walk;
	struct wq_entry e;
	char path[WQ_PATH_MAX], line[512];
	const char *what = NULL;

	if (!w->has_line || wq_entry_scan(dir, w->name, 1, &e) != 0)
		return; /* nothing to compare with, or gone meanwhile */
	if (e.first_seq != w->line.first_seq || e.records != w->line.records)
		what = "holds other records than index.jsonl says";
	else if (e.bytes != w->line.bytes || e.json != w->line.json)
		what = "is not as long as index.jsonl says";
	else if (strcmp(e.sha256, w->line.sha256) != 0)
		what = "its SHA-256 is not the one in index.jsonl";
	if (what == NULL)
		return;
	wq_ready_path(path, "", w->name);
	snprintf(line, sizeof line, "%.160s: %s, though its blocks are good",
	    path + 1, what);
	report(v, line);
}

static void
bad_page(void *arg, const char *what)
{
	report(arg, what);
}

static int
check_file(struct verify *v, const char *name)
{
	struct wq_raw_check pages = {bad_page, v, &v->c->pages};
	uint64_t bad = v->c->bad;
	int rc = wq_walk_open(&v->walk, name);

	if (rc == 0)
		return WQ_OK; /* consumed meanwhile */
	v->c->files++;
	if (rc < 0)
		tell(v);
	while (rc > 0 && (rc = wq_walk_next(&v->walk)) != 0) {
		if (rc < 0)
			tell(v);
		else if ((rc = check_member(v)) < 0)
			return rc;
		rc = 1;
	}
	if (v->c->bad == bad)
		check_line(v, v->walk.dir);
	return wq_verify_raw(v->walk.dir, name, &pages);
}

static int
check_files(struct verify *v)
{
	struct wq_list l = {0};
	char after[WQ_NAME_MAX] = "", *where = v->walk.where;
	int rc, err = WQ_OK;

	while (err == 0 && (rc = wq_list_day(v->walk.dir, after, &l)) != 0) {
		for (size_t i = 0; rc > 0 && err == 0 && i < l.n; i++)
			err = check_file(v, l.name[i]);
		if (rc > 0) {
			memcpy(after, l.name[l.n - 1], sizeof after);
			continue;
		}
		if (!wq_list_behind(&l, after)) {
			err = rc; /* ready/ itself */
			break;
		}
		v->walk.last = 0;
		snprintf(where, sizeof v->walk.where,
		    "ready/%s: cannot be read: %s", l.day,
		    errno != 0 ? strerror(errno) : wq_strerror(rc));
		tell(v);
	}
	wq_list_clear(&l);
	return err;
}

int
wq_verify(const char *dir, void (*found)(void *arg, const char *what),
    void *arg, struct wq_check *c)
{
	struct verify v = {.found = found, .arg = arg, .c = c, .next = 1};
	char queue[WQ_DIR_MAX], err[64];
	int rc;

	memset(c, 0, sizeof *c);
	if ((rc = wq_find(queue, dir, err, sizeof err)) != 0)
		return rc;
	v.walk.dir = queue;
	rc = check_files(&v);
	wq_walk_close(&v.walk);
	free(v.member);
	free(v.json);
	return rc;
}
