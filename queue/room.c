/* room.c - may the queue grow?
 *
 * Invariants
 *  Q1  A bound that was reached holds until a twentieth of it is free again,
 *      so that fetching does not start and stop with every file consumed.
 *  Q2  wq_put() does not ask: what was fetched when a bound was reached still
 *      lands. Only a disk that is really full refuses it.
 *  Q3  The directory is counted at start, then by what is written; while full,
 *      when consumers may have removed files, at most once a second again. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "queue/writer.h"

#define SCAN_MS 1000

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
	if (w->fd >= 0)
		w->bytes += w->put.pos.offset;
	snprintf(path, sizeof path, "%s/index.jsonl", w->dir);
	w->bytes += size_of(path);
	w->scanned_ms = w->io->clock();
}

static uint64_t
bound(int64_t limit, int full, int sign)
{
	uint64_t v = (uint64_t)limit;

	return full ? (sign < 0 ? v - v / 20 : v + v / 20) : v;
}

int
wq_room(struct wq_writer *w, char *why, size_t whylen)
{
	uint64_t free_bytes;

	if (whylen > 0)
		why[0] = '\0';
	if (w->full && w->io->clock() - w->scanned_ms >= SCAN_MS)
		wq_room_scan(w);
	if (w->max_bytes > 0 && w->bytes >= bound(w->max_bytes, w->full, -1)) {
		if (!w->full) /* files may be gone since the last count */
			wq_room_scan(w);
		if (w->bytes >= bound(w->max_bytes, w->full, -1)) {
			w->full = 1;
			snprintf(why, whylen,
			    "queue '%s' holds %llu bytes, queue.max_bytes is "
			    "%lld; consume or prune it",
			    w->dir, (unsigned long long)w->bytes,
			    (long long)w->max_bytes);
			return WQ_ENOSPC;
		}
	}
	if (w->min_free > 0 && w->io->space(w->dir, &free_bytes) == 0 &&
	    free_bytes < bound(w->min_free, w->full, 1)) {
		w->full = 1;
		snprintf(why, whylen,
		    "the file system of queue '%s' has %llu bytes free, "
		    "queue.min_free is %lld; make room",
		    w->dir, (unsigned long long)free_bytes,
		    (long long)w->min_free);
		return WQ_ENOSPC;
	}
	w->full = 0;
	return WQ_OK;
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
