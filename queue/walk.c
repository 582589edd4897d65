/* walk.c - see walk.h.
 *
 * Members are found by their headers. Behind damage the next header that fits
 * is searched for: its checksum holds, its member ends within the file, and
 * its numbers can come here. What lies between the number that should come
 * and the one that does is what the damage cost; at a file's end index.jsonl
 * or the file behind it tell how far it went.
 *
 * Invariants
 *  K1  The numbers of the members found only rise: what comes again (a copied
 *      file, exchanged ones) is damage.
 *  K2  Each damage is told once, and every record that does not come is in
 *      one that was told, unless its whole file is gone.
 *  K3  A walk ends: each call goes forward, also where nothing can be read. */
#include "queue/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096 /* passed over where a disk does not give it */

static uint64_t
line_end(const struct wq_walk *w)
{
	return w->line.first_seq + w->line.records;
}

/* ---- telling ------------------------------------------------------------- */

/* Records first to last-1 are lost at this place; 0: not known. */
static int
tell(struct wq_walk *w, int err, uint64_t at, uint64_t first, uint64_t end,
    const char *what)
{
	char path[WQ_PATH_MAX], records[80] = "";

	wq_ready_path(path, "", w->name);
	w->first = w->last = 0;
	if (first > 0 && end > first) {
		w->first = first;
		w->last = end - 1;
		snprintf(records, sizeof records,
		    ", records %" PRIu64 " to %" PRIu64, w->first, w->last);
	} else if (first > 0 && end == 0) {
		w->first = first;
		snprintf(
		    records, sizeof records, ", records from %" PRIu64, first);
	} else if (end > 1 && first == 0) {
		snprintf(records, sizeof records, ", records up to %" PRIu64,
		    end - 1);
	}
	snprintf(w->where, sizeof w->where, "%.160s at %" PRIu64 ": %s%s",
	    path + 1, at, what, records);
	return err;
}

int
wq_walk_spoilt(struct wq_walk *w, int err, const char *what)
{
	return tell(w, err, w->member, w->head.first_seq,
	    w->head.first_seq + w->head.records, what);
}

/* ---- a file -------------------------------------------------------------- */

/* First number of the sealed file behind this one, 0 when it is not the next
 * in number or cannot be read. */
static uint64_t
neighbour(const struct wq_walk *w)
{
	struct wq_list l = {0};
	struct wq_head h;
	uint64_t number, seq = 0;

	if (wq_list_day(w->dir, w->name, &l) > 0 &&
	    wq_name_parse(l.name[0], &number, NULL) &&
	    number == w->number + 1 &&
	    wq_head_first(w->dir, l.name[0], &h) == 0)
		seq = h.first_seq;
	wq_list_clear(&l);
	return seq;
}

/* Where the numbers of the open file end, as far as others know. */
static uint64_t
known_end(const struct wq_walk *w)
{
	return w->has_line ? line_end(w) : neighbour(w);
}

/* What the names and the index say of the next file. */
static void
expect(struct wq_walk *w, const char *name)
{
	uint64_t number = 0, before = w->number;

	wq_name_parse(name, &number, NULL);
	memmove(w->name, name, strlen(name) + 1);
	w->number = number;
	w->has_line = wq_index_seek(w->dir, 0, name, &w->line);
	if (w->want > w->floor)
		w->floor = w->want;
	if (before > 0 && number == before + 1 && w->want > 0)
		return;
	w->want = w->has_line ? w->line.first_seq : number == 1;
	if (w->want < w->floor)
		w->want = 0;
}

static int
cannot_read(struct wq_walk *w, int err, const char *why)
{
	uint64_t first = w->want, end = known_end(w);

	w->want = end > 0 ? end : first;
	return tell(w, err, 0, first, end, why);
}

