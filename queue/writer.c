/* writer.c - the one hand that writes: put, sync, committed, seal.
 *
 *	          wq_put          wq_sync          wq_committed
 *	 tmp/FILE -------> bytes ---------> durable -----------> counted
 *	                                                |  sealed?
 *	                                                v
 *	               rename to ready/DAY/FILE, sync both folders, index line
 *
 * Three marks, put >= synced >= committed, say how far each step has come.
 * Whatever fails takes put back to a mark: the file is cut there (W2).
 *
 * Invariants
 *  W1  A file is in ready/ only after the transaction that names its last
 *      byte; it is never changed there.
 *  W2  Only tmp/ is cut, and never below the committed mark.
 *  W3  Records of the log have the numbers 1, 2, 3... without a gap, in the
 *      order of the files' names.
 *  W4  After a failed fdatasync nothing since the last good one counts: the
 *      kernel may have dropped those pages and says so only once. */
#include "queue/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "queue/warc.h"

#define DAY_TRIES 16 /* its folder was removed each time */

void
wq_tmp_path(const struct wq_writer *w, char path[WQ_PATH_MAX])
{
	snprintf(path, WQ_PATH_MAX, "%s/tmp/%s", w->dir, w->name);
}

/* Makes the file end where the put mark does. */
static int
cut(struct wq_writer *w)
{
	if (!w->dirty)
		return WQ_OK;
	if (w->io->truncate(w->fd, (off_t)w->put.pos.offset) < 0)
		return wq_failed(w, "cut", NULL);
	w->dirty = 0;
	return WQ_OK;
}

/* Takes the put mark back to an earlier one. What cannot be cut now is
 * remembered as dirty. */
static void
back_to(struct wq_writer *w, const struct wq_mark *m)
{
	char path[WQ_PATH_MAX];

	w->bytes -= w->put.pos.offset + w->put.pos.raw;
	if (w->put.pos.file == m->pos.file)
		w->bytes += m->pos.offset + m->pos.raw;
	if (w->fd >= 0 && w->put.pos.file != m->pos.file) {
		/* Begun since, so the mark is at a sealed file's end. A file
		 * that cannot be removed now is at the next start (R2). */
		wq_tmp_path(w, path);
		w->io->unlink(path);
		close(w->fd);
		w->fd = -1;
		w->dirty = 0;
		wq_raw_drop(w);
	} else if (w->fd >= 0) {
		w->dirty = 1;
		w->raw_dirty = 1;
	}
	w->put = *m;
	w->state = WQ_WRITING;
	if (w->fd >= 0) {
		cut(w);
		wq_raw_cut(w);
	}
}

/* ---- seal ---------------------------------------------------------------- */

static void
index_append(struct wq_writer *w)
{
	struct wq_index old;
	struct wq_entry e = {0};
	int err;

	/* Lines of files that were consumed meanwhile would stay for ever. */
	if (w->index_stale || w->index_len >= w->index_limit) {
		wq_reindex(w, &old);
		return;
	}
	snprintf(e.name, sizeof e.name, "%s", w->name);
	e.number = w->put.pos.file;
	e.first_seq = w->put.pos.first_seq;
	e.records = w->put.pos.records;
	e.bytes = w->put.pos.offset;
	e.json = w->put.pos.json;
	wq_sha256_hex(&w->put.sha, e.sha256);
	err = wq_index_append(w->io, w->dir, &e, &w->index_len);
	w->index_stale = err != 0;
	if (err == WQ_ECORRUPT)
		wq_reindex(w, &old);
}

/* A rename that says ENOENT: the one before was done though it failed. */
static int
is_moved(const char *path, const char *to)
{
	int moved = access(path, F_OK) < 0 && access(to, F_OK) == 0;

	errno = ENOENT;
	return moved;
}

/* A folder that is made is durable before anything is moved there, but for one
 * that is taken away again and again: then wq_sync_names() must do. */
static int
make_day(struct wq_writer *w, const char *day, int tries)
{
	char ready[WQ_PATH_MAX];

	if (w->io->mkdir(day, 0755) < 0)
		return errno == EEXIST ? WQ_OK : wq_failed(w, "make", day);
	snprintf(ready, sizeof ready, "%s/ready", w->dir);
	if (tries < DAY_TRIES / 2 && w->io->dirsync(ready) < 0)
		return wq_failed(w, "sync", ready);
	return WQ_OK;
}

