/* recover.c - opening a queue for writing, also after a crash.
 *
 * Invariants
 *  R1  The caller's stored position decides. The file it names is cut to it
 *      and, if the position says sealed, renamed; every other file in tmp/
 *      was begun behind it and is removed.
 *  R2  ready/ is only read.
 *  R3  Numbers go on behind the highest that position, ready/ or the old index
 *      know, also when the position is older than ready/ (state put back from
 *      a copy) or lost. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/warc.h"
#include "queue/writer.h"

#define SEAL_BYTES (32 * 1024 * 1024)
#define SEAL_AFTER_MS 60000
#define INDEX_LIMIT (256 * 1024) /* a thousand lines */

static int
fail(int err, const char *what, const char *path, char *errbuf, size_t errlen)
{
	snprintf(errbuf, errlen, "cannot %s '%s': %s; %s", what, path,
	    strerror(errno), wq_advice(errno, path));
	return err;
}

/* ---- directory and lock -------------------------------------------------- */

/* mkdir -p, each folder durable in its parent. all: also one that is there,
 * which may be of a process that was killed behind its mkdir; but a parent that
 * is not ours to read holds none of those. make: 0, and none is made. */
static int
make_dirs(const struct wq_io *io, const char *dir, int all, int make)
{
	char path[WQ_PATH_MAX], parent[WQ_PATH_MAX] = ".";
	size_t n = strlen(dir);
	int made;

	memcpy(path, dir, n + 1);
	parent[0] = dir[0] == '/' ? '/' : '.';
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		path[i] = '\0';
		made = make && io->mkdir(path, 0755) == 0;
		if (make && !made && errno != EEXIST && errno != EISDIR)
			return wq_error_of(errno);
		if ((made || all) && io->dirsync(parent) < 0 &&
		    (made || errno == EIO))
			return wq_error_of(errno);
		memcpy(parent, path, i + 1);
		if (i < n)
			path[i] = '/';
	}
	return WQ_OK;
}

static int
make_tree(struct wq_writer *w, char *errbuf, size_t errlen)
{
	static const char *const below[] = {"tmp", "ready", "cursors"};
	char path[WQ_PATH_MAX];
	struct stat st;
	int err, is_new, made;

	/* Who took the lock before us had made all of it durable. */
	snprintf(path, sizeof path, "%s/tmp/lock", w->dir);
	made = is_new = stat(path, &st) < 0;
	/* Nor is what we had, and is gone, made again (H2 of home.c): it may
	 * have gone since home.c looked. */
	if ((err = make_dirs(w->io, w->dir, is_new, w->lock_fd < 0)) != 0)
		return fail(err, "make", w->dir, errbuf, errlen);
	for (size_t i = 0; i < sizeof below / sizeof below[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", w->dir, below[i]);
		if (w->io->mkdir(path, 0755) < 0) {
			if (errno == EEXIST)
				continue;
			return fail(
			    wq_error_of(errno), "make", path, errbuf, errlen);
		}
		made = 1;
		/* Consumers of the group write cursors, whatever the umask. */
		if (i == 2 && stat(path, &st) == 0)
			chmod(path, (st.st_mode & 07777) | S_IWGRP | S_ISGID);
	}
	if (made && w->io->dirsync(w->dir) < 0)
		return fail(wq_error_of(errno), "sync", w->dir, errbuf, errlen);
	return WQ_OK;
}

/* tmp/lock holds the pid of whoever has it, for the message only. */
static int
take_lock(struct wq_writer *w, char *errbuf, size_t errlen)
{
	char path[WQ_PATH_MAX], pid[24] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "%s/tmp/lock", w->dir);
	if (wq_is_named(path, w->lock_fd))
		return WQ_OK;
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644)) < 0)
		return fail(wq_error_of(errno), "open", path, errbuf, errlen);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		n = pread(fd, pid, sizeof pid - 1, 0);
		close(fd);
		pid[n > 0 ? n : 0] = '\0';
		pid[strspn(pid, "0123456789")] = '\0';
		snprintf(errbuf, errlen,
		    "cannot open queue '%s': locked by pid %s; stop it or "
		    "choose another directory",
		    w->dir, pid[0] != '\0' ? pid : "unknown");
		return WQ_ELOCKED;
	}
	if (w->lock_fd >= 0)
		close(w->lock_fd);
	w->lock_fd = fd;
	n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	/* Without space the lock still holds, only nameless. */
	if (ftruncate(w->lock_fd, 0) == 0 &&
	    pwrite(w->lock_fd, pid, (size_t)n, 0) < 0)
		errno = 0;
	return WQ_OK;
}

/* ---- SCHEMA.json --------------------------------------------------------- */

