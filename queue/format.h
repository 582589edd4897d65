/* format.h - the parts of FORMAT.md that writer and readers share: names,
 * member headers, the list of sealed files, lines of the index. */
#ifndef WQ_FORMAT_H
#define WQ_FORMAT_H

#include <stdint.h>
#include <stdio.h>

#include "queue/io.h"
#include "queue/wq.h"

#define WQ_NAME_MAX 96 /* 16 time, 32 node, 20 digits, the rest */
#define WQ_PATH_MAX 4096
#define WQ_DIR_MAX 3800 /* of the queue; names below get the rest */
#define WQ_NODE_MAX 32
#define WQ_HEADER 48 /* bytes before the deflate stream */
#define WQ_TRAILER 8
/* Of deflate. Members of 256 KiB cost what gzip -6 knows from before: short
 * records were 2.9 % larger than one gzip of them all. libdeflate's 7 makes
 * that 1.3 %, for an eighth more of the time. */
#ifdef HAVE_LIBDEFLATE
#define WQ_LEVEL 7
#else
#define WQ_LEVEL 6
#endif
#define WQ_JSON_MAX (WQ_RECORD_MAX + WQ_BLOCK) /* of one member */

/* ---- name.c: 20261121T031500Z-NODE-0000000042.jsonl.gz ------------------- */

void wq_name_make(char name[WQ_NAME_MAX], uint64_t opened_ms, const char *node,
    uint64_t number);
/* 1 when it is a name of ours; number and opened may be NULL. */
int wq_name_parse(const char *name, uint64_t *number, uint64_t *opened_ms);
int wq_node_ok(const char *node);
/* DIR/ready/YYYY-MM-DD/NAME; the day is the name's own. */
void wq_ready_path(char path[WQ_PATH_MAX], const char *dir, const char *name);
void wq_day_path(char path[WQ_PATH_MAX], const char *dir, const char *name);

/* ---- member.c ------------------------------------------------------------ */

struct wq_head {
	uint32_t size, json, records; /* size: of the whole member */
	uint32_t body;                /* CRC-32 of all behind the header */
	uint64_t first_seq;
};
/* WQ_OK, WQ_ECORRUPT or WQ_EVERSION (the head is filled in then, too: it can
 * be passed over); needs WQ_HEADER bytes. */
int wq_head_parse(const void *buf, size_t len, struct wq_head *);
/* Would it be a header but for one bit? 1 and the header, or 0. */
int wq_head_mend(unsigned char buf[WQ_HEADER], struct wq_head *);
/* Are the head->size bytes what the writer made? Nothing is inflated. */
int wq_member_check(const void *member, const struct wq_head *head);
/* The JSON of a member of head->size bytes into out, head->json bytes. */
int wq_member_inflate(
    const void *member, const struct wq_head *head, void *out);

/* Is that as many lines as the head counts, the last one whole? */
int wq_member_lines(const void *json, const struct wq_head *head);

/* ---- list.c: what lies in ready/ ----------------------------------------- */

struct wq_list {
	char (*name)[WQ_NAME_MAX];
	size_t n, cap;
	char day[11]; /* of wq_list_day(): the folder looked at last */
};
/* The sealed files of the first day that has any behind the name `after` (""
 * for all; YYYYMMDD~: behind that day), in log order. 1 found, 0 none, or an
 * error: list->day cannot be read, or ready/ when that is empty. */
int wq_list_day(const char *dir, const char *after, struct wq_list *);
/* After an error: an `after` that passes over that day, 0 for ready/. */
int wq_list_behind(const struct wq_list *, char after[WQ_NAME_MAX]);
/* The days' folders not before the day of `after`; the sealed files of one day
 * behind `after`. 0 or an error. */
int wq_list_days(const char *dir, const char *after, struct wq_list *days);
int wq_list_in(
    const char *dir, const char *day, const char *after, struct wq_list *);
void wq_list_clear(struct wq_list *);
/* The directory of the queue in or below dir into out; 0 or WQ_ENODIR. */
int wq_find(char out[WQ_DIR_MAX], const char *dir, char *errbuf, size_t errlen);

/* ---- index.c ------------------------------------------------------------- */

struct wq_entry {
	char name[WQ_NAME_MAX];
	uint64_t number, first_seq, records, bytes, json;
	char sha256[65]; /* "" when it was not computed */
};
/* Reads the entry off the file itself, by its member headers; with sha also
 * its hash. WQ_ECORRUPT: what could be counted is in the entry. */
int wq_entry_scan(
    const char *dir, const char *name, int sha, struct wq_entry *);
int wq_entry_print(char *buf, size_t cap, const struct wq_entry *);
int wq_entry_parse(const char *line, struct wq_entry *);

/* ---- locate.c ------------------------------------------------------------ */

/* The index's line for the file of that name, or, name being NULL, its last
 * one for a file that begins at or before seq. 1, or 0: none, which proves
 * nothing. */
int wq_index_seek(
    const char *dir, uint64_t seq, const char *name, struct wq_entry *);
/* The first header of a sealed file: as wq_head_parse(), or WQ_EIO. */
int wq_head_first(const char *dir, const char *name, struct wq_head *);
/* A sealed file at or before the one that holds the record seq, or at or before
 * all that were begun behind ms; the last such where nothing is damaged. 1, or
 * 0: begin with the first. */
int wq_locate_seq(const char *dir, uint64_t seq, char name[WQ_NAME_MAX]);
int wq_locate_time(const char *dir, uint64_t ms, char name[WQ_NAME_MAX]);

/* ---- index.c, read in order ---------------------------------------------- */

/* The index from its begin, asked for names in log order. */
struct wq_index {
	FILE *f;
	char *line;
	size_t cap;
	struct wq_entry ahead; /* the next line that was not asked for */
	int have;
	uint64_t top_number, top_seq; /* the highest that a line named */
};
void wq_index_open(struct wq_index *, const char *dir);
void wq_index_close(struct wq_index *);
/* 1 when there is a line for a file of this name and size. */
int wq_index_find(
    struct wq_index *, const char *name, uint64_t bytes, struct wq_entry *);
/* Appends the line of a file that was sealed, at *len, which moves on. Not
 * WQ_OK: the index must be made anew. */
int wq_index_append(const struct wq_io *, const char *dir,
    const struct wq_entry *, uint64_t *len);
/* index.jsonl anew from what lies in ready/. each() gets every entry, old
 * the highest numbers. 0; 1 when it could not be written, which costs nothing
 * but time; or an error of reading ready/. */
int wq_index_rebuild(const struct wq_io *, const char *dir,
    void (*each)(void *arg, const struct wq_entry *), void *arg,
    struct wq_index *old);

#endif
