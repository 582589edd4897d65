/* wq.h - libwq: the compressed queue on disk.
 *
 * FORMAT.md is the law: directory, names, members, invariants. One writer, any
 * number of readers, which need no lock: they look at ready/ only.
 *
 * The writer takes whole blocks (lines of JSON, at most WQ_BLOCK bytes unless
 * a single record is larger). A block is first made a gzip member by
 * wq_member(), a pure function that may run in another process, then
 * appended with wq_put(), made durable with wq_sync(), and counted as written
 * when the caller's own transaction has stored the wq_pos that wq_sync() gave
 * (the commit point). Only then wq_committed() may seal the file. After a
 * crash wq_writer_open() gets the last stored position and cuts tmp/ to it. A
 * caller without transactions seals with each commit and opens without a
 * position: what is sealed has landed.
 *
 * An object is used by one thread at a time and by the process that opened it;
 * several are independent. Functions that give an int return an enum wq_error
 * unless they say otherwise. Times are ms since 1970. dir is always a queue, or
 * the DIR of a crawl that holds queue/, but for wq_writer_open(): the queue.
 * Included by itself and from C++; libwq(3) has an example. */
#ifndef WQ_H
#define WQ_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WQ_BLOCK (256 * 1024)	     /* JSON bytes of a block */
#define WQ_RECORD_MAX (16 * 1024 * 1024) /* bytes of a line */

enum wq_error {
	WQ_OK = 0,
	WQ_EIO = -1,	  /* errno tells */
	WQ_ENOSPC = -2,	  /* disk full, or queue.max_bytes, or min_free */
	WQ_ELOCKED = -3,  /* another process writes here */
	WQ_ECORRUPT = -4, /* a member does not check */
	WQ_EVERSION = -5, /* written by a newer version */
	WQ_EINVAL = -6,
	WQ_ENOMEM = -7,
	WQ_ENODIR = -8,	  /* no queue there */
	WQ_EGONE = -9,	  /* no such sealed file: consumed, pruned */
	WQ_EBACK = -10,	  /* the cursor is past that already */
	WQ_EBUSY = -11,	  /* somebody is changing a cursor: call again */
	WQ_EOPEN = -12	  /* a sealed file cannot be opened now; it is not damaged */
};
const char *wq_strerror(int err);
/* What somebody can do about an errno that a call on the path has given; never
 * NULL. path: for a look at its file system, may be NULL. */
const char *wq_advice(int errnum, const char *path);

/* How far the queue goes: what the caller's transaction stores, as it is (one
 * machine's state, native byte order). Fields are only ever added at the end:
 * a position that was stored by an older version is the begin of this one, with
 * zeroes behind it. */
struct wq_pos {
	uint64_t file;	  /* number of the file being written */
	uint64_t offset;  /* bytes of it that count */
	uint64_t seq;	  /* sequence number of the next record */
	uint64_t records; /* records in the file */
	uint64_t json;	  /* bytes of JSON in it */
	uint64_t opened;  /* ms since 1970, the time in its name; 0: not begun */
	uint64_t first_seq; /* of the file's first record */
	uint64_t sealed;  /* 1: complete, to be renamed to ready/ */
	uint64_t raw;	  /* bytes of its raw pages that count; 0: it has none */
};

struct wq_options {
	const char *node;	/* in file names: [A-Za-z0-9._-], at most 32 */
	int64_t seal_bytes;	/* compressed size that seals; 0: 32 MiB */
	int64_t seal_after_ms;	/* age that seals; 0: 60 s */
	int64_t max_bytes;	/* of the whole directory; 0: no bound */
	int64_t min_free;	/* of its file system; 0: no bound */
	const char *schema;	/* contents of SCHEMA.json; NULL: none written */
	const struct wq_io *io; /* NULL: the system; tests cut here */
};

struct wq_writer;

