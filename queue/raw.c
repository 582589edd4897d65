/* raw.c - the files of raw pages: where they are, what is in them, when they
 * go.
 *
 *	ready/2026-11-21/20261121T031500Z-n1-0000000042.jsonl.gz
 *	raw/2026-11-21/20261121T031500Z-n1-0000000042.warc.gz
 *
 * Invariants
 *  R7  A file of raw pages goes with its sealed file, or at the next prune
 *      behind it. One whose records are still in tmp/ stays: it is looked for
 *      there first, and names only ever move from tmp/ to ready/.
 *  R8  A search trusts no byte: a size that leads astray ends in another
 *      member's first bytes or nowhere, and a member is what it inflates to. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/deflate.h"
#include "queue/warc.h"

#define DATA ".jsonl.gz"
#define RAW ".warc.gz"
#define RECORD_MAX ((size_t)WQ_RAW_MAX + (1 << 20))

void
wq_raw_name(char raw[WQ_NAME_MAX], const char *name)
{
	snprintf(raw, WQ_NAME_MAX, "%.*s" RAW,
	    (int)(strlen(name) - strlen(DATA)), name);
}

int
wq_raw_data_name(char data[WQ_NAME_MAX], const char *raw)
{
	size_t n = strlen(raw), tail = strlen(RAW);

	if (n <= tail || n >= WQ_NAME_MAX - 1 ||
	    strcmp(raw + n - tail, RAW) != 0)
		return 0;
	snprintf(data, WQ_NAME_MAX, "%.*s" DATA, (int)(n - tail), raw);
	return wq_name_parse(data, NULL, NULL);
}

void
wq_raw_path(char path[WQ_PATH_MAX], const char *dir, const char *name)
{
	char raw[WQ_NAME_MAX];

	wq_raw_name(raw, name);
	snprintf(path, WQ_PATH_MAX, "%s/raw/%.4s-%.2s-%.2s/%s", dir, name,
	    name + 4, name + 6, raw);
}

/* ---- all of them --------------------------------------------------------- */

static int
is_seen(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Newest first. */
static int
newer(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*b)->d_name, (*a)->d_name);
}

/* 1: each() wants no more. */
typedef int each_raw(void *arg, const char *path, const char *name);

