/* prune.c - what may go of the sealed files.
 *
 * Invariants
 *  P1  No file is removed that holds a record some cursor has not passed: the
 *      cursors are read again for each file, while none can be made or taken
 *      back. A cursor that cannot be read holds everything.
 *  P2  The newest file stays, so that numbering goes on behind it whatever
 *      becomes of the state.
 *  P3  A consumer that holds the lock, perhaps stopped, does not hold the
 *      caller, who may be the daemon: WQ_EBUSY, and what is done is done. */
#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/cursor.h"
#include "queue/warc.h"

struct prune {
	char dir[WQ_DIR_MAX];
	char held[WQ_NAME_MAX]; /* the file before: it goes when one follows */
	uint64_t held_bytes;
	uint64_t held_last; /* its last record; UINT64_MAX: it cannot be told */
	int64_t before_ms;
	int dry;
	void (*each)(void *arg, const char *path, uint64_t bytes);
	void *arg;
};

/* One that is old enough, whatever the cursors say of it. */
static void
take(struct prune *p, struct wq_index *x, const char *name, uint64_t bytes)
{
	struct wq_entry e;
	uint64_t opened = 0;

	wq_name_parse(name, NULL, &opened);
	if (opened > INT64_MAX || (int64_t)opened >= p->before_ms)
		return;
	memcpy(p->held, name, strlen(name) + 1);
	p->held_bytes = bytes;
	p->held_last = UINT64_MAX;
	if (wq_index_find(x, name, p->held_bytes, &e) ||
	    wq_entry_scan(p->dir, name, 0, &e) == 0)
		p->held_last = e.first_seq + e.records - 1;
}

static int
remove_file(char *path)
{
	char *slash = strrchr(path, '/');

	if (unlink(path) < 0 && errno != ENOENT)
		return wq_error_of(errno);
	*slash = '\0';
	rmdir(path); /* only when the day is empty now */
	*slash = '/';
	return 1;
}

/* A damaged file (held_last) goes for its age alone, and only when there is
 * no cursor: verify tells, a person decides. */
static int
remove_if_passed(struct prune *p, char *path)
{
	uint64_t lowest;
	int fd, rc;

	fd = wq_cursors_lock(p->dir, LOCK_SH | LOCK_NB);
	if (fd < 0 && fd != WQ_ENODIR)
		return fd;
	rc = wq_cursors_each(p->dir, NULL, NULL, &lowest);
	if (rc == 0 && p->held_last <= lowest)
		rc = p->dry ? 1 : remove_file(path);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int
let_go(struct prune *p)
{
	char path[WQ_PATH_MAX];
	int rc;

	if (p->held[0] == '\0')
		return WQ_OK;
	wq_ready_path(path, p->dir, p->held);
	if ((rc = remove_if_passed(p, path)) > 0) {
		p->held_bytes += wq_raw_remove(p->dir, p->held, p->dry);
		if (p->each != NULL)
			p->each(p->arg, path, p->held_bytes);
	}
	p->held[0] = '\0';
	return rc < 0 ? rc : WQ_OK;
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
	char path[WQ_PATH_MAX], after[WQ_NAME_MAX] = "", err[64];
	int rc;

	if ((rc = wq_find(p.dir, dir, err, sizeof err)) != 0)
		return rc;
	wq_index_open(&x, p.dir);
	while ((rc = wq_list_day(p.dir, after, &l)) > 0) {
		for (size_t i = 0; i < l.n; i++) {
			wq_ready_path(path, p.dir, l.name[i]);
			if (stat(path, &st) < 0)
				continue; /* consumed meanwhile */
			if ((rc = let_go(&p)) != 0)
				goto out;
			take(&p, &x, l.name[i], (uint64_t)st.st_size);
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
