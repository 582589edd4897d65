/* room.c - may the queue grow?
 *
 * Three things say no: queue.max_bytes, queue.min_free, and a disk that has
 * refused a write (starved: full, a quota, no inode).
 *
 * Invariants
 *  Q1  A bound that was reached holds until a twentieth of it is free again,
 *      so that fetching does not start and stop with every file consumed.
 *  Q2  wq_put() does not ask: what was fetched when a bound was reached still
 *      lands. Only a disk that is really full refuses it.
 *  Q3  The directory is counted at start, then by what is written; while full,
 *      when consumers may have removed files, at most once a second again, and
 *      no more than a twentieth of the time is spent on it.
 *  Q4  Who was starved stays so until a file of some blocks can be made, tried
 *      once a second: the free bytes tell nothing of quotas and inodes. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "queue/warc.h"
#include "queue/writer.h"

#define SCAN_MS 1000
#define SCAN_SHARE 20 /* Q3 */
#define SEAL_BELOW (1 << 20)
#define PROBE_MOST ((uint64_t)16 << 20)
#define PROBE_LEAST ((uint64_t)128 << 10)

/* For people: "3 MiB", "1.1 TiB". */
struct size_words {
	char s[32];
};

static struct size_words
words_of(uint64_t bytes)
{
	static const char *const units[] = {
	    "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double n = (double)bytes;
	struct size_words w;
	int i = 0;

	for (; n >= 1000; n /= 1024)
		i++;
	snprintf(w.s, sizeof w.s, "%.*f %s",
	    n < 100 && n != (double)(int)n, n, units[i]);
	return w;
}

static uint64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

void
wq_room_scan(struct wq_writer *w)
{
	char path[WQ_PATH_MAX], after[WQ_NAME_MAX] = "";
	struct wq_list l = {0};
	int64_t began = w->io->clock();

	w->files = w->bytes = 0;
	while (wq_list_day(w->dir, after, &l) > 0) {
		for (size_t i = 0; i < l.n; i++) {
			wq_ready_path(path, w->dir, l.name[i]);
			w->bytes += size_of(path);
		}
		w->files += l.n;
		snprintf(after, sizeof after, "%s", l.name[l.n - 1]);
	}
	wq_list_clear(&l);
	/* Who consumed the records has freed their raw pages too. */
	wq_raw_sweep(w->dir);
	w->bytes += wq_raw_bytes(w->dir);
	if (w->fd >= 0)
		w->bytes += w->put.pos.offset + w->put.pos.raw;
	snprintf(path, sizeof path, "%s/index.jsonl", w->dir);
	w->bytes += size_of(path);
	w->scanned_ms = w->io->clock();
	w->scan_took_ms = w->scanned_ms - began;
}

int64_t
wq_seal_bound(int64_t bytes)
{
	struct rlimit r;
	int64_t most;

	if (getrlimit(RLIMIT_FSIZE, &r) != 0 || r.rlim_cur > INT64_MAX)
		return bytes;
	most = (int64_t)r.rlim_cur;
	most = most > 4 * SEAL_BELOW ? most - SEAL_BELOW : most / 2;
	return bytes < most ? bytes : most;
}

/* ---- a disk that was full ------------------------------------------------ */

/* As much as a few blocks need, and the state when it lies there too; less on a
 * small file system, or nothing would ever go on there. */
static uint64_t
probe_bytes(const char *dir)
{
	struct statvfs v;
	uint64_t n = PROBE_MOST;

	if (statvfs(dir, &v) == 0 && v.f_blocks * v.f_frsize / 20 < n)
		n = v.f_blocks * v.f_frsize / 20;
	return n > PROBE_LEAST ? n : PROBE_LEAST;
}

static int
still_starved(struct wq_writer *w, char *why, size_t whylen)
{
	uint64_t need = probe_bytes(w->dir);
	int64_t now = w->io->clock();
	char path[WQ_PATH_MAX];

	snprintf(path, sizeof path, "%s/tmp", w->dir);
	if (w->probed_ms == 0 || now - w->probed_ms >= SCAN_MS) {
		w->probed_ms = now;
		if (w->io->probe == NULL || w->io->probe(path, need) == 0) {
			w->starved = 0;
			w->probed_ms = 0;
			return 0;
		}
		wq_failed(w, "make a file in", path);
	}
	snprintf(why, whylen, "%s; fetching goes on with %s more", w->trouble,
	    words_of(need).s);
	return 1;
}

/* ---- bounds -------------------------------------------------------------- */

/* Where the bound lies now: Q1. */
static uint64_t
bound(int64_t limit, int full, int sign)
{
	uint64_t v = (uint64_t)limit;

	return full ? (sign < 0 ? v - v / 20 : v + v / 20) : v;
}

static int
scan_due(const struct wq_writer *w)
{
	int64_t pause = w->scan_took_ms * SCAN_SHARE;

	return w->io->clock() - w->scanned_ms >=
	       (pause > SCAN_MS ? pause : SCAN_MS);
}

static int
too_large(struct wq_writer *w, char *why, size_t whylen)
{
	if (w->max_bytes <= 0)
		return 0;
	if (w->bytes < bound(w->max_bytes, w->full, -1))
		return 0;
	if (!w->full) /* files may be gone since the last count */
		wq_room_scan(w);
	if (w->bytes < bound(w->max_bytes, w->full, -1))
		return 0;
	snprintf(why, whylen,
	    "queue '%s' holds %s, queue.max_bytes is %s: consume or prune it; "
	    "fetching goes on below %s",
	    w->dir, words_of(w->bytes).s, words_of((uint64_t)w->max_bytes).s,
	    words_of(bound(w->max_bytes, 1, -1)).s);
	return 1;
}

static int
too_little_free(struct wq_writer *w, char *why, size_t whylen)
{
	uint64_t free_bytes;

	if (w->min_free <= 0 || w->io->space(w->dir, &free_bytes) != 0 ||
	    free_bytes >= bound(w->min_free, w->full, 1))
		return 0;
	snprintf(why, whylen,
	    "the file system of queue '%s' has %s free, queue.min_free is %s: "
	    "make room; fetching goes on at %s",
	    w->dir, words_of(free_bytes).s, words_of((uint64_t)w->min_free).s,
	    words_of(bound(w->min_free, 1, 1)).s);
	return 1;
}

int
wq_room(struct wq_writer *w, char *why, size_t whylen)
{
	if (whylen > 0)
		why[0] = '\0';
	if ((w->full || w->starved) && scan_due(w))
		wq_room_scan(w); /* frees the raw pages of what was consumed */
	if (w->starved && still_starved(w, why, whylen))
		return WQ_ENOSPC;
	w->full = too_large(w, why, whylen) || too_little_free(w, why, whylen);
	return w->full ? WQ_ENOSPC : WQ_OK;
}

int
wq_writer_stat(const struct wq_writer *w, struct wq_stat *s)
{
	memset(s, 0, sizeof *s);
	s->files = w->files;
	s->records = w->records;
	s->json = w->json;
	if (w->fd >= 0) {
		s->records += w->put.pos.records;
		s->json += w->put.pos.json;
	}
	s->bytes = w->bytes;
	s->next_seq = w->put.pos.seq;
	return w->io->space(w->dir, &s->free_bytes) == 0 ? WQ_OK : WQ_EIO;
}