static int
same_file(const char *path, const char *want)
{
	char buf[4096];
	size_t n, at = 0, len = strlen(want);
	FILE *f;
	int same = 1;

	if ((f = fopen(path, "re")) == NULL)
		return 0;
	while (same && (n = fread(buf, 1, sizeof buf, f)) > 0) {
		same = n <= len - at && memcmp(buf, want + at, n) == 0;
		at += n;
	}
	fclose(f);
	return same && at == len;
}

static int
write_schema(struct wq_writer *w, char *errbuf, size_t errlen)
{
	const char *schema = w->schema;
	char path[WQ_PATH_MAX], tmp[WQ_PATH_MAX];
	int err;

	snprintf(path, sizeof path, "%s/SCHEMA.json", w->dir);
	snprintf(tmp, sizeof tmp, "%s/tmp/SCHEMA.json", w->dir);
	if (schema == NULL || same_file(path, schema))
		return WQ_OK;
	err =
	    wq_replace(w->io, path, tmp, w->dir, schema, strlen(schema), 0644);
	if (err ==
	    WQ_ENOSPC) { /* no reason not to run: the next start has it */
		wq_failed(w, "write", path);
		return WQ_OK;
	}
	return err != 0 ? fail(err, "write", path, errbuf, errlen) : WQ_OK;
}

int
wq_furnish(struct wq_writer *w, char *errbuf, size_t errlen)
{
	struct stat st;
	int err;

	if ((err = make_tree(w, errbuf, errlen)) != 0 ||
	    (err = take_lock(w, errbuf, errlen)) != 0)
		return err;
	if (stat(w->dir, &st) == 0)
		w->dev = st.st_dev;
	return write_schema(w, errbuf, errlen);
}

/* ---- the index and what it knows ----------------------------------------- */

struct known {
	struct wq_writer *w;
	char last[WQ_NAME_MAX];
	uint64_t number, seq; /* highest file, next record */
};

static void
know(void *arg, const struct wq_entry *e)
{
	struct known *k = arg;

	k->w->files++;
	k->w->records += e->records;
	k->w->json += e->json;
	k->w->bytes += e->bytes;
	memcpy(k->last, e->name, sizeof k->last);
	if (e->number > k->number)
		k->number = e->number;
	if (e->first_seq + e->records > k->seq)
		k->seq = e->first_seq + e->records;
}

static int
reindex(struct wq_writer *w, struct known *k, struct wq_index *old)
{
	char path[WQ_PATH_MAX];
	struct stat st;
	int rc;

	k->w = w;
	w->files = w->records = w->json = w->bytes = 0;
	rc = wq_index_rebuild(w->io, w->dir, know, k, old);
	w->index_stale = rc != 0;
	snprintf(path, sizeof path, "%s/index.jsonl", w->dir);
	w->index_len = stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
	w->index_limit = 2 * w->index_len;
	if (w->index_limit < INDEX_LIMIT)
		w->index_limit = INDEX_LIMIT;
	w->bytes += w->index_len + wq_raw_bytes(w->dir);
	if (w->fd >= 0)
		w->bytes += w->put.pos.offset + w->put.pos.raw;
	return rc < 0 ? rc : WQ_OK;
}

int
wq_reindex(struct wq_writer *w, struct wq_index *old)
{
	struct known k = {0};

	return reindex(w, &k, old);
}

/* ---- tmp/ ---------------------------------------------------------------- */

/* Is this name in tmp/ the file of the position, by number and time (the
 * node's name may have changed since)? */
static int
is_of(const struct wq_pos *pos, const char *name)
{
	uint64_t number, opened;

	return pos->offset > 0 && wq_name_parse(name, &number, &opened) &&
	       number == pos->file && opened / 1000 == pos->opened / 1000;
}

/* Finds the file of the position in tmp/ into w->name; removes all others, but
 * for its raw pages. */
static int
sweep(struct wq_writer *w, const struct wq_pos *pos, int *found)
{
	char path[WQ_PATH_MAX], data[WQ_NAME_MAX];
	struct dirent *e;
	DIR *d;

	*found = 0;
	snprintf(path, sizeof path, "%s/tmp", w->dir);
	if ((d = opendir(path)) == NULL)
		return wq_error_of(errno);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, "lock") == 0)
			continue;
		if (pos->raw > 0 && wq_raw_in_tmp(w, e->d_name, data) &&
		    is_of(pos, data))
			continue;
		if (is_of(pos, e->d_name)) {
			memcpy(w->name, e->d_name, strlen(e->d_name) + 1);
			*found = 1;
			continue;
		}
		if (snprintf(path, sizeof path, "%s/tmp/%s", w->dir,
			e->d_name) < (int)sizeof path)
			w->io->unlink(path);
	}
	closedir(d);
	return WQ_OK;
}