/* Opens (and makes) a queue for writing and takes its lock. pos: as the caller
 * stored it last, NULL or all zero for a new queue: then, if the directory
 * holds sealed files, numbering goes on behind them. Cuts tmp/ to pos, seals
 * a file that was complete, rebuilds index.jsonl. errbuf says who holds the
 * lock, or what is wrong; with WQ_OK it is empty, or names records that pos
 * counts and no file holds any more. */
int wq_writer_open(struct wq_writer **, const char *dir,
    const struct wq_options *, const struct wq_pos *pos, int64_t now_ms,
    char *errbuf, size_t errlen);
void wq_writer_close(struct wq_writer *); /* NULL is fine; seals nothing */
/* Other sizes, ages and bounds for an open writer; node, schema and io stay. */
void wq_set_bounds(struct wq_writer *, const struct wq_options *);

/* One gzip member of the block: MTIME 0, no name, an FEXTRA field with the
 * sizes (FORMAT.md). json is as many lines as records says, the last with its
 * line feed too, at most WQ_BLOCK bytes or one longer record; else WQ_EINVAL.
 * *out is malloced, caller frees. Pure: no I/O. */
int wq_member(const void *json, size_t len, uint32_t records, uint64_t first_seq,
    void **out, size_t *out_len);

/* Sequence number that the next record gets. */
uint64_t wq_next_seq(const struct wq_writer *);

/* Appends a member that holds records lines, json bytes. WQ_ENOSPC: nothing
 * counts, the file was cut back, try again later. */
int wq_put(struct wq_writer *, const void *member, size_t len, uint32_t records,
    uint64_t json, int64_t now_ms);
/* Appends raw pages, members of wq_page_member() one behind the other, to the
 * file of raw pages that goes with the file of the last wq_put(): they become
 * durable, count and are sealed with it. WQ_EINVAL: no file is being written,
 * or these are no such members. After an error what was put before still
 * stands; wq_rollback() takes back all since the last commit. */
int wq_put_raw(struct wq_writer *, const void *members, size_t len);
/* Makes durable what was put; *pos is what the caller's transaction stores.
 * On an error nothing since the last good wq_sync() counts (a failed fdatasync
 * may have lost it), wq_next_seq() is back there, and it must be put again.
 * With seal_now, or when size or age ask for it, pos->sealed is 1. */
int wq_sync(struct wq_writer *, int seal_now, int64_t now_ms,
    struct wq_pos *pos);
/* The transaction that holds pos is durable: seals if pos->sealed. */
int wq_committed(struct wq_writer *, const struct wq_pos *pos);
/* That transaction failed and will not be repeated as it was: nothing since the
 * last wq_committed() counts, wq_next_seq() is back there. */
int wq_rollback(struct wq_writer *);
/* Would the file in tmp/ be sealed for its age or size? Then wq_sync() is due
 * though there is nothing to put. Milliseconds to go, -1: nothing is open. */
int64_t wq_seal_due(const struct wq_writer *, int64_t now_ms);
/* May the queue grow? WQ_OK, or WQ_ENOSPC with words: which bound is reached, or
 * that the disk was full, with figures and what to do. A bound holds until a
 * twentieth of it is free again, a disk that was full until as much as a few
 * blocks can be had. Cheap: ask it with each commit. wq_put() does not ask. */
int wq_room(struct wq_writer *, char *why, size_t whylen);
/* What the last call that gave WQ_EIO or WQ_ENOSPC could not do, where, and what
 * to do about it; borrowed until the next call. */
const char *wq_trouble(const struct wq_writer *);

struct wq_stat {
	uint64_t files, records, bytes, json, next_seq, free_bytes;
};
int wq_writer_stat(const struct wq_writer *, struct wq_stat *);

/* ---- raw pages ----------------------------------------------------------- */

#define WQ_RAW_MAX (1 << 30) /* bytes of a body, or of its headers */