int
wq_walk_open(struct wq_walk *w, const char *name)
{
	char path[WQ_PATH_MAX];
	struct stat st;
	int err;

	wq_walk_close(w);
	wq_ready_path(path, w->dir, name);
	w->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (w->fd < 0 && errno == ENOENT) {
		memmove(w->name, name, strlen(name) + 1);
		return 0;
	}
	err = errno;
	expect(w, name);
	if (w->fd < 0)
		return cannot_read(w, WQ_EOPEN, strerror(err));
	w->open = 1;
	w->at = 0;
	if (fstat(w->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		wq_walk_close(w);
		return cannot_read(w, WQ_EIO, "not a plain file");
	}
	w->size = (uint64_t)st.st_size;
	if (w->size > 0)
		return 1;
	wq_walk_close(w);
	return cannot_read(w, WQ_EIO, "an empty file");
}

void
wq_walk_close(struct wq_walk *w)
{
	if (w->open)
		close(w->fd);
	w->open = 0;
}

static int
read_at(const struct wq_walk *w, void *buf, size_t len, uint64_t at)
{
	char *p = buf;
	ssize_t n;

	while (len > 0) {
		n = pread(w->fd, p, len, (off_t)at);
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

int
wq_walk_read(const struct wq_walk *w, void *buf)
{
	return read_at(w, buf, w->head.size, w->member);
}

/* ---- members ------------------------------------------------------------- */

/* Can this header, behind damage, be the next one? */
static int
fits(const struct wq_walk *w, const struct wq_head *h, uint64_t at)
{
	return h->size <= w->size - at && h->first_seq >= w->floor &&
	       h->first_seq >= w->want &&
	       (!w->has_line || h->first_seq < line_end(w));
}

/* Where in buf a header is that fits: n when nowhere. */
static size_t
find_head(const struct wq_walk *w, const unsigned char *buf, size_t n)
{
	const unsigned char *p = buf;
	struct wq_head h;
	int err;

	for (; p + WQ_HEADER <= buf + n; p++) {
		p = memchr(p, 0x1f, n - (size_t)(p - buf));
		if (p == NULL || p + WQ_HEADER > buf + n)
			break;
		err = wq_head_parse(p, WQ_HEADER, &h);
		if ((err == 0 || err == WQ_EVERSION) &&
		    fits(w, &h, w->at + (uint64_t)(p - buf)))
			return (size_t)(p - buf);
	}
	return n;
}

/* Moves to the next header behind here that fits, or to the file's end. */
static void
resync(struct wq_walk *w)
{
	unsigned char buf[65536 + WQ_HEADER];
	size_t n, i;

	w->at++;
	while (w->at < w->size && w->size - w->at >= WQ_HEADER) {
		n = w->size - w->at < sizeof buf ? (size_t)(w->size - w->at)
						 : sizeof buf;
		if (read_at(w, buf, n, w->at) != 0) {
			n = n < PAGE ? n : PAGE;
			if (read_at(w, buf, n, w->at) != 0) {
				w->at += PAGE - w->at % PAGE;
				continue;
			}
		}
		i = find_head(w, buf, n);
		w->at += i < n ? i : n - WQ_HEADER + 1;
		if (i < n)
			return;
	}
	w->at = w->size;
}

/* A single bit of the header is wrong: its records are known all the same. */
static int
pass_mended(struct wq_walk *w, unsigned char buf[WQ_HEADER])
{
	struct wq_head h;
	uint64_t first, at;

	if (!wq_head_mend(buf, &h) || !fits(w, &h, w->at))
		return 0;
	first = w->want > 0 ? w->want : h.first_seq;
	w->want = w->floor = h.first_seq + h.records;
	at = w->at;
	w->at += h.size;
	return tell(
	    w, WQ_ECORRUPT, at, first, w->want, "a bit of its header is wrong");
}

/* No member lies here: on to the next one, whose number says what is lost. */
static int
pass_over(struct wq_walk *w, int err, const char *what)
{
	unsigned char buf[WQ_HEADER];
	uint64_t at = w->at, first = w->want, end = 0;
	struct wq_head h = {0};

	resync(w);
	if (w->at < w->size && read_at(w, buf, sizeof buf, w->at) == 0) {
		(void)wq_head_parse(buf, sizeof buf, &h); /* fits() looked */
		end = h.first_seq;
	} else {
		w->at = w->size;
		end = known_end(w);
	}
	/* Not known: the file behind this one will miss them. */
	w->want = end > 0 ? end : first;
	return tell(w, err, at, first, end, what);
}

/* Members whose numbers came already, as many as follow each other. */
static int
pass_repeats(struct wq_walk *w, struct wq_head *h)
{
	unsigned char buf[WQ_HEADER];
	uint64_t at = w->at, first = h->first_seq, end = first;

	do {
		end = h->first_seq + h->records;
		w->at += h->size;
	} while (w->size - w->at >= WQ_HEADER &&
		 read_at(w, buf, sizeof buf, w->at) == 0 &&
		 wq_head_parse(buf, sizeof buf, h) == 0 &&
		 h->first_seq == end && end < w->floor &&
		 h->size <= w->size - w->at);
	return tell(w, WQ_ECORRUPT, at, first, end,
	    "numbers that came already, as in a copy");
}

/* The file's end: was that all? */
static int
finish(struct wq_walk *w)
{
	uint64_t first = w->want;

	wq_walk_close(w);
	if (!w->has_line || first == 0 || line_end(w) <= first)
		return 0;
	w->want = line_end(w);
	return tell(w, WQ_ECORRUPT, w->size, first, w->want,
	    "ends before what index.jsonl counts");
}

static int
take(struct wq_walk *w, int err)
{
	uint64_t first = w->head.first_seq;

	if (w->want > 0 && first > w->want) {
		err = tell(w, WQ_ECORRUPT, w->at, w->want, first,
		    w->at == 0 ? "missing in front of it"
			       : "missing between two blocks");
		w->want = first;
		return err;
	}
	w->want = w->floor = first + w->head.records;
	w->member = w->at;
	w->at += w->head.size;
	if (err == WQ_EVERSION)
		return wq_walk_spoilt(w, err, "written by a newer version");
	return 1;
}

int
wq_walk_next(struct wq_walk *w)
{
	unsigned char buf[WQ_HEADER];
	struct wq_head *h = &w->head;
	size_t n = WQ_HEADER;
	int err, rc;

	if (!w->open)
		return 0;
	if (w->at >= w->size)
		return finish(w);
	if (w->size - w->at < n)
		n = (size_t)(w->size - w->at);
	if ((err = read_at(w, buf, n, w->at)) == 0)
		err = wq_head_parse(buf, n, h);
	if (err == WQ_OK || err == WQ_EVERSION) {
		if (h->size > w->size - w->at)
			return pass_over(
			    w, WQ_ECORRUPT, "the file ends in this block");
		return h->first_seq < w->floor ? pass_repeats(w, h)
					       : take(w, err);
	}
	if (n == WQ_HEADER && (rc = pass_mended(w, buf)) != 0)
		return rc;
	return pass_over(w, err, "no block begins here");
}
