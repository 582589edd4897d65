/* reader.c - the records of the sealed files, in log order.
 *
 * A reader needs no lock and no index: it lists ready/ a day at a time, finds
 * the first wanted file by looking at first members, passes over members by
 * their header, and inflates the rest one at a time.
 *
 * Invariants
 *  D1  What is given out was checked: header field, length, CRC, line ends.
 *  D2  Damage costs the member it is in. Where a header is damaged, the next
 *      good one in that file is searched for. Each damage is told once.
 *  D3  A file that vanishes while we look was consumed by somebody: no error.
 *  D4  Memory is that of the largest member and of one day's names. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/format.h"

#define HOUR_MS 3600000
#define DAY_MS 86400000

struct buffer {
	unsigned char *p;
	size_t cap;
};

struct wq_reader {
	char dir[WQ_DIR_MAX];
	char where[WQ_NAME_MAX + 256];
	struct wq_list day;
	size_t next;            /* of day: the file to open */
	char name[WQ_NAME_MAX]; /* of the file that is open, or was last */
	int fd;
	uint64_t at, size; /* in that file */
	struct wq_range range;
	uint64_t first, last; /* records passed over by the damage told last */
	struct buffer in, json;
	struct wq_head head;
	size_t line, end; /* in json: what is not given out yet */
	uint64_t seq;     /* of that line */
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

static int
only_file(struct wq_reader *r, const char *file, char *errbuf, size_t errlen)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash != NULL ? slash + 1 : file;
	char path[WQ_PATH_MAX];
	struct stat st;

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
		return WQ_EGONE;
	}
	if ((r->day.name = malloc(sizeof *r->day.name)) == NULL)
		return WQ_ENOMEM;
	snprintf(r->day.name[0], WQ_NAME_MAX, "%s", name);
	r->day.n = r->day.cap = 1;
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
	if ((err = wq_find(r->dir, dir, errbuf, errlen)) != 0) {
		free(r);
		return err;
	}
	r->fd = -1;
	if (range != NULL)
		r->range = *range;
	if (r->range.file != NULL &&
	    (err = only_file(r, r->range.file, errbuf, errlen)) != 0) {
		wq_reader_close(r);
		return err;
	}
	*out = r;
	return WQ_OK;
}

void
wq_reader_close(struct wq_reader *r)
{
	if (r == NULL)
		return;
	if (r->fd >= 0)
		close(r->fd);
	wq_list_clear(&r->day);
	free(r->in.p);
	free(r->json.p);
	free(r);
}

const char *
wq_reader_where(const struct wq_reader *r)
{
	return r->where;
}

int
wq_reader_skipped(const struct wq_reader *r, uint64_t *first, uint64_t *last)
{
	*first = r->first;
	*last = r->last;
	return r->first > 0;
}

static int
damage(struct wq_reader *r, int err, const char *what)
{
	char path[WQ_PATH_MAX];

	wq_ready_path(path, "", r->name);
	snprintf(r->where, sizeof r->where, "%.120s at %" PRIu64 ": %s",
	    path + 1, r->at, what);
	r->first = r->last = 0;
	return err;
}

/* ---- files --------------------------------------------------------------- */