/* A consumer may remove a day that it has emptied at any moment, also between
 * our making it and moving a file there: then once more. */
static int
move_to_ready(struct wq_writer *w)
{
	char path[WQ_PATH_MAX], day[WQ_PATH_MAX], to[WQ_PATH_MAX];
	int err;

	wq_tmp_path(w, path);
	wq_day_path(day, w->dir, w->name);
	wq_ready_path(to, w->dir, w->name);
	for (int tries = 0; tries < DAY_TRIES; tries++) {
		if ((err = make_day(w, day, tries)) != 0)
			return err;
		if (w->io->rename(path, to) == 0 ||
		    (errno == ENOENT && is_moved(path, to))) {
			w->state = WQ_RENAMED;
			return WQ_OK;
		}
		if (errno != ENOENT)
			break;
	}
	return wq_failed(w, "rename", path);
}

int
wq_sync_names(struct wq_writer *w)
{
	char path[WQ_PATH_MAX];

	wq_day_path(path, w->dir, w->name);
	/* A consumer that took the file at once may have removed its day. */
	if (w->io->dirsync(path) < 0 && errno != ENOENT)
		return wq_failed(w, "sync", path);
	/* A day's folder may be older than its entry in ready/ is durable:
	 * made by a process that was killed between the two. */
	snprintf(path, sizeof path, "%s/ready", w->dir);
	if (w->io->dirsync(path) < 0)
		return wq_failed(w, "sync", path);
	snprintf(path, sizeof path, "%s/tmp", w->dir);
	return w->io->dirsync(path) < 0 ? wq_failed(w, "sync", path) : WQ_OK;
}

int
wq_seal_file(struct wq_writer *w)
{
	int err;

	if (w->state == WQ_SEALING &&
	    ((err = wq_raw_seal(w)) != 0 || (err = move_to_ready(w)) != 0))
		return err;
	if ((err = wq_sync_names(w)) != 0)
		return err;
	close(w->fd);
	w->fd = -1;
	w->state = WQ_WRITING;
	return WQ_OK;
}

static int
seal(struct wq_writer *w)
{
	int err;

	if ((err = wq_seal_file(w)) != 0)
		return err;
	w->files++;
	w->records += w->put.pos.records;
	w->json += w->put.pos.json;
	index_append(w);
	return WQ_OK;
}

/* A seal that failed half-way comes before anything else. */
static int
settle(struct wq_writer *w)
{
	if (w->state == WQ_ASKED)
		return WQ_EINVAL; /* its transaction has not been reported */
	return w->state == WQ_WRITING ? WQ_OK : seal(w);
}

/* ---- put ----------------------------------------------------------------- */

/* The name of the next file: behind the last one whatever the clock says. */
static uint64_t
next_name(struct wq_writer *w, int64_t now_ms, char name[WQ_NAME_MAX])
{
	uint64_t ms = now_ms > 0 ? (uint64_t)now_ms : 0;

	if (ms < w->put.pos.opened)
		ms = w->put.pos.opened;
	do {
		wq_name_make(name, ms, w->node, w->put.pos.file + 1);
		ms += 1000;
	} while (strcmp(name, w->name) <= 0);
	return ms - 1000;
}

static int
begin(struct wq_writer *w, int64_t now_ms)
{
	char name[WQ_NAME_MAX], path[WQ_PATH_MAX];
	struct wq_pos *p = &w->put.pos;
	uint64_t opened = next_name(w, now_ms, name);

	snprintf(path, sizeof path, "%s/tmp/%s", w->dir, name);
	w->fd = w->io->open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (w->fd < 0)
		return wq_failed(w, "make", path);
	memcpy(w->name, name, sizeof name);
	w->begun_ms = now_ms;
	w->new_file = 1;
	w->dirty = 0;
	*p = (struct wq_pos){.file = p->file + 1,
	    .seq = p->seq,
	    .first_seq = p->seq,
	    .opened = opened};
	wq_sha256_init(&w->put.sha);
	return WQ_OK;
}

