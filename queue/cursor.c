/* cursor.c - how far each named consumer has come, and what may go.
 *
 * cursors/NAME holds one line, the sequence number up to which NAME has
 * acknowledged.
 *
 * Invariants
 *  C1  A cursor is replaced by rename after fsync: it is the old number or
 *      the new one, never a torn one.
 *  C2  No file is removed that holds a record some cursor has not passed, and
 *      a cursor that cannot be read holds everything. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/format.h"
#include "queue/warc.h"

static int
read_cursor(const char *path, uint64_t *acked)
{
	char line[32], *end;
	FILE *f;
	int err = WQ_OK;

	*acked = 0;
	if ((f = fopen(path, "re")) == NULL)
		return errno == ENOENT ? WQ_OK : wq_error_of(errno);
	if (fgets(line, sizeof line, f) == NULL || line[0] < '0' ||
	    line[0] > '9') {
		err = WQ_ECORRUPT;
	} else {
		errno = 0;
		*acked = strtoull(line, &end, 10);
		if (errno != 0 || *end != '\n')
			err = WQ_ECORRUPT;
	}
	fclose(f);
	return err;
}

static int
cursor_path(char path[WQ_PATH_MAX], const char *dir, const char *name)
{
	char queue[WQ_DIR_MAX], err[64];
	int rc;

	if (!wq_node_ok(name) || name[0] == '.')
		return WQ_EINVAL;
	if ((rc = wq_find(queue, dir, err, sizeof err)) != 0)
		return rc;
	snprintf(path, WQ_PATH_MAX, "%s/cursors/%.32s", queue, name);
	return WQ_OK;
}

int
wq_cursor_get(const char *dir, const char *name, uint64_t *acked)
{
	char path[WQ_PATH_MAX];
	int err;

	if ((err = cursor_path(path, dir, name)) != 0)
		return err;
	return read_cursor(path, acked);
}

int
wq_cursor_set(const char *dir, const char *name, uint64_t acked)
{
	char path[WQ_PATH_MAX], tmp[WQ_PATH_MAX + 64], folder[WQ_PATH_MAX];
	char line[32];
	int err, n;

	if ((err = cursor_path(path, dir, name)) != 0)
		return err;
	n = (int)(strrchr(path, '/') - path);
	snprintf(folder, sizeof folder, "%.*s", n, path);
	snprintf(
	    tmp, sizeof tmp, "%s/.%.32s.%ld", folder, name, (long)getpid());
	if (wq_io_system.mkdir(folder, 0775) < 0 && errno != EEXIST)
		return wq_error_of(errno);
	n = snprintf(line, sizeof line, "%" PRIu64 "\n", acked);
	err =
	    wq_replace(&wq_io_system, path, tmp, folder, line, (size_t)n, 0664);
	if (err != 0)
		unlink(tmp);
	return err;
}

static int
each_cursor(const char *queue,
    void (*each)(void *arg, const char *name, uint64_t acked), void *arg,
    uint64_t *lowest)
{
	char path[WQ_PATH_MAX];
	struct dirent *e;
	uint64_t acked;
	DIR *d;
	int err = WQ_OK;

	*lowest = UINT64_MAX;
	snprintf(path, sizeof path, "%s/cursors", queue);
	if ((d = opendir(path)) == NULL)
		return errno == ENOENT ? WQ_OK : wq_error_of(errno);
	while (err == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || !wq_node_ok(e->d_name))
			continue;
		snprintf(
		    path, sizeof path, "%s/cursors/%.32s", queue, e->d_name);
		if ((err = read_cursor(path, &acked)) != 0)
			break;
		if (each != NULL)
			each(arg, e->d_name, acked);
		if (acked < *lowest)
			*lowest = acked;
	}
	closedir(d);
	return err;
}

int
wq_cursor_each(const char *dir,
    void (*each)(void *arg, const char *name, uint64_t acked), void *arg,
    uint64_t *lowest)
{
	char queue[WQ_DIR_MAX], err[64];
	int rc;

	if ((rc = wq_find(queue, dir, err, sizeof err)) != 0)
		return rc;
	return each_cursor(queue, each, arg, lowest);
}

/* ---- prune --------------------------------------------------------------- */

struct prune {
	char dir[WQ_DIR_MAX];
	char held[WQ_NAME_MAX]; /* the file before: it goes when one follows */
	uint64_t held_bytes, lowest;
	int64_t before_ms;
	int dry;
	void (*each)(void *arg, const char *path, uint64_t bytes);
	void *arg;
};

static int
may_go(struct prune *p, struct wq_index *x, const char *name, uint64_t bytes)
{
	struct wq_entry e;
	uint64_t opened = 0;

	wq_name_parse(name, NULL, &opened);
	if (opened > INT64_MAX || (int64_t)opened >= p->before_ms)
		return 0;
	if (p->lowest == UINT64_MAX)
		return 1;
	if (!wq_index_find(x, name, bytes, &e) &&
	    wq_entry_scan(p->dir, name, 0, &e) != 0)
		return 0; /* damaged: verify tells, a person decides */
	return e.first_seq + e.records - 1 <= p->lowest;
}

static int
let_go(struct prune *p)
{
	char path[WQ_PATH_MAX], *slash;

	if (p->held[0] == '\0')
		return WQ_OK;
	wq_ready_path(path, p->dir, p->held);
	if (!p->dry) {
		if (unlink(path) < 0 && errno != ENOENT)
			return wq_error_of(errno);
		slash = strrchr(path, '/');
		*slash = '\0';
		rmdir(path); /* only when the day is empty now */
		*slash = '/';
	}
	p->held_bytes += wq_raw_remove(p->dir, p->held, p->dry);
	p->held[0] = '\0';
	if (p->each != NULL)
		p->each(p->arg, path, p->held_bytes);
	return WQ_OK;
}

int
wq_prune(const char *dir, int64_t before_ms, int dry,
    void (*each)(void *arg, const char *path, uint64_t bytes), void *arg)
{
	struct prune p = {
	    .before_ms = before_ms, .dry = dry, .each = each, .arg = arg};
	struct wq_list l = {0};
	struct wq_index x;
	struct stat st;
	char after[WQ_NAME_MAX] = "", path[WQ_PATH_MAX], err[64];
	int rc;

	if ((rc = wq_find(p.dir, dir, err, sizeof err)) != 0 ||
	    (rc = each_cursor(p.dir, NULL, NULL, &p.lowest)) != 0)
		return rc;
	wq_index_open(&x, p.dir);
	while ((rc = wq_list_day(p.dir, after, &l)) > 0) {
		for (size_t i = 0; i < l.n; i++) {
			if ((rc = let_go(&p)) != 0)
				goto out;
			wq_ready_path(path, p.dir, l.name[i]);
			if (stat(path, &st) < 0 ||
			    !may_go(&p, &x, l.name[i], (uint64_t)st.st_size))
				continue;
			memcpy(p.held, l.name[i], sizeof p.held);
			p.held_bytes = (uint64_t)st.st_size;
		}
		memcpy(after, l.name[l.n - 1], sizeof after);
	}
	if (rc == 0 && !dry)
		rc = wq_raw_sweep(p.dir);
out:
	wq_index_close(&x);
	wq_list_clear(&l);
	return rc;
}
