/* warc.h - inside libwq: raw pages on disk, as FORMAT.md ("Raw pages") has it.
 *
 *	warc.c		a page as one gzip member (pure)
 *	raw_write.c	the file that is being written
 *	raw.c		the files: paths, search, removal */
#ifndef WQ_WARC_H
#define WQ_WARC_H

#include "queue/format.h"

#define WQ_RAW_EXTRA 32 /* bytes of a member's extra field, length included */
#define WQ_RAW_HEADER (10 + 2 + WQ_RAW_EXTRA) /* before the deflate stream */

struct wq_writer;

/* ---- identifiers of WARC records: hashes, so the same again makes the same */

/* "<urn:uuid:...>", a UUID of version 8 (RFC 9562) of what and s. */
void wq_warc_urn(char urn[64], const char *what, const void *s, size_t n);
/* That of the raw page of a record: of its id's 32 digits and of the date, as in
 * WARC-Date, of the answer. The id alone would not do: a page that goes back to
 * an earlier text has its id again. */
void wq_warc_page_urn(char urn[64], const char id[32], const char *date);

/* The first member of a file: what the others are. name: the file's. */
int wq_warc_info(
    const char *name, int64_t date_ms, void **out, size_t *out_len);

/* What the field of a member says. */
struct wq_raw_head {
	uint32_t size; /* of the whole member */
	uint64_t key;
	uint8_t id[16];
};
/* 1, or 0: these bytes do not begin a member of ours. */
int wq_raw_head_parse(const void *, size_t len, struct wq_raw_head *);

/* ---- raw.c --------------------------------------------------------------- */

/* 20261121T031500Z-n1-0000000042.jsonl.gz to ...42.warc.gz. */
void wq_raw_name(char raw[WQ_NAME_MAX], const char *name);
/* The other way; 1, or 0: it is no such name. */
int wq_raw_data_name(char data[WQ_NAME_MAX], const char *raw);
/* DIR/raw/YYYY-MM-DD/STEM.warc.gz of the sealed file of that name. */
void wq_raw_path(char path[WQ_PATH_MAX], const char *dir, const char *name);
/* Bytes of the files in raw/. */
uint64_t wq_raw_bytes(const char *dir);
/* Size of what belongs to a sealed file; with dry 0 it is removed. */
uint64_t wq_raw_remove(const char *dir, const char *name, int dry);

/* raw_write.c, the writer's part. After a start: is this name in tmp/ that of
 * raw pages whose data file is there? Then data is its name. */
int wq_raw_in_tmp(
    const struct wq_writer *, const char *raw, char data[WQ_NAME_MAX]);
/* Opens the raw pages of w->name and cuts them at the position. */
int wq_raw_take_up(struct wq_writer *, char *errbuf, size_t errlen);
/* Makes the file end where the put mark does. */
int wq_raw_cut(struct wq_writer *);
/* Cuts and syncs; *named: its entry in tmp/ is not durable yet. */
int wq_raw_sync(struct wq_writer *, int *named);
/* To raw/, durably, before the data file goes to ready/; may be repeated. */
int wq_raw_seal(struct wq_writer *);
/* It was begun since, and is not wanted. */
void wq_raw_drop(struct wq_writer *);

#endif