/* A page as it came; all borrowed. */
struct wq_page {
	const char *uri;     /* no byte up to ' ' */
	const char *address; /* of the server, as text; NULL: not known */
	int64_t date_ms;     /* of its answer, since 1970 */
	uint8_t id[16];	     /* of its record, for Winnow-Record-ID */
	uint64_t key;	     /* the caller's hash of the URI, to find it by */
	const char *head;    /* status line and headers as they came */
	size_t head_len;
	const void *body; /* transfer coding undone, content coding kept */
	size_t body_len;
	const char *truncated; /* why it is not whole ("length"); NULL: it is */
	const char *hints; /* the caller's field Winnow-Hints; NULL: none */
	int encoded;	       /* the body is compressed already */
};
/* A WARC/1.1 `response` record as one gzip member (FORMAT.md, "Raw pages").
 * *out is malloced, caller frees. Pure: no I/O. */
int wq_page_member(const struct wq_page *, void **out, size_t *out_len);
/* 1: these bytes are one such member, by what its header says. */
int wq_page_check(const void *member, size_t len);

/* Looks for a page by its key, or by its id when id is not NULL, in what is
 * being written and in raw/, the newest file first; of several in a file the
 * last. 1: *record is the WARC record, inflated, malloced, caller frees; 0:
 * there is none; or an error. dir: as for readers. accept() (NULL: any) is asked
 * about each candidate, for two URIs can have one key. */
struct wq_raw_want {
	uint64_t key;
	const uint8_t *id;
	int (*accept)(void *arg, const char *record, size_t len);
	void *arg;
};
int wq_raw_find(const char *dir, const struct wq_raw_want *, char **record,
    size_t *len);
/* Where one lies, for who has put it and will ask for it soon: no search, one
 * read. wq_raw_end() is where the page that is put next will lie, unless it is
 * the first of its file; wq_rollback() makes it untrue. wq_raw_read(): 1: *member
 * is it, as it is in the file, malloced, caller frees; 0: it is there no more;
 * or an error. */
struct wq_raw_place {
	char name[96]; /* of the sealed file that it goes with */
	uint64_t at;
};
void wq_raw_end(const struct wq_writer *, struct wq_raw_place *);
int wq_raw_read(const char *dir, const struct wq_raw_place *,
    const uint8_t id[16], void **member, size_t *len);
/* Removes raw pages whose sealed file is gone: consumers that delete files need
 * not know of them. wq_prune() does it too. 0 or an error. */
int wq_raw_sweep(const char *dir);

/* ---- reading ------------------------------------------------------------- */

struct wq_reader;
/* What is wanted of a queue; 0 or NULL: no bound. Times bound date_download
 * of the records, which the reader does not look at: it passes over files
 * that cannot hold any, by the times in their names, and whoever wants the
 * records themselves bounded looks at each. */
struct wq_range {
	uint64_t from_seq, to_seq;   /* the first and the last */
	int64_t since_ms, until_ms;  /* since <= date_download <= until */
	const char *file; /* its name, or a path that ends in it; not kept */
};
/* dir: a queue, or the DIR of a crawl that holds queue/. range: NULL for all.
 * WQ_EINVAL: no name of a sealed file; WQ_EGONE: no such file; errbuf says. */
int wq_reader_open(struct wq_reader **, const char *dir,
    const struct wq_range *range, char *errbuf, size_t errlen);
void wq_reader_close(struct wq_reader *);
/* 1: *line (with its line feed) is borrowed until the next call; 0: no more
 * for now; negative: damage was met and passed over, wq_reader_where() says
 * where, what and which records; call again to go on. WQ_EOPEN is no damage: a
 * consumer that goes on passes over records that are there. Numbers only rise,
 * and each damage is told once. WQ_ENOMEM alone ends it. */
int wq_read(struct wq_reader *, const char **line, size_t *len, uint64_t *seq);
const char *wq_reader_where(const struct wq_reader *);
/* The records that were passed over with it: 1, or 0 when that is not known. */
int wq_reader_skipped(
    const struct wq_reader *, uint64_t *first, uint64_t *last);
/* The one record of this number, whatever the range: 1: as wq_read(), which
 * goes on behind it; 0: no sealed file holds it (not written yet, consumed,
 * pruned); negative: it is damaged. Reads index.jsonl by halves, the headers
 * of one file and one member; records of a member that was just read cost
 * nothing more. */
