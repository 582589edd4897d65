/* raw_write.c - the raw pages that go with the file being written.
 *
 *	tmp/STEM.jsonl.gz	the records
 *	tmp/STEM.warc.gz	their pages, when the caller gives any
 *
 * They share the marks of writer.c: struct wq_pos.raw says how many bytes of
 * the second count, as offset does of the first.
 *
 * Invariants
 *  R4  Raw pages are in raw/, durably, before their records are in ready/: what
 *      a reader finds there has its pages.
 *  R5  Only tmp/ is cut, and never below the committed mark (as W2).
 *  R6  A file begins with its warcinfo; one without a page is not kept. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/warc.h"
#include "queue/writer.h"

static void
tmp_path(const struct wq_writer *w, char path[WQ_PATH_MAX])
{
	char raw[WQ_NAME_MAX];

	wq_raw_name(raw, w->name);
	snprintf(path, WQ_PATH_MAX, "%s/tmp/%s", w->dir, raw);
}

/* In words of its own path. */
static int
failed(struct wq_writer *w, const char *what)
{
	char path[WQ_PATH_MAX];
	int saved = errno;

	tmp_path(w, path);
	errno = saved;
	return wq_failed(w, what, path);
}

int
wq_raw_cut(struct wq_writer *w)
{
	if (w->raw_fd < 0 || !w->raw_dirty)
		return WQ_OK;
	if (w->io->truncate(w->raw_fd, (off_t)w->put.pos.raw) < 0)
		return failed(w, "cut");
	w->raw_dirty = 0;
	return WQ_OK;
}

/* All of it, or nothing counts. */
static int
append(struct wq_writer *w, const void *buf, size_t len)
{
	int err =
	    wq_write_all(w->io, w->raw_fd, buf, len, (off_t)w->put.pos.raw);

	if (err != 0) {
		err = failed(w, "write");
		w->raw_dirty = 1;
		wq_raw_cut(w);
		return err;
	}
	w->put.pos.raw += len;
	w->bytes += len;
	return WQ_OK;
}

static int
begin(struct wq_writer *w)
{
	char path[WQ_PATH_MAX], raw[WQ_NAME_MAX];
	void *info;
	size_t len;
	int err;

	if (w->raw_fd < 0) {
		tmp_path(w, path);
		w->raw_fd = w->io->open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
		if (w->raw_fd < 0)
			return failed(w, "make");
		w->raw_new = 1;
		w->raw_dirty = 0;
	}
	if ((err = wq_raw_cut(w)) != 0)
		return err;
	wq_raw_name(raw, w->name);
	err = wq_warc_info(raw, (int64_t)w->put.pos.opened, &info, &len);
	if (err != 0)
		return err;
	err = append(w, info, len);
	free(info);
	return err;
}

/* Members of ours, and nothing between or behind them. */
static int
are_members(const char *p, size_t len)
{
	struct wq_raw_head h;

	while (len > 0) {
		if (!wq_raw_head_parse(p, len, &h) || h.size > len)
			return 0;
		p += h.size;
		len -= h.size;
	}
	return 1;
}

int
wq_put_raw(struct wq_writer *w, const void *members, size_t len)
{
	int err;

	if (w->state != WQ_WRITING || w->fd < 0 || w->put.pos.offset == 0 ||
	    !are_members(members, len))
		return WQ_EINVAL;
	if (len == 0)
		return WQ_OK;
	if (w->put.pos.raw == 0 && (err = begin(w)) != 0)
		return err;
	if ((err = wq_raw_cut(w)) != 0)
		return err;
	return append(w, members, len);
}

void
wq_raw_end(const struct wq_writer *w, struct wq_raw_place *p)
{
	_Static_assert(sizeof p->name == WQ_NAME_MAX, "names fit");
	memcpy(p->name, w->name, sizeof p->name);
	p->at = w->put.pos.raw;
}

/* A commit without pages needs no sync of theirs. */
static int
is_synced(const struct wq_writer *w)
{
	return !w->raw_new && !w->raw_dirty &&
	       w->put.pos.raw == w->synced.pos.raw &&
	       w->put.pos.file == w->synced.pos.file;
}

int
wq_raw_sync(struct wq_writer *w, int *named)
{
	int err;

	*named = 0;
	if (w->raw_fd < 0 || is_synced(w))
		return WQ_OK;
	if ((err = wq_raw_cut(w)) != 0)
		return err;
	if (w->io->fdatasync(w->raw_fd) < 0)
		return failed(w, "sync");
	*named = w->raw_new;
	return WQ_OK;
}

