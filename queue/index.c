/* index.c - index.jsonl, a line for each sealed file.
 *
 * Invariants
 *  X1  The index is derived. A line counts only for a file of its name that
 *      lies in ready/; what has no line is read off the file itself.
 *  X2  Only the holder of the queue's lock writes it: whole, by rename, when
 *      the queue is opened; a seal appends its line in one write, so that its
 *      cost does not grow with the queue. A line that was torn is no line.
 *  X3  The line of a file that is there is kept, also when the file has another
 *      size now: sealed files never change, so the line says what was lost. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/format.h"
#include "queue/sha256.h"

int
wq_entry_print(char *buf, size_t cap, const struct wq_entry *e)
{
	char path[WQ_PATH_MAX];

	wq_ready_path(path, "", e->name);
	return snprintf(buf, cap,
	    "{\"file\":\"%s\",\"number\":%" PRIu64 ",\"first_seq\":\"%" PRIu64
	    "\",\"last_seq\":\"%" PRIu64 "\",\"records\":%" PRIu64
	    ",\"bytes\":%" PRIu64 ",\"json_bytes\":%" PRIu64
	    ",\"sha256\":\"%s\"}\n",
	    path + 1, e->number, e->first_seq, e->first_seq + e->records - 1,
	    e->records, e->bytes, e->json, e->sha256);
}

int
wq_entry_parse(const char *line, struct wq_entry *e)
{
	char again[512];
	uint64_t last, number;

	if (sscanf(line,
		"{\"file\":\"ready/%*10[0-9-]/%95[^\"/]\",\"number\":%" SCNu64
		",\"first_seq\":\"%" SCNu64 "\",\"last_seq\":\"%" SCNu64
		"\",\"records\":%" SCNu64 ",\"bytes\":%" SCNu64
		",\"json_bytes\":%" SCNu64 ",\"sha256\":\"%64[0-9a-f]\"}",
		e->name, &e->number, &e->first_seq, &last, &e->records,
		&e->bytes, &e->json, e->sha256) != 8)
		return 0;
	if (!wq_name_parse(e->name, &number, NULL) || number != e->number ||
	    strlen(e->sha256) != 64 || e->first_seq == 0 || e->records == 0 ||
	    e->first_seq > UINT64_MAX - e->records)
		return 0;
	/* sscanf forgives; the line as we would write it does not. */
	wq_entry_print(again, sizeof again, e);
	return strcmp(again, line) == 0;
}

/* ---- off the file -------------------------------------------------------- */

static int
hash_file(int fd, char hex[65])
{
	struct wq_sha256 s;
	char buf[65536];
	off_t at = 0;
	ssize_t n;

	wq_sha256_init(&s);
	while ((n = pread(fd, buf, sizeof buf, at)) > 0) {
		wq_sha256_add(&s, buf, (size_t)n);
		at += n;
	}
	wq_sha256_hex(&s, hex);
	return n < 0 ? wq_error_of(errno) : WQ_OK;
}

static int
count_members(int fd, struct wq_entry *e)
{
	unsigned char buf[WQ_HEADER];
	struct wq_head h;
	uint64_t at = 0;
	ssize_t n;
	int err, newer = WQ_OK;

	for (; at < e->bytes; at += h.size) {
		if ((n = pread(fd, buf, sizeof buf, (off_t)at)) < 0)
			return wq_error_of(errno);
		err = wq_head_parse(buf, (size_t)n, &h);
		if (err == WQ_EVERSION)
			newer = err; /* its numbers are known all the same */
		else if (err != 0)
			return err;
		if (h.size > e->bytes - at)
			return WQ_ECORRUPT;
		if (at == 0)
			e->first_seq = h.first_seq;
		e->records += h.records;
		e->json += h.json;
	}
	return e->bytes > 0 ? newer : WQ_ECORRUPT;
}

int
wq_entry_scan(const char *dir, const char *name, int sha, struct wq_entry *e)
{
	char path[WQ_PATH_MAX];
	struct stat st;
	int fd, err;

	memset(e, 0, sizeof *e);
	snprintf(e->name, sizeof e->name, "%s", name);
	wq_name_parse(name, &e->number, NULL);
	wq_ready_path(path, dir, name);
	/* A pipe of that name would hold us. */
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
		return wq_error_of(errno);
	if (fstat(fd, &st) < 0) {
		err = wq_error_of(errno);
		goto out;
	}
	e->bytes = (uint64_t)st.st_size;
	err = count_members(fd, e);
	if (sha && (err == 0 || err == WQ_ECORRUPT || err == WQ_EVERSION)) {
		int herr = hash_file(fd, e->sha256);

		err = herr != 0 ? herr : err;
	}
out:
	close(fd);
	return err;
}

/* ---- the file of lines --------------------------------------------------- */

static void
advance(struct wq_index *x)
{
	x->have = 0;
	while (x->f != NULL && getline(&x->line, &x->cap, x->f) > 0) {
		struct wq_entry *e = &x->ahead;

		if (!wq_entry_parse(x->line, e))
			continue;
		if (e->number > x->top_number)
			x->top_number = e->number;
		if (e->first_seq + e->records > x->top_seq)
			x->top_seq = e->first_seq + e->records;
		x->have = 1;
		return;
	}
}