int wq_get(
    struct wq_reader *, uint64_t seq, const char **line, size_t *len);

/* Reads everything: headers, checksums of every byte, line counts, numbers
 * without a gap, hashes of index.jsonl. found() (may be NULL) gets a sentence
 * for each thing that is wrong: file, offset, what, and the records it cost.
 * 0, also when things are, or an error that ended it. */
struct wq_check {
	uint64_t files, records, json, bad;
	uint64_t taken; /* records that lie in no file: consumed or pruned */
	uint64_t lost;	/* records that the damage cost, as far as known */
	uint64_t pages; /* raw pages that are good */
};
int wq_verify(const char *dir, void (*found)(void *arg, const char *what),
    void *arg, struct wq_check *);

/* ---- consumers ----------------------------------------------------------- */

/* How far a named consumer has come. Names as for nodes, no dot in front. Any
 * number of processes may use any number of cursors (cursor.c). */
struct wq_cursor {
	uint64_t acked; /* it is done with all records up to this; 0: none */
	uint64_t given; /* up to here it was given last; acked: nothing is out */
};
/* 1: *c is NAME's place; 0: there is no such cursor, *c is all zero; or an
 * error: WQ_ECORRUPT, WQ_EVERSION when it is none that we know to read. */
int wq_cursor_get(const char *dir, const char *name, struct wq_cursor *c);
/* Likewise, and where there is none it is made: from here on what NAME has not
 * acknowledged is not pruned. To be called before the first read. */
int wq_cursor_begin(const char *dir, const char *name, struct wq_cursor *c);
/* NAME was handed all records up to seq. */
int wq_cursor_give(const char *dir, const char *name, uint64_t seq);
/* NAME is done with all records up to seq; that there is such a record is for
 * the caller to know. WQ_EBACK, and nothing changes, when the cursor is past
 * it. Durable when it returns; a full disk is no hindrance to a cursor that
 * exists. */
int wq_cursor_ack(const char *dir, const char *name, uint64_t seq);
/* Puts it anywhere, also back, also where it could not be read. */
int wq_cursor_set(const char *dir, const char *name, uint64_t acked);
/* 1, 0: there was none, or an error. Then NAME holds nothing back. */
int wq_cursor_remove(const char *dir, const char *name);
/* *lowest (may be NULL): what all have acknowledged, UINT64_MAX when there is
 * no cursor. each() (may be NULL) gets every one; err is not 0 for one that
 * cannot be read, which is then what the function returns when it has seen
 * all. */
int wq_cursor_each(const char *dir,
    void (*each)(void *arg, const char *name, int err,
	const struct wq_cursor *),
    void *arg, uint64_t *lowest);

/* Removes sealed files begun before before_ms that lie wholly behind every
 * cursor; the newest file always stays. each() (may be NULL) is told of every
 * one; with dry nothing is removed. WQ_EBUSY: somebody is changing a cursor
 * now, call again. */
int wq_prune(const char *dir, int64_t before_ms, int dry,
    void (*each)(void *arg, const char *path, uint64_t bytes), void *arg);

/* Sleeping until files are sealed, by inotify. Open it before the first
 * wq_read(); then: read until it gives 0, wait, read on with the same reader. */
struct wq_follow;
int wq_follow_open(
    struct wq_follow **, const char *dir, char *errbuf, size_t errlen);
void wq_follow_close(struct wq_follow *); /* NULL is fine */
/* 1: there may be more to read; 0: timeout_ms are over (-1: never), or nobody
 * reads any more what is written to out (a descriptor, -1 for none); negative:
 * WQ_ENODIR when the directory was moved or removed, WQ_EIO; errbuf says. */
int wq_follow_wait(struct wq_follow *, int out, int timeout_ms, char *errbuf,
    size_t errlen);
/* For an event loop: when it is readable, wq_follow_wait() with timeout 0. */
int wq_follow_fd(const struct wq_follow *);

#ifdef __cplusplus
}
#endif

#endif