/* First sequence number of a file, 0 when it cannot be told. */
static uint64_t
first_seq(const struct wq_reader *r, const char *name)
{
	unsigned char buf[WQ_HEADER];
	char path[WQ_PATH_MAX];
	struct wq_head h;
	uint64_t seq = 0;
	int fd;

	wq_ready_path(path, r->dir, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return 0;
	if (pread(fd, buf, sizeof buf, 0) == (ssize_t)sizeof buf &&
	    wq_head_parse(buf, sizeof buf, &h) == 0)
		seq = h.first_seq;
	close(fd);
	return seq;
}

/* The last file of the day that begins at or before from_seq; one whose first
 * header cannot be read may hold anything, so it is not passed over. */
static size_t
first_wanted(const struct wq_reader *r)
{
	size_t lo = 0, hi = r->day.n, mid;
	uint64_t seq;

	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		seq = first_seq(r, r->day.name[mid]);
		if (seq != 0 && seq <= r->range.from_seq)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* By the times in its name and the next one's: a record of a file was
 * downloaded before the next file was begun. Clocks that were set, and blocks
 * that waited for room, are allowed for. */
static int
may_hold(const struct wq_reader *r)
{
	const struct wq_range *g = &r->range;
	uint64_t opened = 0, next = 0;

	wq_name_parse(r->name, NULL, &opened);
	if (g->until_ms > 0 && opened > (uint64_t)g->until_ms + DAY_MS)
		return 0;
	return g->since_ms < HOUR_MS || r->next >= r->day.n ||
	       !wq_name_parse(r->day.name[r->next], NULL, &next) ||
	       next >= (uint64_t)(g->since_ms - HOUR_MS);
}

/* Opens the next sealed file: 1, 0 when there is none yet, or an error. */
static int
next_file(struct wq_reader *r)
{
	char path[WQ_PATH_MAX];
	struct stat st;
	int rc;

	for (;;) {
		if (r->next >= r->day.n) {
			if (r->range.file != NULL)
				return 0;
			rc = wq_list_day(r->dir, r->name, &r->day);
			r->next = 0;
			if (rc < 0)
				snprintf(r->where, sizeof r->where,
				    "ready/: %s", wq_strerror(rc));
			if (rc <= 0)
				return rc;
			if (r->range.from_seq > 0)
				r->next = first_wanted(r);
		}
		memcpy(r->name, r->day.name[r->next++], sizeof r->name);
		if (!may_hold(r))
			continue;
		wq_ready_path(path, r->dir, r->name);
		r->at = 0;
		if ((r->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
			if (errno == ENOENT)
				continue;
			return damage(r, WQ_EIO, strerror(errno));
		}
		if (fstat(r->fd, &st) == 0 && S_ISREG(st.st_mode)) {
			r->size = (uint64_t)st.st_size;
			return 1;
		}
		close(r->fd);
		r->fd = -1;
		return damage(r, WQ_EIO, "not a plain file");
	}
}

static void
close_file(struct wq_reader *r)
{
	close(r->fd);
	r->fd = -1;
}

/* ---- members ------------------------------------------------------------- */

static int
read_at(struct wq_reader *r, void *buf, size_t len, uint64_t at)
{
	char *p = buf;
	ssize_t n;

	while (len > 0) {
		n = pread(r->fd, p, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? WQ_EIO : WQ_ECORRUPT;
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return WQ_OK;
}

/* Moves to the next place behind here that looks like a member, or to the
 * file's end. A false one costs another message, not a record. */
static void
resync(struct wq_reader *r)
{
	unsigned char buf[65536 + WQ_HEADER], *p;
	struct wq_head h;
	size_t n;

	for (r->at++; r->at < r->size; r->at += n - WQ_HEADER + 1) {
		n = r->size - r->at < sizeof buf ? (size_t)(r->size - r->at)
						 : sizeof buf;
		if (n < WQ_HEADER || read_at(r, buf, n, r->at) != 0)
			break;
		for (p = buf; p + WQ_HEADER <= buf + n; p++) {
			p = memchr(p, 0x1f, n - (size_t)(p - buf));
			if (p == NULL || p + WQ_HEADER > buf + n)
				break;
			if (wq_head_parse(p, WQ_HEADER, &h) == 0) {
				r->at += (uint64_t)(p - buf);
				return;
			}
		}
	}
	r->at = r->size;
}

static int
check_lines(const unsigned char *p, const struct wq_head *h)
{
	uint32_t n = 0;
	const unsigned char *end = p + h->json;

	if (end[-1] != '\n')
		return WQ_ECORRUPT;
	while (p < end) {
		p = (unsigned char *)memchr(p, '\n', (size_t)(end - p)) + 1;
		n++;
	}
	return n == h->records ? WQ_OK : WQ_ECORRUPT;
}

static int
load(struct wq_reader *r)
{
	const struct wq_head *h = &r->head;
	int err;

	if ((err = buffer_grow(&r->in, h->size)) != 0 ||
	    (err = buffer_grow(&r->json, h->json)) != 0)
		return err;
	if ((err = read_at(r, r->in.p, h->size, r->at)) != 0)
		return damage(r, err, "cannot be read");
	if ((err = wq_member_inflate(r->in.p, h, r->json.p)) != 0)
		return damage(
		    r, err, "block checksum differs; run winnow queue verify");
	if ((err = check_lines(r->json.p, h)) != 0)
		return damage(r, err, "lines are not what its header counts");
	r->line = 0;
	r->end = h->json;
	r->seq = h->first_seq;
	return WQ_OK;
}

/* The next member of the open file: 1 when its lines are loaded, 0 at the end
 * of the file or when it was passed over unread. */
static int
next_member(struct wq_reader *r)
{
	unsigned char buf[WQ_HEADER];
	size_t n = WQ_HEADER;
	int err;

	if (r->at >= r->size) {
		close_file(r);
		return 0;
	}
	if (r->size - r->at < n)
		n = (size_t)(r->size - r->at);
	if ((err = read_at(r, buf, n, r->at)) == 0)
		err = wq_head_parse(buf, n, &r->head);
	if (err == 0 && r->head.size > r->size - r->at)
		err = WQ_ECORRUPT;
	if (err != 0) {
		damage(r, err,
		    err == WQ_EVERSION ? "written by a newer version"
				       : "no block begins here; run winnow "
					 "queue verify");
		resync(r);
		return err;
	}
	if (r->head.first_seq + r->head.records > r->range.from_seq)
		err = load(r);
	else
		r->line = r->end = 0;
	if (err != WQ_ENOMEM) /* else the caller may ask for it again */
		r->at += r->head.size;
	return err != 0 ? err : r->end > 0;
}

int
wq_read(struct wq_reader *r, const char **line, size_t *len, uint64_t *seq)
{
	const unsigned char *p, *lf;
	int rc;

	for (;;) {
		while (r->line < r->end) {
			p = r->json.p + r->line;
			lf = memchr(p, '\n', r->end - r->line);
			r->line += (size_t)(lf - p) + 1;
			*seq = r->seq++;
			if (*seq < r->range.from_seq)
				continue;
			if (r->range.to_seq > 0 && *seq > r->range.to_seq)
				return 0;
			*line = (const char *)p;
			*len = (size_t)(lf - p) + 1;
			return 1;
		}
		r->end = r->line = 0;
		if (r->fd < 0 && (rc = next_file(r)) <= 0)
			return rc;
		if ((rc = next_member(r)) < 0)
			return rc;
	}
}

int
wq_get(struct wq_reader *r, uint64_t seq, const char **line, size_t *len)
{
	uint64_t got;
	int rc;

	wq_list_clear(&r->day);
	if (r->fd >= 0)
		close_file(r);
	r->name[0] = '\0';
	r->line = r->end = 0;
	r->next = 0;
	r->range = (struct wq_range){.from_seq = seq};
	rc = wq_read(r, line, len, &got);
	return rc <= 0 || got == seq ? rc : 0;
}