/* The hash goes on from the bytes that are there. */
static int
hash_again(struct wq_writer *w)
{
	char buf[65536];
	uint64_t at = 0;
	size_t want;
	ssize_t n;

	wq_sha256_init(&w->put.sha);
	while (at < w->put.pos.offset) {
		want = w->put.pos.offset - at < sizeof buf
			   ? (size_t)(w->put.pos.offset - at)
			   : sizeof buf;
		if ((n = pread(w->fd, buf, want, (off_t)at)) <= 0)
			return WQ_EIO;
		wq_sha256_add(&w->put.sha, buf, (size_t)n);
		at += (uint64_t)n;
	}
	return WQ_OK;
}

/* What a newer version has begun it is to go on with: names, numbers and
 * positions of its own would not fit what is written here. */
static int
refuse_newer(
    const struct wq_writer *w, const char *what, char *errbuf, size_t errlen)
{
	snprintf(errbuf, errlen,
	    "cannot open queue '%s': %s was written by a newer version; let "
	    "that one write here, or choose another directory",
	    w->dir, what);
	return WQ_EVERSION;
}

static int
is_newer(int fd)
{
	unsigned char buf[WQ_HEADER];
	struct wq_head h;
	ssize_t n = pread(fd, buf, sizeof buf, 0);

	return n > 0 && wq_head_parse(buf, (size_t)n, &h) == WQ_EVERSION;
}

/* Opens the file of the position and cuts it there. */
static int
take_up(
    struct wq_writer *w, const struct wq_pos *pos, char *errbuf, size_t errlen)
{
	char path[WQ_PATH_MAX];
	struct stat st;
	int err;

	wq_tmp_path(w, path);
	w->fd = w->io->open(path, O_RDWR, 0644);
	if (w->fd < 0 || fstat(w->fd, &st) < 0)
		return fail(wq_error_of(errno), "open", path, errbuf, errlen);
	if ((uint64_t)st.st_size < pos->offset) {
		snprintf(errbuf, errlen,
		    "'%s' holds %lld bytes where the state counts %llu: the "
		    "disk lost some of its %llu records; move the file away to "
		    "go on without them",
		    path, (long long)st.st_size,
		    (unsigned long long)pos->offset,
		    (unsigned long long)pos->records);
		return WQ_ECORRUPT;
	}
	if (is_newer(w->fd))
		return refuse_newer(w, w->name, errbuf, errlen);
	w->put.pos = *pos;
	if ((err = hash_again(w)) != 0)
		return fail(err, "read", path, errbuf, errlen);
	if ((err = wq_raw_take_up(w, errbuf, errlen)) != 0)
		return err;
	if ((uint64_t)st.st_size > pos->offset &&
	    (w->io->truncate(w->fd, (off_t)pos->offset) < 0 ||
		w->io->fdatasync(w->fd) < 0))
		return fail(wq_error_of(errno), "cut", path, errbuf, errlen);
	return WQ_OK;
}

/* No file is open: the next one begins behind all that is known. */
static void
go_behind(struct wq_writer *w, const struct wq_pos *pos, const struct known *k,
    const struct wq_index *old)
{
	struct wq_pos *p = &w->put.pos;
	uint64_t opened = 0;

	*p = *pos;
	if (k->number > p->file)
		p->file = k->number;
	if (old->top_number > p->file)
		p->file = old->top_number;
	if (k->seq > p->seq)
		p->seq = k->seq;
	if (old->top_seq > p->seq)
		p->seq = old->top_seq;
	if (p->seq == 0)
		p->seq = 1;
	memcpy(w->name, k->last, sizeof w->name);
	if (wq_name_parse(k->last, NULL, &opened) && opened > p->opened)
		p->opened = opened;
	p->sealed = p->file > 0;
	wq_sha256_init(&w->put.sha);
}

/* A file that was begun and never sealed is in no place: tmp/ was emptied, or
 * left out of a copy. Nothing brings its records back, so the writer goes on,
 * but not in silence. */
static void
say_lost(const struct wq_writer *w, const struct wq_pos *pos,
    const struct known *k, const struct wq_index *old, char *errbuf,
    size_t errlen)
{
	if (pos->offset == 0 || pos->sealed || pos->file <= k->number ||
	    pos->file <= old->top_number)
		return;
	snprintf(errbuf, errlen,
	    "the state counts records %llu to %llu in file %llu, which is not "
	    "in '%s/tmp': they are lost, unless you stop now and put a copy of "
	    "it back",
	    (unsigned long long)pos->first_seq,
	    (unsigned long long)(pos->seq - 1), (unsigned long long)pos->file,
	    w->dir);
}

