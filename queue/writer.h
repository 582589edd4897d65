/* writer.h - what the writer's files share. */
#ifndef WQ_WRITER_H
#define WQ_WRITER_H

#include <sys/types.h>

#include "queue/format.h"
#include "queue/sha256.h"

/* A place in the log one can go back to. */
struct wq_mark {
	struct wq_pos pos;
	struct wq_sha256 sha; /* of the file up to pos.offset */
};

enum wq_seal_state {
	WQ_WRITING,
	WQ_ASKED,   /* wq_sync() gave a sealed position: no more puts */
	WQ_SEALING, /* its transaction is durable: rename, then sync */
	WQ_RENAMED
};

struct wq_writer {
	char dir[WQ_DIR_MAX];
	char node[WQ_NODE_MAX + 1];
	char name[WQ_NAME_MAX]; /* of the file in tmp/, or the last one */
	const struct wq_io *io;
	char *schema; /* what SCHEMA.json is to hold; NULL: none */
	int64_t seal_bytes, seal_after_ms, max_bytes, min_free;
	int64_t raw_bytes; /* of raw pages, that seal too */
	dev_t dev;         /* of dir, H3 */
	int lock_fd, fd;   /* fd: the file in tmp/; -1: none is begun */
	int new_file;      /* its entry in tmp/ is not durable yet */
	int dirty;         /* bytes behind put.offset may lie in it */
	int raw_fd, raw_new, raw_dirty; /* likewise, of its raw pages */
	enum wq_seal_state state;
	int64_t begun_ms;                      /* its age counts from here */
	struct wq_mark put, synced, committed; /* each at or behind the next */

	/* index.jsonl */
	uint64_t index_len, index_limit; /* limit: made anew when reached */
	int index_stale; /* a line could not be appended: rebuild */

	/* room.c */
	uint64_t files, records, json, bytes; /* sealed; bytes: all of it */
	int full;
	int64_t scanned_ms, scan_took_ms;
	int starved; /* T2 */
	int64_t probed_ms;
	char trouble[WQ_PATH_MAX + 256]; /* T1 */
};

/* recover.c: from the directory and the stored position to a writer that can
 * go on. now_ms: for a file whose time lies ahead. */
int wq_recover(struct wq_writer *, const struct wq_pos *stored, int64_t now_ms,
    char *errbuf, size_t errlen);
int wq_reindex(struct wq_writer *, struct wq_index *old);
/* Makes the folders, takes the lock, writes SCHEMA.json; also again, when they
 * were removed (home.c). */
int wq_furnish(struct wq_writer *, char *errbuf, size_t errlen);

/* home.c: WQ_OK, or what is open has no place in the directory any more. */
int wq_home(struct wq_writer *);
/* Does the path lead to the file that is open? */
int wq_is_named(const char *path, int fd);

/* writer.c */
void wq_tmp_path(const struct wq_writer *, char path[WQ_PATH_MAX]);
/* tmp/FILE to ready/, durably; each step can fail and be asked for again. */
int wq_seal_file(struct wq_writer *);
/* Makes the names durable that a rename of w->name to ready/ changed. */
int wq_sync_names(struct wq_writer *);

/* trouble.c: keeps the words of a call that has just failed (errno). path: of
 * what; NULL: the file in tmp/. The wq_error that errno stands for. */
int wq_failed(struct wq_writer *, const char *what, const char *path);

/* room.c: a size of files that leaves room for a block more below what the
 * process may write to one (RLIMIT_FSIZE). */
int64_t wq_seal_bound(int64_t bytes);
/* Counts what lies in the directory. */
void wq_room_scan(struct wq_writer *);

#endif