void
wq_index_open(struct wq_index *x, const char *dir)
{
	char path[WQ_PATH_MAX];
	int fd;

	memset(x, 0, sizeof *x);
	snprintf(path, sizeof path, "%s/index.jsonl", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && (x->f = fdopen(fd, "r")) == NULL)
		close(fd);
	advance(x);
}

void
wq_index_close(struct wq_index *x)
{
	if (x->f != NULL)
		fclose(x->f);
	free(x->line);
	x->f = NULL;
	x->line = NULL;
	x->have = 0;
}

static int
find_line(struct wq_index *x, const char *name, struct wq_entry *e)
{
	while (x->have && strcmp(x->ahead.name, name) < 0)
		advance(x);
	if (!x->have || strcmp(x->ahead.name, name) != 0)
		return 0;
	*e = x->ahead;
	return 1;
}

int
wq_index_find(
    struct wq_index *x, const char *name, uint64_t bytes, struct wq_entry *e)
{
	return find_line(x, name, e) && e->bytes == bytes;
}

int
wq_index_append(const struct wq_io *io, const char *dir,
    const struct wq_entry *e, uint64_t *len)
{
	char path[WQ_PATH_MAX], line[512];
	struct stat st;
	int fd, n = wq_entry_print(line, sizeof line, e), err;

	snprintf(path, sizeof path, "%s/index.jsonl", dir);
	if ((fd = io->open(path, O_WRONLY | O_CREAT, 0644)) < 0)
		return wq_error_of(errno);
	if (fstat(fd, &st) < 0 || (uint64_t)st.st_size != *len)
		err = WQ_ECORRUPT; /* somebody took it away */
	else
		err = wq_write_all(io, fd, line, (size_t)n, (off_t)*len);
	close(fd);
	*len += (uint64_t)n;
	return err;
}

/* Lines on their way to a file, through struct wq_io. */
struct out {
	const struct wq_io *io;
	int fd, err; /* the first error: the index is left as it was */
	off_t at;
	size_t n;
	char buf[65536];
};

static void
out_flush(struct out *o)
{
	if (o->err == 0)
		o->err = wq_write_all(o->io, o->fd, o->buf, o->n, o->at);
	o->at += (off_t)o->n;
	o->n = 0;
}

static void
out_entry(struct out *o, const struct wq_entry *e)
{
	if (o->n > sizeof o->buf - 1024)
		out_flush(o);
	o->n += (size_t)wq_entry_print(o->buf + o->n, sizeof o->buf - o->n, e);
}

static void
out_end(struct out *o, const char *dir, const char *tmp, const char *path)
{
	const struct wq_io *io = o->io;

	out_flush(o);
	if (o->err == 0 &&
	    (io->fdatasync(o->fd) < 0 || io->rename(tmp, path) < 0 ||
		io->dirsync(dir) < 0))
		o->err = wq_error_of(errno);
	if (o->fd >= 0)
		close(o->fd);
}

/* One file: its line if it has one, else itself. Damaged ones are counted by
 * name and number and get no line. One that a consumer has just taken away is
 * none. */
static void
one_sealed(const char *dir, const char *name, struct wq_index *old,
    struct out *o, void (*each)(void *, const struct wq_entry *), void *arg)
{
	char path[WQ_PATH_MAX];
	struct wq_entry e;
	struct stat st;
	int err = WQ_OK;

	wq_ready_path(path, dir, name);
	if (stat(path, &st) < 0)
		return;
	if (!find_line(old, name, &e))
		err = wq_entry_scan(dir, name, 1, &e);
	if (err == 0)
		out_entry(o, &e);
	e.bytes = (uint64_t)st.st_size;
	each(arg, &e);
}

int
wq_index_rebuild(const struct wq_io *io, const char *dir,
    void (*each)(void *arg, const struct wq_entry *), void *arg,
    struct wq_index *old)
{
	char path[WQ_PATH_MAX], tmp[WQ_PATH_MAX], after[WQ_NAME_MAX] = "";
	struct wq_list l = {0};
	struct out *o;
	int rc;

	if ((o = calloc(1, sizeof *o)) == NULL)
		return WQ_ENOMEM;
	snprintf(path, sizeof path, "%s/index.jsonl", dir);
	snprintf(tmp, sizeof tmp, "%s/tmp/index.jsonl", dir);
	wq_index_open(old, dir);
	o->io = io;
	o->fd = io->open(tmp, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	o->err = o->fd < 0 ? wq_error_of(errno) : WQ_OK;
	while ((rc = wq_list_day(dir, after, &l)) > 0) {
		for (size_t i = 0; i < l.n; i++)
			one_sealed(dir, l.name[i], old, o, each, arg);
		snprintf(after, sizeof after, "%s", l.name[l.n - 1]);
	}
	while (old->have) /* lines left over may name the highest number */
		advance(old);
	wq_index_close(old);
	out_end(o, dir, tmp, path);
	rc = rc < 0 ? rc : o->err != 0;
	wq_list_clear(&l);
	free(o);
	return rc;
}