int
wq_recover(struct wq_writer *w, const struct wq_pos *pos, int64_t now_ms,
    char *errbuf, size_t errlen)
{
	struct known k = {0};
	struct wq_index old;
	struct wq_head h;
	int found, err;

	if (pos->sealed > 1)
		return refuse_newer(w, "the stored position", errbuf, errlen);
	if ((err = sweep(w, pos, &found)) != 0)
		return fail(err, "read", w->dir, errbuf, errlen);
	if (found && (err = take_up(w, pos, errbuf, errlen)) != 0)
		return err;
	w->begun_ms = now_ms;
	if (found && pos->opened < (uint64_t)now_ms)
		w->begun_ms = (int64_t)pos->opened;
	if (found && pos->sealed) {
		w->state = WQ_SEALING;
		if ((err = wq_seal_file(w)) != 0)
			return fail(err, "seal", w->name, errbuf, errlen);
		found = 0;
	}
	if ((err = reindex(w, &k, &old)) != 0)
		return fail(err, "read", w->dir, errbuf, errlen);
	if (k.last[0] != '\0' &&
	    wq_head_first(w->dir, k.last, &h) == WQ_EVERSION)
		return refuse_newer(w, k.last, errbuf, errlen);
	if (!found) {
		say_lost(w, pos, &k, &old, errbuf, errlen);
		go_behind(w, pos, &k, &old);
		/* The last file may be one whose rename was done and not made
		 * durable: its writer was killed between the two. Back in tmp/
		 * it would count for nothing once the next one is begun (R1).
		 */
		if (w->name[0] != '\0' && (err = wq_sync_names(w)) != 0)
			return fail(err, "sync", w->dir, errbuf, errlen);
	}
	w->synced = w->committed = w->put;
	return WQ_OK;
}

/* ---- open and close ------------------------------------------------------ */

void
wq_set_bounds(struct wq_writer *w, const struct wq_options *o)
{
	w->seal_bytes =
	    wq_seal_bound(o->seal_bytes > 0 ? o->seal_bytes : SEAL_BYTES);
	w->raw_bytes = wq_seal_bound(INT64_MAX);
	w->seal_after_ms =
	    o->seal_after_ms > 0 ? o->seal_after_ms : SEAL_AFTER_MS;
	w->max_bytes = o->max_bytes;
	w->min_free = o->min_free;
}

static int
set_options(struct wq_writer *w, const char *dir, const struct wq_options *o)
{
	size_t n = strlen(dir);

	if (n == 0 || n >= WQ_DIR_MAX || o == NULL || o->node == NULL ||
	    !wq_node_ok(o->node))
		return WQ_EINVAL;
	while (n > 1 && dir[n - 1] == '/')
		n--;
	memcpy(w->dir, dir, n);
	memcpy(w->node, o->node, strlen(o->node));
	w->io = o->io != NULL ? o->io : &wq_io_system;
	if (o->schema != NULL && (w->schema = strdup(o->schema)) == NULL)
		return WQ_ENOMEM;
	wq_set_bounds(w, o);
	return WQ_OK;
}

int
wq_writer_open(struct wq_writer **out, const char *dir,
    const struct wq_options *o, const struct wq_pos *pos, int64_t now_ms,
    char *errbuf, size_t errlen)
{
	static const struct wq_pos none;
	struct wq_writer *w;
	int err;

	*out = NULL;
	if (errlen > 0)
		errbuf[0] = '\0';
	if ((w = calloc(1, sizeof *w)) == NULL)
		return WQ_ENOMEM;
	w->fd = w->lock_fd = w->raw_fd = -1;
	if ((err = set_options(w, dir, o)) != 0) {
		snprintf(errbuf, errlen,
		    "queue '%s', node '%s': a node is 1 to 32 of A-Z a-z 0-9 "
		    ". _ -, and a path has at most %d bytes",
		    dir, o != NULL && o->node != NULL ? o->node : "",
		    WQ_DIR_MAX - 1);
		goto out;
	}
	if ((err = wq_furnish(w, errbuf, errlen)) != 0 ||
	    (err = wq_recover(
		 w, pos != NULL ? pos : &none, now_ms, errbuf, errlen)) != 0)
		goto out;
	*out = w;
	w = NULL;
out:
	wq_writer_close(w);
	return err;
}

void
wq_writer_close(struct wq_writer *w)
{
	if (w == NULL)
		return;
	if (w->fd >= 0)
		close(w->fd);
	if (w->raw_fd >= 0)
		close(w->raw_fd);
	if (w->lock_fd >= 0)
		close(w->lock_fd);
	free(w->schema);
	free(w);
}
