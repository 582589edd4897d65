/* locate.c - which sealed file holds a record, or what was written at a time.
 *
 * index.jsonl is asked first, by halves; what it says is believed when the
 * file's own first header agrees. Otherwise the folders of the days and the
 * first headers of their files are halved in the same way.
 *
 * Invariant: the file named lies at or before the one wanted, so a reader that
 * begins there and goes forward misses nothing; where a header cannot be read
 * the search goes to earlier files. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "queue/format.h"

#define LINE 512   /* more than a line of the index can have */
#define SHORT 1024 /* bytes of the index that are read as they are */

/* ---- index.jsonl --------------------------------------------------------- */

struct sought {
	uint64_t seq;
	const char *name; /* NULL: by seq */
};

static int
is_behind(const struct wq_entry *e, const struct sought *s)
{
	if (s->name != NULL)
		return strcmp(e->name, s->name) > 0;
	return e->first_seq > s->seq;
}

/* The first good line that begins in buf (the first byte of which ends the
 * line before), at or behind *at: 1, with *at where the next one begins. */
static int
next_line(char *buf, size_t n, size_t *at, struct wq_entry *e)
{
	char *p = buf + *at, *lf, kept;
	int good;

	while ((lf = memchr(p, '\n', n - (size_t)(p - buf))) != NULL) {
		kept = lf[1]; /* buf has room for one more byte */
		lf[1] = '\0';
		good = wq_entry_parse(p, e);
		lf[1] = kept;
		p = lf + 1;
		if (good) {
			*at = (size_t)(p - buf);
			return 1;
		}
	}
	return 0;
}

/* Lines that begin in [lo, hi), a short piece: the last that is not behind. */
static int
scan_lines(int fd, uint64_t lo, uint64_t hi, const struct sought *s,
    struct wq_entry *best)
{
	char buf[SHORT + LINE + 1];
	struct wq_entry e;
	size_t at = 0, len = (size_t)(hi - lo);
	ssize_t n = pread(fd, buf, sizeof buf - 1, (off_t)lo);
	int found = 0;

	while (n > 0 && at < len && next_line(buf, (size_t)n, &at, &e) &&
	       !is_behind(&e, s)) {
		*best = e;
		found = 1;
	}
	return found;
}

/* The line that begins at or behind `at`: 1, and where it ends. */
static int
probe(int fd, uint64_t at, uint64_t *end, struct wq_entry *e)
{
	char buf[2 * LINE + 1], *lf;
	ssize_t n = pread(fd, buf, sizeof buf - 1, (off_t)at - 1);
	size_t i;

	if (n <= 0 || (lf = memchr(buf, '\n', (size_t)n)) == NULL)
		return 0;
	i = (size_t)(lf - buf) + 1;
	if (!next_line(buf, (size_t)n, &i, e))
		return 0;
	*end = at - 1 + i;
	return 1;
}

static int
halve(int fd, const struct sought *s, struct wq_entry *best)
{
	uint64_t lo = 0, hi, mid, end;
	off_t size = lseek(fd, 0, SEEK_END);
	struct wq_entry e;
	int found = 0;

	for (hi = size > 0 ? (uint64_t)size : 0; hi - lo > SHORT;) {
		mid = lo + (hi - lo) / 2;
		if (!probe(fd, mid, &end, &e))
			return 0; /* torn: whoever asks has other ways */
		if (is_behind(&e, s)) {
			hi = mid;
		} else {
			*best = e;
			found = 1;
			lo = end;
		}
		if (hi < lo)
			hi = lo;
	}
	return scan_lines(fd, lo, hi, s, best) || found;
}

int
wq_index_seek(
    const char *dir, uint64_t seq, const char *name, struct wq_entry *e)
{
	struct sought s = {seq, name};
	char path[WQ_PATH_MAX];
	int fd, found;

	snprintf(path, sizeof path, "%s/index.jsonl", dir);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
		return 0;
	found = halve(fd, &s, e);
	close(fd);
	return found && (name == NULL || strcmp(e->name, name) == 0);
}