void
wq_raw_drop(struct wq_writer *w)
{
	char path[WQ_PATH_MAX];

	if (w->raw_fd < 0)
		return;
	tmp_path(w, path);
	w->io->unlink(path);
	close(w->raw_fd);
	w->raw_fd = -1;
	w->raw_dirty = 0;
}

/* ---- seal ---------------------------------------------------------------- */

static int
make_folder(struct wq_writer *w, const char *path)
{
	return w->io->mkdir(path, 0755) < 0 && errno != EEXIST
		   ? wq_failed(w, "make", path)
		   : WQ_OK;
}

/* Both may be repeated: renamed before, but perhaps not durably; or renamed by
 * the process before this one. Where it is still there, the day's folder was
 * removed by somebody who had emptied it. */
static int
move_to_raw(struct wq_writer *w, const char *to)
{
	char from[WQ_PATH_MAX];

	if (w->raw_fd < 0)
		return WQ_OK;
	tmp_path(w, from);
	if (w->io->rename(from, to) < 0 &&
	    (errno != ENOENT || access(from, F_OK) == 0))
		return wq_failed(w, "move a file to", to);
	close(w->raw_fd);
	w->raw_fd = -1;
	return WQ_OK;
}

int
wq_raw_seal(struct wq_writer *w)
{
	char raw[WQ_PATH_MAX], day[WQ_PATH_MAX], to[WQ_PATH_MAX];
	int err;

	if (w->put.pos.raw == 0) {
		wq_raw_drop(w); /* R6 */
		return WQ_OK;
	}
	snprintf(raw, sizeof raw, "%s/raw", w->dir);
	wq_raw_path(to, w->dir, w->name);
	snprintf(day, sizeof day, "%.*s", (int)(strrchr(to, '/') - to), to);
	if ((err = make_folder(w, raw)) != 0 ||
	    (err = make_folder(w, day)) != 0 || (err = move_to_raw(w, to)) != 0)
		return err;
	/* Folders may be older than their names are durable, as in ready/. */
	if (w->io->dirsync(day) < 0)
		return wq_failed(w, "sync", day);
	if (w->io->dirsync(raw) < 0)
		return wq_failed(w, "sync", raw);
	return w->io->dirsync(w->dir) < 0 ? wq_failed(w, "sync", w->dir)
					  : WQ_OK;
}

/* ---- after a start ------------------------------------------------------- */

int
wq_raw_in_tmp(
    const struct wq_writer *w, const char *raw, char data[WQ_NAME_MAX])
{
	char path[WQ_PATH_MAX];

	return wq_raw_data_name(data, raw) &&
	       snprintf(path, sizeof path, "%s/tmp/%s", w->dir, data) <
		   (int)sizeof path &&
	       access(path, F_OK) == 0;
}

/* Renamed before the process ended, when the position says sealed; else taken
 * away: nothing brings the pages back, so the writer goes on without them, but
 * not in silence. */
static void
go_without(struct wq_writer *w, const char *path, char *errbuf, size_t errlen)
{
	if (w->put.pos.sealed)
		return;
	snprintf(errbuf, errlen,
	    "the state counts raw pages in '%s', which is not there: those of "
	    "records %llu to %llu are lost, unless you stop now and put a copy "
	    "of it back",
	    path, (unsigned long long)w->put.pos.first_seq,
	    (unsigned long long)(w->put.pos.seq - 1));
	w->put.pos.raw = 0;
}

int
wq_raw_take_up(struct wq_writer *w, char *errbuf, size_t errlen)
{
	char path[WQ_PATH_MAX];
	struct stat st;

	if (w->put.pos.raw == 0)
		return WQ_OK;
	tmp_path(w, path);
	if (access(path, F_OK) < 0 && errno == ENOENT) {
		go_without(w, path, errbuf, errlen);
		return WQ_OK;
	}
	w->raw_fd = w->io->open(path, O_RDWR, 0644);
	if (w->raw_fd < 0 || fstat(w->raw_fd, &st) < 0) {
		snprintf(errbuf, errlen, "cannot open '%s': %s; %s", path,
		    strerror(errno), wq_advice(errno, path));
		return wq_error_of(errno);
	}
	if ((uint64_t)st.st_size < w->put.pos.raw) {
		snprintf(errbuf, errlen,
		    "'%s' holds %lld bytes where the state counts %llu: the "
		    "disk lost some of its raw pages; move the file away to go "
		    "on without them",
		    path, (long long)st.st_size,
		    (unsigned long long)w->put.pos.raw);
		return WQ_ECORRUPT;
	}
	w->raw_dirty = (uint64_t)st.st_size > w->put.pos.raw;
	if (wq_raw_cut(w) != 0) {
		snprintf(errbuf, errlen, "%s", w->trouble);
		return WQ_EIO;
	}
	return WQ_OK;
}
