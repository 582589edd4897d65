/* verify.c - is everything in ready/ what FORMAT.md says it is?
 *
 * Two passes: over the files (order of numbers, sequence numbers from file to
 * file, hashes of the index), then over every member as a reader sees it.
 * Files that are missing between two others were consumed or pruned: that is
 * counted, not a fault; but files with neighbouring numbers must join. */
#include <string.h>

#include "queue/format.h"

struct verify {
	const char *dir;
	void (*found)(void *arg, const char *what);
	void *arg;
	struct wq_check *c;
	struct wq_index index;
	uint64_t number, seq; /* of the file before; the next it promises */
};

static void
bad(struct verify *v, const char *name, const char *what)
{
	char path[WQ_PATH_MAX], line[512];

	wq_ready_path(path, "", name);
	snprintf(line, sizeof line, "%.160s: %s", path + 1, what);
	v->c->bad++;
	v->found(v->arg, line);
}

static void
check_order(struct verify *v, const struct wq_entry *e)
{
	if (v->number > 0 && e->number <= v->number)
		bad(v, e->name, "its number is not above the one before");
	if (v->seq > 0 && e->first_seq < v->seq)
		bad(v, e->name,
		    "it repeats sequence numbers of the one before");
	else if (v->number > 0 && e->number == v->number + 1 &&
		 e->first_seq != v->seq)
		bad(v, e->name, "sequence numbers are missing in front of it");
	else
		v->c->taken += e->first_seq - (v->seq > 0 ? v->seq : 1);
	v->number = e->number;
	v->seq = e->first_seq + e->records;
}

static void
check_file(struct verify *v, const char *name)
{
	struct wq_entry e, line;
	int err = wq_entry_scan(v->dir, name, 1, &e);

	if (err != 0 && err != WQ_ECORRUPT && err != WQ_EVERSION)
		return; /* consumed meanwhile, or the reader will tell */
	v->c->files++;
	if (wq_index_find(&v->index, name, e.bytes, &line) &&
	    strcmp(line.sha256, e.sha256) != 0)
		bad(v, name, "its SHA-256 is not the one in index.jsonl");
	if (err == 0)
		check_order(v, &e);
	else
		v->number = v->seq = 0; /* what comes next cannot be joined */
}

static int
check_files(struct verify *v)
{
	struct wq_list l = {0};
	char after[WQ_NAME_MAX] = "";
	int rc;

	wq_index_open(&v->index, v->dir);
	while ((rc = wq_list_day(v->dir, after, &l)) > 0) {
		for (size_t i = 0; i < l.n; i++)
			check_file(v, l.name[i]);
		memcpy(after, l.name[l.n - 1], sizeof after);
	}
	wq_index_close(&v->index);
	wq_list_clear(&l);
	return rc;
}

static int
check_members(struct verify *v)
{
	struct wq_reader *r;
	const char *line;
	char err[512];
	uint64_t seq;
	size_t len;
	int rc;

	if ((rc = wq_reader_open(&r, v->dir, NULL, err, sizeof err)) != 0)
		return rc;
	while ((rc = wq_read(r, &line, &len, &seq)) != 0) {
		if (rc == WQ_ENOMEM)
			break;
		if (rc < 0) {
			v->c->bad++;
			v->found(v->arg, wq_reader_where(r));
			continue;
		}
		v->c->records++;
		v->c->json += len;
	}
	wq_reader_close(r);
	return rc;
}

int
wq_verify(const char *dir, void (*found)(void *arg, const char *what),
    void *arg, struct wq_check *c)
{
	struct verify v = {.found = found, .arg = arg, .c = c};
	char queue[WQ_DIR_MAX], err[64];
	int rc;

	memset(c, 0, sizeof *c);
	if ((rc = wq_find(queue, dir, err, sizeof err)) != 0)
		return rc;
	v.dir = queue;
	rc = check_files(&v);
	return rc != 0 ? rc : check_members(&v);
}