/* ---- first headers ------------------------------------------------------- */

int
wq_head_first(const char *dir, const char *name, struct wq_head *h)
{
	unsigned char buf[WQ_HEADER];
	char path[WQ_PATH_MAX];
	ssize_t n;
	int fd;

	wq_ready_path(path, dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return wq_error_of(errno);
	n = pread(fd, buf, sizeof buf, 0);
	close(fd);
	return n < 0 ? WQ_EIO : wq_head_parse(buf, (size_t)n, h);
}

static int
begins_by(const char *dir, const char *name, uint64_t seq)
{
	struct wq_head h;

	return wq_head_first(dir, name, &h) == 0 && h.first_seq <= seq;
}

/* The last file of the list that begins at or before seq; n: none does. */
static size_t
last_by(const char *dir, const struct wq_list *l, uint64_t seq)
{
	size_t lo = 0, hi = l->n, mid;

	if (l->n == 0 || !begins_by(dir, l->name[0], seq))
		return l->n;
	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (begins_by(dir, l->name[mid], seq))
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* Of the days from mid on, before hi: the first that has files, into l. */
static size_t
day_with_files(const char *dir, const struct wq_list *days, size_t mid,
    size_t hi, struct wq_list *l)
{
	while (mid < hi &&
	       (wq_list_in(dir, days->name[mid], "", l) != 0 || l->n == 0))
		mid++;
	return mid;
}

static int
by_days(const char *dir, uint64_t seq, char name[WQ_NAME_MAX])
{
	struct wq_list days = {0}, l = {0};
	size_t lo = 0, hi, mid, day, i;
	int found = 0;

	if (wq_list_days(dir, "", &days) != 0)
		goto out;
	for (hi = days.n; lo < hi;) {
		mid = lo + (hi - lo) / 2;
		day = day_with_files(dir, &days, mid, hi, &l);
		if (day < hi && (i = last_by(dir, &l, seq)) < l.n) {
			memcpy(name, l.name[i], WQ_NAME_MAX);
			found = 1;
			lo = day + 1;
		} else {
			hi = mid;
		}
	}
out:
	wq_list_clear(&days);
	wq_list_clear(&l);
	return found;
}

int
wq_locate_seq(const char *dir, uint64_t seq, char name[WQ_NAME_MAX])
{
	struct wq_entry e;
	struct wq_head h;

	if (wq_index_seek(dir, seq, NULL, &e) &&
	    seq < e.first_seq + e.records &&
	    wq_head_first(dir, e.name, &h) == 0 && h.first_seq == e.first_seq) {
		memcpy(name, e.name, WQ_NAME_MAX);
		return 1;
	}
	return by_days(dir, seq, name);
}

/* ---- times --------------------------------------------------------------- */

int
wq_locate_time(const char *dir, uint64_t ms, char name[WQ_NAME_MAX])
{
	struct wq_list days = {0}, l = {0};
	char then[WQ_NAME_MAX], path[WQ_PATH_MAX];
	uint64_t opened;
	int found = 0;

	wq_name_make(then, ms, "n", 0);
	wq_day_path(path, "", then);
	if (wq_list_days(dir, "", &days) != 0)
		days.n = 0;
	for (size_t d = days.n; d > 0 && !found; d--) {
		if (strcmp(days.name[d - 1], strrchr(path, '/') + 1) > 0 ||
		    wq_list_in(dir, days.name[d - 1], "", &l) != 0)
			continue;
		for (size_t i = l.n; i > 0 && !found; i--) {
			wq_name_parse(l.name[i - 1], NULL, &opened);
			found = opened <= ms;
			if (found)
				memcpy(name, l.name[i - 1], WQ_NAME_MAX);
		}
	}
	wq_list_clear(&days);
	wq_list_clear(&l);
	return found;
}