/* Calls each() with every file of ours in one folder, newest first. */
static int
each_in(const char *folder, each_raw *each, void *arg)
{
	char path[WQ_PATH_MAX], data[WQ_NAME_MAX];
	struct dirent **e;
	int n = scandir(folder, &e, is_seen, newer), rc = 0;

	if (n < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0
							   : wq_error_of(errno);
	for (int i = 0; i < n; i++) {
		if (rc == 0 && wq_raw_data_name(data, e[i]->d_name) &&
		    snprintf(path, sizeof path, "%s/%s", folder, e[i]->d_name) <
			(int)sizeof path)
			rc = each(arg, path, data);
		free(e[i]);
	}
	free(e);
	return rc;
}

static int
each_sealed(const char *dir, each_raw *each, void *arg)
{
	char raw[WQ_PATH_MAX], day[WQ_PATH_MAX];
	struct dirent **e;
	int n, rc = 0;

	snprintf(raw, sizeof raw, "%s/raw", dir);
	if ((n = scandir(raw, &e, is_seen, newer)) < 0)
		return errno == ENOENT ? 0 : wq_error_of(errno);
	for (int i = 0; i < n; i++) {
		if (rc == 0 && snprintf(day, sizeof day, "%s/%s", raw,
				   e[i]->d_name) < (int)sizeof day)
			rc = each_in(day, each, arg);
		free(e[i]);
	}
	free(e);
	return rc;
}

static int
add_size(void *arg, const char *path, const char *name)
{
	struct stat st;

	(void)name;
	if (stat(path, &st) == 0)
		*(uint64_t *)arg += (uint64_t)st.st_size;
	return 0;
}

uint64_t
wq_raw_bytes(const char *dir)
{
	uint64_t bytes = 0;

	each_sealed(dir, add_size, &bytes);
	return bytes;
}

/* ---- removal ------------------------------------------------------------- */

static void
remove_file(char *path)
{
	char *slash = strrchr(path, '/');

	unlink(path);
	*slash = '\0';
	rmdir(path); /* only when the day is empty now */
	*slash = '/';
}

uint64_t
wq_raw_remove(const char *dir, const char *name, int dry)
{
	char path[WQ_PATH_MAX];
	struct stat st;

	wq_raw_path(path, dir, name);
	if (stat(path, &st) < 0)
		return 0;
	if (!dry)
		remove_file(path);
	return (uint64_t)st.st_size;
}

static int
sweep_one(void *arg, const char *path, const char *name)
{
	const char *dir = arg;
	char at[WQ_PATH_MAX];

	/* The order matters: R7. */
	if (snprintf(at, sizeof at, "%s/tmp/%s", dir, name) >= (int)sizeof at ||
	    access(at, F_OK) == 0 || errno != ENOENT)
		return 0;
	wq_ready_path(at, dir, name);
	if (access(at, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR))
		return 0;
	snprintf(at, sizeof at, "%s", path);
	remove_file(at);
	return 0;
}

int
wq_raw_sweep(const char *dir)
{
	char queue[WQ_DIR_MAX], err[64];
	int rc = wq_find(queue, dir, err, sizeof err);

	return rc != 0 ? rc : each_sealed(queue, sweep_one, queue);
}

/* ---- search -------------------------------------------------------------- */

struct search {
	const struct wq_raw_want *want;
	char **record;
	size_t *len;
};

/* The record of a member; its size is what the trailer says and deflate can
 * have made at all (1,032 to 1). NULL: damage. */
static char *
inflate_member(const unsigned char *m, size_t size, size_t *len)
{
	const unsigned char *end = m + size - WQ_TRAILER;
	char *out;

	*len = wq_get32(end + 4);
	if (*len > RECORD_MAX || *len / 1032 > size ||
	    (out = malloc(*len + 1)) == NULL)
		return NULL;
	if (wq_inflate(m + WQ_RAW_HEADER, size - WQ_RAW_HEADER - WQ_TRAILER,
		out, *len) == WQ_OK &&
	    wq_crc32(out, *len) == wq_get32(end))
		return out;
	free(out);
	return NULL;
}

static int
is_wanted(const struct wq_raw_want *w, const struct wq_raw_head *h)
{
	static const uint8_t none[16];

	if (w->id != NULL)
		return memcmp(h->id, w->id, 16) == 0;
	return h->key == w->key && memcmp(h->id, none, 16) != 0;
}

/* The member at the offset, when it is the one. */
static void
look_at(struct search *s, int fd, off_t at, const struct wq_raw_head *h)
{
	unsigned char *m = malloc(h->size);
	char *record = NULL;
	size_t len = 0;

	if (m != NULL && pread(fd, m, h->size, at) == (ssize_t)h->size)
		record = inflate_member(m, h->size, &len);
	free(m);
	if (record == NULL)
		return;
	if (s->want->accept != NULL &&
	    !s->want->accept(s->want->arg, record, len)) {
		free(record);
		return;
	}
	free(*s->record);
	*s->record = record;
	*s->len = len;
}

static int
search_file(void *arg, const char *path, const char *name)
{
	struct search *s = arg;
	unsigned char buf[WQ_RAW_HEADER];
	struct wq_raw_head h;
	struct stat st;
	off_t at = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)name;
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		return 0; /* pruned meanwhile */
	}
	while (pread(fd, buf, sizeof buf, at) == (ssize_t)sizeof buf &&
	       wq_raw_head_parse(buf, sizeof buf, &h) &&
	       (off_t)h.size <= st.st_size - at) {
		if (is_wanted(s->want, &h))
			look_at(s, fd, at, &h);
		at += h.size;
	}
	close(fd);
	return *s->record != NULL;
}

int
wq_raw_find(
    const char *dir, const struct wq_raw_want *want, char **record, size_t *len)
{
	struct search s = {want, record, len};
	char queue[WQ_DIR_MAX], tmp[WQ_PATH_MAX], err[64];
	int rc;

	*record = NULL;
	if ((rc = wq_find(queue, dir, err, sizeof err)) != 0)
		return rc;
	snprintf(tmp, sizeof tmp, "%s/tmp", queue);
	if ((rc = each_in(tmp, search_file, &s)) == 0)
		rc = each_sealed(queue, search_file, &s);
	return rc;
}

/* ---- by its place -------------------------------------------------------- */

static int
read_member(int fd, off_t at, const uint8_t id[16], void **member, size_t *len)
{
	unsigned char buf[WQ_RAW_HEADER];
	struct wq_raw_head h;

	if (pread(fd, buf, sizeof buf, at) != (ssize_t)sizeof buf ||
	    !wq_raw_head_parse(buf, sizeof buf, &h) ||
	    memcmp(h.id, id, sizeof h.id) != 0 || h.size > RECORD_MAX)
		return 0;
	if ((*member = malloc(h.size)) == NULL)
		return WQ_ENOMEM;
	*len = h.size;
	if (pread(fd, *member, *len, at) == (ssize_t)*len)
		return 1;
	free(*member);
	*member = NULL;
	return 0;
}

/* In tmp/ first: names only ever move from there. */
int
wq_raw_read(const char *dir, const struct wq_raw_place *p, const uint8_t id[16],
    void **member, size_t *len)
{
	char queue[WQ_DIR_MAX], path[WQ_PATH_MAX], raw[WQ_NAME_MAX], err[64];
	int rc, fd;

	*member = NULL;
	if (!wq_name_parse(p->name, NULL, NULL))
		return 0;
	if ((rc = wq_find(queue, dir, err, sizeof err)) != 0)
		return rc;
	wq_raw_name(raw, p->name);
	snprintf(path, sizeof path, "%s/tmp/%s", queue, raw);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
		wq_raw_path(path, queue, p->name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return 0;
	rc = read_member(fd, (off_t)p->at, id, member, len);
	close(fd);
	return rc;
}