int
wq_put(struct wq_writer *w, const void *member, size_t len, uint32_t records,
    uint64_t json, int64_t now_ms)
{
	struct wq_pos *p = &w->put.pos;
	struct wq_head h;
	int err;

	if ((err = wq_home(w)) != 0 || (err = settle(w)) != 0)
		return err;
	if (wq_head_parse(member, len, &h) != 0 || h.size != len ||
	    h.records != records || h.json != json || h.first_seq != p->seq)
		return WQ_EINVAL;
	if (w->fd < 0 && (err = begin(w, now_ms)) != 0)
		return err;
	if ((err = cut(w)) != 0)
		return err;
	err = wq_write_all(w->io, w->fd, member, len, (off_t)p->offset);
	if (err != 0) {
		wq_failed(w, "write", NULL);
		w->dirty = 1;
		cut(w);
		return err;
	}
	wq_sha256_add(&w->put.sha, member, len);
	p->offset += len;
	p->seq += records;
	p->records += records;
	p->json += json;
	w->bytes += len;
	return WQ_OK;
}

uint64_t
wq_next_seq(const struct wq_writer *w)
{
	return w->put.pos.seq;
}

/* ---- sync and commit ----------------------------------------------------- */

static int
make_durable(struct wq_writer *w)
{
	char path[WQ_PATH_MAX];
	int err, new_raw;

	if ((err = cut(w)) != 0 || (err = wq_raw_sync(w, &new_raw)) != 0)
		return err;
	if (w->io->fdatasync(w->fd) < 0)
		return wq_failed(w, "sync", NULL);
	if (w->new_file || new_raw) {
		snprintf(path, sizeof path, "%s/tmp", w->dir);
		if (w->io->dirsync(path) < 0)
			return wq_failed(w, "sync", path);
		w->new_file = w->raw_new = 0;
	}
	return WQ_OK;
}

int64_t
wq_seal_due(const struct wq_writer *w, int64_t now_ms)
{
	int64_t age = now_ms - w->begun_ms;

	if (w->fd < 0 || w->put.pos.offset == 0)
		return -1;
	/* A clock that went back by an hour must not hold the file for one. */
	if (age < 0 || age >= w->seal_after_ms ||
	    w->put.pos.offset >= (uint64_t)w->seal_bytes ||
	    w->put.pos.raw >= (uint64_t)w->raw_bytes)
		return 0;
	return w->seal_after_ms - age;
}

int
wq_sync(struct wq_writer *w, int seal_now, int64_t now_ms, struct wq_pos *pos)
{
	int err;

	if (w->state == WQ_ASKED) { /* asked again: the same answer */
		*pos = w->synced.pos;
		return WQ_OK;
	}
	if ((err = wq_home(w)) != 0) {
		if (w->state == WQ_WRITING)
			back_to(w, &w->synced);
		return err;
	}
	if ((err = settle(w)) != 0)
		return err;
	if (w->fd >= 0 && w->put.pos.offset > 0) {
		if (w->put.pos.offset != w->synced.pos.offset ||
		    w->put.pos.raw != w->synced.pos.raw ||
		    w->put.pos.file != w->synced.pos.file || w->dirty ||
		    w->raw_dirty) {
			if ((err = make_durable(w)) != 0 ||
			    (err = wq_home(w)) != 0) {
				back_to(w, &w->synced);
				return err;
			}
		}
		if (seal_now || wq_seal_due(w, now_ms) == 0) {
			w->put.pos.sealed = 1;
			w->state = WQ_ASKED;
		}
		w->synced = w->put;
	}
	*pos = w->synced.pos;
	return WQ_OK;
}

int
wq_committed(struct wq_writer *w, const struct wq_pos *pos)
{
	if (memcmp(pos, &w->synced.pos, sizeof *pos) != 0)
		return WQ_EINVAL;
	w->committed = w->synced;
	if (w->state == WQ_ASKED)
		w->state = WQ_SEALING;
	return w->state == WQ_WRITING ? WQ_OK : seal(w);
}

int
wq_rollback(struct wq_writer *w)
{
	int err;

	if (w->state == WQ_SEALING || w->state == WQ_RENAMED)
		return seal(w);
	back_to(w, &w->committed);
	w->synced = w->committed;
	if (w->fd < 0)
		return WQ_OK;
	return (err = cut(w)) != 0 ? err : wq_raw_cut(w);
}
